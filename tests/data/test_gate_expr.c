#include "data/gate_expr.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"
#include "tests/check.h"

/* Refused gates: the caret's byte, a part of the sentence, a part of the hint ("" = any). */
static const struct {
    const char *text;
    size_t offset;
    const char *says, *hint;
} REFUSED[] = {
    /* nothing, or not a gate */
    {"", 0, "empty", "such as"},
    {"   ", 3, "empty", ""},
    {"pass_rate", 9, "expected one of >=", "pass_rate >= 80%"},
    {"errors", 6, "expected one of >=", "errors <= 2"},
    {"pass_rate >=", 12, "expected a number", ""},
    {"80% <= pass_rate", 0, "expected a statistic", "first"},
    {">= 80%", 0, "expected a statistic, not '>='", ""},
    {"(pass_rate) >= 80%", 0, "expected a statistic", ""},
    /* operators */
    {"pass_rate>=80%", 9, "between blanks", "write 'pass_rate >= 80%'"},
    {"pass_rate >=80%", 12, "between blanks", "write '>= 80%'"},
    {"pass_rate = 80%", 10, "expected one of", "write '=='"},
    {"pass_rate => 80%", 10, "expected one of", "write '>='"},
    {"pass_rate \xe2\x89\xa5 80%", 10, "expected one of", "write '>='"},
    {"errors is 0", 7, "expected one of", "write '=='"},
    {"pass_rate == 80%", 10, "counts only", ">="},
    {"answer.mean != 1", 12, "counts only", ""},
    {"errors == answer.mean", 7, "'answer.mean' is none", ""},
    {"answer.count == answer.pass_rate", 13, "counts only", ""},
    /* names */
    {"answer >= 80%", 0, "'answer' needs a statistic", "answer.mean"},
    {"mean >= 0.5", 0, "'mean' needs a dimension", "NAME.mean"},
    {"p95 <= 4", 0, "'p95' needs a dimension", "NAME.p95"},
    {"pass@3 >= 80%", 0, "needs a dimension", ""},
    {"pas_rate >= 80%", 0, "unknown statistic 'pas_rate'", "'pass_rate'"},
    {"accuracy >= 80%", 0, "unknown statistic", "'pass_rate'"},
    {"answer.meen >= 0.5", 7, "unknown statistic 'meen'", "'mean'"},
    {"answer.median >= 0.5", 7, "unknown statistic 'median'", "'p50'"},
    {"answer.zzzzzzz >= 0.5", 7, "unknown statistic", "one of mean"},
    {"answer. >= 0.5", 7, "missing after 'answer.'", "answer.mean"},
    {".mean >= 0.5", 0, "expected a statistic", ""},
    {"2fast.mean >= 0.5", 0, "begins with a letter", ""},
    {"mean.mean >= 0.5", 0, "cannot be the name of a dimension", ""},
    {"with.mean >= 0.5", 0, "cannot be the name of a dimension", ""},
    {"p95.mean >= 0.5", 0, "cannot be the name of a dimension", ""},
    {"a@b.mean >= 0.5", 1, "'@' cannot stand", ""},
    {"answer.value.mean >= 0.5", 7, "unknown statistic 'value.mean'", ""},
    {"a2345678901234567890123456789012345678901234567890123456789012345.mean > 0", 0, "at most 64", ""},
    {"answer.p0 <= 1", 7, "no quantile", "p1 to p99"},
    {"answer.p100 <= 1", 7, "no quantile", ""},
    {"answer.p05 <= 1", 7, "no quantile", ""},
    {"answer.p95. <= 1", 7, "no quantile", ""},
    {"answer.p9x <= 1", 7, "no quantile", ""},
    {"answer.p95.1234567890123 <= 1", 7, "no quantile", ""},
    {"answer.pass@0 >= 1", 7, "number of trials", "pass@3"},
    {"answer.pass@ >= 1", 7, "number of trials", "pass@3"},
    {"answer.pass^x >= 1", 7, "number of trials", "pass^3"},
    {"answer.pass@03 >= 1", 7, "number of trials", ""},
    {"answer.pass@999999999999 >= 1", 7, "number of trials", ""},
    /* filters */
    {"pass_rate[model=x] >= 80%", 10, "unknown filter 'model'", "[tag=T]"},
    {"pass_rate[tga=x] >= 80%", 10, "unknown filter 'tga'", "'tag'"},
    {"pass_rate[] >= 80%", 10, "unknown filter ''", "[tag=T]"},
    {"pass_rate[tag] >= 80%", 13, "expected one '='", "[tag=WORD]"},
    {"pass_rate[tag==x] >= 80%", 13, "expected one '='", ""},
    {"pass_rate[tag=] >= 80%", 14, "wants a word", ""},
    {"pass_rate[tag=\"\"] >= 80%", 14, "wants a word", ""},
    {"pass_rate[tag=a,tag=b] >= 80%", 16, "given twice", ""},
    {"pass_rate[tag=a,] >= 80%", 16, "unknown filter ''", ""},
    {"pass_rate[tag=a >= 80%", 9, "without its ']'", ""},
    {"pass_rate[tag=\"a] >= 80%", 14, "without its end", ""},
    {"pass_rate[tag=a\"b] >= 80%", 15, "'\"' cannot stand", "quote the whole word"},
    {"pass_rate[tag=\"a\"b] >= 80%", 17, "expected ',' or ']'", ""},
    {"pass_rate[tag=a][tag=b] >= 80%", 16, "expected a blank", ""},
    {"pass_rate[tag=a]x >= 80%", 16, "expected a blank", ""},
    {"pass_rate [tag=a] >= 80%", 10, "expected one of", ""},
    {"pass_rate[label=a] >= 80%", 9, "'label' goes with recall", ""},
    {"q.f1_macro[label=a] >= 0.8", 10, "'label' goes with recall", ""},
    {"q.recall >= 0.8", 0, "needs the class", "q.recall[label=CLASS]"},
    {"q.precision[tag=x] >= 0.8", 0, "needs the class", "q.precision[label=CLASS]"},
    /* numbers */
    {"pass_rate >= .8", 13, "no number", "write 0.8"},
    {"pass_rate >= +0.8", 13, "no number", "write 0.8"},
    {"pass_rate >= 0.", 13, "no number", ""},
    {"pass_rate >= 1e-1", 14, "no number", "one of % ms s m"},
    {"answer.sum >= 1,000", 15, "no number", "no unit"},
    {"answer.sum >= -", 14, "no number", ""},
    {"answer.sum >= --1", 14, "no number", ""},
    {"answer.sum >= 99999999999999999999999999999999999999999", 14, "more than 40", ""},
    {"pass_rate >= 80 %", 13, "between 0 and 1", "write 80%"},
    {"latency_ms.p95 <= 15 s", 21, "unexpected 's'", "no blank"},
    {"latency_ms.p95 <= 2h", 19, "'h' is not known", "minutes"},
    {"latency_ms.p95 <= 2sec", 19, "no number", "ms s m"},
    /* bounds outside the statistic's range */
    {"pass_rate >= 80", 13, "between 0 and 1", "write 80%"},
    {"answer.pass_rate >= 99.5", 20, "between 0 and 1", "write 99.5%"},
    {"answer.pass@3 >= 85", 17, "between 0 and 1", "write 85%"},
    {"score >= 7", 9, "between 0 and 1", "write 7%"},
    {"error_rate <= 2", 14, "between 0 and 1", "write 2%"},
    {"pass_rate >= 150%", 13, "between 0 and 1", ""},
    {"pass_rate >= -5%", 13, "between 0 and 1", ""},
    {"pass_rate >= 800", 13, "between 0 and 1", ""},
    {"errors <= 1%", 10, "is a count", "error_rate <= 1%"},
    {"cases >= 1%", 9, "is a count", ""},
    {"errors <= -1", 10, "is a count", "whole number"},
    {"answer.count >= 2.5", 16, "is a count", "whole number"},
    {"answer.stddev <= -1", 17, "never negative", ""},
    {"answer.mean <= 15s", 15, "ends in _ms", "15"},
    {"score <= 15s", 9, "ends in _ms", ""},
    {"latency_ms.count >= 15s", 20, "is no duration", "15"},
    {"latency_ms.pass_rate >= 1s", 24, "is no duration", ""},
    /* references */
    {"answer.mean >= baseline-0.02", 23, "between blanks", "baseline - 0.02"},
    {"answer.mean >= baseline*0.9", 23, "between blanks", "baseline * 0.9"},
    {"answer.mean >= baseline+0.1", 23, "between blanks", "baseline + 0.1"},
    {"answer.mean >= baseline -0.02", 25, "between blanks", "write '- 0.02'"},
    {"answer.mean >= answer.mean-0.02", 26, "between blanks", "answer.mean - 0.02"},
    {"answer.mean >= other.mean[tag=a]-0.02", 32, "between blanks", ""},
    {"answer.mean >= baseline[tag=a]", 23, "takes no filter", ""},
    {"answer.mean >= baseline - 2%", 26, "two ways", "write '- 0.02' (points) or '* 0.98' (relative)"},
    {"latency_ms.p95 <= baseline + 10%", 29, "two ways", "'+ 0.1' (points) or '* 1.1' (relative)"},
    {"answer.mean >= baseline * 98%", 26, "two ways", "write '* 0.98'"},
    {"answer.mean >= other.mean - 2%", 28, "after 'other.mean'", "- 0.02"},
    {"answer.mean >= baseline / 2", 24, "no division", "* 0.5"},
    {"latency_ms.p95 <= baseline * 2s", 29, "a factor has no unit", "* 2"},
    {"latency_ms.p95 <= baseline * -2", 29, "not negative", ""},
    {"answer.mean >= baseline - 2s", 26, "ends in _ms", "2"},
    {"answer.mean >= baseline -", 25, "no number", ""},
    {"answer.mean >= baseline 0.02", 24, "unexpected '0.02'", ""},
    {"answer.mean >= baselines", 15, "'baselines' needs a statistic", ""},
    {"answer.mean >= 0.5 - 0.1", 19, "unexpected '-'", "arithmetic only after"},
    {"answer.mean >= baseline - 0.02 - 0.01", 31, "unexpected '-'", ""},
    {"baseline >= answer.mean", 0, "on the right", "baseline - 0.02"},
    /* confidence */
    {"answer.mean >= 0.8 with", 23, "no number", "with 95% confidence"},
    {"answer.mean >= 0.8 with 95 confidence", 24, "is a percentage", "with 95% confidence"},
    {"answer.mean >= 0.8 with 0.95 confidence", 24, "is a percentage", "with 95% confidence"},
    {"answer.mean >= 0.8 with 95%", 27, "expected 'confidence'", "with 95% confidence"},
    {"answer.mean >= 0.8 with 95% conf", 28, "expected 'confidence'", ""},
    {"answer.mean >= 0.8 with 95 % confidence", 24, "is a percentage", ""},
    {"answer.mean >= 0.8 with 100% confidence", 24, "between 50% and 100%", ""},
    {"answer.mean >= 0.8 with 5% confidence", 24, "between 50% and 100%", ""},
    {"answer.mean >= 0.8 with 95% confidence now", 39, "unexpected 'now'", ""},
    {"answer.min >= 0.8 with 95% confidence", 0, "takes no confidence", "exact"},
    {"answer.max >= 0.8 with 95% confidence", 0, "takes no confidence", ""},
    {"answer.sum >= 0.8 with 95% confidence", 0, "takes no confidence", ""},
    {"answer.count >= 8 with 95% confidence", 0, "takes no confidence", ""},
    {"answer.stddev >= 8 with 95% confidence", 0, "takes no confidence", ""},
    {"q.f1_macro >= 0.8 with 95% confidence", 0, "takes no confidence", ""},
    {"q.recall[label=a] >= 0.8 with 95% confidence", 0, "takes no confidence", ""},
    {"q.precision[label=a] >= 0.8 with 95% confidence", 0, "takes no confidence", ""},
    {"answer.not_scored <= 8 with 95% confidence", 0, "takes no confidence", ""},
    {"errors <= 8 with 95% confidence", 0, "takes no confidence", ""},
    {"cases >= 8 with 95% confidence", 0, "takes no confidence", ""},
    {"samples >= 8 with 95% confidence", 0, "takes no confidence", ""},
    {"error_rate <= 8% with 95% confidence", 0, "takes no confidence", ""},
    {"answer.mean >= answer.max with 95% confidence", 15, "takes no confidence", ""},
    /* regressions */
    {"no regression", 13, "expected 'no regression of'", "beyond 0.02"},
    {"no regression in answer.mean", 14, "expected 'no regression of'", ""},
    {"no regressions of answer.mean", 3, "expected 'no regression of'", ""},
    {"no regression of", 16, "expected a statistic", ""},
    {"no regression of answer", 17, "needs a statistic", ""},
    {"no regression of answer.mean beyond", 35, "no number", ""},
    {"no regression of answer.mean beyond 2%", 36, "two ways", "write 0.02"},
    {"no regression of answer.mean beyond -0.02", 36, "not negative", "write 0.02"},
    {"no regression of answer.mean beyond 20ms", 36, "ends in _ms", ""},
    {"no regression of answer.mean >= 0.5", 29, "by itself", "beyond 0.02"},
    {"no regression of answer.max", 17, "has no test", "<= baseline"},
    {"no regression of errors", 17, "has no test", ""},
    {"no regression of answer.mean 0.02", 29, "unexpected '0.02'", ""},
    /* more than one */
    {"answer.mean >= 0.5 beyond 0.02", 19, "unexpected 'beyond'", "no regression of answer.mean"},
    {"pass_rate >= 80% and errors <= 2", 17, "unexpected 'and'", "two gates"},
    {"pass_rate >= 80%, errors <= 2", 15, "no number", ""},
};

