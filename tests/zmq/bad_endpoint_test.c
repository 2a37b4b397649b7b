/* SPDX-License-Identifier: MPL-2.0 */
/* Endpoints that no call takes, and what a socket is that has had them. */
#include "tests/zmq/support.h"

struct bad {
    const char *name;
    const char *endpoint;
    int error;
};

static const struct bad bad[] = {
    { "empty", "", EINVAL },
    { "no_scheme", "name", EINVAL },
    { "no_slashes", "inproc:name", EINVAL },
    { "one_slash", "inproc:/name", EINVAL },
    { "no_colon", "inproc//name", EINVAL },
    { "no_name", "inproc://", EINVAL },
    { "empty_scheme", "://name", EINVAL },
    { "unknown_scheme", "foo://name", EPROTONOSUPPORT },
    { "capital_scheme", "INPROC://name", EPROTONOSUPPORT },
    { "blank_in_front", " inproc://name", EPROTONOSUPPORT },
};

static void
no_bind(const void *arg)
{
    const struct bad *b = arg;

    FAILS(zmq_bind(open_socket(ZMQ_PULL), b->endpoint), b->error);
}

static void
no_connect(const void *arg)
{
    const struct bad *b = arg;

    FAILS(zmq_connect(open_socket(ZMQ_PULL), b->endpoint), b->error);
}

static void
no_unbind(const void *arg)
{
    const struct bad *b = arg;

    FAILS(zmq_unbind(open_socket(ZMQ_PULL), b->endpoint), b->error);
}

static void
no_disconnect(const void *arg)
{
    const struct bad *b = arg;

    FAILS(zmq_disconnect(open_socket(ZMQ_PULL), b->endpoint), b->error);
}

__attribute__((constructor)) static void
add_bad(void)
{
    for (size_t i = 0; i < LENGTH(bad); i++) {
        add_row("bind_to", bad[i].name, no_bind, &bad[i]);
        add_row("connect_to", bad[i].name, no_connect, &bad[i]);
        add_row("unbind_from", bad[i].name, no_unbind, &bad[i]);
        add_row("disconnect_from", bad[i].name, no_disconnect, &bad[i]);
    }
}

CASE(a_refused_endpoint_leaves_the_socket_usable)
{
    void *pull = open_socket(ZMQ_PULL), *push = open_socket(ZMQ_PUSH);

    FAILS(zmq_bind(pull, "foo://x"), EPROTONOSUPPORT);
    FAILS(zmq_connect(push, "x"), EINVAL);
    OK(zmq_bind(pull, "inproc://x"));
    OK(zmq_connect(push, "inproc://x"));
    send_frame(push, "text", 0);
    expect_frame(pull, "text");
}

int
main(int argc, char **argv)
{
    return run_cases("bad_endpoint", argc, argv);
}
