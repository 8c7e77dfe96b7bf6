#include "run/header.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "data/json.h"
#include "model/record.h"
#include "model/suite.h"

static void header_digest(struct json_writer *w, const char *key, const struct digest *d)
{
    json_key(w, key);
    json_text(w, str_from(digest_hex(d).text));
}

static void header_id(struct json_writer *w, const char *key, const struct uuid *id)
{
    json_key(w, key);
    json_text(w, str_from(id_text(id).text));
}

static void header_dimension(struct json_writer *w, const struct dimension *d)
{
    static const char *const types[] = {
        [TYPE_BINARY] = "binary", [TYPE_BOUNDED] = "bounded", [TYPE_UNBOUNDED] = "unbounded"};
    static const char *const directions[] = {
        [DIRECTION_NONE] = "none", [DIRECTION_HIGHER] = "higher", [DIRECTION_LOWER] = "lower"};
    json_open_map(w);
    json_key(w, "name");
    json_text(w, d->name);
    json_key(w, "kind");
    json_text(w, d->kind == DIMENSION_JUDGED ? STR("judged") : STR("measure"));
    json_key(w, "type");
    json_text(w, str_from(types[d->type]));
    if (d->type == TYPE_BOUNDED) {
        json_key(w, "range");
        json_open_list(w);
        json_number(w, d->lo);
        json_number(w, d->hi);
        json_close_list(w);
    }
    json_key(w, "direction");
    json_text(w, str_from(directions[d->direction]));
    json_key(w, "weight");
    json_number(w, d->weight);
    json_key(w, "threshold");
    json_number(w, d->threshold);
    json_key(w, "optional");
    json_bool(w, d->is_optional);
    json_key(w, "required");
    json_bool(w, d->is_required);
    if (d->has_min) {
        json_key(w, "min");
        json_number(w, d->min);
    }
    if (d->has_max) {
        json_key(w, "max");
        json_number(w, d->max);
    }
    json_key(w, "call_measure");
    json_bool(w, d->is_call_measure);
    header_digest(w, "scorer", &d->scorer);
    json_close_map(w);
}

static void header_identity(struct json_writer *w, const struct invocation_record *invocation,
                            const struct plan_record *plan, const struct run_record *run, const struct suite *suite)
{
    json_key(w, "kind");
    json_text(w, STR("run"));
    json_key(w, "format");
    json_int(w, 1);
    header_id(w, "invocation", &invocation->id);
    header_id(w, "run", &run->id);
    header_id(w, "root_span", &run->root_span);
    json_key(w, "suite");
    json_text(w, suite->name);
    json_key(w, "variant");
    json_text(w, run->variant);
    json_key(w, "description");
    json_text(w, suite->description);
    json_key(w, "started");
    json_text(w, str_from(clock_rfc3339(run->started_unix_ms).text));
    header_digest(w, "suite_digest", &plan->suite_digest);
    header_digest(w, "plan_digest", &plan->plan_digest);
    header_digest(w, "target_digest", &run->target_digest);
    json_key(w, "cases");
    json_int(w, (int64_t)plan->case_count);
    json_key(w, "skipped");
    json_int(w, (int64_t)plan->skipped_count);
    json_key(w, "trials");
    json_int(w, (int64_t)plan->trials);
    json_key(w, "full_selection");
    json_bool(w, invocation->is_full_selection);
}

struct str header_write(struct arena *arena, const struct invocation_record *invocation, const struct plan_record *plan,
                        const struct run_record *run, const struct suite *suite)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    header_identity(&w, invocation, plan, run, suite);
    json_key(&w, "labels");
    json_raw(&w, invocation->labels.len > 0 ? invocation->labels : STR("{}"));
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
        json_key(&w, "source_run");
        json_text(&w, run->source_run);
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
    json_key(&w, "suite");
    json_text(&w, suite->name);
    if (suite->description.len > 0) {
        json_key(&w, "description");
        json_text(&w, suite->description);
    }
    json_key(&w, "variant");
    json_text(&w, variant->name);
    json_key(&w, "target");
    json_value(&w, &variant->spec);
    json_key(&w, "cases");
    json_int(&w, (int64_t)(plan->case_count - plan->skipped_count));
    json_key(&w, "trials");
    json_int(&w, (int64_t)plan->trials);
    json_close_map(&w);
    return arena_str(arena, buf_str(&text));
}
