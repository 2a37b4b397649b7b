/* SPDX-License-Identifier: MPL-2.0 */
/* The cached-index ring: the contract, and items of other sizes. */
#include <string.h>

#include "tests/core/queue_index.h"
#include "tests/core/ring_contract.h"

static void
fill_and_compare(size_t item_size)
{
    enum { capacity = 8 };
    unsigned char *items = malloc(capacity * item_size);
    struct wr_index_ring r;
    unsigned char *span;

    assert_non_null(items);
    wr_index_ring_init(&r, items, item_size, capacity, 5);
    /* The first span ends with the memory, the second begins with it. */
    assert_int_equal(wr_index_ring_reserve(&r, 8, (void **)&span), 3);
    assert_ptr_equal(span, items + 5 * item_size);
    memset(span, 'a', 3 * item_size);
    wr_index_ring_commit(&r, 3);
    assert_int_equal(wr_index_ring_reserve(&r, 8, (void **)&span), 5);
    assert_ptr_equal(span, items);
    memset(span, 'b', 5 * item_size);
    wr_index_ring_commit(&r, 5);

    assert_int_equal(wr_index_ring_peek(&r, 8, (void **)&span), 3);
    assert_ptr_equal(span, items + 5 * item_size);
    assert_int_equal(span[3 * item_size - 1], 'a');
    wr_index_ring_release(&r, 3);
    assert_int_equal(wr_index_ring_peek(&r, 8, (void **)&span), 5);
    assert_ptr_equal(span, items);
    assert_int_equal(span[5 * item_size - 1], 'b');
    free(items);
}

static void
test_items_of_any_size(void **state)
{
    static const size_t sizes[] = { 1, 3, 8, 24, 64, 100, 4096 };

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++)
        fill_and_compare(sizes[i]);
}

/* Each side asks for the other's index only when its own copy does not do. */
static void
test_indices_are_cached(void **state)
{
    uint64_t items[4];
    struct wr_index_ring r;
    void *span;

    (void)state;
    wr_index_ring_init(&r, items, sizeof(items[0]), 4, 0);
    assert_int_equal(wr_index_ring_reserve(&r, 4, &span), 4);
    wr_index_ring_commit(&r, 3);
    assert_int_equal(wr_index_ring_peek(&r, 1, &span), 1);
    assert_int_equal(r.r_tail, 3);
    wr_index_ring_commit(&r, 1);
    wr_index_ring_release(&r, 1);
    assert_int_equal(wr_index_ring_peek(&r, 2, &span), 2);
    assert_int_equal(r.r_tail, 3);
    assert_int_equal(wr_index_ring_peek(&r, 3, &span), 3);
    assert_int_equal(r.r_tail, 4);
    assert_int_equal(r.w_head, 0);
    assert_int_equal(wr_index_ring_reserve(&r, 1, &span), 1);
    assert_int_equal(r.w_head, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RING_CONTRACT,
        cmocka_unit_test(test_items_of_any_size),
        cmocka_unit_test(test_indices_are_cached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
