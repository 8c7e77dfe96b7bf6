#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/rng.h"
#include "data/json.h"
#include "opper/lookup.h"
#include "opper/pulled.h"
#include "opper/render.h"
#include "tests/check.h"
#include "tests/store/fixture.h"
#include "wire/span.h"
#include "wire/trace.h"

/* --- there and back -------------------------------------------------------------------------------------------------------------------------- */

/* The span as a trace has it. */
static struct str item_of(struct arena *arena, const struct rendered *r)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    const struct wire_span *s = &r->span;
    struct wire_trace_span span = {
        .id = s->id,
        .parent_id = s->parent_id,
        .name = s->name,
        .type = s->type,
        .start = s->start,
        .end = s->end,
        .error = s->error,
        .meta = s->meta,
        .score = s->score,
        .data = {.input = s->input, .output = s->output},
        .metrics = r->metrics,
        .metric_count = r->metric_count,
    };
    for (size_t i = 0; i < r->metric_count; i++) {
        r->metrics[i].id = arena_printf(arena, "%08zu-0000-4000-8000-000000000000", i);
    }
    json_writer_init(&w, &text);
    wire_trace_write_span(&w, &span);
    return arena_str(arena, buf_str(&text));
}

static void check_scores(const struct sample_record *got, const struct sample_record *want,
                         const struct run_record *run)
{
    size_t at = 0;
    for (size_t i = 0; i < want->score_count; i++) {
        const struct score *w = &want->scores[i];
        bool is_judged = run->dimensions[w->dimension].kind == DIMENSION_JUDGED;
        if (want->state == SAMPLE_ERRORED && is_judged && w->outcome != SCORE_NOT_SCORED) {
            continue; /* of an errored sample only measures are told, and what could not be judged */
        }
        const struct score *g = &got->scores[at++];
        if (at > got->score_count) {
            break;
        }
        CHECK_INT("dimension", g->dimension, w->dimension);
        CHECK_INT("outcome", g->outcome, w->outcome);
        CHECK("value, bit for bit", num_same_bits(g->value, w->value));
        CHECK_INT("has unit", g->has_unit, w->has_unit);
        CHECK_DOUBLE("unit", g->unit, w->unit, 0);
        CHECK_STR("comment", g->comment, w->outcome == SCORE_NOT_SCORED ? STR("") : w->comment);
        CHECK_STR("wanted", g->wanted, w->wanted);
        CHECK_STR("answered", g->answered, w->answered);
    }
    CHECK_INT("scores", got->score_count, at);
}

static void check_same(const struct sample_record *got, const struct sample_record *want, const struct run_record *run)
{
    CHECK_INT("ordinal", got->ordinal, want->ordinal);
    CHECK_STR("case", got->case_id, want->case_id);
    CHECK("digest", digest_eq(&got->case_digest, &want->case_digest));
    CHECK_STR("tags", got->tags, want->tags.len > 0 ? want->tags : STR("[]"));
    CHECK_STR("cluster", got->cluster, want->cluster);
    CHECK_INT("trial", got->trial, want->trial);
    CHECK_INT("attempt", got->attempt, want->attempt);
    CHECK("span", id_eq(&got->span, &want->span));
    CHECK_INT("started", got->started_unix_ms, want->started_unix_ms);
    CHECK_INT("ended", got->ended_unix_ms, want->ended_unix_ms);
    CHECK_INT("state", got->state, want->state);
    CHECK_INT("error", got->error, want->error);
    CHECK_STR("error text", got->error_text, want->error_text);
    CHECK_STR("input", got->input, want->input);
    CHECK_STR("output", got->output, want->output);
    CHECK_INT("is JSON", got->output_is_json, want->output_is_json);
    CHECK_INT("pass", got->pass, want->pass);
    CHECK_INT("has score", got->has_score, want->has_score);
    CHECK_DOUBLE("score", got->score, want->score, 0);
    CHECK_INT("tries", got->measures.attempts, want->measures.attempts);
    check_scores(got, want, run);
}

static struct str one_of(struct rng *rng, const char *const *texts, size_t count)
{
    return str_from(texts[rng_below(rng, count)]);
}

