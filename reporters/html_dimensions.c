#include "base/arena.h"
#include "base/err.h"
#include "data/gate_expr.h"
#include "reporters/html_sections.h"
#include "reporters/shown.h"

/* The bound that a gate sets on a figure of all cases: drawn where the figure is. */
static bool find_line(struct html_writing *w, const struct summary *s, struct str dimension, enum stat_kind kind,
                      double *ret)
{
    for (size_t i = 0; i < s->gate_count; i++) {
        const struct gate_result *g = &s->gates[i];
        struct gate_expr expr;
        struct str hint;
        size_t offset = 0;
        struct err ignored = ERR_NULL;
        if (!g->has_right || g->has_reference ||
            !gate_expr_parse(w->scratch, g->text, &expr, &offset, &hint, &ignored)) {
            continue;
        }
        const struct stat_filter *f = &expr.left.filter;
        bool is_filtered =
            f->tag.ptr != NULL || f->variant.ptr != NULL || f->cluster.ptr != NULL || f->label.ptr != NULL;
        if (!is_filtered && expr.left.kind == kind && str_eq(expr.left.dimension, dimension)) {
            *ret = g->right;
            return true;
        }
    }
    return false;
}

static void put_drawing(struct html_writing *w, const struct stat_interval *interval, double point, double axis_lo,
                        double axis_hi, bool has_line, double line, bool is_share)
{
    bool has_interval = interval->how.method != METHOD_NONE;
    struct html_interval i = {.axis_lo = axis_lo,
                              .axis_hi = axis_hi,
                              .has_lo = has_interval && interval->has_lo,
                              .has_hi = has_interval && interval->has_hi,
                              .lo = interval->lo,
                              .hi = interval->hi,
                              .has_point = true,
                              .point = point,
                              .has_line = has_line,
                              .line = line,
                              .verdict = HTML_NONE};
    struct str figure = is_share ? shown_share(w->scratch, point) : shown_number(w->scratch, point);
    struct str range = shown_interval(w->scratch, interval, is_share);
    html_interval(&w->out, &i,
                  range.len > 0 ? arena_printf(w->scratch, "%.*s, 95%% interval %.*s", STR_ARG(figure), STR_ARG(range))
                                : figure);
}

static void put_number(struct html_writing *w, struct html_table *t, bool has, double value)
{
    html_table_cell(t, has ? shown_number(w->scratch, value) : STR(""));
}

/* What any of the rows has: a column of nothing is left out. */
struct shown_columns {
    bool has_variants, has_interval, has_mean, has_mean_interval, has_rate, has_not_scored;
};

/* The mean of right and wrong is the pass rate again. */
static bool is_again(bool has_rate, double rate, double mean)
{
    double distance = mean - rate;
    return has_rate && distance < 1e-9 && distance > -1e-9;
}

/* The name stands out where its rows begin; the variants below it repeat it quietly. */
static void put_name(struct html_writing *w, struct html_table *t, struct str name, const struct summary *s,
                     const struct shown_columns *shown, bool is_first)
{
    html_table_open_cell(t);
    buf_append_cstr(&w->out, is_first ? "<span>" : "<span class=\"again\">");
    html_line(&w->out, name);
    buf_append_cstr(&w->out, "</span>");
    html_table_close_cell(t);
    if (shown->has_variants) {
        html_table_cell(t, s->variant);
    }
}

static void put_not_scored(struct html_writing *w, struct html_table *t, const struct shown_columns *shown,
                           uint64_t not_scored)
{
    if (shown->has_not_scored) {
        html_table_cell(t, not_scored > 0 ? shown_count(w->scratch, not_scored) : STR(""));
    }
}

/* --- judged ------------------------------------------------------------------------------------------------------------------------------- */

/* A row: the dimension's figures, or those of whole cases. */
struct judged_row {
    struct str name, dimension; /* dimension: as gates name it; ptr NULL = of whole cases */
    uint64_t n, not_scored;
    bool has_rate, has_mean;
    double rate, mean;
    const struct stat_interval *rate_interval, *mean_interval;
};

static void put_judged(struct html_writing *w, struct html_table *t, const struct summary *s,
                       const struct judged_row *row, const struct shown_columns *shown, bool is_first)
{
    double line = 0;
    put_name(w, t, row->name, s, shown, is_first);
    html_table_cell(t, shown_count(w->scratch, row->n));
    html_table_cell(t, row->has_rate ? shown_share(w->scratch, row->rate) : STR(""));
    html_table_open_cell(t);
    if (row->has_rate) {
        bool has_line = find_line(w, s, row->dimension, STAT_PASS_RATE, &line);
        put_drawing(w, row->rate_interval, row->rate, 0, 1, has_line, line, true);
    }
    html_table_close_cell(t);
    if (shown->has_interval) {
        html_table_cell(t, row->has_rate ? shown_interval(w->scratch, row->rate_interval, true) : STR(""));
    }
    if (shown->has_mean) {
        put_number(w, t, row->has_mean, row->mean);
    }
    if (shown->has_mean_interval) {
        html_table_cell(t, row->has_mean ? shown_interval(w->scratch, row->mean_interval, false) : STR(""));
    }
    put_not_scored(w, t, shown, row->not_scored);
}

