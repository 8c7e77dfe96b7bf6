#include "run/find.h"

#include "base/err.h"
#include "run/asker.h"
#include "run/session.h"
#include "run/work.h"
#include "targets/target.h"

enum { TRIES = 4 };

static bool find_one(struct session *s, const struct asker *asker, const struct variant *v, const void **ret,
                     struct err *err)
{
    struct call call = {.kind = CALL_NONE};
    struct call_result result;
    if (v->type->find == NULL) {
        return true;
    }
    if (!v->type->find(v->options, &s->arena, &call, err)) {
        return false;
    }
    struct asker own = *asker;
    own.is_transient = v->type->is_transient;
    own.ctx = v->options;
    return call.kind == CALL_NONE || (asker_ask(&own, &call, &s->arena, &result, err) &&
                                      v->type->find_read(v->options, &result, &s->arena, ret, err));
}

bool find_all(struct session *s, struct loop *loop, struct perform *perform, struct signals *signals,
              struct work_retrying *retrying, struct found *ret, struct err *err)
{
    struct asker asker = {.loop = loop, .perform = perform, .signals = signals, .rng = &retrying->rng, .tries = TRIES};
    ret->of_suite = arena_array(&s->arena, const void **, s->suite_count);
    for (size_t i = 0; i < s->suite_count; i++) {
        const struct suite *suite = s->suites[i].suite;
        ret->of_suite[i] = arena_array(&s->arena, const void *, suite->variant_count);
        for (size_t k = 0; s->suites[i].sources == NULL && k < suite->variant_count; k++) {
            if (!find_one(s, &asker, &suite->variants[k], &ret->of_suite[i][k], err)) {
                return err_wrap(err, "suite '%.*s'", STR_ARG(suite->name));
            }
        }
    }
    return true;
}
