/* The options that every scorer has, as rows. They decode into struct scorer_common, which scorers/load.c puts behind the scorer's own options. */

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/utf8.h"
#include "data/json.h"
#include "model/dimension_declare.h"
#include "scorers/private.h"

/* A text that nobody reads templates in: one that holds them would pass in silence. */
static bool row_text(struct field_context *ctx, const char *key, const char *wanted, const struct value *node,
                     struct str *ret)
{
    if (node->kind != VALUE_TEXT) {
        return diag_add(ctx->diag, node->pos, "'%s' wants %s, not %s", key, wanted, value_kind_name(node->kind));
    }
    if (str_find(node->text, STR("{{"), NULL)) {
        (void)diag_add(ctx->diag, node->pos, "'%s' takes no template", key);
        return diag_hint(ctx->diag, "write the value itself; help and schema show which keys take templates");
    }
    *ret = node->text;
    return true;
}

static bool parse_from(struct field_context *ctx, const struct field *field, const struct value *node, void *target)
{
    struct scorer_common *common = (struct scorer_common *)((char *)target - offsetof(struct scorer_common, from));
    struct str text = STR_NULL;
    struct err err = ERR_NULL;
    if (!row_text(ctx, field->key, "a JSON Pointer", node, &text)) {
        return false;
    }
    if (!pointer_parse(ctx->arena, text, &common->from, &err)) {
        (void)diag_add(ctx->diag, node->pos, "'from': %s", err.text);
        return diag_hint(ctx->diag, "write a JSON Pointer: from: /answer, from: /items/0/name");
    }
    common->has_from = true;
    return true;
}

/* The file from a scalar's first byte on; false when it is not at hand. */
static bool source_at(const struct diag *diag, const struct value *node, struct str *ret)
{
    for (size_t i = 0; node->pos.file != NULL && i < diag->sources.len; i++) {
        if (strcmp(diag->sources.items[i].file, node->pos.file) != 0) {
            continue;
        }
        struct str rest = diag->sources.items[i].text;
        struct str line = STR_NULL;
        for (uint32_t number = 1; number < node->pos.line && str_split(&rest, '\n', &line); number++) {
        }
        size_t at = 0;
        uint32_t point = 0;
        for (uint32_t col = 1; col < node->pos.col && utf8_next(rest, &at, &point); col++) {
        }
        *ret = str_slice(rest, at, rest.len);
        return true;
    }
    return false;
}

/* YAML has read the escapes of a double-quoted scalar already: the file is asked how it was written. */
static bool is_written_with_backslash(const struct diag *diag, const struct value *node)
{
    struct str source = STR_NULL;
    if (!node->is_double_quoted || node->is_verbatim) {
        return false;
    }
    if (!source_at(diag, node, &source) || !str_starts(source, STR("\""))) {
        return true; /* an escape is the likely reason why the file reads otherwise */
    }
    for (size_t i = 1; i < source.len && source.ptr[i] != '"'; i++) {
        if (source.ptr[i] == '\\') {
            return true;
        }
    }
    return false;
}

bool pattern_row_text(struct field_context *ctx, const char *key, const struct value *node, struct str *ret)
{
    if (node->kind != VALUE_TEXT) {
        return diag_add(ctx->diag, node->pos, "'%s' wants a regular expression, not %s", key,
                        value_kind_name(node->kind));
    }
    if (is_written_with_backslash(ctx->diag, node)) {
        (void)diag_add(ctx->diag, node->pos,
                       "'%s' is in double quotes and has a backslash: YAML reads it as an escape of its own", key);
        return diag_hint(ctx->diag, "write it in single quotes: '\\d+'");
    }
    if (node->text.len == 0) {
        return diag_add(ctx->diag, node->pos, "'%s' is empty: it would match everything", key);
    }
    *ret = node->text;
    return true;
}

bool pattern_row_compile(struct field_context *ctx, const char *key, const struct value *node, struct str flags,
                         bool full, struct pattern **ret)
{
    struct err err = ERR_NULL;
    size_t offset = 0;
    if (pattern_compile(node->text, flags, full, ret, &offset, &err)) {
        return true;
    }
    struct src_pos pos = node->pos;
    if (node->is_verbatim) {
        pos.col += (uint32_t)utf8_count(str_slice(node->text, 0, offset)) + (node->is_plain ? 0 : 1);
    }
    return diag_add(ctx->diag, pos, "'%s': %s", key, err.text);
}

