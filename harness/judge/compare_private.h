#ifndef ASSAY_JUDGE_COMPARE_PRIVATE_H
#define ASSAY_JUDGE_COMPARE_PRIVATE_H

/* Between compare.c (what is compared, and what may be claimed), compare_rows.c (which statistics), compare_stat.c (their numbers) and
 * compare_cases.c (which cases, and which of them flipped). */

#include "judge/compare.h"
#include "judge/paired.h"
#include "stats/claim.h"

/* A statistic that is to be shown. */
struct compare_row {
    struct stat_ref stat;        /* without filter */
    struct compared_stat header; /* what of it does not depend on numbers */
};

/* A claim that waits for the others: Holm needs them all. */
struct compare_claim {
    struct claim claim;
    enum dimension_direction direction;
    struct compared_difference *difference;
};

struct comparing {
    const struct compare_in *in;
    struct arena *arena;
    struct arena scratch; /* of one statistic */
    struct case_table table;
    struct run_values *values; /* by run */
    VEC(struct compare_row) rows;
    VEC(struct compare_claim) claims;
    struct comparison *ret;
};

/* Whether --dimension names it; all are wanted when none is. */
bool compare_names(const struct compare_in *in, struct str dimension);

/* compare_rows.c */
MUST_CHECK bool compare_list_rows(struct comparing *k, struct err *err);

/* compare_stat.c: figures and differences of a row. Claims go to k->claims. */
void compare_fill(struct comparing *k, const struct compare_row *row, const struct stat_filter *filter,
                  struct compared_stat *ret);
/* Rows of a classifier: macro F1, and of each class recall, precision and F1. Pushed onto the table. */
struct compared_rows {
    VEC(struct compared_stat) items;
};
void compare_classes(struct comparing *k, const struct compare_row *row, const struct stat_filter *filter,
                     struct compared_rows *rows);

/* compare_cases.c */
void compare_cases(struct comparing *k, size_t candidate);
bool compare_samples(void *ctx, size_t candidate, const struct compared_flip *flip, struct arena *arena,
                     struct flip_samples *ret, struct err *err);

#endif
