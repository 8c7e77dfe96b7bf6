#include "cli/help.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "data/field.h"
#include "reporters/reporter.h"
#include "scorers/scorer.h"
#include "suites/schema.h"
#include "targets/target.h"

static void help_print(FILE *out, const struct buf *text)
{
    (void)fwrite(text->ptr == NULL ? "" : text->ptr, 1, text->len, out);
}

void help_overview(struct cli *cli, FILE *out)
{
    (void)fprintf(out, "assay %s: run evaluation suites, record every score, gate on the result\n\n", cli->version);
    (void)fprintf(out, "usage: assay COMMAND ...\n\n");
    for (size_t i = 0; COMMANDS[i] != NULL; i++) {
        const struct command *c = COMMANDS[i];
        int used = (int)(strlen(c->name) + strlen(c->operands) + 1);
        (void)fprintf(out, "  %s %s%*s%s\n", c->name, c->operands, used < 22 ? 22 - used : 1, "", c->summary);
    }
    (void)fprintf(out, "\nassay help COMMAND, or a topic: suite, scorers, targets, reporters, gates, templates, "
                       "project, exit-codes\n");
    (void)fprintf(out, "a first suite: assay init, then assay run suite.yaml\n");
}

/* The common options but those that the command has its own meaning for. */
static const struct option_row *common_of(struct cli *cli, const struct command *command)
{
    VEC(struct option_row) rows = {0};
    for (const struct option_row *row = COMMON_OPTIONS; row->name != NULL; row++) {
        const struct option_row *own = command->options;
        while (own != NULL && own->name != NULL && strcmp(own->name, row->name) != 0) {
            own++;
        }
        if (own == NULL || own->name == NULL) {
            *vec_push(&cli->arena, &rows) = *row;
        }
    }
    (void)vec_push(&cli->arena, &rows);
    return rows.items;
}

void help_command(struct cli *cli, const struct command *command)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    buf_printf(&text, "usage: assay %s%s%s\n\n%s\n\n", command->name, command->operands[0] == '\0' ? "" : " ",
               command->operands, command->summary);
    if (command->alias != NULL) {
        buf_printf(&text, "(also: assay %s)\n\n", command->alias);
    }
    args_help(command->options, &text);
    args_help(common_of(cli, command), &text);
    if (command->details != NULL) {
        buf_printf(&text, "\n%s\n", command->details);
    }
    help_print(cli->out, &text);
}

enum verdict help_unknown_command(struct cli *cli, const char *name)
{
    VEC(const char *) names = {0};
    for (size_t i = 0; COMMANDS[i] != NULL; i++) {
        *vec_push(&cli->arena, &names) = COMMANDS[i]->name;
        if (COMMANDS[i]->alias != NULL) {
            *vec_push(&cli->arena, &names) = COMMANDS[i]->alias;
        }
    }
    *vec_push(&cli->arena, &names) = NULL;
    const char *near = str_nearest(str_from(name), names.items);
    if (near != NULL) {
        return cli_usage(cli, "unknown command '%s': did you mean '%s'?", name, near);
    }
    return cli_usage(cli, "unknown command '%s': see assay help", name);
}

static void help_scorers(struct buf *out)
{
    buf_append_cstr(out, "Scorers turn an output into scores. `assay help scorer NAME` shows the options of one.\n\n");
    for (size_t i = 0; SCORERS[i] != NULL; i++) {
        buf_printf(out, "  %-12s %s\n", SCORERS[i]->name, SCORERS[i]->summary);
    }
    buf_append_cstr(out, "\nOptions common to all:\n");
    field_help(SCORER_COMMON_ROWS, 2, false, out);
}

static void help_targets(struct buf *out)
{
    buf_append_cstr(out, "A target is what is under test. `target:` holds exactly one of these keys, its options "
                         "beside it; those of opper in its map.\n");
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        buf_printf(out, "\n%s: %s\n", TARGETS[i]->name, TARGETS[i]->summary);
        field_help(TARGETS[i]->rows, 2, true, out);
    }
}

static void help_reporters(struct buf *out)
{
    buf_append_cstr(
        out,
        "--report FORMAT[=FILE], repeatable; also `assay report RUN --format FORMAT`. Without FILE a report goes to\n"
        "standard output, and the words for people to standard error.\n\n");
    for (size_t i = 0; REPORTERS[i] != NULL; i++) {
        buf_printf(out, "  %-12s %s\n", REPORTERS[i]->name, REPORTERS[i]->summary);
    }
}

static void help_exit_codes(struct buf *out)
{
    buf_append_cstr(out, "The last line of output, the JSON summary's \"verdict\" and the exit code say the same.\n\n");
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        if (VERDICTS[i].verdict == VERDICT_NO_BASELINE) {
            continue; /* it is said with VERDICT_EMPTY */
        }
        buf_printf(out, "  %3d  %-15s %s\n", VERDICTS[i].exit_code, VERDICTS[i].word, VERDICTS[i].meaning);
    }
}

