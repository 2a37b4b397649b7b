/* SPDX-License-Identifier: MPL-2.0 */
/* REQ: a request to the next peer that has room, then the reply to it (RFC 28).
 *
 * Before a request goes an envelope: its number, if requests are correlated,
 * and the empty frame. What comes from another peer than the one that was
 * asked, without the number, or without the empty frame, is dropped. */
#include <errno.h>
#include <string.h>

#include "core/envelope.h"
#include "core/socket.h"

struct req {
    struct wr_lane *lane; /* where the reply comes from; NULL: the peer left */
    uint32_t number;      /* of the request */
    bool awaits;          /* the reply; else a request is due */
    bool begun;           /* and its envelope is in s->frames */
    bool numbered;        /* the request, last or begun, has the number */
    bool correlate;
    bool relaxed;
};

static int
init(struct wr_socket *s)
{
    s->own = wr_arena_zalloc(s->arena, WR_LINE, sizeof(struct req));
    return s->own == NULL ? -ENOMEM : 0;
}

static void
fini(struct wr_socket *s)
{
    wr_arena_free(s->arena, s->own, WR_LINE, sizeof(struct req));
}

static void
detach(struct wr_socket *s, struct wr_end *e)
{
    struct req *r = s->own;

    if (r->lane == &e->in)
        r->lane = NULL;
}

/* ---- Requests ---------------------------------------------------------- */

/* Drops what has come so far: an answer to an old request is none to this. */
static void
drop_received(struct wr_socket *s)
{
    struct wr_lane *lane;

    wr_socket_drop_begun(s);
    while ((lane = wr_next_in(s)) != NULL) {
        weir_msg msg;

        wr_socket_take(s, lane, &msg);
        (void)weir_msg_drop(&msg);
        wr_socket_drop_begun(s);
    }
}

/* The envelope. */
static int
begin(struct wr_socket *s)
{
    struct req *r = s->own;
    weir_msg msg;
    int rc = 0;

    if (r->numbered && wr_frames_is_empty(&s->frames)) {
        weir_msg_init_inline(&msg, sizeof(r->number));
        memcpy(weir_msg_data(&msg), &r->number, sizeof(r->number));
        weir_msg_set_more(&msg, true);
        rc = wr_frames_push(&s->frames, s->arena, &msg);
    }
    if (rc == 0)
        rc = wr_envelope_end(s);
    r->begun = rc == 0;
    return rc;
}

/* Sends a frame to the lane if it is the last, or keeps it until then. */
static int
send_frame(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg)
{
    struct req *r = s->own;
    int rc = 0;

    if (!r->begun) {
        if (!weir_msg_more(msg) && !r->numbered && wr_envelope_marks(lane))
            return wr_envelope_put(lane, msg);
        rc = begin(s);
    }
    if (rc != 0)
        return rc;
    if (weir_msg_more(msg))
        return wr_envelope_add(s, msg);
    return wr_envelope_flush(s, lane, msg, r->numbered);
}

/* Whether it is the turn of a request. */
static bool
is_due(const struct wr_socket *s)
{
    const struct req *r = s->own;

    return r->relaxed || (!r->awaits && !wr_socket_holds(s));
}

static int
send(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct req *r = s->own;
    bool more = weir_msg_more(msg);
    struct wr_lane *lane = NULL;
    int rc = 0;

    if (!is_due(s))
        return -EPROTO;
    if (!r->begun || !more) {
        lane = wr_next_out(s);
        if (unlikely(lane == NULL))
            rc = wr_socket_await(s, false, flags, &lane);
    }
    if (rc != 0)
        return rc;
    if (!r->begun) {
        drop_received(s);
        r->awaits = false;
        r->number++;
        r->numbered = r->correlate;
    }
    rc = send_frame(s, lane, msg);
    if (rc == 0 && !more) {
        r->begun = false;
        r->lane = &lane->end->in;
        r->awaits = true;
        wr_lanes_turn(&s->out);
    }
    return rc;
}

/* ---- Replies ----------------------------------------------------------- */

