#ifndef ASSAY_BASE_SECRET_H
#define ASSAY_BASE_SECRET_H

/* A key, or another text that nobody may read. It is never printed, logged, stored or put into arguments: its bytes have one way out, secret_reveal,
 * and tests/test_layers.c names the two files that may take it (the writer of the Authorization header, and the redactor).
 *
 * Ownership: heap; secret_free wipes the bytes. What libraries copied meanwhile is theirs: so no core file is written (secret_guard_process). */

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

struct err;
struct secret;

struct secret *secret_new(struct str bytes); /* copied */
void secret_free(struct secret **secret);
struct str secret_reveal(const struct secret *secret); /* NUL-terminated; see above who may */

/* Whether `text` is the secret; takes as long whatever differs. */
bool secret_eq(const struct secret *secret, struct str text);

/* The API key: `key`, the value of its variable (NULL or empty = not set), else the first line of `key_file`, a file that only its owner may read (NULL
 * or empty = none). A "Bearer " before it is dropped. *ret = NULL when there is none. Guards the process when there is one.
 * Errors: ERR_USAGE, without a byte of the key: not printable ASCII (it goes into a header), too long, a file that others may read. */
MUST_CHECK bool secret_load(const char *key, const char *key_file, struct secret **ret, struct err *err);

/* From now on no core file, and nobody else of this user may look into our memory or environment (prctl PR_SET_DUMPABLE, Linux). Programs that we start
 * are not touched by the latter. */
void secret_guard_process(void);

#endif
