/* `assay serve` as people start it, spoken to over sockets. */

#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/num.h"
#include "tests/e2e/e2e.h"
#include "tests/serve/wire_client.h"

struct rig {
    struct e2e e;
    struct e2e_child child;
    uint16_t port;
};

/* Where it says that it listens. */
static uint16_t rig_port(struct rig *r)
{
    static const struct str BEFORE = {"http://127.0.0.1:", 17};
    struct str text = STR_NULL;
    size_t at = 0;
    size_t len = 0;
    uint64_t port = 0;
    for (int waited_ms = 0; waited_ms < 30000 && !e2e_has(text, "OPPER_API_KEY"); waited_ms += 5) {
        e2e_pause(5);
        text = e2e_read(&r->e, "listening");
    }
    if (!str_find(text, BEFORE, &at)) {
        CHECK("listens", false);
        return 0;
    }
    text = str_slice(text, at + BEFORE.len, text.len);
    while (len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9') {
        len++;
    }
    CHECK("a port", num_parse_u64(str_slice(text, 0, len), &port));
    return (uint16_t)port;
}

static void rig_start(struct rig *r, const char *options)
{
    (void)unlink(temp_path(&r->e.dir, "listening").text);
    r->child = e2e_start(&r->e, "exec assay serve --port 0 %s >listening", options);
    r->port = rig_port(r);
}

static void rig_open(struct rig *r, const char *options)
{
    *r = (struct rig){.e = e2e_open()};
    rig_start(r, options);
}

static void rig_close(struct rig *r)
{
    e2e_signal(&r->child, SIGTERM);
    struct e2e_done done = e2e_finish(&r->child);
    CHECK_INT("ends as it is told", done.exit_code, 0);
    e2e_close(&r->e);
}

static struct client_answer ask(struct rig *r, const char *method, const char *path, const char *body)
{
    int fd = client_connect(r->port);
    struct client_answer answer = client_request(&r->e.arena, fd, r->port, method, path, "", str_from(body));
    (void)close(fd);
    return answer;
}

static int64_t traces(struct rig *r)
{
    struct str body = ask(r, "GET", "/v2/traces?limit=1", NULL).body;
    size_t at = 0;
    int64_t count = -1;
    if (str_find(body, STR("\"total_count\":"), &at)) {
        struct str rest = str_slice(body, at + 14, body.len);
        size_t end = 0;
        (void)str_find_char(rest, '}', &end);
        (void)!num_parse_i64(str_slice(rest, 0, end), &count);
    }
    return count;
}

/* Room for sockets, whatever the shell allows. */
static void many_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void send_span(int fd, uint16_t port, const char *name)
{
    char text[512];
    char body[128];
    (void)snprintf(body, sizeof(body), "{\"name\":\"%s\"}", name);
    (void)snprintf(
        text, sizeof(text),
        "POST /v2/spans HTTP/1.1\r\nHost: localhost:%u\r\nAuthorization: Bearer k\r\nContent-Length: %zu\r\n\r\n%s",
        (unsigned)port, strlen(body), body);
    client_send(fd, str_from(text));
}

/* A thousand requests are there before the first answer is read. */
static void parallel_writers(void)
{
    enum { WRITERS = 1000 };
    struct rig r CLEANUP(rig_close);
    rig_open(&r, "");
    static int fds[WRITERS];
    size_t answered = 0;
    for (size_t i = 0; i < WRITERS; i++) {
        fds[i] = client_connect(r.port);
    }
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < WRITERS; i++) {
            send_span(fds[i], r.port, "writer");
        }
        for (size_t i = 0; i < WRITERS; i++) {
            struct client_answer answer = client_read(&r.e.arena, fds[i], 60000, false);
            answered += answer.status == 200;
        }
    }
    for (size_t i = 0; i < WRITERS; i++) {
        (void)close(fds[i]);
    }
    CHECK_INT("all answered", answered, 3 * WRITERS);
    CHECK_INT("all there", traces(&r), 3 * WRITERS);
}

