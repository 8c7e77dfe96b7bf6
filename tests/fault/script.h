#ifndef ASSAY_TESTS_FAULT_SCRIPT_H
#define ASSAY_TESTS_FAULT_SCRIPT_H

/* What the fault server does to which request. The language is described in server.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/str.h"
#include "base/vec.h"

struct arena;

enum rule_end { END_KEEP, END_CLOSE, END_RST, END_HANG };
enum rule_endless { ENDLESS_NOTHING, ENDLESS_BODY, ENDLESS_HEADERS };
enum rule_framing { FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_CLOSE };

struct rule {
    /* when */
    struct str method, path, kind; /* empty = any; path: a part of it */
    uint64_t first, last, every;   /* of the requests that fit so far, from 1; 0 = does not matter */
    uint64_t times;                /* acts at most so often; 0 = no limit */
    double probability;            /* 1 = always */
    bool reused;                   /* only on a connection that served a request before */
    /* what */
    unsigned status; /* 0 = the ordinary answer */
    bool acts, is_answerless, is_interim;
    struct str headers; /* lines with \r\n */
    struct str content_type, body, raw;
    bool has_body, has_raw;
    size_t body_bytes; /* filler */
    int delay_ms, drip_ms;
    size_t drip_bytes;
    size_t cut;      /* bytes of the whole answer that are sent; SIZE_MAX = all */
    size_t cut_body; /* bytes of the body; SIZE_MAX = all */
    enum rule_end end;
    enum rule_endless endless;
    enum rule_framing framing;
    /* so far */
    uint64_t seen, fired;
};

struct script {
    VEC(struct rule) rules;
    struct rng rng;
};

/* Adds the rules of a text, one a line. False: *ret_bad is the line that is not understood. */
bool script_read(struct script *s, struct arena *arena, struct str text, struct str *ret_bad);

/* The first rule that acts on this request; NULL = none. */
struct rule *script_pick(struct script *s, struct str method, struct str path, const char *kind, bool is_reused);

#endif
