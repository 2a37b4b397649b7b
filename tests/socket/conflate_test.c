/* SPDX-License-Identifier: MPL-2.0 */
/* Connections that keep only the newest message. */
#include "tests/socket/support.h"

/* A PUSH that has connected to a PULL, conflating. */
static struct link
new_conflating(int bound_type, int connected_type)
{
    struct link l = { .ctx = new_context() };

    l.bound = new_socket(l.ctx, bound_type);
    l.connected = new_socket(l.ctx, connected_type);
    set(l.connected, WEIR_CONFLATE, 1);
    OK(weir_bind(l.bound, "inproc://newest"));
    OK(weir_connect(l.connected, "inproc://newest"));
    return l;
}

static void
only_the_newest_is_received(void **state)
{
    struct link l = new_conflating(WEIR_PULL, WEIR_PUSH);

    (void)state;
    set(l.connected, WEIR_SEND_HWM, 1);
    set(l.bound, WEIR_RECV_HWM, 1);
    hear_nothing(l.bound);
    for (uint64_t i = 0; i < 100; i++) {
        for (uint64_t j = 0; j <= i; j++)
            OK(send_number(l.connected, j, WEIR_DONTWAIT));
        hear_number(l.bound, i);
        hear_nothing(l.bound);
    }
    close_link(&l);
}

static int dropped;

static void
count_drop(void *data, void *hint)
{
    (void)data;
    (void)hint;
    dropped++;
}

static void
what_is_replaced_is_dropped(void **state)
{
    struct link l = new_conflating(WEIR_PULL, WEIR_PUSH);
    char byte = 0;

    (void)state;
    dropped = 0;
    for (int i = 0; i < 10; i++) {
        weir_msg msg;

        OK(weir_msg_init_external(&msg, &byte, 1, count_drop, NULL));
        OK(weir_send(l.connected, &msg, 0));
    }
    EQUAL(dropped, 9);
    close_link(&l);
    EQUAL(dropped, 10);
}

static void
arrays_leave_their_last_message(void **state)
{
    struct link l = new_conflating(WEIR_DEALER, WEIR_DEALER);
    weir_msg msgs[8];

    (void)state;
    for (uint64_t i = 0; i < 8; i++)
        put_number(&msgs[i], i, false);
    GIVES(8, weir_send_batch(l.connected, msgs, 8, 0));
    GIVES(1, weir_recv_batch(l.bound, msgs, 8, 0));
    EQUAL(number_of(&msgs[0]), 7);
    OK(send_number(l.bound, 1, 0));
    OK(send_number(l.bound, 2, 0));
    hear_number(l.connected, 2);
    close_link(&l);
}

static void
frames_are_taken_for_messages(void **state)
{
    struct link l = new_conflating(WEIR_PULL, WEIR_PUSH);

    (void)state;
    OK(try_say(l.connected, "first", true));
    OK(try_say(l.connected, "last", false));
    hear(l.bound, "last");
    hear_nothing(l.bound);
    close_link(&l);
}

static void
nothing_is_done_in_place(void **state)
{
    struct link l = new_conflating(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;

    (void)state;
    GIVES(-ENOTSUP, weir_reserve(l.connected, 1, &span, 0));
    say(l.connected, "hello");
    GIVES(-ENOTSUP, weir_peek(l.bound, 1, &span, 0));
    hear(l.bound, "hello");
    close_link(&l);
}

static void
the_newest_survives_its_sender(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);

    (void)state;
    set(push, WEIR_CONFLATE, 1);
    set(push, WEIR_PENDING_CONNECT, 1);
    OK(weir_connect(push, "inproc://later"));
    say(push, "old");
    say(push, "new");
    OK(weir_close(push));
    OK(weir_bind(pull, "inproc://later"));
    hear(pull, "new");
    hear_nothing(pull);
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

/* Subscriptions are not messages: all of them count. */
static void
a_subscriber_hears_the_newest(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pub = new_socket(ctx, WEIR_PUB);
    weir_socket *sub = new_socket(ctx, WEIR_SUB);

    (void)state;
    set(sub, WEIR_CONFLATE, 1);
    OK(weir_bind(pub, "inproc://newest"));
    OK(weir_connect(sub, "inproc://newest"));
    OK(weir_socket_set_bytes(sub, WEIR_SUBSCRIBE, "a", 1));
    OK(weir_socket_set_bytes(sub, WEIR_SUBSCRIBE, "b", 1));
    say(pub, "a1");
    say(pub, "a2");
    say(pub, "c");
    EQUAL(get(sub, WEIR_EVENTS), WEIR_POLLIN);
    hear(sub, "a2");
    say(pub, "b1");
    hear(sub, "b1");
    hear_nothing(sub);
    OK(weir_close(pub));
    OK(weir_close(sub));
    OK(weir_context_free(ctx));
}

static void
other_types_do_not_conflate(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pair = new_socket(ctx, WEIR_PAIR);
    int64_t value;

    (void)state;
    GIVES(-EINVAL, weir_socket_set(pair, WEIR_CONFLATE, 1));
    GIVES(-EINVAL, weir_socket_get(pair, WEIR_CONFLATE, &value));
    OK(weir_close(pair));
    OK(weir_context_free(ctx));
}

/* Ascending numbers, the last of which always arrives. */
#define NUMBERS SCALED(UINT64_C(1000000))

static void *
count_up(void *arg)
{
    for (uint64_t i = 1; i <= NUMBERS; i++)
        OK(send_number(arg, i, 0));
    return NULL;
}

static void
a_reader_sees_numbers_rise_to_the_last(void **state)
{
    struct link l = new_conflating(WEIR_PULL, WEIR_PUSH);
    pthread_t sender = start(count_up, l.connected);
    uint64_t seen = 0;

    (void)state;
    while (seen < NUMBERS) {
        weir_msg msg;

        OK(weir_recv(l.bound, &msg, 0));
        CHECK(number_of(&msg) > seen);
        seen = number_of(&msg);
    }
    finish(sender);
    hear_nothing(l.bound);
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_newest_is_received),
        cmocka_unit_test(what_is_replaced_is_dropped),
        cmocka_unit_test(arrays_leave_their_last_message),
        cmocka_unit_test(frames_are_taken_for_messages),
        cmocka_unit_test(nothing_is_done_in_place),
        cmocka_unit_test(the_newest_survives_its_sender),
        cmocka_unit_test(a_subscriber_hears_the_newest),
        cmocka_unit_test(other_types_do_not_conflate),
        cmocka_unit_test(a_reader_sees_numbers_rise_to_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
