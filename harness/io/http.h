#ifndef ASSAY_IO_HTTP_H
#define ASSAY_IO_HTTP_H

/* Requests (CALL_HTTP) in our loop, by libcurl. What io/perform.h promises of a call holds here:
 *
 * - HTTP/1.1 over connections that are used again. No redirects, no compression, TLS verified. Nothing of libcurl is initialised before the first request.
 * - A server that is spoken to with one key is a lane: a queue, and a struct host that says how many of it may be under way (host.h). So a request is
 *   never refused for the server's sake; it waits, and its own time counts from when it is sent.
 * - 401, 402 and 403 fail everything of the lane's same priority that is not sent yet, now and later: what is in flight together is all that a server sees of
 *   a key that it refuses. (By priority: whoever may call may still not be allowed to record.)
 * - A key goes only over TLS or to a loopback address (base/url.h); loopback addresses are spoken to directly, else proxies of the environment
 *   (https_proxy, http_proxy, all_proxy, no_proxy) are honoured: over TLS they see nothing but the name of the server.
 * - Exactly one request is made, or the result says is_unclear (transfer.h).
 *
 * Calls that samples wait for have connections of their own: in a turn few answers are taken, of theirs and of the others, so that a call that became
 * possible is soon on its way. They are sent by http_submit, the others by the next turn.
 *
 * Sockets are behind two watches of the loop, one for each of these (poller.h), and known to libcurl by its socket interface: a turn costs what is ready, not what is open. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct job;
struct job_list;
struct loop;

struct http *http_new(struct loop *loop);
void http_free(struct http **http); /* nothing is under way: http_cancel comes before */

void http_set_max(struct http *http, uint32_t max);         /* to one server at once; LIMIT_HTTP_IN_FLIGHT until said */
void http_set_ca_file(struct http *http, const char *path); /* before the first request; lives as long as `http` */

/* Takes the job until it is in `finished`, which may be at once. */
void http_submit(struct http *http, struct job *job, struct job_list *finished);
void http_turn(struct http *http, int64_t now_ns, struct job_list *finished);
bool http_wants_behind(const struct http *http); /* as perform_wants_behind */
bool http_is_answered(const struct http *http);  /* more of what samples wait for has come meanwhile */
int64_t http_next_ns(const struct http *http, int64_t now_ns);
void http_cancel(struct http *http, struct job_list *finished); /* all of them: CALL_CANCELLED */
void http_shift(struct http *http, int64_t by_ns);              /* we were stopped that long */

#endif
