/* Runs that were recorded on Opper brought into another store: the same records, found by suite and label, whatever happens on the way. */

#include <string.h>

#include "base/buf.h"
#include "tests/e2e/e2e.h"
#include "tests/fault/fault.h"

static const char SUITE[] =
    "suite: sums\n"
    "target: {replay: \"{{answer}}\"}\n"
    "variants: [{name: first}, {name: second, replay: \"{{answer}}!\"}]\n"
    "dataset: {file: rows.jsonl, id: 'row-{{n}}', input: {q: '{{n}} + {{n}}?'}, expected: '{{wanted}}', "
    "tags: [sum], cluster: '{{group}}'}\n"
    "trials: 2\n"
    "cases: [{id: held, input: x, expected: y, skip: 'not yet'}]\n"
    "scorers:\n"
    "  - numeric: {extract: 'A: (\\d+)', expected: '{{expected}}', dimension: answer}\n"
    "  - regex: {pattern: '^A: ', dimension: format}\n"
    "  - length: {max: 100, dimension: size}\n"
    "gates: [answer.pass_rate >= 50%]\n";

static const char SMALL[] = "suite: small\n"
                            "target: {replay: '{{vars.answer}}'}\n"
                            "vars: {answer: yes}\n"
                            "cases: [{id: a, input: x, expected: yes}, {id: b, input: y, expected: yes}]\n"
                            "scorers: [exact]\n";

struct stage {
    struct e2e e;
    struct fault fault;
};

static struct stage stage_open(const char *const *args)
{
    struct stage s = {.e = e2e_open(), .fault = fault_start(args)};
    struct buf rows CLEANUP(buf_deinit) = BUF(1 << 20);
    for (int i = 0; i < 30; i++) {
        buf_printf(&rows, "{\"n\":%d,\"wanted\":\"%d\",\"group\":\"g%d\",\"answer\":\"A: %d%s\"}\n", i, 2 * i, i % 5,
                   i % 7 == 3 ? 1 : 2 * i, i % 11 == 0 ? "\\n\\\"quoted\\\" \xc3\xa4 \xf0\x9f\x99\x82" : "");
    }
    s.e.env[0] = "OPPER_API_KEY=op-4711-canary-0815";
    s.e.env[1] = arena_printf(&s.e.arena, "OPPER_BASE_URL=%s", fault_url(&s.fault, "/v2").text).ptr;
    e2e_write_bytes(&s.e, "rows.jsonl", buf_str(&rows));
    e2e_write(&s.e, "suite.yaml", SUITE);
    e2e_write(&s.e, "small.yaml", SMALL);
    return s;
}

static void stage_close(struct stage *s)
{
    fault_stop(&s->fault);
    e2e_close(&s->e);
}

/* What Opper has of a run is equal in both exports. */
static void check_equal(struct stage *s, const char *row)
{
    struct e2e_done done = e2e_sh(
        &s->e,
        "for f in here there; do jq -cS 'if .kind == \"run\" then del(.recorded.plan, .recorded.invocation.options, "
        ".recorded.invocation.reason) elif .kind == \"sample\" then del(.expected, .meta, .measures) else .samples "
        "end' $f.jsonl | sort > $f.txt; done; wc -l < here.txt; diff here.txt there.txt");
    CHECK_INT(row, done.exit_code, 0);
    check_true_at(done.out.len < 8, row, arena_cstr(&s->e.arena, done.out), __FILE__, __LINE__);
}

static void test_there_and_back(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    CHECK_INT("run", e2e_sh(&s.e, "assay run suite.yaml -q --record opper -r jsonl=here.jsonl").exit_code, 0);
    struct e2e_done done = e2e_sh(&s.e, "assay pull --latest sums --db new/.assay/assay.db 2>&1 || mkdir new && "
                                        "assay pull --latest sums --db new/pulled.db");
    CHECK_INT("pull", done.exit_code, 0);
    CHECK_INT("both variants", e2e_count_of(done.out, "pulled "), 2);
    CHECK_CONTAINS("counted", done.out, "sums [second]  60 samples");
    done = e2e_sh(&s.e, "assay report latest --db new/pulled.db --format jsonl=there.jsonl");
    CHECK_INT("export", done.exit_code, 0);
    check_equal(&s, "the same records");
    CHECK_INT("nothing is left beside the store", e2e_sh(&s.e, "ls -A new | grep -v '^pulled.db'").exit_code, 1);

    done = e2e_sh(&s.e, "assay pull --latest suite.yaml --db new/pulled.db");
    CHECK_INT("again, the suite by its file", done.exit_code, 0);
    CHECK_INT("is there", e2e_count_of(done.out, "there already: "), 2);
    done = e2e_sh(&s.e, "assay report latest --db new/pulled.db");
    CHECK_CONTAINS("a report", done.out, "86.7%");
    CHECK_CONTAINS("skipped cases, too", done.out, "skipped");
    done = e2e_sh(
        &s.e,
        "assay compare latest~1 latest --db new/pulled.db 2>&1; assay compare latest here.jsonl --db new/pulled.db");
    CHECK_INT("compares", done.exit_code, 0);
}

