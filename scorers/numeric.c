/* numeric: the number in the output against an expected number, a range, or just taken as a measure.
 *
 * Shape:  reads the subject. With `expected`, `min` or `max`: one judged, binary score; with none of them: one measure. `record_value` adds the number
 *         as the measure <dimension>_value.
 * Numbers: the grammar of base/num.h (num_parse_answer): sign, thousands commas, fraction, exponent, one final full stop. With `extract` what was
 *         extracted has to be a number; without it the text holds exactly one, unless `match` says which. `extract` is applied to `expected` too,
 *         where it matches there.
 * Equal:  |got - want| <= tolerance, or <= relative_tolerance * |want|; either suffices; both 0 unless said (scorers/near.c).
 * Limits: a long text is looked through over several turns.
 * Errors: no number = fail (judged) or not scored (a measure); a number too large for a double is not scored. */

#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "scorers/private.h"

struct numeric_options {
    struct template *expected;
    struct field_number tolerance, relative_tolerance, min, max;
    bool record_value;
};

/* A look for the number of a text, continued over turns. Zeroed = not begun. */
struct number_look {
    size_t at, count, start, end; /* of the last one found */
    struct str text;              /* the number's own */
    double value;
};

struct numeric_state {
    struct match_search expected_match;
    struct str expected_text;
    struct number_look expected, got;
    bool is_expanded, has_expected;
};

static const struct field ROWS[] = {
    {.key = "expected",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct numeric_options, expected),
     .template_roots = SCORER_ROOTS,
     .is_short_form = true,
     .help = "the wanted number, or a text that holds it"},
    {.key = "tolerance",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct numeric_options, tolerance),
     .min = 0,
     .max = 1e300,
     .default_text = "0",
     .help = "how far off is still right"},
    {.key = "relative_tolerance",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct numeric_options, relative_tolerance),
     .min = 0,
     .max = 1e300,
     .default_text = "0",
     .help = "the same as a share of the wanted number: 0.01 = 1 %"},
    {.key = "min", .type = FIELD_NUMBER, .offset = offsetof(struct numeric_options, min), .help = "at least"},
    {.key = "max", .type = FIELD_NUMBER, .offset = offsetof(struct numeric_options, max), .help = "at most"},
    {.key = "record_value",
     .type = FIELD_BOOL,
     .offset = offsetof(struct numeric_options, record_value),
     .default_text = "false",
     .help = "record the number itself too, as <dimension>_value"},
    {0},
};

enum { NUMBERS_PER_LOOK = 1024 /* at the clock */ };

enum take_status { TAKE_OK, TAKE_NONE, TAKE_SEVERAL, TAKE_OVERFLOW, TAKE_AGAIN };

/* Finds where the number of a text is that may hold more than it. Without `match` there has to be one only. */
static enum take_status find_number(struct number_look *look, struct str text, const struct scorer_common *common,
                                    int64_t turn_ns)
{
    bool wants_one = !common->match_is_set || common->match == MATCH_ONLY;
    int64_t end_ns = 0;
    size_t start = 0;
    size_t end = 0;
    while (num_find_answer(text, look->at, &start, &end)) {
        look->start = start;
        look->at = look->end = end;
        look->count++;
        if (wants_one && look->count > 1) {
            return TAKE_SEVERAL;
        }
        if (!wants_one && common->match == MATCH_FIRST) {
            break;
        }
        if (turn_ns > 0 && look->count % NUMBERS_PER_LOOK == 0) {
            int64_t now_ns = clock_ns(&CLOCK_SYSTEM);
            end_ns = end_ns == 0 ? now_ns + turn_ns : end_ns;
            if (now_ns >= end_ns) {
                return TAKE_AGAIN;
            }
        }
    }
    return look->count > 0 ? TAKE_OK : TAKE_NONE;
}

/* The number that a text is (`is_whole`), or holds. */
static enum take_status take_number(struct number_look *look, struct str text, bool is_whole,
                                    const struct scorer_common *common, int64_t turn_ns)
{
    if (!is_whole) {
        enum take_status status = find_number(look, text, common, turn_ns);
        if (status != TAKE_OK) {
            return status;
        }
        text = str_slice(text, look->start, look->end);
    }
    look->text = str_trim(text);
    switch (num_parse_answer(look->text, &look->value)) {
    case NUM_OK:
    case NUM_UNDERFLOW:
        return TAKE_OK;
    case NUM_OVERFLOW:
        return TAKE_OVERFLOW;
    case NUM_SYNTAX:
        break;
    }
    return TAKE_NONE;
}

