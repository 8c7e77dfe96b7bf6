/* regex: whether a pattern matches, how often, or what a group of it says.
 *
 * Shape:  reads the subject; one judged, binary score. `capture` compares as text, by bytes.
 * Limits: base/pattern.h; a search that runs into them is not scored (regex_limit), never "no match". Groups up to GROUPS_MAX.
 * Values inserted into the pattern by a template are matched literally; such a pattern is compiled for each sample. */

#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/num.h"
#include "scorers/private.h"

struct regex_count {
    uint64_t min, max;
    bool has_min, has_max;
};

struct regex_options {
    const struct value *node;  /* the pattern as written */
    struct template *template; /* NULL when the pattern has no templates */
    struct pattern *pattern;   /* NULL when it has */
    struct str flags;
    bool full;
    bool has_count;
    struct regex_count count;
    struct str capture; /* ptr NULL = none */
    struct template *expected;
};

struct regex_state {
    struct match_search match;
    struct pattern *own; /* compiled for this case; freed when done */
};

static bool regex_pattern_parse(struct field_context *ctx, const struct field *field, const struct value *node,
                                void *target)
{
    struct regex_options *o = (struct regex_options *)((char *)target - offsetof(struct regex_options, node));
    struct str text = STR_NULL;
    if (!pattern_row_text(ctx, field->key, node, &text)) {
        return false;
    }
    o->node = node;
    return !str_find(text, STR("{{"), NULL) ||
           template_compile(ctx->arena, node, (struct template_rules){.roots = SCORER_ROOTS}, false, &o->template,
                            ctx->diag);
}

static const struct field COUNT_ROWS[] = {
    {.key = "min",
     .type = FIELD_COUNT,
     .offset = offsetof(struct regex_count, min),
     .has_set = true,
     .set_offset = offsetof(struct regex_count, has_min),
     .help = "at least so many matches"},
    {.key = "max",
     .type = FIELD_COUNT,
     .offset = offsetof(struct regex_count, max),
     .has_set = true,
     .set_offset = offsetof(struct regex_count, has_max),
     .help = "at most so many matches"},
    {0},
};

static const struct field ROWS[] = {
    {.key = "pattern",
     .type = FIELD_CUSTOM,
     .offset = offsetof(struct regex_options, node),
     .parse = regex_pattern_parse,
     .schema = schema_text,
     .is_required = true,
     .is_short_form = true,
     .help = "PCRE2 pattern, in single quotes"},
    {.key = "flags",
     .type = FIELD_TEXT,
     .offset = offsetof(struct regex_options, flags),
     .help = "letters of imsx: ignore case, ^ $ at lines, dot matches newline, blanks ignored"},
    {.key = "full",
     .type = FIELD_BOOL,
     .offset = offsetof(struct regex_options, full),
     .default_text = "false",
     .help = "the whole text has to match"},
    {.key = "count",
     .type = FIELD_MAP,
     .offset = offsetof(struct regex_options, count),
     .rows = COUNT_ROWS,
     .has_set = true,
     .set_offset = offsetof(struct regex_options, has_count),
     .help = "how many matches: {min: 1, max: 3}"},
    {.key = "capture",
     .type = FIELD_TEXT,
     .offset = offsetof(struct regex_options, capture),
     .help = "a group, by number or name, whose text is compared with expected"},
    {.key = "expected",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct regex_options, expected),
     .template_roots = SCORER_ROOTS,
     .default_text = "the case's",
     .help = "what the captured group has to be"},
    {0},
};

static bool regex_group(const struct pattern *pattern, struct str capture, uint32_t *ret)
{
    uint64_t number = 0;
    if (num_parse_u64(capture, &number)) {
        *ret = number < GROUPS_MAX ? (uint32_t)number : 0;
    } else if (!pattern_group_number(pattern, capture, ret)) {
        return false;
    }
    return *ret > 0 && *ret < GROUPS_MAX && *ret <= pattern_group_count(pattern);
}