static void put_whole_cases(struct html_writing *w, struct html_table *t, const struct summary *s,
                            const struct shown_columns *shown, bool is_first)
{
    put_judged(w, t, s,
               &(struct judged_row){.name = STR("whole case"),
                                    .n = s->n_cases - s->n_errored,
                                    .has_rate = s->has_pass_rate,
                                    .rate = s->pass_rate,
                                    .rate_interval = &s->pass_rate_interval,
                                    .has_mean = s->has_score,
                                    .mean = s->score,
                                    .mean_interval = &s->score_interval},
               shown, is_first);
}

static void put_judged_dimension(struct html_writing *w, struct html_table *t, const struct summary *s,
                                 const struct dimension_summary *d, const struct shown_columns *shown, bool is_first)
{
    put_judged(w, t, s,
               &(struct judged_row){.name = d->name,
                                    .dimension = d->name,
                                    .n = d->n_cases,
                                    .not_scored = d->not_scored,
                                    .has_rate = d->has_pass_rate,
                                    .rate = d->pass_rate,
                                    .rate_interval = &d->pass_rate_interval,
                                    .has_mean = d->has_mean,
                                    .mean = d->mean,
                                    .mean_interval = &d->mean_interval},
               shown, is_first);
}

/* --- measures ----------------------------------------------------------------------------------------------------------------------------- */

/* From nothing to a little beyond the highest p95 or interval of all variants: one long answer does not squeeze the rest. */
static void measure_axis(const struct html_group *group, size_t dimension, double *ret_lo, double *ret_hi)
{
    *ret_lo = 0;
    *ret_hi = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct dimension_summary *d = &group->runs[i].summary->dimensions[dimension];
        if (!d->has_mean) {
            continue;
        }
        double hi = d->p95 > d->mean ? d->p95 : d->mean;
        bool has_hi = d->mean_interval.how.method != METHOD_NONE && d->mean_interval.has_hi;
        hi = has_hi && d->mean_interval.hi > hi ? d->mean_interval.hi : hi;
        *ret_lo = d->min < *ret_lo ? d->min : *ret_lo;
        *ret_hi = hi > *ret_hi ? hi : *ret_hi;
    }
}

static void put_measure(struct html_writing *w, struct html_table *t, const struct html_group *group, size_t run,
                        size_t dimension, const struct shown_columns *shown, bool is_first)
{
    const struct summary *s = group->runs[run].summary;
    const struct dimension_summary *d = &s->dimensions[dimension];
    double line = 0;
    double axis_lo = 0;
    double axis_hi = 0;
    measure_axis(group, dimension, &axis_lo, &axis_hi);
    put_name(w, t, d->name, s, shown, is_first);
    html_table_cell(t, shown_count(w->scratch, d->n_cases));
    put_number(w, t, d->has_mean, d->mean);
    html_table_open_cell(t);
    if (d->has_mean) {
        bool has_line = find_line(w, s, d->name, STAT_MEAN, &line);
        put_drawing(w, &d->mean_interval, d->mean, axis_lo, axis_hi, has_line, line, false);
    }
    html_table_close_cell(t);
    if (shown->has_interval) {
        html_table_cell(t, d->has_mean ? shown_interval(w->scratch, &d->mean_interval, false) : STR(""));
    }
    put_number(w, t, d->has_mean, d->min);
    put_number(w, t, d->has_mean, d->p50);
    put_number(w, t, d->has_mean, d->p95);
    put_number(w, t, d->has_mean, d->max);
    if (shown->has_rate) {
        html_table_cell(t, d->has_pass_rate ? shown_share(w->scratch, d->pass_rate) : STR(""));
    }
    put_not_scored(w, t, shown, d->not_scored);
}

/* --- both --------------------------------------------------------------------------------------------------------------------------------- */

/* Variants of one suite share its dimensions; a run of a changed suite beside them would not. */
static bool has_dimension(const struct summary *s, size_t dimension, enum dimension_kind kind)
{
    return dimension < s->dimension_count && s->dimensions[dimension].kind == kind;
}

static size_t count_kind(const struct html_group *group, enum dimension_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        for (size_t d = 0; d < group->runs[i].summary->dimension_count; d++) {
            count += group->runs[i].summary->dimensions[d].kind == kind ? 1 : 0;
        }
    }
    return count;
}

static size_t most_dimensions(const struct html_group *group)
{
    size_t most = 0;
    for (size_t i = 0; i < group->count; i++) {
        size_t count = group->runs[i].summary->dimension_count;
        most = count > most ? count : most;
    }
    return most;
}

