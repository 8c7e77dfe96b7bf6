#include "tests/e2e/resume.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"

void resume_write(struct e2e *e, int cases)
{
    struct buf rows CLEANUP(buf_deinit) = BUF(1 << 20);
    for (int i = 0; i < cases; i++) {
        buf_printf(&rows, "{\"n\": %d, \"want\": \"%s\"}\n", i, i % 7 == 3 ? "nothing" : "as it is");
    }
    e2e_write_bytes(e, "rows.jsonl", buf_str(&rows));
    e2e_write(e, "suite.yaml",
              "suite: pure\n"
              "target: {shell: 'sleep 0.002; printf \"as it is\"', stdin: none}\n"
              "variants:\n"
              "  - {name: short}\n"
              "  - {name: long, shell: 'sleep 0.006; printf \"as it is\"'}\n"
              "concurrency: 2\n"
              "dataset: {file: rows.jsonl, id: 'case-{{n}}', input: '{{n}}', expected: '{{want}}'}\n"
              "scorers: [exact, {length: {max: 20}}]\n"
              "gates: [exact.pass_rate >= 60%]\n");
}

void resume_calm(struct e2e *e)
{
    struct e2e_done done =
        e2e_sh(e, "assay run suite.yaml -q --run-id t -r jsonl=calm.jsonl -r json=calm.json && rm -r .assay");
    CHECK_INT("undisturbed", done.exit_code, 0);
}

const char *resume_script(struct e2e *e, const char *before)
{
    bool exists = e2e_exists(e, ".assay/assay.db") &&
                  e2e_count(e, "SELECT count(*) FROM sqlite_schema WHERE name = 'invocation'") > 0 &&
                  e2e_count(e, "SELECT count(*) FROM invocation") > 0;
    return arena_printf(&e->arena, "exec %s assay %s t -v --grace 5ms", before,
                        exists ? "resume" : "run suite.yaml --run-id")
        .ptr;
}

void resume_note(struct e2e *e, struct str err)
{
    struct temp_path path = temp_path(&e->dir, "announced");
    FILE *file CLEANUP(file_fclose) = fopen(path.text, "a");
    struct str line;
    while (file != NULL && str_split(&err, '\n', &line)) {
        /* PASS  case-3 [short]: words */
        size_t end = 0;
        if ((str_starts(line, STR("PASS ")) || str_starts(line, STR("FAIL ")) || str_starts(line, STR("ERROR "))) &&
            str_find_char(line, ']', &end)) {
            struct str name = str_trim(str_slice(line, 5, end + 1));
            (void)fprintf(file, "%.*s\n", STR_ARG(name));
        }
    }
}

static unsigned counted(struct e2e *e, const char *script)
{
    return (unsigned)strtoul(e2e_sh(e, "%s", script).out.ptr, NULL, 10);
}

void resume_judge(struct e2e *e, const char *row, struct resume_figures *figures)
{
    struct e2e_done done = e2e_sh(e, "assay report t --format jsonl=after.jsonl --format json=after.json");
    CHECK_INT(row, done.exit_code, 0);
    CHECK_STR(row, e2e_without_times(e, "after.jsonl"), e2e_without_times(e, "calm.jsonl"));
    CHECK_STR(row, e2e_without_times(e, "after.json"), e2e_without_times(e, "calm.json"));
    CHECK_CSTR(row, e2e_sql(e, "PRAGMA integrity_check"), "ok");
    (void)e2e_sh(e, "touch announced; sort announced >said; jq -r 'if .kind == \"run\" then .variant else .case // "
                    "empty end' after.jsonl |"
                    "awk '/^case-/ { print $0 \" [\" v \"]\"; next } { v = $0 }' | sort >kept");
    unsigned lost = counted(e, "sort -u said | comm -23 - kept | wc -l");
    unsigned doubled = counted(e, "uniq -d said | wc -l") + counted(e, "uniq -d kept | wc -l");
    CHECK_INT(row, lost, 0);
    CHECK_INT(row, doubled, 0);
    CHECK_INT(row, counted(e, "wc -l <kept"), 2 * counted(e, "wc -l <rows.jsonl"));
    figures->announced += counted(e, "wc -l <said");
    figures->lost += lost;
    figures->doubled += doubled;
}
