/* Each exit code that a run without Opper can have, and the word in the last line; the order when several apply. */

#include <stdlib.h>

#include "tests/e2e/e2e.h"

#define SUITE "suite: codes\ntarget: {command: [awk, '{ print $0 + 1 }'], stdin: text}\n"
#define CASES                                                                                                          \
    "cases:\n  - {id: a, input: \"1\", expected: \"2\", tags: [t]}\n  - {id: b, input: \"2\", expected: \"4\"}\n"
#define SCORER "scorers: [exact]\n"

static void write_suites(struct e2e *e)
{
    static const struct {
        const char *name, *text;
    } FILES[] = {
        {"half.yaml", SUITE CASES SCORER "gates: [pass_rate >= 50%]\n"},
        {"none.yaml", SUITE CASES SCORER},
        {"exit3.yaml", "suite: codes\ntarget: {shell: 'exit 3'}\n" CASES SCORER "gates: [cases >= 0]\n"},
        {"one-errs.yaml",
         "suite: codes\ntarget: {shell: 'test \"$ASSAY_CASE\" = a && echo 2', stdin: text}\nallow_errors: 50%\n" CASES
             SCORER "gates: [exact.pass_rate >= 100%]\n"},
        {"budget.yaml", "suite: codes\ntarget: {shell: 'sleep 5'}\nbudget: {time: 200ms}\n" CASES SCORER},
        {"setup.yaml", SUITE "setup: [sh, -c, 'exit 9']\n" CASES SCORER},
        {"setup-gone.yaml", SUITE "setup: [no-such-program]\n" CASES SCORER},
        {"noexec.yaml", "suite: codes\ntarget: {command: [./prog]}\n" CASES SCORER},
        {"skipped.yaml", SUITE "cases: [{id: a, input: x, expected: y, skip: later}]\n" SCORER},
        {"empty.jsonl", ""},
        {"no-rows.yaml", SUITE "dataset: {file: empty.jsonl, input: '{{q}}'}\n" SCORER},
        {"on-error.yaml", "suite: codes\ntarget: {shell: 'exit 3'}\non_error: {exit: fail}\n" CASES SCORER},
        {"broken.yaml", SUITE CASES "scorers: [exacd]\n"},
        {"interrupt.yaml",
         "suite: codes\ntarget: {shell: 'touch started; exec sleep 20'}\nconcurrency: 1\n" CASES SCORER},
    };
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        e2e_write(e, FILES[i].name, FILES[i].text);
    }
    (void)e2e_sh(e, "printf '#!/no/such/interpreter\\n' >prog; chmod +x prog");
}

static const struct e2e_row CODES[] = {
    {"0: every gate holds", "assay run half.yaml", 0, {"\npassed (exit 0): "}},
    {"1: a gate fails", "assay run half.yaml -g 'pass_rate >= 51%'", 1, {"\nfailed (exit 1): "}},
    {"1: no gates means that every case passes", "assay run none.yaml", 1, {"\nfailed (exit 1): ", "no gates"}},
    {"1: an error that the suite calls a failure", "assay run on-error.yaml", 1, {"\nfailed (exit 1): "}},
    {"2: a fault in the suite", "assay run broken.yaml", 2, {NULL}, {"broken.yaml:6:11", "exacd", "exact"}},
    {"2: no such file", "assay run nowhere.yaml", 2, {NULL}, {"nowhere.yaml"}},
    {"2: no such option", "assay run half.yaml --no-such", 2, {NULL}, {"--no-such", "assay: usage (exit 2)"}},
    {"2: no suite named", "assay run", 2, {NULL}, {"which suite"}},
    {"3: samples error", "assay run exit3.yaml", 3, {"\nerrored (exit 3): "}},
    {"3: the time budget", "assay run budget.yaml --grace 100ms", 3, {"\nerrored (exit 3): ", "budget"}},
    {"3 comes before 1", "assay run exit3.yaml -g 'cases >= 9'", 3, {"\nerrored (exit 3): "}},
    {"1: errors that are allowed could decide",
     "assay run one-errs.yaml",
     1,
     {"\nfailed (exit 1): ", "errors could decide"}},
    {"4: nothing selected", "assay run half.yaml --tag nothing", 4, {NULL}, {"assay: empty (exit 4)", "no case"}},
    {"4: no rows", "assay run no-rows.yaml", 4, {NULL}, {"assay: empty (exit 4)"}},
    {"4: every case is skipped", "assay run skipped.yaml", 4, {NULL}, {"skip", "assay: empty (exit 4)"}},
    {"4: a dry run that selects nothing", "assay run half.yaml --dry-run --case z", 4, {NULL}, {"(exit 4)"}},
    {"5: setup fails", "assay run setup.yaml", 5, {"infrastructure (exit 5)", "setup"}},
    {"5: setup is not there", "assay run setup-gone.yaml", 5, {"infrastructure (exit 5)", "no-such-program"}},
    {"5: the program cannot be started", "assay run noexec.yaml", 5, {"infrastructure (exit 5)", "./prog"}},
    {"5: a report that cannot be written",
     "assay run half.yaml --report json=/dev/full",
     5,
     {"infrastructure (exit 5)"}},
    {"5: the store cannot be opened",
     "assay run half.yaml --db /proc/none/x.db",
     5,
     {NULL},
     {"(exit 5)", "/proc/none"}},
    {"5 comes before 1", "assay run none.yaml --report json=/dev/full", 5, {"infrastructure (exit 5)"}},
};

