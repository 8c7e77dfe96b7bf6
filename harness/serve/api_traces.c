#include "serve/server_private.h"

#include "base/err.h"
#include "data/json.h"
#include "wire/page.h"
#include "wire/trace.h"

/* Traces, read only. A whole one is sent piece by piece: it may have any number of spans. */

enum { SPANS_A_PIECE = 64 };

bool trace_list(struct request *r, struct err *err)
{
    struct ledger_page page;
    struct wire_trace *traces = NULL;
    struct str name;
    if (!request_page(r, WIRE_PAGE_LIMIT, &page) || !request_query(r, "name", &name)) {
        return true;
    }
    if (!ledger_traces(&r->server->ledger, r->arena, name, &page, &traces, err)) {
        return false;
    }
    struct json_writer w;
    r->x->status = 200;
    json_writer_init(&w, &r->x->answer);
    wire_page_begin(&w, page.total);
    for (size_t i = 0; i < page.count; i++) {
        wire_trace_write_item(&w, &traces[i]);
    }
    wire_page_end(&w);
    return true;
}

struct trace_stream {
    struct ledger *ledger;
    struct wire_trace trace;
    int64_t seq, after;
    enum { TRACE_HEAD, TRACE_SPANS, TRACE_END } next;
    struct json_writer writer; /* its place in the text, over all pieces */
};

static bool more_of_trace(void *ctx, struct buf *out)
{
    struct trace_stream *s = ctx;
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_trace_span *spans = NULL;
    size_t count = 0;
    struct err err = ERR_NULL;
    if (s->next == TRACE_END) {
        return true;
    }
    if (s->next == TRACE_HEAD) {
        json_writer_init(&s->writer, out);
        wire_trace_begin(&s->writer, &s->trace);
        s->next = TRACE_SPANS;
    }
    s->writer.out = out;
    if (!ledger_trace_spans(s->ledger, &arena, s->seq, &s->after, SPANS_A_PIECE, &spans, &count, &err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        wire_trace_write_span(&s->writer, &spans[i]);
    }
    if (count < SPANS_A_PIECE) {
        wire_trace_end(&s->writer);
        s->next = TRACE_END;
    }
    return true;
}

bool trace_get(struct request *r, struct err *err)
{
    struct trace_stream *s = arena_new(r->arena, struct trace_stream);
    enum ledger_outcome outcome = LEDGER_MISSING;
    s->ledger = &r->server->ledger;
    if (!ledger_trace(s->ledger, r->arena, &r->ids[0], &s->trace, &s->seq, &outcome, err)) {
        return false;
    }
    if (outcome != LEDGER_FOUND) {
        return reply_missing(r, "Trace", r->match.ids[0]);
    }
    r->x->status = 200;
    r->x->stream = (struct listener_stream){.ctx = s, .more = more_of_trace};
    return true;
}
