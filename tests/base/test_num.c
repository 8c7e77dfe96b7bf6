#include "base/num.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/rng.h"
#include "tests/check.h"
#include "tests/temp.h"

enum { ROUND_TRIPS = 20000, LONG_TEXT_BYTES = 4 << 20 };

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void test_whole_numbers(void)
{
    static const struct {
        const char *text;
        bool is_u64, is_i64;
        uint64_t u64;
        int64_t i64;
    } rows[] = {
        {"", false, false, 0, 0},
        {"-", false, false, 0, 0},
        {"--1", false, false, 0, 0},
        {"+1", false, false, 0, 0},
        {" 1", false, false, 0, 0},
        {"1 ", false, false, 0, 0},
        {"1.0", false, false, 0, 0},
        {"0x1", false, false, 0, 0},
        {"1_000", false, false, 0, 0},
        {"1e3", false, false, 0, 0},
        {"\xd9\xa3", false, false, 0, 0}, /* an Arabic three */
        {"18446744073709551616", false, false, 0, 0},
        {"99999999999999999999999", false, false, 0, 0},
        {"-9223372036854775809", false, false, 0, 0},
        {"-1", false, true, 0, -1},
        {"-0", false, true, 0, 0},
        {"0", true, true, 0, 0},
        {"007", true, true, 7, 7},
        {"9223372036854775807", true, true, INT64_MAX, INT64_MAX},
        {"-9223372036854775808", false, true, 0, INT64_MIN},
        {"9223372036854775808", true, false, (uint64_t)INT64_MAX + 1, 0},
        {"18446744073709551615", true, false, UINT64_MAX, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str text = str_from(rows[i].text);
        uint64_t u64 = 0;
        int64_t i64 = 0;
        size_t size = 0;
        CHECK_INT(rows[i].text, num_parse_u64(text, &u64), rows[i].is_u64);
        CHECK(rows[i].text, u64 == rows[i].u64);
        CHECK_INT(rows[i].text, num_parse_i64(text, &i64), rows[i].is_i64);
        CHECK_INT(rows[i].text, i64, rows[i].i64);
        CHECK_INT(rows[i].text, num_parse_size(text, &size), rows[i].is_u64 && rows[i].u64 <= SIZE_MAX);
    }
    uint64_t u64 = 0;
    CHECK("embedded NUL", !num_parse_u64(STR("1\0"), &u64));
}

static void test_json_faults(void)
{
    static const char *const rows[] = {
        "",
        "-",
        "+1",
        "01",
        "-01",
        "00",
        ".5",
        "1.",
        "1.e5",
        "1e",
        "1e+",
        "1e-",
        "e5",
        "0x1p3",
        "0x10",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        " 1",
        "1 ",
        "1_000",
        "1,000",
        "1,5",
        "0.1e",
        "1e5x",
        "1.5.5",
        "--1",
        "- 1",
        "nan(12)",
        "1e5.5",
        "1d5",
        "1f",
        "\xd9\xa3",
        "1\t",
        "1e 5",
        "1e+-5",
        "1..5",
        ("\xe2\x88\x92"
         "5"),
        ("1e\xe2\x88\x92"
         "5"),
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double value = 77;
        CHECK_INT(rows[i], num_parse_json(str_from(rows[i]), &value), NUM_SYNTAX);
        CHECK_DOUBLE(rows[i], value, 77, 0);
    }
    double value = 0;
    CHECK("embedded NUL", num_parse_json(STR("1\0"), &value) == NUM_SYNTAX);
}

static void test_json_values(void)
{
    static const struct {
        const char *text;
        enum num_fault fault;
        double value;
    } rows[] = {
        {"1e400", NUM_OVERFLOW, 0},
        {"-1e309", NUM_OVERFLOW, 0},
        {"1.7976931348623159e308", NUM_OVERFLOW, 0},
        {"1e99999999999999999999", NUM_OVERFLOW, 0},
        {"1e-400", NUM_UNDERFLOW, 0},
        {"-1e-400", NUM_UNDERFLOW, 0},
        {"2.4703282292062327e-324", NUM_UNDERFLOW, 0},
        {"1e-99999999999999999999", NUM_UNDERFLOW, 0},
        {"0", NUM_OK, 0},
        {"-0", NUM_OK, 0},
        {"0e99999999999999999999", NUM_OK, 0},
        {"0.000e-5", NUM_OK, 0},
        {"1", NUM_OK, 1},
        {"-1.5", NUM_OK, -1.5},
        {"1E5", NUM_OK, 1e5},
        {"1e+05", NUM_OK, 1e5},
        {"1e00000000000000000000000000005", NUM_OK, 1e5},
        {"0.1", NUM_OK, 0.1},
        {"123.456e-2", NUM_OK, 1.23456},
        {"9007199254740993", NUM_OK, 9007199254740992.0},
        {"9007199254740993.00000000000000000000000000000000001", NUM_OK, 9007199254740994.0},
        {"1.7976931348623157e308", NUM_OK, DBL_MAX},
        {"1.7976931348623158e308", NUM_OK, DBL_MAX},
        {"2.2250738585072014e-308", NUM_OK, DBL_MIN},
        {"2.2250738585072011e-308", NUM_OK, 2.225073858507201e-308},
        {"4.9e-324", NUM_OK, 4.9406564584124654e-324},
        {"2.4703282292062328e-324", NUM_OK, 4.9406564584124654e-324},
        {"0.500000000000000166533453693773481063544750213623046875", NUM_OK, 0.50000000000000022},
        {"3.518437208883201171875e13", NUM_OK, 35184372088832.01171875},
        {"6929495644600919.5", NUM_OK, 6929495644600920.0},
        {"3.2378839133029012895883524125015321748630094e-319", NUM_OK, 3.237883913302901e-319},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double value = 0;
        CHECK_INT(rows[i].text, num_parse_json(str_from(rows[i].text), &value), rows[i].fault);
        CHECK_DOUBLE(rows[i].text, value, rows[i].value, 0);
    }
}

/* Texts longer than any buffer keep their last digit's say: 2^53 + 1 is halfway, one more digit anywhere lifts it. */
static void test_long_texts(void)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LONG_TEXT_BYTES + 64);
    buf_append_cstr(&text, "9007199254740993.");
    buf_append_repeat(&text, '0', LONG_TEXT_BYTES);
    double value = 0;
    CHECK("halfway", num_parse_json(buf_str(&text), &value) == NUM_OK);
    CHECK_DOUBLE("halfway", value, 9007199254740992.0, 0);
    buf_append_char(&text, '1');
    CHECK("above", num_parse_json(buf_str(&text), &value) == NUM_OK);
    CHECK_DOUBLE("above", value, 9007199254740994.0, 0);
    buf_clear(&text);
    buf_append_cstr(&text, "0.");
    buf_append_repeat(&text, '0', 100000);
    buf_append_cstr(&text, "25e100001");
    CHECK("a long way down and up", num_parse_json(buf_str(&text), &value) == NUM_OK);
    CHECK_DOUBLE("a long way down and up", value, 2.5, 0);
    buf_clear(&text);
    buf_append_char(&text, '1');
    buf_append_repeat(&text, '0', 100000);
    buf_append_cstr(&text, "e-100000");
    CHECK("a long way up and down", num_parse_json(buf_str(&text), &value) == NUM_OK);
    CHECK_DOUBLE("a long way up and down", value, 1, 0);
}

