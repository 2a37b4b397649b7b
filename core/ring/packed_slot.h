/* SPDX-License-Identifier: MPL-2.0 */
/* Lines that say themselves how far they are written: up to seven items behind
 * a word which the writer stores again with every item or batch that it adds.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free: loads and stores, no read-modify-write, no fence. A
 *               thread that stalls leaves the other what is written, or free.
 *               A pop that finds nothing pauses before it looks again, once,
 *               for 16 cpu_relax at most.
 *
 * Edges         W1 push: release store of the word of the first group that a
 *                  batch writes to
 *               R1 pop:  acquire load of a group's word: the items before the
 *                  number that it tells are readable
 *               R2 pop:  release store of head
 *               W2 push: acquire load of head: the groups of the items before
 *                  head + capacity are writable
 *
 * Layout        packing.h. Items are numbered from start on, group by group:
 *               nothing is left out, a line that is not full is filled up by
 *               the next push.
 *
 * Invariants    word of a group = the number of the item after the last that
 *                  is written in it; of what it held a lap ago, or start, until
 *                  the first is. So begin <= word <= end for a group whose
 *                  items are begin to end - 1, or word <= begin.
 *               head <= r.pos <= what is written = w.pos <= w.window <= w.limit
 *                  <= head + capacity (differences modulo 2^64)
 *               items in the ring >= capacity + items of a group - 1: so a
 *                  group with an item before head + capacity has none that head
 *                  is not past, and is free as a whole; and no word changes
 *                  under a reader that is behind its group, as it does not hand
 *                  back before it is at the next.
 *               w.window <= w.claimed, and does not go past the array's end
 *
 * Why a batch needs one release: the words of its further groups are stored
 * before W1, and the reader comes to them only with a word that it stored.
 *
 * Cost          A line transfer per seven items of 8 bytes, whether they were
 *               pushed one by one or together, if the two sides keep their
 *               distance; a round trip of a line per push that the reader waits
 *               for. Per item the writer stores the item, the word and its
 *               position; lines are claimed eight at a time. The writer loads
 *               head once per capacity items, the reader stores it each quarter
 *               and when it finds nothing.
 *
 * Weaknesses    An eighth of the memory is words, and with them batches come in
 *               pieces of seven: large ones are faster in an array. A reader on
 *               the writer's heels takes away the line that is being filled,
 *               hence the pause, which delays what comes within it. Full is not
 *               exact: up to a quarter of the ring, and a group, may be read
 * and not yet handed back.
 *
 * Source: slot_ring.h, which names its own; keeping a distance on purpose is
 * the temporal slipping of FastForward (Giacomoni, Moseley, Vachharajani, PPoPP
 * 2008). A line that is published as it fills is ours. */
#ifndef WEIR_CORE_RING_PACKED_SLOT_H
#define WEIR_CORE_RING_PACKED_SLOT_H

#include "core/base/atomic.h"
#include "core/ring/packing.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_packed_slot_traits = {
    .kind = "spsc",
    .name = "packed_slot",
    .what = "64-byte lines of up to seven items that say themselves how far "
            "they are written",
    .source = "weir, after FastForward 2008 and MCRingBuffer 2010",
    .progress = "wait-free",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = false,
    .capacity_least = 1,
};

struct wr_packed_slot {
    struct wr_packing_ring ring; /* constant */
    uint64_t capacity;
    uint64_t quantum; /* items between two stores to head */
    uint64_t start;
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by the reader */
    _Alignas(WR_GROUP) unsigned char groups[];
};

struct wr_packed_slot_writer {
    struct wr_packing_place at;
    uint64_t stop;    /* end or window, whichever is first */
    uint64_t window;  /* items before it are free, claimed and side by side */
    uint64_t claimed; /* first item of the next group to be claimed */
    uint64_t limit;   /* head + capacity, as last seen */
    struct wr_packed_slot *q;
};

struct wr_packed_slot_reader {
    struct wr_packing_place at;
    uint64_t head;  /* as last stored */
    uint64_t found; /* pos, when it last found nothing */
    struct wr_packed_slot *q;
};

static inline uint64_t
wr_packed_slot_groups(const struct wr_shape *shape)
{
    uint64_t items = wr_packing_of(shape->item_size).items;

    return (shape->capacity + 2 * items - 2) / items;
}

