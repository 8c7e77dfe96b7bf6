/* JUnit XML, as CI systems read it. One testsuite a run, named "suite [variant]"; one testcase a sample, named by the case's id (and its trial where there
 * are several): names stay the same from run to run, so that a CI system can follow a test.
 *
 * XML 1.0 cannot carry most control characters in any form: they are shown as \x1b, as are bytes that are not UTF-8. Long texts are cut in the middle
 * of nothing: head and tail stay.
 *
 * A sample that failed or errored is a failure or an error where its run came to no pass. Where the run passed, its gates allow it: it is skipped, as what
 * is expected to fail is in pytest's files (xfail), with the same texts in system-out. So no reader makes a red job of a verdict that passed.
 *
 * Last comes the testsuite "gates": of each run its verdict and every gate, each a testcase with the run as its class. A gate that the verdict counts
 * as failed is a failure, one that was not judged is skipped, and what warns or cannot tell says so in system-out. So a reader of this file alone
 * learns the verdict, whatever the samples say. */

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "reporters/reporter.h"
#include "reporters/shown.h"

enum { TEXT_MAX = 64 << 10, NAME_MAX_BYTES = 2048 };

static bool point_is_xml(uint32_t p)
{
    return p == 0x9 || p == 0xa || p == 0xd || (p >= 0x20 && p <= 0xd7ff) || (p >= 0xe000 && p <= 0xfffd) ||
           p >= 0x10000;
}

/* Characters that are allowed but show nothing, or turn text around, in a log: C1, and U+202A..E, U+2066..9. */
static bool point_is_hidden(uint32_t p)
{
    return (p >= 0x7f && p < 0xa0) || (p >= 0x202a && p <= 0x202e) || (p >= 0x2066 && p <= 0x2069);
}

static void append_point(struct buf *out, uint32_t point, struct str bytes, bool is_attribute)
{
    switch (point) {
    case '&':
        buf_append_cstr(out, "&amp;");
        return;
    case '<':
        buf_append_cstr(out, "&lt;");
        return;
    case '>':
        buf_append_cstr(out, "&gt;"); /* always: "]]>" may not stand in text */
        return;
    case '"':
        buf_append_cstr(out, "&quot;");
        return;
    case '\r':
        buf_append_cstr(out, "&#13;"); /* a parser turns a plain one into a newline */
        return;
    case '\n':
    case '\t':
        if (is_attribute) {
            buf_printf(out, "&#%u;", (unsigned)point);
        } else {
            buf_append(out, bytes);
        }
        return;
    default:
        buf_append(out, bytes);
    }
}

static void append_escaped(struct buf *out, struct str text, bool is_attribute)
{
    size_t at = 0;
    uint32_t point = 0;
    while (at < text.len) {
        size_t start = at;
        (void)utf8_next(text, &at, &point);
        struct str bytes = str_slice(text, start, at);
        bool is_invalid = (unsigned char)bytes.ptr[0] >= 0x80 && bytes.len == 1;
        if (is_invalid || (point < 0x80 && !point_is_xml(point))) {
            buf_printf(out, "\\x%02x", (unsigned)(unsigned char)bytes.ptr[0]);
        } else if (!point_is_xml(point) || point_is_hidden(point)) {
            buf_printf(out, "\\u%04x", (unsigned)point);
        } else {
            append_point(out, point, bytes, is_attribute);
        }
    }
}

static void put_attribute(struct buf *out, const char *name, struct str text)
{
    buf_printf(out, " %s=\"", name);
    append_escaped(out, utf8_cut(text, NAME_MAX_BYTES), true);
    buf_append_char(out, '"');
}

