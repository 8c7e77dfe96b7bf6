/* The layers by include: every #include of the product against the table of docs/architecture.md ("Layers"). By link: meson.build.
 * usage: test_layers SOURCE_ROOT */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "tests/check.h"

enum { LINE_MAX_BYTES = 1 << 20, PATH_ROOM = 4096 };

/* `name` is how others include it. A folder may always use itself. */
static const struct layer {
    const char *folder, *name, *may_use;
} LAYERS[] = {
    {"harness/base", "base", ""},
    {"harness/data", "data", "base"},
    {"harness/model", "model", "base data"},
    {"harness/wire", "wire", "base data model"},
    {"harness/io", "io", "base data model"},
    {"harness/targets", "targets", "base data model wire"},
    {"harness/store", "store", "base data model"},
    {"harness/stats", "stats", "base data model"},
    {"scorers", "scorers", "base data model wire"},
    {"reporters", "reporters", "base data model"},
    {"suites", "suites", "base data model targets scorers"},
    {"harness/opper", "opper", "base data model store wire"},
    {"harness/judge", "judge", "base data model store stats"},
    {"harness/run", "run", "base data model suites targets scorers io store opper judge reporters"},
    {"harness/serve", "serve", "base data model io store wire judge reporters"},
    {"harness/cli", "cli",
     "base data model wire io targets store stats scorers reporters suites opper judge run serve"},
    {"harness", "", /* main.c only */
     "base data model wire io targets store stats scorers reporters suites opper judge run serve cli"},
};

/* A library's header is included by its one wrapper; a wrapper that ends in '/' is a folder. */
static const struct wrapper {
    const char *header, *wrapper;
} WRAPPERS[] = {
    {"CUnit/", "tests/"},
    {"curl/", "harness/io/"},
    {"jsmn.h", "harness/data/json_read.c"},
    {"microhttpd.h", "harness/serve/"},
    {"nettle/", "harness/base/digest.c"},
    {"pcre2.h", "harness/base/pattern.c"},
    {"sqlite3.h", "harness/store/sqlite.c"},
    {"utf8proc.h", "harness/base/utf8.c"},
    {"yaml.h", "harness/data/yaml_read.c"},
};

/* What only these files may name: a secret's way out. */
static const struct owned {
    const char *word, *files[4];
} OWNED[] = {
    {"secret_reveal", {"harness/base/secret.h", "harness/base/secret.c", "harness/base/redact.c", "harness/io/http.c"}},
};

static const struct layer *layer_of_folder(struct str folder)
{
    for (size_t i = 0; i < ARRAY_LEN(LAYERS); i++) {
        if (str_eq_cstr(folder, LAYERS[i].folder)) {
            return &LAYERS[i];
        }
    }
    return NULL;
}

static bool has_word(const char *words, struct str word)
{
    struct str rest = str_from(words), part;
    while (str_split(&rest, ' ', &part)) {
        if (str_eq(part, word)) {
            return true;
        }
    }
    return false;
}

static bool is_foreign_word(struct str path, struct str line)
{
    for (size_t i = 0; i < ARRAY_LEN(OWNED); i++) {
        bool is_owner = !str_find(line, str_from(OWNED[i].word), NULL);
        for (size_t j = 0; j < ARRAY_LEN(OWNED[i].files); j++) {
            is_owner = is_owner || str_eq_cstr(path, OWNED[i].files[j]);
        }
        if (!is_owner) {
            return true;
        }
    }
    return false;
}

/* What is wrong with `line` of the file `path` (from the source root); NULL when nothing is. */
static const char *layer_fault(struct str path, struct str line)
{
    struct str rest = str_trim(line);
    if (is_foreign_word(path, line)) {
        return "this may be used in other files only";
    }
    if (!str_starts(rest, STR("#"))) {
        return NULL;
    }
    rest = str_trim(str_slice(rest, 1, rest.len));
    if (!str_starts(rest, STR("include"))) {
        return NULL;
    }
    rest = str_trim(str_slice(rest, strlen("include"), rest.len));
    bool is_ours = str_starts(rest, STR("\""));
    size_t end = 0;
    struct str header = str_slice(rest, 1, rest.len);
    if ((!is_ours && !str_starts(rest, STR("<"))) || !str_find_char(header, is_ours ? '"' : '>', &end)) {
        return "neither \"folder/name.h\" nor <name.h>";
    }
    header = str_slice(header, 0, end);
    for (size_t i = 0; i < ARRAY_LEN(WRAPPERS); i++) {
        struct str wrapper = str_from(WRAPPERS[i].wrapper);
        bool is_wrapper = str_ends(wrapper, STR("/")) ? str_starts(path, wrapper) : str_eq(path, wrapper);
        if (str_starts(header, str_from(WRAPPERS[i].header)) && !is_wrapper) {
            return "this library belongs to another file";
        }
    }
    if (!is_ours) {
        return NULL;
    }
    const struct layer *layer = layer_of_folder(file_dir(path));
    if (layer == NULL) {
        return "a folder that is in no layer";
    }
    struct str used = file_dir(header);
    if (!str_eq_cstr(used, layer->name) && !has_word(layer->may_use, used)) {
        return "a folder that this one may not use";
    }
    return NULL;
}

