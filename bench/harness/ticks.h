/* SPDX-License-Identifier: MPL-2.0 */
/* The cheapest monotonic counter that the machine has, in ticks of unknown
 * length: measure the length against CLOCK_MONOTONIC over the run. */
#ifndef WEIR_BENCH_HARNESS_TICKS_H
#define WEIR_BENCH_HARNESS_TICKS_H

#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include "core/base/clock.h"
#endif

static inline uint64_t
ticks_now(void)
{
#if defined(__x86_64__)
    unsigned core;

    /* rdtscp waits for what comes before it; plain rdtsc may run early. */
    return __rdtscp(&core);
#else
    return (uint64_t)clock_now_ns();
#endif
}

#endif
