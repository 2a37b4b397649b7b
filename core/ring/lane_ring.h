/* SPDX-License-Identifier: MPL-2.0 */
/* A lane: the ring between one writer and one reader that designs are made of
 * which have several. Items are packed, each side keeps what it has seen of the
 * other's index, and the reader hands space back a quarter of the ring at a
 * time.
 *
 * Concurrency   wr_lane_room, _fill, _publish: one writer thread
 *               wr_lane_ready, _use, _hand_back: one reader thread
 *               Wait-free, no read-modify-write, no fence.
 *
 * Edges         W1 publish: release store of tail
 *               R1 ready: acquire load of tail: the items are readable
 *               R2 use, hand_back: release store of head
 *               W2 room: acquire load of head: the items are writable
 *
 * Invariants    head = handed <= pos <= end <= tail <= limit <= head + capacity
 *               (differences modulo 2^64; handed, pos and end are the reader's,
 *               limit is the writer's, and either may be behind the truth)
 *               pos - handed < quantum
 *
 * Cost          The lines of the items; that of tail when the reader has read
 *               all that it knows of; that of head when the writer has used up
 *               the room that it knows of, four times in a lap when the reader
 *               is behind. */
#ifndef WEIR_CORE_RING_LANE_RING_H
#define WEIR_CORE_RING_LANE_RING_H

#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

struct wr_lane_ring {
    _Alignas(WR_GROUP) _Atomic uint64_t tail; /* written by the writer */
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by the reader */
};

struct wr_lane_writer {
    struct wr_lane_ring *ring;
    unsigned char *items;
    uint64_t mask;
    uint64_t tail;
    uint64_t limit; /* head + capacity, as last seen */
};

struct wr_lane_reader {
    struct wr_lane_ring *ring;
    const unsigned char *items;
    uint64_t mask;
    uint64_t quantum; /* items between two stores to head */
    uint64_t pos;
    uint64_t end;    /* tail, as last seen */
    uint64_t handed; /* value of head */
};

/* Bytes of the items, so that what follows begins a group of lines. */
static inline size_t
wr_lane_items_bytes(uint64_t capacity, size_t size)
{
    return (capacity * size + WR_GROUP - 1) & ~(size_t)(WR_GROUP - 1);
}

static inline void
wr_lane_ring_init(struct wr_lane_ring *ring, uint64_t start)
{
    store_relaxed(&ring->tail, start); /* nobody else knows the ring yet */
    store_relaxed(&ring->head, start);
}

static inline void
wr_lane_writer_init(struct wr_lane_writer *w, struct wr_lane_ring *ring,
                    unsigned char *items, uint64_t capacity)
{
    uint64_t start = load_relaxed(&ring->tail); /* only we write it */

    *w = (struct wr_lane_writer){
        .ring = ring,
        .items = items,
        .mask = capacity - 1,
        .tail = start,
        .limit = start + capacity,
    };
}

static inline void
wr_lane_reader_init(struct wr_lane_reader *r, struct wr_lane_ring *ring,
                    const unsigned char *items, uint64_t capacity)
{
    uint64_t start = load_relaxed(&ring->head); /* only we write it */

    *r = (struct wr_lane_reader){
        .ring = ring,
        .items = items,
        .mask = capacity - 1,
        .quantum = capacity < 4 ? 1 : capacity / 4,
        .pos = start,
        .end = start,
        .handed = start,
    };
}

/* How many of n items there is room for: looks at head only when fewer than n
 * are known to fit. */
static inline uint64_t
wr_lane_room(struct wr_lane_writer *w, uint64_t n)
{
    uint64_t room = w->limit - w->tail;

    if (unlikely(room < n)) {
        w->limit = load_acquire(&w->ring->head) + w->mask + 1; /* W2 */
        room = w->limit - w->tail;
    }
    return n < room ? n : room;
}

/* Writes the items first to first + n - 1 of a push into the next n places,
 * n <= room. */
hot_inline void
wr_lane_fill(const struct wr_lane_writer *w, size_t size, uint64_t first,
             uint64_t n, wr_fill *fill, void *arg)
{
    wr_lines_fill(w->items, w->mask, w->tail, size, first, n, fill, arg);
}

/* Lets the reader see them. */
static inline void
wr_lane_publish(struct wr_lane_writer *w, uint64_t n)
{
    w->tail += n;
    store_release(&w->ring->tail, w->tail); /* W1 */
}

/* How many of n items can be read: looks at tail only when fewer than n are
 * known to be there. */
static inline uint64_t
wr_lane_ready(struct wr_lane_reader *r, uint64_t n)
{
    uint64_t ready = r->end - r->pos;

    if (ready < n) {
        r->end = load_acquire(&r->ring->tail); /* R1 */
        ready = r->end - r->pos;
    }
    return n < ready ? n : ready;
}

/* Lets the writer see how far the reader is. */
static inline void
wr_lane_hand_back(struct wr_lane_reader *r)
{
    if (r->handed != r->pos) {
        r->handed = r->pos;
        store_release(&r->ring->head, r->pos); /* R2 */
    }
}

/* Reads the next n items, n <= ready. */
hot_inline void
wr_lane_use(struct wr_lane_reader *r, size_t size, uint64_t n, wr_use *use,
            void *arg)
{
    wr_use_array(r->items, r->mask, r->pos, size, n, use, arg);
    r->pos += n;
    if (r->pos - r->handed >= r->quantum)
        wr_lane_hand_back(r);
}

/* Reads up to n of what there is, and hands all space back when it is all. */
hot_inline uint64_t
wr_lane_pop(struct wr_lane_reader *r, size_t size, uint64_t n, wr_use *use,
            void *arg)
{
    uint64_t ready = wr_lane_ready(r, n);

    if (likely(ready > 0))
        wr_lane_use(r, size, ready, use, arg);
    if (ready < n)
        wr_lane_hand_back(r);
    return ready;
}

#endif
