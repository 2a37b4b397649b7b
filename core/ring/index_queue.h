/* SPDX-License-Identifier: MPL-2.0 */
/* index_ring.h as a queue of items: an array and two indices, each of which
 * the other side reads only when the value that it remembers is used up.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free: loads and stores, no read-modify-write, no fence. A
 *               thread that stalls leaves the other what is written, or free.
 *
 * Edges         Those of index_ring.h: W1 and W2 are in push, R1 and R2 in pop.
 *
 * Invariants    Those of index_ring.h.
 *
 * Cost          A batch is one store to an index on each side. A batch that
 *               finds the remembered index used up costs two line transfers,
 *               the second of which waits for the first (index, then items);
 *               one that does not, only its items' bytes, which are packed.
 *               Batches of more than one claim their lines before they write
 *               them.
 *
 * Weaknesses    Single items: the writer's index is stored for each, and the
 *               reader, when it keeps up, takes the line of it for each. Both
 *               indices go from core to core as often as the sides meet.
 *
 * Source: index_ring.h, which names its own. */
#ifndef WEIR_CORE_RING_INDEX_QUEUE_H
#define WEIR_CORE_RING_INDEX_QUEUE_H

#include "core/ring/index_ring.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_index_queue_traits = {
    .kind = "spsc",
    .name = "index",
    .what = "two indices, each remembered by the other side, and items side by "
            "side",
    .source = "MCRingBuffer, Lee, Bu, Chandranmenon 2010",
    .progress = "wait-free",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = true,
    .capacity_least = 1,
};

struct wr_index_queue {
    struct wr_index_ring ring;
    _Alignas(WR_GROUP) unsigned char items[];
};

struct wr_index_queue_writer {
    struct wr_index_ring *ring;
};

struct wr_index_queue_reader {
    struct wr_index_ring *ring;
};

static inline size_t
wr_index_queue_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_index_queue) + shape->capacity * shape->item_size;
}

static inline struct wr_index_queue *
wr_index_queue_init(void *memory, const struct wr_shape *shape)
{
    struct wr_index_queue *q = memory;

    wr_index_ring_init(&q->ring, q->items, shape->item_size, shape->capacity,
                       shape->start);
    return q;
}

static inline void
wr_index_queue_fini(struct wr_index_queue *q)
{
    (void)q;
}

static inline void
wr_index_queue_writer_init(struct wr_index_queue_writer *w,
                           struct wr_index_queue *q, uint32_t number)
{
    (void)number;
    w->ring = &q->ring;
}

static inline void
wr_index_queue_reader_init(struct wr_index_queue_reader *r,
                           struct wr_index_queue *q, uint32_t number)
{
    (void)number;
    r->ring = &q->ring;
}

/* Writes as many of the items first to first + n - 1 as lie side by side. */
hot_inline uint64_t
wr_index_queue_push_run(struct wr_index_ring *r, size_t size, uint64_t first,
                        uint64_t n, wr_fill *fill, void *arg)
{
    uint64_t ahead = wr_lines_ahead(r->mask + 1, size);
    uint64_t tail = load_relaxed(&r->tail); /* only we write it */
    void *span;

    n = wr_index_ring_reserve(r, n, &span); /* W2 */
    if (unlikely(n == 0))
        return 0;
    if (likely(r->w_head + r->mask + 1 - tail >= n + ahead))
        wr_lines_fill_ahead(r->items, r->mask, tail, size, first, n, ahead,
                            fill, arg);
    else
        fill(arg, span, first, n);
    wr_index_ring_commit(r, n); /* W1 */
    return n;
}

hot_inline uint64_t
wr_index_queue_push(struct wr_index_queue_writer *w, size_t size, uint64_t n,
                    wr_fill *fill, void *arg)
{
    struct wr_index_ring *r = w->ring;
    uint64_t done = wr_index_queue_push_run(r, size, 0, n, fill, arg);

    /* Relaxed: only we write it. On at the array's end only. */
    if (n > 1 && unlikely(done < n) && (load_relaxed(&r->tail) & r->mask) == 0)
        done += wr_index_queue_push_run(r, size, done, n - done, fill, arg);
    return done;
}

static inline void
wr_index_queue_flush(struct wr_index_queue_writer *w)
{
    (void)w;
}

/* Reads as many of n items as lie side by side. */
hot_inline uint64_t
wr_index_queue_pop_run(struct wr_index_ring *r, uint64_t n, wr_use *use,
                       void *arg)
{
    void *span;

    n = wr_index_ring_peek(r, n, &span); /* R1 */
    if (unlikely(n == 0))
        return 0;
    use(arg, span, n);
    wr_index_ring_release(r, n); /* R2 */
    return n;
}

hot_inline uint64_t
wr_index_queue_pop(struct wr_index_queue_reader *r, size_t size, uint64_t n,
                   wr_use *use, void *arg)
{
    struct wr_index_ring *ring = r->ring;
    uint64_t done = wr_index_queue_pop_run(ring, n, use, arg);

    (void)size;
    /* Relaxed: only we write it. On at the array's end only. */
    if (n > 1 && unlikely(done < n) &&
        (load_relaxed(&ring->head) & ring->mask) == 0)
        done += wr_index_queue_pop_run(ring, n - done, use, arg);
    return done;
}

#endif
