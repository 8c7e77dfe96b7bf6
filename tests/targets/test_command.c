#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/check.h"
#include "tests/targets/kit.h"

static void test_refused(void)
{
    static const struct {
        const char *yaml, *says;
    } rows[] = {
        {"command: python3 solve.py", "'command' is a list"},
        {"command: []", "empty"},
        {"command: [[a]]", "an argument is a text, not a list"},
        {"command: [sh, {a: 1}]", "an argument is a text, not a map"},
        {"command: [no-such-program-here]", "1:11: program 'no-such-program-here' not found on PATH"},
        {"command: [./no-such-program]", "not found in the suite's folder"},
        {"command: [/tmp]", "not executable"},
        {"command: ['']", "empty"},
        {"command: ['{{row.prog}}']", "a template cannot name the program"},
        {"command: [sh, '{{env.HOME}}']", "env"},
        {"command: [sh, '{{output}}']", "output"},
        {"command: [sh, '{{row.x']", "1:1"},
        {"command: [sh, \"a\\0b\"]", "NUL"},
        {"{command: [sh], shell: ls}", "shell"},
        {"{command: [sh], stdn: text}", "did you mean 'stdin'"},
        {"{command: [sh], stdin: yes}", "stdin"},
        {"{command: [sh], output: xml}", "output"},
        {"{command: [sh], params: [1]}", "'params' is a map"},
        {"{command: [sh], env: [A]}", "'env' is a map"},
        {"{command: [sh], env: {A: [1]}}", "variable 'A' is a text, not a list"},
        {"{command: [sh], env: {'A B': 1}}", "no name of an environment variable"},
        {"{command: [sh], env: {ASSAY_RUN: x}}", "set by assay"},
        {"{command: [sh], env: {OPPER_API_KEY: x}}", "pass_env"},
        {"{command: [sh], env: {K: '{{env.OPPER_API_KEY}}'}}", "OPPER_API_KEY"},
        {"{command: [sh], pass_env: ['A=B']}", "no name of an environment variable"},
        {"{command: [sh], max_output: 0}", "max_output"},
        {"{command: [sh], max_output: 300000000}", "max_output"},
        {"{command: [sh], timeout: 5}", "unit"},
        {"{command: [sh], workers: 3}", "`workers` without `worker: true`"},
        {"{command: [sh], worker: true, workers: 0}", "workers"},
        {"{command: [sh], worker: true, stdin: text}", "a worker reads JSON lines"},
        {"{command: [sh, '{{row.x}}'], worker: true}", "a worker serves many cases: 'row'"},
        {"{command: [sh], env: {A: '{{id}}'}, worker: true}", "a worker serves many cases: 'id'"},
        {"{command: [sh], retry_on: [timeout, 0]}", "not '0'"},
        {"{command: [sh], retry_on: [256]}", "not '256'"},
        {"{command: [sh], retry_on: network}", "not 'network'"},
        {"{command: [sh], dimensions: {steps: {}}}", "`dimensions` without `output: json`"},
        {"{command: [sh], output: json, dimensions: [steps]}", "'dimensions' is a map of names"},
        {"{command: [sh], output: json, dimensions: {1st: {}}}", "a dimension's name is a letter"},
        {"{command: [sh], output: json, dimensions: {mean: {}}}", "name of a statistic"},
        {"{command: [sh], output: json, dimensions: {s: {kind: judged}}}", "always a measure"},
        {"{command: [sh], output: json, dimensions: {s: {weight: 1}}}", "always a measure"},
        {"{command: [sh], output: json, dimensions: {s: {min: 3, max: 2}}}", "min is above max"},
        {"{command: [sh], output: json, dimensions: {s: {range: [1]}}}", "two numbers"},
        {"{command: [sh], output: json, dimensions: {s: {range: [2, 1]}}}", "two numbers"},
        {"{command: [sh], output: json, dimensions: {s: {direction: up}}}", "direction"},
        {"{command: [sh], output: json, dimensions: {s: {threshold: 1}}}", "no threshold"},
        {"{command: [sh], cwd: passwd}", "is not a folder"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        CHECK(rows[i].yaml, !kit_load(&kit, "command", rows[i].yaml, "/etc"));
        CHECK_CONTAINS(rows[i].yaml, kit_faults(&kit), rows[i].says);
        kit_close(&kit);
    }
    static const struct {
        const char *yaml, *says;
    } shells[] = {
        {"shell: 'echo {{input}}'", "templates are refused in 'shell'"},
        {"shell: ''", "an empty one"},
        {"shell: [ls]", "not a list"},
        {"shell: \"a\\0b\"", "NUL"},
        {"{shell: cat, worker: true}", "a worker is a `command:`"},
    };
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        struct kit kit;
        CHECK(shells[i].yaml, !kit_load(&kit, "shell", shells[i].yaml, "/etc"));
        CHECK_CONTAINS(shells[i].yaml, kit_faults(&kit), shells[i].says);
        kit_close(&kit);
    }
}

