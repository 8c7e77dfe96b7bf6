#include "base/digest.h"

#include <assert.h>
#include <string.h>

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

static_assert(sizeof(struct sha256_ctx) <= sizeof(((struct digest_stream *)NULL)->state),
              "struct digest_stream has no room for Nettle's state");

/* Nettle 4 dropped the length: a digest is always whole there. */
#if NETTLE_VERSION_MAJOR >= 4
#define FINISH(algorithm, context, size, bytes) algorithm##_digest((context), (bytes))
#else
#define FINISH(algorithm, context, size, bytes) algorithm##_digest((context), (size), (bytes))
#endif

static struct sha256_ctx *stream_context(struct digest_stream *s)
{
    return (struct sha256_ctx *)(void *)s->state;
}

void digest_begin(struct digest_stream *s)
{
    sha256_init(stream_context(s));
}

void digest_add(struct digest_stream *s, struct str data)
{
    if (data.len > 0) {
        sha256_update(stream_context(s), data.len, (const uint8_t *)data.ptr);
    }
}

struct digest digest_end(struct digest_stream *s)
{
    struct digest result;
    FINISH(sha256, stream_context(s), sizeof(result.bytes), result.bytes);
    return result;
}

struct digest digest_of(struct str data)
{
    struct digest_stream s;
    digest_begin(&s);
    digest_add(&s, data);
    return digest_end(&s);
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void digest_hex_bytes(const uint8_t *bytes, size_t len, char *ret)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[2 * len] = '\0';
}

struct digest_hex digest_hex(const struct digest *d)
{
    struct digest_hex hex;
    digest_hex_bytes(d->bytes, sizeof(d->bytes), hex.text);
    return hex;
}

void digest_sha1(struct str data, uint8_t ret[static 20])
{
    struct sha1_ctx context;
    sha1_init(&context);
    if (data.len > 0) {
        sha1_update(&context, data.len, (const uint8_t *)data.ptr);
    }
    FINISH(sha1, &context, SHA1_DIGEST_SIZE, ret);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool digest_parse(struct str hex, struct digest *ret)
{
    struct digest parsed;
    if (hex.len != 2 * sizeof(parsed.bytes)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(parsed.bytes); i++) {
        int high = hex_value(hex.ptr[2 * i]);
        int low = hex_value(hex.ptr[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        parsed.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *ret = parsed;
    return true;
}
