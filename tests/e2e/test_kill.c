/* kill -9 at any moment loses no announced sample and doubles none: at random times, and (--long) at every position of the calls that change
 * something outside the process, in the run and in the resume after it. */

#include "tests/e2e/resume.h"

#include "base/rng.h"

enum { KILLS = 15, LONG_KILLS = 200, CASES = 60, SWEEP_CASES = 6, MOST_PAUSE_MS = 250, MOST_TRIES = 2000 };

static bool is_long;

/* One run, killed at random times until it is through. */
static void kill_one(struct e2e *e, struct rng *rng, struct resume_figures *figures)
{
    (void)e2e_sh(e, "rm -rf .assay announced");
    struct e2e_done done = {.exit_code = -1};
    for (int i = 0; i < MOST_TRIES && done.exit_code != 0; i++) {
        struct e2e_child child = e2e_start(e, "%s", resume_script(e, ""));
        e2e_pause((int)rng_below(rng, MOST_PAUSE_MS));
        e2e_signal(&child, SIGKILL);
        done = e2e_finish(&child);
        CHECK("killed or done", done.exit_code == 0 || done.exit_code == 128 + SIGKILL);
        resume_note(e, done.err);
        figures->interruptions += done.exit_code != 0 ? 1 : 0;
    }
    CHECK_INT("it ends", done.exit_code, 0);
    resume_judge(e, "as undisturbed", figures);
}

static void at_random(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct resume_figures figures = {0};
    struct rng rng;
    uint64_t seed = is_long ? (uint64_t)getpid() : 1;
    rng_seed(&rng, seed);
    resume_write(&e, CASES);
    resume_calm(&e);
    unsigned runs = 0;
    while (figures.interruptions < (is_long ? LONG_KILLS : KILLS)) {
        kill_one(&e, &rng, &figures);
        runs++;
    }
    (void)printf("seed %llu: %u kill -9 in %u runs, %u samples announced: %u lost, %u doubled\n",
                 (unsigned long long)seed, figures.interruptions, runs, figures.announced, figures.lost,
                 figures.doubled);
}

/* Errored samples that are executed again, killed meanwhile: each is superseded once, by its one new record. */
static void while_retrying(void)
{
    enum { RETRIED = 40 };
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct rng rng;
    rng_seed(&rng, 2);
    resume_write(&e, RETRIED);
    e2e_write(&e, "suite.yaml",
              "suite: flaky\ntarget: {shell: 'sleep 0.01; test -e well && echo yes'}\nconcurrency: 2\n"
              "dataset: {file: rows.jsonl, id: 'case-{{n}}', input: '{{n}}'}\nscorers: [{exact: 'yes'}]\n");
    CHECK_INT("all are errored", e2e_sh(&e, "assay run suite.yaml -q --run-id t").exit_code, 3);
    e2e_write(&e, "well", "");
    struct e2e_done done = {.exit_code = -1};
    unsigned kills = 0;
    for (int i = 0; i < MOST_TRIES && done.exit_code != 0; i++) {
        struct e2e_child child = e2e_start(&e, "exec assay resume t --retry-errors -q");
        e2e_pause((int)rng_below(&rng, MOST_PAUSE_MS));
        e2e_signal(&child, SIGKILL);
        done = e2e_finish(&child);
        kills += done.exit_code != 0 ? 1 : 0;
    }
    CHECK_INT("all are well", done.exit_code, 0);
    CHECK("it was killed", kills > 0);
    CHECK_INT("new records", e2e_count(&e, "SELECT count(*) FROM span WHERE superseded IS NULL AND state = 0"),
              RETRIED);
    CHECK_INT("old records", e2e_count(&e, "SELECT count(*) FROM span WHERE superseded = 1 AND state = 1"), RETRIED);
    CHECK_INT("and no others", e2e_count(&e, "SELECT count(*) FROM span"), 2 * RETRIED);
    CHECK_INT("each by an id of its own", e2e_count(&e, "SELECT count(DISTINCT id) FROM span"), 2 * RETRIED);
}

