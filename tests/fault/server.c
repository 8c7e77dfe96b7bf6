/* The fault server: a server of one thread on loopback that speaks enough of Opper's API v2 to judge a client by, and does to any request what a script
 * says. For tests; nothing in it is meant to be fast at the cost of being plain, yet 60,000 requests take it a few seconds.
 *
 *   fault_server --port-file FILE [OPTION]...
 *
 * It listens on a free port of 127.0.0.1 (--bind ADDRESS, --port N), writes "PORT\n" to FILE, and serves until SIGTERM. From a test in C:
 * tests/fault/fault.h. By hand:
 *
 *   build-test/tests/fault/fault_server --port-file /tmp/p --rule 'kind=create-metric p=0.02 : act close' --ledger /tmp/ledger &
 *   OPPER_API_KEY=any OPPER_BASE_URL=http://127.0.0.1:$(cat /tmp/p)/v2 assay run suite.yaml
 *
 * Options
 *   --rule TEXT, --rules FILE   the script, below, a rule a line; repeatable, the first rule that fits acts
 *   --seed N                    of what happens by probability (default 1)
 *   --key-file FILE             the only key that is let in, else any; 401 for others. (In a file, since a key in arguments would be a leak.)
 *   --repeat-span 200|409       what a second create of one span id is answered (default 409); it is never stored twice
 *   --repeat-metric 200|409     a second metric of one dimension on a span: stored again, as the real service may, or refused (default 200)
 *   --parent-must-exist         a span whose parent is not there is 404 (of a call it always is)
 *   --lag MS                    a metric is not listed before
 *   --latency MS                every answer waits; more than one at a time
 *   --max-in-flight N           more requests at once than this are answered 429
 *   --rate N                    more requests than this in a second are answered 429
 *   --retry-after TEXT          the header of these 429 (default: none)
 *   --ledger FILE               at the end what was stored, see below
 *   --requests FILE             every request as received, one JSON line: n, conn, on_conn (which of its connection), method, target, kind, head, body,
 *                               rule (from 1; 0 = none), ms (since the start)
 *   --raw FILE                  every byte received, but with "<authorization>" in place of that header's value: to look for keys in
 *
 * Script. One rule a line: WHEN... : WHAT...; '#' begins a comment. Words are parted by blanks; quotes hold words together and know \r \n \t \" \\.
 *   when   any, method=POST, path=PART, kind=KIND, reused (on a connection that served a request before); of the requests that fit so far: n=3, n=2-5,
 *          n=7-, every=10, p=0.02; times=2 (acts at most so often)
 *   what   An answer of its own, or none, keeps the request from having any effect unless `act` stands there: "act close" stores and says nothing.
 *          status=429 body=TEXT body-bytes=N type=MEDIA-TYPE header="Name: value" retry-after=TEXT raw=TEXT (the whole answer, head too)
 *          close, rst, hang: no answer, and the connection is closed, reset, or held; after an answer when there is one
 *          delay=MS, drip=BYTES/MS, cut=N (of the answer), cut-body=N, chunked, no-length (ends by close), interim ("100 Continue" first),
 *          endless-body, endless-headers
 *          In body and raw: {key} {key:json} {key:url} {key:html} {key:base64} {key:8} give back the key of the request (raw, escaped, its first
 *          eight bytes), as bad servers do.
 * Kinds: create-span get-span patch-span delete-span create-metric list-metrics get-metric patch-metric delete-metric list-traces get-trace call
 * function-call get-function connect other control.
 *
 * Calls (POST /call, POST /functions/ID/call) are answered by a function of the request alone: the message is what follows "say: " in the input
 * (to the end of the line), else "answer to INPUT". With an output_schema the payload is the JSON after "say: ", else made by the schema, numbers and
 * choices from a digest of the input. Usage is a token for 4 bytes, and one; cost 1e-6 USD for one of input, 4e-6 for one of output, and 10 % for the
 * platform. Functions: any id or name is there, but for the name "missing".
 *
 * Control: GET /_ledger, GET /_requests (counts only), POST /_stop. The ledger is JSON lines: {"kind":"span", its fields, "posts", "patches",
 * "metrics"} and {"kind":"call", ...} in the order of creation, last {"kind":"requests","total","connections","max_in_flight","faults","by":{KIND: n},
 * "by_status":{STATUS: n},"key_seen": how often a key that some request had as its bearer stood outside of that header, raw or its first 8 bytes}.
 *
 * Proxy: CONNECT host:port is a tunnel to an address by number; localhost and names that end in .test are 127.0.0.1. A target with scheme and host is
 * answered as if it had only a path. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "tests/fault/api.h"
#include "tests/fault/echo.h"
#include "tests/fault/framing.h"
#include "tests/fault/request.h"
#include "tests/fault/script.h"
#include "tests/fault/tally.h"

enum { MAX_REQUEST = 64 << 20, MAX_ANSWER = 64 << 20, READ_BYTES = 64 << 10 };

struct conn {
    struct conn *next;
    int fd, peer; /* peer: the other end of a tunnel, -1 = none */
    uint64_t number, requests;
    struct buf in, out;
    size_t sent;
    int64_t next_ns;         /* nothing is sent before */
    const struct rule *rule; /* of the answer that is being sent */
    bool is_answering, is_counted, is_over, closes;
};

