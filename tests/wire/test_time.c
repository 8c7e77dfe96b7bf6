#include "base/clock.h"
#include "tests/check.h"
#include "wire/time.h"

static void test_refused(void)
{
    static const char *const rows[] = {
        "",
        "now",
        "1767348000",
        "2026-01-02",
        "2026-01-02T",
        "2026-01-02T10",
        "2026-01-02T10:00:",
        "2026-01-02T10:00:0Z",
        "2026-01-02T10:00:000Z",
        "2026-01-02T10:00:00.Z",
        "2026-01-02T10:00:00+0",
        "2026-01-02T10:00:00+00",
        "2026-01-02T10:00:00+000",
        "2026-01-02T10:00:00+00:0",
        "2026-01-02T10:00:00+00:000",
        "2026-01-02T10:00:00+24:00",
        "2026-01-02T10:00:00 Z",
        "2026-01-02T10:00:00Zulu",
        "2026-01-02T10:00:00,5Z",
        "2026-01-02X10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T10:60:00Z",
        "2026-01-02T10:00:61Z",
        " 2026-01-02T10:00:00Z",
        "20260102T100000Z",
        "+02026-01-02T10:00:00Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us = -1;
        CHECK(rows[i], !wire_time_parse(str_from(rows[i]), &us));
        CHECK_INT(rows[i], us, -1);
    }
    int64_t us = 0;
    CHECK("NUL in the date", !wire_time_parse(STR("2026-01-02T10\0"
                                                  "00:00Z"),
                                              &us));
    CHECK("NUL in the offset", !wire_time_parse(STR("2026-01-02T10:00:00+\0"
                                                    "0:00"),
                                                &us));
}

static void test_accepted(void)
{
    static const struct {
        const char *text;
        int64_t us;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00Z", 0},
        {"1970-01-01T00:00", 0}, /* no offset is UTC */
        {"1970-01-01T00:00:00", 0},
        {"1970-01-01T00:00:01.5", 1500000},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01 00:00:00+00:00", 0},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1970-01-01T01:00:00+0100", 0},
        {"1969-12-31T22:30:00-0130", 0},
        {"1969-12-31T22:30-01:30", 0},
        {"1970-01-01T00:00:00.1Z", 100000},
        {"1970-01-01T00:00:00.123Z", 123000},
        {"1970-01-01T00:00:00.123456Z", 123456},
        {"1970-01-01T00:00:00.123456999Z", 123456},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"2024-03-20T10:00:00+00:00", INT64_C(1710928800000000)},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000000)},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us = INT64_MIN;
        CHECK(rows[i].text, wire_time_parse(str_from(rows[i].text), &us));
        CHECK_INT(rows[i].text, us, rows[i].us);
    }
}

static void test_written(void)
{
    static const struct {
        int64_t us;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.000001Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {-1000, "1969-12-31T23:59:59.999Z"},
        {-1001, "1969-12-31T23:59:59.998999Z"},
        {INT64_C(1710928800123000), "2024-03-20T10:00:00.123Z"},
        {INT64_C(1710928800123456), "2024-03-20T10:00:00.123456Z"},
        {INT64_C(1710928800000000), "2024-03-20T10:00:00.000Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us = INT64_MIN;
        CHECK_CSTR(rows[i].text, str_from(wire_time_text(rows[i].us).text), rows[i].text);
        CHECK(rows[i].text, wire_time_parse(str_from(rows[i].text), &us));
        CHECK_INT(rows[i].text, us, rows[i].us);
    }
}

static void test_milliseconds(void)
{
    CHECK("0 is not yet", !wire_time_of_ms(0).has);
    CHECK_INT("none", wire_time_ms((struct wire_time){.has = false, .us = 5000}), 0);
    CHECK_INT("there and back", wire_time_ms(wire_time_of_ms(1710928800123)), 1710928800123);
    CHECK_INT("down", wire_time_ms((struct wire_time){.has = true, .us = 1999}), 1);
    CHECK_INT("down before 1970", wire_time_ms((struct wire_time){.has = true, .us = -1}), -1);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_refused},
        {"accepted", test_accepted},
        {"written", test_written},
        {"milliseconds", test_milliseconds},
    };
    return check_run("wire/time", tests, ARRAY_LEN(tests));
}
