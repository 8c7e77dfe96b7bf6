#include "judge/gate_judge.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "judge/compared.h"
#include "judge/gate_case.h"
#include "model/summary.h"
#include "stats/holm.h"

static const double DETECTED = 0.8; /* power of "could have seen" */

/* --- which run ------------------------------------------------------------------------------------------------------------------------------- */

size_t gate_run_of(const struct gate_scope *scope, const struct stat_ref *stat, size_t at)
{
    if (stat->filter.variant.ptr == NULL) {
        return at;
    }
    for (size_t i = 0; i < scope->count; i++) {
        if (str_eq(scope->tallies[i]->run->variant, stat->filter.variant)) {
            return i;
        }
    }
    return scope->count;
}

bool gate_names_all_variants(const struct gate_expr *e)
{
    return e->left.filter.variant.ptr != NULL &&
           (e->is_regression || e->right_kind != RIGHT_STAT || e->right_stat.filter.variant.ptr != NULL);
}

static bool has_right_stat(const struct gate_expr *e)
{
    return !e->is_regression && e->right_kind == RIGHT_STAT;
}

bool gate_belongs(const struct gate_scope *scope, const struct gate_expr *e, size_t at)
{
    return !gate_names_all_variants(e) || gate_run_of(scope, &e->left, at) == at ||
           (at == 0 && gate_run_of(scope, &e->left, at) == scope->count);
}

/* A gate is judged when every run that it reads came to its end. */
static bool gate_is_stopped(const struct gate_scope *scope, const struct gate_expr *e, size_t at, const bool *stopped)
{
    size_t left = gate_run_of(scope, &e->left, at);
    size_t right = has_right_stat(e) ? gate_run_of(scope, &e->right_stat, at) : at;
    return stopped[at] || (left < scope->count && stopped[left]) || (right < scope->count && stopped[right]);
}

static const struct baseline_list *baseline_of(const struct gate_scope *scope, const struct gate *gate)
{
    return gate->baseline != NULL ? gate->baseline : scope->suite->baseline;
}

/* --- what they need --------------------------------------------------------------------------------------------------------------------------- */

static bool is_paired(const struct gate_expr *e)
{
    bool is_compared = e->is_regression || e->right_kind == RIGHT_BASELINE || (has_right_stat(e) && e->has_confidence);
    return is_compared && gate_has_pairs(e->left.kind);
}

static void want_of_run(const struct gate_scope *scope, const struct gate *gate, size_t at)
{
    const struct gate_expr *e = &gate->expr;
    size_t left = gate_run_of(scope, &e->left, at);
    size_t right = has_right_stat(e) ? gate_run_of(scope, &e->right_stat, at) : scope->count;
    if (is_paired(e)) {
        return;
    }
    if (left < scope->count) {
        tally_want(scope->tallies[left], &e->left);
    }
    if (right < scope->count) {
        tally_want(scope->tallies[right], &e->right_stat);
    }
    if (left < scope->count && e->has_confidence && e->left.kind == STAT_QUANTILE) {
        tally_want_line(scope->tallies[left], &e->left, e->right_number, e->op == GATE_LE || e->op == GATE_LT);
    }
}

void gates_want(const struct gate_scope *scope)
{
    for (size_t i = 0; i < scope->suite->gate_count; i++) {
        const struct gate *gate = &scope->suite->gates[i];
        if (is_paired(&gate->expr) || gate_needs_baseline(gate)) {
            compared_want(scope->compared, &gate->expr.left);
        }
        for (size_t at = 0; at < scope->count; at++) {
            want_of_run(scope, gate, at);
        }
    }
}

