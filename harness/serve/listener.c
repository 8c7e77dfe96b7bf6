#include "serve/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "io/loop.h"
#include "serve/rules.h"
#include "wire/fault.h"

enum {
    HEADERS_S = 10,
    BODY_S = 120,
    IDLE_S = 60,
    TICK_MS = 500, /* how often deadlines are looked at */
    BACKLOG = 1024,
    POOL_BYTES =
        40
        << 10, /* what libmicrohttpd keeps of a connection: request line and headers have to fit, with its own bookkeeping */
    STREAM_BLOCK_BYTES = 64 << 10,
    SPARE_DESCRIPTORS = 64 /* for the store, and programs that answer */
};

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
    struct transfer *held;
    size_t body_bytes; /* of all requests that are being received or answered */
    size_t busy;       /* transfers */
    int64_t looked_ns; /* at the deadlines */
    bool is_quiet;
    bool has_resumed; /* an answer waits to be sent: nothing wakes the daemon for it */
};

/* An exchange and its connection. */
struct transfer {
    struct exchange x;
    struct listener *listener;
    struct MHD_Connection *connection;
    struct conn *conn;
    struct buf body, piece;
    size_t piece_at;
    bool is_begun, must_close;
    struct transfer *held_next, **held_link; /* with whoever took it; link NULL = not */
};

static struct transfer *transfer_of(struct exchange *x)
{
    return (struct transfer *)x; /* its first member */
}

static int64_t now_of(const struct listener *listener)
{
    return clock_ns(loop_clock(listener->loop));
}

/* --- connections ----------------------------------------------------------------------------------------------------------------------- */

static void conn_changed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_ConnectionNotificationCode code)
{
    struct listener *listener = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct conn *conn = mem_alloc(sizeof(*conn));
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *conn = (struct conn){.next = listener->conns,
                              .link = &listener->conns,
                              .fd = info != NULL ? info->connect_fd : -1,
                              .due_ns = now_of(listener) + HEADERS_S * NS_PER_S};
        if (conn->next != NULL) {
            conn->next->link = &conn->next;
        }
        listener->conns = conn;
        *context = conn;
    } else if (*context != NULL) {
        struct conn *conn = *context;
        *conn->link = conn->next;
        if (conn->next != NULL) {
            conn->next->link = conn->link;
        }
        mem_free(conn);
        *context = NULL;
    }
}

static struct conn *conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* libmicrohttpd's own time-out begins anew with every byte, so that a drip of them holds a connection for ever. It sees the end of input, and closes. */
static void heed_deadlines(struct listener *listener)
{
    int64_t now_ns = now_of(listener);
    if (now_ns - listener->looked_ns < TICK_MS * NS_PER_MS) {
        return;
    }
    listener->looked_ns = now_ns;
    for (struct conn *conn = listener->conns; conn != NULL; conn = conn->next) {
        if (now_ns >= conn->due_ns) {
            conn->due_ns = INT64_MAX;
            (void)shutdown(conn->fd, SHUT_RDWR);
        }
    }
}

/* --- requests -------------------------------------------------------------------------------------------------------------------------- */

/* Called with the request line's target, before the headers are there. */
static void *begin_transfer(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct listener *listener = cls;
    struct transfer *t = mem_alloc(sizeof(*t));
    t->listener = listener;
    t->connection = connection;
    t->conn = conn_of(connection);
    t->x.began_ns = now_of(listener);
    t->x.path = arena_str(&t->x.arena, str_from(target));
    buf_init(&t->body, LIMIT_REQUEST_BODY_BYTES);
    buf_init(&t->piece, LIMIT_INFLIGHT_BYTES);
    buf_init(&t->x.answer, LIMIT_INFLIGHT_BYTES);
    listener->busy++;
    if (t->conn != NULL) {
        int64_t due_ns = t->x.began_ns + HEADERS_S * NS_PER_S;
        t->conn->due_ns = due_ns < t->conn->due_ns ? due_ns : t->conn->due_ns;
    }
    return t;
}