static void put_text(struct buf *out, struct str text)
{
    if (text.len <= TEXT_MAX) {
        append_escaped(out, text, false);
        return;
    }
    struct str head = utf8_cut(text, TEXT_MAX / 2);
    size_t from = text.len - TEXT_MAX / 2;
    while (from < text.len && ((unsigned char)text.ptr[from] & 0xc0) == 0x80) {
        from++;
    }
    append_escaped(out, head, false);
    buf_printf(out, "\n... %zu bytes ...\n", from - head.len);
    append_escaped(out, str_slice(text, from, text.len), false);
}

static void put_property(struct buf *out, struct str name, struct str value)
{
    buf_append_cstr(out, "<property");
    put_attribute(out, "name", name);
    put_attribute(out, "value", value);
    buf_append_cstr(out, "/>");
}

static struct str suite_name(struct arena *arena, const struct summary *s)
{
    return arena_printf(arena, "%.*s [%.*s]", STR_ARG(s->suite), STR_ARG(s->variant));
}

static void put_seconds(struct buf *out, int64_t duration_ms)
{
    int64_t ms = duration_ms > 0 ? duration_ms : 0;
    buf_printf(out, " time=\"%lld.%03d\"", (long long)(ms / 1000), (int)(ms % 1000));
}

/* --- one sample --------------------------------------------------------------------------------------------------------------------------- */

static struct str score_value(struct arena *arena, const struct score *s)
{
    char room[32];
    return s->outcome == SCORE_NOT_SCORED ? STR("not scored") : arena_str(arena, num_text(s->value, room));
}

static void put_sample_properties(struct buf *out, const struct run_record *run, const struct sample_record *s,
                                  struct arena *scratch)
{
    if (s->score_count == 0) {
        return;
    }
    buf_append_cstr(out, "<properties>");
    for (size_t i = 0; i < s->score_count; i++) {
        if (s->scores[i].dimension < run->dimension_count) {
            put_property(out, run->dimensions[s->scores[i].dimension].name, score_value(scratch, &s->scores[i]));
        }
    }
    buf_append_cstr(out, "</properties>");
}

/* "answer: fail: 4 is not 5", a line a score that is not well. */
static void put_reasons(struct buf *out, const struct run_record *run, const struct sample_record *s)
{
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        bool is_bad = score->outcome == SCORE_FAIL || score->outcome == SCORE_NOT_SCORED;
        if (is_bad && score->dimension < run->dimension_count) {
            put_text(out, run->dimensions[score->dimension].name);
            buf_append_cstr(out, ": ");
            put_text(out, shown_words(score));
            buf_append_char(out, '\n');
        }
    }
}

static struct str first_reason(const struct run_record *run, const struct sample_record *s, struct arena *scratch)
{
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        if (score->outcome == SCORE_FAIL && score->dimension < run->dimension_count) {
            struct str words = score->comment.len > 0 ? score->comment : STR("fail");
            return arena_printf(scratch, "%.*s: %.*s", STR_ARG(run->dimensions[score->dimension].name), STR_ARG(words));
        }
    }
    return STR("failed");
}

static void put_bodies(struct buf *out, const struct sample_record *s)
{
    const struct {
        const char *label;
        struct str text;
    } bodies[] = {{"input: ", s->input}, {"expected: ", s->expected}, {"output: ", s->output}};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        if (bodies[i].text.ptr != NULL) {
            buf_append_cstr(out, bodies[i].label);
            put_text(out, bodies[i].text);
            buf_append_char(out, '\n');
        }
    }
}

/* The verdict has been reached with its failures in it. */
static bool allows_failures(const struct summary *s)
{
    return s->verdict == VERDICT_PASSED || s->verdict == VERDICT_UNRECORDED;
}

