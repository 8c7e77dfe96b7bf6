/* Runs made of stored ones: what a draw consists of, and how the judge comes to see it as if it were stored. */

#include "base/arena.h"
#include "judge/selftest_private.h"

enum { SIDES = 2, SIDE_CANDIDATE = 0 };

/* Numbers of made runs are negative; stored ones never are. */
static int64_t seq_of(size_t variant, size_t side)
{
    return -1 - (int64_t)(variant * SIDES + side);
}

/* --- what is drawn -------------------------------------------------------------------------------------------------------------------------- */

static void shuffle(uint32_t *items, uint32_t count, struct rng *rng)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = (uint32_t)rng_below(rng, i);
        uint32_t kept = items[i - 1];
        items[i - 1] = items[other];
        items[other] = kept;
    }
}

static void draw_sources(struct selftest_work *w)
{
    w->a = (size_t)rng_below(&w->rng, w->sources);
    w->b = w->a;
    if (w->sources > 1) {
        size_t other = (size_t)rng_below(&w->rng, w->sources - 1);
        w->b = other >= w->a ? other + 1 : other;
    }
}

static void draw_mixed(struct selftest_work *w)
{
    for (size_t u = 0; u < w->unit_count; u++) {
        w->coins[u] = (uint8_t)rng_below(&w->rng, 2);
    }
    for (size_t i = 0; w->is_halves && i < w->row_count; i++) {
        uint32_t *order = &w->trial_order[i * w->trials];
        for (uint32_t t = 0; t < w->trials; t++) {
            order[t] = t;
        }
        shuffle(order, w->trials, &w->rng);
    }
}

static void pick_unit(struct selftest_work *w, size_t unit, uint32_t *times)
{
    const struct unit *u = &w->units[unit];
    uint8_t is_b = (uint8_t)rng_below(&w->rng, 2);
    for (uint32_t i = 0; i < u->count; i++) {
        if (w->picked_count ==
            w->picked_cap) { /* clusters differ in size, so a draw may have more cases than there are */
            w->picked_cap *= 2;
            struct picked *grown = arena_array(&w->at_hand, struct picked, w->picked_cap);
            for (size_t j = 0; j < w->picked_count; j++) {
                grown[j] = w->picked[j];
            }
            w->picked = grown;
        }
        w->picked[w->picked_count++] = (struct picked){w->unit_rows[u->first + i], times[unit], is_b};
    }
    times[unit]++;
}

/* From each stratum as many units as it has, with replacement. */
static void draw_anew(struct selftest_work *w)
{
    uint32_t *times = arena_array(&w->at_hand, uint32_t, w->unit_count);
    w->picked_cap = w->row_count;
    w->picked = arena_array(&w->at_hand, struct picked, w->picked_cap);
    w->picked_count = 0;
    for (size_t from = 0; from < w->unit_count;) {
        size_t to = from;
        while (to < w->unit_count && w->units[to].stratum == w->units[from].stratum) {
            to++;
        }
        for (size_t u = from; u < to; u++) {
            size_t other = from + (size_t)rng_below(&w->rng, to - from);
            bool is_fixed = w->units[u].is_fixed || w->units[other].is_fixed;
            pick_unit(w, is_fixed ? u : other, times);
        }
        from = to;
    }
}

void selftest_draw(struct selftest_work *w, enum world world)
{
    arena_reset(&w->at_hand);
    w->world = world;
    draw_sources(w);
    if (world == WORLD_MIXED) {
        draw_mixed(w);
    } else {
        draw_anew(w);
    }
}

/* --- as if it were stored ------------------------------------------------------------------------------------------------------------------- */

struct drawn_cursor {
    struct selftest_work *w;
    size_t variant, side;
    struct figure_fields fields;
    size_t at;            /* case */
    uint32_t trial;       /* from 0 */
    struct score *scores; /* of the sample given last */
};

static uint32_t trials_now(const struct selftest_work *w)
{
    return w->world == WORLD_MIXED && w->is_halves ? w->half : w->trials;
}

static size_t cases_now(const struct selftest_work *w)
{
    return w->world == WORLD_MIXED ? w->row_count : w->picked_count;
}

static const struct held_sample *sample_at(const struct drawn_cursor *c, struct picked *ret_case)
{
    const struct selftest_work *w = c->w;
    bool is_b = false;
    uint32_t trial = c->trial;
    if (w->world == WORLD_MIXED) {
        *ret_case = (struct picked){.row = w->rows[c->at]};
        bool is_swapped = w->coins[w->unit_of[ret_case->row]] != 0;
        is_b = is_swapped == (c->side == SIDE_CANDIDATE);
        trial = w->is_halves ? w->trial_order[c->at * w->trials + (is_b ? w->half : 0) + trial] : trial;
    } else {
        *ret_case = w->picked[c->at];
        is_b = ret_case->is_b != 0;
    }
    const struct held_run *held = &w->held[(is_b ? w->b : w->a) * w->variants + c->variant];
    return &held->samples[held->first[ret_case->row] + trial];
}

