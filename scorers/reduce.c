/* From scores to the sample: its score, whether it passes, whether it counts as errored (docs/contracts.md, A). */

#include "base/arena.h"
#include "base/num.h"
#include "base/vec.h"
#include "model/suite.h"
#include "scorers/private.h"
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
    double total = num_sum_total(&weights);
    ret->has_score = total > 0;
    ret->score = total > 0 ? num_sum_total(&weighted) / total : 0;
    if (suite->has_pass_score) {
        if (ret->has_score) {
            ret->pass = ret->score >= suite->pass_score && !required_failed ? PASS_YES : PASS_NO;
        }
    } else if (has_pass) {
        ret->pass = has_fail ? PASS_NO : PASS_YES;
    }
}

void scoring_fail(struct arena *arena, const struct scoring_sample *sample, struct scoring_result *ret)
{
    VEC(struct score) scores = {0};
    const struct suite *suite = sample->suite;
    const struct eval_case *c = sample->eval_case;
    for (size_t i = 0; i < suite->scorer_count + c->own_scorer_count; i++) {
        const struct scorer_use *use =
            i < suite->scorer_count ? suite->scorers[i] : c->own_scorers[i - suite->scorer_count];
        for (size_t j = 0; scorer_applies(use, c) && j < use->dimension_count; j++) {
            if (use->dimensions[j].kind == DIMENSION_JUDGED) {
                *vec_push(arena, &scores) = (struct score){
                    .dimension = use->indices[j],
                    .outcome = SCORE_FAIL,
                    .has_unit = true,
                    .comment = arena_printf(arena, "fail: %.*s (on_error: fail)", STR_ARG(sample->output->error_text)),
                };
            }
        }
    }
    scoring_reduce(suite, scores.items, scores.len, ret);
    ret->pass = PASS_NO;
    ret->scores = scores.items;
    ret->score_count = scores.len;
}
