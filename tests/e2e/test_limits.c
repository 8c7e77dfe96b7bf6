/* Inputs that would hang or burst a careless program, through the whole of it: patterns, YAML, data, outputs. Bounds on time are for hangs. And
 * reports of odd text, read by somebody else's readers. */

#include "tests/e2e/e2e.h"

#include "base/buf.h"

enum { HANG_MS = 30000 };

/* Each pattern is a case of its own beside harmless ones: it ends with an answer or at its limit, and the others do not wait for it. */
static const char *const EVIL[] = {
    "(a+)+$",
    "([a-zA-Z]+)*\\d",
    "(a|aa)+$",
    "(.*a){12}$",
    "a*a*a*c\\d",
    "(.*)*x",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(a*)\\1+b",
    "(?:a?){50}a{50}$",
    "a(?R)?(?R)?b",
};

static void evil_patterns(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct buf suite CLEANUP(buf_deinit) = BUF(1 << 20);
    buf_append_cstr(&suite,
                    "suite: evil\ntarget: {shell: 'head -c 20000 /dev/zero | tr \"\\0\" a; echo !'}\nconcurrency: 8\n"
                    "allow_errors: 100%\nscorers: [{contains: {any: a}}]\n"
                    "gates: ['contains.pass_rate[tag=good] >= 100%', 'contains.count[tag=good] == 30']\ncases:\n");
    for (size_t i = 0; i < ARRAY_LEN(EVIL); i++) {
        buf_printf(
            &suite,
            "  - {id: evil-%zu, input: x, tags: [evil], scorers: [{regex: {pattern: '%s', dimension: 'r%zu'}}]}\n", i,
            EVIL[i], i);
    }
    for (int i = 0; i < 30; i++) {
        buf_printf(&suite, "  - {id: good-%d, input: x, tags: [good]}\n", i);
    }
    e2e_write_bytes(&e, "suite.yaml", buf_str(&suite));
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -v");
    CHECK_INT("the others pass", done.exit_code, 0);
    CHECK_INT("all are announced", e2e_count_of(done.err, "\n"), 40);
    CHECK_CONTAINS("there are limits that were met", done.err, "limit");
    CHECK("no hang", done.elapsed_ms < HANG_MS);
}

/* What YAML can be made to do: refused with a place, at once. */
static const struct {
    const char *name, *make; /* writes bomb.yaml */
} BOMBS[] = {
    {"aliases of aliases", "{ echo 'a0: &a0 [x,x,x,x,x,x,x,x,x]'; for i in $(seq 25); do p=$((i-1));"
                           "echo \"a$i: &a$i [*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p,*a$p]\"; done; } >bomb.yaml"},
    {"an alias of itself", "echo 'suite: &a [*a]' >bomb.yaml"},
    {"90,000 brackets", "head -c 90000 /dev/zero | tr '\\0' '[' >bomb.yaml"},
    {"90,000 braces", "head -c 90000 /dev/zero | tr '\\0' '{' >bomb.yaml"},
    {"90,000 levels of block",
     "awk 'BEGIN { for (i = 0; i < 2000; i++) { printf \"%*s- \\n\", i, \"\" } }' >bomb.yaml"},
    {"a file that is too large", "{ echo 'suite: x'; head -c 17000000 /dev/zero | tr '\\0' '#'; } >bomb.yaml"},
    {"a scalar that is too large",
     "{ printf 'suite: \"'; head -c 5000000 /dev/zero | tr '\\0' x; echo '\"'; } >bomb.yaml"},
    {"100,000 unknown keys", "awk 'BEGIN { for (i = 0; i < 100000; i++) { print \"k\" i \": 1\" } }' >bomb.yaml"},
    {"NUL", "printf 'suite: a\\000b\\n' >bomb.yaml"},
    {"UTF-16", "printf '\\377\\376s\\000u\\000' >bomb.yaml"},
    {"no UTF-8", "printf 'suite: \\377\\n' >bomb.yaml"},
    {"nothing", ": >bomb.yaml"},
    {"includes itself", "echo 'suite: x\ninclude: [bomb.yaml]' >bomb.yaml"},
};

static void yaml_bombs(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    for (size_t i = 0; i < ARRAY_LEN(BOMBS); i++) {
        struct e2e_done done = e2e_sh(&e, "%s", BOMBS[i].make);
        CHECK_INT(BOMBS[i].name, done.exit_code, 0);
        done = e2e_sh(&e, "assay check bomb.yaml");
        CHECK_INT(BOMBS[i].name, done.exit_code, 2);
        CHECK_CONTAINS(BOMBS[i].name, done.err, "bomb.yaml");
        CHECK(BOMBS[i].name, done.elapsed_ms < HANG_MS && done.err.len < 100000);
        done = e2e_sh(&e, "assay run bomb.yaml");
        CHECK_INT(BOMBS[i].name, done.exit_code, 2);
    }
}

/* Rows that a paid run would meet half way: the pre-pass names them before the first call. */
#define TEN(x) x x x x x x x x x x
#define DEEP "{\"n\": " TEN(TEN("[") TEN("[")) "1" TEN(TEN("]") TEN("]")) "}"

static const struct {
    const char *name, *row, *err;
} ROWS[] = {
    {"broken JSON", "{\"n\": ", "rows.jsonl:3"},
    {"no object", "[1]", "rows.jsonl:3"},
    {"a field is missing", "{\"m\": 3}", "rows.jsonl:3"},
    {"the same row again", "{\"n\": 1}", "two cases have the id"},
    {"deep", DEEP, "rows.jsonl:3"},
    {"no UTF-8", "{\"n\": \"\xff\"}", "rows.jsonl:3"},
};

