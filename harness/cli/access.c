#include "cli/access.h"

#include "base/diag.h"
#include "base/err.h"
#include "base/redact.h"
#include "base/secret.h"
#include "suites/access.h"

bool access_open(struct cli *cli, struct err *err)
{
    if (cli->is_service_open) {
        return true;
    }
    const char *key = environment_get(&cli->env, STR("OPPER_API_KEY"));
    const char *file = environment_get(&cli->env, STR("OPPER_API_KEY_FILE"));
    if (!secret_load(key, file, &cli->key, err)) {
        return false;
    }
    cli->is_service_open = service_open(&cli->arena, &cli->env, cli->key, &cli->service, err);
    return cli->is_service_open;
}

enum verdict access_check(struct cli *cli, struct suite *const *suites, size_t count, bool with_targets, bool wants_key)
{
    struct err err = ERR_NULL;
    struct diag diag;
    diag_init(&diag, &cli->arena);
    bool is_clean = true;
    for (size_t i = 0; i < count; i++) {
        if (!suite_calls_service(suites[i], with_targets)) {
            continue;
        }
        if (!access_open(cli, &err)) {
            return cli_fail(cli, &err);
        }
        is_clean = (!wants_key || suite_check_access(suites[i], with_targets, &diag)) && is_clean;
    }
    if (is_clean) {
        return VERDICT_PASSED;
    }
    cli_print_faults(cli, &diag);
    (void)fprintf(cli->errors, "assay: usage (exit 2): nothing was run\n");
    return VERDICT_USAGE;
}

struct redactor *access_redactor(struct cli *cli)
{
    if (cli->redactor == NULL) {
        cli->redactor = redactor_new();
        if (cli->key != NULL) {
            redactor_add(cli->redactor, cli->key);
        }
    }
    return cli->redactor;
}
