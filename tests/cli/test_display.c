#include "cli/display.h"

#include <stdlib.h>

#include "cli/cli.h"
#include "tests/check.h"

static int64_t fake_ns(const struct clock *c)
{
    return c->fake_ns;
}

/* What is shown when every row comes `step_ms` after the one before. */
static void check_planning(const char *name, bool is_tty, bool is_verbose, bool is_quiet, int step_ms, const char *want)
{
    struct clock clock = {.monotonic_ns = fake_ns, .fake_ns = NS_PER_S};
    char *text = NULL;
    size_t len = 0;
    struct cli cli = {.arena = ARENA_NULL, .clock = &clock, .err_term = {.is_tty = is_tty, .columns = 80}};
    cli.errors = open_memstream(&text, &len);
    struct display display;
    display_init(&display, &cli, is_verbose, is_quiet);
    struct run_events events = display_events(&display);
    for (uint64_t i = 1; i <= 3; i++) {
        events.planning(events.ctx, i * 4000);
        clock.fake_ns += step_ms * NS_PER_MS;
    }
    display_end(&display);
    (void)fclose(cli.errors);
    CHECK_CSTR(name, str_from(text), want);
    arena_deinit(&cli.arena);
    free(text);
}

static void test_planning(void)
{
    static const char DRAWN[] = "\rplanning: 8000 cases\x1b[K\rplanning: 12000 cases\x1b[K\r\x1b[K";
    static const char PLAIN[] = "planning: 8000 cases\nplanning: 12000 cases\n";
    check_planning("a terminal", true, false, false, 150, DRAWN);
    check_planning("a terminal, over at once", true, false, false, 20, "");
    check_planning("a log", false, false, false, 10000, PLAIN);
    check_planning("a log, not often", false, false, false, 150, "");
    check_planning("-v", true, true, false, 10000, PLAIN);
    check_planning("-q", true, false, true, 10000, "");
}

int main(void)
{
    static const struct check_test tests[] = {{"planning", test_planning}};
    return check_run("cli/display", tests, ARRAY_LEN(tests));
}
