#include "judge/trials.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"
#include "stats/estimate.h"
#include "store/store.h"

struct reduction reduction_of_suite(const struct suite *suite, uint32_t trials, bool is_partial)
{
    return (struct reduction){
        .reduce = suite->reduce,
        .pass_trials = suite->pass_trials,
        .pass_trials_count = suite->pass_trials_count,
        .trials = trials == 0 ? 1 : trials,
        .is_partial = is_partial,
    };
}

static bool header_fault(const struct run_record *run, const char *key, struct err *err)
{
    return err_set(err, ERR_IO, "run %.8s: '%s' of its header is not what it should be", id_text(&run->id).text, key);
}

/* "all", "any", or a count of trials. */
static bool read_pass_trials(const struct value *v, struct reduction *ret)
{
    double count = 0;
    if (v->kind == VALUE_NUMBER) {
        bool is_count =
            value_number(v, &count) && count >= 1 && count <= LIMIT_TRIALS && count == (double)(uint32_t)count;
        ret->pass_trials = PASS_TRIALS_COUNT;
        ret->pass_trials_count = is_count ? (uint32_t)count : 0;
        return is_count;
    }
    ret->pass_trials = v->kind == VALUE_TEXT && str_eq(v->text, STR("any")) ? PASS_TRIALS_ANY : PASS_TRIALS_ALL;
    return v->kind == VALUE_TEXT && (ret->pass_trials == PASS_TRIALS_ANY || str_eq(v->text, STR("all")));
}

bool reduction_of_run(const struct run_record *run, uint32_t trials, struct reduction *ret, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct reduction r = {.trials = trials == 0 ? 1 : trials, .is_partial = run->state == RUN_INTERRUPTED};
    struct value header = {.kind = VALUE_MAP};
    if (run->header.len > 0 && !json_read(&scratch, run->header, JSON_REPLY, (struct src_pos){0}, &header, NULL, err)) {
        return err_wrap(err, "the header of run %.8s", id_text(&run->id).text);
    }
    const struct value *reduce = value_get(&header, STR("reduce"));
    const struct value *pass_trials = value_get(&header, STR("pass_trials"));
    size_t word = 0;
    while (reduce != NULL && REDUCE_WORDS[word] != NULL && !str_eq_cstr(reduce->text, REDUCE_WORDS[word])) {
        word++;
    }
    if (REDUCE_WORDS[word] == NULL) {
        return header_fault(run, "reduce", err);
    }
    r.reduce = (enum reduce_kind)word;
    if (pass_trials != NULL && !read_pass_trials(pass_trials, &r)) {
        return header_fault(run, "pass_trials", err);
    }
    *ret = r;
    return true;
}

bool reduced_is_binary(const struct dimension *d, enum reduce_kind reduce, uint32_t trials)
{
    return d->type == TYPE_BINARY && (trials == 1 || reduce == REDUCE_MAX || reduce == REDUCE_MIN);
}

uint32_t pass_k_needs(const struct reduction *r, uint32_t k, bool is_all)
{
    return is_all && !r->is_partial && r->trials > k ? r->trials : k;
}

/* --- opening ----------------------------------------------------------------------------------------------------------------------------- */

void trials_close(struct trials *t)
{
    sample_cursor_close(&t->samples);
    arena_deinit(&t->room);
    arena_deinit(&t->labels);
}

bool trials_open(struct trials *t, struct store *store, const struct run_record *run, struct reduction reduction,
                 struct trials_wants wants, struct err *err)
{
    *t = (struct trials){.run = run, .reduction = reduction, .wants = wants};
    struct figure_fields fields = {.cases = wants.cases, .measures = wants.measures};
    if (wants.pool.count == 0 ? !store_figures(store, run->seq, fields, &t->samples, err)
                              : !pooled_open(&t->room, store, run, wants.pool, fields, &t->samples, err)) {
        return false;
    }
    size_t count = run->dimension_count + CALL_MEASURE_COUNT;
    t->dimensions = arena_array(&t->room, struct dimension_trials, count);
    t->touched = arena_array(&t->room, uint32_t, count);
    t->at_hand.touched = t->touched;
    t->at_hand.dimensions = t->dimensions;
    return true;
}

/* --- the samples of a case ---------------------------------------------------------------------------------------------------------------- */

static void forget_case(struct trials *t)
{
    struct case_trials *c = &t->at_hand;
    for (size_t i = 0; i < c->touched_count; i++) {
        struct dimension_trials *d = &t->dimensions[t->touched[i]];
        d->values.len = d->classes.len = 0;
        d->with_pass = d->passed = d->not_scored = 0;
        d->is_touched = d->has_value = false;
    }
    t->scores.len = 0;
    arena_reset(&t->labels);
    t->at_hand = (struct case_trials){.touched = t->touched, .dimensions = t->dimensions};
}

static struct dimension_trials *touch(struct trials *t, uint32_t dimension)
{
    struct dimension_trials *d = &t->dimensions[dimension];
    if (!d->is_touched) {
        d->is_touched = true;
        t->touched[t->at_hand.touched_count++] = dimension;
    }
    return d;
}

