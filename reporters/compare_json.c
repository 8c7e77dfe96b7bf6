/* Comparisons as one JSON document, with everything that was computed and how (docs/contracts.md, "Comparisons"):
 *
 *   {"format":1,"assay":"0.1.0","comparisons":[{"suite":"...","alpha":0.05,"family":6,"tag":null,"runs":[...],"tables":[...]},...]}
 *
 * Flips are streamed. Intervals are not clipped to their range. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "data/json.h"
#include "model/how_json.h"
#include "reporters/compare.h"
#include "reporters/reporter.h"
#include "reporters/sample_json.h"

static void put_bytes_or_null(struct json_writer *w, const char *key, struct str text)
{
    if (text.ptr == NULL) {
        json_key(w, key);
        json_null(w);
    } else {
        json_put_bytes(w, key, text);
    }
}

static void put_names(struct json_writer *w, const char *key, const struct str *names, size_t count)
{
    json_key(w, key);
    json_open_list(w);
    for (size_t i = 0; i < count; i++) {
        json_bytes(w, names[i]);
    }
    json_close_list(w);
}

static bool put_flip(struct json_writer *w, struct compare_out *to, const struct comparison *c, size_t run,
                     const struct compared_flip *flip, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct flip_samples samples = {0};
    if (!c->samples(c->ctx, run, flip, &scratch, &samples, err)) {
        return false;
    }
    json_open_map(w);
    json_put_bytes(w, "case", flip->case_id);
    json_put_text(w, "word", flip->is_worse ? STR("worse") : STR("better"));
    json_put_number(w, "loss", flip->loss);
    if (samples.has_base) {
        json_key(w, "base");
        sample_to_json(w, c->runs[0].run, &samples.base);
    }
    if (samples.has_candidate) {
        json_key(w, "candidate");
        sample_to_json(w, c->runs[run].run, &samples.candidate);
    }
    json_close_map(w);
    return report_flush(w->out, to->out, err);
}

static bool put_flips(struct json_writer *w, struct compare_out *to, const struct comparison *c, size_t run,
                      struct err *err)
{
    const struct compared_run *r = &c->runs[run];
    json_key(w, "flips");
    json_open_map(w);
    json_put_int(w, "worse", (int64_t)r->flips_worse);
    json_put_int(w, "better", (int64_t)r->flips_better);
    json_key(w, "shown");
    json_open_list(w);
    for (size_t i = 0; i < r->flip_count; i++) {
        if (!put_flip(w, to, c, run, &r->flips[i], err)) {
            return false;
        }
    }
    json_close_list(w);
    json_close_map(w);
    return true;
}

/* How the cases of a candidate meet the base's. */
static bool put_meeting(struct json_writer *w, struct compare_out *to, const struct comparison *c, size_t run,
                        struct err *err)
{
    const struct compared_run *r = &c->runs[run];
    const struct {
        const char *key;
        const struct case_names *names;
    } lists[] = {
        {"only_base", &r->only_base},
        {"only_candidate", &r->only_candidate},
        {"changed", &r->changed},
        {"errored_base", &r->errored_base},
        {"errored_candidate", &r->errored_candidate},
        {"errored_both", &r->errored_both},
    };
    json_key(w, "compared");
    json_open_map(w);
    put_bytes_or_null(w, "why_not", r->why_not);
    json_put_int(w, "both", (int64_t)r->both);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        put_names(w, lists[i].key, lists[i].names->ids, lists[i].names->count);
    }
    put_names(w, "other_dimensions", r->other_dimensions, r->other_dimension_count);
    if (!put_flips(w, to, c, run, err)) {
        return false;
    }
    json_close_map(w);
    return true;
}

static bool put_run(struct json_writer *w, struct compare_out *to, const struct comparison *c, size_t run,
                    struct err *err)
{
    const struct compared_run *r = &c->runs[run];
    json_open_map(w);
    json_put_bytes(w, "name", r->name);
    json_put_bytes(w, "source", r->source);
    json_put_text(w, "run", str_from(id_text(&r->run->id).text));
    json_put_bytes(w, "suite", r->run->suite);
    json_put_bytes(w, "variant", r->run->variant);
    json_put_time(w, "started", r->run->started_unix_ms);
    json_put_time(w, "finished", r->run->finished_unix_ms);
    json_put_text(w, "state", str_from(RUN_STATE_WORDS[r->run->state]));
    json_put_raw(w, "labels", r->labels.len > 0 ? r->labels : STR("{}"));
    json_put_int(w, "trials", r->trials);
    json_put_int(w, "cases", (int64_t)r->cases);
    json_put_int(w, "errored", (int64_t)r->errored);
    json_put_int(w, "samples", (int64_t)r->samples);
    json_put_int(w, "errors", (int64_t)r->errors);
    json_put_number_or_null(w, "cost_usd", r->has_cost, r->cost_usd);
    if (run > 0 && !put_meeting(w, to, c, run, err)) {
        return false;
    }
    json_close_map(w);
    return true;
}

static void put_figure(struct json_writer *w, const struct comparison *c, size_t run, const struct compared_figure *f)
{
    json_open_map(w);
    json_put_bytes(w, "run", c->runs[run].name);
    json_put_int(w, "n", (int64_t)f->n);
    json_put_number_or_null(w, "value", f->has_value, f->value);
    json_put_interval(w, "interval", &f->interval);
    json_close_map(w);
}