static bool prepare(struct kit *kit, struct call *ret)
{
    struct err err = ERR_NULL;
    bool ok = kit->type->prepare(&kit->in, ret, &err);
    CHECK(err.text, ok);
    return ok;
}

static void test_call(void)
{
    struct kit kit;
    struct call call;
    CHECK("load",
          kit_load(&kit, "command",
                   "{command: [sh, -c, 1, '{{row.n}}', 'x{{vars.tone}}y', no, '{{id}}', '$(touch X)', '{{row.list}}', "
                   "'{{ \"{{\" }}'], cwd: sub, timeout: 5s, max_output: 77}",
                   "/suites"));
    kit_case(&kit, "\"2+2?\"", "{\"n\":1.50,\"list\":[1,\"a\"]}", "{\"tone\":\"'; rm\"}");
    CHECK("prepare", prepare(&kit, &call));
    static const char *const want[] = {"sh", "-c",     "1",          "1.50",      "x'; rmy",
                                       "no", "case-1", "$(touch X)", "[1,\"a\"]", "{{"};
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        CHECK_CSTR(want[i], str_from(call.command.argv[i]), want[i]);
    }
    CHECK("the end", call.command.argv[ARRAY_LEN(want)] == NULL);
    CHECK_INT("kind", call.kind, CALL_COMMAND);
    CHECK("path", str_ends(str_from(call.command.path), STR("/bin/sh")) && call.command.path[0] == '/');
    CHECK_CSTR("cwd", str_from(call.command.cwd), "/suites/sub");
    CHECK_INT("time-out", call.timeout_ns, 5 * NS_PER_S);
    CHECK_INT("grace", call.term_grace_ns, 5 * NS_PER_S);
    CHECK_INT("output", call.command.max_output, 77);
    CHECK("private TMPDIR", call.command.wants_tmpdir && !call.command.keep_tmpdir);
    kit.eval_case.timeout_ns = 3 * NS_PER_S;
    kit.in.timeout_ns = 3 * NS_PER_S;
    CHECK("prepare", prepare(&kit, &call));
    CHECK_INT("a case's own time-out wins", call.timeout_ns, 3 * NS_PER_S);
    kit_close(&kit);

    CHECK("shell", kit_load(&kit, "shell", "shell: 'cat | wc -c'", "/suites"));
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CSTR("shell", str_from(call.command.argv[0]), "/bin/sh");
    CHECK_CSTR("shell", str_from(call.command.argv[1]), "-c");
    CHECK_CSTR("shell", str_from(call.command.argv[2]), "cat | wc -c");
    CHECK("shell", call.command.argv[3] == NULL);
    CHECK_INT("the suite's time-out", call.timeout_ns, 60 * NS_PER_S);
    CHECK_INT("8 MiB", call.command.max_output, 8 << 20);
    kit_close(&kit);
}

static void test_call_errors(void)
{
    static const struct kit_bad_call rows[] = {
        {"{command: [sh, '{{row.x}}']}", "{\"y\":1}", "undefined"},
        {"{command: [sh, 'a{{row.x}}']}", "{\"x\":null}", "null"},
        {"{command: [sh, '{{row.x}}']}", "{\"x\":\"a\\u0000b\"}", "NUL"},
        {"{command: [sh], env: {A: '{{row.x}}'}}", "{\"x\":\"a\\u0000b\"}", "NUL"},
        {"{command: [sh], env: {A: '{{row.x}}'}}", "{\"x\":null}", "null"},
        {"{command: [sh], env: {A: '{{env.UNSET}}'}}", "{}", "env.UNSET"},
    };
    kit_check_bad_calls("command", rows, ARRAY_LEN(rows));
}

