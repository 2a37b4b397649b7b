/* SPDX-License-Identifier: MPL-2.0 */
/* Ends of connections: unbind, disconnect and close lose nothing that was
 * accepted, and both sides learn of them. */
#include <string.h>

#include "tests/socket/support.h"

static void
unbinding_keeps_connections(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    OK(weir_unbind(l.bound, "inproc://link"));
    EQUAL(get(l.bound, WEIR_PEERS), 1);
    say(l.connected, "still here");
    hear(l.bound, "still here");
    OK(weir_bind(l.bound, "inproc://link"));
    say(l.connected, "and here");
    hear(l.bound, "and here");
    close_link(&l);
}

/* Unbind before the binder has made any call about the connection. */
static void
unbinding_keeps_connections_unseen(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *other = new_socket(ctx, WEIR_PULL);

    (void)state;
    OK(weir_bind(pull, "inproc://x"));
    OK(weir_connect(push, "inproc://x"));
    say(push, "one");
    OK(weir_unbind(pull, "inproc://x"));
    OK(weir_bind(other, "inproc://x"));
    say(push, "two");
    hear(pull, "one");
    hear(pull, "two");
    hear_nothing(other);
    OK(weir_close(push));
    OK(weir_close(pull));
    OK(weir_close(other));
    OK(weir_context_free(ctx));
}

/* Ways in which a sender goes. */
enum leaving { DISCONNECT, CLOSE, DISCONNECT_CLOSE };

static void
leave(weir_socket *s, enum leaving how)
{
    if (how != CLOSE)
        OK(weir_disconnect(s, "inproc://link"));
    if (how != DISCONNECT)
        OK(weir_close(s));
}

/* 0 to 2000 messages, before and after the receiver's first call, and more than
 * a ring holds. */
static void
a_sender_goes_and_all_arrives(void **state)
{
    static const uint64_t counts[] = { 0, 1, 2, 127, 128, 129, 640, 2000 };

    (void)state;
    for (int how = DISCONNECT; how <= DISCONNECT_CLOSE; how++) {
        for (int i = 0; i < 16; i++) {
            struct link l = new_link(WEIR_PULL, WEIR_PUSH);
            uint64_t n = counts[i / 2];

            if (i % 2 != 0)
                hear_nothing(l.bound);
            for (uint64_t j = 0; j < n; j++)
                EQUAL(send_number(l.connected, j, WEIR_DONTWAIT), 0);
            leave(l.connected, (enum leaving)how);
            EQUAL(get(l.bound, WEIR_PEERS), 0);
            EQUAL(drain(l.bound, 0), n);
            hear_nothing(l.bound);
            if (how == DISCONNECT)
                OK(weir_close(l.connected));
            OK(weir_close(l.bound));
            OK(weir_context_free(l.ctx));
        }
    }
}

/* The same from the side that has bound. */
static void
a_bound_sender_closes_and_all_arrives(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct link l = new_link(WEIR_PUSH, WEIR_PULL);

        EQUAL(fill(l.bound, 0), 2000);
        if (i != 0)
            hear_number(l.connected, 0);
        OK(weir_close(l.bound));
        EQUAL(drain(l.connected, i != 0), 2000 - (i != 0));
        EQUAL(get(l.connected, WEIR_PEERS), 0);
        OK(weir_close(l.connected));
        OK(weir_context_free(l.ctx));
    }
}

/* The receiver ends the connection: what was accepted before, and what the
 * sender sends before it notices, arrives. */
static void
a_receiver_disconnects_and_all_arrives(void **state)
{
    struct link l = new_link(WEIR_PUSH, WEIR_PULL);

    (void)state;
    EQUAL(send_number(l.bound, 0, WEIR_DONTWAIT), 0);
    EQUAL(send_number(l.bound, 1, WEIR_DONTWAIT), 0);
    hear_number(l.connected, 0);
    OK(weir_disconnect(l.connected, "inproc://link"));
    GIVES(-EAGAIN, send_number(l.bound, 2, WEIR_DONTWAIT));
    hear_number(l.connected, 1);
    hear_nothing(l.connected);
    close_link(&l);
}

static void
both_directions_arrive_after_disconnect(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);

    (void)state;
    say(l.bound, "to the connector");
    say(l.connected, "to the binder");
    OK(weir_disconnect(l.connected, "inproc://link"));
    hear(l.connected, "to the connector");
    hear(l.bound, "to the binder");
    hear_nothing(l.connected);
    hear_nothing(l.bound);
    EQUAL(try_say(l.bound, "nobody", false), -EAGAIN);
    EQUAL(try_say(l.connected, "nobody", false), -EAGAIN);
    close_link(&l);
}

