/* SPDX-License-Identifier: MPL-2.0 */
/* What an item of the lab carries, written and checked by the same code for
 * every queue, in C and in C++.
 *
 * Word 0 is the tag: the writer's number in the top 16 bits, below it the
 * item's number in that writer's stream. Word i is tag + i * ITEM_STEP. Every
 * word of every item is written and read. A reader checks that items are whole,
 * and that those of one writer come in order, if the queue has one; how many
 * there were and the sum of their tags are compared when all have ended. */
#ifndef WEIR_BENCH_LAB_ITEM_H
#define WEIR_BENCH_LAB_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/cpu.h"

#define ITEM_WRITER_SHIFT 48
#define ITEM_NUMBER       ((UINT64_C(1) << ITEM_WRITER_SHIFT) - 1)
#define ITEM_STEP         UINT64_C(0x9e3779b97f4a7c15)
#define ITEM_WRITERS_MAX  64

static inline uint64_t
item_first_tag(uint32_t writer)
{
    return (uint64_t)writer << ITEM_WRITER_SHIFT;
}

/* Items of size bytes with the tags tag, tag + 1, ... side by side. */
hot_inline void
items_write(void *at, size_t size, uint64_t tag, uint64_t n)
{
    char *to = (char *)at;

    for (uint64_t i = 0; i < n; i++) {
        for (size_t word = 0; word < size / 8; word++) {
            uint64_t value = tag + i + word * ITEM_STEP;

            memcpy(to + i * size + word * 8, &value, 8);
        }
    }
}

/* 0 if they are what items_write made of tag. */
hot_inline uint64_t
items_differ(const void *at, size_t size, uint64_t tag, uint64_t n)
{
    const char *from = (const char *)at;
    uint64_t differ = 0;

    for (uint64_t i = 0; i < n; i++) {
        for (size_t word = 0; word < size / 8; word++) {
            uint64_t value;

            memcpy(&value, from + i * size + word * 8, 8);
            differ |= value ^ (tag + i + word * ITEM_STEP);
        }
    }
    return differ;
}

/* What a reader has seen. Items with successive tags are a run. */
struct item_check {
    uint64_t due;       /* the tag that would continue the run */
    uint64_t run_first; /* tag */
    uint64_t taken;     /* before this run, */
    uint64_t sum;       /* of their tags */
    bool gaps;          /* other readers, or nobody, get the rest */
    bool any_order;     /* the queue promises none */
    uint64_t next[ITEM_WRITERS_MAX]; /* by writer: the least tag to come */
    char wrong[128];                 /* the first that was not as it should */
};

#ifdef __cplusplus
extern "C" {
#endif

void item_check_init(struct item_check *c, bool gaps, bool any_order);

/* Ends the run: taken and sum are those of all. */
void item_check_settle(struct item_check *c);

/* Checks items that do not continue the run. */
void item_check_slow(struct item_check *c, const void *at, size_t size,
                     uint64_t n);

#ifdef __cplusplus
}
#endif

hot_inline void
items_check(struct item_check *c, const void *at, size_t size, uint64_t n)
{
    if (likely(items_differ(at, size, c->due, n) == 0))
        c->due += n;
    else
        item_check_slow(c, at, size, n);
}

#endif
