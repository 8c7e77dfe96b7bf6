#include "run/hook.h"

#include "base/clock.h"
#include "base/err.h"
#include "io/perform.h"
#include "model/command_call.h"
#include "run/session.h"

enum { HOOK_TIMEOUT_S = 600 };

bool hook_run(const struct session *s, struct perform *perform, const struct suite *suite, const char *const *argv,
              const char *what, struct err *err)
{
    if (argv == NULL) {
        return true;
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct call call;
    struct uuid_text invocation = id_text(&s->invocation.id);
    if (!command_call_setup(argv, suite->dir, suite->env, str_from(invocation.text), HOOK_TIMEOUT_S * NS_PER_S, &arena,
                            &call, err)) {
        err->kind = ERR_SETUP; /* by now a plan is stored: it is not the suite that is refused */
        return err_wrap(err, "%s of suite '%.*s'", what, STR_ARG(suite->name));
    }
    struct call_result result;
    if (!perform_run(perform, &call, &arena, &result, err)) {
        return err_wrap(err, "%s of suite '%.*s'", what, STR_ARG(suite->name));
    }
    if (result.status == CALL_OK) {
        return true;
    }
    struct str tail = str_trim(result.stderr_tail);
    struct str shown = tail.len > 400 ? str_slice(tail, tail.len - 400, tail.len) : tail;
    switch (result.status) {
    case CALL_EXIT:
        return err_set(err, ERR_SETUP, "%s of suite '%.*s': '%s' ended with exit %d%s%.*s", what, STR_ARG(suite->name),
                       argv[0], result.exit_code, shown.len > 0 ? ": " : "", STR_ARG(shown));
    case CALL_OK:
    case CALL_SIGNAL:
    case CALL_TIMEOUT:
    case CALL_OUTPUT_LIMIT:
    case CALL_EXEC_FAILED:
    case CALL_PROTOCOL:
    case CALL_CANCELLED:
    case CALL_HTTP_STATUS:
    case CALL_NETWORK:
        break;
    }
    return err_set(err, ERR_SETUP, "%s of suite '%.*s': '%s' did not end by itself or could not be started%s%.*s", what,
                   STR_ARG(suite->name), argv[0], result.detail.len > 0 ? ": " : "", STR_ARG(result.detail));
}
