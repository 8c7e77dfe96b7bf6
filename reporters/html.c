/* One self-contained file for people: verdict first, then gates, figures and classes of each suite, then its cases. It needs no network, reads
 * without JavaScript, prints, and follows the reader's light or dark screen. Samples are streamed: memory stays flat.
 *
 * For programs a block of JSON is in it, <script type="application/json" id="assay">: {"assay","verdict","exit_code","reason","runs":[summary]}. */

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"
#include "reporters/compare_sections.h"
#include "reporters/html_sections.h"
#include "reporters/shown.h"

enum html_mark html_verdict_mark(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASSED:
        return HTML_PASS;
    case VERDICT_FAILED:
        return HTML_FAIL;
    case VERDICT_UNRECORDED:
        return HTML_WARN;
    case VERDICT_USAGE:
    case VERDICT_ERRORED:
    case VERDICT_EMPTY:
    case VERDICT_NO_BASELINE:
    case VERDICT_INFRASTRUCTURE:
    case VERDICT_INTERNAL:
    case VERDICT_INTERRUPTED_INT:
    case VERDICT_INTERRUPTED_TERM:
        break;
    }
    return HTML_ERROR;
}

static const char *mark_class(enum verdict verdict)
{
    enum html_mark mark = html_verdict_mark(verdict);
    return mark == HTML_PASS ? "pass" : mark == HTML_FAIL ? "fail" : "warn";
}

/* --- the head ----------------------------------------------------------------------------------------------------------------------------- */

static void put_fact(struct html_writing *w, struct str name, struct str value)
{
    buf_append_cstr(&w->out, "<span><b>");
    html_line(&w->out, name);
    buf_append_cstr(&w->out, "</b> ");
    html_line(&w->out, value);
    buf_append_cstr(&w->out, "</span> ");
}

/* The suites, each once; runs of one suite stand beside each other. */
static struct str suite_names(struct html_writing *w)
{
    struct buf names CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    for (size_t i = 0; i < w->in->run_count; i++) {
        struct str suite = w->in->runs[i].summary->suite;
        if (i == 0 || !str_eq(suite, w->in->runs[i - 1].summary->suite)) {
            buf_append_cstr(&names, i == 0 ? "" : ", ");
            buf_append(&names, suite);
        }
    }
    return arena_str(w->scratch, buf_str(&names));
}

static void put_labels(struct html_writing *w, struct str labels)
{
    struct value map;
    struct err ignored = ERR_NULL;
    if (labels.len == 0 || !json_read(w->scratch, labels, JSON_REPLY, (struct src_pos){0}, &map, NULL, &ignored) ||
        map.kind != VALUE_MAP) {
        return;
    }
    for (uint32_t i = 0; i < map.len; i++) {
        put_fact(w, map.keys[i].text, map.items[i].text);
    }
}

static void put_head(struct html_writing *w, struct str suites)
{
    const struct report_in *in = w->in;
    const struct invocation_record *inv = in->invocation;
    const struct verdict_row *row = verdict_row(in->verdict);
    buf_append_cstr(&w->out, "<header>\n<p class=\"eyebrow\">");
    html_line(&w->out, suites);
    buf_printf(&w->out, "</p>\n<div class=\"verdict %s\">\n<h1>", mark_class(in->verdict));
    html_mark_word(&w->out, html_verdict_mark(in->verdict), str_from(row->word));
    buf_append_cstr(&w->out, "</h1>\n");
    if (in->reason.len > 0) {
        buf_append_cstr(&w->out, "<p>");
        html_line(&w->out, in->reason);
        buf_append_cstr(&w->out, "</p>\n");
    }
    buf_append_cstr(&w->out, "</div>\n<p class=\"facts\">");
    put_fact(w, STR("exit code"), shown_count(w->scratch, (uint64_t)row->exit_code));
    if (inv->name.len > 0) {
        put_fact(w, STR("name"), inv->name);
    }
    if (inv->started_unix_ms > 0) {
        put_fact(w, STR("started"), shown_time(w->scratch, inv->started_unix_ms));
    }
    if (inv->finished_unix_ms > inv->started_unix_ms) {
        struct clock_text took = clock_duration((inv->finished_unix_ms - inv->started_unix_ms) * NS_PER_MS);
        put_fact(w, STR("took"), str_from(took.text));
    }
    put_labels(w, inv->labels);
    put_fact(w, STR("invocation"), str_from(id_text(&inv->id).text));
    buf_append_cstr(&w->out, "</p>\n</header>\n");
}

