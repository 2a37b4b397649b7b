/* SPDX-License-Identifier: MPL-2.0 */
/* The slot ring in the form that the tests of all rings use. */
#ifndef WEIR_TESTS_CORE_QUEUE_SLOT_H
#define WEIR_TESTS_CORE_QUEUE_SLOT_H

#include <stdlib.h>
#include <string.h>

#include "core/ring/slot_ring.h"
#include "tests/core/race.h"

struct queue {
    struct wr_slot_ring ring;
    struct wr_slot *slots;
};

static inline void
queue_init(struct queue *q, uint64_t capacity, uint64_t start)
{
    q->slots = aligned_alloc(WR_LINE, capacity * sizeof(struct wr_slot));
    CHECK(q->slots != NULL);
    memset(q->slots, 0, capacity * sizeof(struct wr_slot));
    wr_slot_ring_init(&q->ring, q->slots, capacity, start);
}

static inline void
queue_fini(struct queue *q)
{
    free(q->slots);
}

static inline uint64_t
queue_reserve(struct queue *q, uint64_t n, void **span)
{
    struct wr_slot *slots;

    n = wr_slot_ring_reserve(&q->ring, n, &slots);
    *span = slots;
    return n;
}

static inline void
queue_commit(struct queue *q, uint64_t n)
{
    if (n > 0)
        wr_slot_ring_commit(&q->ring, n);
}

static inline uint64_t
queue_peek(struct queue *q, uint64_t n, void **span)
{
    struct wr_slot *slots;

    n = wr_slot_ring_peek(&q->ring, n, &slots);
    *span = slots;
    return n;
}

static inline void
queue_release(struct queue *q, uint64_t n)
{
    (void)wr_slot_ring_release(&q->ring, n);
}

static inline void
queue_flush(struct queue *q)
{
    wr_slot_ring_flush(&q->ring);
}

/* Fills the i-th item of a span with what belongs to value; reads it back and
 * checks that it is whole. */
static inline void
queue_put(void *span, uint64_t i, uint64_t value)
{
    struct wr_slot *slot = &((struct wr_slot *)span)[i];

    slot->meta = (uint32_t)value;
    for (uint32_t k = 0; k < 7; k++)
        slot->body[k] = value + k;
}

static inline uint64_t
queue_get(const void *span, uint64_t i)
{
    const struct wr_slot *slot = &((const struct wr_slot *)span)[i];

    CHECK(slot->meta == (uint32_t)slot->body[0]);
    for (uint32_t k = 1; k < 7; k++)
        CHECK(slot->body[k] - k == slot->body[0]);
    return slot->body[0];
}

#endif
