/* Annotations for GitHub Actions: what the job's page and the pull request show beside the files.
 *
 *   error     a gate that failed; why there is no verdict; samples that failed, where their run failed
 *   warning   gates that warn; warnings of the verdict; samples that errored, where they were allowed
 *   notice    gates that cannot tell, and hold; samples that failed, where the verdict allows them
 *
 * GitHub shows ten of a kind: the tenth stands for the rest, where there are more. A gate or a case written in a suite file is annotated there, at the
 * line that holds its text. Where the step has a summary (GITHUB_STEP_SUMMARY), the report `markdown` is appended to it.
 *
 * Nothing that a model wrote can be a command: in a message % CR LF are escaped, in a property : and , too; no line begins with such text, and what
 * else a runner looks for is shown as it is on a terminal (base/term.h). */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/term.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/value.h"
#include "reporters/reporter.h"
#include "reporters/shown.h"

enum { SHOWN_MAX = 10, MESSAGE_BYTES = 2000, TITLE_BYTES = 200, PATH_BYTES = 1000, BODY_BYTES = 300 };

enum level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTICE, LEVEL_COUNT };

static const char *const LEVEL_WORDS[] = {
    [LEVEL_ERROR] = "error", [LEVEL_WARNING] = "warning", [LEVEL_NOTICE] = "notice"};

/* A file of the suite as it was read, to find lines in. */
struct suite_file {
    struct str path, text;
};

struct writing {
    const struct report_in *in;
    struct arena *scratch, *sample_arena;
    struct buf out, message;
    size_t counts[LEVEL_COUNT];
    struct buf tenth[LEVEL_COUNT]; /* held back: it is printed when it stays the last one */
    const struct report_run *run;
    struct suite_file *files; /* of the run */
    size_t file_count;
};

/* --- one annotation ----------------------------------------------------------------------------------------------------------------------- */

static void append_escaped(struct buf *out, struct str text, size_t max_bytes, bool is_property)
{
    struct buf safe CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct str cut = utf8_cut(text, max_bytes);
    term_escape(&safe, cut, is_property ? TERM_ONE_LINE : TERM_LINES);
    buf_append_cstr(&safe, cut.len < text.len ? "…" : "");
    for (size_t i = 0; i < safe.len; i++) {
        char c = safe.ptr[i];
        if (c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','))) {
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        } else {
            buf_append_char(out, c);
        }
    }
}

struct place {
    struct str path; /* empty = of no file */
    size_t line;     /* from 1; 0 = not known */
};

static void put_annotation(struct buf *out, enum level level, const struct place *place, struct str title,
                           struct str message)
{
    buf_printf(out, "::%s ", LEVEL_WORDS[level]);
    if (place->path.len > 0) {
        buf_append_cstr(out, "file=");
        append_escaped(out, place->path, PATH_BYTES, true);
        if (place->line > 0) {
            buf_printf(out, ",line=%zu", place->line);
        }
        buf_append_char(out, ',');
    }
    buf_append_cstr(out, "title=");
    append_escaped(out, title, TITLE_BYTES, true);
    buf_append_cstr(out, "::");
    append_escaped(out, message, MESSAGE_BYTES, false);
    buf_append_char(out, '\n');
}

static void annotate(struct writing *w, enum level level, const struct place *place, struct str title,
                     struct str message)
{
    size_t count = ++w->counts[level];
    if (count <= SHOWN_MAX) {
        put_annotation(count == SHOWN_MAX ? &w->tenth[level] : &w->out, level, place, title, message);
    }
}

static void put_rest(struct writing *w)
{
    for (int level = 0; level < LEVEL_COUNT; level++) {
        size_t count = w->counts[level];
        if (count <= SHOWN_MAX) {
            buf_append(&w->out, buf_str(&w->tenth[level]));
            continue;
        }
        size_t more = count - SHOWN_MAX + 1;
        put_annotation(
            &w->out, (enum level)level, &(struct place){0}, STR("assay"),
            arena_printf(w->scratch, "and %zu more: assay show --failed, or the reports, have them all", more));
    }
}

/* --- places ------------------------------------------------------------------------------------------------------------------------------- */

