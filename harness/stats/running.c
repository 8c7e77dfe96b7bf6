#include "stats/running.h"

#include <math.h>

#include "base/arena.h"

static const double EQUAL_RELATIVE = 1e-12;

void running_init(struct running *r, const struct stat_range *range)
{
    *r = (struct running){.range = *range};
}

/* Values are only told apart where the range is known (stats/mean_test.h): then the scale does not depend on what is still to come. */
static double running_slack(const struct running *r)
{
    double ends = fmax(fabs(r->range.lo), fabs(r->range.hi));
    return EQUAL_RELATIVE * fmax(ends, r->range.hi - r->range.lo);
}

static void add_value(struct running *r, double value, uint64_t count)
{
    if (!r->range.is_bounded || r->has_many_values) {
        return;
    }
    double slack = running_slack(r);
    for (size_t i = 0; i < r->value_count; i++) {
        if (fabs(r->values[i].value - value) <= slack) {
            r->values[i].count += count;
            return;
        }
    }
    if (r->value_count == RUNNING_VALUES) {
        r->has_many_values = true;
        return;
    }
    r->values[r->value_count++] = (struct running_value){value, count};
}

static void add_to_cluster(struct running *r, struct arena *arena, double value, size_t number)
{
    while (r->clusters.len <= number) {
        *vec_push(arena, &r->clusters) = (struct running_cluster){0};
    }
    struct running_cluster *c = &r->clusters.items[number];
    if (c->n == 0) {
        c->first = value;
    }
    c->n++;
    c->is_mixed = c->is_mixed || fabs(value - c->first) > running_slack(r);
    num_sum_add(&c->sum, value);
}

static void add_cube(struct running *r, double value)
{
    double n = (double)r->e.n + 1;
    double distance = value - r->e.center;
    double step = distance / n;
    r->cubes += distance * step * step * (n - 1) * (n - 2) - 3 * step * r->e.squares;
}

static const struct estimate *running_alone(const struct running *r)
{
    return r->clusters.len == 0 ? &r->e : &r->alone;
}

void running_add(struct running *r, struct arena *arena, double value, int64_t cluster)
{
    add_cube(r, value);
    if (cluster == RUNNING_ALONE) {
        if (r->clusters.len > 0) {
            estimate_add(&r->alone, value);
        }
        add_value(r, value, 1);
    } else {
        r->alone = *running_alone(r);
        add_to_cluster(r, arena, value, (size_t)cluster);
    }
    estimate_add(&r->e, value);
}

/* Joins `count` equal values to an estimate. */
static void estimate_add_equal(struct estimate *e, uint64_t count, double value)
{
    double n = (double)e->n;
    double more = (double)count;
    double distance = e->n == 0 ? 0 : value - e->center;
    e->min = e->n == 0 ? value : fmin(e->min, value);
    e->max = e->n == 0 ? value : fmax(e->max, value);
    e->n += count;
    num_sum_add(&e->sum, more * value);
    e->squares += distance * distance * n * more / (n + more);
    e->center = e->n == count ? value : e->center + distance * more / (n + more);
}

struct running running_with(const struct running *r, uint64_t count, double value)
{
    struct running ret = *r;
    if (count == 0) {
        return ret;
    }
    double n = (double)r->e.n;
    double more = (double)count;
    double distance = r->e.n == 0 ? 0 : value - r->e.center;
    double total = n + more;
    ret.cubes += distance * distance * distance * n * more * (n - more) / (total * total) -
                 3 * distance * more * r->e.squares / total;
    estimate_add_equal(&ret.e, count, value);
    if (ret.clusters.len > 0) {
        estimate_add_equal(&ret.alone, count, value);
    }
    add_value(&ret, value, count);
    return ret;
}

/* --- what it comes to ------------------------------------------------------------------------------------------------------------------- */

static bool running_is_clustered(const struct running *r)
{
    for (size_t i = 0; i < r->clusters.len; i++) {
        if (r->clusters.items[i].n >= 2) {
            return true;
        }
    }
    return false;
}