static struct sample_record random_sample(struct fixture *f, struct rng *rng)
{
    static const char *const inputs[] = {
        "\"\"", "\"a \\\"b\\\"\\n\"", "{\"q\":[1,2.50,null]}", "[]", "42", "null", "\"42\"", "\"{}\""};
    static const char *const outputs[] = {"", "plain\n", "{\"a\":1}", "\xc3\xa4 \x01"};
    struct sample_record s = fixture_sample(f, &f->run, rng_below(rng, 1000), 1 + (uint32_t)rng_below(rng, 5));
    s.case_digest = digest_of(s.case_id);
    s.attempt = (uint32_t)rng_below(rng, 3);
    s.tags = rng_below(rng, 2) == 0 ? STR("[]") : STR("[\"a\",\"b \\\" c\"]");
    s.cluster = rng_below(rng, 2) == 0 ? STR_NULL : STR("c");
    s.input = one_of(rng, inputs, ARRAY_LEN(inputs));
    s.output = rng_below(rng, 8) == 0 ? STR_NULL : one_of(rng, outputs, ARRAY_LEN(outputs));
    s.output_is_json = s.output.len == 7;
    s.meta = STR_NULL;
    s.measures = (struct call_measures){.attempts = 1 + (uint32_t)rng_below(rng, 4)};
    s.scores[0].value = s.scores[0].unit = rng_unit(rng);
    s.scores[1].value = rng_unit(rng) * 1e300 - 5e299;
    s.score = rng_unit(rng);
    if (rng_below(rng, 4) == 0) {
        s.state = SAMPLE_ERRORED;
        s.error = (enum error_kind)(1 + rng_below(rng, ERROR_CANCELLED - 1));
        s.error_text = STR("no answer: \"x\"");
        s.pass = PASS_NONE;
        s.has_score = false;
        s.score = 0;
        s.scores[1].outcome = SCORE_FAIL;
        if (rng_below(rng, 2) == 0) {
            s.scores[0] = (struct score){.dimension = 0, .outcome = SCORE_NOT_SCORED};
        }
    } else if (rng_below(rng, 4) == 0) {
        s.scores[0] = (struct score){.dimension = 0, .outcome = SCORE_NOT_SCORED};
    } else if (rng_below(rng, 2) == 0) {
        s.scores[0].wanted = STR("billing");
        s.scores[0].answered = rng_below(rng, 2) == 0 ? STR_NULL : STR("other");
    }
    return s;
}

static void test_random(void)
{
    struct fixture f;
    struct rng rng;
    fixture_open(&f, 1, 1);
    rng_seed(&rng, 7);
    struct recording recording = {.options = RECORD_OPTIONS_DEFAULT};
    for (int i = 0; i < 400; i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct rendered r;
        struct sample_record got;
        bool is_sample = false;
        struct sample_record want = random_sample(&f, &rng);
        render_sample(&arena, &recording, &f.run, &want, false, &r);
        CHECK("read", pulled_read_span(&arena, item_of(&arena, &r), &f.run, &is_sample, &got, &err));
        CHECK(err.text, is_sample);
        if (is_sample) {
            check_same(&got, &want, &f.run);
        }
    }
    fixture_deinit(&f);
}

/* Rendered as it would be sent, and read again; whether it is a sample then. */
static bool there_and_back(struct fixture *f, const struct recording *recording, const struct sample_record *s,
                           bool is_superseded, struct sample_record *ret)
{
    struct rendered r;
    struct err err = ERR_NULL;
    bool is_sample = false;
    render_sample(&f->arena, recording, &f->run, s, is_superseded, &r);
    CHECK("read", pulled_read_span(&f->arena, item_of(&f->arena, &r), &f->run, &is_sample, ret, &err));
    return is_sample;
}

static void test_held_back(void)
{
    struct fixture f;
    struct sample_record got = {0};
    fixture_open(&f, 1, 1);
    struct recording recording = {.options = RECORD_OPTIONS_DEFAULT};
    struct sample_record s = fixture_sample(&f, &f.run, 0, 1);
    s.input = STR("{\"q\":1}");
    recording.options.inputs = RECORD_NONE;
    recording.options.outputs = RECORD_DIGEST;
    recording.options.comments = RECORD_NONE;
    CHECK("a sample", there_and_back(&f, &recording, &s, false, &got));
    CHECK_STR("no input", got.input, STR("null"));
    CHECK_CONTAINS("what stands for the output", got.output, "[not sent: 6 bytes, SHA-256 ");
    CHECK_INT("no comment", got.scores[0].comment.len, 0);

    recording.options = RECORD_OPTIONS_DEFAULT;
    recording.options.max_bytes = 4;
    CHECK("a sample", there_and_back(&f, &recording, &s, false, &got));
    CHECK_CONTAINS("a cut JSON is a text", got.input, "\"{\\\"q\\\"\\n[cut here; the whole text: 7 bytes");

    CHECK("superseded", !there_and_back(&f, &recording, &s, true, &got));
    fixture_deinit(&f);
}

