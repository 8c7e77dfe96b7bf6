#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"
#include "cli/access.h"
#include "cli/cli.h"
#include "cli/display.h"
#include "cli/recording.h"
#include "cli/reports.h"
#include "cli/suites_open.h"
#include "run/push.h"
#include "store/outbox.h"
#include "store/store.h"

static const struct option_row PUSH_OPTIONS[] = {
    {"again", 0, OPTION_FLAG, NULL, "look at all of RUN on Opper, and put right what is missing or different"},
    {"refused", 0, OPTION_FLAG, NULL, "try once more what Opper refused"},
    {"record", 0, OPTION_VALUE, "opper", "a RUN that was only recorded here: all of it"},
    DRAIN_ROWS,
    {"quiet", 'q', OPTION_FLAG, NULL, "no progress"},
    {0},
};

/* How many are delivered together: as many locks are held, and each such group waits once for what has to be looked at again. */
enum { TOGETHER = 64 };

struct candidate {
    struct invocation_record invocation;
    struct run_record *runs;
    size_t run_count;
    struct store_lock lock;
};

/* Runs that wait for another service than this one. */
struct elsewhere {
    struct str base_url;
    size_t count;
    struct uuid first;
};

struct push {
    struct cli *cli;
    const struct args *args;
    struct store *store;
    struct drain_limits limits;
    struct recorder_end end;  /* of the last group */
    struct recording_sum sum; /* of all that were delivered */
    size_t count;             /* of these */
    size_t incomplete, untried;
    VEC(struct elsewhere) elsewhere;
    struct candidate group[TOGETHER];
    size_t group_count;
};

static void push_deinit(struct push *p)
{
    for (size_t i = 0; i < p->group_count; i++) {
        store_unlock(&p->group[i].lock);
    }
    p->group_count = 0;
}

/* Only what delivery left open is mended: the verdict of an invocation that ended "unrecorded" is that of its runs again. */
static bool settle_verdict(struct push *p, struct candidate *c, struct err *err)
{
    if (c->invocation.verdict != VERDICT_UNRECORDED) {
        return true;
    }
    return recording_judged(p->cli, c->runs, c->run_count, &c->invocation.verdict, &c->invocation.reason, err) &&
           store_begin_waiting(p->store, err) &&
           store_end(p->store, store_update_invocation(p->store, &c->invocation, err), err);
}

/* --- a group ---------------------------------------------------------------------------------------------------------------------------------- */

/* Under its lock from here on, as it stands then. */
static bool group_add(struct push *p, int64_t invocation, struct err *err)
{
    struct candidate *c = &p->group[p->group_count];
    *c = (struct candidate){.lock = {.fd = -1}};
    struct arena *arena = &p->cli->arena;
    if (!store_invocation(p->store, arena, invocation, &c->invocation, err) ||
        !store_lock(p->store, &c->invocation.id, &c->lock, err)) {
        return false;
    }
    p->group_count++;
    return store_invocation(p->store, arena, invocation, &c->invocation, err) &&
           store_runs_of(p->store, arena, invocation, &c->runs, &c->run_count, err);
}

/* What was only recorded here goes as its suite says: inputs and outputs that it holds back stay here. */
static bool adopt(struct push *p, const struct push_order *order, struct err *err)
{
    struct record_options *options = arena_array(&p->cli->arena, struct record_options, order->run_count);
    for (size_t i = 0; i < order->run_count; i++) {
        struct record_options written;
        if (!suite_open_record(p->cli, p->store, order->runs[i], &written, err)) {
            return false;
        }
        options[i] = record_options_settle(record_options_merge(&written, &p->cli->project.record));
        options[i].mode = RECORD_OPPER;
    }
    return push_adopt(order, options, err);
}

static bool group_prepare(struct push *p, const struct push_order *order, bool is_adopted, struct err *err)
{
    if (is_adopted) {
        return adopt(p, order, err);
    }
    return args_has(p->args, "again")     ? push_again(order, err)
           : args_has(p->args, "refused") ? push_refused(order, err)
                                          : true;
}

