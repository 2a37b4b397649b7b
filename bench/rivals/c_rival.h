/* SPDX-License-Identifier: MPL-2.0 */
/* The contract's functions for rivals in C of which one library has several:
 * WR_C_RIVAL(NAME, LIB, MODE, PUSH, POP) gives those of NAME, given
 *
 *   struct LIB
 *   size_t LIB_bytes(const struct wr_shape *)
 *   struct LIB *LIB_new(void *memory, const struct wr_shape *, MODE)
 *   PUSH(struct LIB *, size, n, fill, arg), POP(struct LIB *, size, n, use,
 * arg)
 */
#ifndef WEIR_BENCH_RIVALS_C_RIVAL_H
#define WEIR_BENCH_RIVALS_C_RIVAL_H

#include "bench/rivals/rival.h"

#define WR_C_RIVAL(NAME, LIB, MODE, PUSH, POP)                                \
    struct wr_##NAME;                                                         \
                                                                              \
    struct wr_##NAME##_writer {                                               \
        struct LIB *lib;                                                      \
    };                                                                        \
                                                                              \
    struct wr_##NAME##_reader {                                               \
        struct LIB *lib;                                                      \
    };                                                                        \
                                                                              \
    static inline size_t wr_##NAME##_bytes(const struct wr_shape *shape)      \
    {                                                                         \
        uint32_t least = wr_##NAME##_traits.capacity_least;                   \
                                                                              \
        return wr_rival_can(shape, least) ? LIB##_bytes(shape) : 0;           \
    }                                                                         \
                                                                              \
    static inline struct wr_##NAME *wr_##NAME##_init(                         \
        void *memory, const struct wr_shape *shape)                           \
    {                                                                         \
        return (struct wr_##NAME *)LIB##_new(memory, shape, MODE);            \
    }                                                                         \
                                                                              \
    static inline void wr_##NAME##_fini(struct wr_##NAME *q)                  \
    {                                                                         \
        (void)q;                                                              \
    }                                                                         \
                                                                              \
    static inline void wr_##NAME##_writer_init(                               \
        struct wr_##NAME##_writer *w, struct wr_##NAME *q, uint32_t number)   \
    {                                                                         \
        (void)number;                                                         \
        w->lib = (struct LIB *)q;                                             \
    }                                                                         \
                                                                              \
    static inline void wr_##NAME##_reader_init(                               \
        struct wr_##NAME##_reader *r, struct wr_##NAME *q, uint32_t number)   \
    {                                                                         \
        (void)number;                                                         \
        r->lib = (struct LIB *)q;                                             \
    }                                                                         \
                                                                              \
    hot_inline uint64_t wr_##NAME##_push(struct wr_##NAME##_writer *w,        \
                                         size_t size, uint64_t n,             \
                                         wr_fill *fill, void *arg)            \
    {                                                                         \
        return PUSH(w->lib, size, n, fill, arg);                              \
    }                                                                         \
                                                                              \
    static inline void wr_##NAME##_flush(struct wr_##NAME##_writer *w)        \
    {                                                                         \
        (void)w;                                                              \
    }                                                                         \
                                                                              \
    hot_inline uint64_t wr_##NAME##_pop(struct wr_##NAME##_reader *r,         \
                                        size_t size, uint64_t n, wr_use *use, \
                                        void *arg)                            \
    {                                                                         \
        return POP(r->lib, size, n, use, arg);                                \
    }

#endif
