#include "judge/compared.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "judge/gate_judge.h"
#include "store/store.h"

enum { AGE_MAX_DAYS = 30, AGE_MAX_RUNS = 50 };
static const int64_t MS_PER_DAY = 86400000;

/* One list of places, looked through for one run. */
struct lookup {
    size_t at;
    const struct baseline_list *list;
    struct compared_baseline baseline;
    struct tally **tallies; /* of its runs; NULL = not counted yet */
};

struct compared {
    struct arena *arena;
    const struct judge_in *in;
    struct reduction reduction;
    bool is_full_selection;
    struct case_table table;
    VEC(const struct stat_ref *) wanted;
    struct run_values *own; /* of in->runs */
    bool *is_read;
    VEC(struct lookup *) lookups;
    uint32_t *places; /* by run: baselines so far */
};

struct compared *compared_new(struct arena *arena, const struct judge_in *in, const struct reduction *reduction,
                              bool is_full_selection)
{
    struct compared *c = arena_new(arena, struct compared);
    c->arena = arena;
    c->in = in;
    c->reduction = *reduction;
    c->is_full_selection = is_full_selection;
    c->own = arena_array(arena, struct run_values, in->run_count);
    c->is_read = arena_array(arena, bool, in->run_count);
    c->places = arena_array(arena, uint32_t, in->run_count);
    case_table_init(&c->table, arena);
    return c;
}

void compared_want(struct compared *c, const struct stat_ref *stat)
{
    *vec_push(c->arena, &c->wanted) = stat;
}

const struct case_table *compared_table(const struct compared *c)
{
    return &c->table;
}

/* --- reading -------------------------------------------------------------------------------------------------------------------------------- */

static bool wants_dimension(const void *context, const struct dimension *d)
{
    const struct compared *c = context;
    for (size_t i = 0; i < c->wanted.len; i++) {
        if (c->wanted.items[i]->dimension.ptr != NULL && str_eq(c->wanted.items[i]->dimension, d->name)) {
            return true;
        }
    }
    return false;
}

static struct values_want values_wanted(const struct compared *c)
{
    return (struct values_want){.dimension = wants_dimension, .context = c, .like = &c->reduction};
}

static struct values_want own_wanted(const struct compared *c, size_t at)
{
    struct values_want want = values_wanted(c);
    if (c->in->pools != NULL) {
        want.pool = c->in->pools[at];
    }
    return want;
}

static bool own_values(struct compared *c, size_t at, const struct run_values **ret, struct err *err)
{
    if (!c->is_read[at] &&
        !values_read(&c->table, c->in->store, &c->in->runs[at], own_wanted(c, at), &c->own[at], err)) {
        return false;
    }
    c->is_read[at] = true;
    *ret = &c->own[at];
    return true;
}

/* A run of the invocation itself has been read, or will be, under its own name. */
static bool set_values(struct compared *c, const struct judge_baseline *found, struct value_set *ret, struct err *err)
{
    const struct run_values **runs = arena_array(c->arena, const struct run_values *, found->run_count);
    for (size_t i = 0; i < found->run_count; i++) {
        size_t own = 0;
        while (own < c->in->run_count && !id_eq(&c->in->runs[own].id, &found->runs[i].id)) {
            own++;
        }
        if (own < c->in->run_count) {
            if (!own_values(c, own, &runs[i], err)) {
                return false;
            }
            continue;
        }
        struct run_values *values = arena_new(c->arena, struct run_values);
        if (!values_read(&c->table, found->store, &found->runs[i], values_wanted(c), values, err)) {
            return err_wrap(err, "the baseline '%.*s'", STR_ARG(found->source->shown));
        }
        runs[i] = values;
    }
    *ret = (struct value_set){runs, found->run_count};
    return true;
}

/* --- what can be compared ---------------------------------------------------------------------------------------------------------------------- */

