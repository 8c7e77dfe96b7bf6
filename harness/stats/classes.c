#include "stats/classes.h"

#include "base/arena.h"
#include "base/vec.h"

static struct class_count *class_of(struct classes *c, struct arena *arena, struct str label)
{
    struct class_count *found = map_get(&c->by_label, label);
    if (found == NULL) {
        found = arena_new(arena, struct class_count);
        found->label = arena_str(arena, label);
        found->number = (uint32_t)c->len;
        *vec_push(arena, c) = found;
        (void)map_put(&c->by_label, arena, found->label, found);
    }
    return found;
}

static struct num_sum *pair_at(struct num_sum *pairs, uint32_t wanted, uint32_t answered)
{
    return &pairs[(size_t)wanted * (CLASSES_PAIRED + 1) + answered];
}

static void count_pair(struct classes *c, struct arena *arena, const struct class_count *want,
                       const struct class_count *given, double weight)
{
    uint32_t answered = given == NULL ? CLASSES_NO_ANSWER : given->number;
    if (want->number >= CLASSES_PAIRED || (given != NULL && answered >= CLASSES_PAIRED)) {
        return;
    }
    if (c->pairs == NULL) {
        c->pairs = arena_array(arena, struct num_sum, CLASSES_PAIRED * (CLASSES_PAIRED + 1));
    }
    num_sum_add(pair_at(c->pairs, want->number, answered), weight);
}

double classes_pair(const struct classes *c, uint32_t wanted, uint32_t answered)
{
    bool is_counted = c->pairs != NULL && wanted < CLASSES_PAIRED && answered <= CLASSES_NO_ANSWER;
    return is_counted ? num_sum_total(pair_at(c->pairs, wanted, answered)) : 0;
}

void classes_add(struct classes *c, struct arena *arena, struct str answered, struct str wanted, double weight)
{
    struct class_count *want = class_of(c, arena, wanted);
    struct class_count *given = answered.ptr == NULL ? NULL : class_of(c, arena, answered);
    num_sum_add(&want->wanted, weight);
    count_pair(c, arena, want, given, weight);
    if (given == NULL) {
        return;
    }
    num_sum_add(&given->answered, weight);
    if (given == want) {
        num_sum_add(&want->right, weight);
    }
}

static bool class_share(const struct class_count *count, const struct num_sum *of, struct class_share *ret)
{
    double total = num_sum_total(of);
    if (total <= 0) {
        return false;
    }
    *ret = (struct class_share){num_sum_total(&count->right), total};
    return true;
}

bool classes_recall(const struct classes *c, struct str label, struct class_share *ret)
{
    const struct class_count *count = map_get(&c->by_label, label);
    return count != NULL && class_share(count, &count->wanted, ret);
}

bool classes_precision(const struct classes *c, struct str label, struct class_share *ret)
{
    const struct class_count *count = map_get(&c->by_label, label);
    return count != NULL && class_share(count, &count->answered, ret);
}

/* F1 of a class that `extra` more cases wanted or answered wrongly. */
static double class_f1(const struct class_count *count, double extra)
{
    return 2 * num_sum_total(&count->right) / (num_sum_total(&count->wanted) + num_sum_total(&count->answered) + extra);
}

bool classes_f1_macro(const struct classes *c, double *ret)
{
    struct num_sum sum = {0};
    size_t wanted = 0;
    for (size_t i = 0; i < c->len; i++) {
        if (num_sum_total(&c->items[i]->wanted) > 0) {
            num_sum_add(&sum, class_f1(c->items[i], 0));
            wanted++;
        }
    }
    if (wanted == 0) {
        return false;
    }
    *ret = num_sum_total(&sum) / (double)wanted;
    return true;
}

bool classes_f1_macro_worst(const struct classes *c, uint64_t errors, struct arena *scratch, double *ret)
{
    double f1 = 0;
    if (!classes_f1_macro(c, &f1)) {
        return false;
    }
    if (errors > CLASSES_WORST_STEPS / 2 / c->len) {
        *ret = 0;
        return true;
    }
    /* Each error is one wanted and one answered too many. F1 falls by less with each further one, so that taking the steepest fall each time
     * gives the lowest sum. */
    double *extra = arena_array(scratch, double, c->len);
    size_t wanted = 0;
    for (size_t i = 0; i < c->len; i++) {
        wanted += num_sum_total(&c->items[i]->wanted) > 0 ? 1 : 0;
    }
    for (uint64_t step = 0; step < 2 * errors; step++) {
        size_t steepest = 0;
        double most = -1;
        for (size_t i = 0; i < c->len; i++) {
            double fall = class_f1(c->items[i], extra[i]) - class_f1(c->items[i], extra[i] + 1);
            if (num_sum_total(&c->items[i]->wanted) > 0 && fall > most) {
                most = fall;
                steepest = i;
            }
        }
        extra[steepest] += 1;
        f1 -= most / (double)wanted;
    }
    *ret = f1 < 0 ? 0 : f1;
    return true;
}
