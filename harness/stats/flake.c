#include "stats/flake.h"

#include "stats/rate.h"

struct flake flake_of(uint64_t samples, uint64_t passed, double alpha)
{
    struct flake f = {.pass_rate = rate_wilson(passed, samples, alpha)};
    uint64_t failed = samples - passed;
    f.has_rate = samples >= 2;
    if (f.has_rate) {
        f.rate = 2 * (double)passed * (double)failed / ((double)samples * (double)(samples - 1));
    }
    f.is_listed = samples >= FLAKE_MIN_SAMPLES && passed >= FLAKE_MIN_EACH && failed >= FLAKE_MIN_EACH;
    return f;
}
