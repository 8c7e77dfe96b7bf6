#ifndef ASSAY_SUITES_LOADER_H
#define ASSAY_SUITES_LOADER_H

/* Private to suites/: the state of one load, and the steps that suite_load takes, one file each. A step adds its faults to `diag` and goes on;
 * it returns false when it added any. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/diag.h"
#include "base/str.h"
#include "base/vec.h"
#include "data/field.h"
#include "model/suite.h"
#include "suites/load.h"
#include "suites/spec.h"

struct arena;
struct dimension;
struct scorer_env;
struct scorer_use;
struct value;

struct loader {
    struct arena *arena;
    const struct suite_options *options;
    struct diag *diag;
    struct field_context ctx;
    struct suite *suite;
    const struct scorer_env *scorer_env;
    VEC(struct suite_file) files;
    VEC(struct case_spec) cases;
    VEC(struct scorer_use *) scorers;     /* for every case */
    VEC(struct scorer_use *) all_scorers; /* those and the cases' own: to be unloaded */
    VEC(struct dimension) dimensions;     /* complete after gates_load */
    VEC(struct dimension) measures;       /* of all targets, before dimensions_unite */
    bool is_ran;                          /* suite_load_gates: cases and scorers are not there to be asked */
    bool is_incomplete;    /* a scorer or target did not load: dimensions may be missing that are there */
    bool has_unread_cases; /* a case, an include or the dataset did not load: so may tags */
};

/* include.c: the suite file itself, then what it includes. */
MUST_CHECK bool include_suite(struct loader *l, const char *path, struct value *ret);
MUST_CHECK bool include_files(struct loader *l, const struct field_texts *names);

/* load.c: the two lists that an included file may hold too; `nodes` NULL = not there. */
MUST_CHECK bool load_lists(struct loader *l, const struct value *scorers, const struct value *cases);

/* hints.c: what hands trained elsewhere type. Gives the faults of unknown keys in `map`, from the diag's fault `from` on, a better hint. */
enum hint_place {
    HINT_SUITE,
    HINT_INCLUDE,
    HINT_CASE,
    HINT_DATASET,
    HINT_GATE,
    HINT_TARGET,
    HINT_OPPER, /* the map below the target's `opper` */
    HINT_BUDGET,
    HINT_VARIANT
};
void hint_foreign_keys(struct diag *diag, size_t from, enum hint_place place, const struct value *map);
void hint_yaml(struct diag *diag, size_t from); /* of a text that libyaml could not read: `[` in a flow list */

/* variants.c */
MUST_CHECK bool variants_load(struct loader *l, const struct suite_spec *spec);

/* dataset.c */
MUST_CHECK bool dataset_load(struct loader *l, const struct value *node);

/* dimensions.c */
MUST_CHECK bool dimensions_unite(struct loader *l);
uint32_t dimension_add_measure(struct loader *l, struct dimension measure); /* gives its place in l->measures */
bool dimension_find(const struct loader *l, struct str name, uint32_t *ret);
MUST_CHECK bool dimension_add(struct loader *l, const struct dimension *d, uint32_t *ret);

/* baseline.c: after variants_load. *ret is set even when there was a fault: gates only ask whether it is there. */
MUST_CHECK bool baseline_load(struct loader *l, const struct value *node, const struct baseline_list **ret);
/* The suite's: that of the flag, else the one written (NULL: none is), else the default. */
MUST_CHECK bool baseline_settle(struct loader *l, const struct value *node);

/* gates.c: after dimensions_unite; adds the measures of the call that a gate names. */
MUST_CHECK bool gates_load(struct loader *l, const struct value *nodes);

/* trial.c: every case of the suite and the first row of the dataset are expanded once, so that what cannot be expanded is a load error. */
MUST_CHECK bool trial_expand(struct loader *l);

#endif