/* What could not be judged is counted there as it was here: of samples that errored for it, of optional scores, and not of a target that failed. */
static void test_not_scored(void)
{
    static const struct {
        const char *gate;
        int exit_code;
    } rows[] = {
        {"q.not_scored == 4", 0},     {"q.not_scored == 0", 1}, {"tone.not_scored == 2", 0},
        {"steps.not_scored == 2", 0}, {"q.count == 1", 0},
    };
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    e2e_write(&s.e, "lost.yaml",
              "suite: lost\ntarget: {shell: 'test $ASSAY_CASE != down && echo yes'}\ntrials: 2\n"
              "cases: [{id: a, input: x}, {id: b, input: x}, {id: c, input: x}, {id: down, input: x}]\n"
              "scorers:\n"
              "  - command: {shell: 'test $ASSAY_CASE = a && echo \"{\\\"scores\\\":{\\\"q\\\":1}}\"', dimension: q}\n"
              "  - command: {shell: 'test $ASSAY_CASE != a && echo \"{\\\"scores\\\":{\\\"tone\\\":1,"
              "\\\"steps\\\":2}}\"', optional: true, dimensions: {tone: {}, steps: {kind: measure}}}\n");
    CHECK_INT("run", e2e_sh(&s.e, "assay run lost.yaml -q --record opper --verify -r jsonl=here.jsonl").exit_code, 3);
    struct e2e_done done = e2e_sh(&s.e, "mkdir new; head -n 1 here.jsonl | jq -r .run > id; "
                                        "assay pull $(cat id) --db new/a.db && "
                                        "assay report latest --db new/a.db --format jsonl=there.jsonl");
    CHECK_INT("pull", done.exit_code, 0);
    done = e2e_sh(&s.e,
                  "for f in here there; do jq -cS 'select(.kind == \"sample\") | [.case, .trial, (.scores | "
                  "map_values([.outcome, .value]))]' $f.jsonl > $f.txt; done; cat here.txt; diff here.txt there.txt");
    CHECK_INT("the same scores", done.exit_code, 0);
    CHECK_INT("not scored", e2e_count_of(done.out, "not_scored"), 8);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct e2e_done here = e2e_sh(&s.e, "assay gate $(cat id) -g 'errors <= 9' -g '%s'", rows[i].gate);
        struct e2e_done there =
            e2e_sh(&s.e, "assay gate $(cat id) -g 'errors <= 9' -g '%s' --db new/a.db", rows[i].gate);
        CHECK_INT(rows[i].gate, here.exit_code, rows[i].exit_code);
        CHECK_INT(rows[i].gate, there.exit_code, rows[i].exit_code);
        CHECK_STR(rows[i].gate, there.out, here.out);
    }
    CHECK_CONTAINS("in the table", e2e_sh(&s.e, "assay show latest --db new/a.db").out, "pass rate  not scored");
    done = e2e_sh(&s.e, "assay show latest b --db new/a.db");
    CHECK_CONTAINS("of a case", done.out, "    q = -  not scored\n");
    CHECK_CONTAINS("why", done.out, "q not scored: the scorer's program ended with exit 1");

    /* as it was recorded before that was told: it is taken, found out, and put right */
    done = e2e_sh(&s.e,
                  "a='Authorization: Bearer k'; for id in $(jq -r '.span // empty' here.jsonl); do "
                  "curl -sf -H \"$a\" $OPPER_BASE_URL/spans/$id | jq '{meta: .meta | del(.assay.scores[] | nulls)}' | "
                  "curl -sf -X PATCH -H \"$a\" -H 'Content-Type: application/json' -d @- $OPPER_BASE_URL/spans/$id || "
                  "exit; done >/dev/null && assay pull $(cat id) --db new/b.db");
    CHECK_INT("pulled", done.exit_code, 0);
    CHECK_INT("without", e2e_sh(&s.e, "assay gate -g 'errors <= 9' -g 'q.not_scored == 0' --db new/b.db").exit_code, 0);
    CHECK_CONTAINS("found out", e2e_sh(&s.e, "assay push latest --verify").out, "case 'b'");
    CHECK_INT("put right", e2e_sh(&s.e, "assay push latest --again --verify").exit_code, 0);
    done = e2e_sh(&s.e, "assay pull $(cat id) --db new/c.db && "
                        "assay gate -g 'errors <= 9' -g 'q.not_scored == 4' --db new/c.db");
    CHECK_INT("with it", done.exit_code, 0);
}

