/* Many requests to one server: whose turn it is, how many at once, what all of them wait for, and when none is sent any more. */

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "tests/check.h"
#include "tests/io/http_kit.h"

enum { SOME = 40 };

struct queue_rig {
    struct rig rig;
    struct secret *key;
    struct call calls[SOME];
    struct call_result results[SOME];
};

static void open_queue(struct queue_rig *q, const struct fault *f, size_t max)
{
    *q = (struct queue_rig){.key = secret_new(STR("op-1234567890"))};
    rig_open(&q->rig);
    perform_set_http_max(q->rig.perform, max);
    for (size_t i = 0; i < SOME; i++) {
        q->calls[i] = http_kit_post(&q->rig, f, "/v2/call", q->key);
        q->calls[i].input = arena_printf(&q->rig.arena, "{\"name\":\"x\",\"input\":\"number %zu!\"}", i);
    }
}

static void close_queue(struct queue_rig *q)
{
    CHECK("idle", perform_in_flight(q->rig.perform) == 0 && !perform_has_programs(q->rig.perform));
    rig_close(&q->rig);
    secret_free(&q->key);
}

/* Milliseconds at which the server received its `number`th request (from 1). */
static int64_t received_ms(struct str requests, size_t number)
{
    struct str line;
    for (size_t i = 0; str_split(&requests, '\n', &line); i++) {
        size_t at = 0;
        if (i + 1 == number && str_find(line, STR("\"ms\":"), &at)) {
            return strtoll(line.ptr + at + 5, NULL, 10);
        }
    }
    return -1;
}

static size_t count_status(const struct queue_rig *q, enum call_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < SOME; i++) {
        count += q->results[i].status == status ? 1 : 0;
    }
    return count;
}

static void test_bound(void)
{
    static const size_t bounds[] = {1, 3, 20, 1000};
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--latency", "5", NULL});
        struct queue_rig q;
        open_queue(&q, &f, bounds[i]);
        http_kit_run_all(&q.rig, q.calls, SOME, q.results);
        CHECK_INT("all", count_status(&q, CALL_OK), SOME);
        close_queue(&q);
        struct str ledger = fault_end(&f, &arena);
        CHECK("at most that many", fault_count(ledger, "max_in_flight") <= bounds[i]);
        /* the server may see fewer at once than we have sent: it is slower on a busy machine */
        CHECK("on as many connections", fault_count(ledger, "connections") >= fault_count(ledger, "max_in_flight") &&
                                            fault_count(ledger, "connections") <= bounds[i]);
    }
}

/* What samples wait for goes first; what is written down has every eighth turn. */
static void test_order(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct fault f CLEANUP(fault_stop) = fault_start(NULL);
    struct queue_rig q;
    open_queue(&q, &f, 1);
    for (size_t i = 0; i < SOME; i++) {
        q.calls[i].http.priority = i < SOME / 2 ? HTTP_BEHIND : HTTP_FIRST;
    }
    http_kit_run_all(&q.rig, q.calls, SOME, q.results);
    close_queue(&q);
    (void)fault_end(&f, &arena);
    struct str rest = fault_requests(&f, &arena);
    struct str line;
    size_t behind_of_first_16 = 0;
    size_t expected_first = SOME / 2;
    for (size_t i = 0; str_split(&rest, '\n', &line) && line.len > 0; i++) {
        size_t at = 0;
        CHECK("a number", str_find(line, STR("number "), &at));
        size_t number = (size_t)strtoull(line.ptr + at + 7, NULL, 10);
        behind_of_first_16 += i < 16 && number < SOME / 2 ? 1 : 0;
        if (number >= SOME / 2) {
            CHECK_INT("in their order", number, expected_first++);
        }
    }
    CHECK_INT("two of sixteen", behind_of_first_16, 2);
}

