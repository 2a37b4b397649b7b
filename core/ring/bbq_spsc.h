/* SPDX-License-Identifier: MPL-2.0 */
/* BBQ, the block-based bounded queue, for one writer and one reader: each keeps
 * its place within a block to itself, and they share only how far a block is
 * written and whether it is read.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free: loads and stores, no read-modify-write, no fence.
 *
 * Blocks        Positions are cut into blocks, which are used lap by lap. Two
 *               counters each, of items since the first lap, so that lap L has
 *               base L * size: committed and consumed. Committed is stored as
 *               the writer leaves the block, on flush, and when the queue is
 *               full; consumed as the reader leaves it.
 *
 * Edges         W1 flush: release store of committed
 *               R1 look:  acquire load of committed: the items are readable
 *               R2 leave: release store of consumed
 *               W2 enter: acquire load of consumed: the block is writable
 *
 * Invariants    In lap L of a block, counted from L * size:
 *               off of the reader <= known <= committed <= off of the writer
 *               <= size
 *               the writer is in lap L of a block: consumed is at L * size
 *
 * Cost          Per batch no access to shared words at all. Per block one line
 *               transfer each way and side, whose line is quiet until then: a
 *               side that waits does not disturb the other. Items cost their
 *               own bytes. 2 line groups of memory a block.
 *
 * Weaknesses    The reader is a block behind unless the writer flushes, and
 *               finds the queue empty with items in it until then. Space comes
 *               back by whole blocks: the queue may be full with no more than
 *               capacity - size + 1 items.
 *
 * Source: BBQ (Wang et al., USENIX ATC 2022) as it is for one thread a side,
 * see bbq.h. Ours differs: allocated and reserved are not shared, as no other
 * thread needs them; batches; late commits. */
#ifndef WEIR_CORE_RING_BBQ_SPSC_H
#define WEIR_CORE_RING_BBQ_SPSC_H

#include "core/base/atomic.h"
#include "core/ring/bbq_blocks.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_bbq_spsc_traits = {
    .kind = "spsc",
    .name = "bbq",
    .what = "blocks, published and given back whole unless flushed",
    .source = "BBQ, Wang et al. 2022",
    .progress = "wait-free",
    .order = WR_ORDER_ALL,
    .capacity_least = 1,
};

struct wr_bbq_spsc_block {
    _Alignas(WR_GROUP) _Atomic uint64_t committed; /* written by the writer */
    _Alignas(WR_GROUP) _Atomic uint64_t consumed;  /* written by the reader */
};

struct wr_bbq_spsc {
    struct wr_bbq_blocks blocks; /* constant */
    _Alignas(WR_GROUP) struct wr_bbq_spsc_block block[];
};

struct wr_bbq_spsc_writer {
    struct wr_bbq_spsc *q;
    struct wr_bbq_spsc_block *block;
    unsigned char *items; /* the block's */
    uint64_t off;         /* items of the block that are written */
    uint64_t end;         /* how far it may be: 0 before it is entered */
    uint64_t committed;   /* items of the block that the reader knows of */
    struct wr_bbq_at at;  /* the block */
};

struct wr_bbq_spsc_reader {
    struct wr_bbq_spsc *q;
    struct wr_bbq_spsc_block *block;
    const unsigned char *items; /* the block's */
    uint64_t off;               /* items of the block that are read */
    uint64_t known;             /* items of the block known to be written */
    uint64_t size;              /* the same as the queue's */
    struct wr_bbq_at at;        /* the block */
};

static inline size_t
wr_bbq_spsc_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_bbq_spsc) +
           wr_bbq_blocks_n(shape) * sizeof(struct wr_bbq_spsc_block) +
           shape->capacity * shape->item_size;
}

static inline struct wr_bbq_spsc *
wr_bbq_spsc_init(void *memory, const struct wr_shape *shape)
{
    struct wr_bbq_spsc *q = memory;
    uint64_t n = wr_bbq_blocks_n(shape);

    wr_bbq_blocks_init(&q->blocks, shape, &q->block[n]);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t count = (wr_bbq_blocks_lap(&q->blocks, i) << q->blocks.shift) +
                         wr_bbq_blocks_gone(&q->blocks, i);

        /* Relaxed: nobody else knows the queue yet. */
        store_relaxed(&q->block[i].committed, count);
        store_relaxed(&q->block[i].consumed, count);
    }
    return q;
}

static inline void
wr_bbq_spsc_fini(struct wr_bbq_spsc *q)
{
    (void)q;
}

/* ---- Writer ------------------------------------------------------------ */

