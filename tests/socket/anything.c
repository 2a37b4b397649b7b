/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/socket/anything.h"

const int any_types[ANY_TYPES] = { WEIR_PAIR,   WEIR_REQ,    WEIR_REP,
                                   WEIR_DEALER, WEIR_ROUTER, WEIR_PULL,
                                   WEIR_PUSH };

_Atomic uint64_t any_made;
_Atomic uint64_t any_freed;

static void
count_free(void *data, void *hint)
{
    (void)data;
    (void)hint;
    any_freed++;
}

/* An external frame, an id of a peer, or an empty one. */
static void
make_frame(weir_msg *msg, weir_socket *s, struct random *r)
{
    static char bytes[100];

    switch (random_below(r, 4)) {
    case 0:
        weir_msg_init(msg);
        break;
    case 1:
        OK(weir_msg_init_copy(msg, s, random_below(r, 2) ? "a" : "b", 1));
        break;
    default:
        any_made++;
        OK(weir_msg_init_external(msg, bytes, random_below(r, 100), count_free,
                                  NULL));
    }
}

static void
check_code(long rc)
{
    CHECK(rc >= 0 || rc == -EAGAIN || rc == -EPROTO || rc == -ENOTSUP ||
          rc == -EMSGSIZE || rc == -EHOSTUNREACH || rc == -EBUSY);
}

static void
send_anything(weir_socket *s, int flags, struct random *r)
{
    size_t n = 1 + random_below(r, 4);
    weir_msg msgs[4];
    long rc;

    for (size_t i = 0; i < n; i++) {
        make_frame(&msgs[i], s, r);
        weir_msg_set_more(&msgs[i], random_below(r, 3) > 0);
    }
    if (random_below(r, 2))
        rc = CALL(weir_send_batch(s, msgs, n, flags));
    else
        rc = CALL(weir_send(s, &msgs[0], flags));
    check_code(rc);
    OK(weir_msg_drop_batch(msgs, n));
}

static void
receive_anything(weir_socket *s, int flags, struct random *r)
{
    weir_msg msgs[4];
    size_t n = 1 + random_below(r, 4);
    long rc;

    if (random_below(r, 2)) {
        rc = CALL(weir_recv_batch(s, msgs, n, flags));
    } else {
        rc = CALL(weir_recv(s, &msgs[0], flags));
        rc += rc == 0;
    }
    check_code(rc);
    if (rc > 0)
        OK(weir_msg_drop_batch(msgs, (size_t)rc));
}

static void
set_anything(weir_socket *s, struct random *r)
{
    static const int options[] = { WEIR_REQ_CORRELATE, WEIR_REQ_RELAXED,
                                   WEIR_ROUTER_MANDATORY, WEIR_ROUTER_HANDOVER,
                                   WEIR_PROBE_ROUTER };
    static const int limits[] = { WEIR_SEND_HWM, WEIR_RECV_HWM };
    int rc = CALL(weir_socket_set(s, options[random_below(r, 5)],
                                  (int64_t)random_below(r, 2)));

    CHECK(rc == 0 || rc == -EINVAL);
    OK(weir_socket_set(s, limits[random_below(r, 2)],
                       (int64_t)random_below(r, 4)));
    CHECK(get(s, WEIR_EVENTS) >= 0);
}

const char *
any_name(struct random *r)
{
    return random_below(r, 2) ? "inproc://a" : "inproc://b";
}

static void
connect_anything(weir_socket *s, struct random *r)
{
    const char *name = any_name(r);
    int rc;

    if (random_below(r, 2)) {
        rc = CALL(weir_socket_set_bytes(s, WEIR_CONNECT_ROUTING_ID,
                                        random_below(r, 2) ? "a" : "b", 1));
        CHECK(rc == 0 || rc == -EINVAL);
    }
    rc = CALL(random_below(r, 2) ? weir_connect(s, name)
                                 : weir_disconnect(s, name));
    CHECK(rc == 0 || rc == -ENOENT || rc == -EBUSY || rc == -EADDRINUSE);
}

void
do_anything(weir_socket *s, int flags, struct random *r)
{
    switch (random_below(r, 16)) {
    case 0:
        set_anything(s, r);
        break;
    case 1:
        connect_anything(s, r);
        break;
    default:
        if (random_below(r, 2))
            send_anything(s, flags, r);
        else
            receive_anything(s, flags, r);
    }
}

weir_socket *
open_any(weir_context *ctx, int type, const char *id)
{
    weir_socket *s = new_socket(ctx, type);

    set(s, WEIR_ANY_PEER, 1);
    set(s, WEIR_PENDING_CONNECT, 1);
    name_socket(s, id);
    return s;
}
