/* SPDX-License-Identifier: MPL-2.0 */
/* The contract of a ring, tested for any design: a file includes the design's
 * `struct queue` and then this one, and runs RING_CONTRACT among its tests.
 *
 * One thread plays both sides, and knows at every step what must be seen. */
#ifndef WEIR_TESTS_CORE_RING_CONTRACT_H
#define WEIR_TESTS_CORE_RING_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A ring, and what was done with it. The n-th item has the value n. */
struct tracked {
    struct queue queue;
    uint64_t capacity;
    uint64_t start;
    uint64_t written;
    uint64_t read;
};

static uint64_t
least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t
to_end(const struct tracked *t, uint64_t done)
{
    return t->capacity - ((t->start + done) & (t->capacity - 1));
}

/* Reserves as much of want as goes, fills it, and commits at most `most`. */
static uint64_t
write_some(struct tracked *t, uint64_t want, uint64_t most)
{
    void *span;
    uint64_t n = queue_reserve(&t->queue, want, &span);

    assert_true(n <= t->capacity - (t->written - t->read));
    assert_true(n <= least(want, to_end(t, t->written)));
    for (uint64_t i = 0; i < n; i++)
        queue_put(span, i, t->written + i);
    queue_commit(&t->queue, least(n, most));
    t->written += least(n, most);
    return n;
}

/* Peeks as far as want, compares, and releases at most `most`. */
static uint64_t
read_some(struct tracked *t, uint64_t want, uint64_t most)
{
    void *span;
    uint64_t n = queue_peek(&t->queue, want, &span);
    uint64_t there = least(t->written - t->read, to_end(t, t->read));

    assert_int_equal(n, least(want, there));
    for (uint64_t i = 0; i < n; i++)
        assert_int_equal(queue_get(span, i), t->read + i);
    queue_release(&t->queue, least(n, most));
    t->read += least(n, most);
    return n;
}

static void
write_all(struct tracked *t)
{
    while (write_some(t, UINT64_MAX, UINT64_MAX) > 0)
        ;
}

static void
read_all(struct tracked *t)
{
    while (read_some(t, UINT64_MAX, UINT64_MAX) > 0)
        ;
    queue_flush(&t->queue);
}

static void
with_ring(uint64_t capacity, uint64_t start, void (*test)(struct tracked *))
{
    struct tracked t = { .capacity = capacity, .start = start };

    queue_init(&t.queue, capacity, start);
    test(&t);
    queue_fini(&t.queue);
}

/* Runs the test with rings of every capacity that begin at 0, and at and around
 * the positions where 32 and 64 bits are full. */
static void
each_ring(void (*test)(struct tracked *))
{
    static const uint64_t capacities[] = { 1, 2, 4, 8, 32, 1024 };
    static const uint64_t wraps[] = { 0, UINT64_C(1) << 32 };

    for (size_t i = 0; i < COUNT(capacities); i++) {
        uint64_t c = capacities[i];
        uint64_t step = c < 64 ? 1 : c / 2 - 1;

        for (size_t w = 0; w < COUNT(wraps); w++)
            for (uint64_t back = 0; back <= 2 * c + 1; back += step)
                with_ring(c, wraps[w] - back, test);
    }
}

static void
empty_then_full_then_empty(struct tracked *t)
{
    for (int round = 0; round < 3; round++) {
        assert_int_equal(read_some(t, 1, 0), 0);
        assert_int_equal(read_some(t, UINT64_MAX, 0), 0);
        write_all(t);
        assert_int_equal(t->written - t->read, t->capacity);
        assert_int_equal(write_some(t, 1, 0), 0);
        read_all(t);
        assert_int_equal(t->written, t->read);
        /* Begin the next round elsewhere. */
        (void)write_some(t, 1, 1);
        read_all(t);
    }
}

static void
test_full_and_empty(void **state)
{
    (void)state;
    each_ring(empty_then_full_then_empty);
}

static void
commit_one_by_one(struct tracked *t)
{
    void *span;
    uint64_t n = queue_reserve(&t->queue, UINT64_MAX, &span);

    for (uint64_t i = 0; i < n; i++)
        queue_put(span, i, t->written + i);
    for (uint64_t i = 0; i < n; i++) {
        assert_int_equal(read_some(t, UINT64_MAX, 0), i);
        queue_commit(&t->queue, 1);
        t->written++;
    }
    read_all(t);
}

static void
test_nothing_is_seen_before_commit(void **state)
{
    (void)state;
    each_ring(commit_one_by_one);
}

static void
write_over_uncommitted(struct tracked *t)
{
    uint64_t n = write_some(t, UINT64_MAX, 0);

    assert_int_equal(read_some(t, 1, 0), 0);
    for (uint64_t i = 0; i < n; i++)
        assert_int_equal(write_some(t, UINT64_MAX, 1), n - i);
    read_all(t);
    assert_int_equal(t->read, n);
}

static void
test_what_was_not_committed_is_reserved_again(void **state)
{
    (void)state;
    each_ring(write_over_uncommitted);
}

static void
peek_and_keep(struct tracked *t)
{
    write_all(t);
    while (t->read < t->written) {
        uint64_t n = read_some(t, UINT64_MAX, 0);

        assert_int_equal(read_some(t, UINT64_MAX, 0), n);
        assert_int_equal(read_some(t, n, 1), n);
    }
    queue_flush(&t->queue);
    assert_true(write_some(t, t->capacity, 0) > 0);
}

static void
test_what_was_not_released_is_seen_again(void **state)
{
    (void)state;
    each_ring(peek_and_keep);
}

/* Everything at random, past the wrap and several times around. */
static void
walk(struct tracked *t)
{
    struct race race = { t->start ^ t->capacity };
    uint64_t most = t->capacity + 2;

    for (int step = 0; step < 200; step++) {
        (void)write_some(t, race_below(&race, most), race_below(&race, most));
        (void)read_some(t, race_below(&race, most), race_below(&race, most));
        if (!race_once_in(&race, 4))
            continue;
        queue_flush(&t->queue);
        assert_int_equal(
            write_some(t, UINT64_MAX, 0),
            least(t->capacity - (t->written - t->read), to_end(t, t->written)));
    }
    read_all(t);
    assert_int_equal(t->read, t->written);
    assert_true(t->read > t->capacity);
}

static void
test_random_steps(void **state)
{
    (void)state;
    each_ring(walk);
}

#define RING_CONTRACT                                                    \
    cmocka_unit_test(test_full_and_empty),                               \
        cmocka_unit_test(test_nothing_is_seen_before_commit),            \
        cmocka_unit_test(test_what_was_not_committed_is_reserved_again), \
        cmocka_unit_test(test_what_was_not_released_is_seen_again),      \
        cmocka_unit_test(test_random_steps)

#endif
