#include "tests/fault/framing.h"

#include "base/buf.h"

static const char *reason_of(unsigned status)
{
    return status == 200 ? "OK" : status == 204 ? "No Content" : "Said So";
}

static void frame_body(struct buf *out, struct str body, enum rule_framing framing, size_t cut)
{
    struct str part = str_slice(body, 0, cut);
    if (framing != FRAMING_CHUNKED) {
        buf_append(out, part);
        return;
    }
    size_t half = part.len / 2;
    if (half > 0) {
        buf_printf(out, "%zx\r\n%.*s\r\n", half, (int)half, part.ptr);
    }
    if (part.len > half) {
        buf_printf(out, "%zx\r\n", part.len - half);
        buf_append(out, str_slice(part, half, part.len));
        buf_append_cstr(out, "\r\n");
    }
    if (cut >= body.len) {
        buf_append_cstr(out, "0\r\n\r\n");
    }
}

void framing_write(struct buf *out, const struct rule *rule, unsigned status, struct str body)
{
    enum rule_framing framing = rule == NULL ? FRAMING_LENGTH : rule->framing;
    if (rule != NULL && rule->is_interim) {
        buf_append_cstr(out, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    buf_printf(out, "HTTP/1.1 %u %s\r\n", status, reason_of(status));
    if (status != 204) {
        struct str type = rule == NULL ? STR("") : rule->content_type;
        buf_printf(out, "Content-Type: %.*s\r\n", STR_ARG(type.len > 0 ? type : STR("application/json")));
    }
    if (rule != NULL && rule->endless == ENDLESS_BODY) {
        buf_append_cstr(out, "Content-Length: 1000000000000\r\n");
    } else if (framing == FRAMING_LENGTH && status != 204) {
        buf_printf(out, "Content-Length: %zu\r\n", body.len);
    } else if (framing == FRAMING_CHUNKED) {
        buf_append_cstr(out, "Transfer-Encoding: chunked\r\n");
    } else if (framing == FRAMING_CLOSE) {
        buf_append_cstr(out, "Connection: close\r\n");
    }
    if (rule != NULL) {
        buf_append(out, rule->headers);
    }
    if (rule != NULL && rule->endless == ENDLESS_HEADERS) {
        return;
    }
    buf_append_cstr(out, "\r\n");
    if (status != 204) {
        frame_body(out, body, framing, rule == NULL ? SIZE_MAX : rule->cut_body);
    }
    if (rule != NULL && rule->cut < out->len) {
        out->len = rule->cut;
    }
}