static const struct dimension *run_dimension(const struct run_record *run, struct str name)
{
    for (size_t i = 0; i < run->dimension_count; i++) {
        if (str_eq(run->dimensions[i].name, name)) {
            return &run->dimensions[i];
        }
    }
    return NULL;
}

static bool set_has_same(const struct judge_baseline *found, const struct dimension *d)
{
    for (size_t i = 0; i < found->run_count; i++) {
        const struct dimension *theirs = run_dimension(&found->runs[i], d->name);
        if (theirs != NULL && digest_eq(&theirs->scorer, &d->scorer)) {
            return true;
        }
    }
    return false;
}

/* Names whose scorers are not the same on both sides. Measures of the call have none. */
static void name_dimensions(struct compared *c, const struct run_record *run, const struct judge_baseline *found,
                            struct baseline_summary *ret)
{
    VEC(struct str) names = {0};
    for (size_t i = 0; i < run->dimension_count; i++) {
        if (!run->dimensions[i].is_call_measure && !set_has_same(found, &run->dimensions[i])) {
            *vec_push(c->arena, &names) = run->dimensions[i].name;
        }
    }
    for (size_t i = 0; i < found->runs[0].dimension_count; i++) {
        const struct dimension *theirs = &found->runs[0].dimensions[i];
        if (!theirs->is_call_measure && run_dimension(run, theirs->name) == NULL) {
            *vec_push(c->arena, &names) = theirs->name;
        }
    }
    ret->dimensions = names.items;
    ret->dimension_count = names.len;
}

static void count_overlap(struct compared *c, const struct run_values *candidate, struct compared_baseline *b)
{
    static const struct stat_filter everything = {0};
    struct overlap o = overlap_of(&c->table, &b->set, candidate, &everything);
    struct baseline_summary *s = &b->summary;
    s->cases = o.baseline;
    s->common = o.both;
    s->changed = o.changed;
    s->missing = o.baseline_only;
    s->added = o.candidate_only;
    /* what a selection leaves out is left out on purpose: then the share is of what was selected */
    uint64_t of = c->is_full_selection ? o.baseline : o.candidate;
    double least = b->found.source->min_overlap;
    if (o.both > 0 && (double)o.both >= least * (double)of * (1 - 1e-12)) {
        return;
    }
    s->state = BASELINE_NOT_COMPARABLE;
    s->reason = arena_printf(c->arena,
                             "%llu of %s %llu cases are the same on both sides, less than %g%%: %llu changed, %llu %s",
                             (unsigned long long)o.both, c->is_full_selection ? "the baseline's" : "the selected",
                             (unsigned long long)of, 100 * least, (unsigned long long)o.changed,
                             (unsigned long long)(c->is_full_selection ? o.baseline_only : o.candidate_only),
                             c->is_full_selection ? "are not in this run" : "are not in the baseline");
}

static bool open_baseline(struct compared *c, size_t at, struct compared_baseline *b, struct err *err)
{
    const struct judge_baseline *found = &b->found;
    const struct run_record *run = &c->in->runs[at];
    const struct run_values *candidate = NULL;
    b->summary = (struct baseline_summary){
        .state = found->state,
        .source = found->source == NULL ? STR("") : found->source->shown,
        .reason = found->reason,
        .commit = found->commit,
        .finished_unix_ms = found->finished_unix_ms,
        .runs_since = found->runs_since,
    };
    if (found->state != BASELINE_USED) {
        return true;
    }
    b->is_self = found->run_count == 1 && id_eq(&found->runs[0].id, &run->id);
    b->summary.runs = arena_array(c->arena, struct str, found->run_count);
    b->summary.run_count = found->run_count;
    for (size_t i = 0; i < found->run_count; i++) {
        b->summary.runs[i] = arena_str(c->arena, str_from(id_text(&found->runs[i].id).text));
    }
    if (b->is_self) {
        return true;
    }
    if (!own_values(c, at, &candidate, err) || !set_values(c, found, &b->set, err)) {
        return false;
    }
    name_dimensions(c, run, found, &b->summary);
    count_overlap(c, candidate, b);
    return true;
}

