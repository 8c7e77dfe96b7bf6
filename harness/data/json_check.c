#include "data/json_check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

/* A small state machine: `expect` is its state, the bits of `is_map` its stack. Bytes over 0x7f are let through inside texts and checked as
 * UTF-8 once at the end, only when there were any; whatever fault comes first in the text is the one reported. */

enum expect {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /* after '[' */
    EXPECT_KEY,
    EXPECT_KEY_OR_END, /* after '{' */
    EXPECT_COLON,
    EXPECT_NEXT /* a comma or the end of the list or map; at depth 0 the end of the text */
};

enum {
    STACK_WORDS = (LIMIT_JSON_DEPTH + 63) / 64,
    WORD_SHOWN_MAX = 20,
    SURROGATE_FIRST = 0xd800,
    SURROGATE_LOW_FIRST = 0xdc00,
    SURROGATE_LAST = 0xdfff,
    ESCAPE_U_BYTES = 6 /* \uXXXX */
};

/* Where it reads is no part of this: it goes from function to function, which return where they came to, or FAULT. */
struct checker {
    struct str text;
    enum expect expect;
    unsigned depth;
    bool in_map; /* the innermost level is one */
    bool lone_surrogates_ok;
    struct json_shape shape;
    struct json_wanted *wanted; /* NULL = none */
    uint64_t wanted_lengths;    /* of their keys, a bit each: most other keys are told apart by it */
    struct json_member *member; /* whose value comes, or is being passed; NULL = none of those wanted */
    size_t member_at;           /* where it begins */
    struct json_fault *fault;
    uint64_t is_map[STACK_WORDS];
};

enum { FAULT = 0 }; /* nothing ends before the first byte */

PRINTF_LIKE(3, 4) static size_t fail(struct checker *c, size_t at, const char *format, ...)
{
    c->fault->kind = ERR_SUITE;
    c->fault->at = at;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(c->fault->text, sizeof(c->fault->text), format, args);
    va_end(args);
    return FAULT;
}

/* As fail, with what stands at `at` instead. */
static size_t fail_found(struct checker *c, size_t at, const char *wanted)
{
    unsigned char found = (unsigned char)c->text.ptr[at];
    size_t end = at;
    uint32_t point = 0;
    if (found >= 0x80 && utf8_next(c->text, &end, &point) && end > at + 1) {
        return point == 0xfeff ? fail(c, at, "a byte order mark is no part of JSON: save it as UTF-8 without one")
                               : fail(c, at, "expected %s, not U+%04X", wanted, (unsigned)point);
    }
    if (found > 0x20 && found < 0x7f) {
        return fail(c, at, "expected %s, not '%c'", wanted, found);
    }
    return fail(c, at, "expected %s, not the byte 0x%02x", wanted, found);
}

/* The stack's top is kept in in_map, too: it is asked at every comma. */
static void find_level(struct checker *c)
{
    unsigned level = c->depth - 1;
    c->in_map = c->depth > 0 && (c->is_map[level / 64] >> (level % 64) & 1) != 0;
}

static size_t open_level(struct checker *c, size_t at, bool is_map)
{
    if (c->depth == LIMIT_JSON_DEPTH) {
        (void)fail(c, at, "lists and maps are nested more than %u deep", LIMIT_JSON_DEPTH);
        c->fault->kind = ERR_LIMIT;
        return FAULT;
    }
    uint64_t bit = UINT64_C(1) << (c->depth % 64);
    uint64_t *word = &c->is_map[c->depth / 64];
    c->shape.is_map |= is_map && c->depth == 0;
    *word = is_map ? *word | bit : *word & ~bit;
    c->depth++;
    c->in_map = is_map;
    c->expect = is_map ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
    return at + 1;
}

/* A key of the outermost map. */
static void find_member(struct checker *c, struct str key)
{
    struct json_wanted *wanted = c->wanted;
    c->member = NULL;
    wanted->has_escaped_key |= c->shape.has_escape && str_find_char(key, '\\', NULL);
    if ((c->wanted_lengths >> (key.len % 64) & 1) == 0) {
        return;
    }
    for (size_t i = 0; i < wanted->count; i++) {
        if (str_eq(key, wanted->members[i].key)) {
            c->member = &wanted->members[i];
            return;
        }
    }
}

static char peek(const struct checker *c, size_t at)
{
    return at < c->text.len ? c->text.ptr[at] : '\0';
}

