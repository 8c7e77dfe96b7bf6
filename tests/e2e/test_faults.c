/* What may go wrong around a run: folders, disks, stores, limits, data that changes, two at once. The exit code is the documented one, the cause is
 * named, what was recorded stays. */

#include "tests/e2e/e2e.h"

#include <unistd.h>

#include "base/buf.h"

enum { NOBODY = 65534 };

static const char SUITE[] = "suite: s\n"
                            "target: {shell: 'echo $ASSAY_CASE >>ran; echo yes'}\n"
                            "cases: [{id: a, input: x}, {id: b, input: x}]\n"
                            "scorers: [{exact: 'yes'}]\n";

/* A folder that may not be written: said before the first program runs. Root may write everywhere, so it becomes nobody. */
static void read_only_folder(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml", SUITE);
    (void)e2e_sh(&e, "chmod 555 .");
    if (geteuid() == 0) {
        e.uid = NOBODY;
        if (e2e_sh(&e, "assay version").exit_code != 0) {
            (void)printf("skipped: user %d cannot start the program\n", NOBODY);
            return;
        }
    }
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml");
    CHECK_INT("run", done.exit_code, 5);
    CHECK_CONTAINS("run", done.err, "infrastructure (exit 5)");
    CHECK_CONTAINS("the cause", done.err, "Permission denied");
    CHECK("nothing ran", !e2e_exists(&e, "ran"));
    done = e2e_sh(&e, "assay check suite.yaml");
    CHECK_INT("check needs no store", done.exit_code, 0);
    done = e2e_sh(&e, "assay run suite.yaml --dry-run");
    CHECK_INT("nor does a dry run", done.exit_code, 0);
    e.uid = 0;
    (void)e2e_sh(&e, "chmod 755 .; assay run suite.yaml -q; chmod -R a-w .assay; chmod 555 .");
    e.uid = geteuid() == 0 ? NOBODY : 0;
    done = e2e_sh(&e, "assay list && assay show latest");
    CHECK_INT("a store that can be read is read", done.exit_code, 0);
    CHECK_CONTAINS("a store that can be read is read", done.out, "passed (exit 0)");
    done = e2e_sh(&e, "assay run suite.yaml");
    CHECK_INT("and not written", done.exit_code, 5);
    e.uid = 0;
    (void)e2e_sh(&e, "chmod -R u+w .");
}

/* Files that are no store of ours, or none that we may write: named, left as they are byte for byte, nothing run. */
static const struct {
    const char *name, *make, *err;
} STORES[] = {
    {"not a database", "seq 10000 >x.db", "x.db"},
    {"a database cut short", "cp good.db x.db; truncate -s 3000 x.db", "x.db"},
    {"a database with bytes changed",
     "cp good.db x.db; dd if=/dev/urandom of=x.db bs=4096 seek=1 count=6 conv=notrunc 2>/dev/null", "x.db"},
    {"another program's database", "cp foreign.db x.db", "not a store of assay"},
    {"a newer store", "cp newer.db x.db", "newer assay"},
    {"a newer generation", "cp later.db x.db", "newer assay"},
    {"a folder", "mkdir -p x.db", "x.db"},
    {"a device", "ln -s /dev/full x.db", "x.db"},
};

static void make_stores(struct e2e *e)
{
    e2e_write(e, "suite.yaml", SUITE);
    (void)e2e_sh(e, "assay run suite.yaml -q; assay run suite.yaml -q");
    (void)e2e_sql(e, "PRAGMA wal_checkpoint(TRUNCATE)");
    (void)e2e_sh(e, "cp .assay/assay.db good.db; cp .assay/assay.db newer.db; cp .assay/assay.db later.db; cp "
                    ".assay/assay.db foreign.db");
    static const struct {
        const char *file, *sql;
    } CHANGES[] = {
        {"newer.db", "PRAGMA user_version = 1999"},
        {"later.db", "PRAGMA user_version = 9001"},
        {"foreign.db", "PRAGMA application_id = 12345"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CHANGES); i++) {
        (void)e2e_sh(e, "mv %s .assay/assay.db", CHANGES[i].file);
        (void)e2e_sql(e, "%s", CHANGES[i].sql);
        (void)e2e_sql(e, "PRAGMA wal_checkpoint(TRUNCATE)");
        (void)e2e_sh(e, "mv .assay/assay.db %s; rm -f .assay/assay.db-*", CHANGES[i].file);
    }
}

