#ifndef ASSAY_REPORTERS_PLANNING_TERMINAL_H
#define ASSAY_REPORTERS_PLANNING_TERMINAL_H

/* A plan for people: statistic by statistic, what was seen and what each question takes. Wrapped at the terminal's width; names are escaped. */

#include <stdio.h>

#include "base/term.h"

struct planning;

void planning_terminal(const struct planning *p, const struct term *term, FILE *out);

#endif
