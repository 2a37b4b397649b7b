/* SPDX-License-Identifier: MPL-2.0 */
/* A plain ring for threads that take turns by a lock: what the controls
 * ticket_lock.h and mutex.h share.
 *
 * Concurrency   put, take: who holds the lock, which orders everything here.
 *
 * Invariant     head <= tail <= head + capacity (differences modulo 2^64) */
#ifndef WEIR_CORE_RING_LOCKED_H
#define WEIR_CORE_RING_LOCKED_H

#include "core/ring/queue.h"

struct wr_locked {
    uint64_t tail, head; /* written by who holds the lock */
};

/* Writes up to n items in place, of an array of mask + 1. */
hot_inline uint64_t
wr_locked_put(struct wr_locked *l, unsigned char *items, uint64_t mask,
              size_t size, uint64_t n, wr_fill *fill, void *arg)
{
    uint64_t tail = l->tail, room = l->head + mask + 1 - tail;

    n = n < room ? n : room;
    if (n == 0)
        return 0;
    wr_fill_array(items, mask, tail, size, n, fill, arg);
    l->tail = tail + n;
    return n;
}

/* Reads up to n items in place. */
hot_inline uint64_t
wr_locked_take(struct wr_locked *l, const unsigned char *items, uint64_t mask,
               size_t size, uint64_t n, wr_use *use, void *arg)
{
    uint64_t head = l->head, ready = l->tail - head;

    n = n < ready ? n : ready;
    if (n == 0)
        return 0;
    wr_use_array(items, mask, head, size, n, use, arg);
    l->head = head + n;
    return n;
}

#endif
