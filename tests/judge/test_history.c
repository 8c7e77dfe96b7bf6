#include "judge/history.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "data/json.h"
#include "judge/history_json.h"
#include "model/record.h"
#include "stats/change.h"
#include "store/store.h"
#include "tests/check.h"
#include "tests/temp.h"

/* One run of the suite "s". `cases`: a letter for each: P passes, F fails, E errored, s skipped, '.' is not in the plan; with several trials their letters
 * one behind the other. `contents`: a letter for each, what the case holds; NULL = all "a". */
struct nightly {
    const char *cases, *contents, *labels;
    uint32_t trials;
    char scorer, target;
    bool is_program, is_part, is_rescored;
    enum verdict verdict;
    const char *suite_text, *variant;
};

struct rig {
    struct arena arena;
    struct temp_dir dir;
    struct store *store;
    struct err err;
    int64_t now_ms;
    struct history history;
};

static void rig_open(struct rig *r)
{
    *r = (struct rig){.err = ERR_NULL, .dir = temp_dir_make(), .now_ms = 1700000000000};
    CHECK("open", store_open(&r->arena, temp_path(&r->dir, "assay.db").text, STORE_WRITE, &r->store, &r->err));
}

static void rig_close(struct rig *r)
{
    store_close(&r->store);
    temp_dir_remove(&r->dir);
    arena_deinit(&r->arena);
}

static void ok_at(struct rig *r, const char *what, bool ok)
{
    check_true_at(ok, what, ok ? "" : r->err.text, __FILE__, __LINE__);
}

static void add_sample(struct rig *r, const struct run_record *run, uint64_t ordinal, uint32_t trial, char letter)
{
    bool passes = letter == 'P';
    struct score scores[2] = {
        {.dimension = 0,
         .outcome = passes ? SCORE_PASS : SCORE_FAIL,
         .value = passes,
         .has_unit = true,
         .unit = passes,
         .comment = STR("words")},
        {.dimension = 1, .outcome = SCORE_NONE, .value = 100 + (double)ordinal},
    };
    struct sample_record s = {
        .ordinal = ordinal,
        .trial = trial,
        .case_id = arena_printf(&r->arena, "case-%02llu", (unsigned long long)ordinal),
        .started_unix_ms = r->now_ms,
        .ended_unix_ms = r->now_ms + 5,
        .state = letter == 'E' ? SAMPLE_ERRORED : SAMPLE_SCORED,
        .error = letter == 'E' ? ERROR_EXIT : ERROR_NONE,
        .pass = letter == 'E' ? PASS_NONE
                : passes      ? PASS_YES
                              : PASS_NO,
        .has_score = letter != 'E',
        .score = passes,
        .measures = {.attempts = 1},
        .scores = scores,
        .score_count = letter == 'E' ? 0 : 2,
    };
    s.span = id_of_sample_span(&run->id, s.case_id, trial, 0);
    ok_at(r, "sample", store_add_sample(r->store, run, &s, &r->err));
}

static void add_plan(struct rig *r, const struct nightly *n, uint32_t trials, int64_t invocation,
                     struct plan_record *plan)
{
    struct digest_stream digest;
    *plan = (struct plan_record){.invocation = invocation, .suite = STR("s"), .path = STR("/s.yaml"), .trials = trials};
    plan->suite_digest = digest_of(str_from(n->suite_text == NULL ? "text" : n->suite_text));
    ok_at(r, "plan", store_add_plan(r->store, plan, &r->err));
    digest_begin(&digest);
    size_t count = strlen(n->cases) / trials;
    for (size_t i = 0; i < count; i++) {
        char content[2] = {n->contents == NULL ? 'a' : n->contents[i], '\0'};
        if (n->cases[i * trials] == '.') {
            continue;
        }
        struct plan_case c = {
            .ordinal = i,
            .id = arena_printf(&r->arena, "case-%02zu", i),
            .digest = digest_of(str_from(content)),
            .tags = i % 2 == 0 ? STR("[\"even\"]") : STR("[]"),
            .skip = n->cases[i * trials] == 's' ? STR("not now") : STR_NULL,
        };
        digest_add(&digest, c.id);
        digest_add(&digest, str_from(content));
        ok_at(r, "case", store_add_plan_case(r->store, plan->seq, &c, &r->err));
        plan->case_count++;
        plan->skipped_count += c.skip.ptr != NULL ? 1 : 0;
    }
    plan->plan_digest = digest_end(&digest);
    ok_at(r, "plan", store_finish_plan(r->store, plan, &r->err));
}

