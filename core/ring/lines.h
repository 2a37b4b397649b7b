/* SPDX-License-Identifier: MPL-2.0 */
/* Writing items of a line and more: the lines are sent for some at a time,
 * before they are written. A core has room for some 60 stores that wait for
 * their lines, and lets them go in order: a store to each of several lines
 * fetches them at the same time (slot_ring.h has figures).
 *
 * Concurrency   Whoever may write there. */
#ifndef WEIR_CORE_RING_LINES_H
#define WEIR_CORE_RING_LINES_H

#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/ring/queue.h"

/* Lines that are sent for at the same time. */
#define WR_LINES_AT_ONCE UINT64_C(8)

/* How many items, or cells, of so many bytes that is. */
hot_inline uint64_t
wr_lines_hold(size_t size)
{
    return size < WR_LINES_AT_ONCE * WR_LINE ? WR_LINES_AT_ONCE * WR_LINE / size
                                             : 1;
}

/* Sends for the lines of so many free bytes. The stores are atomic, for the
 * compiler would leave out what is soon written over. */
hot_inline void
wr_lines_send_for(unsigned char *at, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes; i += WR_LINE)
        store_relaxed((_Atomic uint64_t *)(void *)(at + i), 0);
}

/* Sends for the lines of a batch of items that are shorter than a line: 32 at
 * most, for the stores to those send for the next. */
hot_inline void
wr_lines_send_for_batch(unsigned char *at, uint64_t bytes)
{
    uint64_t most = 32 * WR_LINE;

    bytes = bytes < most ? bytes : most;
    for (uint64_t i = 0; i < bytes; i += WR_LINE)
        claim_line(at + i);
    claim_line(at + bytes - 1);
}

/* Writes the n > 0 items of a push from its `first` on, side by side at `at`.
 * Of items that are shorter than a line, the stores to a few lines fit into the
 * core as they are. */
hot_inline void
wr_lines_fill_at(unsigned char *at, size_t size, uint64_t first, uint64_t n,
                 wr_fill *fill, void *arg)
{
    uint64_t step = wr_lines_hold(size);

    if (size < WR_LINE || n == 1) {
        fill(arg, at, first, n);
        return;
    }
    for (uint64_t i = 0; i < n; i += step) {
        uint64_t some = n - i < step ? n - i : step;

        wr_lines_send_for(at + i * size, some * size);
        fill(arg, at + i * size, first + i, some);
    }
}

/* The same for position pos and on of an array of mask + 1. */
hot_inline void
wr_lines_fill(unsigned char *items, uint64_t mask, uint64_t pos, size_t size,
              uint64_t first, uint64_t n, wr_fill *fill, void *arg)
{
    uint64_t m = wr_to_end(pos, n, mask);

    wr_lines_fill_at(items + (pos & mask) * size, size, first, m, fill, arg);
    if (unlikely(m < n))
        wr_lines_fill_at(items, size, first + m, n - m, fill, arg);
}

#endif
