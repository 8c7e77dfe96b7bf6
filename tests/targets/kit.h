#ifndef ASSAY_TESTS_TARGETS_KIT_H
#define ASSAY_TESTS_TARGETS_KIT_H

/* A target from YAML text, and a case for it. */

#include "base/arena.h"
#include "base/diag.h"
#include "data/template.h"
#include "model/case.h"
#include "model/environment.h"
#include "model/service.h"
#include "targets/target.h"

struct kit {
    struct arena arena;
    struct diag diag;
    struct environment env;
    struct service service;
    const struct target_type *type;
    void *options;
    struct target_load loaded;
    struct eval_case eval_case;
    struct value row, vars, suite_vars, id;
    struct scope scope;
    struct target_in in;
};

/* Loads `yaml` ("command: [...]") as the type of that name, in folder `dir`. True when there was no fault. */
bool kit_load(struct kit *kit, const char *type, const char *yaml, const char *dir);
void kit_close(struct kit *kit);

/* The case: input, row and vars as JSON texts (NULL = none). */
void kit_case(struct kit *kit, const char *input, const char *row, const char *vars);

/* All faults and hints as one text. */
struct str kit_faults(struct kit *kit);

/* The value after NAME= in an environment; STR_NULL when it is not there. */
struct str kit_variable(const char *const *envp, const char *name);

/* Targets that cannot call for a case with this row: what prepare says, and before it check_case, where the type has one. */
struct kit_bad_call {
    const char *yaml, *row, *says;
};
void kit_check_bad_calls(const char *type, const struct kit_bad_call *rows, size_t count);

#endif