/* A value has ended at `at`: perhaps a wanted member. Steps over a comma that follows at once. */
static inline size_t end_value(struct checker *c, size_t at)
{
    if (c->member != NULL && c->depth == 1) {
        c->member->written = str_slice(c->text, c->member_at, at);
        c->member->nodes = c->shape.nodes - c->member->nodes;
        c->member = NULL;
    }
    if (c->depth == 0 || peek(c, at) != ',') {
        c->expect = EXPECT_NEXT;
        return at;
    }
    c->expect = c->in_map ? EXPECT_KEY : EXPECT_VALUE;
    return at + 1;
}

static size_t close_level(struct checker *c, size_t at)
{
    c->depth--;
    find_level(c);
    return end_value(c, at + 1);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_word(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static size_t digits(struct checker *c, size_t at, const char *where)
{
    if (!is_digit(peek(c, at))) {
        return fail(c, at, "a digit is missing %s", where);
    }
    while (is_digit(peek(c, at))) {
        at++;
    }
    return at;
}

static size_t number(struct checker *c, size_t at)
{
    at += peek(c, at) == '-' ? 1 : 0;
    if (peek(c, at) == '0') {
        at++;
        if (is_digit(peek(c, at))) {
            return fail(c, at, "a number does not begin with 0 and more digits");
        }
    } else if ((at = digits(c, at, "after '-'")) == FAULT) {
        return FAULT;
    }
    if (peek(c, at) == '.' && (at = digits(c, at + 1, "after '.'")) == FAULT) {
        return FAULT;
    }
    if (peek(c, at) == 'e' || peek(c, at) == 'E') {
        at += peek(c, at + 1) == '+' || peek(c, at + 1) == '-' ? 2 : 1;
        if ((at = digits(c, at, "in the exponent")) == FAULT) {
            return FAULT;
        }
    }
    return is_word(peek(c, at)) ? fail(c, at, "'%c' inside a number", peek(c, at)) : at;
}

static size_t word(struct checker *c, size_t at)
{
    size_t end = at;
    while (is_word(peek(c, end))) {
        end++;
    }
    struct str found = str_slice(c->text, at, end);
    if (str_eq(found, STR("true")) || str_eq(found, STR("false")) || str_eq(found, STR("null"))) {
        return end;
    }
    return fail(c, at, "'%.*s%s' is no JSON value: text stands in double quotes; the words are true, false, null",
                STR_ARG(str_slice(found, 0, WORD_SHOWN_MAX)), found.len > WORD_SHOWN_MAX ? "..." : "");
}

static bool hex_digit(char byte, uint32_t *value)
{
    uint32_t digit = 0;
    if (is_digit(byte)) {
        digit = (uint32_t)(byte - '0');
    } else if (byte >= 'a' && byte <= 'f') {
        digit = (uint32_t)(byte - 'a') + 10;
    } else if (byte >= 'A' && byte <= 'F') {
        digit = (uint32_t)(byte - 'A') + 10;
    } else {
        return false;
    }
    *value = *value << 4 | digit;
    return true;
}

/* `\uXXXX` at `at`: its number. */
static bool escape_unit(const struct checker *c, size_t at, uint32_t *ret)
{
    uint32_t unit = 0;
    if (c->text.len - at < ESCAPE_U_BYTES || c->text.ptr[at] != '\\' || c->text.ptr[at + 1] != 'u') {
        return false;
    }
    for (size_t i = 2; i < ESCAPE_U_BYTES; i++) {
        if (!hex_digit(c->text.ptr[at + i], &unit)) {
            return false;
        }
    }
    *ret = unit;
    return true;
}

static size_t unicode_escape(struct checker *c, size_t at)
{
    uint32_t unit = 0;
    uint32_t low = 0;
    if (!escape_unit(c, at, &unit)) {
        return fail(c, at, "'\\u' takes four hexadecimal digits");
    }
    if (unit < SURROGATE_FIRST || unit > SURROGATE_LAST) {
        return at + ESCAPE_U_BYTES;
    }
    if (unit < SURROGATE_LOW_FIRST && escape_unit(c, at + ESCAPE_U_BYTES, &low) && low >= SURROGATE_LOW_FIRST &&
        low <= SURROGATE_LAST) {
        return at + 2 * (size_t)ESCAPE_U_BYTES;
    }
    if (!c->lone_surrogates_ok) {
        return fail(c, at, "'\\u%04x' is half of a surrogate pair without the other", (unsigned)unit);
    }
    c->shape.has_lone_surrogate = true;
    return at + ESCAPE_U_BYTES;
}

/* At a backslash. */
static size_t escape(struct checker *c, size_t at)
{
    c->shape.has_escape = true;
    char letter = peek(c, at + 1);
    switch (letter) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return at + 2;
    case 'u':
        return unicode_escape(c, at);
    default:
        if (letter > 0x20 && letter < 0x7f) {
            return fail(c, at, "'\\%c' is no escape; a backslash is written '\\\\'", letter);
        }
        return fail(c, at, "a backslash is written '\\\\'");
    }
}

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of each byte that does not stand in a text as it is; sure up to the lowest one, since a subtraction borrows from the bytes above it.
 * Control characters and the quote (0x22) are those that are below 0x21 once their second bit is turned; a backslash is what becomes zero. */
static inline uint64_t not_plain(uint64_t eight)
{
    uint64_t low = (eight ^ EACH_BYTE(0x02)) - EACH_BYTE(0x21);
    uint64_t backslash = (eight ^ EACH_BYTE('\\')) - EACH_BYTE(0x01);
    return (low | backslash) & ~eight & EACH_BYTE(0x80);
}

static inline size_t skip_plain(struct str text, size_t at, bool *has_non_ascii)
{
    uint64_t seen = 0;
    while (text.len - at >= sizeof(uint64_t)) {
        uint64_t eight = 0;
        memcpy(&eight, text.ptr + at, sizeof(eight));
        uint64_t other = not_plain(eight);
        if (other != 0) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            uint64_t before = (other & -other) - 1; /* the bits below the first of them */
            *has_non_ascii |= ((seen | (eight & before)) & EACH_BYTE(0x80)) != 0;
            return at + (unsigned)__builtin_ctzll(other) / 8;
#else
            break; /* the first byte is the highest: byte by byte */
#endif
        }
        seen |= eight;
        at += sizeof(eight);
    }
    for (; at < text.len; at++) {
        unsigned char byte = (unsigned char)text.ptr[at];
        if (byte < 0x20 || byte == '"' || byte == '\\') {
            break;
        }
        seen |= (uint64_t)byte;
    }
    *has_non_ascii |= (seen & EACH_BYTE(0x80)) != 0;
    return at;
}

