/* The floor under the command target: starts a program N times, CONCURRENCY at a time, reads what it writes to its end and reaps it. Nothing
 * else: no stdin but /dev/null, no process group, no time-out. Prints the microseconds it took.
 * usage: floor_spawn N CONCURRENCY PROGRAM [ARG...] */

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct child {
    pid_t pid;
};

static int start(struct child *child, char **argv)
{
    int ends[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0 || posix_spawn_file_actions_init(&actions) != 0) {
        perror("pipe");
        exit(2);
    }
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (posix_spawnp(&child->pid, argv[0], &actions, NULL, argv, environ) != 0) {
        perror(argv[0]);
        exit(2);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    return ends[0];
}

/* False at the end of what the child writes. */
static int is_open(int fd)
{
    char bytes[65536];
    return read(fd, bytes, sizeof(bytes)) > 0;
}

int main(int argc, char **argv)
{
    enum { MAX = 1024 };
    static struct child children[MAX];
    static struct pollfd fds[MAX];
    if (argc < 4) {
        return 2;
    }
    long count = strtol(argv[1], NULL, 10), concurrency = strtol(argv[2], NULL, 10), started = 0, done = 0;
    if (concurrency < 1 || concurrency > MAX) {
        return 2;
    }
    for (long i = 0; i < concurrency; i++) {
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    }
    long long begin = now_us();
    while (done < count) {
        for (long i = 0; i < concurrency && started < count; i++) {
            if (fds[i].fd < 0) {
                fds[i].fd = start(&children[i], argv + 3);
                started++;
            }
        }
        (void)poll(fds, (nfds_t)concurrency, -1);
        for (long i = 0; i < concurrency; i++) {
            if (fds[i].fd >= 0 && fds[i].revents != 0 && !is_open(fds[i].fd)) {
                (void)close(fds[i].fd);
                fds[i].fd = -1;
                (void)waitpid(children[i].pid, NULL, 0);
                done++;
            }
        }
    }
    (void)printf("%lld\n", now_us() - begin);
    return 0;
}
