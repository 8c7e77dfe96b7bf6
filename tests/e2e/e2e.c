#include "tests/e2e/e2e.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pty.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"

enum { TIMEOUT_MS = 60000, OUTPUT_BYTES = 64 << 20, POLL_MS = 2 };

/* Given once by main, before any test. */
static const char *program_dir, *source_dir;

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

void e2e_init(int argc, char **argv)
{
    static char path[4096];
    if (argc < 3 || realpath(argv[1], path) == NULL) {
        (void)fprintf(stderr, "usage: %s PROGRAM SOURCE_DIR\n", argv[0]);
        exit(2);
    }
    *strrchr(path, '/') = '\0';
    program_dir = path;
    source_dir = argv[2];
    (void)umask(022);
}

const char *e2e_source_dir(void)
{
    return source_dir;
}

struct e2e e2e_open(void)
{
    struct e2e e = {.dir = temp_dir_make(), .timeout_ms = TIMEOUT_MS};
    return e;
}

void e2e_close(struct e2e *e)
{
    temp_dir_remove(&e->dir);
    arena_deinit(&e->arena);
}

/* ---- the program */

static const char *env_or(struct e2e *e, const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return arena_printf(&e->arena, "%s=%s", name, value == NULL ? fallback : value).ptr;
}

static char **environment_of(struct e2e *e)
{
    enum { FIXED = 9 };
    const char **env = arena_array(&e->arena, const char *, FIXED + ARRAY_LEN(e->env) + 1);
    const char *path = getenv("PATH");
    size_t n = 0;
    env[n++] = arena_printf(&e->arena, "PATH=%s:%s", program_dir, path == NULL ? "/usr/bin:/bin" : path).ptr;
    env[n++] = arena_printf(&e->arena, "HOME=%s", e->dir.path).ptr;
    env[n++] = arena_printf(&e->arena, "SOURCE_DIR=%s", source_dir).ptr;
    env[n++] = "LANG=C.UTF-8";
    env[n++] = "TZ=UTC";
    env[n++] = "TERM=xterm";
    /* 1 is a verdict of the program's own: a sanitizer's finding has another code */
    env[n++] = env_or(e, "ASAN_OPTIONS", "exitcode=86");
    env[n++] = env_or(e, "UBSAN_OPTIONS", "exitcode=86");
    env[n++] = env_or(e, "LSAN_OPTIONS", "exitcode=86");
    for (size_t i = 0; i < ARRAY_LEN(e->env) && e->env[i] != NULL; i++) {
        env[n++] = e->env[i];
    }
    char **result = arena_array(&e->arena, char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        result[i] = arena_cstr(&e->arena, str_from(env[i]));
    }
    return result;
}

static void become(const struct e2e *e, const struct e2e_child *child, const char *script, char **env)
{
    if (child->terminal < 0) {
        int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
        (void)setpgid(0, 0);
        if (in < 0 || dup2(in, 0) < 0 || dup2(fileno(child->out), 1) < 0 || dup2(fileno(child->err), 2) < 0) {
            _exit(126);
        }
    }
    const struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    if (chdir(e->dir.path) != 0 || (e->uid != 0 && (setgid(e->uid) != 0 || setuid(e->uid) != 0))) {
        _exit(126);
    }
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execle("/bin/sh", "sh", "-c", script, (char *)NULL, env);
    _exit(126);
}

static FILE *scratch_file(void)
{
    FILE *file = tmpfile();
    if (file == NULL || fcntl(fileno(file), F_SETFD, FD_CLOEXEC) != 0) {
        give_up("tmpfile");
    }
    return file;
}

static struct e2e_child start(struct e2e *e, const char *script)
{
    struct e2e_child child = {.e = e, .out = scratch_file(), .err = scratch_file(), .terminal = -1};
    char **env = environment_of(e);
    child.started_ns = clock_ns(&CLOCK_SYSTEM);
    (void)fflush(NULL);
    if (e->columns > 0) {
        const struct winsize size = {.ws_row = 24, .ws_col = e->columns};
        child.pid = forkpty(&child.terminal, NULL, NULL, &size);
    } else {
        child.pid = fork();
    }
    if (child.pid < 0) {
        give_up("fork");
    }
    if (child.pid == 0) {
        if (e->columns > 0) {
            child.terminal = 0;
        }
        become(e, &child, script, env);
    }
    if (e->columns == 0) {
        (void)setpgid(child.pid, child.pid);
    } else {
        (void)fcntl(child.terminal, F_SETFD, FD_CLOEXEC);
        child.shown = arena_new(&e->arena, struct buf);
        buf_init(child.shown, OUTPUT_BYTES);
    }
    return child;
}

