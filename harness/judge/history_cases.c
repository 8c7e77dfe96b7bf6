/* Which cases the runs have in common, and where there are too few of them. Runs mostly have the same plan: then nothing is read. */

#include <string.h>

#include "base/err.h"
#include "judge/history_private.h"
#include "judge/values_private.h"
#include "store/store.h"

enum { KEEPS_OF_10 = 9 };

static void marks_clear(struct history_work *w, struct case_marks *m)
{
    if (m->cap < w->table.cap) {
        m->cap = w->table.cap;
        m->items = arena_array(&w->room, uint8_t, m->cap);
    } else if (m->cap > 0) {
        memset(m->items, 0, m->cap);
    }
}

static void marks_set(struct history_work *w, struct case_marks *m, size_t row)
{
    if (row >= m->cap) {
        m->items = values_grow(&w->room, m->items, m->cap, w->table.cap, sizeof(*m->items));
        m->cap = w->table.cap;
    }
    m->items[row] = 1;
}

/* The cases of a run: those of its plan that were not skipped. */
static bool read_cases(struct history_work *w, size_t at, struct case_marks *ret, struct err *err)
{
    struct plan_cursor *cursor CLEANUP(plan_cursor_close) = NULL;
    marks_clear(w, ret);
    if (!store_plan_cases(w->in->store, w->nights[at].run->plan, &cursor, err)) {
        return false;
    }
    for (size_t row = SIZE_MAX;;) {
        struct plan_case c;
        bool has = false;
        if (!plan_cursor_next(cursor, &has, &c, err)) {
            return false;
        }
        if (!has) {
            return true;
        }
        if (c.skip.ptr != NULL) {
            continue;
        }
        const struct case_trials key = {.id = c.id, .digest = c.digest, .tags = c.tags, .cluster = c.cluster};
        if (!case_table_row(&w->table, &key, row + 1, &row, err)) {
            return false;
        }
        marks_set(w, ret, row);
    }
}

/* The digest of a plan does not say which cases are skipped; the suite's text, and how many there are, do. */
static bool is_same_plan(const struct night *a, const struct night *b)
{
    bool skips_alike = (a->skipped == 0 && b->skipped == 0) || digest_eq(&a->suite_digest, &b->suite_digest);
    return digest_eq(&a->plan_digest, &b->plan_digest) && skips_alike;
}

/* Whether a case of the one has, in the other, other content. */
static bool is_changed(const struct case_table *t, size_t row, const struct case_marks *ours,
                       const struct case_marks *theirs)
{
    for (size_t other = t->ring[row]; other != row; other = t->ring[other]) {
        if (case_is_marked(theirs, other) && !case_is_marked(ours, other)) {
            return true;
        }
    }
    return false;
}

static void count_differences(const struct history_work *w, const struct case_marks *newer,
                              const struct case_marks *older, struct history_run *ret)
{
    for (size_t row = 0; row < w->table.count; row++) {
        bool is_new = case_is_marked(newer, row) && !case_is_marked(older, row);
        bool is_gone = case_is_marked(older, row) && !case_is_marked(newer, row);
        bool changed = (is_new && is_changed(&w->table, row, newer, older)) ||
                       (is_gone && is_changed(&w->table, row, older, newer));
        ret->cases_changed += is_new && changed ? 1 : 0;
        ret->cases_added += is_new && !changed ? 1 : 0;
        ret->cases_removed += is_gone && !changed ? 1 : 0;
    }
}

static uint64_t count_common(const struct history_work *w, const struct case_marks *a, const struct case_marks *b)
{
    uint64_t count = 0;
    for (size_t row = 0; row < w->table.count; row++) {
        count += case_is_marked(a, row) && case_is_marked(b, row) ? 1 : 0;
    }
    return count;
}

/* From run *at on: as far as enough cases are in common. `current` are the cases of that run, and then of the first one that is no longer in it. */
static bool read_stretch(struct history_work *w, size_t stretch, size_t *at, struct case_marks *current,
                         struct case_marks *next, struct case_marks *common, struct err *err)
{
    size_t from = *at;
    marks_clear(w, common);
    for (size_t row = 0; row < w->table.count; row++) {
        if (case_is_marked(current, row)) {
            marks_set(w, common, row);
        }
    }
    uint64_t size = count_common(w, common, common);
    uint64_t left = size;
    w->nights[from].stretch = stretch;
    for (++*at; *at < w->count; ++*at) {
        struct night *newer = &w->nights[*at - 1];
        if (!is_same_plan(newer, &w->nights[*at])) {
            if (!read_cases(w, *at, next, err)) {
                return false;
            }
            count_differences(w, current, next, &w->ret->runs[night_place(w, *at - 1)]);
            struct case_marks swapped = *current;
            *current = *next;
            *next = swapped;
            uint64_t kept = count_common(w, common, current);
            if (kept * 10 < size * KEEPS_OF_10) {
                newer->kept = kept;
                newer->of = size;
                w->ret->runs[night_place(w, *at - 1)].has_stretch = true;
                break;
            }
            left = kept;
            for (size_t row = 0; row < common->cap; row++) {
                common->items[row] &= case_is_marked(current, row) ? 1 : 0;
            }
        }
        w->nights[*at].stretch = stretch;
    }
    for (size_t i = from; i < *at; i++) {
        w->ret->runs[night_place(w, i)].cases = left;
    }
    return true;
}

bool history_stretches(struct history_work *w, struct err *err)
{
    struct case_marks current = {0};
    struct case_marks next = {0};
    struct case_marks common = {0};
    if (!read_cases(w, 0, &current, err)) {
        return false;
    }
    size_t stretch = 0;
    for (size_t at = 0; at < w->count; stretch++) {
        size_t from = at;
        if (!read_stretch(w, stretch, &at, &current, &next, &common, err)) {
            return false;
        }
        if (!history_points(w, from, at, &common, err)) {
            return false;
        }
    }
    return true;
}
