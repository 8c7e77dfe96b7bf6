/* One request against every fault that a server can make of its answer (tests/fault/server.c), and what is sent. */

#include "io/http.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/redact.h"
#include "base/secret.h"
#include "tests/check.h"
#include "tests/io/http_kit.h"

static const struct row {
    const char *name, *rule; /* what the server does */
    enum call_status status;
    unsigned http_status;
    bool is_unclear;
    int64_t retry_after_ms;    /* -1: none; -2: too long for any */
    const char *output, *says; /* the body begins so; the detail holds that */
    int timeout_ms;            /* 0 = 20 s */
} rows[] = {
    {"200", "status=200 body={}", CALL_OK, 200, false, -1, "{}", "", 0},
    {"201", "status=201 body={}", CALL_OK, 201, false, -1, "{}", "", 0},
    {"204", "status=204", CALL_OK, 204, false, -1, "", "", 0},
    {"empty 200", "status=200 body=\"\"", CALL_OK, 200, false, -1, "", "", 0},
    {"an HTML page", "status=200 type=text/html body=<html>", CALL_OK, 200, false, -1, "<html>", "", 0},
    {"chunked", "status=200 body=0123456789 chunked", CALL_OK, 200, false, -1, "0123456789", "", 0},
    {"without a length", "status=200 body=0123456789 no-length", CALL_OK, 200, false, -1, "0123456789", "", 0},
    {"without a length, cut: only its reader can tell", "status=200 body=0123456789 no-length cut-body=5", CALL_OK, 200,
     false, -1, "01234", "", 0},
    {"100 first", "interim status=200 body={}", CALL_OK, 200, false, -1, "{}", "", 0},
    {"in drops", "status=200 body=0123456789 drip=7/1", CALL_OK, 200, false, -1, "0123456789", "", 0},
    {"late", "status=200 body={} delay=50", CALL_OK, 200, false, -1, "{}", "", 0},
    {"and closes", "status=200 body={} close", CALL_OK, 200, false, -1, "{}", "", 0},

    {"400", "status=400 body=\"{\\\"detail\\\":1}\"", CALL_HTTP_STATUS, 400, false, -1, "{\"detail\"", "", 0},
    {"401", "status=401 body=no", CALL_HTTP_STATUS, 401, false, -1, "no", "", 0},
    {"402", "status=402", CALL_HTTP_STATUS, 402, false, -1, "", "", 0},
    {"403", "status=403", CALL_HTTP_STATUS, 403, false, -1, "", "", 0},
    {"404", "status=404", CALL_HTTP_STATUS, 404, false, -1, "", "", 0},
    {"408", "status=408", CALL_HTTP_STATUS, 408, false, -1, "", "", 0},
    {"409", "status=409", CALL_HTTP_STATUS, 409, false, -1, "", "", 0},
    {"422", "status=422", CALL_HTTP_STATUS, 422, false, -1, "", "", 0},
    {"500", "status=500 body=oops", CALL_HTTP_STATUS, 500, false, -1, "oops", "", 0},
    {"502", "status=502 type=text/html body=<h1>", CALL_HTTP_STATUS, 502, false, -1, "<h1>", "", 0},
    {"504", "status=504", CALL_HTTP_STATUS, 504, false, -1, "", "", 0},
    {"999", "status=999", CALL_HTTP_STATUS, 999, false, -1, "", "", 0},

    {"429", "status=429", CALL_HTTP_STATUS, 429, false, -1, "", "", 0},
    {"429, seconds", "status=429 retry-after=2", CALL_HTTP_STATUS, 429, false, 2000, "", "", 0},
    {"503, seconds", "status=503 retry-after=2", CALL_HTTP_STATUS, 503, false, 2000, "", "", 0},
    {"429, a fraction", "status=429 retry-after=1.5", CALL_HTTP_STATUS, 429, false, 1500, "", "", 0},
    {"429, negative", "status=429 retry-after=-5", CALL_HTTP_STATUS, 429, false, -1, "", "", 0},
    {"429, beyond all numbers", "status=429 retry-after=100000000000000000000", CALL_HTTP_STATUS, 429, false, -2, "",
     "", 0},
    {"429, nonsense", "status=429 retry-after=soon", CALL_HTTP_STATUS, 429, false, -1, "", "", 0},
    {"429, twice", "status=429 retry-after=3 retry-after=7 retry-after=5", CALL_HTTP_STATUS, 429, false, 7000, "", "",
     0},
    {"429, one of them nonsense", "status=429 retry-after=soon retry-after=7", CALL_HTTP_STATUS, 429, false, 7000, "",
     "", 0},
    {"429, a date, by the answer's clock",
     "status=429 header=\"Date: Sun, 06 Nov 1994 08:49:37 GMT\" retry-after=\"Sun, 06 Nov 1994 08:49:42 GMT\"",
     CALL_HTTP_STATUS, 429, false, 5000, "", "", 0},
    {"429, a date before the clock's",
     "status=429 retry-after=\"Sun, 06 Nov 1994 08:49:42 GMT\" header=\"date: Sun, 06 Nov 1994 08:49:37 GMT\"",
     CALL_HTTP_STATUS, 429, false, 5000, "", "", 0},
    {"429, a past date, by our clock", "status=429 retry-after=\"Sun, 06 Nov 1994 08:49:42 GMT\"", CALL_HTTP_STATUS,
     429, false, 0, "", "", 0},
    {"500 with it", "status=500 retry-after=2", CALL_HTTP_STATUS, 500, false, 2000, "", "", 0},
    {"200 with it", "status=200 retry-after=2", CALL_OK, 200, false, -1, "", "", 0},

    {"a redirect", "status=302 header=\"Location: http://127.0.0.2:9/x\"", CALL_HTTP_STATUS, 302, false, -1, "",
     "sends to 'http://127.0.0.2:9/x'", 0},
    {"307", "status=307 header=\"Location: /v2/other\"", CALL_HTTP_STATUS, 307, false, -1, "", "'/v2/other'", 0},

    {"cut short", "status=200 body=0123456789 cut-body=5", CALL_NETWORK, 0, true, -1, "", "127.0.0.1:", 0},
    {"an error cut short", "status=500 body=0123456789 cut-body=5", CALL_NETWORK, 0, true, -1, "", "", 0},
    {"cut in the headers", "status=200 body=0123456789 cut=30", CALL_NETWORK, 0, true, -1, "", "", 0},
    {"chunked, no end", "status=200 body=0123456789 chunked cut-body=9", CALL_NETWORK, 0, true, -1, "", "", 0},
    {"reset in the body", "status=200 body=0123456789 cut-body=5 rst", CALL_NETWORK, 0, true, -1, "", "", 0},
    {"closed without an answer", "close", CALL_NETWORK, 0, true, -1, "", "Empty reply", 0},
    {"done, and closed without an answer", "act close", CALL_NETWORK, 0, true, -1, "", "", 0},
    {"reset without an answer", "rst", CALL_NETWORK, 0, true, -1, "", "", 0},
    {"not HTTP", "raw=\"hello\\r\\n\\r\\n\" close", CALL_NETWORK, 0, true, -1, "", "", 0},
    {"a status that is none", "raw=\"HTTP/1.1 abc\\r\\n\\r\\n\" close", CALL_NETWORK, 0, true, -1, "", "", 0},
    {"a length that is none", "raw=\"HTTP/1.1 200 OK\\r\\nContent-Length: -7\\r\\n\\r\\nx\" close", CALL_NETWORK, 0,
     true, -1, "", "", 0},
    {"bad chunks", "raw=\"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nxyz\\r\\n\" close", CALL_NETWORK,
     0, true, -1, "", "", 0},

    {"held", "hang", CALL_TIMEOUT, 0, true, -1, "", "", 300},
    {"held in the body", "status=200 body=0123456789 cut-body=5 hang", CALL_TIMEOUT, 0, true, -1, "", "", 300},
    {"too slow for its time", "status=200 body-bytes=100000 drip=10/10", CALL_TIMEOUT, 0, true, -1, "", "", 300},
    {"an error too slow for its time", "status=500 body-bytes=100000 drip=10/10", CALL_TIMEOUT, 0, true, -1, "", "",
     300},

    {"as much as may be", "status=200 body-bytes=70000", CALL_OK, 200, false, -1, "xxxx", "", 0},
    {"one byte more", "status=200 body-bytes=70001", CALL_OUTPUT_LIMIT, 0, true, -1, "",
     "an answer of more than 70000 bytes", 0},
    {"one more, in chunks", "status=200 body-bytes=70001 chunked", CALL_OUTPUT_LIMIT, 0, true, -1, "", "more than", 0},
    {"an endless body", "status=200 endless-body", CALL_OUTPUT_LIMIT, 0, true, -1, "", "more than", 0},
    {"an endless error", "status=500 endless-body", CALL_HTTP_STATUS, 500, false, -1, "endless", "", 0},
    {"endless headers", "status=200 endless-headers", CALL_NETWORK, 0, true, -1, "", "headers of more than", 0},
    {"a header without an end", "status=200 header=\"X: no\" endless-headers", CALL_NETWORK, 0, true, -1, "",
     "headers of more than", 0},
};