static void add_night(struct rig *r, const struct nightly *n)
{
    bool is_busy = false;
    uint32_t trials = n->trials == 0 ? 1 : n->trials;
    struct plan_record plan;
    r->now_ms += 86400000;
    struct invocation_record inv = {.id = id_random(),
                                    .started_unix_ms = r->now_ms,
                                    .labels = str_from(n->labels == NULL ? "{}" : n->labels),
                                    .is_full_selection = !n->is_part};
    struct dimension dimensions[2] = {
        {.name = STR("answer"),
         .type = TYPE_BINARY,
         .hi = 1,
         .direction = DIRECTION_HIGHER,
         .weight = 1,
         .threshold = 1},
        {.name = STR("took"), .kind = DIMENSION_MEASURE, .type = TYPE_UNBOUNDED, .direction = DIRECTION_LOWER},
    };
    dimensions[0].scorer.bytes[0] = (uint8_t)n->scorer;
    ok_at(r, "begin", store_begin(r->store, 0, &is_busy, &r->err));
    ok_at(r, "invocation", store_add_invocation(r->store, &inv, &r->err));
    add_plan(r, n, trials, inv.seq, &plan);
    struct str variant = str_from(n->variant == NULL ? "default" : n->variant);
    struct run_record run = {.invocation = inv.seq,
                             .plan = plan.seq,
                             .id = id_of_run(&inv.id, STR("s"), variant),
                             .suite = STR("s"),
                             .variant = variant,
                             .started_unix_ms = r->now_ms,
                             .dimensions = dimensions,
                             .dimension_count = 2,
                             .origin = n->is_rescored ? ORIGIN_RESCORED : ORIGIN_LOCAL,
                             .header = STR("{}")};
    run.root_span = id_of_root_span(&run.id);
    run.target_digest.bytes[0] = (uint8_t)n->target;
    ok_at(r, "run", store_add_run(r->store, &run, &r->err));
    for (size_t i = 0; n->cases[i] != '\0'; i++) {
        if (n->cases[i] != '.' && n->cases[i] != 's') {
            add_sample(r, &run, i / trials, (uint32_t)(i % trials) + 1, n->cases[i]);
        }
    }
    ok_at(r, "root",
          store_end_root(r->store, &run,
                         n->is_program ? STR("{\"target\":{\"command\":[\"x\"]}}")
                                       : STR("{\"target\":{\"replay\":\"x\"}}"),
                         STR("words"), STR("{}"), 5, NULL, 0, &r->err));
    inv.state = run.state = RUN_FINISHED;
    inv.finished_unix_ms = run.finished_unix_ms = r->now_ms + 1000;
    inv.verdict = run.verdict = n->verdict;
    ok_at(r, "end",
          store_update_run(r->store, &run, &r->err) && store_update_invocation(r->store, &inv, &r->err) &&
              store_commit(r->store, &r->err));
}

static bool look(struct rig *r, const struct str *stats, size_t count)
{
    struct history_in in = {.store = r->store,
                            .suite = STR("s"),
                            .variant = STR("default"),
                            .last = 100,
                            .stats = stats,
                            .stat_count = count,
                            .has_seed = true,
                            .seed = 1};
    return history_of(&in, &r->arena, &r->history, &r->err);
}

static const struct str ANSWER[] = {{"answer", 6}};

/* A series in words: "0.50/4 +0.25 |0.75/4 -": value, cases behind it, change to the one before, | where a stretch begins, - for no figure. */
static struct str series_text(struct rig *r, const struct history_series *s)
{
    struct buf text CLEANUP(buf_deinit) = BUF(4096);
    for (size_t i = 0; i < r->history.run_count; i++) {
        const struct history_point *p = &s->points[i];
        for (size_t j = 0; j < s->break_count; j++) {
            buf_append_cstr(&text, s->breaks[j].at == i ? "|" : "");
        }
        if (!p->has_value) {
            buf_append_cstr(&text, "- ");
            continue;
        }
        buf_printf(&text, "%.2f/%llu", p->value, (unsigned long long)p->n);
        buf_append_cstr(&text, p->has_change ? "" : "!");
        buf_append_cstr(&text, " ");
    }
    return arena_str(&r->arena, buf_str(&text));
}

