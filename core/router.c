/* SPDX-License-Identifier: MPL-2.0 */
/* ROUTER: messages from all peers in turn, each behind a frame with the routing
 * id of its peer; and to the peer that the first frame names (RFC 28).
 *
 * A peer's id is that which its socket was given, or the one for which the
 * connection was made, or one that we make: see peers.h. */
#include <errno.h>
#include <string.h>

#include "core/peers.h"
#include "core/socket.h"

struct router {
    struct wr_peers peers;
    bool mandatory;
    bool handover;
    bool sending;            /* in a message; to `target` */
    struct wr_lane *target;  /* NULL: it is dropped */
    struct wr_lane *blocked; /* in s->out, and waited for */
    uint8_t connect_size;    /* of the id for the next connection; or 0 */
    uint8_t connect_id[WR_ROUTING_ID_MAX];
};

/* ---- Peers ------------------------------------------------------------- */

/* Gives p the id that q has. q goes on under another name, and ends, unless its
 * peer has left already. */
static void
take_over(struct wr_socket *s, struct wr_peer *p, struct wr_peer *q,
          bool locked)
{
    struct router *r = s->own;

    wr_peers_remove(&r->peers, q);
    wr_peers_add(&r->peers, s->arena, p, q->id, q->size);
    if (!wr_end_peer_listens(q->end))
        return;
    wr_peers_add_numbered(&r->peers, s->arena, q);
    wr_end_dismiss(s, q->end, locked);
}

/* Finds out what a peer is called, as soon as it is there. locked: the caller
 * has the context's lock. */
static void
identify(struct wr_socket *s, struct wr_peer *p, bool locked)
{
    struct router *r = s->own;
    const struct wr_routing_id *id;
    struct wr_peer *q;

    if (p->size > 0 || wr_end_peer_type(p->end) == WR_TYPE_UNKNOWN)
        return;
    id = p->end->peer->id;
    if (id == NULL) {
        wr_peers_add_numbered(&r->peers, s->arena, p);
        return;
    }
    q = wr_peers_find(&r->peers, id->bytes, id->size);
    if (q == NULL)
        wr_peers_add(&r->peers, s->arena, p, id->bytes, id->size);
    else if (r->handover || !wr_end_peer_listens(q->end))
        take_over(s, p, q, locked);
}

static int
attach(struct wr_socket *s, struct wr_end *e)
{
    struct router *r = s->own;
    bool connects = e == &e->connection->ends[0];
    struct wr_peer *p;

    if (connects && r->connect_size > 0 &&
        wr_peers_find(&r->peers, r->connect_id, r->connect_size) != NULL)
        return -EADDRINUSE;
    p = wr_arena_zalloc(s->arena, WR_LINE, sizeof(*p));
    if (p == NULL)
        return -ENOMEM;
    p->end = e;
    e->own = p;
    if (connects && r->connect_size > 0) {
        wr_peers_add(&r->peers, s->arena, p, r->connect_id, r->connect_size);
        r->connect_size = 0;
    }
    identify(s, p, true);
    return 0;
}

static void
rung(struct wr_socket *s, struct wr_end *e)
{
    if (e->own != NULL)
        identify(s, e->own, false);
}

static void
left(struct wr_socket *s, struct wr_end *e)
{
    struct router *r = s->own;

    if (e->own != NULL)
        wr_peers_remove(&r->peers, e->own);
    if (r->target == &e->out)
        r->target = NULL;
    if (r->blocked == &e->out)
        r->blocked = NULL;
}

static void
detach(struct wr_socket *s, struct wr_end *e)
{
    left(s, e);
    wr_arena_free(s->arena, e->own, WR_LINE, sizeof(struct wr_peer));
    e->own = NULL;
}

/* ---- Receiving --------------------------------------------------------- */

/* Drops the next message of a lane. */
static void
drop_message(struct wr_socket *s, struct wr_lane *lane)
{
    wr_socket_begin(s, lane);
    wr_socket_drop_begun(s);
}

