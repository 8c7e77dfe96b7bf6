#include "data/json.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "data/value.h"
#include "tests/check.h"

/* As STR, where a constant is asked for. */
#define TEXT(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const struct src_pos start = {"data.json", 1, 1};

/* What must be refused in our own files and in replies. Shaped after the files of JSONTestSuite (n_*) and what jsmn alone would let pass. */
static const struct {
    const char *name;
    struct str text;
    uint32_t line, col;
    const char *message;
} refused[] = {
    {"empty", {"", 0}, 1, 1, "there is no JSON value"},
    {"blanks", {" \n\t ", 4}, 2, 3, "there is no JSON value"},
    {"NUL alone", {"\0", 1}, 1, 1, "the byte 0x00"},

    /* commas */
    {"comma at the end of a list", TEXT("[1,]"), 1, 4, "a comma with no value after it"},
    {"comma at the end, next line", TEXT("[\"a\",\n4\n,1,\n]"), 4, 1, "a comma with no value"},
    {"comma at the start of a list", TEXT("[,1]"), 1, 2, "expected a value, not ','"},
    {"two commas in a list", TEXT("[1,,2]"), 1, 4, "expected a value, not ','"},
    {"two commas at the end", TEXT("[1,,]"), 1, 4, "expected a value"},
    {"only a comma in a list", TEXT("[,]"), 1, 2, "expected a value"},
    {"comma after a list", TEXT("[1],"), 1, 4, "expected nothing after the value, not ','"},
    {"comma at the end of a map", TEXT("{\"a\":1,}"), 1, 8, "a comma with no key after it"},
    {"only a comma in a map", TEXT("{,}"), 1, 2, "expected a key in double quotes or '}', not ','"},
    {"two commas in a map", TEXT("{\"a\":1,,\"b\":2}"), 1, 8, "expected a key in double quotes, not ','"},
    {"many commas at the end", TEXT("{\"id\":0,,,,,}"), 1, 9, "expected a key"},
    {"missing comma, numbers", TEXT("[1 2]"), 1, 4, "expected ',' or ']', not '2'"},
    {"missing comma, texts", TEXT("[\"a\" \"b\"]"), 1, 6, "expected ',' or ']'"},
    {"missing comma, lists", TEXT("[3[4]]"), 1, 3, "expected ',' or ']'"},
    {"missing comma, words", TEXT("[1 true]"), 1, 4, "expected ',' or ']', not 't'"},
    {"missing comma in a map", TEXT("{\"a\":1 \"b\":2}"), 1, 8, "expected ',' or '}', not '\"'"},
    {"semicolon", TEXT("[1;2]"), 1, 3, "expected ',' or ']', not ';'"},

    /* colons */
    {"colon in a list", TEXT("[1:2]"), 1, 3, "expected ',' or ']', not ':'"},
    {"colon after a text in a list", TEXT("[\"a\":1]"), 1, 5, "expected ',' or ']'"},
    {"colon in place of a comma", TEXT("[\"\":1]"), 1, 4, "expected ',' or ']'"},
    {"two pairs in one", TEXT("{\"a\":1:2}"), 1, 7, "expected ',' or '}', not ':'"},
    {"two colons", TEXT("{\"a\"::1}"), 1, 6, "expected a value, not ':'"},
    {"colon after a list", TEXT("{\"a\":[1]:2}"), 1, 9, "expected ',' or '}'"},
    {"key alone", TEXT("{\"a\"}"), 1, 5, "expected ':' after the key, not '}'"},
    {"value missing", TEXT("{\"a\":}"), 1, 6, "expected a value, not '}'"},
    {"colon missing", TEXT("{\"a\" \"b\"}"), 1, 6, "expected ':' after the key, not '\"'"},
    {"comma for a colon", TEXT("{\"a\",1}"), 1, 5, "expected ':' after the key"},
    {"list closed after a colon", TEXT("{\"a\":]"), 1, 6, "expected a value, not ']'"},

    /* words and numbers */
    {"tru", TEXT("[tru]"), 1, 2, "'tru' is no JSON value"},
    {"nope", TEXT("nope"), 1, 1, "'nope' is no JSON value"},
    {"nul", TEXT("[nul]"), 1, 2, "'nul' is no JSON value"},
    {"fals", TEXT("[fals]"), 1, 2, "'fals' is no JSON value"},
    {"True", TEXT("[True]"), 1, 2, "'True' is no JSON value"},
    {"truee", TEXT("truee"), 1, 1, "'truee' is no JSON value"},
    {"true and a digit", TEXT("[true1]"), 1, 2, "'true1'"},
    {"a long word is cut", TEXT("abcdefghijklmnopqrstuvwxyz"), 1, 1, "'abcdefghijklmnopqrst...'"},
    {"NaN", TEXT("[NaN]"), 1, 2, "'NaN' is no JSON value"},
    {"-NaN", TEXT("[-NaN]"), 1, 3, "a digit is missing after '-'"},
    {"Infinity", TEXT("[Infinity]"), 1, 2, "'Infinity'"},
    {"-Infinity", TEXT("[-Infinity]"), 1, 3, "a digit is missing after '-'"},
    {"Inf", TEXT("[Inf]"), 1, 2, "'Inf'"},
    {"minus", TEXT("-"), 1, 2, "a digit is missing after '-'"},
    {"minus in a list", TEXT("[-]"), 1, 3, "a digit is missing after '-'"},
    {"minus, blank, digit", TEXT("[- 1]"), 1, 3, "a digit is missing"},
    {"--1", TEXT("[--1]"), 1, 3, "a digit is missing"},
    {"01", TEXT("01"), 1, 2, "a number does not begin with 0"},
    {"-01", TEXT("[-01]"), 1, 4, "a number does not begin with 0"},
    {"012", TEXT("[012]"), 1, 3, "a number does not begin with 0"},
    {"1.", TEXT("[1.]"), 1, 4, "a digit is missing after '.'"},
    {"0.e1", TEXT("[0.e1]"), 1, 4, "a digit is missing after '.'"},
    {"2.e-3", TEXT("2.e-3"), 1, 3, "a digit is missing after '.'"},
    {"1e", TEXT("[1e]"), 1, 4, "a digit is missing in the exponent"},
    {"1e+", TEXT("1e+"), 1, 4, "a digit is missing in the exponent"},
    {"1E-", TEXT("[1E-]"), 1, 5, "a digit is missing in the exponent"},
    {"0E+", TEXT("[0E+]"), 1, 5, "a digit is missing in the exponent"},
    {"9.e+", TEXT("[9.e+]"), 1, 4, "a digit is missing after '.'"},
    {"1eE2", TEXT("[1eE2]"), 1, 4, "in the exponent"},
    {"1.2.3", TEXT("[1.2.3]"), 1, 5, "expected ',' or ']', not '.'"},
    {"1e2.3", TEXT("[1e2.3]"), 1, 5, "expected ',' or ']', not '.'"},
    {"1-2", TEXT("[1-2]"), 1, 3, "expected ',' or ']', not '-'"},
    {"1+2", TEXT("[1+2]"), 1, 3, "expected ',' or ']', not '+'"},
    {"0x1F", TEXT("[0x1F]"), 1, 3, "'x' inside a number"},
    {"0x", TEXT("0x"), 1, 2, "'x' inside a number"},
    {"1_000", TEXT("[1_000]"), 1, 3, "'_' inside a number"},
    {"1a", TEXT("1a"), 1, 2, "'a' inside a number"},
    {"1,000 alone", TEXT("1,000"), 1, 2, "expected nothing after the value"},
    {"1//c", TEXT("1//c"), 1, 2, "expected nothing after the value, not '/'"},
    {"+1", TEXT("[+1]"), 1, 2, "expected a value, not '+'"},
    {".5", TEXT("[.5]"), 1, 2, "expected a value, not '.'"},
    {"-.5", TEXT("[-.5]"), 1, 3, "a digit is missing after '-'"},
    {"full-width digit", TEXT("[\xef\xbc\x91]"), 1, 2, "expected a value, not U+FF11"},
    {"NUL after a number", {"[1]\0x", 5}, 1, 4, "expected nothing after the value, not the byte 0x00"},
    {"NUL in a number", {"[1\0]", 4}, 1, 3, "not the byte 0x00"},

    /* keys */
    {"a:1", TEXT("{a:1}"), 1, 2, "expected a key in double quotes"},
    {"1:2", TEXT("{1:2}"), 1, 2, "expected a key in double quotes"},
    {"[]:1", TEXT("{[]:1}"), 1, 2, "expected a key in double quotes"},
    {":1", TEXT("{:1}"), 1, 2, "expected a key in double quotes"},
    {"null:null", TEXT("{null:null}"), 1, 2, "expected a key"},
    {"single quotes", TEXT("{'a':1}"), 1, 2, "expected a key in double quotes or '}', not '''"},
    {"single quoted text", TEXT("['a']"), 1, 2, "text stands in double quotes"},
    {"backquotes", TEXT("[`a`]"), 1, 2, "expected a value, not '`'"},
    {"a b c", TEXT("a b c"), 1, 1, "'a' is no JSON value"},

    /* texts */
    {"raw newline", TEXT("[\"a\nb\"]"), 1, 4, "a line end inside a text"},
    {"raw tab", TEXT("[\"\t\"]"), 1, 3, "the control character 0x09 is written '\\u0009'"},
    {"raw NUL", {"[\"a\0b\"]", 7}, 1, 4, "the control character 0x00 is written '\\u0000'"},
    {"raw 0x1f", TEXT("[\"long enough\x1f\"]"), 1, 14, "the control character 0x1f"},
    {"raw newline after eight", TEXT("\"12345678\n\""), 1, 10, "a line end inside a text"},
    {"not closed", TEXT("[\"abc"), 1, 2, "this text has no closing quote"},
    {"one quote", TEXT("\""), 1, 1, "this text has no closing quote"},
    {"escaped last quote", TEXT("[\"\\\"]"), 1, 2, "this text has no closing quote"},
    {"backslash at the end", TEXT("\"\\"), 1, 2, "a backslash is written '\\\\'"},
    {"\\x", TEXT("[\"\\x00\"]"), 1, 3, "'\\x' is no escape"},
    {"\\a", TEXT("[\"\\a\"]"), 1, 3, "'\\a' is no escape"},
    {"\\'", TEXT("[\"\\'\"]"), 1, 3, "'\\'' is no escape"},
    {"\\U", TEXT("[\"\\UA66D\"]"), 1, 3, "'\\U' is no escape"},
    {"escaped newline", TEXT("[\"\\\n\"]"), 1, 3, "a backslash is written '\\\\'"},
    {"escaped emoji", TEXT("[\"\\\xf0\x9f\x8c\x80\"]"), 1, 3, "a backslash is written"},
    {"\\u at the end", TEXT("\"\\u"), 1, 2, "'\\u' takes four hexadecimal digits"},
    {"\\u00A", TEXT("[\"\\u00A\"]"), 1, 3, "'\\u' takes four"},
    {"\\uqqqq", TEXT("[\"\\uqqqq\"]"), 1, 3, "'\\u' takes four"},
    {"\\u123g", TEXT("[\"\\u123g\"]"), 1, 3, "'\\u' takes four"},
    {"half a second surrogate", TEXT("[\"\\uD834\\uDd\"]"), 1, 0, ""},
    {"escape after a surrogate", TEXT("[\"\\uD800\\x\"]"), 1, 0, ""},
    {"a text and more", TEXT("\"x\"y"), 1, 4, "expected nothing after the value, not 'y'"},

    /* UTF-8 */
    {"a lone continuation", TEXT("[\"a\x80\"]"), 1, 4, "the byte 0x80 is not valid UTF-8"},
    {"0xff", TEXT("[\"\xff\"]"), 1, 3, "the byte 0xff is not valid UTF-8"},
    {"Latin-1", TEXT("{\"\xc3\xa9\":\"\xe9\"}"), 1, 7, "the byte 0xe9 is not valid UTF-8"},
    {"cut short", TEXT("[\"\xe2\x82\"]"), 1, 3, "the byte 0xe2"},
    {"encoded surrogate", TEXT("[\"\xed\xa0\x80\"]"), 1, 3, "the byte 0xed"},
    {"overlong slash", TEXT("[\"\xc0\xaf\"]"), 1, 3, "the byte 0xc0"},
    {"overlong NUL", TEXT("[\"\xe0\x80\x80\"]"), 1, 3, "the byte 0xe0"},
    {"over U+10FFFF", TEXT("[\"\xf4\x90\x80\x80\"]"), 1, 3, "the byte 0xf4"},
    {"far in a long text", TEXT("[\"0123456789abcdef\x80 0123456789abcdef\"]"), 1, 19, "the byte 0x80"},
    {"outside a text", TEXT("[\xff]"), 1, 2, "expected a value, not the byte 0xff"},
    {"invalid before another fault", TEXT("[\"\xff\",]"), 1, 3, "the byte 0xff"},
    {"a letter outside a text", TEXT("[\xc3\xa9]"), 1, 2, "expected a value, not U+00E9"},
    {"columns count characters", TEXT("[\"\xc3\xa9\xf0\x9f\x98\x80\",]"), 1, 7, "a comma with no value"},
    {"no-break space", TEXT("[\xc2\xa0]"), 1, 2, "expected a value, not U+00A0"},
    {"word joiner", TEXT("[\xe2\x81\xa0]"), 1, 2, "not U+2060"},

    /* structure */
    {"two lists", TEXT("[1] [2]"), 1, 5, "expected nothing after the value, not '['"},
    {"two maps", TEXT("{}{}"), 1, 3, "expected nothing after the value"},
    {"two lines", TEXT("{}\n{}"), 2, 1, "expected nothing after the value"},
    {"trailing #", TEXT("{\"a\":1}#"), 1, 8, "expected nothing after the value, not '#'"},
    {"trailing comment", TEXT("{\"a\":1}/**/"), 1, 8, "expected nothing after the value, not '/'"},
    {"comment inside", TEXT("[1, // one\n 2]"), 1, 5, "expected a value, not '/'"},
    {"closed too often", TEXT("[1]]"), 1, 4, "expected nothing after the value, not ']'"},
    {"closed first", TEXT("]"), 1, 1, "expected a value, not ']'"},
    {"closed map first", TEXT("}"), 1, 1, "expected a value, not '}'"},
    {"crossed", TEXT("[1}"), 1, 3, "expected ',' or ']', not '}'"},
    {"crossed map", TEXT("{\"a\":1]"), 1, 7, "expected ',' or '}', not ']'"},
    {"open list", TEXT("[1"), 1, 3, "the text ends inside a list"},
    {"open list, comma", TEXT("[1,\n"), 2, 1, "the text ends inside a list"},
    {"open map", TEXT("{"), 1, 2, "the text ends inside a map"},
    {"open map after a key", TEXT("{\"a\""), 1, 5, "the text ends inside a map"},
    {"open map after a colon", TEXT("{\"a\":"), 1, 6, "the text ends inside a map"},
    {"open inner", TEXT("{\"a\":[1,{\"b\":2"), 1, 15, "the text ends inside a map"},
    {"angle brackets", TEXT("<null>"), 1, 1, "expected a value, not '<'"},
    {"star", TEXT("[*]"), 1, 2, "expected a value, not '*'"},
    {"equals sign", TEXT("{\"a\"=1}"), 1, 5, "expected ':' after the key, not '='"},
    {"form feed", TEXT("[\f1]"), 1, 2, "expected a value, not the byte 0x0c"},
    {"vertical tab", TEXT("[1\v]"), 1, 3, "not the byte 0x0b"},
    {"byte order mark", TEXT("\xef\xbb\xbf{}"), 1, 1, "a byte order mark is no part of JSON"},
    {"byte order mark alone", TEXT("\xef\xbb\xbf"), 1, 1, "a byte order mark"},
    {"UTF-16", {"\xff\xfe{\0}\0", 6}, 1, 1, "not the byte 0xff"},
    {"UTF-16 without a mark", {"\0{\0}", 4}, 1, 1, "not the byte 0x00"},
    {"three dots", TEXT("[1,2,...]"), 1, 6, "expected a value, not '.'"},
    {"lines and columns", TEXT("{\n  \"a\": 1,\r\n\t\"b\": [1,\n2 3]}"), 4, 3, "expected ',' or ']', not '3'"},
};

