/* SPDX-License-Identifier: MPL-2.0 */
/* A lane for each of up to 64 readers (lane_ring.h), to which the writer deals
 * its batches in turn: each goes whole to the next lane that has room for it,
 * and if none has, in parts to those that have some.
 *
 * The capacity is divided: each lane has the largest power of two that is not
 * more than its part. A queue has at least one item for each reader.
 *
 * Concurrency   push, flush: one writer thread
 *               pop: one reader thread for each number
 *               Wait-free, no locked instruction, no fence. A stalled reader
 *               stops nobody, but keeps what was dealt to it.
 *
 * Edges         W1-R1, R2-W2 of each lane (lane_ring.h)
 *
 * Invariants    those of each lane. An item is in one lane.
 *
 * Cost          Push: the lines of the items and a store of tail; a look at
 *               head, where its reader has not seemed to have room. Pop: as
 *               with one writer and one reader.
 *
 * Weaknesses    A reader with an empty lane does not help one with a full lane:
 *               items wait for their reader however slow it is. A pop of 0 says
 *               nothing of the other lanes. Order holds only within a lane.
 *
 * Source: what a PUSH of 0MQ does with its peers. */
#ifndef WEIR_CORE_RING_SPMC_LANES_H
#define WEIR_CORE_RING_SPMC_LANES_H

#include "core/ring/lane_ring.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_spmc_lanes_traits = {
    .kind = "spmc",
    .name = "lanes",
    .what = "a ring for each reader, to which batches are dealt in turn",
    .source = "PUSH of 0MQ; rings as in MCRingBuffer (Lee, Bu, Chandranmenon "
              "2010)",
    .progress = "wait-free",
    .order = WR_ORDER_READER,
    .empty_is_exact = false, /* the others' lanes */
    .full_is_exact = false,  /* space comes back a quarter at a time */
    .capacity_least = 1,
};

#define WR_SPMC_LANES_MOST UINT32_C(64)

struct wr_spmc_lanes_lane {
    struct wr_lane_ring ring;
    unsigned char items[];
};

struct wr_spmc_lanes {
    uint64_t capacity; /* of a lane; these are constant */
    size_t stride;
    uint32_t count;
    _Alignas(WR_GROUP) unsigned char lanes[];
};

struct wr_spmc_lanes_writer {
    uint32_t count;
    uint32_t now; /* whose turn it is */
    struct wr_lane_writer lane[WR_SPMC_LANES_MOST];
};

struct wr_spmc_lanes_reader {
    struct wr_lane_reader lane;
};

/* 0 when there are more readers than items. */
static inline uint64_t
wr_spmc_lanes_capacity(const struct wr_shape *shape)
{
    uint64_t part = shape->capacity;

    while (part * shape->readers > shape->capacity)
        part /= 2;
    return part;
}

static inline size_t
wr_spmc_lanes_stride(const struct wr_shape *shape)
{
    return sizeof(struct wr_spmc_lanes_lane) +
           wr_lane_items_bytes(wr_spmc_lanes_capacity(shape), shape->item_size);
}

static inline size_t
wr_spmc_lanes_bytes(const struct wr_shape *shape)
{
    if (shape->readers > WR_SPMC_LANES_MOST ||
        wr_spmc_lanes_capacity(shape) == 0)
        return 0;
    return sizeof(struct wr_spmc_lanes) +
           shape->readers * wr_spmc_lanes_stride(shape);
}

static inline struct wr_spmc_lanes_lane *
wr_spmc_lanes_lane(struct wr_spmc_lanes *q, uint32_t number)
{
    return (struct wr_spmc_lanes_lane *)(void *)(q->lanes + number * q->stride);
}

static inline struct wr_spmc_lanes *
wr_spmc_lanes_init(void *memory, const struct wr_shape *shape)
{
    struct wr_spmc_lanes *q = memory;

    q->capacity = wr_spmc_lanes_capacity(shape);
    q->stride = wr_spmc_lanes_stride(shape);
    q->count = shape->readers;
    for (uint32_t i = 0; i < q->count; i++)
        wr_lane_ring_init(&wr_spmc_lanes_lane(q, i)->ring, shape->start);
    return q;
}

static inline void
wr_spmc_lanes_fini(struct wr_spmc_lanes *q)
{
    (void)q;
}

static inline void
wr_spmc_lanes_writer_init(struct wr_spmc_lanes_writer *w,
                          struct wr_spmc_lanes *q, uint32_t number)
{
    (void)number;
    w->count = q->count;
    w->now = 0;
    for (uint32_t i = 0; i < q->count; i++) {
        struct wr_spmc_lanes_lane *lane = wr_spmc_lanes_lane(q, i);

        wr_lane_writer_init(&w->lane[i], &lane->ring, lane->items, q->capacity);
    }
}

static inline struct wr_lane_writer *
wr_spmc_lanes_turn(struct wr_spmc_lanes_writer *w)
{
    struct wr_lane_writer *lane = &w->lane[w->now];

    w->now = w->now + 1 < w->count ? w->now + 1 : 0;
    return lane;
}

/* The next lane in turn with room for all n items, or NULL. */
static inline struct wr_lane_writer *
wr_spmc_lanes_whole(struct wr_spmc_lanes_writer *w, uint64_t n)
{
    for (uint32_t i = 0; i < w->count; i++) {
        struct wr_lane_writer *lane = wr_spmc_lanes_turn(w);

        if (likely(wr_lane_room(lane, n) == n))
            return lane;
    }
    return NULL;
}

hot_inline uint64_t
wr_spmc_lanes_push(struct wr_spmc_lanes_writer *w, size_t size, uint64_t n,
                   wr_fill *fill, void *arg)
{
    struct wr_lane_writer *whole = wr_spmc_lanes_whole(w, n);
    uint32_t looks = likely(whole != NULL) ? 1 : w->count;
    uint64_t done = 0;

    for (; looks > 0 && done < n; looks--) {
        struct wr_lane_writer *lane =
            likely(whole != NULL) ? whole : wr_spmc_lanes_turn(w);
        uint64_t m = wr_lane_room(lane, n - done);

        if (unlikely(m == 0))
            continue;
        wr_lane_fill(lane, size, done, m, fill, arg);
        wr_lane_publish(lane, m);
        done += m;
    }
    return done;
}

static inline void
wr_spmc_lanes_flush(struct wr_spmc_lanes_writer *w)
{
    (void)w;
}

static inline void
wr_spmc_lanes_reader_init(struct wr_spmc_lanes_reader *r,
                          struct wr_spmc_lanes *q, uint32_t number)
{
    struct wr_spmc_lanes_lane *lane = wr_spmc_lanes_lane(q, number);

    wr_lane_reader_init(&r->lane, &lane->ring, lane->items, q->capacity);
}

hot_inline uint64_t
wr_spmc_lanes_pop(struct wr_spmc_lanes_reader *r, size_t size, uint64_t n,
                  wr_use *use, void *arg)
{
    return wr_lane_pop(&r->lane, size, n, use, arg);
}

#endif
