#include "tests/fault/script.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"

enum { SCRIPT_BYTES = 1 << 20 };

/* A word: up to a blank outside of quotes; within them \r \n \t \" \\ \xHH. */
static bool take_word(struct arena *arena, struct str *rest, struct str *ret)
{
    struct buf word CLEANUP(buf_deinit) = BUF(SCRIPT_BYTES);
    bool is_quoted = false;
    *rest = str_trim(*rest);
    size_t at = 0;
    for (; at < rest->len && (is_quoted || rest->ptr[at] != ' '); at++) {
        char c = rest->ptr[at];
        if (c == '"') {
            is_quoted = !is_quoted;
        } else if (c == '\\' && is_quoted && at + 1 < rest->len) {
            static const char letters[] = "rnt\"\\";
            static const char meant[] = "\r\n\t\"\\";
            size_t letter = 0;
            c = rest->ptr[++at];
            buf_append_char(
                &word, str_find_char(STR(letters), c, &letter) && letter < sizeof(letters) - 1 ? meant[letter] : c);
        } else {
            buf_append_char(&word, c);
        }
    }
    bool is_there = at > 0;
    *rest = str_slice(*rest, at, rest->len);
    *ret = arena_str(arena, buf_str(&word));
    return is_there;
}

static bool number(struct str value, uint64_t *ret)
{
    return num_parse_u64(value, ret);
}

static bool size(struct str value, size_t *ret)
{
    return num_parse_size(value, ret);
}

static bool milliseconds(struct str value, int *ret)
{
    uint64_t got = 0;
    bool ok = num_parse_u64(value, &got) && got < 86400000;
    *ret = ok ? (int)got : 0;
    return ok;
}

static bool read_range(struct str value, struct rule *r)
{
    size_t dash = 0;
    if (!str_find_char(value, '-', &dash)) {
        bool ok = number(value, &r->first);
        r->last = r->first;
        return ok;
    }
    r->last = UINT64_MAX;
    struct str to = str_slice(value, dash + 1, value.len);
    return number(str_slice(value, 0, dash), &r->first) && (to.len == 0 || number(to, &r->last));
}

static bool read_when(struct rule *r, struct str key, struct str value)
{
    if (str_eq_cstr(key, "method")) {
        r->method = value;
    } else if (str_eq_cstr(key, "path")) {
        r->path = value;
    } else if (str_eq_cstr(key, "kind")) {
        r->kind = value;
    } else if (str_eq_cstr(key, "n")) {
        return read_range(value, r);
    } else if (str_eq_cstr(key, "every")) {
        return number(value, &r->every) && r->every > 0;
    } else if (str_eq_cstr(key, "times")) {
        return number(value, &r->times);
    } else if (str_eq_cstr(key, "p")) {
        return num_parse_json(value, &r->probability) == NUM_OK;
    } else if (str_eq_cstr(key, "reused")) {
        r->reused = true;
    } else {
        return str_eq_cstr(key, "any");
    }
    return true;
}

static bool read_drip(struct rule *r, struct str value)
{
    size_t slash = 0;
    return str_find_char(value, '/', &slash) && size(str_slice(value, 0, slash), &r->drip_bytes) && r->drip_bytes > 0 &&
           milliseconds(str_slice(value, slash + 1, value.len), &r->drip_ms);
}

static bool read_answer(struct rule *r, struct arena *arena, struct str key, struct str value)
{
    if (str_eq_cstr(key, "status")) {
        uint64_t status = 0;
        bool ok = number(value, &status) && status >= 100 && status <= 999;
        r->status = (unsigned)status;
        return ok;
    }
    if (str_eq_cstr(key, "header")) {
        r->headers = arena_printf(arena, "%.*s%.*s\r\n", STR_ARG(r->headers), STR_ARG(value));
    } else if (str_eq_cstr(key, "retry-after")) {
        r->headers = arena_printf(arena, "%.*sRetry-After: %.*s\r\n", STR_ARG(r->headers), STR_ARG(value));
    } else if (str_eq_cstr(key, "type")) {
        r->content_type = value;
    } else if (str_eq_cstr(key, "body")) {
        r->body = value;
        r->has_body = true;
    } else if (str_eq_cstr(key, "raw")) {
        r->raw = value;
        r->has_raw = true;
    } else if (str_eq_cstr(key, "body-bytes")) {
        r->has_body = true;
        return size(value, &r->body_bytes);
    } else {
        return false;
    }
    return true;
}

