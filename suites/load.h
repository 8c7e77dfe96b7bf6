#ifndef ASSAY_SUITES_LOAD_H
#define ASSAY_SUITES_LOAD_H

/* Suite files to struct suite: read, decode by the field tables, include, merge variants, load scorers, targets and gates, check what hangs
 * together. Fails closed: any fault is in `diag`, and nothing is returned. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/suite.h"

struct arena;
struct diag;
struct environment;
struct service;
struct value;

struct suite_set { /* --set key=value */
    struct str key, value;
};

struct suite_options {
    const struct environment *env;
    const struct suite_set *sets; /* suite vars from the command line */
    size_t set_count;
    const char *const *extra_gates; /* --gate texts */
    size_t extra_gate_count;
    const struct baseline_list
        *baseline; /* --baseline: in place of the suite's, and of every gate's; NULL = not given */
    const struct baseline_list *default_baseline; /* where neither names one; NULL = none */
    uint32_t trials, concurrency;                 /* from flags; 0 = the suite's */
    /* Files as they were stored, for resume, gate and rescore: read instead of the disk when given. */
    const struct suite_file *stored;
    size_t stored_count;
    /* Environment that vars and labels were made from, for resume; NULL = env. A command's `env:` is always made from `env`. */
    const struct environment *stored_env;
    const struct service
        *service; /* where requests go; lives as long as the suite, filled before anything runs. NULL = nothing runs */
    bool is_offline; /* `assay check`: values of the environment may be unset; programs still have to be there */
};

MUST_CHECK bool suite_load(struct arena *arena, const char *path, const struct suite_options *options,
                           struct suite **ret, struct diag *diag);

/* What a stored run knows of its suite. */
struct suite_ran {
    const struct dimension *dimensions;
    size_t dimension_count;
    const struct str *variants; /* names of those that ran */
    size_t variant_count;
    uint32_t trials;
};

/* Of a stored suite only what judging needs: gates, baseline, how trials are reduced, allow_errors. Reads nothing but the stored text: programs, data
 * and environment may be gone. ret's cases, scorers and targets are not there. Without stored text (a pulled run) there are the extra gates alone, and
 * its name and how trials are reduced are to be filled in. */
MUST_CHECK bool suite_load_gates(struct arena *arena, const char *path, const struct suite_options *options,
                                 const struct suite_ran *ran, struct suite **ret, struct diag *diag);

/* Of a stored suite only its `record:`. Reads nothing but the stored text. */
MUST_CHECK bool suite_load_record(struct arena *arena, const char *path, const struct suite_options *options,
                                  struct record_options *ret, struct diag *diag);

/* A `baseline:` that stands in no suite (the project's default). Files in it are from `dir`. */
MUST_CHECK bool suite_baseline_read(struct arena *arena, const char *dir, const struct value *node,
                                    const struct baseline_list **ret, struct diag *diag);

/* The variables that the suite knows: those that it declares under `vars` (of its own, of the dataset, of cases) and those that its templates
 * name. `--set` of any other is a misspelling. NULL-ended, each once. */
const char *const *suite_var_names(const struct suite *suite, struct arena *arena);

/* Names below `env` in vars and labels: what stored_env has to hold for another load to give the same. NULL-ended, each once. */
const char *const *suite_env_names(const struct suite *suite, struct arena *arena);

void suite_unload(struct suite *suite); /* frees foreign handles (patterns); the rest goes with the arena */

#endif
