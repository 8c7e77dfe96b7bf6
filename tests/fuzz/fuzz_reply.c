/* What a server may answer to a call: always an output or an error in words, or the end of the run with a reason; never a control character in words, never
 * a score where there was no answer.
 * Input: a line "STATUS CONTENT-TYPE", then the body. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/num.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/yaml.h"
#include "model/service.h"
#include "targets/target.h"
#include "tests/fuzz/fuzz.h"
#include "wire/error.h"
#include "wire/reply.h"

static const void *load(struct arena *arena)
{
    static const struct service NOBODY = {.base_url = "https://nobody.test/v2"};
    const struct target_type *type = target_find(STR("opper"));
    struct diag diag;
    diag_init(&diag, arena);
    struct field_context ctx = {.arena = arena, .diag = &diag};
    struct target_load in = {.ctx = &ctx, .dir = "/", .service = &NOBODY};
    struct value *node = arena_new(arena, struct value);
    void *options = arena_alloc(arena, type->options_size);
    FUZZ_CHECK(yaml_read(arena, "suite.yaml", STR("opper: {name: t}"), node, &diag));
    FUZZ_CHECK(field_decode(&ctx, type->rows, node, "target", options) && type->load(&in, options, node));
    return options;
}

static void check_words(struct str words)
{
    FUZZ_CHECK(words.len > 0 && utf8_is_valid(words, NULL) && !str_has_control(words));
}

static void check_output(struct arena *arena, const struct call_result *result, const struct output *output)
{
    const struct call_measures *m = &output->measures;
    FUZZ_CHECK((output->error == ERROR_NONE) == (output->error_text.len == 0));
    FUZZ_CHECK(output->error != ERROR_NONE || result->status == CALL_OK);
    FUZZ_CHECK(!m->has_cost || (num_is_finite(m->cost_usd) && m->cost_usd >= 0));
    FUZZ_CHECK(!m->has_input_tokens || (num_is_finite(m->input_tokens) && m->input_tokens >= 0));
    FUZZ_CHECK(m->attempts == 1);
    if (output->error != ERROR_NONE) {
        check_words(output->error_text);
        return;
    }
    struct value again;
    struct err err = ERR_NULL;
    FUZZ_CHECK(value_get(&output->meta, STR("call_span_id")) != NULL);
    FUZZ_CHECK(!output->is_json || json_read(arena, output->text, JSON_OURS, (struct src_pos){0}, &again, NULL, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str rest = fuzz_text(data, size);
    struct str line = STR_NULL;
    struct str status = STR_NULL;
    uint64_t number = 200;
    (void)str_split(&rest, '\n', &line);
    (void)str_split(&line, ' ', &status);
    if (!num_parse_u64(status, &number) || number > 999) {
        number = 200;
    }
    struct eval_case eval_case = {.id = STR("case")};
    struct call_result result = {
        .status = number >= 200 && number < 300 ? CALL_OK : CALL_HTTP_STATUS,
        .http_status = (unsigned)number,
        .content_type = line,
        .output = rest,
        .retry_after_ns = -1,
    };
    struct target_in in = {
        .options = load(&arena), .eval_case = &eval_case, .attempt = 1, .timeout_ns = 1, .arena = &arena};
    struct output output = {0};
    struct err err = ERR_NULL;
    check_words(wire_error_words(&arena, rest));
    if (target_find(STR("opper"))->interpret(&in, &result, &output, &err)) {
        check_output(&arena, &result, &output);
    } else {
        FUZZ_CHECK(err.kind != ERR_NONE && wire_reply_of(&result) != WIRE_OK && wire_reply_of(&result) != WIRE_AGAIN);
        check_words(str_from(err.text));
    }
    return 0;
}
