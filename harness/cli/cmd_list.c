#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/suites_open.h"
#include "data/json.h"
#include "judge/judge.h"
#include "store/store.h"

static const struct option_row LIST_OPTIONS[] = {
    {"limit", 'n', OPTION_VALUE, "N", "the newest N runs (default 20)"},
    {"format", 0, OPTION_VALUE, "text|json", "json: one object a run"},
    {0},
};

enum { DEFAULT_LIMIT = 20, SUITE_COLUMNS = 30 };

static const char *state_word(const struct run_record *run)
{
    switch (run->state) {
    case RUN_FINISHED:
        return verdict_row(run->verdict)->word;
    case RUN_INTERRUPTED:
        return "interrupted";
    case RUN_RUNNING:
        break;
    }
    return "unfinished";
}

static void list_json(struct cli *cli, const struct run_record *run)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &line);
    json_open_map(&w);
    json_put_text(&w, "run", str_from(id_text(&run->id).text));
    json_put_text(&w, "suite", run->suite);
    json_put_text(&w, "variant", run->variant);
    json_put_time(&w, "started", run->started_unix_ms);
    json_put_text(&w, "state", str_from(state_word(run)));
    json_put_raw(&w, "summary", run->summary.len > 0 ? run->summary : STR("null"));
    json_close_map(&w);
    (void)fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&line)));
}

static bool list_text(struct cli *cli, const struct run_record *run, struct err *err)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    struct buf name CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    buf_append(&name, run->suite);
    if (!str_eq(run->variant, STR("default"))) {
        buf_printf(&name, " [%.*s]", STR_ARG(run->variant));
    }
    buf_printf(&line, "%.8s  %s  ", id_text(&run->id).text, clock_local(run->started_unix_ms).text);
    size_t used = term_escape_cut(&line, buf_str(&name), SUITE_COLUMNS);
    buf_append_repeat(&line, ' ', SUITE_COLUMNS - used + 2);
    buf_printf(&line, "%-14s", state_word(run));
    if (run->summary.len > 0) {
        struct summary summary;
        char room[32];
        if (!summary_from_json(run->summary, &cli->arena, &summary, err)) {
            return false;
        }
        buf_printf(&line, "  %5llu %-5s", (unsigned long long)summary.n_cases, summary.n_cases == 1 ? "case" : "cases");
        if (summary.has_pass_rate) {
            buf_printf(&line, "  %5.*s%% pass", STR_ARG(num_text_short(summary.pass_rate * 100, 1, room)));
        }
        if (summary.errors > 0) {
            buf_printf(&line, "  %llu errors", (unsigned long long)summary.errors);
        }
    }
    (void)fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&line)));
    return true;
}

static enum verdict list_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    uint64_t limit = DEFAULT_LIMIT;
    struct run_record *runs = NULL;
    size_t count = 0;
    struct str format = str_from(args_value(args, "format"));
    if (args->operand_count > 0) {
        return cli_usage(cli, "list takes no operand; one run: assay show RUN");
    }
    if (format.ptr != NULL && !str_eq(format, STR("json")) && !str_eq(format, STR("text"))) {
        return cli_usage(cli, "--format is text or json, not '%.*s'", STR_ARG(format));
    }
    if (!args_number(args, "limit", 1, 1000000, &limit, &err) ||
        !store_open_named(cli, args, STORE_READ, &store, &err) ||
        !store_list_runs(store, &cli->arena, (size_t)limit, &runs, &count, &err)) {
        return cli_fail(cli, &err);
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq(format, STR("json"))) {
            list_json(cli, &runs[i]);
        } else if (!list_text(cli, &runs[i], &err)) {
            return cli_fail(cli, &err);
        }
    }
    if (count == 0 && !str_eq(format, STR("json"))) {
        (void)fprintf(cli->out, "no runs yet\n");
    }
    return VERDICT_PASSED;
}

const struct command command_list = {
    .name = "list",
    .operands = "",
    .summary = "what the store holds, newest first",
    .options = LIST_OPTIONS,
    .run = list_run,
};
