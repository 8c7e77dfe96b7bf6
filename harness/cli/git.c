#include "cli/git.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "io/ask.h"
#include "model/command_options.h"

enum { GIT_FILE_BYTES = 16 << 20, STATUS_TIMEOUT_MS = 1000 };

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

/* Where `ref` leads; NULL before the first commit. */
static const char *commit_of(struct cli *cli, const char *folder, const char *ref)
{
    const char *common = read_line(cli, file_join(&cli->arena, str_from(folder), STR("commondir")));
    const char *refs = common == NULL ? folder : file_join(&cli->arena, str_from(folder), str_from(common));
    const char *commit = read_line(cli, file_join(&cli->arena, str_from(refs), str_from(ref)));
    return commit != NULL ? commit : packed_ref(cli, refs, ref);
}

/* What git may see of our environment: where things are, and what is meant for it (in a hook it is told the index so). */
static const char *const *git_environment(struct cli *cli)
{
    static const char *const passed[] = {"PATH=", "HOME=", "XDG_CONFIG_HOME=", "GIT_"};
    VEC(const char *) entries = {0};
    /* looking changes nothing, not even git's index; first, since the first of a name counts */
    *vec_push(&cli->arena, &entries) = "GIT_OPTIONAL_LOCKS=0";
    for (size_t i = 0; cli->env.entries[i] != NULL; i++) {
        for (size_t j = 0; j < ARRAY_LEN(passed); j++) {
            if (strncmp(cli->env.entries[i], passed[j], strlen(passed[j])) == 0) {
                *vec_push(&cli->arena, &entries) = cli->env.entries[i];
            }
        }
    }
    *vec_push(&cli->arena, &entries) = NULL;
    return entries.items;
}

static void ask_tree(struct cli *cli, struct asking *ret)
{
    /* no monitor: it would be a program of the repository's choice, and it would stay */
    static const char *const argv[] = {
        "git", "-c", "core.fsmonitor=false", "status", "--porcelain", "--untracked-files=no", NULL};
    struct question question = {.argv = argv, .timeout_ns = STATUS_TIMEOUT_MS * NS_PER_MS};
    struct err ignored = ERR_NULL;
    if (!command_find_program(&cli->arena, ".", &cli->env, STR("git"), &question.path, &ignored)) {
        return;
    }
    question.envp = git_environment(cli);
    ask_program(&question, ret);
}

void git_ask(struct cli *cli, struct git_asking *ret)
{
    *ret = (struct git_asking){.tree = ASKING_NONE};
    const char *folder = git_folder(cli);
    const char *head = folder == NULL ? NULL : read_line(cli, file_join(&cli->arena, str_from(folder), STR("HEAD")));
    if (head == NULL) {
        return;
    }
    bool is_ref = strncmp(head, "ref: ", 5) == 0;
    ret->state.commit = is_ref ? commit_of(cli, folder, head + 5) : head;
    ret->state.branch = is_ref && strncmp(head + 5, "refs/heads/", 11) == 0 ? head + 5 + 11 : NULL;
    if (ret->state.commit != NULL) {
        ask_tree(cli, &ret->tree);
    }
}

struct git_state git_answer(struct git_asking *asking)
{
    static const enum tree_state trees[] = {
        [ASK_UNKNOWN] = TREE_UNKNOWN, [ASK_SILENT] = TREE_CLEAN, [ASK_PRINTS] = TREE_DIRTY};
    asking->state.tree = trees[ask_answer(&asking->tree)];
    return asking->state;
}

void git_drop(struct git_asking *asking)
{
    ask_drop(&asking->tree);
}
