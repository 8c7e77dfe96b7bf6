#ifndef ASSAY_TESTS_JUDGE_JOURNAL_H
#define ASSAY_TESTS_JUDGE_JOURNAL_H

/* A store with one invocation of one suite, filled from a table, to be judged.
 *
 * A trial is written as a letter and fields: P passes, F fails (dimension `answer`), M was only measured, E errored; then
 * `l12.5` = latency_ms, `q0.7` = quality, `s3` = steps (a measure from 0 to 10), `wX` and `aY` = class wanted and answered, `n` = answer not scored (with E).
 * Trials stand between blanks: "Pl10 Fl20 E". An empty text: no sample. */

#include "base/arena.h"
#include "base/err.h"
#include "judge/judge.h"
#include "store/store.h"
#include "tests/temp.h"

enum { JOURNAL_RUNS = 3, JOURNAL_GATES = 16 };
enum journal_dimension { JOURNAL_ANSWER, JOURNAL_LATENCY, JOURNAL_QUALITY, JOURNAL_STEPS, JOURNAL_DIMENSIONS };

struct journal_case {
    const char *trials[JOURNAL_RUNS]; /* by variant */
    const char *tags;                 /* JSON; NULL = [] */
    const char *cluster, *skip;
    const char *id, *content; /* NULL = "case-N", and the id */
};

struct journal {
    struct arena arena;
    struct temp_dir dir;
    struct store *store;
    bool is_guest; /* the store is another journal's */
    struct err err;
    struct invocation_record invocation;
    struct plan_record plan;
    struct run_record runs[JOURNAL_RUNS];
    size_t run_count;
    struct suite suite; /* set what is to be tested, then judge */
    struct gate gates[JOURNAL_GATES];
    struct dimension dimensions[JOURNAL_DIMENSIONS];
    struct judge_in in;
    struct summary *summaries;
};

struct journal_options {
    uint32_t trials;             /* 0 = 1 */
    const char *const *variants; /* NULL = "default" */
    size_t variant_count;
    bool is_partial_selection;
};

void journal_open(struct journal *j, const struct journal_case *cases, size_t count, struct journal_options options);
/* One more invocation, of that --run-id, in the store of another journal, which is closed last. */
void journal_open_beside(struct journal *j, const struct journal *other, const char *name,
                         const struct journal_case *cases, size_t count, struct journal_options options);
void journal_close(struct journal *j); /* for CLEANUP */
void journal_gate(struct journal *j, const char *text, enum gate_severity severity);
void journal_clear_gates(struct journal *j);
void journal_judge(struct journal *j); /* into j->summaries */

/* The result of the gate judged last for a run: by its text. NULL when the run shows no such gate. */
const struct gate_result *journal_result(const struct journal *j, size_t run, const char *text);

#endif
