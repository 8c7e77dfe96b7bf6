#include "data/gate_expr.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "data/gate_parse.h"

enum { NUMBER_MAX_LEN = 40, HINT_BYTES = 512 };

static const char *const OP_TEXTS[] = {
    [GATE_GE] = ">=", [GATE_LE] = "<=", [GATE_GT] = ">", [GATE_LT] = "<", [GATE_EQ] = "==", [GATE_NE] = "!=",
};

const char *gate_op_text(enum gate_op op)
{
    return OP_TEXTS[op];
}

bool gate_fail(struct gate_parser *p, size_t offset, const char *format, ...)
{
    char text[HINT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    p->fault_at = offset;
    p->hint = STR_NULL;
    return err_set(p->err, ERR_SUITE, "%s", text);
}

bool gate_hint(struct gate_parser *p, const char *format, ...)
{
    char text[HINT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    p->hint = arena_str(p->arena, str_from(text));
    return false;
}

static bool char_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool gate_at_end(const struct gate_parser *p)
{
    return p->at >= p->text.len;
}

char gate_peek(const struct gate_parser *p)
{
    return gate_at_end(p) ? '\0' : p->text.ptr[p->at];
}

bool gate_at_blank(const struct gate_parser *p)
{
    return gate_at_end(p) || char_is_blank(gate_peek(p));
}

void gate_skip_blanks(struct gate_parser *p)
{
    while (!gate_at_end(p) && gate_at_blank(p)) {
        p->at++;
    }
}

struct str gate_peek_token(const struct gate_parser *p)
{
    size_t end = p->at;
    while (end < p->text.len && !char_is_blank(p->text.ptr[end])) {
        end++;
    }
    return str_slice(p->text, p->at, end);
}

/* The next token when it is `word`, and p->at behind it and the blanks. */
static bool take_word(struct gate_parser *p, const char *word)
{
    if (!str_eq_cstr(gate_peek_token(p), word)) {
        return false;
    }
    p->at += strlen(word);
    gate_skip_blanks(p);
    return true;
}

struct number {
    double value; /* percent: 0.8 for 80%; durations: milliseconds */
    enum gate_unit unit;
    struct str text;  /* as written */
    struct str plain; /* without its unit */
    size_t offset;
};

static const struct {
    const char *suffix, *power; /* the power of ten goes through the text: 99.9% is the double nearest to 0.999 */
    double factor;
    enum gate_unit unit;
} UNITS[] = {
    {"", "", 1, GATE_UNIT_NONE},        {"%", "e-2", 1, GATE_UNIT_PERCENT},   {"ms", "", 1, GATE_UNIT_DURATION},
    {"s", "e3", 1, GATE_UNIT_DURATION}, {"m", "", 60000, GATE_UNIT_DURATION},
};

static size_t skip_digits(struct str text, size_t at)
{
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9') {
        at++;
    }
    return at;
}

static bool fail_number(struct gate_parser *p, struct str token)
{
    (void)gate_fail(p, p->at, "'%.*s' is no number", STR_ARG(token));
    if (token.len > 1 && token.ptr[0] == '.') {
        return gate_hint(p, "write 0%.*s", STR_ARG(token));
    }
    if (token.len > 1 && token.ptr[0] == '+') {
        return gate_hint(p, "write %.*s", STR_ARG(str_slice(token, 1, token.len)));
    }
    if (str_find_char(token, ',', NULL) || str_find_char(token, '_', NULL)) {
        return gate_hint(p, "a number has a point for decimals and no separators: 1000, 0.8");
    }
    return gate_hint(p, "a decimal such as 0.8, -2, 80%% or 15s");
}

/* A number with its unit, up to the next blank. */
static bool read_number(struct gate_parser *p, struct number *ret)
{
    struct str token = gate_peek_token(p);
    bool is_negative = token.len > 0 && token.ptr[0] == '-';
    size_t start = is_negative ? 1 : 0;
    size_t end = skip_digits(token, start);
    bool has_digits = end > start;
    if (end < token.len && token.ptr[end] == '.') {
        size_t fraction = end + 1;
        end = skip_digits(token, fraction);
        has_digits = has_digits && end > fraction;
    }
    if (!has_digits) {
        return fail_number(p, token);
    }
    while (start + 1 < end && token.ptr[start] == '0' && token.ptr[start + 1] != '.') {
        start++; /* JSON's grammar, which reads it below, has no leading zeros */
    }
    struct str suffix = str_slice(token, end, token.len);
    size_t unit = 0;
    while (unit < ARRAY_LEN(UNITS) && !str_eq_cstr(suffix, UNITS[unit].suffix)) {
        unit++;
    }
    if (unit == ARRAY_LEN(UNITS)) {
        struct str number = str_slice(token, 0, end);
        if (str_eq(suffix, STR("h"))) {
            (void)gate_fail(p, p->at + end, "the unit 'h' is not known in gates");
            return gate_hint(p, "write minutes: %.*sm", STR_ARG(number));
        }
        (void)fail_number(p, token);
        p->fault_at = p->at + end;
        return gate_hint(p, "a number has no unit or one of %% ms s m: %.*s", STR_ARG(number));
    }
    char text[NUMBER_MAX_LEN + 8];
    if (end - start > NUMBER_MAX_LEN) {
        return gate_fail(p, p->at, "a number of more than %d digits", NUMBER_MAX_LEN);
    }
    (void)snprintf(text, sizeof(text), "%s%.*s%s", is_negative ? "-" : "", (int)(end - start), token.ptr + start,
                   UNITS[unit].power);
    double value = 0;
    enum num_fault fault = num_parse_json(str_from(text), &value);
    if (fault != NUM_OK && fault != NUM_UNDERFLOW) {
        return fail_number(p, token);
    }
    *ret = (struct number){.value = value * UNITS[unit].factor,
                           .unit = UNITS[unit].unit,
                           .text = token,
                           .plain = str_slice(token, 0, end),
                           .offset = p->at};
    p->at += token.len;
    return true;
}

static bool fail_op(struct gate_parser *p, const struct stat_ref *left)
{
    struct str token = gate_peek_token(p);
    if (token.len == 0) {
        (void)gate_fail(p, p->at, "a gate compares: expected one of >= <= > < == != after '%.*s'", STR_ARG(left->text));
        return stat_is_count(left->kind) ? gate_hint(p, "such as '%.*s <= 2'", STR_ARG(left->text))
                                         : gate_hint(p, "such as '%.*s >= 80%%'", STR_ARG(left->text));
    }
    (void)gate_fail(p, p->at, "expected one of >= <= > < == !=, not '%.*s'", STR_ARG(token));
    static const struct {
        const char *foreign, *ours;
    } SLIPS[] = {{"=", "=="}, {"=>", ">="}, {"=<", "<="}, {"<>", "!="},   {"is", "=="},
                 {"≥", ">="}, {"≤", "<="},  {"≠", "!="},  {"above", ">"}, {"below", "<"}};
    for (size_t i = 0; i < ARRAY_LEN(SLIPS); i++) {
        if (str_eq_cstr(token, SLIPS[i].foreign)) {
            return gate_hint(p, "write '%s'", SLIPS[i].ours);
        }
    }
    return false;
}

static bool read_op(struct gate_parser *p, const struct stat_ref *left, enum gate_op *ret)
{
    struct str token = gate_peek_token(p);
    for (size_t i = 0; i < ARRAY_LEN(OP_TEXTS); i++) {
        if (str_eq_cstr(token, OP_TEXTS[i])) {
            *ret = (enum gate_op)i;
            p->at += token.len;
            gate_skip_blanks(p);
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(OP_TEXTS); i++) { /* the two-letter ones come first */
        if (str_starts(token, str_from(OP_TEXTS[i]))) {
            size_t length = strlen(OP_TEXTS[i]);
            (void)gate_fail(p, p->at + length, "an operator stands between blanks");
            return gate_hint(p, "write '%s %.*s'", OP_TEXTS[i], STR_ARG(str_slice(token, length, token.len)));
        }
    }
    return fail_op(p, left);
}

/* Durations measure what is measured in milliseconds. */
static bool check_duration(struct gate_parser *p, const struct stat_ref *stat, const struct number *number)
{
    if (number->unit != GATE_UNIT_DURATION) {
        return true;
    }
    if (stat->dimension.ptr == NULL || !str_ends(stat->dimension, STR("_ms"))) {
        (void)gate_fail(p, number->offset, "a duration goes with a dimension in milliseconds (its name ends in _ms)");
        return gate_hint(p, "write the bare number: %.*s", STR_ARG(number->plain));
    }
    if (!stat_has_dimension_unit(stat->kind)) {
        (void)gate_fail(p, number->offset, "'%.*s' is no duration", STR_ARG(stat->text));
        return gate_hint(p, "write the bare number: %.*s", STR_ARG(number->plain));
    }
    return true;
}

static bool check_share_bound(struct gate_parser *p, const struct stat_ref *left, const struct number *number)
{
    if (number->value >= 0 && number->value <= 1) {
        return true;
    }
    (void)gate_fail(p, number->offset, "'%.*s' lies between 0 and 1 (0%% and 100%%): %.*s is outside",
                    STR_ARG(left->text), STR_ARG(number->text));
    if (number->unit == GATE_UNIT_NONE && number->value > 1 && number->value <= 100) {
        return gate_hint(p, "write %.*s%%", STR_ARG(number->plain));
    }
    return false;
}

static bool check_count_bound(struct gate_parser *p, const struct stat_ref *left, const struct number *number)
{
    if (number->unit == GATE_UNIT_PERCENT) {
        (void)gate_fail(p, number->offset, "'%.*s' is a count, not a share", STR_ARG(left->text));
        return left->kind == STAT_ERRORS ? gate_hint(p, "write error_rate %s %.*s", "<=", STR_ARG(number->text))
                                         : gate_hint(p, "write a whole number");
    }
    if (number->value < 0 || str_find_char(number->plain, '.', NULL)) {
        (void)gate_fail(p, number->offset, "'%.*s' is a count: %.*s is none", STR_ARG(left->text),
                        STR_ARG(number->text));
        return gate_hint(p, "write a whole number");
    }
    return true;
}

static bool check_bound(struct gate_parser *p, const struct stat_ref *left, const struct number *number)
{
    if (!check_duration(p, left, number)) {
        return false;
    }
    switch (stat_range_of(left->kind)) {
    case RANGE_SHARE:
        return check_share_bound(p, left, number);
    case RANGE_COUNT:
        return check_count_bound(p, left, number);
    case RANGE_POSITIVE:
        return number->value >= 0 || gate_fail(p, number->offset, "'%.*s' is never negative", STR_ARG(left->text));
    case RANGE_ANY:
        break;
    }
    return true;
}

/* 2% behind a reference could be two points or a fiftieth: refused, and both are offered. */
static bool fail_percent(struct gate_parser *p, const struct number *number, char op, struct str after)
{
    char absolute[32];
    char relative[32];
    struct str plain = num_text_short(number->value, 6, absolute);
    (void)gate_fail(p, number->offset, "a percentage after '%.*s' can be read in two ways", STR_ARG(after));
    if (op == '\0') {
        return gate_hint(p, "write %.*s", STR_ARG(plain));
    }
    if (op == '*') {
        return gate_hint(p, "write '* %.*s'", STR_ARG(plain));
    }
    double share = op == '-' ? 1 - number->value : 1 + number->value;
    return gate_hint(p, "write '%c %.*s' (points) or '* %.*s' (relative)", op, STR_ARG(plain),
                     STR_ARG(num_text_short(share, 6, relative)));
}

/* ref ("+" | "-" | "*") number: p->at behind the reference. */
static bool read_reference_change(struct gate_parser *p, struct gate_expr *ret, struct str reference)
{
    gate_skip_blanks(p);
    char op = gate_peek(p);
    if (op == '/') {
        (void)gate_fail(p, p->at, "there is no division in a gate");
        return gate_hint(p, "write '* 0.5' for a half");
    }
    if (op != '+' && op != '-' && op != '*') {
        return true;
    }
    p->at++;
    if (!gate_at_blank(p)) {
        (void)gate_fail(p, p->at, "an operator stands between blanks");
        return gate_hint(p, "write '%c %.*s'", op, STR_ARG(gate_peek_token(p)));
    }
    gate_skip_blanks(p);
    struct number number = {0};
    if (!read_number(p, &number)) {
        return false;
    }
    if (number.unit == GATE_UNIT_PERCENT) {
        return fail_percent(p, &number, op, reference);
    }
    const struct stat_ref *measured = ret->right_kind == RIGHT_STAT ? &ret->right_stat : &ret->left;
    if (op == '*') {
        if (number.unit != GATE_UNIT_NONE) {
            (void)gate_fail(p, number.offset, "a factor has no unit");
            return gate_hint(p, "write '* %.*s'", STR_ARG(number.plain));
        }
        if (number.value < 0) {
            return gate_fail(p, number.offset, "a factor is not negative");
        }
        ret->right_factor = number.value;
        return true;
    }
    if (!check_duration(p, measured, &number)) {
        return false;
    }
    ret->right_offset = op == '-' ? -number.value : number.value;
    ret->right_unit = number.unit;
    return true;
}

static bool begins_number(struct str token)
{
    return token.len > 0 && ((token.ptr[0] >= '0' && token.ptr[0] <= '9') || strchr("-+.", token.ptr[0]) != NULL);
}

static bool read_right(struct gate_parser *p, struct gate_expr *ret)
{
    struct str token = gate_peek_token(p);
    ret->right_at = p->at;
    if (token.len == 0) {
        (void)gate_fail(p, p->at, "expected a number, 'baseline' or a statistic after '%s'", gate_op_text(ret->op));
        return false;
    }
    if (begins_number(token)) {
        struct number number = {0};
        if (!read_number(p, &number) || !check_bound(p, &ret->left, &number)) {
            return false;
        }
        ret->right_kind = RIGHT_NUMBER;
        ret->right_number = number.value;
        ret->right_unit = number.unit;
        return true;
    }
    if (str_eq(token, STR("baseline"))) {
        ret->right_kind = RIGHT_BASELINE;
        p->at += token.len;
        return read_reference_change(p, ret, STR("baseline"));
    }
    if (str_starts(token, STR("baseline")) && token.len > 8 && strchr("[+*/", token.ptr[8]) != NULL) {
        (void)gate_fail(p, p->at + 8,
                        token.ptr[8] == '[' ? "'baseline' takes no filter: it has the one of the left side"
                                            : "an operator stands between blanks");
        return token.ptr[8] == '['
                   ? false
                   : gate_hint(p, "write 'baseline %c %.*s'", token.ptr[8], STR_ARG(str_slice(token, 9, token.len)));
    }
    ret->right_kind = RIGHT_STAT;
    return gate_read_stat(p, &ret->right_stat) && read_reference_change(p, ret, ret->right_stat.text);
}

static bool read_with(struct gate_parser *p, struct gate_expr *ret)
{
    gate_skip_blanks(p);
    if (!take_word(p, "with")) {
        return true;
    }
    struct number number = {0};
    if (!read_number(p, &number)) {
        return gate_hint(p, "write 'with 95%% confidence'");
    }
    if (number.unit != GATE_UNIT_PERCENT) {
        (void)gate_fail(p, number.offset, "a confidence is a percentage");
        return gate_hint(p, "write 'with 95%% confidence'");
    }
    if (!(number.value >= 0.5 && number.value < 1)) {
        return gate_fail(p, number.offset, "a confidence lies between 50%% and 100%%, which it never reaches");
    }
    gate_skip_blanks(p);
    if (!take_word(p, "confidence")) {
        (void)gate_fail(p, p->at, "expected 'confidence' after '%.*s'", STR_ARG(number.text));
        return gate_hint(p, "write 'with %.*s confidence'", STR_ARG(number.text));
    }
    ret->has_confidence = true;
    ret->confidence = number.value;
    return true;
}

static bool fail_rest(struct gate_parser *p, const struct gate_expr *gate)
{
    struct str token = gate_peek_token(p);
    (void)gate_fail(p, p->at, "unexpected '%.*s' after the end of the gate", STR_ARG(token));
    static const char *const JOINS[] = {"and", "or", "&&", "||", "AND", "OR", ","};
    for (size_t i = 0; i < ARRAY_LEN(JOINS); i++) {
        if (str_eq_cstr(token, JOINS[i])) {
            return gate_hint(p, "one condition a gate: write two gates");
        }
    }
    if (str_eq(token, STR("beyond")) && !gate->is_regression) {
        return gate_hint(p, "'beyond' belongs to 'no regression of %.*s beyond 0.02'", STR_ARG(gate->left.text));
    }
    if (!gate->is_regression && gate->right_kind == RIGHT_NUMBER && token.len <= 2 &&
        (str_eq(token, STR("%")) || str_eq(token, STR("s")) || str_eq(token, STR("ms")) || str_eq(token, STR("m")))) {
        return gate_hint(p, "no blank between a number and its unit");
    }
    if (!gate->is_regression && gate->right_kind == RIGHT_NUMBER && token.len == 1 &&
        strchr("+-*/", token.ptr[0]) != NULL) {
        return gate_hint(p, "arithmetic only after 'baseline' or a statistic");
    }
    return gate_hint(p, "only 'with 95%% confidence' may follow");
}

/* Confidence needs a statistic with a sampling distribution that we test (docs/statistics.md). */
static bool check_confidence(struct gate_parser *p, const struct stat_ref *stat, bool is_regression)
{
    if (stat_takes_confidence(stat->kind)) {
        return true;
    }
    if (is_regression) {
        (void)gate_fail(p, stat->offset, "'no regression of' has no test for '%.*s'", STR_ARG(stat->text));
        return gate_hint(p, "compare the figures: '%.*s <= baseline'", STR_ARG(stat->text));
    }
    (void)gate_fail(p, stat->offset, "'%.*s' takes no confidence", STR_ARG(stat->text));
    return gate_hint(p, "leave 'with ... confidence' out: the figure is exact");
}

static bool check_equality(struct gate_parser *p, const struct gate_expr *gate)
{
    if (gate->op != GATE_EQ && gate->op != GATE_NE) {
        return true;
    }
    bool left_counts = stat_is_count(gate->left.kind);
    if (left_counts && (gate->right_kind != RIGHT_STAT || stat_is_count(gate->right_stat.kind))) {
        return true;
    }
    const struct stat_ref *culprit = left_counts ? &gate->right_stat : &gate->left;
    (void)gate_fail(p, gate->op_offset, "'%s' goes with counts only, and '%.*s' is none", gate_op_text(gate->op),
                    STR_ARG(culprit->text));
    return gate_hint(p, "write '>=' (and a second gate with '<=')");
}

static bool read_claim(struct gate_parser *p, struct gate_expr *ret)
{
    if (!gate_read_stat(p, &ret->left)) {
        return false;
    }
    gate_skip_blanks(p);
    ret->op_offset = p->at;
    if (!read_op(p, &ret->left, &ret->op) || !read_right(p, ret) || !check_equality(p, ret) || !read_with(p, ret)) {
        return false;
    }
    return !ret->has_confidence || (check_confidence(p, &ret->left, false) &&
                                    (ret->right_kind != RIGHT_STAT || check_confidence(p, &ret->right_stat, false)));
}

static bool read_beyond(struct gate_parser *p, struct gate_expr *ret)
{
    gate_skip_blanks(p);
    if (!take_word(p, "beyond")) {
        return true;
    }
    struct number number = {0};
    if (!read_number(p, &number)) {
        return false;
    }
    if (number.unit == GATE_UNIT_PERCENT) {
        return fail_percent(p, &number, '\0', STR("beyond"));
    }
    if (number.value < 0) {
        (void)gate_fail(p, number.offset, "a margin is not negative");
        return gate_hint(p, "write %.*s", STR_ARG(str_slice(number.text, 1, number.text.len)));
    }
    ret->has_beyond = true;
    ret->beyond = number.value;
    return check_duration(p, &ret->left, &number);
}

static bool read_regression(struct gate_parser *p, struct gate_expr *ret)
{
    ret->is_regression = true;
    ret->confidence = 0.95;
    if (!take_word(p, "regression") || !take_word(p, "of")) {
        (void)gate_fail(p, p->at, "expected 'no regression of'");
        return gate_hint(p, "write 'no regression of answer.mean beyond 0.02'");
    }
    if (!gate_read_stat(p, &ret->left) || !check_confidence(p, &ret->left, true) || !read_beyond(p, ret)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(OP_TEXTS); i++) {
        if (str_eq_cstr(gate_peek_token(p), OP_TEXTS[i])) {
            (void)gate_fail(p, p->at, "'no regression of' compares with the baseline by itself");
            return gate_hint(p, "write 'no regression of %.*s beyond 0.02'", STR_ARG(ret->left.text));
        }
    }
    return read_with(p, ret);
}

bool gate_expr_parse(struct arena *arena, struct str text, struct gate_expr *ret, size_t *ret_offset,
                     struct str *ret_hint, struct err *err)
{
    struct gate_parser p = {.arena = arena, .text = arena_str(arena, text), .err = err};
    struct gate_expr gate = {.text = p.text, .right_factor = 1};
    gate_skip_blanks(&p);
    bool ok;
    if (gate_at_end(&p)) {
        ok = gate_fail(&p, p.at, "an empty gate");
        (void)gate_hint(&p, "such as 'answer.pass_rate >= 80%%'");
    } else if (take_word(&p, "no")) {
        ok = read_regression(&p, &gate);
    } else {
        ok = read_claim(&p, &gate);
    }
    if (ok) {
        gate_skip_blanks(&p);
        ok = gate_at_end(&p) || fail_rest(&p, &gate);
    }
    if (!ok) {
        *ret_offset = p.fault_at;
        *ret_hint = p.hint;
        return false;
    }
    *ret = gate;
    return true;
}

bool stat_ref_parse(struct arena *arena, struct str text, struct stat_ref *ret, size_t *ret_offset,
                    struct str *ret_hint, struct err *err)
{
    struct gate_parser p = {.arena = arena, .text = arena_str(arena, text), .err = err};
    struct stat_ref stat;
    gate_skip_blanks(&p);
    bool ok = gate_read_stat(&p, &stat);
    if (ok) {
        gate_skip_blanks(&p);
        ok = gate_at_end(&p) || gate_fail(&p, p.at, "a statistic ends before '%.*s'", STR_ARG(gate_peek_token(&p)));
    }
    if (!ok) {
        *ret_offset = p.fault_at;
        *ret_hint = p.hint;
        return false;
    }
    *ret = stat;
    return true;
}
