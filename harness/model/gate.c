#include "model/gate.h"

const char *const GATE_FORM_WORDS[] = {
    [GATE_PLAIN] = "plain", [GATE_CLAIM] = "claim", [GATE_REGRESSION] = "regression", NULL};

bool gate_needs_baseline(const struct gate *gate)
{
    return gate->expr.is_regression || gate->expr.right_kind == RIGHT_BASELINE;
}

enum gate_form gate_form_of(const struct gate_expr *expr)
{
    return expr->is_regression ? GATE_REGRESSION : expr->has_confidence ? GATE_CLAIM : GATE_PLAIN;
}

const char *gate_outcome_word(enum gate_outcome outcome)
{
    static const char *const words[] = {
        [GATE_HOLDS] = "passed",
        [GATE_BROKEN] = "failed",
        [GATE_CANNOT_TELL] = "cannot_tell",
        [GATE_NOT_JUDGED] = "not_judged",
    };
    return words[outcome];
}
