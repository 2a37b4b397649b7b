/* SPDX-License-Identifier: MPL-2.0 */
/* The self-publishing ring: 64-byte slots whose first word says that they are
 * written, so that a hop costs one line transfer and not two (index, then
 * data).
 *
 * Concurrency   reserve, at_tail, commit, and next_free, open_free, publish:
 *               one writer thread
 *               peek, at_head, release, flush, and next_ready, open_ready,
 *               pass: one reader thread
 *               Wait-free, no read-modify-write, no fence.
 *
 * Contract      The writer reserves slots, fills all but their first word, and
 *               commits a prefix of them: a run, which the reader sees whole
 *               or not at all. The reader peeks at what is there, uses it in
 *               place, and releases a prefix. Full and empty are results.
 *
 * Edges         W1 commit, publish: release store of ctl in the first slot of
 *                  a run
 *               R1 peek, next_ready: acquire load of ctl: the run is readable
 *               R2 release, flush: release store of head
 *               W2 reserve: acquire load of head: these slots are writable
 *
 * Invariants    head <= r_pos <= r_end <= w_pos <= w_limit <= head + capacity
 *               (positions run free; all are differences modulo 2^64)
 *               slot i holds ctl of its last lap: lap(pos) = 2 * (pos >> shift)
 *               + 1, 16 bits, never 0 (fresh memory) and never that of the
 *               lap before, as every ctl is rewritten in every lap.
 *               windows: w_pos <= w_stop <= w_limit, r_pos <= r_stop, and
 *               each in the one lap that *_base and *_lap are of
 *
 * Cost          Writer: one line of data per slot, taken WR_SLOT_CLAIM at a
 *               time; one read of head per capacity slots. Reader: one line per
 * slot, one store to head per quarter of the capacity, and when the ring runs
 * empty.
 *
 * The ideas: cached remote index from MCRingBuffer (Lee, Bu, Chandranmenon,
 * IPDPS 2010), publication in the data from FastForward (Giacomoni, Moseley,
 * Vachharajani, PPoPP 2008). The run length in the published word is ours. */
#ifndef WEIR_CORE_RING_SLOT_RING_H
#define WEIR_CORE_RING_SLOT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/base/check.h"
#include "core/base/cpu.h"

/* The first word says that the slot is written; half of it is the item's, so
 * that one store can publish both. */
struct wr_slot {
    union {
        struct {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            _Atomic uint32_t ctl; /* lap : 16 | length of the run begun here */
            uint32_t meta;        /* the item's */
#else
            uint32_t meta;
            _Atomic uint32_t ctl;
#endif
        };
        _Atomic uint64_t head; /* meta : 32 | ctl : 32 */
    };
    uint64_t body[7];
};

_Static_assert(sizeof(struct wr_slot) == WR_LINE, "a slot is a line");

struct wr_slot_ring {
    /* Constant. */
    _Alignas(WR_GROUP) struct wr_slot *slots;
    uint64_t mask;
    uint32_t shift;
    uint32_t quantum; /* slots between two stores to head */

    /* The writer's. */
    _Alignas(WR_GROUP) uint64_t w_pos;
    uint64_t w_stop;  /* the window's end */
    uintptr_t w_base; /* in its lap, slot pos is at w_base + pos * 64 */
    uint32_t w_lap;   /* as in ctl */
    uint64_t w_limit; /* head + capacity, as last seen */

    /* The reader's. */
    _Alignas(WR_GROUP) uint64_t r_pos;
    uint64_t r_stop; /* the same for the reader's window */
    uintptr_t r_base;
    uint32_t r_lap;
    uint64_t r_end;  /* slots before it are known to be published */
    uint64_t r_head; /* value of head */

    /* Written by the reader, read by the writer when its limit is reached. */
    _Alignas(WR_GROUP) _Atomic uint64_t head;
};

_Static_assert(offsetof(struct wr_slot_ring, w_pos) == 1 * WR_GROUP, "group");
_Static_assert(offsetof(struct wr_slot_ring, r_pos) == 2 * WR_GROUP, "group");
_Static_assert(offsetof(struct wr_slot_ring, head) == 3 * WR_GROUP, "group");

