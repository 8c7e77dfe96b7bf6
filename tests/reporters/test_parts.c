#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "reporters/csv_parts.h"
#include "reporters/html_assets.h"
#include "reporters/html_parts.h"
#include "reporters/markdown_parts.h"
#include "tests/check.h"
#include "tests/reporters/report.h"

enum { ROOM = 64 << 20 };

static void test_html_text(void)
{
    static const struct {
        const char *name, *text, *line, *lines;
    } rows[] = {
        {"plain", "a b", "a b", "a b"},
        {"markup", "<b a='1' c=\"2\">&amp;", "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;",
         "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;"},
        {"ends with one", "a<", "a&lt;", "a&lt;"},
        {"layout", "a\n\tb", "a\\n\\tb", "a\n\tb"},
        {"control", "\x1b[1m\r\x7f", "\\x1b[1m\\x0d\\x7f", "\\x1b[1m\\x0d\\x7f"},
        {"invalid", "\xff<\xc3", "\\xff&lt;\\xc3", "\\xff&lt;\\xc3"},
        {"direction", "\xe2\x80\xae", "\\u202e", "\\u202e"},
        {"text", "\xc3\xa9&\xe4\xbd\xa0", "\xc3\xa9&amp;\xe4\xbd\xa0", "\xc3\xa9&amp;\xe4\xbd\xa0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
        html_line(&out, str_from(rows[i].text));
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].line);
        buf_clear(&out);
        html_text(&out, str_from(rows[i].text));
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].lines);
        buf_clear(&out);
        html_attribute(&out, "title", str_from(rows[i].text));
        CHECK(rows[i].name, str_starts(buf_str(&out), STR(" title=\"")) && str_ends(buf_str(&out), STR("\"")));
        CHECK_STR(rows[i].name, str_slice(buf_str(&out), 8, out.len - 1), str_from(rows[i].line));
    }
}

static void test_html_body(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
    html_body(&out, STR("\nab"), 100);
    CHECK_CSTR("a first line end stays", buf_str(&out), "<pre dir=\"auto\">\n\nab</pre>");
    buf_clear(&out);
    html_body(&out, STR("a\xc3\xa9z"), 2);
    CHECK_CSTR("cut between characters", buf_str(&out),
               "<pre dir=\"auto\">\na</pre><p class=\"cut\">cut: 1 of 4 bytes are shown</p>");
    buf_clear(&out);
    html_body(&out, STR(""), 2);
    CHECK_CSTR("empty", buf_str(&out), "<p class=\"empty\">(empty)</p>");
}

/* The policy names the hashes of what is in the page; nothing else may run or be loaded. */
static void test_html_page(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
    html_page_begin(&out, STR("</title><script>"));
    html_data(&out, "data", STR("{\"a\":\"</script><!--\"}"));
    html_page_end(&out);
    struct str page = buf_str(&out);
    CHECK_CONTAINS("title", page, "<title>&lt;/title&gt;&lt;script&gt;</title>");
    CHECK_CONTAINS("data", page,
                   "<script type=\"application/json\" id=\"data\">{\"a\":\"\\u003c/script>\\u003c!--\"}</script>");
    CHECK_CONTAINS("policy", page, "content=\"default-src 'none'; base-uri 'none'; style-src 'sha256-");
    CHECK("no network", !str_find(page, STR("http:"), NULL) && !str_find(page, STR("https:"), NULL));
    const char *const *const assets[] = {HTML_STYLE, HTML_SCRIPT};
    for (size_t i = 0; i < ARRAY_LEN(assets); i++) {
        CHECK("there is one", assets[i][0] != NULL);
        for (size_t j = 0; assets[i][j] != NULL; j++) {
            CHECK(assets[i][j], utf8_count(str_from(assets[i][j])) == strlen(assets[i][j]));
            CHECK(assets[i][j], strstr(assets[i][j], "</") == NULL && strstr(assets[i][j], "<!--") == NULL);
        }
    }
}

static void test_html_table(void)
{
    static const struct html_column columns[] = {{"name", false}, {"n", true}};
    struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
    struct html_table t;
    html_table_begin(&t, &out, columns, ARRAY_LEN(columns));
    html_table_cell(&t, STR("<a>"));
    html_table_open_cell(&t);
    html_mark(&out, HTML_PASS);
    html_table_close_cell(&t);
    html_table_end(&t);
    CHECK_CONTAINS("heading", buf_str(&out),
                   "<tr><th scope=\"col\">name</th><th scope=\"col\" class=\"number\">n</th></tr>");
    CHECK_CONTAINS("row", buf_str(&out), "<tr><th scope=\"row\">&lt;a&gt;</th><td class=\"number\"><span class=\"mark");
    CHECK_CONTAINS("end", buf_str(&out), "</span></td></tr>\n</tbody>\n</table></div>\n");
}

