#include "suites/secrets.h"

#include "base/redact.h"
#include "base/secret.h"
#include "model/environment.h"
#include "model/suite.h"

static bool names(const struct suite *suite, struct str name)
{
    for (size_t i = 0; i < suite->file_count; i++) {
        if (str_find(suite->files[i].text, name, NULL)) {
            return true;
        }
    }
    return false;
}

void suite_add_secrets(const struct suite *suite, struct redactor *redactor)
{
    for (size_t i = 0; suite->env != NULL && suite->env->entries != NULL && suite->env->entries[i] != NULL; i++) {
        struct str entry = str_from(suite->env->entries[i]);
        size_t equals = 0;
        if (!str_find_char(entry, '=', &equals) || entry.len - equals - 1 < REDACT_MIN_BYTES) {
            continue;
        }
        struct str name = str_slice(entry, 0, equals);
        if (environment_name_is_secret(name) && names(suite, name)) {
            struct secret *value CLEANUP(secret_free) = secret_new(str_slice(entry, equals + 1, entry.len));
            redactor_add(redactor, value);
        }
    }
}
