/* The listener inside a loop of the test's own, with the test's clock: what a connection may do, and for how long. */

#include "serve/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "io/loop.h"
#include "tests/check.h"
#include "tests/serve/wire_client.h"

static int64_t fake_ns(const struct clock *c)
{
    return c->fake_ns;
}

struct rig {
    struct clock clock;
    struct loop *loop;
    struct listener *listener;
    struct arena arena;
    size_t taken;
};

static void rig_open(struct rig *r)
{
    struct err err = ERR_NULL;
    *r = (struct rig){.clock = {.monotonic_ns = fake_ns, .fake_ns = NS_PER_S}};
    r->loop = loop_new(&r->clock);
    CHECK("opens", listener_open(r->loop, 0, &r->listener, &err));
    CHECK_CSTR("opens", str_from(err.text), "");
}

static void rig_close(struct rig *r)
{
    listener_close(&r->listener);
    loop_free(&r->loop);
    arena_deinit(&r->arena);
}

/* Turns until nothing happens for a moment: each request gets its path and the length of its body as its answer. */
static void rig_turn(struct rig *r)
{
    for (int quiet = 0; quiet < 5; quiet++) {
        struct err err = ERR_NULL;
        struct exchange *x = NULL;
        CHECK("waits", loop_wait(r->loop, r->clock.fake_ns, &err));
        listener_turn(r->listener);
        while ((x = listener_take(r->listener)) != NULL) {
            r->taken++;
            x->status = 200;
            buf_printf(&x->answer, "%.*s %zu", STR_ARG(x->path), x->body.len);
            listener_answer(x);
            quiet = -1;
        }
        (void)usleep(2000);
    }
}

static void rig_pass(struct rig *r, int64_t seconds)
{
    for (int64_t i = 0; i < seconds; i++) {
        r->clock.fake_ns += NS_PER_S;
        struct err err = ERR_NULL;
        CHECK("waits", loop_wait(r->loop, r->clock.fake_ns, &err));
        listener_turn(r->listener);
    }
    rig_turn(r);
}

/* Both ends are this process: what the socket does not take now, it takes after a turn. */
static void rig_send(struct rig *r, int fd, struct str bytes)
{
    for (int idle = 0; bytes.len > 0 && idle < 100;) {
        ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) {
            return;
        }
        bytes = str_slice(bytes, sent < 0 ? 0 : (size_t)sent, bytes.len);
        idle = sent < 0 ? idle + 1 : 0;
        struct err err = ERR_NULL;
        CHECK("waits", loop_wait(r->loop, sent < 0 ? r->clock.fake_ns + NS_PER_MS : r->clock.fake_ns, &err));
        listener_turn(r->listener);
    }
}

/* Turns until there is an answer, or the connection has ended. */
static struct client_answer rig_answer(struct rig *r, int fd, bool until_closed)
{
    struct client_answer answer = {0};
    for (int turns = 0; turns < 200; turns++) {
        rig_turn(r);
        struct client_answer more = client_read(&r->arena, fd, 0, until_closed);
        answer = more.status != 0 ? more : answer;
        answer.is_closed |= more.is_closed;
        if (answer.is_closed || (answer.status != 0 && !until_closed)) {
            break;
        }
    }
    return answer;
}

static bool is_open(int fd)
{
    char byte = 0;
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0;
}

static struct str request_to(struct rig *r, const char *line, const char *rest)
{
    return arena_printf(&r->arena, "%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s", line,
                        (unsigned)listener_port(r->listener), rest);
}

