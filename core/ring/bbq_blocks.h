/* SPDX-License-Identifier: MPL-2.0 */
/* The blocks of bbq.h and bbq_spsc.h: into how many an array of items is cut,
 * and where they begin. Constant once it is made, read by all threads. */
#ifndef WEIR_CORE_RING_BBQ_BLOCKS_H
#define WEIR_CORE_RING_BBQ_BLOCKS_H

#include "core/ring/queue.h"

/* Most bytes of a block of more than one item: small beside a core's cache. */
#define WR_BBQ_BLOCK_BYTES (16 * 1024)

/* A block in one of its laps. */
struct wr_bbq_at {
    uint64_t index, lap;
};

struct wr_bbq_blocks {
    unsigned char *items;
    size_t item_size;
    uint64_t n;             /* blocks, a power of two */
    uint64_t size;          /* items in a block */
    uint32_t shift;         /* size = 1 << shift */
    struct wr_bbq_at start; /* where the first item comes, */
    uint64_t start_off;     /* behind so many places of the block */
};

/* The paper's rule for the number of blocks, or more if they were large. */
static inline uint64_t
wr_bbq_blocks_n(const struct wr_shape *shape)
{
    uint32_t log = (uint32_t)__builtin_ctzll(shape->capacity);
    uint32_t blocks = log / 4 > 0 ? log / 4 : log > 0;

    while (blocks < log &&
           (shape->capacity >> blocks) * shape->item_size > WR_BBQ_BLOCK_BYTES)
        blocks++;
    return UINT64_C(1) << blocks;
}

static inline void
wr_bbq_blocks_init(struct wr_bbq_blocks *b, const struct wr_shape *shape,
                   void *items)
{
    uint64_t first = shape->start & (shape->capacity - 1);

    b->items = items;
    b->item_size = shape->item_size;
    b->n = wr_bbq_blocks_n(shape);
    b->size = shape->capacity / b->n;
    b->shift = (uint32_t)__builtin_ctzll(b->size);
    b->start.index = first >> b->shift;
    b->start.lap = shape->start / shape->capacity;
    b->start_off = first & (b->size - 1);
}

/* The lap in which the block is as the queue is made: those behind the first
 * are done with the lap before. */
static inline uint64_t
wr_bbq_blocks_lap(const struct wr_bbq_blocks *b, uint64_t index)
{
    return index <= b->start.index ? b->start.lap : b->start.lap - 1;
}

/* How many of its places are gone then. */
static inline uint64_t
wr_bbq_blocks_gone(const struct wr_bbq_blocks *b, uint64_t index)
{
    return index == b->start.index ? b->start_off : b->size;
}

static inline struct wr_bbq_at
wr_bbq_blocks_next(const struct wr_bbq_blocks *b, struct wr_bbq_at at)
{
    at.index = (at.index + 1) & (b->n - 1);
    at.lap += at.index == 0;
    return at;
}

/* Where the items of the block lie. */
static inline unsigned char *
wr_bbq_blocks_items(const struct wr_bbq_blocks *b, uint64_t index)
{
    return b->items + (index << b->shift) * b->item_size;
}

#endif
