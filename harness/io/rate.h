#ifndef ASSAY_IO_RATE_H
#define ASSAY_IO_RATE_H

/* A rate limit on starts: a token bucket that holds at most one second's worth (at least one) and begins with one token, so that the first second does
 * not see twice the rate. Pure arithmetic over a monotonic clock. */

#include <stdbool.h>
#include <stdint.h>

struct rate {
    double per_s; /* 0 = no limit */
    double tokens;
    int64_t last_ns;
};

void rate_init(struct rate *r, double per_s, int64_t now_ns);
bool rate_take(struct rate *r, int64_t now_ns);             /* one start, if allowed now */
int64_t rate_next_ns(const struct rate *r, int64_t now_ns); /* when the next start will be allowed; now when it is */

#endif
