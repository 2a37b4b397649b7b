/* SPDX-License-Identifier: MPL-2.0 */
/* What PUB and XPUB share: hearing what peers subscribe to, and sending to
 * those who have.
 *
 * A peer writes its subscriptions into its pipe to us, which has no limit: a
 * first byte 1 (subscribe) or 0 (unsubscribe), then the prefix.
 *
 * Concurrency   The socket's owner only; attach and left under the context's
 *               lock.
 * Invariants    Between two calls a lane that is read is armed, and in no
 *               circle; or it is in the circle, and the next call reads it. So
 *               nothing that a peer writes is missed, and a call that finds its
 *               bell silent and the circle empty need not look at any lane:
 *                 a peer commits, then looks at our wants; we arm (wants, then
 *                 a heavy fence), then look at the pipe once more (P5 in
 *                 pipe.h): it rings, or we see the message and the lane stays
 *                 in the circle;
 *                 an entry of the bell is opened before its lane is brought
 *                 back (B5 in bell.h), so a commit after that rings anew.
 *               Where messages are matched no peer is leaving: those that are
 *               have been swept out before.
 *               A peer that leaves is swept out after its lane was read: what
 *               it had subscribed to is first heard, then taken back.
 * Files         publisher.c       peers and what they send; options
 *               publisher_send.c  sending
 * Cost          Sending looks at two words beside the bell, and does not touch
 *               the lanes from which subscriptions come. A call after a peer
 *               has spoken reads all of it and arms its lane: a heavy fence for
 *               all that have spoken. Peers that leave cost one walk of all
 *               prefixes, together. */
#ifndef WEIR_CORE_PUBLISHER_H
#define WEIR_CORE_PUBLISHER_H

#include "core/fanout.h"
#include "core/socket.h"
#include "core/subscriptions.h"

/* How XPUB differs from PUB. */
struct wr_publisher_kind {
    /* Acts on a subscription of p, which is live or leaving; *keep: msg is to
     * be kept, and then keeping it cannot fail. 0 or -ENOMEM. */
    int (*heard)(struct wr_socket *s, struct wr_peer *p, const weir_msg *msg,
                 bool *keep);

    /* Takes a frame over: a subscription, or one of another message, `first` or
     * not, of p, which may be NULL. Without it: they are dropped. */
    void (*keep)(struct wr_socket *s, struct wr_peer *p, weir_msg *msg,
                 bool first);

    /* Takes back the subscriptions of those leaving. 0 or -ENOMEM. */
    int (*sweep)(struct wr_socket *s);

    /* What a new peer gets first; p can take no more messages. May be left
     * out. */
    void (*welcome)(struct wr_socket *s, struct wr_end *e);
    void (*left)(struct wr_socket *s, struct wr_peer *p);
};

/* Must be first in the socket's own. */
struct wr_publisher {
    struct wr_fanout out;
    struct wr_subscriptions topics;
    struct wr_peer *leaving; /* a list */
    struct wr_peer *blocked; /* whose lane is in s->out; NULL: none */
    const struct wr_publisher_kind *kind;
    bool invert;
    bool nodrop;
    bool dropping; /* what is left of a message that nobody wants */
};

void wr_publisher_init(struct wr_socket *s, struct wr_publisher *x,
                       const struct wr_publisher_kind *kind);
void wr_publisher_fini(struct wr_socket *s);

/* Gives up a reference to a peer. */
void wr_publisher_drop(struct wr_socket *s, struct wr_peer *p);

/* Functions of a wr_pattern. */
int wr_publisher_attach(struct wr_socket *s, struct wr_end *e);
void wr_publisher_left(struct wr_socket *s, struct wr_end *e);
void wr_publisher_detach(struct wr_socket *s, struct wr_end *e);
int wr_publisher_send(struct wr_socket *s, weir_msg *msg, int flags);
ssize_t wr_publisher_send_array(struct wr_socket *s, weir_msg *msgs, size_t n,
                                int flags);
bool wr_publisher_can_send(struct wr_socket *s);
int wr_publisher_set(struct wr_socket *s, int option, int64_t value);
int wr_publisher_get(struct wr_socket *s, int option, int64_t *value);

/* Reads what peers have sent, where there is something to do. 0 or -ENOMEM. */
int wr_publisher_catch_up(struct wr_socket *s);

static inline int
wr_publisher_attend(struct wr_socket *s)
{
    const struct wr_publisher *x = s->own;

    if (likely(s->in.active == 0 && x->leaving == NULL))
        return 0;
    return wr_publisher_catch_up(s);
}

/* Whether a first frame is a subscription; those that come together are a
 * message each. */
static inline bool
wr_is_subscription(const weir_msg *msg)
{
    return weir_msg_size(msg) > 0 &&
           *(const unsigned char *)weir_msg_bytes(msg) <= 1;
}

/* 1: it subscribes. */
static inline bool
wr_subscribes(const weir_msg *msg)
{
    return *(const unsigned char *)weir_msg_bytes(msg) == 1;
}

static inline const void *
wr_prefix_of(const weir_msg *msg, size_t *size)
{
    *size = weir_msg_size(msg) - 1;
    return (const unsigned char *)weir_msg_bytes(msg) + 1;
}

#endif
