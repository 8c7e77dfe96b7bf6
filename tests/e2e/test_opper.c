/* Opper tasks and judges through the whole program, against a server that does what a script says (tests/fault): what is sent, what each outcome means
 * for sample and run, what is recorded, what a refused key or a spent budget stops. */

#include <stdio.h>

#include "base/buf.h"
#include "tests/e2e/e2e.h"
#include "tests/fault/fault.h"

#define KEY "op-canary-0123456789"
#define CASES                                                                                                          \
    "cases:\n  - {id: one, input: 'x say: 1', expected: '1'}\n  - {id: two, input: 'y say: 2', expected: '2'}\n"
#define TASK "suite: sums\ntarget: {opper: {name: add, instructions: 'Add up.', model: m/small}}\nconcurrency: 1\n"
#define SCORERS "scorers: [exact]\n"
#define JUDGED_CASES                                                                                                   \
    "cases:\n  - {id: one, input: x, expected: 'answer to x'}\n  - {id: two, input: y, expected: 'answer to y'}\n"

/* The project, and a server that its program finds. */
struct opper {
    struct e2e e;
    struct fault fault;
};

static void opper_close(struct opper *o)
{
    fault_stop(&o->fault);
    e2e_close(&o->e);
}

static struct opper opper_open(const char *const *args)
{
    struct opper o = {.e = e2e_open(), .fault = fault_start(args)};
    o.e.env[0] = arena_printf(&o.e.arena, "OPPER_BASE_URL=%s", fault_url(&o.fault, "/v2").text).ptr;
    o.e.env[1] = "OPPER_API_KEY=" KEY;
    e2e_write(&o.e, "assay.yaml",
              "record: local\n"); /* requests are counted here; what is recorded: test_recording.c */
    return o;
}

static struct opper opper_rule(const char *rule)
{
    const char *const args[] = {"--rule", rule, NULL};
    return opper_open(rule == NULL ? NULL : args);
}

/* The last record of a case, one column. */
static struct str recorded(struct e2e *e, const char *case_id, const char *column)
{
    return e2e_sql(e, "SELECT %s FROM opper_span WHERE type = 'evaluation_case' AND name = '%s' ORDER BY rowid DESC",
                   column, case_id);
}

static void success(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule(NULL);
    e2e_write(&o.e, "suite.yaml",
              TASK "variants:\n  - {name: small}\n  - {name: large, model: [m/large, {name: m/small, options: "
                   "{temperature: 0}}]}\n" CASES
                   "scorers: [exact, latency: {max: 60s}, cost: {max: 1}, tokens: {max: 99}]\n"
                   "gates: [pass_rate >= 100%, cost_usd.sum <= 1]\n");
    struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml");
    CHECK_INT("success", done.exit_code, 0);
    CHECK("the key is not printed", !e2e_has(done.out, KEY) && !e2e_has(done.err, KEY));
    struct str meta = recorded(&o.e, "one", "meta");
    CHECK_CONTAINS("meta", meta, "call_span_id");
    CHECK_CONTAINS("meta", meta, "\"cached\":false");
    CHECK_CONTAINS("meta", meta, "\"input_tokens\":");
    CHECK_CONTAINS("meta", meta, "\"platform\":");
    CHECK_CSTR("output", recorded(&o.e, "two", "output"), "2");
    CHECK_INT("four measures each",
              e2e_count(&o.e, "SELECT count(*) FROM opper_metric m JOIN opper_span s ON s.id = m.span_id "
                              "WHERE s.type = 'evaluation_case' AND m.value >= 0 AND m.dimension IN "
                              "('latency_ms', 'cost_usd', 'output_tokens')"),
              12);
    struct str ledger = fault_end(&o.fault, &o.e.arena);
    CHECK_INT("a call for a sample", fault_count(ledger, "call"), 4);
    CHECK_INT("and nothing else", fault_count(ledger, "total"), 4);
    CHECK_INT("the key was where it belongs", fault_count(ledger, "key_seen"), 0);
    struct str requests = fault_requests(&o.fault, &o.e.arena);
    CHECK_CONTAINS("the task", requests,
                   "{\\\"name\\\":\\\"add\\\",\\\"instructions\\\":\\\"Add up.\\\",\\\"input\\\":\\\"x say: 1\\\"");
    CHECK_CONTAINS("fallbacks", requests, "\\\"model\\\":[\\\"m/large\\\",{\\\"name\\\":\\\"m/small\\\"");
    CHECK_INT("no cache", e2e_count_of(requests, "invocation.cache.ttl\\\":0"), 4);
}

