/* SPDX-License-Identifier: MPL-2.0 */
/* A list of segments of items that grows as long as the reader falls behind,
 * with the index of a cached-index ring; emptied segments go home over a stack.
 * Unbounded at the price of a bounded ring.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free within a segment: loads and stores. At its end push
 *               and pop are lock-free: a compare-and-swap that one side repeats
 *               when the other has got ahead of it, once per segment; and push
 *               calls aligned_alloc when no segment is free. A stalled thread
 *               does not hold up the other.
 *
 * Edges         W1 push: release store of tail
 *               R1 pop:  acquire load of tail: the items are readable, and the
 *                  links to their segments
 *               R2 pop:  release compare-and-swap of home
 *               W2 push: acquire load of home: these segments are writable
 *
 * Invariants    r.pos <= r.ready <= tail (differences modulo 2^64)
 *               a segment is in one place: between the reader's and the
 *               writer's, both included, in the order of `next`, or on the
 *               stack of home
 *               only the writer takes from the stack: its top does not leave
 *               and come back while the writer looks at what is below it
 *
 * Cost          Per batch two dependent line transfers (tail, then items), as
 *               in index_ring.h, per item its own bytes; nothing comes back
 *               from the reader but home, once per segment, with a locked
 *               instruction on each side.
 *               What is allocated is kept: at most what held items at one time
 *               and two segments. No call of the allocator until there is more
 *               than ever before. The segment that was read last is written
 *               first, so that a burst leaves memory behind but not a long way
 *               around it: as long as less than a segment is in the queue, two
 *               segments are in use.
 *
 * Weaknesses    Memory goes back to the system only with the queue. A batch
 *               of one pays the transfer of tail, which slots that say
 *               themselves that they are written do not.
 *
 * Source: linked segments from the queues of libzmq and of M. Michael, M.
 * Scott (PODC 1996, a node per item), the cached index from MCRingBuffer (Lee,
 * Bu, Chandranmenon, IPDPS 2010), the stack from R. K. Treiber, IBM RJ 5118,
 * 1986, here with one side that takes and so without its ABA. */
#ifndef WEIR_CORE_RING_CHUNKED_H
#define WEIR_CORE_RING_CHUNKED_H

#include <stdlib.h>

#include "core/base/atomic.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_chunked_traits = {
    .kind = "spsc",
    .name = "chunked",
    .what = "a list of segments that go home over a stack, and one index",
    .source = "ours; Treiber 1986, MCRingBuffer",
    .progress = "wait-free within a segment, lock-free at its end, but for "
                "the allocator while it grows",
    .order = WR_ORDER_ALL,
    .unbounded = true,
    .empty_is_exact = true,
    .capacity_least = 1,
};

/* A segment has half of the capacity, but not so few items that its end would
 * count, nor so many bytes that two of them would not stay in a core's own
 * caches. */
#define WR_CHUNKED_ITEMS_LEAST UINT64_C(64)
#define WR_CHUNKED_BYTES_MOST  (UINT64_C(16) << 10)

struct wr_chunked_segment {
    struct wr_chunked_segment *next;      /* written by the writer, before W1 */
    struct wr_chunked_segment *below;     /* on the stack: by the reader, before
                                           * R2 */
    struct wr_chunked_segment *allocated; /* the one allocated before it */
    _Alignas(WR_LINE) unsigned char items[];
};

struct wr_chunked {
    /* Constant. */
    uint64_t start;
    uint64_t segment_items;
    size_t segment_bytes; /* with its head */

    /* Written by the writer. */
    _Alignas(WR_GROUP) _Atomic uint64_t tail;

    /* Written by both, once per segment. */
    _Alignas(WR_GROUP) _Atomic(struct wr_chunked_segment *) home;

    /* Written by the writer when it allocates: the latest. */
    _Alignas(WR_GROUP) struct wr_chunked_segment *allocated;
    _Alignas(WR_GROUP) unsigned char own[];
};

struct wr_chunked_writer {
    struct wr_chunked *q;
    struct wr_chunked_segment *segment;
    unsigned char *at; /* the next item */
    uint64_t left;     /* items that still fit into the segment */
    uint64_t pos;
};

struct wr_chunked_reader {
    struct wr_chunked *q;
    struct wr_chunked_segment *segment;
    unsigned char *at;
    uint64_t left; /* items of the segment that were not read */
    uint64_t pos;
    uint64_t ready; /* tail, as last seen */
};

static inline uint64_t
wr_chunked_segment_items(const struct wr_shape *shape)
{
    uint64_t items = shape->capacity / 2;
    uint64_t most = WR_CHUNKED_BYTES_MOST / shape->item_size;

    if (items < WR_CHUNKED_ITEMS_LEAST)
        items = WR_CHUNKED_ITEMS_LEAST;
    if (items > most)
        items = most;
    return items > 0 ? items : 1;
}

static inline size_t
wr_chunked_segment_bytes(const struct wr_shape *shape)
{
    size_t bytes = sizeof(struct wr_chunked_segment) +
                   wr_chunked_segment_items(shape) * shape->item_size;

    return (bytes + WR_GROUP - 1) & ~(size_t)(WR_GROUP - 1);
}

