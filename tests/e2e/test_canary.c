/* A key that no format leaves as it is, and servers and programs that give it back in every form: afterwards it stands nowhere, in no file, no report,
 * no word printed, no argument of a process, and no byte sent but in the Authorization header.
 *
 * What is looked for is written down here, by hand and by Python's base64, and not made by the product. */

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "tests/e2e/e2e.h"
#include "tests/fault/fault.h"

#define KEY "op-K7\"\\/+%&<canary9z"

/* Its first bytes are the same in every text form, raw, JSON, URL, HTML, and shorter than what would be its 8-byte prefix; so is its end. Then its base64 at
 * the three alignments: python3 -c 'import base64; print([base64.b64encode(p + rb"""KEY""") for p in (b"", b"x", b"xx")])'. */
static const char *const needles[] = {"op-K7", "canary9z", "b3AtSzci", "9wLUs3Il", "vcC1LNyJ"};

struct hunt {
    size_t files, bytes, hits;
};

static void search(struct hunt *hunt, const char *where, struct str text)
{
    hunt->bytes += text.len;
    for (size_t i = 0; i < ARRAY_LEN(needles); i++) {
        size_t at = 0;
        if (str_find(text, str_from(needles[i]), &at)) {
            hunt->hits++;
            (void)fprintf(stderr, "%s holds '%s': ...%.*s...\n", where, needles[i],
                          STR_ARG(str_slice(text, at > 60 ? at - 60 : 0, at + 60)));
        }
    }
}

static void search_file(struct hunt *hunt, const char *path)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct str text = STR_NULL;
    CHECK(path, file_read(&arena, path, 1u << 30, &text, &err));
    hunt->files++;
    search(hunt, path, text);
}

