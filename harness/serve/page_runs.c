#include "serve/page_runs.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "judge/judge.h"
#include "model/record.h"
#include "model/summary.h"
#include "reporters/html_parts.h"
#include "reporters/shown.h"
#include "serve/pages.h"
#include "store/store.h"

static void put_state(struct page_context *page, const struct run_record *run)
{
    if (run->state == RUN_FINISHED) {
        html_mark_word(page->out, html_verdict_mark(run->verdict), str_from(verdict_row(run->verdict)->word));
    } else {
        html_mark_word(page->out, HTML_UNSURE, run->state == RUN_RUNNING ? STR("unfinished") : STR("interrupted"));
    }
}

static void put_link(struct page_context *page, const struct run_record *run, const char *below, struct str words)
{
    buf_printf(page->out, "<a href=\"/%s/runs/%s%s\">", page->token, id_text(&run->id).text, below);
    html_line(page->out, words);
    buf_append_cstr(page->out, "</a>");
}

static bool put_run(struct page_context *page, struct html_table *t, const struct run_record *run, struct err *err)
{
    struct summary summary = {0};
    bool has_summary = run->summary.len > 0;
    struct str name = str_eq(run->variant, STR("default"))
                          ? run->suite
                          : arena_printf(page->arena, "%.*s [%.*s]", STR_ARG(run->suite), STR_ARG(run->variant));
    if (has_summary && !summary_from_json(run->summary, page->arena, &summary, err)) {
        return false;
    }
    html_table_open_cell(t);
    put_link(page, run, has_summary ? "" : "/cases", name);
    html_table_close_cell(t);
    html_table_cell(t, shown_time(page->arena, run->started_unix_ms));
    html_table_open_cell(t);
    put_state(page, run);
    html_table_close_cell(t);
    html_table_cell(t, has_summary ? shown_count(page->arena, summary.n_cases) : STR(""));
    html_table_cell(t, summary.has_pass_rate ? shown_share(page->arena, summary.pass_rate) : STR(""));
    html_table_cell(t, summary.errors > 0 ? shown_count(page->arena, summary.errors) : STR(""));
    html_table_open_cell(t);
    put_link(page, run, "/cases", STR("cases"));
    html_table_close_cell(t);
    html_table_cell(t, arena_printf(page->arena, "%.8s", id_text(&run->id).text));
    return true;
}

bool page_runs(struct page_context *page, struct err *err)
{
    static const struct html_column columns[] = {{"run", false},     {"started", false},  {"verdict", false},
                                                 {"cases", true},    {"pass rate", true}, {"errors", true},
                                                 {"look at", false}, {"id", false}};
    struct run_record *runs = NULL;
    size_t count = 0;
    struct html_table t;
    if (page->store != NULL && !store_list_runs(page->store, page->arena, PAGES_LISTED, &runs, &count, err)) {
        return false;
    }
    html_page_begin(page->out, STR("assay: runs"));
    buf_append_cstr(page->out, "<header>\n<h1>Runs</h1>\n<p class=\"facts\">newest first</p>\n</header>\n<section>\n");
    if (count == 0) {
        buf_append_cstr(page->out, "<p>No runs yet: <code>assay run SUITE</code> makes the first one.</p>\n");
    } else {
        html_table_begin(&t, page->out, columns, ARRAY_LEN(columns));
        for (size_t i = 0; i < count; i++) {
            if (!put_run(page, &t, &runs[i], err)) {
                return false;
            }
        }
        html_table_end(&t);
    }
    if (count == PAGES_LISTED) {
        buf_printf(page->out, "<p class=\"muted\">the newest %d; more: assay list -n</p>\n", (int)PAGES_LISTED);
    }
    buf_append_cstr(page->out, "</section>\n");
    html_page_end(page->out);
    return true;
}
