#include "data/gate_parse.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"

struct stat_name {
    const char *name;
    enum stat_kind kind;
};

/* Behind a dimension and a point. Quantiles and pass@k, pass^k carry a number and are read apart. */
static const struct stat_name DIMENSION_NAMES[] = {
    {"mean", STAT_MEAN},
    {"pass_rate", STAT_PASS_RATE},
    {"min", STAT_MIN},
    {"max", STAT_MAX},
    {"sum", STAT_SUM},
    {"count", STAT_COUNT},
    {"stddev", STAT_STDDEV},
    {"not_scored", STAT_NOT_SCORED},
    {"f1_macro", STAT_F1_MACRO},
    {"recall", STAT_RECALL},
    {"precision", STAT_PRECISION},
};

static const struct stat_name BARE_NAMES[] = {
    {"pass_rate", STAT_PASS_RATE}, {"score", STAT_SCORE},   {"cases", STAT_CASES},
    {"samples", STAT_SAMPLES},     {"errors", STAT_ERRORS}, {"error_rate", STAT_ERROR_RATE},
};

static const char *const DIMENSION_HINTS[] = {"mean",   "pass_rate",  "min",      "max",    "sum",       "count",
                                              "stddev", "not_scored", "f1_macro", "recall", "precision", NULL};
static const char *const BARE_HINTS[] = {"pass_rate", "score", "cases", "samples", "errors", "error_rate", NULL};

/* What hands trained elsewhere type. */
static const struct {
    const char *foreign, *ours;
} SYNONYMS[] = {
    {"avg", "mean"},           {"average", "mean"},   {"accuracy", "pass_rate"},
    {"passrate", "pass_rate"}, {"pass", "pass_rate"}, {"median", "p50"},
    {"std", "stddev"},         {"stdev", "stddev"},   {"sd", "stddev"},
    {"total", "sum"},          {"n", "count"},        {"f1", "f1_macro"},
    {"minimum", "min"},        {"maximum", "max"},    {"fail_rate", "pass_rate"},
    {"error", "errors"},
};

static const char *const KEY_NAMES[] = {"tag", "variant", "cluster", "label", NULL};

bool stat_is_count(enum stat_kind kind)
{
    return kind == STAT_COUNT || kind == STAT_NOT_SCORED || kind == STAT_CASES || kind == STAT_SAMPLES ||
           kind == STAT_ERRORS;
}

enum stat_range stat_range_of(enum stat_kind kind)
{
    if (stat_is_count(kind)) {
        return RANGE_COUNT;
    }
    switch ((int)kind) {
    case STAT_PASS_RATE:
    case STAT_PASS_AT:
    case STAT_PASS_ALL:
    case STAT_F1_MACRO:
    case STAT_RECALL:
    case STAT_PRECISION:
    case STAT_SCORE:
    case STAT_ERROR_RATE:
        return RANGE_SHARE;
    case STAT_STDDEV:
        return RANGE_POSITIVE;
    default:
        return RANGE_ANY;
    }
}

bool stat_takes_confidence(enum stat_kind kind)
{
    return kind == STAT_MEAN || kind == STAT_PASS_RATE || kind == STAT_QUANTILE || kind == STAT_PASS_AT ||
           kind == STAT_PASS_ALL || kind == STAT_SCORE;
}

bool stat_has_dimension_unit(enum stat_kind kind)
{
    return kind == STAT_MEAN || kind == STAT_MIN || kind == STAT_MAX || kind == STAT_SUM || kind == STAT_STDDEV ||
           kind == STAT_QUANTILE;
}

