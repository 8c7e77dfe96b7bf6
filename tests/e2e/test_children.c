/* Programs that behave badly as targets: each sample says what happened, the run goes on, and nobody is left behind. */

#include "tests/e2e/e2e.h"

#define CASE "cases: [{id: a, input: x, expected: 'yes'}]\nscorers: [exact]\n"

/* What the one sample of the last run says. */
static void check_sample(struct e2e *e, const char *row, const char *state, const char *error, const char *output)
{
    struct e2e_done done =
        e2e_sh(e, "jq -j '.runs[0].samples[0] | .state, \" \", (.error // \"none\"), \" \", (.output // \"\")' r.json");
    CHECK_CSTR(row, done.out, arena_printf(&e->arena, "%s %s %s", state, error, output).ptr);
}

static const struct {
    const char *name, *target;
    int exit_code;
    const char *state, *error, *output;
    const char *out; /* in the summary; may be NULL */
} ROWS[] = {
    {"hangs", "timeout: 200ms\ntarget: {shell: 'echo yes; sleep 30'}\n", 3, "errored", "timeout", "yes\n",
     "no answer within 200 ms"},
    {"hangs, and the suite calls it a failure",
     "timeout: 200ms\non_error: {timeout: fail}\ntarget: {shell: 'sleep 30'}\n", 1, "scored", "timeout", "", NULL},
    {"is killed", "target: {shell: 'echo part; kill -SEGV $$'}\n", 3, "errored", "signal", "part\n", "SIGSEGV"},
    {"exits with a code", "target: {shell: 'echo oops >&2; exit 7'}\n", 3, "errored", "exit", "", "exit 7"},
    {"exits with 127", "target: {shell: 'no-such-program'}\n", 3, "errored", "exit", "", "exit 127"},
    {"says nothing, and that is a result", "target: {shell: 'true'}\n", 1, "scored", "none", "", NULL},
    {"says NUL, bytes that are no UTF-8, and escapes", "target: {shell: 'printf \"a\\\\000\\\\377\\\\033[31mb\"'}\n", 1,
     "scored", "none", NULL, NULL},
    {"floods stdout", "target: {shell: 'yes', max_output: 100000}\n", 3, "errored", "output_limit", NULL, "100000"},
    {"floods stderr", "target: {shell: 'yes | head -c 20000000 >&2; echo yes'}\n", 0, "scored", "none", "yes", NULL},
    {"floods stdout to the last byte that is allowed",
     "target: {shell: 'head -c 100000 /dev/zero | tr \"\\\\0\" y', max_output: 100000}\n", 1, "scored", "none", NULL,
     NULL},
    {"leaves a grandchild that holds the pipe", "target: {shell: 'sleep 30 & echo yes'}\n", 0, "scored", "none", "yes",
     NULL},
    {"escapes by setsid", "target: {shell: 'setsid sleep 30 & echo yes'}\n", 0, "scored", "none", "yes", NULL},
    {"closes stdout and goes on", "timeout: 300ms\ntarget: {shell: 'echo yes; exec >&-; sleep 30'}\n", 3, "errored",
     "timeout", "yes\n", NULL},
    {"stops itself", "timeout: 300ms\ntarget: {shell: 'kill -STOP $$; echo yes'}\n", 3, "errored", "timeout", "", NULL},
    {"sees 0, 1 and 2 only", "target: {shell: 'test \"$(ls /proc/self/fd | wc -l)\" = 4 && echo yes'}\n", 0, "scored",
     "none", "yes", NULL},
    {"dies of a broken pipe like others", "target: {shell: '(sleep 0.1; yes) | true; echo yes'}\n", 0, "scored", "none",
     "yes", NULL},
    {"is tried again when it says so",
     "retries: 2\ntarget: {shell: 'echo >>tries; test $(wc -l <tries) = 3 && echo yes || exit 75'}\n", 0, "scored",
     "none", "yes", NULL},
    {"is never tried again for a wrong answer", "retries: 2\ntarget: {shell: 'echo >>tries; echo no'}\n", 1, "scored",
     "none", "no", NULL},
};

