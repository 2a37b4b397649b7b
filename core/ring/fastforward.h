/* SPDX-License-Identifier: MPL-2.0 */
/* Lines that say themselves whether they are full or empty: no index is shared,
 * the reader hands a line back by clearing its word.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free: loads and stores, no read-modify-write, no fence. A
 *               thread that stalls leaves the other what is written, or free.
 *               A pop that finds nothing pauses before it looks again, once,
 *               for 16 cpu_relax at most.
 *
 * Edges         W1 push: release store of the word of the first group that a
 *                  batch writes to
 *               R1 pop:  acquire load of a group's word: so many of its items
 *                  are readable
 *               R2 pop:  release store of 0 to the word of a group that is full
 *                  and read
 *               W2 push: acquire load of 0 from a group's word: it and those
 *                  before it, to the writer's own, are writable
 *
 * Layout        packing.h: up to seven items behind a word. FastForward's slots
 *               are pointers, empty if NULL; here a word counts for the seven,
 *               so that items may have any value, 0 too.
 *
 * Invariants    word = 0 in an empty group, how many items are written in one
 *                  that the writer fills, and all of them until R2
 *               a word that is less than all is written by the writer only, a
 *                  word that is all of them by the reader only: they take
 * turns, and nobody needs a read-modify-write the groups from the writer's next
 * on, once around, are first empty and then not, as the reader clears them in
 * order: so W2 in the last of several tells of all
 *
 * Why a batch needs one release: the words of its further groups are stored
 * before W1, and the reader comes to them only with a word that it stored.
 *
 * Cost          A line goes to the reader, which takes it for writing to clear
 *               it, and back: one more request per line than with an index that
 *               is told now and then. Clearing is one store for the seven
 * items, where the slots of FastForward and B-Queue take one each, in reverse
 * order so that the writer does not come too soon. The writer waits for a line
 * to load once in eight, and claims these.
 *
 * Weaknesses    The clear takes the line from the writer, which has to load the
 *               word that it could have known. An eighth of the memory is
 * words. It holds whole groups: seven items or more, capacity rounded down to
 * them, and when it is full the writer goes on only when eight lines (or a
 * quarter of the ring) are empty. A reader on the writer's heels takes away the
 * line that is being filled, hence the pause.
 *
 * Source: FastForward (J. Giacomoni, T. Moseley, M. Vachharajani, FastForward
 * for Efficient Pipeline Parallelism, PPoPP 2008), with its slipping as that
 * pause; the look at the last line of several from B-Queue (J. Wang, K. Zhang,
 * X. Tang, B. Hua, B-Queue: Efficient and Practical Queuing for Fast Core-to-
 * Core Communication, IJPP 41(1), 2013). A word for a line of items is ours. */
#ifndef WEIR_CORE_RING_FASTFORWARD_H
#define WEIR_CORE_RING_FASTFORWARD_H

#include "core/base/atomic.h"
#include "core/ring/packing.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_fastforward_traits = {
    .kind = "spsc",
    .name = "fastforward",
    .what = "lines of up to seven items that are full or empty by their own "
            "word, no index shared",
    .source =
        "FastForward, Giacomoni, Moseley, Vachharajani 2008; B-Queue 2013",
    .progress = "wait-free",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = false,
    .capacity_least = 8,
};

struct wr_fastforward {
    struct wr_packing_ring ring; /* constant */
    uint64_t step;               /* groups that the writer takes at a time */
    uint64_t start;
    _Alignas(WR_GROUP) unsigned char groups[];
};

struct wr_fastforward_writer {
    struct wr_packing_place at;
    uint64_t window; /* items before it are free, claimed and side by side */
    struct wr_fastforward *q;
};

struct wr_fastforward_reader {
    struct wr_packing_place at;
    uint64_t found; /* pos, when it last found nothing */
    struct wr_fastforward *q;
};

static inline uint64_t
wr_fastforward_groups(const struct wr_shape *shape)
{
    return shape->capacity / wr_packing_of(shape->item_size).items;
}

