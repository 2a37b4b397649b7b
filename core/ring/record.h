/* SPDX-License-Identifier: MPL-2.0 */
/* The shape of Aeron's ring of many writers: a writer claims room for a record
 * by compare-and-swap of the tail, and commits it by writing its length; the
 * reader goes from length to length, and wipes what it hands back. A batch is
 * one claim and one record.
 *
 * Concurrency   push, flush: any of the writer threads, each with a side of its
 *               own; pop: one reader thread
 *               push is lock-free: a compare-and-swap that another writer's
 *               makes fail is repeated. pop never waits, but is blocked by a
 *               writer that stalls between its claim and its commit: what was
 *               claimed after that, by anybody, is not found until the writer
 *               goes on; other writers go on until the ring is full.
 *
 * Format        The ring is of units, which are as large as the largest power
 *               of two that divides the item's size, but at most a line, so
 *               that no item lies across more lines than it must. A record
 *               is a unit whose first word is its header, items : 32 | units :
 *               32, and its items side by side. One that would go across the
 *               end of the ring is two, and one claim; the first may be without
 *               items. The header tells the length: any other record can stand
 *               between them. A batch is one record so that its items lie side
 *               by side, cost one header, and are seen together.
 *
 * Edges         W1 push: release store of a record's header
 *               R1 pop:  acquire load of it: the record is readable
 *               R2 pop:  release store of head, behind the wiping
 *               W2 push: acquire load of it: the units are writable, and 0
 *
 * Invariants    head <= r.pos <= tail <= head + units (differences modulo 2^64)
 *               all are multiples of the grain: two units if an item has one,
 *               or one; capacity records of one item always fit, and more
 *               items where they come in batches
 *               the first word of a unit from tail to head + units is 0, and
 *               that of a claimed record until it is committed
 *
 * Cost          Writer: one compare-and-swap per batch on a line that all
 *               writers fight for, and again for each that came between; the
 *               lines of the batch and its header: 16 bytes for one item of 8,
 *               72 for 8 of them; two lines for one of 64. A look at head when
 *               the room that it left is used up.
 *               Reader: these lines, which it also has to write, when it hands
 *               them back: a quarter of the ring at a time or when it finds
 *               nothing.
 *
 * Weaknesses    The wiping: each line goes to the reader twice, to be read and
 *               to be owned. The compare-and-swap, of which only one in as many
 *               as there are writers may succeed at once.
 *
 * Source: the ManyToOneRingBuffer of Agrona (Montgomery, Thompson, 2014 on),
 * which Aeron's clients talk to its driver with. There a record is a message,
 * a batch as many of them, and one that would go across the end of the ring
 * leaves padding there; the writers share the head that they saw last. */
#ifndef WEIR_CORE_RING_RECORD_H
#define WEIR_CORE_RING_RECORD_H

#include <string.h>

#include "core/base/atomic.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_record_traits = {
    .kind = "mpsc",
    .name = "record",
    .what = "records claimed by compare-and-swap, committed by their length",
    .source = "Agrona, ManyToOneRingBuffer",
    .progress = "push lock-free; pop wait-free, but blind to what is behind a "
                "writer that stalls in its push",
    .order = WR_ORDER_ALL,
    .capacity_least = 1,
};

/* What the reader wipes at a time stays in its first cache. */
#define WR_RECORD_WIPE_MOST UINT64_C(8192)

struct wr_record {
    /* Constant. */
    uint64_t mask;    /* units - 1 */
    uint64_t quantum; /* units between two stores to head */
    uint64_t start;

    _Alignas(WR_GROUP) _Atomic uint64_t tail; /* written by all writers */
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by the reader */
    _Alignas(WR_GROUP) unsigned char units[];
};

struct wr_record_writer {
    struct wr_record *q;
    uint64_t limit; /* head + units, as last seen */
};

struct wr_record_reader {
    struct wr_record *q;
    uint64_t head;           /* its value */
    uint64_t pos;            /* of the record that is read, or the next */
    uint64_t units;          /* of this record; 0 if none is read */
    uint64_t left;           /* items of it that were not read */
    const unsigned char *at; /* the next one */
};

/* ---- Format ------------------------------------------------------------ */

hot_inline size_t
wr_record_unit(size_t size)
{
    size_t unit = size & -size;

    return unit < WR_LINE ? unit : WR_LINE;
}

