#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "tests/check.h"

static void test_parse_bad(void)
{
    static const char *const rows[] = {
        "",
        "2026",
        "2026-11-21",
        "2026-11-21T03:00:25",
        "2026-11-21T03:00:25.123",
        "2026-11-21T03:00Z",
        "2026-11-21T03:00:25.Z",
        "2026-11-21T03:00:25,5Z",
        "2026-11-21T03:00:25Z ",
        " 2026-11-21T03:00:25Z",
        "2026-11-21X03:00:25Z",
        "2026-1-21T03:00:25Z",
        "26-11-21T03:00:25Z",
        "+2026-11-21T03:00:25Z",
        "2026-00-21T03:00:25Z",
        "2026-13-21T03:00:25Z",
        "2026-11-00T03:00:25Z",
        "2026-11-31T03:00:25Z",
        "2026-02-29T03:00:25Z",
        "1900-02-29T03:00:25Z",
        "2026-11-21T24:00:25Z",
        "2026-11-21T03:60:25Z",
        "2026-11-21T03:00:61Z",
        "2026-11-21T03:00:25+0100",
        "2026-11-21T03:00:25+01",
        "2026-11-21T03:00:25+24:00",
        "2026-11-21T03:00:25+01:60",
        "2026-11-21T03:00:25 +01:00",
        "2026-11-21T03:00:25\xe2\x88\x92\x30\x31:00",
        "-001-11-21T03:00:25Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t ms = 77;
        CHECK(rows[i], !clock_parse_rfc3339(str_from(rows[i]), &ms));
        CHECK_INT(rows[i], ms, 77);
    }
    int64_t ms = 0;
    CHECK("a NUL inside", !clock_parse_rfc3339(STR("2026-11-21T03:00:25\0Z"), &ms));
    CHECK("no text", !clock_parse_rfc3339(STR_NULL, &ms));
}