static struct lookup *find_lookup(const struct compared *c, size_t at, const struct baseline_list *list)
{
    for (size_t i = 0; i < c->lookups.len; i++) {
        if (c->lookups.items[i]->at == at && c->lookups.items[i]->list == list) {
            return c->lookups.items[i];
        }
    }
    return NULL;
}

bool compared_baseline(struct compared *c, size_t at, const struct baseline_list *list,
                       const struct compared_baseline **ret, struct err *err)
{
    struct lookup *l = find_lookup(c, at, list);
    if (l != NULL) {
        *ret = &l->baseline;
        return true;
    }
    l = arena_new(c->arena, struct lookup);
    l->at = at;
    l->list = list;
    if (list == NULL || c->in->baselines.find == NULL) {
        l->baseline.found = (struct judge_baseline){.state = BASELINE_MISSING, .reason = STR("no baseline was given")};
    } else if (!c->in->baselines.find(c->in->baselines.context, list, &c->in->runs[at], &l->baseline.found, err)) {
        return false;
    }
    if (!open_baseline(c, at, &l->baseline, err)) {
        return false;
    }
    l->baseline.place = l->baseline.is_self ? 0 : ++c->places[at]; /* a variant is no baseline of its own */
    *vec_push(c->arena, &c->lookups) = l;
    *ret = &l->baseline;
    return true;
}

void compared_summaries(const struct compared *c, size_t at, struct baseline_summary **ret, size_t *ret_count)
{
    *ret_count = 0;
    *ret = arena_array(c->arena, struct baseline_summary, c->lookups.len + 1);
    for (size_t i = 0; i < c->lookups.len; i++) { /* in the order of their places */
        if (c->lookups.items[i]->at == at && !c->lookups.items[i]->baseline.is_self) {
            (*ret)[(*ret_count)++] = c->lookups.items[i]->baseline.summary;
        }
    }
}

void compared_warnings(struct compared *c, size_t at, struct summary *s)
{
    int64_t started = c->in->runs[at].started_unix_ms;
    for (size_t i = 0; i < c->lookups.len; i++) {
        const struct lookup *l = c->lookups.items[i];
        const struct judge_baseline *found = &l->baseline.found;
        if (l->at != at || l->baseline.is_self) {
            continue;
        }
        int64_t days = found->finished_unix_ms == 0 ? 0 : (started - found->finished_unix_ms) / MS_PER_DAY;
        if (found->state == BASELINE_USED && (days > AGE_MAX_DAYS || found->runs_since > AGE_MAX_RUNS)) {
            summary_warn(s, c->arena,
                         arena_printf(c->arena, "the baseline %.*s is old: %lld days, %llu runs since",
                                      STR_ARG(found->source->shown), (long long)days,
                                      (unsigned long long)found->runs_since));
        }
        if (found->warning.len > 0) {
            summary_warn(s, c->arena, found->warning);
        }
    }
}

/* Whether a sample passes, and its score, follow from every dimension that decides or weighs: those have to be the same. */
static struct str bare_why_not(struct compared *c, const struct run_record *run, const struct judge_baseline *found)
{
    for (size_t i = 0; i < run->dimension_count; i++) {
        const struct dimension *d = &run->dimensions[i];
        bool counts = d->weight > 0 || (dimension_has_pass(d) && !d->is_optional);
        if (counts && !set_has_same(found, d)) {
            return arena_printf(c->arena, "the scorer of '%.*s' changed, or is new", STR_ARG(d->name));
        }
    }
    for (size_t i = 0; i < found->runs[0].dimension_count; i++) {
        const struct dimension *d = &found->runs[0].dimensions[i];
        bool counts = d->weight > 0 || (dimension_has_pass(d) && !d->is_optional);
        if (counts && run_dimension(run, d->name) == NULL) {
            return arena_printf(c->arena, "the baseline is scored in '%.*s', too", STR_ARG(d->name));
        }
    }
    return STR_NULL;
}

