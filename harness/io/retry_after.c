#include "io/retry_after.h"

#include <string.h>

#include "base/attr.h"
#include "base/clock.h"

enum { NS_DIGITS = 9, MONTHS = 12 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool parse_seconds(struct str text, int64_t *ret_ns)
{
    int64_t whole = 0;
    int64_t fraction_ns = 0;
    size_t at = 0;
    for (; at < text.len && is_digit(text.ptr[at]); at++) {
        whole = whole > INT64_MAX / (10 * NS_PER_S) - 1 ? INT64_MAX / NS_PER_S : whole * 10 + (text.ptr[at] - '0');
    }
    if (at == 0) {
        return false;
    }
    if (at < text.len && text.ptr[at] == '.') {
        int64_t scale_ns = NS_PER_S / 10;
        size_t first = ++at;
        for (; at < text.len && is_digit(text.ptr[at]); at++) {
            fraction_ns += (text.ptr[at] - '0') * scale_ns;
            scale_ns /= 10;
        }
        if (at == first) {
            return false;
        }
    }
    if (at != text.len) {
        return false;
    }
    *ret_ns = whole >= INT64_MAX / NS_PER_S ? INT64_MAX : whole * NS_PER_S + fraction_ns;
    return true;
}

static bool take_number(struct str *rest, size_t digits, int64_t *ret)
{
    *ret = 0;
    if (rest->len < digits) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        if (!is_digit(rest->ptr[i])) {
            return false;
        }
        *ret = *ret * 10 + (rest->ptr[i] - '0');
    }
    *rest = str_slice(*rest, digits, rest->len);
    return true;
}

static bool take_text(struct str *rest, const char *text)
{
    if (!str_starts(*rest, str_from(text))) {
        return false;
    }
    *rest = str_slice(*rest, strlen(text), rest->len);
    return true;
}

static bool take_month(struct str *rest, int64_t *ret)
{
    static const char *const names[MONTHS] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (int64_t i = 0; i < MONTHS; i++) {
        if (take_text(rest, names[i])) {
            *ret = i + 1;
            return true;
        }
    }
    return false;
}

static bool take_time(struct str *rest, int64_t *ret_s)
{
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    bool ok = take_number(rest, 2, &hour) && take_text(rest, ":") && take_number(rest, 2, &minute) &&
              take_text(rest, ":") && take_number(rest, 2, &second);
    *ret_s = hour * 3600 + minute * 60 + second;
    return ok && hour < 24 && minute < 60 && second <= 60;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" and "Sunday, 06-Nov-94 08:49:37 GMT", after the comma. */
static bool parse_after_comma(struct str rest, int64_t *ret_unix_s)
{
    int64_t day = 0;
    int64_t month = 0;
    int64_t year = 0;
    int64_t time_s = 0;
    if (!take_number(&rest, 2, &day)) {
        return false;
    }
    bool is_old = take_text(&rest, "-");
    if ((!is_old && !take_text(&rest, " ")) || !take_month(&rest, &month) || !take_text(&rest, is_old ? "-" : " ") ||
        !take_number(&rest, is_old ? 2 : 4, &year) || !take_text(&rest, " ") || !take_time(&rest, &time_s) ||
        !str_eq_cstr(rest, " GMT")) {
        return false;
    }
    year += !is_old ? 0 : year < 70 ? 2000 : 1900;
    return clock_unix_s(year, month, day, time_s, ret_unix_s);
}

/* "Sun Nov  6 08:49:37 1994", after the day's name. */
static bool parse_asctime(struct str rest, int64_t *ret_unix_s)
{
    int64_t day = 0;
    int64_t month = 0;
    int64_t year = 0;
    int64_t time_s = 0;
    return take_month(&rest, &month) && take_text(&rest, " ") &&
           take_number(&rest, take_text(&rest, " ") ? 1 : 2, &day) && take_text(&rest, " ") &&
           take_time(&rest, &time_s) && take_text(&rest, " ") && take_number(&rest, 4, &year) && rest.len == 0 &&
           clock_unix_s(year, month, day, time_s, ret_unix_s);
}

bool http_date_parse(struct str text, int64_t *ret_unix_s)
{
    static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    text = str_trim(text);
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        struct str rest = text;
        if (take_text(&rest, days[i]) && take_text(&rest, ", ")) {
            return parse_after_comma(rest, ret_unix_s);
        }
        rest = text;
        if (str_starts(rest, (struct str){days[i], 3})) {
            rest = str_slice(rest, 3, rest.len);
            return take_text(&rest, ", ") ? parse_after_comma(rest, ret_unix_s)
                                          : take_text(&rest, " ") && parse_asctime(rest, ret_unix_s);
        }
    }
    return false;
}

bool retry_after_parse(struct str value, int64_t answered_unix_s, int64_t *ret_ns)
{
    int64_t until_unix_s = 0;
    value = str_trim(value);
    if (parse_seconds(value, ret_ns)) {
        return true;
    }
    if (!http_date_parse(value, &until_unix_s)) {
        return false;
    }
    int64_t left_s = until_unix_s > answered_unix_s ? until_unix_s - answered_unix_s : 0;
    *ret_ns = left_s >= INT64_MAX / NS_PER_S ? INT64_MAX : left_s * NS_PER_S;
    return true;
}
