/* SPDX-License-Identifier: MPL-2.0 */
/* What the library keeps of a socket beside weir's, whose handle is what
 * programs get. It hangs on weir_socket_user and is the owner's alone.
 *
 * Cost  Nothing on the way of a message: it is for options, endpoints
 *       and the end. */
#ifndef WEIR_CORE_ZMQ_SOCKET_H
#define WEIR_CORE_ZMQ_SOCKET_H

#include <errno.h>
#include <weir/weir.h>

#include "core/zmq/context.h"
#include "core/zmq/option.h"

struct wr_zmq_socket {
    struct wr_zmq_context *context;
    weir_socket *engine;
    int type;
    struct wr_zmq_options options;
};

/* The record of a socket that can be used. -EBADF, -ESHUTDOWN. */
int wr_zmq_socket_of(void *handle, struct wr_zmq_socket **socket);

/* Whether libzmq would take the endpoint: 0, -EINVAL, -EPROTONOSUPPORT. */
int wr_zmq_endpoint_check(const char *endpoint);

/* The error of a call with a bad argument: -EBADF if the socket is bad too. */
static inline int
wr_zmq_bad_argument(void *handle, int rc)
{
    return weir_socket_user(handle) == NULL ? -EBADF : rc;
}

#endif
