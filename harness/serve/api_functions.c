#include "serve/server_private.h"

#include "base/err.h"
#include "data/json.h"
#include "data/value.h"
#include "wire/function.h"
#include "wire/page.h"

/* Stored functions. */

enum { FUNCTIONS_LIMIT = 20 };

static bool reply_function(struct request *r, unsigned status, const struct wire_stored_function *function)
{
    struct json_writer w;
    r->x->status = status;
    json_writer_init(&w, &r->x->answer);
    wire_function_write(&w, function);
    return true;
}

static bool reply_outcome(struct request *r, unsigned status, const struct wire_stored_function *function,
                          enum ledger_outcome outcome, struct str name)
{
    switch (outcome) {
    case LEDGER_FOUND:
        return reply_function(r, status, function);
    case LEDGER_CONFLICT:
        reply_error(r, 409, "There is a function '%.*s' already", STR_ARG(name));
        return true;
    case LEDGER_MISSING:
        break;
    }
    return reply_missing(r, "Function", r->match.ids[0]);
}

bool function_create(struct request *r, struct err *err)
{
    struct wire_stored_function sent;
    struct wire_stored_function function;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!wire_function_read_create(r->arena, r->x->body, &sent, &r->faults)) {
        reply_faults(r);
        return true;
    }
    return ledger_add_function(&r->server->ledger, r->arena, &sent, r->now_us, &function, &outcome, err) &&
           reply_outcome(r, 201, &function, outcome, sent.name);
}

bool function_get(struct request *r, struct err *err)
{
    struct wire_stored_function function;
    enum ledger_outcome outcome = LEDGER_MISSING;
    const struct uuid *revision = r->match.route == WIRE_FUNCTION_REVISION ? &r->ids[1] : NULL;
    return ledger_function(&r->server->ledger, r->arena, &r->ids[0], revision, &function, &outcome, err) &&
           reply_outcome(r, 200, &function, outcome, STR_NULL);
}

bool function_by_name(struct request *r, struct err *err)
{
    struct wire_stored_function function;
    enum ledger_outcome outcome = LEDGER_MISSING;
    return ledger_function_by_name(&r->server->ledger, r->arena, r->match.ids[0], &function, &outcome, err) &&
           reply_outcome(r, 200, &function, outcome, STR_NULL);
}

bool function_change(struct request *r, struct err *err)
{
    struct wire_stored_function change;
    struct wire_stored_function function;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!wire_function_read_patch(r->arena, r->x->body, &change, &r->faults)) {
        reply_faults(r);
        return true;
    }
    return ledger_change_function(&r->server->ledger, r->arena, &r->ids[0], &change, r->now_us, &function, &outcome,
                                  err) &&
           reply_outcome(r, 200, &function, outcome, change.name);
}

bool function_delete(struct request *r, struct err *err)
{
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!ledger_drop_function(&r->server->ledger, &r->ids[0], &outcome, err)) {
        return false;
    }
    r->x->status = 204;
    return outcome == LEDGER_FOUND || reply_missing(r, "Function", r->match.ids[0]);
}

/* The order that ?sort asks for; name unless it says. */
static bool read_sort(struct request *r, enum ledger_sort *ret)
{
    static const struct {
        const char *word;
        enum ledger_sort sort;
    } WORDS[] = {{"name", LEDGER_BY_NAME},         {"-name", LEDGER_BY_NAME_DOWN}, {"created", LEDGER_BY_AGE},
                 {"-created", LEDGER_BY_AGE_DOWN}, {"created_at", LEDGER_BY_AGE},  {"-created_at", LEDGER_BY_AGE_DOWN}};
    struct str text;
    *ret = LEDGER_BY_NAME;
    r->faults.part = "query";
    if (!request_query(r, "sort", &text)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (str_eq_cstr(text, WORDS[i].word)) {
            *ret = WORDS[i].sort;
            return true;
        }
    }
    if (text.len == 0) {
        return true;
    }
    struct value shown = value_of_text(text);
    (void)wire_fault_add(&r->faults, "enum", "sort", STR("Input should be 'name', '-name', 'created' or '-created'"),
                         &shown);
    reply_faults(r);
    return false;
}

bool function_list(struct request *r, struct err *err)
{
    struct ledger_page page;
    struct wire_stored_function *functions = NULL;
    enum ledger_sort sort = LEDGER_BY_NAME;
    struct str name;
    if (!request_page(r, FUNCTIONS_LIMIT, &page) || !read_sort(r, &sort) || !request_query(r, "name", &name)) {
        return true;
    }
    if (!ledger_functions(&r->server->ledger, r->arena, name, sort, &page, &functions, err)) {
        return false;
    }
    struct json_writer w;
    r->x->status = 200;
    json_writer_init(&w, &r->x->answer);
    wire_page_begin(&w, page.total);
    for (size_t i = 0; i < page.count; i++) {
        wire_function_write_item(&w, &functions[i]);
    }
    wire_page_end(&w);
    return true;
}

bool function_revisions(struct request *r, struct err *err)
{
    struct ledger_page page;
    struct wire_revision *revisions = NULL;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!request_page(r, WIRE_PAGE_LIMIT, &page)) {
        return true;
    }
    if (!ledger_revisions(&r->server->ledger, r->arena, &r->ids[0], &page, &revisions, &outcome, err)) {
        return false;
    }
    if (outcome != LEDGER_FOUND) {
        return reply_missing(r, "Function", r->match.ids[0]);
    }
    struct json_writer w;
    r->x->status = 200;
    json_writer_init(&w, &r->x->answer);
    wire_page_begin(&w, page.total);
    for (size_t i = 0; i < page.count; i++) {
        wire_revision_write(&w, &revisions[i]);
    }
    wire_page_end(&w);
    return true;
}
