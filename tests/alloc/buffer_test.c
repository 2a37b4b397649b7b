/* SPDX-License-Identifier: MPL-2.0 */
/* Buffers: classes, the way home from every kind of thread, orphans, large
 * ones, sharing, and what happens when memory runs out. */
#include "alloc/buffer.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/alloc/sanitizer.h"

static struct wr_pool *
new_pool(void)
{
    struct wr_arena *a = wr_arena_new(-1);
    struct wr_pool *p;

    assert_non_null(a);
    p = wr_pool_new(a);
    assert_non_null(p);
    wr_arena_drop(a);
    return p;
}

static void
run(void *(*fn)(void *), void *arg)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, fn, arg), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* All buffers of one class of a pool. */
struct lot {
    struct wr_pool *home;
    unsigned c;
    size_t n;
    void *data[2048];
};

/* Takes min buffers and then all that the pool has left. */
static void
take_all(struct lot *lot, struct wr_pool *home, unsigned c, size_t min)
{
    lot->home = home;
    lot->c = c;
    lot->n = 0;
    while (lot->n < min || home->free[c].n != 0) {
        assert_true(lot->n < 2048);
        lot->data[lot->n] = wr_pool_take(home, c);
        assert_non_null(lot->data[lot->n++]);
    }
}

/* Takes the lot once more: all of it is home if that needs no memory. */
static void
take_again(struct lot *lot)
{
    uint64_t calls = wr_arena_calls();

    for (size_t i = 0; i < lot->n; i++) {
        lot->data[i] = wr_pool_take(lot->home, lot->c);
        assert_non_null(lot->data[i]);
    }
    assert_int_equal(wr_arena_calls(), calls);
}

static void *
give_all(void *arg)
{
    struct lot *lot = arg;

    for (size_t i = 0; i < lot->n; i++)
        wr_pool_give(lot->home, lot->c, lot->data[i]);
    return NULL;
}

static void
give_and_close(struct lot *lot)
{
    give_all(lot);
    wr_pool_close(lot->home);
}

static void
test_class_is_the_smallest_that_holds(void **state)
{
    (void)state;
    assert_int_equal(WR_POOL_MAX, 1 << 20);
    for (size_t size = 1; size <= WR_POOL_MAX; size++) {
        unsigned c = wr_pool_class(size);

        assert_true(c < WR_POOL_CLASSES);
        assert_true(size <= WR_POOL_MIN << c);
        assert_true(c == 0 || size > WR_POOL_MIN << (c - 1));
    }
}

static void
test_buffers_of_every_class(void **state)
{
    enum { n = 9 };
    struct wr_pool *p = new_pool();
    unsigned char *data[WR_POOL_CLASSES][n];

    (void)state;
    for (unsigned c = 0; c < WR_POOL_CLASSES; c++) {
        for (unsigned i = 0; i < n; i++) {
            data[c][i] = wr_pool_take(p, c);
            assert_non_null(data[c][i]);
            assert_int_equal((uintptr_t)data[c][i] % 64, 0);
            memset(data[c][i], (int)(c * n + i), WR_POOL_MIN << c);
        }
    }
    for (unsigned c = 0; c < WR_POOL_CLASSES; c++) {
        for (unsigned i = 0; i < n; i++) {
            for (size_t k = 0; k < WR_POOL_MIN << c; k++)
                assert_int_equal(data[c][i][k], c * n + i);
            wr_pool_give(p, c, data[c][i]);
        }
    }
    wr_pool_close(p);
    assert_int_equal(wr_arena_live(), 0);
}

static void
test_memory_only_when_something_is_taken(void **state)
{
    uint64_t calls = wr_arena_calls();
    struct wr_pool *p = new_pool();

    (void)state;
    assert_int_equal(wr_arena_calls() - calls, 1);
    wr_pool_close(p);
    assert_int_equal(wr_arena_calls() - calls, 2);
    assert_int_equal(wr_arena_live(), 0);
}

/* A bounded queue of pointers between two threads. */
#define QUEUE 256
struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t head, tail;
    void *items[QUEUE];
    struct wr_pool *home;
    size_t total;
    bool torn;
};

static void
put(struct queue *q, void *const *items, size_t n)
{
    pthread_mutex_lock(&q->lock);
    while (q->tail - q->head + n > QUEUE)
        pthread_cond_wait(&q->changed, &q->lock);
    for (size_t i = 0; i < n; i++)
        q->items[q->tail++ % QUEUE] = items[i];
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

static size_t
get(struct queue *q, void **items)
{
    size_t n = 0;

    pthread_mutex_lock(&q->lock);
    while (q->tail == q->head)
        pthread_cond_wait(&q->changed, &q->lock);
    while (q->head != q->tail)
        items[n++] = q->items[q->head++ % QUEUE];
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->lock);
    return n;
}

static void *
read_and_give(void *arg)
{
    struct queue *q = arg;
    void *items[QUEUE];

    for (size_t seen = 0; seen < q->total;) {
        size_t n = get(q, items);

        for (size_t i = 0; i < n; i++) {
            size_t *words = items[i];

            if (words[0] != seen + i || words[511] != ~(seen + i))
                q->torn = true;
            wr_pool_give(q->home, wr_pool_class(4096), items[i]);
        }
        seen += n;
    }
    return NULL;
}

