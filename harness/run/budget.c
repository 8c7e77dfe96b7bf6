#include "run/budget.h"

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
