/* The field tables of the suite language: parsing, messages, `assay schema` and help all come from these rows. What needs more than its own node
 * (targets, cases, scorers, gates) is only kept here and decoded where it belongs. */

#include <stddef.h>

#include "base/diag.h"
#include "base/limits.h"
#include "base/num.h"
#include "model/gate.h"
#include "model/suite.h"
#include "suites/schema.h"
#include "suites/schema_parts.h"
#include "suites/spec.h"

static bool keep_list(struct field_context *ctx, const struct field *field, const struct value *node, void *target)
{
    if (node->kind != VALUE_LIST) {
        diag_add(ctx->diag, node->pos, "'%s' is a list, not %s", field->key, value_kind_name(node->kind));
        return diag_hint(ctx->diag, "one entry a line, each after '- '");
    }
    *(const struct value **)target = node;
    return true;
}

/* What reads the node later checks what it is: it knows best what to say of one that is no map. */
static bool keep_node(struct field_context *ctx, const struct field *field, const struct value *node, void *target)
{
    (void)ctx;
    (void)field;
    *(const struct value **)target = node;
    return true;
}

static bool parse_pass_trials(struct field_context *ctx, const struct field *field, const struct value *node,
                              void *target)
{
    struct pass_trials_spec *ret = target;
    uint64_t count = 0;
    if (node->kind == VALUE_TEXT && str_eq(node->text, STR("all"))) {
        *ret = (struct pass_trials_spec){PASS_TRIALS_ALL, 0};
    } else if (node->kind == VALUE_TEXT && str_eq(node->text, STR("any"))) {
        *ret = (struct pass_trials_spec){PASS_TRIALS_ANY, 0};
    } else if (node->kind == VALUE_TEXT && node->is_plain && num_parse_u64(node->text, &count) && count >= 1 &&
               count <= LIMIT_TRIALS) {
        *ret = (struct pass_trials_spec){PASS_TRIALS_COUNT, (uint32_t)count};
    } else {
        diag_add(ctx->diag, node->pos, "'%s' is all, any, or a count from 1", field->key);
        return diag_hint(ctx->diag, "how many trials of a case have to pass for the case to pass");
    }
    return true;
}

static const char *const ON_ERROR_WORDS[] = {[ON_ERROR_ERROR] = "error", [ON_ERROR_FAIL] = "fail", NULL};
static const char *const FORMAT_WORDS[] = {
    [DATASET_JSONL] = "jsonl", [DATASET_CSV] = "csv", [DATASET_TSV] = "tsv", NULL};
static const char *const UNKNOWN_WORDS[] = {"pass", "fail", NULL};
static const char *const MISSING_WORDS[] = {[BASELINE_MISSING_FAIL] = "fail", [BASELINE_MISSING_SKIP] = "skip", NULL};
static const char *const SEVERITY_WORDS[] = {[GATE_FAIL] = "fail", [GATE_WARN] = "warn", NULL};

enum {
    ROOTS_CASE = ROOT_VARS | ROOT_CASE,      /* input and expected of a case in the suite */
    ROOTS_ROW = ROOT_ROW | ROOT_BARE_IS_ROW, /* what a data row gives */
    ROOTS_ROW_VARS = ROOT_ROW | ROOT_BARE_IS_ROW | ROOT_VARS
};

#define KEY(struct_name, member) .offset = offsetof(struct struct_name, member)

static bool parse_cost(struct field_context *ctx, const struct field *field, const struct value *node, void *target)
{
    struct err err = ERR_NULL;
    double usd = 0;
    if (node->kind == VALUE_TEXT && field_parse_cost(node->text, &usd, &err)) {
        *(double *)target = usd;
        return true;
    }
    diag_add(ctx->diag, node->pos, "'%s' %s", field->key,
             err.kind == ERR_NONE ? "is an amount of dollars, such as 5usd" : err.text);
    return false;
}

static const struct field BUDGET_ROWS[] = {
    {.key = "cost",
     .type = FIELD_CUSTOM,
     KEY(budget_spec, cost_usd),
     .parse = parse_cost,
     .schema = schema_cost,
     .help = "the run stops once so much is spent, on targets and judges, as far as they say what they cost: 5usd"},
    {.key = "time", .type = FIELD_DURATION, KEY(budget_spec, time_ns), .help = "the run stops after this time"},
    {.key = NULL},
};

