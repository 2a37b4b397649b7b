/* SPDX-License-Identifier: MPL-2.0 */
/* The end of contexts: who is woken, who waits for whom, what is lost. */
#include "tests/zmq/support.h"

/* ---- Shutdown wakes ---------------------------------------------------- */

struct blocked {
    void *s;
    int result, error;
};

static void *
block_in_recv(void *arg)
{
    struct blocked *b = arg;
    char byte;

    b->result = zmq_recv(b->s, &byte, 1, 0);
    b->error = zmq_errno();
    return NULL;
}

static void *
block_in_send(void *arg)
{
    struct blocked *b = arg;

    b->result = zmq_send(b->s, "x", 1, 0);
    b->error = zmq_errno();
    return NULL;
}

static void
is_woken(void *(*block)(void *), int type)
{
    struct blocked b = { open_socket(type), 0, 0 };
    pthread_t thread = start(block, &b);

    pause_ms(10);
    OK(zmq_ctx_shutdown(the_context()));
    finish(thread);
    assert_int_equal(b.result, -1);
    assert_int_equal(b.error, ETERM);
}

static const struct {
    const char *name;
    int type;
} receivers[] = {
    { "PAIR", ZMQ_PAIR }, { "SUB", ZMQ_SUB },       { "REP", ZMQ_REP },
    { "PULL", ZMQ_PULL }, { "ROUTER", ZMQ_ROUTER }, { "DEALER", ZMQ_DEALER },
    { "XPUB", ZMQ_XPUB }, { "XSUB", ZMQ_XSUB },
}, senders[] = {
    { "PAIR", ZMQ_PAIR },
    { "REQ", ZMQ_REQ },
    { "PUSH", ZMQ_PUSH },
    { "DEALER", ZMQ_DEALER },
};

static void
receiver_is_woken(const void *type)
{
    is_woken(block_in_recv, *(const int *)type);
}

static void
sender_is_woken(const void *type)
{
    is_woken(block_in_send, *(const int *)type);
}

__attribute__((constructor)) static void
add_blocked(void)
{
    for (size_t i = 0; i < LENGTH(receivers); i++) {
        add_row("shutdown_wakes_receiver", receivers[i].name, receiver_is_woken,
                &receivers[i].type);
    }
    for (size_t i = 0; i < LENGTH(senders); i++) {
        add_row("shutdown_wakes_sender", senders[i].name, sender_is_woken,
                &senders[i].type);
    }
}

CASE(shutdown_wakes_a_full_sender)
{
    struct blocked b;
    pthread_t thread;
    void *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &b.s, 1);
    assert_int_equal(send_until_full(b.s, 10), 2);
    thread = start(block_in_send, &b);
    pause_ms(10);
    OK(zmq_ctx_shutdown(the_context()));
    finish(thread);
    assert_int_equal(b.result, -1);
    assert_int_equal(b.error, ETERM);
}

CASE(shutdown_ends_a_timed_wait)
{
    struct blocked b = { open_socket(ZMQ_PULL), 0, 0 };
    pthread_t thread;

    set_int(b.s, ZMQ_RCVTIMEO, 100000);
    thread = start(block_in_recv, &b);
    pause_ms(10);
    OK(zmq_ctx_shutdown(the_context()));
    finish(thread);
    assert_int_equal(b.error, ETERM);
}

CASE(shutdown_may_be_repeated)
{
    open_socket(ZMQ_PULL);
    OK(zmq_ctx_shutdown(the_context()));
    OK(zmq_ctx_shutdown(the_context()));
}

CASE(shutdown_of_an_unused_context)
{
    OK(zmq_ctx_shutdown(the_context()));
}

CASE(after_shutdown_no_socket_is_made)
{
    open_socket(ZMQ_PULL);
    OK(zmq_ctx_shutdown(the_context()));
    assert_null(zmq_socket(the_context(), ZMQ_PULL));
    assert_int_equal(zmq_errno(), ETERM);
}

CASE(after_shutdown_waiting_messages_cannot_be_had)
{
    void *a, *b;
    char byte;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(b, "x", 0);
    OK(zmq_ctx_shutdown(the_context()));
    FAILS(zmq_recv(a, &byte, 1, 0), ETERM);
    FAILS(zmq_recv(a, &byte, 1, ZMQ_DONTWAIT), ETERM);
}

