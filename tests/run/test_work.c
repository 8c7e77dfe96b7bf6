/* One sample's way, step by step: which call comes next, what a refused parent, a retry, a deadline and a judge make of it. Calls are answered by hand. */

#include "run/work.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/service.h"
#include "run/retry.h"
#include "scorers/scoring.h"
#include "suites/cases.h"
#include "tests/check.h"
#include "tests/suites/suite_text.h"

#define TASK "suite: s\ntarget: {opper: {name: t}}\n"
#define CASES "cases: [{id: one, input: x, expected: '1'}]\n"
#define EXACT "scorers: [exact]\n"
#define JUDGE "scorers: [exact, judge: {rubric: good?, dimension: good}]\n"
#define ONE "{\"span_id\":\"c-1\",\"message\":\"1\",\"cost\":0.25}"
#define GOOD "{\"span_id\":\"c-2\",\"json_payload\":{\"reason\":\"r\",\"score\":1},\"cost\":0.5}"

struct sample {
    struct suite_text t;
    struct service service;
    struct shared_case shared;
    struct run_record run;
    struct work work;
    struct work_retrying retrying;
    struct err err;
    int64_t now_ns;
};

static bool begin(struct sample *s, const char *text)
{
    *s = (struct sample){.service = {.base_url = "https://opper.test/v2"}, .now_ns = NS_PER_S};
    suite_text_open(&s->t);
    s->t.options.service = &s->service;
    rng_seed(&s->retrying.rng, 1);
    struct case_reader *reader CLEANUP(case_reader_close) = NULL;
    bool has = false;
    if (!suite_text_load_clean(&s->t, text, text) || !case_reader_open(s->t.suite, NULL, &reader, &s->err) ||
        !case_reader_next(reader, &s->shared.arena, &has, &s->shared.eval_case, &s->err)) {
        CHECK_CSTR("suite", str_from(s->err.text), "");
        return false;
    }
    s->shared.input_json = STR("\"x\"");
    memset(s->run.id.bytes, 0xab, sizeof(s->run.id.bytes));
    s->work = (struct work){
        .shared = &s->shared, .suite = s->t.suite, .variant = &s->t.suite->variants[0], .run = &s->run, .trial = 1};
    (void)work_begin(&s->work, s->now_ns, 1000, &s->err);
    return true;
}

static void end(struct sample *s)
{
    scoring_drop(s->work.scoring);
    arena_deinit(&s->work.arena);
    arena_deinit(&s->shared.arena);
    suite_text_close(&s->t);
}

static enum work_next answer(struct sample *s, struct call_result result)
{
    result.retry_after_ns = result.retry_after_ns == 0 ? -1 : result.retry_after_ns;
    result.latency_ns = result.latency_ns == 0 ? NS_PER_MS : result.latency_ns;
    return work_answer(&s->work, &result, s->now_ns, 1001, &s->retrying, &s->err);
}

static enum work_next answer_http(struct sample *s, unsigned status, const char *body)
{
    return answer(s, (struct call_result){.status = status == 200 ? CALL_OK : CALL_HTTP_STATUS,
                                          .http_status = status,
                                          .output = str_from(body)});
}

static enum work_next resume(struct sample *s)
{
    CHECK("never before its time", s->work.resume_ns >= s->now_ns);
    s->now_ns = s->work.resume_ns;
    return work_retry(&s->work, s->now_ns, &s->err);
}

static bool names_parent(const struct sample *s)
{
    return str_find(s->work.call.input, STR("\"parent_span_id\":\""), NULL);
}

static void test_parent(void)
{
    static const unsigned blames[] = {404, 422};
    for (size_t i = 0; i < ARRAY_LEN(blames); i++) {
        struct sample s;
        if (!begin(&s, TASK CASES JUDGE)) {
            return;
        }
        s.work.has_parent_span = true;
        (void)work_begin(&s.work, s.now_ns, 1000, &s.err);
        CHECK("the call names its sample's span", names_parent(&s));
        CHECK_INT("refused: once more, at once", answer_http(&s, blames[i], ""), WORK_CALL);
        CHECK("without it", !names_parent(&s));
        CHECK_INT("which is no attempt", s.work.tries, 1);
        CHECK_INT("answered", answer_http(&s, 200, ONE), WORK_SCORE);
        CHECK_INT("attempts", s.work.output.measures.attempts, 1);
        CHECK_INT("a judge", work_score(&s.work, 0, 1002), WORK_CALL);
        CHECK("does not try it again", !names_parent(&s));
        end(&s);
    }
    struct sample s;
    if (!begin(&s, TASK CASES EXACT)) {
        return;
    }
    s.work.has_parent_span = true;
    (void)work_begin(&s.work, s.now_ns, 1000, &s.err);
    CHECK_INT("404", answer_http(&s, 404, ""), WORK_CALL);
    CHECK_INT("404 without a parent is what it says", answer_http(&s, 404, "{\"detail\":\"no model\"}"), WORK_BROKEN);
    CHECK_CONTAINS("404", str_from(s.err.text), "404 Not Found: no model");
    end(&s);
}

