#ifndef ASSAY_CLI_REPORT_CONTEXT_H
#define ASSAY_CLI_REPORT_CONTEXT_H

/* What a report shows its runs beside: the variants of a suite compared with each other, or one variant with the baseline that its gates were judged
 * against; and the runs before. Made for the reporters that show them.
 *
 * Rules:  a baseline is compared when its newest run is in the same store, or still in the file that it came from. Histories go back as far as it costs
 *         little: the number of cases read over all their runs is bounded. What cannot be compared says so in its own words.
 * Errors: those of the store. */

#include <stdbool.h>

#include "base/attr.h"

struct cli;
struct err;
struct report_in;
struct reporter;
struct store;

MUST_CHECK bool report_context(struct cli *cli, struct store *store, const struct reporter *reporter,
                               struct report_in *in, struct err *err);

#endif
