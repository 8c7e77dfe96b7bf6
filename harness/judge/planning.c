#include "judge/planning.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"
#include "judge/chance.h"
#include "judge/gate_case.h"
#include "judge/seen.h"
#include "stats/claim.h"
#include "stats/mde.h"
#include "stats/plan.h"
#include "stats/quantile.h"

enum { TRIALS_MAX = 1000 };
static const double DEFAULT_DROP = 0.02;

struct work {
    const struct planning_in *in;
    struct arena *arena;
    double alpha; /* one-sided */
    uint64_t claims;
};

/* One statistic, and what is asked of it. */
struct topic {
    const struct work *w;
    const struct seen *s;
    double trials;  /* in the runs to come */
    bool is_share;  /* in points */
    bool is_binary; /* then, too */
};

/* --- words ---------------------------------------------------------------------------------------------------------------------------------- */

static struct str count_text(struct arena *arena, uint64_t count)
{
    if (count >= 1000000) {
        return arena_printf(arena, "%llu,%03llu,%03llu", (unsigned long long)(count / 1000000),
                            (unsigned long long)(count / 1000 % 1000), (unsigned long long)(count % 1000));
    }
    return count < 1000 ? arena_printf(arena, "%llu", (unsigned long long)count)
                        : arena_printf(arena, "%llu,%03llu", (unsigned long long)(count / 1000),
                                       (unsigned long long)(count % 1000));
}

static struct str percent_text(struct arena *arena, double share)
{
    char room[32];
    if (share > 0 && share < 0.0005) {
        return STR("less than 0.1%");
    }
    return arena_printf(arena, "%s%%", num_text_short(share * 100, share < 0.0995 ? 1 : 0, room).ptr);
}

/* A number with three digits that count. */
static struct str number_text(struct arena *arena, double value)
{
    char room[32];
    double size = fabs(value);
    int digits = size >= 100   ? 0
                 : size >= 10  ? 1
                 : size >= 1   ? 2
                 : size >= 0.1 ? 3
                 : size > 0    ? 2 - (int)floor(log10(size))
                               : 0;
    return arena_str(arena, num_text_short(value, digits > 12 ? 12 : digits, room));
}

/* A difference: "2 points", "18.4". */
static struct str difference_text(const struct topic *t, double size)
{
    struct arena *arena = t->w->arena;
    if (!t->is_share) {
        return number_text(arena, size);
    }
    struct str points = number_text(arena, size * 100);
    return arena_printf(arena, "%.*s %s", STR_ARG(points), str_eq_cstr(points, "1") ? "point" : "points");
}

static const char *cases_word(uint64_t count)
{
    return count == 1 ? "case" : "cases";
}

/* "a drop of 2 points", "a rise of 18 (2%)" */
static struct str change_text(const struct topic *t, double size)
{
    struct arena *arena = t->w->arena;
    double of = fabs(t->s->mean.mean);
    struct str share =
        t->is_share || !(of > 0) ? STR("") : arena_printf(arena, " (%.*s)", STR_ARG(percent_text(arena, size / of)));
    return arena_printf(arena, "%s of %.*s%.*s", t->s->direction == DIRECTION_LOWER ? "a rise" : "a drop",
                        STR_ARG(difference_text(t, size)), STR_ARG(share));
}

static const char *bound_word(const struct topic *t)
{
    return t->s->is_bound ? "at most " : "";
}

/* --- comparisons ---------------------------------------------------------------------------------------------------------------------------- */

static double alpha_of(const struct work *w, double confidence)
{
    return (1 - confidence) / (double)(w->claims > 1 ? w->claims : 1);
}

/* Nearly constant scores change in that some cases fall by all there is, and a change by `size` adds so much to the variance of a case's difference. */
static double fall_of(const struct topic *t)
{
    const struct stat_range *range = &t->s->type.range;
    return mean_is_nearly_constant(&t->s->mean, range) ? range->hi - range->lo : 0;
}

static double falling_variance(const struct topic *t, double size)
{
    return fmax(size * fall_of(t) - size * size, 0);
}

/* Cases that show a change by `size` beyond `margin`, or, with size 0, that there is none beyond it. */
static struct plan plan_change(const struct topic *t, double size, double margin, double alpha, double trials)
{
    double power = t->w->in->power;
    double variance = seen_difference(t->s, trials);
    bool is_binary = t->is_binary && trials == 1;
    struct plan plan;
    if (is_binary && margin == 0) {
        plan = plan_pairs(fmin(variance, 1), size, alpha, power, t->w->arena);
    } else if (is_binary) {
        plan = plan_margin(fmin(variance, 1), size, margin, alpha, power);
    } else {
        plan = plan_mean(sqrt(variance + falling_variance(t, size)), fabs(size - margin), alpha, power);
    }
    if (plan.is_possible && plan.cases < CLAIM_MIN_CASES) {
        plan.cases = CLAIM_MIN_CASES; /* with fewer no claim is made */
    }
    return plan;
}

