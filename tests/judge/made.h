#ifndef ASSAY_TESTS_JUDGE_MADE_H
#define ASSAY_TESTS_JUDGE_MADE_H

/* Runs of many cases that are made, not written, and a run beside its baseline: what gates with confidence are tested on. */

#include "tests/judge/journal.h"

enum { MADE_CASES_MAX = 400 };

struct made {
    struct arena arena;
    struct journal_case cases[MADE_CASES_MAX];
    size_t count;
};

void made_close(struct made *m);                                                /* for CLEANUP */
void made_add(struct made *m, size_t count, const char *trial);                 /* so many cases of that trial text */
void made_add_one(struct made *m, char letter, double quality, double latency); /* with numbers of its own (0: none) */

/* What is found wherever a baseline is looked for: the other journal's first runs. */
struct given {
    struct journal *journal;
    size_t run_count;
    struct baseline_source source;
    enum baseline_state state;
    uint64_t runs_since;
    int64_t finished_unix_ms;
};

struct beside {
    struct journal before, after;
    struct given given;
    struct baseline_list list;
};

void beside_open(struct beside *b, const struct made *before, const struct made *after, struct journal_options options);
void beside_close(struct beside *b); /* for CLEANUP */

const struct gate_result *made_judge(struct journal *j, const char *gate); /* the first run's */
void made_check(const char *row, const struct gate_result *g, enum gate_outcome outcome, bool fails);

#endif
