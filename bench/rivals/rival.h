/* SPDX-License-Identifier: MPL-2.0 */
/* What the rivals share: libraries' queues behind the contract of
 * core/ring/queue.h. The names of a rival are those of a design, and
 *
 *   const char *wr_NAME_version(void)
 *       That of the library's package; NULL when it is not installed, and then
 *       there is nothing else but the traits.
 *
 * A rival does what its library's users would do to be fast: calls for many
 * items where there are some, in place where that is offered, and no allocation
 * after it was made. Items of 8, 16 and 64 bytes. Where positions begin is the
 * library's choice: shape.start is not looked at. */
#ifndef WEIR_BENCH_RIVALS_RIVAL_H
#define WEIR_BENCH_RIVALS_RIVAL_H

#include "core/ring/queue.h"

/* Where a library takes copies: this much is gathered for a call. */
#define WR_RIVAL_CHUNK 8192

/* What is exact, in the terms of struct wr_traits. */
#define WR_RIVAL_EMPTY 1
#define WR_RIVAL_FULL  2
#define WR_RIVAL_SPINS 4 /* and what is not well */

/* The traits and the version of NAME. */
#define WR_RIVAL(NAME, VERSION, KIND, SHOWN, WHAT, SOURCE, PROGRESS, ORDER, \
                 EXACT, LEAST)                                              \
    static const struct wr_traits wr_##NAME##_traits = {                    \
        .kind = (KIND),                                                     \
        .name = (SHOWN),                                                    \
        .what = (WHAT),                                                     \
        .source = (SOURCE),                                                 \
        .progress = (PROGRESS),                                             \
        .order = (ORDER),                                                   \
        .unbounded = false,                                                 \
        .lossy = false,                                                     \
        .spins = ((EXACT)&WR_RIVAL_SPINS) != 0,                             \
        .empty_is_exact = ((EXACT)&WR_RIVAL_EMPTY) != 0,                    \
        .full_is_exact = ((EXACT)&WR_RIVAL_FULL) != 0,                      \
        .capacity_least = (LEAST),                                          \
    };                                                                      \
                                                                            \
    static inline const char *wr_##NAME##_version(void)                     \
    {                                                                       \
        return VERSION;                                                     \
    }

#ifdef __cplusplus
#define WR_RIVAL_CONST constexpr
#else
#define WR_RIVAL_CONST
#endif

/* How many of n items are gathered at once. */
WR_RIVAL_CONST static inline uint64_t
wr_rival_chunk(size_t size, uint64_t n)
{
    return n < WR_RIVAL_CHUNK / size ? n : WR_RIVAL_CHUNK / size;
}

static inline bool
wr_rival_can(const struct wr_shape *shape, uint32_t capacity_least)
{
    return shape->capacity >= capacity_least &&
           (shape->item_size == 8 || shape->item_size == 16 ||
            shape->item_size == 64);
}

#endif
