#include "wire/reply.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "model/call.h"
#include "model/service.h"
#include "wire/error.h"

enum { STOP_WORDS_BYTES = 500 };

static const struct status {
    unsigned status;
    enum wire_reply reply;
    enum error_kind error;
    const char *name; /* RFC 9110, section 15 */
} STATUSES[] = {
    {400, WIRE_REFUSED, ERROR_REQUEST, "Bad Request"},
    {401, WIRE_ACCESS, ERROR_REQUEST, "Unauthorized"},
    {402, WIRE_ACCESS, ERROR_REQUEST, "Payment Required"},
    {403, WIRE_ACCESS, ERROR_REQUEST, "Forbidden"},
    {404, WIRE_MISCONFIGURED, ERROR_REQUEST, "Not Found"},
    {405, WIRE_MISCONFIGURED, ERROR_REQUEST, "Method Not Allowed"},
    {407, WIRE_ACCESS, ERROR_REQUEST, "Proxy Authentication Required"},
    {408, WIRE_AGAIN, ERROR_SERVICE, "Request Timeout"},
    {409, WIRE_REFUSED, ERROR_REQUEST, "Conflict"},
    {413, WIRE_REFUSED, ERROR_REQUEST, "Content Too Large"},
    {422, WIRE_REFUSED, ERROR_REQUEST, "Unprocessable Content"},
    {429, WIRE_AGAIN, ERROR_RATE_LIMIT, "Too Many Requests"},
    {500, WIRE_AGAIN, ERROR_SERVICE, "Internal Server Error"},
    {502, WIRE_AGAIN, ERROR_SERVICE, "Bad Gateway"},
    {503, WIRE_AGAIN, ERROR_SERVICE, "Service Unavailable"},
    {504, WIRE_AGAIN, ERROR_SERVICE, "Gateway Timeout"},
};

/* Any other status by its first digit. */
static struct status find_status(unsigned status)
{
    for (size_t i = 0; i < ARRAY_LEN(STATUSES); i++) {
        if (STATUSES[i].status == status) {
            return STATUSES[i];
        }
    }
    if (status >= 300 && status < 400) {
        return (struct status){status, WIRE_MISCONFIGURED, ERROR_REQUEST, "a redirect, which is not followed"};
    }
    return (struct status){status, WIRE_REFUSED, status >= 500 ? ERROR_SERVICE : ERROR_REQUEST, NULL};
}

enum wire_reply wire_reply_of(const struct call_result *result)
{
    switch (result->status) {
    case CALL_OK:
        return WIRE_OK;
    case CALL_HTTP_STATUS:
        return find_status(result->http_status).reply;
    case CALL_NETWORK:
        return result->is_unreachable ? WIRE_UNREACHABLE : WIRE_AGAIN;
    case CALL_TIMEOUT:
        return WIRE_AGAIN;
    case CALL_CANCELLED:
        return WIRE_CANCELLED;
    case CALL_OUTPUT_LIMIT:
    case CALL_PROTOCOL:
    case CALL_EXIT: /* of programs, which requests are not */
    case CALL_SIGNAL:
    case CALL_EXEC_FAILED:
        break;
    }
    return WIRE_REFUSED;
}

bool wire_reply_may_blame_parent(const struct call_result *result)
{
    return result->status == CALL_HTTP_STATUS && (result->http_status == 404 || result->http_status == 422);
}

/* `detail` is what we know ourselves: where a redirect leads, that the request was not even sent. */
static struct str status_words(struct arena *arena, const struct call_result *result)
{
    struct status status = find_status(result->http_status);
    bool has_body = str_trim(result->output).len > 0;
    struct str words = result->detail.len > 0 ? result->detail : wire_error_words(arena, result->output);
    return arena_printf(arena, "%u%s%s%s%.*s", status.status, status.name == NULL ? "" : " ",
                        status.name == NULL ? "" : status.name, has_body || result->detail.len > 0 ? ": " : "",
                        STR_ARG(has_body || result->detail.len > 0 ? words : STR("")));
}

struct str wire_reply_words(struct arena *arena, const struct call_result *result, int64_t timeout_ns)
{
    switch (result->status) {
    case CALL_HTTP_STATUS:
        return status_words(arena, result);
    case CALL_NETWORK:
        return arena_printf(arena, "network: %.*s",
                            STR_ARG(result->detail.len > 0 ? result->detail : STR("no whole answer")));
    case CALL_TIMEOUT:
        return arena_printf(arena, "no answer within %s", clock_duration(timeout_ns).text);
    case CALL_OUTPUT_LIMIT:
        return result->detail.len > 0 ? result->detail : STR("the answer is too long");
    case CALL_CANCELLED:
        return STR("stopped before its end");
    case CALL_OK:
    case CALL_PROTOCOL:
    case CALL_EXIT:
    case CALL_SIGNAL:
    case CALL_EXEC_FAILED:
        break;
    }
    return result->detail.len > 0 ? result->detail : STR("no answer");
}

enum error_kind wire_reply_error(const struct call_result *result)
{
    switch (result->status) {
    case CALL_HTTP_STATUS:
        return find_status(result->http_status).error;
    case CALL_NETWORK:
        return ERROR_NETWORK;
    case CALL_TIMEOUT:
        return ERROR_TIMEOUT;
    case CALL_OUTPUT_LIMIT:
        return ERROR_OUTPUT_LIMIT;
    case CALL_CANCELLED:
        return ERROR_CANCELLED;
    case CALL_OK:
    case CALL_PROTOCOL:
    case CALL_EXIT:
    case CALL_SIGNAL:
    case CALL_EXEC_FAILED:
        break;
    }
    return ERROR_PROTOCOL;
}

bool wire_reply_stops_run(struct arena *arena, const struct call_result *result, const char *what,
                          const struct service *service, struct err *err)
{
    enum wire_reply reply = wire_reply_of(result);
    if (reply != WIRE_ACCESS && reply != WIRE_MISCONFIGURED && reply != WIRE_UNREACHABLE) {
        return false;
    }
    struct str words = utf8_cut(wire_reply_words(arena, result, 0), STOP_WORDS_BYTES);
    if (reply == WIRE_UNREACHABLE) {
        (void)err_set(err, ERR_NET, "%s: %.*s (is OPPER_BASE_URL right, and the proxy if there is one?)", what,
                      STR_ARG(words));
    } else if (reply == WIRE_MISCONFIGURED) {
        (void)err_set(err, ERR_SETUP, "%s: %.*s (is the name of the model or function right, and OPPER_BASE_URL?)",
                      what, STR_ARG(words));
    } else if (result->http_status == 401 || result->http_status == 403) {
        (void)err_set(err, ERR_ACCESS, "%s: %.*s (the key is the one in %s)", what, STR_ARG(words),
                      service->key_name == NULL ? "OPPER_API_KEY" : service->key_name);
    } else {
        (void)err_set(err, ERR_ACCESS, "%s: %.*s", what, STR_ARG(words));
    }
    return true;
}
