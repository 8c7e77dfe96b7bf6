#include "run/pace.h"

#include "model/suite.h"

void pace_begin(struct pace *pace, const struct suite *suite, size_t concurrency, int64_t now_ns)
{
    *pace = (struct pace){
        .concurrency = concurrency > 0 ? concurrency : suite->concurrency,
        .budget = {.limit_usd = suite->budget_cost_usd},
        .budget_end_ns = suite->budget_time_ns > 0 ? now_ns + suite->budget_time_ns : 0,
        .has_begun = true,
    };
    rate_init(&pace->rate, suite->rate_per_s, now_ns);
}
