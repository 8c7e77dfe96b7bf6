/* The sources of a self-test: are they of one version, which cases do they have in common, and all of their samples without texts. */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "judge/selftest_private.h"
#include "judge/values_private.h"
#include "judge/version.h"
#include "model/labels.h"

enum { KEEPS_OF_10 = 9 };

static const struct run_record *run_of(const struct selftest_work *w, size_t source, size_t variant)
{
    return &w->in->sources[source].runs[variant];
}

static struct held_run *held_of(const struct selftest_work *w, size_t source, size_t variant)
{
    return &w->held[source * w->variants + variant];
}

/* --- one version -------------------------------------------------------------------------------------------------------------------------- */

static bool differ(const struct run_record *a, const struct run_record *b, struct err *err, const char *why)
{
    return err_set(err, ERR_USAGE, "runs %.8s and %.8s are not of one version: %s", id_text(&a->id).text,
                   id_text(&b->id).text, why);
}

static bool check_scorers(const struct run_record *a, const struct run_record *b, struct err *err)
{
    bool is_same = a->dimension_count == b->dimension_count;
    for (size_t i = 0; is_same && i < a->dimension_count; i++) {
        is_same = str_eq(a->dimensions[i].name, b->dimensions[i].name) &&
                  digest_eq(&a->dimensions[i].scorer, &b->dimensions[i].scorer);
    }
    return is_same || differ(a, b, err, "their scorers differ");
}

/* The run whose outputs were scored. */
static bool has_same_outputs(const struct run_record *a, const struct run_record *b)
{
    struct uuid_text id_a = id_text(&a->id);
    struct uuid_text id_b = id_text(&b->id);
    return str_eq(a->source_run.len > 0 ? a->source_run : str_from(id_a.text),
                  b->source_run.len > 0 ? b->source_run : str_from(id_b.text));
}

static bool check_pair(struct selftest_work *w, size_t source, size_t variant, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    const struct run_record *a = run_of(w, 0, variant);
    const struct run_record *b = run_of(w, source, variant);
    struct run_version of_a;
    struct run_version of_b;
    if (id_eq(&a->id, &b->id)) {
        return err_set(err, ERR_USAGE, "run %.8s is named twice: it takes two runs, or one with two trials",
                       id_text(&a->id).text);
    }
    if (has_same_outputs(a, b)) {
        return err_set(err, ERR_USAGE,
                       "runs %.8s and %.8s are two scorings of the same outputs: that says nothing of chance",
                       id_text(&a->id).text, id_text(&b->id).text);
    }
    if (!str_eq(a->suite, b->suite) || !str_eq(a->variant, b->variant)) {
        return differ(a, b, err, "their suites or variants differ");
    }
    if (!digest_eq(&a->target_digest, &b->target_digest)) {
        return differ(a, b, err, "their targets differ");
    }
    if (!check_scorers(a, b, err) || !run_version(w->in->sources[0].store, a, &scratch, &of_a, err) ||
        !run_version(w->in->sources[source].store, b, &scratch, &of_b, err)) {
        return false;
    }
    if (!digest_eq(&of_a.digest, &of_b.digest)) {
        bool is_dirty = labels_tree(&of_a.labels) == TREE_DIRTY || labels_tree(&of_b.labels) == TREE_DIRTY;
        return differ(a, b, err,
                      is_dirty ? "a working tree was not clean, so nobody knows which program ran"
                               : "the target runs a program, and their commits differ");
    }
    return true;
}

