/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_timers: no case depends on how fast the machine is. */
#include "tests/zmq/support.h"

#define LONG_MS 100000

static int fired[10];
static int fired_count;

static void
note(int id, void *arg)
{
    (void)arg;
    if (fired_count < (int)LENGTH(fired))
        fired[fired_count++] = id;
}

static void
add_one(int id, void *arg)
{
    (void)id;
    ++*(int *)arg;
}

static void
never(int id, void *arg)
{
    (void)arg;
    fail_msg("timer %d", id);
}

CASE(without_timers_there_is_no_timeout)
{
    void *timers = zmq_timers_new();

    assert_non_null(timers);
    assert_int_equal(zmq_timers_timeout(timers), -1);
    OK(zmq_timers_execute(timers));
    OK(zmq_timers_destroy(&timers));
    assert_null(timers);
}

CASE(destroyed_timers_give_efault)
{
    void *timers = zmq_timers_new();

    OK(zmq_timers_destroy(&timers));
    FAILS(zmq_timers_destroy(&timers), EFAULT);
    FAILS(zmq_timers_add(NULL, 1, note, NULL), EFAULT);
    FAILS(zmq_timers_cancel(NULL, 1), EFAULT);
    FAILS(zmq_timers_set_interval(NULL, 1, 1), EFAULT);
    FAILS(zmq_timers_reset(NULL, 1), EFAULT);
    FAILS((int)zmq_timers_timeout(NULL), EFAULT);
    FAILS(zmq_timers_execute(NULL), EFAULT);
}

CASE(a_timer_needs_a_handler)
{
    void *timers = zmq_timers_new();

    FAILS(zmq_timers_add(timers, 1, NULL, NULL), EFAULT);
    assert_int_equal(zmq_timers_timeout(timers), -1);
    OK(zmq_timers_destroy(&timers));
}

CASE(timer_ids_differ)
{
    void *timers = zmq_timers_new();
    int a = zmq_timers_add(timers, LONG_MS, never, NULL);
    int b = zmq_timers_add(timers, LONG_MS, never, NULL);

    assert_true(a > 0);
    assert_true(b > 0);
    assert_true(a != b);
    OK(zmq_timers_destroy(&timers));
}

CASE(unknown_timers_give_einval)
{
    void *timers = zmq_timers_new();

    FAILS(zmq_timers_cancel(timers, 77), EINVAL);
    FAILS(zmq_timers_reset(timers, 77), EINVAL);
    FAILS(zmq_timers_set_interval(timers, 77, 1), EINVAL);
    OK(zmq_timers_destroy(&timers));
}

CASE(the_timeout_is_that_of_the_next_timer)
{
    void *timers = zmq_timers_new();
    long timeout;

    zmq_timers_add(timers, 5 * LONG_MS, never, NULL);
    zmq_timers_add(timers, LONG_MS, never, NULL);
    timeout = zmq_timers_timeout(timers);
    assert_true(timeout > 0);
    assert_true(timeout <= LONG_MS);
    OK(zmq_timers_destroy(&timers));
}

CASE(a_timer_fires_when_it_is_due)
{
    void *timers = zmq_timers_new();
    int count = 0;
    long begin = now_ms();

    zmq_timers_add(timers, 20, add_one, &count);
    while (count == 0) {
        long timeout = zmq_timers_timeout(timers);

        assert_true(timeout <= 20);
        pause_ms((int)timeout);
        OK(zmq_timers_execute(timers));
    }
    assert_true(now_ms() - begin >= 19);
    OK(zmq_timers_destroy(&timers));
}

CASE(a_timer_fires_again)
{
    void *timers = zmq_timers_new();
    int count = 0;

    zmq_timers_add(timers, 2, add_one, &count);
    EVENTUALLY(zmq_timers_execute(timers) == 0 && count >= 5);
    OK(zmq_timers_destroy(&timers));
}

CASE(a_due_timer_has_no_timeout)
{
    void *timers = zmq_timers_new();

    zmq_timers_add(timers, 1, note, NULL);
    EVENTUALLY(zmq_timers_timeout(timers) == 0);
    OK(zmq_timers_destroy(&timers));
}

