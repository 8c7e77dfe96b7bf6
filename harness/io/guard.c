#include "io/guard.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "io/proc.h"
#include "io/spawn.h"
#include "io/tmpdir.h"

enum { PASSES = 500, QUIET_PASSES = 5, PAUSE_MS = 2, ENVIRONMENT_BYTES = 128 << 10 };
enum word { WORD_END = 'e', WORD_KEEP = 'k' };

/* One look at all processes; true when one of ours was there. */
static bool kill_all(const struct tmpdir_root *root, char *room)
{
    bool found = false;
    DIR *dir = opendir("/proc");
    const struct dirent *entry = NULL;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        uint64_t pid = 0;
        uint64_t tmpdir = 0;
        if (num_parse_u64(str_from(entry->d_name), &pid) && pid > 1 &&
            tmpdir_is_in(root, proc_environment((pid_t)pid, room, ENVIRONMENT_BYTES), &tmpdir)) {
            found = kill((pid_t)pid, SIGKILL) == 0 || found;
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return found;
}

/* True when the other end closed without saying that all is well. */
static bool wait_for_the_end(int fd, bool *ret_keep)
{
    for (;;) {
        char word = 0;
        ssize_t got = read(fd, &word, 1);
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        if (got == 1 && word == WORD_END) {
            return false;
        }
        *ret_keep = *ret_keep || (got == 1 && word == WORD_KEEP);
    }
}

/* A fork of ours, so it may not use anything that holds a lock; there are no threads. */
static void stand_guard(int fd, const struct tmpdir_root *root)
{
    static char room[ENVIRONMENT_BYTES];
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (int number = 1; number < NSIG; number++) {
        (void)sigaction(number, &ignore, NULL);
    }
    (void)setsid(); /* what kills our group must not kill this */
#ifdef __linux__
    (void)prctl(PR_SET_NAME, "assay-guard", 0, 0, 0);
#endif
    spawn_close_all_but(fd); /* whoever reads our output must see its end */
    bool keep = false;
    if (!wait_for_the_end(fd, &keep)) {
        return;
    }
    int quiet = 0;
    for (int i = 0; i < PASSES && quiet < QUIET_PASSES; i++) {
        quiet = kill_all(root, room) ? 0 : quiet + 1;
        struct timespec pause = {.tv_nsec = PAUSE_MS * NS_PER_MS};
        (void)nanosleep(&pause, NULL);
    }
    if (!keep) {
        file_remove_tree(root->path);
    }
}

void guard_start(struct guard *g, const struct tmpdir_root *root)
{
    int fds[2];
    if (!spawn_pipe(fds)) {
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        stand_guard(fds[0], root);
        _exit(0);
    }
    (void)close(fds[0]);
    if (pid < 0) {
        (void)close(fds[1]);
        return;
    }
    *g = (struct guard){.pid = pid, .fd = fds[1]};
}

static void say(const struct guard *g, enum word word)
{
    char byte = (char)word;
    ssize_t written = write(g->fd, &byte, 1);
    (void)written;
}

void guard_keep_folder(const struct guard *g)
{
    if (g->pid > 0) {
        say(g, WORD_KEEP);
    }
}

void guard_stop(struct guard *g)
{
    if (g->pid > 0) {
        say(g, WORD_END);
        (void)close(g->fd);
        while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        g->pid = 0;
    }
}
