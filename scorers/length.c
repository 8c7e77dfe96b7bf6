/* length: how long the output is.
 *
 * Shape:  reads the subject; one measure named length_chars, length_words, length_lines or length_bytes; a pass with `min` or `max`.
 * Units:  chars = Unicode code points (an invalid byte counts one), words = runs without white space, lines = line ends, and a last line without
 *         one. An empty output has length 0, and so has an empty text that `from` or `extract` find; what they do not find is not scored. */

#include <stddef.h>

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
    size_t at = 0;
    while (str_find_char(text, '\n', &at)) {
        text = str_slice(text, at + 1, text.len);
        lines++;
    }
    return lines;
}

static size_t count(enum length_unit unit, struct str text)
{
    switch (unit) {
    case LENGTH_CHARS:
        return utf8_count(text);
    case LENGTH_WORDS:
        return utf8_count_words(text);
    case LENGTH_LINES:
        return count_lines(text);
    case LENGTH_BYTES:
        break;
    }
    return text.len;
}

static enum score_step length_score(struct score_in *in, struct judgement *ret)
{
    const struct length_options *o = in->options;
    if (in->subject.is_absent && !in->subject.is_empty) {
        judge_absent(in, in->subject.reason, ret);
        return STEP_DONE;
    }
    measure_judge(in, true, (double)count((enum length_unit)o->unit, in->subject.text), UNITS[o->unit], NULL, ret);
    return STEP_DONE;
}

const struct scorer scorer_length = {
    .name = "length",
    .summary = "characters, words, lines or bytes of the output",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct length_options),
    .takes_absent = true,
    .load = length_load,
    .score = length_score,
};
