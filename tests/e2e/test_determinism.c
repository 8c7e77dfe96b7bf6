/* The same work gives the same records: whatever the concurrency, the order in which samples end, the file's line ends. And text from
 * outside, whatever it holds, never reaches the terminal as a command. */

#include "tests/e2e/e2e.h"

#include "base/buf.h"

/* Each sample waits a time that its case and trial decide, so that at high concurrency they end in another order than they began. */
static const char SHUFFLED[] =
    "suite: shuffled\n"
    "target: {shell: 'sleep 0.0$(( (ASSAY_CASE * 7919 + ASSAY_TRIAL * 31) %% 9 ))%s; echo $(( ASSAY_CASE %% 5 ))', "
    "stdin: none}\n"
    "variants: [{name: one}, {name: two}]\n"
    "trials: 2\n"
    "concurrency: 8\n"
    "dataset: {file: rows.jsonl, id: '{{n}}', input: '{{n}}', expected: '{{want}}', tags: ['t{{want}}']}\n"
    "scorers:\n"
    "  - numeric: {expected: '{{expected}}', record_value: true, dimension: answer}\n"
    "  - length: {max: 3}\n"
    "  - regex: {pattern: '^[0-3]$', optional: true}\n"
    "gates: [answer.pass_rate >= 50%%, 'answer.pass_rate[tag=t1] >= 50%%', errors <= 0]\n";

static void write_rows(struct e2e *e)
{
    struct buf rows CLEANUP(buf_deinit) = BUF(1 << 20);
    for (int i = 0; i < 40; i++) {
        buf_printf(&rows, "{\"n\": %d, \"want\": %d}\n", i, i % 7 == 0 ? 9 : i % 5);
    }
    e2e_write_bytes(e, "rows.jsonl", buf_str(&rows));
}

static void check_same(struct e2e *e, const char *row, const char *a, const char *b)
{
    struct str first = e2e_without_times(e, a);
    CHECK_STR(row, e2e_without_times(e, b), first);
    CHECK(row, first.len > 1000);
}

static void concurrency_and_order(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_rows(&e);
    e2e_write(&e, "suite.yaml", arena_printf(&e.arena, SHUFFLED, "").ptr);
    static const char *const WAYS[] = {"1", "64", "7"};
    for (size_t i = 0; i < ARRAY_LEN(WAYS); i++) {
        struct e2e_done done = e2e_sh(&e,
                                      "assay run suite.yaml -q -j %s --db %zu.db --run-id same -r jsonl=%zu.jsonl -r "
                                      "json=%zu.json -r junit=%zu.xml",
                                      WAYS[i], i, i, i, i);
        CHECK_INT(WAYS[i], done.exit_code, 0);
        /* how many at once is an option of the run, and stands in it */
        (void)e2e_sh(&e, "for f in %zu.jsonl %zu.json; do jq -c 'del(.. | .options?)' $f >t && mv t $f; done", i, i);
        (void)e2e_sh(&e, "sed -i 's/ time=\"[^\"]*\"//g; s/ timestamp=\"[^\"]*\"//g' %zu.xml", i);
    }
    for (size_t i = 1; i < ARRAY_LEN(WAYS); i++) {
        check_same(&e, WAYS[i], "0.jsonl", arena_printf(&e.arena, "%zu.jsonl", i).ptr);
        check_same(&e, WAYS[i], "0.json", arena_printf(&e.arena, "%zu.json", i).ptr);
        CHECK_STR(WAYS[i], e2e_read(&e, arena_printf(&e.arena, "%zu.xml", i).ptr), e2e_read(&e, "0.xml"));
    }
}

/* Reports are made from the store: asked for again they are the same, byte for byte. */
static void reports_are_repeatable(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_rows(&e);
    e2e_write(&e, "suite.yaml", arena_printf(&e.arena, SHUFFLED, "").ptr);
    static const char *const FORMATS[] = {"json", "jsonl", "junit"};
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -q -j 40 -r json=a.json -r jsonl=a.jsonl -r junit=a.junit");
    CHECK_INT("run", done.exit_code, 0);
    for (size_t i = 0; i < ARRAY_LEN(FORMATS); i++) {
        done = e2e_sh(&e, "assay report latest --format %s | cmp - a.%s", FORMATS[i], FORMATS[i]);
        CHECK_INT(FORMATS[i], done.exit_code, 0);
    }
}

/* A pure target without a clock: all that differs between two runs by one name is times. */
static void replay_twice(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_rows(&e);
    e2e_write(&e, "suite.yaml",
              "suite: again\ntarget: {replay: 'A: {{want}}'}\n"
              "dataset: {file: rows.jsonl, id: '{{n}}', input: '{{n}}', expected: '{{want}}'}\n"
              "scorers: [{numeric: {extract: 'A: (\\d)', expected: '{{expected}}'}}]\n");
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -q --db a.db --run-id x -r jsonl=a.jsonl && "
                                      "tr -d '\\n' <suite.yaml >/dev/null; sed 's/$/\\r/' suite.yaml >crlf.yaml;"
                                      "assay run suite.yaml -q --db b.db --run-id x -r jsonl=b.jsonl");
    CHECK_INT("run", done.exit_code, 0);
    check_same(&e, "twice", "a.jsonl", "b.jsonl");
    done = e2e_sh(&e, "assay run crlf.yaml -q --db c.db --run-id x -r jsonl=c.jsonl;"
                      "for f in a c; do jq -c '[.plan_digest, .digest, .scores, .span]' $f.jsonl >$f; done; cmp a c");
    CHECK_INT("CRLF gives the same digests and ids", done.exit_code, 0);
}

