/* SPDX-License-Identifier: MPL-2.0 */
/* REQ and REP: whose turn it is, envelopes, and what is thrown away. */
#include "tests/zmq/support.h"

#include <stdio.h>

static void
ask(void *req, void *rep, const char *text)
{
    send_frame(req, text, 0);
    expect_message(rep, text, NULL);
    send_frame(rep, "answer", 0);
    expect_message(req, "answer", NULL);
}

CASE(a_question_gets_an_answer)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    for (int i = 0; i < 100; i++)
        ask(req, rep, "question");
}

CASE(req_may_be_the_bound_one)
{
    void *rep, *req;

    join(ZMQ_REQ, &req, ZMQ_REP, &rep);
    ask(req, rep, "question");
}

CASE(questions_and_answers_of_many_frames)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_message(req, "q1", "", "q3", NULL);
    expect_message(rep, "q1", "", "q3", NULL);
    send_message(rep, "", "a2", NULL);
    expect_message(req, "", "a2", NULL);
}

/* ---- Whose turn it is -------------------------------------------------- */

CASE(req_does_not_receive_first)
{
    void *rep, *req;
    char byte;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    FAILS(zmq_recv(req, &byte, 1, 0), EFSM);
    FAILS(zmq_recv(req, &byte, 1, ZMQ_DONTWAIT), EFSM);
    ask(req, rep, "question");
}

CASE(req_does_not_send_twice)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_frame(req, "question", 0);
    FAILS(zmq_send(req, "again", 5, 0), EFSM);
    FAILS(zmq_send(req, "again", 5, ZMQ_DONTWAIT), EFSM);
    expect_message(rep, "question", NULL);
    send_frame(rep, "answer", 0);
    expect_message(req, "answer", NULL);
    expect_nothing(rep);
}

CASE(rep_does_not_send_first)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    FAILS(zmq_send(rep, "answer", 6, 0), EFSM);
    FAILS(zmq_send(rep, "answer", 6, ZMQ_DONTWAIT), EFSM);
    ask(req, rep, "question");
}

CASE(rep_does_not_receive_twice)
{
    void *rep, *req;
    char byte;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_frame(req, "question", 0);
    expect_message(rep, "question", NULL);
    FAILS(zmq_recv(rep, &byte, 1, 0), EFSM);
    FAILS(zmq_recv(rep, &byte, 1, ZMQ_DONTWAIT), EFSM);
    send_frame(rep, "answer", 0);
    expect_message(req, "answer", NULL);
}

CASE(rep_receives_all_before_it_sends)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_message(req, "1", "2", NULL);
    expect_frame(rep, "1");
    FAILS(zmq_send(rep, "answer", 6, 0), EFSM);
    expect_frame(rep, "2");
    send_frame(rep, "answer", 0);
    expect_message(req, "answer", NULL);
}

CASE(req_receives_all_before_it_sends)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_frame(req, "question", 0);
    expect_message(rep, "question", NULL);
    send_message(rep, "1", "2", NULL);
    expect_frame(req, "1");
    FAILS(zmq_send(req, "next", 4, 0), EFSM);
    expect_frame(req, "2");
    ask(req, rep, "next");
}

CASE(req_sends_all_before_it_receives)
{
    void *rep, *req;
    char byte;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_frame(req, "1", ZMQ_SNDMORE);
    FAILS(zmq_recv(req, &byte, 1, ZMQ_DONTWAIT), EFSM);
    send_frame(req, "2", 0);
    expect_message(rep, "1", "2", NULL);
}

CASE(rep_sends_all_before_it_receives)
{
    void *rep, *req;
    char byte;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_frame(req, "question", 0);
    expect_message(rep, "question", NULL);
    send_frame(rep, "1", ZMQ_SNDMORE);
    FAILS(zmq_recv(rep, &byte, 1, ZMQ_DONTWAIT), EFSM);
    send_frame(rep, "2", 0);
    expect_message(req, "1", "2", NULL);
}

CASE(events_say_whose_turn_it_is)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    assert_int_equal(get_int(req, ZMQ_EVENTS), ZMQ_POLLOUT);
    assert_int_equal(get_int(rep, ZMQ_EVENTS), 0);
    send_frame(req, "question", 0);
    assert_int_equal(get_int(req, ZMQ_EVENTS), 0);
    assert_int_equal(get_int(rep, ZMQ_EVENTS), ZMQ_POLLIN);
    expect_message(rep, "question", NULL);
    assert_int_equal(get_int(rep, ZMQ_EVENTS), ZMQ_POLLOUT);
    send_frame(rep, "answer", 0);
    assert_int_equal(get_int(rep, ZMQ_EVENTS), 0);
    assert_int_equal(get_int(req, ZMQ_EVENTS), ZMQ_POLLIN);
    expect_message(req, "answer", NULL);
    assert_int_equal(get_int(req, ZMQ_EVENTS), ZMQ_POLLOUT);
}

