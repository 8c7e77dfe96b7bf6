#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "io/children.h"

enum {
    READ_FIRST_BYTES = 4096,
    READS_A_TURN = 16,                   /* of the scratch size: one flood must not starve the others */
    READS_AT_END = 32,                   /* more than a pipe holds */
    TAIL_BYTES = 2 * LIMIT_STDERR_BYTES, /* dropped from the front when full, half at a time */
    KEPT_BUFFER_BYTES = 64 << 10,
    LEAK_MS = 100,
    ABANDON_S = 5 /* after KILL: a process in an uninterruptible wait must not hold the run */
};

static void close_watch(struct child *c, struct loop_watch *watch)
{
    if (watch->fd >= 0) {
        loop_remove(c->host->loop, watch);
        (void)close(watch->fd);
        watch->fd = -1;
    }
}

static void watch_fd(struct child *c, struct loop_watch *watch, int fd, unsigned wants)
{
    *watch = (struct loop_watch){.fd = fd, .wants = wants};
    if (fd >= 0) {
        loop_add(c->host->loop, watch);
    }
}

static bool set_nonblocking(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

/* One write of what is left, with the newline of a dialogue's line; false = errno. */
static bool write_some(struct child *c, int fd)
{
    union { /* iov_base is no pointer to const, but writev only reads */
        const char *from;
        void *to;
    } line = {c->input.ptr}, newline = {"\n"};
    struct iovec parts[2] = {{line.to, c->input.len}, {newline.to, c->owes_newline ? 1 : 0}};
    ssize_t written = writev(fd, parts, 2);
    if (written < 0) {
        return false;
    }
    size_t of_line = (size_t)written < c->input.len ? (size_t)written : c->input.len;
    c->owes_newline = c->owes_newline && (size_t)written == of_line;
    c->input = str_slice(c->input, of_line, c->input.len);
    return true;
}

/* Writes what the pipe takes. A program that went away without reading is no error: its end says how it fared. */
static void feed(struct child *c)
{
    while (c->in.fd >= 0 && !child_is_sent(c)) {
        if (write_some(c, c->in.fd) || errno == EINTR) {
            continue;
        }
        if (errno == EAGAIN) {
            c->in.wants = LOOP_WRITE;
            return;
        }
        c->input.len = 0;
        c->owes_newline = false;
        close_watch(c, &c->in);
        return;
    }
    c->in.wants = 0;
    if (c->stdio != CHILD_DIALOGUE) {
        close_watch(c, &c->in);
    }
}

/* One read of stdout; false = nothing more for now, or the end. */
static bool read_output(struct child *c)
{
    size_t room = c->max_output - c->output.len;
    bool is_stored = room > 0 && c->cause != CHILD_OUTPUT_LIMIT;
    size_t wanted = c->output.len < READ_FIRST_BYTES ? READ_FIRST_BYTES : CHILDREN_SCRATCH_BYTES;
    wanted = wanted < room ? wanted : room;
    if (is_stored && !c->is_exited && !children_may_read(c->host, c, wanted)) {
        c->out.wants = 0;
        return false;
    }
    char *to = is_stored ? buf_reserve(&c->output, wanted) : c->host->scratch;
    ssize_t got = read(c->out.fd, to, is_stored ? wanted : CHILDREN_SCRATCH_BYTES);
    if (got > 0) {
        if (is_stored) {
            buf_advance(&c->output, (size_t)got);
            c->host->held_bytes += (size_t)got;
        } else {
            if (c->cause == CHILD_BY_ITSELF) {
                c->cause = CHILD_OUTPUT_LIMIT; /* even when it has exited by now: the output is not whole */
            }
            child_end(c, CHILD_OUTPUT_LIMIT, true, loop_now_ns(c->host->loop));
        }
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_watch(c, &c->out);
        return false;
    }
    return errno == EINTR;
}

static bool read_stderr(struct child *c)
{
    ssize_t got = read(c->err.fd, c->host->scratch, LIMIT_STDERR_BYTES);
    if (got > 0) {
        if (c->tail.len + (size_t)got > TAIL_BYTES) {
            buf_consume(&c->tail, c->tail.len - LIMIT_STDERR_BYTES);
        }
        buf_append(&c->tail, (struct str){c->host->scratch, (size_t)got});
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_watch(c, &c->err);
        return false;
    }
    return errno == EINTR;
}

static void drain(struct child *c, int reads)
{
    for (int i = 0; i < reads && c->out.fd >= 0 && read_output(c); i++) {
    }
    for (int i = 0; i < reads && c->err.fd >= 0 && read_stderr(c); i++) {
    }
}

void child_signal(const struct child *c, int number)
{
    /* Until the leader is reaped its zombie keeps the number, so this can only be our group. */
    if (c->pid > 0 && !c->is_over) {
        (void)kill(-c->pid, number);
    }
}

void child_end(struct child *c, enum child_cause cause, bool kill_now, int64_t now_ns)
{
    if (c->is_over) {
        return;
    }
    if (c->cause == CHILD_BY_ITSELF && !c->is_exited) {
        c->cause = cause;
    }
    c->timeout_at_ns = INT64_MAX;
    if (kill_now) {
        child_signal(c, SIGKILL);
        c->kill_at_ns = INT64_MAX;
        if (c->abandon_at_ns == INT64_MAX) {
            c->abandon_at_ns = now_ns + ABANDON_S * NS_PER_S;
        }
    } else if (c->kill_at_ns == INT64_MAX && c->abandon_at_ns == INT64_MAX) {
        child_signal(c, SIGTERM);
        child_signal(c, SIGCONT); /* a stopped process hears TERM only when it goes on */
        c->kill_at_ns = now_ns + c->term_grace_ns;
    }
}

static void finish(struct child *c)
{
    drain(c, READS_AT_END);
    close_watch(c, &c->in);
    close_watch(c, &c->out);
    close_watch(c, &c->err);
    if (c->is_exited) {
        while (waitpid(c->pid, &c->wait_status, 0) < 0 && errno == EINTR) {
        }
    }
    c->is_over = true;
    children_remove(c->host, c);
    c->host->sweep_wanted = true;
}

/* After the main process has gone: over as soon as the pipes are at their end, or when somebody holds them too long. */
static void settle(struct child *c, int64_t now_ns)
{
    drain(c, READS_A_TURN);
    bool is_held = c->out.fd >= 0 || c->err.fd >= 0;
    if (is_held && c->leak_at_ns == INT64_MAX) {
        c->leak_at_ns = now_ns + LEAK_MS * NS_PER_MS;
    }
    if (is_held && now_ns < c->leak_at_ns && c->cause == CHILD_BY_ITSELF) {
        return;
    }
    c->leaked = is_held && c->cause == CHILD_BY_ITSELF;
    if (c->stdio != CHILD_SHOWN) {
        child_signal(c, SIGKILL);
    }
    finish(c);
}

void child_note_exit(struct child *c, int64_t now_ns)
{
    c->is_exited = true;
    c->exited_ns = now_ns;
    c->timeout_at_ns = INT64_MAX;
    c->kill_at_ns = INT64_MAX;
    c->abandon_at_ns = INT64_MAX;
    close_watch(c, &c->in);
    settle(c, now_ns);
}

void child_turn(struct child *c, int64_t now_ns)
{
    if (c->is_over) {
        return;
    }
    if (c->in.ready != 0) {
        feed(c);
    }
    for (int i = 0; i < READS_A_TURN && c->out.fd >= 0 && c->out.ready != 0 && read_output(c); i++) {
    }
    for (int i = 0; i < READS_A_TURN && c->err.fd >= 0 && c->err.ready != 0 && read_stderr(c); i++) {
    }
    if (c->is_exited) {
        settle(c, now_ns);
    } else if (now_ns >= c->timeout_at_ns) {
        child_end(c, CHILD_TIMEOUT, false, now_ns);
    } else if (now_ns >= c->kill_at_ns) {
        child_end(c, c->cause, true, now_ns);
    } else if (now_ns >= c->abandon_at_ns) {
        finish(c);
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t child_next_ns(const struct child *c)
{
    if (c->is_over) {
        return 0; /* its owner has to look */
    }
    return earlier(earlier(c->timeout_at_ns, c->kill_at_ns), earlier(c->leak_at_ns, c->abandon_at_ns));
}

void child_send(struct child *c, struct str line)
{
    if (c->in.fd >= 0) { /* else it closed its stdin: its end, or the time-out, tells */
        c->input = line;
        c->owes_newline = true;
        feed(c);
    }
}

bool child_is_sent(const struct child *c)
{
    return c->input.len == 0 && !c->owes_newline;
}

void child_end_input(struct child *c)
{
    close_watch(c, &c->in);
}

struct str child_stderr(const struct child *c)
{
    struct str all = buf_str(&c->tail);
    return all.len <= LIMIT_STDERR_BYTES ? all : str_slice(all, all.len - LIMIT_STDERR_BYTES, all.len);
}

static void keep_buffer(struct buf *b)
{
    if (b->cap > KEPT_BUFFER_BYTES) {
        buf_deinit(b);
    } else {
        buf_clear(b);
    }
}

void child_release(struct child *c)
{
    if (c->has_tmpdir && !c->keeps_tmpdir) {
        tmpdir_give_back(&c->host->tmpdirs, c->tmpdir);
    }
    c->has_tmpdir = false;
    if (c->keeps_tmpdir && !c->host->tmpdirs.is_kept) {
        c->host->tmpdirs.is_kept = true;
        guard_keep_folder(&c->host->guard);
    }
    keep_buffer(&c->output);
    keep_buffer(&c->tail);
}

void child_deinit(struct child *c)
{
    buf_deinit(&c->output);
    buf_deinit(&c->tail);
}

/* The pipes of a start: ours[] become the watches, theirs[] the child's 0 to 2. -1 = none. */
struct pipes {
    int ours[3], theirs[3];
};

static void close_all(const int fds[3], int spared)
{
    for (int i = 0; i < 3; i++) {
        if (fds[i] >= 0 && fds[i] != spared) {
            (void)close(fds[i]);
        }
    }
}

static bool open_pipe(struct pipes *p, int which)
{
    int fds[2];
    if (!spawn_pipe(fds)) {
        return false;
    }
    p->ours[which] = fds[which == 0 ? 1 : 0];
    p->theirs[which] = fds[which == 0 ? 0 : 1];
    return true;
}

/* A small input is written before the start: the program finds it there with its end, and nobody has to wait for the pipe. */
static bool open_stdin(struct child *c, struct pipes *p)
{
    if (c->stdio != CHILD_DIALOGUE && c->input.len == 0) {
        p->theirs[0] = c->host->null_fd;
        return true;
    }
    if (!open_pipe(p, 0) || !set_nonblocking(p->ours[0])) {
        return false;
    }
    if (c->input.len > 0) {
        (void)write_some(c, p->ours[0]); /* child_turn writes the rest, and sees what went wrong */
    }
    if (c->input.len == 0 && c->stdio != CHILD_DIALOGUE) {
        (void)close(p->ours[0]);
        p->ours[0] = -1;
    }
    return true;
}

static bool open_pipes(struct child *c, struct pipes *p)
{
    if (c->stdio == CHILD_SHOWN) {
        p->theirs[0] = c->host->null_fd;
        p->theirs[1] = STDERR_FILENO;
        return true;
    }
    return open_stdin(c, p) && open_pipe(p, 1) && set_nonblocking(p->ours[1]) && open_pipe(p, 2) &&
           set_nonblocking(p->ours[2]);
}

static bool is_shortage(int sys)
{
    return sys == EMFILE || sys == ENFILE || sys == EAGAIN || sys == ENOMEM;
}

static const char *const *environment_of(struct child *c, const struct command_spec *spec,
                                         char tmpdir[TMPDIR_PATH_BYTES + 32])
{
    if (!c->has_tmpdir) {
        return spec->envp;
    }
    tmpdir_variable(&c->host->tmpdirs, c->tmpdir, tmpdir);
    return children_envp(c->host, spec->envp, tmpdir);
}

static void begin(struct child *c, const struct child_order *order)
{
    struct children *host = c->host;
    struct buf output = c->output;
    struct buf tail = c->tail;
    output.max = order->spec->max_output;
    tail.max = TAIL_BYTES;
    *c = (struct child){
        .host = host,
        .stdio = order->stdio,
        .in = {.fd = -1},
        .out = {.fd = -1},
        .err = {.fd = -1},
        .input = order->input,
        .output = output,
        .tail = tail,
        .max_output = order->spec->max_output,
        .keeps_tmpdir = order->spec->keep_tmpdir,
        .term_grace_ns = order->term_grace_ns,
        .timeout_at_ns = INT64_MAX,
        .kill_at_ns = INT64_MAX,
        .leak_at_ns = INT64_MAX,
        .abandon_at_ns = INT64_MAX,
    };
}

enum child_started child_start(struct children *host, struct child *c, const struct child_order *order, int *ret_sys,
                               const char **ret_what)
{
    static const char *const steps[] = {
        [SPAWN_DONE] = "start", [SPAWN_FORK] = "start", [SPAWN_CWD] = "enter the folder of", [SPAWN_EXEC] = "start"};
    const struct command_spec *spec = order->spec;
    c->host = host;
    begin(c, order);
    if (spec->wants_tmpdir &&
        order->stdio != CHILD_SHOWN) { /* what a set-up leaves running must not be taken for a stray */
        if (!tmpdir_take(&host->tmpdirs, spec->tmpdir_base, &c->tmpdir)) {
            *ret_sys = errno;
            *ret_what = "make a private folder for";
            return CHILD_FAILED;
        }
        c->has_tmpdir = true;
        if (host->guard.pid == 0) {
            guard_start(&host->guard, &host->tmpdirs);
        }
    }
    struct pipes pipes = {{-1, -1, -1}, {-1, -1, -1}};
    enum spawn_step step = SPAWN_FORK;
    if (open_pipes(c, &pipes)) {
        char tmpdir[TMPDIR_PATH_BYTES + 32];
        struct spawn spawn = {.path = spec->path,
                              .argv = spec->argv,
                              .envp = environment_of(c, spec, tmpdir),
                              .cwd = spec->cwd,
                              .fds = {pipes.theirs[0], pipes.theirs[1], pipes.theirs[2]}};
        c->started_ns = clock_ns(loop_clock(host->loop));
        c->pid = spawn_program(&host->spawn, &spawn, &step, ret_sys);
    } else {
        *ret_sys = errno;
        c->pid = -1;
    }
    if (order->stdio == CHILD_SHOWN) {
        pipes.theirs[1] = -1;
    }
    close_all(pipes.theirs, host->null_fd);
    if (c->pid < 0) {
        close_all(pipes.ours, -1);
        *ret_what = steps[step];
        child_release(c);
        return is_shortage(*ret_sys) ? CHILD_BUSY : CHILD_FAILED;
    }
    watch_fd(c, &c->in, pipes.ours[0], c->input.len > 0 ? LOOP_WRITE : 0);
    watch_fd(c, &c->out, pipes.ours[1], LOOP_READ);
    watch_fd(c, &c->err, pipes.ours[2], LOOP_READ);
    c->timeout_at_ns = order->timeout_ns < INT64_MAX - c->started_ns ? c->started_ns + order->timeout_ns : INT64_MAX;
    children_add(host, c);
    return CHILD_STARTED;
}
