#include "model/dimension_declare.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "data/yaml.h"
#include "tests/check.h"

struct declared {
    struct arena arena;
    struct diag diag;
    struct dimension *dimensions;
    size_t count;
};

static bool declare(struct declared *d, const char *yaml, bool measures_only)
{
    *d = (struct declared){.arena = ARENA_NULL};
    diag_init(&d->diag, &d->arena);
    struct value node;
    struct field_context ctx = {.arena = &d->arena, .diag = &d->diag};
    return yaml_read(&d->arena, "suite.yaml", str_from(yaml), &node, &d->diag) &&
           dimension_declare(&ctx, &node, measures_only, &d->dimensions, &d->count);
}

static void test_names(void)
{
    static const struct {
        const char *name;
        bool is_valid;
    } rows[] = {
        {"answer", true},     {"a", true},          {"a-b_C9", true}, {"", false},         {"9a", false},
        {"_a", false},        {"a.b", false},       {"a b", false},   {"\xc3\xa4", false}, {"mean", false},
        {"p95", false},       {"score", false},     {"pass", false},  {"with", false},     {"baseline", false},
        {"pass_rate", false}, {"latency_ms", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *reason = NULL;
        CHECK(rows[i].name, dimension_name_is_valid(str_from(rows[i].name), &reason) == rows[i].is_valid);
        CHECK("says why", rows[i].is_valid || reason != NULL);
    }
    char longest[66];
    memset(longest, 'x', sizeof(longest));
    const char *reason = NULL;
    CHECK("64", dimension_name_is_valid((struct str){longest, 64}, &reason));
    CHECK("65", !dimension_name_is_valid((struct str){longest, 65}, &reason));
}

static void test_refused(void)
{
    static const struct {
        const char *yaml, *says;
    } rows[] = {
        {"[tone]", "map of names"},
        {"tone", "map of names"},
        {"{tone: {kind: number}}", "kind"},
        {"{tone: {knd: judged}}", "did you mean 'kind'"},
        {"{tone: {min: 0}}", "from 0 to 1"},
        {"{tone: {range: [0, 10]}}", "from 0 to 1"},
        {"{tone: {threshold: 2}}", "threshold"},
        {"{tone: {weight: -1}}", "weight"},
        {"{tone: {kind: measure, threshold: 0.5}}", "no threshold"},
        {"{tone: {kind: measure, range: [0, x]}}", "two numbers"},
        {"{tone: 5}", "dimension"},
        {"{tone: {}, p95: {}}", "name of a statistic"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct declared d;
        CHECK(rows[i].yaml, !declare(&d, rows[i].yaml, false));
        CHECK_INT(rows[i].yaml, d.diag.faults.len, 1);
        if (d.diag.faults.len > 0) {
            struct str all = arena_printf(&d.arena, "%.*s %.*s", STR_ARG(d.diag.faults.items[0].text),
                                          STR_ARG(d.diag.faults.items[0].hint));
            CHECK_CONTAINS(rows[i].yaml, all, rows[i].says);
        }
        arena_deinit(&d.arena);
    }
}

static void test_judged_and_measures(void)
{
    struct declared d;
    CHECK("scorer",
          declare(&d,
                  "{tone: , clear: {threshold: 0.8, weight: 2, direction: none}, words: {kind: measure, max: 50, "
                  "direction: lower, range: [0, 100]}}",
                  false));
    CHECK_INT("three", d.count, 3);
    const struct dimension *tone = &d.dimensions[0];
    CHECK("judged unless said",
          tone->kind == DIMENSION_JUDGED && tone->type == TYPE_BOUNDED && tone->lo == 0 && tone->hi == 1);
    CHECK("its defaults", tone->threshold == 0.5 && tone->weight == 1 && tone->direction == DIRECTION_HIGHER);
    const struct dimension *clear = &d.dimensions[1];
    CHECK("as said", clear->threshold == 0.8 && clear->weight == 2 && clear->direction == DIRECTION_NONE);
    const struct dimension *words = &d.dimensions[2];
    CHECK("measure", words->kind == DIMENSION_MEASURE && words->weight == 0 && words->direction == DIRECTION_LOWER);
    CHECK("bounds", words->has_max && words->max == 50 && !words->has_min && dimension_has_pass(words));
    CHECK("range", words->type == TYPE_BOUNDED && words->lo == 0 && words->hi == 100);
    CHECK_INT("its place", words->pos.col, 63);
    arena_deinit(&d.arena);
    CHECK("target", declare(&d, "{steps: {kind: measure}, cost: {}}", true));
    CHECK("measures", d.dimensions[1].kind == DIMENSION_MEASURE && d.dimensions[1].type == TYPE_UNBOUNDED &&
                          d.dimensions[1].direction == DIRECTION_NONE && !dimension_has_pass(&d.dimensions[1]));
    arena_deinit(&d.arena);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"names", test_names},
        {"refused", test_refused},
        {"judged and measures", test_judged_and_measures},
    };
    return check_run("dimension declare", tests, ARRAY_LEN(tests));
}
