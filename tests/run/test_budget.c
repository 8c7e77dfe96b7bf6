#include "run/budget.h"

#include "tests/check.h"

static void test_budget(void)
{
    static const struct {
        const char *name;
        struct budget budget;
        size_t under_way;
        bool allows, is_spent;
    } rows[] = {
        {"none", {.spent_usd = 100, .done_usd = 100, .done = 1}, 9, true, false},
        {"nothing known yet", {.limit_usd = 1}, 63, true, false},
        {"nothing done, but spent", {.limit_usd = 1, .spent_usd = 1}, 0, false, true},
        {"room for one", {.limit_usd = 1, .spent_usd = 0.8, .done_usd = 0.8, .done = 4}, 0, true, false},
        {"but not beside another", {.limit_usd = 1, .spent_usd = 0.8, .done_usd = 0.8, .done = 4}, 1, false, false},
        {"just enough, in tenths",
         {.limit_usd = 1, .spent_usd = 0.1 + 0.2, .done_usd = 0.1 + 0.2, .done = 3},
         6,
         true,
         false},
        {"and one too many",
         {.limit_usd = 1, .spent_usd = 0.1 + 0.2, .done_usd = 0.1 + 0.2, .done = 3},
         7,
         false,
         false},
        {"half of one under way is spent",
         {.limit_usd = 1, .spent_usd = 0.7, .done_usd = 0.5, .done = 1},
         1,
         false,
         false},
        {"spent", {.limit_usd = 1, .spent_usd = 1.2, .done_usd = 1.2, .done = 3}, 0, false, true},
        {"spent, in tenths",
         {.limit_usd = 0.3, .spent_usd = 0.1 + 0.2, .done_usd = 0.1 + 0.2, .done = 3},
         0,
         false,
         true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].name, budget_allows(&rows[i].budget, rows[i].under_way), rows[i].allows);
        CHECK_INT(rows[i].name, budget_is_spent(&rows[i].budget), rows[i].is_spent);
    }
}

int main(void)
{
    static const struct check_test tests[] = {{"budget", test_budget}};
    return check_run("budget", tests, ARRAY_LEN(tests));
}
