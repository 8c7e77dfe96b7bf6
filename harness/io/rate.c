#include "io/rate.h"

#include <math.h>

#include "base/clock.h"

/* Waiting for exactly one token must not fail by a rounding error of the last bit. */
static const double nearly_one = 1.0 - 1e-9;

static double burst(const struct rate *r)
{
    return r->per_s < 1.0 ? 1.0 : r->per_s;
}

void rate_init(struct rate *r, double per_s, int64_t now_ns)
{
    *r = (struct rate){.per_s = per_s, .last_ns = now_ns};
    r->tokens = 1.0; /* not a whole burst: the first second would see twice the rate */
}

static double tokens_at(const struct rate *r, int64_t now_ns)
{
    int64_t passed_ns = now_ns > r->last_ns ? now_ns - r->last_ns : 0;
    double tokens = r->tokens + (double)passed_ns * r->per_s / (double)NS_PER_S;
    return tokens > burst(r) ? burst(r) : tokens;
}

bool rate_take(struct rate *r, int64_t now_ns)
{
    if (r->per_s <= 0.0) {
        return true;
    }
    r->tokens = tokens_at(r, now_ns);
    r->last_ns = now_ns > r->last_ns ? now_ns : r->last_ns;
    if (r->tokens < nearly_one) {
        return false;
    }
    r->tokens -= 1.0;
    return true;
}

int64_t rate_next_ns(const struct rate *r, int64_t now_ns)
{
    if (r->per_s <= 0.0) {
        return now_ns;
    }
    double missing = 1.0 - tokens_at(r, now_ns);
    if (missing <= 1e-9) {
        return now_ns;
    }
    double wait_ns = ceil(missing / r->per_s * (double)NS_PER_S);
    return wait_ns >= (double)(INT64_MAX - now_ns) ? INT64_MAX : now_ns + (int64_t)wait_ns;
}
