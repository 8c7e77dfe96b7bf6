#include "wire/time.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { US_PER_MS = 1000, US_PER_S = 1000000, SECONDS_AT = 16, FRACTION_AT = 19, OFFSET_ROOM = 8 };

static int64_t floor_div(int64_t number, int64_t by)
{
    return number / by - (number % by < 0 ? 1 : 0);
}

struct wire_time_text wire_time_text(int64_t unix_us)
{
    struct clock_text ms = clock_rfc3339(floor_div(unix_us, US_PER_MS));
    struct wire_time_text result;
    int us = (int)(unix_us - floor_div(unix_us, US_PER_S) * US_PER_S);
    if (us % US_PER_MS == 0) {
        (void)snprintf(result.text, sizeof(result.text), "%s", ms.text);
    } else {
        (void)snprintf(result.text, sizeof(result.text), "%.*s.%06dZ", FRACTION_AT, ms.text, us);
    }
    return result;
}

static size_t count_digits(struct str text)
{
    size_t count = 0;
    while (count < text.len && text.ptr[count] >= '0' && text.ptr[count] <= '9') {
        count++;
    }
    return count;
}

/* The offset as base/clock reads it: Z or +HH:MM. */
static bool parse_offset(struct str text, char ret[static OFFSET_ROOM])
{
    if (text.len == 0 || str_eq_cstr(text, "Z") || str_eq_cstr(text, "z")) {
        (void)snprintf(ret, OFFSET_ROOM, "Z");
        return true;
    }
    bool is_short = text.len == 5 && text.ptr[3] != ':';
    if (!is_short && text.len != 6) {
        return false;
    }
    (void)snprintf(ret, OFFSET_ROOM, "%.3s:%.2s", text.ptr, text.ptr + (is_short ? 3 : 4));
    return is_short || text.ptr[3] == ':';
}

/* The calendar is base/clock's: what it does not know (no seconds, microseconds, +HHMM, no offset) is brought into its form first. */
bool wire_time_parse(struct str text, int64_t *ret_unix_us)
{
    if (text.len < SECONDS_AT) {
        return false;
    }
    char seconds[] = ":00";
    struct str rest = str_slice(text, SECONDS_AT, text.len);
    int64_t us = 0;
    if (str_starts(rest, STR(":"))) {
        if (count_digits(str_slice(rest, 1, rest.len)) != 2) {
            return false;
        }
        (void)memcpy(seconds, rest.ptr, sizeof(seconds) - 1);
        rest = str_slice(rest, 3, rest.len);
        if (str_starts(rest, STR("."))) {
            rest = str_slice(rest, 1, rest.len);
            size_t digits = count_digits(rest);
            if (digits == 0) {
                return false;
            }
            for (size_t i = 0; i < 6; i++) {
                us = us * 10 + (i < digits ? rest.ptr[i] - '0' : 0);
            }
            rest = str_slice(rest, digits, rest.len);
        }
    }
    char offset[OFFSET_ROOM];
    char whole[SECONDS_AT + sizeof(seconds) + OFFSET_ROOM];
    int64_t unix_ms = 0;
    if (!parse_offset(rest, offset)) {
        return false;
    }
    (void)snprintf(whole, sizeof(whole), "%.*s%s%s", SECONDS_AT, text.ptr, seconds, offset);
    if (!clock_parse_rfc3339(str_from(whole), &unix_ms)) {
        return false;
    }
    *ret_unix_us = unix_ms * US_PER_MS + us;
    return true;
}

struct wire_time wire_time_of_ms(int64_t unix_ms)
{
    return (struct wire_time){.has = unix_ms != 0, .us = unix_ms * US_PER_MS};
}

int64_t wire_time_ms(struct wire_time time)
{
    return time.has ? floor_div(time.us, US_PER_MS) : 0;
}
