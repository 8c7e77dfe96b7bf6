#include "serve/listener_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "serve/rules.h"
#include "wire/fault.h"

/* One exchange, from its request line to the last byte of its answer. */

enum { STREAM_BLOCK_BYTES = 64 << 10 };

static struct visit *visit_of(struct exchange *x)
{
    return (struct visit *)x; /* its first member */
}

/* --- requests -------------------------------------------------------------------------------------------------------------------------- */

/* Called with the request line's target, before the headers are there. */
void *visit_begin(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct listener *listener = cls;
    struct visit *t = mem_alloc(sizeof(*t));
    t->listener = listener;
    t->connection = connection;
    t->conn = conn_of(connection);
    t->x.began_ns = listener_now_ns(listener);
    t->x.path = arena_str(&t->x.arena, str_from(target));
    buf_init(&t->body, LIMIT_REQUEST_BODY_BYTES);
    buf_init(&t->piece, LIMIT_INFLIGHT_BYTES);
    buf_init(&t->x.answer, LIMIT_INFLIGHT_BYTES);
    listener->busy++;
    if (t->conn != NULL) {
        int64_t due_ns = t->x.began_ns + LISTENER_HEADERS_S * NS_PER_S;
        t->conn->due_ns = due_ns < t->conn->due_ns ? due_ns : t->conn->due_ns;
    }
    return t;
}

static void visit_free(struct visit *t)
{
    t->listener->body_bytes -= t->body.len;
    t->listener->busy--;
    buf_deinit(&t->body);
    buf_deinit(&t->piece);
    buf_deinit(&t->x.answer);
    arena_deinit(&t->x.arena);
    mem_free(t);
}

void visit_end(void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)connection;
    (void)code;
    struct visit *t = *state;
    if (t == NULL) {
        return;
    }
    *state = NULL;
    if (t->conn != NULL) {
        t->conn->due_ns = listener_now_ns(t->listener) + (LISTENER_IDLE_S + LISTENER_HEADERS_S) * NS_PER_S;
    }
    visit_free(t);
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

static void refuse(struct visit *t, unsigned status, const char *words)
{
    t->x.status = status;
    t->must_close = true;
    wire_error_write(&t->x.answer, status, str_from(words));
}

/* The headers are there. */
static void begin_request(struct visit *t, const char *method)
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
        t->conn->due_ns = listener_now_ns(t->listener) + LISTENER_BODY_S * NS_PER_S;
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

static void take_body(struct visit *t, const char *bytes, size_t len)
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

static void hand_over(struct visit *t)
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

void visit_resume(struct visit *t)
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
    struct visit *t = cls;
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

static void add_headers(struct MHD_Response *response, const struct visit *t)
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

static enum MHD_Result send_answer(struct visit *t)
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

enum MHD_Result visit_handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *upload, size_t *upload_len, void **state)
{
    (void)cls;
    (void)connection;
    (void)url;
    (void)version;
    struct visit *t = *state;
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
    struct visit *t = visit_of(x);
    t->must_close |= t->listener->is_quiet;
    visit_resume(t);
}
