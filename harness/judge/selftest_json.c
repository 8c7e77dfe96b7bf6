#include "judge/selftest_json.h"

#include <stdio.h>

#include "data/json.h"
#include "model/how_json.h"
#include "model/selftest.h"

static double share(uint64_t count, uint64_t of)
{
    return of == 0 ? 0 : (double)count / (double)of;
}

static void put_gate(struct json_writer *w, const struct selftest_gate *g)
{
    json_open_map(w);
    json_put_text(w, "gate", g->text);
    json_put_text(w, "variant", g->variant);
    json_put_text(w, "form", str_from(GATE_FORM_WORDS[g->form]));
    json_put_text(w, "severity", g->severity == GATE_FAIL ? STR("fail") : STR("warn"));
    json_put_text(w, "drawn", g->is_drawn_anew ? STR("cases") : STR("runs"));
    json_put_int(w, "judged", (int64_t)g->judged);
    json_put_int(w, "alarms", (int64_t)g->alarms);
    json_put_number_or_null(w, "alarm_rate", g->judged > 0, share(g->alarms, g->judged));
    json_put_interval(w, "alarm_interval", &g->alarm_interval);
    json_put_number(w, "alpha", g->alpha);
    json_put_bool(w, "too_often", g->is_too_often);
    json_put_int(w, "passes", (int64_t)g->passes);
    json_put_number_or_null(w, "pass_rate", g->judged > 0, share(g->passes, g->judged));
    json_close_map(w);
}

void selftest_json(struct json_writer *w, const struct selftest *t)
{
    char seed[24];
    (void)snprintf(seed, sizeof(seed), "%llu", (unsigned long long)t->seed);
    json_open_map(w);
    json_put_text(w, "suite", t->suite);
    json_key(w, "runs");
    json_open_list(w);
    for (size_t i = 0; i < t->run_count; i++) {
        json_text(w, t->runs[i]);
    }
    json_close_list(w);
    json_put_text(w, "source", t->is_halves ? STR("halves of trials") : STR("runs of one version"));
    json_put_int(w, "trials", t->trials);
    json_put_number_or_null(w, "trials_in_a_half", t->is_halves, t->half);
    json_put_int(w, "cases", (int64_t)t->cases);
    json_put_int(w, "clusters", (int64_t)t->clusters);
    json_put_int(w, "cases_left_out", (int64_t)t->left_out);
    json_put_int(w, "draws", (int64_t)t->draws);
    json_put_text(w, "seed", str_from(seed)); /* a text: it has more digits than readers of JSON keep */
    json_key(w, "gates");
    json_open_list(w);
    for (size_t i = 0; i < t->gate_count; i++) {
        put_gate(w, &t->gates[i]);
    }
    json_close_list(w);
    json_key(w, "verdict");
    json_open_map(w);
    json_put_int(w, "failed", (int64_t)t->failed);
    json_put_int(w, "none", (int64_t)t->no_verdict);
    json_put_number(w, "fail_rate", share(t->failed, t->draws - t->no_verdict));
    json_put_interval(w, "fail_interval", &t->failed_interval);
    json_close_map(w);
    json_close_map(w);
}
