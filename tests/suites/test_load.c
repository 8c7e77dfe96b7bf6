/* The suite file as a whole: what is refused, where, with which words; then what a good one comes to. */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "suites/spec.h"
#include "tests/check.h"
#include "tests/suites/suite_text.h"

#define HEAD "suite: s\ntarget: {command: [cat]}\n"
#define SCORERS "scorers: [exact]\n"
#define CASES "cases: [{id: a, input: x, expected: y}]\n"
#define GOOD HEAD SCORERS CASES

static const struct wrong_suite WRONG[] = {
    {"empty file", "", "the file is empty", "suite: NAME", 1, 1},
    {"a list", "- a\n", "a suite file is a map of keys", NULL, 1, 1},
    {"no name", "target: {command: [cat]}\n" SCORERS CASES, "'suite' is missing", NULL, 1, 1},
    {"no target", "suite: s\n" SCORERS CASES, "'target' is missing", NULL, 1, 1},
    {"no scorer", HEAD CASES, "the suite has no scorer", "scorers", 1, 1},
    {"no scorer in the list", HEAD CASES "scorers: []\n", "the suite has no scorer", "scorers", 1, 1},
    {"no case", HEAD SCORERS, "no case and no dataset", "cases", 1, 1},
    {"no case in the list", HEAD SCORERS "cases: []\n", "no case and no dataset", "cases", 1, 1},
    {"nothing below cases", HEAD SCORERS "cases:\n", "'cases' is a list", NULL, 0, 0},
    {"cases a map", HEAD SCORERS "cases: {a: b}\n", "'cases' is a list, not a map", "- ", 4, 8},
    {"a case that is a text", HEAD SCORERS "cases: [x]\n", "a case is a map", "- {id:", 4, 9},
    {"one case without a scorer", HEAD "cases:\n  - {id: a, scorers: [exact]}\n  - {id: b}\n",
     "no scorer looks at this case", "scorers", 5, 5},
    {"unknown key", GOOD "concurency: 3\n", "unknown key 'concurency'", "concurrency", 5, 1},
    {"unknown key in a case", HEAD SCORERS "cases:\n  - {id: a, inputt: x}\n", "unknown key 'inputt'", "input", 5, 13},
    {"duplicate key", GOOD "suite: t\n", "suite", NULL, 5, 1},
    {"unquoted template", HEAD SCORERS "cases:\n  - {id: a, input: {{x}}}\n", "", "quote", 5, 0},
    {"merge key", HEAD SCORERS "cases:\n  - &a {id: a}\n  - {<<: *a, id: b}\n", "<<", NULL, 6, 0},
    {"duration without unit", GOOD "timeout: 60\n", "timeout", "60s", 5, 10},
    {"duration in a case", HEAD SCORERS "cases:\n  - {id: a, timeout: 5}\n", "cases[0]", "5s", 5, 22},
    {"trials zero", GOOD "trials: 0\n", "trials", NULL, 5, 9},
    {"trials a word", GOOD "trials: three\n", "trials", NULL, 5, 9},
    {"trials quoted", GOOD "trials: '3'\n", "trials", NULL, 5, 9},
    {"concurrency over the limit", GOOD "concurrency: 5000\n", "concurrency", NULL, 5, 14},
    {"pass_trials", GOOD "pass_trials: most\n", "all, any, or a count", NULL, 5, 14},
    {"pass_trials over trials", GOOD "trials: 2\npass_trials: 3\n", "'pass_trials' is 3", "trials", 6, 14},
    {"pass_score", GOOD "pass_score: 80\n", "pass_score", NULL, 5, 13},
    {"allow_errors", GOOD "allow_errors: some\n", "allow_errors", NULL, 5, 15},
    {"rate", GOOD "rate: 20\n", "rate", "20/s", 5, 7},
    {"reduce", GOOD "reduce: avg\n", "reduce", NULL, 5, 9},
    {"on_error word", GOOD "on_error: {exit: skip}\n", "exit", NULL, 5, 18},
    {"on_error kind", GOOD "on_error: {network: fail}\n", "unknown key 'network'", NULL, 5, 12},
    {"control in the name", "suite: \"a\\tb\"\ntarget: {command: [cat]}\n" SCORERS CASES, "suite", NULL, 1, 8},
    {"template in the name", "suite: \"{{x}}\"\ntarget: {command: [cat]}\n" SCORERS CASES, "template", NULL, 1, 8},
    {"template in an id", HEAD SCORERS "cases: [{id: \"{{x}}\"}]\n", "template", NULL, 4, 14},
    {"vars a list", GOOD "vars: [a]\n", "'vars' is a map", NULL, 5, 7},
    {"case vars a text", HEAD SCORERS "cases: [{id: a, vars: x}]\n", "'vars' is a map", NULL, 4, 23},
    {"labels a list", GOOD "labels: [a]\n", "'labels' is a map", NULL, 5, 9},
    {"label that is a list", GOOD "labels: {a: [b]}\n", "'a' is a text", NULL, 5, 13},
    {"label from a variable", GOOD "labels: {a: \"{{vars.x}}\"}\n", "", "env", 5, 14},
    {"label from env that is not set", GOOD "labels: {a: \"{{env.NOPE}}\"}\n", "env.NOPE", NULL, 5, 14},
    {"label from a secret", GOOD "labels: {a: \"{{env.API_KEY}}\"}\n", "API_KEY", NULL, 5, 14},
    {"vars that use vars", GOOD "vars: {a: b, c: \"{{vars.a}}\"}\n", "", NULL, 5, 18},
    {"setup a line for a shell", GOOD "setup: make db\n", "not a line for a shell", "[program", 5, 8},
    {"setup empty", GOOD "setup: []\n", "names no program", NULL, 5, 8},
    {"duplicate ids", HEAD SCORERS "cases:\n  - {id: a, input: x}\n  - {id: b}\n  - {id: a, input: y}\n",
     "case id 'a' is used twice: first in line 5", "another", 7, 5},
    {"equal cases without id", HEAD SCORERS "cases:\n  - {input: x}\n  - {input: y}\n  - {input: x}\n",
     "the same as the one in line 5", "trials", 7, 5},
    {"undefined variable in an input", HEAD SCORERS "cases:\n  - {id: a, input: 'say {{colour}}'}\n", "colour", NULL, 5,
     25},
    {"undefined variable in a scorer", HEAD CASES "scorers:\n  - exact: {expected: '{{vars.colour}}'}\n", "colour",
     NULL, 5, 24},
    {"undefined variable in a target", "suite: s\ntarget: {command: [cat, '{{colour}}']}\n" SCORERS CASES, "colour",
     NULL, 2, 26},
    {"expected of a case that has none", HEAD "scorers:\n  - exact: {expected: '{{expected}}'}\ncases: [{id: a}]\n",
     "case 'a'", NULL, 4, 24},
    {"template without end", HEAD SCORERS "cases:\n  - {id: a, input: 'say {{colour'}\n", "", NULL, 5, 0},
    {"row in a written case", HEAD SCORERS "cases:\n  - {id: a, input: '{{row.x}}'}\n", "row", NULL, 5, 21},
    {"an empty tag", HEAD SCORERS "cases: [{id: a, tags: ['']}]\n", "a tag is empty", NULL, 4, 23},
    {"a fault in a case hides no fault of its own making",
     HEAD SCORERS "cases: [{id: a, tags: {b: c}}]\n"
                  "gates: ['pass_rate[tag=b] >= 1']\n",
     "'tags'", NULL, 4, 23},
    {"an include that is missing may hold the scorer and the tag",
     HEAD SCORERS CASES "include: nowhere.yaml\ngates: ['more.pass_rate[tag=b] >= 1']\n", "nowhere.yaml", NULL, 5, 10},
    {"a backslash in a double-quoted pattern", HEAD "scorers: [{regex: {pattern: \"\\\\d\"}}]\n" CASES, "pattern", NULL,
     3, 29},
    {"a backslash in a double-quoted extract", HEAD "scorers: [{numeric: {extract: \"\\\\d\", expected: 1}}]\n" CASES,
     "extract", NULL, 3, 31},
    {"record", GOOD "record: {mode: always}\n", "always", NULL, 5, 16},
    {"record, alone", GOOD "record: always\n", "always", NULL, 5, 9},
    {"record, an unknown key", GOOD "record: {output: full}\n", "unknown key 'output'", "did you mean 'outputs'?", 5,
     10},
    {"record, too small", GOOD "record: {max_bytes: 10}\n", "256", NULL, 5, 21},
    {"stop_early", GOOD "stop_early: true\n", "'stop_early' is not in this version", NULL, 5, 1},
    {"a budget without unit", GOOD "budget: {cost: 5}\n", "wants dollars above zero, with their unit (5usd", NULL, 5,
     16},
    {"a budget of nothing", GOOD "budget: {cost: 0usd}\n", "wants dollars above zero", NULL, 5, 16},
    {"a budget of another currency", GOOD "budget: {cost: 5eur}\n", "wants dollars above zero", NULL, 5, 16},
    {"a budget that is a list", GOOD "budget: {cost: [5usd]}\n", "an amount of dollars", NULL, 5, 16},
    {"opper without a name", "suite: s\ntarget:\n  opper: {model: x}\n" SCORERS CASES,
     "neither a task nor a stored function", "'name'", 3, 10},
    {"a prompt of opper", "suite: s\ntarget: {opper: {name: x, prompt: y}}\n" SCORERS CASES, "unknown key 'prompt'",
     "'instructions'", 2, 27},
    {"a model beside opper", "suite: s\ntarget: {opper: {name: x}, model: y}\n" SCORERS CASES, "unknown key 'model'",
     "map of 'opper'", 2, 28},
};

