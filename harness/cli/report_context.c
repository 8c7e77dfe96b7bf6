#include "cli/report_context.h"

#include "base/err.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "judge/compare.h"
#include "judge/history.h"
#include "reporters/reporter.h"
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

/* The newest run of the first baseline that was used, when this store has it. */
static bool find_baseline(struct context *c, const struct summary *s, struct run_record **ret_run,
                          struct invocation_record *ret_invocation, struct str *ret_source, struct err *err)
{
    *ret_run = NULL;
    for (size_t i = 0; i < s->baseline_count; i++) {
        const struct baseline_summary *b = &s->baselines[i];
        size_t count = 0;
        if (b->state != BASELINE_USED || b->run_count == 0) {
            continue;
        }
        *ret_source = b->source;
        if (!store_find_runs(c->store, &c->cli->arena, b->runs[0], false, ret_run, &count, err)) {
            *ret_run = NULL;
            return is_left_out(err); /* of a file, or pruned: it is only named */
        }
        return store_invocation(c->store, &c->cli->arena, (*ret_run)->invocation, ret_invocation, err);
    }
    return true;
}

static bool compare_with_baseline(struct context *c, const struct report_run *run, struct err *err)
{
    struct run_record *base = NULL;
    struct invocation_record invocation;
    struct str source = STR_NULL;
    if (!find_baseline(c, run->summary, &base, &invocation, &source, err)) {
        return false;
    }
    if (base == NULL || id_eq(&base->id, &run->run->id)) {
        return true;
    }
    struct compare_run *runs = arena_array(&c->cli->arena, struct compare_run, 2);
    runs[0] = (struct compare_run){.store = c->store,
                                   .run = base,
                                   .name = arena_printf(&c->cli->arena, "baseline %.*s", STR_ARG(source)),
                                   .source = source,
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
