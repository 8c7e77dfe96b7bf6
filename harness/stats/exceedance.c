#include "stats/exceedance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "stats/bisect.h"
#include "stats/estimate.h"
#include "stats/mean_test.h"

static const double RATIO_MAX = 1e6;
static const double EQUAL_RELATIVE = 1e-12;
static const double RANK_SLACK = 1e-9;

struct weighted {
    double value, weight;
};

/* What the baseline becomes before both are pooled. */
struct question {
    double ratio, shift;
};

static double asked(struct question q, double baseline)
{
    return q.ratio * baseline + q.shift;
}

static int double_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static int weighted_compare(const void *a, const void *b)
{
    const struct weighted *x = a;
    const struct weighted *y = b;
    return double_compare(&x->value, &y->value);
}

static const double *sorted_copy(struct arena *arena, const double *values, size_t n)
{
    double *copy = arena_array(arena, double, n);
    if (n > 0) {
        memcpy(copy, values, n * sizeof(*copy));
        qsort(copy, n, sizeof(*copy), double_compare);
    }
    return copy;
}

static void weigh(struct exceedance *e, struct arena *arena)
{
    struct weighted *all = arena_array(arena, struct weighted, e->n * e->runs);
    size_t count = 0;
    for (size_t i = 0; i < e->n; i++) {
        const double *values = e->baseline + i * e->runs;
        size_t there = 0;
        for (size_t k = 0; k < e->runs; k++) {
            there += isnan(values[k]) ? 0 : 1;
        }
        for (size_t k = 0; k < e->runs; k++) {
            if (!isnan(values[k])) {
                all[count++] = (struct weighted){values[k], 1 / (double)there};
            }
        }
    }
    if (count > 0) {
        qsort(all, count, sizeof(*all), weighted_compare);
    }
    e->weighted_baseline = all;
    e->weighted_count = count;
}

void exceedance_init(struct exceedance *e, struct arena *arena)
{
    e->runs = e->runs == 0 ? 1 : e->runs;
    e->sorted_candidate = sorted_copy(arena, e->candidate, e->n);
    if (e->runs == 1) {
        e->sorted_baseline = sorted_copy(arena, e->baseline, e->n);
    } else {
        weigh(e, arena);
    }
}

/* --- the pooled quantile ------------------------------------------------------------------------------------------------------------------- */

/* The value of that rank (from 1) among both sorted runs, without merging them: how many come from the baseline is bisected. */
static double pooled_value(const struct exceedance *e, struct question q, size_t rank)
{
    size_t from = rank > e->n ? rank - e->n : 0;
    size_t to = rank < e->n ? rank : e->n;
    while (from < to) {
        size_t baseline = from + (to - from) / 2;
        if (e->sorted_candidate[rank - baseline - 1] > asked(q, e->sorted_baseline[baseline])) {
            from = baseline + 1;
        } else {
            to = baseline;
        }
    }
    double last_baseline = from > 0 ? asked(q, e->sorted_baseline[from - 1]) : -INFINITY;
    double last_candidate = rank > from ? e->sorted_candidate[rank - from - 1] : -INFINITY;
    return fmax(last_baseline, last_candidate);
}

/* The first value at which the weights of those up to it reach `weight`; `candidates`: how many of the sorted candidate's take part (all, or none). */
static double weighted_value(const struct exceedance *e, struct question q, size_t candidates, double weight)
{
    size_t c = 0;
    size_t b = 0;
    double sum = 0;
    double last = 0;
    while (sum < weight - RANK_SLACK && (c < candidates || b < e->weighted_count)) {
        double baseline = b < e->weighted_count ? asked(q, e->weighted_baseline[b].value) : INFINITY;
        if (c < candidates && e->sorted_candidate[c] <= baseline) {
            last = e->sorted_candidate[c++];
            sum += 1;
        } else {
            last = baseline;
            sum += e->weighted_baseline[b++].weight;
        }
    }
    return last;
}

double exceedance_candidate(const struct exceedance *e)
{
    return e->sorted_candidate[quantile_rank((uint64_t)e->n, e->p) - 1];
}

double exceedance_baseline(const struct exceedance *e)
{
    uint64_t rank = quantile_rank((uint64_t)e->n, e->p);
    if (e->runs == 1) {
        return e->sorted_baseline[rank - 1];
    }
    return weighted_value(e, (struct question){1, 0}, 0, (double)rank);
}

