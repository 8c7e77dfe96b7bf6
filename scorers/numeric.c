/* numeric: the number in the output against an expected number, a range, or just taken as a measure.
 *
 * Shape:  reads the subject. With `expected`, `min` or `max`: one judged, binary score; with none of them: one measure. `record_value` adds the number
 *         as the measure <dimension>_value.
 * Numbers: the grammar of base/num.h (num_parse_answer): sign, thousands commas, fraction, exponent, one final full stop. With `extract` what was
 *         extracted has to be a number; without it the text holds exactly one, unless `match` says which. `extract` is applied to `expected` too,
 *         where it matches there.
 * Equal:  |got - want| <= tolerance, or <= relative_tolerance * |want|; either suffices; both 0 unless said. Whole numbers beyond 2^53 are compared by
 *         their digits.
 * Errors: no number = fail (judged) or not scored (a measure); a number too large for a double is not scored. */

#include <math.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/limits.h"
#include "base/num.h"
#include "scorers/private.h"

struct numeric_options {
    struct template *expected;
    struct field_number tolerance, relative_tolerance, min, max;
    bool record_value;
};

struct numeric_state {
    struct match_search expected_match;
    struct value expected;
    struct str expected_text;
    bool has_expected, is_looked_up;
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

static bool numeric_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct numeric_options *o = use->options;
    if (o->expected == NULL && (o->tolerance.is_set || o->relative_tolerance.is_set)) {
        (void)diag_add(ctx->diag, use->pos, "scorer 'numeric': '%s' wants an 'expected' to be near to",
                       o->tolerance.is_set ? "tolerance" : "relative_tolerance");
        return diag_hint(ctx->diag, "add expected: \"{{expected}}\"");
    }
    if (o->min.is_set && o->max.is_set && o->min.value > o->max.value) {
        return diag_add(ctx->diag, use->pos, "scorer 'numeric': min is above max");
    }
    bool is_judged = o->expected != NULL || o->min.is_set || o->max.is_set;
    if (!is_judged &&
        !declare_measure(ctx, use, "numeric", (struct field_number){0}, (struct field_number){0}, DIRECTION_NONE)) {
        return false;
    }
    if (o->record_value) {
        (void)declare_part(ctx, use, "value");
    }
    return true;
}

enum take_status { TAKE_OK, TAKE_NONE, TAKE_SEVERAL, TAKE_OVERFLOW };