static void test_nothing(void)
{
    struct rig r CLEANUP(rig_close) = {0};
    rig_open(&r);
    CHECK("no run", look(&r, ANSWER, 1));
    CHECK_INT("no run", r.history.run_count, 0);
    add_night(&r, &(struct nightly){.cases = "PF", .is_part = true});
    add_night(&r, &(struct nightly){.cases = "PF", .is_rescored = true});
    add_night(&r, &(struct nightly){.cases = "PF", .variant = "other"});
    CHECK("none of all cases", look(&r, ANSWER, 1));
    CHECK_INT("none of all cases", r.history.run_count, 0);
    add_night(&r, &(struct nightly){.cases = "ss"});
    CHECK("every case skipped", look(&r, ANSWER, 1));
    CHECK_CSTR("every case skipped", series_text(&r, &r.history.series[0]), "- ");
    add_night(&r, &(struct nightly){.cases = "EE", .verdict = VERDICT_FAILED});
    CHECK("every case errored", look(&r, ANSWER, 1));
    CHECK_CSTR("every case errored", series_text(&r, &r.history.series[0]), "- - ");
    CHECK_INT("missing", r.history.series[0].points[1].missing, 2);
}

/* What is in common, and where the series begins anew. */
static void test_stretches(void)
{
    static const struct {
        const char *name;
        struct nightly nights[4];
        const char *series, *why;
    } rows[] = {
        {"the same cases", {{"PPFF"}, {"PPPF"}, {"PPPP"}}, "0.50/4! 0.75/4 1.00/4 ", NULL},
        {"one of ten has other content",
         {{"FPPPPPPPPP", "aaaaaaaaaa"}, {"PPPPPPPPPF", "baaaaaaaaa"}},
         "1.00/9! 0.89/9 ",
         NULL},
        {"two of ten have",
         {{"FPPPPPPPPP", "aaaaaaaaaa"}, {"PPPPPPPPPF", "bbaaaaaaaa"}},
         "0.90/10! |0.90/10! ",
         "only 8 of 10 cases are those of before"},
        {"little by little, until too much is gone",
         {{"FPPPPPPPPP"}, {"PFPPPPPPPP", "baaaaaaaaa"}, {"PPFPPPPPPP", "bbaaaaaaaa"}},
         "0.90/10! |1.00/9! 0.89/9 ",
         "only 8 of 10 cases are those of before"},
        {"cases are gone", {{"PPFF"}, {"PP.."}}, "1.00/2! 1.00/2 ", NULL},
        {"cases are new", {{"PP.."}, {"PPFF"}}, "1.00/2! |0.50/4! ", "only 2 of 4 cases are those of before"},
        {"one is skipped now", {{"PPPPPPPPPF"}, {"PPPPPPPPPs", .suite_text = "t"}}, "1.00/9! 1.00/9 ", NULL},
        {"the scorer changed", {{"PPFF"}, {"PPPF", .scorer = 1}}, "0.50/4! |0.75/4! ", "its scorer changed"},
        {"the target and the text may change",
         {{"PPFF"}, {"PPPF", .target = 1, .suite_text = "t"}},
         "0.50/4! 0.75/4 ",
         NULL},
        {"an outage is in no figure, and breaks nothing",
         {{"PPFF"}, {"EEEP", .verdict = VERDICT_ERRORED}, {"PPPP"}},
         "0.50/4! - 1.00/4 ",
         NULL},
        {"a case that errored is not there", {{"PPFF"}, {"PPEF"}}, "0.50/4! 0.67/3 ", NULL},
        {"more trials make the same rate", {{"PPFF"}, {"PFPFPFFF", .trials = 2}}, "0.50/4! 0.38/4 ", NULL},
        {"two breaks",
         {{"PP", .scorer = 1}, {"PF", .scorer = 2}, {"FF", .scorer = 1}},
         "1.00/2! |0.50/2! |0.00/2! ",
         "its scorer changed"},
        {"a break behind an outage",
         {{"PPFF"}, {"EEEP", "bbbb", .verdict = VERDICT_ERRORED}, {"PPPP", "bbbb"}},
         "0.50/4! - |1.00/4! ",
         "only 0 of 4 cases are those of before"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r CLEANUP(rig_close) = {0};
        rig_open(&r);
        for (size_t j = 0; j < 4 && rows[i].nights[j].cases != NULL; j++) {
            add_night(&r, &rows[i].nights[j]);
        }
        ok_at(&r, rows[i].name, look(&r, ANSWER, 1));
        const struct history_series *s = &r.history.series[0];
        CHECK_CSTR(rows[i].name, series_text(&r, s), rows[i].series);
        CHECK_CSTR(rows[i].name, s->break_count > 0 ? s->breaks[0].why : STR("none"),
                   rows[i].why == NULL ? "none" : rows[i].why);
    }
}

static void test_differences(void)
{
    struct rig r CLEANUP(rig_close) = {0};
    rig_open(&r);
    add_night(&r, &(struct nightly){.cases = "PPPPPPPPPPPPPPPPPPPP"});
    add_night(&r, &(struct nightly){
                      .cases = "PPPPPPPPPPPPPPPPPPP.P", .contents = "baaaaaaaaaaaaaaaaaaaa", .suite_text = "t"});
    add_night(&r, &(struct nightly){.cases = "PPPPPPPPPPPPPPPPPPP.P",
                                    .contents = "baaaaaaaaaaaaaaaaaaaa",
                                    .suite_text = "t",
                                    .labels = "{\"commit\":\"abc\",\"branch\":\"main\",\"dirty\":\"yes\"}"});
    CHECK("look", look(&r, ANSWER, 1));
    const struct history_run *runs = r.history.runs;
    CHECK("the first differs from nothing", !runs[0].suite_changed && runs[0].cases_changed == 0);
    CHECK_INT("changed", runs[1].cases_changed, 1);
    CHECK_INT("new", runs[1].cases_added, 1);
    CHECK_INT("gone", runs[1].cases_removed, 1);
    CHECK("text", runs[1].suite_changed && !runs[2].suite_changed);
    CHECK_INT("nothing", runs[2].cases_changed + runs[2].cases_added + runs[2].cases_removed, 0);
    CHECK_INT("in common", runs[0].cases, 18);
    CHECK_CSTR("commit", runs[2].commit, "abc");
    CHECK_CSTR("branch", runs[2].branch, "main");
    CHECK("dirty", runs[2].tree == TREE_DIRTY && runs[1].tree == TREE_UNKNOWN && runs[1].commit.ptr == NULL);
}

/* Names of statistics: what they become, or the words with which they are refused. */
static void test_stats(void)
{
    static const struct {
        const char *name, *stat, *refused, *series;
    } rows[] = {
        {"answer", "answer.pass_rate", NULL, "0.50/4! 0.75/4 "},
        {"answer.mean", "answer.mean", NULL, "0.50/4! 0.75/4 "},
        {"took", "took.mean", NULL, "101.50/4! 101.50/4 "},
        {"took.p50", "took.p50", NULL, "101.00/4! 101.00/4 "},
        {"took.p95", "took.p95", NULL, "103.00/4! 103.00/4 "},
        {"answer[tag=even]", "answer.pass_rate[tag=even]", NULL, "0.50/2! 1.00/2 "},
        {"answer.pass@1", "answer.pass@1", NULL, "0.50/4! 0.75/4 "},
        {"pass_rate", "pass_rate", NULL, "0.50/4! 0.75/4 "},
        {"score", "score", NULL, "0.50/4! 0.75/4 "},
        {"latency_ms", "latency_ms.mean", NULL, "- - "},
        {"answer[tag=nobody]", "answer.pass_rate[tag=nobody]", NULL, "- - "},
        {"answr", NULL, "no dimension 'answr' in run", NULL},
        {"answr.mean", NULL, "it has: answer, took", NULL},
        {"took.pass_rate", NULL, "nothing passes or fails in 'took'", NULL},
        {"answer.median", NULL, "'answer.median'", NULL},
        {"answer.max", NULL, "cannot be followed", NULL},
        {"errors", NULL, "cannot be followed", NULL},
        {"answer.pass@2", NULL, "the run has 1 trials", NULL},
        {"answer[variant=x]", NULL, "a variant by --variant", NULL},
        {"answer.mean >= 1", NULL, "ends before '>='", NULL},
        {"", NULL, "no dimension ''", NULL},
        {"[", NULL, "no dimension ''", NULL},
        {"\x1b[2J", NULL, "no dimension", NULL},
    };
    struct rig r CLEANUP(rig_close) = {0};
    rig_open(&r);
    add_night(&r, &(struct nightly){.cases = "PPFF"});
    add_night(&r, &(struct nightly){.cases = "PPPF"});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str stat = str_from(rows[i].name);
        bool ok = look(&r, &stat, 1);
        CHECK(rows[i].name, ok == (rows[i].stat != NULL));
        if (!ok) {
            CHECK_INT(rows[i].name, r.err.kind, ERR_USAGE);
            CHECK_CONTAINS(rows[i].name, str_from(r.err.text), rows[i].refused == NULL ? "?" : rows[i].refused);
            continue;
        }
        CHECK_CSTR(rows[i].name, r.history.series[0].stat, rows[i].stat == NULL ? "" : rows[i].stat);
        CHECK_CSTR(rows[i].name, series_text(&r, &r.history.series[0]), rows[i].series == NULL ? "" : rows[i].series);
    }
    CHECK("by itself", look(&r, NULL, 0));
    CHECK_INT("one dimension passes: the whole sample says no more", r.history.series_count, 2);
    CHECK_CSTR("by itself", r.history.series[0].stat, "answer.pass_rate");
    CHECK_CSTR("by itself", r.history.series[1].stat, "took.mean");
}