static void one_bad_program(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const char *row = ROWS[i].name;
        e2e_write(&e, "suite.yaml", arena_printf(&e.arena, "suite: bad\n%s" CASE, ROWS[i].target).ptr);
        struct e2e_done done = e2e_sh(&e, "rm -f tries; assay run suite.yaml -r json=r.json");
        CHECK_INT(row, done.exit_code, ROWS[i].exit_code);
        CHECK(row, done.elapsed_ms < 15000); /* far below the 30 s that the programs would take */
        if (ROWS[i].out != NULL) {
            CHECK_CONTAINS(row, done.out, ROWS[i].out);
        }
        if (ROWS[i].output != NULL) {
            check_sample(&e, row, ROWS[i].state, ROWS[i].error, ROWS[i].output);
        }
    }
    CHECK_CSTR("the wrong answer was one try", e2e_read(&e, "tries"), "\n");
}

/* Programs leave their own number and those of their children: none is there when the run is over. */
static void nobody_is_left(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: left\ntimeout: 300ms\nconcurrency: 8\nallow_errors: 100%\n"
              "variants: [{name: term, shell: 'trap \"\" TERM; echo $$ >>pids; sleep 30 & echo $! >>pids; while :; do "
              "sleep 0.05; done'},\n"
              "  {name: leak, shell: 'sleep 30 & echo $! >>pids; echo yes'},\n"
              "  {name: escape, shell: 'setsid sh -c \"echo \\$\\$ >>pids; exec sleep 30\" & sleep 0.1; echo yes'}]\n"
              "target: {shell: 'true'}\n"
              "cases: [{id: a, input: x, expected: 'yes'}, {id: b, input: x, expected: 'yes'}]\nscorers: [exact]\n");
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -q -r json=r.json");
    CHECK("a verdict", done.exit_code == 0 || done.exit_code == 1 || done.exit_code == 3);
    CHECK("TERM, 5 s, KILL", done.elapsed_ms < 25000);
    CHECK_INT("all have begun", e2e_count_of(e2e_read(&e, "pids"), "\n"), 8);
    done = e2e_sh(&e, "for p in $(cat pids); do kill -0 $p 2>/dev/null && ps -o pid,stat,args $p; done; true");
    CHECK_CSTR("none is left", done.out, "");
}

/* kill -9 of assay takes its programs with it. */
static void our_sudden_end(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: s\ntarget: {shell: 'echo $$ >>pids; exec sleep 30'}\nconcurrency: 2\n"
              "cases: [{id: a, input: x}, {id: b, input: x}]\nscorers: [{length: {}}]\n");
    struct e2e_child child = e2e_start(&e, "exec assay run suite.yaml");
    CHECK("begun", e2e_wait_for_file(&child, "pids"));
    e2e_pause(100);
    e2e_signal(&child, SIGKILL);
    (void)e2e_finish(&child);
    struct e2e_done done = e2e_sh(
        &e, "for i in 1 2 3 4 5 6 7 8 9 10; do n=0; for p in $(cat pids); do kill -0 $p 2>/dev/null && n=1; done;"
            "test $n = 0 && echo gone && exit; sleep 0.3; done");
    CHECK_CSTR("gone with us", done.out, "gone\n");
}

/* 10 MiB to programs that do not read it, read it all, and answer as much. */
static void large_input(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    (void)e2e_sh(&e, "(printf '{\"text\": \"'; head -c 10485760 /dev/zero | tr '\\0' x; echo '\"}') >rows.jsonl");
    e2e_write(&e, "suite.yaml",
              "suite: large\ntimeout: 30s\ntarget: {shell: 'true', stdin: text}\n"
              "variants: [{name: deaf, shell: 'echo 10485760'}, {name: counts, shell: 'wc -c'},\n"
              "  {name: talks, shell: 'echo 10485760; head -c 5000000 /dev/zero | tr \"\\0\" y; cat >/dev/null', "
              "max_output: 6000000}]\n"
              "dataset: {file: rows.jsonl, id: big, input: '{{text}}'}\n"
              "scorers: [{starts_with: {expected: '10485760', trim: true}}]\n");
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -q");
    CHECK_INT("10 MiB to stdin", done.exit_code, 0);
    if (done.exit_code != 0) {
        (void)fprintf(stderr, "%.*s%.*s", STR_ARG(done.out), STR_ARG(done.err));
    }
}

