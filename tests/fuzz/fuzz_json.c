/* JSON: what we accept of our own files is accepted of replies too, and what was read and written reads back as the same. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/json.h"
#include "data/value.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_MAX_BYTES = 64 << 20 };

static void check_fault(const struct err *err)
{
    FUZZ_CHECK(err->kind == ERR_SUITE || err->kind == ERR_LIMIT);
    FUZZ_CHECK(err->text[0] != '\0' && err->pos.line >= 1 && err->pos.col >= 1);
}

static void check_round_trip(struct arena *arena, const struct value *first)
{
    struct src_pos origin = {"written", 1, 1};
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES), canonical CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES),
                   again CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    struct json_writer writer;
    json_writer_init(&writer, &out);
    json_value(&writer, first);
    struct value second;
    struct err err = ERR_NULL;
    FUZZ_CHECK(json_read(arena, buf_str(&out), JSON_OURS, origin, &second, NULL, &err));
    FUZZ_CHECK(value_eq(first, &second));
    struct value copy = value_copy(arena, first); /* which has forgotten how it was written */
    FUZZ_CHECK(str_eq(json_compact(arena, &copy), buf_str(&out)));
    json_canonical(&canonical, first);
    FUZZ_CHECK(json_read(arena, buf_str(&canonical), JSON_OURS, origin, &second, NULL, &err));
    json_canonical(&again, &second);
    FUZZ_CHECK(str_eq(buf_str(&canonical), buf_str(&again)));
}

/* What is read without a tree of the rest is what the tree has, and both are written alike. */
static void check_members(struct arena *arena, struct str text, bool is_json, const struct value *tree)
{
    static const char *const KEYS[] = {"a", "b", "key", ""};
    const struct value *found[ARRAY_LEN(KEYS)];
    struct err err = ERR_NULL;
    bool is_map = false;
    bool is_read = json_read_members(arena, text, KEYS, ARRAY_LEN(KEYS), found, &is_map, &err);
    FUZZ_CHECK(is_read == is_json);
    for (size_t i = 0; is_read && i < ARRAY_LEN(KEYS); i++) {
        const struct value *want = value_get(tree, str_from(KEYS[i]));
        FUZZ_CHECK(is_map == (tree->kind == VALUE_MAP) && (found[i] == NULL) == (want == NULL));
        FUZZ_CHECK(want == NULL || value_eq(found[i], want));
        FUZZ_CHECK(want == NULL || str_eq(json_compact(arena, found[i]), json_compact(arena, want)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct src_pos origin = {"input", 1, 1};
    struct value ours, reply;
    struct json_notes notes = {0};
    struct err err = ERR_NULL, reply_err = ERR_NULL;
    bool is_ours = json_read(&arena, fuzz_text(data, size), JSON_OURS, origin, &ours, NULL, &err);
    bool is_reply = json_read(&arena, fuzz_text(data, size), JSON_REPLY, origin, &reply, &notes, &reply_err);
    if (!is_ours) {
        check_fault(&err);
    }
    check_members(&arena, fuzz_text(data, size), is_reply, &reply);
    if (!is_reply) {
        check_fault(&reply_err);
        FUZZ_CHECK(!is_ours);
        return 0;
    }
    FUZZ_CHECK(is_ours == (!notes.had_duplicate_key && !notes.had_lone_surrogate));
    FUZZ_CHECK(!is_ours || value_eq(&ours, &reply));
    check_round_trip(&arena, &reply);
    return 0;
}