/* What hands trained elsewhere type, and the word that the hint has to hold. */
static const struct {
    const char *text, *key, *hint;
} FOREIGN[] = {
    {HEAD SCORERS "tests: []\n" CASES, "tests", "'cases'"},
    {GOOD "providers: []\n", "providers", "'target'"},
    {GOOD "prompts: []\n", "prompts", "target"},
    {GOOD "repeat: 3\n", "repeat", "'trials'"},
    {GOOD "metric: accuracy\n", "metric", "dimension"},
    {GOOD "assert: []\n", "assert", "'scorers'"},
    {GOOD "metrics: []\n", "metrics", "'scorers'"},
    {GOOD "thresholds: []\n", "thresholds", "'gates'"},
    {GOOD "model: x\n", "model", "target"},
    {GOOD "data: x\n", "data", "'dataset'"},
    {HEAD SCORERS "cases: [{id: a, assert: []}]\n", "assert", "'scorers'"},
    {HEAD SCORERS "cases: [{id: a, ideal: x}]\n", "ideal", "'expected'"},
    {HEAD SCORERS "cases: [{name: a}]\n", "name", "'id'"},
    {HEAD SCORERS "dataset: {file: x.jsonl, path: y}\n", "path", "'file'"},
    {"suite: s\ntarget: {exec: cat}\n" SCORERS CASES, "exec", "'command'"},
    {"suite: s\ntarget: {python: x.py}\n" SCORERS CASES, "python", "command: [python3"},
    {"suite: s\ntarget: {command: [cat], retries: 3}\n" SCORERS CASES, "retries", "top of the suite"},
};