/* Templated values are data: no shell reads them. */
static void no_injection(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: inject\ntarget: {command: [printf, '%s', '{{input}}'], stdin: none}\n"
              "variants: [{name: argv}, {name: env, shell: 'printf %s \"$ASSAY_INPUT\"'}]\n"
              "cases:\n  - {id: a, input: '$(touch pwned)', expected: '$(touch pwned)'}\n"
              "  - {id: b, input: \"'; touch pwned; '\", expected: \"'; touch pwned; '\"}\n"
              "  - {id: c, input: '`touch pwned`', expected: '`touch pwned`'}\n"
              "scorers: [exact]\n");
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml -q");
    CHECK_INT("as they are", done.exit_code, 0);
    CHECK("nothing ran", !e2e_exists(&e, "pwned"));
    e2e_write(&e, "shell.yaml", "suite: inject\ntarget: {shell: 'echo {{input}}'}\n" CASE);
    done = e2e_sh(&e, "assay run shell.yaml -q");
    CHECK_INT("templates in a shell line are refused", done.exit_code, 2);
}

/* A program sees what the contract names, and no key of ours. */
static void environment(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e.env[0] = "OPPER_API_KEY=canary-key";
    e.env[1] = "SECRET_TOKEN=canary-token";
    e.env[2] = "NAMED=passed on";
    e.env[3] = "OPPER_BASE_URL=http://127.0.0.1:1/v2"; /* a key is there, so that the run is recorded: nobody answers */
    e2e_write(&e, "suite.yaml",
              "suite: env\ntarget: {shell: 'env | sort; echo tmp=$TMPDIR; touch $TMPDIR/x', pass_env: [NAMED], env: "
              "{OWN: 'for {{id}}'}}\n"
              "cases: [{id: a, input: x}]\nscorers: [{contains: {all: ['NAMED=passed on', 'OWN=for a', 'ASSAY_CASE=a', "
              "'ASSAY_TRIAL=1', 'ASSAY_INPUT=x', 'HOME=']}}]\n");
    struct e2e_done done =
        e2e_sh(&e, "assay run suite.yaml -q -r json=r.json; code=$?; ! grep -r canary .assay r.json && exit $code");
    CHECK_INT("named only", done.exit_code, 0);
    if (done.exit_code != 0) {
        (void)fprintf(stderr, "%.*s%.*s", STR_ARG(done.out), STR_ARG(done.err));
    }
    done = e2e_sh(
        &e, "d=$(jq -r '.runs[0].samples[0].output' r.json | sed -n 's/^tmp=//p'); test -n \"$d\" && ! test -e \"$d\"");
    CHECK_INT("its own TMPDIR is gone", done.exit_code, 0);
}

