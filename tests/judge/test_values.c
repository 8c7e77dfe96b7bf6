#include <math.h>

#include "judge/paired.h"
#include "tests/check.h"
#include "tests/judge/journal.h"

static const struct stat_ref ANSWER = {.dimension = {"answer", 6}, .kind = STAT_MEAN};

struct pair_rig {
    struct journal before, after;
    struct arena arena;
    struct case_table table;
    struct run_values baseline[JOURNAL_RUNS], candidate;
    const struct run_values *runs[JOURNAL_RUNS];
    struct value_set set;
};

static void rig_open(struct pair_rig *r, const struct journal_case *before, size_t before_count,
                     const struct journal_case *after, size_t after_count, struct journal_options options)
{
    *r = (struct pair_rig){.arena = ARENA_NULL};
    journal_open(&r->before, before, before_count, options);
    journal_open_beside(&r->after, &r->before, "after", after, after_count,
                        (struct journal_options){.trials = options.trials});
    case_table_init(&r->table, &r->arena);
    struct err err = ERR_NULL;
    CHECK("candidate",
          values_read(&r->table, r->after.store, &r->after.runs[0], (struct values_want){0}, &r->candidate, &err));
    for (size_t i = 0; i < r->before.run_count; i++) {
        CHECK("baseline", values_read(&r->table, r->before.store, &r->before.runs[i], (struct values_want){0},
                                      &r->baseline[i], &err));
        r->runs[i] = &r->baseline[i];
    }
    r->set = (struct value_set){r->runs, r->before.run_count};
}

static void rig_close(struct pair_rig *r)
{
    arena_deinit(&r->arena);
    journal_close(&r->after);
    journal_close(&r->before);
}

/* What meets and what does not: by id, content, error; in another order, too. */
static const struct journal_case BEFORE[] = {
    {{"P"}, NULL, NULL, NULL, "a", NULL},    {{"P"}, "[\"x\"]", "k", NULL, "b", NULL},
    {{"F"}, NULL, "k", NULL, "c", NULL},     {{"E"}, NULL, NULL, NULL, "d", NULL},
    {{"P"}, NULL, NULL, NULL, "e", NULL},    {{"P"}, NULL, NULL, NULL, "f", "old"},
    {{"P"}, NULL, NULL, NULL, "gone", NULL}, {{"E"}, NULL, NULL, NULL, "h", NULL},
    {{"P"}, NULL, NULL, "why", "i", NULL},   {{"M"}, NULL, NULL, NULL, "j", NULL},
};
static const struct journal_case AFTER[] = {
    {{"P"}, NULL, NULL, NULL, "new", NULL},  {{"F"}, NULL, NULL, NULL, "b", NULL}, {{"F"}, NULL, NULL, NULL, "a", NULL},
    {{"P"}, NULL, "k", NULL, "c", NULL},     {{"P"}, NULL, NULL, NULL, "d", NULL}, {{"E"}, NULL, NULL, NULL, "e", NULL},
    {{"P"}, NULL, NULL, NULL, "f", "young"}, {{"E"}, NULL, NULL, NULL, "h", NULL}, {{"P"}, NULL, NULL, NULL, "j", NULL},
};

static void test_overlap(void)
{
    struct pair_rig r CLEANUP(rig_close);
    rig_open(&r, BEFORE, ARRAY_LEN(BEFORE), AFTER, ARRAY_LEN(AFTER), (struct journal_options){0});
    struct overlap o = overlap_of(&r.table, &r.set, &r.candidate, &(struct stat_filter){0});
    CHECK_INT("both", o.both, 7);                   /* a b c d e h j */
    CHECK_INT("baseline only", o.baseline_only, 1); /* gone; i was skipped */
    CHECK_INT("candidate only", o.candidate_only, 1);
    CHECK_INT("changed", o.changed, 1);
    CHECK_INT("baseline", o.baseline, 9);
    CHECK_INT("candidate", o.candidate, 9);
    CHECK_INT("errored then", o.errored_baseline, 1);
    CHECK_INT("errored now", o.errored_candidate, 1);
    CHECK_INT("errored", o.errored_both, 1);
    struct stat_filter x = {.tag = STR("x")};
    o = overlap_of(&r.table, &r.set, &r.candidate, &x);
    CHECK_INT("tags of the candidate, which was read first", o.both, 0);
}

