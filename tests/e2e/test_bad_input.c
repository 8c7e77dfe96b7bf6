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

#define DATA(file, more) REPLAY "dataset: {file: " file ", input: \"{{q}}\", expected: \"{{q}}\"" more "}\n"

static const struct e2e_row DATA_ROWS[] = {
    {"check finds equal ids far apart",
     "assay check twice.yaml",
     2,
     {NULL},
     {"twice.jsonl:5000:1: two cases have the id 'r9'", "the first is at twice.jsonl:10"}},
    {"run says the same", "assay run twice.yaml", 2, {NULL}, {"twice.jsonl:5000:1: two cases have the id 'r9'"}},
    {"a dry run, too", "assay run --dry-run twice.yaml | tail -1", 0, {NULL}, {"two cases have the id 'r9'"}},
    {"equal rows", "assay check equal.yaml", 2, {NULL}, {"equal.jsonl:2:1: ", "id: \"{{field}}\"", "trials"}},
    {"a row and a written case", "assay check mixed.yaml", 2, {NULL}, {"mixed.yaml:4:", "the first is at row.jsonl:1"}},
    {"another separator", "assay check semicolon.yaml", 2, {NULL}, {"undefined: 'q' (the row has 'id;q')"}},
    {"no rows", "assay check empty.yaml", 4, {NULL}, {"the data file has no rows", "empty (exit 4)"}},
    {"no rows, beside a good one", "assay check plain.yaml empty.yaml", 4, {"plain.yaml: good"}, {"empty (exit 4)"}},
    {"every case is skipped", "assay check skipped.yaml", 4, {NULL}, {"every case is skipped"}},
    {"a dry run of two suites of one name", "assay run --dry-run plain.yaml again.yaml", 2, {NULL}, {"both named 's'"}},
};

static void data_rows(void)
{
    struct e2e e CLEANUP(e2e_close) = open_files();
    (void)e2e_sh(&e, "i=0; while [ $i -lt 6000 ]; do n=$i; test $i = 4999 && n=9; "
                     "echo \"{\\\"id\\\":\\\"r$n\\\",\\\"q\\\":\\\"x$i\\\"}\"; i=$((i+1)); done >twice.jsonl");
    e2e_write(&e, "equal.jsonl", "{\"q\":\"x\"}\n{\"q\":\"x\"}\n");
    e2e_write(&e, "row.jsonl", "{\"q\":\"x\"}\n");
    e2e_write(&e, "semicolon.csv", "id;q\n1;x\n");
    e2e_write(&e, "semicolon.yaml", DATA("semicolon.csv", "") SCORER);
    e2e_write(&e, "empty.jsonl", "\n");
    e2e_write(&e, "twice.yaml", DATA("twice.jsonl", ", id: \"{{id}}\"") SCORER);
    e2e_write(&e, "equal.yaml", DATA("equal.jsonl", "") SCORER);
    e2e_write(&e, "mixed.yaml", DATA("row.jsonl", ", id: a") CASE SCORER);
    e2e_write(&e, "empty.yaml", DATA("empty.jsonl", "") SCORER);
    e2e_write(&e, "skipped.yaml", REPLAY "cases: [{id: a, input: x, skip: later}]\n" SCORER);
    e2e_write(&e, "again.yaml", REPLAY CASE SCORER);
    e2e_check_rows(&e, DATA_ROWS, ARRAY_LEN(DATA_ROWS));
}

#define BAD_DATA(file) REPLAY "dataset: {file: " file ", id: \"{{id}}\", input: \"{{q}}\", tags: \"{{t}}\"}\n"

