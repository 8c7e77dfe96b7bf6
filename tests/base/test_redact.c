#include "base/redact.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rng.h"
#include "base/secret.h"
#include "tests/check.h"

/* A key with what every format escapes. */
static const char key[] = "op-Zq7\"\\/+%&<k3y";

static struct redactor *of(const char *text)
{
    struct secret *secret CLEANUP(secret_free) = secret_new(str_from(text));
    struct redactor *redactor = redactor_new();
    redactor_add(redactor, secret);
    return redactor;
}

static void test_forms(void)
{
    static const struct {
        const char *name, *text, *output, *message; /* NULL: as it was; message NULL: as output */
    } rows[] = {
        {"raw", "key=op-Zq7\"\\/+%&<k3y.", "key=[redacted].", NULL},
        {"alone", "op-Zq7\"\\/+%&<k3y", "[redacted]", NULL},
        {"twice", "op-Zq7\"\\/+%&<k3yop-Zq7\"\\/+%&<k3y", "[redacted][redacted]", NULL},
        {"JSON", "{\"k\":\"op-Zq7\\\"\\\\/+%&<k3y\"}", "{\"k\":\"[redacted]\"}", NULL},
        {"JSON with slashes escaped", "\"op-Zq7\\\"\\\\\\/+%&<k3y\"", "\"[redacted]\"", NULL},
        {"JSON for HTML", "\"op-Zq7\\u0022\\u005c\\u002F+%\\u0026\\u003Ck3y\"", "\"[redacted]\"", NULL},
        {"JSON in JSON", "\"{\\\"k\\\":\\\"op-Zq7\\\\\\\"\\\\\\\\/+%&<k3y\\\"}\"", "\"{\\\"k\\\":\\\"[redacted]\\\"}\"",
         NULL},
        {"URL", "?k=op-Zq7%22%5C%2F%2B%25%26%3Ck3y&x", "?k=[redacted]&x", NULL},
        {"URL, lower case", "?k=op-Zq7%22%5c%2f%2b%25%26%3ck3y&x", "?k=[redacted]&x", NULL},
        {"URL twice", "op-Zq7%2522%255C%252F%252B%2525%2526%253Ck3y", "[redacted]", NULL},
        {"HTML", "<b>op-Zq7&quot;\\/+%&amp;&lt;k3y</b>", "<b>[redacted]</b>", NULL},
        {"HTML, numbers", "op-Zq7&#34;&#92;&#47;&#43;&#37;&#38;&#x3C;k3y", "[redacted]", NULL},
        {"HTML twice", "op-Zq7&amp;quot;\\/+%&amp;amp;&amp;lt;k3y", "[redacted]", NULL},
        {"HTML of JSON", "op-Zq7\\&quot;\\\\/+%&amp;&lt;k3y", "[redacted]", NULL},
        {"base64", "x b3AtWnE3IlwvKyUmPGszeQ== y", "x [redacted]Q== y", NULL},
        {"base64 of user:key", "dXNlcjpvcC1acTciXC8rJSY8azN5", "dXNlcjp[redacted]", NULL},
        {"another key", "op-Zq8\"\\/+%&<k3y", NULL, NULL},
        {"nothing", "", NULL, NULL},
        {"ordinary", "the answer is 42", NULL, NULL},
        {"its beginning", "key op-Zq7\"\\*** is invalid", "key [redacted]\\*** is invalid", NULL},
        {"eight bytes of it", "key op-Zq7\"/. is invalid", "key [redacted]. is invalid", NULL},
        {"six", "key op-Zq7. is invalid", NULL, NULL},
        {"cut at the end", "key op-Zq7\"\\/+", "key [redacted]", NULL},
        {"cut at the beginning", "&<k3y and more", NULL, NULL},
        {"cut at the beginning, more of it", "7\"\\/+%&<k3y and more", NULL, "[redacted] and more"},
    };
    struct redactor *redactor CLEANUP(redactor_free) = of(key);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        const char *output = rows[i].output == NULL ? rows[i].text : rows[i].output;
        const char *message = rows[i].message == NULL ? output : rows[i].message;
        struct str text = str_from(rows[i].text);
        struct str got = redact_text(redactor, &arena, text, REDACT_OUTPUT);
        struct str got_message = redact_text(redactor, &arena, text, REDACT_MESSAGE);
        CHECK_CSTR(rows[i].name, got, output);
        CHECK_CSTR(rows[i].name, got_message, message);
        CHECK_STR(rows[i].name, redact_text(redactor, &arena, got, REDACT_OUTPUT), got);
        CHECK(rows[i].name, rows[i].output != NULL || got.ptr == text.ptr);
    }
}

