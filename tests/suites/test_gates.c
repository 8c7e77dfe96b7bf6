#include "scorers/scorer.h"
#include "tests/check.h"
#include "tests/suites/suite_text.h"

/* Two variants, three trials, tags, a class scorer, a measure with and one without a bound. Gates begin in line 16. */
#define TOP                                                                                                            \
    "suite: s\n"                                                                                                       \
    "target: {command: [cat]}\n"                                                                                       \
    "variants: [{name: mini}, {name: large}]\n"                                                                        \
    "trials: 3\n"                                                                                                      \
    "cases:\n"                                                                                                         \
    "  - {id: a, input: x, expected: bug, tags: [easy, short]}\n"                                                      \
    "  - {id: b, input: y, expected: other, tags: [hard]}\n"                                                           \
    "  - id: c\n"                                                                                                      \
    "    expected: bug\n"                                                                                              \
    "    scorers: [{exact: {dimension: own}}]\n"                                                                       \
    "scorers:\n"                                                                                                       \
    "  - exact\n"                                                                                                      \
    "  - one_of: {values: [billing, bug, other], expected: '{{expected}}', dimension: queue}\n"                        \
    "  - length: {max: 20, dimension: chars}\n"                                                                        \
    "  - length: {dimension: plain}\n"

#define BASED TOP "baseline: {label: branch=main}\n"