static void check_row(const struct row *row, const struct call_result *r)
{
    CHECK_INT(row->name, r->status, row->status);
    CHECK_INT(row->name, r->http_status, row->http_status);
    CHECK_INT(row->name, r->is_unclear, row->is_unclear);
    CHECK(row->name, !r->is_unreachable);
    CHECK(row->name, str_starts(r->output, str_from(row->output)));
    CHECK_CONTAINS(row->name, r->detail, row->says);
    CHECK(row->name, r->latency_ns > 0);
    if (row->retry_after_ms == -2) {
        CHECK(row->name, r->retry_after_ns > LIMIT_RETRY_AFTER_S * NS_PER_S);
    } else {
        CHECK_INT(row->name, r->retry_after_ns, row->retry_after_ms < 0 ? -1 : row->retry_after_ms * NS_PER_MS);
    }
}

static void test_answers(void)
{
    const char *args[2 * ARRAY_LEN(rows) + 1] = {NULL};
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        args[2 * i] = "--rule";
        args[2 * i + 1] = arena_printf(&arena, "path=/v2/row/%zu. : %s", i, rows[i].rule).ptr;
    }
    struct fault f CLEANUP(fault_stop) = fault_start(args);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig rig;
        rig_open(&rig); /* one each: a host that refused or throttled is held back */
        struct str path = arena_printf(&arena, "/v2/row/%zu.", i);
        struct call call = http_kit_post(&rig, &f, path.ptr, NULL);
        call.http.max_output = 70000;
        call.timeout_ns = rows[i].timeout_ms > 0 ? rows[i].timeout_ms * NS_PER_MS : call.timeout_ns;
        struct call_result result = rig_run(&rig, &call);
        check_row(&rows[i], &result);
        CHECK_INT("idle", perform_in_flight(rig.perform), 0);
        rig_close(&rig);
    }
    struct str ledger = fault_end(&f, &arena);
    CHECK_INT("each was sent once", fault_count(ledger, "total"), ARRAY_LEN(rows));
    CHECK_INT("and met its rule", fault_count(ledger, "faults"), ARRAY_LEN(rows));
}

