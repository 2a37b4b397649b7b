/* SPDX-License-Identifier: MPL-2.0 */
/* The contract of the queue designs: every one is used, tested and measured in
 * the same way. The header NAME.h provides
 *
 *   wr_NAME_traits           what the design promises: struct wr_traits
 *   struct wr_NAME           what its threads share
 *   struct wr_NAME_writer    what one writing thread knows
 *   struct wr_NAME_reader    what one reading thread knows
 *
 *   size_t wr_NAME_bytes(const struct wr_shape *)
 *       The memory that a queue of that shape takes, with everything that its
 *       threads share, and that it has when it is made if it grows later; 0 if
 *       there is no such queue.
 *   struct wr_NAME *wr_NAME_init(void *memory, const struct wr_shape *)
 *       Makes the queue over that many bytes of zeroed memory, aligned to
 *       WR_GROUP, which stay the caller's. NULL without memory, which only
 *       designs that allocate can be.
 *   void wr_NAME_fini(struct wr_NAME *)
 *       When no thread uses it any more.
 *   void wr_NAME_writer_init(struct wr_NAME_writer *, struct wr_NAME *,
 *                            uint32_t number)
 *   void wr_NAME_reader_init(struct wr_NAME_reader *, struct wr_NAME *,
 *                            uint32_t number)
 *       Makes a thread's side, by that thread or before it starts. The numbers
 *       are 0 to shape.writers - 1 and 0 to shape.readers - 1, each once; all
 *       readers are made before anything is written.
 *
 *   uint64_t wr_NAME_push(struct wr_NAME_writer *, size_t size, uint64_t n,
 *                         wr_fill *fill, void *arg)
 *       Writes up to n > 0 items and returns how many: fewer when the queue is
 *       full. size is that of the shape, again, for the compiler to know it.
 *       fill is called for spans of items that lie side by side, and may be
 *       for items that then find no room.
 *   void wr_NAME_flush(struct wr_NAME_writer *)
 *       Makes the readers see everything that was written. Due before the
 *       writer turns to other things than to push again.
 *   uint64_t wr_NAME_pop(struct wr_NAME_reader *, size_t size, uint64_t n,
 *                        wr_use *use, void *arg)
 *       Reads up to n > 0 items and returns how many: 0 when the queue is
 *       empty. use is called for spans of items, in order, and for none
 *       but those that are returned. The writers get the space back at the
 *       latest when pop has returned 0.
 *
 * None of them waits for another thread unless the traits say so, and none
 * sleeps. fill and use are given as names of hot_inline functions: nothing is
 * called in the loops that come of it, and items are written and read in place
 * where the design can. They do not call the queue. */
#ifndef WEIR_CORE_RING_QUEUE_H
#define WEIR_CORE_RING_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpu.h"

/* Writes the items first to first + n - 1 of a push, of the shape's size and
 * side by side, at `at`. */
typedef void wr_fill(void *arg, void *at, uint64_t first, uint64_t n);

/* Reads the next n items, side by side at `at`. */
typedef void wr_use(void *arg, const void *at, uint64_t n);

struct wr_shape {
    uint64_t capacity;  /* items, a power of two */
    uint32_t item_size; /* bytes, a multiple of 8 */
    uint32_t writers;   /* threads, 1 or more */
    uint32_t readers;
    uint64_t start; /* where positions begin: 0, or anything in tests */
};

enum wr_order {
    WR_ORDER_ALL,    /* an item is read before all that were written later */
    WR_ORDER_WRITER, /* the same for the items of one writer only */
    WR_ORDER_READER, /* the same for those of them that one reader reads */
    WR_ORDER_NONE,   /* a thread that stalls may be overtaken */
};

struct wr_traits {
    const char *kind;     /* spsc, mpsc, spmc, mpmc or broadcast */
    const char *name;     /* as in the names of benchmarks */
    const char *what;     /* a sentence without its full stop */
    const char *source;   /* the paper or program that the idea is from */
    const char *progress; /* of push and pop, in the terms of the field */
    enum wr_order order;  /* as every reader sees it */
    bool unbounded;       /* capacity is how many items it has memory for
                           * when it is made, and never full */
    bool lossy;           /* a slow reader misses the oldest items */
    bool spins; /* a call may wait, without yielding, for a thread that does not
                 * run */
    bool empty_is_exact;     /* pop returns 0 only if there was no item at some
                              * moment of the call that nobody was reading */
    bool full_is_exact;      /* push returns less than n only if there were
                              * `capacity` items at some moment of the call */
    uint32_t capacity_least; /* that it can have */
};

/* How many of n items from position pos on lie side by side in an array of
 * mask + 1. */
static inline uint64_t
wr_to_end(uint64_t pos, uint64_t n, uint64_t mask)
{
    uint64_t to_end = mask + 1 - (pos & mask);

    return n < to_end ? n : to_end;
}

/* Calls fill for the n items from position pos on of such an array. */
hot_inline void
wr_fill_array(unsigned char *items, uint64_t mask, uint64_t pos, size_t size,
              uint64_t n, wr_fill *fill, void *arg)
{
    uint64_t first = wr_to_end(pos, n, mask);

    fill(arg, items + (pos & mask) * size, 0, first);
    if (unlikely(first < n))
        fill(arg, items, first, n - first);
}

hot_inline void
wr_use_array(const unsigned char *items, uint64_t mask, uint64_t pos,
             size_t size, uint64_t n, wr_use *use, void *arg)
{
    uint64_t first = wr_to_end(pos, n, mask);

    use(arg, items + (pos & mask) * size, first);
    if (unlikely(first < n))
        use(arg, items, n - first);
}

#endif
