#include "base/id.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/digest.h"
#include "base/mem.h"

/* Never to be changed: every derived id, hence every stored run, hangs on it. */
const struct uuid ID_NAMESPACE = {
    {0x0d, 0xf6, 0xf0, 0xd1, 0x35, 0x15, 0x46, 0xbf, 0xb8, 0xa0, 0xd8, 0x63, 0x3e, 0x61, 0x6c, 0xf1}};

enum {
    DECIMAL_BYTES = 20,   /* the longest 64-bit number */
    ORDINARY_BYTES = 2560 /* two names of LIMIT_ID_BYTES and what goes around them: no allocation per sample */
};

static void id_mark(struct uuid *id, uint8_t version)
{
    id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | (version << 4));
    id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80); /* the variant of RFC 9562 */
}

struct uuid id_random(void)
{
    struct uuid id;
    if (getentropy(id.bytes, sizeof(id.bytes)) != 0) {
        abort(); /* cannot happen for 16 bytes on a kernel that has the call; an id that is not unique would lose records */
    }
    id_mark(&id, 4);
    return id;
}

static size_t decimal_write(uint64_t number, char *ret)
{
    char reversed[DECIMAL_BYTES];
    size_t len = 0;
    do {
        reversed[len++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < len; i++) {
        ret[i] = reversed[len - 1 - i];
    }
    return len;
}

/* v5 of what stands in `text` after the 16 bytes that it fills with the name space. */
static struct uuid id_hash(const struct uuid *space, char *text, size_t len)
{
    uint8_t sha1[20];
    struct uuid id;
    memcpy(text, space->bytes, sizeof(space->bytes));
    digest_sha1((struct str){text, len}, sha1);
    memcpy(id.bytes, sha1, sizeof(id.bytes));
    id_mark(&id, 5);
    return id;
}

static size_t join_write(const struct str *parts, size_t count, char *ret)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += decimal_write(parts[i].len, ret + len);
        ret[len++] = ':';
        if (parts[i].len > 0) {
            memcpy(ret + len, parts[i].ptr, parts[i].len);
        }
        len += parts[i].len;
    }
    return len;
}

struct uuid id_derive(const struct uuid *space, const struct str *parts, size_t count)
{
    size_t room = sizeof(space->bytes);
    for (size_t i = 0; i < count; i++) {
        room += DECIMAL_BYTES + 1 + parts[i].len;
    }
    char ordinary[ORDINARY_BYTES];
    char *text = room <= sizeof(ordinary) ? ordinary : mem_alloc(room);
    size_t len = sizeof(space->bytes) + join_write(parts, count, text + sizeof(space->bytes));
    struct uuid id = id_hash(space, text, len);
    if (text != ordinary) {
        mem_free(text);
    }
    return id;
}

struct uuid id_of_invocation(struct str run_id_name)
{
    const struct str parts[] = {STR("inv"), run_id_name};
    return id_derive(&ID_NAMESPACE, parts, 2);
}

struct uuid id_of_run(const struct uuid *invocation, struct str suite, struct str variant)
{
    const struct str parts[] = {suite, variant};
    return id_derive(invocation, parts, 2);
}

struct uuid id_of_root_span(const struct uuid *run)
{
    static const char root[] = {'r', 'o', 'o', 't'};
    char text[sizeof(run->bytes) + sizeof(root)];
    memcpy(text + sizeof(run->bytes), root, sizeof(root));
    return id_hash(run, text, sizeof(text));
}

struct uuid id_of_sample_span(const struct uuid *run, struct str case_id, uint32_t trial, uint32_t attempt)
{
    char trial_text[DECIMAL_BYTES];
    char attempt_text[DECIMAL_BYTES];
    const struct str parts[] = {STR("case"),
                                case_id,
                                {trial_text, decimal_write(trial, trial_text)},
                                {attempt_text, decimal_write(attempt, attempt_text)}};
    return id_derive(run, parts, 4);
}

static bool is_dash_at(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

struct uuid_text id_text(const struct uuid *id)
{
    static const char digits[] = "0123456789abcdef";
    struct uuid_text result;
    char *to = result.text;
    for (size_t i = 0; i < sizeof(id->bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *to++ = '-';
        }
        *to++ = digits[id->bytes[i] >> 4];
        *to++ = digits[id->bytes[i] & 15];
    }
    *to = '\0';
    return result;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool id_parse(struct str text, struct uuid *ret)
{
    struct uuid id = {{0}};
    size_t nibbles = 0;
    if (text.len != sizeof(((struct uuid_text *)NULL)->text) - 1) {
        return false;
    }
    for (size_t at = 0; at < text.len; at++) {
        if (is_dash_at(at)) {
            if (text.ptr[at] != '-') {
                return false;
            }
            continue;
        }
        int digit = hex_digit(text.ptr[at]);
        if (digit < 0) {
            return false;
        }
        uint8_t *byte = &id.bytes[nibbles++ / 2];
        *byte = (uint8_t)((*byte << 4) | digit);
    }
    *ret = id;
    return true;
}

bool id_eq(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
