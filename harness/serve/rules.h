#ifndef ASSAY_SERVE_RULES_H
#define ASSAY_SERVE_RULES_H

/* The rules that a request to a loopback server has to keep, judged by its head alone. Every web page that a browser on this machine shows can send
 * requests here: what gives it away is a Host that is not us (a name that was made to point here, DNS rebinding) and an Origin that is not us. Two
 * lengths, or a length and a coding, are how a request is hidden in another one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* A header as it came: how often, and the last value. */
struct rules_field {
    unsigned count;
    struct str value;
};

struct rules_head {
    struct str target;   /* the request's, as sent */
    size_t header_bytes; /* all of them */
    struct rules_field host, origin, length, coding;
};

/* 0 = keeps them; else the status to answer with, and what is wrong in words. */
unsigned rules_check(const struct rules_head *head, uint16_t port, const char **ret_words);

#endif
