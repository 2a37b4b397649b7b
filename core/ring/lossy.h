/* SPDX-License-Identifier: MPL-2.0 */
/* A broadcast that never waits: the writer goes round a ring of cells, and
 * writes over what a slow reader has not read. The reader sees that, counts
 * what it has lost, and goes on with what is still there.
 *
 * Cells         A cell is a line: a word, and as many items as have room beside
 *               it (seven of 8 bytes), or one that is larger. They are numbered
 *               in the order in which they are written, from shape.start on;
 *               cell c lies in slot c modulo the number of slots, and its word
 *               is 8c + how many of its items are written. A cell is full
 *               before the next one is begun. There are so many slots that the
 *               last `capacity` items are always there.
 *
 * Concurrency   push, flush: one writer, wait-free, and no reader can hold it
 *               up; pop: any number of readers, lock-free: it begins anew when
 *               the writer has overtaken it. Loads and stores, no
 *               read-modify-write, no fence.
 *
 * Edges         W1 push: release store of a cell's word, before its first item
 *                        and after each batch of them
 *               R1 pop:  acquire load of it: the items that it tells of are
 *                        written, and `newest` is no older than the cell
 *               W2 push: release store of each word of an item
 *               R2 pop:  acquire load of each: one that was written over tells
 *                        that its cell's word was, too
 *
 * Why no torn item is used: the reader copies the items, and looks at the
 * cell's word again before it uses the copy.
 *   1. The writer that takes the slot for another cell stores that cell's word
 *      first, and then the words of its items, each with release (W2).
 *   2. If the reader's copy has one word of a later cell, its acquire load (R2)
 *      read a store that comes after the store of that cell's word. The second
 *      look comes after the load, so it finds that word, or a later one, and
 *      the copy is thrown away.
 *   3. If it has none, it is what R1 told of: the writer adds items to a cell,
 *      and changes none.
 * With relaxed accesses 2 would need a fence between the copy and the second
 * look, and one between the first store of 1 and the others, of which a race
 * checker knows nothing. Release and acquire say the same of each word. On
 * x86-64 all of them are plain loads and stores; on other machines they cost
 * something in every word.
 *
 * Cost          Push: one line per seven 8-byte items, three 16-byte ones, or
 *               two per 64-byte item. Pop: the same lines; no index is read but
 *               by a reader that was overtaken. Items are copied on both sides.
 *
 * Weaknesses    Two copies. Items that come one by one are written in a line
 *               that the readers are looking at. A reader that was overtaken
 *               gives up half of what is still there, so that it is not
 *               overtaken again at once. From a ring of a cell or two a reader
 *               may get nothing while the writer does not pause: that goes
 *               round it in less time than a copy takes.
 *
 * Sources: H.-J. Boehm, Can Seqlocks Get Along with Programming Language Memory
 * Models?, MSPC 2012; the broadcast buffer of Aeron (M. Thompson, T.
 * Montgomery), whose writer neither waits. Here each cell has its version, and
 * grows without the readers having to begin anew. */
#ifndef WEIR_CORE_RING_LOSSY_H
#define WEIR_CORE_RING_LOSSY_H

#include "core/base/atomic.h"
#include "core/ring/queue.h"
#include "core/ring/stride.h"

static const struct wr_traits wr_lossy_traits = {
    .kind = "broadcast",
    .name = "lossy",
    .what = "all readers see what they are fast enough for, the writer never "
            "waits",
    .source = "seqlocks: Boehm 2012; Aeron's broadcast buffer",
    .progress = "push is wait-free, pop lock-free: it begins anew when the "
                "writer overtakes it",
    .order = WR_ORDER_ALL,
    .lossy = true,
    .empty_is_exact = true,
    .full_is_exact = true,
    .capacity_least = 1,
};

#define WR_LOSSY_ITEM_MAX 4096

struct wr_lossy {
    /* Constant. */
    uint64_t mask; /* of cells */

