#include "reporters/reporter.h"

/* Sorted. The only place that lists them. */
#define REPORTER_LIST(X) X(csv) X(github) X(html) X(json) X(jsonl) X(junit) X(markdown) X(terminal)

#define REPORTER_DECLARE(name) extern const struct reporter reporter_##name;
REPORTER_LIST(REPORTER_DECLARE)

#define REPORTER_ENTRY(name) &reporter_##name,
const struct reporter *const REPORTERS[] = {REPORTER_LIST(REPORTER_ENTRY) NULL};

const struct reporter *reporter_find(struct str name)
{
    for (size_t i = 0; REPORTERS[i] != NULL; i++) {
        if (str_eq_cstr(name, REPORTERS[i]->name)) {
            return REPORTERS[i];
        }
    }
    return NULL;
}
