#include "cli/dry_run.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "run/session.h"
#include "scorers/scorer.h"
#include "store/store.h"
#include "suites/survey.h"
#include "targets/target.h"

enum { SAMPLES_LOOKED_AT = 1000 };

struct dry_suite {
    struct cli *cli;
    const struct suite *suite;
    struct survey survey;
    uint64_t judgements; /* calls of judges, of one trial of one variant */
};

static uint64_t judgements_of(const struct scorer_use *const *uses, size_t count, const struct eval_case *c)
{
    uint64_t calls = 0;
    for (size_t i = 0; i < count; i++) {
        if (uses[i]->type->call_count != NULL && scorer_applies(uses[i], c)) {
            calls += uses[i]->type->call_count(uses[i]);
        }
    }
    return calls;
}

static void dry_run_case(void *ctx, const struct eval_case *c)
{
    struct dry_suite *d = ctx;
    struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    buf_append_cstr(&line, "  ");
    term_escape(&line, c->id, TERM_ONE_LINE);
    if (c->skip.ptr != NULL) {
        buf_append_cstr(&line, "  (skipped: ");
        term_escape(&line, c->skip, TERM_ONE_LINE);
        buf_append_cstr(&line, ")");
    } else {
        d->judgements += judgements_of(d->suite->scorers, d->suite->scorer_count, c);
        d->judgements += judgements_of(c->own_scorers, c->own_scorer_count, c);
    }
    buf_append_char(&line, '\n');
    (void)fwrite(line.ptr, 1, line.len, d->cli->out);
}

/* What a sample of an earlier run cost, in the mean of those that say so. */
struct dry_cost {
    bool is_known, has_judges;
    double target_usd, judge_usd;
};

/* Whether the run was judged as this suite would be: every judge with the same rubric and model. */
static bool has_equal_judges(const struct suite *suite, const struct run_record *run)
{
    bool is_equal = true;
    for (size_t i = 0; i < suite->scorer_count; i++) {
        const struct scorer_use *use = suite->scorers[i];
        bool is_found = use->type->call_count == NULL;
        for (size_t k = 0; k < run->dimension_count && !is_found; k++) {
            is_found = str_eq(run->dimensions[k].name, use->dimensions[0].name) &&
                       digest_eq(&run->dimensions[k].scorer, &use->dimensions[0].scorer);
        }
        is_equal = is_equal && is_found;
    }
    return is_equal;
}

static double judge_cost_of(struct arena *arena, const struct sample_record *sample)
{
    struct value meta;
    struct err ignored = ERR_NULL;
    double usd = 0;
    if (sample->meta.ptr == NULL ||
        !json_read(arena, sample->meta, JSON_REPLY, (struct src_pos){0}, &meta, NULL, &ignored)) {
        return 0;
    }
    const struct value *cost = value_get(&meta, STR("judge_cost_usd"));
    return cost != NULL && value_number(cost, &usd) ? usd : 0;
}

static bool read_cost(struct store *store, const struct suite *suite, const struct run_record *run,
                      struct dry_cost *ret, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct sample_filter all = {.case_id = STR_NULL};
    struct dry_cost cost = {.has_judges = has_equal_judges(suite, run)};
    uint64_t priced = 0;
    uint64_t seen = 0;
    bool has = true;
    if (!store_samples(store, run->seq, all, &cursor, err)) {
        return false;
    }
    while (has && seen < SAMPLES_LOOKED_AT) {
        struct sample_record sample;
        arena_reset(&arena);
        if (!cursor.next(&cursor, &has, &sample, err)) {
            return false;
        }
        if (has && sample.measures.has_cost) {
            cost.target_usd += sample.measures.cost_usd;
            cost.judge_usd += judge_cost_of(&arena, &sample);
            priced++;
        }
        seen++;
    }
    cost.is_known = priced > 0;
    if (priced > 0) {
        cost.target_usd /= (double)priced;
        cost.judge_usd /= (double)priced;
    }
    *ret = cost;
    return true;
}

/* Of the newest run of this variant, if it ran just this target. */
static struct dry_cost cost_of(struct store *store, struct arena *arena, const struct suite *suite,
                               const struct variant *v)
{
    struct suite_runs which = {.suite = suite->name, .variant = v->name, .only_original = true, .limit = 1};
    struct run_record *runs = NULL;
    size_t count = 0;
    struct err ignored = ERR_NULL;
    struct dry_cost cost = {.is_known = false};
    if (store_suite_runs(store, arena, &which, &runs, &count, &ignored) && count > 0 &&
        digest_eq(&runs[0].target_digest, &v->digest)) {
        (void)read_cost(store, suite, &runs[0], &cost, &ignored);
    }
    return cost;
}