struct server {
    int listener;
    struct conn *conns;
    size_t conn_count;
    struct pollfd *fds;
    size_t fds_cap;
    struct arena arena;
    struct script script;
    struct api api;
    struct api_options api_options;
    int64_t latency_ns;
    uint64_t max_in_flight, rate;
    const char *retry_after;
    uint64_t second_count; /* requests since second_ns */
    int64_t second_ns;
    struct tally tally;
};

static volatile sig_atomic_t is_ending;

static void end_soon(int number)
{
    (void)number;
    is_ending = 1;
}

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- answers */

static struct str rule_body(const struct rule *rule, struct buf *room, struct str key)
{
    echo_key(room, rule->body, key);
    buf_append_repeat(room, 'x', rule->body_bytes);
    return buf_str(room);
}

static void answer(struct server *s, struct conn *c, const struct request *r, const char *kind, struct rule *rule)
{
    int64_t now_ns = clock_ns(&CLOCK_SYSTEM);
    bool has_own = rule != NULL && (rule->status != 0 || rule->has_raw || rule->is_answerless);
    struct str key = str_slice(r->authorization, strlen("Bearer "), r->authorization.len);
    struct answer given = {.body = BUF(MAX_ANSWER)};
    struct buf room CLEANUP(buf_deinit) = BUF(MAX_ANSWER);
    if (!has_own || rule->acts) {
        api_answer(&s->api, r, kind, now_ns, clock_unix_ms(&CLOCK_SYSTEM), &given);
    }
    if (rule != NULL && rule->has_raw) {
        echo_key(&c->out, rule->raw, key);
    } else if (rule == NULL || !rule->is_answerless) {
        unsigned status = rule != NULL && rule->status != 0 ? rule->status : given.status;
        bool has_body = rule != NULL && (rule->has_body || rule->status != 0);
        framing_write(&c->out, rule, status, has_body ? rule_body(rule, &room, key) : buf_str(&given.body));
        tally_status(&s->tally, status);
    }
    buf_deinit(&given.body);
    s->tally.faults += rule != NULL ? 1 : 0;
    c->rule = rule;
    c->next_ns = now_ns + s->latency_ns + (rule == NULL ? 0 : rule->delay_ms * NS_PER_MS);
}

