/* Verdicts through the program: where baselines are found, what outranks what, judging again, and that nobody says anything else than the exit code. */

#include <stdlib.h>

#include "base/rng.h"
#include "tests/e2e/e2e.h"

#define GIT "git -c user.name=n -c user.email=m@x -c init.defaultBranch=main "

/* Replayed answers: rows.csv has id, answer ("yes" is right; "" errors nothing), n (a number). */
static const char SUITE[] = "suite: demo\n"
                            "target: {replay: \"{{answer}}\"}\n"
                            "dataset: {file: rows.csv, id: \"{{id}}\", input: \"{{id}}\"}\n"
                            "scorers:\n"
                            "  - exact: {expected: 'yes', dimension: answer}\n"
                            "  - length: {dimension: chars, direction: lower}\n";

/* 100 rows of which those from `from` to `to` are wrong. */
static void rows(struct e2e *e, int from, int to)
{
    (void)e2e_sh(e,
                 "awk 'BEGIN { print \"id,answer\"; for (i = 1; i <= 100; i++) print \"c\" i \",\" "
                 "(i >= %d && i <= %d ? \"no\" : \"yes\") }' >rows.csv",
                 from, to);
}

static void suite_with(struct e2e *e, const char *more)
{
    e2e_write(e, "s.yaml", arena_printf(&e->arena, "%s%s", SUITE, more).ptr);
}

/* --- places ------------------------------------------------------------------------------------------------------------------------------------- */

static void places(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    rows(&e, 1, 10);
    suite_with(&e, "gates: [no regression of answer.mean]\nbaseline: [{file: b.jsonl}, {label: team=x}]\n");
    static const struct e2e_row first[] = {
        {"nothing is there",
         "assay run s.yaml -q --label team=y",
         4,
         {"empty (exit 4): no baseline: b.jsonl: there is no such file; team=x: no other run of demo [default] has "
          "this "
          "label"},
         {"assay: no baseline for demo [default], so there will be no verdict (exit 4): b.jsonl: there is no such "
          "file"},
         NULL},
        {"a flag is in place of the suite's",
         "assay run s.yaml -q --baseline latest --label team=x --run-id base",
         0,
         {"baseline latest: 1 run", "passed (exit 0)"},
         {NULL},
         "team=x:"},
        {"the label finds it",
         "assay run s.yaml -q",
         0,
         {"baseline team=x: 1 run, 100 of 100 cases in common"},
         {NULL},
         NULL},
        {"never itself",
         "assay run s.yaml -q --baseline latest --run-id me && assay gate me --baseline me",
         4,
         {"me: it is the run that is judged"},
         {NULL},
         NULL},
        {"a run of another suite",
         "sed 's/suite: demo/suite: other/' s.yaml >o.yaml && assay run o.yaml -q --gate 'cases >= 1' --baseline "
         "latest",
         4,
         {"latest: it has no run of other [default], but demo [default]"},
         {NULL},
         NULL},
        {"an unknown run", "assay run s.yaml -q --baseline 99999999", 4, {"99999999: no run '99999999'"}, {NULL}, NULL},
        {"what is no export",
         "assay run s.yaml -q --baseline rows.csv",
         2,
         {NULL},
         {"rows.csv:1:1: baseline: not an export"},
         NULL},
        {"a file",
         "assay baseline save b.jsonl base && assay run s.yaml -q",
         0,
         {"baseline b.jsonl: 1 run"},
         {NULL},
         NULL},
        {"a file of another folder",
         "mkdir sub && cp s.yaml rows.csv b.jsonl sub && assay run sub/s.yaml -q",
         0,
         {"baseline b.jsonl: 1 run"},
         {NULL},
         NULL},
        {"a damaged file",
         "sed -i '$d' b.jsonl && assay run s.yaml -q",
         2,
         {NULL},
         {"b.jsonl:", "end line is missing"},
         NULL},
    };
    e2e_check_rows(&e, first, ARRAY_LEN(first));
}