/* Every interval is that of the method for what the numbers can be. */
static void test_intervals(void)
{
    struct rig r CLEANUP(rig_close) = {0};
    rig_open(&r);
    add_night(&r, &(struct nightly){.cases = "PPPFF"});
    add_night(&r, &(struct nightly){.cases = "PPPFPPPFFF", .trials = 2});
    static const struct str stats[] = {{"answer", 6}, {"took", 4}, {"took.p50", 8}};
    CHECK("look", look(&r, stats, 3));
    const struct history_series *s = r.history.series;
    CHECK_INT("one trial is yes or no", s[0].points[0].interval.how.method, METHOD_WILSON);
    CHECK_INT("two are a share", s[0].points[1].interval.how.method, METHOD_T);
    CHECK_INT("a measure", s[1].points[0].interval.how.method, METHOD_T);
    CHECK_INT("a quantile", s[2].points[0].interval.how.method, METHOD_ORDER);
    CHECK("of five there is no bound", !s[2].points[0].interval.has_lo && !s[2].points[0].interval.has_hi);
    CHECK_DOUBLE("3 of 5 by Wilson (R: binom::binom.wilson)", s[0].points[0].interval.lo, 0.2307, 0.0001);
    CHECK_CSTR("another number of trials is another quantile", s[2].breaks[0].why, "2 trials instead of 1");
    CHECK_INT("but no other mean", s[0].break_count + s[1].break_count, 0);
}

