/* The project file, assay.yaml beside .assay: where it is found, what wins over it, what is refused. */

#include "tests/e2e/e2e.h"

static const char SUITE[] = "suite: s\n"
                            "labels: {team: suite}\n"
                            "target: {replay: \"{{vars.answer}}\"}\n"
                            "vars: {answer: \"{{env.ANSWER}}\"}\n"
                            "cases: [{id: a, input: x, expected: '42'}]\n"
                            "scorers: [exact]\n";

static struct e2e open_project(const char *file)
{
    struct e2e e = e2e_open();
    e2e_write(&e, "suite.yaml", SUITE);
    (void)e2e_sh(&e, "mkdir .git sub");
    e2e_write(&e, "assay.yaml", file);
    return e;
}

static void test_defaults(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project("db: here.db\n"
                                                   "env_file: names.env\n"
                                                   "labels: {team: project, build: 017, ratio: 1.50}\n");
    e2e_write(&e, "names.env", "ANSWER=42\n");
    struct e2e_done done = e2e_sh(&e, "cd sub && assay run ../suite.yaml -q");
    CHECK_INT("run from a folder below", done.exit_code, 0);
    CHECK("paths are from the file's folder", e2e_exists(&e, "here.db") && !e2e_exists(&e, ".assay"));
    done = e2e_sh(&e, "assay report latest --format json | jq -c .invocation.labels");
    CHECK_CONTAINS("a suite's label wins", done.out, "\"team\":\"suite\"");
    CHECK_CONTAINS("texts as they are written", done.out, "\"build\":\"017\",\"ratio\":\"1.50\"");
    done = e2e_sh(&e, "assay run suite.yaml -q --db other.db --label build=9; assay report latest --db other.db "
                      "--format json | jq -c .invocation.labels");
    CHECK("--db wins", e2e_exists(&e, "other.db"));
    CHECK_CONTAINS("--label wins", done.out, "\"build\":\"9\"");
    done = e2e_sh(&e, "ASSAY_DB=third.db ANSWER=41 assay run suite.yaml -q");
    CHECK("ASSAY_DB wins", e2e_exists(&e, "third.db"));
    CHECK_INT("the environment wins over the file of it", done.exit_code, 1);
    e2e_write(&e, "more.env", "ANSWER=43\n");
    CHECK_INT("--env-file wins", e2e_sh(&e, "assay run suite.yaml -q --env-file more.env").exit_code, 1);
}

static void test_baseline(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project("baseline: [{file: good.jsonl}, {run: first}]\n");
    static const struct e2e_row table[] = {
        {"a suite that names none has it",
         "export ANSWER=42; assay run suite.yaml -q --run-id first; cd sub; assay run ../suite.yaml -q --gate "
         "'no regression of exact.mean'",
         0,
         {"baseline first: 1 run"},
         {NULL},
         NULL},
        {"a file is from the project's folder",
         "assay baseline save good.jsonl first && cd sub && assay gate latest --gate 'no regression of exact.mean'",
         0,
         {"baseline good.jsonl: 1 run"},
         {NULL},
         NULL},
        {"a suite that names one has its own",
         "(cat suite.yaml; echo 'baseline: {label: team=nobody}') >own.yaml; ANSWER=42 assay run own.yaml -q --gate "
         "'no regression of exact.mean'",
         4,
         {"team=nobody"},
         {NULL},
         "good.jsonl"},
        {"a flag wins",
         "ANSWER=42 assay run suite.yaml -q --gate 'no regression of exact.mean' --baseline first",
         0,
         {"baseline first: 1 run"},
         {NULL},
         "good.jsonl"},
        {"a suite that compares nothing does not look for it",
         "rm good.jsonl; ANSWER=42 assay run suite.yaml -q",
         0,
         {"passed"},
         {NULL},
         "baseline"},
    };
    e2e_check_rows(&e, table, ARRAY_LEN(table));
}

static void test_refused(void)
{
    static const struct {
        const char *name, *text;
        const char *said[3];
    } rows[] = {
        {"unknown key", "bd: x\n", {"assay.yaml:1:1", "unknown key 'bd'", "did you mean 'db'?"}},
        {"no map", "- db\n", {"assay.yaml:1:1", "map"}},
        {"labels that are no texts", "labels: {a: [1]}\n", {"assay.yaml:1:13", "'a' is a text"}},
        {"labels that are no map", "labels: x\n", {"a map of texts"}},
        {"a baseline that is none", "baseline: {fil: x}\n", {"assay.yaml:1:12", "unknown key 'fil'"}},
        {"a baseline without a place",
         "baseline: {runs: 2}\n",
         {"assay.yaml:1:11", "one of file, run, label, opper, variant"}},
        {"no YAML", "db: [\n", {"assay.yaml:"}},
        {"a suite in its place", SUITE, {"this is a suite", "another name than assay.yaml"}},
        {"an env_file that is not there", "env_file: no.env\n", {"no.env"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct e2e e CLEANUP(e2e_close) = open_project(rows[i].text);
        struct e2e_done done = e2e_sh(&e, "ANSWER=42 assay run suite.yaml");
        CHECK_INT(rows[i].name, done.exit_code, 2);
        for (size_t k = 0; k < ARRAY_LEN(rows[i].said) && rows[i].said[k] != NULL; k++) {
            CHECK_CONTAINS(rows[i].name, done.err, rows[i].said[k]);
        }
        CHECK("nothing was stored", !e2e_exists(&e, ".assay"));
        CHECK_INT("help works all the same",
                  e2e_sh(&e, "assay help project && assay version && assay schema").exit_code, 0);
    }
    struct e2e e CLEANUP(e2e_close) = open_project("");
    CHECK_INT("an empty file says nothing", e2e_sh(&e, "ANSWER=42 assay run suite.yaml -q").exit_code, 0);
    (void)e2e_sh(&e, "rm assay.yaml && mkdir assay.yaml");
    CHECK_INT("a folder of that name", e2e_sh(&e, "ANSWER=42 assay run suite.yaml -q").exit_code, 2);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"defaults", test_defaults}, {"baseline", test_baseline}, {"refused", test_refused}};
    e2e_init(argc, argv);
    return check_run("project", tests, ARRAY_LEN(tests));
}