/* A key that is refused: what is in flight together is all that the server sees. */
static void test_refused(void)
{
    static const struct {
        const char *rule;
        unsigned status;
        size_t max, seen;
    } rows[] = {
        {"any : status=401 delay=20", 401, 4, 4},
        {"any : status=403 delay=20", 403, 7, 7},
        {"any : status=402 delay=20", 402, 1, 1},
        {"n=13- : status=401 delay=20", 401, 4, 16}, /* in the middle: 12 were answered, 4 in flight */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--rule", rows[i].rule, NULL});
        struct queue_rig q;
        open_queue(&q, &f, rows[i].max);
        http_kit_run_all(&q.rig, q.calls, SOME, q.results);
        size_t refused = 0;
        size_t not_sent = 0;
        for (size_t k = 0; k < SOME; k++) {
            refused += q.results[k].status == CALL_HTTP_STATUS && q.results[k].http_status == rows[i].status ? 1 : 0;
            not_sent += str_find(q.results[k].detail, STR("not sent: 127.0.0.1:"), NULL) ? 1 : 0;
        }
        CHECK_INT(rows[i].rule, refused + count_status(&q, CALL_OK), SOME);
        struct call_result later = rig_run(&q.rig, &q.calls[0]);
        CHECK_INT("nor later", later.http_status, rows[i].status);
        close_queue(&q);
        struct str ledger = fault_end(&f, &arena);
        CHECK(rows[i].rule, fault_count(ledger, "total") <= rows[i].seen);
        CHECK_INT(rows[i].rule, fault_count(ledger, "total") + not_sent, SOME);
    }
}

/* Who may call may still not be allowed to record: the one is not stopped by the other, nor one key by another. */
static void test_refused_apart(void)
{
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "kind=create-span : status=401", NULL});
    struct queue_rig q;
    open_queue(&q, &f, 2);
    struct call record = http_kit_post(&q.rig, &f, "/v2/spans", q.key);
    record.http.priority = HTTP_BEHIND;
    CHECK_INT("may not record", rig_run(&q.rig, &record).http_status, 401);
    CHECK_CONTAINS("is not asked again", rig_run(&q.rig, &record).detail, "not sent");
    CHECK_INT("may call", rig_run(&q.rig, &q.calls[0]).http_status, 200);
    struct secret *other CLEANUP(secret_free) = secret_new(STR("op-another-key"));
    record.http.key = other;
    CHECK_CSTR("another key is asked for", rig_run(&q.rig, &record).detail, "");
    close_queue(&q);
}

static void test_pause(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "n=1 : status=429 retry-after=0.4", NULL});
    struct queue_rig q;
    open_queue(&q, &f, 1);
    q.calls[1].http.deadline_ns = clock_ns(&CLOCK_SYSTEM) + 60 * NS_PER_S;
    q.calls[2].http.deadline_ns = clock_ns(&CLOCK_SYSTEM) + 300 * NS_PER_MS; /* before the pause is over */
    q.calls[3].http.deadline_ns = clock_ns(&CLOCK_SYSTEM) - 1;
    int64_t began_ns = clock_ns(&CLOCK_SYSTEM);
    for (size_t i = 0; i < 5; i++) {
        CHECK("taken", perform_start(q.rig.perform, &q.calls[i], &q.results[i]) == PERFORM_STARTED);
    }
    void *tag = NULL;
    const struct call *call = NULL;
    size_t order[5];
    for (size_t taken = 0; taken < 5;) {
        if (perform_take(q.rig.perform, &tag, &call)) {
            perform_result(q.rig.perform, call, &q.rig.arena, tag);
            order[taken++] = (size_t)(call - q.calls);
        } else {
            rig_turn(&q.rig, 1000);
        }
    }
    CHECK_INT("no time left: at once", order[0], 3);
    CHECK_INT("the one that was told to wait", order[1], 0);
    CHECK_INT("the pause is beyond its deadline: at once", order[2], 2);
    CHECK_INT("times out", q.results[2].status, CALL_TIMEOUT);
    CHECK_CONTAINS("says why", q.results[2].detail, "a pause beyond the deadline");
    CHECK_INT("times out", q.results[3].status, CALL_TIMEOUT);
    CHECK("nothing was sent", !q.results[2].is_unclear && !q.results[3].is_unclear);
    CHECK("the others waited", clock_ns(&CLOCK_SYSTEM) - began_ns >= 400 * NS_PER_MS);
    CHECK("their own time did not run", q.results[1].status == CALL_OK && q.results[1].latency_ns < 300 * NS_PER_MS);
    close_queue(&q);
    CHECK_INT("three were sent", fault_count(fault_end(&f, &arena), "total"), 3);
    struct str requests = fault_requests(&f, &arena);
    CHECK("the whole server was left alone", received_ms(requests, 2) - received_ms(requests, 1) >= 399);
}

