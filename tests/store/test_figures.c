#include "base/rng.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

static void check_same(const struct sample_record *got, const struct sample_record *want, struct figure_fields fields)
{
    CHECK_INT("ordinal", got->ordinal, want->ordinal);
    CHECK_INT("trial", got->trial, want->trial);
    CHECK_INT("state", got->state, want->state);
    CHECK_INT("pass", got->pass, want->pass);
    CHECK_INT("has score", got->has_score, want->has_score);
    CHECK_DOUBLE("score", got->score, want->score, 0);
    CHECK_INT("scores", got->score_count, want->score_count);
    if (fields.cases) {
        CHECK_STR("case", got->case_id, want->case_id);
        CHECK("digest", digest_eq(&got->case_digest, &want->case_digest));
        CHECK_STR("tags", got->tags, want->tags);
        CHECK_STR("cluster", got->cluster, want->cluster);
        CHECK_INT("cluster", got->cluster.ptr == NULL, want->cluster.ptr == NULL);
    }
    if (fields.measures) {
        CHECK_INT("has latency", got->measures.has_latency, want->measures.has_latency);
        CHECK_DOUBLE("latency", got->measures.latency_ms, want->measures.latency_ms, 0);
        CHECK_INT("has cost", got->measures.has_cost, want->measures.has_cost);
        CHECK_DOUBLE("cost", got->measures.cost_usd, want->measures.cost_usd, 0);
        CHECK_INT("has tokens", got->measures.has_output_tokens, want->measures.has_output_tokens);
    }
    for (size_t i = 0; i < got->score_count && i < want->score_count; i++) {
        CHECK_INT("dimension", got->scores[i].dimension, want->scores[i].dimension);
        CHECK_INT("outcome", got->scores[i].outcome, want->scores[i].outcome);
        CHECK_DOUBLE("value", got->scores[i].value, want->scores[i].value, 0);
        CHECK_INT("has unit", got->scores[i].has_unit, want->scores[i].has_unit);
        CHECK_DOUBLE("unit", got->scores[i].unit, want->scores[i].unit, 0);
        CHECK_STR("answered", got->scores[i].answered, want->scores[i].answered);
        CHECK_STR("wanted", got->scores[i].wanted, want->scores[i].wanted);
        CHECK_INT("wanted", got->scores[i].wanted.ptr == NULL, want->scores[i].wanted.ptr == NULL);
    }
}

/* The narrow cursor gives what the whole one gives. */
static void check_cursors(struct fixture *f, struct figure_fields fields, size_t count)
{
    struct sample_cursor narrow CLEANUP(sample_cursor_close) = {0};
    struct sample_cursor whole CLEANUP(sample_cursor_close) = {0};
    CHECK("narrow", store_figures(f->store, f->run.seq, fields, &narrow, &f->err));
    CHECK("whole", store_samples(f->store, f->run.seq, (struct sample_filter){0}, &whole, &f->err));
    size_t seen = 0;
    for (bool has = true; has; seen += has ? 1 : 0) {
        struct sample_record got;
        struct sample_record want;
        bool has_want = false;
        CHECK("next", narrow.next(&narrow, &has, &got, &f->err));
        CHECK("next", whole.next(&whole, &has_want, &want, &f->err));
        CHECK("both or none", has == has_want);
        if (!has || !has_want) {
            break;
        }
        check_same(&got, &want, fields);
    }
    CHECK_INT("all", seen, count);
}

static void add_random(struct fixture *f, struct rng *rng, uint64_t ordinal, uint32_t trial, uint32_t attempt)
{
    struct sample_record s = fixture_sample(f, &f->run, ordinal, trial);
    uint64_t draw = rng_below(rng, 5);
    s.attempt = attempt;
    s.span = id_of_sample_span(&f->run.id, s.case_id, trial, attempt);
    s.scores[0].wanted = draw == 1 ? STR("yes") : STR_NULL;
    s.scores[0].answered = draw == 1 ? STR("") : STR_NULL;
    if (draw == 0) {
        s.state = SAMPLE_ERRORED;
        s.error = ERROR_TIMEOUT;
        s.pass = PASS_NONE;
        s.has_score = false;
        s.score = 0;
        s.score_count = rng_below(rng, 2);
        s.scores[0].outcome = SCORE_NOT_SCORED;
    }
    CHECK("add", store_add_sample(f->store, &f->run, &s, &f->err));
}

static void test_same(void)
{
    struct rng rng;
    rng_seed(&rng, 3);
    static const uint64_t sizes[] = {0, 1, 255, 256, 257, 700};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct fixture f;
        fixture_open(&f, sizes[i] + 1, 2);
        fixture_begin(&f);
        for (uint64_t k = sizes[i]; k-- > 0;) { /* as samples finish: not in order */
            uint32_t trial = k % 2 == 0 ? 1 : 2;
            add_random(&f, &rng, k / 2, trial, 0);
            if (rng_below(&rng, 10) == 0) { /* done again: the older record does not count */
                add_random(&f, &rng, k / 2, trial, 1);
            }
        }
        fixture_commit(&f);
        for (int fields = 0; fields < 4; fields++) {
            check_cursors(&f, (struct figure_fields){(fields & 1) != 0, (fields & 2) != 0}, sizes[i]);
        }
        fixture_deinit(&f);
    }
}

/* A cursor may be open over commits, closed early, and asked again at its end. */
static void test_use(void)
{
    struct fixture f;
    fixture_open(&f, 600, 1);
    fixture_add_samples(&f, 0, 300);
    struct sample_cursor c = {0};
    struct sample_record s;
    bool has = false;
    CHECK("open", store_figures(f.store, f.run.seq, (struct figure_fields){.cases = true}, &c, &f.err));
    CHECK("first", c.next(&c, &has, &s, &f.err) && has && s.ordinal == 0);
    fixture_add_samples(&f, 300, 310);
    size_t count = 1;
    while (c.next(&c, &has, &s, &f.err) && has) {
        count++;
    }
    CHECK_INT("goes on behind the commit", count, 310);
    CHECK("stays at its end", c.next(&c, &has, &s, &f.err) && !has);
    sample_cursor_close(&c);
    CHECK("open", store_figures(f.store, f.run.seq, (struct figure_fields){0}, &c, &f.err));
    CHECK("first", c.next(&c, &has, &s, &f.err) && has);
    sample_cursor_close(&c);
    CHECK("no such run",
          store_figures(f.store, 999, (struct figure_fields){0}, &c, &f.err) && c.next(&c, &has, &s, &f.err) && !has);
    sample_cursor_close(&c);
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {{"the same as the whole cursor", test_same}, {"use", test_use}};
    return check_run("store/figures", tests, ARRAY_LEN(tests));
}
