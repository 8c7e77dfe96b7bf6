#ifndef ASSAY_REPORTERS_HTML_PARTS_H
#define ASSAY_REPORTERS_HTML_PARTS_H

/* HTML that content cannot get out of: the parts that every page is made of (the report `html`, `compare --format html`, the pages of `serve`).
 *
 * A page stands alone: one stylesheet and one script of ours in the file (html_style.css, html_script.js), a content security policy that allows
 * just these two by their hashes and nothing else: no network, no inline handler, no style attribute. It reads without JavaScript.
 *
 * Text that is not ours goes through html_text, html_line or html_attribute and through nothing else. Control characters, bytes that are not
 * UTF-8 and direction overrides are shown as on a terminal (base/term.h); & < > " ' are character references, in text and in attributes alike.
 * Names of elements, classes and attributes are literals of this program.
 *
 * Errors: none; the buffer's overflow flag tells. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/verdict.h"

struct buf;

/* --- text --------------------------------------------------------------------------------------------------------------------------------- */

void html_text(struct buf *out, struct str text); /* line ends and tabs stay: for <pre> */
void html_line(struct buf *out, struct str text); /* line ends and tabs are shown too: one line */
void html_attribute(struct buf *out, const char *name, struct str value); /* ` name="value"`, on one line */

/* A body of any length in a <pre>: cut to max_bytes at its end, with the whole length named. */
void html_body(struct buf *out, struct str text, size_t max_bytes);

/* --- the page ----------------------------------------------------------------------------------------------------------------------------- */

/* Up to and with <main>; `title` is any text. The policy stands in a meta element. */
void html_page_begin(struct buf *out, struct str title);
void html_page_end(struct buf *out); /* with the script */

/* The same policy for a header of HTTP; without frame-ancestors, which only a header may say, and without form-action. */
void html_policy(struct buf *out);

/* JSON for programs that read the page: <script type="application/json" id="...">, with < as \u003c. `json` is valid JSON. */
void html_data(struct buf *out, const char *id, struct str json);

/* --- marks: told by shape and word, not by color alone ------------------------------------------------------------------------------------ */

enum html_mark { HTML_PASS, HTML_FAIL, HTML_ERROR, HTML_UNSURE, HTML_WARN, HTML_NONE, HTML_BETTER, HTML_WORSE };

void html_mark(struct buf *out, enum html_mark mark); /* the sign; its word for screen readers */
void html_mark_word(struct buf *out, enum html_mark mark,
                    struct str word); /* the sign and a word of any text beside it */

enum html_mark html_verdict_mark(enum verdict verdict);

/* --- tables: cells in order, rows make themselves ----------------------------------------------------------------------------------------- */

struct html_column {
    const char *heading;
    bool is_number; /* to the right, digits below digits */
};

/* A table whose columns depend on what there is: those that are shown, in `ret` (room for all). Returns how many. */
struct html_optional_column {
    struct html_column column;
    bool is_shown;
};
size_t html_choose_columns(const struct html_optional_column *all, size_t count, struct html_column *ret);

struct html_table {
    struct buf *out;
    const struct html_column *columns;
    size_t count, at;
};

void html_table_begin(struct html_table *t, struct buf *out, const struct html_column *columns, size_t count);
void html_table_cell(struct html_table *t,
                     struct str text);           /* any text, on one line; the first of a row is its heading */
void html_table_open_cell(struct html_table *t); /* for a cell of markup: open, write to `out`, close */
void html_table_close_cell(struct html_table *t);
void html_table_end(struct html_table *t);

/* --- an interval as a small drawing ------------------------------------------------------------------------------------------------------- */

struct html_interval {
    double axis_lo, axis_hi; /* what the width of the cell stands for; shared by the rows of a table */
    bool has_lo, has_hi;     /* a side that cannot be had is open: drawn to the end, without its stop */
    double lo, hi;
    bool has_point, has_line, has_zero;
    double point;           /* the estimate */
    double line;            /* a bound, dashed */
    double zero;            /* where "no difference" is, for differences */
    enum html_mark verdict; /* HTML_BETTER, HTML_WORSE or HTML_NONE: its color */
};

/* An axis of its own, around all that is drawn. */
void html_interval_fit(struct html_interval *interval);

/* `label` says the same in words, for those who do not see it. */
void html_interval(struct buf *out, const struct html_interval *interval, struct str label);

#endif
