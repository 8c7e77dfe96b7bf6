#ifndef ASSAY_REPORTERS_SELFTEST_TERMINAL_H
#define ASSAY_REPORTERS_SELFTEST_TERMINAL_H

/* A self-test for people: how often each gate alarmed though nothing changed, and what to do about those that do so too often. */

#include <stdio.h>

#include "base/term.h"

struct arena;
struct selftest;

void selftest_terminal(const struct selftest *t, const struct term *term, struct arena *scratch, FILE *out);

#endif
