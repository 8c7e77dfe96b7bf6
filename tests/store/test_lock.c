#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

static void test_held(void)
{
    struct fixture f;
    fixture_open(&f, 0, 1);
    struct store_lock lock CLEANUP(store_unlock) = {0};
    struct store_lock second CLEANUP(store_unlock) = {0};
    CHECK("lock", store_lock(f.store, &f.invocation.id, &lock, &f.err));
    CHECK("twice", !store_lock(f.store, &f.invocation.id, &second, &f.err));
    CHECK_INT("twice", f.err.kind, ERR_USAGE);
    char pid[32];
    char host[256] = "";
    (void)snprintf(pid, sizeof(pid), "process %ld on ", (long)getpid());
    CHECK_CONTAINS("names the process", str_from(f.err.text), pid);
    CHECK("host", gethostname(host, sizeof(host) - 1) == 0);
    CHECK_CONTAINS("names the host", str_from(f.err.text), host);
    CHECK_CONTAINS("names the start", str_from(f.err.text), "since 20");
    struct uuid other = id_random();
    CHECK("another invocation", store_lock(f.store, &other, &second, &f.err));
    store_unlock(&second);
    store_unlock(&lock);
    store_unlock(&lock);
    CHECK("after", store_lock(f.store, &f.invocation.id, &lock, &f.err));
    store_unlock(&lock);
    CHECK("nothing stays behind", !file_exists(arena_printf(&f.arena, "%s-locks", f.path).ptr));
    fixture_deinit(&f);
}

/* Tells `out` when it holds the lock, then waits to be killed. */
static void hold(struct fixture *f, int out)
{
    struct store_lock lock = {0};
    bool ok = store_lock(f->store, &f->invocation.id, &lock, &f->err);
    if (write(out, ok ? "y" : "n", 1) == 1 && ok) {
        (void)pause();
    }
    _exit(0);
}

static void test_dies_with_its_holder(void)
{
    struct fixture f;
    fixture_open(&f, 0, 1);
    int fds[2];
    char answer = 0;
    CHECK("pipe", pipe(fds) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        hold(&f, fds[1]);
    }
    CHECK("held", read(fds[0], &answer, 1) == 1 && answer == 'y');
    struct store_lock lock CLEANUP(store_unlock) = {0};
    CHECK("refused", !store_lock(f.store, &f.invocation.id, &lock, &f.err));
    char text[32];
    (void)snprintf(text, sizeof(text), "process %ld ", (long)pid);
    CHECK_CONTAINS("by", str_from(f.err.text), text);
    CHECK("kill", kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
    CHECK("free", store_lock(f.store, &f.invocation.id, &lock, &f.err));
    (void)close(fds[0]);
    (void)close(fds[1]);
    store_unlock(&lock);
    fixture_deinit(&f);
}

/* A holder that is killed while it starts a program leaves that the lock for a moment: here, until the one that waits for it lets go. */
static void test_orphaned(void)
{
    struct fixture f;
    fixture_open(&f, 0, 1);
    int fds[2];
    pid_t child = 0;
    CHECK("pipe", pipe(fds) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct store_lock held = {0};
        bool ok = store_lock(f.store, &f.invocation.id, &held, &f.err);
        child = fork();
        if (child == 0) {
            (void)usleep(300000);
            _exit(0);
        }
        _exit(ok && write(fds[1], &child, sizeof(child)) == sizeof(child) ? 0 : 1);
    }
    CHECK("held", read(fds[0], &child, sizeof(child)) == sizeof(child));
    CHECK("its holder is gone", waitpid(pid, NULL, 0) == pid);
    struct store_lock lock CLEANUP(store_unlock) = {0};
    CHECK("free soon", store_lock(f.store, &f.invocation.id, &lock, &f.err));
    (void)close(fds[0]);
    (void)close(fds[1]);
    store_unlock(&lock);
    fixture_deinit(&f);
}

/* Takes and gives back the lock many times; while it has it, nobody else may: `flag` is made exclusively. */
static int contend(struct fixture *f, const char *flag)
{
    int held = 0;
    for (int i = 0; i < 20000 && held < 200; i++) {
        struct store_lock lock = {0};
        if (!store_lock(f->store, &f->invocation.id, &lock, &f->err)) {
            if (f->err.kind != ERR_USAGE) {
                return 2;
            }
            continue;
        }
        FILE *file = fopen(flag, "wx");
        if (file == NULL) {
            return 3;
        }
        (void)fclose(file);
        (void)unlink(flag);
        store_unlock(&lock);
        held++;
    }
    return held > 0 ? 0 : 4;
}

static void test_one_at_a_time(void)
{
    struct fixture f;
    fixture_open(&f, 0, 1);
    const char *flag = arena_printf(&f.arena, "%s/flag", f.dir).ptr;
    pid_t pids[4];
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            _exit(contend(&f, flag));
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        int status = -1;
        CHECK("ended", waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status));
        CHECK_INT("alone", WEXITSTATUS(status), 0);
    }
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"held", test_held},
        {"dies with its holder", test_dies_with_its_holder},
        {"orphaned", test_orphaned},
        {"one at a time", test_one_at_a_time},
    };
    return check_run("store lock", tests, ARRAY_LEN(tests));
}