/* Only whole, passed runs of a clean tree can be found by a label. */
static void eligible(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    rows(&e, 1, 10);
    suite_with(&e, "gates: [answer.mean >= 0.5]\n");
    (void)e2e_sh(&e, GIT "init -q && git add s.yaml && " GIT "commit -q -m x");
    static const struct e2e_row table[] = {
        {"a selection", "assay run s.yaml -q --filter c1", 0, {"12 cases"}, {NULL}, NULL},
        {"one that failed", "assay run s.yaml -q --gate 'answer.mean >= 0.95'", 1, {"failed"}, {NULL}, NULL},
        {"a dirty tree",
         "cp s.yaml keep.yaml && echo '# x' >>s.yaml && assay run s.yaml -q && cp keep.yaml s.yaml",
         0,
         {"passed"},
         {NULL},
         NULL},
        {"none of them",
         "assay run s.yaml -q --gate 'no regression of answer.mean' --baseline branch=main",
         4,
         {"branch=main: no run of demo [default] with this label is whole, passed, and of a clean tree"},
         {NULL},
         NULL},
        {"a good one", "assay run s.yaml -q --run-id good", 0, {"passed"}, {NULL}, NULL},
        {"is found",
         "assay run s.yaml -q --gate 'no regression of answer.mean' --baseline branch=main",
         0,
         {"baseline branch=main: 1 run", "1 cannot tell"},
         {NULL},
         NULL},
    };
    e2e_check_rows(&e, table, ARRAY_LEN(table));
    struct e2e_done done =
        e2e_sh(&e, "assay report latest --format json | jq -r '.runs[0].summary.baselines[0].runs[0]'; "
                   "assay report good --format json | jq -r '.runs[0].run.run'");
    struct str rest = done.out;
    struct str found = STR("");
    CHECK("both named", str_split(&rest, '\n', &found) && found.len > 8);
    CHECK_STR("it is the good one", str_trim(rest), found);
}

/* --- what outranks what -------------------------------------------------------------------------------------------------------------------------- */

static void order(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml",
              "suite: order\n"
              "target: {shell: 'test \"$ASSAY_CASE\" != bad && echo yes'}\n"
              "cases: [{id: a, input: x}, {id: b, input: x}, {id: bad, input: x}]\n"
              "scorers: [{exact: {expected: 'yes', dimension: answer}}]\n"
              "gates: [no regression of answer.mean, answer.pass_rate >= 100%]\n"
              "baseline: {label: none=there}\n");
    static const struct e2e_row table[] = {
        {"nothing selected before all", "assay run s.yaml -q --case nobody", 4, {NULL}, {"no case"}, "baseline:"},
        {"errors before the baseline",
         "assay run s.yaml -q",
         3,
         {"errored (exit 3): 1 of 3 samples errored, allow_errors is 0"},
         {NULL},
         NULL},
        {"the baseline before gates that fail",
         "assay run s.yaml -q --case a --case b --gate 'cases >= 50'",
         4,
         {"empty (exit 4): no baseline:", "- cases >= 50"},
         {NULL},
         NULL},
        {"gates",
         "assay run s.yaml -q --case a --case b --gate 'cases >= 50' --baseline latest~99 --baseline latest",
         1,
         {"cases >= 50 (2)"},
         {NULL},
         NULL},
        {"a gate over errors takes over, and the baseline is asked",
         "assay run s.yaml -q --gate 'errors <= 1'",
         4,
         {"no baseline"},
         {NULL},
         NULL},
    };
    e2e_check_rows(&e, table, ARRAY_LEN(table));
}

/* --- judging again -------------------------------------------------------------------------------------------------------------------------------- */

