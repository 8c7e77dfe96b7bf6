#ifndef ASSAY_SCORERS_PRIVATE_H
#define ASSAY_SCORERS_PRIVATE_H

/* What the files of this folder share: words for comments, judgements, options that are templates, searching over several turns, making a
 * subject. */

#include "base/attr.h"
#include "base/limits.h"
#include "scorers/scorer.h"

/* What an option of a scorer may insert. */
#define SCORER_ROOTS (ROOT_ROW | ROOT_VARS | ROOT_CASE | ROOT_OUTPUT)

/* words.c: a comment while it is put together, on the stack; what exceeds LIMIT_COMMENT_BYTES is dropped. Always valid UTF-8. Control characters
 * stay: whoever shows a comment escapes it. */

struct words {
    size_t len;                         /* the rest of `room` holds anything */
    char room[LIMIT_COMMENT_BYTES + 4]; /* a character cut at the end is seen whole by words_finish */
};

#define WORDS_NULL ((struct words){.len = 0})

/* The same where a sample is scored: nothing is set to zero that nobody reads. */
static inline void words_begin(struct words *w)
{
    w->len = 0;
}

void words_add(struct words *w, struct str text);
void words_add_cstr(struct words *w, const char *text);
PRINTF_LIKE(2, 3) void words_printf(struct words *w, const char *format, ...);
void words_quote(struct words *w, struct str text);       /* 'billing', or 'a very long …' */
void words_short(struct words *w, struct str text);       /* the same without quotes */
void words_value(struct words *w, const struct value *v); /* as JSON, cut */
struct str words_finish(struct arena *arena, const struct words *w);

/* words.c: judgements. `ret` is the scorer's array, one entry a dimension; judge_unit fills the main one, the others fill all. */

void judge_unit(const struct score_in *in, bool ok, const struct words *w, struct judgement *ret);

/* Nothing there to judge (docs/contracts.md, A): judged dimensions fail with unit 0, whatever `not` says; measures are not scored. */
void judge_absent(struct score_in *in, struct str reason, struct judgement *ret);
void judge_not_scored(const struct score_in *in, struct str reason, struct judgement *ret);

/* expand.c: options that are templates. False: what is needed is not to be had, and `ret` is the judgement that says so: absent where the template
 * reads below `output` or `meta`, else not scored. What only the row and the variables decide was found in the pre-pass. */

bool expand_value(struct score_in *in, const struct template *t, struct value *ret_value, struct judgement *ret);
bool expand_text(struct score_in *in, const struct template *t, struct str *ret_text, struct judgement *ret);

/* A list of texts: a list is taken as it is, anything else as a list of one. None, or an empty one, leaves nothing to compare: not scored. */
bool expand_texts(struct score_in *in, const struct template *t, struct str **ret_texts, size_t *ret_count,
                  struct judgement *ret);

/* The option, or the case's expectation when the option is not given. */
bool expand_expected(struct score_in *in, const struct template *t, struct value *ret_value, struct judgement *ret);
bool expand_expected_text(struct score_in *in, const struct template *t, struct value *ret_value, struct str *ret_text,
                          struct judgement *ret);

/* The value of a template that inserts nothing, known at load; false when it does. */
bool expand_constant(struct arena *arena, const struct template *t, struct value *ret);

/* Load: a list of texts that inserts nothing and is empty, or holds an empty text or null, is a fault: it could never be scored. */
bool check_constant_texts(struct field_context *ctx, const struct scorer_use *use, const char *key,
                          const struct template *t);

/* The text that a template would insert; false for null. Shares the value's memory where it can. */
bool text_of_value(struct arena *arena, const struct value *v, struct str *ret);
struct str text_fold(struct arena *arena, struct str text, bool ignore_case, bool trim);

/* common.c: rows that hold a regular expression. */

/* The node's text. A backslash in a double-quoted one is a fault (YAML has read it as an escape of its own), and so is nothing, which matches
 * everything. */
