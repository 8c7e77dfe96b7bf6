/* What a look at a span, or at the list of its metrics, says about a row. */

#include "opper/deliver_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/vec.h"
#include "opper/compare.h"
#include "wire/page.h"

void item_look_at_span(struct item *item, const struct wire_span *span)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    item->is_unsure_of_span = false;
    item->exists = true;
    bool is_other = compare_span(&scratch, &item->rendered.span, span) != NULL;
    item->needs_update = item->row.op != OUTBOX_ROOT_BEGIN && is_other;
    item_was_there(item);
}

/* A run of the same name from another store, or what this one sent before an older copy of it was put back. A service may take a second metric in one
 * dimension, so it is not asked to before the first ones are looked at. */
void item_was_there(struct item *item)
{
    if (item->row.op == OUTBOX_ROOT_BEGIN) {
        item->lane->root_was_there = true;
    } else {
        item->is_unsure_of_metrics = item->row.op != OUTBOX_SUPERSEDED;
    }
}

void item_span_is_gone(struct item *item)
{
    item->is_unsure_of_span = false;
    item->is_unsure_of_metrics = false;
    item->exists = false;
    item->needs_update = false;
    item->done = item->dead;
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        bool is_none =
            item->row.op == OUTBOX_SUPERSEDED || item->parts[i].is_dead; /* the former are the sample's row's to send */
        item->parts[i].state = is_none ? PART_DONE : PART_TODO;
    }
}

static void extra_add(struct item *item, struct str id)
{
    VEC(struct str) extras = {item->extras, item->extra_count, item->extra_cap};
    *vec_push(&item->arena, &extras) = arena_str(&item->arena, id);
    item->extras = extras.items;
    item->extra_count = extras.len;
    item->extra_cap = extras.cap;
}

/* Of several metrics in one dimension the oldest is kept. */
static void look_at_metric(struct item *item, const struct wire_metric *metric)
{
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        struct part *part = &item->parts[i];
        if (!str_eq(item->rendered.metrics[i].dimension, metric->dimension)) {
            continue;
        }
        if (part->was_seen && str_eq(part->id, metric->id)) {
            return; /* a page that moved */
        }
        bool is_older = !part->was_seen || (metric->created.has && metric->created.us < part->created_us);
        if (part->was_seen) {
            extra_add(item, is_older ? part->id : metric->id);
        }
        if (is_older) {
            part->was_seen = true;
            part->id = arena_str(&item->arena, metric->id);
            part->created_us = metric->created.has ? metric->created.us : INT64_MAX;
            part->is_equal = compare_metric(&item->rendered.metrics[i], metric);
        }
        return;
    }
}

static void metrics_are_seen(struct item *item)
{
    bool is_missing = false;
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        struct part *part = &item->parts[i];
        if (part->was_seen && part->is_equal) {
            item_part_done(item, i);
        } else if (part->was_seen && !part->is_dead) {
            part->state = PART_CHANGE;
        } else if (!part->is_dead) {
            part->state = PART_TODO;
            part->vain_looks += part->is_in_conflict ? 1 : 0;
            is_missing = true;
        }
        part->was_seen = false;
    }
    item->listed = 0;
    /* a server may still be at the request whose answer we did not wait for */
    item->is_unsure_of_metrics = is_missing && item->look_ns < item->unsure_ns + LOOK_AGAIN_MS * NS_PER_MS;
}

bool item_look_at_page(struct item *item, struct str body)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_page page;
    struct err ignored = ERR_NULL;
    if (!wire_page_read(&scratch, body, &page, &ignored)) {
        return false;
    }
    for (size_t i = 0; i < page.count; i++) {
        struct wire_metric metric;
        if (wire_metric_of(&scratch, &page.items[i], &metric)) {
            look_at_metric(item, &metric);
        }
    }
    item->listed += page.count;
    bool is_end = page.count == 0 || (page.has_total ? item->listed >= page.total_count : page.count < WIRE_PAGE_LIMIT);
    if (is_end) {
        metrics_are_seen(item);
    }
    return true;
}