/* What may be an ordinary word is left in outputs, and taken out of messages. */
static void test_words(void)
{
    static const struct {
        const char *secret, *text;
        bool in_output, in_message;
    } rows[] = {
        {"anything", "ask me anything", false, true},
        {"test-key", "a test-key is a key", false, true},
        {"Local.Key", "the Local.Key of it", false, true},
        {"test-key-12", "a test-key is a key", false, true},
        {"test-key-12", "a test-key-12 is a key", true, true},
        {"test-key-12", "at the end a test-key", false, true},
        {"rehearsal-of-a-suite-with-serve", "a rehearsal-of-a-suite-with-serve", true, true},
        {"rehearsal-of-a-suite-with-serve", "a rehearsal", false, true},
        {"rehearsal-of-a-suite-with-serve", "cut: rehearsal-of-a-suite-with-se", true, true},
        {"op-9kfjQ7aa", "op-9kfjQ and more", true, true},
        {"hUnter--", "hUnter--", true, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct redactor *redactor CLEANUP(redactor_free) = of(rows[i].secret);
        struct str text = str_from(rows[i].text);
        CHECK_INT(rows[i].text, redact_text(redactor, &arena, text, REDACT_OUTPUT).ptr != text.ptr, rows[i].in_output);
        CHECK_INT(rows[i].text, redact_text(redactor, &arena, text, REDACT_MESSAGE).ptr != text.ptr,
                  rows[i].in_message);
    }
}

static void test_few(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct redactor *short_one CLEANUP(redactor_free) = of("1234567");
    CHECK_CSTR("too short to be looked for", redact_text(short_one, &arena, STR("1234567 is seven"), REDACT_MESSAGE),
               "1234567 is seven");
    CHECK_CSTR("no redactor", redact_text(NULL, &arena, STR("1234567890"), REDACT_MESSAGE), "1234567890");
    struct redactor *empty CLEANUP(redactor_free) = redactor_new();
    CHECK_CSTR("no secret", redact_text(empty, &arena, STR("1234567890"), REDACT_MESSAGE), "1234567890");
    struct redactor *blank CLEANUP(redactor_free) = of("pass word is long");
    CHECK_CSTR("a blank", redact_text(blank, &arena, STR("pass+word%20is long!"), REDACT_MESSAGE), "[redacted]!");
    struct redactor *odd CLEANUP(redactor_free) = of("%25%25%25%25%25%25%25%25%25");
    char many[4001];
    for (size_t i = 0; i < 4000; i++) {
        many[i] = "%25"[i % 3];
    }
    many[4000] = '\0';
    (void)redact_text(odd, &arena, str_from(many), REDACT_OUTPUT); /* two readings at every step: it must end */
    struct redactor *escape CLEANUP(redactor_free) = of("%5cabc&bsol;\\u0041xyz");
    CHECK_CSTR("a key that looks like escapes",
               redact_text(escape, &arena, STR("k=%5cabc&bsol;\\u0041xyz."), REDACT_OUTPUT), "k=[redacted].");
    struct redactor *early CLEANUP(redactor_free) = of("op\\-12345678");
    CHECK_CSTR("an early backslash",
               redact_text(early, &arena, STR("k=op\\-12345678, op\\\\-12345678."), REDACT_OUTPUT),
               "k=[redacted], [redacted].");
    struct secret *second CLEANUP(secret_free) = secret_new(STR("second-secret"));
    struct redactor *two CLEANUP(redactor_free) = of("first-secret");
    redactor_add(two, second);
    CHECK_CSTR("two", redact_text(two, &arena, STR("a second-secret, a first-secret, a second-secret"), REDACT_MESSAGE),
               "a [redacted], a [redacted], a [redacted]");
}

/* Every base64 alignment, in any surroundings. */
static void test_base64(void)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct redactor *redactor CLEANUP(redactor_free) = of(key);
    struct rng rng;
    rng_seed(&rng, 5);
    for (int round = 0; round < 200; round++) {
        char plain[64];
        size_t before = (size_t)rng_below(&rng, 12);
        size_t after = (size_t)rng_below(&rng, 12);
        for (size_t i = 0; i < sizeof(plain); i++) {
            plain[i] = (char)('a' + rng_below(&rng, 26));
        }
        memcpy(plain + before, key, strlen(key));
        size_t len = before + strlen(key) + after;
        struct buf text CLEANUP(buf_deinit) = BUF(1024);
        for (size_t bit = 0; bit < len * 8; bit += 6) {
            unsigned digit = 0;
            for (size_t b = bit; b < bit + 6; b++) {
                digit = digit << 1 | (b < len * 8 ? (unsigned)(unsigned char)plain[b / 8] >> (7 - b % 8) & 1u : 0u);
            }
            char c = digits[digit];
            buf_append_char(&text, round % 2 == 0 ? c : c == '+' ? '-' : c == '/' ? '_' : c);
        }
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct str got = redact_text(redactor, &arena, buf_str(&text), REDACT_OUTPUT);
        CHECK("is found", str_find(got, STR("[redacted]"), NULL));
        CHECK("all of it", got.len <= buf_str(&text).len - strlen(key) * 8 / 6 + 1 + strlen("[redacted]"));
    }
}

/* Whatever the text, what is left never holds the key, and what had none is not touched. */
static void test_random(void)
{
    static const char *const parts[] = {"op-Zq7", "\"",  "\\",  "/",     "+",       "%", "&",
                                        "<",      "k3y", "%25", "&amp;", "\\u0025", key, " "};
    struct redactor *redactor CLEANUP(redactor_free) = of(key);
    struct rng rng;
    rng_seed(&rng, 11);
    for (int round = 0; round < 20000; round++) {
        struct buf text CLEANUP(buf_deinit) = BUF(4096);
        for (uint64_t n = rng_below(&rng, 20); n > 0; n--) {
            buf_append_cstr(&text, parts[rng_below(&rng, ARRAY_LEN(parts))]);
        }
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct str got = redact_text(redactor, &arena, buf_str(&text), round % 2 == 0 ? REDACT_OUTPUT : REDACT_MESSAGE);
        CHECK("no key", !str_find(got, STR(key), NULL));
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"forms", test_forms},   {"words", test_words},   {"few", test_few},
        {"base64", test_base64}, {"random", test_random},
    };
    return check_run("redact", tests, ARRAY_LEN(tests));
}
