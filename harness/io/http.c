#include "io/http.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/url.h"
#include "io/host.h"
#include "io/job.h"
#include "io/loop.h"
#include "io/poller.h"
#include "io/shard.h"
#include "io/transfer.h"

#ifndef ASSAY_VERSION
#define ASSAY_VERSION "unknown"
#endif

enum {
    NAME_BYTES = 300,
    PRIORITIES = HTTP_BEHIND + 1,
    EVENTS_A_TURN = 16,           /* of each priority: the slot of the first is used again before the last is read */
    BEHIND_A_TURN = 16,           /* requests begun that nobody waits for */
    QUEUE_BEHIND = BEHIND_A_TURN, /* more are not wanted while as many wait: they would be cold by their turn */
    FILES_PAUSE_MS = 20,          /* out of descriptors: again after that */
    EXPECT_BYTES = 1024,          /* no libcurl asks for a "100 Continue" before shorter bodies */
    ROOM_TO_GO_ON = 4 << 20       /* held bytes below the limit before those who paused read on */
};

/* What a request has for a body, as its headers are concerned. */
enum body { BODY_NONE, BODY_SHORT, BODY_LONG, BODIES };

/* A server and a key. */
struct lane {
    struct lane *next;
    struct str origin; /* of the address that made it: "https://api.opper.ai"; its own copy, and of it: */
    struct str host;
    uint16_t port;
    bool is_tls, is_direct;
    const struct secret *key;
    char name[NAME_BYTES]; /* "api.opper.ai", with the port when it is not the usual one */
    struct curl_slist *headers[BODIES];
    struct host state;
    struct shard *shards[PRIORITIES]; /* the first ones are filled first */
    struct job_list queues[PRIORITIES];
    unsigned refused[PRIORITIES]; /* the status */
    int64_t first_deadline_ns;    /* of those that wait */
};

struct http {
    struct loop *loop;
    bool is_open; /* the library is initialised: from the first request on */
    struct poller pollers[PRIORITIES];
    struct transfer_common common;
    struct lane *lanes;
    struct transfer *flying;
    struct transfer *spare;
    uint32_t max;
    size_t waiting[PRIORITIES]; /* in all queues */
    int64_t limit_at_ns;        /* no limit of a transfer is passed before */
    int64_t files_at_ns;        /* no start before: out of descriptors */
};

/* ---- life */

struct http *http_new(struct loop *loop)
{
    struct http *http = mem_alloc(sizeof(*http));
    *http = (struct http){
        .loop = loop, .common = {.clock = loop_clock(loop)}, .max = LIMIT_HTTP_IN_FLIGHT, .limit_at_ns = INT64_MAX};
    return http;
}

static void open_library(struct http *http)
{
    if (http->is_open) {
        return;
    }
    CURLSH *share = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_share_init() : NULL;
    if (share == NULL) {
        mem_exhausted();
    }
    (void)curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    (void)curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    http->common.share = share;
    for (size_t i = 0; i < PRIORITIES; i++) {
        poller_open(&http->pollers[i], http->loop);
    }
    http->is_open = true;
}

static void free_headers(struct curl_slist *headers)
{
    for (struct curl_slist *line = headers; line != NULL; line = line->next) {
        explicit_bzero(line->data, strlen(line->data));
    }
    curl_slist_free_all(headers);
}

static void free_shards(struct shard *shard)
{
    while (shard != NULL) {
        struct shard *next = shard->next;
        shard_free(shard);
        shard = next;
    }
}

static bool is_anybody_waiting(const struct http *http)
{
    return http->waiting[HTTP_FIRST] + http->waiting[HTTP_BEHIND] > 0;
}

bool http_wants_behind(const struct http *http)
{
    return http->waiting[HTTP_BEHIND] < QUEUE_BEHIND;
}

