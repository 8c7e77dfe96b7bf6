/* What the nightly job needs: labels that say what code was run, history, prune. */

#include "tests/e2e/e2e.h"

static const char SUITE[] = "suite: nightly\n"
                            "target: {command: [cat], stdin: text}\n"
                            "cases: [{id: a, input: x, expected: x}, {id: b, input: y, expected: y}]\n"
                            "scorers: [exact]\n";

#define LABELS "assay run s.yaml -q -r json=l.json %s >/dev/null; jq -c '.invocation.labels | del(.commit)' l.json"
#define GIT "git -c user.name=n -c user.email=m@x -c init.defaultBranch=main "

/* Branch, commit and the state of the tree are recorded by themselves; what git cannot say is left out, and never holds a run up. */
static void labels_of_git(void)
{
    static const struct {
        const char *name, *before, *options, *labels;
    } rows[] = {
        {"no repository", "rm -rf .git", "", "{}"},
        {"no commit yet", GIT "init -q", "", "{\"branch\":\"main\"}"},
        {"clean", "git add s.yaml && " GIT "commit -q -m x", "", "{\"branch\":\"main\",\"dirty\":\"no\"}"},
        {"what git does not track does not matter", "echo x >new.txt", "", "{\"branch\":\"main\",\"dirty\":\"no\"}"},
        {"touched, with the same content", "touch s.yaml", "", "{\"branch\":\"main\",\"dirty\":\"no\"}"},
        {"changed", "echo '# x' >>s.yaml", "", "{\"branch\":\"main\",\"dirty\":\"yes\"}"},
        {"changed and staged", "git add s.yaml", "", "{\"branch\":\"main\",\"dirty\":\"yes\"}"},
        {"a flag wins", "true", "--label dirty=no --label branch=b", "{\"dirty\":\"no\",\"branch\":\"b\"}"},
        {"detached", GIT "commit -q -m y && git checkout -q --detach", "", "{\"dirty\":\"no\"}"},
        {"in a folder below", "mkdir sub && cp s.yaml sub && cd sub", "", "{\"dirty\":\"no\"}"},
        {"a branch that CI names", "export GITHUB_HEAD_REF=feature/x", "",
         "{\"branch\":\"feature/x\",\"dirty\":\"no\"}"},
        {"git fails", "printf '#!/bin/sh\\nexit 128\\n' >bin/git", "", "{}"},
        {"git prints and hangs", "printf '#!/bin/sh\\necho x; sleep 60\\n' >bin/git", "", "{\"dirty\":\"yes\"}"},
        {"git hangs", "printf '#!/bin/sh\\nsleep 60 & sleep 60\\n' >bin/git", "", "{}"},
        {"git hangs with its output closed", "printf '#!/bin/sh\\nexec >&-; sleep 60\\n' >bin/git", "", "{}"},
        {"git is no program", "echo '\\001' >bin/git", "", "{}"},
    };
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", SUITE);
    (void)e2e_sh(&e, "mkdir bin");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct e2e_done done = e2e_sh(&e, "PATH=$PWD/bin:$PATH; %s; test ! -e bin/git || chmod +x bin/git; " LABELS,
                                      rows[i].before, rows[i].options);
        CHECK_STR(rows[i].name, str_trim(done.out), str_from(rows[i].labels));
        CHECK(rows[i].name, done.elapsed_ms < 30000);
    }
    struct e2e_done done =
        e2e_sh(&e, "rm -f bin/git; assay run s.yaml -q >/dev/null; git rev-parse HEAD; assay report latest "
                   "--format json | jq -r .invocation.labels.commit");
    CHECK_INT("the commit", e2e_count_of(done.out, "\n"), 2);
    CHECK("the commit", done.out.len == 82 && str_eq(str_slice(done.out, 0, 41), str_slice(done.out, 41, 82)));
}

/* Nothing of git's is changed by looking, and no program that the repository names is started. */
static void git_is_left_alone(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", SUITE);
    struct e2e_done done = e2e_sh(
        &e,
        GIT "init -q; git add s.yaml; " GIT "commit -q -m x; git config core.fsmonitor \"$PWD/monitor\";"
            "printf '#!/bin/sh\\ntouch %%s/ran\\n' \"$PWD\" >monitor; chmod +x monitor; touch -d '1 hour ago' s.yaml;"
            "sha256sum .git/index >before; assay run s.yaml -q; sha256sum .git/index | cmp - before");
    CHECK_INT("index", done.exit_code, 0);
    CHECK("monitor", !e2e_exists(&e, "ran"));
}

