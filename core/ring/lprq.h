/* SPDX-License-Identifier: MPL-2.0 */
/* LPRQ: a list of rings of 64-bit values, each closed when it is full or
 * unlucky and followed by another; LCRQ without double-width CAS. The values
 * are the places of items, which each writer has a share of.
 *
 * Concurrency   push: several writers; pop: several readers. Lock-free, but for
 *               space: a reader that stalls in a pop keeps a writer whose item
 *               it has from going on a lap of that one's share later, which
 *               finds the queue full; the others go on.
 *
 * List          first is where values are taken, last where they are put; last
 *               is never behind first. A ring that was closed, has a next one
 *               and was found empty after that, stays empty, and first moves
 *               on. The rings are a fixed set: one is used again when it is not
 *               in the list, and no thread has it in its hazard pointer, which
 *               it leaves where it was between calls. There is one for each
 *               thread, and so for each pointer, beyond those that full shares
 *               need. If none is left, the queue is full.
 *
 * Items         A value is position << bits | writer, and says where in the
 *               writer's share the item lies. Each place has a byte, the last
 *               bit of the lap in which it was last read; the writer may use it
 *               in lap L when it is that of L - 1.
 *
 * Edges         W1 push: puts the values (P1 of prq.h)
 *               R1 pop:  takes them (T1): the items are readable
 *               R2 pop:  release stores of the bytes
 *               W2 push: acquire loads of them: the items are writable
 *               L1 drop: release store of used: the ring is left
 *               L2 spare: seq_cst CAS of used: the ring is the thread's
 *               Hazard pointers, first, last and next are seq_cst: a thread
 *               stores its pointer, then loads first or last again; who takes a
 *               ring has it out of the list first and loads the pointers then.
 *               One of the two sees the other.
 *
 * Cost          Push: three locked instructions per item and one per batch.
 *               Pop: one per batch. Beside its own bytes each item moves a
 * cell, whose line it shares only with items far from it, and a byte. Memory:
 * 17 bytes per item, and for each thread a ring of up to 1024 cells of 16
 * bytes.
 *
 * Weaknesses    Memory. A writer cannot use the share of another.
 *
 * Source: R. Romanov, N. Koval, The State-of-the-Art LCRQ Concurrent Queue
 * Algorithm Does NOT Require CAS2, PPoPP 2023 (after LCRQ: A. Morrison, Y.
 * Afek, Fast Concurrent Queues for x86 Processors, PPoPP 2013). Ours differs:
 * bounded, as items have fixed places and rings are a fixed set; batches. */
#ifndef WEIR_CORE_RING_LPRQ_H
#define WEIR_CORE_RING_LPRQ_H

#include "core/ring/lines.h"
#include "core/ring/lprq_rings.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_lprq_traits = {
    .kind = "mpmc",
    .name = "lprq",
    .what = "a list of rings that close, no double-width CAS",
    .source = "LPRQ, Romanov and Koval 2023",
    .progress = "lock-free; a reader that stalls in a pop stops the writer of "
                "that item a lap later",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .capacity_least = 1,
};

/* Most values at a time, and least cells of a ring. */
#define WR_LPRQ_BATCH UINT64_C(16)

/* Most cells of a ring. A test makes it less, for rings to come and go. */
#ifndef WR_LPRQ_CELLS_MOST
#define WR_LPRQ_CELLS_MOST UINT64_C(1024)
#endif

struct wr_lprq {
    struct wr_lprq_rings rings;
    /* Constant. */
    _Atomic uint8_t *laps; /* a byte for each item */
    unsigned char *items;
    uint32_t item_size;
    uint32_t writers;
    uint64_t start;
    uint64_t mask;   /* of a writer's share of items */
    uint32_t shift;  /* the share is 1 << shift */
    uint32_t number; /* bits of a value for the writer's */
};

struct wr_lprq_writer {
    struct wr_lprq *q;
    struct wr_lprq_side side;
    _Atomic uint8_t *laps; /* of the share */
    unsigned char *items;  /* the share */
    uint64_t pos;
    uint32_t number;
};

struct wr_lprq_reader {
    struct wr_lprq *q;
    struct wr_lprq_side side;
    bool idle; /* the last pop found nothing */
};