/* The number of `expected`; what is wrong with it goes to `words`. */
static enum take_status take_expected(struct numeric_state *state, const struct scorer_common *common, int64_t turn_ns,
                                      struct words *words)
{
    struct match_search *m = &state->expected_match;
    struct str text = state->expected_text;
    bool is_extracted = false;
    if (common->extract != NULL && state->expected.count == 0) {
        switch (match_find(m, common->extract, text, common->match, 0, turn_ns)) {
        case MATCH_AGAIN:
            return TAKE_AGAIN;
        case MATCH_LIMIT:
            words_add_cstr(words, "'extract' ran into its limit of time or steps on 'expected'");
            return TAKE_NONE;
        case MATCH_SEVERAL:
            words_add_cstr(words, "'extract' matches more than once in 'expected'");
            return TAKE_SEVERAL;
        case MATCH_FOUND:
            is_extracted = true;
            text = str_slice(text, m->group.start, m->group.end);
            break;
        case MATCH_NONE: /* then it is the number without what stands around it in an answer */
            break;
        }
    }
    enum take_status status = take_number(&state->expected, text, is_extracted, common, turn_ns);
    if (status != TAKE_OK && status != TAKE_AGAIN) {
        words_add_cstr(words, status == TAKE_SEVERAL ? "more than one number in 'expected': "
                              : status == TAKE_NONE  ? "no number in 'expected': "
                                                     : "the number in 'expected' is too large: ");
        words_quote(words, text);
    }
    return status;
}

static bool check_expected(struct field_context *ctx, const struct scorer_use *use, const struct numeric_options *o)
{
    struct value expected;
    struct numeric_state state = {.is_expanded = true};
    struct words words = WORDS_NULL;
    if (o->expected == NULL || !expand_constant(ctx->arena, o->expected, &expected)) {
        return true;
    }
    if (expected.kind != VALUE_TEXT && expected.kind != VALUE_NUMBER) {
        return diag_add(ctx->diag, use->pos, "scorer 'numeric': 'expected' is %s, not a number",
                        value_kind_name(expected.kind));
    }
    state.expected_text = expected.text;
    return take_expected(&state, &use->common, 0, &words) == TAKE_OK ||
           diag_add(ctx->diag, use->pos, "scorer 'numeric': %.*s", (int)words.len, words.room);
}

static bool numeric_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct numeric_options *o = use->options;
    bool is_measure = o->expected == NULL && !o->min.is_set && !o->max.is_set;
    if (o->expected == NULL && (o->tolerance.is_set || o->relative_tolerance.is_set)) {
        (void)diag_add(ctx->diag, use->pos, "scorer 'numeric': '%s' wants an 'expected' to be near to",
                       o->tolerance.is_set ? "tolerance" : "relative_tolerance");
        return diag_hint(ctx->diag, "add expected: \"{{expected}}\"");
    }
    if (o->min.is_set && o->max.is_set && o->min.value > o->max.value) {
        return diag_add(ctx->diag, use->pos, "scorer 'numeric': min is above max");
    }
    if (is_measure &&
        !declare_measure(ctx, use, "numeric", (struct field_number){0}, (struct field_number){0}, DIRECTION_NONE)) {
        return false;
    }
    if (o->record_value) {
        declare_part(ctx, use, 0, "value");
    }
    return check_expected(ctx, use, o);
}

