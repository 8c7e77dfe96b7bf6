#include "model/how.h"

#include <math.h>

#define STAT_METHOD_TEXT(name, text) text,
static const char *const NAMES[] = {STAT_METHODS(STAT_METHOD_TEXT)};

const char *stat_method_name(enum stat_method method)
{
    return NAMES[method];
}

double stat_two_sided(double below, double above)
{
    return fmin(1, 2 * fmin(below, above));
}
