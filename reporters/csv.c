/* A table for spreadsheets (csv_parts.h): one row a sample, everything about it in columns, so that it can be filtered and pivoted as it is.
 *
 *   suite, variant, run, case, trial, tags, cluster     which
 *   result      pass, fail, errored, skipped (no sample: it was not run), measured (nothing of it can pass or fail)
 *   score       of the sample, 0 to 1
 *   answer.value, answer.outcome, answer.comment        three columns a dimension, in the order of the suites; empty where a sample has none
 *   latency_ms, cost_usd, input_tokens, output_tokens, attempts
 *   error, reason     of errored samples: kind and words; of skipped cases: why
 *   input, expected, output     a text as it is, other JSON compact
 *
 * Long texts are cut: json and jsonl have them whole. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "reporters/csv_parts.h"
#include "reporters/reporter.h"
#include "reporters/shown.h"

struct writing {
    const struct report_in *in;
    const struct report_run *run;
    struct arena *sample_arena;
    struct buf text;
    struct csv_cells cells;
    VEC(struct str) dimensions; /* of all runs */
    size_t *places;             /* of the run's dimensions: where in those, plus 1; 0 = nowhere */
    const struct score **found; /* of the sample: a slot a dimension */
};

static void collect_dimensions(struct writing *w, struct arena *arena, size_t **ret_places)
{
    struct map known = MAP_NULL;
    for (size_t i = 0; i < w->in->run_count; i++) {
        const struct run_record *run = w->in->runs[i].run;
        ret_places[i] = arena_array(arena, size_t, run->dimension_count + 1);
        for (size_t d = 0; d < run->dimension_count; d++) {
            struct str name = run->dimensions[d].name;
            size_t *place = map_get(&known, name);
            if (place == NULL) {
                *vec_push(arena, &w->dimensions) = name;
                place = arena_new(arena, size_t);
                *place = w->dimensions.len;
                (void)map_put(&known, arena, name, place);
            }
            ret_places[i][d] = *place;
        }
    }
}

static void put_words(struct csv_cells *c, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        csv_text(c, str_from(words[i]));
    }
}

static void put_heading(struct writing *w, struct arena *arena)
{
    static const char *const before[] = {"suite", "variant", "run",    "case",  "trial",
                                         "tags",  "cluster", "result", "score", NULL};
    static const char *const after[] = {"latency_ms", "cost_usd", "input_tokens", "output_tokens", "attempts", "error",
                                        "reason",     "input",    "expected",     "output",        NULL};
    put_words(&w->cells, before);
    for (size_t d = 0; d < w->dimensions.len; d++) {
        struct str name = w->dimensions.items[d];
        csv_text(&w->cells, arena_printf(arena, "%.*s.value", STR_ARG(name)));
        csv_text(&w->cells, arena_printf(arena, "%.*s.outcome", STR_ARG(name)));
        csv_text(&w->cells, arena_printf(arena, "%.*s.comment", STR_ARG(name)));
    }
    put_words(&w->cells, after);
    csv_end(&w->cells);
}

static void put_place(struct writing *w, struct str id, uint32_t trial, struct str tags, struct str cluster)
{
    const struct summary *s = w->run->summary;
    csv_text(&w->cells, s->suite);
    csv_text(&w->cells, s->variant);
    csv_text(&w->cells, s->run_id);
    csv_text(&w->cells, id);
    if (trial > 0) {
        csv_count(&w->cells, trial);
    } else {
        csv_text(&w->cells, STR(""));
    }
    csv_text(&w->cells, shown_list(w->sample_arena, tags));
    csv_text(&w->cells, cluster);
}

static void put_scores(struct writing *w, const struct sample_record *s)
{
    for (size_t d = 0; d < w->dimensions.len; d++) {
        w->found[d] = NULL;
    }
    for (size_t i = 0; i < s->score_count; i++) {
        if (s->scores[i].dimension < w->run->run->dimension_count) {
            w->found[w->places[s->scores[i].dimension] - 1] = &s->scores[i];
        }
    }
    for (size_t d = 0; d < w->dimensions.len; d++) {
        const struct score *score = w->found[d];
        csv_number(&w->cells, score != NULL && score->outcome != SCORE_NOT_SCORED, score != NULL ? score->value : 0);
        csv_text(&w->cells, score == NULL ? STR("") : str_from(score_outcome_word(score->outcome)));
        csv_text(&w->cells, score == NULL ? STR("") : score->comment);
    }
}

static bool put_sample(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    struct writing *w = ctx;
    struct csv_cells *c = &w->cells;
    const struct call_measures *m = &s->measures;
    bool is_errored = s->state == SAMPLE_ERRORED;
    *ret_goes_on = true;
    put_place(w, s->case_id, s->trial, s->tags, s->cluster);
    csv_text(c, str_from(shown_result(s)));
    csv_number(c, s->has_score, s->score);
    put_scores(w, s);
    csv_number(c, m->has_latency, m->latency_ms);
    csv_number(c, m->has_cost, m->cost_usd);
    csv_number(c, m->has_input_tokens, m->input_tokens);
    csv_number(c, m->has_output_tokens, m->output_tokens);
    csv_count(c, m->attempts);
    csv_text(c, is_errored ? str_from(error_kind_word(s->error)) : STR(""));
    csv_text(c, s->error_text);
    csv_text(c, shown_json(w->sample_arena, s->input));
    csv_text(c, shown_json(w->sample_arena, s->expected));
    csv_text(c, shown_output(w->sample_arena, s));
    csv_end(c);
    arena_reset(w->sample_arena);
    return report_flush(&w->text, w->in->out, err);
}

static bool put_skipped(struct writing *w, const struct skipped_case *skipped, struct err *err)
{
    enum { BETWEEN = 6, AFTER = 3 }; /* measures and kind of error; bodies */
    put_place(w, skipped->id, 0, skipped->tags, skipped->cluster);
    csv_text(&w->cells, STR("skipped"));
    for (size_t i = 0; i < 1 + 3 * w->dimensions.len + BETWEEN; i++) {
        csv_text(&w->cells, STR(""));
    }
    csv_text(&w->cells, skipped->reason);
    for (size_t i = 0; i < AFTER; i++) {
        csv_text(&w->cells, STR(""));
    }
    csv_end(&w->cells);
    arena_reset(w->sample_arena);
    return report_flush(&w->text, w->in->out, err);
}

static bool csv_report(const struct report_in *in, struct arena *scratch, struct err *err)
{
    struct arena sample_arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct writing w = {.in = in, .sample_arena = &sample_arena};
    size_t **places = arena_array(scratch, size_t *, in->run_count + 1);
    buf_init(&w.text, LIMIT_JSON_BYTES);
    csv_begin(&w.cells, &w.text);
    collect_dimensions(&w, scratch, places);
    w.found = arena_array(scratch, const struct score *, w.dimensions.len + 1);
    put_heading(&w, scratch);
    bool ok = report_flush(&w.text, in->out, err);
    for (size_t i = 0; i < in->run_count && ok; i++) {
        w.run = &in->runs[i];
        w.places = places[i];
        ok = report_each(w.run, false, put_sample, &w, err);
        for (size_t k = 0; k < w.run->summary->skipped_count && ok; k++) {
            ok = put_skipped(&w, &w.run->summary->skipped[k], err);
        }
    }
    buf_deinit(&w.text);
    return ok;
}

const struct reporter reporter_csv = {
    .name = "csv",
    .summary = "for spreadsheets: one row a sample, its scores in columns",
    .write = csv_report,
};
