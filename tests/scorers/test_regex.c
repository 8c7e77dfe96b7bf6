/* regex: patterns refused at load, matches, counts, captures, templates in patterns, and patterns that would not end. */

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"no pattern", "- regex", "the key 'pattern' is missing", NULL, 3},
        {"no pattern in a map", "- regex: {flags: i}", "the key 'pattern' is missing", NULL, 10},
        {"nothing below it", "- regex:", "the key 'pattern' is missing", NULL, 3},
        {"an empty pattern", "- regex: ''", "would match everything", NULL, 10},
        {"a list", "- regex: [a, b]", "wants a regular expression, not a list", NULL, 10},
        {"an open parenthesis", "- regex: '(yes|no'", "missing closing parenthesis at byte 7", NULL, 18},
        {"its place in a map", "- regex: {flags: i, pattern: 'a**+*'}", "'pattern'", NULL, 33},
        {"after what takes two bytes", "- regex: '\xc3\xa4('", "missing closing parenthesis at byte 3", NULL, 13},
        {"a single code unit", "- regex: '\\C'", "'pattern'", NULL, 0},
        {"a callout", "- regex: 'a(?C1)b'", "callouts", NULL, 12},
        {"a backslash in double quotes", "- regex: \"\\\\d+\"", "is in double quotes and has a backslash",
         "single quotes", 10},
        {"a backspace", "- regex: {flags: \"i\", pattern: \"\\bno\\b\"}", "is in double quotes and has a backslash",
         NULL, 32},
        {"behind a wide character", "- regex: {capture: \"\xc3\xa4\", pattern: \"a\\tb\"}", "has a backslash", NULL, 0},
        {"unknown flags", "- regex: {pattern: a, flags: ig}", "flags are letters of 'imsx', not 'ig'", NULL, 3},
        {"flags with a template", "- regex: {pattern: '{{input}}', flags: g}", "flags are letters", NULL, 3},
        {"a count that is none", "- regex: {pattern: a, count: {min: few}}", "'min' wants", NULL, 0},
        {"a count of nothing", "- regex: {pattern: a, count: {}}", "'count' wants 'min' or 'max'", NULL, 3},
        {"count min above max", "- regex: {pattern: a, count: {min: 2, max: 1}}", "count min is above max", NULL, 3},
        {"expected without capture", "- regex: {pattern: a, expected: b}", "'expected' goes with 'capture'", NULL, 3},
        {"capture and count", "- regex: {pattern: (a), capture: 1, count: {min: 1}}", "exclude each other", NULL, 3},
        {"no such group", "- regex: {pattern: (a), capture: 2}", "no group '2'", NULL, 3},
        {"the whole as a group", "- regex: {pattern: (a), capture: 0}", "no group '0'", NULL, 3},
        {"no such name", "- regex: {pattern: '(?<a>x)', capture: b}", "no group 'b'", NULL, 3},
        {"an open template", "- regex: 'a{{b'", "", NULL, 0},
        {"a template of the environment", "- regex: '{{env.HOME}}'", "env", NULL, 0},
        {"a template in extract", "- regex: {pattern: a, extract: '{{input}}'}", "'extract' takes no template", NULL,
         0},
        {"extract is broken", "- regex: {pattern: a, extract: 'a('}", "'extract': missing closing parenthesis", NULL,
         0},
        {"extract is empty", "- regex: {pattern: a, extract: ''}", "'extract' is empty", NULL, 0},
        {"extract in double quotes", "- regex: {pattern: a, extract: \"\\\\d\"}", "'extract' is in double quotes", NULL,
         0},
        {"match without extract", "- regex: {pattern: a, match: last}", "there is no 'extract'", NULL, 3},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

/* Groups up to 63 can be asked for. */
static void test_many_groups(void)
{
    for (int group = 63; group <= 64; group++) {
        RIG(rig);
        struct buf list CLEANUP(buf_deinit) = BUF(1 << 16);
        buf_printf(&list, "- regex: {capture: %d, expected: b, pattern: '", group);
        for (int i = 1; i <= 64; i++) {
            buf_append_cstr(&list, i == group ? "(b)" : "(a)");
        }
        buf_append_cstr(&list, "'}");
        CHECK_INT("loads", rig_try_load(rig, list.ptr), group == 63);
        if (group == 63) {
            struct buf text CLEANUP(buf_deinit) = BUF(1 << 16);
            buf_append_repeat(&text, 'a', 62);
            buf_append_cstr(&text, "ba");
            rig_text(rig, buf_str(&text));
            rig_run(rig);
            CHECK_INT("the 63rd", rig->result.scores[0].outcome, SCORE_PASS);
        }
    }
}

