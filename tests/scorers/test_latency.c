/* latency, cost and tokens: what the call used. */

#include "tests/check.h"
#include "tests/scorers/rig.h"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"no unit", "- latency: {max: 20}", "'max' wants a duration", NULL, 0},
        {"min above max", "- latency: {min: 2s, max: 1s}", "min is above max", NULL, 3},
        {"from", "- latency: {from: /a}", "'from' reads the output", NULL, 3},
        {"extract", "- cost: {extract: a}", "'extract' reads the output", NULL, 3},
        {"match", "- tokens: {match: last}", "there is no 'extract'", NULL, 3},
        {"not", "- cost: {max: 1, not: true}", "'not' is for judged scores", NULL, 3},
        {"a currency", "- cost: {max: 5usd}", "'max' wants", NULL, 0},
        {"tokens of what", "- tokens: {of: all}", "'of' wants", NULL, 0},
        {"tokens min above max", "- tokens: {min: 2, max: 1}", "min is above max", NULL, 3},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

static void test_unknown(void)
{
    static const struct scored rows[] = {
        {"latency", "latency", "x", NULL, SCORE_NOT_SCORED, "replayed, or answered from a cache"},
        {"latency with a bound", "latency: 20s", "x", NULL, SCORE_NOT_SCORED, NULL},
        {"cost", "cost: 1", "x", NULL, SCORE_NOT_SCORED, "no cost"},
        {"tokens", "tokens: 1", "x", NULL, SCORE_NOT_SCORED, "no tokens"},
        {"input tokens", "tokens: {of: input}", "x", NULL, SCORE_NOT_SCORED, "no tokens"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_known(void)
{
    static const struct {
        const char *scorer, *dimension;
        enum score_outcome outcome;
        double value;
        const char *comment;
    } rows[] = {
        {"- latency", "latency_ms", SCORE_NONE, 1250.5, "measured: 1250.5 ms"},
        {"- latency: 2s", "latency_ms", SCORE_PASS, 1250.5, "pass: 1250.5 ms"},
        {"- latency: {max: 1s}", "latency_ms", SCORE_FAIL, 1250.5, "fail: 1250.5 ms, over 1000"},
        {"- latency: {min: 2s}", "latency_ms", SCORE_FAIL, 1250.5, "fail: 1250.5 ms, below 2000"},
        {"- latency: {max: 1s, dimension: wait}", "wait", SCORE_FAIL, 1250.5, NULL},
        {"- cost", "cost_usd", SCORE_NONE, 0.00125, "measured: 0.00125 usd"},
        {"- cost: 0.001", "cost_usd", SCORE_FAIL, 0.00125, "fail: 0.00125 usd, over 0.001"},
        {"- cost: {max: 0.00125}", "cost_usd", SCORE_PASS, 0.00125, NULL},
        {"- tokens: 100", "output_tokens", SCORE_PASS, 70, "pass: 70 tokens"},
        {"- tokens: {max: 200, of: input}", "input_tokens", SCORE_FAIL, 300, "fail: 300 tokens, over 200"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        if (!rig_load(rig, rows[i].scorer, rows[i].scorer)) {
            continue;
        }
        rig->output.measures = (struct call_measures){.has_latency = true,
                                                      .latency_ms = 1250.5,
                                                      .has_cost = true,
                                                      .cost_usd = 0.00125,
                                                      .has_output_tokens = true,
                                                      .output_tokens = 70,
                                                      .has_input_tokens = true,
                                                      .input_tokens = 300};
        rig_text(rig, STR("")); /* an empty output is no reason not to know */
        rig_run(rig);
        const struct score *score = rig_score(rig, rows[i].dimension);
        CHECK(rows[i].scorer, score != NULL);
        if (score != NULL) {
            CHECK_INT(rows[i].scorer, score->outcome, rows[i].outcome);
            CHECK_DOUBLE(rows[i].scorer, score->value, rows[i].value, 0);
            CHECK_CONTAINS(rows[i].scorer, score->comment, rows[i].comment == NULL ? "" : rows[i].comment);
            CHECK_INT(rows[i].scorer, rig->dimensions[0].direction, DIRECTION_LOWER);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"unknown", test_unknown},
        {"known", test_known},
    };
    return check_run("scorers/latency", tests, ARRAY_LEN(tests));
}
