#include "scorers/scoring.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "model/suite.h"
#include "scorers/private.h"

struct scoring {
    struct arena *arena;
    struct scoring_sample sample;
    struct scope scope; /* the case's, with output and meta */
    struct value output_text;
    struct output_view view;
    const struct scorer_use **uses;
    size_t use_count, at;
    struct subject_work subject_work;
    struct score_in in; /* of the use at hand, once its subject is made */
    bool has_subject, waits_for_call;
    struct judgement *judgements;
    struct call call;
    VEC(struct score) scores;
};

static void scoring_collect_uses(struct scoring *s)
{
    const struct suite *suite = s->sample.suite;
    const struct eval_case *c = s->sample.eval_case;
    s->uses = arena_array(s->arena, const struct scorer_use *, suite->scorer_count + c->own_scorer_count + 1);
    for (size_t i = 0; i < suite->scorer_count; i++) {
        if (scorer_applies(suite->scorers[i], c)) {
            s->uses[s->use_count++] = suite->scorers[i];
        }
    }
    for (size_t i = 0; i < c->own_scorer_count; i++) {
        if (scorer_applies(c->own_scorers[i], c)) {
            s->uses[s->use_count++] = c->own_scorers[i];
        }
    }
}

struct scoring *scoring_begin(struct arena *arena, const struct scoring_sample *sample)
{
    struct scoring *s = arena_new(arena, struct scoring);
    *s = (struct scoring){
        .arena = arena, .sample = *sample, .scope = *sample->scope, .view = {.output = sample->output}};
    s->output_text = value_of_text(sample->output->text);
    s->scope.output = sample->output->is_json ? &sample->output->json : &s->output_text;
    s->scope.meta = sample->output->meta.kind == VALUE_MAP ? &sample->output->meta : NULL;
    scoring_collect_uses(s);
    return s;
}

/* "pass: ...", with the suite's own words first when it has some. */
static struct str scoring_comment(struct scoring *s, const struct scorer_use *use, enum score_outcome outcome,
                                  struct str words)
{
    static const char *const verdicts[] = {
        [SCORE_NOT_SCORED] = "not scored", [SCORE_NONE] = "measured", [SCORE_PASS] = "pass", [SCORE_FAIL] = "fail"};
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    buf_append_cstr(&text, verdicts[outcome]);
    struct str own = STR_NULL;
    struct judgement ignored;
    if (use != NULL && use->common.comment != NULL) {
        struct score_in in = {.scope = &s->scope, .arena = s->arena};
        if (expand_text(&in, use->common.comment, &own, &ignored) != EXPAND_OK) {
            own = STR_NULL;
        }
    }
    buf_append_cstr(&text, own.len > 0 || words.len > 0 ? ": " : "");
    utf8_append_valid(&text, own);
    buf_append_cstr(&text, own.len > 0 && words.len > 0 ? "; " : "");
    utf8_append_valid(&text, words);
    return words_finish(s->arena, &text);
}

static struct score scoring_measure(const struct dimension *d, uint32_t index, double value)
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

static struct score scoring_judged(const struct dimension *d, uint32_t index, const struct judgement *j)
{
    double unit = j->number < 0 ? 0 : j->number > 1 ? 1 : j->number;
    bool pass = j->has_pass ? j->pass : unit >= d->threshold;
    return (struct score){
        .dimension = index, .outcome = pass ? SCORE_PASS : SCORE_FAIL, .value = unit, .has_unit = true, .unit = unit};
}

/* A judgement becomes a score: `not`, threshold or bounds, the comment. */
static void scoring_add(struct scoring *s, const struct scorer_use *use, size_t part, struct judgement j,
                        bool is_absent)
{
    uint32_t index = use->indices[part];
    const struct dimension *d = &use->dimensions[part];
    struct score score = {.dimension = index, .outcome = SCORE_NOT_SCORED};
    bool is_number = num_is_finite(j.number);
    if (j.kind != JUDGED_NOT_SCORED && !is_number) {
        j.comment = STR("the number is not finite");
    } else if (j.kind == JUDGED_UNIT && d->kind == DIMENSION_JUDGED) {
        if (use->common.negate && part == 0 && !is_absent) {
            j.number = 1 - j.number;
        }
        score = scoring_judged(d, index, &j);
    } else if (j.kind == JUDGED_VALUE) {
        score = scoring_measure(d, index, j.number);
    }
    score.comment = scoring_comment(s, use, score.outcome, j.comment);
    score.answered = j.answered;
    score.wanted = j.wanted;
    *vec_push(s->arena, &s->scores) = score;
}

