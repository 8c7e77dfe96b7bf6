#include "targets/answer.h"

#include "base/err.h"
#include "tests/check.h"
#include "tests/targets/kit.h"

static const struct dimension declared[] = {{.name = {"steps", 5}}, {.name = {"sum", 3}}};

static struct output read_answer(struct arena *arena, const char *text, bool has_id)
{
    struct output output = {.error = ERROR_NONE};
    answer_read(arena, str_from(text), has_id, declared, ARRAY_LEN(declared), &output);
    return output;
}

static void test_refused(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "not JSON"},
        {"  \n", "empty"},
        {"hello", "not JSON"},
        {"{\"output\":1} x", "not JSON"},
        {"{\"output\":1}\n{\"output\":2}", "not JSON"},
        {"[1]", "bare JSON is `output: text`"},
        {"42", "bare JSON is `output: text`"},
        {"{}", "neither"},
        {"{\"error\":null}", "neither"},
        {"{\"metrics\":{}}", "neither"},
        {"{\"outptu\":1}", "did you mean 'output'?"},
        {"{\"answer\":1,\"output\":1}", "bare JSON is `output: text`"},
        {"{\"output\":1,\"id\":\"x\"}", "unknown key 'id'"},
        {"{\"output\":1,\"meta\":[]}", "\"meta\" is"},
        {"{\"output\":1,\"metrics\":[]}", "\"metrics\" is"},
        {"{\"output\":1,\"metrics\":{\"stesp\":1}}", "'stesp' is not declared"},
        {"{\"output\":1,\"metrics\":{\"steps\":\"1\"}}", "not a number"},
        {"{\"output\":1,\"metrics\":{\"steps\":true}}", "not a number"},
        {"{\"output\":1,\"usage\":7}", "\"usage\" is"},
        {"{\"output\":1,\"usage\":{\"input_tokens\":\"7\"}}", "no count of tokens"},
        {"{\"output\":1,\"usage\":{\"input_tokens\":-7}}", "no count of tokens"},
        {"{\"output\":1,\"cost_usd\":\"$1\"}", "no amount of dollars"},
        {"{\"output\":1,\"cost_usd\":-1}", "no amount of dollars"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct output output = read_answer(&arena, rows[i].text, false);
        CHECK_INT(rows[i].text, output.error, ERROR_PROTOCOL);
        CHECK_CONTAINS(rows[i].text, output.error_text, rows[i].says);
        CHECK("what it said is kept", output.text.ptr != NULL);
    }
}

static void test_outputs(void)
{
    static const struct {
        const char *text, *output;
        bool is_json;
    } rows[] = {
        {"{\"output\":\"A: 2\"}", "A: 2", false},
        {"{\"output\":\"\"}", "", false},
        {"{\"output\":null}", "null", true},
        {"{\"output\":1.50}", "1.50", true},
        {"{\"output\":{\"a\": 1}}\n", "{\"a\":1}", true},
        {"{\"output\":[ ]}", "[]", true},
        {"{\"output\":false,\"error\":null}", "false", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct output output = read_answer(&arena, rows[i].text, false);
        CHECK_INT(rows[i].text, output.error, ERROR_NONE);
        CHECK_CSTR(rows[i].text, output.text, rows[i].output);
        CHECK(rows[i].text, output.is_json == rows[i].is_json);
    }
}

static void test_all_keys(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct output output =
        read_answer(&arena,
                    "{\"id\":\"x\",\"output\":\"a\",\"metrics\":{\"steps\":3,\"sum\":-1.5e2},\"meta\":{\"stderr\":"
                    "\"mine\",\"k\":1},"
                    "\"usage\":{\"prompt_tokens\":12,\"output_tokens\":5,\"total_tokens\":17},\"cost_usd\":0.0125}",
                    true);
    CHECK_INT("fine", output.error, ERROR_NONE);
    CHECK_INT("metrics", output.metric_count, 2);
    CHECK_CSTR("steps", output.metrics[0].name, "steps");
    CHECK_DOUBLE("steps", output.metrics[0].value, 3, 0);
    CHECK_DOUBLE("sum", output.metrics[1].value, -150, 0);
    CHECK("input", output.measures.has_input_tokens && output.measures.has_output_tokens && output.measures.has_cost);
    CHECK_DOUBLE("input", output.measures.input_tokens, 12, 0);
    CHECK_DOUBLE("output", output.measures.output_tokens, 5, 0);
    CHECK_DOUBLE("cost", output.measures.cost_usd, 0.0125, 0);
    answer_add_meta(&arena, &output, "stderr", value_of_text(STR("ours")));
    CHECK_CSTR("ours wins", value_get(&output.meta, STR("stderr"))->text, "ours");
    CHECK_INT("and the rest stays", output.meta.len, 2);
    CHECK_CSTR("k", value_get(&output.meta, STR("k"))->text, "1");
}

static void test_nothing_known(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct output output =
        read_answer(&arena,
                    "{\"output\":1,\"metrics\":{\"steps\":null,\"sum\":1e999},\"usage\":{\"input_tokens\":null},"
                    "\"cost_usd\":null,\"meta\":null}",
                    false);
    CHECK_INT("fine", output.error, ERROR_NONE);
    CHECK_INT("null and overflow are no values", output.metric_count, 0);
    CHECK("unknown",
          !output.measures.has_cost && !output.measures.has_input_tokens && !output.measures.has_output_tokens);
    output = read_answer(&arena, "{\"output\":1,\"metrics\":null,\"usage\":null}", false);
    CHECK_INT("fine", output.error, ERROR_NONE);
}

static void test_error(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct output output =
        read_answer(&arena, "{\"error\":\"model refused\",\"output\":\"half\",\"cost_usd\":1}", false);
    CHECK_INT("the target's own word", output.error, ERROR_TARGET);
    CHECK_CSTR("text", output.error_text, "model refused");
    CHECK_CSTR("kept", output.text, "half");
    CHECK("its cost counts", output.measures.has_cost);
    output = read_answer(&arena, "{\"error\":{\"code\": 5}}", false);
    CHECK_INT("an object", output.error, ERROR_TARGET);
    CHECK_CSTR("an object", output.error_text, "{\"code\":5}");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_refused},
        {"outputs", test_outputs},
        {"all keys", test_all_keys},
        {"error", test_error},
        {"nothing known", test_nothing_known},
    };
    return check_run("answer", tests, ARRAY_LEN(tests));
}