/* ---- Making ------------------------------------------------------------ */

/* 1 << this is the share of each writer, all of them `capacity` or more. */
static inline uint32_t
wr_lprq_share_log(const struct wr_shape *shape)
{
    uint32_t log = 0;

    while (((uint64_t)shape->writers << log) < shape->capacity)
        log++;
    return log;
}

/* How many rings of how many cells: for all items, one for each thread, and
 * two for those that are just closed and opened. */
static inline void
wr_lprq_rings_shape(const struct wr_shape *shape, uint64_t *rings,
                    uint64_t *cells)
{
    uint64_t items = (uint64_t)shape->writers << wr_lprq_share_log(shape);

    *cells = WR_LPRQ_BATCH;
    while (*cells < items && *cells < WR_LPRQ_CELLS_MOST)
        *cells *= 2;
    *rings = (items + *cells - 1) / *cells + shape->writers + shape->readers +
             UINT64_C(2);
}

static inline size_t
wr_lprq_round(size_t bytes)
{
    return (bytes + WR_GROUP - 1) & ~(size_t)(WR_GROUP - 1);
}

static inline size_t
wr_lprq_bytes(const struct wr_shape *shape)
{
    size_t items = (size_t)shape->writers << wr_lprq_share_log(shape);
    uint64_t rings, cells;

    wr_lprq_rings_shape(shape, &rings, &cells);
    return sizeof(struct wr_lprq) +
           wr_lprq_rings_bytes(rings, cells, shape->writers + shape->readers) +
           wr_lprq_round(items) + items * shape->item_size;
}

/* All places were read in the lap before the one that they are used in next.
 * Relaxed: nobody else knows the queue yet. */
static inline void
wr_lprq_laps_init(struct wr_lprq *q)
{
    for (uint64_t i = 0; i < (uint64_t)q->writers << q->shift; i++) {
        bool later = (i & q->mask) < (q->start & q->mask);
        uint64_t lap = (q->start >> q->shift) - (later ? 0 : 1);

        store_relaxed(&q->laps[i], (uint8_t)(lap & 1));
    }
}

static inline struct wr_lprq *
wr_lprq_init(void *memory, const struct wr_shape *shape)
{
    struct wr_lprq *q = memory;
    unsigned char *rest = (unsigned char *)(q + 1);
    uint32_t threads = shape->writers + shape->readers;
    uint64_t rings, cells;

    wr_lprq_rings_shape(shape, &rings, &cells);
    wr_lprq_rings_init(&q->rings, rest, rings, cells, threads, shape->start);
    rest += wr_lprq_rings_bytes(rings, cells, threads);
    q->shift = wr_lprq_share_log(shape);
    q->mask = (UINT64_C(1) << q->shift) - 1;
    q->item_size = shape->item_size;
    q->writers = shape->writers;
    q->start = shape->start;
    q->number = 32 - (uint32_t)__builtin_clz(shape->writers);
    q->laps = (_Atomic uint8_t *)rest;
    q->items = rest + wr_lprq_round((size_t)shape->writers << q->shift);
    wr_lprq_laps_init(q);
    return q;
}

static inline void
wr_lprq_fini(struct wr_lprq *q)
{
    (void)q;
}

static inline void
wr_lprq_writer_init(struct wr_lprq_writer *w, struct wr_lprq *q,
                    uint32_t number)
{
    w->q = q;
    w->laps = q->laps + ((uint64_t)number << q->shift);
    w->items = q->items + ((uint64_t)number << q->shift) * q->item_size;
    w->pos = q->start;
    w->number = number;
    wr_lprq_side_init(&w->side, &q->rings, number);
}

static inline void
wr_lprq_reader_init(struct wr_lprq_reader *r, struct wr_lprq *q,
                    uint32_t number)
{
    r->q = q;
    r->idle = false;
    wr_lprq_side_init(&r->side, &q->rings, q->writers + number);
}

/* ---- Values ------------------------------------------------------------ */

/* From one item of a writer to its next. */
hot_inline uint64_t
wr_lprq_step(const struct wr_lprq *q)
{
    return WR_PRQ_ITEM * 2 << q->number;
}

