/* SPDX-License-Identifier: MPL-2.0 */
/* Connecting to a name before anybody has bound it. */
#include "tests/socket/support.h"

static weir_socket *
new_early(weir_context *ctx, int type)
{
    weir_socket *s = new_socket(ctx, type);

    set(s, WEIR_PENDING_CONNECT, 1);
    return s;
}

static void
it_has_to_be_asked_for(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);

    (void)state;
    EQUAL(get(push, WEIR_PENDING_CONNECT), 0);
    GIVES(-ECONNREFUSED, weir_connect(push, "inproc://x"));
    set(push, WEIR_PENDING_CONNECT, 1);
    OK(weir_connect(push, "inproc://x"));
    EQUAL(get(push, WEIR_PEERS), 1);
    set(push, WEIR_PENDING_CONNECT, 0);
    GIVES(-ECONNREFUSED, weir_connect(push, "inproc://x"));
    OK(weir_disconnect(push, "inproc://x"));
    GIVES(-ENOENT, weir_disconnect(push, "inproc://x"));
    EQUAL(get(push, WEIR_PEERS), 0);
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

/* What a receiver hears of 100 messages, some of them of several frames, when
 * it binds before, amid, or after them. */
static void
hear_all_bound_at(int when)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_early(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_msg msg;

    if (when == 0)
        OK(weir_bind(pull, "inproc://x"));
    OK(weir_connect(push, "inproc://x"));
    for (int i = 1; i <= 100; i++) {
        for (int frame = 0; frame <= i % 3; frame++) {
            put_number(&msg, (uint64_t)(100 * i + frame), frame < i % 3);
            OK(weir_send(push, &msg, WEIR_DONTWAIT));
        }
        if (when == i)
            OK(weir_bind(pull, "inproc://x"));
    }
    for (int i = 1; i <= 100; i++) {
        for (int frame = 0; frame <= i % 3; frame++) {
            OK(weir_recv(pull, &msg, WEIR_DONTWAIT));
            EQUAL(number_of(&msg), 100 * i + frame);
            EQUAL(weir_msg_more(&msg), frame < i % 3);
        }
    }
    hear_nothing(pull);
    EQUAL(get(push, WEIR_PEERS), 1);
    EQUAL(get(pull, WEIR_PEERS), 1);
    OK(weir_close(push));
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

static void
bind_first_and_connect_first_are_alike(void **state)
{
    (void)state;
    hear_all_bound_at(0);
    hear_all_bound_at(1);
    hear_all_bound_at(50);
    hear_all_bound_at(100);
}

/* Until the other one is there, its share of the limit is none. */
static void
what_waits_is_limited_by_the_sender(void **state)
{
    static const uint64_t limits[] = { 1, 2, 7, 1000 };

    (void)state;
    for (int i = 0; i < 4; i++) {
        weir_context *ctx = new_context();
        weir_socket *push = new_early(ctx, WEIR_PUSH);
        weir_socket *pull = new_socket(ctx, WEIR_PULL);
        uint64_t n = limits[i];

        set(push, WEIR_SEND_HWM, (int64_t)n);
        set(pull, WEIR_RECV_HWM, 5);
        OK(weir_connect(push, "inproc://x"));
        EQUAL(fill(push, 0), n);
        OK(weir_bind(pull, "inproc://x"));
        hear_number(pull, 0);
        EQUAL(drain(pull, 1), n - 1);
        EQUAL(fill(push, 0), n + 5);
        EQUAL(drain(pull, 0), n + 5);
        OK(weir_close(push));
        OK(weir_close(pull));
        OK(weir_context_free(ctx));
    }
}

/* From bind on, the limit is that of a connection made the other way round. */
static void
binding_adds_the_receivers_share(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_early(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);

    (void)state;
    set(push, WEIR_SEND_HWM, 2);
    set(pull, WEIR_RECV_HWM, 3);
    OK(weir_connect(push, "inproc://x"));
    OK(weir_bind(pull, "inproc://x"));
    EQUAL(fill(push, 0), 5);
    OK(weir_close(push));
    EQUAL(drain(pull, 0), 5);
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

static void
what_was_sent_before_closing_arrives(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);

    (void)state;
    for (int i = 0; i < 4; i++) {
        weir_socket *push = new_early(ctx, WEIR_PUSH);

        OK(weir_connect(push, "inproc://x"));
        EQUAL(send_number(push, (uint64_t)(2 * i), WEIR_DONTWAIT), 0);
        EQUAL(send_number(push, (uint64_t)(2 * i + 1), WEIR_DONTWAIT), 0);
        if (i % 2 != 0)
            OK(weir_disconnect(push, "inproc://x"));
        OK(weir_close(push));
    }
    OK(weir_bind(pull, "inproc://x"));
    for (int i = 0; i < 2; i++) /* fair queueing: one of each in turn */
        for (int j = 0; j < 4; j++)
            hear_number(pull, (uint64_t)(2 * j + i));
    hear_nothing(pull);
    EQUAL(get(pull, WEIR_PEERS), 0);
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

static void
what_nobody_bound_for_is_dropped(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_early(ctx, WEIR_PUSH);
    weir_msg msg;

    (void)state;
    OK(weir_connect(push, "inproc://x"));
    for (int i = 0; i < 100; i++) {
        OK(weir_msg_init_size(&msg, push, 4096));
        OK(weir_send(push, &msg, WEIR_DONTWAIT));
    }
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

static void
a_connection_without_messages_leaves_nothing(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *push;

    (void)state;
    for (int i = 0; i < 100; i++) {
        push = new_early(ctx, WEIR_PUSH);
        OK(weir_connect(push, "inproc://x"));
        OK(weir_connect(push, "inproc://x"));
        if (i % 2 != 0)
            OK(weir_disconnect(push, "inproc://x"));
        OK(weir_close(push));
    }
    OK(weir_bind(pull, "inproc://x"));
    EQUAL(get(pull, WEIR_PEERS), 0);
    hear_nothing(pull);
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

/* A receiver may be early as well. */
static void
receivers_wait_for_senders(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_early(ctx, WEIR_PULL);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);

    (void)state;
    set(pull, WEIR_RECV_HWM, 3);
    set(push, WEIR_SEND_HWM, 4);
    OK(weir_connect(pull, "inproc://x"));
    hear_nothing(pull);
    OK(weir_bind(push, "inproc://x"));
    EQUAL(fill(push, 0), 7);
    EQUAL(drain(pull, 0), 7);
    OK(weir_close(push));
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

/* Changed limits of a connection that waits, and of one that was given up. */
static void
limits_change_while_waiting(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_early(ctx, WEIR_PUSH);
    weir_socket *pull = new_early(ctx, WEIR_PULL);
    weir_socket *pair = new_early(ctx, WEIR_PAIR);

    (void)state;
    set(push, WEIR_SEND_HWM, 1);
    OK(weir_connect(push, "inproc://push"));
    EQUAL(fill(push, 0), 1);
    set(push, WEIR_SEND_HWM, 10);
    EQUAL(fill(push, 0), 9);
    set(push, WEIR_SEND_HWM, 2);
    EQUAL(fill(push, 0), 0);
    OK(weir_connect(pull, "inproc://pull"));
    OK(weir_connect(pair, "inproc://pair"));
    set(pull, WEIR_RECV_HWM, 10);
    set(pair, WEIR_RECV_HWM, 10);
    OK(weir_disconnect(push, "inproc://push"));
    OK(weir_disconnect(pull, "inproc://pull"));
    OK(weir_disconnect(pair, "inproc://pair"));
    set(push, WEIR_SEND_HWM, 1);
    set(pull, WEIR_RECV_HWM, 1);
    set(pair, WEIR_RECV_HWM, 1);
    set(pair, WEIR_SEND_HWM, 1);
    OK(weir_close(push));
    OK(weir_close(pull));
    OK(weir_close(pair));
    OK(weir_context_free(ctx));
}

static void
pairs_meet_in_any_order(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *early = new_early(ctx, WEIR_PAIR);
    weir_socket *late = new_socket(ctx, WEIR_PAIR);

    (void)state;
    OK(weir_connect(early, "inproc://x"));
    GIVES(-EBUSY, weir_connect(early, "inproc://x"));
    say(early, "there you are");
    OK(weir_bind(late, "inproc://x"));
    hear(late, "there you are");
    say(late, "at last");
    hear(early, "at last");
    OK(weir_close(early));
    OK(weir_close(late));
    OK(weir_context_free(ctx));
}

/* The first to ask is served; the other one waits for the next who binds. */
static void
one_pair_is_taken_the_others_wait(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *first = new_early(ctx, WEIR_PAIR);
    weir_socket *second = new_early(ctx, WEIR_PAIR);
    weir_socket *a = new_socket(ctx, WEIR_PAIR);
    weir_socket *b = new_socket(ctx, WEIR_PAIR);

    (void)state;
    OK(weir_connect(first, "inproc://x"));
    OK(weir_connect(second, "inproc://x"));
    say(second, "2");
    say(first, "1");
    OK(weir_bind(a, "inproc://x"));
    hear(a, "1");
    hear_nothing(a);
    OK(weir_unbind(a, "inproc://x"));
    OK(weir_bind(b, "inproc://x"));
    hear(b, "2");
    say(a, "to 1");
    say(b, "to 2");
    hear(first, "to 1");
    hear(second, "to 2");
    OK(weir_close(a));
    OK(weir_close(b));
    OK(weir_close(first));
    OK(weir_close(second));
    OK(weir_context_free(ctx));
}

/* The other one waits its turn also when it has closed, and while the first one
 * has not said all. */
static void
who_has_closed_waits_too(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *first = new_early(ctx, WEIR_PAIR);
    weir_socket *second = new_early(ctx, WEIR_PAIR);
    weir_socket *third = new_early(ctx, WEIR_PAIR);
    weir_socket *a = new_socket(ctx, WEIR_PAIR);

    (void)state;
    OK(weir_connect(first, "inproc://x"));
    OK(weir_connect(second, "inproc://x"));
    OK(weir_connect(third, "inproc://x"));
    say(second, "2");
    OK(weir_close(second));
    say(third, "3");
    say(first, "1");
    say(first, "1 as well");
    OK(weir_bind(a, "inproc://x"));
    hear(a, "1");
    hear(a, "1 as well");
    hear_nothing(a);
    say(first, "1 to the end");
    OK(weir_close(first));
    hear(a, "1 to the end");
    hear(a, "2");
    hear(a, "3");
    say(a, "to 3");
    hear(third, "to 3");
    OK(weir_close(a));
    OK(weir_close(third));
    OK(weir_context_free(ctx));
}

/* A socket that does not fit leaves those who wait alone. */
static void
only_fitting_types_meet(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_early(ctx, WEIR_PUSH);
    weir_socket *other = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);

    (void)state;
    OK(weir_connect(push, "inproc://x"));
    say(push, "hello");
    OK(weir_bind(other, "inproc://x"));
    EQUAL(get(other, WEIR_PEERS), 0);
    OK(weir_connect(pull, "inproc://x"));
    hear_nothing(pull);
    OK(weir_close(other));
    OK(weir_bind(pull, "inproc://x"));
    hear(pull, "hello");
    OK(weir_close(pull));
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_to_be_asked_for),
        cmocka_unit_test(bind_first_and_connect_first_are_alike),
        cmocka_unit_test(what_waits_is_limited_by_the_sender),
        cmocka_unit_test(binding_adds_the_receivers_share),
        cmocka_unit_test(what_was_sent_before_closing_arrives),
        cmocka_unit_test(what_nobody_bound_for_is_dropped),
        cmocka_unit_test(a_connection_without_messages_leaves_nothing),
        cmocka_unit_test(receivers_wait_for_senders),
        cmocka_unit_test(limits_change_while_waiting),
        cmocka_unit_test(pairs_meet_in_any_order),
        cmocka_unit_test(one_pair_is_taken_the_others_wait),
        cmocka_unit_test(who_has_closed_waits_too),
        cmocka_unit_test(only_fitting_types_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
