/* SPDX-License-Identifier: MPL-2.0 */
/* How far apart slots begin that hold a word and an item, or several: so that
 * each lies in as few lines as its bytes need, and they lie as close as that
 * allows.
 *
 * Why it does  Slots of up to a line, made powers of two, never lie across a
 *              border of lines. A larger one is full lines and a rest, and the
 *              rest, made a power of two too, begins at a multiple of itself.
 *              Slots of 16, 24, 72, 136 bytes are 16, 32, 72, 136 apart. */
#ifndef WEIR_CORE_RING_STRIDE_H
#define WEIR_CORE_RING_STRIDE_H

#include <stddef.h>

#include "core/base/cpu.h"

/* For slots of `bytes`, a multiple of 8, in an array aligned to a line. A
 * constant where bytes is one. */
hot_inline size_t
wr_stride(size_t bytes)
{
    size_t rest = bytes % WR_LINE, round = rest == 0 ? 0 : 8;

    while (round < rest)
        round *= 2;
    return bytes - rest + round;
}

#endif