/* A case's variants run back to back, so that time of day is fair to both. */
static void variants_alternate(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule(NULL);
    e2e_write(
        &o.e, "suite.yaml",
        TASK
        "variants: [{name: a, model: m/a}, {name: b, model: m/b}, {name: c, opper: {name: other, model: m/c}}]\n" CASES
            SCORERS);
    CHECK_INT("run", e2e_sh(&o.e, "assay run suite.yaml").exit_code, 0);
    (void)fault_end(&o.fault, &o.e.arena);
    struct str requests = fault_requests(&o.fault, &o.e.arena);
    static const char *const order[] = {"x say: 1", "m/a", "x say: 1", "m/b", "x say: 1", "m/c",
                                        "y say: 2", "m/a", "y say: 2", "m/b", "y say: 2", "m/c"};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        size_t at = 0;
        CHECK(order[i], str_find(requests, str_from(order[i]), &at));
        requests = str_slice(requests, at + 1, requests.len);
    }
}

/* What the server does to the first case's calls, and what becomes of the sample. The second case is always answered. */
static const struct {
    const char *name, *rule, *more; /* more of the suite */
    int exit_code;
    const char *error; /* kind of the recorded error; NULL = scored, "" = nothing recorded */
    const char *says;  /* in the error's text, or in what is printed where the run stopped */
    const char *attempts;
    uint64_t calls;
} FAULTS[] = {
    {"500, then well", "n=1 : status=500", "retries: 1\n", 0, NULL, NULL, "2", 3},
    {"502 page, then well", "n=1 : status=502 type=text/html body=<title>Bad</title>", "retries: 1\n", 0, NULL, NULL,
     "2", 3},
    {"408, then well", "n=1 : status=408", "retries: 1\n", 0, NULL, NULL, "2", 3},
    {"429, then well", "n=1 : status=429 retry-after=0", "retries: 1\n", 0, NULL, NULL, "2", 3},
    {"closed, then well", "n=1 : act close", "retries: 1\n", 0, NULL, NULL, "2", 3},
    {"reset, then well", "n=1 : rst", "retries: 1\n", 0, NULL, NULL, "2", 3},
    {"cut, then well", "n=1 : cut=150", "retries: 1\n", 0, NULL, NULL, "2", 3},
    {"too slow, then well", "n=1 : hang", "retries: 1\ntimeout: 300ms\n", 0, NULL, NULL, "2", 3},
    {"504 always", "n=1-2 : status=504 body=\"{\\\"detail\\\":\\\"upstream\\\"}\"", "retries: 1\n", 3, "service",
     "504 Gateway Timeout: upstream", "2", 3},
    {"429 always", "n=1-2 : status=429", "retries: 1\n", 3, "rate_limit", "429 Too Many Requests", "2", 3},
    {"no retries", "n=1 : status=503", "retries: 0\n", 3, "service", "503 Service Unavailable", "1", 2},
    {"reset always", "n=1-2 : rst", "retries: 1\n", 3, "network", "network: ", "2", 3},
    {"a time-out", "n=1 : hang", "retries: 0\ntimeout: 300ms\n", 3, "timeout", "no answer within 300 ms", "1", 2},
    {"the deadline", "n=1 : hang", "deadline: 300ms\n", 3, "deadline",
     "deadline: no answer within 300 ms over 1 attempt", "1", 2},
    {"400", "n=1 : status=400 body=\"{\\\"detail\\\":\\\"no\\\\u001bway\\\"}\"", "", 3, "request",
     "400 Bad Request: no\\x1bway", "1", 2},
    {"422 list",
     "n=1 : status=422 "
     "body=\"{\\\"message\\\":\\\"bad\\\",\\\"detail\\\":[{\\\"loc\\\":[\\\"body\\\",\\\"model\\\"],\\\"msg\\\":"
     "\\\"unknown\\\"}]}\"",
     "", 3, "request", "422 Unprocessable Content: bad: body.model: unknown", "1", 2},
    {"409 is no fault of the way", "n=1 : status=409", "", 3, "request", "409 Conflict", "1", 2},
    {"a page", "n=1 : status=200 type=text/html body=\"<html>Sign in</html>\"", "", 3, "protocol",
     "content type is 'text/html': '<html>Sign in</html>'", "1", 2},
    {"empty", "n=1 : status=200 body=\"\"", "", 3, "protocol", "(empty)", "1", 2},
    {"cut JSON", "n=1 : status=200 no-length body=\"{\\\"span_id\\\":\\\"s\\\",\\\"mess\"", "", 3, "protocol",
     "no JSON", "1", 2},
    {"a gateway's JSON", "n=1 : status=200 body=\"{\\\"message\\\":\\\"busy\\\"}\"", "", 3, "protocol", "no span_id",
     "1", 2},
    {"too long", "n=1 : endless-body", "", 3, "output_limit", "more than", "1", 2},
    {"a fault does not become a wrong answer", "n=1-2 : rst", "retries: 1\non_error: {exit: fail, timeout: fail}\n", 3,
     "network", "network: ", "2", 3},
    {"401", "n=1 : status=401 body=\"{\\\"detail\\\":\\\"bad key\\\"}\"", "", 5, "",
     "target 'opper': 401 Unauthorized: bad key (the key is the one in OPPER_API_KEY)", NULL, 1},
    {"403", "n=1 : status=403", "", 5, "", "403 Forbidden", NULL, 1},
    {"402", "n=1 : status=402 body=\"{\\\"detail\\\":\\\"no credit\\\"}\"", "", 5, "",
     "402 Payment Required: no credit", NULL, 1},
    {"404", "n=1 : status=404 body=\"{\\\"detail\\\":\\\"no model m/small\\\"}\"", "", 5, "",
     "404 Not Found: no model m/small", NULL, 1},
    {"a redirect", "n=1 : status=302 header=\"Location: http://127.0.0.1:1/x\"", "", 5, "", "not followed", NULL, 1},
};