/* Double quotes as such are fine. */
static void test_double_quotes(void)
{
    RIG(rig);
    CHECK("no backslash", rig_load(rig, "double quotes", "- regex: \"yes|no\""));
    CHECK("over two lines", rig_load(rig, "two lines", "- regex: \"yes\n    no\""));
    CHECK("a backslash elsewhere",
          rig_load(rig, "elsewhere", "- regex: {pattern: \"(yes)\", expected: \"\\t\", capture: 1}"));
    CHECK("beside one", rig_load(rig, "beside", "- regex: {comment: \"a\\tb\", pattern: \"yes\"}"));
    CHECK("a block", rig_load(rig, "block", "- regex:\n    pattern: |-\n      \\d+"));
}

static void test_match(void)
{
    static const struct scored rows[] = {
        {"found", "regex: 'A: \\d+'", "x A: 18 y", NULL, SCORE_PASS, "pass: found 'A: 18'"},
        {"not found", "regex: 'A: \\d+'", "x A: y", NULL, SCORE_FAIL, "fail: no match of /A: \\d+/ in 'x A: y'"},
        {"an empty output", "regex: '^$'", "", NULL, SCORE_FAIL, "the output is empty"},
        {"an empty match", "regex: 'x*'", "y", NULL, SCORE_PASS, "found ''"},
        {"not, found", "regex: {pattern: sorry, not: true}", "sorry", NULL, SCORE_FAIL, "found 'sorry'"},
        {"not, not found", "regex: {pattern: sorry, not: true}", "fine", NULL, SCORE_PASS, "no match"},
        {"not, empty", "regex: {pattern: sorry, not: true}", "", NULL, SCORE_FAIL, "empty"},
        {"case", "regex: {pattern: yes}", "YES", NULL, SCORE_FAIL, NULL},
        {"ignore case", "regex: {pattern: yes, flags: i}", "YES", NULL, SCORE_PASS, NULL},
        {"ignore case beyond ASCII", "regex: {pattern: \xc3\xa4, flags: i}", "\xc3\x84", NULL, SCORE_PASS, NULL},
        {"lines", "regex: {pattern: '^b$', flags: m}", "a\nb\nc", NULL, SCORE_PASS, NULL},
        {"no lines", "regex: {pattern: '^b$'}", "a\nb\nc", NULL, SCORE_FAIL, NULL},
        {"dot matches all", "regex: {pattern: 'a.c', flags: s}", "a\nc", NULL, SCORE_PASS, NULL},
        {"blanks ignored", "regex: {pattern: 'a b # c', flags: x}", "ab", NULL, SCORE_PASS, NULL},
        {"full", "regex: {pattern: 'yes|no', full: true}", "no", NULL, SCORE_PASS, NULL},
        {"full, more before", "regex: {pattern: 'yes|no', full: true}", "oh no", NULL, SCORE_FAIL, NULL},
        {"full, more behind", "regex: {pattern: 'yes|no', full: true}", "no!", NULL, SCORE_FAIL, NULL},
        {"full, a line end behind", "regex: {pattern: 'yes|no', full: true}", "no\n", NULL, SCORE_FAIL, NULL},
        {"full tries the longer way", "regex: {pattern: 'a|ab', full: true}", "ab", NULL, SCORE_PASS, NULL},
        {"bytes that are no text", "regex: 'b'",
         "a\xff"
         "b",
         NULL, SCORE_PASS, NULL},
        {"they are in the comment", "regex: 'c'",
         "a\xff"
         "b",
         NULL, SCORE_FAIL,
         "in 'a\xef\xbf\xbd"
         "b'"},
        {"extracted first", "regex: {extract: '\\[(.*?)\\]', pattern: '^x'}", "y [x]", NULL, SCORE_PASS, NULL},
        {"what the extract left out", "regex: {extract: '\\[(.*?)\\]', pattern: y}", "y [x]", NULL, SCORE_FAIL, NULL},
        {"extracted last", "regex: {extract: '\\[(.*?)\\]', match: last, pattern: b}", "[a] [b]", NULL, SCORE_PASS,
         NULL},
        {"the whole match", "regex: {extract: '\\d+', pattern: '^18$'}", "a 18 b", NULL, SCORE_PASS, NULL},
        {"the group took no part", "regex: {extract: 'a(x)?b', pattern: '^ab$'}", "ab", NULL, SCORE_PASS, NULL},
        {"an empty extract", "regex: {extract: 'a(.*)', pattern: '^'}", "a", NULL, SCORE_FAIL, "found an empty text"},
        {"only, and there are two", "regex: {extract: '\\d', match: only, pattern: '1'}", "1 1", NULL, SCORE_FAIL,
         "more than once"},
        {"only, and there is one", "regex: {extract: '\\d', match: only, pattern: '1'}", "1", NULL, SCORE_PASS, NULL},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_count(void)
{
    static const struct scored rows[] = {
        {"enough", "regex: {pattern: '\\w+', count: {min: 2}}", "a b c", NULL, SCORE_PASS, "3 matches of /\\w+/"},
        {"too few", "regex: {pattern: '\\w+', count: {min: 2}}", "a", NULL, SCORE_FAIL,
         "1 match of /\\w+/, wanted at least 2"},
        {"too many", "regex: {pattern: '\\w+', count: {max: 2}}", "a b c", NULL, SCORE_FAIL, "wanted at most 2"},
        {"just as many", "regex: {pattern: '\\w+', count: {min: 3, max: 3}}", "a b c", NULL, SCORE_PASS, NULL},
        {"none", "regex: {pattern: x, count: {max: 0}}", "a", NULL, SCORE_PASS, "0 matches"},
        {"none, turned", "regex: {pattern: x, count: {max: 0}, not: true}", "a", NULL, SCORE_FAIL, NULL},
        {"they do not overlap", "regex: {pattern: aa, count: {min: 2, max: 2}}", "aaaa", NULL, SCORE_PASS, NULL},
        {"empty matches", "regex: {pattern: 'x*', count: {min: 3, max: 3}}", "ab", NULL, SCORE_PASS, NULL},
        {"an empty output", "regex: {pattern: x, count: {max: 0}}", "", NULL, SCORE_FAIL, "empty"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_capture(void)
{
    static const struct scored rows[] = {
        {"a number", "regex: {pattern: 'A: (\\d+)', capture: 1, expected: '18'}", "A: 18", NULL, SCORE_PASS,
         "captured '18'"},
        {"a name", "regex: {pattern: 'A: (?<answer>\\d+)', capture: answer, expected: 18}", "A: 18", NULL, SCORE_PASS,
         NULL},
        {"another", "regex: {pattern: 'A: (\\d+)', capture: 1, expected: 18}", "A: 17", NULL, SCORE_FAIL,
         "captured '17', wanted '18'"},
        {"the case's", "regex: {pattern: 'A: (\\d+)', capture: 1}", "A: 18", "18", SCORE_PASS, NULL},
        {"the case has none", "regex: {pattern: 'A: (\\d+)', capture: 1}", "A: 18", NULL, SCORE_NOT_SCORED,
         "no 'expected'"},
        {"the case's is null", "regex: {pattern: 'A: (\\d+)', capture: 1}", "A: 18", "null", SCORE_NOT_SCORED, "null"},
        {"an empty group", "regex: {pattern: 'A: (\\d*)', capture: 1, expected: ''}", "A: ", NULL, SCORE_PASS, NULL},
        {"no match", "regex: {pattern: 'A: (\\d+)', capture: 1, expected: 18}", "B", NULL, SCORE_FAIL, "no match"},
        {"no match, turned", "regex: {pattern: 'A: (\\d+)', capture: 1, expected: 18, not: true}", "B", NULL,
         SCORE_FAIL, "no match"},
        {"another, turned", "regex: {pattern: 'A: (\\d+)', capture: 1, expected: 18, not: true}", "A: 1", NULL,
         SCORE_PASS, NULL},
        {"took no part", "regex: {pattern: 'a|(b)', capture: 1, expected: b}", "a", NULL, SCORE_FAIL, "no match"},
        {"the second", "regex: {pattern: '(a)(b)', capture: 2, expected: b}", "ab", NULL, SCORE_PASS, NULL},
        {"a piece of the output", "regex: {pattern: '(\\w+) is', capture: 1, expected: '{{output}}'}", "a is", NULL,
         SCORE_FAIL, "wanted 'a is'"},
        {"absent from meta", "regex: {pattern: '(a)', capture: 1, expected: '{{meta.x}}', not: true}", "a", NULL,
         SCORE_FAIL, "absent"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

/* What a template inserts is matched as it is. */
static void test_templates(void)
{
    static const struct scored rows[] = {
        {"a plain word", "regex: '^{{expected}}$'", "18", "18", SCORE_PASS, NULL},
        {"letters that mean something", "regex: '^{{expected}}$'", "a+b", "\"a+b\"", SCORE_PASS, NULL},
        {"do not mean it", "regex: '^{{expected}}$'", "aab", "\"a+b\"", SCORE_FAIL, "{{expected}}"},
        {"the whole pattern", "regex: '{{expected}}'", "x (1) y", "\"(1)\"", SCORE_PASS, NULL},
        {"a quote's end", "regex: '{{expected}}'", "a\\Eb", "\"a\\\\Eb\"", SCORE_PASS, NULL},
        {"blanks under x", "regex: {pattern: '{{expected}} # c', flags: x}", "a b#", "\"a b#\"", SCORE_PASS, NULL},
        {"twice", "regex: '{{expected}}.{{expected}}'", "a-a", "\"a\"", SCORE_PASS, NULL},
        {"braces of the pattern", "regex: '^a{2}{{expected}}{1}$'", "aab", "\"b\"", SCORE_PASS, NULL},
        {"two braces", "regex: '^{{ \"{{\" }}$'", "{{", NULL, SCORE_PASS, NULL},
        {"a value with braces", "regex: '{{expected}}'", "{{input}}", "\"{{input}}\"", SCORE_PASS, NULL},
        {"nothing to insert", "regex: '{{expected}}'", "a", "\"\"", SCORE_NOT_SCORED, "would match everything"},
        {"null to insert", "regex: '{{expected}}'", "a", "null", SCORE_NOT_SCORED, "null"},
        {"undefined", "regex: '{{expected}}'", "a", NULL, SCORE_NOT_SCORED, "undefined"},
        {"absent from meta", "regex: 'a{{meta.x}}'", "a", NULL, SCORE_FAIL, "absent from the output"},
        {"absent from meta, turned", "regex: {pattern: 'a{{meta.x}}', not: true}", "a", NULL, SCORE_FAIL, "absent"},
        {"a group in it", "regex: {pattern: '{{expected}}: (\\d)', capture: 1, expected: 1}", "a: 1", "\"a\"",
         SCORE_PASS, NULL},
        {"no such group in it", "regex: {pattern: '{{expected}}: \\d', capture: 1, expected: 1}", "a: 1", "\"a\"",
         SCORE_NOT_SCORED, "no such group"},
        {"broken around it", "regex: '{{expected}}('", "a", "\"a\"", SCORE_NOT_SCORED, "missing closing parenthesis"},
        {"a look behind of any length", "regex: '(?<=x*){{expected}}'", "a", "\"a\"", SCORE_NOT_SCORED,
         "the pattern of this case"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

/* --- patterns that would not end --- */

static struct str repeated(struct buf *out, const char *piece, size_t count, const char *end)
{
    for (size_t i = 0; i < count; i++) {
        buf_append_cstr(out, piece);
    }
    buf_append_cstr(out, end);
    return buf_str(out);
}

/* Words of so many letters that two stars take long over each, but not as many steps as would end it. */
static struct str slow_words(struct buf *out)
{
    for (size_t i = 0; i < 400; i++) {
        buf_append_repeat(out, 'a', 1000);
        buf_append_char(out, ' ');
    }
    return buf_str(out);
}

/* Stops by the steps of one place in the text, or by the time over all of them: never "no match", and what stands beside it is scored. */
static void test_limit(void)
{
    static const struct {
        const char *scorer;
        bool takes_turns; /* else it ends at one place in one word */
    } rows[] = {
        {"- regex: '^(?:(?=(a+))a*)*[cd]\\d'\n", false},
        {"- regex: {pattern: '(?:a*)*a*a*a*[cd]\\d', not: true}\n", false},
        {"- numeric: {extract: '(?:a*)*a*a*a*[cd]\\d', expected: 1}\n", false},
        {"- regex: 'a*a*[cd]\\d'\n", true},
        {"- regex: {pattern: 'a*a*[cd]\\d', count: {max: 0}}\n", true},
        {"- contains: {extract: 'a*a*[cd]\\d', any: [a]}\n", true},
        {"- length: {extract: 'a*a*[cd]\\d'}\n", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
        struct str list = arena_printf(&rig->arena, "%s- length: {dimension: size}\n", rows[i].scorer);
        if (!rig_load(rig, rows[i].scorer, list.ptr)) {
            continue;
        }
        rig_text(rig, rows[i].takes_turns ? slow_words(&text) : repeated(&text, "a", 200000, "b"));
        rig->turn_ns = 5 * NS_PER_MS;
        int64_t begin_ns = clock_ns(&CLOCK_SYSTEM);
        rig_run(rig);
        CHECK(rows[i].scorer, clock_ns(&CLOCK_SYSTEM) - begin_ns < 30 * NS_PER_S);
        CHECK(rows[i].scorer, rig->result.is_errored && rig->result.pass == PASS_NONE && !rig->result.has_score);
        CHECK_CONTAINS(rows[i].scorer, rig->result.error_text, "regex_limit");
        CHECK_INT(rows[i].scorer, rig->result.scores[0].outcome, SCORE_NOT_SCORED);
        CHECK_DOUBLE(rows[i].scorer, rig_score(rig, "size")->value, (double)text.len, 0);
        CHECK(rows[i].scorer, !rows[i].takes_turns || rig->turns > 2);
    }
}

/* A search in turns says what one in one go does. */
static void test_turns(void)
{
    RIG(rig);
    struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
    if (!rig_load(rig, "turns",
                  "- regex: {pattern: '\\d+', count: {min: 1}, dimension: words}\n"
                  "- regex: {pattern: '(x+x+)+y', dimension: slow}\n"
                  "- numeric: {match: last, expected: 7, dimension: last}\n"
                  "- regex: {extract: '(\\d)', match: last, pattern: '7', dimension: extracted}\n")) {
        return;
    }
    rig_text(rig, repeated(&text, "12 xxxxxxxxxxxx ", 2000, "7"));
    rig_run(rig);
    struct str counted = arena_str(&rig->arena, rig_score(rig, "words")->comment);
    CHECK_INT("one go", rig->turns, 0);
    CHECK_CSTR("count", counted, "pass: 2001 matches of /\\d+/");
    for (int64_t turn_ns = 1; turn_ns < NS_PER_MS; turn_ns *= 50) {
        rig->turn_ns = turn_ns;
        rig_run(rig);
        CHECK("turns", rig->turns > 0 || turn_ns > 1000);
        CHECK_STR("the same count", rig_score(rig, "words")->comment, counted);
        CHECK_INT("the same fail", rig_score(rig, "slow")->outcome, SCORE_FAIL);
        CHECK_INT("the same number", rig_score(rig, "last")->outcome, SCORE_PASS);
        CHECK_INT("the same extract", rig_score(rig, "extracted")->outcome, SCORE_PASS);
    }
}

/* A scoring that is given up half way frees the pattern of its case (the leak checker looks). */
static void test_dropped(void)
{
    RIG(rig);
    struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
    if (!rig_load(rig, "drop", "- regex: 'a*a*(?:{{expected}}|[cd])\\d'")) {
        return;
    }
    rig_expected(rig, "1");
    rig_text(rig, slow_words(&text));
    struct scope scope = {.expected = &rig->eval_case.expected};
    struct scoring_sample sample = {.suite = &rig->suite,
                                    .variant = &rig->variant,
                                    .eval_case = &rig->eval_case,
                                    .output = &rig->output,
                                    .scope = &scope};
    struct scoring *s = scoring_begin(&rig->sample_arena, &sample);
    scoring_drop(s);
    CHECK_INT("more to do", scoring_step(s, 1), SCORING_MORE);
    scoring_drop(s);
    scoring_drop(NULL);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"many groups", test_many_groups},
        {"double quotes", test_double_quotes},
        {"match", test_match},
        {"count", test_count},
        {"capture", test_capture},
        {"templates", test_templates},
        {"limits", test_limit},
        {"turns", test_turns},
        {"dropped", test_dropped},
    };
    return check_run("scorers/regex", tests, ARRAY_LEN(tests));
}
