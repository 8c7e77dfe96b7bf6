#include "base/utf8.h"

#include <string.h>

#include "base/buf.h"
#include "tests/check.h"

enum { OUT_MAX = 4096 };

static void test_validity(void)
{
    static const struct {
        const char *name;
        struct str text;
        bool is_valid;
        size_t bad_at;
    } rows[] = {
        {"continuation alone", {"a\x80", 2}, false, 1},
        {"C0", {"\xc0\x80", 2}, false, 0},
        {"C1", {"\xc1\xbf", 2}, false, 0},
        {"overlong of 3", {"\xe0\x9f\xbf", 3}, false, 0},
        {"overlong of 4", {"\xf0\x8f\xbf\xbf", 4}, false, 0},
        {"high surrogate", {"x\xed\xa0\x80", 4}, false, 1},
        {"low surrogate", {"\xed\xbf\xbf", 3}, false, 0},
        {"over U+10FFFF", {"\xf4\x90\x80\x80", 4}, false, 0},
        {"F5", {"\xf5\x80\x80\x80", 4}, false, 0},
        {"FE", {"\xfe", 1}, false, 0},
        {"FF", {"\xff", 1}, false, 0},
        {"2 cut", {"ab\xc3", 3}, false, 2},
        {"3 cut", {"\xe2\x82", 2}, false, 0},
        {"4 cut", {"\xf0\x9f\x98", 3}, false, 0},
        {"2 broken", {"\xc3g", 2}, false, 0},
        {"3 broken", {"\xe2\x82g", 3}, false, 0},
        {"4 broken", {"\xf0\x9f\x98g", 4}, false, 0},
        {"empty", {"", 0}, true, 0},
        {"no bytes", {NULL, 0}, true, 0},
        {"ASCII with NUL", {"a\0b", 3}, true, 0},
        {"borders of 2", {"\xc2\x80\xdf\xbf", 4}, true, 0},
        {"borders of 3", {"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 12}, true, 0},
        {"borders of 4", {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8}, true, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t bad_at = 0;
        CHECK_INT(rows[i].name, utf8_is_valid(rows[i].text, &bad_at), rows[i].is_valid);
        CHECK_INT(rows[i].name, bad_at, rows[i].bad_at);
        CHECK_INT(rows[i].name, utf8_is_valid(rows[i].text, NULL), rows[i].is_valid);
    }
}

/* Every code point goes out and comes back; surrogates and what is over the end go out as U+FFFD. */
static void test_every_point(void)
{
    size_t wrong = 0;
    for (uint32_t point = 0; point < 0x110100; point++) {
        struct buf text CLEANUP(buf_deinit) = BUF(8);
        utf8_append(&text, point);
        bool is_scalar = point < 0xd800 || (point > 0xdfff && point < 0x110000);
        size_t at = 0;
        uint32_t back = 0;
        bool is_right = utf8_next(buf_str(&text), &at, &back) && at == text.len &&
                        back == (is_scalar ? point : 0xfffd) && utf8_is_valid(buf_str(&text), NULL) &&
                        !utf8_next(buf_str(&text), &at, &back);
        wrong += is_right ? 0 : 1;
    }
    CHECK_INT("every code point", wrong, 0);
}

/* Decoding agrees with validity on all texts of up to three bytes out of those where ranges change. */
static void test_short_texts(void)
{
    static const unsigned char bytes[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2,
                                          0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff};
    size_t wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(bytes) * ARRAY_LEN(bytes) * ARRAY_LEN(bytes); i++) {
        char text[3] = {(char)bytes[i % ARRAY_LEN(bytes)], (char)bytes[i / ARRAY_LEN(bytes) % ARRAY_LEN(bytes)],
                        (char)bytes[i / ARRAY_LEN(bytes) / ARRAY_LEN(bytes)]};
        struct str s = {text, sizeof(text)};
        struct buf valid CLEANUP(buf_deinit) = BUF(OUT_MAX);
        utf8_append_valid(&valid, s);
        bool was_valid = utf8_is_valid(s, NULL);
        bool is_right = utf8_is_valid(buf_str(&valid), NULL) && utf8_count(s) == utf8_count(buf_str(&valid)) &&
                        was_valid == str_eq(s, buf_str(&valid));
        wrong += is_right ? 0 : 1;
    }
    CHECK_INT("short texts", wrong, 0);
}

static void test_append_valid(void)
{
    static const struct {
        const char *name;
        struct str text;
        const char *want;
    } rows[] = {
        {"empty", {NULL, 0}, ""},
        {"one byte",
         {"a\xff"
          "b",
          3},
         "a\xef\xbf\xbd"
         "b"},
        {"each byte of a cut one", {"\xf0\x9f\x98", 3}, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"valid stays", {"\xc3\xa9\xef\xbf\xbd", 5}, "\xc3\xa9\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
        utf8_append_valid(&out, rows[i].text);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].want);
    }
    size_t at = 0;
    uint32_t point = 0;
    CHECK("a step of 1 tells an invalid byte", utf8_next(STR("\xe2\x82"), &at, &point) && at == 1 && point == 0xfffd);
}

static void test_counts(void)
{
    static const struct {
        const char *name;
        struct str text;
        size_t points, words;
    } rows[] = {
        {"empty", {"", 0}, 0, 0},
        {"only blanks", {" \t\r\n\v\f", 6}, 6, 0},
        {"one", {"word", 4}, 4, 1},
        {"blanks around", {"  two words ", 12}, 12, 2},
        {"NUL is no blank", {"a\0b", 3}, 3, 1},
        {"no-break space",
         {"a\xc2\xa0"
          "b",
          4},
         3,
         2},
        {"ideographic space", {"\xe4\xb8\x80\xe3\x80\x80\xe4\xba\x8c", 9}, 3, 2},
        {"next line, line separator",
         {"a\xc2\x85"
          "b\xe2\x80\xa8"
          "c",
          8},
         5,
         3},
        {"zero width space is none",
         {"a\xe2\x80\x8b"
          "b",
          5},
         3,
         1},
        {"invalid bytes", {"\xff\xfe \x80", 4}, 4, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].name, utf8_count(rows[i].text), rows[i].points);
        CHECK_INT(rows[i].name, utf8_count_words(rows[i].text), rows[i].words);
    }
}

