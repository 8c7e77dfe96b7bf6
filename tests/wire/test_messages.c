#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "data/json.h"
#include "data/value.h"
#include "tests/check.h"
#include "wire/error.h"
#include "wire/fault.h"
#include "wire/metric.h"
#include "wire/page.h"
#include "wire/span.h"
#include "wire/trace.h"

#define ID "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d"
#define ID_2 "1b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d"

enum reader { SPAN_CREATE, SPAN_PATCH, METRIC_CREATE, METRIC_PATCH, FEEDBACK };

static bool read_as(enum reader reader, struct arena *arena, struct str body, struct wire_faults *faults)
{
    struct wire_span span;
    struct wire_metric metric;
    struct wire_feedback feedback;
    switch (reader) {
    case SPAN_CREATE:
        return wire_span_read_create(arena, body, &span, faults);
    case SPAN_PATCH:
        return wire_span_read_patch(arena, body, &span, faults);
    case METRIC_CREATE:
        return wire_metric_read_create(arena, body, &metric, faults);
    case METRIC_PATCH:
        return wire_metric_read_patch(arena, body, &metric, faults);
    case FEEDBACK:
        return wire_feedback_read(arena, body, &feedback, faults);
    }
    return false;
}

static void test_refused_requests(void)
{
    static const struct {
        enum reader reader;
        const char *body, *words;
    } rows[] = {
        {SPAN_CREATE, "", "body: Field required"},
        {SPAN_CREATE, "  ", "body: Field required"},
        {SPAN_CREATE, "{", "JSON decode error"},
        {SPAN_CREATE, "{\"name\":\"a\"}{}", "JSON decode error"},
        {SPAN_CREATE, "\xff", "JSON decode error"},
        {SPAN_CREATE, "null", "valid dictionary"},
        {SPAN_CREATE, "[]", "valid dictionary"},
        {SPAN_CREATE, "{}", "body.name: Field required"},
        {SPAN_CREATE, "{\"name\":null}", "body.name: Input should be a valid string"},
        {SPAN_CREATE, "{\"name\":5}", "body.name: Input should be a valid string"},
        {SPAN_CREATE, "{\"Name\":\"a\"}", "body.name: Field required"},
        {SPAN_CREATE, "{\"name\":\"a\",\"id\":\"x\"}", "body.id: Input should be a valid UUID"},
        {SPAN_CREATE, "{\"name\":\"a\",\"id\":\"" ID "0\"}", "body.id: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"trace_id\":1}", "body.trace_id: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"parent_id\":\"\"}", "body.parent_id: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"start_time\":\"yesterday\"}",
         "body.start_time: Input should be a valid datetime"},
        {SPAN_CREATE, "{\"name\":\"a\",\"end_time\":5}", "body.end_time: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"error\":{}}", "body.error: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"meta\":[]}", "body.meta: Input should be a valid dictionary"},
        {SPAN_CREATE, "{\"name\":\"a\",\"meta\":\"{}\"}", "body.meta: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"score\":9.5}", "body.score: Input should be a valid integer"},
        {SPAN_CREATE, "{\"name\":\"a\",\"score\":\"9\"}", "body.score: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"score\":true}", "body.score: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"score\":1e300}", "body.score: "},
        {SPAN_CREATE, "{\"name\":\"a\",\"score\":9223372036854775808}", "body.score: "},
        {SPAN_CREATE, "{\"name\":1,\"score\":\"x\",\"meta\":2}",
         "body.name: Input should be a valid string; body.meta: Input should be a valid "
         "dictionary; body.score: Input should be a valid integer"},
        {SPAN_PATCH, "", "body: Field required"},
        {SPAN_PATCH, "{\"output\":{\"a\":1}}", "body.output: Input should be a valid string"},
        {SPAN_PATCH, "{\"input\":5}", "body.input: Input should be a valid string"},
        {SPAN_PATCH, "{\"name\":[]}", "body.name: "},
        {METRIC_CREATE, "{}", "body.dimension: Field required; body.value: Field required"},
        {METRIC_CREATE, "{\"dimension\":\"d\"}", "body.value: Field required"},
        {METRIC_CREATE, "{\"dimension\":\"d\",\"value\":null}", "body.value: Input should be a valid number"},
        {METRIC_CREATE, "{\"dimension\":\"d\",\"value\":\"1\"}", "body.value: "},
        {METRIC_CREATE, "{\"dimension\":\"d\",\"value\":true}", "body.value: "},
        {METRIC_CREATE, "{\"dimension\":\"d\",\"value\":1e999}", "body.value: "},
        {METRIC_CREATE, "{\"dimension\":\"d\",\"value\":NaN}", "JSON decode error"},
        {METRIC_CREATE, "{\"dimension\":\"d\",\"value\":1,\"comment\":5}", "body.comment: "},
        {METRIC_PATCH, "{\"value\":[]}", "body.value: "},
        {FEEDBACK, "{}", "body.score: Field required"},
        {FEEDBACK, "{\"score\":1.01}", "less than or equal to 1"},
        {FEEDBACK, "{\"score\":-0.5}", "greater than or equal to 0"},
        {FEEDBACK, "{\"score\":1,\"save_to_dataset\":\"yes\"}", "body.save_to_dataset: "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct wire_faults faults = {.arena = &arena};
        struct buf out CLEANUP(buf_deinit) = BUF(10000);
        CHECK(rows[i].body, !read_as(rows[i].reader, &arena, str_from(rows[i].body), &faults));
        CHECK(rows[i].body, faults.items.len > 0);
        wire_error_write_faults(&out, &faults);
        CHECK_CONTAINS(rows[i].body, wire_error_words(&arena, buf_str(&out)), rows[i].words);
    }
}

static void test_nothing_given(void)
{
    static const struct {
        enum reader reader;
        const char *body;
    } rows[] = {
        {SPAN_CREATE, "{\"name\":\"\"}"},
        {SPAN_CREATE,
         "{\"name\":\"a\",\"id\":null,\"trace_id\":null,\"parent_id\":null,\"type\":null,\"start_time\":null,\"end_"
         "time\":null,"
         "\"input\":null,\"output\":null,\"error\":null,\"meta\":null,\"score\":null,\"later\":{\"x\":[1]}}"},
        {SPAN_PATCH, "{}"},
        {SPAN_PATCH,
         "{\"name\":null,\"input\":null,\"id\":5,\"trace_id\":[]}"}, /* what cannot be changed is not looked at */
        {METRIC_PATCH, "{}"},
        {FEEDBACK, "{\"score\":0,\"comment\":null}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct wire_faults faults = {.arena = &arena};
        CHECK(rows[i].body, read_as(rows[i].reader, &arena, str_from(rows[i].body), &faults));
    }
}

static const struct wire_span WHOLE = {
    .id = {ID, sizeof(ID) - 1},
    .trace_id = {ID_2, sizeof(ID_2) - 1},
    .parent_id = {ID, sizeof(ID) - 1},
    .name = {"h\xc3\xa9llo \"x\"\n\0y", 14},
    .type = {"evaluation_case", 15},
    .start = {true, 1710928800123456},
    .end = {true, 1710928801000000},
    .input = {"{\"a\":[1,1.50,null]}", 19},
    .output = {"\"said \\u0000 \\\"so\\\"\"", 20},
    .error = {"Exception: x", 12},
    .meta = {"{\"assay\":{\"v\":1}}", 17},
    .score = {true, 9},
    .feedback = {"{\"score\":1,\"comment\":null}", 26},
};

static void check_span(const char *row, const struct wire_span *got, const struct wire_span *want)
{
    CHECK_STR(row, got->id, want->id);
    CHECK_STR(row, got->trace_id, want->trace_id);
    CHECK_STR(row, got->parent_id, want->parent_id);
    CHECK_STR(row, got->name, want->name);
    CHECK_STR(row, got->type, want->type);
    CHECK_INT(row, got->start.us, want->start.us);
    CHECK_INT(row, got->end.us, want->end.us);
    CHECK_STR(row, got->input, want->input);
    CHECK_STR(row, got->output, want->output);
    CHECK_STR(row, got->error, want->error);
    CHECK_STR(row, got->meta, want->meta);
    CHECK_INT(row, got->score.has, want->score.has);
    CHECK_INT(row, got->score.value, want->score.value);
    CHECK_STR(row, got->feedback, want->feedback);
}

static void test_span_both_ways(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_faults faults = {.arena = &arena};
    struct err err = ERR_NULL;
    struct wire_span got;
    struct buf out CLEANUP(buf_deinit) = BUF(10000);

    wire_span_write_create(&out, &WHOLE);
    CHECK("create", wire_span_read_create(&arena, buf_str(&out), &got, &faults));
    struct wire_span want = WHOLE;
    want.feedback = STR_NULL;
    check_span("create", &got, &want);

    buf_clear(&out);
    wire_span_write(&out, &WHOLE, true);
    CHECK("answer", wire_span_read(&arena, buf_str(&out), &got, &err));
    check_span("answer", &got, &WHOLE);

    buf_clear(&out);
    wire_span_write_patch(&out, &WHOLE);
    CHECK("patch", wire_span_read_patch(&arena, buf_str(&out), &got, &faults));
    want.id = want.trace_id = want.parent_id = STR_NULL;
    want.input = STR("\"{\\\"a\\\":[1,1.50,null]}\""); /* a string, as the API wants */
    check_span("patch", &got, &want);
}

static void test_span_written(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(10000);
    struct wire_span span = {.name = STR("a")};
    wire_span_write_create(&out, &span);
    CHECK_CSTR("create, nothing else", buf_str(&out), "{\"name\":\"a\"}");
    buf_clear(&out);
    wire_span_write_patch(&out, &(struct wire_span){.output = STR("[1, 2]"), .score = {true, 0}});
    CHECK_CSTR("patch", buf_str(&out), "{\"output\":\"[1, 2]\",\"score\":0}");
    buf_clear(&out);
    wire_span_write(&out, &(struct wire_span){.id = STR(ID), .name = STR("a")}, false);
    CHECK_CSTR(
        "answer", buf_str(&out),
        "{\"id\":\"" ID
        "\",\"name\":\"a\",\"trace_id\":null,\"parent_id\":null,\"type\":null,\"start_time\":null,\"end_time\":null,"
        "\"input\":null,\"output\":null,\"error\":null,\"meta\":null,\"score\":null}");
    buf_clear(&out);
    wire_span_write(&out, &(struct wire_span){.id = STR(ID), .name = STR("a")}, true);
    CHECK_CONTAINS("answer of get", buf_str(&out), "\"feedback\":null}");
}

static void test_ids(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_faults faults = {.arena = &arena};
    struct err err = ERR_NULL;
    struct wire_span got;
    CHECK("upper case",
          wire_span_read_create(&arena, STR("{\"name\":\"a\",\"id\":\"0B1C2D3E-4F50-4A6B-8C7D-9E0F1A2B3C4D\"}"), &got,
                                &faults));
    CHECK_CSTR("upper case", got.id, ID);
    CHECK("an answer's id is any text", wire_span_read(&arena, STR("{\"id\":\"span_1\"}"), &got, &err));
    CHECK_CSTR("an answer's id is any text", got.id, "span_1");
}

/* What a service may answer that it should not: none where it is not understood, an error where there is no id. */
static void test_lenient_answers(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_span span;
    struct err err = ERR_NULL;
    CHECK("odd members",
          wire_span_read(&arena,
                         STR("{\"id\":\"x\",\"name\":5,\"score\":9.5,\"meta\":[],\"start_time\":\"soon\",\"input\":7}"),
                         &span, &err));
    CHECK("odd members", span.name.ptr == NULL && !span.score.has && span.meta.ptr == NULL && !span.start.has);
    CHECK_CSTR("odd members", span.input, "7");
    static const struct {
        const char *body, *words;
    } rows[] = {
        {"", "should be a span, and is no JSON"},  {"<html>", "should be a span, and is no JSON"},
        {"[]", "should be a span, and is a list"}, {"{}", "should be a span, and has no 'id'"},
        {"{\"id\":null}", "has no 'id'"},          {"{\"id\":5}", "has no 'id'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK(rows[i].body, !wire_span_read(&arena, str_from(rows[i].body), &span, &err));
        CHECK_CONTAINS(rows[i].body, str_from(err.text), rows[i].words);
        CHECK_INT(rows[i].body, err.kind, ERR_NET);
    }
    struct str id = STR_NULL;
    CHECK("id", !wire_read_id(&arena, STR("{}"), &id) && !wire_read_id(&arena, STR("{\"id\":5}"), &id));
    CHECK("id in capitals", wire_read_id(&arena, STR("{\"id\":\"774DC77E-e8f4-5995-b0ab-b053bc5ca62b\"}"), &id) &&
                                wire_id_eq(id, STR("774dc77e-e8f4-5995-b0ab-b053bc5ca62b")));
    CHECK("another id", !wire_id_eq(id, STR("774dc77e-e8f4-5995-b0ab-b053bc5ca62c")) && !wire_id_eq(id, STR("span")));
    struct wire_page page;
    CHECK("page", !wire_page_read(&arena, STR("{\"meta\":{\"total_count\":1}}"), &page, &err));
    CHECK("page without meta", wire_page_read(&arena, STR("{\"data\":[]}"), &page, &err) && !page.has_total);
    struct wire_trace trace;
    const struct value *spans = NULL;
    size_t count = 1;
    CHECK("trace", !wire_trace_read(&arena, STR("{\"spans\":[]}"), &trace, &spans, &count, &err));
    CHECK("trace without spans",
          wire_trace_read(&arena, STR("{\"id\":\"t\",\"spans\":null}"), &trace, &spans, &count, &err));
    CHECK_INT("trace without spans", count, 0);
}

static void check_double(double value)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_faults faults = {.arena = &arena};
    struct buf out CLEANUP(buf_deinit) = BUF(1000);
    struct wire_metric got;
    wire_metric_write_request(&out, &(struct wire_metric){.dimension = STR("d"), .value = {true, value}});
    CHECK("reads", wire_metric_read_create(&arena, buf_str(&out), &got, &faults));
    uint64_t sent = 0;
    uint64_t received = 0;
    memcpy(&sent, &value, sizeof(sent));
    memcpy(&received, &got.value.value, sizeof(received));
    CHECK("bits", sent == received);
}

static void test_doubles(void)
{
    static const double rows[] = {0,
                                  1,
                                  0.1,
                                  1.0 / 3,
                                  0.92,
                                  8.5,
                                  1250.0,
                                  125.3,
                                  5e-324,
                                  1.7976931348623157e308,
                                  -2.5e-7,
                                  9007199254740993.0,
                                  1e15,
                                  1e16,
                                  1e21,
                                  1e-7,
                                  123456789012345678.0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check_double(rows[i]);
        check_double(rows[i] == 0 ? 0 : -rows[i]);
    }
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t i = 0; i < 20000; i++) {
        uint64_t bits = rng_u64(&rng);
        double value = 0;
        memcpy(&value, &bits, sizeof(value));
        if (isfinite(value)) {
            check_double(value);
        }
    }
}

static void test_page_of_metrics(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf out CLEANUP(buf_deinit) = BUF(10000);
    struct json_writer w;
    struct wire_metric metric = {.id = STR(ID),
                                 .span_id = STR(ID_2),
                                 .dimension = STR("tone"),
                                 .value = {true, 0.1},
                                 .created = {true, 1000000}};
    json_writer_init(&w, &out);
    wire_page_begin(&w, 17);
    wire_metric_write(&w, &metric, false);
    metric.comment = STR("why");
    wire_metric_write(&w, &metric, false);
    wire_page_end(&w);
    CHECK_CSTR(
        "page", buf_str(&out),
        "{\"meta\":{\"total_count\":17},\"data\":["
        "{\"id\":\"" ID "\",\"span_id\":\"" ID_2
        "\",\"dimension\":\"tone\",\"value\":0.1,\"comment\":null,\"created_at\":\"1970-01-01T00:00:01.000Z\"},"
        "{\"id\":\"" ID "\",\"span_id\":\"" ID_2
        "\",\"dimension\":\"tone\",\"value\":0.1,\"comment\":\"why\",\"created_at\":\"1970-01-01T00:00:01.000Z\"}]}");
    struct wire_page page;
    struct wire_metric got;
    struct err err = ERR_NULL;
    CHECK("reads", wire_page_read(&arena, buf_str(&out), &page, &err));
    CHECK_INT("total", page.total_count, 17);
    CHECK_INT("items", page.count, 2);
    CHECK("metric", wire_metric_of(&arena, &page.items[1], &got));
    CHECK_CSTR("metric", got.comment, "why");
    CHECK_CSTR("metric", got.span_id, ID_2);
    CHECK_INT("metric", got.created.us, 1000000);
}

static void test_trace_both_ways(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf out CLEANUP(buf_deinit) = BUF(10000);
    struct json_writer w;
    struct wire_metric metric = {.id = STR(ID), .span_id = STR(ID), .dimension = STR("tone"), .value = {true, 3}};
    struct wire_trace_span span = {
        .id = STR(ID),
        .parent_id = STR(ID_2),
        .name = STR("s"),
        .meta = STR("{\"a\":1}"),
        .score = {true, 10},
        .duration_ms = {true, 5},
        .metrics = &metric,
        .metric_count = 1,
        .data = {
            .input = STR("{\"q\":1}"), .output = STR("\"t\\n\""), .tags = STR("[\"x\"]"), .total_tokens = {true, 7}}};
    struct wire_trace trace = {
        .id = STR(ID_2), .name = STR("run"), .input = STR("[1]"), .status = STR("success"), .start = {true, 0}};
    json_writer_init(&w, &out);
    wire_trace_begin(&w, &trace);
    wire_trace_write_span(&w, &span);
    wire_trace_end(&w);
    CHECK_CONTAINS("strings in data", buf_str(&out), "\"data\":{\"input\":\"{\\\"q\\\":1}\",\"output\":\"t\\n\",");
    CHECK("no span_id in a trace", strstr(out.ptr, "span_id") == NULL);
    struct wire_trace got;
    struct wire_trace_span got_span;
    const struct value *spans = NULL;
    size_t count = 0;
    struct err err = ERR_NULL;
    CHECK("reads", wire_trace_read(&arena, buf_str(&out), &got, &spans, &count, &err));
    CHECK_INT("spans", count, 1);
    CHECK_CSTR("input", got.input, "\"[1]\"");
    CHECK("start at 1970 is a time", got.start.has && got.start.us == 0 && !got.end.has);
    CHECK("span", wire_trace_span_of(&arena, &spans[0], &got_span));
    CHECK_CSTR("span", got_span.meta, "{\"a\":1}");
    CHECK_CSTR("span", got_span.data.tags, "[\"x\"]");
    CHECK_CSTR("span", got_span.data.output, "\"t\\n\"");
    CHECK_INT("metrics", got_span.metric_count, 1);
    CHECK_DOUBLE("metrics", got_span.metrics[0].value.value, 3, 0);
    CHECK("odd span", !wire_trace_span_of(&arena, &(struct value){.kind = VALUE_LIST}, &got_span));
}

static void test_feedback(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_faults faults = {.arena = &arena};
    struct wire_feedback feedback;
    struct buf out CLEANUP(buf_deinit) = BUF(1000);
    CHECK("reads", wire_feedback_read(&arena, STR("{\"score\":0.5,\"comment\":\"ok\",\"save_to_dataset\":true}"),
                                      &feedback, &faults));
    CHECK("reads", feedback.save_to_dataset.has && feedback.save_to_dataset.value);
    feedback.span_id = STR(ID);
    feedback.example_saved = (struct wire_bool){true, false};
    wire_feedback_write(&out, &feedback);
    CHECK_CSTR("answer", buf_str(&out),
               "{\"span_id\":\"" ID "\",\"score\":0.5,\"comment\":\"ok\",\"example_saved\":false}");
    CHECK_CSTR("in a span", wire_feedback_of_span(&arena, &feedback), "{\"score\":0.5,\"comment\":\"ok\"}");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused requests", test_refused_requests},
        {"nothing given", test_nothing_given},
        {"span both ways", test_span_both_ways},
        {"span written", test_span_written},
        {"ids", test_ids},
        {"lenient answers", test_lenient_answers},
        {"doubles", test_doubles},
        {"page of metrics", test_page_of_metrics},
        {"trace both ways", test_trace_both_ways},
        {"feedback", test_feedback},
    };
    return check_run("wire/messages", tests, ARRAY_LEN(tests));
}
