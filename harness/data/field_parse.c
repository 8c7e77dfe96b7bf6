#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"
#include "data/field.h"

/* Single values that are written as a number with something behind it. Every sentence begins with "wants", so that a table says
 * "suite: 'timeout' wants ..." and a command "--timeout wants ...". */

enum { SHOWN_BYTES = 60, NUMBER_BYTES = 32 };

static const int64_t NS_PER_UNIT_MS = 1000000;

/* "12", "12.5": digits, and digits behind a point. */
static bool split_number(struct str text, struct str *ret_whole, struct str *ret_fraction, struct str *ret_rest)
{
    size_t end = 0;
    while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9') {
        end++;
    }
    *ret_whole = str_slice(text, 0, end);
    *ret_fraction = STR_NULL;
    if (end < text.len && text.ptr[end] == '.') {
        size_t start = ++end;
        while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9') {
            end++;
        }
        *ret_fraction = str_slice(text, start, end);
        if (ret_fraction->len == 0) {
            return false;
        }
    }
    *ret_rest = str_slice(text, end, text.len);
    return ret_whole->len > 0;
}

/* The decimal of split_number as a double; "e-2" for a percentage goes through the text, so that 99.9% is the double nearest to 0.999. */
static bool decimal(struct str whole, struct str fraction, const char *power, double *ret)
{
    char text[NUMBER_BYTES + 8];
    while (whole.len > 1 && whole.ptr[0] == '0') {
        whole = str_slice(whole, 1, whole.len);
    }
    if (whole.len + fraction.len + 1 > NUMBER_BYTES) {
        return false;
    }
    (void)snprintf(text, sizeof(text), "%.*s%s%.*s%s", STR_ARG(whole), fraction.len > 0 ? "." : "", STR_ARG(fraction),
                   power);
    return num_parse_json(str_from(text), ret) == NUM_OK;
}

static bool fail_duration(struct str text, struct err *err)
{
    return err_set(err, ERR_SUITE, "wants a duration with a unit (250ms 60s 5m 2h), not '%.*s'",
                   STR_ARG(str_slice(text, 0, SHOWN_BYTES)));
}

bool field_parse_duration(struct str text, int64_t *ret_ns, struct err *err)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } UNITS[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    struct str whole;
    struct str fraction;
    struct str unit;
    uint64_t count = 0;
    double part = 0;
    if (!split_number(text, &whole, &fraction, &unit) || !num_parse_u64(whole, &count) ||
        !decimal(STR("0"), fraction, "", &part)) {
        return fail_duration(text, err);
    }
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++) {
        if (!str_eq_cstr(unit, UNITS[i].unit)) {
            continue;
        }
        int64_t unit_ns = UNITS[i].ms * NS_PER_UNIT_MS;
        int64_t ns = 0;
        if (count > INT64_MAX || __builtin_mul_overflow((int64_t)count, unit_ns, &ns) ||
            __builtin_add_overflow(ns, llround(part * (double)unit_ns), &ns)) {
            return err_set(err, ERR_SUITE, "wants a duration below 292 years, not '%.*s'",
                           STR_ARG(str_slice(text, 0, SHOWN_BYTES)));
        }
        *ret_ns = ns;
        return true;
    }
    return fail_duration(text, err);
}

bool field_parse_rate(struct str text, double *ret_per_s, struct err *err)
{
    static const struct {
        const char *unit;
        double seconds;
    } UNITS[] = {{"/s", 1}, {"/m", 60}, {"/h", 3600}};
    struct str whole;
    struct str fraction;
    struct str unit;
    double count = 0;
    bool is_number = split_number(text, &whole, &fraction, &unit) && decimal(whole, fraction, "", &count);
    for (size_t i = 0; is_number && i < ARRAY_LEN(UNITS); i++) {
        if (str_eq_cstr(unit, UNITS[i].unit) && count > 0) {
            *ret_per_s = count / UNITS[i].seconds;
            return true;
        }
    }
    return err_set(err, ERR_SUITE, "wants a rate above zero (20/s 300/m 1000/h), not '%.*s'",
                   STR_ARG(str_slice(text, 0, SHOWN_BYTES)));
}

bool field_parse_share(struct str text, struct field_share *ret, struct err *err)
{
    struct str whole;
    struct str fraction;
    struct str unit;
    double value = 0;
    if (split_number(text, &whole, &fraction, &unit)) {
        bool is_share = str_eq(unit, STR("%"));
        bool is_count = unit.len == 0 && fraction.len == 0;
        if ((is_share || is_count) && decimal(whole, fraction, is_share ? "e-2" : "", &value) &&
            (is_count || value <= 1)) {
            *ret = (struct field_share){.value = value, .is_share = is_share, .is_set = true};
            return true;
        }
    }
    return err_set(err, ERR_SUITE, "wants a count or a percentage up to 100%% (5, 1%%), not '%.*s'",
                   STR_ARG(str_slice(text, 0, SHOWN_BYTES)));
}

bool field_parse_cost(struct str text, double *ret_usd, struct err *err)
{
    struct str whole;
    struct str fraction;
    struct str unit;
    double usd = 0;
    if (!split_number(text, &whole, &fraction, &unit) || !str_eq(unit, STR("usd")) ||
        !decimal(whole, fraction, "", &usd) || usd <= 0) {
        return err_set(err, ERR_SUITE, "wants dollars above zero, with their unit (5usd 0.50usd), not '%.*s'",
                       STR_ARG(str_slice(text, 0, SHOWN_BYTES)));
    }
    *ret_usd = usd;
    return true;
}
