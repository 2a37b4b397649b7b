/* SPDX-License-Identifier: MPL-2.0 */
/* Vyukov's bounded queue: every slot has a word that says whose turn it is, and
 * two indices hand out the slots, several at once.
 *
 * Concurrency   push, flush: any number of writers; pop: any number of readers
 *               No call waits, and the claims are lock-free: one that fails
 *               has lost to one that succeeded. But a writer that is stopped
 *               between its claim and its last item hides all that is written
 *               behind it, and the queue is empty to every reader; a reader
 *               that is stopped there keeps its slots, and the queue is full
 *               when the writers come around to them.
 *
 * Turns         The word of the slot of position p is
 *                 2p                     free to be written
 *                 2p + 1                 written
 *                 2p + 2 capacity        read: free in the next lap
 *               It only grows, until 2^63 positions have gone.
 *
 * Edges         W1 push: release store of 2p + 1
 *               R1 pop:  acquire load of it: the item is readable
 *               R2 pop:  release store of 2p + 2 capacity
 *               W2 push: acquire load of it: the item is writable
 *               The indices publish nothing: relaxed.
 *
 * Why n slots can be claimed by one compare-and-swap: a writer that has read
 * tail = t sees 2p in the word of each p from t to t + n - 1. Who alone may
 * change that word next is the writer that claims p, and p is claimed only when
 * tail goes past it. tail never returns to a value, so if it is t when it is
 * swapped, all n words are as they were seen. To have seen the last of them is
 * not enough: readers give slots back in any order. For readers the same holds
 * of head and 2p + 1.
 *
 * Invariant     head <= tail <= head + capacity (differences modulo 2^64)
 *
 * Cost          Per batch one locked instruction, and the transfer of the index
 *               when another thread of the same side was here. Per item the
 *               lines of its slot, there and back: with 8-byte items four slots
 *               a line. The index of the other side is never read.
 *
 * Weaknesses    See concurrency. Each item has a word and a call of fill or
 *               use. Not exact: a thread that is stopped makes it empty or full
 *               before it is.
 *
 * Source: D. Vyukov, Bounded MPMC queue, 1024cores.net, 2010; here with
 * batches, which are published from their last slot to their first, so that a
 * reader finds them whole, with a bit of its own for written, which lets it
 * have one slot, and with slots of whole lines or parts of one. */
#ifndef WEIR_CORE_RING_SEQUENCE_H
#define WEIR_CORE_RING_SEQUENCE_H

#include "core/base/atomic.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"
#include "core/ring/stride.h"

static const struct wr_traits wr_sequence_traits = {
    .kind = "mpmc",
    .name = "sequence",
    .what = "a turn in every slot, slots claimed by compare-and-swap",
    .source = "Vyukov 2010",
    .progress = "no call waits, claims are lock-free; a stopped writer hides "
                "what is written behind it, a stopped reader keeps its slots",
    .order = WR_ORDER_ALL,
    .capacity_least = 1,
};

struct wr_sequence {
    /* Constant. */
    uint64_t mask;

    _Alignas(WR_GROUP) _Atomic uint64_t tail; /* written by the writers */
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by the readers */
    _Alignas(WR_GROUP) unsigned char slots[];
};

struct wr_sequence_writer {
    struct wr_sequence *q;
};

struct wr_sequence_reader {
    struct wr_sequence *q;
};

struct wr_sequence_slot {
    _Atomic uint64_t turn; /* written by who has claimed the slot */
    unsigned char item[];
};

static inline size_t
wr_sequence_stride(size_t size)
{
    return wr_stride(sizeof(struct wr_sequence_slot) + size);
}

/* mask is q->mask, which the compiler would load again for each slot: the
 * items might lie over it, for all that it knows. */
hot_inline struct wr_sequence_slot *
wr_sequence_at(struct wr_sequence *q, uint64_t mask, uint64_t pos, size_t size)
{
    unsigned char *at = q->slots + (pos & mask) * wr_sequence_stride(size);

    return (struct wr_sequence_slot *)(void *)at;
}

static inline size_t
wr_sequence_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_sequence) +
           shape->capacity * wr_sequence_stride(shape->item_size);
}

