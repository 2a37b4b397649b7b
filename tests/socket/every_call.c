/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/socket/every_call.h"

#include <stddef.h>
#include <stdint.h>
#include <weir/poll.h>

#define NAME "inproc://every-call"

static long
bind_it(weir_socket *s)
{
    return weir_bind(s, NAME);
}

static long
unbind_it(weir_socket *s)
{
    return weir_unbind(s, NAME);
}

static long
connect_it(weir_socket *s)
{
    return weir_connect(s, NAME);
}

static long
disconnect_it(weir_socket *s)
{
    return weir_disconnect(s, NAME);
}

static long
set_option(weir_socket *s)
{
    return weir_socket_set(s, WEIR_SEND_HWM, 1000);
}

static long
get_option(weir_socket *s)
{
    int64_t value;

    return weir_socket_get(s, WEIR_TYPE, &value);
}

static long
send_one(weir_socket *s)
{
    weir_msg msg;

    weir_msg_init(&msg);
    return weir_send(s, &msg, WEIR_DONTWAIT);
}

static long
recv_one(weir_socket *s)
{
    weir_msg msg;

    return weir_recv(s, &msg, WEIR_DONTWAIT);
}

static long
send_array(weir_socket *s)
{
    weir_msg msgs[2];

    weir_msg_init(&msgs[0]);
    weir_msg_init(&msgs[1]);
    return weir_send_batch(s, msgs, 2, WEIR_DONTWAIT);
}

static long
recv_array(weir_socket *s)
{
    weir_msg msgs[2];

    return weir_recv_batch(s, msgs, 2, WEIR_DONTWAIT);
}

static long
reserve(weir_socket *s)
{
    weir_msg *span;

    return weir_reserve(s, 1, &span, WEIR_DONTWAIT);
}

static long
commit(weir_socket *s)
{
    return weir_commit(s, 0);
}

static long
peek(weir_socket *s)
{
    weir_msg *span;

    return weir_peek(s, 1, &span, WEIR_DONTWAIT);
}

static long
release(weir_socket *s)
{
    return weir_release(s, 0);
}

static long
init_size(weir_socket *s)
{
    weir_msg msg;
    long rc = weir_msg_init_size(&msg, s, 100);

    if (rc == 0)
        (void)weir_msg_drop(&msg);
    return rc;
}

static long
init_copy(weir_socket *s)
{
    weir_msg msg;

    return weir_msg_init_copy(&msg, s, "text", 4);
}

static long
make_fd(weir_socket *s)
{
    int fd = weir_socket_fd(s);

    return fd < 0 ? fd : 0;
}

static long
add_to_poller(weir_socket *s)
{
    weir_poller *p = weir_poller_new();
    long rc = weir_poller_add(p, s, WEIR_POLLIN, NULL);

    (void)weir_poller_free(p);
    return rc;
}

const struct any_call every_call[] = {
    { "bind", CONTROL, bind_it },
    { "unbind", CONTROL, unbind_it },
    { "connect", CONTROL, connect_it },
    { "disconnect", CONTROL, disconnect_it },
    { "socket_set", CONTROL, set_option },
    { "socket_get", CONTROL, get_option },
    { "send", SENDING, send_one },
    { "recv", RECEIVING, recv_one },
    { "send_batch", SENDING, send_array },
    { "recv_batch", RECEIVING, recv_array },
    { "reserve", SENDING, reserve },
    { "commit", SENDING, commit },
    { "peek", RECEIVING, peek },
    { "release", RECEIVING, release },
    { "msg_init_size", ALLOCATING, init_size },
    { "msg_init_copy", ALLOCATING, init_copy },
    { "socket_fd", CONTROL, make_fd },
    { "poller_add", CONTROL, add_to_poller },
    { NULL, CONTROL, NULL },
};