/* What stands in the file, as text of at most 40 bytes. */
static const char *text_of(int fd)
{
    static char text[41];
    ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

/* An answer that is too large to be held goes to a file; one that is no success stays out of it. */
static void test_to_file(void)
{
    static const struct {
        const char *name, *rule;
        uint64_t max;
        enum call_status status;
        long long size;
        const char *filed, *output, *says;
    } answers[] = {
        {"a success", "status=200 body=0123456789", 10, CALL_OK, 10, "0123456789", "", ""},
        {"more than is held of any other", "status=200 body-bytes=9000000", 9000000, CALL_OK, 9000000, NULL, "", ""},
        {"a byte too many", "status=200 body=0123456789", 9, CALL_OUTPUT_LIMIT, 0, "", "", "more than 9 bytes"},
        {"an endless one", "status=200 endless-body", 200000, CALL_OUTPUT_LIMIT, -1, NULL, "",
         "more than 200000 bytes"},
        {"cut short", "status=200 body=0123456789 cut-body=5", 10, CALL_NETWORK, 5, "01234", "", ""},
        {"an error", "status=404 body=nothing", 10, CALL_HTTP_STATUS, 0, "", "nothing", ""},
        {"a longer error than fits the file", "status=500 body=0123456789012", 10, CALL_HTTP_STATUS, 0, "",
         "0123456789012", ""},
    };
    const char *args[2 * ARRAY_LEN(answers) + 1] = {NULL};
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        args[2 * i] = "--rule";
        args[2 * i + 1] = arena_printf(&arena, "path=/v2/row/%zu. : %s", i, answers[i].rule).ptr;
    }
    struct fault f CLEANUP(fault_stop) = fault_start(args);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct rig rig;
        rig_open(&rig);
        FILE *file = tmpfile();
        struct call call = http_kit_post(&rig, &f, arena_printf(&arena, "/v2/row/%zu.", i).ptr, NULL);
        call.http.max_output = answers[i].max;
        call.http.is_to_file = true;
        call.http.file = fileno(file);
        struct call_result result = rig_run(&rig, &call);
        CHECK_INT(answers[i].name, result.status, answers[i].status);
        CHECK_CSTR(answers[i].name, result.output, answers[i].output);
        CHECK_CONTAINS(answers[i].name, result.detail, answers[i].says);
        long long size = lseek(fileno(file), 0, SEEK_END);
        CHECK_INT(answers[i].name, size, answers[i].size >= 0 ? answers[i].size : size);
        if (answers[i].filed != NULL) {
            CHECK_CSTR(answers[i].name, str_from(text_of(fileno(file))), answers[i].filed);
        }
        rig_close(&rig);
        (void)fclose(file);
    }
}