static bool group_deliver(struct push *p, bool is_adopted, struct err *err)
{
    struct cli *cli = p->cli;
    const struct invocation_record *invocations[TOGETHER];
    size_t run_count = 0;
    for (size_t i = 0; i < p->group_count; i++) {
        invocations[i] = &p->group[i].invocation;
        run_count += p->group[i].run_count;
    }
    const struct run_record **runs = arena_array(&cli->arena, const struct run_record *, run_count);
    size_t at = 0;
    for (size_t i = 0; i < p->group_count; i++) {
        for (size_t k = 0; k < p->group[i].run_count; k++) {
            runs[at++] = &p->group[i].runs[k];
        }
    }
    struct display display;
    display_init(&display, cli, false, args_has(p->args, "quiet"));
    struct run_events events = display_events(&display);
    const struct push_order order = {
        .store = p->store,
        .clock = cli->clock,
        .service = &cli->service,
        .invocations = invocations,
        .invocation_count = p->group_count,
        .runs = runs,
        .run_count = run_count,
        .settings = {.redactor = access_redactor(cli), .ca_file = environment_get(&cli->env, STR("SSL_CERT_FILE"))},
        .limits = p->limits,
        .verifies = args_has(p->args, "verify"),
        .events = &events,
    };
    bool ok = group_prepare(p, &order, is_adopted, err) && push_deliver(&order, &cli->arena, &p->end, err);
    display_end(&display);
    return ok;
}

/* Delivers the group, and says how each of it stands. */
static bool group_push(struct push *p, bool is_alone, bool is_adopted, struct err *err)
{
    struct cli *cli = p->cli;
    if (!group_deliver(p, is_adopted, err)) {
        return false;
    }
    bool is_unread = p->end.was_read && p->end.verified.trouble.len > 0;
    for (size_t i = 0; i < p->group_count; i++) {
        struct candidate *c = &p->group[i];
        struct recording_sum sum;
        if (!recording_sum(cli, p->store, c->runs, c->run_count, &sum, err)) {
            return false;
        }
        recording_sum_add(&p->sum, &sum);
        p->count++;
        if (is_alone) {
            cli_print(cli->out, "%.8s %.*s\n", id_text(&c->invocation.id).text, STR_ARG(c->runs[0].suite));
            recording_print(cli, cli->out, &sum, &c->invocation.id, &p->end);
        } else {
            recording_print_one(cli, cli->out, &sum, &c->invocation.id, c->runs[0].suite);
        }
        if (!recording_is_complete(&sum.counts) || is_unread) {
            p->incomplete++;
        } else if (!settle_verdict(p, c, err)) {
            return false;
        }
    }
    push_deinit(p);
    return true;
}

/* --- which -------------------------------------------------------------------------------------------------------------------------------------- */

static bool push_named(struct push *p, const char *name, struct err *err)
{
    struct stored_runs found;
    struct recording_sum sum;
    if (!stored_runs_find(p->cli, p->store, name, true, &found, err)) {
        return false;
    }
    struct uuid_text id = id_text(&found.invocation.id);
    if (found.invocation.origin == ORIGIN_IMPORTED || found.invocation.origin == ORIGIN_PULLED) {
        return err_set(err, ERR_USAGE, "run %.8s was %s: it is read-only, and not pushed", id.text,
                       found.invocation.origin == ORIGIN_PULLED ? "pulled" : "imported");
    }
    const char *record = args_value(p->args, "record");
    if (record != NULL && !str_eq_cstr(str_from(record), "opper")) {
        return err_set(err, ERR_USAGE, "--record wants opper here, not '%s'", record);
    }
    if (!group_add(p, found.invocation.seq, err) ||
        !recording_sum(p->cli, p->store, p->group[0].runs, p->group[0].run_count, &sum, err)) {
        return false;
    }
    if (!sum.is_recorded && record == NULL) {
        return err_set(err, ERR_USAGE,
                       "run %.8s was only recorded here: `assay push %.8s --record opper%.*s` sends all of it", id.text,
                       id.text, STR_ARG(p->cli->flags));
    }
    return group_push(p, true, !sum.is_recorded, err);
}

/* Whether it waits for another service; that is said once for all of these. */
static bool note_elsewhere(struct push *p, const struct candidate *c, bool *ret, struct err *err)
{
    *ret = false;
    for (size_t i = 0; i < c->run_count && !*ret; i++) {
        struct recording recording;
        bool found = false;
        if (!store_recording(p->store, &p->cli->arena, c->runs[i].seq, &found, &recording, err)) {
            return false;
        }
        if (!found || str_eq_cstr(recording.base_url, p->cli->service.base_url)) {
            continue;
        }
        size_t at = 0;
        while (at < p->elsewhere.len && !str_eq(p->elsewhere.items[at].base_url, recording.base_url)) {
            at++;
        }
        if (at == p->elsewhere.len) {
            *vec_push(&p->cli->arena, &p->elsewhere) =
                (struct elsewhere){.base_url = recording.base_url, .first = c->invocation.id};
        }
        p->elsewhere.items[at].count++;
        *ret = true;
    }
    return true;
}