void http_free(struct http **http)
{
    if (*http == NULL) {
        return;
    }
    struct http *gone = take_ptr(http);
    assert(gone->flying == NULL && !is_anybody_waiting(gone));
    while (gone->spare != NULL) {
        struct transfer *t = gone->spare;
        gone->spare = t->next;
        transfer_free(t);
    }
    while (gone->lanes != NULL) {
        struct lane *lane = gone->lanes;
        gone->lanes = lane->next;
        for (size_t i = 0; i < PRIORITIES; i++) {
            free_shards(lane->shards[i]);
        }
        for (size_t i = 0; i < BODIES; i++) {
            free_headers(lane->headers[i]);
        }
        mem_free(lane);
    }
    if (gone->is_open) {
        for (size_t i = 0; i < PRIORITIES; i++) {
            poller_close(&gone->pollers[i]);
        }
        (void)curl_share_cleanup(gone->common.share);
        curl_global_cleanup();
    }
    mem_free(gone);
}

void http_set_max(struct http *http, uint32_t max)
{
    http->max = max < 1 ? 1 : max;
    for (struct lane *lane = http->lanes; lane != NULL; lane = lane->next) {
        host_set_max(&lane->state, http->max);
    }
}

void http_set_ca_file(struct http *http, const char *path)
{
    http->common.ca_file = path;
}

/* ---- lanes */

static struct curl_slist *with_header(struct curl_slist *headers, const char *line)
{
    struct curl_slist *longer = curl_slist_append(headers, line);
    if (longer == NULL) {
        mem_exhausted();
    }
    return longer;
}

/* libcurl looks through them a dozen times for each request: first those that it looks for, none too many. */
static struct curl_slist *make_headers(const struct secret *key, enum body body)
{
    struct curl_slist *headers = with_header(NULL, "Accept: application/json");
    if (body != BODY_NONE) {
        headers = with_header(headers, "Content-Type: application/json");
    }
    if (body == BODY_LONG) {
        headers = with_header(headers, "Expect:"); /* a round trip saved */
    }
    headers = with_header(headers, "User-Agent: assay/" ASSAY_VERSION); /* CURLOPT_USERAGENT is formatted twice */
    if (key != NULL) {
        char line[LIMIT_KEY_BYTES + 64];
        (void)snprintf(line, sizeof(line), "Authorization: Bearer %s", secret_reveal(key).ptr);
        headers = with_header(headers, line);
        explicit_bzero(line, sizeof(line));
    }
    return headers;
}

static struct lane *new_lane(struct http *http, struct str text, const struct url *url, const struct secret *key)
{
    assert(text.ptr != NULL); /* it was parsed */
    struct str origin = str_slice(text, 0, text.len - url->path.len);
    struct lane *lane = mem_alloc(sizeof(*lane) + origin.len);
    lane->origin = (struct str){memcpy(lane + 1, origin.ptr, origin.len), origin.len};
    lane->host = (struct str){lane->origin.ptr + (url->host.ptr - text.ptr), url->host.len};
    lane->port = url->port;
    lane->is_tls = url->is_tls;
    lane->is_direct = url->is_loopback;
    lane->key = key;
    struct str shown = str_slice(lane->host, 0, NAME_BYTES - 16);
    if (url->port == (url->is_tls ? 443 : 80)) {
        (void)snprintf(lane->name, sizeof(lane->name), "%.*s", STR_ARG(shown));
    } else {
        (void)snprintf(lane->name, sizeof(lane->name), "%.*s:%u", STR_ARG(shown), (unsigned)url->port);
    }
    for (size_t i = 0; i < BODIES; i++) {
        lane->headers[i] = make_headers(key, (enum body)i);
    }
    host_init(&lane->state, http->max);
    for (size_t i = 0; i < PRIORITIES; i++) {
        JOB_LIST_INIT(&lane->queues[i]);
    }
    lane->first_deadline_ns = INT64_MAX;
    lane->next = http->lanes;
    http->lanes = lane;
    return lane;
}

static struct lane *lane_by_origin(const struct http *http, struct str text, const struct secret *key)
{
    struct lane *lane = http->lanes;
    while (lane != NULL && (lane->key != key || !url_is_at(text, lane->origin))) {
        lane = lane->next;
    }
    return lane;
}