static inline size_t
wr_packed_slot_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_packed_slot) +
           wr_packed_slot_groups(shape) * wr_packing_of(shape->item_size).bytes;
}

static inline struct wr_packed_slot *
wr_packed_slot_init(void *memory, const struct wr_shape *shape)
{
    struct wr_packed_slot *q = memory;

    wr_packing_ring_init(&q->ring, q->groups, shape->item_size,
                         wr_packed_slot_groups(shape));
    q->capacity = shape->capacity;
    q->quantum = shape->capacity < 4 ? 1 : shape->capacity / 4;
    q->start = shape->start;
    /* Relaxed: nobody else knows the queue yet. */
    store_relaxed(&q->head, shape->start);
    for (unsigned char *g = q->groups; g != q->ring.end;
         g += q->ring.group.bytes)
        store_relaxed((_Atomic uint64_t *)(void *)g, shape->start);
    return q;
}

static inline void
wr_packed_slot_fini(struct wr_packed_slot *q)
{
    (void)q;
}

static inline void
wr_packed_slot_writer_init(struct wr_packed_slot_writer *w,
                           struct wr_packed_slot *q, uint32_t number)
{
    (void)number;
    wr_packing_begin(&w->at, &q->ring, q->start);
    w->stop = w->window = w->claimed = q->start;
    w->limit = q->start + q->capacity;
    w->q = q;
}

static inline void
wr_packed_slot_reader_init(struct wr_packed_slot_reader *r,
                           struct wr_packed_slot *q, uint32_t number)
{
    (void)number;
    wr_packing_begin(&r->at, &q->ring, q->start);
    r->head = r->found = q->start;
    r->q = q;
}

/* ---- Writer ------------------------------------------------------------ */

/* Claims groups from the writer's on, those that have items among the next
 * `room`. */
static inline void
wr_packed_slot_claim(struct wr_packed_slot_writer *w, uint64_t room)
{
    const struct wr_packing_ring *ring = &w->q->ring;
    uint64_t n = wr_packing_claim(ring);

    n = wr_packing_to_end(&w->at, ring, n);
    while ((n - 1) * ring->group.items >= room)
        n--;
    wr_packing_send_for(&w->at, ring, n);
    w->claimed += n * ring->group.items;
}

static inline void
wr_packed_slot_set_stop(struct wr_packed_slot_writer *w)
{
    uint64_t left = w->at.end - w->at.pos;

    w->stop = w->window - w->at.pos < left ? w->window : w->at.end;
}

/* At stop: goes to where there is room for an item. False if there is none. */
static __attribute__((noinline, unused)) bool
wr_packed_slot_open(struct wr_packed_slot_writer *w)
{
    struct wr_packed_slot *q = w->q;
    uint64_t room = w->limit - w->at.pos;

    if (room == 0) {
        w->limit = load_acquire(&q->head) + q->capacity; /* W2 */
        room = w->limit - w->at.pos;
        if (room == 0)
            return false;
    }
    if (w->at.pos == w->at.end)
        wr_packing_next(&w->at, &q->ring, q->ring.group);
    if (w->at.pos == w->claimed)
        wr_packed_slot_claim(w, room);
    w->window = w->claimed - w->at.pos < room ? w->claimed : w->limit;
    wr_packed_slot_set_stop(w);
    return true;
}

hot_inline uint64_t
wr_packed_slot_push_one(struct wr_packed_slot_writer *w, size_t size,
                        wr_fill *fill, void *arg)
{
    uint64_t pos = w->at.pos;

    if (unlikely(pos == w->stop) && !wr_packed_slot_open(w))
        return 0;
    fill(arg, wr_packing_item(&w->at, size), 0, 1);
    store_release(wr_packing_word(&w->at), pos + 1); /* W1 */
    w->at.pos = pos + 1;
    return 1;
}

/* Writes items to the group, up to n, and not past the window. */
hot_inline uint64_t
wr_packed_slot_fill(struct wr_packing_place *at, uint64_t window, size_t size,
                    uint64_t first, uint64_t n, wr_fill *fill, void *arg)
{
    uint64_t left = at->end - at->pos, room = window - at->pos;

    left = left < room ? left : room;
    n = n < left ? n : left;
    wr_packing_fill(at, size, first, n, fill, arg);
    return n;
}

/* Writes the items first to first + n - 1 as far as the window goes, which is
 * not at its end. */