static void test_environment(void)
{
    struct kit kit;
    struct call call;
    CHECK("load",
          kit_load(&kit, "command",
                   "{command: [sh], pass_env: [OTHER, OPPER_API_KEY, NOT_SET, PATH], env: {HOME: '{{vars.tone}}', "
                   "SECRET_KEY: '{{env.MY_TOKEN}}', N: 1.0, EMPTY: ''}}",
                   "/suites"));
    CHECK("prepare", prepare(&kit, &call));
    static const struct {
        const char *name, *value;
    } want[] = {
        {"PATH", "/usr/local/bin:/usr/bin:/bin"},
        {"HOME", "dry"},
        {"TZ", "UTC"},
        {"OTHER", "other"},
        {"OPPER_API_KEY", "op-secret"},
        {"SECRET_KEY", "token"},
        {"N", "1.0"},
        {"EMPTY", ""},
        {"ASSAY_RUN", "abababab-abab-abab-abab-abababababab"},
        {"ASSAY_TRACE_ID", "abababab-abab-abab-abab-abababababab"},
        {"ASSAY_SPAN_ID", "cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd"},
        {"ASSAY_CASE", "case-1"},
        {"ASSAY_TRIAL", "2"},
        {"ASSAY_VARIANT", "plain"},
        {"ASSAY_INPUT", "2+2?"},
    };
    size_t count = 0;
    while (call.command.envp[count] != NULL) {
        count++;
    }
    CHECK_INT("these and no others", count, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        CHECK_CSTR(want[i].name, kit_variable(call.command.envp, want[i].name), want[i].value);
    }
    char *big = arena_alloc(&kit.arena, LIMIT_INPUT_ENV_BYTES + 2);
    memset(big, 'x', LIMIT_INPUT_ENV_BYTES + 1);
    kit.eval_case.input = value_of_text((struct str){big, LIMIT_INPUT_ENV_BYTES});
    CHECK("prepare", prepare(&kit, &call));
    CHECK_INT("64 KiB", kit_variable(call.command.envp, "ASSAY_INPUT").len, LIMIT_INPUT_ENV_BYTES);
    kit.eval_case.input = value_of_text((struct str){big, LIMIT_INPUT_ENV_BYTES + 1});
    CHECK("prepare", prepare(&kit, &call));
    CHECK("not above", kit_variable(call.command.envp, "ASSAY_INPUT").ptr == NULL);
    kit.eval_case.input = value_of_text(STR("a\0b"));
    CHECK("prepare", prepare(&kit, &call));
    CHECK("not with a NUL", kit_variable(call.command.envp, "ASSAY_INPUT").ptr == NULL);
    kit.eval_case.input = (struct value){.kind = VALUE_NULL};
    CHECK("prepare", prepare(&kit, &call));
    CHECK("not without an input", kit_variable(call.command.envp, "ASSAY_INPUT").ptr == NULL);
    kit_case(&kit, "{\"a\":[1, 2]}", NULL, NULL);
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CSTR("compact JSON", kit_variable(call.command.envp, "ASSAY_INPUT"), "{\"a\":[1,2]}");
    kit_close(&kit);

    CHECK("load", kit_load(&kit, "command", "command: [sh]", "/suites"));
    CHECK("prepare", prepare(&kit, &call));
    CHECK("the key only by name", kit_variable(call.command.envp, "OPPER_API_KEY").ptr == NULL);
    CHECK("nor others", kit_variable(call.command.envp, "OTHER").ptr == NULL);
    CHECK("unset stays unset", kit_variable(call.command.envp, "LANG").ptr == NULL);
    kit_close(&kit);

    CHECK("load", kit_load(&kit, "command", "{command: [sh], env: {TMPDIR: /var/tmp}}", "/suites"));
    CHECK("prepare", prepare(&kit, &call));
    CHECK("the suite's own TMPDIR", !call.command.wants_tmpdir);
    kit_close(&kit);
}

