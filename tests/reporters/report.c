#include "tests/reporters/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "data/json.h"
#include "judge/judge.h"
#include "tests/check.h"

enum { MEGABYTE = 1 << 20 };

#define TEXT(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

struct str report_all_bytes(struct arena *arena)
{
    char *bytes = arena_alloc(arena, 512);
    for (int i = 0; i < 512; i++) {
        bytes[i] = (char)(i & 0xff);
    }
    return (struct str){bytes, 512};
}

const struct str *report_hostile(struct arena *arena, size_t *ret_count)
{
    static const struct str texts[] = {
        TEXT("plain"),
        TEXT(""),
        TEXT("]]>"),
        TEXT("<![CDATA[ ]]> &amp; <script>alert('x')</script> \"quoted\""),
        TEXT("\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;http://x\x1b\\"),
        TEXT("a\rb\nc\td\x0b\x0c\x08\x7f"),
        TEXT("nul \0 inside"),
        TEXT("\xff\xfe invalid \xc3( \xed\xa0\x80 \xf4\x90\x80\x80"),
        TEXT("\xef\xbf\xbe \xef\xbf\xbf \xc2\x85 \xe2\x80\xa8 \xe2\x80\xae evil \xe2\x80\xac"),
        TEXT("=1+1\t@SUM(A1) -2+3 | ::error::x\n::add-mask::y"),
        TEXT("\xf0\x9f\x98\x80 \xe4\xbd\xa0\xe5\xa5\xbd \xcc\x81\xcc\x81\xcc\x81"),
        TEXT("{\"base64\": \"eA==\"}"),
        TEXT("::error file=x::y\n::add-mask::z\r##[error]q\n::stop-commands::t %0A ::set-output name=a::b"),
        TEXT("@octocat #1 [x](https://example.com) ![i](https://example.com/i.png) |a|b|\n|--|\n``` \n~~~\n# h\n- l"),
        TEXT("</pre></td></table></details></summary></script></style><img src=x onerror=alert(1)><!-- "
             "--><svg/onload=1>"),
        TEXT("=HYPERLINK(\"https://example.com\",\"x\"),\"y"),
        TEXT("\\`|\\| \\@octocat &lt;b&gt; https://example.com www.example.com a@example.com $x$ :smile: *a* _b_"),
    };
    struct str *all = arena_array(arena, struct str, ARRAY_LEN(texts) + 2);
    memcpy(all, texts, sizeof(texts));
    char *line = arena_alloc(arena, MEGABYTE);
    memset(line, 'x', MEGABYTE);
    all[ARRAY_LEN(texts)] = (struct str){line, MEGABYTE};
    all[ARRAY_LEN(texts) + 1] = report_all_bytes(arena);
    *ret_count = ARRAY_LEN(texts) + 2;
    return all;
}

static struct str quoted(struct report *r, struct str text)
{
    struct buf json CLEANUP(buf_deinit) = BUF((size_t)8 * MEGABYTE);
    json_append_quoted(&json, text);
    return arena_str(&r->arena, buf_str(&json));
}

static struct sample_record make_sample(struct report *r, size_t at, struct str text)
{
    static struct score none[REPORT_DIMENSIONS];
    struct sample_record s = {
        .ordinal = at,
        .case_id = text.len > 0 && text.len < 1000 ? text : STR("long"),
        .case_digest = digest_of(text),
        .tags = arena_printf(&r->arena, "[%.*s]", STR_ARG(quoted(r, str_slice(text, 0, 100)))),
        .cluster = at % 4 == 0 ? str_slice(text, 0, 50) : STR_NULL,
        .trial = 1,
        .started_unix_ms = 1700000000000 + (int64_t)at,
        .ended_unix_ms = 1700000000250 + (int64_t)at,
        .state = at % 3 == 2 ? SAMPLE_ERRORED : SAMPLE_SCORED,
        .input = quoted(r, text),
        .expected = at % 2 == 0 ? quoted(r, text) : STR_NULL,
        .output = text,
        .meta = arena_printf(&r->arena, "{\"stderr\":%.*s}", STR_ARG(quoted(r, text))),
        .measures = {.has_latency = true, .latency_ms = 12.5, .attempts = 1},
        .scores = none,
    };
    s.span = id_of_sample_span(&r->runs[0].id, s.case_id, 1, 0);
    struct score *scores = arena_array(&r->arena, struct score, REPORT_DIMENSIONS);
    if (s.state == SAMPLE_ERRORED) {
        s.error = ERROR_EXIT;
        s.error_text = text;
        return s;
    }
    bool passes = at % 3 == 0;
    scores[0] = (struct score){.outcome = passes ? SCORE_PASS : SCORE_FAIL,
                               .value = passes,
                               .has_unit = true,
                               .unit = passes,
                               .comment = str_slice(text, 0, 500),
                               .answered = at % 2 == 0 ? STR("yes") : STR_NULL,
                               .wanted = STR("yes")};
    scores[1] = (struct score){.dimension = 1, .outcome = SCORE_NONE, .value = 0.1 * (double)at};
    scores[2] = (struct score){.dimension = 2, .outcome = SCORE_NOT_SCORED, .comment = STR("not scored: a limit")};
    s.scores = scores;
    s.score_count = REPORT_DIMENSIONS;
    s.pass = passes ? PASS_YES : PASS_NO;
    s.has_score = true;
    s.score = passes;
    return s;
}

