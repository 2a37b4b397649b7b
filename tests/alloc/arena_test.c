/* SPDX-License-Identifier: MPL-2.0 */
/* Arenas: blocks, what cannot be had, and the end of an arena. */
#include "alloc/arena.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/alloc/sanitizer.h"

#define MIB ((size_t)1 << 20)

#ifdef WEIR_ALLOC_LIBC
#define JEMALLOC false
#else
#define JEMALLOC true
#endif

/* Kilobytes that /proc/self/status gives for field. */
static long
status_kb(const char *field)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    long kb = -1;

    assert_non_null(f);
    while (kb < 0 && fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, field, strlen(field)) == 0)
            kb = strtol(line + strlen(field) + 1, NULL, 10);
    }
    (void)fclose(f);
    assert_true(kb >= 0);
    return kb;
}

static bool
all_zero(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

static void
test_blocks_are_aligned_and_apart(void **state)
{
    static const size_t aligns[] = { 1, 8, 64, 128, 4096, 2 * MIB };
    static const size_t sizes[] = { 0, 1, 63, 64, 4160, MIB + 1 };
    struct wr_arena *a = wr_arena_new(-1);
    unsigned char *blocks[6][6];

    (void)state;
    assert_non_null(a);
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 6; j++) {
            blocks[i][j] = wr_arena_alloc(a, aligns[i], sizes[j]);
            assert_non_null(blocks[i][j]);
            assert_int_equal((uintptr_t)blocks[i][j] % aligns[i], 0);
            memset(blocks[i][j], (int)(6 * i + j), sizes[j]);
        }
    }
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 6; j++) {
            for (size_t k = 0; k < sizes[j]; k++)
                assert_int_equal(blocks[i][j][k], 6 * i + j);
            wr_arena_free(a, blocks[i][j], aligns[i], sizes[j]);
        }
    }
    wr_arena_free(a, NULL, 64, 64);
    wr_arena_drop(a);
}

static void
test_zalloc_clears_what_was_used(void **state)
{
    struct wr_arena *a = wr_arena_new(0);

    (void)state;
    assert_int_equal(wr_arena_node(a), 0);
    for (size_t size = 64; size <= 4 * MIB; size *= 4) {
        unsigned char *p = wr_arena_alloc(a, 64, size);

        assert_non_null(p);
        memset(p, 0xff, size);
        wr_arena_free(a, p, 64, size);
        p = wr_arena_zalloc(a, 64, size);
        assert_non_null(p);
        assert_true(all_zero(p, size));
        wr_arena_free(a, p, 64, size);
    }
    wr_arena_drop(a);
}

static void
test_zalloc_does_not_touch_fresh_pages(void **state)
{
    struct wr_arena *a;
    long before;
    void *p;

    (void)state;
    if (!JEMALLOC || SANITIZED)
        skip();
    a = wr_arena_new(-1);
    before = status_kb("VmRSS");
    p = wr_arena_zalloc(a, 128, 64 * MIB);
    assert_non_null(p);
    assert_true(status_kb("VmRSS") - before < 1024);
    wr_arena_free(a, p, 128, 64 * MIB);
    wr_arena_drop(a);
}

static void
test_sizes_that_cannot_be_had(void **state)
{
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 63, SIZE_MAX / 2 + 1,
                                    SIZE_MAX / 2 };
    struct wr_arena *a = wr_arena_new(-1);
    uint64_t calls = wr_arena_calls();

    (void)state;
    errno = 1234;
    for (size_t i = 0; i < 4; i++) {
        assert_null(wr_arena_alloc(a, 64, sizes[i]));
        assert_null(wr_arena_zalloc(a, 1, sizes[i]));
        assert_null(wr_arena_alloc(a, SIZE_MAX / 2 + 1, sizes[i]));
    }
    assert_int_equal(wr_arena_calls(), calls);
    if (!SANITIZED) {
        assert_null(wr_arena_alloc(a, 64, (size_t)1 << 50));
        assert_null(wr_arena_zalloc(a, 64, (size_t)1 << 50));
    }
    assert_int_equal(errno, 1234);
    wr_arena_drop(a);
}

/* Runs in a child, which has no test framework: the number of what failed. */
static int
out_of_memory(void)
{
    struct wr_arena *a = wr_arena_new(-1);
    struct rlimit limit;
    size_t n = 0;
    void *blocks[1024];

    limit.rlim_cur = (rlim_t)status_kb("VmSize") * 1024 + 64 * MIB;
    limit.rlim_max = limit.rlim_cur;
    if (a == NULL || setrlimit(RLIMIT_AS, &limit) != 0)
        return 1;
    errno = 1234;
    while (n < 1024 && (blocks[n] = wr_arena_alloc(a, 64, MIB)) != NULL)
        n++;
    if (n == 0 || n == 1024)
        return 2;
    if (errno != 1234)
        return 3;
    wr_arena_free(a, blocks[--n], 64, MIB);
    blocks[n] = wr_arena_alloc(a, 64, MIB);
    if (blocks[n] == NULL)
        return 4;
    for (size_t i = 0; i <= n; i++)
        wr_arena_free(a, blocks[i], 64, MIB);
    wr_arena_drop(a);
    return wr_arena_live() == 0 ? 0 : 5;
}

