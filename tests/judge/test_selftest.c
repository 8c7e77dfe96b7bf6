#include "judge/selftest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "data/json.h"
#include "judge/selftest_json.h"
#include "tests/check.h"
#include "tests/judge/journal.h"

enum { CASES_MAX = 400, RUNS_MAX = 3, TEXT_BYTES = 96 };

/* Runs of one suite, made of letters: cases[run][case] are the trials of a case, one behind the other. */
struct rig {
    struct arena arena;
    struct journal journals[RUNS_MAX];
    size_t count;
    struct journal_case cases[CASES_MAX];
    char texts[CASES_MAX][TEXT_BYTES];
    struct run_record runs[RUNS_MAX][JOURNAL_RUNS];
    struct selftest_source sources[RUNS_MAX];
    struct suite suite;
    struct selftest_in in;
    struct selftest ret;
    struct err err;
};

struct made {
    size_t runs, cases;
    uint32_t trials;
    const char *(*outcome)(struct rng *rng, size_t run, size_t at, uint32_t trial); /* "P", "Fl20", "E" */
    size_t cluster;                                                                 /* size of the clusters; 0 = none */
    const char *(*tags)(size_t at);
    const char *const *variants;
    size_t variant_count;
};

static uint64_t next_seed = 7;

static void rig_open(struct rig *r, const struct made *m)
{
    struct rng rng;
    memset(r, 0, sizeof(*r));
    rng_seed(&rng, next_seed++);
    r->count = m->runs;
    for (size_t run = 0; run < m->runs; run++) {
        for (size_t i = 0; i < m->cases; i++) {
            struct buf text CLEANUP(buf_deinit) = BUF(TEXT_BYTES - 1);
            for (uint32_t t = 0; t < m->trials; t++) {
                buf_printf(&text, "%s%s", t == 0 ? "" : " ", m->outcome(&rng, run, i, t));
            }
            (void)snprintf(r->texts[i], TEXT_BYTES, "%.*s", STR_ARG(buf_str(&text)));
            r->cases[i] = (struct journal_case){.tags = m->tags == NULL ? NULL : m->tags(i)};
            r->cases[i].cluster = m->cluster == 0 ? NULL : arena_printf(&r->arena, "k%zu", i / m->cluster).ptr;
            for (size_t v = 0; v < JOURNAL_RUNS; v++) {
                r->cases[i].trials[v] = r->texts[i];
            }
        }
        struct journal_options options = {
            .trials = m->trials, .variants = m->variants, .variant_count = m->variant_count};
        char name[16];
        (void)snprintf(name, sizeof(name), "run-%zu", run);
        if (run == 0) {
            journal_open(&r->journals[0], r->cases, m->cases, options);
        } else {
            journal_open_beside(&r->journals[run], &r->journals[0], name, r->cases, m->cases, options);
        }
        for (size_t v = 0; v < r->journals[run].run_count; v++) {
            r->runs[run][v] = r->journals[run].runs[v];
            r->runs[run][v].state = RUN_FINISHED;
        }
        r->sources[run] = (struct selftest_source){r->journals[0].store, r->runs[run], r->journals[run].run_count};
    }
    r->in = (struct selftest_in){.sources = r->sources,
                                 .source_count = m->runs,
                                 .suite = &r->journals[0].suite,
                                 .draws = 1000,
                                 .has_seed = true,
                                 .seed = 1};
}

static void rig_close(struct rig *r)
{
    for (size_t i = r->count; i-- > 0;) {
        journal_close(&r->journals[i]);
    }
    arena_deinit(&r->arena);
}

static void gate(struct rig *r, const char *text)
{
    journal_gate(&r->journals[0], text, GATE_FAIL);
}

static bool test(struct rig *r)
{
    r->err = ERR_NULL;
    bool ok = selftest_of(&r->in, &r->arena, &r->ret, &r->err);
    CHECK(r->err.text, ok == (r->err.kind == ERR_NONE));
    return ok;
}

static const struct selftest_gate *gate_of(const struct rig *r, const char *text)
{
    static const struct selftest_gate nothing;
    for (size_t i = 0; i < r->ret.gate_count; i++) {
        if (str_eq_cstr(r->ret.gates[i].text, text)) {
            return &r->ret.gates[i];
        }
    }
    CHECK(text, false);
    return &nothing;
}

static double rate(const struct selftest_gate *g)
{
    return g->judged == 0 ? -1 : (double)g->alarms / (double)g->judged;
}

/* Nine of ten pass; a tenth of the cases flips between the two runs, one way or the other. */
static const char *flipping(struct rng *rng, size_t run, size_t at, uint32_t trial)
{
    (void)rng;
    (void)trial;
    if (at % 10 == 0) {
        return (run + at / 10) % 2 == 0 ? "Pq0.8" : "Fq0.6";
    }
    return at % 20 == 1 ? "Fq0.2" : "Pq0.9";
}

