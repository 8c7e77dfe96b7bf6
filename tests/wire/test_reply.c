#include "wire/reply.h"

#include "base/arena.h"
#include "base/clock.h"
#include "model/call.h"
#include "model/service.h"
#include "tests/check.h"

static void test_replies(void)
{
    static const struct {
        const char *name;
        struct call_result result;
        enum wire_reply reply;
        enum error_kind error;
        const char *words;
    } rows[] = {
        {"400",
         {.status = CALL_HTTP_STATUS, .http_status = 400, .output = {"{\"detail\":\"no\"}", 15}},
         WIRE_REFUSED,
         ERROR_REQUEST,
         "400 Bad Request: no"},
        {"401", {.status = CALL_HTTP_STATUS, .http_status = 401}, WIRE_ACCESS, ERROR_REQUEST, "401 Unauthorized"},
        {"402", {.status = CALL_HTTP_STATUS, .http_status = 402}, WIRE_ACCESS, ERROR_REQUEST, "402 Payment Required"},
        {"403", {.status = CALL_HTTP_STATUS, .http_status = 403}, WIRE_ACCESS, ERROR_REQUEST, "403 Forbidden"},
        {"404", {.status = CALL_HTTP_STATUS, .http_status = 404}, WIRE_MISCONFIGURED, ERROR_REQUEST, "404 Not Found"},
        {"302",
         {.status = CALL_HTTP_STATUS, .http_status = 302},
         WIRE_MISCONFIGURED,
         ERROR_REQUEST,
         "302 a redirect, which is not followed"},
        {"408", {.status = CALL_HTTP_STATUS, .http_status = 408}, WIRE_AGAIN, ERROR_SERVICE, "408 Request Timeout"},
        {"409", {.status = CALL_HTTP_STATUS, .http_status = 409}, WIRE_REFUSED, ERROR_REQUEST, "409 Conflict"},
        {"418", {.status = CALL_HTTP_STATUS, .http_status = 418}, WIRE_REFUSED, ERROR_REQUEST, "418"},
        {"422", {.status = CALL_HTTP_STATUS, .http_status = 422}, WIRE_REFUSED, ERROR_REQUEST, "422 Unprocessable "},
        {"429",
         {.status = CALL_HTTP_STATUS, .http_status = 429},
         WIRE_AGAIN,
         ERROR_RATE_LIMIT,
         "429 Too Many Requests"},
        {"500", {.status = CALL_HTTP_STATUS, .http_status = 500}, WIRE_AGAIN, ERROR_SERVICE, "500 Internal "},
        {"501", {.status = CALL_HTTP_STATUS, .http_status = 501}, WIRE_REFUSED, ERROR_SERVICE, "501"},
        {"502", {.status = CALL_HTTP_STATUS, .http_status = 502}, WIRE_AGAIN, ERROR_SERVICE, "502 Bad Gateway"},
        {"503", {.status = CALL_HTTP_STATUS, .http_status = 503}, WIRE_AGAIN, ERROR_SERVICE, "503 Service "},
        {"504", {.status = CALL_HTTP_STATUS, .http_status = 504}, WIRE_AGAIN, ERROR_SERVICE, "504 Gateway Timeout"},
        {"reset",
         {.status = CALL_NETWORK, .detail = {"reset by peer", 13}},
         WIRE_AGAIN,
         ERROR_NETWORK,
         "network: reset by peer"},
        {"nobody there",
         {.status = CALL_NETWORK, .is_unreachable = true},
         WIRE_UNREACHABLE,
         ERROR_NETWORK,
         "network: no whole answer"},
        {"time-out", {.status = CALL_TIMEOUT}, WIRE_AGAIN, ERROR_TIMEOUT, "no answer within 2 min 00 s"},
        {"too long", {.status = CALL_OUTPUT_LIMIT}, WIRE_REFUSED, ERROR_OUTPUT_LIMIT, "the answer is too long"},
        {"stopped", {.status = CALL_CANCELLED}, WIRE_CANCELLED, ERROR_CANCELLED, "stopped before its end"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        CHECK_INT(rows[i].name, wire_reply_of(&rows[i].result), rows[i].reply);
        CHECK_INT(rows[i].name, wire_reply_error(&rows[i].result), rows[i].error);
        struct str words = wire_reply_words(&arena, &rows[i].result, 120 * NS_PER_S);
        CHECK(rows[i].name, str_starts(words, str_from(rows[i].words)));
    }
    CHECK_INT("an answer", wire_reply_of(&(struct call_result){.status = CALL_OK}), WIRE_OK);
}

static void test_stops(void)
{
    static const struct {
        const char *name;
        struct call_result result;
        enum err_kind kind; /* ERR_NONE = goes on */
        const char *says;
    } rows[] = {
        {"401",
         {.status = CALL_HTTP_STATUS, .http_status = 401, .output = {"{\"detail\":\"bad key\"}", 20}},
         ERR_ACCESS,
         "target 'opper': 401 Unauthorized: bad key (the key is the one in OPPER_API_KEY_FILE)"},
        {"402", {.status = CALL_HTTP_STATUS, .http_status = 402}, ERR_ACCESS, "402 Payment Required"},
        {"404", {.status = CALL_HTTP_STATUS, .http_status = 404}, ERR_SETUP, "name of the model or function"},
        {"nobody there",
         {.status = CALL_NETWORK, .is_unreachable = true, .detail = {"refused", 7}},
         ERR_NET,
         "network: refused (is OPPER_BASE_URL right, and the proxy if there is one?)"},
        {"422", {.status = CALL_HTTP_STATUS, .http_status = 422}, ERR_NONE, ""},
        {"429", {.status = CALL_HTTP_STATUS, .http_status = 429}, ERR_NONE, ""},
        {"reset", {.status = CALL_NETWORK}, ERR_NONE, ""},
        {"an answer", {.status = CALL_OK}, ERR_NONE, ""},
    };
    static const struct service service = {.key_name = "OPPER_API_KEY_FILE"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        CHECK_INT(rows[i].name, wire_reply_stops_run(&arena, &rows[i].result, "target 'opper'", &service, &err),
                  rows[i].kind != ERR_NONE);
        CHECK_INT(rows[i].name, err.kind, rows[i].kind);
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].says);
    }
}

static void test_parent(void)
{
    static const unsigned statuses[] = {404, 422, 400, 401, 409, 500};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct call_result result = {.status = CALL_HTTP_STATUS, .http_status = statuses[i]};
        CHECK_INT("may be the parent", wire_reply_may_blame_parent(&result), i < 2);
    }
    struct call_result ok = {.status = CALL_OK, .http_status = 404};
    CHECK("an answer is not", !wire_reply_may_blame_parent(&ok));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"replies", test_replies},
        {"what stops a run", test_stops},
        {"a parent that is not there", test_parent},
    };
    return check_run("reply", tests, ARRAY_LEN(tests));
}
