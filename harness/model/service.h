#ifndef ASSAY_MODEL_SERVICE_H
#define ASSAY_MODEL_SERVICE_H

/* Where Opper is, and with what key: from OPPER_BASE_URL, and OPPER_API_KEY or OPPER_API_KEY_FILE. Read once by cli/ and passed on; targets, judges and
 * delivery only hand the key to the requests that they describe. */

#include <stdbool.h>

#include "base/attr.h"

struct arena;
struct environment;
struct err;
struct secret;

#define SERVICE_BASE_URL "https://api.opper.ai/v2"

struct service {
    const char *base_url;     /* without a '/' at its end; with the version: ".../v2" */
    const struct secret *key; /* NULL = none is set */
    const char *key_name;     /* the variable that it comes from; NULL = OPPER_API_KEY */
};

/* Errors: ERR_USAGE: an address that is none, or that a key must not be sent to (plain http to a host that is not loopback). `key` may be NULL. */
MUST_CHECK bool service_open(struct arena *arena, const struct environment *env, const struct secret *key,
                             struct service *ret, struct err *err);

/* What a call needs before it can be made. ERR_USAGE with what to do; `what` names who wants it: "target 'opper'". */
MUST_CHECK bool service_check_key(const struct service *service, const char *what, struct err *err);

#endif