/* The promise of the gates: with 95 % confidence at most one alarm in twenty, of a plain gate what its formula says. */
static void test_rates(void)
{
    static const char *const plain = "answer.mean >= baseline - 0.02";
    static const char *const regression = "no regression of answer.mean";
    static const char *const margin = "no regression of answer.mean beyond 0.02";
    static const char *const claim = "answer.mean >= baseline - 0.08 with 95% confidence";
    static const char *const quality = "no regression of quality.mean";
    static const char *const line = "answer.pass_rate >= 88%";
    static struct rig r;
    rig_open(&r, &(struct made){2, 200, 1, flipping, 0, NULL, NULL, 0});
    gate(&r, plain);
    gate(&r, regression);
    gate(&r, margin);
    gate(&r, claim);
    gate(&r, quality);
    gate(&r, line);
    r.in.draws = 1200;
    CHECK("test", test(&r));
    /* 20 of 200 cases differ, each lost or won by a coin: P(lost - won > 4) = P(Bin(20, 1/2) <= 7), R: pbinom(7, 20, .5) */
    CHECK_DOUBLE(plain, rate(gate_of(&r, plain)), 0.1315880, 0.03);
    CHECK("named", gate_of(&r, plain)->is_too_often && gate_of(&r, plain)->example.len > 0);
    CHECK_DOUBLE("its level", gate_of(&r, plain)->alpha, 0.05, 0);
    CHECK("with three others it shares the chance of a false alarm", rate(gate_of(&r, regression)) <= 0.05);
    CHECK("not named", !gate_of(&r, regression)->is_too_often);
    CHECK(margin, rate(gate_of(&r, margin)) <= 0.01);
    CHECK(quality, rate(gate_of(&r, quality)) <= 0.06);
    CHECK(claim, rate(gate_of(&r, claim)) <= 0.01 && gate_of(&r, claim)->passes > 960);
    const struct selftest_gate *g = gate_of(&r, line);
    CHECK("cases are drawn anew", g->is_drawn_anew && !gate_of(&r, plain)->is_drawn_anew);
    /* the rate is 0.9 or so: P(Bin(200, 0.9) < 176), R: pbinom(175, 200, .9) = 0.1449 */
    CHECK_DOUBLE(line, rate(g), 0.1449, 0.04);
    CHECK("the whole fails where any does", r.ret.failed >= gate_of(&r, plain)->alarms && r.ret.failed >= g->alarms);
    CHECK("and not more often than all together", r.ret.failed <= 1200);
    CHECK_INT("all have a verdict", r.ret.no_verdict, 0);
    CHECK_INT("cases", r.ret.cases, 200);
    CHECK_INT("method", g->alarm_interval.how.method, METHOD_BINOMIAL);
    /* McNemar's mid-p of 20 pairs: pbinom(5, 20, .5) + dbinom(6, 20, .5)/2 = 0.039, so 6 won alarm: pbinom(6, 20, .5) = 0.0577 */
    journal_clear_gates(&r.journals[0]);
    gate(&r, regression);
    CHECK("test", test(&r));
    CHECK_DOUBLE("alone", rate(gate_of(&r, regression)), 0.0577, 0.02);
    rig_close(&r);
}

/* Every case a coin of its own: over pairs of runs that are really drawn anew the promise holds, 12 pairs and 100 draws of each. */
static const char *drawn(struct rng *rng, size_t run, size_t at, uint32_t trial)
{
    (void)run;
    (void)at;
    (void)trial;
    return rng_below(rng, 20) == 0 ? "F" : "P";
}

static void test_promise(void)
{
    static struct rig r;
    uint64_t alarms = 0;
    uint64_t plain = 0;
    for (uint64_t pair = 0; pair < 12; pair++) {
        rig_open(&r, &(struct made){2, 200, 1, drawn, 0, NULL, NULL, 0});
        gate(&r, "no regression of answer.mean");
        gate(&r, "answer.mean >= baseline - 0.02");
        r.in.draws = 100;
        r.in.seed = pair;
        CHECK("test", test(&r));
        alarms += gate_of(&r, "no regression of answer.mean")->alarms;
        plain += gate_of(&r, "answer.mean >= baseline - 0.02")->alarms;
        rig_close(&r);
    }
    CHECK("one in twenty at most", alarms <= 1200 * 7 / 100);
    CHECK("the plain one about one in seven", plain > 1200 * 8 / 100 && plain < 1200 * 24 / 100);
}

