#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/reports.h"
#include "cli/run_operand.h"
#include "reporters/reporter.h"
#include "store/store.h"

static const struct option_row SHOW_OPTIONS[] = {
    {"failed", 0, OPTION_FLAG, NULL, "only cases that failed, with input, output and reasons"},
    {"errors", 0, OPTION_FLAG, NULL, "only cases that errored"},
    {"tag", 't', OPTION_VALUE, "TAG", "only cases with this tag"},
    {"all", 'a', OPTION_FLAG, NULL, "every case"},
    {"verbose", 'v', OPTION_FLAG, NULL, "more of each sample in the summary"},
    {0},
};

static void show_block(struct cli *cli, const char *name, struct str text)
{
    if (text.ptr == NULL) {
        return;
    }
    struct buf safe CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    term_escape(&safe, text, TERM_LINES);
    struct str rest = buf_str(&safe);
    struct str line;
    bool is_first = true;
    while (str_split(&rest, '\n', &line)) {
        (void)fprintf(cli->out, "  %-9s %.*s\n", is_first ? name : "", STR_ARG(line));
        is_first = false;
    }
}

static void show_scores(struct cli *cli, const struct run_record *run, const struct sample_record *s)
{
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        const struct dimension *d = &run->dimensions[score->dimension];
        struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
        char room[32];
        bool is_taken = score->outcome != SCORE_NOT_SCORED;
        buf_printf(&line, "    %.*s = ", STR_ARG(d->name));
        if (!is_taken) {
            buf_append_cstr(&line, "-");
        } else {
            bool is_tiny = score->value < 0.01 && score->value > -0.01; /* what a call costs is not 0 */
            buf_append(&line, num_text_short(score->value, is_tiny ? 9 : 4, room));
        }
        buf_append_cstr(&line, "  ");
        /* of a pulled run why is not known */
        term_escape(&line, is_taken || score->comment.len > 0 ? score->comment : STR("not scored"), TERM_ONE_LINE);
        (void)fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&line)));
    }
}

static void show_sample(struct cli *cli, const struct run_record *run, const struct sample_record *s)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    const char *word = s->state == SAMPLE_ERRORED ? "errored"
                       : s->pass == PASS_YES      ? "passed"
                       : s->pass == PASS_NO       ? "failed"
                                                  : "recorded";
    term_escape(&line, s->case_id, TERM_ONE_LINE);
    buf_append_cstr(&line, " [");
    term_escape(&line, run->variant, TERM_ONE_LINE);
    buf_printf(&line, "] trial %u: %s", (unsigned)s->trial, word);
    if (s->has_score) {
        char room[32];
        buf_printf(&line, ", score %.*s", STR_ARG(num_text_short(s->score, 4, room)));
    }
    if (s->measures.has_latency) {
        char room[32];
        buf_printf(&line, ", %.*s ms", STR_ARG(num_text_short(s->measures.latency_ms, 1, room)));
    }
    if (s->measures.attempts > 1) {
        buf_printf(&line, ", %u attempts", (unsigned)s->measures.attempts);
    }
    (void)fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&line)));
    (void)fprintf(cli->out, "  %-9s %s\n", "span", id_text(&s->span).text);
    show_block(cli, "tags", str_eq(s->tags, STR("[]")) ? STR_NULL : s->tags);
    show_block(cli, "input", s->input);
    show_block(cli, "expected", s->expected);
    show_block(cli, "output", s->output);
    if (s->state == SAMPLE_ERRORED) {
        show_block(cli, "error", s->error_text);
    }
    show_block(cli, "meta", s->meta);
    (void)fprintf(cli->out, "  scores\n");
    show_scores(cli, run, s);
    (void)fprintf(cli->out, "\n");
}

static bool show_samples(struct cli *cli, struct store *store, const struct stored_runs *runs,
                         struct sample_filter filter, uint64_t *ret_shown, struct err *err)
{
    *ret_shown = 0;
    for (size_t i = 0; i < runs->run_count; i++) {
        struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
        if (!store_samples(store, runs->runs[i].seq, filter, &cursor, err)) {
            return false;
        }
        while (true) {
            struct sample_record sample;
            bool has = false;
            if (!cursor.next(&cursor, &has, &sample, err)) {
                return false;
            }
            if (!has) {
                break;
            }
            show_sample(cli, &runs->runs[i], &sample);
            ++*ret_shown;
        }
    }
    return true;
}

static enum verdict show_cases(struct cli *cli, struct store *store, const struct stored_runs *runs,
                               const struct args *args)
{
    struct err err = ERR_NULL;
    uint64_t shown = 0;
    struct sample_filter filter = {
        .only_failed = args_has(args, "failed"),
        .only_errored = args_has(args, "errors"),
        .case_id = args->operand_count > 1 ? str_from(args->operands[1]) : STR_NULL,
        .tag = str_from(args_value(args, "tag")),
    };
    if (!show_samples(cli, store, runs, filter, &shown, &err)) {
        return cli_fail(cli, &err);
    }
    if (shown > 0) {
        return VERDICT_PASSED;
    }
    if (filter.case_id.ptr != NULL) {
        (void)err_set(&err, ERR_EMPTY, "run %.8s has no such sample of a case '%.*s' (assay show RUN --all lists them)",
                      id_text(&runs->runs[0].id).text, STR_ARG(filter.case_id));
        return cli_fail(cli, &err);
    }
    (void)fprintf(cli->out, "no such case\n");
    return VERDICT_PASSED;
}

static enum verdict show_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct run_operands operands CLEANUP(run_operands_close) = {.cli = cli, .args = args};
    struct store *store = NULL;
    struct stored_runs runs;
    if (args->operand_count > 2) {
        return cli_usage(cli, "assay show RUN [CASE]");
    }
    const char *name = args->operand_count == 0 ? "latest" : args->operands[0];
    if (!run_operand_open(&operands, name, true, &store, &runs, &err)) {
        return cli_fail(cli, &err);
    }
    bool narrows =
        args_has(args, "failed") || args_has(args, "errors") || args_has(args, "all") || args_has(args, "tag");
    if (args->operand_count == 2 || narrows) {
        return show_cases(cli, store, &runs, args);
    }
    struct report_request request = {reporter_find(STR("terminal")), NULL};
    if (!report_write(cli, store, &runs, &request, args_has(args, "verbose"), 10, &err)) {
        return cli_fail(cli, &err);
    }
    report_last_line(cli, cli->out, runs.invocation.verdict, runs.invocation.reason);
    return VERDICT_PASSED;
}

const struct command command_show = {
    .name = "show",
    .operands = "[RUN [CASE]]",
    .summary = "one run, or one case with input, output, scores and reasons",
    .options = SHOW_OPTIONS,
    .details = "RUN is an id, a unique prefix of four or more characters, latest (the default), latest~2, "
               "latest/VARIANT, a --run-id\n"
               "name, a label: branch=main, or an exported file (FILE.jsonl, FILE.jsonl/VARIANT).",
    .run = show_run,
};