static void free_transfer(struct transfer *t)
{
    t->listener->body_bytes -= t->body.len;
    t->listener->busy--;
    buf_deinit(&t->body);
    buf_deinit(&t->piece);
    buf_deinit(&t->x.answer);
    arena_deinit(&t->x.arena);
    mem_free(t);
}

static void end_transfer(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)connection;
    (void)code;
    struct transfer *t = *state;
    if (t == NULL) {
        return;
    }
    *state = NULL;
    if (t->conn != NULL) {
        t->conn->due_ns = now_of(t->listener) + (IDLE_S + HEADERS_S) * NS_PER_S;
    }
    free_transfer(t);
}

static enum MHD_Result look_at_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_len,
                                      const char *value, size_t value_len)
{
    (void)kind;
    struct rules_head *head = cls;
    static const struct {
        const char *name;
        size_t offset;
    } FIELDS[] = {
        {"Host", offsetof(struct rules_head, host)},
        {"Origin", offsetof(struct rules_head, origin)},
        {"Content-Length", offsetof(struct rules_head, length)},
        {"Transfer-Encoding", offsetof(struct rules_head, coding)},
    };
    head->header_bytes += key_len + value_len + 4;
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++) {
        if (key_len == strlen(FIELDS[i].name) && strncasecmp(key, FIELDS[i].name, key_len) == 0) {
            struct rules_field *field = (struct rules_field *)(void *)((char *)head + FIELDS[i].offset);
            field->count++;
            field->value = str_trim((struct str){value, value == NULL ? 0 : value_len});
        }
    }
    return MHD_YES;
}

static void refuse(struct transfer *t, unsigned status, const char *words)
{
    t->x.status = status;
    t->must_close = true;
    wire_error_write(&t->x.answer, status, str_from(words));
}

/* The headers are there. */
static void begin_request(struct transfer *t, const char *method)
{
    struct rules_head head = {.target = t->x.path};
    const char *words = "";
    size_t question = 0;
    t->is_begun = true;
    (void)MHD_get_connection_values_n(t->connection, MHD_HEADER_KIND, look_at_header, &head);
    unsigned status = rules_check(&head, t->listener->port, &words);
    if (status == 0 && t->listener->is_quiet) {
        status = 503;
        words = "The server is ending";
    }
    if (status != 0) {
        refuse(t, status, words);
    }
    if (t->conn != NULL) {
        t->conn->due_ns = now_of(t->listener) + BODY_S * NS_PER_S;
    }
    t->x.method = arena_str(&t->x.arena, str_from(method));
    if (str_find_char(t->x.path, '?', &question)) {
        t->x.query = str_slice(t->x.path, question + 1, t->x.path.len);
        t->x.path = str_slice(t->x.path, 0, question);
    }
    const char *authorization = MHD_lookup_connection_value(t->connection, MHD_HEADER_KIND, "Authorization");
    if (authorization != NULL) {
        t->x.authorization = arena_str(&t->x.arena, str_from(authorization));
    }
}

static void take_body(struct transfer *t, const char *bytes, size_t len)
{
    if (t->x.status != 0) {
        return; /* refused already: read, and forgotten */
    }
    if (t->listener->body_bytes + len > LIMIT_INFLIGHT_BYTES) {
        refuse(t, 503, "Too many long requests at once");
    } else if (t->body.len + len > LIMIT_REQUEST_BODY_BYTES) {
        refuse(t, 413, "The body is longer than 16 MiB");
    } else {
        buf_append(&t->body, (struct str){bytes, len});
        t->listener->body_bytes += len;
    }
}

static void hand_over(struct transfer *t)
{
    struct listener *listener = t->listener;
    t->x.body = buf_str(&t->body);
    t->x.next = NULL;
    *listener->ready_end = &t->x;
    listener->ready_end = &t->x.next;
    if (t->conn != NULL) {
        t->conn->due_ns = INT64_MAX;
    }
    t->held_next = listener->held;
    t->held_link = &listener->held;
    if (t->held_next != NULL) {
        t->held_next->held_link = &t->held_next;
    }
    listener->held = t;
    MHD_suspend_connection(t->connection);
}

