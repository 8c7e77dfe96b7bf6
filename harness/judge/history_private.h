#ifndef ASSAY_JUDGE_HISTORY_PRIVATE_H
#define ASSAY_JUDGE_HISTORY_PRIVATE_H

/* What the parts of a history share: history.c collects the runs, history_stats.c says what is followed, history_cases.c finds the stretches,
 * history_points.c the figures and their changes, history_flakes.c what flips. Inside, runs are newest first. */

#include "judge/history.h"
#include "judge/values.h"

struct night { /* one run */
    const struct run_record *run;
    struct digest suite_digest, plan_digest;
    uint64_t skipped;
    uint32_t trials;
    struct digest version; /* of what was under test */
    size_t stretch;        /* from 0, the newest */
    uint64_t kept, of;     /* where a stretch begins: cases in common with the run before, of so many */
};

struct case_marks { /* one flag a row of the table */
    uint8_t *items;
    size_t cap;
};

static inline bool case_is_marked(const struct case_marks *m, size_t row)
{
    return row < m->cap && m->items[row] != 0;
}

struct followed { /* one statistic */
    struct stat_ref stat;
    struct digest *scorers; /* by run; of those that have a figure */
};

struct history_work {
    const struct history_in *in;
    struct arena *arena;  /* of the result */
    struct arena room;    /* until the end */
    struct arena at_hand; /* of one run */
    struct case_table table;
    struct night *nights;
    size_t count;
    struct reduction reduction; /* the newest run's */
    struct followed *followed;
    struct history *ret;
};

/* Places are counted from the oldest run in the result. */
static inline size_t night_place(const struct history_work *w, size_t night)
{
    return w->count - 1 - night;
}

MUST_CHECK bool history_choose(struct history_work *w, struct err *err);
MUST_CHECK bool history_stretches(struct history_work *w, struct err *err); /* and the figures of each */
/* Figures of the runs from..to - 1, over these cases. */
MUST_CHECK bool history_points(struct history_work *w, size_t from, size_t to, const struct case_marks *common,
                               struct err *err);
void history_changes(struct history_work *w);
MUST_CHECK bool history_flakes(struct history_work *w, struct err *err);

/* The run's numbers, as far as they are followed. In w->at_hand, which is emptied first. */
MUST_CHECK bool history_read(struct history_work *w, size_t night, struct run_values *ret, struct err *err);

/* Whether the run came to a verdict. */
bool night_has_figures(const struct night *night);

#endif
