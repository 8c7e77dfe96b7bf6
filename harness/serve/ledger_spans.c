#include "serve/ledger_private.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"

static bool read_span(struct ledger *ledger, struct arena *arena, const struct uuid *id, struct wire_span *ret,
                      struct digest *ret_made, enum ledger_outcome *ret_outcome, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_SPAN,
                   "SELECT s.id, t.id, s.parent, s.name, s.type, s.start_us, s.end_us, s.input, s.output, s.error, "
                   "s.meta, s.score, "
                   "s.feedback, s.made FROM span s JOIN trace t ON t.seq = s.trace WHERE s.id = ?");
    query_uuid(&q, id);
    if (!ledger_step(&q, ret_outcome, err)) {
        return false;
    }
    if (*ret_outcome != LEDGER_FOUND) {
        return true;
    }
    *ret = (struct wire_span){0};
    ret->id = ledger_get_id(&q, arena);
    ret->trace_id = ledger_get_id(&q, arena);
    ret->parent_id = ledger_get_id(&q, arena);
    ret->name = query_get_text(&q, arena);
    ret->type = query_get_text(&q, arena);
    ret->start = ledger_get_time(&q);
    ret->end = ledger_get_time(&q);
    ret->input = query_get_text(&q, arena);
    ret->output = query_get_text(&q, arena);
    ret->error = query_get_text(&q, arena);
    ret->meta = query_get_text(&q, arena);
    ret->score = ledger_get_int(&q);
    ret->feedback = query_get_text(&q, arena);
    *ret_made = query_get_digest(&q);
    return query_intact(&q, err);
}

bool ledger_span(struct ledger *ledger, struct arena *arena, const struct uuid *id, struct wire_span *ret,
                 enum ledger_outcome *ret_outcome, struct err *err)
{
    struct digest made;
    return read_span(ledger, arena, id, ret, &made, ret_outcome, err);
}

/* What tells a repeat from another span of the same id: all that was sent. */
static struct digest digest_of_sent(const struct wire_span *span)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    wire_span_write_create(&text, span);
    return digest_of(buf_str(&text));
}

/* The ids of a span that is new: its own, and its trace's. */
struct span_ids {
    struct uuid id, trace, parent;
    bool has_parent;
};

static bool choose_trace(struct ledger *ledger, const struct wire_span *span, struct span_ids *ids, int64_t *ret_trace,
                         struct err *err)
{
    struct ledger_place parent = {0};
    if (id_parse(span->trace_id, &ids->trace)) {
        return ledger_trace_of(ledger, &ids->trace, ret_trace, err);
    }
    if (ids->has_parent && !ledger_find(ledger, &ids->parent, &parent, err)) {
        return false;
    }
    if (parent.seq != 0) {
        *ret_trace = parent.trace;
        return true;
    }
    ids->trace = id_random();
    return ledger_trace_of(ledger, &ids->trace, ret_trace, err);
}

static bool insert_span(struct ledger *ledger, const struct wire_span *span, const struct span_ids *ids, int64_t trace,
                        int64_t now_us, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_ADD_SPAN,
                   "INSERT INTO span (id, trace, parent, name, type, start_us, end_us, input, output, error, meta, "
                   "score, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    struct digest made = digest_of_sent(span);
    query_uuid(&q, &ids->id);
    query_int(&q, trace);
    if (ids->has_parent) {
        query_uuid(&q, &ids->parent);
    } else {
        query_null(&q);
    }
    query_text(&q, span->name);
    query_text(&q, span->type);
    query_int(&q, span->start.has ? span->start.us : now_us);
    ledger_put_time(&q, span->end);
    query_text(&q, span->input);
    query_text(&q, span->output);
    query_text(&q, span->error);
    query_text(&q, span->meta);
    ledger_put_int(&q, span->score);
    query_digest(&q, &made);
    return query_run(&q, err);
}

static bool insert_generation(struct ledger *ledger, const struct ledger_generation *g, int64_t span, int64_t trace,
                              struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_ADD_GENERATION,
                   "INSERT INTO generation (span, trace, id, model, instructions, function, tags, total_tokens) VALUES "
                   "(?, ?, ?, ?, ?, ?, ?, ?)");
    struct uuid id = id_random();
    query_int(&q, span);
    query_int(&q, trace);
    query_uuid(&q, &id);
    query_text(&q, g->model);
    query_text(&q, g->instructions);
    query_text(&q, g->function);
    query_text(&q, g->tags);
    ledger_put_int(&q, g->total_tokens);
    return query_run(&q, err);
}

