/* Reading suite files: the suite and what it includes, from the disk or (resume, rescore) as they were stored. Every file is registered with the
 * faults' list, so that its lines can be shown, and with the suite, so that it can be stored. */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/yaml.h"
#include "suites/loader.h"

/* The way from the suite down to the file being read: for cycles, and to show them. */
struct include_chain {
    const struct include_chain *up;
    const char *path;
    dev_t
        device; /* symbolic links and other spellings of a path are the same file; 0, 0 for stored ones: their path decides */
    ino_t inode;
    size_t depth;
};

/* The digest is over the text without a byte order mark and with "\n" as line end: how an editor saves a file is no other suite. */
static struct digest text_digest(struct str text)
{
    struct digest_stream stream;
    digest_begin(&stream);
    if (str_starts(text, STR("\xEF\xBB\xBF"))) {
        text = str_slice(text, 3, text.len);
    }
    size_t at = 0;
    while (str_find(text, STR("\r\n"), &at)) {
        digest_add(&stream, str_slice(text, 0, at));
        text = str_slice(text, at + 1, text.len);
    }
    digest_add(&stream, text);
    return digest_end(&stream);
}

static const struct suite_file *stored_find(const struct suite_options *options, const char *path)
{
    for (size_t i = 0; i < options->stored_count; i++) {
        if (strcmp(options->stored[i].path, path) == 0) {
            return &options->stored[i];
        }
    }
    return NULL;
}

static bool file_text(struct loader *l, const char *path, struct src_pos from, struct str *ret)
{
    struct err err = ERR_NULL;
    if (l->options->stored_count == 0) {
        return file_read(l->arena, path, LIMIT_SUITE_BYTES, ret, &err) || diag_add_err(l->diag, from, &err);
    }
    const struct suite_file *stored = stored_find(l->options, path);
    if (stored == NULL) {
        return diag_add(l->diag, from, "'%s' is not among the files that were stored with the run", path);
    }
    *ret = stored->text;
    return true;
}

static bool file_parse(struct loader *l, const char *path, struct src_pos from, struct value *ret)
{
    struct str text = STR_NULL;
    if (!file_text(l, path, from, &text)) {
        return false;
    }
    *vec_push(l->arena, &l->files) = (struct suite_file){path, text, text_digest(text)};
    diag_source(l->diag, path, text);
    size_t first = l->diag->faults.len;
    if (!yaml_read(l->arena, path, text, ret, l->diag)) {
        hint_yaml(l->diag, first);
        return false;
    }
    if (ret->kind == VALUE_MAP) {
        return true;
    }
    struct src_pos top = {path, 1, 1};
    if (ret->kind == VALUE_NULL) {
        diag_add(l->diag, top, "the file is empty");
    } else {
        diag_add(l->diag, top, "a suite file is a map of keys, not %s", value_kind_name(ret->kind));
    }
    return diag_hint(l->diag, "begin with 'suite: NAME'; `assay init` writes one to start from");
}

/* The folder of a path as the user wrote it, for joining; "" for the current one, so that messages show "x.yaml", not "./x.yaml". */
static struct str folder_of(const char *path)
{
    return strchr(path, '/') == NULL ? STR("") : file_dir(str_from(path));
}

static const char *absolute_folder(struct arena *arena, const char *path)
{
    struct str folder = file_dir(str_from(path));
    const char *name = arena_cstr(arena, folder);
    char *real = name == NULL ? NULL : realpath(name, NULL);
    if (real == NULL && name != NULL && name[0] != '/') { /* a stored suite, whose folder is gone */
        char *here = getcwd(NULL, 0);
        real = here == NULL ? NULL : strdup(file_join(arena, str_from(here), folder));
        free(here);
    }
    const char *kept = real == NULL ? name : arena_cstr(arena, str_from(real));
    free(real);
    return kept;
}

