#include "cli/suites_open.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "cli/git.h"
#include "data/json.h"

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

static void add_git(struct label_set *set, struct git_asking *asking)
{
    static const char *const dirty[] = {
        [TREE_UNKNOWN] = NULL, [TREE_CLEAN] = LABEL_DIRTY_NO, [TREE_DIRTY] = LABEL_DIRTY_YES};
    struct git_state git = git_answer(asking);
    const struct {
        const char *key, *value;
    } labels[] = {{LABEL_BRANCH, git.branch}, {LABEL_COMMIT, git.commit}, {LABEL_DIRTY, dirty[git.tree]}};
    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        if (labels[i].value != NULL) {
            label_add(set, str_from(labels[i].key), str_from(labels[i].value));
        }
    }
}

static void add_ci(struct label_set *set)
{
    static const struct {
        const char *label, *name;
    } rows[] = {
        {LABEL_BRANCH, "GITHUB_HEAD_REF"},     {LABEL_BRANCH, "GITHUB_REF_NAME"},
        {LABEL_BRANCH, "CI_COMMIT_REF_NAME"},  {LABEL_BRANCH, "BUILD_SOURCEBRANCHNAME"},
        {LABEL_COMMIT, "GITHUB_SHA"},          {LABEL_COMMIT, "CI_COMMIT_SHA"},
        {LABEL_COMMIT, "BUILD_SOURCEVERSION"},
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

bool labels_wanted(struct cli *cli, const struct args *args, struct str *ret, struct err *err)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    struct label_set set = {.cli = cli, .writer = &w};
    *ret = STR_NULL;
    if (args_count(args, "label") == 0) {
        return true;
    }
    json_open_map(&w);
    if (!add_flags(&set, args, err)) {
        return false;
    }
    json_close_map(&w);
    *ret = arena_str(&cli->arena, buf_str(&text));
    return true;
}

bool labels_json(struct cli *cli, const struct args *args, struct suite *const *suites, size_t count,
                 struct git_asking *git, struct str *ret, struct err *err)
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
    const struct value *labels = &cli->project.labels;
    for (size_t j = 0; labels->kind == VALUE_MAP && j < labels->len; j++) {
        label_add(&set, labels->keys[j].text, labels->items[j].text);
    }
    add_ci(&set);
    add_git(&set, git);
    json_close_map(&w);
    *ret = arena_str(&cli->arena, buf_str(&text));
    return true;
}