static void test_parent_of_a_judge(void)
{
    struct sample s;
    if (!begin(&s, TASK CASES JUDGE)) {
        return;
    }
    s.work.has_parent_span = true; /* known since the call */
    CHECK_INT("answered", answer_http(&s, 200, ONE), WORK_SCORE);
    CHECK_INT("a judge", work_score(&s.work, 0, 1002), WORK_CALL);
    CHECK("below the sample", names_parent(&s));
    CHECK_INT("refused", answer_http(&s, 422, ""), WORK_SCORE);
    CHECK_INT("described anew", work_score(&s.work, 0, 1002), WORK_CALL);
    CHECK("without it", !names_parent(&s));
    CHECK_INT("judged", answer_http(&s, 200, GOOD), WORK_SCORE);
    CHECK_INT("recorded", work_score(&s.work, 0, 1003), WORK_RECORD);
    CHECK_INT("passed", s.work.record.pass, PASS_YES);
    CHECK_DOUBLE("what it cost", s.work.cost_usd, 0.75, 1e-12);
    CHECK_CONTAINS("apart", s.work.record.meta, "\"judge_cost_usd\":0.5}");
    CHECK_DOUBLE("the target's own", s.work.record.measures.cost_usd, 0.25, 1e-12);
    end(&s);
}

static void test_retries(void)
{
    struct sample s;
    if (!begin(&s, TASK CASES EXACT)) {
        return;
    }
    CHECK("not a repeat", !s.work.call.http.is_repeat);
    CHECK_INT(
        "503",
        answer(&s,
               (struct call_result){.status = CALL_HTTP_STATUS, .http_status = 503, .retry_after_ns = 7 * NS_PER_S}),
        WORK_PAUSE);
    CHECK("as long as the server says, and up to a tenth more",
          s.work.resume_ns >= s.now_ns + 7 * NS_PER_S && s.work.resume_ns <= s.now_ns + 77 * NS_PER_S / 10);
    CHECK_INT("again", resume(&s), WORK_CALL);
    CHECK("a repeat", s.work.call.http.is_repeat);
    CHECK_INT("a longer pause than anybody has",
              answer(&s, (struct call_result){.status = CALL_HTTP_STATUS,
                                              .http_status = 429,
                                              .retry_after_ns = (LIMIT_RETRY_AFTER_S + 1) * NS_PER_S}),
              WORK_RECORD);
    CHECK_INT("errored", s.work.record.error, ERROR_RATE_LIMIT);
    CHECK_INT("attempts", s.work.record.measures.attempts, 2);
    CHECK_CONTAINS("kept", s.work.record.meta,
                   "\"retried\":[{\"error\":\"service\",\"text\":\"503 Service Unavailable");
    end(&s);

    if (!begin(&s, TASK CASES EXACT)) {
        return;
    }
    for (int i = 0; i < 3; i++) {
        CHECK_INT("500", answer_http(&s, 500, ""), WORK_PAUSE);
        CHECK_INT("again", resume(&s), WORK_CALL);
    }
    CHECK_INT("three times by default", answer_http(&s, 500, ""), WORK_RECORD);
    CHECK_INT("attempts", s.work.record.measures.attempts, 4);
    end(&s);

    if (!begin(&s, TASK CASES JUDGE "retries: 1\n")) {
        return;
    }
    CHECK_INT("answered", answer_http(&s, 200, ONE), WORK_SCORE);
    CHECK_INT("a judge", work_score(&s.work, 0, 1002), WORK_CALL);
    CHECK_INT("is tried again", answer_http(&s, 502, ""), WORK_PAUSE);
    CHECK_INT("the same call", resume(&s), WORK_CALL);
    CHECK("a repeat", s.work.call.http.is_repeat);
    CHECK_INT("but once", answer_http(&s, 502, ""), WORK_SCORE);
    CHECK_INT("then it has not scored", work_score(&s.work, 0, 1003), WORK_RECORD);
    CHECK_INT("errored", s.work.record.error, ERROR_NOT_SCORED);
    CHECK_INT("attempts are the target's", s.work.record.measures.attempts, 1);
    end(&s);
}