static void test_pairs(void)
{
    struct pair_rig r CLEANUP(rig_close);
    rig_open(&r, BEFORE, ARRAY_LEN(BEFORE), AFTER, ARRAY_LEN(AFTER), (struct journal_options){0});
    struct pair_stat p = pair_stat(&r.table, &r.set, &r.candidate, &ANSWER, &r.arena);
    CHECK("comparable", p.why_not.ptr == NULL);
    CHECK("binary", p.type.is_binary);
    CHECK_INT("pairs", p.n, 3); /* in the candidate's order: b a c */
    CHECK_INT("errored then", p.errored_baseline, 1);
    CHECK_INT("errored now", p.errored_candidate, 1);
    CHECK_INT("errored", p.errored_both, 1);
    CHECK_INT("not scored", p.not_scored, 1);
    struct sample s = pair_differences(&p, &r.arena);
    static const double differences[] = {-1, -1, 1};
    static const char *const ids[] = {"b", "a", "c"};
    for (size_t i = 0; i < 3 && p.n == 3; i++) {
        CHECK_DOUBLE(ids[i], s.values[i], differences[i], 0);
        CHECK_CSTR("id", r.table.ids[p.rows[i]], ids[i]);
    }
    CHECK("no two share a cluster: none", s.clusters == NULL);
    CHECK_INT("errored now, with a number before", p.lost, 1);
    CHECK_CSTR("lost", r.table.ids[p.rows[p.n]], "e");
    CHECK("its numbers", p.baseline[p.n] == 1 && isnan(p.candidate[p.n]));
}

static void test_clusters(void)
{
    static const struct journal_case cases[] = {
        {{"P"}, NULL, "k", NULL, "a", NULL}, {{"P"}, NULL, NULL, NULL, "b", NULL}, {{"F"}, NULL, "k", NULL, "c", NULL},
        {{"P"}, NULL, "m", NULL, "d", NULL}, {{"E"}, NULL, "m", NULL, "e", NULL},
    };
    static const struct journal_case before[] = {
        {{"P"}, NULL, NULL, NULL, "a", NULL}, {{"P"}, NULL, NULL, NULL, "b", NULL},
        {{"P"}, NULL, NULL, NULL, "c", NULL}, {{"P"}, NULL, NULL, NULL, "d", NULL},
        {{"P"}, NULL, NULL, NULL, "e", NULL},
    };
    static const uint32_t numbers[] = {0, 1, 0, 2, 2}; /* the candidate's: a and c in k, d and the lost e in m */
    struct pair_rig r CLEANUP(rig_close);
    rig_open(&r, before, ARRAY_LEN(before), cases, ARRAY_LEN(cases), (struct journal_options){0});
    struct pair_stat p = pair_stat(&r.table, &r.set, &r.candidate, &ANSWER, &r.arena);
    CHECK_INT("clusters", p.cluster_count, 3);
    for (size_t i = 0; i < ARRAY_LEN(numbers) && p.clusters != NULL; i++) {
        CHECK_INT(r.table.ids[p.rows[i]].ptr, p.clusters[i], numbers[i]);
    }
    CHECK("they count", p.clusters != NULL && p.n == 4 && p.lost == 1);
}

static void test_not_comparable(void)
{
    struct pair_rig r CLEANUP(rig_close);
    rig_open(&r, BEFORE, ARRAY_LEN(BEFORE), AFTER, ARRAY_LEN(AFTER), (struct journal_options){0});
    struct stat_ref stat = {.dimension = STR("nothing"), .kind = STAT_MEAN};
    CHECK_CONTAINS("unknown", pair_stat(&r.table, &r.set, &r.candidate, &stat, &r.arena).why_not, "does not have");
    stat = (struct stat_ref){.dimension = STR("steps"), .kind = STAT_PASS_RATE};
    CHECK_CONTAINS("no pass", pair_stat(&r.table, &r.set, &r.candidate, &stat, &r.arena).why_not, "no such statistic");
    r.after.dimensions[JOURNAL_ANSWER].scorer = digest_of(STR("another"));
    struct run_values changed;
    struct run_record run = r.after.runs[0];
    struct err err = ERR_NULL;
    CHECK("read", values_read(&r.table, r.after.store, &run, (struct values_want){0}, &changed, &err));
    CHECK_CONTAINS("scorer", pair_stat(&r.table, &r.set, &changed, &ANSWER, &r.arena).why_not, "scorer changed");
    stat = (struct stat_ref){.kind = STAT_PASS_RATE};
    CHECK("bare", pair_stat(&r.table, &r.set, &changed, &stat, &r.arena).n == 3);
}