size_t json_skip_plain(struct str text, size_t at, bool *has_non_ascii)
{
    return skip_plain(text, at, has_non_ascii);
}

/* From `at`, the first byte of a text, opened at `opened_at`, that is not as it is. */
OUT_OF_LINE static size_t quoted_rest(struct checker *c, size_t at, size_t opened_at)
{
    for (; at < c->text.len; at = skip_plain(c->text, at, &c->shape.has_non_ascii)) {
        unsigned char byte = (unsigned char)c->text.ptr[at];
        if (byte == '"') {
            return at + 1;
        }
        if (byte != '\\') {
            return byte == '\n' ? fail(c, at, "a line end inside a text: the quote is missing, or write '\\n'")
                                : fail(c, at, "the control character 0x%02x is written '\\u%04x'", byte, byte);
        }
        if ((at = escape(c, at)) == FAULT) {
            return FAULT;
        }
    }
    return fail(c, opened_at, "this text has no closing quote");
}

/* At the opening quote. */
static inline size_t quoted(struct checker *c, size_t at)
{
    size_t end = skip_plain(c->text, at + 1, &c->shape.has_non_ascii);
    bool is_whole = end < c->text.len && c->text.ptr[end] == '"'; /* most texts are plain to their end */
    return is_whole ? end + 1 : quoted_rest(c, end, at);
}

static inline size_t key(struct checker *c, size_t at)
{
    char found = c->text.ptr[at];
    if (found == '"') {
        size_t end = quoted(c, at);
        c->shape.nodes++;
        if (end != FAULT && c->wanted != NULL && c->depth == 1) {
            find_member(c, str_slice(c->text, at + 1, end - 1));
        }
        bool has_colon = end != FAULT && peek(c, end) == ':';
        c->expect = has_colon ? EXPECT_VALUE : EXPECT_COLON;
        return has_colon ? end + 1 : end;
    }
    if (found == '}' && c->expect == EXPECT_KEY_OR_END) {
        return close_level(c, at);
    }
    if (found == '}') {
        return fail(c, at, "a comma with no key after it");
    }
    return fail_found(c, at, c->expect == EXPECT_KEY ? "a key in double quotes" : "a key in double quotes or '}'");
}

