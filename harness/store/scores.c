#include "store/store_private.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"
#include "data/json.h"
#include "data/value.h"

/* The scores of a sample stand in one column of its span, as JSON, so that anybody can read them:
 *
 *   [[dimension, outcome, value, unit, comment, answered, wanted], ...]        in the order of dimensions; nulls at an end are left out
 *
 * A row for each score, in a table of their own, took half of the time of storing a sample and more than half of reading it again to judge it.
 * Numbers are written so that they read back to the same bits; a text that is no UTF-8 is {"base64": "..."}. */

/* --- writing ----------------------------------------------------------------------------------------------------------------------- */

enum { NUMBER_BYTES = 32 };

/* Most are one digit: dimensions, outcomes, units. */
static char *put_number(char *at, double value)
{
    if (value >= 0 && value < 10 && value == (double)(int)value) {
        *at = (char)('0' + (int)value);
        return at + 1;
    }
    char room[NUMBER_BYTES];
    struct str text = num_text(value, room);
    memcpy(at, text.ptr, text.len);
    return at + text.len;
}

static char *put_null(char *at)
{
    memcpy(at, "null", 4);
    return at + 4;
}

static void append_text(struct buf *out, struct str text)
{
    struct json_writer w;
    json_writer_init(&w, out);
    buf_append_char(out, ',');
    if (text.ptr == NULL) {
        json_null(&w);
    } else {
        json_bytes(&w, text);
    }
}

void score_write(struct buf *out, const struct score *score)
{
    const struct str texts[] = {score->comment.len > 0 ? score->comment : STR_NULL, score->answered, score->wanted};
    size_t text_count = ARRAY_LEN(texts);
    while (text_count > 0 && texts[text_count - 1].ptr == NULL) {
        text_count--;
    }
    char numbers[4 * (NUMBER_BYTES + 1) + 1];
    char *at = numbers;
    *at++ = '[';
    at = put_number(at, score->dimension);
    *at++ = ',';
    at = put_number(at, score->outcome);
    *at++ = ',';
    at = put_number(at, score->value);
    if (score->has_unit || text_count > 0) {
        *at++ = ',';
        at = score->has_unit ? put_number(at, score->unit) : put_null(at);
    }
    buf_append(out, (struct str){numbers, (size_t)(at - numbers)});
    for (size_t i = 0; i < text_count; i++) {
        append_text(out, texts[i]);
    }
    buf_append_char(out, ']');
}

static bool are_in_order(const struct sample_record *sample)
{
    size_t i = 1;
    while (i < sample->score_count && sample->scores[i - 1].dimension < sample->scores[i].dimension) {
        i++;
    }
    return i >= sample->score_count;
}

/* The one of the next dimension. */
static const struct score *score_after(const struct sample_record *sample, const struct score *last)
{
    const struct score *next = NULL;
    for (size_t i = 0; i < sample->score_count; i++) {
        const struct score *score = &sample->scores[i];
        if ((last == NULL || score->dimension > last->dimension) &&
            (next == NULL || score->dimension < next->dimension)) {
            next = score;
        }
    }
    return next;
}

void scores_write(struct buf *out, const struct sample_record *sample)
{
    bool in_order = are_in_order(sample);
    const struct score *last = NULL;
    for (size_t i = 0; i < sample->score_count; i++) {
        last = in_order ? &sample->scores[i] : score_after(sample, last);
        buf_append_char(out, i == 0 ? '[' : ',');
        score_write(out, last);
    }
    if (sample->score_count > 0) {
        buf_append_char(out, ']');
    }
}

bool scores_check(const struct sample_record *sample, struct err *err)
{
    bool in_order = are_in_order(sample);
    const struct score *last = NULL;
    for (size_t i = 0; i < sample->score_count; i++) {
        const struct score *score = &sample->scores[i];
        if (!isfinite(score->value) || (score->has_unit && !isfinite(score->unit))) {
            return err_set(err, ERR_BUG, "case '%.*s': a score that is no number", STR_ARG(sample->case_id));
        }
        last = in_order ? score : score_after(sample, last);
        if (last == NULL) {
            return err_set(err, ERR_BUG, "case '%.*s': two scores in one dimension", STR_ARG(sample->case_id));
        }
    }
    return true;
}

/* --- reading ----------------------------------------------------------------------------------------------------------------------- */

/* Reads what the above writes and nothing else: a general reader of JSON would take most of the time of judging. */
struct scores_reader {
    const char *at, *end;
    struct arena *texts;
};

static bool take(struct scores_reader *r, char c)
{
    bool is_there = r->at < r->end && *r->at == c;
    r->at += is_there ? 1 : 0;
    return is_there;
}

