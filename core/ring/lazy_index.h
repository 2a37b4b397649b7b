/* SPDX-License-Identifier: MPL-2.0 */
/* Two indices, each remembered by the other side and told to it only now and
 * then: the writer's every eight lines of items, the reader's every quarter of
 * the ring.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free: loads and stores, no read-modify-write, no fence. A
 *               writer that stalls before it has flushed keeps what it has not
 *               told from the reader; a reader that stalls, up to a quarter of
 *               the ring from the writer.
 *
 * Edges         W1 push, flush: release store of tail
 *               R1 pop:  acquire load of tail: the items are readable
 *               R2 pop:  release store of head
 *               W2 push: acquire load of head: the items are writable
 *
 * Invariants    tail <= w.pos <= w.limit <= head + capacity
 *               head <= r.pos <= r.tail <= tail (differences modulo 2^64)
 *               w.pos - tail < share when a push returns; 0 if it found no room
 *                  for all of n, and after flush
 *               r.pos - head < quantum when a pop returns; 0 if it found
 * nothing
 *
 * So nothing is left behind: a reader that waits gets what there is at the
 * latest with the writer's flush, and a writer that waits has told all.
 *
 * Cost          Index lines move once per eight lines of items, and once per
 *               quarter of the ring, where the two sides keep pace; items cost
 *               their own bytes, which are packed. A single push is two stores
 *               (item, position), none to a line that the reader looks at. The
 *               writer of batches sends for lines 4 KiB ahead (lines.h).
 *
 * Weaknesses    An item is not seen before its share is full, or the flush: a
 *               writer that forgets the flush keeps its reader waiting, and one
 *               that flushes each item has index_queue.h with more work.
 * Neither empty nor full is exact. Ready items may be more than pop knows: it
 * looks only when it knows of none.
 *
 * Source: MCRingBuffer (P. Lee, T. Bu, G. Chandranmenon, A Lock-Free, Cache-
 * Efficient Multi-Core Synchronization Mechanism for Line-Rate Network Traffic
 * Monitoring, IPDPS 2010). There the last part of a share never shows up, and
 * the last space never comes back; here flush, no room, and an empty ring tell
 * the other side. */
#ifndef WEIR_CORE_RING_LAZY_INDEX_H
#define WEIR_CORE_RING_LAZY_INDEX_H

#include "core/base/atomic.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_lazy_index_traits = {
    .kind = "spsc",
    .name = "lazy_index",
    .what = "two indices, remembered by the other side and told to it only now "
            "and then",
    .source = "MCRingBuffer, Lee, Bu, Chandranmenon 2010",
    .progress = "wait-free, but items show up when eight lines of them are "
                "full, or with flush",
    .order = WR_ORDER_ALL,
    .empty_is_exact = false,
    .full_is_exact = false,
    .capacity_least = 1,
};

struct wr_lazy_index {
    /* Constant. */
    uint64_t mask;
    uint64_t start;
    uint64_t share;   /* items between two stores to tail */
    uint64_t quantum; /* and to head */
    uint64_t ahead;   /* items that the writer sends for lines before it */
    _Alignas(WR_GROUP) _Atomic uint64_t tail; /* written by the writer */
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by the reader */
    _Alignas(WR_GROUP) unsigned char items[];
};

struct wr_lazy_index_writer {
    uint64_t pos;
    uint64_t limit; /* head + capacity, as last seen */
    uint64_t tail;  /* as last stored */
    struct wr_lazy_index *q;
};

struct wr_lazy_index_reader {
    uint64_t pos;
    uint64_t tail; /* as last seen */
    uint64_t head; /* as last stored */
    struct wr_lazy_index *q;
};

static inline size_t
wr_lazy_index_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_lazy_index) + shape->capacity * shape->item_size;
}