static void test_refused(void)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        for (enum json_source source = JSON_OURS; source <= JSON_REPLY; source++) {
            struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
            struct err err = ERR_NULL;
            struct value v = {.len = 7};
            CHECK(refused[i].name, !json_read(&arena, refused[i].text, source, start, &v, NULL, &err));
            CHECK_INT(refused[i].name, err.kind, ERR_SUITE);
            CHECK_INT(refused[i].name, err.pos.line, refused[i].line);
            if (refused[i].col != 0) {
                CHECK_INT(refused[i].name, err.pos.col, refused[i].col);
                CHECK_CONTAINS(refused[i].name, str_from(err.text), refused[i].message);
            }
            CHECK_CSTR(refused[i].name, str_from(err.pos.file), "data.json");
            CHECK("the output is untouched", v.len == 7);
            CHECK("the message is text", utf8_is_valid(str_from(err.text), NULL));
        }
    }
}

/* Every beginning of a text but the whole is refused, and never read beyond its end. */
static void test_beginnings(void)
{
    const struct str text =
        STR("{\"k\\u00e9y\": [true, false, null, -1.5e+3, \"t\\ud83d\\ude00\xc3\xa9\", {}], \"b\": []}");
    for (size_t len = 0; len < text.len; len++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct value v;
        struct str part = arena_str(&arena, (struct str){text.ptr, len});
        CHECK("a beginning", !json_read(&arena, part, JSON_REPLY, start, &v, NULL, &err));
        CHECK_INT("a beginning", err.kind, ERR_SUITE);
    }
}