static bool take_null(struct scores_reader *r)
{
    bool is_there = r->end - r->at >= 4 && r->at[0] == 'n';
    r->at += is_there ? 4 : 0;
    return is_there;
}

static bool take_number(struct scores_reader *r, double *ret)
{
    enum { EXACT_DIGITS = 15 };
    const char *begin = r->at;
    int64_t whole = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - begin < EXACT_DIGITS) {
        whole = 10 * whole + (*r->at++ - '0');
    }
    if (r->at > begin && r->at < r->end && (*r->at == ',' || *r->at == ']')) {
        *ret = (double)whole;
        return true;
    }
    while (r->at < r->end && *r->at != ',' && *r->at != ']') {
        r->at++;
    }
    return num_parse_json((struct str){begin, (size_t)(r->at - begin)}, ret) == NUM_OK;
}

static bool take_count(struct scores_reader *r, uint32_t max, uint32_t *ret)
{
    double value = -1;
    if (!take_number(r, &value) || value < 0 || value > max || value != floor(value)) {
        return false;
    }
    *ret = (uint32_t)value;
    return true;
}

/* With escapes, or of bytes that are no UTF-8: rare. */
static bool decode(struct arena *arena, struct str json, struct str *ret)
{
    struct err ignored = ERR_NULL;
    struct value v;
    if (!json_read(arena, json, JSON_OURS, (struct src_pos){0}, &v, NULL, &ignored)) {
        return false;
    }
    if (v.kind == VALUE_TEXT) {
        *ret = arena_str(arena, v.text);
        return true;
    }
    const struct value *base64 = v.kind == VALUE_MAP ? value_get(&v, STR("base64")) : NULL;
    return base64 != NULL && base64->kind == VALUE_TEXT && base64_decode(arena, base64->text, ret);
}

/* Where the text that begins behind `at` ends: its quote, or the brace of {"base64": "..."}. NULL: nowhere. */
static const char *text_end(const char *at, const char *end, char last, bool *ret_escape)
{
    const char *found = memchr(at, last, (size_t)(end - at));
    *ret_escape = found != NULL && memchr(at, '\\', (size_t)(found - at)) != NULL;
    if (!*ret_escape) {
        return found;
    }
    while (at < end && *at != last) {
        at += *at == '\\' && end - at > 1 ? 2 : 1;
    }
    return at < end ? at : NULL;
}

static bool take_text(struct scores_reader *r, bool is_wanted, struct str *ret)
{
    if (take_null(r)) {
        return true;
    }
    const char *begin = r->at;
    bool is_map = take(r, '{');
    if (!is_map && !take(r, '"')) {
        return false;
    }
    bool has_escape = false;
    const char *last = text_end(r->at, r->end, is_map ? '}' : '"', &has_escape);
    if (last == NULL) {
        return false;
    }
    r->at = last + 1;
    if (!is_wanted) {
        return true;
    }
    if (is_map || has_escape) {
        return decode(r->texts, (struct str){begin, (size_t)(r->at - begin)}, ret);
    }
    *ret = arena_str(r->texts, (struct str){begin + 1, (size_t)(last - begin) - 1});
    return true;
}

static bool take_score(struct scores_reader *r, bool with_comments, struct score *ret)
{
    uint32_t outcome = 0;
    if (!take(r, '[') || !take_count(r, UINT32_MAX, &ret->dimension) || !take(r, ',') ||
        !take_count(r, SCORE_FAIL, &outcome) || !take(r, ',') || !take_number(r, &ret->value)) {
        return false;
    }
    ret->outcome = (enum score_outcome)outcome;
    if (take(r, ',') && !take_null(r)) {
        ret->has_unit = true;
        if (!take_number(r, &ret->unit)) {
            return false;
        }
    }
    struct str *const texts[] = {&ret->comment, &ret->answered, &ret->wanted};
    for (size_t i = 0; i < ARRAY_LEN(texts) && take(r, ','); i++) {
        if (!take_text(r, i > 0 || with_comments, texts[i])) {
            return false;
        }
    }
    return take(r, ']');
}

bool scores_read(struct str text, bool with_comments, struct arena *arena, struct arena *texts, struct score_list *ret)
{
    if (text.len == 0) {
        return true;
    }
    struct scores_reader r = {text.ptr, text.ptr + text.len, texts};
    for (char before = '['; take(&r, before); before = ',') {
        struct score *score = vec_push(arena, ret);
        *score = (struct score){0};
        if (!take_score(&r, with_comments, score)) {
            return false;
        }
    }
    return take(&r, ']') && r.at == r.end;
}