/* A server that takes eight at once and says so to the ninth. */
static void test_adapts(void)
{
    enum { MANY = 600 };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--max-in-flight", "8", "--retry-after", "0.05", "--latency", "2", NULL});
    struct queue_rig q;
    open_queue(&q, &f, 64);
    size_t good = 0;
    size_t throttled = 0;
    for (size_t round = 0; round < MANY / SOME; round++) {
        http_kit_run_all(&q.rig, q.calls, SOME, q.results);
        good += count_status(&q, CALL_OK);
        throttled += count_status(&q, CALL_HTTP_STATUS);
    }
    close_queue(&q);
    struct str ledger = fault_end(&f, &arena);
    CHECK_INT("every one had an answer", good + throttled, MANY);
    CHECK_INT("those", fault_count(ledger, "429"), throttled);
    CHECK("it finds its pace", throttled < MANY / 5);
}

static void test_unreachable(void)
{
    struct fault f CLEANUP(fault_stop) = fault_start(NULL);
    struct queue_rig q;
    open_queue(&q, &f, 4);
    for (size_t i = 0; i < SOME; i++) {
        q.calls[i].http.url = "http://127.0.0.1:1/v2/call";
    }
    http_kit_run_all(&q.rig, q.calls, SOME, q.results);
    CHECK_INT("none", count_status(&q, CALL_NETWORK), SOME);
    size_t tried = 0;
    size_t cut_off = 0;
    for (size_t i = 0; i < SOME; i++) {
        bool is_not_sent = str_find(q.results[i].detail, STR("could not be reached, several times in a row"), NULL);
        tried += is_not_sent ? 0 : 1;
        cut_off += q.results[i].is_unreachable ? 1 : 0;
        CHECK("not unclear", !q.results[i].is_unclear);
    }
    CHECK_INT("those that were sent together, and three more one by one", tried, 4 + 3);
    CHECK_INT("the rest is told that it is of no use", cut_off, SOME - tried + 1);
    struct call other = http_kit_post(&q.rig, &f, "/v2/call", q.key);
    other.input = STR("{\"name\":\"x\"}");
    CHECK_INT("another server is another matter", rig_run(&q.rig, &other).status, CALL_OK);
    close_queue(&q);
}

static void test_cancel(void)
{
    struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--rule", "times=3 : hang", NULL});
    struct queue_rig q;
    open_queue(&q, &f, 3);
    for (size_t i = 0; i < SOME; i++) {
        CHECK("taken", perform_start(q.rig.perform, &q.calls[i], &q.results[i]) == PERFORM_STARTED);
    }
    CHECK_INT("all of them are in flight for those who wait", perform_in_flight(q.rig.perform), SOME);
    for (int i = 0; i < 20; i++) {
        rig_turn(&q.rig, 10);
    }
    perform_cancel_all(q.rig.perform, false);
    void *tag = NULL;
    const struct call *call = NULL;
    size_t unclear = 0;
    while (perform_take(q.rig.perform, &tag, &call)) {
        struct call_result *result = tag;
        perform_result(q.rig.perform, call, &q.rig.arena, result);
        unclear += result->is_unclear ? 1 : 0;
    }
    CHECK_INT("all at once", count_status(&q, CALL_CANCELLED), SOME);
    CHECK_INT("three had been sent", unclear, 3);
    CHECK_INT("others go on", rig_run(&q.rig, &q.calls[0]).status, CALL_OK);
    close_queue(&q);
    struct queue_rig left;
    open_queue(&left, &f, 3);
    (void)perform_start(left.rig.perform, &left.calls[0], NULL);
    rig_turn(&left.rig, 10);
    (void)perform_start(left.rig.perform, &left.calls[1], NULL);
    rig_close(&left.rig); /* with requests under way: nothing leaks */
    secret_free(&left.key);
}

