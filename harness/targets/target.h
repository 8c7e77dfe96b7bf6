#ifndef ASSAY_TARGETS_TARGET_H
#define ASSAY_TARGETS_TARGET_H

/* What is under test. A target is pure: `prepare` describes a call for a case, `interpret` reads its result. One file a target; the last thing
 * in it is its `const struct target_type`; targets/table.c lists them. The key that selects a target in `target:` is its name (`command` and
 * `shell` are two types over the same code). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/str.h"
#include "data/field.h"
#include "data/template.h"
#include "model/call.h"
#include "model/case.h"
#include "model/dimension.h"
#include "model/output.h"

struct arena;
struct err;
struct environment;
struct service;

struct target_in {
    const void *options;
    const struct eval_case *eval_case;
    const struct scope *scope; /* the case's names (no output) */
    struct str suite, variant;
    struct uuid run, span; /* the trace id is the run id */
    bool
        has_parent_span; /* `span` exists on Opper: a call may name it as its parent. The run says so, false unless it does */
    uint32_t trial, attempt; /* attempt: this try, from 1 */
    int64_t timeout_ns;      /* resolved: the case's, else the suite's, else the target's default */
    const struct environment *env;
    const void *found;   /* what `find_read` gave; NULL when the type has no `find` or it wanted nothing */
    struct arena *arena; /* the sample's */
};

/* A case's own time-out wins over the target's (0 = it has none), that over the suite's. */
static inline int64_t target_timeout_ns(const struct target_in *in, int64_t own_ns)
{
    return in->eval_case->timeout_ns == 0 && own_ns > 0 ? own_ns : in->timeout_ns;
}

/* What a target's map says before it is known to be used: filled by load. */
struct target_load {
    struct field_context *ctx;
    const char *dir; /* the suite's folder (absolute) */
    const struct environment *env;
    struct dimension *dimensions; /* out: measures declared under `dimensions:`, `call measures` not among them */
    size_t dimension_count;
    uint32_t workers_default;      /* the suite's concurrency */
    const struct service *service; /* where requests go; lives as long as the suite. NULL = nothing will be called */
};

struct target_type {
    const char *name, *summary;
    const struct field *rows; /* every key that may stand in `target:` with it, its own key included */
    size_t options_size;
    int64_t default_timeout_ns;
    uint32_t default_retries;
    bool uses_calls; /* false: the output is known without a call (replay) */
    bool
        starts_programs; /* its templates become arguments and variables of a program: texts without NUL, of limited length */

    bool (*load)(struct target_load *in, void *options,
                 const struct value *node); /* checks beyond the rows; faults to ctx->diag */
    bool (*prepare)(const struct target_in *in, struct call *ret, struct err *err);

    /* Always gives an output (perhaps with an error kind). `result` is NULL for CALL_NONE. False: no sample of this run could fare better (a key that was
     * refused, a program that cannot be started), and `err` says why. */
    bool (*interpret)(const struct target_in *in, const struct call_result *result, struct output *ret,
                      struct err *err);

    /* Whether this result may be tried again: transport faults only, never a wrong answer (contract C: 75, retry_on). */
    bool (*is_transient)(const void *options, const struct call_result *result);

    /* The rest may be NULL. */

    /* Whether the result may only mean that the parent span is not there: the call is made once more without it, which is no attempt of its own. */
    bool (*may_blame_parent)(const struct call_result *result);

    /* Once for a variant, before its first sample: a call whose answer all its samples need (the id behind a function's name). ret->kind stays CALL_NONE
     * when nothing has to be found. What find_read makes of the answer lives in `arena`; its errors stop the run. */
    bool (*find)(const void *options, struct arena *arena, struct call *ret, struct err *err);
    bool (*find_read)(const void *options, const struct call_result *result, struct arena *arena, const void **ret,
                      struct err *err);

    /* Whether a call can be described for a case, as far as its own values decide: asked of every case before the first call, so that a row whose value is of
     * the wrong type ends in exit 2 and not in an errored sample. ERR_SUITE with the place of the template. */
    bool (*check_case)(const void *options, const struct scope *scope, struct arena *scratch, struct err *err);

    /* Whether calls can be made at all (a key is there): asked before a run, not for `check`. ERR_USAGE. */
    bool (*check_access)(const void *options, struct err *err);

    /* Whom its calls go to, for --dry-run: "POST https://.../call". */
    struct str (*destination)(const void *options, struct arena *arena);

    void (*visit_templates)(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx);
};

extern const struct target_type *const TARGETS[]; /* NULL-ended, sorted by name */
const struct target_type *target_find(struct str name);

#endif
