/* SPDX-License-Identifier: MPL-2.0 */
/* What a reader of the ring lab finds wrong with items, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/lab/item.h"

#define SIZE  16
#define ITEMS 32

static unsigned char items[ITEMS * SIZE];

static void
test_streams_are_counted(void **state)
{
    struct item_check c;
    uint64_t other = item_first_tag(5);

    (void)state;
    item_check_init(&c, false, false);
    items_write(items, SIZE, 0, ITEMS);
    items_check(&c, items, SIZE, ITEMS);
    items_write(items, SIZE, other, 3);
    items_check(&c, items, SIZE, 3);
    items_write(items, SIZE, ITEMS, 2);
    items_check(&c, items, SIZE, 2);
    item_check_settle(&c);
    assert_string_equal(c.wrong, "");
    assert_int_equal(c.taken, ITEMS + 5);
    assert_int_equal(c.sum,
                     (ITEMS + 2) * (ITEMS + 1) / 2 + 3 * other + 0 + 1 + 2);
    assert_int_equal(c.next[0], ITEMS + 2);
    assert_int_equal(c.next[5], other + 3);
}

/* Checks items 0 to 7, of which `item` has the tag instead, whole or not. */
static bool
is_found(uint64_t item, uint64_t tag, bool gaps, bool whole)
{
    struct item_check c;

    item_check_init(&c, gaps, false);
    items_write(items, SIZE, 0, 8);
    items_write(items + item * SIZE, SIZE, tag, 1);
    items[item * SIZE + SIZE - 1] ^= whole ? 0 : 1;
    items_check(&c, items, SIZE, 8);
    item_check_settle(&c);
    return c.wrong[0] != '\0';
}

static void
test_a_lost_item_is_found_unless_others_may_have_it(void **state)
{
    (void)state;
    assert_false(is_found(7, 7, false, true));
    assert_true(is_found(7, 8, false, true));
    assert_false(is_found(7, 8, true, true));
}

static void
test_a_repeated_item_is_found(void **state)
{
    (void)state;
    assert_true(is_found(7, 6, false, true));
    assert_true(is_found(7, 6, true, true));
    assert_true(is_found(3, 0, true, true));
}

static void
test_where_no_order_is_promised_none_is_asked_for(void **state)
{
    struct item_check c;

    (void)state;
    item_check_init(&c, false, true);
    items_write(items, SIZE, 4, 2);
    items_write(items + 2 * SIZE, SIZE, 0, 2);
    items_check(&c, items, SIZE, 4);
    item_check_settle(&c);
    assert_string_equal(c.wrong, "");
    assert_int_equal(c.sum, 4 + 5 + 0 + 1);
    items[SIZE - 1] ^= 1;
    items_check(&c, items, SIZE, 1);
    assert_string_not_equal(c.wrong, "");
}

static void
test_a_torn_item_is_found(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 8; i++) {
        assert_true(is_found(i, i, false, false));
        assert_true(is_found(i, i, true, false));
    }
}

static void
test_the_sum_tells_one_item_from_another(void **state)
{
    struct item_check some, others;

    (void)state;
    item_check_init(&some, true, false);
    item_check_init(&others, true, false);
    items_write(items, SIZE, 0, 1);
    items_check(&some, items, SIZE, 1);
    items_check(&others, items, SIZE, 1);
    items_write(items, SIZE, 2, 1);
    items_check(&some, items, SIZE, 1);
    items_write(items, SIZE, 3, 1);
    items_check(&others, items, SIZE, 1);
    item_check_settle(&some);
    item_check_settle(&others);
    assert_int_equal(some.taken, others.taken);
    assert_int_not_equal(some.sum, others.sum);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams_are_counted),
        cmocka_unit_test(test_a_lost_item_is_found_unless_others_may_have_it),
        cmocka_unit_test(test_a_repeated_item_is_found),
        cmocka_unit_test(test_a_torn_item_is_found),
        cmocka_unit_test(test_where_no_order_is_promised_none_is_asked_for),
        cmocka_unit_test(test_the_sum_tells_one_item_from_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