bool include_suite(struct loader *l, const char *path, struct value *ret)
{
    const struct suite_options *options = l->options;
    const char *opened = path;
    if (options->stored_count > 0 && stored_find(options, path) == NULL) {
        opened = options->stored[0].path; /* the suite stands first; `path` still says where its folder is */
    }
    l->suite->path = arena_cstr(l->arena, str_from(opened));
    l->suite->dir = absolute_folder(l->arena, path);
    return file_parse(l, l->suite->path, (struct src_pos){l->suite->path, 0, 0}, ret);
}

static bool include_list(struct loader *l, const struct field_texts *names, const struct include_chain *chain);

static bool include_file(struct loader *l, const char *path, struct src_pos from, const struct include_chain *chain)
{
    struct value root;
    if (!file_parse(l, path, from, &root)) {
        return false;
    }
    struct include_spec spec = {0};
    size_t first = l->diag->faults.len;
    bool is_clean = field_decode(&l->ctx, INCLUDE_ROWS, &root, "an included file", &spec);
    hint_foreign_keys(l->diag, first, HINT_INCLUDE, &root);
    is_clean = load_lists(l, spec.scorers, spec.cases) && is_clean;
    return include_list(l, &spec.include, chain) && is_clean;
}

static bool chain_links(const struct include_chain *a, const struct include_chain *b)
{
    bool is_known = a->inode != 0 && b->inode != 0;
    return is_known ? a->device == b->device && a->inode == b->inode : strcmp(a->path, b->path) == 0;
}

static bool fail_cycle(struct loader *l, struct src_pos from, const struct include_chain *here)
{
    struct str way = str_from(here->path);
    for (const struct include_chain *up = here->up; up != NULL; up = up->up) {
        way = arena_printf(l->arena, "%s -> %.*s", up->path, STR_ARG(way));
    }
    diag_add(l->diag, from, "a file includes itself: %.*s", STR_ARG(way));
    return diag_hint(l->diag, "take one of these includes out");
}

static struct include_chain chain_of(struct loader *l, const char *path, const struct include_chain *up)
{
    struct include_chain link = {.up = up, .path = path, .depth = up == NULL ? 0 : up->depth + 1};
    struct stat st;
    if (l->options->stored_count == 0 && stat(path, &st) == 0) {
        link.device = st.st_dev;
        link.inode = st.st_ino;
    }
    return link;
}

/* Whether the file was read before by another way: its scorers and cases are there once. */
static bool is_read(struct loader *l, const struct include_chain *link)
{
    for (size_t i = 0; i < l->files.len; i++) {
        struct include_chain other = chain_of(l, l->files.items[i].path, NULL);
        if (chain_links(link, &other)) {
            return true;
        }
    }
    return false;
}

static bool include_list(struct loader *l, const struct field_texts *names, const struct include_chain *chain)
{
    bool is_clean = true;
    for (size_t i = 0; i < names->len; i++) {
        const char *name = arena_cstr(l->arena, names->items[i]);
        if (name == NULL || name[0] == '\0') {
            is_clean = diag_add(l->diag, names->pos, "'include' names a file: this is empty or holds a NUL byte");
            continue;
        }
        const char *path = file_join(l->arena, folder_of(chain->path), names->items[i]);
        struct include_chain link = chain_of(l, path, chain);
        const struct include_chain *up = chain;
        while (up != NULL && !chain_links(up, &link)) {
            up = up->up;
        }
        if (up != NULL) {
            is_clean = fail_cycle(l, names->pos, &link);
        } else if (link.depth > LIMIT_INCLUDE_DEPTH) {
            is_clean = diag_add(l->diag, names->pos, "includes are nested more than %u deep", LIMIT_INCLUDE_DEPTH);
        } else if (!is_read(l, &link)) {
            is_clean = include_file(l, path, names->pos, &link) && is_clean;
        }
    }
    return is_clean;
}

bool include_files(struct loader *l, const struct field_texts *names)
{
    struct include_chain top = chain_of(l, l->suite->path, NULL);
    return include_list(l, names, &top);
}