/* Ten nights around 0.9, ten around 0.6: found at the night, and only in stretches that are long enough. */
static void add_level(struct rig *r, struct rng *rng, size_t nights, double level, struct nightly like)
{
    for (size_t i = 0; i < nights; i++) {
        char cases[61];
        for (size_t j = 0; j < 60; j++) {
            cases[j] = rng_unit(rng) < level ? 'P' : 'F';
        }
        cases[60] = '\0';
        like.cases = cases;
        add_night(r, &like);
    }
}

static void test_changes(void)
{
    struct rig r CLEANUP(rig_close) = {0};
    struct rng rng;
    rng_seed(&rng, 3);
    rig_open(&r);
    add_level(&r, &rng, 4, 0.9, (struct nightly){0});
    CHECK("few", look(&r, ANSWER, 1) && r.history.series[0].change_count == 0 && r.history.series[0].is_too_short);
    add_level(&r, &rng, 6, 0.9, (struct nightly){0});
    CHECK("none", look(&r, ANSWER, 1) && r.history.series[0].change_count == 0 && !r.history.series[0].is_too_short);
    add_night(&r, &(struct nightly){.cases = "EEEE", .verdict = VERDICT_ERRORED});
    add_level(&r, &rng, 10, 0.6, (struct nightly){0});
    /* the outage's plan has other cases, so the nights before it are another stretch; the change cannot be seen across */
    CHECK("across a break", look(&r, ANSWER, 1) && r.history.series[0].change_count == 0);

    struct rig q CLEANUP(rig_close) = {0};
    rng_seed(&rng, 3);
    rig_open(&q);
    add_level(&q, &rng, 10, 0.9, (struct nightly){0});
    char outage[61];
    memset(outage, 'E', 60);
    outage[60] = '\0';
    add_night(&q, &(struct nightly){.cases = outage, .verdict = VERDICT_ERRORED});
    add_level(&q, &rng, 10, 0.6, (struct nightly){0});
    CHECK("look", look(&q, ANSWER, 1));
    const struct history_series *s = &q.history.series[0];
    CHECK_INT("one change", s->change_count, 1);
    CHECK_INT("at the first night behind the outage", s->changes[0].at, 11);
    CHECK("p", s->changes[0].p <= 0.01);
    CHECK_DOUBLE("before", s->changes[0].before, 0.9, 0.05);
    CHECK_DOUBLE("after", s->changes[0].after, 0.6, 0.05);
    struct buf first CLEANUP(buf_deinit) = BUF(1 << 20);
    struct buf again CLEANUP(buf_deinit) = BUF(1 << 20);
    struct json_writer w;
    json_writer_init(&w, &first);
    history_json(&w, &q.history);
    CHECK("look", look(&q, ANSWER, 1));
    json_writer_init(&w, &again);
    history_json(&w, &q.history);
    CHECK_STR("the same twice", buf_str(&again), buf_str(&first));
}

