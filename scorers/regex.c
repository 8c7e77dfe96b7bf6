/* regex: whether a pattern matches, how often, or what a group of it says.
 *
 * Shape:  reads the subject; one judged, binary score.
 * Limits: base/pattern.h; a search that runs into them is not scored, never "no match".
 * Values inserted into the pattern by a template are matched literally. */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "scorers/private.h"

struct regex_count {
    uint64_t min, max;
    bool has_min, has_max;
};

struct regex_options {
    struct str text;
    struct src_pos pos;
    struct template *template; /* NULL when the pattern has no templates */
    struct pattern *pattern;   /* NULL when it has */
    struct str flags;
    bool full;
    struct regex_count count;
    struct str capture; /* ptr NULL = none */
    struct template *expected;
};

struct regex_state {
    struct match_search match;
    struct pattern *own; /* compiled for this case; freed when done */
    bool has_begun;
};

static bool regex_pattern_parse(struct field_context *ctx, const struct field *field, const struct value *node,
                                void *target)
{
    struct regex_options *o = (struct regex_options *)((char *)target - offsetof(struct regex_options, text));
    if (!scorer_pattern_text(ctx, field->key, node, &o->text)) {
        return false;
    }
    o->pos = node->pos;
    if (!str_find(o->text, STR("{{"), NULL)) {
        return true;
    }
    return template_compile(ctx->arena, node, (struct template_rules){.roots = SCORER_ROOTS}, false, &o->template,
                            ctx->diag);
}

static void regex_pattern_schema(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_open_map(w);
    json_key(w, "type");
    json_text(w, STR("string"));
    json_close_map(w);
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
     .offset = offsetof(struct regex_options, text),
     .parse = regex_pattern_parse,
     .schema = regex_pattern_schema,
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
        *ret = (uint32_t)number;
        return number > 0 && number <= pattern_group_count(pattern);
    }
    return pattern_group_number(pattern, capture, ret);
}

static bool regex_load(struct field_context *ctx, struct scorer_use *use)
{
    struct regex_options *o = use->options;
    bool has_count = o->count.has_min || o->count.has_max;
    if (o->expected != NULL && o->capture.ptr == NULL) {
        return diag_add(ctx->diag, use->pos, "scorer 'regex': 'expected' goes with 'capture'");
    }
    if (o->capture.ptr != NULL && has_count) {
        return diag_add(ctx->diag, use->pos, "scorer 'regex': 'capture' and 'count' exclude each other");
    }
    if (o->count.has_min && o->count.has_max && o->count.min > o->count.max) {
        return diag_add(ctx->diag, use->pos, "scorer 'regex': count min is above max");
    }
    struct err err = ERR_NULL;
    struct pattern *pattern = NULL;
    struct str probe = o->template == NULL ? o->text : STR("x"); /* with templates only the flags can be checked now */
    if (!pattern_compile(probe, o->flags, o->full, &pattern, NULL, &err)) {
        return diag_add(ctx->diag, o->pos, "'pattern': %s", err.text);
    }
    if (o->template != NULL) {
        pattern_free(pattern);
        return true;
    }
    o->pattern = pattern;
    uint32_t group = 0;
    if (o->capture.ptr != NULL && !regex_group(pattern, o->capture, &group)) {
        return diag_add(ctx->diag, use->pos, "scorer 'regex': the pattern has no group '%.*s'", STR_ARG(o->capture));
    }
    return true;
}

static void judge_not_scored(const struct score_in *in, struct judgement *ret, const char *reason)
{
    *ret = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = arena_printf(in->arena, "%s", reason)};
}

/* The pattern of this case; NULL when it cannot be had (then `ret` says why). */
static const struct pattern *regex_pattern(const struct score_in *in, const struct regex_options *o,
                                           struct regex_state *state, struct judgement *ret)
{
    if (o->pattern != NULL) {
        return o->pattern;
    }
    if (state->own != NULL) {
        return state->own;
    }
    struct err err = ERR_NULL;
    struct str text;
    bool is_absent = false;
    if (!template_expand_text(o->template, in->scope, in->arena, pattern_quote, &text, &is_absent, &err) ||
        !pattern_compile(text, o->flags, o->full, &state->own, NULL, &err)) {
        judge_not_scored(in, ret, err.text);
        return NULL;
    }
    return state->own;
}