static bool parse_extract(struct field_context *ctx, const struct field *field, const struct value *node, void *target)
{
    struct scorer_common *common = (struct scorer_common *)((char *)target - offsetof(struct scorer_common, extract));
    return pattern_row_text(ctx, field->key, node, &common->extract_text) &&
           row_text(ctx, field->key, "a regular expression", node, &common->extract_text) &&
           pattern_row_compile(ctx, field->key, node, STR(""), false, &common->extract);
}

static bool parse_dimension(struct field_context *ctx, const struct field *field, const struct value *node,
                            void *target)
{
    struct str *name = target;
    const char *reason = NULL;
    if (!row_text(ctx, field->key, "a name", node, name)) {
        return false;
    }
    if (!dimension_name_is_valid(*name, &reason)) {
        return diag_add(ctx->diag, node->pos, "dimension '%.*s': %s", STR_ARG(*name), reason);
    }
    return true;
}

void schema_text(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_open_map(w);
    json_put_text(w, "type", STR("string"));
    json_close_map(w);
}

struct when_options {
    struct field_texts tag;
};

static const struct field WHEN_ROWS[] = {
    {.key = "tag",
     .type = FIELD_TEXT_LIST,
     .offset = offsetof(struct when_options, tag),
     .is_required = true,
     .help = "cases with this tag, or any of a list"},
    {0},
};

static const char *const MATCH_WORDS[] = {"first", "last", "only", NULL};

const struct field SCORER_COMMON_ROWS[] = {
    {.key = "from",
     .type = FIELD_CUSTOM,
     .offset = offsetof(struct scorer_common, from),
     .parse = parse_from,
     .schema = schema_text,
     .help = "JSON Pointer into the output (text is parsed for it)"},
    {.key = "extract",
     .type = FIELD_CUSTOM,
     .offset = offsetof(struct scorer_common, extract),
     .parse = parse_extract,
     .schema = schema_text,
     .help = "regular expression: its first group, else the whole match, is what is scored"},
    {.key = "match",
     .type = FIELD_WORD,
     .offset = offsetof(struct scorer_common, match),
     .words = MATCH_WORDS,
     .default_text = "first",
     .has_set = true,
     .set_offset = offsetof(struct scorer_common, match_is_set),
     .help = "which match of extract; only: a second match is no match"},
    {.key = "not",
     .type = FIELD_BOOL,
     .offset = offsetof(struct scorer_common, negate),
     .default_text = "false",
     .help = "1 - unit; an absent answer still fails"},
    {.key = "optional",
     .type = FIELD_BOOL,
     .offset = offsetof(struct scorer_common, optional),
     .default_text = "false",
     .help = "never decides whether a sample passes"},
    {.key = "required",
     .type = FIELD_BOOL,
     .offset = offsetof(struct scorer_common, required),
     .default_text = "false",
     .help = "with pass_score: its fail fails the sample"},
    {.key = "weight",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct scorer_common, weight),
     .min = 0,
     .max = 1e9,
     .default_text = "1; measures 0",
     .help = "weight in the sample's score"},
    {.key = "threshold",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct scorer_common, threshold),
     .min = 0,
     .max = 1,
     .default_text = "1; command, judge 0.5",
     .help = "passes when the unit score is at least this"},
    {.key = "dimension",
     .type = FIELD_CUSTOM,
     .offset = offsetof(struct scorer_common, dimension),
     .parse = parse_dimension,
     .schema = schema_text,
     .default_text = "the scorer's name",
     .help = "name under which the score is recorded"},
    {.key = "direction",
     .type = FIELD_WORD,
     .offset = offsetof(struct scorer_common, direction),
     .words = DIMENSION_DIRECTION_WORDS,
     .has_set = true,
     .set_offset = offsetof(struct scorer_common, direction_is_set),
     .help = "which way is better"},
    {.key = "comment",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct scorer_common, comment),
     .template_roots = SCORER_ROOTS,
     .help = "words of your own in the score's comment"},
    {.key = "when",
     .type = FIELD_MAP,
     .offset = offsetof(struct scorer_common, when_tags) - offsetof(struct when_options, tag),
     .rows = WHEN_ROWS,
     .help = "only cases with a tag: when: {tag: smoke}"},
    {0},
};