    /* The cell that is written now. Written by the writer, and read by readers
     * that were overtaken. */
    _Alignas(WR_GROUP) _Atomic uint64_t newest;
    _Alignas(WR_GROUP) unsigned char cells[];
};

struct wr_lossy_cell {
    _Atomic uint64_t word;
    _Atomic uint64_t items[];
};

struct wr_lossy_writer {
    struct wr_lossy *q;
    uint64_t cell;
    uint64_t done; /* of its items */
};

struct wr_lossy_reader {
    struct wr_lossy *q;
    uint64_t cell;
    uint64_t done; /* of its items */
    uint64_t lost; /* items, so far */
};

/* How many items a cell has. */
static inline uint64_t
wr_lossy_per_cell(size_t size)
{
    size_t room = WR_LINE - sizeof(struct wr_lossy_cell);

    return size < room ? room / size : 1;
}

static inline size_t
wr_lossy_stride(size_t size)
{
    size_t bytes = sizeof(struct wr_lossy_cell) + size;

    return bytes < WR_LINE ? WR_LINE : wr_stride(bytes);
}

/* While a cell has but one item, all others are full. */
static inline uint64_t
wr_lossy_cells(const struct wr_shape *shape)
{
    uint64_t cells = 1, per = wr_lossy_per_cell(shape->item_size);

    while ((cells - 1) * per + 1 < shape->capacity)
        cells *= 2;
    return cells;
}

static inline size_t
wr_lossy_bytes(const struct wr_shape *shape)
{
    if (shape->item_size > WR_LOSSY_ITEM_MAX)
        return 0;
    return sizeof(struct wr_lossy) +
           wr_lossy_cells(shape) * wr_lossy_stride(shape->item_size);
}

hot_inline struct wr_lossy_cell *
wr_lossy_at(struct wr_lossy *q, uint64_t cell, size_t size)
{
    unsigned char *at = q->cells + (cell & q->mask) * wr_lossy_stride(size);

    return (struct wr_lossy_cell *)(void *)at;
}

static inline struct wr_lossy *
wr_lossy_init(void *memory, const struct wr_shape *shape)
{
    struct wr_lossy *q = memory;
    uint64_t cells = wr_lossy_cells(shape);

    q->mask = cells - 1;
    /* Relaxed: nobody else knows the queue yet. */
    store_relaxed(&q->newest, shape->start);
    for (uint64_t i = 0; i < cells; i++) {
        uint64_t cell = shape->start + i;

        /* As if it were of the lap before. */
        store_relaxed(&wr_lossy_at(q, cell, shape->item_size)->word,
                      8 * (cell - cells));
    }
    return q;
}

static inline void
wr_lossy_fini(struct wr_lossy *q)
{
    (void)q;
}

static inline void
wr_lossy_writer_init(struct wr_lossy_writer *w, struct wr_lossy *q,
                     uint32_t number)
{
    (void)number;
    w->q = q;
    w->cell = load_relaxed(&q->newest); /* only we write it */
    w->done = 0;
}

static inline void
wr_lossy_reader_init(struct wr_lossy_reader *r, struct wr_lossy *q,
                     uint32_t number)
{
    (void)number;
    r->q = q;
    r->cell = load_relaxed(&q->newest); /* nothing is written yet */
    r->done = 0;
    r->lost = 0;
}

/* ---- Writer ------------------------------------------------------------ */

/* Goes on to the next cell when this one is full. Returns it, taken from what
 * was in its slot. */
hot_inline struct wr_lossy_cell *
wr_lossy_begin(struct wr_lossy_writer *w, size_t size)
{
    struct wr_lossy_cell *at;

    if (w->done == wr_lossy_per_cell(size)) {
        w->cell++;
        w->done = 0;
        store_relaxed(&w->q->newest, w->cell); /* W1 publishes it */
    }
    at = wr_lossy_at(w->q, w->cell, size);
    if (w->done == 0)
        store_release(&at->word, 8 * w->cell); /* W1 */
    return at;
}

