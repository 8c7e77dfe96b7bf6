/* Recording on Opper through the real program, against the fault server: what is there afterwards is what the store says, whatever happens on the
 * way. With --long the full figures: 200 kills, 10,000 samples.
 *
 *   test_e2e_recording PROGRAM SOURCE_DIR [--long] [TEST] */

#include "base/rng.h"
#include "tests/e2e/stage.h"

/* --- modes ------------------------------------------------------------------------------------------------------------------------------------ */

static void test_modes(void)
{
    static const struct {
        const char *name, *suite, *project, *script;
        int exit_code;
        bool records;
        const char *said;
    } rows[] = {
        {"a key is enough", NULL, NULL, "assay run s.yaml", 0, true, "best effort"},
        {"no key", NULL, NULL, "env -u OPPER_API_KEY assay run s.yaml", 0, false, NULL},
        {"--record local", NULL, NULL, "assay run s.yaml --record local", 0, false, NULL},
        {"a suite's local gives way to no key", "record: local\n", NULL, "assay run s.yaml", 0, false, NULL},
        {"but to a flag", "record: local\n", NULL, "assay run s.yaml --record opper", 0, true,
         "recording on Opper: http"},
        {"a suite's promise", "record: {mode: opper}\n", NULL, "assay run s.yaml", 0, true, "recording on Opper: http"},
        {"without a key", "record: opper\n", NULL, "env -u OPPER_API_KEY assay run s.yaml", 2, false,
         "the suite's `record: opper` needs a key, and OPPER_API_KEY is not set"},
        {"--record opper without a key", NULL, NULL, "env -u OPPER_API_KEY assay run s.yaml --record opper", 2, false,
         "--record opper needs a key"},
        {"the project's local", NULL, "record: local\n", "assay run s.yaml", 0, false, NULL},
        {"a suite wins over the project", "record: opper\n", "record: local\n", "assay run s.yaml", 0, true, NULL},
        {"the project's promise", NULL, "record: {mode: opper}\n", "env -u OPPER_API_KEY assay run s.yaml", 2, false,
         "the project file's `record: opper`"},
        {"another word", NULL, NULL, "assay run s.yaml --record no", 2, false, "--record wants auto, opper or local"},
        {"another word in the suite", "record: yes\n", NULL, "assay run s.yaml", 2, false, "auto, opper, local"},
        {"an unknown key", "record: {mode: auto, output: full}\n", NULL, "assay run s.yaml", 2, false,
         "did you mean 'outputs'?"},
        {"a key in the open", NULL, NULL, "OPPER_BASE_URL=http://opper.test/v2 assay run s.yaml --record opper", 2,
         false, "not https"},
        {"best effort fails nothing", NULL, NULL, "OPPER_BASE_URL=http://opper.test/v2 assay run s.yaml", 0, false,
         "not recorded on Opper: OPPER_BASE_URL 'http://opper.test/v2' is not https"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct stage s CLEANUP(stage_close) = stage_open(NULL, 1);
        (void)e2e_sh(&s.e, "mkdir .git");
        e2e_write(
            &s.e, "s.yaml",
            arena_printf(
                &s.e.arena,
                "suite: s\n%starget: {replay: yes}\ncases: [{id: a, input: x, expected: yes}]\nscorers: [exact]\n",
                rows[i].suite == NULL ? "" : rows[i].suite)
                .ptr);
        if (rows[i].project != NULL) {
            e2e_write(&s.e, "assay.yaml", rows[i].project);
        }
        struct e2e_done done = e2e_sh(&s.e, "%s", rows[i].script);
        CHECK_INT(rows[i].name, done.exit_code, rows[i].exit_code);
        if (rows[i].said != NULL) {
            CHECK_CONTAINS(rows[i].name, done.err, rows[i].said);
        } else if (!rows[i].records) {
            CHECK(rows[i].name, !e2e_has(done.err, "Opper") && !e2e_has(done.out, "Opper"));
        }
        struct str ledger = fault_end(&s.fault, &s.e.arena);
        CHECK_INT(rows[i].name, fault_count(ledger, "total") > 0, rows[i].records);
        if (rows[i].exit_code == 0) {
            CHECK_INT("rows only where something is recorded", e2e_count(&s.e, "SELECT count(*) FROM recording") > 0,
                      rows[i].records);
        }
    }
}

static void test_what_is_held_back(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL, 12);
    e2e_write(&s.e, "held.yaml",
              "suite: held\nrecord: {inputs: digest, outputs: none}\ntarget: {replay: '{{vars.a}}'}\n"
              "cases: [{id: a, input: 'secret question', expected: x, vars: {a: 'secret answer'}}]\nscorers: "
              "[exact]\ngates: [score >= 0]\n");
    e2e_write(&s.e, "long.yaml",
              "suite: long\nrecord: {max_bytes: 300}\ntarget: {shell: 'head -c 5000 /dev/zero | tr \"\\0\" x'}\n"
              "cases: [{id: a, input: q, expected: x}]\nscorers: [exact]\ngates: [score >= 0]\n");
    CHECK_INT("run", e2e_sh(&s.e, "assay run held.yaml long.yaml -q --verify").exit_code, 0);
    struct e2e_done done = e2e_sh(&s.e, "sed 's/held/later/; s/{inputs/{mode: local, inputs/' held.yaml > later.yaml; "
                                        "assay run later.yaml -q && assay push latest --record opper --verify");
    CHECK_INT("sent later", done.exit_code, 0);
    CHECK_CONTAINS("sent later", done.out, "missing 0");
    struct str ledger = fault_end(&s.fault, &s.e.arena);
    CHECK("no input, no output, no comment that tells them", !e2e_has(ledger, "secret"));
    CHECK_CONTAINS("sent later", ledger, "later [default]");
    CHECK_CONTAINS("digest", ledger, "not sent: 15 bytes, SHA-256");
    CHECK_CONTAINS("cut", ledger, "cut here; the whole text: 5000 bytes, SHA-256");
    CHECK(
        "no long text",
        !e2e_has(ledger,
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                 "xxxxxxxxxxxxxxx"));
}