/* Killed while 64 write: what was answered is there, whatever else is. */
static void killed(void)
{
    enum { WRITERS = 64, ROUNDS = 8, IDS = 4096 };
    struct rig r = {.e = e2e_open()};
    static struct str ids[IDS];
    size_t count = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        int fds[WRITERS];
        rig_start(&r, "");
        for (size_t i = 0; i < WRITERS; i++) {
            fds[i] = client_connect(r.port);
        }
        for (size_t step = 0; step <= round; step++) {
            for (size_t i = 0; i < WRITERS; i++) {
                send_span(fds[i], r.port, "killed");
            }
            if (step == round) {
                e2e_pause((int)(round % 4)); /* in the middle of it */
                e2e_signal(&r.child, SIGKILL);
            }
            for (size_t i = 0; i < WRITERS; i++) {
                struct client_answer answer = client_read(&r.e.arena, fds[i], 20000, false);
                if (answer.status == 200 && count < IDS) {
                    ids[count++] = client_member(answer.body, "id");
                }
            }
        }
        for (size_t i = 0; i < WRITERS; i++) {
            (void)close(fds[i]);
        }
        CHECK_INT("killed", e2e_finish(&r.child).exit_code, 128 + SIGKILL);
    }
    rig_start(&r, "");
    CHECK("many were answered", count > ROUNDS * WRITERS);
    int fd = client_connect(r.port);
    size_t lost = 0;
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(&r.e.arena, "/v2/spans/%.*s", STR_ARG(ids[i])).ptr;
        lost += client_request(&r.e.arena, fd, r.port, "GET", path, "", STR_NULL).status != 200;
    }
    CHECK_INT("none is lost", lost, 0);
    CHECK("and perhaps some were not answered", traces(&r) >= (int64_t)count);
    (void)close(fd);
    rig_close(&r);
}

/* A thousand that drip their headers: an ordinary request is answered meanwhile. */
static void slow_connections(void)
{
    enum { SLOW = 1000 };
    struct rig r CLEANUP(rig_close);
    rig_open(&r, "");
    static int fds[SLOW];
    for (size_t i = 0; i < SLOW; i++) {
        fds[i] = client_connect(r.port);
        client_send(fds[i], STR("POST /v2/spans HTTP/1.1\r\nHost: localhost\r\nX-A: "));
    }
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < SLOW; i++) {
            client_send(fds[i], STR("x"));
        }
        CHECK_INT("answered", ask(&r, "POST", "/v2/spans", "{\"name\":\"quick\"}").status, 200);
    }
    for (size_t i = 0; i < SLOW; i++) {
        (void)close(fds[i]);
    }
}

/* A call whose program takes its time: others are answered, calls beyond --concurrency wait. */
static void slow_answers(void)
{
    struct rig r CLEANUP(rig_close);
    rig_open(&r,
             "--concurrency 2 --answer-with 'cat >/dev/null; echo >>begun; while ! test -e go; do sleep 0.02; done; "
             "echo done'");
    int fds[4];
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        fds[i] = client_connect(r.port);
        client_send(fds[i], arena_printf(&r.e.arena,
                                         "POST /call HTTP/1.1\r\nHost: localhost:%u\r\nAuthorization: Bearer k\r\n"
                                         "Content-Length: 12\r\n\r\n{\"name\":\"f\"}",
                                         (unsigned)r.port));
    }
    CHECK("a program runs", e2e_wait_for_file(&r.child, "begun"));
    for (int i = 0; i < 50; i++) {
        CHECK_INT("others are answered", ask(&r, "POST", "/v2/spans", "{\"name\":\"x\"}").status, 200);
    }
    CHECK("two at once", e2e_count_of(e2e_read(&r.e, "begun"), "\n") <= 2);
    e2e_write(&r.e, "go", "");
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        struct client_answer answer = client_read(&r.e.arena, fds[i], 30000, false);
        CHECK_CSTR("answered", client_member(answer.body, "message"), "done");
        (void)close(fds[i]);
    }
}

