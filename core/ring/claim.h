/* SPDX-License-Identifier: MPL-2.0 */
/* One ring for all readers: the writer publishes tail, and a fetch-and-add of
 * head gives a reader the items that it takes.
 *
 * A fetch-and-add cannot be refused, so it must not go beyond tail. Readers ask
 * first: `asked` counts the items that were asked for. Who asks for n gets
 * those of them that lie below tail, takes back the rest, and then adds what it
 * got to head, which tells which items they are. Head never passes tail, and
 * items are given in order. (With one fetch-and-add alone a reader would be
 * left with places that nobody has written: it must keep them for its next
 * call, and reads what comes there long after others have read what came
 * later.)
 *
 * Concurrency   push, flush: one writer thread
 *               pop: one reader thread for each number
 *               Wait-free, both: a reader makes three locked instructions at
 *               most, whatever others do. But a reader that stalls amid a pop
 *               keeps the writer from what was read behind it, and in time the
 *               queue is full; and if it has asked for more than there was,
 *               others do not see as many items until it takes that back.
 *
 * Edges         W1 push: release store of tail
 *               R1 pop:  acquire load of tail: the items below are readable
 *               R2 pop:  acquire and release add of head: items beyond the tail
 *                  that we know are readable if who was before us knew it
 *               R3 pop:  release store of a word of `done`
 *               W3 push: acquire load of it: these items are writable
 *
 * Invariants    gone <= head <= given <= tail <= gone + capacity, given being
 *               the sum of what readers got (differences modulo 2^64)
 *               given <= asked: so asked < tail only if given < tail, and who
 *               finds asked = t may have tail - t items
 *               done[p] of an item's place: p + n, if the n items from position
 *               p on were read by one reader; what an earlier lap left is p at
 *               most. So the writer finds its way from gone on.
 *
 * Cost          Push: the lines of the items, tail; of `done` a line for each
 *               pop. Pop: one line and two locked instructions on it, a third
 *               where the queue runs empty; tail when it has read all that it
 *               knows of; the items; a line of `done`. Empty: two loads.
 *
 * Weaknesses    Eight bytes of `done` for each item, written side by side by
 *               several readers where pops are short. Readers take the line of
 *               head from each other.
 *
 * Source: ours, of known parts: counting by fetch-and-add what may be taken is
 * a semaphore (Dijkstra 1965; Gottlieb, Lubachevsky, Rudolph, TOPLAS 5(2),
 * 1983, in their queue for the Ultracomputer). */
#ifndef WEIR_CORE_RING_CLAIM_H
#define WEIR_CORE_RING_CLAIM_H

#include "core/base/atomic.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_claim_traits = {
    .kind = "spmc",
    .name = "claim",
    .what = "readers ask for items by a fetch-and-add, and take what they got "
            "by another",
    .source = "Gottlieb, Lubachevsky, Rudolph 1983",
    .progress = "wait-free; a reader that stalls amid a pop keeps the space "
                "of all that is read after it, and may hide items",
    .order = WR_ORDER_ALL,
    .empty_is_exact = false, /* others may ask for more than there is */
    .full_is_exact = false,  /* space comes back in order */
    .capacity_least = 1,
};

/* Pops whose words the writer sends for before it knows where they are. */
#define WR_CLAIM_AHEAD UINT64_C(4)

struct wr_claim {
    _Atomic uint64_t *done; /* these are constant */
    unsigned char *items;
    uint64_t mask;
    _Alignas(WR_GROUP) _Atomic uint64_t tail;  /* written by the writer */
    _Alignas(WR_GROUP) _Atomic uint64_t asked; /* written by the readers */
    _Atomic uint64_t head;                     /* written by the readers */
    _Alignas(WR_GROUP) unsigned char memory[];
};

struct wr_claim_writer {
    struct wr_claim *q;
    uint64_t tail;
    uint64_t gone; /* items before it were read */
};

struct wr_claim_reader {
    struct wr_claim *q;
    uint64_t tail;  /* as last seen */
    uint64_t asked; /* after our last question */
};

static inline size_t
wr_claim_done_bytes(const struct wr_shape *shape)
{
    return (shape->capacity * sizeof(uint64_t) + WR_GROUP - 1) &
           ~(size_t)(WR_GROUP - 1);
}

static inline size_t
wr_claim_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_claim) + wr_claim_done_bytes(shape) +
           shape->capacity * shape->item_size;
}