/* The segments for the first `capacity` items. */
static inline size_t
wr_chunked_own_segments(const struct wr_shape *shape)
{
    uint64_t items = wr_chunked_segment_items(shape);

    return (shape->capacity + items - 1) / items;
}

static inline size_t
wr_chunked_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_chunked) +
           wr_chunked_own_segments(shape) * wr_chunked_segment_bytes(shape);
}

/* The first segment is where both sides begin, the others are home. */
static inline struct wr_chunked *
wr_chunked_init(void *memory, const struct wr_shape *shape)
{
    struct wr_chunked *q = memory;
    struct wr_chunked_segment *home = NULL, *segment;

    q->start = shape->start;
    q->segment_items = wr_chunked_segment_items(shape);
    q->segment_bytes = wr_chunked_segment_bytes(shape);
    for (size_t i = wr_chunked_own_segments(shape) - 1; i > 0; i--) {
        segment = (void *)(q->own + i * q->segment_bytes);
        segment->below = home;
        home = segment;
    }
    q->allocated = NULL;
    store_relaxed(&q->tail, shape->start); /* nobody else knows it yet */
    store_relaxed(&q->home, home);
    return q;
}

static inline void
wr_chunked_fini(struct wr_chunked *q)
{
    struct wr_chunked_segment *segment = q->allocated, *before;

    for (; segment != NULL; segment = before) {
        before = segment->allocated;
        free(segment);
    }
}

static inline void
wr_chunked_writer_init(struct wr_chunked_writer *w, struct wr_chunked *q,
                       uint32_t number)
{
    (void)number;
    w->q = q;
    w->segment = (void *)q->own;
    w->at = w->segment->items;
    w->left = q->segment_items;
    w->pos = q->start;
}

static inline void
wr_chunked_reader_init(struct wr_chunked_reader *r, struct wr_chunked *q,
                       uint32_t number)
{
    (void)number;
    r->q = q;
    r->segment = (void *)q->own;
    r->at = r->segment->items;
    r->left = q->segment_items;
    r->pos = r->ready = q->start;
}

/* ---- Writer ------------------------------------------------------------ */

/* Takes the segment that came home last. NULL if there is none. */
static inline struct wr_chunked_segment *
wr_chunked_take(struct wr_chunked *q)
{
    struct wr_chunked_segment *top = load_acquire(&q->home); /* W2 */

    while (top != NULL) {
        struct wr_chunked_segment *found = top;

        /* Relaxed: nothing of ours goes with it. */
        if (cas_relaxed(&q->home, &found, top->below))
            break;
        top = load_acquire(&q->home); /* W2 */
    }
    return top;
}

static inline struct wr_chunked_segment *
wr_chunked_alloc(struct wr_chunked *q)
{
    struct wr_chunked_segment *segment =
        aligned_alloc(WR_GROUP, q->segment_bytes);

    if (segment == NULL)
        return NULL;
    segment->allocated = q->allocated;
    q->allocated = segment;
    return segment;
}

/* Goes on to another segment. False without memory. */
static __attribute__((noinline)) bool
wr_chunked_extend(struct wr_chunked_writer *w)
{
    struct wr_chunked_segment *next = wr_chunked_take(w->q);

    if (next == NULL)
        next = wr_chunked_alloc(w->q);
    if (next == NULL)
        return false;
    w->segment->next = next;
    w->segment = next;
    w->at = next->items;
    w->left = w->q->segment_items;
    return true;
}

hot_inline uint64_t
wr_chunked_push(struct wr_chunked_writer *w, size_t size, uint64_t n,
                wr_fill *fill, void *arg)
{
    uint64_t done = 0, some;
    unsigned char *at;

    while (done < n) {
        if (unlikely(w->left == 0) && !wr_chunked_extend(w))
            break;
        some = n - done < w->left ? n - done : w->left;
        at = w->at;
        w->at += some * size;
        w->left -= some;
        wr_lines_fill_at(at, size, done, some, fill, arg);
        done += some;
    }
    w->pos += done;
    store_release(&w->q->tail, w->pos); /* W1 */
    return done;
}

static inline void
wr_chunked_flush(struct wr_chunked_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

/* Goes on to the next segment and sends the old one home. */
static __attribute__((noinline)) void
wr_chunked_advance(struct wr_chunked_reader *r)
{
    struct wr_chunked_segment *old = r->segment, *top;

    r->segment = old->next;
    r->at = r->segment->items;
    r->left = r->q->segment_items;
    top = load_relaxed(&r->q->home); /* it is only put below */
    do
        old->below = top;
    while (!cas_release(&r->q->home, &top, old)); /* R2 */
}

hot_inline uint64_t
wr_chunked_pop(struct wr_chunked_reader *r, size_t size, uint64_t n,
               wr_use *use, void *arg)
{
    uint64_t done = 0, some;
    const unsigned char *at;

    if (r->ready - r->pos < n)
        r->ready = load_acquire(&r->q->tail); /* R1 */
    n = n < r->ready - r->pos ? n : r->ready - r->pos;
    while (done < n) {
        if (unlikely(r->left == 0))
            wr_chunked_advance(r);
        some = n - done < r->left ? n - done : r->left;
        at = r->at;
        r->at += some * size;
        r->left -= some;
        use(arg, at, some);
        done += some;
    }
    r->pos += done;
    return done;
}

#endif
