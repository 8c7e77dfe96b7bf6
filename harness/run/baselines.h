#ifndef ASSAY_RUN_BASELINES_H
#define ASSAY_RUN_BASELINES_H

/* Where baselines come from: the places of a suite, a gate or --baseline, tried in order for one run (docs/contracts.md, B). Judging asks through
 * struct judge_baselines.
 *
 * Shape:  baseline_finder with a store and an arena that outlive it, baseline_find any number of times, baseline_finder_close when the judgement is
 *         done: exported files are open until then.
 * Rules:  a run of the same suite and variant name; a place that names one variant's run itself (`latest~1/large`, a run's id) is taken at its word.
 *         Never the run that is judged, nor one that has not finished. A label takes the newest runs that are whole, passed, and not
 *         of a dirty tree.
 *         A run that is not planned yet (its invocation 0) is looked for by its suite and variant.
 * Errors: a store or an exported file that cannot be read. That nothing is found is an answer, with a reason for every place. */

#include "base/attr.h"
#include "base/vec.h"
#include "judge/judge.h"

struct arena;
struct err;
struct store;

struct baseline_file {
    struct str path;
    struct store *store;
    struct run_record *runs; /* newest first */
    size_t run_count;
};

struct baseline_source;

/* Asks Opper which runs a place there names, newest first, at most source->runs of the suite and variant of `run` and not itself, and brings those into the
 * store that it lacks. None: *ret_count 0, and why. It remembers what it was answered: whoever asks before a run is judged by the same runs afterwards.
 * `ask` NULL: nobody asks, and such a place is a label among what is in the store. */
struct baseline_asking {
    bool (*ask)(void *context, const struct run_record *run, const struct baseline_source *source, struct uuid **ret,
                size_t *ret_count, struct str *ret_why_not, struct err *err);
    void *context;
};

struct baseline_finder {
    struct arena *arena;
    struct store *store; /* looked through */
    struct store *own;   /* that of the runs that are judged: mostly the same, but they may come from a file */
    bool has_others;     /* more runs are judged together: one of them, named, may be the baseline of the others */
    struct baseline_asking asking;
    VEC(struct baseline_file) files;
};

bool baseline_find(void *finder, const struct baseline_list *list, const struct run_record *run,
                   struct judge_baseline *ret, struct err *err);
void baseline_finder_close(struct baseline_finder *f); /* for CLEANUP */

/* Earlier judged runs of the same suite, commit and variant, newest first. *ret_known false: nobody can tell (no commit, a dirty tree, a selection of
 * cases). `failed`: those since the last that passed: only what is run again after a failure is another attempt, a nightly of an unchanged commit is none. */
struct attempts {
    bool is_known;
    struct run_record *runs;
    size_t count, failed;
};
MUST_CHECK bool baseline_attempts(struct store *store, struct arena *arena, const struct run_record *run,
                                  struct attempts *ret, struct err *err);

/* Puts "attempt k" into a summary, and says so from the second on: to run again until it passes is no test. Pooled are all of `runs`, whatever they
 * came to: a choice among them would favour one side. */
void baseline_put_attempt(const struct attempts *attempts, struct arena *arena, struct summary *s);

/* A place as a flag names it: an exported file that is there, a label `key=value` or `opper:key=value`, else RUN. Texts are borrowed. */
struct baseline_source baseline_of_flag(const char *text);

/* ERR_USAGE for `opper:` without key=value behind it, which would be looked for as a RUN. `flags` NULL-ended, or NULL. */
MUST_CHECK bool baseline_flags_check(const char *const *flags, struct err *err);

#endif
