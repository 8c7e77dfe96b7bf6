#ifndef ASSAY_STATS_BISECT_H
#define ASSAY_STATS_BISECT_H

/* Inverting a test: the limit of an interval is where a claim stops holding.
 *
 * Shape:  `holds` is true from `yes` up to some place towards `no`, false from there on; `yes` itself is never asked and taken to hold.
 * Returns the last double that holds, so that a claim at a line holds exactly when the line is not beyond the bound. Either side may be larger.
 * Limits: about 60 questions; up to 1,100 where the place is next to 0.
 * Errors: none. */

#include <stdbool.h>

double bisect(bool (*holds)(double at, const void *context), const void *context, double yes, double no);

#endif