/* A case that came before is another one: with an id, and a cluster, of its own. */
static struct str name_of(struct selftest_work *w, struct str name, uint32_t copy)
{
    return copy == 0 || name.ptr == NULL ? name
                                         : arena_printf(&w->at_hand, "%.*s#%u", STR_ARG(name), (unsigned)copy + 1);
}

static void fill_sample(struct drawn_cursor *c, const struct held_sample *held, struct sample_record *ret)
{
    *ret = (struct sample_record){
        .ordinal = c->at,
        .trial = c->trial + 1,
        .state = (enum sample_state)held->state,
        .pass = (enum sample_pass)held->pass,
        .has_score = held->has_score,
        .score = held->score,
        .measures = held->measures,
        .scores = c->scores,
        .score_count = held->score_count,
    };
    for (size_t i = 0; i < held->score_count; i++) {
        const struct held_score *score = &held->scores[i];
        c->scores[i] = (struct score){
            .dimension = score->dimension,
            .outcome = (enum score_outcome)score->outcome,
            .value = score->value,
            .has_unit = score->has_unit,
            .unit = score->unit,
            .answered = score->classes == NULL ? STR_NULL : score->classes[0],
            .wanted = score->classes == NULL ? STR_NULL : score->classes[1],
        };
    }
}

static bool drawn_next(struct sample_cursor *cursor, bool *ret_has, struct sample_record *ret, struct err *err)
{
    struct drawn_cursor *c = cursor->state;
    struct selftest_work *w = c->w;
    struct picked picked;
    (void)err;
    *ret_has = c->at < cases_now(w);
    if (!*ret_has) {
        return true;
    }
    fill_sample(c, sample_at(c, &picked), ret);
    if (c->fields.cases) {
        uint32_t cluster = w->table.clusters[picked.row];
        ret->case_id = name_of(w, w->table.ids[picked.row], picked.copy);
        ret->case_digest = w->table.digests[picked.row];
        ret->tags = w->table.tag_texts.items[w->table.tags[picked.row]];
        ret->cluster =
            cluster == CASE_OWN_CLUSTER ? STR_NULL : name_of(w, w->table.cluster_names.items[cluster], picked.copy);
    }
    c->trial++;
    if (c->trial == trials_now(w)) {
        c->trial = 0;
        c->at++;
    }
    return true;
}

static void drawn_close(struct sample_cursor *cursor)
{
    cursor->state = NULL;
}

static bool drawn_figures(void *context, int64_t run, struct figure_fields fields, bool *ret_is_mine,
                          struct sample_cursor *ret, struct err *err)
{
    struct selftest_work *w = context;
    (void)err;
    *ret_is_mine = run < 0;
    if (run < 0) {
        struct drawn_cursor *c = arena_new(&w->at_hand, struct drawn_cursor);
        size_t number = (size_t)(-1 - run);
        *c = (struct drawn_cursor){.w = w, .variant = number / SIDES, .side = number % SIDES, .fields = fields};
        c->scores = arena_array(&w->at_hand, struct score, w->scores_max);
        *ret = (struct sample_cursor){.next = drawn_next, .close = drawn_close, .state = c};
    }
    return true;
}

static bool drawn_plan(void *context, int64_t plan, bool *ret_is_mine, struct plan_record *ret, struct err *err)
{
    struct selftest_work *w = context;
    (void)err;
    *ret_is_mine = plan == w->plan.seq;
    if (*ret_is_mine) {
        *ret = w->plan;
        ret->case_count = cases_now(w);
        ret->skipped_count = 0;
        ret->trials = trials_now(w);
    }
    return true;
}

static struct run_record made_run(const struct run_record *like, size_t variant, size_t side)
{
    struct run_record run = *like;
    run.seq = seq_of(variant, side);
    run.id.bytes[0] ^= (uint8_t)(0x80 + side); /* another run's */
    run.source_run = STR("selftest");
    run.summary = STR_NULL;
    run.finished_unix_ms = run.started_unix_ms;
    return run;
}

bool selftest_draw_init(struct selftest_work *w, struct err *err)
{
    const struct selftest_source *first = &w->in->sources[0];
    w->coins = arena_array(&w->room, uint8_t, w->unit_count);
    w->trial_order = w->is_halves ? arena_array(&w->room, uint32_t, w->row_count * w->trials) : NULL;
    w->candidates = arena_array(&w->room, struct run_record, w->variants);
    w->baselines = arena_array(&w->room, struct run_record, w->variants);
    for (size_t v = 0; v < w->variants; v++) {
        w->candidates[v] = made_run(&first->runs[v], v, 0);
        w->baselines[v] = made_run(&first->runs[v], v, 1);
    }
    w->stand_in = (struct store_stand_in){drawn_figures, drawn_plan, w};
    return store_plan(first->store, &w->room, first->runs[0].plan, &w->plan, err);
}
