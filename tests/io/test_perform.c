#include "io/perform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/check.h"
#include "tests/io/rig.h"

static const char *helper;

static void test_results(void)
{
    static const struct {
        const char *script, *output, *stderr_tail;
        enum call_status status;
        int number;
    } rows[] = {
        {"echo hi", "hi\n", "", CALL_OK, 0},
        {"printf 'a\\nb'", "a\nb", "", CALL_OK, 0},
        {"true", "", "", CALL_OK, 0},
        {"printf 'a\\0b'; echo oops >&2", "a", "oops\n", CALL_OK, 0},
        {"echo part; exit 3", "part\n", "", CALL_EXIT, 3},
        {"exit 75", "", "", CALL_EXIT, 75},
        {"exit 126", "", "", CALL_EXIT, 126},
        {"exit 127", "", "", CALL_EXIT, 127},
        {"/nonexistent/program", "", "nonexistent", CALL_EXIT, 127},
        {"exit 255", "", "", CALL_EXIT, 255},
        {"echo part; kill -SEGV $$", "part\n", "", CALL_SIGNAL, SIGSEGV},
        {"kill -KILL $$", "", "", CALL_SIGNAL, SIGKILL},
        {"kill -TERM $$", "", "", CALL_SIGNAL, SIGTERM},
    };
    struct rig rig;
    rig_open(&rig);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct call call = rig_shell(&rig, rows[i].script);
        struct call_result r = rig_run(&rig, &call);
        CHECK_INT(rows[i].script, r.status, rows[i].status);
        CHECK_INT(rows[i].script, r.status == CALL_SIGNAL ? r.signal_number : r.exit_code, rows[i].number);
        CHECK(rows[i].script, str_starts(r.output, str_from(rows[i].output)));
        CHECK_CONTAINS(rows[i].script, r.stderr_tail, rows[i].stderr_tail);
        CHECK(rows[i].script, !r.leaked && r.latency_ns > 0 && r.latency_ns < 20 * NS_PER_S);
    }
    struct call nul = rig_shell(&rig, "printf 'a\\0b'");
    CHECK_STR("a NUL is kept", rig_run(&rig, &nul).output, STR("a\0b"));
    CHECK("nothing runs", !perform_has_programs(rig.perform));
    CHECK_INT("none in flight", perform_in_flight(rig.perform), 0);
    rig_close(&rig);
    CHECK_INT("no zombie", rig_count_children(), 0);
}

static void test_cannot_start(void)
{
    char plain[] = "/tmp/assay-test-plain-XXXXXX";
    int fd = mkstemp(plain);
    CHECK("a file", fd >= 0);
    CHECK_INT("not executable", fchmod(fd, 0644), 0);
    (void)close(fd);
    char script[] = "/tmp/assay-test-script-XXXXXX";
    fd = mkstemp(script);
    CHECK_INT("a script", write(fd, "#!/nonexistent/interpreter\n", 27), 27);
    CHECK_INT("executable", fchmod(fd, 0755), 0);
    (void)close(fd);
    char *huge = malloc(3 << 20);
    memset(huge, 'x', (3 << 20) - 1);
    huge[(3 << 20) - 1] = '\0';
    const struct {
        const char *name, *argv[3], *cwd, *says;
        int sys;
    } rows[] = {
        {"missing", {"/nonexistent", NULL}, "/tmp", "cannot start '/nonexistent': No such file", ENOENT},
        {"a folder", {"/tmp", NULL}, "/tmp", "cannot start '/tmp'", EACCES},
        {"not executable", {plain, NULL}, "/tmp", "Permission denied", EACCES},
        {"bad interpreter", {script, NULL}, "/tmp", "cannot start", ENOENT},
        {"3 MB argument", {"/bin/true", huge, NULL}, "/tmp", "too long", E2BIG},
        {"no such folder", {"/bin/true", NULL}, "/nonexistent", "cannot enter the folder of '/bin/true'", ENOENT},
    };
    struct rig rig;
    rig_open(&rig);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rig_is_emulated() && (rows[i].argv[0] == script || rows[i].argv[1] == huge)) {
            continue;
        }
        struct call call = rig_program(&rig, rows[i].argv);
        call.command.cwd = rows[i].cwd;
        struct call_result r = rig_run(&rig, &call);
        CHECK_INT(rows[i].name, r.status, CALL_EXEC_FAILED);
        CHECK_INT(rows[i].name, r.sys, rows[i].sys);
        CHECK_CONTAINS(rows[i].name, r.detail, rows[i].says);
    }
    rig_close(&rig);
    rig_open(&rig);
    struct call call = rig_shell(&rig, "true");
    call.command.tmpdir_base = "/nonexistent";
    struct call_result r = rig_run(&rig, &call);
    CHECK_INT("no place for TMPDIR", r.status, CALL_EXEC_FAILED);
    CHECK_CONTAINS("no place for TMPDIR", r.detail, "private folder");
    rig_close(&rig);
    CHECK_INT("no zombie", rig_count_children(), 0);
    free(huge);
    (void)unlink(plain);
    (void)unlink(script);
}

