/* SPDX-License-Identifier: MPL-2.0 */
/* The list of rings of lprq.h, whose header says how it works.
 *
 * Concurrency   put, take: several threads each, each with a side of its own.
 *               Lock-free: a putter closes a ring only to put in its next, and
 *               what it puts there is in before others see that ring. */
#ifndef WEIR_CORE_RING_LPRQ_RINGS_H
#define WEIR_CORE_RING_LPRQ_RINGS_H

#include "core/ring/prq.h"

/* The ring that its thread uses: nobody else uses it again meanwhile. */
struct wr_lprq_hazard {
    _Alignas(
        WR_GROUP) _Atomic(struct wr_prq *) ring; /* written by the thread */
};

struct wr_lprq_rings {
    /* Constant. */
    struct wr_prq *ring;
    struct wr_lprq_hazard *hazard;
    uint64_t n; /* rings */
    uint32_t threads;

    _Alignas(WR_GROUP) _Atomic(struct wr_prq *) first; /* written by takers */
    _Alignas(WR_GROUP) _Atomic(struct wr_prq *) last;  /* written by all */
};

/* What a thread knows. */
struct wr_lprq_side {
    struct wr_lprq_rings *rings;
    struct wr_lprq_hazard *hazard;
    struct wr_prq *ring;  /* what its hazard pointer holds */
    struct wr_prq *stuck; /* the same, closed, with none to follow it */
    uint64_t token;
};

static inline size_t
wr_lprq_rings_bytes(uint64_t rings, uint64_t cells, uint32_t threads)
{
    return threads * sizeof(struct wr_lprq_hazard) +
           rings * (sizeof(struct wr_prq) + cells * sizeof(struct wr_prq_cell));
}

/* Relaxed: nobody else knows the rings yet. */
static inline void
wr_lprq_rings_init(struct wr_lprq_rings *l, void *memory, uint64_t rings,
                   uint64_t cells, uint32_t threads, uint64_t start)
{
    struct wr_prq_cell *cell;

    l->hazard = memory;
    l->ring = (struct wr_prq *)(l->hazard + threads);
    l->n = rings;
    l->threads = threads;
    cell = (struct wr_prq_cell *)(l->ring + rings);
    for (uint64_t i = 0; i < rings; i++)
        wr_prq_init(&l->ring[i], cell + i * cells, cells, start);
    store_relaxed(&l->ring[0].used, 1);
    store_relaxed(&l->first, &l->ring[0]);
    store_relaxed(&l->last, &l->ring[0]);
}

static inline void
wr_lprq_side_init(struct wr_lprq_side *side, struct wr_lprq_rings *rings,
                  uint32_t thread)
{
    *side = (struct wr_lprq_side){
        .rings = rings,
        .hazard = &rings->hazard[thread],
        .token = (uint64_t)thread * (WR_PRQ_ITEM * 2) | WR_PRQ_TOKEN,
    };
}

/* ---- Rings coming and going -------------------------------------------- */

/* The ring at `end`, which is first or last. It stays what it is until the
 * side asks again. */
hot_inline struct wr_prq *
wr_lprq_at(struct wr_lprq_side *side, _Atomic(struct wr_prq *) *end)
{
    struct wr_prq *ring = load_seq_cst(end);

    while (unlikely(ring != side->ring)) {
        side->ring = ring;
        side->stuck = NULL; /* what it was about may be open again */
        store_seq_cst(&side->hazard->ring, ring);
        ring = load_seq_cst(end);
    }
    return ring;
}

static inline bool
wr_lprq_is_hazard(struct wr_lprq_rings *l, struct wr_prq *ring)
{
    for (uint32_t i = 0; i < l->threads; i++)
        if (load_seq_cst(&l->hazard[i].ring) == ring)
            return true;
    return false;
}

/* A ring that nobody else uses, open and empty, or NULL. Hazard pointers are
 * looked at when it cannot come into the list any more by others. */
