/* SPDX-License-Identifier: MPL-2.0 */
/* PRQ, a segment of lprq.h: a ring of 64-bit values that is closed when it is
 * full or when a putter has bad luck too often, and then takes no more.
 *
 * Concurrency   put, take: several threads each. Each put ends, as the ring
 *               would be closed else; a take goes on only while others put.
 *
 * Cells         epoch: cycle | safe : 1     value: nothing, token, or item
 *               Tickets are handed out by tail (to put) and head (to take);
 *               ticket t is for cell(t) in cycle(t). Putting is three steps:
 *               the value becomes the thread's token, the epoch becomes that of
 *               the ticket, the token becomes the item. Others see a token as
 *               nothing, and may take it out: then the ticket is lost. A taker
 *               whose cell has nothing of its cycle takes the token out and
 *               moves the epoch on, or takes the safe bit away where an older
 *               item lies there.
 *
 * Edges         P1 put:  seq_cst CAS of value, token to item: publishes what
 *                        the thread did before
 *               T1 take: seq_cst load of value: that is seen
 *
 * Order         All accesses are seq_cst but that which empties a cell: the
 *               algorithm is given for such memory, and on x86-64 it is free,
 *               as all other stores are read-modify-writes. Who sees a cell as
 *               full for longer only loses a ticket, or takes a safe bit away.
 *
 * Invariants    Epochs only grow. An item in a cell of epoch e was put with the
 *               ticket of cycle e: who moves the epoch has seen no item and no
 *               other epoch since it took the token out, and a token that came
 *               later belongs to a putter whose CAS of the epoch then fails.
 *               Tickets are even words, for tail has the closed bit: they run
 *               through 2^63 and are compared by signed difference.
 *
 * Batches       Several tickets by one fetch-and-add, as if so many threads
 *               took one each. A putter takes as many as it has values; a taker
 *               looks at the cells of all of its tickets.
 *
 * Source: R. Romanov, N. Koval, The State-of-the-Art LCRQ Concurrent Queue
 * Algorithm Does NOT Require CAS2, PPoPP 2023. Ours differs: batches; a taker
 * that found nothing the last time, or takes several, looks at head and tail
 * first, not to spoil cells. */
#ifndef WEIR_CORE_RING_PRQ_H
#define WEIR_CORE_RING_PRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/base/cpu.h"

#define WR_PRQ_SAFE   UINT64_C(1) /* in epoch */
#define WR_PRQ_TOKEN  UINT64_C(1) /* in value */
#define WR_PRQ_ITEM   UINT64_C(2) /* in value */
#define WR_PRQ_CLOSED UINT64_C(1) /* in tail */
#define WR_PRQ_TICKET UINT64_C(2) /* from one ticket to the next */

/* A putter that loses tickets so many times closes the ring. A test makes it
 * fewer. */
#ifndef WR_PRQ_TRIES
#define WR_PRQ_TRIES 16
#endif

/* Cells in a line: 1 << WR_PRQ_LINE_LOG. */
#define WR_PRQ_LINE_LOG 2

struct wr_prq_cell {
    _Atomic uint64_t epoch; /* written by both sides */
    _Atomic uint64_t value; /* written by both sides */
};

struct wr_prq {
    /* Constant. */
    struct wr_prq_cell *cells;
    uint64_t size;
    uint32_t left, right; /* cell(t) is the ticket's number rotated */

    _Alignas(WR_GROUP) _Atomic uint64_t tail; /* written by putters */
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by takers */

    /* The list's: lprq.h. */
    _Alignas(WR_GROUP) _Atomic(struct wr_prq *) next; /* written by a putter */
    _Atomic uint32_t used; /* written by who takes it or gives it back */
};

hot_inline struct wr_prq_cell *
wr_prq_cell(const struct wr_prq *s, uint64_t t)
{
    uint64_t i = t / WR_PRQ_TICKET & (s->size - 1);

    return &s->cells[(i << s->left | i >> s->right) & (s->size - 1)];
}

/* The ticket's cycle, in its place in an epoch. */
hot_inline uint64_t
wr_prq_cycle(const struct wr_prq *s, uint64_t t)
{
    return t & ~(s->size * WR_PRQ_TICKET - 1);
}