static bool read_what(struct rule *r, struct arena *arena, struct str key, struct str value)
{
    if (str_eq_cstr(key, "delay")) {
        return milliseconds(value, &r->delay_ms);
    }
    if (str_eq_cstr(key, "drip")) {
        return read_drip(r, value);
    }
    if (str_eq_cstr(key, "cut")) {
        r->end = r->end == END_KEEP ? END_CLOSE : r->end;
        return size(value, &r->cut);
    }
    if (str_eq_cstr(key, "cut-body")) {
        r->end = r->end == END_KEEP ? END_CLOSE : r->end;
        return size(value, &r->cut_body);
    }
    static const struct {
        const char *word;
        enum rule_end end;
    } ends[] = {{"close", END_CLOSE}, {"rst", END_RST}, {"hang", END_HANG}};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (str_eq_cstr(key, ends[i].word)) {
            r->end = ends[i].end;
            r->is_answerless = r->is_answerless || (!r->has_body && !r->has_raw && r->status == 0 &&
                                                    r->cut == SIZE_MAX && r->cut_body == SIZE_MAX);
            return true;
        }
    }
    if (str_eq_cstr(key, "act")) {
        r->acts = true;
    } else if (str_eq_cstr(key, "interim")) {
        r->is_interim = true;
    } else if (str_eq_cstr(key, "chunked")) {
        r->framing = FRAMING_CHUNKED;
    } else if (str_eq_cstr(key, "no-length")) {
        r->framing = FRAMING_CLOSE;
        r->end = END_CLOSE;
    } else if (str_eq_cstr(key, "endless-body")) {
        r->endless = ENDLESS_BODY;
    } else if (str_eq_cstr(key, "endless-headers")) {
        r->endless = ENDLESS_HEADERS;
    } else {
        return read_answer(r, arena, key, value);
    }
    return true;
}

static bool read_rule(struct script *s, struct arena *arena, struct str line)
{
    struct rule rule = {.probability = 1, .cut = SIZE_MAX, .cut_body = SIZE_MAX};
    struct str word;
    bool is_what = false;
    while (take_word(arena, &line, &word)) {
        size_t equals = 0;
        if (!is_what && str_eq_cstr(word, ":")) {
            is_what = true;
            continue;
        }
        bool has_value = str_find_char(word, '=', &equals);
        struct str key = has_value ? str_slice(word, 0, equals) : word;
        struct str value = has_value ? str_slice(word, equals + 1, word.len) : STR("");
        if (!(is_what ? read_what(&rule, arena, key, value) : read_when(&rule, key, value))) {
            return false;
        }
    }
    *vec_push(arena, &s->rules) = rule;
    return is_what;
}

bool script_read(struct script *s, struct arena *arena, struct str text, struct str *ret_bad)
{
    struct str line;
    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.len > 0 && line.ptr[0] != '#' && !read_rule(s, arena, line)) {
            *ret_bad = line;
            return false;
        }
    }
    return true;
}

static bool fits(const struct rule *r, struct str method, struct str path, const char *kind, bool is_reused)
{
    return (r->method.len == 0 || str_eq(r->method, method)) && (r->path.len == 0 || str_find(path, r->path, NULL)) &&
           (r->kind.len == 0 || str_eq_cstr(r->kind, kind)) && (!r->reused || is_reused);
}

static bool is_due(struct script *s, const struct rule *r)
{
    bool is_in_range = r->first == 0 || (r->seen >= r->first && r->seen <= r->last);
    bool is_nth = r->every == 0 || r->seen % r->every == 0;
    bool has_left = r->times == 0 || r->fired < r->times;
    bool is_drawn = r->probability >= 1 || rng_unit(&s->rng) < r->probability;
    return is_in_range && is_nth && has_left && is_drawn;
}

struct rule *script_pick(struct script *s, struct str method, struct str path, const char *kind, bool is_reused)
{
    struct rule *picked = NULL;
    for (size_t i = 0; i < s->rules.len; i++) {
        struct rule *r = &s->rules.items[i];
        if (fits(r, method, path, kind, is_reused)) {
            r->seen++;
            if (picked == NULL && is_due(s, r)) {
                r->fired++;
                picked = r;
            }
        }
    }
    return picked;
}
