#include "base/num.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* No locale: only the decimal point depends on one, so texts go to strtod as whole digits with an exponent ("12.5" as "125e-1"), and what
 * printf wrote is taken apart by its digits, whatever stands between them. */

enum {
    KEPT_DIGITS = 768,     /* no double's rounding border has more than 767; what is cut is told by one digit more */
    EXPONENT_ROOM = 24,    /* "e-<int64>" and NUL */
    MAGNITUDE_MAX = 310,   /* 0.1e310 is over DBL_MAX */
    MAGNITUDE_MIN = -330,  /* far below half of the smallest subnormal */
    SHORTEST_MAX = 17,     /* digits that always read back */
    POINT_FORM_MAX = 15,   /* digits before the point without exponent */
    POINT_FORM_MIN = -6,   /* 0.000001 without exponent, 1e-7 with */
    PRINT_ROOM = 32,       /* what the header promises */
    SHORT_DIGITS_MAX = 14, /* sign, 15 digits, point, these and NUL fit PRINT_ROOM */
    FIRST_GROUP_MAX = 3,   /* digits before the first thousands comma */
    MINUS_SIGN_BYTES = 3,  /* U+2212 */
    EXACT_DIGITS = 15,     /* any number of so many is a double */
    EXPONENT_CLAMP_DIGITS = 15 /* an exponent of more digits says "far over any text's length" */
};

static const double int_form_below = 1e15; /* 10^POINT_FORM_MAX */

static bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool num_parse_u64(struct str text, uint64_t *ret)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!char_is_digit(text.ptr[i]) || __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.ptr[i] - '0'), &value)) {
            return false;
        }
    }
    if (text.len == 0) {
        return false;
    }
    *ret = value;
    return true;
}

bool num_parse_i64(struct str text, int64_t *ret)
{
    bool is_negative = str_starts(text, STR("-"));
    uint64_t size = 0;
    if (!num_parse_u64(str_slice(text, is_negative ? 1 : 0, text.len), &size)) {
        return false;
    }
    uint64_t size_max = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
    if (size > size_max) {
        return false;
    }
    if (is_negative) {
        *ret = size == size_max ? INT64_MIN : -(int64_t)size;
    } else {
        *ret = (int64_t)size;
    }
    return true;
}

bool num_parse_size(struct str text, size_t *ret)
{
    uint64_t value = 0;
    if (!num_parse_u64(text, &value) || value > SIZE_MAX) {
        return false;
    }
    *ret = (size_t)value;
    return true;
}

/* A number's text taken apart. `whole` may hold thousands commas. */
struct number_parts {
    bool is_negative;
    bool has_exponent;
    struct str whole, fraction;
    int64_t exponent;
};

static size_t digits_end(struct str text, size_t at)
{
    while (at < text.len && char_is_digit(text.ptr[at])) {
        at++;
    }
    return at;
}

/* Any digits that matter, then what they are to be multiplied by as an exponent of ten. */
struct digit_run {
    char digits[KEPT_DIGITS + 1 + EXPONENT_ROOM];
    size_t len;
    int64_t exponent;
    bool was_cut;
};

static void digit_run_add(struct digit_run *run, struct str part)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (c == ',' || (c == '0' && run->len == 0)) {
            continue;
        }
        if (run->len < KEPT_DIGITS) {
            run->digits[run->len++] = c;
        } else {
            run->exponent++;
            run->was_cut = run->was_cut || c != '0';
        }
    }
}

/* Up to 15 digits are exact in a double, and so is 10^22; their quotient or product is rounded once, hence correctly (Clinger 1990, "How to Read
 * Floating Point Numbers Accurately", the fast path). */
static bool parts_to_double_fast(const struct number_parts *parts, double *ret)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const struct str both[] = {parts->whole, parts->fraction};
    uint64_t digits = 0;
    if (FLT_EVAL_METHOD != 0 || parts->whole.len + parts->fraction.len > EXACT_DIGITS || parts->has_exponent) {
        return false;
    }
    for (size_t k = 0; k < ARRAY_LEN(both); k++) {
        for (size_t i = 0; i < both[k].len; i++) {
            char c = both[k].ptr[i];
            digits = c == ',' ? digits : digits * 10 + (uint64_t)(c - '0');
        }
    }
    double value = (double)digits / powers[parts->fraction.len];
    *ret = parts->is_negative && digits != 0 ? -value : value;
    return true;
}

