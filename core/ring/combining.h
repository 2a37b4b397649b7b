/* SPDX-License-Identifier: MPL-2.0 */
/* One ring, and one writer at a time that writes for all: who has the lock is
 * the leader, and moves what the others have laid out as well, with one store
 * of tail for everything.
 *
 * A writer that finds the lock free writes its items into the ring. One that
 * does not writes them into a tray of its own, says how many they are, and
 * waits until a leader has answered, or until it can be the leader itself.
 *
 * Concurrency   push, flush: one writer thread for each number
 *               pop: one reader thread
 *               push is blocking: a leader that stalls stops all writers, and
 *               one that does not may have to copy a tray of each of them. pop
 *               is wait-free.
 *
 * Edges         W1-R1, R2-W2 of the ring (lane_ring.h)
 *               L1 push: release store of lock
 *               L2 push: acquire exchange of lock: what the leader before wrote
 *               T1 push: release store of state: the tray is filled
 *               T2 lead: acquire load of state
 *               T3 lead: release store of state: the answer
 *               T4 push: acquire load of state
 *
 * Invariants    those of the ring, whose writer is the leader
 *               state: 1 to tray, that many items lie in the tray; above,
 *               WR_COMBINING_ANSWER + how many of them are in the ring, the
 *               first ones, and tail was stored before
 *
 * Cost          Alone: a locked instruction and a store for the lock. Among
 *               others: the lines of the tray travel to the leader, those of
 * the ring to the reader, and the state's there and back; the lines of the
 * lock, of tail and of the leader's knowledge only when the lead changes. Pop:
 * as with one writer.
 *
 * Weaknesses    The leader copies, while the others wait: what one thread can
 *               copy is the limit. With more threads than CPUs a leader may
 * lose its CPU amid it.
 *
 * Source: flat combining (Hendler, Incze, Shavit, Tzafrir, SPAA 2010), with a
 * fixed tray for each writer in the place of their list of records. */
#ifndef WEIR_CORE_RING_COMBINING_H
#define WEIR_CORE_RING_COMBINING_H

#include <string.h>

#include "core/base/atomic.h"
#include "core/base/backoff.h"
#include "core/ring/lane_ring.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_combining_traits = {
    .kind = "mpsc",
    .name = "combining",
    .what = "who has the lock moves the items of all writers into one ring, "
            "with one store",
    .source = "Hendler, Incze, Shavit, Tzafrir 2010",
    .progress = "push blocking: waits for the writer that leads; pop wait-free",
    .order = WR_ORDER_ALL,
    .empty_is_exact = true,
    .full_is_exact = false, /* space comes back a quarter at a time */
    .capacity_least = 1,
};

/* Bytes of a tray, unless an item is longer or the ring shorter. */
#define WR_COMBINING_TRAY UINT64_C(4096)

#define WR_COMBINING_ANSWER (UINT64_C(1) << 32)

struct wr_combining_tray {
    _Alignas(WR_GROUP) _Atomic uint64_t state; /* written by its writer and
                                                * the leader */
    uint64_t answer; /* of the leader, before it is given; 0: none */
    _Alignas(WR_GROUP) unsigned char items[];
};

struct wr_combining {
    uint64_t capacity; /* these are constant */
    uint64_t tray;     /* items in one */
    size_t stride;     /* of the trays */
    uint32_t writers;
    unsigned char *items;
    unsigned char *trays;
    _Alignas(WR_GROUP) _Atomic uint32_t lock; /* written by the writers */
    _Alignas(WR_GROUP) struct wr_lane_writer leader; /* under the lock */
    struct wr_lane_ring ring;
    unsigned char memory[];
};

struct wr_combining_writer {
    struct wr_combining *q;
    struct wr_combining_tray *tray;
};

struct wr_combining_reader {
    struct wr_lane_reader lane;
};

static inline uint64_t
wr_combining_tray_items(const struct wr_shape *shape)
{
    uint64_t n = WR_COMBINING_TRAY / shape->item_size;

    n = n < shape->capacity ? n : shape->capacity;
    return n > 0 ? n : 1;
}

static inline size_t
wr_combining_stride(const struct wr_shape *shape)
{
    return sizeof(struct wr_combining_tray) +
           wr_lane_items_bytes(wr_combining_tray_items(shape),
                               shape->item_size);
}

static inline size_t
wr_combining_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_combining) +
           wr_lane_items_bytes(shape->capacity, shape->item_size) +
           shape->writers * wr_combining_stride(shape);
}

static inline struct wr_combining *
wr_combining_init(void *memory, const struct wr_shape *shape)
{
    struct wr_combining *q = memory;

    q->capacity = shape->capacity;
    q->tray = wr_combining_tray_items(shape);
    q->stride = wr_combining_stride(shape);
    q->writers = shape->writers;
    q->items = q->memory;
    q->trays =
        q->memory + wr_lane_items_bytes(shape->capacity, shape->item_size);
    wr_lane_ring_init(&q->ring, shape->start);
    wr_lane_writer_init(&q->leader, &q->ring, q->items, q->capacity);
    return q;
}

