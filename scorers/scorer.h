#ifndef ASSAY_SCORERS_SCORER_H
#define ASSAY_SCORERS_SCORER_H

/* A scorer turns an output into one or more scores (docs/contracts.md, A). One file a scorer; the last thing in it is its `const struct scorer`
 * entry; scorers/table.c lists them. What all scorers share (from, extract, not, weight, when, ...) lives in struct scorer_common and is
 * applied by scorers/scoring.c, once: a scorer sees only its subject.
 *
 * A scorer is pure. It either judges (`score`) or describes a call (`prepare`) and reads its result (`interpret`): exactly one of the two. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pattern.h"
#include "base/str.h"
#include "data/field.h"
#include "data/pointer.h"
#include "data/template.h"
#include "data/value.h"
#include "model/call.h"
#include "model/case.h"
#include "model/dimension.h"
#include "model/output.h"
#include "model/score.h"

struct arena;
struct diag;
struct environment;
struct err;
struct scorer_env;
struct scorer_use;
struct scoring_sample;
struct service;
struct suite;
struct variant;

enum extract_match { MATCH_FIRST, MATCH_LAST, MATCH_ONLY };

/* Options common to all scorers. */
struct scorer_common {
    bool has_from;
    struct pointer from;
    struct str extract_text; /* ptr NULL = none */
    struct pattern *extract; /* compiled once at load */
    enum extract_match match;
    bool match_is_set;
    bool negate; /* `not` */
    bool optional, required;
    struct field_number weight, threshold;
    struct str dimension; /* ptr NULL = the scorer's default name */
    int direction;        /* enum dimension_direction, when direction_is_set */
    bool direction_is_set;
    struct template *comment;     /* NULL = none */
    struct field_texts when_tags; /* is_set = only cases with one of these tags */
};

/* What the scorer looks at, after `from` and `extract`. */
struct subject {
    bool is_absent; /* nothing there: empty output, no match, missing pointer, invalid JSON. Contract A: fail, unit 0 */
    bool is_empty;  /* absent because what was found is an empty text */
    struct str reason; /* why, in words */
    struct str text;   /* text form (JSON values as in templates) */
    /* The JSON value, a null too, when `from` was used or the target gives JSON and nothing was extracted; else NULL. */
    const struct value *value;
};

struct score_in {
    const struct scorer_use *use;
    const void *options;
    const struct eval_case *eval_case;
    const struct output *output;
    const struct scope *scope;           /* names for templates, `output` and `meta` included */
    const struct scoring_sample *sample; /* what a program is told of it (scorers/scoring.h) */
    struct subject subject;
    bool is_of_case; /* out: the case's own expectation was read */
    bool is_absent;  /* out: there was nothing to judge (no number): a fail, and `not` does not turn that */
    bool wants_call; /* out, of interpret: the judgement is not complete, prepare another call */
    bool has_cost;   /* out, of interpret: what the call cost */
    double cost_usd;
    struct value note;   /* out, of interpret: what is kept of the call in the sample's meta; VALUE_NULL = nothing */
    struct arena *arena; /* the sample's */
    int64_t turn_ns;     /* time left in this turn of the loop; a pattern goes on in the next one */
    void *state;         /* of this scorer for this sample, zeroed, state_size bytes: kept between turns */
};

/* One judgement, before the common rules. `part`: index into the scorer's dimensions, 0 = the main one. */
struct judgement {
    enum { JUDGED_UNIT, JUDGED_VALUE, JUDGED_NOT_SCORED } kind;
    double number;               /* JUDGED_UNIT: 0..1; JUDGED_VALUE: the raw number of a measure */
    struct str comment;          /* words: what was found and what was wanted */
    struct str answered, wanted; /* one_of: classes, see struct score */
    bool has_pass, pass;         /* the command scorer's own word; else decided by the threshold or the bounds */
};

enum score_step { STEP_DONE, STEP_MORE };

struct scorer {
    const char *name, *summary;
    uint32_t version;         /* part of the digest: raise it when the meaning of an option changes */
    const struct field *rows; /* its own options; the common ones are added */
    size_t options_size, state_size;
    bool ignores_output;  /* looks at the call, not at the text: no subject is made */
    bool starts_programs; /* its templates become arguments and variables of a program */
    bool calls_service;   /* its calls are requests to Opper: they need a key, cost money, and may be made again */
    bool takes_match;     /* `match` has a meaning without `extract`, too */
    /* Called even when the subject is absent (json: a null is a value; one_of: a class was wanted); else the common rule judges: fail, unit 0. */
    bool takes_absent;

