/* SPDX-License-Identifier: MPL-2.0 */
/* The checker of histories: good ones pass, and each kind of bad one is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/core/history.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_one_after_the_other(void **state)
{
    struct history_item items[] = {
        { 1, 2, 5, 6 },
        { 3, 4, 7, 8 },
        { 9, 10, 11, 12 },
    };

    (void)state;
    assert_null(history_check_order(items, COUNT(items)));
    assert_null(history_check_order(items, 0));
}

static void
test_pushes_that_overlap_come_in_any_order(void **state)
{
    struct history_item items[] = { { 1, 4, 7, 8 }, { 3, 5, 5, 6 } };

    (void)state;
    assert_null(history_check_order(items, COUNT(items)));
}

static void
test_pops_that_overlap_come_in_any_order(void **state)
{
    struct history_item items[] = { { 1, 2, 6, 9 }, { 3, 4, 5, 7 } };

    (void)state;
    assert_null(history_check_order(items, COUNT(items)));
}

static void
test_a_pop_may_overlap_its_push(void **state)
{
    struct history_item items[] = { { 1, 4, 2, 3 } };

    (void)state;
    assert_null(history_check_order(items, COUNT(items)));
}

static void
test_overtaking_is_told(void **state)
{
    struct history_item items[] = {
        { 5, 6, 7, 8 },
        { 3, 4, 9, 10 },
        { 1, 2, 7, 9 },
    };

    (void)state;
    assert_non_null(history_check_order(items, COUNT(items)));
}

static void
test_reading_before_writing_is_told(void **state)
{
    struct history_item items[] = { { 5, 6, 3, 4 } };

    (void)state;
    assert_non_null(history_check_order(items, COUNT(items)));
}

static void
test_empty_while_an_item_is_there_is_told(void **state)
{
    struct history_item items[] = { { 1, 2, 8, 9 }, { 1, 2, 3, 4 } };
    struct history_failure inside[] = { { 10, 11 }, { 5, 6 } };
    struct history_failure around[] = { { 2, 3 }, { 7, 8 }, { 1, 9 } };

    (void)state;
    assert_null(history_check_empty(items, COUNT(items), around, 3));
    assert_non_null(history_check_empty(items, COUNT(items), inside, 2));
    assert_null(history_check_empty(items, COUNT(items), inside, 0));
}

static void
test_full_while_there_is_room_is_told(void **state)
{
    struct history_item items[] = { { 1, 2, 8, 9 }, { 3, 4, 10, 11 } };
    struct history_failure full[] = { { 5, 6 }, { 9, 9 }, { 1, 3 } };
    struct history_failure half[] = { { 1, 2 } };
    struct history_failure gone[] = { { 10, 12 } };

    (void)state;
    assert_null(history_check_full(items, COUNT(items), full, 3, 2));
    assert_non_null(history_check_full(items, COUNT(items), half, 1, 2));
    assert_non_null(history_check_full(items, COUNT(items), gone, 1, 2));
    assert_null(history_check_full(items, COUNT(items), half, 1, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_pushes_that_overlap_come_in_any_order),
        cmocka_unit_test(test_pops_that_overlap_come_in_any_order),
        cmocka_unit_test(test_a_pop_may_overlap_its_push),
        cmocka_unit_test(test_overtaking_is_told),
        cmocka_unit_test(test_reading_before_writing_is_told),
        cmocka_unit_test(test_empty_while_an_item_is_there_is_told),
        cmocka_unit_test(test_full_while_there_is_room_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
