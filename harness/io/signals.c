#include "io/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"

/* SIGPIPE stands last: ignored, not caught. */
static const int caught[SIGNALS_CAUGHT] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGTSTP, SIGPIPE};

static int write_end = -1;

static void handle(int number)
{
    int saved = errno;
    char byte = (char)number;
    /* A full pipe is fine: it holds enough to wake us. */
    ssize_t written = write(write_end, &byte, 1);
    (void)written;
    errno = saved;
}

static bool stays_ignored(int number, const struct sigaction *former)
{
    return former->sa_handler == SIG_IGN && (number == SIGINT || number == SIGHUP || number == SIGTSTP);
}

bool signals_open(struct signals *s, struct err *err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot make a pipe for signals");
    }
    *s = (struct signals){.watch = {.fd = fds[0], .wants = LOOP_READ}};
    write_end = fds[1];
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        struct sigaction action = {.sa_handler = caught[i] == SIGPIPE ? SIG_IGN : handle,
                                   .sa_flags = SA_RESTART | SA_NOCLDSTOP};
        (void)sigemptyset(&action.sa_mask);
        (void)sigaction(caught[i], &action, &s->former[i]);
        if (stays_ignored(caught[i], &s->former[i])) {
            (void)sigaction(caught[i], &s->former[i], NULL);
        }
    }
    return true;
}

static void note(struct signals *s, int number)
{
    switch (number) {
    case SIGCHLD:
        s->child_changed = true;
        break;
    case SIGTSTP:
        s->stop_wanted = true;
        break;
    default:
        s->interrupts++;
        if (s->first == 0) {
            s->first = number == SIGINT ? SIGINT : SIGTERM;
        }
        break;
    }
}

void signals_drain(struct signals *s)
{
    char bytes[256];
    ssize_t got = 0;
    do {
        got = read(s->watch.fd, bytes, sizeof(bytes));
        for (ssize_t i = 0; i < got; i++) {
            note(s, bytes[i]);
        }
    } while (got == (ssize_t)sizeof(bytes) || (got < 0 && errno == EINTR));
    s->watch.ready = 0;
}

void signals_close(struct signals *s)
{
    for (size_t i = 0; i < ARRAY_LEN(caught); i++) {
        (void)sigaction(caught[i], &s->former[i], NULL);
    }
    (void)close(write_end);
    (void)close(s->watch.fd);
    write_end = -1;
    s->watch.fd = -1;
}

void signals_stop(struct signals *s, const struct clock *clock)
{
    s->stop_wanted = false;
    int64_t before_ns = clock_ns(clock);
    (void)raise(SIGSTOP);
    s->stopped_ns += clock_ns(clock) - before_ns;
}
