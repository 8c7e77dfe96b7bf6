#ifndef ASSAY_REPORTERS_MARKDOWN_PARTS_H
#define ASSAY_REPORTERS_MARKDOWN_PARTS_H

/* Markdown (CommonMark with GitHub's tables and folds) that content cannot get out of.
 *
 * Text that is not ours is code, always: in a code span, or in a fenced block. There no mention, issue number, link, image, emphasis, HTML or
 * mathematics is looked for, neither by the parser nor by what GitHub and GitLab run over its result. Escaping alone does not do that: \@name
 * still notifies name. Line ends and control characters are shown as \n, \x1b (base/term.h).
 *
 * Errors: none; the buffer's overflow flag tells. */

#include <stddef.h>

#include "base/str.h"

struct buf;

/* A code span, for a sentence or a table's cell; at most max_bytes of the text, then "…". Nothing is "(empty)". */
void markdown_code(struct buf *out, struct str text, size_t max_bytes);

/* A block of its own, with blank lines around; a fence longer than any run of backticks inside. At most max_bytes, with the whole length named. */
void markdown_block(struct buf *out, struct str text, size_t max_bytes);

/* Folded: `words` are ours and plain, `code` is any text beside them (empty = none). What is written between them is Markdown. */
void markdown_fold_begin(struct buf *out, const char *words, struct str code, size_t max_bytes);
void markdown_fold_end(struct buf *out);

/* The two first lines of a table: headings of ours, NULL-ended; the first column and those that begin with "<" (which is dropped) to the left, the
 * others to the right. Rows are up to the caller: "| " cell " | " cell " |\n". */
void markdown_table_begin(struct buf *out, const char *const *headings);

#endif
