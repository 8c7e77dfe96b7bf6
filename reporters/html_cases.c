/* The samples of a group: a row each that opens, the ones that failed or errored first, so that the order says something without a script. The
 * script (html_script.js) sorts and filters what is here; it reads
 *
 *   details.case[data-r]           the result: pass, fail, errored, measured
 *     [data-o]                     place in the list
 *     [data-t]                     the tags, a line end after each
 *     [data-f]                     the dimensions that failed, a blank after each
 *   summary > span[data-v]         what a column is sorted by; else its text
 *
 * Bodies that are long, and the many of a large run, are cut, with their length named: the file has to open. */

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/value.h"
#include "reporters/html_sections.h"
#include "reporters/shown.h"

enum {
    COLUMNS_MAX = 6,      /* dimensions beside each other; all of them are in the opened row */
    LISTED_MAX = 20000,   /* samples of a report */
    EXCERPT_BYTES = 160,  /* of the input, in the row */
    BODY_BYTES = 16 << 10 /* of a text, opened */
};

/* What a body may have after so many bytes of bodies. */
static size_t body_limit(const struct html_writing *w)
{
    static const size_t full = 24u << 20;
    static const size_t tight = 48u << 20;
    return w->body_bytes < full ? BODY_BYTES : w->body_bytes < tight ? BODY_BYTES / 8 : BODY_BYTES / 80;
}

struct listing {
    struct html_writing *w;
    const struct html_group *group;
    const struct report_run *run;
    struct arena *sample_arena;
    bool wants_bad, has_latency;
    size_t left_out;
};

static bool is_bad(const struct sample_record *s)
{
    return s->state == SAMPLE_ERRORED || s->pass == PASS_NO;
}

static enum html_mark mark_of(const struct sample_record *s)
{
    if (s->state == SAMPLE_ERRORED) {
        return HTML_ERROR;
    }
    return s->pass == PASS_YES ? HTML_PASS : s->pass == PASS_NO ? HTML_FAIL : HTML_NONE;
}

static const struct dimension *dimension_of(const struct listing *l, const struct score *score)
{
    const struct run_record *run = l->run->run;
    return score->dimension < run->dimension_count ? &run->dimensions[score->dimension] : NULL;
}

/* --- the row ------------------------------------------------------------------------------------------------------------------------------ */

static size_t column_count(const struct run_record *run)
{
    return run->dimension_count < COLUMNS_MAX ? run->dimension_count : COLUMNS_MAX;
}

static void put_value(struct buf *out, const char *class_name, double value, struct str text)
{
    char room[32];
    buf_printf(out, "<span class=\"n %s\"", class_name);
    html_attribute(out, "data-v", num_text(value, room));
    buf_append_char(out, '>');
    html_line(out, text);
    buf_append_cstr(out, "</span>");
}

static void put_score(struct listing *l, const struct dimension *d, const struct score *score)
{
    struct buf *out = &l->w->out;
    if (score == NULL) {
        buf_append_cstr(out, "<span class=\"n\"></span>");
        return;
    }
    switch (score->outcome) {
    case SCORE_NOT_SCORED:
        buf_append_cstr(out, "<span class=\"n unsure\">not scored</span>");
        return;
    case SCORE_NONE:
        put_value(out, "none", score->value, shown_number(l->sample_arena, score->value));
        return;
    case SCORE_PASS:
    case SCORE_FAIL:
        break;
    }
    bool passes = score->outcome == SCORE_PASS;
    struct str number = shown_number(l->sample_arena, score->value);
    bool is_plain = d->type == TYPE_BINARY && d->kind == DIMENSION_JUDGED; /* the mark says it all */
    put_value(out, passes ? "pass" : "fail", score->value,
              arena_printf(l->sample_arena, "%s%s%.*s", passes ? "✓" : "✗", is_plain ? "" : " ",
                           STR_ARG(is_plain ? STR("") : number)));
}

