#include "suites/access.h"

#include "base/diag.h"
#include "base/err.h"
#include "model/suite.h"
#include "scorers/scorer.h"
#include "suites/spec.h"
#include "targets/target.h"

static const struct scorer_use *first_judge(const struct scorer_use *const *uses, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (uses[i]->type->calls_service) {
            return uses[i];
        }
    }
    return NULL;
}

static const struct scorer_use *find_judge(const struct suite *suite)
{
    const struct scorer_use *found = first_judge(suite->scorers, suite->scorer_count);
    for (size_t i = 0; found == NULL && i < suite->case_count; i++) {
        const struct case_spec *c = &suite->cases[i];
        found = first_judge((const struct scorer_use *const *)c->scorers, c->scorer_count);
    }
    return found;
}

static const struct variant *find_variant(const struct suite *suite)
{
    for (size_t i = 0; i < suite->variant_count; i++) {
        if (suite->variants[i].type->check_access != NULL) {
            return &suite->variants[i];
        }
    }
    return NULL;
}

bool suite_calls_service(const struct suite *suite, bool with_targets)
{
    return (with_targets && find_variant(suite) != NULL) || find_judge(suite) != NULL;
}

bool suite_check_access(const struct suite *suite, bool with_targets, struct diag *diag)
{
    const struct variant *variant = with_targets ? find_variant(suite) : NULL;
    const struct scorer_use *judge = find_judge(suite);
    struct err err = ERR_NULL;
    struct src_pos pos = {suite->path, 0, 0};
    if (variant != NULL && !variant->type->check_access(variant->options, &err)) {
        pos = variant->pos;
    } else if (judge != NULL && !judge->type->check_access(judge, &err)) {
        pos = judge->pos;
    }
    if (err.kind == ERR_NONE) {
        return true;
    }
    for (size_t i = 0; i < suite->file_count; i++) {
        diag_source(diag, suite->files[i].path, suite->files[i].text);
    }
    (void)diag_add_err(diag, pos, &err);
    return diag_hint(
        diag, "export OPPER_API_KEY=..., or OPPER_API_KEY_FILE=FILE; to rehearse without a key: `assay help serve`");
}