static bool gather_score(struct trials *t, const struct score *score, bool is_scored, struct err *err)
{
    const struct run_record *run = t->run;
    if (score->dimension >= run->dimension_count) {
        return err_set(err, ERR_IO, "a sample of run '%.*s' has a score in a dimension that the run does not have",
                       STR_ARG(run->suite));
    }
    struct dimension_trials *d = touch(t, score->dimension);
    if (score->outcome == SCORE_NOT_SCORED) {
        d->not_scored++;
        return true;
    }
    if (!is_scored) {
        return true;
    }
    bool is_judged = run->dimensions[score->dimension].kind == DIMENSION_JUDGED;
    *vec_push(&t->room, &d->values) = is_judged && score->has_unit ? score->unit : score->value;
    if (score->outcome != SCORE_NONE) {
        d->with_pass++;
        d->passed += score->outcome == SCORE_PASS ? 1 : 0;
    }
    if (t->wants.classes != NULL && t->wants.classes[score->dimension] && score->wanted.ptr != NULL) {
        *vec_push(&t->room, &d->classes) = (struct class_trial){
            score->answered.ptr == NULL ? STR_NULL : arena_str(&t->labels, score->answered),
            arena_str(&t->labels, score->wanted),
        };
    }
    return true;
}

static void gather_measures(struct trials *t, const struct call_measures *m)
{
    for (uint32_t i = 0; i < CALL_MEASURE_COUNT; i++) {
        double value = 0;
        if (call_measure_get(m, (enum call_measure)i, &value)) {
            *vec_push(&t->room, &touch(t, (uint32_t)t->run->dimension_count + i)->values) = value;
        }
    }
}

static bool gather_sample(struct trials *t, const struct sample_record *s, struct err *err)
{
    struct case_trials *c = &t->at_hand;
    bool is_scored = s->state == SAMPLE_SCORED;
    if (c->samples == 0) {
        c->ordinal = s->ordinal;
        if (t->wants.cases) {
            c->id = arena_str(&t->labels, s->case_id);
            c->digest = s->case_digest;
            c->tags = arena_str(&t->labels, s->tags);
            c->cluster = s->cluster.ptr == NULL ? STR_NULL : arena_str(&t->labels, s->cluster);
        }
    }
    c->samples++;
    c->errors += is_scored ? 0 : 1;
    if (is_scored) {
        c->passed += s->pass == PASS_YES ? 1 : 0;
        c->failed += s->pass == PASS_NO ? 1 : 0;
        if (s->has_score) {
            *vec_push(&t->room, &t->scores) = s->score;
        }
    }
    if (t->wants.measures) {
        c->has_cost = c->has_cost || s->measures.has_cost;
        c->cost_usd += s->measures.has_cost ? s->measures.cost_usd : 0;
    }
    if (is_scored && t->wants.measures) {
        gather_measures(t, &s->measures);
    }
    for (size_t i = 0; i < s->score_count; i++) {
        if (!gather_score(t, &s->scores[i], is_scored, err)) {
            return false;
        }
    }
    return true;
}

/* --- reducing ------------------------------------------------------------------------------------------------------------------------------ */

static bool needs_every_trial(const struct reduction *r)
{
    return r->reduce == REDUCE_MAX || r->reduce == REDUCE_MIN;
}

static bool case_is_errored(const struct reduction *r, const struct case_trials *c)
{
    uint32_t scored = c->samples - c->errors;
    uint32_t planned = r->is_partial ? c->samples : r->trials;
    bool needs_all = needs_every_trial(r) || r->pass_trials == PASS_TRIALS_COUNT;
    return scored == 0 || (needs_all && scored < planned);
}

static bool case_passes(const struct trials *t)
{
    switch (t->reduction.pass_trials) {
    case PASS_TRIALS_ALL:
        return t->at_hand.failed == 0;
    case PASS_TRIALS_ANY:
        return t->at_hand.passed > 0;
    case PASS_TRIALS_COUNT:
        break;
    }
    return t->at_hand.passed >= t->reduction.pass_trials_count;
}

static void reduce_case(struct trials *t)
{
    const struct reduction *r = &t->reduction;
    struct case_trials *c = &t->at_hand;
    uint32_t planned = r->is_partial ? c->samples : r->trials;
    c->is_errored = case_is_errored(r, c);
    c->has_score = !c->is_errored && t->scores.len > 0;
    c->score = c->has_score ? reduce_values(r->reduce, t->scores.items, t->scores.len) : 0;
    c->has_pass = !c->is_errored && c->passed + c->failed > 0;
    c->passes = c->has_pass && case_passes(t);
    for (size_t i = 0; i < c->touched_count; i++) {
        struct dimension_trials *d = &t->dimensions[t->touched[i]];
        d->has_value = !c->is_errored && d->values.len > 0 && !(needs_every_trial(r) && d->values.len < planned);
        d->value = d->has_value ? reduce_values(r->reduce, d->values.items, d->values.len) : 0;
    }
}

bool trials_next(struct trials *t, const struct case_trials **ret, struct err *err)
{
    forget_case(t);
    if (t->has_held && !gather_sample(t, &t->held, err)) {
        return false;
    }
    bool has = true;
    while (true) {
        if (!t->samples.next(&t->samples, &has, &t->held, err)) {
            return false;
        }
        t->has_held = has;
        if (!has || (t->at_hand.samples > 0 && t->held.ordinal != t->at_hand.ordinal)) {
            break;
        }
        if (!gather_sample(t, &t->held, err)) {
            return false;
        }
    }
    if (t->at_hand.samples > 0) {
        reduce_case(t);
    }
    *ret = t->at_hand.samples > 0 ? &t->at_hand : NULL;
    return true;
}
