/* The pass over a run's samples: trials are gathered until the case changes, then reduced and counted. */

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"
#include "data/json.h"
#include "data/value.h"
#include "judge/tally.h"
#include "store/store.h"

struct class_trial {
    struct str answered, wanted;
};

/* What one dimension got in the case at hand. */
struct gathered {
    VEC(double) values;
    VEC(struct class_trial) classes;
    uint32_t with_pass, passed, not_scored;
    bool is_touched, wants_classes;
};

struct pass {
    struct tally *tally;
    struct arena room;   /* of arrays that grow: kept over cases */
    struct arena labels; /* of the case at hand */
    struct arena tags;   /* of the tag list last read */
    struct gathered *dimensions;
    uint32_t *touched;
    size_t touched_count;
    bool has_case;
    uint64_t ordinal;
    uint32_t samples, errors, yes, no;
    VEC(double) scores;
    struct buf tag_text; /* the tag list that tag_list was read from: neighbours mostly have the same */
    struct value tag_list;
    bool *is_in; /* by group: whether the case is in it */
};

static void pass_deinit(struct pass *p)
{
    arena_deinit(&p->room);
    arena_deinit(&p->labels);
    arena_deinit(&p->tags);
    buf_deinit(&p->tag_text);
    for (size_t i = 0; i < p->tally->group_count; i++) {
        for (size_t j = 0; j < p->tally->run->dimension_count; j++) {
            sorter_free(&p->tally->groups[i]->dimensions[j].sorter);
        }
    }
}

static bool pass_init(struct pass *p, struct store *store, struct err *err)
{
    const struct tally *t = p->tally;
    size_t count = t->run->dimension_count;
    p->dimensions = arena_array(&p->room, struct gathered, count + 1);
    p->touched = arena_array(&p->room, uint32_t, count + 1);
    p->is_in = arena_array(&p->room, bool, t->group_count);
    p->tag_list.kind = VALUE_LIST;
    buf_init(&p->tag_text, LIMIT_JSON_BYTES);
    for (size_t i = 0; i < t->group_count; i++) {
        for (size_t j = 0; j < count; j++) {
            struct dimension_tally *d = &t->groups[i]->dimensions[j];
            p->dimensions[j].wants_classes |= d->wants_classes;
            if (d->quantile_count > 0 && !store_sorter_new(store, &d->sorter, err)) {
                return false;
            }
        }
    }
    return true;
}

/* --- one case into the counters ------------------------------------------------------------------------------------------------------ */

static bool needs_every_trial(const struct suite *s)
{
    return s->reduce == REDUCE_MAX || s->reduce == REDUCE_MIN;
}

static bool case_is_errored(const struct pass *p)
{
    const struct tally *t = p->tally;
    uint32_t scored = p->samples - p->errors;
    uint32_t planned = t->is_partial ? p->samples : t->trials;
    bool needs_all = needs_every_trial(t->suite) || t->suite->pass_trials == PASS_TRIALS_COUNT;
    return scored == 0 || (needs_all && scored < planned);
}

static bool case_passes(const struct pass *p)
{
    switch (p->tally->suite->pass_trials) {
    case PASS_TRIALS_ALL:
        return p->no == 0;
    case PASS_TRIALS_ANY:
        return p->yes > 0;
    case PASS_TRIALS_COUNT:
        break;
    }
    return p->yes >= p->tally->suite->pass_trials_count;
}

static void count_pass_ks(const struct pass *p, const struct gathered *g, struct dimension_tally *d)
{
    for (size_t i = 0; i < d->pass_k_count; i++) {
        struct pass_k_tally *k = &d->pass_ks[i];
        uint32_t needed = k->is_all && !p->tally->is_partial && p->tally->trials > k->k ? p->tally->trials : k->k;
        if (g->with_pass < needed) {
            k->too_few++;
        } else {
            estimate_add(&k->cases, k->is_all ? pass_all_k(g->with_pass, g->passed, k->k)
                                              : pass_at_k(g->with_pass, g->passed, k->k));
        }
    }
}

static void count_classes(const struct pass *p, const struct gathered *g, struct dimension_tally *d)
{
    for (size_t i = 0; i < g->classes.len; i++) {
        classes_add(&d->classes, p->tally->arena, g->classes.items[i].answered, g->classes.items[i].wanted,
                    1.0 / (double)g->classes.len);
    }
}