static void test_baseline(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    (void)e2e_sh(&s.e, "assay run small.yaml -q --record opper --label branch=main; mkdir new");
    (void)e2e_sh(&s.e, "assay pull --latest small --label branch=main --db new/a.db");
    struct e2e_done done = e2e_sh(&s.e, "assay run small.yaml -q --record local --db new/a.db --baseline branch=main "
                                        "--gate 'exact.mean >= baseline' --set answer=no");
    CHECK_INT("worse than the pulled run", done.exit_code, 1);
    CHECK_CONTAINS("compared", done.out, "2 of 2 cases in common");
    done = e2e_sh(&s.e, "assay run small.yaml -q --record local --db new/a.db --baseline branch=main "
                        "--gate 'exact.mean >= baseline'");
    CHECK_INT("as good", done.exit_code, 0);
    static const struct e2e_row rows[] = {
        {"no resume", "assay resume 'latest~2' --db new/a.db", 2, {NULL}, {"was pulled: it is read-only"}, NULL},
        {"no push", "assay push 'latest~2' --db new/a.db", 2, {NULL}, {"was pulled: it is read-only"}, NULL},
        {"its gates are not there", "assay gate 'latest~2' --db new/a.db", 2, {NULL}, {"not in the store"}, NULL},
        {"others may be asked",
         "assay gate 'latest~2' --db new/a.db --gate 'exact.pass_rate >= 100%'",
         0,
         {"small", "exact.pass_rate >= 100%", "1 gate holds, 2 cases"},
         {NULL},
         NULL},
        {"against a run of this machine",
         "assay gate 'latest~2' --db new/a.db --gate 'exact.mean <= baseline' --baseline 'latest~1'",
         1,
         {"baseline latest~1: 1 run, 2 of 2 cases in common"},
         {NULL},
         NULL},
    };
    e2e_check_rows(&s.e, rows, ARRAY_LEN(rows));
}

/* Its recorder goes on with a run after it was pulled: that is said, and nothing is changed. */
static void test_changed_since(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    e2e_write(&s.e, "flaky.yaml",
              "suite: flaky\ntarget: {shell: 'test -e good && cat', stdin: text}\nallow_errors: 100%\n"
              "cases: [{id: a, input: yes, expected: yes}]\nscorers: [exact]\ngates: [cases >= 0]\n");
    (void)e2e_sh(&s.e, "assay run flaky.yaml -q --record opper; mkdir new");
    struct str trace = e2e_sql(&s.e, "SELECT trace_id FROM opper_span WHERE type = 'evaluation_run'");
    const char *pull = arena_printf(&s.e.arena, "assay pull %.*s --db new/a.db", STR_ARG(trace)).ptr;
    CHECK_CONTAINS("pulled", e2e_sh(&s.e, "%s", pull).out, "pulled ");
    struct e2e_done done = e2e_sh(&s.e, "%s", pull);
    CHECK_INT("nothing has changed", done.exit_code, 0);
    CHECK_STR("nor is it said", done.err, STR(""));

    CHECK_INT("gone on with", e2e_sh(&s.e, "touch good; assay resume --retry-errors -q").exit_code, 0);
    done = e2e_sh(&s.e, "%s", pull);
    CHECK_INT("other content", done.exit_code, 2);
    CHECK_CONTAINS("left as it is", done.out, "there already: ");
    CHECK_CONTAINS("said", done.err, " was changed on Opper since it was pulled, and is left here as it was\n");
    CHECK_CONTAINS("what to do", done.err, arena_printf(&s.e.arena, "assay pull %.*s --db", STR_ARG(trace)).ptr);
    CHECK_CONTAINS("still the old one", e2e_sh(&s.e, "assay show latest --errors --db new/a.db").out, "errored");
    (void)e2e_sh(&s.e, "assay pull %.*s --db new/b.db", STR_ARG(trace));
    CHECK_STR("the new one",
              e2e_sh(&s.e, "assay report latest --format json --db new/b.db | jq '.runs[0].samples[0].score'").out,
              STR("1\n"));
}

static struct str ledger_so_far(struct stage *s)
{
    return e2e_sh(&s->e,
                  "python3 -c 'import os, urllib.request; "
                  "print(urllib.request.urlopen(os.environ[\"OPPER_BASE_URL\"][:-3] + \"/_ledger\").read().decode())'")
        .out;
}

