#include "tests/reporters/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "data/json.h"
#include "judge/judge.h"
#include "tests/check.h"

enum { MEGABYTE = 1 << 20, GATES = 5 };

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
        TEXT("@octocat #1 [x](https://example.com) ![i](https://example.com/i.png) |a|b|\n|--|\n``` \n~~~\n# h\n- l"),
        TEXT("::error file=x::y\n::add-mask::z\r##[error]q\n::stop-commands::t %0A ::set-output name=a::b"),
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

static struct stat_interval interval_of(double lo, double hi)
{
    return (struct stat_interval){.how = {.method = METHOD_T, .n = 9, .df = 8, .alpha = 0.05},
                                  .has_lo = true,
                                  .has_hi = true,
                                  .lo = lo,
                                  .hi = hi};
}

static struct str *make_texts(struct report *r, struct str text)
{
    struct str *texts = arena_array(&r->arena, struct str, 1);
    texts[0] = text;
    return texts;
}

/* Two classes, one of them hostile; of three cases two are right, and one is none of the classes. */
static void make_classes(struct report *r, struct dimension_summary *d, struct str hostile)
{
    d->class_count = 2;
    d->classes = arena_array(&r->arena, struct class_summary, 2);
    d->classes[0] = (struct class_summary){
        .label = hostile, .wanted = 2, .answered = 1, .right = 1, .has_recall = true, .recall = 0.5};
    d->classes[1] = (struct class_summary){
        .label = STR("no"), .wanted = 1, .answered = 1, .right = 1, .has_recall = true, .recall = 1};
    d->confusion_count = 3;
    d->confusion = arena_array(&r->arena, struct confusion_cell, 3);
    d->confusion[0] = (struct confusion_cell){0, -1, 1};
    d->confusion[1] = (struct confusion_cell){0, 0, 1};
    d->confusion[2] = (struct confusion_cell){1, 1, 1};
}

