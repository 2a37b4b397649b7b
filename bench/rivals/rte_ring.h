/* SPDX-License-Identifier: MPL-2.0 */
/* DPDK's rte_ring, without its environment: a ring of items of any size, in
 * memory that is ours. An array of 2^n holds 2^n - 1 items.
 *
 * Where a side has one thread, and in the mode where each side lets one thread
 * in at a time (HTS), items are written and read in place; the other modes take
 * bursts of copies. */
#ifndef WEIR_BENCH_RIVALS_RTE_RING_H
#define WEIR_BENCH_RIVALS_RTE_RING_H

#include "bench/rivals/c_rival.h"

#define WR_RTE(NAME, KIND, SHOWN, WHAT, PROGRESS, EXACT)                       \
    WR_RIVAL(NAME, WEIR_VERSION_RTE_RING, KIND, SHOWN, WHAT, "DPDK", PROGRESS, \
             WR_ORDER_ALL, EXACT, 2)

WR_RTE(rte_ring_spsc, "spsc", "rte_ring",
       "a head and a tail on each side, items in place", "wait-free",
       WR_RIVAL_EMPTY)
WR_RTE(rte_ring_mpsc, "mpsc", "rte_ring",
       "writers take places with a compare-and-swap and publish in turn",
       "push waits for earlier writers, pop is wait-free",
       WR_RIVAL_EMPTY | WR_RIVAL_SPINS)
WR_RTE(rte_ring_hts_mpsc, "mpsc", "rte_ring_hts",
       "one writer at a time, items in place",
       "push waits for the thread that is in, pop is wait-free", WR_RIVAL_EMPTY)
WR_RTE(rte_ring_rts_mpsc, "mpsc", "rte_ring_rts",
       "the last writer that is in publishes for all",
       "push waits when the others are too far behind, pop is wait-free", 0)
WR_RTE(rte_ring_spmc, "spmc", "rte_ring",
       "readers take places with a compare-and-swap and give back in turn",
       "push is wait-free, pop waits for earlier readers",
       WR_RIVAL_EMPTY | WR_RIVAL_SPINS)
WR_RTE(rte_ring_hts_spmc, "spmc", "rte_ring_hts",
       "one reader at a time, items in place",
       "push is wait-free, pop waits for the thread that is in", WR_RIVAL_EMPTY)
WR_RTE(rte_ring_rts_spmc, "spmc", "rte_ring_rts",
       "the last reader that is in gives back for all",
       "push is wait-free, pop waits when the others are too far behind",
       WR_RIVAL_EMPTY)
WR_RTE(rte_ring_mpmc, "mpmc", "rte_ring",
       "threads take places with a compare-and-swap and publish in turn",
       "waits for earlier threads of the same side",
       WR_RIVAL_EMPTY | WR_RIVAL_SPINS)
WR_RTE(rte_ring_hts, "mpmc", "rte_ring_hts",
       "one thread at a time on each side, items in place",
       "waits for the thread that is in", WR_RIVAL_EMPTY)
/* What a writer wrote is seen when those before it have written too, and the
 * last of them publishes it: nobody waits for that. */
WR_RTE(rte_ring_rts, "mpmc", "rte_ring_rts",
       "the last thread that is in publishes for all",
       "waits when the others are too far behind", 0)

#if WEIR_HAVE_RTE_RING
#include <rte_config.h>
#include <rte_ring.h>
#include <rte_ring_peek_zc.h>

struct wr_rte {
    struct rte_ring ring; /* and its items */
};

static inline size_t
wr_rte_bytes(const struct wr_shape *shape)
{
    ssize_t bytes =
        rte_ring_get_memsize_elem(shape->item_size, (unsigned)shape->capacity);

    return bytes > 0 ? (size_t)bytes : 0;
}

static inline struct wr_rte *
wr_rte_new(void *memory, const struct wr_shape *shape, unsigned flags)
{
    struct wr_rte *q = memory;

    if (rte_ring_init(&q->ring, "weir", (unsigned)shape->capacity, flags) != 0)
        return NULL;
    return q;
}

hot_inline uint64_t
wr_rte_push_in_place(struct wr_rte *q, size_t size, uint64_t n, wr_fill *fill,
                     void *arg)
{
    struct rte_ring_zc_data at;
    unsigned got = rte_ring_enqueue_zc_burst_elem_start(
        &q->ring, (unsigned)size, (unsigned)n, &at, NULL);

    if (got == 0)
        return 0;
    fill(arg, at.ptr1, 0, at.n1);
    if (unlikely(at.n1 < got))
        fill(arg, at.ptr2, at.n1, got - at.n1);
    rte_ring_enqueue_zc_elem_finish(&q->ring, got);
    return got;
}