static void faults(void)
{
    for (size_t i = 0; i < ARRAY_LEN(FAULTS); i++) {
        const char *name = FAULTS[i].name;
        struct opper o CLEANUP(opper_close) = opper_rule(FAULTS[i].rule);
        struct buf suite CLEANUP(buf_deinit) = BUF(1 << 16);
        buf_printf(&suite, TASK "%s" CASES SCORERS, FAULTS[i].more);
        e2e_write_bytes(&o.e, "suite.yaml", buf_str(&suite));
        struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml");
        CHECK_INT(name, done.exit_code, FAULTS[i].exit_code);
        CHECK("no key", !e2e_has(done.out, KEY) && !e2e_has(done.err, KEY));
        if (FAULTS[i].exit_code == 5) {
            CHECK_CONTAINS(name, e2e_last_line(done.out), FAULTS[i].says);
            CHECK_CONTAINS(name, done.out, "go on with: assay resume");
            CHECK_INT(name, e2e_count(&o.e, "SELECT count(*) FROM opper_span WHERE type = 'evaluation_case'"), 0);
        } else {
            CHECK_CSTR(name, e2e_sql(&o.e, "SELECT tries FROM span WHERE ordinal = 0"), FAULTS[i].attempts);
            CHECK_CONTAINS(name, recorded(&o.e, "one", "coalesce(error, '')"),
                           FAULTS[i].says == NULL ? "" : FAULTS[i].says);
            CHECK_CSTR(name, e2e_sql(&o.e, "SELECT error FROM span WHERE ordinal = 0"), FAULTS[i].error);
            CHECK_CSTR("the other case is scored", recorded(&o.e, "two", "output"), "2");
        }
        struct str ledger = fault_end(&o.fault, &o.e.arena);
        CHECK_INT(name, fault_count(ledger, "total"), FAULTS[i].calls);
    }
}

/* What was tried and failed is kept beside what was scored. */
static void tries_are_kept(void)
{
    const char *const args[] = {"--rule", "n=1 : status=429 retry-after=0 body=\"{\\\"detail\\\":\\\"slow down\\\"}\"",
                                "--rule", "n=2 : rst", NULL};
    struct opper o CLEANUP(opper_close) = opper_open(args);
    e2e_write(&o.e, "suite.yaml", TASK CASES SCORERS);
    CHECK_INT("run", e2e_sh(&o.e, "assay run suite.yaml").exit_code, 0);
    struct str meta = recorded(&o.e, "one", "meta");
    CHECK_CONTAINS(
        "the first", meta,
        "\"retried\":[{\"error\":\"rate_limit\",\"text\":\"429 Too Many Requests: slow down\",\"latency_ms\":");
    CHECK_CONTAINS("the second", meta, "{\"error\":\"network\",\"text\":\"network: ");
    CHECK("not of the other case", !e2e_has(recorded(&o.e, "two", "meta"), "retried"));
    CHECK_CSTR("attempts", e2e_sql(&o.e, "SELECT tries FROM span WHERE ordinal = 0"), "3");
}

