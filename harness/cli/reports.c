#include "cli/reports.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/report_context.h"
#include "judge/judge.h"
#include "model/suite.h"
#include "reporters/reporter.h"
#include "store/outbox.h"
#include "store/store.h"
#include "suites/spec.h"

static bool parse_request(struct cli *cli, const char *text, struct report_request *ret, struct err *err)
{
    struct str name = str_from(text);
    const char *file = NULL;
    size_t equals = 0;
    if (str_find_char(name, '=', &equals)) {
        file = text + equals + 1;
        name.len = equals;
        if (file[0] == '\0') {
            return err_set(err, ERR_USAGE, "--report %s: no file after '='", text);
        }
    }
    const struct reporter *reporter = reporter_find(name);
    if (reporter == NULL) {
        size_t count = 0;
        while (REPORTERS[count] != NULL) {
            count++;
        }
        const char **names = arena_array(&cli->arena, const char *, count + 1);
        struct buf list CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
        for (size_t i = 0; i < count; i++) {
            names[i] = REPORTERS[i]->name;
            buf_printf(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
        }
        const char *near = str_nearest(name, names);
        return near != NULL ? err_set(err, ERR_USAGE, "no reporter '%.*s': did you mean '%s'?", STR_ARG(name), near)
                            : err_set(err, ERR_USAGE, "no reporter '%.*s': there are %s", STR_ARG(name), list.ptr);
    }
    *ret = (struct report_request){reporter, file};
    return true;
}

bool report_folder_check(struct cli *cli, const char *flag, const char *value, const char *file, struct err *err)
{
    const char *dir = arena_cstr(&cli->arena, file_dir(str_from(file)));
    struct stat st;
    if (!file_exists(dir)) {
        return err_set(err, ERR_USAGE, "%s %s: there is no folder '%s'", flag, value, dir);
    }
    return stat(file, &st) != 0 || !S_ISDIR(st.st_mode) || err_set(err, ERR_USAGE, "%s: '%s' is a folder", flag, file);
}

bool report_requests(struct cli *cli, const char *const *values, struct report_set *ret, struct err *err)
{
    *ret = (struct report_set){0};
    size_t count = 0;
    while (values != NULL && values[count] != NULL) {
        count++;
    }
    ret->requests = arena_array(&cli->arena, struct report_request, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct report_request *request = &ret->requests[ret->count];
        if (!parse_request(cli, values[i], request, err)) {
            return false;
        }
        bool is_stdout = request->file == NULL || strcmp(request->file, "-") == 0;
        if (is_stdout && ret->uses_stdout) {
            return err_set(err, ERR_USAGE, "two reports go to standard output: give one a file, --report %s=FILE",
                           request->reporter->name);
        }
        if (!is_stdout && !report_folder_check(cli, "--report", values[i], request->file, err)) {
            return false;
        }
        ret->uses_stdout = ret->uses_stdout || is_stdout;
        ret->count++;
    }
    return true;
}

static bool overwrites_suite(const char *file, const struct suite *suite)
{
    for (size_t i = 0; i < suite->file_count; i++) {
        if (file_is_same(file, suite->files[i].path)) {
            return true;
        }
    }
    return suite->dataset != NULL && file_is_same(file, suite->dataset->path);
}

static bool report_file_check(const struct report_set *set, size_t at, const char *store, struct suite *const *suites,
                              size_t suite_count, struct err *err)
{
    const char *file = set->requests[at].file;
    for (size_t i = 0; i < at; i++) {
        if (set->requests[i].file != NULL && file_is_same(file, set->requests[i].file)) {
            return err_set(err, ERR_USAGE, "--report: two reports would go to '%s'", file);
        }
    }
    if (file_is_same(file, store)) {
        return err_set(err, ERR_USAGE, "--report: '%s' is the store", file);
    }
    for (size_t i = 0; i < suite_count; i++) {
        if (overwrites_suite(file, suites[i])) {
            return err_set(err, ERR_USAGE, "--report: '%s' belongs to the suite: the report would overwrite it", file);
        }
    }
    return true;
}

bool report_files_check(const struct report_set *set, const char *store, struct suite *const *suites,
                        size_t suite_count, struct err *err)
{
    for (size_t i = 0; i < set->count; i++) {
        bool is_stdout = set->requests[i].file == NULL || strcmp(set->requests[i].file, "-") == 0;
        if (!is_stdout && !report_file_check(set, i, store, suites, suite_count, err)) {
            return false;
        }
    }
    return true;
}

bool stored_runs_find(struct cli *cli, struct store *store, const char *name, bool with_unfinished,
                      struct stored_runs *ret, struct err *err)
{
    *ret = (struct stored_runs){0};
    return store_find_runs(store, &cli->arena, str_from(name), with_unfinished, &ret->runs, &ret->run_count, err) &&
           store_invocation(store, &cli->arena, ret->runs[0].invocation, &ret->invocation, err);
}

static bool open_samples(void *ctx, const struct report_run *run, bool only_bad, struct sample_cursor *ret,
                         struct err *err)
{
    struct store *store = ctx;
    return store_samples(store, run->run->seq,
                         (struct sample_filter){.only_errored = only_bad, .only_failed = only_bad}, ret, err);
}

static bool fill_report_run(struct cli *cli, struct store *store, const struct run_record *run, struct report_run *ret,
                            struct err *err)
{
    struct plan_record *plan = arena_new(&cli->arena, struct plan_record);
    struct summary *summary = arena_new(&cli->arena, struct summary);
    if (run->summary.len == 0) {
        const char *what = run->origin == ORIGIN_IMPORTED
                               ? "it was imported in part; its samples: assay show RUN --all"
                               : "it was interrupted before it was judged; assay resume goes on";
        return err_set(err, ERR_EMPTY, "run %.8s of '%.*s' has no summary: %s", id_text(&run->id).text,
                       STR_ARG(run->suite), what);
    }
    if (!store_plan(store, &cli->arena, run->plan, plan, err) ||
        !summary_from_json(run->summary, &cli->arena, summary, err)) {
        return false;
    }
    struct recording_counts *counts = arena_new(&cli->arena, struct recording_counts);
    bool is_recorded = false;
    if (!store_recording_counts(store, &cli->arena, run->seq, &is_recorded, counts, err)) {
        return false;
    }
    *ret = (struct report_run){.recording = is_recorded ? counts : NULL,
                               .run = run,
                               .plan = plan,
                               .summary = summary,
                               .samples = open_samples,
                               .ctx = store};
    return true;
}

static bool flush_to(FILE *out, const char *file, struct err *err)
{
    bool is_broken = (fflush(out) != 0 || ferror(out) != 0) && errno != EPIPE;
    return !is_broken || err_set_sys(err, ERR_IO, errno == 0 ? EIO : errno, "cannot write report '%s'", file);
}

/* The step's summary, which GitHub names for whoever wants to add to it. */
static bool open_summary(const char *path, FILE **ret, struct err *err)
{
    *ret = path == NULL || path[0] == '\0' ? NULL : fopen(path, "ae");
    return path == NULL || path[0] == '\0' || *ret != NULL ||
           err_set_sys(err, ERR_IO, errno, "cannot write '%s' (GITHUB_STEP_SUMMARY)", path);
}

static bool write_to(struct cli *cli, struct report_in *in, const struct report_request *request, const char *file,
                     struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    FILE *summary CLEANUP(file_fclose) = NULL;
    const char *summary_path = environment_get(&cli->env, STR("GITHUB_STEP_SUMMARY"));
    if (strcmp(request->reporter->name, "github") == 0) {
        in->workspace = str_from(environment_get(&cli->env, STR("GITHUB_WORKSPACE")));
        if (!open_summary(summary_path, &summary, err)) {
            return false;
        }
        in->step_summary = summary;
    }
    errno = 0;
    bool ok = request->reporter->write(in, &scratch, err);
    if (ok && (!flush_to(in->out, file, err) || (summary != NULL && !flush_to(summary, summary_path, err)))) {
        return false;
    }
    /* a reader that went away (`| head`) has seen what it wanted */
    return ok || err->sys == EPIPE || err_wrap(err, "report %s to '%s'", request->reporter->name, file);
}

/* A file is there only when the report is whole. What stood at its place is gone then: it would be taken for the report of this run. */
static bool write_to_file(struct cli *cli, struct report_in *in, const struct report_request *request, struct err *err)
{
    struct file_new file CLEANUP(file_new_discard) = {0};
    if (!file_new_open(&file, &cli->arena, request->file, err)) {
        return err_wrap(err, "report %s", request->reporter->name);
    }
    in->out = file.stream;
    in->term = (struct term){.columns = 100};
    if (write_to(cli, in, request, request->file, err) && (file_new_commit(&file, err) || err->sys == EPIPE)) {
        return true;
    }
    file_new_remove(&file);
    return false;
}

static bool fill_report_in(struct cli *cli, struct store *store, const struct stored_runs *runs, struct report_in *ret,
                           struct err *err)
{
    struct report_run *report_runs = arena_array(&cli->arena, struct report_run, runs->run_count);
    for (size_t i = 0; i < runs->run_count; i++) {
        if (!fill_report_run(cli, store, &runs->runs[i], &report_runs[i], err)) {
            return false;
        }
    }
    *ret = (struct report_in){
        .invocation = &runs->invocation,
        .runs = report_runs,
        .run_count = runs->run_count,
        .verdict = runs->invocation.verdict,
        .reason = runs->invocation.reason,
        .version = cli->version,
        .out = cli->out,
        .term = cli->out_term,
    };
    return true;
}

bool report_write(struct cli *cli, struct store *store, const struct stored_runs *runs,
                  const struct report_request *request, bool is_verbose, size_t max_shown, struct err *err)
{
    struct report_in in;
    if (!fill_report_in(cli, store, runs, &in, err)) {
        return false;
    }
    in.is_verbose = is_verbose;
    in.max_shown = max_shown;
    /* annotations have no place for a comparison: only the step's summary has */
    const char *summary = environment_get(&cli->env, STR("GITHUB_STEP_SUMMARY"));
    bool has_place = strcmp(request->reporter->name, "github") != 0 || (summary != NULL && summary[0] != '\0');
    if (has_place && !report_context(cli, store, request->reporter, &in, err)) {
        return false;
    }
    if (request->file == NULL || strcmp(request->file, "-") == 0) {
        return write_to(cli, &in, request, "standard output", err);
    }
    return write_to_file(cli, &in, request, err);
}

bool report_append_jsonl(struct cli *cli, struct store *store, const struct stored_runs *runs, FILE *out,
                         struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct report_in in;
    if (!fill_report_in(cli, store, runs, &in, err)) {
        return false;
    }
    in.out = out;
    return reporter_find(STR("jsonl"))->write(&in, &scratch, err);
}

void report_last_line(struct cli *cli, FILE *out, enum verdict verdict, struct str reason)
{
    const struct verdict_row *row = verdict_row(verdict);
    const struct term *t = out == cli->out ? &cli->out_term : &cli->err_term;
    struct buf safe CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    term_escape(&safe, reason, TERM_ONE_LINE);
    enum term_style style = verdict == VERDICT_PASSED ? TERM_GREEN : verdict == VERDICT_FAILED ? TERM_RED : TERM_YELLOW;
    (void)fprintf(out, "%s%s%s (exit %d)%s%s\n", term_on(t, style), row->word, term_off(t), row->exit_code,
                  safe.len > 0 ? ": " : "", safe.ptr == NULL ? "" : safe.ptr);
}
