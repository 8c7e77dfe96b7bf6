#include "base/arena.h"
#include "reporters/html_sections.h"
#include "reporters/shown.h"

static enum html_mark mark_of(const struct gate_result *g)
{
    switch (g->outcome) {
    case GATE_HOLDS:
        return HTML_PASS;
    case GATE_BROKEN:
        return g->severity == GATE_WARN ? HTML_WARN : HTML_FAIL;
    case GATE_CANNOT_TELL:
        return HTML_UNSURE;
    case GATE_NOT_JUDGED:
        break;
    }
    return HTML_NONE;
}

static const char *word_of(const struct gate_result *g)
{
    switch (g->outcome) {
    case GATE_HOLDS:
        return "holds";
    case GATE_BROKEN:
        return g->severity == GATE_WARN ? "warning" : "failed";
    case GATE_CANNOT_TELL:
        return g->fails ? "failed: cannot tell" : "cannot tell";
    case GATE_NOT_JUDGED:
        break;
    }
    return "not judged";
}

/* What the interval is about: the difference to another figure, else the figure itself. */
static void put_drawing(struct html_writing *w, const struct gate_result *g)
{
    const struct stat_interval *drawn = &g->evidence.drawn;
    if (!g->has_evidence || drawn->how.method == METHOD_NONE) {
        return;
    }
    bool is_difference = g->has_reference;
    struct html_interval i = {.has_lo = drawn->has_lo,
                              .has_hi = drawn->has_hi,
                              .lo = drawn->lo,
                              .hi = drawn->hi,
                              .has_point = is_difference || g->has_left,
                              .point = is_difference ? g->difference : g->left,
                              .has_line = g->has_right,
                              .line = is_difference ? g->right - g->reference : g->right,
                              .has_zero = is_difference,
                              .zero = g->is_ratio ? 1 : 0,
                              .verdict = g->outcome == GATE_HOLDS    ? HTML_BETTER
                                         : g->outcome == GATE_BROKEN ? HTML_WORSE
                                                                     : HTML_NONE};
    if (g->is_ratio) {
        i.line = g->margin;
    }
    html_interval_fit(&i);
    html_interval(
        &w->out, &i,
        arena_printf(w->scratch, "95%% interval %.*s%s", STR_ARG(shown_interval(w->scratch, drawn, false)),
                     is_difference ? g->is_ratio ? " of the ratio to the baseline" : " of the difference" : ""));
}

static void put_fact(struct html_writing *w, const char *name, struct str value)
{
    buf_printf(&w->out, "<dt>%s</dt><dd>", name);
    html_line(&w->out, value);
    buf_append_cstr(&w->out, "</dd>");
}

/* How a gate with confidence was decided, folded: enough to compute it again. */
static void put_evidence(struct html_writing *w, const struct gate_result *g)
{
    const struct gate_evidence *e = &g->evidence;
    struct arena *arena = w->scratch;
    if (!g->has_evidence) {
        return;
    }
    buf_append_cstr(&w->out, "<details class=\"how\"><summary>how it was decided</summary><dl>");
    put_fact(w, "confidence", shown_share(arena, e->confidence));
    if (g->has_reference) {
        put_fact(w, "compared with", shown_number(arena, g->reference));
        put_fact(w, g->is_ratio ? "ratio" : "difference", shown_number(arena, g->difference));
    }
    put_fact(w, "95% interval", shown_interval(arena, &e->drawn, false));
    put_fact(w, "test",
             arena_printf(arena, "%s, n = %llu", stat_method_name(e->how.method), (unsigned long long)e->how.n));
    put_fact(w, "p that it fails", shown_p(arena, e->p_fail));
    if (e->family > 1) {
        put_fact(w, "adjusted",
                 arena_printf(arena, "%.*s (Holm, %llu gates)", STR_ARG(shown_p(arena, e->p_fail_adjusted)),
                              (unsigned long long)e->family));
    }
    put_fact(w, "p that it holds", shown_p(arena, e->p_pass));
    if (e->has_pairs) {
        put_fact(w, "cases only this run got right", shown_count(arena, e->pairs_b));
        put_fact(w, "cases only the other got right", shown_count(arena, e->pairs_c));
    }
    if (e->has_mde) {
        put_fact(w, "could have seen", shown_number(arena, e->mde_beyond));
    }
    if (g->needed > 0) {
        put_fact(w, "cases it would take", shown_count(arena, g->needed));
    }
    buf_append_cstr(&w->out, "</dl></details>");
}