bool gates_find_baselines(const struct gate_scope *scope, size_t at, struct str *ret_reason, struct err *err)
{
    *ret_reason = STR_NULL;
    for (size_t i = 0; i < scope->suite->gate_count; i++) {
        const struct gate *gate = &scope->suite->gates[i];
        const struct compared_baseline *b = NULL;
        if (!gate_needs_baseline(gate) || gate->severity != GATE_FAIL || !gate_belongs(scope, &gate->expr, at) ||
            gate_run_of(scope, &gate->expr.left, at) != at) {
            continue;
        }
        if (!compared_baseline(scope->compared, at, baseline_of(scope, gate), &b, err)) {
            return false;
        }
        if (b->summary.state == BASELINE_MISSING) {
            *ret_reason = arena_printf(scope->arena, "no baseline: %.*s", STR_ARG(b->summary.reason));
            return true;
        }
        if (b->summary.state == BASELINE_NOT_COMPARABLE) {
            *ret_reason = arena_printf(scope->arena, "the baseline %.*s cannot be compared: %.*s",
                                       STR_ARG(b->summary.source), STR_ARG(b->summary.reason));
            return true;
        }
        struct str why = b->summary.state == BASELINE_USED && !b->is_self
                             ? compared_why_not(scope->compared, at, b, &gate->expr.left)
                             : STR_NULL;
        if (why.ptr != NULL) {
            *ret_reason = arena_printf(scope->arena, "the baseline %.*s cannot be compared: %.*s (%.*s)",
                                       STR_ARG(b->summary.source), STR_ARG(why), STR_ARG(gate->expr.text));
            return true;
        }
    }
    return true;
}

/* --- plain --------------------------------------------------------------------------------------------------------------------------------------- */

static bool op_holds(enum gate_op op, double left, double right)
{
    bool is_equal = estimate_equal(left, right);
    switch (op) {
    case GATE_GE:
        return is_equal || left > right;
    case GATE_LE:
        return is_equal || left < right;
    case GATE_GT:
        return !is_equal && left > right;
    case GATE_LT:
        return !is_equal && left < right;
    case GATE_EQ:
        return is_equal;
    case GATE_NE:
        break;
    }
    return !is_equal;
}

/* Whether the claim would hold whatever the errored cases had come to. */
static bool holds_at_worst(const struct comparison *c, double *ret_worst)
{
    bool wants_more = c->expr->op == GATE_GE || c->expr->op == GATE_GT;
    bool wants_less = c->expr->op == GATE_LE || c->expr->op == GATE_LT;
    *ret_worst = wants_more ? c->left.lowest : wants_less ? c->left.highest : c->left.value;
    return op_holds(c->expr->op, *ret_worst, c->worst_bound);
}

void gate_nothing(const struct gate_scope *scope, struct gate_case *g, const struct stat_ref *stat,
                  const struct figure *f)
{
    bool is_outside = f->selects_nothing && !scope->is_full_selection;
    g->result->outcome = is_outside ? GATE_NOT_JUDGED : GATE_BROKEN;
    g->result->reason = arena_printf(scope->arena, "%.*s has no value: %.*s%s", STR_ARG(stat->text),
                                     STR_ARG(f->why_not), is_outside ? " among the selected" : "");
}

void gate_compare(const struct gate_scope *scope, struct gate_case *g)
{
    struct comparison *c = &g->said;
    struct gate_result *ret = g->result;
    ret->has_left = ret->has_right = true;
    ret->left = c->left.value;
    ret->right = c->bound;
    ret->n = c->left.n;
    c->holds = op_holds(c->expr->op, c->left.value, c->bound);
    double worst = 0;
    if (c->holds && !holds_at_worst(c, &worst)) {
        ret->outcome = GATE_CANNOT_TELL;
        ret->reason = gate_words_errors(scope->arena, c, worst);
        return;
    }
    ret->outcome = c->holds ? GATE_HOLDS : GATE_BROKEN;
    ret->reason = gate_words_compared(scope->arena, c);
}

/* Without a pass there is nothing that the implied gate could ask of. */
static bool implied_holds(const struct tally *t)
{
    const struct group_tally *all = t->groups[0];
    return all->passed + all->failed == 0 && all->no_pass > 0 && all->errored == 0;
}

/* `answer.mean` and `answer.mean[variant=small]` */
static bool is_one_but_for_variant(const struct stat_ref *a, const struct stat_ref *b)
{
    return a->kind == b->kind && a->quantile == b->quantile && a->k == b->k && str_same(a->dimension, b->dimension) &&
           str_same(a->filter.tag, b->filter.tag) && str_same(a->filter.cluster, b->filter.cluster) &&
           str_same(a->filter.label, b->filter.label) &&
           (a->filter.variant.ptr == NULL) != (b->filter.variant.ptr == NULL);
}

