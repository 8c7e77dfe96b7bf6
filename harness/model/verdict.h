#ifndef ASSAY_MODEL_VERDICT_H
#define ASSAY_MODEL_VERDICT_H

/* The outcome of a run or of an invocation: a word and an exit code from one table (docs/contracts.md). The same word stands in the JSON
 * summary and in the last line of output. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum verdict {
    VERDICT_PASSED,
    VERDICT_FAILED,
    VERDICT_USAGE,
    VERDICT_ERRORED,
    VERDICT_EMPTY,
    VERDICT_INFRASTRUCTURE,
    VERDICT_UNRECORDED,
    VERDICT_INTERNAL,
    VERDICT_INTERRUPTED_INT,
    VERDICT_INTERRUPTED_TERM,
    VERDICT_NO_BASELINE /* "empty" too, but found later: after too many errors, before the gates */
};

struct verdict_row {
    enum verdict verdict;
    int exit_code;
    const char *word;
    const char *meaning; /* one line, for help */
    int rank;            /* precedence when several apply: lowest wins */
};

extern const struct verdict_row VERDICTS[];
extern const size_t VERDICT_COUNT;

const struct verdict_row *verdict_row(enum verdict v);
enum verdict verdict_worse(enum verdict a, enum verdict b); /* the one that takes precedence */
bool verdict_parse(struct str word, enum verdict *ret);     /* "interrupted": by SIGINT; "empty": VERDICT_EMPTY */

#endif
