#include "run/header.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "data/json.h"
#include "model/record.h"
#include "model/suite.h"

static void header_digest(struct json_writer *w, const char *key, const struct digest *d)
{
    json_put_text(w, key, str_from(digest_hex(d).text));
}

static void header_id(struct json_writer *w, const char *key, const struct uuid *id)
{
    json_put_text(w, key, str_from(id_text(id).text));
}

static void header_dimension(struct json_writer *w, const struct dimension *d)
{
    json_open_map(w);
    json_put_text(w, "name", d->name);
    json_put_text(w, "kind", str_from(DIMENSION_KIND_WORDS[d->kind]));
    json_put_text(w, "type", str_from(DIMENSION_TYPE_WORDS[d->type]));
    if (d->type == TYPE_BOUNDED) {
        json_key(w, "range");
        json_open_list(w);
        json_number(w, d->lo);
        json_number(w, d->hi);
        json_close_list(w);
    }
    json_put_text(w, "direction", str_from(DIMENSION_DIRECTION_WORDS[d->direction]));
    json_put_number(w, "weight", d->weight);
    json_put_number(w, "threshold", d->threshold);
    json_put_bool(w, "optional", d->is_optional);
    json_put_bool(w, "required", d->is_required);
    if (d->has_min) {
        json_put_number(w, "min", d->min);
    }
    if (d->has_max) {
        json_put_number(w, "max", d->max);
    }
    json_put_bool(w, "call_measure", d->is_call_measure);
    header_digest(w, "scorer", &d->scorer);
    json_close_map(w);
}

/* How trials become one number: who compares the run later has no suite at hand. */
static void header_reduction(struct json_writer *w, const struct suite *suite)
{
    json_put_text(w, "reduce", str_from(REDUCE_WORDS[suite->reduce]));
    if (suite->pass_trials == PASS_TRIALS_COUNT) {
        json_put_int(w, "pass_trials", suite->pass_trials_count);
    } else {
        json_put_text(w, "pass_trials", suite->pass_trials == PASS_TRIALS_ANY ? STR("any") : STR("all"));
    }
}

static void header_identity(struct json_writer *w, const struct invocation_record *invocation,
                            const struct plan_record *plan, const struct run_record *run, const struct suite *suite)
{
    json_put_text(w, "kind", STR("run"));
    json_put_int(w, "format", 1);
    header_id(w, "invocation", &invocation->id);
    header_id(w, "run", &run->id);
    header_id(w, "root_span", &run->root_span);
    json_put_text(w, "suite", suite->name);
    json_put_text(w, "variant", run->variant);
    json_put_text(w, "description", suite->description);
    json_put_time(w, "started", run->started_unix_ms);
    header_digest(w, "suite_digest", &plan->suite_digest);
    header_digest(w, "plan_digest", &plan->plan_digest);
    header_digest(w, "target_digest", &run->target_digest);
    json_put_int(w, "cases", (int64_t)plan->case_count);
    json_put_int(w, "skipped", (int64_t)plan->skipped_count);
    json_put_int(w, "trials", (int64_t)plan->trials);
    header_reduction(w, suite);
    json_put_bool(w, "full_selection", invocation->is_full_selection);
}

struct str header_write(struct arena *arena, const struct invocation_record *invocation, const struct plan_record *plan,
                        const struct run_record *run, const struct suite *suite)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    header_identity(&w, invocation, plan, run, suite);
    json_put_raw(&w, "labels", invocation->labels.len > 0 ? invocation->labels : STR("{}"));
    json_key(&w, "dimensions");
    json_open_list(&w);
    for (size_t i = 0; i < suite->dimension_count; i++) {
        header_dimension(&w, &suite->dimensions[i]);
    }
    json_close_list(&w);
    json_key(&w, "gates");
    json_open_list(&w);
    for (size_t i = 0; i < suite->gate_count; i++) {
        json_text(&w, suite->gates[i].expr.text);
    }
    json_close_list(&w);
    if (run->source_run.len > 0) {
        json_put_text(&w, "source_run", run->source_run);
    }
    json_close_map(&w);
    return arena_str(arena, buf_str(&text));
}

struct str header_input(struct arena *arena, const struct plan_record *plan, const struct suite *suite,
                        const struct variant *variant)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    json_put_text(&w, "suite", suite->name);
    if (suite->description.len > 0) {
        json_put_text(&w, "description", suite->description);
    }
    json_put_text(&w, "variant", variant->name);
    json_key(&w, "target");
    json_value(&w, &variant->spec);
    json_put_int(&w, "cases", (int64_t)(plan->case_count - plan->skipped_count));
    json_put_int(&w, "trials", (int64_t)plan->trials);
    json_close_map(&w);
    return arena_str(arena, buf_str(&text));
}
