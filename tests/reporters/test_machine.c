#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "data/json.h"
#include "data/value.h"
#include "tests/check.h"
#include "tests/reporters/report.h"

static const char *const MACHINE_FORMATS[] = {"csv", "github", "html", "json", "jsonl", "junit", "markdown"};

static void test_table(void)
{
    size_t count = 0;
    for (; REPORTERS[count] != NULL; count++) {
        const struct reporter *r = REPORTERS[count];
        CHECK(r->name, r->write != NULL && r->summary != NULL && strlen(r->summary) > 10);
        CHECK(r->name, count == 0 || strcmp(REPORTERS[count - 1]->name, r->name) < 0);
        CHECK(r->name, reporter_find(str_from(r->name)) == r);
    }
    CHECK_INT("all are there", count, 8);
    CHECK("unknown", reporter_find(STR("html5")) == NULL);
    CHECK("nothing", reporter_find(STR("")) == NULL);
    CHECK("a beginning", reporter_find(STR("jso")) == NULL);
}

/* A disk that is full, and a store that fails midway: an error, not a report that looks whole. */
static void test_faults(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 2, REPORT_EVIL);
    for (size_t i = 0; REPORTERS[i] != NULL; i++) {
        struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        FILE *full = fopen("/dev/full", "we");
        if (full != NULL) {
            r.in.out = full;
            bool ok = REPORTERS[i]->write(&r.in, &scratch, &err);
            CHECK(REPORTERS[i]->name, !ok || fflush(full) != 0 || ferror(full) != 0);
            CHECK_INT(REPORTERS[i]->name, err.kind, ok ? ERR_NONE : ERR_IO);
            (void)fclose(full);
        }
        char *text = NULL;
        size_t len = 0;
        r.in.out = open_memstream(&text, &len);
        r.fail_at = 2;
        err = ERR_NULL;
        CHECK(REPORTERS[i]->name, !REPORTERS[i]->write(&r.in, &scratch, &err));
        CHECK_CONTAINS(REPORTERS[i]->name, str_from(err.text), "the disk is gone");
        r.fail_at = SIZE_MAX;
        (void)fclose(r.in.out);
        free(text);
    }
}

static void test_same_bytes(void)
{
    struct report a CLEANUP(report_deinit) = {0};
    struct report b CLEANUP(report_deinit) = {0};
    report_init(&a, 2, REPORT_EVIL);
    report_init(&b, 2, REPORT_EVIL);
    for (size_t i = 0; i < ARRAY_LEN(MACHINE_FORMATS); i++) {
        struct str first = report_write_text(&a, MACHINE_FORMATS[i], 80);
        struct str second = report_write_text(&b, MACHINE_FORMATS[i], 20);
        CHECK(MACHINE_FORMATS[i], str_eq(first, second));
        CHECK(MACHINE_FORMATS[i], !str_find_char(first, '\x1b', NULL));
    }
}

static void test_json(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_EVIL);
    struct str text = report_write_text(&r, "json", 80);
    struct value document;
    struct err err = ERR_NULL;
    CHECK("our own strict reader takes it",
          json_read(&r.arena, text, JSON_OURS, (struct src_pos){0}, &document, NULL, &err));
    const struct value *runs = value_get(&document, STR("runs"));
    CHECK("runs", runs != NULL && runs->len == 1);
    const struct value *samples = runs == NULL ? NULL : value_get(&runs->items[0], STR("samples"));
    CHECK("samples", samples != NULL && samples->len == r.sample_count);
    for (uint32_t i = 0; samples != NULL && i < samples->len; i++) {
        struct str output;
        const struct value *node = value_get(&samples->items[i], STR("output"));
        CHECK("output",
              node != NULL && json_read_bytes(&r.arena, node, &output) && str_eq(output, r.samples[i].output));
    }
}

static void test_no_runs(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    r.in.run_count = 0;
    CHECK_CONTAINS("json", report_write_text(&r, "json", 80), "\"runs\":[]}");
    CHECK_CSTR("github", report_write_text(&r, "github", 80), "::error title=no verdict::nice\n");
    CHECK_CONTAINS("html", report_write_text(&r, "html", 80), "</html>\n");
    CHECK_CSTR("jsonl", report_write_text(&r, "jsonl", 80), "");
    CHECK_CSTR("markdown", report_write_text(&r, "markdown", 80),
               "### ❌ failed (exit 1): `nice`\n\nassay, 9.9 s, branch `main`\n");
    CHECK_CONTAINS("junit", report_write_text(&r, "junit", 80), "tests=\"0\"");
    CHECK_CSTR("terminal", report_write_text(&r, "terminal", 80), "");
    CHECK("csv", str_ends(report_write_text(&r, "csv", 80), STR(",input,expected,output\r\n")));
}

