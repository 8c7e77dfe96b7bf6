#ifndef ASSAY_IO_TRANSFER_H
#define ASSAY_IO_TRANSFER_H

/* One request on its way: a libcurl handle with our limits, and what came of it. http.c owns them and decides when they are sent.
 *
 * Limits: connecting 10 s; the whole attempt call.timeout_ns; an answer that has begun must bring 10 bytes a second over 30 s; headers
 * LIMIT_HEADER_BYTES; the body of a success http_spec.max_output, of anything else LIMIT_ERROR_BODY_BYTES (the rest is not read). All times are ours, not
 * libcurl's, so that they stand still while we are stopped (SIGTSTP).
 *
 * libcurl sends a request again by itself when a reused connection is closed before an answer. A request may not be made twice without our knowing:
 * the second time the request is about to be sent, the transfer is aborted, with an unclear outcome. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/str.h"
#include "io/host.h"

struct clock;
struct job;
struct lane;
struct shard;

/* What all share. */
struct transfer_common {
    const struct clock *clock;
    int64_t now_ns;       /* of the turn: near enough where seconds count */
    CURLSH *share;        /* names and TLS sessions */
    const char *ca_file;  /* NULL = the system's */
    size_t held_bytes;    /* of bodies, in all transfers */
    bool has_paused;      /* somebody does not read, since too much is held */
    bool is_out_of_files; /* a socket could not be made: EMFILE */
};

enum transfer_limit { TRANSFER_NO_LIMIT, TRANSFER_TIMEOUT, TRANSFER_CONNECT, TRANSFER_SLOW };

enum { METHOD_BYTES = 16 };

struct transfer {
    struct transfer *next, **link; /* in flight, the newest first */
    struct transfer_common *common;
    struct job *job;
    struct lane *lane;
    struct shard *shard;
    CURL *easy;
    CURLU *url;                       /* what it asks for, taken apart */
    struct buf url_text;              /* the same as it was given; empty = none yet */
    size_t origin_bytes;              /* of it; 0 = not known */
    bool has_query;                   /* `url` may have one */
    const struct curl_slist *headers; /* what the handle is set to, as is what follows */
    char method[METHOD_BYTES];        /* cut; "" = none yet */
    bool has_body, is_direct;
    unsigned sends;                                   /* how often libcurl was about to send it */
    int64_t begun_ns, sent_ns;                        /* sent: the last time; 0 = not yet */
    int64_t timeout_at_ns, connect_by_ns, slow_at_ns; /* INT64_MAX = does not apply (any more) */
    size_t slow_mark, received_bytes, header_bytes;
    uint64_t max_output, filed_bytes; /* filed: written to the call's file */
    int file_sys;                     /* why that file could not be written; 0 = it could */
    bool has_whole_head;              /* the empty line after the headers was there */
    bool is_header_limit, is_body_limit, is_paused;
    bool has_date;
    int64_t date_unix_s;    /* of the answer's Date */
    struct buf retry_after; /* values of that header, a line each */
    struct buf location;
    char error[CURL_ERROR_SIZE];
};

struct transfer *transfer_new(struct transfer_common *common);
void transfer_free(struct transfer *t);

/* Makes it ready to be added to the multi handle. `origin` is the beginning of the lane's addresses; `headers` stay the caller's. `is_direct`: past any
 * proxy. */
void transfer_begin(struct transfer *t, struct job *job, struct lane *lane, struct str origin,
                    struct curl_slist *headers, bool is_direct, int64_t now_ns);

int64_t transfer_next_ns(const struct transfer *t);
enum transfer_limit transfer_limit(struct transfer *t, int64_t now_ns); /* the one that is passed now */
void transfer_shift(struct transfer *t, int64_t by_ns);

/* It is over, by itself or by a limit: fills the job (output is there already) and says what the host showed by it. `host` names it for messages. */
enum host_answer transfer_end(struct transfer *t, CURLcode code, enum transfer_limit limit, struct str host);

#endif