/* --- the whole of it ---------------------------------------------------------------------------------------------------------------------------- */

static void test_recorded(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL, 60);
    struct e2e_done done = e2e_sh(&s.e, "assay run suite.yaml -q --record opper --verify -r json=r.json");
    CHECK_INT("run", done.exit_code, 0);
    CHECK_CONTAINS("in words", done.out,
                   "Opper: written 122 spans, 378 metrics; verified 122 spans, 378 metrics; missing 0\n");
    CHECK_STR(
        "in the report", e2e_sh(&s.e, "jq -c '.runs[0].recording' r.json").out,
        STR("{\"mode\":\"opper\",\"written\":{\"spans\":61,\"metrics\":189},\"pending\":{\"spans\":0,\"metrics\":0},"
            "\"refused\":{\"spans\":0,\"metrics\":0},\"verified\":{\"spans\":61,\"metrics\":189},\"missing\":0,"
            "\"differing\":0}\n"));
    struct str ledger = stage_check(&s, "recorded", "");
    CHECK_INT("no span is changed but the two roots", fault_count(ledger, "patch-span"), 2);
    CHECK_INT("one request a span", fault_count(ledger, "create-span"), 122);
    CHECK_INT("one a metric", fault_count(ledger, "create-metric"), 378);
}

/* Calls hang below their sample's span: it is created ahead, the first ones too. */
static void test_nested(void)
{
    const char *const args[] = {"--latency", "20", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 40);
    e2e_write(&s.e, "nested.yaml",
              "suite: nested\ntarget: {opper: {name: task, instructions: say it, input: 'say: {{n}}', model: m/one}}\n"
              "concurrency: 4\nvariants: [{name: one}, {name: two, model: m/two}]\n"
              "dataset: {file: rows.jsonl, id: 'row-{{n}}', input: '{{n}}', expected: '{{n}}'}\n"
              "scorers: [exact, {judge: {rubric: is it so, model: m/judge}}]\ngates: [exact.pass_rate >= 100%]\n");
    struct e2e_done done = e2e_sh(&s.e, "assay run nested.yaml -q --record opper --verify");
    CHECK_INT("run", done.exit_code, 0);
    struct str requests = fault_requests(&s.fault, &s.e.arena);
    CHECK_INT("every call names its sample's span", e2e_count_of(requests, "\\\"parent_span_id\\\""), 160);
    struct str ledger = stage_check(&s, "nested", "");
    CHECK_INT("a call of the target and one of the judge each", fault_count(ledger, "call"), 160);
    CHECK_INT("samples and roots are created first, and updated", fault_count(ledger, "patch-span"), 82);
}