/* Flips: over the samples of one version only. rate: of case 0; NAN = it is not listed. */
static void test_flakes(void)
{
#define PROGRAM(commit) .is_program = true, .labels = "{\"commit\":\"" commit "\",\"dirty\":\"no\"}"
#define DIRTY .is_program = true, .labels = "{\"commit\":\"x\",\"dirty\":\"yes\"}"
    static const struct {
        const char *name;
        struct nightly nights[6];
        double flips; /* NAN = not known */
        uint64_t cases, listed;
        double rate;
    } rows[] = {
        {"one run, one trial", {{"PF"}}, NAN, 0, 0, NAN},
        {"two runs", {{"PF"}, {"FF"}}, 0.5, 2, 0, NAN},
        {"two trials", {{"PFFF", .trials = 2}}, 0.5, 2, 0, NAN},
        {"five runs, two of them pass", {{"PF"}, {"FF"}, {"FF"}, {"FF"}, {"PF"}}, 0.3, 2, 1, 0.6},
        {"one odd one is no flake", {{"PF"}, {"FF"}, {"FF"}, {"FF"}, {"FF"}}, 0.2, 2, 0, NAN},
        {"four are too few", {{"PF"}, {"FF"}, {"FF"}, {"PF"}}, 1.0 / 3, 2, 0, NAN},
        {"an error is no sample", {{"PF"}, {"FF"}, {"EF"}, {"FF"}, {"PF"}}, 1.0 / 3, 2, 0, NAN},
        {"another target is another version",
         {{"PF"}, {"PF"}, {"PF"}, {"FF", .target = 1}, {"FF", .target = 1}},
         0,
         4,
         0,
         NAN},
        {"versions in turns", {{"PF"}, {"FF", .target = 1}, {"PF"}, {"FF", .target = 1}, {"PF"}}, 0, 4, 0, NAN},
        {"other content", {{"PF"}, {"PF"}, {"PF"}, {"FF", "ba"}, {"FF", "ba"}}, 0, 3, 0, NAN},
        {"another scorer", {{"PF"}, {"PF"}, {"PF"}, {"FF", .scorer = 1}, {"FF", .scorer = 1}}, 0, 4, 0, NAN},
        {"a commit of a program",
         {{"PF", PROGRAM("x")}, {"PF", PROGRAM("x")}, {"PF", PROGRAM("x")}, {"FF", PROGRAM("y")}, {"FF", PROGRAM("y")}},
         0,
         4,
         0,
         NAN},
        {"one commit of a program",
         {{"PF", PROGRAM("x")}, {"FF", PROGRAM("x")}, {"PF", PROGRAM("x")}, {"FF", PROGRAM("x")}, {"FF", PROGRAM("x")}},
         0.3,
         2,
         1,
         0.6},
        {"of a target that is no program the commit says nothing",
         {{"PF", .labels = "{\"commit\":\"x\"}"}, {"FF", .labels = "{\"commit\":\"y\"}"}},
         0.5,
         2,
         0,
         NAN},
        {"a tree that is not clean is a version of its own", {{"PF", DIRTY}, {"FF", DIRTY}}, NAN, 0, 0, NAN},
        {"a dirty tree with two trials", {{"PFFF", .trials = 2, DIRTY}, {"PPFF", .trials = 2, DIRTY}}, 0.25, 4, 0, NAN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r CLEANUP(rig_close) = {0};
        rig_open(&r);
        for (size_t j = 0; j < 6 && rows[i].nights[j].cases != NULL; j++) {
            add_night(&r, &rows[i].nights[j]);
        }
        ok_at(&r, rows[i].name, look(&r, ANSWER, 1));
        const struct history_series *s = &r.history.series[0];
        CHECK(rows[i].name, s->has_flips == !isnan(rows[i].flips));
        CHECK_DOUBLE(rows[i].name, s->flips, isnan(rows[i].flips) ? 0 : rows[i].flips, 1e-12);
        CHECK_INT(rows[i].name, s->flip_cases, rows[i].cases);
        CHECK_INT(rows[i].name, s->flakes_total, rows[i].listed);
        CHECK_INT(rows[i].name, s->flake_count, rows[i].listed);
        if (s->flake_count > 0) {
            CHECK_CSTR(rows[i].name, s->flakes[0].case_id, "case-00");
            CHECK_DOUBLE(rows[i].name, s->flakes[0].rate, rows[i].rate, 1e-12);
            CHECK_INT(rows[i].name, s->flakes[0].pass_rate.how.method, METHOD_WILSON);
        }
    }
}

/* A case that passed for ten nights and failed for ten has changed; it is not flaky. */
static void test_change_is_no_flake(void)
{
    struct rig r CLEANUP(rig_close) = {0};
    rig_open(&r);
    for (size_t i = 0; i < 20; i++) {
        add_night(&r, &(struct nightly){.cases = i < 10       ? i % 2 == 0 ? "PPPPF" : "PPPPP"
                                                 : i % 3 == 0 ? "FFFPP"
                                                              : "FFFPF"});
    }
    CHECK("look", look(&r, ANSWER, 1));
    const struct history_series *s = &r.history.series[0];
    CHECK_INT("one change", s->change_count, 1);
    CHECK_INT("only the one that flips all the time", s->flakes_total, 2); /* once a level */
    for (size_t i = 0; i < s->flake_count; i++) {
        CHECK_CSTR("it", s->flakes[i].case_id, "case-04");
    }
    CHECK_INT("first level", s->flakes[0].first, 0);
    CHECK_INT("first level", s->flakes[0].last, 9);
}

/* More flaky cases than are kept: the worst ones stay, and all are counted. */
static void test_many_flakes(void)
{
    struct rig r CLEANUP(rig_close) = {0};
    rig_open(&r);
    char cases[501];
    for (size_t night = 0; night < 8; night++) {
        for (size_t i = 0; i < 500; i++) {
            cases[i] = night < 2 + i % 3 ? 'P' : 'F'; /* 2, 3 or 4 of 8 */
        }
        cases[500] = '\0';
        add_night(&r, &(struct nightly){.cases = cases, .target = 1});
    }
    CHECK("look", look(&r, ANSWER, 1));
    const struct history_series *s = &r.history.series[0];
    CHECK_INT("no change of level hides them", s->change_count, 0);
    CHECK_INT("all", s->flakes_total, 500);
    CHECK_INT("kept", s->flake_count, HISTORY_FLAKES_MAX);
    for (size_t i = 0; i < s->flake_count; i++) {
        CHECK_INT("the worst", s->flakes[i].passed, 4);
    }
    CHECK_CSTR("by name among equals", s->flakes[0].case_id, "case-02");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"nothing", test_nothing},
        {"stretches", test_stretches},
        {"differences between runs", test_differences},
        {"names of statistics", test_stats},
        {"intervals", test_intervals},
        {"changes of level", test_changes},
        {"flakes", test_flakes},
        {"a change is no flake", test_change_is_no_flake},
        {"many flakes", test_many_flakes},
    };
    return check_run("judge history", tests, ARRAY_LEN(tests));
}