/* `check` goes on behind a bad row, as it does behind a bad line of the suite; a run stops at the first. */
static const struct e2e_row MANY[] = {
    {"every bad row",
     "assay check many.yaml",
     2,
     {NULL},
     {"many.jsonl:2:1: 'nope' is no JSON value", "many.jsonl:4:1: a row is a JSON map",
      "many.jsonl:3: undefined: 'q' (the row has 'id', 't')\n  3 | ", "hint: 2 more cases have the same fault"},
     "no case has the tag"},
    {"equal ids behind bad rows", "assay check many.yaml", 2, {NULL}, {"many.jsonl:8:1: two cases have the id 'a'"}},
    {"as JSON", "assay check --format json many.yaml | jq '.faults|length'", 0, {"4"}},
    {"counted beyond twenty",
     "assay check more.yaml",
     2,
     {NULL},
     {"more.jsonl:21:1: ", "assay: 29 more faults"},
     ":22:1"},
    {"no further than the limit", "assay check limited.yaml", 2, {NULL}, {"more.jsonl:3:1: "}, "more.jsonl:4:1"},
    {"records of CSV",
     "assay check cells.yaml",
     2,
     {NULL},
     {"cells.csv:3:7: more cells", "cells.csv:6:4: the record ends"}},
    {"no record behind a quote", "assay check quote.yaml", 2, {NULL}, {"quote.csv:3:5: a quote inside"}, "quote.csv:4"},
    {"a tag that a bad row may have", "assay check tag.yaml", 2, {NULL}, {"many.jsonl:2:1: "}, "no case has the tag"},
    {"run stops at the first", "assay run many.yaml", 2, {NULL}, {"many.jsonl:2:1: "}, "many.jsonl:4:1"},
};

static void many_rows(void)
{
    struct e2e e CLEANUP(e2e_close) = open_files();
    e2e_write(
        &e, "many.jsonl",
        "{\"id\":\"a\",\"q\":\"x\",\"t\":\"\"}\nnope\n{\"id\":\"b\",\"t\":\"\"}\n[1]\n{\"id\":\"c\",\"t\":\"\"}\n"
        "{\"id\":\"d\",\"t\":\"\"}\n{\"id\":\"e\",\"q\":\"x\",\"t\":\"\"}\n{\"id\":\"a\",\"q\":\"x\",\"t\":\"\"}\n");
    e2e_write(&e, "many.yaml", BAD_DATA("many.jsonl") "scorers: [exact: {expected: x}]\n");
    e2e_write(&e, "tag.yaml", BAD_DATA("many.jsonl") "scorers: [exact: {expected: x, when: {tag: far}}]\n");
    e2e_sh(&e, "(head -1 many.jsonl; i=0; while [ $i -lt 49 ]; do echo nope; i=$((i+1)); done) >more.jsonl");
    e2e_write(&e, "more.yaml", BAD_DATA("more.jsonl") "scorers: [exact: {expected: x}]\n");
    e2e_sh(&e, "sed 's/more.jsonl,/more.jsonl, limit: 3,/' more.yaml >limited.yaml");
    e2e_write(&e, "cells.csv", "id,q,t\na,x,\nb,x,y,z\nc,\"x\ny\",\nd,x\n");
    e2e_write(&e, "cells.yaml", BAD_DATA("cells.csv") "scorers: [exact: {expected: x}]\n");
    e2e_sh(&e, "printf 'id,q,t\\na,x,\\nb,y \"z,\\nc\\n' >quote.csv");
    e2e_write(&e, "quote.yaml", BAD_DATA("quote.csv") "scorers: [exact: {expected: x}]\n");
    e2e_check_rows(&e, MANY, ARRAY_LEN(MANY));
}

/* A check that nothing looks at, for its tag is written otherwise in the cases. */
static const struct e2e_row TAGS[] = {
    {"when, written tags", "assay check when.yaml", 2, {NULL}, {"when.yaml:4:39: no case has the tag 'tt'"}},
    {"when, one of several", "assay check whens.yaml", 0, {"good"}},
    {"when, a case's own", "assay check own.yaml", 2, {NULL}, {"does not have the tag"}},
    {"when, tags of rows", "assay run rows.yaml", 2, {NULL}, {"rows.yaml:4:39: no case has the tag 'tt'"}},
    {"when, tags of rows in check", "assay check rows.yaml", 2, {NULL}, {"no case has the tag 'tt'"}},
    {"a selection does not matter", "assay run -q rows-good.yaml --case nothing", 4},
    {"a gate, tags of rows", "assay run rows-good.yaml -g 'exact.mean[tag=tt] > 0'", 2, {NULL}, {"tag 'tt'"}},
    {"a gate, a tag of rows", "assay run -q rows-good.yaml -g 'exact.mean[tag=t] > 0'", 0},
    {"a shared scorer need not find one", "assay check shared.yaml", 0, {"good"}},
};

