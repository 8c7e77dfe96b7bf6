/* Programs that do what programs of users do on a bad day (docs/faults: children). Each must end in time, leave nothing behind, and never pass for what
 * it is not. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "io/perform.h"
#include "tests/check.h"
#include "tests/io/rig.h"

/* The number that a script wrote as its only line, or after the text `after`. */
static long number_in(struct str output, const char *after)
{
    size_t at = 0;
    uint64_t number = 0;
    if (!str_find(output, str_from(after), &at)) {
        return 0;
    }
    struct str rest = str_slice(output, at + strlen(after), output.len);
    struct str line;
    return str_split(&rest, '\n', &line) && num_parse_u64(str_trim(line), &number) ? (long)number : 0;
}

static void test_timeouts(void)
{
    static const struct {
        const char *name, *script, *output;
        int most_ms;
    } rows[] = {
        {"hangs", "exec sleep 60", "", 3000},
        {"hangs in a child", "sleep 60; echo no", "", 3000},
        {"the answer was out", "echo 42; exec sleep 60", "42\n", 3000},
        {"hears TERM, and exits 0", "trap 'echo bye; exit 0' TERM; sleep 60 & wait", "bye\n", 3000},
        {"ignores TERM", "trap '' TERM; while :; do sleep 0.05; done", "", 4000},
        {"a group that ignores TERM", "trap '' TERM; (while :; do sleep 0.05; done) & while :; do sleep 0.05; done", "",
         4000},
        {"stops itself", "kill -STOP $$; echo no", "", 3000},
        {"closed its stdout early", "exec >&- 2>&-; sleep 60", "", 3000},
        {"does not read", "exec sleep 60", "", 3000},
        {"flood at the end", "trap 'yes' TERM; sleep 60 & wait", NULL, 9000},
    };
    char *big = calloc(1, 1 << 20);
    struct rig rig;
    rig_open(&rig);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct call call = rig_shell(&rig, rows[i].script);
        call.timeout_ns = 300 * NS_PER_MS;
        call.term_grace_ns = 500 * NS_PER_MS;
        call.input = (struct str){big, 1 << 20};
        int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
        struct call_result r = rig_run(&rig, &call);
        CHECK_INT(rows[i].name, r.status, CALL_TIMEOUT);
        CHECK(rows[i].name, rig_elapsed_ms(start_ns) >= 290);
        CHECK(rows[i].name, rig_elapsed_ms(start_ns) < rows[i].most_ms);
        if (rows[i].output != NULL) {
            CHECK_CSTR(rows[i].name, r.output, rows[i].output);
        }
        CHECK(rows[i].name, rig_has_no_children_soon(&rig));
    }
    rig_close(&rig);
    free(big);
}

static void test_quick_answers_are_not_late(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call call = rig_shell(&rig, "exec >&- 2>&-; sleep 0.3; exit 5");
    struct call_result r = rig_run(&rig, &call);
    CHECK_INT("its end counts, not that of its output", r.status, CALL_EXIT);
    CHECK_INT("its end counts, not that of its output", r.exit_code, 5);
    CHECK("latency", r.latency_ns >= 290 * NS_PER_MS);
    rig_close(&rig);
}

static void test_grandchildren(void)
{
    static const struct {
        const char *name, *script;
        bool leaks;
    } rows[] = {
        {"holds the pipe", "sleep 60 & echo pid $!; echo hi", true},
        {"holds stderr", "sleep 60 >/dev/null & echo pid $!; echo hi", true},
        {"holds nothing", "sleep 60 >/dev/null 2>&1 & echo pid $!; echo hi", false},
        {"ignores TERM", "(trap '' TERM; exec sleep 60) & echo pid $!; echo hi", true},
        {"closes in time", "(sleep 0.02) & echo pid $!; echo hi", false},
        {"floods on", "yes >/dev/null & echo pid $!; (sleep 0.02; echo late) & echo hi", false},
    };
    struct rig rig;
    rig_open(&rig);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct call call = rig_shell(&rig, rows[i].script);
        int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
        struct call_result r = rig_run(&rig, &call);
        long pid = number_in(r.output, "pid ");
        CHECK_INT(rows[i].name, r.status, CALL_OK);
        CHECK_CONTAINS(rows[i].name, r.output, "hi\n");
        if (i + 1 < ARRAY_LEN(rows)) {
            CHECK_INT(rows[i].name, r.leaked, rows[i].leaks);
        }
        CHECK(rows[i].name, rig_elapsed_ms(start_ns) < 5000);
        CHECK(rows[i].name, pid > 1 && rig_is_gone_soon(pid));
        CHECK("latency is that of the main process", !rows[i].leaks || r.latency_ns < 5 * NS_PER_S);
    }
    rig_close(&rig);
    CHECK_INT("none left", rig_count_children(), 0);
}

/* While a program floods after its main process is gone, the other samples go on and the flood ends. */
static void test_flood_after_the_end(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call call = rig_shell(&rig, "yes & echo pid $!");
    struct call_result r = rig_run(&rig, &call);
    CHECK("limit or leak, never clean", r.status == CALL_OUTPUT_LIMIT || r.leaked);
    CHECK("none left", rig_has_no_children_soon(&rig));
    rig_close(&rig);
}

