#include "cli/recording.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "cli/access.h"
#include "data/field.h"
#include "judge/judge.h"
#include "model/suite.h"
#include "reporters/terminal_parts.h"
#include "store/outbox.h"

static bool read_duration(const struct args *args, const char *name, int64_t *ret, struct err *err)
{
    const char *text = args_value(args, name);
    return text == NULL || field_parse_duration(str_from(text), ret, err) || err_wrap(err, "--%s", name);
}

bool drain_limits_read(const struct args *args, struct drain_limits *ret, struct err *err)
{
    *ret = DRAIN_LIMITS;
    return read_duration(args, "drain", &ret->idle_ns, err) && read_duration(args, "drain-max", &ret->max_ns, err);
}

/* --- whether and what --------------------------------------------------------------------------------------------------------------------- */

static bool read_flag(const struct args *args, struct record_options *ret, struct err *err)
{
    const char *word = args_value(args, "record");
    *ret = (struct record_options){0};
    for (int i = 0; word != NULL && RECORD_MODE_WORDS[i] != NULL; i++) {
        if (strcmp(word, RECORD_MODE_WORDS[i]) == 0) {
            ret->mode = i;
            ret->has_mode = true;
        }
    }
    return word == NULL || ret->has_mode ||
           err_set(err, ERR_USAGE, "--record wants auto, opper or local, not '%s'", word);
}

static const char *who_promised(const struct record_options *flag, const struct suite *suite)
{
    return flag->has_mode           ? "--record opper"
           : suite->record.has_mode ? "the suite's `record: opper`"
                                    : "the project file's `record: opper`";
}

static void announce(struct cli *cli, const struct record_options *options, size_t count)
{
    bool is_promised = false;
    bool is_auto = false;
    for (size_t i = 0; i < count; i++) {
        is_promised = is_promised || options[i].mode == RECORD_OPPER;
        is_auto = is_auto || options[i].mode == RECORD_AUTO;
    }
    if (is_promised) {
        cli_print(cli->errors, "recording on Opper: %s\n", cli->service.base_url);
    } else if (is_auto) {
        cli_print(cli->errors, "recording on Opper, best effort: %s (a key is set; --record local keeps runs here)\n",
                  cli->service.base_url);
    }
}

bool recording_resolve(struct cli *cli, const struct args *args, struct suite *const *suites, size_t count,
                       struct record_options **ret, struct err *err)
{
    struct record_options flag;
    if (!read_flag(args, &flag, err)) {
        return false;
    }
    struct record_options *options = arena_array(&cli->arena, struct record_options, count);
    for (size_t i = 0; i < count; i++) {
        struct record_options written = record_options_merge(&suites[i]->record, &cli->project.record);
        options[i] = record_options_settle(record_options_merge(&flag, &written));
        if (options[i].mode == RECORD_LOCAL) {
            continue;
        }
        bool is_open = access_open(cli, err);
        if (!is_open && options[i].mode == RECORD_OPPER) {
            return false;
        }
        if (!is_open) { /* best effort fails nothing */
            options[i].mode = RECORD_LOCAL;
            if (i == 0) {
                cli_print(cli->errors, "assay: not recorded on Opper: %s\n", err->text);
            }
            continue;
        }
        if (options[i].mode == RECORD_OPPER && !service_check_key(&cli->service, who_promised(&flag, suites[i]), err)) {
            return false;
        }
        if (cli->service.key == NULL) {
            options[i].mode = RECORD_LOCAL;
        }
    }
    announce(cli, options, count);
    *ret = options;
    return true;
}

bool recording_reopen(struct cli *cli, struct store *store, const struct run_record *runs, size_t count,
                      struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct recording recording;
        bool found = false;
        if (!store_recording(store, &cli->arena, runs[i].seq, &found, &recording, err)) {
            return false;
        }
        if (found && !access_open(cli, err)) {
            return false;
        }
        if (found && recording.options.mode == RECORD_OPPER &&
            !service_check_key(&cli->service, "the run, which is promised to Opper,", err)) {
            return false;
        }
    }
    return true;
}

/* --- how it stands --------------------------------------------------------------------------------------------------------------------------- */

void recording_sum_add(struct recording_sum *sum, const struct recording_sum *one)
{
    struct recording_counts *all = &sum->counts;
    const struct recording_counts *c = &one->counts;
    all->is_verified = c->is_verified && (all->is_verified || !sum->is_recorded);
    sum->is_recorded = sum->is_recorded || one->is_recorded;
    sum->has_promise = sum->has_promise || one->has_promise;
    sum->is_promised = sum->is_promised || one->is_promised;
    all->spans += c->spans;
    all->metrics += c->metrics;
    all->pending_spans += c->pending_spans;
    all->pending_metrics += c->pending_metrics;
    all->refused_spans += c->refused_spans;
    all->refused_metrics += c->refused_metrics;
    all->first_refusal = all->first_refusal.ptr == NULL ? c->first_refusal : all->first_refusal;
    all->verified_spans += c->verified_spans;
    all->verified_metrics += c->verified_metrics;
    all->missing += c->missing;
    all->differing += c->differing;
}

