/* What is typed: commands, options, unknown words, selection, reports and where they go. */

#include "tests/e2e/e2e.h"

static const char SUMS[] = "suite: sums\n"
                           "target: {command: [awk, '{ print \"A: \" $1 + $2 }'], stdin: text}\n"
                           "cases:\n"
                           "  - {id: small, input: \"2 2\", expected: 4, tags: [right]}\n"
                           "  - {id: large, input: \"1200 34\", expected: 1234, tags: [right, big]}\n"
                           "  - {id: odd, input: \"1 2\", expected: 4, tags: [wrong]}\n"
                           "scorers:\n"
                           "  - numeric: {extract: 'A: *([\\d.,]+)', expected: \"{{expected}}\", dimension: answer}\n"
                           "gates:\n"
                           "  - answer.pass_rate >= 60%\n";

static const char GREET[] = "suite: greet\n"
                            "vars: {word: hello}\n"
                            "target: {command: [printf, '%s', \"{{word}}\"], stdin: none}\n"
                            "cases: [{id: one, input: x, expected: hello}]\n"
                            "scorers: [exact]\n";

static struct e2e open_project(void)
{
    struct e2e e = e2e_open();
    e2e_write(&e, "sums.yaml", SUMS);
    e2e_write(&e, "greet.yaml", GREET);
    return e;
}

static const struct e2e_row USAGE[] = {
    {"nothing", "assay", 2, {NULL}, {"usage: assay COMMAND", "run SUITE..."}},
    {"help", "assay help", 0, {"usage: assay COMMAND"}},
    {"--help", "assay --help", 0, {"usage: assay COMMAND"}},
    {"version", "assay version", 0, {"assay "}},
    {"--version", "assay --version", 0, {"assay "}},
    {"unknown command", "assay ruun sums.yaml", 2, {NULL}, {"unknown command 'ruun'", "did you mean 'run'?"}},
    {"unknown option", "assay run sums.yaml --filtr x", 2, {NULL}, {"'--filtr'", "did you mean '--filter'?"}},
    {"unknown letter", "assay run sums.yaml -Z", 2, {NULL}, {"'-Z'"}},
    {"a value is missing", "assay run sums.yaml --db", 2, {NULL}, {"--db wants a value"}},
    {"a flag takes none", "assay run sums.yaml --dry-run=yes", 2, {NULL}, {"--dry-run"}},
    {"no suite", "assay run --", 2, {NULL}, {"which suite?"}},
    {"-- ends options", "assay run -q -- sums.yaml", 0},
    {"options after operands", "assay run sums.yaml -q", 0},
    {"--name=value", "assay run sums.yaml -q --case=small", 0, {"1 case"}},
    {"--trials 0", "assay run sums.yaml --trials 0", 2, {NULL}, {"--trials", "'0'"}},
    {"--limit x", "assay run sums.yaml --limit x", 2, {NULL}, {"--limit", "'x'"}},
    {"--limit -1", "assay run sums.yaml --limit -1", 2, {NULL}, {"--limit"}},
    {"--concurrency 99999", "assay run sums.yaml -j 99999", 2, {NULL}, {"--concurrency"}},
    {"--grace without a unit", "assay run sums.yaml --grace 5", 2, {NULL}, {"--grace", "unit"}},
    {"--set without =", "assay run sums.yaml --set x", 2, {NULL}, {"--set wants key=value"}},
    {"--label without =", "assay run sums.yaml --label x", 2, {NULL}, {"--label wants key=value"}},
    {"--gate with a fault",
     "assay run sums.yaml -g 'answer.pas_rate > 1'",
     2,
     {NULL},
     {"pas_rate", "^", "did you mean 'pass_rate'?"}},
    {"--gate on a dimension that is not there",
     "assay run sums.yaml -g 'anser.mean > 0'",
     2,
     {NULL},
     {"anser", "did you mean 'answer'?"}},
    {"no such reporter", "assay run sums.yaml --report tap", 2, {NULL}, {"no reporter 'tap'", "json"}},
    {"a report's folder is not there",
     "assay run sums.yaml --report json=no/where.json",
     2,
     {NULL},
     {"no folder 'no'"}},
    {"two reports to standard output",
     "assay run sums.yaml -r json -r jsonl=-",
     2,
     {NULL},
     {"two reports go to standard output"}},
    {"the same suite twice", "assay run sums.yaml sums.yaml", 2, {NULL}, {"both named 'sums'"}},
    {"a folder", "assay run .", 2, {NULL}, {"folder"}},
    {"a device", "assay run /dev/zero", 2, {NULL}, {"regular file"}},
    {"resume-if-exists alone", "assay run sums.yaml --resume-if-exists", 2, {NULL}, {"--run-id"}},
    {"help run", "assay help run", 0, {"--concurrency", "--resume-if-exists", "--grace"}},
    {"run --help", "assay run --help", 0, {"--concurrency"}},
    {"help scorers", "assay help scorers", 0, {"regex", "numeric", "one_of"}},
    {"help scorer regex", "assay help scorer regex", 0, {"pattern", "capture"}},
    {"help scorer with a slip", "assay help scorer regx", 2, {NULL}, {"did you mean 'regex'?"}},
    {"help gates", "assay help gates", 0, {"pass_rate"}},
    {"help target", "assay help target", 0, {"send_expected"}},
    {"help scorers NAME", "assay help scorers numeric", 0, {"tolerance"}},
    {"help suite", "assay help suite", 0, {"allow_errors"}},
    {"help nonsense", "assay help nonsense", 2, {NULL}, {"exit-codes"}},
    {"schema is JSON", "assay schema | jq -r .title", 0, {"An assay suite\n"}},
    {"init two files", "assay init a b", 2},
    {"rescore wants two", "assay rescore latest", 2, {NULL}, {"assay rescore RUN SUITE"}},
    {"check wants a suite", "assay check", 2, {NULL}, {"which suite?"}},
    {"validate is check", "assay validate sums.yaml", 0, {"sums.yaml"}},
    {"list --format xml", "assay list --format xml", 2, {NULL}, {"--format"}},
};

