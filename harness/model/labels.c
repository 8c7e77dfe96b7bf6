#include "model/labels.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"

struct value labels_read(struct arena *arena, struct str json)
{
    struct value map = {.kind = VALUE_MAP};
    struct err ignored = ERR_NULL;
    struct str copy = arena_str(arena, json);
    bool is_read = json_read(arena, copy, JSON_REPLY, (struct src_pos){"labels", 0, 0}, &map, NULL, &ignored);
    return is_read && map.kind == VALUE_MAP ? map : (struct value){.kind = VALUE_MAP};
}

struct str labels_get(const struct value *labels, const char *key)
{
    const struct value *v = value_get(labels, str_from(key));
    return v != NULL && v->kind == VALUE_TEXT ? v->text : STR_NULL;
}

enum tree_state labels_tree(const struct value *labels)
{
    struct str dirty = labels_get(labels, LABEL_DIRTY);
    return str_eq_cstr(dirty, LABEL_DIRTY_YES)  ? TREE_DIRTY
           : str_eq_cstr(dirty, LABEL_DIRTY_NO) ? TREE_CLEAN
                                                : TREE_UNKNOWN;
}

struct str labels_one(struct arena *arena, struct str key, struct str value)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    json_key_str(&w, key); /* anybody's word */
    json_text(&w, value);
    json_close_map(&w);
    return arena_str(arena, buf_str(&text));
}