/* Cases whose cluster holds nothing but `value`. */
static uint64_t cases_at(const struct running *r, double value, uint64_t *ret_off)
{
    double slack = running_slack(r);
    uint64_t cases = 0;
    *ret_off = 0;
    for (size_t i = 0; i < r->value_count; i++) {
        bool is_at = fabs(r->values[i].value - value) <= slack;
        cases += is_at ? r->values[i].count : 0;
        *ret_off += is_at ? 0 : r->values[i].count;
    }
    for (size_t i = 0; i < r->clusters.len; i++) {
        const struct running_cluster *c = &r->clusters.items[i];
        bool is_at = !c->is_mixed && fabs(c->first - value) <= slack;
        cases += is_at ? c->n : 0;
        *ret_off += !is_at && c->n > 0 ? 1 : 0;
    }
    return cases;
}

/* The value that most is in: of the cases alone, and of the clusters that hold one value. By weight, after Boyer & Moore 1981. */
static double likeliest_mode(const struct running *r)
{
    double candidate = 0;
    double lead = 0;
    double slack = running_slack(r);
    for (size_t i = 0; i < r->value_count + r->clusters.len; i++) {
        const struct running_cluster *c = i < r->value_count ? NULL : &r->clusters.items[i - r->value_count];
        double value = c == NULL ? r->values[i].value : c->first;
        double weight = c == NULL ? (double)r->values[i].count : c->is_mixed ? 0 : (double)c->n;
        if (fabs(value - candidate) <= slack) {
            lead += weight;
        } else if (weight > lead) {
            candidate = value;
            lead = weight - lead;
        } else {
            lead -= weight;
        }
    }
    return candidate;
}

static void find_mode(const struct running *r, struct mean *ret)
{
    if (ret->is_constant) {
        ret->has_mode = true;
        ret->mode = r->e.min;
        return;
    }
    if (!r->range.is_bounded || r->has_many_values) {
        return;
    }
    uint64_t off = 0;
    double mode = likeliest_mode(r);
    uint64_t cases = cases_at(r, mode, &off);
    ret->has_mode = 2 * (double)cases > (double)r->e.n;
    ret->mode = mode;
    ret->off_mode = off;
}

/* The same sums as in stats/mean.c; the cases that are alone are all of size one. */
static struct cluster_sums sums_of(const struct running *r, double center)
{
    struct cluster_sums sums = {0};
    double n = (double)r->e.n;
    const struct estimate *alone = running_alone(r);
    if (alone->n > 0) {
        double shift = alone->center - center;
        double squares = alone->squares + (double)alone->n * shift * shift;
        cluster_sums_add_alone(&sums, (double)alone->n, squares, n);
    }
    for (size_t i = 0; i < r->clusters.len; i++) {
        const struct running_cluster *c = &r->clusters.items[i];
        cluster_sums_add(&sums, (double)c->n, num_sum_total(&c->sum) - (double)c->n * center, n);
    }
    return sums;
}

struct mean running_mean(const struct running *r)
{
    struct mean m = {.n = r->e.n};
    if (r->e.n == 0) {
        return m;
    }
    double n = (double)r->e.n;
    double scale = fmax(fabs(r->e.min), fabs(r->e.max));
    double slack = r->range.is_bounded ? fmax(running_slack(r), EQUAL_RELATIVE * scale) : EQUAL_RELATIVE * scale;
    m.is_clustered = running_is_clustered(r);
    m.mean = estimate_mean(&r->e);
    m.is_constant = r->e.max - r->e.min <= slack;
    find_mode(r, &m);
    if (m.is_constant) {
        m.mean = m.mode;
    } else if (r->e.n >= 2) {
        double second = r->e.squares / n;
        m.stddev = sqrt(r->e.squares / (n - 1));
        m.skew = r->cubes / n / (second * sqrt(second));
    }
    struct cluster_sums sums = sums_of(r, m.mean);
    mean_finish(&m, &sums);
    return m;
}
