/* SPDX-License-Identifier: MPL-2.0 */
/* PAIR: one peer at a time, both ways; and what all sockets share: order,
 * timeouts, events. */
#include "tests/zmq/support.h"

CASE(it_talks_both_ways)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(a, "ping", 0);
    expect_frame(b, "ping");
    send_frame(b, "pong", 0);
    expect_frame(a, "pong");
}

CASE(messages_keep_their_order)
{
    void *a, *b;
    int got;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    for (int i = 0; i < 1500; i++)
        GIVES(zmq_send(a, &i, sizeof i, 0), sizeof i);
    for (int i = 0; i < 1500; i++) {
        GIVES(zmq_recv(b, &got, sizeof got, 0), sizeof got);
        assert_int_equal(got, i);
    }
}

CASE(frames_stay_together)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(a, "1", "2", "", "4", NULL);
    send_message(a, "5", "6", NULL);
    expect_message(b, "1", "2", "", "4", NULL);
    expect_message(b, "5", "6", NULL);
}

/* ---- Peers ------------------------------------------------------------- */

CASE(alone_it_neither_sends_nor_receives)
{
    void *s = open_socket(ZMQ_PAIR);

    FAILS(zmq_send(s, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    expect_nothing(s);
    assert_int_equal(get_int(s, ZMQ_EVENTS), 0);
}

CASE(bound_but_alone_it_does_not_send)
{
    FAILS(zmq_send(bound(ZMQ_PAIR, "inproc://x"), "x", 1, ZMQ_DONTWAIT),
          EAGAIN);
}

CASE(connected_to_nobody_it_sends)
{
    void *b = connected(ZMQ_PAIR, "inproc://x"), *a;

    assert_int_equal(get_int(b, ZMQ_EVENTS), ZMQ_POLLOUT);
    send_frame(b, "early", 0);
    a = bound(ZMQ_PAIR, "inproc://x");
    expect_frame(a, "early");
}

CASE(a_third_socket_does_not_get_through)
{
    void *a = bound(ZMQ_PAIR, "inproc://x");
    void *b = connected(ZMQ_PAIR, "inproc://x"), *c;

    settle(a);
    c = connected(ZMQ_PAIR, "inproc://x");
    settle(a);
    zmq_send(c, "third", 5, ZMQ_DONTWAIT);
    send_frame(b, "second", 0);
    expect_frame(a, "second");
    expect_nothing(a);
    send_frame(a, "answer", 0);
    expect_frame(b, "answer");
    expect_nothing(c);
}

CASE(a_new_peer_may_follow_one_that_left)
{
    void *a, *b;

    OK(zmq_ctx_set(the_context(), ZMQ_MAX_SOCKETS, 2));
    a = bound(ZMQ_PAIR, "inproc://x");
    b = connected(ZMQ_PAIR, "inproc://x");
    send_frame(b, "last words", 0);
    expect_frame(a, "last words");
    b = replace_socket(b, a, ZMQ_PAIR);
    OK(zmq_connect(b, "inproc://x"));
    send_frame(a, "welcome", 0);
    expect_frame(b, "welcome");
}

CASE(when_its_peer_left_it_does_not_send)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    close_socket(b);
    EVENTUALLY(get_int(a, ZMQ_EVENTS) == 0);
    FAILS(zmq_send(a, "x", 1, ZMQ_DONTWAIT), EAGAIN);
}

CASE(what_a_closed_peer_had_sent_arrives)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    for (int i = 0; i < 100; i++)
        send_frame(b, "m", 0);
    close_socket(b);
    for (int i = 0; i < 100; i++)
        expect_frame(a, "m");
    expect_nothing(a);
}

CASE(linger_0_drops_nothing_that_the_peer_has)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    set_int(b, ZMQ_LINGER, 0);
    for (int i = 0; i < 100; i++)
        send_frame(b, "m", 0);
    close_socket(b);
    for (int i = 0; i < 100; i++)
        expect_frame(a, "m");
}

CASE(it_may_talk_to_itself)
{
    void *s = open_socket(ZMQ_DEALER);

    OK(zmq_bind(s, "inproc://self"));
    OK(zmq_connect(s, "inproc://self"));
    send_frame(s, "echo", 0);
    expect_frame(s, "echo");
}

/* ---- Time -------------------------------------------------------------- */

