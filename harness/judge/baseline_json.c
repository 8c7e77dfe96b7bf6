#include "data/json.h"
#include "data/map_reader.h"
#include "judge/summary_parts.h"

static void put_texts(struct json_writer *w, const char *key, const struct str *texts, size_t count)
{
    json_key(w, key);
    json_open_list(w);
    for (size_t i = 0; i < count; i++) {
        json_text(w, texts[i]);
    }
    json_close_list(w);
}

void json_put_baseline(struct json_writer *w, const struct baseline_summary *b)
{
    json_open_map(w);
    json_put_text(w, "state", str_from(BASELINE_STATE_WORDS[b->state]));
    json_put_text(w, "source", b->source);
    json_put_text(w, "reason", b->reason);
    put_texts(w, "runs", b->runs, b->run_count);
    if (b->commit.len > 0) {
        json_put_text(w, "commit", b->commit);
    }
    json_put_time(w, "finished", b->finished_unix_ms);
    json_put_int(w, "runs_since", (int64_t)b->runs_since);
    json_put_int(w, "cases", (int64_t)b->cases);
    json_put_int(w, "common", (int64_t)b->common);
    json_put_int(w, "changed", (int64_t)b->changed);
    json_put_int(w, "missing", (int64_t)b->missing);
    json_put_int(w, "added", (int64_t)b->added);
    put_texts(w, "dimensions_not_compared", b->dimensions, b->dimension_count);
    json_close_map(w);
}

void map_baseline(struct map_reader *r, struct baseline_summary *ret)
{
    ret->state = (enum baseline_state)map_word(r, "state", BASELINE_STATE_WORDS, BASELINE_USED);
    (void)map_text(r, "source", &ret->source);
    (void)map_text(r, "reason", &ret->reason);
    ret->runs = map_texts(r, "runs", &ret->run_count);
    (void)map_text(r, "commit", &ret->commit);
    (void)map_time(r, "finished", &ret->finished_unix_ms);
    (void)map_count(r, "runs_since", &ret->runs_since);
    (void)map_count(r, "cases", &ret->cases);
    (void)map_count(r, "common", &ret->common);
    (void)map_count(r, "changed", &ret->changed);
    (void)map_count(r, "missing", &ret->missing);
    (void)map_count(r, "added", &ret->added);
    ret->dimensions = map_texts(r, "dimensions_not_compared", &ret->dimension_count);
}
