/* assay prune: what goes and what stays, and that nothing breaks when it is killed while another process writes. */

#include <stdlib.h>

#include "base/rng.h"
#include "tests/e2e/e2e.h"

static const char SUITE[] = "suite: s\n"
                            "target: {command: [cat], stdin: text}\n"
                            "cases: [{id: a, input: x, expected: x, tags: [t]}, {id: b, input: y, expected: y}]\n"
                            "scorers: [{exact: {dimension: answer}}]\n"
                            "gates: [answer.mean >= 1]\n";

/* The same, with a baseline: two runs of the branch `main`. */
static const char WITH_BASELINE[] =
    "suite: s\n"
    "target: {command: [cat], stdin: text}\n"
    "cases: [{id: a, input: x, expected: x, tags: [t]}, {id: b, input: y, expected: y}]\n"
    "scorers: [{exact: {dimension: answer}}]\n"
    "gates: [answer.mean >= baseline - 0.02]\n"
    "baseline: {label: branch=main, runs: 2, missing: skip}\n";

static void bad_input(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", SUITE);
    static const struct e2e_row ROWS[] = {
        {"no store", "assay prune --keep 3", 4, {NULL}, {"nothing was recorded yet"}},
        {"and none was made", "test ! -e .assay", 0},
        {"a run", "assay run s.yaml -q", 0},
        {"no rule", "assay prune", 2, {NULL}, {"what is to be kept?"}},
        {"none", "assay prune --keep 0", 2, {NULL}, {"--keep"}},
        {"no number", "assay prune --keep all", 2, {NULL}, {"--keep"}},
        {"less than none", "assay prune --keep -1", 2, {NULL}, {"--keep"}},
        {"an operand", "assay prune s --keep 1", 2, {NULL}, {"takes no operand"}},
        {"an age without unit", "assay prune --older-than 90", 2, {NULL}, {"90d"}},
        {"an age of nothing", "assay prune --older-than 0d", 2, {NULL}, {"90d"}},
        {"an age of too much", "assay prune --older-than 99999999999999999999d", 2, {NULL}, {"90d"}},
        {"an age in words", "assay prune --older-than 3months", 2, {NULL}, {"90d"}},
        {"a suite that nobody has", "assay prune --keep 1 --suite t", 4, {NULL}, {"no suite 't'"}},
        {"nothing to do", "assay prune --keep 1", 0, {"nothing to remove"}},
        {"the run is there", "assay list | grep -c passed", 0, {"1\n"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

static void keeping(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", SUITE);
    e2e_write(&e, "b.yaml", WITH_BASELINE);
    static const struct e2e_row ROWS[] = {
        {"two on main", "for i in 1 2; do assay run s.yaml -q --run-id main$i --label branch=main || exit 9; done", 0},
        {"five elsewhere", "for i in 1 2 3 4 5; do assay run s.yaml -q --run-id x$i --label branch=x || exit 9; done",
         0},
        {"what would go",
         "assay prune --keep 2 --dry-run",
         0,
         {"5 of 5 would be removed; nothing was changed", "would remove "}},
        {"nothing went", "assay list | grep -c passed", 0, {"7\n"}},
        {"a suite that has main as its baseline", "assay run b.yaml -q --run-id b1 --label branch=x", 0},
        {"is known by its newest run",
         "assay prune --keep 2 --dry-run",
         0,
         {"4 of 6 would be removed", "suite 's' has it as its baseline (branch=main)"}},
        {"young ones stay", "assay prune --older-than 1h", 0, {"nothing to remove"}},
        {"four go", "assay prune --keep 2", 0, {"removed 4 runs with 8 samples", "spared "}},
        {"the others are as they were",
         "for r in main1 main2 x5 b1; do assay show $r >/dev/null || echo gone; done; assay list | grep -c s",
         0,
         {"4\n"},
         {NULL},
         "gone"},
        {"those are gone", "assay show x1", 4, {NULL}, {"no run 'x1'"}},
        {"and may come again under their names", "assay run s.yaml -q --run-id x1 --label branch=x", 0},
        {"with the same ids and nothing of old", "assay show x1 --all | grep -c 'trial 1: passed'", 0, {"2\n"}},
        {"runs of a part push nothing out",
         "for i in 1 2 3; do assay run s.yaml -q --run-id p$i --tag t >/dev/null || exit 9; done; assay prune --keep "
         "1; "
         "assay show x1 >/dev/null; assay show p3 >/dev/null; assay list | grep -c passed",
         0,
         {"removed 6 runs", "2\n"}}, /* the newest run says no baseline */
        {"twice", "assay prune --keep 1", 0, {"nothing to remove"}},
        {"the store is sound",
         "sqlite3 .assay/assay.db 'PRAGMA integrity_check' || python3 -c \"import sqlite3; "
         "print(sqlite3.connect('.assay/assay.db').execute('PRAGMA integrity_check').fetchone()[0])\"",
         0,
         {"ok"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

/* What another process runs is left alone, and is not disturbed. */
static void running_is_spared(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", SUITE);
    e2e_write(&e, "slow.yaml",
              "suite: s\ntarget: {shell: 'touch on; while test -e on; do sleep 0.02; done; cat', stdin: text}\n"
              "cases: [{id: a, input: x, expected: x}]\nscorers: [{exact: {dimension: answer}}]\n");
    struct e2e_child slow = e2e_start(&e, "exec assay run slow.yaml -q --run-id slow");
    CHECK("it runs", e2e_wait_for_file(&slow, "on"));
    struct e2e_done done =
        e2e_sh(&e, "for i in 1 2 3; do assay run s.yaml -q >/dev/null || exit 9; done; assay prune --keep 1");
    CHECK_INT("exit", done.exit_code, 0);
    CHECK_CONTAINS("said", done.out, "it is running");
    CHECK_CONTAINS("others go", done.out, "removed 2 runs");
    (void)e2e_sh(&e, "rm on");
    done = e2e_finish(&slow);
    CHECK_INT("the run ends well", done.exit_code, 0);
    done = e2e_sh(&e, "assay show slow");
    CHECK_CONTAINS("and is there", done.out, "passed (exit 0)");
}

/* --- killed ------------------------------------------------------------------------------------------------------------------------------- */

#define ROWS_PER_RUN "200"

/* Whatever moment it was: every run that can be seen has all of its samples and texts, and the baseline is there. */
static void check_sound(struct e2e *e, const char *when)
{
    CHECK_STR(when, e2e_sql(e, "PRAGMA integrity_check"), STR("ok"));
    CHECK_INT(when,
              e2e_count(e, "SELECT count(*) FROM run r JOIN invocation i ON i.seq = r.invocation WHERE i.state = 1 AND "
                           "(SELECT count(*) FROM span WHERE run = r.seq) <> " ROWS_PER_RUN),
              0);
    CHECK_INT(
        when,
        e2e_count(
            e, "SELECT count(*) FROM span WHERE typeof(output) = 'integer' AND output NOT IN (SELECT seq FROM body)"),
        0);
    CHECK_INT(
        when,
        e2e_count(
            e,
            "SELECT count(*) FROM case_text WHERE typeof(input) = 'integer' AND input NOT IN (SELECT seq FROM body)"),
        0);
    CHECK_INT(when, e2e_count(e, "SELECT count(*) FROM span s WHERE NOT EXISTS (SELECT 1 FROM run WHERE seq = s.run)"),
              0);
    CHECK_INT(when,
              e2e_count(e, "SELECT count(*) FROM metric m WHERE NOT EXISTS (SELECT 1 FROM span WHERE seq = m.span)"),
              0);
    struct e2e_done done = e2e_sh(e, "assay show good >/dev/null && assay report good --format jsonl | wc -l");
    CHECK_CONTAINS(when, done.out, "202");
}

static void killed(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct rng rng;
    const char *rounds_text = getenv("ASSAY_KILLS");
    int rounds = rounds_text == NULL ? 4 : (int)strtol(rounds_text, NULL, 10);
    rng_seed(&rng, 4);
    (void)e2e_sh(&e, "long=$(printf '%%03000d' 7); for i in $(seq " ROWS_PER_RUN
                     "); do echo \"{\\\"n\\\": $i, \\\"o\\\": \\\"$long $i\\\"}\"; "
                     "done >rows.jsonl");
    e2e_write(&e, "s.yaml",
              "suite: s\ntarget: {replay: '{{o}} {{vars.salt}}'}\nvars: {salt: ''}\ndataset: {file: rows.jsonl, id: "
              "'c{{n}}', input: '{{o}}'}\n"
              "scorers: [{regex: {pattern: '7', dimension: answer}}, length]\n"
              "baseline: {label: branch=main, missing: skip}\n"
              "gates: [answer.mean >= baseline - 0.02]\n");
    struct e2e_done done = e2e_sh(&e, "assay run s.yaml -q --run-id good --label branch=main");
    CHECK_INT("the baseline", done.exit_code, 0);
    for (int round = 0; round < rounds; round++) {
        char when[64];
        (void)snprintf(when, sizeof(when), "round %d", round);
        done = e2e_sh(
            &e, "for i in 1 2 3; do assay run s.yaml -q --set salt=%d-$i --label branch=x >/dev/null || exit 9; done",
            round);
        CHECK_INT(when, done.exit_code, 0);
        struct e2e_child writer = e2e_start(&e, "exec assay run s.yaml -q --set salt=w%d --label branch=x", round);
        struct e2e_child prune = e2e_start(&e, "exec assay prune --keep 1");
        e2e_pause((int)rng_below(&rng, 400));
        e2e_signal(&prune, SIGKILL);
        (void)e2e_finish(&prune);
        CHECK_INT(when, e2e_finish(&writer).exit_code, 0);
        check_sound(&e, when);
    }
    done = e2e_sh(&e, "assay prune --keep 1");
    CHECK_INT("at last", done.exit_code, 0);
    check_sound(&e, "at last");
    CHECK_INT("nothing is half gone", e2e_count(&e, "SELECT count(*) FROM run WHERE invocation < 0"), 0);
    CHECK_INT("two are left", e2e_count(&e, "SELECT count(*) FROM run"), 2);
    CHECK_INT(
        "no text is left that nobody uses",
        e2e_count(
            &e,
            "SELECT count(*) FROM body WHERE seq NOT IN (SELECT output FROM span UNION ALL SELECT input FROM case_text "
            "UNION ALL SELECT expected FROM case_text WHERE expected IS NOT NULL UNION ALL SELECT header FROM run "
            "UNION ALL SELECT summary FROM run UNION ALL SELECT root_input FROM run UNION ALL SELECT root_output FROM "
            "run "
            "UNION ALL SELECT root_meta FROM run UNION ALL SELECT resolved FROM plan UNION ALL SELECT data_files FROM "
            "plan "
            "UNION ALL SELECT options FROM invocation)"),
        0);
    CHECK("inputs are there once", e2e_count(&e, "SELECT count(DISTINCT input) FROM case_text") == 200);
    CHECK_INT("all with their names", e2e_count(&e, "SELECT count(*) FROM body WHERE typeof(sha256) = 'text'"), 0);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"bad input", bad_input},
        {"what is kept", keeping},
        {"what runs is spared", running_is_spared},
        {"killed", killed},
    };
    e2e_init(argc, argv);
    return check_run("e2e/prune", tests, ARRAY_LEN(tests));
}
