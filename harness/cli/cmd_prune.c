#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/prune_spared.h"
#include "cli/suite_operand.h"
#include "cli/suites_open.h"
#include "data/field.h"
#include "store/prune.h"
#include "store/store.h"

static const struct option_row PRUNE_OPTIONS[] = {
    {"keep", 'k', OPTION_VALUE, "N", "keep the newest N runs of each suite and variant (1 with --older-than alone)"},
    {"suite", 0, OPTION_VALUE, "SUITE", "only invocations of this suite alone"},
    {"older-than", 0, OPTION_VALUE, "AGE", "only what ended before: 90d, 12h"},
    {"dry-run", 0, OPTION_FLAG, NULL, "say what would be removed"},
    {"vacuum", 0, OPTION_FLAG, NULL, "write the file anew afterwards, as small as can be; others have to wait"},
    {0},
};

enum { NAMED_MAX = 10, NS_PER_DAY_MS = 24 * 60 * 60 * 1000, DAYS_MAX = 36500 };

struct pruning {
    struct cli *cli;
    struct store *store;
    struct prune_rules rules;
    bool is_dry;
    struct prune_item *items;
    size_t count;
    size_t removed, spared; /* invocations */
};

/* --- the command line ----------------------------------------------------------------------------------------------------------------------- */

/* As durations are written, and days and weeks besides. */
static bool parse_age(const char *text, int64_t *ret_ms, struct err *err)
{
    struct str all = str_from(text);
    uint64_t count = 0;
    int64_t ns = 0;
    bool has_days = all.len > 1 && (all.ptr[all.len - 1] == 'd' || all.ptr[all.len - 1] == 'w') &&
                    num_parse_u64(str_slice(all, 0, all.len - 1), &count);
    if (has_days) {
        uint64_t days = all.ptr[all.len - 1] == 'w' ? count * 7 : count;
        *ret_ms = (int64_t)days * NS_PER_DAY_MS;
        return (count <= DAYS_MAX && days > 0) ||
               err_set(err, ERR_USAGE, "--older-than wants an age such as 90d, 12w or 36h, not '%s'", text);
    }
    struct err ignored = ERR_NULL;
    if (!field_parse_duration(all, &ns, &ignored) || ns < NS_PER_MS) {
        return err_set(err, ERR_USAGE, "--older-than wants an age such as 90d, 12w or 36h, not '%s'", text);
    }
    *ret_ms = ns / NS_PER_MS;
    return true;
}

static bool read_rules(struct cli *cli, const struct args *args, struct prune_rules *ret, struct err *err)
{
    const char *age = args_value(args, "older-than");
    int64_t age_ms = 0;
    *ret = (struct prune_rules){.keep = 1, .suite = str_from(args_value(args, "suite"))};
    if (!args_has(args, "keep") && age == NULL) {
        return err_set(err, ERR_USAGE, "what is to be kept? assay prune --keep 30, or --older-than 90d");
    }
    if (!args_number(args, "keep", 1, INT64_MAX, &ret->keep, err) || (age != NULL && !parse_age(age, &age_ms, err))) {
        return false;
    }
    ret->before_unix_ms = age == NULL ? 0 : clock_unix_ms(cli->clock) - age_ms;
    return true;
}

/* --- words ---------------------------------------------------------------------------------------------------------------------------------- */

/* "1a2b3c4d 2026-03-01 03:00 support [default], support [large]" */
static void describe(struct buf *out, const struct prune_item *item)
{
    buf_printf(out, "%.8s  %.16s  ", item->run_count == 0 ? id_text(&item->id).text : id_text(&item->runs[0].id).text,
               clock_local(item->ended_unix_ms).text);
    for (size_t i = 0; i < item->run_count; i++) {
        bool is_same = i > 0 && str_eq(item->runs[i].suite, item->runs[i - 1].suite);
        buf_printf(out, "%s", i == 0 ? "" : ", ");
        if (!is_same) {
            buf_printf(out, "%.*s ", STR_ARG(item->runs[i].suite));
        }
        buf_printf(out, "[%.*s]", STR_ARG(item->runs[i].variant));
    }
}

static void say_item(struct pruning *p, const char *word, const struct prune_item *item, struct str why)
{
    struct buf line CLEANUP(buf_deinit) = BUF(4096);
    struct buf safe CLEANUP(buf_deinit) = BUF(8192);
    describe(&line, item);
    if (why.len > 0) {
        buf_printf(&line, ": %.*s", STR_ARG(why));
    }
    (void)term_escape_cut(&safe, buf_str(&line), 200);
    (void)fprintf(p->cli->out, "%s %.*s\n", word, STR_ARG(buf_str(&safe)));
}

static struct str bytes_text(struct cli *cli, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1000 && unit + 1 < ARRAY_LEN(units)) {
        value /= 1000;
        unit++;
    }
    char room[32];
    return arena_printf(&cli->arena, "%.*s %s", STR_ARG(num_text_short(value, value < 10 && unit > 0 ? 1 : 0, room)),
                        units[unit]);
}

/* --- one invocation ------------------------------------------------------------------------------------------------------------------------- */

static bool spare(struct pruning *p, const struct prune_item *item, struct str why)
{
    p->spared++;
    say_item(p, "spared ", item, why);
    return true;
}