/* What must be accepted, and what it says: as compact JSON. */
static const struct {
    const char *name;
    struct str text;
    const char *compact;
} accepted[] = {
    {"true alone", TEXT("true"), "true"},
    {"false alone", TEXT("false"), "false"},
    {"null alone", TEXT("null"), "null"},
    {"a number alone", TEXT("1"), "1"},
    {"a negative number alone", TEXT("-0.1"), "-0.1"},
    {"a text alone", TEXT("\"asd\""), "\"asd\""},
    {"an empty text", TEXT("\"\""), "\"\""},
    {"blanks around", TEXT(" \t\r\n [ ] \n\n"), "[]"},
    {"blanks everywhere", TEXT("{ \"a\" : [ 1 , 2 ] , \"b\" : { } }"), "{\"a\":[1,2],\"b\":{}}"},
    {"nested empties", TEXT("[[],{},[[]],[{}]]"), "[[],{},[[]],[{}]]"},
    {"zero", TEXT("[0,-0,0e1,0E+2,0.0,-0.0]"), "[0,-0,0e1,0E+2,0.0,-0.0]"},
    {"numbers as written", TEXT("[1e1,1E22,1E-2,1e+2,123e45,123.456e78,1.50,20e1]"),
     "[1e1,1E22,1E-2,1e+2,123e45,123.456e78,1.50,20e1]"},
    {"more digits than a double has", TEXT("[-237462374673276894279832749832423479823246327846]"),
     "[-237462374673276894279832749832423479823246327846]"},
    {"over a double's range", TEXT("[1e999,-1e9999,1e-9999]"), "[1e999,-1e9999,1e-9999]"},
    {"escapes", TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
    {"\\u0000 is kept", TEXT("[\"a\\u0000b\"]"), "[\"a\\u0000b\"]"},
    {"\\u001f", TEXT("\"\\u001F\\u007f\""), "\"\\u001f\x7f\""},
    {"\\u, two bytes", TEXT("\"\\u00e9\\u07FF\""), "\"\xc3\xa9\xdf\xbf\""},
    {"\\u, three bytes", TEXT("\"\\u0800\\u20AC\\uFFFD\""), "\"\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbd\""},
    {"\\u, no characters", TEXT("\"\\uFFFF\\uFFFE\\uFDD0\""), "\"\xef\xbf\xbf\xef\xbf\xbe\xef\xb7\x90\""},
    {"a pair", TEXT("\"\\ud83d\\ude00\""), "\"\xf0\x9f\x98\x80\""},
    {"a pair in mixed case", TEXT("\"\\uD83d\\uDe00x\""), "\"\xf0\x9f\x98\x80x\""},
    {"the last pair", TEXT("\"\\udbff\\udfff\""), "\"\xf4\x8f\xbf\xbf\""},
    {"two pairs", TEXT("\"\\ud801\\udc37\\ud801\\udc37\""), "\"\xf0\x90\x90\xb7\xf0\x90\x90\xb7\""},
    {"an escaped backslash before u", TEXT("\"\\\\u0041\""), "\"\\\\u0041\""},
    {"U+2028 and U+2029 raw", TEXT("\"\xe2\x80\xa8\xe2\x80\xa9\""), "\"\xe2\x80\xa8\xe2\x80\xa9\""},
    {"a byte order mark inside a text", TEXT("\"\xef\xbb\xbf\""), "\"\xef\xbb\xbf\""},
    {"DEL raw", TEXT("\"\x7f\""), "\"\x7f\""},
    {"comment signs in a text", TEXT("\"a/*b*/c//d#\""), "\"a/*b*/c//d#\""},
    {"brackets in texts", TEXT("{\"]\":\"}{\",\"[\":\"\\\"]\"}"), "{\"]\":\"}{\",\"[\":\"\\\"]\"}"},
    {"an empty key", TEXT("{\"\":0}"), "{\"\":0}"},
    {"a NUL in a key", TEXT("{\"foo\\u0000bar\":42}"), "{\"foo\\u0000bar\":42}"},
    {"keys that differ in case", TEXT("{\"a\":1,\"A\":2}"), "{\"a\":1,\"A\":2}"},
    {"the same key in other maps", TEXT("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}"),
     "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}"},
    {"several kinds", TEXT("[null,1,\"1\",{},[],true,false]"), "[null,1,\"1\",{},[],true,false]"},
    {"a list with many nulls", TEXT("[1,null,null,null,2]"), "[1,null,null,null,2]"},
    {"texts at eights", TEXT("[\"1234567\",\"12345678\",\"123456789\",\"1234567\\n9\"]"),
     "[\"1234567\",\"12345678\",\"123456789\",\"1234567\\n9\"]"},
};

static struct str written(struct arena *arena, const struct value *v)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 20);
    struct json_writer w;
    json_writer_init(&w, &out);
    json_value(&w, v);
    return arena_str(arena, buf_str(&out));
}

