#include "run/import.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"
#include "data/json.h"
#include "judge/judge.h"
#include "run/import_block.h"
#include "store/store.h"

struct known_plan {
    struct str suite;
    int64_t seq;
};

struct import {
    struct store *store;
    struct arena *arena; /* headers and results */
    struct arena row;    /* one line */
    struct import_from from;
    bool is_storing;
    struct file_lines lines;

    bool in_block, skips_block; /* skips: the store has this run already */
    struct import_header header;
    struct digest_stream digest;
    uint64_t samples;
    int64_t invocation; /* the store's number; 0 = not known yet */
    struct uuid invocation_id;
    VEC(struct known_plan) plans;
    VEC(struct imported_run) runs;
};

static bool import_fault(struct import *in, struct err *err, const char *text)
{
    return err_set_at(err, ERR_USAGE, (struct src_pos){in->from.name, (uint32_t)in->lines.line, 1}, "%s", text);
}

/* A trace has no lines that anybody could look at. */
static bool import_damaged(struct import *in, struct err *err, const char *of_file, const char *of_trace)
{
    if (in->from.origin == ORIGIN_PULLED) {
        return err_set(err, ERR_NET, "the trace is damaged: %s", of_trace);
    }
    return err_set_at(err, ERR_USAGE, (struct src_pos){in->from.name, (uint32_t)in->lines.line, 1},
                      "%s: the file is damaged", of_file);
}

/* What the store's unique keys refuse: the same ordinal, or the same case and trial, twice. */
static bool import_broken(struct import *in, struct err *err)
{
    return err->kind == ERR_BUG ? import_damaged(in, err, "this contradicts a line before it",
                                                 "two of its spans are of one sample, or of one place")
                                : false;
}

static bool import_is_there(struct import *in, const struct uuid *run)
{
    struct run_record *found = NULL;
    size_t count = 0;
    struct err ignored = ERR_NULL;
    struct uuid_text text = id_text(run);
    return store_find_runs(in->store, &in->row, str_from(text.text), true, &found, &count, &ignored) && count == 1 &&
           id_eq(&found[0].id, run);
}

static bool import_find_invocation(struct import *in, bool *ret_found, struct err *err)
{
    struct run_record *found = NULL;
    size_t count = 0;
    struct err ignored = ERR_NULL;
    struct uuid_text text = id_text(&in->header.invocation.id);
    *ret_found =
        store_find_runs(in->store, in->arena, str_from(text.text), true, &found, &count, &ignored) && count > 0;
    if (!*ret_found) {
        return true;
    }
    in->invocation = found[0].invocation;
    struct plan_record *plans = NULL;
    size_t plan_count = 0;
    if (found[0].origin != ORIGIN_IMPORTED && found[0].origin != ORIGIN_PULLED) {
        return err_set(err, ERR_USAGE,
                       "%s: the store has this invocation itself, and without this run: nothing is added to it",
                       in->from.name);
    }
    if (!store_plans_of(in->store, in->arena, in->invocation, &plans, &plan_count, err)) {
        return false;
    }
    for (size_t i = 0; i < plan_count; i++) {
        *vec_push(in->arena, &in->plans) = (struct known_plan){plans[i].suite, plans[i].seq};
    }
    return true;
}

/* A case that the plan may have already, from another run of the invocation. By its place, since a search for its id would read the plan; that no id
 * stands at two places is asked once, at the end of a block. */
static bool import_add_case(struct import *in, int64_t plan, const struct plan_case *planned, struct err *err)
{
    struct plan_case existing;
    bool found = false;
    if (!store_case_at(in->store, &in->row, plan, planned->ordinal, &found, &existing, err)) {
        return false;
    }
    if (!found) {
        return store_add_plan_case(in->store, plan, planned, err) || import_broken(in, err);
    }
    return (str_eq(existing.id, planned->id) && digest_eq(&existing.digest, &planned->digest)) ||
           import_damaged(in, err, "another case stands at this place in another run of the invocation",
                          "two cases stand at one place, here or in another run of its invocation");
}

