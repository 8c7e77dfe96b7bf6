#ifndef ASSAY_MODEL_OUTPUT_H
#define ASSAY_MODEL_OUTPUT_H

/* What a target gave for one sample, after its last attempt: an output, or an error that is data, not a score. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "data/value.h"

enum error_kind {
    ERROR_NONE,
    ERROR_EXIT,         /* on_error may make these three fail instead: exit, */
    ERROR_TIMEOUT,      /* timeout, */
    ERROR_OUTPUT_LIMIT, /* output_limit */
    ERROR_SIGNAL,
    ERROR_PROTOCOL,   /* the answer broke contract C, or was no JSON where JSON was promised */
    ERROR_TARGET,     /* the target itself said "error" */
    ERROR_NOT_SCORED, /* a non-optional scorer could not judge */
    ERROR_DEADLINE,   /* the sample's deadline over all attempts */
    ERROR_NETWORK,    /* of requests: no whole answer; */
    ERROR_RATE_LIMIT, /* 429, still after all attempts; */
    ERROR_SERVICE,    /* 408, 500, 502, 503, 504, still after all attempts; */
    ERROR_REQUEST,    /* refused for what it says: 400, 409, 413, 422, ... */
    ERROR_CANCELLED   /* never recorded: the sample goes back to pending */
};

const char *error_kind_word(enum error_kind kind);              /* "exit", "timeout", "output_limit", "signal", ... */
bool error_kind_of_word(struct str word, enum error_kind *ret); /* false = no such word */

struct measure {
    struct str name; /* declared under the target's `dimensions` */
    double value;
};

/* Measures of the call; has_* false = not known. */
struct call_measures {
    bool has_latency, has_cost, has_input_tokens, has_output_tokens;
    double latency_ms, cost_usd, input_tokens, output_tokens;
    uint32_t attempts; /* tries of this execution, from 1 */
};

/* Reads {"input_tokens", "output_tokens"}, or their older names prompt_tokens and completion_tokens. What is there is taken; false when one is no count
 * of tokens. */
bool call_measures_read_usage(const struct value *usage, struct call_measures *ret);

/* Each of them by its name as a dimension (model/dimension.h, dimension_of_call). */
enum call_measure { CALL_LATENCY, CALL_COST, CALL_INPUT_TOKENS, CALL_OUTPUT_TOKENS, CALL_ATTEMPTS, CALL_MEASURE_COUNT };
extern const char *const CALL_MEASURE_NAMES[]; /* "latency_ms", ...: by enum, NULL-ended */
bool call_measure_get(const struct call_measures *m, enum call_measure which, double *ret); /* false = not known */

struct output {
    enum error_kind error;
    struct str error_text; /* for people: "exit 3", "signal SIGSEGV", "no answer within 60 s" */
    struct str text;       /* the output's bytes; compact JSON when is_json. Kept, not scored, on error */
    bool is_json;
    struct value json; /* when is_json */
    struct value meta; /* a map, or VALUE_NULL: the target's own meta, stderr, leaked */
    struct measure *metrics;
    size_t metric_count;
    struct call_measures measures;
};

#endif
