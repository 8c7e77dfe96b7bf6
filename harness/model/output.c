#include "model/output.h"

const char *error_kind_word(enum error_kind kind)
{
    static const char *const words[] = {
        [ERROR_NONE] = "none",         [ERROR_EXIT] = "exit",
        [ERROR_TIMEOUT] = "timeout",   [ERROR_OUTPUT_LIMIT] = "output_limit",
        [ERROR_SIGNAL] = "signal",     [ERROR_PROTOCOL] = "protocol",
        [ERROR_TARGET] = "target",     [ERROR_NOT_SCORED] = "not_scored",
        [ERROR_DEADLINE] = "deadline", [ERROR_CANCELLED] = "cancelled",
        [ERROR_NETWORK] = "network",   [ERROR_RATE_LIMIT] = "rate_limit",
        [ERROR_SERVICE] = "service",   [ERROR_REQUEST] = "request",
    };
    return words[kind];
}

bool error_kind_of_word(struct str word, enum error_kind *ret)
{
    for (int kind = ERROR_NONE; kind <= ERROR_CANCELLED; kind++) {
        if (str_eq_cstr(word, error_kind_word((enum error_kind)kind))) {
            *ret = (enum error_kind)kind;
            return true;
        }
    }
    return false;
}

/* A count under either of its names; false when it is none. */
static bool read_tokens(const struct value *usage, const char *name, const char *older, bool *ret_has, double *ret)
{
    const struct value *v = value_get(usage, str_from(name));
    double count = 0;
    if (v == NULL) {
        v = value_get(usage, str_from(older));
    }
    if (v == NULL || v->kind == VALUE_NULL) {
        return true;
    }
    if (!value_number(v, &count) || count < 0) {
        return false;
    }
    *ret_has = true;
    *ret = count;
    return true;
}

bool call_measures_read_usage(const struct value *usage, struct call_measures *ret)
{
    bool has_input = read_tokens(usage, "input_tokens", "prompt_tokens", &ret->has_input_tokens, &ret->input_tokens);
    bool has_output =
        read_tokens(usage, "output_tokens", "completion_tokens", &ret->has_output_tokens, &ret->output_tokens);
    return has_input && has_output;
}

const char *const CALL_MEASURE_NAMES[] = {
    [CALL_LATENCY] = "latency_ms",          [CALL_COST] = "cost_usd",     [CALL_INPUT_TOKENS] = "input_tokens",
    [CALL_OUTPUT_TOKENS] = "output_tokens", [CALL_ATTEMPTS] = "attempts", [CALL_MEASURE_COUNT] = NULL,
};

bool call_measure_get(const struct call_measures *m, enum call_measure which, double *ret)
{
    const struct {
        bool has;
        double value;
    } measures[CALL_MEASURE_COUNT] = {
        [CALL_LATENCY] = {m->has_latency, m->latency_ms},
        [CALL_COST] = {m->has_cost, m->cost_usd},
        [CALL_INPUT_TOKENS] = {m->has_input_tokens, m->input_tokens},
        [CALL_OUTPUT_TOKENS] = {m->has_output_tokens, m->output_tokens},
        [CALL_ATTEMPTS] = {m->attempts > 0, m->attempts},
    };
    *ret = measures[which].value;
    return measures[which].has;
}
