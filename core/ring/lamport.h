/* SPDX-License-Identifier: MPL-2.0 */
/* Lamport's ring: an array of items and two indices, each of which one side
 * writes and the other reads at every call. The control: what the other
 * designs save is measured against it.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free: loads and stores, no read-modify-write, no fence.
 *
 * Edges         W1 push: release store of tail
 *               R1 pop:  acquire load of tail: the items are readable
 *               R2 pop:  release store of head
 *               W2 push: acquire load of head: the items are writable
 *
 * Invariant     head <= tail <= head + capacity (differences modulo 2^64)
 *
 * Cost          Each call loads the other side's index, which that side has
 *               written since: two line transfers a call and side when both
 *               are busy, and none hidden behind another. Items cost their own
 *               bytes.
 *
 * Source: L. Lamport, Proving the Correctness of Multiprocess Programs, IEEE
 * TSE 3(2), 1977; here with release and acquire in the place of sequential
 * consistency, batches, and a line group for each index. */
#ifndef WEIR_CORE_RING_LAMPORT_H
#define WEIR_CORE_RING_LAMPORT_H

#include "core/base/atomic.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_lamport_traits = {
    .kind = "spsc",
    .name = "lamport",
    .what = "two indices, each read by the other side at every call",
    .source = "Lamport 1977",
    .progress = "wait-free",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = true,
    .capacity_least = 1,
};

struct wr_lamport {
    uint64_t mask;                            /* constant */
    _Alignas(WR_GROUP) _Atomic uint64_t tail; /* written by the writer */
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by the reader */
    _Alignas(WR_GROUP) unsigned char items[];
};

struct wr_lamport_writer {
    struct wr_lamport *q;
};

struct wr_lamport_reader {
    struct wr_lamport *q;
};

static inline size_t
wr_lamport_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_lamport) + shape->capacity * shape->item_size;
}

static inline struct wr_lamport *
wr_lamport_init(void *memory, const struct wr_shape *shape)
{
    struct wr_lamport *q = memory;

    q->mask = shape->capacity - 1;
    store_relaxed(&q->tail, shape->start); /* nobody else knows the queue yet */
    store_relaxed(&q->head, shape->start);
    return q;
}

static inline void
wr_lamport_fini(struct wr_lamport *q)
{
    (void)q;
}

static inline void
wr_lamport_writer_init(struct wr_lamport_writer *w, struct wr_lamport *q,
                       uint32_t number)
{
    (void)number;
    w->q = q;
}

static inline void
wr_lamport_reader_init(struct wr_lamport_reader *r, struct wr_lamport *q,
                       uint32_t number)
{
    (void)number;
    r->q = q;
}

hot_inline uint64_t
wr_lamport_push(struct wr_lamport_writer *w, size_t size, uint64_t n,
                wr_fill *fill, void *arg)
{
    struct wr_lamport *q = w->q;
    uint64_t tail = load_relaxed(&q->tail); /* only we write it */
    uint64_t room = load_acquire(&q->head) + q->mask + 1 - tail; /* W2 */

    n = n < room ? n : room;
    if (n == 0)
        return 0;
    wr_fill_array(q->items, q->mask, tail, size, n, fill, arg);
    store_release(&q->tail, tail + n); /* W1 */
    return n;
}

static inline void
wr_lamport_flush(struct wr_lamport_writer *w)
{
    (void)w;
}

hot_inline uint64_t
wr_lamport_pop(struct wr_lamport_reader *r, size_t size, uint64_t n,
               wr_use *use, void *arg)
{
    struct wr_lamport *q = r->q;
    uint64_t head = load_relaxed(&q->head);         /* only we write it */
    uint64_t ready = load_acquire(&q->tail) - head; /* R1 */

    n = n < ready ? n : ready;
    if (n == 0)
        return 0;
    wr_use_array(q->items, q->mask, head, size, n, use, arg);
    store_release(&q->head, head + n); /* R2 */
    return n;
}

#endif