static void test_accepted(void)
{
    for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct value v = {.kind = VALUE_NULL};
        struct json_notes notes = {true, true};
        /* a copy of just its size: the sanitizer sees a read beyond it */
        struct str text = {arena_copy(&arena, accepted[i].text.ptr, accepted[i].text.len), accepted[i].text.len};
        CHECK(accepted[i].name, json_read(&arena, text, JSON_OURS, start, &v, &notes, &err));
        CHECK_CSTR(accepted[i].name, str_from(err.text), "");
        CHECK_CSTR(accepted[i].name, written(&arena, &v), accepted[i].compact);
        CHECK("nothing to note", !notes.had_duplicate_key && !notes.had_lone_surrogate);
        CHECK("as a reply", json_read(&arena, text, JSON_REPLY, start, &v, NULL, &err));
        CHECK_CSTR(accepted[i].name, written(&arena, &v), accepted[i].compact);
    }
}

/* Where ours and a reply differ. */
static const struct {
    const char *name, *text;
    uint32_t line, col;
    const char *message; /* as ours */
    const char *compact; /* as a reply */
    bool duplicate, surrogate;
} lenient[] = {
    {"twice", "{\"a\":1,\n \"a\":2}", 2, 2, "the key 'a' is written twice; the first is at 1:2", "{\"a\":2}", true,
     false},
    {"thrice", "{\"a\":1,\"b\":0,\"a\":2,\"a\":3}", 1, 14, "the key 'a' is written twice; the first is at 1:2",
     "{\"a\":3,\"b\":0}", true, false},
    {"two of them", "{\"b\":1,\"a\":2,\"a\":3,\"b\":4}", 1, 14, "the key 'a' is written twice; the first is at 1:8",
     "{\"b\":4,\"a\":3}", true, false},
    {"empty key", "{\"\":1,\"\":1}", 1, 7, "the key '' is written twice", "{\"\":1}", true, false},
    {"equal only after escapes", "{\"\\u0061\":1,\"a\":2}", 1, 13, "the key 'a' is written twice", "{\"a\":2}", true,
     false},
    {"inner", "[{\"x\":{\"a\":[1,2],\"a\":[3]}}]", 1, 18, "the key 'a'", "[{\"x\":{\"a\":[3]}}]", true, false},
    {"many keys",
     "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,"
     "\"o\":1,"
     "\"p\":1,\"q\":1,\"r\":1,\"s\":1,\"t\":1,\"u\":1,\"v\":1,\"w\":1,\"x\":1,\"y\":1,\"q\":2,\"d\":3,\"d\":4}",
     1, 152, "the key 'q' is written twice; the first is at 1:98",
     "{\"a\":1,\"b\":1,\"c\":1,\"d\":4,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,"
     "\"o\":1,"
     "\"p\":1,\"q\":2,\"r\":1,\"s\":1,\"t\":1,\"u\":1,\"v\":1,\"w\":1,\"x\":1,\"y\":1}",
     true, false},
    {"lone high", "[\"\\ud800\"]", 1, 3, "'\\ud800' is half of a surrogate pair", "[\"\xef\xbf\xbd\"]", false, true},
    {"lone low", "[\"\\uDFAA\"]", 1, 3, "'\\udfaa' is half", "[\"\xef\xbf\xbd\"]", false, true},
    {"reversed", "[\"\\uDd1e\\uD834\"]", 1, 3, "'\\udd1e' is half", "[\"\xef\xbf\xbd\xef\xbf\xbd\"]", false, true},
    {"two high", "[\"\\uD800\\uD800\\n\"]", 1, 3, "'\\ud800' is half", "[\"\xef\xbf\xbd\xef\xbf\xbd\\n\"]", false,
     true},
    {"high, then a pair", "\"\\ud83d\\ud83d\\ude00\"", 1, 2, "half", "\"\xef\xbf\xbd\xf0\x9f\x98\x80\"", false, true},
    {"high, then a letter", "\"\\ud83dx\"", 1, 2, "half", "\"\xef\xbf\xbdx\"", false, true},
    {"high, then a unit", "\"\\ud83d\\u0041\"", 1, 2, "half",
     "\"\xef\xbf\xbd"
     "A\"",
     false, true},
    {"high at the end", "\"x\\udbff\"", 1, 3, "half", "\"x\xef\xbf\xbd\"", false, true},
    {"both", "{\"\\ud800\":1,\"\\udfff\":2}", 1, 3, "half", "{\"\xef\xbf\xbd\":2}", true, true},
};