static inline void
wr_bbq_spsc_writer_go(struct wr_bbq_spsc_writer *w, struct wr_bbq_at at)
{
    w->at = at;
    w->block = &w->q->block[at.index];
    w->items = wr_bbq_blocks_items(&w->q->blocks, at.index);
    w->off = w->end = w->committed = 0;
}

static inline void
wr_bbq_spsc_writer_init(struct wr_bbq_spsc_writer *w, struct wr_bbq_spsc *q,
                        uint32_t number)
{
    (void)number;
    w->q = q;
    wr_bbq_spsc_writer_go(w, q->blocks.start);
    w->off = w->committed = q->blocks.start_off;
    w->end = q->blocks.size;
}

static inline void
wr_bbq_spsc_flush(struct wr_bbq_spsc_writer *w)
{
    if (w->committed == w->off)
        return;
    w->committed = w->off;
    store_release(&w->block->committed, /* W1 */
                  (w->at.lap << w->q->blocks.shift) + w->off);
}

/* Of a block that is written. */
static __attribute__((noinline)) void
wr_bbq_spsc_writer_leave(struct wr_bbq_spsc_writer *w)
{
    wr_bbq_spsc_flush(w);
    wr_bbq_spsc_writer_go(w, wr_bbq_blocks_next(&w->q->blocks, w->at));
    prefetch_read(&w->block->consumed);
}

/* False if the block is not read since its last lap. */
static __attribute__((noinline)) bool
wr_bbq_spsc_enter(struct wr_bbq_spsc_writer *w)
{
    if (load_acquire(&w->block->consumed) != /* W2 */
        w->at.lap << w->q->blocks.shift)
        return false;
    w->end = w->q->blocks.size;
    return true;
}

hot_inline uint64_t
wr_bbq_spsc_push(struct wr_bbq_spsc_writer *w, size_t size, uint64_t n,
                 wr_fill *fill, void *arg)
{
    uint64_t done = 0, part;

    do {
        if (unlikely(w->end == 0) && !wr_bbq_spsc_enter(w)) {
            wr_bbq_spsc_flush(w);
            break;
        }
        part = w->end - w->off;
        part = part < n - done ? part : n - done;
        wr_lines_fill_at(w->items + w->off * size, size, done, part, fill, arg);
        w->off += part;
        if (unlikely(w->off == w->end))
            wr_bbq_spsc_writer_leave(w);
        done += part;
    } while (unlikely(done < n));
    return done;
}

/* ---- Reader ------------------------------------------------------------ */

static inline void
wr_bbq_spsc_reader_go(struct wr_bbq_spsc_reader *r, struct wr_bbq_at at)
{
    r->at = at;
    r->block = &r->q->block[at.index];
    r->items = wr_bbq_blocks_items(&r->q->blocks, at.index);
    r->off = r->known = 0;
}

static inline void
wr_bbq_spsc_reader_init(struct wr_bbq_spsc_reader *r, struct wr_bbq_spsc *q,
                        uint32_t number)
{
    (void)number;
    r->q = q;
    r->size = q->blocks.size;
    wr_bbq_spsc_reader_go(r, q->blocks.start);
    r->off = r->known = q->blocks.start_off;
}

/* Of a block that is read. */
static __attribute__((noinline)) void
wr_bbq_spsc_reader_leave(struct wr_bbq_spsc_reader *r)
{
    store_release(&r->block->consumed, /* R2 */
                  (r->at.lap + 1) << r->q->blocks.shift);
    wr_bbq_spsc_reader_go(r, wr_bbq_blocks_next(&r->q->blocks, r->at));
    prefetch_read(&r->block->committed);
}

/* Whether the block has more than is known. */
static __attribute__((noinline)) bool
wr_bbq_spsc_look(struct wr_bbq_spsc_reader *r)
{
    uint64_t committed = load_acquire(&r->block->committed) - /* R1 */
                         (r->at.lap << r->q->blocks.shift);

    if (committed == r->known)
        return false;
    r->known = committed;
    return true;
}

hot_inline uint64_t
wr_bbq_spsc_pop(struct wr_bbq_spsc_reader *r, size_t size, uint64_t n,
                wr_use *use, void *arg)
{
    uint64_t done = 0, part;

    do {
        if (unlikely(r->off == r->known) && !wr_bbq_spsc_look(r))
            break;
        part = r->known - r->off;
        part = part < n - done ? part : n - done;
        use(arg, r->items + r->off * size, part);
        r->off += part;
        if (unlikely(r->off == r->size))
            wr_bbq_spsc_reader_leave(r);
        done += part;
    } while (unlikely(done < n));
    return done;
}

#endif