static void print_elsewhere(struct push *p)
{
    for (size_t i = 0; i < p->elsewhere.len; i++) {
        const struct elsewhere *e = &p->elsewhere.items[i];
        struct buf url CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
        cli_append_word(&url, e->base_url);
        cli_print(p->cli->errors,
                  "assay: %zu %s for %.*s (%.8s%s), and OPPER_BASE_URL is %s now\n"
                  "deliver there with: OPPER_BASE_URL=%.*s assay push%.*s\n",
                  e->count, e->count == 1 ? "run waits" : "runs wait", STR_ARG(e->base_url), id_text(&e->first).text,
                  e->count == 1 ? "" : ", ...", p->cli->service.base_url, STR_ARG(buf_str(&url)),
                  STR_ARG(p->cli->flags));
        p->incomplete += e->count;
    }
}

/* One that is still going on, or belongs to another service, is left out: the others are delivered all the same. */
static bool gather(struct push *p, int64_t invocation, struct err *err)
{
    size_t before = p->group_count;
    bool is_elsewhere = false;
    if (!group_add(p, invocation, err)) {
        if (err->kind != ERR_USAGE || p->group_count > before) {
            return false;
        }
        cli_print(p->cli->errors, "assay: %s\n", err->text);
        p->incomplete++;
        *err = ERR_NULL;
        return true;
    }
    if (!note_elsewhere(p, &p->group[before], &is_elsewhere, err)) {
        return false;
    }
    if (is_elsewhere) {
        store_unlock(&p->group[before].lock);
        p->group_count = before;
    }
    return true;
}

static bool push_all(struct push *p, const int64_t *invocations, size_t count, struct err *err)
{
    size_t i = 0;
    int64_t end_ns = clock_ns(p->cli->clock) + p->limits.max_ns;
    while (i < count && p->end.end == DRAIN_DONE) {
        int64_t left_ns = end_ns - clock_ns(p->cli->clock); /* "in all": of all groups */
        p->limits.max_ns = left_ns > 0 ? left_ns : 0;
        for (; i < count && p->group_count < TOGETHER; i++) {
            if (!gather(p, invocations[i], err)) {
                return false;
            }
        }
        if (p->group_count > 0 && !group_push(p, p->group_count == 1 && i == count && p->count == 0, false, err)) {
            return false;
        }
    }
    p->untried = count - i; /* what stopped these would stop them, too */
    if (p->count > 1) {
        recording_print_all(p->cli, p->cli->out, &p->sum, p->count, &p->end);
    }
    print_elsewhere(p);
    return true;
}

static enum verdict finish(struct push *p)
{
    if (p->untried > 0) {
        report_last_line(
            p->cli, p->cli->out, VERDICT_UNRECORDED,
            arena_printf(&p->cli->arena, "Opper has not confirmed everything: %zu more runs wait", p->untried));
        return VERDICT_UNRECORDED;
    }
    if (p->incomplete > 0) {
        report_last_line(p->cli, p->cli->out, VERDICT_UNRECORDED, STR("Opper has not confirmed everything"));
        return VERDICT_UNRECORDED;
    }
    report_last_line(p->cli, p->cli->out, VERDICT_PASSED, STR("everything is recorded on Opper"));
    return VERDICT_PASSED;
}

static enum verdict push_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    struct push p CLEANUP(push_deinit) = {.cli = cli, .args = args};
    int64_t *invocations = NULL;
    size_t count = 0;
    bool is_named = args->operand_count == 1;
    if (args->operand_count > 1) {
        return cli_usage(cli, "one run at a time: assay push RUN; or all that wait: assay push");
    }
    if (!is_named && (args_has(args, "again") || args_has(args, "record"))) {
        return cli_usage(cli, "--again and --record want a RUN");
    }
    if (!drain_limits_read(args, &p.limits, &err) || !store_open_named(cli, args, STORE_CHANGE, &store, &err) ||
        !store_outbox_invocations(store, args_has(args, "refused"), &cli->arena, &invocations, &count, &err)) {
        return cli_fail(cli, &err);
    }
    p.store = store;
    if (!is_named && count == 0) {
        report_last_line(
            cli, cli->out, VERDICT_PASSED,
            args_has(args, "verify")
                ? STR("nothing waits to be recorded on Opper, and nothing was read back: assay push RUN --verify")
                : STR("nothing waits to be recorded on Opper"));
        return VERDICT_PASSED;
    }
    if (!access_open(cli, &err) || !service_check_key(&cli->service, "assay push", &err)) {
        return cli_fail(cli, &err);
    }
    bool ok = is_named ? push_named(&p, args->operands[0], &err) : push_all(&p, invocations, count, &err);
    return ok ? finish(&p) : cli_fail(cli, &err);
}

const struct command command_push = {
    .name = "push",
    .operands = "[RUN]",
    .summary = "deliver what Opper has not received yet",
    .options = PUSH_OPTIONS,
    .details = "Without RUN everything that waits is delivered, oldest first. Ctrl-C ends it; what is left waits for "
               "the next push.",
    .run = push_run,
};
