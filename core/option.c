/* SPDX-License-Identifier: MPL-2.0 */
/* Options of sockets: those that all have are here, a type's own are with it.
 * All is under the context's lock. */
#include <errno.h>
#include <string.h>

#include "core/outside.h"
#include "core/ready.h"
#include "core/socket.h"

/* Makes the limits act on the connections there are. */
static void
limits_changed(struct wr_socket *s)
{
    for (struct wr_end *e = s->arrived.first; e != NULL; e = e->next)
        wr_socket_pass_limits(s, e);
    for (struct wr_end *e = s->ends.first; e != NULL; e = e->next) {
        wr_socket_pass_limits(s, e);
        wr_bell_ring(s->bell, &e->entry); /* as if the peer had */
    }
}

/* The option's allowed values; false: it cannot be set. */
static bool
range_of(int option, int64_t *least, int64_t *most)
{
    *least = 0;
    *most = 1;
    switch (option) {
    case WEIR_SEND_HWM:
    case WEIR_RECV_HWM:
        *most = INT32_MAX;
        return true;
    case WEIR_SEND_TIMEOUT_MS:
    case WEIR_RECV_TIMEOUT_MS:
        *least = -1;
        *most = INT32_MAX;
        return true;
    case WEIR_WAIT:
        *most = WEIR_WAIT_PARK;
        return true;
    case WEIR_XPUB_VERBOSE:
        *most = 2;
        return true;
    case WEIR_TYPE:
    case WEIR_PEERS:
    case WEIR_EVENTS:
    case WEIR_MORE:
        return false;
    default:
        return true;
    }
}

/* Whether connections of the type can keep only the newest message. */
static bool
conflates(int type)
{
    return type == WEIR_PUSH || type == WEIR_PULL || type == WEIR_PUB ||
           type == WEIR_SUB || type == WEIR_DEALER;
}

/* Whether it can make itself known to a router. */
static bool
probes(int type)
{
    return type == WEIR_ROUTER || type == WEIR_DEALER || type == WEIR_REQ;
}

/* Whether threads can share it. */
static bool
is_shareable(int type)
{
    return type == WEIR_PUSH || type == WEIR_PULL;
}

/* For good. */
static int
set_thread_safe(struct wr_socket *s, bool on)
{
    struct wr_turnstile *t;

    if (!is_shareable(s->pattern->type) || (!on && s->turnstile != NULL))
        return -EINVAL;
    if (!on || s->turnstile != NULL)
        return 0;
    t = wr_arena_zalloc(s->arena, WR_LINE, sizeof(*t));
    if (t == NULL)
        return -ENOMEM;
    wr_turnstile_init(t);
    s->turnstile = t;
    wr_gate_set(&s->send_gate, WR_GATE_TYPE, true);
    wr_gate_set(&s->recv_gate, WR_GATE_TYPE, true);
    return 0;
}

static int
set(struct wr_socket *s, int option, int64_t value)
{
    switch (option) {
    case WEIR_SEND_HWM:
        s->send_hwm = (uint32_t)value;
        limits_changed(s);
        return 0;
    case WEIR_RECV_HWM:
        s->recv_hwm = (uint32_t)value;
        limits_changed(s);
        return 0;
    case WEIR_SEND_TIMEOUT_MS:
        s->send_timeout_ms = (int32_t)value;
        return 0;
    case WEIR_RECV_TIMEOUT_MS:
        s->recv_timeout_ms = (int32_t)value;
        return 0;
    case WEIR_PENDING_CONNECT:
        s->pending_connect = value != 0;
        return 0;
    case WEIR_WAIT:
        wr_wait_init(&s->wait, (int)value);
        return 0;
    case WEIR_ANY_PEER:
        s->any_peer = value != 0;
        return 0;
    case WEIR_CONFLATE:
        if (!conflates(s->pattern->type))
            return -EINVAL;
        s->conflate = value != 0;
        return 0;
    case WEIR_THREAD_SAFE:
        return set_thread_safe(s, value != 0);
    case WEIR_PROBE_ROUTER:
        if (!probes(s->pattern->type))
            return -EINVAL;
        s->probe = value != 0;
        return 0;
    default:
        return s->pattern->set != NULL ? s->pattern->set(s, option, value)
                                       : -EINVAL;
    }
}

int
weir_socket_set(weir_socket *handle, int option, int64_t value)
{
    struct wr_socket *s = wr_socket_of(handle);
    int64_t least, most;
    int rc;

    if (s == NULL)
        return -EBADF;
    if (!range_of(option, &least, &most) || value < least || value > most)
        return -EINVAL;
    rc = wr_socket_lock(s);
    if (rc != 0)
        return rc;
    rc = set(s, option, value);
    wr_socket_unlock(s);
    if (s->outside)
        wr_outside_touch(s);
    return rc;
}

