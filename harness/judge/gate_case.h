#ifndef ASSAY_JUDGE_GATE_CASE_H
#define ASSAY_JUDGE_GATE_CASE_H

/* Private to the judging of gates: one gate while it is judged for one run. gate_judge.c opens it, by gate_claim.c (a threshold) or gate_pair.c (the same
 * cases of another run); Holm looks at all of them; gate_close.c decides; gate_words.c says it. */

#include "base/arena.h"
#include "judge/contest.h"
#include "judge/gate_judge.h"

struct reference;

/* Figures side by side. */
struct comparison {
    const struct gate_expr *expr;
    struct figure left, right;
    bool has_right;        /* the right side is a figure, too */
    struct str right_name; /* of that: "the baseline", "answer.mean[variant=small]" */
    double bound;          /* the right side's number */
    double worst_bound;    /* what it is when errored cases count; of pairs both sides change */
    bool holds;
};

struct gate_case {
    const struct gate *gate;
    size_t at;
    struct gate_result *result;
    struct comparison said;
    bool is_open; /* with confidence: tested, not decided yet */
    bool is_unit; /* the statistic lies in 0..1: differences are shown in points */
    struct contest contest;
    uint64_t errored;     /* cases that the statistic lacks: what if they had come out worst? */
    bool could_be_any;    /* they could be anything */
    struct contest worst; /* with errored > 0 and not could_be_any */
    double worst_value;   /* the left side then */
    bool has_plain_claim;
    struct claim plain_claim; /* of a ratio of means: their difference, for what it could have seen */
    struct arena room;        /* of the numbers of pairs, until it is closed */
};

/* Where a gate's fail claim is: `<= x` and latencies are worse above. */
enum gate_worse gate_worse_of(const struct gate_expr *e, enum dimension_direction direction);

MUST_CHECK bool gate_open_claim(const struct gate_scope *scope, struct gate_case *g, struct err *err);
MUST_CHECK bool gate_open_pair(const struct gate_scope *scope, struct gate_case *g, const struct reference *reference,
                               struct err *err);
bool gate_has_pairs(enum stat_kind kind); /* it follows from one number a case */

/* What a plain gate comes to once its figures are there. */
void gate_compare(const struct gate_scope *scope, struct gate_case *g);
void gate_nothing(const struct gate_scope *scope, struct gate_case *g, const struct stat_ref *stat,
                  const struct figure *f);

/* gate_words.c: the reason, a sentence. */
const char *gate_unit(const struct stat_ref *stat); /* " ms", " USD", or "" */
struct str gate_words_compared(struct arena *arena, const struct comparison *c);
struct str gate_words_errors(struct arena *arena, const struct comparison *c, double worst);

/* gate_claim_words.c: of a gate with confidence. `errors_decide`: it would pass without the errored cases. */
struct str gate_words_claim(struct arena *arena, const struct gate_case *g, bool errors_decide);
struct str gate_words_refused(struct arena *arena, const struct gate_case *g);

#endif