static void regex_judge_count(const struct score_in *in, const struct regex_options *o, uint64_t count,
                              struct judgement *ret)
{
    bool ok = (!o->count.has_min || count >= o->count.min) && (!o->count.has_max || count <= o->count.max);
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    buf_printf(&words, "%llu %s of /", (unsigned long long)count, count == 1 ? "match" : "matches");
    buf_append(&words, str_slice(o->text, 0, 120));
    buf_append_char(&words, '/');
    if (!ok && o->count.has_min && count < o->count.min) {
        buf_printf(&words, ", wanted at least %llu", (unsigned long long)o->count.min);
    } else if (!ok) {
        buf_printf(&words, ", wanted at most %llu", (unsigned long long)o->count.max);
    }
    *ret = (struct judgement){.kind = JUDGED_UNIT, .number = ok ? 1 : 0, .comment = words_finish(in->arena, &words)};
}

static void regex_judge_match(const struct score_in *in, const struct regex_options *o, const struct regex_state *state,
                              bool found, struct judgement *ret)
{
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    struct str text = in->subject.text;
    buf_append_cstr(&words, found ? "found " : "no match of /");
    if (found) {
        words_quote(&words, str_slice(text, state->match.whole.start, state->match.whole.end));
    } else {
        buf_append(&words, str_slice(o->text, 0, 120));
        buf_append_cstr(&words, "/ in ");
        words_quote(&words, text);
    }
    *ret = (struct judgement){.kind = JUDGED_UNIT, .number = found ? 1 : 0, .comment = words_finish(in->arena, &words)};
}

static void regex_judge_capture(struct score_in *in, const struct regex_options *o, const struct regex_state *state,
                                bool found, struct judgement *ret)
{
    if (!found || state->match.group.start == SIZE_MAX) {
        in->is_absent = true;
        regex_judge_match(in, o, state, false, ret);
        return;
    }
    struct value expected;
    enum expand_status status = expand_expected(in, o->expected, &expected, ret);
    if (status == EXPAND_BAD) {
        return;
    }
    struct buf want CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    struct str got = str_slice(in->subject.text, state->match.group.start, state->match.group.end);
    bool has_want = status == EXPAND_OK && value_append_text(&want, &expected);
    bool ok = has_want && str_eq(got, buf_str(&want));
    buf_append_cstr(&words, "captured ");
    words_quote(&words, got);
    if (!ok) {
        buf_append_cstr(&words, ", wanted ");
        words_quote(&words, buf_str(&want));
    }
    *ret = (struct judgement){.kind = JUDGED_UNIT, .number = ok ? 1 : 0, .comment = words_finish(in->arena, &words)};
}

static enum score_step regex_score(struct score_in *in, struct judgement *ret)
{
    const struct regex_options *o = in->options;
    struct regex_state *state = in->state;
    const struct pattern *pattern = regex_pattern(in, o, state, ret);
    if (pattern == NULL) {
        return STEP_DONE;
    }
    bool counts = o->count.has_min || o->count.has_max;
    uint32_t group = 0;
    if (o->capture.ptr != NULL && !regex_group(pattern, o->capture, &group)) {
        judge_not_scored(in, ret, "the pattern has no such group");
        pattern_free_at(&state->own);
        return STEP_DONE;
    }
    enum match_status status =
        match_find(&state->match, pattern, in->subject.text, counts ? MATCH_LAST : MATCH_FIRST, group, in->turn_ns);
    if (status == MATCH_AGAIN) {
        return STEP_MORE;
    }
    if (status == MATCH_LIMIT) {
        judge_not_scored(in, ret, "the pattern ran into its limit of time or steps (regex_limit)");
    } else if (counts) {
        regex_judge_count(in, o, state->match.count, ret);
    } else if (o->capture.ptr != NULL) {
        regex_judge_capture(in, o, state, status == MATCH_FOUND, ret);
    } else {
        regex_judge_match(in, o, state, status == MATCH_FOUND, ret);
    }
    pattern_free_at(&state->own);
    return STEP_DONE;
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
    pattern_free_at(&o->pattern);
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
    .visit_templates = regex_visit,
    .unload = regex_unload,
};