/* The fewest trials of each case that make the cases suffice; 0 = no number does, or it is no mean of trials. */
static uint32_t plan_trials(const struct topic *t, double size, double margin, double alpha)
{
    uint32_t to = 1;
    uint64_t n = t->s->mean.n;
    if (!t->s->has_trial_noise || n < CLAIM_MIN_CASES) {
        return 0;
    }
    for (; to <= TRIALS_MAX; to *= 2) {
        struct plan plan = plan_change(t, size, margin, alpha, to);
        if (plan.is_possible && plan.cases <= n) {
            break;
        }
    }
    if (to > TRIALS_MAX) {
        return 0;
    }
    for (uint32_t from = to / 2; from + 1 < to;) {
        uint32_t middle = from + (to - from) / 2;
        struct plan plan = plan_change(t, size, margin, alpha, middle);
        if (plan.is_possible && plan.cases <= n) {
            to = middle;
        } else {
            from = middle;
        }
    }
    return to;
}

/* The change that the cases at hand show; beyond a margin. */
static double could_see(const struct topic *t, double margin, double alpha)
{
    const struct mean *m = &t->s->mean;
    double variance = seen_difference(t->s, t->trials);
    if (t->is_binary && t->trials == 1) {
        struct pairs pairs = {.n = m->n, .b = (uint64_t)(fmin(variance, 1) * (double)m->n + 0.5)};
        return mde_pairs(&pairs, -margin, alpha, t->w->in->power);
    }
    double n = (double)m->n;
    struct mde_falls falls = {sqrt(variance / n), n - 1, n, fall_of(t)};
    return falls.fall > 0 ? mde_falls(&falls, -margin, alpha, t->w->in->power)
                          : mde_mean(falls.se, falls.df, alpha, t->w->in->power);
}

static struct str trials_text(const struct topic *t, uint32_t trials)
{
    return trials <= t->trials ? STR("")
                               : arena_printf(t->w->arena, ", or %u trials of each of the %.*s", (unsigned)trials,
                                              STR_ARG(count_text(t->w->arena, t->s->mean.n)));
}

/* "to see a drop of 2 points with 80% power takes 1,240 cases; the 200 can see 5.1 points" */
static void answer_change(const struct topic *t, double size, double margin, double confidence, struct planned *ret)
{
    struct arena *arena = t->w->arena;
    double alpha = alpha_of(t->w, confidence);
    struct plan plan = plan_change(t, size, margin, alpha, t->trials);
    ret->could = could_see(t, margin, alpha) + margin;
    ret->has_could = isfinite(ret->could) && ret->could > 0;
    ret->is_bound = t->s->is_bound;
    if (!plan.is_possible) {
        ret->answer =
            arena_printf(arena, "no number of cases up to %.*s shows it", STR_ARG(count_text(arena, PLAN_CASES_MAX)));
        return;
    }
    ret->cases = plan.cases;
    ret->trials = plan.cases > t->s->mean.n ? plan_trials(t, size, margin, alpha) : 0;
    struct str could = ret->has_could
                           ? arena_printf(arena, "; the %.*s can see %.*s%s", STR_ARG(count_text(arena, t->s->mean.n)),
                                          STR_ARG(change_text(t, ret->could)), t->s->is_bound ? " or less" : "")
                           : STR("");
    ret->answer = arena_printf(arena, "to see %.*s with %.*s power takes %s%s%.*s %s%.*s%.*s",
                               STR_ARG(change_text(t, size)), STR_ARG(percent_text(arena, t->w->in->power)),
                               bound_word(t), plan.is_exact ? "" : "about ", STR_ARG(count_text(arena, plan.cases)),
                               cases_word(plan.cases), STR_ARG(trials_text(t, ret->trials)), STR_ARG(could));
}