static void test_lenient(void)
{
    for (size_t i = 0; i < ARRAY_LEN(lenient); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct value v = {.kind = VALUE_NULL};
        struct json_notes notes = {false, false};
        struct str text = str_from(lenient[i].text);
        CHECK(lenient[i].name, !json_read(&arena, text, JSON_OURS, start, &v, &notes, &err));
        CHECK_INT(lenient[i].name, err.kind, ERR_SUITE);
        CHECK_INT(lenient[i].name, err.pos.line, lenient[i].line);
        CHECK_INT(lenient[i].name, err.pos.col, lenient[i].col);
        CHECK_CONTAINS(lenient[i].name, str_from(err.text), lenient[i].message);
        CHECK(lenient[i].name, json_read(&arena, text, JSON_REPLY, start, &v, &notes, &err));
        CHECK_CSTR(lenient[i].name, written(&arena, &v), lenient[i].compact);
        CHECK_INT(lenient[i].name, notes.had_duplicate_key, lenient[i].duplicate);
        CHECK_INT(lenient[i].name, notes.had_lone_surrogate, lenient[i].surrogate);
    }
}

static void test_tree(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct value v = {.kind = VALUE_NULL};
    struct str text = STR("{\"\xc3\xa9\": \"\xf0\x9f\x98\x80\", \"n\": -1.50,\r\n  \"l\": [true,\n\"a\\nb\", null]}");
    CHECK("reads", json_read(&arena, text, JSON_OURS, start, &v, NULL, &err));
    CHECK_INT("map", v.kind, VALUE_MAP);
    CHECK_INT("map", v.len, 3);
    const struct value *list = value_get(&v, STR("l"));
    CHECK("list", list != NULL && list->kind == VALUE_LIST && list->len == 3);
    CHECK_INT("text", v.items[0].kind, VALUE_TEXT);
    CHECK("quoted", !v.items[0].is_plain);
    CHECK_CSTR("digits as written", v.items[1].text, "-1.50");
    CHECK_INT("number", v.items[1].kind, VALUE_NUMBER);
    CHECK("true", list != NULL && list->items[0].kind == VALUE_BOOL && list->items[0].boolean);
    CHECK_INT("null", list->items[2].kind, VALUE_NULL);
    CHECK_CSTR("escapes", list->items[1].text, "a\nb");
    CHECK("a slice of the source", v.items[0].text.ptr == text.ptr + 8);

    const struct {
        const char *name;
        struct src_pos got;
        uint32_t line, col;
    } places[] = {
        {"the map", v.pos, 1, 1},
        {"a key", v.keys[0].pos, 1, 2},
        {"a text", v.items[0].pos, 1, 7},
        {"after an emoji", v.keys[1].pos, 1, 12},
        {"a number", v.items[1].pos, 1, 17},
        {"next line", v.keys[2].pos, 2, 3},
        {"a list", list->pos, 2, 8},
        {"its item", list->items[0].pos, 2, 9},
        {"third line", list->items[1].pos, 3, 1},
        {"null", list->items[2].pos, 3, 9},
    };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        CHECK_INT(places[i].name, places[i].got.line, places[i].line);
        CHECK_INT(places[i].name, places[i].got.col, places[i].col);
        CHECK_CSTR(places[i].name, str_from(places[i].got.file), "data.json");
    }
}

