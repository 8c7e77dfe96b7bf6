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

static void test_words(void)
{
    static const struct {
        double spent_usd, judges_usd;
        const char *words;
    } rows[] = {
        {0.004, 0, "calls cost 0.004 USD"},
        {0.016, 0.012, "calls cost 0.016 USD: 0.004 for targets, 0.012 for judges"},
        {0.1 + 0.2, 0.2, "calls cost 0.3 USD: 0.1 for targets, 0.2 for judges"},
        {3, 3, "calls cost 3 USD: 0 for targets, 3 for judges"},
        {0.00002, 0, "calls cost 0.00002 USD"},
        {0.05002, 0.05, "calls cost 0.05 USD: 0.00002 for targets, 0.05 for judges"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char words[BUDGET_WORDS];
        budget_words(rows[i].spent_usd, rows[i].judges_usd, words);
        CHECK_CSTR(rows[i].words, str_from(words), rows[i].words);
    }
}

int main(void)
{
    static const struct check_test tests[] = {{"budget", test_budget}, {"in words", test_words}};
    return check_run("budget", tests, ARRAY_LEN(tests));
}
