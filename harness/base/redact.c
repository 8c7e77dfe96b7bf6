/* A secret is kept as patterns: its bytes without backslashes, and three alignments of its base64. A pattern is compared with a text one character at
 * a time, over every way of writing that character. Where a text can be read in two ways ("%25" is a percent sign, or a percent sign, a 2 and a 5) both
 * are followed, in a small set of places; so the time of a comparison is bounded by the pattern's length. */

#include "base/redact.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"

enum {
    ANCHOR_BYTES =
        REDACT_MIN_BYTES, /* a pattern's beginning that is written as it is everywhere: what is searched for */
    ANCHOR_LEAST = 3,
    ALIGNMENTS = 3,
    LONG_TEXT_BYTES = 1024,
    BASE64_MIN = 10, /* characters of base64 that hold less than REDACT_MIN_BYTES bytes */
    PLACES = 8
};

struct pattern_of {
    char *ptr;
    size_t len, anchor;
    size_t rarest; /* of the anchor's characters, the one that other texts hold least */
    size_t least;  /* of a secret's first characters that are found alone */
    bool is_base64;
    bool is_word;        /* not looked for in outputs */
    bool begins_as_word; /* in outputs its beginning alone is not enough */
};

struct redactor {
    struct pattern_of *patterns;
    size_t count;
};

struct places {
    size_t at[PLACES];
    size_t count;
};

struct hit {
    size_t start, end; /* start == SIZE_MAX: none any more */
};

static const char mark[] = "[redacted]";

static bool is_unreserved(char c, bool is_base64)
{
    bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_alnum || (!is_base64 && (c == '-' || c == '.' || c == '_' || c == '~'));
}

/* The later in here, the rarer in answers: JSON of English words, numbers and ids. */
static size_t rarity(char c)
{
    static const char order[] = "eaotnisrldcupmhgfybw0123456789-_./+vkxjqzEAOTNISRLDCUPMHGFYBWVKXJQZ";
    size_t at = 0;
    return str_find_char(STR(order), c, &at) ? at : 0;
}

/* Takes p.ptr over. `whole`: how many of its first characters stand side by side in the secret, too. */
static void add_pattern(struct redactor *r, struct pattern_of p, size_t whole)
{
    whole = whole < ANCHOR_BYTES ? whole : ANCHOR_BYTES;
    while (p.anchor < p.len && p.anchor < whole && is_unreserved(p.ptr[p.anchor], p.is_base64)) {
        p.rarest = rarity(p.ptr[p.anchor]) > rarity(p.ptr[p.rarest]) ? p.anchor : p.rarest;
        p.anchor++;
    }
    r->patterns = mem_realloc(r->patterns, (r->count + 1) * sizeof(*r->patterns));
    r->patterns[r->count++] = p;
}

/* The characters of base64 that depend on the secret alone when `before` bytes stand before it. */
static void add_base64(struct redactor *r, struct str secret, size_t before)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t first = (before * 8 + 5) / 6;
    size_t end = (before + secret.len) * 8 / 6;
    char *text = mem_alloc(end - first + 1);
    for (size_t i = first; i < end; i++) {
        unsigned digit = 0;
        for (size_t bit = i * 6; bit < i * 6 + 6; bit++) {
            unsigned byte = (unsigned char)secret.ptr[bit / 8 - before];
            digit = digit << 1 | (byte >> (7 - bit % 8) & 1u);
        }
        text[i - first] = digits[digit];
    }
    add_pattern(r, (struct pattern_of){.ptr = text, .len = end - first, .least = BASE64_MIN, .is_base64 = true},
                end - first);
}

/* "anything", "test-key", "Local.Key" */
static bool looks_like_words(struct str text)
{
    bool is_start = true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_mark = c == '-' || c == '_' || c == '.' || c == ' ';
        if (!is_mark && !(c >= 'a' && c <= 'z') && !(is_start && c >= 'A' && c <= 'Z')) {
            return false;
        }
        is_start = is_mark;
    }
    return true;
}

struct redactor *redactor_new(void)
{
    return mem_alloc(sizeof(struct redactor));
}