static void put_outcome(struct buf *out, const struct report_run *run, const struct sample_record *s,
                        struct arena *scratch)
{
    bool is_errored = s->state == SAMPLE_ERRORED;
    if (!is_errored && s->pass != PASS_NO) {
        return;
    }
    struct str why = is_errored ? s->error_text : first_reason(run->run, s, scratch);
    const char *element = "system-out";
    if (allows_failures(run->summary)) {
        const char *what = is_errored ? "errored" : "failed";
        buf_append_cstr(out, "<skipped");
        put_attribute(out, "message", arena_printf(scratch, "%s, and the verdict allows it: %.*s", what, STR_ARG(why)));
        buf_append_cstr(out, "/><system-out");
    } else {
        element = is_errored ? "error" : "failure";
        buf_printf(out, "<%s", element);
        put_attribute(out, "message", why);
        put_attribute(out, "type", is_errored ? str_from(error_kind_word(s->error)) : STR("score"));
    }
    buf_append_char(out, '>');
    put_reasons(out, run->run, s);
    put_bodies(out, s);
    buf_printf(out, "</%s>", element);
}

static void put_sample(struct buf *out, const struct report_run *run, struct str suite, const struct sample_record *s,
                       struct arena *scratch)
{
    struct str name = run->summary->trials > 1
                          ? arena_printf(scratch, "%.*s (trial %u)", STR_ARG(s->case_id), (unsigned)s->trial)
                          : s->case_id;
    buf_append_cstr(out, "<testcase");
    put_attribute(out, "classname", suite);
    put_attribute(out, "name", name);
    put_seconds(out, s->measures.has_latency ? (int64_t)(s->measures.latency_ms + 0.5)
                                             : s->ended_unix_ms - s->started_unix_ms);
    buf_append_char(out, '>');
    put_sample_properties(out, run->run, s, scratch);
    put_outcome(out, run, s, scratch);
    buf_append_cstr(out, "</testcase>\n");
}

/* --- gates -------------------------------------------------------------------------------------------------------------------------------- */

static const char *gate_problem(const struct gate_result *g)
{
    if (g->outcome == GATE_NOT_JUDGED) {
        return "skipped";
    }
    /* a record from before `fails` was kept says it by the outcome alone */
    return g->fails || (g->outcome == GATE_BROKEN && g->severity == GATE_FAIL) ? "failure" : NULL;
}

static const char *verdict_problem(enum verdict verdict)
{
    return verdict == VERDICT_PASSED || verdict == VERDICT_UNRECORDED ? NULL
           : verdict == VERDICT_FAILED                                ? "failure"
                                                                      : "error";
}

static void put_problem(struct buf *out, const char *element, struct str reason, const char *type)
{
    buf_printf(out, "<%s", element);
    put_attribute(out, "message", reason.len > 0 ? reason : str_from(type));
    if (element[0] != 's') { /* skipped has no type */
        put_attribute(out, "type", str_from(type));
    }
    buf_append_cstr(out, "/>");
}

static void begin_gate(struct buf *out, struct str suite, struct str name)
{
    buf_append_cstr(out, "<testcase");
    put_attribute(out, "classname", suite);
    put_attribute(out, "name", name);
    buf_append_cstr(out, " time=\"0.000\">");
}

/* Two equal gates are two tests: the second one is named "... (2)". */
static struct str gate_name(const struct summary *s, size_t at, struct arena *scratch)
{
    size_t before = 0;
    for (size_t i = 0; i < at; i++) {
        before += str_eq(s->gates[i].text, s->gates[at].text) ? 1 : 0;
    }
    struct str text = s->gates[at].text;
    return before == 0 ? text : arena_printf(scratch, "%.*s (%zu)", STR_ARG(text), before + 1);
}

static void put_gate(struct buf *out, const struct summary *s, size_t at, struct str suite, struct arena *scratch)
{
    const struct gate_result *g = &s->gates[at];
    const char *problem = gate_problem(g);
    begin_gate(out, suite, gate_name(s, at, scratch));
    if (problem != NULL) {
        put_problem(out, problem, g->reason, gate_outcome_word(g->outcome));
    } else if (g->reason.len > 0) {
        bool is_warning = g->outcome == GATE_BROKEN;
        buf_append_cstr(out, "<system-out>");
        buf_append_cstr(out, is_warning ? "warning: " : g->outcome == GATE_CANNOT_TELL ? "cannot tell: " : "");
        put_text(out, g->reason);
        buf_append_cstr(out, "</system-out>");
    }
    buf_append_cstr(out, "</testcase>\n");
}

