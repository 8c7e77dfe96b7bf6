#include "cli/run_operand.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/suites_open.h"
#include "run/import.h"
#include "store/store.h"

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* "run.jsonl", or "run.jsonl/large" where the first part is a file. */
static bool split_export(struct cli *cli, const char *name, const char **ret_path, struct str *ret_variant)
{
    const struct str ending = STR(".jsonl");
    struct str text = str_from(name);
    *ret_variant = STR_NULL;
    *ret_path = name;
    if (str_ends(text, ending)) {
        return is_file(name);
    }
    for (size_t at = 0; at + ending.len < text.len; at++) {
        if (text.ptr[at + ending.len] == '/' && str_starts(str_slice(text, at, text.len), ending)) {
            *ret_path = arena_cstr(&cli->arena, str_slice(text, 0, at + ending.len));
            *ret_variant = str_slice(text, at + ending.len + 1, text.len);
            if (is_file(*ret_path)) {
                return true;
            }
        }
    }
    return false;
}

static bool keep_variant(struct stored_runs *runs, const char *path, struct str variant, struct err *err)
{
    struct buf said CLEANUP(buf_deinit) = BUF(400);
    size_t kept = 0;
    for (size_t i = 0; i < runs->run_count; i++) {
        struct str name = runs->runs[i].variant;
        buf_printf(&said, "%s%.*s", i == 0 ? "" : ", ", STR_ARG(name));
        if (variant.ptr == NULL || str_eq(name, variant)) {
            runs->runs[kept++] = runs->runs[i];
        }
    }
    runs->run_count = kept;
    return kept > 0 || err_set(err, ERR_EMPTY, "'%s' has no variant '%.*s'; it has: %.*s", path, STR_ARG(variant),
                               STR_ARG(buf_str(&said)));
}

static bool open_file(struct run_operands *o, const char *path, struct str variant, struct store **ret_store,
                      struct stored_runs *ret, struct err *err)
{
    struct arena *arena = &o->cli->arena;
    struct store **store = vec_push(arena, &o->files);
    *vec_push(arena, &o->paths) = path;
    *ret = (struct stored_runs){0};
    *ret_store = NULL;
    if (!import_open(arena, path, store, &ret->runs, &ret->run_count, err)) {
        return false;
    }
    *ret_store = *store;
    return store_invocation(*store, arena, ret->runs[0].invocation, &ret->invocation, err) &&
           keep_variant(ret, path, variant, err);
}

bool run_operand_open(struct run_operands *o, const char *name, bool with_unfinished, struct store **ret_store,
                      struct stored_runs *ret, struct err *err)
{
    const char *path = NULL;
    struct str variant = STR_NULL;
    if (split_export(o->cli, name, &path, &variant)) {
        return open_file(o, path, variant, ret_store, ret, err);
    }
    if ((o->store != NULL || store_open_named(o->cli, o->args, STORE_READ, &o->store, err)) &&
        stored_runs_find(o->cli, o->store, name, with_unfinished, ret, err)) {
        *ret_store = o->store;
        return true;
    }
    if (err->kind == ERR_EMPTY && is_file(name)) {
        return open_file(o, name, STR_NULL, ret_store, ret, err);
    }
    return err->kind == ERR_EMPTY && str_ends(str_from(name), STR(".jsonl"))
               ? err_set(err, ERR_EMPTY, "there is no file '%s'", name)
               : false;
}

bool run_operands_read(const struct run_operands *o, const char *path)
{
    for (size_t i = 0; i < o->paths.len; i++) {
        if (file_is_same(path, o->paths.items[i])) {
            return true;
        }
    }
    return false;
}

void run_operands_close(struct run_operands *o)
{
    for (size_t i = 0; i < o->files.len; i++) {
        store_close(&o->files.items[i]);
    }
    store_close(&o->store);
}