struct cursor {
    struct report *report;
    size_t at;
    bool only_bad;
};

static bool cursor_next(struct sample_cursor *cursor, bool *ret_has, struct sample_record *ret, struct err *err)
{
    struct cursor *c = cursor->state;
    struct report *r = c->report;
    while (c->only_bad && c->at < r->sample_count && r->samples[c->at].pass == PASS_YES) {
        c->at++;
    }
    if (c->at == r->fail_at) {
        return err_set(err, ERR_IO, "the disk is gone");
    }
    *ret_has = c->at < r->sample_count;
    if (*ret_has) {
        *ret = r->samples[c->at++];
    }
    return true;
}

static void cursor_close(struct sample_cursor *cursor)
{
    free(cursor->state);
    cursor->state = NULL;
}

static bool open_samples(void *ctx, const struct report_run *run, bool only_bad, struct sample_cursor *ret,
                         struct err *err)
{
    (void)run;
    (void)err;
    struct cursor *c = malloc(sizeof(*c));
    *c = (struct cursor){.report = ctx, .only_bad = only_bad};
    *ret = (struct sample_cursor){.next = cursor_next, .close = cursor_close, .state = c};
    return true;
}

static void make_summary(struct report *r, size_t at, struct str hostile)
{
    struct dimension_summary *d = arena_array(&r->arena, struct dimension_summary, REPORT_DIMENSIONS);
    for (size_t i = 0; i < REPORT_DIMENSIONS; i++) {
        d[i] = (struct dimension_summary){.name = r->runs[0].dimensions[i].name, .kind = r->runs[0].dimensions[i].kind};
    }
    d[0].n_cases = 9;
    d[0].has_mean = d[0].has_pass_rate = true;
    d[0].mean = d[0].pass_rate = 5.0 / 9;
    d[0].n_passed = 5;
    d[1].n_cases = 9;
    d[1].has_mean = true;
    d[1].mean = 12345.678;
    d[1].min = 0.001;
    d[1].p50 = 12;
    d[1].p95 = 123456;
    d[1].max = 1e9;
    d[2].not_scored = 9;
    struct gate_result *gates = arena_array(&r->arena, struct gate_result, 4);
    gates[0] = (struct gate_result){
        .text = STR("cases >= 1"), .outcome = GATE_HOLDS, .has_left = true, .left = 14, .reason = STR("fine")};
    gates[1] = (struct gate_result){
        .text = hostile, .outcome = GATE_BROKEN, .fails = true, .has_left = true, .left = 0.5, .reason = hostile};
    gates[2] = (struct gate_result){.text = STR("answer.mean <= 0.5"),
                                    .severity = GATE_WARN,
                                    .outcome = GATE_CANNOT_TELL,
                                    .has_left = true,
                                    .left = 5.0 / 9,
                                    .reason = STR("errors could decide: who knows")};
    gates[3] = (struct gate_result){.text = STR("answer.pass_rate[tag=x] >= 1%"),
                                    .outcome = GATE_NOT_JUDGED,
                                    .reason = STR("no case that ran has the tag 'x' among the selected")};
    struct skipped_case *skipped = arena_array(&r->arena, struct skipped_case, 7);
    for (size_t i = 0; i < 7; i++) {
        skipped[i] = (struct skipped_case){.ordinal = 100 + i,
                                           .id = arena_printf(&r->arena, "skipped-%zu", i),
                                           .digest = STR("00"),
                                           .tags = STR("[]"),
                                           .reason = hostile};
    }
    r->summaries[at] = (struct summary){.suite = r->runs[at].suite,
                                        .variant = r->runs[at].variant,
                                        .run_id = STR("0123456789abcdef"),
                                        .planned_samples = r->sample_count + 1,
                                        .samples = r->sample_count,
                                        .n_cases = r->sample_count,
                                        .n_passed = 5,
                                        .n_failed = 4,
                                        .n_errored = 4,
                                        .n_skipped = 7,
                                        .errors = 5,
                                        .trials = 1,
                                        .has_pass_rate = true,
                                        .pass_rate = 5.0 / 9,
                                        .span_score = -1,
                                        .started_unix_ms = 1700000000000,
                                        .finished_unix_ms = 1700000009876,
                                        .dimensions = d,
                                        .dimension_count = REPORT_DIMENSIONS,
                                        .gates = gates,
                                        .gate_count = 4,
                                        .skipped = skipped,
                                        .skipped_count = 7,
                                        .verdict = VERDICT_FAILED,
                                        .reason = hostile,
                                        .is_partial = true};
    r->runs[at].summary = summary_to_json(&r->summaries[at], &r->arena);
}

