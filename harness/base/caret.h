#ifndef ASSAY_BASE_CARET_H
#define ASSAY_BASE_CARET_H

/* A fault as people see it: place and sentence, the line, a caret under the column, the hint.
 *
 *   suite.yaml:14:16: scorer 'regex': missing closing parenthesis at byte 7
 *     14 |       pattern: "(yes|no"
 *        |                ^
 *     hint: ...
 *
 * Shape:  appends to a buffer; ends with a newline. Control characters of the line are shown escaped (base/term.h); tabs as one blank, and
 *         the caret stands under the column as displayed (wide characters count two). A fault with a length is underlined: ^~~~
 * Limits: a line longer than `columns` is cut around the caret with "..." ; columns 0 = no cut. */

#include <stddef.h>

struct buf;
struct diag;
struct fault;

void caret_render(struct buf *out, const struct diag *d, const struct fault *fault, size_t columns);

#endif