static void test_what_a_program_gets(void)
{
    struct rig rig;
    /* What we have ourselves must not show in it: odd descriptors, a blocked signal, an ignored one. */
    int stray = open("/dev/null", O_RDONLY);
    int high = fcntl(stray, F_DUPFD, 200);
    sigset_t mask;
    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGUSR1);
    (void)sigprocmask(SIG_BLOCK, &mask, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    (void)sigaction(SIGUSR2, &ignore, NULL);
    rig_open(&rig);
    const char *const argv[] = {helper, "state", NULL};
    struct call call = rig_program(&rig, argv);
    call.input = STR("text");
    struct call_result r = rig_run(&rig, &call);
    CHECK_INT("state", r.status, CALL_OK);
    CHECK_CSTR("descriptors, signals, group, limits", r.output,
               "fds 0 1 2\nblocked 0 special 0 leader 1 core 0 stdin 0\n");
    struct call cwd = rig_shell(&rig, "pwd; echo \"$LANG\"; env | cut -d= -f1 | sort | tr '\\n' ' '");
    cwd.command.cwd = "/";
    CHECK_CSTR("folder and environment", rig_run(&rig, &cwd).output, "/\nC\nLANG PATH PWD TMPDIR ");
    rig_close(&rig);
    (void)sigprocmask(SIG_UNBLOCK, &mask, NULL);
    (void)sigaction(SIGUSR2, &by_default, NULL);
    (void)close(stray);
    (void)close(high);
}

static void test_fd_limit_of_programs(void)
{
    struct rlimit former;
    CHECK_INT("limit", getrlimit(RLIMIT_NOFILE, &former), 0);
    struct rlimit lower = {.rlim_cur = 97, .rlim_max = former.rlim_max};
    CHECK_INT("limit", setrlimit(RLIMIT_NOFILE, &lower), 0);
    struct rig rig;
    rig_open(&rig);
    struct rlimit now;
    CHECK_INT("limit", getrlimit(RLIMIT_NOFILE, &now), 0);
    CHECK("raised for us", now.rlim_cur == former.rlim_max);
    CHECK("room", perform_capacity(rig.perform) >= 8);
    struct call call = rig_shell(&rig, "ulimit -n");
    struct call_result r = rig_run(&rig, &call);
    CHECK("not for programs", rig_is_emulated() || str_eq(r.output, STR("97\n")));
    rig_close(&rig);
    CHECK_INT("limit", getrlimit(RLIMIT_NOFILE, &now), 0);
    CHECK_INT("as before", now.rlim_cur, 97);
    (void)setrlimit(RLIMIT_NOFILE, &former);
}