static void tags(void)
{
    static const char WHEN[] = "scorers: [exact, {exact: {when: {tag: tt}, dimension: d}}]\n";
    struct e2e e CLEANUP(e2e_close) = open_files();
    e2e_write(&e, "tagged.jsonl", "{\"q\":\"x\",\"t\":\"t\"}\n{\"q\":\"y\",\"t\":\"u\"}\n");
    e2e_sh(&e, "printf '%%s' '%s%s%s' >when.yaml", REPLAY, CASE, WHEN);
    e2e_write(&e, "whens.yaml", REPLAY CASE "scorers: [exact, {exact: {when: {tag: [u, t]}, dimension: d}}]\n");
    e2e_write(&e, "own.yaml", REPLAY "cases: [{id: a, input: x, expected: x, scorers: [{exact: {when: {tag: t}}}]}]\n");
    e2e_sh(&e, "printf '%%s' '%s%s' >rows.yaml", DATA("tagged.jsonl", ", tags: \"{{t}}\""), WHEN);
    e2e_write(&e, "rows-good.yaml", DATA("tagged.jsonl", ", tags: \"{{t}}\"") SCORER);
    e2e_write(&e, "shared.yaml", REPLAY CASE SCORER "include: shared/scorers.yaml\n");
    e2e_sh(&e, "mkdir shared; echo 'scorers: [{exact: {when: {tag: other}, dimension: d}}]' >shared/scorers.yaml");
    e2e_check_rows(&e, TAGS, ARRAY_LEN(TAGS));
}

/* Names may hold anything; no command passes an escape sequence or an override of the direction on to the terminal. */
static const char *const LOUD[] = {
    "assay check *loud.yaml",
    "assay run --dry-run *loud.yaml",
    "assay run *loud.yaml -v --report jsonl=out.jsonl",
    "assay list",
    "assay show latest --all",
    "assay report latest",
    "assay import out.jsonl --db new.db",
    "assay rescore latest *loud.yaml",
    "assay rescore latest louder.yaml",
    "assay init \"$(printf '\\033[31mnew')\"",
    "assay check \"$(printf '\\033[31mnone')\"",
    "assay show \"$(printf '\\033[31mnone')\"",
    "assay import \"$(printf '\\033[31mnone')\"",
};

static void loud(void)
{
    static const char SUITE[] =
        "suite: \"s\u202e\u2066\"\n"
        "target: {shell: 'cat; printf \"\\033]0;x\\007\\033[2J\"', stdin: text}\n"
        "variants: [{name: \"v\u202e\"}]\n"
        "cases: [{id: \"i\u202e\", input: \"\\e[31mred\\a\", expected: \"\\e[0m\", tags: [\"t\u202e\"]}";
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "\033[31m\u202eloud.yaml", arena_printf(&e.arena, "%s]\n%s", SUITE, SCORER).ptr);
    e2e_write(&e, "louder.yaml", arena_printf(&e.arena, "%s, {id: \"n\u202e\", input: 1}]\n%s", SUITE, SCORER).ptr);
    for (size_t i = 0; i < ARRAY_LEN(LOUD); i++) {
        struct e2e_done done = e2e_sh(&e, "%s", LOUD[i]);
        bool is_safe = !e2e_has(done.out, "\033") && !e2e_has(done.err, "\033") && !e2e_has(done.out, "\u202e") &&
                       !e2e_has(done.err, "\u202e") && !e2e_has(done.out, "\a") && !e2e_has(done.err, "\a");
        CHECK(LOUD[i], is_safe);
        CHECK("something was said", done.out.len + done.err.len > 0);
    }
}

