#include "judge/tag_list.h"

#include "base/arena.h"
#include "base/err.h"
#include "data/json.h"

bool tag_list_read(struct arena *arena, struct str tags, struct value *ret, struct err *err)
{
    struct value list = {.kind = VALUE_LIST};
    if (tags.len > 0 && !json_read(arena, arena_str(arena, tags), JSON_OURS, (struct src_pos){0}, &list, NULL, err)) {
        return err_wrap(err, "the tags of a case in the store");
    }
    *ret = list;
    return true;
}

bool tag_list_has(const struct value *list, struct str tag)
{
    for (uint32_t i = 0; list->kind == VALUE_LIST && i < list->len; i++) {
        if (str_eq(list->items[i].text, tag)) {
            return true;
        }
    }
    return false;
}
