#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/limits.h"
#include "cli/check_chance.h"
#include "cli/cli.h"
#include "cli/suites_open.h"
#include "data/json.h"
#include "suites/survey.h"

static const struct option_row CHECK_OPTIONS[] = {
    {"format", 0, OPTION_VALUE, "text|json", "json: a list of faults with places, for editors"},
    {"set", 's', OPTION_LIST, "KEY=VALUE", "a suite variable"},
    {"gate", 'g', OPTION_LIST, "GATE", "a gate to check with the suite"},
    {0},
};

static void write_fault(struct json_writer *w, const struct fault *f)
{
    json_open_map(w);
    json_put_text(w, "file", str_from(f->pos.file));
    json_put_int(w, "line", f->pos.line);
    json_put_int(w, "col", f->pos.col);
    json_put_int(w, "length", f->len == 0 ? 1 : f->len);
    json_put_text(w, "message", f->text);
    if (f->hint.len > 0) {
        json_put_text(w, "hint", f->hint);
    }
    json_close_map(w);
}

struct check_result {
    struct diag diag;
    struct survey survey;
    struct suite *suite;
    struct check_chance *chances; /* of its plain gates */
    size_t chance_count;
};

/* Every row of the data is read too: what a run's pre-pass would refuse is refused here. */
static bool check_cases(const struct suite *suite, struct check_result *ret)
{
    struct err err = ERR_NULL;
    if (!survey_check(suite, &ret->survey, &ret->diag)) {
        return false;
    }
    if (ret->survey.cases == ret->survey.skipped) {
        (void)err_set(&err, ERR_EMPTY, "%s: nothing would be run",
                      ret->survey.cases == 0 ? "the data file has no rows" : "every case is skipped (`skip:`)");
        return diag_add_err(&ret->diag, (struct src_pos){suite->path, 0, 0}, &err);
    }
    return true;
}

static void check_one(struct cli *cli, const struct args *args, const char *path, const struct run_flags *flags,
                      struct check_result *ret)
{
    diag_init(&ret->diag, &cli->arena);
    struct err err = ERR_NULL;
    struct suite_options options;
    ret->suite = NULL;
    if (!suite_options_fill(cli, flags, &options, &err)) {
        (void)diag_add_err(&ret->diag, (struct src_pos){path, 0, 0}, &err);
        return;
    }
    if (suite_load(&cli->arena, path, &options, &ret->suite, &ret->diag) && check_cases(ret->suite, ret)) {
        check_chances(cli, args, ret->suite, &ret->chances, &ret->chance_count);
    }
    diag_sort(&ret->diag);
}

static void print_text(struct cli *cli, const char *path, const struct check_result *r)
{
    if (!diag_is_clean(&r->diag)) {
        cli_print_faults(cli, &r->diag);
        return;
    }
    const struct suite *s = r->suite;
    cli_print(cli->out, "%s: good: %llu %s, %zu %s, %zu %s, %zu %s\n", path, (unsigned long long)r->survey.cases,
              r->survey.cases == 1 ? "case" : "cases", s->variant_count, s->variant_count == 1 ? "variant" : "variants",
              s->dimension_count, s->dimension_count == 1 ? "dimension" : "dimensions", s->gate_count,
              s->gate_count == 1 ? "gate" : "gates");
    for (size_t i = 0; i < r->chance_count; i++) {
        struct str words = check_chance_words(cli, &r->chances[i]);
        cli_print(cli->out, "  %.*s: %.*s\n", STR_ARG(r->chances[i].gate), STR_ARG(words));
    }
}

static void write_faults(struct json_writer *w, const struct diag *diag)
{
    for (size_t i = 0; i < diag->faults.len; i++) {
        write_fault(w, &diag->faults.items[i]);
    }
}

static void write_chances(struct json_writer *w, const struct check_result *results, size_t count)
{
    size_t chances = 0;
    for (size_t i = 0; i < count; i++) {
        chances += results[i].chance_count;
    }
    if (chances == 0) { /* nothing is stored */
        return;
    }
    json_key(w, "false_alarms");
    json_open_list(w);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < results[i].chance_count; j++) {
            const struct check_chance *c = &results[i].chances[j];
            json_open_map(w);
            json_put_text(w, "suite", results[i].suite->name);
            json_put_text(w, "variant", c->variant);
            json_put_text(w, "gate", c->gate);
            json_put_number(w, "rate", c->rate);
            json_put_bool(w, "at_most", c->is_bound);
            json_put_int(w, "n", (int64_t)c->n);
            json_put_text(w, "run", c->run);
            json_close_map(w);
        }
    }
    json_close_list(w);
}

