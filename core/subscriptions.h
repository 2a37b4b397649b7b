/* SPDX-License-Identifier: MPL-2.0 */
/* A publisher's subscriptions: prefixes, each with the set of peers that have
 * subscribed to it.
 *
 * Concurrency   The socket's owner only.
 * Invariants    every prefix has one peer or more
 *               p->topics of a peer is the number of its prefixes, of all
 *               wr_subscriptions of its socket together
 * Cost          A trie of prefixes (core/trie.h). A prefix with one peer, as
 *               most have, needs nothing but its key; one with more, an array.
 *               Adding to n peers: a binary search and a move of n pointers. */
#ifndef WEIR_CORE_SUBSCRIPTIONS_H
#define WEIR_CORE_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/fanout.h"
#include "core/trie.h"

struct wr_subscriptions {
    struct wr_trie prefixes; /* values: see subscriptions.c */
};

enum wr_unsubscribed {
    WR_UNSUBSCRIBED_LAST, /* the prefix has no peer left */
    WR_UNSUBSCRIBED_ONE,
    WR_UNSUBSCRIBED_NONE, /* the peer had not subscribed to it */
};

/* Called for a prefix of a peer that is leaving; `last`: nobody else has it.
 * -ENOMEM: it is kept. */
typedef int wr_leaving_fn(void *arg, const void *prefix, size_t size,
                          bool last);

void wr_subscriptions_init(struct wr_subscriptions *ss, struct wr_arena *arena);
void wr_subscriptions_fini(struct wr_subscriptions *ss);

/* Adds a peer to a prefix; twice is as once. *first: the prefix is new. 0 or
 * -ENOMEM. */
int wr_subscriptions_add(struct wr_subscriptions *ss, const void *prefix,
                         size_t size, struct wr_peer *p, bool *first);

enum wr_unsubscribed wr_subscriptions_remove(struct wr_subscriptions *ss,
                                             const void *prefix, size_t size,
                                             struct wr_peer *p);

/* Removes all peers that are leaving, after a call of fn (which may be NULL)
 * for each and each of its prefixes. -ENOMEM: some are still there. */
int wr_subscriptions_sweep(struct wr_subscriptions *ss, wr_leaving_fn *fn,
                           void *arg);

/* Chooses the peers that have subscribed to a prefix of data. */
void wr_subscriptions_choose(const struct wr_subscriptions *ss,
                             const void *data, size_t size,
                             struct wr_fanout *f);

#endif