/* How many pooled values are above a line, each case of the baseline counting one. */
static double pooled_above(const struct exceedance *e, struct question question, double line)
{
    double above = 0;
    size_t from = 0;
    for (size_t to = e->n; from < to;) {
        size_t middle = from + (to - from) / 2;
        if (e->sorted_candidate[middle] > line) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    above += (double)(e->n - from);
    if (e->runs > 1) {
        for (size_t i = 0; i < e->weighted_count; i++) {
            above += asked(question, e->weighted_baseline[i].value) > line ? e->weighted_baseline[i].weight : 0;
        }
        return above;
    }
    from = 0;
    for (size_t to = e->n; from < to;) {
        size_t middle = from + (to - from) / 2;
        if (asked(question, e->sorted_baseline[middle]) > line) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return above + (double)(e->n - from);
}

/* Above this a value exceeds the pooled quantile. Where many values are equal to it (whole tokens, lengths) the cut goes below them when that leaves a
 * share nearer to 1 - p above it: which side that is depends on the pooled values alone, so it favours neither run. */
static double exceedance_line(const struct exceedance *e, struct question question)
{
    if (e->n == 0) {
        return 0;
    }
    double total = 2 * (double)e->n;
    size_t rank = (size_t)quantile_rank(2 * (uint64_t)e->n, e->p);
    double q = e->runs == 1 ? pooled_value(e, question, rank) : weighted_value(e, question, e->n, (double)rank);
    double slack = EQUAL_RELATIVE * fabs(q);
    double above = pooled_above(e, question, q + slack);
    double at_least = pooled_above(e, question, q - 2 * slack);
    double wanted = total * (1 - e->p);
    bool has_ties = at_least - above > 1.5;
    return has_ties && at_least - wanted < wanted - above ? q - 2 * slack : q + slack;
}

/* --- tests ---------------------------------------------------------------------------------------------------------------------------------- */

static struct pairs count_pairs(const struct exceedance *e, struct question q)
{
    struct pairs pairs = {.n = e->n};
    double line = exceedance_line(e, q);
    for (size_t i = 0; i < e->n; i++) {
        bool is_baseline = asked(q, e->baseline[i]) > line;
        bool is_candidate = e->candidate[i] > line;
        pairs.b += is_candidate && !is_baseline ? 1 : 0;
        pairs.c += is_baseline && !is_candidate ? 1 : 0;
    }
    return pairs;
}

struct pairs exceedance_pairs(const struct exceedance *e, double ratio)
{
    return count_pairs(e, (struct question){ratio, 0});
}

/* Share of the baseline's runs in which the case is above the line. */
static double baseline_share(const struct exceedance *e, struct question q, size_t at, double line)
{
    double above = 0;
    double there = 0;
    for (size_t k = 0; k < e->runs; k++) {
        double value = e->baseline[at * e->runs + k];
        there += isnan(value) ? 0 : 1;
        above += !isnan(value) && asked(q, value) > line ? 1 : 0;
    }
    return above / there;
}

/* mean_of the differences where most of them are 0 and every case is its own: from their powers, since a bound asks for it a hundred times. */
static struct mean mean_of_powers(size_t n, size_t zeros, const double powers[4])
{
    double count = (double)n;
    double m = powers[1] / count;
    double second = powers[2] / count - m * m;
    double third = powers[3] / count - 3 * m * powers[2] / count + 2 * m * m * m;
    struct mean ret = {
        .n = n,
        .clusters = n,
        .mean = m,
        .clusters_effective = count,
        .is_constant = zeros == n,
        .has_mode = true,
        .off_mode = n - zeros,
        .has_se = n >= 2,
    };
    if (ret.has_se) {
        ret.df = count - 1;
        ret.stddev = ret.is_constant ? 0 : sqrt(fmax(second, 0) * count / (count - 1));
        ret.skew = ret.is_constant ? 0 : third / (second * sqrt(second));
        ret.sum_skew = ret.skew / sqrt(count);
        ret.se = ret.stddev / sqrt(count);
    }
    return ret;
}

static struct stat_test indicator_test(const struct exceedance *e, struct question q)
{
    static const struct stat_range DIFFERENCE = {true, -1, 1};
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    double *differences = arena_array(&scratch, double, e->n);
    double line = exceedance_line(e, q);
    double powers[4] = {0};
    size_t zeros = 0;
    for (size_t i = 0; i < e->n; i++) {
        double d = (e->candidate[i] > line ? 1 : 0) - baseline_share(e, q, i, line);
        differences[i] = d;
        zeros += d == 0 ? 1 : 0;
        powers[1] += d;
        powers[2] += d * d;
        powers[3] += d * d * d;
    }
    struct sample s = {differences, e->clusters, e->n, e->cluster_count};
    bool is_short = e->clusters == NULL && 2 * zeros > e->n;
    struct mean m = is_short ? mean_of_powers(e->n, zeros, powers) : mean_of(&s, &DIFFERENCE, &scratch);
    /* In clusters t both ways. Of several runs, one run's indicators less a share: skewed by what they are. */
    return mean_test(&m, &DIFFERENCE, e->runs > 1 ? GUARD_BOTH : GUARD_ABOVE, 0);
}

static struct stat_test test_at(const struct exceedance *e, struct question q)
{
    if (e->clusters != NULL || e->runs > 1) {
        return indicator_test(e, q);
    }
    struct pairs pairs = count_pairs(e, q);
    struct stat_test test = mcnemar_midp(&pairs);
    test.how.method = METHOD_EXCEEDANCE;
    return test;
}

struct stat_test exceedance_test(const struct exceedance *e, double ratio)
{
    return test_at(e, (struct question){ratio, 0});
}

struct stat_test exceedance_shift_test(const struct exceedance *e, double shift)
{
    return test_at(e, (struct question){1, shift});
}

/* --- intervals ------------------------------------------------------------------------------------------------------------------------------ */

struct side {
    const struct exceedance *exceedance;
    bool is_shift; /* else the logarithm of a ratio */
    double tail;
};

static struct stat_test side_test(const struct side *side, double at)
{
    return side->is_shift ? exceedance_shift_test(side->exceedance, at) : exceedance_test(side->exceedance, exp(at));
}

static bool shows_above(double at, const void *context)
{
    const struct side *side = context;
    return side_test(side, at).above <= side->tail;
}

static bool shows_below(double at, const void *context)
{
    const struct side *side = context;
    return side_test(side, at).below <= side->tail;
}

/* Between -end and end, on the scale of `side`. */
static struct stat_interval invert(const struct side *side, double end, double alpha)
{
    struct stat_interval interval = {.how = side_test(side, 0).how};
    interval.how.alpha = alpha;
    interval.has_lo = shows_above(-end, side);
    interval.has_hi = shows_below(end, side);
    interval.lo = interval.has_lo ? bisect(shows_above, side, -end, end) : 0;
    interval.hi = interval.has_hi ? bisect(shows_below, side, end, -end) : 0;
    return interval;
}

/* With many equal values the share above a cut can differ where the quantiles do not: what they are themselves is never left out. */
static struct stat_interval hold_estimate(struct stat_interval interval, double estimate)
{
    interval.lo = interval.has_lo ? fmin(interval.lo, estimate) : 0;
    interval.hi = interval.has_hi ? fmax(interval.hi, estimate) : 0;
    return interval;
}

struct stat_interval exceedance_interval(const struct exceedance *e, double alpha)
{
    struct side side = {e, false, alpha / 2};
    struct stat_interval interval = invert(&side, log(RATIO_MAX), alpha);
    interval.lo = interval.has_lo ? exp(interval.lo) : 0;
    interval.hi = interval.has_hi ? exp(interval.hi) : 0;
    double baseline = e->n == 0 ? 0 : exceedance_baseline(e);
    return baseline > 0 ? hold_estimate(interval, exceedance_candidate(e) / baseline) : interval;
}

struct stat_interval exceedance_shift_interval(const struct exceedance *e, double alpha)
{
    struct side side = {e, true, alpha / 2};
    double lowest = INFINITY;
    double highest = -INFINITY;
    for (size_t i = 0; i < e->n * e->runs; i++) {
        lowest = fmin(lowest, e->baseline[i]); /* fmin leaves a NAN out */
        highest = fmax(highest, e->baseline[i]);
    }
    for (size_t i = 0; i < e->n; i++) {
        lowest = fmin(lowest, e->candidate[i]);
        highest = fmax(highest, e->candidate[i]);
    }
    double width = e->n == 0 ? 0 : highest - lowest;
    double scale = e->n == 0 ? 0 : fmax(fabs(lowest), fabs(highest));
    struct stat_interval interval = invert(&side, 2 * width + 1e-9 * scale + 1e-300, alpha);
    return e->n == 0 ? interval : hold_estimate(interval, exceedance_candidate(e) - exceedance_baseline(e));
}
