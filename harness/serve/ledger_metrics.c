#include "serve/ledger_private.h"

#include "base/arena.h"
#include "base/err.h"

#define METRIC_COLUMNS "m.id, m.dimension, m.value, m.comment, m.created_us FROM metric m "

static void get_metric(struct query *q, struct arena *arena, struct str span_id, struct wire_metric *ret)
{
    *ret = (struct wire_metric){.span_id = span_id};
    ret->id = ledger_get_id(q, arena);
    ret->dimension = query_get_text(q, arena);
    ret->value = (struct wire_number){.has = true, .value = query_get_real(q)};
    ret->comment = query_get_text(q, arena);
    ret->created = ledger_get_time(q);
}

static struct str span_text(struct arena *arena, const struct uuid *span)
{
    return arena_str(arena, str_from(id_text(span).text));
}

bool ledger_metric(struct ledger *ledger, struct arena *arena, const struct uuid *span, const struct uuid *id,
                   struct wire_metric *ret, enum ledger_outcome *ret_outcome, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_METRIC,
                   "SELECT " METRIC_COLUMNS "JOIN span s ON s.seq = m.span WHERE s.id = ? AND m.id = ?");
    query_uuid(&q, span);
    query_uuid(&q, id);
    if (!ledger_step(&q, ret_outcome, err)) {
        return false;
    }
    if (*ret_outcome == LEDGER_FOUND) {
        get_metric(&q, arena, span_text(arena, span), ret);
    }
    return *ret_outcome != LEDGER_FOUND || query_intact(&q, err);
}

bool ledger_add_metric(struct ledger *ledger, struct arena *arena, const struct uuid *span,
                       const struct wire_metric *metric, int64_t now_us, struct wire_metric *ret,
                       enum ledger_outcome *ret_outcome, struct err *err)
{
    struct ledger_place place = {0};
    bool is_conflict = false;
    if (!ledger_find(ledger, span, &place, err)) {
        return false;
    }
    *ret_outcome = LEDGER_MISSING;
    if (place.seq == 0) {
        return true;
    }
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_ADD_METRIC,
                   "INSERT INTO metric (id, span, dimension, value, comment, created_us) VALUES (?, ?, ?, ?, ?, ?)");
    struct uuid id = id_random();
    query_uuid(&q, &id);
    query_int(&q, place.seq);
    query_text(&q, metric->dimension);
    query_real(&q, metric->value.value);
    query_text(&q, metric->comment);
    query_int(&q, now_us);
    if (!query_try(&q, &is_conflict, err)) {
        return false;
    }
    *ret_outcome = LEDGER_CONFLICT;
    return is_conflict || ledger_metric(ledger, arena, span, &id, ret, ret_outcome, err);
}

bool ledger_change_metric(struct ledger *ledger, struct arena *arena, const struct uuid *span, const struct uuid *id,
                          const struct wire_metric *change, struct wire_metric *ret, enum ledger_outcome *ret_outcome,
                          struct err *err)
{
    bool is_conflict = false;
    if (!ledger_metric(ledger, arena, span, id, ret, ret_outcome, err)) {
        return false;
    }
    if (*ret_outcome != LEDGER_FOUND) {
        return true;
    }
    ret->dimension = change->dimension.ptr != NULL ? change->dimension : ret->dimension;
    ret->value = change->value.has ? change->value : ret->value;
    ret->comment = change->comment.ptr != NULL ? change->comment : ret->comment;
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_CHANGE_METRIC,
                   "UPDATE metric SET dimension = ?, value = ?, comment = ? WHERE id = ? AND span = "
                   "(SELECT seq FROM span WHERE id = ?)");
    query_text(&q, ret->dimension);
    query_real(&q, ret->value.value);
    query_text(&q, ret->comment);
    query_uuid(&q, id);
    query_uuid(&q, span);
    if (!query_try(&q, &is_conflict, err)) {
        return false;
    }
    *ret_outcome = is_conflict ? LEDGER_CONFLICT : LEDGER_FOUND;
    return true;
}

bool ledger_drop_metric(struct ledger *ledger, const struct uuid *span, const struct uuid *id,
                        enum ledger_outcome *ret_outcome, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(ledger->store, "DELETE FROM metric WHERE id = ? AND span = (SELECT seq FROM span WHERE id = ?)");
    query_uuid(&q, id);
    query_uuid(&q, span);
    if (!query_run(&q, err)) {
        return false;
    }
    *ret_outcome = sqlite_changes(ledger->store) > 0 ? LEDGER_FOUND : LEDGER_MISSING;
    return true;
}

static bool count_metrics(struct ledger *ledger, int64_t span, uint64_t *ret, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_COUNT_METRICS, "SELECT count(*) FROM metric WHERE span = ?");
    query_int(&q, span);
    return ledger_count(&q, ret, err);
}

static bool metrics_of(struct ledger *ledger, struct arena *arena, int64_t span, struct str span_id, uint64_t offset,
                       uint64_t limit, struct wire_metric *ret, size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) = query_kept(
        ledger->store, SLOT_METRICS, "SELECT " METRIC_COLUMNS "WHERE m.span = ? ORDER BY m.seq LIMIT ? OFFSET ?");
    bool has = true;
    query_int(&q, span);
    query_int(&q, (int64_t)limit);
    query_int(&q, (int64_t)offset);
    *ret_count = 0;
    while (has) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (has) {
            get_metric(&q, arena, span_id, &ret[(*ret_count)++]);
        }
    }
    return query_intact(&q, err);
}

bool ledger_metrics(struct ledger *ledger, struct arena *arena, const struct uuid *span, struct ledger_page *page,
                    struct wire_metric **ret, enum ledger_outcome *ret_outcome, struct err *err)
{
    struct ledger_place place = {0};
    if (!ledger_find(ledger, span, &place, err)) {
        return false;
    }
    *ret_outcome = place.seq != 0 ? LEDGER_FOUND : LEDGER_MISSING;
    *ret = arena_array(arena, struct wire_metric, page->limit);
    return place.seq == 0 || (count_metrics(ledger, place.seq, &page->total, err) &&
                              metrics_of(ledger, arena, place.seq, span_text(arena, span), page->offset, page->limit,
                                         *ret, &page->count, err));
}

bool ledger_all_metrics(struct ledger *ledger, struct arena *arena, int64_t span, struct wire_metric **ret,
                        size_t *ret_count, struct err *err)
{
    uint64_t count = 0;
    if (!count_metrics(ledger, span, &count, err)) {
        return false;
    }
    *ret = arena_array(arena, struct wire_metric, count);
    return metrics_of(ledger, arena, span, STR_NULL, 0, count, *ret, ret_count, err);
}
