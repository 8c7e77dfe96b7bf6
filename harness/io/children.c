#include "io/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/child.h"
#include "io/loop.h"
#include "io/proc.h"

enum {
    SWEEP_EVERY_MS = 20,
    SWEEPS_AT_END = 200, /* a stray's own children become ours only when it is gone */
    QUIET_SWEEPS = 10,
    SWEEP_PAUSE_MS = 1,
    ROOM_TO_GO_ON = 4 << 20,
    FDS_SPARED = 64,
    FDS_A_CHILD = 4
};

static void raise_fd_limit(struct children *cs)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) {
        return;
    }
    struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
        cs->spawn.has_fd_limit =
            true; /* programs that loop over all descriptors, or use select, get what they expect */
        cs->spawn.fd_limit = limit;
    }
}

void children_init(struct children *cs, struct loop *loop)
{
    *cs = (struct children){.loop = loop, .null_fd = -1};
    spawn_common_init(&cs->spawn);
    raise_fd_limit(cs);
    cs->scratch = mem_alloc(CHILDREN_SCRATCH_BYTES);
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cs->null_fd = null_fd > 2 || null_fd < 0 ? null_fd : fcntl(null_fd, F_DUPFD_CLOEXEC, 3);
    if (null_fd >= 0 && cs->null_fd != null_fd) {
        (void)close(null_fd);
    }
#ifdef __linux__
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
}

size_t children_capacity(const struct children *cs)
{
    (void)cs;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return SIZE_MAX;
    }
    size_t all = (size_t)limit.rlim_cur;
    return all <= FDS_SPARED + FDS_A_CHILD ? 1 : (all - FDS_SPARED) / FDS_A_CHILD;
}

static struct child **bucket_of(struct children *cs, pid_t pid)
{
    return &cs->buckets[(unsigned)pid % CHILDREN_BUCKETS];
}

void children_add(struct children *cs, struct child *c)
{
    struct child **bucket = bucket_of(cs, c->pid);
    c->bucket_next = *bucket;
    *bucket = c;
    c->link = &cs->live;
    c->next = cs->live;
    if (cs->live != NULL) {
        cs->live->link = &c->next;
    }
    cs->live = c;
    cs->count++;
}

void children_remove(struct children *cs, struct child *c)
{
    struct child **at = bucket_of(cs, c->pid);
    while (*at != c) {
        at = &(*at)->bucket_next;
    }
    *at = c->bucket_next;
    *c->link = c->next;
    if (c->next != NULL) {
        c->next->link = c->link;
    }
    cs->count--;
}

static struct child *find(struct children *cs, pid_t pid)
{
    struct child *c = *bucket_of(cs, pid);
    while (c != NULL && c->pid != pid) {
        c = c->bucket_next;
    }
    return c;
}

const char *const *children_envp(struct children *cs, const char *const *envp, const char *entry)
{
    size_t count = 0;
    while (envp[count] != NULL) {
        count++;
    }
    if (count + 2 > cs->envp_cap) {
        cs->envp_cap = (count + 2) * 2;
        cs->envp = mem_realloc(cs->envp, cs->envp_cap * sizeof(*cs->envp));
    }
    for (size_t i = 0; i < count; i++) {
        cs->envp[i] = envp[i];
    }
    cs->envp[count] = entry;
    cs->envp[count + 1] = NULL;
    return cs->envp;
}

void children_count_bytes(struct children *cs)
{
    cs->held_bytes = 0;
    for (const struct child *c = cs->live; c != NULL; c = c->next) {
        cs->held_bytes += c->output.len;
    }
    if (!cs->has_paused) {
        return;
    }
    bool has_room = cs->held_bytes < LIMIT_INFLIGHT_BYTES - ROOM_TO_GO_ON; /* else they would pause at once again */
    cs->has_paused = !has_room;
    for (struct child *c = cs->live; c != NULL; c = c->next) {
        if (has_room || c->next == NULL) {
            c->out.wants = LOOP_READ;
        }
    }
}

bool children_may_read(struct children *cs, const struct child *c, size_t bytes)
{
    if (cs->held_bytes + bytes <= LIMIT_INFLIGHT_BYTES || c->next == NULL) { /* the newest stands first */
        return true;
    }
    cs->has_paused = true;
    return false;
}

