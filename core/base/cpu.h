/* SPDX-License-Identifier: MPL-2.0 */
/* What the code tells the processor and the compiler: line sizes, branch
 * hints, prefetches and the pause of a spin loop. */
#ifndef WEIR_CORE_BASE_CPU_H
#define WEIR_CORE_BASE_CPU_H

#include <stddef.h>

/* One cache line. */
#define WR_LINE 64
/* Two lines: what one writer owns is padded to this, for the next-line
 * prefetcher pulls lines in pairs. */
#define WR_GROUP 128

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Inlined even where the compiler would rather share the code: on hot paths a
 * constant count makes loops disappear. */
#define hot_inline static inline __attribute__((always_inline))

#define wr_container_of(ptr, type, member) \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Tells the core that this is a spin loop. */
static inline void
cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb" ::: "memory");
#endif
}

/* Asks for the line at p, to read it. Never faults. */
static inline void
prefetch_read(const void *p)
{
    __builtin_prefetch(p, 0, 3);
}

/* Sends for the line at p by a store of 0 to its byte there, which the compiler
 * keeps although the byte is written again. A line that the core has already
 * read is fetched for writing too, which prefetch_write may not do. */
static inline void
claim_line(unsigned char *p)
{
    *p = 0;
    __asm__ __volatile__("" : "+m"(*p));
}

/* Asks for the line at p, to write it. Never faults. */
static inline void
prefetch_write(const void *p)
{
#if defined(__x86_64__)
    /* Spelled out: the builtin gives a read prefetch on baseline x86-64. */
    __asm__ __volatile__("prefetchw %0" ::"m"(*(const char *)p));
#else
    __builtin_prefetch(p, 1, 3);
#endif
}

#endif
