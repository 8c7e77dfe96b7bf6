#include "judge/selftest_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "judge/judge.h"
#include "stats/rate.h"

static const double PLAIN_ALPHA = 0.05; /* of a gate that names no confidence */
static const double INTERVAL_ALPHA = 0.05;

/* --- judging a draw ------------------------------------------------------------------------------------------------------------------------- */

static bool find_made(void *context, const struct baseline_list *list, const struct run_record *run,
                      struct judge_baseline *ret, struct err *err)
{
    struct selftest_work *w = context;
    size_t variant = 0;
    (void)err;
    while (w->candidates[variant].seq != run->seq) {
        variant++;
    }
    *ret = (struct judge_baseline){
        .state = BASELINE_USED,
        .source = &list->items[0],
        .store = w->in->sources[0].store,
        .runs = &w->baselines[variant],
        .run_count = 1,
        .finished_unix_ms = run->started_unix_ms,
    };
    return true;
}

static bool judge_draw(struct selftest_work *w, const struct suite *suite, struct arena *arena, struct summary **ret,
                       struct err *err)
{
    struct store *store = w->in->sources[0].store;
    struct judge_in in = {
        .store = store,
        .suite = suite,
        .runs = w->candidates,
        .run_count = w->variants,
        .baselines = {find_made, w},
    };
    store_set_stand_in(store, &w->stand_in);
    bool ok = judge_runs(&in, arena, ret, err);
    store_set_stand_in(store, NULL);
    return ok;
}

/* --- counting ------------------------------------------------------------------------------------------------------------------------------- */

struct counted {
    struct selftest_work *w;
    VEC(struct selftest_gate) gates;
};

static bool is_of_world(const struct suite *suite, struct str text, enum world world)
{
    for (size_t i = 0; i < suite->gate_count; i++) {
        if (str_eq(suite->gates[i].expr.text, text)) {
            return gate_needs_baseline(&suite->gates[i]) == (world == WORLD_MIXED);
        }
    }
    return false;
}

static struct selftest_gate *gate_of(struct counted *c, const struct summary *s, const struct gate_result *r)
{
    struct selftest_work *w = c->w;
    for (size_t i = 0; i < c->gates.len; i++) {
        if (str_eq(c->gates.items[i].text, r->text) && str_eq(c->gates.items[i].variant, s->variant)) {
            return &c->gates.items[i];
        }
    }
    struct selftest_gate *g = vec_push(w->arena, &c->gates);
    *g = (struct selftest_gate){.text = r->text,
                                .variant = arena_str(w->arena, s->variant),
                                .form = r->form,
                                .severity = r->severity,
                                .is_drawn_anew = w->world == WORLD_DRAWN,
                                .alpha = PLAIN_ALPHA};
    return g;
}

static void count_gate(struct counted *c, const struct summary *s, const struct gate_result *r)
{
    if (r->outcome == GATE_NOT_JUDGED || !is_of_world(c->w->in->suite, r->text, c->w->world)) {
        return;
    }
    struct selftest_gate *g = gate_of(c, s, r);
    bool is_plain = r->form == GATE_PLAIN;
    bool is_alarm = r->outcome == GATE_BROKEN || (is_plain && r->outcome == GATE_CANNOT_TELL);
    bool passes = r->outcome == GATE_HOLDS || (r->form == GATE_REGRESSION && r->outcome == GATE_CANNOT_TELL);
    g->judged++;
    g->alarms += is_alarm ? 1 : 0;
    g->passes += passes ? 1 : 0;
    g->alpha = r->has_evidence ? 1 - r->evidence.confidence : g->alpha;
    if (is_alarm && g->example.ptr == NULL) {
        g->example = arena_str(c->w->arena, r->reason);
    }
}

/* Whether the gates of this world fail it; *ret_verdict false when there is none. */
static bool count_draw(struct counted *c, const struct summary *summaries, bool *ret_verdict)
{
    bool fails = false;
    *ret_verdict = true;
    for (size_t v = 0; v < c->w->variants; v++) {
        const struct summary *s = &summaries[v];
        *ret_verdict = *ret_verdict && (s->verdict == VERDICT_PASSED || s->verdict == VERDICT_FAILED);
        for (size_t i = 0; i < s->gate_count; i++) {
            const struct gate_result *r = &s->gates[i];
            count_gate(c, s, r);
            fails = fails || (r->fails && is_of_world(c->w->in->suite, r->text, c->w->world));
        }
    }
    return fails;
}

/* --- the suite of each world ------------------------------------------------------------------------------------------------------------------ */

struct worlds {
    struct suite suites[2];
    bool is_wanted[2];
    struct baseline_source source;
    struct baseline_list list;
};