static void judging_again(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    rows(&e, 1, 10);
    e2e_write(&e, "prog", "#!/bin/sh\ntest \"$ASSAY_CASE\" = c1 && echo no || echo yes\n");
    e2e_write(&e, "s.yaml",
              "suite: again\n"
              "target: {command: [./prog]}\n"
              "variants: [{name: a}, {name: b, env: {X: '1'}}]\n"
              "dataset: {file: rows.csv, id: \"{{id}}\", input: \"{{id}}\", limit: 30}\n"
              "scorers: [{exact: {expected: 'yes', dimension: answer}}, {one_of: {values: ['yes', 'no'], expected: "
              "'yes', dimension: kind}}]\n"
              "gates: [answer.pass_rate >= 90%, 'answer.mean[variant=b] >= answer.mean[variant=a]']\n");
    struct e2e_done done = e2e_sh(
        &e,
        "chmod +x prog && assay run s.yaml -q --run-id one --gate 'cases >= 30' && assay run s.yaml -q --run-id two");
    CHECK_INT("run", done.exit_code, 0);
    struct str before = e2e_sql(&e, "SELECT group_concat(summary) FROM run");
    static const struct e2e_row again[] = {
        {"from the store alone: program, data and suite are gone",
         "rm -r prog rows.csv s.yaml && assay gate one",
         0,
         {"5 gates hold", "cases >= 30"},
         {NULL},
         NULL},
        {"latest unless said", "assay gate", 0, {"3 gates hold"}, {NULL}, "cases >= 30"},
        {"one more that fails",
         "assay gate two --gate 'answer.mean >= 0.99'",
         1,
         {"[a] answer.mean >= 0.99 (0.9667)", "failed (exit 1)"},
         {NULL},
         NULL},
        {"one variant",
         "assay gate two/a --gate 'answer.mean >= 0.99'",
         1,
         {"1 of 2 gates failed: answer.mean >= 0.99"},
         {NULL},
         "[b]"},
        {"classes", "assay gate two --gate 'kind.recall[label=yes] >= 90%'", 0, {"5 gates hold"}, {NULL}, NULL},
        {"measures that no gate named",
         "assay gate two --gate 'latency_ms.p50 <= 60s'",
         0,
         {"latency_ms.p50 <= 60s"},
         {NULL},
         NULL},
        {"against another run",
         "assay gate two/a --gate 'no regression of answer.mean beyond 0.1' --baseline one",
         0,
         {"baseline one: 1 run, 30 of 30 cases in common", "shown: no drop", "beyond 10 points"},
         {NULL},
         NULL},
        {"a dimension that is not there",
         "assay gate two --gate 'answr.mean >= 1'",
         2,
         {NULL},
         {"--gate:1:1: the run has no dimension 'answr'", "did you mean 'answer'"},
         NULL},
        {"a variant that did not run",
         "assay gate two --gate 'answer.mean[variant=c] >= 1'",
         2,
         {NULL},
         {"no variant 'c'"},
         NULL},
        {"no baseline given",
         "assay gate two --gate 'no regression of answer.mean'",
         2,
         {NULL},
         {"there is no baseline", "--baseline RUN"},
         NULL},
        {"an unknown run", "assay gate nobody", 4, {NULL}, {"no run 'nobody'"}, NULL},
        {"two runs", "assay gate one two", 2, {NULL}, {"one run at a time"}, NULL},
        {"an exported one",
         "assay report two --format jsonl=two.jsonl && assay gate two.jsonl --db none.db",
         0,
         {"3 gates hold"},
         {NULL},
         NULL},
        {"an exported one against a stored one",
         "assay gate two.jsonl --gate 'errors <= baseline' --baseline one",
         0,
         {"baseline one"},
         {NULL},
         NULL},
        {"reports",
         "assay gate two --gate 'answer.mean >= 0.99' --report json=j.json --report junit=j.xml; jq -r .verdict j.json",
         0,
         {"failed"},
         {NULL},
         NULL},
        {"a report on stdout leaves it alone",
         "assay gate two --report json | jq -r .verdict",
         0,
         {"passed\n"},
         {"passed (exit 0)"},
         NULL},
    };
    e2e_check_rows(&e, again, ARRAY_LEN(again));
    CHECK_STR("what was stored stays", e2e_sql(&e, "SELECT group_concat(summary) FROM run"), before);
}