hot_inline uint64_t
wr_packed_slot_push_run(struct wr_packed_slot_writer *w, size_t size,
                        uint64_t first, uint64_t n, wr_fill *fill, void *arg)
{
    struct wr_packing_place at = w->at;
    _Atomic uint64_t *word;
    uint64_t done, told;

    if (at.pos == at.end)
        wr_packing_next(&at, &w->q->ring, wr_packing_of(size));
    word = wr_packing_word(&at);
    done = wr_packed_slot_fill(&at, w->window, size, first, n, fill, arg);
    told = at.pos;
    while (done < n && at.pos != w->window) {
        wr_packing_next(&at, &w->q->ring, wr_packing_of(size));
        done += wr_packed_slot_fill(&at, w->window, size, first + done,
                                    n - done, fill, arg);
        /* Relaxed: W1 makes it visible. */
        store_relaxed(wr_packing_word(&at), at.pos);
    }
    store_release(word, told); /* W1 */
    w->at = at;
    wr_packed_slot_set_stop(w);
    return done;
}

hot_inline uint64_t
wr_packed_slot_push(struct wr_packed_slot_writer *w, size_t size, uint64_t n,
                    wr_fill *fill, void *arg)
{
    uint64_t done = 0;

    if (n == 1)
        return wr_packed_slot_push_one(w, size, fill, arg);
    do {
        if (unlikely(w->at.pos == w->window) && !wr_packed_slot_open(w))
            break;
        done += wr_packed_slot_push_run(w, size, done, n - done, fill, arg);
    } while (unlikely(done < n));
    return done;
}

static inline void
wr_packed_slot_flush(struct wr_packed_slot_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

static inline void
wr_packed_slot_hand_back(struct wr_packed_slot_reader *r, uint64_t pos)
{
    if (r->head != pos) {
        r->head = pos;
        store_release(&r->q->head, pos); /* R2 */
    }
}

/* How many items of its group are there; 0 or less (as int64_t) if none. */
hot_inline uint64_t
wr_packed_slot_ready(const struct wr_packing_place *at)
{
    return load_acquire(wr_packing_word(at)) - at->pos; /* R1 */
}

hot_inline void
wr_packed_slot_next(struct wr_packed_slot_reader *r,
                    struct wr_packing_place *at, struct wr_packing group)
{
    wr_packing_next(at, &r->q->ring, group);
    if (unlikely(at->pos - r->head >= r->q->quantum))
        wr_packed_slot_hand_back(r, at->pos);
}

/* Where nothing is ready: goes to the next group if it is behind one, looks,
 * and if there is still nothing, once again a little later. */
static __attribute__((noinline, unused)) bool
wr_packed_slot_look(struct wr_packed_slot_reader *r)
{
    struct wr_packing_place *at = &r->at;

    if (at->pos == at->end)
        wr_packed_slot_next(r, at, r->q->ring.group);
    if ((int64_t)wr_packed_slot_ready(at) > 0)
        return true;
    wr_packed_slot_hand_back(r, at->pos);
    wr_packing_hold_back(&r->q->ring, at->pos - r->found);
    r->found = at->pos;
    return (int64_t)wr_packed_slot_ready(at) > 0;
}

/* Up to n items, of which there is one. */
hot_inline uint64_t
wr_packed_slot_pop_some(struct wr_packed_slot_reader *r, size_t size,
                        uint64_t n, wr_use *use, void *arg)
{
    struct wr_packing_place at = r->at;
    uint64_t done = 0;

    while (done < n) {
        uint64_t ready = wr_packed_slot_ready(&at);

        if ((int64_t)ready > 0) {
            ready = ready < n - done ? ready : n - done;
            wr_packing_use(&at, size, ready, use, arg);
            done += ready;
        } else if (at.pos == at.end) {
            wr_packed_slot_next(r, &at, wr_packing_of(size));
        } else {
            break;
        }
    }
    r->at = at;
    return done;
}

hot_inline uint64_t
wr_packed_slot_pop(struct wr_packed_slot_reader *r, size_t size, uint64_t n,
                   wr_use *use, void *arg)
{
    if (unlikely((int64_t)wr_packed_slot_ready(&r->at) <= 0) &&
        !wr_packed_slot_look(r))
        return 0;
    if (n > 1)
        return wr_packed_slot_pop_some(r, size, n, use, arg);
    use(arg, wr_packing_item(&r->at, size), 1);
    r->at.pos++;
    return 1;
}

#endif
