/* Gates: a tree whose words are slices of the text, or a fault with a place in it. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "data/gate_expr.h"
#include "tests/fuzz/fuzz.h"

static void check_slice(const struct gate_expr *gate, struct str word)
{
    if (word.ptr != NULL) {
        FUZZ_CHECK(word.ptr >= gate->text.ptr && word.ptr + word.len <= gate->text.ptr + gate->text.len);
    }
}

static void check_stat(const struct gate_expr *gate, const struct stat_ref *stat)
{
    check_slice(gate, stat->text);
    check_slice(gate, stat->dimension);
    check_slice(gate, stat->filter.tag);
    check_slice(gate, stat->filter.variant);
    check_slice(gate, stat->filter.cluster);
    check_slice(gate, stat->filter.label);
    FUZZ_CHECK(stat->offset <= gate->text.len && stat->filter_offset <= gate->text.len);
    FUZZ_CHECK(stat->kind != STAT_QUANTILE || (stat->quantile > 0 && stat->quantile < 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str text = fuzz_text(data, size);
    struct gate_expr gate = {0};
    size_t offset = 0;
    struct str hint = STR_NULL;
    struct err err = ERR_NULL;
    if (!gate_expr_parse(&arena, text, &gate, &offset, &hint, &err)) {
        FUZZ_CHECK(err.kind == ERR_SUITE && err.text[0] != '\0');
        FUZZ_CHECK(offset <= size);
        return 0;
    }
    check_stat(&gate, &gate.left);
    if (!gate.is_regression && gate.right_kind == RIGHT_STAT) {
        check_stat(&gate, &gate.right_stat);
    }
    FUZZ_CHECK(!gate.has_confidence || (gate.confidence >= 0.5 && gate.confidence < 1));
    FUZZ_CHECK(!gate.is_regression || gate.beyond >= 0);
    return 0;
}
