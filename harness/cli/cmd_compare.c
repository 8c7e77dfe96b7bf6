#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/compare_names.h"
#include "cli/reports.h"
#include "cli/run_operand.h"
#include "cli/suites_open.h"
#include "judge/compare.h"
#include "reporters/compare.h"
#include "store/store.h"

enum { DEFAULT_FLIPS = 5, FLIPS_MAX = 1000000 };

static const struct option_row COMPARE_OPTIONS[] = {
    {"dimension", 'd', OPTION_LIST, "NAME", "only this dimension; repeatable"},
    {"tag", 't', OPTION_VALUE, "TAG", "only cases with this tag"},
    {"by", 0, OPTION_VALUE, "tag", "a table for each tag besides"},
    {"flips", 0, OPTION_VALUE, "N", "cases that flipped, shown with both outputs: a number (default 5), or all"},
    {"format", 'r', OPTION_LIST, "FORMAT[=FILE]", "terminal (the default), csv, html, json, markdown; repeatable"},
    {0},
};

/* --- where it goes ------------------------------------------------------------------------------------------------------------------------------- */

struct sink {
    const struct compare_format *format;
    const char *file; /* NULL = standard output */
    struct file_new place;
    FILE *stream;
    size_t written;
};

struct sinks {
    VEC(struct sink) items;
};

static void sinks_close(struct sinks *o)
{
    for (size_t i = 0; i < o->items.len; i++) {
        file_new_discard(&o->items.items[i].place);
    }
}

static bool fail_format(struct str name, struct err *err)
{
    struct buf list CLEANUP(buf_deinit) = BUF(200);
    for (size_t i = 0; COMPARE_FORMATS[i] != NULL; i++) {
        buf_printf(&list, "%s%s", i == 0 ? "" : ", ", COMPARE_FORMATS[i]->name);
    }
    return err_set(err, ERR_USAGE, "no format '%.*s': there are %s", STR_ARG(name), list.ptr);
}

static bool parse_sinks(struct cli *cli, const struct args *args, struct sinks *ret, struct err *err)
{
    static const char *const terminal[] = {"terminal", NULL};
    const char *const *values = args_list(args, &cli->arena, "format");
    size_t on_stdout = 0;
    values = values == NULL ? terminal : values;
    for (size_t i = 0; values[i] != NULL; i++) {
        struct str name = str_from(values[i]);
        const char *file = NULL;
        size_t equals = 0;
        if (str_find_char(name, '=', &equals)) {
            file = values[i] + equals + 1;
            name.len = equals;
            if (file[0] == '\0') {
                return err_set(err, ERR_USAGE, "--format %s: no file after '='", values[i]);
            }
        }
        bool is_stdout = file == NULL || strcmp(file, "-") == 0;
        on_stdout += is_stdout ? 1 : 0;
        if (!is_stdout && !report_folder_check(cli, "--format", values[i], file, err)) {
            return false;
        }
        if (compare_format_find(name) == NULL) {
            return fail_format(name, err);
        }
        if (on_stdout > 1) {
            return err_set(err, ERR_USAGE, "two formats go to standard output: give one a file, --format %.*s=FILE",
                           STR_ARG(name));
        }
        *vec_push(&cli->arena, &ret->items) = (struct sink){.format = compare_format_find(name),
                                                            .file = is_stdout ? NULL : file,
                                                            .stream = is_stdout ? cli->out : NULL};
    }
    return true;
}

/* No comparison is to overwrite the store, what it compares, or another one. */
static bool check_sink(const struct sinks *o, size_t at, const char *store, const struct run_operands *operands,
                       struct err *err)
{
    const char *file = o->items.items[at].file;
    for (size_t i = 0; i < at; i++) {
        if (o->items.items[i].file != NULL && file_is_same(file, o->items.items[i].file)) {
            return err_set(err, ERR_USAGE, "--format: two formats would go to '%s'", file);
        }
    }
    if (run_operands_read(operands, file)) {
        return err_set(err, ERR_USAGE, "--format: '%s' is one of the files to compare", file);
    }
    return !file_is_same(file, store) || err_set(err, ERR_USAGE, "--format: '%s' is the store", file);
}