/* A full disk is said as one. */
static void test_to_full_file(void)
{
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", ": status=200 body-bytes=100000", NULL});
    struct rig rig;
    rig_open(&rig);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct call call = http_kit_post(&rig, &f, "/v2/call", NULL);
    call.http.is_to_file = true;
    call.http.file = full;
    struct call_result result = rig_run(&rig, &call);
    CHECK_INT("full", result.status, CALL_OUTPUT_LIMIT);
    CHECK_CONTAINS("full", result.detail, "cannot be written to a file: No space left on device");
    rig_close(&rig);
    (void)close(full);
}

/* libcurl sends a request again by itself when the connection it had kept is closed before an answer comes: a metric would be stored twice. */
static void test_no_silent_repeat(void)
{
    static const struct {
        const char *name, *rule, *method;
    } faults[] = {
        {"closed", "reused : close", "POST"},  {"done, then closed", "reused : act close", "POST"},
        {"reset", "reused : rst", "POST"},     {"of a PATCH", "reused : close", "PATCH"},
        {"of a GET", "reused : close", "GET"},
    };
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-1234567890"));
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--rule", faults[i].rule, NULL});
        struct rig rig;
        rig_open(&rig);
        struct call call = http_kit_post(&rig, &f, "/v2/call", key);
        struct call_result first = rig_run(&rig, &call);
        CHECK_INT(faults[i].name, first.http_status, 200);
        call.http.method = faults[i].method;
        call.input = faults[i].method[0] == 'G' ? STR("") : call.input;
        struct call_result second = rig_run(&rig, &call);
        CHECK_INT(faults[i].name, second.status, CALL_NETWORK);
        CHECK(faults[i].name, second.is_unclear && !second.is_unreachable);
        struct call_result third = rig_run(&rig, &call);
        CHECK("a new connection", third.http_status > 0);
        rig_close(&rig);
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct str ledger = fault_end(&f, &arena);
        CHECK_INT(faults[i].name, fault_count(ledger, "total"), 3);
    }
}

