#ifndef ASSAY_BASE_NUM_H
#define ASSAY_BASE_NUM_H

/* Numbers: text to number and back. No locale is ever asked; the whole text is a number or it is an error; no leading
 * blanks, no hex, no underscores, no "inf" or "nan". Printing a double gives the shortest decimal that reads back to the same bits. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct buf;

/* Decimal digits with an optional '-' (num_parse_i64). False on anything else or out of range. */
MUST_CHECK bool num_parse_u64(struct str text, uint64_t *ret);
MUST_CHECK bool num_parse_i64(struct str text, int64_t *ret);
MUST_CHECK bool num_parse_size(struct str text, size_t *ret);

enum num_fault { NUM_OK, NUM_SYNTAX, NUM_OVERFLOW, NUM_UNDERFLOW };

/* The JSON number grammar (RFC 8259 section 6): -?int frac? exp?. Overflow to infinity is NUM_OVERFLOW; a nonzero text that rounds to zero
 * is NUM_UNDERFLOW (ret = 0 then). Correctly rounded. */
enum num_fault num_parse_json(struct str text, double *ret);

/* The grammar of numbers in answers, which the numeric scorer documents:
 *   [+-]? ( digits with optional thousands commas | digits | .digits ) [. digits] ([eE][+-]?digits)? and one final '.' is dropped.
 * Thousands commas are groups of exactly three after the first one to three digits, which do not begin with 0 ("1,234,567.5"); U+2212 MINUS
 * SIGN counts as '-'. Blanks around are trimmed. Anything else (hex, underscores, %, other digits) is NUM_SYNTAX: "no number". */
enum num_fault num_parse_answer(struct str text, double *ret);

/* Whether both texts are integers (per num_parse_answer, no fraction or exponent) and what their digits say: 0 equal, else different.
 * False when either is not such an integer. Beyond 2^53 doubles would call neighbours equal. */
bool num_compare_integers(struct str a, struct str b, bool *ret_equal);

/* Where a number of num_parse_answer's grammar starts at or after `from`; false = none. A number inside a word ("v2", "x86_64") is not
 * one: it starts after a character that is no letter, digit or '_' (utf8_joins_digits), and neither are "1_000", "0x1f" and "1.2.3". What
 * follows otherwise is not looked at: "5th", "12px" and "50%" hold 5, 12 and 50. The end is before a final '.'. */
bool num_find_answer(struct str text, size_t from, size_t *ret_start, size_t *ret_end);

/* Shortest round-trip form, at most 32 bytes: "0.1", "1e+300", "-0" prints "0", integers below 1e15 without exponent. NaN and infinities
 * are a caller's mistake (assert). */
void num_print(struct buf *out, double value);
struct str num_text(double value, char room[static 32]);

struct str num_int_text(int64_t value, char room[static 32]);

/* For people: at most `digits` after the point, trailing zeros dropped ("0.815", "81.5", "12"). */
struct str num_text_short(double value, int digits, char room[static 32]);

/* Digits for the two ends of an interval, where each alone would get a number of its own ("-0.0213 to 1.4"): the same for both, at least the smaller
 * number, so many that two digits of the width are seen, and one of an end that is not 0. */
int num_even_digits(double lo, int lo_digits, double hi, int hi_digits);

bool num_is_finite(double value);
bool num_same_bits(double a, double b); /* -0 is not 0, and a NaN is itself */

/* Neumaier's compensated sum: add in plan order, so that a figure does not depend on finishing order. */
struct num_sum {
    double sum, compensation;
};
void num_sum_add(struct num_sum *s, double value);
double num_sum_total(const struct num_sum *s);

#endif
