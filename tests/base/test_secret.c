#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/err.h"
#include "base/limits.h"
#include "tests/check.h"
#include "tests/temp.h"

static void test_variable(void)
{
    static const struct {
        const char *key, *want; /* NULL: none */
    } rows[] = {
        {NULL, NULL},
        {"", NULL},
        {"op-1234567890", "op-1234567890"},
        {"op-\"\\/+%&<", "op-\"\\/+%&<"},
        {" op-12345\n", "op-12345"},
        {"Bearer op-12345", "op-12345"},
        {"bearer  op-12345", "op-12345"},
        {"Bearer", "Bearer"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct secret *secret CLEANUP(secret_free) = NULL;
        struct err err = ERR_NULL;
        CHECK("loads", secret_load(rows[i].key, NULL, &secret, &err));
        CHECK_INT("is there", secret != NULL, rows[i].want != NULL);
        if (secret != NULL) {
            CHECK_CSTR(rows[i].key, secret_reveal(secret), rows[i].want);
        }
    }
}

static void test_refused(void)
{
    static const char *const rows[] = {"hidden with blanks", "hidden\nhidden", "hidden\x7f", "hidd\xc3\xa9n", "  ",
                                       "hidden\r\nX: y"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct secret *secret = NULL;
        struct err err = ERR_NULL;
        CHECK(rows[i], !secret_load(rows[i], NULL, &secret, &err));
        CHECK_INT(rows[i], err.kind, ERR_USAGE);
        CHECK_CONTAINS(rows[i], str_from(err.text), "OPPER_API_KEY: a key is one line");
        CHECK("not a byte of it is shown", strstr(err.text, "hidd") == NULL);
    }
    char longer[LIMIT_KEY_BYTES + 2];
    memset(longer, 'k', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    struct secret *secret = NULL;
    struct err err = ERR_NULL;
    CHECK("too long", !secret_load(longer, NULL, &secret, &err));
    CHECK("too long, not shown", strstr(err.text, "kkk") == NULL);
}

static void test_file(void)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *want, *says; /* one of them */
    } rows[] = {
        {"op-12345\n", 0600, "op-12345", NULL},           {"op-12345", 0400, "op-12345", NULL},
        {"op-12345\r\n", 0700, "op-12345", NULL},         {"hidden12\n", 0640, NULL, "chmod 600"},
        {"hidden12\n", 0604, NULL, "chmod 600"},          {"hidden12\n", 0620, NULL, "chmod 600"},
        {"hidden12\n", 0644, NULL, "mode 644"},           {"", 0600, NULL, "one line"},
        {"hidden12\nhidden34\n", 0600, NULL, "one line"},
    };
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct temp_path path = temp_file(&dir, "key", str_from(rows[i].text));
        CHECK_INT("chmod", chmod(path.text, rows[i].mode), 0);
        struct secret *secret CLEANUP(secret_free) = NULL;
        struct err err = ERR_NULL;
        bool ok = secret_load("", path.text, &secret, &err);
        CHECK_INT(rows[i].text, ok, rows[i].want != NULL);
        if (rows[i].want != NULL && secret != NULL) {
            CHECK_CSTR(rows[i].text, secret_reveal(secret), rows[i].want);
        } else {
            CHECK_INT(rows[i].text, err.kind, ERR_USAGE);
            CHECK_CONTAINS(rows[i].text, str_from(err.text), rows[i].says);
            CHECK("not shown", strstr(err.text, "hidden") == NULL);
        }
    }
    struct temp_path missing = temp_path(&dir, "missing");
    struct secret *secret = NULL;
    struct err err = ERR_NULL;
    CHECK("missing", !secret_load(NULL, missing.text, &secret, &err));
    CHECK_INT("missing", err.kind, ERR_USAGE);
    CHECK_CONTAINS("missing", str_from(err.text), "OPPER_API_KEY_FILE: cannot open");
    CHECK("the variable goes before", secret_load("op-12345", missing.text, &secret, &err));
    secret_free(&secret);
    CHECK("no name is no file", secret_load(NULL, "", &secret, &err) && secret == NULL);
}

/* In a child: this process must stay as it is for whoever debugs the tests. */
static void test_guard(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct secret *secret = NULL;
        struct err err = ERR_NULL;
        struct rlimit core = {1, 1};
        bool ok =
            secret_load("op-12345", NULL, &secret, &err) && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0;
#ifdef __linux__
        ok = ok && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
#endif
        _exit(ok ? 0 : 1);
    }
    int status = -1;
    CHECK_INT("waits", waitpid(pid, &status, 0), pid);
    CHECK_INT("no core, not dumpable", status, 0);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"guard", test_guard},
        {"variable", test_variable},
        {"refused", test_refused},
        {"file", test_file},
    };
    return check_run("secret", tests, ARRAY_LEN(tests));
}
