#ifndef ASSAY_BASE_URL_H
#define ASSAY_BASE_URL_H

/* The address of a server, as far as it must be understood before anything is sent: to whom, and whether a key may go there. Only http and https; no
 * user and password in it (they would be printed with it), no fragment, no blanks or control characters. IPv6 addresses stand in brackets.
 *
 * Loopback are localhost, 127.0.0.0/8 in full notation and [::1]: a name that only resolves to them is not, for it may change. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct err;

struct url {
    struct str host; /* as written, without the brackets */
    struct str path; /* from the '/' after the port on, with the query; may be empty */
    uint16_t port;   /* 80 or 443 when not written */
    bool is_tls, is_loopback;
};

/* Slices of `text`. Errors: ERR_USAGE, naming the address. */
MUST_CHECK bool url_parse(struct str text, struct url *ret, struct err *err);

/* Whether url_parse would take `text`, whose scheme, host and port are written as in `origin`, those of an address that it took before: a fraction of the
 * work. False says nothing: another address, or none at all. */
bool url_is_at(struct str text, struct str origin);

/* Whether nobody on the way can read what is sent. A key goes nowhere else. */
bool url_is_private(const struct url *url);

#endif