/* Paths are shown from the checkout's folder, as GitHub knows files. */
static struct str from_workspace(const struct writing *w, struct str path)
{
    struct str root = w->in->workspace;
    while (root.len > 1 && root.ptr[root.len - 1] == '/') {
        root.len--;
    }
    bool is_below = root.len > 0 && str_starts(path, root) && path.len > root.len && path.ptr[root.len] == '/';
    return is_below ? str_slice(path, root.len + 1, path.len) : path;
}

static void read_files(struct writing *w)
{
    struct value resolved;
    struct err ignored = ERR_NULL;
    struct str json = w->run->plan->resolved;
    w->file_count = 0;
    const struct value *files =
        json.len > 0 && json_read(w->scratch, json, JSON_REPLY, (struct src_pos){0}, &resolved, NULL, &ignored)
            ? value_get(&resolved, STR("files"))
            : NULL;
    if (files == NULL || files->kind != VALUE_LIST) {
        return;
    }
    w->files = arena_array(w->scratch, struct suite_file, files->len + 1u);
    for (uint32_t i = 0; i < files->len; i++) {
        const struct value *path = value_get(&files->items[i], STR("path"));
        const struct value *text = value_get(&files->items[i], STR("text"));
        if (path != NULL && path->kind == VALUE_TEXT && text != NULL && text->kind == VALUE_TEXT) {
            w->files[w->file_count++] = (struct suite_file){path->text, text->text};
        }
    }
}

static size_t line_of(struct str text, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at; i++) {
        line += text.ptr[i] == '\n' ? 1 : 0;
    }
    return line;
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Whether `word` stands before `at` on its line; NULL asks for nothing. */
static bool stands_behind(struct str text, size_t at, const char *word)
{
    size_t from = at;
    while (from > 0 && text.ptr[from - 1] != '\n') {
        from--;
    }
    return word == NULL || str_find(str_slice(text, from, at), str_from(word), &from);
}

/* Where a suite file holds the text behind that word, not as a part of a longer one; else the suite as a whole. */
static struct place find_place(const struct writing *w, struct str text, const char *behind)
{
    for (size_t i = 0; i < w->file_count && text.len > 0; i++) {
        struct str rest = w->files[i].text;
        size_t at = 0;
        while (str_find(rest, text, &at)) {
            size_t start = (size_t)(rest.ptr - w->files[i].text.ptr) + at;
            size_t end = start + text.len;
            struct str whole = w->files[i].text;
            bool is_whole = (start == 0 || !is_word_char(whole.ptr[start - 1])) &&
                            (end == whole.len || !is_word_char(whole.ptr[end])) && stands_behind(whole, start, behind);
            if (is_whole) {
                return (struct place){from_workspace(w, w->files[i].path), line_of(whole, start)};
            }
            rest = str_slice(rest, at + 1, rest.len);
        }
    }
    return (struct place){from_workspace(w, w->run->plan->path), 1};
}

/* --- what is annotated -------------------------------------------------------------------------------------------------------------------- */

static struct str with_run(struct writing *w, struct arena *arena, const char *what)
{
    return arena_printf(arena, "%s in %.*s", what, STR_ARG(shown_run(w->scratch, w->run)));
}

static void annotate_gate(struct writing *w, const struct gate_result *g)
{
    struct place place = find_place(w, g->text, NULL);
    struct str message = arena_printf(w->scratch, "%.*s: %.*s", STR_ARG(g->text), STR_ARG(g->reason));
    if (g->fails || (g->outcome == GATE_BROKEN && g->severity == GATE_FAIL)) {
        const char *what = g->outcome == GATE_CANNOT_TELL ? "gate not shown" : "gate failed";
        annotate(w, LEVEL_ERROR, &place, with_run(w, w->scratch, what), message);
    } else if (g->outcome == GATE_BROKEN || g->warns) {
        annotate(w, LEVEL_WARNING, &place, with_run(w, w->scratch, "gate warns"), message);
    } else if (g->outcome == GATE_CANNOT_TELL) { /* nothing that anybody has to do */
        annotate(w, LEVEL_NOTICE, &place, with_run(w, w->scratch, "gate cannot tell"), message);
    }
}

