/* SPDX-License-Identifier: MPL-2.0 */
/* The fences: of two threads that each write one word and then read the
 * other's, at least one sees the other's write. */
#include "core/base/fence.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpu.h"
#include "tests/core/race.h"

#include <cmocka.h>

#define ERRNO_OF_OURS 12345

/* Each round, both sides write its number to their word. */
struct words {
    _Alignas(WR_GROUP) _Atomic uint32_t a; /* of the busy side */
    _Alignas(WR_GROUP) _Atomic uint32_t b; /* of the rare side */
    _Alignas(WR_GROUP) _Atomic uint32_t ready;
    _Alignas(WR_GROUP) _Atomic uint32_t begun;
    _Alignas(WR_GROUP) _Atomic uint32_t ended;
    _Atomic uint32_t saw; /* what the busy side read of b */
    uint32_t rounds;
};

static void
meet(_Atomic uint32_t *word, uint32_t round)
{
    struct race_stall stall = { 0 };

    while (load_acquire(word) != round)
        race_stalled(&stall);
}

/* About as long as a line takes from one core to the other, or less. */
static void
wait_a_little(struct race *race, _Atomic uint32_t *own)
{
    for (uint64_t n = race_below(race, 512); n > 0; n--)
        (void)load_acquire(own);
}

static void *
busy_side(void *arg)
{
    struct words *w = arg;
    struct race race = { 1 };

    for (uint32_t i = 1; i <= w->rounds; i++) {
        store_release(&w->ready, i);
        meet(&w->begun, i);
        wait_a_little(&race, &w->a);
        store_relaxed(&w->a, i);
        fence_light();
        store_relaxed(&w->saw, load_relaxed(&w->b));
        store_release(&w->ended, i);
    }
    return NULL;
}

static void
meet_many_times(uint32_t rounds)
{
    struct words w = { .rounds = rounds };
    struct race race = { 2 };
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, busy_side, &w), 0);
    for (uint32_t i = 1; i <= rounds; i++) {
        uint32_t saw;

        meet(&w.ready, i);
        store_release(&w.begun, i);
        wait_a_little(&race, &w.b);
        store_relaxed(&w.b, i);
        fence_heavy();
        saw = load_relaxed(&w.a);
        meet(&w.ended, i);
        CHECK(saw == i || load_relaxed(&w.saw) == i);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void *
setup(void *arg)
{
    errno = ERRNO_OF_OURS;
    fence_setup();
    CHECK(errno == ERRNO_OF_OURS);
    return arg;
}

static void
test_setup_from_many_threads(void **state)
{
    enum { n = 8 };
    pthread_t threads[n];
    bool asymmetric;

    (void)state;
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, setup, NULL), 0);
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    asymmetric = load_relaxed(&wr_fence_asymmetric);
    (void)printf("asymmetric: %s\n", asymmetric ? "yes" : "no");
    fence_setup();
    assert_int_equal(load_relaxed(&wr_fence_asymmetric), asymmetric);
}

static void
test_heavy_leaves_errno_alone(void **state)
{
    (void)state;
    errno = ERRNO_OF_OURS;
    fence_heavy();
    assert_int_equal(errno, ERRNO_OF_OURS);
}

/* With membarrier, if this kernel lets us have it. */
static void
test_one_side_sees_the_other(void **state)
{
    (void)state;
    meet_many_times((uint32_t)race_length(50000, 5000000));
}

static void
test_one_side_sees_the_other_with_full_fences(void **state)
{
    bool before = load_relaxed(&wr_fence_asymmetric);

    (void)state;
    store_relaxed(&wr_fence_asymmetric, false);
    meet_many_times((uint32_t)race_length(50000, 5000000));
    store_relaxed(&wr_fence_asymmetric, before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_setup_from_many_threads),
        cmocka_unit_test(test_heavy_leaves_errno_alone),
        cmocka_unit_test(test_one_side_sees_the_other),
        cmocka_unit_test(test_one_side_sees_the_other_with_full_fences),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