static bool import_check_ids(struct import *in, int64_t plan, struct err *err)
{
    struct plan_case pair[2];
    bool found = false;
    return store_find_duplicate_id(in->store, plan, &in->row, &found, pair, err) &&
           (!found || import_damaged(in, err, "two cases before this line have one id", "two cases have one id"));
}

static bool import_add_skipped(struct import *in, int64_t plan, const struct summary *summary, struct err *err)
{
    for (size_t i = 0; i < summary->skipped_count; i++) {
        const struct skipped_case *c = &summary->skipped[i];
        struct plan_case planned = {
            .ordinal = c->ordinal, .id = c->id, .tags = c->tags, .cluster = c->cluster, .skip = c->reason};
        if (!digest_parse(c->digest, &planned.digest)) {
            return import_fault(in, err, "a skipped case has no digest");
        }
        if (!import_add_case(in, plan, &planned, err)) {
            return false;
        }
    }
    return true;
}

/* What is pulled run by run tells of each run only: the invocation is as bad as its worst, and as late as its last. */
static bool import_join(struct import *in, struct err *err)
{
    struct invocation_record known;
    const struct invocation_record *ours = &in->header.invocation;
    if (!store_invocation(in->store, &in->row, in->invocation, &known, err)) {
        return false;
    }
    if (known.origin != ORIGIN_PULLED) {
        return true;
    }
    if (verdict_worse(known.verdict, ours->verdict) != known.verdict) {
        known.verdict = ours->verdict;
        known.reason = ours->reason;
    }
    bool is_later = ours->finished_unix_ms > known.finished_unix_ms;
    known.finished_unix_ms = is_later ? ours->finished_unix_ms : known.finished_unix_ms;
    return store_update_invocation(in->store, &known, err);
}

/* Invocation, plan and run of a block, as far as they are not there. */
static bool import_open_block(struct import *in, struct err *err)
{
    struct import_header *h = &in->header;
    if (in->invocation == 0 || !id_eq(&in->invocation_id, &h->invocation.id)) {
        bool found = false;
        in->plans.len = 0;
        if (!import_find_invocation(in, &found, err)) {
            return false;
        }
        if (found ? !import_join(in, err) : !store_add_invocation(in->store, &h->invocation, err)) {
            return false;
        }
        in->invocation = found ? in->invocation : h->invocation.seq;
        in->invocation_id = h->invocation.id;
        h->invocation.seq = in->invocation;
        if (!found && !store_update_invocation(in->store, &h->invocation, err)) {
            return false;
        }
    }
    h->run.invocation = in->invocation;
    for (size_t i = 0; i < in->plans.len; i++) {
        if (str_eq(in->plans.items[i].suite, h->plan.suite)) {
            h->run.plan = in->plans.items[i].seq;
        }
    }
    if (h->run.plan == 0) {
        h->plan.invocation = in->invocation;
        if (!store_add_plan(in->store, &h->plan, err) || !store_finish_plan(in->store, &h->plan, err)) {
            return false;
        }
        h->run.plan = h->plan.seq;
        *vec_push(in->arena, &in->plans) = (struct known_plan){h->plan.suite, h->plan.seq};
    }
    return store_add_run(in->store, &h->run, err);
}

static bool import_end_block(struct import *in, struct err *err)
{
    struct run_record *run = &in->header.run;
    if (!store_update_run(in->store, run, err)) {
        return false;
    }
    if (run->summary.len == 0) {
        return import_check_ids(in, run->plan, err);
    }
    struct summary summary;
    struct root_metric *metrics = NULL;
    size_t count = 0;
    if (!summary_from_json(run->summary, in->arena, &summary, err)) {
        return err_wrap(err, "%s: summary", in->from.name);
    }
    summary_root_metrics(&summary, in->arena, &metrics, &count);
    return import_add_skipped(in, run->plan, &summary, err) && import_check_ids(in, run->plan, err) &&
           (run->state != RUN_FINISHED ||
            store_end_root(in->store, run, STR_NULL, summary_in_words(&summary, in->arena), run->header,
                           summary.span_score, metrics, count, err));
}

