/* SPDX-License-Identifier: MPL-2.0 */
/* Filling items of whole lines, with their lines sent for ahead.
 *
 * Concurrency   The caller's: the items are its own.
 *
 * Cost          A store per line. A core lets its stores go in order, and holds
 *               some 60 back while the line of the oldest is on its way: those
 *               of a few full lines. A store to each of the next lines first
 *               has them fetched side by side. With smaller items the stores
 *               of one call reach far enough as it is.
 *
 * The same as wr_slot_claim of slot_ring.h, where the figures are. */
#ifndef WEIR_CORE_RING_CLAIM_H
#define WEIR_CORE_RING_CLAIM_H

#include "core/base/atomic.h"
#include "core/ring/queue.h"

/* Lines that are sent for at a time: more are in the reach of the reader's
 * prefetcher before they are written. */
#define WR_CLAIM ((size_t)8)

/* Sends for up to WR_CLAIM of the lines of `bytes` bytes at `at`, whose first
 * words become 0. Atomic, or the compiler would leave out what is going to be
 * overwritten. */
hot_inline void
wr_claim(unsigned char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes && i < WR_CLAIM * WR_LINE; i += WR_LINE)
        store_relaxed((_Atomic uint64_t *)(void *)(at + i), 0);
}

/* Fills the n > 0 items of a push from its `first` on, which lie side by side
 * at `at`. */
hot_inline void
wr_fill_claimed(unsigned char *at, size_t size, uint64_t first, uint64_t n,
                wr_fill *fill, void *arg)
{
    uint64_t step = size < WR_CLAIM * WR_LINE ? WR_CLAIM * WR_LINE / size : 1;

    if (size < WR_LINE || n == 1) {
        fill(arg, at, first, n);
        return;
    }
    for (uint64_t i = 0; i < n; i += step) {
        uint64_t some = n - i < step ? n - i : step;

        wr_claim(at + i * size, some * size);
        fill(arg, at + i * size, first + i, some);
    }
}

#endif