static inline struct wr_lazy_index *
wr_lazy_index_init(void *memory, const struct wr_shape *shape)
{
    struct wr_lazy_index *q = memory;
    uint64_t quarter = shape->capacity < 4 ? 1 : shape->capacity / 4;
    uint64_t lines = 8 * WR_LINE / shape->item_size;

    q->mask = shape->capacity - 1;
    q->start = shape->start;
    q->quantum = quarter;
    q->ahead = wr_lines_ahead(shape->capacity, shape->item_size);
    q->share = lines < quarter ? lines : quarter;
    if (q->share == 0)
        q->share = 1;
    store_relaxed(&q->tail, shape->start); /* nobody else knows the queue yet */
    store_relaxed(&q->head, shape->start);
    return q;
}

static inline void
wr_lazy_index_fini(struct wr_lazy_index *q)
{
    (void)q;
}

static inline void
wr_lazy_index_writer_init(struct wr_lazy_index_writer *w,
                          struct wr_lazy_index *q, uint32_t number)
{
    (void)number;
    w->pos = w->tail = q->start;
    w->limit = q->start + q->mask + 1;
    w->q = q;
}

static inline void
wr_lazy_index_reader_init(struct wr_lazy_index_reader *r,
                          struct wr_lazy_index *q, uint32_t number)
{
    (void)number;
    r->pos = r->tail = r->head = q->start;
    r->q = q;
}

/* Tells the reader of all that is written. */
static inline void
wr_lazy_index_flush(struct wr_lazy_index_writer *w)
{
    if (w->tail != w->pos) {
        w->tail = w->pos;
        store_release(&w->q->tail, w->pos); /* W1 */
    }
}

/* Looks how much room there is, where too little is known of. If there is none
 * the reader is told of all that could make some. */
static __attribute__((noinline, unused)) uint64_t
wr_lazy_index_room(struct wr_lazy_index_writer *w)
{
    w->limit = load_acquire(&w->q->head) + w->q->mask + 1; /* W2 */
    if (w->limit == w->pos)
        wr_lazy_index_flush(w);
    return w->limit - w->pos;
}

hot_inline uint64_t
wr_lazy_index_push(struct wr_lazy_index_writer *w, size_t size, uint64_t n,
                   wr_fill *fill, void *arg)
{
    struct wr_lazy_index *q = w->q;
    uint64_t pos = w->pos, room = w->limit - pos, want = n;
    /* Single items are written slower than their lines come. */
    uint64_t ahead = n == 1 ? 0 : q->ahead;

    if (unlikely(room < n + ahead)) {
        room = wr_lazy_index_room(w);
        if (room == 0)
            return 0;
        n = n < room ? n : room;
    }
    if (ahead > 0 && likely(room >= n + ahead))
        wr_lines_fill_ahead(q->items, q->mask, pos, size, 0, n, ahead, fill,
                            arg);
    else
        wr_fill_array(q->items, q->mask, pos, size, n, fill, arg);
    w->pos = pos + n;
    if (unlikely(w->pos - w->tail >= q->share || n < want))
        wr_lazy_index_flush(w);
    return n;
}

/* Lets the writer have all that is read. */
static inline void
wr_lazy_index_hand_back(struct wr_lazy_index_reader *r)
{
    if (r->head != r->pos) {
        r->head = r->pos;
        store_release(&r->q->head, r->pos); /* R2 */
    }
}

/* Looks how many items are ready, where none is known of. */
static __attribute__((noinline, unused)) uint64_t
wr_lazy_index_ready(struct wr_lazy_index_reader *r)
{
    r->tail = load_acquire(&r->q->tail); /* R1 */
    if (r->tail == r->pos)
        wr_lazy_index_hand_back(r);
    return r->tail - r->pos;
}

hot_inline uint64_t
wr_lazy_index_pop(struct wr_lazy_index_reader *r, size_t size, uint64_t n,
                  wr_use *use, void *arg)
{
    struct wr_lazy_index *q = r->q;
    uint64_t pos = r->pos, ready = r->tail - pos;

    if (unlikely(ready == 0)) {
        ready = wr_lazy_index_ready(r);
        if (ready == 0)
            return 0;
    }
    n = n < ready ? n : ready;
    wr_use_array(q->items, q->mask, pos, size, n, use, arg);
    r->pos = pos + n;
    if (unlikely(r->pos - r->head >= q->quantum))
        wr_lazy_index_hand_back(r);
    return n;
}

#endif