static enum num_fault parts_to_double(const struct number_parts *parts, double *ret)
{
    if (parts_to_double_fast(parts, ret)) {
        return NUM_OK;
    }
    struct digit_run run;
    run.len = 0;
    run.exponent = parts->exponent - (int64_t)parts->fraction.len;
    run.was_cut = false;
    digit_run_add(&run, parts->whole);
    digit_run_add(&run, parts->fraction);
    if (run.was_cut) {
        run.digits[run.len++] = '1';
        run.exponent--;
    }
    int64_t magnitude = (int64_t)run.len + run.exponent;
    if (run.len == 0) {
        *ret = 0;
        return NUM_OK;
    }
    if (magnitude > MAGNITUDE_MAX) {
        return NUM_OVERFLOW;
    }
    double value = 0;
    if (magnitude >= MAGNITUDE_MIN) {
        (void)snprintf(run.digits + run.len, EXPONENT_ROOM, "e%" PRId64, run.exponent);
        value = strtod(run.digits, NULL);
    }
    if (isinf(value)) {
        return NUM_OVERFLOW;
    }
    if (value == 0) {
        *ret = 0;
        return NUM_UNDERFLOW;
    }
    *ret = parts->is_negative ? -value : value;
    return NUM_OK;
}

/* The length of a sign at `at`, 0 when there is none. Answers may hold U+2212, JSON may not. */
static size_t sign_at(struct str text, size_t at, bool allows_minus_sign, bool *ret_negative)
{
    struct str rest = str_slice(text, at, text.len);
    if (allows_minus_sign && str_starts(rest, STR("\xe2\x88\x92"))) {
        *ret_negative = true;
        return MINUS_SIGN_BYTES;
    }
    *ret_negative = str_starts(rest, STR("-"));
    return *ret_negative || str_starts(rest, STR("+")) ? 1 : 0;
}

/* [eE][+-]?digits at `at`: steps over it when it is there. */
static size_t exponent_scan(struct str text, size_t at, bool allows_minus_sign, struct number_parts *parts)
{
    if (at >= text.len || (text.ptr[at] != 'e' && text.ptr[at] != 'E')) {
        return at;
    }
    bool is_negative = false;
    size_t from = at + 1 + sign_at(text, at + 1, allows_minus_sign, &is_negative);
    size_t end = digits_end(text, from);
    if (end == from) {
        return at;
    }
    while (from + 1 < end && text.ptr[from] == '0') {
        from++;
    }
    int64_t value = 0;
    for (size_t i = from; i < end && i < from + EXPONENT_CLAMP_DIGITS; i++) {
        value = value * 10 + (text.ptr[i] - '0');
    }
    parts->has_exponent = true;
    parts->exponent = is_negative ? -value : value;
    return end;
}

enum num_fault num_parse_json(struct str text, double *ret)
{
    struct number_parts parts = {0};
    parts.is_negative = str_starts(text, STR("-"));
    size_t from = parts.is_negative ? 1 : 0;
    size_t at = digits_end(text, from);
    parts.whole = str_slice(text, from, at);
    if (parts.whole.len == 0 || (parts.whole.len > 1 && parts.whole.ptr[0] == '0')) {
        return NUM_SYNTAX;
    }
    if (at < text.len && text.ptr[at] == '.') {
        size_t end = digits_end(text, at + 1);
        parts.fraction = str_slice(text, at + 1, end);
        if (parts.fraction.len == 0) {
            return NUM_SYNTAX;
        }
        at = end;
    }
    at = exponent_scan(text, at, false, &parts);
    return at == text.len ? parts_to_double(&parts, ret) : NUM_SYNTAX;
}

/* Digits, or groups of three after the first one to three of them; a group that is not exactly three ends the number before its comma, and
 * "0,123" has no groups (nobody writes thousands so, but some write fractions). */