/* ---- Term waits -------------------------------------------------------- */

static void *
close_when_terminated(void *s)
{
    char byte;

    FAILS(zmq_recv(s, &byte, 1, 0), ETERM);
    pause_ms(20);
    OK(zmq_close(s));
    return NULL;
}

CASE(term_waits_for_sockets_to_be_closed)
{
    void *context = zmq_ctx_new();
    pthread_t threads[3];

    for (size_t i = 0; i < LENGTH(threads); i++) {
        void *s = zmq_socket(context, ZMQ_PULL);

        threads[i] = start(close_when_terminated, s);
    }
    OK(zmq_ctx_term(context));
    for (size_t i = 0; i < LENGTH(threads); i++)
        finish(threads[i]);
}

CASE(term_without_sockets)
{
    OK(zmq_ctx_term(zmq_ctx_new()));
}

CASE(term_after_sockets_were_closed)
{
    void *context = zmq_ctx_new();
    void *a = zmq_socket(context, ZMQ_PAIR), *b = zmq_socket(context, ZMQ_PAIR);

    OK(zmq_bind(a, "inproc://x"));
    OK(zmq_connect(b, "inproc://x"));
    GIVES(zmq_send(a, "x", 1, 0), 1);
    GIVES(zmq_send(b, "x", 1, 0), 1);
    OK(zmq_close(a));
    OK(zmq_close(b));
    OK(zmq_ctx_term(context));
}

CASE(term_with_a_connection_that_was_never_bound)
{
    void *push = connected(ZMQ_PUSH, "inproc://nowhere");

    set_int(push, ZMQ_LINGER, 0);
    close_socket(push);
}

CASE(term_with_messages_to_a_name_that_was_never_bound)
{
    void *push = connected(ZMQ_PUSH, "inproc://nowhere");

    set_int(push, ZMQ_LINGER, 0);
    assert_int_equal(send_until_full(push, 5000), 1000);
}

CASE(term_does_not_linger_for_a_name_that_was_never_bound)
{
    send_frame(connected(ZMQ_PUSH, "inproc://nowhere"), "text", 0);
}

CASE(a_closed_socket_lingers_for_a_later_bind)
{
    void *push = connected(ZMQ_PUSH, "inproc://x");

    send_frame(push, "text", 0);
    close_socket(push);
    expect_frame(bound(ZMQ_PULL, "inproc://x"), "text");
}

CASE(term_with_half_a_message)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(a, "half", ZMQ_SNDMORE);
}

CASE(term_with_half_a_message_received)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(a, "1", "2", NULL);
    expect_frame(b, "1");
}

CASE(term_with_two_thousand_messages_waiting)
{
    void *pull, *push;

    join(ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    assert_int_equal(send_until_full(push, 5000), 2000);
}

CASE(term_after_shutdown)
{
    void *context = zmq_ctx_new(), *s = zmq_socket(context, ZMQ_PULL);

    OK(zmq_ctx_shutdown(context));
    OK(zmq_close(s));
    OK(zmq_ctx_term(context));
}

CASE(sockets_of_all_types_end)
{
    for (int type = ZMQ_PAIR; type <= ZMQ_XSUB; type++) {
        void *s = open_socket(type);
        char name[] = "inproc://?";

        name[9] = (char)('a' + type);
        OK(zmq_bind(s, name));
        connected(type, name);
    }
}

CASE(contexts_come_and_go)
{
    for (int i = 0; i < 100; i++) {
        void *context = zmq_ctx_new();
        void *s = zmq_socket(context, ZMQ_PULL);

        OK(zmq_bind(s, "inproc://x"));
        OK(zmq_close(s));
        OK(zmq_ctx_term(context));
    }
}

CASE(sockets_come_and_go)
{
    OK(zmq_ctx_set(the_context(), ZMQ_MAX_SOCKETS, 10000));
    for (int i = 0; i < 2000; i++)
        close_socket(open_socket(i % 11));
}

int
main(int argc, char **argv)
{
    return run_cases("termination", argc, argv);
}