static void judge_number(const struct score_in *in, const struct numeric_state *state, struct judgement *ret)
{
    const struct numeric_options *o = in->options;
    const struct number_look *got = &state->got;
    struct words words = WORDS_NULL;
    char room[32];
    bool is_right = o->expected == NULL || near_is(got->text, got->value, state->expected.text, state->expected.value,
                                                   o->tolerance.value, o->relative_tolerance.value);
    words_short(&words, got->text);
    if (!is_right) {
        double off = got->value - state->expected.value;
        words_add_cstr(&words, ", wanted ");
        words_short(&words, state->expected.text);
        if (num_is_finite(off) && (o->tolerance.is_set || o->relative_tolerance.is_set)) {
            words_printf(&words, " (off by %.*s)", STR_ARG(num_text_short(off < 0 ? -off : off, 9, room)));
        }
    }
    bool is_low = o->min.is_set && got->value < o->min.value;
    bool is_high = o->max.is_set && got->value > o->max.value;
    if (is_low || is_high) {
        words_printf(&words, ", %s %.*s", is_low ? "below" : "over",
                     STR_ARG(num_text_short(is_low ? o->min.value : o->max.value, 9, room)));
    }
    if (in->use->dimensions[0].kind == DIMENSION_JUDGED) {
        judge_unit(in, is_right && !is_low && !is_high, &words, ret);
    } else {
        ret[0] =
            (struct judgement){.kind = JUDGED_VALUE, .number = got->value, .comment = words_finish(in->arena, &words)};
    }
}

static void judge_no_number(struct score_in *in, enum take_status status, struct judgement *ret)
{
    struct words words = WORDS_NULL;
    words_add_cstr(&words, status == TAKE_SEVERAL ? "more than one number in " : "no number in ");
    words_quote(&words, in->subject.text);
    words_add_cstr(&words, status == TAKE_SEVERAL ? ": say which with 'match' or 'extract'" : "");
    judge_absent(in, words_finish(in->arena, &words), ret);
}

static void judge_overflow(const struct score_in *in, struct str number, struct judgement *ret)
{
    struct words words = WORDS_NULL;
    words_add_cstr(&words, "the number is too large: ");
    words_quote(&words, number);
    judge_not_scored(in, words_finish(in->arena, &words), ret);
}

/* False: `ret` says why, or the turn is over (*ret_again). */
static bool has_expected(struct score_in *in, struct numeric_state *state, bool *ret_again, struct judgement *ret)
{
    const struct numeric_options *o = in->options;
    struct words words = WORDS_NULL;
    if (o->expected == NULL || state->has_expected) {
        return true;
    }
    if (!state->is_expanded) {
        struct value expected;
        if (!expand_expected_text(in, o->expected, &expected, &state->expected_text, ret)) {
            return false;
        }
        state->is_expanded = true;
    }
    enum take_status status = take_expected(state, &in->use->common, in->turn_ns, &words);
    *ret_again = status == TAKE_AGAIN;
    state->has_expected = status == TAKE_OK;
    if (!state->has_expected && !*ret_again) {
        judge_not_scored(in, words_finish(in->arena, &words), ret);
    }
    return state->has_expected;
}

static enum score_step numeric_score(struct score_in *in, struct judgement *ret)
{
    const struct scorer_common *common = &in->use->common;
    struct numeric_state *state = in->state;
    bool is_again = false;
    if (!has_expected(in, state, &is_again, ret)) {
        return is_again ? STEP_MORE : STEP_DONE;
    }
    enum take_status status = take_number(&state->got, in->subject.text, common->extract != NULL, common, in->turn_ns);
    switch (status) {
    case TAKE_AGAIN:
        return STEP_MORE;
    case TAKE_OVERFLOW:
        judge_overflow(in, state->got.text, ret);
        break;
    case TAKE_NONE:
    case TAKE_SEVERAL:
        judge_no_number(in, status, ret);
        break;
    case TAKE_OK:
        judge_number(in, state, ret);
        if (in->use->dimension_count > 1) {
            ret[1] = (struct judgement){.kind = JUDGED_VALUE, .number = state->got.value, .comment = state->got.text};
        }
        break;
    }
    return STEP_DONE;
}

static void numeric_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct numeric_options *o = options;
    if (o->expected != NULL) {
        visit(ctx, o->expected);
    }
}

const struct scorer scorer_numeric = {
    .name = "numeric",
    .summary = "the number in the output: near the expected one, in a range, or measured",
    .version = 1,
    .rows = ROWS,
    .takes_match = true,
    .options_size = sizeof(struct numeric_options),
    .state_size = sizeof(struct numeric_state),
    .load = numeric_load,
    .score = numeric_score,
    .visit_templates = numeric_visit,
};