/* Makes msg the frame that says from whom the message of the lane is. -ENOMEM;
 * -ENOENT: it is to be dropped. */
static int
introduce(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg)
{
    struct wr_peer *p = lane->end->own;
    int rc;

    identify(s, p, false);
    if (p->size == 0)
        return -ENOENT;
    rc = wr_socket_msg_init(s, msg, p->size);
    if (rc != 0)
        return rc;
    memcpy(weir_msg_data(msg), p->id, p->size);
    weir_msg_set_more(msg, true);
    wr_socket_begin(s, lane);
    return 0;
}

static int
recv(struct wr_socket *s, weir_msg *msg, int flags)
{
    int64_t deadline = WR_DEADLINE_UNSET;

    if (s->reading != NULL) {
        wr_socket_take(s, s->reading, msg);
        return 0;
    }
    for (;;) {
        struct wr_lane *lane;
        int rc = wr_socket_await_next(s, flags, &deadline, &lane);

        if (rc == 0)
            rc = introduce(s, lane, msg);
        if (likely(rc != -ENOENT))
            return rc;
        drop_message(s, lane);
    }
}

/* Whether there is a message of a peer that is heard. */
static bool
can_recv(struct wr_socket *s)
{
    struct wr_lane *lane;

    while ((lane = wr_next_in(s)) != NULL) {
        struct wr_peer *p = lane->end->own;

        identify(s, p, false);
        if (p->size > 0)
            return true;
        drop_message(s, lane);
    }
    return false;
}

/* ---- Sending ----------------------------------------------------------- */

/* The lane to the peer that msg names. -EHOSTUNREACH: there is none; -EAGAIN:
 * it is full. */
static int
target_of(struct wr_socket *s, const weir_msg *msg, struct wr_lane **lane)
{
    const struct router *r = s->own;
    const struct wr_peer *p =
        wr_peers_find(&r->peers, weir_msg_bytes(msg), weir_msg_size(msg));

    *lane = NULL;
    if (p == NULL || !wr_end_peer_listens(p->end))
        return -EHOSTUNREACH;
    *lane = &p->end->out;
    return wr_pipe_writable((*lane)->pipe) ? 0 : -EAGAIN;
}

/* Waits once for room in a lane. */
static int
wait_for(struct wr_socket *s, struct wr_lane *lane, int flags,
         int64_t *deadline)
{
    struct router *r = s->own;
    int rc;

    r->blocked = lane;
    wr_lanes_add(&s->out, lane);
    rc = wr_socket_wait(s, &s->out, flags, deadline);
    if (r->blocked != NULL)
        wr_lanes_remove(r->blocked);
    r->blocked = NULL;
    return rc;
}

/* Takes the first frame of a message. One without a message is dropped. */
static int
begin(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct router *r = s->own;
    int64_t deadline = WR_DEADLINE_UNSET;
    bool more = weir_msg_more(msg);
    struct wr_lane *lane = NULL;
    int rc = 0;

    while (more && (rc = target_of(s, msg, &lane)) != 0 && r->mandatory) {
        if (rc == -EAGAIN)
            rc = wait_for(s, lane, flags, &deadline);
        if (rc != 0)
            return rc;
    }
    r->sending = more;
    r->target = rc == 0 ? lane : NULL;
    (void)weir_msg_drop(msg);
    weir_msg_init(msg);
    return 0;
}

/* Sends a frame behind the first one to the target, when it is the last. */
static int
forward(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg)
{
    struct wr_frames *f = &s->frames;
    int rc;

    if (weir_msg_more(msg))
        return wr_frames_push(f, s->arena, msg);
    if (wr_frames_is_empty(f))
        return wr_lane_put(lane, msg, 1);
    rc = wr_frames_grow(f, s->arena);
    if (rc != 0)
        return rc;
    wr_msg_copy(&f->msgs[f->n], msg);
    rc = wr_lane_put(lane, f->msgs, f->n + 1);
    if (rc != 0)
        return rc;
    weir_msg_init(msg);
    wr_frames_clear(f, s->arena);
    return 0;
}