/* What programs print, and what their callers get. */
static void answers(void)
{
    static const struct {
        const char *name, *options, *body;
        unsigned status;
        const char *says;
    } rows[] = {
        {"text", "--answer-with 'cat'", "{\"name\":\"f\",\"input\":\"x\"}", 200,
         "\\\"input\\\":\\\"x\\\"}\",\"json_payload\":null"},
        {"one newline is dropped", "--answer-with 'printf \"a\\n\\n\"'", "{\"name\":\"f\"}", 200,
         "\"message\":\"a\\n\""},
        {"nothing is an answer", "--answer-with true", "{\"name\":\"f\"}", 200, "\"message\":\"\""},
        {"with a schema it is JSON", "--answer-with 'echo {}'", "{\"name\":\"f\",\"output_schema\":{}}", 200,
         "\"message\":null,\"json_payload\":{}"},
        {"that is none", "--answer-with 'echo nope'", "{\"name\":\"f\",\"output_schema\":{}}", 502,
         "The program's answer is no JSON"},
        {"bytes that are no text", "--answer-with 'printf \"\\377\"'", "{\"name\":\"f\"}", 200,
         "\"message\":\"\xef\xbf\xbd\""},
        {"exit", "--answer-with 'echo why >&2; exit 3'", "{\"name\":\"f\"}", 502, "ended with exit 3: why"},
        {"later", "--answer-with 'exit 75'", "{\"name\":\"f\"}", 503, "exit 75"},
        {"not there", "--answer-with ./nothing", "{\"name\":\"f\"}", 502, "exit 127"},
        {"signal", "--answer-with 'kill -KILL $$'", "{\"name\":\"f\"}", 502, "signal 9"},
        {"too slow", "--timeout 100ms --answer-with 'sleep 30'", "{\"name\":\"f\"}", 504, "longer than 100 ms"},
        {"object", "--answers json --answer-with 'echo {\\\"output\\\":[1.50],\\\"cost\\\":0.1,\\\"cached\\\":true}'",
         "{\"name\":\"f\"}", 200,
         "\"json_payload\":[1.50],\"cached\":true,\"images\":null,\"usage\":null,\"cost\":{\"generation\":0.1,"
         "\"platform\":0,\"total\":0.1}}"},
        {"object with words", "--answers json --answer-with 'echo {\\\"output\\\":\\\"x\\\"}'", "{\"name\":\"f\"}", 200,
         "\"message\":\"x\""},
        {"error", "--answers json --answer-with 'echo {\\\"error\\\":\\\"no\\\",\\\"status\\\":429}'",
         "{\"name\":\"f\"}", 429, "\"detail\":\"no\""},
        {"error of its own", "--answers json --answer-with 'echo {\\\"error\\\":\\\"no\\\"}'", "{\"name\":\"f\"}", 502,
         "\"detail\":\"no\""},
        {"a status that is none", "--answers json --answer-with 'echo {\\\"error\\\":\\\"no\\\",\\\"status\\\":200}'",
         "{\"name\":\"f\"}", 502, "400 to 599"},
        {"neither", "--answers json --answer-with 'echo {}'", "{\"name\":\"f\"}", 502, "either 'output' or 'error'"},
        {"both", "--answers json --answer-with 'echo {\\\"output\\\":1,\\\"error\\\":\\\"x\\\"}'", "{\"name\":\"f\"}",
         502, "either 'output' or 'error'"},
        {"misspelt", "--answers json --answer-with 'echo {\\\"ouput\\\":1}'", "{\"name\":\"f\"}", 502,
         "did you mean 'output'?"},
        {"no object", "--answers json --answer-with 'echo 5'", "{\"name\":\"f\"}", 502, "either 'output' or 'error'"},
        {"worker", "--worker --answer-with 'while read -r l; do echo \"$l\" | jq -c \"{id, output: .input}\"; done'",
         "{\"name\":\"f\",\"input\":{\"a\":1}}", 200, "\"json_payload\":{\"a\":1}"},
        {"worker that talks", "--worker --answer-with 'while read -r l; do echo hello; done'", "{\"name\":\"f\"}", 502,
         "The program that answers"},
        {"worker that ends", "--worker --answer-with 'read -r l; exit 4'", "{\"name\":\"f\"}", 502, "exit 4"},
        {"no key for the program", "--answer-with 'echo key=$OPPER_API_KEY home=${HOME:+there}'", "{\"name\":\"f\"}",
         200, "key= home=there"},
        {"no such parent", "--answer-with true",
         "{\"name\":\"f\",\"parent_span_id\":\"0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d\"}", 404, "Span 0b1c2d3e"},
        {"no program", "", "{\"name\":\"f\"}", 404, "--answer-with"},
        {"no name", "--answer-with true", "{\"input\":1}", 422, "\"name\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r = {.e = e2e_open()};
        r.e.env[0] = "OPPER_API_KEY=k";
        rig_start(&r, rows[i].options);
        struct client_answer answer = ask(&r, "POST", "/v2/call", rows[i].body);
        CHECK_INT(rows[i].name, answer.status, rows[i].status);
        CHECK_CONTAINS(rows[i].name, answer.body, rows[i].says);
        rig_close(&r);
    }
}

static void requests(void)
{
    static const struct {
        const char *name, *method, *path, *body;
        unsigned status;
        const char *says;
    } rows[] = {
        {"without the version", "POST", "/spans", "{\"name\":\"a\"}", 200, "\"name\":\"a\""},
        {"another version", "GET", "/v3/spans", NULL, 404, "There is no path /v3/spans"},
        {"no path", "GET", "/", NULL, 404, "There is no path"},
        {"out of the tree", "GET", "/v2/../etc/passwd", NULL, 404, "There is no path"},
        {"a bad escape", "GET", "/v2/spans/%zz", NULL, 404, "There is no path"},
        {"a bad escape in the query", "GET", "/v2/traces?name=%zz", NULL, 422, "bad escape"},
        {"another method", "PUT", "/v2/spans", "{}", 405, "takes POST"},
        {"preflight", "OPTIONS", "/v2/spans", NULL, 405, "MethodNotAllowedError"},
        {"not offered", "GET", "/v2/models", NULL, 404, "no path"},
        {"no JSON", "POST", "/v2/spans", "{", 422, "json_invalid"},
        {"no body", "POST", "/v2/spans", "", 422, "Field required"},
        {"deep", "POST", "/v2/spans",
         "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
         "[[[[[[[[[[[[[[[[[[[[[[[[[",
         422, "json_invalid"},
        {"limit 0", "GET", "/v2/traces?limit=0", NULL, 422, "greater_than_equal"},
        {"limit 101", "GET", "/v2/traces?limit=101", NULL, 422, "less_than_equal"},
        {"limit of words", "GET", "/v2/traces?limit=ten", NULL, 422, "int_parsing"},
        {"offset -1", "GET", "/v2/traces?offset=-1&limit=5", NULL, 422, "greater_than_equal"},
        {"an offset of ages", "GET", "/v2/traces?offset=9223372036854775807", NULL, 200, "\"data\":[]"},
        {"a sort that is none", "GET", "/v2/functions?sort=age", NULL, 422, "enum"},
        {"ids that are none", "GET", "/v2/spans/a/metrics/b", NULL, 422, "\"metric_id\""},
    };
    struct rig r CLEANUP(rig_close);
    rig_open(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct client_answer answer = ask(&r, rows[i].method, rows[i].path, rows[i].body);
        CHECK_INT(rows[i].name, answer.status, rows[i].status);
        CHECK_CONTAINS(rows[i].name, answer.body, rows[i].says);
        CHECK_CONTAINS(rows[i].name, answer.head, "application/json");
    }
    int fd = client_connect(r.port);
    struct client_answer answer =
        client_request(&r.e.arena, fd, r.port, "PUT", "/v2/spans/0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d", "", STR("{}"));
    CHECK_CONTAINS("Allow", answer.head, "Allow: GET, PATCH, DELETE");
    (void)close(fd);
}

/* Another process that writes to the file makes requests wait, not fail. */
static void busy_store(void)
{
    struct rig r CLEANUP(rig_close);
    rig_open(&r, "");
    sqlite3 *db = NULL;
    CHECK_INT("opens", sqlite3_open(temp_path(&r.e.dir, ".assay/serve.db").text, &db), SQLITE_OK);
    CHECK_INT("locks", sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    int fd = client_connect(r.port);
    send_span(fd, r.port, "waits");
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    CHECK_INT("not answered before it is stored", poll(&poller, 1, 200), 0);
    CHECK_INT("unlocks", sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    CHECK_INT("answered", client_read(&r.e.arena, fd, 30000, false).status, 200);
    (void)sqlite3_close(db);
    (void)close(fd);
}

/* The file went away: nothing is stored, and nobody is told that it was. */
static void lost_store(void)
{
    struct rig r CLEANUP(rig_close);
    rig_open(&r, "");
    CHECK_INT("before", ask(&r, "POST", "/v2/spans", "{\"name\":\"a\"}").status, 200);
    CHECK_INT("away", rename(temp_path(&r.e.dir, ".assay/serve.db").text, temp_path(&r.e.dir, "gone.db").text), 0);
    struct client_answer answer = ask(&r, "POST", "/v2/spans", "{\"name\":\"b\"}");
    CHECK_INT("refused", answer.status, 503);
    CHECK_CONTAINS("says why", answer.body, "removed or renamed");
    CHECK("said once", e2e_wait_for(&r.child, "removed or renamed"));
    CHECK_INT("back", rename(temp_path(&r.e.dir, "gone.db").text, temp_path(&r.e.dir, ".assay/serve.db").text), 0);
    CHECK_INT("after", ask(&r, "POST", "/v2/spans", "{\"name\":\"c\"}").status, 200);
    CHECK_INT("b is not there", traces(&r), 2);
}

/* Told to end while a call is answered: it may finish within the grace, else its caller is told. */
static void ends_in_order(void)
{
    struct rig r;
    rig_open(&r, "--answer-with 'cat >/dev/null; echo >>begun; sleep 0.5; echo done'");
    int quick = client_connect(r.port);
    client_send(quick, arena_printf(&r.e.arena,
                                    "POST /call HTTP/1.1\r\nHost: localhost:%u\r\nAuthorization: Bearer k\r\n"
                                    "Content-Length: 12\r\n\r\n{\"name\":\"f\"}",
                                    (unsigned)r.port));
    CHECK("begun", e2e_wait_for_file(&r.child, "begun"));
    e2e_signal(&r.child, SIGINT);
    CHECK_CSTR("finished", client_member(client_read(&r.e.arena, quick, 30000, false).body, "message"), "done");
    CHECK_INT("exit", e2e_finish(&r.child).exit_code, 0);
    (void)close(quick);
    e2e_close(&r.e);

    struct rig s;
    rig_open(&s, "--answer-with 'cat >/dev/null; echo >>begun; sleep 60; echo done'");
    int slow = client_connect(s.port);
    client_send(slow, arena_printf(&s.e.arena,
                                   "POST /call HTTP/1.1\r\nHost: localhost:%u\r\nAuthorization: Bearer k\r\n"
                                   "Content-Length: 12\r\n\r\n{\"name\":\"f\"}",
                                   (unsigned)s.port));
    CHECK("begun", e2e_wait_for_file(&s.child, "begun"));
    e2e_signal(&s.child, SIGTERM);
    CHECK_INT("told", client_read(&s.e.arena, slow, 30000, false).status, 503);
    struct e2e_done done = e2e_finish(&s.child);
    CHECK_INT("exit", done.exit_code, 0);
    CHECK("long before the program would have ended", done.elapsed_ms < 40000);
    (void)close(slow);
    e2e_close(&s.e);
}

static void command_line(void)
{
    static const struct e2e_row rows[] = {
        {"operand", "assay serve x", 2, {NULL}, {"takes no operand"}, NULL},
        {"port of words", "assay serve --port http", 2, {NULL}, {"--port"}, NULL},
        {"port too high", "assay serve --port 65536", 2, {NULL}, {"--port"}, NULL},
        {"time without unit", "assay serve --timeout 5 --answer-with x", 2, {NULL}, {"--timeout"}, NULL},
        {"answers of another kind", "assay serve --answers xml --answer-with x", 2, {NULL}, {"text or json"}, NULL},
        {"worker without program", "assay serve --worker", 2, {NULL}, {"--answer-with"}, NULL},
        {"worker with text", "assay serve --worker --answers text --answer-with x", 2, {NULL}, {"--worker"}, NULL},
        {"no program in it", "assay serve --answer-with ' '", 2, {NULL}, {"wants a program"}, NULL},
        {"a key in the arguments", "assay serve --key secret", 2, {NULL}, {"unknown option '--key'"}, "secret'"},
        {"no such key file", "assay serve --key-file nothing", 2, {NULL}, {"nothing"}, NULL},
        {"a key file for all", "echo k >k; chmod 644 k; assay serve --key-file k", 2, {NULL}, {"chmod 600"}, NULL},
        {"a folder that is not there", "assay serve --db no/where.db", 5, {NULL}, {"no/where.db"}, NULL},
        {"no database",
         "echo 'not a database, but long enough' >text; assay serve --db text",
         5,
         {NULL},
         {"store of `assay serve`"},
         NULL},
        {"another's database", "assay serve --db other.db", 5, {NULL}, {"another program's SQLite database"}, NULL},
        {"a store of runs", "assay serve --db runs.db", 5, {NULL}, {"is a store of runs"}, NULL},
    };
    struct rig r = {.e = e2e_open()};
    sqlite3 *db = NULL;
    CHECK_INT("opens", sqlite3_open(temp_path(&r.e.dir, "other.db").text, &db), SQLITE_OK);
    CHECK_INT("fills", sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
    e2e_write(&r.e, "suite.yaml", "suite: s\ntarget: {replay: x}\ncases: [{id: a, input: x}]\nscorers: [{exact: x}]\n");
    CHECK_INT("a store of runs", e2e_sh(&r.e, "assay run --db runs.db suite.yaml").exit_code, 0);
    e2e_check_rows(&r.e, rows, ARRAY_LEN(rows));
    rig_start(&r, "");
    struct e2e_done done = e2e_sh(&r.e, "assay serve --port %u", (unsigned)r.port);
    CHECK_INT("a port in use", done.exit_code, 5);
    CHECK_CONTAINS("a port in use", done.err, "is in use");
    done = e2e_sh(&r.e, "assay list --db .assay/serve.db");
    CHECK_INT("the other way round", done.exit_code, 5);
    CHECK_CONTAINS("the other way round", done.err, "is a store of `assay serve`");
    e2e_signal(&r.child, SIGINT);
    CHECK_INT("Ctrl-C", e2e_finish(&r.child).exit_code, 0);
    e2e_close(&r.e);
}

/* The key is taken from where it is said, is the only one that opens, and is nowhere to be read. */
static void keys(void)
{
    struct rig r = {.e = e2e_open()};
    r.e.env[0] = "OPPER_API_KEY=canary-4711";
    rig_start(&r, "-v");
    int fd = client_connect(r.port);
    CHECK_INT("another", client_request(&r.e.arena, fd, r.port, "GET", "/v2/traces", "", STR_NULL).status, 401);
    (void)close(fd);
    static const struct {
        const char *name, *line;
        unsigned status;
    } rows[] = {
        {"none", "", 401},
        {"empty", "Authorization: Bearer \r\n", 401},
        {"another scheme", "Authorization: Basic canary-4711\r\n", 401},
        {"no scheme", "Authorization: canary-4711\r\n", 401},
        {"its beginning", "Authorization: Bearer canary-471\r\n", 401},
        {"more of it", "Authorization: Bearer canary-47110\r\n", 401},
        {"right", "Authorization: Bearer canary-4711\r\n", 200},
        {"right, in another dress", "authorization: bearer  canary-4711 \r\n", 200},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        fd = client_connect(r.port);
        client_send(fd, arena_printf(&r.e.arena, "GET /v2/traces HTTP/1.1\r\nHost: localhost:%u\r\n%s\r\n",
                                     (unsigned)r.port, rows[i].line));
        struct client_answer answer = client_read(&r.e.arena, fd, 30000, false);
        CHECK_INT(rows[i].name, answer.status, rows[i].status);
        CHECK(rows[i].name, !e2e_has(answer.body, "canary"));
        (void)close(fd);
    }
    e2e_signal(&r.child, SIGTERM);
    struct e2e_done done = e2e_finish(&r.child);
    CHECK("nowhere", !e2e_has(done.out, "canary") && !e2e_has(done.err, "canary"));
    CHECK_INT("nowhere", e2e_sh(&r.e, "grep -ra canary . && exit 1; exit 0").exit_code, 0);
    e2e_close(&r.e);
}

/* The address of the pages, up to its port's end; ptr NULL = none is printed. */
static struct str pages_path(struct rig *r)
{
    struct str text = e2e_read(&r->e, "listening");
    size_t at = 0;
    size_t end = 0;
    if (!str_find(text, STR("in a browser: "), &at)) {
        return STR_NULL;
    }
    text = str_slice(text, at, text.len);
    (void)str_find(text, STR("127.0.0.1:"), &at);
    text = str_slice(text, at, text.len);
    (void)str_find_char(text, '/', &at);
    (void)str_find_char(text, '\n', &end);
    return str_slice(text, at, end);
}

static struct client_answer look(struct rig *r, const char *method, const char *path)
{
    int fd = client_connect(r->port);
    client_send(
        fd, arena_printf(&r->e.arena, "%s %s HTTP/1.1\r\nHost: localhost:%u\r\n\r\n", method, path, (unsigned)r->port));
    struct client_answer answer = client_read(&r->e.arena, fd, 60000, false);
    (void)close(fd);
    return answer;
}

/* Pages over the runs of the project: who may look, what is shown, and that content stays content. */
static void pages(void)
{
    struct rig r;
    rig_open(&r, "-v");
    struct arena *arena = &r.e.arena;
    struct str root = pages_path(&r);
    CHECK_INT("an address of 128 bits", root.len, 34);
    CHECK_CONTAINS("no store yet", look(&r, "GET", root.ptr == NULL ? "/" : arena_cstr(arena, root)).body,
                   "No runs yet");
    e2e_write(&r.e, "suite.yaml",
              "suite: 'a<b>&\"'\ntarget: {shell: 'read -r l; test $ASSAY_CASE != bad || exit 3; echo "
              "\"<script>alert(1)</script>\"'}\n"
              "cases: [{id: 'x\"><script>&/../?a=b#c', input: '<i>in</i>', expected: '</pre>'}, {id: bad, input: y, "
              "expected: z}]\n"
              "scorers: [exact]\nallow_errors: 9\n");
    CHECK_INT("a run", e2e_sh(&r.e, "assay run suite.yaml").exit_code, 1);
    struct str id = e2e_sh(&r.e, "assay list --format json | jq -j .run").out;

    struct client_answer answer = look(&r, "GET", arena_cstr(arena, root));
    CHECK_INT("runs", answer.status, 200);
    CHECK_CONTAINS("runs", answer.body, "a&lt;b&gt;&amp;&quot;");
    CHECK_CONTAINS("a policy", answer.head, "Content-Security-Policy: default-src 'none'");
    CHECK_CONTAINS("not in a frame", answer.head, "frame-ancestors 'none'");
    CHECK_CONTAINS("never kept", answer.head, "Cache-Control: no-store");
    CHECK_CONTAINS("nor told", answer.head, "Referrer-Policy: no-referrer");
    CHECK_CONTAINS("nor guessed", answer.head, "X-Content-Type-Options: nosniff");

    const char *run = arena_printf(arena, "%.*sruns/%.*s", STR_ARG(root), STR_ARG(id)).ptr;
    answer = look(&r, "GET", run);
    CHECK_INT("report", answer.status, 200);
    CHECK_CONTAINS("report", answer.body, "&lt;script&gt;alert(1)&lt;/script&gt;");
    CHECK("report", !e2e_has(answer.body, "<script>alert"));

    answer = look(&r, "GET", arena_printf(arena, "%s/cases", run).ptr);
    CHECK_CONTAINS("cases", answer.body, "exit 3");
    CHECK_CONTAINS("cases", answer.body, "case=x%22%3E%3Cscript%3E%26%2F..%2F%3Fa%3Db%23c");
    answer = look(&r, "GET",
                  arena_printf(arena, "%s/cases?case=x%%22%%3E%%3Cscript%%3E%%26%%2F..%%2F%%3Fa%%3Db%%23c", run).ptr);
    CHECK_INT("one case", answer.status, 200);
    CHECK_CONTAINS("one case", answer.body, "&lt;i&gt;in&lt;/i&gt;");
    CHECK_CONTAINS("one case", answer.body, "&lt;/pre&gt;");
    CHECK("one case", !e2e_has(answer.body, "<script>&") && !e2e_has(answer.body, "<script>alert"));

    static const struct {
        const char *name, *method, *below;
        unsigned status;
    } rows[] = {
        {"not to be written", "POST", "", 405},
        {"nor deleted", "DELETE", "", 405},
        {"no such page", "GET", "nothing", 404},
        {"no run of that name", "GET", "runs/latest", 404},
        {"no such run", "GET", "runs/0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d/cases", 404},
        {"no report of it", "GET", "runs/0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d", 500},
        {"more behind it", "GET", "runs/0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d/cases/x/y", 404},
        {"out of it", "GET", "../../etc/passwd", 404},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        answer = look(&r, rows[i].method, arena_printf(arena, "%.*s%s", STR_ARG(root), rows[i].below).ptr);
        CHECK_INT(rows[i].name, answer.status, rows[i].status);
        CHECK_CONTAINS(rows[i].name, answer.head, "Content-Security-Policy");
    }
    CHECK_INT("no such case", look(&r, "GET", arena_printf(arena, "%s/cases?case=none", run).ptr).status, 404);
    CHECK_INT("a bad escape", look(&r, "GET", arena_printf(arena, "%s/cases?case=%%zz", run).ptr).status, 404);
    char *guess = arena_cstr(arena, root);
    guess[5] = guess[5] == '0' ? '1' : '0';
    answer = look(&r, "GET", guess);
    CHECK_INT("another address", answer.status, 404);
    CHECK_CONTAINS("says where the right one stands", answer.body, "printed when it started");
    CHECK("and does not tell it", !e2e_has(answer.body, arena_cstr(arena, str_slice(root, 1, 33))));
    CHECK_CONTAINS("no address", look(&r, "GET", "/").body, "printed when it started");
    CHECK_INT("the API is closed", look(&r, "GET", "/v2/traces").status, 401);
    CHECK_INT("whatever the path, to whoever writes", look(&r, "POST", "/nothing").status, 401);
    CHECK_INT("the key opens no pages", ask(&r, "GET", guess, NULL).status, 404);
    e2e_signal(&r.child, SIGTERM);
    struct e2e_done done = e2e_finish(&r.child);
    CHECK_INT("ends", done.exit_code, 0);
    CHECK_CONTAINS("logged", done.err, "GET /.../runs/");
    CHECK("without the address", !e2e_has(done.err, arena_cstr(arena, str_slice(root, 1, 33))));
    e2e_close(&r.e);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"command line", command_line},
        {"requests", requests},
        {"answers", answers},
        {"slow answers", slow_answers},
        {"parallel writers", parallel_writers},
        {"slow connections", slow_connections},
        {"busy store", busy_store},
        {"lost store", lost_store},
        {"ends in order", ends_in_order},
        {"keys", keys},
        {"killed", killed},
        {"pages", pages},
    };
    e2e_init(argc, argv);
    many_descriptors();
    return check_run("serve/server", tests, ARRAY_LEN(tests));
}
