/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets in several threads, each socket in one at a time. */
#include "tests/zmq/support.h"

#define MESSAGES 20000

struct job {
    const char *endpoint;
    int type, number, count;
};

/* Sends its number and a count, in frames of their own. */
static void *
send_numbers(void *arg)
{
    const struct job *job = arg;
    void *s = zmq_socket(the_context(), job->type);

    OK(zmq_connect(s, job->endpoint));
    for (int i = 0; i < job->count; i++) {
        GIVES(zmq_send(s, &job->number, sizeof(int), ZMQ_SNDMORE), 4);
        GIVES(zmq_send(s, &i, sizeof i, 0), sizeof i);
    }
    OK(zmq_close(s));
    return NULL;
}

/* Each sender's messages come all, once, and in their order. */
static void
receive_numbers(void *s, int senders, int count)
{
    int next[16] = { 0 };

    for (int left = senders * count; left > 0; left--) {
        int number, i;

        GIVES(zmq_recv(s, &number, sizeof number, 0), 4);
        GIVES(zmq_recv(s, &i, sizeof i, 0), 4);
        assert_in_range(number, 0, senders - 1);
        assert_int_equal(i, next[number]++);
    }
}

static void
many_to_one(int sender, int receiver, int senders)
{
    void *s = bound(receiver, "inproc://x");
    pthread_t threads[16];
    struct job jobs[16];

    for (int i = 0; i < senders; i++) {
        jobs[i] = (struct job){ "inproc://x", sender, i, MESSAGES / senders };
        threads[i] = start(send_numbers, &jobs[i]);
    }
    receive_numbers(s, senders, MESSAGES / senders);
    for (int i = 0; i < senders; i++)
        finish(threads[i]);
}

CASE(one_thread_to_another)
{
    many_to_one(ZMQ_PUSH, ZMQ_PULL, 1);
}

CASE(pairs_in_two_threads)
{
    many_to_one(ZMQ_PAIR, ZMQ_PAIR, 1);
}

CASE(eight_threads_push_to_one)
{
    many_to_one(ZMQ_PUSH, ZMQ_PULL, 8);
}

CASE(eight_dealers_to_one)
{
    many_to_one(ZMQ_DEALER, ZMQ_DEALER, 8);
}

/* ---- One to many ------------------------------------------------------- */

static void *received;

/* Receives until all threads together have received all. */
static void *
receive_shares(void *arg)
{
    void *s = zmq_socket(the_context(), ZMQ_PULL);
    char byte;

    (void)arg;
    set_int(s, ZMQ_RCVTIMEO, 10);
    OK(zmq_connect(s, "inproc://x"));
    while (zmq_atomic_counter_value(received) < MESSAGES) {
        if (zmq_recv(s, &byte, 1, 0) == 1)
            zmq_atomic_counter_inc(received);
        else
            assert_int_equal(zmq_errno(), EAGAIN);
    }
    OK(zmq_close(s));
    return NULL;
}

CASE(one_thread_pushes_to_four)
{
    void *push = bound(ZMQ_PUSH, "inproc://x");
    pthread_t threads[4];

    received = zmq_atomic_counter_new();
    for (int i = 0; i < 4; i++)
        threads[i] = start(receive_shares, NULL);
    for (int i = 0; i < MESSAGES; i++)
        send_frame(push, "x", 0);
    for (int i = 0; i < 4; i++)
        finish(threads[i]);
    GIVES(zmq_atomic_counter_value(received), MESSAGES);
    zmq_atomic_counter_destroy(&received);
}

/* ---- Round trips ------------------------------------------------------- */

static void *
answer_all(void *arg)
{
    int count = *(int *)arg, number;
    void *rep = zmq_socket(the_context(), ZMQ_REP);

    OK(zmq_bind(rep, "inproc://rep"));
    for (int i = 0; i < count; i++) {
        GIVES(zmq_recv(rep, &number, sizeof number, 0), 4);
        number++;
        GIVES(zmq_send(rep, &number, sizeof number, 0), 4);
    }
    OK(zmq_close(rep));
    return NULL;
}

CASE(questions_to_another_thread)
{
    int count = 2000, answer;
    void *req = connected(ZMQ_REQ, "inproc://rep");
    pthread_t thread = start(answer_all, &count);

    for (int i = 0; i < count; i++) {
        GIVES(zmq_send(req, &i, sizeof i, 0), 4);
        GIVES(zmq_recv(req, &answer, sizeof answer, 0), 4);
        assert_int_equal(answer, i + 1);
    }
    finish(thread);
}

