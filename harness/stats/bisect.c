#include "stats/bisect.h"

double bisect(bool (*holds)(double at, const void *context), const void *context, double yes, double no)
{
    for (;;) {
        double at = yes / 2 + no / 2;
        if (at == yes || at == no) {
            return yes;
        }
        if (holds(at, context)) {
            yes = at;
        } else {
            no = at;
        }
    }
}