static void test_input(void)
{
    enum { BIG = 10 << 20 };
    char *big = malloc(BIG);
    for (size_t i = 0; i < BIG; i++) {
        big[i] = (char)('a' + i % 26);
    }
    static const struct {
        const char *name, *script;
        size_t bytes;
        const char *output;
    } rows[] = {
        {"none", "wc -c", 0, "0\n"},
        {"one", "wc -c", 1, "1\n"},
        {"a page", "wc -c", 4096, "4096\n"},
        {"a pipe", "wc -c", 65536, "65536\n"},
        {"over a pipe", "wc -c", 65537, "65537\n"},
        {"10 MiB", "wc -c", BIG, "10485760\n"},
        {"10 MiB unread", "echo done", BIG, "done\n"},
        {"10 MiB, read in part", "head -c 100000 | wc -c", BIG, "100000\n"},
        {"10 MiB, closed", "exec <&-; sleep 0.1; echo done", BIG, "done\n"},
    };
    struct rig rig;
    rig_open(&rig);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct call call = rig_shell(&rig, rows[i].script);
        call.input = (struct str){big, rows[i].bytes};
        struct call_result r = rig_run(&rig, &call);
        CHECK_INT(rows[i].name, r.status, CALL_OK);
        CHECK_CSTR(rows[i].name, r.output, rows[i].output);
    }
    struct call echo = rig_shell(&rig, "cat");
    echo.input = (struct str){big, BIG};
    echo.command.max_output = BIG;
    CHECK_STR("10 MiB there and back", rig_run(&rig, &echo).output, ((struct str){big, BIG}));
    rig_close(&rig);
    free(big);
}

static void test_output_limit(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call exact = rig_shell(&rig, "head -c 1000 /dev/zero");
    exact.command.max_output = 1000;
    struct call_result r = rig_run(&rig, &exact);
    CHECK_INT("exactly", r.status, CALL_OK);
    CHECK_INT("exactly", r.output.len, 1000);
    struct call over = rig_shell(&rig, "head -c 1001 /dev/zero");
    over.command.max_output = 1000;
    r = rig_run(&rig, &over);
    CHECK_INT("one over, and gone by itself", r.status, CALL_OUTPUT_LIMIT);
    CHECK_INT("what fits is kept", r.output.len, 1000);
    struct call flood = rig_shell(&rig, "yes");
    int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
    r = rig_run(&rig, &flood);
    CHECK_INT("flood", r.status, CALL_OUTPUT_LIMIT);
    CHECK_INT("flood", r.output.len, flood.command.max_output);
    CHECK("killed at once", rig_elapsed_ms(start_ns) < 10000);
    struct call deaf = rig_shell(&rig, "trap '' TERM PIPE; (trap '' TERM PIPE; yes) & yes; sleep 60");
    deaf.command.max_output = 5;
    r = rig_run(&rig, &deaf);
    CHECK_INT("with a group that hears nothing", r.status, CALL_OUTPUT_LIMIT);
    CHECK_CSTR("with a group that hears nothing", r.output, "y\ny\ny");
    struct call errors = rig_shell(&rig, "head -c 3000000 /dev/zero | tr '\\0' e >&2; echo end >&2; echo out");
    r = rig_run(&rig, &errors);
    CHECK_INT("a flood of stderr is no fault", r.status, CALL_OK);
    CHECK_CSTR("a flood of stderr is no fault", r.output, "out\n");
    CHECK_INT("its end is kept", r.stderr_tail.len, 16384);
    CHECK("its very end", str_ends(r.stderr_tail, STR("eeend\n")));
    rig_close(&rig);
}

static void test_tmpdir(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call call =
        rig_shell(&rig, "cd \"$TMPDIR\" && ls -a | wc -l && mkdir -p a/b && echo x > a/b/c && chmod 500 a/b; "
                        "printf %s \"$TMPDIR\"");
    struct call_result r = rig_run(&rig, &call);
    CHECK("empty at first", str_starts(r.output, STR("2\n/tmp/assay-")));
    char *path = arena_cstr(&rig.arena, str_slice(r.output, 2, r.output.len));
    CHECK("removed with what it holds", access(path, F_OK) != 0);
    struct call again = rig_shell(&rig, "printf %s \"$TMPDIR\"");
    again.command.keep_tmpdir = true;
    r = rig_run(&rig, &again);
    char kept[256];
    (void)snprintf(kept, sizeof(kept), "%.*s", STR_ARG(r.output));
    CHECK("another one", strcmp(path, kept) != 0);
    rig_close(&rig);
    CHECK("kept to the end", access(kept, F_OK) == 0);
    (void)rmdir(kept);
    *strrchr(kept, '/') = '\0';
    CHECK_INT("nothing else was left", rmdir(kept), 0);
    rig_open(&rig);
    struct call root = rig_shell(&rig, "printf %s \"$TMPDIR\"");
    r = rig_run(&rig, &root);
    char all[256];
    (void)snprintf(all, sizeof(all), "%.*s", STR_ARG(r.output));
    *strrchr(all, '/') = '\0';
    CHECK("the folder of all", access(all, F_OK) == 0);
    rig_close(&rig);
    CHECK("goes with the last", access(all, F_OK) != 0);
}

