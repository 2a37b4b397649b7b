/* SPDX-License-Identifier: MPL-2.0 */
/* BBQ, the block-based bounded queue, for many writers and readers: a ring of
 * blocks, each with counters of its own, so that who writes and who reads meet
 * only where they are in the same block.
 *
 * Concurrency   push, flush: several writers; pop: several readers
 *               Nothing waits, but not lock-free: a writer that stalls between
 *               taking places and committing them hides the items of its block
 *               from the readers, which find the queue empty; a reader that
 *               stalls before it gives a block back stops the writers one lap
 *               later, which find the queue full. Within a block a push is one
 *               fetch-and-add (wait-free), a pop a compare-and-swap that fails
 *               only if another's succeeds (lock-free).
 *
 * Blocks        Positions are cut into blocks, which are used lap by lap.
 *               Four counters each:
 *               allocated   lap << lap_shift | places taken, and beyond the
 *                           block's end what did not find one any more
 *               committed, reserved, consumed
 *                           items since the first lap: written, taken for
 *                           reading, read. They never pass a block's end, so
 *                           lap L has base L * size and needs no reset.
 *
 * Edges         W1 flush: release add to committed
 *               R1 look:  acquire load of committed: the items are readable
 *               R2 give back: release add to consumed
 *               W2 enter: acquire load of consumed: the last lap was read
 *               W3 enter: release CAS of allocated: the block is open
 *               W4 claim: acquire add to allocated: the places are writable
 *               All stores to these words are read-modify-writes, so that who
 *               reads one of them reads from all before it.
 *
 * Invariants    In lap L of a block, counted from L * size:
 *               consumed <= reserved <= committed <= min(allocated, size)
 *               allocated < size * (writers + 1) < 2^lap_shift, as a writer
 *               takes up to size places at once, and leaves for good a block
 *               where it did not get all of them
 *               lap L opens when consumed is at L * size: nobody is in it
 *               committed = allocated, loaded in this order: every place
 *               before it is written; the same for committed = size
 *
 * Cost          Push: one locked instruction for a whole batch, on a line that
 *               only writers use. Pop: one, on a line that only readers use.
 *               Per block and thread one more for committing and giving back,
 *               which are put off to the end of the thread's stay (or to flush,
 *               and to a pop that finds nothing): so who waits for the other
 *               side looks at a line that is quiet. Per block some five line
 *               transfers; 4 line groups of memory. Items cost their own bytes.
 *
 * Weaknesses    Space comes back by whole blocks. With several writers a part
 *               of a block is readable only while none of them is within it.
 *
 * Source: J. Wang, D. Behrens, M. Fu, L. Oberhauser, J. Oberhauser, J. Lei, G.
 * Chen, H. Haertig, H. Chen, BBQ: A Block-based Bounded Queue for Exchanging
 * Data and Profiling, USENIX ATC 2022, its retry-new mode. Ours differs: a
 * thread remembers its block and needs no common index of blocks; of the four
 * counters only allocated holds a lap and is reset; batches; late commits. */
#ifndef WEIR_CORE_RING_BBQ_H
#define WEIR_CORE_RING_BBQ_H

#include "core/base/atomic.h"
#include "core/base/check.h"
#include "core/ring/bbq_blocks.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_bbq_traits = {
    .kind = "mpmc",
    .name = "bbq",
    .what = "blocks with counters of their own, one fetch-and-add per batch",
    .source = "BBQ, Wang et al. 2022",
    .progress = "never waits; a writer that stalls in a push hides its block "
                "from readers, a reader in a pop stops writers a lap later",
    .order = WR_ORDER_ALL,
    .capacity_least = 1,
};

struct wr_bbq_block {
    _Alignas(WR_GROUP) _Atomic uint64_t allocated; /* written by writers */
    _Alignas(WR_GROUP) _Atomic uint64_t committed; /* written by writers */
    _Alignas(WR_GROUP) _Atomic uint64_t reserved;  /* written by readers */
    _Alignas(WR_GROUP) _Atomic uint64_t consumed;  /* written by readers */
};

struct wr_bbq {
    /* Constant. */
    struct wr_bbq_blocks blocks;
    uint32_t lap_shift;
    bool one_writer;
    _Alignas(WR_GROUP) struct wr_bbq_block block[];
};

struct wr_bbq_writer {
    struct wr_bbq *q;
    struct wr_bbq_block *block;
    unsigned char *items; /* the block's */
    uint64_t size;        /* the same as the queue's */
    uint64_t opened;      /* allocated, as the lap begins */
    uint64_t pending;     /* items written and not committed */
    struct wr_bbq_at at;  /* the block */
    bool entered;         /* it is known to be open */
};

struct wr_bbq_reader {
    struct wr_bbq *q;
    struct wr_bbq_block *block;
    const unsigned char *items; /* the block's */
    uint64_t size;              /* the same as the queue's */
    uint64_t base;              /* the counters, as the lap begins */
    uint64_t reserved;          /* as last seen */
    uint64_t known;             /* items of the block known to be written */
    uint64_t pending;           /* items read and not given back */
    struct wr_bbq_at at;        /* the block */
};

