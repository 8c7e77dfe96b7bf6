#include "io/host.h"

#include "base/clock.h"
#include "base/limits.h"

enum {
    SHARE_WINDOW_MS = 10,
    SHARE_PAUSE_S = 5,
    GROWTH_PAUSE_S = 2,
    OWN_PAUSE_MS = 500,
    OWN_PAUSE_MAX_MS = 30000,
    OWN_PAUSE_DOUBLINGS = 6,
    PROBE_PAUSE_MS = 500,
    OPEN_PAUSE_MS = 5000,
    BEHIND_EVERY = 8,
    KEPT_DIVISOR = 8, /* of all that may ever be under way: for calls alone; eight requests a call are allowed */
    FAILED_DIVISOR = 10
};

static const double least_cut = 0.8;
static const double most_cut = 0.5;
static const double slow_growth = 1.05;
static const double fast_growth = 2.0;
static const double worthwhile = 1.2; /* times the answers a second, for twice the requests at once */

static void begin_window(struct host *h)
{
    h->window_left = (uint32_t)h->room;
    h->window_failed = 0;
    h->window_is_used = h->in_flight >= (uint32_t)h->room;
}

static void set_room(struct host *h, double room)
{
    room = room > h->max ? h->max : room;
    h->room = room < 1.0 ? 1.0 : room;
    begin_window(h);
}

void host_init(struct host *h, uint32_t max)
{
    *h = (struct host){.max = max < 1 ? 1.0 : (double)max};
    h->behind.max = HOST_START;
    set_room(h, HOST_START);
}

void host_set_max(struct host *h, uint32_t max)
{
    h->max = max < 1 ? 1.0 : (double)max;
    if (h->room > h->max) {
        set_room(h, h->max);
    }
}

static bool is_open(const struct host *h)
{
    return h->failures >= (h->was_reached ? HOST_FAILURES_TO_OPEN : HOST_FAILURES_AT_FIRST);
}