static void test_measures(void)
{
    struct fixture f;
    struct sample_record got = {0};
    fixture_open(&f, 1, 1);
    struct recording recording = {.options = RECORD_OPTIONS_DEFAULT};
    struct dimension dimensions[2] = {f.run.dimensions[0], f.run.dimensions[1]};
    dimensions[1].is_call_measure = true;
    f.run.dimensions = dimensions;
    struct sample_record s = fixture_sample(&f, &f.run, 0, 1);
    CHECK("a sample", there_and_back(&f, &recording, &s, false, &got));
    CHECK("latency of the call", got.measures.has_latency && got.measures.latency_ms == s.scores[1].value);
    CHECK("no other", !got.measures.has_cost && !got.measures.has_input_tokens);
    fixture_deinit(&f);
}

/* --- what is no record ---------------------------------------------------------------------------------------------------------------------- */

#define HEAD "{\"id\":\"aaaaaaaa-0000-4000-8000-000000000000\",\"parent_id\":\"%s\",\"name\":\"x\",\"meta\":{\"assay\":"
#define PLACE "\"case\":\"x\",\"ordinal\":0,\"trial\":1,\"attempt\":0,"
#define DIGEST "\"digest\":\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\","
#define STATE "\"state\":\"scored\""

static void test_damaged(void)
{
    static const struct {
        const char *name, *tail;
        const char *want; /* "" = passed over; else words of the error */
    } rows[] = {
        {"not ours", "null}}", ""},
        {"a list", "[]}}", ""},
        {"no case", "{" STATE "}}}", ""},
        {"no place", "{\"case\":\"x\"," DIGEST STATE "}}}", "meta.assay.case"},
        {"a trial of text", "{\"case\":\"x\",\"ordinal\":0,\"trial\":\"1\",\"attempt\":0," DIGEST STATE "}}}",
         "meta.assay.trial"},
        {"a trial beyond all", "{\"case\":\"x\",\"ordinal\":0,\"trial\":99999999999,\"attempt\":0," DIGEST STATE "}}}",
         "meta.assay.case"},
        {"half a number", "{\"case\":\"x\",\"ordinal\":0.5,\"trial\":1,\"attempt\":0," DIGEST STATE "}}}",
         "meta.assay.ordinal"},
        {"no digest", "{" PLACE STATE "}}}", "meta.assay.digest"},
        {"a short digest", "{" PLACE "\"digest\":\"2d71\"," STATE "}}}", "meta.assay.digest"},
        {"an unknown state", "{" PLACE DIGEST "\"state\":\"fine\"}}}", "meta.assay.state"},
        {"an unknown error", "{" PLACE DIGEST "\"state\":\"errored\",\"error\":\"fine\"}}}", "meta.assay.error"},
        {"a pass of text", "{" PLACE DIGEST STATE ",\"pass\":\"yes\"}}}", "meta.assay.pass"},
        {"a score of text", "{" PLACE DIGEST STATE ",\"score\":\"1\"}}}", "meta.assay.score"},
        {"scores in a list", "{" PLACE DIGEST STATE ",\"scores\":[]}}}", "meta.assay.scores"},
        {"a score without its pair", "{" PLACE DIGEST STATE ",\"scores\":{\"answer\":[1]}}}}", "meta.assay.scores"},
        {"a score of text", "{" PLACE DIGEST STATE ",\"scores\":{\"answer\":\"x\"}}}}", "meta.assay.scores"},
        {"an unknown dimension", "{" PLACE DIGEST STATE ",\"scores\":{\"other\":[1,true]}}}}", "meta.assay.scores"},
        {"no metric", "{" PLACE DIGEST STATE ",\"scores\":{\"answer\":[1,true]}}}}", "has no metric 'answer'"},
        {"a metric without a value",
         "{" PLACE DIGEST STATE ",\"scores\":{\"answer\":[1,true]}}},\"metrics\":[{\"id\":"
         "\"aaaaaaaa-0000-4000-8000-000000000001\",\"dimension\":\"answer\"}]}",
         "has no metric 'answer'"},
        {"metrics of no list", "{" PLACE DIGEST STATE ",\"scores\":{\"answer\":[1,true]}}},\"metrics\":7}",
         "has no metric 'answer'"},
        {"cut", "{", "a span of the trace"},
    };
    struct fixture f;
    fixture_open(&f, 1, 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct sample_record got;
        bool is_sample = true;
        struct str item = arena_printf(&arena, HEAD "%s", id_text(&f.run.root_span).text, rows[i].tail);
        bool ok = pulled_read_span(&arena, item, &f.run, &is_sample, &got, &err);
        CHECK_INT(rows[i].name, ok, rows[i].want[0] == '\0');
        CHECK(rows[i].name, !is_sample);
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].want);
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct sample_record got;
    bool is_sample = true;
    struct str item = arena_printf(&arena, HEAD "{" PLACE DIGEST STATE "}}}", "bbbbbbbb-0000-4000-8000-000000000000");
    CHECK("below another span", pulled_read_span(&arena, item, &f.run, &is_sample, &got, &err) && !is_sample);
    item = arena_printf(&arena, HEAD "{" PLACE DIGEST STATE "}}}", id_text(&f.run.root_span).text);
    CHECK("and else it is one", pulled_read_span(&arena, item, &f.run, &is_sample, &got, &err) && is_sample);
    fixture_deinit(&f);
}

