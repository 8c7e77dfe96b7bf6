/* SIGINT, SIGTERM, SIGHUP, once and twice, while a run goes on: running samples are stored or put back, nothing is lost, and what is resumed
 * ends as if nothing had been. */

#include "tests/e2e/resume.h"

/* Samples that take a while, and leave a mark when they begin and when they end. */
static const char SLOW[] =
    "suite: slow\n"
    "target: {shell: 'echo $ASSAY_CASE >>begun; sleep 0.5; echo $ASSAY_CASE >>ended; echo yes'}\n"
    "concurrency: 2\n"
    "cases: [{id: a, input: x}, {id: b, input: x}, {id: c, input: x}, {id: d, input: x}, {id: e, input: x}]\n"
    "scorers: [{exact: 'yes'}]\n";

/* Never ends by itself, and minds no TERM. */
static const char STUBBORN[] = "suite: stubborn\n"
                               "target: {shell: 'trap \"\" TERM; echo $$ >>begun; while :; do sleep 0.05; done'}\n"
                               "concurrency: 2\n"
                               "cases: [{id: a, input: x}, {id: b, input: x}, {id: c, input: x}]\n"
                               "scorers: [{exact: 'yes'}]\n";

static const struct {
    const char *name;
    int number, exit_code;
    const char *word;
} SIGNALS[] = {
    {"SIGINT", SIGINT, 130, "interrupted (exit 130): by SIGINT"},
    {"SIGTERM", SIGTERM, 143, "interrupted (exit 143): by SIGTERM"},
    {"SIGHUP counts as SIGTERM", SIGHUP, 143, "interrupted (exit 143)"},
};

/* Once: nothing new begins, what runs may finish and is stored, the way on is named; resume does exactly the rest. */
static void once(void)
{
    for (size_t i = 0; i < ARRAY_LEN(SIGNALS); i++) {
        const char *name = SIGNALS[i].name;
        struct e2e e CLEANUP(e2e_close) = e2e_open();
        e2e_write(&e, "suite.yaml", SLOW);
        struct e2e_child child = e2e_start(&e, "exec assay run suite.yaml --run-id t");
        CHECK(name, e2e_wait_for_file(&child, "begun"));
        e2e_signal(&child, SIGNALS[i].number);
        struct e2e_done done = e2e_finish(&child);
        CHECK_INT(name, done.exit_code, SIGNALS[i].exit_code);
        CHECK_CONTAINS(name, e2e_last_line(done.out), SIGNALS[i].word);
        CHECK_CONTAINS(name, done.out, "go on with: assay resume ");
        int64_t begun = (int64_t)e2e_count_of(e2e_read(&e, "begun"), "\n");
        CHECK(name, begun >= 1 && begun < 5);
        CHECK_INT(name, e2e_count_of(e2e_read(&e, "ended"), "\n"), begun);
        CHECK_INT(name, e2e_count(&e, "SELECT count(*) FROM span"), begun);
        done = e2e_sh(&e, "assay list");
        CHECK_CONTAINS(name, done.out, "interrupted");
        done = e2e_sh(&e, "assay resume");
        CHECK_INT(name, done.exit_code, 0);
        CHECK_INT(name, e2e_count_of(e2e_read(&e, "begun"), "\n"), 5);
        CHECK_INT(name, e2e_count(&e, "SELECT count(*) FROM span WHERE state = 0 AND superseded IS NULL"), 5);
    }
}

/* The grace ends what does not finish; those have no record and are done by resume. */
static void grace(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: slow\ntarget: {shell: 'echo >>begun; test -e go || sleep 30; echo yes'}\nconcurrency: 2\n"
              "cases: [{id: a, input: x}, {id: b, input: x}, {id: c, input: x}]\nscorers: [{exact: 'yes'}]\n");
    struct e2e_child child = e2e_start(&e, "exec assay run suite.yaml --run-id t --grace 100ms");
    CHECK("begun", e2e_wait_for_file(&child, "begun"));
    e2e_signal(&child, SIGINT);
    struct e2e_done done = e2e_finish(&child);
    CHECK_INT("exit", done.exit_code, 130);
    CHECK("long before the program would have ended", done.elapsed_ms < 20000);
    CHECK_INT("put back", e2e_count(&e, "SELECT count(*) FROM span"), 0);
    e2e_write(&e, "go", "");
    done = e2e_sh(&e, "assay resume t -q -r json | jq -r '.verdict, .runs[].summary.samples'");
    CHECK_CSTR("resumed", done.out, "passed\n3\n");
}

/* Twice while patterns search: each would go on for a second, one after the other. Samples that are not scored have no record. */
static void twice_while_scoring(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: searching\ntarget: {shell: 'cat text; echo >>begun'}\nconcurrency: 12\ntrials: 12\n"
              "cases: [{id: a, input: x}]\nscorers: [{regex: 'x*x*[yz]'}]\n");
    (void)e2e_sh(&e, "head -c 900000 /dev/zero | tr '\\0' x >text");
    struct e2e_child child = e2e_start(&e, "exec assay run suite.yaml --run-id t");
    CHECK("begun", e2e_wait_for_file(&child, "begun"));
    e2e_pause(500);
    e2e_signal(&child, SIGINT);
    e2e_pause(50);
    e2e_signal(&child, SIGINT);
    struct e2e_done done = e2e_finish(&child);
    CHECK_INT("exit", done.exit_code, 130);
    CHECK("most are not scored", e2e_count(&e, "SELECT count(*) FROM span") < 6);
    CHECK_CONTAINS("the way on", done.out, "go on with: assay resume ");
}