/* strace counts each kind of call by itself; it traces the program, not what that starts. */
static const char *const CALLS[] = {"openat",    "mkdir", "pwrite64", "write",  "fdatasync", "fsync",  "ftruncate",
                                    "fallocate", "fcntl", "flock",    "pipe2",  "vfork",     "clone",  "clone3",
                                    "kill",      "wait4", "waitid",   "unlink", "unlinkat",  "rename", "renameat2"};

static struct e2e_done at_position(struct e2e *e, const char *call, unsigned position)
{
    const char *before = arena_printf(&e->arena,
                                      "env ASAN_OPTIONS=detect_leaks=0:exitcode=86 strace -qq -o /dev/null -e trace=%s "
                                      "-e inject=%s:signal=SIGKILL:when=%u",
                                      call, call, position)
                             .ptr;
    struct e2e_child child = e2e_start(e, "%s", resume_script(e, before));
    struct e2e_done done = e2e_finish(&child);
    resume_note(e, done.err);
    return done;
}

/* Kills at the position, goes on, killed there again, goes on undisturbed. False when the run had no such position. */
static bool sweep_one(struct e2e *e, const char *call, unsigned position, struct resume_figures *figures)
{
    (void)e2e_sh(e, "rm -rf .assay announced");
    const char *row = arena_printf(&e->arena, "%s %u", call, position).ptr;
    struct e2e_done done = at_position(e, call, position);
    if (done.exit_code == 0) {
        return false;
    }
    figures->interruptions++;
    for (int i = 0; i < 2 && done.exit_code != 0; i++) {
        CHECK_INT(row, done.exit_code, 128 + SIGKILL);
        if (i == 0) {
            done = at_position(e, call, position);
            figures->interruptions += done.exit_code != 0 ? 1 : 0;
        } else {
            struct e2e_child child = e2e_start(e, "%s", resume_script(e, ""));
            done = e2e_finish(&child);
            resume_note(e, done.err);
        }
    }
    CHECK_INT(row, done.exit_code, 0);
    resume_judge(e, row, figures);
    return true;
}

static void at_every_position(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    if (!is_long || e2e_sh(&e, "strace -qq -o /dev/null true").exit_code != 0) {
        (void)printf("skipped: the sweep over system calls is for --long and needs strace\n");
        return;
    }
    struct resume_figures all = {0};
    unsigned positions = 0;
    resume_write(&e, SWEEP_CASES);
    resume_calm(&e);
    for (size_t i = 0; i < ARRAY_LEN(CALLS); i++) {
        if (e2e_sh(&e, "strace -qq -o /dev/null -e trace=%s true", CALLS[i]).exit_code != 0) {
            continue; /* not a call of this machine */
        }
        struct resume_figures figures = {0};
        unsigned position = 1;
        while (sweep_one(&e, CALLS[i], position, &figures)) {
            position++;
        }
        (void)printf("%-10s %4u positions, %4u kills, %5u announced: %u lost, %u doubled\n", CALLS[i], position - 1,
                     figures.interruptions, figures.announced, figures.lost, figures.doubled);
        (void)fflush(stdout);
        positions += position - 1;
        all.interruptions += figures.interruptions;
        all.lost += figures.lost;
        all.doubled += figures.doubled;
    }
    (void)printf("all %u positions, %u kill -9: %u lost, %u doubled\n", positions, all.interruptions, all.lost,
                 all.doubled);
    CHECK("there were positions", positions > 50);
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    is_long = argc > 3 && strcmp(argv[3], "--long") == 0;
    static const struct check_test TESTS[] = {
        {"at random times", at_random},
        {"while retrying errors", while_retrying},
        {"at every position", at_every_position},
    };
    return check_run("e2e/kill", TESTS, ARRAY_LEN(TESTS));
}
