#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { MS_PER_S = 1000, S_PER_DAY = 86400, DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 };

static int64_t system_monotonic_ns(const struct clock *c)
{
    (void)c;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t system_unix_ms(const struct clock *c)
{
    (void)c;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

const struct clock CLOCK_SYSTEM = {.monotonic_ns = system_monotonic_ns, .unix_ms = system_unix_ms};

int64_t clock_ns(const struct clock *c)
{
    return c->monotonic_ns(c);
}

int64_t clock_unix_ms(const struct clock *c)
{
    return c->unix_ms(c);
}

/* Calendar arithmetic after H. Hinnant, "chrono-compatible low-level date algorithms": years begin in March, so that the leap day comes
 * last, and 400 of them make an era. Valid for years 0 to 9999, which is all that RFC 3339 can write. */
static int64_t days_of_date(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

struct date {
    int64_t year, month, day;
};

static struct date date_of_days(int64_t days)
{
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = (shifted >= 0 ? shifted : shifted - DAYS_PER_ERA + 1) / DAYS_PER_ERA;
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return (struct date){.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
                         .month = month,
                         .day = day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

static char *put_number(char *at, int64_t number, int width, char then)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
    at[width] = then;
    return at + width + 1;
}

struct clock_text clock_rfc3339(int64_t unix_ms)
{
    const int64_t first_ms = days_of_date(0, 1, 1) * S_PER_DAY * MS_PER_S;
    const int64_t last_ms = days_of_date(10000, 1, 1) * S_PER_DAY * MS_PER_S - 1;
    int64_t ms = unix_ms < first_ms ? first_ms : unix_ms > last_ms ? last_ms : unix_ms;
    int64_t since_first = ms - first_ms; /* not negative, so that / and % round down */
    int64_t ms_of_day = since_first % (INT64_C(1) * S_PER_DAY * MS_PER_S);
    struct date date = date_of_days((ms - ms_of_day) / (INT64_C(1) * S_PER_DAY * MS_PER_S));
    struct clock_text result;
    char *at = result.text;
    at = put_number(at, date.year, 4, '-');
    at = put_number(at, date.month, 2, '-');
    at = put_number(at, date.day, 2, 'T');
    at = put_number(at, ms_of_day / 3600000, 2, ':');
    at = put_number(at, ms_of_day / 60000 % 60, 2, ':');
    at = put_number(at, ms_of_day / MS_PER_S % 60, 2, '.');
    at = put_number(at, ms_of_day % MS_PER_S, 3, 'Z');
    *at = '\0';
    return result;
}

static bool take_digits(struct str *text, size_t count, int64_t *ret)
{
    int64_t number = 0;
    if (text->len < count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        char c = text->ptr[i];
        if (c < '0' || c > '9') {
            return false;
        }
        number = number * 10 + (c - '0');
    }
    *text = str_slice(*text, count, text->len);
    *ret = number;
    return true;
}

static bool take_char(struct str *text, const char *any_of)
{
    if (text->len == 0 || !str_find_char(str_from(any_of), text->ptr[0], NULL)) {
        return false;
    }
    *text = str_slice(*text, 1, text->len);
    return true;
}

static bool take_fraction_ms(struct str *text, int64_t *ret)
{
    int64_t digit = 0;
    int64_t scale = 100;
    *ret = 0;
    if (!take_char(text, ".")) {
        return true;
    }
    if (!take_digits(text, 1, &digit)) {
        return false;
    }
    do { /* what is finer than a millisecond is cut */
        *ret += digit * scale;
        scale /= 10;
    } while (take_digits(text, 1, &digit));
    return true;
}

static bool take_offset_s(struct str *text, int64_t *ret)
{
    int64_t hours = 0;
    int64_t minutes = 0;
    *ret = 0;
    if (take_char(text, "Zz")) {
        return true;
    }
    int64_t sign = str_starts(*text, STR("-")) ? -1 : 1;
    if (!take_char(text, "+-") || !take_digits(text, 2, &hours) || !take_char(text, ":") ||
        !take_digits(text, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *ret = sign * (hours * 3600 + minutes * 60);
    return true;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : days[month - 1];
}

bool clock_unix_s(int64_t year, int64_t month, int64_t day, int64_t second_of_day, int64_t *ret)
{
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        second_of_day < 0 || second_of_day > S_PER_DAY) {
        return false;
    }
    *ret = days_of_date(year, month, day) * S_PER_DAY + second_of_day;
    return true;
}

bool clock_parse_rfc3339(struct str text, int64_t *ret_unix_ms)
{
    struct date date;
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    int64_t fraction_ms = 0;
    int64_t offset_s = 0;
    bool is_whole = take_digits(&text, 4, &date.year) && take_char(&text, "-") && take_digits(&text, 2, &date.month) &&
                    take_char(&text, "-") && take_digits(&text, 2, &date.day) && take_char(&text, "Tt ") &&
                    take_digits(&text, 2, &hour) && take_char(&text, ":") && take_digits(&text, 2, &minute) &&
                    take_char(&text, ":") && take_digits(&text, 2, &second) && take_fraction_ms(&text, &fraction_ms) &&
                    take_offset_s(&text, &offset_s) && text.len == 0;
    int64_t seconds = 0;
    if (!is_whole || hour > 23 || minute > 59 || second > 60 || /* 60: a leap second, counted as the next one */
        !clock_unix_s(date.year, date.month, date.day, hour * 3600 + minute * 60 + second, &seconds)) {
        return false;
    }
    *ret_unix_ms = (seconds - offset_s) * MS_PER_S + fraction_ms;
    return true;
}

struct clock_text clock_local(int64_t unix_ms)
{
    struct clock_text result;
    time_t seconds = (time_t)(unix_ms / MS_PER_S - (unix_ms % MS_PER_S < 0 ? 1 : 0));
    struct tm local;
    if (localtime_r(&seconds, &local) == NULL ||
        strftime(result.text, sizeof(result.text), "%Y-%m-%d %H:%M:%S", &local) == 0) {
        return clock_rfc3339(unix_ms); /* a year that a struct tm or our text cannot hold */
    }
    return result;
}

struct clock_text clock_duration(int64_t duration_ns)
{
    struct clock_text result;
    int64_t ns = duration_ns < 0 ? 0 : duration_ns;
    /* Rounded once per unit and tested after rounding, so that 59.96 s is "1 min 00 s" and never "60.0 s". */
    int64_t ms = ns / NS_PER_MS + (ns % NS_PER_MS >= NS_PER_MS / 2 ? 1 : 0);
    int64_t tenths = (ms + 50) / 100;
    int64_t seconds = (ms + 500) / 1000;
    int64_t minutes = (seconds + 30) / 60;
    if (ms < 1000) {
        (void)snprintf(result.text, sizeof(result.text), "%" PRId64 " ms", ms);
    } else if (tenths < 600) {
        (void)snprintf(result.text, sizeof(result.text), "%" PRId64 ".%" PRId64 " s", tenths / 10, tenths % 10);
    } else if (seconds < 3600) {
        (void)snprintf(result.text, sizeof(result.text), "%" PRId64 " min %02" PRId64 " s", seconds / 60, seconds % 60);
    } else {
        (void)snprintf(result.text, sizeof(result.text), "%" PRId64 " h %02" PRId64 " min", minutes / 60, minutes % 60);
    }
    return result;
}