/* Twice: children are killed, even those that mind no TERM; the store is sound. */
static void twice(void)
{
    for (size_t i = 0; i < ARRAY_LEN(SIGNALS); i++) {
        const char *name = SIGNALS[i].name;
        struct e2e e CLEANUP(e2e_close) = e2e_open();
        e2e_write(&e, "suite.yaml", STUBBORN);
        struct e2e_child child = e2e_start(&e, "exec assay run suite.yaml --run-id t");
        CHECK(name, e2e_wait_for_file(&child, "begun"));
        e2e_signal(&child, SIGNALS[i].number);
        e2e_pause(50);
        e2e_signal(&child, SIGNALS[i].number);
        struct e2e_done done = e2e_finish(&child);
        CHECK_INT(name, done.exit_code, SIGNALS[i].exit_code);
        CHECK(name, done.elapsed_ms < 10000);
        done = e2e_sh(&e, "for p in $(cat begun); do kill -0 $p 2>/dev/null && echo $p lives; done; true");
        CHECK_CSTR(name, done.out, "");
        CHECK_INT(name, e2e_count(&e, "SELECT count(*) FROM span"), 0);
        CHECK_CSTR(name, e2e_sql(&e, "PRAGMA integrity_check"), "ok");
    }
}

/* A run is stopped for a while and goes on; the time does not count against its programs. */
static void stopped(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml", SLOW);
    struct e2e_child child = e2e_start(&e, "exec assay run suite.yaml");
    CHECK("begun", e2e_wait_for_file(&child, "begun"));
    e2e_signal(&child, SIGTSTP);
    e2e_pause(300);
    e2e_signal(&child, SIGCONT);
    struct e2e_done done = e2e_finish(&child);
    CHECK_INT("goes on", done.exit_code, 0);
}

/* During setup there is nothing to store yet; it is an interruption all the same, and teardown still cleans up. */
static void during_setup(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: set-up\nsetup: [sh, -c, 'touch begun; test -e go || sleep 30']\n"
              "teardown: [sh, -c, 'echo >>torn']\n"
              "target: {shell: 'echo yes'}\ncases: [{id: a, input: x}]\nscorers: [{exact: 'yes'}]\n");
    struct e2e_child child = e2e_start(&e, "exec assay run suite.yaml --run-id t");
    CHECK("begun", e2e_wait_for_file(&child, "begun"));
    e2e_signal(&child, SIGTERM);
    struct e2e_done done = e2e_finish(&child);
    CHECK_INT("exit", done.exit_code, 143);
    CHECK_CSTR("torn down", e2e_read(&e, "torn"), "\n");
    e2e_write(&e, "go", "");
    done = e2e_sh(&e, "assay resume t -q");
    CHECK_INT("resumed", done.exit_code, 0);
}

/* Before there is a plan: nothing is stored, and the last line says what happened. */
static void before_the_plan(void)
{
    static const char *const COMMANDS[] = {"run suite.yaml", "check suite.yaml", "run suite.yaml --dry-run >dry.txt"};
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(
        &e, "suite.yaml",
        "suite: many\ntarget: {replay: x}\ndataset: {file: rows.jsonl, id: '{{id}}', input: x}\nscorers: [json]\n");
    (void)e2e_sh(&e, "awk 'BEGIN { for (i = 0; i < 600000; i++) print \"{\\\"id\\\":\" i \"}\" }' >rows.jsonl");
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++) {
        struct e2e_child child = e2e_start(&e, "exec assay %s", COMMANDS[i]);
        e2e_pause(200);
        e2e_signal(&child, SIGINT);
        struct e2e_done done = e2e_finish(&child);
        CHECK_INT(COMMANDS[i], done.exit_code, 130);
        CHECK_CONTAINS(COMMANDS[i], e2e_last_line(done.err), "interrupted (exit 130)");
        CHECK_CONTAINS(COMMANDS[i], e2e_sh(&e, "assay list 2>&1").out, "no");
    }
}

/* run, interrupted at random times by random signals and resumed as often as it takes, is the run undisturbed. On a machine that is busy an attempt may
 * come to nothing, so the later ones have more time. */
static void resumed_is_undisturbed(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct resume_figures figures = {0};
    resume_write(&e, 60);
    resume_calm(&e);
    uint64_t seed = 7;
    for (int i = 0; i < 3; i++) {
        (void)e2e_sh(&e, "rm -rf .assay announced");
        struct e2e_done done = {.exit_code = -1};
        for (int j = 0; j < 100 && done.exit_code != 0; j++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            struct e2e_child child = e2e_start(&e, "%s", resume_script(&e, ""));
            e2e_pause(60 + (int)(seed >> 33) % 150 + 10 * j);
            e2e_signal(&child, (seed >> 60) % 2 == 0 ? SIGINT : SIGTERM);
            done = e2e_finish(&child);
            CHECK("exit", done.exit_code == 0 || done.exit_code == 130 || done.exit_code == 143);
            resume_note(&e, done.err);
            figures.interruptions += done.exit_code != 0 ? 1 : 0;
        }
        CHECK_INT("it ends", done.exit_code, 0);
        resume_judge(&e, "as undisturbed", &figures);
    }
    (void)printf("%u interruptions, %u announced: %u lost, %u doubled\n", figures.interruptions, figures.announced,
                 figures.lost, figures.doubled);
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"once", once},
        {"the grace", grace},
        {"twice", twice},
        {"twice while scoring", twice_while_scoring},
        {"stopped", stopped},
        {"during setup", during_setup},
        {"before the plan", before_the_plan},
        {"resumed is undisturbed", resumed_is_undisturbed},
    };
    return check_run("e2e/signals", TESTS, ARRAY_LEN(TESTS));
}
