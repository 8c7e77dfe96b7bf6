#include "run/batch.h"

#include "base/clock.h"
#include "base/err.h"
#include "opper/deliver.h"
#include "store/store.h"

enum { BATCH_SAMPLES = 64, BATCH_BYTES = 16 << 20, BATCH_MS = 50, BUSY_MS = 5 };

void batch_add(struct batch *b, struct work *w, int64_t now_ns)
{
    w->link = NULL;
    if (b->first == NULL) {
        b->first = w;
        b->oldest_ns = now_ns;
    } else {
        b->last->link = w;
    }
    b->last = w;
    b->count++;
    b->bytes += w->arena.total_bytes;
}

bool batch_is_due(const struct batch *b, int64_t now_ns, bool is_last)
{
    if (b->count == 0 || now_ns < b->busy_until_ns) {
        return false;
    }
    return is_last || b->count >= BATCH_SAMPLES || b->bytes >= BATCH_BYTES ||
           now_ns - b->oldest_ns >= BATCH_MS * NS_PER_MS;
}

int64_t batch_next_ns(const struct batch *b)
{
    if (b->count == 0) {
        return INT64_MAX;
    }
    int64_t due_ns = b->oldest_ns + BATCH_MS * NS_PER_MS;
    return due_ns > b->busy_until_ns ? due_ns : b->busy_until_ns;
}

static bool batch_add_samples(const struct batch *b, struct store *store, struct err *err)
{
    struct sample_entry entries[BATCH_SAMPLES];
    for (struct work *w = b->first; w != NULL;) {
        size_t count = 0;
        for (; w != NULL && count < BATCH_SAMPLES; w = w->link) {
            entries[count++] = (struct sample_entry){w->run, &w->record};
        }
        if (!store_add_samples(store, entries, count, err)) {
            return false;
        }
    }
    return true;
}

static bool batch_store(struct batch *b, struct store *store, struct delivery *delivery, struct err *err)
{
    if (!batch_add_samples(b, store, err)) {
        return false;
    }
    for (struct work *w = b->first; w != NULL && delivery != NULL; w = w->link) {
        if (!delivery_queue_sample(delivery, w->run, &w->record, err)) {
            return err_wrap(err, "case '%.*s'", STR_ARG(w->record.case_id));
        }
    }
    return (delivery == NULL || delivery_write(delivery, err)) && store_commit(store, err);
}

bool batch_flush(struct batch *b, struct store *store, struct delivery *delivery, int64_t now_ns,
                 struct work **ret_stored, struct err *err)
{
    *ret_stored = NULL;
    bool is_busy = false;
    if (!store_begin(store, 0, &is_busy, err)) {
        return false;
    }
    if (is_busy) {
        b->busy_until_ns = now_ns + BUSY_MS * NS_PER_MS;
        return true;
    }
    if (!batch_store(b, store, delivery, err)) {
        store_rollback(store);
        if (delivery != NULL) {
            delivery_rolled_back(delivery);
        }
        return false;
    }
    if (delivery != NULL) {
        delivery_committed(delivery);
    }
    *ret_stored = b->first;
    *b = (struct batch){0};
    return true;
}