/* --- attempts --- */

/* Another attempt is what is run again after a failure. */
static void attempts(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    rows(&e, 1, 10);
    suite_with(&e, "gates: [answer.mean >= 0.5]\n");
    (void)e2e_sh(&e, GIT "init -q && git add s.yaml rows.csv && " GIT "commit -q -m x");
    static const struct e2e_row table[] = {
        {"a nightly", "assay run s.yaml -q", 0, {"passed"}, {NULL}, "attempt"},
        {"of the same commit", "assay run s.yaml -q", 0, {"passed"}, {NULL}, "attempt"},
        {"it fails", "assay run s.yaml -q --gate 'answer.mean >= 0.99'", 1, {"failed"}, {NULL}, "attempt"},
        {"and again",
         "assay run s.yaml -q --gate 'answer.mean >= 0.99'",
         1,
         {"attempt 2: the same suite"},
         {NULL},
         NULL},
        {"until it passes",
         "assay run s.yaml -q",
         0,
         {"attempt 3: the same suite, commit and variant failed"},
         {NULL},
         NULL},
        {"which is the end of it", "assay run s.yaml -q", 0, {"passed"}, {NULL}, "attempt"},
        {"another commit",
         "assay run s.yaml -q --gate 'answer.mean >= 0.99'; " GIT
         "commit -q --allow-empty -m y; assay run s.yaml -q -r json=r.json "
         ">out; cat out; jq .runs[0].summary.attempt r.json",
         0,
         {"1"},
         {NULL},
         "attempt 2"},
    };
    e2e_check_rows(&e, table, ARRAY_LEN(table));
}

/* --- blessing -------------------------------------------------------------------------------------------------------------------------------------- */

