#ifndef ASSAY_JUDGE_SUMMARY_WORDS_H
#define ASSAY_JUDGE_SUMMARY_WORDS_H

/* Sentences of a verdict: short enough for one line. */

#include "base/str.h"
#include "model/summary.h"

struct arena;

/* Why a run passed or failed: "2 of 8 gates failed: queue.pass_rate >= 85% (0.714), ...", "8 gates hold, 7 cases". The gates decide. */
struct str summary_reason(const struct summary *s, struct arena *arena);

#endif
