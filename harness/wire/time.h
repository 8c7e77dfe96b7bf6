#ifndef ASSAY_WIRE_TIME_H
#define ASSAY_WIRE_TIME_H

/* Times as Opper's API writes them: RFC 3339, always with an offset, down to microseconds.
 *
 * Out:    "2026-01-02T10:00:00.123Z", six digits of fraction where milliseconds would lose something. Always with Z: the official SDK refuses an
 *         answer whose time has no offset.
 * In:     YYYY-MM-DDTHH:MM[:SS[.fraction]] and Z, +HH:MM or +HHMM; t, z and a blank for the T too. No offset is UTC (unconfirmed for the
 *         service). Digits beyond the sixth are cut.
 * Errors: false for anything else, days that do not exist, and years that four digits cannot write. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct wire_time {
    bool has;
    int64_t us; /* since 1970 */
};

struct wire_time_text {
    char text[32];
};

struct wire_time_text wire_time_text(int64_t unix_us);
bool wire_time_parse(struct str text, int64_t *ret_unix_us);

/* Between the records of the model (milliseconds, 0 = not yet) and the wire. */
struct wire_time wire_time_of_ms(int64_t unix_ms);
int64_t wire_time_ms(struct wire_time time); /* rounded down */

#endif