static void print_json(struct cli *cli, const struct check_result *results, size_t count, const struct diag *flags)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    bool clean = diag_is_clean(flags);
    json_key(&w, "faults");
    json_open_list(&w);
    for (size_t i = 0; i < count; i++) {
        clean = clean && diag_is_clean(&results[i].diag);
        write_faults(&w, &results[i].diag);
    }
    write_faults(&w, flags);
    json_close_list(&w);
    write_chances(&w, results, count);
    json_put_bool(&w, "good", clean);
    json_close_map(&w);
    (void)fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&text)));
}

static bool suites_are_loaded(struct suite *const *suites, size_t count)
{
    size_t loaded = 0;
    while (loaded < count && suites[loaded] != NULL) {
        loaded++;
    }
    return loaded == count;
}

/* The flags are looked at once all suites are known: a variable may belong to one of them only. */
static void check_all(struct cli *cli, const struct args *args, const struct run_flags *flags,
                      struct check_result *results, size_t *ret_faulty, struct diag *ret_flags)
{
    struct suite **suites = arena_array(&cli->arena, struct suite *, args->operand_count);
    *ret_faulty = 0;
    for (size_t i = 0; i < args->operand_count; i++) {
        check_one(cli, args, args->operands[i], flags, &results[i]);
        suites[i] = results[i].suite;
        *ret_faulty += diag_is_clean(&results[i].diag) ? 0 : 1;
    }
    diag_init(ret_flags, &cli->arena);
    if (suites_are_loaded(suites, args->operand_count)) {
        (void)sets_check(cli, suites, args->operand_count, flags, ret_flags);
    }
    suites_close(suites, args->operand_count);
}

/* Suites that are good but have nothing to run end as a run of them would: empty. */
static enum verdict check_end(struct cli *cli, const struct check_result *results, size_t count, size_t faulty,
                              const struct diag *flags)
{
    size_t empty = 0;
    for (size_t i = 0; i < count; i++) {
        const struct diag *diag = &results[i].diag;
        empty += diag->faults.len == 1 && diag->faults.items[0].kind == ERR_EMPTY ? 1 : 0;
    }
    if (faulty > empty) {
        (void)fprintf(cli->errors, "usage (exit 2): %zu of %zu %s faults\n", faulty, count,
                      count == 1 ? "suite has" : "suites have");
        return VERDICT_USAGE;
    }
    if (!diag_is_clean(flags)) {
        (void)fprintf(cli->errors, "usage (exit 2): a flag has a fault\n");
        return VERDICT_USAGE;
    }
    if (empty > 0) {
        (void)fprintf(cli->errors, "empty (exit 4): %zu of %zu %s no case to run\n", empty, count,
                      count == 1 ? "suite has" : "suites have");
        return VERDICT_EMPTY;
    }
    return VERDICT_PASSED;
}

static enum verdict check_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct run_flags flags;
    const char *format = args_value(args, "format");
    if (args->operand_count == 0) {
        return cli_usage(cli, "which suite? assay check SUITE...");
    }
    if (format != NULL && strcmp(format, "json") != 0 && strcmp(format, "text") != 0) {
        return cli_usage(cli, "--format is text or json, not '%s'", format);
    }
    if (!run_flags_read(cli, args, &flags, &err)) {
        return cli_fail(cli, &err);
    }
    struct check_result *results = arena_array(&cli->arena, struct check_result, args->operand_count);
    struct diag flag_faults;
    size_t faulty = 0;
    check_all(cli, args, &flags, results, &faulty, &flag_faults);
    if (format != NULL && strcmp(format, "json") == 0) {
        print_json(cli, results, args->operand_count, &flag_faults);
    } else {
        for (size_t i = 0; i < args->operand_count; i++) {
            print_text(cli, args->operands[i], &results[i]);
        }
        cli_print_faults(cli, &flag_faults);
    }
    return check_end(cli, results, args->operand_count, faulty, &flag_faults);
}

const struct command command_check = {
    .name = "check",
    .alias = "validate",
    .operands = "SUITE...",
    .summary = "validate suites and their data without running; every fault with its place",
    .options = CHECK_OPTIONS,
    .run = check_run,
};