static void put_test(struct json_writer *w, const struct compared_difference *d)
{
    json_key(w, "test");
    if (!d->has_p) {
        json_null(w);
        return;
    }
    json_open_map(w);
    json_put_how(w, &d->how);
    json_put_number(w, "statistic", d->statistic);
    json_put_number(w, "p", d->p);
    json_put_number_or_null(w, "p_exact", d->has_exact, d->p_exact);
    json_put_number_or_null(w, "p_adjusted", d->in_family, d->p_adjusted);
    json_close_map(w);
}

static void put_difference(struct json_writer *w, const struct comparison *c, size_t run,
                           const struct compared_difference *d)
{
    json_open_map(w);
    json_put_bytes(w, "run", c->runs[run].name);
    put_bytes_or_null(w, "why_not", d->why_not);
    json_put_text(w, "word", str_from(compared_word(d->word)));
    json_put_int(w, "n", (int64_t)d->n);
    if (d->clusters > 0) {
        json_put_int(w, "clusters", (int64_t)d->clusters);
    }
    json_put_number_or_null(w, "base", d->has_value, d->base);
    json_put_number_or_null(w, "candidate", d->has_value, d->candidate);
    json_put_number_or_null(w, "difference", d->has_value, d->difference);
    if (d->has_ratio) {
        json_put_number(w, "ratio", d->ratio);
    }
    json_put_interval(w, d->has_ratio ? "ratio_interval" : "interval", &d->interval);
    if (d->is_binary) {
        json_put_int(w, "only_base", (int64_t)d->only_base);
        json_put_int(w, "only_candidate", (int64_t)d->only_candidate);
    }
    put_test(w, d);
    json_put_number_or_null(w, "could_have_seen", d->has_mde, d->mde);
    if (d->hint.ptr != NULL) {
        json_put_bytes(w, "hint", d->hint);
        json_put_number_or_null(w, "needed", d->needed > 0, (double)d->needed);
    }
    json_put_int(w, "errored_base", (int64_t)d->errored_base);
    json_put_int(w, "errored_candidate", (int64_t)d->errored_candidate);
    json_put_int(w, "errored_both", (int64_t)d->errored_both);
    json_put_int(w, "not_scored", (int64_t)d->not_scored);
    json_close_map(w);
}

static void put_stat(struct json_writer *w, const struct comparison *c, const struct compared_stat *s)
{
    json_open_map(w);
    put_bytes_or_null(w, "dimension", s->dimension);
    json_put_bytes(w, "stat", s->name);
    put_bytes_or_null(w, "label", s->label);
    json_put_text(w, "kind", str_from(DIMENSION_KIND_WORDS[s->kind]));
    json_put_text(w, "direction", str_from(DIMENSION_DIRECTION_WORDS[s->direction]));
    json_put_bool(w, "share", s->is_share);
    json_put_bool(w, "in_family", s->in_family);
    json_key(w, "range");
    if (s->range.is_bounded) {
        json_open_list(w);
        json_number(w, s->range.lo);
        json_number(w, s->range.hi);
        json_close_list(w);
    } else {
        json_null(w);
    }
    json_key(w, "figures");
    json_open_list(w);
    for (size_t run = 0; run < c->run_count; run++) {
        put_figure(w, c, run, &s->figures[run]);
    }
    json_close_list(w);
    json_key(w, "differences");
    json_open_list(w);
    for (size_t run = 1; run < c->run_count; run++) {
        put_difference(w, c, run, &s->differences[run]);
    }
    json_close_list(w);
    json_close_map(w);
}

static bool put_tables(struct json_writer *w, struct compare_out *to, const struct comparison *c, struct err *err)
{
    json_key(w, "tables");
    json_open_list(w);
    for (size_t t = 0; t < c->table_count; t++) {
        const struct compared_table *table = &c->tables[t];
        json_open_map(w);
        put_bytes_or_null(w, "tag", table->tag);
        json_key(w, "stats");
        json_open_list(w);
        for (size_t s = 0; s < table->stat_count; s++) {
            put_stat(w, c, &table->stats[s]);
        }
        json_close_list(w);
        json_close_map(w);
        if (!report_flush(w->out, to->out, err)) {
            return false;
        }
    }
    json_close_list(w);
    return true;
}

static bool json_compare(struct compare_out *to, const struct comparison *c, struct arena *scratch, struct err *err)
{
    (void)scratch;
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer writer;
    struct json_writer *w = &writer;
    if (to->at == 0) {
        buf_append_cstr(&text, "{\"format\":1,\"assay\":");
        json_append_quoted(&text, str_from(to->version));
        buf_append_cstr(&text, ",\"comparisons\":[");
    } else {
        buf_append_char(&text, ',');
    }
    json_writer_init(w, &text);
    json_open_map(w);
    json_put_bytes(w, "suite", c->suite);
    json_put_number(w, "alpha", c->alpha);
    json_put_int(w, "family", (int64_t)c->family);
    put_bytes_or_null(w, "tag", c->tag);
    json_key(w, "runs");
    json_open_list(w);
    for (size_t run = 0; run < c->run_count; run++) {
        if (!put_run(w, to, c, run, err)) {
            return false;
        }
    }
    json_close_list(w);
    if (!put_tables(w, to, c, err)) {
        return false;
    }
    json_close_map(w);
    buf_append_cstr(&text, to->at + 1 == to->count ? "]}\n" : "");
    return report_flush(&text, to->out, err);
}

const struct compare_format compare_json = {
    .name = "json",
    .summary = "one JSON document: every figure and difference, and how it was reached",
    .write = json_compare,
};