CASE(rcvtimeo_ends_a_receive)
{
    void *a, *b;
    char byte;
    long begin;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    set_int(a, ZMQ_RCVTIMEO, 30);
    begin = now_ms();
    FAILS(zmq_recv(a, &byte, 1, 0), EAGAIN);
    assert_true(now_ms() - begin >= 29);
    send_frame(b, "text", 0);
    expect_frame(a, "text");
}

CASE(rcvtimeo_0_does_not_wait)
{
    void *s = open_socket(ZMQ_PAIR);
    char byte;

    set_int(s, ZMQ_RCVTIMEO, 0);
    FAILS(zmq_recv(s, &byte, 1, 0), EAGAIN);
}

CASE(sndtimeo_ends_a_send)
{
    void *s = open_socket(ZMQ_PAIR);
    long begin;

    set_int(s, ZMQ_SNDTIMEO, 30);
    begin = now_ms();
    FAILS(zmq_send(s, "x", 1, 0), EAGAIN);
    assert_true(now_ms() - begin >= 29);
}

CASE(sndtimeo_0_does_not_wait)
{
    void *s = open_socket(ZMQ_PAIR);

    set_int(s, ZMQ_SNDTIMEO, 0);
    FAILS(zmq_send(s, "x", 1, 0), EAGAIN);
}

CASE(dontwait_is_stronger_than_a_timeout)
{
    void *s = open_socket(ZMQ_PAIR);

    set_int(s, ZMQ_SNDTIMEO, 100000);
    set_int(s, ZMQ_RCVTIMEO, 100000);
    FAILS(zmq_send(s, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    expect_nothing(s);
}

static void *
send_later(void *s)
{
    pause_ms(20);
    send_frame(s, "late", 0);
    return NULL;
}

CASE(a_receive_waits_for_a_message)
{
    pthread_t thread;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    thread = start(send_later, b);
    expect_frame(a, "late");
    finish(thread);
}

CASE(a_receive_with_a_timeout_gets_what_comes_in_time)
{
    pthread_t thread;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    set_int(a, ZMQ_RCVTIMEO, 15000);
    thread = start(send_later, b);
    expect_frame(a, "late");
    finish(thread);
}

static void *
connect_later(void *s)
{
    pause_ms(20);
    OK(zmq_connect(s, "inproc://x"));
    return NULL;
}

CASE(a_send_waits_for_a_peer)
{
    void *a = bound(ZMQ_PAIR, "inproc://x"), *b = open_socket(ZMQ_PAIR);
    pthread_t thread = start(connect_later, b);

    send_frame(a, "text", 0);
    finish(thread);
    expect_frame(b, "text");
}

/* ---- Events ------------------------------------------------------------ */

CASE(events_follow_what_can_be_done)
{
    void *a, *b;

    join_hwm(ZMQ_PAIR, &a, ZMQ_PAIR, &b, 1);
    assert_int_equal(get_int(a, ZMQ_EVENTS), ZMQ_POLLOUT);
    send_frame(b, "x", 0);
    assert_int_equal(get_int(a, ZMQ_EVENTS), ZMQ_POLLOUT | ZMQ_POLLIN);
    assert_int_equal(send_until_full(a, 100), 2);
    assert_int_equal(get_int(a, ZMQ_EVENTS), ZMQ_POLLIN);
    expect_frame(a, "x");
    assert_int_equal(get_int(a, ZMQ_EVENTS), 0);
    assert_int_equal(drain(b), 2);
    assert_int_equal(get_int(a, ZMQ_EVENTS), ZMQ_POLLOUT);
}

CASE(reading_events_takes_nothing)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(b, "1", "2", NULL);
    for (int i = 0; i < 10; i++)
        assert_true(get_int(a, ZMQ_EVENTS) & ZMQ_POLLIN);
    expect_message(a, "1", "2", NULL);
}

CASE(between_frames_there_is_something_to_receive)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(b, "1", "2", NULL);
    expect_frame(a, "1");
    assert_true(get_int(a, ZMQ_EVENTS) & ZMQ_POLLIN);
    expect_frame(a, "2");
    assert_false(get_int(a, ZMQ_EVENTS) & ZMQ_POLLIN);
}

int
main(int argc, char **argv)
{
    return run_cases("pair", argc, argv);
}
