/* SPDX-License-Identifier: MPL-2.0 */
/* REP: a request from the peers in turn, then the reply to the one that sent it
 * (RFC 28).
 *
 * The envelope of a request is kept and goes before the reply. A message
 * without one is dropped; so is a reply whose peer has left, or is full. */
#include <errno.h>

#include "core/envelope.h"
#include "core/socket.h"

struct rep {
    struct wr_lane *lane;     /* where the reply goes; NULL: the peer left */
    struct wr_frames address; /* of the request */
    size_t addresses;         /* as many of them are in s->frames */
    bool opening;             /* a request, whose envelope is not all in it */
    bool replies;             /* the reply is due; else a request */
    bool begun;               /* and its envelope is in s->frames */
};

static int
init(struct wr_socket *s)
{
    s->own = wr_arena_zalloc(s->arena, WR_LINE, sizeof(struct rep));
    return s->own == NULL ? -ENOMEM : 0;
}

static void
fini(struct wr_socket *s)
{
    struct rep *r = s->own;

    wr_frames_fini(&r->address, s->arena);
    wr_arena_free(s->arena, r, WR_LINE, sizeof(*r));
}

static void
left(struct wr_socket *s, struct wr_end *e)
{
    struct rep *r = s->own;

    if (r->lane == &e->out)
        r->lane = NULL;
}

/* ---- Requests ---------------------------------------------------------- */

/* Takes a message up to the first frame of its body. -ENOMEM: to be gone on
 * with; -ENOENT: it has none. */
static int
open_request(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg)
{
    struct rep *r = s->own;

    for (;;) {
        int rc = wr_frames_grow(&r->address, s->arena);

        r->opening = rc != 0 && s->reading != NULL;
        if (rc != 0)
            return rc;
        wr_socket_take(s, lane, msg);
        if (wr_envelope_marked(msg))
            return 0;
        if (wr_envelope_is_end(msg)) {
            (void)weir_msg_drop(msg);
            wr_socket_take(s, lane, msg);
            return 0;
        }
        if (!weir_msg_more(msg))
            break;
        (void)wr_frames_push(&r->address, s->arena, msg); /* there is room */
    }
    (void)weir_msg_drop(msg);
    return -ENOENT;
}

/* Takes the first frame of a request's body. -ENOENT: the message was none, and
 * is gone. */
static int
take_first(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg)
{
    struct rep *r = s->own;
    int rc = open_request(s, lane, msg);

    if (likely(rc == 0))
        r->lane = wr_end_peer_listens(lane->end) ? &lane->end->out : NULL;
    else if (rc == -ENOENT)
        wr_frames_drop(&r->address, s->arena);
    return rc;
}

static int
recv_first(struct wr_socket *s, weir_msg *msg, int flags)
{
    int64_t deadline = WR_DEADLINE_UNSET;
    int rc;

    do {
        struct wr_lane *lane = s->reading;

        rc = 0;
        if (likely(lane == NULL))
            rc = wr_socket_await_next(s, flags, &deadline, &lane);
        if (likely(rc == 0))
            rc = take_first(s, lane, msg);
    } while (rc == -ENOENT);
    return rc;
}

static int
recv(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct rep *r = s->own;
    int rc = 0;

    if (r->replies)
        return -EPROTO;
    if (unlikely(s->reading != NULL && !r->opening))
        wr_socket_take(s, s->reading, msg);
    else
        rc = recv_first(s, msg, flags);
    if (rc == 0)
        r->replies = !weir_msg_more(msg);
    return rc;
}

/* ---- Replies ----------------------------------------------------------- */

/* Moves the address to the reply. -ENOMEM: it is where it was. */
static int
begin(struct wr_socket *s)
{
    struct rep *r = s->own;
    int rc;

    r->addresses = r->address.n;
    for (size_t i = 0; i < r->addresses; i++) {
        rc = wr_frames_push(&s->frames, s->arena, &r->address.msgs[i]);
        if (rc != 0)
            goto fail;
    }
    rc = wr_envelope_end(s);
    if (rc != 0)
        goto fail;
    wr_frames_clear(&r->address, s->arena);
    r->begun = true;
    return 0;

fail:
    for (size_t i = 0; i < s->frames.n; i++)
        wr_msg_copy(&r->address.msgs[i], &s->frames.msgs[i]);
    wr_frames_clear(&s->frames, s->arena);
    return rc;
}

/* The reply has gone, or it goes nowhere. */
static int
end(struct wr_socket *s, weir_msg *msg)
{
    struct rep *r = s->own;

    (void)weir_msg_drop(msg);
    weir_msg_init(msg);
    wr_envelope_drop(s);
    wr_frames_drop(&r->address, s->arena);
    r->lane = NULL;
    r->begun = r->replies = false;
    return 0;
}

static int
send_last(struct wr_socket *s, weir_msg *msg)
{
    const struct rep *r = s->own;
    int rc;

    if (unlikely(r->lane == NULL))
        return end(s, msg);
    if (r->begun)
        rc = wr_envelope_flush(s, r->lane, msg, r->addresses);
    else
        rc = wr_envelope_put(r->lane, msg);
    return rc == -ENOMEM ? rc : end(s, msg);
}

/* Whether the reply is one frame, without an address. */
static bool
is_short(const struct rep *r, const weir_msg *msg)
{
    return !r->begun && !weir_msg_more(msg) && r->lane != NULL &&
           wr_frames_is_empty(&r->address) && wr_envelope_marks(r->lane);
}

/* Whether it is the turn of a reply. */
static bool
can_send(struct wr_socket *s)
{
    const struct rep *r = s->own;

    return r->replies && !wr_socket_holds(s);
}

static int
send(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct rep *r = s->own;
    int rc = 0;

    (void)flags; /* never blocks */
    if (!can_send(s))
        return -EPROTO;
    if (!r->begun && unlikely(!is_short(r, msg)))
        rc = begin(s);
    if (rc != 0)
        return rc;
    if (weir_msg_more(msg))
        return wr_envelope_add(s, msg);
    return send_last(s, msg);
}

/* ---- The rest ---------------------------------------------------------- */

/* Whether the first frame tells that the message is a request. Messages that
 * share a slot are none. */
static bool
begins_body(const weir_msg *first)
{
    return (first->meta & WR_MSG_DELIMITED) != 0 || wr_envelope_is_end(first);
}

/* One with an address has to be read as far as its body: what of it is for the
 * user is held. */
static bool
can_recv(struct wr_socket *s)
{
    struct rep *r = s->own;
    struct wr_lane *lane;
    weir_msg msg;
    int rc = -ENOENT;

    while (rc == -ENOENT && !r->replies && (lane = wr_next_in(s)) != NULL) {
        if (likely(begins_body(wr_pipe_head(lane->pipe, &msg))))
            return true;
        rc = wr_frames_grow(&s->held, s->arena);
        if (rc == 0)
            rc = take_first(s, lane, &msg);
    }
    if (rc == 0) {
        r->replies = !weir_msg_more(&msg);
        wr_socket_hold(s, &msg);
    }
    return rc != -ENOENT;
}

const struct wr_pattern wr_pattern_rep = {
    .type = WEIR_REP,
    .peers = WR_TYPE_BIT(WEIR_REQ) | WR_TYPE_BIT(WEIR_DEALER),
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
    .left = left,
};
