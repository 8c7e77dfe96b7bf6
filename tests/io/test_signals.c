#include "io/signals.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/check.h"

static void test_counts(void)
{
    static const struct {
        int first, second, decides;
    } rows[] = {{SIGINT, SIGTERM, SIGINT}, {SIGTERM, SIGINT, SIGTERM}, {SIGHUP, SIGINT, SIGTERM}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = ERR_NULL;
        struct signals s;
        CHECK("open", signals_open(&s, &err));
        signals_drain(&s);
        CHECK_INT("none yet", s.interrupts, 0);
        (void)raise(rows[i].first);
        signals_drain(&s);
        CHECK_INT("one", s.interrupts, 1);
        (void)raise(rows[i].second);
        (void)raise(SIGPIPE);
        signals_drain(&s);
        CHECK_INT("two", s.interrupts, 2);
        CHECK_INT("the first decides", s.first, rows[i].decides);
        CHECK("no child", !s.child_changed);
        (void)raise(SIGCHLD);
        signals_drain(&s);
        CHECK("a child", s.child_changed);
        signals_close(&s);
    }
}

static void test_wakes_the_loop(void)
{
    struct err err = ERR_NULL;
    struct signals s;
    CHECK("open", signals_open(&s, &err));
    struct loop *loop = loop_new(&CLOCK_SYSTEM);
    loop_add(loop, &s.watch);
    (void)raise(SIGTERM);
    CHECK("wait", loop_wait(loop, INT64_MAX, &err));
    CHECK("ready", s.watch.ready != 0);
    signals_drain(&s);
    CHECK("no more", s.watch.ready == 0);
    loop_remove(loop, &s.watch);
    loop_free(&loop);
    signals_close(&s);
}

static void test_restores(void)
{
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    struct sigaction now;
    struct err err = ERR_NULL;
    struct signals s;
    (void)sigaction(SIGHUP, &ignored, NULL); /* nohup */
    CHECK("open", signals_open(&s, &err));
    (void)sigaction(SIGHUP, NULL, &now);
    CHECK("nohup still holds", now.sa_handler == SIG_IGN);
    (void)sigaction(SIGPIPE, NULL, &now);
    CHECK("SIGPIPE is ignored", now.sa_handler == SIG_IGN);
    signals_close(&s);
    (void)sigaction(SIGPIPE, NULL, &now);
    CHECK("as before", now.sa_handler == SIG_DFL);
    (void)sigaction(SIGINT, NULL, &now);
    CHECK("as before", now.sa_handler == SIG_DFL);
    ignored.sa_handler = SIG_DFL;
    (void)sigaction(SIGHUP, &ignored, NULL);
}

/* A process that gets SIGTSTP stops itself, and knows how long it was stopped. */
static void test_stop(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct err err = ERR_NULL;
        struct signals s;
        if (!signals_open(&s, &err)) {
            _exit(1);
        }
        (void)raise(SIGTSTP);
        signals_drain(&s);
        if (!s.stop_wanted) {
            _exit(2);
        }
        signals_stop(&s, &CLOCK_SYSTEM);
        _exit(s.stopped_ns >= 40 * NS_PER_MS && !s.stop_wanted ? 0 : 3);
    }
    int status = 0;
    CHECK_INT("stopped", waitpid(pid, &status, WUNTRACED), pid);
    CHECK("stopped", WIFSTOPPED(status));
    (void)usleep(50000);
    (void)kill(pid, SIGCONT);
    CHECK_INT("gone", waitpid(pid, &status, 0), pid);
    CHECK_INT("and counted", WEXITSTATUS(status), 0);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"counts", test_counts},
        {"wakes the loop", test_wakes_the_loop},
        {"restores", test_restores},
        {"stop", test_stop},
    };
    return check_run("signals", tests, ARRAY_LEN(tests));
}
