/* SPDX-License-Identifier: MPL-2.0 */
/* DEALER, alone and as the back of a broker with ROUTER. */
#include "tests/zmq/support.h"

#include <stdio.h>

CASE(dealers_talk_both_ways)
{
    void *a, *b;

    join(ZMQ_DEALER, &a, ZMQ_DEALER, &b);
    send_message(a, "1", "2", NULL);
    expect_message(b, "1", "2", NULL);
    send_frame(b, "3", 0);
    expect_message(a, "3", NULL);
}

CASE(a_dealer_deals_in_turn)
{
    void *dealer = bound(ZMQ_DEALER, "inproc://x"), *peers[3];

    for (int i = 0; i < 3; i++)
        peers[i] = connected(ZMQ_DEALER, "inproc://x");
    settle(dealer);
    for (int i = 0; i < 30; i++)
        send_message(dealer, "1", "2", NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(drain(peers[i]), 20);
}

CASE(a_dealer_hears_all_its_peers)
{
    void *dealer = bound(ZMQ_DEALER, "inproc://x");

    for (int i = 0; i < 20; i++)
        send_frame(connected(ZMQ_DEALER, "inproc://x"), "x", 0);
    for (int i = 0; i < 20; i++)
        expect_message(dealer, "x", NULL);
    expect_nothing(dealer);
}

CASE(a_dealer_without_peers_gives_eagain)
{
    FAILS(zmq_send(open_socket(ZMQ_DEALER), "x", 1, ZMQ_DONTWAIT), EAGAIN);
}

CASE(a_dealer_does_not_take_turns)
{
    void *rep, *dealer;

    join(ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    for (int i = 0; i < 10; i++)
        send_message(dealer, "", "question", NULL);
    for (int i = 0; i < 10; i++) {
        expect_message(rep, "question", NULL);
        send_frame(rep, "answer", 0);
    }
    for (int i = 0; i < 10; i++)
        expect_message(dealer, "", "answer", NULL);
}

CASE(a_router_sees_the_envelope_of_a_req)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x"), *req = open_socket(ZMQ_REQ);

    set_text(req, ZMQ_ROUTING_ID, "req");
    OK(zmq_connect(req, "inproc://x"));
    send_message(req, "q1", "q2", NULL);
    expect_message(router, "req", "", "q1", "q2", NULL);
    send_message(router, "req", "", "answer", NULL);
    expect_message(req, "answer", NULL);
}

CASE(a_router_asks_a_rep)
{
    void *rep = open_socket(ZMQ_REP), *router;

    set_text(rep, ZMQ_ROUTING_ID, "rep");
    OK(zmq_bind(rep, "inproc://x"));
    router = open_socket(ZMQ_ROUTER);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    OK(zmq_connect(router, "inproc://x"));
    settle(rep);
    EVENTUALLY(zmq_send(router, "rep", 3, ZMQ_SNDMORE) == 3);
    send_message(router, "", "question", NULL);
    expect_message(rep, "question", NULL);
    send_frame(rep, "answer", 0);
    expect_message(router, "rep", "", "answer", NULL);
}

/* Passes one whole message on. */
static void
pass(void *from, void *to)
{
    zmq_msg_t msg;
    int more;

    do {
        OK(zmq_msg_init(&msg));
        assert_true(zmq_msg_recv(&msg, from, 0) >= 0);
        more = zmq_msg_more(&msg);
        assert_true(zmq_msg_send(&msg, to, more ? ZMQ_SNDMORE : 0) >= 0);
    } while (more);
}

CASE(a_broker_by_hand)
{
    void *front = bound(ZMQ_ROUTER, "inproc://front"), *reqs[5];
    void *back = bound(ZMQ_DEALER, "inproc://back"), *rep;
    char text[8];

    rep = connected(ZMQ_REP, "inproc://back");
    settle(back);
    for (int i = 0; i < 5; i++) {
        reqs[i] = connected(ZMQ_REQ, "inproc://front");
        snprintf(text, sizeof text, "%d", i);
        send_message(reqs[i], text, "", NULL);
        pass(front, back);
    }
    for (int i = 0; i < 5; i++) {
        GIVES(zmq_recv(rep, text, sizeof text, 0), 1);
        expect_message(rep, "", NULL);
        GIVES(zmq_send(rep, text, 1, ZMQ_SNDMORE), 1);
        send_frame(rep, "answer", 0);
        pass(back, front);
    }
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text, "%d", i);
        expect_message(reqs[i], text, "answer", NULL);
    }
}

CASE(a_broker_of_brokers)
{
    void *outer_front = bound(ZMQ_ROUTER, "inproc://1");
    void *outer_back = bound(ZMQ_DEALER, "inproc://2");
    void *inner_front = connected(ZMQ_ROUTER, "inproc://2");
    void *inner_back = bound(ZMQ_DEALER, "inproc://3");
    void *rep = connected(ZMQ_REP, "inproc://3");
    void *req = connected(ZMQ_REQ, "inproc://1");

    settle(outer_back);
    settle(inner_back);
    send_frame(req, "question", 0);
    pass(outer_front, outer_back);
    pass(inner_front, inner_back);
    expect_message(rep, "question", NULL);
    send_frame(rep, "answer", 0);
    pass(inner_back, inner_front);
    pass(outer_back, outer_front);
    expect_message(req, "answer", NULL);
}

CASE(a_router_with_three_hundred_peers)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x"), *dealers[300];
    char id[5];
    int number;

    for (int i = 0; i < 300; i++) {
        dealers[i] = connected(ZMQ_DEALER, "inproc://x");
        GIVES(zmq_send(dealers[i], &i, sizeof i, 0), sizeof i);
    }
    for (int i = 0; i < 300; i++) {
        GIVES(zmq_recv(router, id, sizeof id, 0), 5);
        GIVES(zmq_recv(router, &number, sizeof number, 0), 4);
        GIVES(zmq_send(router, id, sizeof id, ZMQ_SNDMORE), 5);
        GIVES(zmq_send(router, &number, sizeof number, 0), 4);
    }
    for (int i = 0; i < 300; i++)
        expect_bytes(dealers[i], &i, sizeof i);
}

/* ---- ZMQ_IMMEDIATE ----------------------------------------------------- */

CASE(immediate_waits_for_nobody_over_inproc)
{
    void *dealer = open_socket(ZMQ_DEALER), *peer;

    set_int(dealer, ZMQ_IMMEDIATE, 1);
    peer = bound(ZMQ_DEALER, "inproc://x");
    OK(zmq_connect(dealer, "inproc://x"));
    send_frame(dealer, "text", 0);
    expect_message(peer, "text", NULL);
}

CASE(immediate_does_not_wait_for_a_bind_over_inproc)
{
    void *push = open_socket(ZMQ_PUSH);

    set_int(push, ZMQ_IMMEDIATE, 1);
    OK(zmq_connect(push, "inproc://x"));
    send_frame(push, "text", ZMQ_DONTWAIT);
    expect_frame(bound(ZMQ_PULL, "inproc://x"), "text");
}

int
main(int argc, char **argv)
{
    return run_cases("dealer", argc, argv);
}
