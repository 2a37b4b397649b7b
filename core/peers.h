/* SPDX-License-Identifier: MPL-2.0 */
/* The peers of a ROUTER by their ids: a hash table with a chain per bucket,
 * that grows with them; without memory the chains become longer.
 *
 * Concurrency   The socket's owner only.
 * Cost          find: a hash of the id and a compare. add may allocate. */
#ifndef WEIR_CORE_PEERS_H
#define WEIR_CORE_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/arena.h"
#include "core/routing_id.h"

struct wr_end;

struct wr_peer {
    struct wr_end *end;
    struct wr_peer *next; /* in its bucket */
    uint32_t hash;
    bool named; /* in the table; one with an id that is taken never is */
    uint8_t size;
    uint8_t id[WR_ROUTING_ID_MAX];
};

struct wr_peers {
    struct wr_peer **buckets;
    size_t n_buckets; /* a power of two */
    size_t n;
    uint32_t next_id;
};

/* False: no memory. */
bool wr_peers_init(struct wr_peers *t, struct wr_arena *arena);

/* The peers are the caller's. */
void wr_peers_fini(struct wr_peers *t, struct wr_arena *arena);

/* The peer of that id, or NULL. */
struct wr_peer *wr_peers_find(const struct wr_peers *t, const void *id,
                              size_t size);

/* Gives p, which is not in the table, an id that nobody has. */
void wr_peers_add(struct wr_peers *t, struct wr_arena *arena, struct wr_peer *p,
                  const void *id, size_t size);

/* The same with five bytes of our own, the first of which is 0. */
void wr_peers_add_numbered(struct wr_peers *t, struct wr_arena *arena,
                           struct wr_peer *p);

/* Takes p out, if it is there. It still knows its id. */
void wr_peers_remove(struct wr_peers *t, struct wr_peer *p);

#endif