static void put_cells(struct listing *l, const struct sample_record *s)
{
    struct buf *out = &l->w->out;
    size_t count = column_count(l->run->run);
    if (s->has_score) {
        put_value(out, "", s->score, shown_number(l->sample_arena, s->score));
    } else {
        buf_append_cstr(out, "<span class=\"n\"></span>");
    }
    for (size_t d = 0; d < count; d++) {
        const struct score *found = NULL;
        for (size_t i = 0; i < s->score_count; i++) {
            found = s->scores[i].dimension == d ? &s->scores[i] : found;
        }
        put_score(l, &l->run->run->dimensions[d], found);
    }
    if (!l->has_latency) {
        return;
    }
    if (s->measures.has_latency) {
        double ms = s->measures.latency_ms;
        put_value(out, "none", ms,
                  arena_printf(l->sample_arena, "%.*s ms", STR_ARG(shown_number(l->sample_arena, ms))));
    } else {
        buf_append_cstr(out, "<span class=\"n\"></span>");
    }
}

/* The first line that says something. */
static struct str excerpt(struct str text)
{
    struct str trimmed = str_trim(text);
    size_t end = 0;
    struct str line = str_find_char(trimmed, '\n', &end) ? str_slice(trimmed, 0, end) : trimmed;
    return str_slice(line, 0, EXCERPT_BYTES * 4);
}

static void put_name(struct listing *l, const struct sample_record *s, struct str input)
{
    struct buf *out = &l->w->out;
    buf_append_cstr(out, "<span class=\"what\"><bdi class=\"id\">");
    html_line(out, s->case_id);
    buf_append_cstr(out, "</bdi>");
    if (l->run->summary->trials > 1) {
        buf_printf(out, " <span class=\"muted\">trial %u</span>", (unsigned)s->trial);
    }
    buf_append_cstr(out, " <bdi class=\"muted\">");
    struct str line = excerpt(input);
    struct str cut = line.len > EXCERPT_BYTES ? str_slice(line, 0, EXCERPT_BYTES) : line;
    html_line(out, cut.len < line.len ? utf8_cut(line, EXCERPT_BYTES) : line);
    buf_append_cstr(out, "</bdi></span>");
}

static void put_filters(struct listing *l, const struct sample_record *s)
{
    struct buf *out = &l->w->out;
    struct value list;
    struct err ignored = ERR_NULL;
    buf_printf(out, " data-r=\"%s\" data-o=\"%zu\"", shown_result(s), l->w->listed);
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    for (size_t i = 0; i < s->score_count; i++) {
        const struct dimension *d = dimension_of(l, &s->scores[i]);
        if (d != NULL && s->scores[i].outcome == SCORE_FAIL) {
            buf_append(&words, d->name);
            buf_append_char(&words, ' ');
        }
    }
    if (words.len > 0) {
        html_attribute(out, "data-f", buf_str(&words));
    }
    if (s->tags.len > 2 &&
        json_read(l->sample_arena, s->tags, JSON_REPLY, (struct src_pos){0}, &list, NULL, &ignored) &&
        list.kind == VALUE_LIST) {
        buf_append_cstr(out, " data-t=\"");
        for (uint32_t i = 0; i < list.len; i++) {
            html_line(out, list.items[i].text);
            buf_append_cstr(out, "&#10;");
        }
        buf_append_char(out, '"');
    }
}

/* --- what opens --------------------------------------------------------------------------------------------------------------------------- */

static void put_text(struct listing *l, const char *heading, struct str text)
{
    size_t before = l->w->out.len;
    buf_printf(&l->w->out, "<section><h4>%s</h4>", heading);
    html_body(&l->w->out, text, body_limit(l->w));
    buf_append_cstr(&l->w->out, "</section>");
    l->w->body_bytes += l->w->out.len - before;
}

static enum html_mark score_mark(enum score_outcome outcome)
{
    switch (outcome) {
    case SCORE_PASS:
        return HTML_PASS;
    case SCORE_FAIL:
        return HTML_FAIL;
    case SCORE_NOT_SCORED:
        return HTML_UNSURE;
    case SCORE_NONE:
        break;
    }
    return HTML_NONE;
}

static void put_reason(struct listing *l, const struct score *score)
{
    struct buf *out = &l->w->out;
    const struct dimension *d = dimension_of(l, score);
    if (d == NULL) {
        return;
    }
    buf_append_cstr(out, "<tr><td>");
    html_mark(out, score_mark(score->outcome));
    buf_append_cstr(out, "</td><th scope=\"row\">");
    html_line(out, d->name);
    buf_append_cstr(out, "</th><td class=\"number\">");
    if (score->outcome != SCORE_NOT_SCORED) {
        html_line(out, shown_number(l->sample_arena, score->value));
    }
    buf_append_cstr(out, "</td><td dir=\"auto\">");
    html_line(out, shown_words(score));
    buf_append_cstr(out, "</td></tr>");
}