static const struct e2e_row FLAGS[] = {
    {"no run id", "assay run plain.yaml --run-id \"$UNSET\"", 2, {NULL}, {"--run-id wants a value that is not empty"}},
    {"no store", "assay run plain.yaml --db=", 2, {NULL}, {"--db wants a value that is not empty"}},
    {"no part of an id", "assay run plain.yaml --filter ''", 2, {NULL}, {"--filter wants"}},
    {"the last line is the last", "assay run plain.yaml --nope 2>&1 | tail -1", 0, {"assay: usage (exit 2)"}},
    {"an env file that is not there",
     "assay run plain.yaml --env-file none",
     2,
     {NULL},
     {"--env-file: cannot open 'none'"}},
    {"an import that is not there",
     "assay import none --db none.db; echo $?; ls none.db",
     2,
     {"2\n"},
     {"cannot open 'none'"}},
    {"a report over the suite",
     "assay run plain.yaml -r json=plain.yaml",
     2,
     {NULL},
     {"'plain.yaml' belongs to the suite"}},
    {"by another name", "ln -s plain.yaml l; assay run plain.yaml -r json=l", 2, {NULL}, {"belongs to the suite"}},
    {"over the data", "assay run data.yaml -r jsonl=data.jsonl", 2, {NULL}, {"'data.jsonl' belongs to the suite"}},
    {"over an included file", "assay run include.yaml -r json=scorers.yaml", 2, {NULL}, {"belongs to the suite"}},
    {"over the store",
     "assay run -q plain.yaml && assay run plain.yaml -r json=.assay/assay.db",
     2,
     {NULL},
     {"is the store"}},
    {"a stored run's over the store", "assay report latest -r json=.assay/assay.db", 2, {NULL}, {"is the store"}},
    {"two reports to a file", "assay run plain.yaml -r json=x -r jsonl=x", 2, {NULL}, {"two reports would go to 'x'"}},
    {"a report to a folder", "assay run plain.yaml -r json=.", 2, {NULL}, {"'.' is a folder"}},
    {"two to /dev/null", "assay run -q plain.yaml -r json=/dev/null -r jsonl=/dev/null", 0},
    {"the suite is as it was", "grep -c '^suite: s$' plain.yaml", 0, {"1\n"}},
};

static void flags(void)
{
    struct e2e e CLEANUP(e2e_close) = open_files();
    e2e_write(&e, "data.jsonl", "{\"q\":\"x\"}\n");
    e2e_write(&e, "data.yaml", DATA("data.jsonl", "") SCORER);
    e2e_write(&e, "scorers.yaml", SCORER);
    e2e_write(&e, "include.yaml", REPLAY CASE "include: scorers.yaml\n");
    e2e_check_rows(&e, FLAGS, ARRAY_LEN(FLAGS));
}

/* A suite of one line of megabytes does not fill a log. */
static void long_lines(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    (void)e2e_sh(&e, "{ printf 'suite: {'; head -c 1000000 /dev/zero | tr '\\0' a; echo ': 1, x}'; } >long.yaml");
    struct e2e_done done = e2e_sh(&e, "assay check long.yaml");
    CHECK_INT("refused", done.exit_code, 2);
    CHECK("short", done.err.len < 2000);
    CHECK("with a caret", e2e_has(done.err, "^"));
}

/* Arguments that are too long only together are known when the program is started: they concern that sample. */
static const struct e2e_row ROWS_TO_PROGRAMS[] = {
    {"arguments too long together",
     "assay run long.yaml",
     0,
     {"2 passed, 0 failed, 1 errored", "Argument list too long", "passed (exit 0)"}},
    {"a NUL in a variable", "assay check nul-written.yaml", 2, {NULL}, {"nul-written.yaml:2:", "NUL byte"}},
    {"a folder that is not there", "assay run folder.yaml", 5, {"/gone", "No such file", "(exit 5)"}, {NULL}, "#!"},
};

