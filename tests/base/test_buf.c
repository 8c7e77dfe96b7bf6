#include "base/buf.h"

#include <stdint.h>
#include <string.h>

#include "base/rng.h"
#include "tests/check.h"

static void test_ceiling(void)
{
    struct buf b CLEANUP(buf_deinit) = BUF(4);
    CHECK_CSTR("empty", buf_str(&b), "");
    buf_append_cstr(&b, "abc");
    buf_append_cstr(&b, "de");
    CHECK_CSTR("what exceeds is dropped whole", buf_str(&b), "abc");
    CHECK("the flag", b.overflow);
    buf_append_char(&b, 'd');
    CHECK_CSTR("what fits is still taken", buf_str(&b), "abcd");
    CHECK("the flag stays", b.overflow);
    buf_consume(&b, 4);
    CHECK("also when all was consumed", b.overflow);
    buf_clear(&b);
    CHECK("until cleared", !b.overflow && b.len == 0);
    buf_append_repeat(&b, 'x', 5);
    CHECK("repeat", b.overflow && b.len == 0);
    buf_clear(&b);
    buf_printf(&b, "%d", 12345);
    CHECK("printf", b.overflow && b.len == 0);
    buf_clear(&b);
    buf_printf(&b, "%d", 1234);
    CHECK("exactly full", !b.overflow);
    CHECK_CSTR("exactly full", buf_str(&b), "1234");
    CHECK("no room", buf_reserve(&b, 1) == NULL && b.overflow);

    struct buf none CLEANUP(buf_deinit) = BUF(0);
    buf_append(&none, STR_NULL);
    CHECK("nothing fits in nothing", !none.overflow);
    buf_append_char(&none, 'x');
    CHECK("something does not", none.overflow && none.len == 0);

    struct buf huge CLEANUP(buf_deinit) = BUF(SIZE_MAX);
    CHECK("no wrap-around", buf_reserve(&huge, SIZE_MAX) == NULL && huge.overflow);
}

static void test_terminated(void)
{
    struct buf b CLEANUP(buf_deinit) = BUF(1000);
    for (size_t i = 0; i < 300; i++) {
        buf_append_char(&b, 'x');
        CHECK("NUL behind", b.ptr[b.len] == '\0' && strlen(b.ptr) == i + 1);
    }
    buf_consume(&b, 299);
    CHECK_CSTR("consumed", str_from(b.ptr), "x");
    buf_consume(&b, 99);
    CHECK_CSTR("more than there is", str_from(b.ptr), "");
    buf_consume(&b, 1);
    CHECK_CSTR("nothing there", buf_str(&b), "");
    buf_append(&b, STR("a\0b"));
    CHECK_STR("NUL inside", buf_str(&b), STR("a\0b"));
    struct buf fresh CLEANUP(buf_deinit) = BUF(10);
    buf_consume(&fresh, 1);
    CHECK("never used", fresh.ptr == NULL && fresh.len == 0);
}

static void test_reserve(void)
{
    struct buf b CLEANUP(buf_deinit);
    buf_init(&b, 100);
    buf_append_cstr(&b, "ab");
    char *at = buf_reserve(&b, 10);
    CHECK("room", at != NULL);
    CHECK_CSTR("nothing taken yet", str_from(b.ptr), "ab");
    if (at != NULL) {
        memcpy(at, "cd", 2);
        buf_advance(&b, 2);
    }
    CHECK_CSTR("advanced", str_from(b.ptr), "abcd");
    buf_deinit(&b);
    CHECK("empty, with its ceiling", b.ptr == NULL && b.len == 0 && b.max == 100);
    buf_append_cstr(&b, "again");
    CHECK_CSTR("usable again", buf_str(&b), "again");
}

/* Random steps against a plain array. */
static void test_model(void)
{
    enum { MAX = 500 };
    struct rng r;
    rng_seed(&r, 8);
    for (int round = 0; round < 200; round++) {
        struct buf b CLEANUP(buf_deinit) = BUF(MAX);
        char model[MAX];
        size_t len = 0;
        bool has_overflowed = false;
        for (int step = 0; step < 60; step++) {
            size_t n = (size_t)rng_below(&r, 40);
            char c = (char)('a' + rng_below(&r, 26));
            if (rng_below(&r, 4) == 0) {
                n = n < len ? n : len;
                buf_consume(&b, n);
                memmove(model, model + n, len - n);
                len -= n;
            } else if (n > MAX - len) {
                buf_append_repeat(&b, c, n);
                has_overflowed = true;
            } else {
                buf_append_repeat(&b, c, n);
                memset(model + len, c, n);
                len += n;
            }
            struct str want = {model, len};
            CHECK_STR("as the model", buf_str(&b), want);
            CHECK_INT("overflow", b.overflow, has_overflowed);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"the ceiling", test_ceiling},
        {"always terminated", test_terminated},
        {"reserve and advance", test_reserve},
        {"random steps", test_model},
    };
    return check_run("buf", tests, ARRAY_LEN(tests));
}