static void test_escapes(void)
{
    static const struct {
        const char *name, *script;
    } rows[] = {
        {"setsid", "setsid sleep 60 >/dev/null 2>&1 & echo pid $!"},
        {"setsid, holding the pipe", "setsid sleep 60 & echo pid $!"},
        {"double fork", "(setsid sh -c 'echo pid $$; exec sleep 60 >/dev/null 2>&1' &) ; sleep 0.1"},
        {"a tree", "setsid sh -c 'echo pid $$; sleep 60 & sleep 60; wait' >\"$TMPDIR/out\" 2>&1 & sleep 0.1; cat "
                   "\"$TMPDIR/out\""},
    };
    struct rig rig;
    rig_open(&rig);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct call call = rig_shell(&rig, rows[i].script);
        struct call_result r = rig_run(&rig, &call);
        long pid = number_in(r.output, "pid ");
        CHECK_INT(rows[i].name, r.status, CALL_OK);
        for (int turn = 0; turn < 100 && rig_is_alive(pid); turn++) {
            rig_turn(&rig, 20);
        }
        CHECK(rows[i].name, pid > 1 && !rig_is_alive(pid));
    }
    CHECK("reaped too", rig_has_no_children_soon(&rig));
    rig_close(&rig);
}

/* A program that is still running may have children that left its group: they are its business. */
static void test_escape_of_a_running_one(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call slow =
        rig_shell(&rig, "(setsid sh -c 'sleep 0.6; echo late > \"$TMPDIR/late\"' >/dev/null 2>&1 &); sleep 1; cat "
                        "\"$TMPDIR/late\"");
    int slow_tag = 0;
    CHECK("slow", perform_start(rig.perform, &slow, &slow_tag) == PERFORM_STARTED);
    struct call quick = rig_shell(&rig, "true");
    size_t done = 0;
    bool quick_runs = false;
    bool slow_is_over = false;
    while (!slow_is_over) {
        if (!quick_runs) {
            CHECK("quick", perform_start(rig.perform, &quick, NULL) == PERFORM_STARTED);
            quick_runs = true;
        }
        rig_turn(&rig, 30);
        void *tag = NULL;
        const struct call *call = NULL;
        while (perform_take(rig.perform, &tag, &call)) {
            struct call_result r;
            perform_result(rig.perform, call, &rig.arena, &r);
            if (tag == &slow_tag) {
                CHECK_CSTR("it lived as long as its program", r.output, "late\n");
                slow_is_over = true;
            } else {
                quick_runs = false;
                done++;
            }
        }
    }
    CHECK("others came and went", done > 3);
    rig_close(&rig);
}

/* More output at once than may be held: the programs wait their turn at their pipes, and all of it arrives. */
static void test_more_than_may_be_held(void)
{
    enum { MANY = 48, BYTES = 8 << 20 };
    struct rig rig;
    rig_open(&rig);
    struct arena results = ARENA_NULL;
    struct call calls[MANY];
    for (size_t i = 0; i < MANY; i++) {
        calls[i] = rig_shell(&rig, "head -c 8388608 /dev/zero; sleep 0.2");
        calls[i].timeout_ns = 120 * NS_PER_S;
        CHECK("start", perform_start(rig.perform, &calls[i], NULL) == PERFORM_STARTED);
    }
    size_t whole = 0;
    size_t done = 0;
    int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
    while (done < MANY && rig_elapsed_ms(start_ns) < 120000) {
        rig_turn(&rig, 1000);
        void *tag = NULL;
        const struct call *call = NULL;
        while (perform_take(rig.perform, &tag, &call)) {
            struct call_result r;
            perform_result(rig.perform, call, &results, &r);
            whole += r.status == CALL_OK && r.output.len == BYTES ? 1 : 0;
            arena_reset(&results);
            done++;
        }
    }
    CHECK_INT("whole", whole, MANY);
    arena_deinit(&results);
    rig_close(&rig);
}

static void test_cancel(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call soft = rig_shell(&rig, "trap 'echo saved; exit 0' TERM; echo begun; sleep 60 & wait");
    struct call hard = rig_shell(&rig, "trap '' TERM; while :; do sleep 0.05; done");
    CHECK("soft", perform_start(rig.perform, &soft, &soft) == PERFORM_STARTED);
    CHECK("hard", perform_start(rig.perform, &hard, &hard) == PERFORM_STARTED);
    for (int i = 0; i < 10; i++) {
        rig_turn(&rig, 30);
    }
    perform_cancel_all(rig.perform, false);
    void *tag = NULL;
    const struct call *call = NULL;
    struct call_result r;
    for (int i = 0; i < 200 && !perform_take(rig.perform, &tag, &call); i++) {
        rig_turn(&rig, 30);
    }
    perform_result(rig.perform, call, &rig.arena, &r);
    CHECK("the one that hears comes first", tag == &soft);
    CHECK_INT("cancelled", r.status, CALL_CANCELLED);
    CHECK_CSTR("with what it said", r.output, "begun\nsaved\n");
    perform_cancel_all(rig.perform, true);
    for (int i = 0; i < 200 && !perform_take(rig.perform, &tag, &call); i++) {
        rig_turn(&rig, 30);
    }
    perform_result(rig.perform, call, &rig.arena, &r);
    CHECK("then the other", tag == &hard);
    CHECK_INT("cancelled", r.status, CALL_CANCELLED);
    rig_close(&rig);
    CHECK_INT("none left", rig_count_children(), 0);
}

