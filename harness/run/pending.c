#include "run/pending.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "data/json.h"
#include "run/session.h"

void pending_init(struct pending *p, struct session *session)
{
    *p = (struct pending){.session = session, .trial = 1};
}

static void pending_close_suite(struct pending *p)
{
    plan_cursor_close(&p->cases);
    case_reader_close(&p->reader);
}

void pending_release(struct pending *p, struct shared_case *shared)
{
    if (--shared->users > 0) {
        return;
    }
    arena_reset(&shared->arena);
    shared->next_free = p->free_list;
    p->free_list = shared;
}

void pending_deinit(struct pending *p)
{
    if (p->has_held) {
        pending_release(p, p->held.shared);
        p->has_held = false;
    }
    if (p->current != NULL) {
        pending_release(p, p->current);
        p->current = NULL;
    }
    pending_close_suite(p);
    while (p->free_list != NULL) {
        struct shared_case *shared = p->free_list;
        p->free_list = shared->next_free;
        arena_deinit(&shared->arena);
        mem_free(shared);
    }
}

static struct shared_case *pending_new_case(struct pending *p)
{
    struct shared_case *shared = p->free_list;
    if (shared != NULL) {
        p->free_list = shared->next_free;
        *shared = (struct shared_case){.arena = shared->arena};
    } else {
        shared = mem_alloc(sizeof(*shared));
    }
    shared->users = 1;
    return shared;
}

static bool pending_open_suite(struct pending *p, struct err *err)
{
    const struct session_suite *suite = &p->session->suites[p->suite];
    return case_reader_open(suite->suite, &p->session->options.selection, &p->reader, err) &&
           store_plan_cases(p->session->store, suite->plan.seq, &p->cases, err);
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

bool pending_case_is_open(struct session *s, const struct session_suite *suite, uint64_t ordinal, bool *ret,
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

/* The next case with something to execute becomes the current one; *ret_has = false when this suite has no more. */
static bool pending_read_case(struct pending *p, bool *ret_has, struct err *err)
{
    if (p->reader == NULL && !pending_open_suite(p, err)) {
        return false;
    }
    struct plan_case planned = {0};
    bool is_open = false;
    while (!is_open) {
        if (!plan_cursor_next(p->cases, ret_has, &planned, err)) {
            return false;
        }
        if (!*ret_has) {
            return true;
        }
        const struct session_suite *suite = &p->session->suites[p->suite];
        if (planned.skip.ptr == NULL && !pending_case_is_open(p->session, suite, planned.ordinal, &is_open, err)) {
            return false;
        }
    }
    struct shared_case *shared = pending_new_case(p);
    if (!case_reader_fetch(p->reader, &planned, &shared->arena, &shared->eval_case, err)) {
        pending_release(p, shared);
        return false;
    }
    shared->input_json = json_compact(&shared->arena, &shared->eval_case.input);
    if (shared->eval_case.has_expected) {
        shared->expected_json = json_compact(&shared->arena, &shared->eval_case.expected);
    }
    p->current = shared;
    p->trial = 1;
    p->variant = 0;
    return true;
}

static void pending_step(struct pending *p, const struct session_suite *suite)
{
    if (++p->variant < suite->run_count) {
        return;
    }
    p->variant = 0;
    if (++p->trial <= suite->plan.trials) {
        return;
    }
    pending_release(p, p->current);
    p->current = NULL;
}

void pending_put_back(struct pending *p, const struct pending_sample *sample)
{
    p->held = *sample;
    p->has_held = true;
}

bool pending_next(struct pending *p, bool *ret_has, struct pending_sample *ret, struct err *err)
{
    if (p->has_held) {
        p->has_held = false;
        *ret = p->held;
        *ret_has = true;
        return true;
    }
    while (p->suite < p->session->suite_count) {
        const struct session_suite *suite = &p->session->suites[p->suite];
        if (p->current == NULL) {
            bool has_case = false;
            if (!pending_read_case(p, &has_case, err)) {
                return false;
            }
            if (!has_case) {
                pending_close_suite(p);
                p->suite++;
                continue;
            }
        }
        bool is_open = false;
        uint32_t attempt = 0;
        if (!sample_is_open(p->session, &suite->runs[p->variant], p->current->eval_case.ordinal, p->trial, &is_open,
                            &attempt, err)) {
            return false;
        }
        *ret = (struct pending_sample){suite, p->variant, p->trial, attempt, p->current};
        p->current->users++;
        struct shared_case *offered = p->current;
        pending_step(p, suite);
        if (is_open) {
            *ret_has = true;
            return true;
        }
        pending_release(p, offered);
    }
    *ret_has = false;
    return true;
}