bool host_is_unreachable(const struct host *h, int64_t now_ns)
{
    return is_open(h) && now_ns < h->probe_ns;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t ready_ns(const struct host *h, enum http_priority priority)
{
    int64_t ns =
        priority == HTTP_BEHIND ? later(h->pause.hold_until_ns, h->behind.pause.hold_until_ns) : h->pause.hold_until_ns;
    return h->failures > 0 ? later(ns, h->probe_ns) : ns;
}

static uint32_t calls_of(const struct host *h)
{
    return h->in_flight - h->behind.in_flight;
}

static bool is_full(const struct host *h, enum http_priority priority)
{
    uint32_t room = (uint32_t)h->room;
    uint32_t max = (uint32_t)h->max;
    uint32_t behind = h->behind.in_flight;
    if (priority == HTTP_BEHIND) {
        uint32_t kept = max > 1 ? (max + KEPT_DIVISOR - 1) / KEPT_DIVISOR : 0;
        return h->in_flight >= room || behind >= h->behind.max || behind >= max - kept;
    }
    return h->in_flight >= max || calls_of(h) + (behind < room / 2 ? behind : room / 2) >= room;
}

bool host_has_room(const struct host *h, enum http_priority priority, int64_t now_ns)
{
    return !is_full(h, priority) && now_ns >= ready_ns(h, priority);
}

int64_t host_next_ns(const struct host *h, enum http_priority priority, int64_t now_ns)
{
    if (is_full(h, priority)) {
        return INT64_MAX;
    }
    return later(now_ns, ready_ns(h, priority));
}

static void pause_probes(struct host *h, int64_t now_ns)
{
    h->probe_ns = now_ns + (is_open(h) ? OPEN_PAUSE_MS : PROBE_PAUSE_MS) * NS_PER_MS;
}

enum http_priority host_turn(const struct host *h, bool has_first, bool has_behind)
{
    bool is_for_behind = !has_first || (has_behind && h->first_in_a_row >= BEHIND_EVERY - 1);
    return is_for_behind ? HTTP_BEHIND : HTTP_FIRST;
}

void host_sent(struct host *h, enum http_priority priority, bool behind_waits, int64_t now_ns)
{
    h->in_flight++;
    if (h->failures > 0) {
        pause_probes(h, now_ns);
    }
    h->window_is_used = h->window_is_used || h->in_flight >= (uint32_t)h->room;
    if (priority == HTTP_BEHIND) {
        h->behind.in_flight++;
        h->behind.is_used = h->behind.is_used || h->behind.in_flight >= h->behind.max;
    }
    h->first_in_a_row = priority == HTTP_FIRST && behind_waits ? h->first_in_a_row + 1 : 0;
}

/* After a cut it is known how far the room goes: what lies beyond is tried now and then. */
static void end_window(struct host *h, int64_t now_ns)
{
    bool is_clean = h->window_failed <= (uint32_t)h->room / FAILED_DIVISOR;
    bool is_early = h->pause.was_cut && now_ns - h->grown_ns < GROWTH_PAUSE_S * NS_PER_S;
    if (is_clean && h->window_is_used && !is_early) {
        h->grown_ns = now_ns;
        set_room(h, h->room * (h->pause.was_cut ? slow_growth : fast_growth));
    } else {
        begin_window(h);
    }
}

static void hold(struct host_pause *p, int64_t pause_ns, int64_t now_ns)
{
    p->hold_until_ns = pause_ns > 0 ? later(p->hold_until_ns, now_ns + pause_ns) : p->hold_until_ns;
}

/* True when it says something new: not to one that was sent before the last one was heard. */
static bool throttle(struct host_pause *p, const struct host_result *result, int64_t now_ns)
{
    int64_t longest_ns = LIMIT_RETRY_AFTER_S * NS_PER_S;
    hold(p, result->retry_after_ns > longest_ns ? longest_ns : result->retry_after_ns, now_ns);
    if (p->was_cut && result->begun_ns <= p->cut_ns) {
        return false;
    }
    p->was_cut = true;
    p->cut_ns = now_ns;
    if (result->retry_after_ns < 0 || p->cuts > 0) { /* or what it asked for was too little */
        int64_t doubled = p->cuts < OWN_PAUSE_DOUBLINGS ? p->cuts : OWN_PAUSE_DOUBLINGS;
        int64_t own_ms = (int64_t)OWN_PAUSE_MS << doubled;
        hold(p, (own_ms > OWN_PAUSE_MAX_MS ? OWN_PAUSE_MAX_MS : own_ms) * NS_PER_MS, now_ns);
    }
    p->cuts++;
    return true;
}

static void note_connection(struct host *h, const struct host_result *result, int64_t now_ns)
{
    switch (result->answer) {
    case HOST_NOT_CONNECTED:
        if (h->failures > 0 && result->begun_ns < h->failed_ns) {
            return; /* of those that were under way together, one counts */
        }
        h->failures += h->failures < UINT32_MAX ? 1 : 0;
        break;
    case HOST_NOT_TRUSTED:
        h->failures = HOST_FAILURES_TO_OPEN;
        break;
    case HOST_UNKNOWN:
        return;
    case HOST_SUCCESS:
    case HOST_THROTTLED:
    case HOST_FAILED:
        h->failures = 0;
        h->was_reached = true;
        return;
    }
    h->failed_ns = now_ns;
    pause_probes(h, now_ns);
}

static void begin_share_window(struct host_share *s, int64_t now_ns)
{
    s->answers = 0;
    s->is_used = s->in_flight >= s->max;
    s->window_ns = now_ns;
}

/* A window in which the share was used, or not, is over. */
static void judge_share(struct host_share *s, double rate, int64_t now_ns)
{
    if (!s->is_used) {
        return; /* more was not wanted: says nothing */
    }
    if (s->is_settling) {
        s->is_settling = false;
    } else if (s->is_trying && rate < worthwhile * s->rate_before) {
        s->max /= 2;
        s->is_trying = false;
        s->is_settling = true;
        s->try_ns = now_ns + SHARE_PAUSE_S * NS_PER_S;
    } else if (now_ns >= s->try_ns && s->pause.was_cut) {
        uint32_t more = (uint32_t)(s->max * slow_growth);
        s->max = more > s->max ? more : s->max + 1;
        s->try_ns = now_ns + GROWTH_PAUSE_S * NS_PER_S;
    } else if (now_ns >= s->try_ns && s->max <= UINT32_MAX / 2) {
        s->max *= 2;
        s->rate_before = rate;
        s->is_trying = s->is_settling = true;
    }
}

static void note_share(struct host_share *s, enum host_answer answer, int64_t now_ns)
{
    s->in_flight--;
    s->answers += answer == HOST_SUCCESS ? 1 : 0;
    int64_t lasted_ns = now_ns - s->window_ns;
    if (s->answers >= s->max && lasted_ns >= SHARE_WINDOW_MS * NS_PER_MS) {
        judge_share(s, (double)s->answers * (double)NS_PER_S / (double)lasted_ns, now_ns);
        begin_share_window(s, now_ns);
    }
}

static double left_after(const struct host_pause *p)
{
    double most = p->cut_from * least_cut;
    double least = p->cut_from * most_cut;
    double left = p->cut_from - p->refused;
    return left < least ? least : left > most ? most : left;
}

static void cut(struct host *h, enum http_priority priority, bool is_new, int64_t now_ns)
{
    struct host_share *s = &h->behind;
    struct host_pause *p = priority == HTTP_BEHIND ? &s->pause : &h->pause;
    p->refused = is_new ? 1 : p->refused + 1;
    if (priority == HTTP_BEHIND) {
        p->cut_from = is_new ? s->max : p->cut_from;
        s->max = left_after(p) < 1 ? 1 : (uint32_t)left_after(p);
        s->is_trying = false;
        s->is_settling = true;
        s->try_ns = now_ns + GROWTH_PAUSE_S * NS_PER_S;
    } else {
        p->cut_from = is_new ? h->room : p->cut_from;
        h->grown_ns = now_ns;
        set_room(h, left_after(p));
    }
}

void host_answered(struct host *h, const struct host_result *result, int64_t now_ns)
{
    h->in_flight--;
    if (result->priority == HTTP_BEHIND) {
        note_share(&h->behind, result->answer, now_ns);
    }
    note_connection(h, result, now_ns);
    if (result->answer == HOST_UNKNOWN) {
        return;
    }
    struct host_pause *pause = result->priority == HTTP_BEHIND ? &h->behind.pause : &h->pause;
    if (result->answer == HOST_SUCCESS) {
        pause->cuts = 0;
        h->window_left -= h->window_left > 0 && !result->is_repeat ? 1 : 0;
    } else if (result->priority == HTTP_FIRST) {
        h->window_failed++;
    }
    if (result->answer == HOST_THROTTLED) {
        cut(h, result->priority, throttle(pause, result, now_ns), now_ns);
    }
    if (h->window_left == 0) {
        end_window(h, now_ns);
    }
}
