/* SPDX-License-Identifier: MPL-2.0 */
/* Writing items whose lines are with the reader, so that they come side by side
 * and not one by one.
 *
 * Items of a line and more: a core has room for some 60 stores that wait for
 * their lines, and lets them go in order; a store to each of several lines
 * first fetches them at the same time (slot_ring.h has figures). Smaller ones:
 * prefetches, far enough ahead.
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

/* How far ahead of a stream of small items lines are sent for, in bytes: so
 * that they are there when it comes to them, 4.4 to 4.6 G items of 8 bytes a
 * second in batches of 512 on two cores of a Zen 5, and 3.0 G with the lines of
 * each batch sent for before it by stores, which hold back those behind them. 1
 * KiB: 4.2 G, 2 KiB: 4.4 G. */
#define WR_LINES_AHEAD ((uint64_t)4096)

/* How many items that is in a ring of so many: not where the reader reads. */
static inline uint64_t
wr_lines_ahead(uint64_t capacity, size_t size)
{
    uint64_t quarter = capacity / 4, items = WR_LINES_AHEAD / size;

    return items < quarter ? items : quarter;
}

/* Sends for the lines that begin in so many free bytes, by prefetches: nothing
 * waits for them. */
hot_inline void
wr_lines_prefetch(unsigned char *at, uint64_t bytes)
{
    for (uint64_t i = -(uintptr_t)at % WR_LINE; i < bytes; i += WR_LINE)
        prefetch_write(at + i);
}

/* Sends for the first lines of the n items, or slots, from position pos on of
 * an array of mask + 1. */
hot_inline void
wr_lines_prefetch_first(unsigned char *items, uint64_t mask, uint64_t pos,
                        size_t size, uint64_t n)
{
    uint64_t bytes = wr_to_end(pos, n, mask) * size;
    uint64_t most = WR_LINES_AT_ONCE * WR_LINE;

    bytes = bytes < most ? bytes : most;
    for (uint64_t i = 0; i < bytes; i += WR_LINE)
        prefetch_write(items + (pos & mask) * size + i);
}

/* Writes the n > 0 items of a push from its `first` on to position pos and on
 * of an array of mask + 1, of which `ahead` more are free behind them. Not many
 * lines at once: as many as a core waits for. */
hot_inline void
wr_lines_fill_ahead(unsigned char *items, uint64_t mask, uint64_t pos,
                    size_t size, uint64_t first, uint64_t n, uint64_t ahead,
                    wr_fill *fill, void *arg)
{
    uint64_t most = size < 1024 ? 1024 / size : 1;

    for (uint64_t i = 0, m; i < n; i += m) {
        m = wr_to_end(pos + i, n - i, mask);
        m = m < most ? m : most;
        wr_lines_prefetch(items + ((pos + i + ahead) & mask) * size, m * size);
        fill(arg, items + ((pos + i) & mask) * size, first + i, m);
    }
}

/* Writes the n items of a push from its `first` on, side by side at `at`.
 * Of items that are shorter than a line, the stores to a few lines fit into the
 * core as they are. */
hot_inline void
wr_lines_fill_at(unsigned char *at, size_t size, uint64_t first, uint64_t n,
                 wr_fill *fill, void *arg)
{
    uint64_t step = wr_lines_hold(size);

    if (unlikely(n == 0))
        return;
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