static void bad_stores(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    make_stores(&e);
    for (size_t i = 0; i < ARRAY_LEN(STORES); i++) {
        const char *row = STORES[i].name;
        (void)e2e_sh(&e, "rm -rf x.db* ran; %s; test -f x.db && sha256sum x.db >sum", STORES[i].make);
        struct e2e_done done = e2e_sh(&e, "assay run suite.yaml --db x.db");
        CHECK_INT(row, done.exit_code, 5);
        CHECK_CONTAINS(row, done.err, STORES[i].err);
        CHECK_CONTAINS(row, done.err, "infrastructure (exit 5)");
        CHECK(row, !e2e_exists(&e, "ran"));
        done = e2e_sh(&e, "! test -f x.db || test -L x.db || sha256sum -c sum");
        CHECK_INT(row, done.exit_code, 0);
        done = e2e_sh(&e, "assay list --db x.db; assay resume --db x.db");
        CHECK_INT(row, done.exit_code, 5);
    }
    struct e2e_done done = e2e_sh(&e, "assay list --db newer.db");
    CHECK_INT("a newer store of the same generation is read", done.exit_code, 0);
    CHECK_CONTAINS("a newer store of the same generation is read", done.out, "passed");
}

/* 200 samples of 100 KB: more than fits where the disk is full at some point. */
static void write_large(struct e2e *e)
{
    struct buf rows CLEANUP(buf_deinit) = BUF(1 << 20);
    for (int i = 0; i < 200; i++) {
        buf_printf(&rows, "{\"n\": %d}\n", i);
    }
    e2e_write_bytes(e, "rows.jsonl", buf_str(&rows));
    e2e_write(e, "large.yaml",
              "suite: large\n"
              "target: {shell: 'head -c 100000 /dev/urandom | od -An -tx1 | head -c 100000; printf %s $ASSAY_CASE'}\n"
              "concurrency: 4\n"
              "dataset: {file: rows.jsonl, id: 'r{{n}}', input: '{{n}}'}\n"
              "scorers: [{length: {unit: bytes}}]\n");
}

/* The disk is full half way: the run stops as infrastructure, what was announced is there, and with room again resume does the rest. */
static void full_disk(struct e2e *e, const char *row, const char *limit, const char *db)
{
    struct e2e_done done = e2e_sh(e, "%s assay run large.yaml --db %s --run-id t -v", limit, db);
    CHECK_INT(row, done.exit_code, 5);
    CHECK(row, e2e_has(done.out, "infrastructure (exit 5)") || e2e_has(done.err, "infrastructure (exit 5)"));
    int64_t announced = (int64_t)e2e_count_of(done.err, "DONE ");
    CHECK(row, announced < 200);
    (void)e2e_sh(e, "test %s = .assay/assay.db || cp %s* .assay/", db, db);
    CHECK_INT(row, e2e_count(e, "SELECT count(*) FROM span"), announced);
    CHECK_CSTR(row, e2e_sql(e, "PRAGMA integrity_check"), "ok");
    done = e2e_sh(e, "assay resume t -q");
    CHECK_INT(row, done.exit_code, 0);
    CHECK_INT(row, e2e_count(e, "SELECT count(*) FROM span"), 200);
    (void)e2e_sh(e, "rm -rf .assay/*");
}

static void disk_full(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_large(&e);
    (void)e2e_sh(&e, "mkdir -p .assay small");
    full_disk(&e, "a limit on the size of files", "ulimit -f 10000;", ".assay/assay.db");
    if (e2e_sh(&e, "mount -t tmpfs -o size=6m none small").exit_code != 0) {
        (void)printf("skipped: no small disk can be mounted\n");
        return;
    }
    full_disk(&e, "a small disk", "", "small/assay.db");
    (void)e2e_sh(&e, "umount small");
}

