/* SPDX-License-Identifier: MPL-2.0 */
/* Pools of threads: they end with their thread, or with the last buffer that
 * was taken from them. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alloc/buffer.h"

/* A buffer of the pool of a thread that hands it on. */
struct legacy {
    struct wr_pool *home;
    unsigned char *data;
    pthread_barrier_t taken, given;
    bool waits; /* to end, until it was given */
    bool same;
};

static void *
leave_a_buffer(void *arg)
{
    struct legacy *l = arg;

    l->home = wr_pool_local();
    l->data = wr_pool_take(l->home, 1);
    l->same = wr_pool_local() == l->home;
    memset(l->data, 7, WR_POOL_MIN << 1);
    (void)pthread_barrier_wait(&l->taken);
    if (l->waits)
        (void)pthread_barrier_wait(&l->given);
    return NULL;
}

static void
give_legacy(struct legacy *l)
{
    assert_true(l->same);
    assert_ptr_not_equal(l->home, wr_pool_local());
    assert_int_equal(l->data[(WR_POOL_MIN << 1) - 1], 7);
    wr_pool_give(l->home, 1, l->data);
    wr_pool_flush();
}

/* The thread ends before its buffer is given back, or after. */
static void
test_a_thread_has_a_pool_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct legacy l = { .waits = i % 2 != 0 };
        pthread_t thread;

        assert_int_equal(pthread_barrier_init(&l.taken, NULL, 2), 0);
        assert_int_equal(pthread_barrier_init(&l.given, NULL, 2), 0);
        assert_int_equal(pthread_create(&thread, NULL, leave_a_buffer, &l), 0);
        (void)pthread_barrier_wait(&l.taken);
        if (l.waits) {
            give_legacy(&l);
            (void)pthread_barrier_wait(&l.given);
        }
        assert_int_equal(pthread_join(thread, NULL), 0);
        if (!l.waits)
            give_legacy(&l);
        (void)pthread_barrier_destroy(&l.taken);
        (void)pthread_barrier_destroy(&l.given);
    }
}

static struct wr_pool *late = (struct wr_pool *)1;

static void
take_at_thread_end(void *arg)
{
    (void)arg;
    late = wr_pool_local();
}

static void *
take_now_and_at_thread_end(void *arg)
{
    struct wr_pool *p = wr_pool_local();
    pthread_key_t key;

    (void)arg;
    wr_pool_give(p, 0, wr_pool_take(p, 0));
    if (pthread_key_create(&key, take_at_thread_end) == 0)
        (void)pthread_setspecific(key, &late);
    return NULL;
}

/* Destructors of a thread's other data run after the pool is gone. */
static void
test_a_thread_that_ends_has_no_pool(void **state)
{
    pthread_t thread;

    (void)state;
    assert_int_equal(
        pthread_create(&thread, NULL, take_now_and_at_thread_end, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_null(late);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thread_has_a_pool_of_its_own),
        cmocka_unit_test(test_a_thread_that_ends_has_no_pool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