static void test_parse_good(void)
{
    static const struct {
        const char *text;
        int64_t unix_ms;
        const char *back; /* NULL = the text itself */
    } rows[] = {
        {"1970-01-01T00:00:00.000Z", 0, NULL},
        {"1969-12-31T23:59:59.999Z", -1, NULL},
        {"2024-03-20T10:00:00+00:00", 1710928800000, "2024-03-20T10:00:00.000Z"},
        {"2024-03-20t10:00:00.5z", 1710928800500, "2024-03-20T10:00:00.500Z"},
        {"2024-03-20 10:00:00.47Z", 1710928800470, "2024-03-20T10:00:00.470Z"},
        {"2024-03-20T10:00:00.478310Z", 1710928800478, "2024-03-20T10:00:00.478Z"},
        {"2024-03-20T10:00:00.4789999999999999999999999999999Z", 1710928800478, "2024-03-20T10:00:00.478Z"},
        {"2024-03-20T10:00:00-07:30", 1710955800000, "2024-03-20T17:30:00.000Z"},
        {"2024-03-20T00:00:00+01:00", 1710889200000, "2024-03-19T23:00:00.000Z"},
        {"2024-03-20T10:00:00-00:00", 1710928800000, "2024-03-20T10:00:00.000Z"},
        {"2000-02-29T00:00:00.000Z", 951782400000, NULL},
        {"2016-12-31T23:59:60Z", 1483228800000, "2017-01-01T00:00:00.000Z"},
        {"0000-01-01T00:00:00.000Z", -62167219200000, NULL},
        {"9999-12-31T23:59:59.999Z", 253402300799999, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t ms = 77;
        CHECK(rows[i].text, clock_parse_rfc3339(str_from(rows[i].text), &ms));
        CHECK_INT(rows[i].text, ms, rows[i].unix_ms);
        CHECK_CSTR(rows[i].text, str_from(clock_rfc3339(ms).text), rows[i].back == NULL ? rows[i].text : rows[i].back);
    }
    CHECK_CSTR("before what can be written", str_from(clock_rfc3339(INT64_MIN).text), "0000-01-01T00:00:00.000Z");
    CHECK_CSTR("after what can be written", str_from(clock_rfc3339(INT64_MAX).text), "9999-12-31T23:59:59.999Z");
}

static void test_against_libc(void)
{
    struct rng r;
    rng_seed(&r, 1);
    for (int i = 0; i < 20000; i++) {
        int64_t ms = (int64_t)rng_below(&r, 253402300800000 + 62167219200000) - 62167219200000;
        struct clock_text ours = clock_rfc3339(ms);
        int64_t back = 0;
        CHECK("reads back", clock_parse_rfc3339(str_from(ours.text), &back));
        CHECK_INT(ours.text, back, ms);
        time_t seconds = (time_t)((ms - (ms % 1000 + 1000) % 1000) / 1000);
        struct tm utc;
        CHECK("libc knows it", gmtime_r(&seconds, &utc) != NULL);
        char want[32];
        (void)strftime(want, sizeof(want), "-%m-%dT%H:%M:%S.", &utc);
        CHECK_CSTR("as libc", str_slice(str_from(ours.text), 4, 20), want);
        CHECK_INT("the year too", strtol(ours.text, NULL, 10), utc.tm_year + 1900);
    }
}

static void test_local(void)
{
    (void)setenv("TZ", "UTC-5:30", 1); /* POSIX signs: this is east of Greenwich */
    tzset();
    CHECK_CSTR("east", str_from(clock_local(1710928800999).text), "2024-03-20 15:30:00");
    CHECK_CSTR("before 1970", str_from(clock_local(-1).text), "1970-01-01 05:29:59");
    CHECK("no year of libc's", clock_local(INT64_MAX).text[0] != '\0');
    (void)unsetenv("TZ");
    tzset();
}

static void test_duration(void)
{
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {
        {-5, "0 ms"},
        {0, "0 ms"},
        {499999, "0 ms"},
        {500000, "1 ms"},
        {850 * NS_PER_MS, "850 ms"},
        {999499999, "999 ms"},
        {999500000, "1.0 s"},
        {12345 * NS_PER_MS, "12.3 s"},
        {59949 * NS_PER_MS, "59.9 s"},
        {59950 * NS_PER_MS, "1 min 00 s"},
        {245 * NS_PER_S, "4 min 05 s"},
        {3599499 * NS_PER_MS, "59 min 59 s"},
        {3599500 * NS_PER_MS, "1 h 00 min"},
        {7380 * NS_PER_S, "2 h 03 min"},
        {INT64_C(360000) * NS_PER_S, "100 h 00 min"},
        {INT64_MAX, "2562047 h 47 min"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_CSTR(rows[i].text, str_from(clock_duration(rows[i].ns).text), rows[i].text);
    }
}

static int64_t fake_ns(const struct clock *c)
{
    return c->fake_ns;
}

static int64_t fake_unix_ms(const struct clock *c)
{
    return c->fake_unix_ms;
}

static void test_clocks(void)
{
    struct clock fake = {fake_ns, fake_unix_ms, 11, 22};
    CHECK_INT("fake monotonic", clock_ns(&fake), 11);
    CHECK_INT("fake wall", clock_unix_ms(&fake), 22);
    int64_t before = clock_ns(&CLOCK_SYSTEM);
    CHECK("never back", clock_ns(&CLOCK_SYSTEM) >= before);
    CHECK("after 2020", clock_unix_ms(&CLOCK_SYSTEM) > INT64_C(1577836800000));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused times", test_parse_bad},
        {"read and written times", test_parse_good},
        {"as libc counts, years 0 to 9999", test_against_libc},
        {"local time", test_local},
        {"durations", test_duration},
        {"clocks", test_clocks},
    };
    return check_run("clock", tests, ARRAY_LEN(tests));
}
