/* SPDX-License-Identifier: MPL-2.0 */
/* ROUTER: what it sends and receives; drops, blocking, arrays, options. For ids
 * see router_id_test.c. */
#include "tests/socket/support.h"

static void
count_free(void *data, void *hint)
{
    (void)data;
    ++*(int *)hint;
}

static void
put_external(weir_msg *msg, int *freed, bool more)
{
    static char bytes[100];

    OK(weir_msg_init_external(msg, bytes, sizeof(bytes), count_free, freed));
    weir_msg_set_more(msg, more);
}

static void
bodies_of_several_frames(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);

    (void)state;
    for (int i = 0; i < 100; i++) {
        say_all(l.connected, TEXTS("", "a", "", "b"));
        hear_all(l.bound, TEXTS("d", "", "a", "", "b"));
        say_all(l.bound, TEXTS("d", "x", "", "y"));
        hear_all(l.connected, TEXTS("x", "", "y"));
    }
    close_link(&l);
}

/* ---- Drops ------------------------------------------------------------- */

static void
messages_to_nobody_are_dropped(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);
    weir_msg msgs[3];
    int freed = 0;

    (void)state;
    say_all(l.bound, TEXTS("nobody", "lost", "lost"));
    say_all(l.bound, TEXTS("", "lost"));
    say(l.bound, "d"); /* an id without a message */
    put_external(&msgs[0], &freed, true);
    put_external(&msgs[1], &freed, true);
    put_external(&msgs[2], &freed, false);
    GIVES(3, weir_send_batch(l.bound, msgs, 3, 0));
    EQUAL(freed, 3);
    for (int i = 0; i < 3; i++)
        EQUAL(weir_msg_size(&msgs[i]), 0);
    hear_nothing(l.connected);
    say_all(l.bound, TEXTS("d", "not lost"));
    hear(l.connected, "not lost");
    close_link(&l);
}

static void
messages_to_a_full_peer_are_dropped(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);

    (void)state;
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    say_all(l.bound, TEXTS("d", "1"));
    say_all(l.bound, TEXTS("d", "2"));
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    say_all(l.bound, TEXTS("d", "lost"));
    hear(l.connected, "1");
    say_all(l.bound, TEXTS("d", "3"));
    hear(l.connected, "2");
    hear(l.connected, "3");
    hear_nothing(l.connected);
    close_link(&l);
}

/* ---- Peers that close -------------------------------------------------- */

static void
a_peer_closes_in_a_message_to_it(void **state)
{
    (void)state;
    for (int mandatory = 0; mandatory < 2; mandatory++) {
        struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);
        weir_msg msg;
        int freed = 0;

        set(l.bound, WEIR_ROUTER_MANDATORY, mandatory);
        EQUAL(try_say(l.bound, "d", true), 0);
        put_external(&msg, &freed, true);
        OK(weir_send(l.bound, &msg, 0));
        OK(weir_close(l.connected));
        put_external(&msg, &freed, true);
        OK(weir_send(l.bound, &msg, 0));
        put_external(&msg, &freed, false);
        OK(weir_send(l.bound, &msg, 0));
        EQUAL(freed, 3);
        EQUAL(try_say(l.bound, "d", true), mandatory ? -EHOSTUNREACH : 0);
        OK(weir_close(l.bound));
        OK(weir_context_free(l.ctx));
    }
}

static void
a_peer_closes_in_a_message_from_it(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);

    (void)state;
    say_all(l.connected, TEXTS("a", "b", "c"));
    say_all(l.connected, TEXTS("e"));
    hear_frame(l.bound, "d", true);
    OK(weir_close(l.connected));
    hear_frame(l.bound, "a", true);
    EQUAL(get(l.bound, WEIR_MORE), 1);
    EQUAL(get(l.bound, WEIR_EVENTS) & WEIR_POLLIN, WEIR_POLLIN);
    hear_all(l.bound, TEXTS("b", "c"));
    hear_all(l.bound, TEXTS("d", "e"));
    hear_nothing(l.bound);
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

static void
unfinished_messages_go_with_the_socket(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);
    weir_msg msg;
    int freed = 0;

    (void)state;
    EQUAL(try_say(l.bound, "d", true), 0);
    put_external(&msg, &freed, true);
    OK(weir_send(l.bound, &msg, 0));
    put_external(&msg, &freed, true);
    OK(weir_send(l.connected, &msg, 0));
    put_external(&msg, &freed, false);
    OK(weir_send(l.connected, &msg, 0));
    hear_frame(l.bound, "d", true);
    EQUAL(freed, 0);
    close_link(&l);
    EQUAL(freed, 3);
}