static size_t whole_end(struct str text, size_t from)
{
    size_t end = digits_end(text, from);
    if (end == from || end - from > FIRST_GROUP_MAX || text.ptr[from] == '0') {
        return end;
    }
    while (end < text.len && text.ptr[end] == ',' && digits_end(str_slice(text, 0, end + 5), end + 1) == end + 4) {
        end += 4;
    }
    return end;
}

/* The longest number of the answer grammar at `at`, without a final '.'; false when none starts there. */
static bool answer_scan(struct str text, size_t at, struct number_parts *parts, size_t *ret_end)
{
    *parts = (struct number_parts){0};
    size_t from = at + sign_at(text, at, true, &parts->is_negative);
    size_t end = whole_end(text, from);
    parts->whole = str_slice(text, from, end);
    if (end < text.len && text.ptr[end] == '.') {
        size_t fraction_end = digits_end(text, end + 1);
        parts->fraction = str_slice(text, end + 1, fraction_end);
        end = parts->fraction.len > 0 ? fraction_end : end;
    }
    if (parts->whole.len + parts->fraction.len == 0) {
        return false;
    }
    *ret_end = exponent_scan(text, end, true, parts);
    return true;
}

/* The whole text as one number. */
static bool answer_parts(struct str text, struct number_parts *parts)
{
    struct str trimmed = str_trim(text);
    size_t end = 0;
    if (!answer_scan(trimmed, 0, parts, &end)) {
        return false;
    }
    return end == trimmed.len || (end + 1 == trimmed.len && trimmed.ptr[end] == '.');
}

enum num_fault num_parse_answer(struct str text, double *ret)
{
    struct number_parts parts;
    return answer_parts(text, &parts) ? parts_to_double(&parts, ret) : NUM_SYNTAX;
}

static bool next_digit(struct str *rest, char *ret)
{
    while (rest->len > 0 && rest->ptr[0] == ',') {
        *rest = str_slice(*rest, 1, rest->len);
    }
    if (rest->len == 0) {
        return false;
    }
    *ret = rest->ptr[0];
    *rest = str_slice(*rest, 1, rest->len);
    return true;
}

static struct str without_leading_zeros(struct str digits)
{
    while (digits.len > 0 && digits.ptr[0] == '0') {
        digits = str_slice(digits, 1, digits.len);
    }
    return digits;
}

bool num_compare_integers(struct str a, struct str b, bool *ret_equal)
{
    struct number_parts left;
    struct number_parts right;
    if (!answer_parts(a, &left) || !answer_parts(b, &right) || left.fraction.len > 0 || left.has_exponent ||
        right.fraction.len > 0 || right.has_exponent) {
        return false;
    }
    struct str left_rest = without_leading_zeros(left.whole);
    struct str right_rest = without_leading_zeros(right.whole);
    bool are_zero = left_rest.len == 0 && right_rest.len == 0;
    bool is_equal = are_zero || left.is_negative == right.is_negative;
    bool has_left = true;
    while (is_equal && has_left) {
        char left_digit = 0;
        char right_digit = 0;
        has_left = next_digit(&left_rest, &left_digit);
        bool has_right = next_digit(&right_rest, &right_digit);
        is_equal = has_left == has_right && left_digit == right_digit;
    }
    *ret_equal = is_equal;
    return true;
}

/* Whether the character that ends before `at` makes a digit at `at` part of its word. */
static bool is_inside_word(struct str text, size_t at)
{
    if (at == 0) {
        return false;
    }
    size_t start = at - 1;
    while (start > 0 && at - start < 4 && ((unsigned char)text.ptr[start] & 0xc0) == 0x80) {
        start--;
    }
    uint32_t point = 0;
    size_t end = start;
    return utf8_next(text, &end, &point) && end == at && utf8_joins_digits(point);
}

/* A digit after "1." is a later part of a version or a date, not a number. */
static bool is_later_part(struct str text, size_t at)
{
    return at >= 2 && text.ptr[at - 1] == '.' && char_is_digit(text.ptr[at - 2]);
}