/* Longest run that one ctl can tell. */
#define WR_RUN_MAX UINT64_C(0x8000)

/* Lines that the writer sends for at a time. More are in the reader's reach
 * before they are written, and it takes them away: 8-byte messages one by one,
 * 77 M/s without, 101 M/s with 8, 85 M/s with 16 and 75 M/s with 32 on two
 * cores of a Zen 4; 20, 42, 20 and 20 across two of its L3 groups. Full slots
 * in batches of 64: 138 M/s with 8, 134 with 16, 130 with 32, 96 with 64. */
#define WR_SLOT_CLAIM UINT64_C(8)

/* Published lines that a reader fetches at the same time. */
#define WR_SLOT_LOOK UINT64_C(16)

/* Makes a ring of `capacity` slots, a power of two, over zeroed memory that
 * stays the caller's. The positions begin at start: 0, or anything in tests. */
static inline void
wr_slot_ring_init(struct wr_slot_ring *r, struct wr_slot *slots,
                  uint64_t capacity, uint64_t start)
{
    WEIR_ASSERT(capacity > 0 && (capacity & (capacity - 1)) == 0);
    r->slots = slots;
    r->mask = capacity - 1;
    r->shift = (uint32_t)__builtin_ctzll(capacity);
    r->quantum = (uint32_t)(capacity < 4 ? 1 : capacity / 4);
    r->w_pos = r->w_stop = start;
    r->w_limit = start + capacity;
    r->r_pos = r->r_stop = r->r_end = r->r_head = start;
    store_relaxed(&r->head, start); /* nobody else knows the ring yet */
}

static inline uint64_t
wr_slot_ring_capacity(const struct wr_slot_ring *r)
{
    return r->mask + 1;
}

static inline uint32_t
wr_slot_ring_lap(const struct wr_slot_ring *r, uint64_t pos)
{
    return (uint32_t)(pos >> r->shift) << 17 | UINT32_C(1) << 16;
}

/* How many of n slots from pos on lie side by side. */
static inline uint64_t
wr_slot_ring_to_end(const struct wr_slot_ring *r, uint64_t pos, uint64_t n)
{
    uint64_t to_end = r->mask + 1 - (pos & r->mask);

    return n < to_end ? n : to_end;
}

/* Where position 0 would be if the lap of pos had no other before it. */
static inline uintptr_t
wr_slot_ring_base(const struct wr_slot_ring *r, uint64_t pos)
{
    return (uintptr_t)r->slots - (pos & ~r->mask) * sizeof(struct wr_slot);
}

/* ---- Writer ------------------------------------------------------------ */

/* How many slots are free, n being as many as the caller can use: looks at
 * head only when fewer than n are known to be. */
static inline uint64_t
wr_slot_ring_room(struct wr_slot_ring *r, uint64_t n)
{
    if (unlikely(r->w_limit - r->w_pos < n))
        r->w_limit = load_acquire(&r->head) + r->mask + 1; /* W2 */
    return r->w_limit - r->w_pos;
}

/* The i-th free slot, for i < room. */
static inline struct wr_slot *
wr_slot_ring_at_tail(const struct wr_slot_ring *r, uint64_t i)
{
    return &r->slots[(r->w_pos + i) & r->mask];
}

/* Up to n free slots that lie side by side; 0 when the ring is full. */
static inline uint64_t
wr_slot_ring_reserve(struct wr_slot_ring *r, uint64_t n, struct wr_slot **span)
{
    uint64_t room = wr_slot_ring_room(r, n);

    *span = wr_slot_ring_at_tail(r, 0);
    return wr_slot_ring_to_end(r, r->w_pos, n < room ? n : room);
}

/* Marks the slots of a commit behind its first as written, where they lie on
 * both sides of the array's end, or make more runs than one. */
