#ifndef ASSAY_BASE_ID_H
#define ASSAY_BASE_ID_H

/* UUIDs, and the joining rule that names are made of (docs/contracts.md, D): join(a, b, ...) = each part as its decimal byte length, ":",
 * its bytes. Ids are derived (version 5), so that repeating a step makes the same ids and never a second record. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct uuid {
    uint8_t bytes[16];
};

struct uuid_text {
    char text[37]; /* 8-4-4-4-12 lower-case hex, NUL-terminated */
};

extern const struct uuid ID_NAMESPACE; /* NS of the contract: one fixed UUID */

struct uuid id_random(void);                                                            /* version 4, from getrandom */
struct uuid id_derive(const struct uuid *space, const struct str *parts, size_t count); /* v5(space, join(parts...)) */
struct uuid id_of_invocation(struct str run_id_name);                                   /* v5(NS, join("inv", NAME)) */
struct uuid id_of_run(const struct uuid *invocation, struct str suite,
                      struct str variant);           /* v5(invocation, join(suite, variant)) */
struct uuid id_of_root_span(const struct uuid *run); /* v5(run, join("root")) is NOT it: v5(run, "root"), as written */
struct uuid id_of_sample_span(const struct uuid *run, struct str case_id, uint32_t trial,
                              uint32_t attempt); /* trial from 1, attempt from 0 */

struct uuid_text id_text(const struct uuid *id);
bool id_parse(struct str text, struct uuid *ret); /* 36 characters, hex of either case */
bool id_eq(const struct uuid *a, const struct uuid *b);

#endif