static void scoring_add_all(struct scoring *s, const struct scorer_use *use, bool is_absent)
{
    for (size_t i = 0; i < use->dimension_count; i++) {
        scoring_add(s, use, i, s->judgements[i], is_absent);
    }
    s->at++;
    s->subject_work = (struct subject_work){0};
    s->has_subject = false;
}

/* Absence in the output: fail, unit 0 for judged; a measure that cannot be taken is not scored (contract A). */
static void scoring_add_absent(struct scoring *s, const struct scorer_use *use, struct str reason)
{
    for (size_t i = 0; i < use->dimension_count; i++) {
        bool is_judged = use->dimensions[i].kind == DIMENSION_JUDGED;
        s->judgements[i] =
            (struct judgement){.kind = is_judged ? JUDGED_UNIT : JUDGED_NOT_SCORED, .number = 0, .comment = reason};
    }
    scoring_add_all(s, use, true);
}

static void scoring_add_failed(struct scoring *s, const struct scorer_use *use, struct str reason)
{
    for (size_t i = 0; i < use->dimension_count; i++) {
        s->judgements[i] = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = reason};
    }
    scoring_add_all(s, use, false);
}

static void scoring_enter_use(struct scoring *s, const struct scorer_use *use, const struct subject *subject)
{
    s->judgements = arena_array(s->arena, struct judgement, use->dimension_count);
    s->in = (struct score_in){
        .use = use,
        .options = use->options,
        .eval_case = s->sample.eval_case,
        .output = s->sample.output,
        .scope = &s->scope,
        .sample = &s->sample,
        .subject = *subject,
        .arena = s->arena,
        .state = use->type->state_size == 0 ? NULL : arena_alloc(s->arena, use->type->state_size),
    };
    s->has_subject = true;
}

static enum scoring_status scoring_prepare_call(struct scoring *s, const struct scorer_use *use)
{
    struct err err = ERR_NULL;
    s->call = (struct call){0};
    if (!use->type->prepare(&s->in, &s->call, &err)) {
        scoring_add_failed(s, use, arena_printf(s->arena, "%s", err.text));
        return SCORING_MORE;
    }
    s->waits_for_call = true;
    return SCORING_CALL;
}

/* One step of the use at hand: SCORING_DONE = this use is through, MORE = the turn is over, CALL. */
static enum scoring_status scoring_step_use(struct scoring *s, const struct scorer_use *use, int64_t turn_ns)
{
    if (!s->has_subject) {
        struct subject subject = {0};
        bool limit = false;
        if (!use->type->ignores_output &&
            !subject_make(&s->subject_work, use, &s->view, s->arena, turn_ns, &subject, &limit)) {
            return SCORING_MORE;
        }
        scoring_enter_use(s, use, &subject);
        if (limit) {
            scoring_add_failed(s, use, STR("'extract' ran into its limit of time or steps"));
            return SCORING_DONE;
        }
        if (subject.is_absent && !use->type->takes_absent) {
            scoring_add_absent(s, use, subject.reason);
            return SCORING_DONE;
        }
    }
    if (use->type->prepare != NULL) {
        enum scoring_status status = scoring_prepare_call(s, use);
        return status == SCORING_MORE ? SCORING_DONE : status;
    }
    s->in.turn_ns = turn_ns;
    if (use->type->score(&s->in, s->judgements) == STEP_MORE) {
        return SCORING_MORE;
    }
    scoring_add_all(s, use, s->in.subject.is_absent || s->in.is_absent);
    return SCORING_DONE;
}

