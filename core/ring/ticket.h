/* SPDX-License-Identifier: MPL-2.0 */
/* One ring for all writers: a fetch-and-add of tail gives a batch its cells,
 * and each cell says itself that it is written.
 *
 * A cell is a line: a word, and as many items as fit behind it, seven of 8
 * bytes; longer items take several lines each. A batch takes whole cells, so no
 * line has two writers. There is a cell for each 4 items of capacity (8 bytes;
 * 2 of 16, 1 of others): batches of 4 find room for `capacity` items and more,
 * items one by one for a quarter of it.
 *
 * Concurrency   push, flush: one writer thread for each number
 *               pop: one reader thread
 *               Wait-free, both: no loop waits for another thread. But a writer
 *               that stalls between its ticket and its last cell hides what
 *               others wrote behind it: pops return 0, and in time the queue is
 *               full.
 *
 * How a ticket is never lost: a full queue must be refused before the
 * fetch-and-add. A writer looks at tail, and goes on if its cells would end
 * within head + limit. Others may have come between; but of those that looked
 * before the last look, each takes one batch at most until it looks again. So
 * tail passes the limit by at most (writers - 1) batches, for which the ring
 * has cells: a batch of more than `most` cells takes several tickets.
 *
 * Edges         W1 push: release store of a cell's word
 *               R1 pop:  acquire load of it: the items are readable
 *               R2 pop:  release store of head
 *               W2 push: acquire load of head: the cells are writable
 *               W3 push: acquire and release add of tail: cells beyond what we
 *                  know of head are writable if who was before us knew of it
 *
 * Invariants    head <= pos <= tail <= head + limit + (writers - 1) * most
 *                    <= head + cells (differences modulo 2^64)
 *               the word of the cell of position p is p << 3 | items when it is
 *               written, 1 to 7 items; it was that of an earlier lap, or 0,
 *               before. No two are the same: positions differ.
 *
 * Cost          Push: the line of tail and one locked instruction a batch; its
 *               cells. Pop: the cells; a store of head in a quarter of the
 *               limit, and when there is nothing.
 *
 * Weaknesses    Writers take the line of tail from each other. An item of 64
 *               bytes takes two lines, for its word. Twice the memory, with
 *               several writers.
 *
 * Source: a slot's lap in the slot from FastForward (Giacomoni, Moseley,
 * Vachharajani, PPoPP 2008) and Vyukov's bounded queue (1024cores.net), where a
 * compare-and-swap takes the slot; fetch-and-add for it as in LCRQ (Morrison,
 * Afek, PPoPP 2013). Cells of several items and the bound are ours. */
#ifndef WEIR_CORE_RING_TICKET_H
#define WEIR_CORE_RING_TICKET_H

#include "core/base/atomic.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_ticket_traits = {
    .kind = "mpsc",
    .name = "ticket",
    .what = "one fetch-and-add gives a batch whole lines, each of which says "
            "that it is written",
    .source = "Giacomoni, Moseley, Vachharajani 2008; Morrison, Afek 2013",
    .progress = "wait-free; a writer that stalls amid a push hides what comes "
                "after it",
    .order = WR_ORDER_ALL,
    .empty_is_exact = false, /* what is hidden */
    .full_is_exact = false,  /* cells may hold fewer items than they can */
    .capacity_least = 1,
};

#define WR_TICKET_WORD sizeof(uint64_t)

struct wr_ticket {
    unsigned char *cells; /* these are constant */
    uint64_t mask;
    uint64_t limit;   /* cells that tail is ahead of head, as writers see it */
    uint64_t most;    /* cells of a ticket */
    uint64_t quantum; /* cells between two stores to head */
    _Alignas(WR_GROUP) _Atomic uint64_t tail; /* written by the writers */
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by the reader */
    _Alignas(WR_GROUP) unsigned char memory[];
};

struct wr_ticket_writer {
    struct wr_ticket *q;
    uint64_t end; /* head + limit, as last seen */
};

struct wr_ticket_reader {
    struct wr_ticket *q;
    uint64_t pos;
    uint64_t taken;  /* items of the cell at pos */
    uint64_t handed; /* value of head */
};

