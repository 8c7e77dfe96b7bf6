#ifndef ASSAY_CLI_COMPARE_NAMES_H
#define ASSAY_CLI_COMPARE_NAMES_H

/* Which runs `assay compare A B...` compares, and what each is called.
 *
 * Rules:  one operand: the variants of each of its suites, with the first of them. Several operands of one run each, or a first one of one run: all of
 *         them with it. Else runs of equal suite and variant meet, and those without a counterpart are named.
 *         A run is called by its variant where that tells them apart, else as the operand was written, else by both.
 * Errors: ERR_USAGE when nothing can be compared so, with the choices; those of the store. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "judge/compare.h"

struct err;
struct run_operands;

struct compare_group {
    struct compare_run *runs; /* the first is the base */
    size_t run_count;         /* at least 2 */
};

struct compare_groups {
    struct compare_group *items;
    size_t count;
    struct str *unmatched; /* sentences: runs without a counterpart */
    size_t unmatched_count;
};

MUST_CHECK bool compare_groups_find(struct run_operands *operands, const char *const *names, size_t count,
                                    struct compare_groups *ret, struct err *err);

#endif
