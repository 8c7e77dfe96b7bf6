#include "tests/fault/request.h"

#include <string.h>
#include <strings.h>

#include "base/num.h"

static bool header_value(struct str line, const char *name, struct str *ret)
{
    size_t colon = 0;
    if (!str_find_char(line, ':', &colon) || colon != strlen(name) || strncasecmp(line.ptr, name, colon) != 0) {
        return false;
    }
    *ret = str_trim(str_slice(line, colon + 1, line.len));
    return true;
}

static void split_target(struct request *r)
{
    struct str rest = r->target;
    size_t at = 0;
    if (str_find(rest, STR("://"), &at)) {
        rest = str_slice(rest, at + 3, rest.len);
        rest = str_find_char(rest, '/', &at) ? str_slice(rest, at, rest.len) : STR("/");
    }
    bool has_query = str_find_char(rest, '?', &at);
    r->path = has_query ? str_slice(rest, 0, at) : rest;
    r->query = has_query ? str_slice(rest, at + 1, rest.len) : STR("");
}

enum request_parsed request_parse(struct str data, struct request *ret)
{
    size_t end = 0;
    *ret = (struct request){.authorization = STR("")};
    if (!str_find(data, STR("\r\n\r\n"), &end)) {
        return REQUEST_PARTIAL;
    }
    ret->head = str_slice(data, 0, end + 4);
    struct str rest = str_slice(data, 0, end + 2);
    struct str line;
    (void)str_split(&rest, '\n', &line);
    line = str_trim(line);
    if (!str_split(&line, ' ', &ret->method) || !str_split(&line, ' ', &ret->target) ||
        !str_eq_cstr(line, "HTTP/1.1")) {
        return REQUEST_BAD;
    }
    size_t length = 0;
    struct str value;
    while (str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        if (header_value(line, "content-length", &value) && !num_parse_size(value, &length)) {
            return REQUEST_BAD;
        }
        if (header_value(line, "transfer-encoding", &value)) {
            return REQUEST_BAD;
        }
        if (header_value(line, "connection", &value)) {
            ret->wants_close = str_eq_cstr(value, "close");
        }
        (void)header_value(line, "authorization", &ret->authorization);
    }
    if (data.len - ret->head.len < length) {
        return REQUEST_PARTIAL;
    }
    ret->body = str_slice(data, ret->head.len, ret->head.len + length);
    split_target(ret);
    return REQUEST_WHOLE;
}

struct str request_path_part(struct str path, size_t index)
{
    struct str part;
    path = str_starts(path, STR("/")) ? str_slice(path, 1, path.len) : path;
    while (str_split(&path, '/', &part)) {
        if (index-- == 0) {
            return part;
        }
    }
    return STR("");
}

struct str request_query_text(struct str query, const char *name)
{
    struct str part;
    while (str_split(&query, '&', &part)) {
        size_t equals = 0;
        if (str_find_char(part, '=', &equals) && str_eq_cstr(str_slice(part, 0, equals), name)) {
            return str_slice(part, equals + 1, part.len);
        }
    }
    return STR("");
}

size_t request_query_number(struct str query, const char *name, size_t otherwise)
{
    size_t number = 0;
    return num_parse_size(request_query_text(query, name), &number) ? number : otherwise;
}
