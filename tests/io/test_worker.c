#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/check.h"
#include "tests/io/rig.h"

static const char *helper;

static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", NULL};

/* A worker of `mode`, at most `max` of them, and calls to it. */
struct team {
    const char *argv[4];
    struct worker_spec spec;
    unsigned next;
};

static void team_init(struct team *team, const char *mode, uint32_t max)
{
    *team = (struct team){.argv = {helper, "worker", mode, NULL}};
    team->spec = (struct worker_spec){
        .key = team,
        .max = max,
        .program = {.path = helper, .argv = team->argv, .envp = environment, .cwd = "/tmp", .wants_tmpdir = true}};
}

static struct call team_call(struct rig *rig, struct team *team, const char *input)
{
    struct str id = arena_printf(&rig->arena, "id-%u", team->next++);
    return (struct call){
        .kind = CALL_WORKER,
        .worker = &team->spec,
        .worker_id = id,
        .input = arena_printf(&rig->arena, "{\"v\":1,\"id\":\"%s\",\"input\":\"%s\"}", id.ptr, input),
        .timeout_ns = 20 * NS_PER_S,
        .term_grace_ns = 5 * NS_PER_S,
    };
}

static struct call_result ask(struct rig *rig, struct team *team, const char *input)
{
    struct call call = team_call(rig, team, input);
    return rig_run(rig, &call);
}

static void close_down(struct rig *rig)
{
    perform_close_workers(rig->perform);
    int64_t limit_ns = clock_ns(&CLOCK_SYSTEM) + 30 * NS_PER_S;
    while ((perform_in_flight(rig->perform) > 0 || perform_has_programs(rig->perform)) &&
           clock_ns(&CLOCK_SYSTEM) < limit_ns) {
        rig_turn(rig, 1000);
    }
    CHECK("idle", perform_in_flight(rig->perform) == 0 && !perform_has_programs(rig->perform));
}

static void test_stays(void)
{
    struct rig rig;
    struct team team;
    rig_open(&rig);
    team_init(&team, "", 4);
    struct call_result first = ask(&rig, &team, "a");
    CHECK_INT("first", first.status, CALL_OK);
    CHECK("the whole line, without its newline",
          str_starts(first.output, STR("{\"id\":\"id-0\",\"output\":\"1 of ")) && str_ends(first.output, STR("\"}")));
    CHECK_CONTAINS("stderr", first.stderr_tail, "is up");
    struct call_result second = ask(&rig, &team, "b");
    CHECK_CONTAINS("the same program", second.output, "2 of ");
    CHECK_STR("stderr is that of the request", second.stderr_tail, STR(""));
    for (int i = 0; i < 2000; i++) {
        CHECK_INT("many", ask(&rig, &team, "x").status, CALL_OK);
    }
    CHECK_INT("one worker was enough", rig_count_children(), 1);
    close_down(&rig);
    CHECK_INT("gone", rig_count_children(), 0);
    rig_close(&rig);
}

