/* SPDX-License-Identifier: MPL-2.0 */
/* PUSH and PULL, and what is said of every load-balanced sender and every
 * fair-queued receiver. */
#include "tests/zmq/support.h"

CASE(pull_does_not_send)
{
    FAILS(zmq_send(open_socket(ZMQ_PULL), "x", 1, 0), ENOTSUP);
    FAILS(zmq_send(open_socket(ZMQ_PULL), "x", 1, ZMQ_DONTWAIT), ENOTSUP);
}

CASE(push_does_not_receive)
{
    char byte;

    FAILS(zmq_recv(open_socket(ZMQ_PUSH), &byte, 1, 0), ENOTSUP);
    FAILS(zmq_recv(open_socket(ZMQ_PUSH), &byte, 1, ZMQ_DONTWAIT), ENOTSUP);
}

CASE(push_without_peers_gives_eagain)
{
    FAILS(zmq_send(open_socket(ZMQ_PUSH), "x", 1, ZMQ_DONTWAIT), EAGAIN);
    FAILS(zmq_send(bound(ZMQ_PUSH, "inproc://x"), "x", 1, ZMQ_DONTWAIT),
          EAGAIN);
}

CASE(pull_never_has_pollout)
{
    void *pull, *push;

    join(ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    assert_int_equal(get_int(pull, ZMQ_EVENTS), 0);
    send_frame(push, "x", 0);
    assert_int_equal(get_int(pull, ZMQ_EVENTS), ZMQ_POLLIN);
    assert_int_equal(get_int(push, ZMQ_EVENTS), ZMQ_POLLOUT);
}

/* ---- Load balancing ---------------------------------------------------- */

static void *
push_to(void **pulls, size_t count)
{
    void *push = bound(ZMQ_PUSH, "inproc://push");

    for (size_t i = 0; i < count; i++)
        pulls[i] = connected(ZMQ_PULL, "inproc://push");
    settle(push);
    return push;
}

CASE(push_deals_to_its_peers_in_turn)
{
    void *pulls[3], *push = push_to(pulls, 3);

    assert_int_equal(send_until_full(push, 30), 30);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(drain(pulls[i]), 10);
}

CASE(push_deals_to_the_names_it_connected_to)
{
    void *a = bound(ZMQ_PULL, "inproc://a"), *b = bound(ZMQ_PULL, "inproc://b");
    void *push = connected(ZMQ_PUSH, "inproc://a");

    OK(zmq_connect(push, "inproc://b"));
    assert_int_equal(send_until_full(push, 10), 10);
    assert_int_equal(drain(a), 5);
    assert_int_equal(drain(b), 5);
}

CASE(all_frames_of_a_message_go_to_one_peer)
{
    void *pulls[2], *push = push_to(pulls, 2);

    for (int i = 0; i < 10; i++)
        send_message(push, "1", "2", "3", NULL);
    for (int i = 0; i < 5; i++) {
        expect_message(pulls[0], "1", "2", "3", NULL);
        expect_message(pulls[1], "1", "2", "3", NULL);
    }
    expect_nothing(pulls[0]);
    expect_nothing(pulls[1]);
}

CASE(push_passes_over_a_full_peer)
{
    void *push = open_socket(ZMQ_PUSH), *pulls[2];

    set_int(push, ZMQ_SNDHWM, 2);
    OK(zmq_bind(push, "inproc://push"));
    for (int i = 0; i < 2; i++) {
        pulls[i] = open_socket(ZMQ_PULL);
        set_int(pulls[i], ZMQ_RCVHWM, i == 0 ? 2 : 100);
        OK(zmq_connect(pulls[i], "inproc://push"));
    }
    settle(push);
    assert_int_equal(send_until_full(push, 1000), 106);
    assert_int_equal(drain(pulls[0]), 4);
    assert_int_equal(drain(pulls[1]), 102);
}

CASE(push_goes_on_when_a_peer_leaves)
{
    void *pulls[2], *push = push_to(pulls, 2);

    close_socket(pulls[0]);
    EVENTUALLY(zmq_send(push, "x", 1, ZMQ_DONTWAIT) == 1 &&
               zmq_send(push, "x", 1, ZMQ_DONTWAIT) == 1 &&
               drain(pulls[1]) == 2);
}

CASE(push_finds_a_peer_that_comes_later)
{
    void *pulls[2], *push = push_to(pulls, 1);

    send_frame(push, "one", 0);
    pulls[1] = connected(ZMQ_PULL, "inproc://push");
    settle(push);
    assert_int_equal(send_until_full(push, 10), 10);
    assert_int_equal(drain(pulls[1]), 5);
    assert_int_equal(drain(pulls[0]), 6);
}

/* ---- Fair queueing ----------------------------------------------------- */

CASE(pull_takes_from_all_its_peers)
{
    void *pull = bound(ZMQ_PULL, "inproc://pull");
    char seen[3] = "", byte;

    for (char name = 'a'; name <= 'c'; name++) {
        void *push = connected(ZMQ_PUSH, "inproc://pull");

        for (int i = 0; i < 500; i++)
            GIVES(zmq_send(push, &name, 1, 0), 1);
    }
    for (int i = 0; i < 300; i++) {
        GIVES(zmq_recv(pull, &byte, 1, 0), 1);
        seen[byte - 'a'] = 1;
    }
    assert_memory_equal(seen, "\1\1\1", 3);
    assert_int_equal(drain(pull), 1200);
}

CASE(frames_of_different_peers_do_not_mix)
{
    void *pull = bound(ZMQ_PULL, "inproc://pull");
    void *a = connected(ZMQ_PUSH, "inproc://pull");
    void *b = connected(ZMQ_PUSH, "inproc://pull");
    char first[2], next[2];

    for (int i = 0; i < 100; i++) {
        send_frame(a, "a", ZMQ_SNDMORE);
        send_frame(b, "b", ZMQ_SNDMORE);
        send_frame(b, "b", 0);
        send_frame(a, "a", 0);
    }
    for (int i = 0; i < 200; i++) {
        GIVES(zmq_recv(pull, first, 2, 0), 1);
        assert_int_equal(get_int(pull, ZMQ_RCVMORE), 1);
        GIVES(zmq_recv(pull, next, 2, 0), 1);
        assert_int_equal(get_int(pull, ZMQ_RCVMORE), 0);
        assert_int_equal(first[0], next[0]);
    }
}

CASE(an_unfinished_message_holds_up_nobody_else)
{
    void *pull = bound(ZMQ_PULL, "inproc://pull");
    void *a = connected(ZMQ_PUSH, "inproc://pull");
    void *b = connected(ZMQ_PUSH, "inproc://pull");

    send_frame(a, "half", ZMQ_SNDMORE);
    send_frame(b, "whole", 0);
    expect_message(pull, "whole", NULL);
    expect_nothing(pull);
    send_frame(a, "done", 0);
    expect_message(pull, "half", "done", NULL);
}

CASE(a_peer_that_sends_much_does_not_hide_another)
{
    void *pull = bound(ZMQ_PULL, "inproc://pull");
    void *loud = connected(ZMQ_PUSH, "inproc://pull");
    void *quiet = connected(ZMQ_PUSH, "inproc://pull");
    char byte = 0;
    int taken = 0;

    send_until_full(loud, 2000);
    send_frame(quiet, "q", 0);
    while (byte != 'q') {
        GIVES(zmq_recv(pull, &byte, 1, 0), 1);
        taken++;
    }
    assert_true(taken < 1000);
}

/* ---- The end of a sender ----------------------------------------------- */

CASE(what_a_closed_push_had_sent_arrives)
{
    void *pull = bound(ZMQ_PULL, "inproc://pull");

    for (int i = 0; i < 10; i++) {
        void *push = connected(ZMQ_PUSH, "inproc://pull");

        assert_int_equal(send_until_full(push, 50), 50);
        close_socket(push);
    }
    for (int i = 0; i < 500; i++)
        expect_frame(pull, "m");
    expect_nothing(pull);
}

CASE(many_peers_come_and_go)
{
    void *pull = bound(ZMQ_PULL, "inproc://pull");

    for (int i = 0; i < 300; i++) {
        void *push = connected(ZMQ_PUSH, "inproc://pull");

        send_frame(push, "m", 0);
        close_socket(push);
        expect_frame(pull, "m");
    }
}

int
main(int argc, char **argv)
{
    return run_cases("pipeline", argc, argv);
}
