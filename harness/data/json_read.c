#include "data/json.h"

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
    KEY_SHOWN_BYTES = 80
};

/* Where a byte of the text stands. Asked in rising order, so that every byte is counted once; and not even that where a text is one line of
 * ASCII, as most rows are. */
struct place {
    struct str text;
    size_t at;
    struct src_pos pos;
    bool is_flat;
};

static struct place place_begin(struct str text, struct src_pos origin, bool is_flat)
{
    if (origin.line == 0) {
        origin.line = 1;
    }
    if (origin.col == 0) {
        origin.col = 1;
    }
    return (struct place){.text = text, .pos = origin, .is_flat = is_flat};
}

static struct src_pos place_at(struct place *p, size_t at)
{
    if (p->is_flat) {
        return (struct src_pos){p->pos.file, p->pos.line, p->pos.col + (uint32_t)at};
    }
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
    bool has_key;    /* of a map: the next node is the value of a key */
};

struct builder {
    struct arena *arena;
    struct str text;
    bool has_escape, is_reply;
    bool had_duplicate_key;
    struct place place;
    struct value *room; /* nodes not yet given to a list or map: one allocation holds the whole tree */
    struct level levels[LIMIT_JSON_DEPTH];
    size_t depth;
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
static struct str unescape(struct arena *arena, struct str text)
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

static void take_room(struct builder *b, struct value *node)
{
    node->items = b->room;
    b->room += node->len;
    if (node->kind == VALUE_MAP) {
        node->keys = b->room;
        b->room += node->len;
    }
}

static void read_token(struct builder *b, const jsmntok_t *token, struct value *ret)
{
    struct str written = {b->text.ptr + token->start, (size_t)(token->end - token->start)};
    size_t at = (size_t)token->start;
    switch (token->type) {
    case JSMN_STRING:
        ret->kind = VALUE_TEXT;
        ret->text = b->has_escape && str_find_char(written, '\\', NULL) ? unescape(b->arena, written) : written;
        at--; /* the quote */
        break;
    case JSMN_OBJECT:
    case JSMN_ARRAY:
        ret->kind = token->type == JSMN_OBJECT ? VALUE_MAP : VALUE_LIST;
        ret->len = (uint32_t)token->size;
        if (ret->len > 0) {
            take_room(b, ret);
        }
        break;
    case JSMN_UNDEFINED:
    case JSMN_PRIMITIVE:
        read_word_or_number(ret, written);
        break;
    }
    ret->pos = place_at(&b->place, at);
}

static bool close_map(struct builder *b, struct value *map)
{
    if (b->is_reply) {
        b->had_duplicate_key |= value_keys_keep_last(map);
        return true;
    }
    uint32_t first = 0;
    uint32_t again = 0;
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
    while (b->depth > 0) {
        struct level *level = &b->levels[b->depth - 1];
        level->filled++;
        level->has_key = false;
        if (level->filled < level->node->len) {
            return true;
        }
        if (level->node->kind == VALUE_MAP && !close_map(b, level->node)) {
            return false;
        }
        b->depth--;
    }
    return true;
}

static bool build(struct builder *b, const jsmntok_t *tokens, size_t count, struct value *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct level *level = b->depth == 0 ? NULL : &b->levels[b->depth - 1];
        if (level != NULL && level->node->kind == VALUE_MAP && !level->has_key) {
            read_token(b, &tokens[i], &level->node->keys[level->filled]);
            level->has_key = true;
            continue;
        }
        struct value *node = level == NULL ? ret : &level->node->items[level->filled];
        read_token(b, &tokens[i], node);
        if (node->len > 0) {
            b->levels[b->depth++] = (struct level){.node = node};
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

static bool check(struct str text, enum json_source source, struct src_pos origin, struct json_shape *ret,
                  struct err *err)
{
    struct json_fault fault = {.kind = ERR_NONE};
    if (text.len > LIMIT_JSON_BYTES) {
        return err_set_at(err, ERR_LIMIT, origin, "JSON text over %u MiB", LIMIT_JSON_BYTES >> 20);
    }
    if (!json_check(text, source == JSON_REPLY, NULL, ret, &fault)) {
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
    if (!check(text, source, origin, &shape, err)) {
        return false;
    }
    struct tokens tokens CLEANUP(tokens_deinit);
    tokens.items = shape.nodes <= NEAR_TOKENS ? tokens.near : mem_alloc(shape.nodes * sizeof(*tokens.items));
    if (!tokenize(text, shape.nodes, tokens.items)) {
        return err_set_at(err, ERR_BUG, origin, "the JSON tokenizer and the check before it disagree");
    }
    struct builder b = {.err = err};
    b.arena = arena;
    b.text = text;
    b.has_escape = shape.has_escape;
    b.is_reply = source == JSON_REPLY;
    b.place = place_begin(text, origin, !shape.has_newline && !shape.has_non_ascii);
    b.room = arena_array(arena, struct value, shape.nodes - 1);
    struct value root = {.kind = VALUE_NULL};
    if (!build(&b, tokens.items, shape.nodes, &root)) {
        return false;
    }
    *ret = root;
    if (notes != NULL) {
        *notes = (struct json_notes){b.had_duplicate_key, shape.has_lone_surrogate};
    }
    return true;
}

bool json_text_member(struct arena *arena, struct str text, const char *key, struct str *ret)
{
    struct json_shape shape = {.nodes = 0};
    struct json_member member = {.key = str_from(key)};
    struct json_fault fault;
    struct str trimmed = str_trim(text);
    if (text.len > LIMIT_JSON_BYTES || !str_starts(trimmed, STR("{")) ||
        !json_check(text, true, &member, &shape, &fault) || shape.nodes > LIMIT_JSON_NODES) {
        return false;
    }
    *ret = member.text;
    if (!shape.has_escape) {
        return true;
    }
    struct value map; /* the key may be written in escapes, too */
    struct err err = ERR_NULL;
    if (!json_read(arena, text, JSON_REPLY, (struct src_pos){0}, &map, NULL, &err)) {
        return false;
    }
    const struct value *v = value_get(&map, member.key);
    *ret = v != NULL && v->kind == VALUE_TEXT ? v->text : STR_NULL;
    return true;
}