/* ---- Other peers ------------------------------------------------------- */

static void
routers_talk_to_each_other(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *a = new_socket(ctx, WEIR_ROUTER);
    weir_socket *b = new_socket(ctx, WEIR_ROUTER);

    (void)state;
    name_socket(a, "a");
    name_socket(b, "b");
    OK(weir_bind(a, "inproc://a"));
    OK(weir_connect(b, "inproc://a"));
    for (int i = 0; i < 10; i++) {
        say_all(a, TEXTS("b", "to b", ""));
        say_all(b, TEXTS("a", "to a"));
        hear_all(b, TEXTS("a", "to b", ""));
        hear_all(a, TEXTS("b", "to a"));
    }
    OK(weir_close(b));
    OK(weir_close(a));
    OK(weir_context_free(ctx));
}

/* A socket at both ends: each has an id. */
static void
a_router_talks_to_itself(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_ROUTER);

    (void)state;
    set(s, WEIR_PROBE_ROUTER, 1);
    OK(weir_bind(s, "inproc://s"));
    OK(weir_connect(s, "inproc://s"));
    for (int i = 0; i < 10; i++) {
        weir_msg id;

        OK(weir_recv(s, &id, WEIR_DONTWAIT));
        hear(s, i < 2 ? "" : "echo");
        OK(weir_send(s, &id, WEIR_DONTWAIT));
        say(s, "echo");
    }
    EQUAL(get(s, WEIR_PEERS), 2);
    OK(weir_close(s));
    OK(weir_context_free(ctx));
}

static void
probes_make_peers_known(void **state)
{
    static const int types[] = { WEIR_ROUTER, WEIR_DEALER, WEIR_REQ };

    (void)state;
    for (int i = 0; i < 6; i++) {
        weir_context *ctx = new_context();
        weir_socket *router = new_socket(ctx, WEIR_ROUTER);
        weir_socket *s = new_socket(ctx, types[i / 2]);

        name_socket(s, "s");
        set(s, WEIR_PROBE_ROUTER, 1);
        EQUAL(get(s, WEIR_PROBE_ROUTER), 1);
        OK(weir_bind(i % 2 == 0 ? router : s, "inproc://x"));
        OK(weir_connect(i % 2 == 0 ? s : router, "inproc://x"));
        EQUAL(get(s, WEIR_EVENTS) & WEIR_POLLIN, 0);
        hear_all(router, TEXTS("s", ""));
        hear_nothing(router);
        OK(weir_close(s));
        OK(weir_close(router));
        OK(weir_context_free(ctx));
    }
}

static void
disconnect_ends_a_route(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *d = new_socket(ctx, WEIR_DEALER);
    weir_socket *router = new_socket(ctx, WEIR_ROUTER);

    (void)state;
    set(router, WEIR_ROUTER_MANDATORY, 1);
    name_socket(d, "d");
    OK(weir_bind(d, "inproc://d"));
    for (int i = 0; i < 10; i++) {
        OK(weir_connect(router, "inproc://d"));
        say(d, "first");
        say_all(router, TEXTS("d", "last"));
        OK(weir_disconnect(router, "inproc://d"));
        EQUAL(get(router, WEIR_EVENTS), WEIR_POLLIN);
        EQUAL(try_say(router, "d", true), -EHOSTUNREACH);
        hear_all(router, TEXTS("d", "first"));
        hear(d, "last");
        EQUAL(get(d, WEIR_PEERS), 0);
        EQUAL(get(router, WEIR_PEERS), 0);
    }
    OK(weir_close(d));
    OK(weir_close(router));
    OK(weir_context_free(ctx));
}

/* ---- Arrays ------------------------------------------------------------ */