    /* Load: checks options beyond their rows and declares dimensions: fills use->dimensions (the main one first). NULL = one judged, binary
     * dimension. Faults to diag. */
    bool (*load)(struct field_context *ctx, struct scorer_use *use);

    /* ret has use->dimension_count entries. Returns STEP_MORE when the turn's time is over. What `state` holds of the heap is gone after STEP_DONE;
     * `drop` (NULL = nothing) frees it where the scoring is given up before. */
    enum score_step (*score)(struct score_in *in, struct judgement *ret);
    void (*drop)(void *state);

    /* A call; false: there is none to make, for the reason in `err` (not scored, or, with in->is_absent, absent: contract A). interpret false: not scored. */
    bool (*prepare)(struct score_in *in, struct call *ret, struct err *err);
    bool (*interpret)(struct score_in *in, const struct call_result *result, struct judgement *ret, struct err *err);

    /* Of calls that are requests (calls_service); all NULL for the others. Whether the result may be tried again: transport faults, never a wrong answer;
     * whether it may only mean that the parent span is not there; whether it stops the run (err says why). How many calls a sample takes. */
    bool (*is_transient)(const struct call_result *result);
    bool (*may_blame_parent)(const struct call_result *result);
    bool (*stops_run)(const struct scorer_use *use, const struct call_result *result, struct err *err);
    uint64_t (*call_count)(const struct scorer_use *use);

    /* Whether its calls can be made at all (a key is there): asked before a run. ERR_USAGE. NULL = always. */
    bool (*check_access)(const struct scorer_use *use, struct err *err);

    void (*visit_templates)(const void *options, void (*visit)(void *ctx, const struct template *t),
                            void *ctx); /* NULL = none */
    void (*unload)(void *options);      /* frees foreign handles (patterns); NULL = none */
};

/* A scorer as a suite uses it. */
struct scorer_use {
    const struct scorer *type;
    void *options;
    struct scorer_common common;
    struct dimension *dimensions; /* declared: the main one first */
    size_t dimension_count;
    uint32_t *indices; /* into suite->dimensions, filled by suites/load once all are known */
    struct value spec; /* as written: digest and display */
    struct src_pos pos;
    const struct scorer_env *env;
};

/* What loading a scorer may need of its surroundings; lives as long as the suite. */
struct scorer_env {
    const char *dir; /* the suite's folder, absolute */
    const struct environment *environment;
    const struct environment
        *vars_environment;         /* as it was when the run was planned; NULL = offline, names stand for themselves */
    const struct service *service; /* where requests go; see suites/load.h */
    uint32_t workers_default;      /* the suite's concurrency */
};

extern const struct scorer *const SCORERS[]; /* NULL-ended, sorted by name */
const struct scorer *scorer_find(struct str name);
const char *const *scorer_names(struct arena *arena); /* NULL-ended, for hints */

/* Rows common to all, and the full table of one scorer (its own, then the common ones), for help and schema. */
extern const struct field SCORER_COMMON_ROWS[];
const struct field *scorer_rows(struct arena *arena, const struct scorer *scorer);

/* Loads one entry of a `scorers:` list: `- exact`, `- regex: 'x'`, `- regex: {...}`. Faults to ctx->diag, with hints for what hands trained
 * elsewhere type (`{type: regex, value: x}`, options not indented below their scorer, `equals`, `icontains`, `python`, `llm-rubric`).
 * The main dimension has its final name; indices are the caller's to fill. */
MUST_CHECK bool scorer_load(struct field_context *ctx, const struct value *node, const struct scorer_env *env,
                            struct scorer_use **ret);
void scorer_unload(struct scorer_use *use);

/* Every template of the use (options and comment): the case digest covers the row fields that they insert. */
void scorer_visit_templates(const struct scorer_use *use, void (*visit)(void *ctx, const struct template *t),
                            void *ctx);

bool scorer_applies(const struct scorer_use *use, const struct eval_case *c); /* `when` */

#endif
