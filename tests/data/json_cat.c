/* For differ_json.py: reads texts from stdin (32-bit length, then bytes), writes for each one byte of flags and, as length and bytes, the
 * canonical form of what was read as a reply. */

#include <stdio.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/json.h"
#include "data/value.h"

enum { FLAG_REPLY = 1, FLAG_OURS = 2, FLAG_DUPLICATE = 4, FLAG_SURROGATE = 8, OUT_MAX_BYTES = 1 << 24 };

static bool write_sized(unsigned char flags, struct str text)
{
    uint32_t len = (uint32_t)text.len;
    return fwrite(&flags, 1, 1, stdout) == 1 && fwrite(&len, sizeof(len), 1, stdout) == 1 &&
           fwrite(text.ptr, 1, text.len, stdout) == text.len;
}

static bool answer(struct arena *arena, struct str text)
{
    struct value v = {.kind = VALUE_NULL};
    struct json_notes notes = {false, false};
    struct err err = ERR_NULL;
    unsigned char flags = 0;
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    if (json_read(arena, text, JSON_OURS, (struct src_pos){0}, &v, NULL, &err)) {
        flags |= FLAG_OURS;
    }
    if (json_read(arena, text, JSON_REPLY, (struct src_pos){0}, &v, &notes, &err)) {
        flags |= FLAG_REPLY;
        flags |= notes.had_duplicate_key ? FLAG_DUPLICATE : 0;
        flags |= notes.had_lone_surrogate ? FLAG_SURROGATE : 0;
        json_canonical(&out, &v);
    }
    return err.kind != ERR_BUG && write_sized(flags, buf_str(&out));
}

int main(void)
{
    uint32_t len = 0;
    while (fread(&len, sizeof(len), 1, stdin) == 1) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        char *text = arena_alloc(&arena, len);
        if (fread(text, 1, len, stdin) != len || !answer(&arena, (struct str){text, len})) {
            return 1;
        }
    }
    return 0;
}
