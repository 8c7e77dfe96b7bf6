#include "opper/verify.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/retry.h"
#include "base/rng.h"
#include "model/call.h"
#include "opper/compare.h"
#include "opper/deliver.h"
#include "opper/render.h"
#include "store/store.h"
#include "wire/page.h"
#include "wire/path.h"
#include "wire/reply.h"

enum { TIMEOUT_S = 30, TERM_GRACE_S = 5, ANSWER_BYTES = 64 << 20, TRIES = 6 };

struct lane {
    const struct run_record *run;
    struct recording recording;
    struct recording_counts counts;
};

/* One span: GET it, then its metrics page by page. */
struct check {
    struct check *next;
    struct lane *lane;
    struct arena arena;
    struct rendered want;
    struct str name; /* "case 'x'", "the root" */
    bool is_sent, has_span, wants_metrics;
    uint64_t listed;
    struct seen {
        uint32_t count;
        bool is_equal;
    } * seen; /* one a metric */
    uint32_t tries;
    int64_t resume_ns;
    struct call call;
    struct arena request;
};

struct verification {
    struct delivery_order order;
    struct arena arena;
    struct lane *lanes;
    size_t lane_count;
    struct rng rng;

    /* what comes next */
    size_t lane;
    enum { AT_ROOT, AT_SAMPLES, AT_SUPERSEDED } at;
    struct sample_cursor samples;
    int64_t *superseded;
    size_t superseded_count, superseded_at;
    bool is_exhausted;

    struct check *open, *spare;
    size_t open_count, in_flight;
    uint64_t spans;
    struct str named[VERIFY_NAMED];
    size_t named_count;
    struct str trouble;
};

/* --- opening ------------------------------------------------------------------------------------------------------------------------------ */

bool verify_open(const struct delivery_order *order, struct verification **ret, struct err *err)
{
    struct verification *v CLEANUP(verify_close) = mem_alloc(sizeof(*v));
    v->order = *order;
    rng_seed(&v->rng, order->seed);
    v->lanes = arena_array(&v->arena, struct lane, order->run_count);
    for (size_t i = 0; i < order->run_count; i++) {
        struct lane *lane = &v->lanes[v->lane_count];
        bool found = false;
        if (!store_recording(order->store, &v->arena, order->runs[i]->seq, &found, &lane->recording, err)) {
            return false;
        }
        lane->run = order->runs[i];
        v->lane_count += found ? 1 : 0;
    }
    *ret = take_ptr(&v);
    return true;
}

static void checks_free(struct check *list)
{
    while (list != NULL) {
        struct check *c = list;
        list = c->next;
        arena_deinit(&c->arena);
        arena_deinit(&c->request);
        mem_free(c);
    }
}

void verify_close(struct verification **verification)
{
    struct verification *v = *verification;
    if (v == NULL) {
        return;
    }
    sample_cursor_close(&v->samples);
    checks_free(v->open);
    checks_free(v->spare);
    arena_deinit(&v->arena);
    mem_free(v);
    *verification = NULL;
}

/* --- what comes next ------------------------------------------------------------------------------------------------------------------------ */

static struct check *check_new(struct verification *v)
{
    struct check *c = v->spare;
    if (c == NULL) {
        c = mem_alloc(sizeof(*c));
    } else {
        v->spare = c->next;
        struct arena arena = c->arena;
        struct arena request = c->request;
        *c = (struct check){.arena = arena, .request = request};
    }
    c->next = v->open;
    v->open = c;
    v->open_count++;
    c->lane = &v->lanes[v->lane];
    return c;
}

static void check_free(struct verification *v, struct check *check)
{
    struct check **at = &v->open;
    while (*at != check) {
        at = &(*at)->next;
    }
    *at = check->next;
    v->open_count--;
    arena_reset(&check->arena);
    arena_reset(&check->request);
    check->next = v->spare;
    v->spare = check;
}

static struct str name_of(const struct verification *v, struct check *c, struct str what)
{
    if (v->lane_count == 1) {
        return what;
    }
    const struct invocation_record *invocation = delivery_order_invocation(&v->order, c->lane->run);
    return arena_printf(&c->arena, "%.8s [%.*s] %.*s", id_text(&invocation->id).text, STR_ARG(c->lane->run->variant),
                        STR_ARG(what));
}

static bool open_root(struct verification *v, bool *ret_opened, struct err *err)
{
    struct lane *lane = &v->lanes[v->lane];
    struct root_record root;
    bool ended = false;
    struct check *c = check_new(v);
    c->name = name_of(v, c, STR("the root"));
    if (!store_root(v->order.store, &c->arena, lane->run->seq, &ended, &root, err)) {
        return false;
    }
    if (!ended) {
        render_root_begin(&c->arena, lane->run, &c->want);
    }
    v->at = AT_SAMPLES;
    *ret_opened = true;
    return (!ended || render_root_end(&c->arena, delivery_order_invocation(&v->order, lane->run), lane->run, &root,
                                      &c->want, err)) &&
           store_samples(v->order.store, lane->run->seq, (struct sample_filter){.without_texts = true}, &v->samples,
                         err);
}

