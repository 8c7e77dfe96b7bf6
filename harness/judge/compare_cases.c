/* Which cases of two runs meet, which do not, and which of them flipped; and what was said to these. */

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "judge/compare_private.h"
#include "store/store.h"

/* --- names ------------------------------------------------------------------------------------------------------------------------------------- */

static void name_case(struct comparing *k, struct case_names *names, uint64_t count, size_t row)
{
    if (names->ids == NULL) {
        names->ids = arena_array(k->arena, struct str, count);
    }
    names->ids[names->count++] = k->table.ids[row];
}

static void name_cases(struct comparing *k, const struct value_set *base, const struct run_values *candidate,
                       const struct stat_filter *filter, const struct overlap *o, struct compared_run *ret)
{
    for (size_t row = 0; row < k->table.count; row++) {
        if (!case_table_in(&k->table, row, filter)) {
            continue;
        }
        enum pairing pairing = pairing_of(&k->table, base, candidate, row);
        bool bad_base = pairing == PAIR_BOTH && value_set_is_errored(base, row);
        bool bad_candidate = pairing == PAIR_BOTH && values_state(candidate, row) == CASE_ERRORED;
        if (pairing == PAIR_BASELINE_ONLY) {
            name_case(k, &ret->only_base, o->baseline_only, row);
        } else if (pairing == PAIR_CANDIDATE_ONLY) {
            name_case(k, &ret->only_candidate, o->candidate_only, row);
        } else if (pairing == PAIR_CHANGED) {
            name_case(k, &ret->changed, o->changed, row);
        } else if (bad_base && bad_candidate) {
            name_case(k, &ret->errored_both, o->errored_both, row);
        } else if (bad_base) {
            name_case(k, &ret->errored_base, o->errored_baseline, row);
        } else if (bad_candidate) {
            name_case(k, &ret->errored_candidate, o->errored_candidate, row);
        }
    }
}

static void say_why_not(struct comparing *k, const struct overlap *o, size_t candidate, struct compared_run *ret)
{
    const struct compared_run *base = &k->ret->runs[0];
    if (o->both == 0) {
        struct str name = k->in->runs[candidate].name;
        ret->why_not = arena_printf(k->arena,
                                    "no case of '%.*s' is in '%.*s' with equal content (%llu changed, %llu only in "
                                    "'%.*s', %llu only in '%.*s')",
                                    STR_ARG(name), STR_ARG(base->name), (unsigned long long)o->changed,
                                    (unsigned long long)o->baseline_only, STR_ARG(base->name),
                                    (unsigned long long)o->candidate_only, STR_ARG(name));
    } else if (o->errored_baseline + o->errored_candidate + o->errored_both == o->both) {
        ret->why_not =
            arena_printf(k->arena, "each of the %llu cases of both '%.*s' and '%.*s' errored in one of them",
                         (unsigned long long)o->both, STR_ARG(base->name), STR_ARG(k->in->runs[candidate].name));
    }
}

/* --- flips --------------------------------------------------------------------------------------------------------------------------------------- */

/* 1 = better, -1 = worse, 0 = the same or no verdict in one of them. */
static int flip_of_dimension(const struct run_values *base, const struct run_values *candidate, struct str name,
                             size_t row, double *ret_loss)
{
    size_t at_base = 0;
    size_t at = 0;
    const struct dimension *d = values_dimension(base, name, &at_base);
    const struct dimension *e = values_dimension(candidate, name, &at);
    if (d == NULL || e == NULL || !digest_eq(&d->scorer, &e->scorer)) {
        return 0;
    }
    const struct value_column *b = &base->columns[at_base];
    const struct value_column *c = &candidate->columns[at];
    if (b->with_pass == NULL || c->with_pass == NULL || b->with_pass[row] == 0 || c->with_pass[row] == 0) {
        return 0;
    }
    double before = (double)b->passed[row] / (double)b->with_pass[row];
    double after = (double)c->passed[row] / (double)c->with_pass[row];
    bool did_pass = b->passed[row] == b->with_pass[row];
    bool does_pass = c->passed[row] == c->with_pass[row];
    *ret_loss = d->kind == DIMENSION_JUDGED ? b->values[row] - c->values[row] : before - after;
    return did_pass == does_pass ? 0 : does_pass ? 1 : -1;
}

static int flip_of_named(const struct comparing *k, const struct run_values *candidate, size_t row, double *ret_loss)
{
    int flip = 0;
    for (size_t i = 0; i < k->in->dimension_count; i++) {
        double loss = 0;
        int one = flip_of_dimension(&k->values[0], candidate, k->in->dimensions[i], row, &loss);
        bool counts = one != 0 && (flip == 0 || one < flip || (one == flip && fabs(loss) > fabs(*ret_loss)));
        if (counts) { /* a dimension that got worse outweighs one that got better */
            flip = one;
            *ret_loss = loss;
        }
    }
    return flip;
}

static int flip_of_case(const struct comparing *k, const struct run_values *candidate, size_t row, double *ret_loss)
{
    const struct run_values *base = &k->values[0];
    enum case_state before = values_state(base, row);
    enum case_state after = values_state(candidate, row);
    *ret_loss = 0;
    if (before <= CASE_ERRORED || after <= CASE_ERRORED) {
        return 0;
    }
    if (k->in->dimension_count > 0) {
        return flip_of_named(k, candidate, row, ret_loss);
    }
    if (before == CASE_NO_PASS || after == CASE_NO_PASS || before == after) {
        return 0;
    }
    double loss = base->scores[row] - candidate->scores[row];
    *ret_loss = isnan(loss) ? 0 : loss;
    return after == CASE_PASSED ? 1 : -1;
}

