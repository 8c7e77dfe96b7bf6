#ifndef ASSAY_BASE_CLOCK_H
#define ASSAY_BASE_CLOCK_H

/* Two clocks, never mixed: monotonic nanoseconds for durations and time-outs, wall milliseconds for display and records. Code that waits
 * takes a struct clock, so that tests own time. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

struct clock {
    int64_t (*monotonic_ns)(const struct clock *c);
    int64_t (*unix_ms)(const struct clock *c);
    int64_t fake_ns, fake_unix_ms; /* of a test's clock */
};

extern const struct clock CLOCK_SYSTEM;

int64_t clock_ns(const struct clock *c);
int64_t clock_unix_ms(const struct clock *c);

/* RFC 3339 in UTC with milliseconds: "2026-11-21T03:00:25.123Z" (24 characters and NUL). */
struct clock_text {
    char text[32];
};
struct clock_text clock_rfc3339(int64_t unix_ms);
bool clock_parse_rfc3339(struct str text, int64_t *ret_unix_ms);
/* A date and time in UTC as Unix seconds; false when there is no such day or time (second 60 is a leap second, which Unix time counts as the next). */
bool clock_unix_s(int64_t year, int64_t month, int64_t day, int64_t second_of_day, int64_t *ret);
struct clock_text clock_local(int64_t unix_ms);        /* for people: "2026-11-21 03:00:25" in local time */
struct clock_text clock_duration(int64_t duration_ns); /* for people: "850 ms", "12.3 s", "4 min 05 s", "2 h 03 min" */

#endif
