#include "tests/e2e/stage.h"

#include <string.h>

#include "base/buf.h"

bool stage_is_long;

const char STAGE_SUITE[] =
    "suite: sums\n"
    "target: {replay: \"{{answer}}\"}\n"
    "variants: [{name: first}, {name: second, replay: \"{{answer}}!\"}]\n"
    "dataset: {file: rows.jsonl, id: 'row-{{n}}', input: '{{n}} + {{n}}?', expected: '{{wanted}}', "
    "tags: [sum], cluster: '{{group}}'}\n"
    "scorers:\n"
    "  - numeric: {extract: 'A: (\\d+)', expected: '{{expected}}', dimension: answer}\n"
    "  - regex: {pattern: '^A: ', dimension: format}\n"
    "  - length: {max: 100, dimension: size}\n"
    "gates: [answer.pass_rate >= 50%]\n";

/* One in seven is wrong; texts with quotes, lines, letters of two to four bytes, and one long. */
static void write_suite(struct e2e *e, int cases)
{
    struct buf rows CLEANUP(buf_deinit) = BUF(64 << 20);
    for (int i = 0; i < cases; i++) {
        buf_printf(&rows, "{\"n\":%d,\"wanted\":\"%d\",\"group\":\"g%d\",\"answer\":\"A: %d", i, 2 * i, i % 5,
                   i % 7 == 3 ? 1 : 2 * i);
        buf_append_cstr(&rows, i % 11 == 0 ? "\\n\\\"quoted\\\" \xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82\"}\n" : "\"}\n");
    }
    e2e_write_bytes(e, "rows.jsonl", buf_str(&rows));
    e2e_write(e, "suite.yaml", STAGE_SUITE);
}

static void stage_point(struct stage *s)
{
    s->e.env[0] = "OPPER_API_KEY=op-canary";
    s->e.env[1] = arena_printf(&s->e.arena, "OPPER_BASE_URL=%s", fault_url(&s->fault, "/v2").text).ptr;
}

struct stage stage_open(const char *const *args, int cases)
{
    struct stage s = {.e = e2e_open(), .fault = fault_start(args)};
    stage_point(&s);
    write_suite(&s.e, cases);
    return s;
}

void stage_close(struct stage *s)
{
    fault_stop(&s->fault);
    e2e_close(&s->e);
}

void stage_down(struct stage *s)
{
    (void)fault_end(&s->fault, &s->e.arena);
}

void stage_up(struct stage *s, const char *const *args)
{
    const char *all[16] = {"--port", arena_printf(&s->e.arena, "%u", s->fault.port).ptr};
    for (size_t i = 0; args != NULL && args[i] != NULL; i++) {
        all[2 + i] = args[i];
    }
    unsigned port = s->fault.port;
    fault_stop(&s->fault);
    s->fault = fault_start(all);
    CHECK_INT("same address", s->fault.port, port);
}

struct str stage_check(struct stage *s, const char *row, const char *options)
{
    struct str ledger = fault_end(&s->fault, &s->e.arena);
    struct temp_path path = temp_path(&s->fault.dir, "ledger");
    struct e2e_done done =
        e2e_sh(&s->e, "python3 '%s/tests/e2e/ledger.py' '%s' .assay/assay.db %s", e2e_source_dir(), path.text, options);
    check_str_at(done.exit_code == 0 ? STR("") : done.out, STR(""), row, __FILE__, __LINE__);
    CHECK_INT(row, done.exit_code, 0);
    return ledger;
}

struct str stage_line_after(struct str text, const char *before)
{
    size_t at = 0;
    struct str line = STR("");
    if (str_find(text, str_from(before), &at)) {
        text = str_slice(text, at + strlen(before), text.len);
        (void)str_split(&text, '\n', &line);
    }
    return line;
}

int stage_main(int argc, char **argv, const struct stage_tests *all)
{
    e2e_init(argc, argv);
    stage_is_long = argc > 3 && strcmp(argv[3], "--long") == 0;
    const struct check_test *tests = stage_is_long ? all->long_tests : all->tests;
    size_t count = stage_is_long ? all->long_count : all->count;
    const char *name = argc > 3 + stage_is_long ? argv[3 + stage_is_long] : NULL;
    for (size_t i = 0; name != NULL && i < count; i++) {
        if (strcmp(name, tests[i].name) == 0) {
            return check_run(all->name, &tests[i], 1);
        }
    }
    return check_run(all->name, tests, name == NULL ? count : 0);
}
