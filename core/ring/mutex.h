/* SPDX-License-Identifier: MPL-2.0 */
/* A plain ring under the system's mutex. A control: what everybody writes
 * first.
 *
 * Concurrency   push, flush: any number of writers; pop: any number of readers
 *               Blocking: who finds the mutex taken sleeps in the kernel until
 *               its holder has woken it. A thread that is stopped with the
 *               mutex stops all.
 *
 * Edges         Those of the mutex.
 *
 * Invariants    See locked.h.
 *
 * Cost          Per batch two locked instructions, the transfers of the mutex
 *               (with the ring's indices beside it) and of the items; a system
 *               call on each side whenever two threads meet. Writers and
 *               readers never work at the same time.
 *
 * Weaknesses    Unfair: who has just left the mutex is the first to get it
 *               again. A thread that has slept gives latencies of many
 *               microseconds.
 *
 * Source: pthread_mutex_lock(3p); U. Drepper, Futexes Are Tricky, 2011. */
#ifndef WEIR_CORE_RING_MUTEX_H
#define WEIR_CORE_RING_MUTEX_H

#include <pthread.h>

#include "core/ring/locked.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_mutex_traits = {
    .kind = "mpmc",
    .name = "mutex",
    .what = "a plain ring under a pthread mutex",
    .source = "POSIX; glibc's mutex: Drepper 2011",
    .progress = "blocking: waits for the mutex, asleep in the kernel",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = true,
    .capacity_least = 1,
};

struct wr_mutex {
    /* Constant. */
    uint64_t mask;

    /* Written by all. */
    _Alignas(WR_GROUP) pthread_mutex_t mutex;
    struct wr_locked ring;

    _Alignas(WR_GROUP) unsigned char items[];
};

struct wr_mutex_writer {
    struct wr_mutex *q;
};

struct wr_mutex_reader {
    struct wr_mutex *q;
};

static inline size_t
wr_mutex_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_mutex) + shape->capacity * shape->item_size;
}

static inline struct wr_mutex *
wr_mutex_init(void *memory, const struct wr_shape *shape)
{
    struct wr_mutex *q = memory;

    q->mask = shape->capacity - 1;
    q->ring.tail = q->ring.head = shape->start;
    if (pthread_mutex_init(&q->mutex, NULL) != 0)
        return NULL;
    return q;
}

static inline void
wr_mutex_fini(struct wr_mutex *q)
{
    (void)pthread_mutex_destroy(&q->mutex);
}

static inline void
wr_mutex_writer_init(struct wr_mutex_writer *w, struct wr_mutex *q,
                     uint32_t number)
{
    (void)number;
    w->q = q;
}

static inline void
wr_mutex_reader_init(struct wr_mutex_reader *r, struct wr_mutex *q,
                     uint32_t number)
{
    (void)number;
    r->q = q;
}

/* A mutex of the normal kind, which its holder unlocks, gives no errors. */
hot_inline uint64_t
wr_mutex_push(struct wr_mutex_writer *w, size_t size, uint64_t n, wr_fill *fill,
              void *arg)
{
    struct wr_mutex *q = w->q;

    (void)pthread_mutex_lock(&q->mutex);
    n = wr_locked_put(&q->ring, q->items, q->mask, size, n, fill, arg);
    (void)pthread_mutex_unlock(&q->mutex);
    return n;
}

static inline void
wr_mutex_flush(struct wr_mutex_writer *w)
{
    (void)w;
}

hot_inline uint64_t
wr_mutex_pop(struct wr_mutex_reader *r, size_t size, uint64_t n, wr_use *use,
             void *arg)
{
    struct wr_mutex *q = r->q;

    (void)pthread_mutex_lock(&q->mutex);
    n = wr_locked_take(&q->ring, q->items, q->mask, size, n, use, arg);
    (void)pthread_mutex_unlock(&q->mutex);
    return n;
}

#endif