/* A claim that nothing was lost beyond a margin, when nothing was lost at all. */
static void answer_margin(const struct topic *t, double margin, double confidence, struct planned *ret)
{
    struct arena *arena = t->w->arena;
    double alpha = 1 - confidence; /* pass claims all have to hold: they are not adjusted */
    if (!(margin > 0)) {
        ret->answer = STR("without a margin it can be shown only where things got better");
        return;
    }
    struct plan plan = plan_change(t, 0, margin, alpha, t->trials);
    uint64_t least = t->is_binary && t->trials == 1 ? CLAIM_MIN_CASES : CLAIM_MIN_CASES_ABOVE;
    plan.cases = plan.cases < least ? least : plan.cases;
    ret->cases = plan.is_possible ? plan.cases : 0;
    ret->is_bound = t->s->is_bound;
    ret->trials = plan.is_possible && plan.cases > t->s->mean.n ? plan_trials(t, 0, margin, alpha) : 0;
    ret->answer =
        !plan.is_possible
            ? STR("no number of cases shows it")
            : arena_printf(arena,
                           "to show it with %.*s power when nothing changed takes %s%s%.*s %s%.*s; there are %.*s",
                           STR_ARG(percent_text(arena, t->w->in->power)), bound_word(t), plan.is_exact ? "" : "about ",
                           STR_ARG(count_text(arena, plan.cases)), cases_word(plan.cases),
                           STR_ARG(trials_text(t, ret->trials)), STR_ARG(count_text(arena, t->s->mean.n)));
}

/* --- thresholds ----------------------------------------------------------------------------------------------------------------------------- */

static struct str value_text(const struct topic *t, double value)
{
    return t->is_share ? percent_text(t->w->arena, value) : number_text(t->w->arena, value);
}

/* A claim about one run's figure. */
static void answer_claim(const struct topic *t, const struct gate_expr *e, struct planned *ret)
{
    struct arena *arena = t->w->arena;
    const struct mean *m = &t->s->mean;
    bool wants_more = e->op == GATE_GE || e->op == GATE_GT;
    double over = wants_more ? m->mean - e->right_number : e->right_number - m->mean;
    double alpha = 1 - e->confidence;
    if (e->left.kind == STAT_QUANTILE) {
        ret->cases = quantile_min_cases(e->left.quantile, alpha);
        ret->answer = arena_printf(arena, "a claim about it takes %.*s cases at least; there are %.*s",
                                   STR_ARG(count_text(arena, ret->cases)), STR_ARG(count_text(arena, m->n)));
        return;
    }
    if (!(over > 0)) {
        ret->answer =
            arena_printf(arena, "it is %.*s now, so no number of cases shows it", STR_ARG(value_text(t, m->mean)));
        return;
    }
    struct plan plan = t->s->type.is_binary ? plan_rate(e->right_number, m->mean, alpha, t->w->in->power)
                                            : plan_mean(m->stddev, over, alpha, t->w->in->power);
    uint64_t least = t->s->type.is_binary ? CLAIM_MIN_CASES : CLAIM_MIN_CASES_ABOVE;
    double cases = ceil((double)(plan.cases < least ? least : plan.cases) * seen_design_effect(t->s));
    ret->cases = plan.is_possible && cases <= PLAN_CASES_MAX ? (uint64_t)cases : 0;
    ret->answer =
        ret->cases == 0
            ? STR("no number of cases up to ten million shows it")
            : arena_printf(arena, "to show it with %.*s power when it is %.*s takes %s%.*s %s; there are %.*s",
                           STR_ARG(percent_text(arena, t->w->in->power)), STR_ARG(value_text(t, m->mean)),
                           plan.is_exact ? "" : "about ", STR_ARG(count_text(arena, ret->cases)),
                           cases_word(ret->cases), STR_ARG(count_text(arena, m->n)));
}

/* A gate that makes no allowance for chance. */
static void answer_plain(const struct topic *t, const struct gate_expr *e, struct planned *ret)
{
    struct arena *arena = t->w->arena;
    struct chance c = chance_of_gate(t->s, e);
    double alpha = 1 - t->w->in->confidence;
    if (c.why_not.ptr != NULL) {
        ret->answer = arena_printf(arena, "nothing to plan: %.*s", STR_ARG(c.why_not));
        return;
    }
    ret->has_alarm = true;
    ret->alarm = c.rate;
    ret->is_bound = c.is_bound;
    ret->cases = chance_cases(t->s, e, alpha);
    const char *bound = c.is_bound ? "at most " : "";
    struct str now = arena_printf(arena,
                                  "it makes no allowance for chance: with %.*s %s it fails %s%.*s of the time "
                                  "although nothing changed",
                                  STR_ARG(count_text(arena, t->s->mean.n)), cases_word(t->s->mean.n), bound,
                                  STR_ARG(percent_text(arena, c.rate)));
    if (c.rate <= alpha) {
        ret->answer = now;
        return;
    }
    ret->answer =
        ret->cases == 0
            ? arena_printf(arena, "%.*s, and more cases do not help: the line is where the figure is", STR_ARG(now))
            : arena_printf(arena, "%.*s; %.*s takes %s%.*s %s", STR_ARG(now), STR_ARG(percent_text(arena, alpha)),
                           bound, STR_ARG(count_text(arena, ret->cases)), cases_word(ret->cases));
}