static void check_head(const char *name, struct str requests, const char *has, bool wanted)
{
    CHECK_INT(name, str_find(requests, str_from(has), NULL), wanted);
}

static void test_what_is_sent(void)
{
    struct fault f CLEANUP(fault_stop) = fault_start(NULL);
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-\"\\/+%&<xyz1234"));
    struct rig rig;
    rig_open(&rig);
    char *body = arena_alloc(&rig.arena, 2 << 20);
    memset(body, ' ', 2 << 20);
    static const char text[] = "{\"name\":\"n\"}";
    memcpy(body, text, sizeof(text) - 1);
    struct call calls[] = {
        http_kit_post(&rig, &f, "/v2/spans", key),
        http_kit_post(&rig, &f, "/v2/spans/0df6f0d1-3515-46bf-b8a0-d8633e6161c1", key),
        http_kit_post(&rig, &f, "/v2/spans/0df6f0d1-3515-46bf-b8a0-d8633e6161c1", key),
        http_kit_post(&rig, &f, "/v2/spans/0df6f0d1-3515-46bf-b8a0-d8633e6161c1", key),
        http_kit_post(&rig, &f, "/v2/spans", key),
        http_kit_post(&rig, &f, "/v2/spans", key),
    };
    calls[0].input = (struct str){body, 2 << 20};
    calls[1].http.method = "GET";
    calls[2].http.method = "PATCH";
    calls[3].http.method = "DELETE";
    calls[1].input = calls[3].input = calls[4].input = STR("");
    static const struct {
        const char *method, *kind;
        unsigned status;
        bool has_body;
    } wanted[] = {
        {"POST", "create-span", 200, true},    {"GET", "get-span", 404, false},     {"PATCH", "patch-span", 404, true},
        {"DELETE", "delete-span", 404, false}, {"POST", "create-span", 422, false}, {"POST", "create-span", 200, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        struct call_result r = rig_run(&rig, &calls[i]);
        CHECK_INT(wanted[i].kind, r.http_status, wanted[i].status);
        CHECK_STR(wanted[i].kind, r.content_type, STR("application/json"));
    }
    rig_close(&rig);
    struct str ledger = fault_end(&f, &rig.arena);
    CHECK_INT("one connection for all", fault_count(ledger, "connections"), 1);
    CHECK_INT("the key stands in its header only", fault_count(ledger, "key_seen"), 0);
    struct str rest = fault_requests(&f, &rig.arena);
    struct str line;
    for (size_t i = 0; str_split(&rest, '\n', &line) && line.len > 0; i++) {
        check_head(wanted[i].method, line, wanted[i].method, true);
        check_head("its kind", line, wanted[i].kind, true);
        check_head("bearer", line, "\\r\\nAuthorization: Bearer op-\\\"\\\\/+%&<xyz1234\\r\\n", true);
        check_head("our name", line, "\\r\\nUser-Agent: assay/0.1.0\\r\\n", true);
        check_head("what we read", line, "\\r\\nAccept: application/json\\r\\n", true);
        check_head("what we send", line, "\\r\\nContent-Type: application/json\\r\\n", i != 1 && i != 3);
        check_head("no compression", line, "ncoding", false);
        check_head("no round trip before long bodies", line, "Expect", false);
        check_head("no cookies", line, "ookie", false);
        check_head("its length", line, "\\r\\nContent-Length: ", i != 1 && i != 3);
    }
    arena_deinit(&rig.arena);
}