bool ledger_add_span(struct ledger *ledger, struct arena *arena, const struct wire_span *span,
                     const struct ledger_generation *generation, int64_t now_us, struct wire_span *ret,
                     enum ledger_outcome *ret_outcome, struct err *err)
{
    struct span_ids ids = {0};
    struct digest made;
    int64_t trace = 0;
    ids.has_parent = id_parse(span->parent_id, &ids.parent);
    if (!id_parse(span->id, &ids.id)) {
        ids.id = id_random();
    } else if (!read_span(ledger, arena, &ids.id, ret, &made, ret_outcome, err)) {
        return false;
    } else if (*ret_outcome == LEDGER_FOUND) {
        struct digest sent = digest_of_sent(span);
        *ret_outcome = digest_eq(&made, &sent) ? LEDGER_FOUND : LEDGER_CONFLICT;
        return true;
    }
    if (!choose_trace(ledger, span, &ids, &trace, err) || !insert_span(ledger, span, &ids, trace, now_us, err)) {
        return false;
    }
    int64_t seq = sqlite_last_seq(ledger->store);
    return (generation == NULL || insert_generation(ledger, generation, seq, trace, err)) &&
           (ids.has_parent || ledger_trace_settle(ledger, trace, err)) &&
           read_span(ledger, arena, &ids.id, ret, &made, ret_outcome, err);
}

/* Both JSON texts of maps; the keys of `change` win. */
static bool merge_meta(struct arena *arena, struct str meta, struct str change, struct str *ret, struct err *err)
{
    struct value before;
    struct value after;
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    if (meta.ptr == NULL) {
        *ret = change;
        return true;
    }
    if (!json_read(arena, meta, JSON_REPLY, (struct src_pos){0}, &before, NULL, err) ||
        !json_read(arena, change, JSON_REPLY, (struct src_pos){0}, &after, NULL, err)) {
        return false;
    }
    json_writer_init(&w, &text);
    json_open_map(&w);
    for (uint32_t i = 0; i < before.len; i++) {
        if (value_get(&after, before.keys[i].text) == NULL) {
            json_key_str(&w, before.keys[i].text);
            json_value(&w, &before.items[i]);
        }
    }
    for (uint32_t i = 0; i < after.len; i++) {
        json_key_str(&w, after.keys[i].text);
        json_value(&w, &after.items[i]);
    }
    json_close_map(&w);
    *ret = arena_str(arena, buf_str(&text));
    return true;
}

bool ledger_change_span(struct ledger *ledger, struct arena *arena, const struct uuid *id,
                        const struct wire_span *change, struct wire_span *ret, enum ledger_outcome *ret_outcome,
                        struct err *err)
{
    struct ledger_place place = {0};
    struct digest made;
    if (!read_span(ledger, arena, id, ret, &made, ret_outcome, err) || !ledger_find(ledger, id, &place, err)) {
        return false;
    }
    if (*ret_outcome != LEDGER_FOUND) {
        return true;
    }
    if (change->meta.ptr != NULL && !merge_meta(arena, ret->meta, change->meta, &ret->meta, err)) {
        return false;
    }
    ret->name = ledger_changed(ret->name, change->name);
    ret->type = ledger_changed(ret->type, change->type);
    ret->start = change->start.has ? change->start : ret->start;
    ret->end = change->end.has ? change->end : ret->end;
    ret->input = ledger_changed(ret->input, change->input);
    ret->output = ledger_changed(ret->output, change->output);
    ret->error = ledger_changed(ret->error, change->error);
    ret->score = change->score.has ? change->score : ret->score;
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_CHANGE_SPAN,
                   "UPDATE span SET name = ?, type = ?, start_us = ?, end_us = ?, input = ?, output = ?, error = ?, "
                   "meta = ?, score = ? WHERE seq = ?");
    query_text(&q, ret->name);
    query_text(&q, ret->type);
    ledger_put_time(&q, ret->start);
    ledger_put_time(&q, ret->end);
    query_text(&q, ret->input);
    query_text(&q, ret->output);
    query_text(&q, ret->error);
    query_text(&q, ret->meta);
    ledger_put_int(&q, ret->score);
    query_int(&q, place.seq);
    return query_run(&q, err) &&
           (change->name.ptr == NULL || !place.is_root || ledger_trace_settle(ledger, place.trace, err));
}

bool ledger_drop_span(struct ledger *ledger, const struct uuid *id, enum ledger_outcome *ret_outcome, struct err *err)
{
    struct ledger_place place = {0};
    if (!ledger_find(ledger, id, &place, err)) {
        return false;
    }
    *ret_outcome = place.seq != 0 ? LEDGER_FOUND : LEDGER_MISSING;
    return place.seq == 0 || (ledger_run(ledger, "DELETE FROM metric WHERE span = ?", place.seq, err) &&
                              ledger_run(ledger, "DELETE FROM generation WHERE span = ?", place.seq, err) &&
                              ledger_run(ledger, "DELETE FROM span WHERE seq = ?", place.seq, err) &&
                              ledger_trace_settle(ledger, place.trace, err));
}

bool ledger_set_feedback(struct ledger *ledger, const struct uuid *id, struct str feedback,
                         enum ledger_outcome *ret_outcome, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(ledger->store, "UPDATE span SET feedback = ? WHERE id = ?");
    query_text(&q, feedback);
    query_uuid(&q, id);
    if (!query_run(&q, err)) {
        return false;
    }
    *ret_outcome = sqlite_changes(ledger->store) > 0 ? LEDGER_FOUND : LEDGER_MISSING;
    return true;
}
