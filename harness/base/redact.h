#ifndef ASSAY_BASE_REDACT_H
#define ASSAY_BASE_REDACT_H

/* Takes secrets out of a text by their value: wherever one stands, "[redacted]" stands afterwards. Found are the bytes as they are and as other programs
 * write them: with backslashes and \u escapes (JSON, also JSON within JSON), percent-encoded, as HTML entities, each at any depth and in any mixture,
 * and in base64 of both alphabets at every alignment ("user:key" of HTTP's basic scheme). A text that was cut in the middle of a secret shows
 * REDACT_MIN_BYTES of it at most less one.
 *
 * Texts without a secret cost a search per secret (memory speed). Applying it twice changes nothing. */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct buf;
struct redactor;
struct secret;

enum {
    REDACT_MIN_BYTES = 8, /* a shorter secret is not looked for */
    REDACT_PHRASE_BYTES = 24
};

/* In both, the first REDACT_MIN_BYTES bytes of a secret are found, too ("key op-1234abc... is invalid"), and what a cut left of it. But an output is
 * scored: what may be an ordinary word stays there. Like a word looks what has letters, '-', '_' and '.' only, capitals at the beginning of words. Such a
 * secret under REDACT_PHRASE_BYTES ("anything", "test-key") is not taken out of outputs, nor are such first bytes of a longer one. */
enum redact_reach { REDACT_OUTPUT, REDACT_MESSAGE };

struct redactor *redactor_new(void);
void redactor_free(struct redactor **redactor);
void redactor_add(struct redactor *redactor, const struct secret *secret); /* copied */

/* Appends `text` without secrets to `out`; false, and nothing appended, when it holds none. A NULL redactor finds none. */
bool redact(const struct redactor *redactor, struct str text, enum redact_reach reach, struct buf *out);

/* The same as a text: itself when it holds none, else a copy in the arena. */
struct str redact_text(const struct redactor *redactor, struct arena *arena, struct str text, enum redact_reach reach);

#endif
