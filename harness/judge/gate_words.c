/* What a plain gate came to, in a sentence with the numbers. */

#include <math.h>

#include "base/arena.h"
#include "base/num.h"
#include "judge/gate_case.h"

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
const char *gate_unit(const struct stat_ref *stat)
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

/* A bound that was written is shown as it was written. */
static struct number_texts comparison_texts(const struct comparison *c)
{
    struct number_texts ret = number_texts(c->left.value, c->bound);
    if (!c->has_right) {
        (void)num_text_short(c->bound, BOUND_DIGITS, ret.b);
    }
    return ret;
}

/* " (143 of 200 cases)" */
static struct str basis_text(struct arena *arena, const struct figure *f)
{
    return f->basis.len == 0 ? STR("") : arena_printf(arena, " (%.*s)", STR_ARG(f->basis));
}

/* "0.8", or "0.72: answer.pass_rate[variant=small] is 0.74" */
static struct str right_text(struct arena *arena, const struct comparison *c, const char *bound)
{
    const struct gate_expr *e = c->expr;
    const char *unit = gate_unit(&e->left);
    if (!c->has_right) {
        return arena_printf(arena, "%s%s", bound, unit);
    }
    struct str basis = basis_text(arena, &c->right);
    if (e->right_factor == 1 && e->right_offset == 0) {
        return arena_printf(arena, "%s%s of %.*s%.*s", bound, unit, STR_ARG(c->right_name), STR_ARG(basis));
    }
    char room[32];
    (void)num_text_short(c->right.value, 4, room);
    return arena_printf(arena, "%s%s: %.*s is %s%s%.*s", bound, unit, STR_ARG(c->right_name), room, unit,
                        STR_ARG(basis));
}

struct str gate_words_compared(struct arena *arena, const struct comparison *c)
{
    struct number_texts texts = comparison_texts(c);
    struct str basis = basis_text(arena, &c->left);
    struct str right = right_text(arena, c, texts.b);
    return arena_printf(arena, "%.*s is %s%s%.*s, %s %.*s", STR_ARG(c->expr->left.text), texts.a,
                        gate_unit(&c->expr->left), STR_ARG(basis),
                        op_words(c->expr->op, c->holds, estimate_equal(c->left.value, c->bound)), STR_ARG(right));
}

struct str gate_words_errors(struct arena *arena, const struct comparison *c, double worst)
{
    char room[32];
    struct number_texts texts = comparison_texts(c);
    struct str basis = basis_text(arena, &c->left);
    const char *unit = gate_unit(&c->expr->left);
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
