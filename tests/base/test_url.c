#include "base/url.h"

#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "tests/check.h"

static void test_accepted(void)
{
    static const struct {
        const char *text, *host, *path;
        uint16_t port;
        bool is_tls, is_loopback;
    } rows[] = {
        {"https://api.opper.ai/v2", "api.opper.ai", "/v2", 443, true, false},
        {"HTTPS://API.example", "API.example", "", 443, true, false},
        {"http://127.0.0.1:8080/v2?x=1", "127.0.0.1", "/v2?x=1", 8080, false, true},
        {"http://127.1.2.3", "127.1.2.3", "", 80, false, true},
        {"http://localhost:1", "localhost", "", 1, false, true},
        {"http://LocalHost", "LocalHost", "", 80, false, true},
        {"http://[::1]:65535/", "::1", "/", 65535, false, true},
        {"https://[fe80::1]", "fe80::1", "", 443, true, false},
        {"https://[fe80::1%25eth0]/", "fe80::1%25eth0", "/", 443, true, false},
        {"https://[::ffff:10.0.0.1]", "::ffff:10.0.0.1", "", 443, true, false},
        {"http://my_host-1.example.", "my_host-1.example.", "", 80, false, false},
        {"http://example.com?q", "example.com", "?q", 80, false, false},
        {"http://127.0.0.1.example", "127.0.0.1.example", "", 80, false, false},
        {"http://128.0.0.1", "128.0.0.1", "", 80, false, false},
        {"http://127.1", "127.1", "", 80, false, false},
        {"http://127.0.0.256", "127.0.0.256", "", 80, false, false},
        {"http://localhost.example", "localhost.example", "", 80, false, false},
        {"https://x/a@b", "x", "/a@b", 443, true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct url url;
        struct err err = ERR_NULL;
        CHECK(rows[i].text, url_parse(str_from(rows[i].text), &url, &err));
        CHECK_CSTR(rows[i].text, url.host, rows[i].host);
        CHECK_CSTR(rows[i].text, url.path, rows[i].path);
        CHECK_INT(rows[i].text, url.port, rows[i].port);
        CHECK_INT(rows[i].text, url.is_tls, rows[i].is_tls);
        CHECK_INT(rows[i].text, url.is_loopback, rows[i].is_loopback);
        CHECK_INT(rows[i].text, url_is_private(&url), rows[i].is_tls || rows[i].is_loopback);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "https://"},
        {"api.opper.ai", "https://"},
        {"ftp://x", "https://"},
        {"file:///etc/passwd", "https://"},
        {"https://", "no host"},
        {"https:///v2", "no host"},
        {"https://:443", "no host"},
        {"https://x:", "no port"},
        {"https://x:0", "no port"},
        {"https://x:65536", "no port"},
        {"https://x:4 3", "percent-encoded"},
        {"https://[::1", "no host"},
        {"https://[::g]", "no host"},
        {"https://[127.0.0.1]", "no host"},
        {"https://[::1%]", "no host"},
        {"https://[::1%a/b]", "no host"},
        {"https://[1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21]", "no host"},
        {"https://a,b", "no host"},
        {"https://{region}.example/v2", "no host"},
        {"https://*.example", "no host"},
        {"https://a%20b", "no host"},
        {"https://%6cocalhost", "no host"},
        {"https://a|b", "no host"},
        {"https://$HOST/v2", "no host"},
        {"https://[::1]x", "no host"},
        {"https://x/a b", "percent-encoded"},
        {"https://x/\xc3\xa9", "percent-encoded"},
        {"https://x/\x01", "percent-encoded"},
        {"https://x/#part", "'#'"},
        {"https://user:hidden@x/", "password"},
        {"https://user:hid den@x/", "password"},
        {"user:hidden@x", "password"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct url url;
        struct err err = ERR_NULL;
        CHECK(rows[i].text, !url_parse(str_from(rows[i].text), &url, &err));
        CHECK_INT(rows[i].text, err.kind, ERR_USAGE);
        CHECK_CONTAINS(rows[i].text, str_from(err.text), rows[i].says);
        CHECK(rows[i].text, strstr(err.text, "hid") == NULL);
    }
    char longer[LIMIT_URL_BYTES + 2] = "https://x/";
    memset(longer + 10, 'x', sizeof(longer) - 11);
    struct url url;
    struct err err = ERR_NULL;
    CHECK("too long", !url_parse(str_from(longer), &url, &err));
}

static void test_at(void)
{
    static const struct {
        const char *text, *origin;
        bool is_at;
    } rows[] = {
        {"https://x/v2", "https://x", true},
        {"https://x:1/v2?a=b@c", "https://x:1", true},
        {"https://x?a", "https://x", true},
        {"https://x", "https://x", false}, /* not worth a path of its own */
        {"https://x.evil/v2", "https://x", false},
        {"https://x:1/v2", "https://x", false},
        {"https://x@evil/v2", "https://x", false},
        {"http://x/v2", "https://x", false},
        {"https://X/v2", "https://x", false},
        {"https://x/a b", "https://x", false},
        {"https://x/\x7f", "https://x", false},
        {"https://x/#a", "https://x", false},
        {"/v2", "https://x", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].text, url_is_at(str_from(rows[i].text), str_from(rows[i].origin)), rows[i].is_at);
    }
    char longer[LIMIT_URL_BYTES + 2] = "https://x/";
    memset(longer + 10, 'x', sizeof(longer) - 11);
    CHECK("too long", !url_is_at(str_from(longer), STR("https://x")));
}

int main(void)
{
    static const struct check_test tests[] = {{"accepted", test_accepted}, {"refused", test_refused}, {"at", test_at}};
    return check_run("url", tests, ARRAY_LEN(tests));
}
