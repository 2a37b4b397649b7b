/* SPDX-License-Identifier: MPL-2.0 */
/* A ring of items side by side that is claimed and handed over in spans: one
 * word says that a whole batch is written, and one that a whole batch is read.
 *
 * Each side has two positions. `next` is where its next claim begins. `limit`
 * is how far the other side is known to have come, and claims end there: for
 * writers at limit + capacity. A claim moves `next`; its span is then filled,
 * or used; and in the end its end is stored in the word of its first position,
 * in an array of the side that has done it:
 *
 *   ends[p & mask] = e    the span from p to e - 1 is done
 *
 * The other side comes from `limit`, which is where a span begins, to the next
 * one, as far as they are done, and moves `limit` to there. Whoever needs it
 * does so, for all of its side: nobody waits to publish in order, as the users
 * of rings with two heads and two tails do.
 *
 * Concurrency   push, flush: any number of writers; pop: any number of readers
 *               No call waits, and claims and walks are lock-free: one that has
 *               to begin anew has lost to one that came further. But a writer
 *               that is stopped between its claim and its end hides what is
 *               written behind it, and a reader that is stopped there keeps the
 *               space of its span and of those behind it.
 *
 * Edges         W1 push: release store of the span's end in `written`
 *               R1 pop:  acquire load of it: the items are readable
 *               R2 pop:  release store of the span's end in `read`
 *               W2 push: acquire load of it: the items are writable
 *               L1 look: release swap of limit
 *               L2 claim, look: acquire load of it, or failed swap: what others
 *                        of our side know by R1 or W2, we know too
 *               C1 claim: release swap of next
 *               C2 claim: acquire load of it, or failed swap: we see a limit
 *                        that is as far at least as who claimed before us saw
 *
 * Invariants    out.next <= out.limit <= in.next <= in.limit + capacity
 *               in.limit <= out.next (all modulo 2^64; none ever goes back)
 *
 * Why a word that is there can be believed, with limit = p for it to be read:
 *   1. A span in this slot that is of an earlier lap ended at p at the latest,
 *      as it began at p - capacity or before, and is no longer than capacity.
 *      So an end from p + 1 to p + capacity is that of the span that begins at
 *      p; and it is stored once that is done, which stays true.
 *   2. The word is written over by a span of a later lap only. That is claimed
 *      when the other side's limit has gone past p, so our `next` has, so our
 *      `limit` has: who has seen such a word fails to swap limit, or sees that
 *      it has changed, and looks again.
 *   3. Between its claim and its end a span is passed by no limit, so the word
 *      it stores to is still its own: a thread that was stopped for long does
 *      no harm.
 *   4. limit goes from one beginning of a span to another, as claims have no
 *      gaps between them. Claims stay between next and limit, wherever spans
 *      end: readers need not take what one writer wrote.
 *
 * Cost          Per batch one or two locked instructions on one line, which
 *               only this side has; the transfer of one word of the other
 *               side's for each of its batches; and the items, in place, eight
 *               of 8 bytes a line. Of the other side's positions nothing is
 *               read. An item costs 16 bytes of memory beside its own.
 *
 * Weaknesses    Batches of one: two lines for each item, where a turn beside it
 *               needs one. See concurrency.
 *
 * Sources: two positions a side, claimed by compare-and-swap: DPDK's rte_ring.
 * Marks in the place of publishing in order: the Disruptor's multi-producer
 * sequencer, which has one for each item and none for readers. One end for each
 * span, and limits that all move for each other, are ours. */
#ifndef WEIR_CORE_RING_SPANS_H
#define WEIR_CORE_RING_SPANS_H

#include "core/base/atomic.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_spans_traits = {
    .kind = "mpmc",
    .name = "spans",
    .what = "spans claimed by compare-and-swap, one word tells that a span is "
            "done",
    .source = "after DPDK's rte_ring and the Disruptor; ours",
    .progress = "no call waits, claims are lock-free; a stopped writer hides "
                "what is written behind it, a stopped reader keeps the space "
                "from its span on",
    .order = WR_ORDER_ALL,
    .capacity_least = 1,
};

/* Written by all threads of the side. */
struct wr_spans_side {
    _Alignas(WR_GROUP) _Atomic uint64_t next;
    _Atomic uint64_t limit;
};

struct wr_spans {
    /* Constant. */
    uint64_t mask;
    _Atomic uint64_t *written; /* ends: written by writers */
    _Atomic uint64_t *read;    /* ends: written by readers */

    struct wr_spans_side in;                  /* the writers' */
    struct wr_spans_side out;                 /* the readers' */
    _Alignas(WR_GROUP) unsigned char items[]; /* then the ends */
};

struct wr_spans_writer {
    struct wr_spans *q;
};

struct wr_spans_reader {
    struct wr_spans *q;
};

/* Ends in a line. */
#define WR_SPANS_ENDS (WR_LINE / sizeof(uint64_t))

static inline size_t
wr_spans_group(size_t bytes)
{
    return (bytes + WR_GROUP - 1) / WR_GROUP * WR_GROUP;
}

static inline size_t
wr_spans_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_spans) +
           wr_spans_group(shape->capacity * shape->item_size) +
           2 * wr_spans_group(shape->capacity * sizeof(uint64_t));
}