/* ESC, OSC 52, CR, BEL, C1 as bytes and as UTF-8, bidi overrides: in ids, inputs, outputs, stderr, error texts, comments. */
static const char CANARY[] =
    "suite: canary\n"
    "target: {shell: 'printf \"\\033]52;c;Y2FuYXJ5\\007\\033[2J\\rover\\010\\302\\2331m\\342\\200\\256abc\"; printf "
    "\"\\033]0;title\\007\" >&2; exit $CODE', stdin: none}\n"
    "variants: [{name: good, env: {CODE: '0'}}, {name: bad, env: {CODE: '3'}}]\n"
    "allow_errors: 100%\n"
    "dataset: {file: rows.jsonl, id: '{{id}}', input: '{{text}}', expected: '{{text}}', tags: ['{{tag}}']}\n"
    "scorers: [exact, {contains: {all: ['{{expected}}'], dimension: has}}]\n"
    "gates: [cases >= 0]\n";

static bool is_clean(struct str text, bool is_terminal)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool is_our_own = is_terminal && (c == '\x1b' || c == '\r'); /* looked at apart */
        if ((c < 0x20 && c != '\n' && c != '\t' && !is_our_own) || c == 0x7f) {
            return false;
        }
    }
    static const char *const FORBIDDEN[] = {"\x1b]", "\x1b[2J", "\xc2\x9b", "\xe2\x80\xae", "\rover"};
    for (size_t i = 0; i < ARRAY_LEN(FORBIDDEN); i++) {
        if (e2e_has(text, FORBIDDEN[i])) {
            return false;
        }
    }
    return is_terminal || !e2e_has(text, "\x1b");
}

static const char *const SHOWN[] = {
    "assay run suite.yaml",
    "assay run suite.yaml -v",
    "assay run suite.yaml --dry-run",
    "assay show latest",
    "assay show latest --all -v",
    "assay show latest --errors",
    "assay show latest/bad --errors -v",
    ("for r in $(assay list --format json | jq -r .run); do assay show $r \"$(printf 'id-\\302\\233x')\"; assay show "
     "$r "
     "plain; done"),
    "assay list",
    "assay report latest",
    "assay run suite.yaml --case \"$(printf 'a\\033[2Jb')\"",
    "assay run \"$(printf 'no\\033]52;c;x\\007such.yaml')\"",
    "assay run suite.yaml --gate \"$(printf 'x\\033[2J >= 1')\"",
    "assay show \"$(printf 'x\\033[2J')\"",
    "assay \"$(printf 'x\\033[2J')\"",
    "assay run suite.yaml \"$(printf -- '--x\\033[2J')\"",
};

static void nothing_commands_the_terminal(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml", CANARY);
    (void)e2e_sh(
        &e, "printf "
            "'{\"id\":\"plain\",\"text\":\"a\\\\u001b]0;t\\\\u0007\\\\rover\\\\u009bb\\\\u202ec\",\"tag\":\"t\"}\\n' "
            ">rows.jsonl;"
            "printf '{\"id\":\"id-\\\\u009bx\",\"text\":\"\\\\u001b[2J\",\"tag\":\"t\\\\u202ed\"}\\n' >>rows.jsonl");
    struct e2e_done first = e2e_sh(&e, "assay run suite.yaml -r json=r.json; jq '[.runs[].samples[]] | length' r.json");
    CHECK_INT("the suite is one", first.exit_code, 0);
    CHECK_CONTAINS("and its text was shown", first.out, "\\x1b]52");
    for (unsigned short columns = 0; columns <= 80; columns = (unsigned short)(columns + 80)) {
        e.columns = columns;
        for (size_t i = 0; i < ARRAY_LEN(SHOWN); i++) {
            struct e2e_done done = e2e_sh(&e, "%s", SHOWN[i]);
            CHECK(SHOWN[i], is_clean(done.out, columns > 0) && is_clean(done.err, columns > 0));
            CHECK(SHOWN[i], done.out.len + done.err.len > 0);
            CHECK(SHOWN[i], done.exit_code < 126);
        }
    }
}

/* A terminal of any width, and none that can move its cursor. */
static void terminals(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    write_rows(&e);
    e2e_write(&e, "suite.yaml", arena_printf(&e.arena, SHUFFLED, "5").ptr);
    static const unsigned short WIDTHS[] = {1, 2, 7, 20, 79, 200};
    for (size_t i = 0; i < ARRAY_LEN(WIDTHS); i++) {
        const char *row = arena_printf(&e.arena, "%u columns", (unsigned)WIDTHS[i]).ptr;
        e.columns = WIDTHS[i];
        struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -j 16 --limit 12; echo; echo code $?");
        CHECK_CONTAINS(row, done.out, "code 0");
        CHECK(row, e2e_has(done.out, "\x1b[K"));
    }
    e.columns = 80;
    struct e2e_done done = e2e_sh(&e, "TERM=dumb assay run suite.yaml --limit 4");
    CHECK("TERM=dumb", !e2e_has(done.out, "\x1b"));
    done = e2e_sh(&e, "NO_COLOR=1 assay show latest");
    CHECK("NO_COLOR", !e2e_has(done.out, "\x1b[3"));
    CHECK_CONTAINS("NO_COLOR", done.out, "shuffled");
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"concurrency and order of ending", concurrency_and_order},
        {"reports are repeatable", reports_are_repeatable},
        {"replay twice", replay_twice},
        {"nothing commands the terminal", nothing_commands_the_terminal},
        {"terminals", terminals},
    };
    return check_run("e2e/determinism", TESTS, ARRAY_LEN(TESTS));
}