/* A place of `baseline` that is on Opper. Every row begins with an empty store, and counts what was asked of Opper. */
static void test_baseline_place(void)
{
#define HERE "baseline: {opper: {label: branch=main}}\n"
    static const struct {
        const char *name, *suite, *script;
        int exit_code;
        const char *out, *err; /* err "": nothing that begins with "assay: " */
        int traces, lists;     /* that were asked for */
    } rows[] = {
        {"worse than it", HERE, "assay run s.yaml --set answer=no", 1,
         "baseline opper:branch=main: 1 run, 2 of 2 cases in common", " pulled: small [default]", 1, 1},
        {"as good", HERE, "assay run s.yaml", 0, "baseline opper:branch=main: 1 run", "assay: baseline ", 1, 1},
        {"fetched once", HERE, "assay run s.yaml -q 2>&1; assay run s.yaml", 0, "baseline opper:branch=main: 1 run", "",
         1, 2},
        {"by a flag", "", "assay run s.yaml --baseline opper:branch=main", 0, "baseline opper:branch=main: 1 run",
         " pulled: small [default]", 1, 1},
        {"several runs", "baseline: {opper: {label: branch=main}, runs: 2}\n", "assay run s.yaml", 0,
         "baseline opper:branch=main: 2 runs", " pulled: small [default]", 2, 1},
        {"more than there are", "baseline: {opper: {label: branch=main}, runs: 5}\n", "assay run s.yaml 2>&1", 0,
         "has only 2 of 5 runs", "", 2, 1},
        {"of a gate alone", "gates: [{gate: 'exact.mean >= baseline', baseline: {opper: {label: branch=main}}}]\n",
         "assay run s.yaml", 0, "baseline opper:branch=main: 1 run", " pulled: small [default]", 1, 1},
        {"of every gate",
         HERE "gates: [exact.mean >= baseline, {gate: 'score >= baseline', baseline: {opper: {label: n=1}}}]\n",
         "assay run s.yaml", 0, "baseline opper:n=1: 1 run", " pulled: small [default]", 2, 1},
        {"of every variant", HERE "variants: [{name: default}, {name: other}]\n", "assay run s.yaml", 4,
         "no baseline: opper:branch=main: Opper has no run of a suite 'small' [other] at http://127",
         "no baseline for small [other]", 1, 1},
        {"an earlier place is enough", "baseline: [{label: team=a}, {opper: {label: branch=main}}]\n",
         "assay run small.yaml -q --label team=a; OPPER_API_KEY= assay run s.yaml", 0, "baseline team=a: 1 run", "", 0,
         0},
        {"an earlier place that has none", "baseline: [{label: team=none}, {opper: {label: branch=main}}]\n",
         "assay run s.yaml", 0, "baseline opper:branch=main: 1 run", " pulled: small [default]", 1, 1},
        {"what is only here is not there", HERE,
         "assay run small.yaml -q --label branch=main --run-id mine && assay run s.yaml -r json=r.json && "
         "jq -e --arg mine $(assay report mine --format jsonl | head -n 1 | jq -r .run) "
         "'.runs[0].summary.baselines[0].runs != [$mine]' r.json",
         0, "baseline opper:branch=main: 1 run", " pulled: small [default]", 1, 1},
        {"what was imported is there", HERE, "assay import two.jsonl && assay run s.yaml", 0,
         "baseline opper:branch=main: 1 run", "", 0, 1},
        {"none", "baseline: {opper: {label: branch=none}}\n", "assay run s.yaml", 4,
         "empty (exit 4): no baseline: opper:branch=none: none of the 2 runs of 'small' [default] on Opper may be a "
         "baseline: 2 with other labels",
         "no baseline for small [default], so there will be no verdict", 0, 1},
        {"none, which may be", "baseline: {opper: {label: branch=none}, missing: skip}\n", "assay run s.yaml 2>&1", 0,
         "not judged", "", 0, 1},
        {"no key is no missing baseline", "baseline: {opper: {label: branch=main}, missing: skip}\n",
         "OPPER_API_KEY= assay run s.yaml", 2, "", "the baseline 'opper:branch=main': reading it needs a key", 0, 0},
        {"nobody there is none either", "baseline: {opper: {label: branch=main}, missing: skip}\n",
         "OPPER_BASE_URL=http://127.0.0.1:1/v2 assay run s.yaml --run-id x; e=$?; assay show x >&2; exit $e", 5, "",
         "the baseline 'opper:branch=main': ", 0, 0},
        {"no gate needs it", HERE "gates: [score >= 0]\n", "OPPER_API_KEY= assay run s.yaml", 0, "1 gate holds", "", 0,
         0},
        {"resumed", HERE,
         "sed -i 's/^target.*/target: {shell: \"test -e go \\&\\& echo yes || kill -9 $PPID\"}/' s.yaml; "
         "assay run s.yaml -j 1 -q --baseline branch=none --run-id r; touch go; assay resume r",
         4, "no baseline: branch=none", "no baseline for small [default], so there will be no verdict", 0, 0},
        {"resumed, and brought in", HERE,
         "sed -i 's/^target.*/target: {shell: \"test -e go \\&\\& echo yes || kill -9 $PPID\"}/' s.yaml; "
         "assay run s.yaml -j 1 -q --run-id r 2>&1; touch go; assay resume r",
         0, "baseline opper:branch=main: 1 run", "", 1, 2},
        {"rescored", HERE, "assay run small.yaml -q --run-id r; assay rescore r s.yaml", 0,
         "baseline opper:branch=main: 1 run", " pulled: small [default]", 1, 1},
        {"judged again", "gates: [score >= 0]\n",
         "assay run s.yaml -q --run-id r; assay gate r --gate 'exact.mean >= baseline' --baseline opper:branch=main", 0,
         "baseline opper:branch=main: 1 run", " pulled: small [default]", 1, 1},
        {"a file is judged where no store is", "gates: [score >= 0]\n",
         "mkdir -p bare/.git && cd bare && assay gate ../two.jsonl --gate 'exact.mean >= baseline' --baseline "
         "opper:branch=main",
         0, "baseline opper:branch=main: 1 run", " pulled: small [default]", 1, 1},
        {"never itself", "gates: [score >= 0]\n",
         "assay import two.jsonl >/dev/null; assay gate latest --gate 'exact.mean >= baseline' --baseline opper:n=2 "
         "2>&1",
         4, "no baseline: opper:n=2: none of the 2 runs of 'small' [default] on Opper", "", 0, 1},
        {"no label", "baseline: {opper: {}}\n", "assay run s.yaml", 2, "", "the key 'label' is missing", 0, 0},
        {"a file that is not there", "gates: [score >= 0]\n", "assay pull --latest smal.yaml", 4, "",
         "there is no file 'smal.yaml'", 0, 1},
        {"half a label", "baseline: {opper: {label: main}}\n", "assay run s.yaml", 2, "", "key=value", 0, 0},
        {"half a label in a flag", HERE, "assay run s.yaml --baseline opper:main", 2, "",
         "--baseline opper:main: a place on Opper is opper:key=value", 0, 0},
        {"and none", HERE, "assay gate latest --baseline opper:=x", 2, "", "a place on Opper is opper:key=value", 0, 0},
        {"two places in one", "baseline: {opper: {label: a=b}, label: a=b}\n", "assay run s.yaml", 2, "",
         "one of file, run, label, opper, variant", 0, 0},
    };
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    (void)e2e_sh(&s.e, "assay run small.yaml -q --record opper --label branch=main --label n=1; "
                       "assay run small.yaml -q --record opper --label branch=main --label n=2 -r jsonl=two.jsonl; "
                       "echo 'record: local' > assay.yaml; mkdir .git");
    uint64_t traces = 0;
    uint64_t lists = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool has_gates = strstr(rows[i].suite, "gates:") != NULL;
        (void)e2e_sh(&s.e, "rm -rf .assay bare go");
        e2e_write(&s.e, "s.yaml",
                  arena_printf(&s.e.arena, "%s%s%s", SMALL, rows[i].suite,
                               has_gates ? "" : "gates: [exact.mean >= baseline]\n")
                      .ptr);
        struct e2e_done done = e2e_sh(&s.e, "%s", rows[i].script);
        CHECK_INT(rows[i].name, done.exit_code, rows[i].exit_code);
        CHECK_CONTAINS(rows[i].name, done.out, rows[i].out);
        CHECK_CONTAINS(rows[i].name, done.err, rows[i].err);
        CHECK(rows[i].name, rows[i].err[0] != '\0' || !e2e_has(done.err, "assay: "));
        struct str ledger = ledger_so_far(&s);
        CHECK_INT(rows[i].name, fault_count(ledger, "get-trace") - traces, rows[i].traces);
        CHECK_INT(rows[i].name, fault_count(ledger, "list-traces") - lists, rows[i].lists);
        traces = fault_count(ledger, "get-trace");
        lists = fault_count(ledger, "list-traces");
    }