static void test_seed(void)
{
    static struct rig r;
    struct buf texts[3] = {BUF(1 << 20), BUF(1 << 20), BUF(1 << 20)};
    rig_open(&r, &(struct made){2, 50, 1, flipping, 0, NULL, NULL, 0});
    gate(&r, "answer.mean >= baseline - 0.02");
    gate(&r, "answer.mean >= 0.9");
    r.in.draws = 200;
    for (size_t i = 0; i < 3; i++) {
        struct json_writer w;
        r.in.seed = i < 2 ? 5 : 6;
        CHECK("test", test(&r));
        json_writer_init(&w, &texts[i]);
        selftest_json(&w, &r.ret);
    }
    CHECK_STR("one seed", buf_str(&texts[1]), buf_str(&texts[0]));
    CHECK("another", !str_eq(buf_str(&texts[2]), buf_str(&texts[0])));
    r.in.has_seed = false;
    CHECK("from the run's id", test(&r) && r.ret.seed != 6);
    for (size_t i = 0; i < 3; i++) {
        buf_deinit(&texts[i]);
    }
    rig_close(&r);
}

/* Trials of a case: heads or tails in a third of the cases. */
static const char *coins(struct rng *rng, size_t run, size_t at, uint32_t trial)
{
    (void)run;
    (void)trial;
    return at % 3 == 0 && rng_below(rng, 2) == 0 ? "F" : "P";
}

static void test_halves(void)
{
    static struct rig r;
    rig_open(&r, &(struct made){1, 120, 5, coins, 0, NULL, NULL, 0});
    gate(&r, "answer.pass_rate >= baseline - 0.02");
    gate(&r, "no regression of answer.pass_rate");
    gate(&r, "samples >= 600");
    CHECK("test", test(&r));
    CHECK("two trials in a half, one left out", r.ret.is_halves && r.ret.trials == 5 && r.ret.half == 2);
    const struct selftest_gate *g = gate_of(&r, "answer.pass_rate >= baseline - 0.02");
    CHECK("it alarms", g->alarms > 50 && g->alarms < 500);
    CHECK("with confidence hardly", rate(gate_of(&r, "no regression of answer.pass_rate")) <= 0.065);
    CHECK_INT("against a number all trials count", gate_of(&r, "samples >= 600")->alarms, 0);
    rig_close(&r);
}

/* --- what is no A/A test ------------------------------------------------------------------------------------------------------------------ */

static void refused(struct rig *r, const char *name, const char *words)
{
    CHECK(name, !test(r));
    CHECK_INT(name, r->err.kind, ERR_USAGE);
    CHECK_CONTAINS(name, str_from(r->err.text), words);
}

static void test_refused(void)
{
    static struct rig r;
    rig_open(&r, &(struct made){3, 20, 1, flipping, 0, NULL, NULL, 0});
    gate(&r, "answer.mean >= 0.5");
    r.in.draws = 3;
    CHECK("three runs", test(&r) && r.ret.run_count == 3);
    r.in.source_count = 1;
    refused(&r, "one run with one trial", "says nothing of chance");
    r.in.source_count = 2;
    struct run_record kept = r.runs[1][0];
    r.runs[1][0] = r.runs[0][0];
    refused(&r, "the same twice", "is named twice");
    r.runs[1][0] = kept;
    r.runs[1][0].target_digest.bytes[0] = 9;
    refused(&r, "another target", "their targets differ");
    r.runs[1][0] = kept;
    r.runs[1][0].suite = STR("other");
    refused(&r, "another suite", "their suites or variants differ");
    r.runs[1][0] = kept;
    struct dimension dimensions[JOURNAL_DIMENSIONS];
    memcpy(dimensions, kept.dimensions, sizeof(dimensions));
    dimensions[1].scorer.bytes[0] = 9;
    r.runs[1][0].dimensions = dimensions;
    refused(&r, "another scorer", "their scorers differ");
    r.runs[1][0] = kept;
    r.runs[1][0].state = RUN_INTERRUPTED;
    refused(&r, "not finished", "did not finish");
    r.runs[1][0] = kept;
    r.sources[1].run_count = 0;
    refused(&r, "other variants", "do not have the same variants");
    rig_close(&r);
}

static void test_other_cases(void)
{
    static struct rig r;
    static struct journal other;
    rig_open(&r, &(struct made){1, 20, 1, flipping, 0, NULL, NULL, 0});
    gate(&r, "cases >= 18");
    r.in.draws = 3;
    r.in.source_count = 2;
    for (size_t changed = 2; changed < 4; changed++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "other-%zu", changed);
        for (size_t i = 0; i < 20; i++) {
            r.cases[i].content = i < changed ? "other content" : NULL;
        }
        journal_open_beside(&other, &r.journals[0], name, r.cases, 20, (struct journal_options){0});
        struct run_record run = other.runs[0];
        run.state = RUN_FINISHED;
        r.sources[1] = (struct selftest_source){r.journals[0].store, &run, 1};
        if (changed == 2) {
            CHECK("two of twenty are left out", test(&r) && r.ret.cases == 18 && r.ret.left_out == 4);
            CHECK_INT("the others are judged", gate_of(&r, "cases >= 18")->passes, 3);
        } else {
            refused(&r, "three are too many", "only 17 of 20 cases");
        }
        journal_close(&other);
    }
    rig_close(&r);
}