static bool import_header_line(struct import *in, const struct value *line, struct err *err)
{
    if (in->in_block) {
        return import_fault(in, err, "a run begins before the last one's end line: the file was cut");
    }
    /* the header outlives its line */
    struct value *kept = arena_new(in->arena, struct value);
    *kept = value_copy(in->arena, line);
    if (!import_read_header(kept, in->arena, &in->header, err) ||
        (in->is_storing && !import_check_header(&in->header, err))) { /* that the file was changed says more */
        return err_wrap(err, "%s:%llu", in->from.name, (unsigned long long)in->lines.line);
    }
    in->header.invocation.origin = in->header.run.origin = in->from.origin;
    in->in_block = true;
    in->samples = 0;
    in->skips_block = in->is_storing && import_is_there(in, &in->header.run.id);
    if (in->is_storing) {
        *vec_push(in->arena, &in->runs) =
            (struct imported_run){.id = in->header.run.id,
                                  .suite = in->header.run.suite,
                                  .variant = in->header.run.variant,
                                  .finished_unix_ms = in->header.invocation.finished_unix_ms,
                                  .was_there = in->skips_block};
    }
    return !in->is_storing || in->skips_block || import_open_block(in, err);
}

static bool import_sample_line(struct import *in, const struct value *line, struct err *err)
{
    struct sample_record sample;
    if (!in->in_block) {
        return import_fault(in, err, "a sample without a run before it");
    }
    if (!import_read_sample(line, &in->header, &in->row, &sample, err)) {
        return err_wrap(err, "%s:%llu", in->from.name, (unsigned long long)in->lines.line);
    }
    in->samples++;
    if (!in->is_storing || in->skips_block) {
        return true;
    }
    struct plan_case planned = {.ordinal = sample.ordinal,
                                .id = sample.case_id,
                                .digest = sample.case_digest,
                                .tags = sample.tags,
                                .cluster = sample.cluster};
    if (!import_add_case(in, in->header.run.plan, &planned, err)) {
        return false;
    }
    sample.run = in->header.run.seq;
    return store_add_sample(in->store, &in->header.run, &sample, err) || import_broken(in, err);
}

static bool import_end_line(struct import *in, const struct value *line, struct err *err)
{
    const struct value *count = value_get(line, STR("samples"));
    const struct value *sha256 = value_get(line, STR("sha256"));
    double samples = 0;
    if (!in->in_block || count == NULL || sha256 == NULL || !value_number(count, &samples)) {
        return import_fault(in, err, "an end line without its run, or without 'samples' and 'sha256'");
    }
    struct digest digest = digest_end(&in->digest);
    digest_begin(&in->digest);
    if ((double)in->samples != samples) {
        return import_fault(in, err, "the number of samples is not what the end line says: the file is damaged");
    }
    if (!str_eq_cstr(sha256->text, digest_hex(&digest).text)) {
        return import_fault(in, err, "the SHA-256 is not what the end line says: the file was changed");
    }
    in->in_block = false;
    if (!in->is_storing) {
        return true;
    }
    struct imported_run *run = &in->runs.items[in->runs.len - 1];
    run->samples = in->samples;
    run->sha256 = arena_str(in->arena, sha256->text);
    return in->skips_block || import_end_block(in, err);
}

