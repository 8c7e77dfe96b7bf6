#ifndef ASSAY_SERVE_SERVER_H
#define ASSAY_SERVE_SERVER_H

/* `assay serve`: Opper's API v2 on 127.0.0.1, over a store of its own. Spans, metrics, feedback, traces and stored functions are kept; calls are answered by a
 * program of the user's (answerer.h). Paths are taken with and without /v2.
 *
 * One turn: requests that are whole are carried out in one transaction, and answered after its commit. So a thousand writers cost one commit, and
 * whatever was answered is in the store, however the process ends. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct clock;
struct environment;
struct err;
struct secret;

struct server_options {
    uint16_t port; /* 0 = a free one */
    const char *db;
    const struct secret *key; /* the bearer key that is taken; NULL = any */
    const char *answer_with;  /* a shell's text; NULL = calls are not answered */
    bool is_worker;           /* the program stays, as docs/contracts.md C says of workers */
    bool answers_json;        /* the program's answer is an object; else its text */
    uint32_t concurrency;     /* programs at once */
    int64_t timeout_ns;       /* of one answer */
    const struct environment *env;
    const char *journal; /* the store of runs that the pages show; NULL = no pages */
    const char *program; /* our own, for making reports */
};

/* Nothing is printed by the server itself; any of these may be NULL. */
struct server_events {
    void *ctx;
    void (*listening)(void *ctx, uint16_t port, const char *token); /* of the pages (pages.h); "" = there are none */
    void (*answered)(void *ctx, struct str method, struct str path, unsigned status, int64_t elapsed_ns);
    void (*note)(void *ctx, const char *text); /* something that whoever runs it should know */
};

/* Serves until SIGINT or SIGTERM; then what is under way may finish for 2 s. Errors: what stopped it, or it could not begin. */
MUST_CHECK bool server_run(const struct server_options *options, const struct clock *clock,
                           const struct server_events *events, struct err *err);

#endif
