#include "run/pull_private.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/redact.h"
#include "data/json.h"
#include "data/json_items.h"
#include "data/value.h"
#include "io/signals.h"
#include "model/call.h"
#include "model/service.h"
#include "opper/lookup.h"
#include "opper/pulled.h"
#include "reporters/reporter.h"
#include "reporters/sample_json.h"
#include "run/asker.h"
#include "run/import_block.h"
#include "store/store.h"

enum { TRIES = 6, NAME_BYTES = 64 };

bool pull_open(struct pull *p, const struct pull_order *order, struct err *err)
{
    struct uuid seed = id_random();
    *p = (struct pull){.order = *order};
    rng_seed(&p->rng, (uint64_t)seed.bytes[0] << 8 | seed.bytes[1]);
    return driver_open(&p->driver, order->clock, &order->settings, err);
}

void pull_close(struct pull *p)
{
    driver_close(&p->driver);
}

const char *pull_address(const struct pull *p)
{
    return p->order.service->base_url;
}

bool pull_ask(struct pull *p, struct call *call, struct arena *arena, const char *what, bool *ret_is_missing,
              struct str *ret, struct err *err)
{
    const struct asker asker = {
        .loop = p->driver.loop,
        .perform = p->driver.perform,
        .signals = &p->driver.signals,
        .rng = &p->rng,
        .tries = TRIES,
        .is_transient = lookup_is_transient,
    };
    struct call_result result;
    if (!asker_ask(&asker, call, arena, &result, err) ||
        !lookup_check(arena, p->order.service, call, &result, what, ret_is_missing, err)) {
        return false;
    }
    *ret = result.output;
    return true;
}

bool pull_root(struct pull *p, struct arena *arena, const struct uuid *run, bool *ret_is_missing,
               struct pulled_root *ret, struct err *err)
{
    struct call call = lookup_root(arena, p->order.service, run);
    struct str body = STR_NULL;
    if (!pull_ask(p, &call, arena, "reading a root span", ret_is_missing, &body, err)) {
        return false;
    }
    if (*ret_is_missing) {
        return true;
    }
    return pulled_read_root(arena, body, ret, err) &&
           (id_eq(&ret->run, run) ||
            err_set(err, ERR_NET, "the root span is damaged: it says that it is of run %s", id_text(&ret->run).text));
}

/* --- a trace as an export --------------------------------------------------------------------------------------------------------------------- */

struct conversion {
    struct pull *pull;
    const struct pulled_root *root;
    struct import_header header;
    FILE *out;
    struct buf line;
    struct digest_stream digest;
    uint64_t samples;
};

static bool end_line(struct conversion *c, struct err *err)
{
    buf_append_char(&c->line, '\n');
    digest_add(&c->digest, buf_str(&c->line));
    return report_flush(&c->line, c->out, err);
}

static bool fail_damaged(struct err *err, const char *what)
{
    err->kind = ERR_NET; /* the service's fault, not the command line's */
    return err_wrap(err, "%s is damaged", what);
}

static bool read_header(const struct pull *p, struct arena *arena, const struct pulled_root *root,
                        struct import_header *ret, struct str *ret_text, struct err *err)
{
    struct value line;
    *ret_text = redact_text(p->order.settings.redactor, arena, root->line, REDACT_OUTPUT);
    if (!json_read(arena, *ret_text, JSON_REPLY, (struct src_pos){0}, &line, NULL, err) ||
        !import_read_header(&line, arena, ret, err) || !import_check_header(ret, err)) {
        return fail_damaged(err, "the root span");
    }
    return true;
}

static bool put_header(struct conversion *c, struct arena *arena, struct err *err)
{
    struct str text;
    if (!read_header(c->pull, arena, c->root, &c->header, &text, err)) {
        return false;
    }
    buf_append(&c->line, text);
    return end_line(c, err);
}

static bool put_samples(struct conversion *c, int fd, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct json_items items CLEANUP(json_items_deinit);
    json_items_init(&items, fd, "spans", LIMIT_ROW_BYTES);
    for (;; arena_reset(&arena)) {
        bool has = false;
        bool is_sample = false;
        struct str item;
        struct sample_record sample;
        signals_drain(&c->pull->driver.signals); /* a large one takes a while */
        if (!asker_goes_on(&c->pull->driver.signals, err)) {
            return false;
        }
        if (!json_items_next(&items, &has, &item, err)) {
            return err_wrap(err, "the trace");
        }
        if (!has) {
            return true;
        }
        item = redact_text(c->pull->order.settings.redactor, &arena, item, REDACT_OUTPUT);
        if (!pulled_read_span(&arena, item, &c->header.run, &is_sample, &sample, err)) {
            return false;
        }
        if (!is_sample) {
            continue;
        }
        if (!import_check_sample(&c->header, &sample, err)) {
            struct uuid_text span = id_text(&sample.span);
            return fail_damaged(err, arena_printf(&arena, "span %s", span.text).ptr);
        }
        struct json_writer w;
        json_writer_init(&w, &c->line);
        sample_to_json(&w, &c->header.run, &sample);
        c->samples++;
        if (!end_line(c, err)) {
            return false;
        }
    }
}