static void refuses_with_place_and_hint(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(REFUSED); i++) {
        struct gate_expr gate = {0};
        size_t offset = SIZE_MAX;
        struct str hint = STR_NULL;
        struct err err = ERR_NULL;
        const char *row = REFUSED[i].text;
        bool ok = gate_expr_parse(&arena, str_from(row), &gate, &offset, &hint, &err);
        CHECK(row, !ok);
        if (ok) {
            continue;
        }
        CHECK_INT(row, err.kind, ERR_SUITE);
        CHECK_INT(row, offset, REFUSED[i].offset);
        CHECK_CONTAINS(row, str_from(err.text), REFUSED[i].says);
        CHECK_CONTAINS(row, hint, REFUSED[i].hint);
    }
}

static const struct {
    const char *text;
    enum stat_kind kind;
    const char *dimension; /* NULL = bare */
    enum gate_op op;
    double number;
    enum gate_unit unit;
} CLAIMS[] = {
    {"pass_rate >= 80%", STAT_PASS_RATE, NULL, GATE_GE, 0.8, GATE_UNIT_PERCENT},
    {"  pass_rate \t>=   80%  ", STAT_PASS_RATE, NULL, GATE_GE, 0.8, GATE_UNIT_PERCENT},
    {"pass_rate >= 0.8", STAT_PASS_RATE, NULL, GATE_GE, 0.8, GATE_UNIT_NONE},
    {"pass_rate >= 1", STAT_PASS_RATE, NULL, GATE_GE, 1, GATE_UNIT_NONE},
    {"pass_rate >= 100%", STAT_PASS_RATE, NULL, GATE_GE, 1, GATE_UNIT_PERCENT},
    {"answer.pass_rate < 22.5%", STAT_PASS_RATE, "answer", GATE_LT, 0.225, GATE_UNIT_PERCENT},
    {"answer.pass_rate > 99.9%", STAT_PASS_RATE, "answer", GATE_GT, 0.999, GATE_UNIT_PERCENT},
    {"score >= 0", STAT_SCORE, NULL, GATE_GE, 0, GATE_UNIT_NONE},
    {"cases == 200", STAT_CASES, NULL, GATE_EQ, 200, GATE_UNIT_NONE},
    {"cases == 0200", STAT_CASES, NULL, GATE_EQ, 200, GATE_UNIT_NONE},
    {"samples != 0", STAT_SAMPLES, NULL, GATE_NE, 0, GATE_UNIT_NONE},
    {"errors <= 2", STAT_ERRORS, NULL, GATE_LE, 2, GATE_UNIT_NONE},
    {"error_rate <= 1%", STAT_ERROR_RATE, NULL, GATE_LE, 0.01, GATE_UNIT_PERCENT},
    {"answer.count == 200", STAT_COUNT, "answer", GATE_EQ, 200, GATE_UNIT_NONE},
    {"answer.not_scored == 0", STAT_NOT_SCORED, "answer", GATE_EQ, 0, GATE_UNIT_NONE},
    {"answer.mean >= -0.5", STAT_MEAN, "answer", GATE_GE, -0.5, GATE_UNIT_NONE},
    {"answer.min >= -10", STAT_MIN, "answer", GATE_GE, -10, GATE_UNIT_NONE},
    {"steps.max <= 4", STAT_MAX, "steps", GATE_LE, 4, GATE_UNIT_NONE},
    {"cost_usd.sum <= 0.05", STAT_SUM, "cost_usd", GATE_LE, 0.05, GATE_UNIT_NONE},
    {"a-b_C9.stddev <= 00.5", STAT_STDDEV, "a-b_C9", GATE_LE, 0.5, GATE_UNIT_NONE},
    {"no.mean >= 1", STAT_MEAN, "no", GATE_GE, 1, GATE_UNIT_NONE},
    {"baseline-x.mean >= 1", STAT_MEAN, "baseline-x", GATE_GE, 1, GATE_UNIT_NONE},
    {"latency_ms.p95 <= 15s", STAT_QUANTILE, "latency_ms", GATE_LE, 15000, GATE_UNIT_DURATION},
    {"latency_ms.mean <= 250ms", STAT_MEAN, "latency_ms", GATE_LE, 250, GATE_UNIT_DURATION},
    {"latency_ms.max <= 1.5m", STAT_MAX, "latency_ms", GATE_LE, 90000, GATE_UNIT_DURATION},
    {"latency_ms.p50 <= 1500", STAT_QUANTILE, "latency_ms", GATE_LE, 1500, GATE_UNIT_NONE},
    {"queue.f1_macro >= 0.8", STAT_F1_MACRO, "queue", GATE_GE, 0.8, GATE_UNIT_NONE},
    {"queue.recall[label=billing] >= 75%", STAT_RECALL, "queue", GATE_GE, 0.75, GATE_UNIT_PERCENT},
    {"queue.precision[label=bug] >= 100%", STAT_PRECISION, "queue", GATE_GE, 1, GATE_UNIT_PERCENT},
    {"answer.pass@3 >= 85%", STAT_PASS_AT, "answer", GATE_GE, 0.85, GATE_UNIT_PERCENT},
    {"answer.pass^10 >= 85%", STAT_PASS_ALL, "answer", GATE_GE, 0.85, GATE_UNIT_PERCENT},
};

