/* Whole suites, each with the outcome that its comments name: the example, `assay init`'s, and the ones shared between projects, where they are. */

#include <stdlib.h>

#include "tests/e2e/e2e.h"

#include "base/file.h"

/* Suites that lie outside the repository: ASSAY_SHARED, else beside the sources. NULL when they are not there. */
static const char *shared_dir(struct e2e *e)
{
    const char *named = getenv("ASSAY_SHARED");
    const char *places[] = {named == NULL ? "" : named,
                            file_join(&e->arena, str_from(e2e_source_dir()), STR("../shared")),
                            file_join(&e->arena, str_from(e2e_source_dir()), STR("../../shared"))};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (file_exists(file_join(&e->arena, str_from(places[i]), STR("suites/classification.yaml")))) {
            return places[i];
        }
    }
    return NULL;
}

static void example_suite(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct e2e_done done =
        e2e_sh(&e, "assay run \"$SOURCE_DIR/example-suite.yaml\" --db here.db --report json=report.json </dev/null");
    CHECK_INT("example-suite.yaml is green", done.exit_code, 0);
    CHECK_CONTAINS("example-suite.yaml", e2e_last_line(done.out), "passed (exit 0)");
    CHECK_CONTAINS("cases that fail on purpose are shown", done.out, "failures");
    if (done.exit_code != 0) {
        (void)fprintf(stderr, "%.*s%.*s", STR_ARG(done.out), STR_ARG(done.err));
    }
    done = e2e_sh(&e, "jq -r '.verdict, ([.runs[].summary.failed] | add > 0)' report.json");
    CHECK_CSTR("example-suite.yaml", done.out, "passed\ntrue\n");
}

static void first_suite(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    static const struct e2e_row ROWS[] = {
        {"init", "assay init", 0, {"suite.yaml"}},
        {"init again keeps the file", "assay init", 2, {NULL}, {"--force"}},
        {"check", "assay check suite.yaml", 0, {"suite.yaml"}},
        {"run", "assay run suite.yaml", 0, {"passed (exit 0)"}},
        {"the store's folder keeps itself out of git", "cat .assay/.gitignore", 0, {"*"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

static const char *const SHARED[] = {"classification", "gsm8k", "rag-json", "worker"};

static void shared_suites(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    const char *dir = shared_dir(&e);
    if (dir == NULL) {
        (void)printf("skipped: the shared suites are not here (ASSAY_SHARED names their folder)\n");
        CHECK("skipped", dir == NULL);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(SHARED); i++) {
        struct e2e_done done = e2e_sh(&e, "assay check %s/suites/%s.yaml", dir, SHARED[i]);
        CHECK_INT(SHARED[i], done.exit_code, 0);
        done =
            e2e_sh(&e, "assay run %s/suites/%s.yaml --db here.db -q --report json=%s.json", dir, SHARED[i], SHARED[i]);
        CHECK_INT(SHARED[i], done.exit_code, 0);
        CHECK_CONTAINS(SHARED[i], e2e_last_line(done.out), "passed (exit 0)");
        if (done.exit_code != 0) {
            (void)fprintf(stderr, "%.*s%.*s", STR_ARG(done.out), STR_ARG(done.err));
        }
    }
    static const struct e2e_row ROWS[] = {
        {"seven cases, six right, `late` is answered other",
         "jq -r '.runs[].summary | \"\\(.cases) \\(.passed)\"' classification.json;"
         "jq -r '.runs[].samples[] | select(.pass == false) | \"\\(.case) \\(.output)\"' classification.json",
         0,
         {"7 6\n", "late other\n"}},
        {"45, 75, 65 and 110 right",
         "jq -r '[.runs[].summary.passed] | join(\" \")' gsm8k.json",
         0,
         {"45 75 65 110\n"}},
        {"five cases by two variants, all right",
         "jq -r '[.runs[].summary | .cases, .passed] | join(\" \")' worker.json",
         0,
         {"5 5 5 5\n"}},
        {"both cases pass", "jq -r '[.runs[].summary | .cases, .passed] | join(\" \")' rag-json.json", 0, {"2 2\n"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

/* Variants of the published models: what each overrides is written around the model's name. */
#define MODELS(X) X("6b_finetuning") X("6b_verification") X("175b_finetuning") X("175b_verification")
#define BY_REPLAY(m) "  - {name: " m ", replay: '{{" m ".solution}}'}\n"
#define BY_COMMAND(m) "  - {name: " m ", command: [printf, '%s', '{{" m ".solution}}']}\n"
#define BY_PARAMS(m) "  - {name: " m ", params: {model: " m "}}\n"
#define AS_INPUT(m) m ": '{{" m ".solution}}', "
#define LABELS(input)                                                                                                  \
    "dataset: {file: rows.jsonl, input: " input ", expected: '{{ground_truth}}'}\n"                                    \
    "scorers:\n"                                                                                                       \
    "  - numeric: {extract: 'A: *\\$?(-?[\\d.,]+)', match: last, expected: '{{expected}}', tolerance: 1e-6, "          \
    "dimension: answer}\n"                                                                                             \
    "gates: [errors == 0]\n"

static const struct {
    const char *name, *text;
} LABEL_SUITES[] = {
    {"by replay", "suite: labels\ntarget: {replay: '{{6b_finetuning.solution}}'}\nvariants:\n" MODELS(BY_REPLAY)
                      LABELS("'{{question}}'")},
    {"by a program that prints the recorded answer",
     "suite: labels\ntarget: {command: [printf, ''], stdin: none}\nvariants:\n" MODELS(BY_COMMAND)
         LABELS("'{{question}}'")},
    {"by a worker",
     "suite: labels\ntarget:\n  command: [jq, --unbuffered, -c, '{id: .id, output: .input[.params.model]}']\n"
     "  worker: true\n  workers: 2\n  output: json\n  params: {model: none}\nvariants:\n" MODELS(BY_PARAMS)
         LABELS("{" MODELS(AS_INPUT) "}")},
};

static void published_labels(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    const char *dir = shared_dir(&e);
    if (dir == NULL) {
        (void)printf("skipped: the published solutions are not here\n");
        CHECK("skipped", dir == NULL);
        return;
    }
    (void)e2e_sh(&e, "cp %s/data/gsm8k/solutions-200.jsonl rows.jsonl", dir);
    for (size_t i = 0; i < ARRAY_LEN(LABEL_SUITES); i++) {
        const char *name = LABEL_SUITES[i].name;
        e2e_write(&e, "labels.yaml", LABEL_SUITES[i].text);
        struct e2e_done done = e2e_sh(&e, "assay run labels.yaml -q --report json=labels.json");
        CHECK_INT(name, done.exit_code, 0);
        done = e2e_sh(&e, "jq -c '.runs[] | .run.variant as $v | {($v): [.samples[].pass]}' labels.json >ours;"
                          "for v in 6b_finetuning 6b_verification 175b_finetuning 175b_verification; do "
                          "jq -cs --arg v $v '{($v): map(.[$v].is_correct)}' rows.jsonl; done >theirs;"
                          "cmp ours theirs && grep -o 'true\\|false' ours | wc -l");
        CHECK_INT(name, done.exit_code, 0);
        CHECK_CSTR(name, str_trim(done.out), "800");
    }
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"the example suite is green", example_suite},
        {"the suite that `assay init` writes is good", first_suite},
        {"suites shared between projects end as their comments say", shared_suites},
        {"all 800 published labels, by each kind of target", published_labels},
    };
    return check_run("e2e/run", TESTS, ARRAY_LEN(TESTS));
}