/* What follows shows that the digits before `end` are no number of the grammar: "1_000", "0x1f", "1.2.3". */
static bool is_spoilt_after(struct str text, size_t start, size_t end)
{
    char next = end < text.len ? text.ptr[end] : ' ';
    char second = end + 1 < text.len ? text.ptr[end + 1] : ' ';
    if (next == '_') {
        return true;
    }
    if (next == '.') {
        return char_is_digit(second);
    }
    return (next == 'x' || next == 'X') && text.ptr[end - 1] == '0' &&
           (end - start == 1 || !char_is_digit(text.ptr[end - 2]));
}

bool num_find_answer(struct str text, size_t from, size_t *ret_start, size_t *ret_end)
{
    size_t at = from;
    while (at < text.len) {
        char c = text.ptr[at];
        bool may_start = char_is_digit(c) || c == '+' || c == '-' || c == '.' || c == '\xe2';
        struct number_parts parts;
        size_t end = 0;
        if (!may_start || is_inside_word(text, at) || is_later_part(text, at) || !answer_scan(text, at, &parts, &end)) {
            at++;
            continue;
        }
        if (!is_spoilt_after(text, at, end)) {
            *ret_start = at;
            *ret_end = end;
            return true;
        }
        at = end;
    }
    return false;
}

bool num_is_finite(double value)
{
    return isfinite(value);
}

bool num_same_bits(double a, double b)
{
    uint64_t a_bits = 0;
    uint64_t b_bits = 0;
    _Static_assert(sizeof(a_bits) == sizeof(a), "IEEE 754 binary64");
    memcpy(&a_bits, &a, sizeof(a));
    memcpy(&b_bits, &b, sizeof(b));
    return a_bits == b_bits;
}

/* A decimal: 0.d1d2d3... times ten to `magnitude`. */
struct decimal {
    char digits[SHORTEST_MAX + 1];
    int len, magnitude;
};

/* Exactly `len` digits, the nearest ones. */
static struct decimal decimal_of(double value, int len)
{
    struct decimal d = {.len = 0};
    char text[PRINT_ROOM + 16];
    (void)snprintf(text, sizeof(text), "%.*e", len - 1, value);
    const char *at = text;
    for (; *at != 'e' && *at != '\0'; at++) {
        if (char_is_digit(*at) && d.len < SHORTEST_MAX) {
            d.digits[d.len++] = *at;
        }
    }
    d.digits[d.len] = '\0';
    d.magnitude = (int)strtol(at + 1, NULL, 10) + 1;
    return d;
}

static bool decimal_reads_back(const struct decimal *d, double value)
{
    char text[PRINT_ROOM + 16];
    (void)snprintf(text, sizeof(text), "%se%d", d->digits, d->magnitude - d->len);
    return strtod(text, NULL) == value;
}

static bool decimal_found(struct decimal *d, double value, int len, bool may_be_above)
{
    *d = decimal_of(value, len);
    if (decimal_reads_back(d, value)) {
        return true;
    }
    char *last = &d->digits[d->len - 1];
    if (!may_be_above || *last == '9') { /* a carry would make it shorter, and that was tried */
        return false;
    }
    *last = (char)(*last + 1);
    return decimal_reads_back(d, value);
}

/* `value` > 0. Up to 15 digits the nearest decimal is the only one that can read back (DBL_DIG), but not among subnormals, hence the long
 * loop there; a power of two has a rounding interval twice as wide above than below, so with 16 digits the next decimal above may do where
 * the nearest one does not. */
static struct decimal decimal_shortest(double value)
{
    int exponent = 0;
    bool is_power_of_two = frexp(value, &exponent) == 0.5;
    struct decimal d = {.len = 0};
    int len = value < DBL_MIN ? 1 : DBL_DIG;
    while (len < SHORTEST_MAX && !decimal_found(&d, value, len, is_power_of_two)) {
        len++;
    }
    if (len == SHORTEST_MAX) {
        d = decimal_of(value, SHORTEST_MAX);
    }
    while (d.len > 1 && d.digits[d.len - 1] == '0') {
        d.digits[--d.len] = '\0';
    }
    return d;
}

static struct str text_in(const char *room, int printed)
{
    assert(printed > 0 && printed < PRINT_ROOM);
    return (struct str){room, (size_t)printed};
}