static bool parse(struct arena *arena, const char *text, struct gate_expr *ret)
{
    size_t offset = 0;
    struct str hint = STR_NULL;
    struct err err = ERR_NULL;
    bool ok = gate_expr_parse(arena, str_from(text), ret, &offset, &hint, &err);
    check_true_at(ok, text, err.text, __FILE__, __LINE__);
    return ok;
}

static void reads_claims(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(CLAIMS); i++) {
        const char *row = CLAIMS[i].text;
        struct gate_expr gate;
        if (!parse(&arena, row, &gate)) {
            continue;
        }
        CHECK(row, !gate.is_regression && !gate.has_confidence && !gate.has_beyond);
        CHECK_INT(row, gate.left.kind, CLAIMS[i].kind);
        CHECK(row, (gate.left.dimension.ptr == NULL) == (CLAIMS[i].dimension == NULL));
        CHECK_CSTR(row, gate.left.dimension, CLAIMS[i].dimension);
        CHECK_INT(row, gate.op, CLAIMS[i].op);
        CHECK_INT(row, gate.right_kind, RIGHT_NUMBER);
        CHECK_DOUBLE(row, gate.right_number, CLAIMS[i].number, 0);
        CHECK_INT(row, gate.right_unit, CLAIMS[i].unit);
    }
}