/* Makes an open, empty ring; size is a power of two. */
static inline void
wr_prq_init(struct wr_prq *s, struct wr_prq_cell *cells, uint64_t size,
            uint64_t start)
{
    uint32_t log = (uint32_t)__builtin_ctzll(size);
    uint64_t t = start * WR_PRQ_TICKET;

    s->cells = cells;
    s->size = size;
    s->left = log > WR_PRQ_LINE_LOG ? WR_PRQ_LINE_LOG : 0;
    s->right = log - s->left;
    /* Relaxed: nobody else knows the ring yet. */
    for (uint64_t i = 0; i < size; i++)
        store_relaxed(&cells[i].epoch,
                      wr_prq_cycle(s, t - size * WR_PRQ_TICKET) | WR_PRQ_SAFE);
    store_relaxed(&s->head, t);
    store_relaxed(&s->tail, t);
}

/* Opens an empty ring that no other thread uses. All epochs are older than the
 * tickets to come. Relaxed: it is published by being made the next of one. */
static inline void
wr_prq_reopen(struct wr_prq *s)
{
    uint64_t tail = load_relaxed(&s->tail), head = load_relaxed(&s->head);
    uint64_t last = (int64_t)(tail - head) > 0 ? tail : head;
    uint64_t t = wr_prq_cycle(s, last) + s->size * WR_PRQ_TICKET;

    store_relaxed(&s->head, t);
    store_relaxed(&s->tail, t);
    store_relaxed(&s->next, NULL);
}

/* Takes everything out of a ring that no other thread knows. */
static inline void
wr_prq_clear(struct wr_prq *s)
{
    for (uint64_t i = 0; i < s->size; i++)
        store_relaxed(&s->cells[i].value, 0);
}

/* Sends for the cells of n tickets, all at the same time. */
hot_inline void
wr_prq_prefetch(const struct wr_prq *s, uint64_t t, uint64_t n)
{
    for (uint64_t i = 0; n > 1 && i < n; i++)
        prefetch_write(wr_prq_cell(s, t + i * WR_PRQ_TICKET));
}

/* ---- Putting ----------------------------------------------------------- */

/* Replaces the token if it is there. */
hot_inline bool
wr_prq_replace(struct wr_prq_cell *cell, uint64_t token, uint64_t value)
{
    uint64_t seen = token;

    do {
        if (cas_seq_cst(&cell->value, &seen, value)) /* P1 */
            return true;
    } while (seen == token);
    return false;
}

/* False if the ticket is lost. */
hot_inline bool
wr_prq_put_at(struct wr_prq *s, uint64_t t, uint64_t token, uint64_t value)
{
    struct wr_prq_cell *cell = wr_prq_cell(s, t);
    uint64_t cycle = wr_prq_cycle(s, t);
    uint64_t epoch = load_seq_cst(&cell->epoch);
    uint64_t seen = load_seq_cst(&cell->value);

    if (unlikely((seen & WR_PRQ_ITEM) != 0 ||
                 (int64_t)((epoch & ~WR_PRQ_SAFE) - cycle) >= 0))
        return false;
    if (unlikely((epoch & WR_PRQ_SAFE) == 0) &&
        (int64_t)(load_seq_cst(&s->head) - t) > 0)
        return false;
    if (unlikely(!cas_seq_cst(&cell->value, &seen, token)))
        return false;
    if (unlikely(!cas_seq_cst(&cell->epoch, &epoch, cycle | WR_PRQ_SAFE))) {
        (void)wr_prq_replace(cell, token, 0);
        return false;
    }
    return wr_prq_replace(cell, token, value);
}

static inline void
wr_prq_close(struct wr_prq *s)
{
    (void)fetch_or_seq_cst(&s->tail, WR_PRQ_CLOSED);
}

/* Puts n > 0 values, the first of them `value` and each greater by step than
 * the one before, in order. How many: fewer if the ring is closed. */
