#ifndef ASSAY_TESTS_E2E_RESUME_H
#define ASSAY_TESTS_E2E_RESUME_H

/* What the tests of interruption share: a suite with a pure target, the report of its undisturbed run, and the oracle: after any interruptions
 * and as many resumes, every sample that was announced is recorded, none twice, and the report is the undisturbed one. */

#include "tests/e2e/e2e.h"

struct resume_figures {
    unsigned interruptions, announced, lost, doubled;
};

/* Writes rows.jsonl and suite.yaml: `cases` cases by two variants, each a program that takes some milliseconds; one case of seven fails. */
void resume_write(struct e2e *e, int cases);

/* The reports of an undisturbed run named `t`, from a store of its own: calm.jsonl, calm.json. Then the project has no store. */
void resume_calm(struct e2e *e);

/* The script that begins the run `t`, or goes on with it once it is in the store; `before` stands before the program's name. */
const char *resume_script(struct e2e *e, const char *before);

/* Notes who is announced in `err` (lines of -v) in `announced`, a file of the project. */
void resume_note(struct e2e *e, struct str err);

/* After the run `t` is done: compares, adds to the figures. */
void resume_judge(struct e2e *e, const char *row, struct resume_figures *figures);

#endif