static void reads_places(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct gate_expr gate;
    char room[] = " a.mean[tag=x y,variant=\"b, c]\", cluster = k ] >=  b.p99.9[tag=z] * 0.5 with 90% confidence";
    if (!parse(&arena, room, &gate)) {
        return;
    }
    memset(room, 'X', sizeof(room) - 1); /* the gate keeps a text of its own */
    CHECK_CSTR("left", gate.left.text, "a.mean[tag=x y,variant=\"b, c]\", cluster = k ]");
    CHECK_INT("left at", gate.left.offset, 1);
    CHECK_INT("dimension at", gate.left.dimension_offset, 1);
    CHECK_INT("filter at", gate.left.filter_offset, 7);
    CHECK_CSTR("tag", gate.left.filter.tag, "x y");
    CHECK_CSTR("variant", gate.left.filter.variant, "b, c]");
    CHECK_CSTR("cluster", gate.left.filter.cluster, "k");
    CHECK("label", gate.left.filter.label.ptr == NULL);
    CHECK_INT("tag at", gate.left.filter.tag.ptr - gate.text.ptr, 12);
    CHECK_INT("op at", gate.op_offset, 47);
    CHECK_INT("right at", gate.right_at, 51);
    CHECK_INT("right kind", gate.right_kind, RIGHT_STAT);
    CHECK_CSTR("right", gate.right_stat.text, "b.p99.9[tag=z]");
    CHECK_CSTR("right tag", gate.right_stat.filter.tag, "z");
    CHECK_DOUBLE("quantile", gate.right_stat.quantile, 0.999, 0);
    CHECK_DOUBLE("factor", gate.right_factor, 0.5, 0);
    CHECK_DOUBLE("offset", gate.right_offset, 0, 0);
    CHECK("confidence", gate.has_confidence);
    CHECK_DOUBLE("confidence", gate.confidence, 0.9, 0);
}