/* After a power cut resume has to find the plan of what costs money. What is durable without the log is in the file itself: whoever is called copies it. */
static const struct {
    const char *name, *suite, *run;
} COSTLY[] = {
    {"a target", "target: {shell: 'cp .assay/assay.db copy.db; echo yes'}\nscorers: [{exact: 'yes'}]\n",
     "assay run suite.yaml -q"},
    {"a setup", "setup: [cp, .assay/assay.db, copy.db]\ntarget: {replay: 'yes'}\nscorers: [{exact: 'yes'}]\n",
     "assay run suite.yaml -q"},
    {"a judge", "target: {replay: 'yes'}\nscorers: [{judge: {rubric: 'Is it?', dimension: quality}}]\n",
     "assay serve --port 0 --db serve.db --answer-with "
     "'cat >/dev/null; cp .assay/assay.db copy.db; echo \"{\\\"score\\\":1,\\\"reason\\\":\\\"x\\\"}\"' >listening & "
     "server=$!; "
     "until grep -q OPPER_BASE_URL listening; do sleep 0.05; done; "
     "export OPPER_API_KEY=op-canary $(grep -o 'OPPER_BASE_URL=.*' listening); assay run suite.yaml -q --record local; "
     "code=$?; kill $server; wait $server; exit $code"},
};

static void durable_before_calls(void)
{
    for (size_t i = 0; i < ARRAY_LEN(COSTLY); i++) {
        struct e2e e CLEANUP(e2e_close) = e2e_open();
        e2e_write(&e, "suite.yaml",
                  arena_printf(&e.arena, "suite: costly\ncases: [{id: a, input: x}]\n%s", COSTLY[i].suite).ptr);
        struct e2e_done done = e2e_sh(&e, "%s", COSTLY[i].run);
        CHECK_INT(COSTLY[i].name, done.exit_code, 0);
        done = e2e_sh(&e, "assay list --db copy.db");
        CHECK_CONTAINS(COSTLY[i].name, done.out, "costly");
    }
}

/* Far more at once than there are descriptors or processes: fewer at once, and no sample pays for it. */
static void few_descriptors(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct buf rows CLEANUP(buf_deinit) = BUF(1 << 20);
    for (int i = 0; i < 120; i++) {
        buf_printf(&rows, "{\"n\": %d}\n", i);
    }
    e2e_write_bytes(&e, "rows.jsonl", buf_str(&rows));
    e2e_write(&e, "suite.yaml",
              "suite: many\ntarget: {shell: 'sleep 0.02; echo yes'}\nconcurrency: 500\n"
              "dataset: {file: rows.jsonl, id: 'r{{n}}', input: '{{n}}'}\nscorers: [{exact: 'yes'}]\n");
    struct e2e_done done = e2e_sh(&e, "ulimit -Hn 40; ulimit -n 40; assay run suite.yaml -q");
    CHECK_INT("40 descriptors", done.exit_code, 0);
    CHECK_CONTAINS("40 descriptors", done.out, "120 passed");
    done = e2e_sh(&e, "ulimit -Sn 40; assay run suite.yaml -q");
    CHECK_INT("40, and more may be had", done.exit_code, 0);
    if (geteuid() == 0) {
        e.uid = NOBODY - 7;
        (void)e2e_sh(&e, "true");
        done = e2e_sh(&e, "ulimit -u 30 2>/dev/null; assay run suite.yaml -q --db /dev/shm/assay-$$.db; code=$?; rm -f "
                          "/dev/shm/assay-$$.db*; exit $code");
        e.uid = 0;
        CHECK("30 processes",
              done.exit_code == 0 || e2e_has(done.err, "Permission denied") || e2e_has(done.err, "not found"));
    }
}

/* Interrupts a slow run over rows.jsonl when its first sample is on its way. */
static void interrupt_dataset(struct e2e *e)
{
    e2e_write(e, "rows.jsonl", "{\"n\": 1}\n{\"n\": 2}\n{\"n\": 3}\n{\"n\": 4}\n");
    e2e_write(e, "suite.yaml",
              "suite: data\ntarget: {shell: 'echo $ASSAY_CASE >>ran; sleep 0.3; echo yes'}\nconcurrency: 1\n"
              "dataset: {file: rows.jsonl, id: 'r{{n}}', input: '{{n}}'}\nscorers: [{exact: 'yes'}]\n");
    (void)e2e_sh(e, "rm -rf .assay ran");
    struct e2e_child child = e2e_start(e, "exec assay run suite.yaml --run-id t");
    CHECK("begun", e2e_wait_for_file(&child, "ran"));
    e2e_signal(&child, SIGINT);
    CHECK_INT("interrupted", e2e_finish(&child).exit_code, 130);
    (void)e2e_sh(e, "rm -f ran");
}