static void test_deadline(void)
{
    struct sample s;
    if (!begin(&s, TASK CASES EXACT "deadline: 10s\n")) {
        return;
    }
    CHECK_INT("it bounds the wait in the queue, too", s.work.call.http.deadline_ns, s.now_ns + 10 * NS_PER_S);
    CHECK_INT("and the try", s.work.call.timeout_ns, 10 * NS_PER_S);
    CHECK_INT(
        "503",
        answer(&s,
               (struct call_result){.status = CALL_HTTP_STATUS, .http_status = 503, .retry_after_ns = 20 * NS_PER_S}),
        WORK_RECORD);
    CHECK_INT("a try that would begin too late is not slept for", s.work.record.error, ERROR_SERVICE);
    end(&s);

    if (!begin(&s, TASK CASES EXACT "deadline: 10s\n")) {
        return;
    }
    CHECK_INT("the queue gave up for the deadline's sake",
              answer(&s, (struct call_result){.status = CALL_TIMEOUT, .detail = STR("not sent: ...")}), WORK_RECORD);
    CHECK_INT("so it was the deadline", s.work.record.error, ERROR_DEADLINE);
    CHECK_CONTAINS("in words", s.work.record.error_text, "no answer within 10.0 s over 1 attempt");
    end(&s);
}

/* A service that is down is not besieged: a fifth of the first tries, and ten. 429 is the server's own schedule. */
static void test_budget(void)
{
    struct work_retrying retrying = {0};
    unsigned repeats = 0;
    unsigned limited = 0;
    for (int i = 0; i < 100; i++) {
        struct sample s;
        if (!begin(&s, TASK CASES EXACT "retries: 1\n")) {
            return;
        }
        s.retrying = retrying;
        bool is_limited = i >= 60;
        repeats += answer_http(&s, is_limited ? 429 : 500, "") == WORK_PAUSE && !is_limited ? 1 : 0;
        limited += s.work.next == WORK_PAUSE && is_limited ? 1 : 0;
        retrying = s.retrying;
        end(&s);
    }
    CHECK_INT("a fifth of 60, and ten", repeats, 22);
    CHECK_INT("as often as the server asks", limited, 40);
}

/* "Too many requests" is no fault of the sample as long as others get through. */
static void test_put_off(void)
{
    static const struct {
        const char *suite;
        bool others_succeed;
        int repeats;
    } rows[] = {
        {TASK CASES EXACT "retries: 2\n", true, 20},
        {TASK CASES EXACT "retries: 2\n", false, 2},
        {TASK CASES EXACT "retries: 0\n", true, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sample s;
        if (!begin(&s, rows[i].suite)) {
            return;
        }
        int repeats = 0;
        while (repeats < 20 && answer_http(&s, 429, "") == WORK_PAUSE) {
            s.retrying.success_ns = rows[i].others_succeed ? s.now_ns + 1 : 0;
            CHECK_INT("again", resume(&s), WORK_CALL);
            repeats++;
        }
        CHECK_INT(rows[i].suite, repeats, rows[i].repeats);
        if (repeats < 20) {
            CHECK_INT("errored", s.work.record.error, ERROR_RATE_LIMIT);
        }
        end(&s);
    }
}

static void test_unreachable(void)
{
    struct sample s;
    if (!begin(&s, TASK CASES EXACT "retries: 1\n")) {
        return;
    }
    struct call_result nobody = {.status = CALL_NETWORK, .detail = STR("connection refused")};
    CHECK_INT("nobody there", answer(&s, nobody), WORK_PAUSE);
    CHECK_INT("again", resume(&s), WORK_CALL);
    CHECK_INT("nobody has ever answered: the run stops", answer(&s, nobody), WORK_BROKEN);
    CHECK_INT("why", s.err.kind, ERR_NET);
    end(&s);

    if (!begin(&s, TASK CASES EXACT "retries: 0\n")) {
        return;
    }
    s.retrying.has_answer = true;
    CHECK_INT("somebody has: an error of this sample", answer(&s, nobody), WORK_RECORD);
    CHECK_INT("why", s.work.record.error, ERROR_NETWORK);
    end(&s);

    if (!begin(&s, TASK CASES EXACT "retries: 0\n")) {
        return;
    }
    nobody.is_unclear = true;
    CHECK_INT("it was sent: somebody is there", answer(&s, nobody), WORK_RECORD);
    end(&s);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"parent", test_parent},           {"parent of a judge", test_parent_of_a_judge},
        {"retries", test_retries},         {"deadline", test_deadline},
        {"retry budget", test_budget},     {"put off", test_put_off},
        {"unreachable", test_unreachable},
    };
    return check_run("work", tests, ARRAY_LEN(tests));
}