static const struct {
    const char *text;
    enum gate_right_kind kind;
    double factor, offset;
} REFERENCES[] = {
    {"answer.mean >= baseline", RIGHT_BASELINE, 1, 0},
    {"answer.mean >= baseline - 0.02", RIGHT_BASELINE, 1, -0.02},
    {"answer.mean >= baseline + 0.02", RIGHT_BASELINE, 1, 0.02},
    {"answer.mean >= baseline - -0.02", RIGHT_BASELINE, 1, 0.02},
    {"answer.mean >= baseline * 0.98", RIGHT_BASELINE, 0.98, 0},
    {"errors <= baseline", RIGHT_BASELINE, 1, 0},
    {"cases == baseline", RIGHT_BASELINE, 1, 0},
    {"errors == answer.not_scored", RIGHT_STAT, 1, 0},
    {"errors <= samples * 0.01", RIGHT_STAT, 0.01, 0},
    {"cost_usd.mean[variant=mini] <= cost_usd.mean[variant=large] * 0.5", RIGHT_STAT, 0.5, 0},
    {"answer.mean[variant=large] >= answer.mean[variant=mini] - 0.02 with 95% confidence", RIGHT_STAT, 1, -0.02},
    {"latency_ms.p95 <= baseline + 200ms", RIGHT_BASELINE, 1, 200},
    {"latency_ms.p95 <= latency_ms.p50 + 2s", RIGHT_STAT, 1, 2000},
    {"latency_ms.p95 <= baseline * 1.1 with 95% confidence", RIGHT_BASELINE, 1.1, 0},
};

