#include "run/work_list.h"

#include "base/mem.h"

void work_list_push(struct work_list *list, struct work *w)
{
    w->link = NULL;
    if (list->first == NULL) {
        list->first = w;
    } else {
        list->last->link = w;
    }
    list->last = w;
}

struct work *work_list_pop(struct work_list *list)
{
    struct work *w = list->first;
    if (w != NULL) {
        list->first = w->link;
        w->link = NULL;
    }
    return w;
}

void work_list_put_back(struct work_list *list, struct work *w)
{
    w->link = list->first;
    list->first = w;
    if (w->link == NULL) {
        list->last = w;
    }
}

void work_list_free(struct work *w)
{
    while (w != NULL) {
        struct work *next = w->link;
        arena_deinit(&w->arena);
        mem_free(w);
        w = next;
    }
}
