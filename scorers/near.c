/* Whether one number is near another, by their decimals: doubles would call 1.1 - 1 more than 0.1, and 2^53 + 1 equal to 2^53. */

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "scorers/private.h"

/* digits * 10^exponent */
struct decimal {
    int64_t digits;
    int64_t exponent;
};

enum { EXPONENT_MAX = 100000 };

static bool decimal_read_exponent(struct str text, int64_t *ret)
{
    bool is_negative = str_starts(text, STR("-")) || str_starts(text, STR("\xe2\x88\x92"));
    size_t sign = str_starts(text, STR("\xe2\x88\x92")) ? 3 : is_negative || str_starts(text, STR("+")) ? 1 : 0;
    if (!num_parse_i64(str_slice(text, sign, text.len), ret) || *ret > EXPONENT_MAX) {
        return false;
    }
    *ret = is_negative ? -*ret : *ret;
    return true;
}

/* False when it takes more than 18 digits. `text` is a number already. */
static bool decimal_read(struct str text, struct decimal *ret)
{
    bool is_negative = str_starts(text, STR("-")) || str_starts(text, STR("\xe2\x88\x92"));
    bool is_fraction = false;
    size_t at = 0;
    *ret = (struct decimal){0, 0};
    for (; at < text.len && text.ptr[at] != 'e' && text.ptr[at] != 'E'; at++) {
        char c = text.ptr[at];
        is_fraction = is_fraction || c == '.';
        if (c >= '0' && c <= '9') {
            if (__builtin_mul_overflow(ret->digits, 10, &ret->digits) ||
                __builtin_add_overflow(ret->digits, c - '0', &ret->digits)) {
                return false;
            }
            ret->exponent -= is_fraction ? 1 : 0;
        }
    }
    int64_t exponent = 0;
    if (at < text.len && !decimal_read_exponent(str_slice(text, at + 1, text.len), &exponent)) {
        return false;
    }
    ret->exponent += exponent;
    ret->digits = is_negative ? -ret->digits : ret->digits;
    return true;
}

static bool decimal_of(double value, struct decimal *ret)
{
    char room[32];
    return decimal_read(num_text(value, room), ret);
}

/* The same number with a smaller exponent. */
static bool decimal_lower(struct decimal *d, int64_t exponent)
{
    while (d->exponent > exponent && d->digits != 0) {
        if (__builtin_mul_overflow(d->digits, 10, &d->digits)) {
            return false;
        }
        d->exponent--;
    }
    d->exponent = exponent;
    return true;
}

static bool decimal_align(struct decimal *a, struct decimal *b)
{
    int64_t exponent = a->exponent < b->exponent ? a->exponent : b->exponent;
    return decimal_lower(a, exponent) && decimal_lower(b, exponent);
}

/* |got - want|, exactly. */
static bool decimal_distance(struct str got_text, struct str want_text, struct decimal *ret_off,
                             struct decimal *ret_want)
{
    struct decimal got;
    struct decimal want;
    if (!decimal_read(got_text, &got) || !decimal_read(want_text, &want)) {
        return false;
    }
    *ret_want = (struct decimal){want.digits < 0 ? -want.digits : want.digits, want.exponent};
    if (!decimal_align(&got, &want) || __builtin_sub_overflow(got.digits, want.digits, &got.digits) ||
        got.digits == INT64_MIN) {
        return false;
    }
    *ret_off = (struct decimal){got.digits < 0 ? -got.digits : got.digits, got.exponent};
    return true;
}

enum known { KNOWN_NO, KNOWN_YES, KNOWN_NOT };

static enum known decimal_within(struct decimal off, struct decimal limit)
{
    if (off.digits == 0) {
        return KNOWN_YES;
    }
    if (!decimal_align(&off, &limit)) {
        return KNOWN_NOT;
    }
    return off.digits <= limit.digits ? KNOWN_YES : KNOWN_NO;
}

bool near_is(struct str got_text, double got, struct str want_text, double want, double tolerance, double relative)
{
    bool is_same = false;
    double limit = fmax(tolerance, relative * fabs(want));
    if (num_compare_integers(got_text, want_text, &is_same) && (is_same || limit < 1)) {
        return is_same;
    }
    struct decimal off;
    struct decimal size;
    struct decimal allowed;
    enum known by_tolerance = KNOWN_NOT;
    enum known by_share = KNOWN_NOT;
    if (decimal_distance(got_text, want_text, &off, &size)) {
        by_tolerance = decimal_of(tolerance, &allowed) ? decimal_within(off, allowed) : KNOWN_NOT;
        if (decimal_of(relative, &allowed) && !__builtin_mul_overflow(allowed.digits, size.digits, &allowed.digits)) {
            allowed.exponent += size.exponent;
            by_share = decimal_within(off, allowed);
        }
    }
    double distance = fabs(got - want);
    bool is_within = by_tolerance == KNOWN_NOT ? distance <= tolerance : by_tolerance == KNOWN_YES;
    return is_within || (by_share == KNOWN_NOT ? distance <= relative * fabs(want) : by_share == KNOWN_YES);
}