static void reads_references(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(REFERENCES); i++) {
        const char *row = REFERENCES[i].text;
        struct gate_expr gate;
        if (parse(&arena, row, &gate)) {
            CHECK_INT(row, gate.right_kind, REFERENCES[i].kind);
            CHECK_DOUBLE(row, gate.right_factor, REFERENCES[i].factor, 0);
            CHECK_DOUBLE(row, gate.right_offset, REFERENCES[i].offset, 0);
        }
    }
}

static const struct {
    const char *text;
    bool has_beyond;
    double beyond;
    bool has_confidence;
    double confidence;
} REGRESSIONS[] = {
    {"no regression of answer.mean", false, 0, false, 0.95},
    {"no regression of answer.mean beyond 0.02", true, 0.02, false, 0.95},
    {"no  regression of pass_rate with 99% confidence", false, 0, true, 0.99},
    {"no regression of score beyond 0 with 80% confidence", true, 0, true, 0.8},
    {"no regression of latency_ms.p95 beyond 1.5s", true, 1500, false, 0.95},
    {"no regression of latency_ms.p95[tag=a] beyond 100", true, 100, false, 0.95},
    {"no regression of answer.pass@3 with 99.9% confidence", false, 0, true, 0.999},
};

static void reads_regressions(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(REGRESSIONS); i++) {
        const char *row = REGRESSIONS[i].text;
        struct gate_expr gate;
        if (parse(&arena, row, &gate)) {
            CHECK(row, gate.is_regression);
            CHECK_INT(row, gate.has_beyond, REGRESSIONS[i].has_beyond);
            CHECK_DOUBLE(row, gate.beyond, REGRESSIONS[i].beyond, 0);
            CHECK_INT(row, gate.has_confidence, REGRESSIONS[i].has_confidence);
            CHECK_DOUBLE(row, gate.confidence, REGRESSIONS[i].confidence, 0);
        }
    }
}