static inline size_t
wr_fastforward_bytes(const struct wr_shape *shape)
{
    if (shape->capacity < wr_fastforward_traits.capacity_least)
        return 0;
    return sizeof(struct wr_fastforward) +
           wr_fastforward_groups(shape) * wr_packing_of(shape->item_size).bytes;
}

/* Zeroed memory is an empty queue. */
static inline struct wr_fastforward *
wr_fastforward_init(void *memory, const struct wr_shape *shape)
{
    struct wr_fastforward *q = memory;
    uint64_t groups = wr_fastforward_groups(shape), claim;

    wr_packing_ring_init(&q->ring, q->groups, shape->item_size, groups);
    claim = wr_packing_claim(&q->ring);
    q->step = groups / 4 < claim ? groups / 4 : claim;
    if (q->step == 0)
        q->step = 1;
    q->start = shape->start;
    return q;
}

static inline void
wr_fastforward_fini(struct wr_fastforward *q)
{
    (void)q;
}

static inline void
wr_fastforward_writer_init(struct wr_fastforward_writer *w,
                           struct wr_fastforward *q, uint32_t number)
{
    (void)number;
    wr_packing_begin(&w->at, &q->ring, q->start);
    w->window = w->at.end;
    w->q = q;
}

static inline void
wr_fastforward_reader_init(struct wr_fastforward_reader *r,
                           struct wr_fastforward *q, uint32_t number)
{
    (void)number;
    wr_packing_begin(&r->at, &q->ring, q->start);
    r->found = q->start;
    r->q = q;
}

/* What the word of the group says when it is written, or read, up to pos. */
hot_inline uint64_t
wr_fastforward_count(const struct wr_packing_place *at, uint64_t items)
{
    return at->pos + items - at->end;
}

/* ---- Writer ------------------------------------------------------------ */

/* Behind a group: goes to the next. At the window's end, only if a step of
 * groups is empty, or those to the array's end. False if they are not. */
static __attribute__((noinline, unused)) bool
wr_fastforward_open(struct wr_fastforward_writer *w)
{
    const struct wr_packing_ring *ring = &w->q->ring;
    struct wr_packing_place next = w->at, last;
    uint64_t n;

    wr_packing_next(&next, ring, ring->group);
    if (w->at.pos == w->window) {
        last = next;
        n = wr_packing_to_end(&next, ring, w->q->step);
        last.group += (n - 1) * ring->group.bytes;
        if (load_acquire(wr_packing_word(&last)) != 0) /* W2 */
            return false;
        wr_packing_send_for(&next, ring, n);
        w->window += n * ring->group.items;
    }
    w->at = next;
    return true;
}

hot_inline uint64_t
wr_fastforward_push_one(struct wr_fastforward_writer *w, size_t size,
                        wr_fill *fill, void *arg)
{
    uint64_t items = wr_packing_of(size).items;

    if (unlikely(w->at.pos == w->at.end) && !wr_fastforward_open(w))
        return 0;
    fill(arg, wr_packing_item(&w->at, size), 0, 1);
    w->at.pos++;
    store_release(wr_packing_word(&w->at), /* W1 */
                  wr_fastforward_count(&w->at, items));
    return 1;
}

/* Writes items to the group, up to n. */
hot_inline uint64_t
wr_fastforward_fill(struct wr_packing_place *at, size_t size, uint64_t first,
                    uint64_t n, wr_fill *fill, void *arg)
{
    uint64_t left = at->end - at->pos;

    n = n < left ? n : left;
    wr_packing_fill(at, size, first, n, fill, arg);
    return n;
}

/* Writes the items first to first + n - 1 as far as the window goes, which is
 * not at its end. */