static int
get(struct wr_socket *s, int option, int64_t *value)
{
    switch (option) {
    case WEIR_SEND_HWM:
        *value = s->send_hwm;
        return 0;
    case WEIR_RECV_HWM:
        *value = s->recv_hwm;
        return 0;
    case WEIR_SEND_TIMEOUT_MS:
        *value = s->send_timeout_ms;
        return 0;
    case WEIR_RECV_TIMEOUT_MS:
        *value = s->recv_timeout_ms;
        return 0;
    case WEIR_PENDING_CONNECT:
        *value = s->pending_connect;
        return 0;
    case WEIR_WAIT:
        *value = s->wait.strategy;
        return 0;
    case WEIR_TYPE:
        *value = s->pattern->type;
        return 0;
    case WEIR_PEERS:
        *value = s->peers;
        return 0;
    case WEIR_MORE:
        *value = wr_socket_in_message(s);
        return 0;
    case WEIR_ANY_PEER:
        *value = s->any_peer;
        return 0;
    case WEIR_THREAD_SAFE:
        if (!is_shareable(s->pattern->type))
            return -EINVAL;
        *value = s->turnstile != NULL;
        return 0;
    case WEIR_CONFLATE:
        if (!conflates(s->pattern->type))
            return -EINVAL;
        *value = s->conflate;
        return 0;
    case WEIR_PROBE_ROUTER:
        if (!probes(s->pattern->type))
            return -EINVAL;
        *value = s->probe;
        return 0;
    default:
        return s->pattern->get != NULL ? s->pattern->get(s, option, value)
                                       : -EINVAL;
    }
}

static int
get_events(struct wr_socket *s, int64_t *value)
{
    int rc = wr_socket_enter(s);

    if (rc != 0)
        return rc;
    *value = wr_socket_ready(s, WR_EVENTS);
    if (likely(!wr_outside_has_fd(s)))
        return 0;
    wr_outside_told(s, (int)*value);
    rc = wr_socket_enter(s);
    if (rc == 0)
        *value |= wr_socket_ready(s, WR_EVENTS);
    return rc;
}

/* Asked for after every frame, and the owner's alone: no lock. */
static int
get_more(struct wr_socket *s, int64_t *value)
{
    int rc = wr_socket_enter(s);

    if (rc == 0)
        *value = wr_socket_in_message(s);
    return rc;
}

int
weir_socket_get(weir_socket *handle, int option, int64_t *value)
{
    struct wr_socket *s = wr_socket_of(handle);
    int rc;

    if (s == NULL)
        return -EBADF;
    if (value == NULL)
        return -EINVAL;
    if (option == WEIR_EVENTS)
        return get_events(s, value);
    if (option == WEIR_MORE && s->turnstile == NULL)
        return get_more(s, value);
    rc = wr_socket_lock(s);
    if (rc != 0)
        return rc;
    rc = get(s, option, value);
    wr_socket_unlock(s);
    return rc;
}

/* ---- Bytes ------------------------------------------------------------- */

static int
set_routing_id(struct wr_socket *s, const void *data, size_t size)
{
    struct wr_routing_id *id = NULL;

    if (size > WR_ROUTING_ID_MAX)
        return -EINVAL;
    if (size > 0) {
        id = wr_routing_id_new(data, size);
        if (id == NULL)
            return -ENOMEM;
    }
    wr_routing_id_drop(s->id);
    s->id = id;
    return 0;
}

int
weir_socket_set_bytes(weir_socket *handle, int option, const void *data,
                      size_t size)
{
    struct wr_socket *s = wr_socket_of(handle);
    int rc;

    if (s == NULL)
        return -EBADF;
    if (data == NULL && size > 0)
        return -EINVAL;
    /* A type's own act on its connections: take note of those first. */
    rc = wr_socket_enter(s);
    if (rc != 0)
        return rc;
    if (option != WEIR_ROUTING_ID) {
        rc = s->pattern->set_bytes == NULL
                 ? -EINVAL
                 : s->pattern->set_bytes(s, option, data, size);
        if (s->outside)
            wr_outside_touch(s);
        return rc;
    }
    rc = wr_socket_lock(s);
    if (rc != 0)
        return rc;
    rc = set_routing_id(s, data, size);
    wr_socket_unlock(s);
    return rc;
}

int
weir_socket_get_bytes(weir_socket *handle, int option, void *data, size_t *size)
{
    struct wr_socket *s = wr_socket_of(handle);
    size_t room;
    int rc;

    if (s == NULL)
        return -EBADF;
    if (option != WEIR_ROUTING_ID || size == NULL ||
        (data == NULL && *size > 0))
        return -EINVAL;
    rc = wr_socket_lock(s);
    if (rc != 0)
        return rc;
    room = *size;
    *size = s->id == NULL ? 0 : s->id->size;
    if (*size > 0 && room > 0)
        memcpy(data, s->id->bytes, *size < room ? *size : room);
    wr_socket_unlock(s);
    return *size > room ? -EMSGSIZE : 0;
}

/* ---- The caller's ------------------------------------------------------ */

int
weir_socket_set_user(weir_socket *handle, void *user)
{
    struct wr_socket *s = wr_socket_of(handle);

    if (s == NULL)
        return -EBADF;
    s->user = user;
    return 0;
}

void *
weir_socket_user(weir_socket *handle)
{
    struct wr_socket *s = wr_socket_of(handle);

    return s == NULL ? NULL : s->user;
}