static struct lane *lane_by_server(const struct http *http, const struct url *url, const struct secret *key)
{
    struct lane *lane = http->lanes;
    while (lane != NULL && (lane->key != key || lane->port != url->port || lane->is_tls != url->is_tls ||
                            !str_eq(lane->host, url->host))) {
        lane = lane->next;
    }
    return lane;
}

/* False: nothing may be sent there; why. */
static bool lane_of(struct http *http, struct str text, const struct secret *key, struct lane **ret, struct err *err)
{
    struct url url;
    *ret = lane_by_origin(http, text, key);
    if (*ret != NULL) {
        return true;
    }
    if (!url_parse(text, &url, err)) {
        return false;
    }
    if (key != NULL && !url_is_private(&url)) {
        return err_set(err, ERR_NET, "a key is never sent over plain http, and '%.*s' is not this machine: use https",
                       STR_ARG(url.host));
    }
    open_library(http);
    *ret = lane_by_server(http, &url, key);
    *ret = *ret != NULL ? *ret : new_lane(http, text, &url, key);
    return true;
}

static void fail_refused(const struct lane *lane, struct job *job)
{
    unsigned status = lane->refused[job->call->http.priority];
    job_fail(job, CALL_HTTP_STATUS, "not sent: %s has refused the key with %u", lane->name, status);
    job->http_status = status;
}

static void fail_unreachable(const struct lane *lane, struct job *job)
{
    job_fail(job, CALL_NETWORK, "not sent: %s could not be reached, several times in a row", lane->name);
    job->is_unreachable = true;
}

/* Whether the job has no way out of the queue; then it says why. */
static bool is_hopeless(const struct lane *lane, struct job *job, int64_t now_ns)
{
    int64_t deadline_ns = job->call->http.deadline_ns;
    if (lane->refused[job->call->http.priority] != 0) {
        fail_refused(lane, job);
    } else if (host_is_unreachable(&lane->state, now_ns)) {
        fail_unreachable(lane, job);
    } else if (deadline_ns != 0 && (deadline_ns <= now_ns || deadline_ns <= lane->state.pause.hold_until_ns)) {
        job_fail(job, CALL_TIMEOUT, "not sent: %s",
                 deadline_ns <= now_ns ? "no time was left" : "the server asked for a pause beyond the deadline");
    } else {
        return false;
    }
    return true;
}

/* After something has changed for all that wait. */
static void review_queue(struct http *http, struct lane *lane, int64_t now_ns, struct job_list *finished)
{
    lane->first_deadline_ns = INT64_MAX;
    for (size_t i = 0; i < PRIORITIES; i++) {
        struct job_list all = {0};
        JOB_LIST_INIT(&all);
        struct job *job = NULL;
        while ((job = job_list_pop(&lane->queues[i])) != NULL) {
            job_list_push(&all, job);
        }
        while ((job = job_list_pop(&all)) != NULL) {
            if (is_hopeless(lane, job, now_ns)) {
                http->waiting[i]--;
                job_list_push(finished, job);
                continue;
            }
            job_list_push(&lane->queues[i], job);
            int64_t deadline_ns = job->call->http.deadline_ns;
            if (deadline_ns != 0 && deadline_ns < lane->first_deadline_ns) {
                lane->first_deadline_ns = deadline_ns;
            }
        }
    }
}

/* ---- transfers */

static struct shard *shard_with_room(struct http *http, struct lane *lane, enum http_priority priority)
{
    struct shard **at = &lane->shards[priority];
    while (*at != NULL && (*at)->flying >= SHARD_CONNECTIONS) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        *at = shard_new(&http->pollers[priority], http->common.clock);
    }
    return *at;
}

static enum body body_of(const struct call *call)
{
    bool has_body = call->input.len > 0 || strcmp(call->http.method, "POST") == 0;
    return !has_body ? BODY_NONE : call->input.len <= EXPECT_BYTES ? BODY_SHORT : BODY_LONG;
}

