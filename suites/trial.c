/* The last step of a load: every case of the suite, and the first row of its dataset, are expanded once. What cannot be expanded (a variable that
 * nobody defines, a column that is not there) is then a load error with its place, and cases without an id get theirs. */

#include <string.h>

#include "base/map.h"
#include "suites/cases.h"
#include "suites/expand.h"
#include "suites/loader.h"

static bool fail_id(struct loader *l, const struct case_spec *again, const struct case_spec *first, bool are_equal)
{
    bool is_elsewhere = strcmp(first->pos.file, again->pos.file) != 0;
    const char *file = is_elsewhere ? first->pos.file : "";
    const char *colon = is_elsewhere ? ":" : "line ";
    if (are_equal) {
        diag_add(l->diag, again->pos, "this case is the same as the one in %s%s%u", file, colon, first->pos.line);
        return diag_hint(l->diag, "give each an 'id', or use 'trials' to repeat a case");
    }
    diag_add(l->diag, again->pos, "case id '%.*s' is used twice: first in %s%s%u", STR_ARG(again->id), file, colon,
             first->pos.line);
    return diag_hint(l->diag, "an id names one case over all runs: give this one another");
}

static bool try_written(struct loader *l, struct expander *x)
{
    struct map ids = MAP_NULL;
    bool is_clean = true;
    bool *derived = arena_array(l->arena, bool, l->cases.len);
    for (size_t i = 0; i < l->cases.len; i++) {
        struct case_spec *spec = &l->cases.items[i];
        struct eval_case c;
        struct err err = ERR_NULL;
        derived[i] = spec->id.ptr == NULL;
        if (!expand_written(x, spec, &x->scratch, &c, &err)) {
            is_clean = diag_add_err(l->diag, spec->pos, &err);
            continue;
        }
        spec->id = arena_str(l->arena, c.id);
        c.id = spec->id;
        struct case_spec *first = map_put(&ids, l->arena, spec->id, spec);
        if (first != NULL) {
            is_clean = fail_id(l, spec, first, derived[i] && derived[first - l->cases.items]);
        }
    }
    return is_clean;
}

static bool check_written(struct loader *l, struct expander *x)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    bool is_clean = true;
    for (size_t i = 0; i < l->cases.len; i++) {
        struct eval_case c;
        struct err err = ERR_NULL;
        arena_reset(&arena);
        if (!expand_written(x, &l->cases.items[i], &arena, &c, &err) || !expand_check(x, &c, &err)) {
            is_clean = diag_add_err(l->diag, l->cases.items[i].pos, &err);
        }
    }
    return is_clean;
}

/* Not with a sample, which may leave the first row out, nor with a stored suite, whose data file may be gone. */
static bool try_first_row(struct loader *l)
{
    const struct dataset_spec *spec = l->suite->dataset;
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct case_reader *reader CLEANUP(case_reader_close) = NULL;
    struct err err = ERR_NULL;
    struct eval_case c;
    bool has = false;
    if (spec == NULL || spec->sample > 0 || l->options->stored_count > 0) {
        return true;
    }
    if (!case_reader_open(l->suite, NULL, &reader, &err) || !case_reader_next(reader, &arena, &has, &c, &err)) {
        return diag_add_err(l->diag, spec->pos, &err);
    }
    return true;
}

bool trial_expand(struct loader *l)
{
    struct expander x;
    expander_init(&x, l->suite);
    bool is_clean = try_written(l, &x) && check_written(l, &x);
    expander_deinit(&x);
    return try_first_row(l) && is_clean;
}