static void blessing(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    rows(&e, 1, 10);
    suite_with(&e, "gates: [no regression of answer.mean beyond 0.02, chars.p95 <= baseline * 1.5]\n"
                   "baseline: {file: base/demo.jsonl, missing: skip}\n");
    (void)e2e_sh(&e, "mkdir base && " GIT "init -q && git add s.yaml rows.csv && " GIT
                     "commit -q -m x && for i in 1 2 3; do assay run s.yaml -q; done");
    static const struct e2e_row table[] = {
        {"one of three",
         "assay baseline save base/demo.jsonl --runs 1",
         2,
         {NULL},
         {"was judged 3 times, and a baseline is all of them (--runs 3)"},
         NULL},
        {"more than there are",
         "assay baseline save base/demo.jsonl --runs 4",
         2,
         {NULL},
         {"only 3 runs of this version", "run it 1 more time"},
         NULL},
        {"all of them",
         "assay baseline save base/demo.jsonl --runs 3",
         0,
         {"saved base/demo.jsonl: 3 runs of demo at "},
         {NULL},
         "lucky"},
        {"not over it", "assay baseline save base/demo.jsonl", 2, {NULL}, {"is there", "accept"}, NULL},
        {"and drawn beside it, from the file",
         "mkdir x && cd x && assay run ../s.yaml -q --db ../other.db -r html=r.html -r markdown=r.md && grep -c "
         "'baseline "
         "base/demo.jsonl</th>' r.html && grep 'baseline base/demo.jsonl' r.md && assay report latest --db ../other.db "
         "--format "
         "markdown | grep -c 'this run'",
         0,
         {"baseline base/demo.jsonl: 3 runs"},
         {NULL},
         NULL},
        {"only named when it holds other runs by now",
         "mv base/demo.jsonl y && head -c 100 y > base/demo.jsonl; assay report latest --db other.db --format "
         "markdown; mv y "
         "base/demo.jsonl",
         0,
         {"baseline base/demo.jsonl: 3 runs"},
         {NULL},
         "this run"},
        {"judged against all three",
         "assay run s.yaml -q --pool",
         0,
         {"baseline base/demo.jsonl: 3 runs, 100 of 100 cases in common", "4 runs of this version are judged together"},
         {NULL},
         NULL},
        {"a failing run is none",
         "assay run s.yaml -q --gate 'answer.mean >= 0.99'; assay baseline accept",
         2,
         {"failed"},
         {"has not passed (failed)"},
         NULL},
        {"nor a selection",
         "assay run s.yaml -q --filter c1; assay baseline accept",
         2,
         {NULL},
         {"is of a selection"},
         NULL},
        {"nor a dirty tree",
         "echo '# x' >>s.yaml; assay run s.yaml -q; assay baseline accept",
         2,
         {NULL},
         {"changes that are not committed"},
         NULL},
        {"a new version, worse by one",
         GIT "commit -q -a -m y && sed -i 's/^c50,yes/c50,no/' rows.csv && " GIT
             "commit -q -a -m z && assay run s.yaml -q",
         0,
         {"1 cannot tell"},
         {NULL},
         NULL},
        {"accepted, with the first in sight",
         "assay baseline accept",
         0,
         {"demo.jsonl: 1 run of demo", "one run can be a lucky one", "distance to the first baseline", "-1 pts"},
         {NULL},
         NULL},
        {"worse by one more",
         "sed -i 's/^c51,yes/c51,no/' rows.csv && " GIT
         "commit -q -a -m z && assay run s.yaml -q && assay baseline accept",
         0,
         {"-2 pts"},
         {NULL},
         NULL},
        {"the anchor is still the first",
         "grep -c '\"kind\":\"end\"' base/demo.anchor.jsonl base/demo.jsonl",
         0,
         {"base/demo.anchor.jsonl:3", "base/demo.jsonl:1"},
         {NULL},
         NULL},
        {"which verb", "assay baseline", 2, {NULL}, {"save or accept?"}, NULL},
        {"another verb", "assay baseline bless", 2, {NULL}, {"no 'assay baseline bless'"}, NULL},
        {"where to", "assay baseline save", 2, {NULL}, {"assay baseline save FILE"}, NULL},
    };
    e2e_check_rows(&e, table, ARRAY_LEN(table));
}

/* --- the published models --------------------------------------------------------------------------------------------------------------------------- */

static const char *shared_data(struct e2e *e)
{
    const char *named = getenv("ASSAY_SHARED");
    const char *places[] = {named == NULL ? "" : named, "../shared", "../../shared"};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const char *path =
            arena_printf(&e->arena,
                         i == 0 ? "%s%s/data/gsm8k/solutions-200.jsonl" : "%s/%s/data/gsm8k/solutions-200.jsonl",
                         i == 0 ? "" : e2e_source_dir(), places[i])
                .ptr;
        if (e2e_sh(e, "test -f '%s'", path).exit_code == 0) {
            return path;
        }
    }
    return NULL;
}

