#include "data/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "data/value.h"
#include "data/value_keys.h"
#include "data/yaml_text.h"

/* Nodes are collected on one stack (`pending`) until their list or map ends, when they move to the arena in an array of just their number.
 * An alias shares the subtree of its anchor, which is immutable by then; the budgets count as if it had been copied, since whoever walks the
 * tree meets the copies. */

#define CORE_TAG_PREFIX "tag:yaml.org,2002:"

enum { SHOWN_BYTES = 80, PENDING_FIRST = 64 };

struct anchor {
    struct value node;
    size_t nodes;    /* in its subtree, itself included */
    unsigned height; /* levels below: 0 for a scalar */
    bool is_open;    /* an alias now would be a cycle */
};

struct level {
    enum value_kind kind;
    struct src_pos pos;
    size_t first;        /* of its nodes in `pending` */
    size_t nodes_before; /* of the whole tree */
    unsigned height;
    struct anchor *anchor;
};

struct reader {
    struct arena *arena;
    struct diag *diag;
    yaml_parser_t parser;
    struct yaml_text text;
    struct value *pending;
    size_t pending_len, pending_cap;
    struct level levels[LIMIT_YAML_DEPTH];
    unsigned depth;
    struct map anchors;
    size_t alias_count, node_count;
    unsigned document_count;
    bool is_document_over;
};

static void reader_deinit(struct reader *r)
{
    yaml_parser_delete(&r->parser);
    mem_free(r->pending);
}

static void event_deinit(yaml_event_t *event)
{
    yaml_event_delete(event);
}

PRINTF_LIKE(3, 4) static bool limit_fault(struct reader *r, struct src_pos pos, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char text[128];
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct err err = ERR_NULL;
    (void)err_set_at(&err, ERR_LIMIT, pos, "%s", text);
    return diag_add_err(r->diag, pos, &err);
}

static struct src_pos place_of(struct reader *r, const yaml_mark_t *mark)
{
    return yaml_text_place(&r->text, mark->index, NULL);
}

static struct str text_of(const yaml_char_t *text, size_t len)
{
    return (struct str){(const char *)text, len};
}

static struct str shown(struct str text)
{
    return utf8_cut(text, SHOWN_BYTES);
}

/* ---- faults of libyaml's, in its words, with what mostly lies behind them */

static bool template_hint(struct reader *r)
{
    return diag_hint(r->diag,
                     "YAML reads an unquoted '{' as the start of a map: put the whole text with '{{' in quotes");
}

/* Whether a line opens a template and has no quote before it. */
static bool line_has_bare_template(struct str line)
{
    size_t at = 0;
    if (!str_find(line, STR("{{"), &at)) {
        return false;
    }
    struct str before = str_slice(line, 0, at);
    return !str_find_char(before, '"', NULL) && !str_find_char(before, '\'', NULL);
}

/* What mostly lies behind a problem of libyaml's; `found` is the character there. */
static bool problem_hint(struct reader *r, struct str problem, char found)
{
    bool is_flow = r->parser.flow_level > 0;
    if (is_flow && (found == '>' || found == '|' || str_starts(problem, STR("did not find expected ',' or")))) {
        return diag_hint(r->diag, "inside [ ] and { } text that holds one of ,[]{} stands in quotes");
    }
    if (str_eq(problem, STR("found character that cannot start any token"))) {
        return found == '\t' ? diag_hint(r->diag, "indent with blanks: YAML takes no tabs there")
                             : diag_hint(r->diag, "text that begins with '%c' stands in quotes", found);
    }
    if (str_eq(problem, STR("did not find expected alphabetic or numeric character"))) {
        return diag_hint(r->diag, "text that begins with '*' or '&' stands in quotes");
    }
    if (str_eq(problem, STR("mapping values are not allowed in this context"))) {
        return diag_hint(r->diag, "text that holds ': ' stands in quotes; else look at the indentation");
    }
    if (str_eq(problem, STR("found unknown escape character"))) {
        return diag_hint(r->diag, "in double quotes a backslash begins an escape: use single quotes");
    }
    return false;
}

static bool reader_fault(struct reader *r)
{
    size_t at = r->parser.problem_offset;
    if (at < r->text.bytes.len && r->parser.problem_value >= 0 && r->parser.problem_value < 0x100) {
        return diag_add(r->diag, yaml_text_place_of_byte(&r->text, at), "the control character 0x%02x",
                        (unsigned)r->parser.problem_value);
    }
    return diag_add(r->diag, yaml_text_place_of_byte(&r->text, at), "%s", r->parser.problem);
}