static void not_judged(struct gate_case *g, struct str reason)
{
    g->result->outcome = GATE_NOT_JUDGED;
    g->result->reason = reason;
}

/* Against a number or a figure that its runs' counters have. */
static void open_plain(const struct gate_scope *scope, struct gate_case *g, size_t left_run, size_t right_run)
{
    const struct gate_expr *e = &g->gate->expr;
    struct comparison *c = &g->said;
    c->left = figure_of(scope->tallies[left_run], &e->left, scope->arena);
    g->result->n = c->left.n;
    if (g->gate->is_implied && implied_holds(scope->tallies[left_run])) {
        g->result->outcome = GATE_HOLDS;
        g->result->n = scope->tallies[left_run]->groups[0]->no_pass;
        g->result->reason = STR("nothing can fail: no score has a bound");
        return;
    }
    if (!c->left.has_value || (c->left.selects_nothing && !scope->is_full_selection)) {
        gate_nothing(scope, g, &e->left, &c->left);
        return;
    }
    c->bound = e->right_number;
    if (has_right_stat(e)) {
        c->right = figure_of(scope->tallies[right_run], &e->right_stat, scope->arena);
        c->has_right = true;
        c->right_name = e->right_stat.text;
        if (!c->right.has_value || (c->right.selects_nothing && !scope->is_full_selection)) {
            g->result->has_left = true;
            g->result->left = c->left.value;
            gate_nothing(scope, g, &e->right_stat, &c->right);
            return;
        }
        c->bound = c->right.value * e->right_factor + e->right_offset;
    }
    c->worst_bound = c->bound;
    gate_compare(scope, g);
}

/* Counts and classes have no pairs: the whole runs' figures stand against each other. */
static bool open_whole(const struct gate_scope *scope, struct gate_case *g, const struct compared_baseline *b,
                       struct err *err)
{
    const struct gate_expr *e = &g->gate->expr;
    struct comparison *c = &g->said;
    c->left = figure_of(scope->tallies[g->at], &e->left, scope->arena);
    if (!c->left.has_value) {
        gate_nothing(scope, g, &e->left, &c->left);
        return true;
    }
    if (!compared_figure(scope->compared, b, &e->left, &c->right, err)) {
        return false;
    }
    c->has_right = true;
    c->right_name = STR("the baseline");
    if (!c->right.has_value) {
        g->result->outcome = GATE_BROKEN;
        g->result->reason = arena_printf(scope->arena, "the baseline has no value: %.*s", STR_ARG(c->right.why_not));
        return true;
    }
    c->bound = c->worst_bound = c->right.value * e->right_factor + e->right_offset;
    g->result->has_reference = true;
    g->result->reference = c->right.value;
    g->result->difference = c->left.value - c->right.value;
    gate_compare(scope, g);
    return true;
}

/* --- opening -------------------------------------------------------------------------------------------------------------------------------------- */

static bool open_against_baseline(const struct gate_scope *scope, struct gate_case *g, struct err *err)
{
    const struct compared_baseline *b = NULL;
    struct reference reference;
    const struct stat_ref *stat = &g->gate->expr.left;
    if (!compared_baseline(scope->compared, g->at, baseline_of(scope, g->gate), &b, err)) {
        return false;
    }
    g->result->baseline = b->place;
    if (b->summary.state != BASELINE_USED) { /* of a gate that only warns, or `missing: skip` */
        not_judged(g, arena_printf(scope->arena, "no baseline: %.*s", STR_ARG(b->summary.reason)));
        return true;
    }
    if (b->is_self) {
        not_judged(g, STR("this variant is the baseline"));
        return true;
    }
    struct str why = compared_why_not(scope->compared, g->at, b, stat);
    if (why.ptr != NULL) {
        not_judged(g, arena_printf(scope->arena, "the baseline cannot be compared: %.*s", STR_ARG(why)));
        return true;
    }
    if (!gate_has_pairs(stat->kind)) {
        return open_whole(scope, g, b, err);
    }
    return compared_with_baseline(scope->compared, g->at, b, &reference, err) &&
           gate_open_pair(scope, g, &reference, err);
}

