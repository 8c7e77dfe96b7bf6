#ifndef ASSAY_SUITES_CASES_H
#define ASSAY_SUITES_CASES_H

/* The cases of a suite, one after the other: the dataset's rows in file order, then the cases written in the suite. Streams with flat memory. Used
 * twice: by the pre-pass (every selected row: JSON, templates, ids, digests) and again when a case's turn comes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/case.h"
#include "model/suite.h"

struct arena;
struct case_reader;
struct err;
struct plan_case;

/* What to run: by and between kinds, repeated ones by or. */
struct case_selection {
    const char *const *ids, *const *filters, *const *tags; /* --case, --filter, --tag; NULL-ended, NULL = none */
    uint64_t limit;                                        /* the first so many that are selected; 0 = all */
    uint32_t shard, shards;                                /* 1..shards; 0 = none */
};

MUST_CHECK bool case_reader_open(const struct suite *suite, const struct case_selection *selection,
                                 struct case_reader **ret, struct err *err);
void case_reader_close(struct case_reader **r);

/* The next selected case, expanded, in `arena`; ordinal counts the selected ones from 0. *ret_has = false at the end. Errors: ERR_SUITE with the
 * place (of the template, and the row's line; at the end, of a gate or a `when` whose tag no row has), ERR_IO when a file cannot be read. */
MUST_CHECK bool case_reader_next(struct case_reader *r, struct arena *arena, bool *ret_has, struct eval_case *ret,
                                 struct err *err);

/* After an error of case_reader_next: whether it was one of that case alone, so that another call gives the case after it. */
bool case_reader_goes_on(const struct case_reader *r);

/* A case of the plan again: by its row offset, or its place in the suite. Checks that digest and id are still those of the plan; another
 * digest, or a file gone, is an error that names the case (ERR_SUITE). Sequential calls in plan order are fast. */
MUST_CHECK bool case_reader_fetch(struct case_reader *r, const struct plan_case *planned, struct arena *arena,
                                  struct eval_case *ret, struct err *err);

/* The names of a case for templates (targets, scorers): fills `scope` from the case, the suite's vars and env. */
struct scope;
void case_scope(const struct suite *suite, const struct variant *variant, const struct eval_case *c, uint32_t trial,
                struct arena *arena, struct scope *ret);

/* JSON list of the data files read: [{"path","sha256","size"}]; after the pre-pass. */
struct str case_reader_files(struct case_reader *r, struct arena *arena);

#endif