/* Takes a frame behind the first one. There was room when that was taken, but
 * limits change. */
static int
go_on(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct router *r = s->own;
    int64_t deadline = WR_DEADLINE_UNSET;
    int rc;

    while (likely(r->target != NULL)) {
        rc = forward(s, r->target, msg);
        if (likely(rc != -EAGAIN))
            return rc;
        if (!r->mandatory)
            break;
        rc = wait_for(s, r->target, flags, &deadline);
        if (rc != 0)
            return rc;
    }
    wr_frames_drop(&s->frames, s->arena);
    (void)weir_msg_drop(msg);
    weir_msg_init(msg);
    return 0;
}

static int
send(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct router *r = s->own;
    bool more = weir_msg_more(msg);
    int rc;

    if (!r->sending)
        return begin(s, msg, flags);
    rc = go_on(s, msg, flags);
    if (rc == 0)
        r->sending = more;
    return rc;
}

/* ---- The rest ---------------------------------------------------------- */

static int
init(struct wr_socket *s)
{
    struct router *r = wr_arena_zalloc(s->arena, WR_LINE, sizeof(*r));

    if (r == NULL)
        return -ENOMEM;
    s->own = r;
    return wr_peers_init(&r->peers, s->arena) ? 0 : -ENOMEM;
}

static void
fini(struct wr_socket *s)
{
    struct router *r = s->own;

    wr_peers_fini(&r->peers, s->arena);
    wr_arena_free(s->arena, r, WR_LINE, sizeof(*r));
}

/* Whether a message can be sent; without `mandatory` one always can. */
static bool
can_send(struct wr_socket *s)
{
    const struct router *r = s->own;

    if (!r->mandatory || (r->sending && r->target == NULL))
        return true;
    if (r->sending)
        return wr_pipe_writable(r->target->pipe);
    for (struct wr_end *e = s->ends.first; e != NULL; e = e->next)
        if (wr_end_peer_listens(e) && wr_pipe_writable(e->out.pipe))
            return true;
    return false;
}

static int
set(struct wr_socket *s, int option, int64_t value)
{
    struct router *r = s->own;

    if (option == WEIR_ROUTER_MANDATORY)
        r->mandatory = value != 0;
    else if (option == WEIR_ROUTER_HANDOVER)
        r->handover = value != 0;
    else
        return -EINVAL;
    return 0;
}

static int
get(struct wr_socket *s, int option, int64_t *value)
{
    const struct router *r = s->own;

    if (option == WEIR_ROUTER_MANDATORY)
        *value = r->mandatory;
    else if (option == WEIR_ROUTER_HANDOVER)
        *value = r->handover;
    else
        return -EINVAL;
    return 0;
}

static int
set_bytes(struct wr_socket *s, int option, const void *data, size_t size)
{
    struct router *r = s->own;

    if (option != WEIR_CONNECT_ROUTING_ID || size == 0 ||
        size > WR_ROUTING_ID_MAX)
        return -EINVAL;
    memcpy(r->connect_id, data, size);
    r->connect_size = (uint8_t)size;
    return 0;
}

const struct wr_pattern wr_pattern_router = {
    .type = WEIR_ROUTER,
    .peers = WR_TYPE_BIT(WEIR_DEALER) | WR_TYPE_BIT(WEIR_REQ) |
             WR_TYPE_BIT(WEIR_ROUTER),
    .writes = true,
    .reads = true,
    .receives_in_turn = true,
    .in = wr_next_in,
    .send = send,
    .recv = recv,
    .can_send = can_send,
    .can_recv = can_recv,
    .init = init,
    .fini = fini,
    .attach = attach,
    .rung = rung,
    .left = left,
    .detach = detach,
    .set = set,
    .get = get,
    .set_bytes = set_bytes,
};
