#include "tests/io/rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "io/proc.h"
#include "tests/check.h"

static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C", NULL};

void rig_open(struct rig *rig)
{
    rig_open_at(rig, &CLOCK_SYSTEM);
}

void rig_open_at(struct rig *rig, const struct clock *clock)
{
    struct err err = ERR_NULL;
    *rig = (struct rig){.loop = loop_new(clock), .arena = ARENA_NULL};
    CHECK("signals", signals_open(&rig->signals, &err));
    loop_add(rig->loop, &rig->signals.watch);
    rig->perform = perform_new(rig->loop, &rig->signals);
}

void rig_close(struct rig *rig)
{
    perform_free(&rig->perform);
    loop_remove(rig->loop, &rig->signals.watch);
    signals_close(&rig->signals);
    loop_free(&rig->loop);
    arena_deinit(&rig->arena);
}

struct call rig_program(struct rig *rig, const char *const *argv)
{
    (void)rig;
    return (struct call){
        .kind = CALL_COMMAND,
        .command = {.path = argv[0],
                    .argv = argv,
                    .envp = environment,
                    .cwd = "/tmp",
                    .max_output = LIMIT_OUTPUT_BYTES,
                    .wants_tmpdir = true},
        .timeout_ns = 20 * NS_PER_S,
        .term_grace_ns = 5 * NS_PER_S,
    };
}

struct call rig_shell(struct rig *rig, const char *script)
{
    const char **argv = arena_array(&rig->arena, const char *, 4);
    argv[0] = "/bin/sh";
    argv[1] = "-c";
    argv[2] = script;
    return rig_program(rig, argv);
}

void rig_turn(struct rig *rig, int wait_ms)
{
    struct err err = ERR_NULL;
    int wait = rig->max_wait_ms > 0 && rig->max_wait_ms < wait_ms ? rig->max_wait_ms : wait_ms;
    int64_t until_ns = clock_ns(loop_clock(rig->loop)) + wait * NS_PER_MS;
    int64_t wanted_ns = perform_next_ns(rig->perform);
    CHECK("wait", loop_wait(rig->loop, wanted_ns < until_ns ? wanted_ns : until_ns, &err));
    perform_turn(rig->perform);
}

struct call_result rig_run(struct rig *rig, const struct call *call)
{
    struct call_result result = {.status = CALL_PROTOCOL};
    void *tag = NULL;
    const struct call *taken = NULL;
    CHECK("started", perform_start(rig->perform, call, rig) == PERFORM_STARTED);
    int64_t limit_ns = clock_ns(&CLOCK_SYSTEM) + 60 * NS_PER_S;
    while (!perform_take(rig->perform, &tag, &taken)) {
        if (clock_ns(&CLOCK_SYSTEM) > limit_ns) {
            CHECK("hangs", false);
            return result;
        }
        rig_turn(rig, 1000);
    }
    CHECK("its tag", tag == rig);
    CHECK("its call", taken == call);
    perform_result(rig->perform, taken, &rig->arena, &result);
    return result;
}

int64_t rig_elapsed_ms(int64_t since_ns)
{
    return (clock_ns(&CLOCK_SYSTEM) - since_ns) / NS_PER_MS;
}

bool rig_is_alive(long pid)
{
    char path[64];
    char line[512] = "";
    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        return false;
    }
    const char *state = fgets(line, sizeof(line), f) == NULL ? NULL : strrchr(line, ')');
    (void)fclose(f);
    return state != NULL && state[1] == ' ' && state[2] != 'Z' && state[2] != 'X';
}

bool rig_is_gone_soon(long pid)
{
    for (int i = 0; i < 500; i++) {
        if (!rig_is_alive(pid)) {
            return true;
        }
        (void)usleep(10000);
    }
    return false;
}

bool rig_is_emulated(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

static void read_name(uint64_t pid, char room[32])
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%llu/comm", (unsigned long long)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL || fgets(room, 32, f) == NULL) {
        room[0] = '\0';
    }
    if (f != NULL) {
        (void)fclose(f);
    }
}

/* By its name; before it has that, by ours: a program has its own as soon as we can look. */
static bool is_guard(uint64_t pid)
{
    char name[32];
    char ours[32];
    read_name(pid, name);
    read_name((uint64_t)getpid(), ours);
    return strcmp(name, "assay-guard\n") == 0 || strcmp(name, ours) == 0;
}

size_t rig_count_children(void)
{
    char list[65536];
    struct str rest = proc_children(getpid(), list, sizeof(list));
    struct str word;
    size_t count = 0;
    while (rest.len > 0 && str_split(&rest, ' ', &word)) {
        uint64_t pid = 0;
        count += num_parse_u64(str_trim(word), &pid) && !is_guard(pid) ? 1 : 0;
    }
    return count;
}

bool rig_has_no_children_soon(struct rig *rig)
{
    for (int i = 0; i < 100 && rig_count_children() > 0; i++) {
        rig_turn(rig, 20);
    }
    return rig_count_children() == 0;
}