/* 1,000 programs, 64 at a time; every third one fails: no zombie, no descriptor lost, each result with its own call. */
static void test_many(void)
{
    enum { MANY = 1000, AT_ONCE = 64 };
    struct rig rig;
    rig_open(&rig);
    struct call *calls = arena_array(&rig.arena, struct call, MANY);
    int first_fd = dup(0);
    (void)close(first_fd);
    size_t started = 0;
    size_t done = 0;
    size_t right = 0;
    while (done < MANY) {
        while (started < MANY && perform_in_flight(rig.perform) < AT_ONCE) {
            struct str script = arena_printf(&rig.arena, "read x; echo \"$x\"; exit %d", started % 3 == 0 ? 7 : 0);
            calls[started] = rig_shell(&rig, script.ptr);
            calls[started].input = arena_printf(&rig.arena, "%zu\n", started);
            CHECK("start", perform_start(rig.perform, &calls[started], &calls[started]) == PERFORM_STARTED);
            started++;
        }
        rig_turn(&rig, 5000);
        void *tag = NULL;
        const struct call *call = NULL;
        while (perform_take(rig.perform, &tag, &call)) {
            struct call_result r;
            perform_result(rig.perform, call, &rig.arena, &r);
            size_t n = (size_t)(call - calls);
            right += tag == call && str_eq(r.output, call->input) && r.exit_code == (n % 3 == 0 ? 7 : 0) ? 1 : 0;
            done++;
        }
    }
    CHECK_INT("each with its own result", right, MANY);
    CHECK_INT("no zombie", rig_count_children(), 0);
    int fd = dup(0);
    CHECK_INT("no descriptor lost", fd <= first_fd + 2, 1);
    (void)close(fd);
    rig_close(&rig);
}

static void test_busy(void)
{
    struct rlimit former;
    CHECK_INT("limit", getrlimit(RLIMIT_NOFILE, &former), 0);
    struct rig rig;
    rig_open(&rig);
    struct rlimit few = {.rlim_cur = 40, .rlim_max = former.rlim_max};
    CHECK_INT("limit", setrlimit(RLIMIT_NOFILE, &few), 0);
    enum { MANY = 60 };
    struct call calls[MANY];
    size_t started = 0;
    size_t busy = 0;
    size_t done = 0;
    size_t ok = 0;
    while (done < MANY) {
        bool has_room = true;
        while (started < MANY && has_room) {
            calls[started] = rig_shell(&rig, "sleep 0.05; echo hi");
            has_room = perform_start(rig.perform, &calls[started], NULL) == PERFORM_STARTED;
            started += has_room ? 1 : 0;
            busy += has_room ? 0 : 1;
        }
        rig_turn(&rig, 5000);
        void *tag = NULL;
        const struct call *call = NULL;
        while (perform_take(rig.perform, &tag, &call)) {
            struct call_result r;
            perform_result(rig.perform, call, &rig.arena, &r);
            ok += r.status == CALL_OK && str_eq(r.output, STR("hi\n")) ? 1 : 0;
            done++;
        }
    }
    CHECK("it was busy", busy > 0);
    CHECK_INT("and all ran", ok, MANY);
    struct rlimit none = {.rlim_cur = 8, .rlim_max = former.rlim_max};
    CHECK_INT("limit", setrlimit(RLIMIT_NOFILE, &none), 0);
    struct call call = rig_shell(&rig, "true");
    struct call_result r = rig_run(&rig, &call);
    CHECK_INT("with nothing in flight it is no use to wait", r.status, CALL_EXEC_FAILED);
    CHECK_INT("with nothing in flight it is no use to wait", r.sys, EMFILE);
    (void)setrlimit(RLIMIT_NOFILE, &former);
    rig_close(&rig);
}

