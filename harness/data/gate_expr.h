#ifndef ASSAY_DATA_GATE_EXPR_H
#define ASSAY_DATA_GATE_EXPR_H

/* The gate language as text to tree (docs/contracts.md, B). Syntax only: whether a dimension, tag or variant exists is the suite's business
 * (suites/check). Every node keeps its byte offset, so that faults get a caret; words (dimension, tag, ...) are slices of `text`, which is a
 * copy in the arena, so `word.ptr - gate.text.ptr` is their offset.
 *
 *   gate = claim | regression; claim = stat op right [with]; regression = "no regression of" stat ["beyond" number] [with] */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct arena;
struct err;

enum gate_op { GATE_GE, GATE_LE, GATE_GT, GATE_LT, GATE_EQ, GATE_NE };

enum stat_kind {
    STAT_MEAN,
    STAT_PASS_RATE,
    STAT_MIN,
    STAT_MAX,
    STAT_SUM,
    STAT_COUNT,
    STAT_STDDEV,
    STAT_QUANTILE, /* p50, p95, p99.9: `quantile` 0..1 */
    STAT_PASS_AT,  /* pass@k */
    STAT_PASS_ALL, /* pass^k */
    STAT_NOT_SCORED,
    STAT_F1_MACRO,
    STAT_RECALL,
    STAT_PRECISION,
    STAT_SCORE, /* bare only, like the next four */
    STAT_CASES,
    STAT_SAMPLES,
    STAT_ERRORS,
    STAT_ERROR_RATE
};

struct stat_filter {
    struct str tag, variant, cluster, label; /* ptr NULL = not given */
};

struct stat_ref {
    struct str text;      /* as written */
    struct str dimension; /* ptr NULL = bare */
    enum stat_kind kind;
    double quantile;
    uint32_t k;
    struct stat_filter filter;
    size_t offset;                          /* bytes from the gate's start */
    size_t dimension_offset, filter_offset; /* of the '['; 0 without a filter */
};

enum gate_unit { GATE_UNIT_NONE, GATE_UNIT_PERCENT, GATE_UNIT_DURATION };

enum gate_right_kind { RIGHT_NUMBER, RIGHT_BASELINE, RIGHT_STAT };

struct gate_expr {
    struct str text;
    bool is_regression;
    struct stat_ref left;
    enum gate_op op; /* claims */
    enum gate_right_kind right_kind;
    struct stat_ref right_stat; /* RIGHT_STAT */
    double right_factor;        /* ref * x; 1 when absent */
    double right_offset;        /* ref + x, ref - x; 0 when absent; 200ms is 200 */
    double right_number;        /* RIGHT_NUMBER: 80% is 0.8, 15s is 15000 (ms) */
    enum gate_unit right_unit;
    size_t op_offset, right_at; /* bytes */
    double beyond;              /* regression; 0 when absent; 200ms is 200 */
    bool has_beyond;
    bool has_confidence;
    double confidence; /* 0.95; regressions: 0.95 unless said, has_confidence tells whether it was written */
};

/* Errors: ERR_SUITE, text says what was expected; *ret_offset is the byte of the fault, *ret_hint (may be empty) what to do. Refused here:
 * a percentage after a reference or `beyond`, any unit on a factor, a negative factor or margin, == and != on a statistic that is no count,
 * confidence (and `no regression of`) with min, max, sum, count, not_scored, stddev, f1_macro, recall, precision, error_rate and the bare
 * counts, a confidence outside 50%..100%, label without recall or precision and the reverse, a bound outside the statistic's range
 * (`pass_rate >= 80`: "write 80%"; a fraction or percentage for a count), a duration for a dimension whose name does not end in _ms, pXX
 * outside 1..99. Blanks are taken around the words of a filter, and as many as wanted elsewhere. */
MUST_CHECK bool gate_expr_parse(struct arena *arena, struct str text, struct gate_expr *ret, size_t *ret_offset,
                                struct str *ret_hint, struct err *err);

/* A statistic alone, as it stands on the left of a gate. Errors as above. */
MUST_CHECK bool stat_ref_parse(struct arena *arena, struct str text, struct stat_ref *ret, size_t *ret_offset,
                               struct str *ret_hint, struct err *err);

const char *gate_op_text(enum gate_op op);
bool stat_is_count(enum stat_kind kind); /* count, not_scored, cases, samples, errors */

/* Names that a dimension may not have: every statistic's, and score, pass, baseline, with. */
bool stat_is_reserved_name(struct str name);

#endif