/* 429 by the options; false = within them. */
static bool throttle(struct server *s, struct conn *c)
{
    int64_t now_ns = clock_ns(&CLOCK_SYSTEM);
    if (now_ns - s->second_ns >= NS_PER_S) {
        s->second_ns = now_ns;
        s->second_count = 0;
    }
    s->second_count++;
    bool is_over =
        (s->max_in_flight > 0 && s->tally.in_flight > s->max_in_flight) || (s->rate > 0 && s->second_count > s->rate);
    if (!is_over) {
        return false;
    }
    struct str body = STR("{\"detail\":\"too many requests\"}");
    buf_printf(&c->out, "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
               body.len);
    if (s->retry_after != NULL) {
        buf_printf(&c->out, "Retry-After: %s\r\n", s->retry_after);
    }
    buf_append_cstr(&c->out, "\r\n");
    buf_append(&c->out, body);
    tally_status(&s->tally, 429);
    c->next_ns = now_ns + s->latency_ns;
    return true;
}

/* ---- control */

static void control(struct server *s, struct conn *c, const struct request *r)
{
    struct buf body CLEANUP(buf_deinit) = BUF((size_t)4 << 30);
    if (str_eq_cstr(r->path, "/_ledger")) {
        api_dump(&s->api, &body);
    }
    if (str_eq_cstr(r->path, "/_stop")) {
        is_ending = 1;
    }
    tally_dump(&s->tally, &body);
    c->out.max = body.len + 1024;
    framing_write(&c->out, NULL, 200, buf_str(&body));
    tally_flush(&s->tally);
    c->next_ns = 0;
    c->rule = NULL;
}

/* ---- connections */

static void close_conn(struct conn *c, bool is_reset)
{
    if (is_reset) {
        const struct linger now = {.l_onoff = 1, .l_linger = 0};
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    }
    c->is_over = true;
}

static void count_answered(struct server *s, struct conn *c)
{
    if (c->is_counted) {
        tally_answered(&s->tally);
    }
    c->is_counted = c->is_answering = false;
}

static void open_tunnel(struct conn *c, const struct request *r)
{
    char host[64];
    size_t colon = 0;
    uint64_t port = 0;
    struct sockaddr_in address = {.sin_family = AF_INET};
    bool ok = str_find_char(r->target, ':', &colon) && colon < sizeof(host) &&
              num_parse_u64(str_slice(r->target, colon + 1, r->target.len), &port) && port <= UINT16_MAX;
    if (ok) {
        (void)snprintf(host, sizeof(host), "%.*s", (int)colon, r->target.ptr);
        address.sin_port = htons((uint16_t)port);
        bool is_us = strcmp(host, "localhost") == 0 || str_ends(str_from(host), STR(".test"));
        ok = inet_pton(AF_INET, is_us ? "127.0.0.1" : host, &address.sin_addr) == 1;
    }
    int fd = ok ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0 || connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) != 0) {
        buf_append_cstr(&c->out, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
        if (fd >= 0) {
            (void)close(fd);
        }
        return;
    }
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    c->peer = fd;
    buf_append_cstr(&c->out, "HTTP/1.1 200 Connection established\r\n\r\n");
}

static void serve(struct server *s, struct conn *c, const struct request *r)
{
    const char *kind = api_kind(r);
    c->closes = r->wants_close;
    c->is_answering = true;
    c->rule = NULL;
    c->next_ns = 0;
    if (strcmp(kind, "control") == 0) {
        control(s, c, r);
        return;
    }
    c->requests++;
    c->is_counted = true;
    tally_request(&s->tally, r, kind);
    struct rule *rule = script_pick(&s->script, r->method, r->path, kind, c->requests > 1);
    tally_log(&s->tally, r, kind, c->number, c->requests,
              rule == NULL ? 0 : (uint64_t)(rule - s->script.rules.items) + 1);
    if (strcmp(kind, "connect") == 0 && rule == NULL) {
        open_tunnel(c, r);
    } else if (!throttle(s, c)) {
        answer(s, c, r, kind, rule);
    }
}

