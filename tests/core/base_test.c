/* SPDX-License-Identifier: MPL-2.0 */
/* The layer below all others: atomics, prefetches, the clock and the futex. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/base/clock.h"
#include "core/base/cpu.h"
#include "core/base/futex.h"
#include "tests/core/race.h"

#include <cmocka.h>

/* A value that no call gives errno. */
#define ERRNO_OF_OURS 12345

static void
test_read_modify_write_gives_what_was_there(void **state)
{
    _Atomic uint32_t word = 5;
    uint32_t expected = 7;

    (void)state;
    assert_int_equal(exchange_acq_rel(&word, 6), 5);
    assert_int_equal(exchange_seq_cst(&word, 7), 6);
    assert_int_equal(fetch_add_relaxed(&word, 1), 7);
    assert_int_equal(fetch_add_seq_cst(&word, 1), 8);
    assert_int_equal(fetch_sub_acq_rel(&word, 1), 9);
    assert_int_equal(fetch_or_seq_cst(&word, 3), 8);
    assert_false(cas_seq_cst(&word, &expected, 1));
    assert_int_equal(expected, 11);
    while (!cas_seq_cst(&word, &expected, 1))
        assert_int_equal(expected, 11);
    assert_int_equal(load_seq_cst(&word), 1);
    store_seq_cst(&word, 2);
    assert_int_equal(load_acquire(&word), 2);
    store_release(&word, 3);
    assert_int_equal(load_relaxed(&word), 3);
}

static void
test_prefetch_never_faults(void **state)
{
    (void)state;
    for (uintptr_t p = 64; p != 0; p <<= 1) {
        prefetch_read((const void *)p);
        prefetch_write((const void *)p);
    }
}

static void
test_container_of(void **state)
{
    struct pair {
        char first;
        struct {
            int inner;
        } second;
    } pair = { 0 };

    (void)state;
    assert_ptr_equal(wr_container_of(&pair.second, struct pair, second), &pair);
}

static void
test_clock_goes_forward(void **state)
{
    int64_t before = clock_now_ns();

    (void)state;
    assert_true(before > 0);
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_now_ns();

        assert_true(now >= before && now < WR_NEVER);
        before = now;
    }
}

static void
test_futex_other_value_returns_at_once(void **state)
{
    _Atomic uint32_t word = 1;

    (void)state;
    errno = ERRNO_OF_OURS;
    assert_int_equal(futex_wait(&word, 0, WR_NEVER), 0);
    assert_int_equal(futex_wait(&word, 2, clock_now_ns() - 1), 0);
    assert_int_equal(errno, ERRNO_OF_OURS);
}

static void
test_futex_deadline(void **state)
{
    _Atomic uint32_t word = 1;
    int64_t deadline = clock_now_ns() + 2000000;
    int rc;

    (void)state;
    errno = ERRNO_OF_OURS;
    assert_int_equal(futex_wait(&word, 1, clock_now_ns() - 1), -ETIMEDOUT);
    assert_int_equal(futex_wait(&word, 1, 0), -ETIMEDOUT);
    do {
        rc = futex_wait(&word, 1, deadline);
    } while (rc == 0); /* woken without cause */
    assert_int_equal(rc, -ETIMEDOUT);
    assert_true(clock_now_ns() >= deadline);
    assert_int_equal(errno, ERRNO_OF_OURS);
}

static void
test_futex_wake_without_sleepers(void **state)
{
    _Atomic uint32_t word = 0;

    (void)state;
    errno = ERRNO_OF_OURS;
    futex_wake(&word, 1);
    futex_wake(&word, INT_MAX);
    assert_int_equal(errno, ERRNO_OF_OURS);
}

/* Threads that sleep on one word. */
struct sleepers {
    _Atomic uint32_t word;
    _Atomic uint32_t returned;
    _Atomic int rc; /* of the last one that returned */
};

static void *
sleep_once(void *arg)
{
    struct sleepers *s = arg;

    errno = ERRNO_OF_OURS;
    store_relaxed(&s->rc, futex_wait(&s->word, 0, WR_NEVER));
    CHECK(errno == ERRNO_OF_OURS);
    fetch_add_seq_cst(&s->returned, 1);
    return NULL;
}

/* The word keeps its value, so that only the call can end the sleep; it is
 * made again and again, for the threads may not sleep yet. */
static void
test_futex_wakes_who_sleeps(void **state)
{
    enum { n = 3 };
    struct sleepers s = { 0 };
    pthread_t threads[n];

    (void)state;
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sleep_once, &s), 0);
    while (load_seq_cst(&s.returned) < 1)
        futex_wake(&s.word, 1);
    while (load_seq_cst(&s.returned) < n)
        futex_wake(&s.word, INT_MAX);
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(load_relaxed(&s.rc), 0);
}

static void
on_signal(int number)
{
    (void)number;
}

/* What a sleep that signals shall end, and a wake-up at the latest, gives. */
static int
rc_of_sleep_with_signals(int flags)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };
    int64_t give_up = clock_now_ns() + 20000000000;
    struct sigaction before;
    struct sleepers s = { 0 };
    pthread_t thread;

    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    assert_int_equal(pthread_create(&thread, NULL, sleep_once, &s), 0);
    while (load_seq_cst(&s.returned) == 0) {
        assert_int_equal(pthread_kill(thread, SIGUSR1), 0);
        if (clock_now_ns() > give_up)
            futex_wake(&s.word, 1);
        (void)sched_yield();
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    return load_relaxed(&s.rc);
}

static void
test_futex_is_interrupted_by_a_signal(void **state)
{
    (void)state;
    assert_int_equal(rc_of_sleep_with_signals(0), -EINTR);
}

static void
test_futex_is_interrupted_by_a_handler_that_restarts(void **state)
{
    (void)state;
    assert_int_equal(rc_of_sleep_with_signals(SA_RESTART), -EINTR);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_modify_write_gives_what_was_there),
        cmocka_unit_test(test_prefetch_never_faults),
        cmocka_unit_test(test_container_of),
        cmocka_unit_test(test_clock_goes_forward),
        cmocka_unit_test(test_futex_other_value_returns_at_once),
        cmocka_unit_test(test_futex_deadline),
        cmocka_unit_test(test_futex_wake_without_sleepers),
        cmocka_unit_test(test_futex_wakes_who_sleeps),
        cmocka_unit_test(test_futex_is_interrupted_by_a_signal),
        cmocka_unit_test(test_futex_is_interrupted_by_a_handler_that_restarts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
