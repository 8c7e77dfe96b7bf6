#include "model/dimension.h"

#include <stddef.h>

const char *const DIMENSION_KIND_WORDS[] = {[DIMENSION_JUDGED] = "judged", [DIMENSION_MEASURE] = "measure", NULL};
const char *const DIMENSION_TYPE_WORDS[] = {
    [TYPE_BINARY] = "binary", [TYPE_BOUNDED] = "bounded", [TYPE_UNBOUNDED] = "unbounded", NULL};
const char *const DIMENSION_DIRECTION_WORDS[] = {
    [DIRECTION_NONE] = "none", [DIRECTION_HIGHER] = "higher", [DIRECTION_LOWER] = "lower", NULL};
