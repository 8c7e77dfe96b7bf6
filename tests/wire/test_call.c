#include "wire/call.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/json.h"
#include "model/call.h"
#include "tests/check.h"

static struct value *json_of(struct arena *arena, const char *text)
{
    struct value *v = arena_new(arena, struct value);
    struct err err = ERR_NULL;
    CHECK(text, json_read(arena, str_from(text), JSON_OURS, (struct src_pos){0}, v, NULL, &err));
    return v;
}

static void check_body(const char *name, const struct wire_call *call, const char *want)
{
    struct buf body CLEANUP(buf_deinit) = BUF(1 << 16);
    wire_call_write(&body, call);
    CHECK_CSTR(name, buf_str(&body), want);
}

static void test_request(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    check_body("least", &(struct wire_call){.name = STR("t")},
               "{\"name\":\"t\",\"configuration\":{\"invocation.cache.ttl\":0}}");
    check_body("all",
               &(struct wire_call){
                   .name = STR("a/b \"c\""),
                   .instructions = STR("say\nit"),
                   .input = json_of(&arena, "{\"n\":1.50,\"l\":[null,true]}"),
                   .input_schema = json_of(&arena, "{\"type\":\"object\"}"),
                   .output_schema = json_of(&arena, "{\"$defs\":{}}"),
                   .examples = json_of(&arena, "[{\"input\":1,\"output\":\"2\"}]"),
                   .model = json_of(&arena, "[\"a\",{\"name\":\"b\",\"options\":{\"temperature\":0}}]"),
                   .tags = json_of(&arena, "{\"team\":\"x\"}"),
                   .configuration = json_of(&arena, "{\"invocation.structured_generation.max_attempts\":1}"),
                   .parent_span = STR("0198c0de-0000-4000-8000-000000000001"),
               },
               "{\"name\":\"a/b \\\"c\\\"\",\"instructions\":\"say\\nit\",\"input\":{\"n\":1.50,\"l\":[null,true]},"
               "\"input_schema\":{\"type\":\"object\"},\"output_schema\":{\"$defs\":{}},"
               "\"examples\":[{\"input\":1,\"output\":\"2\"}],"
               "\"model\":[\"a\",{\"name\":\"b\",\"options\":{\"temperature\":0}}],"
               "\"parent_span_id\":\"0198c0de-0000-4000-8000-000000000001\",\"tags\":{\"team\":\"x\"},"
               "\"configuration\":{\"invocation.structured_generation.max_attempts\":1,\"invocation.cache.ttl\":0}}");
    check_body("a cache that was asked for",
               &(struct wire_call){.name = STR("t"), .configuration = json_of(&arena, "{\"invocation.cache.ttl\":60}")},
               "{\"name\":\"t\",\"configuration\":{\"invocation.cache.ttl\":60}}");
    check_body("null is an input", &(struct wire_call){.name = STR("t"), .input = json_of(&arena, "null")},
               "{\"name\":\"t\",\"input\":null,\"configuration\":{\"invocation.cache.ttl\":0}}");
    check_body("a stored function", &(struct wire_call){.input = json_of(&arena, "\"hi\"")}, "{\"input\":\"hi\"}");
    check_body("a stored function, nothing to say", &(struct wire_call){.input = NULL}, "{}");
}

