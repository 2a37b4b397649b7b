/* SPDX-License-Identifier: MPL-2.0 */
/* The ring of indices of scq.h: a lock-free queue of the numbers 0 to
 * capacity - 1, each of which is in it at most once or held by a thread.
 *
 * Concurrency   put, take: several threads each. Lock-free.
 *
 * Slots         Twice as many as indices, of one word:
 *               cycle | safe : 1 | index, or all ones for none.
 *               Tickets are handed out by tail (to put) and head (to take);
 *               ticket t is for slot(t) in cycle(t). A taker whose slot has
 *               nothing of its cycle spoils it for the putter of that ticket:
 *               it moves the cycle on, or takes the safe bit away where an
 *               older index still lies there. A putter goes on to another
 *               ticket where the slot is spoiled or not empty.
 *
 * Edges         P1 put:  seq_cst CAS of the slot: publishes what the thread
 *                        did with the index
 *               T1 take: seq_cst load of the slot: that is seen
 *
 * Order         All accesses to head, tail, threshold and slots are seq_cst:
 *               the algorithm is proved for such memory, and needs it. Putting
 *               is a store to the slot and then a load of the threshold, and
 *               taking the other way round, as with head and the safe bit. On
 *               x86-64 only the rare store to the threshold pays for it.
 *
 * Threshold     How many tickets may still fail before the ring is said to be
 *               empty, as tail alone cannot tell that. A put sets it to
 *               2 * capacity - 1 + held, where held is how many tickets the
 *               takers hold at most. Enough, for all tickets that may fail
 *               before the one of that put, t, is taken are held then, or are
 *               from head to t - 1, and t < head + 2 * capacity:
 *               If not, all tickets of a whole lap from head on are given out.
 *               Their putters hold their index still, or have put it, where it
 *               stays as no ticket from head on is taken; or they gave the
 *               ticket up, for an index of the lap before in its slot. An
 *               index accounts for one of the first two and one of the last:
 *               once it has moved from a slot in which it was in the way, it
 *               has a ticket of that lap or a later one. The put itself has
 *               one outside of the lap: 2 * capacity - 1 account for
 *               2 * capacity. (Paper: the same with one ticket a thread, and
 *               no more threads than indices.)
 *
 * Batches       Several tickets by one fetch-and-add: as if so many threads
 *               took one each, one right after the other. A putter takes no
 *               more tickets than it has indices, which the proof above needs,
 *               and uses them in order. A taker looks at the slots of all of
 *               its tickets, for an index may be put there as long as they are
 *               not spoiled; each that fails counts.
 *
 * Source: R. Nikolaev, A Scalable, Portable, and Memory-Efficient Lock-Free
 * FIFO Queue, DISC 2019. Ours differs: batches, and a taker of several looks
 * at head and tail first, not to spoil slots. */
#ifndef WEIR_CORE_RING_SCQ_RING_H
#define WEIR_CORE_RING_SCQ_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/base/cpu.h"

/* Most tickets at a time. */
#define WR_SCQ_BATCH UINT64_C(64)

/* Slots in a line: 1 << WR_SCQ_LINE_LOG. */
#define WR_SCQ_LINE_LOG 3

struct wr_scq_ring {
    /* Constant. */
    _Atomic uint64_t *slots;
    uint64_t mask;         /* of slots; as an index: none */
    uint64_t safe;         /* the bit */
    uint64_t cycles;       /* the bits */
    uint32_t left, right;  /* slot(t) is t rotated */
    int64_t threshold_max; /* as a put leaves it */

    _Alignas(WR_GROUP) _Atomic uint64_t tail;     /* written by putters */
    _Alignas(WR_GROUP) _Atomic uint64_t head;     /* written by takers */
    _Alignas(WR_GROUP) _Atomic int64_t threshold; /* written by both */
};

static inline size_t
wr_scq_ring_bytes(uint64_t capacity)
{
    return 2 * capacity * sizeof(uint64_t);
}

/* The ticket's slot: tickets in a row are in different lines. */
hot_inline _Atomic uint64_t *
wr_scq_slot(const struct wr_scq_ring *r, uint64_t t)
{
    return &r->slots[(t << r->left | (t & r->mask) >> r->right) & r->mask];
}

/* The ticket's cycle, in its place in a slot. */
hot_inline uint64_t
wr_scq_cycle(const struct wr_scq_ring *r, uint64_t t)
{
    return (t & ~r->mask) << 1;
}

/* Makes a ring for `capacity` indices, a power of two, of which the first
 * `filled` are in it, over so many slots. Takers: threads that take from it. */
static inline void
wr_scq_ring_init(struct wr_scq_ring *r, _Atomic uint64_t *slots,
                 uint64_t capacity, uint64_t filled, uint32_t takers,
                 uint64_t start)
{
    uint32_t log = (uint32_t)__builtin_ctzll(2 * capacity);

    r->slots = slots;
    r->mask = 2 * capacity - 1;
    r->safe = 2 * capacity;
    r->cycles = ~(r->mask | r->safe);
    r->left = log > WR_SCQ_LINE_LOG ? WR_SCQ_LINE_LOG : 0;
    r->right = log - r->left;
    r->threshold_max = (int64_t)(2 * capacity - 1 + takers * WR_SCQ_BATCH);
    /* Relaxed: nobody else knows the queue yet. */
    for (uint64_t i = 0; i < 2 * capacity; i++) {
        uint64_t t = start + i;

        if (i < filled)
            store_relaxed(wr_scq_slot(r, t), wr_scq_cycle(r, t) | r->safe | i);
        else
            store_relaxed(wr_scq_slot(r, t), wr_scq_cycle(r, t - 2 * capacity) |
                                                 r->safe | r->mask);
    }
    store_relaxed(&r->head, start);
    store_relaxed(&r->tail, start + filled);
    store_relaxed(&r->threshold, filled > 0 ? r->threshold_max : -1);
}