static const struct wrong_suite WRONG[] = {
    {"with itself", TOP "gates:\n  - exact.mean >= exact.mean - 0.1\n", "'exact.mean' is compared with itself",
     "exact.mean[variant=NAME]", 17, 19},
    {"no such dimension", TOP "gates:\n  - exat.pass_rate >= 80%\n", "the dimension 'exat'", "'exact'", 17, 5},
    {"no such dimension, right side", TOP "gates:\n  - exact.mean >= exat.mean\n", "the dimension 'exat'", "'exact'",
     17, 19},
    {"no such dimension, quoted", TOP "gates:\n  - 'exat.pass_rate >= 80%'\n", "the dimension 'exat'", NULL, 17, 6},
    {"no pass", TOP "gates:\n  - plain.pass_rate >= 80%\n", "has no pass", "'max'", 17, 5},
    {"no pass at k", TOP "gates:\n  - plain.pass@2 >= 80%\n", "has no pass", NULL, 17, 5},
    {"more trials than there are", TOP "gates:\n  - exact.pass@4 >= 80%\n", "needs 4 trials, there are 3", "trials: 4",
     17, 5},
    {"more trials, all", TOP "gates:\n  - exact.pass^9 >= 80%\n", "needs 9 trials", NULL, 17, 5},
    {"no such tag", TOP "gates:\n  - exact.pass_rate[tag=eazy] >= 80%\n", "no case has the tag 'eazy'", "easy", 17, 20},
    {"no such tag, bare", TOP "gates:\n  - pass_rate[tag=nope] >= 80%\n", "no case has the tag 'nope'", NULL, 17, 14},
    {"no such variant", TOP "gates:\n  - exact.mean[variant=larg] >= 0.5\n", "no variant 'larg'", "large", 17, 15},
    {"no such class", TOP "gates:\n  - queue.recall[label=bugs] >= 50%\n", "none of the values of 'queue'", "bug", 17,
     17},
    {"recall of another scorer", TOP "gates:\n  - exact.recall[label=bug] >= 50%\n", "has no classes", "one_of", 17, 5},
    {"f1 of another scorer", TOP "gates:\n  - exact.f1_macro >= 0.5\n", "has no classes", "one_of", 17, 5},
    {"a mean over 1", TOP "gates:\n  - exact.mean >= 80\n", "lies between 0 and 1", "80%", 17, 19},
    {"a rate over 1", TOP "gates:\n  - pass_rate >= 80\n", "between 0 and 1", "80%", 17, 18},
    {"an unknown statistic", TOP "gates:\n  - exact.average >= 80%\n", "gate:", NULL, 17, 0},
    {"no operator", TOP "gates:\n  - exact.mean 80%\n", "gate:", NULL, 17, 16},
    {"no baseline", TOP "gates:\n  - exact.mean >= baseline - 0.02\n", "there is no baseline to compare with",
     "baseline: {label: branch=main}", 17, 19},
    {"no baseline, regression", TOP "gates:\n  - no regression of exact.mean\n", "there is no baseline", "--baseline",
     17, 5},
    {"min_cases without confidence", TOP "gates:\n  - {gate: pass_rate >= 80%, min_cases: 20}\n",
     "'min_cases' goes with a gate with confidence", "cases >= 20", 17, 12},
    {"on_inconclusive: maybe", TOP "gates:\n  - {gate: pass_rate >= 80%, on_inconclusive: maybe}\n", "on_inconclusive",
     "", 17, 47},
    {"a baseline that nobody needs", TOP "gates:\n  - {gate: pass_rate >= 80%, baseline: {run: latest}}\n",
     "this gate compares with no baseline", "no regression of pass_rate", 17, 12},
    {"two statistics with confidence", TOP "gates:\n  - exact.mean >= own.mean with 95% confidence\n",
     "both sides are the same statistic", "exact.mean[variant=NAME]", 17, 19},
    {"two tags with confidence", TOP "gates:\n  - 'exact.mean[tag=easy] >= exact.mean[tag=hard] with 95% confidence'\n",
     "both sides are the same statistic", "exact.mean[variant=NAME]", 17, 30},
    {"a measure without direction", BASED "gates:\n  - no regression of plain.mean\n",
     "which way 'plain' is worse is not known", "direction", 18, 22},
    {"no place", TOP "baseline: []\n", "names no place", "file", 16, 11},
    {"a place that is a text", TOP "baseline: latest\n", "a baseline is a map", "{run: RUN}", 16, 11},
    {"two places in one", TOP "baseline: {run: latest, label: a=b}\n", "one of file, run, label, opper, variant",
     "a list", 16, 11},
    {"no place in one", TOP "baseline: {missing: skip}\n", "one of file, run, label, opper, variant", NULL, 16, 11},
    {"an unknown place", TOP "baseline: {branch: main}\n", "unknown key 'branch'", "", 16, 12},
    {"a label without value", TOP "baseline: {label: main}\n", "key=value", "branch=main", 16, 11},
    {"runs of a file", TOP "baseline: {file: a.jsonl, runs: 5}\n", "'runs' goes with 'label'", NULL, 16, 11},
    {"an overlap that is a count", TOP "baseline: {run: latest, min_overlap: 90}\n", "is a share", "90%", 16, 11},
    {"missing in the middle", TOP "baseline: [{run: x, missing: skip}, {run: y}]\n", "the last place only", NULL, 16,
     12},
    {"a variant that is not there", TOP "baseline: {variant: smal}\n", "no variant 'smal'", "", 16, 11},
    {"a filter beside the gate", TOP "gates:\n  - {gate: exact.mean >= 0.5, tag: easy}\n", "unknown key 'tag'",
     "[tag=easy]", 17, 31},
    {"severity", TOP "gates:\n  - {gate: pass_rate >= 80%, severity: info}\n", "severity", "", 17, 40},
    {"a map", TOP "gates:\n  - exact.pass_rate: '>= 80%'\n", "a gate is one text", "'exact.pass_rate >= 80%'", 17, 5},
    {"a list", TOP "gates:\n  - [exact.mean, 0.5]\n", "a gate is one text", NULL, 17, 5},
    {"not a list", TOP "gates: pass_rate >= 80%\n", "'gates' is a list", "- ", 16, 8},
    {"filter in a flow list", TOP "gates: [exact.pass_rate[tag=easy] >= 80%]\n", "", "quote", 16, 0},
    {"filter in a flow map", TOP "gates:\n  - {gate: exact.pass_rate[tag=easy] >= 80%}\n", "", "quote", 17, 0},
};

static void test_wrong(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        check_wrong(&t, &WRONG[i]);
    }
}

static const struct dimension *dimension_named(const struct suite *s, const char *name)
{
    for (size_t i = 0; i < s->dimension_count; i++) {
        if (str_eq_cstr(s->dimensions[i].name, name)) {
            return &s->dimensions[i];
        }
    }
    return NULL;
}