static void
test_steady_state_allocates_nothing(void **state)
{
    enum { total = 1000000, batch = 50 };
    struct queue q = { .lock = PTHREAD_MUTEX_INITIALIZER,
                       .changed = PTHREAD_COND_INITIALIZER,
                       .home = new_pool(),
                       .total = total };
    unsigned c = wr_pool_class(4096);
    uint64_t calls = wr_arena_calls();
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, read_and_give, &q), 0);
    for (size_t sent = 0; sent < total; sent += batch) {
        void *items[batch];

        for (size_t i = 0; i < batch; i++) {
            size_t *words = items[i] = wr_pool_take(q.home, c);

            assert_non_null(words);
            words[0] = sent + i;
            words[511] = ~(sent + i);
        }
        put(&q, items, batch);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(q.torn);
    assert_true(wr_arena_calls() - calls <= total / 1000);
    wr_pool_close(q.home);
    assert_int_equal(wr_arena_live(), 0);
}

static void
test_thread_end_brings_everything_home(void **state)
{
    static struct lot lot;
    struct wr_pool *p = new_pool();

    (void)state;
    for (unsigned c = 0; c < WR_POOL_CLASSES; c++) {
        take_all(&lot, p, c, c < 7 ? 150 : 10);
        run(give_all, &lot);
        take_again(&lot);
        give_all(&lot);
    }
    wr_pool_close(p);
    assert_int_equal(wr_arena_live(), 0);
}

static void
test_flush_brings_everything_home(void **state)
{
    static struct lot lot;

    (void)state;
    take_all(&lot, new_pool(), 0, 10);
    give_all(&lot);
    wr_pool_flush();
    take_again(&lot);
    give_and_close(&lot);
    assert_int_equal(wr_arena_live(), 0);
}

/* More pools than a thread has outboxes for, one buffer of each in turn. */
static void
test_many_homes_in_turn(void **state)
{
    enum { n = 30 };
    static struct lot lots[n];

    (void)state;
    for (unsigned i = 0; i < n; i++)
        take_all(&lots[i], new_pool(), i % 3, 100);
    for (size_t k = 0; k < 2048; k++) {
        for (unsigned i = 0; i < n; i++) {
            struct lot *lot = &lots[i];

            if (k < lot->n)
                wr_pool_give(lot->home, lot->c, lot->data[k]);
        }
    }
    wr_pool_flush();
    for (unsigned i = 0; i < n; i++) {
        take_again(&lots[i]);
        give_and_close(&lots[i]);
    }
    assert_int_equal(wr_arena_live(), 0);
}

static void *
give_all_and_flush(void *arg)
{
    give_all(arg);
    wr_pool_flush();
    return NULL;
}

static void
test_orphans_live_until_they_are_home(void **state)
{
    static struct lot lot;

    (void)state;
    take_all(&lot, new_pool(), 3, 100);
    lot.n--;
    wr_pool_close(lot.home);
    assert_int_equal(wr_arena_live(), 1);
    memset(lot.data[0], 1, WR_POOL_MIN << 3);
    run(give_all, &lot);
    assert_int_equal(wr_arena_live(), 1);
    wr_pool_give(lot.home, lot.c, lot.data[lot.n]);
    assert_int_equal(wr_arena_live(), 1);
    wr_pool_flush();
    assert_int_equal(wr_arena_live(), 0);
}

/* The owner closes while others give back what is left. */
static void
test_close_against_givers(void **state)
{
    enum { givers = 3 };
    static struct lot lots[givers];

    (void)state;
    for (int round = 0; round < 300; round++) {
        struct wr_pool *p = new_pool();
        pthread_t threads[givers];

        for (int i = 0; i < givers; i++) {
            lots[i] = (struct lot){ .home = p, .c = 1 };
            for (; lots[i].n < 70; lots[i].n++)
                lots[i].data[lots[i].n] = wr_pool_take(p, 1);
        }
        for (int i = 0; i < givers; i++) {
            void *(*fn)(void *) = i == 0 ? give_all_and_flush : give_all;

            assert_int_equal(pthread_create(&threads[i], NULL, fn, &lots[i]),
                             0);
        }
        wr_pool_close(p);
        for (int i = 0; i < givers; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(wr_arena_live(), 0);
    }
}

static void
give_at_thread_end(void *arg)
{
    give_all(arg);
}

static void *
give_now_and_at_thread_end(void *arg)
{
    struct lot *lots = arg;
    pthread_key_t key;

    give_all(&lots[0]);
    if (pthread_key_create(&key, give_at_thread_end) == 0)
        (void)pthread_setspecific(key, &lots[1]);
    return NULL;
}

/* Destructors of a thread's other data run after the outboxes are gone. */
static void
test_gives_of_a_thread_that_ends(void **state)
{
    static struct lot lots[2];

    (void)state;
    take_all(&lots[0], new_pool(), 2, 20);
    take_all(&lots[1], new_pool(), 2, 20);
    run(give_now_and_at_thread_end, lots);
    for (int i = 0; i < 2; i++) {
        take_again(&lots[i]);
        give_and_close(&lots[i]);
    }
    assert_int_equal(wr_arena_live(), 0);
}

static void
test_large_buffers(void **state)
{
    static const size_t sizes[] = { WR_POOL_MAX + 1, (size_t)3 << 20,
                                    ((size_t)16 << 20) - 1 };
    struct wr_pool *p = new_pool();
    unsigned char *data[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        data[i] = wr_large_take(p, sizes[i]);
        assert_non_null(data[i]);
        assert_int_equal((uintptr_t)data[i] % 64, 0);
        memset(data[i], i, sizes[i]);
    }
    wr_pool_close(p);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(data[i][0], i);
        assert_int_equal(data[i][sizes[i] - 1], i);
        assert_int_equal(wr_arena_live(), 1);
        wr_large_give(data[i]);
    }
    assert_int_equal(wr_arena_live(), 0);
}

