#ifndef ASSAY_RUN_DRIVER_H
#define ASSAY_RUN_DRIVER_H

/* What makes things happen: the loop, the signals and the calls of this process. One at a time; a run has one from its first sample until its recording
 * is done, a push for itself. */

#include <stddef.h>

#include "base/attr.h"
#include "io/signals.h"

struct clock;
struct err;
struct loop;
struct perform;
struct redactor;

struct driver {
    struct loop *loop; /* NULL = closed */
    struct signals signals;
    struct perform *perform;
};

/* What all requests share (io/perform.h); they outlive the driver. */
struct driver_settings {
    size_t http_max; /* to one server at once; 0 = as many as may be */
    const struct redactor *redactor;
    const char *ca_file;
};

MUST_CHECK bool driver_open(struct driver *d, const struct clock *clock, const struct driver_settings *settings,
                            struct err *err);
void driver_close(struct driver *d); /* what is under way is ended; harmless when it is closed */

#endif
