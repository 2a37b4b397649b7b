/* SPDX-License-Identifier: MPL-2.0 */
/* Every call that takes a socket: none, one that is closed, and one whose
 * context has been shut down. */
#include "tests/zmq/support.h"

#include <sys/uio.h>

static char byte = 'x';
static struct iovec part = { &byte, 1 };

static int
call_close(void *s)
{
    return zmq_close(s);
}

static int
call_setsockopt(void *s)
{
    int value = 0;

    return zmq_setsockopt(s, ZMQ_LINGER, &value, sizeof value);
}

static int
call_getsockopt(void *s)
{
    int value;
    size_t size = sizeof value;

    return zmq_getsockopt(s, ZMQ_LINGER, &value, &size);
}

static int
call_bind(void *s)
{
    return zmq_bind(s, "inproc://a");
}

static int
call_connect(void *s)
{
    return zmq_connect(s, "inproc://b");
}

static int
call_unbind(void *s)
{
    return zmq_unbind(s, "inproc://a");
}

static int
call_disconnect(void *s)
{
    return zmq_disconnect(s, "inproc://b");
}

static int
call_send(void *s)
{
    return zmq_send(s, &byte, 1, ZMQ_DONTWAIT);
}

static int
call_send_const(void *s)
{
    return zmq_send_const(s, &byte, 1, ZMQ_DONTWAIT);
}

static int
call_recv(void *s)
{
    char buffer[8];

    return zmq_recv(s, buffer, sizeof buffer, ZMQ_DONTWAIT);
}

/* Calls with a message, which is closed whatever comes of it. */
static int
with_message(int (*call)(zmq_msg_t *, void *, int), void *s)
{
    zmq_msg_t msg;
    int result, error;

    zmq_msg_init(&msg);
    result = call(&msg, s, ZMQ_DONTWAIT);
    error = errno;
    zmq_msg_close(&msg);
    errno = error;
    return result;
}

static int
old_send(zmq_msg_t *msg, void *s, int flags)
{
    return zmq_sendmsg(s, msg, flags);
}

static int
old_recv(zmq_msg_t *msg, void *s, int flags)
{
    return zmq_recvmsg(s, msg, flags);
}

static int
call_msg_send(void *s)
{
    return with_message(zmq_msg_send, s);
}

static int
call_msg_recv(void *s)
{
    return with_message(zmq_msg_recv, s);
}

static int
call_sendmsg(void *s)
{
    return with_message(old_send, s);
}

static int
call_recvmsg(void *s)
{
    return with_message(old_recv, s);
}

static int
call_sendiov(void *s)
{
    return zmq_sendiov(s, &part, 1, ZMQ_DONTWAIT);
}

static int
call_recviov(void *s)
{
    struct iovec parts[1];
    size_t count = 1;

    return zmq_recviov(s, parts, &count, ZMQ_DONTWAIT);
}

static int
call_monitor(void *s)
{
    return zmq_socket_monitor(s, "inproc://m", ZMQ_EVENT_ALL);
}

struct call {
    const char *name;
    int (*call)(void *s);
    /* What remains of it once the context is shut down. */
    bool ends_with_context;
};

static const struct call calls[] = {
    { "close", call_close, false },
    { "setsockopt", call_setsockopt, true },
    { "getsockopt", call_getsockopt, true },
    { "bind", call_bind, true },
    { "connect", call_connect, true },
    { "unbind", call_unbind, true },
    { "disconnect", call_disconnect, true },
    { "send", call_send, true },
    { "send_const", call_send_const, true },
    { "recv", call_recv, true },
    { "msg_send", call_msg_send, true },
    { "msg_recv", call_msg_recv, true },
    { "sendmsg", call_sendmsg, true },
    { "recvmsg", call_recvmsg, true },
    { "sendiov", call_sendiov, true },
    { "recviov", call_recviov, true },
    { "socket_monitor", call_monitor, true },
};

static void
without_a_socket(const void *arg)
{
    const struct call *c = arg;

    FAILS(c->call(NULL), ENOTSOCK);
}

static void
after_close(const void *arg)
{
    const struct call *c = arg;
    void *s = zmq_socket(the_context(), ZMQ_PAIR);

    OK(zmq_close(s));
    FAILS(c->call(s), ENOTSOCK);
}

static void
after_shutdown(const void *arg)
{
    const struct call *c = arg;
    void *s = open_socket(ZMQ_PAIR);

    OK(zmq_ctx_shutdown(the_context()));
    /* Options may still be had until a call has said so. */
    FAILS(call_recv(s), ETERM);
    FAILS(c->call(s), ETERM);
    FAILS(c->call(s), ETERM);
}

__attribute__((constructor)) static void
add_calls(void)
{
    for (size_t i = 0; i < LENGTH(calls); i++) {
        const struct call *c = &calls[i];

        add_row("no_socket_for", c->name, without_a_socket, c);
        add_row("closed_socket_for", c->name, after_close, c);
        if (c->ends_with_context)
            add_row("shutdown_context_for", c->name, after_shutdown, c);
    }
}

CASE(a_context_is_no_socket)
{
    FAILS(call_send(the_context()), ENOTSOCK);
    FAILS(call_recv(the_context()), ENOTSOCK);
    FAILS(call_close(the_context()), ENOTSOCK);
    FAILS(call_bind(the_context()), ENOTSOCK);
}

CASE(close_works_after_shutdown)
{
    void *s = open_socket(ZMQ_PAIR);

    OK(zmq_ctx_shutdown(the_context()));
    close_socket(s);
}

CASE(poll_of_a_closed_socket_gives_enotsock)
{
    void *s = zmq_socket(the_context(), ZMQ_PAIR);
    zmq_pollitem_t item = { s, 0, ZMQ_POLLIN, 0 };

    OK(zmq_close(s));
    FAILS(zmq_poll(&item, 1, 0), ENOTSOCK);
}

CASE(poll_after_shutdown_gives_eterm)
{
    zmq_pollitem_t item = { open_socket(ZMQ_PAIR), 0, ZMQ_POLLIN, 0 };

    OK(zmq_ctx_shutdown(the_context()));
    FAILS(zmq_poll(&item, 1, -1), ETERM);
}

int
main(int argc, char **argv)
{
    return run_cases("handle", argc, argv);
}