/* A handle that is used again asks for the address it is given, whatever it asked for before. */
static void test_addresses_in_turn(void)
{
    static const struct {
        const char *path, *line;
    } asked[] = {
        {"/v2/a?x=1", "GET /v2/a?x=1 HTTP"},   {"/v2/a?x=/2", "GET /v2/a?x=/2 HTTP"},
        {"/v2/b", "GET /v2/b HTTP"},           {"?x=/1", "GET /?x=/1 HTTP"},
        {"?x=/2", "GET /?x=/2 HTTP"},          {"", "GET / HTTP"},
        {"/v2/x%2F/../y", "GET /v2/y HTTP"},   {"/v2/x%2Fy?q=%2F", "GET /v2/x%2Fy?q=%2F HTTP"},
        {"/v2/a%20b?", "GET /v2/a%20b? HTTP"}, {"/v2/c", "GET /v2/c HTTP"},
    };
    struct fault f CLEANUP(fault_stop) = fault_start(NULL);
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-1234567890"));
    struct rig rig;
    rig_open(&rig);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct call call = http_kit_post(&rig, &f, asked[i].path, key);
        call.http.method = "GET";
        call.input = STR("");
        CHECK(asked[i].path, rig_run(&rig, &call).http_status > 0);
    }
    struct call refused = http_kit_post_to(&rig, "http://exa{mple/v2/a", NULL);
    struct call_result r = rig_run(&rig, &refused);
    CHECK_INT("one that libcurl refuses", r.status, CALL_NETWORK);
    CHECK("one that libcurl refuses", r.http_status == 0 && !r.is_unclear);
    struct call blank = http_kit_post(&rig, &f, "/v2/a b", key);
    r = rig_run(&rig, &blank);
    CHECK_INT("one that is none, at a server that is known", r.status, CALL_NETWORK);
    CHECK_CONTAINS("one that is none, at a server that is known", r.detail, "percent-encoded");
    struct call next = http_kit_post(&rig, &f, "/v2/spans", key);
    CHECK_INT("and goes on", rig_run(&rig, &next).http_status, 200);
    rig_close(&rig);
    struct str ledger = fault_end(&f, &rig.arena);
    CHECK_INT("nothing else was sent", fault_count(ledger, "total"), ARRAY_LEN(asked) + 1);
    struct str rest = fault_requests(&f, &rig.arena);
    struct str line;
    for (size_t i = 0; i < ARRAY_LEN(asked) && str_split(&rest, '\n', &line); i++) {
        CHECK_CONTAINS(asked[i].path, line, asked[i].line);
    }
    arena_deinit(&rig.arena);
}

static size_t count_files(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir != NULL && readdir(dir) != NULL) {
        count++;
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return count;
}

static void test_many(void)
{
    enum { MANY = 2000 };
    size_t files_before = count_files();
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "p=0.05 : rst", "--rule", "p=0.05 : status=500", NULL});
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-1234567890"));
    struct rig rig;
    rig_open(&rig);
    perform_set_http_max(rig.perform, 64);
    struct call *calls = arena_array(&rig.arena, struct call, MANY);
    struct call_result *results = arena_array(&rig.arena, struct call_result, MANY);
    for (size_t i = 0; i < MANY; i++) {
        calls[i] = http_kit_post(&rig, &f, "/v2/call", key);
        calls[i].input = arena_printf(&rig.arena, "{\"name\":\"x\",\"input\":\"say: number %zu!\"}", i);
    }
    http_kit_run_all(&rig, calls, MANY, results);
    size_t good = 0;
    for (size_t i = 0; i < MANY; i++) {
        struct str own = arena_printf(&rig.arena, "\"number %zu!\"", i);
        good += results[i].status == CALL_OK ? 1 : 0;
        CHECK("each its own answer", results[i].status != CALL_OK || str_find(results[i].output, own, NULL));
        CHECK("or a fault", results[i].status == CALL_OK || results[i].http_status == 500 || results[i].is_unclear);
    }
    CHECK("most", good > MANY * 8 / 10 && good < MANY * 97 / 100);
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    rig_close(&rig);
    struct str ledger = fault_end(&f, &arena);
    CHECK_INT("each was sent once", fault_count(ledger, "total"), MANY);
    CHECK("at most as many as were said", fault_count(ledger, "max_in_flight") <= 64);
    CHECK("connections are kept", fault_count(ledger, "connections") < 64 + MANY / 10);
    CHECK_INT("and closed in the end", count_files(), files_before);
}

