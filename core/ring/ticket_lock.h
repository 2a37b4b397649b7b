/* SPDX-License-Identifier: MPL-2.0 */
/* A plain ring under a ticket lock. A control: what a fair lock of a dozen
 * lines gives, and what it costs when there are more threads than CPUs.
 *
 * Concurrency   push, flush: any number of writers; pop: any number of readers
 *               Blocking: each call waits its turn, spinning, and lets others
 *               run at every 64th look. Threads come in the order in which they
 *               asked, and one that is stopped with the lock, or just before
 *               its turn, stops all.
 *
 * Edges         W1 unlock: release store of serving
 *               R1 lock:   acquire load of serving: the ring is ours, as the
 *                          holder before us left it
 *
 * Invariants    serving <= next (differences modulo 2^64); who has drawn the
 *               number `serving` is alone in the ring; see locked.h
 *
 * Cost          Per batch one locked instruction, the transfers of next, of
 *               serving (with the ring's indices beside it), and of the items.
 *               Writers and readers never work at the same time.
 *
 * Weaknesses    The turn may come to a thread that is not running: then all
 *               wait until it runs again.
 *
 * Source: D. Reed, R. Kanodia, Synchronization with Eventcounts and Sequencers,
 * CACM 22(2), 1979; J. Mellor-Crummey, M. Scott, Algorithms for Scalable
 * Synchronization on Shared-Memory Multiprocessors, ACM TOCS 9(1), 1991. */
#ifndef WEIR_CORE_RING_TICKET_LOCK_H
#define WEIR_CORE_RING_TICKET_LOCK_H

#include "core/base/atomic.h"
#include "core/base/backoff.h"
#include "core/ring/locked.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_ticket_lock_traits = {
    .kind = "mpmc",
    .name = "ticket_lock",
    .what = "a plain ring under a ticket lock",
    .source = "Reed, Kanodia 1979; Mellor-Crummey, Scott 1991",
    .progress = "blocking: waits its turn, spins and yields",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = true,
    .capacity_least = 1,
};

struct wr_ticket_lock {
    /* Constant. */
    uint64_t mask;

    /* The next number. Written by all that ask for the lock. */
    _Alignas(WR_GROUP) _Atomic uint64_t next;

    /* Written by who holds the lock. The number that has it lies beside the
     * indices: who has seen that it is his has their line. */
    _Alignas(WR_GROUP) _Atomic uint64_t serving;
    struct wr_locked ring;

    _Alignas(WR_GROUP) unsigned char items[];
};

struct wr_ticket_lock_writer {
    struct wr_ticket_lock *q;
};

struct wr_ticket_lock_reader {
    struct wr_ticket_lock *q;
};

static inline size_t
wr_ticket_lock_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_ticket_lock) + shape->capacity * shape->item_size;
}

static inline struct wr_ticket_lock *
wr_ticket_lock_init(void *memory, const struct wr_shape *shape)
{
    struct wr_ticket_lock *q = memory;

    q->mask = shape->capacity - 1;
    q->ring.tail = q->ring.head = shape->start;
    /* Relaxed: nobody else knows the queue yet. */
    store_relaxed(&q->next, shape->start);
    store_relaxed(&q->serving, shape->start);
    return q;
}

static inline void
wr_ticket_lock_fini(struct wr_ticket_lock *q)
{
    (void)q;
}

static inline void
wr_ticket_lock_writer_init(struct wr_ticket_lock_writer *w,
                           struct wr_ticket_lock *q, uint32_t number)
{
    (void)number;
    w->q = q;
}

static inline void
wr_ticket_lock_reader_init(struct wr_ticket_lock_reader *r,
                           struct wr_ticket_lock *q, uint32_t number)
{
    (void)number;
    r->q = q;
}

/* Waits for the lock. Returns the number that has it now. */
hot_inline uint64_t
wr_ticket_lock_enter(struct wr_ticket_lock *q)
{
    struct wr_backoff backoff = { 0 };
    uint64_t number = fetch_add_relaxed(&q->next, 1); /* R1 is to come */

    while (load_acquire(&q->serving) != number) /* R1 */
        wr_backoff(&backoff);
    return number;
}

hot_inline void
wr_ticket_lock_leave(struct wr_ticket_lock *q, uint64_t number)
{
    store_release(&q->serving, number + 1); /* W1 */
}

hot_inline uint64_t
wr_ticket_lock_push(struct wr_ticket_lock_writer *w, size_t size, uint64_t n,
                    wr_fill *fill, void *arg)
{
    struct wr_ticket_lock *q = w->q;
    uint64_t number = wr_ticket_lock_enter(q);

    n = wr_locked_put(&q->ring, q->items, q->mask, size, n, fill, arg);
    wr_ticket_lock_leave(q, number);
    return n;
}

static inline void
wr_ticket_lock_flush(struct wr_ticket_lock_writer *w)
{
    (void)w;
}

hot_inline uint64_t
wr_ticket_lock_pop(struct wr_ticket_lock_reader *r, size_t size, uint64_t n,
                   wr_use *use, void *arg)
{
    struct wr_ticket_lock *q = r->q;
    uint64_t number = wr_ticket_lock_enter(q);

    n = wr_locked_take(&q->ring, q->items, q->mask, size, n, use, arg);
    wr_ticket_lock_leave(q, number);
    return n;
}

#endif
