/* One JSON document: the invocation, its verdict, and of each run its header, its summary (dimensions, gates, counts) and its samples.
 *
 *   {"format":1,"assay":"0.1.0","verdict":"failed","exit_code":1,"reason":"...","invocation":{...},
 *    "runs":[{"run":{line 1 of jsonl},"summary":{...},"recording":{"written":{"spans":n,"metrics":n},"pending","refused","verified","missing",
 *     "differing"} or null,"samples":[{...},...]}]}
 *
 * Samples are streamed: memory stays flat. Always valid JSON (what is not UTF-8 is {"base64": ...}, see sample_json.h). */

#include "data/json.h"
#include "base/buf.h"
#include "base/limits.h"
#include "reporters/reporter.h"
#include "reporters/sample_json.h"

static void put_map(struct json_writer *w, const char *key, struct str json)
{
    json_put_raw(w, key, json.len > 0 ? json : STR("{}"));
}

static void put_invocation(struct json_writer *w, const struct invocation_record *inv)
{
    json_key(w, "invocation");
    json_open_map(w);
    json_put_text(w, "id", str_from(id_text(&inv->id).text));
    json_put_bytes(w, "name", inv->name);
    json_put_time(w, "started", inv->started_unix_ms);
    json_put_time(w, "finished", inv->finished_unix_ms);
    put_map(w, "labels", inv->labels);
    put_map(w, "options", inv->options);
    json_put_bool(w, "full_selection", inv->is_full_selection);
    json_close_map(w);
}

static void put_pair(struct json_writer *w, const char *key, uint64_t spans, uint64_t metrics)
{
    json_key(w, key);
    json_open_map(w);
    json_put_int(w, "spans", (int64_t)spans);
    json_put_int(w, "metrics", (int64_t)metrics);
    json_close_map(w);
}

/* How much of the run Opper holds; "verified" and what follows only where it was read back. */
static void put_recording(struct json_writer *w, const struct recording_counts *c)
{
    json_key(w, "recording");
    if (c == NULL) {
        json_null(w);
        return;
    }
    json_open_map(w);
    json_put_text(w, "mode", str_from(RECORD_MODE_WORDS[c->mode]));
    put_pair(w, "written", c->spans - c->pending_spans - c->refused_spans,
             c->metrics - c->pending_metrics - c->refused_metrics);
    put_pair(w, "pending", c->pending_spans, c->pending_metrics);
    put_pair(w, "refused", c->refused_spans, c->refused_metrics);
    if (c->is_verified) {
        put_pair(w, "verified", c->verified_spans, c->verified_metrics);
        json_put_int(w, "missing", (int64_t)c->missing);
        json_put_int(w, "differing", (int64_t)c->differing);
    }
    json_close_map(w);
}

struct sample_list {
    struct json_writer *w;
    const struct report_in *in;
    const struct report_run *run;
};

static bool put_sample(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    struct sample_list *list = ctx;
    *ret_goes_on = true;
    sample_to_json(list->w, list->run->run, s);
    return report_flush(list->w->out, list->in->out, err);
}

static bool put_samples(struct json_writer *w, const struct report_in *in, const struct report_run *run,
                        struct err *err)
{
    struct sample_list list = {w, in, run};
    json_key(w, "samples");
    json_open_list(w);
    if (!report_each(run, false, put_sample, &list, err)) {
        return false;
    }
    json_close_list(w);
    return true;
}

static bool json_report(const struct report_in *in, struct arena *scratch, struct err *err)
{
    (void)scratch;
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer writer;
    struct json_writer *w = &writer;
    json_writer_init(w, &text);
    json_open_map(w);
    json_put_int(w, "format", 1);
    json_put_bytes(w, "assay", str_from(in->version));
    json_put_text(w, "verdict", str_from(verdict_row(in->verdict)->word));
    json_put_int(w, "exit_code", verdict_row(in->verdict)->exit_code);
    json_put_bytes(w, "reason", in->reason);
    put_invocation(w, in->invocation);
    json_key(w, "runs");
    json_open_list(w);
    for (size_t i = 0; i < in->run_count; i++) {
        json_open_map(w);
        put_map(w, "run", in->runs[i].run->header);
        put_map(w, "summary", in->runs[i].run->summary);
        put_recording(w, in->runs[i].recording);
        if (!put_samples(w, in, &in->runs[i], err)) {
            return false;
        }
        json_close_map(w);
    }
    json_close_list(w);
    json_close_map(w);
    buf_append_char(&text, '\n');
    return report_flush(&text, in->out, err);
}

const struct reporter reporter_json = {
    .name = "json",
    .summary = "one JSON document: verdict, summaries, gates, every sample",
    .write = json_report,
};
