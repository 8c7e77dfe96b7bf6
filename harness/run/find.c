#include "run/find.h"

#include "base/clock.h"
#include "base/err.h"
#include "io/loop.h"
#include "io/perform.h"
#include "io/signals.h"
#include "run/session.h"
#include "run/work.h"
#include "targets/target.h"

enum { TRIES = 4, BUSY_MS = 20 };

struct finder {
    struct session *session;
    struct loop *loop;
    struct perform *perform;
    struct signals *signals;
    struct work_retrying *retrying;
};

/* One turn of the loop, at the latest at `until_ns`. False with ERR_CANCELLED once a signal came. */
static bool turn(struct finder *f, int64_t until_ns, struct err *err)
{
    int64_t next_ns = perform_next_ns(f->perform);
    if (!loop_wait(f->loop, next_ns < until_ns ? next_ns : until_ns, err)) {
        return false;
    }
    signals_drain(f->signals);
    perform_turn(f->perform);
    return f->signals->interrupts == 0 || err_set(err, ERR_CANCELLED, "by a signal");
}

static bool pause_until(struct finder *f, int64_t until_ns, struct err *err)
{
    while (loop_now_ns(f->loop) < until_ns) {
        if (!turn(f, until_ns, err)) {
            return false;
        }
    }
    return true;
}

static bool perform_one(struct finder *f, const struct call *call, struct call_result *ret, struct err *err)
{
    void *tag = NULL;
    const struct call *done = NULL;
    while (perform_start(f->perform, call, NULL) != PERFORM_STARTED) {
        if (!pause_until(f, loop_now_ns(f->loop) + BUSY_MS * NS_PER_MS, err)) {
            return false;
        }
    }
    bool ok = true;
    while (!perform_take(f->perform, &tag, &done)) {
        if (ok && !turn(f, INT64_MAX, err)) {
            ok = false;
            perform_cancel_all(f->perform, true); /* and then until its end: the call lives in our arena */
        } else if (!ok) {
            struct err ignored = ERR_NULL;
            if (!loop_wait(f->loop, perform_next_ns(f->perform), &ignored)) {
                return false;
            }
            signals_drain(f->signals);
            perform_turn(f->perform);
        }
    }
    perform_result(f->perform, done, &f->session->arena, ret);
    return ok;
}

static bool find_one(struct finder *f, const struct variant *v, const void **ret, struct err *err)
{
    struct call call = {.kind = CALL_NONE};
    if (v->type->find == NULL || !v->type->find(v->options, &f->session->arena, &call, err)) {
        return v->type->find == NULL;
    }
    for (uint32_t tries = 1; call.kind != CALL_NONE; tries++) {
        struct call_result result;
        int64_t pause_ns = 0;
        call.http.is_repeat = tries > 1;
        if (!perform_one(f, &call, &result, err)) {
            return false;
        }
        if (tries == TRIES || !v->type->is_transient(v->options, &result) ||
            !retry_pause_ns(&f->retrying->rng, tries - 1, result.retry_after_ns, &pause_ns)) {
            return v->type->find_read(v->options, &result, &f->session->arena, ret, err);
        }
        if (!pause_until(f, loop_now_ns(f->loop) + pause_ns, err)) {
            return false;
        }
    }
    return true;
}

bool find_all(struct session *s, struct loop *loop, struct perform *perform, struct signals *signals,
              struct work_retrying *retrying, struct found *ret, struct err *err)
{
    struct finder f = {s, loop, perform, signals, retrying};
    ret->of_suite = arena_array(&s->arena, const void **, s->suite_count);
    for (size_t i = 0; i < s->suite_count; i++) {
        const struct suite *suite = s->suites[i].suite;
        ret->of_suite[i] = arena_array(&s->arena, const void *, suite->variant_count);
        for (size_t k = 0; s->suites[i].sources == NULL && k < suite->variant_count; k++) {
            if (!find_one(&f, &suite->variants[k], &ret->of_suite[i][k], err)) {
                return err_wrap(err, "suite '%.*s'", STR_ARG(suite->name));
            }
        }
    }
    return true;
}
