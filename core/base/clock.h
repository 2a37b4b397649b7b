/* SPDX-License-Identifier: MPL-2.0 */
/* Time in nanoseconds of CLOCK_MONOTONIC, as 64 bits: good for 292 years. */
#ifndef WEIR_CORE_BASE_CLOCK_H
#define WEIR_CORE_BASE_CLOCK_H

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

#endif
