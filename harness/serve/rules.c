#include "serve/rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/num.h"

static bool is_text(struct str text, const char *want)
{
    return text.len == strlen(want) && strncasecmp(text.ptr, want, text.len) == 0;
}

/* `prefix` is "" for Host, "http://" for Origin. */
static bool is_us(struct str text, const char *prefix, uint16_t port)
{
    static const char *const NAMES[] = {"127.0.0.1", "localhost", "[::1]"};
    char want[64];
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        (void)snprintf(want, sizeof(want), "%s%s:%u", prefix, NAMES[i], (unsigned)port);
        if (is_text(text, want)) {
            return true;
        }
        (void)snprintf(want, sizeof(want), "%s%s", prefix, NAMES[i]);
        if (port == 80 && is_text(text, want)) {
            return true;
        }
    }
    return false;
}

static unsigned refuse(unsigned status, const char *words, const char **ret_words)
{
    *ret_words = words;
    return status;
}

unsigned rules_check(const struct rules_head *head, uint16_t port, const char **ret_words)
{
    uint64_t length = 0;
    if (head->target.len > LIMIT_REQUEST_LINE_BYTES) {
        return refuse(414, "The request line is longer than 8 KiB", ret_words);
    }
    if (head->header_bytes > LIMIT_REQUEST_HEADER_BYTES) {
        return refuse(431, "The headers are longer than 16 KiB", ret_words);
    }
    if (!str_starts(head->target, STR("/"))) {
        return refuse(400, "The request's target is no path", ret_words);
    }
    if (head->length.count > 1 || (head->length.count > 0 && head->coding.count > 0)) {
        return refuse(400, "The request says its length twice", ret_words);
    }
    if (head->coding.count > 1 || (head->coding.count == 1 && !is_text(head->coding.value, "chunked"))) {
        return refuse(400, "The transfer coding is not chunked", ret_words);
    }
    if (head->length.count == 1 && !num_parse_u64(head->length.value, &length)) {
        return refuse(400, "The content length is no number", ret_words);
    }
    if (head->host.count != 1 || !is_us(head->host.value, "", port)) {
        return refuse(403, "The Host header names another server: use 127.0.0.1 or localhost with the port", ret_words);
    }
    if (head->origin.count > 1 || (head->origin.count == 1 && !is_us(head->origin.value, "http://", port))) {
        return refuse(403, "Web pages of other origins may not use this server", ret_words);
    }
    if (length > LIMIT_REQUEST_BODY_BYTES) {
        return refuse(413, "The body is longer than 16 MiB", ret_words);
    }
    return 0;
}
