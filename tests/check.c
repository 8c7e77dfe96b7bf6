#include "tests/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include <CUnit/Basic.h>

void check_true_at(bool ok, const char *row, const char *expression, const char *file, int line)
{
    char text[512];
    (void)snprintf(text, sizeof(text), "[%s] %s", row, expression);
    CU_assertImplementation(ok, (unsigned)line, text, file, "", CU_FALSE);
}

void check_int_at(int64_t got, int64_t want, const char *row, const char *file, int line)
{
    char text[512];
    (void)snprintf(text, sizeof(text), "[%s] got %" PRId64 ", want %" PRId64, row, got, want);
    CU_assertImplementation(got == want, (unsigned)line, text, file, "", CU_FALSE);
}

void check_double_at(double got, double want, double tolerance, const char *row, const char *file, int line)
{
    char text[512];
    (void)snprintf(text, sizeof(text), "[%s] got %.17g, want %.17g within %g", row, got, want, tolerance);
    CU_assertImplementation(fabs(got - want) <= tolerance, (unsigned)line, text, file, "", CU_FALSE);
}

void check_str_at(struct str got, struct str want, const char *row, const char *file, int line)
{
    char text[2048];
    (void)snprintf(text, sizeof(text), "[%s] got '%.*s', want '%.*s'", row, (int)(got.len > 800 ? 800 : got.len),
                   got.ptr == NULL ? "" : got.ptr, (int)(want.len > 800 ? 800 : want.len),
                   want.ptr == NULL ? "" : want.ptr);
    CU_assertImplementation(str_eq(got, want), (unsigned)line, text, file, "", CU_FALSE);
}

void check_contains_at(struct str text, const char *part, const char *row, const char *file, int line)
{
    char shown[2048];
    (void)snprintf(shown, sizeof(shown), "[%s] no '%s' in '%.*s'", row, part, (int)(text.len > 1500 ? 1500 : text.len),
                   text.ptr == NULL ? "" : text.ptr);
    CU_assertImplementation(str_find(text, str_from(part), NULL), (unsigned)line, shown, file, "", CU_FALSE);
}

int check_run(const char *suite, const struct check_test *tests, size_t count)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite s = CU_add_suite(suite, NULL, NULL);
    bool is_ready = s != NULL;
    for (size_t i = 0; i < count && is_ready; i++) {
        is_ready = CU_add_test(s, tests[i].name, tests[i].run) != NULL;
    }
    if (is_ready) {
        CU_basic_set_mode(CU_BRM_NORMAL);
        is_ready = CU_basic_run_tests() == CUE_SUCCESS;
    }
    unsigned ran = CU_get_number_of_tests_run();
    unsigned failed = CU_get_number_of_tests_failed();
    unsigned asserts = CU_get_number_of_asserts();
    CU_cleanup_registry();
    return is_ready && ran == count && count > 0 && asserts > 0 && failed == 0 ? 0 : 1;
}
