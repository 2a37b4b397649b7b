/* SPDX-License-Identifier: MPL-2.0 */
/* ROUTER: ids of peers, what is routed, and what is not. */
#include "tests/zmq/support.h"

/* A DEALER with this id, connected. */
static void *
dealer_called(const char *id, const char *endpoint)
{
    void *dealer = open_socket(ZMQ_DEALER);

    set_text(dealer, ZMQ_ROUTING_ID, id);
    OK(zmq_connect(dealer, endpoint));
    return dealer;
}

/* ---- Ids --------------------------------------------------------------- */

CASE(a_peer_without_an_id_is_given_one)
{
    void *router, *dealer;
    char id[8];

    join(ZMQ_ROUTER, &router, ZMQ_DEALER, &dealer);
    send_frame(dealer, "text", 0);
    GIVES(zmq_recv(router, id, sizeof id, 0), 5);
    assert_int_equal(id[0], 0);
    expect_message(router, "text", NULL);
}

CASE(given_ids_differ_and_stay)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x"), *dealers[20];
    char ids[20][5], id[5];

    for (int i = 0; i < 20; i++) {
        dealers[i] = connected(ZMQ_DEALER, "inproc://x");
        send_frame(dealers[i], "x", 0);
        GIVES(zmq_recv(router, ids[i], 5, 0), 5);
        expect_message(router, "x", NULL);
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(ids[i], ids[j], 5);
    }
    send_frame(dealers[7], "x", 0);
    GIVES(zmq_recv(router, id, 5, 0), 5);
    assert_memory_equal(id, ids[7], 5);
    expect_message(router, "x", NULL);
}

CASE(an_id_that_was_set_is_used)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *dealer = dealer_called("dealer", "inproc://x");

    send_message(dealer, "1", "2", NULL);
    expect_message(router, "dealer", "1", "2", NULL);
    send_message(router, "dealer", "3", "", NULL);
    expect_message(dealer, "3", "", NULL);
}

CASE(an_id_that_was_set_is_used_when_bound_later)
{
    void *dealer = dealer_called("dealer", "inproc://x"), *router;

    send_frame(dealer, "early", 0);
    router = bound(ZMQ_ROUTER, "inproc://x");
    expect_message(router, "dealer", "early", NULL);
    send_message(router, "dealer", "answer", NULL);
    expect_message(dealer, "answer", NULL);
}

CASE(the_id_of_the_bound_side_is_used)
{
    void *dealer = open_socket(ZMQ_DEALER), *router;

    set_text(dealer, ZMQ_ROUTING_ID, "bound");
    OK(zmq_bind(dealer, "inproc://x"));
    router = connected(ZMQ_ROUTER, "inproc://x");
    settle(dealer);
    send_frame(dealer, "text", 0);
    expect_message(router, "bound", "text", NULL);
}

CASE(an_id_of_255_bytes)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    char id[256];

    memset(id, 'i', 255);
    id[255] = '\0';
    send_frame(dealer_called(id, "inproc://x"), "text", 0);
    expect_message(router, id, "text", NULL);
}

CASE(an_id_set_after_connect_is_too_late)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *dealer = connected(ZMQ_DEALER, "inproc://x");
    char id[8];

    set_text(dealer, ZMQ_ROUTING_ID, "late");
    send_frame(dealer, "text", 0);
    GIVES(zmq_recv(router, id, sizeof id, 0), 5);
    assert_int_equal(id[0], 0);
}

CASE(routers_know_each_other_by_their_ids)
{
    void *a = open_socket(ZMQ_ROUTER), *b = open_socket(ZMQ_ROUTER);

    set_text(a, ZMQ_ROUTING_ID, "A");
    set_text(b, ZMQ_ROUTING_ID, "B");
    set_int(b, ZMQ_ROUTER_MANDATORY, 1);
    OK(zmq_bind(a, "inproc://x"));
    OK(zmq_connect(b, "inproc://x"));
    settle(a);
    EVENTUALLY(zmq_send(b, "A", 1, ZMQ_SNDMORE) == 1);
    send_frame(b, "hello", 0);
    expect_message(a, "B", "hello", NULL);
    send_message(a, "B", "answer", NULL);
    expect_message(b, "A", "answer", NULL);
}

/* ---- Two with one id --------------------------------------------------- */

