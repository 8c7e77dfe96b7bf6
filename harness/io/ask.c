#include "io/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "io/spawn.h"

/* Until something can be read, the writers are gone, or the time is over (false). It may be over before we come to ask: what is there by then counts. */
static bool wait_readable(int fd, int64_t until_ns)
{
    while (true) {
        int64_t left_ns = until_ns - clock_ns(&CLOCK_SYSTEM);
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int count = poll(&ready, 1, left_ns <= 0 ? 0 : (int)(left_ns / NS_PER_MS) + 1);
        if (count != 0 || left_ns <= 0) {
            return count > 0 || (count < 0 && errno == EINTR);
        }
    }
}

/* Whether the program wrote anything; false in *ret_in_time when it neither did nor closed its stdout. */
static bool wait_output(int fd, int64_t until_ns, bool *ret_in_time)
{
    char byte;
    ssize_t got = -1;
    *ret_in_time = false;
    while (got < 0 && wait_readable(fd, until_ns)) {
        got = read(fd, &byte, 1);
        if (got < 0 && errno != EINTR && errno != EAGAIN) {
            return false;
        }
    }
    *ret_in_time = got >= 0;
    return got > 0;
}

/* Reaps the program: by itself within the time, else killed. Its group goes first, while its number cannot be another's. */
static bool wait_end(pid_t pid, int64_t until_ns, bool may_go_on)
{
    siginfo_t info = {0};
    while (may_go_on && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0 &&
           clock_ns(&CLOCK_SYSTEM) < until_ns) {
        (void)poll(NULL, 0, 1);
    }
    int status = -1;
    (void)kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void ask_program(const struct question *question, struct asking *ret)
{
    int pipe_fds[2];
    struct spawn_common common;
    int null_in CLEANUP(file_close) = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int null_out CLEANUP(file_close) = open("/dev/null", O_WRONLY | O_CLOEXEC);
    *ret = ASKING_NONE;
    if (null_in < 0 || null_out < 0 || !spawn_pipe(pipe_fds)) {
        return;
    }
    int from CLEANUP(file_close) = pipe_fds[0];
    int to CLEANUP(file_close) = pipe_fds[1];
    struct spawn spawn = {
        .path = question->path, .argv = question->argv, .envp = question->envp, .fds = {null_in, to, null_out}};
    enum spawn_step step;
    int sys = 0;
    int64_t until_ns = clock_ns(&CLOCK_SYSTEM) + question->timeout_ns;
    spawn_common_init(&common);
    pid_t pid = spawn_program(&common, &spawn, &step, &sys);
    if (pid > 0) {
        *ret = (struct asking){.pid = pid, .from = take_fd(&from), .until_ns = until_ns};
    }
}

enum ask_answer ask_answer(struct asking *asking)
{
    if (asking->pid == 0) {
        return ASK_UNKNOWN;
    }
    bool in_time = false;
    bool prints = wait_output(asking->from, asking->until_ns, &in_time);
    bool ended_well = wait_end(asking->pid, asking->until_ns, in_time && !prints);
    file_close(&asking->from);
    *asking = ASKING_NONE;
    return prints ? ASK_PRINTS : in_time && ended_well ? ASK_SILENT : ASK_UNKNOWN;
}

void ask_drop(struct asking *asking)
{
    if (asking->pid != 0) {
        (void)wait_end(asking->pid, asking->until_ns, false);
        file_close(&asking->from);
        *asking = ASKING_NONE;
    }
}
