#include "model/service.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "model/environment.h"
#include "tests/check.h"

static void test_address(void)
{
    static const struct {
        const char *name, *entry;
        bool has_key;
        const char *base, *says; /* base NULL = refused */
    } rows[] = {
        {"default", "X=1", true, "https://api.opper.ai/v2", NULL},
        {"empty", "OPPER_BASE_URL=", true, "https://api.opper.ai/v2", NULL},
        {"its own", "OPPER_BASE_URL=https://eu.example/v2/", true, "https://eu.example/v2", NULL},
        {"slashes", "OPPER_BASE_URL=https://eu.example//", true, "https://eu.example", NULL},
        {"a blank before it", "OPPER_BASE_URL= https://eu.example/v2", true, NULL, "OPPER_BASE_URL"},
        {"a blank behind it", "OPPER_BASE_URL=https://eu.example/v2 ", true, NULL, "OPPER_BASE_URL"},
        {"a line end behind it", "OPPER_BASE_URL=https://eu.example/v2\r", true, NULL, "OPPER_BASE_URL"},
        {"loopback in the open", "OPPER_BASE_URL=http://127.0.0.1:7717/v2", true, "http://127.0.0.1:7717/v2", NULL},
        {"the key in the open", "OPPER_BASE_URL=http://eu.example/v2", true, NULL, "is not https"},
        {"no key in the open", "OPPER_BASE_URL=http://eu.example/v2", false, "http://eu.example/v2", NULL},
        {"no address", "OPPER_BASE_URL=eu.example/v2", true, NULL, "OPPER_BASE_URL"},
        {"another scheme", "OPPER_BASE_URL=ftp://eu.example/v2", true, NULL, "OPPER_BASE_URL"},
        {"a query", "OPPER_BASE_URL=https://eu.example/v2?x=1", true, NULL, "has a query"},
    };
    struct secret *key = secret_new(STR("op-secret"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        const char *const entries[] = {rows[i].entry, NULL};
        struct environment env = {entries};
        struct service service = {0};
        struct err err = ERR_NULL;
        bool ok = service_open(&arena, &env, rows[i].has_key ? key : NULL, &service, &err);
        CHECK_INT(rows[i].name, ok, rows[i].base != NULL);
        CHECK_CSTR(rows[i].name, str_from(service.base_url), rows[i].base);
        if (rows[i].says != NULL) {
            CHECK_INT(rows[i].name, err.kind, ERR_USAGE);
            CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].says);
        } else {
            struct err none = ERR_NULL;
            CHECK_INT(rows[i].name, service_check_key(&service, "x", &none), rows[i].has_key);
        }
    }
    secret_free(&key);
}

int main(void)
{
    static const struct check_test tests[] = {{"addresses and keys", test_address}};
    return check_run("service", tests, ARRAY_LEN(tests));
}