/* --- runs --------------------------------------------------------------------------------------------------------------------------------- */

static void put_counts(struct html_writing *w, const struct summary *s)
{
    const struct {
        const char *word;
        uint64_t count;
        bool is_always;
    } counts[] = {
        {"passed", s->n_passed, s->has_pass_rate}, {"failed", s->n_failed, s->has_pass_rate},
        {"only measured", s->n_no_pass, false},    {"errored", s->n_errored, false},
        {"skipped", s->n_skipped, false},
    };
    put_fact(w, STR("cases"), shown_count(w->scratch, s->n_cases));
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        if (counts[i].count > 0 || counts[i].is_always) {
            put_fact(w, str_from(counts[i].word), shown_count(w->scratch, counts[i].count));
        }
    }
    if (s->trials > 1) {
        put_fact(w, STR("trials of each"), shown_count(w->scratch, s->trials));
    }
    if (s->errors > s->n_errored) {
        put_fact(w, STR("errored samples"), shown_count(w->scratch, s->errors));
    }
    if (s->samples < s->planned_samples) {
        put_fact(w, STR("samples"),
                 arena_printf(w->scratch, "%llu of %llu recorded", (unsigned long long)s->samples,
                              (unsigned long long)s->planned_samples));
    }
    put_fact(w, STR("run"), s->run_id);
}

/* Several runs: which came to what, before the details of each suite. */
static void put_runs(struct html_writing *w)
{
    static const struct html_column columns[] = {{"run", false},      {"verdict", false}, {"cases", true},
                                                 {"passed", true},    {"failed", true},   {"errored", true},
                                                 {"pass rate", true}, {"reason", false}};
    struct html_table t;
    if (w->in->run_count < 2) {
        return;
    }
    buf_append_cstr(&w->out, "<section>\n<h2>Runs</h2>\n");
    html_table_begin(&t, &w->out, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < w->in->run_count; i++) {
        const struct summary *s = w->in->runs[i].summary;
        html_table_cell(&t, shown_run(w->scratch, &w->in->runs[i]));
        html_table_open_cell(&t);
        html_mark_word(&w->out, html_verdict_mark(s->verdict), str_from(verdict_row(s->verdict)->word));
        html_table_close_cell(&t);
        html_table_cell(&t, shown_count(w->scratch, s->n_cases));
        html_table_cell(&t, s->has_pass_rate ? shown_count(w->scratch, s->n_passed) : STR(""));
        html_table_cell(&t, s->has_pass_rate ? shown_count(w->scratch, s->n_failed) : STR(""));
        html_table_cell(&t, s->n_errored > 0 ? shown_count(w->scratch, s->n_errored) : STR(""));
        html_table_cell(&t, s->has_pass_rate ? shown_share(w->scratch, s->pass_rate) : STR(""));
        html_table_cell(&t, s->reason);
    }
    html_table_end(&t);
    buf_append_cstr(&w->out, "</section>\n");
}

static bool put_comparisons(struct html_writing *w, struct str suite, struct err *err)
{
    for (size_t i = 0; i < w->in->comparison_count; i++) {
        const struct comparison *c = &w->in->comparisons[i];
        if (str_eq(c->suite, suite) && !compare_html_section(&w->out, w->in->out, c, w->scratch, err)) {
            return false;
        }
    }
    return true;
}

static bool has_comparison(const struct report_in *in, struct str suite)
{
    for (size_t i = 0; i < in->comparison_count; i++) {
        if (str_eq(in->comparisons[i].suite, suite)) {
            return true;
        }
    }
    return false;
}

static bool has_history(const struct report_in *in, struct str suite)
{
    for (size_t i = 0; i < in->history_count; i++) {
        if (str_eq(in->histories[i].suite, suite)) {
            return true;
        }
    }
    return false;
}