/* "  cost: about 0.0123 USD, by earlier runs of the same targets". Nothing at all where nothing is known. */
static void print_cost(const struct dry_suite *d, struct store *store, uint64_t samples_each)
{
    double usd = 0;
    bool is_known = false;
    bool with_judges = true;
    struct str unknown = STR("");
    for (size_t i = 0; i < d->suite->variant_count; i++) {
        const struct variant *v = &d->suite->variants[i];
        struct dry_cost cost = cost_of(store, &d->cli->arena, d->suite, v);
        if (!cost.is_known) {
            unknown = arena_printf(&d->cli->arena, "%.*s%s%.*s", STR_ARG(unknown), unknown.len > 0 ? ", " : "",
                                   STR_ARG(v->name));
            continue;
        }
        is_known = true;
        with_judges = with_judges && cost.has_judges;
        usd += (double)samples_each * (cost.target_usd + (cost.has_judges ? cost.judge_usd : 0));
    }
    if (!is_known) {
        return;
    }
    char room[32];
    cli_print(d->cli->out, "  cost: about %.*s USD, by earlier runs of the same targets%s",
              STR_ARG(num_text_short(usd, usd < 1 ? 6 : 2, room)),
              d->judgements > 0 && !with_judges ? ", without the judges" : "");
    cli_print(d->cli->out, "%s%.*s\n", unknown.len > 0 ? "; not known of " : "", STR_ARG(unknown));
}

static void print_calls(const struct dry_suite *d, struct store *store, uint64_t cases)
{
    const struct suite *s = d->suite;
    uint64_t samples_each = cases * s->trials;
    bool calls_service = false;
    for (size_t i = 0; i < s->variant_count; i++) {
        const struct variant *v = &s->variants[i];
        if (v->type->destination != NULL && samples_each > 0) {
            struct str to = v->type->destination(v->options, &d->cli->arena);
            cli_print(d->cli->out, "  %.*s: %llu %s of %.*s\n", STR_ARG(s->has_variants ? v->name : STR("target")),
                      (unsigned long long)samples_each, samples_each == 1 ? "call" : "calls", STR_ARG(to));
            calls_service = true;
        }
    }
    uint64_t judgements = d->judgements * s->trials * s->variant_count;
    if (judgements > 0) {
        cli_print(d->cli->out, "  judges: %llu %s\n", (unsigned long long)judgements,
                  judgements == 1 ? "call" : "calls");
    }
    if (calls_service && store != NULL) {
        print_cost(d, store, samples_each);
    }
}

static enum verdict dry_run_suite(struct cli *cli, const struct suite *suite, struct store *store,
                                  const struct run_flags *flags, uint64_t *ret_samples)
{
    struct err err = ERR_NULL;
    struct case_selection selection = run_flags_selection(flags);
    struct dry_suite d = {.cli = cli, .suite = suite};
    if (!survey_cases(suite, &selection, dry_run_case, &d, &d.survey, &err)) {
        return cli_fail(cli, &err);
    }
    uint64_t cases = d.survey.cases - d.survey.skipped;
    uint64_t samples = cases * suite->trials * suite->variant_count;
    cli_print(cli->out, "%.*s: %llu %s x %u %s x %zu %s = %llu %s\n", STR_ARG(suite->name), (unsigned long long)cases,
              cases == 1 ? "case" : "cases", (unsigned)suite->trials, suite->trials == 1 ? "trial" : "trials",
              suite->variant_count, suite->variant_count == 1 ? "variant" : "variants", (unsigned long long)samples,
              samples == 1 ? "sample" : "samples");
    print_calls(&d, store, cases);
    *ret_samples += samples;
    return VERDICT_PASSED;
}

enum verdict dry_run(struct cli *cli, const struct args *args, struct suite *const *suites, size_t count,
                     const struct run_flags *flags)
{
    struct err err = ERR_NULL;
    struct err no_store = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    uint64_t samples = 0;
    if (!session_check_names(suites, count, &err)) {
        return cli_fail(cli, &err);
    }
    if (!store_open_named(cli, args, false, &store, &no_store)) {
        store = NULL; /* then nothing is known of earlier runs */
    }
    for (size_t i = 0; i < count; i++) {
        enum verdict verdict = dry_run_suite(cli, suites[i], store, flags, &samples);
        if (verdict != VERDICT_PASSED) {
            return verdict;
        }
    }
    if (samples == 0) {
        (void)err_set(&err, ERR_EMPTY, "no case is selected");
        return cli_fail(cli, &err);
    }
    (void)fprintf(cli->out, "dry run: nothing was run\n");
    return VERDICT_PASSED;
}
