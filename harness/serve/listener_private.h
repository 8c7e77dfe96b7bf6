#ifndef ASSAY_SERVE_LISTENER_PRIVATE_H
#define ASSAY_SERVE_LISTENER_PRIVATE_H

/* Inside the listener: its connections (listener.c), and the way of one exchange through libmicrohttpd (visit.c). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <microhttpd.h>

#include "io/loop.h"
#include "serve/listener.h"

enum { LISTENER_HEADERS_S = 10, LISTENER_BODY_S = 120, LISTENER_IDLE_S = 60 };

/* A connection, and when it has to have got on. */
struct conn {
    struct conn *next, **link;
    int fd;
    int64_t due_ns; /* INT64_MAX = no matter */
};

struct listener {
    struct loop *loop;
    struct loop_watch watch;
    struct MHD_Daemon *daemon;
    uint16_t port;
    struct conn *conns;
    struct exchange *ready, **ready_end;
    struct visit *held;
    size_t body_bytes; /* of all requests that are being received or answered */
    size_t busy;       /* visits */
    int64_t looked_ns; /* at the deadlines */
    bool is_quiet;
    bool has_resumed; /* an answer waits to be sent: nothing wakes the daemon for it */
};

/* An exchange and its connection. */
struct visit {
    struct exchange x;
    struct listener *listener;
    struct MHD_Connection *connection;
    struct conn *conn;
    struct buf body, piece;
    size_t piece_at;
    bool is_begun, must_close;
    struct visit *held_next, **held_link; /* with whoever took it; link NULL = not */
};

int64_t listener_now_ns(const struct listener *listener);
struct conn *conn_of(struct MHD_Connection *connection); /* NULL = unknown */

/* Callbacks of the daemon; cls is the listener. */
void *visit_begin(void *cls, const char *target, struct MHD_Connection *connection);
enum MHD_Result visit_handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *upload, size_t *upload_len, void **state);
void visit_end(void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code);

/* Of one that is held: it has its answer, or will have none. */
void visit_resume(struct visit *t);

#endif
