/* The exchange format (docs/contracts.md, D): one block a run, blocks of one invocation one after the other. Every line is one JSON map, in UTF-8,
 * ended by "\n".
 *
 *   line 1    {"kind":"run","format":1, ...}: what was run, as stored when it began (ids, digests, suite, variant, labels, dimensions, gates), and
 *             then what became of it:
 *               "recorded": {"invocation": {name, started, finished, state, full_selection, options, exit_code, reason},
 *                            "plan": {position, path, files, data_files},  files: {"files":[{path, sha256, text}]}, the suite as it was read
 *                            "run": {position, started, finished, state, exit_code}},
 *               "summary": the stored verdict record; its "skipped_cases" are the cases of the plan that have no sample
 *   then      {"kind":"sample", ...} in plan order (sample_json.h), current records only
 *   last      {"kind":"end","samples":N,"sha256":"..."}: SHA-256 over all bytes of the block before this line
 *
 * Of an interrupted run the cases without a sample are only counted ("cases", "trials"). Where a case stood in its data file is not in it: an imported run is
 * not resumed. A block without its last line was cut off. Times are RFC 3339 in UTC with milliseconds, or null. What says how a run came into a store (its origin, the
 * store's own numbers) is not in it: a run exported, imported and exported again gives the same bytes. */

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "reporters/reporter.h"
#include "reporters/sample_json.h"

struct block {
    struct buf line;
    struct digest_stream digest;
    FILE *out;
    const struct run_record *run;
    uint64_t samples;
};

static void put_raw(struct json_writer *w, const char *key, struct str json, struct str otherwise)
{
    json_put_raw(w, key, json.len > 0 ? json : otherwise);
}

static bool end_line(struct block *b, struct err *err)
{
    buf_append_char(&b->line, '\n');
    digest_add(&b->digest, buf_str(&b->line));
    return report_flush(&b->line, b->out, err);
}

static void put_recorded(struct json_writer *w, const struct invocation_record *inv, const struct report_run *run)
{
    const struct run_record *r = run->run;
    json_open_map(w);
    json_key(w, "invocation");
    json_open_map(w);
    json_put_bytes(w, "name", inv->name);
    json_put_time(w, "started", inv->started_unix_ms);
    json_put_time(w, "finished", inv->finished_unix_ms);
    json_put_text(w, "state", str_from(RUN_STATE_WORDS[inv->state]));
    json_put_bool(w, "full_selection", inv->is_full_selection);
    put_raw(w, "options", inv->options, STR("{}"));
    json_put_int(w, "exit_code", verdict_row(inv->verdict)->exit_code);
    json_put_bytes(w, "reason", inv->reason);
    json_close_map(w);
    json_key(w, "plan");
    json_open_map(w);
    json_put_int(w, "position", run->plan->position);
    json_put_bytes(w, "path", run->plan->path);
    put_raw(w, "files", run->plan->resolved, STR("{}"));
    put_raw(w, "data_files", run->plan->data_files, STR("[]"));
    json_close_map(w);
    json_key(w, "run");
    json_open_map(w);
    json_put_int(w, "position", r->position);
    json_put_time(w, "started", r->started_unix_ms);
    json_put_time(w, "finished", r->finished_unix_ms);
    json_put_text(w, "state", str_from(RUN_STATE_WORDS[r->state]));
    json_put_int(w, "exit_code", verdict_row(r->verdict)->exit_code);
    json_close_map(w);
    json_close_map(w);
}

/* The stored header with two members more: it ends with '}', which is put after them. */
static bool put_header(struct block *b, const struct report_in *in, const struct report_run *run, struct err *err)
{
    struct str header = str_trim(run->run->header);
    if (header.len < 2 || header.ptr[header.len - 1] != '}') {
        return err_set(err, ERR_IO, "run '%.*s' has no header in the store", STR_ARG(run->run->suite));
    }
    header.len--;
    buf_append(&b->line, header);
    buf_append_cstr(&b->line, header.len > 1 ? ",\"recorded\":" : "\"recorded\":");
    struct json_writer w;
    json_writer_init(&w, &b->line);
    put_recorded(&w, in->invocation, run);
    buf_append_cstr(&b->line, ",\"summary\":");
    buf_append(&b->line, run->run->summary.len > 0 ? run->run->summary : STR("null"));
    buf_append_char(&b->line, '}');
    return end_line(b, err);
}

static bool put_sample(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    struct block *b = ctx;
    struct json_writer w;
    *ret_goes_on = true;
    json_writer_init(&w, &b->line);
    sample_to_json(&w, b->run, s);
    b->samples++;
    return end_line(b, err);
}

static bool put_block(struct block *b, const struct report_in *in, const struct report_run *run, struct err *err)
{
    b->run = run->run;
    b->samples = 0;
    digest_begin(&b->digest);
    if (!put_header(b, in, run, err) || !report_each(run, false, put_sample, b, err)) {
        return false;
    }
    struct digest digest = digest_end(&b->digest);
    digest_begin(&b->digest); /* the last line is in no digest; end_line wants one */
    struct json_writer w;
    json_writer_init(&w, &b->line);
    json_open_map(&w);
    json_put_text(&w, "kind", STR("end"));
    json_put_int(&w, "samples", (int64_t)b->samples);
    json_put_text(&w, "sha256", str_from(digest_hex(&digest).text));
    json_close_map(&w);
    return end_line(b, err);
}

static bool jsonl_report(const struct report_in *in, struct arena *scratch, struct err *err)
{
    (void)scratch;
    struct block b = {.out = in->out};
    buf_init(&b.line, LIMIT_JSON_BYTES);
    bool ok = true;
    for (size_t i = 0; i < in->run_count && ok; i++) {
        ok = put_block(&b, in, &in->runs[i], err);
    }
    buf_deinit(&b.line);
    return ok;
}

const struct reporter reporter_jsonl = {
    .name = "jsonl",
    .summary = "the exchange format: one line a sample; assay import reads it back as the same run",
    .write = jsonl_report,
};
