#include "stats/unseen.h"

#include <math.h>

double unseen_share(double n, double tail)
{
    return -expm1(log(tail) / n);
}

double unseen_p(double n, double distance, double room)
{
    if (distance <= 0) {
        return 1;
    }
    return distance >= room ? 0 : exp(n * log1p(-distance / room));
}