/* Limits of many seconds, on a clock that is fast. */
static void test_long_limits(void)
{
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "path=/v2/slow : status=200 body-bytes=100000 drip=3/20", "--rule",
                                          "path=/v2/silent : status=200 body={} delay=1600", "--rule",
                                          "path=/v2/steady : status=200 body-bytes=20000 drip=200/15", NULL});
    const struct clock clock = http_kit_fast_clock(40);
    struct rig rig;
    http_kit_open_fast(&rig, &clock);
    struct call call = http_kit_post(&rig, &f, "/v2/slow", NULL); /* 3 bytes in 0.8 s of that clock */
    call.timeout_ns = 1000 * NS_PER_S;
    struct call_result slow = rig_run(&rig, &call);
    CHECK_INT("an answer in drops", slow.status, CALL_TIMEOUT);
    CHECK_CONTAINS("an answer in drops", slow.detail, "less than 300 bytes in 30 s");
    CHECK("an answer in drops",
          slow.is_unclear && slow.latency_ns >= 30 * NS_PER_S && slow.latency_ns < 500 * NS_PER_S);
    call = http_kit_post(&rig, &f, "/v2/silent", NULL);
    call.timeout_ns = 1000 * NS_PER_S;
    CHECK_INT("thinking is not dripping", rig_run(&rig, &call).status, CALL_OK);
    call = http_kit_post(&rig, &f, "/v2/steady", NULL);
    call.timeout_ns = 1000 * NS_PER_S;
    CHECK_INT("slow but steady", rig_run(&rig, &call).status, CALL_OK);
    rig_close(&rig);
}

/* A listener whose queue is full answers no more. */
static void test_connect_limit(void)
{
    const struct clock clock = http_kit_fast_clock(20);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int waiting[4];
    CHECK("listens", bind(listener, (struct sockaddr *)(void *)&address, sizeof(address)) == 0 &&
                         listen(listener, 0) == 0 &&
                         getsockname(listener, (struct sockaddr *)(void *)&address, &len) == 0);
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(waiting[i], (struct sockaddr *)(void *)&address, sizeof(address));
    }
    struct rig rig;
    http_kit_open_fast(&rig, &clock);
    char url[64];
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/x", (unsigned)ntohs(address.sin_port));
    struct call call = http_kit_post_to(&rig, url, NULL);
    call.timeout_ns = 1000 * NS_PER_S;
    struct call_result r = rig_run(&rig, &call);
    CHECK_INT("not connected", r.status, CALL_NETWORK);
    CHECK_CONTAINS("not connected", r.detail, "no connection within 10 s");
    CHECK("nothing was sent", !r.is_unclear);
    call.timeout_ns = 2 * NS_PER_S;
    r = rig_run(&rig, &call);
    CHECK_INT("its own time is shorter", r.status, CALL_TIMEOUT);
    CHECK("nothing was sent", !r.is_unclear);
    rig_close(&rig);
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++) {
        (void)close(waiting[i]);
    }
    (void)close(listener);
}