static void begin(struct http *http, struct lane *lane, struct job *job, int64_t now_ns)
{
    struct transfer *t = http->spare;
    if (t != NULL) {
        http->spare = t->next;
    } else {
        t = transfer_new(&http->common);
    }
    transfer_begin(t, job, lane, lane->origin, lane->headers[body_of(job->call)], lane->is_direct, now_ns);
    t->next = http->flying;
    t->link = &http->flying;
    if (t->next != NULL) {
        t->next->link = &t->next;
    }
    http->flying = t;
    int64_t next_ns = transfer_next_ns(t);
    http->limit_at_ns = next_ns < http->limit_at_ns ? next_ns : http->limit_at_ns;
    t->shard = shard_with_room(http, lane, job->call->http.priority);
    shard_add(t->shard, t->easy);
}

static void unlink_transfer(struct http *http, struct transfer *t)
{
    shard_remove(t->shard, t->easy);
    *t->link = t->next;
    if (t->next != NULL) {
        t->next->link = t->link;
    }
    size_t held = t->job->output.len;
    http->common.held_bytes -= held < http->common.held_bytes ? held : http->common.held_bytes;
    t->next = http->spare;
    http->spare = t;
}

static void note_unknown(const struct http *http, struct lane *lane, const struct job *job)
{
    const struct host_result result = {
        .answer = HOST_UNKNOWN, .priority = job->call->http.priority, .retry_after_ns = -1};
    host_answered(&lane->state, &result, loop_now_ns(http->loop));
}

/* Not the server's fault, and not the request's: again when others have ended. */
static bool put_back(struct http *http, struct transfer *t, CURLcode code)
{
    bool has_others = t->next != NULL || http->flying != t;
    if (code != CURLE_COULDNT_CONNECT || t->sends > 0 || !http->common.is_out_of_files || !has_others) {
        return false;
    }
    struct job *job = t->job;
    struct lane *lane = t->lane;
    unlink_transfer(http, t);
    note_unknown(http, lane, job);
    job_list_push_first(&lane->queues[job->call->http.priority], job);
    http->waiting[job->call->http.priority]++;
    http->files_at_ns = loop_now_ns(http->loop) + FILES_PAUSE_MS * NS_PER_MS;
    return true;
}

/* Refused, without credit, without permission: every other request would fare alike. */
static bool is_about_the_key(unsigned status)
{
    return status == 401 || status == 402 || status == 403;
}

static void finish(struct http *http, struct transfer *t, CURLcode code, enum transfer_limit limit, int64_t now_ns,
                   struct job_list *finished)
{
    if (limit == TRANSFER_NO_LIMIT && put_back(http, t, code)) {
        return;
    }
    struct job *job = t->job;
    struct lane *lane = t->lane;
    struct host_result result = {
        .priority = job->call->http.priority, .begun_ns = t->begun_ns, .is_repeat = job->call->http.is_repeat};
    result.answer = transfer_end(t, code, limit, str_from(lane->name));
    result.retry_after_ns = job->retry_after_ns;
    unlink_transfer(http, t);
    host_answered(&lane->state, &result, now_ns);
    bool is_refusal = job->status == CALL_HTTP_STATUS && is_about_the_key(job->http_status);
    if (is_refusal) {
        lane->refused[job->call->http.priority] = job->http_status;
    }
    bool is_cut_off = host_is_unreachable(&lane->state, now_ns);
    job->is_unreachable = job->is_unreachable || (is_cut_off && result.answer == HOST_NOT_CONNECTED);
    job_list_push(finished, job);
    if (is_refusal || is_cut_off || result.answer == HOST_THROTTLED) {
        review_queue(http, lane, now_ns, finished);
    }
}

/* ---- a turn */

/* First noted, then acted on: an action may end sockets and open others. */
static void serve_sockets(struct poller *poller)
{
    struct poller_event events[EVENTS_A_TURN];
    size_t count = poller_ready(poller, events, EVENTS_A_TURN);
    for (size_t i = 0; i < count; i++) {
        if (poller_owner(poller, events[i].fd) == events[i].owner) {
            shard_serve(events[i].owner, events[i].fd, events[i].ready);
        }
    }
}

