/* The stored form of a summary: one JSON map. Keys are added, never renamed; a reader takes what it knows. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/map_reader.h"
#include "judge/judge.h"
#include "judge/summary_parts.h"
#include "model/how_json.h"

enum { SUMMARY_FORMAT = 1 };

static void put_optional_text(struct json_writer *w, const char *key, struct str text)
{
    if (text.ptr != NULL) {
        json_put_text(w, key, text);
    }
}

static void put_skipped(struct json_writer *w, const struct skipped_case *c)
{
    json_open_map(w);
    json_put_int(w, "ordinal", (int64_t)c->ordinal);
    json_put_text(w, "case", c->id);
    json_put_text(w, "digest", c->digest);
    json_put_raw(w, "tags", c->tags.len > 0 ? c->tags : STR("[]"));
    put_optional_text(w, "cluster", c->cluster);
    json_put_text(w, "reason", c->reason);
    json_close_map(w);
}

static void put_counts(struct json_writer *w, const struct summary *s)
{
    json_put_int(w, "planned_samples", (int64_t)s->planned_samples);
    json_put_int(w, "samples", (int64_t)s->samples);
    json_put_int(w, "trials", (int64_t)s->trials);
    json_put_int(w, "cases", (int64_t)s->n_cases);
    json_put_int(w, "passed", (int64_t)s->n_passed);
    json_put_int(w, "failed", (int64_t)s->n_failed);
    json_put_int(w, "errored", (int64_t)s->n_errored);
    json_put_int(w, "no_pass", (int64_t)s->n_no_pass);
    json_put_int(w, "skipped", (int64_t)s->n_skipped);
    json_put_int(w, "errors", (int64_t)s->errors);
    json_put_number_or_null(w, "score", s->has_score, s->score);
    json_put_interval(w, "score_interval", &s->score_interval);
    json_put_number_or_null(w, "pass_rate", s->has_pass_rate, s->pass_rate);
    json_put_interval(w, "pass_rate_interval", &s->pass_rate_interval);
    json_put_int(w, "clusters", (int64_t)s->clusters);
    json_put_number_or_null(w, "attempt", s->attempt > 0, (double)s->attempt);
    json_put_number_or_null(w, "pooled", s->pooled > 1, (double)s->pooled);
    json_put_number_or_null(w, "span_score", s->span_score >= 0, s->span_score);
}

struct str summary_to_json(const struct summary *s, struct arena *arena)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer writer;
    struct json_writer *w = &writer;
    json_writer_init(w, &text);
    json_open_map(w);
    json_put_int(w, "format", SUMMARY_FORMAT);
    json_put_text(w, "suite", s->suite);
    json_put_text(w, "variant", s->variant);
    json_put_text(w, "run", s->run_id);
    json_put_text(w, "verdict", str_from(verdict_row(s->verdict)->word));
    json_put_int(w, "exit_code", verdict_row(s->verdict)->exit_code);
    if (s->verdict == VERDICT_NO_BASELINE) {
        json_put_bool(w, "no_baseline", true); /* one word and code for both */
    }
    json_put_text(w, "reason", s->reason);
    json_put_bool(w, "partial", s->is_partial);
    json_put_time(w, "started", s->started_unix_ms);
    json_put_time(w, "finished", s->finished_unix_ms);
    put_counts(w, s);
    json_key(w, "dimensions");
    json_open_list(w);
    for (size_t i = 0; i < s->dimension_count; i++) {
        json_put_dimension(w, &s->dimensions[i]);
    }
    json_close_list(w);
    json_key(w, "gates");
    json_open_list(w);
    for (size_t i = 0; i < s->gate_count; i++) {
        json_put_gate(w, &s->gates[i]);
    }
    json_close_list(w);
    json_key(w, "baselines");
    json_open_list(w);
    for (size_t i = 0; i < s->baseline_count; i++) {
        json_put_baseline(w, &s->baselines[i]);
    }
    json_close_list(w);
    json_key(w, "warnings");
    json_open_list(w);
    for (size_t i = 0; i < s->warning_count; i++) {
        json_text(w, s->warnings[i]);
    }
    json_close_list(w);
    json_key(w, "skipped_cases");
    json_open_list(w);
    for (size_t i = 0; i < s->skipped_count; i++) {
        put_skipped(w, &s->skipped[i]);
    }
    json_close_list(w);
    json_close_map(w);
    return arena_str(arena, buf_str(&text));
}

/* --- reading ---------------------------------------------------------------------------------------------------------------------------- */

static void map_skipped(struct map_reader *r, struct skipped_case *ret)
{
    (void)map_count(r, "ordinal", &ret->ordinal);
    (void)map_text(r, "case", &ret->id);
    (void)map_text(r, "digest", &ret->digest);
    (void)map_text(r, "cluster", &ret->cluster);
    (void)map_text(r, "reason", &ret->reason);
    const struct value *tags = NULL;
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    if (map_node(r, "tags", VALUE_LIST, &tags)) {
        json_writer_init(&w, &text);
        json_value(&w, tags);
        ret->tags = arena_str(r->arena, buf_str(&text));
    }
}

