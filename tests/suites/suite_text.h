#ifndef ASSAY_TESTS_SUITES_SUITE_TEXT_H
#define ASSAY_TESTS_SUITES_SUITE_TEXT_H

/* Loads suites from texts, in a folder of the test's own. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "model/environment.h"
#include "model/suite.h"
#include "suites/load.h"
#include "tests/temp.h"

struct suite_text {
    struct temp_dir dir;
    struct arena arena;
    struct diag diag;
    struct suite *suite; /* NULL until a load succeeded */
    struct suite_options options;
    struct environment env;
};

void suite_text_open(struct suite_text *t); /* the environment holds PATH, REGION=eu and API_KEY=secret */
void suite_text_close(struct suite_text *t);

/* Forgets what was loaded before; writes suite.yaml and loads it. */
bool suite_text_load(struct suite_text *t, const char *text);

/* Loads and shows all faults when there are any. */
bool suite_text_load_clean(struct suite_text *t, const char *name, const char *text);

/* The fault that holds `part`; NULL when there is none. */
const struct fault *suite_text_fault(const struct suite_text *t, const char *part);

/* One wrong suite: exactly one fault, which holds `part`, with `hint` in its hint (NULL = not looked at), at line and col (0 = not looked at). */
struct wrong_suite {
    const char *name, *text, *part, *hint;
    uint32_t line, col;
};
void check_wrong(struct suite_text *t, const struct wrong_suite *row);

#endif
