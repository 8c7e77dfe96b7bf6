#ifndef ASSAY_SCORERS_JUDGE_H
#define ASSAY_SCORERS_JUDGE_H

/* Private to the scorer judge (judge.c): its options, and the two halves of its work, one file each. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scorers/scorer.h"

enum { JUDGE_TIMEOUT_S = 120 };

struct judge_options {
    /* By the rows. */
    struct template *rubric, *model_template;
    uint64_t repeats; /* 0 = 1 */
    const struct value *dimensions;
    bool is_verdict;
    int64_t timeout_ns;

    /* By load. */
    const struct service *service;
    const struct value *model; /* NULL = Opper's default */
    struct value *schema;      /* what is asked for */
    struct str name;           /* of the task */
    const char *what;          /* "judge 'tone'" */
    size_t asked_count;        /* dimensions that are asked for; their spreads follow */
    bool quotes_inserts;       /* the rubric inserts what the model under test said */
};

/* What a judge said so far, by repeat and dimension. */
struct judge_reply {
    double number;
    struct str reason;
};

struct judge_state {
    struct judge_reply *replies; /* repeats * asked_count */
    uint64_t done;
};

/* Whether the suite names the scores: then each is a member of the answer, else the answer is the one score. */
static inline bool judge_names_scores(const struct judge_options *o)
{
    return o->dimensions != NULL && o->dimensions->kind == VALUE_MAP && o->dimensions->len > 0;
}

/* The member that holds the judgement of a dimension. */
static inline const char *judge_key(const struct judge_options *o, const struct dimension *d)
{
    return d->kind == DIMENSION_MEASURE ? "value" : o->is_verdict ? "verdict" : "score";
}

/* judge_ask.c */
bool judge_make_schema(struct field_context *ctx, struct scorer_use *use);
bool judge_prepare(struct score_in *in, struct call *ret, struct err *err);

/* judge_answer.c */
bool judge_interpret(struct score_in *in, const struct call_result *result, struct judgement *ret, struct err *err);

#endif