/* A key that is refused in the middle of a run: those in flight see it and nobody else; resume goes on from there. */
static void access_lost(void)
{
    const char *const args[] = {"--latency", "20", "--rule", "n=20- : status=401", NULL};
    struct opper o CLEANUP(opper_close) = opper_open(args);
    struct buf suite CLEANUP(buf_deinit) = BUF(1 << 16);
    buf_append_cstr(&suite,
                    "suite: many\ntarget: {opper: {name: t}}\nconcurrency: 8\nscorers: [contains: answer]\ncases:\n");
    for (int i = 0; i < 200; i++) {
        buf_printf(&suite, "  - {id: c%d, input: 'q%d'}\n", i, i);
    }
    e2e_write_bytes(&o.e, "suite.yaml", buf_str(&suite));
    struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml");
    CHECK_INT("the run stops", done.exit_code, 5);
    CHECK_CONTAINS("and says why", e2e_last_line(done.out), "401 Unauthorized");
    int64_t first = e2e_count(&o.e, "SELECT count(*) FROM opper_span WHERE type = 'evaluation_case'");
    CHECK("what was answered is recorded", first >= 19 - 8 && first < 40);
    CHECK_INT("no refusal is recorded as a sample's error",
              e2e_count(&o.e, "SELECT count(*) FROM opper_span WHERE type = 'evaluation_case' AND error IS NOT NULL"),
              0);
    struct str ledger = fault_end(&o.fault, &o.e.arena);
    uint64_t refused = fault_count(ledger, "401");
    CHECK("at most those in flight saw it", refused >= 1 && refused <= 8);
    CHECK_INT("the answers", fault_count(ledger, "200"), first);
    struct opper again CLEANUP(opper_close) = opper_rule(NULL);
    o.e.env[0] = again.e.env[0];
    done = e2e_sh(&o.e, "assay resume");
    CHECK_INT("resume goes on", done.exit_code, 0);
    CHECK_INT("each once", e2e_count(&o.e, "SELECT count(*) FROM opper_span WHERE type = 'evaluation_case'"), 200);
    CHECK_INT("and none twice", fault_count(fault_end(&again.fault, &again.e.arena), "call"), 200 - first);
}

/* A model from the environment is the one that the run was planned with, whatever the environment says when it is resumed. */
static void planned_models(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule("n=3 : status=401");
    e2e_write(&o.e, "suite.yaml",
              "suite: s\ntarget: {opper: {name: t, model: '{{env.MODEL}}'}}\nconcurrency: 1\n" JUDGED_CASES
              "scorers: [exact, judge: {rubric: 'Is it?', model: '{{env.JUDGE}}', threshold: 0}]\n");
    CHECK_INT("undefined", e2e_sh(&o.e, "MODEL=m/first assay run suite.yaml").exit_code, 2);
    CHECK_INT("stopped", e2e_sh(&o.e, "MODEL=m/first JUDGE=m/judge assay run suite.yaml").exit_code, 5);
    CHECK_INT("resumed", e2e_sh(&o.e, "MODEL=m/second assay resume").exit_code, 0);
    (void)fault_end(&o.fault, &o.e.arena);
    struct str requests = fault_requests(&o.fault, &o.e.arena);
    CHECK_INT("the target", e2e_count_of(requests, "\\\"model\\\":\\\"m/first\\\""), 3);
    CHECK_INT("the judge", e2e_count_of(requests, "\\\"model\\\":\\\"m/judge\\\""), 2);
    CHECK("nothing else", !e2e_has(requests, "m/second"));
}

static void nobody_there(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule(NULL);
    e2e_write(&o.e, "suite.yaml", TASK "retries: 1\n" CASES SCORERS);
    (void)fault_end(&o.fault, &o.e.arena);
    struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml");
    CHECK_INT("nobody there", done.exit_code, 5);
    CHECK_CONTAINS("nobody there", e2e_last_line(done.out), "OPPER_BASE_URL");
    CHECK_INT("nothing is recorded as an error",
              e2e_count(&o.e, "SELECT count(*) FROM opper_span WHERE type = 'evaluation_case'"), 0);
}

