#include "data/json.h"

#include <assert.h>
#include <string.h>

/* Not JSMN_STRICT: the text is proven, and strict is the mode that refuses a bare `true` or `1`. Without parent links jsmn is quadratic. */
#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "data/json_check.h"
#include "data/value.h"
#include "data/value_keys.h"

_Static_assert(LIMIT_JSON_BYTES < INT32_MAX, "jsmn counts in int");

enum {
    NEAR_TOKENS = 128, /* a row's tokens are on the stack */
    LEVELS = 1 + LIMIT_JSON_DEPTH,
    KEY_SHOWN_BYTES = 80
};

/* Where a byte of the text stands. Asked in rising order, so that every byte is counted once; and not even that where a text is one line of
 * ASCII, as most rows are. */
struct place {
    enum { PLACE_COUNTED, PLACE_FLAT, PLACE_NOWHERE } kind;
    struct str text;
    size_t at;
    struct src_pos pos;
};

static struct place place_begin(struct str text, struct src_pos origin, bool is_flat)
{
    if (origin.line == 0) {
        origin.line = 1;
    }
    if (origin.col == 0) {
        origin.col = 1;
    }
    return (struct place){.kind = is_flat ? PLACE_FLAT : PLACE_COUNTED, .text = text, .pos = origin};
}

OUT_OF_LINE static struct src_pos place_counted(struct place *p, size_t at)
{
    const char *line_end = NULL;
    while ((line_end = memchr(p->text.ptr + p->at, '\n', at - p->at)) != NULL) {
        p->at = (size_t)(line_end - p->text.ptr) + 1;
        p->pos.line++;
        p->pos.col = 1;
    }
    uint32_t characters = 0;
    for (size_t i = p->at; i < at; i++) {
        characters += ((unsigned char)p->text.ptr[i] & 0xc0) != 0x80;
    }
    p->pos.col += characters;
    p->at = at;
    return p->pos;
}

static inline struct src_pos place_at(struct place *p, size_t at)
{
    if (p->kind == PLACE_FLAT) {
        return (struct src_pos){p->pos.file, p->pos.line, p->pos.col + (uint32_t)at};
    }
    return p->kind == PLACE_NOWHERE ? (struct src_pos){0} : place_counted(p, at);
}

struct tokens {
    jsmntok_t *items;
    jsmntok_t near[NEAR_TOKENS];
};

static void tokens_deinit(struct tokens *t)
{
    if (t->items != t->near) {
        mem_free(t->items);
    }
}

/* A list or map whose nodes are being read. */
struct level {
    struct value *node;
    uint32_t filled; /* values */
    bool wants_key;  /* of a map: the next node is a key */
};

struct builder {
    struct arena *arena;
    struct str text;
    bool has_escape, is_reply;
    bool is_compact; /* nothing in it would be written otherwise */
    bool had_duplicate_key;
    struct place place;
    struct value *room;   /* nodes not yet given to a list or map: one allocation holds the whole tree */
    struct level *levels; /* LEVELS: not a part of this, so that nobody sets them to zero */
    size_t depth;         /* of the level being filled; 0 = the document's */
    struct err *err;
};

static uint32_t hex_unit(const char *digits)
{
    uint32_t unit = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = digits[i];
        unit = unit << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
}

/* `\uXXXX` at `from`, or two of them: how many bytes were read. */
static size_t unescape_unit(struct str text, size_t from, char *to, size_t *len)
{
    uint32_t point = hex_unit(text.ptr + from + 2);
    size_t read = 6;
    if (point >= 0xd800 && point <= 0xdfff) {
        uint32_t low = 0;
        if (point < 0xdc00 && text.len - from >= 12 && text.ptr[from + 6] == '\\' && text.ptr[from + 7] == 'u') {
            low = hex_unit(text.ptr + from + 8);
        }
        if (low >= 0xdc00 && low <= 0xdfff) {
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            read = 12;
        }
    }
    char bytes[4];
    size_t encoded = utf8_encode(point, bytes); /* half a pair becomes U+FFFD */
    memcpy(to + *len, bytes, encoded);
    *len += encoded;
    return read;
}

/* Never longer than what is written. */
OUT_OF_LINE static struct str unescape(struct arena *arena, struct str text)
{
    char *to = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    size_t at = 0;
    while (at < text.len) {
        const char *hit = memchr(text.ptr + at, '\\', text.len - at);
        size_t run = hit == NULL ? text.len - at : (size_t)(hit - (text.ptr + at));
        memcpy(to + len, text.ptr + at, run);
        len += run;
        at += run;
        if (at == text.len) {
            break;
        }
        char letter = text.ptr[at + 1];
        if (letter == 'u') {
            at += unescape_unit(text, at, to, &len);
            continue;
        }
        at += 2;
        to[len++] = letter == 'n'   ? '\n'
                    : letter == 't' ? '\t'
                    : letter == 'r' ? '\r'
                    : letter == 'b' ? '\b'
                    : letter == 'f' ? '\f'
                                    : letter; /* " \ / */
    }
    return (struct str){to, len};
}

