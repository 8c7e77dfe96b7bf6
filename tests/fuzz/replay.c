/* Runs a fuzz target without a fuzzer: over its corpus, and over the neighbours of every file of it (cut short at each byte, each byte
 * replaced by each of a few that mean something to some reader).
 * usage: fuzz_NAME NAME CORPUS_FOLDER */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "tests/check.h"
#include "tests/fuzz/fuzz.h"

enum { FILE_MAX_BYTES = 1 << 20, NEIGHBOURS_MAX_BYTES = 400, PATH_ROOM = 1024 };

static const char *corpus; /* the program's argument; tests take none */

static void run(struct str text)
{
    /* A block of just this size, so that a read past the end is seen. */
    uint8_t *copy = malloc(text.len > 0 ? text.len : 1);
    if (copy == NULL) {
        abort();
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    (void)LLVMFuzzerTestOneInput(copy, text.len);
    free(copy);
}

static void run_neighbours(struct str text)
{
    static const char bytes[] = "\0\n\"'\\{}[]().,:*&#%-+|09eE\xff\xe2 ";
    char changed[NEIGHBOURS_MAX_BYTES];
    memcpy(changed, text.ptr, text.len);
    for (size_t i = 0; i < text.len; i++) {
        run(str_slice(text, 0, i));
        for (size_t k = 0; k < sizeof(bytes) - 1; k++) {
            changed[i] = bytes[k];
            run((struct str){changed, text.len});
        }
        changed[i] = text.ptr[i];
    }
}

static void test_corpus(void)
{
    DIR *dir = opendir(corpus);
    CHECK("the corpus", dir != NULL);
    int files = 0;
    for (const struct dirent *entry = dir == NULL ? NULL : readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct str path = arena_printf(&arena, "%s/%s", corpus, entry->d_name), text;
        bool is_read = file_read(&arena, path.ptr, FILE_MAX_BYTES, &text, &err);
        CHECK(entry->d_name, is_read);
        if (is_read) {
            run(text);
            if (text.len > 0 && text.len <= NEIGHBOURS_MAX_BYTES) {
                run_neighbours(text);
            }
            files++;
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    run(STR(""));
    CHECK("there are files", files > 0);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {{"corpus", test_corpus}};
    if (argc != 3) {
        return 2;
    }
    corpus = argv[2];
    return check_run(argv[1], tests, ARRAY_LEN(tests));
}
