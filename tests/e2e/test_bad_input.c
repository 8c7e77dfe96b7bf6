/* Bad input of every kind, through the real program: it says what is wrong, where, and what to do, with the right exit code, and nothing runs. */

#include "tests/e2e/e2e.h"

#define REPLAY "suite: s\ntarget: {replay: \"{{input}}\"}\n"
#define CASE "cases: [{id: a, input: x, expected: x, tags: [t]}]\n"
#define SCORER "scorers: [exact]\n"

static const struct {
    const char *name, *text;
} FILES[] = {
    {"plain.yaml", REPLAY CASE SCORER},
    {"other.yaml", "suite: other\nvars: {tone: kind}\ntarget: {replay: \"{{input}}\"}\n" CASE SCORER},
    {"uses.yaml", REPLAY "vars: {colour: x}\ncases: [{id: a, input: \"{{vars.size | default(1)}}\", expected: x}]\n"
                         "scorers: [exact: {expected: \"{{shade | default(2)}}\"}]\n"},
};

static struct e2e open_files(void)
{
    struct e2e e = e2e_open();
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        e2e_write(&e, FILES[i].name, FILES[i].text);
    }
    return e;
}

static const struct e2e_row SETS[] = {
    {"a slip", "assay run uses.yaml --set color=1", 2, {NULL}, {"'color'", "did you mean 'colour'?", "(exit 2)"}},
    {"check, too", "assay check uses.yaml --set color=1", 2, {NULL}, {"'color'", "did you mean", "(exit 2)"}},
    {"check as JSON", "assay check --format json uses.yaml -s color=1 | jq -r .faults[].hint", 0, {"'colour'"}},
    {"dry run, too", "assay run uses.yaml --dry-run --set color=1", 2, {NULL}, {"'color'"}},
    {"a suite without variables", "assay run plain.yaml --set x=1", 2, {NULL}, {"knows no variable 'x'", "vars"}},
    {"a declared one", "assay check uses.yaml --set colour=1", 0, {"good"}},
    {"one that a case uses", "assay check uses.yaml --set size=1", 0, {"good"}},
    {"one that a scorer uses", "assay check uses.yaml --set shade=1", 0, {"good"}},
    {"one of two suites knows it", "assay check plain.yaml other.yaml --set tone=1", 0, {"good"}},
    {"none of two", "assay check plain.yaml other.yaml --set tune=1", 2, {NULL}, {"none of the suites", "'tone'"}},
};

static void sets(void)
{
    struct e2e e CLEANUP(e2e_close) = open_files();
    e2e_check_rows(&e, SETS, ARRAY_LEN(SETS));
}

int main(int argc, char **argv)
{
    static const struct check_test TESTS[] = {
        {"sets", sets},
    };
    e2e_init(argc, argv);
    return check_run("e2e/bad_input", TESTS, ARRAY_LEN(TESTS));
}
