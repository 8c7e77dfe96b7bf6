#ifndef ASSAY_BASE_DIGEST_H
#define ASSAY_BASE_DIGEST_H

/* SHA-256 (identity of contents) and SHA-1 (only inside UUIDv5, RFC 9562), by Nettle. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct digest {
    uint8_t bytes[32];
};

struct digest digest_of(struct str data);
bool digest_eq(const struct digest *a, const struct digest *b);

struct digest_hex {
    char text[65]; /* lower-case hex, NUL-terminated */
};
struct digest_hex digest_hex(const struct digest *d);
bool digest_parse(struct str hex, struct digest *ret); /* 64 hex digits of either case */

void digest_sha1(struct str data, uint8_t ret[static 20]);

/* Lower-case hex of any bytes: writes 2 * len characters and a NUL. */
void digest_hex_bytes(const uint8_t *bytes, size_t len, char *ret);

/* A digest over a stream: begin, add, end. The state is opaque and big enough for Nettle's struct sha256_ctx (a static assertion checks). */
struct digest_stream {
    uint64_t state[16];
};
void digest_begin(struct digest_stream *s);
void digest_add(struct digest_stream *s, struct str data);
struct digest digest_end(struct digest_stream *s);

#endif
