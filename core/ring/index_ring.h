/* SPDX-License-Identifier: MPL-2.0 */
/* The cached-index ring: items of any size side by side in an array, and two
 * indices, each with the other side's copy of it.
 *
 * Concurrency   reserve, commit: one writer thread
 *               peek, release: one reader thread
 *               Wait-free, no read-modify-write, no fence.
 *
 * Contract      That of slot_ring.h: reserve, fill, commit a prefix; peek, use
 *               in place, release a prefix. Commit and release are seen at
 *               once. Full and empty are results.
 *
 * Edges         W1 commit: release store of tail
 *               R1 peek:   acquire load of tail: the items are readable
 *               R2 release: release store of head
 *               W2 reserve: acquire load of head: the items are writable
 *
 * Invariants    head <= tail <= head + capacity (differences modulo 2^64)
 *               w_head <= head, r_tail <= tail
 *
 * Cost          Per batch two dependent line transfers (index, then items);
 *               per item only its own bytes. It packs eight 8-byte items in a
 *               line, which the slot ring cannot; the slot ring saves the
 *               index line, which counts when batches are small.
 *
 * Source: MCRingBuffer (Lee, Bu, Chandranmenon, IPDPS 2010), without its
 * batched publication, whose last part-batch never shows up. */
#ifndef WEIR_CORE_RING_INDEX_RING_H
#define WEIR_CORE_RING_INDEX_RING_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/base/check.h"
#include "core/base/cpu.h"

struct wr_index_ring {
    /* Constant. */
    _Alignas(WR_GROUP) unsigned char *items;
    size_t item_size;
    uint64_t mask;

    /* The writer's; tail is read by the reader. */
    _Alignas(WR_GROUP) _Atomic uint64_t tail;
    uint64_t w_head; /* head, as last seen */

    /* The reader's; head is read by the writer. */
    _Alignas(WR_GROUP) _Atomic uint64_t head;
    uint64_t r_tail; /* tail, as last seen */
};

_Static_assert(offsetof(struct wr_index_ring, tail) == 1 * WR_GROUP, "group");
_Static_assert(offsetof(struct wr_index_ring, head) == 2 * WR_GROUP, "group");

/* Makes a ring of `capacity` items, a power of two, of item_size bytes each,
 * over memory that stays the caller's. The positions begin at start. */
static inline void
wr_index_ring_init(struct wr_index_ring *r, void *items, size_t item_size,
                   uint64_t capacity, uint64_t start)
{
    WEIR_ASSERT(capacity > 0 && (capacity & (capacity - 1)) == 0);
    r->items = items;
    r->item_size = item_size;
    r->mask = capacity - 1;
    r->w_head = r->r_tail = start;
    store_relaxed(&r->tail, start); /* nobody else knows the ring yet */
    store_relaxed(&r->head, start);
}

static inline uint64_t
wr_index_ring_span(const struct wr_index_ring *r, uint64_t pos, uint64_t n,
                   void **span)
{
    uint64_t index = pos & r->mask;
    uint64_t to_end = r->mask + 1 - index;

    *span = r->items + index * r->item_size;
    return n < to_end ? n : to_end;
}

/* Up to n free items that lie side by side; 0 when the ring is full. */
static inline uint64_t
wr_index_ring_reserve(struct wr_index_ring *r, uint64_t n, void **span)
{
    uint64_t tail = load_relaxed(&r->tail); /* only we write it */
    uint64_t room = r->w_head + r->mask + 1 - tail;

    if (room < n) {
        r->w_head = load_acquire(&r->head); /* W2 */
        room = r->w_head + r->mask + 1 - tail;
    }
    return wr_index_ring_span(r, tail, n < room ? n : room, span);
}

/* Publishes the first n reserved items. */
static inline void
wr_index_ring_commit(struct wr_index_ring *r, uint64_t n)
{
    store_release(&r->tail, load_relaxed(&r->tail) + n); /* W1 */
}

/* Up to n published items that lie side by side; 0 when the ring is empty. */
static inline uint64_t
wr_index_ring_peek(struct wr_index_ring *r, uint64_t n, void **span)
{
    uint64_t head = load_relaxed(&r->head); /* only we write it */
    uint64_t ready = r->r_tail - head;

    if (ready < n) {
        r->r_tail = load_acquire(&r->tail); /* R1 */
        ready = r->r_tail - head;
    }
    return wr_index_ring_span(r, head, n < ready ? n : ready, span);
}

/* Gives the first n peeked items back to the writer. */
static inline void
wr_index_ring_release(struct wr_index_ring *r, uint64_t n)
{
    store_release(&r->head, load_relaxed(&r->head) + n); /* R2 */
}

#endif
