#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "data/field.h"
#include "serve/server.h"
#include "store/store.h"

static const struct option_row SERVE_OPTIONS[] = {
    {"port", 'p', OPTION_VALUE, "N", "of 127.0.0.1 (default 7117; 0: any that is free)"},
    {"db", 0, OPTION_VALUE, "FILE", "the server's own store (default: serve.db beside the store of runs)"},
    {"answer-with", 'a', OPTION_VALUE, "PROGRAM",
     "answers calls: a shell's text; JSON line on stdin, answer on stdout (else calls are 404)"},
    {"answers", 0, OPTION_VALUE, "text|json",
     "json: the program prints {\"output\", \"usage\", \"cost\", ...}; text (default): the output itself"},
    {"worker", 'w', OPTION_FLAG, NULL, "the program stays and answers line by line, in json"},
    {"concurrency", 'j', OPTION_VALUE, "N", "programs at once (default 16)"},
    {"timeout", 0, OPTION_VALUE, "DURATION", "of one answer (default 120s)"},
    {"key-file", 0, OPTION_VALUE, "FILE",
     "the API key that clients have to send (default: OPPER_API_KEY; without either any key will do)"},
    {"verbose", 'v', OPTION_FLAG, NULL, "a line for each request"},
    {0},
};

enum { DEFAULT_PORT = 7117, DEFAULT_CONCURRENCY = 16, DEFAULT_TIMEOUT_S = 120 };

struct serve {
    struct cli *cli;
    const struct server_options *options;
    bool is_verbose;
};

static void on_listening(void *ctx, uint16_t port, const char *token)
{
    struct serve *s = ctx;
    const struct server_options *o = s->options;
    FILE *out = s->cli->out;
    (void)fprintf(out, "assay serve: listening on http://127.0.0.1:%u\n", (unsigned)port);
    cli_print(out, "store: %s\n", o->db);
    if (o->answer_with != NULL) {
        cli_print(out, "calls are answered by: %s%s\n", o->answer_with, o->is_worker ? " (as workers)" : "");
    } else {
        (void)fprintf(out, "calls are not answered (--answer-with PROGRAM)\n");
    }
    if (token[0] != '\0') {
        (void)fprintf(out, "your runs, in a browser: http://127.0.0.1:%u/%s/\n", (unsigned)port, token);
    }
    (void)fprintf(out, "\nTo use it from assay, or from Opper's SDK:\n");
    (void)fprintf(out, "  export OPPER_BASE_URL=http://127.0.0.1:%u/v2\n", (unsigned)port);
    if (o->key != NULL) {
        (void)fprintf(out, "  # OPPER_API_KEY: the key that this server was started with, and no other\n\n");
    } else {
        (void)fprintf(out, "  export OPPER_API_KEY=any-text-will-do\n\n");
    }
    (void)fflush(out);
}

static void on_answered(void *ctx, struct str method, struct str path, unsigned status, int64_t elapsed_ns)
{
    struct serve *s = ctx;
    if (s->is_verbose) {
        cli_print(s->cli->errors, "%.*s %.*s %u %s\n", STR_ARG(method), STR_ARG(path), status,
                  clock_duration(elapsed_ns).text);
    }
}

static void on_note(void *ctx, const char *text)
{
    struct serve *s = ctx;
    cli_print(s->cli->errors, "assay: %s\n", text);
}

static const char *default_db(struct cli *cli)
{
    const char *journal = store_path(&cli->arena, NULL, NULL);
    return file_join(&cli->arena, file_dir(str_from(journal)), STR("serve.db"));
}

/* Where we were started from; NULL where the system does not tell. */
static const char *own_program(struct cli *cli)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
    return len > 0 && (size_t)len < sizeof(path) ? arena_cstr(&cli->arena, (struct str){path, (size_t)len}) : NULL;
}

static bool read_options(struct cli *cli, const struct args *args, struct server_options *ret, struct err *err)
{
    uint64_t port = DEFAULT_PORT;
    uint64_t concurrency = DEFAULT_CONCURRENCY;
    struct str answers = str_from(args_value(args, "answers"));
    const char *timeout = args_value(args, "timeout");
    const char *db = args_value(args, "db");
    *ret = (struct server_options){
        .db = db != NULL ? db : default_db(cli),
        .answer_with = args_value(args, "answer-with"),
        .is_worker = args_has(args, "worker"),
        .answers_json = str_eq_cstr(answers, "json"),
        .timeout_ns = DEFAULT_TIMEOUT_S * NS_PER_S,
        .env = &cli->env,
        .journal = store_path(&cli->arena, NULL, environment_get(&cli->env, STR("ASSAY_DB"))),
        .program = own_program(cli),
    };
    if (answers.ptr != NULL && !ret->answers_json && !str_eq_cstr(answers, "text")) {
        return err_set(err, ERR_USAGE, "--answers is text or json, not '%.*s'", STR_ARG(answers));
    }
    if (ret->is_worker && str_eq_cstr(answers, "text")) {
        return err_set(err, ERR_USAGE, "--worker answers in json: a line for each call");
    }
    if (ret->answer_with == NULL && (ret->is_worker || answers.ptr != NULL)) {
        return err_set(err, ERR_USAGE, "--worker and --answers want --answer-with PROGRAM");
    }
    if (ret->answer_with != NULL && str_trim(str_from(ret->answer_with)).len == 0) {
        return err_set(err, ERR_USAGE, "--answer-with wants a program");
    }
    if (timeout != NULL && !field_parse_duration(str_from(timeout), &ret->timeout_ns, err)) {
        return err_wrap(err, "--timeout");
    }
    if (ret->timeout_ns <= 0) {
        return err_set(err, ERR_USAGE, "--timeout is longer than nothing");
    }
    if (!args_number(args, "port", 0, UINT16_MAX, &port, err) ||
        !args_number(args, "concurrency", 1, LIMIT_CONCURRENCY, &concurrency, err)) {
        return false;
    }
    ret->port = (uint16_t)port;
    ret->concurrency = (uint32_t)concurrency;
    return true;
}

static enum verdict serve_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct server_options options;
    struct secret *key CLEANUP(secret_free) = NULL;
    const char *key_file = args_value(args, "key-file");
    if (args->operand_count > 0) {
        return cli_usage(cli, "serve takes no operand");
    }
    if (!read_options(cli, args, &options, &err) ||
        !secret_load(key_file != NULL ? NULL : environment_get(&cli->env, STR("OPPER_API_KEY")),
                     key_file != NULL ? key_file : environment_get(&cli->env, STR("OPPER_API_KEY_FILE")), &key, &err)) {
        return cli_fail(cli, &err);
    }
    options.key = key;
    struct serve serve = {.cli = cli, .options = &options, .is_verbose = args_has(args, "verbose")};
    struct server_events events = {.ctx = &serve, .listening = on_listening, .answered = on_answered, .note = on_note};
    if (!server_run(&options, cli->clock, &events, &err)) {
        return cli_fail(cli, &err);
    }
    return VERDICT_PASSED; /* it was asked to end, and that is how it ends */
}

const struct command command_serve = {
    .name = "serve",
    .operands = "",
    .summary = "a server on this machine that speaks Opper's API: rehearse without cost",
    .options = SERVE_OPTIONS,
    .details =
        "The pages show the runs of ASSAY_DB, else of the nearest project folder, to whoever knows their address.\n"
        "Ends at Ctrl-C or SIGTERM, with exit code 0. Only this machine can reach it.\n"
        "The program gets one line of JSON, the call's members as they were sent, and prints the output.",
    .run = serve_run,
};
