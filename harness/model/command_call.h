#ifndef ASSAY_MODEL_COMMAND_CALL_H
#define ASSAY_MODEL_COMMAND_CALL_H

/* A call of a program for one sample (docs/contracts.md, C): its arguments, its environment, its line on stdin. Pure: io/perform makes it. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/call.h"
#include "model/command_options.h"

struct arena;
struct buf;
struct environment;
struct err;
struct eval_case;
struct output;
struct scope;
struct uuid;
struct value;

/* What a program is told of its sample. */
struct command_sample {
    const struct eval_case *eval_case;
    const struct scope *scope; /* for templates; its vars are the line's "vars" */
    struct str suite, variant;
    struct str run_id, trace_id, span_id; /* as texts */
    uint32_t trial, attempt;              /* both from 1 */
    bool sends_expected;                  /* else "expected" is null */
    const struct output *output;          /* scorers: adds "output" and "meta"; NULL for targets */
    const struct value *options;          /* scorers: "options"; NULL = {} */
};

/* Fills a CALL_COMMAND or CALL_WORKER. Everything lives in `arena`. Errors: ERR_SUITE, a template that cannot be expanded, a NUL byte in an
 * argument or variable; ERR_LIMIT, a worker's line over LIMIT_LINE_BYTES. */
MUST_CHECK bool command_call_make(const struct command_options *o, const struct command_sample *s, int64_t timeout_ns,
                                  struct arena *arena, struct call *ret, struct err *err);

/* The object of contract C, one line without its newline; `worker_id` (may be empty) adds "id". */
void command_call_write_line(struct buf *out, const struct command_options *o, const struct command_sample *s,
                             struct str worker_id);

/* A call for `setup:` or `teardown:`: argv NULL-ended, the program found as command_find_program does, cwd the suite's folder, our environment's
 * PATH HOME LANG TZ, ASSAY_RUN when `invocation` is not empty; no stdin, no time-out but `timeout_ns`. */
MUST_CHECK bool command_call_setup(const char *const *argv, const char *dir, const struct environment *env,
                                   struct str invocation, int64_t timeout_ns, struct arena *arena, struct call *ret,
                                   struct err *err);

#endif
