#include "judge/planning_json.h"

#include "data/json.h"
#include "model/planning.h"

static void put_item(struct json_writer *w, const struct planned *item)
{
    json_open_map(w);
    json_put_text(w, item->is_gate ? "gate" : "change", item->asked);
    json_put_text(w, "answer", item->answer);
    json_put_number_or_null(w, "cases", item->cases > 0, (double)item->cases);
    json_put_number_or_null(w, "trials", item->trials > 0, item->trials);
    json_put_number_or_null(w, "could_see", item->has_could, item->could);
    json_put_number_or_null(w, "false_alarms", item->has_alarm, item->alarm);
    json_put_bool(w, "at_most", item->is_bound);
    json_close_map(w);
}

static void put_stat(struct json_writer *w, const struct planned_stat *s)
{
    json_open_map(w);
    json_put_text(w, "stat", s->stat);
    if (s->why_not.ptr != NULL) {
        json_put_text(w, "why_not", s->why_not);
        json_close_map(w);
        return;
    }
    json_put_int(w, "n", (int64_t)s->n);
    json_put_text(w, "figure", s->figure);
    json_put_number(w, "noise_variance", s->noise_variance);
    json_put_bool(w, "noise_at_most", s->is_bound);
    json_put_int(w, "noise_cases", (int64_t)s->noise_cases);
    json_put_int(w, "noise_runs", (int64_t)s->noise_runs);
    json_key(w, "questions");
    json_open_list(w);
    for (size_t i = 0; i < s->item_count; i++) {
        put_item(w, &s->items[i]);
    }
    json_close_list(w);
    json_close_map(w);
}

void planning_json(struct json_writer *w, const struct planning *p)
{
    json_open_map(w);
    json_put_text(w, "suite", p->suite);
    json_put_text(w, "variant", p->variant);
    json_put_text(w, "run", p->run);
    json_put_number(w, "power", p->power);
    json_put_number(w, "confidence", p->confidence);
    json_put_int(w, "claims", (int64_t)p->claims);
    json_key(w, "stats");
    json_open_list(w);
    for (size_t i = 0; i < p->stat_count; i++) {
        put_stat(w, &p->stats[i]);
    }
    json_close_list(w);
    json_close_map(w);
}
