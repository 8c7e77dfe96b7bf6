#ifndef ASSAY_SUITES_EXPAND_H
#define ASSAY_SUITES_EXPAND_H

/* Private to suites/: a data row, or a case as written, to struct eval_case with its digest and id. What does not depend on the row is found out
 * once, in expander_init; after that it is the hot path of the pre-pass. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "model/case.h"
#include "model/suite.h"
#include "suites/dataset.h"
#include "suites/spec.h"

struct err;
struct template;

/* A row field that the suite's scorers insert: it is part of the case's digest. */
struct row_path {
    struct str *segments; /* below the row */
    size_t len;
    bool is_bare;   /* a variable of that name hides it */
    struct str key; /* in the digest: a JSON Pointer, so that no two paths have the same */
};

/* Templates of one scorer or variant that have to have a value for every case. */
struct template_list {
    const struct template **items;
    size_t len;
    bool is_checked; /* for every case: none of it depends on the case */
};

struct expander {
    const struct suite *suite;
    struct arena arena;   /* what is found out once */
    struct arena scratch; /* of one check */
    struct buf canonical; /* of one digest */
    struct row_path *paths;
    size_t path_count;
    struct template_list *scorers;  /* as suite->scorers */
    struct template_list *variants; /* as suite->variants */
};

void expander_init(struct expander *x, const struct suite *suite);
void expander_deinit(struct expander *x);

/* What is known of a case before all of it is expanded, to leave out what is not selected. */
MUST_CHECK bool expand_row_head(struct expander *x, const struct data_row *row, struct arena *arena,
                                struct eval_case *ret, struct err *err);
/* The rest; `c` as expand_row_head left it. */
MUST_CHECK bool expand_row(struct expander *x, struct arena *arena, struct eval_case *c, struct err *err);
MUST_CHECK bool expand_written(struct expander *x, const struct case_spec *spec, struct arena *arena,
                               struct eval_case *ret, struct err *err);

/* Whether every template that scorers and targets will need has a value: an undefined name is an error before the first call. */
MUST_CHECK bool expand_check(struct expander *x, const struct eval_case *c, struct err *err);

/* case_digest.c */
struct digest case_digest(struct expander *x, const struct eval_case *c);
void case_digest_paths(struct expander *x); /* fills x->paths */

#endif