/* Ended, gone on with, scored anew: every run is whole on Opper. `drain`: of the first end, which may still wait when the run goes on. */
static void resume_and_rescore(const char *drain, int first_code)
{
    const char *const args[] = {"--latency", "30", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 30);
    e2e_write(&s.e, "slow.yaml",
              "suite: slow\ntarget: {shell: 'cat >/dev/null; echo x >> started; test -e fine || exit 3; echo "
              "yes'}\nconcurrency: 2\n"
              "dataset: {file: rows.jsonl, id: 'row-{{n}}', input: '{{n}}'}\nscorers: [{exact: yes}]\nallow_errors: "
              "100\ngates: [cases >= 1]\n");
    CHECK_INT("all errored",
              e2e_sh(&s.e, "assay run slow.yaml -q --run-id t --record opper --drain %s", drain).exit_code, first_code);
    (void)e2e_sh(&s.e, "touch fine");
    CHECK_INT("tried again", e2e_sh(&s.e, "assay resume t -q --retry-errors --verify --drain 10s").exit_code, 0);
    CHECK_INT("each of them is kept", e2e_count(&s.e, "SELECT count(*) FROM span WHERE superseded = 1"), 30);
    e2e_write(&s.e, "anew.yaml",
              "suite: slow\ntarget: {shell: 'exit 9'}\n"
              "dataset: {file: rows.jsonl, id: 'row-{{n}}', input: '{{n}}'}\nscorers: [{contains: y}, {length: {max: "
              "9}}]\ngates: [cases >= 1]\n");
    struct e2e_done done = e2e_sh(&s.e, "assay rescore t anew.yaml -q --verify");
    CHECK_INT("scored anew", done.exit_code, 0);
    CHECK_CONTAINS("a trace of its own", done.out, "verified 31 spans");
    struct str ledger = stage_check(&s, "resumed and scored anew", "");
    CHECK_INT("superseded ones say so", e2e_count_of(ledger, "\"superseded\":true"), 30);
}

static void test_resume_and_rescore(void)
{
    resume_and_rescore("60s", 0);
    resume_and_rescore("1ms", 6);
}

/* --- trouble ------------------------------------------------------------------------------------------------------------------------------------ */

/* Every fault of the way and of the service, each in two of a hundred, those among them that leave open whether it was done. */
static const char *const FAULTS[] = {
    "close",
    "act close",
    "rst",
    "act rst",
    "status=500",
    "act status=500",
    "act status=502 type=text/html body=\"<html>bad gateway</html>\"",
    "status=503 retry-after=0.01",
    "act status=504",
    "status=408",
    "status=429 retry-after=0.01",
    "act cut-body=10",
    "act cut-body=10 no-length",
    "act cut=40",
    "act status=200 body=\"\"",
    "act status=200 type=text/html body=\"<html>fine</html>\"",
    "act chunked cut-body=12",
    "act drip=200/20",
    "act interim",
};

static void test_every_fault(void)
{
    const char *args[2 * ARRAY_LEN(FAULTS) + 8] = {"--seed", "3", "--repeat-metric", "200"};
    size_t count = 4;
    char rules[ARRAY_LEN(FAULTS) + 2][128];
    for (size_t i = 0; i < ARRAY_LEN(FAULTS); i++) {
        (void)snprintf(rules[i], sizeof(rules[i]), "any p=0.02 : %s", FAULTS[i]);
        args[count++] = "--rule";
        args[count++] = rules[i];
    }
    if (stage_is_long) { /* each costs 30 seconds of patience */
        args[count++] = "--rule";
        args[count++] = "any p=0.001 times=6 : act hang";
    }
    struct stage s CLEANUP(stage_close) = stage_open(args, stage_is_long ? 5000 : 15); /* times two variants */
    s.e.timeout_ms = stage_is_long ? 3600000 : 240000;
    struct e2e_done done = e2e_sh(&s.e, "assay run suite.yaml -q --record opper --drain-max 1h");
    CHECK_INT("run", done.exit_code, 0);
    struct str ledger = stage_check(&s, "every fault", "");
    (void)printf("%d samples: %llu requests, %llu of them with a fault: nothing missing, nothing doubled\n",
                 stage_is_long ? 10000 : 30, (unsigned long long)fault_count(ledger, "total"),
                 (unsigned long long)fault_count(ledger, "faults"));
}