static void usage(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    e2e_check_rows(&e, USAGE, ARRAY_LEN(USAGE));
}

static const struct e2e_row SELECTION[] = {
    {"all", "assay run sums.yaml -q", 0, {"3 cases"}},
    {"--case", "assay run sums.yaml -q --case odd", 1, {"1 case"}},
    {"--case is exact", "assay run sums.yaml -q --case od", 4},
    {"a list of one case, and its share", "assay list -n 1", 0, {"    1 case ", "    0% pass"}},
    {"--case repeated is or", "assay run sums.yaml -q -c odd -c small", 1, {"2 cases"}},
    {"--filter is a part", "assay run sums.yaml -q --filter al", 0, {"1 case"}},
    {"--filter is no pattern", "assay run sums.yaml -q --filter 's.*l'", 4},
    {"--tag", "assay run sums.yaml -q --tag right", 0, {"2 cases"}},
    {"--tag is exact", "assay run sums.yaml -q --tag righ", 4},
    {"--tag repeated is or", "assay run sums.yaml -q -t wrong -t big", 1, {"2 cases"}},
    {"--tag and --case is and", "assay run sums.yaml -q --tag right --case large --case odd", 0, {"1 case"}},
    {"--limit counts what is selected", "assay run sums.yaml --tag right --limit 1 -v", 0, {"1 case"}, {"PASS  small"}},
    {"--limit beyond", "assay run sums.yaml -q --limit 50", 0, {"3 cases"}},
    {"--trials",
     "assay run sums.yaml -q --trials 3 --report jsonl=t.jsonl; grep -c '\"kind\":\"sample\"' t.jsonl",
     0,
     {"9"}},
    {"--concurrency", "assay run sums.yaml -q -j 1", 0, {"3 cases"}},
    {"--gate adds one", "assay run sums.yaml -q -g 'cases >= 4'", 1, {"cases >= 4"}},
    {"--gate repeated", "assay run sums.yaml -q -g 'cases >= 3' -g 'answer.mean >= 0.9'", 1, {"answer.mean >= 0.9"}},
    {"--set", "assay run greet.yaml -q --set word=goodbye", 1, {"goodbye"}},
    {"--set beats vars only when given", "assay run greet.yaml -q", 0},
    {"--label",
     "assay run sums.yaml -q --label team=x --report json=l.json; jq -r .invocation.labels.team l.json",
     0,
     {"x\n"}},
    {"two suites", "assay run sums.yaml greet.yaml -q", 0, {"sums", "greet", "passed (exit 0)"}},
    {"dry run",
     "assay run sums.yaml --dry-run --trials 2",
     0,
     {"small\n", "3 cases x 2 trials", "6 samples", "nothing was run"}},
};

static void selection(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    e2e_check_rows(&e, SELECTION, ARRAY_LEN(SELECTION));
}