static void put_gates_of(struct buf *out, const struct summary *s, struct arena *scratch)
{
    struct str suite = suite_name(scratch, s);
    const char *problem = verdict_problem(s->verdict);
    begin_gate(out, suite, STR("verdict"));
    if (problem != NULL) {
        put_problem(out, problem, s->reason, verdict_row(s->verdict)->word);
    }
    buf_append_cstr(out, "</testcase>\n");
    for (size_t i = 0; i < s->gate_count; i++) {
        put_gate(out, s, i, suite, scratch);
    }
}

/* --- one run ------------------------------------------------------------------------------------------------------------------------------ */

struct counts {
    uint64_t tests, failures, errors, skipped;
};

/* XML wants the counts first: a pass without texts would need another cursor, so the samples that are not well are counted on their own. */
static bool count_sample(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    struct counts *counts = ctx;
    *ret_goes_on = true;
    (void)err;
    counts->errors += s->state == SAMPLE_ERRORED ? 1 : 0;
    counts->failures += s->state == SAMPLE_SCORED && s->pass == PASS_NO ? 1 : 0;
    return true;
}

static bool count_run(const struct report_run *run, struct counts *ret, struct err *err)
{
    *ret = (struct counts){.tests = run->summary->samples + run->summary->skipped_count,
                           .skipped = run->summary->skipped_count};
    if (!report_each(run, true, count_sample, ret, err)) {
        return false;
    }
    if (allows_failures(run->summary)) {
        ret->skipped += ret->failures + ret->errors;
        ret->failures = ret->errors = 0;
    }
    return true;
}

static void put_counts(struct buf *out, const struct counts *c)
{
    buf_printf(out, " tests=\"%llu\" failures=\"%llu\" errors=\"%llu\" skipped=\"%llu\"", (unsigned long long)c->tests,
               (unsigned long long)c->failures, (unsigned long long)c->errors, (unsigned long long)c->skipped);
}

static void put_suite_properties(struct buf *out, const struct report_in *in, const struct summary *s,
                                 struct arena *scratch)
{
    char room[32];
    buf_append_cstr(out, "<properties>");
    put_property(out, STR("assay"), str_from(in->version));
    put_property(out, STR("run"), s->run_id);
    put_property(out, STR("verdict"), str_from(verdict_row(s->verdict)->word));
    put_property(out, STR("reason"), s->reason);
    for (size_t i = 0; i < s->dimension_count; i++) {
        const struct dimension_summary *d = &s->dimensions[i];
        if (d->has_mean) {
            put_property(out, arena_printf(scratch, "%.*s.mean", STR_ARG(d->name)), num_text(d->mean, room));
        }
        if (d->has_pass_rate) {
            put_property(out, arena_printf(scratch, "%.*s.pass_rate", STR_ARG(d->name)), num_text(d->pass_rate, room));
        }
    }
    buf_append_cstr(out, "</properties>\n");
}

static void put_skipped(struct buf *out, const struct summary *s, struct str suite)
{
    for (size_t i = 0; i < s->skipped_count; i++) {
        buf_append_cstr(out, "<testcase");
        put_attribute(out, "classname", suite);
        put_attribute(out, "name", s->skipped[i].id);
        buf_append_cstr(out, " time=\"0.000\"><skipped");
        put_attribute(out, "message", s->skipped[i].reason);
        buf_append_cstr(out, "/></testcase>\n");
    }
}

struct listing {
    struct buf *out;
    const struct report_in *in;
    const struct report_run *run;
    struct str suite;
    struct arena *sample_arena;
};

