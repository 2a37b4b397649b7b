/* SPDX-License-Identifier: MPL-2.0 */
/* The self-publishing ring: the contract, what stands in ctl, stale laps, long
 * runs, and when the writer hears of released slots. */
#include "tests/core/queue_slot.h"
#include "tests/core/ring_contract.h"

/* Laps until a lap's mark in ctl comes again. */
#define LAP_MARKS UINT64_C(0x8000)

static uint32_t
ctl_at(struct queue *q, uint64_t pos)
{
    return load_relaxed(&q->slots[pos & q->ring.mask].ctl);
}

static void
test_ctl_tells_lap_and_run(void **state)
{
    struct queue q;

    (void)state;
    queue_init(&q, 8, 8 * 5 + 6);
    assert_int_equal(wr_slot_ring_room(&q.ring, 8), 8);
    wr_slot_ring_commit(&q.ring, 5);
    assert_int_equal(ctl_at(&q, 6), (2 * 5 + 1) << 16 | 5);
    assert_int_equal(ctl_at(&q, 7), (2 * 5 + 1) << 16);
    for (uint64_t pos = 0; pos < 3; pos++)
        assert_int_equal(ctl_at(&q, pos), (2 * 6 + 1) << 16);
    assert_int_equal(ctl_at(&q, 3), 0);
    queue_fini(&q);
}

/* Zeroed memory is empty in whatever lap a ring begins. */
static void
test_fresh_memory_is_of_no_lap(void **state)
{
    struct queue q;

    (void)state;
    queue_init(&q, 2, 0);
    for (uint64_t lap = 0; lap < 2 * LAP_MARKS; lap++) {
        wr_slot_ring_init(&q.ring, q.slots, 2, 2 * lap + 1);
        assert_int_equal(wr_slot_ring_ready(&q.ring, 1), 0);
    }
    queue_fini(&q);
}

/* Through more laps than ctl can tell apart, what earlier laps left behind in
 * the slots (among it runs of all lengths) is never taken for new. */
static void
see_nothing_stale(uint64_t capacity, uint64_t run)
{
    struct queue q;
    void *span;

    queue_init(&q, capacity, -(capacity * LAP_MARKS));
    for (uint64_t done = 0; done < (2 * LAP_MARKS + 2) * capacity;) {
        uint64_t n = done % run + 1;

        assert_int_equal(wr_slot_ring_ready(&q.ring, capacity), 0);
        assert_true(wr_slot_ring_room(&q.ring, n) >= n);
        assert_int_equal(wr_slot_ring_ready(&q.ring, capacity), 0);
        wr_slot_ring_commit(&q.ring, n);
        assert_int_equal(wr_slot_ring_ready(&q.ring, 1), n);
        assert_int_equal(wr_slot_ring_ready(&q.ring, capacity), n);
        assert_true(queue_peek(&q, 1, &span) == 1);
        (void)wr_slot_ring_release(&q.ring, n);
        wr_slot_ring_flush(&q.ring);
        done += n;
    }
    queue_fini(&q);
}

static void
test_stale_laps_are_never_seen(void **state)
{
    (void)state;
    see_nothing_stale(1, 1);
    see_nothing_stale(2, 1);
    see_nothing_stale(2, 2);
    see_nothing_stale(4, 3);
    see_nothing_stale(8, 8);
}

/* A run is known whole as soon as its first slot is, across the end too. */
static void
test_a_run_is_seen_whole(void **state)
{
    struct queue q;
    void *span;

    (void)state;
    for (uint64_t start = 0; start < 16; start++) {
        queue_init(&q, 16, start);
        for (uint64_t n = 1; n <= 16; n++) {
            assert_true(wr_slot_ring_room(&q.ring, n) >= n);
            assert_int_equal(wr_slot_ring_ready(&q.ring, 1), 0);
            wr_slot_ring_commit(&q.ring, n);
            assert_int_equal(wr_slot_ring_ready(&q.ring, 1), n);
            assert_int_equal(queue_peek(&q, 1, &span), 1);
            for (uint64_t i = 0; i < n; i++)
                assert_ptr_equal(wr_slot_ring_at_head(&q.ring, i),
                                 &q.slots[(q.ring.r_pos + i) & 15]);
            (void)wr_slot_ring_release(&q.ring, n);
            wr_slot_ring_flush(&q.ring);
        }
        queue_fini(&q);
    }
}

