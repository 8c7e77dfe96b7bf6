#include "serve/listener_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "io/loop.h"

enum {
    TICK_MS = 500, /* how often deadlines are looked at */
    BACKLOG = 1024,
    /* of a connection, in libmicrohttpd: request line and headers have to fit, with its bookkeeping */
    POOL_BYTES = 40 << 10,
    SPARE_DESCRIPTORS = 64 /* for the store, and programs that answer */
};

int64_t listener_now_ns(const struct listener *listener)
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
                              .due_ns = listener_now_ns(listener) + LISTENER_HEADERS_S * NS_PER_S};
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

struct conn *conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* libmicrohttpd's own time-out begins anew with every byte, so that a drip of them holds a connection for ever. It sees the end of input, and closes. */
static void heed_deadlines(struct listener *listener)
{
    int64_t now_ns = listener_now_ns(listener);
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
    /* with few descriptors half of them are for programs that answer and for the store */
    return (unsigned)(limit.rlim_cur > 2 * SPARE_DESCRIPTORS ? limit.rlim_cur - SPARE_DESCRIPTORS : limit.rlim_cur / 2);
}

bool listener_open(struct loop *loop, uint16_t port, struct listener **ret, struct err *err)
{
    struct listener *listener CLEANUP(listener_close) = mem_alloc(sizeof(*listener));
    int fd CLEANUP(file_close) = -1;
    listener->loop = loop;
    listener->watch.fd = -1;
    listener->ready_end = &listener->ready;
    listener->looked_ns = listener_now_ns(listener);
    if (!listen_on(port, &fd, &listener->port, err)) {
        return false;
    }
    listener->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, visit_handle, listener, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit(), MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LISTENER_IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_URI_LOG_CALLBACK, visit_begin, listener,
        MHD_OPTION_NOTIFY_COMPLETED, visit_end, NULL, MHD_OPTION_NOTIFY_CONNECTION, conn_changed, listener,
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
        visit_resume(gone->held); /* the daemon may not end with one that waits */
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
    int64_t now_ns = listener_now_ns(listener);
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
