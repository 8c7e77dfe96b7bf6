#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "cli/args.h"
#include "tests/check.h"

static const struct option_row OWN[] = {
    {"verbose", 'v', OPTION_FLAG, NULL, "more words"},
    {"limit", 'n', OPTION_VALUE, "N", "at most"},
    {"tag", 't', OPTION_LIST, "TAG", "which"},
    {0},
};
static const struct option_row COMMON[] = {{"db", 0, OPTION_VALUE, "FILE", "the store"}, {0}};

enum { WORDS_MAX = 8 };

static void test_refused(void)
{
    static const struct {
        const char *name;
        const char *words[WORDS_MAX];
        const char *part;
    } rows[] = {
        {"unknown option", {"--limitt", "3"}, "did you mean '--limit'?"},
        {"unknown, nothing near", {"--zzzzzz"}, "unknown option '--zzzzzz'"},
        {"near one of the common table", {"--bd", "x"}, "did you mean '--db'?"},
        {"unknown letter", {"-q"}, "unknown option '-q'"},
        {"letters are not bundled", {"-vn", "3"}, "unknown option '-vn'"},
        {"a flag with a value", {"--verbose=yes"}, "takes no value"},
        {"a value that is missing", {"--limit"}, "--limit wants a value: --limit N"},
        {"a value that is empty", {"--limit", ""}, "--limit wants a value that is not empty: --limit N"},
        {"empty after =", {"--limit="}, "--limit wants a value that is not empty"},
        {"a value given twice", {"--limit", "1", "-n", "2"}, "--limit is given twice ('1' and '2')"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct args args = {0};
        struct err err = ERR_NULL;
        CHECK(rows[i].name, !args_parse(&arena, rows[i].words, OWN, COMMON, &args, &err));
        CHECK_INT(rows[i].name, err.kind, ERR_USAGE);
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].part);
    }
}

static void test_numbers(void)
{
    static const struct {
        const char *text;
        bool ok;
        uint64_t number;
    } rows[] = {
        {"1", true, 1},   {"10", true, 10},  {"0", false, 0}, {"11", false, 0},
        {"-1", false, 0}, {"1.5", false, 0}, {"x", false, 0}, {"99999999999999999999", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct args args = {0};
        struct err err = ERR_NULL;
        const char *words[] = {"--limit", rows[i].text, NULL};
        uint64_t number = 77;
        CHECK(rows[i].text, args_parse(&arena, words, OWN, NULL, &args, &err));
        CHECK(rows[i].text, args_number(&args, "limit", 1, 10, &number, &err) == rows[i].ok);
        CHECK_INT(rows[i].text, number, rows[i].ok ? rows[i].number : 77);
        if (!rows[i].ok) {
            CHECK_CONTAINS(rows[i].text, str_from(err.text), "--limit wants a whole number from 1 to 10");
        }
    }
}

static void test_accepted(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct args args = {0};
    struct err err = ERR_NULL;
    const char *words[] = {"a.yaml", "--tag=x", "-t", "y", "-n7", "--db", "s.db", "-v", "--", "--tag", "-", NULL};
    CHECK("parses", args_parse(&arena, words, OWN, COMMON, &args, &err));
    CHECK_INT("operands", args.operand_count, 3);
    CHECK_CSTR("first operand", str_from(args.operands[0]), "a.yaml");
    CHECK_CSTR("after -- an option is an operand", str_from(args.operands[1]), "--tag");
    CHECK_CSTR("a lone dash is an operand", str_from(args.operands[2]), "-");
    CHECK("operands end", args.operands[3] == NULL);
    const char *const *tags = args_list(&args, &arena, "tag");
    CHECK_INT("two tags", args_count(&args, "tag"), 2);
    CHECK_CSTR("in order", str_from(tags[0]), "x");
    CHECK_CSTR("in order", str_from(tags[1]), "y");
    CHECK("list ends", tags[2] == NULL);
    CHECK_CSTR("letter with its value", str_from(args_value(&args, "limit")), "7");
    CHECK_CSTR("common table", str_from(args_value(&args, "db")), "s.db");
    CHECK("flag", args_has(&args, "verbose"));
    CHECK("absent", !args_has(&args, "report") && args_list(&args, &arena, "report") == NULL);
}

static void test_help(void)
{
    struct buf text CLEANUP(buf_deinit) = BUF(1 << 16);
    args_help(OWN, &text);
    CHECK_CONTAINS("letter and name", buf_str(&text), "  -n, --limit N");
    CHECK_CONTAINS("every row", buf_str(&text), "more words");
    args_help(NULL, &text);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"bad command lines are refused with a hint", test_refused},
        {"numbers have a range", test_numbers},
        {"options and operands mix", test_accepted},
        {"help is made from the rows", test_help},
    };
    return check_run("cli/args", tests, ARRAY_LEN(tests));
}