static void annotate_run(struct writing *w)
{
    const struct summary *s = w->run->summary;
    struct place place = find_place(w, STR(""), NULL);
    if (s->verdict != VERDICT_PASSED && s->verdict != VERDICT_FAILED) {
        annotate(w, LEVEL_ERROR, &place, with_run(w, w->scratch, "no verdict"), s->reason);
    }
    for (size_t i = 0; i < s->gate_count; i++) {
        annotate_gate(w, &s->gates[i]);
    }
    for (size_t i = 0; i < s->warning_count; i++) {
        annotate(w, LEVEL_WARNING, &place, with_run(w, w->scratch, "warning"), s->warnings[i]);
    }
}

static void put_body(struct writing *w, const char *label, struct str text)
{
    struct str cut = utf8_cut(str_trim(text), BODY_BYTES);
    buf_printf(&w->message, "%s: ", label);
    buf_append(&w->message, cut);
    buf_append_cstr(&w->message, cut.len < str_trim(text).len ? "…\n" : "\n");
}

static bool annotate_sample(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    struct writing *w = ctx;
    bool is_errored = s->state == SAMPLE_ERRORED;
    enum verdict verdict = w->run->summary->verdict;
    enum level level = is_errored ? verdict == VERDICT_PASSED || verdict == VERDICT_FAILED ? LEVEL_WARNING : LEVEL_ERROR
                       : verdict == VERDICT_FAILED ? LEVEL_ERROR
                                                   : LEVEL_NOTICE;
    *ret_goes_on = true;
    (void)err;
    if (!is_errored && s->pass != PASS_NO) {
        return true;
    }
    if (w->counts[level] >= SHOWN_MAX) {
        w->counts[level]++;
        return true;
    }
    buf_clear(&w->message);
    if (is_errored) {
        put_body(w, error_kind_word(s->error), s->error_text);
    }
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        if (score->outcome == SCORE_FAIL && score->dimension < w->run->run->dimension_count) {
            put_body(w, arena_cstr(w->sample_arena, w->run->run->dimensions[score->dimension].name),
                     shown_words(score));
        }
    }
    put_body(w, "input", shown_json(w->sample_arena, s->input));
    if (s->output.ptr != NULL) {
        put_body(w, "output", shown_output(w->sample_arena, s));
    }
    struct place place = find_place(w, s->case_id, "id:");
    struct str title = arena_printf(w->sample_arena, "%.*s %s in %.*s", STR_ARG(s->case_id),
                                    is_errored ? "errored" : "failed", STR_ARG(shown_run(w->sample_arena, w->run)));
    annotate(w, level, &place, title, str_trim(buf_str(&w->message)));
    arena_reset(w->sample_arena);
    return true;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------------------- */

static bool put_summary(const struct report_in *in, struct arena *scratch, struct err *err)
{
    struct report_in page = *in;
    page.out = in->step_summary;
    return reporter_find(STR("markdown"))->write(&page, scratch, err);
}

static bool put_all(struct writing *w, struct err *err)
{
    for (size_t i = 0; i < w->in->run_count; i++) {
        w->run = &w->in->runs[i];
        read_files(w);
        annotate_run(w);
    }
    if (w->in->run_count == 0) {
        annotate(w, LEVEL_ERROR, &(struct place){0}, STR("no verdict"), w->in->reason);
    }
    for (size_t i = 0; i < w->in->run_count; i++) {
        w->run = &w->in->runs[i];
        read_files(w);
        if (!report_each(w->run, true, annotate_sample, w, err)) {
            return false;
        }
    }
    put_rest(w);
    return report_flush(&w->out, w->in->out, err);
}

static bool github_report(const struct report_in *in, struct arena *scratch, struct err *err)
{
    struct arena sample_arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct writing w = {.in = in, .scratch = scratch, .sample_arena = &sample_arena};
    buf_init(&w.out, LIMIT_JSON_BYTES);
    buf_init(&w.message, LIMIT_JSON_BYTES);
    for (int level = 0; level < LEVEL_COUNT; level++) {
        buf_init(&w.tenth[level], LIMIT_JSON_BYTES);
    }
    bool ok = put_all(&w, err) && (in->step_summary == NULL || put_summary(in, scratch, err));
    for (int level = 0; level < LEVEL_COUNT; level++) {
        buf_deinit(&w.tenth[level]);
    }
    buf_deinit(&w.message);
    buf_deinit(&w.out);
    return ok;
}

const struct reporter reporter_github = {
    .name = "github",
    .summary = "annotations for GitHub Actions, and the step's summary where there is one",
    .write = github_report,
    .shows_comparisons = true, /* in the step's summary */
};
