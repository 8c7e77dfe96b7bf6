#include "judge/judge.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"
#include "judge/compared.h"
#include "judge/gate_judge.h"
#include "judge/summarize.h"
#include "judge/summary_words.h"
#include "judge/tally.h"
#include "store/store.h"

static const double SHARE_SLACK = 1e-12; /* a share that is reached exactly is not passed by rounding */

struct judging {
    const struct judge_in *in;
    struct arena *arena;
    struct plan_record plan; /* of all runs: they are variants of one suite */
    struct tally **tallies;
    struct compared *compared;
    bool is_full_selection;
    bool is_partial;
    struct summary *summaries;
};

/* --- figures --------------------------------------------------------------------------------------------------------------------------- */

/* The skipped cases of the plan, which have no samples. Few plans have any. */
static bool find_skipped(struct judging *j, struct skipped_case **ret, size_t *ret_count, struct err *err)
{
    VEC(struct skipped_case) skipped = {0};
    struct plan_cursor *cases CLEANUP(plan_cursor_close) = NULL;
    bool has = j->plan.skipped_count > 0;
    if (has && !store_plan_cases(j->in->store, j->plan.seq, &cases, err)) {
        return false;
    }
    while (has) {
        struct plan_case c;
        if (!plan_cursor_next(cases, &has, &c, err)) {
            return false;
        }
        if (has && c.skip.ptr != NULL) {
            *vec_push(j->arena, &skipped) = (struct skipped_case){
                .ordinal = c.ordinal,
                .id = arena_str(j->arena, c.id),
                .digest = arena_str(j->arena, str_from(digest_hex(&c.digest).text)),
                .tags = arena_str(j->arena, c.tags),
                .cluster = c.cluster.ptr == NULL ? STR_NULL : arena_str(j->arena, c.cluster),
                .reason = arena_str(j->arena, c.skip),
            };
            has = skipped.len < j->plan.skipped_count;
        }
    }
    *ret = skipped.items;
    *ret_count = skipped.len;
    return true;
}

static struct gate_scope scope_of(const struct judging *j);

static bool count_all(struct judging *j, struct err *err)
{
    const struct judge_in *in = j->in;
    struct invocation_record invocation;
    if (!store_plan(in->store, j->arena, in->runs[0].plan, &j->plan, err) ||
        !store_invocation(in->store, j->arena, in->runs[0].invocation, &invocation, err)) {
        return false;
    }
    struct skipped_case *skipped = NULL;
    size_t skipped_count = 0;
    if (!find_skipped(j, &skipped, &skipped_count, err)) {
        return false;
    }
    j->is_full_selection = invocation.is_full_selection;
    j->tallies = arena_array(j->arena, struct tally *, in->run_count);
    for (size_t i = 0; i < in->run_count; i++) {
        struct run_pool pool = in->pools == NULL ? (struct run_pool){0} : in->pools[i];
        uint32_t trials = j->plan.trials * (uint32_t)(pool.count + 1);
        j->tallies[i] = tally_new(j->arena, in->suite, &in->runs[i], trials, j->is_partial);
        j->tallies[i]->pool = pool;
        summary_want(j->tallies[i]);
    }
    struct reduction reduction = reduction_of_suite(in->suite, j->plan.trials, j->is_partial);
    j->compared = compared_new(j->arena, in, &reduction, j->is_full_selection);
    struct gate_scope scope = scope_of(j);
    gates_want(&scope);
    for (size_t i = 0; i < in->run_count; i++) {
        if (!tally_run(j->tallies[i], in->store, err)) {
            return err_wrap(err, "run '%.*s [%.*s]'", STR_ARG(in->runs[i].suite), STR_ARG(in->runs[i].variant));
        }
        summary_of_run(j->tallies[i], &j->plan, j->arena, &j->summaries[i]);
        j->summaries[i].is_partial = j->is_partial;
        j->summaries[i].skipped = skipped;
        j->summaries[i].skipped_count = skipped_count;
    }
    return true;
}

/* --- stops before the gates ------------------------------------------------------------------------------------------------------------- */

static bool names_errors(const struct stat_ref *stat, struct str variant)
{
    bool is_ours = stat->filter.variant.ptr == NULL || str_eq(stat->filter.variant, variant);
    bool is_whole = stat->filter.tag.ptr == NULL && stat->filter.cluster.ptr == NULL;
    return is_ours && is_whole && (stat->kind == STAT_ERRORS || stat->kind == STAT_ERROR_RATE);
}

/* A gate that counts takes over from `allow_errors`, where that is not written: one over some of the cases, or a warning, does not. */
static bool errors_have_gate(const struct suite *suite, struct str variant)
{
    for (size_t i = 0; i < suite->gate_count; i++) {
        const struct gate *gate = &suite->gates[i];
        if (gate->severity == GATE_FAIL && names_errors(&gate->expr.left, variant)) {
            return true;
        }
    }
    return false;
}

static bool errors_are_allowed(const struct suite *suite, const struct summary *s)
{
    const struct field_share *allowed = &suite->allow_errors;
    if (s->errors == 0 || (!allowed->is_set && errors_have_gate(suite, s->variant))) {
        return true;
    }
    if (!allowed->is_share) {
        return (double)s->errors <= allowed->value;
    }
    return (double)s->errors <= allowed->value * (double)s->samples * (1 + SHARE_SLACK);
}

