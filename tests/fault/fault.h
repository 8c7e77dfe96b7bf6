#ifndef ASSAY_TESTS_FAULT_FAULT_H
#define ASSAY_TESTS_FAULT_FAULT_H

/* The fault server (server.c holds its manual) from a test: on a free port of loopback, ended with the test.
 *
 *   struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--rule", "kind=call n=2 : status=429 retry-after=1", NULL});
 *   ... OPPER_BASE_URL = fault_url(&f, "/v2") ...
 *   fault_end(&f, &arena)            its ledger, as text; the server is gone then
 *
 * In a test of tests/e2e: `e.env[0] = arena_printf(&e.arena, "OPPER_BASE_URL=%s", fault_url(&f, "/v2").text).ptr;`. The program is found by the
 * environment variable ASSAY_FAULT_SERVER, which Meson sets (tests/meson.build: fault_env). */

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"
#include "tests/temp.h"

struct arena;

struct fault {
    struct temp_dir dir; /* its files: ledger, requests, raw */
    pid_t pid;           /* 0 = gone */
    unsigned port;
};

struct fault_text {
    char text[256];
};

/* `args` beside those for port, ledger, requests and raw. Ends the program when it cannot. */
struct fault fault_start(const char *const *args);
void fault_stop(struct fault *f); /* for CLEANUP: ends it when it is there, removes its files */

struct fault_text fault_url(const struct fault *f, const char *path); /* "http://127.0.0.1:PORT/v2" */

/* Ends the server in order. The ledger: JSON lines. Then fault_requests and fault_raw are whole, too. */
struct str fault_end(struct fault *f, struct arena *arena);
struct str fault_requests(const struct fault *f, struct arena *arena); /* as received, JSON lines */
struct str fault_raw(const struct fault *f,
                     struct arena *arena); /* all bytes but those of the Authorization headers' values */

/* A number of the ledger's last line: "total", "connections", "call", "429"; 0 when it is not there. */
uint64_t fault_count(struct str ledger, const char *name);

#endif
