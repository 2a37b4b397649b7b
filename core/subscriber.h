/* SPDX-License-Identifier: MPL-2.0 */
/* What SUB and XSUB share: what they have subscribed to, and telling all
 * publishers of it, those that come later too. How a subscription is written:
 * see publisher.h.
 *
 * Concurrency   The socket's owner only; attach under the context's lock.
 * Invariants    every peer has been sent each prefix that has a count
 * Cost          Subscribing: a trie's key and a message to each peer; a new
 *               peer gets a message for each prefix. */
#ifndef WEIR_CORE_SUBSCRIBER_H
#define WEIR_CORE_SUBSCRIBER_H

#include "core/fanout.h"
#include "core/socket.h"
#include "core/trie.h"

struct wr_subscriber {
    struct wr_fanout out;
    struct wr_trie prefixes; /* values: how often, as uintptr_t */
    bool invert;
    /* Of a SUB: why it has to match for itself. */
    bool narrowed; /* it has wanted more, or others have chosen for it */
    uint32_t odd;  /* peers that are no publishers, may not be, or conflate */
    bool sending;  /* XSUB: in a message that is no subscription */
};

/* Whether what comes is what was subscribed to. */
static inline bool
wr_subscriber_trusts(const struct wr_subscriber *x)
{
    return !x->narrowed && x->odd == 0;
}

/* After what it depends on has changed: a SUB that trusts receives as a PULL
 * does. */
void wr_subscriber_trust_changed(struct wr_socket *s);

/* Functions of a wr_pattern. */
int wr_subscriber_init(struct wr_socket *s);
void wr_subscriber_fini(struct wr_socket *s);
int wr_subscriber_attach(struct wr_socket *s, struct wr_end *e);
void wr_subscriber_rung(struct wr_socket *s, struct wr_end *e);
void wr_subscriber_left(struct wr_socket *s, struct wr_end *e);
void wr_subscriber_detach(struct wr_socket *s, struct wr_end *e);

/* Acts on a subscription that is one frame, and takes it: subscribing is told
 * each time, unsubscribing when nothing is left of it. -ENOMEM: nothing has
 * changed. */
int wr_subscriber_act(struct wr_socket *s, weir_msg *msg);

#endif
