#include "data/json_items.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

enum { END = -1, FAILED = -2, KEY_BYTES = 1024 };

void json_items_init(struct json_items *items, int fd, const char *key, size_t max_item_bytes)
{
    *items = (struct json_items){.fd = fd, .key = key, .max_item_bytes = max_item_bytes};
    items->chunk = mem_alloc(JSON_ITEMS_CHUNK);
    buf_init(&items->item, max_item_bytes);
}

void json_items_deinit(struct json_items *items)
{
    mem_free(items->chunk);
    items->chunk = NULL;
    buf_deinit(&items->item);
}

static bool not_json(const struct json_items *j, struct err *err, const char *what)
{
    unsigned long long at = j->offset - j->len + j->at;
    return err_set(err, ERR_NET, "not JSON at byte %llu: %s", at, what);
}

/* --- bytes ---------------------------------------------------------------------------------------------------------------------------- */

/* The next byte, not taken; END; or FAILED. */
static int peek(struct json_items *j, struct err *err)
{
    if (j->at < j->len) {
        return (unsigned char)j->chunk[j->at];
    }
    if (j->is_end) {
        return END;
    }
    ptrdiff_t got = file_read_some(j->fd, j->chunk, JSON_ITEMS_CHUNK);
    if (got < 0) {
        (void)err_set_sys(err, ERR_IO, errno, "cannot read what was received");
        return FAILED;
    }
    j->at = 0;
    j->len = (size_t)got;
    j->offset += (uint64_t)got;
    j->is_end = got == 0;
    return got == 0 ? END : (unsigned char)j->chunk[0];
}

static int peek_past_blanks(struct json_items *j, struct err *err)
{
    int c = peek(j, err);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        j->at++;
        c = peek(j, err);
    }
    return c;
}

/* One byte that has to be there. */
static bool take(struct json_items *j, char wanted, struct err *err)
{
    int c = peek_past_blanks(j, err);
    if (c == FAILED) {
        return false;
    }
    if (c != wanted) {
        char what[32] = "it ends too early";
        if (c != END) {
            (void)memcpy(what, "'?' is wanted", sizeof("'?' is wanted"));
            what[1] = wanted;
        }
        return not_json(j, err, what);
    }
    j->at++;
    return true;
}

/* --- values ----------------------------------------------------------------------------------------------------------------------------- */

/* Everything of one value, by its brackets and quotes, into `out` (NULL = passed over). */
static bool take_value(struct json_items *j, struct buf *out, struct err *err)
{
    size_t depth = 0;
    bool in_text = false;
    bool is_escaped = false;
    int c = peek_past_blanks(j, err);
    if (c == ',' || c == '}' || c == ']' || c == ':') {
        return not_json(j, err, "a value is missing");
    }
    for (;; c = peek(j, err)) {
        if (c == FAILED) {
            return false;
        }
        if (c == END) {
            return not_json(j, err, "it ends too early");
        }
        bool is_after = !in_text && depth == 0 && (c == ',' || c == '}' || c == ']');
        if (is_after) {
            return true;
        }
        if (in_text) {
            in_text = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        if (out != NULL) {
            buf_append_char(out, (char)c);
            if (out->overflow) {
                return err_set(err, ERR_LIMIT, "an item of more than %zu bytes", j->max_item_bytes);
            }
        }
        j->at++;
    }
}

static bool take_key(struct json_items *j, bool *ret_is_ours, struct err *err)
{
    struct buf key CLEANUP(buf_deinit) = BUF(KEY_BYTES);
    bool is_escaped = false;
    if (!take(j, '"', err)) {
        return false;
    }
    for (int c = peek(j, err); is_escaped || c != '"'; c = peek(j, err)) {
        if (c == FAILED) {
            return false;
        }
        if (c == END) {
            return not_json(j, err, "it ends too early");
        }
        is_escaped = !is_escaped && c == '\\';
        buf_append_char(&key, (char)c);
        j->at++;
    }
    j->at++;
    *ret_is_ours = !key.overflow && str_eq_cstr(buf_str(&key), j->key);
    return take(j, ':', err);
}

/* --- the document ---------------------------------------------------------------------------------------------------------------------------- */

/* Behind a member: on to the next one, or the end. */
static bool after_member(struct json_items *j, bool *ret_is_over, struct err *err)
{
    int c = peek_past_blanks(j, err);
    *ret_is_over = c == '}';
    if (c != '}') {
        return take(j, ',', err);
    }
    j->at++;
    c = peek_past_blanks(j, err);
    if (c == FAILED) {
        return false;
    }
    j->state = ITEMS_OVER;
    return c == END || not_json(j, err, "something stands behind its end");
}

/* Up to the list, or the document's end. */
static bool find_list(struct json_items *j, struct err *err)
{
    while (j->state == ITEMS_BEFORE) {
        bool is_ours = false;
        bool is_over = false;
        if (!take_key(j, &is_ours, err)) {
            return false;
        }
        int c = peek_past_blanks(j, err);
        if (is_ours && c == '[' && !j->has_list) {
            j->at++;
            j->state = ITEMS_IN_LIST;
            j->has_list = true;
            return true;
        }
        if (!take_value(j, NULL, err) || !after_member(j, &is_over, err)) {
            return false;
        }
    }
    return true;
}

static bool end_list(struct json_items *j, struct err *err)
{
    bool is_over = false;
    j->at++;
    j->state = ITEMS_BEFORE;
    return after_member(j, &is_over, err) && (is_over || find_list(j, err));
}

bool json_items_next(struct json_items *j, bool *ret_has, struct str *ret, struct err *err)
{
    *ret_has = false;
    if (j->state == ITEMS_BEFORE && !j->has_list && (!take(j, '{', err) || !find_list(j, err))) {
        return false;
    }
    if (!j->has_list) {
        return err_set(err, ERR_NET, "there is no list '%s' in it", j->key);
    }
    if (j->state == ITEMS_OVER) {
        return true;
    }
    int c = peek_past_blanks(j, err);
    if (c == FAILED) {
        return false;
    }
    if (c == ']') {
        return end_list(j, err);
    }
    if (j->has_item && !take(j, ',', err)) {
        return false;
    }
    buf_clear(&j->item);
    if (!take_value(j, &j->item, err)) {
        return false;
    }
    j->has_item = true;
    *ret_has = true;
    *ret = str_trim(buf_str(&j->item));
    return true;
}
