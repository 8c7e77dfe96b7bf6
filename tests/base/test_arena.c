#include "base/arena.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/vec.h"
#include "tests/check.h"

/* Sizes around the chunk's, each filled to its last byte: no two may overlap, whatever chunks they come from. */
static void test_no_overlap(void)
{
    enum { COUNT = 400 };
    struct rng r;
    rng_seed(&r, 9);
    struct arena a CLEANUP(arena_deinit) = ARENA_NULL;
    for (int round = 0; round < 5; round++) {
        unsigned char *ptrs[COUNT];
        size_t sizes[COUNT];
        size_t total = 0;
        for (size_t i = 0; i < COUNT; i++) {
            static const size_t limits[] = {1, 40, 5000, 40000};
            sizes[i] = (size_t)rng_below(&r, limits[rng_below(&r, ARRAY_LEN(limits))]);
            ptrs[i] = arena_alloc(&a, sizes[i]);
            total += sizes[i];
            CHECK("aligned", (uintptr_t)ptrs[i] % 16 == 0);
            bool is_zeroed = true;
            for (size_t k = 0; k < sizes[i]; k++) {
                is_zeroed = is_zeroed && ptrs[i][k] == 0;
            }
            CHECK("zeroed, in a reused chunk too", is_zeroed);
            memset(ptrs[i], (int)(i % 255) + 1, sizes[i]);
        }
        CHECK_INT("what was handed out", a.total_bytes, total);
        for (size_t i = 0; i < COUNT; i++) {
            bool is_whole = true;
            for (size_t k = 0; k < sizes[i]; k++) {
                is_whole = is_whole && ptrs[i][k] == i % 255 + 1;
            }
            CHECK("as it was filled", is_whole);
        }
        arena_reset(&a);
        CHECK_INT("reset", a.total_bytes, 0);
    }
}

static void test_text(void)
{
    struct arena a CLEANUP(arena_deinit) = ARENA_NULL;
    char source[] = "text";
    struct str copy = arena_str(&a, str_from(source));
    source[0] = 'n';
    CHECK_CSTR("a copy", copy, "text");
    CHECK("with a NUL behind", copy.ptr[copy.len] == '\0');
    CHECK("of no text: empty text", arena_str(&a, STR_NULL).ptr != NULL && arena_str(&a, STR_NULL).len == 0);
    CHECK_STR("NUL is kept", arena_str(&a, STR("a\0b")), STR("a\0b"));
    CHECK("C text holds no NUL", arena_cstr(&a, STR("a\0b")) == NULL && arena_cstr(&a, STR("\0")) == NULL);
    CHECK_CSTR("C text", str_from(arena_cstr(&a, str_slice(STR("hello"), 0, 4))), "hell");
    CHECK_CSTR("C text of nothing", str_from(arena_cstr(&a, STR_NULL)), "");
    CHECK_CSTR("printf", arena_printf(&a, "%d-%s", 5, "x"), "5-x");
    CHECK_CSTR("printf of nothing", arena_printf(&a, "%s", ""), "");
    CHECK_INT("copy", *(int *)arena_copy(&a, &(int){42}, sizeof(int)), 42);
    CHECK("copy of nothing", arena_copy(&a, NULL, 0) != NULL);
    CHECK("array", arena_array(&a, double, 3)[2] == 0.0);
}

static void test_vec(void)
{
    struct arena a CLEANUP(arena_deinit) = ARENA_NULL;
    VEC(struct str) v = {0};
    for (size_t i = 0; i < 1000; i++) {
        struct str *slot = vec_push(&a, &v);
        CHECK("a new slot is zeroed", slot->ptr == NULL && slot->len == 0);
        slot->len = i;
    }
    CHECK_INT("length", v.len, 1000);
    for (size_t i = 0; i < v.len; i++) {
        CHECK_INT("kept over growth", v.items[i].len, i);
    }
}

static int exit_status_of(void (*run)(void))
{
    pid_t child = fork();
    if (child == 0) {
        int null_fd = open("/dev/null", O_WRONLY);
        (void)dup2(null_fd, STDERR_FILENO);
        run();
        _exit(0);
    }
    int status = 0;
    CHECK("waits", child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ask_product(void)
{
    struct arena a = ARENA_NULL;
    (void)arena_alloc_array(&a, SIZE_MAX / 2, 3);
}

static void ask_all(void)
{
    struct arena a = ARENA_NULL;
    (void)arena_alloc(&a, SIZE_MAX);
}

static void ask_nearly_all(void)
{
    struct arena a = ARENA_NULL;
    (void)arena_alloc(&a, SIZE_MAX - 40);
}

static void test_exhausted(void)
{
    CHECK_INT("a product beyond size_t", exit_status_of(ask_product), 70);
    CHECK_INT("all there is", exit_status_of(ask_all), 70);
    /* here AddressSanitizer's allocator may be the one that ends the program */
    CHECK("no wrap-around with the chunk's head", exit_status_of(ask_nearly_all) > 0);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"no overlap", test_no_overlap},
        {"text", test_text},
        {"growing arrays", test_vec},
        {"out of memory", test_exhausted},
    };
    return check_run("arena", tests, ARRAY_LEN(tests));
}