static struct str file_text(struct e2e *e, FILE *file)
{
    struct stat st;
    if (fstat(fileno(file), &st) != 0) {
        give_up("fstat");
    }
    size_t size = (size_t)st.st_size < OUTPUT_BYTES ? (size_t)st.st_size : OUTPUT_BYTES;
    char *text = arena_alloc(&e->arena, size + 1);
    ssize_t got = pread(fileno(file), text, size, 0);
    return (struct str){text, got < 0 ? 0 : (size_t)got};
}

/* What the terminal shows has to be taken away, or the program waits. */
static void pump(struct e2e_child *child)
{
    struct pollfd fd = {child->terminal, POLLIN, 0};
    while (child->terminal >= 0 && poll(&fd, 1, 0) == 1 && (fd.revents & POLLIN) != 0) {
        char bytes[4096];
        ssize_t got = read(child->terminal, bytes, sizeof(bytes));
        if (got <= 0) {
            return;
        }
        buf_append(child->shown, (struct str){bytes, (size_t)got});
    }
}

static int64_t elapsed_ms(const struct e2e_child *child)
{
    return (clock_ns(&CLOCK_SYSTEM) - child->started_ns) / NS_PER_MS;
}

static bool has_ended(const struct e2e_child *child)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

bool e2e_wait_for(struct e2e_child *child, const char *text)
{
    bool is_last = false;
    while (!is_last) {
        is_last = has_ended(child) || elapsed_ms(child) > child->e->timeout_ms; /* looks once more after the end */
        pump(child);
        if ((child->shown != NULL && e2e_has(buf_str(child->shown), text)) ||
            e2e_has(file_text(child->e, child->out), text) || e2e_has(file_text(child->e, child->err), text)) {
            return true;
        }
        e2e_pause(POLL_MS);
    }
    return false;
}

bool e2e_wait_for_file(struct e2e_child *child, const char *name)
{
    while (!e2e_exists(child->e, name)) {
        if (has_ended(child) || elapsed_ms(child) > child->e->timeout_ms) {
            return e2e_exists(child->e, name);
        }
        pump(child);
        e2e_pause(POLL_MS);
    }
    return true;
}

void e2e_signal(struct e2e_child *child, int number)
{
    (void)kill(child->pid, number);
}

struct e2e_done e2e_finish(struct e2e_child *child)
{
    bool is_late = false;
    int status = 0;
    while (waitpid(child->pid, &status, WNOHANG) == 0) {
        pump(child);
        if (!is_late && elapsed_ms(child) > child->e->timeout_ms) {
            is_late = true;
            (void)kill(-child->pid, SIGKILL);
            (void)kill(child->pid, SIGKILL);
        }
        e2e_pause(POLL_MS);
    }
    pump(child);
    struct e2e_done done = {.elapsed_ms = elapsed_ms(child)};
    done.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    done.out = file_text(child->e, child->out);
    done.err = file_text(child->e, child->err);
    if (child->shown != NULL) {
        done.out = arena_str(&child->e->arena, buf_str(child->shown));
        buf_deinit(child->shown);
        (void)close(child->terminal);
    }
    (void)fclose(child->out);
    (void)fclose(child->err);
    CHECK("ends in time", !is_late);
    CHECK("no sanitizer speaks",
          !e2e_has(done.err, "Sanitizer") && !e2e_has(done.err, "runtime error:") && done.exit_code != 86);
    if (is_late || e2e_has(done.err, "Sanitizer") || e2e_has(done.err, "runtime error:")) {
        (void)fprintf(stderr, "%.*s\n", STR_ARG(done.err));
    }
    return done;
}

PRINTF_LIKE(2, 0)
static const char *formatted(struct e2e *e, const char *format, va_list args)
{
    char *text = NULL;
    int len = vasprintf(&text, format, args);
    if (len < 0) {
        give_up("vasprintf");
    }
    struct str copy = arena_str(&e->arena, (struct str){text, (size_t)len});
    free(text);
    return copy.ptr;
}

struct e2e_child e2e_start(struct e2e *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *script = formatted(e, format, args);
    va_end(args);
    return start(e, script);
}