/* What all positions are a multiple of. */
hot_inline uint64_t
wr_record_grain(size_t size)
{
    return size == wr_record_unit(size) ? 2 : 1;
}

/* The units of a record of n items. */
hot_inline uint64_t
wr_record_units(size_t size, uint64_t n)
{
    uint64_t grain = wr_record_grain(size);

    return (1 + n * (size / wr_record_unit(size)) + grain - 1) & -grain;
}

/* How many items the largest record has that fits into units > 0. */
hot_inline uint64_t
wr_record_items(size_t size, uint64_t units)
{
    return (units - 1) / (size / wr_record_unit(size));
}

hot_inline unsigned char *
wr_record_at(struct wr_record *q, size_t size, uint64_t pos)
{
    return q->units + (pos & q->mask) * wr_record_unit(size);
}

hot_inline _Atomic uint64_t *
wr_record_header(unsigned char *record)
{
    return (void *)record;
}

hot_inline uint64_t
wr_record_to_end(const struct wr_record *q, uint64_t pos)
{
    return q->mask + 1 - (pos & q->mask);
}

/* ---- The queue --------------------------------------------------------- */

/* Room for capacity records of one item, wherever the first begins. */
static inline uint64_t
wr_record_ring_units(const struct wr_shape *shape)
{
    uint64_t one = wr_record_units(shape->item_size, 1);
    /* All of it, and what may be left at the end of the ring. */
    uint64_t least =
        shape->capacity * one + one - wr_record_grain(shape->item_size);
    uint64_t units = 2;

    while (units < least)
        units *= 2;
    return units;
}

static inline size_t
wr_record_bytes(const struct wr_shape *shape)
{
    uint64_t units = wr_record_ring_units(shape);

    if (units > UINT32_MAX)
        return 0;
    return sizeof(struct wr_record) + units * wr_record_unit(shape->item_size);
}

static inline struct wr_record *
wr_record_init(void *memory, const struct wr_shape *shape)
{
    struct wr_record *q = memory;
    uint64_t most = WR_RECORD_WIPE_MOST / wr_record_unit(shape->item_size);

    q->mask = wr_record_ring_units(shape) - 1;
    q->quantum = (q->mask + 1) / 4;
    if (q->quantum > most)
        q->quantum = most;
    if (q->quantum == 0)
        q->quantum = 1;
    q->start = shape->start & -wr_record_grain(shape->item_size);
    store_relaxed(&q->tail, q->start); /* nobody else knows the queue yet */
    store_relaxed(&q->head, q->start);
    return q;
}

static inline void
wr_record_fini(struct wr_record *q)
{
    (void)q;
}

static inline void
wr_record_writer_init(struct wr_record_writer *w, struct wr_record *q,
                      uint32_t number)
{
    (void)number;
    w->q = q;
    w->limit = q->start + q->mask + 1;
}

static inline void
wr_record_reader_init(struct wr_record_reader *r, struct wr_record *q,
                      uint32_t number)
{
    (void)number;
    *r = (struct wr_record_reader){ .q = q, .head = q->start, .pos = q->start };
}

/* ---- Writer ------------------------------------------------------------ */

/* The units that n items take from pos on, in a record or two. */
hot_inline uint64_t
wr_record_span(const struct wr_record *q, size_t size, uint64_t pos, uint64_t n)
{
    uint64_t to_end = wr_record_to_end(q, pos);
    uint64_t fit = wr_record_items(size, to_end);

    if (likely(n <= fit))
        return wr_record_units(size, n);
    return to_end + wr_record_units(size, n - fit);
}

/* How many items there is room for from pos on. None, too, if pos is newer than
 * the head that we see. */
static __attribute__((noinline)) uint64_t
wr_record_room(struct wr_record_writer *w, size_t size, uint64_t pos)
{
    uint64_t to_end = wr_record_to_end(w->q, pos), room;

    w->limit = load_acquire(&w->q->head) + w->q->mask + 1; /* W2 */
    room = w->limit - pos;
    if ((int64_t)room <= 0)
        return 0;
    if (room <= to_end)
        return wr_record_items(size, room);
    return wr_record_items(size, to_end) + wr_record_items(size, room - to_end);
}

/* Claims room for up to n items at *pos, and returns for how many. Relaxed: a
 * writer knows by W2 that what it claims was handed back, and the others have
 * nothing to tell it. */