/* The lines of contract D, literally. */
static void test_jsonl(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    r.sample_count = 1;
    struct str text = report_write_text(&r, "jsonl", 80);
    struct str rest = text;
    struct str line;
    CHECK("line 1", str_split(&rest, '\n', &line));
    CHECK("line 1",
          str_starts(line, STR("{\"kind\":\"run\",\"format\":1,\"recorded\":{\"invocation\":{\"name\":\"nice\",")));
    CHECK("line 2", str_split(&rest, '\n', &line));
    CHECK_CSTR("line 2", line,
               "{\"kind\":\"sample\",\"ordinal\":0,\"case\":\"plain\",\"digest\":"
               "\"a116c9ed46d6207734a43317d30fd88f52ac8634c37d904bbf4e41d865f90475\",\"tags\":[\"plain\"],\"cluster\":"
               "\"plain\",\"trial\":1,"
               "\"attempt\":0,\"span\":\"2cc1502c-f631-5560-b58e-d642018cd26d\",\"started\":\"2023-11-14T22:13:20."
               "000Z\",\"ended\":"
               "\"2023-11-14T22:13:20.250Z\",\"state\":\"scored\",\"pass\":true,\"score\":1,\"input\":\"plain\","
               "\"expected\":\"plain\",\"output\":"
               "\"plain\",\"meta\":{\"stderr\":\"plain\"},\"measures\":{\"latency_ms\":12.5,\"attempts\":1},\"scores\":"
               "{\"answer\":{\"outcome\":"
               "\"pass\",\"value\":1,\"unit\":1,\"answered\":\"yes\",\"wanted\":\"yes\",\"comment\":\"plain\"},"
               "\"latency_ms\":{\"outcome\":\"none\","
               "\"value\":0},\"a_dimension_with_a_long_name\":{\"outcome\":\"not_scored\",\"value\":0,\"comment\":"
               "\"not scored: a limit\"}}}");
    CHECK("last line", str_split(&rest, '\n', &line));
    struct digest digest = digest_of(str_slice(text, 0, (size_t)(line.ptr - text.ptr)));
    CHECK_STR("last line", line,
              arena_printf(&r.arena, "{\"kind\":\"end\",\"samples\":1,\"sha256\":\"%s\"}", digest_hex(&digest).text));
    CHECK("nothing after", rest.len == 0);
}

static void test_output_is_json(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    r.sample_count = 1;
    r.samples[0].output = STR("{\"base64\":\"eA==\",\"n\":1.50}");
    r.samples[0].output_is_json = true;
    CHECK_CONTAINS("as it is", report_write_text(&r, "jsonl", 80),
                   "\"output_is_json\":true,\"output\":{\"base64\":\"eA==\",\"n\":1.50},");
    r.samples[0].output = STR_NULL;
    CHECK("none is left out", !str_find(report_write_text(&r, "jsonl", 80), STR("\"output\""), NULL));
}

/* A run that passed has no failure in the file, whatever its samples came to. */
static void test_junit_allowed(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    CHECK_CONTAINS("failed", report_write_text(&r, "junit", 80), "<failure message=\"answer: plain\" type=\"score\">");
    r.summaries[0].verdict = VERDICT_PASSED;
    r.summaries[0].gate_count = 0;
    struct str text = report_write_text(&r, "junit", 80);
    CHECK_CONTAINS("skipped", text,
                   "<skipped message=\"failed, and the verdict allows it: answer: plain\"/><system-out>");
    CHECK_CONTAINS("errors, too", text, "<skipped message=\"errored, and the verdict allows it: ");
    CHECK_CONTAINS("counted", text, "failures=\"0\" errors=\"0\"");
    size_t at = 0;
    CHECK("no failure", !str_find(text, STR("<failure"), &at) && !str_find(text, STR("<error"), &at));
}

static void test_junit_names(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    CHECK_CONTAINS("one trial", report_write_text(&r, "junit", 80),
                   "<testcase classname=\"nice [default]\" name=\"plain\" time=\"0.013\">");
    r.summaries[0].trials = 3;
    CHECK_CONTAINS("several", report_write_text(&r, "junit", 80), "name=\"plain (trial 1)\"");
}