/* --- the root -------------------------------------------------------------------------------------------------------------------------------- */

static struct str body_of(struct arena *arena, const struct wire_span *span)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    wire_span_write(&text, span, true);
    return arena_str(arena, buf_str(&text));
}

static void test_root(void)
{
    struct fixture f;
    struct rendered r;
    struct err err = ERR_NULL;
    struct pulled_root root;
    struct value line;
    fixture_open(&f, 1, 1);
    f.run.header =
        arena_printf(&f.arena,
                     "{\"kind\":\"run\",\"format\":1,\"invocation\":\"%s\",\"run\":\"%s\",\"suite\":\"math\","
                     "\"variant\":\"default\",\"labels\":{\"branch\":\"main\"}}",
                     id_text(&f.invocation.id).text, id_text(&f.run.id).text);
    render_root_begin(&f.arena, &f.run, &r);
    CHECK("begun", pulled_read_root(&f.arena, body_of(&f.arena, &r.span), &root, &err));
    CHECK("not ended", !root.is_finished && root.line.ptr == NULL);
    CHECK("run", id_eq(&root.run, &f.run.id) && id_eq(&root.invocation, &f.invocation.id));

    struct root_record record = {.input = STR("{}"), .output = STR("passed"), .span_score = 5};
    f.run.finished_unix_ms = 1700000009000;
    f.run.state = RUN_FINISHED;
    f.run.verdict = VERDICT_FAILED;
    f.run.summary = STR("{\"verdict\":\"failed\",\"samples\":17,\"reason\":\"one gate \\\"x\\\" failed\"}");
    CHECK("end", render_root_end(&f.arena, &f.invocation, &f.run, &record, &r, &err));
    CHECK("ended", pulled_read_root(&f.arena, body_of(&f.arena, &r.span), &root, &err));
    CHECK("finished, whole", root.is_finished && root.is_full_selection);
    CHECK_INT("verdict", root.verdict, VERDICT_FAILED);
    CHECK_INT("samples", root.samples, 17);
    CHECK_STR("labels", root.labels, STR("{\"branch\":\"main\"}"));
    CHECK_STR("suite", root.suite, STR("math"));
    CHECK_STR("variant", root.variant, STR("default"));
    CHECK("the line is JSON", json_read(&f.arena, root.line, JSON_OURS, (struct src_pos){0}, &line, NULL, &err));
    CHECK("without the end", value_get(&line, STR("verdict")) == NULL && value_get(&line, STR("finished")) == NULL);
    CHECK("with the summary", value_get(&line, STR("summary"))->kind == VALUE_MAP);
    const struct value *recorded = value_get(&line, STR("recorded"));
    CHECK_STR("reason", value_get(value_get(recorded, STR("invocation")), STR("reason"))->text,
              STR("one gate \"x\" failed"));
    CHECK("plan", value_get(value_get(recorded, STR("plan")), STR("files"))->kind == VALUE_MAP);
    fixture_deinit(&f);
}

