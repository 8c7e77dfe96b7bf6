#ifndef ASSAY_RUN_BUDGET_H
#define ASSAY_RUN_BUDGET_H

/* A suite's budget of cost, as its calls say what they cost. Pure arithmetic.
 *
 * A limit is not passed knowingly: a sample starts while what is spent, and what those under way and this one are expected to cost by the mean of the
 * samples that are done, stays within it. Before the first sample is done nothing is known, so the first ones may pass it together. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget {
    double limit_usd; /* 0 = none */
    double spent_usd;
    double done_usd; /* of samples that are done */
    uint64_t done;
};

bool budget_is_spent(const struct budget *b);
bool budget_allows(const struct budget *b,
                   size_t under_way); /* one more sample, beside so many; never once it is spent */

enum { BUDGET_WORDS = 192 };

/* "calls cost 0.016 USD: 0.004 for targets, 0.012 for judges"; without judges the first part alone. */
void budget_words(double spent_usd, double judges_usd, char ret[BUDGET_WORDS]);

/* Why it ends a run: it is spent, or one more sample would be expected to pass it. */
void budget_end_words(const struct budget *b, char ret[BUDGET_WORDS]);

#endif