static void resume(struct transfer *t)
{
    *t->held_link = t->held_next;
    if (t->held_next != NULL) {
        t->held_next->held_link = t->held_link;
    }
    t->held_link = NULL;
    t->listener->has_resumed = true;
    MHD_resume_connection(t->connection);
}

/* --- answers --------------------------------------------------------------------------------------------------------------------------- */

static ssize_t next_bytes(void *cls, uint64_t at, char *into, size_t size)
{
    (void)at;
    struct transfer *t = cls;
    if (t->piece_at == t->piece.len) {
        buf_clear(&t->piece);
        t->piece_at = 0;
        if (!t->x.stream.more(t->x.stream.ctx, &t->piece) || t->piece.overflow) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
        if (t->piece.len == 0) {
            return MHD_CONTENT_READER_END_OF_STREAM;
        }
    }
    struct str rest = str_slice(buf_str(&t->piece), t->piece_at, t->piece_at + size);
    memcpy(into, rest.ptr, rest.len);
    t->piece_at += rest.len;
    return (ssize_t)rest.len;
}

static void add_headers(struct MHD_Response *response, const struct transfer *t)
{
    const struct exchange *x = &t->x;
    if (x->answer.len > 0 || x->stream.ctx != NULL) {
        (void)MHD_add_response_header(response, "Content-Type", x->type != NULL ? x->type : "application/json");
    }
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (x->allow != NULL) {
        (void)MHD_add_response_header(response, "Allow", x->allow);
    }
    if (x->policy != NULL) {
        (void)MHD_add_response_header(response, "Content-Security-Policy", x->policy);
        (void)MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
        (void)MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
        (void)MHD_add_response_header(response, "X-Frame-Options", "DENY");
    }
    if (x->status == 401) {
        (void)MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    }
    if (x->retry_after_s > 0) {
        char seconds[16];
        (void)snprintf(seconds, sizeof(seconds), "%u", x->retry_after_s);
        (void)MHD_add_response_header(response, "Retry-After", seconds);
    }
    if (t->must_close) {
        (void)MHD_add_response_header(response, "Connection", "close");
    }
}

