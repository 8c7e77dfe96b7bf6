#include "reporters/html_parts.h"

#include "base/attr.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/term.h"
#include "base/utf8.h"
#include "reporters/html_assets.h"

/* --- text --------------------------------------------------------------------------------------------------------------------------------- */

static const char *reference_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* What lies between references is ASCII to its ends or whole characters: a reference stands for one byte below 0x80. */
static void append_escaped(struct buf *out, struct str text, enum term_escape mode)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && reference_of(text.ptr[end]) == NULL) {
            end++;
        }
        term_escape(out, str_slice(text, at, end), mode);
        if (end < text.len) {
            buf_append_cstr(out, reference_of(text.ptr[end]));
        }
        at = end + 1;
    }
}

void html_text(struct buf *out, struct str text)
{
    append_escaped(out, text, TERM_DOCUMENT);
}

void html_line(struct buf *out, struct str text)
{
    append_escaped(out, text, TERM_DOCUMENT_LINE);
}

void html_attribute(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, " %s=\"", name);
    append_escaped(out, value, TERM_DOCUMENT_LINE);
    buf_append_char(out, '"');
}

void html_body(struct buf *out, struct str text, size_t max_bytes)
{
    struct str shown = utf8_cut(text, max_bytes);
    if (text.len == 0) {
        buf_append_cstr(out, "<p class=\"empty\">(empty)</p>");
        return;
    }
    /* a parser drops a line end right after <pre>: one of ours stands there for it to drop */
    buf_append_cstr(out, "<pre dir=\"auto\">\n");
    html_text(out, shown);
    buf_append_cstr(out, "</pre>");
    if (shown.len < text.len) {
        buf_printf(out, "<p class=\"cut\">cut: %zu of %zu bytes are shown</p>", shown.len, text.len);
    }
}

/* --- the page ----------------------------------------------------------------------------------------------------------------------------- */

static void append_lines(struct buf *out, const char *const *lines)
{
    for (size_t i = 0; lines[i] != NULL; i++) {
        buf_append_cstr(out, lines[i]);
    }
}

/* 'sha256-...' of what stands between the tags. */
static void append_source(struct buf *out, const char *const *lines)
{
    struct digest_stream stream;
    digest_begin(&stream);
    for (size_t i = 0; lines[i] != NULL; i++) {
        digest_add(&stream, str_from(lines[i]));
    }
    struct digest digest = digest_end(&stream);
    buf_append_cstr(out, "'sha256-");
    base64_append(out, (struct str){(const char *)digest.bytes, sizeof(digest.bytes)});
    buf_append_char(out, '\'');
}

void html_policy(struct buf *out)
{
    buf_append_cstr(out, "default-src 'none'; base-uri 'none'; style-src ");
    append_source(out, HTML_STYLE);
    buf_append_cstr(out, "; script-src ");
    append_source(out, HTML_SCRIPT);
}

void html_page_begin(struct buf *out, struct str title)
{
    buf_append_cstr(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"");
    html_policy(out); /* its quotes are single ones */
    buf_append_cstr(out, "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<meta name=\"color-scheme\" content=\"light dark\">\n"
                         "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    html_line(out, title);
    buf_append_cstr(out, "</title>\n<style>");
    append_lines(out, HTML_STYLE);
    buf_append_cstr(out, "</style>\n</head>\n<body>\n<main>\n");
}

void html_page_end(struct buf *out)
{
    buf_append_cstr(out, "</main>\n<script>");
    append_lines(out, HTML_SCRIPT);
    buf_append_cstr(out, "</script>\n</body>\n</html>\n");
}

void html_data(struct buf *out, const char *id, struct str json)
{
    buf_append_cstr(out, "<script type=\"application/json\"");
    html_attribute(out, "id", str_from(id));
    buf_append_char(out, '>');
    struct str rest = json;
    struct str part;
    for (bool is_first = true; str_split(&rest, '<', &part); is_first = false) {
        buf_append_cstr(out, is_first ? "" : "\\u003c");
        buf_append(out, part);
    }
    buf_append_cstr(out, "</script>\n");
}

/* --- marks -------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *sign, *word;
} MARKS[] = {
    [HTML_PASS] = {"pass", "✓", "passed"},     [HTML_FAIL] = {"fail", "✗", "failed"},
    [HTML_ERROR] = {"error", "!", "errored"},  [HTML_UNSURE] = {"unsure", "?", "cannot tell"},
    [HTML_WARN] = {"warn", "▲", "warning"},    [HTML_NONE] = {"none", "–", "not judged"},
    [HTML_BETTER] = {"better", "▲", "better"}, [HTML_WORSE] = {"worse", "▼", "worse"},
};

void html_mark(struct buf *out, enum html_mark mark)
{
    buf_printf(out, "<span class=\"mark %s\" role=\"img\" aria-label=\"%s\">%s</span>", MARKS[mark].name,
               MARKS[mark].word, MARKS[mark].sign);
}

void html_mark_word(struct buf *out, enum html_mark mark, struct str word)
{
    buf_printf(out, "<span class=\"word %s\"><span class=\"mark\" aria-hidden=\"true\">%s</span> ", MARKS[mark].name,
               MARKS[mark].sign);
    html_line(out, word);
    buf_append_cstr(out, "</span>");
}

/* --- tables ------------------------------------------------------------------------------------------------------------------------------- */

size_t html_choose_columns(const struct html_optional_column *all, size_t count, struct html_column *ret)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].is_shown) {
            ret[len++] = all[i].column;
        }
    }
    return len;
}

