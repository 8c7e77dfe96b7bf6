#include "serve/pages.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "io/perform.h"
#include "reporters/html_parts.h"
#include "serve/page_cases.h"
#include "serve/page_runs.h"
#include "serve/server_private.h"
#include "store/query.h"

enum { REPORT_BYTES = 256 << 20, REPORT_TIMEOUT_S = 120, TERM_GRACE_S = 5 };

void pages_init(struct server *s)
{
    uint8_t bytes[PAGES_TOKEN_BYTES];
    if (s->options->journal == NULL || s->options->program == NULL ||
        getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        return;
    }
    digest_hex_bytes(bytes, sizeof(bytes), s->pages.token);
    s->pages.envp = answerer_environment(&s->arena, s->options->env);
}

/* --- answers ------------------------------------------------------------------------------------------------------------------------------- */

static void put_policy(struct request *r)
{
    struct buf policy CLEANUP(buf_deinit) = BUF(4096);
    html_policy(&policy);
    buf_append_cstr(&policy, "; frame-ancestors 'none'; form-action 'none'");
    r->x->policy = arena_str(r->arena, buf_str(&policy)).ptr;
    r->x->type = "text/html; charset=utf-8";
}

/* A page of one sentence, its end not written yet. */
static void begin_message(struct request *r, unsigned status, const char *title, struct str words)
{
    buf_clear(&r->x->answer);
    r->x->status = status;
    put_policy(r);
    html_page_begin(&r->x->answer, str_from(title));
    buf_append_cstr(&r->x->answer, "<header><h1>");
    html_line(&r->x->answer, str_from(title));
    buf_append_cstr(&r->x->answer, "</h1></header>\n<p>");
    html_line(&r->x->answer, words);
    buf_append_cstr(&r->x->answer, "</p>\n");
}

static enum pages_outcome reply_message(struct request *r, unsigned status, const char *title, struct str words)
{
    begin_message(r, status, title, words);
    buf_printf(&r->x->answer, "<nav><a href=\"/%s/\">All runs</a></nav>\n", r->server->pages.token);
    html_page_end(&r->x->answer);
    return PAGES_ANSWERED;
}

static enum pages_outcome reply_not_found(struct request *r)
{
    return reply_message(r, 404, "Not found", STR("There is no such page."));
}

static enum pages_outcome reply_err(struct request *r, const struct err *err)
{
    return reply_message(r, err->kind == ERR_EMPTY ? 404 : 500,
                         err->kind == ERR_EMPTY ? "Not found" : "Cannot be shown", str_from(err->text));
}

/* --- the report ---------------------------------------------------------------------------------------------------------------------------- */

struct report_job {
    struct program program; /* first: the tag */
    struct call call;
};

static void read_report(struct program *p, const struct call *call, const struct call_result *result)
{
    struct request *r = p->request;
    (void)call;
    r->server->pages.reports--;
    if (result->status != CALL_OK) {
        struct str said = str_trim(result->stderr_tail);
        (void)reply_message(r, 500, "Cannot be shown", said.len > 0 ? said : result->detail);
        return;
    }
    r->x->status = 200;
    put_policy(r);
    buf_append(&r->x->answer, result->output);
}

static enum pages_outcome begin_report(struct request *r, const struct uuid *id)
{
    struct server *s = r->server;
    if (s->pages.reports >= PAGES_REPORTS) {
        r->x->retry_after_s = 1;
        return reply_message(r, 503, "Busy", STR("Other reports are being made: try again."));
    }
    struct report_job *job = arena_new(r->arena, struct report_job);
    const char **argv = arena_array(r->arena, const char *, 8);
    argv[0] = "assay";
    argv[1] = "report";
    argv[2] = arena_str(r->arena, str_from(id_text(id).text)).ptr;
    argv[3] = "--format";
    argv[4] = "html";
    argv[5] = "--db";
    argv[6] = s->options->journal;
    job->program = (struct program){.request = r, .arena = r->arena, .read = read_report};
    job->call = (struct call){
        .kind = CALL_COMMAND,
        .command =
            {.path = s->options->program, .argv = argv, .envp = s->pages.envp, .cwd = ".", .max_output = REPORT_BYTES},
        .timeout_ns = REPORT_TIMEOUT_S * NS_PER_S,
        .term_grace_ns = TERM_GRACE_S * NS_PER_S,
    };
    if (perform_start(s->perform, &job->call, job) == PERFORM_BUSY) {
        r->x->retry_after_s = 1;
        return reply_message(r, 503, "Busy", STR("No program can be started now: try again."));
    }
    s->pages.reports++;
    s->programs++;
    return PAGES_PENDING;
}