/* Descriptors run out: fewer at once, and no request suffers. */
static void test_few_files(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--latency", "3", NULL});
    struct queue_rig q;
    struct rlimit former;
    open_queue(&q, &f, 64);
    CHECK_INT("the first connection is there", rig_run(&q.rig, &q.calls[0]).status, CALL_OK);
    int lowest = dup(0);
    CHECK_INT("limit", getrlimit(RLIMIT_NOFILE, &former), 0);
    const struct rlimit few = {(rlim_t)lowest + 3, former.rlim_max};
    (void)close(lowest);
    CHECK_INT("limit", setrlimit(RLIMIT_NOFILE, &few), 0);
    http_kit_run_all(&q.rig, q.calls, SOME, q.results);
    (void)setrlimit(RLIMIT_NOFILE, &former);
    CHECK_INT("all", count_status(&q, CALL_OK), SOME);
    close_queue(&q);
    struct str ledger = fault_end(&f, &arena);
    CHECK("as many as there was room for", fault_count(ledger, "max_in_flight") <= 4);
    CHECK_INT("none twice", fault_count(ledger, "total"), SOME + 1);
}

/* Answers that are more than may be held at once: some wait, none is lost. */
static void test_more_than_may_be_held(void)
{
    enum { BYTES = 8 << 20 };
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "any : status=200 body-bytes=8388608 drip=100000/5", NULL});
    struct queue_rig q;
    open_queue(&q, &f, SOME);
    for (size_t i = 0; i < SOME; i++) {
        q.calls[i].timeout_ns = 120 * NS_PER_S;
        CHECK("taken", perform_start(q.rig.perform, &q.calls[i], NULL) == PERFORM_STARTED);
    }
    size_t whole = 0;
    for (size_t done = 0; done < SOME;) {
        struct arena results CLEANUP(arena_deinit) = ARENA_NULL;
        struct call_result r;
        void *tag = NULL;
        const struct call *call = NULL;
        if (perform_take(q.rig.perform, &tag, &call)) {
            perform_result(q.rig.perform, call, &results, &r);
            whole += r.status == CALL_OK && r.output.len == BYTES ? 1 : 0;
            done++;
        } else {
            rig_turn(&q.rig, 1000);
        }
    }
    CHECK_INT("whole", whole, SOME);
    close_queue(&q);
}

/* Ctrl-Z: the time of a request stands still with us. */
static void test_stop(void)
{
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "any : status=200 body={} delay=2000", NULL});
    struct queue_rig q;
    open_queue(&q, &f, 3);
    pid_t us = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        (void)usleep(100000);
        (void)kill(us, SIGTSTP);
        (void)usleep(1500000);
        (void)kill(us, SIGCONT);
        _exit(0);
    }
    q.calls[0].timeout_ns = 1300 * NS_PER_MS; /* less than the pause; the answer comes after it */
    struct call_result result = rig_run(&q.rig, &q.calls[0]);
    CHECK_INT("no time-out", result.status, CALL_OK);
    CHECK("its latency neither", result.latency_ns < NS_PER_S);
    (void)waitpid(pid, NULL, 0);
    close_queue(&q);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"bound", test_bound},
        {"order", test_order},
        {"refused", test_refused},
        {"refused apart", test_refused_apart},
        {"pause", test_pause},
        {"adapts", test_adapts},
        {"unreachable", test_unreachable},
        {"cancel", test_cancel},
        {"few files", test_few_files},
        {"more than may be held", test_more_than_may_be_held},
        {"stop", test_stop},
    };
    return check_run("http_queue", tests, ARRAY_LEN(tests));
}
