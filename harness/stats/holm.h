#ifndef ASSAY_STATS_HOLM_H
#define ASSAY_STATS_HOLM_H

/* Several claims of which any one decides: p adjusted so that the chance of even one false claim stays at alpha.
 *
 * Shape:  `count` values of p, in any order; adjusted ones in the same places.
 * Units:  probabilities; an adjusted p is compared with alpha itself.
 * Limits: count 0 does nothing. Claims that must all hold are not adjusted (intersection-union, R. L. Berger 1982, Technometrics 24, 295-300).
 * Errors: none.
 * Source: S. Holm 1979, Scandinavian J. of Statistics 6, 65-70, as R's p.adjust(p, "holm"). */

#include <stddef.h>

struct arena;

void holm_adjust(const double *p, size_t count, double *ret, struct arena *scratch);

/* The level at which a claim's own bound lies beyond the line exactly when its adjusted p is at most alpha. */
double holm_level(double alpha, double p, double adjusted, size_t count);

#endif
