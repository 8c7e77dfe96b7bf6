#include "reporters/compare.h"

/* Sorted. The only place that lists them. */
#define COMPARE_LIST(X) X(csv) X(html) X(json) X(markdown) X(terminal)

#define COMPARE_DECLARE(name) extern const struct compare_format compare_##name;
COMPARE_LIST(COMPARE_DECLARE)

#define COMPARE_ENTRY(name) &compare_##name,
const struct compare_format *const COMPARE_FORMATS[] = {COMPARE_LIST(COMPARE_ENTRY) NULL};

const struct compare_format *compare_format_find(struct str name)
{
    for (size_t i = 0; COMPARE_FORMATS[i] != NULL; i++) {
        if (str_eq_cstr(name, COMPARE_FORMATS[i]->name)) {
            return COMPARE_FORMATS[i];
        }
    }
    return NULL;
}
