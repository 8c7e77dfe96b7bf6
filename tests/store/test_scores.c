#include <math.h>
#include <string.h>

#include "base/num.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (text), sizeof(text) - 1                                                                                       \
    }

/* What a column of scores has to give back as it was. */
static const struct score_row {
    const char *name;
    struct score score;
} ROWS[] = {
    {"a digit", {.outcome = SCORE_PASS, .value = 1, .has_unit = true, .unit = 1, .comment = BYTES("pass: 1")}},
    {"nothing but a value", {.outcome = SCORE_NONE, .value = 10}},
    {"not scored", {.outcome = SCORE_NOT_SCORED, .comment = BYTES("not scored: no number")}},
    {"a fraction", {.outcome = SCORE_FAIL, .value = 0.1, .has_unit = true, .unit = 1.0 / 3}},
    {"negative", {.outcome = SCORE_NONE, .value = -5}},
    {"negative fraction", {.outcome = SCORE_NONE, .value = -0.30000000000000004}},
    {"15 digits", {.outcome = SCORE_NONE, .value = 999999999999999}},
    {"16 digits", {.outcome = SCORE_NONE, .value = 9007199254740994}},
    {"large", {.outcome = SCORE_NONE, .value = 1.7976931348623157e308}},
    {"small", {.outcome = SCORE_NONE, .value = 5e-324}},
    {"a unit and no comment", {.outcome = SCORE_PASS, .value = 3, .has_unit = true, .unit = 0}},
    {"quotes", {.outcome = SCORE_FAIL, .value = 0, .comment = BYTES("fail: \"a\\b\" [1,2]\n\t}")}},
    {"a backslash at the end", {.outcome = SCORE_FAIL, .value = 0, .comment = BYTES("fail: \\")}},
    {"a NUL", {.outcome = SCORE_FAIL, .value = 0, .comment = BYTES("a\0b")}},
    {"no UTF-8", {.outcome = SCORE_FAIL, .value = 0, .comment = BYTES("\xff\xfe}\x80")}},
    {"other letters", {.outcome = SCORE_FAIL, .value = 0, .comment = BYTES("fehlt: \xc3\xbc \xf0\x9f\x98\x80")}},
    {"classes", {.outcome = SCORE_PASS, .value = 1, .answered = BYTES("yes"), .wanted = BYTES("yes")}},
    {"none of the classes", {.outcome = SCORE_FAIL, .value = 0, .wanted = BYTES("no")}},
    {"a class without a name", {.outcome = SCORE_FAIL, .value = 0, .answered = BYTES(""), .wanted = BYTES("null")}},
    {"a class that is no UTF-8",
     {.outcome = SCORE_FAIL, .value = 0, .answered = BYTES("\x80"), .wanted = BYTES("{\"}")}},
};

static void check_text(const char *row, struct str got, struct str want)
{
    CHECK_STR(row, got, want);
    CHECK_INT(row, got.ptr == NULL, want.ptr == NULL);
}

static void check_score(const char *row, const struct score *got, const struct score *want, bool with_comments)
{
    CHECK_INT(row, got->outcome, want->outcome);
    CHECK(row, num_same_bits(got->value, want->value));
    CHECK_INT(row, got->has_unit, want->has_unit);
    CHECK(row, num_same_bits(got->unit, want->unit));
    check_text(row, got->comment, with_comments ? want->comment : STR_NULL);
    check_text(row, got->answered, want->answered);
    check_text(row, got->wanted, want->wanted);
}

/* Each row as the second dimension, and the next one as the first: they are given in the wrong order, and come in the right one. */
static void check_cursor(struct fixture *f, struct sample_cursor *cursor, bool with_comments)
{
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const struct score_row *first = &ROWS[(i + 1) % ARRAY_LEN(ROWS)];
        struct sample_record s;
        bool has = false;
        CHECK(ROWS[i].name, cursor->next(cursor, &has, &s, &f->err) && has);
        if (!has) {
            return;
        }
        CHECK_INT(ROWS[i].name, s.score_count, 2);
        CHECK_INT(ROWS[i].name, s.scores[0].dimension, 0);
        CHECK_INT(ROWS[i].name, s.scores[1].dimension, 1);
        check_score(first->name, &s.scores[0], &first->score, with_comments);
        check_score(ROWS[i].name, &s.scores[1], &ROWS[i].score, with_comments);
    }
}

static void add_rows(struct fixture *f)
{
    fixture_open(f, ARRAY_LEN(ROWS), 1);
    fixture_begin(f);
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct sample_record s = fixture_sample(f, &f->run, i, 1);
        struct score scores[2] = {ROWS[i].score, ROWS[(i + 1) % ARRAY_LEN(ROWS)].score};
        scores[0].dimension = 1;
        s.scores = scores;
        CHECK(ROWS[i].name, store_add_sample(f->store, &f->run, &s, &f->err));
    }
    fixture_commit(f);
}

static void test_round_trip(void)
{
    struct fixture f;
    struct sample_cursor cursor = {0};
    add_rows(&f);
    CHECK("samples", store_samples(f.store, f.run.seq, (struct sample_filter){0}, &cursor, &f.err));
    check_cursor(&f, &cursor, true);
    sample_cursor_close(&cursor);
    CHECK("figures", store_figures(f.store, f.run.seq, (struct figure_fields){0}, &cursor, &f.err));
    check_cursor(&f, &cursor, false);
    sample_cursor_close(&cursor);
    fixture_deinit(&f);
}