static const struct {
    const char *text;
    enum num_fault fault;
    double value;
} answers[] = {
    {"", NUM_SYNTAX, 0},
    {".", NUM_SYNTAX, 0},
    {"-", NUM_SYNTAX, 0},
    {"- 5", NUM_SYNTAX, 0},
    {"--5", NUM_SYNTAX, 0},
    {"0x1F", NUM_SYNTAX, 0},
    {"1_000", NUM_SYNTAX, 0},
    {"50%", NUM_SYNTAX, 0},
    {"five", NUM_SYNTAX, 0},
    {"inf", NUM_SYNTAX, 0},
    {"nan", NUM_SYNTAX, 0},
    {"1,5", NUM_SYNTAX, 0},
    {"3,14", NUM_SYNTAX, 0},
    {"0,123", NUM_SYNTAX, 0},
    {"1,23,456", NUM_SYNTAX, 0},
    {"1234,567", NUM_SYNTAX, 0},
    {"1,2345", NUM_SYNTAX, 0},
    {"1,234,", NUM_SYNTAX, 0},
    {",123", NUM_SYNTAX, 0},
    {"1.234,5", NUM_SYNTAX, 0},
    {"1.5,000", NUM_SYNTAX, 0},
    {"5..", NUM_SYNTAX, 0},
    {"1.2.3", NUM_SYNTAX, 0},
    {"1e", NUM_SYNTAX, 0},
    {"e5", NUM_SYNTAX, 0},
    {"1 2", NUM_SYNTAX, 0},
    {"\xd9\xa3", NUM_SYNTAX, 0},
    {"\xef\xbc\x95", NUM_SYNTAX, 0}, /* a full-width five */
    {"\xe2\x88\x92", NUM_SYNTAX, 0},
    {"\xe2\x88"
     "5",
     NUM_SYNTAX, 0},
    {"\xc2\xa0"
     "5",
     NUM_SYNTAX, 0},
    {"1e400", NUM_OVERFLOW, 0},
    {"1e-400", NUM_UNDERFLOW, 0},
    {"5", NUM_OK, 5},
    {"+5", NUM_OK, 5},
    {" \t-5\r\n", NUM_OK, -5},
    {"5.", NUM_OK, 5},
    {"1.5.", NUM_OK, 1.5},
    {"1,234.", NUM_OK, 1234},
    {"1e5.", NUM_OK, 1e5},
    {".5", NUM_OK, 0.5},
    {"-.5", NUM_OK, -0.5},
    {"007", NUM_OK, 7},
    {"1,234", NUM_OK, 1234},
    {"12,345", NUM_OK, 12345},
    {"123,456,789", NUM_OK, 123456789},
    {"1,234,567.5", NUM_OK, 1234567.5},
    {"1,234e2", NUM_OK, 123400},
    {"1.5E-3", NUM_OK, 0.0015},
    {"\xe2\x88\x92"
     "5",
     NUM_OK, -5},
    {"1e\xe2\x88\x92"
     "2",
     NUM_OK, 0.01},
    {"-0", NUM_OK, 0},
};

