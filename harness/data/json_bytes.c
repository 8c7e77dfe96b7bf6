#include "data/json.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "data/value.h"

/* Bytes in JSON: base64 in one object of one key, so that no text can be taken for it. */

void json_bytes(struct json_writer *w, struct str bytes)
{
    if (utf8_is_valid(bytes, NULL)) {
        json_text(w, bytes);
        return;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(base64_size(bytes.len));
    base64_append(&text, bytes);
    json_open_map(w);
    json_key(w, "base64");
    json_text(w, buf_str(&text));
    json_close_map(w);
}

bool json_read_bytes(struct arena *arena, const struct value *v, struct str *ret)
{
    if (v->kind == VALUE_TEXT) {
        *ret = v->text;
        return true;
    }
    const struct value *encoded = value_get(v, STR("base64"));
    return encoded != NULL && v->len == 1 && encoded->kind == VALUE_TEXT && base64_decode(arena, encoded->text, ret);
}