static inline void
wr_combining_fini(struct wr_combining *q)
{
    (void)q;
}

/* ---- Writers ----------------------------------------------------------- */

static inline struct wr_combining_tray *
wr_combining_tray(const struct wr_combining *q, uint32_t number)
{
    return (struct wr_combining_tray *)(void *)(q->trays + number * q->stride);
}

static inline void
wr_combining_writer_init(struct wr_combining_writer *w, struct wr_combining *q,
                         uint32_t number)
{
    w->q = q;
    w->tray = wr_combining_tray(q, number);
}

/* True when this thread leads. */
static inline bool
wr_combining_try_lead(struct wr_combining *q)
{
    return load_relaxed(&q->lock) == 0 && exchange_acquire(&q->lock, 1) == 0;
    /* L2 */
}

static inline void
wr_combining_leave(struct wr_combining *q)
{
    store_release(&q->lock, 0); /* L1 */
}

/* Copies of n items of a tray as many as there is room for behind the `moved`
 * ones that this leader has written. */
static inline uint64_t
wr_combining_copy(struct wr_lane_writer *l, size_t size, uint64_t moved,
                  const struct wr_combining_tray *tray, uint64_t n)
{
    uint64_t pos = l->tail + moved, first;

    n = wr_lane_room(l, moved + n) - moved;
    first = wr_to_end(pos, n, l->mask);
    memcpy(l->items + (pos & l->mask) * size, tray->items, first * size);
    if (unlikely(first < n))
        memcpy(l->items, tray->items + first * size, (n - first) * size);
    return n;
}

/* Moves what lies in the trays. How many items are written then. */
static inline uint64_t
wr_combining_collect(struct wr_combining *q, size_t size, uint64_t moved)
{
    for (uint32_t i = 0; i < q->writers; i++) {
        struct wr_combining_tray *tray = wr_combining_tray(q, i);
        uint64_t n = load_acquire(&tray->state); /* T2 */

        if (n - 1 >= q->tray)
            continue;
        n = wr_combining_copy(&q->leader, size, moved, tray, n);
        tray->answer = WR_COMBINING_ANSWER + n;
        moved += n;
    }
    return moved;
}

/* Tells those whose items were moved, when the reader can see them. */
static inline void
wr_combining_answer(struct wr_combining *q)
{
    for (uint32_t i = 0; i < q->writers; i++) {
        struct wr_combining_tray *tray = wr_combining_tray(q, i);
        uint64_t answer = tray->answer;

        if (answer == 0)
            continue;
        tray->answer = 0;
        store_release(&tray->state, answer); /* T3 */
    }
}

/* The leader's work, after it has written `moved` items itself. */
static __attribute__((noinline, unused)) void
wr_combining_lead(struct wr_combining *q, size_t size, uint64_t moved)
{
    moved = wr_combining_collect(q, size, moved);
    if (moved > 0)
        wr_lane_publish(&q->leader, moved);
    wr_combining_answer(q);
    wr_combining_leave(q);
}

/* Waits until the items of the tray were moved, and moves them itself if nobody
 * leads. How many found room. */
static __attribute__((noinline, unused)) uint64_t
wr_combining_await(struct wr_combining_writer *w, size_t size)
{
    struct wr_backoff backoff = { 0 };
    uint64_t state = load_acquire(&w->tray->state); /* T4 */

    while (state < WR_COMBINING_ANSWER) {
        if (wr_combining_try_lead(w->q))
            wr_combining_lead(w->q, size, 0);
        else
            wr_backoff(&backoff);
        state = load_acquire(&w->tray->state); /* T4 */
    }
    return state - WR_COMBINING_ANSWER;
}

hot_inline uint64_t
wr_combining_push(struct wr_combining_writer *w, size_t size, uint64_t n,
                  wr_fill *fill, void *arg)
{
    struct wr_combining *q = w->q;
    uint64_t done = 0, m;

    do {
        uint64_t given;

        if (wr_combining_try_lead(q)) {
            m = wr_lane_room(&q->leader, n - done);
            wr_lane_fill(&q->leader, size, done, m, fill, arg);
            wr_combining_lead(q, size, m);
            return done + m;
        }
        m = n - done < q->tray ? n - done : q->tray;
        fill(arg, w->tray->items, done, m);
        store_release(&w->tray->state, m); /* T1 */
        given = wr_combining_await(w, size);
        done += given;
        if (given < m)
            return done;
    } while (done < n);
    return done;
}

static inline void
wr_combining_flush(struct wr_combining_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

static inline void
wr_combining_reader_init(struct wr_combining_reader *r, struct wr_combining *q,
                         uint32_t number)
{
    (void)number;
    wr_lane_reader_init(&r->lane, &q->ring, q->items, q->capacity);
}

hot_inline uint64_t
wr_combining_pop(struct wr_combining_reader *r, size_t size, uint64_t n,
                 wr_use *use, void *arg)
{
    return wr_lane_pop(&r->lane, size, n, use, arg);
}

#endif
