#include "judge/paired.h"

#include <math.h>

static bool set_has(const struct value_set *set, size_t row)
{
    for (size_t i = 0; i < set->count; i++) {
        if (values_state(set->runs[i], row) != CASE_ABSENT) {
            return true;
        }
    }
    return false;
}

bool value_set_is_errored(const struct value_set *set, size_t row)
{
    for (size_t i = 0; i < set->count; i++) {
        if (values_state(set->runs[i], row) > CASE_ERRORED) {
            return false;
        }
    }
    return true;
}

enum pairing pairing_of(const struct case_table *t, const struct value_set *baseline,
                        const struct run_values *candidate, size_t row)
{
    bool in_candidate = values_state(candidate, row) != CASE_ABSENT;
    bool in_baseline = set_has(baseline, row);
    if (in_candidate == in_baseline) {
        return in_candidate ? PAIR_BOTH : PAIR_NONE;
    }
    for (size_t other = t->ring[row]; other != row; other = t->ring[other]) {
        bool is_there = in_candidate ? set_has(baseline, other) : values_state(candidate, other) != CASE_ABSENT;
        if (is_there) {
            return in_candidate ? PAIR_CHANGED : PAIR_REPLACED;
        }
    }
    return in_candidate ? PAIR_CANDIDATE_ONLY : PAIR_BASELINE_ONLY;
}

struct overlap overlap_of(const struct case_table *t, const struct value_set *baseline,
                          const struct run_values *candidate, const struct stat_filter *filter)
{
    struct overlap o = {0};
    for (size_t row = 0; row < t->count; row++) {
        if (!case_table_in(t, row, filter)) {
            continue;
        }
        enum pairing pairing = pairing_of(t, baseline, candidate, row);
        bool is_both = pairing == PAIR_BOTH;
        bool bad_baseline = is_both && value_set_is_errored(baseline, row);
        bool bad_candidate = is_both && values_state(candidate, row) == CASE_ERRORED;
        o.both += is_both ? 1 : 0;
        o.baseline_only += pairing == PAIR_BASELINE_ONLY ? 1 : 0;
        o.candidate_only += pairing == PAIR_CANDIDATE_ONLY ? 1 : 0;
        o.changed += pairing == PAIR_CHANGED ? 1 : 0;
        o.errored_both += bad_baseline && bad_candidate ? 1 : 0;
        o.errored_baseline += bad_baseline && !bad_candidate ? 1 : 0;
        o.errored_candidate += bad_candidate && !bad_baseline ? 1 : 0;
        o.baseline += is_both || pairing == PAIR_BASELINE_ONLY || pairing == PAIR_CHANGED ? 1 : 0;
        o.candidate += is_both || pairing == PAIR_CANDIDATE_ONLY || pairing == PAIR_CHANGED ? 1 : 0;
    }
    return o;
}

/* --- numbers of a statistic -------------------------------------------------------------------------------------------------------------- */

/* Trials that became one in another way are other numbers. */
static bool is_reduced_alike(const struct run_values *run, const struct run_values *candidate,
                             const struct stat_ref *stat)
{
    const struct reduction *a = &run->reduction;
    const struct reduction *b = &candidate->reduction;
    if (a->trials == 1 && b->trials == 1) {
        return true;
    }
    if (stat->dimension.ptr == NULL && stat->kind == STAT_PASS_RATE) {
        return a->pass_trials == b->pass_trials && a->pass_trials_count == b->pass_trials_count;
    }
    return a->reduce == b->reduce ||
           (stat->kind != STAT_MEAN && stat->kind != STAT_QUANTILE && stat->kind != STAT_SCORE);
}

/* Whether a run's dimension means the same as the candidate's; NULL, or why not. */
static const char *why_differs(const struct run_values *run, const struct run_values *candidate,
                               const struct stat_ref *stat)
{
    size_t at = 0;
    if (!is_reduced_alike(run, candidate, stat)) {
        return "the trials of a case become one number in another way";
    }
    if (stat->dimension.ptr == NULL) {
        return NULL;
    }
    const struct dimension *ours = values_dimension(candidate, stat->dimension, &at);
    const struct dimension *theirs = values_dimension(run, stat->dimension, &at);
    if (ours == NULL || theirs == NULL) {
        return ours == NULL ? "the candidate does not have this dimension"
                            : "the baseline does not have this dimension";
    }
    return digest_eq(&ours->scorer, &theirs->scorer) ? NULL : "its scorer changed";
}

/* Runs of a set that can be compared, and the last of them. */
struct used {
    size_t count;
    const struct run_values *run;
};

/* Means over the runs of the set, by row of the table. False with *ret_why when none can be used. */
static bool set_values(const struct case_table *t, const struct value_set *set, const struct run_values *candidate,
                       const struct stat_ref *stat, double *ret, struct used *ret_used, struct str *ret_why,
                       struct arena *arena)
{
    double *one = set->count > 1 ? arena_array(arena, double, t->count) : ret;
    uint32_t *counts = set->count > 1 ? arena_array(arena, uint32_t, t->count) : NULL;
    *ret_used = (struct used){0};
    for (size_t i = 0; i < set->count; i++) {
        const char *why = why_differs(set->runs[i], candidate, stat);
        if (why == NULL && !values_stat(t, set->runs[i], stat, one)) {
            why = "the baseline has no such statistic";
        }
        if (why != NULL) {
            *ret_why = ret_why->ptr == NULL ? str_from(why) : *ret_why;
            continue;
        }
        ret_used->count++;
        ret_used->run = set->runs[i];
        for (size_t row = 0; counts != NULL && row < t->count; row++) {
            counts[row] += isnan(one[row]) ? 0 : 1;
            ret[row] += isnan(one[row]) ? 0 : one[row];
        }
    }
    for (size_t row = 0; counts != NULL && row < t->count; row++) {
        ret[row] = counts[row] == 0 ? NAN : ret[row] / counts[row];
    }
    return ret_used->count > 0;
}

