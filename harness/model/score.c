#include "model/score.h"

#include <stddef.h>

const char *score_outcome_word(enum score_outcome outcome)
{
    switch (outcome) {
    case SCORE_NOT_SCORED:
        return "not_scored";
    case SCORE_NONE:
        return "none";
    case SCORE_PASS:
        return "pass";
    case SCORE_FAIL:
        return "fail";
    }
    return NULL;
}
