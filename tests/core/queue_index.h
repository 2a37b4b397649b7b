/* SPDX-License-Identifier: MPL-2.0 */
/* The cached-index ring in the form that the tests of all rings use: with
 * items of 8 bytes. */
#ifndef WEIR_TESTS_CORE_QUEUE_INDEX_H
#define WEIR_TESTS_CORE_QUEUE_INDEX_H

#include <stdlib.h>

#include "core/ring/index_ring.h"
#include "tests/core/race.h"

struct queue {
    struct wr_index_ring ring;
    uint64_t *items;
};

static inline void
queue_init(struct queue *q, uint64_t capacity, uint64_t start)
{
    q->items = calloc(capacity, sizeof(uint64_t));
    CHECK(q->items != NULL);
    wr_index_ring_init(&q->ring, q->items, sizeof(uint64_t), capacity, start);
}

static inline void
queue_fini(struct queue *q)
{
    free(q->items);
}

static inline uint64_t
queue_reserve(struct queue *q, uint64_t n, void **span)
{
    return wr_index_ring_reserve(&q->ring, n, span);
}

static inline void
queue_commit(struct queue *q, uint64_t n)
{
    wr_index_ring_commit(&q->ring, n);
}

static inline uint64_t
queue_peek(struct queue *q, uint64_t n, void **span)
{
    return wr_index_ring_peek(&q->ring, n, span);
}

static inline void
queue_release(struct queue *q, uint64_t n)
{
    wr_index_ring_release(&q->ring, n);
}

/* Released items are the writer's at once. */
static inline void
queue_flush(struct queue *q)
{
    (void)q;
}

static inline void
queue_put(void *span, uint64_t i, uint64_t value)
{
    ((uint64_t *)span)[i] = value;
}

static inline uint64_t
queue_get(const void *span, uint64_t i)
{
    return ((const uint64_t *)span)[i];
}

#endif