static void take(struct pruning *p, const struct prune_item *item)
{
    if (p->removed < NAMED_MAX) {
        say_item(p, p->is_dry ? "would remove" : "removed", item, STR(""));
    }
    p->removed++;
}

static bool remove_item(struct pruning *p, const struct prune_item *item, struct err *err)
{
    struct store_lock lock CLEANUP(store_unlock) = {0};
    enum prune_hidden hidden = PRUNE_HIDDEN;
    struct err held = ERR_NULL;
    if (!store_lock(p->store, &item->id, &lock, &held)) {
        if (held.kind != ERR_USAGE) {
            *err = held;
            return false;
        }
        return spare(p, item, STR("it is running"));
    }
    if (!(p->is_dry ? store_prune_look(p->store, item->invocation, &hidden, err)
                    : store_prune_hide(p->store, item->invocation, &hidden, err))) {
        return false;
    }
    switch (hidden) {
    case PRUNE_UNSENT:
        return spare(p, item, STR("Opper has not received all of it (assay push)"));
    case PRUNE_GONE:
        return true;
    case PRUNE_HIDDEN:
        break;
    }
    take(p, item);
    return true;
}

static bool prune_items(struct pruning *p, struct err *err)
{
    struct spared_runs spared = {0};
    if (!store_prune_list(p->store, &p->cli->arena, &p->rules, &p->items, &p->count, err) ||
        (p->count > 0 && !spared_runs_find(p->cli, p->store, &spared, err))) {
        return false;
    }
    for (size_t i = 0; i < p->count; i++) {
        const struct prune_item *item = &p->items[i];
        struct str why = spared_runs_why(&spared, item);
        if (!(why.len > 0 ? spare(p, item, why) : remove_item(p, item, err))) {
            return false;
        }
    }
    if (p->removed > NAMED_MAX) {
        (void)fprintf(p->cli->out, "and %zu more\n", p->removed - NAMED_MAX);
    }
    return true;
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------------------ */

static void say_end(struct pruning *p, const struct prune_swept *swept, uint64_t before, uint64_t after,
                    bool is_rewritten)
{
    struct cli *cli = p->cli;
    if (p->removed == 0 && swept->runs == 0 && swept->texts == 0) {
        (void)fprintf(cli->out, "nothing to remove\n");
    } else {
        (void)fprintf(cli->out, "removed %" PRIu64 " %s with %" PRIu64 " %s\n", swept->runs,
                      swept->runs == 1 ? "run" : "runs", swept->samples, swept->samples == 1 ? "sample" : "samples");
    }
    if (after < before) {
        (void)fprintf(cli->out, "the store had %.*s, it has %.*s\n", STR_ARG(bytes_text(cli, before)),
                      STR_ARG(bytes_text(cli, after)));
    }
    if (!swept->can_shrink && !is_rewritten && swept->runs > 0) {
        (void)fprintf(cli->out, "the file keeps its size, later runs use what is free; --vacuum makes it smaller\n");
    }
}

/* A name that nobody has is a slip of the pen, not a store without old runs. */
static bool check_suite(struct pruning *p, struct err *err)
{
    struct str name = p->rules.suite;
    return name.ptr == NULL || suite_operand(p->cli, p->store, name.ptr, &p->rules.suite, err);
}

static bool prune_all(struct cli *cli, const struct args *args, struct store *store, const struct prune_rules *rules,
                      struct err *err)
{
    struct pruning p = {.cli = cli, .store = store, .rules = *rules, .is_dry = args_has(args, "dry-run")};
    bool rewrites = args_has(args, "vacuum");
    uint64_t before = 0;
    uint64_t after = 0;
    struct prune_swept swept = {0};
    if (!store_bytes(store, &before, err) || !check_suite(&p, err) || !prune_items(&p, err)) {
        return false;
    }
    if (p.is_dry) {
        (void)fprintf(cli->out, "%zu of %zu would be removed; nothing was changed\n", p.removed, p.removed + p.spared);
        return true;
    }
    if (!store_prune_sweep(store, &swept, err) || (rewrites && !store_rewrite(store, err)) ||
        !store_bytes(store, &after, err)) {
        return false;
    }
    say_end(&p, &swept, before, after, rewrites);
    return true;
}

static enum verdict prune_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    struct prune_rules rules;
    enum store_mode mode = args_has(args, "dry-run") ? STORE_READ : STORE_CHANGE;
    if (args->operand_count > 0) {
        return cli_usage(cli, "prune takes no operand: assay prune --keep N [--suite SUITE]");
    }
    if (!read_rules(cli, args, &rules, &err) || !store_open_named(cli, args, mode, &store, &err) ||
        !prune_all(cli, args, store, &rules, &err)) {
        return cli_fail(cli, &err);
    }
    return VERDICT_PASSED;
}

const struct command command_prune = {
    .name = "prune",
    .operands = "",
    .summary = "remove old runs, keep the newest of each suite and variant",
    .options = PRUNE_OPTIONS,
    .details =
        "Whole invocations go, in small steps: others may use the store meanwhile. Kept are, of each suite and "
        "variant,\n"
        "the newest N runs over all cases that came to a verdict, and the newest N of any kind. Spared are runs that\n"
        "suites have as their baseline, what is running, and what Opper has not received yet. On Opper nothing "
        "changes.",
    .run = prune_run,
};