static bool parser_fault(struct reader *r)
{
    yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        mem_exhausted();
    }
    if (p->error == YAML_READER_ERROR) {
        return reader_fault(r);
    }
    size_t at = 0;
    struct src_pos pos = yaml_text_place(&r->text, p->problem_mark.index, &at);
    struct str problem = str_from(p->problem == NULL ? "the text is no YAML" : p->problem);
    if (r->is_document_over) {
        (void)diag_add(r->diag, pos, "text after the end of the document");
        return diag_hint(r->diag, "a file holds one document; remove the '...' before it, or the text");
    }
    struct src_pos from = p->context == NULL ? pos : place_of(r, &p->context_mark);
    if (str_eq(problem, STR("found unexpected end of stream"))) {
        return diag_add(r->diag, from, "this quote is never closed");
    }
    if (p->context == NULL || p->context_mark.index == p->problem_mark.index) {
        (void)diag_add(r->diag, pos, "%.*s", STR_ARG(problem));
    } else {
        (void)diag_add(r->diag, pos, "%.*s (%s from %u:%u)", STR_ARG(problem), p->context, from.line, from.col);
    }
    if (line_has_bare_template(yaml_text_line(&r->text, at))) {
        return template_hint(r);
    }
    return problem_hint(r, problem, at < r->text.bytes.len ? r->text.bytes.ptr[at] : '\0');
}

/* ---- nodes */

static bool is_key_next(const struct reader *r)
{
    const struct level *top = r->depth == 0 ? NULL : &r->levels[r->depth - 1];
    return top != NULL && top->kind == VALUE_MAP && (r->pending_len - top->first) % 2 == 0;
}

static void push_pending(struct reader *r, const struct value *node)
{
    if (r->pending_len == r->pending_cap) {
        r->pending_cap = r->pending_cap == 0 ? PENDING_FIRST : 2 * r->pending_cap;
        r->pending = mem_realloc(r->pending, r->pending_cap * sizeof(*r->pending));
    }
    r->pending[r->pending_len++] = *node;
}

/* "{{", blanks between them or not, around the byte of one of the two. */
static bool is_in_double_brace(struct str text, size_t at)
{
    size_t before = at;
    while (before > 0 && text.ptr[before - 1] == ' ') {
        before--;
    }
    return str_starts(str_slice(text, at, text.len), STR("{{")) ||
           (text.ptr[at] == '{' && before > 0 && text.ptr[before - 1] == '{');
}

/* A map or list where a key belongs: an unquoted template, most of the time. */
static bool key_fault(struct reader *r, struct src_pos pos, size_t at)
{
    if (is_in_double_brace(r->text.bytes, at)) {
        (void)diag_add(r->diag, pos, "'{{' without quotes");
        return template_hint(r);
    }
    return diag_add(r->diag, pos, "a key is text: a list or map cannot be one");
}

static bool check_key(struct reader *r, const struct value *key)
{
    if (key->is_plain && str_eq(key->text, STR("<<"))) {
        (void)diag_add(r->diag, key->pos, "'<<' (merging maps) is not part of this language");
        return diag_hint(r->diag, "an alias stands for a whole value, as in 'scorers: *shared'; or write the keys out");
    }
    return true;
}

/* A complete node takes its place in the list or map around it. `nodes` of its subtree are new to the budget. */
static bool add_node(struct reader *r, const struct value *node, size_t nodes, unsigned height)
{
    if (is_key_next(r) && !check_key(r, node)) {
        return false;
    }
    r->node_count += nodes;
    if (r->node_count > LIMIT_YAML_NODES) {
        return limit_fault(r, node->pos, "more than %u values, counting what aliases stand for", LIMIT_YAML_NODES);
    }
    if (r->depth > 0 && r->levels[r->depth - 1].height < height) {
        r->levels[r->depth - 1].height = height;
    }
    push_pending(r, node);
    return true;
}

static struct anchor *open_anchor(struct reader *r, const yaml_char_t *name)
{
    if (name == NULL) {
        return NULL;
    }
    struct anchor *anchor = arena_new(r->arena, struct anchor);
    anchor->is_open = true;
    /* a later anchor of the same name takes over, as YAML says */
    (void)map_put(&r->anchors, r->arena, arena_str(r->arena, str_from((const char *)name)), anchor);
    return anchor;
}