static void take_room(struct builder *b, struct value *node)
{
    node->items = b->room;
    b->room += node->len;
    if (node->kind == VALUE_MAP) {
        node->keys = b->room;
        b->room += node->len;
    }
}

static struct str written_of(const struct builder *b, const jsmntok_t *token)
{
    return (struct str){b->text.ptr + token->start, (size_t)(token->end - token->start)};
}

static inline void read_text(struct builder *b, const jsmntok_t *token, struct value *ret)
{
    struct str written = written_of(b, token);
    ret->kind = VALUE_TEXT;
    ret->text = b->has_escape && str_find_char(written, '\\', NULL) ? unescape(b->arena, written) : written;
    ret->pos = place_at(&b->place, (size_t)token->start - 1); /* the quote's */
}

static void read_word_or_number(struct value *ret, struct str written)
{
    char first = written.ptr[0];
    if (first == 'n') {
        ret->kind = VALUE_NULL;
    } else if (first == 't' || first == 'f') {
        ret->kind = VALUE_BOOL;
        ret->boolean = first == 't';
    } else {
        ret->kind = VALUE_NUMBER;
        ret->text = written;
    }
}

static void read_token(struct builder *b, const jsmntok_t *token, struct value *ret)
{
    if (token->type == JSMN_STRING) {
        read_text(b, token, ret);
        return;
    }
    ret->pos = place_at(&b->place, (size_t)token->start);
    if (token->type == JSMN_PRIMITIVE) {
        read_word_or_number(ret, written_of(b, token));
        return;
    }
    ret->kind = token->type == JSMN_OBJECT ? VALUE_MAP : VALUE_LIST;
    ret->text = b->is_compact ? written_of(b, token) : STR_NULL;
    ret->len = (uint32_t)token->size;
    if (ret->len > 0) {
        take_room(b, ret);
    }
}

/* The innermost level is a map that is complete. */
static bool close_map(struct builder *b)
{
    struct value *map = b->levels[b->depth].node;
    uint32_t first = 0;
    uint32_t again = 0;
    if (b->is_reply) {
        bool had_any = value_keys_keep_last(map);
        for (size_t i = 1; had_any && i <= b->depth; i++) {
            b->levels[i].node->text = STR_NULL; /* no longer what was written */
        }
        b->had_duplicate_key |= had_any;
        return true;
    }
    if (!value_keys_find_repeated(map, &first, &again)) {
        return true;
    }
    struct src_pos before = map->keys[first].pos;
    return err_set_at(b->err, ERR_SUITE, map->keys[again].pos, "the key '%.*s' is written twice; the first is at %u:%u",
                      STR_ARG(utf8_cut(map->keys[again].text, KEY_SHOWN_BYTES)), before.line, before.col);
}

/* A value is complete; with it, perhaps, the lists and maps around it. */
static bool close_levels(struct builder *b)
{
    struct level *level = &b->levels[b->depth];
    while (++level->filled == level->node->len && b->depth > 0) {
        if (level->node->kind == VALUE_MAP && !close_map(b)) {
            return false;
        }
        level = &b->levels[--b->depth];
    }
    level->wants_key = level->node->kind == VALUE_MAP;
    return true;
}

static bool build(struct builder *b, const jsmntok_t *tokens, size_t count, struct value *ret)
{
    struct value document = {.kind = VALUE_LIST, .len = 1, .items = ret};
    b->levels[0] = (struct level){.node = &document};
    for (size_t i = 0; i < count; i++) {
        struct level *level = &b->levels[b->depth];
        if (level->wants_key) {
            read_text(b, &tokens[i], &level->node->keys[level->filled]);
            level->wants_key = false;
            continue;
        }
        struct value *node = &level->node->items[level->filled];
        read_token(b, &tokens[i], node);
        if (node->len > 0) {
            b->levels[++b->depth] = (struct level){.node = node, .wants_key = node->kind == VALUE_MAP};
        } else if (!close_levels(b)) {
            return false;
        }
    }
    return true;
}

static bool tokenize(struct str text, size_t count, jsmntok_t *tokens)
{
    jsmn_parser parser;
    jsmn_init(&parser);
    return jsmn_parse(&parser, text.ptr, text.len, tokens, (unsigned)count) == (int)count;
}

/* The tree of b->text, which is proven and makes so many nodes; *ret is of zeros. */
static bool read_tree(struct builder *b, size_t nodes, struct value *ret)
{
    struct tokens tokens CLEANUP(tokens_deinit);
    tokens.items = nodes <= NEAR_TOKENS ? tokens.near : mem_alloc(nodes * sizeof(*tokens.items));
    if (!tokenize(b->text, nodes, tokens.items)) {
        return err_set_at(b->err, ERR_BUG, b->place.pos, "the JSON tokenizer and the check before it disagree");
    }
    b->room = arena_array(b->arena, struct value, nodes - 1);
    return build(b, tokens.items, nodes, ret);
}

