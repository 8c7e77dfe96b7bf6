/* A program for the tests of io, with the habits that programs of users have: `helper MODE [ARGUMENT]`. */

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LINE_BYTES = 16 << 20 };

/* Open descriptors, then what was inherited of signals and limits. */
static int show_state(void)
{
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return 1;
    }
    const struct dirent *entry = NULL;
    (void)printf("fds");
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.' && strtol(entry->d_name, NULL, 10) != dirfd(dir)) {
            (void)printf(" %s", entry->d_name);
        }
    }
    (void)closedir(dir);
    sigset_t mask;
    int blocked = 0;
    int special = 0;
    (void)sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int i = 1; i < 65; i++) {
        struct sigaction now;
        blocked += sigismember(&mask, i) == 1 ? 1 : 0;
        special += sigaction(i, NULL, &now) == 0 && now.sa_handler != SIG_DFL ? 1 : 0;
    }
    struct rlimit core;
    (void)getrlimit(RLIMIT_CORE, &core);
    (void)printf("\nblocked %d special %d leader %d core %lu stdin %d\n", blocked, special, getpgrp() == getpid(),
                 (unsigned long)core.rlim_cur, fcntl(0, F_GETFL) & O_NONBLOCK);
    return 0;
}

/* The value of "id" in a line that assay wrote: no escapes in it. */
static void id_of(const char *line, char *ret, size_t size)
{
    const char *at = strstr(line, "\"id\":\"");
    size_t len = at == NULL ? 0 : strcspn(at + 6, "\"");
    (void)snprintf(ret, size, "%.*s", (int)len, at == NULL ? "" : at + 6);
}

static void answer(const char *id, const char *output)
{
    (void)printf("{\"id\":\"%s\",\"output\":\"%s\"}\n", id, output);
    (void)fflush(stdout);
}

static int misbehave(const char *mode, const char *id)
{
    if (strcmp(mode, "foreign") == 0) {
        answer("somebody-else", "x");
    } else if (strcmp(mode, "text") == 0) {
        (void)printf("Loading model...\n");
        (void)fflush(stdout);
    } else if (strcmp(mode, "list") == 0) {
        (void)printf("[1]\n");
        (void)fflush(stdout);
    } else if (strcmp(mode, "no-id") == 0) {
        (void)printf("{\"output\":1}\n");
        (void)fflush(stdout);
    } else if (strcmp(mode, "two") == 0) {
        (void)printf("{\"id\":\"%s\",\"output\":1}\nbye\n", id);
        (void)fflush(stdout);
    } else if (strcmp(mode, "exit") == 0) {
        (void)fprintf(stderr, "cannot go on\n");
        exit(3);
    } else if (strcmp(mode, "exit0") == 0) {
        exit(0);
    } else if (strcmp(mode, "abort") == 0) {
        (void)raise(SIGKILL);
    } else if (strcmp(mode, "close") == 0) {
        (void)close(1);
    } else if (strcmp(mode, "flood") == 0) {
        for (;;) {
            (void)fwrite("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, 32, stdout);
        }
    } else if (strcmp(mode, "hang") != 0) {
        return 0;
    }
    for (;;) {
        (void)pause();
    }
}

/* Answers each line; MODE is what it does with the request whose input is "bad". */
static int work(const char *mode)
{
    char *line = malloc(LINE_BYTES);
    if (line == NULL) {
        return 1;
    }
    unsigned served = 0;
    (void)fprintf(stderr, "worker %ld is up\n", (long)getpid());
    while (fgets(line, LINE_BYTES, stdin) != NULL) {
        char id[256];
        char output[64];
        id_of(line, id, sizeof(id));
        if (strstr(line, "\"input\":\"bad\"") != NULL) {
            (void)misbehave(mode, id);
        }
        (void)snprintf(output, sizeof(output), "%u of %ld", ++served, (long)getpid());
        answer(id, output);
        if (strcmp(mode, "chatter") == 0) {
            (void)usleep(20000);
            (void)printf("by the way\n");
            (void)fflush(stdout);
        }
    }
    if (strcmp(mode, "linger") == 0) {
        (void)usleep(300000);
        FILE *f = fopen(getenv("LINGER_FILE"), "w");
        if (f != NULL) {
            (void)fputs("finished", f);
            (void)fclose(f);
        }
    }
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, "state") == 0) {
        return show_state();
    }
    if (strcmp(mode, "worker") == 0) {
        return work(argc > 2 ? argv[2] : "");
    }
    return 2;
}
