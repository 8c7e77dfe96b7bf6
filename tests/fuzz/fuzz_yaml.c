/* YAML: a tree that JSON can hold, or at least one fault with a place in the text. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "data/json.h"
#include "data/value.h"
#include "data/yaml.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_MAX_BYTES = 64 << 20 };

static void check_faults(const struct diag *diag, struct str text)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < text.len; i++) {
        /* libyaml counts a lone carriage return too, and the longer line ends of Unicode; each has a byte of its own here. */
        lines += text.ptr[i] == '\n' || text.ptr[i] == '\r' || (unsigned char)text.ptr[i] >= 0x80;
    }
    FUZZ_CHECK(diag->faults.len > 0);
    for (size_t i = 0; i < diag->faults.len; i++) {
        const struct fault *fault = &diag->faults.items[i];
        FUZZ_CHECK(fault->text.len > 0 && fault->pos.line <= lines);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag diag;
    diag_init(&diag, &arena);
    struct str text = fuzz_text(data, size);
    struct value tree;
    if (!yaml_read(&arena, "input.yaml", text, &tree, &diag)) {
        check_faults(&diag, text);
        return 0;
    }
    FUZZ_CHECK(diag_is_clean(&diag));
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    struct json_writer writer;
    json_writer_init(&writer, &out);
    json_value(&writer, &tree);
    struct value again;
    struct err err = ERR_NULL;
    if (!out.overflow) { /* aliases may make much of little */
        FUZZ_CHECK(json_read(&arena, buf_str(&out), JSON_OURS, (struct src_pos){"written", 1, 1}, &again, NULL, &err));
        FUZZ_CHECK(value_eq(&tree, &again));
    }
    (void)value_resolve(&arena, &tree);
    return 0;
}
