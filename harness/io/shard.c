#include "io/shard.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/poller.h"

static int set_timer(CURLM *multi, long timeout_ms, void *user)
{
    struct shard *s = user;
    (void)multi;
    s->timer_ns = timeout_ms < 0 ? INT64_MAX : timeout_ms == 0 ? 0 : clock_ns(s->clock) + timeout_ms * NS_PER_MS;
    return 0;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
    struct shard *s = user;
    (void)easy;
    (void)assigned;
    if (what == CURL_POLL_REMOVE) {
        poller_rest(s->poller, fd);
        return 0;
    }
    bool reads = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool writes = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    poller_set(s->poller, fd, (reads ? (unsigned)LOOP_READ : 0) | (writes ? (unsigned)LOOP_WRITE : 0), s);
    return 0;
}

/* Of a connection that this shard made: by then no request may know it any more. */
static int close_socket(void *user, curl_socket_t fd)
{
    const struct shard *s = user;
    poller_remove(s->poller, fd);
    return close(fd);
}

struct shard *shard_new(struct poller *poller, const struct clock *clock)
{
    struct shard *s = mem_alloc(sizeof(*s));
    *s = (struct shard){.multi = curl_multi_init(), .poller = poller, .clock = clock, .timer_ns = INT64_MAX};
    if (s->multi == NULL) {
        mem_exhausted();
    }
    (void)curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    (void)curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
    (void)curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
    /* else its cache shrinks with the number of requests under way, and connections are made anew after every pause */
    (void)curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)SHARD_CONNECTIONS);
    return s;
}

void shard_free(struct shard *s)
{
    (void)curl_multi_cleanup(s->multi);
    mem_free(s);
}

void shard_add(struct shard *s, CURL *easy)
{
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, s);
    if (curl_multi_add_handle(s->multi, easy) != CURLM_OK) {
        mem_exhausted();
    }
    s->flying++;
}

void shard_remove(struct shard *s, CURL *easy)
{
    (void)curl_multi_remove_handle(s->multi, easy);
    s->flying--;
}

static void act(struct shard *s, curl_socket_t fd, int mask)
{
    int running = 0;
    s->has_acted = true;
    (void)curl_multi_socket_action(s->multi, fd, mask, &running);
}

void shard_serve(struct shard *s, int fd, unsigned ready)
{
    act(s, fd, ((ready & LOOP_READ) != 0 ? CURL_CSELECT_IN : 0) | ((ready & LOOP_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
}

void shard_serve_timer(struct shard *s, int64_t now_ns)
{
    if (s->timer_ns <= now_ns) {
        s->timer_ns = INT64_MAX;
        act(s, CURL_SOCKET_TIMEOUT, 0);
    }
}

bool shard_ended(struct shard *s, CURL **ret_easy, CURLcode *ret_code)
{
    int left = 0;
    if (!s->has_acted) {
        return false;
    }
    const CURLMsg *message = curl_multi_info_read(s->multi, &left);
    if (message == NULL) {
        s->has_acted = false;
        return false;
    }
    *ret_easy = message->easy_handle; /* the message is gone with its handle */
    *ret_code = message->data.result;
    return true;
}
