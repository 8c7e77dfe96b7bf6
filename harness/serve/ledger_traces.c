#include "serve/ledger_private.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { US_PER_MS = 1000 };

/* Of the root span, which may not be there (yet). */
#define TRACE_COLUMNS                                                                                                  \
    "t.seq, t.id, r.name, r.input, r.output, r.start_us, r.end_us, r.error IS NOT NULL, "                              \
    "(SELECT sum(g.total_tokens) FROM generation g WHERE g.trace = t.seq) "                                            \
    "FROM trace t LEFT JOIN span r ON r.seq = t.root "

static struct wire_int duration_of(struct wire_time start, struct wire_time end)
{
    bool has = start.has && end.has && end.us >= start.us;
    return (struct wire_int){.has = has, .value = has ? (end.us - start.us) / US_PER_MS : 0};
}

static void get_trace(struct query *q, struct arena *arena, struct wire_trace *ret, int64_t *ret_seq)
{
    *ret = (struct wire_trace){0};
    *ret_seq = query_get_int(q);
    ret->id = ledger_get_id(q, arena);
    ret->name = query_get_text(q, arena);
    ret->input = query_get_text(q, arena);
    ret->output = query_get_text(q, arena);
    ret->start = ledger_get_time(q);
    ret->end = ledger_get_time(q);
    ret->duration_ms = duration_of(ret->start, ret->end);
    ret->status = query_get_bool(q) ? STR("error") : ret->end.has ? STR("success") : STR("running");
    ret->total_tokens = ledger_get_int(q);
}

/* NULL stands for all. */
static void bind_name(struct query *q, struct buf *folded, struct str name)
{
    if (name.ptr == NULL) {
        query_null(q);
        return;
    }
    buf_clear(folded);
    utf8_fold(folded, name);
    query_text(q, folded->len > 0 ? buf_str(folded) : STR(""));
}

static bool count_traces(struct ledger *ledger, struct str name, uint64_t *ret, struct err *err)
{
    struct buf folded CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct query q CLEANUP(query_done) =
        query_new(ledger->store, "SELECT count(*) FROM trace t WHERE ?1 IS NULL OR instr(t.name, ?1) > 0");
    bind_name(&q, &folded, name);
    return ledger_count(&q, ret, err);
}

bool ledger_traces(struct ledger *ledger, struct arena *arena, struct str name, struct ledger_page *page,
                   struct wire_trace **ret, struct err *err)
{
    struct buf folded CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct query q CLEANUP(query_done) =
        query_new(ledger->store, "SELECT " TRACE_COLUMNS
                                 "WHERE ?1 IS NULL OR instr(t.name, ?1) > 0 ORDER BY t.seq DESC LIMIT ?2 OFFSET ?3");
    bool has = true;
    int64_t seq = 0;
    if (!count_traces(ledger, name, &page->total, err)) {
        return false;
    }
    bind_name(&q, &folded, name);
    query_int(&q, (int64_t)page->limit);
    query_int(&q, (int64_t)page->offset);
    *ret = arena_array(arena, struct wire_trace, page->limit);
    page->count = 0;
    while (has) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (has) {
            get_trace(&q, arena, &(*ret)[page->count++], &seq);
        }
    }
    return query_intact(&q, err);
}

bool ledger_trace(struct ledger *ledger, struct arena *arena, const struct uuid *id, struct wire_trace *ret,
                  int64_t *ret_seq, enum ledger_outcome *ret_outcome, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(ledger->store, "SELECT " TRACE_COLUMNS "WHERE t.id = ?");
    query_uuid(&q, id);
    if (!ledger_step(&q, ret_outcome, err)) {
        return false;
    }
    if (*ret_outcome == LEDGER_FOUND) {
        get_trace(&q, arena, ret, ret_seq);
    }
    return *ret_outcome != LEDGER_FOUND || query_intact(&q, err);
}

static void get_trace_span(struct query *q, struct arena *arena, struct wire_trace_span *ret, int64_t *ret_seq)
{
    *ret = (struct wire_trace_span){0};
    *ret_seq = query_get_int(q);
    ret->id = ledger_get_id(q, arena);
    ret->parent_id = ledger_get_id(q, arena);
    ret->name = query_get_text(q, arena);
    ret->type = query_get_text(q, arena);
    ret->start = ledger_get_time(q);
    ret->end = ledger_get_time(q);
    ret->duration_ms = duration_of(ret->start, ret->end);
    ret->error = query_get_text(q, arena);
    ret->meta = query_get_text(q, arena);
    ret->score = ledger_get_int(q);
    ret->data.input = query_get_text(q, arena);
    ret->data.output = query_get_text(q, arena);
    ret->data.generation_id = ledger_get_id(q, arena);
    ret->data.model = query_get_text(q, arena);
    ret->data.instructions = query_get_text(q, arena);
    ret->data.function = query_get_text(q, arena);
    ret->data.tags = query_get_text(q, arena);
    ret->data.total_tokens = ledger_get_int(q);
}

bool ledger_trace_spans(struct ledger *ledger, struct arena *arena, int64_t trace, int64_t *after, size_t limit,
                        struct wire_trace_span **ret, size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) = query_kept(
        ledger->store, SLOT_TRACE_SPANS,
        "SELECT s.seq, s.id, s.parent, s.name, s.type, s.start_us, s.end_us, s.error, s.meta, s.score, s.input, "
        "s.output, g.id, g.model, g.instructions, g.function, g.tags, g.total_tokens FROM span s LEFT JOIN generation "
        "g "
        "ON g.span = s.seq WHERE s.trace = ? AND s.seq > ? ORDER BY s.seq LIMIT ?");
    bool has = true;
    query_int(&q, trace);
    query_int(&q, *after);
    query_int(&q, (int64_t)limit);
    struct wire_trace_span *spans = arena_array(arena, struct wire_trace_span, limit);
    *ret_count = 0;
    while (has) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        struct wire_trace_span *span = &spans[(*ret_count)++];
        get_trace_span(&q, arena, span, after);
        if (!ledger_all_metrics(ledger, arena, *after, &span->metrics, &span->metric_count, err)) {
            return false;
        }
    }
    *ret = spans;
    return query_intact(&q, err);
}