/* One value that is no list or map needs no tokenizer. */
static void read_scalar(struct builder *b, struct value *ret)
{
    bool is_text = b->text.ptr[0] == '"';
    jsmntok_t token = {.type = is_text ? JSMN_STRING : JSMN_PRIMITIVE,
                       .start = is_text ? 1 : 0,
                       .end = (int)b->text.len - (is_text ? 1 : 0)};
    read_token(b, &token, ret);
}

static bool check(struct str text, enum json_source source, struct src_pos origin, struct json_wanted *wanted,
                  struct json_shape *ret, struct err *err)
{
    struct json_fault fault = {.kind = ERR_NONE};
    if (text.len > LIMIT_JSON_BYTES) {
        return err_set_at(err, ERR_LIMIT, origin, "JSON text over %u MiB", LIMIT_JSON_BYTES >> 20);
    }
    if (!json_check(text, source == JSON_REPLY, wanted, ret, &fault)) {
        struct place place = place_begin(text, origin, false);
        return err_set_at(err, fault.kind, place_at(&place, fault.at), "%s", fault.text);
    }
    if (ret->nodes > LIMIT_JSON_NODES) {
        return err_set_at(err, ERR_LIMIT, origin, "JSON text of more than %u values", LIMIT_JSON_NODES);
    }
    return true;
}

bool json_read(struct arena *arena, struct str text, enum json_source source, struct src_pos origin, struct value *ret,
               struct json_notes *notes, struct err *err)
{
    struct json_shape shape = {.nodes = 0};
    text = text.ptr == NULL ? STR("") : text;
    if (!check(text, source, origin, NULL, &shape, err)) {
        return false;
    }
    struct level levels[LEVELS];
    struct builder b = {
        .arena = arena,
        .text = text,
        .levels = levels,
        .has_escape = shape.has_escape,
        .is_reply = source == JSON_REPLY,
        .is_compact = !shape.has_blank && !shape.has_escape,
        .place = place_begin(text, origin, !shape.has_newline && !shape.has_non_ascii),
        .err = err,
    };
    struct value root = {.kind = VALUE_NULL};
    if (!read_tree(&b, shape.nodes, &root)) {
        return false;
    }
    *ret = root;
    if (notes != NULL) {
        *notes = (struct json_notes){b.had_duplicate_key, shape.has_lone_surrogate};
    }
    return true;
}

/* By way of the whole tree: where a key is written with escapes, only that knows which it is. */
static bool read_all_members(struct arena *arena, struct str text, const char *const *keys, size_t count,
                             const struct value **ret, struct err *err)
{
    struct value *map = arena_new(arena, struct value);
    if (!json_read(arena, text, JSON_REPLY, (struct src_pos){0}, map, NULL, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ret[i] = value_get(map, str_from(keys[i]));
    }
    return true;
}

static bool read_member(struct arena *arena, const struct json_member *member, const struct json_shape *shape,
                        struct value *ret, struct err *err)
{
    struct level levels[LEVELS];
    struct builder b = {
        .arena = arena,
        .text = member->written,
        .levels = levels,
        .is_reply = true,
        .place = {.kind = PLACE_NOWHERE},
        .err = err,
    };
    b.has_escape = shape->has_escape && str_find_char(member->written, '\\', NULL);
    b.is_compact = !shape->has_blank && !b.has_escape;
    if (member->nodes == 1 && member->written.ptr[0] != '{' && member->written.ptr[0] != '[') {
        read_scalar(&b, ret);
        return true;
    }
    return read_tree(&b, member->nodes, ret);
}

bool json_read_members(struct arena *arena, struct str text, const char *const *keys, size_t count,
                       const struct value **ret, bool *ret_is_map, struct err *err)
{
    struct json_member members[JSON_MEMBERS_MAX];
    struct json_shape shape = {.nodes = 0};
    struct json_wanted wanted = {.members = members, .count = count};
    assert(count <= JSON_MEMBERS_MAX);
    for (size_t i = 0; i < count; i++) {
        members[i] = (struct json_member){.key = str_from(keys[i])};
        ret[i] = NULL;
    }
    text = text.ptr == NULL ? STR("") : text;
    if (!check(text, JSON_REPLY, (struct src_pos){0}, &wanted, &shape, err)) {
        return false;
    }
    *ret_is_map = shape.is_map;
    if (wanted.has_escaped_key) {
        return read_all_members(arena, text, keys, count, ret, err);
    }
    struct value *values = arena_array(arena, struct value, count);
    for (size_t i = 0; i < count; i++) {
        if (members[i].written.ptr != NULL) {
            if (!read_member(arena, &members[i], &shape, &values[i], err)) {
                return false;
            }
            ret[i] = &values[i];
        }
    }
    return true;
}

bool json_text_member(struct arena *arena, struct str text, const char *key, struct str *ret)
{
    const struct value *found = NULL;
    bool is_map = false;
    struct err ignored = ERR_NULL;
    if (!json_read_members(arena, text, &key, 1, &found, &is_map, &ignored) || !is_map) {
        return false;
    }
    *ret = found != NULL && found->kind == VALUE_TEXT ? found->text : STR_NULL;
    return true;
}
