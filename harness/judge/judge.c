#include "judge/judge.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"
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
    bool is_full_selection;
    bool is_partial;
    struct summary *summaries;
};

/* --- figures --------------------------------------------------------------------------------------------------------------------------- */

static void want_gates(struct judging *j)
{
    struct gate_scope scope = {.tallies = j->tallies, .count = j->in->run_count};
    for (size_t g = 0; g < j->in->suite->gate_count; g++) {
        const struct gate_expr *e = &j->in->suite->gates[g].expr;
        for (size_t i = 0; i < scope.count; i++) {
            size_t left = gate_run_of(&scope, &e->left, i);
            size_t right = e->right_kind == RIGHT_STAT ? gate_run_of(&scope, &e->right_stat, i) : scope.count;
            if (left < scope.count) {
                tally_want(j->tallies[left], &e->left);
            }
            if (right < scope.count) {
                tally_want(j->tallies[right], &e->right_stat);
            }
        }
    }
}

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
        j->tallies[i] = tally_new(j->arena, in->suite, &in->runs[i], j->plan.trials, j->is_partial);
        summary_want(j->tallies[i]);
    }
    want_gates(j);
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

/* The gates that are shown with a run: all but those that name other variants on every side. */
static bool gate_belongs(const struct gate_scope *scope, const struct gate_expr *e, size_t at)
{
    return !gate_names_all_variants(e) || gate_run_of(scope, &e->left, at) == at ||
           (at == 0 && gate_run_of(scope, &e->left, at) == scope->count);
}

/* A gate is judged when every run that it reads came to its end. */
static bool gate_is_stopped(const struct gate_scope *scope, const struct gate_expr *e, size_t at, const bool *stopped)
{
    size_t left = gate_run_of(scope, &e->left, at);
    size_t right = e->right_kind == RIGHT_STAT ? gate_run_of(scope, &e->right_stat, at) : at;
    return stopped[at] || (left < scope->count && stopped[left]) || (right < scope->count && stopped[right]);
}

static void judge_gates(const struct judging *j, size_t at, const bool *stopped)
{
    const struct suite *suite = j->in->suite;
    struct summary *s = &j->summaries[at];
    struct gate_scope scope = {
        .tallies = j->tallies, .count = j->in->run_count, .is_full_selection = j->is_full_selection, .arena = j->arena};
    enum verdict verdict = VERDICT_PASSED;
    s->gates = arena_array(j->arena, struct gate_result, suite->gate_count + 1);
    for (size_t i = 0; i < suite->gate_count; i++) {
        const struct gate *gate = &suite->gates[i];
        if (!gate_belongs(&scope, &gate->expr, at)) {
            continue;
        }
        struct gate_result *result = &s->gates[s->gate_count++];
        if (gate_is_stopped(&scope, &gate->expr, at, stopped)) {
            *result = (struct gate_result){.text = gate->expr.text,
                                           .severity = gate->severity,
                                           .outcome = GATE_NOT_JUDGED,
                                           .is_implied = gate->is_implied,
                                           .reason = STR("the run has no verdict")};
            continue;
        }
        gate_judge(&scope, gate, at, result);
        bool is_bad = result->outcome == GATE_BROKEN || result->outcome == GATE_CANNOT_TELL;
        result->fails = is_bad && gate->severity == GATE_FAIL;
        verdict = result->fails ? VERDICT_FAILED : verdict;
    }
    if (!stopped[at]) {
        s->verdict = verdict;
        s->reason = summary_reason(s, j->arena);
    }
}

bool judge_runs(const struct judge_in *in, struct arena *arena, struct summary **ret, struct err *err)
{
    struct judging j = {
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
    for (size_t i = 0; i < in->run_count; i++) {
        judge_gates(&j, i, stopped);
    }
    *ret = j.summaries;
    return true;
}
