#ifndef ASSAY_STATS_MEAN_H
#define ASSAY_STATS_MEAN_H

/* The mean of one number per case, and how far it can be trusted: standard error and degrees of freedom with and without clusters, by one
 * formula. Also what decides whether t may be relied on: skewness, and how many values are off the most frequent one.
 *
 * Shape:  finite values in case order; clusters NULL (every case its own) or, for each case, the number of its cluster, below cluster_count.
 * Units:  those of the values. se, df: see below.
 * Limits: doubles throughout, so that 110,000 cases and their squares are no problem. Two passes, compensated sums.
 *         n = 0: all zero. n = 1, one cluster, or nothing but one cluster in effect: has_se false.
 * Errors: none.
 * Source: cases in clusters of n_k, h = n_k / n, T_k = sum over the cluster of (x - m): SE^2 = sum T_k^2 / (1 - h_k) / n^2, and
 *         df = n^2 / (sum n_k^2 + (sum q_k)^2 - sum q_k^2), q_k = n_k^2 / (n (1 - h_k)): CR2 and the Satterthwaite df of R. M. Bell & D. F.
 *         McCaffrey 2002, Survey Methodology 28, 169-181, for a mean. Clusters of one: s / sqrt(n) and n - 1. Effective number of
 *         clusters n^2 / sum n_k^2: L. Kish 1965, Survey Sampling, 8.2. Majority: Boyer & Moore 1981. */

#include <stddef.h>

#include "model/how.h"

struct arena;

struct sample {
    const double *values;
    const uint32_t *clusters;
    size_t n;
    uint32_t cluster_count;
};

struct mean {
    uint64_t n, clusters; /* clusters that hold a case; n when every case is its own */
    double mean, stddev;  /* stddev of a sample (n - 1); 0 for n < 2 */
    double skew;          /* third central moment by the second to 1.5; 0 when constant */
    bool is_clustered;
    bool has_se;
    double se, df;
    double clusters_effective; /* n^2 / sum n_k^2 */
    double sum_skew;           /* of the sums over the clusters: sum T_k^3 / (sum T_k^2)^1.5; 0 when constant */
    bool is_constant;          /* within 1e-12 of the largest value, or of the range */
    bool has_mode; /* more than half of the cases are equal (as above); of clusters, those that hold only it */
    double mode;
    uint64_t off_mode; /* clusters that hold another value */
};

/* Nine of ten values (clusters) are alike, and the range is bounded: such scores do not become worse by a little each; what comes is that some fall. */
bool mean_is_nearly_constant(const struct mean *m, const struct stat_range *range);

struct mean mean_of(const struct sample *s, const struct stat_range *range, struct arena *scratch);

/* Sums over the clusters, for whoever goes through the values in another way (stats/running.h): cluster_sums_add for each, with its size and the sum
 * of its deviations from the mean; cluster_sums_add_alone for all cases that are their own, with the sum of their squared deviations. Then
 * mean_finish fills what follows from them: clusters, clusters_effective, has_se, se, df. n, is_constant and stddev are there before. */
struct cluster_sums {
    uint64_t clusters;
    double squared_sizes;  /* sum n_k^2 */
    double q, squared_q;   /* sum q_k, sum q_k^2 */
    double variance;       /* sum T_k^2 / (1 - h_k) */
    double squares, cubes; /* sum T_k^2, sum T_k^3 */
    bool has_all;          /* a cluster that is the whole sample: nothing to compare it with */
};
void cluster_sums_add(struct cluster_sums *sums, double size, double deviation, double n);
void cluster_sums_add_alone(struct cluster_sums *sums, double count, double squares, double n);
void mean_finish(struct mean *m, const struct cluster_sums *sums);

/* candidate - baseline, and exactly 0 where the two are equal within 1e-12 relative: rounding is no difference. */
double mean_difference(double candidate, double baseline);

#endif
