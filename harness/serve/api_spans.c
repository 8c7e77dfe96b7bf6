#include "serve/server_private.h"

#include "base/err.h"
#include "wire/span.h"

/* Spans and their feedback. */

static struct str span_id(const struct request *r)
{
    return r->match.ids[0];
}

static bool reply_span(struct request *r, const struct wire_span *span, bool with_feedback)
{
    r->x->status = 200;
    wire_span_write(&r->x->answer, span, with_feedback);
    return true;
}

bool span_create(struct request *r, struct err *err)
{
    struct wire_span sent;
    struct wire_span span;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!wire_span_read_create(r->arena, r->x->body, &sent, &r->faults)) {
        reply_faults(r);
        return true;
    }
    if (!ledger_add_span(&r->server->ledger, r->arena, &sent, NULL, r->now_us, &span, &outcome, err)) {
        return false;
    }
    if (outcome == LEDGER_CONFLICT) {
        reply_error(r, 409, "Span %.*s exists with another content", STR_ARG(sent.id));
        return true;
    }
    return reply_span(r, &span, false);
}

bool span_get(struct request *r, struct err *err)
{
    struct wire_span span;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!ledger_span(&r->server->ledger, r->arena, &r->ids[0], &span, &outcome, err)) {
        return false;
    }
    return outcome == LEDGER_FOUND ? reply_span(r, &span, true) : reply_missing(r, "Span", span_id(r));
}

bool span_change(struct request *r, struct err *err)
{
    struct wire_span change;
    struct wire_span span;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!wire_span_read_patch(r->arena, r->x->body, &change, &r->faults)) {
        reply_faults(r);
        return true;
    }
    if (!ledger_change_span(&r->server->ledger, r->arena, &r->ids[0], &change, &span, &outcome, err)) {
        return false;
    }
    return outcome == LEDGER_FOUND ? reply_span(r, &span, false) : reply_missing(r, "Span", span_id(r));
}

bool span_delete(struct request *r, struct err *err)
{
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!ledger_drop_span(&r->server->ledger, &r->ids[0], &outcome, err)) {
        return false;
    }
    r->x->status = 204;
    return outcome == LEDGER_FOUND || reply_missing(r, "Span", span_id(r));
}

bool span_feedback(struct request *r, struct err *err)
{
    struct wire_feedback feedback;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!wire_feedback_read(r->arena, r->x->body, &feedback, &r->faults)) {
        reply_faults(r);
        return true;
    }
    if (!ledger_set_feedback(&r->server->ledger, &r->ids[0], wire_feedback_of_span(r->arena, &feedback), &outcome,
                             err)) {
        return false;
    }
    if (outcome != LEDGER_FOUND) {
        return reply_missing(r, "Span", span_id(r));
    }
    struct uuid_text id = id_text(&r->ids[0]);
    feedback.span_id = str_from(id.text);
    feedback.example_saved = (struct wire_bool){.has = true, .value = false}; /* there are no data sets here */
    r->x->status = 200;
    wire_feedback_write(&r->x->answer, &feedback);
    return true;
}

bool span_save_examples(struct request *r, struct err *err)
{
    struct wire_span span;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!ledger_span(&r->server->ledger, r->arena, &r->ids[0], &span, &outcome, err)) {
        return false;
    }
    if (outcome != LEDGER_FOUND) {
        return reply_missing(r, "Span", span_id(r));
    }
    reply_error(r, 404, "assay serve keeps no data sets: span %.*s has none to save examples to", STR_ARG(span_id(r)));
    return true;
}
