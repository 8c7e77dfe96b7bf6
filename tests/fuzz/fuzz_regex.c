/* The regex scorer: any pattern over any text ends within its limits, with a judgement in words, and a quoted text is found in itself.
 * Input: one byte that says how the scorer is used, the pattern up to a newline, the text. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/pattern.h"
#include "base/utf8.h"
#include "data/field.h"
#include "scorers/scorer.h"
#include "tests/fuzz/fuzz.h"

enum { TURN_NS = 5000000, TURNS_MAX = 10000, QUOTED_MAX_BYTES = 64 << 10 };

static struct value entry(struct value *key, struct value *item)
{
    return (struct value){.kind = VALUE_MAP, .len = 1, .keys = key, .items = item};
}

/* `- regex: {pattern: ..., flags: ..., <one more>}` */
static bool load(struct field_context *ctx, uint8_t how, struct str pattern, struct scorer_use **ret)
{
    static const char *const FLAGS[] = {"", "i", "m", "sx"};
    struct value one = {.kind = VALUE_TEXT, .text = STR("1"), .is_plain = true};
    struct value min_key = value_of_text(STR("min"));
    struct value keys[3] = {value_of_text(STR("pattern")), value_of_text(STR("flags"))};
    struct value items[3] = {value_of_text(pattern), value_of_text(str_from(FLAGS[how & 3]))};
    uint32_t len = 2;
    if (how & 4) {
        keys[len] = value_of_text(STR("full"));
        items[len++] = (struct value){.kind = VALUE_TEXT, .text = STR("true"), .is_plain = true};
    } else if (how & 8) {
        keys[len] = value_of_text(STR("count"));
        items[len++] = entry(&min_key, &one);
    } else if (how & 16) {
        keys[len] = value_of_text(STR("capture"));
        items[len++] = value_of_text(STR("1"));
    }
    struct value options = {.kind = VALUE_MAP, .len = len, .keys = keys, .items = items};
    struct value name = value_of_text(STR("regex"));
    struct value node = entry(&name, &options);
    struct value copy = value_copy(ctx->arena, &node); /* a suite's tree lives as long as its scorers */
    struct value *kept = arena_copy(ctx->arena, &copy, sizeof(copy));
    static const struct scorer_env ENV = {.dir = "."};
    return scorer_load(ctx, kept, &ENV, ret);
}

static void score(struct arena *arena, const struct scorer_use *use, struct str text)
{
    struct scope scope = {.row = NULL};
    struct output output = {.text = text};
    struct score_in in = {
        .use = use,
        .options = use->options,
        .output = &output,
        .scope = &scope,
        .subject = {.text = text},
        .arena = arena,
        .turn_ns = TURN_NS,
        .state = arena_alloc(arena, use->type->state_size > 0 ? use->type->state_size : 1),
    };
    struct eval_case eval_case = {.id = STR("case")};
    in.eval_case = &eval_case;
    struct judgement judgement = {0};
    int turns = 1;
    while (use->type->score(&in, &judgement) == STEP_MORE) {
        FUZZ_CHECK(++turns < TURNS_MAX);
    }
    FUZZ_CHECK(judgement.comment.len > 0);
    FUZZ_CHECK(judgement.kind == JUDGED_NOT_SCORED || judgement.number == 0 || judgement.number == 1);
}

static void check_quoted(struct str text)
{
    struct buf quoted CLEANUP(buf_deinit) = BUF(QUOTED_MAX_BYTES);
    pattern_quote(&quoted, text);
    struct pattern *pattern CLEANUP(pattern_free_at) = NULL;
    struct err err = ERR_NULL;
    if (quoted.overflow || !utf8_is_valid(text, NULL)) {
        return;
    }
    FUZZ_CHECK(pattern_compile(buf_str(&quoted), STR(""), true, &pattern, NULL, &err));
    struct pattern_search search;
    struct pattern_span whole;
    pattern_search_begin(&search, pattern, text);
    FUZZ_CHECK(pattern_search_next(&search, 0, &whole, 1) == PATTERN_MATCH);
    FUZZ_CHECK(whole.start == 0 && whole.end == text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag diag;
    diag_init(&diag, &arena);
    struct field_context ctx = {.arena = &arena, .diag = &diag};
    struct str text = fuzz_text(data + 1, size - 1), pattern = STR_NULL;
    (void)str_split(&text, '\n', &pattern);
    struct scorer_use *use = NULL;
    check_quoted(text);
    if (!load(&ctx, data[0], pattern, &use)) {
        FUZZ_CHECK(!diag_is_clean(&diag));
        return 0;
    }
    score(&arena, use, text);
    scorer_unload(use);
    return 0;
}
