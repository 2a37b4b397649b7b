/* SPDX-License-Identifier: MPL-2.0 */
/* REQ with ZMQ_REQ_CORRELATE and ZMQ_REQ_RELAXED. */
#include "tests/zmq/support.h"

/* Receives "[number]" and the frames that follow it; keeps the number. */
static void
expect_numbered(void *dealer, char number[4], const char *text)
{
    GIVES(zmq_recv(dealer, number, 4, 0), 4);
    assert_int_equal(get_int(dealer, ZMQ_RCVMORE), 1);
    expect_message(dealer, "", text, NULL);
}

static void
answer_numbered(void *dealer, const char number[4], const char *text)
{
    GIVES(zmq_send(dealer, number, 4, ZMQ_SNDMORE), 4);
    send_message(dealer, "", text, NULL);
}

CASE(correlate_numbers_the_questions)
{
    char first[4], second[4];
    void *dealer, *req;

    join(ZMQ_DEALER, &dealer, ZMQ_REQ, &req);
    set_int(req, ZMQ_REQ_CORRELATE, 1);
    send_frame(req, "one", 0);
    expect_numbered(dealer, first, "one");
    answer_numbered(dealer, first, "answer");
    expect_message(req, "answer", NULL);
    send_frame(req, "two", 0);
    expect_numbered(dealer, second, "two");
    assert_memory_not_equal(first, second, 4);
}

CASE(correlate_drops_other_answers)
{
    char first[4], second[4];
    void *dealer, *req;

    join(ZMQ_DEALER, &dealer, ZMQ_REQ, &req);
    set_int(req, ZMQ_REQ_CORRELATE, 1);
    send_frame(req, "one", 0);
    expect_numbered(dealer, first, "one");
    answer_numbered(dealer, first, "answer");
    expect_message(req, "answer", NULL);
    send_frame(req, "two", 0);
    expect_numbered(dealer, second, "two");
    answer_numbered(dealer, first, "old");
    send_message(dealer, "", "no number", NULL);
    answer_numbered(dealer, second, "new");
    expect_message(req, "new", NULL);
}

CASE(correlate_works_with_rep)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    set_int(req, ZMQ_REQ_CORRELATE, 1);
    for (int i = 0; i < 10; i++) {
        send_frame(req, "question", 0);
        expect_message(rep, "question", NULL);
        send_message(rep, "1", "2", NULL);
        expect_message(req, "1", "2", NULL);
    }
}

CASE(relaxed_sends_twice)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    set_int(req, ZMQ_REQ_RELAXED, 1);
    set_int(req, ZMQ_REQ_CORRELATE, 1);
    send_frame(req, "first", 0);
    assert_true(get_int(req, ZMQ_EVENTS) & ZMQ_POLLOUT);
    send_frame(req, "second", 0);
}

CASE(relaxed_and_correlated_the_old_answer_is_dropped)
{
    char first[4], second[4];
    void *dealer, *req;

    join(ZMQ_DEALER, &dealer, ZMQ_REQ, &req);
    set_int(req, ZMQ_REQ_RELAXED, 1);
    set_int(req, ZMQ_REQ_CORRELATE, 1);
    send_frame(req, "first", 0);
    expect_numbered(dealer, first, "first");
    send_frame(req, "second", 0);
    expect_numbered(dealer, second, "second");
    answer_numbered(dealer, first, "old");
    answer_numbered(dealer, second, "new");
    expect_message(req, "new", NULL);
}

CASE(relaxed_still_does_not_receive_first)
{
    void *rep, *req;
    char byte;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    set_int(req, ZMQ_REQ_RELAXED, 1);
    FAILS(zmq_recv(req, &byte, 1, 0), EFSM);
}

CASE(relaxed_after_its_peer_left_asks_another)
{
    void *req = bound(ZMQ_REQ, "inproc://req"), *rep;

    set_int(req, ZMQ_REQ_RELAXED, 1);
    set_int(req, ZMQ_REQ_CORRELATE, 1);
    rep = connected(ZMQ_REP, "inproc://req");
    send_frame(req, "first", 0);
    close_socket(rep);
    EVENTUALLY((get_int(req, ZMQ_EVENTS) & ZMQ_POLLOUT) == 0);
    rep = connected(ZMQ_REP, "inproc://req");
    settle(req);
    send_frame(req, "second", 0);
    expect_message(rep, "second", NULL);
    send_frame(rep, "answer", 0);
    expect_message(req, "answer", NULL);
}

CASE(strict_after_its_peer_left_may_not_ask_another)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_frame(req, "question", 0);
    close_socket(rep);
    settle(req);
    FAILS(zmq_send(req, "again", 5, ZMQ_DONTWAIT), EFSM);
    expect_nothing(req);
}

int
main(int argc, char **argv)
{
    return run_cases("req_option", argc, argv);
}
