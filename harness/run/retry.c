#include "run/retry.h"

#include "scorers/scoring.h"
#include "targets/target.h"

enum { SCORER_RETRIES = 3, HTTP_TOO_MANY = 429 };

static uint32_t retries_of(const struct work *w)
{
    uint32_t unless_set = w->is_scorer_call ? SCORER_RETRIES : w->variant->type->default_retries;
    return w->suite->retries_is_set ? w->suite->retries : unless_set;
}

/* Transport faults only, never a wrong answer (docs/contracts.md, C). */
static bool is_transient(const struct work *w, const struct call_result *result)
{
    if (result->status == CALL_OK) {
        return false;
    }
    const struct target_type *type = w->variant->type;
    return w->is_scorer_call ? scoring_is_transient(w->scoring, result)
                             : type->is_transient != NULL && type->is_transient(w->variant->options, result);
}

/* "Too many requests", while others get through: its turn comes. */
static bool is_only_put_off(struct work *w, const struct call_result *result, int64_t now_ns,
                            const struct work_retrying *retrying)
{
    if (w->call.kind != CALL_HTTP || result->http_status != HTTP_TOO_MANY) {
        return false;
    }
    bool has_progress = w->limited_ns != 0 && retrying->success_ns > w->limited_ns;
    w->limited_ns = now_ns;
    return has_progress && retries_of(w) > 0;
}

bool retry_plan(struct work *w, const struct call_result *result, int64_t now_ns, struct work_retrying *retrying)
{
    uint32_t tries = w->is_scorer_call ? w->scorer_tries : w->tries;
    bool is_request = w->call.kind == CALL_HTTP;
    int64_t pause_ns = 0;
    bool is_put_off = is_only_put_off(w, result, now_ns, retrying);
    if (!is_transient(w, result) || (tries > retries_of(w) && !is_put_off) ||
        !retry_pause_ns(&retrying->rng, tries - 1, is_request ? result->retry_after_ns : -1, &pause_ns)) {
        return false;
    }
    if (!w->is_scorer_call && w->deadline_ns != 0 && now_ns + pause_ns >= w->deadline_ns) {
        return false; /* a try that would begin too late fails now, not after sleeping */
    }
    bool is_charged = is_request && result->http_status != HTTP_TOO_MANY;
    if (is_charged && !retry_budget_take(&retrying->budget)) {
        return false;
    }
    w->resume_ns = now_ns + pause_ns;
    return true;
}

void retry_saw_request(const struct work *w, const struct call_result *result, int64_t now_ns,
                       struct work_retrying *retrying)
{
    if (!w->call.http.is_repeat) {
        retry_budget_request(&retrying->budget);
    }
    retrying->success_ns = result->status == CALL_OK ? now_ns : retrying->success_ns;
    retrying->has_answer = retrying->has_answer || result->status == CALL_OK ||
                           (result->status == CALL_HTTP_STATUS && result->http_status > 0);
}

bool retry_is_unreachable(const struct work *w, const struct call_result *result, const struct work_retrying *retrying)
{
    uint32_t tries = w->is_scorer_call ? w->scorer_tries : w->tries;
    bool could_not_connect = result->status == CALL_NETWORK && !result->is_unclear;
    return result->is_unreachable || (could_not_connect && !retrying->has_answer && tries > retries_of(w));
}
