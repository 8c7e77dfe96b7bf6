#ifndef ASSAY_CLI_ARGS_H
#define ASSAY_CLI_ARGS_H

/* Command lines: one table of options per command is the source of parsing, messages and help.
 *
 *   --name VALUE, --name=VALUE, -n VALUE, --flag, -f ; "--" ends options; options and operands may mix. Unknown names get "did you mean". */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct arena;
struct buf;
struct err;

enum option_kind { OPTION_FLAG, OPTION_VALUE, OPTION_LIST /* may be repeated */ };

struct option_row {
    const char *name; /* without dashes; NULL ends a table */
    char letter;      /* 0 = none */
    enum option_kind kind;
    const char *value; /* what the value is called in help */
    const char *help;
};

struct args {
    const char *const *operands; /* NULL-ended */
    size_t operand_count;
    struct arg_value *values;
    size_t value_count;
};

/* `tables`: up to two tables (the command's own, then the common ones); either may be NULL. */
MUST_CHECK bool args_parse(struct arena *arena, const char *const *argv, const struct option_row *own,
                           const struct option_row *common, struct args *ret, struct err *err);

bool args_has(const struct args *a, const char *name);
const char *args_value(const struct args *a, const char *name); /* NULL when absent */
const char *const *args_list(const struct args *a, struct arena *arena,
                             const char *name); /* NULL-ended; NULL when absent */
size_t args_count(const struct args *a, const char *name);

/* A count within lo..hi; `*ret` stays when the option is absent. Errors name the option and the value. */
MUST_CHECK bool args_number(const struct args *a, const char *name, uint64_t lo, uint64_t hi, uint64_t *ret,
                            struct err *err);

void args_help(const struct option_row *rows, struct buf *out);

#endif