#undef HERE
}

/* A trace that is not whole is no baseline: the one before it is. */
static void test_baseline_not_whole(void)
{
    const char *const args[] = {"--rule", "kind=get-trace times=1 : status=200 body=\"{\\\"spans\\\":[]}\"", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args);
    (void)e2e_sh(&s.e,
                 "for n in 1 2; do assay run small.yaml -q --record opper --label branch=main; done; rm -r .assay");
    struct e2e_done done = e2e_sh(
        &s.e, "assay run small.yaml -q --record local --baseline opper:branch=main --gate 'exact.mean >= baseline'");
    CHECK_INT("judged", done.exit_code, 0);
    CHECK_CONTAINS("said", done.err, "assay: passed over as a baseline: run ");
    CHECK_CONTAINS("said", done.err, "its trace is not whole: it holds 0 of 2 samples");
    CHECK_CONTAINS("the other", done.out, "baseline opper:branch=main: 1 run, 2 of 2 cases in common");
}

/* One variant alone, then the other: one invocation, as bad as its worst run. */
static void test_one_by_one(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    e2e_write(&s.e, "two.yaml",
              "suite: two\ntarget: {replay: yes}\nvariants: [{name: good}, {name: bad, replay: no}]\n"
              "cases: [{id: a, input: x, expected: yes}]\nscorers: [exact]\n");
    CHECK_INT("run", e2e_sh(&s.e, "assay run two.yaml -q --record opper -r jsonl=here.jsonl").exit_code, 1);
    (void)e2e_sh(&s.e, "jq -r 'select(.kind == \"run\").run' here.jsonl > ids; mkdir new");
    struct e2e_done done = e2e_sh(&s.e, "assay pull $(sed -n 1p ids) --db new/a.db && assay list --db new/a.db");
    CHECK_CONTAINS("good", done.out, "two [good]  1 sample\n");
    CHECK_CONTAINS("alone", done.out, "passed");
    done = e2e_sh(&s.e, "assay pull $(sed -n 2p ids) --db new/a.db && assay show latest --db new/a.db");
    CHECK_CONTAINS("bad", done.out, "two [bad]  1 sample\n");
    CHECK_CONTAINS("both", done.out, "2 variants");
    CHECK_CONTAINS("as bad as its worst", e2e_last_line(done.out), "failed (exit 1)");
}