/* --- which page ---------------------------------------------------------------------------------------------------------------------------- */

/* The journal, for one page; the handle writes nothing. */
static bool open_journal(struct request *r, struct store **ret, struct err *err)
{
    struct store *store CLEANUP(store_close) = NULL;
    if (!store_open(r->arena, r->server->options->journal, STORE_READ, &store, err) ||
        !store_exec(store, "PRAGMA query_only = ON", err)) {
        return false;
    }
    *ret = take_ptr(&store);
    return true;
}

static bool find_run(struct request *r, struct store *store, const struct uuid *id, struct run_record *ret,
                     struct err *err)
{
    struct run_record *runs = NULL;
    size_t count = 0;
    struct str name = arena_str(r->arena, str_from(id_text(id).text));
    if (!store_find_runs(store, r->arena, name, true, &runs, &count, err)) {
        return false;
    }
    *ret = runs[0];
    return count == 1 || err_set(err, ERR_EMPTY, "there is no run %s", name.ptr);
}

/* A page that is made at once: all runs, or cases of one. */
static enum pages_outcome make(struct request *r, const struct uuid *run_id)
{
    struct str all;
    struct str case_id;
    if (!wire_query_get(r->arena, r->x->query, "all", &all) ||
        !wire_query_get(r->arena, r->x->query, "case", &case_id)) {
        return reply_not_found(r);
    }
    struct store *store CLEANUP(store_close) = NULL;
    struct err err = ERR_NULL;
    struct page_context page = {.arena = r->arena, .out = &r->x->answer, .token = r->server->pages.token};
    struct run_record run;
    bool is_empty = run_id == NULL && !file_exists(r->server->options->journal);
    if (!is_empty && !open_journal(r, &store, &err)) {
        return reply_err(r, &err);
    }
    page.store = store;
    if (run_id != NULL && !find_run(r, store, run_id, &run, &err)) {
        return reply_err(r, &err);
    }
    r->x->status = 200;
    put_policy(r);
    bool ok = run_id == NULL        ? page_runs(&page, &err)
              : case_id.ptr != NULL ? page_case(&page, &run, case_id, &err)
                                    : page_cases(&page, &run, str_eq(all, STR("1")), &err);
    return ok ? PAGES_ANSWERED : reply_err(r, &err);
}

static bool has_token(const struct server *s, struct str path)
{
    struct str token = str_from(s->pages.token);
    return token.len > 0 && path.len > token.len && str_eq(str_slice(path, 1, 1 + token.len), token);
}

struct str pages_shown_path(const struct server *s, struct arena *arena, struct str path)
{
    size_t token_end = 1 + strlen(s->pages.token);
    return has_token(s, path) ? arena_printf(arena, "/...%.*s", STR_ARG(str_slice(path, token_end, path.len))) : path;
}

void pages_reply_elsewhere(struct request *r)
{
    begin_message(r, 404, "Not here",
                  r->server->pages.token[0] == '\0'
                      ? STR("assay serve answers Opper's API below /v2, and shows no pages: it was started without a "
                            "store of runs.")
                      : STR("assay serve answers Opper's API below /v2. The pages over your runs have an address with "
                            "a random part, new at "
                            "each start: it stands in what assay serve printed when it started."));
    html_page_end(&r->x->answer);
}

enum pages_outcome pages_begin(struct request *r)
{
    struct str path = r->x->path;
    struct str part[5];
    size_t count = 0;
    if (!has_token(r->server, path)) {
        return PAGES_NOT_THEIRS;
    }
    if (!str_eq_cstr(r->x->method, "GET")) {
        r->x->allow = "GET";
        return reply_message(r, 405, "Only to be read", STR("These pages take GET."));
    }
    path = str_slice(path, 1, path.len);
    while (count < ARRAY_LEN(part) && str_split(&path, '/', &part[count])) {
        count++;
    }
    struct uuid id;
    if (count == 2 && part[1].len == 0) {
        return make(r, NULL);
    }
    if (count < 3 || path.ptr != NULL || !str_eq_cstr(part[1], "runs") || !id_parse(part[2], &id)) {
        return reply_not_found(r);
    }
    if (count == 3) {
        return begin_report(r, &id);
    }
    return count == 4 && str_eq_cstr(part[3], "cases") ? make(r, &id) : reply_not_found(r);
}