static const struct field ON_ERROR_ROWS[] = {
    {.key = "exit",
     .type = FIELD_WORD,
     KEY(on_error_spec, exit),
     .words = ON_ERROR_WORDS,
     .default_text = "error",
     .help = "a program that ends with another status than 0"},
    {.key = "output_limit",
     .type = FIELD_WORD,
     KEY(on_error_spec, output_limit),
     .words = ON_ERROR_WORDS,
     .default_text = "error",
     .help = "more output than max_output"},
    {.key = "timeout",
     .type = FIELD_WORD,
     KEY(on_error_spec, timeout),
     .words = ON_ERROR_WORDS,
     .default_text = "error",
     .help = "no answer within the timeout"},
    {.key = NULL},
};

const struct field DATASET_ROWS[] = {
    {.key = "file",
     .type = FIELD_TEXT,
     KEY(dataset_spec, file),
     .is_required = true,
     .is_short_form = true,
     .help = "path of the data file, from the suite's folder"},
    {.key = "format",
     .type = FIELD_WORD,
     KEY(dataset_spec, format),
     .words = FORMAT_WORDS,
     .default_text = "by the file's ending",
     .help = "jsonl: one JSON map a line; csv and tsv: the first record names the columns"},
    {.key = "id",
     .type = FIELD_TEMPLATE,
     KEY(dataset_spec, id),
     .template_roots = ROOTS_ROW_VARS,
     .default_text = "file name and digest",
     .help = "the case's id"},
    {.key = "input",
     .type = FIELD_TEMPLATE,
     KEY(dataset_spec, input),
     .template_roots = ROOTS_ROW_VARS,
     .help = "what the target is given; a bare name is a column"},
    {.key = "expected",
     .type = FIELD_TEMPLATE,
     KEY(dataset_spec, expected),
     .template_roots = ROOTS_ROW_VARS,
     .help = "what is wanted of it"},
    {.key = "vars",
     .type = FIELD_TEMPLATE,
     KEY(dataset_spec, vars),
     .template_roots = ROOTS_ROW | ROOT_ENV,
     .help = "a map of variables for templates"},
    {.key = "tags",
     .type = FIELD_TEMPLATE,
     KEY(dataset_spec, tags),
     .template_roots = ROOTS_ROW_VARS,
     .help = "a text or a list of texts, to select and to gate by"},
    {.key = "cluster",
     .type = FIELD_TEMPLATE,
     KEY(dataset_spec, cluster),
     .template_roots = ROOTS_ROW_VARS,
     .default_text = "each case its own",
     .help = "cases of one cluster are not independent"},
    {.key = "limit",
     .type = FIELD_COUNT,
     KEY(dataset_spec, limit),
     .min = 1,
     .max = 1e15,
     .default_text = "all rows",
     .help = "only the first so many rows"},
    {.key = "sample",
     .type = FIELD_COUNT,
     KEY(dataset_spec, sample),
     .min = 1,
     .max = 1e15,
     .default_text = "all rows",
     .help = "so many rows drawn at random, the same ones for the same seed"},
    {.key = "seed", .type = FIELD_COUNT, KEY(dataset_spec, seed), .default_text = "0", .help = "of `sample`"},
    {.key = NULL},
};

const struct field CASE_ROWS[] = {
    {.key = "id",
     .type = FIELD_NAME,
     KEY(case_spec, id),
     .default_text = "case and digest",
     .help = "names the case in reports and over time; no template"},
    {.key = "input",
     .type = FIELD_TEMPLATE,
     KEY(case_spec, input),
     .template_roots = ROOTS_CASE,
     .help = "what the target is given: text, or any value"},
    {.key = "expected",
     .type = FIELD_TEMPLATE,
     KEY(case_spec, expected),
     .template_roots = ROOTS_CASE,
     .help = "what is wanted of it"},
    {.key = "vars",
     .type = FIELD_TEMPLATE,
     KEY(case_spec, vars),
     .template_roots = ROOT_ENV,
     .help = "a map of variables for templates; they beat the suite's"},
    {.key = "tags", .type = FIELD_TEXT_LIST, KEY(case_spec, tags), .help = "to select and to gate by"},
    {.key = "cluster",
     .type = FIELD_NAME,
     KEY(case_spec, cluster),
     .default_text = "each case its own",
     .help = "cases of one cluster are not independent"},
    {.key = "scorers",
     .type = FIELD_CUSTOM,
     KEY(case_spec, scorer_nodes),
     .parse = keep_list,
     .schema = schema_scorers,
     .help = "for this case, besides the suite's"},
    {.key = "skip",
     .type = FIELD_NAME,
     KEY(case_spec, skip),
     .help = "a reason: the case is named and counted, not run"},
    {.key = "timeout",
     .type = FIELD_DURATION,
     KEY(case_spec, timeout_ns),
     .default_text = "the suite's",
     .help = "of one attempt"},
    {.key = NULL},
};

