/* What Opper holds already is recorded again, through the real program: by another store under the same --run-id, from an older copy of a store, after a
 * verification. In the end it is there once, as the last store says (ledger.py). */

#include "base/buf.h"
#include "tests/e2e/e2e.h"
#include "tests/fault/fault.h"

#define RUN "assay run suite.yaml -q --record opper --run-id nightly-7 "

struct stage {
    struct e2e e;
    struct fault fault;
};

static void stage_close(struct stage *s)
{
    fault_stop(&s->fault);
    e2e_close(&s->e);
}

/* Times are never the same twice, so spans and measures are other ones each time, and scores equal. */
static struct stage stage_open(const char *const *args, const char *answer)
{
    struct stage s = {.e = e2e_open(), .fault = fault_start(args)};
    s.e.env[0] = "OPPER_API_KEY=op-canary";
    s.e.env[1] = arena_printf(&s.e.arena, "OPPER_BASE_URL=%s", fault_url(&s.fault, "/v2").text).ptr;
    e2e_write(&s.e, "answer.sh", answer);
    e2e_write(&s.e, "suite.yaml",
              "suite: twice\ntarget: {command: [/bin/sh, answer.sh], stdin: text}\nconcurrency: 4\n"
              "dataset: {file: rows.jsonl, id: 'row-{{n}}', input: '{{n}}'}\n"
              "scorers: [{contains: 'yes'}, {length: {max: 9}}, {regex: {pattern: '^y', dimension: start}}, "
              "{latency: {max: 60s}}, {exact: {expected: 'yes', dimension: whole}}]\n"
              "gates: [contains.pass_rate >= 100%]\n");
    (void)e2e_sh(&s.e, "for i in $(seq 40); do echo \"{\\\"n\\\": $i}\"; done >rows.jsonl; mkdir -p .assay");
    return s;
}

static void check_ledger(struct stage *s, const char *row)
{
    (void)fault_end(&s->fault, &s->e.arena);
    struct temp_path path = temp_path(&s->fault.dir, "ledger");
    struct e2e_done done =
        e2e_sh(&s->e, "python3 '%s/tests/e2e/ledger.py' '%s' .assay/assay.db", e2e_source_dir(), path.text);
    check_str_at(done.exit_code == 0 ? STR("") : done.out, STR(""), row, __FILE__, __LINE__);
}

/* What a service may do with a second span of one id, and a second metric in one dimension. */
static const struct {
    const char *name, *args[5];
} SERVICES[] = {
    {"both are refused", {"--repeat-span", "409", "--repeat-metric", "409"}},
    {"a second metric is stored", {"--repeat-span", "409", "--repeat-metric", "200"}},
};

static void test_two_stores(void)
{
    for (size_t i = 0; i < ARRAY_LEN(SERVICES); i++) {
        struct stage s CLEANUP(stage_close) = stage_open(SERVICES[i].args, "echo yes\n");
        CHECK_INT(SERVICES[i].name, e2e_sh(&s.e, RUN "--db first.db").exit_code, 0);
        e2e_write(&s.e, "answer.sh", "echo yes, too\n"); /* some scores differ, now */
        struct e2e_done done = e2e_sh(&s.e, RUN "--verify");
        CHECK_INT(SERVICES[i].name, done.exit_code, 0);
        CHECK_CONTAINS(SERVICES[i].name, done.out, "; missing 0\n");
        CHECK(SERVICES[i].name, !e2e_has(done.out, "refused"));
        check_ledger(&s, SERVICES[i].name);
    }
}

/* A store that was put back to what it was in the middle of the run, after all that was sent since. */
static void test_older_copy(void)
{
    for (size_t i = 0; i < ARRAY_LEN(SERVICES); i++) {
        struct stage s CLEANUP(stage_close) = stage_open(SERVICES[i].args, "sleep 0.3\necho yes\n");
        struct e2e_child child = e2e_start(&s.e, "exec " RUN);
        struct e2e_done done = e2e_sh(
            &s.e, "for i in $(seq 500); do\n"
                  "sqlite3 -readonly .assay/assay.db 'SELECT count(*) > 9 FROM span' 2>/dev/null | grep -q 1 && break\n"
                  "sleep 0.02; done\nsqlite3 .assay/assay.db '.backup copy.db'; sleep 0.3");
        CHECK_INT("a copy", done.exit_code, 0);
        e2e_signal(&child, SIGKILL);
        CHECK_INT("killed", e2e_finish(&child).exit_code, 128 + SIGKILL);
        (void)e2e_sh(&s.e, "rm -r .assay/assay.db*; mv copy.db .assay/assay.db");
        done = e2e_sh(&s.e, "assay resume -q --verify");
        CHECK_INT(SERVICES[i].name, done.exit_code, 0);
        CHECK_CONTAINS(SERVICES[i].name, done.out, "; missing 0\n");
        CHECK(SERVICES[i].name, !e2e_has(done.out, "refused"));
        check_ledger(&s, SERVICES[i].name);
    }
}

/* What was read back is said until more is sent, and not after that. */
static void test_after_verification(void)
{
    const char *const args[] = {"--rule", "kind=create-metric n=3-4 : status=422", NULL};
    struct stage s CLEANUP(stage_close) =
        stage_open(args, "read n; [ $n -gt 2 ] || [ -e mended ] || exit 1\necho yes\n");
    struct e2e_done done = e2e_sh(&s.e, RUN "--verify");
    CHECK_CONTAINS("refused, and so missing", done.out, "; missing 2\n");
    CHECK_CONTAINS("a push without a word sends nothing", e2e_sh(&s.e, "assay push latest").out, "; missing 2\n");
    done = e2e_sh(&s.e, "assay push latest --refused");
    CHECK_INT("sent", done.exit_code, 0);
    CHECK("no word of what was read back before", !e2e_has(done.out, "verified") && !e2e_has(done.out, "missing"));
    CHECK_CONTAINS("read back", e2e_sh(&s.e, "assay push latest --verify").out, "; missing 0\n");
    CHECK_CONTAINS("still so", e2e_sh(&s.e, "assay push latest --refused").out, "; missing 0\n");
    done = e2e_sh(&s.e, "touch mended; assay resume -q --retry-errors --drain 1ms");
    CHECK("not when more is to be sent", !e2e_has(done.out, "verified"));
    done = e2e_sh(&s.e, "assay push latest");
    CHECK_INT("the rest", done.exit_code, 0);
    CHECK_CONTAINS("the rest", done.out, "Opper: written 43 spans, ");
    CHECK("nor when it was", !e2e_has(done.out, "verified"));
    check_ledger(&s, "after a verification");
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"two stores", test_two_stores},
        {"an older copy", test_older_copy},
        {"after a verification", test_after_verification},
    };
    e2e_init(argc, argv);
    return check_run("recorded twice", tests, ARRAY_LEN(tests));
}
