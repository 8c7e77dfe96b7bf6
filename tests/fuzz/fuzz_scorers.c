/* All scorers: any list of them over any output ends with scores in words, and says the same in turns of next to no time as in one go.
 * Programs are not run, and judges not asked: they answer what the output says.
 * Input: a YAML list of scorers up to a line "---", then the output. Its JSON, when it is some, is what the case expects, too. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/yaml.h"
#include "model/environment.h"
#include "model/service.h"
#include "model/suite.h"
#include "scorers/scorer.h"
#include "scorers/scoring.h"
#include "tests/fuzz/fuzz.h"

enum { SCORERS_MAX = 8, DIMENSIONS_MAX = 8 * SCORERS_MAX, TURNS_MAX = 100000 };

struct loaded {
    struct scorer_use *uses[SCORERS_MAX];
    const struct scorer_use *shown[SCORERS_MAX];
    struct dimension dimensions[DIMENSIONS_MAX];
    struct suite suite;
};

static void load(struct arena *arena, struct str text, struct loaded *ret)
{
    static const char *const NO_ENTRIES[] = {NULL};
    static const struct environment NOTHING = {NO_ENTRIES};
    static const struct service NOBODY = {.base_url = "https://nobody.test/v2"};
    static const struct scorer_env ENV = {
        .dir = "/", .environment = &NOTHING, .vars_environment = &NOTHING, .service = &NOBODY, .workers_default = 1};
    struct diag diag;
    diag_init(&diag, arena);
    struct field_context ctx = {.arena = arena, .diag = &diag};
    struct value *list = arena_new(arena, struct value);
    diag_source(&diag, "scorers.yaml", text);
    ret->suite = (struct suite){.name = STR("s"), .scorers = ret->shown, .dimensions = ret->dimensions};
    if (!yaml_read(arena, "scorers.yaml", text, list, &diag) || list->kind != VALUE_LIST) {
        return;
    }
    for (uint32_t i = 0; i < list->len && ret->suite.scorer_count < SCORERS_MAX; i++) {
        struct scorer_use *use = NULL;
        size_t faults = diag.faults.len + diag.dropped;
        if (!scorer_load(&ctx, &list->items[i], &ENV, &use)) {
            FUZZ_CHECK(diag.faults.len + diag.dropped > faults);
            continue;
        }
        FUZZ_CHECK(use->dimension_count >= 1);
        if (use->dimension_count > DIMENSIONS_MAX - ret->suite.dimension_count) {
            scorer_unload(use);
            continue;
        }
        use->indices = arena_array(arena, uint32_t, use->dimension_count);
        for (size_t k = 0; k < use->dimension_count; k++) {
            use->indices[k] = (uint32_t)ret->suite.dimension_count;
            ret->dimensions[ret->suite.dimension_count++] = use->dimensions[k];
        }
        ret->uses[ret->suite.scorer_count] = use;
        ret->shown[ret->suite.scorer_count++] = use;
    }
}

static void check_result(const struct suite *suite, const struct scoring_result *result)
{
    FUZZ_CHECK(result->score_count <= suite->dimension_count);
    FUZZ_CHECK(result->is_errored == (result->error_text.len > 0));
    FUZZ_CHECK(!result->has_score || (result->score >= 0 && result->score <= 1));
    for (size_t i = 0; i < result->score_count; i++) {
        const struct score *score = &result->scores[i];
        FUZZ_CHECK(score->comment.len > 0 && score->comment.len <= 500 && utf8_is_valid(score->comment, NULL));
        FUZZ_CHECK(score->unit >= 0 && score->unit <= 1 && (score->has_unit || score->unit == 0));
        FUZZ_CHECK((score->outcome == SCORE_PASS || score->outcome == SCORE_FAIL) == score->has_unit);
    }
}

static void score(struct arena *arena, const struct suite *suite, struct str text, int64_t turn_ns,
                  struct scoring_result *ret)
{
    static const struct value ID = {.kind = VALUE_TEXT, .text = {"case", 4}};
    static const struct variant VARIANT = {.name = {"default", 7}};
    struct err err = ERR_NULL;
    struct eval_case eval_case = {.id = ID.text, .vars = {.kind = VALUE_MAP}};
    struct src_pos origin = {.line = 1, .col = 1};
    eval_case.has_expected = json_read(arena, text, JSON_REPLY, origin, &eval_case.expected, NULL, &err);
    struct scope scope = {.id = &ID, .expected = eval_case.has_expected ? &eval_case.expected : NULL};
    struct output output = {.text = text};
    struct scoring_sample sample = {
        .suite = suite, .variant = &VARIANT, .eval_case = &eval_case, .output = &output, .scope = &scope};
    struct scoring *s = scoring_begin(arena, &sample);
    struct call_result reply = {.status = CALL_OK, .output = text};
    enum scoring_status status;
    for (int turns = 0; (status = scoring_step(s, turn_ns)) != SCORING_DONE; turns++) {
        FUZZ_CHECK(turns < TURNS_MAX);
        if (status == SCORING_CALL) {
            scoring_answer(s, &reply);
        }
    }
    scoring_finish(s, ret);
    scoring_drop(s);
}

/* What ran into a limit of time may do so in one of the two only. */
static bool is_timed(const struct scoring_result *result)
{
    for (size_t i = 0; i < result->score_count; i++) {
        if (str_find(result->scores[i].comment, STR("limit"), NULL)) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str input = fuzz_text(data, size);
    size_t at = size;
    (void)str_find(input, STR("\n---\n"), &at);
    struct str text = str_slice(input, at + 5, size);
    struct loaded *loaded = arena_new(&arena, struct loaded);
    struct scoring_result whole;
    struct scoring_result turns;
    load(&arena, str_slice(input, 0, at), loaded);
    score(&arena, &loaded->suite, text, 0, &whole);
    score(&arena, &loaded->suite, text, 1, &turns);
    check_result(&loaded->suite, &whole);
    FUZZ_CHECK(whole.score_count == turns.score_count || is_timed(&whole) || is_timed(&turns));
    for (size_t i = 0; i < whole.score_count && !is_timed(&whole) && !is_timed(&turns); i++) {
        FUZZ_CHECK(whole.scores[i].outcome == turns.scores[i].outcome);
        FUZZ_CHECK(str_eq(whole.scores[i].comment, turns.scores[i].comment));
    }
    for (size_t i = 0; i < loaded->suite.scorer_count; i++) {
        scorer_unload(loaded->uses[i]);
    }
    return 0;
}
