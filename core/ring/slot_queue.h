/* SPDX-License-Identifier: MPL-2.0 */
/* slot_ring.h as a queue of items: each begins in a line that says itself that
 * it is written.
 *
 * Concurrency   push, flush: one writer thread; pop: one reader thread
 *               Wait-free: loads and stores, no read-modify-write, no fence. A
 *               thread that stalls leaves the other what is written, or free.
 *
 * Edges         Those of slot_ring.h: W1 and W2 are in push, R1 and R2 in pop.
 *
 * Layout        An item of up to 56 bytes has a slot. A larger one has as many
 *               as hold its bytes and one ctl, rounded up to a power of two so
 *               that it stays in one piece at the array's end; it is written
 *               and read in place, like the small ones. Items end where lines
 *               end: one of 64 bytes is the second line of its two.
 *
 * Invariants    Those of slot_ring.h, where only the first slot of an item has
 *               a ctl. Positions count slots, and are multiples of an item's.
 *
 * Cost          An item is one line transfer, with the word that publishes it,
 *               if it has up to 56 bytes, and (size + 8) / 64 lines rounded up
 *               otherwise. Single pushes claim eight lines ahead of writing
 *               them, batches send for lines 4 KiB ahead, and are published by
 *               a store for each sixteenth of the ring. A quarter of it is
 *               handed back by one store.
 *
 * Weaknesses    A line each for items of 8 bytes: eight times the memory and
 *               the transfers of an array. Large items round up: one of 4 KiB
 *               leaves 63 lines of its 128 unused. Full is not exact: up to a
 *               quarter of the ring may be read and not yet handed back.
 *
 * Source: slot_ring.h, which names its own. */
#ifndef WEIR_CORE_RING_SLOT_QUEUE_H
#define WEIR_CORE_RING_SLOT_QUEUE_H

#include "core/ring/lines.h"
#include "core/ring/queue.h"
#include "core/ring/slot_ring.h"

static const struct wr_traits wr_slot_queue_traits = {
    .kind = "spsc",
    .name = "slot",
    .what = "64-byte slots that say themselves that they are written, an item "
            "each",
    .source = "weir, after FastForward 2008 and MCRingBuffer 2010",
    .progress = "wait-free",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = false,
    .capacity_least = 1,
};

struct wr_slot_queue {
    struct wr_slot_ring ring;
    struct wr_slot slots[];
};

struct wr_slot_queue_writer {
    struct wr_slot_ring *ring;
};

struct wr_slot_queue_reader {
    struct wr_slot_ring *ring;
};

/* The lines that an item and its ctl fill. */
hot_inline uint64_t
wr_slot_queue_lines(size_t size)
{
    return (size + sizeof(uint64_t) + WR_LINE - 1) / WR_LINE;
}

/* The slots that it takes. */
hot_inline uint64_t
wr_slot_queue_slots(size_t size)
{
    uint64_t slots = 1;

    while (slots < wr_slot_queue_lines(size))
        slots *= 2;
    return slots;
}

/* Where it lies. */
hot_inline unsigned char *
wr_slot_queue_item(struct wr_slot *slot, size_t size)
{
    return (unsigned char *)slot + wr_slot_queue_lines(size) * WR_LINE - size;
}

static inline size_t
wr_slot_queue_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_slot_queue) +
           shape->capacity * wr_slot_queue_slots(shape->item_size) *
               sizeof(struct wr_slot);
}

static inline struct wr_slot_queue *
wr_slot_queue_init(void *memory, const struct wr_shape *shape)
{
    struct wr_slot_queue *q = memory;
    uint64_t slots = wr_slot_queue_slots(shape->item_size);

    wr_slot_ring_init(&q->ring, q->slots, shape->capacity * slots,
                      shape->start * slots);
    return q;
}

static inline void
wr_slot_queue_fini(struct wr_slot_queue *q)
{
    (void)q;
}

static inline void
wr_slot_queue_writer_init(struct wr_slot_queue_writer *w,
                          struct wr_slot_queue *q, uint32_t number)
{
    (void)number;
    w->ring = &q->ring;
}

static inline void
wr_slot_queue_reader_init(struct wr_slot_queue_reader *r,
                          struct wr_slot_queue *q, uint32_t number)
{
    (void)number;
    r->ring = &q->ring;
}

/* Opens a window on a few free slots, and sends for their lines. */
static __attribute__((noinline, unused)) bool
wr_slot_queue_open(struct wr_slot_ring *r)
{
    if (wr_slot_ring_room(r, 1) == 0)
        return false;
    wr_slot_ring_open_free(r, WR_SLOT_CLAIM);
    wr_slot_claim(wr_slot_ring_at_tail(r, 0), r->w_stop - r->w_pos);
    return true;
}

hot_inline uint64_t
wr_slot_queue_push_one(struct wr_slot_ring *r, size_t size, wr_fill *fill,
                       void *arg)
{
    struct wr_slot *slot = wr_slot_ring_next_free(r);

    if (unlikely(slot == NULL)) {
        if (!wr_slot_queue_open(r))
            return 0;
        slot = wr_slot_ring_next_free(r);
    }
    fill(arg, wr_slot_queue_item(slot, size), 0, 1);
    wr_slot_ring_publish(r, slot, 0); /* W1 */
    return 1;
}

