/* A suite: faults with places and nothing returned, or a suite whose written cases expand, the same ones each time. Read as a stored one, so that
 * no file of the machine is opened. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/caret.h"
#include "base/diag.h"
#include "base/err.h"
#include "model/environment.h"
#include "model/suite.h"
#include "suites/cases.h"
#include "suites/load.h"
#include "tests/fuzz/fuzz.h"

enum { SHOWN_BYTES = 1 << 20, COLUMNS = 100 };

static bool load(struct arena *arena, struct str text, struct suite **ret, struct diag *diag)
{
    static const char *const ENTRIES[] = {"PATH=/usr/bin:/bin", "REGION=eu", NULL};
    struct environment env = {ENTRIES};
    const struct suite_file stored = {.path = "suite.yaml", .text = text};
    struct suite_options options = {.env = &env, .stored = &stored, .stored_count = 1};
    diag_init(diag, arena);
    return suite_load(arena, "suite.yaml", &options, ret, diag);
}

static void check_faults(struct diag *diag)
{
    FUZZ_CHECK(diag->faults.len > 0);
    struct buf shown CLEANUP(buf_deinit) = BUF(SHOWN_BYTES);
    diag_sort(diag);
    for (size_t i = 0; i < diag->faults.len; i++) {
        FUZZ_CHECK(diag->faults.items[i].text.len > 0);
        caret_render(&shown, diag, &diag->faults.items[i], COLUMNS);
    }
    for (size_t i = 0; i < shown.len; i++) { /* nothing that moves a cursor */
        unsigned char c = (unsigned char)shown.ptr[i];
        FUZZ_CHECK(c == '\n' || (c >= 0x20 && c != 0x7f));
    }
}

/* The digests of the written cases, one behind the other. */
static void read_cases(struct suite *suite, struct buf *digests)
{
    struct case_reader *reader CLEANUP(case_reader_close) = NULL;
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    bool has = suite->dataset == NULL;
    FUZZ_CHECK(suite->variant_count > 0 && suite->gate_count > 0 && suite->name.len > 0 && suite->trials > 0);
    FUZZ_CHECK(case_reader_open(suite, NULL, &reader, &err));
    for (size_t count = 0; has; count++) {
        struct eval_case c;
        arena_reset(&arena);
        FUZZ_CHECK(case_reader_next(reader, &arena, &has, &c, &err));
        FUZZ_CHECK(!has || (c.ordinal == count && c.id.len > 0));
        FUZZ_CHECK(has || count == suite->case_count);
        if (has) {
            buf_append(digests, (struct str){(const char *)c.digest.bytes, sizeof(c.digest.bytes)});
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf digests CLEANUP(buf_deinit) = BUF(SHOWN_BYTES);
    struct buf again CLEANUP(buf_deinit) = BUF(SHOWN_BYTES);
    struct suite *suite = NULL;
    struct diag diag;
    struct str text = fuzz_text(data, size);
    if (!load(&arena, text, &suite, &diag)) {
        FUZZ_CHECK(suite == NULL);
        check_faults(&diag);
        return 0;
    }
    FUZZ_CHECK(diag_is_clean(&diag));
    read_cases(suite, &digests);
    suite_unload(suite);
    FUZZ_CHECK(load(&arena, text, &suite, &diag));
    read_cases(suite, &again);
    suite_unload(suite);
    FUZZ_CHECK(str_eq(buf_str(&digests), buf_str(&again)));
    return 0;
}