hot_inline uint64_t
wr_rte_pop_in_place(struct wr_rte *q, size_t size, uint64_t n, wr_use *use,
                    void *arg)
{
    struct rte_ring_zc_data at;
    unsigned got = rte_ring_dequeue_zc_burst_elem_start(
        &q->ring, (unsigned)size, (unsigned)n, &at, NULL);

    if (got == 0)
        return 0;
    use(arg, at.ptr1, at.n1);
    if (unlikely(at.n1 < got))
        use(arg, at.ptr2, got - at.n1);
    rte_ring_dequeue_zc_elem_finish(&q->ring, got);
    return got;
}

/* Bursts of copies, until the ring takes no more. */
typedef unsigned wr_rte_enqueue(struct rte_ring *r, const void *items,
                                unsigned size, unsigned n, unsigned *room);
typedef unsigned wr_rte_dequeue(struct rte_ring *r, void *items, unsigned size,
                                unsigned n, unsigned *left);

hot_inline uint64_t
wr_rte_push(struct wr_rte *q, size_t size, uint64_t n, wr_fill *fill, void *arg,
            wr_rte_enqueue *enqueue)
{
    _Alignas(WR_LINE) unsigned char items[WR_RIVAL_CHUNK];
    uint64_t done = 0, want, got;

    do {
        want = wr_rival_chunk(size, n - done);
        fill(arg, items, done, want);
        got = enqueue(&q->ring, items, (unsigned)size, (unsigned)want, NULL);
        done += got;
    } while (unlikely(got == want && done < n));
    return done;
}

hot_inline uint64_t
wr_rte_pop(struct wr_rte *q, size_t size, uint64_t n, wr_use *use, void *arg,
           wr_rte_dequeue *dequeue)
{
    _Alignas(WR_LINE) unsigned char items[WR_RIVAL_CHUNK];
    uint64_t done = 0, want, got;

    do {
        want = wr_rival_chunk(size, n - done);
        got = dequeue(&q->ring, items, (unsigned)size, (unsigned)want, NULL);
        if (got > 0)
            use(arg, items, got);
        done += got;
    } while (unlikely(got == want && done < n));
    return done;
}

#define WR_RTE_MP_PUSH(q, size, n, fill, arg) \
    wr_rte_push(q, size, n, fill, arg, rte_ring_mp_enqueue_burst_elem)
#define WR_RTE_MC_POP(q, size, n, use, arg) \
    wr_rte_pop(q, size, n, use, arg, rte_ring_mc_dequeue_burst_elem)
#define WR_RTE_RTS_PUSH(q, size, n, fill, arg) \
    wr_rte_push(q, size, n, fill, arg, rte_ring_mp_rts_enqueue_burst_elem)
#define WR_RTE_RTS_POP(q, size, n, use, arg) \
    wr_rte_pop(q, size, n, use, arg, rte_ring_mc_rts_dequeue_burst_elem)

WR_C_RIVAL(rte_ring_spsc, wr_rte, RING_F_SP_ENQ | RING_F_SC_DEQ,
           wr_rte_push_in_place, wr_rte_pop_in_place)
WR_C_RIVAL(rte_ring_mpsc, wr_rte, RING_F_SC_DEQ, WR_RTE_MP_PUSH,
           wr_rte_pop_in_place)
WR_C_RIVAL(rte_ring_spmc, wr_rte, RING_F_SP_ENQ, wr_rte_push_in_place,
           WR_RTE_MC_POP)
WR_C_RIVAL(rte_ring_hts_mpsc, wr_rte, RING_F_MP_HTS_ENQ | RING_F_SC_DEQ,
           wr_rte_push_in_place, wr_rte_pop_in_place)
WR_C_RIVAL(rte_ring_rts_mpsc, wr_rte, RING_F_MP_RTS_ENQ | RING_F_SC_DEQ,
           WR_RTE_RTS_PUSH, wr_rte_pop_in_place)
WR_C_RIVAL(rte_ring_hts_spmc, wr_rte, RING_F_SP_ENQ | RING_F_MC_HTS_DEQ,
           wr_rte_push_in_place, wr_rte_pop_in_place)
WR_C_RIVAL(rte_ring_rts_spmc, wr_rte, RING_F_SP_ENQ | RING_F_MC_RTS_DEQ,
           wr_rte_push_in_place, WR_RTE_RTS_POP)
WR_C_RIVAL(rte_ring_mpmc, wr_rte, 0, WR_RTE_MP_PUSH, WR_RTE_MC_POP)
WR_C_RIVAL(rte_ring_hts, wr_rte, RING_F_MP_HTS_ENQ | RING_F_MC_HTS_DEQ,
           wr_rte_push_in_place, wr_rte_pop_in_place)
WR_C_RIVAL(rte_ring_rts, wr_rte, RING_F_MP_RTS_ENQ | RING_F_MC_RTS_DEQ,
           WR_RTE_RTS_PUSH, WR_RTE_RTS_POP)
#endif

#endif