/* Items in a cell. */
hot_inline uint64_t
wr_ticket_items(size_t size)
{
    return size > (WR_LINE - WR_TICKET_WORD) / 2
               ? 1
               : (WR_LINE - WR_TICKET_WORD) / size;
}

/* Bytes of a cell. */
hot_inline size_t
wr_ticket_cell(size_t size)
{
    return (WR_TICKET_WORD + wr_ticket_items(size) * size + WR_LINE - 1) &
           ~(size_t)(WR_LINE - 1);
}

/* Cells that hold the capacity in batches of 4, and a power of two. */
static inline uint64_t
wr_ticket_limit(const struct wr_shape *shape)
{
    uint64_t items = wr_ticket_items(shape->item_size);
    uint64_t even = items >= 4 ? 4 : items >= 2 ? 2 : 1;

    return shape->capacity > even ? shape->capacity / even : 1;
}

static inline uint64_t
wr_ticket_most(const struct wr_shape *shape)
{
    uint64_t limit = wr_ticket_limit(shape), others = shape->writers - 1;

    if (others == 0)
        return limit;
    return limit > others ? limit / others : 1;
}

static inline uint64_t
wr_ticket_cells(const struct wr_shape *shape)
{
    uint64_t least =
        wr_ticket_limit(shape) + (shape->writers - 1) * wr_ticket_most(shape);
    uint64_t cells = 1;

    while (cells < least)
        cells *= 2;
    return cells;
}

static inline size_t
wr_ticket_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_ticket) +
           wr_ticket_cells(shape) * wr_ticket_cell(shape->item_size);
}

static inline struct wr_ticket *
wr_ticket_init(void *memory, const struct wr_shape *shape)
{
    struct wr_ticket *q = memory;

    q->cells = q->memory;
    q->mask = wr_ticket_cells(shape) - 1;
    q->limit = wr_ticket_limit(shape);
    q->most = wr_ticket_most(shape);
    q->quantum = q->limit < 4 ? 1 : q->limit / 4;
    store_relaxed(&q->tail, shape->start); /* nobody else knows the queue yet */
    store_relaxed(&q->head, shape->start);
    return q;
}

static inline void
wr_ticket_fini(struct wr_ticket *q)
{
    (void)q;
}

hot_inline unsigned char *
wr_ticket_at(const struct wr_ticket *q, size_t size, uint64_t pos)
{
    return q->cells + (pos & q->mask) * wr_ticket_cell(size);
}

hot_inline _Atomic uint64_t *
wr_ticket_word(unsigned char *cell)
{
    return (_Atomic uint64_t *)(void *)cell;
}

/* ---- Writer ------------------------------------------------------------ */

static inline void
wr_ticket_writer_init(struct wr_ticket_writer *w, struct wr_ticket *q,
                      uint32_t number)
{
    (void)number;
    w->q = q;
    w->end = load_relaxed(&q->head) + q->limit; /* a later look sees more */
}

/* How many of n cells there is room for at tail. */
static inline uint64_t
wr_ticket_room(struct wr_ticket_writer *w, uint64_t tail, uint64_t n)
{
    struct wr_ticket *q = w->q;
    int64_t room = (int64_t)(w->end - tail);

    if (unlikely(room < (int64_t)n)) {
        w->end = load_acquire(&q->head) + q->limit; /* W2 */
        room = (int64_t)(w->end - tail);
        if (room <= 0)
            return 0;
    }
    return n < (uint64_t)room ? n : (uint64_t)room;
}

/* Up to n cells, from *pos on; 0 when the queue is full. */
static inline uint64_t
wr_ticket_draw(struct wr_ticket_writer *w, uint64_t n, uint64_t *pos)
{
    struct wr_ticket *q = w->q;

    /* For the load and the add together: one transfer, not two. */
    prefetch_write(&q->tail);
    n = n < q->most ? n : q->most;
    n = wr_ticket_room(w, load_relaxed(&q->tail), n); /* W3 tells the rest */
    if (unlikely(n == 0))
        return 0;
    *pos = fetch_add_acq_rel(&q->tail, n); /* W3 */
    return n;
}