static inline size_t
wr_bbq_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_bbq) +
           wr_bbq_blocks_n(shape) * sizeof(struct wr_bbq_block) +
           shape->capacity * shape->item_size;
}

/* Relaxed: nobody else knows the queue yet. */
static inline void
wr_bbq_block_init(struct wr_bbq *q, uint64_t index)
{
    struct wr_bbq_block *block = &q->block[index];
    uint64_t lap = wr_bbq_blocks_lap(&q->blocks, index);
    uint64_t gone = wr_bbq_blocks_gone(&q->blocks, index);
    uint64_t count = (lap << q->blocks.shift) + gone;

    store_relaxed(&block->allocated, (lap << q->lap_shift) + gone);
    store_relaxed(&block->committed, count);
    store_relaxed(&block->reserved, count);
    store_relaxed(&block->consumed, count);
}

static inline struct wr_bbq *
wr_bbq_init(void *memory, const struct wr_shape *shape)
{
    struct wr_bbq *q = memory;
    uint64_t n = wr_bbq_blocks_n(shape);

    wr_bbq_blocks_init(&q->blocks, shape, &q->block[n]);
    q->lap_shift = q->blocks.shift + 64 -
                   (uint32_t)__builtin_clzll(shape->writers + UINT64_C(1));
    q->one_writer = shape->writers == 1;
    for (uint64_t i = 0; i < n; i++)
        wr_bbq_block_init(q, i);
    return q;
}

static inline void
wr_bbq_fini(struct wr_bbq *q)
{
    (void)q;
}

/* ---- Writer ------------------------------------------------------------ */

static inline void
wr_bbq_writer_go(struct wr_bbq_writer *w, struct wr_bbq_at at)
{
    struct wr_bbq *q = w->q;

    w->at = at;
    w->block = &q->block[at.index];
    w->items = wr_bbq_blocks_items(&q->blocks, at.index);
    w->opened = at.lap << q->lap_shift;
}

static inline void
wr_bbq_writer_init(struct wr_bbq_writer *w, struct wr_bbq *q, uint32_t number)
{
    (void)number;
    *w = (struct wr_bbq_writer){ .q = q, .size = q->blocks.size };
    wr_bbq_writer_go(w, q->blocks.start);
}

static inline void
wr_bbq_flush(struct wr_bbq_writer *w)
{
    if (w->pending > 0)
        (void)fetch_add_release(&w->block->committed, w->pending); /* W1 */
    w->pending = 0;
}

/* Of a block all of whose places are taken. */
static __attribute__((noinline)) void
wr_bbq_writer_leave(struct wr_bbq_writer *w)
{
    wr_bbq_flush(w);
    wr_bbq_writer_go(w, wr_bbq_blocks_next(&w->q->blocks, w->at));
    w->entered = false;
}

/* Opens the block if it is not; false if its last lap is not read. Relaxed
 * loads of allocated: W4 comes before its places are used. */
static __attribute__((noinline)) bool
wr_bbq_enter(struct wr_bbq_writer *w)
{
    struct wr_bbq *q = w->q;
    struct wr_bbq_block *next =
        &q->block[wr_bbq_blocks_next(&q->blocks, w->at).index];
    uint64_t base = w->at.lap << q->blocks.shift;
    uint64_t seen = load_relaxed(&w->block->allocated);

    if ((int64_t)(seen - w->opened) < 0) {
        uint64_t consumed = load_acquire(&w->block->consumed); /* W2 */

        if ((int64_t)(consumed - base) < 0)
            return false;
        /* It fails as others open it, or take places that it has not. */
        while ((int64_t)(seen - w->opened) < 0 &&
               !cas_release(&w->block->allocated, &seen, w->opened)) /* W3 */
            ;
    }
    prefetch_write(&next->allocated);
    prefetch_read(&next->consumed);
    w->entered = true;
    return true;
}

/* After places were taken at `off`, outside of the lap. They are in a later
 * lap, which this writer has missed all until, or beyond the block's end. Where
 * they are in their block; its size if there are none. */
static __attribute__((noinline)) uint64_t
wr_bbq_missed(struct wr_bbq_writer *w, uint64_t off)
{
    struct wr_bbq *q = w->q;
    uint64_t laps = off >> q->lap_shift;

    WEIR_ASSERT(laps == 0 || w->pending == 0);
    if (laps > 0)
        wr_bbq_writer_go(w,
                         (struct wr_bbq_at){ w->at.index, w->at.lap + laps });
    off -= laps << q->lap_shift;
    if (off < w->size)
        return off;
    wr_bbq_writer_leave(w);
    return w->size;
}

/* Takes up to n places side by side, from *off of the writer's block on. How
 * many: 0 when the queue is full. */
