/* SPDX-License-Identifier: MPL-2.0 */
/* Signals: a handled one ends a wait with EINTR, and nothing is lost. */
#include "tests/zmq/support.h"

#include <signal.h>

struct waiter {
    void *s;
    void *(*wait)(void *);
    int result, error;
};

static void
on_signal(int number)
{
    (void)number;
}

static void *
wait_in_recv(void *arg)
{
    struct waiter *w = arg;
    char byte;

    w->result = zmq_recv(w->s, &byte, 1, 0);
    return NULL;
}

static void *
wait_in_send(void *arg)
{
    struct waiter *w = arg;

    w->result = zmq_send(w->s, "x", 1, 0);
    return NULL;
}

static void *
wait_in_poll(void *arg)
{
    struct waiter *w = arg;
    zmq_pollitem_t item = { w->s, 0, ZMQ_POLLIN, 0 };

    w->result = zmq_poll(&item, 1, -1);
    return NULL;
}

static void *
wait_in_proxy(void *arg)
{
    struct waiter *w = arg;

    w->result = zmq_proxy(w->s, w->s, NULL);
    return NULL;
}

static void *
wait_in_term(void *arg)
{
    struct waiter *w = arg;

    w->result = zmq_ctx_term(w->s);
    return NULL;
}

static void *
run_waiter(void *arg)
{
    struct waiter *w = arg;

    w->wait(w);
    w->error = zmq_errno();
    return NULL;
}

/* Sends signals until one finds the thread waiting. */
static void
is_interrupted(void *(*wait)(void *), void *s)
{
    struct waiter w = { .s = s, .wait = wait };
    struct sigaction action = { .sa_handler = on_signal };
    pthread_t thread;

    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    thread = start(run_waiter, &w);
    while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
        pause_ms(1);
        pthread_kill(thread, SIGUSR1);
    }
    assert_int_equal(w.result, -1);
    assert_int_equal(w.error, EINTR);
}

CASE(a_signal_ends_a_receive)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    is_interrupted(wait_in_recv, a);
    send_frame(b, "text", 0);
    expect_frame(a, "text");
}

CASE(a_signal_ends_a_timed_receive)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    set_int(a, ZMQ_RCVTIMEO, 100000);
    is_interrupted(wait_in_recv, a);
}

CASE(a_signal_ends_a_send)
{
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 1);
    assert_int_equal(send_until_full(push, 10), 2);
    is_interrupted(wait_in_send, push);
    assert_int_equal(drain(pull), 2);
}

CASE(a_signal_ends_a_poll)
{
    is_interrupted(wait_in_poll, open_socket(ZMQ_PULL));
}

CASE(a_signal_ends_a_proxy)
{
    is_interrupted(wait_in_proxy, bound(ZMQ_ROUTER, "inproc://x"));
}

/* It may be called again. */
CASE(a_signal_ends_a_term)
{
    void *s = open_socket(ZMQ_PULL);
    char byte;

    is_interrupted(wait_in_term, the_context());
    FAILS(zmq_recv(s, &byte, 1, 0), ETERM);
    close_socket(s);
    end_context();
}

int
main(int argc, char **argv)
{
    return run_cases("signal", argc, argv);
}