static bool open_against_run(const struct gate_scope *scope, struct gate_case *g, size_t left, size_t right,
                             struct err *err)
{
    struct reference reference;
    return compared_with_run(scope->compared, left, right, &reference, err) &&
           gate_open_pair(scope, g, &reference, err);
}

static bool open_any(const struct gate_scope *scope, struct gate_case *g, struct err *err)
{
    const struct gate_expr *e = &g->gate->expr;
    size_t left = gate_run_of(scope, &e->left, g->at);
    size_t right = has_right_stat(e) ? gate_run_of(scope, &e->right_stat, g->at) : g->at;
    g->said.expr = e;
    g->result->outcome = GATE_BROKEN;
    if (left == scope->count || right == scope->count) {
        g->result->reason = STR("it names a variant that did not run");
        return true;
    }
    if (has_right_stat(e) && left == right && scope->count > 1 && is_one_but_for_variant(&e->left, &e->right_stat)) {
        not_judged(g, STR("the variant would be compared with itself"));
        return true;
    }
    if (gate_needs_baseline(g->gate)) {
        return open_against_baseline(scope, g, err);
    }
    if (is_paired(e)) {
        return open_against_run(scope, g, left, right, err);
    }
    if (e->has_confidence) {
        return gate_open_claim(scope, g, err);
    }
    open_plain(scope, g, left, right);
    return true;
}

static bool gate_open(const struct gate_scope *scope, struct gate_case *g, struct err *err)
{
    struct gate_result *r = g->result;
    if (!open_any(scope, g, err)) {
        return false;
    }
    if (g->is_open) {
        r->n = g->contest.n;
        r->clusters = g->contest.clusters;
        r->evidence.confidence = g->gate->expr.confidence;
        r->evidence.worse = g->contest.worse;
        r->evidence.how = g->contest.test.how;
        r->evidence.statistic = g->contest.test.statistic;
        r->evidence.p_fail = g->contest.test.below;
        r->evidence.p_pass = g->contest.test.above;
    }
    return true;
}

/* --- closing --------------------------------------------------------------------------------------------------------------------------------------- */

/* Any one fail claim fails the run, so they share the chance of a false one. Warnings fail nothing, and what was refused claims nothing. */
static void adjust(struct gate_case *cases, size_t count, struct arena *arena)
{
    double *p = arena_array(arena, double, count);
    double *adjusted = arena_array(arena, double, count);
    size_t family = 0;
    for (size_t i = 0; i < count; i++) {
        if (cases[i].is_open && cases[i].contest.allows_fail && cases[i].gate->severity == GATE_FAIL) {
            p[family++] = cases[i].contest.test.below;
        }
    }
    holm_adjust(p, family, adjusted, arena);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct gate_evidence *e = &cases[i].result->evidence;
        bool is_member = cases[i].is_open && cases[i].contest.allows_fail && cases[i].gate->severity == GATE_FAIL;
        e->family = is_member ? family : 1;
        e->p_fail_adjusted = is_member ? adjusted[at++] : cases[i].contest.test.below;
    }
}

static bool passes_at_worst(const struct gate_case *g)
{
    if (g->errored == 0) {
        return true;
    }
    if (g->could_be_any) {
        return false;
    }
    const struct contest *w = &g->worst;
    bool has_bound = w->kind == CONTEST_RATIO || w->kind == CONTEST_SHIFT ||
                     claim_decide(&w->turned, w->turned_line, w->alpha, 1) == CLAIM_ABOVE;
    return w->allows_pass && w->test.above <= w->alpha && has_bound;
}

