#include "model/command_call.h"

#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "data/json.h"
#include "model/case.h"
#include "model/environment.h"
#include "model/output.h"
#include "tests/check.h"
#include "tests/temp.h"

static void test_find_program(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct temp_path first = temp_file(&dir, "runs", STR("#!/bin/sh\n"));
    (void)temp_file(&dir, "plain", STR("x"));
    CHECK_INT("executable", chmod(first.text, 0755), 0);
    struct str path = arena_printf(&arena, "PATH=/nonexistent:%s:/bin", dir.path);
    const char *const entries[] = {path.ptr, NULL};
    const struct environment env = {entries};
    const struct environment none = {NULL};
    static const struct {
        const char *name, *says; /* NULL = found */
    } rows[] = {
        {"runs", NULL},
        {"./runs", NULL},
        {"sh", NULL},
        {"/bin/sh", NULL},
        {"plain", "not found on PATH"},
        {"./plain", "not executable"},
        {"./gone", "not found in the suite's folder"},
        {"gone", "not found on PATH"},
        {"", "empty"},
        {"/", "not executable"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = ERR_NULL;
        const char *found = NULL;
        bool ok = command_find_program(&arena, dir.path, &env, str_from(rows[i].name), &found, &err);
        CHECK(rows[i].name, ok == (rows[i].says == NULL));
        CHECK(rows[i].name, !ok || found[0] == '/');
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].says == NULL ? "" : rows[i].says);
    }
    struct err err = ERR_NULL;
    const char *found = NULL;
    CHECK("without PATH", command_find_program(&arena, "/", &none, STR("sh"), &found, &err));
    CHECK("a NUL", !command_find_program(&arena, "/", &none, STR("s\0h"), &found, &err));
}

/* What a scorer's program is told besides. */
static void test_scorer_line(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf line CLEANUP(buf_deinit) = BUF(1 << 16);
    struct command_options options;
    memset(&options, 0, sizeof(options));
    struct eval_case eval_case = {.id = STR("c"), .input = value_of_text(STR("q")), .has_expected = true};
    eval_case.expected = value_of_text(STR("4"));
    struct value own;
    struct err err = ERR_NULL;
    CHECK("json",
          json_read(&arena, STR("{\"strict\":true}"), JSON_OURS, (struct src_pos){NULL, 1, 1}, &own, NULL, &err));
    struct output output = {.text = STR("A: \xff\n")};
    struct command_sample sample = {
        .eval_case = &eval_case,
        .suite = STR("s"),
        .variant = STR("v"),
        .run_id = STR("r"),
        .trial = 1,
        .attempt = 1,
        .sends_expected = true,
        .output = &output,
        .options = &own,
    };
    command_call_write_line(&line, &options, &sample, STR_NULL);
    CHECK_CSTR(
        "text", buf_str(&line),
        "{\"v\":1,\"suite\":\"s\",\"run\":\"r\",\"variant\":\"v\",\"case\":\"c\",\"trial\":1,\"attempt\":1,"
        "\"input\":\"q\",\"expected\":\"4\",\"vars\":{},\"tags\":[],\"params\":{},\"output\":\"A: \xef\xbf\xbd\\n\","
        "\"options\":{\"strict\":true},\"meta\":{}}");
    buf_clear(&line);
    output = (struct output){.is_json = true, .json = own, .text = STR("not this")};
    output.meta = own;
    sample.options = NULL;
    command_call_write_line(&line, &options, &sample, STR("id-1"));
    CHECK_CONTAINS("JSON stays JSON", buf_str(&line),
                   "\"output\":{\"strict\":true},\"options\":{},\"meta\":{\"strict\":true}}");
    CHECK_CONTAINS("id", buf_str(&line), "{\"v\":1,\"id\":\"id-1\",");
}

static void test_setup(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    const char *const entries[] = {"PATH=/usr/bin:/bin", "HOME=/h", "SECRET=s", "TMPDIR=/t", NULL};
    const struct environment env = {entries};
    const char *const argv[] = {"sh", "-c", "true", NULL};
    struct call call;
    struct err err = ERR_NULL;
    CHECK("setup", command_call_setup(argv, "/suites", &env, STR("inv"), 7 * NS_PER_S, &arena, &call, &err));
    CHECK("argv", call.command.argv == argv);
    CHECK_CSTR("cwd", str_from(call.command.cwd), "/suites");
    CHECK_INT("time-out", call.timeout_ns, 7 * NS_PER_S);
    static const char *const want[] = {"PATH=/usr/bin:/bin", "HOME=/h", "TMPDIR=/t", "ASSAY_RUN=inv"};
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        CHECK_CSTR(want[i], str_from(call.command.envp[i]), want[i]);
    }
    CHECK("no more", call.command.envp[ARRAY_LEN(want)] == NULL);
    const char *const gone[] = {"./gone.sh", NULL};
    CHECK("gone", !command_call_setup(gone, "/suites", &env, STR("inv"), NS_PER_S, &arena, &call, &err));
    CHECK_CONTAINS("gone", str_from(err.text), "'./gone.sh' not found");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"find the program", test_find_program},
        {"the line of a scorer", test_scorer_line},
        {"setup", test_setup},
    };
    return check_run("command description", tests, ARRAY_LEN(tests));
}
