/* The labels published with real solutions of word problems: 4 x 200, and numeric agrees with every one.
 * usage: test_scorers_published FOLDER...   the first that has data/gsm8k is read; without one the test is skipped. */

#include <stdio.h>

#include "base/err.h"
#include "base/file.h"
#include "data/json.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

enum { FILE_MAX_BYTES = 64 << 20, ROWS = 200, SKIPPED = 77 };

static const struct {
    const char *key;
    int right;
} MODELS[] = {{"6b_finetuning", 45}, {"6b_verification", 75}, {"175b_finetuning", 65}, {"175b_verification", 110}};

static const char *const *folders; /* the program's arguments; tests take none */

static bool find_data(struct arena *arena, struct str *ret)
{
    for (size_t i = 0; folders[i] != NULL; i++) {
        struct err ignored = ERR_NULL;
        struct str path = arena_printf(arena, "%s/data/gsm8k/solutions-200.jsonl", folders[i]);
        if (file_read(arena, path.ptr, FILE_MAX_BYTES, ret, &ignored)) {
            return true;
        }
    }
    return false;
}

static bool score_solution(struct rig *rig, const struct value *truth, const struct value *model)
{
    rig->eval_case.has_expected = true;
    rig->eval_case.expected = *truth;
    rig_text(rig, value_get(model, STR("solution"))->text);
    rig_run(rig);
    CHECK("an answer that is missing is wrong, not unscored", !rig->result.is_errored);
    return rig->result.pass == PASS_YES;
}

static void test_labels(void)
{
    RIG(rig);
    struct str text = STR_NULL;
    struct str line = STR_NULL;
    int rows = 0;
    int right[ARRAY_LEN(MODELS)] = {0};
    if (!find_data(&rig->arena, &text) ||
        !rig_load(rig, "labels",
                  "- numeric: {extract: 'A: *\\$?(-?[\\d.,]+)', match: last, expected: '{{expected}}', "
                  "tolerance: 1e-6, record_value: true, dimension: answer}")) {
        return;
    }
    while (str_split(&text, '\n', &line)) {
        struct value row;
        struct err err = ERR_NULL;
        if (line.len == 0 || !json_read(&rig->arena, line, JSON_OURS, (struct src_pos){0}, &row, NULL, &err)) {
            continue;
        }
        rows++;
        for (size_t i = 0; i < ARRAY_LEN(MODELS); i++) {
            const struct value *model = value_get(&row, str_from(MODELS[i].key));
            bool is_right = score_solution(rig, value_get(&row, STR("ground_truth")), model);
            right[i] += is_right ? 1 : 0;
            CHECK_INT(MODELS[i].key, is_right, value_get(model, STR("is_correct"))->boolean);
        }
    }
    CHECK_INT("rows", rows, ROWS);
    for (size_t i = 0; i < ARRAY_LEN(MODELS); i++) {
        CHECK_INT(MODELS[i].key, right[i], MODELS[i].right);
    }
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {{"published labels", test_labels}};
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str text = STR_NULL;
    folders = (const char *const *)argv + (argc > 0 ? 1 : 0);
    if (!find_data(&arena, &text)) {
        (void)printf("skipped: no data/gsm8k/solutions-200.jsonl in the folders given\n");
        return SKIPPED;
    }
    return check_run("scorers/published", tests, ARRAY_LEN(tests));
}
