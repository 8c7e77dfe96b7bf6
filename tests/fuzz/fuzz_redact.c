/* A secret (the first line) and a text (the rest): what comes out does not hold the secret. */

#include "base/arena.h"
#include "base/redact.h"
#include "base/secret.h"
#include "tests/fuzz/fuzz.h"

enum { SECRET_BYTES = 200 };

static size_t count_without_backslashes(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] != '\\' ? 1 : 0;
    }
    return count;
}

/* Letters and marks only: may be words. */
static bool is_plain(struct str secret)
{
    for (size_t i = 0; i < secret.len; i++) {
        char c = secret.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !str_find_char(STR("-_. "), c, NULL)) {
            return false;
        }
    }
    return true;
}

static void check(const struct redactor *redactor, struct str text, struct str secret, enum redact_reach reach)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str got = redact_text(redactor, &arena, text, reach);
    bool is_in_mark =
        str_find_char(secret, '[', NULL) || str_find_char(secret, ']', NULL) || str_find(STR("redacted"), secret, NULL);
    bool may_stay = reach == REDACT_OUTPUT && is_plain(secret);
    FUZZ_CHECK(is_in_mark || may_stay || count_without_backslashes(secret) < REDACT_MIN_BYTES + 3 ||
               !str_find(got, secret, NULL));
    FUZZ_CHECK(got.len <= text.len * 4 + 10); /* a mark of ten bytes stands for three at least */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = fuzz_text(data, size);
    struct str line;
    if (!str_split(&text, '\n', &line) || line.len == 0 || line.len > SECRET_BYTES) {
        return 0;
    }
    struct secret *secret CLEANUP(secret_free) = secret_new(line);
    struct redactor *redactor CLEANUP(redactor_free) = redactor_new();
    redactor_add(redactor, secret);
    check(redactor, text, line, REDACT_OUTPUT);
    check(redactor, text, line, REDACT_MESSAGE);
    return 0;
}