/* Workers that misbehave: the sample at hand is errored, a new one is started, the others go on. */
static void workers(void)
{
    static const char LOOP[] =
        "import json, sys, time, os\n"
        "for line in sys.stdin:\n"
        "    case = json.loads(line)\n"
        "    word = case['input']\n"
        "    if word == 'exit': sys.exit(3)\n"
        "    if word == 'hang': time.sleep(30)\n"
        "    if word == 'noise': print('not json', flush=True); continue\n"
        "    if word == 'foreign': print(json.dumps(dict(id='other', output='yes')), flush=True); continue\n"
        "    print(json.dumps(dict(id=case['id'], output='yes')), flush=True)\n";
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "worker.py", LOOP);
    e2e_write(&e, "suite.yaml",
              "suite: workers\ntimeout: 3s\nallow_errors: 100%\n"
              "target: {command: [python3, worker.py], worker: true, workers: 1, output: json}\n"
              "cases: [{id: a, input: x}, {id: b, input: exit}, {id: c, input: x}, {id: d, input: noise}, {id: e, "
              "input: x},\n"
              "  {id: f, input: foreign}, {id: g, input: x}, {id: h, input: hang}, {id: i, input: x}]\n"
              "scorers: [{exact: 'yes'}]\ngates: ['exact.count == 5', 'cases >= 5', 'errors == 4']\n");
    struct e2e_done done = e2e_sh(&e, "command -v python3 >/dev/null || exit 99; assay run suite.yaml -q");
    if (done.exit_code == 99) {
        (void)printf("skipped: no python3\n");
        return;
    }
    CHECK_INT("each bad answer is one errored sample", done.exit_code, 0);
    if (done.exit_code != 0) {
        (void)fprintf(stderr, "%.*s%.*s", STR_ARG(done.out), STR_ARG(done.err));
    }
    e2e_write(&e, "never.yaml",
              "suite: never\ntarget: {command: ['false'], worker: true, workers: 1, output: json}\n"
              "cases: [{id: a, input: x}, {id: b, input: x}, {id: c, input: x}, {id: d, input: x}, {id: e, input: x}, "
              "{id: f, input: x}]\n"
              "scorers: [{exact: 'yes'}]\n");
    done = e2e_sh(&e, "assay run never.yaml -q");
    CHECK_INT("one that never answers is infrastructure", done.exit_code, 5);
}

/* What stops a run is named with its cause, which is what the first of several samples met. */
static void stops_the_run(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    (void)e2e_sh(&e, "printf '#!/nonexistent/python\n' >program && chmod +x program");
    e2e_write(&e, "start.yaml",
              "suite: s\ntarget: {command: [./program]}\n"
              "cases: [{id: a, input: x}, {id: b, input: x}]\nscorers: [length]\n");
    struct e2e_done done = e2e_sh(&e, "assay run start.yaml");
    CHECK_INT("no interpreter", done.exit_code, 5);
    CHECK_CONTAINS("no interpreter", e2e_last_line(done.out), "case 'a'");
    CHECK_CONTAINS("no interpreter", e2e_last_line(done.out), "its #! line");
    e2e_write(&e, "worker.yaml",
              "suite: w\ntarget: {command: [sh, -c, 'exit 2'], worker: true, workers: 1}\nallow_errors: 100%\n"
              "cases: [{id: a}, {id: b}, {id: c}, {id: d}, {id: e}, {id: f}, {id: g}]\nscorers: [length]\n");
    done = e2e_sh(&e, "assay run worker.yaml");
    CHECK_INT("five starts", done.exit_code, 5);
    CHECK_CONTAINS("five starts", e2e_last_line(done.out), "case 'e'");
    CHECK_CONTAINS("five starts", e2e_last_line(done.out), "started 5 times and never answered; at last: exit 2");
}

/* An output that no argument can hold is the scorer's bad luck with one sample, not the end of the run. */
static void output_as_argument(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "suite.yaml",
              "suite: s\nallow_errors: 1\nconcurrency: 1\n"
              "target: {shell: 'test $ASSAY_CASE = big && head -c 200000 /dev/zero | tr \"\\0\" y; true'}\n"
              "cases: [{id: big, input: x}, {id: small, input: x}]\n"
              "scorers: [{command: {command: [sh, -c, 'echo \"{\\\"scores\\\": {\\\"t\\\": 1}}\"', '{{output}}'], "
              "dimensions: {t: {}}}}]\n"
              "gates: [errors == 1, t.pass_rate >= 0%]\n");
    struct e2e_done done = e2e_sh(&e, "assay run suite.yaml");
    CHECK_INT("the run goes on", done.exit_code, 0);
    CHECK_CONTAINS("why", done.out, "argument 3 would be longer than");
}

int main(int argc, char **argv)
{
    e2e_init(argc, argv);
    static const struct check_test TESTS[] = {
        {"one bad program", one_bad_program},
        {"nobody is left", nobody_is_left},
        {"our sudden end", our_sudden_end},
        {"large input", large_input},
        {"no injection", no_injection},
        {"environment", environment},
        {"workers", workers},
        {"stops the run", stops_the_run},
        {"output as argument", output_as_argument},
    };
    return check_run("e2e/children", TESTS, ARRAY_LEN(TESTS));
}