static void test_wrong(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        check_wrong(&t, &WRONG[i]);
    }
}

static void test_foreign(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    (void)temp_file(&t.dir, "x.jsonl", STR("{}\n"));
    for (size_t i = 0; i < ARRAY_LEN(FOREIGN); i++) {
        char part[80];
        (void)snprintf(part, sizeof(part), "unknown key '%s'", FOREIGN[i].key);
        CHECK(FOREIGN[i].key, !suite_text_load(&t, FOREIGN[i].text));
        const struct fault *fault = suite_text_fault(&t, part);
        CHECK(FOREIGN[i].key, fault != NULL);
        if (fault != NULL) {
            CHECK_CONTAINS(FOREIGN[i].key, fault->hint, FOREIGN[i].hint);
        }
    }
}

static void test_all_faults_at_once(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    CHECK("refused", !suite_text_load(&t, "suite: s\n"
                                          "target: {command: [cat], wat: 1}\n"
                                          "trials: many\n"
                                          "timeout: 5\n"
                                          "scorers:\n"
                                          "  - exact: {nope: 1}\n"
                                          "cases:\n"
                                          "  - {id: a, timeout: 7}\n"
                                          "  - {idd: b}\n"
                                          "gates:\n"
                                          "  - exact.pass_rate >= 80\n"));
    static const char *const PARTS[] = {"wat", "trials", "timeout", "nope", "cases[0]", "idd", "gate"};
    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
        CHECK(PARTS[i], suite_text_fault(&t, PARTS[i]) != NULL);
    }
}