/* --- tags, clusters, variants, errors ------------------------------------------------------------------------------------------------------- */

static const char *rare(size_t at)
{
    return at < 3 ? "[\"rare\"]" : "[]";
}

static void test_strata(void)
{
    static struct rig r;
    rig_open(&r, &(struct made){2, 60, 1, flipping, 0, rare, NULL, 0});
    gate(&r, "answer.count[tag=rare] >= 3");
    gate(&r, "answer.count >= 60");
    gate(&r, "answer.count <= 60");
    r.in.draws = 300;
    CHECK("test", test(&r));
    for (size_t i = 0; i < r.ret.gate_count; i++) {
        CHECK_INT("as many cases of each tag as there are", r.ret.gates[i].alarms, 0);
    }
    rig_close(&r);
}

static void test_clusters(void)
{
    static struct rig r;
    rig_open(&r, &(struct made){2, 100, 1, flipping, 5, NULL, NULL, 0});
    gate(&r, "no regression of answer.mean");
    gate(&r, "answer.mean >= 85%");
    gate(&r, "answer.count[cluster=k3] >= 5");
    gate(&r, "answer.count[cluster=k3] <= 5");
    CHECK("test", test(&r));
    CHECK_INT("clusters", r.ret.clusters, 20);
    CHECK("whole clusters are swapped", rate(gate_of(&r, "no regression of answer.mean")) <= 0.08);
    CHECK("and drawn", gate_of(&r, "answer.mean >= 85%")->judged == 1000);
    CHECK_INT("one that a gate names always comes once", gate_of(&r, "answer.count[cluster=k3] >= 5")->alarms, 0);
    CHECK_INT("and no more", gate_of(&r, "answer.count[cluster=k3] <= 5")->alarms, 0);
    rig_close(&r);
}

static void test_variants(void)
{
    static const char *const names[] = {"small", "large"};
    static struct rig r;
    rig_open(&r, &(struct made){2, 40, 1, flipping, 0, NULL, names, 2});
    gate(&r, "answer.mean >= baseline - 0.02");
    gate(&r, "answer.mean[variant=large] >= answer.mean[variant=small] - 0.5");
    r.in.draws = 100;
    CHECK("test", test(&r));
    CHECK_INT("once for each variant, and one for both", r.ret.gate_count, 3);
    CHECK_CSTR("each", r.ret.gates[0].variant, "small");
    CHECK_CSTR("each", r.ret.gates[1].variant, "large");
    CHECK_INT("judged", r.ret.gates[1].judged, 100);
    rig_close(&r);
}

static const char *with_errors(struct rng *rng, size_t run, size_t at, uint32_t trial)
{
    (void)rng;
    (void)trial;
    return at == 3 && run == 0 ? "E" : at % 4 == 0 ? "F" : "P";
}

static void test_errors(void)
{
    static struct rig r;
    rig_open(&r, &(struct made){2, 30, 1, with_errors, 0, NULL, NULL, 0});
    gate(&r, "answer.mean >= baseline - 0.5");
    r.in.draws = 400;
    CHECK("test", test(&r));
    CHECK("with the error on this side there is no verdict", r.ret.no_verdict > 120 && r.ret.no_verdict < 280);
    CHECK_INT("such draws are judged in nothing", gate_of(&r, "answer.mean >= baseline - 0.5")->judged,
              400 - r.ret.no_verdict);
    CHECK_INT("nor have they failed", r.ret.failed, 0);
    rig_close(&r);
}

static void test_no_gates(void)
{
    static struct rig r;
    rig_open(&r, &(struct made){2, 30, 1, flipping, 0, NULL, NULL, 0});
    r.in.draws = 5;
    CHECK("no gate, no alarm", test(&r) && r.ret.gate_count == 0 && r.ret.failed == 0);
    rig_close(&r);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"rates", test_rates},   {"promise", test_promise},         {"seed", test_seed},
        {"halves", test_halves}, {"what is no test", test_refused}, {"other cases", test_other_cases},
        {"strata", test_strata}, {"clusters", test_clusters},       {"variants", test_variants},
        {"errors", test_errors}, {"no gates", test_no_gates},
    };
    return check_run("judge selftest", tests, ARRAY_LEN(tests));
}