static void next_request(struct server *s, struct conn *c)
{
    struct request r;
    if (c->is_answering || c->is_over || c->in.len == 0) {
        return;
    }
    switch (request_parse(buf_str(&c->in), &r)) {
    case REQUEST_PARTIAL:
        return;
    case REQUEST_BAD:
        tally_status(&s->tally, 400);
        close_conn(c, false);
        return;
    case REQUEST_WHOLE:
        break;
    }
    serve(s, c, &r);
    buf_consume(&c->in, r.head.len + r.body.len);
}

static void finish_answer(struct server *s, struct conn *c)
{
    enum rule_end end = c->rule == NULL ? END_KEEP : c->rule->end;
    count_answered(s, c);
    buf_clear(&c->out);
    c->sent = 0;
    switch (end) {
    case END_HANG:
        c->is_answering = true; /* and never again another */
        c->next_ns = INT64_MAX;
        return;
    case END_CLOSE:
    case END_RST:
        close_conn(c, end == END_RST);
        return;
    case END_KEEP:
        break;
    }
    if (c->closes) {
        close_conn(c, false);
    }
}

static void refill_endless(struct conn *c)
{
    if (c->sent < c->out.len || c->rule == NULL || c->rule->endless == ENDLESS_NOTHING) {
        return;
    }
    buf_clear(&c->out);
    c->sent = 0;
    for (int i = 0; i < 64; i++) {
        buf_append_cstr(&c->out, c->rule->endless == ENDLESS_BODY
                                     ? "endless endless endless endless endless endless "
                                     : "X-Endless: a header that is followed by another\r\n");
    }
}

static void send_some(struct server *s, struct conn *c)
{
    int64_t now_ns = clock_ns(&CLOCK_SYSTEM);
    if (!c->is_answering || c->is_over || now_ns < c->next_ns) {
        return;
    }
    refill_endless(c);
    size_t left = c->out.len - c->sent;
    bool drips = c->rule != NULL && c->rule->drip_bytes > 0;
    size_t part = drips && c->rule->drip_bytes < left ? c->rule->drip_bytes : left;
    if (part > 0) {
        ssize_t wrote = send(c->fd, c->out.ptr + c->sent, part, MSG_NOSIGNAL);
        if (wrote < 0 && errno != EAGAIN && errno != EINTR) {
            count_answered(s, c);
            close_conn(c, false);
            return;
        }
        c->sent += wrote > 0 ? (size_t)wrote : 0;
        c->next_ns = drips ? now_ns + c->rule->drip_ms * NS_PER_MS : c->next_ns;
    }
    if (c->sent == c->out.len && (c->rule == NULL || c->rule->endless == ENDLESS_NOTHING)) {
        finish_answer(s, c);
        next_request(s, c);
    }
}

static void receive(struct server *s, struct conn *c)
{
    char *room = buf_reserve(&c->in, READ_BYTES);
    ssize_t got = room == NULL ? 0 : recv(c->fd, room, READ_BYTES, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            count_answered(s, c);
            close_conn(c, false);
        }
        return;
    }
    buf_advance(&c->in, (size_t)got);
    next_request(s, c);
}

static void relay(struct conn *c, int from, int to)
{
    char bytes[READ_BYTES];
    ssize_t got = recv(from, bytes, sizeof(bytes), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close_conn(c, false);
    }
    for (ssize_t sent = 0; sent < got;) {
        ssize_t wrote = send(to, bytes + sent, (size_t)(got - sent), MSG_NOSIGNAL);
        if (wrote < 0 && errno == EAGAIN) {
            struct pollfd fd = {to, POLLOUT, 0};
            (void)poll(&fd, 1, 1000);
        } else if (wrote < 0) {
            close_conn(c, false);
            return;
        }
        sent += wrote > 0 ? wrote : 0;
    }
}

static void accept_all(struct server *s)
{
    int fd = -1;
    while ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        const int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        struct conn *c = mem_alloc(sizeof(*c));
        *c = (struct conn){.next = s->conns,
                           .fd = fd,
                           .peer = -1,
                           .number = ++s->tally.connections,
                           .in = BUF(MAX_REQUEST),
                           .out = BUF(MAX_ANSWER)};
        s->conns = c;
        s->conn_count++;
    }
}

