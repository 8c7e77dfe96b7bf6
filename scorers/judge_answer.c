/* judge: what its answers mean, one by one and together. */

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "scorers/judge.h"
#include "scorers/private.h"
#include "wire/call.h"
#include "wire/reply.h"

static bool read_verdict(const struct dimension *d, const struct value *v, double *ret, struct err *err)
{
    bool is_text = v != NULL && v->kind == VALUE_TEXT;
    if (!is_text || (!str_eq_cstr(v->text, "pass") && !str_eq_cstr(v->text, "fail"))) {
        return err_set(err, ERR_SETUP, "the judge gave no verdict of '%.*s' (pass or fail)", STR_ARG(d->name));
    }
    *ret = str_eq_cstr(v->text, "pass") ? 1 : 0;
    return true;
}

static bool read_number(const struct dimension *d, const struct value *v, double *ret, struct err *err)
{
    bool is_judged = d->kind == DIMENSION_JUDGED;
    double number = 0;
    if (v == NULL || !value_number(v, &number)) {
        return err_set(err, ERR_SETUP, "the judge gave no number for '%.*s'", STR_ARG(d->name));
    }
    double lo = is_judged ? 0 : d->lo;
    double hi = is_judged ? 1 : d->hi;
    if ((is_judged || d->type == TYPE_BOUNDED) && (number < lo || number > hi)) {
        return err_set(err, ERR_SETUP, "the judge gave %g for '%.*s', outside of %g to %g", number, STR_ARG(d->name),
                       lo, hi);
    }
    *ret = number;
    return true;
}

/* One {"reason", "score" | "verdict" | "value"}. */
static bool read_one(const struct judge_options *o, const struct dimension *d, const struct value *v,
                     struct judge_reply *ret, struct err *err)
{
    const struct value *reason = value_get(v, STR("reason"));
    const struct value *given = value_get(v, str_from(judge_key(o, d)));
    ret->reason = reason != NULL && reason->kind == VALUE_TEXT ? reason->text : STR_NULL;
    return d->kind == DIMENSION_JUDGED && o->is_verdict ? read_verdict(d, given, &ret->number, err)
                                                        : read_number(d, given, &ret->number, err);
}

static void keep_call(struct score_in *in, const struct wire_answer *answer)
{
    enum { MEMBERS = 4 };
    struct value note = {.kind = VALUE_MAP};
    note.keys = arena_array(in->arena, struct value, MEMBERS);
    note.items = arena_array(in->arena, struct value, MEMBERS);
    note.keys[note.len] = value_of_text(STR("call_span_id"));
    note.items[note.len++] = value_of_text(answer->span_id);
    if (answer->payload != NULL) {
        note.keys[note.len] = value_of_text(STR("answer"));
        note.items[note.len++] = *answer->payload;
    }
    if (answer->measures.has_cost) {
        note.keys[note.len] = value_of_text(STR("cost_usd"));
        note.items[note.len++] = value_of_number(in->arena, answer->measures.cost_usd);
    }
    in->note = note;
    in->has_cost = answer->measures.has_cost;
    in->cost_usd = answer->measures.cost_usd;
}

static bool read_answer(struct score_in *in, const struct call_result *result, struct judge_reply *ret, struct err *err)
{
    const struct judge_options *o = in->options;
    struct wire_answer answer;
    struct str words = STR_NULL;
    if (result->status != CALL_OK) {
        words = wire_reply_words(in->arena, result, o->timeout_ns > 0 ? o->timeout_ns : JUDGE_TIMEOUT_S * NS_PER_S);
        return err_set(err, ERR_SETUP, "the judge could not be asked: %.*s", STR_ARG(words));
    }
    if (!wire_answer_read(in->arena, result, &answer, &words)) {
        return err_set(err, ERR_SETUP, "the judge: %.*s", STR_ARG(words));
    }
    keep_call(in, &answer);
    if (answer.payload == NULL || answer.payload->kind != VALUE_MAP) {
        return err_set(err, ERR_SETUP, "the judge answered %s, not an object of its schema",
                       answer.payload == NULL ? "without json_payload" : value_kind_name(answer.payload->kind));
    }
    for (size_t i = 0; i < o->asked_count; i++) {
        const struct dimension *d = &in->use->dimensions[i];
        const struct value *v = judge_names_scores(o) ? value_get(answer.payload, d->name) : answer.payload;
        if (!read_one(o, d, v, &ret[i], err)) {
            return false;
        }
    }
    return true;
}

/* The repeats of one dimension, put together. */
struct judge_total {
    double mean, lowest, highest;
    const struct judge_reply *nearest; /* to the mean: whose reason is shown */
};

