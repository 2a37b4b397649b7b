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

/* Words that are written or compared at once: a line of them, side by side in
 * several registers, for a chain of additions in one is slower than a queue. */
typedef uint64_t item_pair __attribute__((vector_size(16)));

struct item_line {
    item_pair pair[4];
};

/* How much word i of a line is above the tag of the line's first item. */
hot_inline uint64_t
item_word_above(size_t size, uint64_t i)
{
    return i / (size / 8) + i % (size / 8) * ITEM_STEP;
}

/* The words of a line that begins with the item whose tag is tag. */
hot_inline struct item_line
item_line_of(size_t size, uint64_t tag)
{
    item_pair tags = { tag, tag };
    struct item_line line;

    for (uint64_t i = 0; i < 4; i++) {
        item_pair above = {
            item_word_above(size, 2 * i),
            item_word_above(size, 2 * i + 1),
        };

        line.pair[i] = tags + above;
    }
    return line;
}

hot_inline void
item_line_next(size_t size, struct item_line *line)
{
    for (int i = 0; i < 4; i++)
        line->pair[i] += WR_LINE / size;
}

hot_inline void
item_write(char *at, size_t size, uint64_t tag)
{
    for (size_t word = 0; word < size / 8; word++) {
        uint64_t value = tag + word * ITEM_STEP;

        memcpy(at + word * 8, &value, 8);
    }
}

/* 0 if it is what item_write made of tag. */
hot_inline uint64_t
item_differs(const char *at, size_t size, uint64_t tag)
{
    uint64_t differ = 0, value;

    for (size_t word = 0; word < size / 8; word++) {
        memcpy(&value, at + word * 8, 8);
        differ |= value ^ (tag + word * ITEM_STEP);
    }
    return differ;
}

/* Items of size bytes, which divides a line, with the tags tag, tag + 1, ...
 * side by side. */
hot_inline void
items_write(void *at, size_t size, uint64_t tag, uint64_t n)
{
    char *to = (char *)at;
    struct item_line line = item_line_of(size, tag);
    uint64_t each = WR_LINE / size, lines = n / each, rest = n % each;

    for (uint64_t i = 0; i < lines; i++) {
        for (int k = 0; k < 4; k++)
            memcpy(to + k * 16, &line.pair[k], 16);
        item_line_next(size, &line);
        to += WR_LINE;
    }
    for (uint64_t i = 0; i < rest; i++)
        item_write(to + i * size, size, tag + lines * each + i);
}

/* 0 if they are what items_write made of tag. */
hot_inline uint64_t
items_differ(const void *at, size_t size, uint64_t tag, uint64_t n)
{
    const char *from = (const char *)at;
    struct item_line line = item_line_of(size, tag);
    struct item_line differ = { { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } } };
    uint64_t each = WR_LINE / size, lines = n / each, rest = n % each;
    uint64_t odd = 0;

    for (uint64_t i = 0; i < lines; i++) {
        for (int k = 0; k < 4; k++) {
            item_pair found;

            memcpy(&found, from + k * 16, 16);
            differ.pair[k] |= found ^ line.pair[k];
        }
        item_line_next(size, &line);
        from += WR_LINE;
    }
    for (uint64_t i = 0; i < rest; i++)
        odd |= item_differs(from + i * size, size, tag + lines * each + i);
    differ.pair[0] |= differ.pair[1] | differ.pair[2] | differ.pair[3];
    return odd | differ.pair[0][0] | differ.pair[0][1];
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

/* Checks items one by one, where they do not continue the run. */
void item_check_each(struct item_check *c, const void *at, size_t size,
                     uint64_t n);

#ifdef __cplusplus
}
#endif

/* What comes from another writer, or after a gap, begins a new run: the rest is
 * mostly of that. */
hot_inline void
items_check(struct item_check *c, const void *at, size_t size, uint64_t n)
{
    if (likely(items_differ(at, size, c->due, n) == 0)) {
        c->due += n;
        return;
    }
    item_check_each(c, at, size, 1);
    if (n == 1)
        return;
    at = (const char *)at + size;
    if (likely(items_differ(at, size, c->due, n - 1) == 0))
        c->due += n - 1;
    else
        item_check_each(c, at, size, n - 1);
}

#endif
