/* From scores to the sample: its score, whether it passes, whether it counts as errored (docs/contracts.md, A). */

#include "base/num.h"
#include "model/suite.h"
#include "scorers/scoring.h"

void scoring_reduce(const struct suite *suite, const struct score *scores, size_t count, struct scoring_result *ret)
{
    struct num_sum weighted = {0};
    struct num_sum weights = {0};
    bool has_pass = false;
    bool has_fail = false;
    bool required_failed = false;
    *ret = (struct scoring_result){.pass = PASS_NONE};
    for (size_t i = 0; i < count; i++) {
        const struct dimension *d = &suite->dimensions[scores[i].dimension];
        const struct score *score = &scores[i];
        if (score->outcome == SCORE_NOT_SCORED) {
            ret->is_errored = ret->is_errored || !d->is_optional;
            continue;
        }
        if (score->has_unit && d->weight > 0) {
            num_sum_add(&weighted, d->weight * score->unit);
            num_sum_add(&weights, d->weight);
        }
        bool decides = !d->is_optional && score->outcome != SCORE_NONE;
        has_pass = has_pass || decides;
        has_fail = has_fail || (decides && score->outcome == SCORE_FAIL);
        required_failed = required_failed || (d->is_required && score->outcome == SCORE_FAIL);
    }
    if (ret->is_errored) {
        return; /* neither score nor pass */
    }
    double total = num_sum_total(&weights);
    ret->has_score = total > 0;
    ret->score = total > 0 ? num_sum_total(&weighted) / total : 0;
    if (has_pass) {
        bool is_enough =
            suite->has_pass_score ? ret->has_score && ret->score >= suite->pass_score && !required_failed : !has_fail;
        ret->pass = is_enough ? PASS_YES : PASS_NO;
    }
}