void redactor_free(struct redactor **redactor)
{
    if (*redactor == NULL) {
        return;
    }
    struct redactor *gone = take_ptr(redactor);
    for (size_t i = 0; i < gone->count; i++) {
        explicit_bzero(gone->patterns[i].ptr, gone->patterns[i].len);
        mem_free(gone->patterns[i].ptr);
    }
    mem_free(gone->patterns);
    mem_free(gone);
}

void redactor_add(struct redactor *redactor, const struct secret *secret)
{
    struct str bytes = secret_reveal(secret);
    char *plain = mem_alloc(bytes.len + 1);
    size_t len = 0;
    size_t least = 0; /* of its first REDACT_MIN_BYTES bytes, those that are compared */
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != '\\') { /* a text's backslashes are passed over, so that escapes match at any depth */
            plain[len++] = bytes.ptr[i];
        }
        least = i < REDACT_MIN_BYTES ? len : least;
    }
    if (len < REDACT_MIN_BYTES) {
        explicit_bzero(plain, len);
        mem_free(plain);
        return;
    }
    least = least < ANCHOR_LEAST ? REDACT_MIN_BYTES : least; /* one that begins with nearly nothing but backslashes */
    size_t whole = 0;
    if (!str_find_char(bytes, '\\', &whole)) {
        whole = len;
    }
    struct pattern_of as_is = {
        .ptr = plain,
        .len = len,
        .least = least,
        .is_word = bytes.len < REDACT_PHRASE_BYTES && looks_like_words(bytes),
        .begins_as_word = looks_like_words(str_slice(bytes, 0, REDACT_MIN_BYTES)),
    };
    add_pattern(redactor, as_is, whole);
    for (size_t before = 0; before < ALIGNMENTS; before++) {
        add_base64(redactor, bytes, before);
    }
}

/* ---- one character, in every way of writing it */

static bool starts_at(struct str text, size_t at, const char *part)
{
    size_t len = strlen(part);
    return text.len - at >= len && memcmp(text.ptr + at, part, len) == 0;
}

/* `count` hex digits (0: as many as there are, at most 6). */
static bool read_hex(struct str text, size_t *at, size_t count, unsigned *ret)
{
    unsigned number = 0;
    size_t i = 0;
    for (; i < (count == 0 ? 6 : count) && *at + i < text.len; i++) {
        char c = text.ptr[*at + i];
        if (c >= '0' && c <= '9') {
            number = number << 4 | (unsigned)(c - '0');
        } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
            number = number << 4 | (unsigned)((c | 0x20) - 'a' + 10);
        } else {
            break;
        }
    }
    *at += i;
    *ret = number;
    return count == 0 ? i > 0 : i == count;
}

static bool read_decimal(struct str text, size_t *at, unsigned *ret)
{
    size_t start = *at;
    unsigned number = 0;
    while (*at < text.len && *at - start < 6 && text.ptr[*at] >= '0' && text.ptr[*at] <= '9') {
        number = number * 10 + (unsigned)(text.ptr[(*at)++] - '0');
    }
    *ret = number;
    return *at > start;
}

/* What follows a '&': "#39;", "#x27;", "lt;". */
static bool read_entity(struct str text, size_t *at, unsigned *ret)
{
    static const struct {
        const char *name;
        unsigned point;
    } names[] = {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}, {"bsol;", '\\'}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (starts_at(text, *at, names[i].name)) {
            *at += strlen(names[i].name);
            *ret = names[i].point;
            return true;
        }
    }
    if (!starts_at(text, *at, "#")) {
        return false;
    }
    *at += 1;
    bool is_hex = starts_at(text, *at, "x") || starts_at(text, *at, "X");
    *at += is_hex ? 1 : 0;
    if (!(is_hex ? read_hex(text, at, 0, ret) : read_decimal(text, at, ret)) || !starts_at(text, *at, ";")) {
        return false;
    }
    *at += 1;
    return true;
}