static void
test_large_sizes_that_cannot_be_had(void **state)
{
    struct wr_pool *p = new_pool();

    (void)state;
    errno = 1234;
    for (size_t less = 0; less <= 256; less++)
        assert_null(wr_large_take(p, SIZE_MAX - less));
    assert_null(wr_large_take(p, SIZE_MAX / 2));
    if (!SANITIZED)
        assert_null(wr_large_take(p, (size_t)1 << 50));
    assert_int_equal(errno, 1234);
    wr_pool_close(p);
    assert_int_equal(wr_arena_live(), 0);
}

static void *
drop_owner(void *data)
{
    return wr_buffer_unshare(data) ? data : NULL;
}

static void
share_and_count(void *data)
{
    enum { n = 8 };
    pthread_t threads[n];
    unsigned last = 0;

    /* One owner, then three, then as many as there are threads. */
    wr_buffer_share(data, 2, true);
    wr_buffer_share(data, n - 3, false);
    for (int i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, drop_owner, data),
                         0);
    for (int i = 0; i < n; i++) {
        void *was_last;

        assert_int_equal(pthread_join(threads[i], &was_last), 0);
        last += was_last != NULL;
    }
    assert_int_equal(last, 1);
}

static void
test_the_last_owner_is_told(void **state)
{
    struct wr_pool *p = new_pool();
    unsigned char *pooled = wr_pool_take(p, 0);
    unsigned char *large = wr_large_take(p, WR_POOL_MAX + 1);

    (void)state;
    memset(pooled, 7, WR_POOL_MIN);
    for (int i = 0; i < 20; i++) {
        share_and_count(pooled);
        share_and_count(large);
    }
    wr_buffer_share(pooled, 1, true);
    assert_false(wr_buffer_unshare(pooled));
    assert_true(wr_buffer_unshare(pooled));
    assert_int_equal(pooled[0], 7);
    wr_pool_give(p, 0, pooled);
    wr_large_give(large);
    wr_pool_close(p);
    assert_int_equal(wr_arena_live(), 0);
}

/* Runs in a child, which has no test framework: the number of what failed. */
static int
out_of_memory(void)
{
    enum { max = 4096 };
    static void *data[max];
    struct wr_arena *a = wr_arena_new(-1);
    struct wr_pool *p = a == NULL ? NULL : wr_pool_new(a);
    struct rlimit limit = { (rlim_t)256 << 20, (rlim_t)256 << 20 };
    unsigned c = wr_pool_class(1 << 18);
    size_t n = 0, again = 0;

    if (p == NULL || setrlimit(RLIMIT_AS, &limit) != 0)
        return 1;
    errno = 1234;
    while (n < max && (data[n] = wr_pool_take(p, c)) != NULL)
        n++;
    if (n < 100 || n == max)
        return 2;
    if (wr_large_take(p, (size_t)200 << 20) != NULL)
        return 3;
    if (errno != 1234)
        return 4;
    for (size_t i = 0; i < n; i++)
        wr_pool_give(p, c, data[i]);
    wr_pool_flush();
    while (again < n && wr_pool_take(p, c) != NULL)
        again++;
    if (again != n)
        return 5;
    for (size_t i = 0; i < n; i++)
        wr_pool_give(p, c, data[i]);
    wr_pool_close(p);
    wr_arena_drop(a);
    return wr_arena_live() == 0 ? 0 : 6;
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_class_is_the_smallest_that_holds),
        cmocka_unit_test(test_buffers_of_every_class),
        cmocka_unit_test(test_memory_only_when_something_is_taken),
        cmocka_unit_test(test_steady_state_allocates_nothing),
        cmocka_unit_test(test_thread_end_brings_everything_home),
        cmocka_unit_test(test_flush_brings_everything_home),
        cmocka_unit_test(test_many_homes_in_turn),
        cmocka_unit_test(test_orphans_live_until_they_are_home),
        cmocka_unit_test(test_close_against_givers),
        cmocka_unit_test(test_gives_of_a_thread_that_ends),
        cmocka_unit_test(test_large_buffers),
        cmocka_unit_test(test_large_sizes_that_cannot_be_had),
        cmocka_unit_test(test_the_last_owner_is_told),
        cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
