#include "io/retry_after.h"

#include "base/clock.h"
#include "base/rng.h"
#include "tests/check.h"

enum { NOON = 784111777 }; /* Sun, 06 Nov 1994 08:49:37 GMT: the example of RFC 9110 */

static void test_dates(void)
{
    static const struct {
        const char *text;
        int64_t unix_s; /* -1: no date */
    } rows[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", NOON},
        {"Sunday, 06-Nov-94 08:49:37 GMT", NOON},
        {"Sun Nov  6 08:49:37 1994", NOON},
        {"  Sun, 06 Nov 1994 08:49:37 GMT ", NOON},
        {"Wed Nov 16 08:49:37 1994", NOON + 10 * 86400},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tuesday, 01-Jan-30 00:00:00 GMT", 1893456000},
        {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800},
        {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
        {"Thu, 29 Feb 2023 00:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37", -1},
        {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
        {"Sun, 6 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 94 08:49:37 GMT", -1},
        {"Sun, 32 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
        {"Sunday Nov  6 08:49:37 1994", -1},
        {"Sun", -1},
        {"Sun, ", -1},
        {"Sun ", -1},
        {"Sunday, ", -1},
        {"", -1},
        {"yesterday", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t unix_s = -1;
        CHECK_INT(rows[i].text, http_date_parse(str_from(rows[i].text), &unix_s), rows[i].unix_s >= 0);
        CHECK_INT(rows[i].text, unix_s, rows[i].unix_s);
    }
}

static void test_values(void)
{
    static const struct {
        const char *text;
        int64_t ns; /* -1: nonsense */
    } rows[] = {
        {"0", 0},
        {"1", NS_PER_S},
        {" 120 ", 120 * NS_PER_S},
        {"1.5", 3 * NS_PER_S / 2},
        {"0.001", NS_PER_MS},
        {"1.12345678901234567890", 1123456789},
        {"Sun, 06 Nov 1994 08:49:47 GMT", 10 * NS_PER_S},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Fri, 01 Jan 1993 00:00:00 GMT", 0},
        {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_MAX},
        {"9223372036", INT64_MAX},
        {"100000000000000000000", INT64_MAX},
        {"99999999999999999999999999999999999999999", INT64_MAX},
        {"-5", -1},
        {"+5", -1},
        {"5s", -1},
        {"5 seconds", -1},
        {"1.", -1},
        {".5", -1},
        {"1e3", -1},
        {"0x10", -1},
        {"soon", -1},
        {"", -1},
        {"1,2", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t ns = -1;
        CHECK_INT(rows[i].text, retry_after_parse(str_from(rows[i].text), NOON, &ns), rows[i].ns >= 0);
        if (rows[i].ns >= 0) {
            CHECK_INT(rows[i].text, ns, rows[i].ns);
        }
    }
}

static void test_random(void)
{
    static const char letters[] = "0123456789.:,- SunMoTueGMTNv";
    struct rng rng;
    rng_seed(&rng, 2);
    for (int round = 0; round < 100000; round++) {
        char text[40];
        size_t len = (size_t)rng_below(&rng, sizeof(text));
        for (size_t i = 0; i < len; i++) {
            text[i] = letters[rng_below(&rng, sizeof(letters) - 1)];
        }
        int64_t ns = 0;
        bool ok = retry_after_parse((struct str){text, len}, NOON, &ns);
        CHECK("never negative", !ok || ns >= 0);
    }
}

int main(void)
{
    static const struct check_test tests[] = {{"dates", test_dates}, {"values", test_values}, {"random", test_random}};
    return check_run("retry_after", tests, ARRAY_LEN(tests));
}