static bool open_span(struct verification *v, int64_t span, struct err *err)
{
    struct sample_record sample;
    bool is_superseded = false;
    struct check *c = check_new(v);
    if (!store_sample(v->order.store, &c->arena, c->lane->run, span, &sample, &is_superseded, err)) {
        return false;
    }
    render_sample(&c->arena, &c->lane->recording, c->lane->run, &sample, is_superseded, &c->want);
    c->name = name_of(v, c, arena_printf(&c->arena, "case '%.*s'", STR_ARG(sample.case_id)));
    return true;
}

static bool open_sample(struct verification *v, bool *ret_opened, struct err *err)
{
    struct sample_record sample;
    if (!v->samples.next(&v->samples, ret_opened, &sample, err)) {
        return false;
    }
    if (*ret_opened) {
        return open_span(v, sample.seq, err);
    }
    sample_cursor_close(&v->samples);
    v->at = AT_SUPERSEDED;
    v->superseded_at = 0;
    return store_superseded(v->order.store, &v->arena, v->lanes[v->lane].run->seq, &v->superseded, &v->superseded_count,
                            err);
}

static bool open_superseded(struct verification *v, bool *ret_opened, struct err *err)
{
    if (v->superseded_at < v->superseded_count) {
        *ret_opened = true;
        return open_span(v, v->superseded[v->superseded_at++], err);
    }
    v->lane++;
    v->at = AT_ROOT;
    return true;
}

/* The next span of all; none when is_exhausted. */
static bool open_next(struct verification *v, struct err *err)
{
    bool opened = false;
    while (!opened) {
        if (v->lane == v->lane_count) {
            v->is_exhausted = true;
            return true;
        }
        bool ok = v->at == AT_ROOT      ? open_root(v, &opened, err)
                  : v->at == AT_SAMPLES ? open_sample(v, &opened, err)
                                        : open_superseded(v, &opened, err);
        if (!ok) {
            return false;
        }
    }
    v->open->seen = arena_alloc_array(&v->open->arena, sizeof(struct seen), v->open->want.metric_count);
    return true;
}

/* --- requests ---------------------------------------------------------------------------------------------------------------------------------- */

static bool check_send(struct verification *v, struct check *c, const struct call_port *port)
{
    struct buf url CLEANUP(buf_deinit) = BUF(LIMIT_URL_BYTES);
    arena_reset(&c->request);
    buf_append_cstr(&url, v->order.base_url);
    wire_path_write(&url, c->wants_metrics ? WIRE_SPAN_METRICS : WIRE_SPAN, c->want.span.id, STR_NULL);
    if (c->wants_metrics) {
        wire_query_add_int(&url, "limit", WIRE_PAGE_LIMIT);
        wire_query_add_int(&url, "offset", c->listed);
    }
    c->call = (struct call){
        .kind = CALL_HTTP,
        .http =
            {
                .method = "GET",
                .url = arena_str(&c->request, buf_str(&url)).ptr,
                .key = v->order.key,
                .priority = HTTP_BEHIND,
                .max_output = ANSWER_BYTES,
                .is_repeat = c->tries > 0,
            },
        .timeout_ns = TIMEOUT_S * NS_PER_S,
        .term_grace_ns = TERM_GRACE_S * NS_PER_S,
    };
    if (!port->start(port->ctx, &c->call, c)) {
        return false;
    }
    c->is_sent = true;
    v->in_flight++;
    return true;
}

bool verify_turn(struct verification *v, const struct call_port *port, struct err *err)
{
    int64_t now_ns = clock_ns(v->order.clock);
    while (v->trouble.len == 0 && !v->is_exhausted && v->open_count < VERIFY_WINDOW) {
        if (!open_next(v, err)) {
            return false;
        }
    }
    for (struct check *c = v->open; c != NULL && v->trouble.len == 0; c = c->next) {
        if (!c->is_sent && now_ns >= c->resume_ns && !check_send(v, c, port)) {
            break;
        }
    }
    return true;
}

int64_t verify_next_ns(const struct verification *v)
{
    int64_t next_ns = INT64_MAX;
    for (const struct check *c = v->open; c != NULL; c = c->next) {
        if (!c->is_sent && c->resume_ns < next_ns) {
            next_ns = c->resume_ns;
        }
    }
    return !v->is_exhausted && v->open_count < VERIFY_WINDOW ? 0 : next_ns;
}

/* --- answers ---------------------------------------------------------------------------------------------------------------------------------- */

PRINTF_LIKE(3, 4)
static void name_fault(struct verification *v, const struct check *c, const char *format, ...)
{
    if (v->named_count == VERIFY_NAMED) {
        return;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SCALAR_BYTES);
    va_list args;
    va_start(args, format);
    buf_append(&text, c->name);
    buf_append_cstr(&text, ": ");
    buf_vprintf(&text, format, args);
    va_end(args);
    v->named[v->named_count++] = arena_str(&v->arena, buf_str(&text));
}