static void test_urls(void)
{
    static const struct {
        const char *function, *revision, *url;
    } rows[] = {
        {NULL, NULL, "https://h/v2/call"},
        {"f-1", NULL, "https://h/v2/functions/f-1/call"},
        {"f-1", "r/1", "https://h/v2/functions/f-1/call/r%2F1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        const char *url = wire_call_url(&arena, "https://h/v2", str_from(rows[i].function), str_from(rows[i].revision));
        CHECK_CSTR(rows[i].url, str_from(url), rows[i].url);
    }
    CHECK("a step up", !wire_segment_is_sendable(STR("..")));
    CHECK("a step nowhere", !wire_segment_is_sendable(STR(".")));
    CHECK("nothing", !wire_segment_is_sendable(STR("")));
    CHECK("three points", wire_segment_is_sendable(STR("...")));
}

#define SPAN "\"span_id\":\"s-1\""

static struct call_result reply(const char *type, const char *body)
{
    return (struct call_result){
        .status = CALL_OK,
        .http_status = 200,
        .content_type = str_from(type),
        .output = str_from(body),
        .retry_after_ns = -1,
    };
}

static void test_answer(void)
{
    static const struct {
        const char *name, *type, *body, *message, *payload;
        bool cached, has_cost, has_in, has_out;
        double cost, in, out;
    } rows[] = {
        {"text", "application/json", "{" SPAN ",\"message\":\"hi\",\"json_payload\":null,\"new_field\":[1]}", "hi",
         NULL, false, false, false, false, 0, 0, 0},
        {"empty text", "application/json", "{" SPAN ",\"message\":\"\"}", "", NULL, false, false, false, false, 0, 0,
         0},
        {"JSON", "application/json; charset=utf-8", "{" SPAN ",\"json_payload\":{\"a\":1.0}}", NULL, "{\"a\":1.0}",
         false, false, false, false, 0, 0, 0},
        {"false is a payload", "Application/JSON", "{" SPAN ",\"json_payload\":false}", NULL, "false", false, false,
         false, false, 0, 0, 0},
        {"no content type", NULL, "{" SPAN ",\"message\":\"x\",\"cached\":true}", "x", NULL, true, false, false, false,
         0, 0, 0},
        {"usage and cost", "application/json",
         "{" SPAN ",\"message\":\"x\",\"cached\":false,"
         "\"usage\":{\"input_tokens\":25,\"output_tokens\":972,\"output_tokens_details\":{\"reasoning_tokens\":704},"
         "\"total_tokens\":997},\"cost\":{\"generation\":0.0001,\"platform\":0.00002,\"total\":0.00012}}",
         "x", NULL, false, true, true, true, 0.00012, 25, 972},
        {"older forms", "application/json",
         "{" SPAN ",\"message\":\"x\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4},\"cost\":0.5}", "x", NULL,
         false, true, true, true, 0.5, 3, 4},
        {"cost without total", "application/json",
         "{" SPAN ",\"message\":\"x\",\"cost\":{\"generation\":0.25,\"platform\":0.5}}", "x", NULL, false, true, false,
         false, 0.75, 0, 0},
        {"free", "application/json", "{" SPAN ",\"message\":\"x\",\"cost\":{\"total\":0}}", "x", NULL, false, true,
         false, false, 0, 0, 0},
        {"what cannot be read is not known", "application/json",
         "{" SPAN ",\"message\":\"x\",\"usage\":{\"input_tokens\":\"many\",\"output_tokens\":7},\"cost\":\"dear\"}",
         "x", NULL, false, false, false, true, 0, 0, 7},
        {"nothing below zero", "application/json",
         "{" SPAN ",\"message\":\"x\",\"usage\":{\"input_tokens\":-1},\"cost\":-0.5}", "x", NULL, false, false, false,
         false, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct call_result result = reply(rows[i].type, rows[i].body);
        struct wire_answer a;
        struct str fault = STR("");
        if (!wire_answer_read(&arena, &result, &a, &fault)) {
            CHECK_CSTR(rows[i].name, fault, "no fault");
            continue;
        }
        CHECK_CSTR(rows[i].name, a.span_id, "s-1");
        CHECK_INT(rows[i].name, a.has_message, rows[i].message != NULL);
        CHECK_CSTR(rows[i].name, a.message, rows[i].message);
        CHECK_INT(rows[i].name, a.payload != NULL, rows[i].payload != NULL);
        if (a.payload != NULL) {
            struct buf text CLEANUP(buf_deinit) = BUF(1 << 10);
            struct json_writer w;
            json_writer_init(&w, &text);
            json_value(&w, a.payload);
            CHECK_CSTR(rows[i].name, buf_str(&text), rows[i].payload);
        }
        CHECK_INT(rows[i].name, a.cached, rows[i].cached);
        CHECK_INT(rows[i].name, a.measures.has_cost, rows[i].has_cost);
        CHECK_DOUBLE(rows[i].name, a.measures.cost_usd, rows[i].cost, 1e-15);
        CHECK_INT(rows[i].name, a.measures.has_input_tokens, rows[i].has_in);
        CHECK_DOUBLE(rows[i].name, a.measures.input_tokens, rows[i].in, 0);
        CHECK_INT(rows[i].name, a.measures.has_output_tokens, rows[i].has_out);
        CHECK_DOUBLE(rows[i].name, a.measures.output_tokens, rows[i].out, 0);
    }
}

static void test_no_answer(void)
{
    static const struct {
        const char *name, *type, *body, *says;
    } rows[] = {
        {"empty", "application/json", "", "(empty)"},
        {"cut", "application/json", "{" SPAN ",\"message\":\"he", "no JSON"},
        {"two", "application/json", "{" SPAN ",\"message\":\"a\"} {}", "no JSON"},
        {"a page", "text/html", "<html><h1>Sign in</h1>", "content type is 'text/html': '<html><h1>Sign in"},
        {"a page that says it is JSON", "application/json", "<html>", "'<html>'"},
        {"JSON that says it is text", "text/plain", "{" SPAN ",\"message\":\"x\"}", "content type is 'text/plain'"},
        {"a type that begins alike", "application/jsonlines", "{" SPAN ",\"message\":\"x\"}", "content type"},
        {"a list", "application/json", "[1]", "no JSON object"},
        {"a gateway's words", "application/json", "{\"message\":\"try again later\"}", "no span_id"},
        {"an empty span", "application/json", "{\"span_id\":\"\",\"message\":\"x\"}", "no span_id"},
        {"no output", "application/json", "{" SPAN "}", "neither message nor json_payload"},
        {"nulls", "application/json", "{" SPAN ",\"message\":null,\"json_payload\":null,\"images\":null}",
         "neither message nor json_payload"},
        {"a message that is none", "application/json", "{" SPAN ",\"message\":{\"a\":1}}", "message is no text"},
        {"an escape", "application/json", "\x1b[2J", "\\x1b[2J"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct call_result result = reply(rows[i].type, rows[i].body);
        struct wire_answer a = {.cached = true};
        struct str fault = STR("");
        CHECK(rows[i].name, !wire_answer_read(&arena, &result, &a, &fault));
        CHECK_CONTAINS(rows[i].name, fault, rows[i].says);
        CHECK_CONTAINS(rows[i].name, fault, "status 200");
        CHECK(rows[i].name, !str_has_control(fault) && a.cached);
    }
}

static void test_function(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str fault = STR("");
    struct wire_function f;
    struct call_result result =
        reply("application/json", "{\"id\":\"f-1\",\"name\":\"n\",\"instructions\":\"i\",\"revision_id\":\"r-7\"}");
    CHECK("whole", wire_function_read(&arena, &result, &f, &fault));
    CHECK_CSTR("id", f.id, "f-1");
    CHECK_CSTR("revision", f.revision, "r-7");
    result = reply("application/json", "{\"id\":\"f-1\",\"revision_id\":null}");
    CHECK("no revision", wire_function_read(&arena, &result, &f, &fault) && f.revision.ptr == NULL);
    static const char *const bad[] = {"{\"id\":\"..\"}", "{\"id\":7}", "{}", "[]", ""};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        result = reply("application/json", bad[i]);
        CHECK(bad[i], !wire_function_read(&arena, &result, &f, &fault) && fault.len > 0);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"requests", test_request},   {"paths", test_urls},
        {"answers", test_answer},     {"what is no answer", test_no_answer},
        {"functions", test_function},
    };
    return check_run("call", tests, ARRAY_LEN(tests));
}