static void help_gates(struct buf *out)
{
    buf_append_cstr(
        out, "A gate is a condition on a dimension's statistic over a run. Plain, the figure itself decides:\n\n"
             "  answer.pass_rate >= 80%                       share of cases that pass in that dimension\n"
             "  answer.mean[tag=hard] >= 0.6                  only the cases with a tag\n"
             "  answer.mean[variant=large] >= answer.mean[variant=mini] - 0.02\n"
             "  latency_ms.p95 <= 15s                         durations for dimensions in _ms\n"
             "  queue.recall[label=billing] >= 75%            per class of a one_of\n"
             "  errors <= 2                                   bare: pass_rate score cases samples errors error_rate\n"
             "  latency_ms.p95 <= baseline * 1.1              the same cases of a baseline\n\n"
             "With confidence it has to be shown, and chance is allowed for:\n\n"
             "  answer.pass_rate >= 80% with 95% confidence   fails unless at least 80% is shown\n"
             "  answer.mean >= baseline - 0.02 with 95% confidence\n"
             "  no regression of answer.mean beyond 0.02      fails only when a drop of more than 0.02 is shown (95%)\n"
             "  no regression of latency_ms.p95 beyond 200ms  what is worse follows from the dimension's direction\n\n"
             "What cannot be told is said, with what could have been seen and how many cases it would take.\n\n"
             "statistics: mean pass_rate min max sum count stddev p1..p99 pass@K pass^K not_scored f1_macro recall "
             "precision\n"
             "            with confidence: mean pass_rate p1..p99 pass@K pass^K, bare pass_rate and score\n"
             "operators:  >= <= > < == != between blanks; == and != only for counts\n"
             "a gate without [variant=] holds for every variant by itself, against the baseline of the same variant\n"
             "in a flow list a gate with [ has to be quoted\n"
             "no gates at all: judged as pass_rate >= 100%\n\n"
             "long form:\n");
    schema_help_gate(out);
}

static void help_templates(struct buf *out)
{
    buf_append_cstr(
        out,
        "{{ path }}, {{ path | default(literal) }}, {{ path | json }}, {{ path | trim }}; {{ \"{{\" }} is two braces.\n"
        "A text that is exactly one {{...}} keeps the value's type. Quote it: YAML reads a bare {{x}} as a map.\n\n"
        "  row.NAME      a field of the data row          vars.NAME     a variable (case, dataset, suite)\n"
        "  NAME          the same: vars, then row         env.NAME      the environment (labels, model, vars, env)\n"
        "  id input expected tags trial variant suite     output meta.*  in scorers\n\n"
        "A name that nobody defines is an error before the first call.\n");
}

static void help_project(struct buf *out)
{
    buf_append_cstr(
        out, "The project file: assay.yaml in the folder that holds .assay (or .git). Defaults for every command of "
             "the project;\n"
             "a flag, the environment or a suite that says otherwise wins. Paths are from the file's own folder.\n\n");
    project_help(out);
}

static enum verdict help_scorer(struct cli *cli, const char *name)
{
    const struct scorer *scorer = scorer_find(str_from(name));
    if (scorer == NULL) {
        const char *near = str_nearest(str_from(name), scorer_names(&cli->arena));
        return near == NULL ? cli_usage(cli, "no scorer '%s': see assay help scorers", name)
                            : cli_usage(cli, "no scorer '%s': did you mean '%s'?", name, near);
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    buf_printf(&text, "%s: %s\n\n", scorer->name, scorer->summary);
    field_help(scorer_rows(&cli->arena, scorer), 2, true, &text);
    help_print(cli->out, &text);
    return VERDICT_PASSED;
}

static const struct {
    const char *name;
    void (*write)(struct buf *out);
} TOPICS[] = {
    {"suite", schema_help_suite},  {"scorers", help_scorers},       {"targets", help_targets},
    {"reporters", help_reporters}, {"gates", help_gates},           {"templates", help_templates},
    {"project", help_project},     {"exit-codes", help_exit_codes},
};

/* As it is called, or one of them: `help target`. */
static bool is_topic(const char *name, const char *word)
{
    size_t len = strlen(name);
    return strcmp(name, word) == 0 ||
           (name[len - 1] == 's' && strlen(word) == len - 1 && strncmp(name, word, len - 1) == 0);
}

static enum verdict help_run(struct cli *cli, const struct args *args)
{
    if (args->operand_count == 0) {
        help_overview(cli, cli->out);
        return VERDICT_PASSED;
    }
    const char *topic = args->operands[0];
    if (is_topic("scorers", topic) && args->operand_count == 2) {
        return help_scorer(cli, args->operands[1]);
    }
    const struct command *command = command_find(topic);
    if (command != NULL) {
        help_command(cli, command);
        return VERDICT_PASSED;
    }
    for (size_t i = 0; i < ARRAY_LEN(TOPICS); i++) {
        if (is_topic(TOPICS[i].name, topic)) {
            struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
            TOPICS[i].write(&text);
            help_print(cli->out, &text);
            return VERDICT_PASSED;
        }
    }
    if (scorer_find(str_from(topic)) != NULL) {
        return help_scorer(cli, topic);
    }
    return cli_usage(cli,
                     "no help on '%s': topics are suite, scorers, scorer NAME, targets, reporters, gates, templates, "
                     "project, exit-codes",
                     topic);
}

const struct command command_help = {
    .name = "help",
    .ignores_project = true,
    .operands = "[TOPIC]",
    .summary = "help on a command or a topic",
    .run = help_run,
};

static enum verdict version_run(struct cli *cli, const struct args *args)
{
    if (args->operand_count > 0) {
        return cli_usage(cli, "version takes no operand");
    }
    (void)fprintf(cli->out, "assay %s\n", cli->version);
    return VERDICT_PASSED;
}

const struct command command_version = {
    .name = "version",
    .ignores_project = true,
    .operands = "",
    .summary = "the version of this program",
    .run = version_run,
};
