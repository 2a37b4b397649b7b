/* SPDX-License-Identifier: MPL-2.0 */
/* The Disruptor's ring: one writer shows every reader all items, and the
 * slowest reader is the gate that it does not pass.
 *
 * Concurrency   push, flush: one writer; pop: any number of readers, each with
 *               a number of its own
 *               Loads and stores, no read-modify-write, no fence: pop is
 *               wait-free, push too, in as many steps as there are readers. A
 *               reader that is stopped leaves the queue full to the writer, and
 *               in the end empty to the other readers.
 *
 * Edges         W1 push: release store of cursor
 *               R1 pop:  acquire load of cursor: the items are readable
 *               R2 pop:  release store of the reader's `read`
 *               W2 push: acquire load of each `read`: the items are writable
 *
 * Invariants    for each reader: read <= cursor <= read + capacity
 *               cursor <= w.limit <= the least read + capacity
 *               r.pos = read, r.seen <= cursor (all modulo 2^64)
 *
 * Cost          Push: the items, and one store to cursor; it looks at the
 *               readers' lines when the room that it knows of is used up, one
 *               transfer each and side by side: once a lap while no reader
 *               lags. Pop: a load of cursor when fewer items than asked for are
 *               known, the items, in place, and one store to the reader's own
 *               line. Each line of items goes to every reader.
 *
 * Weaknesses    The slowest reader sets the pace, and one that has gone stops
 *               the writer for ever. When the ring is full every push looks at
 *               every reader.
 *
 * Source: M. Thompson, D. Farley, M. Barker, P. Gee, A. Stewart, Disruptor,
 * LMAX technical paper, 2011; here for one stage of readers, and with no
 * waiting. */
#ifndef WEIR_CORE_RING_GATED_H
#define WEIR_CORE_RING_GATED_H

#include "core/base/atomic.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_gated_traits = {
    .kind = "broadcast",
    .name = "gated",
    .what = "all readers see all items, the writer keeps behind the slowest",
    .source = "Thompson, Farley, Barker, Gee, Stewart 2011",
    .progress = "wait-free; a stopped reader keeps the queue full",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = true,
    .capacity_least = 1,
};

/* How far a reader is. */
struct wr_gated_gate {
    _Alignas(WR_GROUP) _Atomic uint64_t read; /* written by that reader */
};

struct wr_gated {
    /* Constant. */
    uint64_t mask;
    unsigned char *items;
    uint32_t readers;

    _Alignas(WR_GROUP) _Atomic uint64_t cursor; /* written by the writer */
    struct wr_gated_gate gates[];               /* then the items */
};

struct wr_gated_writer {
    struct wr_gated *q;
    uint64_t limit; /* items before it are known to be writable */
};

struct wr_gated_reader {
    struct wr_gated *q;
    struct wr_gated_gate *gate;
    uint64_t pos;
    uint64_t seen; /* cursor, as last seen */
};

static inline size_t
wr_gated_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_gated) +
           shape->readers * sizeof(struct wr_gated_gate) +
           shape->capacity * shape->item_size;
}

static inline struct wr_gated *
wr_gated_init(void *memory, const struct wr_shape *shape)
{
    struct wr_gated *q = memory;

    q->mask = shape->capacity - 1;
    q->readers = shape->readers;
    q->items = (unsigned char *)&q->gates[q->readers];
    /* Relaxed: nobody else knows the queue yet. */
    store_relaxed(&q->cursor, shape->start);
    for (uint32_t i = 0; i < q->readers; i++)
        store_relaxed(&q->gates[i].read, shape->start);
    return q;
}

static inline void
wr_gated_fini(struct wr_gated *q)
{
    (void)q;
}

static inline void
wr_gated_writer_init(struct wr_gated_writer *w, struct wr_gated *q,
                     uint32_t number)
{
    (void)number;
    w->q = q;
    w->limit = load_relaxed(&q->cursor); /* only we write it */
}

static inline void
wr_gated_reader_init(struct wr_gated_reader *r, struct wr_gated *q,
                     uint32_t number)
{
    r->q = q;
    r->gate = &q->gates[number];
    r->pos = r->seen = load_relaxed(&r->gate->read); /* only we write it */
}

/* Looks how far the slowest reader is, and returns the room. Out of the way of
 * the pushes that need not look. */
static __attribute__((noinline, unused)) uint64_t
wr_gated_look(struct wr_gated_writer *w, uint64_t cursor)
{
    const struct wr_gated *q = w->q;
    uint64_t behind = 0;

    for (uint32_t i = 0; i < q->readers; i++) {
        uint64_t unread = cursor - load_acquire(&q->gates[i].read); /* W2 */

        behind = unread > behind ? unread : behind;
    }
    w->limit = cursor - behind + q->mask + 1;
    return w->limit - cursor;
}

hot_inline uint64_t
wr_gated_push(struct wr_gated_writer *w, size_t size, uint64_t n, wr_fill *fill,
              void *arg)
{
    struct wr_gated *q = w->q;
    uint64_t cursor = load_relaxed(&q->cursor); /* only we write it */
    uint64_t room = w->limit - cursor;

    if (unlikely(room < n))
        room = wr_gated_look(w, cursor);
    n = n < room ? n : room;
    if (unlikely(n == 0))
        return 0;
    wr_fill_array(q->items, q->mask, cursor, size, n, fill, arg);
    store_release(&q->cursor, cursor + n); /* W1 */
    return n;
}

static inline void
wr_gated_flush(struct wr_gated_writer *w)
{
    (void)w;
}

hot_inline uint64_t
wr_gated_pop(struct wr_gated_reader *r, size_t size, uint64_t n, wr_use *use,
             void *arg)
{
    struct wr_gated *q = r->q;
    uint64_t pos = r->pos;

    if (r->seen - pos < n) {
        r->seen = load_acquire(&q->cursor); /* R1 */
        if (r->seen - pos < n)
            n = r->seen - pos;
        if (unlikely(n == 0))
            return 0;
    }
    wr_use_array(q->items, q->mask, pos, size, n, use, arg);
    r->pos = pos + n;
    store_release(&r->gate->read, pos + n); /* R2 */
    return n;
}

#endif