CASE(req_without_peers_gives_eagain)
{
    void *req = open_socket(ZMQ_REQ), *rep;

    FAILS(zmq_send(req, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    rep = bound(ZMQ_REP, "inproc://x");
    OK(zmq_connect(req, "inproc://x"));
    ask(req, rep, "question");
}

/* ---- Several peers ----------------------------------------------------- */

CASE(req_asks_its_peers_in_turn)
{
    void *req = bound(ZMQ_REQ, "inproc://req"), *reps[3];
    int asked[3] = { 0 };

    for (int i = 0; i < 3; i++)
        reps[i] = connected(ZMQ_REP, "inproc://req");
    settle(req);
    for (int i = 0; i < 9; i++) {
        int who = 0;

        send_frame(req, "question", 0);
        while (!poll_now(reps[who % 3], ZMQ_POLLIN))
            who++;
        asked[who % 3]++;
        expect_message(reps[who % 3], "question", NULL);
        send_frame(reps[who % 3], "answer", 0);
        expect_message(req, "answer", NULL);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(asked[i], 3);
}

CASE(rep_answers_who_asked)
{
    void *rep = bound(ZMQ_REP, "inproc://rep"), *reqs[5];
    char text[8];

    for (int i = 0; i < 5; i++) {
        reqs[i] = connected(ZMQ_REQ, "inproc://rep");
        snprintf(text, sizeof text, "%d", i);
        send_frame(reqs[i], text, 0);
    }
    for (int i = 0; i < 5; i++) {
        GIVES(zmq_recv(rep, text, sizeof text, 0), 1);
        GIVES(zmq_send(rep, text, 1, 0), 1);
    }
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text, "%d", i);
        expect_message(reqs[i], text, NULL);
    }
}

CASE(an_answer_to_who_left_is_dropped)
{
    void *rep, *req;

    join(ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_frame(req, "question", 0);
    expect_message(rep, "question", NULL);
    close_socket(req);
    settle(rep);
    send_frame(rep, "answer", 0);
    req = open_socket(ZMQ_REQ);
    OK(zmq_bind(rep, "inproc://second"));
    OK(zmq_connect(req, "inproc://second"));
    ask(req, rep, "next");
}

/* ---- Envelopes --------------------------------------------------------- */

CASE(req_puts_an_empty_frame_in_front)
{
    void *dealer, *req;

    join(ZMQ_DEALER, &dealer, ZMQ_REQ, &req);
    send_message(req, "q1", "q2", NULL);
    expect_message(dealer, "", "q1", "q2", NULL);
    send_message(dealer, "", "a1", "a2", NULL);
    expect_message(req, "a1", "a2", NULL);
}

CASE(rep_keeps_the_envelope_for_the_answer)
{
    void *rep, *dealer;

    join(ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    send_message(dealer, "hop1", "hop2", "hop3", "", "question", NULL);
    expect_message(rep, "question", NULL);
    send_message(rep, "a1", "a2", NULL);
    expect_message(dealer, "hop1", "hop2", "hop3", "", "a1", "a2", NULL);
}

CASE(rep_takes_an_envelope_of_nothing)
{
    void *rep, *dealer;

    join(ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    send_message(dealer, "", "question", NULL);
    expect_message(rep, "question", NULL);
    send_frame(rep, "answer", 0);
    expect_message(dealer, "", "answer", NULL);
}

CASE(rep_takes_an_empty_question)
{
    void *rep, *dealer;

    join(ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    send_message(dealer, "hop", "", "", NULL);
    expect_message(rep, "", NULL);
    send_frame(rep, "", 0);
    expect_message(dealer, "hop", "", "", NULL);
}

CASE(rep_drops_what_has_no_envelope)
{
    void *rep, *dealer;

    join(ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    send_message(dealer, "no", "delimiter", "here", NULL);
    send_message(dealer, "", "question", NULL);
    expect_message(rep, "question", NULL);
    send_frame(rep, "answer", 0);
    expect_message(dealer, "", "answer", NULL);
    expect_nothing(rep);
}

CASE(req_drops_what_has_no_envelope)
{
    void *dealer, *req;

    join(ZMQ_DEALER, &dealer, ZMQ_REQ, &req);
    send_frame(req, "question", 0);
    expect_message(dealer, "", "question", NULL);
    send_message(dealer, "bad", NULL);
    send_message(dealer, "bad", "answer", NULL);
    send_message(dealer, "", "good", NULL);
    expect_message(req, "good", NULL);
}

CASE(req_drops_what_was_not_asked_for)
{
    void *dealer, *req;

    join(ZMQ_DEALER, &dealer, ZMQ_REQ, &req);
    send_message(dealer, "", "early", NULL);
    settle(req);
    send_frame(req, "question", 0);
    expect_message(dealer, "", "question", NULL);
    send_message(dealer, "", "good", NULL);
    expect_message(req, "good", NULL);
}

int
main(int argc, char **argv)
{
    return run_cases("req_rep", argc, argv);
}