/* --- history ---------------------------------------------------------------------------------------------------------------------------- */

/* Answers by a table: a run's number and a case's letter say whether it passes. `drift` passes up to run 8, `flaky` in every second one. */
static const char DRIFTING[] =
    "suite: drifting\n"
    "target: {shell: 'n=$(cat n); case $ASSAY_CASE in drift*) test $n -le 8 && echo yes || echo no;; "
    "flaky) test $((n % 2)) = 0 && echo yes || echo no;; *) echo yes;; esac'}\n"
    "cases: [{id: a, input: x}, {id: drift1, input: x, tags: [d]}, {id: drift2, input: x, tags: [d]}, {id: flaky, "
    "input: "
    "x}]\n"
    "scorers: [{exact: {expected: 'yes', dimension: answer}}, {length: {unit: chars}}]\n"
    "gates: [answer.pass_rate >= 0]\n";

static void history(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", DRIFTING);
    static const struct e2e_row BEFORE[] = {
        {"no store", "assay history drifting", 4, {NULL}, {"nothing was recorded yet"}},
        {"no suite", "assay history", 2, {NULL}, {"which suite?"}},
        {"two", "assay history a b", 2, {NULL}, {"which suite?"}},
        {"a run", "echo 1 >n; assay run s.yaml -q", 0},
        {"unknown", "assay history drftng", 4, {NULL}, {"did you mean 'drifting'?"}},
        {"unknown, and nothing near", "assay history nonsense", 4, {NULL}, {"there are: drifting"}},
        {"a file that is no suite", "echo 'a: b' >x.yaml; assay history x.yaml", 2, {NULL}, {"has no `suite:`"}},
        {"a folder", "assay history /tmp", 2},
        {"a suite without runs",
         "sed s/drifting/other/ s.yaml >o.yaml; assay history o.yaml",
         4,
         {NULL},
         {"suite 'other' has no runs yet: assay run o.yaml"}},
        {"a variant that nobody has",
         "assay history drifting --variant x",
         4,
         {NULL},
         {"no variant 'x'; it has: default"}},
        {"a label that nobody has", "assay history drifting --label a=b", 4, {NULL}, {"without these labels"}},
        {"a label without =", "assay history drifting --label a", 2, {NULL}, {"--label wants key=value"}},
        {"a dimension that nobody has", "assay history drifting -d x", 2, {NULL}, {"it has: answer, length_chars"}},
        {"no number", "assay history drifting --last 0", 2, {NULL}, {"--last"}},
        {"another format", "assay history drifting --format html", 2, {NULL}, {"terminal or json"}},
        {"one run", "assay history drifting", 0, {"1 run, ", "75%", "takes 8 runs"}},
        {"a run of a part is none of it", "assay run s.yaml -q --tag d; assay history drifting", 0, {"1 run, "}},
        {"only runs of a part",
         "sed s/drifting/part/ s.yaml >p.yaml; assay run p.yaml -q --tag d; assay history part",
         4,
         {NULL},
         {"no finished run of all its cases that is meant: runs of a part"}},
    };
    e2e_check_rows(&e, BEFORE, ARRAY_LEN(BEFORE));
    struct e2e_done done =
        e2e_sh(&e, "for i in $(seq 2 16); do echo $i >n; assay run s.yaml -q --label night=$((i / 10)) "
                   ">/dev/null || exit 9; done");
    CHECK_INT("nights", done.exit_code, 0);
    static const struct e2e_row AFTER[] = {
        {"all",
         "LC_ALL=C assay history drifting",
         0,
         {"16 runs, ", "answer.pass_rate fell from 87.5% to 37.5% with run", "4 of 8  57.1%", "length_chars.mean"}},
        {"by its file", "assay history s.yaml --last 4", 0, {"4 runs, "}},
        {"a locale with more than ASCII",
         "LC_ALL=C.UTF-8 assay history drifting",
         0,
         {"\xe2\x96\x88", "\xe2\x96\xbc -75.0 pt"}},
        {"a dumb terminal",
         "TERM=dumb LC_ALL=C.UTF-8 assay history drifting",
         0,
         {"v -75.0 pt"},
         {NULL},
         "\xe2\x96\x88"},
        {"by label", "assay history drifting --label night=1", 0, {"7 runs, "}},
        {"by tag", "assay history drifting -d 'answer[tag=d]'", 0, {"answer.pass_rate[tag=d] fell from 100% to 0%"}},
        {"two statistics, two tables",
         "assay history drifting -d answer.mean -d length_chars.p50 | grep -c '^  when .* run '",
         0,
         {"2\n"}},
        {"json is one document",
         "assay history drifting --format json | jq -r '.histories[0] | (.runs | length), .series[0].stat, "
         ".series[0].changes[0].at, "
         ".series[0].flakes[0].case, (.series[0].points[0].value)'",
         0,
         {"16\nanswer.pass_rate\n8\n"}},
        {"the same twice", "assay history drifting --format json >a; assay history drifting --format json | cmp a -",
         0},
        {"another seed, another p",
         "assay history drifting --seed 5 --format json | jq -r '.histories[0].seed'",
         0,
         {"5\n"}},
    };
    e2e_check_rows(&e, AFTER, ARRAY_LEN(AFTER));
}