static bool import_line(struct import *in, struct str text, struct err *err)
{
    struct value line;
    struct src_pos origin = {in->from.name, (uint32_t)in->lines.line, 1};
    if (!json_read(&in->row, text, JSON_REPLY, origin, &line, NULL, err)) {
        err->kind = ERR_USAGE;
        return err_wrap(err, "not an export of assay");
    }
    const struct value *kind = value_get(&line, STR("kind"));
    if (kind == NULL || kind->kind != VALUE_TEXT) {
        return import_fault(in, err, "not an export of assay: a line without 'kind'");
    }
    bool is_end = str_eq(kind->text, STR("end"));
    if (!is_end) {
        digest_add(&in->digest, text);
        digest_add(&in->digest, STR("\n"));
    }
    if (is_end) {
        return import_end_line(in, &line, err);
    }
    if (str_eq(kind->text, STR("run"))) {
        return import_header_line(in, &line, err);
    }
    if (str_eq(kind->text, STR("sample"))) {
        return import_sample_line(in, &line, err);
    }
    return import_fault(in, err, "not an export of assay: 'kind' is none of run, sample, end");
}

static bool import_pass(struct import *in, bool is_storing, struct err *err)
{
    in->is_storing = is_storing;
    in->in_block = false;
    digest_begin(&in->digest);
    if (!file_lines_open(&in->lines, in->from.path, LIMIT_JSON_BYTES, err)) {
        return false;
    }
    bool ok = true;
    bool has = true;
    while (ok) {
        struct str text;
        ok = file_lines_next(&in->lines, &has, &text, NULL, err);
        if (!ok || !has) {
            break;
        }
        ok = import_line(in, text, err);
        arena_reset(&in->row);
    }
    if (ok && in->in_block && !in->from.is_partial) {
        ok = import_fault(in, err,
                          "the end line is missing: the file was cut (assay import --partial takes what is there)");
    } else if (ok && in->in_block && is_storing && !in->skips_block) {
        in->runs.items[in->runs.len - 1].samples = in->samples;
        in->header.run.state = RUN_INTERRUPTED;
        in->header.run.summary = STR_NULL; /* it counts samples that are not there */
        ok = import_end_block(in, err);
    }
    file_lines_close(&in->lines);
    return ok;
}

static bool import_store(struct import *in, struct err *err)
{
    return store_begin_waiting(in->store, err) && store_end(in->store, import_pass(in, true, err), err) &&
           store_sync(in->store, err);
}

bool import_file(struct store *store, struct arena *arena, const struct import_from *from, struct imported_run **ret,
                 size_t *ret_count, struct err *err)
{
    struct import in = {.store = store, .arena = arena, .from = *from};
    in.from.name = from->name == NULL ? from->path : from->name;
    bool ok = import_pass(&in, false, err) && import_store(&in, err);
    if (ok && in.runs.len == 0) {
        ok = err_set(err, ERR_USAGE, "%s holds no run", in.from.name);
    }
    arena_deinit(&in.row);
    *ret = in.runs.items;
    *ret_count = in.runs.len;
    return ok;
}

bool import_open_all(struct arena *arena, const char *path, struct store **ret, struct run_record **ret_runs,
                     size_t *ret_count, struct err *err)
{
    struct store *store CLEANUP(store_close) = NULL;
    struct imported_run *imported = NULL;
    size_t count = 0;
    const struct import_from from = {.path = path, .origin = ORIGIN_IMPORTED};
    if (!store_open_temporary(arena, path, &store, err) || !import_file(store, arena, &from, &imported, &count, err) ||
        !store_list_runs(store, arena, SIZE_MAX, ret_runs, ret_count, err)) {
        return false;
    }
    *ret = take_ptr(&store);
    return true;
}

bool import_open(struct arena *arena, const char *path, struct store **ret, struct run_record **ret_runs,
                 size_t *ret_count, struct err *err)
{
    struct store *store CLEANUP(store_close) = NULL;
    struct run_record *runs = NULL;
    size_t run_count = 0;
    if (!import_open_all(arena, path, &store, &runs, &run_count, err)) {
        return false;
    }
    for (size_t i = 1; i < run_count; i++) {
        if (runs[i].invocation != runs[0].invocation) {
            return err_set(err, ERR_USAGE, "%s holds runs of several invocations: bring them in with assay import",
                           path);
        }
    }
    *ret = take_ptr(&store);
    *ret_runs = runs;
    *ret_count = run_count;
    return true;
}
