#ifndef ASSAY_SERVE_LISTENER_H
#define ASSAY_SERVE_LISTENER_H

/* HTTP on 127.0.0.1, inside our loop (libmicrohttpd over its epoll descriptor, no threads): whole requests come out, answers go in.
 *
 *   listener_open(); each turn: loop_wait(); listener_turn(); while ((x = listener_take()) != NULL) { ... listener_answer(x) now or turns later ... }
 *
 * A request that is taken is whole and keeps the rules of a server that any web page of this machine's browser can reach: Host is
 * 127.0.0.1:PORT, localhost:PORT or [::1]:PORT (no DNS rebinding), Origin is absent or one of these, no two lengths (no smuggling), no CORS
 * headers in any answer. Request line LIMIT_REQUEST_LINE_BYTES, headers LIMIT_REQUEST_HEADER_BYTES, body LIMIT_REQUEST_BODY_BYTES,
 * LIMIT_CONNECTIONS connections; headers have to be there 10 s after their connection began, a body 120 s after its headers, and a connection without
 * traffic is closed after 60 s. What breaks a rule is answered here (400, 403, 413, 414, 431, 503), in the API's form.
 *
 * Ownership: exchanges are the listener's. One that was taken lives until it is answered, even when its client went away, and is not touched any more then. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

struct err;
struct listener;
struct loop;

/* A long answer, made while it is sent: appends the next piece to `out`; nothing appended = the end. False: the connection is cut. */
struct listener_stream {
    void *ctx; /* NULL = no stream; in the exchange's arena */
    bool (*more)(void *ctx, struct buf *out);
};

struct exchange {
    struct exchange *next; /* for whoever holds it */
    struct arena arena;
    struct str method, path, query; /* path and query as sent, not decoded */
    struct str body;
    struct str authorization; /* ptr NULL = none */
    int64_t began_ns;
    void *state; /* the holder's */

    unsigned status;        /* set these, then listener_answer */
    struct buf answer;      /* empty = no body and no content type */
    const char *type;       /* of the body; "application/json" unless set */
    const char *allow;      /* of a 405 */
    const char *policy;     /* Content-Security-Policy, of pages */
    unsigned retry_after_s; /* 0 = none */
    struct listener_stream stream;
};

/* `port` 0 = a free one. Raises nothing: the descriptor limit is the caller's (io/perform). Errors: ERR_NET, with the port when somebody has it. */
MUST_CHECK bool listener_open(struct loop *loop, uint16_t port, struct listener **ret, struct err *err);
void listener_close(struct listener **listener); /* for CLEANUP; what was taken and not answered goes, too */
uint16_t listener_port(const struct listener *listener);

void listener_turn(struct listener *listener);
void listener_send(struct listener *listener); /* answers that were given since, at once and not in the next turn */
int64_t listener_next_ns(const struct listener *listener);
struct exchange *listener_take(struct listener *listener); /* NULL = none */
void listener_answer(struct exchange *x);

void listener_stop(struct listener *listener);          /* before the end: what is under way goes on */
bool listener_is_idle(const struct listener *listener); /* nothing is being received, answered or sent */

#endif