/* Commits n slots, and takes them by portions. */
static void
commit_long(struct queue *q, uint64_t n, uint64_t portion)
{
    uint64_t pos = q->ring.w_pos;

    assert_true(wr_slot_ring_room(&q->ring, n) >= n);
    for (uint64_t i = 0; i < n; i++)
        wr_slot_ring_at_tail(&q->ring, i)->body[0] = (uint32_t)i;
    wr_slot_ring_commit(&q->ring, n);
    for (uint64_t i = 0; i < n; i += WR_RUN_MAX)
        assert_int_equal(ctl_at(q, pos + i) & 0xffff, least(n - i, WR_RUN_MAX));
    for (uint64_t i = 0; i < n;) {
        uint64_t want = least(portion, n - i);

        assert_true(wr_slot_ring_ready(&q->ring, want) >= want);
        assert_true(wr_slot_ring_ready(&q->ring, want) <= n - i);
        for (uint64_t k = 0; k < want; k++)
            assert_int_equal(wr_slot_ring_at_head(&q->ring, k)->body[0], i + k);
        (void)wr_slot_ring_release(&q->ring, want);
        i += want;
    }
    assert_int_equal(wr_slot_ring_ready(&q->ring, 1), 0);
    wr_slot_ring_flush(&q->ring);
}

/* More slots than one ctl can tell, at many places of the ring. */
static void
test_long_runs_are_chained(void **state)
{
    static const uint64_t lengths[] = {
        WR_RUN_MAX - 1,     WR_RUN_MAX,     WR_RUN_MAX + 1, 2 * WR_RUN_MAX,
        2 * WR_RUN_MAX + 1, 3 * WR_RUN_MAX, 100000,         4 * WR_RUN_MAX,
    };
    struct queue q;

    (void)state;
    queue_init(&q, 4 * WR_RUN_MAX, -WR_RUN_MAX / 2);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        commit_long(&q, lengths[i], UINT64_MAX);
        commit_long(&q, lengths[i], 1000 + i);
    }
    queue_fini(&q);
}

static uint64_t
head_of(struct queue *q)
{
    return load_relaxed(&q->ring.head);
}

/* The writer hears of every quarter of the ring, and of the rest by a flush. */
static void
release_by_one(uint64_t capacity, uint64_t quantum)
{
    uint64_t start = -capacity / 2;
    struct queue q;

    queue_init(&q, capacity, start);
    assert_int_equal(wr_slot_ring_room(&q.ring, capacity), capacity);
    wr_slot_ring_commit(&q.ring, capacity);
    assert_int_equal(wr_slot_ring_ready(&q.ring, capacity), capacity);
    for (uint64_t i = 1; i <= capacity - 1; i++) {
        assert_int_equal(wr_slot_ring_release(&q.ring, 1), i % quantum == 0);
        assert_int_equal(head_of(&q) - start, i / quantum * quantum);
        assert_int_equal(wr_slot_ring_room(&q.ring, capacity),
                         i / quantum * quantum);
    }
    wr_slot_ring_flush(&q.ring);
    assert_int_equal(head_of(&q) - start, capacity - 1);
    assert_int_equal(wr_slot_ring_room(&q.ring, capacity), capacity - 1);
    queue_fini(&q);
}

static void
test_release_tells_the_writer_by_quarters(void **state)
{
    (void)state;
    release_by_one(2, 1);
    release_by_one(4, 1);
    release_by_one(8, 2);
    release_by_one(64, 16);
    release_by_one(1024, 256);
}

/* A release of much at once tells of all of it. */
static void
test_release_of_more_than_a_quarter(void **state)
{
    struct queue q;

    (void)state;
    queue_init(&q, 16, 3);
    assert_int_equal(wr_slot_ring_room(&q.ring, 16), 16);
    wr_slot_ring_commit(&q.ring, 16);
    assert_int_equal(wr_slot_ring_ready(&q.ring, 16), 16);
    assert_false(wr_slot_ring_release(&q.ring, 3));
    assert_true(wr_slot_ring_release(&q.ring, 7));
    assert_int_equal(head_of(&q), 13);
    assert_false(wr_slot_ring_release(&q.ring, 0));
    queue_fini(&q);
}

/* The writer looks at head only when what it knows does not do. */
static void
test_limit_is_cached(void **state)
{
    struct queue q;

    (void)state;
    queue_init(&q, 8, 0);
    assert_int_equal(wr_slot_ring_room(&q.ring, 6), 8);
    wr_slot_ring_commit(&q.ring, 6);
    assert_int_equal(wr_slot_ring_ready(&q.ring, 1), 6);
    assert_true(wr_slot_ring_release(&q.ring, 6));
    assert_int_equal(wr_slot_ring_room(&q.ring, 2), 2);
    assert_int_equal(wr_slot_ring_room(&q.ring, 3), 8);
    assert_int_equal(wr_slot_ring_capacity(&q.ring), 8);
    queue_fini(&q);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RING_CONTRACT,
        cmocka_unit_test(test_ctl_tells_lap_and_run),
        cmocka_unit_test(test_fresh_memory_is_of_no_lap),
        cmocka_unit_test(test_stale_laps_are_never_seen),
        cmocka_unit_test(test_a_run_is_seen_whole),
        cmocka_unit_test(test_long_runs_are_chained),
        cmocka_unit_test(test_release_tells_the_writer_by_quarters),
        cmocka_unit_test(test_release_of_more_than_a_quarter),
        cmocka_unit_test(test_limit_is_cached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