static bool regex_check(struct field_context *ctx, const struct scorer_use *use)
{
    const struct regex_options *o = use->options;
    struct err err = ERR_NULL;
    struct pattern *probe CLEANUP(pattern_free_at) = NULL;
    if (o->expected != NULL && o->capture.ptr == NULL) {
        return diag_add(ctx->diag, use->pos, "scorer 'regex': 'expected' goes with 'capture'");
    }
    if (o->has_count && !o->count.has_min && !o->count.has_max) {
        return diag_add(ctx->diag, use->pos, "scorer 'regex': 'count' wants 'min' or 'max'");
    }
    if (o->capture.ptr != NULL && o->has_count) {
        return diag_add(ctx->diag, use->pos, "scorer 'regex': 'capture' and 'count' exclude each other");
    }
    if (o->count.has_min && o->count.has_max && o->count.min > o->count.max) {
        return diag_add(ctx->diag, use->pos, "scorer 'regex': count min is above max");
    }
    return pattern_compile(STR("x"), o->flags, o->full, &probe, NULL, &err) ||
           diag_add(ctx->diag, use->pos, "scorer 'regex': %s", err.text);
}

static bool regex_load(struct field_context *ctx, struct scorer_use *use)
{
    struct regex_options *o = use->options;
    uint32_t group = 0;
    if (!regex_check(ctx, use)) {
        return false;
    }
    if (o->template != NULL) {
        return true; /* its pattern is known when a case is */
    }
    return pattern_row_compile(ctx, "pattern", o->node, o->flags, o->full, &o->pattern) &&
           (o->capture.ptr == NULL || regex_group(o->pattern, o->capture, &group) ||
            diag_add(ctx->diag, use->pos, "scorer 'regex': the pattern has no group '%.*s'", STR_ARG(o->capture)));
}

/* The pattern of this case, compiled once a sample; NULL when it cannot be had: then `ret` says why. */
static const struct pattern *regex_pattern(struct score_in *in, struct judgement *ret)
{
    const struct regex_options *o = in->options;
    struct regex_state *state = in->state;
    struct err err = ERR_NULL;
    struct str text = STR_NULL;
    bool is_absent = false;
    if (o->pattern != NULL || state->own != NULL) {
        return o->pattern != NULL ? o->pattern : state->own;
    }
    if (!template_expand_text(o->template, in->scope, in->arena, pattern_quote, &text, &is_absent, &err)) {
        judge_not_scored(in, arena_printf(in->arena, "%s", err.text), ret);
    } else if (is_absent) {
        judge_absent(in, STR("what the pattern inserts is absent from the output"), ret);
    } else if (text.len == 0) {
        judge_not_scored(in, STR("the pattern is empty for this case: it would match everything"), ret);
    } else if (!pattern_compile(text, o->flags, o->full, &state->own, NULL, &err)) {
        judge_not_scored(in, arena_printf(in->arena, "the pattern of this case: %s", err.text), ret);
    }
    return state->own;
}

static void add_pattern(struct words *words, const struct regex_options *o)
{
    words_add_cstr(words, "/");
    words_short(words, o->node->text);
    words_add_cstr(words, "/");
}

static void regex_judge_count(const struct score_in *in, uint64_t count, struct judgement *ret)
{
    const struct regex_options *o = in->options;
    bool is_few = o->count.has_min && count < o->count.min;
    bool is_many = o->count.has_max && count > o->count.max;
    struct words words = WORDS_NULL;
    words_printf(&words, "%llu %s of ", (unsigned long long)count, count == 1 ? "match" : "matches");
    add_pattern(&words, o);
    if (is_few || is_many) {
        words_printf(&words, ", wanted at %s %llu", is_few ? "least" : "most",
                     (unsigned long long)(is_few ? o->count.min : o->count.max));
    }
    judge_unit(in, !is_few && !is_many, &words, ret);
}

