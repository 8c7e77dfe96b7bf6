#include "stats/icc.h"

#include <math.h>

#include "base/arena.h"
#include "base/num.h"

double cluster_icc(const struct sample *s, struct arena *scratch)
{
    double *sizes = arena_array(scratch, double, s->cluster_count);
    struct num_sum *sums = arena_array(scratch, struct num_sum, s->cluster_count);
    struct num_sum all = {0};
    for (size_t i = 0; i < s->n; i++) {
        sizes[s->clusters[i]] += 1;
        num_sum_add(&sums[s->clusters[i]], s->values[i]);
        num_sum_add(&all, s->values[i]);
    }
    double n = (double)s->n;
    double mean = num_sum_total(&all) / n;
    double clusters = 0;
    double squared_sizes = 0;
    double between = 0;
    for (uint32_t k = 0; k < s->cluster_count; k++) {
        if (sizes[k] > 0) {
            double distance = num_sum_total(&sums[k]) / sizes[k] - mean;
            clusters += 1;
            squared_sizes += sizes[k] * sizes[k];
            between += sizes[k] * distance * distance;
        }
    }
    if (clusters < 2 || n <= clusters) {
        return 0;
    }
    struct num_sum within = {0};
    for (size_t i = 0; i < s->n; i++) {
        double distance = s->values[i] - num_sum_total(&sums[s->clusters[i]]) / sizes[s->clusters[i]];
        num_sum_add(&within, distance * distance);
    }
    double msb = between / (clusters - 1);
    double msw = num_sum_total(&within) / (n - clusters);
    double n0 = (n - squared_sizes / n) / (clusters - 1);
    double under = msb + (n0 - 1) * msw;
    return under > 0 ? fmax(0, (msb - msw) / under) : 0;
}