static void put_gate(struct html_writing *w, struct html_table *t, const struct gate_result *g, struct str variant,
                     bool has_variants, bool has_drawings)
{
    html_table_open_cell(t);
    html_mark_word(&w->out, mark_of(g), str_from(word_of(g)));
    html_table_close_cell(t);
    html_table_open_cell(t);
    buf_append_cstr(&w->out, "<code>");
    html_line(&w->out, g->text);
    buf_append_cstr(&w->out, "</code>");
    if (g->severity == GATE_WARN) {
        buf_append_cstr(&w->out, " <span class=\"muted\">warning only</span>");
    }
    if (g->reason.len > 0 && (g->outcome != GATE_HOLDS || g->form != GATE_PLAIN)) {
        buf_append_cstr(&w->out, "<p class=\"reason\">");
        html_line(&w->out, g->reason);
        buf_append_cstr(&w->out, "</p>");
    }
    put_evidence(w, g);
    html_table_close_cell(t);
    if (has_variants) {
        html_table_cell(t, variant);
    }
    html_table_cell(t, g->has_left ? shown_figure(w->scratch, g->left) : STR(""));
    html_table_cell(t, g->has_right ? shown_figure(w->scratch, g->right) : STR(""));
    if (has_drawings) {
        html_table_open_cell(t);
        put_drawing(w, g);
        html_table_close_cell(t);
    }
    html_table_cell(t, g->n > 0 ? shown_count(w->scratch, g->n) : STR(""));
}

static void put_baselines(struct html_writing *w, const struct summary *s)
{
    for (size_t i = 0; i < s->baseline_count; i++) {
        buf_append_cstr(&w->out, "<p class=\"muted\">");
        html_line(&w->out, shown_baseline(w->scratch, &s->baselines[i]));
        buf_append_cstr(&w->out, "</p>\n");
    }
    for (size_t i = 0; i < s->warning_count; i++) {
        buf_append_cstr(&w->out, "<p>");
        html_mark_word(&w->out, HTML_WARN, s->warnings[i]);
        buf_append_cstr(&w->out, "</p>\n");
    }
}

enum selection { SELECT_ALL, SELECT_HOLDING, SELECT_OTHERS };

static bool is_selected(const struct gate_result *g, enum selection selection)
{
    return selection == SELECT_ALL || (g->outcome == GATE_HOLDS) == (selection == SELECT_HOLDING);
}

static size_t count_gates(const struct html_group *group, enum selection selection)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct summary *s = group->runs[i].summary;
        for (size_t k = 0; k < s->gate_count; k++) {
            count += is_selected(&s->gates[k], selection) ? 1 : 0;
        }
    }
    return count;
}

static bool has_drawing(const struct gate_result *g)
{
    return g->has_evidence && g->evidence.drawn.how.method != METHOD_NONE;
}

static void put_table(struct html_writing *w, const struct html_group *group, enum selection selection)
{
    bool has_variants = group->count > 1;
    bool has_drawings = false;
    for (size_t i = 0; i < group->count; i++) {
        const struct summary *s = group->runs[i].summary;
        for (size_t k = 0; k < s->gate_count; k++) {
            has_drawings = has_drawings || (is_selected(&s->gates[k], selection) && has_drawing(&s->gates[k]));
        }
    }
    const struct html_optional_column all[] = {
        {{"outcome", false}, true}, {{"gate", false}, true}, {{"variant", false}, has_variants},
        {{"figure", true}, true},   {{"line", true}, true},  {{"95% interval", false}, has_drawings},
        {{"n", true}, true},
    };
    struct html_column columns[ARRAY_LEN(all)];
    struct html_table t;
    if (count_gates(group, selection) == 0) {
        return;
    }
    html_table_begin(&t, &w->out, columns, html_choose_columns(all, ARRAY_LEN(all), columns));
    for (size_t i = 0; i < group->count; i++) {
        const struct summary *s = group->runs[i].summary;
        for (size_t k = 0; k < s->gate_count; k++) {
            if (is_selected(&s->gates[k], selection)) {
                put_gate(w, &t, &s->gates[k], s->variant, has_variants, has_drawings);
            }
        }
    }
    html_table_end(&t);
}

/* Many gates that hold are folded: what is to be read are the others. */
void html_gates(struct html_writing *w, const struct html_group *group)
{
    enum { SHOWN_MAX = 12 };
    size_t total = count_gates(group, SELECT_ALL);
    size_t holding = count_gates(group, SELECT_HOLDING);
    if (total == 0) {
        return;
    }
    buf_append_cstr(&w->out, "<h3>Gates</h3>\n");
    if (group->runs[0].summary->gate_count == 1 && group->runs[0].summary->gates[0].is_implied) {
        buf_append_cstr(&w->out, "<p class=\"muted\">none given: every case has to pass</p>\n");
    }
    buf_append_cstr(&w->out, "<div class=\"gates\">");
    if (total <= SHOWN_MAX) {
        put_table(w, group, SELECT_ALL);
    } else {
        put_table(w, group, SELECT_OTHERS);
        buf_printf(&w->out, "<details class=\"fold\"><summary>%zu gates hold</summary>", holding);
        put_table(w, group, SELECT_HOLDING);
        buf_append_cstr(&w->out, "</details>");
    }
    buf_append_cstr(&w->out, "</div>\n");
    for (size_t i = 0; i < group->count; i++) {
        put_baselines(w, group->runs[i].summary);
    }
}