static void test_stdin(void)
{
    struct kit kit;
    struct call call;
    CHECK("load", kit_load(&kit, "command", "{command: [sh], params: {k: 1, no: 'no', t: true, u: }}", "/suites"));
    kit_case(&kit, "{\"q\":\"2+2?\\n\"}", NULL, "{\"tone\":\"warm\",\"n\":1.0}");
    kit.eval_case.tags = (struct str[]){STR("a"), STR("b\"")};
    kit.eval_case.tag_count = 2;
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CSTR("the line of contract C", call.input,
               "{\"v\":1,\"suite\":\"sums\",\"run\":\"abababab-abab-abab-abab-abababababab\",\"variant\":\"plain\","
               "\"case\":\"case-1\",\"trial\":2,\"attempt\":3,\"input\":{\"q\":\"2+2?\\n\"},\"expected\":null,"
               "\"vars\":{\"tone\":\"warm\",\"n\":1.0,\"suite_only\":[1]},\"tags\":[\"a\",\"b\\\"\"],"
               "\"params\":{\"k\":1,\"no\":\"no\",\"t\":true,\"u\":null}}\n");
    kit_close(&kit);
    static const struct {
        const char *yaml, *input, *stdin_text;
    } rows[] = {
        {"{command: [sh], stdin: text}", "\"2+2?\"", "2+2?"},
        {"{command: [sh], stdin: text}", "\"\"", ""},
        {"{command: [sh], stdin: text}", "\"a\\u0000b\\n\"", NULL},
        {"{command: [sh], stdin: text}", "{\"b\": [1.0, null]}", "{\"b\":[1.0,null]}"},
        {"{command: [sh], stdin: text}", "1.50", "1.50"},
        {"{command: [sh], stdin: text}", "true", "true"},
        {"{command: [sh], stdin: text}", "null", ""},
        {"{command: [sh], stdin: none}", "\"2+2?\"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK(rows[i].yaml, kit_load(&kit, "command", rows[i].yaml, "/suites"));
        kit_case(&kit, rows[i].input, NULL, NULL);
        CHECK(rows[i].yaml, prepare(&kit, &call));
        CHECK_STR(rows[i].input, call.input, rows[i].stdin_text == NULL ? STR("a\0b\n") : str_from(rows[i].stdin_text));
        kit_close(&kit);
    }
    CHECK("load", kit_load(&kit, "command", "{command: [sh], send_expected: true}", "/suites"));
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CONTAINS("the expected answer, when asked for", call.input, "\"expected\":4.0,");
    kit.eval_case.has_expected = false;
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CONTAINS("there is none", call.input, "\"expected\":null,");
    kit_close(&kit);
}

static void test_worker_call(void)
{
    struct kit kit;
    struct call call;
    struct call again;
    CHECK("load", kit_load(&kit, "command", "{command: [sh, '{{variant}}'], worker: true, env: {A: '{{env.OTHER}}'}}",
                           "/suites"));
    struct value variant = value_of_text(STR("plain"));
    kit.scope.variant = &variant;
    CHECK("prepare", prepare(&kit, &call));
    CHECK_INT("kind", call.kind, CALL_WORKER);
    CHECK_INT("as many as concurrency", call.worker->max, 7);
    CHECK_CSTR("id", call.worker_id, "cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd.3");
    CHECK("the line begins with it",
          str_starts(call.input, STR("{\"v\":1,\"id\":\"cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd.3\",\"suite\":\"sums\"")));
    CHECK("no newline", !str_ends(call.input, STR("\n")));
    CHECK_CSTR("argument", str_from(call.worker->program.argv[1]), "plain");
    CHECK_CSTR("its environment", kit_variable(call.worker->program.envp, "A"), "other");
    CHECK_CSTR("the run", kit_variable(call.worker->program.envp, "ASSAY_RUN"), "abababab-abab-abab-abab-abababababab");
    CHECK("nothing of one case", kit_variable(call.worker->program.envp, "ASSAY_CASE").ptr == NULL &&
                                     kit_variable(call.worker->program.envp, "ASSAY_SPAN_ID").ptr == NULL &&
                                     kit_variable(call.worker->program.envp, "ASSAY_INPUT").ptr == NULL);
    CHECK("prepare", prepare(&kit, &again));
    CHECK("the same pool", call.worker->key == again.worker->key);
    kit_close(&kit);
    CHECK("load", kit_load(&kit, "command", "{command: [sh], worker: true, workers: 2}", "/suites"));
    char *big = arena_alloc(&kit.arena, LIMIT_LINE_BYTES + 1);
    memset(big, 'x', LIMIT_LINE_BYTES);
    kit.eval_case.input = value_of_text((struct str){big, LIMIT_LINE_BYTES});
    struct err err = ERR_NULL;
    CHECK("too long a line", !kit.type->prepare(&kit.in, &call, &err));
    CHECK_INT("too long a line", err.kind, ERR_LIMIT);
    kit_close(&kit);
}

static void test_statuses(void)
{
    static const struct {
        struct call_result result;
        enum error_kind error;
        const char *text;
        bool is_transient;
    } rows[] = {
        {{.status = CALL_EXIT, .exit_code = 3}, ERROR_EXIT, "exit 3", false},
        {{.status = CALL_EXIT, .exit_code = 75}, ERROR_EXIT, "exit 75", true},
        {{.status = CALL_EXIT, .exit_code = 9}, ERROR_EXIT, "exit 9", true},
        {{.status = CALL_EXIT, .exit_code = 127}, ERROR_EXIT, "exit 127", false},
        {{.status = CALL_SIGNAL, .signal_number = SIGSEGV}, ERROR_SIGNAL, "signal SIGSEGV", false},
        {{.status = CALL_SIGNAL, .signal_number = 40}, ERROR_SIGNAL, "signal 40", false},
        {{.status = CALL_TIMEOUT}, ERROR_TIMEOUT, "no answer within 1 min 00 s", true},
        {{.status = CALL_OUTPUT_LIMIT}, ERROR_OUTPUT_LIMIT, "stdout is longer than max_output (8388608 bytes)", false},
        {{.status = CALL_PROTOCOL, .detail = {"foreign id", 10}}, ERROR_PROTOCOL, "foreign id", false},
        {{.status = CALL_CANCELLED}, ERROR_CANCELLED, "stopped before its end", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        struct output output;
        struct err err = ERR_NULL;
        CHECK("load", kit_load(&kit, "command", "{command: [sh], output: json, retry_on: [timeout, 9]}", "/suites"));
        struct call_result result = rows[i].result;
        result.output = STR("said\n");
        result.stderr_tail = STR("why\n");
        result.latency_ns = 1500000;
        CHECK(rows[i].text, kit.type->interpret(&kit.in, &result, &output, &err));
        CHECK_INT(rows[i].text, output.error, rows[i].error);
        CHECK_CSTR(rows[i].text, output.error_text, rows[i].text);
        CHECK_STR("what it said is kept", output.text, STR("said\n"));
        CHECK_STR("stderr", value_get(&output.meta, STR("stderr"))->text, STR("why\n"));
        CHECK_INT("attempt", output.measures.attempts, 3);
        CHECK(rows[i].text, kit.type->is_transient(kit.options, &result) == rows[i].is_transient);
        kit_close(&kit);
    }
    struct kit kit;
    struct output output;
    struct err err = ERR_NULL;
    CHECK("load", kit_load(&kit, "command", "command: [sh]", "/suites"));
    struct call_result result = {.status = CALL_TIMEOUT};
    CHECK("a time-out is not tried again unasked", !kit.type->is_transient(kit.options, &result));
    result = (struct call_result){.status = CALL_EXEC_FAILED, .detail = STR("cannot start 'x'")};
    CHECK("a program that cannot be started is an error of the run",
          !kit.type->interpret(&kit.in, &result, &output, &err));
    CHECK_INT("of this kind", err.kind, ERR_SETUP);
    kit_close(&kit);
}

static void test_text_output(void)
{
    static const struct {
        struct str printed, output;
    } rows[] = {
        {{"a\n", 2}, {"a", 1}},
        {{"a\n\n", 3}, {"a\n", 2}},
        {{"a", 1}, {"a", 1}},
        {{"", 0}, {"", 0}},
        {{"\n", 1}, {"", 0}},
        {{"a\r\n", 3}, {"a\r", 2}},
        {{" a \n", 4}, {" a ", 3}},
        {{"\xff\0\n", 3}, {"\xff\0", 2}},
        {{"{\"x\":1}\n", 8}, {"{\"x\":1}", 7}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        struct output output;
        struct err err = ERR_NULL;
        CHECK("load", kit_load(&kit, "command", "command: [sh]", "/suites"));
        struct call_result result = {.status = CALL_OK, .output = rows[i].printed, .latency_ns = 2500000};
        CHECK("interpret", kit.type->interpret(&kit.in, &result, &output, &err));
        CHECK_INT("no error", output.error, ERROR_NONE);
        CHECK_STR("text", output.text, rows[i].output);
        CHECK("text", !output.is_json && output.meta.kind == VALUE_NULL);
        CHECK("latency", output.measures.has_latency);
        CHECK_DOUBLE("latency", output.measures.latency_ms, 2.5, 0);
        result.leaked = true;
        CHECK("interpret", kit.type->interpret(&kit.in, &result, &output, &err));
        CHECK("leaked", value_get(&output.meta, STR("leaked"))->boolean);
        kit_close(&kit);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_refused},
        {"call", test_call},
        {"call errors", test_call_errors},
        {"environment", test_environment},
        {"stdin", test_stdin},
        {"worker call", test_worker_call},
        {"statuses", test_statuses},
        {"text output", test_text_output},
    };
    return check_run("command", tests, ARRAY_LEN(tests));
}