hot_inline uint64_t
wr_fastforward_push_run(struct wr_fastforward_writer *w, size_t size,
                        uint64_t first, uint64_t n, wr_fill *fill, void *arg)
{
    struct wr_packing group = wr_packing_of(size);
    struct wr_packing_place at = w->at;
    _Atomic uint64_t *word;
    uint64_t done, told;

    if (at.pos == at.end)
        wr_packing_next(&at, &w->q->ring, group);
    word = wr_packing_word(&at);
    done = wr_fastforward_fill(&at, size, first, n, fill, arg);
    told = wr_fastforward_count(&at, group.items);
    while (done < n && at.pos != w->window) {
        wr_packing_next(&at, &w->q->ring, group);
        done +=
            wr_fastforward_fill(&at, size, first + done, n - done, fill, arg);
        /* Relaxed: W1 makes it visible. */
        store_relaxed(wr_packing_word(&at),
                      wr_fastforward_count(&at, group.items));
    }
    store_release(word, told); /* W1 */
    w->at = at;
    return done;
}

hot_inline uint64_t
wr_fastforward_push(struct wr_fastforward_writer *w, size_t size, uint64_t n,
                    wr_fill *fill, void *arg)
{
    uint64_t done = 0;

    if (n == 1)
        return wr_fastforward_push_one(w, size, fill, arg);
    do {
        if (unlikely(w->at.pos == w->window) && !wr_fastforward_open(w))
            break;
        done += wr_fastforward_push_run(w, size, done, n - done, fill, arg);
    } while (unlikely(done < n));
    return done;
}

static inline void
wr_fastforward_flush(struct wr_fastforward_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

/* How many items of its group are there; 0 or less (as int64_t) if none. */
hot_inline uint64_t
wr_fastforward_ready(const struct wr_packing_place *at, uint64_t items)
{
    return load_acquire(wr_packing_word(at)) - /* R1 */
           wr_fastforward_count(at, items);
}

/* Behind a group: hands it back and goes to the next. */
hot_inline void
wr_fastforward_next(const struct wr_fastforward_reader *r,
                    struct wr_packing_place *at, struct wr_packing group)
{
    store_release(wr_packing_word(at), 0); /* R2 */
    wr_packing_next(at, &r->q->ring, group);
}

/* Where nothing is ready: goes to the next group if it is behind one, looks,
 * and if there is still nothing, once again a little later. */
static __attribute__((noinline, unused)) bool
wr_fastforward_look(struct wr_fastforward_reader *r)
{
    const struct wr_packing_ring *ring = &r->q->ring;
    struct wr_packing_place *at = &r->at;

    if (at->pos == at->end)
        wr_fastforward_next(r, at, ring->group);
    if ((int64_t)wr_fastforward_ready(at, ring->group.items) > 0)
        return true;
    wr_packing_hold_back(ring, at->pos - r->found);
    r->found = at->pos;
    return (int64_t)wr_fastforward_ready(at, ring->group.items) > 0;
}

/* Up to n items, of which there is one. */
hot_inline uint64_t
wr_fastforward_pop_some(struct wr_fastforward_reader *r, size_t size,
                        uint64_t n, wr_use *use, void *arg)
{
    struct wr_packing group = wr_packing_of(size);
    struct wr_packing_place at = r->at;
    uint64_t done = 0;

    while (done < n) {
        uint64_t ready = wr_fastforward_ready(&at, group.items);

        if ((int64_t)ready > 0) {
            ready = ready < n - done ? ready : n - done;
            wr_packing_use(&at, size, ready, use, arg);
            done += ready;
        } else if (at.pos == at.end) {
            wr_fastforward_next(r, &at, group);
        } else {
            break;
        }
    }
    r->at = at;
    return done;
}

hot_inline uint64_t
wr_fastforward_pop(struct wr_fastforward_reader *r, size_t size, uint64_t n,
                   wr_use *use, void *arg)
{
    uint64_t items = wr_packing_of(size).items;

    if (unlikely((int64_t)wr_fastforward_ready(&r->at, items) <= 0) &&
        !wr_fastforward_look(r))
        return 0;
    if (n > 1)
        return wr_fastforward_pop_some(r, size, n, use, arg);
    use(arg, wr_packing_item(&r->at, size), 1);
    r->at.pos++;
    return 1;
}

#endif