/* Several runs of one version: each case averaged over the runs that have a number. */
static const struct journal_case SET[] = {
    {{"P", "F", "P"}, NULL, NULL, NULL, "a", NULL},
    {{"P", "E", NULL}, NULL, NULL, NULL, "b", NULL},
    {{"E", "E", "E"}, NULL, NULL, NULL, "c", NULL},
    {{NULL, NULL, "F"}, NULL, NULL, NULL, "d", NULL},
};
static const struct journal_case ONE[] = {
    {{"P"}, NULL, NULL, NULL, "a", NULL},
    {{"P"}, NULL, NULL, NULL, "b", NULL},
    {{"P"}, NULL, NULL, NULL, "c", NULL},
    {{"P"}, NULL, NULL, NULL, "d", NULL},
};

static void test_set(void)
{
    static const char *const variants[] = {"x", "y", "z"};
    struct pair_rig r CLEANUP(rig_close);
    rig_open(&r, SET, ARRAY_LEN(SET), ONE, ARRAY_LEN(ONE),
             (struct journal_options){.variants = variants, .variant_count = 3});
    struct pair_stat p = pair_stat(&r.table, &r.set, &r.candidate, &ANSWER, &r.arena);
    CHECK("averages are not binary", !p.type.is_binary && p.type.range.is_bounded);
    CHECK_INT("pairs", p.n, 3);
    CHECK_INT("errored then", p.errored_baseline, 1);
    CHECK_DOUBLE("two of three", p.baseline[0], 2.0 / 3, 1e-15);
    CHECK_DOUBLE("one", p.baseline[1], 1, 0);
    CHECK_DOUBLE("none", p.baseline[2], 0, 0);
    static const double want[3][3] = {{1, 0, 1}, {1, NAN, NAN}, {NAN, NAN, 0}};
    double *by_run = NULL;
    CHECK_INT("runs", pair_runs(&r.table, &r.set, &r.candidate, &ANSWER, &p, &r.arena, &by_run), 3);
    for (size_t i = 0; i < 9; i++) {
        CHECK("by run", isnan(want[i / 3][i % 3]) ? isnan(by_run[i]) : by_run[i] == want[i / 3][i % 3]);
    }
}

/* Trials: shares, pass@k, pass^k, the measures of the call. */
static const struct journal_case TRIALS[] = {
    {{"Pl10 Fl20 Pl30"}, NULL, NULL, NULL, "a", NULL},
    {{"P P P"}, NULL, NULL, NULL, "b", NULL},
    {{"P E F"}, NULL, NULL, NULL, "c", NULL},
};