static void test_good(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    if (!suite_text_load_clean(&t, "good",
                               TOP "gates:\n"
                                   "  - exact.pass_rate[tag=easy] >= 80%\n"
                                   "  - 'own.mean >= 0.5'\n"
                                   "  - exact.mean[variant=large] >= exact.mean[variant=mini] - 0.02\n"
                                   "  - queue.recall[label=bug] >= 75%\n"
                                   "  - queue.f1_macro >= 0.8\n"
                                   "  - chars.pass_rate >= 1\n"
                                   "  - plain.mean <= 500\n"
                                   "  - exact.pass@3 >= 50%\n"
                                   "  - latency_ms.p95 <= 15s\n"
                                   "  - cost_usd.sum[variant=large] <= 4\n"
                                   "  - exact.mean[cluster=nowhere] >= 0.5\n"
                                   "  - {gate: \"pass_rate >= 50%\", severity: warn}\n"
                                   "  - errors <= 2\n")) {
        return;
    }
    const struct suite *s = t.suite;
    CHECK_INT("all", s->gate_count, 13);
    CHECK_INT("severity", s->gates[11].severity, GATE_WARN);
    CHECK_INT("others fail", s->gates[0].severity, GATE_FAIL);
    CHECK_INT("place", s->gates[0].pos.line, 17);
    CHECK("none is implied", !s->gates[0].is_implied);
    const struct dimension *latency = dimension_named(s, "latency_ms");
    const struct dimension *cost = dimension_named(s, "cost_usd");
    CHECK("latency is there", latency != NULL && latency->is_call_measure);
    CHECK("cost is there", cost != NULL && cost->is_call_measure);
    CHECK("attempts is not", dimension_named(s, "attempts") == NULL);
    CHECK_INT("six of scorers, two of the call", s->dimension_count, 5 + 2);
}

static void test_confidence(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    if (!suite_text_load_clean(
            &t, "with confidence",
            TOP "baseline: [{file: base/a.jsonl}, {label: branch=main, runs: 5, min_overlap: 80%}, {variant: mini, "
                "missing: skip}]\n"
                "gates:\n"
                "  - exact.pass_rate >= 80% with 95% confidence\n"
                "  - no regression of exact.mean beyond 0.02\n"
                "  - 'no regression of queue.pass_rate[tag=easy]'\n"
                "  - no regression of latency_ms.p95 beyond 200ms with 90% confidence\n"
                "  - exact.mean >= baseline - 0.02 with 95% confidence\n"
                "  - latency_ms.p95 <= baseline * 1.1\n"
                "  - 'exact.mean[variant=large] >= exact.mean[variant=mini] - 0.01 with 95% confidence'\n"
                "  - {gate: no regression of pass_rate, on_inconclusive: fail, min_cases: 50, severity: warn,\n"
                "     baseline: {run: latest~1}}\n"
                "  - {gate: errors <= baseline, on_inconclusive: pass}\n"
                "  - plain.mean <= baseline * 1.5\n")) {
        return;
    }
    const struct suite *s = t.suite;
    const struct baseline_source *b = s->baseline->items;
    CHECK_INT("places", s->baseline->count, 3);
    CHECK("a file, from the suite's folder", b[0].kind == BASELINE_FILE && str_ends(b[0].text, STR("/base/a.jsonl")));
    CHECK_CSTR("as written", b[0].shown, "base/a.jsonl");
    CHECK_CSTR("key", b[1].key, "branch");
    CHECK_CSTR("value", b[1].text, "main");
    CHECK_INT("runs", b[1].runs, 5);
    CHECK_DOUBLE("overlap", b[1].min_overlap, 0.8, 1e-12);
    CHECK_DOUBLE("unless said", b[0].min_overlap, 0.9, 1e-12);
    CHECK("missing", b[2].may_be_missing && !b[1].may_be_missing);
    CHECK_INT("gates", s->gate_count, 10);
    const struct gate *g = &s->gates[7];
    CHECK("long form", g->on_inconclusive == UNKNOWN_FAILS && g->min_cases == 50 && g->severity == GATE_WARN);
    CHECK("a baseline of its own", g->baseline != NULL && g->baseline->items[0].kind == BASELINE_RUN);
    CHECK_INT("passes", s->gates[8].on_inconclusive, UNKNOWN_PASSES);
    CHECK_INT("by form", s->gates[0].on_inconclusive, UNKNOWN_BY_FORM);

    if (suite_text_load_clean(&t, "missing on its own",
                              TOP "baseline: [{run: x}, {label: a=b}, {missing: skip}]\n"
                                  "gates: [no regression of exact.mean]\n")) {
        const struct baseline_list *places = t.suite->baseline;
        CHECK_INT("two places", places->count, 2);
        CHECK("of the last", places->items[1].may_be_missing && !places->items[0].may_be_missing);
    }

    struct baseline_source given = {.kind = BASELINE_RUN, .text = STR("latest"), .shown = STR("latest"), .runs = 1};
    struct baseline_list list = {&given, 1};
    t.options.baseline = &list;
    if (suite_text_load_clean(&t, "--baseline", TOP "gates: [no regression of exact.mean]\n")) {
        CHECK("from the command line", t.suite->baseline == &list);
    }
    if (suite_text_load_clean(&t, "--baseline over all",
                              BASED "gates: [{gate: no regression of exact.mean, baseline: {run: x}}]\n")) {
        CHECK("in place of both", t.suite->baseline == &list && t.suite->gates[0].baseline == &list);
    }
}