/* Whether the next message of a lane is the reply, by its first frame. Messages
 * that share a slot have no envelope. */
static bool
is_reply(const struct wr_socket *s, const struct wr_lane *lane)
{
    const struct req *r = s->own;
    weir_msg copy;
    const weir_msg *first = wr_pipe_head(lane->pipe, &copy);

    if (r->lane != NULL && r->lane != lane)
        return false;
    if ((first->meta & WR_MSG_DELIMITED) != 0)
        return !r->numbered;
    if (!r->numbered)
        return wr_envelope_is_end(first);
    return weir_msg_more(first) && weir_msg_size(first) == sizeof(r->number) &&
           memcmp(weir_msg_bytes(first), &r->number, sizeof(r->number)) == 0;
}

/* Takes a message up to the first frame of its body. False: it is not the
 * reply, and not all of it may have been taken. */
static bool
open_reply(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg)
{
    const struct req *r = s->own;
    bool good = is_reply(s, lane);

    wr_socket_take(s, lane, msg);
    if (wr_envelope_marked(msg) && good)
        return true;
    (void)weir_msg_drop(msg);
    if (good && r->numbered) {
        wr_socket_take(s, lane, msg);
        good = wr_envelope_is_end(msg);
        (void)weir_msg_drop(msg);
    }
    if (good)
        wr_socket_take(s, lane, msg);
    return good;
}

static int
recv_first(struct wr_socket *s, weir_msg *msg, int flags)
{
    int64_t deadline = WR_DEADLINE_UNSET;

    for (;;) {
        struct wr_lane *lane;
        int rc = wr_socket_await_next(s, flags, &deadline, &lane);

        if (rc != 0)
            return rc;
        if (likely(open_reply(s, lane, msg)))
            return 0;
        wr_socket_drop_begun(s);
    }
}

static int
recv(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct req *r = s->own;

    if (!r->awaits)
        return -EPROTO;
    if (unlikely(s->reading != NULL)) {
        wr_socket_take(s, s->reading, msg);
    } else {
        int rc = recv_first(s, msg, flags);

        if (rc != 0)
            return rc;
    }
    r->awaits = weir_msg_more(msg);
    return 0;
}

/* ---- The rest ---------------------------------------------------------- */

static bool
can_send(struct wr_socket *s)
{
    return is_due(s) && wr_next_out(s) != NULL;
}

static bool
can_recv(struct wr_socket *s)
{
    const struct req *r = s->own;
    struct wr_lane *lane;

    while (r->awaits && (lane = wr_next_in(s)) != NULL) {
        weir_msg msg;

        if (is_reply(s, lane))
            return true;
        wr_socket_take(s, lane, &msg);
        (void)weir_msg_drop(&msg);
        wr_socket_drop_begun(s);
    }
    return false;
}

static int
set(struct wr_socket *s, int option, int64_t value)
{
    struct req *r = s->own;

    if (option == WEIR_REQ_CORRELATE)
        r->correlate = value != 0;
    else if (option == WEIR_REQ_RELAXED)
        r->relaxed = value != 0;
    else
        return -EINVAL;
    return 0;
}

static int
get(struct wr_socket *s, int option, int64_t *value)
{
    const struct req *r = s->own;

    if (option == WEIR_REQ_CORRELATE)
        *value = r->correlate;
    else if (option == WEIR_REQ_RELAXED)
        *value = r->relaxed;
    else
        return -EINVAL;
    return 0;
}

const struct wr_pattern wr_pattern_req = {
    .type = WEIR_REQ,
    .peers = WR_TYPE_BIT(WEIR_REP) | WR_TYPE_BIT(WEIR_ROUTER),
    .writes = true,
    .reads = true,
    .sends_in_turn = true,
    .receives_in_turn = true,
    .out = wr_next_out,
    .in = wr_next_in,
    .send = send,
    .recv = recv,
    .can_send = can_send,
    .can_recv = can_recv,
    .init = init,
    .fini = fini,
    .detach = detach,
    .set = set,
    .get = get,
};
