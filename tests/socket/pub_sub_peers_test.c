/* SPDX-License-Identifier: MPL-2.0 */
/* PUB and SUB: connecting, in every order, and leaving. */
#include <stdio.h>

#include "tests/socket/topics.h"

static void
either_side_may_bind(void **state)
{
    static const int ends[][2] = { { WEIR_PUB, WEIR_SUB },
                                   { WEIR_PUB, WEIR_XSUB },
                                   { WEIR_XPUB, WEIR_SUB },
                                   { WEIR_XPUB, WEIR_XSUB } };

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct link l = new_link(ends[i / 2][i % 2], ends[i / 2][1 - i % 2]);
        weir_socket *pub = i % 2 == 0 ? l.bound : l.connected;
        weir_socket *sub = i % 2 == 0 ? l.connected : l.bound;

        if (get(sub, WEIR_TYPE) == WEIR_SUB)
            subscribe(sub, "x");
        else
            ask(sub, 1, "x");
        hear_nothing(sub);
        say(pub, "x1");
        say(pub, "y1");
        hear(sub, "x1");
        hear_nothing(sub);
        close_link(&l);
    }
}

static void
only_the_two_sides_meet(void **state)
{
    static const int types[] = { WEIR_PUB,  WEIR_SUB,  WEIR_XPUB,
                                 WEIR_XSUB, WEIR_PAIR, WEIR_PUSH };
    weir_context *ctx = new_context();

    (void)state;
    for (int i = 0; i < 6; i++) {
        weir_socket *a = new_socket(ctx, types[i]);

        OK(weir_bind(a, "inproc://link"));
        for (int j = 0; j < 4; j++) {
            weir_socket *b = new_socket(ctx, types[j]);
            bool fits = i < 4 && i % 2 != j % 2;

            GIVES(fits ? 0 : -EPROTOTYPE, weir_connect(b, "inproc://link"));
            OK(weir_close(b));
        }
        OK(weir_close(a));
    }
    OK(weir_context_free(ctx));
}

static void
subscribing_comes_before_connecting(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *sub = new_socket(ctx, WEIR_SUB);
    weir_socket *pubs[3];

    (void)state;
    subscribe(sub, "a");
    subscribe(sub, "b");
    subscribe(sub, "c");
    unsubscribe(sub, "b");
    OK(weir_bind(sub, "inproc://link"));
    for (int i = 0; i < 3; i++)
        pubs[i] = connected(ctx, WEIR_PUB);
    hear_nothing(sub);
    for (int i = 0; i < 3; i++) {
        say(pubs[i], "a");
        say(pubs[i], "b");
        say(pubs[i], "c");
    }
    for (int i = 0; i < 3; i++) {
        hear(sub, "a");
        OK(weir_close(pubs[i]));
    }
    for (int i = 0; i < 3; i++)
        hear(sub, "c");
    hear_nothing(sub);
    OK(weir_close(sub));
    OK(weir_context_free(ctx));
}

static void
pending_connections_carry_subscriptions(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *sub = new_socket(ctx, WEIR_SUB);
    weir_socket *gone = new_socket(ctx, WEIR_SUB);
    weir_socket *pub = new_socket(ctx, WEIR_PUB);

    (void)state;
    set(sub, WEIR_PENDING_CONNECT, 1);
    set(gone, WEIR_PENDING_CONNECT, 1);
    subscribe(sub, "before");
    subscribe(gone, "");
    OK(weir_connect(sub, "inproc://link"));
    OK(weir_connect(gone, "inproc://link"));
    subscribe(sub, "after");
    OK(weir_close(gone));
    OK(weir_bind(pub, "inproc://link"));
    say(pub, "before");
    say(pub, "other");
    say(pub, "after");
    hear(sub, "before");
    hear(sub, "after");
    hear_nothing(sub);
    EQUAL(get(pub, WEIR_PEERS), 1);
    OK(weir_close(pub));
    OK(weir_close(sub));
    OK(weir_context_free(ctx));
}

static void
a_publisher_may_be_pending_too(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *sub = new_socket(ctx, WEIR_SUB);
    weir_socket *pub = new_socket(ctx, WEIR_PUB);

    (void)state;
    set(pub, WEIR_PENDING_CONNECT, 1);
    OK(weir_connect(pub, "inproc://link"));
    say(pub, "lost");
    subscribe(sub, "");
    OK(weir_bind(sub, "inproc://link"));
    hear_nothing(sub);
    say(pub, "found");
    hear(sub, "found");
    hear_nothing(sub);
    OK(weir_close(pub));
    OK(weir_close(sub));
    OK(weir_context_free(ctx));
}

static void
who_comes_late_gets_what_is_sent_from_then_on(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_socket *late;

    (void)state;
    subscribe(l.connected, "");
    say(l.bound, "1");
    late = connected(l.ctx, WEIR_SUB);
    subscribe(late, "");
    say(l.bound, "2");
    hear(l.connected, "1");
    hear(l.connected, "2");
    hear(late, "2");
    hear_nothing(late);
    OK(weir_disconnect(late, "inproc://link"));
    say(l.bound, "3");
    hear_nothing(late);
    hear(l.connected, "3");
    OK(weir_close(late));
    close_link(&l);
}

static void
peers_leave_while_subscribed(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_socket *subs[20];
    char text[16];

    (void)state;
    subscribe(l.connected, "x");
    for (int i = 0; i < 20; i++) {
        subs[i] = connected(l.ctx, WEIR_SUB);
        (void)snprintf(text, sizeof(text), "x%d", i % 3);
        subscribe(subs[i], text);
        subscribe(subs[i], "x");
    }
    for (int i = 0; i < 20; i++) {
        say(l.bound, "x1");
        hear(l.connected, "x1");
        for (int j = i; j < 20; j++) {
            hear(subs[j], "x1");
            hear_nothing(subs[j]);
        }
        OK(weir_close(subs[i]));
    }
    say(l.bound, "x1");
    EQUAL(get(l.bound, WEIR_PEERS), 1);
    hear(l.connected, "x1");
    close_link(&l);
}

/* What was sent before the publisher closed is there. */
static void
a_publisher_may_close_at_once(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);

    (void)state;
    subscribe(l.connected, "a");
    say(l.bound, "a1");
    OK(weir_close(l.bound));
    hear(l.connected, "a1");
    hear_nothing(l.connected);
    EQUAL(get(l.connected, WEIR_PEERS), 0);
    subscribe(l.connected, "b");
    unsubscribe(l.connected, "a");
    l.bound = new_socket(l.ctx, WEIR_PUB);
    OK(weir_bind(l.bound, "inproc://link"));
    OK(weir_connect(l.connected, "inproc://link"));
    say(l.bound, "a2");
    say(l.bound, "b2");
    hear(l.connected, "b2");
    hear_nothing(l.connected);
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_side_may_bind),
        cmocka_unit_test(only_the_two_sides_meet),
        cmocka_unit_test(subscribing_comes_before_connecting),
        cmocka_unit_test(pending_connections_carry_subscriptions),
        cmocka_unit_test(a_publisher_may_be_pending_too),
        cmocka_unit_test(who_comes_late_gets_what_is_sent_from_then_on),
        cmocka_unit_test(peers_leave_while_subscribed),
        cmocka_unit_test(a_publisher_may_close_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