hot_inline uint64_t
wr_lprq_value(const struct wr_lprq_writer *w)
{
    return w->pos * wr_lprq_step(w->q) |
           (uint64_t)w->number * (WR_PRQ_ITEM * 2) | WR_PRQ_ITEM;
}

/* The position in the writer's share, but for what of it is above a value. */
hot_inline uint64_t
wr_lprq_position(const struct wr_lprq *q, uint64_t value)
{
    return value / (WR_PRQ_ITEM * 2) >> q->number;
}

/* The place of the item among all. */
hot_inline uint64_t
wr_lprq_place(const struct wr_lprq *q, uint64_t value)
{
    uint64_t number =
        value / (WR_PRQ_ITEM * 2) & ((UINT64_C(1) << q->number) - 1);

    return number << q->shift | (wr_lprq_position(q, value) & q->mask);
}

/* ---- Writer ------------------------------------------------------------ */

/* How many of n places that lie side by side are free. */
hot_inline uint64_t
wr_lprq_room(const struct wr_lprq_writer *w, uint64_t n)
{
    uint64_t index = w->pos & w->q->mask, room = 0;
    uint8_t lap = (w->pos >> w->q->shift) & 1;

    n = wr_to_end(w->pos, n, w->q->mask);
    while (room < n && load_acquire(&w->laps[index + room]) != lap) /* W2 */
        room++;
    return room;
}

hot_inline uint64_t
wr_lprq_push(struct wr_lprq_writer *w, size_t size, uint64_t n, wr_fill *fill,
             void *arg)
{
    struct wr_lprq *q = w->q;
    uint64_t done = 0;

    do {
        uint64_t most = n - done < WR_LPRQ_BATCH ? n - done : WR_LPRQ_BATCH;
        uint64_t room = wr_lprq_room(w, most), put;

        if (unlikely(room == 0))
            break;
        wr_lines_fill_at(w->items + (w->pos & q->mask) * size, size, done, room,
                         fill, arg);
        put = wr_lprq_rings_put(&w->side, wr_lprq_value(w), /* W1 */
                                wr_lprq_step(q), room);
        w->pos += put;
        done += put;
        if (unlikely(put < room))
            break;
    } while (unlikely(done < n));
    return done;
}

static inline void
wr_lprq_flush(struct wr_lprq_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

/* How many of n values, n > 0, are of items that lie side by side. */
hot_inline uint64_t
wr_lprq_run(const struct wr_lprq *q, const uint64_t *value, uint64_t n)
{
    uint64_t run = 1;

    n = wr_to_end(wr_lprq_position(q, value[0]), n, q->mask);
    while (run < n && value[run] == value[0] + run * wr_lprq_step(q))
        run++;
    return run;
}

/* Reads n items and gives their places back. */
hot_inline void
wr_lprq_read(struct wr_lprq *q, size_t size, const uint64_t *value, uint64_t n,
             wr_use *use, void *arg)
{
    for (uint64_t i = 0, run; i < n; i += run) {
        uint64_t place = wr_lprq_place(q, value[i]);
        uint64_t lap = wr_lprq_position(q, value[i]) >> q->shift;

        run = wr_lprq_run(q, &value[i], n - i);
        use(arg, q->items + place * size, run);
        for (uint64_t k = 0; k < run; k++)
            store_release(&q->laps[place + k], (uint8_t)(lap & 1)); /* R2 */
    }
}

hot_inline uint64_t
wr_lprq_pop(struct wr_lprq_reader *r, size_t size, uint64_t n, wr_use *use,
            void *arg)
{
    uint64_t value[WR_LPRQ_BATCH];
    uint64_t done = 0;

    do {
        uint64_t most = n - done < WR_LPRQ_BATCH ? n - done : WR_LPRQ_BATCH;
        uint64_t got =
            wr_lprq_rings_take(&r->side, value, most, r->idle); /* R1 */

        if (unlikely(got == 0))
            break;
        wr_lprq_read(r->q, size, value, got, use, arg);
        done += got;
    } while (unlikely(done < n));
    r->idle = done == 0;
    return done;
}

#endif