bool recording_sum(struct cli *cli, struct store *store, const struct run_record *runs, size_t count,
                   struct recording_sum *ret, struct err *err)
{
    *ret = (struct recording_sum){0};
    for (size_t i = 0; i < count; i++) {
        struct recording_counts c;
        bool found = false;
        if (!store_recording_counts(store, &cli->arena, runs[i].seq, &found, &c, err)) {
            return false;
        }
        if (!found) {
            continue;
        }
        const struct recording_sum one = {
            .is_recorded = true,
            .has_promise = c.mode == RECORD_OPPER,
            .is_promised = c.mode == RECORD_OPPER && !recording_is_complete(&c),
            .counts = c,
        };
        recording_sum_add(ret, &one);
    }
    return true;
}

static void append_count(struct buf *out, uint64_t count, const char *one)
{
    buf_printf(out, "%" PRIu64 " %s%s", count, one, count == 1 ? "" : "s");
}

static void append_both(struct buf *out, uint64_t spans, uint64_t metrics)
{
    if (spans > 0 || metrics == 0) {
        append_count(out, spans, "span");
    }
    if (metrics > 0) {
        buf_append_cstr(out, spans > 0 ? ", " : "");
        append_count(out, metrics, "metric");
    }
}

/* Why something is pending. */
static void append_end(struct buf *out, const struct recording_counts *c, const struct recorder_end *delivery)
{
    static const char *const words[] = {
        [DRAIN_DONE] = "",
        [DRAIN_REFUSED] = "delivery stopped",
        [DRAIN_NO_PROGRESS] = "no progress any more (--drain)",
        [DRAIN_TOO_LONG] = "it took too long (--drain-max)",
        [DRAIN_INTERRUPTED] = "interrupted",
    };
    const char *word = words[delivery->end];
    bool is_pending = c->pending_spans + c->pending_metrics > 0;
    if (!is_pending || (delivery->end == DRAIN_DONE && delivery->why.len == 0)) {
        return;
    }
    buf_append_cstr(out, " (");
    buf_append_cstr(out, word);
    if (delivery->why.len > 0) {
        buf_append_cstr(out, word[0] == '\0' ? "" : ": ");
        (void)term_escape(out, delivery->why, TERM_ONE_LINE);
    }
    buf_append_char(out, ')');
}

struct str recording_missing(struct cli *cli, const struct recording_sum *sum)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    const struct recording_counts *c = &sum->counts;
    uint64_t spans = c->pending_spans + c->refused_spans;
    uint64_t metrics = c->pending_metrics + c->refused_metrics;
    if (spans + metrics > 0) {
        buf_append_cstr(&text, "Opper has not confirmed ");
        append_both(&text, spans, metrics);
    }
    if (c->missing + c->differing > 0) {
        buf_printf(&text, "%sread back from Opper, %" PRIu64 " are missing and %" PRIu64 " differ",
                   text.len > 0 ? "; " : "", c->missing, c->differing);
    }
    if (text.len == 0) {
        buf_append_cstr(&text, "Opper could not be read back");
    }
    return arena_str(&cli->arena, buf_str(&text));
}

bool recording_judged(struct cli *cli, const struct run_record *runs, size_t count, enum verdict *ret,
                      struct str *ret_reason, struct err *err)
{
    struct summary *summaries = arena_array(&cli->arena, struct summary, count);
    for (size_t i = 0; i < count; i++) {
        if (!summary_from_json(runs[i].summary, &cli->arena, &summaries[i], err)) {
            return false;
        }
    }
    *ret = judge_overall(summaries, count, &cli->arena, ret_reason);
    return true;
}

static void append_verification(struct buf *out, const struct recorder_end *delivery)
{
    if (!delivery->was_read) {
        return;
    }
    const struct verify_status *v = &delivery->verified;
    if (v->trouble.len > 0) {
        buf_append_cstr(out, "not read back: ");
        (void)term_escape(out, v->trouble, TERM_ONE_LINE);
        buf_append_char(out, '\n');
    }
    for (size_t i = 0; i < v->named_count; i++) {
        buf_append_cstr(out, "  ");
        (void)term_escape(out, v->named[i], TERM_ONE_LINE);
        buf_append_char(out, '\n');
    }
    if (v->named_count == VERIFY_NAMED) {
        buf_append_cstr(out, "  ...\n");
    }
}

