#include "base/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"

enum { PORT_HTTP = 80, PORT_HTTPS = 443, QUAD_PARTS = 4, ZONE_BYTES = 15 };

static bool fault(struct err *err, struct str text, const char *what)
{
    return err_set(err, ERR_USAGE, "address '%.*s': %s", STR_ARG(str_slice(text, 0, 200)), what);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool eq_ignoring_case(struct str a, struct str b)
{
    for (size_t i = 0; i < a.len && a.len == b.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return a.len == b.len;
}

static bool take_scheme(struct str *rest, struct url *url)
{
    static const struct {
        struct str text;
        bool is_tls;
    } schemes[] = {{{"http://", 7}, false}, {{"https://", 8}, true}};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (eq_ignoring_case(str_slice(*rest, 0, schemes[i].text.len), schemes[i].text)) {
            *rest = str_slice(*rest, schemes[i].text.len, rest->len);
            url->is_tls = schemes[i].is_tls;
            url->port = url->is_tls ? PORT_HTTPS : PORT_HTTP;
            return true;
        }
    }
    return false;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* What libcurl takes for a name, but for escapes, so that a host is what it looks like. */
static bool is_name(struct str host)
{
    for (size_t i = 0; i < host.len; i++) {
        if (!is_alnum(host.ptr[i]) && (host.ptr[i] == '\0' || strchr("-._~", host.ptr[i]) == NULL)) {
            return false;
        }
    }
    return host.len > 0;
}

/* An IPv6 address, with a zone after '%' or '%25' where it has one. */
static bool is_ipv6(struct str host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    size_t end = host.len;
    bool has_zone = str_find_char(host, '%', &end);
    struct str zone = str_slice(host, end + 1, host.len);
    zone = str_starts(zone, STR("25")) ? str_slice(zone, 2, zone.len) : zone;
    if ((has_zone && (!is_name(zone) || zone.len > ZONE_BYTES)) || end >= sizeof(text)) {
        return false;
    }
    memcpy(text, host.ptr, end);
    text[end] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

static bool take_host(struct str *rest, struct url *url)
{
    size_t end = 0;
    if (str_starts(*rest, STR("["))) {
        if (!str_find_char(*rest, ']', &end)) {
            return false;
        }
        url->host = str_slice(*rest, 1, end);
        *rest = str_slice(*rest, end + 1, rest->len);
        return is_ipv6(url->host);
    } else {
        end = str_find_char(*rest, ':', &end) ? end : rest->len;
        url->host = str_slice(*rest, 0, end);
        *rest = str_slice(*rest, end, rest->len);
    }
    return is_name(url->host);
}

static bool take_port(struct str rest, struct url *url)
{
    uint64_t port = 0;
    if (rest.len == 0) {
        return true;
    }
    if (rest.ptr[0] != ':' || !num_parse_u64(str_slice(rest, 1, rest.len), &port) || port == 0 || port > UINT16_MAX) {
        return false;
    }
    url->port = (uint16_t)port;
    return true;
}

static bool is_loopback_quad(struct str host)
{
    struct str part;
    uint64_t number = 0;
    size_t parts = 0;
    bool is_first = true;
    while (str_split(&host, '.', &part)) {
        if (part.len > 3 || !num_parse_u64(part, &number) || number > 255 || (is_first && number != 127)) {
            return false;
        }
        is_first = false;
        parts++;
    }
    return parts == QUAD_PARTS;
}

static bool is_written_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~') {
            return false;
        }
    }
    return true;
}

bool url_parse(struct str text, struct url *ret, struct err *err)
{
    struct url url = {0};
    struct str rest = text;
    if (text.len > LIMIT_URL_BYTES) {
        return fault(err, text, "too long");
    }
    bool has_scheme = take_scheme(&rest, &url);
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' && rest.ptr[end] != '#') {
        end++;
    }
    struct str authority = str_slice(rest, 0, end);
    url.path = str_slice(rest, end, rest.len);
    if (str_find_char(has_scheme ? authority : text, '@', NULL)) { /* first, so that it is not printed */
        return err_set(err, ERR_USAGE,
                       "an address with a user or a password in it: only the key of OPPER_API_KEY is sent");
    }
    if (!has_scheme) {
        return fault(err, text, "does not begin with https:// or http://");
    }
    if (!is_written_plain(text)) {
        return fault(err, text, "holds a character that must be percent-encoded");
    }
    if (str_find_char(url.path, '#', NULL)) {
        return fault(err, text, "'#' and what follows is never sent");
    }
    if (!take_host(&authority, &url) || !take_port(authority, &url)) {
        return fault(err, text, "no host that can be, or no port from 1 to 65535");
    }
    url.is_loopback =
        eq_ignoring_case(url.host, STR("localhost")) || str_eq_cstr(url.host, "::1") || is_loopback_quad(url.host);
    *ret = url;
    return true;
}

bool url_is_at(struct str text, struct str origin)
{
    struct str path = str_slice(text, origin.len, text.len);
    bool has_path = path.len > 0 && (path.ptr[0] == '/' || path.ptr[0] == '?');
    return has_path && text.len <= LIMIT_URL_BYTES && str_starts(text, origin) && is_written_plain(path) &&
           !str_find_char(path, '#', NULL);
}

bool url_is_private(const struct url *url)
{
    return url->is_tls || url->is_loopback;
}
