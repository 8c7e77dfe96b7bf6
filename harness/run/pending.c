#include "run/pending.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "data/json.h"
#include "run/session.h"

void pending_init(struct pending *p, struct session *session)
{
    *p = (struct pending){.session = session};
    walk_init(&p->walk, session);
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

static void pending_drop_current(struct pending *p)
{
    if (p->current != NULL) {
        pending_release(p, p->current);
        p->current = NULL;
    }
}

void pending_deinit(struct pending *p)
{
    if (p->has_held) {
        pending_release(p, p->held.shared);
        p->has_held = false;
    }
    pending_drop_current(p);
    case_reader_close(&p->reader);
    walk_deinit(&p->walk);
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

static bool pending_open_suite(struct pending *p, const struct session_suite *suite, struct err *err)
{
    case_reader_close(&p->reader);
    p->suite = NULL;
    if (!case_reader_open(suite->suite, &p->session->options.selection, &p->reader, err)) {
        return false;
    }
    p->suite = suite;
    return true;
}

static bool pending_read_case(struct pending *p, const struct walk_place *place, struct err *err)
{
    pending_drop_current(p);
    if (p->suite != place->suite && !pending_open_suite(p, place->suite, err)) {
        return false;
    }
    struct shared_case *shared = pending_new_case(p);
    if (!case_reader_fetch(p->reader, place->planned, &shared->arena, &shared->eval_case, err)) {
        pending_release(p, shared);
        return false;
    }
    shared->input_json = json_compact(&shared->arena, &shared->eval_case.input);
    if (shared->eval_case.has_expected) {
        shared->expected_json = json_compact(&shared->arena, &shared->eval_case.expected);
    }
    p->current = shared;
    return true;
}

void pending_put_back(struct pending *p, const struct pending_sample *sample)
{
    p->held = *sample;
    p->has_held = true;
}

bool pending_next(struct pending *p, bool *ret_has, struct pending_sample *ret, struct err *err)
{
    struct walk_place place;
    if (p->has_held) {
        p->has_held = false;
        *ret = p->held;
        *ret_has = true;
        return true;
    }
    if (!walk_next(&p->walk, ret_has, &place, err)) {
        return false;
    }
    if (!*ret_has) {
        pending_drop_current(p);
        return true;
    }
    bool is_read =
        p->current != NULL && p->suite == place.suite && p->current->eval_case.ordinal == place.planned->ordinal;
    if (!is_read && !pending_read_case(p, &place, err)) {
        return false;
    }
    *ret = (struct pending_sample){place.suite, place.variant, place.trial, place.attempt, p->current};
    p->current->users++;
    return true;
}
