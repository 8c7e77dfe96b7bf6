#ifndef ASSAY_STATS_UNSEEN_H
#define ASSAY_STATS_UNSEEN_H

/* When all n values are the same, what may the others be like that were not drawn? At most a share u of them differs, for with more the sample
 * would hardly have shown none; they may lie anywhere in the range. So an interval is never of width zero.
 *
 * Shape:  n > 0, real (with clusters their effective number).
 * Units:  unseen_share 0..1. unseen_p: a probability; `distance` and `room` in the values' unit: from the value to the line, and from the value
 *         to that end of the range.
 * Limits: none; n large gives a small share, never 0.
 * Errors: none.
 * Source: u = 1 - tail^(1/n), the bound of Clopper & Pearson 1934 at 0 of n; that the unseen lie at the end of the range is the worst case. */

double unseen_share(double n, double tail);

/* The chance that nothing was seen of a share of distance / room; 1 when the line is on the wrong side (distance <= 0). */
double unseen_p(double n, double distance, double room);

#endif