/* Sends for the lines of some of n cells. A word of 0 is never one that the
 * reader waits for. */
hot_inline void
wr_ticket_send_for(const struct wr_ticket *q, size_t size, uint64_t pos,
                   uint64_t n)
{
    uint64_t some = wr_lines_hold(wr_ticket_cell(size));

    n = n < some ? n : some;
    for (uint64_t i = 0; i < n; i++)
        wr_lines_send_for(wr_ticket_at(q, size, pos + i), wr_ticket_cell(size));
}

/* Writes items first to last - 1 into the cells from pos on. */
hot_inline void
wr_ticket_write(const struct wr_ticket *q, size_t size, uint64_t pos,
                uint64_t first, uint64_t last, wr_fill *fill, void *arg)
{
    uint64_t items = wr_ticket_items(size), n;

    for (uint64_t i = 0; first < last; i++, first += n) {
        unsigned char *cell = wr_ticket_at(q, size, pos + i);

        if (i % wr_lines_hold(wr_ticket_cell(size)) == 0)
            wr_ticket_send_for(q, size, pos + i,
                               (last - first + items - 1) / items);
        n = last - first < items ? last - first : items;
        fill(arg, cell + WR_TICKET_WORD, first, n);
        store_release(wr_ticket_word(cell), (pos + i) << 3 | n); /* W1 */
    }
}

hot_inline uint64_t
wr_ticket_push(struct wr_ticket_writer *w, size_t size, uint64_t n,
               wr_fill *fill, void *arg)
{
    uint64_t items = wr_ticket_items(size), done = 0, pos;

    do {
        uint64_t left = n - done;
        uint64_t cells = wr_ticket_draw(w, (left + items - 1) / items, &pos);

        if (unlikely(cells == 0))
            break;
        left = left < cells * items ? left : cells * items;
        wr_ticket_write(w->q, size, pos, done, done + left, fill, arg);
        done += left;
    } while (unlikely(done < n));
    return done;
}

static inline void
wr_ticket_flush(struct wr_ticket_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

static inline void
wr_ticket_reader_init(struct wr_ticket_reader *r, struct wr_ticket *q,
                      uint32_t number)
{
    (void)number;
    r->q = q;
    r->pos = r->handed = load_relaxed(&q->head); /* only we write it */
    r->taken = 0;
}

/* Lets the writers see how far the reader is. */
static inline void
wr_ticket_hand_back(struct wr_ticket_reader *r)
{
    if (r->handed != r->pos) {
        r->handed = r->pos;
        store_release(&r->q->head, r->pos); /* R2 */
    }
}

/* How many items the cell of the reader's position holds; 0 if it is not
 * written. */
hot_inline uint64_t
wr_ticket_held(const struct wr_ticket_reader *r, unsigned char *cell)
{
    uint64_t word = load_acquire(wr_ticket_word(cell)); /* R1 */
    uint64_t held = word - (r->pos << 3);

    return held < 8 ? held : 0;
}

/* The cell is read. */
static inline void
wr_ticket_pass(struct wr_ticket_reader *r)
{
    r->taken = 0;
    r->pos++;
    if (r->pos - r->handed >= r->q->quantum)
        wr_ticket_hand_back(r);
}

hot_inline uint64_t
wr_ticket_pop(struct wr_ticket_reader *r, size_t size, uint64_t n, wr_use *use,
              void *arg)
{
    uint64_t got = 0;

    do {
        unsigned char *cell = wr_ticket_at(r->q, size, r->pos);
        uint64_t held = wr_ticket_held(r, cell), m = held - r->taken;

        if (held == 0) {
            if (got == 0)
                wr_ticket_hand_back(r);
            break;
        }
        m = m < n - got ? m : n - got;
        use(arg, cell + WR_TICKET_WORD + r->taken * size, m);
        got += m;
        r->taken += m;
        if (likely(r->taken == held))
            wr_ticket_pass(r);
    } while (got < n);
    return got;
}

#endif