static bool check_runs(struct selftest_work *w, struct err *err)
{
    for (size_t s = 0; s < w->sources; s++) {
        if (w->in->sources[s].run_count != w->variants) {
            return err_set(err, ERR_USAGE, "the runs do not have the same variants");
        }
        for (size_t v = 0; v < w->variants; v++) {
            if (run_of(w, s, v)->state != RUN_FINISHED) {
                return err_set(err, ERR_USAGE, "run %.8s did not finish", id_text(&run_of(w, s, v)->id).text);
            }
            if (s > 0 && !check_pair(w, s, v, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool check_trials(struct selftest_work *w, struct err *err)
{
    for (size_t s = 0; s < w->sources; s++) {
        struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
        struct plan_record plan;
        if (!store_plan(w->in->sources[s].store, &scratch, run_of(w, s, 0)->plan, &plan, err)) {
            return false;
        }
        uint32_t trials = plan.trials == 0 ? 1 : plan.trials;
        if (s > 0 && trials != w->trials) {
            return differ(run_of(w, 0, 0), run_of(w, s, 0), err, "one has more trials of each case");
        }
        w->trials = trials;
    }
    w->is_halves = w->sources == 1;
    w->half = w->trials / 2;
    if (w->is_halves && w->trials < 2) {
        return err_set(
            err, ERR_USAGE,
            "one run with one trial says nothing of chance: run the suite again and name both runs, or run it "
            "with --trials 2 or more");
    }
    return true;
}

/* --- samples ------------------------------------------------------------------------------------------------------------------------------ */

static const struct str *keep_classes(struct selftest_work *w, const struct score *score)
{
    if (score->answered.ptr == NULL && score->wanted.ptr == NULL) {
        return NULL;
    }
    struct str *classes = arena_array(&w->room, struct str, 2);
    classes[0] = score->answered.ptr == NULL ? STR_NULL : arena_str(&w->room, score->answered);
    classes[1] = score->wanted.ptr == NULL ? STR_NULL : arena_str(&w->room, score->wanted);
    return classes;
}

static struct held_sample keep_sample(struct selftest_work *w, const struct sample_record *s)
{
    struct held_score *scores = arena_array(&w->room, struct held_score, s->score_count);
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        scores[i] = (struct held_score){
            .value = score->value,
            .unit = score->unit,
            .classes = keep_classes(w, score),
            .dimension = score->dimension,
            .outcome = (uint8_t)score->outcome,
            .has_unit = score->has_unit,
        };
    }
    w->scores_max = s->score_count > w->scores_max ? s->score_count : w->scores_max;
    return (struct held_sample){
        .scores = scores,
        .score = s->score,
        .measures = s->measures,
        .ordinal = (uint32_t)s->ordinal,
        .score_count = (uint32_t)s->score_count,
        .state = (uint8_t)s->state,
        .pass = (uint8_t)s->pass,
        .has_score = s->has_score,
    };
}

static bool read_run(struct selftest_work *w, size_t source, size_t variant, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct held_run *held = held_of(w, source, variant);
    struct store *store = w->in->sources[source].store;
    int64_t run = run_of(w, source, variant)->seq;
    uint64_t recorded = 0;
    uint64_t errored = 0;
    if (!store_count_samples(store, run, &recorded, &errored, err) ||
        !store_figures(store, run, (struct figure_fields){.cases = true, .measures = true}, &cursor, err)) {
        return false;
    }
    held->samples = arena_array(&w->room, struct held_sample, recorded);
    uint32_t *rows = arena_array(&scratch, uint32_t, recorded);
    for (size_t row = SIZE_MAX; held->sample_count < recorded;) {
        struct sample_record s;
        bool has = false;
        if (!cursor.next(&cursor, &has, &s, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        const struct case_trials key = {.id = s.case_id, .digest = s.case_digest, .tags = s.tags, .cluster = s.cluster};
        size_t count = held->sample_count;
        bool is_next = count == 0 || held->samples[count - 1].ordinal != (uint32_t)s.ordinal;
        if (is_next && !case_table_row(&w->table, &key, row + 1, &row, err)) {
            return false;
        }
        rows[count] = (uint32_t)row;
        held->samples[count] = keep_sample(w, &s);
        held->sample_count++;
    }
    held->first = arena_array(&w->room, uint32_t, w->table.count);
    memset(held->first, 0xff, w->table.count * sizeof(*held->first));
    for (size_t i = held->sample_count; i-- > 0;) {
        held->first[rows[i]] = (uint32_t)i;
    }
    return true;
}

/* --- cases -------------------------------------------------------------------------------------------------------------------------------- */

/* With all of its trials, in every run. */
static bool is_common(const struct selftest_work *w, size_t row, const size_t *known)
{
    for (size_t i = 0; i < w->sources * w->variants; i++) {
        const struct held_run *held = &w->held[i];
        uint32_t first = row < known[i] ? held->first[row] : UINT32_MAX;
        size_t last = (size_t)first + w->trials - 1;
        if (first == UINT32_MAX || last >= held->sample_count ||
            held->samples[last].ordinal != held->samples[first].ordinal) {
            return false;
        }
    }
    return true;
}

static bool choose_rows(struct selftest_work *w, const size_t *known, struct err *err)
{
    w->rows = arena_array(&w->room, uint32_t, w->table.count);
    for (size_t row = 0; row < w->table.count; row++) {
        if (is_common(w, row, known)) {
            w->rows[w->row_count++] = (uint32_t)row;
        }
    }
    w->ret->left_out = w->table.count - w->row_count;
    if (w->row_count < 2 || w->row_count * 10 < known[0] * KEEPS_OF_10) {
        return err_set(err, ERR_USAGE,
                       "only %zu of %zu cases are the same in all of these runs, with all of their trials: that is no "
                       "test of the suite's gates",
                       w->row_count, known[0]);
    }
    return true;
}

/* --- units -------------------------------------------------------------------------------------------------------------------------------- */

static bool is_named_cluster(const struct suite *suite, struct str name)
{
    for (size_t i = 0; i < suite->gate_count; i++) {
        const struct gate_expr *e = &suite->gates[i].expr;
        const struct str ours[] = {e->left.filter.cluster,
                                   e->right_kind == RIGHT_STAT ? e->right_stat.filter.cluster : STR_NULL};
        for (size_t j = 0; j < ARRAY_LEN(ours); j++) {
            if (ours[j].ptr != NULL && str_eq(ours[j], name)) {
                return true;
            }
        }
    }
    return false;
}

static int compare_units(const void *a, const void *b)
{
    const struct unit *left = a;
    const struct unit *right = b;
    if (left->stratum != right->stratum) {
        return left->stratum < right->stratum ? -1 : 1;
    }
    return (left->first > right->first) - (left->first < right->first);
}

/* Rows of a unit stand one behind the other in unit_rows; a unit of several cases is of the stratum of its first. */
static void make_units(struct selftest_work *w)
{
    struct arena *room = &w->room;
    uint32_t count = 0;
    uint32_t *clusters = case_table_clusters(&w->table, w->rows, w->row_count, room, &count);
    w->has_clusters = clusters != NULL;
    w->unit_count = clusters == NULL ? w->row_count : count;
    w->units = arena_array(room, struct unit, w->unit_count);
    w->unit_rows = arena_array(room, uint32_t, w->row_count);
    w->unit_of = arena_array(room, uint32_t, w->table.count);
    uint32_t *unit = arena_array(room, uint32_t, w->row_count);
    for (size_t i = 0; i < w->row_count; i++) {
        unit[i] = clusters == NULL ? (uint32_t)i : clusters[i];
        w->units[unit[i]].count++;
    }
    uint32_t at = 0;
    for (size_t u = 0; u < w->unit_count; u++) {
        w->units[u].first = at;
        at += w->units[u].count;
        w->units[u].count = 0;
    }
    for (size_t i = 0; i < w->row_count; i++) {
        struct unit *of = &w->units[unit[i]];
        uint32_t cluster = w->table.clusters[w->rows[i]];
        of->stratum = of->count == 0 ? w->table.tags[w->rows[i]] : of->stratum;
        of->is_fixed = of->is_fixed || (cluster != CASE_OWN_CLUSTER &&
                                        is_named_cluster(w->in->suite, w->table.cluster_names.items[cluster]));
        w->unit_rows[of->first + of->count++] = w->rows[i];
    }
    qsort(w->units, w->unit_count, sizeof(*w->units), compare_units);
    for (size_t u = 0; u < w->unit_count; u++) {
        for (uint32_t i = 0; i < w->units[u].count; i++) {
            w->unit_of[w->unit_rows[w->units[u].first + i]] = (uint32_t)u;
        }
    }
}

bool selftest_read(struct selftest_work *w, struct err *err)
{
    size_t total = w->sources * w->variants;
    size_t *known = arena_array(&w->room, size_t, total);
    if (!check_runs(w, err) || !check_trials(w, err)) {
        return false;
    }
    w->held = arena_array(&w->room, struct held_run, total);
    for (size_t s = 0; s < w->sources; s++) {
        for (size_t v = 0; v < w->variants; v++) {
            if (!read_run(w, s, v, err)) {
                return false;
            }
            known[s * w->variants + v] = w->table.count; /* rows that it can know of */
        }
    }
    if (!choose_rows(w, known, err)) {
        return false;
    }
    make_units(w);
    return true;
}
