/* SPDX-License-Identifier: MPL-2.0 */
/* libzmq's pipe: a list of chunks of items, which grows without bound, and one
 * word that both sides compare and swap: how far it was flushed, or that the
 * reader has gone to sleep. A control: what our inproc pipes replace.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free, but for aligned_alloc and free, which take locks:
 *               one of each per chunk, unless the spare one does. A stalled
 *               thread does not hold up the other.
 *
 * Edges         W1 push: release compare-and-swap of flushed, or store of it
 *                  if the reader was asleep
 *               R1 pop:  acquire compare-and-swap of flushed, which fails when
 *                  there is something: the items, and the links to their
 *                  chunks, are readable
 *               R2 pop:  exchange of spare, release: a chunk that was read
 *               W2 push: exchange of spare, acquire: it is writable
 *
 * Invariants    flushed is the writer's position, or asleep = start - 1, which
 *               no position comes to in 2^64 - 2 items
 *               r.pos <= r.ready <= flushed <= w.pos (modulo 2^64, if it is not
 *               asleep); only the reader makes flushed asleep, and only when it
 *               was r.pos; while it is, only the writer writes it
 *               spare: a chunk that neither side uses, or NULL
 *
 * Cost          Writer: a locked instruction per push, mostly on a line that
 *               the reader has touched since. Reader: one on the same line
 *               whenever it has read all that it knew of. Both have the lock
 *               wait for the line, so that nothing hides the transfer. Items
 *               cost their own bytes. Per chunk an exchange on each side, and
 *               a call of the allocator if more than one chunk was in flight.
 *
 * Weaknesses    Whoever lets the queue grow pays malloc and free, from two
 *               threads, for every chunk for as long as it is more than one
 *               chunk long: the spare holds one. Chunks of the memory that the
 *               queue is made over are used once, or kept as the spare one.
 *
 * Source: the classes ypipe_t and yqueue_t of libzmq (Sustrik, 2007 on). There
 * flush comes with each message, here with each batch; there a sleeping reader
 * waits for a command that the failed compare-and-swap makes the writer send,
 * here it looks at the word at each pop; and positions stand for pointers. */
#ifndef WEIR_CORE_RING_YPIPE_H
#define WEIR_CORE_RING_YPIPE_H

#include <stdlib.h>

#include "core/base/atomic.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_ypipe_traits = {
    .kind = "spsc",
    .name = "ypipe",
    .what = "libzmq's: a list of chunks, flushed by compare-and-swap",
    .source = "libzmq, ypipe_t and yqueue_t",
    .progress = "wait-free, but for the allocator, per 256 items",
    .order = WR_ORDER_ALL,
    .unbounded = true,
    .empty_is_exact = true,
    .capacity_least = 1,
};

/* Items of a chunk, as in libzmq. */
#define WR_YPIPE_CHUNK UINT64_C(256)

struct wr_ypipe_chunk {
    struct wr_ypipe_chunk *next; /* written by the writer, before W1 */
    _Alignas(WR_LINE) unsigned char items[];
};

struct wr_ypipe {
    /* Constant. */
    uint64_t asleep;    /* the value of flushed that says so */
    size_t chunk_bytes; /* a chunk and its items */
    size_t own_bytes;   /* the chunks of the queue's own memory */

    /* Written by both. */
    _Alignas(WR_GROUP) _Atomic uint64_t flushed;
    _Alignas(WR_GROUP) _Atomic(struct wr_ypipe_chunk *) spare;

    /* Written by the reader: the chunk that it reads, and the oldest one. */
    _Alignas(WR_GROUP) struct wr_ypipe_chunk *oldest;
    _Alignas(WR_GROUP) unsigned char own[];
};

struct wr_ypipe_writer {
    struct wr_ypipe *q;
    struct wr_ypipe_chunk *chunk;
    uint64_t left; /* items that still fit into it */
    uint64_t pos;
    uint64_t flushed; /* as this side wrote it */
};

struct wr_ypipe_reader {
    struct wr_ypipe *q;
    struct wr_ypipe_chunk *chunk;
    uint64_t left; /* items of it that were not read */
    uint64_t pos;
    uint64_t ready; /* items before it are known to be flushed */
    bool asleep;
};

static inline size_t
wr_ypipe_chunk_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_ypipe_chunk) + WR_YPIPE_CHUNK * shape->item_size;
}

/* The chunks for the first `capacity` items. */
static inline size_t
wr_ypipe_own_bytes(const struct wr_shape *shape)
{
    return (shape->capacity + WR_YPIPE_CHUNK - 1) / WR_YPIPE_CHUNK *
           wr_ypipe_chunk_bytes(shape);
}

static inline size_t
wr_ypipe_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_ypipe) + wr_ypipe_own_bytes(shape);
}

static inline struct wr_ypipe *
wr_ypipe_init(void *memory, const struct wr_shape *shape)
{
    struct wr_ypipe *q = memory;
    struct wr_ypipe_chunk **link = &q->oldest;

    q->asleep = shape->start - 1;
    q->chunk_bytes = wr_ypipe_chunk_bytes(shape);
    q->own_bytes = wr_ypipe_own_bytes(shape);
    for (size_t at = 0; at < q->own_bytes; at += q->chunk_bytes) {
        *link = (struct wr_ypipe_chunk *)(void *)(q->own + at);
        link = &(*link)->next;
    }
    *link = NULL;
    store_relaxed(&q->flushed, shape->start); /* nobody else knows it yet */
    store_relaxed(&q->spare, NULL);
    return q;
}