/* Six pairs of four models over 200 problems: five differ, and one honestly cannot be told. */
static void published_models(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    const char *data = shared_data(&e);
    if (data == NULL) {
        (void)printf(
            "skipped: the published solutions are not here (ASSAY_SHARED names the folder above data/gsm8k)\n");
        CHECK("skipped", data == NULL);
        return;
    }
    (void)e2e_sh(&e, "cp '%s' problems.jsonl", data);
    e2e_write(&e, "s.yaml",
              "suite: math\n"
              "target: {replay: x}\n"
              "variants:\n"
              "  - {name: 6b_finetuning, replay: '{{row[\"6b_finetuning\"].solution}}'}\n"
              "  - {name: 6b_verification, replay: '{{row[\"6b_verification\"].solution}}'}\n"
              "  - {name: 175b_finetuning, replay: '{{row[\"175b_finetuning\"].solution}}'}\n"
              "  - {name: 175b_verification, replay: '{{row[\"175b_verification\"].solution}}'}\n"
              "dataset: {file: problems.jsonl, input: '{{question}}', expected: '{{ground_truth}}'}\n"
              "scorers:\n"
              "  - numeric: {extract: 'A: *\\$?(-?[\\d.,]+)', match: last, expected: '{{expected}}', tolerance: 1e-6, "
              "dimension: answer}\n"
              "gates: ['cases >= 200']\n");
    static const struct {
        const char *better, *worse;
        double b, c, p, lo, hi; /* by R: tests/stats/data/gsm8k.txt; two-sided p */
        int exit_code;
    } pairs[] = {
        {"6b_verification", "6b_finetuning", 38, 8, 5.5396215969949752e-06, 0.087904216570082849, 0.2162696914108545,
         0},
        {"175b_finetuning", "6b_finetuning", 34, 14, 0.0038016544097488015, 0.033314106937831066, 0.16870613976292051,
         0},
        {"175b_verification", "6b_finetuning", 70, 5, 5.2492331101200091e-16, 0.25368123243098128, 0.39782141641749796,
         0},
        {"175b_verification", "6b_verification", 46, 11, 2.0315945360449442e-06, 0.10535908475804755,
         0.24679661180723145, 0},
        {"175b_verification", "175b_finetuning", 52, 7, 7.6719182742768801e-10, 0.15751660599651823,
         0.29567005533378427, 0},
        {"6b_verification", "175b_finetuning", 30, 20, 0.1607796018119888, -0.019802298731786242, 0.12057127508352336,
         1},
    };
    struct e2e_done done = e2e_sh(&e, "assay run s.yaml -q --run-id math >out; tail -n 1 out");
    CHECK_CONTAINS("run", done.out, "passed (exit 0)");
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const char *name = arena_printf(&e.arena, "%s over %s", pairs[i].better, pairs[i].worse).ptr;
        done =
            e2e_sh(&e,
                   "assay gate math --gate 'answer.mean[variant=%s] >= answer.mean[variant=%s] with 95%% confidence' "
                   "--report json=j.json >/dev/null; echo $?; jq -r '[.runs[].summary.gates[] | select(.form == "
                   "\"claim\")][0] | "
                   "[.only_this, .only_reference, .interval.lo, .interval.hi, (.test.p_fail, .test.p_pass | . * 2) , "
                   ".outcome] | @tsv' j.json",
                   pairs[i].better, pairs[i].worse);
        struct str rest = done.out;
        struct str line = STR("");
        CHECK(name, str_split(&rest, '\n', &line) && line.len == 1 && line.ptr[0] == '0' + pairs[i].exit_code);
        struct str field = STR("");
        double v[6] = {0};
        for (size_t k = 0; k < ARRAY_LEN(v) && str_split(&rest, '\t', &field); k++) {
            v[k] = strtod(arena_cstr(&e.arena, field), NULL);
        }
        CHECK_DOUBLE(name, v[0], pairs[i].b, 0);
        CHECK_DOUBLE(name, v[1], pairs[i].c, 0);
        CHECK_DOUBLE(name, v[2], pairs[i].lo, 1e-9);
        CHECK_DOUBLE(name, v[3], pairs[i].hi, 1e-9);
        CHECK_DOUBLE(name, v[5], pairs[i].p, 1e-9);
        CHECK_CSTR(name, str_trim(rest), pairs[i].exit_code == 0 ? "passed" : "cannot_tell");
    }
    done = e2e_sh(&e, "assay gate math --gate 'no regression of answer.mean' --baseline math/6b_verification");
    CHECK_CONTAINS("a regression is not shown where it cannot be told", done.out,
                   "~ [175b_finetuning] no regression of answer.mean");
    CHECK_CONTAINS("and what could have been seen is said", done.out, "a drop is not shown (p 0.08)");
    CHECK_CONTAINS("where it can, it is", done.out, "[6b_finetuning] no regression of answer.mean");
    CHECK_INT("fails", done.exit_code, 1);
}