/* `value` is the case's, when it has one: `has_value`. */
static bool count_dimension(const struct pass *p, const struct gathered *g, struct dimension_tally *d, bool has_value,
                            double value, struct err *err)
{
    d->not_scored += g->not_scored;
    if (!has_value) {
        return true;
    }
    estimate_add(&d->values, value);
    if (g->with_pass > 0) {
        estimate_add(&d->passes, (double)g->passed / (double)g->with_pass);
        d->passed_cases += g->passed == g->with_pass ? 1 : 0;
        count_pass_ks(p, g, d);
    }
    if (d->wants_classes) {
        count_classes(p, g, d);
    }
    return d->sorter == NULL || sorter_add(d->sorter, value, err);
}

static bool count_dimensions(struct pass *p, bool is_errored, struct err *err)
{
    const struct tally *t = p->tally;
    for (size_t i = 0; i < p->touched_count; i++) {
        struct gathered *g = &p->dimensions[p->touched[i]];
        uint32_t planned = t->is_partial ? p->samples : t->trials;
        bool has_value = !is_errored && g->values.len > 0 && !(needs_every_trial(t->suite) && g->values.len < planned);
        double value = has_value ? reduce_values(t->suite->reduce, g->values.items, g->values.len) : 0;
        for (size_t j = 0; j < t->group_count; j++) {
            if (p->is_in[j] &&
                !count_dimension(p, g, &t->groups[j]->dimensions[p->touched[i]], has_value, value, err)) {
                return false;
            }
        }
    }
    return true;
}

static void count_case(const struct pass *p, struct group_tally *group, bool is_errored, bool has_score, double score)
{
    group->cases++;
    group->samples += p->samples;
    group->errors += p->errors;
    if (is_errored) {
        group->errored++;
        return;
    }
    if (has_score) {
        estimate_add(&group->scores, score);
    }
    if (p->yes + p->no == 0) {
        group->no_pass++;
    } else if (case_passes(p)) {
        group->passed++;
    } else {
        group->failed++;
    }
}

static void forget_case(struct pass *p)
{
    for (size_t i = 0; i < p->touched_count; i++) {
        struct gathered *g = &p->dimensions[p->touched[i]];
        g->values.len = g->classes.len = 0;
        g->with_pass = g->passed = g->not_scored = 0;
        g->is_touched = false;
    }
    p->touched_count = 0;
    p->samples = p->errors = p->yes = p->no = 0;
    p->scores.len = 0;
    p->has_case = false;
    arena_reset(&p->labels);
}

static bool end_case(struct pass *p, struct err *err)
{
    if (!p->has_case) {
        return true;
    }
    const struct tally *t = p->tally;
    bool is_errored = case_is_errored(p);
    bool has_score = !is_errored && p->scores.len > 0;
    double score = has_score ? reduce_values(t->suite->reduce, p->scores.items, p->scores.len) : 0;
    for (size_t i = 0; i < t->group_count; i++) {
        if (p->is_in[i]) {
            count_case(p, t->groups[i], is_errored, has_score, score);
        }
    }
    bool ok = count_dimensions(p, is_errored, err);
    forget_case(p);
    return ok;
}

/* --- samples into the case at hand ----------------------------------------------------------------------------------------------------- */

static bool read_tags(struct pass *p, struct str tags, struct err *err)
{
    if (str_eq(tags, buf_str(&p->tag_text))) {
        return true;
    }
    arena_reset(&p->tags);
    buf_clear(&p->tag_text);
    buf_append(&p->tag_text, tags);
    struct value list = {.kind = VALUE_LIST};
    if (tags.len > 0 &&
        !json_read(&p->tags, arena_str(&p->tags, tags), JSON_OURS, (struct src_pos){0}, &list, NULL, err)) {
        return err_wrap(err, "the tags of a case in the store");
    }
    p->tag_list = list;
    return true;
}

static bool has_tag(const struct value *list, struct str tag)
{
    for (uint32_t i = 0; list->kind == VALUE_LIST && i < list->len; i++) {
        if (str_eq(list->items[i].text, tag)) {
            return true;
        }
    }
    return false;
}

static bool begin_case(struct pass *p, const struct sample_record *s, struct err *err)
{
    const struct tally *t = p->tally;
    p->has_case = true;
    p->ordinal = s->ordinal;
    p->is_in[0] = true;
    if (t->group_count == 1) {
        return true;
    }
    if (!read_tags(p, s->tags, err)) {
        return false;
    }
    for (size_t i = 1; i < t->group_count; i++) {
        const struct group_tally *group = t->groups[i];
        p->is_in[i] = (group->tag.ptr == NULL || has_tag(&p->tag_list, group->tag)) &&
                      (group->cluster.ptr == NULL || (s->cluster.ptr != NULL && str_eq(s->cluster, group->cluster)));
    }
    return true;
}