static void test_answers(void)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        double value = 0;
        CHECK_INT(answers[i].text, num_parse_answer(str_from(answers[i].text), &value), answers[i].fault);
        CHECK_DOUBLE(answers[i].text, value, answers[i].value, 0);
    }
}

static void test_integers(void)
{
    static const struct {
        const char *a, *b;
        bool are_integers, is_equal;
    } rows[] = {
        {"1.0", "1", false, false},
        {"1", "1e0", false, false},
        {"", "1", false, false},
        {"x", "1", false, false},
        {".5", ".5", false, false},
        {"1", "2", true, false},
        {"1", "10", true, false},
        {"1", "-1", true, false},
        {"9007199254740993", "9007199254740992", true, false},
        {"9,007,199,254,740,993", "9007199254740993", true, true},
        {"123456789012345678901234567890", "123456789012345678901234567891", true, false},
        {"123456789012345678901234567890", "+123456789012345678901234567890.", true, true},
        {"0", "-0", true, true},
        {"007", "7", true, true},
        {"0", "00", true, true},
        {"1,000", "1000", true, true},
        {"\xe2\x88\x92"
         "5",
         "-5", true, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool is_equal = false;
        CHECK_INT(rows[i].a, num_compare_integers(str_from(rows[i].a), str_from(rows[i].b), &is_equal),
                  rows[i].are_integers);
        CHECK_INT(rows[i].a, is_equal, rows[i].is_equal);
        CHECK_INT(rows[i].a, num_compare_integers(str_from(rows[i].b), str_from(rows[i].a), &is_equal),
                  rows[i].are_integers);
        CHECK_INT(rows[i].a, is_equal, rows[i].is_equal);
    }
}

/* Every number that is found, joined by '|'. */
static void find_all(struct buf *out, struct str text)
{
    size_t start = 0;
    size_t end = 0;
    for (size_t from = 0; num_find_answer(text, from, &start, &end); from = end) {
        buf_append_cstr(out, out->len == 0 ? "" : "|");
        buf_append(out, str_slice(text, start, end));
        double value = 0;
        CHECK("what is found can be read", num_parse_answer(str_slice(text, start, end), &value) != NUM_SYNTAX);
    }
}

static void test_find(void)
{
    static const struct {
        const char *text, *found;
    } rows[] = {
        {"", ""},
        {"no number", ""},
        {"v2", ""},
        {"x86_64", ""},
        {"_5", ""},
        {"\xc3\xa9"
         "5",
         ""}, /* e with acute */
        {"\xef\xbc\x91"
         "5",
         ""}, /* full-width one */
        {"0x1F", ""},
        {"1_000", ""},
        {"1.2.3", ""},
        {"v1.2.3", ""},
        {"192.168.0.1", ""},
        {"...", ""},
        {"- - +", ""},
        {"5", "5"},
        {"The answer is 5.", "5"},
        {"The answer is 5.\nDone", "5"},
        {"= -5", "-5"},
        {"x=-5", "-5"},
        {"x-5", "5"},
        {"10-20", "10|20"},
        {"2020-01-05", "2020|01|05"},
        {"$1,234.50!", "1,234.50"},
        {"$.5", ".5"},
        {"(3,4)", "3|4"},
        {"1,2,3", "1|2|3"},
        {"1,234,56", "1,234|56"},
        {"12,3456", "12|3456"},
        {"5th, 12px, 50%", "5|12|50"},
        {"1e5x", "1e5"},
        {"5e", "5"},
        {"100x200", "100"},
        {"**42**", "42"},
        {"\\boxed{-7}", "-7"},
        {"\xe7\xad\x94\xe6\xa1\x88\xe6\x98\xaf"
         "42",
         "42"}, /* Chinese: the answer is 42 */
        {"\xe2\x88\x92"
         "5 and \xe2\x80\x94"
         "6",
         "\xe2\x88\x92"
         "5|6"},
        {"\xff"
         "5",
         "5"},
        {"a 1 b -2.5e3 c", "1|-2.5e3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf found CLEANUP(buf_deinit) = BUF(1000);
        find_all(&found, str_from(rows[i].text));
        CHECK_STR(rows[i].text, buf_str(&found), str_from(rows[i].found));
    }
    size_t start = 0;
    size_t end = 0;
    CHECK("from inside a word", !num_find_answer(STR("v25"), 2, &start, &end));
    CHECK("from past the end", !num_find_answer(STR("25"), 9, &start, &end));
}

/* A spoilt number of many groups is passed over at once, not tried again from each of its groups. */
static void test_find_is_linear(void)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LONG_TEXT_BYTES + 64);
    buf_append_char(&text, '1');
    while (text.len < LONG_TEXT_BYTES) {
        buf_append_cstr(&text, ",111");
    }
    buf_append_cstr(&text, "_");
    size_t start = 0;
    size_t end = 0;
    CHECK("none", !num_find_answer(buf_str(&text), 0, &start, &end));
}

