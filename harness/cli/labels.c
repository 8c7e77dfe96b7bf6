#include "cli/suites_open.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "data/json.h"

enum { GIT_FILE_BYTES = 16 << 20 };

struct label_set {
    struct cli *cli;
    struct json_writer *writer;
    struct map seen; /* the first to name a label wins */
};

static void label_add(struct label_set *set, struct str key, struct str value)
{
    if (map_put(&set->seen, &set->cli->arena, key, set) != NULL) {
        return;
    }
    json_key_str(set->writer, key);
    json_text(set->writer, value);
}

static const char *read_line(struct cli *cli, const char *path)
{
    struct str text;
    struct err ignored = ERR_NULL;
    if (!file_exists(path) || !file_read(&cli->arena, path, GIT_FILE_BYTES, &text, &ignored)) {
        return NULL;
    }
    return arena_cstr(&cli->arena, str_trim(text));
}

/* The folder of git's own files: `.git` of the nearest ancestor, or where a worktree's `.git` file points. */
static const char *git_folder(struct cli *cli)
{
    const char *up = ".";
    for (size_t depth = 0; depth < 64; depth++) {
        const char *here = file_join(&cli->arena, str_from(up), STR(".git"));
        if (file_exists(file_join(&cli->arena, str_from(here), STR("HEAD")))) {
            return here;
        }
        const char *link = read_line(cli, here);
        if (link != NULL && strncmp(link, "gitdir: ", 8) == 0) {
            return file_join(&cli->arena, str_from(up), str_from(link + 8));
        }
        up = file_join(&cli->arena, str_from(up), STR(".."));
    }
    return NULL;
}

static const char *packed_ref(struct cli *cli, const char *folder, const char *ref)
{
    struct str rest = str_from(read_line(cli, file_join(&cli->arena, str_from(folder), STR("packed-refs"))));
    struct str line;
    while (str_split(&rest, '\n', &line)) {
        size_t blank = 0;
        if (str_find_char(line, ' ', &blank) && str_eq_cstr(str_slice(line, blank + 1, line.len), ref)) {
            return arena_cstr(&cli->arena, str_slice(line, 0, blank));
        }
    }
    return NULL;
}

/* Read from git's files, not by running git: a run of one case starts in milliseconds. */
static void add_git(struct label_set *set)
{
    struct cli *cli = set->cli;
    const char *folder = git_folder(cli);
    const char *head = folder == NULL ? NULL : read_line(cli, file_join(&cli->arena, str_from(folder), STR("HEAD")));
    if (head == NULL) {
        return;
    }
    if (strncmp(head, "ref: ", 5) != 0) {
        label_add(set, STR("commit"), str_from(head));
        return;
    }
    const char *ref = head + 5;
    const char *common = read_line(cli, file_join(&cli->arena, str_from(folder), STR("commondir")));
    const char *refs = common == NULL ? folder : file_join(&cli->arena, str_from(folder), str_from(common));
    if (strncmp(ref, "refs/heads/", 11) == 0) {
        label_add(set, STR("branch"), str_from(ref + 11));
    }
    const char *commit = read_line(cli, file_join(&cli->arena, str_from(refs), str_from(ref)));
    if (commit == NULL) {
        commit = packed_ref(cli, refs, ref);
    }
    if (commit != NULL) {
        label_add(set, STR("commit"), str_from(commit));
    }
}

static void add_ci(struct label_set *set)
{
    static const struct {
        const char *label, *name;
    } rows[] = {
        {"branch", "GITHUB_HEAD_REF"},        {"branch", "GITHUB_REF_NAME"}, {"branch", "CI_COMMIT_REF_NAME"},
        {"branch", "BUILD_SOURCEBRANCHNAME"}, {"commit", "GITHUB_SHA"},      {"commit", "CI_COMMIT_SHA"},
        {"commit", "BUILD_SOURCEVERSION"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *value = environment_get(&set->cli->env, str_from(rows[i].name));
        if (value != NULL && value[0] != '\0') {
            label_add(set, str_from(rows[i].label), str_from(value));
        }
    }
}

static bool add_flags(struct label_set *set, const struct args *args, struct err *err)
{
    const char *const *flags = args_list(args, &set->cli->arena, "label");
    for (size_t i = 0; flags != NULL && flags[i] != NULL; i++) {
        struct str text = str_from(flags[i]);
        size_t equals = 0;
        if (!str_find_char(text, '=', &equals) || equals == 0) {
            return err_set(err, ERR_USAGE, "--label wants key=value, not '%s'", flags[i]);
        }
        label_add(set, str_slice(text, 0, equals), str_slice(text, equals + 1, text.len));
    }
    return true;
}

bool labels_json(struct cli *cli, const struct args *args, struct suite *const *suites, size_t count, struct str *ret,
                 struct err *err)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    struct label_set set = {.cli = cli, .writer = &w};
    json_open_map(&w);
    if (!add_flags(&set, args, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct value *labels = &suites[i]->labels;
        for (size_t j = 0; labels->kind == VALUE_MAP && j < labels->len; j++) {
            label_add(&set, labels->keys[j].text, labels->items[j].text);
        }
    }
    add_ci(&set);
    add_git(&set);
    json_close_map(&w);
    *ret = arena_str(&cli->arena, buf_str(&text));
    return true;
}