static inline void
wr_slot_ring_mark_long(struct wr_slot_ring *r, uint64_t n)
{
    for (uint64_t i = n - 1; i > 0; i--) {
        uint64_t run = 0;

        /* A further run: the reader finds it where the one before ends. */
        if (i % WR_RUN_MAX == 0)
            run = n - i < WR_RUN_MAX ? n - i : WR_RUN_MAX;
        store_relaxed(&wr_slot_ring_at_tail(r, i)->ctl,
                      wr_slot_ring_lap(r, r->w_pos + i) | (uint32_t)run);
    }
}

/* After w_pos has moved on: the window does not lie behind it. */
static inline void
wr_slot_ring_moved(struct wr_slot_ring *r)
{
    if ((int64_t)(r->w_stop - r->w_pos) < 0)
        r->w_stop = r->w_pos;
}

/* Writes the first word of a slot that is not the first of its run. Relaxed: no
 * other thread looks at it before W1. */
hot_inline void
wr_slot_mark(struct wr_slot *slot, uint32_t lap, uint32_t meta)
{
    store_relaxed(&slot->head, (uint64_t)meta << 32 | lap);
}

/* Publishes the next n > 0 free slots as wr_slot_ring_commit does, but for the
 * ctl of all slots but the first: the caller has written their lap. */
hot_inline void
wr_slot_ring_commit_marked(struct wr_slot_ring *r, uint64_t n)
{
    store_release(&wr_slot_ring_at_tail(r, 0)->ctl, /* W1 */
                  wr_slot_ring_lap(r, r->w_pos) |
                      (uint32_t)(n < WR_RUN_MAX ? n : WR_RUN_MAX));
    r->w_pos += n;
    wr_slot_ring_moved(r);
}

/* Publishes the next n > 0 free slots, n <= room, as one: none of them is seen
 * before all of them can be. */
hot_inline void
wr_slot_ring_commit(struct wr_slot_ring *r, uint64_t n)
{
    struct wr_slot *first = wr_slot_ring_at_tail(r, 0);
    uint32_t lap = wr_slot_ring_lap(r, r->w_pos);

    WEIR_ASSERT(n > 0 && n <= r->w_limit - r->w_pos);
    /* Relaxed: W1 makes them visible. */
    if (likely(n <= r->mask + 1 - (r->w_pos & r->mask) && n <= WR_RUN_MAX)) {
        for (uint64_t i = 1; i < n; i++)
            store_relaxed(&first[i].ctl, lap);
    } else {
        wr_slot_ring_mark_long(r, n);
    }
    wr_slot_ring_commit_marked(r, n);
}

/* Opens a window on the next free slots, n at most, of those that are known to
 * be free. */
static inline void
wr_slot_ring_open_free(struct wr_slot_ring *r, uint64_t n)
{
    uint64_t room = r->w_limit - r->w_pos;

    n = wr_slot_ring_to_end(r, r->w_pos, n < room ? n : room);
    r->w_stop = r->w_pos + n;
    r->w_base = wr_slot_ring_base(r, r->w_pos);
    r->w_lap = wr_slot_ring_lap(r, r->w_pos);
}

/* Sends for the lines of n free slots side by side, by a store to each. A core
 * has room for some 60 stores that wait for their lines, and lets them go in
 * order: stores to several lines in a row fetch them at the same time, where
 * the same lines between the other stores of the messages come almost one by
 * one. */
hot_inline void
wr_slot_claim(struct wr_slot *slots, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        slots[i].meta = 0;
}

/* The same for a batch of n slots, as its i-th comes to be written. */
hot_inline void
wr_slot_claim_ahead(struct wr_slot *slots, uint64_t i, uint64_t n)
{
    if (i % WR_SLOT_CLAIM == 0 && i < n)
        wr_slot_claim(&slots[i], n - i < WR_SLOT_CLAIM ? n - i : WR_SLOT_CLAIM);
}

/* The next free slot of the window, or NULL at its end. */
hot_inline struct wr_slot *
wr_slot_ring_next_free(const struct wr_slot_ring *r)
{
    if (unlikely(r->w_pos == r->w_stop))
        return NULL;
    return (struct wr_slot *)(r->w_base + r->w_pos * sizeof(struct wr_slot));
}