/* Mixed runs are judged by all gates, for those with confidence share the chance of a false alarm; cases drawn anew by those without a baseline. */
static void make_worlds(struct selftest_work *w, struct worlds *ret)
{
    const struct suite *suite = w->in->suite;
    struct gate *alone = arena_array(&w->room, struct gate, suite->gate_count + 1);
    *ret = (struct worlds){.suites = {*suite, *suite}, .source = {.shown = STR("the other run"), .runs = 1}};
    ret->list = (struct baseline_list){&ret->source, 1};
    ret->suites[WORLD_MIXED].baseline = &ret->list;
    ret->suites[WORLD_DRAWN].gates = alone;
    ret->suites[WORLD_DRAWN].gate_count = 0;
    for (size_t i = 0; i < suite->gate_count; i++) {
        bool needs = gate_needs_baseline(&suite->gates[i]);
        ret->is_wanted[needs ? WORLD_MIXED : WORLD_DRAWN] = true;
        if (!needs) {
            alone[ret->suites[WORLD_DRAWN].gate_count++] = suite->gates[i];
        }
    }
}

static bool draw_once(struct selftest_work *w, const struct worlds *worlds, struct counted *counted, struct err *err)
{
    static const enum world order[] = {WORLD_MIXED, WORLD_DRAWN};
    bool fails = false;
    bool has_verdict = true;
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
        struct summary *summaries = NULL;
        bool has_one = true;
        if (!worlds->is_wanted[order[i]]) {
            continue;
        }
        selftest_draw(w, order[i]);
        if (!judge_draw(w, &worlds->suites[order[i]], &scratch, &summaries, err)) {
            return false;
        }
        fails = count_draw(counted, summaries, &has_one) || fails;
        has_verdict = has_verdict && has_one;
    }
    w->ret->failed += has_verdict && fails ? 1 : 0;
    w->ret->no_verdict += has_verdict ? 0 : 1;
    return true;
}

/* --- the whole -------------------------------------------------------------------------------------------------------------------------------- */

static void describe(struct selftest_work *w)
{
    struct selftest *ret = w->ret;
    ret->suite = arena_str(w->arena, w->in->sources[0].runs[0].suite);
    ret->runs = arena_array(w->arena, struct str, w->sources);
    ret->run_count = w->sources;
    for (size_t i = 0; i < w->sources; i++) {
        ret->runs[i] = arena_str(w->arena, str_from(id_text(&w->in->sources[i].runs[0].id).text));
    }
    ret->is_halves = w->is_halves;
    ret->trials = w->trials;
    ret->half = w->half;
    ret->cases = w->row_count;
    ret->clusters = w->has_clusters ? w->unit_count : 0;
}

static void finish(struct selftest_work *w, const struct counted *counted)
{
    struct selftest *ret = w->ret;
    uint64_t with_verdict = ret->draws - ret->no_verdict;
    ret->failed_interval = rate_exact(ret->failed, with_verdict, INTERVAL_ALPHA);
    ret->gates = counted->gates.items;
    ret->gate_count = counted->gates.len;
    for (size_t i = 0; i < ret->gate_count; i++) {
        struct selftest_gate *g = &ret->gates[i];
        g->alarm_interval = rate_exact(g->alarms, g->judged, INTERVAL_ALPHA);
        g->is_too_often = g->judged > 0 && g->alarm_interval.lo > g->alpha * (1 + 1e-9);
    }
}

static bool run_all(struct selftest_work *w, struct err *err)
{
    struct worlds worlds;
    struct counted counted = {.w = w};
    if (!selftest_read(w, err) || !selftest_draw_init(w, err)) {
        return false;
    }
    describe(w);
    make_worlds(w, &worlds);
    for (uint64_t i = 0; i < w->ret->draws; i++) {
        if (!draw_once(w, &worlds, &counted, err)) {
            return false;
        }
        if (w->in->progress != NULL) {
            w->in->progress(w->in->context, i + 1);
        }
    }
    finish(w, &counted);
    return true;
}

bool selftest_of(const struct selftest_in *in, struct arena *arena, struct selftest *ret, struct err *err)
{
    struct selftest made = {.draws = in->draws, .seed = in->seed};
    struct selftest_work w = {
        .in = in, .arena = arena, .ret = &made, .sources = in->source_count, .variants = in->sources[0].run_count};
    if (!in->has_seed) {
        memcpy(&made.seed, in->sources[0].runs[0].id.bytes, sizeof(made.seed));
    }
    rng_seed(&w.rng, made.seed);
    case_table_init(&w.table, &w.room);
    bool ok = run_all(&w, err);
    arena_deinit(&w.at_hand);
    arena_deinit(&w.room);
    if (ok) {
        *ret = made;
    }
    return ok;
}