static bool open_sinks(struct cli *cli, struct sinks *o, const char *store, const struct run_operands *operands,
                       struct err *err)
{
    for (size_t i = 0; i < o->items.len; i++) {
        if (o->items.items[i].file != NULL && !check_sink(o, i, store, operands, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < o->items.len; i++) {
        struct sink *out = &o->items.items[i];
        if (out->file == NULL) {
            continue;
        }
        if (!file_new_open(&out->place, &cli->arena, out->file, err)) {
            return false;
        }
        out->stream = out->place.stream;
    }
    return true;
}

/* They are there when all of them are whole; one that could not be written leaves nothing that looks like it. */
static bool commit_sinks(struct sinks *o, struct err *err)
{
    for (size_t i = 0; i < o->items.len; i++) {
        struct sink *out = &o->items.items[i];
        if (out->file != NULL && !file_new_commit(&out->place, err) && err->sys != EPIPE) {
            file_new_remove(&out->place);
            return false;
        }
    }
    return true;
}

static bool write_one(struct cli *cli, struct sinks *o, const struct comparison *c, size_t at, size_t count,
                      struct err *err)
{
    for (size_t i = 0; i < o->items.len; i++) {
        struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
        struct sink *out = &o->items.items[i];
        struct compare_out to = {
            .out = out->stream,
            .term = out->file == NULL ? cli->out_term : (struct term){.columns = 100},
            .version = cli->version,
            .at = at,
            .count = count,
            .written = out->written,
        };
        errno = 0;
        bool ok = out->format->write(&to, c, &scratch, err);
        out->written = to.written;
        if (ok && (fflush(to.out) != 0 || ferror(to.out) != 0) && errno != EPIPE) {
            ok = err_set_sys(err, ERR_IO, errno == 0 ? EIO : errno, "cannot write the comparison");
        }
        if (!ok && err->sys != EPIPE) { /* a reader that went away (`| head`) has seen what it wanted */
            if (out->file != NULL) {
                file_new_remove(&out->place);
            }
            return false;
        }
    }
    return true;
}

/* --- the command ------------------------------------------------------------------------------------------------------------------------------------ */

struct flags {
    const struct str *dimensions;
    size_t dimension_count;
    struct str tag;
    bool by_tag;
    size_t flips;
};

static bool read_flags(struct cli *cli, const struct args *args, struct flags *ret, struct err *err)
{
    const char *const *names = args_list(args, &cli->arena, "dimension");
    size_t count = args_count(args, "dimension");
    struct str *dimensions = arena_array(&cli->arena, struct str, count + 1);
    for (size_t i = 0; i < count; i++) {
        dimensions[i] = str_from(names[i]);
    }
    const char *by = args_value(args, "by");
    const char *flips = args_value(args, "flips");
    uint64_t shown = DEFAULT_FLIPS;
    *ret = (struct flags){.dimensions = dimensions, .dimension_count = count, .tag = str_from(args_value(args, "tag"))};
    ret->by_tag = by != NULL;
    if (by != NULL && strcmp(by, "tag") != 0) {
        return err_set(err, ERR_USAGE, "--by %s: there is tag", by);
    }
    if (flips != NULL && strcmp(flips, "all") == 0) {
        shown = SIZE_MAX;
    } else if (!args_number(args, "flips", 0, FLIPS_MAX, &shown, err)) {
        return false;
    }
    ret->flips = shown;
    return true;
}

/* False when it cannot be done; *ret_not_comparable when it was, and some candidate has nothing in common with its base. */
static bool compare_group(struct cli *cli, struct sinks *outputs, const struct flags *flags,
                          const struct compare_groups *groups, size_t at, struct str *ret_why_not, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct comparison comparison;
    const struct compare_group *group = &groups->items[at];
    struct compare_in in = {
        .runs = group->runs,
        .run_count = group->run_count,
        .dimensions = flags->dimensions,
        .dimension_count = flags->dimension_count,
        .tag = flags->tag,
        .by_tag = flags->by_tag,
        .flips = flags->flips,
    };
    if (!compare_runs(&in, &arena, &comparison, err) || !write_one(cli, outputs, &comparison, at, groups->count, err)) {
        return false;
    }
    for (size_t run = 1; run < comparison.run_count; run++) {
        struct str why = comparison.runs[run].why_not;
        *ret_why_not = why.ptr != NULL && ret_why_not->ptr == NULL ? arena_str(&cli->arena, why) : *ret_why_not;
    }
    return true;
}

static enum verdict compare_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct flags flags;
    struct sinks outputs CLEANUP(sinks_close) = {0};
    struct run_operands operands CLEANUP(run_operands_close) = {.cli = cli, .args = args};
    struct compare_groups groups;
    struct str why_not = STR_NULL;
    if (args->operand_count == 0) {
        return cli_usage(cli,
                         "which runs? assay compare A B [C...], or one with several variants: assay compare latest");
    }
    if (!read_flags(cli, args, &flags, &err) || !parse_sinks(cli, args, &outputs, &err) ||
        !compare_groups_find(&operands, args->operands, args->operand_count, &groups, &err) ||
        !open_sinks(cli, &outputs, store_named_path(cli, args), &operands, &err)) {
        return cli_fail(cli, &err);
    }
    for (size_t i = 0; i < groups.unmatched_count; i++) {
        cli_print(cli->errors, "assay: %.*s\n", STR_ARG(groups.unmatched[i]));
    }
    for (size_t i = 0; i < groups.count; i++) {
        if (!compare_group(cli, &outputs, &flags, &groups, i, &why_not, &err)) {
            return cli_fail(cli, &err);
        }
    }
    if (!commit_sinks(&outputs, &err)) {
        return cli_fail(cli, &err);
    }
    if (why_not.ptr != NULL) {
        (void)err_set(&err, ERR_EMPTY, "not comparable: %.*s", STR_ARG(why_not));
        return cli_fail(cli, &err);
    }
    return VERDICT_PASSED;
}

const struct command command_compare = {
    .name = "compare",
    .operands = "A [B...]",
    .summary = "runs beside each other: differences with intervals, what can be said, cases that flipped",
    .options = COMPARE_OPTIONS,
    .details =
        "A is what the others are compared with, case by case. With A alone: its variants, compared with the first.\n"
        "Each is a run as for show, or an exported file. Where they hold several variants, equal ones are compared.\n"
        "It is no gate: exit 0 whatever it shows, 4 when runs have nothing in common.",
    .run = compare_run,
};