struct str compared_why_not(struct compared *c, size_t at, const struct compared_baseline *b,
                            const struct stat_ref *stat)
{
    const struct run_record *run = &c->in->runs[at];
    if (stat->dimension.ptr == NULL) {
        bool is_scored = stat->kind == STAT_PASS_RATE || stat->kind == STAT_SCORE;
        return is_scored ? bare_why_not(c, run, &b->found) : STR_NULL;
    }
    const struct dimension *ours = run_dimension(run, stat->dimension);
    if (ours == NULL || ours->is_call_measure || set_has_same(&b->found, ours)) {
        return STR_NULL; /* a measure of the call is stored with every sample, whether a scorer or a gate names it or not */
    }
    return run_dimension(&b->found.runs[0], stat->dimension) == NULL
               ? arena_printf(c->arena, "the baseline does not have '%.*s'", STR_ARG(stat->dimension))
               : arena_printf(c->arena, "the scorer of '%.*s' changed", STR_ARG(stat->dimension));
}

bool compared_with_baseline(struct compared *c, size_t at, const struct compared_baseline *b, struct reference *ret,
                            struct err *err)
{
    *ret = (struct reference){.set = b->set, .baseline = b};
    return own_values(c, at, &ret->candidate, err);
}

bool compared_with_run(struct compared *c, size_t candidate, size_t other, struct reference *ret, struct err *err)
{
    const struct run_values **set = arena_array(c->arena, const struct run_values *, 1);
    *ret = (struct reference){.set = {set, 1}};
    return own_values(c, candidate, &ret->candidate, err) && own_values(c, other, &set[0], err);
}

/* --- figures of whole runs -------------------------------------------------------------------------------------------------------------------- */

static bool count_runs(struct compared *c, struct lookup *l, struct err *err)
{
    const struct judge_baseline *found = &l->baseline.found;
    struct tally **tallies = arena_array(c->arena, struct tally *, found->run_count);
    for (size_t i = 0; i < found->run_count; i++) {
        struct plan_record plan;
        if (!store_plan(found->store, c->arena, found->runs[i].plan, &plan, err)) {
            return false;
        }
        tallies[i] = tally_new(c->arena, c->in->suite, &found->runs[i], plan.trials, false);
        for (size_t k = 0; k < c->wanted.len; k++) {
            tally_want(tallies[i], c->wanted.items[k]);
        }
        if (!tally_run(tallies[i], found->store, err)) {
            return err_wrap(err, "the baseline '%.*s'", STR_ARG(found->source->shown));
        }
    }
    l->tallies = tallies;
    return true;
}

static struct lookup *lookup_of(const struct compared *c, const struct compared_baseline *b)
{
    for (size_t i = 0; i < c->lookups.len; i++) {
        if (&c->lookups.items[i]->baseline == b) {
            return c->lookups.items[i];
        }
    }
    return NULL;
}

bool compared_figure(struct compared *c, const struct compared_baseline *b, const struct stat_ref *stat,
                     struct figure *ret, struct err *err)
{
    struct lookup *l = lookup_of(c, b);
    if (l == NULL) {
        return err_set(err, ERR_BUG, "a baseline that was not looked up");
    }
    if (l->tallies == NULL && !count_runs(c, l, err)) {
        return false;
    }
    size_t count = l->tallies == NULL ? 0 : b->found.run_count;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        *ret = figure_of(l->tallies[i], stat, c->arena);
        if (!ret->has_value) {
            return true;
        }
        sum += ret->value;
    }
    ret->value = sum / (double)count;
    if (count > 1) {
        ret->basis = arena_printf(c->arena, "mean of %zu runs", count);
    }
    return true;
}
