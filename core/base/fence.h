/* SPDX-License-Identifier: MPL-2.0 */
/* A pair of fences for two threads that each write one word and then read the
 * other's, where one of them does so on every message and the other seldom.
 *
 *   busy side            rare side
 *   write A              write B
 *   fence_light()        fence_heavy()
 *   read B               read A
 *
 * At least one of the two reads sees the other's write. With membarrier(2) the
 * light fence is only a compiler barrier, and the heavy one a system call that
 * makes every running thread of the process pass a full fence. Without it (old
 * kernel, seccomp), both are full fences. fence_setup() chooses, once, before
 * the first fence; it is safe from any thread.
 *
 * ThreadSanitizer does not model fences. It needs no model here: A and B are
 * atomics, and nothing but them is ordered by these fences. */
#ifndef WEIR_CORE_BASE_FENCE_H
#define WEIR_CORE_BASE_FENCE_H

#include <stdbool.h>

#include "core/base/atomic.h"

/* True when the light fence is a compiler barrier. Written by fence_setup. */
extern _Atomic bool wr_fence_asymmetric;

/* Chooses the kind of fence. */
void fence_setup(void);

/* Every thread of the process passes a full fence (or this one does, when the
 * light fence is a full one). A system call: about a microsecond. */
void fence_heavy(void);

static inline void
fence_full(void)
{
#if defined(__x86_64__)
    /* A locked add to the stack is cheaper than mfence. */
    __asm__ __volatile__("lock; addl $0, -64(%%rsp)" ::: "memory", "cc");
#elif defined(__aarch64__)
    __asm__ __volatile__("dmb ish" ::: "memory");
#else
    atomic_thread_fence(memory_order_seq_cst);
#endif
}

/* Whether the light fence is only a compiler barrier. */
static inline bool
fence_is_asymmetric(void)
{
    /* Relaxed: set before the first pipe exists, and constant after. */
    return load_relaxed(&wr_fence_asymmetric);
}

static inline void
fence_light(void)
{
    if (fence_is_asymmetric())
        __asm__ __volatile__("" ::: "memory");
    else
        fence_full();
}

#endif
