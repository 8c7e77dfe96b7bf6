#ifndef ASSAY_TESTS_CHECK_H
#define ASSAY_TESTS_CHECK_H

/* CUnit's assertions carry no message; these show the row's name and both values when they fail. Every test program ends with
 * `return check_run("suite name", tests, ARRAY_LEN(tests));`, which fails when a check failed or when nothing ran. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <CUnit/CUnit.h>

#include "base/attr.h"
#include "base/str.h"

struct check_test {
    const char *name;
    void (*run)(void);
};

int check_run(const char *suite, const struct check_test *tests, size_t count);

/* `row` names the case of a table (or says what is checked). */
void check_true_at(bool ok, const char *row, const char *expression, const char *file, int line);
void check_int_at(int64_t got, int64_t want, const char *row, const char *file, int line);
void check_double_at(double got, double want, double tolerance, const char *row, const char *file, int line);
void check_str_at(struct str got, struct str want, const char *row, const char *file, int line);
void check_contains_at(struct str text, const char *part, const char *row, const char *file, int line);

#define CHECK(row, expression) check_true_at((expression), (row), #expression, __FILE__, __LINE__)
#define CHECK_INT(row, got, want) check_int_at((int64_t)(got), (int64_t)(want), (row), __FILE__, __LINE__)
#define CHECK_DOUBLE(row, got, want, tolerance) check_double_at((got), (want), (tolerance), (row), __FILE__, __LINE__)
#define CHECK_STR(row, got, want) check_str_at((got), (want), (row), __FILE__, __LINE__)
#define CHECK_CSTR(row, got, want) check_str_at((got), str_from(want), (row), __FILE__, __LINE__)
#define CHECK_CONTAINS(row, text, part) check_contains_at((text), (part), (row), __FILE__, __LINE__)

#endif