static void close_anchor(struct anchor *anchor, const struct value *node, size_t nodes, unsigned height)
{
    if (anchor != NULL) {
        *anchor = (struct anchor){.node = *node, .nodes = nodes, .height = height, .is_open = false};
    }
}

static bool check_tag(struct reader *r, const yaml_char_t *tag, struct src_pos pos, bool is_scalar)
{
    if (tag == NULL || (is_scalar && strcmp((const char *)tag, YAML_STR_TAG) == 0)) {
        return true;
    }
    struct str name = str_from((const char *)tag);
    bool is_core = str_starts(name, STR(CORE_TAG_PREFIX));
    struct str shortened = is_core ? str_slice(name, sizeof(CORE_TAG_PREFIX) - 1, name.len) : name;
    (void)diag_add(r->diag, pos, "the tag '%s%.*s' is not read", is_core ? "!!" : "", STR_ARG(shown(shortened)));
    return diag_hint(r->diag, "remove it; text that begins with '!' stands in quotes");
}

/* Whether a scalar stands in the file as it reads: on one line, no escape, no tag before it. */
static bool is_verbatim(const struct str *file, size_t at, struct str text)
{
    return !str_find_char(text, '\n', NULL) && str_starts(str_slice(*file, at, file->len), text);
}

static bool add_scalar(struct reader *r, const yaml_event_t *event)
{
    struct str text = text_of(event->data.scalar.value, event->data.scalar.length);
    yaml_scalar_style_t style = event->data.scalar.style;
    size_t at = 0;
    struct src_pos pos = yaml_text_place(&r->text, event->start_mark.index, &at);
    struct value node = {
        .kind = VALUE_TEXT,
        .is_plain = style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.tag == NULL,
        .is_double_quoted = style == YAML_DOUBLE_QUOTED_SCALAR_STYLE,
        .pos = pos,
    };
    node.is_verbatim = is_verbatim(&r->text.bytes, node.is_plain ? at : at + 1, text);
    if (!check_tag(r, event->data.scalar.tag, node.pos, true)) {
        return false;
    }
    if (text.len > LIMIT_SCALAR_BYTES) {
        return limit_fault(r, node.pos, "a text over %u MiB", LIMIT_SCALAR_BYTES >> 20);
    }
    node.text = arena_str(r->arena, text);
    close_anchor(open_anchor(r, event->data.scalar.anchor), &node, 1, 0);
    return add_node(r, &node, 1, 0);
}

static bool add_alias(struct reader *r, const yaml_event_t *event)
{
    struct src_pos pos = place_of(r, &event->start_mark);
    struct str name = str_from((const char *)event->data.alias.anchor);
    const struct anchor *anchor = map_get(&r->anchors, name);
    if (anchor == NULL) {
        (void)diag_add(r->diag, pos, "no anchor '&%.*s' stands before this alias", STR_ARG(shown(name)));
        return diag_hint(r->diag, "text that begins with '*' stands in quotes");
    }
    if (anchor->is_open) {
        return diag_add(r->diag, pos, "the alias '*%.*s' stands inside its own anchor: the value would never end",
                        STR_ARG(shown(name)));
    }
    if (++r->alias_count > LIMIT_YAML_ALIASES) {
        return limit_fault(r, pos, "more than %u aliases", LIMIT_YAML_ALIASES);
    }
    if (r->depth + anchor->height > LIMIT_YAML_DEPTH) {
        return limit_fault(r, pos, "with this alias lists and maps are nested more than %u deep", LIMIT_YAML_DEPTH);
    }
    struct value node = anchor->node;
    if (is_key_next(r)) {
        if (node.kind != VALUE_TEXT) {
            return diag_add(r->diag, pos, "a key is text: a list or map cannot be one");
        }
        node.pos = pos; /* a key that is written twice is shown here */
    }
    return add_node(r, &node, anchor->nodes, anchor->height);
}

