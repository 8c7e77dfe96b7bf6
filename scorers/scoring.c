#include "scorers/scoring.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"
#include "model/suite.h"
#include "scorers/private.h"

struct scoring {
    struct arena *arena;
    struct scoring_sample sample;
    struct scope scope; /* the case's, with output and meta */
    struct value output_text;
    struct output_view view;
    const struct scorer_use **uses; /* those that apply to the case */
    size_t use_count, at;
    struct subject_work subject_work;
    struct score_in in; /* of the use at hand, once its subject is made */
    bool has_subject;
    struct judgement *judgements;
    struct call call;
    VEC(struct score) scores;
    VEC(struct value) calls; /* of the use at hand: what is kept of each */
    VEC(struct value) call_keys, call_lists;
    bool has_cost;
    double cost_usd;
};

static void scoring_collect(struct scoring *s, const struct scorer_use *const *uses, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (scorer_applies(uses[i], s->sample.eval_case)) {
            s->uses[s->use_count++] = uses[i];
        }
    }
}

struct scoring *scoring_begin(struct arena *arena, const struct scoring_sample *sample)
{
    struct scoring *s = arena_new(arena, struct scoring);
    const struct output *output = sample->output;
    const struct suite *suite = sample->suite;
    const struct eval_case *c = sample->eval_case;
    s->arena = arena;
    s->sample = *sample;
    s->scope = *sample->scope;
    s->view.output = output;
    s->output_text = value_of_text(output->text);
    s->scope.output = output->is_json ? &output->json : &s->output_text;
    s->scope.meta = output->meta.kind == VALUE_MAP ? &output->meta : NULL;
    s->uses = arena_array(arena, const struct scorer_use *, suite->scorer_count + c->own_scorer_count);
    scoring_collect(s, suite->scorers, suite->scorer_count);
    scoring_collect(s, c->own_scorers, c->own_scorer_count);
    return s;
}

/* "pass: ...", then the suite's own words when it has some (what they insert may be absent), then the scorer's. */
static struct str scoring_comment(const struct scoring *s, const struct scorer_use *use, enum score_outcome outcome,
                                  struct str words)
{
    static const char *const verdicts[] = {
        [SCORE_NOT_SCORED] = "not scored", [SCORE_NONE] = "measured", [SCORE_PASS] = "pass", [SCORE_FAIL] = "fail"};
    struct words text;
    words_begin(&text);
    struct str own = STR_NULL;
    if (use != NULL && use->common.comment != NULL) {
        struct err ignored = ERR_NULL;
        bool is_absent = false;
        if (!template_expand_text(use->common.comment, &s->scope, s->arena, NULL, &own, &is_absent, &ignored) ||
            is_absent) {
            own = STR_NULL;
        }
    }
    words_add_cstr(&text, verdicts[outcome]);
    if (own.len > 0) {
        words_add_cstr(&text, ": ");
        words_add(&text, own);
    }
    if (words.len > 0) {
        words_add_cstr(&text, own.len > 0 ? "; " : ": ");
        words_add(&text, words);
    }
    return words_finish(s->arena, &text);
}

static struct score score_measure(const struct dimension *d, uint32_t index, double value)
{
    struct score score = {.dimension = index, .outcome = SCORE_NONE, .value = value};
    if (d->has_min || d->has_max) {
        bool ok = (!d->has_min || value >= d->min) && (!d->has_max || value <= d->max);
        score.has_unit = true;
        score.unit = ok ? 1 : 0;
        score.outcome = ok ? SCORE_PASS : SCORE_FAIL;
    }
    return score;
}

/* `not` turns the unit, and a program's own word with it; what is absent fails whatever the threshold. */
static struct score score_judged(const struct dimension *d, uint32_t index, const struct judgement *j, bool is_turned,
                                 bool is_absent)
{
    double unit = is_turned ? 1 - j->number : j->number;
    bool pass = j->has_pass ? j->pass != is_turned : unit >= d->threshold;
    return (struct score){
        .dimension = index,
        .outcome = pass && !is_absent ? SCORE_PASS : SCORE_FAIL,
        .value = unit,
        .has_unit = true,
        .unit = unit,
    };
}