/* --- one verdict --------------------------------------------------------------------------------------------------------------------------------------- */

enum { ROUNDS = 24 };

static const char *const GATES[] = {
    "answer.pass_rate >= 80%",
    "answer.mean >= 0.9",
    "pass_rate >= 50% with 95% confidence",
    "answer.pass_rate >= 70% with 80% confidence",
    "no regression of answer.mean",
    "no regression of chars.p50 beyond 1",
    "no regression of quality.mean beyond 0.05 with 90% confidence",
    "answer.mean >= baseline - 0.05",
    "answer.mean >= baseline - 0.1 with 95% confidence",
    "quality.mean >= baseline * 0.9 with 95% confidence",
    "chars.p90 <= baseline * 1.3 with 90% confidence",
    "{gate: no regression of score, on_inconclusive: fail}",
    "{gate: answer.mean >= 99%, severity: warn}",
    "{gate: quality.mean >= 0.8 with 95% confidence, on_inconclusive: pass}",
    "quality.p50 >= 0.4",
    "'answer.pass_rate[tag=even] >= 60%'",
    "'answer.mean[variant=b] >= answer.mean[variant=a] - 0.1 with 95% confidence'",
    "errors <= 3",
    "errors <= baseline",
    "chars.max <= baseline + 2",
};

/* A suite of `n` cases whose gates are drawn. */
static void draw_suite(struct e2e *e, struct rng *rng, int n)
{
    struct str text = STR(
        "suite: drawn\n"
        "target: {command: [awk, '-F,', '$1 == ENVIRON[\"ASSAY_CASE\"] { if ($2 == \"E\") exit 3; print $2 }', "
        "answers.csv]}\n"
        "variants: [{name: a}, {name: b, env: {V: b}}]\n"
        "dataset: {file: d.csv, id: '{{id}}', input: '{{id}}', tags: ['{{tag}}'], cluster: '{{cluster}}'}\n"
        "scorers:\n"
        "  - regex: {pattern: '^P', dimension: answer}\n"
        "  - length: {dimension: chars, direction: lower}\n"
        "  - command: {command: [awk, '-F\"output\":\"', '{ split($2, p, \" \"); sub(\"\\\".*\", \"\", p[2]); printf "
        "\"{\\\"scores\\\":{\\\"quality\\\":%s}}\", p[2] }'], dimensions: {quality: {}}}\n"
        "baseline: [{run: base, missing: skip}]\n");
    text = arena_printf(&e->arena, "%.*sallow_errors: %d\ngates:\n", STR_ARG(text), (int)rng_below(rng, 3) * 3);
    size_t gates = 1 + rng_below(rng, 6);
    for (size_t i = 0; i < gates; i++) {
        text = arena_printf(&e->arena, "%.*s  - %s\n", STR_ARG(text), GATES[rng_below(rng, ARRAY_LEN(GATES))]);
    }
    e2e_write(e, "s.yaml", text.ptr);
    bool has_clusters = rng_below(rng, 3) == 0;
    text = STR("id,tag,cluster\n");
    for (int i = 0; i < n; i++) {
        text = arena_printf(&e->arena, "%.*sc%d,%s,%s%d\n", STR_ARG(text), i, i % 2 == 0 ? "even" : "odd",
                            has_clusters ? "k" : "c", has_clusters ? i % 7 : i);
    }
    e2e_write(e, "d.csv", text.ptr);
}