static struct str allowed_text(struct arena *arena, const struct field_share *allowed)
{
    char room[32];
    if (allowed->is_share) {
        (void)num_text_short(allowed->value * 100, 4, room);
        return arena_printf(arena, "%s%%", room);
    }
    return arena_printf(arena, "%s", num_text_short(allowed->value, 0, room).ptr);
}

static struct str recorded_text(struct arena *arena, const struct summary *s)
{
    return arena_printf(arena, "%llu of %llu samples are recorded", (unsigned long long)s->samples,
                        (unsigned long long)s->planned_samples);
}

/* Whether the run ends without a verdict from its gates. */
static bool is_stopped(const struct judging *j, const struct run_record *run, struct summary *s)
{
    const struct judge_in *in = j->in;
    if (j->is_partial) {
        s->verdict = in->stopped != VERDICT_PASSED ? in->stopped : VERDICT_INTERRUPTED_INT;
        s->reason = in->stopped_reason;
        if (s->reason.len == 0) {
            s->reason = recorded_text(j->arena, s);
        }
        return true;
    }
    if (s->planned_samples == 0 || s->samples == 0) {
        s->verdict = VERDICT_EMPTY;
        s->reason = STR("nothing was run");
        return true;
    }
    bool is_rescored = run->origin == ORIGIN_RESCORED || run->source_run.len > 0; /* that may lack cases */
    if (s->samples < s->planned_samples && !is_rescored) {
        s->verdict = VERDICT_INTERRUPTED_INT;
        s->is_partial = true;
        s->reason = recorded_text(j->arena, s);
        return true;
    }
    if (!errors_are_allowed(in->suite, s)) {
        struct str allowed = allowed_text(j->arena, &in->suite->allow_errors);
        s->verdict = VERDICT_ERRORED;
        s->reason = arena_printf(j->arena, "%llu of %llu samples errored, allow_errors is %.*s",
                                 (unsigned long long)s->errors, (unsigned long long)s->samples, STR_ARG(allowed));
        return true;
    }
    return false;
}

/* --- gates -------------------------------------------------------------------------------------------------------------------------------- */

static struct gate_scope scope_of(const struct judging *j)
{
    return (struct gate_scope){.tallies = j->tallies,
                               .count = j->in->run_count,
                               .suite = j->in->suite,
                               .is_full_selection = j->is_full_selection,
                               .arena = j->arena,
                               .compared = j->compared};
}

/* What a run's gates compare with has to be there: else there is no verdict, whatever the other gates would say. */
static bool find_baselines(const struct judging *j, bool *stopped, struct err *err)
{
    struct gate_scope scope = scope_of(j);
    for (size_t i = 0; i < j->in->run_count; i++) {
        struct str reason = STR_NULL;
        if (!stopped[i] && !gates_find_baselines(&scope, i, &reason, err)) {
            return false;
        }
        if (reason.ptr != NULL) {
            stopped[i] = true;
            j->summaries[i].verdict = VERDICT_NO_BASELINE;
            j->summaries[i].reason = reason;
        }
    }
    return true;
}

static bool judge_gates(const struct judging *j, size_t at, const bool *stopped, struct err *err)
{
    struct gate_scope scope = scope_of(j);
    struct summary *s = &j->summaries[at];
    if (!gates_judge(&scope, at, stopped, s, err)) {
        return false;
    }
    compared_summaries(j->compared, at, &s->baselines, &s->baseline_count);
    compared_warnings(j->compared, at, s);
    if (stopped[at]) {
        return true;
    }
    s->verdict = VERDICT_PASSED;
    for (size_t i = 0; i < s->gate_count; i++) {
        s->verdict = s->gates[i].fails ? VERDICT_FAILED : s->verdict;
    }
    s->reason = summary_reason(s, j->arena);
    return true;
}

static void judging_close(struct judging *j)
{
    for (size_t i = 0; j->tallies != NULL && i < j->in->run_count; i++) {
        tally_close(j->tallies[i]);
    }
}

bool judge_runs(const struct judge_in *in, struct arena *arena, struct summary **ret, struct err *err)
{
    struct judging j CLEANUP(judging_close) = {
        .in = in,
        .arena = arena,
        .is_partial = in->is_partial,
        .summaries = arena_array(arena, struct summary, in->run_count + 1),
    };
    if (in->run_count == 0) {
        return err_set(err, ERR_BUG, "no run to judge");
    }
    if (!count_all(&j, err)) {
        return false;
    }
    bool *stopped = arena_array(arena, bool, in->run_count);
    for (size_t i = 0; i < in->run_count; i++) {
        stopped[i] = is_stopped(&j, &in->runs[i], &j.summaries[i]);
    }
    if (!find_baselines(&j, stopped, err)) {
        return false;
    }
    for (size_t i = 0; i < in->run_count; i++) {
        if (!judge_gates(&j, i, stopped, err)) {
            return false;
        }
    }
    *ret = j.summaries;
    return true;
}
