#ifndef ASSAY_SERVE_ANSWERER_H
#define ASSAY_SERVE_ANSWERER_H

/* The program that answers calls: `sh -c TEXT`, started once a call, or as workers that stay. It reads one line of JSON: the members of POST /call as
 * they came (of a stored function: its own, with the call's), and
 *
 *   {"v": 1, "id": worker's, "span_id": "...", "name": "...", "input": ..., ...}
 *
 * and it prints the answer:
 *   - its text (one final newline dropped); where the call has an output schema, that text is JSON and becomes the payload;
 *   - as worker, or with `answers_json`, one object: {"output": any} or {"error": text}, and if it likes "usage", "cost" (an object or USD),
 *     "cost_usd", "cached", "images", "model", "meta"; with an error also "status" (400 to 599) and "retry_after" (seconds). A worker repeats "id".
 * Exit 75 is "try again later" (503), anything else but 0 is 502, no answer in time 504. stderr's end goes into the words of the error.
 *
 * The environment is ours without OPPER_API_KEY; TMPDIR is private to a start. At most `concurrency` programs run; calls wait their turn. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "data/value.h"
#include "model/call.h"
#include "wire/message.h"

struct environment;
struct perform;
struct request;
struct server_options;
struct wire_task;

struct answerer {
    struct perform *perform;
    const struct server_options *options;
    struct arena arena;
    struct worker_spec spec; /* its program is that of single calls too */
    struct answer_job *first, **end;
    uint64_t count;
};

struct answer {
    unsigned status;  /* 200, or of an error */
    struct str words; /* of an error */
    unsigned retry_after_s;
    bool has_payload; /* else a message */
    struct str message;
    struct value payload;
    struct str usage, cost, images, meta, model; /* JSON text; ptr NULL = none */
    struct wire_bool cached;
    struct wire_int total_tokens;
};

/* A program that io/perform runs for a request; the tag of its call. */
struct program {
    struct request *request;
    struct arena *arena; /* where its result is copied to: the request's */
    void (*read)(struct program *p, const struct call *call, const struct call_result *result);
};

/* A call that wants an answer. */
struct answer_job {
    struct program program; /* `request` and `arena` are the caller's to fill; first, since it is the tag */
    struct answer_job *next;
    const struct wire_task *task; /* what is asked */
    struct str span_id;           /* of the call */
    bool wants_object;
    struct call call;
    struct answer answer; /* filled */
};

void answerer_init(struct answerer *a, struct perform *perform, const struct server_options *options);
void answerer_deinit(struct answerer *a);

void answerer_submit(struct answerer *a, struct answer_job *job); /* `job` lives until it was read */
void answerer_turn(struct answerer *a);                           /* after perform_turn: starts those that wait */

/* Our environment for a program of ours: without the key, and without a TMPDIR, which io/ gives. */
const char *const *answerer_environment(struct arena *arena, const struct environment *env);

#endif