/* A judgement becomes a score: `not`, threshold or bounds, the comment. */
static void scoring_add(struct scoring *s, const struct scorer_use *use, size_t part, const struct judgement *j)
{
    uint32_t index = use->indices[part];
    const struct dimension *d = &use->dimensions[part];
    struct score score = {.dimension = index, .outcome = SCORE_NOT_SCORED};
    struct str words = j->comment;
    if (j->kind != JUDGED_NOT_SCORED && !num_is_finite(j->number)) {
        words = STR("the number is not finite");
    } else if (j->kind == JUDGED_UNIT) {
        bool is_turned = use->common.negate && part == 0 && !s->in.is_absent;
        score = score_judged(d, index, j, is_turned, s->in.is_absent);
    } else if (j->kind == JUDGED_VALUE) {
        score = score_measure(d, index, j->number);
    }
    score.comment = scoring_comment(s, use, score.outcome, words);
    score.answered = j->answered;
    score.wanted = j->wanted;
    *vec_push(s->arena, &s->scores) = score;
}

/* The judgements of the use at hand become scores; on to the next use. */
static void scoring_leave_use(struct scoring *s, const struct scorer_use *use)
{
    for (size_t i = 0; i < use->dimension_count; i++) {
        scoring_add(s, use, i, &s->judgements[i]);
    }
    if (s->calls.len > 0) {
        *vec_push(s->arena, &s->call_keys) = value_of_text(use->dimensions[0].name);
        *vec_push(s->arena, &s->call_lists) =
            (struct value){.kind = VALUE_LIST, .items = s->calls.items, .len = (uint32_t)s->calls.len};
    }
    s->at++;
    s->has_subject = false;
}

static void scoring_enter_use(struct scoring *s, const struct scorer_use *use)
{
    size_t state_size = use->type->state_size;
    s->judgements = arena_array(s->arena, struct judgement, use->dimension_count);
    s->calls.items = NULL;
    s->calls.len = s->calls.cap = 0;
    s->subject_work = (struct subject_work){.has_begun = false};
    s->in = (struct score_in){
        .use = use,
        .options = use->options,
        .eval_case = s->sample.eval_case,
        .output = s->sample.output,
        .scope = &s->scope,
        .sample = &s->sample,
        .arena = s->arena,
        .state = state_size == 0 ? NULL : arena_alloc(s->arena, state_size),
    };
}

/* Whether the common rule judges an absent subject. A program is asked about an empty output, but not about what `from` did not find. */
static bool is_judged_absent(const struct scorer_use *use)
{
    bool is_part = use->common.has_from || use->common.extract != NULL;
    return !use->type->takes_absent || (use->type->prepare != NULL && is_part);
}

/* False: the turn is over. A subject that there is not may be the judgement already: then *ret_is_judged. */
static bool scoring_subject(struct scoring *s, const struct scorer_use *use, int64_t turn_ns, bool *ret_is_judged)
{
    if (use->type->ignores_output) {
        return true;
    }
    switch (subject_make(&s->subject_work, use, &s->view, s->arena, turn_ns, &s->in.subject)) {
    case SUBJECT_AGAIN:
        return false;
    case SUBJECT_LIMIT:
        judge_not_scored(&s->in, STR("'extract' ran into its limit of time or steps (regex_limit)"), s->judgements);
        *ret_is_judged = true;
        break;
    case SUBJECT_READY:
        if (s->in.subject.is_absent && is_judged_absent(use)) {
            judge_absent(&s->in, s->in.subject.reason, s->judgements);
            *ret_is_judged = true;
        }
        break;
    }
    return true;
}

