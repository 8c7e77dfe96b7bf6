/* Scores that a suite declares by name: those of a program, of a judge. */

#include "base/diag.h"
#include "model/dimension_declare.h"
#include "scorers/private.h"

static const double default_threshold = 0.5;

/* Options of one score, where several are declared by name. */
static bool check_declared(struct field_context *ctx, const struct scorer_use *use)
{
    const struct scorer_common *common = &use->common;
    const char *key = common->negate             ? "not"
                      : common->threshold.is_set ? "threshold"
                      : common->weight.is_set    ? "weight"
                      : common->direction_is_set ? "direction"
                                                 : NULL;
    if (common->dimension.ptr != NULL) {
        return diag_add(ctx->diag, use->pos,
                        "scorer '%s': 'dimension' names its one score, and 'dimensions' names others", use->type->name);
    }
    if (key != NULL && use->dimension_count > 1) {
        (void)diag_add(ctx->diag, use->pos, "scorer '%s': which of its %zu scores is '%s' about?", use->type->name,
                       use->dimension_count, key);
        return diag_hint(ctx->diag, "give threshold, weight and direction to each below 'dimensions'");
    }
    return true;
}

bool declare_named(struct field_context *ctx, struct scorer_use *use, const struct value *node)
{
    if (node != NULL && (node->kind != VALUE_MAP || node->len > 0)) {
        return dimension_declare(ctx, node, false, &use->dimensions, &use->dimension_count) && check_declared(ctx, use);
    }
    use->dimensions[0].type = TYPE_BOUNDED;
    use->dimensions[0].threshold = default_threshold;
    return true;
}
