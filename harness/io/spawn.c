#include "io/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/attr.h"

enum { EXIT_CANNOT_EXEC = 127, LAST_SIGNAL = 64 };

/* What a child that cannot start its program tells us before it exits. */
struct failure {
    enum spawn_step step;
    int sys;
};

void spawn_common_init(struct spawn_common *c)
{
    *c = (struct spawn_common){.self = getpid()};
    (void)sigemptyset(&c->reset);
    for (int number = 1; number <= LAST_SIGNAL; number++) {
        struct sigaction now;
        if (number != SIGKILL && number != SIGSTOP && sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_DFL) {
            (void)sigaddset(&c->reset, number);
        }
    }
}

bool spawn_pipe(int ret_fds[2])
{
    if (pipe2(ret_fds, O_CLOEXEC) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (ret_fds[i] > 2) {
            continue;
        }
        int moved = fcntl(ret_fds[i], F_DUPFD_CLOEXEC, 3);
        int sys = errno;
        (void)close(ret_fds[i]);
        ret_fds[i] = moved;
        if (moved < 0) {
            (void)close(ret_fds[1 - i]);
            errno = sys;
            return false;
        }
    }
    return true;
}

static NORETURN void child_fail(int error_fd, enum spawn_step step)
{
    struct failure failure = {step, errno};
    ssize_t written = write(error_fd, &failure, sizeof(failure)); /* a pipe takes so few bytes at once */
    (void)written;
    _exit(EXIT_CANNOT_EXEC);
}

static void child_reset_signals(const struct spawn_common *common)
{
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    for (int number = 1; number <= LAST_SIGNAL; number++) {
        if (sigismember(&common->reset, number) == 1) {
            (void)sigaction(number, &by_default, NULL);
        }
    }
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_from(int first, int spared)
{
#ifdef __linux__
    if (spared > first) {
        (void)close_range((unsigned)first, (unsigned)spared - 1, 0);
    }
    (void)close_range((unsigned)(spared >= first ? spared + 1 : first), ~0U, 0);
#else
    for (int fd = first; fd < (int)sysconf(_SC_OPEN_MAX); fd++) {
        if (fd != spared) {
            (void)close(fd);
        }
    }
#endif
}

void spawn_close_all_but(int fd)
{
    close_from(0, fd);
}

/* Runs on our memory until exec: nothing here may allocate, lock, or change what the parent reads. */
static NORETURN void child_main(const struct spawn_common *common, const struct spawn *s, int error_fd)
{
    (void)setpgid(0, 0);
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != common->self) {
        _exit(EXIT_CANNOT_EXEC); /* it died before the line above */
    }
#endif
    struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    if (common->has_fd_limit) {
        (void)setrlimit(RLIMIT_NOFILE, &common->fd_limit);
    }
    if (s->cwd != NULL && chdir(s->cwd) != 0) {
        child_fail(error_fd, SPAWN_CWD);
    }
    for (int i = 0; i < 3; i++) {
        if (s->fds[i] >= 0 && dup2(s->fds[i], i) < 0) {
            child_fail(error_fd, SPAWN_EXEC);
        }
    }
    close_from(3, error_fd);
    child_reset_signals(common);
    /* exec takes char *const * for history's sake and writes to neither the array nor the texts. */
    union {
        const char *const *from;
        char *const *to;
    } argv = {s->argv}, envp = {s->envp};
    (void)execve(s->path, argv.to, envp.to);
    child_fail(error_fd, SPAWN_EXEC);
}

/* Waits for exec (the pipe closes) or for the news that it failed. */
static bool read_failure(int fd, struct failure *ret)
{
    ssize_t got = 0;
    do {
        got = read(fd, ret, sizeof(*ret));
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(*ret);
}

pid_t spawn_program(const struct spawn_common *common, const struct spawn *s, enum spawn_step *ret_step, int *ret_sys)
{
    int error_pipe[2];
    if (!spawn_pipe(error_pipe)) {
        *ret_step = SPAWN_FORK;
        *ret_sys = errno;
        return -1;
    }
    /* A signal in the child before exec would run our handlers on our memory, and stop or kill it half way. */
    sigset_t all;
    sigset_t former;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &former);
    pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
    if (pid == 0) {
        /* The analyzer wants nothing but exec here; what child_main does is as safe, and the reason for not using posix_spawn. */
        child_main(common, s, error_pipe[1]); /* NOLINT(clang-analyzer-unix.Vfork) */
    }
    int fork_sys = errno;
    (void)sigprocmask(SIG_SETMASK, &former, NULL);
    (void)close(error_pipe[1]);
    struct failure failure = {SPAWN_FORK, fork_sys};
    bool has_failed = pid < 0 || read_failure(error_pipe[0], &failure);
    (void)close(error_pipe[0]);
    if (!has_failed) {
        *ret_step = SPAWN_DONE;
        return pid;
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    *ret_step = failure.step;
    *ret_sys = failure.sys;
    return -1;
}
