/* The floor under worker mode: WORKERS copies of a program, each given one line and read until it answers with one, N lines in all. The line is
 * as long as the one that assay writes. Prints the microseconds it took, without starting the programs.
 * usage: floor_pipe N WORKERS LINE PROGRAM [ARG...] */

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Gives the end to write to, and the end to read from in *ret_out. */
static int start(char **argv, int *ret_out)
{
    int in[2], out[2];
    pid_t pid = 0;
    posix_spawn_file_actions_t actions;
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || posix_spawn_file_actions_init(&actions) != 0) {
        perror("pipe");
        exit(2);
    }
    (void)posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0) {
        perror(argv[0]);
        exit(2);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(in[0]);
    (void)close(out[1]);
    *ret_out = out[0];
    return in[1];
}

static void send_line(int fd, const char *line, size_t len)
{
    if (write(fd, line, len) != (ssize_t)len) {
        perror("write");
        exit(2);
    }
}

/* Whether the answer's end was read. */
static int has_answer(int fd)
{
    char bytes[65536];
    ssize_t len = read(fd, bytes, sizeof(bytes));
    if (len <= 0) {
        (void)fprintf(stderr, "floor_pipe: the worker ended\n");
        exit(2);
    }
    return bytes[len - 1] == '\n';
}

int main(int argc, char **argv)
{
    enum { MAX = 256, LINE_ROOM = 65536 };
    static struct pollfd fds[MAX];
    static int inputs[MAX];
    static char line[LINE_ROOM];
    if (argc < 5) {
        return 2;
    }
    long count = strtol(argv[1], NULL, 10), workers = strtol(argv[2], NULL, 10), sent = 0, done = 0;
    if (workers < 1 || workers > MAX || workers > count) {
        return 2;
    }
    size_t len = (size_t)snprintf(line, sizeof(line), "%s\n", argv[3]);
    if (len >= sizeof(line)) {
        return 2;
    }
    for (long i = 0; i < workers; i++) {
        fds[i].events = POLLIN;
        inputs[i] = start(argv + 4, &fds[i].fd);
    }
    long long begin = now_us();
    for (; sent < workers; sent++) {
        send_line(inputs[sent], line, len);
    }
    while (done < count) {
        (void)poll(fds, (nfds_t)workers, -1);
        for (long i = 0; i < workers; i++) {
            if (fds[i].revents != 0 && has_answer(fds[i].fd)) {
                done++;
                if (sent < count) {
                    send_line(inputs[i], line, len);
                    sent++;
                }
            }
        }
    }
    (void)printf("%lld\n", now_us() - begin);
    return 0;
}
