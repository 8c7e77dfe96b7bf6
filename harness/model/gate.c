#include "model/gate.h"

const char *const GATE_FORM_WORDS[] = {
    [GATE_PLAIN] = "plain", [GATE_CLAIM] = "claim", [GATE_REGRESSION] = "regression", NULL};

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
