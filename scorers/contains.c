/* contains: texts that have to be in the output, all of them or any.
 *
 * Shape:  reads the subject; one judged, binary score. Words: `all` names what is missing, `any` what is there.
 * Case:   full Unicode case folding (base/utf8.h): "ß" and "SS" are equal, and so are "I" and "i", but "İ" and "i" are not.
 * Limits: a long output is searched for one text after the other, over several turns. */

#include <stddef.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "scorers/private.h"

struct contains_options {
    struct template *all, *any;
    bool ignore_case;
};

struct contains_state {
    struct str *texts;
    size_t count, at, found;
    struct str text; /* the subject, folded once */
    struct words words;
    bool has_begun;
};

enum { WATCHED_BYTES = 64 << 10 };

static const struct field CONTAINS_ROWS[] = {
    {.key = "all",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct contains_options, all),
     .template_roots = SCORER_ROOTS,
     .is_short_form = true,
     .help = "a text or a list: every one has to be there"},
    {.key = "any",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct contains_options, any),
     .template_roots = SCORER_ROOTS,
     .help = "a text or a list: one of them has to be there"},
    {.key = "ignore_case",
     .type = FIELD_BOOL,
     .offset = offsetof(struct contains_options, ignore_case),
     .default_text = "false",
     .help = "compare case-folded"},
    {0},
};

static bool contains_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct contains_options *o = use->options;
    if ((o->all == NULL) == (o->any == NULL)) {
        return diag_add(ctx->diag, use->pos, "scorer 'contains' wants 'all' or 'any'%s",
                        o->all != NULL ? ", not both" : "");
    }
    return check_constant_texts(ctx, use, o->all != NULL ? "all" : "any", o->all != NULL ? o->all : o->any);
}

static bool contains_begin(struct score_in *in, const struct contains_options *o, struct contains_state *state,
                           struct judgement *ret)
{
    if (!expand_texts(in, o->all != NULL ? o->all : o->any, &state->texts, &state->count, ret)) {
        return false;
    }
    state->text = text_fold(in->arena, in->subject.text, o->ignore_case, false);
    state->has_begun = true;
    return true;
}

/* Of `all` what is missing is named, of `any` what is there. */
static void contains_look(const struct score_in *in, const struct contains_options *o, struct contains_state *state)
{
    struct str wanted = state->texts[state->at++];
    bool is_there = str_find(state->text, text_fold(in->arena, wanted, o->ignore_case, false), NULL);
    state->found += is_there ? 1 : 0;
    if (is_there == (o->any != NULL)) {
        words_add_cstr(&state->words, state->words.len > 0 ? ", " : is_there ? "holds " : "lacks ");
        words_quote(&state->words, wanted);
    }
}

static enum score_step contains_score(struct score_in *in, struct judgement *ret)
{
    const struct contains_options *o = in->options;
    struct contains_state *state = in->state;
    bool is_watched = in->turn_ns > 0 && in->subject.text.len >= WATCHED_BYTES;
    int64_t end_ns = is_watched ? clock_ns(&CLOCK_SYSTEM) + in->turn_ns : 0;
    if (!state->has_begun && !contains_begin(in, o, state, ret)) {
        return STEP_DONE;
    }
    while (state->at < state->count) {
        contains_look(in, o, state);
        if (is_watched && state->at < state->count && clock_ns(&CLOCK_SYSTEM) >= end_ns) {
            return STEP_MORE;
        }
    }
    bool ok = o->all != NULL ? state->found == state->count : state->found > 0;
    if (state->words.len == 0) {
        char room[32];
        words_add_cstr(&state->words, ok ? "holds all " : "holds none of ");
        words_add(&state->words, num_text((double)state->count, room));
    }
    judge_unit(in, ok, &state->words, ret);
    return STEP_DONE;
}

static void contains_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct contains_options *o = options;
    visit(ctx, o->all != NULL ? o->all : o->any);
}

const struct scorer scorer_contains = {
    .name = "contains",
    .summary = "texts that have to be in the output, all or any",
    .version = 1,
    .rows = CONTAINS_ROWS,
    .options_size = sizeof(struct contains_options),
    .state_size = sizeof(struct contains_state),
    .load = contains_load,
    .score = contains_score,
    .visit_templates = contains_visit,
};