/* What the program says: right or not, how good, and now and then an error. */
static void draw_answers(struct e2e *e, struct rng *rng, int n)
{
    double rate = rng_below(rng, 4) == 0 ? 0.2 + 0.6 * rng_unit(rng) : 0.8 + 0.2 * rng_unit(rng);
    struct str text = STR("");
    for (int i = 0; i < n; i++) {
        text = arena_printf(&e->arena, "%.*sc%d,%s 0.%d\n", STR_ARG(text), i,
                            rng_below(rng, 300) == 0 ? "E"
                            : rng_unit(rng) < rate   ? "P"
                                                     : "Fxx",
                            5 + (int)rng_below(rng, 5));
    }
    e2e_write(e, "answers.csv", text.ptr);
}

/* The last line, JSON, JUnit, Markdown, the stored record, `show`, `gate` and the exit code. */
static void one_verdict(void)
{
    struct rng rng;
    rng_seed(&rng, 77);
    size_t seen[8] = {0};
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e.timeout_ms = 120000;
    int n = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const char *name = arena_printf(&e.arena, "round %d", round).ptr;
        if (round % 4 == 0) { /* the baseline of these four */
            n = rng_below(&rng, 4) == 0 ? 1 + (int)rng_below(&rng, 5) : 20 + (int)rng_below(&rng, 120);
            draw_suite(&e, &rng, n);
            draw_answers(&e, &rng, n);
            (void)e2e_sh(&e, "rm -rf .assay; assay run s.yaml -q --run-id base");
        }
        draw_suite(&e, &rng, n - (int)rng_below(&rng, 3) * n / 15);
        draw_answers(&e, &rng, n);
        struct e2e_done done =
            e2e_sh(&e, "assay run s.yaml -q -r json=j.json -r junit=j.xml -r markdown=j.md >out 2>err");
        int code = done.exit_code;
        CHECK(name, code == 0 || code == 1 || code == 3 || code == 4);
        seen[code]++;
        done = e2e_sh(&e, "tail -n 1 out; jq -r '\"\\(.verdict) (exit \\(.exit_code)): \\(.reason)\"' j.json; assay "
                          "show latest | tail -n 1; "
                          "assay gate latest | tail -n 1; assay report latest --format json | jq -r '\"\\(.verdict) "
                          "(exit \\(.exit_code)): \\(.reason)\"'");
        struct str rest = done.out;
        struct str first = STR("");
        struct str line = STR("");
        CHECK(name, str_split(&rest, '\n', &first));
        CHECK_CONTAINS(name, first, arena_printf(&e.arena, "(exit %d)", code).ptr);
        for (int i = 0; i < 4; i++) {
            CHECK(name, str_split(&rest, '\n', &line));
            CHECK_STR(name, line, first);
        }
        /* the word in front, of each run in the same order; failures of gates are those that count */
        done = e2e_sh(&e, "jq -r '[.runs[].summary.verdict] | join(\" \")' j.json; grep -o '<property name=\"verdict\" "
                          "value=\"[a-z]*\"' j.xml | "
                          "cut -d'\"' -f4 | paste -sd' '; jq -r '.verdict' j.json; sed -n 1p j.md | grep -oE "
                          "'passed|failed|errored|empty' | head -n 1; jq '[.runs[].summary | select(.verdict == "
                          "\"failed\")] | length' j.json; "
                          "jq '[.runs[].summary | select([.gates[].fails] | any)] | length' j.json");
        rest = done.out;
        for (int i = 0; i < 3; i++) {
            CHECK(name, str_split(&rest, '\n', &first) && str_split(&rest, '\n', &line));
            CHECK_STR(name, line, first);
        }
    }
    CHECK("passed and failed, and no verdict at all, were among them",
          seen[0] > 0 && seen[1] > 0 && seen[3] + seen[4] > 0);
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test tests[] = {
        {"places", places},
        {"eligible runs", eligible},
        {"what outranks what", order},
        {"judging again", judging_again},
        {"attempts", attempts},
        {"blessing", blessing},
        {"published models", published_models},
        {"one verdict", one_verdict},
    };
    return check_run("e2e/verdicts", tests, ARRAY_LEN(tests));
}