/* One run, killed and gone on with until it ends; how often it was killed. One that was killed after it was judged says that it is not all recorded. */
static unsigned kill_until_done(struct e2e *e, struct rng *rng, unsigned number)
{
    unsigned kills = 0;
    for (unsigned tries = 0; tries < 400; tries++) {
        struct e2e_child child =
            e2e_start(e, "exec assay run suite.yaml -q --record opper --run-id run-%u --resume-if-exists", number);
        e2e_pause((int)rng_below(rng, 500));
        e2e_signal(&child, SIGKILL);
        struct e2e_done done = e2e_finish(&child);
        if (done.exit_code != 128 + SIGKILL) {
            bool is_unrecorded = kills > 0 && done.exit_code == 6;
            CHECK_STR("how it ends", done.exit_code == 0 || is_unrecorded ? STR("") : done.err, STR(""));
            CHECK("how it ends", done.exit_code == 0 || is_unrecorded);
            return kills;
        }
        kills++;
    }
    CHECK("it ends", false);
    return kills;
}

/* kill -9 while samples run and while they are delivered; then resume, as often as it takes. */
static void test_kills(void)
{
    const char *const args[] = {
        "--latency", "3", "--rule", "any p=0.02 : act rst", "--rule", "any p=0.02 : status=503 retry-after=0.01", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 40);
    struct rng rng;
    rng_seed(&rng, stage_is_long ? (uint64_t)getpid() : 5);
    e2e_write(&s.e, "suite.yaml",
              "suite: killed\ntarget: {command: [./answer.sh], stdin: text}\nconcurrency: 4\n"
              "dataset: {file: rows.jsonl, id: 'row-{{n}}', input: '{{n}}', expected: '{{wanted}}'}\n"
              "scorers: [{contains: yes}, {length: {max: 9}}, {regex: {pattern: '^y', dimension: start}}]\n");
    e2e_write(&s.e, "answer.sh", "#!/bin/sh\nsleep 0.0$(( $$ % 3 ))\necho yes\n");
    (void)e2e_sh(&s.e, "chmod +x answer.sh");
    unsigned kills = 0;
    unsigned runs = 0;
    while (kills < (stage_is_long ? 200 : 12)) {
        kills += kill_until_done(&s.e, &rng, ++runs);
    }
    CHECK_INT("none says that it passed while something of it waits",
              e2e_count(&s.e, "SELECT count(*) FROM invocation i WHERE exit_code = 0 AND EXISTS "
                              "(SELECT 1 FROM outbox o JOIN run r ON r.seq = o.run WHERE r.invocation = i.seq)"),
              0);
    int64_t left = e2e_count(&s.e, "SELECT count(*) FROM outbox");
    struct e2e_done push = e2e_sh(&s.e, "assay push -q");
    CHECK_INT("what was judged already is pushed", push.exit_code, 0);
    struct str ledger = stage_check(&s, "kills", "");
    (void)printf("%u kill -9 in %u runs, %llu requests, %lld rows pushed at the end in %.1f s: nothing missing, "
                 "nothing doubled\n",
                 kills, runs, (unsigned long long)fault_count(ledger, "total"), (long long)left,
                 (double)push.elapsed_ms / 1000);
}

static void test_refused_key(void)
{
    const char *const args[] = {"--rule", "kind=create-metric n=40- : status=401", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 60);
    struct e2e_done done = e2e_sh(&s.e, "assay run suite.yaml -q --record opper -g 'answer.mean > 1.5 + 0'");
    CHECK_INT("a fault of the suite comes first", done.exit_code, 2);
    done = e2e_sh(&s.e, "assay run suite.yaml -q --record opper -g 'answer.mean >= 0.99'");
    CHECK_INT("a verdict is never hidden by it", done.exit_code, 1);
    CHECK_CONTAINS("one line", done.out, "delivery stopped: 401 Unauthorized");
    CHECK_CONTAINS("what goes on", done.out, "finish with: assay push ");
    done = e2e_sh(&s.e, "assay run suite.yaml -q --record opper");
    CHECK_INT("unrecorded", done.exit_code, 6);
    CHECK_CONTAINS("the last line", e2e_last_line(done.out), "unrecorded (exit 6): 2 gates hold");
    done = e2e_sh(&s.e, "assay run suite.yaml -q");
    CHECK_INT("best effort promises nothing", done.exit_code, 0);
    struct str ledger = fault_end(&s.fault, &s.e.arena);
    CHECK("those in flight see it, no more", fault_count(ledger, "401") <= 3 * 512);
    CHECK("and they are few of all", fault_count(ledger, "401") < 1200);
}

