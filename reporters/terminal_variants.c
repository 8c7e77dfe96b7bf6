#include "base/arena.h"
#include "reporters/shown.h"
#include "reporters/terminal_parts.h"
#include "reporters/text_table.h"

enum figure {
    FIGURE_PASS_RATE,
    FIGURE_PASS_RATE_INTERVAL,
    FIGURE_MEAN,
    FIGURE_MEAN_INTERVAL,
    FIGURE_P50,
    FIGURE_P95,
    FIGURE_COUNT
};

static bool has_figure(const struct dimension_summary *d, enum figure figure)
{
    switch (figure) {
    case FIGURE_PASS_RATE:
        return d->has_pass_rate;
    case FIGURE_PASS_RATE_INTERVAL:
        return d->has_pass_rate && shown_has(&d->pass_rate_interval);
    case FIGURE_MEAN:
        return d->has_mean && !shown_mean_again(d);
    case FIGURE_MEAN_INTERVAL:
        return d->has_mean && !shown_mean_again(d) && shown_has(&d->mean_interval);
    case FIGURE_P50:
    case FIGURE_P95:
        return d->has_mean && d->kind == DIMENSION_MEASURE;
    case FIGURE_COUNT:
        break;
    }
    return false;
}

static struct str figure_text(struct arena *arena, const struct dimension_summary *d, enum figure figure)
{
    switch (figure) {
    case FIGURE_PASS_RATE:
        return shown_share(arena, d->pass_rate);
    case FIGURE_PASS_RATE_INTERVAL:
        return shown_interval(arena, &d->pass_rate_interval, true);
    case FIGURE_MEAN:
        return shown_number(arena, d->mean);
    case FIGURE_MEAN_INTERVAL:
        return shown_interval(arena, &d->mean_interval, false);
    case FIGURE_P50:
        return shown_number(arena, d->p50);
    case FIGURE_P95:
        return shown_number(arena, d->p95);
    case FIGURE_COUNT:
        break;
    }
    return STR("");
}

static bool is_interval(enum figure figure)
{
    return figure == FIGURE_PASS_RATE_INTERVAL || figure == FIGURE_MEAN_INTERVAL;
}

/* Whether a row says anything. Where the mean is the pass rate again in one variant and not in another, it is shown for both. */
static bool row_is_useful(const struct report_run *runs, size_t count, size_t dimension, enum figure figure)
{
    for (size_t i = 0; i < count; i++) {
        if (has_figure(&runs[i].summary->dimensions[dimension], figure)) {
            return true;
        }
    }
    return false;
}

static void put_row(struct text_table *t, const struct report_run *runs, size_t count, size_t dimension,
                    enum figure figure)
{
    for (size_t i = 0; i < count; i++) {
        const struct dimension_summary *d = &runs[i].summary->dimensions[dimension];
        bool is_full = figure == FIGURE_PASS_RATE && d->has_pass_rate && d->pass_rate >= 1;
        struct str text = figure == FIGURE_COUNT  ? STR("")
                          : has_figure(d, figure) ? figure_text(t->arena, d, figure)
                                                  : STR("-");
        text_table_cell(t, text, is_full ? TERM_GREEN : is_interval(figure) ? TERM_DIM : TERM_PLAIN);
    }
}

/* The name with the pass rate beside it; the other figures below. */
static void put_dimension(struct text_table *t, const struct report_run *runs, size_t count, size_t dimension)
{
    static const char *const names[] = {[FIGURE_PASS_RATE_INTERVAL] = "  95%",
                                        [FIGURE_MEAN] = "  mean",
                                        [FIGURE_MEAN_INTERVAL] = "  95%",
                                        [FIGURE_P50] = "  p50",
                                        [FIGURE_P95] = "  p95"};
    bool has_pass = row_is_useful(runs, count, dimension, FIGURE_PASS_RATE);
    bool has_any = has_pass;
    for (int f = FIGURE_PASS_RATE_INTERVAL; f < FIGURE_COUNT; f++) {
        has_any = has_any || row_is_useful(runs, count, dimension, (enum figure)f);
    }
    text_table_cell(t, runs[0].summary->dimensions[dimension].name, TERM_PLAIN);
    put_row(t, runs, count, dimension, has_pass || !has_any ? FIGURE_PASS_RATE : FIGURE_COUNT);
    for (int f = FIGURE_PASS_RATE_INTERVAL; f < FIGURE_COUNT; f++) {
        if (row_is_useful(runs, count, dimension, (enum figure)f)) {
            text_table_cell(t, str_from(names[f]), TERM_DIM);
            put_row(t, runs, count, dimension, (enum figure)f);
        }
    }
}

enum count_row { ROW_CASES, ROW_PASSED, ROW_FAILED, ROW_ERRORED, ROW_SKIPPED, ROW_COUNT };

static uint64_t count_of(const struct summary *s, enum count_row row)
{
    switch (row) {
    case ROW_CASES:
        return s->n_cases;
    case ROW_PASSED:
        return s->n_passed;
    case ROW_FAILED:
        return s->n_failed;
    case ROW_ERRORED:
        return s->n_errored;
    case ROW_SKIPPED:
        return s->n_skipped;
    case ROW_COUNT:
        break;
    }
    return 0;
}

static void put_counts(struct text_table *t, const struct report_run *runs, size_t count)
{
    static const struct {
        const char *name;
        enum term_style style;
    } rows[] = {
        [ROW_CASES] = {"cases", TERM_PLAIN},      [ROW_PASSED] = {"passed", TERM_GREEN},
        [ROW_FAILED] = {"failed", TERM_RED},      [ROW_ERRORED] = {"errored", TERM_YELLOW},
        [ROW_SKIPPED] = {"skipped", TERM_YELLOW},
    };
    for (int r = ROW_CASES; r < ROW_COUNT; r++) {
        uint64_t total = 0;
        for (size_t i = 0; i < count; i++) {
            total += count_of(runs[i].summary, (enum count_row)r);
        }
        if (total == 0 && r != ROW_CASES) {
            continue;
        }
        text_table_cell(t, str_from(rows[r].name), TERM_PLAIN);
        for (size_t i = 0; i < count; i++) {
            uint64_t value = count_of(runs[i].summary, (enum count_row)r);
            text_table_cell(t, shown_count(t->arena, value), value > 0 ? rows[r].style : TERM_PLAIN);
        }
    }
}

void terminal_variants(const struct report_in *in, const struct report_run *runs, size_t count, struct arena *scratch)
{
    struct text_table t;
    text_table_begin(&t, scratch, count + 1);
    text_table_cell(&t, STR(""), TERM_PLAIN);
    for (size_t i = 0; i < count; i++) {
        text_table_cell(&t, runs[i].summary->variant, TERM_BOLD);
    }
    put_counts(&t, runs, count);
    for (size_t d = 0; d < runs[0].summary->dimension_count; d++) {
        bool is_in_all = true; /* variants of one suite share its dimensions */
        for (size_t i = 1; i < count; i++) {
            is_in_all = is_in_all && runs[i].summary->dimension_count == runs[0].summary->dimension_count;
        }
        if (is_in_all) {
            put_dimension(&t, runs, count, d);
        }
    }
    text_table_cell(&t, STR("run"), TERM_DIM);
    for (size_t i = 0; i < count; i++) {
        text_table_cell(&t, str_slice(runs[i].summary->run_id, 0, 8), TERM_DIM);
    }
    text_table_print(&t, &in->term, TERMINAL_INDENT, in->out);
}
