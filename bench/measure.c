/* Runs a program and prints, on one line of stdout, what it cost: wall, user and system time in microseconds, peak memory in KiB, exit status.
 * Its own memory is small, so that the peak is the program's (a fork counts its parent's until it executes). The program's stdout and stderr
 * go to /dev/null, or to the file named by MEASURE_OUTPUT.
 * usage: measure PROGRAM [ARG...] */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static long long time_us(struct timeval t)
{
    return (long long)t.tv_sec * 1000000 + t.tv_usec;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return 2;
    }
    const char *path = getenv("MEASURE_OUTPUT");
    long long begin = now_us();
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        return 2;
    }
    if (pid == 0) {
        int out = open(path == NULL ? "/dev/null" : path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        (void)dup2(out, STDOUT_FILENO);
        (void)dup2(out, STDERR_FILENO);
        (void)execvp(argv[1], argv + 1);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (wait4(pid, &status, 0, &usage) != pid) {
        perror("wait4");
        return 2;
    }
    (void)printf("%lld %lld %lld %ld %d\n", now_us() - begin, time_us(usage.ru_utime), time_us(usage.ru_stime),
                 usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