static void dry_run_leaves_nothing(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    e2e_write(&e, "touch.yaml",
              "suite: touch\ntarget: {shell: 'touch ran'}\nsetup: [touch, set-up]\ncases: [{id: a, input: "
              "x}]\nscorers: [{length: {}}]\n");
    struct e2e_done done = e2e_sh(&e, "assay run touch.yaml --dry-run");
    CHECK_INT("exit", done.exit_code, 0);
    CHECK("nothing ran, nothing is stored",
          !e2e_exists(&e, "ran") && !e2e_exists(&e, "set-up") && !e2e_exists(&e, ".assay"));
    done = e2e_sh(&e, "assay run touch.yaml -q");
    CHECK_INT("exit", done.exit_code, 0);
    CHECK("a run runs", e2e_exists(&e, "ran") && e2e_exists(&e, "set-up") && e2e_exists(&e, ".assay/assay.db"));
}

/* --fail-fast, in a suite that fails at its first case and would be long. */
static void fail_fast(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    (void)e2e_sh(&e, "for i in $(seq 200); do echo \"{\\\"n\\\": $i}\"; done >rows.jsonl");
    e2e_write(&e, "long.yaml",
              "suite: long\ntarget: {shell: 'echo no'}\nconcurrency: 2\n"
              "dataset: {file: rows.jsonl, id: 'r{{n}}', input: '{{n}}', expected: 'yes'}\nscorers: [exact]\n");
    struct e2e_done done = e2e_sh(&e, "assay run long.yaml --fail-fast --run-id ff");
    CHECK_INT("exit", done.exit_code, 1);
    CHECK_CONTAINS("last line", e2e_last_line(done.out), "--fail-fast");
    int64_t recorded = e2e_count(&e, "SELECT count(*) FROM span");
    CHECK("it stopped early", recorded >= 1 && recorded < 200);
    done = e2e_sh(&e, "assay resume ff -q");
    CHECK_INT("resume does the rest", done.exit_code, 1);
    CHECK_INT("all are there, each once", e2e_count(&e, "SELECT count(*) FROM span"), 200);
}