/* A zombie that waits for its pipes to close hides the ones behind it from "any child": then each is asked by its number. */
static void reap_each(struct children *cs, int64_t now_ns)
{
    struct child *next = NULL;
    for (struct child *c = cs->live; c != NULL; c = next) {
        next = c->next;
        siginfo_t info = {.si_pid = 0};
        if (!c->is_exited && waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == c->pid) {
            child_note_exit(c, now_ns);
        }
    }
}

void children_reap(struct children *cs, int64_t now_ns)
{
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
            if (errno == EINTR) {
                continue;
            }
            return;
        }
        if (info.si_pid == 0) {
            return;
        }
        struct child *c = find(cs, info.si_pid);
        if (c == NULL) {
            (void)waitpid(info.si_pid, NULL, WNOHANG); /* a stray that we inherited */
        } else if (c->is_exited) {
            reap_each(cs, now_ns);
            return;
        } else {
            child_note_exit(c, now_ns);
        }
    }
}

static bool is_in_use(const struct children *cs, uint64_t tmpdir)
{
    for (const struct child *c = cs->live; c != NULL; c = c->next) {
        if (c->has_tmpdir && c->tmpdir == tmpdir) {
            return true;
        }
    }
    return false;
}

/* True when it was one, and is killed; or cannot be told: a process shows no environment in the middle of exec, and as a zombie. */
static bool kill_stray(struct children *cs, pid_t pid)
{
    struct str variables = proc_environment(pid, cs->scratch, CHILDREN_SCRATCH_BYTES);
    uint64_t tmpdir = 0;
    if (variables.len == 0) {
        return true;
    }
    if (!tmpdir_is_in(&cs->tmpdirs, variables, &tmpdir) || is_in_use(cs, tmpdir)) {
        return false;
    }
    return kill(pid, SIGKILL) == 0;
}

/* How many there were, or may have been. */
static size_t kill_strays(struct children *cs)
{
    char list[64 << 10]; /* numbers of LIMIT_CONCURRENCY programs, and more */
    struct str rest = proc_children(cs->spawn.self, list, sizeof(list));
    struct str word;
    size_t found = 0;
    while (rest.len > 0 && str_split(&rest, ' ', &word)) {
        uint64_t pid = 0;
        if (num_parse_u64(str_trim(word), &pid) && pid > 1 && (pid_t)pid != cs->guard.pid &&
            find(cs, (pid_t)pid) == NULL) {
            found += kill_stray(cs, (pid_t)pid) ? 1 : 0;
        }
    }
    return found;
}
void children_sweep(struct children *cs, int64_t now_ns)
{
    bool is_due = cs->sweep_wanted && now_ns >= cs->swept_ns + SWEEP_EVERY_MS * NS_PER_MS;
    if (is_due && cs->tmpdirs.path[0] != '\0') {
        cs->sweep_wanted = false;
        cs->swept_ns = now_ns;
        if (kill_strays(cs) == 0) {
            tmpdir_settle(&cs->tmpdirs);
        } else {
            cs->sweep_wanted = true; /* their own children come to us only now */
        }
    }
}

static bool has_children(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Strays, and what was killed with its group and comes to us a moment after its parent. A server that a set-up left running stays. */
static void end_strays(struct children *cs)
{
    int quiet = 0;
    for (int i = 0; i < SWEEPS_AT_END && quiet < QUIET_SWEEPS; i++) {
        children_reap(cs, loop_now_ns(cs->loop));
        if (!has_children()) {
            return;
        }
        quiet = cs->tmpdirs.path[0] != '\0' && kill_strays(cs) > 0 ? 0 : quiet + 1;
        struct timespec pause = {.tv_nsec = SWEEP_PAUSE_MS * NS_PER_MS};
        (void)nanosleep(&pause, NULL);
    }
}

void children_deinit(struct children *cs)
{
    guard_stop(&cs->guard);
    end_strays(cs);
    tmpdir_root_remove(&cs->tmpdirs);
    if (cs->null_fd >= 0) {
        (void)close(cs->null_fd);
    }
    if (cs->spawn.has_fd_limit) {
        (void)setrlimit(RLIMIT_NOFILE, &cs->spawn.fd_limit);
    }
    mem_free(cs->scratch);
    mem_free(cs->envp);
    *cs = (struct children){.null_fd = -1};
}