/* Writes up to n items into the newest cell, and returns how many. */
hot_inline uint64_t
wr_lossy_write(struct wr_lossy_writer *w, size_t size, uint64_t first,
               uint64_t n, wr_fill *fill, void *arg)
{
    uint64_t copy[WR_LOSSY_ITEM_MAX / sizeof(uint64_t)];
    struct wr_lossy_cell *at = wr_lossy_begin(w, size);
    size_t words = size / sizeof(uint64_t);
    uint64_t room = wr_lossy_per_cell(size) - w->done;

    n = n < room ? n : room;
    fill(arg, copy, first, n);
    for (size_t i = 0; i < n * words; i++)
        store_release(&at->items[w->done * words + i], copy[i]); /* W2 */
    w->done += n;
    store_release(&at->word, 8 * w->cell + w->done); /* W1 */
    return n;
}

hot_inline uint64_t
wr_lossy_push(struct wr_lossy_writer *w, size_t size, uint64_t n, wr_fill *fill,
              void *arg)
{
    for (uint64_t done = 0; done < n;)
        done += wr_lossy_write(w, size, done, n - done, fill, arg);
    return n;
}

static inline void
wr_lossy_flush(struct wr_lossy_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

/* How many items of the reader's cell are written: more than there can be when
 * the slot has been taken for a later cell, 0 when it has not yet been taken
 * for this one. */
hot_inline uint64_t
wr_lossy_written(const struct wr_lossy_reader *r, uint64_t word)
{
    uint64_t written = word - 8 * r->cell;

    return (int64_t)written < 0 ? 0 : written;
}

/* The reader's cell is gone: goes on where half of the ring is left. The cell
 * in its place is a lap further at least, and newest, relaxed, is no older than
 * that: its word came by R1. */
static __attribute__((noinline, unused)) void
wr_lossy_skip(struct wr_lossy_reader *r, size_t size)
{
    const struct wr_lossy *q = r->q;
    uint64_t cell = load_relaxed(&q->newest) - (q->mask + 1) / 2;

    r->lost += (cell - r->cell) * wr_lossy_per_cell(size) - r->done;
    r->cell = cell;
    r->done = 0;
}

/* Copies n items of the reader's cell. False if it was written over. */
hot_inline bool
wr_lossy_copy(const struct wr_lossy_reader *r, size_t size,
              struct wr_lossy_cell *at, uint64_t *copy, uint64_t n)
{
    size_t words = size / sizeof(uint64_t);

    for (size_t i = 0; i < n * words; i++)
        copy[i] = load_acquire(&at->items[r->done * words + i]); /* R2 */
    return wr_lossy_written(r, load_acquire(&at->word)) < 8;     /* R1 */
}

/* Reads up to n items of the reader's cell, having gone on to the next one when
 * it was through. Returns how many, 0 when none is written. */
hot_inline uint64_t
wr_lossy_read(struct wr_lossy_reader *r, size_t size, uint64_t n, wr_use *use,
              void *arg)
{
    uint64_t copy[WR_LOSSY_ITEM_MAX / sizeof(uint64_t)];

    if (r->done == wr_lossy_per_cell(size)) {
        r->cell++;
        r->done = 0;
    }
    for (;;) {
        struct wr_lossy_cell *at = wr_lossy_at(r->q, r->cell, size);
        uint64_t written =
            wr_lossy_written(r, load_acquire(&at->word)); /* R1 */
        uint64_t ready = written - r->done;

        if (likely(written < 8)) {
            if (written <= r->done)
                return 0;
            ready = n < ready ? n : ready;
            if (likely(wr_lossy_copy(r, size, at, copy, ready))) {
                use(arg, copy, ready);
                r->done += ready;
                return ready;
            }
        }
        wr_lossy_skip(r, size);
    }
}

hot_inline uint64_t
wr_lossy_pop(struct wr_lossy_reader *r, size_t size, uint64_t n, wr_use *use,
             void *arg)
{
    uint64_t done = 0;

    while (done < n) {
        uint64_t count = wr_lossy_read(r, size, n - done, use, arg);

        if (count == 0)
            break;
        done += count;
    }
    return done;
}

#endif
