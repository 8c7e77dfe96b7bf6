/* What a run left to be recorded on Opper, sent later: by `assay push`, through the real program, against the fault server. With --long more runs than are
 * sent together.
 *
 *   test_e2e_push PROGRAM SOURCE_DIR [--long] [TEST] */

#include "tests/e2e/stage.h"

static void test_push(void)
{
    struct stage s CLEANUP(stage_close) = stage_open(NULL, 20);
    e2e_write(&s.e, "held.yaml", arena_printf(&s.e.arena, "%srecord: local\n", STAGE_SUITE).ptr);
    CHECK_INT("only here", e2e_sh(&s.e, "assay run held.yaml -q --run-id here").exit_code, 0);
    static const struct e2e_row rows[] = {
        {"nothing waits", "env -u OPPER_API_KEY assay push", 0, {"nothing waits"}},
        {"not without a word", "assay push latest", 2, {NULL}, {"only recorded here", "--record opper"}},
        {"no key", "env -u OPPER_API_KEY assay push latest", 2, {NULL}, {"OPPER_API_KEY is not set"}},
        {"no such run", "assay push abcd", 4, {NULL}, {"no run 'abcd'"}},
        {"which?", "assay push --again", 2, {NULL}, {"want a RUN"}},
        {"two", "assay push a b", 2, {NULL}, {"one run at a time"}},
        {"--record auto", "assay push latest --record auto", 2, {NULL}, {"--record wants opper"}},
        {"no store", "assay push --db nowhere.db", 4, {NULL}, {"nowhere.db"}},
        {"with it", "assay push latest --record opper --verify", 0, {"written 42 spans", "missing 0"}},
        {"again", "assay push latest --again", 0, {"written 42 spans"}},
    };
    e2e_check_rows(&s.e, rows, ARRAY_LEN(rows));
    CHECK_INT("an import is read-only",
              e2e_sh(&s.e, "assay report latest --format jsonl=x.jsonl && assay import x.jsonl --db b.db; "
                           "assay push latest --db b.db")
                  .exit_code,
              2);
    (void)stage_check(&s, "pushed", "");
}

/* All that wait, at once: one whose root is refused, and those that belong elsewhere, keep no other from it. */
static void test_push_all(void)
{
    const int runs = stage_is_long ? 130 : 3; /* more than are under way together; or few */
    const char *const args[] = {"--rule", "kind=create-span n=1 : status=422", NULL}; /* a root */
    struct stage s CLEANUP(stage_close) = stage_open(NULL, 4);
    stage_down(&s);
    s.e.timeout_ms = stage_is_long ? 600000 : s.e.timeout_ms;
    struct e2e_done done = e2e_sh(&s.e,
                                  "r='assay run suite.yaml -q --record opper --drain 1ms'\n"
                                  "for i in 1 2; do OPPER_BASE_URL=http://127.0.0.1:9/v2 $r; done\n"
                                  "for i in $(seq %d); do $r; done",
                                  runs);
    CHECK_INT("they wait", done.exit_code, 6);
    stage_up(&s, args);
    done = e2e_sh(&s.e, "assay push");
    CHECK_INT("not all", done.exit_code, 6);
    CHECK_INT("a line each", e2e_count_of(done.out, " sums: written "), (size_t)runs);
    CHECK_INT("written", e2e_count_of(done.out, ": written 10 spans, 42 metrics\n"), (size_t)runs - 1);
    CHECK_INT("why, once", e2e_count_of(done.out, "  Opper refused 1 span: the root span 'sums ["), 1);
    CHECK_INT("what to do", e2e_count_of(done.out, "  try once more with: assay push "), 1);
    CHECK_INT("and nothing that would not help", e2e_count_of(done.out, "finish with"), 0);
    CHECK_INT("those of elsewhere, once", e2e_count_of(done.err, "assay: 2 runs wait for http://127.0.0.1:9/v2"), 1);
    CHECK_INT("with a command, and no more", e2e_count_of(done.err, "\n"), 2);
    CHECK_STR("a command", stage_line_after(done.err, "deliver there with: "),
              STR("OPPER_BASE_URL=http://127.0.0.1:9/v2 assay push"));
    CHECK_INT("of all the others", e2e_count_of(done.out, "Opper: "), 1);
    (void)e2e_sh(&s.e, "assay push --refused");
    CHECK_INT("here now",
              e2e_sh(&s.e, "for i in 1 2; do assay push latest~$((%d + i)) --again || exit; done", runs - 1).exit_code,
              0);
    CHECK_CONTAINS("once more", e2e_sh(&s.e, "assay push").out, "nothing waits");
    (void)stage_check(&s, "all of them", "");
}