/* Frees a chunk, unless it lies in the queue's own memory. */
static inline void
wr_ypipe_free(const struct wr_ypipe *q, struct wr_ypipe_chunk *chunk)
{
    if ((uintptr_t)chunk - (uintptr_t)q->own >= q->own_bytes)
        free(chunk);
}

static inline void
wr_ypipe_fini(struct wr_ypipe *q)
{
    struct wr_ypipe_chunk *chunk = q->oldest, *next;

    for (; chunk != NULL; chunk = next) {
        next = chunk->next;
        wr_ypipe_free(q, chunk);
    }
    wr_ypipe_free(q, load_relaxed(&q->spare)); /* nobody else is left */
}

static inline void
wr_ypipe_writer_init(struct wr_ypipe_writer *w, struct wr_ypipe *q,
                     uint32_t number)
{
    (void)number;
    w->q = q;
    w->chunk = q->oldest;
    w->left = WR_YPIPE_CHUNK;
    w->pos = w->flushed = q->asleep + 1;
}

static inline void
wr_ypipe_reader_init(struct wr_ypipe_reader *r, struct wr_ypipe *q,
                     uint32_t number)
{
    (void)number;
    r->q = q;
    r->chunk = q->oldest;
    r->left = WR_YPIPE_CHUNK;
    r->pos = r->ready = q->asleep + 1;
    r->asleep = false;
}

/* ---- Writer ------------------------------------------------------------ */

/* Goes on to the next chunk, which is there since the queue was made, or the
 * spare one, or new. False without memory. */
static __attribute__((noinline)) bool
wr_ypipe_extend(struct wr_ypipe_writer *w)
{
    struct wr_ypipe_chunk *next = w->chunk->next;

    if (next == NULL) {
        next = exchange_acq_rel(&w->q->spare, NULL); /* W2 */
        if (next == NULL)
            next = aligned_alloc(WR_LINE, w->q->chunk_bytes);
        if (next == NULL)
            return false;
        next->next = NULL;
        w->chunk->next = next;
    }
    w->chunk = next;
    w->left = WR_YPIPE_CHUNK;
    return true;
}

static inline void
wr_ypipe_flush(struct wr_ypipe_writer *w)
{
    uint64_t found = w->flushed;

    if (w->pos == w->flushed)
        return;
    if (unlikely(!cas_strong_release(&w->q->flushed, &found, w->pos))) /* W1 */
        store_release(&w->q->flushed, w->pos);                         /* W1 */
    w->flushed = w->pos;
}

hot_inline uint64_t
wr_ypipe_push(struct wr_ypipe_writer *w, size_t size, uint64_t n, wr_fill *fill,
              void *arg)
{
    uint64_t done = 0, some;

    while (done < n) {
        if (unlikely(w->left == 0) && !wr_ypipe_extend(w))
            break;
        some = n - done < w->left ? n - done : w->left;
        fill(arg, w->chunk->items + (WR_YPIPE_CHUNK - w->left) * size, done,
             some);
        w->left -= some;
        done += some;
    }
    w->pos += done;
    wr_ypipe_flush(w);
    return done;
}

/* ---- Reader ------------------------------------------------------------ */

/* Learns how far the writer has flushed. False, and asleep, if no further than
 * this side has read. */
static inline bool
wr_ypipe_look(struct wr_ypipe_reader *r)
{
    struct wr_ypipe *q = r->q;
    uint64_t found = r->pos;

    /* Relaxed: the compare-and-swap below reads what is there. */
    if (r->asleep && load_relaxed(&q->flushed) == q->asleep)
        return false;
    r->asleep = cas_strong_acquire(&q->flushed, &found, q->asleep); /* R1 */
    r->ready = found;
    return !r->asleep;
}

/* Goes on to the next chunk, and makes the old one the spare one: the one that
 * was is not needed. */
static __attribute__((noinline)) void
wr_ypipe_advance(struct wr_ypipe_reader *r)
{
    struct wr_ypipe_chunk *old = r->chunk;

    r->chunk = r->q->oldest = old->next;
    r->left = WR_YPIPE_CHUNK;
    old = exchange_acq_rel(&r->q->spare, old); /* R2 */
    if (old != NULL)
        wr_ypipe_free(r->q, old);
}

hot_inline uint64_t
wr_ypipe_pop(struct wr_ypipe_reader *r, size_t size, uint64_t n, wr_use *use,
             void *arg)
{
    uint64_t done = 0, some;

    if (r->pos == r->ready && !wr_ypipe_look(r))
        return 0;
    n = n < r->ready - r->pos ? n : r->ready - r->pos;
    while (done < n) {
        if (unlikely(r->left == 0))
            wr_ypipe_advance(r);
        some = n - done < r->left ? n - done : r->left;
        use(arg, r->chunk->items + (WR_YPIPE_CHUNK - r->left) * size, some);
        r->left -= some;
        done += some;
    }
    r->pos += done;
    return done;
}

#endif