void html_table_begin(struct html_table *t, struct buf *out, const struct html_column *columns, size_t count)
{
    *t = (struct html_table){.out = out, .columns = columns, .count = count};
    buf_append_cstr(out, "<div class=\"scroll\"><table>\n<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "<th scope=\"col\"%s>", columns[i].is_number ? " class=\"number\"" : "");
        html_line(out, str_from(columns[i].heading));
        buf_append_cstr(out, "</th>");
    }
    buf_append_cstr(out, "</tr></thead>\n<tbody>\n");
}

void html_table_open_cell(struct html_table *t)
{
    buf_append_cstr(t->out, t->at == 0 ? "<tr><th scope=\"row\"" : "<td");
    buf_append_cstr(t->out, t->columns[t->at].is_number ? " class=\"number\">" : ">");
}

void html_table_close_cell(struct html_table *t)
{
    buf_append_cstr(t->out, t->at == 0 ? "</th>" : "</td>");
    if (++t->at == t->count) {
        buf_append_cstr(t->out, "</tr>\n");
        t->at = 0;
    }
}

void html_table_cell(struct html_table *t, struct str text)
{
    html_table_open_cell(t);
    html_line(t->out, text);
    html_table_close_cell(t);
}

void html_table_end(struct html_table *t)
{
    buf_append_cstr(t->out, "</tbody>\n</table></div>\n");
}

/* --- intervals ---------------------------------------------------------------------------------------------------------------------------- */

void html_interval_fit(struct html_interval *i)
{
    const struct {
        bool has;
        double value;
    } drawn[] = {{i->has_lo, i->lo},
                 {i->has_hi, i->hi},
                 {i->has_point, i->point},
                 {i->has_line, i->line},
                 {i->has_zero, i->zero}};
    bool has_any = false;
    for (size_t k = 0; k < ARRAY_LEN(drawn); k++) {
        if (drawn[k].has) {
            i->axis_lo = !has_any || drawn[k].value < i->axis_lo ? drawn[k].value : i->axis_lo;
            i->axis_hi = !has_any || drawn[k].value > i->axis_hi ? drawn[k].value : i->axis_hi;
            has_any = true;
        }
    }
    double room = (i->axis_hi - i->axis_lo) / 10;
    i->axis_lo -= room;
    i->axis_hi += room;
}

/* Positions are shares of the width, so that the drawing needs no size: 0 to 100, a little inside the edges. */
static double position_of(const struct html_interval *i, double value)
{
    static const double margin = 2;
    double span = i->axis_hi - i->axis_lo;
    double share = span > 0 ? (value - i->axis_lo) / span : 0.5;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return margin + (100 - 2 * margin) * share;
}

static void append_stroke(struct buf *out, const char *class_name, double x1, double x2, double y1, double y2)
{
    buf_printf(out, "<line class=\"%s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.0f\" y2=\"%.0f\"/>", class_name, x1, x2, y1,
               y2);
}

void html_interval(struct buf *out, const struct html_interval *i, struct str label)
{
    static const double top = 3, middle = 9, bottom = 15;
    buf_printf(out, "<svg class=\"interval %s\" role=\"img\"", MARKS[i->verdict].name);
    html_attribute(out, "aria-label", label);
    buf_append_cstr(out, ">");
    append_stroke(out, "axis", position_of(i, i->axis_lo), position_of(i, i->axis_hi), middle, middle);
    if (i->has_zero) {
        double x = position_of(i, i->zero);
        append_stroke(out, "zero", x, x, 0, 2 * middle);
    }
    if (i->has_line) {
        double x = position_of(i, i->line);
        append_stroke(out, "line", x, x, 0, 2 * middle);
    }
    if (i->has_lo || i->has_hi) {
        double from = position_of(i, i->has_lo ? i->lo : i->axis_lo);
        double to = position_of(i, i->has_hi ? i->hi : i->axis_hi);
        append_stroke(out, "range", from, to, middle, middle);
        if (i->has_lo) {
            append_stroke(out, "range", from, from, top + 2, bottom - 2);
        }
        if (i->has_hi) {
            append_stroke(out, "range", to, to, top + 2, bottom - 2);
        }
    }
    if (i->has_point) {
        buf_printf(out, "<circle cx=\"%.2f%%\" cy=\"%.0f\" r=\"3.5\"/>", position_of(i, i->point), middle);
    }
    buf_append_cstr(out, "</svg>");
}