/* Between the interruption and the resume the data changes: what remains would be another case. */
static const struct {
    const char *name, *change;
    int exit_code;
    const char *err; /* NULL: it goes on */
} DATA[] = {
    {"the file is gone", "rm rows.jsonl", 2, "rows.jsonl"},
    {"a remaining row is another", "sed -i s/4/44/ rows.jsonl", 2, "r4"},
    {"a remaining row is gone", "sed -i /4/d rows.jsonl", 2, "r4"},
    {"a remaining row is no JSON", "sed -i 's/.*4.*/{\"n\": /' rows.jsonl", 2, "rows.jsonl"},
    {"the suite has other scorers: the stored one counts", "sed -i 's/yes.}/no}/' suite.yaml", 0, NULL},
    {"the suite is gone: the stored one counts", "rm suite.yaml", 0, NULL},
};

static void changed_data(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    for (size_t i = 0; i < ARRAY_LEN(DATA); i++) {
        const char *row = DATA[i].name;
        interrupt_dataset(&e);
        struct e2e_done done = e2e_sh(&e, "%s; assay resume t", DATA[i].change);
        CHECK_INT(row, done.exit_code, DATA[i].exit_code);
        if (DATA[i].err != NULL) {
            CHECK_CONTAINS(row, done.err, DATA[i].err);
            CHECK(row, !e2e_exists(&e, "ran"));
        } else {
            CHECK_CONTAINS(row, done.out, "4 passed");
        }
    }
    interrupt_dataset(&e);
    struct e2e_done done = e2e_sh(&e, "rm rows.jsonl; assay resume t; printf '{\"n\": 1}\\n{\"n\": 2}\\n{\"n\": "
                                      "3}\\n{\"n\": 4}\\n' >rows.jsonl; assay resume t");
    CHECK_INT("and with the file back it goes on", done.exit_code, 0);
}

/* Errored samples are executed again only when asked, their old records stay, superseded. */
static void retry_errors(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(
        &e, "suite.yaml",
        "suite: flaky\ntarget: {shell: 'echo $ASSAY_CASE >>ran; test $ASSAY_CASE = a || test -e well && echo yes'}\n"
        "cases: [{id: a, input: x}, {id: b, input: x}, {id: c, input: x}]\nscorers: [{exact: 'yes'}]\n");
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -q --run-id t");
    CHECK_INT("errored", done.exit_code, 3);
    done = e2e_sh(&e, "rm ran; assay resume t; echo $?; ! test -e ran");
    CHECK_INT("without asking nothing runs", done.exit_code, 0);
    CHECK_CONTAINS("and the verdict stays", done.out, "errored (exit 3)");
    done = e2e_sh(&e, "touch well; assay resume t --retry-errors -q -r jsonl=t.jsonl");
    CHECK_INT("retried", done.exit_code, 0);
    CHECK_CSTR("only the errored ones", e2e_sh(&e, "sort ran").out, "b\nc\n");
    CHECK_INT("old records stay", e2e_count(&e, "SELECT count(*) FROM span WHERE superseded IS NOT NULL AND state = 1"),
              2);
    CHECK_INT("one current record each",
              e2e_count(&e, "SELECT count(*) FROM span WHERE superseded IS NULL AND state = 0"), 3);
    CHECK_INT("other span ids", e2e_count(&e, "SELECT count(DISTINCT id) FROM span"), 5);
    done = e2e_sh(&e, "jq -c 'select(.kind == \"sample\") | [.case, .attempt, .state]' t.jsonl");
    CHECK_CSTR("the report has the current ones", done.out,
               "[\"a\",0,\"scored\"]\n[\"b\",1,\"scored\"]\n[\"c\",1,\"scored\"]\n");
    done = e2e_sh(&e, "rm ran; assay resume t --retry-errors; echo $?; ! test -e ran");
    CHECK_CONTAINS("again: nothing to do", done.out, "passed (exit 0)");
    CHECK_INT("again: nothing runs", done.exit_code, 0);
}