static const struct field BASELINE_OPPER_ROWS[] = {
    {.key = "label", .type = FIELD_NAME, .offset = 0, .is_required = true, .help = "key=value"},
    {.key = NULL},
};

const struct field BASELINE_ROWS[] = {
    {.key = "file", .type = FIELD_NAME, KEY(baseline_spec, file), .help = "an exported file, from the suite's folder"},
    {.key = "run", .type = FIELD_NAME, KEY(baseline_spec, run), .help = "a run by its id, name, or latest~1"},
    {.key = "label",
     .type = FIELD_NAME,
     KEY(baseline_spec, label),
     .help = "key=value: the newest run with it that passed, whole and of a clean tree"},
    {.key = "opper",
     .type = FIELD_MAP,
     KEY(baseline_spec, opper),
     .rows = BASELINE_OPPER_ROWS,
     .help = "the same of the runs on Opper: what the store lacks is brought in before anything is paid for"},
    {.key = "runs",
     .type = FIELD_COUNT,
     KEY(baseline_spec, runs),
     .min = 1,
     .max = 100,
     .default_text = "1",
     .help = "of a label, here or on Opper: so many runs, averaged case by case"},
    {.key = "variant",
     .type = FIELD_NAME,
     KEY(baseline_spec, variant),
     .help = "another variant of the same invocation; it is not judged against itself"},
    {.key = "min_overlap",
     .type = FIELD_SHARE,
     KEY(baseline_spec, min_overlap),
     .default_text = "90%",
     .help = "the share of its cases that has to be comparable, else no verdict (exit 4)"},
    {.key = "missing",
     .type = FIELD_WORD,
     KEY(baseline_spec, missing),
     .words = MISSING_WORDS,
     .default_text = "fail",
     .help = "when none is found: fail = no verdict (exit 4), skip = its gates are not judged"},
    {.key = NULL},
};

const struct field GATE_ROWS[] = {
    {.key = "gate",
     .type = FIELD_TEXT,
     KEY(gate_spec, text),
     .is_required = true,
     .is_short_form = true,
     .help = "a condition on a statistic: answer.pass_rate >= 80%"},
    {.key = "baseline",
     .type = FIELD_CUSTOM,
     KEY(gate_spec, baseline),
     .parse = keep_node,
     .schema = schema_baseline,
     .default_text = "the suite's",
     .help = "what this gate compares with"},
    {.key = "min_cases",
     .type = FIELD_COUNT,
     KEY(gate_spec, min_cases),
     .min = 1,
     .max = 1e9,
     .default_text = "20",
     .help = "with confidence: with fewer cases it cannot tell"},
    {.key = "on_inconclusive",
     .type = FIELD_WORD,
     KEY(gate_spec, on_inconclusive),
     .words = UNKNOWN_WORDS,
     .default_text = "fail, of a regression pass",
     .help = "what it means when the gate cannot tell"},
    {.key = "severity",
     .type = FIELD_WORD,
     KEY(gate_spec, severity),
     .words = SEVERITY_WORDS,
     .default_text = "fail",
     .help = "warn: shown, never counted"},
    {.key = NULL},
};

const struct field INCLUDE_ROWS[] = {
    {.key = "cases",
     .type = FIELD_CUSTOM,
     KEY(include_spec, cases),
     .parse = keep_list,
     .schema = schema_cases,
     .help = "cases, as in a suite"},
    {.key = "include",
     .type = FIELD_TEXT_LIST,
     KEY(include_spec, include),
     .help = "further files, from this file's folder"},
    {.key = "scorers",
     .type = FIELD_CUSTOM,
     KEY(include_spec, scorers),
     .parse = keep_list,
     .schema = schema_scorers,
     .help = "scorers, as in a suite"},
    {.key = NULL},
};

