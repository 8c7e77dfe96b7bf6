/* Reports through the real program: every format of a stored run, to standard output and to files; what is there when one could not be written. */

#include <stdlib.h>

#include "tests/e2e/e2e.h"

static struct e2e open_project(void)
{
    struct e2e e = e2e_open();
    e2e_write(&e, "sums.yaml",
              "suite: sums\n"
              "target: {command: [awk, '{ print $0 + 1 }'], stdin: text}\n"
              "cases:\n"
              "  - {id: good, input: \"1\", expected: \"2\"}\n"
              "  - {id: bad, input: \"2\", expected: \"4\", tags: [hard]}\n"
              "scorers: [exact]\n"
              "gates: [exact.pass_rate >= 90%, cases >= 1]\n");
    /* 300 outputs of 10,000 bytes: larger than what fits under the limits below */
    e2e_write(&e, "large.yaml",
              "suite: large\n"
              "target: {shell: \"head -c 10000 /dev/zero | tr '\\\\\\\\0' x\"}\n"
              "dataset: {file: rows.jsonl, input: '{{n}}', id: 'c{{n}}'}\n"
              "scorers: [exact: {expected: y}]\n"
              "gates: [cases >= 1]\n");
    struct e2e_done done =
        e2e_sh(&e, "i=0; while [ $i -lt 300 ]; do echo \"{\\\"n\\\": \\\"$i\\\"}\"; i=$((i + 1)); done "
                   ">rows.jsonl; assay run sums.yaml -q --run-id small; assay run large.yaml -q "
                   "--run-id large");
    CHECK_INT("both ran", done.exit_code, 0);
    return e;
}

static const char *const FORMATS[] = {"csv", "github", "html", "json", "jsonl", "junit", "markdown", "terminal"};

