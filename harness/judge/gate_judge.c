#include "judge/gate_judge.h"

#include <math.h>

#include "base/arena.h"
#include "base/num.h"

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
           (e->right_kind != RIGHT_STAT || e->right_stat.filter.variant.ptr != NULL);
}

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

/* What the comparison came to, before the right side's number. */
static const char *op_words(enum gate_op op, bool holds, bool is_equal)
{
    switch (op) {
    case GATE_GE:
        return !holds ? "below" : is_equal ? "exactly" : "at least";
    case GATE_LE:
        return !holds ? "above" : is_equal ? "exactly" : "at most";
    case GATE_GT:
        return holds ? "above" : "not above";
    case GATE_LT:
        return holds ? "below" : "not below";
    case GATE_EQ:
        return holds ? "exactly" : "not";
    case GATE_NE:
        break;
    }
    return holds ? "not" : "exactly";
}

/* The physical unit is the end of a measure's name. */
static const char *unit_of(const struct stat_ref *stat)
{
    bool is_raw = stat->kind == STAT_MEAN || stat->kind == STAT_MIN || stat->kind == STAT_MAX ||
                  stat->kind == STAT_SUM || stat->kind == STAT_STDDEV || stat->kind == STAT_QUANTILE;
    if (!is_raw || stat->dimension.ptr == NULL) {
        return "";
    }
    return str_ends(stat->dimension, STR("_ms")) ? " ms" : str_ends(stat->dimension, STR("_usd")) ? " USD" : "";
}

enum { BOUND_DIGITS = 10 };

struct number_texts {
    char a[32], b[32];
};

/* Two numbers with as many digits as it takes to see that they differ. */
static struct number_texts number_texts(double a, double b)
{
    struct number_texts ret;
    for (int digits = 4; digits <= 10; digits += 2) {
        bool is_equal = str_eq(num_text_short(a, digits, ret.a), num_text_short(b, digits, ret.b));
        if (!is_equal || estimate_equal(a, b)) {
            return ret;
        }
    }
    (void)num_text(a, ret.a);
    (void)num_text(b, ret.b);
    return ret;
}

struct comparison {
    const struct gate_expr *expr;
    struct figure left, right;
    double bound; /* the right side, computed */
    bool holds;
};

/* A bound that was written is shown as it was written. */
static struct number_texts comparison_texts(const struct comparison *c)
{
    struct number_texts ret = number_texts(c->left.value, c->bound);
    if (c->expr->right_kind == RIGHT_NUMBER) {
        (void)num_text_short(c->bound, BOUND_DIGITS, ret.b);
    }
    return ret;
}

/* " (143 of 200 cases)" */
static struct str basis_text(struct arena *arena, const struct figure *f)
{
    return f->basis.len == 0 ? STR("") : arena_printf(arena, " (%.*s)", STR_ARG(f->basis));
}

/* "0.8", or "0.72 (answer.pass_rate[variant=small] is 0.74)" */
static struct str right_text(struct arena *arena, const struct comparison *c, const char *bound)
{
    const struct gate_expr *e = c->expr;
    const char *unit = unit_of(&e->left);
    if (e->right_kind != RIGHT_STAT) {
        return arena_printf(arena, "%s%s", bound, unit);
    }
    struct str basis = basis_text(arena, &c->right);
    if (e->right_factor == 1 && e->right_offset == 0) {
        return arena_printf(arena, "%s%s of %.*s%.*s", bound, unit, STR_ARG(e->right_stat.text), STR_ARG(basis));
    }
    char room[32];
    (void)num_text_short(c->right.value, 4, room);
    return arena_printf(arena, "%s%s: %.*s is %s%s%.*s", bound, unit, STR_ARG(e->right_stat.text), room, unit,
                        STR_ARG(basis));
}

static struct str compared_text(struct arena *arena, const struct comparison *c)
{
    struct number_texts texts = comparison_texts(c);
    struct str basis = basis_text(arena, &c->left);
    struct str right = right_text(arena, c, texts.b);
    return arena_printf(arena, "%.*s is %s%s%.*s, %s %.*s", STR_ARG(c->expr->left.text), texts.a,
                        unit_of(&c->expr->left), STR_ARG(basis),
                        op_words(c->expr->op, c->holds, estimate_equal(c->left.value, c->bound)), STR_ARG(right));
}

/* Whether the claim would hold whatever the errored cases had come to. */
static bool holds_at_worst(const struct comparison *c, double *ret_worst)
{
    bool wants_more = c->expr->op == GATE_GE || c->expr->op == GATE_GT;
    bool wants_less = c->expr->op == GATE_LE || c->expr->op == GATE_LT;
    *ret_worst = wants_more ? c->left.lowest : wants_less ? c->left.highest : c->left.value;
    return op_holds(c->expr->op, *ret_worst, c->bound);
}