const struct field SUITE_ROWS[] = {
    {.key = "suite",
     .type = FIELD_NAME,
     KEY(suite_spec, name),
     .is_required = true,
     .help = "the suite's name: with the variant it names the run"},
    {.key = "description", .type = FIELD_TEXT, KEY(suite_spec, description), .help = "for people"},
    {.key = "target",
     .type = FIELD_CUSTOM,
     KEY(suite_spec, target),
     .is_required = true,
     .parse = keep_node,
     .schema = schema_target,
     .help = "what is under test: exactly one of command, opper, replay, shell"},
    {.key = "variants",
     .type = FIELD_CUSTOM,
     KEY(suite_spec, variants),
     .parse = keep_list,
     .schema = schema_variants,
     .help = "the target with other values of its keys; each is a run of its own"},
    {.key = "trials",
     .type = FIELD_COUNT,
     KEY(suite_spec, trials),
     .min = 1,
     .max = LIMIT_TRIALS,
     .default_text = "1",
     .help = "repetitions of every case"},
    {.key = "reduce",
     .type = FIELD_WORD,
     KEY(suite_spec, reduce),
     .words = REDUCE_WORDS,
     .default_text = "mean",
     .help = "how the trials of a case become one number"},
    {.key = "pass_trials",
     .type = FIELD_CUSTOM,
     KEY(suite_spec, pass_trials),
     .parse = parse_pass_trials,
     .schema = schema_pass_trials,
     .default_text = "all",
     .help = "how many trials have to pass: all, any, or a count"},
    {.key = "pass_score",
     .type = FIELD_NUMBER,
     KEY(suite_spec, pass_score),
     .min = 0,
     .max = 1,
     .help = "a sample passes with this score, and when no required score failed"},
    {.key = "concurrency",
     .type = FIELD_COUNT,
     KEY(suite_spec, concurrency),
     .min = 1,
     .max = LIMIT_CONCURRENCY,
     .default_text = "16",
     .help = "samples in flight"},
    {.key = "rate", .type = FIELD_RATE, KEY(suite_spec, rate_per_s), .help = "samples started in a time: 20/s, 300/m"},
    {.key = "timeout",
     .type = FIELD_DURATION,
     KEY(suite_spec, timeout_ns),
     .default_text = "60s; opper 120s",
     .help = "of one attempt"},
    {.key = "deadline",
     .type = FIELD_DURATION,
     KEY(suite_spec, deadline_ns),
     .help = "of a sample over all its attempts"},
    {.key = "retries",
     .type = FIELD_COUNT,
     KEY(suite_spec, retries),
     .max = 100,
     .default_text = "0; opper 3",
     .help = "repeats after the first attempt: transport faults only, never a wrong answer",
     .has_set = true,
     .set_offset = offsetof(struct suite_spec, retries_is_set)},
    {.key = "budget", .type = FIELD_MAP, KEY(suite_spec, budget), .rows = BUDGET_ROWS, .help = "limits of the run"},
    {.key = "allow_errors",
     .type = FIELD_SHARE,
     KEY(suite_spec, allow_errors),
     .default_text = "0",
     .help = "errored samples that leave a verdict: a count, or a share such as 1%"},
    {.key = "on_error",
     .type = FIELD_MAP,
     KEY(suite_spec, on_error),
     .rows = ON_ERROR_ROWS,
     .help = "which errors of a program count as a failed case"},
    {.key = "dataset",
     .type = FIELD_CUSTOM,
     KEY(suite_spec, dataset),
     .parse = keep_node,
     .schema = schema_dataset,
     .help = "a data file and how its rows become cases"},
    {.key = "cases",
     .type = FIELD_CUSTOM,
     KEY(suite_spec, cases),
     .parse = keep_list,
     .schema = schema_cases,
     .help = "cases written here; they follow the dataset's"},
    {.key = "vars",
     .type = FIELD_TEMPLATE,
     KEY(suite_spec, vars),
     .template_roots = ROOT_ENV,
     .help = "a map of variables for templates"},
    {.key = "scorers",
     .type = FIELD_CUSTOM,
     KEY(suite_spec, scorers),
     .parse = keep_list,
     .schema = schema_scorers,
     .help = "for every case"},
    {.key = "baseline",
     .type = FIELD_CUSTOM,
     KEY(suite_spec, baseline),
     .parse = keep_node,
     .schema = schema_baseline,
     .help = "what gates compare with: a place, or a list of places tried in order"},
    {.key = "gates",
     .type = FIELD_CUSTOM,
     KEY(suite_spec, gates),
     .parse = keep_list,
     .schema = schema_gates,
     .default_text = "pass_rate >= 100%",
     .help = "conditions that decide the verdict"},
    {.key = "include",
     .type = FIELD_TEXT_LIST,
     KEY(suite_spec, include),
     .help = "files with further scorers and cases, from this file's folder"},
    {.key = "labels",
     .type = FIELD_TEMPLATE,
     KEY(suite_spec, labels),
     .template_roots = ROOT_ENV,
     .help = "a map of texts, recorded with the run"},
    {.key = "record",
     .type = FIELD_MAP,
     KEY(suite_spec, record),
     .rows = RECORD_ROWS,
     .help = "what of a run is recorded on Opper; alone: the mode"},
    {.key = "setup", .type = FIELD_TEXT_LIST, KEY(suite_spec, setup), .help = "program and arguments, run once before"},
    {.key = "teardown",
     .type = FIELD_TEXT_LIST,
     KEY(suite_spec, teardown),
     .help = "program and arguments, run once after"},
    {.key = NULL},
};