static void knows_reserved_names(void)
{
    static const char *const RESERVED[] = {"mean",       "pass_rate", "min",   "max",       "sum",     "count",
                                           "stddev",     "p1",        "p50",   "p99",       "p99.9",   "not_scored",
                                           "f1_macro",   "recall",    "score", "precision", "samples", "errors",
                                           "error_rate", "cases",     "pass",  "with",      "baseline"};
    static const char *const FREE[] = {"answer", "p", "p0", "p100", "p95x", "latency_ms", "meanx", "Mean", "no", ""};
    for (size_t i = 0; i < ARRAY_LEN(RESERVED); i++) {
        CHECK(RESERVED[i], stat_is_reserved_name(str_from(RESERVED[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(FREE); i++) {
        CHECK(FREE[i], !stat_is_reserved_name(str_from(FREE[i])));
    }
}

static void knows_kinds(void)
{
    for (int kind = STAT_MEAN; kind <= STAT_ERROR_RATE; kind++) {
        bool counts = kind == STAT_COUNT || kind == STAT_NOT_SCORED || kind == STAT_CASES || kind == STAT_SAMPLES ||
                      kind == STAT_ERRORS;
        CHECK_INT("count", stat_is_count((enum stat_kind)kind), counts);
    }
    for (int op = GATE_GE; op <= GATE_NE; op++) {
        CHECK("op", strlen(gate_op_text((enum gate_op)op)) > 0);
    }
}

/* A gate made at random beside what it says, so that reading is compared with writing. */
struct made {
    char text[400];
    struct gate_expr want;
};

static const char *pick(struct rng *rng, const char *const *words, size_t len)
{
    return words[rng_below(rng, len)];
}

static void add(struct made *m, const char *text)
{
    size_t used = strlen(m->text);
    (void)snprintf(m->text + used, sizeof(m->text) - used, "%s", text);
}

static void make_stat(struct rng *rng, struct made *m, struct stat_ref *want)
{
    static const char *const DIMENSIONS[] = {"a", "latency_ms", "x-1_y", "Answer", "no", "tokens"};
    static const struct {
        const char *text;
        enum stat_kind kind;
    } NAMES[] = {{".mean", STAT_MEAN},       {".pass_rate", STAT_PASS_RATE}, {".p7", STAT_QUANTILE},
                 {".p99.99", STAT_QUANTILE}, {".pass@12", STAT_PASS_AT},     {".pass^2", STAT_PASS_ALL}};
    static const char *const WORDS[] = {"easy", "a b", "\"q, ]\"", "caf\xc3\xa9", "1.5", "x=y", "\" \""};
    static const char *const KEYS[] = {"tag", "variant", "cluster"};
    want->offset = strlen(m->text);
    const char *dimension = pick(rng, DIMENSIONS, ARRAY_LEN(DIMENSIONS));
    size_t name = (size_t)rng_below(rng, ARRAY_LEN(NAMES));
    want->dimension = str_from(dimension);
    want->kind = NAMES[name].kind;
    add(m, dimension);
    add(m, NAMES[name].text);
    struct str *slots[] = {&want->filter.tag, &want->filter.variant, &want->filter.cluster};
    bool is_open = false;
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        if (rng_below(rng, 3) != 0) {
            continue;
        }
        const char *word = pick(rng, WORDS, ARRAY_LEN(WORDS));
        add(m, is_open ? "," : "[");
        add(m, KEYS[i]);
        add(m, "=");
        add(m, word);
        struct str plain = str_from(word);
        *slots[i] = word[0] == '"' ? str_slice(plain, 1, plain.len - 1) : plain;
        is_open = true;
    }
    add(m, is_open ? "]" : "");
}

static void make_change(struct rng *rng, struct made *m)
{
    static const char *const NUMBERS[] = {"0", "0.02", "12.5", "3"};
    static const double VALUES[] = {0, 0.02, 12.5, 3};
    size_t number = (size_t)rng_below(rng, ARRAY_LEN(NUMBERS));
    size_t kind = (size_t)rng_below(rng, 4);
    static const char *const OPS[] = {" + ", " - ", " * "};
    if (kind == 3) {
        return;
    }
    add(m, OPS[kind]);
    add(m, NUMBERS[number]);
    if (kind == 2) {
        m->want.right_factor = VALUES[number];
    } else {
        m->want.right_offset = kind == 1 ? -VALUES[number] : VALUES[number];
    }
}

static void make_gate(struct rng *rng, struct made *m)
{
    static const char *const OPS[] = {" >= ", " <= ", " > ", " < "};
    *m = (struct made){.want = {.right_factor = 1}};
    m->want.is_regression = rng_below(rng, 4) == 0;
    if (m->want.is_regression) {
        m->want.confidence = 0.95;
        add(m, "no regression of ");
        make_stat(rng, m, &m->want.left);
        m->want.has_beyond = rng_below(rng, 2) == 0;
        m->want.beyond = m->want.has_beyond ? 0.125 : 0;
        add(m, m->want.has_beyond ? " beyond 0.125" : "");
    } else {
        make_stat(rng, m, &m->want.left);
        m->want.op = (enum gate_op)rng_below(rng, ARRAY_LEN(OPS));
        add(m, OPS[m->want.op]);
        m->want.right_at = strlen(m->text);
        m->want.right_kind = (enum gate_right_kind)rng_below(rng, 3);
        if (m->want.right_kind == RIGHT_NUMBER) {
            m->want.right_number = 0.375;
            add(m, rng_below(rng, 2) == 0 ? "0.375" : "37.5%");
        } else if (m->want.right_kind == RIGHT_BASELINE) {
            add(m, "baseline");
            make_change(rng, m);
        } else {
            make_stat(rng, m, &m->want.right_stat);
            make_change(rng, m);
        }
    }
    if (rng_below(rng, 2) == 0) {
        m->want.has_confidence = true;
        m->want.confidence = 0.9;
        add(m, " with 90% confidence");
    }
}

static void check_stat(const char *row, const struct stat_ref *got, const struct stat_ref *want)
{
    CHECK_STR(row, got->dimension, want->dimension);
    CHECK_INT(row, got->kind, want->kind);
    CHECK_INT(row, got->offset, want->offset);
    CHECK_STR(row, got->filter.tag, want->filter.tag);
    CHECK_STR(row, got->filter.variant, want->filter.variant);
    CHECK_STR(row, got->filter.cluster, want->filter.cluster);
}

static void reads_what_was_written(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct rng rng;
    rng_seed(&rng, 20261);
    for (int i = 0; i < 5000; i++) {
        struct made made;
        struct gate_expr gate;
        make_gate(&rng, &made);
        if (!parse(&arena, made.text, &gate)) {
            continue;
        }
        check_stat(made.text, &gate.left, &made.want.left);
        CHECK_INT(made.text, gate.is_regression, made.want.is_regression);
        CHECK_INT(made.text, gate.op, made.want.op);
        CHECK_INT(made.text, gate.right_at, made.want.right_at);
        CHECK_INT(made.text, gate.right_kind, made.want.right_kind);
        if (gate.right_kind == RIGHT_STAT) {
            check_stat(made.text, &gate.right_stat, &made.want.right_stat);
        }
        CHECK_DOUBLE(made.text, gate.right_number, made.want.right_number, 0);
        CHECK_DOUBLE(made.text, gate.right_factor, made.want.right_factor, 0);
        CHECK_DOUBLE(made.text, gate.right_offset, made.want.right_offset, 0);
        CHECK_DOUBLE(made.text, gate.beyond, made.want.beyond, 0);
        CHECK_INT(made.text, gate.has_confidence, made.want.has_confidence);
        CHECK_DOUBLE(made.text, gate.confidence, made.want.confidence, 0);
        arena_reset(&arena);
    }
}

/* Whatever is typed: a gate, or a fault within the text with a sentence. The text has no NUL behind it, so that a read past it is seen. */
static void survives_any_text(void)
{
    static const char ALPHABET[] = "[],=\"<>!+-*/%. \t0a5mspbx@^_\0\xc3";
    struct rng rng;
    rng_seed(&rng, 7);
    size_t accepted = 0;
    for (int i = 0; i < 40000; i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct made made;
        make_gate(&rng, &made);
        size_t len = strlen(made.text);
        for (uint64_t edits = 1 + rng_below(&rng, 4); edits > 0 && len > 1; edits--) {
            size_t at = (size_t)rng_below(&rng, len);
            switch (rng_below(&rng, 3)) {
            case 0:
                made.text[at] = ALPHABET[rng_below(&rng, sizeof(ALPHABET) - 1)];
                break;
            case 1:
                len--;
                memmove(made.text + at, made.text + at + 1, len - at);
                break;
            default:
                len = at + 1;
            }
        }
        struct str text = {arena_copy(&arena, made.text, len), len};
        struct gate_expr gate;
        size_t offset = SIZE_MAX;
        struct str hint = STR_NULL;
        struct err err = ERR_NULL;
        if (gate_expr_parse(&arena, text, &gate, &offset, &hint, &err)) {
            accepted++;
            continue;
        }
        CHECK("offset within the text", offset <= len);
        CHECK("a sentence", err.kind == ERR_SUITE && err.text[0] != '\0');
    }
    CHECK("some are still gates", accepted > 100);
}

int main(void)
{
    static const struct check_test TESTS[] = {
        {"refuses with place and hint", refuses_with_place_and_hint},
        {"reads claims", reads_claims},
        {"reads places", reads_places},
        {"reads references", reads_references},
        {"reads regressions", reads_regressions},
        {"knows reserved names", knows_reserved_names},
        {"knows kinds", knows_kinds},
        {"reads what was written", reads_what_was_written},
        {"survives any text", survives_any_text},
    };
    return check_run("gate_expr", TESTS, ARRAY_LEN(TESTS));
}