/* Publishes it with its meta, as a run of its own. */
hot_inline void
wr_slot_ring_publish(struct wr_slot_ring *r, struct wr_slot *slot,
                     uint32_t meta)
{
    store_release(&slot->head, /* W1 */
                  (uint64_t)meta << 32 | r->w_lap | 1);
    r->w_pos++;
}

/* ---- Reader ------------------------------------------------------------ */

/* Lets the writer see what was released. */
static inline void
wr_slot_ring_flush(struct wr_slot_ring *r)
{
    if (r->r_head != r->r_pos) {
        r->r_head = r->r_pos;
        store_release(&r->head, r->r_pos); /* R2 */
    }
}

/* How many slots are published, as far as n: looks further only while fewer
 * than n are known to be. */
static inline uint64_t
wr_slot_ring_ready(struct wr_slot_ring *r, uint64_t n)
{
    while (r->r_end - r->r_pos < n) {
        uint32_t ctl = load_acquire(&r->slots[r->r_end & r->mask].ctl); /* R1 */

        if ((ctl ^ wr_slot_ring_lap(r, r->r_end)) >= UINT32_C(0x10000))
            break;
        r->r_end += ctl & 0xffff;
    }
    return r->r_end - r->r_pos;
}

/* The i-th published slot, for i < ready. */
static inline struct wr_slot *
wr_slot_ring_at_head(const struct wr_slot_ring *r, uint64_t i)
{
    return &r->slots[(r->r_pos + i) & r->mask];
}

/* Up to n published slots that lie side by side; 0 when the ring is empty. */
static inline uint64_t
wr_slot_ring_peek(struct wr_slot_ring *r, uint64_t n, struct wr_slot **span)
{
    uint64_t ready = wr_slot_ring_ready(r, n);

    *span = wr_slot_ring_at_head(r, 0);
    return wr_slot_ring_to_end(r, r->r_pos, n < ready ? n : ready);
}

/* Gives the first n slots back, n <= ready. Returns true when the writer was
 * let know of it: every quarter of the ring. */
static inline bool
wr_slot_ring_release(struct wr_slot_ring *r, uint64_t n)
{
    WEIR_ASSERT(n <= r->r_end - r->r_pos);
    r->r_pos += n;
    if ((int64_t)(r->r_stop - r->r_pos) < 0)
        r->r_stop = r->r_pos;
    if (likely(r->r_pos - r->r_head < r->quantum))
        return false;
    wr_slot_ring_flush(r);
    return true;
}

/* Opens a window on the next slots, published or not, n at most: of those that
 * can be given back without letting the writer know. */
static inline void
wr_slot_ring_open_ready(struct wr_slot_ring *r, uint64_t n)
{
    uint64_t quiet = r->quantum - (r->r_pos - r->r_head) - 1;

    n = wr_slot_ring_to_end(r, r->r_pos, n < quiet ? n : quiet);
    r->r_stop = r->r_pos + n;
    r->r_base = wr_slot_ring_base(r, r->r_pos);
    r->r_lap = wr_slot_ring_lap(r, r->r_pos);
}

/* The next slot of the window, or NULL: it is not published, or the window
 * ends. */
hot_inline struct wr_slot *
wr_slot_ring_next_ready(struct wr_slot_ring *r)
{
    struct wr_slot *slot =
        (struct wr_slot *)(r->r_base + r->r_pos * sizeof(*slot));
    uint32_t run;

    if (unlikely(r->r_pos == r->r_stop))
        return NULL;
    run = load_acquire(&slot->ctl) - r->r_lap; /* R1 */
    if (unlikely(run >= UINT32_C(0x10000)))
        return NULL;
    if (r->r_pos == r->r_end)
        r->r_end += run;
    return slot;
}

/* Gives it back. */
hot_inline void
wr_slot_ring_pass(struct wr_slot_ring *r)
{
    r->r_pos++;
}

#endif
