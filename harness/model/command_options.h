#ifndef ASSAY_MODEL_COMMAND_OPTIONS_H
#define ASSAY_MODEL_COMMAND_OPTIONS_H

/* What contract C lets stand beside `command` or `shell`, in a target and in a scorer: one struct, one set of field rows, one load. Both are
 * "describe a program", so the description lives here, below targets and scorers, which never include each other. model/command_call.h makes a
 * call of it.
 *
 * Use: `struct command_options` is the first member (offset 0) of the type's own option struct; the type's rows are its own, one or both of
 * COMMAND_ROW and SHELL_ROW, and COMMAND_ROWS(roots). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/field.h"
#include "data/template.h"

struct arena;
struct environment;
struct err;

enum command_stdin { COMMAND_STDIN_JSON, COMMAND_STDIN_TEXT, COMMAND_STDIN_NONE };

struct command_options {
    /* By the rows. */
    const struct value *argv_node; /* `command`: a list; NULL = not given */
    const struct value *shell_node;
    struct str cwd;
    struct template *env_template; /* a map of scalars; NULL = none */
    struct field_texts pass_env;
    int stdin_form;             /* enum command_stdin */
    const struct value *params; /* a map; NULL = {} */
    uint64_t max_output;        /* 0 = LIMIT_OUTPUT_BYTES */
    bool is_worker;
    uint64_t workers;   /* 0 = the default; after load: never 0 */
    int64_t timeout_ns; /* 0 = not given */

    /* By command_options_load. */
    const char *path; /* of the program, absolute */
    const char *cwd_path;
    const char *name; /* argv[0] as written */
    struct template **arguments;
    size_t argument_count;  /* after the first */
    const char *const *env; /* "NAME=value": PATH HOME LANG TZ and pass_env, as they are set */
    size_t env_count;
    const struct environment *environment; /* of templates in `env`: as it is now, also when a run is resumed */
    bool keeps_tmpdir;                     /* ASSAY_KEEP_TMP=1 */
    const char *tmpdir_base; /* where private folders are made: TMPDIR of our own environment, else /tmp */
};

bool command_row_parse(struct field_context *ctx, const struct field *field, const struct value *node, void *target);
bool shell_row_parse(struct field_context *ctx, const struct field *field, const struct value *node, void *target);
void command_row_schema(const struct field *field, struct json_writer *w);
void shell_row_schema(const struct field *field, struct json_writer *w);
extern const char *const COMMAND_STDIN_WORDS[]; /* json, text, none */

/* clang-format off */
#define COMMAND_ROW                                                                                                      \
    {.key = "command", .type = FIELD_CUSTOM, .offset = offsetof(struct command_options, argv_node),                      \
     .help = "the program and its arguments, without a shell; templates from the second on", .is_short_form = true,      \
     .parse = command_row_parse, .schema = command_row_schema}
#define SHELL_ROW                                                                                                        \
    {.key = "shell", .type = FIELD_CUSTOM, .offset = offsetof(struct command_options, shell_node),                       \
     .help = "a text for /bin/sh -c; no templates: values come on stdin and in ASSAY_INPUT", .parse = shell_row_parse,   \
     .schema = shell_row_schema}
#define COMMAND_ROWS(roots)                                                                                              \
    {.key = "cwd", .type = FIELD_TEXT, .offset = offsetof(struct command_options, cwd),                                  \
     .help = "working folder, from the suite's folder", .default_text = "the suite's folder"},                           \
    {.key = "env", .type = FIELD_TEMPLATE, .offset = offsetof(struct command_options, env_template),                     \
     .help = "environment variables to set: a map of texts", .template_roots = (roots) | ROOT_ENV,                       \
     .template_secrets = true},                                                                                          \
    {.key = "pass_env", .type = FIELD_TEXT_LIST, .offset = offsetof(struct command_options, pass_env),                   \
     .help = "names of our own environment that the program gets too (PATH HOME LANG TZ always)"},                       \
    {.key = "stdin", .type = FIELD_WORD, .offset = offsetof(struct command_options, stdin_form),                         \
     .help = "json: one line with the case; text: the input alone; none", .words = COMMAND_STDIN_WORDS,                  \
     .default_text = "json"},                                                                                            \
    {.key = "params", .type = FIELD_VALUE, .offset = offsetof(struct command_options, params),                           \
     .help = "a map handed to the program on stdin"},                                                                    \
    {.key = "max_output", .type = FIELD_COUNT, .offset = offsetof(struct command_options, max_output),                   \
     .help = "bytes of stdout before the program is stopped", .min = 1, .max = LIMIT_INFLIGHT_BYTES,                     \
     .default_text = "8388608"},                                                                                         \
    {.key = "worker", .type = FIELD_BOOL, .offset = offsetof(struct command_options, is_worker),                         \
     .help = "the program stays and answers line by line", .default_text = "false"},                                     \
    {.key = "workers", .type = FIELD_COUNT, .offset = offsetof(struct command_options, workers),                         \
     .help = "how many of them at most", .min = 1, .max = LIMIT_CONCURRENCY, .default_text = "concurrency"},             \
    {.key = "timeout", .type = FIELD_DURATION, .offset = offsetof(struct command_options, timeout_ns),                   \
     .help = "of one attempt; a case's own timeout wins", .default_text = "60s"}
/* clang-format on */

/* Checks what hangs together, finds the program and reads the environment. Exactly one of argv_node and shell_node must be there (`what` names
 * the map in that fault). `template_roots`: what arguments may insert (never env). `workers_default`: the suite's concurrency. Faults to
 * ctx->diag; false when there were any. */
struct command_load {
    const char *what; /* "target", "scorer 'command'" */
    const char *dir;  /* the suite's folder, absolute */
    const struct environment *env;
    unsigned template_roots;
    uint32_t workers_default;
    struct src_pos pos;
};
MUST_CHECK bool command_options_load(struct field_context *ctx, struct command_options *o,
                                     const struct command_load *in);

void command_options_visit(const struct command_options *o, void (*visit)(void *ctx, const struct template *t),
                           void *ctx);

/* Where a program is: with a '/' relative to `dir`, else by PATH of `env`. Errors: ERR_SUITE "program 'x' not found", "not executable". */
MUST_CHECK bool command_find_program(struct arena *arena, const char *dir, const struct environment *env,
                                     struct str name, const char **ret_path, struct err *err);

#endif
