#ifndef ASSAY_RUN_WORK_LIST_H
#define ASSAY_RUN_WORK_LIST_H

/* Works that wait for the same thing, first in, first out. A work is in one list at a time. */

#include "run/work.h"

struct work_list {
    struct work *first, *last;
};

void work_list_push(struct work_list *list, struct work *w);
struct work *work_list_pop(struct work_list *list);              /* NULL when empty */
void work_list_put_back(struct work_list *list, struct work *w); /* before all others */

/* Frees the works that hang on `w`, which no list knows any more. */
void work_list_free(struct work *w);

#endif