/* A row stands somewhere in its file; its own lines count from there. */
static void test_origin(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct value v = {.kind = VALUE_NULL};
    struct src_pos origin = {"rows.jsonl", 41, 5};
    CHECK("flat", json_read(&arena, STR("[1,{\"a\":2}]"), JSON_OURS, origin, &v, NULL, &err));
    CHECK_INT("line", v.items[1].items[0].pos.line, 41);
    CHECK_INT("column", v.items[1].items[0].pos.col, 13);
    CHECK("lines", json_read(&arena, STR("[1,\n\"\xc3\xa9\",2]"), JSON_OURS, origin, &v, NULL, &err));
    CHECK_INT("first line", v.items[0].pos.col, 6);
    CHECK_INT("line", v.items[2].pos.line, 42);
    CHECK_INT("column", v.items[2].pos.col, 5);
    CHECK("fault", !json_read(&arena, STR("[1 2]"), JSON_OURS, origin, &v, NULL, &err));
    CHECK_INT("line", err.pos.line, 41);
    CHECK_INT("column", err.pos.col, 8);
    CHECK("a reply has no file", !json_read(&arena, STR("[1 2]"), JSON_REPLY, (struct src_pos){0}, &v, NULL, &err));
    CHECK_INT("from 1", err.pos.line, 1);
    CHECK_INT("from 1", err.pos.col, 4);
    CHECK("no file", err.pos.file == NULL);
}

static bool reads(struct str text, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct value v = {.kind = VALUE_NULL};
    return json_read(&arena, text, JSON_OURS, start, &v, NULL, err);
}

