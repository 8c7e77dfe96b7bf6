#ifndef ASSAY_SUITES_SECRETS_H
#define ASSAY_SUITES_SECRETS_H

/* What a suite's programs get and nobody else may read: the values of those variables of the environment that look like secrets
 * (environment_name_is_secret) and that a text of the suite names (`pass_env`, `env`). Values under REDACT_MIN_BYTES are left out: they would be found
 * in ordinary text. */

struct redactor;
struct suite;

void suite_add_secrets(const struct suite *suite, struct redactor *redactor);

#endif