static void test_print(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1, "-1"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100, "100"},
        {1.5, "1.5"},
        {12345.678, "12345.678"},
        {0.000001, "0.000001"},
        {0.0000015, "0.0000015"},
        {1e-7, "1e-7"},
        {999999999999999, "999999999999999"},
        {1e15, "1e+15"},
        {123456789012345.67, "123456789012345.67"},
        {9007199254740993.0, "9.007199254740992e+15"},
        {1e21, "1e+21"},
        {1e300, "1e+300"},
        {-1.7976931348623157e308, "-1.7976931348623157e+308"},
        {5e-324, "5e-324"},
        {1e-320, "1e-320"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {2.2250738585072011e-308, "2.225073858507201e-308"},
        {0x1p-44, "5.684341886080802e-14"},
        {0x1p-791, "7.678447687145631e-239"}, /* its nearest 16 digits read back as the neighbour */
        {0x1p863, "6.150157786156811e+259"},
        {1.0 / 3, "0.3333333333333333"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char room[32];
        struct str text = num_text(rows[i].value, room);
        CHECK_CSTR(rows[i].text, text, rows[i].text);
        CHECK(rows[i].text, text.ptr == room && room[text.len] == '\0');
        struct buf out CLEANUP(buf_deinit) = BUF(100);
        num_print(&out, rows[i].value);
        CHECK_CSTR(rows[i].text, buf_str(&out), rows[i].text);
    }
}

