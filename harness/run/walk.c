#include "run/walk.h"

#include "base/err.h"
#include "run/session.h"

void walk_init(struct walk *w, struct session *session)
{
    *w = (struct walk){.session = session};
}

void walk_deinit(struct walk *w)
{
    plan_cursor_close(&w->cases);
}

/* Whether the sample still wants executing, and under which attempt number. */
static bool sample_is_open(struct session *s, const struct run_record *run, uint64_t ordinal, uint32_t trial,
                           bool *ret_open, uint32_t *ret_attempt, struct err *err)
{
    bool has = false;
    uint32_t attempt = 0;
    enum sample_state state = SAMPLE_SCORED;
    *ret_open = true;
    *ret_attempt = 0;
    if (s->is_resumed && !store_has_sample(s->store, run->seq, ordinal, trial, &has, &attempt, &state, err)) {
        return false;
    }
    if (has) {
        *ret_open = s->options.retry_errors && state == SAMPLE_ERRORED;
        *ret_attempt = attempt + 1;
    }
    return true;
}

bool walk_case_is_open(struct session *s, const struct session_suite *suite, uint64_t ordinal, bool *ret,
                       struct err *err)
{
    *ret = false;
    for (size_t i = 0; i < suite->run_count; i++) {
        for (uint32_t trial = 1; trial <= suite->plan.trials && !*ret; trial++) {
            uint32_t attempt = 0;
            if (!sample_is_open(s, &suite->runs[i], ordinal, trial, ret, &attempt, err)) {
                return false;
            }
        }
    }
    return true;
}

/* The next case that is run; has_case is false when this suite has no more. */
static bool walk_read_case(struct walk *w, struct err *err)
{
    const struct session_suite *suite = &w->session->suites[w->suite];
    if (w->cases == NULL && !store_plan_cases(w->session->store, suite->plan.seq, &w->cases, err)) {
        return false;
    }
    do {
        if (!plan_cursor_next(w->cases, &w->has_case, &w->planned, err)) {
            return false;
        }
    } while (w->has_case && w->planned.skip.ptr != NULL);
    w->trial = 1;
    w->variant = 0;
    return true;
}

static void walk_step(struct walk *w, const struct session_suite *suite)
{
    if (++w->variant < suite->run_count) {
        return;
    }
    w->variant = 0;
    w->has_case = ++w->trial <= suite->plan.trials;
}

bool walk_next(struct walk *w, bool *ret_has, struct walk_place *ret, struct err *err)
{
    while (w->suite < w->session->suite_count) {
        const struct session_suite *suite = &w->session->suites[w->suite];
        if (!w->has_case && !walk_read_case(w, err)) {
            return false;
        }
        if (!w->has_case) {
            plan_cursor_close(&w->cases);
            w->suite++;
            continue;
        }
        bool is_open = false;
        uint32_t attempt = 0;
        if (!sample_is_open(w->session, &suite->runs[w->variant], w->planned.ordinal, w->trial, &is_open, &attempt,
                            err)) {
            return false;
        }
        *ret = (struct walk_place){suite, w->variant, w->trial, attempt, &w->planned};
        walk_step(w, suite);
        if (is_open) {
            *ret_has = true;
            return true;
        }
    }
    *ret_has = false;
    return true;
}
