/* SPDX-License-Identifier: MPL-2.0 */
/* XSUB, and XPUB and XSUB together: messages both ways, devices. */
#include "tests/socket/topics.h"

/* ---- XSUB -------------------------------------------------------------- */

static void
xsub_receives_all_that_comes(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_XSUB);
    weir_msg msgs[4];

    (void)state;
    ask(l.connected, 1, "a");
    say(l.bound, "a1");
    say(l.bound, "b1");
    say(l.bound, "a2");
    ask(l.connected, 0, "a");
    EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLIN | WEIR_POLLOUT);
    hear(l.connected, "a1"); /* there is no filter */
    GIVES(1, weir_recv_batch(l.connected, msgs, 4, 0));
    OK(weir_msg_drop(&msgs[0]));
    say(l.bound, "a3");
    hear_nothing(l.connected);
    ask(l.connected, 0, "a"); /* there is none */
    ask(l.connected, 1, "");
    say(l.bound, "");
    hear(l.connected, "");
    GIVES(-EINVAL, weir_socket_set_bytes(l.connected, WEIR_SUBSCRIBE, "a", 1));
    close_link(&l);
}

/* Nothing is filtered, so messages can be read in place. */
static void
xsub_reads_in_place(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_XSUB);
    weir_msg *span;

    (void)state;
    ask(l.connected, 1, "");
    GIVES(-ENOTSUP, weir_reserve(l.connected, 1, &span, 0));
    GIVES(-ENOTSUP, weir_peek(l.bound, 1, &span, 0));
    say(l.bound, "one");
    say(l.bound, "two");
    GIVES(2, weir_peek(l.connected, 9, &span, 0));
    EQUAL(weir_msg_size(&span[1]), 3);
    OK(weir_release(l.connected, 1));
    hear(l.connected, "two");
    hear_nothing(l.connected);
    close_link(&l);
}

static void
messages_go_upstream(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_XSUB);
    weir_socket *xpub = new_socket(l.ctx, WEIR_XPUB);
    weir_socket *pub = new_socket(l.ctx, WEIR_PUB);

    (void)state;
    GIVES(-EPROTOTYPE, weir_connect(xpub, "inproc://link"));
    OK(weir_bind(xpub, "inproc://second"));
    OK(weir_bind(pub, "inproc://third"));
    OK(weir_connect(l.connected, "inproc://second"));
    OK(weir_connect(l.connected, "inproc://third"));
    ask(l.connected, 1, "a");
    say(l.connected, "hello");
    say(l.connected, "");
    EQUAL(try_say(l.connected, "many", true), 0);
    EQUAL(try_say(l.connected, "\001frames", true), 0);
    EQUAL(try_say(l.connected, "", false), 0);
    ask(l.connected, 0, "a");
    for (int i = 0; i < 2; i++) {
        weir_socket *s = i == 0 ? l.bound : xpub;

        asked(s, 1, "a");
        hear(s, "hello");
        hear(s, "");
        hear_frame(s, "many", true);
        hear_frame(s, "\001frames", true);
        hear_frame(s, "", false);
        asked(s, 0, "a");
        hear_nothing(s);
    }
    say(pub, "x");
    OK(weir_close(pub));
    OK(weir_close(xpub));
    close_link(&l);
}

/* Messages have a limit, subscriptions do not. */
static void
upstream_limits_hold_for_messages_only(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *xpub = new_socket(ctx, WEIR_XPUB);
    weir_socket *xsub = new_socket(ctx, WEIR_XSUB);

    (void)state;
    set(xpub, WEIR_RECV_HWM, 3);
    set(xsub, WEIR_SEND_HWM, 2);
    OK(weir_bind(xpub, "inproc://link"));
    OK(weir_connect(xsub, "inproc://link"));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 9; i++)
            OK(send_number(xsub, 1000 + (uint64_t)i, WEIR_DONTWAIT));
        ask(xsub, 1, "a");
        ask(xsub, 0, "a");
        for (int i = 0; i < 5; i++)
            hear_number(xpub, 1000 + (uint64_t)i);
        asked(xpub, 1, "a");
        asked(xpub, 0, "a");
        hear_nothing(xpub);
    }
    OK(weir_close(xsub));
    OK(weir_close(xpub));
    OK(weir_context_free(ctx));
}

