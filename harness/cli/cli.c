#include "cli/cli.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/caret.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"

/* In the order of help; one a line, for they come from many hands. */
/* clang-format off */
#define COMMAND_LIST(X) \
    X(init) \
    X(run) \
    X(check) \
    X(list) \
    X(show) \
    X(compare) \
    X(gate) \
    X(baseline) \
    X(history) \
    X(plan) \
    X(selftest) \
    X(prune) \
    X(report) \
    X(rescore) \
    X(resume) \
    X(push) \
    X(pull) \
    X(import) \
    X(serve) \
    X(schema) \
    X(help) \
    X(version)
/* clang-format on */

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMAND_LIST(COMMAND_DECLARE)
#define COMMAND_ENTRY(name) &command_##name,
const struct command *const COMMANDS[] = {COMMAND_LIST(COMMAND_ENTRY) NULL};

const struct option_row COMMON_OPTIONS[] = {
    {"db", 0, OPTION_VALUE, "FILE", "the store (default: .assay/assay.db of the nearest project folder; ASSAY_DB)"},
    {"env-file", 0, OPTION_VALUE, "FILE", "names for {{env.NAME}} that the environment does not have"},
    {"help", 'h', OPTION_FLAG, NULL, "this help"},
    {0},
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; COMMANDS[i] != NULL; i++) {
        if (strcmp(COMMANDS[i]->name, name) == 0 ||
            (COMMANDS[i]->alias != NULL && strcmp(COMMANDS[i]->alias, name) == 0)) {
            return COMMANDS[i];
        }
    }
    return NULL;
}

enum verdict cli_verdict_of(const struct err *err)
{
    switch (err->kind) {
    case ERR_NONE:
        return VERDICT_PASSED;
    case ERR_USAGE:
    case ERR_SUITE:
        return VERDICT_USAGE;
    case ERR_EMPTY:
        return VERDICT_EMPTY;
    case ERR_LIMIT:
        /* with a place it is the input that is too much, in a row of the data or a line of an export */
        return err->pos.line > 0 ? VERDICT_USAGE : VERDICT_INFRASTRUCTURE;
    case ERR_IO:
    case ERR_NET:
    case ERR_ACCESS:
    case ERR_SETUP:
        return VERDICT_INFRASTRUCTURE;
    case ERR_CANCELLED:
        return err->sys == SIGTERM ? VERDICT_INTERRUPTED_TERM : VERDICT_INTERRUPTED_INT;
    case ERR_BUG:
        break;
    }
    return VERDICT_INTERNAL;
}

static void print_safe(FILE *out, struct str text)
{
    struct buf safe CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    term_escape(&safe, text, TERM_LINES);
    (void)fwrite(safe.ptr == NULL ? "" : safe.ptr, 1, safe.len, out);
}

void cli_print(FILE *out, const char *format, ...)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    print_safe(out, buf_str(&text));
}

enum verdict cli_fail(struct cli *cli, const struct err *err)
{
    enum verdict verdict = cli_verdict_of(err);
    const struct verdict_row *row = verdict_row(verdict);
    (void)fprintf(cli->errors, "assay: ");
    if (err->pos.file != NULL && err->pos.line > 0) {
        print_safe(cli->errors, str_from(err->pos.file));
        (void)fprintf(cli->errors, ":%u:%u: ", (unsigned)err->pos.line, (unsigned)err->pos.col);
    }
    print_safe(cli->errors, str_from(err->text));
    (void)fprintf(cli->errors, "\nassay: %s (exit %d)\n", row->word, row->exit_code);
    return verdict;
}

enum verdict cli_usage(struct cli *cli, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct err err = ERR_NULL;
    (void)err_set(&err, ERR_USAGE, "%s", text);
    return cli_fail(cli, &err);
}

bool cli_is_unicode(const struct cli *cli)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"}; /* the first that is set counts (POSIX) */
    const char *term = environment_get(&cli->env, STR("TERM"));
    const char *locale = NULL;
    for (size_t i = 0; i < ARRAY_LEN(names) && (locale == NULL || locale[0] == '\0'); i++) {
        locale = environment_get(&cli->env, str_from(names[i]));
    }
    bool is_dumb = term != NULL && strcmp(term, "dumb") == 0;
    return !is_dumb && locale != NULL && (strcasestr(locale, "utf-8") != NULL || strcasestr(locale, "utf8") != NULL);
}