/* In the middle of a message, on either side of the hand-over. */
static void
a_message_outlives_its_sender_half_read(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;

    (void)state;
    for (uint64_t i = 0; i < 500; i++) {
        put_number(&msg, i, i < 499);
        OK(weir_send(l.connected, &msg, 0));
    }
    for (uint64_t i = 0; i < 500; i++) {
        OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
        EQUAL(number_of(&msg), i);
        EQUAL(weir_msg_more(&msg), i < 499);
        if (i == 200)
            OK(weir_close(l.connected));
    }
    hear_nothing(l.bound);
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

static void
disconnect_ends_only_its_own_name(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *a = new_socket(ctx, WEIR_PULL);
    weir_socket *b = new_socket(ctx, WEIR_PULL);

    (void)state;
    OK(weir_bind(a, "inproc://a"));
    OK(weir_bind(b, "inproc://b"));
    OK(weir_connect(push, "inproc://a"));
    OK(weir_connect(push, "inproc://b"));
    OK(weir_disconnect(push, "inproc://b"));
    GIVES(-ENOENT, weir_disconnect(push, "inproc://b"));
    say(push, "one");
    say(push, "two");
    hear(a, "one");
    hear(a, "two");
    hear_nothing(b);
    /* A connection that the other side has ended is not there either. */
    OK(weir_close(a));
    GIVES(-ENOENT, weir_disconnect(push, "inproc://a"));
    OK(weir_close(b));
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

static void
connecting_again_works(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        EQUAL(send_number(l.connected, i, WEIR_DONTWAIT), 0);
        OK(weir_disconnect(l.connected, "inproc://link"));
        OK(weir_connect(l.connected, "inproc://link"));
        if (i % 3 == 0)
            hear_number(l.bound, i / 3);
    }
    EQUAL(get(l.connected, WEIR_PEERS), 1);
    EQUAL(get(l.bound, WEIR_PEERS), 1);
    close_link(&l);
}

/* A span that is being written holds its connection. */
static void
a_reserved_connection_is_not_disconnected(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;

    (void)state;
    GIVES(1, weir_reserve(l.connected, 1, &span, 0));
    GIVES(-EBUSY, weir_disconnect(l.connected, "inproc://link"));
    put_number(&span[0], 7, false);
    OK(weir_commit(l.connected, 1));
    OK(weir_disconnect(l.connected, "inproc://link"));
    hear_number(l.bound, 7);
    close_link(&l);
}

/* A span that was reserved before the receiver disconnected is accepted when it
 * is committed, and arrives. */
static void
what_is_committed_after_disconnect_arrives(void **state)
{
    struct link l = new_link(WEIR_PUSH, WEIR_PULL);
    weir_msg *span;

    (void)state;
    GIVES(2, weir_reserve(l.bound, 2, &span, 0));
    OK(weir_disconnect(l.connected, "inproc://link"));
    GIVES(-EBUSY, try_say(l.bound, "in the way", false));
    hear_nothing(l.connected);
    put_number(&span[0], 1, false);
    OK(weir_commit(l.bound, 1));
    GIVES(-EAGAIN, try_say(l.bound, "nobody", false));
    hear_number(l.connected, 1);
    hear_nothing(l.connected);
    EQUAL(get(l.connected, WEIR_PEERS), 0);
    EQUAL(get(l.bound, WEIR_PEERS), 0);
    close_link(&l);
}

/* A connection that its binder has never seen is gone for that at once, though
 * the connector, with limits that change, still has it. */
static void
what_nobody_saw_is_not_seen_later(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);

    (void)state;
    OK(weir_bind(pull, "inproc://x"));
    OK(weir_connect(push, "inproc://x"));
    OK(weir_disconnect(push, "inproc://x"));
    set(push, WEIR_SEND_HWM, 7);
    GIVES(-EAGAIN, try_say(push, "nobody", false));
    for (int i = 0; i < 3; i++)
        hear_nothing(pull);
    OK(weir_close(push));
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

/* Frames that never became a message are dropped with the sender. */
static void
unfinished_messages_do_not_arrive(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;

    (void)state;
    say(l.connected, "whole");
    for (int i = 0; i < 20; i++) {
        OK(weir_msg_init_size(&msg, l.connected, 1000));
        memset(weir_msg_data(&msg), 1, 1000);
        weir_msg_set_more(&msg, true);
        OK(weir_send(l.connected, &msg, 0));
    }
    OK(weir_close(l.connected));
    hear(l.bound, "whole");
    hear_nothing(l.bound);
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

/* The binder never took the connection up, and must not hear of it. */
static void
a_limit_changes_after_a_disconnect(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;

    (void)state;
    for (int i = 0; i < 3; i++) {
        OK(weir_disconnect(l.connected, "inproc://link"));
        set(l.connected, WEIR_SEND_HWM, 5);
        GIVES(-EAGAIN, send_number(l.connected, 1, WEIR_DONTWAIT));
        GIVES(-EAGAIN, weir_recv(l.bound, &msg, WEIR_DONTWAIT));
        OK(weir_connect(l.connected, "inproc://link"));
    }
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unbinding_keeps_connections),
        cmocka_unit_test(unbinding_keeps_connections_unseen),
        cmocka_unit_test(a_sender_goes_and_all_arrives),
        cmocka_unit_test(a_bound_sender_closes_and_all_arrives),
        cmocka_unit_test(a_receiver_disconnects_and_all_arrives),
        cmocka_unit_test(both_directions_arrive_after_disconnect),
        cmocka_unit_test(a_message_outlives_its_sender_half_read),
        cmocka_unit_test(disconnect_ends_only_its_own_name),
        cmocka_unit_test(connecting_again_works),
        cmocka_unit_test(a_reserved_connection_is_not_disconnected),
        cmocka_unit_test(what_is_committed_after_disconnect_arrives),
        cmocka_unit_test(what_nobody_saw_is_not_seen_later),
        cmocka_unit_test(unfinished_messages_do_not_arrive),
        cmocka_unit_test(a_limit_changes_after_a_disconnect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
