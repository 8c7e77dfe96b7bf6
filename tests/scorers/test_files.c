/* Cases in text files, for whoever knows what a scorer should say but writes no C. tests/cases/scorers/README says how.
 * usage: test_scorers_files FOLDER */

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "data/json.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

enum { FILE_MAX_BYTES = 1 << 20, LINES = 3, NAME_BYTES = 256 };

static const char *folder; /* the program's argument; tests take none */

static bool outcome_of(struct str word, enum score_outcome *ret)
{
    for (int i = SCORE_NOT_SCORED; i <= SCORE_FAIL; i++) {
        if (str_eq_cstr(word, score_outcome_word((enum score_outcome)i))) {
            *ret = (enum score_outcome)i;
            return true;
        }
    }
    return false;
}

/* A line in double quotes is a JSON text, with its escapes. */
static const char *output_of(struct arena *arena, struct str line)
{
    struct value v;
    struct err err = ERR_NULL;
    if (str_starts(line, STR("\"")) && json_read(arena, line, JSON_OURS, (struct src_pos){0}, &v, NULL, &err)) {
        return arena_cstr(arena, v.text);
    }
    return arena_cstr(arena, line);
}

static void check_case(struct arena *arena, const char *name, const struct str lines[LINES])
{
    struct scored row = {.name = name, .scorer = arena_cstr(arena, lines[0]), .output = output_of(arena, lines[1])};
    struct str words = lines[2];
    struct str outcome = STR_NULL;
    (void)str_split(&words, ':', &outcome);
    words = str_trim(words);
    row.comment = words.len > 0 ? arena_cstr(arena, words) : NULL;
    bool is_known = outcome_of(str_trim(outcome), &row.outcome);
    CHECK(name, is_known);
    if (is_known) {
        check_scored(&row, 1);
    }
}

/* How many cases a file holds; a case that is not of three lines is a fault. */
static int check_file(struct arena *arena, const char *file, struct str text)
{
    struct str lines[LINES];
    struct str line = STR_NULL;
    char name[NAME_BYTES];
    size_t filled = 0;
    int number = 0;
    int cases = 0;
    while (str_split(&text, '\n', &line)) {
        number++;
        if (filled == 0 && (str_trim(line).len == 0 || str_starts(line, STR("#")))) {
            continue;
        }
        lines[filled++] = line;
        if (filled == LINES) {
            (void)snprintf(name, sizeof(name), "%s:%d", file, number - LINES + 1);
            check_case(arena, name, lines);
            filled = 0;
            cases++;
        }
    }
    CHECK_INT(file, filled, 0);
    return cases;
}

static void test_files(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    DIR *dir = opendir(folder);
    CHECK("the folder", dir != NULL);
    int cases = 0;
    for (const struct dirent *entry = dir == NULL ? NULL : readdir(dir); entry != NULL; entry = readdir(dir)) {
        struct err err = ERR_NULL;
        struct str text = STR_NULL;
        struct str path = arena_printf(&arena, "%s/%s", folder, entry->d_name);
        if (!str_ends(str_from(entry->d_name), STR(".txt"))) {
            continue;
        }
        bool is_read = file_read(&arena, path.ptr, FILE_MAX_BYTES, &text, &err);
        CHECK(entry->d_name, is_read);
        cases += is_read ? check_file(&arena, entry->d_name, text) : 0;
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    CHECK("there are cases", cases > 0);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {{"files", test_files}};
    if (argc != 2) {
        return 2;
    }
    folder = argv[1];
    return check_run("scorers/files", tests, ARRAY_LEN(tests));
}
