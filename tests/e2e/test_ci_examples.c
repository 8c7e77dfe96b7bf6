/* The CI files of examples/: they are YAML, name only options that the program has, and their scripts gate a merge when they are run. */

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/file.h"
#include "base/vec.h"
#include "data/value.h"
#include "data/yaml.h"
#include "tests/e2e/e2e.h"

static const char *const FILES[] = {"examples/github-actions.yml", "examples/gitlab-ci.yml"};

enum { FILE_BYTES = 1 << 20 };

struct scripts {
    VEC(struct str) items;
};

/* Every text that runs assay, wherever it stands. */
static void collect(struct arena *arena, const struct value *v, struct scripts *ret)
{
    if (v->kind == VALUE_TEXT && (str_starts(v->text, STR("assay ")) || str_find(v->text, STR("\nassay "), NULL))) {
        *vec_push(arena, &ret->items) = v->text;
    }
    for (uint32_t i = 0; (v->kind == VALUE_LIST || v->kind == VALUE_MAP) && i < v->len; i++) {
        collect(arena, &v->items[i], ret);
    }
}

static struct scripts read_scripts(struct arena *arena, const char *name)
{
    struct scripts ret = {0};
    struct err err = ERR_NULL;
    struct diag diag;
    struct value v;
    struct str text;
    const char *path = file_join(arena, str_from(e2e_source_dir()), str_from(name));
    diag_init(&diag, arena);
    CHECK(name, file_read(arena, path, FILE_BYTES, &text, &err));
    diag_source(&diag, path, text);
    bool is_yaml = yaml_read(arena, path, text, &v, &diag);
    CHECK(is_yaml ? name : diag.faults.items[0].text.ptr, is_yaml);
    if (is_yaml) {
        collect(arena, &v, &ret);
    }
    CHECK(name, ret.items.len >= 2);
    return ret;
}

/* Each option of a command line is in the command's help, each format in that of reporters. */
static void check_words(struct e2e *e, struct str line)
{
    struct str rest = line;
    struct str word;
    struct str before = STR("");
    struct e2e_done help = {0};
    const char *row = arena_cstr(&e->arena, line);
    for (size_t i = 0; str_split(&rest, ' ', &word); i++) {
        size_t equals = 0;
        if (i == 1) {
            help = e2e_sh(e, "assay help %.*s", STR_ARG(word));
            CHECK_INT(row, help.exit_code, 0);
        }
        if (str_starts(word, STR("-"))) {
            CHECK_CONTAINS(row, help.out, arena_printf(&e->arena, " %.*s ", STR_ARG(word)).ptr);
        }
        if (str_eq_cstr(before, "--report")) {
            struct str name = str_find_char(word, '=', &equals) ? str_slice(word, 0, equals) : word;
            CHECK_CONTAINS(row, e2e_sh(e, "assay help reporters").out,
                           arena_printf(&e->arena, "\n  %.*s ", STR_ARG(name)).ptr);
        }
        before = word.len > 0 ? word : before;
    }
}

/* The lines that begin with assay, with those that go on behind a backslash. */
static void check_script(struct e2e *e, struct str script)
{
    struct buf joined CLEANUP(buf_deinit) = BUF(FILE_BYTES);
    struct str rest = script;
    struct str line;
    while (str_split(&rest, '\n', &line)) {
        struct str trimmed = str_trim(line);
        bool goes_on = str_ends(trimmed, STR("\\"));
        buf_append(&joined, goes_on ? str_slice(trimmed, 0, trimmed.len - 1) : trimmed);
        buf_append_char(&joined, goes_on ? ' ' : '\n');
    }
    rest = buf_str(&joined);
    while (str_split(&rest, '\n', &line)) {
        if (str_starts(line, STR("assay "))) {
            check_words(e, line);
        }
    }
}

static void options_exist(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        struct scripts scripts = read_scripts(&e.arena, FILES[i]);
        for (size_t k = 0; k < scripts.items.len; k++) {
            check_script(&e, scripts.items.items[k]);
        }
    }
}

/* As the job would: in order, the first that fails ends it. */
static int run_job(struct e2e *e, const char *file)
{
    struct scripts scripts = read_scripts(&e->arena, file);
    for (size_t k = 0; k < scripts.items.len; k++) {
        e2e_write(e, "step.sh", arena_cstr(&e->arena, scripts.items.items[k]));
        struct e2e_done done = e2e_sh(e, "sh -e step.sh");
        if (done.exit_code != 0) {
            return done.exit_code;
        }
    }
    return 0;
}

static void write_suite(struct e2e *e, const char *wanted)
{
    (void)e2e_sh(e, "mkdir -p evals; rm -rf .assay *.html *.md *.xml; mkdir .assay");
    e2e_write(e, "evals/sums.yaml",
              arena_printf(&e->arena,
                           "suite: sums\n"
                           "target: {command: [awk, '{ print $0 + 1 }'], stdin: text}\n"
                           "cases: [{id: a, input: \"1\", expected: \"%s\"}]\n"
                           "scorers: [exact]\n"
                           "baseline: [{label: branch=main, missing: skip}]\n"
                           "gates: [exact.pass_rate >= 90%%, no regression of exact.mean]\n",
                           wanted)
                  .ptr);
}

static void jobs_gate(void)
{
    static const char *const ENV[] = {"GITHUB_RUN_ID=1", "GITHUB_EVENT_NAME=push", "CI_PIPELINE_ID=1",
                                      "CI_PIPELINE_SOURCE=schedule", "GITHUB_STEP_SUMMARY=summary.md"};
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        struct e2e e CLEANUP(e2e_close) = e2e_open();
        for (size_t k = 0; k < ARRAY_LEN(ENV); k++) {
            e.env[k] = ENV[k];
        }
        write_suite(&e, "2");
        CHECK_INT(FILES[i], run_job(&e, FILES[i]), 0);
        CHECK(FILES[i], e2e_exists(&e, "report.html") && e2e_exists(&e, "junit.xml"));
        CHECK_INT("again, it goes on where it was", run_job(&e, FILES[i]), 0);
        CHECK_INT("and runs nothing twice", e2e_count(&e, "SELECT count(*) FROM invocation"), 1);
        write_suite(&e, "3");
        CHECK_INT("a failing gate fails the job", run_job(&e, FILES[i]), 1);
        CHECK("and leaves its report", e2e_exists(&e, "report.html"));
        write_suite(&e, "2\", nothing: \"");
        CHECK_INT("a suite that is not good fails it before", run_job(&e, FILES[i]), 2);
        CHECK("and leaves none", !e2e_exists(&e, "report.html"));
    }
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"options exist", options_exist},
        {"jobs gate", jobs_gate},
    };
    e2e_init(argc, argv);
    return check_run("e2e/ci_examples", tests, ARRAY_LEN(tests));
}