static void test_print_short(void)
{
    static const struct {
        double value;
        int digits;
        const char *text;
    } rows[] = {
        {0.815, 3, "0.815"},
        {81.5, 2, "81.5"},
        {12, 3, "12"},
        {120, 0, "120"},
        {0, 2, "0"},
        {-0.0, 2, "0"},
        {-0.001, 2, "0"},
        {-0.5, 2, "-0.5"},
        {0.999, 2, "1"},
        {1e-9, 3, "0"},
        {1234567.891, 1, "1234567.9"},
        {1e15, 2, "1e+15"},
        {-1e300, 3, "-1e+300"},
        {-999999999999999.75, 30, "-999999999999999.75"},
        {1.0 / 3, 99, "0.33333333333333"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char room[32];
        struct str text = num_text_short(rows[i].value, rows[i].digits, room);
        CHECK_CSTR(rows[i].text, text, rows[i].text);
        CHECK(rows[i].text, text.ptr == room && room[text.len] == '\0');
    }
}

static void test_even_digits(void)
{
    static const struct {
        const char *name;
        double lo, hi;
        int lo_digits, hi_digits, want;
    } rows[] = {
        {"alike", -5.83, 0.81, 1, 1, 1},
        {"a small end", -0.0213, 1.4213, 4, 1, 2},
        {"the other", -1.4213, 0.0213, 1, 4, 2},
        {"an end that is nothing", 0, 0.0213, 1, 4, 3},
        {"a narrow one", 9.9991, 10.0004, 4, 2, 4},
        {"no more than the smaller number gets", -0.00001, 1.4, 4, 1, 4},
        {"wide", 9.5123, 12345.6, 4, 0, 0},
        {"no width", 0.5, 0.5, 3, 1, 1},
        {"without end", -INFINITY, 0.5, 0, 3, 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].name, num_even_digits(rows[i].lo, rows[i].lo_digits, rows[i].hi, rows[i].hi_digits),
                  rows[i].want);
    }
}

static void round_trip(double value)
{
    char room[32];
    struct str text = num_text(value, room);
    double back = 0;
    CHECK(room, num_parse_json(text, &back) == NUM_OK && back == value);
    CHECK(room, num_parse_answer(text, &back) == NUM_OK && back == value);
}

static void test_round_trip(void)
{
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < ROUND_TRIPS; i++) {
        uint64_t bits = next_random(&state);
        double value = 0;
        memcpy(&value, &bits, sizeof(value));
        if (num_is_finite(value)) {
            round_trip(value);
        }
        round_trip((double)(bits % 1000000) / 1000);
    }
    for (int exponent = -1074; exponent < 1024; exponent++) {
        double value = ldexp(1, exponent);
        round_trip(value);
        round_trip(nextafter(value, 0) == 0 ? value : nextafter(value, 0));
        round_trip(-nextafter(value, INFINITY));
    }
    CHECK("bits", num_same_bits(0.1, 0.1) && !num_same_bits(0.1, nextafter(0.1, 1)));
    CHECK("bits of zeros", num_same_bits(-0.0, -0.0) && !num_same_bits(0.0, -0.0));
    CHECK("bits of no number", num_same_bits(NAN, NAN));
    CHECK("finite", num_is_finite(DBL_MAX) && !num_is_finite(INFINITY) && !num_is_finite(NAN));
}

