#ifndef ASSAY_IO_HOST_H
#define ASSAY_IO_HOST_H

/* How many requests one server gets at once, and when none. Pure arithmetic over a monotonic clock: http.c asks before it sends and tells what came.
 *
 * Room: additive increase, multiplicative decrease (Chiu and Jain 1989), as Inspect AI applies it to model APIs. It begins at HOST_START, doubles with
 * every clean window until the first "too many requests", then grows by 5 %, at most every 2 s. A window is as many successes of a first try as there was room for;
 * it is clean when at most a tenth as many failed meanwhile (other 5xx, broken connections): more of them hold the room as it is; and it
 * counts only when the room was really used. 429 and 503 cut the room, once for all that was in flight together: that is one message, and how many
 * there were is its content. What is left is what was answered, at least half and at most 0.8 of the room.
 *
 * Within it, what is only written down (HTTP_BEHIND) has a share of its own, for a service that answers quickly is not served better by more
 * connections: it begins at HOST_START and doubles as long as that brings at least a fifth more answers a second; else the doubling is undone,
 * and tried again after 5 s. Calls are never held up by what is only written down: that fills half of the room for them at most, however long it
 * takes, never the last eighth of all that may be under way, and a 429 or 503 for it cuts its share, and pauses it alone. (What calls are told holds for
 * both.)
 *
 * Pauses: Retry-After holds back everything that is meant by it, not one request; at most LIMIT_RETRY_AFTER_S. A cut that asks for none does for 0.5 s,
 * doubled when nothing has succeeded since the one before, at most 30 s; so does one that asks for less, when its word was kept and not enough.
 *
 * Circuit: once a request could not connect, others are sent one by one, 0.5 s apart, so that a server that is away for a moment costs nobody his tries.
 * After HOST_FAILURES_TO_OPEN failures in a row (HOST_FAILURES_AT_FIRST when it was never reached: a wrong address) none is sent but a probe every 5 s,
 * and the rest is told that it is unreachable. Failures count as in a row when each was sent after the one before had failed. A request that
 * connects ends it. */

#include <stdbool.h>
#include <stdint.h>

#include "model/call.h"

enum { HOST_START = 32, HOST_FAILURES_TO_OPEN = 20, HOST_FAILURES_AT_FIRST = 4 };

enum host_answer {
    HOST_SUCCESS,       /* any answer that says nothing about room: 2xx, 3xx, 4xx */
    HOST_THROTTLED,     /* 429, 503 */
    HOST_FAILED,        /* other 5xx, no whole answer, time-out */
    HOST_NOT_CONNECTED, /* nothing was sent */
    HOST_NOT_TRUSTED,   /* its certificate is refused: opens the circuit at once */
    HOST_UNKNOWN        /* we ended it */
};

/* What "too many requests" came to. */
struct host_pause {
    bool was_cut; /* then growth is slow */
    double cut_from;
    uint32_t refused; /* of what was in flight then */
    int64_t cut_ns, hold_until_ns;
    uint32_t cuts; /* since the last success */
};

/* How many of HTTP_BEHIND at once are of use. Rates are answers per second. */
struct host_share {
    uint32_t max, in_flight;
    uint32_t answers; /* in this window */
    bool is_used;     /* the whole share, in this window */
    bool is_trying;   /* max was doubled, and is not judged yet */
    bool is_settling; /* the window after a change: the pipe fills */
    double rate_before;
    int64_t window_ns, try_ns; /* when the window began; no doubling before */
    struct host_pause pause;
};

struct host {
    double max, room;
    uint32_t in_flight;
    uint32_t window_left; /* successes until this window is over */
    uint32_t window_failed;
    bool window_is_used;
    struct host_pause pause;
    int64_t grown_ns;
    uint32_t failures; /* that could not connect, in a row */
    bool was_reached;
    struct host_share behind;
    int64_t failed_ns, probe_ns; /* the last one; when the next may be tried */
    uint32_t first_in_a_row;     /* starts of HTTP_FIRST since the last of HTTP_BEHIND that had to wait */
};

void host_init(struct host *h, uint32_t max); /* max: the most at once, at least 1 */
void host_set_max(struct host *h, uint32_t max);

/* Whether one more may be sent now. */
bool host_has_room(const struct host *h, enum http_priority priority, int64_t now_ns);
/* When that may change by time alone; INT64_MAX = only by an answer. */
int64_t host_next_ns(const struct host *h, enum http_priority priority, int64_t now_ns);

/* Whose turn it is when both wait: first those that a sample waits for; every eighth start is of the others, so that they come to an end, too. */
enum http_priority host_turn(const struct host *h, bool has_first, bool has_behind);

void host_sent(struct host *h, enum http_priority priority, bool behind_waits, int64_t now_ns);

struct host_result {
    enum host_answer answer;
    enum http_priority priority;
    int64_t begun_ns;       /* when it was sent */
    int64_t retry_after_ns; /* what the server demanded; negative = nothing */
    bool is_repeat;         /* earlier tries had failed */
};
void host_answered(struct host *h, const struct host_result *result, int64_t now_ns);

bool host_is_unreachable(const struct host *h, int64_t now_ns);

#endif