static void test_width(void)
{
    static const struct {
        uint32_t point;
        int width;
    } rows[] = {
        {0x00, 0},   {0x1b, 0},   {'a', 1},     {0xe9, 1},   {0x301, 0},  {0x200b, 0},   {0x200d, 0},   {0x4e00, 2},
        {0xff21, 2}, {0xac00, 2}, {0x1f600, 2}, {0x2026, 1}, {0xfffd, 1}, {0x10ffff, 1}, {0x110000, 1}, {0xe000, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT("width", utf8_width(rows[i].point), rows[i].width);
    }
    size_t out_of_range = 0;
    for (uint32_t point = 0; point < 0x110000; point++) {
        int width = utf8_width(point);
        out_of_range += width < 0 || width > 2 ? 1 : 0;
    }
    CHECK_INT("0, 1 or 2", out_of_range, 0);
}

static void test_joins_digits(void)
{
    static const struct {
        const char *name;
        uint32_t point;
        bool joins;
    } rows[] = {
        {"blank", ' ', false},
        {"point", '.', false},
        {"dollar", '$', false},
        {"replacement", 0xfffd, false},
        {"over the end", 0x110000, false},
        {"Chinese", 0x662f, false},
        {"Hebrew", 0x5d0, false},
        {"letter", 'x', true},
        {"capital", 'X', true},
        {"underscore", '_', true},
        {"digit", '7', true},
        {"accented", 0xe9, true},
        {"Cyrillic", 0x44f, true},
        {"Arabic digit", 0x663, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].name, utf8_joins_digits(rows[i].point), rows[i].joins);
    }
}