/* Whether the row makes a pair; what does not is counted. */
static bool count_row(struct pair_stat *p, const struct value_set *set, const struct run_values *candidate, size_t row,
                      double theirs, double ours)
{
    bool bad_baseline = value_set_is_errored(set, row);
    bool bad_candidate = values_state(candidate, row) == CASE_ERRORED;
    if (bad_baseline || bad_candidate) {
        /* where the other side shows that the dimension is not meant for the case, nothing is missing */
        bool is_meant = (bad_baseline && bad_candidate) || !isnan(theirs) || !isnan(ours);
        p->errored_both += is_meant && bad_baseline && bad_candidate ? 1 : 0;
        p->errored_baseline += is_meant && bad_baseline && !bad_candidate ? 1 : 0;
        p->errored_candidate += is_meant && bad_candidate && !bad_baseline ? 1 : 0;
        return false;
    }
    p->not_scored += isnan(theirs) != isnan(ours) ? 1 : 0;
    return !isnan(theirs) && !isnan(ours);
}

struct pair_stat pair_stat(const struct case_table *t, const struct value_set *baseline,
                           const struct run_values *candidate, const struct stat_ref *stat, struct arena *arena)
{
    struct pair_stat p = {
        .type = values_type_of(candidate, stat),
        .baseline = arena_array(arena, double, t->count),
        .candidate = arena_array(arena, double, t->count),
        .rows = arena_array(arena, uint32_t, t->count),
    };
    struct used used;
    if (!set_values(t, baseline, candidate, stat, p.baseline, &used, &p.why_not, arena)) {
        return p;
    }
    p.why_not = STR_NULL;
    if (!values_stat(t, candidate, stat, p.candidate)) {
        p.why_not = STR("the candidate has no such statistic");
        return p;
    }
    p.falls_whole = p.type.is_binary;
    /* the baseline may have had more trials, or several runs: then its values are no longer 0 or 1 */
    p.type.is_binary = p.type.is_binary && used.count == 1 && values_type_of(used.run, stat).is_binary;
    VEC(uint32_t) lost = {0};
    VEC(double) lost_values = {0};
    for (size_t row = 0; row < t->count; row++) {
        double theirs = p.baseline[row];
        double ours = p.candidate[row];
        if (!case_table_in(t, row, &stat->filter) || pairing_of(t, baseline, candidate, row) != PAIR_BOTH) {
            continue;
        }
        if (count_row(&p, baseline, candidate, row, theirs, ours)) {
            p.baseline[p.n] = theirs; /* never ahead of what is read */
            p.candidate[p.n] = ours;
            p.rows[p.n++] = (uint32_t)row;
        } else if (!isnan(theirs) && values_state(candidate, row) == CASE_ERRORED) {
            *vec_push(arena, &lost) = (uint32_t)row;
            *vec_push(arena, &lost_values) = theirs;
        }
    }
    p.lost = lost.len;
    for (size_t i = 0; i < lost.len; i++) { /* they fit: each was passed over */
        p.baseline[p.n + i] = lost_values.items[i];
        p.candidate[p.n + i] = NAN;
        p.rows[p.n + i] = lost.items[i];
    }
    p.clusters = case_table_clusters(t, p.rows, p.n + p.lost, arena, &p.cluster_count);
    return p;
}

size_t pair_runs(const struct case_table *t, const struct value_set *baseline, const struct run_values *candidate,
                 const struct stat_ref *stat, const struct pair_stat *p, struct arena *arena, double **ret)
{
    double *one = arena_array(arena, double, t->count);
    size_t runs = 0;
    *ret = arena_array(arena, double, (p->n + p->lost) * baseline->count);
    for (size_t k = 0; k < baseline->count; k++) {
        if (why_differs(baseline->runs[k], candidate, stat) != NULL || !values_stat(t, baseline->runs[k], stat, one)) {
            continue;
        }
        for (size_t i = 0; i < p->n + p->lost; i++) {
            (*ret)[i * baseline->count + runs] = one[p->rows[i]];
        }
        runs++;
    }
    for (size_t i = 0; i < p->n + p->lost && runs < baseline->count; i++) { /* closes up the rows */
        for (size_t k = 0; k < runs; k++) {
            (*ret)[i * runs + k] = (*ret)[i * baseline->count + k];
        }
    }
    return runs;
}

struct sample pair_differences(const struct pair_stat *p, struct arena *arena)
{
    double *differences = arena_array(arena, double, p->n);
    for (size_t i = 0; i < p->n; i++) {
        differences[i] = mean_difference(p->candidate[i], p->baseline[i]);
    }
    return (struct sample){differences, p->clusters, p->n, p->cluster_count};
}
