#ifndef ASSAY_SCORERS_REHEARSE_H
#define ASSAY_SCORERS_REHEARSE_H

/* Whether a scorer could judge any output of a case at all, found out before the first call: it judges a stand-in output, and if that cannot be
 * scored, for the case's own values (an 'expected' without a number, a class outside 'values', a null in a pattern), no output could. So a value of
 * the wrong type ends in exit 2 before anything was paid for, not in an errored sample after it.
 *
 * Shape:  pure scorers that look at the output and decide the sample; programs, judges and what is `optional` are not asked.
 * Output: *ret_is_alike = it depends on nothing of the case but what templates insert, so that a use without any judges every case's stand-in alike.
 * Limits: those of the scorer; a pattern that is too slow for one character is found, too.
 * Errors: ERR_SUITE at the scorer's place, with its own words. */

#include <stdbool.h>

#include "base/attr.h"
#include "scorers/scorer.h"

MUST_CHECK bool scorer_rehearse(const struct scorer_use *use, const struct eval_case *c, const struct scope *scope,
                                struct arena *scratch, bool *ret_is_alike, struct err *err);

#endif