/* Nobody is there: a run goes on as if nothing were wrong, and all of it waits. */
static void test_outage(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL, 200);
    stage_down(&s);
    struct e2e_done done = e2e_sh(&s.e, "assay run suite.yaml -q --record opper --drain 1s -r json=r.json");
    CHECK_INT("unrecorded", done.exit_code, 6);
    CHECK_CONTAINS("exact", done.out, "Opper: written 0 spans; pending 402 spans, 1218 metrics (no progress any more");
    CHECK_CONTAINS("what goes on", done.out, "finish with: assay push ");
    CHECK_STR("one word everywhere", e2e_sh(&s.e, "jq -r '.verdict' r.json").out, STR("unrecorded\n"));
    CHECK_INT("resume of what is finished runs nothing", e2e_sh(&s.e, "assay resume -q").exit_code, 6);

    stage_up(&s, NULL);
    done = e2e_sh(&s.e, "assay push --verify");
    CHECK_INT("push", done.exit_code, 0);
    CHECK_CONTAINS("all of it", done.out,
                   "Opper: written 402 spans, 1218 metrics; verified 402 spans, 1218 metrics; missing 0\n");
    CHECK_STR("the verdict stands now",
              e2e_sh(&s.e, "assay report latest --format json | jq -r '.verdict, .reason'").out,
              STR("passed\n2 gates hold, 400 cases in 2 runs\n"));
    CHECK_CONTAINS("once more", e2e_sh(&s.e, "assay push").out, "nothing waits");
    (void)stage_check(&s, "after an outage", "");
}

/* What is printed to be typed next can be: with the store and the file of the key that were named. */
static void test_pasted(void)
{
    const char *const args[] = {
        "--rule", "kind=create-span n=1 : status=422",     "--rule", "kind=create-metric n=1 : status=422",
        "--rule", "kind=create-span n=5 : act status=401", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 3);
    e2e_write(&s.e, "it's env", "OPPER_API_KEY=op-canary\n");
    s.e.env[0] = "UNUSED=";
    struct e2e_done done =
        e2e_sh(&s.e, "assay run suite.yaml -q --record opper --db 'my runs.db' --env-file \"it's env\"");
    CHECK_INT("not all is there", done.exit_code, 6);
    for (int i = 0; i < 5 && done.exit_code == 6; i++) {
        struct str next = stage_line_after(done.out, "finish with: ");
        next = next.len > 0 ? next : stage_line_after(done.out, "try once more with: ");
        CHECK_CONTAINS("a command", next, " --db 'my runs.db' --env-file 'it'\\''s env'");
        done = e2e_sh(&s.e, "%.*s", STR_ARG(next));
    }
    CHECK_INT("pasted until all is there", done.exit_code, 0);
    (void)e2e_sh(&s.e, "mkdir -p .assay && mv 'my runs.db' .assay/assay.db");
    (void)stage_check(&s, "pasted", "");
}

/* A service that takes calls, and is silent or in trouble where they are recorded: a request of that kind ends after 30 s, and no call waits for it. */
static void test_calls_go_on(void)
{
    static const char *const fates[] = {"hang", "status=503 retry-after=60"};
    for (size_t i = 0; i < ARRAY_LEN(fates); i++) {
        char rule[64];
        (void)snprintf(rule, sizeof(rule), "kind=create-span : %s", fates[i]);
        const char *const args[] = {"--rule", rule, NULL};
        struct stage s CLEANUP(stage_close) = stage_open(args, 200);
        e2e_write(
            &s.e, "calls.yaml",
            "suite: calls\ntarget: {opper: {name: task, instructions: say it, input: 'say: {{n}}', model: m/one}}\n"
            "concurrency: 8\ndataset: {file: rows.jsonl, id: 'row-{{n}}', input: '{{n}}', expected: '{{n}}'}\n"
            "scorers: [exact]\n");
        struct e2e_done done = e2e_sh(&s.e, "assay run calls.yaml -q --record opper --drain 1ms");
        CHECK_INT(fates[i], done.exit_code, 6);
        CHECK(fates[i], done.elapsed_ms < 25000);
        struct str ledger = fault_end(&s.fault, &s.e.arena);
        CHECK_INT(fates[i], fault_count(ledger, "call"), 200);
    }
}