static void
arrays_carry_subscriptions(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_XSUB);
    weir_msg msgs[6];

    (void)state;
    OK(weir_msg_init_copy(&msgs[0], l.connected, "\001a", 2));
    OK(weir_msg_init_copy(&msgs[1], l.connected, "\001b", 2));
    OK(weir_msg_init_copy(&msgs[2], l.connected, "user", 4));
    OK(weir_msg_init_copy(&msgs[3], l.connected, "data", 4));
    weir_msg_set_more(&msgs[0], true); /* they are messages all the same */
    weir_msg_set_more(&msgs[2], true);
    GIVES(4, weir_send_batch(l.connected, msgs, 4, 0));
    GIVES(2, weir_recv_batch(l.bound, msgs, 3, 0));
    EQUAL(((const char *)weir_msg_bytes(&msgs[0]))[1], 'a');
    CHECK(!weir_msg_more(&msgs[0]));
    EQUAL(((const char *)weir_msg_bytes(&msgs[1]))[1], 'b');
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs, 1, 0));
    hear_frame(l.bound, "user", true);
    hear_frame(l.bound, "data", false);
    say(l.bound, "b");
    hear(l.connected, "b");
    close_link(&l);
}

/* ---- Devices ----------------------------------------------------------- */

/* Forwards all that there is, both ways. */
static void
forward(weir_socket *xsub, weir_socket *xpub)
{
    weir_socket *from[] = { xpub, xsub };

    for (int i = 0; i < 2; i++) {
        weir_msg msg;

        while (CALL(weir_recv(from[i], &msg, WEIR_DONTWAIT)) == 0)
            OK(weir_send(from[1 - i], &msg, WEIR_DONTWAIT));
    }
}

static void
a_device_forwards(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pub = new_socket(ctx, WEIR_PUB);
    weir_socket *xsub = new_socket(ctx, WEIR_XSUB);
    weir_socket *xpub = new_socket(ctx, WEIR_XPUB);
    weir_socket *subs[2];

    (void)state;
    OK(weir_bind(pub, "inproc://source"));
    OK(weir_connect(xsub, "inproc://source"));
    OK(weir_bind(xpub, "inproc://link"));
    for (int i = 0; i < 2; i++)
        subs[i] = connected(ctx, WEIR_SUB);
    subscribe(subs[0], "a");
    subscribe(subs[1], "a");
    subscribe(subs[1], "b");
    forward(xsub, xpub);
    say(pub, "a1");
    EQUAL(try_say(pub, "b1", true), 0);
    EQUAL(try_say(pub, "more", false), 0);
    say(pub, "c1");
    forward(xsub, xpub);
    hear(subs[0], "a1");
    hear(subs[1], "a1");
    hear_frame(subs[1], "b1", true);
    hear_frame(subs[1], "more", false);
    OK(weir_close(subs[1]));
    forward(xsub, xpub);
    say(pub, "b2");
    say(pub, "a2");
    EQUAL(get(xsub, WEIR_EVENTS), WEIR_POLLIN | WEIR_POLLOUT);
    forward(xsub, xpub);
    hear(subs[0], "a2");
    hear_nothing(subs[0]);
    OK(weir_close(subs[0]));
    OK(weir_close(pub));
    OK(weir_close(xsub));
    OK(weir_close(xpub));
    OK(weir_context_free(ctx));
}

/* The queue of what was not received goes with the socket. */
static void
closing_drops_what_was_not_received(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_XSUB);
    static char text[2001];

    (void)state;
    memset(text, 'x', 2000);
    set(l.bound, WEIR_XPUB_MANUAL, 1);
    for (int i = 0; i < 100; i++) {
        ask(l.connected, 1, text);
        say(l.connected, text);
        EQUAL(try_say(l.connected, text, true), 0);
        EQUAL(try_say(l.connected, text, false), 0);
    }
    asked(l.bound, 1, text);
    hear(l.bound, text);
    hear_frame(l.bound, text, true);
    OK(weir_close(l.connected));
    hear_frame(l.bound, text, false);
    asked(l.bound, 1, text);
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xsub_receives_all_that_comes),
        cmocka_unit_test(xsub_reads_in_place),
        cmocka_unit_test(messages_go_upstream),
        cmocka_unit_test(upstream_limits_hold_for_messages_only),
        cmocka_unit_test(arrays_carry_subscriptions),
        cmocka_unit_test(a_device_forwards),
        cmocka_unit_test(closing_drops_what_was_not_received),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
