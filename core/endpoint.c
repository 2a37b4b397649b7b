/* SPDX-License-Identifier: MPL-2.0 */
/* Where sockets meet: bind, unbind, connect, disconnect. All of it is under the
 * context's lock. */
#include <errno.h>
#include <string.h>

#include "core/monitor.h"
#include "core/outside.h"
#include "core/socket.h"

/* Finds NAME in "inproc://NAME". */
static int
parse(const char *endpoint, const char **name, size_t *size)
{
    static const char transport[] = "inproc";
    const char *colon;

    if (endpoint == NULL)
        return -EINVAL;
    colon = strstr(endpoint, "://");
    if (colon == NULL)
        return -EINVAL;
    if ((size_t)(colon - endpoint) != sizeof(transport) - 1 ||
        memcmp(endpoint, transport, sizeof(transport) - 1) != 0)
        return -EPROTONOSUPPORT;
    *name = colon + 3;
    *size = strnlen(*name, WR_NAME_MAX + 1);
    if (*size == 0)
        return -EINVAL;
    return *size > WR_NAME_MAX ? -ENAMETOOLONG : 0;
}

/* Begins a call: the socket, the name, and the lock. */
static int
enter(weir_socket *handle, const char *endpoint, struct wr_socket **s,
      const char **name, size_t *size)
{
    int rc;

    *s = wr_socket_of(handle);
    if (*s == NULL)
        return -EBADF;
    rc = parse(endpoint, name, size);
    if (rc != 0)
        return rc;
    /* What has ended is let go of first. */
    rc = wr_socket_enter(*s);
    return rc != 0 ? rc : wr_socket_lock(*s);
}

/* ---- Bind -------------------------------------------------------------- */

int
weir_bind(weir_socket *handle, const char *endpoint)
{
    struct wr_socket *s;
    struct wr_name *name;
    const char *text;
    size_t size;
    int rc = enter(handle, endpoint, &s, &text, &size);

    if (rc != 0)
        return rc;
    name = wr_name_make(s->context, text, size);
    if (name == NULL) {
        rc = -ENOMEM;
    } else if (name->bound != NULL) {
        rc = -EADDRINUSE;
    } else {
        name->bound = s;
        name->next_bound = s->names;
        s->names = name;
        wr_socket_take_pending(s, name);
    }
    wr_socket_unlock(s);
    if (rc != 0)
        return rc;
    wr_monitor_tell(s, WEIR_EVENT_LISTENING, text, size);
    /* Those who have waited for the name learn at once what this socket wishes
     * for: their next message is sent by that. A shutdown is told later. */
    (void)wr_socket_enter(s);
    return 0;
}

int
weir_unbind(weir_socket *handle, const char *endpoint)
{
    struct wr_socket *s;
    struct wr_name **at;
    struct wr_name *name;
    const char *text;
    size_t size;
    int rc = enter(handle, endpoint, &s, &text, &size);

    if (rc != 0)
        return rc;
    name = wr_name_find(s->context, text, size);
    if (name == NULL || name->bound != s) {
        wr_socket_unlock(s);
        return -ENOENT;
    }
    for (at = &s->names; *at != name; at = &(*at)->next_bound)
        ;
    *at = name->next_bound;
    name->bound = NULL;
    wr_name_tidy(s->context, name);
    wr_socket_unlock(s);
    wr_monitor_tell(s, WEIR_EVENT_CLOSED, text, size);
    return 0;
}

/* ---- Connect ----------------------------------------------------------- */

/* The side that is not there yet, as seen from s. */
static struct wr_side
side_to_come(const struct wr_side *own)
{
    return (struct wr_side){ .type = WR_TYPE_UNKNOWN,
                             .sends = own->receives,
                             .receives = own->sends };
}

/* Makes the connection to the socket that has bound name, or that will. */
static int
join(struct wr_socket *s, struct wr_name *name)
{
    struct wr_socket *binder = name->bound;
    struct wr_side own = wr_socket_side(s);
    struct wr_side other =
        binder != NULL ? wr_socket_side(binder) : side_to_come(&own);
    struct wr_connection *c =
        wr_connection_new(s->arena, name->text, name->size, &own, &other);
    int rc;

    if (c == NULL)
        return -ENOMEM;
    c->peers = s->any_peer ? UINT32_MAX : s->pattern->peers;
    wr_socket_count(s, &c->ends[0]);
    rc = wr_socket_take_up(s, &c->ends[0]);
    if (rc != 0) {
        wr_socket_undo(s, &c->ends[0]);
        return rc;
    }
    if (binder != NULL) {
        wr_socket_count(binder, &c->ends[1]);
        wr_socket_arrive(binder, &c->ends[1]);
    } else {
        c->ends[1].listed = true;
        wr_end_list_append(&name->pending, &c->ends[1]);
    }
    return 0;
}

/* Whether s may connect to the name, which exists or not. */
static int
check(const struct wr_socket *s, const struct wr_name *name)
{
    if (wr_socket_taken(s))
        return -EBUSY;
    if (name == NULL || name->bound == NULL)
        return s->pending_connect ? 0 : -ECONNREFUSED;
    if (!s->any_peer && !wr_socket_accepts(name->bound, s->pattern->peers))
        return -EPROTOTYPE;
    if (wr_socket_taken(name->bound) ||
        (name->bound == s && s->pattern->exclusive))
        return -EBUSY;
    return 0;
}

int
weir_connect(weir_socket *handle, const char *endpoint)
{
    struct wr_socket *s;
    struct wr_name *name;
    const char *text;
    size_t size;
    int event = WEIR_EVENT_CONNECTED;
    int rc = enter(handle, endpoint, &s, &text, &size);

    if (rc != 0)
        return rc;
    rc = check(s, wr_name_find(s->context, text, size));
    if (rc == 0) {
        name = wr_name_make(s->context, text, size);
        rc = name == NULL ? -ENOMEM : join(s, name);
        if (name != NULL && name->bound == NULL)
            event = WEIR_EVENT_CONNECT_DELAYED;
        if (name != NULL)
            wr_name_tidy(s->context, name);
    }
    wr_socket_unlock(s);
    if (rc == 0)
        wr_monitor_tell(s, event, text, size);
    if (s->outside)
        wr_outside_touch(s);
    return rc;
}

int
weir_disconnect(weir_socket *handle, const char *endpoint)
{
    struct wr_socket *s;
    struct wr_end *e;
    const char *text;
    size_t size;
    int rc = enter(handle, endpoint, &s, &text, &size);

    if (rc != 0)
        return rc;
    rc = -ENOENT;
    for (e = s->ends.first; e != NULL; e = e->next) {
        struct wr_connection *c = e->connection;

        if (e == &c->ends[0] && load_relaxed(&e->ending) == 0 &&
            c->name_size == size && memcmp(c->name, text, size) == 0)
            break;
    }
    if (e != NULL && s->reserved.lane == &e->out) {
        rc = -EBUSY;
    } else if (e != NULL) {
        rc = 0;
        wr_end_dismiss(s, e, true);
    }
    wr_socket_unlock(s);
    if (rc == 0) {
        e->told = true;
        wr_monitor_tell(s, WEIR_EVENT_DISCONNECTED, text, size);
    }
    return rc;
}