/* As a user who may have only so many processes: busy while ours run, an error when none of ours could make room. */
static void test_no_more_processes(void)
{
    if (getuid() != 0) {
        return; /* only root can become somebody else */
    }
    pid_t pid = fork();
    if (pid == 0) {
        struct rig rig;
        struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
        rig_open(&rig);
        struct call first = rig_shell(&rig, "sleep 0.3");
        struct call second = rig_shell(&rig, "true");
        first.command.wants_tmpdir = second.command.wants_tmpdir = false;
        bool is_ours = setresuid(65534, 65534, 65534) == 0;
        bool ok = is_ours && perform_start(rig.perform, &first, NULL) == PERFORM_STARTED;
        ok = ok && setrlimit(RLIMIT_NPROC, &none) == 0;
        ok = ok && perform_start(rig.perform, &second, NULL) == PERFORM_BUSY;
        void *tag = NULL;
        const struct call *call = NULL;
        struct call_result r;
        while (ok && !perform_take(rig.perform, &tag, &call)) {
            rig_turn(&rig, 1000);
        }
        if (!ok) {
            _exit(1);
        }
        perform_result(rig.perform, call, &rig.arena, &r);
        ok = perform_start(rig.perform, &second, NULL) == PERFORM_STARTED;
        ok = ok && perform_take(rig.perform, &tag, &call);
        if (!ok) {
            _exit(2);
        }
        perform_result(rig.perform, call, &rig.arena, &r);
        _exit(r.status == CALL_EXEC_FAILED && r.sys == EAGAIN ? 0 : 3);
    }
    int status = 0;
    CHECK_INT("ended", waitpid(pid, &status, 0), pid);
    CHECK_INT("busy, then an error", WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

static void test_run(void)
{
    struct rig rig;
    rig_open(&rig);
    struct err err = ERR_NULL;
    struct call_result r;
    struct call setup = rig_shell(&rig, "cat; exit 4");
    CHECK("setup", perform_run(rig.perform, &setup, &rig.arena, &r, &err));
    CHECK_INT("setup", r.status, CALL_EXIT);
    CHECK_INT("setup", r.exit_code, 4);
    char file[] = "/tmp/assay-test-pid-XXXXXX";
    int fd = mkstemp(file);
    struct call server = rig_shell(&rig, arena_printf(&rig.arena, "sleep 30 >/dev/null 2>&1 & echo $! > %s", file).ptr);
    CHECK("a server", perform_run(rig.perform, &server, &rig.arena, &r, &err));
    CHECK_INT("a server", r.status, CALL_OK);
    char line[32] = "";
    CHECK("its number", read(fd, line, sizeof(line) - 1) > 0);
    long pid = strtol(line, NULL, 10);
    CHECK("it goes on", pid > 1 && rig_is_alive(pid));
    (void)kill((pid_t)pid, SIGKILL);
    (void)close(fd);
    (void)unlink(file);
    struct call slow = rig_shell(&rig, "sleep 30");
    slow.timeout_ns = 100 * NS_PER_MS;
    CHECK("too slow", perform_run(rig.perform, &slow, &rig.arena, &r, &err));
    CHECK_INT("too slow", r.status, CALL_TIMEOUT);
    struct call stopped = rig_shell(&rig, "kill -INT $PPID; sleep 30");
    CHECK("Ctrl-C", perform_run(rig.perform, &stopped, &rig.arena, &r, &err));
    CHECK_INT("Ctrl-C", r.status, CALL_CANCELLED);
    const char *const missing[] = {"/nonexistent", NULL};
    struct call bad = rig_program(&rig, missing);
    CHECK("missing", perform_run(rig.perform, &bad, &rig.arena, &r, &err));
    CHECK_INT("missing", r.status, CALL_EXEC_FAILED);
    rig_close(&rig);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"results", test_results},
        {"programs that cannot start", test_cannot_start},
        {"what a program gets", test_what_a_program_gets},
        {"descriptor limit of programs", test_fd_limit_of_programs},
        {"input", test_input},
        {"output limit", test_output_limit},
        {"TMPDIR", test_tmpdir},
        {"1,000 programs", test_many},
        {"out of descriptors", test_busy},
        {"out of processes", test_no_more_processes},
        {"setup and teardown", test_run},
    };
    helper = argc > 1 ? argv[1] : "";
    return check_run("perform", tests, ARRAY_LEN(tests));
}