static void take_ended(struct http *http, struct shard *shard, int64_t now_ns, struct job_list *finished)
{
    CURL *easy = NULL;
    CURLcode code = CURLE_OK;
    while (shard_ended(shard, &easy, &code)) {
        struct transfer *t = NULL;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
        finish(http, t, code, TRANSFER_NO_LIMIT, now_ns, finished);
    }
}

/* Timers, and what is over: an action may end what it began. */
static void serve_shards(struct http *http, struct shard *shards, int64_t now_ns, struct job_list *finished)
{
    for (struct shard *shard = shards; shard != NULL; shard = shard->next) {
        shard_serve_timer(shard, now_ns);
        take_ended(http, shard, now_ns, finished);
    }
}

static void serve_all_shards(struct http *http, int64_t now_ns, struct job_list *finished)
{
    for (struct lane *lane = http->lanes; lane != NULL; lane = lane->next) {
        for (size_t i = 0; i < PRIORITIES; i++) {
            serve_shards(http, lane->shards[i], now_ns, finished);
        }
    }
}

static void enforce_limits(struct http *http, int64_t now_ns, struct job_list *finished)
{
    if (now_ns < http->limit_at_ns) {
        return;
    }
    http->limit_at_ns = INT64_MAX;
    struct transfer *next = NULL;
    for (struct transfer *t = http->flying; t != NULL; t = next) {
        next = t->next;
        enum transfer_limit limit = transfer_limit(t, now_ns);
        if (limit != TRANSFER_NO_LIMIT) {
            finish(http, t, CURLE_OPERATION_TIMEDOUT, limit, now_ns, finished);
            continue;
        }
        int64_t next_ns = transfer_next_ns(t);
        http->limit_at_ns = next_ns < http->limit_at_ns ? next_ns : http->limit_at_ns;
    }
}

static void resume_paused(struct http *http)
{
    if (!http->common.has_paused) {
        return;
    }
    bool has_room = http->common.held_bytes < LIMIT_INFLIGHT_BYTES - ROOM_TO_GO_ON;
    http->common.has_paused = false;
    for (struct transfer *t = http->flying; t != NULL; t = t->next) {
        if (t->is_paused && (has_room || t->next == NULL)) {
            t->is_paused = false;
            (void)curl_easy_pause(t->easy, CURLPAUSE_CONT);
        }
        http->common.has_paused = http->common.has_paused || t->is_paused;
    }
}

/* Of those behind at most `behind_left`, so that answers to calls do not wait while hundreds are sent. */
static void dispatch_lane(struct http *http, struct lane *lane, size_t behind_left, int64_t now_ns)
{
    struct job_list *first = &lane->queues[HTTP_FIRST];
    struct job_list *behind = &lane->queues[HTTP_BEHIND];
    for (;;) {
        bool first_may = first->first != NULL && host_has_room(&lane->state, HTTP_FIRST, now_ns);
        bool behind_may = behind_left > 0 && behind->first != NULL && host_has_room(&lane->state, HTTP_BEHIND, now_ns);
        if (!first_may && !behind_may) {
            return;
        }
        enum http_priority turn = host_turn(&lane->state, first_may, behind_may);
        behind_left -= turn == HTTP_BEHIND ? 1 : 0;
        struct job *job = job_list_pop(&lane->queues[turn]);
        http->waiting[turn]--;
        host_sent(&lane->state, turn, behind->first != NULL, now_ns);
        begin(http, lane, job, now_ns);
    }
}

static void dispatch(struct http *http, int64_t now_ns, struct job_list *finished)
{
    if (now_ns < http->files_at_ns) {
        return;
    }
    http->common.is_out_of_files = false;
    for (struct lane *lane = http->lanes; lane != NULL && is_anybody_waiting(http); lane = lane->next) {
        if (now_ns >= lane->first_deadline_ns) {
            review_queue(http, lane, now_ns, finished);
        }
        dispatch_lane(http, lane, BEHIND_A_TURN, now_ns);
    }
}

