#include "reporters/sample_json.h"

#include "base/clock.h"
#include "data/json.h"
#include "model/record.h"

static void put_text(struct json_writer *w, const char *key, struct str text)
{
    json_key(w, key);
    json_bytes(w, text);
}

static void put_optional(struct json_writer *w, const char *key, bool has, double value)
{
    if (has) {
        json_key(w, key);
        json_number(w, value);
    }
}

static void put_raw(struct json_writer *w, const char *key, struct str json)
{
    if (json.ptr != NULL) {
        json_key(w, key);
        json_raw(w, json);
    }
}

static void put_measures(struct json_writer *w, const struct call_measures *m)
{
    json_key(w, "measures");
    json_open_map(w);
    put_optional(w, "latency_ms", m->has_latency, m->latency_ms);
    put_optional(w, "cost_usd", m->has_cost, m->cost_usd);
    put_optional(w, "input_tokens", m->has_input_tokens, m->input_tokens);
    put_optional(w, "output_tokens", m->has_output_tokens, m->output_tokens);
    json_key(w, "attempts");
    json_int(w, m->attempts);
    json_close_map(w);
}

static void put_score(struct json_writer *w, const struct score *s)
{
    json_open_map(w);
    put_text(w, "outcome", str_from(score_outcome_word(s->outcome)));
    json_key(w, "value");
    json_number(w, s->value);
    put_optional(w, "unit", s->has_unit, s->unit);
    if (s->answered.ptr != NULL) {
        put_text(w, "answered", s->answered);
    }
    if (s->wanted.ptr != NULL) {
        put_text(w, "wanted", s->wanted);
    }
    if (s->comment.len > 0) {
        put_text(w, "comment", s->comment);
    }
    json_close_map(w);
}

static void put_scores(struct json_writer *w, const struct run_record *run, const struct sample_record *s)
{
    json_key(w, "scores");
    json_open_map(w);
    for (size_t i = 0; i < s->score_count; i++) {
        if (s->scores[i].dimension < run->dimension_count) {
            json_key_str(w, run->dimensions[s->scores[i].dimension].name);
            put_score(w, &s->scores[i]);
        }
    }
    json_close_map(w);
}

static void put_place(struct json_writer *w, const struct sample_record *s)
{
    put_text(w, "kind", STR("sample"));
    json_key(w, "ordinal");
    json_int(w, (int64_t)s->ordinal);
    put_text(w, "case", s->case_id);
    put_text(w, "digest", str_from(digest_hex(&s->case_digest).text));
    put_raw(w, "tags", s->tags.len > 0 ? s->tags : STR("[]"));
    if (s->cluster.ptr != NULL) {
        put_text(w, "cluster", s->cluster);
    }
    json_key(w, "trial");
    json_int(w, s->trial);
    json_key(w, "attempt");
    json_int(w, s->attempt);
    put_text(w, "span", str_from(id_text(&s->span).text));
    put_text(w, "started", str_from(clock_rfc3339(s->started_unix_ms).text));
    put_text(w, "ended", str_from(clock_rfc3339(s->ended_unix_ms).text));
}

static void put_result(struct json_writer *w, const struct sample_record *s)
{
    put_text(w, "state", s->state == SAMPLE_SCORED ? STR("scored") : STR("errored"));
    if (s->error != ERROR_NONE) {
        put_text(w, "error", str_from(error_kind_word(s->error)));
    }
    if (s->error_text.len > 0) {
        put_text(w, "error_text", s->error_text);
    }
    json_key(w, "pass");
    if (s->pass == PASS_NONE) {
        json_null(w);
    } else {
        json_bool(w, s->pass == PASS_YES);
    }
    json_key(w, "score");
    if (s->has_score) {
        json_number(w, s->score);
    } else {
        json_null(w);
    }
}

static void put_bodies(struct json_writer *w, const struct sample_record *s)
{
    put_raw(w, "input", s->input);
    put_raw(w, "expected", s->expected);
    if (s->output.ptr != NULL) {
        if (s->output_is_json) {
            json_key(w, "output_is_json");
            json_bool(w, true);
            put_raw(w, "output", s->output);
        } else {
            put_text(w, "output", s->output);
        }
    }
    put_raw(w, "meta", s->meta);
}

void sample_to_json(struct json_writer *w, const struct run_record *run, const struct sample_record *s)
{
    json_open_map(w);
    put_place(w, s);
    put_result(w, s);
    put_bodies(w, s);
    put_measures(w, &s->measures);
    put_scores(w, run, s);
    json_close_map(w);
}
