#ifndef ASSAY_IO_RETRY_AFTER_H
#define ASSAY_IO_RETRY_AFTER_H

/* Retry-After (RFC 9110, 10.2.3): seconds, also with a fraction, or a date in one of the three forms of RFC 9110, 5.6.7, taken against the time that the
 * answer itself names, so that our clock does not matter. libcurl's own reading (7.88) gives negative numbers for past dates and 0 for nonsense. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Nanoseconds from now, >= 0 (a past date: 0; what does not fit: INT64_MAX). False: nonsense, to be ignored. */
bool retry_after_parse(struct str value, int64_t answered_unix_s, int64_t *ret_ns);

bool http_date_parse(struct str text, int64_t *ret_unix_s);

#endif