/* Sends for the slots of n tickets, all at the same time. */
hot_inline void
wr_scq_prefetch(const struct wr_scq_ring *r, uint64_t t, uint64_t n)
{
    for (uint64_t i = 0; n > 1 && i < n; i++)
        prefetch_write(wr_scq_slot(r, t + i));
}

/* ---- Putting ----------------------------------------------------------- */

/* False if the ticket is of no use. */
hot_inline bool
wr_scq_put_at(struct wr_scq_ring *r, uint64_t t, uint64_t index)
{
    _Atomic uint64_t *slot = wr_scq_slot(r, t);
    uint64_t cycle = wr_scq_cycle(r, t), seen;

    do {
        seen = load_seq_cst(slot);
        if ((int64_t)((seen & r->cycles) - cycle) >= 0 ||
            (seen & r->mask) != r->mask)
            return false;
        if (unlikely((seen & r->safe) == 0) &&
            (int64_t)(load_seq_cst(&r->head) - t) > 0)
            return false;
    } while (
        unlikely(!cas_seq_cst(slot, &seen, cycle | r->safe | index))); /* P1 */
    return true;
}

/* Puts n > 0 indices, in order. There is always room. */
hot_inline void
wr_scq_put(struct wr_scq_ring *r, const uint32_t *index, uint64_t n)
{
    uint64_t done = 0;

    do {
        uint64_t tickets = n - done;
        uint64_t t = fetch_add_seq_cst(&r->tail, tickets);

        wr_scq_prefetch(r, t, tickets);
        for (uint64_t i = 0; i < tickets; i++)
            done += wr_scq_put_at(r, t + i, index[done]);
    } while (unlikely(done < n));
    if (unlikely(load_seq_cst(&r->threshold) != r->threshold_max))
        store_seq_cst(&r->threshold, r->threshold_max);
}

/* ---- Taking ------------------------------------------------------------ */

/* Spoils the slot and returns false if nothing was put there with the ticket.
 */
hot_inline bool
wr_scq_take_at(struct wr_scq_ring *r, uint64_t t, uint32_t *index)
{
    _Atomic uint64_t *slot = wr_scq_slot(r, t);
    uint64_t cycle = wr_scq_cycle(r, t), seen, spoiled;

    do {
        int64_t ahead;

        seen = load_seq_cst(slot); /* T1 */
        ahead = (int64_t)((seen & r->cycles) - cycle);
        if (likely(ahead == 0)) {
            /* Others may only spoil it: the index is what was loaded. */
            *index = (uint32_t)(seen & r->mask);
            (void)fetch_or_seq_cst(slot, r->mask);
            return true;
        }
        if (ahead > 0)
            return false;
        spoiled = (seen & r->mask) == r->mask
                      ? cycle | (seen & r->safe) | r->mask
                      : seen & ~r->safe;
    } while (!cas_seq_cst(slot, &seen, spoiled));
    return false;
}

/* Moves tail on to head when takers have passed it, for putters not to be
 * given spoiled tickets. Whether there is nothing from ticket `end` on. */
static __attribute__((noinline)) bool
wr_scq_catch_up(struct wr_scq_ring *r, uint64_t end)
{
    uint64_t tail = load_seq_cst(&r->tail), head = end;
    bool nothing = (int64_t)(tail - end) <= 0;

    while ((int64_t)(tail - head) < 0 && !cas_seq_cst(&r->tail, &tail, head)) {
        head = load_seq_cst(&r->head);
        tail = load_seq_cst(&r->tail);
    }
    return nothing;
}

/* After all of n tickets up to `end` have failed. Whether the ring is empty. */
static __attribute__((noinline)) bool
wr_scq_failed(struct wr_scq_ring *r, uint64_t end, uint64_t n)
{
    bool nothing = wr_scq_catch_up(r, end);
    int64_t left = fetch_add_seq_cst(&r->threshold, -(int64_t)n);

    return nothing || left < (int64_t)n;
}

/* As many of n tickets as may be for something. None: the ring is empty, for
 * all that were put are being taken as tail is loaded. */
hot_inline uint64_t
wr_scq_tickets(struct wr_scq_ring *r, uint64_t n)
{
    uint64_t head, ready;

    if (n == 1)
        return 1;
    head = load_seq_cst(&r->head);
    ready = load_seq_cst(&r->tail) - head;
    if ((int64_t)ready <= 0)
        return 0;
    return n < ready ? n : ready;
}

/* Takes up to n > 0 indices, WR_SCQ_BATCH at most, in order. How many: 0 when
 * the ring is empty. */
hot_inline uint64_t
wr_scq_take(struct wr_scq_ring *r, uint32_t *index, uint64_t n)
{
    uint64_t tickets, t, got = 0;

    if (load_seq_cst(&r->threshold) < 0)
        return 0;
    do {
        tickets = wr_scq_tickets(r, n);
        if (tickets == 0)
            return 0;
        t = fetch_add_seq_cst(&r->head, tickets);
        wr_scq_prefetch(r, t, tickets);
        for (uint64_t i = 0; i < tickets; i++)
            got += wr_scq_take_at(r, t + i, &index[got]);
    } while (unlikely(got == 0) && !wr_scq_failed(r, t + tickets, tickets));
    if (unlikely(got > 0 && got < tickets))
        (void)wr_scq_catch_up(r, t + tickets);
    return got;
}

#endif
