/* SPDX-License-Identifier: MPL-2.0 */
/* Concurrency Kit's ck_ring, of values and not pointers (CK_RING_PROTOTYPE):
 * one item a call. An array of 2^n holds 2^n - 1 items. A single writer fills
 * its items in place; many do not, for what one reserves keeps the others
 * waiting until it is written. */
#ifndef WEIR_BENCH_RIVALS_CK_RING_H
#define WEIR_BENCH_RIVALS_CK_RING_H

#include "bench/rivals/c_rival.h"

#define WR_CK(KIND, WHAT, PROGRESS, SPINS)                            \
    WR_RIVAL(ck_ring_##KIND, WEIR_VERSION_CK, #KIND, "ck_ring", WHAT, \
             "Concurrency Kit", PROGRESS, WR_ORDER_ALL,               \
             WR_RIVAL_EMPTY | (SPINS), 2)

WR_CK(spsc, "two indices, each read by the other side for every item",
      "wait-free", 0)
WR_CK(mpsc, "writers take a place with a compare-and-swap and publish in turn",
      "push waits for earlier writers, pop is wait-free", WR_RIVAL_SPINS)
WR_CK(spmc, "readers copy an item and take it with a compare-and-swap",
      "push is wait-free, pop is lock-free", 0)
WR_CK(mpmc, "a compare-and-swap on each side, and writers publish in turn",
      "push waits for earlier writers, pop is lock-free", WR_RIVAL_SPINS)

#if WEIR_HAVE_CK
#include <ck_ring.h>

struct wr_ck {
    ck_ring_t ring;
    _Alignas(WR_GROUP) unsigned char items[];
};

static inline size_t
wr_ck_bytes(const struct wr_shape *shape)
{
    return sizeof(struct wr_ck) + shape->capacity * shape->item_size;
}

static inline struct wr_ck *
wr_ck_new(void *memory, const struct wr_shape *shape, int mode)
{
    struct wr_ck *q = memory;

    (void)mode;
    ck_ring_init(&q->ring, (unsigned)shape->capacity);
    return q;
}

#define WR_CK_ITEM(SIZE)            \
    struct wr_ck_##SIZE {           \
        uint64_t words[(SIZE) / 8]; \
    };                              \
    CK_RING_PROTOTYPE(SIZE, wr_ck_##SIZE)

WR_CK_ITEM(8)
WR_CK_ITEM(16)
WR_CK_ITEM(64)

/* CALL for the item's size. */
#define WR_CK_SIZED(CALL, size, q, item)                              \
    ((size) == 8    ? CALL##_8(&(q)->ring, (void *)(q)->items, item)  \
     : (size) == 16 ? CALL##_16(&(q)->ring, (void *)(q)->items, item) \
                    : CALL##_64(&(q)->ring, (void *)(q)->items, item))

hot_inline bool
wr_ck_push_in_place(struct wr_ck *q, size_t size, uint64_t i, wr_fill *fill,
                    void *arg)
{
    void *at;

    if (size == 8)
        at = ck_ring_enqueue_reserve_spsc_8(&q->ring, (void *)q->items);
    else if (size == 16)
        at = ck_ring_enqueue_reserve_spsc_16(&q->ring, (void *)q->items);
    else
        at = ck_ring_enqueue_reserve_spsc_64(&q->ring, (void *)q->items);
    if (at == NULL)
        return false;
    fill(arg, at, i, 1);
    ck_ring_enqueue_commit_spsc(&q->ring);
    return true;
}

hot_inline bool
wr_ck_push_copy(struct wr_ck *q, size_t size, uint64_t i, wr_fill *fill,
                void *arg)
{
    struct wr_ck_64 item;

    fill(arg, &item, i, 1);
    return WR_CK_SIZED(ck_ring_enqueue_mpmc, size, q, (void *)&item);
}

hot_inline bool
wr_ck_pop_single(struct wr_ck *q, size_t size, void *item)
{
    return WR_CK_SIZED(ck_ring_dequeue_spsc, size, q, item);
}

hot_inline bool
wr_ck_pop_shared(struct wr_ck *q, size_t size, void *item)
{
    return WR_CK_SIZED(ck_ring_dequeue_mpmc, size, q, item);
}

/* Item by item, until the ring takes, or has, no more. */
#define WR_CK_PUSH(NAME, ONE)                                          \
    hot_inline uint64_t NAME(struct wr_ck *q, size_t size, uint64_t n, \
                             wr_fill *fill, void *arg)                 \
    {                                                                  \
        uint64_t i = 0;                                                \
                                                                       \
        while (i < n && ONE(q, size, i, fill, arg))                    \
            i++;                                                       \
        return i;                                                      \
    }

#define WR_CK_POP(NAME, ONE)                                           \
    hot_inline uint64_t NAME(struct wr_ck *q, size_t size, uint64_t n, \
                             wr_use *use, void *arg)                   \
    {                                                                  \
        struct wr_ck_64 item;                                          \
        uint64_t i = 0;                                                \
                                                                       \
        for (; i < n && ONE(q, size, &item); i++)                      \
            use(arg, &item, 1);                                        \
        return i;                                                      \
    }

WR_CK_PUSH(wr_ck_push_sp, wr_ck_push_in_place)
WR_CK_PUSH(wr_ck_push_mp, wr_ck_push_copy)
WR_CK_POP(wr_ck_pop_sc, wr_ck_pop_single)
WR_CK_POP(wr_ck_pop_mc, wr_ck_pop_shared)

WR_C_RIVAL(ck_ring_spsc, wr_ck, 0, wr_ck_push_sp, wr_ck_pop_sc)
WR_C_RIVAL(ck_ring_mpsc, wr_ck, 0, wr_ck_push_mp, wr_ck_pop_sc)
WR_C_RIVAL(ck_ring_spmc, wr_ck, 0, wr_ck_push_sp, wr_ck_pop_mc)
WR_C_RIVAL(ck_ring_mpmc, wr_ck, 0, wr_ck_push_mp, wr_ck_pop_mc)
#endif

#endif