/* One step of the use at hand: SCORING_DONE = this use is through, MORE = the turn is over, CALL. */
static enum scoring_status scoring_step_use(struct scoring *s, const struct scorer_use *use, int64_t turn_ns)
{
    const struct scorer *type = use->type;
    bool is_judged = false;
    struct err err;
    err_clear(&err);
    if (s->in.use != use) {
        scoring_enter_use(s, use);
    }
    if (!s->has_subject && !scoring_subject(s, use, turn_ns, &is_judged)) {
        return SCORING_MORE;
    }
    s->has_subject = true;
    if (!is_judged && type->prepare != NULL) {
        s->call = (struct call){.kind = CALL_NONE};
        if (type->prepare(&s->in, &s->call, &err)) {
            return SCORING_CALL;
        }
        struct str reason = arena_printf(s->arena, "%s", err.text);
        if (s->in.is_absent) {
            judge_absent(&s->in, reason, s->judgements);
        } else {
            judge_not_scored(&s->in, reason, s->judgements);
        }
    } else if (!is_judged) {
        s->in.turn_ns = turn_ns;
        if (type->score(&s->in, s->judgements) == STEP_MORE) {
            return SCORING_MORE;
        }
    }
    scoring_leave_use(s, use);
    return SCORING_DONE;
}

enum scoring_status scoring_step(struct scoring *s, int64_t turn_ns)
{
    int64_t end_ns = turn_ns > 0 ? clock_ns(&CLOCK_SYSTEM) + turn_ns : 0;
    int64_t left_ns = turn_ns;
    while (s->at < s->use_count) {
        enum scoring_status status = scoring_step_use(s, s->uses[s->at], left_ns);
        if (status != SCORING_DONE) {
            return status;
        }
        if (turn_ns > 0 && s->at < s->use_count) {
            left_ns = end_ns - clock_ns(&CLOCK_SYSTEM);
            if (left_ns <= 0) {
                return SCORING_MORE;
            }
        }
    }
    return SCORING_DONE;
}

const struct call *scoring_call(const struct scoring *s)
{
    return &s->call;
}

bool scoring_is_transient(const struct scoring *s, const struct call_result *result)
{
    const struct scorer *type = s->uses[s->at]->type;
    return type->is_transient != NULL && type->is_transient(result);
}

bool scoring_drops_parent(struct scoring *s, const struct call_result *result)
{
    const struct scorer *type = s->uses[s->at]->type;
    if (!s->sample.has_parent_span || type->may_blame_parent == NULL || !type->may_blame_parent(result)) {
        return false;
    }
    s->sample.has_parent_span = false;
    return true;
}

bool scoring_stops_run(const struct scoring *s, const struct call_result *result, struct err *err)
{
    const struct scorer_use *use = s->uses[s->at];
    return use->type->stops_run != NULL && use->type->stops_run(use, result, err);
}

double scoring_cost_usd(const struct scoring *s)
{
    return s->cost_usd;
}

void scoring_answer(struct scoring *s, const struct call_result *result)
{
    const struct scorer_use *use = s->uses[s->at];
    struct err err = ERR_NULL;
    s->in.wants_call = s->in.has_cost = false;
    s->in.note = (struct value){.kind = VALUE_NULL};
    if (!use->type->interpret(&s->in, result, s->judgements, &err)) {
        judge_not_scored(&s->in, arena_printf(s->arena, "%s", err.text), s->judgements);
        s->in.wants_call = false;
    }
    if (s->in.has_cost) {
        s->has_cost = true;
        s->cost_usd += s->in.cost_usd;
    }
    if (s->in.note.kind != VALUE_NULL) {
        *vec_push(s->arena, &s->calls) = s->in.note;
    }
    if (!s->in.wants_call) {
        scoring_leave_use(s, use);
    }
}

void scoring_drop(struct scoring *s)
{
    const struct scorer_use *use = s == NULL ? NULL : s->in.use;
    if (use != NULL && use->type->drop != NULL) {
        use->type->drop(s->in.state);
    }
}

/* Measures that the target declared, and those of the call that a gate names. */
static void scoring_add_target_measures(struct scoring *s)
{
    const struct output *out = s->sample.output;
    const struct variant *variant = s->sample.variant;
    for (size_t i = 0; i < variant->dimension_count; i++) {
        uint32_t index = variant->dimensions[i];
        const struct dimension *d = &s->sample.suite->dimensions[index];
        struct score score = {.dimension = index, .outcome = SCORE_NOT_SCORED};
        struct str words = STR("the target gave no such metric");
        for (size_t j = 0; j < out->metric_count; j++) {
            if (str_eq(out->metrics[j].name, d->name) && num_is_finite(out->metrics[j].value)) {
                score = score_measure(d, index, out->metrics[j].value);
                words = STR("given by the target");
            }
        }
        score.comment = scoring_comment(s, NULL, score.outcome, words);
        *vec_push(s->arena, &s->scores) = score;
    }
}