static void test_csv(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    struct str text = report_write_text(&r, "csv", 80);
    CHECK_CONTAINS("headings", text,
                   "suite,variant,run,case,trial,tags,cluster,result,score,answer.value,answer.outcome,answer.comment,"
                   "latency_ms.value,latency_ms.outcome,latency_ms.comment,");
    CHECK_CONTAINS("a sample", text,
                   "\r\nnice,default,0123456789abcdef,plain,1,plain,plain,pass,1,1,pass,plain,0,none,,,not_scored,not "
                   "scored: a limit,12.5,,,,1,,,plain,plain,plain\r\n");
    CHECK_CONTAINS("an error", text, "plain,,errored,,,,,,,,,,,12.5,,,,1,exit,plain,plain,plain,plain\r\n");
    CHECK_CONTAINS("skipped", text,
                   "\r\nnice,default,0123456789abcdef,skipped-0,,,,skipped,,,,,,,,,,,,,,,,,nice,,,\r\n");
}

/* What is written in the suite is annotated there, from the checkout's folder. */
static void test_github(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    r.plan.path = STR("/work/repo/evals/a.yaml");
    r.plan.resolved =
        STR("{\"files\":[{\"path\":\"/work/repo/evals/a.yaml\",\"text\":\"suite: plain\\ncases:\\n  - {id: "
            "plains}\\n  - {id: plain}\\ngates:\\n  - nice\\n\"}]}");
    r.in.workspace = STR("/work/repo/");
    struct str text = report_write_text(&r, "github", 80);
    CHECK_CONTAINS("gate", text, "::error file=evals/a.yaml,line=6,title=gate failed in nice::nice: nice\n");
    CHECK_CONTAINS("warning", text,
                   "::warning file=evals/a.yaml,line=1,title=gate warns in nice::answer.mean <= 0.5: ");
    CHECK_CONTAINS("it holds, and nobody has to do anything", text,
                   "::notice file=evals/a.yaml,line=1,title=gate cannot tell in nice::no regression of answer.mean");
    CHECK_CONTAINS("case", text,
                   "::error file=evals/a.yaml,line=4,title=plain failed in nice::answer: plain%0Ainput: ");
    CHECK_CONTAINS("errored", text, "::warning file=evals/a.yaml,line=4,title=plain errored in nice::exit: plain%0A");
    r.in.workspace = STR("/work/rep");
    CHECK_CONTAINS("elsewhere", report_write_text(&r, "github", 80), "::error file=/work/repo/evals/a.yaml,line=6,");
    r.summaries[0].verdict = VERDICT_PASSED;
    CHECK_CONTAINS("allowed", report_write_text(&r, "github", 80), "::notice file=/work/repo/evals/a.yaml,line=4,");
}

/* A comment on GitHub has room for 65,536 characters: what is left out is counted, and every fold is closed. */
static void test_markdown_size(void)
{
    enum { MANY = 3000, LIMIT = 65536 };
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 2, REPORT_NICE);
    struct gate_result *gates = arena_array(&r.arena, struct gate_result, MANY);
    struct dimension_summary *dimensions = arena_array(&r.arena, struct dimension_summary, MANY);
    struct sample_record *samples = arena_array(&r.arena, struct sample_record, MANY);
    for (size_t i = 0; i < MANY; i++) {
        gates[i] = r.summaries[0].gates[i % 3];
        dimensions[i] = r.summaries[0].dimensions[i % 2];
        samples[i] = r.samples[1 + i % 2];
    }
    r.summaries[0].gates = gates;
    r.summaries[0].gate_count = MANY;
    struct str text = report_write_text(&r, "markdown", 80);
    CHECK("fits", text.len < LIMIT);
    CHECK_CONTAINS("gates", text, " more gates are left out: a comment has no room for them.\n");
    r.summaries[0].dimensions = dimensions;
    r.summaries[0].dimension_count = MANY;
    r.summaries[0].gate_count = 3;
    CHECK_CONTAINS("rows", report_write_text(&r, "markdown", 80), " more rows are left out: a comment");
    r.samples = samples;
    r.sample_count = MANY;
    text = report_write_text(&r, "markdown", 80);
    CHECK("fits", text.len < LIMIT && text.len > LIMIT / 2);
    CHECK_CONTAINS("samples", text, " more failing samples are left out: a comment has no room for them.");
    CHECK("ends closed", str_ends(text, STR("\n</details>\n\n")));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"table", test_table},
        {"faults", test_faults},
        {"same bytes", test_same_bytes},
        {"json", test_json},
        {"no runs", test_no_runs},
        {"jsonl", test_jsonl},
        {"output is JSON", test_output_is_json},
        {"junit names", test_junit_names},
        {"junit, what is allowed", test_junit_allowed},
        {"csv", test_csv},
        {"github", test_github},
        {"markdown, size", test_markdown_size},
    };
    return check_run("reporters/machine", tests, ARRAY_LEN(tests));
}