static void
test_out_of_memory(void **state)
{
    int status;
    pid_t child;

    (void)state;
    if (SANITIZED)
        skip();
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(out_of_memory());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_last_drop_destroys(void **state)
{
    struct wr_arena *a = wr_arena_new(-1);

    (void)state;
    assert_int_equal(wr_arena_live(), 1);
    wr_arena_hold(a);
    wr_arena_drop(a);
    assert_int_equal(wr_arena_live(), 1);
    wr_arena_drop(a);
    assert_int_equal(wr_arena_live(), 0);
}

static void
one_life(void)
{
    struct wr_arena *a = wr_arena_new(-1);
    void *p;

    assert_non_null(a);
    p = wr_arena_alloc(a, 64, MIB);
    assert_non_null(p);
    memset(p, 1, MIB);
    wr_arena_free(a, p, 64, MIB);
    wr_arena_drop(a);
}

static void
test_a_destroyed_arena_leaves_nothing(void **state)
{
    long resident, mapped;

    (void)state;
    if (!JEMALLOC || SANITIZED)
        skip();
    one_life();
    resident = status_kb("VmRSS");
    mapped = status_kb("VmSize");
    for (int i = 0; i < 24; i++)
        one_life();
    assert_true(status_kb("VmRSS") - resident < 4 * 1024);
    assert_true(status_kb("VmSize") - mapped < 16 * 1024);
}

static void
test_freed_memory_does_not_pile_up(void **state)
{
    enum { n = 256 };
    struct wr_arena *a;
    long before;
    void *blocks[n];

    (void)state;
    if (SANITIZED)
        skip();
    a = wr_arena_new(-1);
    before = status_kb("VmRSS");
    for (int i = 0; i < n; i++) {
        blocks[i] = wr_arena_alloc(a, 64, MIB);
        assert_non_null(blocks[i]);
        memset(blocks[i], 1, MIB);
    }
    for (int i = 0; i < n; i++)
        wr_arena_free(a, blocks[i], 64, MIB);
    assert_true(status_kb("VmRSS") - before < 128 * 1024);
    wr_arena_drop(a);
}

static void
test_more_arenas_than_have_their_own(void **state)
{
    enum { n = 560 }; /* 512 have */
    static struct wr_arena *arenas[n];
    static void *blocks[n];

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < n; i++) {
            arenas[i] = wr_arena_new(i % 2);
            assert_non_null(arenas[i]);
            blocks[i] = wr_arena_zalloc(arenas[i], 64, 100);
            assert_non_null(blocks[i]);
        }
        assert_int_equal(wr_arena_live(), n);
        for (int i = 0; i < n; i++) {
            assert_int_equal(wr_arena_node(arenas[i]), i % 2);
            wr_arena_free(arenas[i], blocks[i], 64, 100);
            wr_arena_drop(arenas[i]);
        }
        assert_int_equal(wr_arena_live(), 0);
    }
}

static void *
get_here(void *arg)
{
    struct wr_arena *a = wr_arenas_get(arg, 0);
    void *p = wr_arena_alloc(a, 64, 1000);

    memset(p, 1, 1000);
    wr_arena_free(a, p, 64, 1000);
    return a;
}

static void
test_a_set_has_one_arena_per_node(void **state)
{
    enum { n = 8 };
    struct wr_arenas set;
    struct wr_arena *first, *other, *here;
    pthread_t threads[n];

    (void)state;
    wr_arenas_init(&set);
    assert_int_equal(wr_arena_live(), 0);
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, get_here, &set), 0);
    first = wr_arenas_get(&set, 0);
    assert_non_null(first);
    for (int i = 0; i < n; i++) {
        void *got;

        assert_int_equal(pthread_join(threads[i], &got), 0);
        assert_ptr_equal(got, first);
        wr_arena_drop(got);
    }
    assert_int_equal(wr_arena_live(), 1);
    other = wr_arenas_get(&set, 1);
    assert_ptr_not_equal(other, first);
    assert_int_equal(wr_arena_node(other), 1);
    here = wr_arenas_get(&set, -1);
    assert_true(wr_arena_node(here) >= 0);
    wr_arena_drop(here);
    wr_arena_drop(other);
    wr_arenas_fini(&set);
    assert_int_equal(wr_arena_live(), 1);
    wr_arena_drop(first);
    assert_int_equal(wr_arena_live(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_aligned_and_apart),
        cmocka_unit_test(test_zalloc_clears_what_was_used),
        cmocka_unit_test(test_zalloc_does_not_touch_fresh_pages),
        cmocka_unit_test(test_sizes_that_cannot_be_had),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_last_drop_destroys),
        cmocka_unit_test(test_a_destroyed_arena_leaves_nothing),
        cmocka_unit_test(test_freed_memory_does_not_pile_up),
        cmocka_unit_test(test_more_arenas_than_have_their_own),
        cmocka_unit_test(test_a_set_has_one_arena_per_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