static void scoring_add_call_measures(struct scoring *s)
{
    const struct suite *suite = s->sample.suite;
    const struct call_measures *m = &s->sample.output->measures;
    for (uint32_t i = 0; i < suite->dimension_count; i++) {
        const struct dimension *d = &suite->dimensions[i];
        for (size_t j = 0; d->is_call_measure && j < CALL_MEASURE_COUNT; j++) {
            double value = 0;
            if (str_eq_cstr(d->name, CALL_MEASURE_NAMES[j]) && call_measure_get(m, (enum call_measure)j, &value)) {
                struct score score = score_measure(d, i, value);
                score.comment = scoring_comment(s, NULL, score.outcome, STR("of the call"));
                *vec_push(s->arena, &s->scores) = score;
            }
        }
    }
}

/* An errored sample keeps its measures and the reasons; what was judged is no score of it. */
static void scoring_keep_reasons(struct scoring *s, struct scoring_result *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < s->scores.len; i++) {
        const struct score *score = &s->scores.items[i];
        const struct dimension *d = &s->sample.suite->dimensions[score->dimension];
        bool is_reason = score->outcome == SCORE_NOT_SCORED;
        if (is_reason && !d->is_optional && ret->error_text.len == 0) {
            ret->error_text = arena_printf(s->arena, "%.*s %.*s", STR_ARG(d->name), STR_ARG(score->comment));
        }
        if (is_reason || d->kind == DIMENSION_MEASURE) {
            s->scores.items[count++] = *score;
        }
    }
    s->scores.len = count;
}

void scoring_finish(struct scoring *s, struct scoring_result *ret)
{
    scoring_add_target_measures(s);
    scoring_add_call_measures(s);
    scoring_reduce(s->sample.suite, s->scores.items, s->scores.len, ret);
    if (ret->is_errored) {
        scoring_keep_reasons(s, ret);
    }
    ret->scores = s->scores.items;
    ret->score_count = s->scores.len;
    ret->has_cost = s->has_cost;
    ret->cost_usd = s->cost_usd;
    if (s->call_keys.len > 0) {
        ret->calls = (struct value){.kind = VALUE_MAP,
                                    .keys = s->call_keys.items,
                                    .items = s->call_lists.items,
                                    .len = (uint32_t)s->call_keys.len};
    }
}

/* Unit 0 for what is judged. A class that was wanted is one that was missed: the scorer knows it. */
static void scoring_fail_use(struct scoring *s, const struct scorer_use *use, struct str reason)
{
    scoring_enter_use(s, use);
    s->in.subject = (struct subject){.is_absent = true, .reason = reason, .text = STR("")};
    if (use->type->takes_absent && use->type->score != NULL) {
        (void)use->type->score(&s->in, s->judgements);
    }
    for (size_t i = 0; i < use->dimension_count; i++) {
        if (use->dimensions[i].kind == DIMENSION_JUDGED) {
            *vec_push(s->arena, &s->scores) = (struct score){
                .dimension = use->indices[i],
                .outcome = SCORE_FAIL,
                .has_unit = true,
                .comment = scoring_comment(s, NULL, SCORE_FAIL, reason),
                .wanted = s->judgements[i].wanted,
            };
        }
    }
}

void scoring_fail(struct arena *arena, const struct scoring_sample *sample, struct scoring_result *ret)
{
    struct scoring *s = scoring_begin(arena, sample);
    struct words words = WORDS_NULL;
    words_add(&words, sample->output->error_text);
    words_add_cstr(&words, " (on_error: fail)");
    struct str reason = words_finish(arena, &words);
    for (size_t i = 0; i < s->use_count; i++) {
        scoring_fail_use(s, s->uses[i], reason);
    }
    scoring_reduce(sample->suite, s->scores.items, s->scores.len, ret);
    ret->pass = PASS_NO;
    ret->scores = s->scores.items;
    ret->score_count = s->scores.len;
}