/* Before anything is run: what is missing, and what to do. */
static void without_access(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "task.yaml", TASK CASES SCORERS);
    e2e_write(&e, "judged.yaml",
              "suite: j\ntarget: {replay: '{{input}}'}\nscorers: [exact, judge: {rubric: 'Is it right?', dimension: "
              "right}]\n" CASES);
    e2e_write(&e, "plain.yaml", "suite: p\ntarget: {replay: '{{expected}}'}\n" SCORERS CASES);
    e2e_write(&e, "rows.jsonl", "{\"m\":\"a\"}\n{\"m\":7}\n");
    e2e_write(&e, "rows.yaml",
              "suite: r\ntarget: {opper: {name: t, model: '{{row.m}}'}}\ndataset: rows.jsonl\nscorers: [exact: x]\n");
    static const struct e2e_row rows[] = {
        {"check needs no key",
         "assay check task.yaml judged.yaml",
         0,
         {"task.yaml: good", "judged.yaml: good"},
         {NULL},
         NULL},
        {"run does",
         "assay run task.yaml",
         2,
         {NULL},
         {"task.yaml:2:9: target 'opper' needs a key, and OPPER_API_KEY is not set", "assay help serve"},
         NULL},
        {"so does a judge", "assay run judged.yaml", 2, {NULL}, {"judge 'right' needs a key"}, NULL},
        {"an empty key is none", "OPPER_API_KEY= assay run task.yaml", 2, {NULL}, {"OPPER_API_KEY is not set"}, NULL},
        {"a dry run does not",
         "assay run task.yaml --dry-run",
         0,
         {"2 samples", "  target: 2 calls of POST https://api.opper.ai/v2/call"},
         {NULL},
         NULL},
        {"other suites do not care", "OPPER_BASE_URL=nonsense assay run plain.yaml", 0, {"passed"}, {NULL}, NULL},
        {"an address that is none",
         "OPPER_API_KEY=k1234567 OPPER_BASE_URL=nonsense assay run task.yaml",
         2,
         {NULL},
         {"OPPER_BASE_URL"},
         NULL},
        {"a key in the open",
         "OPPER_API_KEY=k1234567 OPPER_BASE_URL=http://example.com/v2 assay run task.yaml",
         2,
         {NULL},
         {"is not https"},
         "k1234567"},
        {"a key with a line end",
         "OPPER_API_KEY=\"a\nb\" assay run task.yaml",
         2,
         {NULL},
         {"OPPER_API_KEY: a key is one line"},
         NULL},
        {"a key file that all may read",
         "echo k1234567 >key; chmod 644 key; OPPER_API_KEY_FILE=key assay run task.yaml",
         2,
         {NULL},
         {"chmod 600"},
         "k1234567"},
        {"a row of the wrong type",
         "OPPER_API_KEY=k1234567 assay run rows.yaml",
         2,
         {NULL},
         {"rows.jsonl:2: target 'opper': 'model': 'model' is neither a name nor a map"},
         NULL},
        {"nothing is stored",
         "test ! -e .assay/assay.db || sqlite3 .assay/assay.db 'SELECT count(*) FROM invocation' | grep -q 1",
         0,
         {NULL},
         {NULL},
         NULL},
    };
    e2e_check_rows(&e, rows, ARRAY_LEN(rows));
}

static void key_from_a_file(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule(NULL);
    o.e.env[1] = "OPPER_API_KEY_FILE=key";
    e2e_write(&o.e, "suite.yaml", TASK CASES SCORERS);
    struct e2e_done done = e2e_sh(&o.e, "echo " KEY " >key; chmod 600 key; assay run suite.yaml");
    CHECK_INT("run", done.exit_code, 0);
    (void)fault_end(&o.fault, &o.e.arena);
    CHECK_CONTAINS("sent", fault_requests(&o.fault, &o.e.arena), "Authorization: Bearer " KEY "\\r\\n");
}

/* A server that gives the key back in its error: nothing of it is shown or stored. */
static void key_in_an_answer(void)
{
    const char *const args[] = {
        "--rule", "n=1 : status=422 body=\"{\\\"detail\\\":\\\"key {key:json} may not\\\"}\"", "--rule",
        "n=2 : status=200 body=\"{\\\"span_id\\\":\\\"s\\\",\\\"message\\\":\\\"your key is {key:json}\\\"}\"", NULL};
    struct opper o CLEANUP(opper_close) = opper_open(args);
    e2e_write(&o.e, "suite.yaml", TASK CASES SCORERS);
    struct e2e_done done =
        e2e_sh(&o.e, "assay run suite.yaml -v --report json=report.json; grep -rl " KEY " . && echo FOUND");
    CHECK_CONTAINS("an error", done.out, "key [redacted] may not");
    CHECK("nowhere", !e2e_has(done.out, "FOUND") && !e2e_has(done.out, KEY) && !e2e_has(done.err, KEY));
}