static void test_damaged_root(void)
{
    static const struct {
        const char *name, *meta, *want;
        enum err_kind kind;
    } rows[] = {
        {"no meta", "null", "was not recorded by assay", ERR_EMPTY},
        {"another's", "{\"theirs\":{}}", "was not recorded by assay", ERR_EMPTY},
        {"of no map", "{\"assay\":1}", "was not recorded by assay", ERR_EMPTY},
        {"no run", "{\"assay\":{}}", "meta.assay.run", ERR_NET},
        {"a run that is no id", "{\"assay\":{\"run\":\"x\"}}", "meta.assay.run", ERR_NET},
        {"labels in a list",
         "{\"assay\":{\"run\":\"aaaaaaaa-0000-4000-8000-000000000000\",\"invocation\":"
         "\"aaaaaaaa-0000-4000-8000-000000000000\",\"labels\":[]}}",
         "meta.assay.labels", ERR_NET},
        {"an unknown verdict",
         "{\"assay\":{\"run\":\"aaaaaaaa-0000-4000-8000-000000000000\",\"invocation\":"
         "\"aaaaaaaa-0000-4000-8000-000000000000\",\"verdict\":\"fine\",\"summary\":{},\"recorded\":{}}}",
         "meta.assay.verdict", ERR_NET},
        {"a count of text",
         "{\"assay\":{\"run\":\"aaaaaaaa-0000-4000-8000-000000000000\",\"invocation\":"
         "\"aaaaaaaa-0000-4000-8000-000000000000\",\"verdict\":\"passed\",\"summary\":{\"samples\":\"1\"},"
         "\"recorded\":{}}}",
         "meta.assay.samples", ERR_NET},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct pulled_root root;
        struct str body = arena_printf(
            &arena, "{\"id\":\"aaaaaaaa-0000-4000-8000-000000000000\",\"name\":\"x\",\"meta\":%s}", rows[i].meta);
        CHECK(rows[i].name, !pulled_read_root(&arena, body, &root, &err));
        CHECK_INT(rows[i].name, err.kind, rows[i].kind);
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].want);
    }
}

/* --- the list ---------------------------------------------------------------------------------------------------------------------------------- */

static void test_names(void)
{
    static const struct {
        const char *name, *variant; /* NULL = no run of the suite "sums" */
    } rows[] = {
        {"sums [default]", "default"},
        {"sums [a b]", "a b"},
        {"sums [x] [y]", "x] [y"},
        {"sums []", ""},
        {"sums", NULL},
        {"sums [x", NULL},
        {"sums x]", NULL},
        {"Sums [x]", NULL},
        {"my sums [x]", NULL},
        {"sums [x] later", NULL},
        {"sums[x]", NULL},
        {"sums ]", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct lookup_page page;
        struct str body = arena_printf(&arena,
                                       "{\"meta\":{\"total_count\":1},\"data\":[{\"id\":\"aaaaaaaa-0000-4000-8000-"
                                       "000000000000\",\"name\":\"%s\",\"start_time\":\"2026-01-02T10:00:00Z\"}]}",
                                       rows[i].name);
        CHECK(rows[i].name, lookup_read_page(&arena, body, STR("sums"), 0, &page, &err));
        CHECK_INT(rows[i].name, page.run_count, rows[i].variant != NULL);
        if (page.run_count == 1) {
            CHECK_CSTR(rows[i].name, page.runs[0].variant, rows[i].variant == NULL ? "" : rows[i].variant);
            CHECK_INT(rows[i].name, page.runs[0].started_us, 1767348000000000);
        }
    }
}

static void test_pages(void)
{
    static const struct {
        const char *name, *body;
        uint64_t offset;
        bool is_last;
    } rows[] = {
        {"the only one", "{\"meta\":{\"total_count\":2},\"data\":[{},{}]}", 0, true},
        {"more", "{\"meta\":{\"total_count\":3},\"data\":[{},{}]}", 0, false},
        {"the rest", "{\"meta\":{\"total_count\":3},\"data\":[{}]}", 2, true},
        {"empty, whatever it says", "{\"meta\":{\"total_count\":3},\"data\":[]}", 0, true},
        {"without a total", "{\"data\":[{}]}", 0, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct lookup_page page;
        CHECK(rows[i].name, lookup_read_page(&arena, str_from(rows[i].body), STR("s"), rows[i].offset, &page, &err));
        CHECK_INT(rows[i].name, page.is_last, rows[i].is_last);
        CHECK_INT(rows[i].name, page.run_count, 0);
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct lookup_page page;
    CHECK("no page", !lookup_read_page(&arena, STR("[]"), STR("s"), 0, &page, &err));
    CHECK_INT("kind", err.kind, ERR_NET);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"random samples, there and back", test_random},
        {"what was held back", test_held_back},
        {"measures of the call", test_measures},
        {"damaged samples", test_damaged},
        {"the root", test_root},
        {"damaged roots", test_damaged_root},
        {"names of traces", test_names},
        {"pages", test_pages},
    };
    return check_run("pulled", tests, ARRAY_LEN(tests));
}