static bool gather_score(struct pass *p, const struct score *score, bool is_scored, struct err *err)
{
    const struct run_record *run = p->tally->run;
    if (score->dimension >= run->dimension_count) {
        return err_set(err, ERR_IO, "a sample of run '%.*s' has a score in a dimension that the run does not have",
                       STR_ARG(run->suite));
    }
    struct gathered *g = &p->dimensions[score->dimension];
    if (!g->is_touched) {
        g->is_touched = true;
        p->touched[p->touched_count++] = score->dimension;
    }
    if (score->outcome == SCORE_NOT_SCORED) {
        g->not_scored++;
        return true;
    }
    if (!is_scored) {
        return true;
    }
    bool is_judged = run->dimensions[score->dimension].kind == DIMENSION_JUDGED;
    *vec_push(&p->room, &g->values) = is_judged && score->has_unit ? score->unit : score->value;
    if (score->outcome != SCORE_NONE) {
        g->with_pass++;
        g->passed += score->outcome == SCORE_PASS ? 1 : 0;
    }
    if (g->wants_classes && score->wanted.ptr != NULL) {
        *vec_push(&p->room, &g->classes) = (struct class_trial){
            score->answered.ptr == NULL ? STR_NULL : arena_str(&p->labels, score->answered),
            arena_str(&p->labels, score->wanted),
        };
    }
    return true;
}

static bool gather_sample(struct pass *p, const struct sample_record *s, struct err *err)
{
    if (p->has_case && s->ordinal != p->ordinal && !end_case(p, err)) {
        return false;
    }
    if (!p->has_case && !begin_case(p, s, err)) {
        return false;
    }
    bool is_scored = s->state == SAMPLE_SCORED;
    p->samples++;
    p->errors += is_scored ? 0 : 1;
    if (is_scored) {
        p->yes += s->pass == PASS_YES ? 1 : 0;
        p->no += s->pass == PASS_NO ? 1 : 0;
        if (s->has_score) {
            *vec_push(&p->room, &p->scores) = s->score;
        }
    }
    for (size_t i = 0; i < s->score_count; i++) {
        if (!gather_score(p, &s->scores[i], is_scored, err)) {
            return false;
        }
    }
    return true;
}

/* --- quantiles ------------------------------------------------------------------------------------------------------------------------- */

/* The value at a rank when `below` values more stand under the sorted ones and `above` over them; those count as lo and hi. */
static bool value_at(const struct dimension_tally *d, uint64_t rank, uint64_t below, double lo, double hi, double *ret,
                     struct err *err)
{
    if (rank <= below || rank - below > d->values.n) {
        *ret = rank <= below ? lo : hi;
        return true;
    }
    return sorter_value_at(d->sorter, rank - below, ret, err);
}

static bool resolve_quantiles(const struct tally *t, const struct group_tally *group, uint32_t dimension,
                              struct err *err)
{
    struct dimension_tally *d = &group->dimensions[dimension];
    double lo = 0;
    double hi = 0;
    dimension_scale(&t->run->dimensions[dimension], &lo, &hi);
    uint64_t n = d->values.n;
    for (size_t i = 0; i < d->quantile_count && n > 0; i++) {
        struct quantile_tally *q = &d->quantiles[i];
        uint64_t with_errors = quantile_rank(n + group->errored, q->p);
        if (!value_at(d, quantile_rank(n, q->p), 0, lo, hi, &q->value, err) ||
            !value_at(d, with_errors, group->errored, lo, hi, &q->lowest, err) ||
            !value_at(d, with_errors, 0, lo, hi, &q->highest, err)) {
            return false;
        }
    }
    sorter_free(&d->sorter); /* before the next variant's pass */
    return true;
}

bool tally_run(struct tally *t, struct store *store, struct err *err)
{
    struct pass p CLEANUP(pass_deinit) = {.tally = t};
    struct sample_cursor samples CLEANUP(sample_cursor_close) = {0};
    if (!pass_init(&p, store, err) || !store_figures(store, t->run->seq, t->group_count > 1, &samples, err)) {
        return false;
    }
    while (true) {
        struct sample_record sample;
        bool has = false;
        if (!samples.next(&samples, &has, &sample, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        if (!gather_sample(&p, &sample, err)) {
            return false;
        }
    }
    if (!end_case(&p, err)) {
        return false;
    }
    for (size_t i = 0; i < t->group_count; i++) {
        for (uint32_t j = 0; j < t->run->dimension_count; j++) {
            if (t->groups[i]->dimensions[j].quantile_count > 0 && !resolve_quantiles(t, t->groups[i], j, err)) {
                return false;
            }
        }
    }
    return true;
}
