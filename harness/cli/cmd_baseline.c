#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/reports.h"
#include "cli/suites_open.h"
#include "judge/compare.h"
#include "reporters/compare.h"
#include "run/baseline_set.h"
#include "run/import.h"
#include "store/store.h"

static const struct option_row BASELINE_OPTIONS[] = {
    {"runs", 0, OPTION_VALUE, "N", "so many runs of one version, averaged case by case (default: all of its version)"},
    {"suite", 0, OPTION_VALUE, "NAME", "which suite of the run, where it has several"},
    {"file", 0, OPTION_VALUE, "FILE", "accept: the baseline's file (default: the one that the suite names)"},
    {0},
};

struct saving {
    struct cli *cli;
    const struct args *args;
    struct store *store;
    struct stored_runs found; /* as RUN was named */
    struct run_record *run;   /* of the suite that is meant */
    struct baseline_set set;
};

/* --- which runs --------------------------------------------------------------------------------------------------------------------------------- */

static bool choose_suite(struct saving *s, struct err *err)
{
    struct str wanted = str_from(args_value(s->args, "suite"));
    s->run = NULL;
    for (size_t i = 0; i < s->found.run_count; i++) {
        struct run_record *run = &s->found.runs[i];
        if (wanted.ptr != NULL ? str_eq(run->suite, wanted) : s->run == NULL) {
            s->run = s->run == NULL ? run : s->run;
        } else if (wanted.ptr == NULL && !str_eq(run->suite, s->run->suite)) {
            return err_set(err, ERR_USAGE, "the run has several suites ('%.*s', '%.*s'): say which, --suite NAME",
                           STR_ARG(s->run->suite), STR_ARG(run->suite));
        }
    }
    return s->run != NULL || err_set(err, ERR_USAGE, "the run has no suite '%.*s'", STR_ARG(wanted));
}

static bool find_set(struct saving *s, const char *name, struct err *err)
{
    uint64_t runs = 0;
    return args_number(s->args, "runs", 1, 1000, &runs, err) &&
           store_open_named(s->cli, s->args, STORE_READ, &s->store, err) &&
           stored_runs_find(s->cli, s->store, name, false, &s->found, err) && choose_suite(s, err) &&
           baseline_set_of(s->store, &s->cli->arena, s->run, (size_t)runs, &s->set, err);
}

/* --- writing ------------------------------------------------------------------------------------------------------------------------------------ */

static bool write_set(struct saving *s, FILE *out, struct err *err)
{
    const struct baseline_set *set = &s->set;
    for (size_t from = 0; from < set->run_count;) {
        struct stored_runs some = {.runs = &set->runs[from]};
        while (from + some.run_count < set->run_count &&
               set->runs[from + some.run_count].invocation == set->runs[from].invocation) {
            some.run_count++;
        }
        if (!store_invocation(s->store, &s->cli->arena, set->runs[from].invocation, &some.invocation, err) ||
            !report_append_jsonl(s->cli, s->store, &some, out, err)) {
            return false;
        }
        from += some.run_count;
    }
    return true;
}

static bool write_file(struct saving *s, const char *path, struct err *err)
{
    struct file_new file CLEANUP(file_new_discard) = {0};
    return (file_new_open(&file, &s->cli->arena, path, err) && write_set(s, file.stream, err) &&
            file_new_commit(&file, err)) ||
           err_wrap(err, "the baseline '%s'", path);
}

static void print_saved(struct saving *s, const char *verb, const char *path)
{
    const struct baseline_set *set = &s->set;
    size_t failed = 0;
    for (size_t i = 0; i < set->run_count; i++) {
        failed += set->runs[i].verdict == VERDICT_FAILED ? 1 : 0;
    }
    cli_print(s->cli->out, "%s %s: %zu run%s of %.*s", verb, path, set->invocations, set->invocations == 1 ? "" : "s",
              STR_ARG(set->suite));
    if (set->commit.len > 0) {
        cli_print(s->cli->out, " at %.10s", set->commit.ptr);
    }
    (void)fprintf(s->cli->out, "\n");
    if (failed > 0) {
        (void)fprintf(s->cli->out, "%zu of them failed: %s in, since leaving the bad ones out would make it too good\n",
                      failed, failed == 1 ? "it is" : "they are");
    }
    if (set->invocations == 1) {
        (void)fprintf(s->cli->out,
                      "one run can be a lucky one: five alarm half as often (run it again, then save all)\n");
    }
}

static enum verdict save(struct saving *s)
{
    struct err err = ERR_NULL;
    const char *path = s->args->operand_count > 1 ? s->args->operands[1] : NULL;
    if (path == NULL || s->args->operand_count > 3) {
        return cli_usage(s->cli, "where to? assay baseline save FILE [RUN] [--runs N]");
    }
    if (file_exists(path)) {
        return cli_usage(
            s->cli,
            "'%s' is there: `assay baseline accept` moves a baseline on and keeps the first one in sight; to begin "
            "anew, remove it",
            path);
    }
    if (!find_set(s, s->args->operand_count > 2 ? s->args->operands[2] : "latest", &err) ||
        !write_file(s, path, &err)) {
        return cli_fail(s->cli, &err);
    }
    print_saved(s, "saved", path);
    return VERDICT_PASSED;
}

/* --- accepting ------------------------------------------------------------------------------------------------------------------------------------ */