static void bad_rows(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: rows\ntarget: {shell: 'touch ran'}\n"
              "dataset: {file: rows.jsonl, input: '{{n}}'}\nscorers: [{length: {}}]\n");
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        e2e_write(&e, "rows.jsonl",
                  arena_printf(&e.arena, "{\"n\": 1}\n{\"n\": 2}\n%s\n{\"n\": 4}\n", ROWS[i].row).ptr);
        struct e2e_done done = e2e_sh(&e, "assay run suite.yaml");
        CHECK_INT(ROWS[i].name, done.exit_code, 2);
        CHECK_CONTAINS(ROWS[i].name, done.err, ROWS[i].err);
        CHECK("nothing ran", !e2e_exists(&e, "ran"));
        done = e2e_sh(&e, "assay check suite.yaml");
        CHECK_INT(ROWS[i].name, done.exit_code, 2);
    }
}

/* A deadline bounds a sample over all its attempts, a budget the run. */
static void deadlines(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "deadline.yaml",
              "suite: d\ntarget: {shell: 'exit 75'}\nretries: 100\ndeadline: 500ms\n"
              "cases: [{id: a, input: x}]\nscorers: [{length: {}}]\n");
    e2e_write(&e, "budget.yaml",
              "suite: b\ntarget: {shell: 'sleep 1; echo yes'}\nconcurrency: 1\nbudget: {time: 500ms}\n"
              "cases: [{id: a, input: x}, {id: b, input: x}, {id: c, input: x}]\nscorers: [{length: {}}]\n");
    struct e2e_done done = e2e_sh(&e, "assay run deadline.yaml");
    CHECK_INT("deadline", done.exit_code, 3);
    CHECK("deadline", done.elapsed_ms < HANG_MS);
    done = e2e_sh(&e, "assay run budget.yaml --run-id t");
    CHECK_INT("budget", done.exit_code, 3);
    CHECK_CONTAINS("budget", e2e_last_line(done.out), "budget");
    CHECK_CONTAINS("budget", done.out, "assay resume");
}

/* Odd text, in every report, read by Python's JSON and XML readers and by sha256sum. */
static void reports_by_others(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: 'odd <&\">'']]>'\n"
              "target: {shell: 'printf \"\\000\\001\\033]]> <b>&amp; \\377\\303\\050 \\357\\277\\276 "
              "\\360\\235\\204\\236\"; printf \"$ASSAY_INPUT\" >&2; exit $CODE'}\n"
              "variants: [{name: 'a<b', env: {CODE: '0'}}, {name: 'a&b', env: {CODE: '9'}}]\nallow_errors: 100%\n"
              "dataset: {file: rows.jsonl, id: '{{id}}', input: '{{text}}', expected: '{{text}}'}\n"
              "scorers: [exact, {regex: '<b>'}, {length: {max: 3, unit: bytes}}]\ngates: ['cases >= 0']\n");
    e2e_write(&e, "rows.jsonl",
              "{\"id\": \"]]>\", \"text\": \"]]> \\u0001 \\ud834\\udd1e \\ufffe \\\" \\\\ <&>\"}\n"
              "{\"id\": \"\\\"<a&b>\\\"\", \"text\": \"'|`*_@x #1\"}\n");
    struct e2e_done done = e2e_sh(&e, "command -v python3 >/dev/null || exit 99; assay run suite.yaml -q -r "
                                      "json=r.json -r jsonl=r.jsonl -r junit=r.xml");
    if (done.exit_code == 99) {
        (void)printf("skipped: no python3\n");
        return;
    }
    CHECK_INT("run", done.exit_code, 0);
    if (done.exit_code != 0) {
        (void)fprintf(stderr, "%.*s%.*s", STR_ARG(done.out), STR_ARG(done.err));
    }
    e2e_write(&e, "read.py",
              "import hashlib, json, xml.dom.minidom\n"
              "strict = dict(parse_constant=lambda c: 1 / 0)\n"
              "whole = json.loads(open('r.json', encoding='utf-8').read(), **strict)\n"
              "tests = [t for t in xml.dom.minidom.parse('r.xml').getElementsByTagName('testcase')\n"
              "         if t.parentNode.getAttribute('name') != 'gates']\n"
              "kinds, block = [], b''\n"
              "for line in open('r.jsonl', 'rb'):\n"
              "    record = json.loads(line.decode('utf-8'), **strict)\n"
              "    kinds.append(record['kind'])\n"
              "    if record['kind'] == 'end':\n"
              "        assert record['sha256'] == hashlib.sha256(block).hexdigest()\n"
              "        block = b''\n"
              "    else:\n"
              "        block += line\n"
              "cases = [s['case'] for r in whole['runs'] for s in r['samples']]\n"
              "assert sorted(t.getAttribute('name') for t in tests) == sorted(cases), (cases,)\n"
              "print(' '.join(kinds), len(cases))\n");
    done = e2e_sh(&e, "python3 read.py");
    CHECK_CSTR("read by others", done.out, "run sample sample end run sample sample end 4\n");
    CHECK_CSTR("read by others", done.err, "");
    done = e2e_sh(&e, "assay import r.jsonl --db o.db && assay report latest --db o.db --format jsonl | cmp - r.jsonl");
    CHECK_INT("and by ourselves", done.exit_code, 0);
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"evil patterns", evil_patterns},
        {"YAML bombs", yaml_bombs},
        {"bad rows", bad_rows},
        {"deadlines and budgets", deadlines},
        {"reports read by others", reports_by_others},
    };
    return check_run("e2e/limits", TESTS, ARRAY_LEN(TESTS));
}