struct e2e_done e2e_sh(struct e2e *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *script = formatted(e, format, args);
    va_end(args);
    struct e2e_child child = start(e, script);
    return e2e_finish(&child);
}

/* ---- files and the store */

void e2e_write_bytes(struct e2e *e, const char *name, struct str data)
{
    (void)temp_file(&e->dir, name, data);
}

void e2e_write(struct e2e *e, const char *name, const char *text)
{
    (void)temp_file(&e->dir, name, str_from(text));
}

struct str e2e_read(struct e2e *e, const char *name)
{
    struct temp_path path = temp_path(&e->dir, name);
    struct str text = STR_NULL;
    struct err err = ERR_NULL;
    return file_read(&e->arena, path.text, OUTPUT_BYTES, &text, &err) ? text : STR("");
}

bool e2e_exists(const struct e2e *e, const char *name)
{
    struct temp_path path = temp_path(&e->dir, name);
    return file_exists(path.text);
}

static void close_sqlite(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}

static void finalize(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
}

static struct str first_value(struct e2e *e, const char *sql)
{
    sqlite3 *db CLEANUP(close_sqlite) = NULL;
    sqlite3_stmt *statement CLEANUP(finalize) = NULL;
    struct temp_path path = temp_path(&e->dir, ".assay/assay.db");
    bool ok = sqlite3_open_v2(path.text, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
              sqlite3_busy_timeout(db, TIMEOUT_MS) == SQLITE_OK &&
              sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK;
    CHECK(db == NULL ? "no store" : sqlite3_errmsg(db), ok);
    if (!ok || sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_text(statement, 0) == NULL) {
        return STR("");
    }
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    return arena_str(&e->arena, (struct str){text, (size_t)sqlite3_column_bytes(statement, 0)});
}

struct str e2e_sql(struct e2e *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *sql = formatted(e, format, args);
    va_end(args);
    return first_value(e, sql);
}

int64_t e2e_count(struct e2e *e, const char *sql)
{
    return strtoll(first_value(e, sql).ptr, NULL, 10);
}

struct str e2e_without_times(struct e2e *e, const char *file)
{
    struct e2e_done done = e2e_sh(
        e,
        "jq -cS 'def is_time: IN(\"started\", \"ended\", \"finished\", \"latency_ms\", \"sha256\", \"duration_ms\");"
        " walk(if type == \"object\" then with_entries(select(.key | is_time | not)) else . end)' '%s'",
        file);
    CHECK_INT(file, done.exit_code, 0);
    CHECK_CSTR(file, done.err, "");
    return done.out;
}

/* ---- texts */

struct str e2e_last_line(struct str text)
{
    struct str rest = text;
    struct str line = STR("");
    struct str part;
    while (str_split(&rest, '\n', &part)) {
        if (part.len > 0) {
            line = part;
        }
    }
    return line;
}

bool e2e_has(struct str text, const char *part)
{
    return str_find(text, str_from(part), NULL);
}

size_t e2e_count_of(struct str text, const char *part)
{
    size_t count = 0;
    size_t at = 0;
    while (str_find(text, str_from(part), &at)) {
        count++;
        text = str_slice(text, at + strlen(part), text.len);
    }
    return count;
}

void e2e_pause(int ms)
{
    const struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

void e2e_check_rows(struct e2e *e, const struct e2e_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct e2e_row *row = &rows[i];
        struct e2e_done done = e2e_sh(e, "%s", row->script);
        CHECK_INT(row->name, done.exit_code, row->exit_code);
        for (size_t j = 0; j < ARRAY_LEN(row->out) && row->out[j] != NULL; j++) {
            CHECK_CONTAINS(row->name, done.out, row->out[j]);
        }
        for (size_t j = 0; j < ARRAY_LEN(row->err) && row->err[j] != NULL; j++) {
            CHECK_CONTAINS(row->name, done.err, row->err[j]);
        }
        if (row->never != NULL) {
            CHECK(row->name, !e2e_has(done.out, row->never) && !e2e_has(done.err, row->never));
        }
        if (done.exit_code != row->exit_code) {
            (void)fprintf(stderr, "[%s] %s\n--- stdout\n%.*s--- stderr\n%.*s---\n", row->name, row->script,
                          STR_ARG(done.out), STR_ARG(done.err));
        }
    }
}