/* perform_free with everything still running, and results that nobody took. */
static void test_free_in_the_middle(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call calls[8];
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        calls[i] = rig_shell(&rig, i % 2 == 0 ? "trap '' TERM; sleep 60 & sleep 60" : "echo done");
        CHECK("start", perform_start(rig.perform, &calls[i], NULL) == PERFORM_STARTED);
    }
    for (int i = 0; i < 5; i++) {
        rig_turn(&rig, 30);
    }
    int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
    rig_close(&rig);
    CHECK("soon", rig_elapsed_ms(start_ns) < 3000);
    CHECK_INT("none left", rig_count_children(), 0);
}

/* We are killed: nobody stays, neither what we started nor what that started, in our group or out of it. A process of its own plays our part; what it
 * starts writes its numbers to a file. */
static void test_killed(void)
{
    char file[] = "/tmp/assay-test-pids-XXXXXX";
    int fd = mkstemp(file);
    pid_t us = fork();
    if (us == 0) {
        struct rig rig;
        rig_open(&rig);
        const char *const scripts[] = {
            "exec >&- 2>&-; echo $$ >> %s; exec sleep 600",
            "echo $$ >> %s; sleep 600 & echo $! >> %s; wait",
            "setsid sleep 600 & echo $! >> %s; sleep 600",
            "echo \"$TMPDIR\" >> %s; sleep 600",
        };
        struct call calls[ARRAY_LEN(scripts)];
        for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
            struct buf script CLEANUP(buf_deinit) = BUF(1024);
            for (const char *at = scripts[i]; *at != '\0'; at++) {
                bool is_file = at[0] == '%' && at[1] == 's';
                buf_append(&script, is_file ? str_from(file) : (struct str){at, 1});
                at += is_file ? 1 : 0;
            }
            calls[i] = rig_shell(&rig, arena_str(&rig.arena, buf_str(&script)).ptr);
            (void)perform_start(rig.perform, &calls[i], NULL);
        }
        for (int i = 0; i < 10; i++) {
            rig_turn(&rig, 50);
        }
        (void)raise(SIGKILL);
    }
    int status = 0;
    CHECK_INT("killed", waitpid(us, &status, 0), us);
    CHECK("killed", WIFSIGNALED(status));
    char text[4096];
    ssize_t len = pread(fd, text, sizeof(text), 0);
    struct str rest = {text, len > 0 ? (size_t)len : 0};
    struct str line;
    size_t count = 0;
    while (rest.len > 0 && str_split(&rest, '\n', &line)) {
        uint64_t pid = 0;
        if (num_parse_u64(line, &pid)) {
            count++;
            CHECK("gone", rig_is_gone_soon((long)pid));
        } else if (line.len > 0) {
            char path[256];
            (void)snprintf(path, sizeof(path), "%.*s", STR_ARG(line));
            for (int i = 0; i < 200 && access(path, F_OK) == 0; i++) {
                (void)usleep(10000);
            }
            CHECK("its folder too", access(path, F_OK) != 0);
            count++;
        }
    }
    CHECK_INT("all were there", count, 5);
    (void)close(fd);
    (void)unlink(file);
}

/* Ctrl-Z for 600 ms, with a time-out of 400 ms and a program of 200 ms: nobody's time runs. */
static void test_stop(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call call = rig_shell(&rig, "sleep 0.2; echo done");
    call.timeout_ns = 400 * NS_PER_MS;
    pid_t us = getpid();
    pid_t waker = fork();
    if (waker == 0) {
        (void)usleep(50000);
        (void)kill(us, SIGTSTP);
        (void)usleep(600000);
        (void)kill(us, SIGCONT);
        _exit(0);
    }
    int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
    struct call_result r = rig_run(&rig, &call);
    CHECK_INT("finished", r.status, CALL_OK);
    CHECK("it took that long", rig_elapsed_ms(start_ns) >= 600);
    CHECK("the signals know", rig.signals.stopped_ns >= 500 * NS_PER_MS);
    CHECK("its latency does not count it", r.latency_ns < 590 * NS_PER_MS);
    rig_close(&rig);
    (void)waitpid(waker, NULL, 0);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"time-outs", test_timeouts},
        {"quick answers are not late", test_quick_answers_are_not_late},
        {"grandchildren", test_grandchildren},
        {"flood after the end", test_flood_after_the_end},
        {"escapes", test_escapes},
        {"escape of a running one", test_escape_of_a_running_one},
        {"more than may be held", test_more_than_may_be_held},
        {"cancel", test_cancel},
        {"free in the middle", test_free_in_the_middle},
        {"killed", test_killed},
        {"stop", test_stop},
    };
    return check_run("hostile", tests, ARRAY_LEN(tests));
}
