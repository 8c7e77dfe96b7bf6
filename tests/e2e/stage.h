#ifndef ASSAY_TESTS_E2E_STAGE_H
#define ASSAY_TESTS_E2E_STAGE_H

/* What the tests of recording share: a project whose runs are recorded by the fault server, a suite of two variants, and the oracle: what the server holds
 * is what the store says (ledger.py, which knows nothing of the program). The server's rules are in tests/fault/server.c.
 *
 *   struct stage s CLEANUP(stage_close) = stage_open((const char *const[]){"--latency", "30", NULL}, 20);
 *   CHECK_INT("run", e2e_sh(&s.e, "assay run suite.yaml -q --record opper").exit_code, 0);
 *   (void)stage_check(&s, "recorded", "");
 */

#include <stdbool.h>
#include <stddef.h>

#include "tests/e2e/e2e.h"
#include "tests/fault/fault.h"

struct stage {
    struct e2e e; /* the key and the address are in env[0] and env[1] */
    struct fault fault;
};

/* suite.yaml: of two variants, three dimensions, over rows.jsonl; one case in seven is wrong. */
extern const char STAGE_SUITE[];

/* `args` of the server, NULL = none. */
struct stage stage_open(const char *const *args, int cases);
void stage_close(struct stage *s);
void stage_down(struct stage *s);
/* Again, at the same address, knowing nothing of before. */
void stage_up(struct stage *s, const char *const *args);

/* Ends the server, and compares its ledger, which is returned, with the store. `options` are of ledger.py. */
struct str stage_check(struct stage *s, const char *row, const char *options);

/* What a line of it says after `before`; empty = nothing. */
struct str stage_line_after(struct str text, const char *before);

/* With --long on the command line: the full figures. Set by stage_main. */
extern bool stage_is_long;

/* PROGRAM SOURCE_DIR [--long] [TEST] */
struct stage_tests {
    const char *name;
    const struct check_test *tests;
    size_t count;
    const struct check_test *long_tests;
    size_t long_count;
};
int stage_main(int argc, char **argv, const struct stage_tests *all);

#endif
