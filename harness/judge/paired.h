#ifndef ASSAY_JUDGE_PAIRED_H
#define ASSAY_JUDGE_PAIRED_H

/* A candidate run beside its baseline, case by case (docs/contracts.md, B): pairs are cases of equal id and equal content, in a dimension of equal
 * scorers. What was not compared is counted, and can be named.
 *
 * Shape:  runs read into one case_table (values.h). The baseline is one run, or a set of several of one version: its cases are averaged over the
 *         runs that have them. overlap_of says which cases meet, pair_stat gives the numbers of a statistic, with case order and clusters as
 *         stats/ wants them.
 * Units:  of the statistic (values_stat). Nothing is mirrored: direction is the caller's.
 * Limits: 24 bytes a case for each pair_stat, in the arena given.
 * Errors: none; what cannot be compared says why in words. */

#include "judge/values.h"
#include "stats/mean.h"

struct value_set {
    const struct run_values *const *runs; /* of one version, newest first; at least one */
    size_t count;
};

/* How a row of the table stands between the two. A changed case has a row on each side: CHANGED is that of the candidate, REPLACED (counted nowhere)
 * the baseline's. */
enum pairing { PAIR_NONE, PAIR_BOTH, PAIR_BASELINE_ONLY, PAIR_CANDIDATE_ONLY, PAIR_CHANGED, PAIR_REPLACED };

enum pairing pairing_of(const struct case_table *t, const struct value_set *baseline,
                        const struct run_values *candidate, size_t row);

/* Errored in every run of the baseline that has it. */
bool value_set_is_errored(const struct value_set *set, size_t row);

struct overlap { /* cases */
    uint64_t both, baseline_only, candidate_only, changed;
    uint64_t errored_baseline, errored_candidate,
        errored_both;             /* of both: in the one alone, the other alone, in either */
    uint64_t baseline, candidate; /* that each side has */
};
struct overlap overlap_of(const struct case_table *t, const struct value_set *baseline,
                          const struct run_values *candidate, const struct stat_filter *filter);

struct pair_stat {
    struct str why_not; /* not comparable at all: a clause; ptr NULL = it is */
    struct values_type type;
    bool falls_whole; /* the candidate's numbers are 0 or 1, whatever the baseline's are */
    size_t n;
    double *baseline, *candidate; /* in order of the table */
    uint32_t *rows;
    /* Behind the n pairs stand `lost` more: the candidate errored (its number is NAN), the baseline has a number. They are in no figure; whoever
     * asks whether errors could decide gives them their worst. */
    size_t lost;
    uint32_t *
        clusters; /* of pairs and lost; NULL = every case its own (no two share one); else numbers below cluster_count */
    uint32_t cluster_count;
    /* cases of both that are not among the pairs: errored in the one, the other, either; without a score though the other side has one */
    uint64_t errored_baseline, errored_candidate, errored_both, not_scored;
};

/* The filter of `stat` narrows (tag, cluster). Runs of the set whose scorer differs from the candidate's are left out; all of them: why_not. */
struct pair_stat pair_stat(const struct case_table *t, const struct value_set *baseline,
                           const struct run_values *candidate, const struct stat_ref *stat, struct arena *arena);

/* The runs of the set that are comparable, each for itself: *ret[i * runs + k] is pair i (lost ones behind them) in run k, NAN = not there.
 * Returns the number of runs. */
size_t pair_runs(const struct case_table *t, const struct value_set *baseline, const struct run_values *candidate,
                 const struct stat_ref *stat, const struct pair_stat *p, struct arena *arena, double **ret);

/* Candidate - baseline by case, ready for claim_of; 0 where they are equal but for rounding. */
struct sample pair_differences(const struct pair_stat *p, struct arena *arena);

#endif