/* Names that want to be something else, in the suite, the variant, the case and the branch. */
static void history_of_hostile_names(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml",
              "suite: '::error::\xe2\x80\xae"
              "suite'\n"
              "target: {command: [sh, -c, 'echo $ASSAY_TRIAL'], stdin: none}\n"
              "variants: [{name: 'v \xe2\x80\x8b <b>'}, {name: \"it's\"}]\n"
              "trials: 6\n"
              "cases: [{id: '::error::\xe2\x80\xae"
              "case', input: x}]\n"
              "scorers: [{regex: {pattern: '[135]', dimension: odd}}]\n"
              "gates: [odd.mean >= 0]\n");
    struct e2e_done done =
        e2e_sh(&e, "assay run s.yaml -q --label \"branch=$(printf '::error::\\033[2J')\" >/dev/null; "
                   "LC_ALL=C.UTF-8 assay history s.yaml");
    CHECK_INT("exit", done.exit_code, 0);
    CHECK_CONTAINS("case", done.out, "3 of 6");
    CHECK("nothing moves a cursor", !e2e_has(done.out, "\x1b") && !e2e_has(done.out, "\xe2\x80"));
    CHECK("nothing is a command", !str_starts(done.out, STR("::")) && !e2e_has(done.out, "\n::"));
    done = e2e_sh(&e, "assay history s.yaml --variant \"it's\" --format json | jq -r '.histories[].variant'");
    CHECK_CSTR("variant", done.out, "it's\n");
}

/* --- plan, check -------------------------------------------------------------------------------------------------------------------------- */

/* 40 cases, of which every fifth flips from run to run, and every fourth of the rest fails. */
static const char FLIPPING[] = "suite: flipping\n"
                               "target: {shell: 'n=$(cat n); c=${ASSAY_CASE#c}; if test $((c % 5)) = 0; then test "
                               "$(((n + c / 5) % 2)) = 0; else test $((c % 4)) "
                               "!= 0; fi && echo yes || echo no'}\n"
                               "dataset: {file: rows.jsonl, id: 'c{{n}}', input: '{{n}}', expected: 'yes'}\n"
                               "scorers: [{exact: {dimension: answer}}]\n"
                               "baseline: {label: branch=main, missing: skip}\n"
                               "gates: [answer.pass_rate >= 50%, answer.pass_rate >= baseline - 0.02, no regression of "
                               "answer.pass_rate beyond 0.05, errors <= "
                               "0]\n";

