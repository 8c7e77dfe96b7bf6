#ifndef ASSAY_IO_SHARD_H
#define ASSAY_IO_SHARD_H

/* One of libcurl's multi handles, for few connections. It looks through all it has for every request, so that one of them with 500 connections costs
 * more a request than many with SHARD_CONNECTIONS each. A lane (http.c) fills its first shards first, those of calls and those of what is written down
 * apart; so the connections that are open are used again. Names and TLS sessions are shared by all (transfer_common.share). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

struct clock;
struct poller;

enum { SHARD_CONNECTIONS = 16 };

struct shard {
    struct shard *next; /* of its lane */
    CURLM *multi;
    struct poller *poller;
    const struct clock *clock;
    int64_t timer_ns; /* when libcurl wants a turn; 0 = at once; INT64_MAX = not by time */
    size_t flying;
    bool has_acted; /* since shard_ended last said that none is over */
};

struct shard *shard_new(struct poller *poller, const struct clock *clock);
void shard_free(struct shard *s); /* nothing is flying */

void shard_add(struct shard *s, CURL *easy);
void shard_remove(struct shard *s, CURL *easy);
void shard_serve(struct shard *s, int fd, unsigned ready);              /* a socket of its: of enum loop_ready */
void shard_serve_timer(struct shard *s, int64_t now_ns);                /* when it is due */
bool shard_ended(struct shard *s, CURL **ret_easy, CURLcode *ret_code); /* one that is over; false = none */

#endif