/* The character that is written at `*at` by an escape; steps over it. "%2525" is "%25" escaped once more: all depths are one. */
static bool read_escape(struct str text, size_t *at, unsigned *ret)
{
    size_t from = *at;
    if (starts_at(text, from, "%")) {
        from++;
        while (starts_at(text, from, "25") && from + 2 < text.len) {
            size_t next = from + 2;
            unsigned ignored = 0;
            if (!read_hex(text, &next, 2, &ignored)) {
                break;
            }
            from += 2;
        }
        if (!read_hex(text, &from, 2, ret)) {
            return false;
        }
    } else if (starts_at(text, from, "&")) {
        from++;
        while (starts_at(text, from, "amp;")) {
            size_t next = from + 4;
            unsigned ignored = 0;
            if (!read_entity(text, &next, &ignored)) {
                break;
            }
            from += 4;
        }
        if (!read_entity(text, &from, ret)) {
            return false;
        }
    } else if (from > 0 && text.ptr[from - 1] == '\\' && starts_at(text, from, "u")) {
        from++;
        if (!read_hex(text, &from, 4, ret)) {
            return false;
        }
    } else {
        return false;
    }
    *at = from;
    return true;
}

/* One backslash, in any way of writing it. */
static bool skip_backslash(struct str text, size_t *at)
{
    size_t next = *at;
    unsigned point = 0;
    if (starts_at(text, *at, "\\")) {
        *at += 1;
        return true;
    }
    if (read_escape(text, &next, &point) && point == '\\') {
        *at = next;
        return true;
    }
    return false;
}

static char fold(char c, bool is_base64)
{
    if (!is_base64) {
        return c;
    }
    return c == '-' ? '+' : c == '_' ? '/' : c;
}

static void add_place(struct places *places, size_t at)
{
    for (size_t i = 0; i < places->count; i++) {
        if (places->at[i] == at) {
            return;
        }
    }
    if (places->count < PLACES) {
        places->at[places->count++] = at;
    }
}

/* Where `c` may end that begins at `at`, or after the backslashes there. */
static void match_char(struct str text, size_t at, char c, bool is_base64, struct places *ends)
{
    do {
        unsigned point = 0;
        size_t end = at;
        if (at < text.len && (fold(text.ptr[at], is_base64) == c || (c == ' ' && text.ptr[at] == '+'))) {
            add_place(ends, at + 1);
        }
        if (read_escape(text, &end, &point) && point < 0x80 && fold((char)point, is_base64) == c) {
            add_place(ends, end);
        }
    } while (skip_backslash(text, &at));
}

static bool is_end(struct str text, size_t at)
{
    while (skip_backslash(text, &at)) {
    }
    return at >= text.len;
}

/* ---- a pattern */

/* Compares from character `from` of the pattern on. Returns how many matched; *ret_end is where they end, *ret_is_cut whether the text ended first. */
static size_t match_from(const struct pattern_of *p, size_t from, struct str text, size_t at, size_t *ret_end,
                         bool *ret_is_cut)
{
    struct places places = {.at = {at}, .count = 1};
    size_t i = from;
    for (; i < p->len; i++) {
        struct places ends = {0};
        for (size_t k = 0; k < places.count; k++) {
            match_char(text, places.at[k], p->ptr[i], p->is_base64, &ends);
        }
        if (ends.count == 0) {
            break;
        }
        places = ends;
    }
    *ret_end = places.at[0];
    *ret_is_cut = false;
    for (size_t k = 0; k < places.count; k++) {
        *ret_end = places.at[k] > *ret_end ? places.at[k] : *ret_end;
        *ret_is_cut = *ret_is_cut || is_end(text, places.at[k]);
    }
    return i - from;
}

static bool match_at(const struct pattern_of *p, struct str text, size_t at, enum redact_reach reach, struct hit *ret)
{
    size_t end = 0;
    bool is_cut = false;
    size_t matched = match_from(p, 0, text, at, &end, &is_cut);
    bool is_wary = reach == REDACT_OUTPUT && p->begins_as_word;
    bool is_enough = matched >= p->least && (!is_wary || (is_cut && matched >= REDACT_PHRASE_BYTES));
    if (matched == p->len || is_enough) {
        *ret = (struct hit){at, end};
        return true;
    }
    return false;
}

/* The text may begin in the middle of a secret: the tail of a log. */
static bool match_tail(const struct pattern_of *p, struct str text, struct hit *ret)
{
    if (text.len == 0) {
        return false;
    }
    bool is_escaped = str_find_char(STR("\\%&"), text.ptr[0], NULL);
    char first = fold(text.ptr[0], p->is_base64);
    for (size_t from = 1; from + p->least <= p->len; from++) {
        size_t end = 0;
        bool is_cut = false;
        const char *at = is_escaped ? p->ptr + from : memchr(p->ptr + from, first, p->len - p->least - from + 1);
        if (at == NULL) {
            return false;
        }
        from = (size_t)(at - p->ptr);
        if (match_from(p, from, text, 0, &end, &is_cut) == p->len - from) {
            *ret = (struct hit){0, end};
            return true;
        }
    }
    return false;
}