static void test_latest(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    static const char *const runs[] = {
        "assay run small.yaml --run-id old --label branch=main",
        "assay run small.yaml --run-id wanted --label branch=main --label team=a",
        "assay run small.yaml --run-id side --label branch=topic",
        "assay run small.yaml --run-id bad --label branch=main --set answer=no",
        "assay run small.yaml --run-id dirty --label branch=main --label dirty=yes",
        "assay run small.yaml --run-id part --label branch=main --limit 1",
        "sed 's/^suite: small/suite: \"my small\"/' small.yaml > my.yaml; assay run my.yaml --label branch=main",
        "sed 's/^suite: small/suite: small [x]/' small.yaml > x.yaml; assay run x.yaml --label branch=main",
    };
    for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
        (void)e2e_sh(&s.e, "%s -q --record opper", runs[i]);
    }
    static const struct {
        const char *name, *options, *want; /* NULL = none */
    } rows[] = {
        {"with the label", "--label branch=main", "wanted"},
        {"with two", "--label branch=main --label team=a", "wanted"},
        {"without a label", "", "side"},
        {"no such label", "--label branch=none", NULL},
        {"one of them only", "--label branch=topic --label team=a", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct e2e_done done =
            e2e_sh(&s.e, "rm -rf new; mkdir new; assay pull --latest small %s --db new/a.db", rows[i].options);
        CHECK_INT(rows[i].name, done.exit_code, rows[i].want == NULL ? 4 : 0);
        if (rows[i].want == NULL) {
            CHECK_CONTAINS(rows[i].name, done.err, "none of the 7 runs of 'small' on Opper may be a baseline: ");
            continue;
        }
        struct str name = e2e_sh(&s.e, "assay report latest --db new/a.db --format jsonl | head -n 1 | jq -r "
                                       ".recorded.invocation.name")
                              .out;
        CHECK_CSTR(rows[i].name, str_trim(name), rows[i].want);
    }
    struct e2e_done done = e2e_sh(&s.e, "assay pull --latest smal --db new/a.db");
    CHECK_INT("no such suite", done.exit_code, 4);
    CHECK_CONTAINS("no such suite", done.err, "Opper has no run of a suite 'smal' at http://127");
}

/* More traces than a page, most of them somebody else's. */
static void test_pages(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    (void)e2e_sh(&s.e, "assay run small.yaml -q --record opper");
    struct e2e_done done = e2e_sh(
        &s.e,
        "python3 -c '\n"
        "import json, os, urllib.request\n"
        "for i in range(230):\n"
        "    body = {\"name\": \"small [default]\" if i %% 2 else \"small talk\", \"start_time\": "
        "\"2099-01-01T00:00:00Z\"}\n"
        "    request = urllib.request.Request(os.environ[\"OPPER_BASE_URL\"] + \"/spans\", json.dumps(body).encode(),\n"
        "        {\"Authorization\": \"Bearer x\", \"Content-Type\": \"application/json\"})\n"
        "    urllib.request.urlopen(request).read()\n"
        "'");
    CHECK_INT("made", done.exit_code, 0);
    done = e2e_sh(&s.e, "mkdir new; assay pull --latest small --db new/a.db");
    CHECK_INT("found", done.exit_code, 0);
    CHECK_CONTAINS("found", done.out, "small [default]  2 samples");
    struct str ledger = fault_end(&s.fault, &s.e.arena);
    CHECK_INT("pages", fault_count(ledger, "list-traces"), 3);
}

static void test_faults(void)
{
    const char *const args[] = {"--rule", "kind=get-trace times=1 : cut-body=700",
                                "--rule", "kind=get-trace times=1 : status=503",
                                "--rule", "kind=list-traces times=1 : rst",
                                "--rule", "kind=list-traces times=1 : status=429 retry-after=1",
                                "--rule", "kind=get-span times=1 : status=502",
                                NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args);
    (void)e2e_sh(&s.e, "assay run small.yaml -q --record opper -r jsonl=here.jsonl; mkdir new");
    struct e2e_done done = e2e_sh(&s.e, "assay pull --latest small --db new/a.db && "
                                        "assay report latest --db new/a.db --format jsonl=there.jsonl");
    CHECK_INT("pulled all the same", done.exit_code, 0);
    check_equal(&s, "the same records");
}

