/* SPDX-License-Identifier: MPL-2.0 */
/* Bind, connect and what undoes them. */
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "core/zmq/error.h"
#include "core/zmq/monitor.h"
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

/* ---- What a socket has bound ------------------------------------------- */

struct wr_zmq_bound {
    struct wr_zmq_bound *next;
    char endpoint[];
};

static struct wr_zmq_bound *
bound_new(const char *endpoint)
{
    size_t size = strlen(endpoint) + 1;
    struct wr_zmq_bound *b = malloc(sizeof(*b) + size);

    if (b != NULL)
        memcpy(b->endpoint, endpoint, size);
    return b;
}

/* The name is free: so is what was known of it. */
static void
closed(struct wr_zmq_socket *z, struct wr_zmq_bound **at)
{
    struct wr_zmq_bound *b = *at;

    *at = b->next;
    wr_zmq_monitor_tell(z, ZMQ_EVENT_CLOSED, b->endpoint);
    free(b);
}

void
wr_zmq_endpoints_fini(struct wr_zmq_socket *z)
{
    while (z->bound != NULL)
        closed(z, &z->bound);
}

/* ---- Bind and connect -------------------------------------------------- */

/* Begins a call that is about an endpoint. */
static int
enter(void *s, const char *endpoint, struct wr_zmq_socket **z)
{
    int rc = wr_zmq_socket_of(s, z);

    return rc != 0 ? rc : wr_zmq_endpoint_check(endpoint);
}

static int
bind_to(struct wr_zmq_socket *z, const char *endpoint)
{
    struct wr_zmq_text *text = wr_zmq_text_new(endpoint, strlen(endpoint));
    struct wr_zmq_bound *b = bound_new(endpoint);
    int rc =
        text == NULL || b == NULL ? -ENOMEM : weir_bind(z->engine, endpoint);

    if (rc != 0) {
        free(text);
        free(b);
        wr_zmq_monitor_tell_error(z, ZMQ_EVENT_BIND_FAILED, endpoint, -rc);
        return rc;
    }
    wr_zmq_options_put(&z->options, ZMQ_LAST_ENDPOINT, text);
    b->next = z->bound;
    z->bound = b;
    wr_zmq_monitor_tell(z, ZMQ_EVENT_LISTENING, endpoint);
    return 0;
}

int
zmq_bind(void *s, const char *endpoint)
{
    struct wr_zmq_socket *z;
    int rc = enter(s, endpoint, &z);

    return wr_zmq_result(rc != 0 ? rc : bind_to(z, endpoint));
}

static int
connect_to(struct wr_zmq_socket *z, const char *endpoint)
{
    struct wr_zmq_text *text = wr_zmq_text_new(endpoint, strlen(endpoint));
    int rc = text == NULL ? -ENOMEM : weir_connect(z->engine, endpoint);

    if (rc == 0)
        wr_zmq_monitor_tell(z, ZMQ_EVENT_CONNECTED, endpoint);
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
zmq_connect(void *s, const char *endpoint)
{
    struct wr_zmq_socket *z;
    int rc = enter(s, endpoint, &z);

    return wr_zmq_result(rc != 0 ? rc : connect_to(z, endpoint));
}

/* ---- Unbind and disconnect --------------------------------------------- */

static int
unbind(struct wr_zmq_socket *z, const char *endpoint)
{
    struct wr_zmq_bound **at = &z->bound;
    int rc = weir_unbind(z->engine, endpoint);

    if (rc != 0)
        return rc;
    while (strcmp((*at)->endpoint, endpoint) != 0)
        at = &(*at)->next;
    closed(z, at);
    return 0;
}

/* Gives up all connections that were made to the name. */
static int
disconnect_all(struct wr_zmq_socket *z, const char *endpoint)
{
    int rc = weir_disconnect(z->engine, endpoint);

    if (rc != 0)
        return rc;
    while (rc == 0) {
        wr_zmq_monitor_tell(z, ZMQ_EVENT_DISCONNECTED, endpoint);
        rc = weir_disconnect(z->engine, endpoint);
    }
    return rc == -ENOENT ? 0 : rc;
}

/* For inproc the two are one in libzmq. */
int
zmq_unbind(void *s, const char *endpoint)
{
    struct wr_zmq_socket *z;
    int rc = enter(s, endpoint, &z);

    if (rc == 0)
        rc = unbind(z, endpoint);
    if (rc == -ENOENT)
        rc = disconnect_all(z, endpoint);
    return wr_zmq_result(rc);
}

int
zmq_disconnect(void *s, const char *endpoint)
{
    return zmq_unbind(s, endpoint);
}
