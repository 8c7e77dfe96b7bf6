#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "tests/check.h"
#include "tests/targets/kit.h"

static void test_refused(void)
{
    static const struct {
        const char *yaml, *says;
    } rows[] = {
        {"opper: x", "'opper' wants a map of keys"},
        {"opper: {}", "neither a task nor a stored function"},
        {"opper: {name: a, function: b}", "both a 'name' and a 'function'"},
        {"opper: {name: ''}", "name"},
        {"opper: {name: a, instrutions: b}", "did you mean 'instructions'"},
        {"opper: {name: a, instructions: [b]}", "'instructions' is a text, not a list"},
        {"opper: {name: a, instructions: '{{row.x'}", "{{"},
        {"opper: {name: a, instructions: '{{output}}'}", "output"},
        {"opper: {name: a, instructions: '{{env.HOME}}'}", "env"},
        {"opper: {name: a, model: '{{env.OPPER_API_KEY}}'}", "never inserted"},
        {"opper: {name: a, model: '{{env.MY_TOKEN}}'}", "MY_TOKEN"},
        {"opper: {name: a, model: []}", "'model' is an empty list"},
        {"opper: {name: a, model: 4}", "'model' is neither a name nor a map"},
        {"opper: {name: a, model: ''}", "empty name"},
        {"opper: {name: a, model: [x, [y]]}", "neither a name nor a map"},
        {"opper: {name: a, model: {options: {t: 0}}}", "'model' has no name"},
        {"opper: {name: a, model: {model: x}}", "knows name, options and extra_headers, not 'model'"},
        {"opper: {name: a, model: {name: x, options: [1]}}", "options that are no map"},
        {"opper: {name: a, input_schema: x}", "'input_schema' is a map, not text"},
        {"opper: {name: a, output_schema: [x]}", "'output_schema' is a map, not a list"},
        {"opper: {name: a, configuration: [x]}", "'configuration' is a map"},
        {"opper: {name: a, configuration: {invocation: {cache: {ttl: 5}}}}", "knows no 'invocation'"},
        {"opper: {name: a, configuration: {cache_ttl: 5}}", "knows no 'cache_ttl'"},
        {"opper: {name: a, configuration: {invocation.cach.ttl: 5}}", "knows no 'invocation.cach.ttl'"},
        {"opper: {name: a, configuration: {invocation.cache.ttl: 5m}}", "a number of seconds"},
        {"opper: {name: a, examples: {input: 1}}", "'examples' is a list"},
        {"opper: {name: a, examples: [x]}", "1:29: 'examples' is a list of {input"},
        {"opper: {name: a, examples: [{input: 1, output: 2, note: x}]}", "an example has no 'note'"},
        {"opper: {name: a, tags: [x]}", "'tags' is a map of texts, not a list"},
        {"opper: {name: a, tags: {x: [y]}}", "tag 'x' is a text, not a list"},
        {"opper: {name: a, revision: r}", "there is no 'function'"},
        {"opper: {function: f, model: m}", "brings its own 'model'"},
        {"opper: {function: f, instructions: i}", "brings its own 'instructions'"},
        {"opper: {function: f, configuration: {}}", "brings its own 'configuration'"},
        {"opper: {function: '..'}", "cannot be '.' or '..'"},
        {"opper: {function: f, revision: '.'}", "cannot be '.' or '..'"},
        {"opper: {name: a, timeout: 5}", "unit"},
        {"{opper: {name: a}, timeout: 5s}", "unknown key 'timeout'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        CHECK(rows[i].yaml, !kit_load(&kit, "opper", rows[i].yaml, "/etc"));
        CHECK_CONTAINS(rows[i].yaml, kit_faults(&kit), rows[i].says);
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

#define NO_CACHE "\"configuration\":{\"invocation.cache.ttl\":0}"

static void test_body(void)
{
    static const struct {
        const char *yaml, *input, *row, *body;
    } rows[] = {
        {"opper: {name: t}", "\"2+2?\"", NULL, "{\"name\":\"t\",\"input\":\"2+2?\"," NO_CACHE "}"},
        {"opper: {name: t}", NULL, NULL, "{\"name\":\"t\"," NO_CACHE "}"},
        {"opper: {name: t}", "[{\"role\":\"user\",\"content\":\"hi\"}]", NULL,
         "{\"name\":\"t\",\"input\":[{\"role\":\"user\",\"content\":\"hi\"}]," NO_CACHE "}"},
        {"opper: {name: t, instructions: 'Be {{vars.tone}}. {{row.q}}', model: m/x}", "1", "{\"q\":\"a\\\"b\"}",
         "{\"name\":\"t\",\"instructions\":\"Be dry. a\\\"b\",\"input\":1,\"model\":\"m/x\"," NO_CACHE "}"},
        {"opper: {name: t, input: {q: '{{input}}', n: '{{row.n}}', id: '{{id}}', k: 3}}", "\"x\"", "{\"n\":1.50}",
         "{\"name\":\"t\",\"input\":{\"q\":\"x\",\"n\":1.50,\"id\":\"case-1\",\"k\":3}," NO_CACHE "}"},
        {"opper: {name: t, input: null}", "1", NULL, "{\"name\":\"t\",\"input\":null," NO_CACHE "}"},
        {"opper: {name: t, output_schema: {type: object, n: 1, required: [a]}, input_schema: {type: string}}", NULL,
         NULL,
         "{\"name\":\"t\",\"input_schema\":{\"type\":\"string\"},\"output_schema\":{\"type\":\"object\",\"n\":1,"
         "\"required\":[\"a\"]}," NO_CACHE "}"},
        {"opper: {name: t, model: [a, {name: b, options: {temperature: 0}}]}", NULL, NULL,
         "{\"name\":\"t\",\"model\":[\"a\",{\"name\":\"b\",\"options\":{\"temperature\":0}}]," NO_CACHE "}"},
        {"opper: {name: t, model: '{{row.models}}'}", NULL, "{\"models\":[\"a\",\"b\"]}",
         "{\"name\":\"t\",\"model\":[\"a\",\"b\"]," NO_CACHE "}"},
        {"opper: {name: t, model: '{{env.OTHER}}/x'}", NULL, NULL,
         "{\"name\":\"t\",\"model\":\"other/x\"," NO_CACHE "}"},
        {"opper: {name: t, examples: [{input: 1, output: {a: '{{row.a}}'}, comment: c}]}", NULL, "{\"a\":true}",
         "{\"name\":\"t\",\"examples\":[{\"input\":1,\"output\":{\"a\":true},\"comment\":\"c\"}]," NO_CACHE "}"},
        {"opper: {name: t, tags: {case: '{{id}}', n: 1, b: true}}", NULL, NULL,
         "{\"name\":\"t\",\"tags\":{\"case\":\"case-1\",\"n\":\"1\",\"b\":\"true\"}," NO_CACHE "}"},
        {"opper: {name: t, configuration: {invocation.cache.ttl: 60, beta.invocation.xml_mode.enabled: true}}", NULL,
         NULL,
         "{\"name\":\"t\",\"configuration\":{\"invocation.cache.ttl\":60,\"beta.invocation.xml_mode.enabled\":true}}"},
        {"opper: {function: f, tags: {a: b}}", "{\"x\":1}", NULL, "{\"input\":{\"x\":1},\"tags\":{\"a\":\"b\"}}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        struct call call;
        if (kit_load(&kit, "opper", rows[i].yaml, "/suites")) {
            kit_case(&kit, rows[i].input, rows[i].row, NULL);
            CHECK(rows[i].yaml, prepare(&kit, &call));
            CHECK_CSTR(rows[i].yaml, call.input, rows[i].body);
            CHECK_INT(rows[i].yaml, call.kind, CALL_HTTP);
        } else {
            CHECK_CSTR(rows[i].yaml, kit_faults(&kit), "no fault");
        }
        kit_close(&kit);
    }
}

static void test_call(void)
{
    struct kit kit;
    struct call call;
    CHECK("load", kit_load(&kit, "opper", "opper: {name: t, timeout: 90s}", "/suites"));
    struct secret *key = secret_new(STR("op-secret"));
    kit.service.key = key;
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CSTR("method", str_from(call.http.method), "POST");
    CHECK_CSTR("url", str_from(call.http.url), "https://opper.test/v2/call");
    CHECK("key", call.http.key == key);
    CHECK_INT("priority", call.http.priority, HTTP_FIRST);
    CHECK_INT("its own time-out", call.timeout_ns, 90 * NS_PER_S);
    CHECK("no parent unless it is there", !str_find(call.input, STR("parent"), NULL));
    kit.in.has_parent_span = true;
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CONTAINS("parent", call.input, "\"parent_span_id\":\"cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd\"");
    kit.eval_case.timeout_ns = kit.in.timeout_ns = 3 * NS_PER_S;
    CHECK("prepare", prepare(&kit, &call));
    CHECK_INT("a case's time-out wins", call.timeout_ns, 3 * NS_PER_S);
    CHECK("the key is nowhere else", !str_find(call.input, STR("op-secret"), NULL));
    kit_close(&kit);
    secret_free(&key);

    CHECK("load", kit_load(&kit, "opper", "opper: {name: t}", "/suites"));
    CHECK("prepare", prepare(&kit, &call));
    CHECK_INT("the suite's time-out", call.timeout_ns, 60 * NS_PER_S);
    CHECK_INT("default", kit.type->default_timeout_ns, 120 * NS_PER_S);
    CHECK_INT("default", kit.type->default_retries, 3);
    kit_close(&kit);
}

static void test_call_errors(void)
{
    static const struct kit_bad_call rows[] = {
        {"opper: {name: t, instructions: '{{row.x}}'}", "{}", "'instructions': "},
        {"opper: {name: t, instructions: 'a {{row.x}}'}", "{\"x\":null}", "null"},
        {"opper: {name: t, model: '{{row.x}}'}", "{\"x\":7}", "'model' is neither a name nor a map"},
        {"opper: {name: t, examples: '{{row.x}}'}", "{\"x\":[{\"input\":1}]}", "'examples' is a list of"},
        {"opper: {name: t, tags: '{{row.x}}'}", "{\"x\":\"a\"}", "'tags' is a map of texts"},
        {"opper: {name: t, tags: {a: '{{row.x}}'}}", "{\"x\":[1]}", "tag 'a' is a text"},
    };
    kit_check_bad_calls("opper", rows, ARRAY_LEN(rows));
}

static struct call_result answer(const char *body)
{
    return (struct call_result){
        .status = CALL_OK,
        .http_status = 200,
        .content_type = STR("application/json"),
        .output = str_from(body),
        .latency_ns = 1500 * NS_PER_MS,
    };
}

static struct output interpret(struct kit *kit, const struct call_result *result)
{
    struct output output = {0};
    struct err err = ERR_NULL;
    CHECK("interpret", kit->type->interpret(&kit->in, result, &output, &err));
    CHECK_CSTR("no error", str_from(err.text), "");
    return output;
}

static void test_output(void)
{
    struct kit kit;
    CHECK("load", kit_load(&kit, "opper", "opper: {name: t}", "/suites"));
    struct call_result result =
        answer("{\"span_id\":\"s-1\",\"message\":\"A: 4\",\"cached\":false,\"usage\":{\"input_tokens\":5,"
               "\"output_tokens\":7,\"x\":{\"y\":1}},\"cost\":{\"generation\":0.001,\"platform\":0,\"total\":0.001}}");
    struct output o = interpret(&kit, &result);
    CHECK_INT("kind", o.error, ERROR_NONE);
    CHECK_CSTR("text", o.text, "A: 4");
    CHECK("text", !o.is_json);
    CHECK("latency", o.measures.has_latency && o.measures.latency_ms == 1500);
    CHECK("cost", o.measures.has_cost && o.measures.cost_usd == 0.001);
    CHECK("tokens", o.measures.input_tokens == 5 && o.measures.output_tokens == 7);
    CHECK_INT("attempts", o.measures.attempts, 3);
    CHECK_CSTR("span", value_get(&o.meta, STR("call_span_id"))->text, "s-1");
    CHECK("cached", !value_get(&o.meta, STR("cached"))->boolean);
    CHECK("usage as it came", value_get(value_get(&o.meta, STR("usage")), STR("x")) != NULL);
    CHECK("cost as it came", value_get(value_get(&o.meta, STR("cost")), STR("total")) != NULL);

    result =
        answer("{\"span_id\":\"s-1\",\"json_payload\":{\"b\":[1,2.0],\"a\":null},\"message\":null,\"cached\":true}");
    o = interpret(&kit, &result);
    CHECK("JSON", o.is_json && o.json.kind == VALUE_MAP);
    CHECK_CSTR("JSON", o.text, "{\"b\":[1,2.0],\"a\":null}");
    CHECK("a cached answer has no latency", !o.measures.has_latency && !o.measures.has_cost);
    CHECK("cached", value_get(&o.meta, STR("cached"))->boolean);

    result = answer("{\"span_id\":\"s-1\",\"json_payload\":\"billing\"}");
    o = interpret(&kit, &result);
    CHECK_CSTR("a schema of a text", o.text, "billing");
    CHECK("is text", !o.is_json);

    result = answer("{\"span_id\":\"s-1\",\"json_payload\":false}");
    o = interpret(&kit, &result);
    CHECK("false is JSON", o.is_json && str_eq_cstr(o.text, "false"));

    result = answer("{\"span_id\":\"s-1\",\"images\":[\"https://x/1.png\"]}");
    o = interpret(&kit, &result);
    CHECK_CSTR("images", o.text, "{\"images\":[\"https://x/1.png\"]}");
    CHECK("images", o.is_json);

    result = answer("{\"span_id\":\"s-1\",\"message\":\"see\",\"images\":[\"u\"]}");
    o = interpret(&kit, &result);
    CHECK_CSTR("text and images", o.text, "see");
    CHECK("text and images", value_get(&o.meta, STR("images")) != NULL);

    result = answer("{\"message\":\"try later\"}");
    o = interpret(&kit, &result);
    CHECK_INT("no answer", o.error, ERROR_PROTOCOL);
    CHECK_CONTAINS("no answer", o.error_text, "no span_id: '{\"message\":\"try later\"}'");
    CHECK_CSTR("kept", o.text, "{\"message\":\"try later\"}");
    CHECK("latency", o.measures.has_latency);
    kit_close(&kit);
}

static void test_failures(void)
{
    static const struct {
        const char *name;
        struct call_result result;
        enum error_kind error;
        const char *says;
        bool is_transient;
    } rows[] = {
        {"422",
         {.status = CALL_HTTP_STATUS, .http_status = 422, .output = {"{\"detail\":\"no such field\"}", 26}},
         ERROR_REQUEST,
         "422 Unprocessable Content: no such field",
         false},
        {"429", {.status = CALL_HTTP_STATUS, .http_status = 429}, ERROR_RATE_LIMIT, "429 Too Many Requests", true},
        {"503", {.status = CALL_HTTP_STATUS, .http_status = 503}, ERROR_SERVICE, "503 Service Unavailable", true},
        {"reset", {.status = CALL_NETWORK, .detail = {"reset", 5}}, ERROR_NETWORK, "network: reset", true},
        {"time-out", {.status = CALL_TIMEOUT}, ERROR_TIMEOUT, "no answer within 1 min 00 s", true},
        {"too long", {.status = CALL_OUTPUT_LIMIT}, ERROR_OUTPUT_LIMIT, "too long", false},
        {"cancelled", {.status = CALL_CANCELLED}, ERROR_CANCELLED, "stopped", false},
    };
    struct kit kit;
    CHECK("load", kit_load(&kit, "opper", "opper: {name: t}", "/suites"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct output o = interpret(&kit, &rows[i].result);
        CHECK_INT(rows[i].name, o.error, rows[i].error);
        CHECK_CONTAINS(rows[i].name, o.error_text, rows[i].says);
        CHECK_INT(rows[i].name, kit.type->is_transient(kit.options, &rows[i].result), rows[i].is_transient);
    }
    struct call_result fine = answer("{}");
    CHECK("a wrong answer is not tried again", !kit.type->is_transient(kit.options, &fine));
    static const unsigned stopping[] = {401, 402, 403, 404, 405, 302};
    for (size_t i = 0; i < ARRAY_LEN(stopping); i++) {
        struct call_result result = {.status = CALL_HTTP_STATUS, .http_status = stopping[i]};
        struct output o;
        struct err err = ERR_NULL;
        CHECK("stops the run", !kit.type->interpret(&kit.in, &result, &o, &err));
        CHECK_CONTAINS("stops the run", str_from(err.text), "target 'opper': ");
        CHECK("no retry", !kit.type->is_transient(kit.options, &result));
    }
    kit_close(&kit);
}

static void test_functions(void)
{
    struct kit kit;
    struct call call;
    struct err err = ERR_NULL;
    const void *found = NULL;
    CHECK("by id",
          kit_load(&kit, "opper", "opper: {function: 0198C0DE-0000-4000-8000-000000000001, revision: r 1}", "/"));
    CHECK("nothing to find", kit.type->find(kit.options, &kit.arena, &call, &err) && call.kind == CALL_NONE);
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CSTR("url", str_from(call.http.url),
               "https://opper.test/v2/functions/0198C0DE-0000-4000-8000-000000000001/call/r%201");
    kit_close(&kit);

    CHECK("by name", kit_load(&kit, "opper", "opper: {function: team/sum up}", "/"));
    CHECK("find", kit.type->find(kit.options, &kit.arena, &call, &err));
    CHECK_INT("find", call.kind, CALL_HTTP);
    CHECK_CSTR("find", str_from(call.http.method), "GET");
    CHECK_CSTR("find", str_from(call.http.url), "https://opper.test/v2/functions/by-name/team%2Fsum%20up");
    CHECK("find", call.timeout_ns > 0 && call.input.len == 0);
    struct call_result result = answer("{\"id\":\"f-9\",\"name\":\"team/sum up\",\"revision_id\":\"r-3\"}");
    CHECK("found", kit.type->find_read(kit.options, &result, &kit.arena, &found, &err));
    kit.in.found = found;
    CHECK("prepare", prepare(&kit, &call));
    CHECK_CSTR("url", str_from(call.http.url), "https://opper.test/v2/functions/f-9/call");
    struct call_result said = answer("{\"span_id\":\"s\",\"message\":\"x\"}");
    struct output o = interpret(&kit, &said);
    CHECK_CSTR("which", value_get(&o.meta, STR("function_id"))->text, "f-9");
    CHECK_CSTR("which", value_get(&o.meta, STR("revision"))->text, "r-3");

    static const struct {
        struct call_result result;
        enum err_kind kind;
        const char *says;
    } rows[] = {
        {{.status = CALL_HTTP_STATUS, .http_status = 404}, ERR_SETUP, "there is no stored function 'team/sum up'"},
        {{.status = CALL_HTTP_STATUS, .http_status = 401}, ERR_ACCESS, "401 Unauthorized"},
        {{.status = CALL_HTTP_STATUS, .http_status = 503}, ERR_NET, "could not be looked up: 503"},
        {{.status = CALL_NETWORK, .is_unreachable = true}, ERR_NET, "OPPER_BASE_URL"},
        {{.status = CALL_OK, .http_status = 200, .output = {"{}", 2}}, ERR_NET, "a function without id"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        err = ERR_NULL;
        CHECK(rows[i].says, !kit.type->find_read(kit.options, &rows[i].result, &kit.arena, &found, &err));
        CHECK_CONTAINS(rows[i].says, str_from(err.text), rows[i].says);
        CHECK_INT(rows[i].says, err.kind, rows[i].kind);
    }
    kit_close(&kit);
}

static void test_access(void)
{
    struct kit kit;
    struct err err = ERR_NULL;
    CHECK("load", kit_load(&kit, "opper", "opper: {function: f, revision: r}", "/"));
    CHECK("no key", !kit.type->check_access(kit.options, &err));
    CHECK_INT("no key", err.kind, ERR_USAGE);
    CHECK_CONTAINS("no key", str_from(err.text), "OPPER_API_KEY is not set");
    struct secret *key = secret_new(STR("op-secret"));
    kit.service.key = key;
    CHECK("a key", kit.type->check_access(kit.options, &err));
    CHECK_CSTR("destination", kit.type->destination(kit.options, &kit.arena),
               "POST https://opper.test/v2/functions/f/call/r");
    kit_close(&kit);
    secret_free(&key);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused at load", test_refused},
        {"bodies", test_body},
        {"calls", test_call},
        {"what cannot be called", test_call_errors},
        {"answers", test_output},
        {"failures", test_failures},
        {"functions", test_functions},
        {"access", test_access},
    };
    return check_run("opper", tests, ARRAY_LEN(tests));
}