hot_inline uint64_t
wr_bbq_claim(struct wr_bbq_writer *w, uint64_t n, uint64_t *off)
{
    n = n < w->size ? n : w->size;
    do {
        if (unlikely(!w->entered) && !wr_bbq_enter(w))
            return 0;
        *off = fetch_add_acquire(&w->block->allocated, n) - w->opened; /* W4 */
        if (unlikely(*off >= w->size))
            *off = wr_bbq_missed(w, *off);
    } while (unlikely(*off == w->size));
    return n < w->size - *off ? n : w->size - *off;
}

hot_inline uint64_t
wr_bbq_push(struct wr_bbq_writer *w, size_t size, uint64_t n, wr_fill *fill,
            void *arg)
{
    uint64_t done = 0, off, part;

    do {
        part = wr_bbq_claim(w, n - done, &off);
        if (unlikely(part == 0)) {
            wr_bbq_flush(w);
            break;
        }
        wr_lines_fill_at(w->items + off * size, size, done, part, fill, arg);
        w->pending += part;
        if (unlikely(off + part == w->size))
            wr_bbq_writer_leave(w);
        done += part;
    } while (unlikely(done < n));
    return done;
}

/* ---- Reader ------------------------------------------------------------ */

static inline void
wr_bbq_reader_go(struct wr_bbq_reader *r, struct wr_bbq_at at)
{
    struct wr_bbq *q = r->q;

    r->at = at;
    r->block = &q->block[at.index];
    r->items = wr_bbq_blocks_items(&q->blocks, at.index);
    r->base = at.lap << q->blocks.shift;
    r->reserved = r->base;
    r->known = 0;
}

static inline void
wr_bbq_reader_init(struct wr_bbq_reader *r, struct wr_bbq *q, uint32_t number)
{
    (void)number;
    *r = (struct wr_bbq_reader){ .q = q, .size = q->blocks.size };
    wr_bbq_reader_go(r, q->blocks.start);
    r->reserved = load_relaxed(&r->block->reserved); /* a first guess */
}

static inline void
wr_bbq_give_back(struct wr_bbq_reader *r)
{
    if (r->pending > 0)
        (void)fetch_add_release(&r->block->consumed, r->pending); /* R2 */
    r->pending = 0;
}

/* Of a block that is read, in the reader's lap or in later ones that it has
 * missed. */
static __attribute__((noinline)) void
wr_bbq_reader_leave(struct wr_bbq_reader *r)
{
    uint64_t laps = (r->reserved - r->base) >> r->q->blocks.shift;

    wr_bbq_give_back(r);
    r->at.lap += laps - 1;
    wr_bbq_reader_go(r, wr_bbq_blocks_next(&r->q->blocks, r->at));
    prefetch_write(&r->block->reserved);
}

/* Whether there is more to read than is known, in this block or, if that is
 * done, in the next. Acquire makes the loads after R1 stay after it. */
static __attribute__((noinline)) bool
wr_bbq_look(struct wr_bbq_reader *r)
{
    struct wr_bbq *q = r->q;
    uint64_t committed, allocated;

    if (r->reserved - r->base >= r->size)
        wr_bbq_reader_leave(r);
    committed = load_acquire(&r->block->committed) - r->base; /* R1 */
    if (committed >= r->size) {
        r->known = r->size;
        return true;
    }
    if (committed <= r->reserved - r->base)
        return false;
    /* One writer commits in order, several only when none is in between. */
    allocated =
        load_relaxed(&r->block->allocated) - (r->at.lap << q->lap_shift);
    if (!q->one_writer && committed != allocated)
        return false;
    r->known = committed;
    return true;
}

/* Takes up to n items side by side, from *off of the reader's block on. How
 * many: 0 when there are none. Relaxed: R1 has made them readable, and reserved
 * has each value only once. */
hot_inline uint64_t
wr_bbq_reserve(struct wr_bbq_reader *r, uint64_t n, uint64_t *off)
{
    uint64_t part;

    do {
        while (unlikely((*off = r->reserved - r->base) >= r->known))
            if (!wr_bbq_look(r))
                return 0;
        part = n < r->known - *off ? n : r->known - *off;
    } while (unlikely(
        !cas_relaxed(&r->block->reserved, &r->reserved, r->reserved + part)));
    r->reserved += part;
    return part;
}

hot_inline uint64_t
wr_bbq_pop(struct wr_bbq_reader *r, size_t size, uint64_t n, wr_use *use,
           void *arg)
{
    uint64_t done = 0, off, part;

    do {
        part = wr_bbq_reserve(r, n - done, &off);
        if (unlikely(part == 0)) {
            if (done == 0)
                wr_bbq_give_back(r);
            break;
        }
        use(arg, r->items + off * size, part);
        r->pending += part;
        if (unlikely(off + part == r->size))
            wr_bbq_reader_leave(r);
        done += part;
    } while (unlikely(done < n));
    return done;
}

#endif