static void functions(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule(NULL);
    e2e_write(&o.e, "name.yaml", "suite: n\ntarget: {opper: {function: team/sum up}}\n" CASES SCORERS);
    e2e_write(&o.e, "id.yaml",
              "suite: i\ntarget: {opper: {function: 0198c0de-0000-4000-8000-000000000001, revision: "
              "0198c0de-0000-4000-8000-000000000002}}\n" CASES SCORERS);
    e2e_write(&o.e, "missing.yaml", "suite: m\ntarget: {opper: {function: missing}}\n" CASES SCORERS);
    CHECK_INT("by name", e2e_sh(&o.e, "assay run name.yaml").exit_code, 0);
    CHECK_CONTAINS("which it was", recorded(&o.e, "one", "meta"), "\"function_id\":");
    CHECK_INT("by id", e2e_sh(&o.e, "assay run id.yaml").exit_code, 0);
    struct e2e_done done = e2e_sh(&o.e, "assay run missing.yaml");
    CHECK_INT("missing", done.exit_code, 5);
    CHECK_CONTAINS("missing", e2e_last_line(done.out), "there is no stored function 'missing'");
    struct str ledger = fault_end(&o.fault, &o.e.arena);
    CHECK_INT("looked up once a run", fault_count(ledger, "get-function"), 2);
    CHECK_INT("called", fault_count(ledger, "function-call"), 4);
    struct str requests = fault_requests(&o.fault, &o.e.arena);
    CHECK_CONTAINS("by name", requests, "GET /v2/functions/by-name/team%2Fsum%20up ");
    CHECK_CONTAINS(
        "by id and revision", requests,
        "POST /v2/functions/0198c0de-0000-4000-8000-000000000001/call/0198c0de-0000-4000-8000-000000000002 ");
    CHECK_CONTAINS("its body", requests, "\"body\":\"{\\\"input\\\":\\\"x say: 1\\\"}\"");
}

static void lookup_is_tried_again(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule("kind=get-function n=1 : status=503 retry-after=0");
    e2e_write(&o.e, "name.yaml", "suite: n\ntarget: {opper: {function: sum}}\n" CASES SCORERS);
    CHECK_INT("again", e2e_sh(&o.e, "assay run name.yaml").exit_code, 0);
    CHECK_INT("twice", fault_count(fault_end(&o.fault, &o.e.arena), "get-function"), 2);
}

static void cached(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule(
        "n=1 : status=200 body=\"{\\\"span_id\\\":\\\"s\\\",\\\"message\\\":\\\"1\\\",\\\"cached\\\":true}\"");
    e2e_write(&o.e, "suite.yaml",
              "suite: c\ntarget: {opper: {name: t, configuration: {invocation.cache.ttl: 60}}}\nconcurrency: 1\n" CASES
              "scorers: [exact, latency: {optional: true}]\n");
    CHECK_INT("run", e2e_sh(&o.e, "assay run suite.yaml").exit_code, 0);
    CHECK_CONTAINS("cached", recorded(&o.e, "one", "meta"), "\"cached\":true");
    CHECK_INT("no latency of it",
              e2e_count(&o.e, "SELECT count(*) FROM span WHERE ordinal >= 0 AND latency_ms IS NULL"), 1);
    (void)fault_end(&o.fault, &o.e.arena);
    CHECK_CONTAINS("asked for", fault_requests(&o.fault, &o.e.arena), "invocation.cache.ttl\\\":60");
}

static void judges(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule("kind=call n=2 : status=503 retry-after=0");
    e2e_write(
        &o.e, "suite.yaml",
        TASK JUDGED_CASES
        "scorers:\n  - exact\n  - judge: {rubric: 'Is it {{expected}}?', model: m/judge, repeats: 2, threshold: 0, "
        "dimension: right}\ngates: [right.pass_rate >= 100%, right_spread.max <= 1]\n");
    struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml");
    CHECK_INT("judged", done.exit_code, 0);
    struct str meta = recorded(&o.e, "one", "meta");
    CHECK_CONTAINS("what the judge said is kept", meta, "\"judge\":{\"right\":[{\"call_span_id\":");
    CHECK_CONTAINS("and what it cost", meta, "\"judge_cost_usd\":");
    CHECK_CONTAINS("the reason", e2e_sql(&o.e, "SELECT comment FROM opper_metric WHERE dimension = 'right'"),
                   "of 2 calls)");
    CHECK_INT("spreads", e2e_count(&o.e, "SELECT count(*) FROM opper_metric WHERE dimension = 'right_spread'"), 2);
    done = e2e_sh(&o.e, "sed 's/repeats: 2/repeats: 1/; s/right_spread.max/right.max/' suite.yaml >again.yaml; assay "
                        "rescore latest again.yaml");
    CHECK_INT("judged anew", done.exit_code, 0);
    struct str ledger = fault_end(&o.fault, &o.e.arena);
    CHECK_INT("2 targets, 4 judgements, one again, 2 anew", fault_count(ledger, "call"), 9);
    struct str requests = fault_requests(&o.fault, &o.e.arena);
    CHECK_INT("judges", e2e_count_of(requests, "{\\\"name\\\":\\\"assay_judge_right\\\""), 7);
}

