#include "reporters/markdown_parts.h"

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/term.h"
#include "base/utf8.h"

enum { ESCAPED_TIMES = 6, FENCE_MIN = 3 };

static size_t longest_run(struct str text, char c)
{
    size_t longest = 0;
    size_t run = 0;
    for (size_t i = 0; i < text.len; i++) {
        run = text.ptr[i] == c ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* In <code>, with every character that Markdown or HTML reads as a character reference: a reference is never structure, not even a table's border,
 * which no backslash hides reliably inside a code span. */
static void append_code_element(struct buf *out, struct str shown)
{
    const struct str structure = STR("&<>\"'`*_[]()!#@|\\~:$^.");
    buf_append_cstr(out, "<code>");
    for (size_t i = 0; i < shown.len; i++) {
        char c = shown.ptr[i];
        if (str_find_char(structure, c, NULL)) {
            /* an address of mail is looked for in the text that came of it: an element between its halves keeps them apart */
            buf_printf(out, c == '@' ? "&#%u;<wbr>" : "&#%u;", (unsigned)(unsigned char)c);
        } else {
            buf_append_char(out, c);
        }
    }
    buf_append_cstr(out, "</code>");
}

/* A run of backticks that does not occur inside; a blank keeps a backtick or a blank at the ends of the text apart. */
static void append_code_span(struct buf *out, struct str shown)
{
    size_t ticks = longest_run(shown, '`') + 1;
    bool is_padded = shown.ptr[0] == '`' || shown.ptr[shown.len - 1] == '`' || shown.ptr[0] == ' ' ||
                     shown.ptr[shown.len - 1] == ' ';
    buf_append_repeat(out, '`', ticks);
    buf_append_cstr(out, is_padded ? " " : "");
    buf_append(out, shown);
    buf_append_cstr(out, is_padded ? " " : "");
    buf_append_repeat(out, '`', ticks);
}

static void append_shown(struct buf *out, struct str text, size_t max_bytes)
{
    struct str cut = utf8_cut(text, max_bytes);
    term_escape(out, cut, TERM_DOCUMENT_LINE);
    buf_append_cstr(out, cut.len < text.len ? "…" : "");
}

void markdown_code(struct buf *out, struct str text, size_t max_bytes)
{
    struct buf shown CLEANUP(buf_deinit) = BUF(ESCAPED_TIMES * max_bytes + ESCAPED_TIMES);
    append_shown(&shown, text, max_bytes);
    if (shown.len == 0) {
        buf_append_cstr(out, "(empty)");
    } else if (str_find_char(buf_str(&shown), '|', NULL)) {
        append_code_element(out, buf_str(&shown));
    } else {
        append_code_span(out, buf_str(&shown));
    }
}

void markdown_block(struct buf *out, struct str text, size_t max_bytes)
{
    struct buf shown CLEANUP(buf_deinit) = BUF(ESCAPED_TIMES * max_bytes + ESCAPED_TIMES);
    struct str cut = utf8_cut(text, max_bytes);
    term_escape(&shown, cut, TERM_DOCUMENT);
    size_t ticks = longest_run(buf_str(&shown), '`') + 1;
    ticks = ticks < FENCE_MIN ? FENCE_MIN : ticks;
    buf_append_char(out, '\n');
    buf_append_repeat(out, '`', ticks);
    buf_append_cstr(out, "text\n");
    buf_append(out, buf_str(&shown));
    buf_append_cstr(out, shown.len > 0 && shown.ptr[shown.len - 1] != '\n' ? "\n" : "");
    buf_append_repeat(out, '`', ticks);
    buf_append_cstr(out, "\n\n");
    if (cut.len < text.len) {
        buf_printf(out, "(cut: %zu of %zu bytes)\n\n", cut.len, text.len);
    }
}

void markdown_fold_begin(struct buf *out, const char *words, struct str code, size_t max_bytes)
{
    buf_printf(out, "\n<details><summary>%s", words);
    if (code.len > 0) {
        struct buf shown CLEANUP(buf_deinit) = BUF(ESCAPED_TIMES * max_bytes + ESCAPED_TIMES);
        append_shown(&shown, code, max_bytes);
        buf_append_cstr(out, words[0] == '\0' ? "" : " ");
        append_code_element(out, buf_str(&shown)); /* this line is HTML: a code span would be text */
    }
    buf_append_cstr(out, "</summary>\n\n");
}

void markdown_fold_end(struct buf *out)
{
    /* without the blank line what follows would still belong to the block of HTML, and not be read as Markdown */
    buf_append_cstr(out, "\n</details>\n\n");
}

void markdown_table_begin(struct buf *out, const char *const *headings)
{
    buf_append_cstr(out, "\n|");
    for (size_t i = 0; headings[i] != NULL; i++) {
        buf_printf(out, " %s |", headings[i][0] == '<' ? headings[i] + 1 : headings[i]);
    }
    buf_append_cstr(out, "\n|");
    for (size_t i = 0; headings[i] != NULL; i++) {
        buf_append_cstr(out, i == 0 || headings[i][0] == '<' ? " :-- |" : " --: |");
    }
    buf_append_char(out, '\n');
}