static struct judge_total total_of(const struct judge_options *o, const struct judge_state *state, size_t dimension)
{
    const struct judge_reply *first = &state->replies[dimension];
    struct judge_total total = {.lowest = first->number, .highest = first->number, .nearest = first};
    struct num_sum sum = {0};
    for (uint64_t i = 0; i < o->repeats; i++) {
        double number = state->replies[i * o->asked_count + dimension].number;
        num_sum_add(&sum, number);
        total.lowest = number < total.lowest ? number : total.lowest;
        total.highest = number > total.highest ? number : total.highest;
    }
    total.mean = num_sum_total(&sum) / (double)o->repeats;
    for (uint64_t i = 0; i < o->repeats; i++) {
        const struct judge_reply *reply = &state->replies[i * o->asked_count + dimension];
        double off = reply->number > total.mean ? reply->number - total.mean : total.mean - reply->number;
        double best = total.nearest->number > total.mean ? total.nearest->number - total.mean
                                                         : total.mean - total.nearest->number;
        total.nearest = off < best ? reply : total.nearest;
    }
    return total;
}

/* With as many places as it takes to see on which side of the threshold it lies: 0.4999 is not 0.5. */
static void add_number(struct words *words, const struct dimension *d, double number)
{
    enum { SHORT = 3, LONG = 12 };
    char room[32];
    double shown = 0;
    struct str text = num_text_short(number, SHORT, room);
    bool is_apart = num_parse_json(text, &shown) == NUM_OK && (shown >= d->threshold) == (number >= d->threshold);
    words_add(words, is_apart ? text : num_text_short(number, LONG, room));
}

/* "0.62, at least 0.5 wanted (0.58 to 0.66 in 3 calls): because ..." */
static struct str words_of(const struct score_in *in, const struct dimension *d, const struct judge_total *total)
{
    const struct judge_options *o = in->options;
    struct words words = WORDS_NULL;
    char room[32];
    add_number(&words, d, total->mean);
    if (d->kind == DIMENSION_JUDGED) {
        words_printf(&words, ", at least %.*s wanted", STR_ARG(num_text_short(d->threshold, 3, room)));
    }
    if (o->repeats > 1 && total->lowest == total->highest) {
        words_printf(&words, " (in all of %u calls)", (unsigned)o->repeats);
    } else if (o->repeats > 1) {
        words_printf(&words, " (%.*s to ", STR_ARG(num_text_short(total->lowest, 3, room)));
        words_printf(&words, "%.*s in %u calls)", STR_ARG(num_text_short(total->highest, 3, room)),
                     (unsigned)o->repeats);
    }
    if (str_trim(total->nearest->reason).len > 0) {
        words_add_cstr(&words, ": ");
        words_add(&words, str_trim(total->nearest->reason));
    }
    return words_finish(in->arena, &words);
}

static void put_together(struct score_in *in, const struct judge_state *state, struct judgement *ret)
{
    const struct judge_options *o = in->options;
    size_t spread = o->asked_count;
    for (size_t i = 0; i < o->asked_count; i++) {
        const struct dimension *d = &in->use->dimensions[i];
        struct judge_total total = total_of(o, state, i);
        bool is_judged = d->kind == DIMENSION_JUDGED;
        ret[i] = (struct judgement){
            .kind = is_judged ? JUDGED_UNIT : JUDGED_VALUE, .number = total.mean, .comment = words_of(in, d, &total)};
        if (is_judged && o->repeats > 1) {
            struct words words = WORDS_NULL;
            char room[32];
            words_add(&words, num_text_short(total.highest - total.lowest, 3, room));
            words_printf(&words, " between the highest and the lowest of %u calls", (unsigned)o->repeats);
            ret[spread++] = (struct judgement){.kind = JUDGED_VALUE,
                                               .number = total.highest - total.lowest,
                                               .comment = words_finish(in->arena, &words)};
        }
    }
}

bool judge_interpret(struct score_in *in, const struct call_result *result, struct judgement *ret, struct err *err)
{
    const struct judge_options *o = in->options;
    struct judge_state *state = in->state;
    if (state->replies == NULL) {
        state->replies = arena_array(in->arena, struct judge_reply, o->asked_count * o->repeats);
    }
    if (!read_answer(in, result, &state->replies[state->done * o->asked_count], err)) {
        return o->repeats == 1 ? false
                               : err_wrap(err, "call %u of %u", (unsigned)state->done + 1, (unsigned)o->repeats);
    }
    state->done++;
    in->wants_call = state->done < o->repeats;
    if (!in->wants_call) {
        put_together(in, state, ret);
    }
    return true;
}