void report_init(struct report *r, size_t run_count, bool is_hostile)
{
    static struct dimension dimensions[REPORT_DIMENSIONS];
    dimensions[0] = (struct dimension){.name = STR("answer"), .hi = 1};
    dimensions[1] = (struct dimension){.name = STR("latency_ms"), .kind = DIMENSION_MEASURE, .type = TYPE_UNBOUNDED};
    dimensions[2] = (struct dimension){.name = STR("a_dimension_with_a_long_name"), .hi = 1};
    *r = (struct report){.fail_at = SIZE_MAX};
    size_t count = 0;
    const struct str *texts = report_hostile(&r->arena, &count);
    struct str evil = is_hostile ? STR("]]>\x1b[2J<b>&\"\xff\xe2\x80\xae\x01\n") : STR("nice");
    r->invocation = (struct invocation_record){.id = id_of_invocation(STR("t")),
                                               .name = evil,
                                               .started_unix_ms = 1700000000000,
                                               .finished_unix_ms = 1700000009876,
                                               .state = RUN_FINISHED,
                                               .options = STR("{\"tag\":[\"x\"]}"),
                                               .labels = STR("{\"branch\":\"main\"}"),
                                               .verdict = VERDICT_FAILED,
                                               .reason = evil};
    r->plan = (struct plan_record){
        .suite = evil, .path = evil, .resolved = STR("{\"files\":[]}"), .data_files = STR("[]"), .trials = 1};
    for (size_t i = 0; i < run_count; i++) {
        struct str variant =
            i == 0 && !is_hostile ? STR("default") : arena_printf(&r->arena, "%.*s%zu", STR_ARG(evil), i);
        r->runs[i] = (struct run_record){.id = id_of_run(&r->invocation.id, evil, variant),
                                         .suite = evil,
                                         .variant = variant,
                                         .dimensions = dimensions,
                                         .dimension_count = REPORT_DIMENSIONS,
                                         .header = STR("{\"kind\":\"run\",\"format\":1}"),
                                         .state = RUN_FINISHED,
                                         .verdict = VERDICT_FAILED,
                                         .started_unix_ms = 1700000000000,
                                         .finished_unix_ms = 1700000009876};
    }
    r->sample_count = is_hostile ? count : 3;
    r->samples = arena_array(&r->arena, struct sample_record, r->sample_count);
    for (size_t i = 0; i < r->sample_count; i++) {
        r->samples[i] = make_sample(r, i, is_hostile ? texts[i] : STR("plain"));
    }
    for (size_t i = 0; i < run_count; i++) {
        make_summary(r, i, evil);
        r->report_runs[i] = (struct report_run){
            .run = &r->runs[i], .plan = &r->plan, .summary = &r->summaries[i], .samples = open_samples, .ctx = r};
    }
    r->in = (struct report_in){.invocation = &r->invocation,
                               .runs = r->report_runs,
                               .run_count = run_count,
                               .verdict = VERDICT_FAILED,
                               .reason = evil,
                               .version = "0.0",
                               .term = {.columns = 80},
                               .max_shown = 0};
}

void report_deinit(struct report *r)
{
    arena_deinit(&r->arena);
}

struct str report_write_text(struct report *r, const char *format, size_t columns)
{
    const struct reporter *reporter = reporter_find(str_from(format));
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    r->in.out = out;
    r->in.term.columns = columns;
    bool ok = reporter != NULL && reporter->write(&r->in, &scratch, &err);
    check_true_at(ok, format, err.text, __FILE__, __LINE__);
    (void)fclose(out);
    struct str ret = arena_str(&r->arena, (struct str){text, len});
    free(text);
    return ret;
}