/* Every file below, names too. */
static void search_folder(struct hunt *hunt, const char *path)
{
    DIR *dir = opendir(path);
    CHECK(path, dir != NULL);
    for (const struct dirent *entry = dir == NULL ? NULL : readdir(dir); entry != NULL; entry = readdir(dir)) {
        char full[4096];
        struct stat st;
        (void)snprintf(full, sizeof(full), "%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || lstat(full, &st) != 0) {
            continue;
        }
        search(hunt, "a file's name", str_from(entry->d_name));
        if (S_ISDIR(st.st_mode)) {
            search_folder(hunt, full);
        } else if (S_ISREG(st.st_mode)) {
            search_file(hunt, full);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

static const char opper_suite[] =
    "suite: canary\n"
    "target:\n  opper: {name: solve, instructions: 'Solve.', model: openai/gpt-4o-mini}\n"
    "retries: 1\ntimeout: 5s\nallow_errors: 100\n"
    "cases:\n"
    "  - {id: plain, input: 'say: A: 42', expected: 42}\n"
    "  - {id: wrong, input: 'say: A: 43', expected: 42}\n"
    "  - {id: echo, input: 'echo', expected: 42}\n"
    "scorers:\n"
    "  - numeric: {extract: 'A: *(\\d+)', expected: \"{{expected}}\", dimension: answer}\n"
    "  - contains: {all: 'A:', dimension: shape}\n";

static const char program_suite[] =
    "suite: programs\n"
    "target:\n"
    "  shell: 'printf \"%s\\n\" \"out $OPPER_API_KEY\"; printf \"%s\" \"$OPPER_API_KEY\" | base64; printf \"%s\\n\" "
    "\"err $OPPER_API_KEY\" >&2; case $ASSAY_CASE in b) exit 3;; c) kill -ABRT $$;; esac'\n"
    "  pass_env: [OPPER_API_KEY]\n"
    "allow_errors: 100\n"
    "cases: [{id: a, input: x}, {id: b, input: x}, {id: c, input: x}]\n"
    "scorers: [{contains: {all: out}}]\n";

static const char environment_suite[] = "suite: environment\n"
                                        "target: {command: [env]}\n"
                                        "cases: [{id: a, input: x}]\n"
                                        "scorers: [{contains: {all: PATH}}]\n";

/* Answers of every kind, in turn, all of them with the key. */
static const char echoing[] =
    "kind=call n=1 : status=200 body=\"{\\\"span_id\\\":\\\"0df6f0d1-3515-46bf-b8a0-d8633e6161c1\\\",\\\"message\\\":"
    "\\\"A: 42 {key:json} {key:url} {key:html} {key:base64} {key:8}\\\",\\\"json_payload\\\":null}\"\n"
    "kind=call n=2 : status=400 body=\"{\\\"type\\\":\\\"BadRequestError\\\",\\\"message\\\":\\\"{key:json}\\\","
    "\\\"detail\\\":\\\"your key {key:json} ({key:base64})\\\"}\"\n"
    "kind=call n=3 : status=500 type=text/html body=\"<h1>{key:html} {key}</h1>\"\n"
    "kind=call n=4 : status=422 body=\"{\\\"detail\\\":[{\\\"loc\\\":[\\\"header\\\"],\\\"msg\\\":\\\"Bearer "
    "{key:json}\\\","
    "\\\"input\\\":\\\"{key:url}\\\"}]}\"\n"
    "kind=call n=5 : status=429 retry-after=0 header=\"X-Key: {key}\" body=\"{key:8}... sent too much\"\n"
    "kind=call n=6 : status=200 body=\"{\\\"message\\\":\\\"{key:json}\" \n"
    "kind=call n=7 : status=302 header=\"Location: https://example.test/?key=op-K7%22%5C%2F%2B%25%26%3Ccanary9z\"\n"
    "path=/v2/spans p=0.5 : status=500 body=\"no: {key}\"\n";

/* `scripts`: one a line. */
static void run_all(struct e2e *e, struct hunt *hunt, struct str scripts)
{
    struct str line;
    while (str_split(&scripts, '\n', &line)) {
        const char *script = arena_cstr(&e->arena, line);
        struct e2e_done done = e2e_sh(e, "%s", script);
        search(hunt, script, done.out);
        search(hunt, script, done.err);
        CHECK(script, done.exit_code != 70 && done.exit_code < 128);
    }
}

static void set_server(struct e2e *e, const struct fault *f)
{
    struct fault_text url = fault_url(f, "/v2");
    e->env[0] = "OPPER_API_KEY=" KEY;
    e->env[1] = arena_printf(&e->arena, "OPPER_BASE_URL=%s", url.text).ptr;
}

/* What a server saw, but for the one header. */
static void search_server(struct hunt *hunt, struct fault *f, bool is_busy)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str ledger = fault_end(f, &arena);
    search(hunt, "a server's ledger", ledger);
    search(hunt, "what a server received", fault_raw(f, &arena));
    CHECK("it was asked", !is_busy || fault_count(ledger, "total") > 0);
    CHECK_INT("with the key",
              e2e_has(fault_requests(f, &arena), "Authorization: Bearer op-K7\\\"\\\\/+%&<canary9z\\r\\n"), is_busy);
}

#define REPORTS(name)                                                                                                  \
    " --report json=" name ".json --report jsonl=" name ".jsonl --report junit=" name ".xml --report html=" name       \
    ".html --report markdown=" name ".md --report csv=" name ".csv\n"

static const char commands[] = "assay run opper.yaml -v" REPORTS(
    "r") "assay run opper.yaml --quiet\n"
         "assay run opper.yaml --report json\n"
         "assay run programs.yaml -v" REPORTS(
             "p") "assay run environment.yaml -v --report json=e.json\n"
                  "assay check opper.yaml programs.yaml\n"
                  "assay list; assay show latest --failed; assay show latest~1 a; assay show latest~1 --errors\n"
                  "assay report latest~1 --format html; assay report latest~2 --format json\n"
                  "assay compare latest~2 latest~1; assay history canary; assay gate latest~2\n"
                  "assay rescore latest~2 opper.yaml\n"
                  "assay run missing.yaml; assay run opper.yaml --unknown; assay help run; assay schema\n"
                  "OPPER_BASE_URL=http://10.0.0.1/v2 assay run opper.yaml\n"
                  "OPPER_BASE_URL=https://127.0.0.1:1/v2 assay run opper.yaml -v\n"
                  "OPPER_BASE_URL=nonsense assay run opper.yaml\n"
                  "umask 022; printf '%s' \"$OPPER_API_KEY\" > ../$$.key; chmod 644 ../$$.key;"
                  " OPPER_API_KEY= OPPER_API_KEY_FILE=../$$.key assay run opper.yaml; rm ../$$.key\n"
                  "OPPER_API_KEY=\"$OPPER_API_KEY and more\" assay run opper.yaml\n"
                  "assay run opper.yaml programs.yaml -v --record opper --verify --drain 2s --report json=o.json\n"
                  "assay push --drain 2s; assay push latest --again --verify --drain 2s";

static void test_everything(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--rule", echoing, NULL});
    struct hunt hunt = {0};
    e2e_write(&e, "opper.yaml", opper_suite);
    e2e_write(&e, "programs.yaml", program_suite);
    e2e_write(&e, "environment.yaml", environment_suite);
    set_server(&e, &f);
    e2e_write(&e, "assay.yaml",
              "record: local\n"); /* unless a script says otherwise: this server answers nothing well */
    run_all(&e, &hunt, STR(commands));
    CHECK("what was taken out is marked",
          e2e_has(e2e_read(&e, "r.json"), "[redacted]") && e2e_has(e2e_read(&e, "p.json"), "[redacted]"));
    CHECK("so that it had been there",
          e2e_count(&e, "SELECT count(*) FROM opper_span WHERE output LIKE '%[redacted]%'") >= 2);
    search_folder(&hunt, e.dir.path);
    search_server(&hunt, &f, true);
    CHECK("there was much to look through", hunt.files >= 15 && hunt.bytes > 300000);
    CHECK_INT("the key is nowhere", hunt.hits, 0);
}

/* What is sent on: outputs that held the key, and the words of a server that gives it back at every turn. */
static void test_recording(void)
{
    static const char rules[] =
        "kind=create-span p=0.2 : status=500 body=\"no: {key} {key:8}\"\n"
        "kind=create-metric p=0.2 : status=400 body=\"{\\\"detail\\\":\\\"{key:json} {key:base64}\\\"}\"\n"
        "kind=patch-span p=0.2 : act close\n"
        "kind=call : status=200 "
        "body=\"{\\\"span_id\\\":\\\"0df6f0d1-3515-46bf-b8a0-d8633e6161c1\\\",\\\"message\\\":\\\"A: 42 "
        "{key:json}\\\"}\"\n";
    static const char recorded[] =
        "assay run opper.yaml programs.yaml --record opper --verify -v --trials 5 --report json=o.json\n"
        "assay push; assay push --refused; assay list\n"
        "assay run opper.yaml --record opper --verify --report html=o.html\n";
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--rule", rules, NULL});
    struct hunt hunt = {0};
    e2e_write(&e, "opper.yaml", opper_suite);
    e2e_write(&e, "programs.yaml", program_suite);
    set_server(&e, &f);
    run_all(&e, &hunt, STR(recorded));
    CHECK("what was taken out is marked", e2e_has(e2e_read(&e, "o.json"), "[redacted]"));
    search_folder(&hunt, e.dir.path);
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str ledger = fault_end(&f, &arena);
    CHECK("it was recorded", fault_count(ledger, "create-metric") > 10 && e2e_has(ledger, "[redacted]"));
    search(&hunt, "a server's ledger", ledger);
    search(&hunt, "what a server received", fault_raw(&f, &arena));
    CHECK_INT("the key is nowhere", hunt.hits, 0);
}

/* 401 in the middle, interrupts, a kill and an abort: at each of them something is half written. */
static void test_ends(void)
{
    static const struct {
        const char *rule;
        int signal; /* 0 = none */
    } rows[] = {
        {"kind=call n=2- : status=401 body=\"{\\\"detail\\\":\\\"invalid key {key:json}, {key:8}\\\"}\"", 0},
        {"kind=call n=2- : status=403 body=\"{key}\"", 0},
        {"kind=call n=2- : status=200 body=\"{\\\"message\\\":\\\"{key:json}\\\"}\" cut-body=25 hang", SIGINT},
        {"kind=call n=2- : hang", SIGTERM},
        {"kind=call n=2- : hang", SIGKILL},
        {"kind=call n=2- : hang", SIGABRT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct e2e e CLEANUP(e2e_close) = e2e_open();
        struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--rule", rows[i].rule, NULL});
        struct hunt hunt = {0};
        e2e_write(&e, "opper.yaml", opper_suite);
        set_server(&e, &f);
        e2e_write(&e, "assay.yaml", "record: local\n");
        struct e2e_child child =
            e2e_start(&e, "exec assay run opper.yaml -v --grace 0s --concurrency 1 --report json=r.json");
        if (rows[i].signal != 0) {
            (void)e2e_wait_for(&child, "plain");
            e2e_pause(300);
            e2e_signal(&child, rows[i].signal);
        }
        struct e2e_done done = e2e_finish(&child);
        CHECK("it did not end well", done.exit_code != 0);
        search(&hunt, "stdout", done.out);
        search(&hunt, "stderr", done.err);
        search_folder(&hunt, e.dir.path);
        search_server(&hunt, &f, true);
        CHECK_INT("the key is nowhere", hunt.hits, 0);
    }
}

/* What others of this machine can see of us while we run: arguments of every process that works in our folder, and the environments of those that
 * were not given the key. */
static void test_processes(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--latency", "20", NULL});
    struct hunt hunt = {0};
    e2e_write(&e, "opper.yaml", opper_suite);
    e2e_write(
        &e, "slow.yaml",
        "suite: slow\ntarget: {shell: 'cat /proc/self/environ; for i in $(seq 200); do grep -q sleep seen && break; "
        "sleep 0.05; done'}\ntrials: 20\nconcurrency: 2\n" /* until it is seen, however busy the machine is */
        "cases: [{id: a, input: x}]\nscorers: [{contains: {all: PATH}}]\n");
    set_server(&e, &f);
    struct e2e_done done =
        e2e_sh(&e, "assay run opper.yaml slow.yaml --trials 20 > out 2>&1 & pid=$!\n"
                   "while kill -0 $pid 2>/dev/null; do find /proc/[0-9]* -maxdepth 1 -name cwd -lname \"$PWD*\" "
                   "-printf '%%h/cmdline\\0' 2>/dev/null | xargs -0 -r cat 2>/dev/null; "
                   "done > seen; wait $pid; echo $? > code");
    CHECK_INT("ran", done.exit_code, 0);
    CHECK("was seen", e2e_has(e2e_read(&e, "seen"), "opper.yaml") && e2e_has(e2e_read(&e, "seen"), "sleep"));
    search_folder(&hunt, e.dir.path);
    search_server(&hunt, &f, true);
    CHECK_INT("the key is nowhere", hunt.hits, 0);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"everything", test_everything},
        {"recording", test_recording},
        {"ends", test_ends},
        {"processes", test_processes},
    };
    e2e_init(argc, argv);
    return check_run("e2e/canary", tests, ARRAY_LEN(tests));
}
