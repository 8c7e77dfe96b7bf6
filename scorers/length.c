/* length: how long the output is.
 *
 * Shape:  reads the subject; one measure named length_chars, length_words, length_lines or length_bytes; a pass with `min` or `max`.
 * Units:  chars = Unicode code points (an invalid byte counts one), words = runs without white space, lines = line ends, and a last line without
 *         one. An empty output has length 0; what `from` or `extract` do not find is not scored. */

#include <stddef.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/utf8.h"
#include "scorers/private.h"

enum length_unit { LENGTH_CHARS, LENGTH_WORDS, LENGTH_LINES, LENGTH_BYTES };

struct length_options {
    struct field_number min, max;
    int unit;
};

static const char *const UNITS[] = {"chars", "words", "lines", "bytes", NULL};
static const char *const NAMES[] = {"length_chars", "length_words", "length_lines", "length_bytes"};

static const struct field ROWS[] = {
    {.key = "max",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct length_options, max),
     .is_short_form = true,
     .help = "at most"},
    {.key = "min", .type = FIELD_NUMBER, .offset = offsetof(struct length_options, min), .help = "at least"},
    {.key = "unit",
     .type = FIELD_WORD,
     .offset = offsetof(struct length_options, unit),
     .words = UNITS,
     .default_text = "chars",
     .help = "what is counted"},
    {0},
};

static bool length_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct length_options *o = use->options;
    return declare_measure(ctx, use, NAMES[o->unit], o->min, o->max, DIRECTION_NONE);
}

static size_t count_lines(struct str text)
{
    size_t lines = text.len > 0 && text.ptr[text.len - 1] != '\n' ? 1 : 0;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n' ? 1 : 0;
    }
    return lines;
}

static enum score_step length_score(struct score_in *in, struct judgement *ret)
{
    const struct length_options *o = in->options;
    struct str text = in->subject.text;
    if (in->subject.is_absent && !in->subject.is_empty) {
        *ret = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = in->subject.reason};
        return STEP_DONE;
    }
    size_t count = 0;
    switch ((enum length_unit)o->unit) {
    case LENGTH_CHARS:
        count = utf8_count(text);
        break;
    case LENGTH_WORDS:
        count = utf8_count_words(text);
        break;
    case LENGTH_LINES:
        count = count_lines(text);
        break;
    case LENGTH_BYTES:
        count = text.len;
        break;
    }
    char min[32];
    char max[32];
    struct str lo = num_text_short(o->min.value, 3, min);
    struct str hi = num_text_short(o->max.value, 3, max);
    bool is_short = o->min.is_set && (double)count < o->min.value;
    bool is_long = o->max.is_set && (double)count > o->max.value;
    struct str words = is_short  ? arena_printf(in->arena, "%zu %s, below %.*s", count, UNITS[o->unit], STR_ARG(lo))
                       : is_long ? arena_printf(in->arena, "%zu %s, over %.*s", count, UNITS[o->unit], STR_ARG(hi))
                                 : arena_printf(in->arena, "%zu %s", count, UNITS[o->unit]);
    *ret = (struct judgement){.kind = JUDGED_VALUE, .number = (double)count, .comment = words};
    return STEP_DONE;
}

const struct scorer scorer_length = {
    .name = "length",
    .summary = "characters, words, lines or bytes of the output",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct length_options),
    .is_measure = true,
    .takes_absent = true,
    .load = length_load,
    .score = length_score,
};
