#include "wire/fault.h"

#include "base/arena.h"
#include "base/buf.h"
#include "data/json.h"
#include "data/value.h"

bool wire_fault_add(struct wire_faults *faults, const char *type, const char *member, struct str msg,
                    const struct value *input)
{
    struct wire_fault *fault = vec_push(faults->arena, &faults->items);
    *fault = (struct wire_fault){.type = type, .part = faults->part, .member = str_from(member), .msg = msg};
    if (input != NULL) {
        struct buf text CLEANUP(buf_deinit) = BUF(WIRE_FAULT_INPUT_BYTES);
        struct json_writer w;
        json_writer_init(&w, &text);
        json_value(&w, input);
        if (!text.overflow) {
            fault->input = arena_str(faults->arena, buf_str(&text));
        }
    }
    return false;
}

/* 400 to 422 as the API documents them; the others in the same style, since it says nothing of them. */
static const struct error_row {
    unsigned status;
    const char *type, *message;
} ERRORS[] = {
    {400, "BadRequestError", "The request is invalid"},
    {401, "UnauthorizedError", "The request is unauthorized"},
    {403, "ForbiddenError", "The request is forbidden"},
    {404, "NotFoundError", "The resource was not found"},
    {405, "MethodNotAllowedError", "The method is not allowed here"},
    {409, "ConflictError", "The resource already exists"},
    {413, "ContentTooLargeError", "The request is too large"},
    {414, "UriTooLongError", "The request is too large"},
    {422, "RequestValidationError", "The request is invalid"},
    {429, "RateLimitError", "Too many requests"},
    {431, "HeadersTooLargeError", "The request is too large"},
    {501, "NotImplementedError", "The server does not offer this"},
    {502, "BadGatewayError", "The program that answers failed"},
    {503, "ServiceUnavailableError", "The server cannot take this now"},
    {504, "GatewayTimeoutError", "The program that answers took too long"},
};

static void write_head(struct json_writer *w, unsigned status)
{
    const char *type = "APIError";
    const char *message = status < 500 ? "The request was refused" : "The server failed";
    for (size_t i = 0; i < ARRAY_LEN(ERRORS); i++) {
        if (ERRORS[i].status == status) {
            type = ERRORS[i].type;
            message = ERRORS[i].message;
        }
    }
    json_open_map(w);
    json_put_text(w, "type", str_from(type));
    json_put_text(w, "message", str_from(message));
}

void wire_error_write(struct buf *out, unsigned status, struct str detail)
{
    struct json_writer w;
    json_writer_init(&w, out);
    write_head(&w, status);
    json_put_text(&w, "detail", detail);
    json_close_map(&w);
}

void wire_error_write_faults(struct buf *out, const struct wire_faults *faults)
{
    struct json_writer w;
    json_writer_init(&w, out);
    write_head(&w, 422);
    json_key(&w, "detail");
    json_open_list(&w);
    for (size_t i = 0; i < faults->items.len; i++) {
        const struct wire_fault *fault = &faults->items.items[i];
        json_open_map(&w);
        json_put_text(&w, "type", str_from(fault->type));
        json_key(&w, "loc");
        json_open_list(&w);
        json_text(&w, str_from(fault->part));
        if (fault->member.ptr != NULL) {
            json_text(&w, fault->member);
        }
        json_close_list(&w);
        json_put_text(&w, "msg", fault->msg);
        json_key(&w, "input");
        if (fault->input.ptr != NULL) {
            json_raw(&w, fault->input);
        } else {
            json_null(&w);
        }
        json_close_map(&w);
    }
    json_close_list(&w);
    json_close_map(&w);
}