static void set_mde(struct gate_case *g)
{
    struct gate_result *r = g->result;
    struct gate_evidence *e = &r->evidence;
    if (g->has_plain_claim) { /* a ratio of means: a relative change of the other figure */
        double alpha = g->contest.alpha / (double)e->family;
        e->has_mde = r->reference > 0 && claim_mde(&g->plain_claim, 0, alpha, DETECTED, &e->mde);
        e->mde = e->has_mde ? e->mde / r->reference : 0;
    } else {
        e->has_mde = contest_mde(&g->contest, &e->drawn, e->family, DETECTED, &e->mde);
    }
    e->mde_beyond = e->mde + r->margin;
    if (r->is_ratio) {
        double line = e->worse == GATE_WORSE_ABOVE ? r->margin * (1 + e->mde) : r->margin / (1 + e->mde);
        e->mde_beyond = fabs(line - 1);
    }
}

static bool gate_close(const struct gate_scope *scope, struct gate_case *g, struct err *err)
{
    struct gate_result *r = g->result;
    struct gate_evidence *e = &r->evidence;
    const struct contest *c = &g->contest;
    r->has_evidence = true;
    if (!c->allows_fail && !c->allows_pass) {
        uint64_t needed = c->needs_fail < c->needs_pass ? c->needs_fail : c->needs_pass;
        r->needed = c->n < needed ? needed : 0;
        r->outcome = GATE_CANNOT_TELL;
        r->reason = gate_words_refused(scope->arena, g);
        return true;
    }
    if (!contest_decide(c, e->p_fail_adjusted, &r->outcome, &e->bounds, err)) {
        return false;
    }
    set_mde(g);
    bool errors_decide = r->outcome == GATE_HOLDS && !passes_at_worst(g);
    r->outcome = errors_decide ? GATE_CANNOT_TELL : r->outcome;
    r->reason = gate_words_claim(scope->arena, g, errors_decide);
    return true;
}

/* Failed, or a warning, as its severity says: a regression that cannot be told is neither, unless the gate asks for it. */
static bool is_against(const struct gate *gate, enum gate_form form, enum gate_outcome outcome)
{
    if (outcome == GATE_HOLDS || outcome == GATE_NOT_JUDGED) {
        return false;
    }
    bool unknown_fails =
        gate->on_inconclusive == UNKNOWN_FAILS || (gate->on_inconclusive == UNKNOWN_BY_FORM && form != GATE_REGRESSION);
    return outcome == GATE_BROKEN || unknown_fails;
}

static bool open_all(const struct gate_scope *scope, size_t at, const bool *is_stopped, struct gate_case *cases,
                     struct summary *s, struct err *err)
{
    for (size_t i = 0; i < scope->suite->gate_count; i++) {
        const struct gate *gate = &scope->suite->gates[i];
        if (!gate_belongs(scope, &gate->expr, at)) {
            continue;
        }
        struct gate_case *g = &cases[s->gate_count];
        struct gate_result *result = &s->gates[s->gate_count++];
        *g = (struct gate_case){.gate = gate, .at = at, .result = result};
        *result = (struct gate_result){.text = gate->expr.text,
                                       .form = gate_form_of(&gate->expr),
                                       .severity = gate->severity,
                                       .is_implied = gate->is_implied};
        if (gate_is_stopped(scope, &gate->expr, at, is_stopped)) {
            not_judged(g, STR("the run has no verdict"));
        } else if (!gate_open(scope, g, err)) {
            return false;
        }
    }
    return true;
}

bool gates_judge(const struct gate_scope *scope, size_t at, const bool *is_stopped, struct summary *s, struct err *err)
{
    size_t room = scope->suite->gate_count + 1;
    struct gate_case *cases = arena_array(scope->arena, struct gate_case, room);
    s->gates = arena_array(scope->arena, struct gate_result, room);
    s->gate_count = 0;
    bool ok = open_all(scope, at, is_stopped, cases, s, err);
    if (ok) {
        adjust(cases, s->gate_count, scope->arena);
    }
    for (size_t i = 0; i < s->gate_count; i++) {
        ok = ok && (!cases[i].is_open || gate_close(scope, &cases[i], err));
        bool against = is_against(cases[i].gate, s->gates[i].form, s->gates[i].outcome);
        s->gates[i].fails = against && s->gates[i].severity == GATE_FAIL;
        s->gates[i].warns = against && s->gates[i].severity == GATE_WARN;
        arena_deinit(&cases[i].room);
    }
    return ok;
}