/* The first file among the places of the stored suite. */
static enum verdict file_of_suite(struct saving *s, const char **ret)
{
    struct err err = ERR_NULL;
    struct suite *suite = NULL;
    struct run_record *all = NULL;
    size_t count = 0;
    size_t from = 0;
    if (!store_runs_of(s->store, &s->cli->arena, s->run->invocation, &all, &count, &err)) {
        return cli_fail(s->cli, &err);
    }
    while (all[from].plan != s->run->plan) {
        from++;
    }
    size_t to = from;
    while (to < count && all[to].plan == s->run->plan) {
        to++;
    }
    enum verdict verdict =
        suite_open_gates(s->cli, s->store, &s->found.invocation, &all[from], to - from, NULL, NULL, &suite);
    for (size_t i = 0; verdict == VERDICT_PASSED && suite->baseline != NULL && i < suite->baseline->count; i++) {
        if (suite->baseline->items[i].kind == BASELINE_FILE && *ret == NULL) {
            *ret = arena_cstr(&s->cli->arena, suite->baseline->items[i].text);
        }
    }
    if (verdict == VERDICT_PASSED && *ret == NULL) {
        return cli_usage(s->cli, "the suite names no baseline file: say which, --file FILE");
    }
    return verdict;
}

/* "baselines/math.jsonl" -> "baselines/math.anchor.jsonl" */
static const char *anchor_of(struct arena *arena, const char *path)
{
    struct str all = str_from(path);
    struct str stem = str_ends(all, STR(".jsonl")) ? str_slice(all, 0, all.len - 6) : all;
    return arena_printf(arena, "%.*s.anchor.jsonl", STR_ARG(stem)).ptr;
}

/* The newest run of each variant beside the anchor's: what many small steps have come to. */
static bool print_distance(struct saving *s, const char *anchor, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!import_open_all(&arena, anchor, &store, &runs, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < s->set.run_count && s->set.runs[i].invocation == s->set.runs[0].invocation; i++) {
        size_t at = 0;
        while (at < count && !str_eq(runs[at].variant, s->set.runs[i].variant)) {
            at++;
        }
        if (at == count) {
            cli_print(s->cli->out, "the anchor %s has no variant '%.*s'\n", anchor, STR_ARG(s->set.runs[i].variant));
            continue;
        }
        struct compare_run pair[] = {
            {.store = store, .run = &runs[at], .name = STR("anchor"), .source = str_from(anchor)},
            {.store = s->store, .run = &s->set.runs[i], .name = STR("accepted"), .source = STR("")},
        };
        struct compare_in in = {.runs = pair, .run_count = 2};
        struct comparison comparison;
        struct compare_out to = {.out = s->cli->out, .term = s->cli->out_term, .version = s->cli->version, .count = 1};
        cli_print(s->cli->out, "\ndistance to the first baseline, %s:\n", anchor);
        if (!compare_runs(&in, &arena, &comparison, err) ||
            !compare_format_find(STR("terminal"))->write(&to, &comparison, &arena, err)) {
            return false;
        }
    }
    return true;
}

static enum verdict accept_run(struct saving *s)
{
    struct err err = ERR_NULL;
    const char *path = args_value(s->args, "file");
    if (s->args->operand_count > 2) {
        return cli_usage(s->cli, "one run: assay baseline accept [RUN]");
    }
    if (!find_set(s, s->args->operand_count > 1 ? s->args->operands[1] : "latest", &err)) {
        return cli_fail(s->cli, &err);
    }
    enum verdict verdict = path == NULL ? file_of_suite(s, &path) : VERDICT_PASSED;
    if (verdict != VERDICT_PASSED) {
        return verdict;
    }
    const char *anchor = anchor_of(&s->cli->arena, path);
    if (file_exists(path) && !file_exists(anchor) && rename(path, anchor) != 0) {
        (void)err_set_sys(&err, ERR_IO, errno, "cannot keep the first baseline as '%s'", anchor);
        return cli_fail(s->cli, &err);
    }
    if (!write_file(s, path, &err)) {
        return cli_fail(s->cli, &err);
    }
    print_saved(s, "accepted", path);
    if (file_exists(anchor) && !print_distance(s, anchor, &err)) {
        return cli_fail(s->cli, &err);
    }
    return VERDICT_PASSED;
}

static void saving_close(struct saving *s)
{
    store_close(&s->store);
}

static enum verdict baseline_run(struct cli *cli, const struct args *args)
{
    struct saving s CLEANUP(saving_close) = {.cli = cli, .args = args};
    const char *what = args->operand_count == 0 ? "" : args->operands[0];
    if (strcmp(what, "save") == 0) {
        return save(&s);
    }
    if (strcmp(what, "accept") == 0) {
        return accept_run(&s);
    }
    return what[0] == '\0' ? cli_usage(cli, "save or accept? assay baseline save FILE, assay baseline accept [RUN]")
                           : cli_usage(cli, "no 'assay baseline %s': there are save and accept", what);
}

const struct command command_baseline = {
    .name = "baseline",
    .operands = "save FILE [RUN] | accept [RUN]",
    .summary = "bless runs as the baseline that gates compare with, in a file",
    .options = BASELINE_OPTIONS,
    .details =
        "save writes all judged runs of RUN's version (suite, target, commit; latest unless given) to a new file: "
        "gates name it\n"
        "by baseline: {file: FILE}. accept puts the run's version in its place, keeps the first baseline beside it as\n"
        "NAME.anchor.jsonl, and prints how far the two are apart, since small steps add up.",
    .run = baseline_run,
};