/* Different runs share a store; one run has one owner. */
static void two_at_once(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct buf rows CLEANUP(buf_deinit) = BUF(1 << 20);
    for (int i = 0; i < 100; i++) {
        buf_printf(&rows, "{\"n\": %d}\n", i);
    }
    e2e_write_bytes(&e, "rows.jsonl", buf_str(&rows));
    e2e_write(&e, "many.yaml",
              "suite: many\ntarget: {shell: 'echo yes'}\n"
              "dataset: {file: rows.jsonl, id: 'r{{n}}', input: '{{n}}'}\nscorers: [{exact: 'yes'}]\n");
    struct e2e_done done =
        e2e_sh(&e, "for i in 1 2 3 4; do assay run many.yaml -q -j 4 --run-id p$i >/dev/null & pids=\"$pids $!\"; done;"
                   "for p in $pids; do wait $p || exit $?; done");
    CHECK_INT("four runs, one store", done.exit_code, 0);
    CHECK_INT("all is there", e2e_count(&e, "SELECT count(*) FROM span"), 400);
    CHECK_CSTR("sound", e2e_sql(&e, "PRAGMA integrity_check"), "ok");

    e2e_write(
        &e, "slow.yaml",
        "suite: slow\ntarget: {shell: 'echo $ASSAY_CASE >>ran; test -e go || sleep 30; echo yes'}\nconcurrency: 1\n"
        "cases: [{id: a, input: x}, {id: b, input: x}]\nscorers: [{exact: 'yes'}]\n");
    struct e2e_child first = e2e_start(&e, "exec assay run slow.yaml --run-id t");
    CHECK("begun", e2e_wait_for_file(&first, "ran"));
    static const char *const SECOND[] = {"assay resume t", "assay run slow.yaml --run-id t --resume-if-exists",
                                         "assay run slow.yaml --run-id t"};
    for (size_t i = 0; i < ARRAY_LEN(SECOND); i++) {
        done = e2e_sh(&e, "%s", SECOND[i]);
        CHECK_INT(SECOND[i], done.exit_code, 2);
        if (i < 2) { /* the owner is named */
            CHECK_CONTAINS(SECOND[i], done.err, arena_printf(&e.arena, "%d", (int)first.pid).ptr);
        }
    }
    e2e_write(&e, "go", "");
    e2e_signal(&first, SIGKILL);
    (void)e2e_finish(&first);
    done = e2e_sh(&e, "assay resume t -q");
    CHECK_INT("the lock dies with its holder", done.exit_code, 0);
}

/* The store goes while programs run: what they answer would be recorded in a file that has no name. */
static void store_removed(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: s\ntarget: {shell: 'rm -rf .assay; echo yes'}\ncases: [{id: a, input: x}]\nscorers: [{exact: "
              "'yes'}]\n");
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml");
    CHECK_INT("exit code", done.exit_code, 5);
    CHECK_CONTAINS("the cause", done.err, "removed or renamed");
}

/* A run that an error stops, and then Ctrl-C, is interrupted; the error is not forgotten. */
static void error_and_signal(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "program.sh", "#!/bin/sh\nrm program.sh\nsleep 1\nkill -INT $PPID\nsleep 0.2\necho yes\n");
    e2e_write(&e, "suite.yaml",
              "suite: s\ntarget: {command: [./program.sh], stdin: none}\nrate: 2/s\n"
              "cases: [{id: a, input: x}, {id: b, input: x}]\nscorers: [{exact: 'yes'}]\n");
    struct e2e_done done = e2e_sh(&e, "chmod +x program.sh; assay run suite.yaml");
    CHECK_INT("exit code", done.exit_code, 130);
    CHECK_CONTAINS("the error", done.err, "program.sh");
    CHECK_CONTAINS("the signal", done.out, "by SIGINT");
}

/* Little memory: one line and the documented code, or it fits; never a crash. */
static void little_memory(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_large(&e);
    if (e2e_sh(&e, "ulimit -v 60000; assay version 2>/dev/null || exit 99").exit_code == 99) {
        (void)printf("skipped: a sanitizer's program does not start in little memory\n");
        return;
    }
    struct e2e_done done = e2e_sh(&e, "ulimit -v 60000; assay run large.yaml -q --run-id t");
    CHECK("60 MB", done.exit_code == 0 || done.exit_code == 70);
    done = e2e_sh(&e, "assay resume t -q || assay run large.yaml -q");
    CHECK_INT("with memory", done.exit_code, 0);
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"a read-only folder", read_only_folder},
        {"bad stores", bad_stores},
        {"disk full", disk_full},
        {"few descriptors", few_descriptors},
        {"durable before calls", durable_before_calls},
        {"changed data", changed_data},
        {"--retry-errors", retry_errors},
        {"two at once", two_at_once},
        {"the store is removed", store_removed},
        {"an error and a signal", error_and_signal},
        {"little memory", little_memory},
    };
    return check_run("e2e/faults", TESTS, ARRAY_LEN(TESTS));
}
