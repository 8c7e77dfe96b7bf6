#include "reporters/sample_json.h"

#include "data/json.h"
#include "model/record.h"

static void put_optional(struct json_writer *w, const char *key, bool has, double value)
{
    if (has) {
        json_put_number(w, key, value);
    }
}

static void put_raw(struct json_writer *w, const char *key, struct str json)
{
    if (json.ptr != NULL) {
        json_put_raw(w, key, json);
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
    json_put_int(w, "attempts", m->attempts);
    json_close_map(w);
}

static void put_score(struct json_writer *w, const struct score *s)
{
    json_open_map(w);
    json_put_text(w, "outcome", str_from(score_outcome_word(s->outcome)));
    json_put_number(w, "value", s->value);
    put_optional(w, "unit", s->has_unit, s->unit);
    if (s->answered.ptr != NULL) {
        json_put_bytes(w, "answered", s->answered);
    }
    if (s->wanted.ptr != NULL) {
        json_put_bytes(w, "wanted", s->wanted);
    }
    if (s->comment.len > 0) {
        json_put_bytes(w, "comment", s->comment);
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
    json_put_text(w, "kind", STR("sample"));
    json_put_int(w, "ordinal", (int64_t)s->ordinal);
    json_put_bytes(w, "case", s->case_id);
    json_put_text(w, "digest", str_from(digest_hex(&s->case_digest).text));
    put_raw(w, "tags", s->tags.len > 0 ? s->tags : STR("[]"));
    if (s->cluster.ptr != NULL) {
        json_put_bytes(w, "cluster", s->cluster);
    }
    json_put_int(w, "trial", s->trial);
    json_put_int(w, "attempt", s->attempt);
    json_put_text(w, "span", str_from(id_text(&s->span).text));
    json_put_time(w, "started", s->started_unix_ms);
    json_put_time(w, "ended", s->ended_unix_ms);
}

static void put_result(struct json_writer *w, const struct sample_record *s)
{
    json_put_text(w, "state", str_from(SAMPLE_STATE_WORDS[s->state]));
    if (s->error != ERROR_NONE) {
        json_put_text(w, "error", str_from(error_kind_word(s->error)));
    }
    if (s->error_text.len > 0) {
        json_put_bytes(w, "error_text", s->error_text);
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
            json_put_bool(w, "output_is_json", true);
            put_raw(w, "output", s->output);
        } else {
            json_put_bytes(w, "output", s->output);
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