static void regex_judge_match(const struct score_in *in, bool is_found, struct judgement *ret)
{
    const struct regex_state *state = in->state;
    struct str text = in->subject.text;
    struct words words = WORDS_NULL;
    if (is_found) {
        words_add_cstr(&words, "found ");
        words_quote(&words, str_slice(text, state->match.whole.start, state->match.whole.end));
    } else {
        words_add_cstr(&words, "no match of ");
        add_pattern(&words, in->options);
        words_add_cstr(&words, " in ");
        words_quote(&words, text);
    }
    judge_unit(in, is_found, &words, ret);
}

static void regex_judge_capture(struct score_in *in, bool is_found, struct judgement *ret)
{
    const struct regex_options *o = in->options;
    const struct regex_state *state = in->state;
    struct value expected;
    struct str want = STR_NULL;
    if (!is_found || state->match.group.start == SIZE_MAX) {
        in->is_absent = true;
        regex_judge_match(in, false, ret);
        return;
    }
    if (!expand_expected_text(in, o->expected, &expected, &want, ret)) {
        return;
    }
    struct words words = WORDS_NULL;
    struct str got = str_slice(in->subject.text, state->match.group.start, state->match.group.end);
    bool ok = str_eq(got, want);
    words_add_cstr(&words, "captured ");
    words_quote(&words, got);
    if (!ok) {
        words_add_cstr(&words, ", wanted ");
        words_quote(&words, want);
    }
    judge_unit(in, ok, &words, ret);
}

static enum score_step regex_search(struct score_in *in, const struct pattern *pattern, struct judgement *ret)
{
    const struct regex_options *o = in->options;
    struct regex_state *state = in->state;
    uint32_t group = 0;
    if (o->capture.ptr != NULL && !regex_group(pattern, o->capture, &group)) {
        judge_not_scored(in, STR("the pattern of this case has no such group"), ret);
        return STEP_DONE;
    }
    enum match_status status = match_find(&state->match, pattern, in->subject.text,
                                          o->has_count ? MATCH_LAST : MATCH_FIRST, group, in->turn_ns);
    if (status == MATCH_AGAIN) {
        return STEP_MORE;
    }
    if (status == MATCH_LIMIT) {
        judge_not_scored(in, STR("the pattern ran into its limit of time or steps (regex_limit)"), ret);
    } else if (o->has_count) {
        regex_judge_count(in, state->match.count, ret);
    } else if (o->capture.ptr != NULL) {
        regex_judge_capture(in, status == MATCH_FOUND, ret);
    } else {
        regex_judge_match(in, status == MATCH_FOUND, ret);
    }
    return STEP_DONE;
}

static void regex_drop(void *state)
{
    struct regex_state *s = state;
    pattern_free(s->own);
    s->own = NULL;
}

static enum score_step regex_score(struct score_in *in, struct judgement *ret)
{
    const struct pattern *pattern = regex_pattern(in, ret);
    enum score_step step = pattern == NULL ? STEP_DONE : regex_search(in, pattern, ret);
    if (step == STEP_DONE) {
        regex_drop(in->state);
    }
    return step;
}

static void regex_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct regex_options *o = options;
    if (o->template != NULL) {
        visit(ctx, o->template);
    }
    if (o->expected != NULL) {
        visit(ctx, o->expected);
    }
}

static void regex_unload(void *options)
{
    struct regex_options *o = options;
    pattern_free(o->pattern);
    o->pattern = NULL;
}

const struct scorer scorer_regex = {
    .name = "regex",
    .summary = "a pattern matches, so many times, or captures what is expected",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct regex_options),
    .state_size = sizeof(struct regex_state),
    .load = regex_load,
    .score = regex_score,
    .drop = regex_drop,
    .visit_templates = regex_visit,
    .unload = regex_unload,
};
