#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

static void test_sha256(void)
{
    /* FIPS 180-4 examples; the last is the million letters "a" of the same document */
    static const struct {
        const char *name, *text, *hex;
        size_t repeat;
    } rows[] = {
        {"empty", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1},
        {"abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1},
        {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 1},
        {"a million", "aaaaaaaaaa", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 100000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct digest_stream s;
        digest_begin(&s);
        for (size_t n = 0; n < rows[i].repeat; n++) {
            digest_add(&s, str_from(rows[i].text));
        }
        struct digest d = digest_end(&s);
        CHECK_CSTR(rows[i].name, str_from(digest_hex(&d).text), rows[i].hex);
    }
    struct digest none = digest_of(STR_NULL);
    CHECK_CSTR("no text is empty text", str_from(digest_hex(&none).text), rows[0].hex);
}

static void test_stream_cuts(void)
{
    char text[300];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)(i * 7);
    }
    struct str whole = {text, sizeof(text)};
    struct digest want = digest_of(whole);
    for (size_t cut = 0; cut <= sizeof(text); cut++) {
        struct digest_stream s;
        digest_begin(&s);
        digest_add(&s, str_slice(whole, 0, cut));
        digest_add(&s, str_slice(whole, cut, sizeof(text)));
        struct digest got = digest_end(&s);
        CHECK("the cut makes no difference", digest_eq(&got, &want));
    }
}

static void test_sha1(void)
{
    uint8_t bytes[20];
    char hex[41];
    digest_sha1(STR("abc"), bytes);
    digest_hex_bytes(bytes, sizeof(bytes), hex);
    CHECK_CSTR("abc", str_from(hex), "a9993e364706816aba3e25717850c26c9cd0d89d");
    digest_sha1(STR_NULL, bytes);
    digest_hex_bytes(bytes, sizeof(bytes), hex);
    CHECK_CSTR("empty", str_from(hex), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void test_compare(void)
{
    struct digest a = digest_of(STR("a"));
    struct digest b = a;
    CHECK("equal", digest_eq(&a, &b));
    b.bytes[31] ^= 1;
    CHECK("the last bit counts", !digest_eq(&a, &b));
}

static void test_hex_bytes(void)
{
    static const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0xff};
    char hex[9] = "xxxxxxxx";
    digest_hex_bytes(bytes, sizeof(bytes), hex);
    CHECK_CSTR("lower case", str_from(hex), "000ff0ff");
    digest_hex_bytes(bytes, 0, hex);
    CHECK_CSTR("no bytes", str_from(hex), "");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"SHA-256 by the standard's examples", test_sha256},
        {"a stream cut anywhere", test_stream_cuts},
        {"SHA-1", test_sha1},
        {"equal and zero", test_compare},
        {"hex", test_hex_bytes},
    };
    return check_run("digest", tests, ARRAY_LEN(tests));
}
