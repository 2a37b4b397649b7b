/* SPDX-License-Identifier: MPL-2.0 */
/* XSUB: a SUB that subscribes by sending (RFC 29). It receives all that comes,
 * and what it sends beside subscriptions goes to all publishers, but to those
 * that hold as much as both sides' high-water marks allow. */
#include <errno.h>

#include "core/publisher.h"
#include "core/subscriber.h"

/* Whether a peer may be sent one more message; its pipe has no limit, for the
 * sake of subscriptions. */
static bool
may_have(const struct wr_socket *s, const struct wr_peer *p)
{
    uint64_t recv_hwm = load_relaxed(&p->pipe->recv_hwm); /* a hint */
    uint64_t waiting = wr_pipe_written(p->pipe) - wr_pipe_known_read(p->pipe);

    return s->send_hwm == 0 || recv_hwm == WR_NO_LIMIT ||
           waiting < s->send_hwm + recv_hwm;
}

/* Sends a frame that is no subscription; with the last one, the message. */
static int
send_frame(struct wr_socket *s, weir_msg *msg)
{
    struct wr_subscriber *x = s->own;

    if (weir_msg_more(msg))
        return wr_fanout_stage(&s->frames, s->arena, msg);
    wr_fanout_begin(&x->out);
    for (uint32_t i = 0; i < x->out.n; i++)
        if (may_have(s, x->out.peers[i]))
            wr_fanout_choose(&x->out, x->out.peers[i]);
    wr_fanout_leave_out_full(&x->out, s->frames.n + 1);
    return wr_fanout_put(&x->out, s->arena, &s->frames, msg);
}

static int
send(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct wr_subscriber *x = s->own;
    bool more = weir_msg_more(msg);
    int rc;

    (void)flags; /* it never blocks */
    if (x->sending || !wr_is_subscription(msg)) {
        rc = send_frame(s, msg);
        if (rc == 0)
            x->sending = more;
        return rc;
    }
    weir_msg_set_more(msg, false);
    rc = wr_subscriber_act(s, msg);
    if (rc != 0)
        weir_msg_set_more(msg, more);
    return rc;
}

static bool
can_send(struct wr_socket *s)
{
    (void)s;
    return true;
}

const struct wr_pattern wr_pattern_xsub = {
    .type = WEIR_XSUB,
    .peers = WR_TYPE_BIT(WEIR_PUB) | WR_TYPE_BIT(WEIR_XPUB),
    .writes = true,
    .reads = true,
    .writes_unlimited = true,
    .receives_in_turn = true,
    .in = wr_next_in,
    .send = send,
    .can_send = can_send,
    .init = wr_subscriber_init,
    .fini = wr_subscriber_fini,
    .attach = wr_subscriber_attach,
    .left = wr_subscriber_left,
    .detach = wr_subscriber_detach,
};
