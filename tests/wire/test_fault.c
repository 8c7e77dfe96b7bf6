#include "base/arena.h"
#include "base/buf.h"
#include "tests/check.h"
#include "wire/error.h"
#include "wire/fault.h"

static void test_written(void)
{
    static const struct {
        unsigned status;
        const char *want;
    } rows[] = {
        {400, "{\"type\":\"BadRequestError\",\"message\":\"The request is invalid\",\"detail\":\"d\"}"},
        {401, "{\"type\":\"UnauthorizedError\",\"message\":\"The request is unauthorized\",\"detail\":\"d\"}"},
        {404, "{\"type\":\"NotFoundError\",\"message\":\"The resource was not found\",\"detail\":\"d\"}"},
        {409, "{\"type\":\"ConflictError\",\"message\":\"The resource already exists\",\"detail\":\"d\"}"},
        {414, "{\"type\":\"UriTooLongError\",\"message\":\"The request is too large\",\"detail\":\"d\"}"},
        {418, "{\"type\":\"APIError\",\"message\":\"The request was refused\",\"detail\":\"d\"}"},
        {500, "{\"type\":\"APIError\",\"message\":\"The server failed\",\"detail\":\"d\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(1000);
        wire_error_write(&out, rows[i].status, STR("d"));
        CHECK_CSTR("body", buf_str(&out), rows[i].want);
    }
}

static void test_faults_written(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_faults faults = {.arena = &arena, .part = "body"};
    CHECK("returns false", !wire_fault_add(&faults, "missing", "name", STR("Field required"), NULL));
    faults.part = "query";
    (void)wire_fault_add(&faults, "int_parsing", "limit", STR("no"), NULL);
    (void)wire_fault_add(&faults, "x", NULL, STR("all"), NULL);
    struct buf out CLEANUP(buf_deinit) = BUF(1000);
    wire_error_write_faults(&out, &faults);
    CHECK_CSTR("body", buf_str(&out),
               "{\"type\":\"RequestValidationError\",\"message\":\"The request is invalid\",\"detail\":["
               "{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"input\":null},"
               "{\"type\":\"int_parsing\",\"loc\":[\"query\",\"limit\"],\"msg\":\"no\",\"input\":null},"
               "{\"type\":\"x\",\"loc\":[\"query\"],\"msg\":\"all\",\"input\":null}]}");
    CHECK_CSTR("reads back", wire_error_words(&arena, buf_str(&out)),
               "The request is invalid: body.name: Field required; query.limit: no; query: all");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"written", test_written},
        {"faults written", test_faults_written},
    };
    return check_run("wire/fault", tests, ARRAY_LEN(tests));
}