CASE(timers_fire_in_their_order)
{
    void *timers = zmq_timers_new();
    int later = zmq_timers_add(timers, 40, note, NULL);
    int sooner = zmq_timers_add(timers, 30, note, NULL);

    pause_ms(45);
    OK(zmq_timers_execute(timers));
    assert_true(fired_count >= 2);
    assert_int_equal(fired[0], sooner);
    assert_int_equal(fired[1], later);
    OK(zmq_timers_destroy(&timers));
}

CASE(a_cancelled_timer_does_not_fire)
{
    void *timers = zmq_timers_new();
    int id = zmq_timers_add(timers, 1, never, NULL);

    OK(zmq_timers_cancel(timers, id));
    assert_int_equal(zmq_timers_timeout(timers), -1);
    pause_ms(3);
    OK(zmq_timers_execute(timers));
    OK(zmq_timers_destroy(&timers));
}

CASE(a_timer_is_cancelled_once)
{
    void *timers = zmq_timers_new();
    int id = zmq_timers_add(timers, LONG_MS, never, NULL);

    OK(zmq_timers_cancel(timers, id));
    FAILS(zmq_timers_cancel(timers, id), EINVAL);
    OK(zmq_timers_destroy(&timers));
}

static void
cancel_itself(int id, void *arg)
{
    OK(zmq_timers_cancel(*(void **)arg, id));
    note(id, NULL);
}

CASE(a_timer_may_cancel_itself)
{
    void *timers = zmq_timers_new();

    zmq_timers_add(timers, 1, cancel_itself, &timers);
    EVENTUALLY(zmq_timers_execute(timers) == 0 && fired_count == 1);
    assert_int_equal(zmq_timers_timeout(timers), -1);
    OK(zmq_timers_destroy(&timers));
}

CASE(an_interval_can_be_made_shorter)
{
    void *timers = zmq_timers_new();
    int count = 0, id = zmq_timers_add(timers, LONG_MS, add_one, &count);

    OK(zmq_timers_set_interval(timers, id, 1));
    assert_true(zmq_timers_timeout(timers) <= 1);
    EVENTUALLY(zmq_timers_execute(timers) == 0 && count >= 2);
    OK(zmq_timers_destroy(&timers));
}

CASE(an_interval_can_be_made_longer)
{
    void *timers = zmq_timers_new();
    int id = zmq_timers_add(timers, 1, never, NULL);

    OK(zmq_timers_set_interval(timers, id, LONG_MS));
    pause_ms(3);
    OK(zmq_timers_execute(timers));
    assert_true(zmq_timers_timeout(timers) > LONG_MS / 2);
    OK(zmq_timers_destroy(&timers));
}

CASE(a_reset_timer_waits_again)
{
    void *timers = zmq_timers_new();
    int id = zmq_timers_add(timers, LONG_MS, never, NULL);
    long before;

    pause_ms(5);
    before = zmq_timers_timeout(timers);
    OK(zmq_timers_reset(timers, id));
    assert_true(zmq_timers_timeout(timers) > before);
    OK(zmq_timers_destroy(&timers));
}

CASE(many_timers_are_kept_apart)
{
    void *timers = zmq_timers_new();
    int counts[100] = { 0 }, ids[100];

    for (size_t i = 0; i < LENGTH(counts); i++)
        ids[i] = zmq_timers_add(timers, 1, add_one, &counts[i]);
    for (size_t i = 0; i < LENGTH(counts); i += 2)
        OK(zmq_timers_cancel(timers, ids[i]));
    EVENTUALLY(zmq_timers_execute(timers) == 0 && counts[99] > 0);
    for (size_t i = 0; i < LENGTH(counts); i++)
        assert_int_equal(counts[i] > 0, i % 2);
    OK(zmq_timers_destroy(&timers));
}

int
main(int argc, char **argv)
{
    return run_cases("timers", argc, argv);
}
