/* The digest of a case (docs/contracts.md, D): SHA-256 over canonical JSON of what it asks and what is wanted of it. Written piece by piece, keys in
 * order, into one buffer that is kept: no tree is built for it. Two runs compare a case only where the digests are equal. */

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/vec.h"
#include "data/json.h"
#include "scorers/scorer.h"
#include "suites/expand.h"

/* Names that are never a column (docs/contracts.md, E): the fixed ones win. */
static const char *const ROOT_NAMES[] = {"id",    "input", "expected", "tags",   "trial", "variant",
                                         "suite", "vars",  "env",      "output", "meta"};

static bool is_root_name(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(ROOT_NAMES); i++) {
        if (str_eq_cstr(name, ROOT_NAMES[i])) {
            return true;
        }
    }
    return false;
}

struct path_list {
    struct arena *arena;
    VEC(struct row_path) found;
};

static struct str pointer_key(struct arena *arena, const struct str *segments, size_t len)
{
    struct buf key CLEANUP(buf_deinit) = BUF(64 << 10);
    for (size_t i = 0; i < len; i++) {
        buf_append_char(&key, '/');
        for (size_t k = 0; k < segments[i].len; k++) {
            char c = segments[i].ptr[k];
            buf_append(&key, c == '~' ? STR("~0") : c == '/' ? STR("~1") : (struct str){&c, 1});
        }
    }
    return arena_str(arena, buf_str(&key));
}

static void collect_path(void *ctx, const struct str *segments, size_t len)
{
    struct path_list *list = ctx;
    bool is_row = str_eq(segments[0], STR("row"));
    if (!is_row && is_root_name(segments[0])) {
        return;
    }
    struct row_path path = {.len = is_row ? len - 1 : len, .is_bare = !is_row};
    path.segments = arena_copy(list->arena, segments + (is_row ? 1 : 0), path.len * sizeof(*segments));
    path.key = pointer_key(list->arena, path.segments, path.len);
    for (size_t i = 0; i < list->found.len; i++) {
        struct row_path *known = &list->found.items[i];
        if (str_eq(known->key, path.key)) {
            known->is_bare = known->is_bare && path.is_bare; /* said once as row.x, no variable hides it */
            return;
        }
    }
    *vec_push(list->arena, &list->found) = path;
}

static void collect_paths(void *ctx, const struct template *t)
{
    if (t != NULL && !template_is_constant(t)) {
        template_visit(t, collect_path, ctx);
    }
}

static int path_compare(const void *a, const void *b)
{
    return str_cmp(((const struct row_path *)a)->key, ((const struct row_path *)b)->key);
}

void case_digest_paths(struct expander *x)
{
    struct path_list list = {.arena = &x->arena};
    for (size_t i = 0; x->suite->dataset != NULL && i < x->suite->scorer_count; i++) {
        scorer_visit_templates(x->suite->scorers[i], collect_paths, &list);
    }
    if (list.found.len > 1) {
        qsort(list.found.items, list.found.len, sizeof(struct row_path), path_compare);
    }
    x->paths = list.found.items;
    x->path_count = list.found.len;
}

static const struct value *path_walk(const struct row_path *path, const struct value *at)
{
    for (size_t i = 0; i < path->len && at != NULL; i++) {
        size_t index = 0;
        if (at->kind == VALUE_MAP) {
            at = value_get(at, path->segments[i]);
        } else if (at->kind == VALUE_LIST && num_parse_size(path->segments[i], &index) && index < at->len) {
            at = &at->items[index];
        } else {
            at = NULL;
        }
    }
    return at;
}

static const struct value *path_value(const struct expander *x, const struct row_path *path, const struct eval_case *c)
{
    if (path->is_bare &&
        (value_get(&c->vars, path->segments[0]) != NULL || value_get(&x->suite->vars, path->segments[0]) != NULL)) {
        return NULL;
    }
    return path_walk(path, c->row);
}

static void append_row(struct expander *x, const struct eval_case *c)
{
    struct buf *out = &x->canonical;
    bool has_any = false;
    for (size_t i = 0; c->row != NULL && i < x->path_count; i++) {
        const struct value *v = path_value(x, &x->paths[i], c);
        if (v == NULL) {
            continue;
        }
        buf_append(out, has_any ? STR(",") : STR(",\"row\":{"));
        has_any = true;
        json_append_quoted(out, x->paths[i].key);
        buf_append_char(out, ':');
        json_canonical(out, v);
    }
    if (has_any) {
        buf_append_char(out, '}');
    }
}

static void append_scorers(struct buf *out, const struct eval_case *c)
{
    for (size_t i = 0; i < c->own_scorer_count; i++) {
        const struct scorer_use *use = c->own_scorers[i];
        buf_append(out, i == 0 ? STR(",\"scorers\":[[") : STR(",["));
        json_append_quoted(out, str_from(use->type->name));
        buf_printf(out, ",%u,", use->type->version);
        json_canonical(out, &use->spec);
        buf_append_char(out, ']');
    }
    if (c->own_scorer_count > 0) {
        buf_append_char(out, ']');
    }
}

struct digest case_digest(struct expander *x, const struct eval_case *c)
{
    struct buf *out = &x->canonical;
    buf_clear(out);
    buf_append_char(out, '{');
    if (c->has_expected) {
        buf_append(out, STR("\"expected\":"));
        json_canonical(out, &c->expected);
        buf_append_char(out, ',');
    }
    buf_append(out, STR("\"input\":"));
    json_canonical(out, &c->input);
    append_row(x, c);
    append_scorers(out, c);
    if (c->vars.len > 0) {
        buf_append(out, STR(",\"vars\":"));
        json_canonical(out, &c->vars);
    }
    buf_append_char(out, '}');
    return digest_of(buf_str(out));
}