/* A run that was stopped by what has to be mended first does not wait a minute for a service that does not answer. */
static void test_stopped(void)
{
    const char *const args[] = {"--rule", "any : hang", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 20);
    e2e_write(&s.e, "broken.yaml",
              "suite: broken\ntarget: {command: [sh, -c, 'exit 1'], worker: true, workers: 1}\n"
              "dataset: {file: rows.jsonl, id: 'row-{{n}}', input: '{{n}}'}\nscorers: [{contains: y}]\n");
    struct e2e_done done = e2e_sh(&s.e, "assay run broken.yaml -q --record opper");
    CHECK_INT("what stopped it", done.exit_code, 5);
    CHECK_CONTAINS("what is left", done.out, "no progress any more");
    CHECK_CONTAINS("what goes on", done.out, "go on with: assay resume ");
    CHECK("it waited a little", done.elapsed_ms >= 5000);
    CHECK("and no minute", done.elapsed_ms < 45000);
}

/* One that comes between the last sample and the drain is not lost: here while a teardown runs. Nobody listens, and the drain would go on. */
static void test_interrupted_before_drain(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e.env[0] = "OPPER_API_KEY=op-canary";
    e.env[1] = "OPPER_BASE_URL=http://127.0.0.1:9/v2";
    e2e_write(&e, "suite.yaml",
              "suite: ends\ntarget: {replay: x}\ncases: [{id: a, input: x, expected: x}]\nscorers: [exact]\n"
              "teardown: [sh, -c, 'kill -INT $PPID; sleep 0.1']\n");
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -q --record opper --drain 5s");
    CHECK_INT("unrecorded", done.exit_code, 6);
    CHECK_CONTAINS("why", done.out, "(interrupted: ");
}

/* One while samples run leaves delivery no time: that is the reason then, and not that Opper made no progress. */
static void test_interrupted_run(void)
{
    const char *const args[] = {"--latency", "400", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 1);
    e2e_write(
        &s.e, "slow.yaml",
        "suite: slow\ntarget: {shell: 'echo >>ran; sleep 0.3; echo y'}\nconcurrency: 2\ncases: [{id: a, input: x}, "
        "{id: b, input: x}, {id: c, input: x}, {id: d, input: x}]\nscorers: [{contains: y}]\n");
    struct e2e_child child = e2e_start(&s.e, "exec assay run slow.yaml -q --record opper");
    CHECK("it runs", e2e_wait_for_file(&child, "ran"));
    e2e_signal(&child, SIGINT);
    struct e2e_done done = e2e_finish(&child);
    CHECK_INT("interrupted", done.exit_code, 130);
    CHECK_CONTAINS("what is left, and why", done.out, "(interrupted");
    CHECK_INT("resume", e2e_sh(&s.e, "assay resume -q --verify").exit_code, 0);
}

/* The first Ctrl-C ends a drain, and what is left is counted. */
static void test_interrupted_drain(void)
{
    const char *const args[] = {"--latency", "400", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 60);
    struct e2e_child child = e2e_start(&s.e, "exec assay run suite.yaml --record opper");
    e2e_pause(3000);
    e2e_signal(&child, SIGINT);
    struct e2e_done done = e2e_finish(&child);
    CHECK("at once", done.elapsed_ms < 30000);
    if (done.exit_code != 0) { /* a fast machine may have been through */
        CHECK_INT("the verdict is the run's", done.exit_code, 6);
        CHECK_CONTAINS("why", done.out, "interrupted");
        CHECK_INT("push", e2e_sh(&s.e, "assay push -q").exit_code, 0);
    }
    (void)stage_check(&s, "after an interrupted drain", "");
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"modes", test_modes},
        {"what is held back", test_what_is_held_back},
        {"recorded", test_recorded},
        {"nested", test_nested},
        {"resume and rescore", test_resume_and_rescore},
        {"every fault", test_every_fault},
        {"kills", test_kills},
        {"refused key", test_refused_key},
        {"outage", test_outage},
        {"pasted", test_pasted},
        {"calls go on", test_calls_go_on},
        {"stopped", test_stopped},
        {"interrupted while samples run", test_interrupted_run},
        {"interrupted before the drain", test_interrupted_before_drain},
        {"interrupted drain", test_interrupted_drain},
    };
    static const struct check_test long_tests[] = {{"every fault", test_every_fault}, {"kills", test_kills}};
    const struct stage_tests all = {"recording", tests, ARRAY_LEN(tests), long_tests, ARRAY_LEN(long_tests)};
    return stage_main(argc, argv, &all);
}
