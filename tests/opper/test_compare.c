#include "base/arena.h"
#include "opper/compare.h"
#include "tests/check.h"
#include "wire/metric.h"
#include "wire/span.h"

static struct wire_span plain(void)
{
    return (struct wire_span){
        .id = STR("11111111-1111-4111-8111-111111111111"),
        .trace_id = STR("t"),
        .parent_id = STR("p"),
        .name = STR("case-1"),
        .type = STR("evaluation_case"),
        .start = {true, 1700000000123000},
        .end = {true, 1700000000456000},
        .input = STR("\"what?\""),
        .output = STR("\"{\\\"a\\\": 1}\""),
        .meta = STR("{\"assay\":{\"v\":1,\"scores\":{\"a\":[0.5,true]}}}"),
        .score = {true, 7},
    };
}

static void test_spans(void)
{
    struct wire_span got[32];
    for (size_t i = 0; i < ARRAY_LEN(got); i++) {
        got[i] = plain();
    }
    const struct {
        const char *name;
        const char *differs;
    } rows[] = {
        {"equal", NULL},
        {"microseconds of the service", NULL},
        {"other order of keys, and a key of somebody else", NULL},
        {"output given back decoded", NULL},
        {"an input that nobody sent", NULL},
        {"another trace", "trace_id"},
        {"another parent", "parent_id"},
        {"another name", "name"},
        {"another type", "type"},
        {"another start", "start_time"},
        {"no end", "end_time"},
        {"another input", "input"},
        {"no output", "output"},
        {"output decoded to another value", "output"},
        {"an error that we did not send", "error"},
        {"another score in meta", "meta"},
        {"no meta", "meta"},
        {"meta without our key", "meta"},
        {"another score", "score"},
        {"no score", "score"},
    };
    struct wire_span want[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        want[i] = plain();
    }
    got[1].start.us += 999;
    got[2].meta = STR("{\"owner\":\"x\",\"assay\":{\"scores\":{\"a\":[5e-1,true]},\"v\":1}}");
    got[3].output = STR("{\"a\":1.0}");
    want[4].input = STR_NULL;
    got[5].trace_id = STR("u");
    got[6].parent_id = STR_NULL;
    got[7].name = STR("case-2");
    got[8].type = STR_NULL;
    got[9].start.us += 1000;
    got[10].end.has = false;
    got[11].input = STR("\"what\"");
    got[12].output = STR_NULL;
    got[13].output = STR("{\"a\":2}");
    got[14].error = STR("boom");
    got[15].meta = STR("{\"assay\":{\"v\":1,\"scores\":{\"a\":[0.25,true]}}}");
    got[16].meta = STR_NULL;
    got[17].meta = STR("{\"v\":1}");
    got[18].score.value = 8;
    got[19].score.has = false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        CHECK_CSTR(rows[i].name, str_from(compare_span(&arena, &want[i], &got[i])), rows[i].differs);
    }
}

static void test_metrics(void)
{
    static const struct {
        const char *name;
        double want, got;
        const char *want_comment, *got_comment;
        bool is_equal;
    } rows[] = {
        {"equal", 0.1, 0.1, "pass", "pass", true},
        {"by the last bit", 0.1 + 0.2, 0.3, "pass", "pass", false},
        {"no comment", 1, 1, NULL, NULL, true},
        {"a comment that we did not send", 1, 1, NULL, "x", false},
        {"another comment", 1, 1, "a", "b", false},
        {"bytes that are no UTF-8 travel as U+FFFD", 1, 1, "a\xff", "a\xef\xbf\xbd", true},
        {"the smallest", 4.9e-324, 4.9e-324, NULL, NULL, true},
        {"the largest", 1.7976931348623157e308, 1.7976931348623157e308, NULL, NULL, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wire_metric want = {.value = {true, rows[i].want}, .comment = str_from(rows[i].want_comment)};
        struct wire_metric got = {.value = {true, rows[i].got}, .comment = str_from(rows[i].got_comment)};
        CHECK(rows[i].name, compare_metric(&want, &got) == rows[i].is_equal);
    }
    struct wire_metric none = {0};
    struct wire_metric zero = {.value = {true, 0}};
    CHECK("no value", !compare_metric(&zero, &none));
}

int main(void)
{
    static const struct check_test tests[] = {{"spans", test_spans}, {"metrics", test_metrics}};
    return check_run("compare", tests, ARRAY_LEN(tests));
}