static bool find_name(const struct stat_name *names, size_t len, struct str name, enum stat_kind *ret)
{
    for (size_t i = 0; i < len; i++) {
        if (str_eq_cstr(name, names[i].name)) {
            *ret = names[i].kind;
            return true;
        }
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "95", "99.9" of p95 and p99.9: 1..99, then digits. */
static bool parse_percentile(struct str digits, double *ret)
{
    size_t point = digits.len;
    (void)str_find_char(digits, '.', &point);
    struct str whole = str_slice(digits, 0, point);
    uint64_t percent = 0;
    if (whole.len == 0 || whole.ptr[0] == '0' || !num_parse_u64(whole, &percent) || percent > 99) {
        return false;
    }
    if (point < digits.len) {
        struct str fraction = str_slice(digits, point + 1, digits.len);
        for (size_t i = 0; i < fraction.len; i++) {
            if (!is_digit(fraction.ptr[i])) {
                return false;
            }
        }
        if (fraction.len == 0 || fraction.len > 12) {
            return false;
        }
    }
    /* the power of ten goes through the text, so that p99.9 is the double nearest to 0.999 */
    char text[32];
    memcpy(text, digits.ptr, digits.len);
    memcpy(text + digits.len, "e-2", 3);
    return num_parse_json((struct str){text, digits.len + 3}, ret) == NUM_OK;
}

bool stat_is_reserved_name(struct str name)
{
    static const char *const OTHERS[] = {"score", "pass", "baseline", "with"};
    enum stat_kind kind;
    double quantile;
    for (size_t i = 0; i < ARRAY_LEN(OTHERS); i++) {
        if (str_eq_cstr(name, OTHERS[i])) {
            return true;
        }
    }
    return find_name(DIMENSION_NAMES, ARRAY_LEN(DIMENSION_NAMES), name, &kind) ||
           find_name(BARE_NAMES, ARRAY_LEN(BARE_NAMES), name, &kind) ||
           (name.len > 1 && name.ptr[0] == 'p' && parse_percentile(str_slice(name, 1, name.len), &quantile));
}

/* mean, p95, pass@3: false without a fault when it is no name of a statistic. */
static bool match_name(struct str name, struct stat_ref *ret)
{
    if (find_name(DIMENSION_NAMES, ARRAY_LEN(DIMENSION_NAMES), name, &ret->kind)) {
        return true;
    }
    if (name.len > 1 && name.ptr[0] == 'p' && parse_percentile(str_slice(name, 1, name.len), &ret->quantile)) {
        ret->kind = STAT_QUANTILE;
        return true;
    }
    uint64_t k = 0;
    if (name.len > 5 && (str_starts(name, STR("pass@")) || str_starts(name, STR("pass^"))) && name.ptr[5] != '0' &&
        num_parse_u64(str_slice(name, 5, name.len), &k) && k <= LIMIT_TRIALS) {
        ret->kind = name.ptr[4] == '@' ? STAT_PASS_AT : STAT_PASS_ALL;
        ret->k = (uint32_t)k;
        return true;
    }
    return false;
}

static const char *synonym_of(struct str word)
{
    for (size_t i = 0; i < ARRAY_LEN(SYNONYMS); i++) {
        if (str_eq_cstr(word, SYNONYMS[i].foreign)) {
            return SYNONYMS[i].ours;
        }
    }
    return NULL;
}

static bool fail_name(struct gate_parser *p, size_t offset, struct str dimension, struct str name)
{
    struct stat_ref unused = {0};
    size_t minus = 0;
    if (str_find_char(name, '-', &minus) && match_name(str_slice(name, 0, minus), &unused)) {
        (void)gate_fail(p, offset + minus, "an operator stands between blanks");
        return gate_hint(p, "write '%.*s.%.*s - %.*s'", STR_ARG(dimension), (int)minus, name.ptr,
                         STR_ARG(str_slice(name, minus + 1, name.len)));
    }
    if (name.len == 0) {
        (void)gate_fail(p, offset, "a statistic is missing after '%.*s.'", STR_ARG(dimension));
        return gate_hint(p, "write %.*s.mean or %.*s.pass_rate", STR_ARG(dimension), STR_ARG(dimension));
    }
    if (name.len > 1 && name.ptr[0] == 'p' && is_digit(name.ptr[1])) {
        (void)gate_fail(p, offset, "'%.*s' is no quantile", STR_ARG(name));
        return gate_hint(p, "p1 to p99, with decimals where wanted: p50, p95, p99.9");
    }
    if (str_starts(name, STR("pass@")) || str_starts(name, STR("pass^"))) {
        (void)gate_fail(p, offset, "'%.*s' wants a number of trials from 1 to %u after '%c'", STR_ARG(name),
                        LIMIT_TRIALS, name.ptr[4]);
        return gate_hint(p, "write %.5s3", name.ptr);
    }
    (void)gate_fail(p, offset, "unknown statistic '%.*s'", STR_ARG(name));
    const char *near = synonym_of(name);
    near = near != NULL ? near : str_nearest(name, DIMENSION_HINTS);
    if (near != NULL) {
        return gate_hint(p, "did you mean '%s'?", near);
    }
    return gate_hint(p, "one of mean pass_rate min max sum count stddev p50 pass@k pass^k not_scored f1_macro recall "
                        "precision");
}

static bool fail_baseline_minus(struct gate_parser *p, size_t offset, struct str token)
{
    size_t minus = strlen("baseline");
    (void)gate_fail(p, offset + minus, "an operator stands between blanks");
    return gate_hint(p, "write 'baseline - %.*s'", STR_ARG(str_slice(token, minus + 1, token.len)));
}

static bool fail_bare(struct gate_parser *p, size_t offset, struct str token)
{
    if (str_eq(token, STR("baseline"))) {
        (void)gate_fail(p, offset, "'baseline' stands on the right of a comparison, alone");
        return gate_hint(p, "write 'answer.mean >= baseline - 0.02'");
    }
    if (str_starts(token, STR("baseline-"))) {
        return fail_baseline_minus(p, offset, token);
    }
    if (!is_letter(token.ptr[0])) {
        (void)gate_fail(p, offset, "expected a statistic, not '%.*s'", STR_ARG(token));
        return gate_hint(p, "the statistic stands first: answer.pass_rate >= 80%%");
    }
    struct stat_ref unused = {0};
    if (match_name(token, &unused)) {
        (void)gate_fail(p, offset, "'%.*s' needs a dimension", STR_ARG(token));
        return gate_hint(p, "write NAME.%.*s, with the name of a scorer's dimension", STR_ARG(token));
    }
    const char *near = synonym_of(token);
    near = near != NULL ? near : str_nearest(token, BARE_HINTS);
    if (near != NULL) {
        (void)gate_fail(p, offset, "unknown statistic '%.*s'", STR_ARG(token));
        return gate_hint(p, "did you mean '%s'?", near);
    }
    (void)gate_fail(p, offset, "'%.*s' needs a statistic", STR_ARG(token));
    return gate_hint(p,
                     "write %.*s.mean or %.*s.pass_rate; without a dimension there are pass_rate score cases samples "
                     "errors error_rate",
                     STR_ARG(token), STR_ARG(token));
}

static bool check_dimension(struct gate_parser *p, size_t offset, struct str dimension)
{
    if (dimension.len == 0 || !is_letter(dimension.ptr[0])) {
        (void)gate_fail(p, offset, "expected a statistic; the name of a dimension begins with a letter");
        return gate_hint(p, "the statistic stands first: answer.pass_rate >= 80%%");
    }
    if (dimension.len > LIMIT_NAME_BYTES) {
        return gate_fail(p, offset, "the name of a dimension has at most %u characters", LIMIT_NAME_BYTES);
    }
    for (size_t i = 0; i < dimension.len; i++) {
        char c = dimension.ptr[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '-') {
            return gate_fail(p, offset + i, "'%c' cannot stand in the name of a dimension", c);
        }
    }
    if (stat_is_reserved_name(dimension)) {
        return gate_fail(p, offset, "'%.*s' cannot be the name of a dimension", STR_ARG(dimension));
    }
    return true;
}

static struct str *filter_slot(struct stat_filter *filter, struct str key)
{
    if (str_eq(key, STR("tag"))) {
        return &filter->tag;
    }
    if (str_eq(key, STR("variant"))) {
        return &filter->variant;
    }
    if (str_eq(key, STR("cluster"))) {
        return &filter->cluster;
    }
    return str_eq(key, STR("label")) ? &filter->label : NULL;
}

static bool read_filter_word(struct gate_parser *p, struct str *ret)
{
    size_t start = p->at;
    if (gate_peek(p) == '"') {
        size_t length = 0;
        if (!str_find_char(str_slice(p->text, start + 1, p->text.len), '"', &length)) {
            return gate_fail(p, start, "a '\"' without its end");
        }
        *ret = str_slice(p->text, start + 1, start + 1 + length);
        p->at = start + length + 2;
        gate_skip_blanks(p);
        return true;
    }
    while (!gate_at_end(p) && strchr(",]\"[", gate_peek(p)) == NULL) {
        p->at++;
    }
    if (gate_peek(p) == '"' || gate_peek(p) == '[') {
        (void)gate_fail(p, p->at, "'%c' cannot stand here", gate_peek(p));
        return gate_hint(p, "quote the whole word: [tag=\"a, b\"]");
    }
    *ret = str_trim(str_slice(p->text, start, p->at));
    return true;
}

/* One `key=word`; p->at stands at ',' or ']' afterwards, or at what is wrong. */
static bool read_filter_pair(struct gate_parser *p, struct stat_filter *filter)
{
    gate_skip_blanks(p);
    size_t key_at = p->at;
    while (!gate_at_blank(p) && strchr("=,]", gate_peek(p)) == NULL) {
        p->at++;
    }
    struct str key = str_slice(p->text, key_at, p->at);
    struct str *slot = filter_slot(filter, key);
    if (slot == NULL) {
        (void)gate_fail(p, key_at, "unknown filter '%.*s'", STR_ARG(key));
        const char *near = str_nearest(key, KEY_NAMES);
        return near != NULL ? gate_hint(p, "did you mean '%s'?", near)
                            : gate_hint(p, "one of [tag=T] [variant=V] [cluster=C] [label=L]");
    }
    if (slot->ptr != NULL) {
        return gate_fail(p, key_at, "'%.*s' is given twice", STR_ARG(key));
    }
    gate_skip_blanks(p);
    if (gate_peek(p) != '=' || (p->at + 1 < p->text.len && p->text.ptr[p->at + 1] == '=')) {
        (void)gate_fail(p, p->at, "expected one '=' after '%.*s'", STR_ARG(key));
        return gate_hint(p, "write [%.*s=WORD]", STR_ARG(key));
    }
    p->at++;
    gate_skip_blanks(p);
    size_t word_at = p->at;
    if (!read_filter_word(p, slot)) {
        return false;
    }
    return slot->len > 0 || gate_fail(p, word_at, "'%.*s=' wants a word", STR_ARG(key));
}

static bool read_filter(struct gate_parser *p, struct stat_ref *ret)
{
    ret->filter_offset = p->at;
    do {
        p->at++; /* the '[' or ',' */
        if (!read_filter_pair(p, &ret->filter)) {
            return false;
        }
    } while (gate_peek(p) == ',');
    if (gate_at_end(p)) {
        return gate_fail(p, ret->filter_offset, "a '[' without its ']'");
    }
    if (gate_peek(p) != ']') {
        return gate_fail(p, p->at, "expected ',' or ']'");
    }
    p->at++;
    return true;
}

static bool check_label(struct gate_parser *p, const struct stat_ref *stat)
{
    bool wants_label = stat->kind == STAT_RECALL || stat->kind == STAT_PRECISION;
    if (wants_label && stat->filter.label.ptr == NULL) {
        (void)gate_fail(p, stat->offset, "'%.*s' needs the class it is about", STR_ARG(stat->text));
        return gate_hint(p, "write %.*s.%s[label=CLASS]", STR_ARG(stat->dimension),
                         stat->kind == STAT_RECALL ? "recall" : "precision");
    }
    if (!wants_label && stat->filter.label.ptr != NULL) {
        (void)gate_fail(p, stat->filter_offset, "'label' goes with recall and precision only");
        return gate_hint(p, "[tag=T] and [cluster=C] choose cases");
    }
    return true;
}

static bool is_stat_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '@' || c == '^';
}

/* The operator, and what stands right behind it, apart: ">= 80%" of ">=80%". */
static struct str operator_at(const struct gate_parser *p)
{
    struct str token = gate_peek_token(p);
    size_t length = 0;
    while (length < token.len && strchr("<>=!+*/-", token.ptr[length]) != NULL) {
        length++;
    }
    struct str op = str_slice(token, 0, length);
    return length == token.len
               ? op
               : arena_printf(p->arena, "%.*s %.*s", STR_ARG(op), STR_ARG(str_slice(token, length, token.len)));
}

bool gate_read_stat(struct gate_parser *p, struct stat_ref *ret)
{
    size_t start = p->at;
    *ret = (struct stat_ref){.offset = start, .dimension_offset = start};
    while (!gate_at_end(p) && is_stat_char(gate_peek(p))) {
        p->at++;
    }
    struct str token = str_slice(p->text, start, p->at);
    if (token.len == 0) {
        (void)gate_fail(p, start, "expected a statistic, not '%.*s'", STR_ARG(gate_peek_token(p)));
        return gate_hint(p, "such as answer.pass_rate, latency_ms.p95 or errors");
    }
    size_t point = 0;
    if (str_find_char(token, '.', &point)) {
        ret->dimension = str_slice(token, 0, point);
        struct str name = str_slice(token, point + 1, token.len);
        if (str_starts(token, STR("baseline-")) && !match_name(name, ret)) {
            return fail_baseline_minus(p, start, token);
        }
        if (!check_dimension(p, start, ret->dimension)) {
            return false;
        }
        if (!match_name(name, ret)) {
            return fail_name(p, start + point + 1, ret->dimension, name);
        }
    } else if (!find_name(BARE_NAMES, ARRAY_LEN(BARE_NAMES), token, &ret->kind)) {
        return fail_bare(p, start, token);
    }
    if (gate_peek(p) == '[' && !read_filter(p, ret)) {
        return false;
    }
    ret->text = str_slice(p->text, start, p->at);
    if (gate_at_blank(p)) {
        return check_label(p, ret);
    }
    if (strchr("<>=!+*/-", gate_peek(p)) != NULL) {
        (void)gate_fail(p, p->at, "an operator stands between blanks");
        return gate_hint(p, "write '%.*s %.*s'", STR_ARG(ret->text), STR_ARG(operator_at(p)));
    }
    return gate_fail(p, p->at, "expected a blank after '%.*s'", STR_ARG(ret->text));
}