static struct shown_columns survey(const struct html_group *group, enum dimension_kind kind)
{
    struct shown_columns ret = {.has_variants = group->count > 1};
    for (size_t i = 0; i < group->count; i++) {
        const struct summary *s = group->runs[i].summary;
        bool is_judged = kind == DIMENSION_JUDGED;
        ret.has_interval = ret.has_interval || (is_judged && shown_has(&s->pass_rate_interval));
        ret.has_mean =
            ret.has_mean || (is_judged && s->has_score && !is_again(s->has_pass_rate, s->pass_rate, s->score));
        for (size_t k = 0; k < s->dimension_count; k++) {
            const struct dimension_summary *d = &s->dimensions[k];
            if (d->kind == kind) {
                bool has_own_mean = d->has_mean && !is_again(d->has_pass_rate, d->pass_rate, d->mean);
                ret.has_interval =
                    ret.has_interval || shown_has(is_judged ? &d->pass_rate_interval : &d->mean_interval);
                ret.has_mean = ret.has_mean || has_own_mean;
                ret.has_mean_interval = ret.has_mean_interval || (has_own_mean && shown_has(&d->mean_interval));
                ret.has_rate = ret.has_rate || d->has_pass_rate;
                ret.has_not_scored = ret.has_not_scored || d->not_scored > 0;
            }
        }
    }
    ret.has_mean_interval = ret.has_mean_interval && ret.has_mean;
    return ret;
}

/* Whole cases say nothing new where there is one dimension, and it decides. */
static bool has_whole_cases(const struct html_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct summary *s = group->runs[i].summary;
        size_t judged = 0;
        bool is_same = false;
        for (size_t k = 0; k < s->dimension_count; k++) {
            const struct dimension_summary *d = &s->dimensions[k];
            judged += d->kind == DIMENSION_JUDGED ? 1 : 0;
            is_same = is_same ||
                      (d->kind == DIMENSION_JUDGED && d->has_pass_rate && is_again(true, d->pass_rate, s->pass_rate));
        }
        if (judged != 1 || !is_same) {
            return true;
        }
    }
    return false;
}

static void put_scores(struct html_writing *w, const struct html_group *group)
{
    struct shown_columns shown = survey(group, DIMENSION_JUDGED);
    const struct html_optional_column all[] = {
        {{"score", false}, true},
        {{"variant", false}, shown.has_variants},
        {{"cases", true}, true},
        {{"pass rate", true}, true},
        {{"0 to 100%", false}, true},
        {{"95% interval", true}, shown.has_interval},
        {{"mean", true}, shown.has_mean},
        {{"95% interval", true}, shown.has_mean_interval},
        {{"not scored", true}, shown.has_not_scored},
    };
    struct html_column columns[ARRAY_LEN(all)];
    struct html_table t;
    if (count_kind(group, DIMENSION_JUDGED) == 0) {
        return;
    }
    buf_append_cstr(&w->out, "<h3>Scores</h3>\n<div class=\"figures\">");
    html_table_begin(&t, &w->out, columns, html_choose_columns(all, ARRAY_LEN(all), columns));
    for (size_t i = 0; i < group->count && has_whole_cases(group); i++) {
        put_whole_cases(w, &t, group->runs[i].summary, &shown, i == 0);
    }
    for (size_t d = 0; d < most_dimensions(group); d++) {
        bool is_first = true;
        for (size_t i = 0; i < group->count; i++) {
            const struct summary *s = group->runs[i].summary;
            if (has_dimension(s, d, DIMENSION_JUDGED)) {
                put_judged_dimension(w, &t, s, &s->dimensions[d], &shown, is_first);
                is_first = false;
            }
        }
    }
    html_table_end(&t);
    buf_append_cstr(&w->out, "</div>\n");
}

static void put_measures(struct html_writing *w, const struct html_group *group)
{
    struct shown_columns shown = survey(group, DIMENSION_MEASURE);
    const struct html_optional_column all[] = {
        {{"measure", false}, true},
        {{"variant", false}, shown.has_variants},
        {{"cases", true}, true},
        {{"mean", true}, true},
        {{"", false}, true},
        {{"95% interval", true}, shown.has_interval},
        {{"min", true}, true},
        {{"p50", true}, true},
        {{"p95", true}, true},
        {{"max", true}, true},
        {{"pass rate", true}, shown.has_rate},
        {{"not scored", true}, shown.has_not_scored},
    };
    struct html_column columns[ARRAY_LEN(all)];
    struct html_table t;
    if (count_kind(group, DIMENSION_MEASURE) == 0) {
        return;
    }
    buf_append_cstr(&w->out, "<h3>Measures</h3>\n<div class=\"figures\">");
    html_table_begin(&t, &w->out, columns, html_choose_columns(all, ARRAY_LEN(all), columns));
    for (size_t d = 0; d < most_dimensions(group); d++) {
        bool is_first = true;
        for (size_t i = 0; i < group->count; i++) {
            if (has_dimension(group->runs[i].summary, d, DIMENSION_MEASURE)) {
                put_measure(w, &t, group, i, d, &shown, is_first);
                is_first = false;
            }
        }
    }
    html_table_end(&t);
    buf_append_cstr(&w->out, "</div>\n");
}

void html_dimensions(struct html_writing *w, const struct html_group *group)
{
    put_scores(w, group);
    put_measures(w, group);
}
