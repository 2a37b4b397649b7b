/* SPDX-License-Identifier: MPL-2.0 */
/* Time in nanoseconds of CLOCK_MONOTONIC, as 64 bits: good for 292 years. */
#ifndef WEIR_CORE_BASE_CLOCK_H
#define WEIR_CORE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Never: a deadline that does not come. */
#define WR_NEVER INT64_MAX

static inline int64_t
clock_now_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* The time in timeout_ms milliseconds; WR_NEVER for -1, and for what is too far
 * away. For 0 the clock is not asked: 0, which is over. */
static inline int64_t
clock_deadline_ns(int64_t timeout_ms)
{
    int64_t now;

    if (timeout_ms < 0)
        return WR_NEVER;
    if (timeout_ms == 0)
        return 0;
    now = clock_now_ns();
    return timeout_ms > (WR_NEVER - 1 - now) / 1000000
               ? WR_NEVER
               : now + timeout_ms * 1000000;
}

static inline bool
clock_is_over(int64_t deadline_ns)
{
    return deadline_ns == 0 ||
           (deadline_ns != WR_NEVER && clock_now_ns() >= deadline_ns);
}

#endif
