#include "cli/suite_operand.h"

#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "data/yaml.h"
#include "store/store.h"

enum { NAMES_SHOWN = 8, LIST_BYTES = 600, NEWEST_RUNS = 1024 };

static bool has_name(const struct str *names, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

static struct str list_of(struct cli *cli, const struct str *names, size_t count)
{
    struct buf list CLEANUP(buf_deinit) = BUF(LIST_BYTES);
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        buf_printf(&list, "%s%.*s", i == 0 ? "" : ", ", STR_ARG(names[i]));
    }
    buf_append_cstr(&list, count > NAMES_SHOWN ? ", ..." : "");
    return arena_str(&cli->arena, buf_str(&list));
}

static bool unknown_suite(struct cli *cli, const char *text, const struct str *names, size_t count, struct err *err)
{
    if (count == 0) {
        return err_set(err, ERR_EMPTY, "no suite '%s': the store holds no runs", text);
    }
    const char **list = arena_array(&cli->arena, const char *, count + 1);
    size_t usable = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = arena_cstr(&cli->arena, names[i]);
        if (name != NULL) {
            list[usable++] = name;
        }
    }
    const char *near = str_nearest(str_from(text), list);
    return near != NULL ? err_set(err, ERR_EMPTY, "no suite '%s' in the store: did you mean '%s'?", text, near)
                        : err_set(err, ERR_EMPTY, "no suite '%s' in the store, and no such file; there are: %.*s", text,
                                  STR_ARG(list_of(cli, names, count)));
}

bool suite_name_of_file(struct cli *cli, const char *path, struct str *ret, struct err *err)
{
    struct str text;
    struct value suite = {0};
    struct diag diag;
    diag_init(&diag, &cli->arena);
    if (!file_read(&cli->arena, path, LIMIT_SUITE_BYTES, &text, err)) {
        err->kind = ERR_USAGE;
        return false;
    }
    const struct value *name =
        yaml_read(&cli->arena, path, text, &suite, &diag) ? value_get(&suite, STR("suite")) : NULL;
    if (name == NULL || name->kind != VALUE_TEXT || name->text.len == 0) {
        return err_set(err, ERR_USAGE, "'%s' is no suite file: it has no `suite:` (assay check %s says more)", path,
                       path);
    }
    *ret = name->text;
    return true;
}

bool suite_operand(struct cli *cli, struct store *store, const char *text, struct str *ret_name, struct err *err)
{
    struct str *names = NULL;
    size_t count = 0;
    struct str name = str_from(text);
    if (!store_suites(store, &cli->arena, &names, &count, err)) {
        return false;
    }
    if (!has_name(names, count, name)) {
        if (!file_exists(text)) {
            return unknown_suite(cli, text, names, count, err);
        }
        if (!suite_name_of_file(cli, text, &name, err)) {
            return false;
        }
        if (!has_name(names, count, name)) {
            return err_set(err, ERR_EMPTY, "suite '%.*s' has no runs yet: assay run %s", STR_ARG(name), text);
        }
    }
    *ret_name = name;
    return true;
}

static bool no_variants(struct cli *cli, struct store *store, struct suite_runs which, const struct str *known,
                        size_t known_count, struct err *err)
{
    struct run_record *runs = NULL;
    size_t count = 0;
    if (known_count > 0) {
        return err_set(err, ERR_EMPTY, "the newest run of suite '%.*s' has no variant '%.*s'; it has: %.*s",
                       STR_ARG(which.suite), STR_ARG(which.variant), STR_ARG(list_of(cli, known, known_count)));
    }
    which.only_full = false;
    which.only_original = false;
    which.labels = STR_NULL;
    which.variant = STR_NULL;
    if (!store_suite_runs(store, &cli->arena, &which, &runs, &count, err)) {
        return false;
    }
    return err_set(err, ERR_EMPTY, "suite '%.*s' has no finished run of all its cases%s%s", STR_ARG(which.suite),
                   count > 0 ? " that is meant" : "",
                   count > 0 ? ": runs of a part of the cases, rescores, and runs without these labels do not count"
                             : "");
}

bool suite_variants(struct cli *cli, struct store *store, struct str suite, const char *variant, struct str labels,
                    struct str **ret, size_t *ret_count, struct err *err)
{
    struct suite_runs which = {.suite = suite,
                               .variant = str_from(variant),
                               .labels = labels,
                               .only_full = true,
                               .only_original = true,
                               .limit = variant == NULL ? NEWEST_RUNS : 1};
    struct run_record *runs = NULL;
    size_t count = 0;
    VEC(struct str) names = {0};
    if (!store_suite_runs(store, &cli->arena, &which, &runs, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count && runs[i].invocation == runs[0].invocation; i++) {
        *vec_push(&cli->arena, &names) = runs[i].variant;
    }
    if (names.len == 0 && variant != NULL) {
        struct str *known = NULL;
        size_t known_count = 0;
        struct err ignored = ERR_NULL;
        bool has = suite_variants(cli, store, suite, NULL, labels, &known, &known_count, &ignored);
        return no_variants(cli, store, which, known, has ? known_count : 0, err);
    }
    if (names.len == 0) {
        return no_variants(cli, store, which, NULL, 0, err);
    }
    *ret = names.items;
    *ret_count = names.len;
    return true;
}