static void test_html_interval(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
    html_interval(&out,
                  &(struct html_interval){.axis_hi = 1,
                                          .has_lo = true,
                                          .has_hi = true,
                                          .lo = 0.25,
                                          .hi = 7,
                                          .has_point = true,
                                          .point = 0.5,
                                          .has_line = true,
                                          .line = -3,
                                          .verdict = HTML_NONE},
                  STR("\"0.5\""));
    CHECK_CONTAINS("label", buf_str(&out), "<svg class=\"interval none\" role=\"img\" aria-label=\"&quot;0.5&quot;\">");
    CHECK_CONTAINS("range, held inside", buf_str(&out), "class=\"range\" x1=\"26.00%\" x2=\"98.00%\"");
    CHECK_CONTAINS("line, held inside", buf_str(&out), "class=\"line\" x1=\"2.00%\"");
    CHECK_CONTAINS("point", buf_str(&out), "<circle cx=\"50.00%\"");
    buf_clear(&out);
    html_interval(&out, &(struct html_interval){.has_point = true, .verdict = HTML_NONE}, STR(""));
    CHECK_CONTAINS("an axis without length", buf_str(&out), "<circle cx=\"50.00%\"");
}

static void test_csv(void)
{
    static const struct {
        const char *name, *text, *cell;
    } rows[] = {
        {"plain", "a b", "a b"},
        {"empty", "", ""},
        {"comma", "a,b", "\"a,b\""},
        {"quote", "say \"no\"", "\"say \"\"no\"\"\""},
        {"line ends", "a\r\nb", "\"a\r\nb\""},
        {"blanks at the ends", " a", "\" a\""},
        {"equals", "=1+1", "'=1+1"},
        {"plus", "+1", "'+1"},
        {"minus", "-1", "'-1"},
        {"at", "@SUM(A1)", "'@SUM(A1)"},
        {"tab", "\t=1", "\"'\t=1\""},
        {"carriage return", "\r=1", "\"'\r=1\""},
        {"full width",
         "\xef\xbc\x9d"
         "1",
         "'\xef\xbc\x9d"
         "1"},
        {"inside is harmless", "a=1", "a=1"},
        {"control", "\x1b[0m\x01", "\\x1b[0m\\x01"},
        {"invalid", "\xff", "\\xff"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
        struct csv_cells c;
        csv_begin(&c, &out);
        csv_text(&c, str_from(rows[i].text));
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].cell);
    }
    struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
    struct csv_cells c;
    csv_begin(&c, &out);
    csv_number(&c, true, -0.1);
    csv_number(&c, false, 1);
    csv_count(&c, 7);
    csv_end(&c);
    csv_text(&c, STR("x"));
    csv_end(&c);
    CHECK_CSTR("numbers stay numbers", buf_str(&out), "-0.1,,7\r\nx\r\n");
}

static void test_csv_long(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    size_t count = 0;
    const struct str *texts = report_hostile(&arena, &count);
    for (size_t i = 0; i < count; i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
        struct csv_cells c;
        csv_begin(&c, &out);
        csv_text(&c, texts[i]);
        CHECK("a spreadsheet takes it", out.len < 32767);
        CHECK("valid", utf8_is_valid(buf_str(&out), NULL));
        if (texts[i].len > CSV_CELL_BYTES) {
            CHECK_CONTAINS("the length is named", buf_str(&out), " ... (cut; 1048576 bytes in all)");
        }
    }
}

static void test_markdown_code(void)
{
    static const struct {
        const char *name, *text, *code;
    } rows[] = {
        {"plain", "latency_ms", "`latency_ms`"},
        {"empty", "", "(empty)"},
        {"mention", "@team #1 <b> [x](y)", "`@team #1 <b> [x](y)`"},
        {"backtick", "a`b", "``a`b``"},
        {"a run of them", "``` x", "```` ``` x ````"},
        {"backtick at the end", "x`", "`` x` ``"},
        {"blanks", " x ", "`  x  `"},
        {"line end", "a\nb", "`a\\nb`"},
        {"border of a table", "a|`b`", "<code>a&#124;&#96;b&#96;</code>"},
        {"hidden border", "a\\|b", "<code>a&#92;&#124;b</code>"},
        {"cut", "0123456789012345678901234567890", "`01234567890123456789…`"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
        markdown_code(&out, str_from(rows[i].text), 20);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].code);
    }
}

static void test_markdown_block(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(ROOM);
    markdown_block(&out, STR("a\n```\n@x"), 100);
    CHECK_CSTR("fence", buf_str(&out), "\n````text\na\n```\n@x\n````\n\n");
    buf_clear(&out);
    markdown_block(&out, STR("abc\n"), 3);
    CHECK_CSTR("cut", buf_str(&out), "\n```text\nabc\n```\n\n(cut: 3 of 4 bytes)\n\n");
    buf_clear(&out);
    markdown_fold_begin(&out, "failed:", STR("<b>`@x`"), 100);
    markdown_fold_end(&out);
    CHECK_CSTR(
        "fold", buf_str(&out),
        "\n<details><summary>failed: <code>&#60;b&#62;&#96;&#64;<wbr>x&#96;</code></summary>\n\n\n</details>\n\n");
    buf_clear(&out);
    static const char *const headings[] = {"a", "b", NULL};
    markdown_table_begin(&out, headings);
    CHECK_CSTR("table", buf_str(&out), "\n| a | b |\n| :-- | --: |\n");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"HTML text", test_html_text},   {"HTML body", test_html_body},         {"HTML page", test_html_page},
        {"HTML table", test_html_table}, {"HTML interval", test_html_interval}, {"CSV", test_csv},
        {"CSV, long", test_csv_long},    {"Markdown code", test_markdown_code}, {"Markdown block", test_markdown_block},
    };
    return check_run("reporters/parts", tests, ARRAY_LEN(tests));
}