enum { LOG_COLUMNS = 400 }; /* of a line under a fault, where no terminal says: a line may have millions */

void cli_print_faults(struct cli *cli, const struct diag *diag)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    for (size_t i = 0; i < diag->faults.len; i++) {
        caret_render(&text, diag, &diag->faults.items[i], cli->err_term.is_tty ? cli->err_term.columns : LOG_COLUMNS);
    }
    (void)fwrite(text.ptr == NULL ? "" : text.ptr, 1, text.len, cli->errors);
    if (diag->dropped > 0) {
        (void)fprintf(cli->errors, "assay: %zu more faults are not shown\n", diag->dropped);
    }
}

void cli_append_word(struct buf *out, struct str word)
{
    bool is_plain = word.len > 0;
    for (size_t i = 0; i < word.len && is_plain; i++) {
        char c = word.ptr[i];
        is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   (c != '\0' && strchr("/._-+:,@%=", c) != NULL);
    }
    if (is_plain) {
        buf_append(out, word);
        return;
    }
    buf_append_char(out, '\'');
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '\'') {
            buf_append_cstr(out, "'\\'");
        }
        buf_append_char(out, word.ptr[i]);
    }
    buf_append_char(out, '\'');
}

struct str cli_common_flags(struct cli *cli, const struct args *args)
{
    static const char *const names[] = {"db", "env-file"};
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = args_value(args, names[i]);
        if (value != NULL) {
            buf_printf(&text, " --%s ", names[i]);
            cli_append_word(&text, str_from(value));
        }
    }
    return arena_str(&cli->arena, buf_str(&text));
}

/* NAME=value lines; blank lines and lines that begin with '#' are left out; quotes around a value are dropped. */
static bool env_line(struct cli *cli, const char *path, size_t number, struct str line, const char **ret_entry,
                     struct err *err)
{
    line = str_trim(line);
    *ret_entry = NULL;
    if (line.len == 0 || line.ptr[0] == '#') {
        return true;
    }
    if (str_starts(line, STR("export "))) {
        line = str_trim(str_slice(line, 7, line.len));
    }
    size_t equals = 0;
    struct src_pos pos = {path, (uint32_t)number, 1};
    if (!str_find_char(line, '=', &equals) || equals == 0 || str_has_nul(line)) {
        return err_set_at(err, ERR_USAGE, pos, "wants NAME=value");
    }
    struct str name = str_slice(line, 0, equals);
    struct str value = str_trim(str_slice(line, equals + 1, line.len));
    if (value.len >= 2 && (value.ptr[0] == '"' || value.ptr[0] == '\'') && value.ptr[value.len - 1] == value.ptr[0]) {
        value = str_slice(value, 1, value.len - 1);
    }
    if (environment_get(&cli->env, name) == NULL) {
        *ret_entry = arena_printf(&cli->arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(value)).ptr;
    }
    return true;
}

bool cli_read_env_file(struct cli *cli, const char *path, struct err *err)
{
    struct str text;
    if (!file_read(&cli->arena, path, LIMIT_SUITE_BYTES, &text, err)) {
        err->kind = ERR_USAGE;
        return err_wrap(err, "--env-file");
    }
    VEC(const char *) entries = {0};
    for (size_t i = 0; cli->env.entries[i] != NULL; i++) {
        *vec_push(&cli->arena, &entries) = cli->env.entries[i];
    }
    struct str line;
    size_t number = 0;
    while (str_split(&text, '\n', &line)) {
        const char *entry = NULL;
        if (!env_line(cli, path, ++number, line, &entry, err)) {
            return false;
        }
        if (entry != NULL) {
            *vec_push(&cli->arena, &entries) = entry;
        }
    }
    *vec_push(&cli->arena, &entries) = NULL;
    cli->env.entries = entries.items;
    return true;
}
