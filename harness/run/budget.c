#include "run/budget.h"

#include <stdio.h>

#include "base/num.h"
#include "base/str.h"

/* Sums of cents are off in the last bits. */
static const double nearly = 1e-9;

bool budget_is_spent(const struct budget *b)
{
    return b->limit_usd > 0 && b->spent_usd >= b->limit_usd * (1 - nearly);
}

bool budget_allows(const struct budget *b, size_t under_way)
{
    if (b->limit_usd <= 0 || b->done == 0) {
        return !budget_is_spent(b);
    }
    double mean_usd = b->done_usd / (double)b->done;
    double expected_usd = b->done_usd + mean_usd * ((double)under_way + 1);
    return !budget_is_spent(b) && expected_usd <= b->limit_usd * (1 + nearly);
}

/* What was spent is never shown as nothing. */
static int places_of(double usd)
{
    enum { PLACES = 4, PLACES_OF_LITTLE = 8 };
    return usd < 0.001 ? PLACES_OF_LITTLE : PLACES;
}

void budget_words(double spent_usd, double judges_usd, char ret[BUDGET_WORDS])
{
    double targets_usd = spent_usd - judges_usd;
    char all[32];
    char targets[32];
    char judges[32];
    int len = snprintf(ret, BUDGET_WORDS, "calls cost %.*s USD",
                       STR_ARG(num_text_short(spent_usd, places_of(spent_usd), all)));
    if (judges_usd > 0) {
        (void)snprintf(ret + len, BUDGET_WORDS - (size_t)len, ": %.*s for targets, %.*s for judges",
                       STR_ARG(num_text_short(targets_usd, places_of(targets_usd), targets)),
                       STR_ARG(num_text_short(judges_usd, places_of(judges_usd), judges)));
    }
}

void budget_end_words(const struct budget *b, char ret[BUDGET_WORDS])
{
    char spent[32];
    char limit[32];
    char each[32];
    double mean_usd = b->done > 0 ? b->done_usd / (double)b->done : 0;
    int len =
        snprintf(ret, BUDGET_WORDS, "the cost budget ended the run: %.*s of %.*s USD are spent",
                 STR_ARG(num_text_short(b->spent_usd, 6, spent)), STR_ARG(num_text_short(b->limit_usd, 6, limit)));
    if (!budget_is_spent(b)) {
        (void)snprintf(ret + len, BUDGET_WORDS - (size_t)len, ", and one more sample costs about %.*s",
                       STR_ARG(num_text_short(mean_usd, 6, each)));
    }
}
