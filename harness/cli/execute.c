#include "cli/execute.h"

#include <string.h>

#include "base/err.h"
#include "cli/access.h"
#include "cli/display.h"
#include "data/field.h"
#include "reporters/reporter.h"
#include "suites/secrets.h"

enum { DEFAULT_SHOWN = 10, DEFAULT_GRACE_S = 10 };

bool execute_flags_read(struct cli *cli, const struct args *args, struct execute_flags *ret, struct err *err)
{
    *ret = (struct execute_flags){
        .is_verbose = args_has(args, "verbose"),
        .is_quiet = args_has(args, "quiet"),
        .verifies = args_has(args, "verify"),
        .max_shown = DEFAULT_SHOWN,
        .grace_ns = DEFAULT_GRACE_S * NS_PER_S,
    };
    const char *grace = args_value(args, "grace");
    if (grace != NULL && !field_parse_duration(str_from(grace), &ret->grace_ns, err)) {
        return err_wrap(err, "--grace");
    }
    return drain_limits_read(args, &ret->drain, err) &&
           report_requests(cli, args_list(args, &cli->arena, "report"), &ret->reports, err) &&
           args_number(args, "show", 0, 1000000, &ret->max_shown, err);
}

bool execute_run_id(const struct args *args, struct str *ret, struct err *err)
{
    struct str name = str_from(args_value(args, "run-id"));
    if (name.ptr != NULL && (name.len == 0 || str_has_control(name))) {
        return err_set(err, ERR_USAGE, "--run-id wants a name without control characters");
    }
    *ret = name;
    return true;
}

/* The stored records, read back: what is printed and exported is what was recorded. */
static bool write_reports(struct cli *cli, struct session *s, const struct execute_flags *flags, struct err *err)
{
    struct stored_runs runs = {.invocation = s->invocation};
    if (!store_runs_of(s->store, &cli->arena, s->invocation.seq, &runs.runs, &runs.run_count, err)) {
        return false;
    }
    struct report_request people = {reporter_find(STR("terminal")), NULL};
    FILE *out = cli->out;
    struct term term = cli->out_term;
    if (flags->reports.uses_stdout) {
        cli->out = cli->errors;
        cli->out_term = cli->err_term;
    }
    bool ok = report_write(cli, s->store, &runs, &people, flags->is_verbose, (size_t)flags->max_shown, err);
    cli->out = out;
    cli->out_term = term;
    for (size_t i = 0; i < flags->reports.count && ok; i++) {
        ok = report_write(cli, s->store, &runs, &flags->reports.requests[i], flags->is_verbose, 0, err);
    }
    return ok;
}

static void print_resume(struct cli *cli, FILE *out, const struct session *s)
{
    struct uuid_text id = id_text(&s->invocation.id);
    cli_print(out, "go on with: assay resume %.8s%s%.*s\n", id.text, s->progress.errored > 0 ? " --retry-errors" : "",
              STR_ARG(cli->flags));
}

/* What is left goes to Opper, while there is progress. A verdict is never hidden by it: only one that passed becomes "unrecorded", where recording
 * was promised. */
static bool deliver(struct cli *cli, struct session *s, const struct execute_flags *flags, enum verdict *verdict,
                    struct str *reason, struct recorder_end *ret, struct recording_sum *ret_sum, struct err *err)
{
    struct display display;
    display_init(&display, cli, flags->is_verbose, flags->is_quiet);
    struct run_events events = display_events(&display);
    bool ok = session_deliver(s, &flags->drain, flags->verifies, &events, ret, err);
    display_end(&display);
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!ok || !store_runs_of(s->store, &cli->arena, s->invocation.seq, &runs, &count, err) ||
        !recording_sum(cli, s->store, runs, count, ret_sum, err)) {
        return false;
    }
    if (*verdict != VERDICT_PASSED) {
        return true;
    }
    bool is_unread = flags->verifies && ret_sum->has_promise && ret->was_read && ret->verified.trouble.len > 0;
    if (!ret_sum->is_promised && !is_unread) {
        return s->invocation.verdict == VERDICT_PASSED || session_set_verdict(s, *verdict, *reason, err);
    }
    *verdict = VERDICT_UNRECORDED;
    *reason = arena_printf(&cli->arena, "%.*s; %.*s", STR_ARG(*reason), STR_ARG(recording_missing(cli, ret_sum)));
    return session_set_verdict(s, *verdict, *reason, err);
}

enum verdict execute_session(struct cli *cli, struct session *s, const struct execute_flags *flags)
{
    struct display display;
    display_init(&display, cli, flags->is_verbose, flags->is_quiet);
    struct run_events events = display_events(&display);
    struct err run_err = ERR_NULL;
    struct redactor *redactor = access_redactor(cli);
    for (size_t i = 0; i < s->suite_count; i++) {
        suite_add_secrets(s->suites[i].suite, redactor);
    }
    s->options.redactor = redactor;
    s->options.ca_file = environment_get(&cli->env, STR("SSL_CERT_FILE"));
    bool ran = session_run(s, &events, &run_err);
    display_end(&display);
    if (!ran && s->stopped == VERDICT_PASSED) {
        s->stopped = cli_verdict_of(&run_err);
        s->stopped_reason = arena_str(&s->arena, str_from(run_err.text));
    }
    struct summary *summaries = NULL;
    size_t count = 0;
    enum verdict verdict = VERDICT_INTERNAL;
    struct str reason = STR_NULL;
    struct err err = ERR_NULL;
    if (!session_judge(s, &summaries, &count, &verdict, &reason, &err)) {
        if (!ran && strcmp(run_err.text, err.text) != 0) {
            (void)cli_fail(cli, &run_err);
        }
        enum verdict broken = cli_fail(cli, &err);
        print_resume(cli, cli->errors, s);
        return broken;
    }
    if (!ran && !str_eq_cstr(s->stopped_reason, run_err.text)) { /* a signal came, too, and is the verdict */
        cli_print(cli->errors, "assay: %s\n", run_err.text);
    }
    struct recorder_end delivery;
    struct recording_sum recorded;
    if (!deliver(cli, s, flags, &verdict, &reason, &delivery, &recorded, &err)) {
        return cli_fail(cli, &err);
    }
    FILE *people = flags->reports.uses_stdout ? cli->errors : cli->out;
    bool reported = write_reports(cli, s, flags, &err);
    if (!reported) {
        verdict = verdict_worse(verdict, VERDICT_INFRASTRUCTURE);
        reason = str_from(err.text);
        people = ferror(people) != 0 ? cli->errors : people;
    }
    recording_print(cli, people, &recorded, &s->invocation.id, &delivery);
    if (s->stopped != VERDICT_PASSED) {
        print_resume(cli, people, s);
    }
    report_last_line(cli, people, verdict, reason);
    return verdict;
}