/* A trace that cannot be taken, and why; the store stays as it was. */
static void test_refused(void)
{
    static const struct {
        const char *name, *rule, *script;
        int exit_code;
        const char *said;
    } rows[] = {
        {"no key", NULL, "env -u OPPER_API_KEY assay pull --latest small", 2, "assay pull needs a key"},
        {"which", NULL, "assay pull", 2, "which run? assay pull TRACE, or assay pull --latest SUITE"},
        {"both", NULL, "assay pull $(cat id) --latest small", 2, "which run?"},
        {"no id", NULL, "assay pull latest", 2, "'latest' is no trace: its whole id is wanted"},
        {"a label for nothing", NULL, "assay pull $(cat id) --label a=b", 2, "--label goes with --latest"},
        {"half a label", NULL, "assay pull --latest small --label a", 2, "--label wants key=value, not 'a'"},
        {"another run", NULL, "assay pull 00000000-0000-4000-8000-000000000000", 4,
         "Opper has no run 00000000-0000-4000-8000-000000000000 at http://127"},
        {"refused", "kind=get-span : status=401", "assay pull $(cat id)", 5, "401 Unauthorized"},
        {"down", "kind=get-span : status=500", "assay pull $(cat id)", 5, "500 Internal Server Error"},
        {"no trace", "kind=get-trace : status=404", "assay pull $(cat id)", 4, "its root span, but not its trace"},
        {"no JSON", "kind=get-trace : status=200 body=hello", "assay pull $(cat id)", 5,
         "the trace: not JSON at byte 0: '{' is wanted"},
        {"no spans", "kind=get-trace : status=200 body={}", "assay pull $(cat id)", 5, "the trace: "},
        {"empty", "kind=get-trace : status=200 body=\"{\\\"spans\\\":[]}\"", "assay pull $(cat id)", 4,
         "its trace is not whole: it holds 0 of 2 samples"},
        {"a list that does not go on",
         "kind=list-traces : status=200 body=\"{\\\"meta\\\":{\\\"total_count\\\":900},\\\"data\\\":[{\\\"id\\\":"
         "\\\"00000000-0000-4000-8000-000000000001\\\"}]}\"",
         "assay pull --latest small", 5, "the same page again and again"},
        {"not ended", "kind=patch-span : status=400", "assay pull $(cat id)", 4,
         "has not ended, or not been recorded to its end"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const args[] = {rows[i].rule == NULL ? NULL : "--rule", rows[i].rule, NULL};
        struct stage s CLEANUP(stage_close) = stage_open(args);
        (void)e2e_sh(&s.e, "assay run small.yaml -q --record opper -r jsonl=here.jsonl; "
                           "head -n 1 here.jsonl | jq -r .run > id; mkdir new");
        struct e2e_done done = e2e_sh(&s.e, "%s --db new/a.db", rows[i].script);
        CHECK_INT(rows[i].name, done.exit_code, rows[i].exit_code);
        CHECK_CONTAINS(rows[i].name, done.err, rows[i].said);
        CHECK(rows[i].name, !e2e_has(e2e_sh(&s.e, "assay list --db new/a.db 2>&1").out, "small"));
    }
}

/* A span or a metric that somebody deleted. */
static void test_not_whole(void)
{
    static const struct {
        const char *name, *path, *said;
    } rows[] = {
        {"a span", "/spans/%s", "holds 1 of 2 samples"},
        {"a metric", "/spans/%s/metrics/%s", "has no metric 'exact'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct stage s CLEANUP(stage_close) = stage_open(NULL);
        (void)e2e_sh(&s.e, "assay run small.yaml -q --record opper -r jsonl=here.jsonl; mkdir new");
        struct e2e_done done =
            e2e_sh(&s.e,
                   "python3 -c '\n"
                   "import json, os, urllib.request\n"
                   "def ask(method, path):\n"
                   "    request = urllib.request.Request(os.environ[\"OPPER_BASE_URL\"] + path, method=method, "
                   "headers={\"Authorization\": \"Bearer x\"})\n"
                   "    return urllib.request.urlopen(request).read()\n"
                   "span = [json.loads(line) for line in open(\"here.jsonl\")][1][\"span\"]\n"
                   "metric = json.loads(ask(\"GET\", f\"/spans/{span}/metrics\"))[\"data\"][0][\"id\"]\n"
                   "ask(\"DELETE\", \"%s\" %% (span, metric)[:%d])\n"
                   "'",
                   rows[i].path, i == 0 ? 1 : 2);
        CHECK_INT(rows[i].name, done.exit_code, 0);
        done = e2e_sh(&s.e, "assay pull $(head -n 1 here.jsonl | jq -r .run) --db new/a.db");
        CHECK_INT(rows[i].name, done.exit_code, 4);
        CHECK_CONTAINS(rows[i].name, done.err, rows[i].said);
        CHECK(rows[i].name, !e2e_has(e2e_sh(&s.e, "assay list --db new/a.db 2>&1").out, "small"));
    }
}

/* What others made of it: nothing of it comes into the store. */
static void test_damaged(void)
{
    static const struct {
        const char *name, *change; /* of `span` and `meta`, that of a sample; `root` is the other */
        const char *said;
    } rows[] = {
        {"a trial too many", "meta[\"trial\"] = 2", "trial 2 of 1"},
        {"no trial", "meta[\"trial\"] = 0", "trial 0 of 1"},
        {"a score beyond all", "meta[\"score\"] = 7", "'score' is not in 0 to 1"},
        {"another score than its metric", "meta[\"scores\"][\"exact\"] = [0, False]",
         "its metric 'exact' is not the score"},
        {"tags of numbers", "meta[\"tags\"] = [1]", "'tags' is not a list of texts"},
        {"one sample at two spans", "meta[\"case\"] = \"b\"; meta[\"ordinal\"] = 1", "two cases stand at one place"},
        {"a sample too many",
         "ask(\"POST\", \"/spans\", {\"name\": \"x\", \"trace_id\": run[\"run\"], \"parent_id\": run[\"root_span\"], "
         "\"meta\": "
         "{\"assay\": {**meta, \"scores\": {}}}})",
         "it holds 3 samples, and the run has 2"},
        {"a root of another run", "root[\"run\"] = span", "it says that it is of run"},
        {"of another suite", "root[\"suite\"] = \"large\"", "its ids are not those of suite 'large'"},
        {"a dimension twice", "root[\"dimensions\"] *= 2", "two dimensions are named 'exact'"},
    };
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    e2e_write(&s.e, "change.py",
              "import json, os, sys, urllib.request\n"
              "def ask(method, path, body=None):\n"
              "    request = urllib.request.Request(os.environ[\"OPPER_BASE_URL\"] + path, method=method,\n"
              "        data=body and json.dumps(body).encode(),\n"
              "        headers={\"Authorization\": \"Bearer x\", \"Content-Type\": \"application/json\"})\n"
              "    return json.loads(urllib.request.urlopen(request).read())\n"
              "run, sample = [json.loads(line) for line in open(\"here.jsonl\")][:2]\n"
              "span = sample[\"span\"]\n"
              "meta, root = [ask(\"GET\", \"/spans/\" + i)[\"meta\"][\"assay\"] for i in (span, run[\"root_span\"])]\n"
              "exec(sys.argv[1])\n"
              "ask(\"PATCH\", \"/spans/\" + span, {\"meta\": {\"assay\": meta}})\n"
              "ask(\"PATCH\", \"/spans/\" + run[\"root_span\"], {\"meta\": {\"assay\": root}})\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)e2e_sh(&s.e, "rm -rf new; mkdir new; assay run small.yaml -q --record opper -r jsonl=here.jsonl");
        CHECK_INT(rows[i].name, e2e_sh(&s.e, "python3 change.py '%s'", rows[i].change).exit_code, 0);
        struct e2e_done done = e2e_sh(&s.e, "assay pull $(head -n 1 here.jsonl | jq -r .run) --db new/a.db");
        CHECK_INT(rows[i].name, done.exit_code, 5);
        CHECK_CONTAINS(rows[i].name, done.err, rows[i].said);
        CHECK(rows[i].name, !e2e_has(e2e_sh(&s.e, "assay list --db new/a.db 2>&1").out, "small"));
    }
}

/* A key that stands in what others recorded does not come into the store. */
static void test_key(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL);
    (void)e2e_sh(&s.e,
                 "OPPER_API_KEY=op-other-1 assay run small.yaml -q --record opper --set answer=op-4711-canary-0815 "
                 "--label note=op-4711-canary-0815 -r jsonl=here.jsonl; mkdir new");
    CHECK_INT("it was sent", e2e_count_of(e2e_read(&s.e, "here.jsonl"), "op-4711-canary-0815") > 2, 1);
    struct e2e_done done =
        e2e_sh(&s.e, "assay pull $(head -n 1 here.jsonl | jq -r .run) --db new/a.db && "
                     "assay report latest --db new/a.db --format jsonl=there.jsonl && cat new/a.db* there.jsonl > all");
    CHECK_INT("pull", done.exit_code, 0);
    CHECK("no key", !e2e_has(e2e_read(&s.e, "all"), "op-4711-canary"));
    CHECK_CONTAINS("redacted", e2e_read(&s.e, "there.jsonl"), "[redacted]");
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test tests[] = {
        {"there and back", test_there_and_back},
        {"not scored", test_not_scored},
        {"changed since", test_changed_since},
        {"as a baseline", test_baseline},
        {"a place of a baseline", test_baseline_place},
        {"a baseline that is not whole", test_baseline_not_whole},
        {"one by one", test_one_by_one},
        {"the latest", test_latest},
        {"pages", test_pages},
        {"faults on the way", test_faults},
        {"refused", test_refused},
        {"not whole", test_not_whole},
        {"damaged", test_damaged},
        {"the key", test_key},
    };
    return check_run("e2e pull", tests, ARRAY_LEN(tests));
}