static bool list_sample(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    struct listing *l = ctx;
    *ret_goes_on = true;
    put_sample(l->out, l->run, l->suite, s, l->sample_arena);
    arena_reset(l->sample_arena);
    return report_flush(l->out, l->in->out, err);
}

static bool put_samples(struct buf *out, const struct report_in *in, const struct report_run *run, struct str suite,
                        struct err *err)
{
    struct arena sample_arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct listing l = {out, in, run, suite, &sample_arena};
    return report_each(run, false, list_sample, &l, err);
}

static bool put_run(struct buf *out, const struct report_in *in, const struct report_run *run,
                    const struct counts *counts, struct arena *scratch, struct err *err)
{
    const struct summary *s = run->summary;
    struct str name = suite_name(scratch, s);
    buf_append_cstr(out, "<testsuite");
    put_attribute(out, "name", name);
    put_counts(out, counts);
    put_seconds(out, s->finished_unix_ms - s->started_unix_ms);
    put_attribute(out, "timestamp", str_slice(str_from(clock_rfc3339(s->started_unix_ms).text), 0, 19));
    buf_append_cstr(out, ">\n");
    put_suite_properties(out, in, s, scratch);
    if (!put_samples(out, in, run, name, err)) {
        return false;
    }
    put_skipped(out, s, name);
    buf_append_cstr(out, "</testsuite>\n");
    return true;
}

static void count_problem(struct counts *c, const char *problem)
{
    c->tests++;
    if (problem != NULL) {
        c->failures += problem[0] == 'f' ? 1 : 0;
        c->errors += problem[0] == 'e' ? 1 : 0;
        c->skipped += problem[0] == 's' ? 1 : 0;
    }
}

static struct counts count_gates(const struct report_in *in)
{
    struct counts ret = {0};
    for (size_t i = 0; i < in->run_count; i++) {
        const struct summary *s = in->runs[i].summary;
        count_problem(&ret, verdict_problem(s->verdict));
        for (size_t k = 0; k < s->gate_count; k++) {
            count_problem(&ret, gate_problem(&s->gates[k]));
        }
    }
    return ret;
}

static void put_gates(struct buf *out, const struct report_in *in, struct arena *scratch)
{
    struct counts counts = count_gates(in);
    buf_append_cstr(out, "<testsuite name=\"gates\"");
    put_counts(out, &counts);
    buf_append_cstr(out, " time=\"0.000\">\n");
    for (size_t i = 0; i < in->run_count; i++) {
        put_gates_of(out, in->runs[i].summary, scratch);
    }
    buf_append_cstr(out, "</testsuite>\n");
}

static void add_counts(struct counts *total, const struct counts *c)
{
    total->tests += c->tests;
    total->failures += c->failures;
    total->errors += c->errors;
    total->skipped += c->skipped;
}

static bool junit_report(const struct report_in *in, struct arena *scratch, struct err *err)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct counts *counts = arena_array(scratch, struct counts, in->run_count + 1);
    struct counts total = {0};
    for (size_t i = 0; i < in->run_count; i++) {
        if (!count_run(&in->runs[i], &counts[i], err)) {
            return false;
        }
        add_counts(&total, &counts[i]);
    }
    struct counts gates = count_gates(in);
    add_counts(&total, &gates);
    buf_append_cstr(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\"");
    put_counts(&text, &total);
    buf_append_cstr(&text, ">\n");
    for (size_t i = 0; i < in->run_count; i++) {
        if (!put_run(&text, in, &in->runs[i], &counts[i], scratch, err)) {
            return false;
        }
    }
    put_gates(&text, in, scratch);
    buf_append_cstr(&text, "</testsuites>\n");
    return report_flush(&text, in->out, err);
}

const struct reporter reporter_junit = {
    .name = "junit",
    .summary = "JUnit XML: a testsuite a run, a testcase a sample; every gate a testcase of its own",
    .write = junit_report,
};
