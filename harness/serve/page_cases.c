#include "serve/page_cases.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/record.h"
#include "reporters/html_parts.h"
#include "reporters/shown.h"
#include "serve/pages.h"
#include "store/store.h"
#include "wire/path.h"

enum { BODY_BYTES = LIMIT_OUTPUT_BYTES };

static struct str run_name(struct arena *arena, const struct run_record *run)
{
    return str_eq(run->variant, STR("default"))
               ? run->suite
               : arena_printf(arena, "%.*s [%.*s]", STR_ARG(run->suite), STR_ARG(run->variant));
}

static void put_head(struct page_context *page, const struct run_record *run, struct str title)
{
    struct uuid_text id = id_text(&run->id);
    html_page_begin(page->out, title);
    buf_append_cstr(page->out, "<header>\n<p class=\"eyebrow\">");
    html_line(page->out, run_name(page->arena, run));
    buf_append_cstr(page->out, "</p>\n<h1>");
    html_line(page->out, title);
    buf_append_cstr(page->out, "</h1>\n</header>\n<nav>");
    buf_printf(page->out, "<a href=\"/%s/\">All runs</a> <a href=\"/%s/runs/%s\">Report</a> ", page->token, page->token,
               id.text);
    buf_printf(page->out, "<a href=\"/%s/runs/%s/cases\">What failed</a> ", page->token, id.text);
    buf_printf(page->out, "<a href=\"/%s/runs/%s/cases?all=1\">All cases</a></nav>\n", page->token, id.text);
}

static enum html_mark mark_of(const struct sample_record *s)
{
    return s->state == SAMPLE_ERRORED ? HTML_ERROR
           : s->pass == PASS_YES      ? HTML_PASS
           : s->pass == PASS_NO       ? HTML_FAIL
                                      : HTML_NONE;
}

/* --- the list ------------------------------------------------------------------------------------------------------------------------------ */

static void put_row(struct page_context *page, struct html_table *t, const struct run_record *run,
                    const struct sample_record *s)
{
    struct buf href CLEANUP(buf_deinit) = BUF(LIMIT_ID_BYTES * 4);
    buf_printf(&href, "/%s/runs/%s/cases", page->token, id_text(&run->id).text);
    wire_query_add(&href, "case", s->case_id);
    html_table_open_cell(t);
    buf_append_cstr(page->out, "<a");
    html_attribute(page->out, "href", buf_str(&href));
    buf_append_char(page->out, '>');
    html_line(page->out, s->case_id);
    buf_append_cstr(page->out, "</a>");
    html_table_close_cell(t);
    html_table_cell(t, shown_count(page->arena, s->trial));
    html_table_open_cell(t);
    html_mark_word(page->out, mark_of(s), str_from(shown_result(s)));
    html_table_close_cell(t);
    html_table_cell(t, s->has_score ? shown_number(page->arena, s->score) : STR(""));
    html_table_cell(t, s->measures.has_latency ? shown_number(page->arena, s->measures.latency_ms) : STR(""));
    html_table_cell(t, s->error_text);
}

bool page_cases(struct page_context *page, const struct run_record *run, bool wants_all, struct err *err)
{
    static const struct html_column columns[] = {{"case", false}, {"trial", true},        {"result", false},
                                                 {"score", true}, {"latency (ms)", true}, {"error", false}};
    struct sample_filter filter = {.only_errored = !wants_all, .only_failed = !wants_all, .without_texts = true};
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct sample_record sample;
    struct html_table t;
    bool has = true;
    size_t count = 0;
    if (!store_samples(page->store, run->seq, filter, &cursor, err)) {
        return false;
    }
    put_head(page, run, wants_all ? STR("All cases") : STR("What failed"));
    buf_append_cstr(page->out, "<section>\n");
    html_table_begin(&t, page->out, columns, ARRAY_LEN(columns));
    while (count < PAGES_LISTED) {
        if (!cursor.next(&cursor, &has, &sample, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        put_row(page, &t, run, &sample);
        count++;
    }
    html_table_end(&t);
    if (count == 0) {
        buf_append_cstr(page->out, wants_all ? "<p>Nothing is recorded yet.</p>\n" : "<p>Nothing failed.</p>\n");
    }
    if (count == PAGES_LISTED) {
        buf_printf(page->out, "<p class=\"muted\">the first %d; all of them: the report, or assay show RUN --all</p>\n",
                   (int)PAGES_LISTED);
    }
    buf_append_cstr(page->out, "</section>\n");
    html_page_end(page->out);
    return true;
}

/* --- one case ------------------------------------------------------------------------------------------------------------------------------ */

static void put_text(struct page_context *page, const char *heading, struct str text)
{
    buf_printf(page->out, "<section><h3>%s</h3>", heading);
    html_body(page->out, text, BODY_BYTES);
    buf_append_cstr(page->out, "</section>\n");
}

static void put_scores(struct page_context *page, const struct run_record *run, const struct sample_record *s)
{
    static const struct html_column columns[] = {
        {"dimension", false}, {"outcome", false}, {"value", true}, {"why", false}};
    struct html_table t;
    if (s->score_count == 0) {
        return;
    }
    html_table_begin(&t, page->out, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        if (score->dimension >= run->dimension_count) {
            continue;
        }
        html_table_cell(&t, run->dimensions[score->dimension].name);
        html_table_open_cell(&t);
        html_mark_word(page->out,
                       score->outcome == SCORE_PASS   ? HTML_PASS
                       : score->outcome == SCORE_FAIL ? HTML_FAIL
                       : score->outcome == SCORE_NONE ? HTML_NONE
                                                      : HTML_UNSURE,
                       str_from(score_outcome_word(score->outcome)));
        html_table_close_cell(&t);
        html_table_cell(&t, score->outcome == SCORE_NOT_SCORED ? STR("") : shown_number(page->arena, score->value));
        html_table_cell(&t, shown_words(score));
    }
    html_table_end(&t);
}

static void put_sample(struct page_context *page, const struct run_record *run, const struct sample_record *s)
{
    buf_printf(page->out, "<section>\n<h2>Trial %u: ", (unsigned)s->trial);
    html_mark_word(page->out, mark_of(s), str_from(shown_result(s)));
    buf_append_cstr(page->out, "</h2>\n");
    if (s->state == SAMPLE_ERRORED) {
        put_text(page, "Error", s->error_text);
    }
    put_scores(page, run, s);
    put_text(page, "Input", shown_json(page->arena, s->input));
    if (s->expected.ptr != NULL) {
        put_text(page, "Expected", shown_json(page->arena, s->expected));
    }
    if (s->output.ptr != NULL) {
        put_text(page, "Output", shown_output(page->arena, s));
    }
    if (s->meta.len > 2) {
        put_text(page, "Meta", s->meta);
    }
    buf_append_cstr(page->out, "</section>\n");
}

bool page_case(struct page_context *page, const struct run_record *run, struct str case_id, struct err *err)
{
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct sample_record sample;
    bool has = true;
    size_t count = 0;
    if (!store_samples(page->store, run->seq, (struct sample_filter){.case_id = case_id}, &cursor, err)) {
        return false;
    }
    put_head(page, run, case_id);
    while (count < PAGES_LISTED) {
        if (!cursor.next(&cursor, &has, &sample, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        put_sample(page, run, &sample);
        count++;
    }
    html_page_end(page->out);
    return count > 0 || err_set(err, ERR_EMPTY, "this run has no record of case '%.*s'", STR_ARG(case_id));
}