static void test_many_faults(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
    suite_text_open(&t);
    buf_append_cstr(&text, HEAD SCORERS "cases:\n");
    for (int i = 0; i < 50; i++) {
        buf_printf(&text, "  - {id: c%d, timeout: 5}\n", i);
    }
    CHECK("refused", !suite_text_load(&t, text.ptr));
    CHECK_INT("twenty are kept", t.diag.faults.len, 20);
    CHECK_INT("the rest is counted", t.diag.dropped, 30);
}

static void test_good(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    if (!suite_text_load_clean(&t, "good",
                               "suite: s\n"
                               "description: d\n"
                               "target: {command: [cat]}\n"
                               "trials: 3\nreduce: median\npass_trials: 2\npass_score: 0.5\n"
                               "concurrency: 7\nrate: 20/s\ntimeout: 250ms\ndeadline: 5m\nretries: 2\n"
                               "budget: {time: 2h, cost: 0.50usd}\nallow_errors: 1%\non_error: {exit: fail}\n"
                               "vars: {region: \"{{env.REGION}}\", n: 3, list: [a, 'b']}\n"
                               "labels: {team: support, region: 'in {{env.REGION}}', build: 7}\n"
                               "setup: [make, db]\nteardown: ./stop\n" SCORERS CASES)) {
        return;
    }
    const struct suite *s = t.suite;
    CHECK_CSTR("name", s->name, "s");
    CHECK_INT("trials", s->trials, 3);
    CHECK_INT("reduce", s->reduce, REDUCE_MEDIAN);
    CHECK_INT("pass_trials", s->pass_trials_count, 2);
    CHECK_DOUBLE("pass_score", s->pass_score, 0.5, 0);
    CHECK_INT("concurrency", s->concurrency, 7);
    CHECK_DOUBLE("rate", s->rate_per_s, 20, 0);
    CHECK_INT("timeout", s->timeout_ns, 250 * NS_PER_MS);
    CHECK_INT("deadline", s->deadline_ns, 300 * NS_PER_S);
    CHECK("retries", s->retries_is_set && s->retries == 2);
    CHECK_INT("budget", s->budget_time_ns, 7200 * NS_PER_S);
    CHECK_DOUBLE("budget", s->budget_cost_usd, 0.5, 0);
    CHECK("allow_errors", s->allow_errors.is_share && s->allow_errors.value == 0.01);
    CHECK("on_error", s->on_exit == ON_ERROR_FAIL && s->on_timeout == ON_ERROR_ERROR);
    CHECK_CSTR("vars from env", value_get(&s->vars, STR("region"))->text, "eu");
    CHECK_INT("vars are resolved", value_get(&s->vars, STR("n"))->kind, VALUE_NUMBER);
    CHECK_CSTR("labels from env", value_get(&s->labels, STR("region"))->text, "in eu");
    CHECK_INT("labels are texts", value_get(&s->labels, STR("build"))->kind, VALUE_TEXT);
    CHECK("setup", strcmp(s->setup[0], "make") == 0 && strcmp(s->setup[1], "db") == 0 && s->setup[2] == NULL);
    CHECK("teardown", strcmp(s->teardown[0], "./stop") == 0 && s->teardown[1] == NULL);
    CHECK_INT("one variant", s->variant_count, 1);
    CHECK_CSTR("its name", s->variants[0].name, "default");
    CHECK("not written", !s->has_variants);
    CHECK("dir is absolute", s->dir[0] == '/');
    CHECK_INT("one file", s->file_count, 1);
    CHECK("the implied gate", s->gate_count == 1 && s->gates[0].is_implied);
    CHECK_CSTR("what it says", s->gates[0].expr.text, "pass_rate >= 100%");
}