/* What is not well first. */
static void put_reasons(struct listing *l, const struct sample_record *s)
{
    if (s->score_count == 0) {
        return;
    }
    buf_append_cstr(&l->w->out, "<table class=\"reasons\"><tbody>");
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < s->score_count; i++) {
            enum score_outcome outcome = s->scores[i].outcome;
            bool is_well = outcome == SCORE_PASS || outcome == SCORE_NONE;
            if (is_well == (pass == 1)) {
                put_reason(l, &s->scores[i]);
            }
        }
    }
    buf_append_cstr(&l->w->out, "</tbody></table>");
}

static void put_fact(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, "<span><b>%s</b> ", name);
    html_line(out, value);
    buf_append_cstr(out, "</span> ");
}

static void put_measure(struct listing *l, const char *name, bool has, double value)
{
    if (has) {
        put_fact(&l->w->out, name, shown_number(l->sample_arena, value));
    }
}

static void put_facts(struct listing *l, const struct sample_record *s)
{
    struct buf *out = &l->w->out;
    struct arena *arena = l->sample_arena;
    struct str tags = shown_list(arena, s->tags);
    buf_append_cstr(out, "<p class=\"facts\">");
    if (tags.len > 0) {
        put_fact(out, "tags", tags);
    }
    if (s->cluster.ptr != NULL) {
        put_fact(out, "cluster", s->cluster);
    }
    if (s->measures.attempts > 1) {
        put_fact(out, "attempts", shown_count(arena, s->measures.attempts));
    }
    put_measure(l, "latency, ms", s->measures.has_latency, s->measures.latency_ms);
    put_measure(l, "cost, USD", s->measures.has_cost, s->measures.cost_usd);
    put_measure(l, "tokens in", s->measures.has_input_tokens, s->measures.input_tokens);
    put_measure(l, "tokens out", s->measures.has_output_tokens, s->measures.output_tokens);
    put_fact(out, "span", str_from(id_text(&s->span).text));
    buf_append_cstr(out, "</p>");
}

static void put_body(struct listing *l, const struct sample_record *s, struct str input)
{
    struct buf *out = &l->w->out;
    struct arena *arena = l->sample_arena;
    struct str said = shown_stderr(arena, s->meta);
    buf_append_cstr(out, "<div class=\"body\">");
    if (s->state == SAMPLE_ERRORED) {
        buf_append_cstr(out, "<p class=\"trouble\" dir=\"auto\">");
        html_mark(out, HTML_ERROR);
        buf_append_char(out, ' ');
        html_line(out, s->error_text.len > 0 ? utf8_cut(s->error_text, body_limit(l->w))
                                             : str_from(error_kind_word(s->error)));
        buf_append_cstr(out, "</p>");
    }
    put_reasons(l, s);
    buf_append_cstr(out, "<div class=\"texts\">");
    if (said.len > 0 && s->state == SAMPLE_ERRORED) {
        put_text(l, "stderr", said);
    }
    put_text(l, "input", input);
    if (s->output.ptr != NULL) {
        put_text(l, "output", shown_output(arena, s));
    }
    if (s->expected.ptr != NULL) {
        put_text(l, "expected", shown_json(arena, s->expected));
    }
    if (said.len > 0 && s->state != SAMPLE_ERRORED) {
        put_text(l, "stderr", said);
    }
    buf_append_cstr(out, "</div>");
    put_facts(l, s);
    buf_append_cstr(out, "</div>");
}

static bool put_sample(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    struct listing *l = ctx;
    struct html_writing *w = l->w;
    *ret_goes_on = true;
    if (is_bad(s) != l->wants_bad) {
        return true;
    }
    if (w->listed == LISTED_MAX) {
        l->left_out++;
        return true;
    }
    struct str input = shown_json(l->sample_arena, s->input);
    buf_printf(&w->out, "<details class=\"case %s\"", shown_result(s));
    put_filters(l, s);
    buf_append_cstr(&w->out, "><summary>");
    html_mark(&w->out, mark_of(s));
    put_name(l, s, input);
    if (l->group->count > 1) {
        buf_append_cstr(&w->out, "<span class=\"v\">");
        html_line(&w->out, l->run->summary->variant);
        buf_append_cstr(&w->out, "</span>");
    }
    put_cells(l, s);
    buf_append_cstr(&w->out, "</summary>");
    put_body(l, s, input);
    buf_append_cstr(&w->out, "</details>\n");
    w->listed++;
    arena_reset(l->sample_arena);
    return report_flush(&w->out, w->in->out, err);
}

