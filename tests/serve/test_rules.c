#include "serve/rules.h"

#include "base/buf.h"
#include "base/limits.h"
#include "tests/check.h"

#define FIELD(text)                                                                                                    \
    {                                                                                                                  \
        1,                                                                                                             \
        {                                                                                                              \
            text, sizeof(text) - 1                                                                                     \
        }                                                                                                              \
    }
#define TWICE(text)                                                                                                    \
    {                                                                                                                  \
        2,                                                                                                             \
        {                                                                                                              \
            text, sizeof(text) - 1                                                                                     \
        }                                                                                                              \
    }
#define PATH                                                                                                           \
    {                                                                                                                  \
        "/spans", 6                                                                                                    \
    }
#define OURS FIELD("127.0.0.1:7117")

/* Port 7117. */
static const struct row {
    const char *name;
    struct rules_head head;
    unsigned status;
} ROWS[] = {
    {"no Host", {.target = PATH}, 403},
    {"empty Host", {.target = PATH, .host = FIELD("")}, 403},
    {"two Hosts", {.target = PATH, .host = TWICE("127.0.0.1:7117")}, 403},
    {"DNS rebinding", {.target = PATH, .host = FIELD("evil.example:7117")}, 403},
    {"a name that begins like ours", {.target = PATH, .host = FIELD("127.0.0.1.evil.example:7117")}, 403},
    {"a name that ends like ours", {.target = PATH, .host = FIELD("evil-localhost:7117")}, 403},
    {"another port", {.target = PATH, .host = FIELD("127.0.0.1:7118")}, 403},
    {"no port", {.target = PATH, .host = FIELD("127.0.0.1")}, 403},
    {"port with zeros", {.target = PATH, .host = FIELD("127.0.0.1:07117")}, 403},
    {"another loopback address", {.target = PATH, .host = FIELD("127.0.0.2:7117")}, 403},
    {"the address of all", {.target = PATH, .host = FIELD("0.0.0.0:7117")}, 403},
    {"user in it", {.target = PATH, .host = FIELD("x@127.0.0.1:7117")}, 403},
    {"::1 without brackets", {.target = PATH, .host = FIELD("::1:7117")}, 403},
    {"a page of elsewhere", {.target = PATH, .host = OURS, .origin = FIELD("https://evil.example")}, 403},
    {"a page of a file", {.target = PATH, .host = OURS, .origin = FIELD("null")}, 403},
    {"empty Origin", {.target = PATH, .host = OURS, .origin = FIELD("")}, 403},
    {"two Origins", {.target = PATH, .host = OURS, .origin = TWICE("http://127.0.0.1:7117")}, 403},
    {"a page of another port here", {.target = PATH, .host = OURS, .origin = FIELD("http://127.0.0.1:80")}, 403},
    {"https of ours", {.target = PATH, .host = OURS, .origin = FIELD("https://127.0.0.1:7117")}, 403},
    {"two lengths", {.target = PATH, .host = OURS, .length = TWICE("5")}, 400},
    {"length and coding", {.target = PATH, .host = OURS, .length = FIELD("5"), .coding = FIELD("chunked")}, 400},
    {"two codings", {.target = PATH, .host = OURS, .coding = TWICE("chunked")}, 400},
    {"another coding", {.target = PATH, .host = OURS, .coding = FIELD("gzip, chunked")}, 400},
    {"coding with a trick", {.target = PATH, .host = OURS, .coding = FIELD("xchunked")}, 400},
    {"a length with a sign", {.target = PATH, .host = OURS, .length = FIELD("+5")}, 400},
    {"a negative length", {.target = PATH, .host = OURS, .length = FIELD("-5")}, 400},
    {"a hexadecimal length", {.target = PATH, .host = OURS, .length = FIELD("0x5")}, 400},
    {"two lengths in one", {.target = PATH, .host = OURS, .length = FIELD("5, 5")}, 400},
    {"no length in it", {.target = PATH, .host = OURS, .length = FIELD("")}, 400},
    {"a length of ages", {.target = PATH, .host = OURS, .length = FIELD("99999999999999999999")}, 400},
    {"too long", {.target = PATH, .host = OURS, .length = FIELD("16777217")}, 413},
    {"an address for a path", {.target = {"http://x/", 9}, .host = OURS}, 400},
    {"a star for a path", {.target = {"*", 1}, .host = OURS}, 400},
    {"no path", {.target = {"", 0}, .host = OURS}, 400},
    {"headers too long", {.target = PATH, .host = OURS, .header_bytes = LIMIT_REQUEST_HEADER_BYTES + 1}, 431},
    {"address", {.target = PATH, .host = OURS}, 0},
    {"name", {.target = PATH, .host = FIELD("localhost:7117")}, 0},
    {"any case", {.target = PATH, .host = FIELD("LocalHost:7117")}, 0},
    {"IPv6", {.target = PATH, .host = FIELD("[::1]:7117")}, 0},
    {"our own page", {.target = PATH, .host = OURS, .origin = FIELD("http://localhost:7117")}, 0},
    {"a body", {.target = PATH, .host = OURS, .length = FIELD("16777216")}, 0},
    {"no body", {.target = PATH, .host = OURS, .length = FIELD("0")}, 0},
    {"chunks", {.target = PATH, .host = OURS, .coding = FIELD("Chunked")}, 0},
    {"headers that just fit", {.target = PATH, .host = OURS, .header_bytes = LIMIT_REQUEST_HEADER_BYTES}, 0},
};

static void test_rows(void)
{
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const char *words = NULL;
        CHECK_INT(ROWS[i].name, rules_check(&ROWS[i].head, 7117, &words), ROWS[i].status);
        CHECK(ROWS[i].name, (words != NULL) == (ROWS[i].status != 0));
    }
}

static void test_port_80(void)
{
    const char *words = NULL;
    struct rules_head head = {.target = PATH, .host = FIELD("localhost")};
    CHECK_INT("the port is not written", rules_check(&head, 80, &words), 0);
}

static void test_long_target(void)
{
    struct buf target CLEANUP(buf_deinit) = BUF(1 << 20);
    const char *words = NULL;
    buf_append_repeat(&target, '/', LIMIT_REQUEST_LINE_BYTES);
    struct rules_head head = {.target = buf_str(&target), .host = OURS};
    CHECK_INT("just fits", rules_check(&head, 7117, &words), 0);
    buf_append_char(&target, '/');
    head.target = buf_str(&target);
    CHECK_INT("too long", rules_check(&head, 7117, &words), 414);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"rows", test_rows},
        {"port 80", test_port_80},
        {"long target", test_long_target},
    };
    return check_run("serve/rules", tests, ARRAY_LEN(tests));
}