static bool open_level(struct reader *r, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    size_t at = 0;
    struct src_pos pos = yaml_text_place(&r->text, event->start_mark.index, &at);
    const yaml_char_t *tag = is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    if (!check_tag(r, tag, pos, false)) {
        return false;
    }
    if (is_key_next(r)) {
        return key_fault(r, pos, at);
    }
    if (r->depth == LIMIT_YAML_DEPTH) {
        return limit_fault(r, pos, "lists and maps are nested more than %u deep", LIMIT_YAML_DEPTH);
    }
    r->levels[r->depth++] = (struct level){
        .kind = is_map ? VALUE_MAP : VALUE_LIST,
        .pos = pos,
        .first = r->pending_len,
        .nodes_before = r->node_count,
        .anchor = open_anchor(r, is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor),
    };
    return true;
}

static bool check_keys(struct reader *r, const struct value *map)
{
    uint32_t first = 0;
    uint32_t again = 0;
    if (!value_keys_find_repeated(map, &first, &again)) {
        return true;
    }
    const struct value *key = &map->keys[again];
    struct src_pos before = map->keys[first].pos;
    (void)diag_add(r->diag, key->pos, "the key '%.*s' is written twice; the first is at %u:%u",
                   STR_ARG(shown(key->text)), before.line, before.col);
    return diag_span(r->diag, key->is_plain ? (uint32_t)utf8_count(key->text) : 1);
}

/* The `count` > 0 nodes of a list or map, from the stack to the arena. */
static void take_nodes(struct reader *r, const struct value *from, size_t count, struct value *ret)
{
    if (ret->kind == VALUE_LIST) {
        ret->len = (uint32_t)count;
        ret->items = arena_copy(r->arena, from, count * sizeof(*from));
        return;
    }
    ret->len = (uint32_t)(count / 2);
    ret->keys = arena_array(r->arena, struct value, ret->len);
    ret->items = arena_array(r->arena, struct value, ret->len);
    for (uint32_t i = 0; i < ret->len; i++) {
        ret->keys[i] = from[2 * (size_t)i];
        ret->items[i] = from[2 * (size_t)i + 1];
    }
}

static bool close_level(struct reader *r)
{
    struct level *level = &r->levels[r->depth - 1];
    size_t count = r->pending_len - level->first;
    struct value node = {.kind = level->kind, .pos = level->pos};
    if (count > 0) {
        take_nodes(r, &r->pending[level->first], count, &node);
        if (node.kind == VALUE_MAP && !check_keys(r, &node)) {
            return false;
        }
    }
    unsigned height = level->height + 1;
    size_t nodes = r->node_count - level->nodes_before + 1;
    r->pending_len = level->first;
    close_anchor(level->anchor, &node, nodes, height);
    r->depth--;
    return add_node(r, &node, 1, height);
}

static bool open_document(struct reader *r, const yaml_event_t *event)
{
    if (++r->document_count > 1) {
        (void)diag_add(r->diag, place_of(r, &event->start_mark), "a second document begins here");
        return diag_hint(r->diag, "a file holds one document; a suite takes others by 'include'");
    }
    return true;
}

static bool take_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        return true;
    case YAML_DOCUMENT_START_EVENT:
        return open_document(r, event);
    case YAML_DOCUMENT_END_EVENT:
        r->is_document_over = true;
        return true;
    case YAML_ALIAS_EVENT:
        return add_alias(r, event);
    case YAML_SCALAR_EVENT:
        return add_scalar(r, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return open_level(r, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_level(r);
    }
    return false;
}

static bool read_events(struct reader *r)
{
    bool is_over = false;
    while (!is_over) {
        yaml_event_t event CLEANUP(event_deinit) = {.type = YAML_NO_EVENT};
        if (yaml_parser_parse(&r->parser, &event) == 0) {
            return parser_fault(r);
        }
        if (!take_event(r, &event)) {
            return false;
        }
        is_over = event.type == YAML_STREAM_END_EVENT;
    }
    return true;
}

bool yaml_read(struct arena *arena, const char *file, struct str text, struct value *ret, struct diag *diag)
{
    struct reader r CLEANUP(reader_deinit) = {.arena = arena, .diag = diag};
    if (yaml_parser_initialize(&r.parser) == 0) {
        mem_exhausted();
    }
    if (!yaml_text_open(file, text, &r.text, diag)) {
        return false;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.text.bytes.ptr, r.text.bytes.len);
    if (!read_events(&r)) {
        return false;
    }
    bool is_nothing = r.pending_len == 0 || (r.pending[0].is_plain && r.pending[0].text.len == 0);
    *ret = is_nothing ? (struct value){.kind = VALUE_NULL, .pos = {file, 1, 1}} : r.pending[0];
    return true;
}