bool pattern_row_text(struct field_context *ctx, const char *key, const struct value *node, struct str *ret);

/* Compiles the node's text; a fault points at the byte, where the file holds the text as it is. */
bool pattern_row_compile(struct field_context *ctx, const char *key, const struct value *node, struct str flags,
                         bool full, struct pattern **ret);
void schema_text(const struct field *field, struct json_writer *w); /* of rows that hold a text */

/* subject.c: a search for the first, last or only match, continued over turns. Zeroed = not begun. */

enum { GROUPS_MAX = 64 }; /* groups that can be asked for, the whole match counted */

struct match_search {
    struct pattern_search search;
    bool has_begun, has_match;
    struct pattern_span whole,
        group; /* of the match kept so far; group = the wanted one, SIZE_MAX when it took no part */
    size_t count;
};

enum match_status { MATCH_FOUND, MATCH_NONE, MATCH_SEVERAL, MATCH_AGAIN, MATCH_LIMIT };

/* `group`: which group is wanted; 0 = the first one if it took part, else the whole. MATCH_AGAIN: the turn is over. */
enum match_status match_find(struct match_search *m, const struct pattern *pattern, struct str text,
                             enum extract_match which, uint32_t group, int64_t turn_ns);

/* subject.c: `from` and `extract`. */

/* The output of one sample as scorers see it: JSON is parsed once, when a scorer first reaches into text by `from`. */
struct output_view {
    const struct output *output;
    const struct value *json; /* NULL until known, and when the text is not JSON */
    bool is_parsed;
};

struct subject_work {
    struct match_search match;
    struct subject subject; /* after `from` */
    bool has_begun;
};

/* The output with what `from` and `extract` left of it, for those who are told the whole of it. */
struct output subject_output(const struct score_in *in);

enum subject_status { SUBJECT_READY, SUBJECT_AGAIN, SUBJECT_LIMIT };

/* SUBJECT_AGAIN: the turn is over, call again with the same work. SUBJECT_LIMIT: `extract` ran into its limit. */
enum subject_status subject_make(struct subject_work *w, const struct scorer_use *use, struct output_view *view,
                                 struct arena *arena, int64_t turn_ns, struct subject *ret);

/* near.c */

/* Whether |got - want| <= tolerance, or <= relative * |want|. By the decimals as written where 18 digits hold them, so that 1.1 is within 0.1 of
 * 1; else by doubles, but whole numbers of any length are told apart by their digits where less than 1 is tolerated. The texts are numbers of
 * num_parse_answer. */
bool near_is(struct str got_text, double got, struct str want_text, double want, double tolerance, double relative);

/* text.c: exact and starts_with. */

struct text_options {
    struct template *expected;
    bool ignore_case, trim;
};

extern const struct field TEXT_ROWS[];
void text_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx);
void text_judge(const struct score_in *in, struct str want, bool ok, const char *verb, struct judgement *ret);

/* measure.c */

/* Declares one measure with the bounds of its options: `name` unless the suite says `dimension`. */
bool declare_measure(struct field_context *ctx, struct scorer_use *use, const char *name, struct field_number min,
                     struct field_number max, enum dimension_direction direction);

/* Appends a further dimension `<name of dimension `of`>_<part>`: a measure of weight 0, optional: its absence decides nothing. */
void declare_part(struct field_context *ctx, struct scorer_use *use, size_t of, const char *part);

/* The scores that the suite declares by name below `node` (`dimensions`; NULL or empty = one judged score, 0..1, under the scorer's dimension with
 * threshold 0.5). */
bool declare_named(struct field_context *ctx, struct scorer_use *use, const struct value *node);

/* The judgement of a measure that is known or not: the number with its unit in words, and the bound that it breaks. */
void measure_judge(const struct score_in *in, bool is_known, double value, const char *unit, const char *reason,
                   struct judgement *ret);

#endif