/* Anybody can read them, as rows. */
static void test_view(void)
{
    struct fixture f;
    char text[64];
    add_rows(&f);
    CHECK_INT("rows", fixture_sql(&f, "SELECT count(*) FROM metric"), 2 * ARRAY_LEN(ROWS));
    CHECK_INT("numbers",
              fixture_sql(&f, "SELECT count(*) FROM metric WHERE typeof(value) = 'real' AND dimension IN (0, 1)"),
              2 * ARRAY_LEN(ROWS));
    CHECK_INT("a value", fixture_sql(&f, "SELECT value FROM metric WHERE span = 7 AND dimension = 1"), 999999999999999);
    CHECK_INT("no unit", fixture_sql(&f, "SELECT unit IS NULL FROM metric WHERE span = 7 AND dimension = 1"), 1);
    fixture_sql_text(&f, "SELECT comment FROM metric WHERE span = 12 AND dimension = 1", text, sizeof(text));
    CHECK_CSTR("a comment", str_from(text), "fail: \"a\\b\" [1,2]\n\t}");
    fixture_sql_text(&f, "SELECT wanted FROM metric WHERE span = 17 AND dimension = 1", text, sizeof(text));
    CHECK_CSTR("a class", str_from(text), "yes");
    /* where the schema is not trusted, too: SQLite then refuses what it calls unsafe */
    fixture_exec(&f, "PRAGMA trusted_schema = OFF; CREATE TEMP TABLE seen AS SELECT * FROM opper_metric");
    fixture_deinit(&f);
}

static void test_refused(void)
{
    static const struct {
        const char *name;
        struct score scores[3];
        size_t count;
    } rows[] = {
        {"NaN", {{.value = NAN}}, 1},
        {"infinite", {{.value = -INFINITY}}, 1},
        {"a unit that is none", {{.value = 0, .has_unit = true, .unit = NAN}}, 1},
        {"two in one dimension", {{.dimension = 1}, {.dimension = 1}}, 2},
        {"two apart", {{.dimension = 1}, {.dimension = 0}, {.dimension = 1}}, 3},
    };
    struct fixture f;
    fixture_open(&f, 1, 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sample_record s = fixture_sample(&f, &f.run, 0, 1);
        struct score scores[3];
        memcpy(scores, rows[i].scores, sizeof(scores));
        s.scores = scores;
        s.score_count = rows[i].count;
        fixture_begin(&f);
        f.err = ERR_NULL;
        CHECK(rows[i].name, !store_add_sample(f.store, &f.run, &s, &f.err));
        CHECK_INT(rows[i].name, f.err.kind, ERR_BUG);
        CHECK_CONTAINS(rows[i].name, str_from(f.err.text), "case-0");
        store_rollback(f.store);
    }
    CHECK_INT("nothing", fixture_sql(&f, "SELECT count(*) FROM span"), 0);
    fixture_deinit(&f);
}

static void test_damaged(void)
{
    static const struct {
        const char *scores;
        bool is_good;
    } rows[] = {
        {"'[[0,2,1,1]]'", true},
        {"'[[1,1,-1.5e3,null,\"a\"]]'", true},
        {"NULL", true},
        {"'['", false},
        {"'[]'", false},
        {"'[[0,2,1]'", false},
        {"'[[0,2,1]]x'", false},
        {"'[[0,2,1],]'", false},
        {"'[[0,2]]'", false},
        {"'[[0,2,]]'", false},
        {"'[[0,2,one]]'", false},
        {"'[[0,2,1,1,\"a]]'", false},
        {"'[[0,2,1,1,\"a\\\"]]'", false},
        {"'[[0,2,1,1,\"\\q\"]]'", false},
        {"'[[0,2,1,1,{\"base64\":\"?\"}]]'", false},
        {"'[[0,2,1,1,{\"base64\":]]'", false},
        {"'[[0,2,1,1,nul'", false},
        {"'[[0,9,1]]'", false},
        {"'[[0.5,2,1]]'", false},
        {"'[[-1,2,1]]'", false},
        {"'[[99,2,1]]'", false},
        {"'[[0,2,1,1,\"a\",\"b\",\"c\",\"d\"]]'", false},
        {"5", false},
    };
    struct fixture f;
    fixture_open(&f, 1, 1);
    fixture_add_samples(&f, 0, 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sample_cursor cursor = {0};
        struct sample_record s;
        bool has = false;
        f.err = ERR_NULL;
        fixture_exec(&f, arena_printf(&f.arena, "UPDATE span SET scores = %s", rows[i].scores).ptr);
        CHECK(rows[i].scores, store_samples(f.store, f.run.seq, (struct sample_filter){0}, &cursor, &f.err));
        CHECK_INT(rows[i].scores, cursor.next(&cursor, &has, &s, &f.err), rows[i].is_good);
        CHECK_INT(rows[i].scores, f.err.kind, rows[i].is_good ? ERR_NONE : ERR_IO);
        sample_cursor_close(&cursor);
    }
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"round trip", test_round_trip},
        {"view", test_view},
        {"refused", test_refused},
        {"damaged", test_damaged},
    };
    return check_run("scores", tests, ARRAY_LEN(tests));
}
