#include "model/comparison.h"

const char *compared_word(enum compared_word word)
{
    static const char *const WORDS[] = {
        [COMPARED_NO_CLAIM] = "none", [COMPARED_CANNOT_TELL] = "cannot_tell", [COMPARED_BETTER] = "better",
        [COMPARED_WORSE] = "worse",   [COMPARED_HIGHER] = "higher",           [COMPARED_LOWER] = "lower",
    };
    return WORDS[word];
}