CASE(the_second_with_an_id_is_not_heard)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *first = dealer_called("same", "inproc://x"), *second;

    settle(router);
    second = dealer_called("same", "inproc://x");
    send_frame(second, "second", 0);
    send_frame(first, "first", 0);
    expect_message(router, "same", "first", NULL);
    expect_nothing(router);
    send_message(router, "same", "answer", NULL);
    expect_message(first, "answer", NULL);
    expect_nothing(second);
}

CASE(handover_gives_the_id_to_the_second)
{
    void *router = open_socket(ZMQ_ROUTER), *first, *second;

    set_int(router, ZMQ_ROUTER_HANDOVER, 1);
    OK(zmq_bind(router, "inproc://x"));
    first = dealer_called("same", "inproc://x");
    send_frame(first, "first", 0);
    expect_message(router, "same", "first", NULL);
    second = dealer_called("same", "inproc://x");
    send_frame(second, "second", 0);
    expect_message(router, "same", "second", NULL);
    send_message(router, "same", "answer", NULL);
    expect_message(second, "answer", NULL);
    expect_nothing(first);
}

CASE(an_id_is_free_when_its_owner_left)
{
    void *router, *dealer;

    OK(zmq_ctx_set(the_context(), ZMQ_MAX_SOCKETS, 2));
    router = bound(ZMQ_ROUTER, "inproc://x");
    dealer = dealer_called("same", "inproc://x");
    send_frame(dealer, "first", 0);
    expect_message(router, "same", "first", NULL);
    dealer = replace_socket(dealer, router, ZMQ_DEALER);
    set_text(dealer, ZMQ_ROUTING_ID, "same");
    OK(zmq_connect(dealer, "inproc://x"));
    send_frame(dealer, "second", 0);
    expect_message(router, "same", "second", NULL);
}

/* ---- Where messages go ------------------------------------------------- */

CASE(what_is_for_nobody_is_dropped)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *dealer = dealer_called("dealer", "inproc://x");

    settle(router);
    send_message(router, "nobody", "1", "2", NULL);
    send_message(router, "dealer", "text", NULL);
    expect_message(dealer, "text", NULL);
    expect_nothing(dealer);
}

CASE(mandatory_says_that_it_is_for_nobody)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *dealer = dealer_called("dealer", "inproc://x");

    settle(router);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    FAILS(zmq_send(router, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    FAILS(zmq_send(router, "nobody", 6, ZMQ_SNDMORE | ZMQ_DONTWAIT),
          EHOSTUNREACH);
    send_message(router, "dealer", "text", NULL);
    expect_message(dealer, "text", NULL);
}

CASE(mandatory_says_that_a_peer_is_full)
{
    void *router = open_socket(ZMQ_ROUTER), *dealer = open_socket(ZMQ_DEALER);
    int sent = 0;

    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    set_int(router, ZMQ_SNDHWM, 2);
    set_int(dealer, ZMQ_RCVHWM, 2);
    set_text(dealer, ZMQ_ROUTING_ID, "D");
    OK(zmq_bind(router, "inproc://x"));
    OK(zmq_connect(dealer, "inproc://x"));
    settle(router);
    while (zmq_send(router, "D", 1, ZMQ_SNDMORE | ZMQ_DONTWAIT) == 1) {
        send_frame(router, "x", 0);
        assert_true(++sent < 100);
    }
    assert_int_equal(zmq_errno(), EAGAIN);
    assert_int_equal(sent, 4);
    assert_int_equal(drain(dealer), 4);
}

CASE(a_full_peer_gets_nothing_more)
{
    void *router = open_socket(ZMQ_ROUTER), *dealer = open_socket(ZMQ_DEALER);

    set_int(router, ZMQ_SNDHWM, 2);
    set_int(dealer, ZMQ_RCVHWM, 2);
    set_text(dealer, ZMQ_ROUTING_ID, "D");
    OK(zmq_bind(router, "inproc://x"));
    OK(zmq_connect(dealer, "inproc://x"));
    settle(router);
    for (int i = 0; i < 10; i++)
        send_message(router, "D", "x", NULL);
    assert_int_equal(drain(dealer), 4);
}

CASE(an_id_alone_sends_nothing)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *dealer = dealer_called("dealer", "inproc://x");

    settle(router);
    send_frame(router, "dealer", 0);
    send_message(router, "dealer", "text", NULL);
    expect_message(dealer, "text", NULL);
    expect_nothing(dealer);
}