static inline struct wr_claim *
wr_claim_init(void *memory, const struct wr_shape *shape)
{
    struct wr_claim *q = memory;

    q->done = (_Atomic uint64_t *)(void *)q->memory;
    q->items = q->memory + wr_claim_done_bytes(shape);
    q->mask = shape->capacity - 1;
    store_relaxed(&q->tail, shape->start); /* nobody else knows the queue yet */
    store_relaxed(&q->asked, shape->start);
    store_relaxed(&q->head, shape->start);
    for (uint64_t i = 0; i < shape->capacity; i++)
        store_relaxed(&q->done[i], shape->start);
    return q;
}

static inline void
wr_claim_fini(struct wr_claim *q)
{
    (void)q;
}

/* ---- Writer ------------------------------------------------------------ */

static inline void
wr_claim_writer_init(struct wr_claim_writer *w, struct wr_claim *q,
                     uint32_t number)
{
    (void)number;
    w->q = q;
    w->tail = w->gone = load_relaxed(&q->tail); /* only we write it */
}

/* Goes as far as items were read. Each word tells where the next one is, which
 * would make their lines come one by one: so those are sent for where they will
 * be if the pops that follow are as long. */
static __attribute__((noinline, unused)) void
wr_claim_collect(struct wr_claim_writer *w)
{
    struct wr_claim *q = w->q;

    while (w->gone != w->tail) {
        uint64_t n = load_acquire(&q->done[w->gone & q->mask]) - /* W3 */
                     w->gone;

        if (n - 1 > q->mask)
            return;
        w->gone += n;
        prefetch_read(&q->done[(w->gone + WR_CLAIM_AHEAD * n) & q->mask]);
    }
}

/* How many of n items there is room for. */
static inline uint64_t
wr_claim_room(struct wr_claim_writer *w, uint64_t n)
{
    uint64_t capacity = w->q->mask + 1;
    uint64_t room = w->gone + capacity - w->tail;

    if (unlikely(room < n)) {
        wr_claim_collect(w);
        room = w->gone + capacity - w->tail;
    }
    return n < room ? n : room;
}

hot_inline uint64_t
wr_claim_push(struct wr_claim_writer *w, size_t size, uint64_t n, wr_fill *fill,
              void *arg)
{
    struct wr_claim *q = w->q;

    n = wr_claim_room(w, n);
    if (unlikely(n == 0))
        return 0;
    wr_lines_fill(q->items, q->mask, w->tail, size, 0, n, fill, arg);
    w->tail += n;
    store_release(&q->tail, w->tail); /* W1 */
    return n;
}

static inline void
wr_claim_flush(struct wr_claim_writer *w)
{
    (void)w;
}

/* ---- Readers ----------------------------------------------------------- */

static inline void
wr_claim_reader_init(struct wr_claim_reader *r, struct wr_claim *q,
                     uint32_t number)
{
    (void)number;
    r->q = q;
    r->tail = r->asked = load_relaxed(&q->tail); /* nothing is written yet */
}

/* How many of n items there are from position asked on, as far as known; looks
 * at tail where they seem too few. */
static inline uint64_t
wr_claim_ready(struct wr_claim_reader *r, uint64_t asked, uint64_t n)
{
    int64_t ready = (int64_t)(r->tail - asked);

    if (ready < (int64_t)n) {
        r->tail = load_acquire(&r->q->tail); /* R1 */
        ready = (int64_t)(r->tail - asked);
        if (ready <= 0)
            return 0;
    }
    return n < (uint64_t)ready ? n : (uint64_t)ready;
}

/* Asks for n items. How many it got. */
static inline uint64_t
wr_claim_ask(struct wr_claim_reader *r, uint64_t n)
{
    struct wr_claim *q = r->q;
    uint64_t asked = fetch_add_relaxed(&q->asked, n); /* R2 orders */
    uint64_t got = wr_claim_ready(r, asked, n);

    r->asked = asked + got;
    if (unlikely(got < n))
        (void)fetch_sub_relaxed(&q->asked, n - got);
    return got;
}

hot_inline uint64_t
wr_claim_pop(struct wr_claim_reader *r, size_t size, uint64_t n, wr_use *use,
             void *arg)
{
    struct wr_claim *q = r->q;
    uint64_t pos;

    /* By what we know there is enough, or we look. */
    if ((int64_t)(r->tail - r->asked) < (int64_t)n) {
        n = wr_claim_ready(r, load_relaxed(&q->asked), n); /* a hint */
        if (n == 0)
            return 0;
    }
    n = wr_claim_ask(r, n);
    if (n == 0)
        return 0;
    pos = fetch_add_acq_rel(&q->head, n); /* R2 */
    wr_use_array(q->items, q->mask, pos, size, n, use, arg);
    store_release(&q->done[pos & q->mask], pos + n); /* R3 */
    return n;
}

#endif