static void test_rule(void)
{
    static const struct {
        const char *name, *path, *line;
        bool ok;
    } rows[] = {
        {"upward", "harness/base/x.c", "#include \"data/json.h\"", false},
        {"upward by one", "harness/judge/x.c", "#include \"run/run.h\"", false},
        {"upward in a header", "harness/model/x.h", "#include \"store/store.h\"", false},
        {"sideways", "scorers/x.c", "#include \"targets/target.h\"", false},
        {"sideways, odd spelling", "scorers/x.c", "  #  include   \"targets/target.h\" /* why */", false},
        {"main", "harness/main.c", "#include \"tests/check.h\"", false},
        {"a test's header", "harness/base/x.c", "#include \"tests/check.h\"", false},
        {"no folder", "harness/base/x.c", "#include \"arena.h\"", false},
        {"out of the tree", "harness/base/x.c", "#include \"../data/json.h\"", false},
        {"deeper than a layer", "harness/base/deep/x.c", "#include \"base/arena.h\"", false},
        {"unknown folder", "harness/fresh/x.c", "#include \"base/arena.h\"", false},
        {"by macro", "harness/base/x.c", "#include HEADER", false},
        {"a library's wrapper is elsewhere", "harness/store/x.c", "#include <sqlite3.h>", false},
        {"quoted library", "harness/store/x.c", "#include \"sqlite3.h\"", false},
        {"a library's other folder", "harness/run/x.c", "#include <curl/curl.h>", false},
        {"prefix of a folder is not the folder", "harness/io.c", "#include <curl/curl.h>", false},
        {"a secret's way out", "harness/run/x.c", "    puts(secret_reveal(key).ptr);", false},
        {"a secret's way into the header", "harness/io/http.c", "    secret_reveal(key)", true},
        {"downward", "harness/run/x.c", "#include \"io/loop.h\"", true},
        {"itself", "scorers/x.c", "#include \"scorers/scorer.h\"", true},
        {"wrapper", "harness/data/json_read.c", "#include <jsmn.h>", true},
        {"wrapper folder", "harness/io/http.c", "#include <curl/curl.h>", true},
        {"system", "harness/base/x.c", "#include <sys/stat.h>", true},
        {"no include", "harness/base/x.c", "#define include \"data/json.h\"", true},
        {"text", "harness/base/x.c", "include \"data/json.h\"", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *fault = layer_fault(str_from(rows[i].path), str_from(rows[i].line));
        CHECK(rows[i].name, (fault == NULL) == rows[i].ok);
    }
}

static const char *source_root; /* the program's argument; tests take none */

static bool is_source(struct str name)
{
    return str_ends(name, STR(".c")) || str_ends(name, STR(".h"));
}

static void check_file(const char *path)
{
    char full[PATH_ROOM];
    (void)snprintf(full, sizeof(full), "%s/%s", source_root, path);
    struct err err = ERR_NULL;
    struct file_lines lines;
    bool has = file_lines_open(&lines, full, LINE_MAX_BYTES, &err);
    CHECK(path, has);
    while (has) {
        struct str line;
        CHECK(path, file_lines_next(&lines, &has, &line, NULL, &err));
        const char *fault = has ? layer_fault(str_from(path), line) : NULL;
        if (fault != NULL) {
            char row[PATH_ROOM + 512];
            (void)snprintf(row, sizeof(row), "%s:%d: %.*s: %s", path, (int)lines.line, STR_ARG(line), fault);
            CHECK(row, false);
        }
    }
    file_lines_close(&lines);
}

/* A source that no meson.build names is never compiled: it must not lie about. */
static void check_is_built(struct str build, const char *name)
{
    char quoted[512];
    (void)snprintf(quoted, sizeof(quoted), "'%s'", name);
    CHECK(name, !str_ends(str_from(name), STR(".c")) || str_find(build, str_from(quoted), NULL));
}

/* The folder's own meson.build; main.c is in the root's. */
static struct str read_build(struct arena *arena, const char *folder)
{
    struct err err = ERR_NULL;
    struct str text = STR_NULL;
    struct str path = arena_printf(arena, "%s/%s/meson.build", source_root, folder);
    return !file_exists(path.ptr) || file_read(arena, path.ptr, LINE_MAX_BYTES, &text, &err) ? text : STR_NULL;
}

/* The sources of one folder; -1 when there is no such folder. Sub-folders must be in the table themselves. */
static int check_folder(const char *folder)
{
    char path[PATH_ROOM];
    (void)snprintf(path, sizeof(path), "%s/%s", source_root, folder);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        CHECK_INT(folder, errno, ENOENT);
        return -1;
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str build = read_build(&arena, folder);
    int sources = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        struct stat st;
        (void)snprintf(path, sizeof(path), "%s/%s/%s", source_root, folder, entry->d_name);
        CHECK(path, stat(path, &st) == 0);
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (S_ISDIR(st.st_mode)) {
            CHECK(path, layer_of_folder(str_from(path)) != NULL);
        } else if (is_source(str_from(entry->d_name))) {
            check_file(path);
            if (!str_eq_cstr(str_from(path), "harness/main.c")) {
                check_is_built(build, entry->d_name);
            }
            sources++;
        }
    }
    (void)closedir(dir);
    return sources;
}

static void test_sources(void)
{
    int total = 0;
    for (size_t i = 0; i < ARRAY_LEN(LAYERS); i++) {
        int sources = check_folder(LAYERS[i].folder);
        CHECK(LAYERS[i].folder, sources != 0 || LAYERS[i].name[0] == '\0');
        total += sources > 0 ? sources : 0;
    }
    CHECK("the sources are where they are looked for", total > 50);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {{"rule", test_rule}, {"sources", test_sources}};
    if (argc != 2) {
        return 2;
    }
    source_root = argv[1];
    return check_run("layers", tests, ARRAY_LEN(tests));
}