void http_submit(struct http *http, struct job *job, struct job_list *finished)
{
    const struct http_spec *spec = &job->call->http;
    struct lane *lane = NULL;
    struct err err;
    err_clear(&err);
    if (!lane_of(http, str_from(spec->url), spec->key, &lane, &err)) {
        job_fail(job, CALL_NETWORK, "%s", err.text);
        job->is_unreachable = true;
        job_list_push(finished, job);
        return;
    }
    int64_t now_ns = clock_ns(http->common.clock);
    http->common.now_ns = now_ns;
    if (is_hopeless(lane, job, now_ns)) {
        job_list_push(finished, job);
        return;
    }
    job_list_push(&lane->queues[spec->priority], job);
    http->waiting[spec->priority]++;
    if (spec->deadline_ns != 0 && spec->deadline_ns < lane->first_deadline_ns) {
        lane->first_deadline_ns = spec->deadline_ns;
    }
    if (spec->priority == HTTP_FIRST && now_ns >= http->files_at_ns) {
        dispatch_lane(http, lane, 1, now_ns);
        serve_shards(http, lane->shards[HTTP_FIRST], now_ns,
                     finished); /* on its way before whoever waits for it goes on with other things */
    }
}

void http_turn(struct http *http, int64_t now_ns, struct job_list *finished)
{
    if (!http->is_open) {
        return;
    }
    http->common.now_ns = now_ns;
    serve_sockets(&http->pollers[HTTP_FIRST]);
    serve_sockets(&http->pollers[HTTP_BEHIND]);
    serve_all_shards(http, now_ns, finished);
    enforce_limits(http, now_ns, finished);
    resume_paused(http);
    dispatch(http, now_ns, finished);
    serve_all_shards(http, now_ns, finished); /* what was begun is sent now */
}

bool http_is_answered(const struct http *http)
{
    return http->is_open && poller_is_ready(&http->pollers[HTTP_FIRST]);
}

int64_t http_next_ns(const struct http *http, int64_t now_ns)
{
    int64_t next_ns = http->limit_at_ns;
    for (const struct lane *lane = http->lanes; lane != NULL; lane = lane->next) {
        for (int i = 0; i < PRIORITIES; i++) {
            for (const struct shard *shard = lane->shards[i]; shard != NULL; shard = shard->next) {
                next_ns = shard->timer_ns < next_ns ? shard->timer_ns : next_ns;
            }
            int64_t lane_ns = INT64_MAX;
            if (lane->queues[i].first != NULL) {
                lane_ns = host_next_ns(&lane->state, (enum http_priority)i, now_ns);
            }
            lane_ns = lane_ns < http->files_at_ns ? http->files_at_ns : lane_ns;
            lane_ns = lane->first_deadline_ns < lane_ns ? lane->first_deadline_ns : lane_ns;
            next_ns = lane_ns < next_ns ? lane_ns : next_ns;
        }
    }
    return next_ns;
}

void http_cancel(struct http *http, struct job_list *finished)
{
    while (http->flying != NULL) {
        struct transfer *t = http->flying;
        struct job *job = t->job;
        job->status = CALL_CANCELLED;
        job->is_unclear = t->sends > 0;
        struct lane *lane = t->lane;
        unlink_transfer(http, t);
        note_unknown(http, lane, job);
        job_list_push(finished, job);
    }
    for (struct lane *lane = http->lanes; lane != NULL; lane = lane->next) {
        for (size_t i = 0; i < PRIORITIES; i++) {
            struct job *job = NULL;
            while ((job = job_list_pop(&lane->queues[i])) != NULL) {
                http->waiting[i]--;
                job->status = CALL_CANCELLED;
                job_list_push(finished, job);
            }
        }
        lane->first_deadline_ns = INT64_MAX;
    }
}

void http_shift(struct http *http, int64_t by_ns)
{
    for (struct transfer *t = http->flying; t != NULL; t = t->next) {
        transfer_shift(t, by_ns);
    }
    http->limit_at_ns += http->limit_at_ns == INT64_MAX ? 0 : by_ns;
}