static void test_fold(void)
{
    static const struct {
        const char *name;
        struct str text;
        const char *want;
    } rows[] = {
        {"invalid", {"A\xff", 2}, "a\xef\xbf\xbd"},
        {"empty", {NULL, 0}, ""},
        {"ASCII", {"Hello, World [1]", 16}, "hello, world [1]"},
        {"sharp s",
         {"STRA\xc3\x9f"
          "E",
          7},
         "strasse"},
        {"capital sharp s", {"\xe1\xba\x9e", 3}, "ss"},
        {"Greek final sigma", {"\xce\xa3\xcf\x82", 4}, "\xcf\x83\xcf\x83"},
        {"dotted capital I", {"\xc4\xb0", 2}, "i\xcc\x87"},
        {"ffi ligature", {"\xef\xac\x83", 3}, "ffi"},
        {"composed stays composed", {"\xc3\x89", 2}, "\xc3\xa9"},
        {"decomposed stays decomposed", {"E\xcc\x81", 3}, "e\xcc\x81"},
        {"no case", {"\xe4\xb8\x80", 3}, "\xe4\xb8\x80"},
        {"soft hyphen stays",
         {"a\xc2\xad"
          "b",
          4},
         "a\xc2\xad"
         "b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
        utf8_fold(&out, rows[i].text);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].want);
    }
    size_t unstable = 0;
    for (uint32_t point = 0; point < 0x110000; point++) {
        struct buf text CLEANUP(buf_deinit) = BUF(64);
        struct buf once CLEANUP(buf_deinit) = BUF(64);
        struct buf twice CLEANUP(buf_deinit) = BUF(64);
        utf8_append(&text, point);
        utf8_fold(&once, buf_str(&text));
        utf8_fold(&twice, buf_str(&once));
        unstable += str_eq(buf_str(&once), buf_str(&twice)) && !once.overflow ? 0 : 1;
    }
    CHECK_INT("folding twice is folding once", unstable, 0);
}

static void test_cut(void)
{
    static const struct {
        const char *name;
        struct str text;
        size_t max, want;
    } rows[] = {
        {"nothing left", {"abc", 3}, 0, 0},
        {"inside 2", {"a\xc3\xa9", 3}, 2, 1},
        {"inside 3", {"\xe4\xb8\x80", 3}, 2, 0},
        {"inside 4", {"x\xf0\x9f\x98\x80", 5}, 4, 1},
        {"at a border", {"\xc3\xa9\xc3\xa9", 4}, 2, 2},
        {"continuation bytes without a head", {"\x80\x80\x80\x80\x80\x80", 6}, 5, 5},
        {"a head that is no head", {"\xe2\x28\xa1z", 4}, 2, 2},
        {"fits", {"abc", 3}, 3, 3},
        {"more room", {"abc", 3}, SIZE_MAX, 3},
        {"none", {NULL, 0}, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str got = utf8_cut(rows[i].text, rows[i].max);
        CHECK_INT(rows[i].name, got.len, rows[i].want);
        CHECK(rows[i].name, got.ptr == rows[i].text.ptr);
    }
}

/* ASCII is skipped in words; what is not must be found at every offset of one. */
static void test_ascii_runs(void)
{
    for (size_t len = 1; len <= 40; len++) {
        for (size_t at = 0; at < len; at++) {
            char text[42];
            size_t bad_at = 99;
            memset(text, 'a', sizeof(text));
            text[at] = '\xff';
            CHECK("found", !utf8_is_valid((struct str){text, len}, &bad_at));
            CHECK_INT("where it is", bad_at, at);
            CHECK_INT("counts one", utf8_count((struct str){text, len}), len);
            memcpy(text + at, "\xc3\xa9", 2);
            CHECK("two bytes", utf8_is_valid((struct str){text, len + 1}, NULL));
            CHECK_INT("one character", utf8_count((struct str){text, len + 1}), len);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"validity", test_validity},
        {"every code point", test_every_point},
        {"short texts", test_short_texts},
        {"replacing what is invalid", test_append_valid},
        {"counts", test_counts},
        {"width", test_width},
        {"what joins digits", test_joins_digits},
        {"case folding", test_fold},
        {"cutting", test_cut},
        {"runs of ASCII", test_ascii_runs},
    };
    return check_run("base/utf8", tests, ARRAY_LEN(tests));
}