static struct baseline_summary *make_baselines(struct report *r, struct str hostile)
{
    struct baseline_summary *b = arena_array(&r->arena, struct baseline_summary, 2);
    b[0] = (struct baseline_summary){.state = BASELINE_USED,
                                     .source = hostile,
                                     .runs = make_texts(r, STR("0123456789abcdef")),
                                     .run_count = 1,
                                     .commit = hostile,
                                     .cases = 10,
                                     .common = 9,
                                     .missing = 1,
                                     .dimensions = make_texts(r, STR("latency_ms")),
                                     .dimension_count = 1};
    b[1] = (struct baseline_summary){.state = BASELINE_MISSING, .source = hostile, .reason = hostile};
    return b;
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
    d[0].pass_rate_interval = interval_of(0.25, 0.75);
    d[0].mean_interval = interval_of(0.3, 0.7);
    make_classes(r, &d[0], hostile);
    d[1].mean_interval = interval_of(10000, 20000);
    d[1].n_cases = 9;
    d[1].has_mean = true;
    d[1].mean = 12345.678;
    d[1].min = 0.001;
    d[1].p50 = 12;
    d[1].p95 = 123456;
    d[1].max = 1e9;
    d[2].not_scored = 9;
    struct gate_result *gates = arena_array(&r->arena, struct gate_result, GATES);
    gates[0] = (struct gate_result){
        .text = STR("cases >= 1"), .outcome = GATE_HOLDS, .has_left = true, .left = 14, .reason = STR("fine")};
    gates[1] = (struct gate_result){
        .text = hostile, .outcome = GATE_BROKEN, .fails = true, .has_left = true, .left = 0.5, .reason = hostile};
    gates[2] = (struct gate_result){.text = STR("answer.mean <= 0.5"),
                                    .severity = GATE_WARN,
                                    .outcome = GATE_CANNOT_TELL,
                                    .warns = true,
                                    .has_left = true,
                                    .left = 5.0 / 9,
                                    .reason = STR("errors could decide: who knows")};
    gates[3] = (struct gate_result){.text = STR("answer.pass_rate[tag=x] >= 1%"),
                                    .outcome = GATE_NOT_JUDGED,
                                    .reason = STR("no case that ran has the tag 'x' among the selected")};
    gates[4] = (struct gate_result){.text = STR("no regression of answer.mean beyond 0.02"),
                                    .form = GATE_REGRESSION,
                                    .outcome = GATE_CANNOT_TELL,
                                    .has_left = true,
                                    .has_right = true,
                                    .left = 5.0 / 9,
                                    .right = 0.58,
                                    .n = 9,
                                    .reason = hostile,
                                    .has_reference = true,
                                    .reference = 0.6,
                                    .difference = 5.0 / 9 - 0.6,
                                    .margin = 0.02,
                                    .baseline = 1,
                                    .has_evidence = true,
                                    .evidence = {.confidence = 0.95,
                                                 .drawn = interval_of(-0.2, 0.1),
                                                 .how = {.method = METHOD_TANGO, .n = 9},
                                                 .p_fail = 0.3,
                                                 .p_pass = 0.4,
                                                 .p_fail_adjusted = 0.6,
                                                 .family = 2,
                                                 .has_pairs = true,
                                                 .pairs_b = 1,
                                                 .pairs_c = 2,
                                                 .p_exact = 0.5,
                                                 .has_mde = true,
                                                 .mde = 0.3,
                                                 .mde_beyond = 0.32}};
    struct skipped_case *skipped = arena_array(&r->arena, struct skipped_case, 7);
    for (size_t i = 0; i < 7; i++) {
        skipped[i] = (struct skipped_case){.ordinal = 100 + i,
                                           .id = i == 6 ? hostile : arena_printf(&r->arena, "skipped-%zu", i),
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
                                        .gate_count = GATES,
                                        .baselines = make_baselines(r, hostile),
                                        .baseline_count = 2,
                                        .warnings = make_texts(r, hostile),
                                        .warning_count = 1,
                                        .skipped = skipped,
                                        .skipped_count = 7,
                                        .verdict = VERDICT_FAILED,
                                        .reason = hostile,
                                        .is_partial = true};
    r->runs[at].summary = summary_to_json(&r->summaries[at], &r->arena);
}

/* As long, as empty, with as many lines, and nothing in it. */
static struct str harmless(struct arena *arena, struct str text)
{
    char *plain = arena_alloc(arena, text.len + 1);
    memset(plain, 'x', text.len);
    return (struct str){plain, text.len};
}

void report_init(struct report *r, size_t run_count, enum report_content content)
{
    static struct dimension dimensions[REPORT_DIMENSIONS];
    dimensions[0] = (struct dimension){.name = STR("answer"), .hi = 1};
    dimensions[1] = (struct dimension){.name = STR("latency_ms"), .kind = DIMENSION_MEASURE, .type = TYPE_UNBOUNDED};
    dimensions[2] = (struct dimension){.name = STR("a_dimension_with_a_long_name"), .hi = 1};
    *r = (struct report){.fail_at = SIZE_MAX};
    size_t count = 0;
    const struct str *texts = report_hostile(&r->arena, &count);
    bool is_hostile = content != REPORT_NICE;
    struct str evil = content == REPORT_NICE
                          ? STR("nice")
                          : STR("]]></title></script><b>&\"'`|@octocat #1 \x1b[2J\xff\xe2\x80\xae\x01\n::error::x");
    evil = content == REPORT_HARMLESS ? harmless(&r->arena, evil) : evil;
    r->invocation = (struct invocation_record){
        .id = id_of_invocation(STR("t")),
        .name = evil,
        .started_unix_ms = 1700000000000,
        .finished_unix_ms = 1700000009876,
        .state = RUN_FINISHED,
        .options = STR("{\"tag\":[\"x\"]}"),
        .labels = arena_printf(&r->arena, "{\"branch\":\"main\",\"by\":%.*s}", STR_ARG(quoted(r, evil))),
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
        r->samples[i] = make_sample(r, i,
                                    content == REPORT_NICE       ? STR("plain")
                                    : content == REPORT_HARMLESS ? harmless(&r->arena, texts[i])
                                                                 : texts[i]);
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
