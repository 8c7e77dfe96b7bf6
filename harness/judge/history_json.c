#include "judge/history_json.h"

#include <stdio.h>

#include "data/json.h"
#include "model/history.h"
#include "model/how_json.h"
#include "stats/change.h"

static void put_known(struct json_writer *w, const char *key, struct str text)
{
    if (text.ptr == NULL) {
        json_put_raw(w, key, STR("null"));
    } else {
        json_put_text(w, key, text);
    }
}

static void put_run(struct json_writer *w, const struct history_run *run)
{
    static const char *const dirty[] = {[TREE_UNKNOWN] = "null", [TREE_CLEAN] = "false", [TREE_DIRTY] = "true"};
    json_open_map(w);
    json_put_text(w, "run", run->id);
    json_put_time(w, "started", run->started_unix_ms);
    json_put_time(w, "finished", run->finished_unix_ms);
    put_known(w, "commit", run->commit);
    put_known(w, "branch", run->branch);
    json_put_raw(w, "dirty", str_from(dirty[run->tree]));
    json_put_text(w, "verdict", str_from(verdict_row(run->verdict)->word));
    json_put_bool(w, "has_figures", run->has_figures);
    json_put_number_or_null(w, "attempt", run->attempt > 0, (double)run->attempt);
    json_put_int(w, "trials", run->trials);
    json_put_int(w, "cases", (int64_t)run->cases);
    json_put_int(w, "cases_added", (int64_t)run->cases_added);
    json_put_int(w, "cases_removed", (int64_t)run->cases_removed);
    json_put_int(w, "cases_changed", (int64_t)run->cases_changed);
    json_put_bool(w, "suite_changed", run->suite_changed);
    json_close_map(w);
}

static void put_point(struct json_writer *w, const struct history_point *p)
{
    if (!p->has_value) {
        json_null(w);
        return;
    }
    json_open_map(w);
    json_put_number(w, "value", p->value);
    json_put_int(w, "n", (int64_t)p->n);
    json_put_int(w, "missing", (int64_t)p->missing);
    json_put_interval(w, "interval", &p->interval);
    json_put_number_or_null(w, "change", p->has_change, p->change);
    json_close_map(w);
}

static void put_flakes(struct json_writer *w, const struct history_series *s)
{
    json_key(w, "flips");
    json_open_map(w);
    json_put_number_or_null(w, "rate", s->has_flips, s->flips);
    json_put_int(w, "cases", (int64_t)s->flip_cases);
    json_close_map(w);
    json_put_int(w, "flakes_total", (int64_t)s->flakes_total);
    json_key(w, "flakes");
    json_open_list(w);
    for (size_t i = 0; i < s->flake_count; i++) {
        const struct history_flake *f = &s->flakes[i];
        json_open_map(w);
        json_put_text(w, "case", f->case_id);
        json_put_int(w, "first", (int64_t)f->first);
        json_put_int(w, "last", (int64_t)f->last);
        json_put_int(w, "samples", (int64_t)f->samples);
        json_put_int(w, "passed", (int64_t)f->passed);
        json_put_number(w, "rate", f->rate);
        json_put_interval(w, "pass_rate", &f->pass_rate);
        json_close_map(w);
    }
    json_close_list(w);
}

static void put_series(struct json_writer *w, const struct history *h, const struct history_series *s)
{
    json_open_map(w);
    json_put_text(w, "stat", s->stat);
    put_known(w, "dimension", s->dimension);
    json_put_text(w, "direction", str_from(DIMENSION_DIRECTION_WORDS[s->direction]));
    json_key(w, "points");
    json_open_list(w);
    for (size_t i = 0; i < h->run_count; i++) {
        put_point(w, &s->points[i]);
    }
    json_close_list(w);
    json_key(w, "breaks");
    json_open_list(w);
    for (size_t i = 0; i < s->break_count; i++) {
        json_open_map(w);
        json_put_int(w, "at", (int64_t)s->breaks[i].at);
        json_put_text(w, "why", s->breaks[i].why);
        json_close_map(w);
    }
    json_close_list(w);
    json_put_bool(w, "too_short_for_changes", s->is_too_short);
    json_key(w, "changes");
    json_open_list(w);
    for (size_t i = 0; i < s->change_count; i++) {
        const struct history_change *c = &s->changes[i];
        json_open_map(w);
        json_put_int(w, "at", (int64_t)c->at);
        json_put_number(w, "before", c->before);
        json_put_number(w, "after", c->after);
        json_put_number(w, "p", c->p);
        json_put_text(w, "method", str_from(stat_method_name(METHOD_PERMUTATION)));
        json_put_int(w, "permutations", CHANGE_PERMUTATIONS);
        json_close_map(w);
    }
    json_close_list(w);
    put_flakes(w, s);
    json_close_map(w);
}

void history_json(struct json_writer *w, const struct history *h)
{
    json_open_map(w);
    json_put_text(w, "suite", h->suite);
    json_put_text(w, "variant", h->variant);
    char seed[24];
    (void)snprintf(seed, sizeof(seed), "%llu", (unsigned long long)h->seed);
    json_put_text(w, "seed", str_from(seed)); /* a text: it has more digits than readers of JSON keep */
    json_key(w, "runs");
    json_open_list(w);
    for (size_t i = 0; i < h->run_count; i++) {
        put_run(w, &h->runs[i]);
    }
    json_close_list(w);
    json_key(w, "series");
    json_open_list(w);
    for (size_t i = 0; i < h->series_count; i++) {
        put_series(w, h, &h->series[i]);
    }
    json_close_list(w);
    json_close_map(w);
}