static void planning(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", FLIPPING);
    (void)e2e_sh(&e, "for i in $(seq 40); do echo \"{\\\"n\\\": $i}\"; done >rows.jsonl");
    static const struct e2e_row BEFORE[] = {
        {"nothing stored", "assay plan s.yaml", 4, {NULL}, {"nothing is stored yet to plan with: assay run s.yaml"}},
        {"check says nothing of chance", "assay check s.yaml", 0, {"s.yaml: good: 40 cases"}, {NULL}, "by chance"},
        {"for what", "assay plan", 2, {NULL}, {"assay plan SUITE, or RUN"}},
        {"a run", "echo 1 >n; assay run s.yaml -q", 0},
        {"another suite",
         "sed s/flipping/other/ s.yaml >o.yaml; assay plan o.yaml",
         4,
         {NULL},
         {"suite 'other' has no runs yet: assay run o.yaml"}},
        {"nothing of that name", "assay plan nonsense", 4, {NULL}, {"no run 'nonsense'"}},
        {"a drop of five", "assay plan flipping --drop 5", 2, {NULL}, {"--drop wants a share"}},
        {"a drop of nothing", "assay plan flipping --drop 0", 2, {NULL}, {"--drop wants a share"}},
        {"power beyond", "assay plan flipping --power 100%", 2, {NULL}, {"--power wants a share"}},
        {"no confidence", "assay plan flipping --confidence 20%", 2, {NULL}, {"shows nothing"}},
        {"no trials", "assay plan flipping --trials 0", 2, {NULL}, {"--trials"}},
        {"no such dimension", "assay plan flipping -d x", 2, {NULL}, {"no dimension 'x'", "it has: answer"}},
        {"no such gate", "assay plan flipping -g 'x.mean >= 1'", 2, {NULL}, {"x"}},
        {"another format", "assay plan flipping --format yaml", 2, {NULL}, {"terminal or json"}},
        {"one run: what is not known is taken to be the most",
         "COLUMNS=300 assay plan flipping",
         0,
         {"nobody knows how much of that is chance", "takes at most "}},
        {"check of one run",
         "assay check s.yaml",
         0,
         {"answer.pass_rate >= 50%: fails by chance in ", "of 40 cases in run ", "in at most "}},
    };
    e2e_check_rows(&e, BEFORE, ARRAY_LEN(BEFORE));
    struct e2e_done done = e2e_sh(&e, "for i in 2 3 4 5 6; do echo $i >n; assay run s.yaml -q >/dev/null; done");
    static const struct e2e_row AFTER[] = {
        {"six runs",
         "COLUMNS=300 assay plan flipping",
         0,
         {"two runs of one version differ on 12% of the cases (6 runs of this version)",
          "to see a drop of 2 points with 80% power takes ", "no regression of answer.pass_rate beyond 0.05",
          "it makes no allowance for chance: with 40 cases it fails "},
         {NULL},
         "nobody knows"},
        {"by its file, with a gate more",
         "COLUMNS=300 assay plan s.yaml -g 'answer.pass_rate >= 50% with 95% confidence'",
         0,
         {"answer.pass_rate >= 50% with 95% confidence", "to show it with 80% power when it is "},
         {NULL},
         "a drop of 2 points with"},
        {"a run",
         "COLUMNS=300 assay plan latest --drop 10% --power 0.9 --trials 3",
         0,
         {"to see a drop of 10 points with 90% power takes about "}},
        {"numbers",
         "assay plan flipping --format json | jq -c '.plans[0].stats[0] | .n, .noise_runs, (.noise_variance * 1000 | "
         "round), (.questions[0].cases > 40)'",
         0,
         {"40\n6\n60\ntrue\n"}},
        {"an exported run",
         "assay report latest --format jsonl=r.jsonl; COLUMNS=300 assay plan r.jsonl --drop 10%",
         0,
         {"nobody knows how much"}},
        {"narrow", "test $(COLUMNS=20 assay plan flipping | LC_ALL=C.UTF-8 wc -L) -le 20", 0},
        {"check knows the noise",
         "assay check s.yaml",
         0,
         {"answer.pass_rate >= baseline - 0.02: fails by chance in "},
         {NULL},
         "at most"},
        {"the most likely failure is of a variant that is there",
         "assay check s.yaml --format json | jq -c '.false_alarms | length, (.[0].rate < 0.05), .[1].n'",
         0,
         {"2\ntrue\n40\n"}},
        {"another scorer by now: nothing is said",
         "sed 's/exact: {dim/exact: {trim: true, dim/' s.yaml >t.yaml; assay check t.yaml",
         0,
         {"good"},
         {NULL},
         "by chance"},
        {"a store that is none is no fault of the suite",
         "echo x >x.db; assay check s.yaml --db x.db",
         0,
         {"good"},
         {NULL},
         "by chance"},
    };
    CHECK_INT("runs", done.exit_code, 0);
    e2e_check_rows(&e, AFTER, ARRAY_LEN(AFTER));
}

