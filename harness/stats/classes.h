#ifndef ASSAY_STATS_CLASSES_H
#define ASSAY_STATS_CLASSES_H

/* Per-class counts of a classifier: what was wanted, what was answered. A case counts one, its trials a share each.
 *
 * Shape:  classes_add(answered, wanted, weight) for each scored trial that has a wanted class; then precision, recall and F1.
 * Units:  shares 0..1; counts are sums of weights (cases).
 * Limits: memory grows with the number of different labels, not with the cases.
 * Errors: none; a statistic over nothing is `false`.
 * Source: precision = right among the cases answered so, recall = right among the cases wanting it, F1 = 2 right / (wanted + answered);
 *         macro F1 = the plain mean of F1 over the classes that were wanted at least once (Opitz & Burst 2019, "averaged F1"). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/num.h"
#include "base/str.h"

struct arena;

struct class_count {
    struct str label;
    struct num_sum wanted, answered, right;
    uint32_t number; /* its place in the order they appeared */
};

struct classes {
    struct map by_label;
    struct class_count **items; /* in the order they appeared */
    size_t len, cap;
    struct num_sum *pairs; /* of the first CLASSES_PAIRED classes, by wanted and answered: classes_pair */
};

enum { CLASSES_PAIRED = 50 };

struct class_share {
    double right, of; /* of > 0 */
};

/* The label is copied into the arena when it is new. answered.ptr NULL = none of the classes. */
void classes_add(struct classes *c, struct arena *arena, struct str answered, struct str wanted, double weight);

/* Cases that wanted one class and were answered with another, by their places; answered = CLASSES_NO_ANSWER: with none of the classes. Counted for
 * the first CLASSES_PAIRED of them. */
enum { CLASSES_NO_ANSWER = CLASSES_PAIRED };
double classes_pair(const struct classes *c, uint32_t wanted, uint32_t answered);

/* False when nobody wanted (answered) the class. */
bool classes_recall(const struct classes *c, struct str label, struct class_share *ret);
bool classes_precision(const struct classes *c, struct str label, struct class_share *ret);
bool classes_f1_macro(const struct classes *c, double *ret);

/* The lowest macro F1 that `errors` further cases could bring about when each wanted one of the classes seen and was answered with a wrong one:
 * a lower bound, since the two need not be chosen together. 0 where finding it would take long (over CLASSES_WORST_STEPS steps). */
enum { CLASSES_WORST_STEPS = 20000000 };
bool classes_f1_macro_worst(const struct classes *c, uint64_t errors, struct arena *scratch, double *ret);

#endif