static void test_defaults(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    if (!suite_text_load_clean(&t, "defaults", GOOD)) {
        return;
    }
    CHECK_INT("trials", t.suite->trials, 1);
    CHECK_INT("concurrency", t.suite->concurrency, 16);
    CHECK("no retries", !t.suite->retries_is_set && t.suite->retries == 0);
    CHECK_INT("timeout of the target", t.suite->timeout_ns, 0);
    CHECK("no allowed error", !t.suite->allow_errors.is_share && t.suite->allow_errors.value == 0);
    CHECK_INT("pass_trials", t.suite->pass_trials, PASS_TRIALS_ALL);
    CHECK("no pass_score", !t.suite->has_pass_score);
}

static void test_flags(void)
{
    const struct suite_set sets[] = {{STR("region"), STR("us")}, {STR("n"), STR("3")}, {STR("new"), STR("x")}};
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    t.options.sets = sets;
    t.options.set_count = ARRAY_LEN(sets);
    t.options.trials = 5;
    t.options.concurrency = 2;
    if (!suite_text_load_clean(&t, "flags", GOOD "trials: 2\npass_trials: 4\nvars: {region: eu, other: y}\n")) {
        return;
    }
    CHECK_INT("trials by flag", t.suite->trials, 5);
    CHECK_INT("concurrency by flag", t.suite->concurrency, 2);
    CHECK_CSTR("--set wins", value_get(&t.suite->vars, STR("region"))->text, "us");
    CHECK_CSTR("others stay", value_get(&t.suite->vars, STR("other"))->text, "y");
    CHECK_INT("a number", value_get(&t.suite->vars, STR("n"))->kind, VALUE_NUMBER);
    CHECK_CSTR("a new one", value_get(&t.suite->vars, STR("new"))->text, "x");
}

static void test_offline(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    t.options.is_offline = true;
    if (suite_text_load_clean(&t, "env may be unset", GOOD "labels: {a: \"{{env.NOPE}}\"}\n")) {
        CHECK_CSTR("shown by its name", value_get(&t.suite->labels, STR("a"))->text, "$NOPE");
    }
}

static void test_line_ends(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    static const char UNIX[] =
        "suite: s\ntarget: {command: [cat]}\nscorers: [length]\ncases:\n  - input: |\n      a\n      b\n";
    struct buf dos CLEANUP(buf_deinit) = BUF(1 << 16);
    buf_append_cstr(&dos, "\xEF\xBB\xBF");
    for (const char *c = UNIX; *c != '\0'; c++) {
        buf_append_cstr(&dos, *c == '\n' ? "\r" : "");
        buf_append_char(&dos, *c);
    }
    if (!suite_text_load_clean(&t, "LF", UNIX)) {
        return;
    }
    struct digest file = t.suite->digest;
    char id[64];
    (void)snprintf(id, sizeof(id), "%.*s", STR_ARG(t.suite->cases[0].id));
    if (!suite_text_load_clean(&t, "CRLF and a byte order mark", dos.ptr)) {
        return;
    }
    CHECK("same suite digest", digest_eq(&file, &t.suite->digest));
    CHECK_CSTR("same case digest", t.suite->cases[0].id, id);
    CHECK_INT("an id from the digest", t.suite->cases[0].id.len, strlen("case-") + 12);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused, one fault each", test_wrong},
        {"words from elsewhere", test_foreign},
        {"all faults at once", test_all_faults_at_once},
        {"more faults than are shown", test_many_faults},
        {"every key of a good suite", test_good},
        {"defaults", test_defaults},
        {"flags", test_flags},
        {"offline", test_offline},
        {"line ends", test_line_ends},
    };
    return check_run("load", tests, ARRAY_LEN(tests));
}
