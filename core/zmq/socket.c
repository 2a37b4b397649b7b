/* SPDX-License-Identifier: MPL-2.0 */
#include "core/zmq/socket.h"

#include <stdlib.h>
#include <zmq.h>

#include "core/zmq/error.h"

_Static_assert(WEIR_PAIR == ZMQ_PAIR && WEIR_SUB == ZMQ_SUB &&
                   WEIR_ROUTER == ZMQ_ROUTER && WEIR_PUSH == ZMQ_PUSH &&
                   WEIR_XSUB == ZMQ_XSUB,
               "types are numbered alike");

/* ---- Open and close ---------------------------------------------------- */

/* What programs that use libzmq rely on, and weir leaves out by itself. */
static int
be_lenient(weir_socket *s)
{
    int rc = weir_socket_set(s, WEIR_PENDING_CONNECT, 1);

    return rc != 0 ? rc : weir_socket_set(s, WEIR_ANY_PEER, 1);
}

static int
open_engine(struct wr_zmq_socket *z, weir_context *ctx)
{
    int rc = weir_socket_open(ctx, z->type, &z->engine);

    if (rc != 0)
        return rc;
    rc = be_lenient(z->engine);
    if (rc == 0)
        rc = weir_socket_set_user(z->engine, z);
    if (rc != 0)
        (void)weir_close(z->engine);
    return rc;
}

static int
open_socket(struct wr_zmq_context *ctx, int type, weir_socket **socket)
{
    struct wr_zmq_defaults defaults;
    struct wr_zmq_socket *z;
    int rc = wr_zmq_context_enter(ctx, &defaults);

    if (rc != 0)
        return rc;
    z = calloc(1, sizeof(*z));
    rc = -ENOMEM;
    if (z != NULL) {
        z->context = ctx;
        z->type = type;
        wr_zmq_options_init(&z->options, type, &defaults);
        rc = open_engine(z, defaults.engine);
    }
    if (rc != 0) {
        free(z);
        wr_zmq_context_leave(ctx);
        return rc;
    }
    *socket = z->engine;
    return 0;
}

void *
zmq_socket(void *ctx, int type)
{
    weir_socket *s;
    int rc = open_socket(ctx, type, &s);

    if (rc == 0)
        return s;
    (void)wr_zmq_fail(rc);
    return NULL;
}

int
zmq_close(void *s)
{
    struct wr_zmq_socket *z = weir_socket_user(s);
    struct wr_zmq_context *ctx;

    if (z == NULL)
        return wr_zmq_fail(-EBADF);
    ctx = z->context;
    (void)weir_close(z->engine);
    wr_zmq_options_fini(&z->options);
    free(z);
    wr_zmq_context_leave(ctx);
    return 0;
}

int
wr_zmq_socket_of(void *handle, struct wr_zmq_socket **socket)
{
    int64_t more; /* costs the least */
    int rc = weir_socket_get(handle, WEIR_MORE, &more);

    *socket = weir_socket_user(handle);
    return rc == 0 && *socket == NULL ? -EBADF : rc;
}