static void
arrays_hold_whole_messages(void **state)
{
    struct link l = new_link(WEIR_ROUTER, WEIR_DEALER);
    weir_msg msgs[16];

    (void)state;
    for (uint64_t i = 0; i < 12; i++)
        put_number(&msgs[i], i, i % 3 < 2);
    GIVES(12, weir_send_batch(l.connected, msgs, 12, 0));
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs, 3, WEIR_DONTWAIT));
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs, 1, WEIR_DONTWAIT));
    EQUAL(get(l.bound, WEIR_MORE), 0);
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN | WEIR_POLLOUT);
    OK(weir_recv(l.bound, &msgs[0], WEIR_DONTWAIT));
    EQUAL(get(l.bound, WEIR_MORE), 1);
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs + 1, 2, WEIR_DONTWAIT));
    GIVES(3, weir_recv_batch(l.bound, msgs + 1, 5, WEIR_DONTWAIT));
    EQUAL(get(l.bound, WEIR_MORE), 0);
    GIVES(12, weir_recv_batch(l.bound, msgs + 4, 12, WEIR_DONTWAIT));
    for (uint64_t i = 0; i < 16; i++) {
        EQUAL(weir_msg_more(&msgs[i]), i % 4 < 3);
        if (i % 4 > 0)
            EQUAL(number_of(&msgs[i]), i / 4 * 3 + i % 4 - 1);
    }
    GIVES(16, weir_send_batch(l.bound, msgs, 16, 0));
    GIVES(12, weir_recv_batch(l.connected, msgs, 16, WEIR_DONTWAIT));
    GIVES(-EAGAIN, weir_recv_batch(l.bound, msgs + 12, 4, WEIR_DONTWAIT));
    for (uint64_t i = 0; i < 12; i++)
        EQUAL(number_of(&msgs[i]), i);
    close_link(&l);
}

/* What does not fit into the array stays in the pipe, as far as its limit. */
static void
an_array_takes_no_more_than_it_holds(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);
    weir_msg msgs[2];

    (void)state;
    EQUAL(fill(l.connected, 0), 2);
    GIVES(2, weir_recv_batch(l.bound, msgs, 2, WEIR_DONTWAIT));
    EQUAL(fill(l.connected, 2), 1);
    for (uint64_t i = 1; i < 3; i++) {
        GIVES(2, weir_recv_batch(l.bound, msgs, 2, WEIR_DONTWAIT));
        EQUAL(number_of(&msgs[1]), i);
    }
    GIVES(-EAGAIN, weir_recv_batch(l.bound, msgs, 2, WEIR_DONTWAIT));
    close_link(&l);
}

static void
an_array_stops_where_a_message_cannot_go(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);
    weir_msg msgs[8];

    (void)state;
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    for (int i = 0; i < 4; i++) {
        OK(weir_msg_init_copy(&msgs[2 * i], l.bound, i < 3 ? "d" : "n", 1));
        weir_msg_set_more(&msgs[2 * i], true);
        put_number(&msgs[2 * i + 1], (uint64_t)i, false);
    }
    GIVES(4, weir_send_batch(l.bound, msgs, 8, 0));
    EQUAL(weir_msg_size(&msgs[4]), 1);
    EQUAL(drain(l.connected, 0), 2);
    GIVES(2, weir_send_batch(l.bound, msgs + 4, 4, 0));
    GIVES(-EHOSTUNREACH, weir_send_batch(l.bound, msgs + 6, 2, 0));
    EQUAL(number_of(&msgs[7]), 3);
    EQUAL(drain(l.connected, 2), 1);
    close_link(&l);
}

static void
nothing_is_done_in_place(void **state)
{
    struct link l = new_link(WEIR_ROUTER, WEIR_DEALER);
    weir_msg *span;

    (void)state;
    GIVES(-ENOTSUP, weir_reserve(l.bound, 1, &span, 0));
    GIVES(-ENOTSUP, weir_commit(l.bound, 0));
    GIVES(-ENOTSUP, weir_peek(l.bound, 1, &span, 0));
    GIVES(-ENOTSUP, weir_release(l.bound, 0));
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_of_several_frames),
        cmocka_unit_test(messages_to_nobody_are_dropped),
        cmocka_unit_test(messages_to_a_full_peer_are_dropped),
        cmocka_unit_test(a_peer_closes_in_a_message_to_it),
        cmocka_unit_test(a_peer_closes_in_a_message_from_it),
        cmocka_unit_test(unfinished_messages_go_with_the_socket),
        cmocka_unit_test(routers_talk_to_each_other),
        cmocka_unit_test(a_router_talks_to_itself),
        cmocka_unit_test(probes_make_peers_known),
        cmocka_unit_test(disconnect_ends_a_route),
        cmocka_unit_test(arrays_hold_whole_messages),
        cmocka_unit_test(an_array_takes_no_more_than_it_holds),
        cmocka_unit_test(an_array_stops_where_a_message_cannot_go),
        cmocka_unit_test(nothing_is_done_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