/* Killed after the last confirmation, and before "passed" was stored: nothing waits any more, and the verdict is still to be set right. */
static void test_push_settles(void)
{
    static const char KILLED[] = "UPDATE invocation SET exit_code = 6, reason = 'Opper has not confirmed everything'";
    struct stage s CLEANUP(stage_close) = stage_open(NULL, 4);
    CHECK_INT("recorded", e2e_sh(&s.e, "assay run suite.yaml -q --record opper").exit_code, 0);
    (void)e2e_sql(&s.e, KILLED);
    struct e2e_done done = e2e_sh(&s.e, "assay resume -q");
    CHECK_INT("as it was left", done.exit_code, 6);
    CHECK_CONTAINS("what settles it", done.out, "Opper: written 10 spans, 42 metrics\nfinish with: assay push ");
    CHECK_CONTAINS("how it stands by now", done.out, "8 cases in 2 runs; Opper has confirmed everything since\n");
    done = e2e_sh(&s.e, "OPPER_BASE_URL=http://127.0.0.1:9/v2 assay push");
    CHECK_INT("not asked from elsewhere", done.exit_code, 6);
    CHECK_CONTAINS("where", done.err, "assay: 1 run waits for ");
    done = e2e_sh(&s.e, "assay push");
    CHECK_INT("push", done.exit_code, 0);
    CHECK_CONTAINS("how it stands", done.out, "Opper: written 10 spans, 42 metrics\n");
    CHECK_STR("settled", e2e_sh(&s.e, "assay report latest --format json | jq -r '.verdict, .reason'").out,
              STR("passed\n2 gates hold, 8 cases in 2 runs\n"));
    CHECK_CONTAINS("once more", e2e_sh(&s.e, "assay push").out, "nothing waits");
    (void)e2e_sql(&s.e, KILLED);
    (void)e2e_sql(&s.e, "UPDATE recording SET missing = 1, differing = 0 WHERE run = 1");
    CHECK_CONTAINS("what was read back is no such", e2e_sh(&s.e, "assay push").out, "nothing waits");
    (void)stage_check(&s, "settled", "");
}

/* What was refused is counted, and tried again when asked to. A service that has lost something is found out, and put right. */
static void test_refusals_and_losses(void)
{
    const char *const args[] = {
        "--rule", "kind=create-metric n=10-12 : status=422 body='{\"detail\":\"too bad\"}'",
        "--rule", "kind=create-span n=5 : status=400",
        "--rule", "kind=patch-span n=1 : status=200 type=application/json body='{\"id\":\"no\"}'",
        NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 20);
    struct e2e_done done = e2e_sh(&s.e, "assay run suite.yaml -q --record opper");
    CHECK_INT("unrecorded", done.exit_code, 6);
    CHECK_CONTAINS("counted, with the server's words", done.out, "Opper refused 1 span, 6 metrics: ");
    CHECK("those of one of them", e2e_has(done.out, ": 400 Bad Request") || e2e_has(done.out, ": 422 Unprocessable"));
    CHECK_INT("a push does not ask again", e2e_sh(&s.e, "assay push").exit_code, 0);
    done = e2e_sh(&s.e, "assay push latest --refused --verify");
    CHECK_INT("unless it is told to", done.exit_code, 0);
    CHECK_CONTAINS("all", done.out, "written 42 spans, 138 metrics; verified 42 spans, 138 metrics; missing 0");

    (void)e2e_sh(&s.e, "id=$(assay report latest --format json | jq -r '.runs[0].samples[3].span'); "
                       "curl -s -X DELETE \"$OPPER_BASE_URL/spans/$id\" -H 'Authorization: Bearer k'");
    done = e2e_sh(&s.e, "assay push latest --verify");
    CHECK_INT("found out", done.exit_code, 6);
    CHECK_CONTAINS("named", done.out, "case 'row-3': its span is missing, with 3 metrics");
    CHECK_CONTAINS("what to do", done.out, "--again");
    CHECK_INT("put right", e2e_sh(&s.e, "assay push latest --again --verify").exit_code, 0);
    e2e_write(&s.e, "narrow.py",
              "import fcntl, os, pty, struct, sys, termios\n"
              "pid, fd = pty.fork()\n"
              "if pid == 0:\n"
              "    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 50, 0, 0))\n"
              "    os.execvp('assay', sys.argv[1:])\n"
              "while True:\n"
              "    try:\n"
              "        sys.stdout.write(os.read(fd, 4096).decode())\n"
              "    except OSError:\n"
              "        break\n");
    done = e2e_sh(&s.e, "python3 narrow.py assay push latest --verify --quiet");
    CHECK_CONTAINS("on a narrow terminal", done.out,
                   "Opper: written 42 spans, 138 metrics; verified\r\n  42 spans, 138 metrics; missing 0\r\n");
    (void)stage_check(&s, "mended", "");
}