static void test_not_sent(void)
{
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-1234567890"));
    const struct {
        const char *name, *url;
        const struct secret *key;
        const char *says;
        bool is_unreachable;
    } cases[] = {
        {"a closed port", "http://127.0.0.1:1/v2/x", NULL, "127.0.0.1:1: ", false},
        {"with a key in clear", "http://example.test/v2/x", key, "a key is never sent over plain http", true},
        {"with a key in clear, by number", "http://10.0.0.1/v2/x", key, "'10.0.0.1' is not this machine: use https",
         true},
        {"no address", "example.test", NULL, "https://", true},
        {"another protocol", "file:///etc/passwd", NULL, "https://", true},
        {"a password", "http://a:hidden@127.0.0.1/", NULL, "password", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig rig;
        rig_open(&rig);
        struct call call = http_kit_post_to(&rig, cases[i].url, cases[i].key);
        struct call_result r = rig_run(&rig, &call);
        CHECK_INT(cases[i].name, r.status, CALL_NETWORK);
        CHECK_CONTAINS(cases[i].name, r.detail, cases[i].says);
        CHECK_INT(cases[i].name, r.is_unreachable, cases[i].is_unreachable);
        CHECK(cases[i].name, !r.is_unclear && r.http_status == 0 && r.latency_ns == 0);
        CHECK(cases[i].name, !str_find(r.detail, STR("hidden"), NULL));
        rig_close(&rig);
    }
    struct rig rig;
    rig_open(&rig);
    struct call call = http_kit_post_to(&rig, "http://no-such-host.invalid/v2/x", NULL);
    call.timeout_ns = 5 * NS_PER_S;
    struct call_result r = rig_run(&rig, &call); /* where there is no resolver at all, it may take its time to say so */
    CHECK("an unknown name", r.status == CALL_NETWORK || r.status == CALL_TIMEOUT);
    CHECK("an unknown name", !r.is_unclear && r.http_status == 0);
    rig_close(&rig);
}

/* What fails in the moment it is begun wakes the loop at once: no descriptor and no timer of libcurl would. */
static void test_immediate_end(void)
{
    struct rig rig;
    rig_open(&rig);
    struct call call = http_kit_post_to(&rig, "http://127.0.0.1:1/v2/x", NULL);
    CHECK("started", perform_start(rig.perform, &call, NULL) == PERFORM_STARTED);
    CHECK("is over, or looked at within a moment",
          perform_next_ns(rig.perform) <= clock_ns(&CLOCK_SYSTEM) + 300 * NS_PER_MS);
    rig_close(&rig);
}

static void test_redacted(void)
{
    static const char key_text[] = "op-\"\\/+%&<xyz1234";
    static const char in_answer[] = "path=/v2/ok : status=200 body=\"{\\\"message\\\":\\\"{key:json} {key:url} "
                                    "{key:html} {key:base64}\\\"} {key}\"";
    struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){
        "--rule", in_answer, "--rule",
        "path=/v2/bad : status=400 body=\"key {key:8}... is invalid: {key}\" type=\"x/{key}\"", "--rule",
        "path=/v2/away : status=302 header=\"Location: /?k=op-%22%5C%2F%2B%25%26%3Cxyz1234\"", NULL});
    struct secret *key CLEANUP(secret_free) = secret_new(STR(key_text));
    struct redactor *redactor CLEANUP(redactor_free) = redactor_new();
    redactor_add(redactor, key);
    struct rig rig;
    rig_open(&rig);
    perform_set_redactor(rig.perform, redactor);
    struct call call = http_kit_post(&rig, &f, "/v2/ok", key);
    struct call_result r = rig_run(&rig, &call);
    CHECK_CSTR("an answer", r.output, "{\"message\":\"[redacted] [redacted] [redacted] [redacted]Q=\"} [redacted]");
    call = http_kit_post(&rig, &f, "/v2/bad", key);
    r = rig_run(&rig, &call);
    CHECK_CSTR("an error", r.output, "key [redacted]... is invalid: [redacted]");
    call = http_kit_post(&rig, &f, "/v2/away", key);
    r = rig_run(&rig, &call);
    CHECK_CONTAINS("a message", r.detail, "sends to '/?k=[redacted]'");
    struct call program =
        rig_shell(&rig, "printf '%s\\n' 'said op-\"\\/+%&<xyz1234.'; printf '%s\\n' 'log op-\"\\/+%&<x' >&2");
    r = rig_run(&rig, &program);
    CHECK_CSTR("a program's output", r.output, "said [redacted].\n");
    CHECK_CSTR("a program's messages", r.stderr_tail, "log [redacted]\n");
    rig_close(&rig);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"answers", test_answers},
        {"no silent repeat", test_no_silent_repeat},
        {"what is sent", test_what_is_sent},
        {"addresses in turn", test_addresses_in_turn},
        {"many", test_many},
        {"to a file", test_to_file},
        {"to a full file", test_to_full_file},
        {"long limits", test_long_limits},
        {"connect limit", test_connect_limit},
        {"not sent", test_not_sent},
        {"immediate end", test_immediate_end},
        {"redacted", test_redacted},
    };
    return check_run("http", tests, ARRAY_LEN(tests));
}