static void judge_fails(void)
{
    struct opper o CLEANUP(opper_close) =
        opper_rule("kind=call n=2 : status=422 body=\"{\\\"detail\\\":\\\"too long\\\"}\"");
    e2e_write(&o.e, "suite.yaml",
              TASK JUDGED_CASES "scorers: [exact, judge: {rubric: 'Is it?', threshold: 0, dimension: right}]\n");
    struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml");
    CHECK_INT("not scored is errored", done.exit_code, 3);
    CHECK_CONTAINS("why", recorded(&o.e, "one", "error"),
                   "the judge could not be asked: 422 Unprocessable Content: too long");
    fault_stop(&o.fault);
    struct opper refused CLEANUP(opper_close) = opper_rule("kind=call n=2 : status=401");
    e2e_write(&refused.e, "suite.yaml",
              TASK JUDGED_CASES "scorers: [exact, judge: {rubric: 'Is it?', dimension: right, optional: true}]\n");
    done = e2e_sh(&refused.e, "assay run suite.yaml");
    CHECK_INT("a refused key stops the run", done.exit_code, 5);
    CHECK_CONTAINS("of whom", e2e_last_line(done.out), "judge 'right': 401");
}

/* A budget is not passed knowingly; what is left of it is used. */
static void budget(void)
{
    struct opper o CLEANUP(opper_close) =
        opper_rule("any : status=200 body=\"{\\\"span_id\\\":\\\"s\\\",\\\"message\\\":\\\"1\\\","
                   "\\\"cost\\\":{\\\"total\\\":0.4}}\"");
    e2e_write(&o.e, "suite.yaml",
              "suite: b\ntarget: {opper: {name: t}}\nconcurrency: 1\nbudget: {cost: 1usd}\nscorers: [contains: '1']\n"
              "cases: [{id: a}, {id: b}, {id: c}, {id: d}, {id: e}]\n");
    struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml");
    CHECK_INT("spent", done.exit_code, 3);
    CHECK_CONTAINS("says so", e2e_last_line(done.out),
                   "the cost budget ended the run: 0.8 of 1 USD are spent, and one more sample costs about 0.4");
    CHECK_INT("two were paid", e2e_count(&o.e, "SELECT count(*) FROM opper_span WHERE type = 'evaluation_case'"), 2);
    CHECK_CONTAINS("how to go on", done.out, "assay resume");
    CHECK_INT("resume has it anew", e2e_sh(&o.e, "assay resume").exit_code, 3);
    CHECK_INT("until all are done", e2e_sh(&o.e, "assay resume").exit_code, 0);
    done = e2e_sh(&o.e, "sed 's/cost: 1usd/cost: 2usd/' suite.yaml >enough.yaml; assay run enough.yaml -j 4");
    CHECK_INT("just enough is enough", done.exit_code, 0);
    done = e2e_sh(&o.e, "sed 's/cost: 1usd/cost: 0.3usd/' suite.yaml >little.yaml; assay run little.yaml");
    CHECK_INT("the first one passes it: nothing was known", done.exit_code, 3);
    CHECK_CONTAINS("and ends the run", e2e_last_line(done.out), "ended the run: 0.4 of 0.3 USD are spent");
    CHECK_INT("each once, then five, then one", fault_count(fault_end(&o.fault, &o.e.arena), "call"), 11);
}

/* What a dry run says of calls, and of their price once an earlier run of the same target tells it. */
static void dry_runs(void)
{
    struct opper o CLEANUP(opper_close) =
        opper_rule("any : status=200 body=\"{\\\"span_id\\\":\\\"s\\\",\\\"message\\\":\\\"1\\\",\\\"json_payload\\\":{"
                   "\\\"reason\\\":\\\"r\\\",\\\"score\\\":1},\\\"cost\\\":0.25}\"");
    e2e_write(&o.e, "suite.yaml",
              TASK "trials: 2\nvariants: [{name: a}, {name: b, model: m/b}]\nscorers:\n  - {judge: {rubric: 'Is it?', "
                   "repeats: 3, when: "
                   "{tag: j}}}\n  - json\ncases: [{id: one, tags: [j]}, {id: two}, {id: three, skip: later}]\n");
    struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml --dry-run");
    CHECK_INT("dry", done.exit_code, 0);
    CHECK_CONTAINS("samples", done.out, "2 cases x 2 trials x 2 variants = 8 samples");
    CHECK_CONTAINS("calls", done.out, "  a: 4 calls of POST http://127.0.0.1:");
    CHECK_CONTAINS("judgements: a case, 3 repeats, 2 trials, 2 variants", done.out, "  judges: 12 calls\n");
    CHECK("no price without a run", !e2e_has(done.out, "cost:"));
    CHECK("and no store", !e2e_exists(&o.e, ".assay/assay.db"));
    CHECK_INT("run", e2e_sh(&o.e, "assay run suite.yaml").exit_code, 0);
    done = e2e_sh(&o.e, "assay run suite.yaml --dry-run");
    CHECK_CONTAINS("8 calls and 12 judgements of 0.25", done.out,
                   "  cost: about 5 USD, by earlier runs of the same targets\n");
    done = e2e_sh(&o.e, "sed 's/m\\/b/m\\/c/; s/Is it/Was it/' suite.yaml >other.yaml; assay run other.yaml --dry-run");
    CHECK_CONTAINS("what has changed is not known", done.out,
                   "  cost: about 1 USD, by earlier runs of the same targets, without the judges; not known of b\n");
    CHECK_INT("nothing was called", fault_count(fault_end(&o.fault, &o.e.arena), "call"), 20);
}

