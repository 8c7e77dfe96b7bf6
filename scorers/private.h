#ifndef ASSAY_SCORERS_PRIVATE_H
#define ASSAY_SCORERS_PRIVATE_H

/* What the files of this folder share: making a subject, searching with a pattern over several turns, words for comments. */

#include "scorers/scorer.h"

struct buf;

/* What an option of a scorer may insert. */
#define SCORER_ROOTS (ROOT_ROW | ROOT_VARS | ROOT_CASE | ROOT_OUTPUT)

/* --- common.c ---------------------------------------------------------------------------------------------------------------------- */

/* The text of a row that holds a regular expression. A backslash in a double-quoted one is a fault: YAML has read it as an escape of its own. */
bool scorer_pattern_text(struct field_context *ctx, const char *key, const struct value *node, struct str *ret);

/* --- subject.c: `from` and `extract` ---------------------------------------------------------------------------------------------- */

/* A search that finds the first, last or only match of a pattern, continued over turns. Zeroed = not begun. */
struct match_search {
    struct pattern_search search;
    bool has_begun, has_match;
    struct pattern_span whole, group; /* of the match kept so far; group = first group, else the whole */
    size_t count;
};

enum match_status { MATCH_FOUND, MATCH_NONE, MATCH_SEVERAL, MATCH_AGAIN, MATCH_LIMIT };

/* `group`: which group is wanted (0 = the first group if there is one, else the whole). */
enum match_status match_find(struct match_search *m, const struct pattern *pattern, struct str text,
                             enum extract_match which, uint32_t group, int64_t turn_ns);

/* The output of one sample as scorers see it: JSON is parsed once, when a scorer first reaches into text by `from`. */
struct output_view {
    const struct output *output;
    const struct value *json; /* NULL until known */
    bool is_parsed, is_json;
};

struct subject_work {
    struct match_search match;
    struct subject subject; /* after `from` */
    bool has_begun;
};

/* False: the turn is over, call again with the same work. A limit hit while extracting: *ret_limit. */
bool subject_make(struct subject_work *w, const struct scorer_use *use, struct output_view *view, struct arena *arena,
                  int64_t turn_ns, struct subject *ret, bool *ret_limit);

/* --- words.c: what comments say ---------------------------------------------------------------------------------------------------- */

/* A text in quotes, cut for a comment: 'billing', or 'a very long …'. Control characters stay: whoever shows a comment escapes it. */
void words_quote(struct buf *out, struct str text);
void words_value(struct buf *out, const struct value *v);      /* as JSON, cut */
struct str words_finish(struct arena *arena, struct buf *out); /* at most LIMIT_COMMENT_BYTES, a character's border */

/* --- words.c: options that may be templates ----------------------------------------------------------------------------------------- */

/* The expansion of an option, false when it refers below `output` or `meta` to something absent. Errors of templates were found in the pre-pass; what
 * is left (null where text is wanted) becomes JUDGED_NOT_SCORED with the reason. */
enum expand_status { EXPAND_OK, EXPAND_ABSENT, EXPAND_BAD };
enum expand_status expand_value(const struct score_in *in, const struct template *t, struct value *ret,
                                struct judgement *reterr);
enum expand_status expand_text(const struct score_in *in, const struct template *t, struct str *ret,
                               struct judgement *reterr);

/* A list of texts: a list is taken as it is, anything else as a list of one. */
enum expand_status expand_texts(const struct score_in *in, const struct template *t, struct str **ret,
                                size_t *ret_count, struct judgement *reterr);

/* The option's value, or the case's expectation when the option is not given. EXPAND_BAD when there is neither. */
enum expand_status expand_expected(const struct score_in *in, const struct template *t, struct value *ret,
                                   struct judgement *reterr);

/* --- words.c: texts to compare ------------------------------------------------------------------------------------------------------- */

struct str fold_text(struct arena *arena, struct str text, bool ignore_case, bool trim);

/* --- text.c: exact and starts_with ------------------------------------------------------------------------------------------------- */

struct text_options {
    struct template *expected;
    bool ignore_case, trim;
};

extern const struct field TEXT_ROWS[];
void text_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx);

/* The expected value and its text; false when there is none to compare with: then `ret` is the judgement. */
bool text_expected(const struct score_in *in, const struct template *t, struct value *ret_value, struct str *ret_text,
                   struct judgement *ret);
void text_judge(const struct score_in *in, struct str got, struct str want, bool ok, const char *verb,
                struct judgement *ret);

/* --- measure.c ----------------------------------------------------------------------------------------------------------------------- */

/* Declares one measure with the bounds of its options: `name` unless the suite says `dimension`. */
bool declare_measure(struct field_context *ctx, struct scorer_use *use, const char *name, struct field_number min,
                     struct field_number max, enum dimension_direction direction);

/* Appends a further dimension `<main>_<part>`: weight 0, optional: its absence decides nothing. */
struct dimension *declare_part(struct field_context *ctx, struct scorer_use *use, const char *part);

/* The judgement of a measure that is known or not: the number with its unit in words, and the bound that it breaks. */
void measure_judge(const struct score_in *in, bool is_known, double value, const char *unit, const char *reason,
                   struct judgement *ret);

#endif
