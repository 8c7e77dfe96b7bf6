#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "data/json.h"
#include "opper/render.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

static struct recording recording_full(void)
{
    return (struct recording){.options = RECORD_OPTIONS_DEFAULT};
}

static struct str text_of(struct arena *arena, struct str json)
{
    struct value v;
    struct err err = ERR_NULL;
    CHECK("JSON", json_read(arena, json, JSON_OURS, (struct src_pos){0}, &v, NULL, &err));
    return v.text;
}

static void test_texts(void)
{
    static char text[4000];
    memset(text, 'x', sizeof(text));
    const struct {
        const char *name;
        struct str text;
        int how;
        uint64_t max_bytes;
        const char *want; /* its end; NULL = nothing is sent */
        size_t len;
    } rows[] = {
        {"whole", STR("abc"), RECORD_FULL, 256, "abc", 3},
        {"empty is a text", STR(""), RECORD_FULL, 256, "", 0},
        {"none", STR("abc"), RECORD_NONE, 256, NULL, 0},
        {"no text", STR_NULL, RECORD_FULL, 256, NULL, 0},
        {"digest", STR("abc"), RECORD_DIGEST, 256,
         "[not sent: 3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad]", 93},
        {"at the limit", {text, 300}, RECORD_FULL, 300, "xxx", 300},
        {"over it", {text, 301}, RECORD_FULL, 300, "]", 300 + 1 + 111},
        {"cut at a character", STR("\xc3\xa4\xc3\xa4"), RECORD_FULL, 3, "]", 2 + 1 + 109},
        {"not UTF-8", STR("a\xff"), RECORD_FULL, 300, "a\xef\xbf\xbd", 4},
        {"control characters", STR("a\0\x1b"), RECORD_FULL, 300, "\x1b", 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct str json = render_text(&arena, rows[i].text, rows[i].how, rows[i].max_bytes);
        CHECK(rows[i].name, (json.ptr == NULL) == (rows[i].want == NULL));
        if (json.ptr == NULL || rows[i].want == NULL) {
            continue;
        }
        struct str got = text_of(&arena, json);
        CHECK_INT(rows[i].name, got.len, rows[i].len);
        CHECK(rows[i].name, str_ends(got, str_from(rows[i].want)));
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str cut = text_of(&arena, render_text(&arena, (struct str){text, 4000}, RECORD_FULL, 256));
    CHECK_CONTAINS("length and digest of the whole", cut, "\n[cut here; the whole text: 4000 bytes, SHA-256 ");
    CHECK("its beginning", str_starts(cut, (struct str){text, 256}));
}

static void test_sample(void)
{
    struct fixture f;
    struct rendered r;
    struct recording recording = recording_full();
    fixture_open(&f, 2, 1);
    struct sample_record s = fixture_sample(&f, &f.run, 1, 1);
    s.tags = STR("[\"smoke\"]");
    s.case_digest = digest_of(STR("x"));
    s.meta = STR("{\"call_span_id\":\"cccccccc-0000-4000-8000-000000000000\",\"stderr\":\"secret\"}");
    s.score = 0.75;
    render_sample(&f.arena, &recording, &f.run, &s, false, &r);
    CHECK_STR("name", r.span.name, STR("case-1"));
    CHECK_STR("type", r.span.type, STR("evaluation_case"));
    CHECK_CSTR("id", r.span.id, id_text(&s.span).text);
    CHECK_CSTR("trace", r.span.trace_id, id_text(&f.run.id).text);
    CHECK_CSTR("parent", r.span.parent_id, id_text(&f.run.root_span).text);
    CHECK_STR("a text without its quotes", r.span.input, STR("\"what is 1?\""));
    CHECK_STR("output", r.span.output, STR("\"A: 1.1\""));
    CHECK_INT("score", r.span.score.value, 8);
    CHECK("no error", r.span.error.ptr == NULL);
    CHECK_STR("meta", r.span.meta,
              STR("{\"assay\":{\"v\":1,\"case\":\"case-1\","
                  "\"digest\":\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\",\"ordinal\":1,"
                  "\"trial\":1,\"attempt\":0,\"tags\":[\"smoke\"],\"cluster\":null,\"state\":\"scored\",\"pass\":true,"
                  "\"score\":0.75,\"tries\":2,\"scores\":{\"answer\":[1,true],\"latency_ms\":[null,null]},"
                  "\"call_span_id\":\"cccccccc-0000-4000-8000-000000000000\"}}"));
    CHECK_INT("metrics", r.metric_count, 2);
    CHECK_STR("dimension", r.metrics[0].dimension, STR("answer"));
    CHECK_DOUBLE("value", r.metrics[0].value.value, 1, 0);
    CHECK_STR("comment", r.metrics[0].comment, STR("because"));
    CHECK("no comment", r.metrics[1].comment.ptr == NULL);

    s.input = STR("{\"q\":[1,2]}");
    recording.options.comments = RECORD_NONE;
    recording.options.outputs = RECORD_DIGEST;
    render_sample(&f.arena, &recording, &f.run, &s, true, &r);
    CHECK_STR("JSON as its text", r.span.input, STR("\"{\\\"q\\\":[1,2]}\""));
    CHECK("no comments", r.metrics[0].comment.ptr == NULL);
    CHECK_CONTAINS("no output", r.span.output, "not sent");
    CHECK_CONTAINS("superseded", r.span.meta, "\"superseded\":true");
    fixture_deinit(&f);
}

static void test_errored(void)
{
    struct fixture f;
    struct rendered r;
    struct recording recording = recording_full();
    fixture_open(&f, 2, 1);
    struct sample_record s = fixture_sample(&f, &f.run, 1, 1);
    s.state = SAMPLE_ERRORED;
    s.error = ERROR_NOT_SCORED;
    s.error_text = STR("answer: not scored: the pattern ran into its limit");
    s.has_score = true; /* of the scores that there are; never the span's */
    s.pass = PASS_NONE;
    render_sample(&f.arena, &recording, &f.run, &s, false, &r);
    CHECK_STR("error", r.span.error, s.error_text);
    CHECK("no score", !r.span.score.has);
    CHECK_INT("no judged metrics, measures stay", r.metric_count, 1);
    CHECK_STR("measure", r.metrics[0].dimension, STR("latency_ms"));
    CHECK_CONTAINS("meta", r.span.meta, "\"state\":\"errored\",\"error\":\"not_scored\",\"pass\":null");
    CHECK_CONTAINS("no judged score in it", r.span.meta, "\"scores\":{\"latency_ms\":[null,null]}");
    s.scores[0].outcome = SCORE_NOT_SCORED;
    render_sample(&f.arena, &recording, &f.run, &s, false, &r);
    CHECK_INT("nor is that a metric", r.metric_count, 1);
    CHECK_CONTAINS("what could not be judged is counted, so told", r.span.meta,
                   "\"scores\":{\"answer\":null,\"latency_ms\":[null,null]}");
    s.error_text = STR_NULL;
    s.state = SAMPLE_SCORED;
    s.error = ERROR_NONE;
    s.scores[1].value = -0.0;
    render_sample(&f.arena, &recording, &f.run, &s, false, &r); /* an optional one */
    CHECK_INT("what was not scored is no metric", r.metric_count, 1);
    CHECK_CONTAINS("but told", r.span.meta, "\"answer\":null");
    CHECK("one zero", 1 / r.metrics[0].value.value > 0);
    fixture_deinit(&f);
}

static void test_classes(void)
{
    struct fixture f;
    struct rendered r;
    struct recording recording = recording_full();
    fixture_open(&f, 1, 1);
    struct sample_record s = fixture_sample(&f, &f.run, 0, 1);
    s.scores[0].wanted = STR("billing");
    s.scores[0].answered = STR("other");
    render_sample(&f.arena, &recording, &f.run, &s, false, &r);
    CHECK_CONTAINS("classes", r.span.meta, "[1,true,\"billing\",\"other\"]");
    recording.options.outputs = RECORD_NONE;
    render_sample(&f.arena, &recording, &f.run, &s, false, &r);
    CHECK_CONTAINS("a part of the output, so not without it", r.span.meta, "\"answer\":[1,true],");
    fixture_deinit(&f);
}

static void test_root(void)
{
    struct fixture f;
    struct rendered r;
    struct err err = ERR_NULL;
    fixture_open(&f, 1, 1);
    render_root_begin(&f.arena, &f.run, &r);
    CHECK_STR("name", r.span.name, STR("math [default]"));
    CHECK_STR("type", r.span.type, STR("evaluation_run"));
    CHECK("no parent", r.span.parent_id.ptr == NULL);
    CHECK_STR("meta", r.span.meta, STR("{\"assay\":{\"kind\":\"run\"}}"));
    CHECK("no end yet", !r.span.end.has);
    struct root_metric metrics[] = {{STR("answer.mean"), 0.5, STR("over 2 cases")}};
    struct root_record root = {.input = STR("{\"suite\":\"math\"}"),
                               .output = STR("passed: 1 gate holds"),
                               .span_score = 5,
                               .metrics = metrics,
                               .metric_count = 1};
    f.run.finished_unix_ms = 1700000009000;
    f.run.state = RUN_FINISHED;
    f.run.verdict = VERDICT_FAILED;
    f.run.summary = STR("{\"verdict\":\"failed\"}");
    CHECK("end", render_root_end(&f.arena, &f.invocation, &f.run, &root, &r, &err));
    struct value meta;
    CHECK("meta is JSON", json_read(&f.arena, r.span.meta, JSON_OURS, (struct src_pos){0}, &meta, NULL, &err));
    const struct value *ours = value_get(&meta, STR("assay"));
    CHECK("ours", ours != NULL);
    CHECK_STR("verdict", value_get(ours, STR("verdict"))->text, STR("failed"));
    CHECK_STR("selection", value_get(ours, STR("selection"))->text, STR("full"));
    CHECK_STR("finished", value_get(ours, STR("finished"))->text, STR("2023-11-14T22:13:29.000Z"));
    CHECK("summary", value_get(ours, STR("summary"))->kind == VALUE_MAP);
    CHECK("what was recorded", value_get(ours, STR("recorded"))->kind == VALUE_MAP);
    CHECK_STR("output in words", r.span.output, STR("\"passed: 1 gate holds\""));
    CHECK_INT("score", r.span.score.value, 5);
    CHECK_INT("metrics", r.metric_count, 1);
    /* what delivery makes of the invocation changes nothing that was sent */
    struct str before = arena_str(&f.arena, r.span.meta);
    f.invocation.verdict = VERDICT_UNRECORDED;
    f.invocation.reason = STR("2 spans are not confirmed");
    CHECK("again", render_root_end(&f.arena, &f.invocation, &f.run, &root, &r, &err));
    CHECK_STR("the same", r.span.meta, before);
    root.output = STR_NULL;
    CHECK("not before its end", !render_root_end(&f.arena, &f.invocation, &f.run, &root, &r, &err));
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"texts", test_texts},     {"sample", test_sample}, {"errored", test_errored},
        {"classes", test_classes}, {"root", test_root},
    };
    return check_run("render", tests, ARRAY_LEN(tests));
}