static inline struct wr_prq *
wr_lprq_spare(struct wr_lprq_rings *l)
{
    for (uint64_t i = 0; i < l->n; i++) {
        struct wr_prq *ring = &l->ring[i];
        uint32_t used = load_relaxed(&ring->used);

        if (used != 0 || !cas_seq_cst(&ring->used, &used, 1)) /* L2 */
            continue;
        if (!wr_lprq_is_hazard(l, ring)) {
            wr_prq_reopen(ring);
            return ring;
        }
        store_release(&ring->used, 0); /* L1 */
    }
    return NULL;
}

/* Moves `end` from a ring to the next, if it is still there. True if this
 * thread did it. The side has the ring in its hazard pointer. */
static inline bool
wr_lprq_move(_Atomic(struct wr_prq *) *end, struct wr_prq *ring,
             struct wr_prq *next)
{
    struct wr_prq *seen = ring;

    do {
        if (cas_seq_cst(end, &seen, next))
            return true;
    } while (seen == ring);
    return false;
}

/* Takes an empty, closed ring out of the list; last before first. */
static __attribute__((noinline)) void
wr_lprq_drop(struct wr_lprq_rings *l, struct wr_prq *ring, struct wr_prq *next)
{
    (void)wr_lprq_move(&l->last, ring, next);
    if (wr_lprq_move(&l->first, ring, next))
        store_release(&ring->used, 0); /* L1 */
}

/* Lets a ring with up to n of the values follow a closed one. How many were put
 * so: none if another thread has done the like. Sets stuck without a ring. */
static __attribute__((noinline)) uint64_t
wr_lprq_extend(struct wr_lprq_side *side, uint64_t value, uint64_t step,
               uint64_t n)
{
    struct wr_prq *ring = side->ring, *spare = wr_lprq_spare(side->rings);

    side->stuck = NULL;
    if (spare == NULL) {
        side->stuck = ring;
        return 0;
    }
    n = wr_prq_put(spare, side->token, value, step, n);
    if (wr_lprq_move(&ring->next, NULL, spare)) {
        (void)wr_lprq_move(&side->rings->last, ring, spare);
        return n;
    }
    wr_prq_clear(spare);
    store_release(&spare->used, 0); /* L1 */
    return 0;
}

/* ---- Values ------------------------------------------------------------ */

/* Puts up to n > 0 values as wr_prq_put does. How many: fewer if there is no
 * ring for them. */
hot_inline uint64_t
wr_lprq_rings_put(struct wr_lprq_side *side, uint64_t value, uint64_t step,
                  uint64_t n)
{
    struct wr_lprq_rings *l = side->rings;
    uint64_t done = 0;

    do {
        struct wr_prq *ring = wr_lprq_at(side, &l->last);
        struct wr_prq *next = load_seq_cst(&ring->next);

        if (unlikely(next != NULL)) {
            (void)wr_lprq_move(&l->last, ring, next);
            continue;
        }
        if (likely(side->stuck != ring))
            done += wr_prq_put(ring, side->token, value + done * step, step,
                               n - done);
        if (likely(done == n))
            break;
        done += wr_lprq_extend(side, value + done * step, step, n - done);
        if (side->stuck != NULL)
            break;
    } while (done < n);
    return done;
}

/* Takes up to n > 0 values. How many: 0 when there are none. */
hot_inline uint64_t
wr_lprq_rings_take(struct wr_lprq_side *side, uint64_t *value, uint64_t n,
                   bool look)
{
    struct wr_lprq_rings *l = side->rings;

    do {
        struct wr_prq *ring = wr_lprq_at(side, &l->first), *next;
        uint64_t got = wr_prq_take(ring, value, n, look);

        if (likely(got > 0))
            return got;
        next = load_seq_cst(&ring->next);
        if (next == NULL)
            return 0;
        /* Something may have come between the two looks; nothing can now. */
        got = wr_prq_take(ring, value, n, true);
        if (got > 0)
            return got;
        wr_lprq_drop(l, ring, next);
    } while (true);
}

#endif
