#include "judge/summarize.h"

#include "base/arena.h"
#include "base/vec.h"
#include "stats/claim.h"

static const double SUMMARY_QUANTILES[] = {0.5, 0.95};
enum { QUANTILE_50, QUANTILE_95 };

void summary_want(struct tally *t)
{
    for (uint32_t d = 0; d < t->run->dimension_count; d++) {
        if (t->run->dimensions[d].kind == DIMENSION_JUDGED) {
            tally_want_classes(t, d);
            continue;
        }
        for (size_t q = 0; q < ARRAY_LEN(SUMMARY_QUANTILES); q++) {
            tally_want_quantile(t, d, SUMMARY_QUANTILES[q]);
        }
    }
}

struct stat_interval summary_interval(const struct running *r, bool is_binary)
{
    struct claim_parts parts = {.is_binary = is_binary,
                                .range = r->range,
                                .mean = running_mean(r),
                                .passed = (uint64_t)(estimate_sum(&r->e) + 0.5)};
    struct claim c = claim_of_parts(&parts);
    return claim_interval(&c, SUMMARY_ALPHA);
}

/* --- classes ---------------------------------------------------------------------------------------------------------------------------- */

static void summarize_class(const struct classes *c, const struct class_count *count, struct class_summary *ret)
{
    struct class_share share = {0};
    *ret = (struct class_summary){
        .label = count->label,
        .wanted = num_sum_total(&count->wanted),
        .answered = num_sum_total(&count->answered),
        .right = num_sum_total(&count->right),
    };
    ret->has_recall = classes_recall(c, count->label, &share);
    ret->recall = ret->has_recall ? share.right / share.of : 0;
    ret->has_precision = classes_precision(c, count->label, &share);
    ret->precision = ret->has_precision ? share.right / share.of : 0;
    ret->has_f1 = ret->wanted + ret->answered > 0;
    ret->f1 = ret->has_f1 ? 2 * ret->right / (ret->wanted + ret->answered) : 0;
}

static void summarize_confusion(const struct classes *c, struct arena *arena, struct dimension_summary *ret)
{
    VEC(struct confusion_cell) cells = {0};
    for (uint32_t wanted = 0; wanted < c->len; wanted++) {
        for (uint32_t answered = 0; answered <= CLASSES_NO_ANSWER; answered++) {
            double cases = classes_pair(c, wanted, answered);
            if (cases > 0) {
                *vec_push(arena, &cells) = (struct confusion_cell){
                    (int32_t)wanted, answered == CLASSES_NO_ANSWER ? -1 : (int32_t)answered, cases};
            }
        }
    }
    ret->confusion = cells.items;
    ret->confusion_count = cells.len;
}

static void summarize_classes(const struct classes *c, struct arena *arena, struct dimension_summary *ret)
{
    if (c->len == 0 || c->len > TALLY_SHOWN_CLASSES) {
        return;
    }
    ret->classes = arena_array(arena, struct class_summary, c->len);
    ret->class_count = c->len;
    for (size_t i = 0; i < c->len; i++) {
        summarize_class(c, c->items[i], &ret->classes[i]);
    }
    ret->has_f1_macro = classes_f1_macro(c, &ret->f1_macro);
    if (c->len <= CLASSES_PAIRED) {
        summarize_confusion(c, arena, ret);
    }
}

/* --- dimensions ------------------------------------------------------------------------------------------------------------------------- */

static void summarize_measure(const struct dimension_tally *t, struct dimension_summary *ret)
{
    const struct quantile_tally *p50 = tally_quantile(t, SUMMARY_QUANTILES[QUANTILE_50]);
    const struct quantile_tally *p95 = tally_quantile(t, SUMMARY_QUANTILES[QUANTILE_95]);
    ret->p50 = p50->value;
    ret->p50_interval = p50->interval;
    ret->p95 = p95->value;
    ret->p95_interval = p95->interval;
}

static void summarize_dimension(const struct tally *tally, uint32_t at, struct arena *arena,
                                struct dimension_summary *ret)
{
    const struct dimension *d = &tally->run->dimensions[at];
    const struct dimension_tally *t = &tally->groups[0]->dimensions[at];
    const struct estimate *values = &t->values.e;
    bool is_bounded = d->type == TYPE_BOUNDED;
    *ret = (struct dimension_summary){
        .name = d->name,
        .kind = d->kind,
        .type = d->type,
        .lo = is_bounded ? d->lo : 0,
        .hi = is_bounded               ? d->hi
              : d->type == TYPE_BINARY ? 1
                                       : 0,
        .direction = d->direction,
        .n_cases = values->n,
        .not_scored = t->not_scored,
        .has_mean = values->n > 0,
        .has_pass_rate = t->passes.e.n > 0,
        .n_passed = t->passed_cases,
    };
    if (ret->has_pass_rate) {
        ret->pass_rate = estimate_mean(&t->passes.e);
        ret->pass_rate_interval = summary_interval(&t->passes, tally->trials == 1);
    }
    if (!ret->has_mean) {
        return;
    }
    ret->mean = estimate_mean(values);
    ret->mean_interval = summary_interval(&t->values, tally_is_binary(tally, at));
    ret->sum = estimate_sum(values);
    ret->min = values->min;
    ret->max = values->max;
    ret->has_stddev = values->n > 1;
    ret->stddev = ret->has_stddev ? estimate_stddev(values) : 0;
    if (d->kind == DIMENSION_MEASURE) {
        summarize_measure(t, ret);
    } else {
        summarize_classes(&t->classes, arena, ret);
    }
}

void summary_of_run(const struct tally *t, const struct plan_record *plan, struct arena *arena, struct summary *ret)
{
    const struct group_tally *all = t->groups[0];
    uint64_t with_pass = all->passed + all->failed;
    struct uuid_text id = id_text(&t->run->id);
    *ret = (struct summary){
        .suite = t->run->suite,
        .variant = t->run->variant,
        .run_id = arena_str(arena, str_from(id.text)),
        .planned_samples = (plan->case_count - plan->skipped_count) * plan->trials * (t->pool.count + 1),
        .samples = all->samples,
        .n_cases = all->cases,
        .n_passed = all->passed,
        .n_failed = all->failed,
        .n_errored = all->errored,
        .n_no_pass = all->no_pass,
        .n_skipped = plan->skipped_count,
        .errors = all->errors,
        .trials = plan->trials,
        .pooled = t->pool.count + 1,
        .has_score = all->scores.e.n > 0,
        .score = all->scores.e.n > 0 ? estimate_mean(&all->scores.e) : 0,
        .score_interval = summary_interval(&all->scores, false),
        .has_pass_rate = with_pass > 0,
        .pass_rate = with_pass > 0 ? (double)all->passed / (double)with_pass : 0,
        .pass_rate_interval = summary_interval(&all->case_passes, true),
        .clusters = t->has_clusters ? t->cluster_count + t->alone : 0,
        .started_unix_ms = t->run->started_unix_ms,
        .finished_unix_ms = t->run->finished_unix_ms,
        .dimensions = arena_array(arena, struct dimension_summary, t->run->dimension_count + 1),
        .dimension_count = t->run->dimension_count,
    };
    ret->span_score = record_span_score(ret->has_score, ret->score);
    for (uint32_t i = 0; i < ret->dimension_count; i++) {
        summarize_dimension(t, i, arena, &ret->dimensions[i]);
    }
}