static enum MHD_Result send_answer(struct transfer *t)
{
    struct exchange *x = &t->x;
    struct MHD_Response *response = NULL;
    if (x->answer.overflow) {
        buf_clear(&x->answer);
        x->status = 500;
        wire_error_write(&x->answer, 500, STR("The answer would be too long"));
    }
    if (x->stream.ctx != NULL) {
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, next_bytes, t, NULL);
    } else {
        response = MHD_create_response_from_buffer(x->answer.len, x->answer.ptr, MHD_RESPMEM_PERSISTENT);
    }
    if (response == NULL) {
        return MHD_NO;
    }
    add_headers(response, t);
    enum MHD_Result queued = MHD_queue_response(t->connection, x->status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_len, void **state)
{
    (void)cls;
    (void)connection;
    (void)url;
    (void)version;
    struct transfer *t = *state;
    if (t == NULL) {
        return MHD_NO;
    }
    if (!t->is_begun) {
        begin_request(t, method);
        return t->x.status != 0 ? send_answer(t) : MHD_YES; /* a body is not waited for: it may have no end */
    }
    if (*upload_len > 0) {
        take_body(t, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    if (t->x.status != 0) {
        return send_answer(t); /* answered, or refused */
    }
    hand_over(t);
    return MHD_YES;
}

void listener_answer(struct exchange *x)
{
    struct transfer *t = transfer_of(x);
    t->must_close |= t->listener->is_quiet;
    resume(t);
}

struct exchange *listener_take(struct listener *listener)
{
    struct exchange *x = listener->ready;
    if (x != NULL) {
        listener->ready = x->next;
        if (listener->ready == NULL) {
            listener->ready_end = &listener->ready;
        }
        x->next = NULL;
    }
    return x;
}

/* --- the server ------------------------------------------------------------------------------------------------------------------------ */

static bool listen_on(uint16_t port, int *ret_fd, uint16_t *ret_port, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof(address);
    const int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd CLEANUP(file_close) = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return err_set_sys(err, ERR_NET, errno, "cannot make a socket");
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        int cause = errno;
        if (cause == EADDRINUSE) {
            return err_set(err, ERR_NET,
                           "port %u of 127.0.0.1 is in use, perhaps by another `assay serve`: choose one with --port, "
                           "or --port 0 for any that is free",
                           (unsigned)port);
        }
        return err_set_sys(err, ERR_NET, cause, "cannot listen on port %u of 127.0.0.1", (unsigned)port);
    }
    *ret_port = ntohs(address.sin_port);
    *ret_fd = take_fd(&fd);
    return true;
}

/* Requests are matched and decoded by wire/path: decoded here, a %2F in a name would look like a slash. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static unsigned connection_limit(void)
{
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= LIMIT_CONNECTIONS + SPARE_DESCRIPTORS) {
        return LIMIT_CONNECTIONS;
    }
    return limit.rlim_cur > 2 * SPARE_DESCRIPTORS ? (unsigned)limit.rlim_cur - SPARE_DESCRIPTORS : SPARE_DESCRIPTORS;
}

bool listener_open(struct loop *loop, uint16_t port, struct listener **ret, struct err *err)
{
    struct listener *listener CLEANUP(listener_close) = mem_alloc(sizeof(*listener));
    int fd CLEANUP(file_close) = -1;
    listener->loop = loop;
    listener->watch.fd = -1;
    listener->ready_end = &listener->ready;
    listener->looked_ns = now_of(listener);
    if (!listen_on(port, &fd, &listener->port, err)) {
        return false;
    }
    listener->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, listener, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit(), MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_URI_LOG_CALLBACK, begin_transfer, listener,
        MHD_OPTION_NOTIFY_COMPLETED, end_transfer, NULL, MHD_OPTION_NOTIFY_CONNECTION, conn_changed, listener,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        listener->daemon == NULL ? NULL : MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL) {
        return err_set(err, ERR_NET, "the HTTP server could not be started");
    }
    (void)take_fd(&fd); /* the daemon closes it */
    listener->watch = (struct loop_watch){.fd = info->epoll_fd, .wants = LOOP_READ};
    loop_add(loop, &listener->watch);
    *ret = take_ptr(&listener);
    return true;
}

void listener_close(struct listener **listener)
{
    if (*listener == NULL) {
        return;
    }
    struct listener *gone = take_ptr(listener);
    if (gone->watch.fd >= 0) {
        loop_remove(gone->loop, &gone->watch);
    }
    while (gone->held != NULL) {
        resume(gone->held); /* the daemon may not end with one that waits */
    }
    if (gone->daemon != NULL) {
        MHD_stop_daemon(gone->daemon);
    }
    mem_free(gone);
}

uint16_t listener_port(const struct listener *listener)
{
    return listener->port;
}

void listener_turn(struct listener *listener)
{
    listener->has_resumed = false;
    (void)MHD_run(listener->daemon);
    heed_deadlines(listener);
}

void listener_send(struct listener *listener)
{
    if (listener->has_resumed) {
        listener_turn(listener);
    }
}

int64_t listener_next_ns(const struct listener *listener)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    int64_t now_ns = now_of(listener);
    if (listener->has_resumed || listener->ready != NULL) {
        return now_ns;
    }
    int64_t until_ns = listener->conns != NULL ? now_ns + TICK_MS * NS_PER_MS : INT64_MAX;
    if (MHD_get_timeout(listener->daemon, &ms) == MHD_YES && (int64_t)ms * NS_PER_MS < until_ns - now_ns) {
        until_ns = now_ns + (int64_t)ms * NS_PER_MS;
    }
    return until_ns;
}

void listener_stop(struct listener *listener)
{
    if (!listener->is_quiet) {
        listener->is_quiet = true;
        file_close(&(int){MHD_quiesce_daemon(listener->daemon)});
    }
}

bool listener_is_idle(const struct listener *listener)
{
    return listener->busy == 0;
}