/* Worse ones first, the largest loss first; then better ones, the largest gain first; in the order of the run. */
static int flip_compare(const void *a, const void *b)
{
    const struct compared_flip *x = a;
    const struct compared_flip *y = b;
    if (x->is_worse != y->is_worse) {
        return x->is_worse ? -1 : 1;
    }
    double more = fabs(y->loss) - fabs(x->loss);
    return more != 0 ? (more > 0 ? 1 : -1) : (x->row > y->row) - (x->row < y->row);
}

static void find_flips(struct comparing *k, const struct value_set *base, const struct run_values *candidate,
                       const struct stat_filter *filter, struct compared_run *ret)
{
    VEC(struct compared_flip) flips = {0};
    for (size_t row = 0; row < k->table.count; row++) {
        double loss = 0;
        int flip = 0;
        if (case_table_in(&k->table, row, filter) && pairing_of(&k->table, base, candidate, row) == PAIR_BOTH) {
            flip = flip_of_case(k, candidate, row, &loss);
        }
        ret->flips_worse += flip < 0 ? 1 : 0;
        ret->flips_better += flip > 0 ? 1 : 0;
        if (flip != 0) {
            *vec_push(&k->scratch, &flips) = (struct compared_flip){(uint32_t)row, flip < 0, loss, k->table.ids[row]};
        }
    }
    if (flips.len > 0) {
        qsort(flips.items, flips.len, sizeof(*flips.items), flip_compare);
    }
    ret->flip_count = flips.len < k->in->flips ? flips.len : k->in->flips;
    ret->flips =
        ret->flip_count == 0 ? NULL : arena_copy(k->arena, flips.items, ret->flip_count * sizeof(*flips.items));
    arena_reset(&k->scratch);
}

void compare_cases(struct comparing *k, size_t candidate)
{
    const struct run_values *base = &k->values[0];
    struct value_set set = {&base, 1};
    struct stat_filter filter = {.tag = k->in->tag};
    struct compared_run *ret = &k->ret->runs[candidate];
    struct overlap o = overlap_of(&k->table, &set, &k->values[candidate], &filter);
    ret->both = o.both;
    name_cases(k, &set, &k->values[candidate], &filter, &o, ret);
    say_why_not(k, &o, candidate, ret);
    find_flips(k, &set, &k->values[candidate], &filter, ret);
}

/* --- what was said to a flipped case -------------------------------------------------------------------------------------------------------------- */

/* Copies what reports show of a sample; its cursor goes on. */
static struct sample_record copy_sample(struct arena *arena, const struct sample_record *s)
{
    struct sample_record copy = *s;
    struct str *const texts[] = {&copy.case_id, &copy.tags,     &copy.cluster, &copy.error_text,
                                 &copy.input,   &copy.expected, &copy.output,  &copy.meta};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = texts[i]->ptr == NULL ? STR_NULL : arena_str(arena, *texts[i]);
    }
    copy.scores = arena_copy(arena, s->scores, s->score_count * sizeof(*s->scores));
    for (size_t i = 0; i < s->score_count; i++) {
        copy.scores[i].comment = arena_str(arena, s->scores[i].comment);
        copy.scores[i].answered = STR_NULL; /* the output says it */
        copy.scores[i].wanted = STR_NULL;
    }
    return copy;
}

/* Whether a sample shows the verdict that its run has of the case: a passed one of a case that passed, else a failed one. */
static bool sample_shows(const struct comparing *k, const struct run_record *run, const struct sample_record *s,
                         bool passes)
{
    if (k->in->dimension_count == 0) {
        return s->pass == (passes ? PASS_YES : PASS_NO);
    }
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        if (compare_names(k->in, run->dimensions[score->dimension].name) &&
            score->outcome == (passes ? SCORE_PASS : SCORE_FAIL)) {
            return true;
        }
    }
    return false;
}

static bool find_sample(const struct comparing *k, size_t run, uint32_t row, bool passes, struct arena *arena,
                        bool *ret_has, struct sample_record *ret, struct err *err)
{
    const struct compare_run *r = &k->in->runs[run];
    struct sample_cursor samples CLEANUP(sample_cursor_close) = {0};
    struct sample_filter filter = {.has_ordinal = true, .ordinal = k->values[run].ordinals[row]};
    *ret_has = false;
    if (!store_samples(r->store, r->run->seq, filter, &samples, err)) {
        return false;
    }
    for (bool has = true, is_found = false; has && !is_found;) {
        struct sample_record s;
        if (!samples.next(&samples, &has, &s, err)) {
            return false;
        }
        is_found = has && sample_shows(k, r->run, &s, passes);
        if (has && (is_found || !*ret_has)) {
            *ret = copy_sample(arena, &s);
            *ret_has = true;
        }
    }
    return true;
}

bool compare_samples(void *ctx, size_t candidate, const struct compared_flip *flip, struct arena *arena,
                     struct flip_samples *ret, struct err *err)
{
    const struct comparing *k = ctx;
    return find_sample(k, 0, flip->row, flip->is_worse, arena, &ret->has_base, &ret->base, err) &&
           find_sample(k, candidate, flip->row, !flip->is_worse, arena, &ret->has_candidate, &ret->candidate, err);
}