static void test_faults(void)
{
    static const struct {
        const char *mode;
        enum call_status status;
        int number;
        const char *detail;
    } rows[] = {
        {"foreign", CALL_PROTOCOL, 0, "id 'somebody-else', not 'id-1'"},
        {"text", CALL_PROTOCOL, 0, "not JSON"},
        {"list", CALL_PROTOCOL, 0, "not a JSON object"},
        {"no-id", CALL_PROTOCOL, 0, "no \"id\""},
        {"two", CALL_PROTOCOL, 0, "more than one line"},
        {"exit", CALL_EXIT, 3, "exit 3"},
        {"exit0", CALL_PROTOCOL, 0, "ended without an answer"},
        {"abort", CALL_SIGNAL, 9, "signal 9"},
        {"close", CALL_PROTOCOL, 0, "closed its stdout"},
        {"flood", CALL_OUTPUT_LIMIT, 0, "longer than"},
        {"hang", CALL_TIMEOUT, 0, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig rig;
        struct team team;
        rig_open(&rig);
        team_init(&team, rows[i].mode, 1);
        CHECK_CONTAINS(rows[i].mode, ask(&rig, &team, "good").output, "1 of ");
        struct call bad = team_call(&rig, &team, "bad");
        bad.timeout_ns = rows[i].status == CALL_TIMEOUT ? 200 * NS_PER_MS : bad.timeout_ns;
        struct call_result r = rig_run(&rig, &bad);
        CHECK_INT(rows[i].mode, r.status, rows[i].status);
        CHECK_INT(rows[i].mode, r.exit_code + r.signal_number, rows[i].number);
        CHECK_CONTAINS(rows[i].mode, r.detail, rows[i].detail);
        CHECK_CONTAINS("and a new one", ask(&rig, &team, "good").output, "1 of ");
        CHECK_CONTAINS("that stays", ask(&rig, &team, "good").output, "2 of ");
        rig_close(&rig);
        CHECK_INT("none left", rig_count_children(), 0);
    }
}

static void test_stderr_of_the_dying(void)
{
    struct rig rig;
    struct team team;
    rig_open(&rig);
    team_init(&team, "exit", 1);
    CHECK_CONTAINS("why it ended", ask(&rig, &team, "bad").stderr_tail, "cannot go on");
    rig_close(&rig);
}

static void test_speaks_unasked(void)
{
    struct rig rig;
    struct team team;
    rig_open(&rig);
    team_init(&team, "chatter", 1);
    CHECK_CONTAINS("first", ask(&rig, &team, "x").output, "1 of ");
    for (int i = 0; i < 20; i++) {
        rig_turn(&rig, 10);
    }
    struct call_result r = ask(&rig, &team, "x");
    CHECK_INT("a fresh one answers", r.status, CALL_OK);
    CHECK_CONTAINS("a fresh one answers", r.output, "1 of ");
    rig_close(&rig);
}

static void test_never_answers(void)
{
    struct rig rig;
    struct team team;
    rig_open(&rig);
    team_init(&team, "exit", 1);
    for (int i = 0; i < 4; i++) {
        CHECK_INT("each by itself", ask(&rig, &team, "bad").status, CALL_EXIT);
    }
    struct call_result fifth = ask(&rig, &team, "bad");
    CHECK_INT("five starts", fifth.status, CALL_EXEC_FAILED);
    CHECK_CONTAINS("five starts", fifth.detail, "started 5 times and never answered; at last: exit 3");
    CHECK_INT("then no more", ask(&rig, &team, "good").status, CALL_EXEC_FAILED);
    CHECK_INT("none left", rig_count_children(), 0);
    struct team other;
    team_init(&other, "exit", 1);
    for (int i = 0; i < 12; i++) { /* an answer in between starts the count anew */
        CHECK_INT("bad", ask(&rig, &other, "bad").status, CALL_EXIT);
        CHECK_INT("good", ask(&rig, &other, "good").status, CALL_OK);
    }
    struct team missing;
    team_init(&missing, "", 1);
    missing.spec.program.path = "/nonexistent";
    missing.spec.program.argv = (const char *const[]){"/nonexistent", NULL};
    struct call_result r = ask(&rig, &missing, "x");
    CHECK_INT("cannot start", r.status, CALL_EXEC_FAILED);
    CHECK_CONTAINS("cannot start", r.detail, "cannot start '/nonexistent': No such file");
    rig_close(&rig);
}

/* More calls than workers: they wait their turn, none is lost, and no more than `max` programs run. */
static void test_pool(void)
{
    enum { CALLS = 500, AT_ONCE = 32, WORKERS = 3 };
    struct rig rig;
    struct team team;
    rig_open(&rig);
    team_init(&team, "", WORKERS);
    struct call *calls = arena_array(&rig.arena, struct call, CALLS);
    size_t started = 0;
    size_t done = 0;
    size_t right = 0;
    size_t most = 0;
    while (done < CALLS) {
        while (started < CALLS && perform_in_flight(rig.perform) < AT_ONCE) {
            calls[started] = team_call(&rig, &team, "x");
            CHECK("start", perform_start(rig.perform, &calls[started], NULL) == PERFORM_STARTED);
            started++;
        }
        size_t children = rig_count_children();
        most = children > most ? children : most;
        rig_turn(&rig, 5000);
        void *tag = NULL;
        const struct call *call = NULL;
        while (perform_take(rig.perform, &tag, &call)) {
            struct call_result r;
            perform_result(rig.perform, call, &rig.arena, &r);
            right += r.status == CALL_OK && str_find(r.output, call->worker_id, NULL) ? 1 : 0;
            done++;
        }
    }
    CHECK_INT("each its own", right, CALLS);
    CHECK_INT("as many as allowed", most, WORKERS);
    struct team second;
    team_init(&second, "", 1);
    CHECK_CONTAINS("another key, another program", ask(&rig, &second, "x").output, "1 of ");
    close_down(&rig);
    rig_close(&rig);
}

static void test_long_line(void)
{
    enum { BIG = 8 << 20 };
    struct rig rig;
    struct team team;
    rig_open(&rig);
    team_init(&team, "", 1);
    char *input = malloc(BIG);
    memset(input, 'x', BIG);
    input[BIG - 100] = '\0';
    CHECK_INT("8 MiB to the worker", ask(&rig, &team, input).status, CALL_OK);
    free(input);
    rig_close(&rig);
}

static void test_close(void)
{
    char file[] = "/tmp/assay-test-linger-XXXXXX";
    int fd = mkstemp(file);
    (void)close(fd);
    (void)unlink(file);
    char variable[128];
    (void)snprintf(variable, sizeof(variable), "LINGER_FILE=%s", file);
    const char *const env[] = {variable, NULL};
    struct rig rig;
    struct team team;
    rig_open(&rig);
    team_init(&team, "linger", 2);
    team.spec.program.envp = env;
    CHECK_INT("first", ask(&rig, &team, "x").status, CALL_OK);
    close_down(&rig);
    CHECK("it had time to finish", access(file, F_OK) == 0);
    (void)unlink(file);
    CHECK_INT("after the end a new one would start", ask(&rig, &team, "x").status, CALL_OK);
    rig_close(&rig);
    CHECK_INT("none left", rig_count_children(), 0);
}

static void test_cancel(void)
{
    struct rig rig;
    struct team team;
    rig_open(&rig);
    team_init(&team, "hang", 1);
    struct call calls[3];
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        calls[i] = team_call(&rig, &team, "bad");
        CHECK("start", perform_start(rig.perform, &calls[i], NULL) == PERFORM_STARTED);
    }
    rig_turn(&rig, 20);
    perform_cancel_all(rig.perform, false);
    void *tag = NULL;
    const struct call *call = NULL;
    size_t cancelled = 0;
    while (perform_take(rig.perform, &tag, &call)) {
        struct call_result r;
        perform_result(rig.perform, call, &rig.arena, &r);
        cancelled += r.status == CALL_CANCELLED ? 1 : 0;
    }
    CHECK_INT("the waiting ones too", cancelled, 3);
    while (perform_in_flight(rig.perform) > 0 || perform_has_programs(rig.perform)) {
        rig_turn(&rig, 1000);
    }
    CHECK_INT("none left", rig_count_children(), 0);
    rig_close(&rig);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"stays", test_stays},
        {"faults", test_faults},
        {"stderr of the dying", test_stderr_of_the_dying},
        {"speaks unasked", test_speaks_unasked},
        {"never answers", test_never_answers},
        {"pool", test_pool},
        {"long line", test_long_line},
        {"close", test_close},
        {"cancel", test_cancel},
    };
    helper = argc > 1 ? argv[1] : "";
    return check_run("worker", tests, ARRAY_LEN(tests));
}