static inline struct wr_sequence *
wr_sequence_init(void *memory, const struct wr_shape *shape)
{
    struct wr_sequence *q = memory;

    q->mask = shape->capacity - 1;
    /* Relaxed: nobody else knows the queue yet. */
    store_relaxed(&q->tail, shape->start);
    store_relaxed(&q->head, shape->start);
    for (uint64_t i = 0; i < shape->capacity; i++) {
        uint64_t pos = shape->start + i;

        store_relaxed(&wr_sequence_at(q, q->mask, pos, shape->item_size)->turn,
                      2 * pos);
    }
    return q;
}

static inline void
wr_sequence_fini(struct wr_sequence *q)
{
    (void)q;
}

static inline void
wr_sequence_writer_init(struct wr_sequence_writer *w, struct wr_sequence *q,
                        uint32_t number)
{
    (void)number;
    w->q = q;
}

static inline void
wr_sequence_reader_init(struct wr_sequence_reader *r, struct wr_sequence *q,
                        uint32_t number)
{
    (void)number;
    r->q = q;
}

/* How many of the n slots from pos on have the turn 2p + written. Also how far
 * the first one is from that: 0, or negative when it is still to come, or
 * positive when it has been and pos is old. W2, R1. */
hot_inline uint64_t
wr_sequence_count(struct wr_sequence *q, uint64_t pos, size_t size, uint64_t n,
                  uint64_t written, int64_t *off)
{
    uint64_t mask = q->mask, i = 1;

    *off = (int64_t)(load_acquire(&wr_sequence_at(q, mask, pos, size)->turn) -
                     (2 * pos + written));
    if (*off != 0)
        return 0;
    if (n > 1)
        wr_lines_prefetch_first(q->slots, mask, pos, wr_sequence_stride(size),
                                n); /* to write to */
    while (i < n &&
           load_acquire(&wr_sequence_at(q, mask, pos + i, size)->turn) ==
               2 * (pos + i) + written)
        i++;
    return i;
}

/* Claims up to n positions that have that turn, from *pos on. */
hot_inline uint64_t
wr_sequence_claim(struct wr_sequence *q, _Atomic uint64_t *index, size_t size,
                  uint64_t n, uint64_t written, uint64_t *pos)
{
    int64_t off;

    *pos = load_relaxed(index);
    for (;;) {
        uint64_t count = wr_sequence_count(q, *pos, size, n, written, &off);

        if (unlikely(off < 0))
            return 0;
        if (unlikely(off > 0))
            *pos = load_relaxed(index);
        else if (likely(cas_relaxed(index, pos, *pos + count)))
            return count;
    }
}

hot_inline uint64_t
wr_sequence_push(struct wr_sequence_writer *w, size_t size, uint64_t n,
                 wr_fill *fill, void *arg)
{
    struct wr_sequence *q = w->q;
    uint64_t mask = q->mask, pos;

    n = wr_sequence_claim(q, &q->tail, size, n, 0, &pos); /* W2 */
    for (uint64_t i = 0; i < n; i++)
        fill(arg, wr_sequence_at(q, mask, pos + i, size)->item, i, 1);
    for (uint64_t i = n; i-- > 0;)
        store_release(&wr_sequence_at(q, mask, pos + i, size)->turn, /* W1 */
                      2 * (pos + i) + 1);
    return n;
}

static inline void
wr_sequence_flush(struct wr_sequence_writer *w)
{
    (void)w;
}

hot_inline uint64_t
wr_sequence_pop(struct wr_sequence_reader *r, size_t size, uint64_t n,
                wr_use *use, void *arg)
{
    struct wr_sequence *q = r->q;
    uint64_t mask = q->mask, pos;

    n = wr_sequence_claim(q, &q->head, size, n, 1, &pos); /* R1 */
    for (uint64_t i = 0; i < n; i++)
        use(arg, wr_sequence_at(q, mask, pos + i, size)->item, 1);
    for (uint64_t i = n; i-- > 0;)
        store_release(&wr_sequence_at(q, mask, pos + i, size)->turn, /* R2 */
                      2 * (pos + i + mask + 1));
    return n;
}

#endif