/* --- questions ------------------------------------------------------------------------------------------------------------------------------ */

static double drop_of(const struct topic *t)
{
    double drop = t->w->in->has_drop ? t->w->in->drop : DEFAULT_DROP;
    return t->is_share ? drop : drop * fabs(t->s->mean.mean);
}

static void ask_drop(const struct topic *t, struct planned *ret)
{
    double size = drop_of(t);
    *ret = (struct planned){.asked = change_text(t, size)};
    if (t->s->stat->kind == STAT_QUANTILE) {
        ret->answer = STR("for two quantiles there is no formula: compare two runs, it says what could have been seen");
    } else {
        answer_change(t, size, 0, t->w->in->confidence, ret);
    }
}

static double baseline_margin(const struct topic *t, const struct gate_expr *e)
{
    double offset = (e->right_factor - 1) * t->s->mean.mean + e->right_offset;
    return e->op == GATE_GE || e->op == GATE_GT ? -offset : offset;
}

static void ask_gate(const struct topic *t, const struct gate *gate, struct planned *ret)
{
    const struct gate_expr *e = &gate->expr;
    *ret = (struct planned){.asked = e->text, .is_gate = true};
    if (e->is_regression) {
        double size = t->w->in->has_drop ? drop_of(t) : e->beyond + drop_of(t);
        if (e->left.kind == STAT_QUANTILE) {
            ret->answer =
                arena_printf(t->w->arena, "a claim about it takes %.*s cases at least",
                             STR_ARG(count_text(t->w->arena, quantile_min_cases(e->left.quantile, 1 - e->confidence))));
        } else if (size <= e->beyond) {
            ret->answer = arena_printf(t->w->arena, "%.*s is within its margin: it does not fail then",
                                       STR_ARG(change_text(t, size)));
        } else {
            answer_change(t, size, e->beyond, e->confidence, ret);
        }
    } else if (!e->has_confidence) {
        answer_plain(t, e, ret);
    } else if (e->right_kind == RIGHT_NUMBER) {
        answer_claim(t, e, ret);
    } else if (e->right_kind == RIGHT_BASELINE && e->left.kind != STAT_QUANTILE) {
        answer_margin(t, baseline_margin(t, e), e->confidence, ret);
    } else {
        ret->answer = STR("nothing to plan: assay compare says what two runs or variants could have shown");
    }
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------------------ */

static bool is_of_cases(enum stat_kind kind)
{
    return kind == STAT_MEAN || kind == STAT_PASS_RATE || kind == STAT_QUANTILE || kind == STAT_PASS_AT ||
           kind == STAT_PASS_ALL || kind == STAT_SCORE;
}

/* Gates that can fail by what they show: Holm divides among them. */
static uint64_t count_claims(const struct planning_in *in)
{
    uint64_t count = 0;
    for (size_t i = 0; i < in->gate_count; i++) {
        const struct gate *g = &in->gates[i];
        count += g->severity == GATE_FAIL && (g->expr.has_confidence || g->expr.is_regression) ? 1 : 0;
    }
    return count;
}

static bool is_same_stat(const struct stat_ref *a, const struct stat_ref *b)
{
    return str_eq(a->text, b->text);
}

/* Statistics, each once: those asked for, then those of gates. */
static const struct stat_ref **list_stats(const struct work *w, size_t *ret_count)
{
    VEC(const struct stat_ref *) stats = {0};
    for (size_t i = 0; i < w->in->stat_count + w->in->gate_count; i++) {
        const struct stat_ref *stat =
            i < w->in->stat_count ? &w->in->stats[i] : &w->in->gates[i - w->in->stat_count].expr.left;
        bool is_implied = i >= w->in->stat_count && w->in->gates[i - w->in->stat_count].is_implied;
        bool is_there = is_implied || !is_of_cases(stat->kind);
        for (size_t j = 0; j < stats.len && !is_there; j++) {
            is_there = is_same_stat(stats.items[j], stat);
        }
        if (!is_there) {
            *vec_push(w->arena, &stats) = stat;
        }
    }
    *ret_count = stats.len;
    return stats.items;
}

static bool is_asked(const struct planning_in *in, const struct stat_ref *stat)
{
    for (size_t i = 0; i < in->stat_count; i++) {
        if (is_same_stat(&in->stats[i], stat)) {
            return true;
        }
    }
    return false;
}

static void describe(const struct topic *t, struct planned_stat *ret)
{
    struct arena *arena = t->w->arena;
    const struct seen *s = t->s;
    ret->n = s->mean.n;
    ret->is_bound = s->is_bound;
    ret->noise_variance = s->noise;
    ret->noise_cases = s->noise_cases;
    ret->noise_runs = s->noise_runs;
    double figure = seen_figure(s);
    ret->figure = arena_printf(arena, "%.*s over %.*s cases, %u %s", STR_ARG(value_text(t, figure)),
                               STR_ARG(count_text(arena, s->mean.n)), (unsigned)s->trials,
                               s->trials == 1 ? "trial" : "trials each");
    struct str runs = arena_printf(arena, "%llu %s of this version", (unsigned long long)s->noise_runs,
                                   s->noise_runs == 1 ? "run" : "runs");
    if (s->stat->kind == STAT_QUANTILE) {
        ret->noise = STR_NULL; /* that of the cases is not that of their quantile */
    } else if (s->is_bound) {
        ret->noise = STR(
            "nobody knows how much of that is chance: no case has two samples of this version; it is taken to be all "
            "of it (run it again, or with --trials 2)");
    } else if (s->noise <= 0) {
        ret->noise = arena_printf(arena, "every case came out alike each time (%.*s)", STR_ARG(runs));
    } else if (s->type.is_binary) {
        ret->noise = arena_printf(arena, "two runs of one version differ on %.*s of the cases (%.*s)",
                                  STR_ARG(percent_text(arena, 2 * s->noise)), STR_ARG(runs));
    } else {
        ret->noise = arena_printf(arena, "within a case it varies by %.*s (standard deviation of %s; %.*s)",
                                  STR_ARG(number_text(arena, sqrt(s->noise))), s->has_trial_noise ? "a trial" : "a run",
                                  STR_ARG(runs));
    }
}

static void plan_stat(const struct work *w, const struct seen *s, struct planned_stat *ret)
{
    const struct planning_in *in = w->in;
    struct topic t = {.w = w, .s = s, .trials = in->trials == 0 ? s->trials : in->trials};
    *ret = (struct planned_stat){.stat = s->stat->text, .why_not = s->why_not};
    if (s->why_not.ptr != NULL) {
        return;
    }
    t.is_share = s->type.range.is_bounded && s->type.range.lo == 0 && s->type.range.hi == 1;
    t.is_binary = s->type.is_binary || (s->has_trial_noise && t.is_share && s->stat->kind == STAT_PASS_RATE);
    describe(&t, ret);
    ret->items = arena_array(w->arena, struct planned, in->gate_count + 1);
    if (is_asked(in, s->stat)) {
        ask_drop(&t, &ret->items[ret->item_count++]);
    }
    for (size_t i = 0; i < in->gate_count; i++) {
        if (!in->gates[i].is_implied && is_same_stat(&in->gates[i].expr.left, s->stat)) {
            ask_gate(&t, &in->gates[i], &ret->items[ret->item_count++]);
        }
    }
}

bool planning_of(const struct planning_in *in, struct arena *arena, struct planning *ret, struct err *err)
{
    struct work w = {.in = in, .arena = arena, .claims = count_claims(in)};
    size_t count = 0;
    const struct stat_ref **stats = list_stats(&w, &count);
    const struct seen_in seen_in = {.store = in->store,
                                    .run = in->run,
                                    .version = in->version,
                                    .version_count = in->version_count,
                                    .stats = stats,
                                    .stat_count = count};
    struct seen *seen = NULL;
    if (!seen_of(&seen_in, arena, &seen, err)) {
        return false;
    }
    *ret = (struct planning){.suite = in->run->suite,
                             .variant = in->run->variant,
                             .run = arena_str(arena, str_from(id_text(&in->run->id).text)),
                             .finished_unix_ms = in->run->finished_unix_ms,
                             .power = in->power,
                             .confidence = in->confidence,
                             .claims = w.claims,
                             .stats = arena_array(arena, struct planned_stat, count),
                             .stat_count = count};
    for (size_t i = 0; i < count; i++) {
        plan_stat(&w, &seen[i], &ret->stats[i]);
    }
    return true;
}