/* Items of a run. A sixteenth of the ring, so that neither side waits for the
 * other's half: batches of 512 in 1,024 slots, 380 M/s published whole. */
static inline uint64_t
wr_slot_queue_run(const struct wr_slot_ring *r, uint64_t each)
{
    uint64_t slots = (r->mask + 1) / 16;

    slots = slots < WR_RUN_MAX ? slots : WR_RUN_MAX;
    return slots > each ? slots / each : 1;
}

/* How many slots ahead their lines are sent for: not those that the reader is
 * at, and none where too few are known to be free. */
static inline uint64_t
wr_slot_queue_ahead(const struct wr_slot_ring *r, uint64_t slots)
{
    uint64_t ahead = wr_lines_ahead(r->mask + 1, sizeof(struct wr_slot));

    return r->w_limit - r->w_pos >= slots + ahead ? ahead : 0;
}

/* Writes as many of the items first to first + n - 1 as lie side by side, as
 * one run. */
hot_inline uint64_t
wr_slot_queue_push_run(struct wr_slot_ring *r, size_t size, uint64_t first,
                       uint64_t n, wr_fill *fill, void *arg)
{
    uint64_t each = wr_slot_queue_slots(size), ahead, slots;
    uint32_t lap = wr_slot_ring_lap(r, r->w_pos);
    struct wr_slot *slot;

    n = n < wr_slot_queue_run(r, each) ? n : wr_slot_queue_run(r, each);
    slots = wr_slot_ring_reserve(r, n * each, &slot); /* W2 */
    if (unlikely(slots == 0))
        return 0;
    ahead = wr_slot_queue_ahead(r, slots);
    for (uint64_t k = 0; k < each; k++)
        prefetch_write(wr_slot_ring_at_tail(r, ahead + k));
    fill(arg, wr_slot_queue_item(slot, size), first, 1);
    for (uint64_t i = each; i < slots; i += each) {
        for (uint64_t k = 0; k < each; k++)
            prefetch_write(wr_slot_ring_at_tail(r, ahead + i + k));
        fill(arg, wr_slot_queue_item(&slot[i], size), first + i / each, 1);
        wr_slot_mark(&slot[i], lap, 0);
    }
    wr_slot_ring_commit_marked(r, slots); /* W1 */
    return slots / each;
}

hot_inline uint64_t
wr_slot_queue_push(struct wr_slot_queue_writer *w, size_t size, uint64_t n,
                   wr_fill *fill, void *arg)
{
    uint64_t done = 0, run;

    if (n == 1 && wr_slot_queue_slots(size) == 1)
        return wr_slot_queue_push_one(w->ring, size, fill, arg);
    do {
        run = wr_slot_queue_push_run(w->ring, size, done, n - done, fill, arg);
        done += run;
    } while (unlikely(done < n) && run > 0);
    return done;
}

static inline void
wr_slot_queue_flush(struct wr_slot_queue_writer *w)
{
    (void)w;
}

/* Reads as many of n items as lie side by side. */
hot_inline uint64_t
wr_slot_queue_pop_run(struct wr_slot_ring *r, size_t size, uint64_t n,
                      wr_use *use, void *arg)
{
    uint64_t each = wr_slot_queue_slots(size), slots;
    struct wr_slot *slot;

    slots = wr_slot_ring_peek(r, n * each, &slot); /* R1 */
    for (uint64_t i = 0; i < slots; i += each)
        use(arg, wr_slot_queue_item(&slot[i], size), 1);
    if (likely(slots > 0))
        (void)wr_slot_ring_release(r, slots); /* R2 */
    return slots / each;
}

hot_inline uint64_t
wr_slot_queue_pop_some(struct wr_slot_ring *r, size_t size, uint64_t n,
                       wr_use *use, void *arg)
{
    uint64_t done = 0, run;

    do {
        run = wr_slot_queue_pop_run(r, size, n - done, use, arg);
        done += run;
        /* On at the array's end only: a look at a line that is not written
         * takes it away from the writer. */
    } while (run > 0 && done < n && (r->r_pos & r->mask) == 0);
    if (unlikely(done == 0))
        wr_slot_ring_flush(r); /* R2 */
    return done;
}

hot_inline uint64_t
wr_slot_queue_pop(struct wr_slot_queue_reader *r, size_t size, uint64_t n,
                  wr_use *use, void *arg)
{
    struct wr_slot_ring *ring = r->ring;
    struct wr_slot *slot;

    if (n > 1 || wr_slot_queue_slots(size) > 1)
        return wr_slot_queue_pop_some(ring, size, n, use, arg);
    slot = wr_slot_ring_next_ready(ring); /* R1 */
    if (likely(slot != NULL)) {
        use(arg, wr_slot_queue_item(slot, size), 1);
        wr_slot_ring_pass(ring);
        return 1;
    }
    if (wr_slot_queue_pop_some(ring, size, 1, use, arg) == 0)
        return 0;
    wr_slot_ring_open_ready(ring, wr_slot_ring_capacity(ring));
    return 1;
}

#endif