CASE(messages_reach_their_own_peers)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *a = dealer_called("a", "inproc://x");
    void *b = dealer_called("b", "inproc://x");

    settle(router);
    for (int i = 0; i < 50; i++) {
        send_message(router, "a", "to a", "!", NULL);
        send_message(router, "b", "to b", NULL);
    }
    for (int i = 0; i < 50; i++) {
        expect_message(a, "to a", "!", NULL);
        expect_message(b, "to b", NULL);
    }
}

CASE(when_a_peer_left_it_cannot_be_reached)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *dealer = dealer_called("dealer", "inproc://x");

    settle(router);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    close_socket(dealer);
    EVENTUALLY(zmq_send(router, "dealer", 6, ZMQ_SNDMORE) == -1 ||
               zmq_send(router, "x", 1, 0) != 1);
    FAILS(zmq_send(router, "dealer", 6, ZMQ_SNDMORE), EHOSTUNREACH);
}

CASE(events_of_a_mandatory_router_without_peers)
{
    void *router = open_socket(ZMQ_ROUTER);

    assert_int_equal(get_int(router, ZMQ_EVENTS), ZMQ_POLLOUT);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    assert_int_equal(get_int(router, ZMQ_EVENTS), 0);
}

CASE(events_of_a_mandatory_router_with_a_peer)
{
    void *router = open_socket(ZMQ_ROUTER);

    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    OK(zmq_bind(router, "inproc://x"));
    connected(ZMQ_DEALER, "inproc://x");
    EVENTUALLY(get_int(router, ZMQ_EVENTS) == ZMQ_POLLOUT);
}

/* ---- Ids given when connecting ----------------------------------------- */

CASE(connect_routing_id_names_the_peer)
{
    void *dealer = bound(ZMQ_DEALER, "inproc://x");
    void *router = open_socket(ZMQ_ROUTER);

    set_text(router, ZMQ_CONNECT_ROUTING_ID, "peer");
    OK(zmq_connect(router, "inproc://x"));
    send_message(router, "peer", "hello", NULL);
    expect_message(dealer, "hello", NULL);
    send_frame(dealer, "answer", 0);
    expect_message(router, "peer", "answer", NULL);
}

CASE(connect_routing_id_is_for_one_connect)
{
    void *first = bound(ZMQ_DEALER, "inproc://1");
    void *second = bound(ZMQ_DEALER, "inproc://2");
    void *router = open_socket(ZMQ_ROUTER);
    char id[8];

    set_text(router, ZMQ_CONNECT_ROUTING_ID, "peer");
    OK(zmq_connect(router, "inproc://1"));
    OK(zmq_connect(router, "inproc://2"));
    settle(first);
    settle(second);
    send_frame(first, "one", 0);
    expect_message(router, "peer", "one", NULL);
    send_frame(second, "two", 0);
    GIVES(zmq_recv(router, id, sizeof id, 0), 5);
    assert_int_equal(id[0], 0);
    expect_message(router, "two", NULL);
}

CASE(connect_routing_id_is_stronger_than_the_peers)
{
    void *dealer = open_socket(ZMQ_DEALER), *router = open_socket(ZMQ_ROUTER);

    set_text(dealer, ZMQ_ROUTING_ID, "own");
    OK(zmq_bind(dealer, "inproc://x"));
    set_text(router, ZMQ_CONNECT_ROUTING_ID, "given");
    OK(zmq_connect(router, "inproc://x"));
    settle(dealer);
    send_frame(dealer, "text", 0);
    expect_message(router, "given", "text", NULL);
}

/* ---- Probes ------------------------------------------------------------ */

static void
expect_probe(int type)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x"), *s = open_socket(type);

    set_int(s, ZMQ_PROBE_ROUTER, 1);
    set_text(s, ZMQ_ROUTING_ID, "prober");
    OK(zmq_connect(s, "inproc://x"));
    expect_message(router, "prober", "", NULL);
    expect_nothing(router);
}

CASE(a_dealer_may_probe)
{
    expect_probe(ZMQ_DEALER);
}

CASE(a_router_may_probe)
{
    expect_probe(ZMQ_ROUTER);
}

CASE(a_req_may_probe)
{
    expect_probe(ZMQ_REQ);
}

int
main(int argc, char **argv)
{
    return run_cases("router", argc, argv);
}
