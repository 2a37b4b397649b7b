/* SPDX-License-Identifier: MPL-2.0 */
/* SCQ, the scalable circular queue: items in an array, and their numbers in two
 * lock-free rings, those that are free and those that are in the queue.
 *
 * Concurrency   push: several writers; pop: several readers. Lock-free: whoever
 *               stalls, and wherever, keeps only the items that it is about to
 *               write or read.
 *
 * Edges         W1 push: puts the numbers in `used`
 *               R1 pop:  takes them: the items are readable
 *               R2 pop:  puts the numbers in `unused`
 *               W2 push: takes them: the items are writable
 *               (P1 and T1 of scq_ring.h)
 *
 * Invariant     Each number is in one of the rings, or held by one thread.
 *
 * Cost          Four words of other threads per item, each with a locked
 *               instruction, and each in a line of its own where items come one
 *               by one; a batch saves the fetch-and-adds, has these lines
 *               fetched side by side, and mostly finds its items side by side,
 *               as numbers go around in the batches in which they came. Each
 *               item takes 32 bytes in the rings.
 *
 * Weaknesses    Slow for one writer or reader, and in batches: what it pays per
 *               item is for the lock-freedom.
 *
 * Source: R. Nikolaev, A Scalable, Portable, and Memory-Efficient Lock-Free
 * FIFO Queue, DISC 2019; how ours differs is in scq_ring.h. */
#ifndef WEIR_CORE_RING_SCQ_H
#define WEIR_CORE_RING_SCQ_H

#include "core/ring/lines.h"
#include "core/ring/queue.h"
#include "core/ring/scq_ring.h"

static const struct wr_traits wr_scq_traits = {
    .kind = "mpmc",
    .name = "scq",
    .what = "two rings of indices with cycles, no double-width CAS",
    .source = "SCQ, Nikolaev 2019",
    .progress = "lock-free",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = true,
    .capacity_least = 1,
};

struct wr_scq {
    struct wr_scq_ring used;   /* numbers of items in the queue */
    struct wr_scq_ring unused; /* numbers of free ones */
    unsigned char *items;      /* constant */
};

struct wr_scq_writer {
    struct wr_scq *q;
};

struct wr_scq_reader {
    struct wr_scq *q;
};

/* Bytes before the items, and before the slots of `unused`. */
static inline size_t
wr_scq_ring_space(const struct wr_shape *shape)
{
    return (wr_scq_ring_bytes(shape->capacity) + WR_GROUP - 1) &
           ~(size_t)(WR_GROUP - 1);
}

static inline size_t
wr_scq_bytes(const struct wr_shape *shape)
{
    if (shape->capacity > UINT64_C(1) << 31)
        return 0;
    return sizeof(struct wr_scq) + 2 * wr_scq_ring_space(shape) +
           shape->capacity * shape->item_size;
}

static inline struct wr_scq *
wr_scq_init(void *memory, const struct wr_shape *shape)
{
    struct wr_scq *q = memory;
    unsigned char *rest = (unsigned char *)(q + 1);
    size_t space = wr_scq_ring_space(shape);

    wr_scq_ring_init(&q->used, (_Atomic uint64_t *)(void *)rest,
                     shape->capacity, 0, shape->readers, shape->start);
    wr_scq_ring_init(&q->unused, (_Atomic uint64_t *)(void *)(rest + space),
                     shape->capacity, shape->capacity, shape->writers,
                     shape->start);
    q->items = rest + 2 * space;
    return q;
}

static inline void
wr_scq_fini(struct wr_scq *q)
{
    (void)q;
}

static inline void
wr_scq_writer_init(struct wr_scq_writer *w, struct wr_scq *q, uint32_t number)
{
    (void)number;
    w->q = q;
}

static inline void
wr_scq_reader_init(struct wr_scq_reader *r, struct wr_scq *q, uint32_t number)
{
    (void)number;
    r->q = q;
}

/* How many of n numbers, n > 0, follow each other from the first on. */
hot_inline uint64_t
wr_scq_run(const uint32_t *index, uint64_t n)
{
    uint64_t run = 1;

    while (run < n && index[run] == index[0] + run)
        run++;
    return run;
}

hot_inline uint64_t
wr_scq_push(struct wr_scq_writer *w, size_t size, uint64_t n, wr_fill *fill,
            void *arg)
{
    struct wr_scq *q = w->q;
    uint32_t index[WR_SCQ_BATCH];
    uint64_t done = 0;

    do {
        uint64_t most = n - done < WR_SCQ_BATCH ? n - done : WR_SCQ_BATCH, run;
        uint64_t got = wr_scq_take(&q->unused, index, most); /* W2 */

        if (unlikely(got == 0))
            break;
        for (uint64_t i = 0; i < got; i += run) {
            run = wr_scq_run(&index[i], got - i);
            wr_lines_fill_at(q->items + index[i] * size, size, done + i, run,
                             fill, arg);
        }
        wr_scq_put(&q->used, index, got); /* W1 */
        done += got;
    } while (unlikely(done < n));
    return done;
}

static inline void
wr_scq_flush(struct wr_scq_writer *w)
{
    (void)w;
}

hot_inline uint64_t
wr_scq_pop(struct wr_scq_reader *r, size_t size, uint64_t n, wr_use *use,
           void *arg)
{
    struct wr_scq *q = r->q;
    uint32_t index[WR_SCQ_BATCH];
    uint64_t done = 0;

    do {
        uint64_t most = n - done < WR_SCQ_BATCH ? n - done : WR_SCQ_BATCH, run;
        uint64_t got = wr_scq_take(&q->used, index, most); /* R1 */

        if (unlikely(got == 0))
            break;
        for (uint64_t i = 0; i < got; i += run) {
            run = wr_scq_run(&index[i], got - i);
            use(arg, q->items + index[i] * size, run);
        }
        wr_scq_put(&q->unused, index, got); /* R2 */
        done += got;
    } while (unlikely(done < n));
    return done;
}

#endif