enum scoring_status scoring_step(struct scoring *s, int64_t turn_ns, struct err *err)
{
    (void)err;
    int64_t begin_ns = turn_ns > 0 ? clock_ns(&CLOCK_SYSTEM) : 0;
    int64_t left_ns = turn_ns;
    while (s->at < s->use_count) {
        enum scoring_status status = scoring_step_use(s, s->uses[s->at], left_ns);
        if (status != SCORING_DONE) {
            return status;
        }
        if (turn_ns > 0 && s->at < s->use_count) {
            left_ns = turn_ns - (clock_ns(&CLOCK_SYSTEM) - begin_ns);
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

void scoring_answer(struct scoring *s, const struct call_result *result)
{
    const struct scorer_use *use = s->uses[s->at];
    struct err err = ERR_NULL;
    s->waits_for_call = false;
    if (!use->type->interpret(&s->in, result, s->judgements, &err)) {
        scoring_add_failed(s, use, arena_printf(s->arena, "%s", err.text));
        return;
    }
    scoring_add_all(s, use, false);
}

/* Measures that the target declared, and those of the call that a gate names. */
static void scoring_add_measures(struct scoring *s)
{
    const struct suite *suite = s->sample.suite;
    const struct output *out = s->sample.output;
    for (size_t i = 0; i < s->sample.variant->dimension_count; i++) {
        uint32_t index = s->sample.variant->dimensions[i];
        const struct dimension *d = &suite->dimensions[index];
        struct score score = {.dimension = index,
                              .outcome = SCORE_NOT_SCORED,
                              .comment = STR("not scored: the target gave no such metric")};
        for (size_t j = 0; j < out->metric_count; j++) {
            if (str_eq(out->metrics[j].name, d->name) && num_is_finite(out->metrics[j].value)) {
                score = scoring_measure(d, index, out->metrics[j].value);
                score.comment = scoring_comment(s, NULL, score.outcome, STR("given by the target"));
            }
        }
        *vec_push(s->arena, &s->scores) = score;
    }
    const struct call_measures *m = &out->measures;
    const struct {
        struct str name;
        bool has;
        double value;
    } calls[] = {
        {STR("latency_ms"), m->has_latency, m->latency_ms},
        {STR("cost_usd"), m->has_cost, m->cost_usd},
        {STR("input_tokens"), m->has_input_tokens, m->input_tokens},
        {STR("output_tokens"), m->has_output_tokens, m->output_tokens},
        {STR("attempts"), m->attempts > 0, m->attempts},
    };
    for (uint32_t i = 0; i < suite->dimension_count; i++) {
        for (size_t j = 0; suite->dimensions[i].is_call_measure && j < ARRAY_LEN(calls); j++) {
            if (calls[j].has && str_eq(suite->dimensions[i].name, calls[j].name)) {
                struct score score = scoring_measure(&suite->dimensions[i], i, calls[j].value);
                score.comment = scoring_comment(s, NULL, score.outcome, STR("of the call"));
                *vec_push(s->arena, &s->scores) = score;
            }
        }
    }
}

void scoring_finish(struct scoring *s, struct scoring_result *ret)
{
    scoring_add_measures(s);
    scoring_reduce(s->sample.suite, s->scores.items, s->scores.len, ret);
    if (!ret->is_errored) {
        ret->scores = s->scores.items;
        ret->score_count = s->scores.len;
        return;
    }
    /* an errored sample keeps its measures and the reasons; what was judged is not a score of it */
    struct score *kept = arena_array(s->arena, struct score, s->scores.len + 1);
    size_t count = 0;
    for (size_t i = 0; i < s->scores.len; i++) {
        const struct score *score = &s->scores.items[i];
        bool is_judged = s->sample.suite->dimensions[score->dimension].kind == DIMENSION_JUDGED;
        if (!is_judged || score->outcome == SCORE_NOT_SCORED) {
            kept[count++] = *score;
        }
        const struct dimension *d = &s->sample.suite->dimensions[score->dimension];
        if (score->outcome == SCORE_NOT_SCORED && !d->is_optional && ret->error_text.len == 0) {
            ret->error_text = arena_printf(s->arena, "%.*s %.*s", STR_ARG(d->name), STR_ARG(score->comment));
        }
    }
    ret->scores = kept;
    ret->score_count = count;
}
