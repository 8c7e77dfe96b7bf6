#include "tests/fault/echo.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "data/json.h"

static void as_is(struct buf *out, struct str key)
{
    buf_append(out, key);
}

static void as_prefix(struct buf *out, struct str key)
{
    buf_append(out, str_slice(key, 0, 8));
}

static void as_json(struct buf *out, struct str key)
{
    struct buf quoted CLEANUP(buf_deinit) = BUF(key.len * 6 + 2);
    json_append_quoted(&quoted, key);
    buf_append(out, str_slice(buf_str(&quoted), 1, quoted.len - 1));
}

static void as_url(struct buf *out, struct str key)
{
    for (size_t i = 0; i < key.len; i++) {
        unsigned char c = (unsigned char)key.ptr[i];
        bool is_plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (is_plain) {
            buf_append_char(out, (char)c);
        } else {
            buf_printf(out, "%%%02X", c);
        }
    }
}

static void as_html(struct buf *out, struct str key)
{
    static const char special[] = "&<>\"'";
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (size_t i = 0; i < key.len; i++) {
        const char *at = strchr(special, key.ptr[i]);
        if (at != NULL && key.ptr[i] != '\0') {
            buf_append_cstr(out, names[at - special]);
        } else {
            buf_append_char(out, key.ptr[i]);
        }
    }
}

static void as_base64(struct buf *out, struct str key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < key.len; i += 3) {
        unsigned long group = 0;
        for (size_t k = 0; k < 3; k++) {
            group = group << 8 | (i + k < key.len ? (unsigned char)key.ptr[i + k] : 0u);
        }
        for (size_t k = 0; k < 4; k++) {
            buf_append_char(out, i + k > key.len ? '=' : digits[group >> (18 - 6 * k) & 63u]);
        }
    }
}

static const struct {
    const char *mark;
    void (*append)(struct buf *out, struct str key);
} forms[] = {
    {"{key}", as_is},        {"{key:json}", as_json},     {"{key:url}", as_url},
    {"{key:html}", as_html}, {"{key:base64}", as_base64}, {"{key:8}", as_prefix},
};

void echo_key(struct buf *out, struct str text, struct str key)
{
    size_t at = 0;
    while (at < text.len) {
        size_t form = 0;
        struct str rest = str_slice(text, at, text.len);
        while (form < ARRAY_LEN(forms) && !str_starts(rest, str_from(forms[form].mark))) {
            form++;
        }
        if (form < ARRAY_LEN(forms)) {
            forms[form].append(out, key);
            at += strlen(forms[form].mark);
        } else {
            buf_append_char(out, text.ptr[at++]);
        }
    }
}
