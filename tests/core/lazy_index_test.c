/* SPDX-License-Identifier: MPL-2.0 */
/* When lazy_index tells the other side: what its header says beyond the
 * contract of the designs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/ring/lazy_index.h"

#define SIZE     64
#define CAPACITY 16
#define SHARE    4 /* a quarter; eight lines are eight items */

struct play {
    struct wr_lazy_index_writer w;
    struct wr_lazy_index_reader r;
    void *memory;
};

static void
fill_items(void *arg, void *at, uint64_t first, uint64_t n)
{
    (void)arg;
    (void)first;
    memset(at, 1, n * SIZE);
}

static void
use_items(void *arg, const void *at, uint64_t n)
{
    (void)arg;
    (void)at;
    (void)n;
}

static uint64_t
push(struct play *p, uint64_t n)
{
    return wr_lazy_index_push(&p->w, SIZE, n, fill_items, NULL);
}

static uint64_t
pop(struct play *p, uint64_t n)
{
    return wr_lazy_index_pop(&p->r, SIZE, n, use_items, NULL);
}

static int
setup(void **state)
{
    struct wr_shape shape = { CAPACITY, SIZE, 1, 1, -UINT64_C(10) };
    struct play *p = calloc(1, sizeof(*p));
    struct wr_lazy_index *q;

    assert_non_null(p);
    p->memory = aligned_alloc(WR_GROUP, wr_lazy_index_bytes(&shape));
    assert_non_null(p->memory);
    q = wr_lazy_index_init(p->memory, &shape);
    wr_lazy_index_writer_init(&p->w, q, 0);
    wr_lazy_index_reader_init(&p->r, q, 0);
    *state = p;
    return 0;
}

static int
teardown(void **state)
{
    struct play *p = *state;

    free(p->memory);
    free(p);
    return 0;
}

static void
test_a_share_is_seen_when_it_is_full(void **state)
{
    struct play *p = *state;

    for (int i = 0; i < SHARE - 1; i++)
        assert_int_equal(push(p, 1), 1);
    assert_int_equal(pop(p, CAPACITY), 0);
    assert_int_equal(push(p, 1), 1);
    assert_int_equal(pop(p, CAPACITY), SHARE);
}

static void
test_flush_shows_part_of_a_share(void **state)
{
    struct play *p = *state;

    assert_int_equal(push(p, 1), 1);
    assert_int_equal(pop(p, CAPACITY), 0);
    wr_lazy_index_flush(&p->w);
    assert_int_equal(pop(p, CAPACITY), 1);
}

/* Fills the ring so that the last share is not full. */
static void
fill_up(struct play *p)
{
    assert_int_equal(push(p, CAPACITY), CAPACITY);
    assert_int_equal(pop(p, SHARE + 1), SHARE + 1);
    for (int i = 0; i < SHARE + 1; i++)
        assert_int_equal(push(p, 1), 1);
}

static void
test_a_push_without_room_shows_all(void **state)
{
    struct play *p = *state;

    fill_up(p);
    assert_int_equal(push(p, 1), 0);
    assert_int_equal(pop(p, CAPACITY), CAPACITY - SHARE - 1);
    assert_int_equal(pop(p, CAPACITY), SHARE + 1);
}

static void
test_a_push_of_less_than_all_shows_all(void **state)
{
    struct play *p = *state;

    assert_int_equal(push(p, CAPACITY), CAPACITY);
    assert_int_equal(pop(p, SHARE + 1), SHARE + 1);
    for (int i = 0; i < SHARE; i++)
        assert_int_equal(push(p, 1), 1);
    assert_int_equal(push(p, 2), 1);
    assert_int_equal(pop(p, CAPACITY), CAPACITY - SHARE - 1);
    assert_int_equal(pop(p, CAPACITY), SHARE + 1);
}

static void
test_space_comes_back_in_quarters_and_when_empty(void **state)
{
    struct play *p = *state;

    assert_int_equal(push(p, CAPACITY), CAPACITY);
    assert_int_equal(pop(p, SHARE - 1), SHARE - 1);
    assert_int_equal(push(p, 1), 0);
    assert_int_equal(pop(p, 1), 1);
    assert_int_equal(push(p, CAPACITY), SHARE);
    assert_int_equal(pop(p, CAPACITY), CAPACITY - SHARE);
    assert_int_equal(pop(p, SHARE - 1), SHARE - 1);
    assert_int_equal(push(p, CAPACITY), CAPACITY - SHARE);
    assert_int_equal(pop(p, 1), 1);
    assert_int_equal(pop(p, CAPACITY), CAPACITY - SHARE);
    assert_int_equal(pop(p, 1), 0);
    assert_int_equal(push(p, CAPACITY + 1), CAPACITY);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_share_is_seen_when_it_is_full,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_flush_shows_part_of_a_share, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_push_without_room_shows_all,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_push_of_less_than_all_shows_all,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_space_comes_back_in_quarters_and_when_empty, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