static bool put_end(struct conversion *c, struct err *err)
{
    struct digest digest = digest_end(&c->digest);
    if (c->samples > c->root->samples) {
        return err_set(err, ERR_NET, "the trace is damaged: it holds %llu samples, and the run has %llu",
                       (unsigned long long)c->samples, (unsigned long long)c->root->samples);
    }
    if (c->samples != c->root->samples) {
        return err_set(
            err, ERR_EMPTY,
            "its trace is not whole: it holds %llu of %llu samples (where it ran, `assay push` sends the rest)",
            (unsigned long long)c->samples, (unsigned long long)c->root->samples);
    }
    (void)fprintf(c->out, "{\"kind\":\"end\",\"samples\":%llu,\"sha256\":\"%s\"}\n", (unsigned long long)c->samples,
                  digest_hex(&digest).text);
    return fflush(c->out) == 0 || err_set_sys(err, ERR_IO, errno, "cannot write a temporary file");
}

static bool convert(struct pull *p, const struct pulled_root *root, int trace, FILE *out, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct conversion c = {.pull = p, .root = root, .out = out};
    if (lseek(trace, 0, SEEK_SET) != 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot read a temporary file");
    }
    buf_init(&c.line, LIMIT_JSON_BYTES);
    digest_begin(&c.digest);
    bool ok = put_header(&c, &arena, err) && put_samples(&c, trace, err) && put_end(&c, err);
    buf_deinit(&c.line);
    return ok;
}

/* --- one run ------------------------------------------------------------------------------------------------------------------------------------ */

/* NULL: the store does not have it. */
static const struct run_record *find_stored(struct pull *p, struct arena *arena, const struct uuid *run)
{
    struct run_record *found = NULL;
    size_t count = 0;
    struct err ignored = ERR_NULL; /* none is there */
    bool is_there =
        store_find_runs(p->order.store, arena, str_from(id_text(run).text), true, &found, &count, &ignored) &&
        count == 1 && id_eq(&found[0].id, run);
    return is_there ? found : NULL;
}

static bool read_trace(struct pull *p, struct arena *arena, const struct uuid *run, int fd, struct err *err)
{
    struct call call = lookup_trace(arena, p->order.service, run, fd);
    struct str ignored = STR_NULL;
    bool is_missing = false;
    return pull_ask(p, &call, arena, "reading a trace", &is_missing, &ignored, err) &&
           (!is_missing || err_set(err, ERR_EMPTY, "Opper has its root span, but not its trace"));
}

static void close_file(FILE **file)
{
    if (*file != NULL) {
        (void)fclose(*file);
    }
}

static bool store_run(struct pull *p, struct arena *arena, FILE *lines, struct imported_run *ret, struct err *err)
{
    char path[NAME_BYTES];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(lines));
    const struct import_from from = {.path = path, .name = "the trace", .origin = ORIGIN_PULLED};
    struct imported_run *runs = NULL;
    size_t count = 0;
    if (!import_file(p->order.store, arena, &from, &runs, &count, err)) {
        err->kind = err->kind == ERR_USAGE ? ERR_NET : err->kind;
        return false;
    }
    *ret = runs[0];
    return true;
}

static bool bring(struct pull *p, struct arena *arena, const struct pulled_root *root, struct imported_run *ret,
                  struct err *err)
{
    int trace CLEANUP(file_close) = -1;
    int lines CLEANUP(file_close) = -1;
    FILE *out CLEANUP(close_file) = NULL;
    if (!file_temporary(p->order.temp_dir, &trace, err) || !file_temporary(p->order.temp_dir, &lines, err)) {
        return false;
    }
    out = fdopen(lines, "w");
    if (out == NULL) {
        return err_set_sys(err, ERR_IO, errno, "cannot write a temporary file");
    }
    lines = -1;
    return read_trace(p, arena, &root->run, trace, err) && convert(p, root, trace, out, err) &&
           store_run(p, arena, out, ret, err);
}

bool pull_run(struct pull *p, struct arena *arena, const struct uuid *run, struct imported_run *ret, struct err *err)
{
    struct pulled_root root;
    bool is_missing = false;
    const struct run_record *stored = find_stored(p, arena, run);
    if (stored != NULL) {
        *ret = (struct imported_run){.id = *run, .suite = stored->suite, .variant = stored->variant, .was_there = true};
        return true;
    }
    struct uuid_text id = id_text(run);
    if (!pull_root(p, arena, run, &is_missing, &root, err)) {
        return err_wrap(err, "run %s", id.text);
    }
    if (is_missing) {
        return err_set(err, ERR_EMPTY, "Opper has no run %s at %s", id.text, pull_address(p));
    }
    if (!root.is_finished) {
        return err_set(err, ERR_EMPTY,
                       "run %s has not ended, or not been recorded to its end (where it ran: assay push)", id.text);
    }
    return bring(p, arena, &root, ret, err) || err_wrap(err, "run %s", id.text);
}

bool pull_has_changed(struct pull *p, struct arena *arena, const struct uuid *run, bool *ret, struct err *err)
{
    const struct run_record *stored = find_stored(p, arena, run);
    struct pulled_root root;
    struct import_header now = {0};
    struct str ignored;
    bool is_missing = false;
    *ret = false;
    if (stored == NULL || stored->origin != ORIGIN_PULLED) {
        return true;
    }
    struct uuid_text id = id_text(run);
    if (!pull_root(p, arena, run, &is_missing, &root, err)) {
        return err_wrap(err, "run %s", id.text);
    }
    if (is_missing || !root.is_finished) { /* nothing that could be had instead */
        return true;
    }
    if (!read_header(p, arena, &root, &now, &ignored, err)) {
        return err_wrap(err, "run %s", id.text);
    }
    *ret = !str_eq(now.run.header, stored->header) || !str_eq(now.run.summary, stored->summary);
    return true;
}