/* What stands far below. */
static void put_links(struct html_writing *w, const struct html_group *group)
{
    struct str suite = group->runs[0].summary->suite;
    const struct {
        const char *id, *words;
        bool is_there;
    } links[] = {{"comparison", "Comparison", has_comparison(w->in, suite)},
                 {"history", "History", has_history(w->in, suite)},
                 {"cases", "Cases", true}};
    if (!links[0].is_there && !links[1].is_there) {
        return;
    }
    buf_append_cstr(&w->out, "<nav>");
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        if (links[i].is_there) {
            buf_printf(&w->out, "<a href=\"#%s-%zu\">%s</a> ", links[i].id, group->at, links[i].words);
        }
    }
    buf_append_cstr(&w->out, "</nav>\n");
}

static bool put_group(struct html_writing *w, const struct html_group *group, struct err *err)
{
    const struct summary *s = group->runs[0].summary;
    buf_append_cstr(&w->out, "<section class=\"suite\">\n<h2>");
    html_line(&w->out, group->count > 1 ? s->suite : shown_run(w->scratch, &group->runs[0]));
    buf_append_cstr(&w->out, "</h2>\n");
    if (group->count == 1) {
        buf_append_cstr(&w->out, "<p class=\"facts\">");
        put_counts(w, s);
        buf_append_cstr(&w->out, "</p>\n");
    }
    put_links(w, group);
    html_gates(w, group);
    html_dimensions(w, group);
    html_classes(w, group);
    buf_printf(&w->out, "<div id=\"comparison-%zu\">\n", group->at);
    if (!put_comparisons(w, s->suite, err)) {
        return false;
    }
    buf_printf(&w->out, "</div>\n<div id=\"history-%zu\">\n", group->at);
    html_histories(w, group);
    buf_append_cstr(&w->out, "</div>\n");
    if (!report_flush(&w->out, w->in->out, err) || !html_cases(w, group, err)) {
        return false;
    }
    buf_append_cstr(&w->out, "</section>\n");
    return report_flush(&w->out, w->in->out, err);
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------------------- */

static struct str data_text(struct html_writing *w)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer writer;
    struct json_writer *j = &writer;
    json_writer_init(j, &text);
    json_open_map(j);
    json_put_bytes(j, "assay", str_from(w->in->version));
    json_put_text(j, "verdict", str_from(verdict_row(w->in->verdict)->word));
    json_put_int(j, "exit_code", verdict_row(w->in->verdict)->exit_code);
    json_put_bytes(j, "reason", w->in->reason);
    json_key(j, "runs");
    json_open_list(j);
    for (size_t i = 0; i < w->in->run_count; i++) {
        json_raw(j, w->in->runs[i].run->summary);
    }
    json_close_list(j);
    json_close_map(j);
    return arena_str(w->scratch, buf_str(&text));
}

static bool put_page(struct html_writing *w, struct err *err)
{
    const struct report_in *in = w->in;
    struct str suites = suite_names(w);
    html_page_begin(&w->out, arena_printf(w->scratch, "%.*s: %s", STR_ARG(suites), verdict_row(in->verdict)->word));
    put_head(w, suites);
    put_runs(w);
    size_t groups = 0;
    for (size_t from = 0; from < in->run_count;) {
        size_t count = report_group(in, from);
        if (!put_group(w, &(struct html_group){.runs = &in->runs[from], .count = count, .at = groups++}, err)) {
            return false;
        }
        from += count;
    }
    buf_append_cstr(&w->out, "<footer><p class=\"muted\">assay ");
    html_line(&w->out, str_from(in->version));
    buf_append_cstr(&w->out, "</p></footer>\n");
    html_data(&w->out, "assay", data_text(w));
    html_page_end(&w->out);
    return report_flush(&w->out, in->out, err);
}

static bool html_report(const struct report_in *in, struct arena *scratch, struct err *err)
{
    struct html_writing w = {.in = in, .scratch = scratch};
    buf_init(&w.out, LIMIT_JSON_BYTES);
    bool ok = put_page(&w, err);
    buf_deinit(&w.out);
    return ok;
}

const struct reporter reporter_html = {
    .name = "html",
    .summary = "one file for people: verdict, gates, intervals, cases to sort and filter; no network",
    .write = html_report,
    .shows_comparisons = true,
    .shows_histories = true,
};
