/* What is done with stored runs: resume with the flags they were begun with, new scorers over old outputs, export and import, finding them. */

#include "tests/e2e/e2e.h"

static const char SLOW[] = "suite: slow\n"
                           "vars: {word: x}\n"
                           "target: {shell: 'echo $ASSAY_CASE >>ran; sleep 0.2; printf %s \"$ASSAY_INPUT\"'}\n"
                           "concurrency: 1\n"
                           "cases: [{id: a, input: '{{word}}', tags: [p]}, {id: b, input: '{{word}}', tags: [p]}, {id: "
                           "c, input: '{{word}}', tags: [p]}, {id: d, input: '{{word}}'}]\n"
                           "scorers: [{exact: hello}]\n";

/* Begins a run and interrupts it when its first sample is on its way. */
static void interrupt(struct e2e *e, const char *command)
{
    (void)e2e_sh(e, "rm -f ran");
    struct e2e_child child = e2e_start(e, "exec %s", command);
    CHECK(command, e2e_wait_for_file(&child, "ran"));
    e2e_signal(&child, SIGINT);
    CHECK_INT(command, e2e_finish(&child).exit_code, 130);
}

/* Selection, overrides and gates of the command line are stored with the run: resume needs none of them again. */
static void resume_keeps_flags(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml", SLOW);
    static const char FLAGS[] =
        "--tag p --set word=hello --trials 2 -g 'cases == 3' -g 'exact.count >= 3' --label team=x";
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml --db calm.db --run-id t -r jsonl=calm.jsonl %s", FLAGS);
    CHECK_INT("undisturbed", done.exit_code, 0);
    interrupt(&e, arena_printf(&e.arena, "assay run suite.yaml --run-id t %s", FLAGS).ptr);
    done = e2e_sh(&e, "assay resume t -q -r jsonl=after.jsonl");
    CHECK_INT("resumed", done.exit_code, 0);
    CHECK_CONTAINS("resumed", done.out, "2 gates hold, 3 cases");
    CHECK_STR("equal", e2e_without_times(&e, "after.jsonl"), e2e_without_times(&e, "calm.jsonl"));
}

/* What vars were made from when the run began is stored; what commands see is as it is now. */
static void resume_keeps_environment(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: slow\n"
              "vars: {word: '{{env.WORD}}', mark: \"{{env.MARK | default('none')}}\"}\n"
              "target: {command: [sh, -c, 'echo $NOW >>ran; sleep 0.2; printf %s \"$1\"', sh, '{{word}} {{mark}}'], "
              "env: {NOW: '{{env.NOW}}'}}\n"
              "concurrency: 1\n"
              "cases: [{id: a, input: x}, {id: b, input: x, vars: {word: '{{env.WORD}}'}}, {id: c, input: x}]\n"
              "scorers: [{exact: hello none}]\n");
    interrupt(&e, "env WORD=hello NOW=first assay run suite.yaml --run-id t");
    struct e2e_done done = e2e_sh(&e, "WORD=other MARK=new NOW=second assay resume t -q");
    CHECK_INT("resumed", done.exit_code, 0);
    CHECK_CONTAINS("resumed", done.out, "3 of 3 cases");
    CHECK_STR("a command's own environment is read anew", e2e_sh(&e, "head -n 1 ran; tail -n 1 ran").out,
              STR("first\nsecond\n"));
}