static void append_counts(struct buf *out, const struct recording_counts *c)
{
    buf_append_cstr(out, "written ");
    append_both(out, c->spans - c->pending_spans - c->refused_spans,
                c->metrics - c->pending_metrics - c->refused_metrics);
    if (c->is_verified) {
        buf_append_cstr(out, "; verified ");
        append_both(out, c->verified_spans, c->verified_metrics);
        buf_printf(out, "; missing %" PRIu64, c->missing);
        if (c->differing > 0) {
            buf_printf(out, "; different %" PRIu64, c->differing);
        }
    }
    if (c->pending_spans + c->pending_metrics > 0) {
        buf_append_cstr(out, "; pending ");
        append_both(out, c->pending_spans, c->pending_metrics);
    }
}

static void append_refusals(struct buf *out, const struct recording_counts *c, const char *indent)
{
    if (c->refused_spans + c->refused_metrics > 0) {
        buf_printf(out, "%sOpper refused ", indent);
        append_both(out, c->refused_spans, c->refused_metrics);
        buf_append_cstr(out, ": ");
        (void)term_escape(out, c->first_refusal, TERM_ONE_LINE);
        buf_append_char(out, '\n');
    }
}

/* The command that goes on, when there is one. */
static void append_advice(struct buf *out, const struct cli *cli, const struct recording_counts *c,
                          const struct uuid *invocation)
{
    bool is_lost = c->missing + c->differing > 0;
    bool is_refused = c->refused_spans + c->refused_metrics > 0;
    bool is_pending = c->pending_spans + c->pending_metrics > 0;
    if (is_lost || is_refused || is_pending) {
        buf_printf(out, "%s: assay push %.8s%s",
                   is_lost      ? "put it right with"
                   : is_refused ? "try once more with"
                                : "finish with",
                   id_text(invocation).text,
                   is_lost      ? " --again"
                   : is_refused ? " --refused"
                                : "");
        (void)term_escape(out, cli->flags, TERM_ONE_LINE);
        buf_append_char(out, '\n');
    }
}

/* On a narrow terminal counts go on below. A command stays one line, for it is copied. */
static void print_lines(const struct cli *cli, FILE *out, struct str text)
{
    enum { INDENT = 2 };
    struct buf shown CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    bool wraps = out == cli->out && cli->out_term.is_tty;
    struct str line;
    while (text.len > 0 && str_split(&text, '\n', &line)) {
        if (wraps && str_starts(line, STR("Opper"))) {
            (void)terminal_wrap(&shown, line, INDENT, cli->out_term.columns);
        } else {
            buf_append(&shown, line);
        }
        buf_append_char(&shown, '\n');
    }
    (void)fwrite(shown.ptr == NULL ? "" : shown.ptr, 1, shown.len, out);
}

void recording_print(struct cli *cli, FILE *out, const struct recording_sum *sum, const struct uuid *invocation,
                     const struct recorder_end *delivery)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    if (!sum->is_recorded) {
        return;
    }
    buf_append_cstr(&text, "Opper: ");
    append_counts(&text, &sum->counts);
    append_end(&text, &sum->counts, delivery);
    buf_append_char(&text, '\n');
    append_verification(&text, delivery);
    append_refusals(&text, &sum->counts, "");
    append_advice(&text, cli, &sum->counts, invocation);
    print_lines(cli, out, buf_str(&text));
}

void recording_print_one(struct cli *cli, FILE *out, const struct recording_sum *sum, const struct uuid *invocation,
                         struct str suite)
{
    const struct recording_counts *c = &sum->counts;
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    buf_printf(&text, "%.8s ", id_text(invocation).text);
    (void)term_escape(&text, suite, TERM_ONE_LINE);
    buf_append_cstr(&text, ": ");
    append_counts(&text, c);
    buf_append_char(&text, '\n');
    append_refusals(&text, c, "  ");
    if (c->missing + c->differing + c->refused_spans + c->refused_metrics > 0) {
        buf_append_cstr(&text, "  ");
        append_advice(&text, cli, c, invocation);
    }
    print_lines(cli, out, buf_str(&text));
}

void recording_print_all(struct cli *cli, FILE *out, const struct recording_sum *sum, size_t count,
                         const struct recorder_end *delivery)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    buf_printf(&text, "Opper: %zu runs, ", count);
    append_counts(&text, &sum->counts);
    append_end(&text, &sum->counts, delivery);
    buf_append_char(&text, '\n');
    append_verification(&text, delivery);
    if (delivery->end != DRAIN_DONE) { /* else what is pending hangs on what was refused */
        buf_append_cstr(&text, "finish with: assay push");
        (void)term_escape(&text, cli->flags, TERM_ONE_LINE);
        buf_append_char(&text, '\n');
    }
    print_lines(cli, out, buf_str(&text));
}
