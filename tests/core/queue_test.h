/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of all queue designs share: a queue of the design that the
 * build names, and items that tell whose they are and whether they are whole.
 *
 * Word 0 of an item is its value: the writer's number in the top 16 bits, below
 * it how many items that writer wrote before. Each further word follows from
 * the one before. */
#ifndef WEIR_TESTS_CORE_QUEUE_TEST_H
#define WEIR_TESTS_CORE_QUEUE_TEST_H

#include <stdlib.h>
#include <string.h>

#include "core/ring/queue.h"
#include "core/ring/queue_name.h"
#include QUEUE_HEADER
#include "tests/core/race.h"

#define WRITER_SHIFT 48
#define NUMBER_MASK  ((UINT64_C(1) << WRITER_SHIFT) - 1)
#define WORD_STEP    UINT64_C(0x9e3779b97f4a7c15)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline uint64_t
value_of(uint32_t writer, uint64_t number)
{
    return (uint64_t)writer << WRITER_SHIFT | number;
}

static inline void
item_write(unsigned char *at, size_t size, uint64_t value)
{
    for (size_t i = 0; i < size; i += sizeof(value)) {
        memcpy(at + i, &value, sizeof(value));
        value += WORD_STEP;
    }
}

/* Its value. Ends the program if it is not whole. */
static inline uint64_t
item_read(const unsigned char *at, size_t size)
{
    uint64_t value, word;

    memcpy(&value, at, sizeof(value));
    for (size_t i = 0; i < size; i += sizeof(word)) {
        memcpy(&word, at + i, sizeof(word));
        CHECK(word == value + i / sizeof(word) * WORD_STEP);
    }
    return value;
}

static inline bool
kind_is(const char *kind)
{
    return strcmp(QUEUE_IS(traits).kind, kind) == 0;
}

static inline bool
has_many_writers(void)
{
    return kind_is("mpsc") || kind_is("mpmc");
}

static inline bool
has_many_readers(void)
{
    return kind_is("spmc") || kind_is("mpmc") || kind_is("broadcast");
}

static inline void *
aligned_zeros(size_t bytes)
{
    void *memory;

    bytes = (bytes + WR_GROUP - 1) & ~(size_t)(WR_GROUP - 1);
    memory = aligned_alloc(WR_GROUP, bytes);
    CHECK(memory != NULL);
    return memset(memory, 0, bytes);
}

/* The queue's memory is NULL where there is no such queue. */
static inline struct QUEUE_TYPE *
queue_new(const struct wr_shape *shape, void **memory)
{
    size_t bytes = QUEUE_IS(bytes)(shape);
    struct QUEUE_TYPE *q;

    *memory = NULL;
    if (bytes == 0)
        return NULL;
    *memory = aligned_zeros(bytes);
    q = QUEUE_IS(init)(*memory, shape);
    CHECK(q != NULL);
    return q;
}

static inline void
queue_free(struct QUEUE_TYPE *q, void *memory)
{
    QUEUE_IS(fini)(q);
    free(memory);
}

#endif