struct str num_int_text(int64_t value, char room[static 32])
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char reversed[PRINT_ROOM];
    size_t len = 0;
    do {
        reversed[len++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        reversed[len++] = '-';
    }
    for (size_t i = 0; i < len; i++) {
        room[i] = reversed[len - 1 - i];
    }
    room[len] = '\0';
    return (struct str){room, len};
}

struct str num_text(double value, char room[static 32])
{
    assert(isfinite(value));
    if (fabs(value) < int_form_below && value == (double)(int64_t)value) { /* counts, ids, tokens: most numbers */
        return num_int_text((int64_t)value, room);
    }
    struct decimal d = decimal_shortest(fabs(value));
    const char *sign = value < 0 ? "-" : "";
    int printed = 0;
    if (d.magnitude > POINT_FORM_MAX || d.magnitude <= POINT_FORM_MIN) {
        printed = snprintf(room, PRINT_ROOM, "%s%c%s%se%+d", sign, d.digits[0], d.len > 1 ? "." : "", d.digits + 1,
                           d.magnitude - 1);
    } else if (d.magnitude <= 0) {
        printed = snprintf(room, PRINT_ROOM, "%s0.%.*s%s", sign, -d.magnitude, "0000000", d.digits);
    } else if (d.magnitude >= d.len) {
        printed = snprintf(room, PRINT_ROOM, "%s%s%.*s", sign, d.digits, d.magnitude - d.len, "000000000000000");
    } else {
        printed = snprintf(room, PRINT_ROOM, "%s%.*s.%s", sign, d.magnitude, d.digits, d.digits + d.magnitude);
    }
    return text_in(room, printed);
}

void num_print(struct buf *out, double value)
{
    char room[PRINT_ROOM];
    buf_append(out, num_text(value, room));
}

/* After the point, until the first digit that is not 0. */
static int digits_until(double size)
{
    return size > 0 ? (int)ceil(-log10(size) - 1e-9) : 0;
}

int num_even_digits(double lo, int lo_digits, double hi, int hi_digits)
{
    if (lo_digits == hi_digits || !isfinite(lo) || !isfinite(hi)) {
        return lo_digits > hi_digits ? lo_digits : hi_digits;
    }
    int wanted[] = {digits_until(fabs(hi - lo)) + 1, digits_until(fabs(lo)), digits_until(fabs(hi))};
    int most = lo_digits > hi_digits ? lo_digits : hi_digits;
    int digits = lo_digits < hi_digits ? lo_digits : hi_digits;
    for (size_t i = 0; i < 3; i++) {
        digits = wanted[i] > digits ? wanted[i] : digits;
    }
    return digits > most ? most : digits;
}

struct str num_text_short(double value, int digits, char room[static 32])
{
    assert(isfinite(value) && digits >= 0);
    if (fabs(value) >= 1e15 || value == (double)(int64_t)value) {
        return num_text(value, room);
    }
    char printed[PRINT_ROOM + 16];
    (void)snprintf(printed, sizeof(printed), "%.*f", digits > SHORT_DIGITS_MAX ? SHORT_DIGITS_MAX : digits, value);
    size_t len = 0;
    size_t point_at = SIZE_MAX;
    for (const char *at = printed; *at != '\0'; at++) {
        if (char_is_digit(*at) || *at == '-') {
            room[len++] = *at;
        } else if (point_at == SIZE_MAX) { /* one "." for the point of any locale, of any number of bytes */
            point_at = len;
            room[len++] = '.';
        }
    }
    while (point_at != SIZE_MAX && len > point_at && (room[len - 1] == '0' || room[len - 1] == '.')) {
        len--;
    }
    room[len] = '\0';
    return strcmp(room, "-0") == 0 ? text_in(room, snprintf(room, PRINT_ROOM, "0")) : (struct str){room, len};
}

void num_sum_add(struct num_sum *s, double value)
{
    double total = s->sum + value;
    if (fabs(s->sum) >= fabs(value)) {
        s->compensation += (s->sum - total) + value;
    } else {
        s->compensation += (value - total) + s->sum;
    }
    s->sum = total;
}

double num_sum_total(const struct num_sum *s)
{
    return s->sum + s->compensation;
}