static inline struct wr_spans *
wr_spans_init(void *memory, const struct wr_shape *shape)
{
    struct wr_spans *q = memory;
    unsigned char *ends =
        q->items + wr_spans_group(shape->capacity * shape->item_size);

    q->mask = shape->capacity - 1;
    q->written = (_Atomic uint64_t *)(void *)ends;
    ends += wr_spans_group(shape->capacity * sizeof(uint64_t));
    q->read = (_Atomic uint64_t *)(void *)ends;
    /* Relaxed: nobody else knows the queue yet. */
    store_relaxed(&q->in.next, shape->start);
    store_relaxed(&q->in.limit, shape->start);
    store_relaxed(&q->out.next, shape->start);
    store_relaxed(&q->out.limit, shape->start);
    for (uint64_t i = 0; i < shape->capacity; i++) {
        uint64_t pos = shape->start + i;

        /* Spans that end here, of the lap before. */
        store_relaxed(&q->written[pos & q->mask], pos);
        store_relaxed(&q->read[pos & q->mask], pos);
    }
    return q;
}

static inline void
wr_spans_fini(struct wr_spans *q)
{
    (void)q;
}

static inline void
wr_spans_writer_init(struct wr_spans_writer *w, struct wr_spans *q,
                     uint32_t number)
{
    (void)number;
    w->q = q;
}

static inline void
wr_spans_reader_init(struct wr_spans_reader *r, struct wr_spans *q,
                     uint32_t number)
{
    (void)number;
    r->q = q;
}

/* Where the spans end that are done from pos on: as far as `enough`, and as
 * further ends lie in a line that is here. */
static inline uint64_t
wr_spans_walk(const _Atomic uint64_t *ends, uint64_t mask, uint64_t pos,
              uint64_t enough)
{
    for (;;) {
        uint64_t end = load_acquire(&ends[pos & mask]); /* R1, W2 */
        bool far;

        if (end - pos - 1 > mask)
            return pos;
        far = end / WR_SPANS_ENDS != pos / WR_SPANS_ENDS;
        pos = end;
        if (far && (int64_t)(enough - pos) <= 0)
            return pos;
    }
}

/* Moves the side's limit on, if it can, until it is n beyond `from`. Returns
 * how far it is. */
static __attribute__((noinline, unused)) uint64_t
wr_spans_look(struct wr_spans_side *s, const _Atomic uint64_t *ends,
              uint64_t mask, uint64_t from, uint64_t n)
{
    uint64_t limit = load_acquire(&s->limit); /* L2 */

    while (limit - from < n) {
        uint64_t end = wr_spans_walk(ends, mask, limit, from + n);

        if (end != limit) {
            if (cas_acq_rel(&s->limit, &limit, end)) /* L1, L2 */
                return end - from;
        } else {
            end = load_acquire(&s->limit); /* L2 */
            if (end == limit)
                break;
            limit = end;
        }
    }
    return limit - from;
}

/* Claims up to n positions from *pos on, before the side's limit + ahead. */
hot_inline uint64_t
wr_spans_claim(struct wr_spans_side *s, const _Atomic uint64_t *ends,
               uint64_t mask, uint64_t ahead, uint64_t n, uint64_t *pos)
{
    uint64_t count;

    *pos = load_acquire(&s->next); /* C2 */
    do {
        uint64_t from = *pos - ahead;

        count = load_acquire(&s->limit) - from; /* L2 */
        if (count < n)
            count = wr_spans_look(s, ends, mask, from, n);
        count = n < count ? n : count;
        if (unlikely(count == 0))
            return 0;
    } while (unlikely(!cas_acq_rel(&s->next, pos, *pos + count))); /* C1, C2 */
    return count;
}

hot_inline uint64_t
wr_spans_push(struct wr_spans_writer *w, size_t size, uint64_t n, wr_fill *fill,
              void *arg)
{
    struct wr_spans *q = w->q;
    uint64_t mask = q->mask, pos;
    _Atomic uint64_t *end;

    n = wr_spans_claim(&q->in, q->read, mask, mask + 1, n, &pos); /* W2 */
    if (unlikely(n == 0))
        return 0;
    end = &q->written[pos & mask];
    wr_lines_prefetch_first(q->items, mask, pos, size, n);
    prefetch_write((const void *)end);
    wr_fill_array(q->items, mask, pos, size, n, fill, arg);
    store_release(end, pos + n); /* W1 */
    return n;
}

static inline void
wr_spans_flush(struct wr_spans_writer *w)
{
    (void)w;
}

hot_inline uint64_t
wr_spans_pop(struct wr_spans_reader *r, size_t size, uint64_t n, wr_use *use,
             void *arg)
{
    struct wr_spans *q = r->q;
    uint64_t mask = q->mask, pos;
    _Atomic uint64_t *end;

    n = wr_spans_claim(&q->out, q->written, mask, 0, n, &pos); /* R1 */
    if (unlikely(n == 0))
        return 0;
    end = &q->read[pos & mask];
    prefetch_write((const void *)end);
    wr_use_array(q->items, mask, pos, size, n, use, arg);
    store_release(end, pos + n); /* R2 */
    return n;
}

#endif