static void example(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule(NULL);
    struct e2e_done done = e2e_sh(&o.e, "cp -r %s/examples . && assay check examples/opper.yaml", e2e_source_dir());
    CHECK_INT("check", done.exit_code, 0);
    done = e2e_sh(&o.e, "assay run examples/opper.yaml --set x=1");
    CHECK_INT("no such variable", done.exit_code, 2);
    done = e2e_sh(&o.e, "sed 's/\\(many has she?\\)/\\1 say: A: 7/; s/\\(people need?\\)/\\1 say: A: 4/' "
                        "examples/opper.yaml >suite.yaml; "
                        "assay run suite.yaml");
    CHECK_CONTAINS("answers are right", e2e_last_line(done.out), "4 gates hold");
    CHECK_INT("a judge that answers out of its schema is optional", done.exit_code, 0);
}

/* A judge's calls count, too. */
static void budget_of_judges(void)
{
    struct opper o CLEANUP(opper_close) = opper_rule("path=/call : status=200 "
                                                     "body=\"{\\\"span_id\\\":\\\"s\\\",\\\"json_payload\\\":{"
                                                     "\\\"reason\\\":\\\"r\\\",\\\"score\\\":1},\\\"cost\\\":0.6}\"");
    e2e_write(&o.e, "suite.yaml",
              "suite: b\ntarget: {replay: x}\nconcurrency: 1\nbudget: {cost: 1usd}\nscorers: [judge: 'Is it?']\n"
              "cases: [{id: a}, {id: b}, {id: c}, {id: d}]\n");
    struct e2e_done done = e2e_sh(&o.e, "assay run suite.yaml");
    CHECK_INT("spent", done.exit_code, 3);
    CHECK_INT("one was judged", e2e_count(&o.e, "SELECT count(*) FROM opper_span WHERE type = 'evaluation_case'"), 1);
}

/* What may be in flight together is. */
static void in_flight(void)
{
    const char *const args[] = {"--latency", "50", NULL};
    struct opper o CLEANUP(opper_close) = opper_open(args);
    struct buf suite CLEANUP(buf_deinit) = BUF(1 << 18);
    buf_append_cstr(&suite,
                    "suite: many\ntarget: {opper: {name: t}}\nconcurrency: 64\nscorers: [contains: answer]\ncases:\n");
    for (int i = 0; i < 1000; i++) {
        buf_printf(&suite, "  - {id: c%d, input: 'q%d'}\n", i, i);
    }
    e2e_write_bytes(&o.e, "suite.yaml", buf_str(&suite));
    CHECK_INT("run", e2e_sh(&o.e, "assay run suite.yaml").exit_code, 0);
    struct str ledger = fault_end(&o.fault, &o.e.arena);
    CHECK_INT("each once", fault_count(ledger, "call"), 1000);
    CHECK("64 at once", fault_count(ledger, "max_in_flight") > 48 && fault_count(ledger, "max_in_flight") <= 64);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"success", success},
        {"variants back to back", variants_alternate},
        {"faults", faults},
        {"tries are kept", tries_are_kept},
        {"access lost in the middle", access_lost},
        {"planned models", planned_models},
        {"nobody there", nobody_there},
        {"without access", without_access},
        {"key from a file", key_from_a_file},
        {"key in an answer", key_in_an_answer},
        {"functions", functions},
        {"lookup is tried again", lookup_is_tried_again},
        {"cached", cached},
        {"judges", judges},
        {"a judge that fails", judge_fails},
        {"budget", budget},
        {"dry runs", dry_runs},
        {"the example", example},
        {"budget of judges", budget_of_judges},
        {"in flight", in_flight},
    };
    e2e_init(argc, argv);
    return check_run("opper", tests, ARRAY_LEN(tests));
}