static void rows_to_programs(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    (void)e2e_sh(&e,
                 "{ echo '{\"id\":1,\"q\":\"a\"}'; printf '{\"id\":2,\"q\":\"'; head -c 120000 /dev/zero | tr '\\0' a; "
                 "echo '\"}'; echo '{\"id\":3,\"q\":\"b\"}'; } >rows.jsonl");
    (void)e2e_sh(&e, "{ printf 'suite: s\\nallow_errors: 1\\ntarget: {command: [sh, -c, \"echo x\"'; "
                     "for i in $(seq 60); do printf ', \"{{q}}\"'; done; "
                     "printf ']}\\ndataset: {file: rows.jsonl, input: x, expected: x, id: \"{{id}}\"}\\n"
                     "scorers: [exact]\\ngates: [pass_rate >= 0.6]\\n'; } >long.yaml");
    e2e_write(&e, "nul-written.yaml", "suite: s\ntarget: {shell: 'echo x', env: {X: \"a\\0b\"}}\n" CASE SCORER);
    e2e_write(&e, "folder.yaml", "suite: s\ntarget: {shell: 'echo x', cwd: gone}\n" CASE SCORER);
    e2e_check_rows(&e, ROWS_TO_PROGRAMS, ARRAY_LEN(ROWS_TO_PROGRAMS));
}

static const struct e2e_row BOUNDS[] = {
    {"a duration of ages", "assay check long.yaml", 2, {NULL}, {"below 292 years"}, "hint: write"},
    {"too many scorers, said once", "assay check many.yaml 2>&1 | grep -c 'more than 1000 scorers'", 0, {"1\n"}},
    {"version takes nothing", "assay version x", 2},
    {"an import that contradicts itself",
     "assay run -q two.yaml -r jsonl=t.jsonl >/dev/null; sed -n '1p;2p' t.jsonl >x.jsonl; "
     "sed -n '3s/\"ordinal\":1/\"ordinal\":0/p' t.jsonl >>x.jsonl; assay import --partial --db x.db x.jsonl",
     2,
     {NULL},
     {"x.jsonl:3:1: ", "another case stands at this place"}},
    {"an import of a sample twice",
     "sed -n '1p;2p;2p' t.jsonl >x.jsonl; assay import --partial --db x.db x.jsonl",
     2,
     {NULL},
     {"x.jsonl:3:1: ", "contradicts"}},
};

static void bounds(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "long.yaml", REPLAY CASE SCORER "timeout: 99999999999h\n");
    e2e_write(&e, "two.yaml",
              REPLAY "cases: [{id: a, input: x, expected: x}, {id: b, input: y, expected: y}]\n" SCORER);
    (void)e2e_sh(
        &e,
        "{ printf '%%s\\n' '%s' 'scorers:'; for i in $(seq 1100); do echo \"  - exact: {dimension: d$i}\"; done; } "
        ">many.yaml",
        REPLAY CASE);
    e2e_check_rows(&e, BOUNDS, ARRAY_LEN(BOUNDS));
}

/* Where there is no terminal to widen, what went wrong can still be read to its end. */
static void reasons(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "json.yaml", "suite: s\ntarget: {shell: 'echo hello', output: json}\n" CASE SCORER);
    struct e2e_done done = e2e_sh(&e, "assay run json.yaml -q");
    CHECK_INT("exit code", done.exit_code, 3);
    CHECK_CONTAINS("the end of the sentence", done.out, "the words are true, false, null");
    done = e2e_sh(&e, "COLUMNS=20 assay run json.yaml -q");
    CHECK_INT("exit code", done.exit_code, 3);
    CHECK("a narrow one is short", e2e_count_of(done.out, "\n") < 40);
}

int main(int argc, char **argv)
{
    static const struct check_test TESTS[] = {
        {"--set", sets},
        {"data", data_rows},
        {"all bad rows", many_rows},
        {"tags that nothing has", tags},
        {"flags", flags},
        {"long lines", long_lines},
        {"escape sequences in names", loud},
        {"rows that no program can be given", rows_to_programs},
        {"bounds and limits", bounds},
        {"reasons are whole", reasons},
    };
    e2e_init(argc, argv);
    return check_run("e2e/bad_input", TESTS, ARRAY_LEN(TESTS));
}