static void test_limits(void)
{
    struct err err = ERR_NULL;
    struct buf text CLEANUP(buf_deinit) = BUF(4 << 20);
    buf_append_repeat(&text, '[', LIMIT_JSON_DEPTH);
    buf_append_repeat(&text, ']', LIMIT_JSON_DEPTH);
    CHECK("as deep as allowed", reads(buf_str(&text), &err));
    buf_clear(&text);
    for (unsigned i = 0; i < LIMIT_JSON_DEPTH; i++) {
        buf_append_cstr(&text, i % 3 == 0 ? "{\"a\":" : "[");
    }
    buf_append_cstr(&text, "1");
    for (unsigned i = LIMIT_JSON_DEPTH; i > 0; i--) {
        buf_append_cstr(&text, (i - 1) % 3 == 0 ? "}" : "]");
    }
    CHECK("lists and maps", reads(buf_str(&text), &err));
    buf_clear(&text);
    buf_append_repeat(&text, '[', LIMIT_JSON_DEPTH + 1);
    buf_append_repeat(&text, ']', LIMIT_JSON_DEPTH + 1);
    CHECK("one deeper", !reads(buf_str(&text), &err));
    CHECK_INT("one deeper", err.kind, ERR_LIMIT);
    CHECK_INT("one deeper", err.pos.col, LIMIT_JSON_DEPTH + 1);
    buf_clear(&text);
    buf_append_repeat(&text, '[', 1 << 20);
    CHECK("a million brackets", !reads(buf_str(&text), &err));
    CHECK_INT("a million brackets", err.kind, ERR_LIMIT);

    struct buf many CLEANUP(buf_deinit) = BUF((size_t)LIMIT_JSON_NODES * 3);
    buf_append_char(&many, '[');
    for (unsigned i = 0; i < LIMIT_JSON_NODES; i++) {
        buf_append_cstr(&many, i == 0 ? "0" : ",0");
    }
    buf_append_char(&many, ']');
    CHECK("too many values", !reads(buf_str(&many), &err));
    CHECK_INT("too many values", err.kind, ERR_LIMIT);
    CHECK("too long", !reads((struct str){"[]", (size_t)LIMIT_JSON_BYTES + 1}, &err)); /* never looked at */
    CHECK_INT("too long", err.kind, ERR_LIMIT);
}

/* What was quadratic in jsmn or would be in a naive check of keys; a hang is the failure. */
static void test_big(void)
{
    struct err err = ERR_NULL;
    struct buf text CLEANUP(buf_deinit) = BUF(16 << 20);
    buf_append_cstr(&text, "[{}");
    for (unsigned i = 0; i < 200000; i++) {
        buf_append_cstr(&text, ",{}");
    }
    buf_append_cstr(&text, "]");
    CHECK("many maps", reads(buf_str(&text), &err));

    buf_clear(&text);
    buf_append_cstr(&text, "{\"first\":0");
    for (unsigned i = 0; i < 200000; i++) {
        buf_printf(&text, ",\"key-%u\":0", i);
    }
    buf_append_cstr(&text, ",\"key-150000\":0}");
    CHECK("a repeated key among many", !reads(buf_str(&text), &err));
    CHECK_CONTAINS("a repeated key among many", str_from(err.text), "the key 'key-150000' is written twice");
}