static void codes(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_suites(&e);
    e2e_check_rows(&e, CODES, ARRAY_LEN(CODES));
}

/* The word, the code and the reason are one record: printed, in the JSON report, in the store, and what the process returns. */
static void one_record(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_suites(&e);
    static const struct {
        const char *suite, *word;
        int exit_code;
    } ROWS[] = {{"half", "passed", 0}, {"none", "failed", 1}, {"exit3", "errored", 3}, {"setup", "infrastructure", 5}};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const char *suite = ROWS[i].suite;
        struct e2e_done done = e2e_sh(&e, "assay run %s.yaml --report json=r.json", suite);
        CHECK_INT(suite, done.exit_code, ROWS[i].exit_code);
        struct str line = e2e_last_line(done.out);
        done = e2e_sh(&e, "jq -j '\"\\(.verdict) (exit \\(.exit_code)): \\(.reason)\"' r.json");
        CHECK_STR(suite, done.out, line);
        CHECK(suite, str_starts(line, str_from(ROWS[i].word)));
        CHECK_INT(suite, strtoll(e2e_sql(&e, "SELECT exit_code FROM invocation ORDER BY seq DESC").ptr, NULL, 10),
                  ROWS[i].exit_code);
        if (ROWS[i].exit_code != 5) {
            done = e2e_sh(&e, "assay resume latest"); /* finished: the same again, and nothing runs */
            CHECK_INT(suite, done.exit_code, ROWS[i].exit_code);
            CHECK_STR(suite, e2e_last_line(done.out), line);
        }
    }
}

static void interrupted(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_suites(&e);
    static const struct {
        const char *name;
        int number, exit_code;
    } ROWS[] = {{"130", SIGINT, 130}, {"143", SIGTERM, 143}};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        (void)e2e_sh(&e, "rm -f started");
        struct e2e_child child = e2e_start(&e, "exec assay run interrupt.yaml --grace 50ms");
        CHECK(ROWS[i].name, e2e_wait_for_file(&child, "started"));
        e2e_signal(&child, ROWS[i].number);
        struct e2e_done done = e2e_finish(&child);
        CHECK_INT(ROWS[i].name, done.exit_code, ROWS[i].exit_code);
        CHECK_CONTAINS(ROWS[i].name, e2e_last_line(done.out), "interrupted (exit 1");
        CHECK_CONTAINS(ROWS[i].name, done.out, "assay resume ");
    }
}

static void help_has_the_table(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct e2e_done done = e2e_sh(&e, "assay help exit-codes");
    static const char *const WORDS[] = {"passed",         "failed",     "usage",    "errored",    "empty",
                                        "infrastructure", "unrecorded", "internal", "interrupted"};
    CHECK_INT("help exit-codes", done.exit_code, 0);
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        CHECK_CONTAINS(WORDS[i], done.out, WORDS[i]);
    }
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"each exit code and its word", codes},
        {"one record of the verdict", one_record},
        {"interrupted", interrupted},
        {"help names them", help_has_the_table},
    };
    return check_run("e2e/exit_codes", TESTS, ARRAY_LEN(TESTS));
}