hot_inline uint64_t
wr_record_claim(struct wr_record_writer *w, size_t size, uint64_t n,
                uint64_t *pos)
{
    struct wr_record *q = w->q;
    uint64_t units;

    *pos = load_relaxed(&q->tail);
    do {
        units = wr_record_span(q, size, *pos, n);
        if (unlikely((int64_t)(w->limit - *pos) < (int64_t)units)) {
            uint64_t room = wr_record_room(w, size, *pos);

            n = n < room ? n : room;
            if (n == 0)
                return 0;
            units = wr_record_span(q, size, *pos, n);
        }
    } while (!cas_relaxed(&q->tail, pos, *pos + units));
    return n;
}

/* Writes and commits a record of up to n items, which ends where the ring ends
 * if it cannot have all of them. Returns how many it has. */
hot_inline uint64_t
wr_record_write(struct wr_record *q, size_t size, uint64_t *pos, uint64_t first,
                uint64_t n, wr_fill *fill, void *arg)
{
    unsigned char *record = wr_record_at(q, size, *pos);
    uint64_t units = wr_record_to_end(q, *pos);
    uint64_t fit = wr_record_items(size, units);

    if (likely(n <= fit))
        units = wr_record_units(size, n);
    else
        n = fit;
    if (wr_record_unit(size) == WR_LINE)
        wr_lines_send_for(record, WR_LINE);
    if (likely(n > 0))
        wr_lines_fill_at(record + wr_record_unit(size), size, first, n, fill,
                         arg);
    store_release(wr_record_header(record), n << 32 | units); /* W1 */
    *pos += units;
    return n;
}

hot_inline uint64_t
wr_record_push(struct wr_record_writer *w, size_t size, uint64_t n,
               wr_fill *fill, void *arg)
{
    uint64_t done = 0, pos;

    n = wr_record_claim(w, size, n, &pos);
    while (done < n)
        done += wr_record_write(w->q, size, &pos, done, n - done, fill, arg);
    return n;
}

static inline void
wr_record_flush(struct wr_record_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

/* Makes the first words of units side by side 0, as they were. */
static inline void
wr_record_wipe(unsigned char *at, size_t unit, uint64_t units)
{
    if (unit < WR_LINE) {
        memset(at, 0, units * unit);
        return;
    }
    for (uint64_t i = 0; i < units; i++)
        memset(at + i * unit, 0, sizeof(uint64_t));
}

/* Hands back all records that were read. */
static __attribute__((noinline)) void
wr_record_hand_back(struct wr_record_reader *r, size_t size)
{
    size_t unit = wr_record_unit(size);
    uint64_t units = r->pos - r->head;
    uint64_t first = wr_to_end(r->head, units, r->q->mask);

    wr_record_wipe(wr_record_at(r->q, size, r->head), unit, first);
    wr_record_wipe(r->q->units, unit, units - first);
    r->head = r->pos;
    store_release(&r->q->head, r->head); /* R2 */
}

/* Goes on to the next record that has items. False if there is none. */
hot_inline bool
wr_record_next(struct wr_record_reader *r, size_t size)
{
    do {
        unsigned char *record;
        uint64_t header;

        r->pos += r->units;
        r->units = 0;
        if (unlikely(r->pos - r->head >= r->q->quantum))
            wr_record_hand_back(r, size);
        record = wr_record_at(r->q, size, r->pos);
        header = load_acquire(wr_record_header(record)); /* R1 */
        if (header == 0)
            return false;
        r->units = (uint32_t)header;
        r->left = header >> 32;
        r->at = record + wr_record_unit(size);
    } while (unlikely(r->left == 0));
    return true;
}

hot_inline uint64_t
wr_record_pop(struct wr_record_reader *r, size_t size, uint64_t n, wr_use *use,
              void *arg)
{
    uint64_t done = 0, some;
    const unsigned char *at;

    while (done < n) {
        if (r->left == 0 && !wr_record_next(r, size))
            break;
        some = n - done < r->left ? n - done : r->left;
        at = r->at;
        r->at += some * size;
        r->left -= some;
        use(arg, at, some);
        done += some;
    }
    if (unlikely(done == 0) && r->pos != r->head)
        wr_record_hand_back(r, size);
    return done;
}

#endif