/* The number of a text that is one (`whole`), or that holds one. */
static enum take_status take_number(struct str text, bool whole, bool match_is_set, enum extract_match match,
                                    struct str *ret_text, double *ret)
{
    if (!whole) {
        struct str found = STR_NULL;
        size_t count = 0;
        size_t at = 0;
        size_t start = 0;
        size_t end = 0;
        while (num_find_answer(text, at, &start, &end)) {
            count++;
            found = str_slice(text, start, end);
            at = end;
            if (match_is_set && match == MATCH_FIRST) {
                break;
            }
        }
        if (count == 0) {
            return TAKE_NONE;
        }
        if (count > 1 && (!match_is_set || match == MATCH_ONLY)) {
            return TAKE_SEVERAL;
        }
        text = found;
    }
    *ret_text = str_trim(text);
    switch (num_parse_answer(text, ret)) {
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

static void not_scored(struct judgement *ret, struct str reason)
{
    *ret = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = reason};
}

/* Looks `expected` up once, and finds the number's text in it. MATCH_AGAIN when the turn is over. */
static enum match_status find_expected(const struct score_in *in, struct numeric_state *state, struct judgement *ret)
{
    const struct numeric_options *o = in->options;
    if (!state->is_looked_up) {
        enum expand_status status = expand_value(in, o->expected, &state->expected, ret);
        if (status != EXPAND_OK) {
            if (status == EXPAND_ABSENT) {
                not_scored(ret, STR("'expected' is absent from the output"));
            }
            return MATCH_NONE;
        }
        struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
        if (!value_append_text(&text, &state->expected)) {
            not_scored(ret, STR("'expected' is null, not a number"));
            return MATCH_NONE;
        }
        state->expected_text = arena_str(in->arena, buf_str(&text));
        state->is_looked_up = true;
    }
    const struct scorer_common *common = &in->use->common;
    if (common->extract == NULL) {
        return MATCH_FOUND;
    }
    enum match_status status =
        match_find(&state->expected_match, common->extract, state->expected_text, common->match, 0, in->turn_ns);
    if (status == MATCH_FOUND) {
        state->expected_text =
            str_slice(state->expected_text, state->expected_match.group.start, state->expected_match.group.end);
    } else if (status == MATCH_LIMIT) {
        not_scored(ret, STR("'extract' ran into its limit on 'expected'"));
        return MATCH_NONE;
    }
    return status == MATCH_AGAIN ? MATCH_AGAIN
                                 : MATCH_FOUND; /* where it does not match, the text itself is the number */
}

static bool is_near(const struct numeric_options *o, struct str got_text, double got, struct str want_text, double want)
{
    bool is_equal = false;
    if (!o->tolerance.is_set && !o->relative_tolerance.is_set) {
        return num_compare_integers(got_text, want_text, &is_equal) ? is_equal : got == want;
    }
    double off = fabs(got - want);
    return off <= o->tolerance.value || off <= o->relative_tolerance.value * fabs(want) || got == want;
}

static void judge_number(const struct score_in *in, struct str got_text, double got, const struct str *want_text,
                         double want, bool is_right, struct judgement *ret)
{
    const struct numeric_options *o = in->options;
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    char room[32];
    buf_append(&words, str_slice(got_text, 0, 60));
    if (!is_right && want_text != NULL) {
        buf_printf(&words, ", wanted %.*s", STR_ARG(str_slice(*want_text, 0, 60)));
        double off = got - want;
        if (num_is_finite(off) && (o->tolerance.is_set || o->relative_tolerance.is_set)) {
            buf_printf(&words, " (off by %.*s)", STR_ARG(num_text_short(fabs(off), 9, room)));
        }
    }
    bool is_low = o->min.is_set && got < o->min.value;
    bool is_high = o->max.is_set && got > o->max.value;
    if (is_low || is_high) {
        buf_printf(&words, ", %s %.*s", is_low ? "below" : "over",
                   STR_ARG(num_text_short(is_low ? o->min.value : o->max.value, 9, room)));
    }
    *ret = (struct judgement){.kind = JUDGED_UNIT,
                              .number = is_right && !is_low && !is_high ? 1 : 0,
                              .comment = words_finish(in->arena, &words)};
}

static struct str no_number_words(const struct score_in *in, enum take_status status)
{
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    buf_append_cstr(&words, status == TAKE_SEVERAL ? "more than one number in " : "no number in ");
    words_quote(&words, in->subject.text);
    if (status == TAKE_SEVERAL) {
        buf_append_cstr(&words, ": say which with `match` or `extract`");
    }
    return words_finish(in->arena, &words);
}

static void judge_absent(struct score_in *in, enum take_status status, struct judgement *ret)
{
    struct str words = no_number_words(in, status);
    bool is_judged = in->use->dimensions[0].kind == DIMENSION_JUDGED;
    in->is_absent = true;
    ret[0] = (struct judgement){.kind = is_judged ? JUDGED_UNIT : JUDGED_NOT_SCORED, .number = 0, .comment = words};
    if (in->use->dimension_count > 1) {
        not_scored(&ret[1], words);
    }
}

static enum score_step numeric_score(struct score_in *in, struct judgement *ret)
{
    const struct numeric_options *o = in->options;
    const struct scorer_common *common = &in->use->common;
    struct numeric_state *state = in->state;
    bool whole = common->extract != NULL;
    double want = 0;
    struct str want_number = STR_NULL;
    if (in->use->dimension_count > 1) {
        not_scored(&ret[1], STR("the score could not be taken"));
    }
    if (o->expected != NULL) {
        enum match_status status = find_expected(in, state, ret);
        if (status != MATCH_FOUND) {
            return status == MATCH_AGAIN ? STEP_MORE : STEP_DONE;
        }
        bool is_extracted = whole && state->expected_match.has_match;
        if (take_number(state->expected_text, is_extracted, common->match_is_set, common->match, &want_number, &want) !=
            TAKE_OK) {
            not_scored(ret, arena_printf(in->arena, "'expected' is no number: '%.*s'",
                                         STR_ARG(str_slice(state->expected_text, 0, 80))));
            return STEP_DONE;
        }
    }
    double got = 0;
    struct str got_number = STR_NULL;
    enum take_status taken =
        take_number(in->subject.text, whole, common->match_is_set, common->match, &got_number, &got);
    if (taken == TAKE_OVERFLOW) {
        not_scored(ret,
                   arena_printf(in->arena, "the number is too large: '%.*s'", STR_ARG(str_slice(got_number, 0, 80))));
        return STEP_DONE;
    }
    if (taken != TAKE_OK) {
        judge_absent(in, taken, ret);
        return STEP_DONE;
    }
    if (in->use->dimensions[0].kind == DIMENSION_JUDGED) {
        bool is_right = o->expected == NULL || is_near(o, got_number, got, want_number, want);
        judge_number(in, got_number, got, o->expected == NULL ? NULL : &want_number, want, is_right, ret);
    } else {
        ret[0] = (struct judgement){
            .kind = JUDGED_VALUE, .number = got, .comment = arena_str(in->arena, str_slice(got_number, 0, 80))};
    }
    if (in->use->dimension_count > 1) {
        ret[1] = (struct judgement){
            .kind = JUDGED_VALUE, .number = got, .comment = arena_str(in->arena, str_slice(got_number, 0, 80))};
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
    .options_size = sizeof(struct numeric_options),
    .state_size = sizeof(struct numeric_state),
    .load = numeric_load,
    .score = numeric_score,
    .visit_templates = numeric_visit,
};