/* A run that was interrupted can be looked at, exported and rescored; all say how far it came. */
static void interrupted_runs(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml", SLOW);
    interrupt(&e, "assay run suite.yaml --run-id t --set word=hello");
    static const struct e2e_row ROWS[] = {
        {"list", "assay list", 0, {"interrupted"}},
        {"show", "assay show t", 0, {"1 of 4 samples recorded", "interrupted (exit 130)"}},
        {"show a case without a record", "assay show t d", 4, {NULL}, {"'d'"}},
        {"json says partial",
         "assay report t --format json | jq -c '.verdict, .runs[0].summary.partial'",
         0,
         {"\"interrupted\"\ntrue\n"}},
        {"rescore names what has no output",
         "assay rescore t suite.yaml -q --set word=hello",
         0,
         {"1 of 1 case"},
         {"3 cases", "b c d"}},
        {"it is still there to resume", "assay resume t -q", 0, {"4 of 4 cases"}},
        {"and then it is finished", "rm ran; assay resume t && ! test -e ran", 0, {"nothing to do"}},
        {"resume of nothing", "assay resume nope", 4, {NULL}, {"no run 'nope'"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

static const char SUMS[] = "suite: sums\n"
                           "target: {shell: 'echo $ASSAY_CASE >>ran; awk \"{ print \\$1 + \\$2 }\"', stdin: text}\n"
                           "variants: [{name: good}, {name: bad, shell: 'echo $ASSAY_CASE >>ran; echo 5'}]\n"
                           "cases: [{id: a, input: '2 2', expected: 4}, {id: b, input: '2 3', expected: 5}]\n"
                           "scorers: [{numeric: {expected: '{{expected}}', dimension: added}}]\n"
                           "gates: ['added.pass_rate[variant=good] >= 100%']\n";

static void rescoring(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml", SUMS);
    static const struct e2e_row ROWS[] = {
        {"a run", "assay run suite.yaml -q --run-id t", 0},
        {"new scorers, no call",
         "rm ran; sed 's/dimension: added/dimension: total, tolerance: 9/; s/added.pass/total.pass/' suite.yaml "
         ">new.yaml;"
         "assay rescore t new.yaml -q -r json=r.json && ! test -e ran; jq -r '.runs[] | .run.variant + \" \" + "
         "(.summary.passed | tostring)' r.json",
         0,
         {"good 2\nbad 2\n"}},
        {"it names its source",
         "assay list --format json | jq -r .run >ids; assay report latest --format json | grep -c $(tail -n 1 ids)", 0},
        {"the old run is as it was", "assay report t --format json | jq -r '.runs[1].summary.passed'", 0, {"1\n"}},
        {"a case with other content is named",
         "sed 's/2 3/3 2/' suite.yaml >other.yaml; assay rescore t other.yaml -q",
         0,
         {"skipped b: its content"},
         {"1 case has no recorded output", " b"}},
        {"a variant that was not run",
         "sed 's/name: bad/name: worse/' suite.yaml >worse.yaml; assay rescore t worse.yaml -q",
         2,
         {NULL},
         {"no variant 'worse'"}},
        {"no case in common",
         "sed 's/id: a/id: x/; s/id: b/id: y/' suite.yaml >none.yaml; assay rescore t none.yaml -q", 4},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

/* jsonl out of one store and into another is the same run; what was changed or cut is refused. */
static void import(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml", SUMS);
    static const struct e2e_row ROWS[] = {
        {"nothing to go on with makes no store",
         "assay resume; code=$?; test -e .assay || exit $code",
         4,
         {NULL},
         {"no store at"}},
        {"nothing to score anew, too",
         "assay rescore t suite.yaml; code=$?; test -e .assay || exit $code",
         4,
         {NULL},
         {"no store at"}},
        {"a run", "assay run suite.yaml -q --run-id t -r jsonl=t.jsonl", 0},
        {"into another store", "assay import t.jsonl --db o.db", 0, {"imported", "sums [good]", "sums [bad]"}},
        {"is the same run", "assay report t --format jsonl --db o.db | cmp - t.jsonl", 0},
        {"and the same summary",
         "assay report t --format json --db o.db >o.json; assay report t --format json >t.json; cmp o.json t.json", 0},
        {"again is nothing", "assay import t.jsonl --db o.db", 0, {"there already"}},
        {"into its own store too", "assay import t.jsonl", 0, {"there already"}},
        {"a score was changed",
         "sed 's/\"value\":1/\"value\":0/' t.jsonl >x.jsonl; assay import x.jsonl --db x.db",
         2,
         {NULL},
         {"SHA-256"}},
        {"the end is missing", "sed '$d' t.jsonl >x.jsonl; assay import x.jsonl --db x.db", 2, {NULL}, {"end line"}},
        {"the end is missing, and that is known", "assay import x.jsonl --db x.db --partial", 0, {"imported"}},
        {"cut within a line",
         "head -c 700 t.jsonl >x.jsonl; assay import x.jsonl --db y.db",
         2,
         {NULL},
         {"x.jsonl:1:"}},
        {"no export", "assay import suite.yaml --db y.db", 2, {NULL}, {"suite.yaml:1:1"}},
        {"empty", ": >x.jsonl; assay import x.jsonl --db y.db", 2},
        {"one id at two places",
         "assay report t/good --format jsonl | sed '$d; s/\"case\":\"b\"/\"case\":\"a\"/' >d.jsonl; "
         "n=$(wc -l <d.jsonl); s=$(sha256sum <d.jsonl); "
         "echo \"{\\\"kind\\\":\\\"end\\\",\\\"samples\\\":$((n-1)),\\\"sha256\\\":\\\"${s%% *}\\\"}\" >>d.jsonl; "
         "assay import d.jsonl --db d.db",
         2,
         {NULL},
         {"two cases before this line have one id"}},
        {"a trial that no plan has",
         "assay report t/good --format jsonl | sed '$d; s/\"trial\":1,/\"trial\":4294967297,/' >d.jsonl; "
         "assay import d.jsonl --db d.db --partial",
         2,
         {NULL},
         {"'trial' is not a count"}},
        {"another's trial",
         "sed 's/\"trial\":4294967297/\"trial\":9/' d.jsonl >e.jsonl; assay import e.jsonl --db d.db --partial",
         2,
         {NULL},
         {"e.jsonl:2: trial 9 of 1"}},
        {"a unit that is none",
         "assay report t/good --format jsonl | sed '$d; s/\"unit\":[01],/\"unit\":7,/' >d.jsonl; "
         "assay import d.jsonl --db d.db --partial",
         2,
         {NULL},
         {"is not in 0 to 1"}},
        {"tags that are none",
         "assay report t/good --format jsonl | sed '$d; s/\"tags\":\\[/&1,/; s/1,]/1]/' >d.jsonl; "
         "assay import d.jsonl --db d.db --partial",
         2,
         {NULL},
         {"'tags' is not a list of texts"}},
        {"ids of another run",
         "assay report t/good --format jsonl | sed '$d; 1s/\"suite\":\"sums\"/\"suite\":\"others\"/' >d.jsonl; "
         "assay import d.jsonl --db d.db --partial",
         2,
         {NULL},
         {"not those of suite 'others' and variant 'good'"}},
        {"a clock that is not ahead is not spoken of",
         "assay import t.jsonl --db z.db 2>&1 | grep -c clock",
         1,
         {"0\n"}},
        {"a clock that is ahead",
         "assay report t/good --format jsonl | sed '$d; s/\"finished\":\"2/\"finished\":\"4/' >a.jsonl; "
         "n=$(wc -l <a.jsonl); s=$(sha256sum <a.jsonl); "
         "echo \"{\\\"kind\\\":\\\"end\\\",\\\"samples\\\":$((n-1)),\\\"sha256\\\":\\\"${s%% *}\\\"}\" >>a.jsonl; "
         "assay import a.jsonl --db a.db",
         0,
         {"imported"},
         {"clock, which is ahead of ours: it is sorted by when it was imported"}},
        {"and again", "assay import a.jsonl --db a.db", 0, {"there already"}},
        {"imported runs are read-only", "assay resume t --db o.db", 2, {NULL}, {"read-only"}},
        {"but rescored", "assay rescore t suite.yaml --db o.db -q", 0},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

/* The names of runs. */
static void names(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml", SUMS);
    e2e_write(&e, "one.yaml", "suite: one\ntarget: {replay: x}\ncases: [{id: a, input: x}]\nscorers: [{exact: x}]\n");
    static const struct e2e_row ROWS[] = {
        {"two invocations", "assay run suite.yaml -q --run-id t --label branch=main; assay run one.yaml -q", 0},
        {"latest", "assay show latest", 0, {"one"}, {NULL}, "sums"},
        {"without a name", "assay show", 0, {"one"}},
        {"latest~1", "assay show latest~1", 0, {"sums"}},
        {"latest~1/VARIANT", "assay report latest~1/bad --format json | jq -r '.runs[].run.variant'", 0, {"bad\n"}},
        {"a label", "assay show branch=main", 0, {"sums"}},
        {"a label that nobody has", "assay show branch=other", 4},
        {"--run-id", "assay show t", 0, {"sums"}},
        {"a prefix",
         "id=$(assay list --format json | jq -r .run | head -n 1); assay show $(echo $id | cut -c 1-6)",
         0,
         {"one"}},
        {"a whole id", "id=$(assay list --format json | jq -r .run | head -n 1); assay show $id", 0, {"one"}},
        {"too short a prefix", "assay show a", 4},
        {"latest~9", "assay show latest~9", 4},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

/* An exported file stands wherever a run is asked for; nothing of it is stored. */
static void files(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: two\n"
              "target: {shell: 'printf %s \"$ASSAY_INPUT\"'}\n"
              "variants: [{name: small}, {name: large, shell: 'printf %s large'}]\n"
              "cases: [{id: a, input: small, expected: small}]\n"
              "scorers: [exact]\n");
    CHECK_INT("run", e2e_sh(&e, "assay run suite.yaml -q --db made.db -r jsonl=two.jsonl").exit_code, 1);
    (void)e2e_sh(
        &e,
        "cp two.jsonl copy.txt; head -c 900 two.jsonl >cut.jsonl; sed s/small/smell/g two.jsonl >changed.jsonl; "
        "(cat two.jsonl; assay run suite.yaml -q --db made.db -r jsonl) >several.jsonl; mkdir sub && cp two.jsonl sub");
    static const struct e2e_row ROWS[] = {
        {"both variants", "assay show two.jsonl", 0, {"2 variants"}},
        {"one of them", "assay show two.jsonl/large", 0, {"two [large]"}},
        {"a case", "assay show ./two.jsonl/small a", 0, {"small"}},
        {"in another folder", "assay show sub/two.jsonl/large", 0, {"two [large]"}},
        {"a report", "assay report two.jsonl --format json | jq -r '.runs | length'", 0, {"2"}},
        {"the same bytes", "assay report two.jsonl --format jsonl | cmp - two.jsonl && echo same", 0, {"same"}},
        {"another ending", "assay list --db made.db >/dev/null; assay show copy.txt --db made.db", 0, {"2 variants"}},
        {"no store was made", "test ! -e .assay && echo none", 0, {"none"}},
        {"unknown variant",
         "assay show two.jsonl/x",
         4,
         {NULL},
         {"'two.jsonl' has no variant 'x'; it has: small, large"}},
        {"no file", "assay show none.jsonl", 4, {NULL}, {"there is no file 'none.jsonl'"}},
        {"no store, no file", "assay show other", 4, {NULL}, {"there is no store"}},
        {"cut", "assay show cut.jsonl", 2, {NULL}, {"cut.jsonl:1:"}},
        {"changed", "assay show changed.jsonl", 2, {NULL}, {"the file was changed"}},
        {"several invocations",
         "assay show several.jsonl",
         2,
         {NULL},
         {"several.jsonl holds runs of several invocations"}},
        {"no export", "assay show suite.yaml --db made.db", 2, {NULL}, {"suite.yaml:1:1: not an export of assay"}},
        {"a folder", "assay show sub --db made.db", 4, {NULL}, {"no run 'sub'"}},
        {"nothing stays behind", "mkdir t; TMPDIR=$PWD/t assay show two.jsonl >/dev/null; ls t | wc -l", 0, {"0"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"resume keeps the flags", resume_keeps_flags},
        {"resume keeps the environment of vars", resume_keeps_environment},
        {"interrupted runs", interrupted_runs},
        {"rescoring", rescoring},
        {"import", import},
        {"names", names},
        {"files", files},
    };
    return check_run("e2e/stored", TESTS, ARRAY_LEN(TESTS));
}