/* --- the list ----------------------------------------------------------------------------------------------------------------------------- */

/* A long name may go on below after its "_" and "-". */
static void put_breakable(struct buf *out, struct str name)
{
    size_t from = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '_' || name.ptr[i] == '-') {
            html_line(out, str_slice(name, from, i + 1));
            buf_append_cstr(out, "<wbr>");
            from = i + 1;
        }
    }
    html_line(out, str_slice(name, from, name.len));
}

static void put_headings(struct listing *l)
{
    struct buf *out = &l->w->out;
    const struct run_record *run = l->group->runs[0].run;
    buf_append_cstr(out, "<div class=\"heads\"><span></span><span class=\"what\">case</span>");
    buf_append_cstr(out, l->group->count > 1 ? "<span class=\"v\">variant</span>" : "");
    buf_append_cstr(out, "<span class=\"n\">score</span>");
    for (size_t d = 0; d < column_count(run); d++) {
        buf_append_cstr(out, "<span class=\"n\"");
        html_attribute(out, "title", run->dimensions[d].name);
        buf_append_char(out, '>');
        put_breakable(out, run->dimensions[d].name);
        buf_append_cstr(out, "</span>");
    }
    buf_append_cstr(out, l->has_latency ? "<span class=\"n\">latency</span></div>\n" : "</div>\n");
}

static bool has_latency_dimension(const struct run_record *run)
{
    for (size_t i = 0; i < column_count(run); i++) {
        if (str_eq_cstr(run->dimensions[i].name, "latency_ms")) {
            return true;
        }
    }
    return false;
}

/* Replayed and cached answers have none: then there is no column for it. */
static bool look_for_latency(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    enum { LOOKED_AT_MAX = 100 };
    struct listing *l = ctx;
    (void)err;
    l->has_latency = s->measures.has_latency && !has_latency_dimension(l->group->runs[0].run);
    *ret_goes_on = !l->has_latency && s->ordinal < LOOKED_AT_MAX;
    return true;
}

static void put_skipped(struct html_writing *w, const struct summary *s)
{
    static const struct html_column columns[] = {{"skipped case", false}, {"reason", false}};
    struct html_table t;
    if (s->skipped_count == 0) {
        return;
    }
    buf_printf(&w->out, "<details class=\"fold\"><summary>%zu skipped</summary>", s->skipped_count);
    html_table_begin(&t, &w->out, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < s->skipped_count; i++) {
        html_table_cell(&t, s->skipped[i].id);
        html_table_cell(&t, s->skipped[i].reason);
    }
    html_table_end(&t);
    buf_append_cstr(&w->out, "</details>\n");
}

bool html_cases(struct html_writing *w, const struct html_group *group, struct err *err)
{
    struct arena sample_arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct listing l = {.w = w, .group = group, .sample_arena = &sample_arena};
    buf_printf(&w->out, "<section class=\"cases%s\" id=\"cases-%zu\">\n<h2>Cases</h2>\n<div class=\"list\">\n",
               group->count > 1 ? " varied" : "", group->at);
    if (!report_each(&group->runs[0], false, look_for_latency, &l, err)) {
        return false;
    }
    put_headings(&l);
    for (int pass = 0; pass < 2; pass++) {
        l.wants_bad = pass == 0;
        for (size_t i = 0; i < group->count; i++) {
            l.run = &group->runs[i];
            if (!report_each(l.run, l.wants_bad, put_sample, &l, err)) {
                return false;
            }
        }
    }
    buf_append_cstr(&w->out, "</div>\n");
    if (l.left_out > 0) {
        buf_printf(
            &w->out,
            "<p class=\"cut\">%zu more samples are not in this file: a page holds %d, those that failed or errored "
            "first. The reports json, jsonl and csv have all.</p>\n",
            l.left_out, (int)LISTED_MAX);
    }
    put_skipped(w, group->runs[0].summary);
    buf_append_cstr(&w->out, "</section>\n");
    return true;
}
