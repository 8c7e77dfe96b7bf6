#include <stdio.h>

#include "base/arena.h"
#include "stats/classes.h"
#include "tests/check.h"

struct answer {
    const char *wanted, *answered; /* answered NULL = none of the classes */
};

/* wanted: a 3, b 2, c 1; answered: a 3, b 1, c 0, d 1, none 1 */
static const struct answer ANSWERS[] = {
    {"a", "a"}, {"a", "a"}, {"a", "b"}, {"b", "b"}, {"b", NULL}, {"c", "a"}, {"b", "d"},
};

static struct classes classes_from(struct arena *arena, const struct answer *answers, size_t count)
{
    struct classes c = {0};
    for (size_t i = 0; i < count; i++) {
        char room[2][8]; /* labels are copied */
        (void)snprintf(room[0], sizeof(room[0]), "%s", answers[i].wanted);
        (void)snprintf(room[1], sizeof(room[1]), "%s", answers[i].answered == NULL ? "" : answers[i].answered);
        classes_add(&c, arena, answers[i].answered == NULL ? STR_NULL : str_from(room[1]), str_from(room[0]), 1);
        room[0][0] = room[1][0] = '#';
    }
    return c;
}

static void test_shares(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct classes c = classes_from(&arena, ANSWERS, ARRAY_LEN(ANSWERS));
    static const struct {
        const char *label;
        bool has_recall, has_precision;
        double recall_right, recall_of, precision_right, precision_of;
    } rows[] = {
        {"a", true, true, 2, 3, 2, 3},  {"b", true, true, 1, 3, 1, 2},       {"c", true, false, 0, 1, 0, 0},
        {"d", false, true, 0, 0, 0, 1}, {"never", false, false, 0, 0, 0, 0}, {"", false, false, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct class_share share = {0};
        CHECK(rows[i].label, classes_recall(&c, str_from(rows[i].label), &share) == rows[i].has_recall);
        CHECK_DOUBLE(rows[i].label, share.right, rows[i].recall_right, 0);
        CHECK_DOUBLE(rows[i].label, share.of, rows[i].recall_of, 0);
        share = (struct class_share){0};
        CHECK(rows[i].label, classes_precision(&c, str_from(rows[i].label), &share) == rows[i].has_precision);
        CHECK_DOUBLE(rows[i].label, share.right, rows[i].precision_right, 0);
        CHECK_DOUBLE(rows[i].label, share.of, rows[i].precision_of, 0);
    }
    double f1 = 0;
    CHECK("macro F1", classes_f1_macro(&c, &f1));
    /* a 4/6, b 2/5, c 0; d was never wanted */
    CHECK_DOUBLE("macro F1", f1, (4.0 / 6 + 2.0 / 5 + 0) / 3, 1e-15);
}

static void test_nothing(void)
{
    struct classes none = {0};
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct class_share share;
    double f1 = 0;
    CHECK("no recall", !classes_recall(&none, STR("a"), &share));
    CHECK("no precision", !classes_precision(&none, STR("a"), &share));
    CHECK("no F1", !classes_f1_macro(&none, &f1));
    CHECK("no worst F1", !classes_f1_macro_worst(&none, 3, &arena, &f1));
}

/* A case of three trials counts one. */
static void test_weights(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct classes c = {0};
    for (int i = 0; i < 3; i++) {
        classes_add(&c, &arena, i == 0 ? STR("b") : STR("a"), STR("a"), 1.0 / 3);
    }
    struct class_share share = {0};
    CHECK("recall", classes_recall(&c, STR("a"), &share));
    CHECK_DOUBLE("right", share.right, 2.0 / 3, 1e-15);
    CHECK_DOUBLE("of one case", share.of, 1, 1e-15);
}

/* The lowest macro F1 over all ways in which `errors` cases could have come out wrong, by trying them. */
static double worst_by_trying(struct classes *c, struct arena *arena, int errors)
{
    double lowest = 2;
    double f1 = 0;
    if (errors == 0) {
        CHECK("F1", classes_f1_macro(c, &f1));
        return f1;
    }
    static const struct str labels[] = {{"a", 1}, {"b", 1}, {"c", 1}};
    for (size_t want = 0; want < ARRAY_LEN(labels); want++) {
        for (size_t give = 0; give < ARRAY_LEN(labels); give++) {
            if (want == give) {
                continue;
            }
            classes_add(c, arena, labels[give], labels[want], 1);
            double tried = worst_by_trying(c, arena, errors - 1);
            lowest = tried < lowest ? tried : lowest;
            classes_add(c, arena, labels[give], labels[want], -1);
        }
    }
    return lowest;
}

static void test_worst(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct classes c = classes_from(&arena, ANSWERS, 6);
    for (int errors = 0; errors <= 3; errors++) {
        double bound = 0;
        CHECK("worst", classes_f1_macro_worst(&c, (uint64_t)errors, &arena, &bound));
        double tried = worst_by_trying(&c, &arena, errors);
        CHECK("no way of going wrong is below the bound", bound <= tried + 1e-12);
        CHECK("the bound is near", bound >= tried - 0.15);
    }
    double bound = 1;
    CHECK("too many to look at", classes_f1_macro_worst(&c, UINT64_MAX / 4, &arena, &bound) && bound == 0);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"shares", test_shares}, {"nothing", test_nothing}, {"weights", test_weights}, {"worst", test_worst}};
    return check_run("stats/classes", tests, ARRAY_LEN(tests));
}