static void test_requests(void)
{
    struct rig r CLEANUP(rig_close);
    rig_open(&r);
    int fd = client_connect(listener_port(r.listener));
    client_send(fd, request_to(&r, "POST /a%2Fb?q=1", "Content-Length: 5\r\n\r\nhello"));
    struct client_answer answer = rig_answer(&r, fd, false);
    CHECK_INT("status", answer.status, 200);
    CHECK_CSTR("path not decoded, query apart", answer.body, "/a%2Fb 5");
    CHECK_CONTAINS("never kept", answer.head, "Cache-Control: no-store");
    CHECK_CONTAINS("never guessed", answer.head, "X-Content-Type-Options: nosniff");
    CHECK("no CORS", !str_find(answer.head, STR("Access-Control"), &(size_t){0}));

    client_send(fd,
                request_to(&r, "POST /chunks", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    rig_turn(&r);
    answer = client_read(&r.arena, fd, 0, false);
    CHECK_CSTR("the same connection, in chunks", answer.body, "/chunks 5");

    /* Two requests at once on one connection: one after the other. */
    client_send(fd, request_to(&r, "GET /1", "\r\n"));
    client_send(fd, request_to(&r, "GET /2", "\r\n"));
    rig_turn(&r);
    CHECK_INT("pipelined", r.taken, 4);
    (void)close(fd);
    rig_turn(&r);
    CHECK("idle", listener_is_idle(r.listener));
}

/* Bytes that are no request, or one that hides another: never taken, and the connection ends. */
static void test_refused(void)
{
    static const struct {
        const char *name, *line, *rest;
        unsigned status;
    } rows[] = {
        {"two lengths", "POST /x", "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400},
        {"two equal lengths", "POST /x", "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
        {"length and chunks", "POST /x",
         "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /y HTTP/1.1\r\n\r\n", 400},
        {"chunks and length", "POST /x",
         "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /y HTTP/1.1\r\n\r\n", 400},
        {"another coding", "POST /x", "Transfer-Encoding: identity\r\n\r\n", 400},
        {"two Hosts", "GET /x", "Host: evil.example\r\n\r\n", 403},
        {"a page of elsewhere", "POST /x", "Origin: http://evil.example\r\nContent-Length: 0\r\n\r\n", 403},
        {"whole address", "GET http://127.0.0.1/x", "\r\n", 400},
        {"star", "OPTIONS *", "\r\n", 400},
        {"too long to begin", "POST /x", "Content-Length: 16777217\r\n\r\n", 413},
        {"a length with a sign", "POST /x", "Content-Length: +5\r\n\r\nhello", 400},
        {"a negative length", "POST /x", "Content-Length: -5\r\n\r\nhello", 400},
        {"a bad chunk", "POST /x", "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r CLEANUP(rig_close);
        rig_open(&r);
        int fd = client_connect(listener_port(r.listener));
        client_send(fd, request_to(&r, rows[i].line, rows[i].rest));
        struct client_answer answer = rig_answer(&r, fd, true);
        CHECK_INT(rows[i].name, answer.status, rows[i].status);
        CHECK(rows[i].name, answer.is_closed);
        CHECK_INT(rows[i].name, r.taken, 0);
        (void)close(fd);
    }
}

/* Whatever the answer, nothing of these is taken for a request. */
static void test_no_requests(void)
{
    static const struct {
        const char *name, *bytes;
    } rows[] = {
        {"nonsense", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"},
        {"no version", "GET /x\r\n\r\n"},
        {"another version", "GET /x HTTP/9.9\r\n\r\n"},
        {"no Host", "GET /x HTTP/1.1\r\n\r\n"},
        {"old, no Host", "GET /x HTTP/1.0\r\n\r\n"},
        {"another's Host", "GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n"},
        {"blank before the colon", "GET /x HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n"},
        {"bare line ends", "GET /x HTTP/1.1\nHost: 127.0.0.1\n\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r CLEANUP(rig_close);
        rig_open(&r);
        int fd = client_connect(listener_port(r.listener));
        client_send(fd, str_from(rows[i].bytes));
        struct client_answer answer = rig_answer(&r, fd, true);
        CHECK(rows[i].name, answer.status == 0 || answer.status >= 400);
        CHECK_INT(rows[i].name, r.taken, 0);
        (void)close(fd);
    }
}

static void check_long(const char *name, struct rig *r, struct str bytes, unsigned status, size_t taken)
{
    int fd = client_connect(listener_port(r->listener));
    r->taken = 0;
    client_send(fd, bytes);
    rig_turn(r);
    struct client_answer answer = client_read(&r->arena, fd, 0, false);
    CHECK_INT(name, answer.status, status);
    CHECK_INT(name, r->taken, taken);
    (void)close(fd);
}

static struct str with_target(struct rig *r, size_t bytes)
{
    struct buf line CLEANUP(buf_deinit) = BUF(1 << 20);
    buf_append_cstr(&line, "GET /");
    buf_append_repeat(&line, 'x', bytes - 1);
    buf_append_char(&line, '\0');
    return request_to(r, line.ptr, "\r\n");
}

static struct str with_headers(struct rig *r, size_t bytes)
{
    struct buf rest CLEANUP(buf_deinit) = BUF(1 << 20);
    for (size_t i = 0; i * 100 < bytes; i++) {
        buf_printf(&rest, "X-%04zu: ", i);
        buf_append_repeat(&rest, 'x', 90);
        buf_append_cstr(&rest, "\r\n");
    }
    buf_append_cstr(&rest, "\r\n");
    buf_append_char(&rest, '\0');
    return request_to(r, "GET /x", rest.ptr);
}

static void test_long_heads(void)
{
    struct rig r CLEANUP(rig_close);
    rig_open(&r);
    check_long("a long line that fits", &r, with_target(&r, LIMIT_REQUEST_LINE_BYTES), 200, 1);
    check_long("a line too long", &r, with_target(&r, LIMIT_REQUEST_LINE_BYTES + 1), 414, 0);
    check_long("long headers that fit", &r, with_headers(&r, LIMIT_REQUEST_HEADER_BYTES - 200), 200, 1);
    check_long("headers too long", &r, with_headers(&r, LIMIT_REQUEST_HEADER_BYTES + 200), 431, 0);

    /* Its sender may get no answer: the connection is closed while bytes are on their way. */
    const struct str far_too_long[] = {with_target(&r, 200000), with_headers(&r, 200000)};
    for (size_t i = 0; i < ARRAY_LEN(far_too_long); i++) {
        int fd = client_connect(listener_port(r.listener));
        r.taken = 0;
        rig_send(&r, fd, far_too_long[i]);
        rig_turn(&r);
        struct client_answer answer = rig_answer(&r, fd, true);
        CHECK("far too long", answer.is_closed && (answer.status == 0 || answer.status >= 400));
        CHECK_INT("far too long", r.taken, 0);
        (void)close(fd);
    }
}

static void test_long_body(void)
{
    struct rig r CLEANUP(rig_close);
    rig_open(&r);
    int fd = client_connect(listener_port(r.listener));
    struct buf chunk CLEANUP(buf_deinit) = BUF(2 << 20);
    buf_append_cstr(&chunk, "10000\r\n");
    buf_append_repeat(&chunk, 'x', 0x10000);
    buf_append_cstr(&chunk, "\r\n");
    client_send(fd, request_to(&r, "POST /x", "Transfer-Encoding: chunked\r\n\r\n"));
    for (size_t i = 0; i < (LIMIT_REQUEST_BODY_BYTES >> 16) + 1; i++) {
        rig_send(&r, fd, buf_str(&chunk));
    }
    rig_send(&r, fd, STR("0\r\n\r\n"));
    struct client_answer answer = rig_answer(&r, fd, false);
    CHECK_INT("chunks over 16 MiB", answer.status, 413);
    CHECK_INT("chunks over 16 MiB", r.taken, 0);
    (void)close(fd);
}

static void test_deadlines(void)
{
    struct rig r CLEANUP(rig_close);
    rig_open(&r);
    uint16_t port = listener_port(r.listener);
    int silent = client_connect(port);
    int slow = client_connect(port);
    int half = client_connect(port);
    int body = client_connect(port);
    int kept = client_connect(port);
    client_send(half, STR("GET /x HTT"));
    client_send(body, request_to(&r, "POST /x", "Content-Length: 100\r\n\r\nhalf"));
    client_send(kept, request_to(&r, "GET /x", "\r\n"));
    rig_turn(&r);
    CHECK_INT("a quick one is answered", client_read(&r.arena, kept, 0, false).status, 200);
    for (int second = 0; second < 9; second++) {
        client_send(slow, second == 0 ? STR("GET /x HTTP/1.1\r\n") : STR("A: b\r\n"));
        rig_pass(&r, 1);
    }
    CHECK("not yet", is_open(silent) && is_open(slow) && is_open(half) && is_open(body) && is_open(kept));
    rig_pass(&r, 2);
    CHECK("said nothing in 10 s", !is_open(silent));
    CHECK("a drip of headers, 10 s", !is_open(slow));
    CHECK("half a line, 10 s", !is_open(half));
    CHECK("a body has longer", is_open(body));
    CHECK("so has a connection between requests", is_open(kept));
    client_send(kept, STR("GET /y HTTP/1.1\r\n"));
    rig_pass(&r, 11);
    CHECK("but not once the next request has begun", !is_open(kept));
    rig_pass(&r, 100);
    CHECK("a body, 120 s", !is_open(body));
    CHECK_INT("no half request was taken", r.taken, 1);
    int fds[] = {silent, slow, half, body, kept};
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        (void)close(fds[i]);
    }
}

static void test_port_in_use(void)
{
    struct rig r CLEANUP(rig_close);
    struct listener *second = NULL;
    struct err err = ERR_NULL;
    rig_open(&r);
    CHECK("refused", !listener_open(r.loop, listener_port(r.listener), &second, &err));
    CHECK_INT("refused", err.kind, ERR_NET);
    CHECK_CONTAINS("says what to do", str_from(err.text), "--port 0");
}

/* The end: what was taken may still be answered, and what was not is no leak. */
static void test_end(void)
{
    struct rig r CLEANUP(rig_close);
    rig_open(&r);
    struct err err = ERR_NULL;
    int answered = client_connect(listener_port(r.listener));
    int forgotten = client_connect(listener_port(r.listener));
    client_send(answered, request_to(&r, "GET /answered", "\r\n"));
    client_send(forgotten, request_to(&r, "GET /forgotten", "\r\n"));
    struct exchange *taken[2] = {NULL, NULL};
    for (size_t count = 0, turns = 0; count < 2 && turns < 100; turns++) {
        CHECK("waits", loop_wait(r.loop, r.clock.fake_ns, &err));
        listener_turn(r.listener);
        struct exchange *x = listener_take(r.listener);
        if (x != NULL) {
            taken[str_eq_cstr(x->path, "/answered") ? 0 : 1] = x;
            count++;
        }
        (void)usleep(1000);
    }
    CHECK("both are whole", taken[0] != NULL && taken[1] != NULL);
    listener_stop(r.listener);
    if (taken[0] != NULL) {
        taken[0]->status = 204;
        listener_answer(taken[0]);
    }
    struct client_answer answer = rig_answer(&r, answered, true);
    CHECK_INT("answered", answer.status, 204);
    CHECK("and closed", answer.is_closed);
    (void)close(answered);
    (void)close(forgotten);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"requests", test_requests},       {"refused", test_refused},
        {"no requests", test_no_requests}, {"long heads", test_long_heads},
        {"long body", test_long_body},     {"deadlines", test_deadlines},
        {"port in use", test_port_in_use}, {"end", test_end},
    };
    return check_run("serve/listener", tests, ARRAY_LEN(tests));
}