static uint64_t requests_so_far(struct stage *s)
{
    return fault_count(e2e_sh(&s->e, "curl -s ${OPPER_BASE_URL%%/v2}/_ledger | tail -n 1").out, "total");
}

/* Killed when it was judged and most of it waits. Going on with it has no sample to run, so it asks nothing: it counts what waits, and says what sends it. */
static void test_killed_drain(void)
{
    const char *const args[] = {"--latency", "1000", NULL};
    struct stage s CLEANUP(stage_close) = stage_open(args, 20);
    e2e_write(&s.e, "suite.yaml", arena_printf(&s.e.arena, "%ssetup: [touch, begun]\n", STAGE_SUITE).ptr);
    struct e2e_child child = e2e_start(&s.e, "exec assay run suite.yaml -q --record opper --run-id kd");
    CHECK("it begins", e2e_wait_for_file(&child, "begun"));
    for (int i = 0; i < 500 && e2e_count(&s.e, "SELECT count(*) FROM invocation WHERE state = 1") == 0; i++) {
        e2e_pause(20);
    }
    e2e_signal(&child, SIGKILL);
    CHECK_INT("killed", e2e_finish(&child).exit_code, 128 + SIGKILL);
    e2e_pause(500); /* what was on its way arrives */
    uint64_t before = requests_so_far(&s);
    static const struct e2e_row rows[] = {
        {"resume",
         "assay resume kd",
         6,
         {" is finished: no sample is left\nOpper: written ", "; pending ", "\nfinish with: assay push "},
         {NULL},
         "everything"},
        {"--verify",
         "assay resume kd --verify",
         6,
         {"\nfinish with: assay push ", "\n--verify does nothing where no sample is left; read back with: assay push "},
         {NULL},
         NULL},
        {"--resume-if-exists",
         "assay run suite.yaml --record opper --run-id kd --resume-if-exists",
         6,
         {"; pending ", "\nfinish with: assay push "},
         {NULL},
         "everything"},
        {"no key",
         "env -u OPPER_API_KEY assay resume kd",
         6,
         {"; pending ", "\nfinish with: assay push "},
         {NULL},
         NULL},
        {"all of it is counted",
         "assay resume kd -r json | jq -c '[.runs[].recording | .written, .pending] | map(.spans, .metrics) | "
         "[.[0] + .[2] + .[4] + .[6], .[1] + .[3] + .[5] + .[7]]'",
         0,
         {"[42,138]\n"},
         {NULL},
         NULL},
    };
    e2e_check_rows(&s.e, rows, ARRAY_LEN(rows));
    CHECK_INT("no request", requests_so_far(&s), before);
    struct e2e_done done = e2e_sh(&s.e, "assay resume kd");
    struct str pending = stage_line_after(done.out, "; pending ");
    CHECK("something waits", pending.len > 0);
    CHECK_STR("as much in the last line", stage_line_after(done.out, "Opper has not confirmed "), pending);
    CHECK_INT("as typed", e2e_sh(&s.e, "%.*s", STR_ARG(stage_line_after(done.out, "finish with: "))).exit_code, 0);
    done = e2e_sh(&s.e, "assay resume kd");
    CHECK_INT("all is there", done.exit_code, 0);
    CHECK_CONTAINS("all is there", done.out,
                   "is finished: nothing to do\nOpper: written 42 spans, 138 metrics\npassed ");
    done = e2e_sh(&s.e, "assay run suite.yaml -q --record local --run-id here; assay resume here --verify");
    CHECK_CONTAINS("nothing to read back", done.out, "--verify does nothing here: the run is in the store only");
    (void)stage_check(&s, "after a killed drain", "");
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"push", test_push},
        {"push all", test_push_all},
        {"push settles", test_push_settles},
        {"refusals and losses", test_refusals_and_losses},
        {"killed drain", test_killed_drain},
    };
    static const struct check_test long_tests[] = {{"push all", test_push_all}};
    const struct stage_tests all = {"push", tests, ARRAY_LEN(tests), long_tests, ARRAY_LEN(long_tests)};
    return stage_main(argc, argv, &all);
}
