#include "wire/page.h"

#include "base/err.h"
#include "base/num.h"
#include "data/json.h"
#include "data/value.h"
#include "wire/message.h"

void wire_page_begin(struct json_writer *w, uint64_t total_count)
{
    json_open_map(w);
    json_key(w, "meta");
    json_open_map(w);
    json_put_int(w, "total_count", (int64_t)total_count);
    json_close_map(w);
    json_key(w, "data");
    json_open_list(w);
}

void wire_page_end(struct json_writer *w)
{
    json_close_list(w);
    json_close_map(w);
}

bool wire_page_read(struct arena *arena, struct str body, struct wire_page *ret, struct err *err)
{
    struct value page;
    if (!wire_read_answer(arena, body, "a page of a list", &page, err)) {
        return false;
    }
    const struct value *meta = value_get(&page, STR("meta"));
    const struct value *total = meta == NULL ? NULL : value_get(meta, STR("total_count"));
    const struct value *data = value_get(&page, STR("data"));
    if (data == NULL || data->kind != VALUE_LIST) {
        return err_set(err, ERR_NET, "the service's answer should be a page of a list, and has no list 'data'");
    }
    *ret = (struct wire_page){.items = data->items, .count = data->len};
    ret->has_total = total != NULL && total->kind == VALUE_NUMBER && num_parse_u64(total->text, &ret->total_count);
    return true;
}