static void *
ask_all(void *arg)
{
    int count = *(int *)arg, answer;
    void *req = zmq_socket(the_context(), ZMQ_REQ);

    OK(zmq_connect(req, "inproc://rep"));
    for (int i = 0; i < count; i++) {
        GIVES(zmq_send(req, &i, sizeof i, 0), 4);
        GIVES(zmq_recv(req, &answer, sizeof answer, 0), 4);
        assert_int_equal(answer, i + 1);
    }
    OK(zmq_close(req));
    return NULL;
}

CASE(four_threads_ask_one)
{
    int all = 2000, each = 500;
    pthread_t answering, asking[4];

    the_context();
    answering = start(answer_all, &all);
    for (int i = 0; i < 4; i++)
        asking[i] = start(ask_all, &each);
    for (int i = 0; i < 4; i++)
        finish(asking[i]);
    finish(answering);
}

/* ---- Publishing -------------------------------------------------------- */

static void *
hear_all(void *arg)
{
    int got, count = *(int *)arg;
    void *sub = zmq_socket(the_context(), ZMQ_SUB);

    set_int(sub, ZMQ_RCVHWM, 0);
    set_text(sub, ZMQ_SUBSCRIBE, "");
    OK(zmq_connect(sub, "inproc://pub"));
    for (int i = 0; i < count; i++) {
        GIVES(zmq_recv(sub, &got, sizeof got, 0), sizeof got);
        assert_int_equal(got, i);
    }
    OK(zmq_close(sub));
    return NULL;
}

CASE(three_threads_hear_one)
{
    void *xpub = open_socket(ZMQ_XPUB);
    int count = MESSAGES;
    pthread_t threads[3];

    set_int(xpub, ZMQ_SNDHWM, 0);
    set_int(xpub, ZMQ_XPUB_VERBOSE, 1);
    OK(zmq_bind(xpub, "inproc://pub"));
    for (int i = 0; i < 3; i++)
        threads[i] = start(hear_all, &count);
    for (int i = 0; i < 3; i++)
        expect_bytes(xpub, "\1", 1);
    for (int i = 0; i < count; i++)
        GIVES(zmq_send(xpub, &i, sizeof i, 0), sizeof i);
    for (int i = 0; i < 3; i++)
        finish(threads[i]);
}

/* ---- Moving, churn ----------------------------------------------------- */

static void *
use_and_give_back(void *s)
{
    send_frame(s, "from elsewhere", 0);
    return NULL;
}

CASE(a_socket_moves_between_threads)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    for (int i = 0; i < 20; i++) {
        finish(start(use_and_give_back, b));
        expect_frame(a, "from elsewhere");
        send_frame(a, "x", 0);
        expect_frame(b, "x");
    }
}

static void *
come_and_go(void *arg)
{
    const struct job *job = arg;

    for (int i = 0; i < job->count; i++) {
        void *push = zmq_socket(the_context(), ZMQ_PUSH);

        assert_non_null(push);
        OK(zmq_connect(push, job->endpoint));
        GIVES(zmq_send(push, "x", 1, 0), 1);
        OK(zmq_close(push));
    }
    return NULL;
}

CASE(senders_come_and_go_in_threads)
{
    void *pull = bound(ZMQ_PULL, "inproc://x");
    struct job job = { .endpoint = "inproc://x", .count = 100 };
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = start(come_and_go, &job);
    for (int i = 0; i < 400; i++)
        expect_frame(pull, "x");
    for (int i = 0; i < 4; i++)
        finish(threads[i]);
    expect_nothing(pull);
}

static void *
free_in_thread(void *arg)
{
    zmq_msg_t *msg = arg;

    OK(zmq_msg_close(msg));
    return NULL;
}

CASE(a_message_is_closed_by_another_thread)
{
    zmq_msg_t msgs[20], copy;

    OK(zmq_msg_init_size(&msgs[0], 5000));
    for (size_t i = 1; i < LENGTH(msgs); i++) {
        OK(zmq_msg_init(&msgs[i]));
        OK(zmq_msg_copy(&msgs[i], &msgs[0]));
    }
    OK(zmq_msg_init(&copy));
    OK(zmq_msg_copy(&copy, &msgs[7]));
    for (size_t i = 0; i < LENGTH(msgs); i++)
        finish(start(free_in_thread, &msgs[i]));
    memset(zmq_msg_data(&copy), 1, 5000);
    OK(zmq_msg_close(&copy));
}

int
main(int argc, char **argv)
{
    return run_cases("thread", argc, argv);
}