static void span_missing(struct verification *v, struct check *c)
{
    c->lane->counts.missing += 1 + c->want.metric_count;
    name_fault(v, c, "its span is missing, with %zu metrics", c->want.metric_count);
    v->spans++;
    check_free(v, c);
}

static bool take_span(struct verification *v, struct check *c, struct str body)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_span span;
    struct err ignored = ERR_NULL;
    if (!wire_span_read(&scratch, body, &span, &ignored)) {
        return false;
    }
    const char *differs = compare_span(&scratch, &c->want.span, &span);
    if (differs == NULL) {
        c->lane->counts.verified_spans++;
    } else {
        c->lane->counts.differing++;
        name_fault(v, c, "%s differs", differs);
    }
    c->wants_metrics = true;
    return true;
}

static void count_metrics(struct verification *v, struct check *c)
{
    for (size_t i = 0; i < c->want.metric_count; i++) {
        struct str name = c->want.metrics[i].dimension;
        const struct seen *seen = &c->seen[i];
        if (seen->count == 1 && seen->is_equal) {
            c->lane->counts.verified_metrics++;
        } else if (seen->count == 0) {
            c->lane->counts.missing++;
            name_fault(v, c, "metric '%.*s' is missing", STR_ARG(name));
        } else {
            c->lane->counts.differing++;
            name_fault(v, c, seen->count > 1 ? "metric '%.*s' is there more than once" : "metric '%.*s' differs",
                       STR_ARG(name));
        }
    }
    v->spans++;
    check_free(v, c);
}

static bool take_metrics(struct verification *v, struct check *c, struct str body)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_page page;
    struct err ignored = ERR_NULL;
    if (!wire_page_read(&scratch, body, &page, &ignored)) {
        return false;
    }
    for (size_t k = 0; k < page.count; k++) {
        struct wire_metric metric;
        if (!wire_metric_of(&scratch, &page.items[k], &metric)) {
            continue;
        }
        for (size_t i = 0; i < c->want.metric_count; i++) {
            if (str_eq(c->want.metrics[i].dimension, metric.dimension)) {
                c->seen[i].count++;
                c->seen[i].is_equal = compare_metric(&c->want.metrics[i], &metric);
            }
        }
    }
    c->listed += page.count;
    if (page.count == 0 || (page.has_total ? c->listed >= page.total_count : page.count < WIRE_PAGE_LIMIT)) {
        count_metrics(v, c);
    }
    return true;
}

static void check_again(struct verification *v, struct check *c, const struct call_result *result, struct str words)
{
    int64_t pause_ns = 0;
    bool may_wait = retry_pause_ns(&v->rng, c->tries, result->retry_after_ns, &pause_ns);
    if (!may_wait || ++c->tries == TRIES) {
        v->trouble = arena_str(&v->arena, words);
        return;
    }
    c->resume_ns = clock_ns(v->order.clock) + pause_ns;
}

void verify_answer(struct verification *v, void *tag, const struct call_result *result)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct check *c = tag;
    c->is_sent = false;
    v->in_flight--;
    enum wire_reply reply = wire_reply_of(result);
    if (reply == WIRE_OK) {
        bool is_read = c->wants_metrics ? take_metrics(v, c, result->output) : take_span(v, c, result->output);
        if (!is_read) {
            check_again(v, c, result, STR("an answer that is not what the API documents"));
        }
        return;
    }
    if (result->http_status == 404) {
        span_missing(v, c);
        return;
    }
    struct str words = wire_reply_words(&scratch, result, c->call.timeout_ns);
    if (reply == WIRE_AGAIN) {
        check_again(v, c, result, words);
    } else if (v->trouble.len == 0) {
        v->trouble = arena_str(&v->arena, words);
    }
}

void verify_cancel(struct verification *v, struct str why)
{
    v->trouble = v->trouble.len > 0 ? v->trouble : arena_str(&v->arena, why);
}

void verify_status(const struct verification *v, struct verify_status *ret)
{
    *ret = (struct verify_status){
        .is_over = (v->is_exhausted && v->open_count == 0) || (v->trouble.len > 0 && v->in_flight == 0),
        .trouble = v->trouble,
        .in_flight = v->in_flight,
        .spans = v->spans,
        .named_count = v->named_count,
    };
    memcpy(ret->named, v->named, sizeof(ret->named));
}

void verify_counts(const struct verification *v, int64_t run, struct recording_counts *ret)
{
    for (size_t i = 0; i < v->lane_count; i++) {
        const struct recording_counts *c = &v->lanes[i].counts;
        if (v->lanes[i].run->seq == run) {
            ret->is_verified = true;
            ret->verified_spans = c->verified_spans;
            ret->verified_metrics = c->verified_metrics;
            ret->missing = c->missing;
            ret->differing = c->differing;
        }
    }
}