static void test_trials(void)
{
    const double none = NAN;
    const struct {
        const char *name;
        struct stat_ref stat;
        double want[3];
        bool is_binary;
    } rows[] = {
        {"mean", {.dimension = STR("answer"), .kind = STAT_MEAN}, {2.0 / 3, 1, 0.5}, false},
        {"share", {.dimension = STR("answer"), .kind = STAT_PASS_RATE}, {2.0 / 3, 1, 0.5}, false},
        {"pass@2", {.dimension = STR("answer"), .kind = STAT_PASS_AT, .k = 2}, {1, 1, 1}, false},
        {"pass@3", {.dimension = STR("answer"), .kind = STAT_PASS_AT, .k = 3}, {1, 1, none}, true},
        {"pass^2", {.dimension = STR("answer"), .kind = STAT_PASS_ALL, .k = 2}, {1.0 / 3, 1, none}, false},
        {"pass^3", {.dimension = STR("answer"), .kind = STAT_PASS_ALL, .k = 3}, {0, 1, none}, true},
        {"p95", {.dimension = STR("latency_ms"), .kind = STAT_QUANTILE, .quantile = 0.95}, {20, none, none}, false},
        {"of the call", {.dimension = STR("attempts"), .kind = STAT_MEAN}, {1, 1, 1}, false},
        {"bare", {.kind = STAT_PASS_RATE}, {0, 1, 0}, true},
        {"score", {.kind = STAT_SCORE}, {2.0 / 3, 1, 0.5}, false},
    };
    struct pair_rig r CLEANUP(rig_close);
    rig_open(&r, TRIALS, ARRAY_LEN(TRIALS), TRIALS, ARRAY_LEN(TRIALS), (struct journal_options){.trials = 3});
    CHECK_INT("one table", r.table.count, 3);
    CHECK_INT("samples", r.candidate.samples, 9);
    CHECK_INT("errors", r.candidate.errors, 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double got[3] = {0};
        CHECK(rows[i].name, values_stat(&r.table, &r.candidate, &rows[i].stat, got));
        for (size_t k = 0; k < 3; k++) {
            CHECK(rows[i].name, isnan(got[k]) == isnan(rows[i].want[k]));
            CHECK(rows[i].name, isnan(got[k]) || fabs(got[k] - rows[i].want[k]) < 1e-15);
        }
        CHECK(rows[i].name, values_type_of(&r.candidate, &rows[i].stat).is_binary == rows[i].is_binary);
    }
}

static const struct journal_case EMPTY[] = {{{NULL}, NULL, NULL, NULL, "a", NULL}};

static void test_nothing(void)
{
    struct pair_rig r CLEANUP(rig_close);
    rig_open(&r, EMPTY, 1, EMPTY, 1, (struct journal_options){0});
    struct pair_stat p = pair_stat(&r.table, &r.set, &r.candidate, &ANSWER, &r.arena);
    CHECK_INT("no pairs", p.n, 0);
    CHECK("comparable", p.why_not.ptr == NULL);
    struct overlap o = overlap_of(&r.table, &r.set, &r.candidate, &(struct stat_filter){0});
    CHECK_INT("nothing", o.baseline + o.candidate + o.both, 0);
}

/* The header says how trials become one; what it cannot mean is refused. */
static void test_reduction(void)
{
    static const struct {
        const char *header;
        bool ok;
        enum reduce_kind reduce;
        enum pass_trials_kind pass;
        uint32_t count;
    } rows[] = {
        {"", true, REDUCE_MEAN, PASS_TRIALS_ALL, 0},
        {"{}", true, REDUCE_MEAN, PASS_TRIALS_ALL, 0},
        {"{\"reduce\":\"max\",\"pass_trials\":\"any\"}", true, REDUCE_MAX, PASS_TRIALS_ANY, 0},
        {"{\"reduce\":\"min\",\"pass_trials\":2}", true, REDUCE_MIN, PASS_TRIALS_COUNT, 2},
        {"{\"reduce\":\"average\"}", false, 0, 0, 0},
        {"{\"reduce\":7}", false, 0, 0, 0},
        {"{\"pass_trials\":\"some\"}", false, 0, 0, 0},
        {"{\"pass_trials\":0}", false, 0, 0, 0},
        {"{\"pass_trials\":1.5}", false, 0, 0, 0},
        {"[", false, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct run_record run = {.header = str_from(rows[i].header), .state = RUN_FINISHED};
        struct reduction r = {0};
        struct err err = ERR_NULL;
        CHECK(rows[i].header, reduction_of_run(&run, 3, &r, &err) == rows[i].ok);
        if (rows[i].ok) {
            CHECK_INT(rows[i].header, r.reduce, rows[i].reduce);
            CHECK_INT(rows[i].header, r.pass_trials, rows[i].pass);
            CHECK_INT(rows[i].header, r.pass_trials_count, rows[i].count);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what meets", test_overlap}, {"pairs", test_pairs},
        {"clusters", test_clusters},  {"not comparable", test_not_comparable},
        {"several runs", test_set},   {"trials", test_trials},
        {"nothing", test_nothing},    {"how trials become one", test_reduction},
    };
    return check_run("judge/values", tests, ARRAY_LEN(tests));
}