/* One member found by the check alone is the one that the tree has. */
static void test_member(void)
{
    static const struct {
        const char *text, *want; /* NULL: not there, or no text */
        bool is_map;
    } rows[] = {
        {"{\"id\":\"a\"}", "a", true},
        {" {\"x\":1, \"id\" : \"a b\" ,\"y\":[]}\n", "a b", true},
        {"{\"id\":\"\"}", "", true},
        {"{}", NULL, true},
        {"{\"id\":5}", NULL, true},
        {"{\"id\":null}", NULL, true},
        {"{\"id\":{\"id\":\"a\"}}", NULL, true},
        {"{\"x\":{\"id\":\"a\"}}", NULL, true},
        {"{\"x\":\"id\",\"y\":\"a\"}", NULL, true},
        {"{\"x\":[\"id\",\"a\"],\"ids\":\"b\",\"i\":\"c\"}", NULL, true},
        {"{\"id\":\"a\",\"id\":\"b\"}", "b", true},
        {"{\"id\":\"a\",\"id\":7}", NULL, true},
        {"{\"id\":7,\"id\":\"b\"}", "b", true},
        {"{\"id\":\"a\\\"b\"}", "a\"b", true},
        {"{\"\\u0069d\":\"a\"}", "a", true},
        {"{\"id\":\"\xc3\xa9\"}", "\xc3\xa9", true},
        {"[\"id\",\"a\"]", NULL, false},
        {"\"id\"", NULL, false},
        {"{\"id\":\"a\"", NULL, false},
        {"{\"id\":\"a\"} x", NULL, false},
        {"{\"id\":\"\xff\"}", NULL, false},
        {"", NULL, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct str got = STR("untouched");
        bool is_map = json_text_member(&arena, str_from(rows[i].text), "id", &got);
        CHECK_INT(rows[i].text, is_map, rows[i].is_map);
        if (rows[i].is_map) {
            CHECK_CSTR(rows[i].text, got, rows[i].want);
            CHECK_INT(rows[i].text, got.ptr == NULL, rows[i].want == NULL);
        }
    }
}

/* Members are those that the tree has, whatever stands beside them. */
static const char *const MEMBERS[] = {"a", "b", "k\xc3\xa9y", "nobody"};

static void check_members(const char *name, struct arena *arena, struct str text, bool is_json,
                          const struct value *tree)
{
    const struct value *found[ARRAY_LEN(MEMBERS)];
    bool is_map = false;
    struct err err = ERR_NULL;
    bool is_read = json_read_members(arena, text, MEMBERS, ARRAY_LEN(MEMBERS), found, &is_map, &err);
    CHECK_INT(name, is_read, is_json);
    for (size_t i = 0; is_read && is_json && i < ARRAY_LEN(MEMBERS); i++) {
        const struct value *want = value_get(tree, str_from(MEMBERS[i]));
        CHECK_INT(name, is_map, tree->kind == VALUE_MAP);
        CHECK_INT(name, found[i] == NULL, want == NULL);
        if (found[i] != NULL && want != NULL) {
            CHECK(name, value_eq(found[i], want));
            CHECK_STR(name, json_compact(arena, found[i]), json_compact(arena, want));
        }
    }
}

static void test_members(void)
{
    static const char *const texts[] = {
        "{\"a\":1,\"b\":[1,{\"a\":2}],\"c\":{\"b\":3}}",
        " {\"b\" : {\"a\":[ ]} , \"a\":\"x y\" }\n",
        "{\"a\":{},\"b\":[],\"a\":[[]]}",
        "{\"a\":{\"x\":1,\"y\":{\"z\":2,\"z\":3}},\"b\":null}",
        "{\"a\":\"\\u00e9\\ud800\",\"b\":{\"x\":\"\\n\"},\"x\":\"\\\\\"}",
        "{\"k\\u00e9y\":true,\"b\":-1.50e+3}",
        "{\"k\xc3\xa9y\":[true,false],\"A\":0}",
        "{\"b\":[[[1]],[[2]]],\"nobody\":\"\"}",
        "{}",
        "[{\"a\":1}]",
        "\"a\"",
        "{\"a\":1",
        "{\"a\":[1,2}",
        "{\"a\":1}\v",
        "\f{\"a\":1}",
        " [[{\"a\":1}],2] ",
        "",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct value tree = {.kind = VALUE_NULL};
        bool is_json = json_read(&arena, str_from(texts[i]), JSON_REPLY, start, &tree, NULL, &err);
        check_members(texts[i], &arena, str_from(texts[i]), is_json, &tree);
    }
}

/* A list or map that was compact is written again as it was; one that is written otherwise, or was changed, is not. */
static void test_as_written(void)
{
    static const struct {
        const char *text, *want, *canonical;
    } rows[] = {
        {"{\"b\":1.50,\"a\":[true,null,\"\xc3\xa9/\"]}", "{\"b\":1.50,\"a\":[true,null,\"\xc3\xa9/\"]}",
         "{\"a\":[true,null,\"\xc3\xa9/\"],\"b\":1.50}"},
        {"[{\"b\":{},\"a\":[]}]", "[{\"b\":{},\"a\":[]}]", "[{\"a\":[],\"b\":{}}]"},
        {"{\"a\": 1}", "{\"a\":1}", "{\"a\":1}"},
        {"[1,\"\\/\\u0041\"]", "[1,\"/A\"]", "[1,\"/A\"]"},
        {"[[{\"a\":1,\"b\":[0],\"a\":2}],{\"c\":[3]}]", "[[{\"a\":2,\"b\":[0]}],{\"c\":[3]}]",
         "[[{\"a\":2,\"b\":[0]}],{\"c\":[3]}]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct buf canonical CLEANUP(buf_deinit) = BUF(1000);
        struct err err = ERR_NULL;
        struct value v = {.kind = VALUE_NULL};
        CHECK(rows[i].text, json_read(&arena, str_from(rows[i].text), JSON_REPLY, start, &v, NULL, &err));
        struct value copy = value_copy(&arena, &v);
        json_canonical(&canonical, &v);
        CHECK_CSTR(rows[i].text, json_compact(&arena, &v), rows[i].want);
        CHECK_CSTR(rows[i].text, json_compact(&arena, &copy), rows[i].want);
        CHECK_CSTR(rows[i].text, buf_str(&canonical), rows[i].canonical);
    }
}

/* Any damage to a text is refused or read the same way twice; the sanitizers watch. */
static void test_damage(void)
{
    static const char bytes[] = "{}[]\",:\\u0dD8e+-.1tfn \n\t\x80\xc3\xef\xff/*#'";
    struct rng rng;
    rng_seed(&rng, 20);
    for (unsigned round = 0; round < 20000; round++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct str from = accepted[rng_below(&rng, ARRAY_LEN(accepted))].text;
        char *text = arena_copy(&arena, from.ptr, from.len);
        for (uint64_t n = rng_below(&rng, 3) + 1; n > 0; n--) {
            text[rng_below(&rng, from.len)] = bytes[rng_below(&rng, sizeof(bytes))];
        }
        struct err err = ERR_NULL;
        struct value once = {.kind = VALUE_NULL};
        struct value again = {.kind = VALUE_NULL};
        struct str damaged = {text, from.len};
        struct str member = STR_NULL;
        bool is_map = json_text_member(&arena, damaged, "a", &member);
        bool is_json = json_read(&arena, damaged, JSON_REPLY, start, &once, NULL, &err);
        check_members("damaged", &arena, damaged, is_json, &once);
        if (!is_json) {
            CHECK("no bug", err.kind == ERR_SUITE || err.kind == ERR_LIMIT);
            CHECK("no member", !is_map);
            continue;
        }
        const struct value *a = value_get(&once, STR("a"));
        CHECK_INT("a map", is_map, once.kind == VALUE_MAP);
        CHECK_STR("its member", member, a != NULL && a->kind == VALUE_TEXT ? a->text : STR_NULL);
        struct str out = written(&arena, &once);
        CHECK("reads back", json_read(&arena, out, JSON_OURS, start, &again, NULL, &err));
        CHECK("is the same", value_eq(&once, &again));
        CHECK_STR("writes the same", written(&arena, &again), out);
    }
}

/* A body that never came is a view of nothing. */
static void test_nothing(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct value v;
    CHECK("refused", !json_read(&arena, STR_NULL, JSON_REPLY, (struct src_pos){0}, &v, NULL, &err));
    CHECK_INT("at its beginning", err.pos.line, 1);
    check_members("nothing", &arena, STR_NULL, false, NULL);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_refused},
        {"beginnings", test_beginnings},
        {"accepted", test_accepted},
        {"lenient", test_lenient},
        {"tree", test_tree},
        {"origin", test_origin},
        {"limits", test_limits},
        {"big", test_big},
        {"nothing", test_nothing},
        {"damage", test_damage},
        {"member", test_member},
        {"members", test_members},
        {"as written", test_as_written},
    };
    return check_run("json", tests, ARRAY_LEN(tests));
}
