#include "cli/check_chance.h"

#include "base/err.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/suites_open.h"
#include "judge/chance.h"
#include "judge/version.h"
#include "reporters/shown.h"
#include "store/store.h"

enum { NEWEST_RUNS = 64, NOISE_RUNS = 5 };

typedef VEC(struct check_chance) chance_list;

static bool is_plain(const struct gate *g)
{
    const struct gate_expr *e = &g->expr;
    bool is_of_cases = e->left.kind == STAT_MEAN || e->left.kind == STAT_PASS_RATE || e->left.kind == STAT_QUANTILE ||
                       e->left.kind == STAT_PASS_AT || e->left.kind == STAT_PASS_ALL || e->left.kind == STAT_SCORE;
    return is_of_cases && !g->is_implied && !e->is_regression && !e->has_confidence && e->right_kind != RIGHT_STAT;
}

/* Whether the run was scored as the suite scores now, in what the statistic looks at. */
static bool is_same_scorer(const struct suite *suite, const struct run_record *run, const struct stat_ref *stat)
{
    for (size_t i = 0; i < suite->dimension_count; i++) {
        const struct dimension *d = &suite->dimensions[i];
        bool is_asked = stat->dimension.ptr == NULL || str_eq(stat->dimension, d->name);
        bool is_same = false;
        for (size_t j = 0; j < run->dimension_count; j++) {
            is_same = is_same ||
                      (str_eq(run->dimensions[j].name, d->name) && digest_eq(&run->dimensions[j].scorer, &d->scorer));
        }
        if (is_asked && !is_same && !d->is_call_measure) {
            return false;
        }
    }
    return true;
}

static void keep_worst(struct cli *cli, chance_list *list, const struct check_chance *c)
{
    for (size_t i = 0; i < list->len; i++) {
        if (str_eq(list->items[i].gate, c->gate)) {
            list->items[i] = c->rate > list->items[i].rate ? *c : list->items[i];
            return;
        }
    }
    *vec_push(&cli->arena, list) = *c;
}

static struct str figure_text(struct cli *cli, const struct seen *s)
{
    bool is_share = s->type.range.is_bounded && s->type.range.lo == 0 && s->type.range.hi == 1;
    double value = seen_figure(s);
    return is_share ? shown_share(&cli->arena, value) : shown_number(&cli->arena, value);
}

static bool take_run(struct cli *cli, struct store *store, const struct suite *suite, const struct run_record *run,
                     chance_list *list, struct err *err)
{
    VEC(const struct stat_ref *) stats = {0};
    VEC(const struct gate_expr *) gates = {0};
    struct seen *seen = NULL;
    struct run_record *version = NULL;
    size_t version_count = 0;
    bool wants_noise = false;
    for (size_t i = 0; i < suite->gate_count; i++) {
        const struct gate_expr *e = &suite->gates[i].expr;
        struct str variant = e->left.filter.variant;
        if (is_plain(&suite->gates[i]) && is_same_scorer(suite, run, &e->left) &&
            (variant.ptr == NULL || str_eq(variant, run->variant))) {
            *vec_push(&cli->arena, &stats) = &e->left;
            *vec_push(&cli->arena, &gates) = e;
            wants_noise = wants_noise || e->right_kind == RIGHT_BASELINE;
        }
    }
    if (stats.len == 0) {
        return true;
    }
    if (wants_noise && !runs_of_version(store, run, NOISE_RUNS, &cli->arena, &version, &version_count, err)) {
        return false;
    }
    const struct seen_in in = {store, run, version, version_count, stats.items, stats.len};
    if (!seen_of(&in, &cli->arena, &seen, err)) {
        return false;
    }
    for (size_t i = 0; i < gates.len; i++) {
        struct chance chance = chance_of_gate(&seen[i], gates.items[i]);
        if (chance.why_not.ptr != NULL) {
            continue;
        }
        const struct check_chance c = {.gate = gates.items[i]->text,
                                       .variant = run->variant,
                                       .figure = figure_text(cli, &seen[i]),
                                       .run = arena_printf(&cli->arena, "%.8s", id_text(&run->id).text),
                                       .rate = chance.rate,
                                       .is_bound = chance.is_bound,
                                       .n = seen[i].mean.n};
        keep_worst(cli, list, &c);
    }
    return true;
}

/* The newest run of each variant that the suite has now. */
static bool take_runs(struct cli *cli, struct store *store, const struct suite *suite, chance_list *list,
                      struct err *err)
{
    const struct suite_runs which = {
        .suite = suite->name, .only_full = true, .only_original = true, .limit = NEWEST_RUNS};
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!store_suite_runs(store, &cli->arena, &which, &runs, &count, err)) {
        return false;
    }
    for (size_t v = 0; v < suite->variant_count; v++) {
        size_t at = 0;
        while (at < count && !(str_eq(runs[at].variant, suite->variants[v].name) &&
                               (runs[at].verdict == VERDICT_PASSED || runs[at].verdict == VERDICT_FAILED))) {
            at++;
        }
        if (at < count && !take_run(cli, store, suite, &runs[at], list, err)) {
            return false;
        }
    }
    return true;
}

void check_chances(struct cli *cli, const struct args *args, const struct suite *suite, struct check_chance **ret,
                   size_t *ret_count)
{
    struct err ignored = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    chance_list list = {0};
    bool has_any = false;
    for (size_t i = 0; i < suite->gate_count; i++) {
        has_any = has_any || is_plain(&suite->gates[i]);
    }
    bool ok = has_any && store_open_named(cli, args, STORE_READ, &store, &ignored) &&
              take_runs(cli, store, suite, &list, &ignored);
    *ret = list.items;
    *ret_count = ok ? list.len : 0;
}

struct str check_chance_words(struct cli *cli, const struct check_chance *c)
{
    struct arena *arena = &cli->arena;
    bool is_default = str_eq_cstr(c->variant, "default");
    struct str variant = is_default ? STR("") : arena_printf(arena, " [%.*s]", STR_ARG(c->variant));
    struct str rate = c->rate < 0.0005 ? STR("less than 0.1%") : shown_share(arena, c->rate);
    return arena_printf(arena, "fails by chance in %s%.*s of runs (%.*s of %llu cases in run %.*s%.*s)",
                        c->is_bound ? "at most " : "", STR_ARG(rate), STR_ARG(c->figure), (unsigned long long)c->n,
                        STR_ARG(c->run), STR_ARG(variant));
}