static struct str errors_text(struct arena *arena, const struct comparison *c, double worst)
{
    char room[32];
    struct number_texts texts = comparison_texts(c);
    struct str basis = basis_text(arena, &c->left);
    const char *unit = unit_of(&c->expr->left);
    unsigned long long errored = c->left.errored;
    const char *cases = errored == 1 ? "case" : "cases";
    if (isinf(worst)) {
        return arena_printf(arena, "errors could decide: %.*s is %s%s%.*s, but %llu %s errored and could be anything",
                            STR_ARG(c->expr->left.text), texts.a, unit, STR_ARG(basis), errored, cases);
    }
    return arena_printf(
        arena, "errors could decide: %.*s is %s%s%.*s, but %s%s if the %llu errored %s had come out worst, %s %s%s",
        STR_ARG(c->expr->left.text), texts.a, unit, STR_ARG(basis), num_text_short(worst, 4, room).ptr, unit, errored,
        cases, op_words(c->expr->op, false, false), texts.b, unit);
}

static void set_nothing(const struct gate_scope *scope, const struct stat_ref *stat, const struct figure *f,
                        struct gate_result *ret)
{
    bool is_outside = f->selects_nothing && !scope->is_full_selection;
    ret->outcome = is_outside ? GATE_NOT_JUDGED : GATE_BROKEN;
    ret->reason = arena_printf(scope->arena, "%.*s has no value: %.*s%s", STR_ARG(stat->text), STR_ARG(f->why_not),
                               is_outside ? " among the selected" : "");
}

static void compare(const struct gate_scope *scope, struct comparison *c, struct gate_result *ret)
{
    const struct gate_expr *e = c->expr;
    c->bound = e->right_kind == RIGHT_STAT ? c->right.value * e->right_factor + e->right_offset : e->right_number;
    ret->has_left = ret->has_right = true;
    ret->left = c->left.value;
    ret->right = c->bound;
    c->holds = op_holds(e->op, c->left.value, c->bound);
    double worst = 0;
    if (c->holds && !holds_at_worst(c, &worst)) {
        ret->outcome = GATE_CANNOT_TELL;
        ret->reason = errors_text(scope->arena, c, worst);
        return;
    }
    ret->outcome = c->holds ? GATE_HOLDS : GATE_BROKEN;
    ret->reason = compared_text(scope->arena, c);
}

/* Without a pass there is nothing that the implied gate could ask of. */
static bool implied_holds(const struct tally *t)
{
    const struct group_tally *all = t->groups[0];
    return all->passed + all->failed == 0 && all->no_pass > 0 && all->errored == 0;
}

static bool text_eq(struct str a, struct str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && str_eq(a, b);
}

/* `answer.mean` and `answer.mean[variant=small]` */
static bool is_one_but_for_variant(const struct stat_ref *a, const struct stat_ref *b)
{
    return a->kind == b->kind && a->quantile == b->quantile && a->k == b->k && text_eq(a->dimension, b->dimension) &&
           text_eq(a->filter.tag, b->filter.tag) && text_eq(a->filter.cluster, b->filter.cluster) &&
           text_eq(a->filter.label, b->filter.label) &&
           (a->filter.variant.ptr == NULL) != (b->filter.variant.ptr == NULL);
}

void gate_judge(const struct gate_scope *scope, const struct gate *gate, size_t at, struct gate_result *ret)
{
    const struct gate_expr *e = &gate->expr;
    *ret = (struct gate_result){
        .text = e->text, .severity = gate->severity, .is_implied = gate->is_implied, .outcome = GATE_BROKEN};
    size_t left_run = gate_run_of(scope, &e->left, at);
    size_t right_run = e->right_kind == RIGHT_STAT ? gate_run_of(scope, &e->right_stat, at) : at;
    if (left_run == scope->count || right_run == scope->count) {
        ret->reason = STR("it names a variant that did not run");
        return;
    }
    if (e->right_kind == RIGHT_STAT && left_run == right_run && scope->count > 1 &&
        is_one_but_for_variant(&e->left, &e->right_stat)) {
        ret->outcome = GATE_NOT_JUDGED;
        ret->reason = STR("the variant would be compared with itself");
        return;
    }
    struct comparison c = {.expr = e, .left = figure_of(scope->tallies[left_run], &e->left, scope->arena)};
    ret->n = c.left.n;
    if (gate->is_implied && implied_holds(scope->tallies[left_run])) {
        ret->outcome = GATE_HOLDS;
        ret->n = scope->tallies[left_run]->groups[0]->no_pass;
        ret->reason = STR("nothing can fail: no score has a bound");
        return;
    }
    if (!c.left.has_value || (c.left.selects_nothing && !scope->is_full_selection)) {
        set_nothing(scope, &e->left, &c.left, ret);
        return;
    }
    if (e->right_kind == RIGHT_STAT) {
        c.right = figure_of(scope->tallies[right_run], &e->right_stat, scope->arena);
        if (!c.right.has_value || (c.right.selects_nothing && !scope->is_full_selection)) {
            ret->has_left = true;
            ret->left = c.left.value;
            set_nothing(scope, &e->right_stat, &c.right, ret);
            return;
        }
    }
    compare(scope, &c, ret);
}