/* --- selftest ----------------------------------------------------------------------------------------------------------------------------- */

static void selftest(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", FLIPPING);
    (void)e2e_sh(&e, "for i in $(seq 40); do echo \"{\\\"n\\\": $i}\"; done >rows.jsonl");
    static const struct e2e_row ROWS[] = {
        {"of which", "assay selftest", 2, {NULL}, {"of which runs?"}},
        {"nothing stored", "assay selftest latest", 4},
        {"a run", "echo 1 >n; assay run s.yaml -q --run-id one", 0},
        {"one run, one trial", "assay selftest one", 2, {NULL}, {"says nothing of chance"}},
        {"twice", "assay selftest one one", 2, {NULL}, {"is named twice"}},
        {"nobody", "assay selftest one nobody", 4, {NULL}, {"no run 'nobody'"}},
        {"another", "echo 2 >n; assay run s.yaml -q --run-id two", 0},
        {"no draws", "assay selftest one two --draws 0", 2, {NULL}, {"--draws"}},
        {"no such gate", "assay selftest one two -g 'x.mean >= 1'", 2, {NULL}, {"x"}},
        {"another format", "assay selftest one two --format html", 2, {NULL}, {"terminal or json"}},
        {"two runs",
         "COLUMNS=200 assay selftest one two --draws 300 --seed 1",
         0,
         {"300 draws from runs of one version: ", "no regression of answer.pass_rate beyond 0.05", "the whole verdict",
          "answer.pass_rate >= baseline - 0.02 fails in "}},
        {"gates that were not asked when it ran",
         "assay selftest one two --draws 50 -g 'answer.mean >= 100%' --format json | jq -c "
         "'.gates[] | select(.gate == \"answer.mean >= 100%\") | .alarm_rate, .too_often'",
         0,
         {"1\ntrue\n"}},
        {"the same twice",
         "assay selftest one two --draws 50 --format json >a; assay selftest one two --draws 50 --format json | cmp a "
         "-",
         0},
        {"another program",
         "sed 's/echo no/echo not/' s.yaml >o.yaml; assay run o.yaml -q --run-id other; assay selftest one other",
         2,
         {NULL},
         {"their targets differ"}},
        {"the same outputs",
         "assay rescore two s.yaml -q; assay selftest two latest",
         2,
         {NULL},
         {"two scorings of the same outputs"}},
        {"trials",
         "assay run s.yaml -q --run-id trials --trials 4; COLUMNS=200 assay selftest trials --draws 50",
         0,
         {"halves of the trials of run ", "2 trials of each case, half of what there is"}},
        {"a run from elsewhere",
         "assay report two --format jsonl=two.jsonl; assay selftest one two.jsonl --draws 20",
         0,
         {"20 draws"}},
        {"narrow", "test $(COLUMNS=20 assay selftest one two --draws 20 | LC_ALL=C.UTF-8 wc -L) -le 20", 0},
        {"of another commit",
         "git init -q; git add s.yaml; git -c user.name=n -c user.email=m@x commit -q -m x; assay run s.yaml -q "
         "--run-id c1; "
         "assay selftest one c1",
         2,
         {NULL},
         {"the target runs a program, and their commits differ"}},
        {"of one commit",
         "assay run s.yaml -q --run-id c2; assay selftest c1 c2 --draws 20",
         0,
         {"20 draws from runs of one version"}},
        {"of a dirty tree",
         "echo '# x' >>s.yaml; assay run s.yaml -q --run-id c3; assay selftest c1 c3",
         2,
         {NULL},
         {"a working tree was not clean"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"labels of git", labels_of_git},
        {"git is left alone", git_is_left_alone},
        {"history", history},
        {"history of hostile names", history_of_hostile_names},
        {"planning", planning},
        {"selftest", selftest},
    };
    e2e_init(argc, argv);
    return check_run("e2e/nightly", tests, ARRAY_LEN(tests));
}
