#ifndef ASSAY_DATA_TEMPLATE_H
#define ASSAY_DATA_TEMPLATE_H

/* Templates (docs/contracts.md, E): `{{ path }}`, `{{ path | default(literal) }}`, `{{ path | json }}`, `{{ path | trim }}`, and `{{ "{{" }}`
 * for two braces. One pass: what was inserted is never read again. A value tree (text, list, map of templates) is compiled once at load and
 * expanded per case against a scope.
 *
 * A scalar that is exactly one `{{...}}` keeps the value's type; otherwise the parts are joined as text (value_append_text), and null is an
 * error. A list that is exactly one template stays a list.
 *
 * Names: the fixed ones win. A bare name is looked for in vars, then in the row; where vars are not allowed, in the row. In a dataset
 * (ROOT_BARE_IS_ROW) it is a column, and a column may be called `id` or `output` where ROOT_CASE, ROOT_OUTPUT give these no meaning.
 * Filters may follow each other, from left to right; default's value is JSON, or a text in single quotes (YAML's double ones leave no
 * others). Keys of maps are no templates: a `{{` there is a fault. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "data/value.h"

struct arena;
struct buf;
struct diag;
struct err;
struct template;

/* The names that a template may begin with; a field row says which are allowed in its place. */
enum template_root {
    ROOT_ROW = 1u << 0,
    ROOT_VARS = 1u << 1,
    ROOT_CASE = 1u << 2, /* id input expected tags trial variant suite */
    ROOT_ENV = 1u << 3,
    ROOT_OUTPUT = 1u << 4,     /* output, meta: scorers only */
    ROOT_BARE_IS_ROW = 1u << 5 /* dataset mapping: a bare name is a column */
};

struct template_rules {
    unsigned roots;       /* of enum template_root; bare names need ROOT_VARS or ROOT_ROW */
    bool secrets_allowed; /* env names matching KEY, TOKEN, SECRET, PASSW: only in a command's env */
};

/* Compiles the tree below `source` (plain scalars resolved as contract E says when `resolve`). Faults go to `diag`: an opening `{{` without
 * end, a bad path, a root that is not allowed here (the hint names the ones that are); their place is the `{{` (within a scalar of several
 * lines: the scalar). A tree without templates compiles to itself. `source` lives as long as the template. */
MUST_CHECK bool template_compile(struct arena *arena, const struct value *source, struct template_rules rules,
                                 bool resolve, struct template **ret, struct diag *diag);

bool template_is_constant(const struct template *t);
const struct value *template_source(const struct template *t); /* as written, for digests and display */

/* Calls `visit` for every path used, so that callers can see which row fields a scorer inserts. `segments[0]` is the first name as written:
 * `row`, `vars`, a fixed name, or a bare one, which may be of vars or of the row. */
void template_visit(const struct template *t, void (*visit)(void *ctx, const struct str *segments, size_t len),
                    void *ctx);

/* What names mean while expanding. NULL members are undefined names. */
struct scope {
    const struct value *row;
    const struct value *vars[3]; /* looked up in order: case, dataset, suite; maps or NULL */
    const struct value *id, *input, *expected, *tags, *trial, *variant, *suite; /* the fixed names */
    const struct value *output, *meta;
    bool (*env)(const void *ctx, struct arena *arena, struct str name, struct str *ret);
    const void *env_ctx;
    bool bare_is_row;
};

/* The result may share what the scope holds. Errors: ERR_SUITE with the place of the template: "undefined: 'vars.colour'", null inside text,
 * trim of a list; ERR_LIMIT over LIMIT_TEMPLATE_BYTES. Below `output` and `meta`, absence is not an error, nor is a null inside text, which
 * nobody could have known before the call: *ret_absent (may be NULL) becomes true and the whole result is null. */
MUST_CHECK bool template_expand(const struct template *t, const struct scope *scope, struct arena *arena,
                                struct value *ret, bool *ret_absent, struct err *err);

/* As text: value_append_text of the expansion (null is an error). `quote` (may be NULL) is applied to each value inserted in a scalar:
 * patterns insert values literally. */
MUST_CHECK bool template_expand_text(const struct template *t, const struct scope *scope, struct arena *arena,
                                     void (*quote)(struct buf *out, struct str text), struct str *ret, bool *ret_absent,
                                     struct err *err);

#endif