static void run_ids(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    static const struct e2e_row ROWS[] = {
        {"a first", "assay run sums.yaml -q --run-id nightly-1 -r jsonl=a.jsonl", 0},
        {"the same name again", "assay run sums.yaml -q --run-id nightly-1", 2, {NULL}, {"nightly-1", "resume"}},
        {"resume if it exists", "assay run sums.yaml -q --run-id nightly-1 --resume-if-exists", 0, {"finished"}},
        {"resume if it does not", "assay run sums.yaml -q --run-id nightly-2 --resume-if-exists", 0, {"3 cases"}},
        {"shown by name", "assay show nightly-1", 0, {"3 cases"}},
        {"the same name in another store gives the same ids",
         "assay run sums.yaml -q --db other.db --run-id nightly-1 -r jsonl=b.jsonl >/dev/null;"
         "jq -c '[.run, .span]' a.jsonl >a; jq -c '[.run, .span]' b.jsonl >b; cmp a b && grep -c '[0-9a-f]' a",
         0,
         {"4\n"}},
        {"no name", "assay run sums.yaml -q --run-id ''", 2, {NULL}, {"--run-id"}},
        {"control bytes in a name", "assay run sums.yaml -q --run-id \"$(printf 'a\\001b')\"", 2},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

/* Reports: to files and to standard output, which then holds nothing else. */
static void reports(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    static const struct e2e_row ROWS[] = {
        {"json on stdout is one document",
         "assay run sums.yaml --report json >o && jq -r '.verdict' o && jq -s length o",
         0,
         {"passed\n1\n"},
         {"passed (exit 0)"}},
        {"json=-", "assay run sums.yaml --report json=- | jq -r .exit_code", 0, {"0\n"}},
        {"jsonl on stdout",
         "assay run sums.yaml -q -v -r jsonl | jq -r .kind",
         0,
         {"run\nsample\nsample\nsample\nend\n"}},
        {"junit on stdout", "assay run sums.yaml -r junit | head -c 5", 0, {"<?xml"}},
        {"several at once",
         "assay run sums.yaml -q -r json=r.json -r jsonl=r.jsonl -r junit=r.xml && ls r.*",
         0,
         {"passed (exit 0)", "r.json\nr.jsonl\nr.xml\n"}},
        {"a report of a failed run says so",
         "assay run sums.yaml -q -g 'cases > 9' -r json=f.json; jq -r .verdict f.json",
         0,
         {"failed\n"}},
        {"later, from the store",
         "assay report latest~1 --format json=later.json && jq -S . r.json >a && jq -S . later.json >b && cmp a b", 0},
        {"and jsonl", "assay report latest~1 --format jsonl | cmp - r.jsonl", 0},
        {"report without a format", "assay report latest", 0, {"cases > 9"}},
        {"report of no run", "assay report nope --format json", 4, {NULL}, {"no run 'nope'"}},
        {"list --format json",
         "assay list --format json | jq -r '.suite + \" \" + .state' | sort | uniq -c",
         0,
         {"sums failed", "sums passed"}},
        {"list --limit", "assay list --limit 2 | wc -l", 0, {"2\n"}},
        {"check --format json",
         "assay check sums.yaml --format json | jq -c 'del(.false_alarms)'",
         0,
         {"{\"faults\":[],\"good\":true}\n"}},
        {"check --format json with faults",
         "sed s/numeric/numerik/ sums.yaml >b.yaml; assay check b.yaml --format json >o; echo $?; jq -r '.good, "
         "(.faults[] | \"\\(.line):\\(.col) \\(.hint)\")' o",
         0,
         {"2\nfalse\n8:5 did you mean 'numeric'?\n"}},
        {"rescore to json",
         "sed 's/answer/again/; s/answer/again/' sums.yaml >s2.yaml; assay rescore latest~1 s2.yaml -r json | jq -r "
         "'.verdict, .runs[].summary.dimensions[].name'",
         0,
         {"passed\nagain\n"}},
        {"resume to json", "assay resume latest -q -r json | jq -r .verdict", 0, {"passed\n"}},
        {"show", "assay show latest~1 odd", 0, {"A: 3", "1 2"}},
        {"show --failed", "assay show latest~1 --failed", 0, {"odd"}, {NULL}, "small"},
        {"show a case that is not there", "assay show latest none", 4, {NULL}, {"no such", "'none'"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

/* Readers that leave, disks that are full, files that are closed: no verdict changes but by what was promised to be written. */
static void outputs(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    static const struct e2e_row ROWS[] = {
        {"a reader that leaves",
         "{ assay run sums.yaml -q -r jsonl; echo exit $? >&2; } | head -c 1",
         0,
         {"{"},
         {"exit 0"}},
        {"a reader that leaves, a verdict that says no",
         "{ assay run sums.yaml -q -g 'cases > 9'; echo exit $? >&2; } | true",
         0,
         {NULL},
         {"exit 1"}},
        {"the words of a run to a full disk",
         "assay run sums.yaml -q >/dev/full",
         5,
         {NULL},
         {"infrastructure (exit 5)"}},
        {"a report to a full disk",
         "assay run sums.yaml -q -r jsonl >/dev/full",
         5,
         {NULL},
         {"infrastructure (exit 5)", "No space"}},
        {"list to a full disk", "assay list >/dev/full", 5, {NULL}, {"cannot write"}},
        {"help to a full disk", "assay help >/dev/full", 5, {NULL}, {"cannot write"}},
        {"a usage error stays one", "assay show nope >/dev/full", 4},
        {"progress to a full disk", "assay run sums.yaml -v 2>/dev/full", 0, {"passed (exit 0)"}},
        {"closed", "assay run sums.yaml -q 0<&- >&- 2>&-", 0},
        {"closed, with a report",
         "assay run sums.yaml -v -r json=closed.json 0<&- >&- 2>&- && jq -r .verdict closed.json",
         0,
         {"passed\n"}},
        {"closed, and the report is all that is in the file", "head -c 1 closed.json", 0, {"{"}},
        {"the store took no harm", "assay list | wc -l", 0, {"7\n"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
    CHECK_CSTR("quick_check", e2e_sql(&e, "PRAGMA quick_check"), "ok");
}

/* Where the store is: beside the project, wherever in it one stands; or as named. */
static void store_places(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    static const struct e2e_row ROWS[] = {
        {"below a project",
         "mkdir -p .assay sub/deep && cd sub/deep && assay run ../../sums.yaml -q && ls -a",
         0,
         {"passed"},
         {NULL},
         ".assay"},
        {"it is above", "ls .assay/assay.db", 0, {"assay.db"}},
        {"--db", "assay run sums.yaml -q --db own.db && assay list --db own.db | wc -l", 0, {"1\n"}},
        {"ASSAY_DB", "ASSAY_DB=env.db assay run sums.yaml -q && ls env.db", 0, {"env.db"}},
        {"--db beats ASSAY_DB",
         "ASSAY_DB=env2.db assay run sums.yaml -q --db own2.db && ls own2.db && ! ls env2.db",
         0,
         {"own2.db"}},
        {"no store yet", "cd /; cd \"$HOME\"; assay list --db none.db", 4, {NULL}, {"none.db"}},
        {"asking makes none", "! ls none.db", 0},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"usage", usage},
        {"selection and overrides", selection},
        {"a dry run leaves nothing", dry_run_leaves_nothing},
        {"--fail-fast", fail_fast},
        {"--run-id", run_ids},
        {"reports", reports},
        {"outputs that go wrong", outputs},
        {"where the store is", store_places},
    };
    return check_run("e2e/cli", TESTS, ARRAY_LEN(TESTS));
}