static void drop_closed(struct server *s, bool all)
{
    struct conn **at = &s->conns;
    while (*at != NULL) {
        struct conn *c = *at;
        if (!c->is_over && !all) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        (void)close(c->fd);
        if (c->peer >= 0) {
            (void)close(c->peer);
        }
        buf_deinit(&c->in);
        buf_deinit(&c->out);
        mem_free(c);
        s->conn_count--;
    }
}

/* ---- the loop */

static void wait_for(struct server *s)
{
    size_t count = 1 + 2 * s->conn_count;
    if (count > s->fds_cap) {
        s->fds_cap = count * 2;
        s->fds = mem_realloc(s->fds, s->fds_cap * sizeof(*s->fds));
    }
    s->fds[0] = (struct pollfd){s->listener, POLLIN, 0};
    int64_t now_ns = clock_ns(&CLOCK_SYSTEM);
    int64_t next_ns = INT64_MAX;
    size_t i = 1;
    for (const struct conn *c = s->conns; c != NULL; c = c->next) {
        bool sends = c->is_answering && now_ns >= c->next_ns;
        next_ns = c->is_answering && c->next_ns < next_ns ? c->next_ns : next_ns;
        s->fds[i++] = (struct pollfd){c->fd, (short)(POLLIN | (sends ? POLLOUT : 0)), 0};
        s->fds[i++] = (struct pollfd){c->peer, POLLIN, 0};
    }
    int wait_ms = 1000;
    if (next_ns != INT64_MAX) {
        int64_t left_ms = (next_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
        wait_ms = left_ms < 0 ? 0 : left_ms < wait_ms ? (int)left_ms : wait_ms;
    }
    if (poll(s->fds, count, wait_ms) < 0 && errno != EINTR) {
        give_up("poll");
    }
}

static void turn(struct server *s)
{
    size_t i = 1;
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        bool has_input = (s->fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
        bool peer_has_input = (s->fds[i + 1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
        i += 2;
        if (c->peer >= 0 && !c->is_answering) {
            if (has_input) {
                relay(c, c->fd, c->peer);
            }
            if (peer_has_input && !c->is_over) {
                relay(c, c->peer, c->fd);
            }
            continue;
        }
        if (has_input) {
            receive(s, c);
        }
        send_some(s, c);
    }
    if ((s->fds[0].revents & POLLIN) != 0) {
        accept_all(s);
    }
    drop_closed(s, false);
}

/* ---- start and end */

static void listen_at(struct server *s, const char *address_text, uint16_t port, const char *port_file)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof(address);
    const int on = 1;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->listener < 0 || inet_pton(AF_INET, address_text, &address.sin_addr) != 1 ||
        setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(s->listener, (const struct sockaddr *)(const void *)&address, sizeof(address)) != 0 ||
        listen(s->listener, 4096) != 0 || getsockname(s->listener, (struct sockaddr *)(void *)&address, &len) != 0) {
        give_up("listen");
    }
    char text[16];
    struct err err = ERR_NULL;
    (void)snprintf(text, sizeof(text), "%u\n", (unsigned)ntohs(address.sin_port));
    if (port_file != NULL && !file_write(port_file, str_from(text), &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}

static void add_rules(struct server *s, struct str text)
{
    struct str bad;
    if (!script_read(&s->script, &s->arena, text, &bad)) {
        (void)fprintf(stderr, "fault_server: not understood: %.*s\n", STR_ARG(bad));
        exit(2);
    }
}

static struct str read_file(struct server *s, const char *path)
{
    struct err err = ERR_NULL;
    struct str text = STR_NULL;
    if (!file_read(&s->arena, path, MAX_REQUEST, &text, &err)) {
        (void)fprintf(stderr, "fault_server: %s\n", err.text);
        exit(2);
    }
    return text;
}

static FILE *open_log(const char *path)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        give_up(path);
    }
    return file;
}

struct listening {
    const char *address, *port_file;
    uint16_t port;
};

static bool text_option(struct server *s, struct listening *at, const char *name, const char *value)
{
    if (strcmp(name, "--rule") == 0) {
        add_rules(s, str_from(value));
    } else if (strcmp(name, "--rules") == 0) {
        add_rules(s, read_file(s, value));
    } else if (strcmp(name, "--key-file") == 0) {
        s->api_options.key = arena_cstr(&s->arena, str_trim(read_file(s, value)));
    } else if (strcmp(name, "--port-file") == 0) {
        at->port_file = value;
    } else if (strcmp(name, "--bind") == 0) {
        at->address = value;
    } else if (strcmp(name, "--ledger") == 0) {
        s->tally.ledger_path = value;
    } else if (strcmp(name, "--requests") == 0) {
        s->tally.requests = open_log(value);
    } else if (strcmp(name, "--raw") == 0) {
        s->tally.raw = open_log(value);
    } else if (strcmp(name, "--retry-after") == 0) {
        s->retry_after = value;
    } else {
        return false;
    }
    return true;
}

static bool number_option(struct server *s, struct listening *at, const char *name, uint64_t number)
{
    if (strcmp(name, "--port") == 0) {
        at->port = (uint16_t)number;
    } else if (strcmp(name, "--seed") == 0) {
        rng_seed(&s->script.rng, number);
    } else if (strcmp(name, "--repeat-span") == 0) {
        s->api_options.repeat_span_is_ok = number == 200;
    } else if (strcmp(name, "--repeat-metric") == 0) {
        s->api_options.repeat_metric_is_ok = number == 200;
    } else if (strcmp(name, "--lag") == 0) {
        s->api_options.lag_ns = (int64_t)number * NS_PER_MS;
    } else if (strcmp(name, "--latency") == 0) {
        s->latency_ns = (int64_t)number * NS_PER_MS;
    } else if (strcmp(name, "--max-in-flight") == 0) {
        s->max_in_flight = number;
    } else if (strcmp(name, "--rate") == 0) {
        s->rate = number;
    } else {
        return false;
    }
    return true;
}

static bool option(struct server *s, struct listening *at, const char *name, const char *value)
{
    uint64_t number = 0;
    return text_option(s, at, name, value) ||
           (num_parse_u64(str_from(value), &number) && number_option(s, at, name, number));
}

static void read_options(struct server *s, struct listening *at, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--parent-must-exist") == 0) {
            s->api_options.parent_must_exist = true;
        } else if (i + 1 >= argc || !option(s, at, argv[i], argv[i + 1])) {
            (void)fprintf(stderr, "fault_server: what is %s? The manual is at the top of tests/fault/server.c\n",
                          argv[i]);
            exit(2);
        } else {
            i++;
        }
    }
}

int main(int argc, char **argv)
{
    struct server s = {.tally = {.started_ns = clock_ns(&CLOCK_SYSTEM)}, .api_options = {.repeat_metric_is_ok = true}};
    struct listening at = {.address = "127.0.0.1"};
    rng_seed(&s.script.rng, 1);
    read_options(&s, &at, argc, argv);
    const struct sigaction action = {.sa_handler = end_soon};
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    api_init(&s.api, &s.api_options);
    listen_at(&s, at.address, at.port, at.port_file);
    while (!is_ending) {
        wait_for(&s);
        turn(&s);
    }
    if (s.fds != NULL) { /* NULL: ended before it began */
        turn(&s);        /* an answer to /_stop */
    }
    if (!tally_end(&s.tally, &s.api)) {
        give_up("the ledger and the logs");
    }
    drop_closed(&s, true);
    (void)close(s.listener);
    api_deinit(&s.api);
    mem_free(s.fds);
    arena_deinit(&s.arena);
    return 0;
}
