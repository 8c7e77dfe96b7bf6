#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"
#include "tests/check.h"
#include "tests/temp.h"

static void make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    CHECK("the path fits", len < sizeof(address.sun_path));
    memcpy(address.sun_path, path, len < sizeof(address.sun_path) ? len : 0);
    int fd CLEANUP(file_close) = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_INT("socket", bind(fd, (struct sockaddr *)(void *)&address, sizeof(address)), 0);
}

static void test_open_refuses(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct temp_path fifo = temp_path(&dir, "fifo");
    struct temp_path sock = temp_path(&dir, "socket");
    struct temp_path loop = temp_path(&dir, "loop");
    struct temp_path to_device = temp_path(&dir, "to-device");
    struct temp_path missing = temp_path(&dir, "missing");
    CHECK_INT("mkfifo", mkfifo(fifo.text, 0600), 0);
    make_socket(sock.text);
    CHECK_INT("loop", symlink("loop", loop.text), 0);
    CHECK_INT("link", symlink("/dev/zero", to_device.text), 0);
    const struct {
        const char *path, *text;
        int sys;
    } rows[] = {
        {missing.text, "cannot open", ENOENT}, {"", "cannot open", ENOENT},        {loop.text, "cannot open", ELOOP},
        {dir.path, "is a folder", 0},          {fifo.text, "is a pipe (FIFO)", 0}, {sock.text, "is a socket", 0},
        {"/dev/zero", "is a device", 0},       {to_device.text, "is a device", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct str text = STR("untouched");
        int fd = 77;
        CHECK(rows[i].text, !file_open(rows[i].path, &fd, &err));
        CHECK_INT(rows[i].text, fd, 77);
        CHECK_INT(rows[i].text, err.kind, ERR_IO);
        CHECK_INT(rows[i].text, err.sys, rows[i].sys);
        CHECK_CONTAINS(rows[i].text, str_from(err.text), rows[i].text);
        CHECK_CONTAINS(rows[i].text, str_from(err.text), rows[i].path);
        CHECK(rows[i].text, !file_read(&arena, rows[i].path, 10, &text, &err));
        CHECK_CSTR(rows[i].text, text, "untouched");
        struct file_lines lines CLEANUP(file_lines_close);
        CHECK(rows[i].text, !file_lines_open(&lines, rows[i].path, 10, &err));
        CHECK_INT(rows[i].text, lines.fd, -1);
    }
    if (geteuid() != 0) { /* root may read anything */
        struct err err = ERR_NULL;
        int fd = -1;
        struct temp_path closed = temp_file(&dir, "closed", STR("x"));
        CHECK_INT("chmod", chmod(closed.text, 0), 0);
        CHECK("not readable", !file_open(closed.text, &fd, &err));
        CHECK_INT("not readable", err.sys, EACCES);
    }
}

static void test_read(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    static char big[300000];
    memset(big, 'b', sizeof(big));
    const struct {
        const char *name;
        struct str data;
        size_t max_bytes;
        bool ok;
    } rows[] = {
        {"one byte too many", STR("12345"), 4, false},
        {"nothing allowed", STR("1"), 0, false},
        {"a large one over", {big, sizeof(big)}, sizeof(big) - 1, false},
        {"just fits", STR("1234"), 4, true},
        {"empty", STR(""), 0, true},
        {"NUL bytes", STR("a\0b"), 10, true},
        {"several blocks", {big, sizeof(big)}, sizeof(big), true},
        {"no ceiling to speak of", {big, sizeof(big)}, SIZE_MAX, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct temp_path path = temp_file(&dir, "file", rows[i].data);
        struct err err = ERR_NULL;
        struct str got = STR("untouched");
        CHECK_INT(rows[i].name, file_read(&arena, path.text, rows[i].max_bytes, &got, &err), rows[i].ok);
        CHECK_STR(rows[i].name, got, rows[i].ok ? rows[i].data : STR("untouched"));
        CHECK_INT(rows[i].name, err.kind, rows[i].ok ? ERR_NONE : ERR_LIMIT);
    }
    struct err err = ERR_NULL;
    struct str got = STR_NULL;
    if (file_exists("/proc/self/status")) { /* stat says 0 bytes */
        CHECK("what stat calls empty", file_read(&arena, "/proc/self/status", 1 << 20, &got, &err) && got.len > 0);
        CHECK("is counted", !file_read(&arena, "/proc/self/status", 10, &got, &err) && err.kind == ERR_LIMIT);
    }
}

static void test_lines(void)
{
    static const struct {
        const char *name;
        struct str data;
        const char *lines[5];
    } rows[] = {
        {"empty", {"", 0}, {NULL}},
        {"one empty line", {"\n", 1}, {"", NULL}},
        {"no end", {"a", 1}, {"a", NULL}},
        {"ended", {"a\n", 2}, {"a", NULL}},
        {"two", {"a\nbc", 4}, {"a", "bc", NULL}},
        {"empty ones count", {"\n\na\n\n", 5}, {"", "", "a", "", NULL}},
        {"CR is kept", {"a\r\nb\r", 5}, {"a\r", "b\r", NULL}},
        {"CR ends nothing", {"a\rb\n", 4}, {"a\rb", NULL}},
    };
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct temp_path path = temp_file(&dir, "file", rows[i].data);
        struct err err = ERR_NULL;
        struct file_lines f CLEANUP(file_lines_close);
        CHECK(rows[i].name, file_lines_open(&f, path.text, 10, &err));
        bool has = true;
        struct str line = STR_NULL;
        for (size_t n = 0; rows[i].lines[n] != NULL; n++) {
            uint64_t offset = 99;
            CHECK(rows[i].name, file_lines_next(&f, &has, &line, &offset, &err) && has);
            CHECK_CSTR(rows[i].name, line, rows[i].lines[n]);
            CHECK_INT(rows[i].name, f.line, n + 1);
            CHECK(rows[i].name, offset + line.len <= rows[i].data.len &&
                                    str_eq(line, (struct str){rows[i].data.ptr + offset, line.len}));
        }
        CHECK(rows[i].name, file_lines_next(&f, &has, &line, NULL, &err) && !has);
        CHECK(rows[i].name, file_lines_next(&f, &has, &line, NULL, &err) && !has);
    }
}

static void test_line_ceiling(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    static char data[400000];
    static const size_t max_line = 200000;
    static const struct {
        const char *name;
        size_t len;
        bool is_ended, ok;
    } rows[] = {
        {"over, ended", 200001, true, false},      {"over, at the end", 200001, false, false},
        {"far over", 399990, true, false},         {"just, ended", 200000, true, true},
        {"just, at the end", 200000, false, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        memset(data, 'x', sizeof(data));
        memcpy(data, "a\n", 2);
        data[2 + rows[i].len] = '\n';
        struct temp_path path =
            temp_file(&dir, "file", (struct str){data, 2 + rows[i].len + (rows[i].is_ended ? 1 : 0)});
        struct err err = ERR_NULL;
        struct file_lines f CLEANUP(file_lines_close);
        bool has = false;
        struct str line = STR_NULL;
        CHECK(rows[i].name, file_lines_open(&f, path.text, max_line, &err));
        CHECK(rows[i].name, file_lines_next(&f, &has, &line, NULL, &err));
        CHECK_INT(rows[i].name, file_lines_next(&f, &has, &line, NULL, &err), rows[i].ok);
        CHECK_INT(rows[i].name, line.len, rows[i].ok ? rows[i].len : 1);
        CHECK_INT(rows[i].name, err.kind, rows[i].ok ? ERR_NONE : ERR_LIMIT);
        CHECK_INT(rows[i].name, err.pos.line, rows[i].ok ? 0 : 2);
        CHECK("memory has a ceiling", f.data.cap <= 4 * max_line);
    }
}

/* Lines of random lengths, then every kind of jump between them, against what was written. */
static void test_seek(void)
{
    enum { LINES = 3000 };
    static uint64_t offsets[LINES + 1];
    static char data[LINES * 400];
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct rng r;
    size_t len = 0;
    rng_seed(&r, 3);
    for (size_t i = 0; i < LINES; i++) {
        offsets[i] = len;
        size_t line_len = (size_t)rng_below(&r, 399);
        memset(data + len, 'a' + (int)(i % 26), line_len);
        len += line_len;
        data[len++] = '\n';
    }
    offsets[LINES] = len;
    struct temp_path path = temp_file(&dir, "file", (struct str){data, len});
    struct err err = ERR_NULL;
    struct file_lines f CLEANUP(file_lines_close);
    CHECK("opens", file_lines_open(&f, path.text, 400, &err));
    for (int jump = 0; jump < 3000; jump++) {
        size_t near = f.line < 20 ? 0 : (size_t)f.line - (size_t)rng_below(&r, 20);
        size_t i = jump % 3 == 0 ? near : (size_t)rng_below(&r, LINES + 1);
        CHECK("jumps", file_lines_seek(&f, offsets[i], i, &err));
        for (size_t stop = i + (size_t)rng_below(&r, 40); i <= stop; i++) {
            bool has = false;
            struct str line = STR_NULL;
            uint64_t offset = 0;
            CHECK("reads", file_lines_next(&f, &has, &line, &offset, &err));
            CHECK_INT("until the end", has, i < LINES);
            if (!has) {
                break;
            }
            struct str want = {data + offsets[i], (size_t)(offsets[i + 1] - offsets[i] - 1)};
            CHECK_STR("the line", line, want);
            CHECK_INT("its place", offset, offsets[i]);
            CHECK_INT("its number", f.line, i + 1);
        }
    }
    CHECK("flat", f.data.cap <= 512 << 10);
    CHECK("beyond any file", !file_lines_seek(&f, UINT64_MAX, 0, &err) && err.kind == ERR_IO);
}

static void check_holds(const char *row, const char *path, struct str want)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct str got = STR_NULL;
    CHECK(row, file_read(&arena, path, 1 << 20, &got, &err));
    CHECK_STR(row, got, want);
}

static mode_t mode_of(const char *path)
{
    struct stat status = {0};
    CHECK_INT(path, stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void test_write_refuses(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct temp_path fifo = temp_path(&dir, "fifo");
    CHECK_INT("mkfifo", mkfifo(fifo.text, 0600), 0);
    struct temp_path below_nothing = temp_path(&dir, "no/such");
    struct temp_path plain = temp_file(&dir, "plain", STR("x"));
    struct temp_path below_file = temp_path(&dir, "plain/x");
    const char *rows[] = {"", "/dev/null", dir.path, fifo.text, below_nothing.text, below_file.text};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = ERR_NULL;
        CHECK(rows[i], !file_write(rows[i], STR("data"), &err));
        CHECK_INT(rows[i], err.kind, ERR_IO);
        CHECK_CONTAINS(rows[i], str_from(err.text), rows[i]);
    }
    struct stat status;
    CHECK("the device stays a device", stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
    check_holds("untouched", plain.text, STR("x"));
    if (geteuid() != 0) {
        struct err err = ERR_NULL;
        CHECK_INT("chmod", chmod(plain.text, 0444), 0);
        CHECK("read-only", !file_write(plain.text, STR("data"), &err) && err.sys == EACCES);
    }
}

static void test_write(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct err err = ERR_NULL;
    struct temp_path file = temp_path(&dir, "file");
    mode_t umask_before = umask(027);
    CHECK("new", file_write(file.text, STR("one"), &err));
    check_holds("new", file.text, STR("one"));
    CHECK_INT("a new file obeys the umask", mode_of(file.text), 0640);
    CHECK_INT("chmod", chmod(file.text, 0604), 0);
    CHECK("again", file_write(file.text, STR("a\0b"), &err));
    check_holds("again", file.text, STR("a\0b"));
    CHECK_INT("its mode stays", mode_of(file.text), 0604);
    CHECK("empty", file_write(file.text, STR_NULL, &err));
    check_holds("empty", file.text, STR(""));

    struct temp_path link = temp_path(&dir, "link");
    CHECK_INT("symlink", symlink("file", link.text), 0);
    CHECK("through a link", file_write(link.text, STR("linked"), &err));
    check_holds("the file behind it", file.text, STR("linked"));
    struct stat status;
    CHECK("the link stays", lstat(link.text, &status) == 0 && S_ISLNK(status.st_mode));
    (void)umask(umask_before);

    char here[512];
    CHECK("here", getcwd(here, sizeof(here)) != NULL && chdir(dir.path) == 0);
    CHECK("a bare name", file_write("bare", STR("bare"), &err));
    CHECK("back", chdir(here) == 0);
    check_holds("a bare name", temp_path(&dir, "bare").text, STR("bare"));
}

static size_t count_entries(const char *path)
{
    DIR *dir = opendir(path);
    CHECK("lists", dir != NULL);
    if (dir == NULL) {
        return 0;
    }
    size_t count = 0;
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count - 2; /* "." and ".." */
}

static void test_write_fault(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    static char big[100000];
    struct temp_path file = temp_file(&dir, "file", STR("old"));
    struct rlimit before;
    CHECK_INT("limit", getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 50000, .rlim_max = before.rlim_max};
    CHECK_INT("limit", setrlimit(RLIMIT_FSIZE, &small), 0); /* as a full disk: the write stops half way */
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct err err = ERR_NULL;
    CHECK("fails", !file_write(file.text, (struct str){big, sizeof(big)}, &err));
    (void)signal(SIGXFSZ, handler);
    CHECK_INT("limit", setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_INT("kind", err.kind, ERR_IO);
    CHECK_INT("cause", err.sys, EFBIG);
    check_holds("the old file stays whole", file.text, STR("old"));
    CHECK_INT("nothing is left beside it", count_entries(dir.path), 1);
}

static void test_temporary(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct err err = ERR_NULL;
    int fd CLEANUP(file_close) = -1;
    char text[8] = "";
    CHECK("made", file_temporary(dir.path, &fd, &err));
    CHECK_INT("written", write(fd, "abc", 3), 3);
    CHECK_INT("read", pread(fd, text, sizeof(text), 0), 3);
    CHECK_CSTR("the same", str_from(text), "abc");
    CHECK_INT("without a name", rmdir(dir.path), 0);
    int none = -1;
    CHECK("not in a folder that is not there", !file_temporary(dir.path, &none, &err));
    CHECK_CONTAINS("says where", str_from(err.text), dir.path);
}

static void test_same(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct temp_path file = temp_file(&dir, "file", STR("x"));
    struct temp_path link = temp_path(&dir, "link");
    CHECK_INT("symlink", symlink("file", link.text), 0);
    CHECK("through a link", file_is_same(file.text, link.text));
    CHECK("nothing there yet, one place",
          file_is_same(arena_printf(&arena, "%s/new", dir.path).ptr, arena_printf(&arena, "%s/./new", dir.path).ptr));
    CHECK("other names",
          !file_is_same(arena_printf(&arena, "%s/new", dir.path).ptr, arena_printf(&arena, "%s/newer", dir.path).ptr));
    CHECK("other folders", !file_is_same(arena_printf(&arena, "%s/new", dir.path).ptr, "new"));
    CHECK("only one is there", !file_is_same(file.text, "file"));
    CHECK("a device is no file", !file_is_same("/dev/null", "/dev/null"));
}

static void test_new(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct temp_path path = temp_file(&dir, "file", STR("old"));
    struct err err = ERR_NULL;
    struct file_new file;
    CHECK("open", file_new_open(&file, &arena, path.text, &err));
    CHECK("write", fputs("new", file.stream) >= 0 && fflush(file.stream) == 0);
    check_holds("until then it is as it was", path.text, STR("old"));
    CHECK("commit", file_new_commit(&file, &err));
    check_holds("then it is there", path.text, STR("new"));
    CHECK("again", file_new_open(&file, &arena, path.text, &err) && fputs("half", file.stream) >= 0);
    file_new_discard(&file);
    check_holds("discarded", path.text, STR("new"));
    file_new_discard(&file); /* nothing happens */
    CHECK_INT("nothing is left beside it", count_entries(dir.path), 1);
    CHECK("a folder", !file_new_open(&file, &arena, dir.path, &err));
    CHECK("no folder", !file_new_open(&file, &arena, "/nowhere/file", &err) && err.sys == ENOENT);
    CHECK("open", file_new_open(&file, &arena, path.text, &err));
    file_new_remove(&file);
    CHECK("what could not be written takes the old one with it", !file_exists(path.text));
    CHECK_INT("nothing is left", count_entries(dir.path), 0);
    if (file_exists("/dev/full")) {
        CHECK("a device", file_new_open(&file, &arena, "/dev/full", &err) && file.temp == NULL);
        CHECK("write", fputs("new", file.stream) >= 0);
        CHECK("is full", !file_new_commit(&file, &err) && err.sys == ENOSPC);
    }
}

static void test_paths(void)
{
    static const struct {
        const char *path, *dir, *name, *stem;
    } rows[] = {
        {"a/b.yaml", "a", "b.yaml", "b"},
        {"b.yaml", ".", "b.yaml", "b"},
        {"/b", "/", "b", "b"},
        {"//b", "/", "b", "b"},
        {"a//b.tar.gz", "a", "b.tar.gz", "b.tar"},
        {".hidden", ".", ".hidden", ".hidden"},
        {"a.b/c", "a.b", "c", "c"},
        {"a/", "a", "", ""},
        {"", ".", "", ""},
        {"/a/b/c.d", "/a/b", "c.d", "c"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_CSTR(rows[i].path, file_dir(str_from(rows[i].path)), rows[i].dir);
        CHECK_CSTR(rows[i].path, file_name(str_from(rows[i].path)), rows[i].name);
        CHECK_CSTR(rows[i].path, file_stem(str_from(rows[i].path)), rows[i].stem);
    }
    CHECK_CSTR("no path", file_dir(STR_NULL), ".");
    static const struct {
        const char *dir, *path, *joined;
    } joins[] = {
        {"", "b", "b"}, {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"a", "/b", "/b"}, {"a", "", "a/"},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
        CHECK_CSTR(joins[i].joined, str_from(file_join(&arena, str_from(joins[i].dir), str_from(joins[i].path))),
                   joins[i].joined);
    }
    CHECK("a NUL in a path", file_join(&arena, STR("a"), STR("b\0c")) == NULL);
    CHECK("a NUL in an absolute path", file_join(&arena, STR("a"), STR("/b\0c")) == NULL);
    CHECK("a NUL in the folder", file_join(&arena, STR("a\0b"), STR("c")) == NULL);
}

static void test_make_dir(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct err err = ERR_NULL;
    struct temp_path file = temp_file(&dir, "file", STR("x"));
    CHECK("a file in the way", !file_make_dir(file.text, &err) && err.kind == ERR_IO);
    CHECK_CONTAINS("a file in the way", str_from(err.text), "is a file, not a folder");
    CHECK("two levels", !file_make_dir(temp_path(&dir, "a/b").text, &err) && err.sys == ENOENT);
    CHECK("new", file_make_dir(temp_path(&dir, "a").text, &err));
    CHECK("there already", file_make_dir(temp_path(&dir, "a").text, &err));
    CHECK("exists", file_exists(temp_path(&dir, "a").text) && file_exists(file.text));
    CHECK("does not", !file_exists(temp_path(&dir, "b").text));
}

static void make_deep(const char *path, int depth)
{
    int fd CLEANUP(file_close) = open(path, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < depth; i++) {
        CHECK_INT("mkdir", mkdirat(fd, "d", 0700), 0);
        int file CLEANUP(file_close) = openat(fd, "f", O_WRONLY | O_CREAT, 0600);
        int next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
        CHECK("opens", file >= 0 && next >= 0);
        file_close(&fd);
        fd = next;
    }
}

static void test_remove_tree(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct err err = ERR_NULL;
    struct temp_path outside = temp_path(&dir, "outside");
    struct temp_path kept = temp_path(&dir, "outside/kept");
    struct temp_path tree = temp_path(&dir, "tree");
    CHECK("outside", file_make_dir(outside.text, &err) && file_write(kept.text, STR("kept"), &err));

    file_remove_tree(tree.text); /* absent: nothing to do */
    file_remove_tree("");

    CHECK("empty", file_make_dir(tree.text, &err));
    file_remove_tree(tree.text);
    CHECK("empty", !file_exists(tree.text));

    /* more levels than descriptors, and paths longer than PATH_MAX */
    CHECK("deep", file_make_dir(tree.text, &err));
    make_deep(tree.text, 3000);
    file_remove_tree(tree.text);
    CHECK("deep", !file_exists(tree.text));

    CHECK("mixed", file_make_dir(tree.text, &err));
    CHECK_INT("link to a folder", symlink(outside.text, temp_path(&dir, "tree/link").text), 0);
    CHECK_INT("dangling", symlink("nowhere", temp_path(&dir, "tree/dangling").text), 0);
    CHECK_INT("fifo", mkfifo(temp_path(&dir, "tree/fifo").text, 0600), 0);
    CHECK("sub", file_make_dir(temp_path(&dir, "tree/sub").text, &err));
    CHECK("subsub", file_make_dir(temp_path(&dir, "tree/sub/sub").text, &err));
    CHECK_INT("hard link", link(kept.text, temp_path(&dir, "tree/sub/sub/hard").text), 0);
    CHECK_INT("link up", symlink("../../..", temp_path(&dir, "tree/sub/sub/up").text), 0);
    for (int i = 0; i < 500; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "tree/sub/sub/%d", i);
        CHECK("many", file_make_dir(temp_path(&dir, name).text, &err));
        (void)snprintf(name, sizeof(name), "tree/sub/sub/%d/f", i);
        (void)temp_file(&dir, name, STR("x"));
    }
    CHECK_INT("read-only", chmod(temp_path(&dir, "tree/sub/sub").text, 0500), 0);
    CHECK_INT("no access", chmod(temp_path(&dir, "tree/sub").text, 0), 0);
    file_remove_tree(tree.text);
    CHECK("mixed", !file_exists(tree.text));
    check_holds("what links pointed to", kept.text, STR("kept"));

    CHECK_INT("the root is a link", symlink("outside", tree.text), 0);
    file_remove_tree(tree.text);
    struct stat status;
    CHECK("the link is gone", lstat(tree.text, &status) != 0);
    check_holds("what it pointed to is not", kept.text, STR("kept"));
    file_remove_tree(kept.text);
    CHECK("a file", !file_exists(kept.text));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"open refuses what is no regular file", test_open_refuses},
        {"whole files under a ceiling", test_read},
        {"lines", test_lines},
        {"the ceiling of a line", test_line_ceiling},
        {"jumps", test_seek},
        {"write refuses", test_write_refuses},
        {"write", test_write},
        {"a write that fails half way", test_write_fault},
        {"piece by piece", test_new},
        {"temporary", test_temporary},
        {"one place", test_same},
        {"paths", test_paths},
        {"folders", test_make_dir},
        {"trees", test_remove_tree},
    };
    return check_run("file", tests, ARRAY_LEN(tests));
}
