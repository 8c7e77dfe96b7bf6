#include "judge/planning.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/chance.h"
#include "judge/seen.h"
#include "judge/stat_names.h"
#include "stats/mde.h"
#include "stats/plan.h"
#include "tests/check.h"
#include "tests/judge/journal.h"

/* --- chances of false alarms -------------------------------------------------------------------------------------------------------------- */

static const struct stat_ref RATE = {.dimension = {"answer", 6}, .kind = STAT_PASS_RATE};
static const struct stat_ref MEAN = {.dimension = {"quality", 7}, .kind = STAT_MEAN};
static const struct stat_ref P90 = {.dimension = {"took", 4}, .kind = STAT_QUANTILE, .quantile = 0.9};

static struct seen rate_seen(uint64_t passed, uint64_t n, double noise)
{
    return (struct seen){
        .stat = &RATE,
        .type = {true, {true, 0, 1}},
        .mean = {.n = n, .mean = (double)passed / (double)n, .has_se = true, .se = 0.05, .df = (double)n - 1},
        .passed = passed,
        .trials = 1,
        .has_trial_noise = true,
        .noise = noise};
}

/* R 4.2 (base): p <- 43/52; pbinom(39, 50, p); pbinom(40, 50, p); 1 - pbinom(45, 50, p); 1 - pbinom(44, 50, p); pbinom(15, 20, 21/22). */
static void test_rates(void)
{
    static const struct {
        const char *name;
        uint64_t passed, n;
        enum gate_op op;
        double line, rate;
    } rows[] = {
        {"at least, and exactly holds", 42, 50, GATE_GE, 0.8, 0.238377044043215},
        {"above", 42, 50, GATE_GT, 0.8, 0.362160586509705},
        {"at most", 42, 50, GATE_LE, 0.9, 0.0512969576029686},
        {"below", 42, 50, GATE_LT, 0.9, 0.114860432586555},
        {"all right is no certainty", 20, 20, GATE_GE, 0.8, 0.00169381367105495},
        {"the line at the end", 20, 20, GATE_GE, 0, 0},
        {"more than there is", 20, 20, GATE_GT, 1, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct seen s = rate_seen(rows[i].passed, rows[i].n, 0);
        struct chance c = chance_of_line(&s, rows[i].op, rows[i].line);
        CHECK(rows[i].name, c.why_not.ptr == NULL);
        CHECK_DOUBLE(rows[i].name, c.rate, rows[i].rate, 1e-12);
    }
    struct seen s = rate_seen(42, 50, 0);
    CHECK("one number exactly", chance_of_line(&s, GATE_EQ, 0.8).why_not.ptr != NULL);
    s.why_not = STR("no case has a value");
    CHECK_CSTR("nothing seen", chance_of_line(&s, GATE_GE, 0.8).why_not, "no case has a value");
}

/* R: pbinom(17, 20, 20/22); pbinom(17, 20, 19/22); 1 - pbinom(17, 20, 17/22); pt(-2, 19); 1 - pt(1, 19). */
static void test_others(void)
{
    double sorted[20];
    for (int i = 0; i < 20; i++) {
        sorted[i] = i + 1;
    }
    struct seen s = {.stat = &P90,
                     .mean = {.n = 20, .mean = 10.5, .has_se = true, .se = 1, .df = 19},
                     .sorted = sorted,
                     .trials = 1};
    CHECK_DOUBLE("at most", chance_of_line(&s, GATE_LE, 19).rate, 0.271646222681696, 1e-12);
    CHECK_DOUBLE("below", chance_of_line(&s, GATE_LT, 19).rate, 0.526029287931396, 1e-12);
    CHECK_DOUBLE("at least", chance_of_line(&s, GATE_GE, 17).rate, 0.134345283687399, 1e-12);
    CHECK("against a baseline there is no formula", chance_of_change(&s, 1).why_not.ptr != NULL);
    s.mean.is_clustered = true;
    CHECK("in clusters neither", chance_of_line(&s, GATE_LE, 19).why_not.ptr != NULL);

    struct seen m = {.stat = &MEAN, .mean = {.n = 20, .mean = 5, .has_se = true, .se = 0.5, .df = 19}, .trials = 1};
    CHECK_DOUBLE("mean", chance_of_line(&m, GATE_GE, 4).rate, 0.0300010181930492, 1e-12);
    CHECK_DOUBLE("mean", chance_of_line(&m, GATE_LE, 5.5).rate, 0.164938400460563, 1e-12);
    m.mean.se = 0;
    CHECK_CSTR("constant", chance_of_line(&m, GATE_GE, 4).why_not, "all cases are alike");
    m.mean.has_se = false;
    CHECK_CSTR("one cluster", chance_of_line(&m, GATE_GE, 4).why_not, "one cluster holds all cases");
}

/* R: f <- function(n, phi, m) { s <- 0; for (D in 0:n) { w <- ceiling((D - m*n)/2 - 1e-9) - 1
 *    if (w >= 0) s <- s + dbinom(D, n, phi) * pbinom(min(w, D), D, .5) }; s };  f(200, .1, .02); f(200, .1, 0); f(200, .18, .02); pnorm(-.05/sqrt(.08/100)) */
static void test_changes(void)
{
    struct seen s = rate_seen(180, 200, 0.05);
    CHECK_DOUBLE("two points of 200, flips of a tenth", chance_of_change(&s, 0.02).rate, 0.155935349009477, 1e-12);
    CHECK_DOUBLE("no margin", chance_of_change(&s, 0).rate, 0.455196036980997, 1e-12);
    s.noise = 0.09;
    CHECK_DOUBLE("more flips", chance_of_change(&s, 0.02).rate, 0.22606752129129, 1e-12);
    s.noise = 0;
    CHECK_DOUBLE("no noise", chance_of_change(&s, 0.02).rate, 0, 0);
    CHECK_DOUBLE("no noise, no change is not below", chance_of_change(&s, 0).rate, 0, 0);
    CHECK_DOUBLE("and never better by a point", chance_of_change(&s, -0.01).rate, 1, 0);
    struct seen m = {.stat = &MEAN,
                     .mean = {.n = 100, .mean = 0.7},
                     .trials = 1,
                     .noise = 0.04,
                     .has_trial_noise = true,
                     .is_bound = true};
    CHECK_DOUBLE("normal", chance_of_change(&m, 0.05).rate, 0.0385499358717709, 1e-12);
    CHECK("said to be a bound", chance_of_change(&m, 0.05).is_bound);
    m.trials = 4;
    CHECK_DOUBLE("four trials", chance_of_change(&m, 0.025).rate, 0.0385499358717709, 1e-12);
}

static struct gate_expr parse(struct arena *arena, const char *text)
{
    struct gate_expr e = {0};
    size_t offset = 0;
    struct str hint = STR_NULL;
    struct err err = ERR_NULL;
    CHECK(text, gate_expr_parse(arena, str_from(text), &e, &offset, &hint, &err));
    return e;
}

static void test_gates(void)
{
    static const struct {
        const char *gate;
        double rate; /* NAN = none */
    } rows[] = {
        {"answer.pass_rate >= 87%", NAN},
        {"answer.pass_rate >= baseline - 0.02", 0.155935349009477},
        {"answer.pass_rate >= baseline * 0.98", 0.215622924453131}, /* 0.018 less: from 4 of 200 cases on, not 5 */
        {"answer.pass_rate <= baseline + 0.02", 0.155935349009477},
        {"answer.pass_rate >= baseline - 0.02 with 95% confidence", NAN},
        {"no regression of answer.pass_rate", NAN},
        {"answer.pass_rate >= answer.pass_rate[variant=b]", NAN},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct seen s = rate_seen(180, 200, 0.05);
    for (size_t i = 1; i < ARRAY_LEN(rows); i++) {
        struct gate_expr e = parse(&arena, rows[i].gate);
        struct chance c = chance_of_gate(&s, &e);
        CHECK(rows[i].gate, (c.why_not.ptr == NULL) == !isnan(rows[i].rate));
        CHECK_DOUBLE(rows[i].gate, c.rate, isnan(rows[i].rate) ? 0 : rows[i].rate, 1e-12);
    }
    struct gate_expr e = parse(&arena, "answer.pass_rate >= 87%");
    uint64_t cases = chance_cases(&s, &e, 0.05);
    CHECK("more cases", cases > 300 && cases < 450);
    e = parse(&arena, "answer.pass_rate >= 95%");
    CHECK_INT("the line is above the figure: none would do", chance_cases(&s, &e, 0.05), 0);
    e = parse(&arena, "answer.pass_rate >= baseline - 0.02");
    cases = chance_cases(&s, &e, 0.05);
    s.mean.n = cases;
    CHECK("so many do", cases > 200 && chance_of_gate(&s, &e).rate <= 0.05);
    s.mean.n = cases * 9 / 10;
    CHECK("a tenth fewer do not", chance_of_gate(&s, &e).rate > 0.05);
}

/* --- what runs show ----------------------------------------------------------------------------------------------------------------------- */

enum { CASES = 60 };

/* A journal of so many runs of one suite: each case's outcomes, a letter a run. */
struct nights {
    struct journal all[6];
    size_t count;
    struct journal_case cases[CASES];
    struct run_record runs[6];
    char texts[6][CASES][24];
};

static void nights_open(struct nights *n, size_t count, uint32_t trials,
                        const char *(*outcome)(size_t night, size_t at), bool in_clusters)
{
    *n = (struct nights){.count = count};
    for (size_t night = 0; night < count; night++) {
        static const char *const clusters[] = {"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"};
        for (size_t i = 0; i < CASES; i++) {
            n->cases[i] = (struct journal_case){.trials = {outcome(night, i)},
                                                .tags = i < 30 ? "[\"low\"]" : NULL,
                                                .cluster = in_clusters ? clusters[i / 6] : NULL};
        }
        struct journal_options options = {.trials = trials};
        char name[16] = {(char)('a' + night), '\0'};
        if (night == 0) {
            journal_open(&n->all[0], n->cases, CASES, options);
        } else {
            journal_open_beside(&n->all[night], &n->all[0], name, n->cases, CASES, options);
        }
        n->runs[night] = n->all[night].runs[0];
    }
}

static void nights_close(struct nights *n)
{
    for (size_t i = n->count; i-- > 0;) {
        journal_close(&n->all[i]);
    }
}

/* Every tenth case flips from night to night, every fifth always fails. */
static const char *flipping(size_t night, size_t at)
{
    return at % 10 == 3 ? (night % 2 == 0 ? "Pq0.5l10" : "Fq0.7l10") : at % 5 == 0 ? "Fq0.1l10" : "Pq0.9l10";
}

static const char *in_trials(size_t night, size_t at)
{
    (void)night;
    return at % 10 == 3 ? "Pq0.5 Fq0.7" : at % 5 == 0 ? "Fq0.1 Fq0.1" : "Pq0.9 Pq0.9";
}

static struct seen *see(struct nights *n, struct arena *arena, const char *const *names, size_t count,
                        size_t version_count)
{
    struct str texts[4];
    struct stat_ref *stats = NULL;
    size_t stat_count = 0;
    struct err err = ERR_NULL;
    struct seen *seen = NULL;
    for (size_t i = 0; i < count; i++) {
        texts[i] = str_from(names[i]);
    }
    CHECK("names",
          stat_names_read(&(struct stat_names){&n->runs[0], 2, texts, count}, arena, &stats, &stat_count, &err));
    const struct stat_ref **wanted = arena_array(arena, const struct stat_ref *, count);
    for (size_t i = 0; i < count; i++) {
        wanted[i] = &stats[i];
    }
    const struct seen_in in = {n->all[0].store, &n->runs[0], n->runs, version_count, wanted, count};
    CHECK("seen", seen_of(&in, arena, &seen, &err));
    return seen;
}

static void test_seen(void)
{
    static const char *const names[] = {"answer", "quality", "pass_rate", "answer[tag=low]"};
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct nights n CLEANUP(nights_close) = {.count = 0};
    nights_open(&n, 4, 1, flipping, false);
    struct seen *s = see(&n, &arena, names, 4, 4);
    CHECK_INT("cases", s[0].mean.n, 60);
    CHECK_INT("passed", s[0].passed, 48);
    CHECK_INT("of all", s[0].noise_cases, 60);
    CHECK_INT("runs", s[0].noise_runs, 4);
    /* two of four passed: 2 * 2 * 2 / (4 * 3) = 2/3 for 6 of 60 cases; half of that is the variance */
    CHECK_DOUBLE("flips of a tenth", 2 * s[0].noise, 0.1 * 2 / 3, 1e-12);
    CHECK_DOUBLE("the difference of two runs", seen_difference(&s[0], 1), 0.1 * 2 / 3, 1e-12);
    CHECK_DOUBLE("0.5 and 0.7 by turns", s[1].noise, 0.1 * 0.04 / 3, 1e-12);
    CHECK_DOUBLE("whole samples", s[2].noise, s[0].noise, 1e-15);
    CHECK_INT("a tag", s[3].mean.n, 30);
    CHECK("known", !s[0].is_bound && s[0].has_trial_noise && s[0].type.is_binary);

    s = see(&n, &arena, names, 4, 1);
    CHECK("one run tells nothing of noise", s[0].is_bound && s[1].is_bound);
    CHECK_DOUBLE("then it is all of the spread", s[0].noise, 0.8 * 0.2 * 60 / 59, 1e-12);
    s = see(&n, &arena, names, 1, 0);
    CHECK("the run itself counts without being named", s[0].noise_runs == 1);
}

static void test_seen_trials(void)
{
    static const char *const names[] = {"answer", "quality", "pass_rate", "answer.pass@1"};
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct nights n CLEANUP(nights_close) = {.count = 0};
    nights_open(&n, 1, 2, in_trials, false);
    struct seen *s = see(&n, &arena, names, 4, 1);
    CHECK("a share of trials", s[0].has_trial_noise && !s[0].type.is_binary && !s[0].is_bound);
    CHECK_DOUBLE("of one trial", s[0].noise, 0.1 * 0.5, 1e-12);
    CHECK_DOUBLE("of two runs of two trials", seen_difference(&s[0], 2), 0.1 * 0.5, 1e-12);
    CHECK_DOUBLE("of eight", seen_difference(&s[0], 8), 0.1 * 0.5 / 4, 1e-12);
    CHECK_DOUBLE("quality", s[1].noise, 0.1 * 0.02, 1e-12);
    CHECK("cases that pass are no mean of trials", !s[2].has_trial_noise && s[2].is_bound);
    CHECK("nor is pass@k", !s[3].has_trial_noise);
}

static void test_seen_clusters(void)
{
    static const char *const names[] = {"answer"};
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct nights n CLEANUP(nights_close) = {.count = 0};
    nights_open(&n, 1, 1, flipping, true);
    struct seen *s = see(&n, &arena, names, 1, 1);
    CHECK("clustered", s[0].mean.is_clustered && s[0].mean.clusters == 10);
    CHECK_DOUBLE("sizes", s[0].squared_sizes, 10 * 36, 1e-12);
    CHECK_DOUBLE("cost", seen_design_effect(&s[0]), 1 + 5 * s[0].icc, 1e-12);
}

/* --- answers ------------------------------------------------------------------------------------------------------------------------------ */

static const struct planned *find_item(const struct planning *p, const char *asked)
{
    for (size_t i = 0; i < p->stat_count; i++) {
        for (size_t j = 0; j < p->stats[i].item_count; j++) {
            if (str_eq_cstr(p->stats[i].items[j].asked, asked)) {
                return &p->stats[i].items[j];
            }
        }
    }
    CHECK(asked, false);
    return NULL;
}

/* One statistic, with the noise of four nights. */
static struct planning_in asked(const struct nights *n, const struct stat_ref *stat)
{
    return (struct planning_in){.store = n->all[0].store,
                                .run = &n->runs[0],
                                .version = n->runs,
                                .version_count = 4,
                                .stats = stat,
                                .stat_count = 1,
                                .power = 0.8,
                                .confidence = 0.95};
}

static void test_answers(void)
{
    static const char *const gates[] = {
        "answer.pass_rate >= 70% with 95% confidence",
        "answer.pass_rate >= 90% with 95% confidence",
        "answer.pass_rate >= 75%",
        "no regression of answer.pass_rate beyond 0.03",
        "answer.pass_rate >= baseline - 0.05 with 95% confidence",
        "answer.pass_rate >= baseline with 95% confidence",
        "answer.pass_rate >= baseline - 0.02",
        "latency_ms.p95 <= 20 with 95% confidence",
        "latency_ms.p95 <= 20",
        "errors <= 2",
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct nights n CLEANUP(nights_close) = {.count = 0};
    nights_open(&n, 4, 1, flipping, false);
    struct gate parsed[ARRAY_LEN(gates)];
    for (size_t i = 0; i < ARRAY_LEN(gates); i++) {
        parsed[i] = (struct gate){.expr = parse(&arena, gates[i])};
    }
    struct str name = STR("answer");
    struct stat_ref *stats = NULL;
    size_t stat_count = 0;
    struct err err = ERR_NULL;
    CHECK("names", stat_names_read(&(struct stat_names){&n.runs[0], 1, &name, 1}, &arena, &stats, &stat_count, &err));
    struct planning_in in = asked(&n, stats);
    in.gates = parsed;
    in.gate_count = ARRAY_LEN(gates);
    struct planning p;
    CHECK("plan", planning_of(&in, &arena, &p, &err));
    double flips = 0.1 * 2 / 3;
    CHECK_INT("claims: two thresholds, a regression, two margins, a quantile", p.claims, 6);
    const struct planned *item = find_item(&p, "a drop of 2 points");
    CHECK_INT("a drop", item->cases, plan_pairs(flips, 0.02, 0.05 / 6, 0.8, &arena).cases);
    CHECK_CONTAINS("a drop", item->answer, "to see a drop of 2 points with 80% power takes ");
    CHECK_CONTAINS("a drop", item->answer, " trials of each of the 60; the 60 can see a drop of ");
    CHECK("it could see more", item->has_could && item->could > 0.02);
    item = find_item(&p, gates[0]);
    CHECK_INT("a claim", item->cases, plan_rate(0.7, 0.8, 0.05, 0.8).cases);
    item = find_item(&p, gates[1]);
    CHECK_CONTAINS("a claim that is not so", item->answer, "it is 80% now, so no number of cases shows it");
    item = find_item(&p, gates[2]);
    CHECK("a plain one", item->has_alarm && item->alarm > 0.05 && item->cases > 60);
    CHECK_CONTAINS("a plain one", item->answer, "makes no allowance for chance: with 60 cases it fails ");
    item = find_item(&p, gates[3]);
    CHECK_INT("two points beyond the margin", item->cases, plan_margin(flips, 0.05, 0.03, 0.05 / 6, 0.8).cases);
    item = find_item(&p, gates[4]);
    CHECK_INT("non-inferiority is not adjusted", item->cases, plan_margin(flips, 0, 0.05, 0.05, 0.8).cases);
    CHECK_CONTAINS("without a margin", find_item(&p, gates[5])->answer, "without a margin");
    CHECK("plain against a baseline", find_item(&p, gates[6])->has_alarm);
    CHECK_INT("a quantile", find_item(&p, gates[7])->cases, 59);
    CHECK("a plain quantile", find_item(&p, gates[8])->has_alarm);
    in.has_drop = true;
    in.drop = 0.02;
    CHECK("plan", planning_of(&in, &arena, &p, &err));
    CHECK_CONTAINS("within the margin", find_item(&p, gates[3])->answer, "a drop of 2 points is within its margin");
    in.trials = 5;
    in.drop = 0.04;
    CHECK("plan", planning_of(&in, &arena, &p, &err));
    item = find_item(&p, "a drop of 4 points");
    CHECK_INT("five trials of each", item->cases, plan_mean(sqrt(flips / 5), 0.04, 0.05 / 6, 0.8).cases);
}

/* One case of sixty is a tenth better or worse. */
static const char *steady(size_t night, size_t at)
{
    return at == 7 && night % 2 == 0 ? "Pq0.9l10" : "Pq1l10";
}

/* What comes to scores that are nearly all alike are cases that fall, not a little less of each. */
static void test_steady(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct nights n CLEANUP(nights_close) = {.count = 0};
    nights_open(&n, 4, 1, steady, false);
    struct str name = STR("quality");
    struct stat_ref *stats = NULL;
    size_t stat_count = 0;
    struct err err = ERR_NULL;
    CHECK("names", stat_names_read(&(struct stat_names){&n.runs[0], 1, &name, 1}, &arena, &stats, &stat_count, &err));
    struct planning_in in = asked(&n, stats);
    in.has_drop = true;
    in.drop = 0.05;
    struct planning p;
    CHECK("plan", planning_of(&in, &arena, &p, &err));
    const char *const names[] = {"quality.mean"};
    double variance = seen_difference(see(&n, &arena, names, 1, 4), 1);
    const struct planned *item = find_item(&p, "a drop of 5 points");
    CHECK_INT("cases", item->cases, plan_mean(sqrt(variance + 0.05 - 0.0025), 0.05, 0.05, 0.8).cases);
    struct mde_falls falls = {sqrt(variance / CASES), CASES - 1, CASES, 1};
    CHECK_DOUBLE("what sixty see", item->could, mde_falls(&falls, 0, 0.05, 0.8), 1e-12);
    CHECK("it is not the noise of a tenth in sixty", item->could > 0.1);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"rates", test_rates},
        {"quantiles and means", test_others},
        {"changes", test_changes},
        {"gates", test_gates},
        {"what runs show", test_seen},
        {"what trials show", test_seen_trials},
        {"clusters", test_seen_clusters},
        {"answers", test_answers},
        {"nearly constant", test_steady},
    };
    return check_run("judge planning", tests, ARRAY_LEN(tests));
}