static void every_format(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    static const struct e2e_row ROWS[] = {
        {"help lists them", "assay help reporters", 0, {"  csv ", "  github ", "  html ", "  markdown "}, {NULL}},
        {"csv", "assay report small --format csv", 0, {"\r\nsums,default,", ",bad,1,hard,,fail,0,0,fail,"}},
        {"github",
         "GITHUB_WORKSPACE=$PWD assay report small -r github",
         0,
         {"::error file=sums.yaml,line=7,title=gate failed in sums::exact.pass_rate >= 90%25: ",
          "::error file=sums.yaml,line=5,title=bad failed in sums::exact: "}},
        {"html", "assay report small -r html", 0, {"<!DOCTYPE html>", "gate", "</html>\n"}},
        {"markdown", "assay report small -r markdown", 0, {"### ❌ failed (exit 1): `1 of 2 gates failed"}},
        {"several at once",
         "assay report small -r html=a.html -r csv=a.csv -r markdown && ls",
         0,
         {"### ", "a.csv", "a.html"}},
        {"of a run, words go to standard error",
         "assay run sums.yaml -r csv",
         1,
         {"suite,variant,"},
         {"failed (exit 1)"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
    for (size_t i = 0; i < ARRAY_LEN(FORMATS); i++) {
        struct e2e_done again =
            e2e_sh(&e, "assay report small -r %s >1 && assay report small -r %s=2 && cmp 1 2", FORMATS[i], FORMATS[i]);
        CHECK_INT(FORMATS[i], again.exit_code, 0);
    }
}

/* A report that could not be written is exit 5, and nothing at its place looks like one: not the half of it, and not an older one. */
static void not_writable(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    for (size_t i = 0; i < ARRAY_LEN(FORMATS); i++) {
        struct e2e_done full = e2e_sh(&e, "assay report large --format %s=/dev/full", FORMATS[i]);
        CHECK_INT(FORMATS[i], full.exit_code, 5);
        CHECK_CONTAINS(FORMATS[i], full.err, "No space left");
    }
    static const char *const LONG[] = {"csv", "html", "json", "jsonl", "junit"};
    for (size_t i = 0; i < ARRAY_LEN(LONG); i++) {
        struct e2e_done half =
            e2e_sh(&e,
                   "echo old >r.out; trap '' XFSZ; ulimit -f 600; assay report large --format %s=r.out; "
                   "code=$?; ls -A; exit $code",
                   LONG[i]);
        CHECK_INT(LONG[i], half.exit_code, 5);
        CHECK_CONTAINS(LONG[i], half.err, "r.out");
        CHECK(LONG[i], !e2e_exists(&e, "r.out") && !e2e_has(half.out, ".tmp"));
    }
    static const struct e2e_row ROWS[] = {
        {"a folder", "mkdir d && assay report small -r html=d", 2, {NULL}, {"'d' is a folder"}},
        {"no such folder", "assay report small -r html=no/r.html", 2, {NULL}, {"no folder 'no'"}},
        {"a folder that may not be written",
         "mkdir ro && chmod 555 ro && { [ $(id -u) = 0 ] || ! assay report small -r csv=ro/x; }", 0},
        {"a link stays one",
         "echo old >real && ln -s real link && assay report small -r csv=link && test -L link && head -c 5 real",
         0,
         {"suite"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

static void step_summary(void)
{
    struct e2e e CLEANUP(e2e_close) = open_project();
    static const struct e2e_row ROWS[] = {
        {"it is added to what is there",
         "echo before >s.md; GITHUB_STEP_SUMMARY=s.md assay run sums.yaml -q -r github >log; head -n 2 s.md",
         0,
         {"before\n### ❌ failed (exit 1): "}},
        {"only by the reporter github", "GITHUB_STEP_SUMMARY=t.md assay report small -r html >x; test ! -e t.md", 0},
        {"empty is none", "GITHUB_STEP_SUMMARY= assay report small -r github", 0, {"::error "}},
        {"it cannot be written",
         "GITHUB_STEP_SUMMARY=/nowhere/s.md assay report small -r github",
         5,
         {NULL},
         {"GITHUB_STEP_SUMMARY", "/nowhere/s.md"}},
        {"it is full", "GITHUB_STEP_SUMMARY=/dev/full assay run sums.yaml -q -r github", 5, {NULL}, {"No space left"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

/* Variants are compared with the first; runs before are drawn; hostile names of both stay text. */
static void context(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "v.yaml",
              "suite: '</h2><b>v`|@x'\n"
              "target: {command: [awk, '{ print $0 + 1 }'], stdin: text}\n"
              "variants: [{name: '<i>one'}, {name: 'two`|', command: [awk, '{ print 2 }']}]\n"
              "cases:\n"
              "  - {id: '<u>a', input: \"1\", expected: \"2\"}\n"
              "  - {id: 'b`|', input: \"2\", expected: \"3\"}\n"
              "scorers: [exact]\n"
              "gates: [cases >= 1]\n");
    static const struct e2e_row ROWS[] = {
        {"one run has no history", "assay run v.yaml -q -r html=1.html >x && ! grep -q '<h2>History' 1.html", 0},
        {"variants, side by side", "grep -c '<h2>Compared with &lt;i&gt;one</h2>' 1.html", 0, {"1\n"}},
        {"the case that flipped", "grep -c 'b`|</bdi></summary>' 1.html", 0, {"1\n"}},
        {"a second one has", "assay run v.yaml -q -r html=2.html >x && grep -c '<h2>History of' 2.html", 0, {"2\n"}},
        {"drawn", "grep -c 'class=\"chart\"' 2.html", 0, {"2\n"}},
        {"nothing of it is markup", "! grep -E '<(b|i|u)>(v|one|a)' 2.html", 0},
        {"in a comment",
         "assay report latest -r markdown",
         0,
         {"#### compared with `<i>one`", "1 of 2 cases flipped: 1 worse"}},
        {"with their outputs",
         "assay report latest -r markdown",
         0,
         {"<summary>🔴 <code>b&#96;&#124;</code></summary>"}},
    };
    e2e_check_rows(&e, ROWS, ARRAY_LEN(ROWS));
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"every format", every_format},
        {"not writable", not_writable},
        {"step summary", step_summary},
        {"context", context},
    };
    e2e_init(argc, argv);
    return check_run("e2e/reports", tests, ARRAY_LEN(tests));
}
