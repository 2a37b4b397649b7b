/* SPDX-License-Identifier: MPL-2.0 */
/* Bind, connect and what undoes them. */
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "core/zmq/error.h"
#include "core/zmq/socket.h"

int
wr_zmq_endpoint_check(const char *endpoint)
{
    static const char inproc[] = "inproc://";
    const char *colon = endpoint == NULL ? NULL : strstr(endpoint, "://");

    if (colon == NULL || colon == endpoint || colon[3] == '\0')
        return -EINVAL;
    return strncmp(endpoint, inproc, sizeof(inproc) - 1) == 0
               ? 0
               : -EPROTONOSUPPORT;
}

/* ---- Bind and connect -------------------------------------------------- */

/* Begins a call that is about an endpoint. */
static int
enter(void *s, const char *endpoint, struct wr_zmq_socket **z)
{
    int rc = wr_zmq_socket_of(s, z);

    return rc != 0 ? rc : wr_zmq_endpoint_check(endpoint);
}

/* Binds or connects, and makes the endpoint the last one. */
static int
use(struct wr_zmq_socket *z, const char *endpoint,
    int (*call)(weir_socket *s, const char *endpoint))
{
    struct wr_zmq_text *text = wr_zmq_text_new(endpoint, strlen(endpoint));
    int rc = text == NULL ? -ENOMEM : call(z->engine, endpoint);

    /* Where a PAIR has its peer already, libzmq says that all went well and
     * drops the connection. */
    if (rc == -EBUSY)
        rc = 0;
    if (rc == 0)
        wr_zmq_options_put(&z->options, ZMQ_LAST_ENDPOINT, text);
    else
        free(text);
    return rc;
}

int
zmq_bind(void *s, const char *endpoint)
{
    struct wr_zmq_socket *z;
    int rc = enter(s, endpoint, &z);

    return wr_zmq_result(rc != 0 ? rc : use(z, endpoint, weir_bind));
}

int
zmq_connect(void *s, const char *endpoint)
{
    struct wr_zmq_socket *z;
    int rc = enter(s, endpoint, &z);

    return wr_zmq_result(rc != 0 ? rc : use(z, endpoint, weir_connect));
}

/* ---- Unbind and disconnect --------------------------------------------- */

/* Gives up all connections that were made to the name. */
static int
disconnect_all(weir_socket *s, const char *endpoint)
{
    int rc = weir_disconnect(s, endpoint);

    if (rc != 0)
        return rc;
    while (rc == 0)
        rc = weir_disconnect(s, endpoint);
    return rc == -ENOENT ? 0 : rc;
}

/* For inproc the two are one in libzmq. */
int
zmq_unbind(void *s, const char *endpoint)
{
    struct wr_zmq_socket *z;
    int rc = enter(s, endpoint, &z);

    if (rc == 0)
        rc = weir_unbind(s, endpoint);
    if (rc == -ENOENT)
        rc = disconnect_all(s, endpoint);
    return wr_zmq_result(rc);
}

int
zmq_disconnect(void *s, const char *endpoint)
{
    return zmq_unbind(s, endpoint);
}