/* The lists: one reader an item. */
#define MAP_ITEMS(r, key, type, read, list, count)                                                                     \
    do {                                                                                                               \
        const struct value *items = map_list((r), (key), &(count));                                                    \
        (list) = arena_array((r)->arena, type, (count) + 1);                                                           \
        for (size_t i = 0; i < (count); i++) {                                                                         \
            struct map_reader item = map_reader_of((r), &items[i]);                                                    \
            read(&item, &(list)[i]);                                                                                   \
            map_reader_join((r), &item);                                                                               \
        }                                                                                                              \
    } while (false)

static void map_lists(struct map_reader *r, struct summary *s)
{
    MAP_ITEMS(r, "dimensions", struct dimension_summary, map_dimension, s->dimensions, s->dimension_count);
    MAP_ITEMS(r, "gates", struct gate_result, map_gate, s->gates, s->gate_count);
    MAP_ITEMS(r, "baselines", struct baseline_summary, map_baseline, s->baselines, s->baseline_count);
    MAP_ITEMS(r, "skipped_cases", struct skipped_case, map_skipped, s->skipped, s->skipped_count);
    s->warnings = map_texts(r, "warnings", &s->warning_count);
    for (size_t i = 0; i < s->gate_count; i++) {
        if (s->gates[i].baseline > s->baseline_count) {
            r->bad_key = r->bad_key == NULL ? "baseline" : r->bad_key;
        }
    }
}

/* "interrupted" stands for two signals: the exit code tells. */
static void map_verdict(struct map_reader *r, struct summary *s)
{
    uint64_t exit_code = UINT64_MAX;
    (void)map_count(r, "exit_code", &exit_code);
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        if ((uint64_t)VERDICTS[i].exit_code == exit_code) {
            bool has_none = false;
            s->verdict = VERDICTS[i].verdict;
            if (s->verdict == VERDICT_EMPTY && map_flag(r, "no_baseline", &has_none) && has_none) {
                s->verdict = VERDICT_NO_BASELINE;
            }
            return;
        }
    }
    r->bad_key = r->bad_key == NULL ? "exit_code" : r->bad_key;
}

static void map_counts(struct map_reader *r, struct summary *s)
{
    uint64_t trials = 0;
    double span_score = -1;
    (void)map_count(r, "planned_samples", &s->planned_samples);
    (void)map_count(r, "samples", &s->samples);
    (void)map_count(r, "trials", &trials);
    s->trials = (uint32_t)(trials > UINT32_MAX ? UINT32_MAX : trials);
    (void)map_count(r, "cases", &s->n_cases);
    (void)map_count(r, "passed", &s->n_passed);
    (void)map_count(r, "failed", &s->n_failed);
    (void)map_count(r, "errored", &s->n_errored);
    (void)map_count(r, "no_pass", &s->n_no_pass);
    (void)map_count(r, "skipped", &s->n_skipped);
    (void)map_count(r, "errors", &s->errors);
    s->has_score = map_number(r, "score", &s->score);
    s->has_pass_rate = map_number(r, "pass_rate", &s->pass_rate);
    map_interval(r, "score_interval", &s->score_interval);
    map_interval(r, "pass_rate_interval", &s->pass_rate_interval);
    (void)map_count(r, "clusters", &s->clusters);
    (void)map_count(r, "attempt", &s->attempt);
    (void)map_count(r, "pooled", &s->pooled);
    s->span_score =
        map_number(r, "span_score", &span_score) && span_score >= 0 && span_score <= 10 ? (int)span_score : -1;
}

bool summary_from_json(struct str json, struct arena *arena, struct summary *ret, struct err *err)
{
    struct arena tree CLEANUP(arena_deinit) = ARENA_NULL;
    struct value map;
    if (!json_read(&tree, json, JSON_OURS, (struct src_pos){0}, &map, NULL, err)) {
        return err_wrap(err, "the stored summary");
    }
    if (map.kind != VALUE_MAP) {
        return err_set(err, ERR_IO, "the stored summary is no map");
    }
    struct map_reader r = {.map = &map, .arena = arena};
    struct summary s = {0};
    uint64_t format = 0;
    (void)map_count(&r, "format", &format);
    if (format != SUMMARY_FORMAT) {
        return err_set(err, ERR_IO, "the stored summary has format %llu: a newer assay wrote it",
                       (unsigned long long)format);
    }
    map_verdict(&r, &s);
    (void)map_text(&r, "suite", &s.suite);
    (void)map_text(&r, "variant", &s.variant);
    (void)map_text(&r, "run", &s.run_id);
    (void)map_text(&r, "reason", &s.reason);
    (void)map_flag(&r, "partial", &s.is_partial);
    (void)map_time(&r, "started", &s.started_unix_ms);
    (void)map_time(&r, "finished", &s.finished_unix_ms);
    map_counts(&r, &s);
    map_lists(&r, &s);
    if (r.bad_key != NULL) {
        return err_set(err, ERR_IO, "the stored summary: '%s' is not what it should be", r.bad_key);
    }
    *ret = s;
    return true;
}