/* memmem prepares a table, which short texts do not pay back. */
static bool find_anchor(const struct pattern_of *p, struct str text, size_t *ret)
{
    if (text.len >= LONG_TEXT_BYTES) {
        return str_find(text, (struct str){p->ptr, p->anchor}, ret);
    }
    size_t after = p->anchor - p->rarest; /* from the rarest on */
    for (size_t at = p->rarest; at + after <= text.len; at++) {
        const char *hit = memchr(text.ptr + at, p->ptr[p->rarest], text.len - at - after + 1);
        if (hit == NULL) {
            return false;
        }
        at = (size_t)(hit - text.ptr);
        if (memcmp(hit - p->rarest, p->ptr, p->anchor) == 0) {
            *ret = at - p->rarest;
            return true;
        }
    }
    return false;
}

static size_t next_candidate(const struct pattern_of *p, struct str text, size_t at)
{
    if (p->anchor >= ANCHOR_LEAST) {
        size_t found = 0;
        struct str rest = str_slice(text, at, text.len);
        return find_anchor(p, rest, &found) ? at + found : SIZE_MAX;
    }
    while (at < text.len && fold(text.ptr[at], p->is_base64) != p->ptr[0] &&
           !str_find_char(STR("\\%&"), text.ptr[at], NULL)) {
        at++;
    }
    return at < text.len ? at : SIZE_MAX;
}

static struct hit next_hit(const struct pattern_of *p, struct str text, size_t from, enum redact_reach reach)
{
    struct hit hit = {SIZE_MAX, SIZE_MAX};
    if (reach == REDACT_OUTPUT && p->is_word) {
        return hit;
    }
    if (reach == REDACT_MESSAGE && from == 0 && match_tail(p, text, &hit)) {
        return hit;
    }
    for (size_t at = next_candidate(p, text, from); at != SIZE_MAX; at = next_candidate(p, text, at + 1)) {
        if (match_at(p, text, at, reach, &hit)) {
            break;
        }
    }
    return hit;
}

static void cut_out(const struct redactor *r, struct str text, enum redact_reach reach, struct hit *next,
                    struct buf *out)
{
    size_t at = 0;
    for (;;) {
        struct hit first = {SIZE_MAX, SIZE_MAX};
        for (size_t i = 0; i < r->count; i++) {
            if (next[i].start < at) {
                next[i] = next_hit(&r->patterns[i], text, at, reach);
            }
            if (next[i].start < first.start || (next[i].start == first.start && next[i].end > first.end)) {
                first = next[i];
            }
        }
        if (first.start == SIZE_MAX) {
            break;
        }
        buf_append(out, str_slice(text, at, first.start));
        buf_append_cstr(out, mark);
        at = first.end;
    }
    buf_append(out, str_slice(text, at, text.len));
}

bool redact(const struct redactor *redactor, struct str text, enum redact_reach reach, struct buf *out)
{
    if (redactor == NULL || redactor->count == 0 || text.len < REDACT_MIN_BYTES) {
        return false;
    }
    struct hit room[64];
    struct hit *next = redactor->count <= ARRAY_LEN(room) ? room : mem_alloc(redactor->count * sizeof(*next));
    bool has_any = false;
    for (size_t i = 0; i < redactor->count; i++) {
        next[i] = next_hit(&redactor->patterns[i], text, 0, reach);
        has_any = has_any || next[i].start != SIZE_MAX;
    }
    if (has_any) {
        cut_out(redactor, text, reach, next, out);
    }
    if (next != room) {
        mem_free(next);
    }
    return has_any;
}

struct str redact_text(const struct redactor *redactor, struct arena *arena, struct str text, enum redact_reach reach)
{
    struct buf out CLEANUP(buf_deinit) = BUF(text.len * 2 + sizeof(mark)); /* a mark may be longer than what it hides */
    return redact(redactor, text, reach, &out) ? arena_str(arena, buf_str(&out)) : text;
}
