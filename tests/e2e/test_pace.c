/* Services with narrow limits, with and without a word on how long to wait: a run becomes slower, and not red. */

#include "tests/e2e/e2e.h"
#include "tests/fault/fault.h"

static const char suite[] = "suite: pace\n"
                            "target: {opper: {name: solve, instructions: Solve.}}\n"
                            "concurrency: 32\n"
                            "trials: 50\n"
                            "cases: [{id: a, input: 'say: A: 42'}]\n"
                            "scorers: [{contains: {all: 'A: 42'}}]\n";

static void place_suite(struct e2e *e, const struct fault *f)
{
    struct fault_text url = fault_url(f, "/v2");
    e2e_write(e, "suite.yaml", suite);
    e2e_write(e, "assay.yaml", "record: local\n");
    e->env[0] = "OPPER_API_KEY=op-1234567890";
    e->env[1] = arena_printf(&e->arena, "OPPER_BASE_URL=%s", url.text).ptr;
}

/* One that learns nothing is refused round by round: of its 32 at once 28 are too many. */
static void test_narrow(void)
{
    static const struct {
        const char *name, *args[7];
        uint64_t most_refused;
    } rows[] = {
        {"four at once", {"--latency", "20", "--max-in-flight", "4", NULL}, 60},
        {"four at once, and says for how long",
         {"--latency", "20", "--max-in-flight", "4", "--retry-after", "0.2", NULL},
         60},
        {"40 a second", {"--latency", "5", "--rate", "40", "--retry-after", "0.3", NULL}, 100},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct e2e e CLEANUP(e2e_close) = e2e_open();
        struct fault f CLEANUP(fault_stop) = fault_start(rows[i].args);
        place_suite(&e, &f);
        struct e2e_done done = e2e_sh(&e, "assay run suite.yaml");
        CHECK_INT(rows[i].name, done.exit_code, 0);
        struct str ledger = fault_end(&f, &e.arena);
        CHECK_INT("each was answered once", fault_count(ledger, "200"), 50);
        CHECK("it was refused, and learned",
              fault_count(ledger, "429") > 0 && fault_count(ledger, "429") <= rows[i].most_refused);
    }
}

/* A service that refuses everything ends the samples, as `retries` says. */
static void test_closed(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct fault f CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "kind=call : status=429 retry-after=0", NULL});
    place_suite(&e, &f);
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml --trials 3");
    CHECK_INT("no verdict", done.exit_code, 3);
    CHECK_CONTAINS("says why", done.out, "429 Too Many Requests");
    CHECK_INT("three repeats each", fault_count(fault_end(&f, &e.arena), "429"), 12);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {{"narrow limits", test_narrow}, {"refuses everything", test_closed}};
    e2e_init(argc, argv);
    return check_run("e2e/pace", tests, ARRAY_LEN(tests));
}