hot_inline uint64_t
wr_prq_put(struct wr_prq *s, uint64_t token, uint64_t value, uint64_t step,
           uint64_t n)
{
    uint64_t done = 0;
    int tries = 0;

    do {
        uint64_t tickets = n - done;
        uint64_t t = fetch_add_seq_cst(&s->tail, tickets * WR_PRQ_TICKET);

        if (unlikely((t & WR_PRQ_CLOSED) != 0))
            break;
        wr_prq_prefetch(s, t, tickets);
        for (uint64_t i = 0; i < tickets; i++)
            done += wr_prq_put_at(s, t + i * WR_PRQ_TICKET, token,
                                  value + done * step);
        if (likely(done == n))
            break;
        t += tickets * WR_PRQ_TICKET;
        if (++tries == WR_PRQ_TRIES || (int64_t)(t - load_seq_cst(&s->head)) >=
                                           (int64_t)(s->size * WR_PRQ_TICKET))
            wr_prq_close(s);
    } while (true);
    return done;
}

/* ---- Taking ------------------------------------------------------------ */

/* Spoils the cell and returns false if nothing was put there with the ticket.
 */
hot_inline bool
wr_prq_take_at(struct wr_prq *s, uint64_t t, uint64_t *value)
{
    struct wr_prq_cell *cell = wr_prq_cell(s, t);
    uint64_t cycle = wr_prq_cycle(s, t), epoch, spoiled, seen;
    int64_t ahead;

    do {
        do {
            epoch = load_seq_cst(&cell->epoch);
            seen = load_seq_cst(&cell->value); /* T1 */
        } while (unlikely(load_seq_cst(&cell->epoch) != epoch));
        ahead = (int64_t)((epoch & ~WR_PRQ_SAFE) - cycle);
        if (unlikely(ahead > 0))
            return false;
        if ((seen & WR_PRQ_ITEM) != 0 && ahead == 0) {
            *value = seen;
            store_release(&cell->value, 0);
            return true;
        }
        spoiled = epoch & ~WR_PRQ_SAFE;
        if ((seen & WR_PRQ_ITEM) == 0) {
            spoiled = cycle | (epoch & WR_PRQ_SAFE);
            if (seen != 0 && !wr_prq_replace(cell, seen, 0))
                continue;
        }
        if (cas_seq_cst(&cell->epoch, &epoch, spoiled))
            return false;
    } while (true);
}

/* Moves tail on to head when takers have passed it, for putters not to be
 * given spoiled tickets. Whether there is nothing from ticket `end` on. */
static __attribute__((noinline)) bool
wr_prq_catch_up(struct wr_prq *s, uint64_t end)
{
    uint64_t tail = load_seq_cst(&s->tail), head = end;
    bool nothing = (int64_t)((tail & ~WR_PRQ_CLOSED) - end) <= 0;

    while ((tail & WR_PRQ_CLOSED) == 0 && (int64_t)(tail - head) < 0 &&
           !cas_seq_cst(&s->tail, &tail, head)) {
        head = load_seq_cst(&s->head);
        tail = load_seq_cst(&s->tail);
    }
    return nothing;
}

/* As many of n tickets as may be for something. None: all that was put is being
 * taken as tail is loaded. */
hot_inline uint64_t
wr_prq_tickets(struct wr_prq *s, uint64_t n)
{
    uint64_t head = load_seq_cst(&s->head);
    uint64_t tail = load_seq_cst(&s->tail) & ~WR_PRQ_CLOSED;
    uint64_t ready = (tail - head) / WR_PRQ_TICKET;

    if ((int64_t)(tail - head) <= 0)
        return 0;
    return n < ready ? n : ready;
}

/* Takes up to n > 0 values, in order. How many: 0 when the ring is empty.
 * Look: before anything is spoiled. */
hot_inline uint64_t
wr_prq_take(struct wr_prq *s, uint64_t *value, uint64_t n, bool look)
{
    uint64_t tickets, t, got = 0;
    bool nothing = false;

    do {
        tickets = likely(n == 1 && !look) ? 1 : wr_prq_tickets(s, n);
        if (tickets == 0)
            return 0;
        t = fetch_add_seq_cst(&s->head, tickets * WR_PRQ_TICKET);
        wr_prq_prefetch(s, t, tickets);
        for (uint64_t i = 0; i < tickets; i++)
            got += wr_prq_take_at(s, t + i * WR_PRQ_TICKET, &value[got]);
        if (unlikely(got < tickets))
            nothing = wr_prq_catch_up(s, t + tickets * WR_PRQ_TICKET);
    } while (unlikely(got == 0) && !nothing);
    return got;
}

#endif
