/* SPDX-License-Identifier: MPL-2.0 */
/* PAIR: one peer at a time, both ways. */
#include "tests/socket/support.h"

static void
it_talks_both_ways(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);

    (void)state;
    for (uint64_t round = 0; round < 10; round++) {
        EQUAL(fill(l.bound, 0), 2000);
        EQUAL(fill(l.connected, 5000), 2000);
        EQUAL(drain(l.bound, 5000), 2000);
        EQUAL(drain(l.connected, 0), 2000);
    }
    close_link(&l);
}

static void
the_directions_have_their_own_limits(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *a = new_socket(ctx, WEIR_PAIR);
    weir_socket *b = new_socket(ctx, WEIR_PAIR);

    (void)state;
    set(a, WEIR_SEND_HWM, 1);
    set(a, WEIR_RECV_HWM, 2);
    set(b, WEIR_SEND_HWM, 10);
    set(b, WEIR_RECV_HWM, 20);
    OK(weir_bind(a, "inproc://x"));
    OK(weir_connect(b, "inproc://x"));
    EQUAL(fill(a, 0), 21);
    EQUAL(fill(b, 0), 12);
    EQUAL(drain(a, 0), 12);
    EQUAL(drain(b, 0), 21);
    OK(weir_close(a));
    OK(weir_close(b));
    OK(weir_context_free(ctx));
}

static void
a_second_peer_is_refused(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_socket *third = new_socket(l.ctx, WEIR_PAIR);

    (void)state;
    GIVES(-EBUSY, weir_connect(third, "inproc://link"));
    GIVES(-EBUSY, weir_connect(l.connected, "inproc://link"));
    OK(weir_bind(third, "inproc://third"));
    GIVES(-EBUSY, weir_connect(l.connected, "inproc://third"));
    GIVES(-EBUSY, weir_connect(l.bound, "inproc://third"));
    GIVES(-EBUSY, weir_connect(third, "inproc://third"));
    EQUAL(get(third, WEIR_PEERS), 0);
    say(l.bound, "undisturbed");
    hear(l.connected, "undisturbed");
    OK(weir_close(third));
    close_link(&l);
}

/* The place is free as soon as the peer goes, whoever of the two does. */
static void
a_new_peer_may_come_when_the_old_one_has_gone(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_socket *third = new_socket(l.ctx, WEIR_PAIR);

    (void)state;
    OK(weir_disconnect(l.connected, "inproc://link"));
    OK(weir_connect(third, "inproc://link"));
    GIVES(-EBUSY, weir_connect(l.connected, "inproc://link"));
    say(third, "hello");
    hear(l.bound, "hello");
    OK(weir_close(third));
    OK(weir_connect(l.connected, "inproc://link"));
    say(l.bound, "back");
    hear(l.connected, "back");
    close_link(&l);
}

/* Old and new messages, with the receiver in the state that `prepare` leaves:
 * the old one's come first. */
static void
hear_old_before_new(void (*prepare)(weir_socket *))
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_socket *second = new_socket(l.ctx, WEIR_PAIR);
    weir_socket *third = new_socket(l.ctx, WEIR_PAIR);

    prepare(l.bound);
    say(l.connected, "1 of the first");
    say(l.connected, "2 of the first");
    OK(weir_close(l.connected));
    OK(weir_connect(second, "inproc://link"));
    say(second, "1 of the second");
    say(second, "2 of the second");
    OK(weir_close(second));
    OK(weir_connect(third, "inproc://link"));
    say(third, "1 of the third");
    hear(l.bound, "1 of the first");
    hear(l.bound, "2 of the first");
    hear(l.bound, "1 of the second");
    hear(l.bound, "2 of the second");
    hear(l.bound, "1 of the third");
    say(third, "2 of the third");
    hear(l.bound, "2 of the third");
    say(l.bound, "to the third");
    hear(third, "to the third");
    OK(weir_close(l.bound));
    OK(weir_close(third));
    OK(weir_context_free(l.ctx));
}

static void
leave_untouched(weir_socket *s)
{
    (void)s;
}

/* Blocks for a moment, in vain. */
static void
sleep_once(weir_socket *s)
{
    weir_msg msg;

    set(s, WEIR_WAIT, WEIR_WAIT_PARK);
    set(s, WEIR_RECV_TIMEOUT_MS, 1);
    GIVES(-EAGAIN, weir_recv(s, &msg, 0));
}

static void
old_messages_come_first(void **state)
{
    (void)state;
    hear_old_before_new(leave_untouched);
    hear_old_before_new(hear_nothing);
    hear_old_before_new(sleep_once);
}

/* A message goes to the peer that there is, not to the one that was. */
static void
nothing_is_sent_to_a_peer_that_has_gone(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_socket *second = new_socket(l.ctx, WEIR_PAIR);

    (void)state;
    say(l.bound, "to the first");
    OK(weir_close(l.connected));
    EQUAL(try_say(l.bound, "to nobody", false), -EAGAIN);
    OK(weir_connect(second, "inproc://link"));
    hear_nothing(second);
    say(l.bound, "to the second");
    hear(second, "to the second");
    OK(weir_close(second));
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

/* The rest of a message of several frames goes where its end goes. */
static void
a_message_is_for_one_peer(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_socket *second = new_socket(l.ctx, WEIR_PAIR);
    weir_msg msg;

    (void)state;
    EQUAL(try_say(l.bound, "first frame", true), 0);
    OK(weir_close(l.connected));
    EQUAL(try_say(l.bound, "last frame", false), -EAGAIN);
    OK(weir_connect(second, "inproc://link"));
    EQUAL(try_say(l.bound, "last frame", false), 0);
    OK(weir_recv(second, &msg, WEIR_DONTWAIT));
    EQUAL(weir_msg_size(&msg), 11);
    CHECK(weir_msg_more(&msg));
    hear(second, "last frame");
    OK(weir_close(second));
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

/* Receiving goes on, and times out, while a span is reserved whose peer has
 * gone. */
static void
receiving_ends_while_a_span_is_reserved(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_socket *second = new_socket(l.ctx, WEIR_PAIR);
    weir_msg *span;
    weir_msg msg;

    (void)state;
    set(l.bound, WEIR_RECV_TIMEOUT_MS, 1);
    GIVES(1, weir_reserve(l.bound, 1, &span, 0));
    say(l.connected, "last words");
    OK(weir_close(l.connected));
    hear(l.bound, "last words");
    for (int wait = WEIR_WAIT_ADAPTIVE; wait <= WEIR_WAIT_PARK; wait++) {
        set(l.bound, WEIR_WAIT, wait);
        GIVES(-EAGAIN, weir_recv(l.bound, &msg, 0));
    }
    OK(weir_connect(second, "inproc://link"));
    say(second, "hello");
    hear(l.bound, "hello");
    put_number(&span[0], 1, false);
    OK(weir_commit(l.bound, 1));
    hear_nothing(second);
    EQUAL(send_number(l.bound, 2, WEIR_DONTWAIT), 0);
    hear_number(second, 2);
    OK(weir_close(second));
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_talks_both_ways),
        cmocka_unit_test(the_directions_have_their_own_limits),
        cmocka_unit_test(a_second_peer_is_refused),
        cmocka_unit_test(a_new_peer_may_come_when_the_old_one_has_gone),
        cmocka_unit_test(old_messages_come_first),
        cmocka_unit_test(nothing_is_sent_to_a_peer_that_has_gone),
        cmocka_unit_test(a_message_is_for_one_peer),
        cmocka_unit_test(receiving_ends_while_a_span_is_reserved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