static void test_sum(void)
{
    struct num_sum sum = {0};
    num_sum_add(&sum, 1);
    num_sum_add(&sum, 1e100);
    num_sum_add(&sum, 1);
    num_sum_add(&sum, -1e100);
    CHECK_DOUBLE("Neumaier's own example", num_sum_total(&sum), 2, 0);
    struct num_sum tenths = {0};
    for (int i = 0; i < 1000000; i++) {
        num_sum_add(&tenths, 0.1);
    }
    CHECK_DOUBLE("a million tenths", num_sum_total(&tenths), 100000, 0);
    struct num_sum none = {0};
    CHECK_DOUBLE("nothing", num_sum_total(&none), 0, 0);
}

/* Builds a comma locale where the system has none. */
static bool comma_locale_built(const struct temp_dir *dir)
{
    struct temp_path path = temp_path(dir, "de_DE.UTF-8");
    pid_t child = fork();
    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        (void)execlp("localedef", "localedef", "-i", "de_DE", "-f", "UTF-8", path.text, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && setenv("LOCPATH", dir->path, 1) == 0 && setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void test_comma_locale(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    if (setlocale(LC_ALL, "de_DE.UTF-8") != NULL || setlocale(LC_ALL, "fr_FR.UTF-8") != NULL ||
        comma_locale_built(&dir)) {
        char probe[16];
        (void)snprintf(probe, sizeof(probe), "%.1f", 1.5);
        CHECK("the locale has a comma", strcmp(probe, "1,5") == 0);
        test_json_faults();
        test_json_values();
        test_answers();
        test_print();
        test_print_short();
        test_round_trip();
    } else {
        (void)fprintf(stderr, "SKIPPED: no comma locale here and none can be built\n");
        CU_PASS("no comma locale");
    }
    (void)setlocale(LC_ALL, "C");
}

static void test_print_integers(void)
{
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {7, "7"},
        {-7, "-7"},
        {10, "10"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
        {-100, "-100"},
        {999, "999"},
    };
    char room[32];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_CSTR(rows[i].text, num_int_text(rows[i].value, room), rows[i].text);
        CHECK_CSTR(rows[i].text, str_from(room), rows[i].text);
    }
    CHECK_CSTR("the last without exponent", num_text(999999999999999.0, room), "999999999999999");
    CHECK_CSTR("the first of the other form", num_text(1e15, room), "1e+15");
}

/* What is read without strtod is what strtod reads. */
static void test_short_decimals(void)
{
    struct rng rng;
    rng_seed(&rng, 4);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        int whole_digits = (int)rng_below(&rng, 16) + 1;
        int fraction_digits = (int)rng_below(&rng, 20);
        int64_t whole = (int64_t)(rng_u64(&rng) >> 1);
        (void)snprintf(text, sizeof(text), "%s%.*lld", i % 2 == 0 ? "" : "-", whole_digits, (long long)whole);
        text[whole_digits + (i % 2 == 0 ? 0 : 1)] = '\0';
        size_t len = strlen(text);
        if (fraction_digits > 0) {
            (void)snprintf(text + len, sizeof(text) - len, ".%.*llu", fraction_digits,
                           (unsigned long long)rng_u64(&rng));
            text[len + 1 + (size_t)fraction_digits] = '\0';
        }
        double got = 0;
        if (num_parse_json(str_from(text), &got) == NUM_OK) {
            CHECK(text, got == strtod(text, NULL));
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"whole numbers", test_whole_numbers},
        {"JSON numbers: faults", test_json_faults},
        {"JSON numbers: values", test_json_values},
        {"texts longer than any buffer", test_long_texts},
        {"numbers in answers", test_answers},
        {"integers by their digits", test_integers},
        {"finding numbers", test_find},
        {"finding is linear", test_find_is_linear},
        {"printing", test_print},
        {"printing for people", test_print_short},
        {"print and parse give the same bits", test_round_trip},
        {"printing integers", test_print_integers},
        {"short decimals", test_short_decimals},
        {"even digits", test_even_digits},
        {"compensated sum", test_sum},
        {"the same under a comma locale", test_comma_locale},
    };
    return check_run("base/num", tests, ARRAY_LEN(tests));
}
