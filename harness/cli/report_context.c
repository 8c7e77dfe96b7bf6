#include "cli/report_context.h"

#include "base/err.h"
#include "base/file.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "judge/compare.h"
#include "judge/history.h"
#include "reporters/reporter.h"
#include "run/import.h"
#include "store/store.h"

enum {
    FLIPS_SHOWN = 20,
    HISTORY_RUNS = 30,
    HISTORY_CASES = 300000 /* over all runs of a history */
};

struct context {
    struct cli *cli;
    struct store *store;
    struct report_in *in;
    VEC(struct comparison) comparisons;
    VEC(struct history) histories;
};

/* A report does not fail for what it would only have been shown beside: only a store that cannot be read stops it. */
static bool is_left_out(struct err *err)
{
    bool is_store = err->kind == ERR_IO || err->kind == ERR_BUG;
    if (!is_store) {
        *err = ERR_NULL;
    }
    return !is_store;
}

static bool compare_all(struct context *c, const struct compare_run *runs, size_t count, struct err *err)
{
    struct comparison *comparison = arena_new(&c->cli->arena, struct comparison);
    if (!compare_runs(&(struct compare_in){.runs = runs, .run_count = count, .flips = FLIPS_SHOWN}, &c->cli->arena,
                      comparison, err)) {
        return is_left_out(err);
    }
    *vec_push(&c->cli->arena, &c->comparisons) = *comparison;
    return true;
}

static bool compare_variants(struct context *c, size_t from, size_t count, struct err *err)
{
    struct compare_run *runs = arena_array(&c->cli->arena, struct compare_run, count);
    for (size_t i = 0; i < count; i++) {
        const struct run_record *run = c->in->runs[from + i].run;
        runs[i] = (struct compare_run){.store = c->store,
                                       .run = run,
                                       .name = run->variant,
                                       .source = run->variant,
                                       .labels = c->in->invocation->labels};
    }
    return compare_all(c, runs, count, err);
}

/* A baseline's newest run, and where it is: in this store, or in a file that is read into one of its own. */
struct base_run {
    struct run_record *run; /* NULL: nowhere; it is only named */
    struct store *store;
    struct store *of_file; /* to be closed */
    struct str source;
};

static void base_run_close(struct base_run *b)
{
    store_close(&b->of_file);
}

/* What is no export any more, or holds other runs now, is not the baseline. */
static void open_file(struct context *c, const char *path, struct str id, struct base_run *ret)
{
    struct err ignored = ERR_NULL;
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!import_open_all(&c->cli->arena, path, &ret->of_file, &runs, &count, &ignored)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct uuid_text text = id_text(&runs[i].id);
        if (str_eq(str_from(text.text), id)) {
            ret->run = &runs[i];
            ret->store = ret->of_file;
            return;
        }
    }
    store_close(&ret->of_file);
}

/* As a suite names it, from its folder; or as a flag does, from where we are. */
static void find_in_file(struct context *c, const struct report_run *run, const struct baseline_summary *b,
                         struct base_run *ret)
{
    struct arena *arena = &c->cli->arena;
    const char *paths[] = {file_join(arena, file_dir(run->plan->path), b->source), arena_cstr(arena, b->source)};
    for (size_t i = 0; i < ARRAY_LEN(paths) && ret->run == NULL; i++) {
        if (paths[i] != NULL && file_is_regular(paths[i])) {
            open_file(c, paths[i], b->runs[0], ret);
        }
    }
}

/* Of the first baseline that was used. */
static bool find_baseline(struct context *c, const struct report_run *run, struct base_run *ret, struct err *err)
{
    const struct summary *s = run->summary;
    for (size_t i = 0; i < s->baseline_count; i++) {
        const struct baseline_summary *b = &s->baselines[i];
        size_t count = 0;
        if (b->state != BASELINE_USED || b->run_count == 0) {
            continue;
        }
        *ret = (struct base_run){.store = c->store, .source = b->source};
        if (store_find_runs(c->store, &c->cli->arena, b->runs[0], false, &ret->run, &count, err)) {
            return true;
        }
        ret->run = NULL;
        if (!is_left_out(err)) {
            return false;
        }
        find_in_file(c, run, b, ret);
        return true;
    }
    return true;
}

static bool compare_with_baseline(struct context *c, const struct report_run *run, struct err *err)
{
    struct base_run base CLEANUP(base_run_close) = {0};
    struct invocation_record invocation;
    if (!find_baseline(c, run, &base, err)) {
        return false;
    }
    if (base.run == NULL || id_eq(&base.run->id, &run->run->id)) {
        return true;
    }
    if (!store_invocation(base.store, &c->cli->arena, base.run->invocation, &invocation, err)) {
        return false;
    }
    struct compare_run *runs = arena_array(&c->cli->arena, struct compare_run, 2);
    runs[0] = (struct compare_run){.store = base.store,
                                   .run = base.run,
                                   .name = arena_printf(&c->cli->arena, "baseline %.*s", STR_ARG(base.source)),
                                   .source = base.source,
                                   .labels = invocation.labels};
    runs[1] = (struct compare_run){.store = c->store,
                                   .run = run->run,
                                   .name = STR("this run"),
                                   .source = run->run->variant,
                                   .labels = c->in->invocation->labels};
    return compare_all(c, runs, 2, err);
}

static bool add_history(struct context *c, const struct report_run *run, struct err *err)
{
    uint64_t cases = run->summary->n_cases > 0 ? run->summary->n_cases : 1;
    uint64_t last = HISTORY_CASES / cases < HISTORY_RUNS ? HISTORY_CASES / cases : HISTORY_RUNS;
    struct history *history = arena_new(&c->cli->arena, struct history);
    struct history_in in = {
        .store = c->store, .suite = run->run->suite, .variant = run->run->variant, .last = (size_t)last};
    if (last < 2) {
        return true;
    }
    if (!history_of(&in, &c->cli->arena, history, err)) {
        return is_left_out(err);
    }
    if (history->run_count > 1) {
        *vec_push(&c->cli->arena, &c->histories) = *history;
    }
    return true;
}

bool report_context(struct cli *cli, struct store *store, const struct reporter *reporter, struct report_in *in,
                    struct err *err)
{
    struct context c = {.cli = cli, .store = store, .in = in};
    for (size_t from = 0; from < in->run_count && reporter->shows_comparisons;) {
        size_t count = report_group(in, from);
        if (!(count > 1 ? compare_variants(&c, from, count, err) : compare_with_baseline(&c, &in->runs[from], err))) {
            return false;
        }
        from += count;
    }
    for (size_t i = 0; i < in->run_count && reporter->shows_histories; i++) {
        if (!add_history(&c, &in->runs[i], err)) {
            return false;
        }
    }
    in->comparisons = c.comparisons.items;
    in->comparison_count = c.comparisons.len;
    in->histories = c.histories.items;
    in->history_count = c.histories.len;
    return true;
}