static void test_flags(void)
{
    static const char *const GATES[] = {"exact.mean >= 0.5", "queue.recall[label=nope] >= 0.5"};
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    t.options.extra_gates = GATES;
    t.options.extra_gate_count = 2;
    const struct wrong_suite wrong = {"a faulty flag", TOP, "none of the values", NULL, 2, 13};
    check_wrong(&t, &wrong);
    if (t.diag.faults.len > 0) {
        CHECK_CSTR("its file", str_from(t.diag.faults.items[0].pos.file), "--gate");
    }
    t.options.extra_gate_count = 1;
    if (suite_text_load_clean(&t, "flag alone", TOP)) {
        CHECK_INT("no implied gate beside it", t.suite->gate_count, 1);
        CHECK("its place", str_eq_cstr(STR("--gate"), t.suite->gates[0].pos.file));
    }
    if (suite_text_load_clean(&t, "flag and suite", TOP "gates: [pass_rate >= 1]\n")) {
        CHECK_INT("both", t.suite->gate_count, 2);
    }
}

static void test_tags_of_rows(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    (void)temp_file(&t.dir, "d.jsonl", STR("{\"q\":\"x\",\"topic\":\"math\"}\n"));
#define DATA "suite: s\ntarget: {command: [cat]}\nscorers: [{exact: {expected: x}}]\n"
    static const struct wrong_suite LITERAL = {
        "literal tags are known",
        DATA "dataset: {file: d.jsonl, tags: [gsm8k, math]}\ngates: ['pass_rate[tag=gsm8] >= 1']\n",
        "no case has the tag 'gsm8'",
        "gsm8k",
        5,
        19};
    check_wrong(&t, &LITERAL);
    (void)suite_text_load_clean(&t, "one literal",
                                DATA "dataset: {file: d.jsonl, tags: gsm8k}\ngates: ['pass_rate[tag=gsm8k] >= 1']\n");
    (void)suite_text_load_clean(
        &t, "a tag from a row may be any",
        DATA "dataset: {file: d.jsonl, tags: [gsm8k, '{{topic}}']}\ngates: ['pass_rate[tag=whatever] >= 1']\n");
}

/* Dimensions: one name, one thing. */
#define HEAD "suite: s\ntarget: {command: [cat]}\n"
static const struct wrong_suite TWICE[] = {
    {"two suite scorers", HEAD "scorers: [exact, {numeric: {dimension: exact}}]\ncases: [{id: a, expected: 1}]\n",
     "dimension 'exact' is there twice: first in line 3", "'dimension'", 3, 0},
    {"suite and case", HEAD "scorers: [exact]\ncases: [{id: a, expected: 1, scorers: [exact]}]\n",
     "dimension 'exact' is there twice", NULL, 4, 0},
    {"twice in a case", HEAD "cases: [{id: a, expected: 1, scorers: [exact, exact]}]\n",
     "dimension 'exact' is there twice", NULL, 3, 0},
    {"cases that disagree",
     HEAD
     "cases:\n  - {id: a, expected: 1, scorers: [exact]}\n  - {id: b, expected: 1, scorers: [{exact: {weight: 3}}]}\n",
     "dimension 'exact' means something else here than in line 4", "scorers of cases", 5, 0},
    {"a statistic's name", HEAD "scorers: [{exact: {dimension: mean}}]\ncases: [{id: a, expected: 1}]\n", "mean", NULL,
     3, 0},
    {"a bad name", HEAD "scorers: [{exact: {dimension: 'a.b'}}]\ncases: [{id: a, expected: 1}]\n", "a.b", NULL, 3, 0},
};

static void test_dimensions(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(TWICE); i++) {
        check_wrong(&t, &TWICE[i]);
    }
    if (!suite_text_load_clean(&t, "cases that agree",
                               HEAD
                               "cases:\n"
                               "  - {id: a, expected: 1, scorers: [exact, {numeric: {expected: 1, dimension: n}}]}\n"
                               "  - {id: b, expected: 1, scorers: [{numeric: {expected: 2, dimension: n}}]}\n")) {
        return;
    }
    CHECK_INT("shared", t.suite->dimension_count, 2);
    const struct digest none = {{0}};
    CHECK("who asks is in the case's digest", !digest_eq(&t.suite->dimensions[1].scorer, &none));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_wrong},
        {"good ones", test_good},
        {"confidence", test_confidence},
        {"--gate", test_flags},
        {"tags of rows", test_tags_of_rows},
        {"dimensions", test_dimensions},
    };
    return check_run("gates", tests, ARRAY_LEN(tests));
}
