#ifndef ASSAY_JUDGE_STAT_NAMES_H
#define ASSAY_JUDGE_STAT_NAMES_H

/* Statistics of cases by the names that people give them on a command line: "answer.mean[tag=hard]", "latency_ms.p95", "pass_rate". A dimension alone is its
 * pass rate when it is yes or no, else its mean. No name at all: cases that pass (unless one dimension alone says that), then each dimension.
 *
 * Errors: ERR_USAGE: no such statistic or dimension, with those that there are; one that is no number of each case (counts, minimum, ...). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct arena;
struct err;
struct run_record;
struct stat_ref;

struct stat_names {
    const struct run_record *run; /* whose dimensions are meant */
    uint32_t trials;              /* of its cases */
    const struct str *texts;
    size_t count; /* 0 = those that matter */
};

MUST_CHECK bool stat_names_read(const struct stat_names *names, struct arena *arena, struct stat_ref **ret,
                                size_t *ret_count, struct err *err);

#endif
