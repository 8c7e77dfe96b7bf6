#include "model/suite.h"

const char *const REDUCE_WORDS[] = {
    [REDUCE_MEAN] = "mean", [REDUCE_MEDIAN] = "median", [REDUCE_MAX] = "max", [REDUCE_MIN] = "min", NULL};

const struct variant *suite_variant(const struct suite *s, struct str name)
{
    for (size_t i = 0; i < s->variant_count; i++) {
        if (str_eq(s->variants[i].name, name)) {
            return &s->variants[i];
        }
    }
    return NULL;
}
