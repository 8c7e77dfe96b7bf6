#include "stats/mean.h"

#include <math.h>

#include "base/arena.h"
#include "base/num.h"
#include "stats/estimate.h"

static const double EQUAL_RELATIVE = 1e-12;

void cluster_sums_add(struct cluster_sums *sums, double size, double deviation, double n)
{
    if (size <= 0) {
        return;
    }
    sums->clusters++;
    sums->squared_sizes += size * size;
    sums->squares += deviation * deviation;
    sums->cubes += deviation * deviation * deviation;
    if (size >= n) {
        sums->has_all = true;
        return;
    }
    double rest = 1 - size / n;
    double q = size * size / (n * rest);
    sums->q += q;
    sums->squared_q += q * q;
    sums->variance += deviation * deviation / rest;
}

void cluster_sums_add_alone(struct cluster_sums *sums, double count, double squares, double n)
{
    if (n <= 1) {
        cluster_sums_add(sums, count, 0, n);
        return;
    }
    double rest = 1 - 1 / n;
    double q = 1 / (n * rest);
    sums->clusters += (uint64_t)count;
    sums->squared_sizes += count;
    sums->q += count * q;
    sums->squared_q += count * q * q;
    sums->variance += squares / rest;
}

void mean_finish(struct mean *m, const struct cluster_sums *sums)
{
    double n = (double)m->n;
    m->clusters = sums->clusters;
    m->clusters_effective = n * n / sums->squared_sizes;
    bool has_skew = !m->is_constant && sums->squares > 0;
    m->sum_skew = has_skew ? sums->cubes / (sums->squares * sqrt(sums->squares)) : 0;
    m->has_se = m->n >= 2 && !sums->has_all;
    if (!m->has_se) {
        return;
    }
    m->df = n * n / (sums->squared_sizes + sums->q * sums->q - sums->squared_q);
    m->se = m->is_constant ? 0 : sqrt(sums->variance) / n;
    /* Opposite deviations that cancel within every cluster would claim certainty. */
    if (!m->is_constant && m->se * sqrt(n) <= EQUAL_RELATIVE * m->stddev) {
        m->se = m->stddev / sqrt(n);
    }
}

static struct cluster_sums cluster_sums_of(const struct sample *s, double center, struct arena *scratch)
{
    struct cluster_sums sums = {0};
    double n = (double)s->n;
    if (s->clusters == NULL) {
        for (size_t i = 0; i < s->n; i++) {
            cluster_sums_add(&sums, 1, s->values[i] - center, n);
        }
        return sums;
    }
    double *sizes = arena_array(scratch, double, s->cluster_count);
    struct num_sum *deviations = arena_array(scratch, struct num_sum, s->cluster_count);
    for (size_t i = 0; i < s->n; i++) {
        sizes[s->clusters[i]] += 1;
        num_sum_add(&deviations[s->clusters[i]], s->values[i] - center);
    }
    for (uint32_t k = 0; k < s->cluster_count; k++) {
        cluster_sums_add(&sums, sizes[k], num_sum_total(&deviations[k]), n);
    }
    return sums;
}

static double mean_scale(double lo, double hi, const struct stat_range *range)
{
    double scale = fmax(fabs(lo), fabs(hi));
    return EQUAL_RELATIVE * (range->is_bounded ? fmax(scale, range->hi - range->lo) : scale);
}

/* The value that more than half of the cases have, and the clusters that hold another. A cluster with another value counts whole as others. */
static void find_mode(const struct sample *s, double slack, struct arena *scratch, struct mean *ret)
{
    double candidate = 0;
    size_t lead = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (lead == 0) {
            candidate = s->values[i];
        }
        lead = lead == 0 || fabs(s->values[i] - candidate) <= slack ? lead + 1 : lead - 1;
    }
    bool *is_off = s->clusters == NULL ? NULL : arena_array(scratch, bool, s->cluster_count);
    size_t others = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (fabs(s->values[i] - candidate) > slack) {
            bool is_known = is_off != NULL && is_off[s->clusters[i]];
            ret->off_mode += is_known ? 0 : 1;
            others++;
            if (is_off != NULL) {
                is_off[s->clusters[i]] = true;
            }
        }
    }
    if (is_off != NULL) {
        others = 0;
        for (size_t i = 0; i < s->n; i++) {
            others += is_off[s->clusters[i]] ? 1 : 0;
        }
    }
    ret->has_mode = 2 * others < s->n;
    ret->mode = candidate;
}

static void find_moments(const struct sample *s, struct mean *ret)
{
    struct num_sum squares = {0};
    struct num_sum cubes = {0};
    for (size_t i = 0; i < s->n; i++) {
        double distance = s->values[i] - ret->mean;
        num_sum_add(&squares, distance * distance);
        num_sum_add(&cubes, distance * distance * distance);
    }
    double n = (double)s->n;
    double second = num_sum_total(&squares) / n;
    ret->stddev = sqrt(num_sum_total(&squares) / (n - 1));
    ret->skew = num_sum_total(&cubes) / n / (second * sqrt(second));
}

bool mean_is_nearly_constant(const struct mean *m, const struct stat_range *range)
{
    enum { NEARLY = 10 };
    return range->is_bounded && (m->is_constant || (m->has_mode && m->off_mode * NEARLY <= m->clusters));
}

struct mean mean_of(const struct sample *s, const struct stat_range *range, struct arena *scratch)
{
    struct mean m = {.n = s->n, .is_clustered = s->clusters != NULL};
    if (s->n == 0) {
        return m;
    }
    struct estimate e = {0};
    for (size_t i = 0; i < s->n; i++) {
        estimate_add(&e, s->values[i]);
    }
    m.mean = estimate_mean(&e);
    double slack = mean_scale(e.min, e.max, range);
    m.is_constant = e.max - e.min <= slack;
    find_mode(s, slack, scratch, &m);
    struct cluster_sums sums = cluster_sums_of(s, m.mean, scratch);
    if (s->n < 2 || m.is_constant) {
        m.mean = m.is_constant ? m.mode : m.mean;
    } else {
        find_moments(s, &m);
    }
    mean_finish(&m, &sums);
    return m;
}

double mean_difference(double candidate, double baseline)
{
    return estimate_equal(candidate, baseline) ? 0 : candidate - baseline;
}
