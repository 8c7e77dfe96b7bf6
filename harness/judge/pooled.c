#include "judge/pooled.h"

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

struct pooled_run {
    struct sample_cursor samples;
    struct sample_record next; /* its texts live until the run is asked again */
    bool has_next;
};

struct pool {
    struct pooled_run *runs;
    size_t count;
    size_t given; /* the run whose sample was given last: it is asked again only now */
    bool has_given;
    uint64_t ordinal;
    uint32_t trials; /* of the case at hand, so far */
};

static bool pool_advance(struct pooled_run *r, struct err *err)
{
    return r->samples.next(&r->samples, &r->has_next, &r->next, err);
}

static bool pool_next(struct sample_cursor *cursor, bool *ret_has, struct sample_record *ret, struct err *err)
{
    struct pool *p = cursor->state;
    if (p->has_given && !pool_advance(&p->runs[p->given], err)) {
        return false;
    }
    p->has_given = false;
    size_t first = p->count;
    for (size_t i = 0; i < p->count; i++) {
        bool is_sooner = first == p->count || p->runs[i].next.ordinal < p->runs[first].next.ordinal;
        first = p->runs[i].has_next && is_sooner ? i : first;
    }
    *ret_has = first < p->count;
    if (!*ret_has) {
        return true;
    }
    *ret = p->runs[first].next;
    p->trials = ret->ordinal == p->ordinal ? p->trials + 1 : 1;
    p->ordinal = ret->ordinal;
    ret->trial = p->trials;
    p->given = first;
    p->has_given = true;
    return true;
}

static void pool_close(struct sample_cursor *cursor)
{
    struct pool *p = cursor->state;
    for (size_t i = 0; i < p->count; i++) {
        sample_cursor_close(&p->runs[i].samples);
    }
}

static bool have_same_dimensions(const struct run_record *a, const struct run_record *b)
{
    if (a->dimension_count != b->dimension_count) {
        return false;
    }
    for (size_t i = 0; i < a->dimension_count; i++) {
        if (!str_eq(a->dimensions[i].name, b->dimensions[i].name) ||
            !digest_eq(&a->dimensions[i].scorer, &b->dimensions[i].scorer)) {
            return false;
        }
    }
    return true;
}

/* Ordinals stand for cases only where the plans are the same. */
static bool check_pool(struct store *store, const struct run_record *run, struct run_pool pool, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct plan_record own;
    if (!store_plan(store, &scratch, run->plan, &own, err)) {
        return false;
    }
    for (size_t i = 0; i < pool.count; i++) {
        struct plan_record plan;
        if (!store_plan(store, &scratch, pool.runs[i].plan, &plan, err)) {
            return false;
        }
        if (!digest_eq(&plan.plan_digest, &own.plan_digest) || !have_same_dimensions(run, &pool.runs[i])) {
            return err_set(err, ERR_USAGE,
                           "run %.8s cannot be pooled with this one: it has other cases or other dimensions",
                           id_text(&pool.runs[i].id).text);
        }
    }
    return true;
}

bool pooled_open(struct arena *arena, struct store *store, const struct run_record *run, struct run_pool pool,
                 struct figure_fields fields, struct sample_cursor *ret, struct err *err)
{
    if (!check_pool(store, run, pool, err)) {
        return false;
    }
    struct pool *p = arena_new(arena, struct pool);
    p->runs = arena_array(arena, struct pooled_run, pool.count + 1);
    p->ordinal = UINT64_MAX;
    *ret = (struct sample_cursor){.next = pool_next, .close = pool_close, .state = p};
    for (size_t i = 0; i <= pool.count; i++) {
        int64_t seq = i == 0 ? run->seq : pool.runs[i - 1].seq;
        if (!store_figures(store, seq, fields, &p->runs[p->count].samples, err)) {
            return false;
        }
        p->count++;
        if (!pool_advance(&p->runs[i], err)) {
            return false;
        }
    }
    return true;
}
