#include "tests/fault/fault.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/num.h"

enum { ARGS = 512, START_WAIT_MS = 20000, FILE_BYTES = 1 << 30 };

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static void pause_ms(int ms)
{
    const struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

static void become_server(const struct fault *f, const char *const *args)
{
    const char *program = getenv("ASSAY_FAULT_SERVER");
    struct temp_path port = temp_path(&f->dir, "port");
    struct temp_path ledger = temp_path(&f->dir, "ledger");
    struct temp_path requests = temp_path(&f->dir, "requests");
    struct temp_path raw = temp_path(&f->dir, "raw");
    const char *argv[ARGS] = {program,      "--port-file", port.text, "--ledger", ledger.text,
                              "--requests", requests.text, "--raw",   raw.text};
    size_t count = 9;
    for (size_t i = 0; args != NULL && args[i] != NULL && count + 1 < ARGS; i++) {
        argv[count++] = args[i];
    }
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
    union {
        const char **from;
        char *const *to;
    } cast = {argv}; /* execv takes what it does not change as changeable */
    (void)execv(program == NULL ? "ASSAY_FAULT_SERVER is not set" : program, cast.to);
    perror("cannot start the fault server");
    _exit(127);
}

struct fault fault_start(const char *const *args)
{
    struct fault f = {.dir = temp_dir_make()};
    struct temp_path port = temp_path(&f.dir, "port");
    (void)fflush(NULL);
    f.pid = fork();
    if (f.pid < 0) {
        give_up("fork");
    }
    if (f.pid == 0) {
        become_server(&f, args);
    }
    for (int waited_ms = 0; !file_exists(port.text); waited_ms++) {
        if (waited_ms > START_WAIT_MS || waitpid(f.pid, NULL, WNOHANG) != 0) {
            (void)fprintf(stderr, "the fault server did not start\n");
            exit(1);
        }
        pause_ms(1);
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct str text = STR_NULL;
    uint64_t number = 0;
    if (!file_read(&arena, port.text, 64, &text, &err) || !num_parse_u64(str_trim(text), &number)) {
        (void)fprintf(stderr, "no port: %s\n", err.text);
        exit(1);
    }
    f.port = (unsigned)number;
    return f;
}

static void end_server(struct fault *f, int number)
{
    if (f->pid > 0) {
        int status = 0;
        (void)kill(f->pid, number);
        while (waitpid(f->pid, &status, 0) < 0 && errno == EINTR) {
        }
        if (number == SIGTERM && status != 0) {
            (void)fprintf(stderr, "the fault server ended with status %#x\n", (unsigned)status);
            exit(1);
        }
        f->pid = 0;
    }
}

void fault_stop(struct fault *f)
{
    end_server(f, SIGKILL);
    temp_dir_remove(&f->dir);
}

struct fault_text fault_url(const struct fault *f, const char *path)
{
    struct fault_text url;
    (void)snprintf(url.text, sizeof(url.text), "http://127.0.0.1:%u%s", f->port, path);
    return url;
}

static struct str read_all(const struct fault *f, struct arena *arena, const char *name)
{
    struct temp_path path = temp_path(&f->dir, name);
    struct err err = ERR_NULL;
    struct str text = STR_NULL;
    return file_read(arena, path.text, FILE_BYTES, &text, &err) ? text : STR("");
}

struct str fault_end(struct fault *f, struct arena *arena)
{
    end_server(f, SIGTERM);
    return read_all(f, arena, "ledger");
}

struct str fault_requests(const struct fault *f, struct arena *arena)
{
    return read_all(f, arena, "requests");
}

struct str fault_raw(const struct fault *f, struct arena *arena)
{
    return read_all(f, arena, "raw");
}

uint64_t fault_count(struct str ledger, const char *name)
{
    char key[128];
    size_t at = 0;
    uint64_t number = 0;
    struct str last = STR("");
    struct str line;
    while (str_split(&ledger, '\n', &line)) {
        last = line.len > 0 ? line : last;
    }
    (void)snprintf(key, sizeof(key), "\"%s\":", name);
    if (!str_find(last, str_from(key), &at)) {
        return 0;
    }
    for (at += strlen(key); at < last.len && last.ptr[at] >= '0' && last.ptr[at] <= '9'; at++) {
        number = number * 10 + (uint64_t)(last.ptr[at] - '0');
    }
    return number;
}