/* One that is no list or map. */
static inline size_t scalar(struct checker *c, size_t at)
{
    char found = c->text.ptr[at];
    if (found == '"') {
        return quoted(c, at);
    }
    if (found == '-' || is_digit(found)) {
        return number(c, at);
    }
    if (is_word(found)) {
        return word(c, at);
    }
    return found == '\'' ? fail(c, at, "text stands in double quotes") : fail_found(c, at, "a value");
}

static inline size_t value(struct checker *c, size_t at)
{
    char found = c->text.ptr[at];
    if (found == ']' && c->expect == EXPECT_VALUE_OR_END) {
        return close_level(c, at);
    }
    if (found == ']' && c->depth > 0 && !c->in_map) {
        return fail(c, at, "a comma with no value after it");
    }
    if (c->member != NULL && c->depth == 1) {
        c->member_at = at;
        c->member->nodes = c->shape.nodes;
    }
    c->shape.nodes++;
    if (found == '{' || found == '[') {
        return open_level(c, at, found == '{');
    }
    size_t end = scalar(c, at);
    return end == FAULT ? FAULT : end_value(c, end);
}

/* After a value. */
static size_t next(struct checker *c, size_t at)
{
    char found = c->text.ptr[at];
    if (c->depth == 0) {
        return fail_found(c, at, "nothing after the value");
    }
    if (found == ',') {
        c->expect = c->in_map ? EXPECT_KEY : EXPECT_VALUE;
        return at + 1;
    }
    if (found == (c->in_map ? '}' : ']')) {
        return close_level(c, at);
    }
    return fail_found(c, at, c->in_map ? "',' or '}'" : "',' or ']'");
}

/* At a character that is no blank. */
static inline size_t step(struct checker *c, size_t at)
{
    switch (c->expect) {
    case EXPECT_VALUE:
    case EXPECT_VALUE_OR_END:
        return value(c, at);
    case EXPECT_KEY:
    case EXPECT_KEY_OR_END:
        return key(c, at);
    case EXPECT_COLON:
        if (c->text.ptr[at] != ':') {
            return fail_found(c, at, "':' after the key");
        }
        c->expect = EXPECT_VALUE;
        return at + 1;
    case EXPECT_NEXT:
        break;
    }
    return next(c, at);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static inline size_t skip_blanks(struct checker *c, size_t at)
{
    for (; at < c->text.len; at++) {
        char byte = c->text.ptr[at];
        if ((unsigned char)byte > ' ' || !is_blank(byte)) {
            break;
        }
        c->shape.has_blank = true;
        c->shape.has_newline |= byte == '\n';
    }
    return at;
}

static bool grammar(struct checker *c)
{
    size_t at = 0;
    while ((at = skip_blanks(c, at)) < c->text.len) {
        if ((at = step(c, at)) == FAULT) {
            return false;
        }
    }
    if (c->depth > 0) {
        (void)fail(c, at, "the text ends inside a %s", c->in_map ? "map" : "list");
    } else if (c->expect != EXPECT_NEXT) {
        (void)fail(c, at, "there is no JSON value");
    }
    return c->depth == 0 && c->expect == EXPECT_NEXT;
}

bool json_check(struct str text, bool lone_surrogates_ok, struct json_wanted *wanted, struct json_shape *ret,
                struct json_fault *fault)
{
    struct checker c = {.text = text, .lone_surrogates_ok = lone_surrogates_ok, .wanted = wanted, .fault = fault};
    for (size_t i = 0; wanted != NULL && i < wanted->count; i++) {
        c.wanted_lengths |= UINT64_C(1) << (wanted->members[i].key.len % 64);
    }
    bool ok = grammar(&c);
    size_t bad_at = 0;
    if ((c.shape.has_non_ascii || !ok) && !utf8_is_valid(str_slice(text, 0, ok ? text.len : fault->at), &bad_at)) {
        (void)fail(&c, bad_at, "the byte 0x%02x is not valid UTF-8", (unsigned char)text.ptr[bad_at]);
        return false;
    }
    if (ok) {
        *ret = c.shape;
    }
    return ok;
}
