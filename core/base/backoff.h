/* SPDX-License-Identifier: MPL-2.0 */
/* How a thread waits that can go on only when another one has: it looks again
 * and again, and now and then lets others run, for the one that it waits for
 * may be waiting for this CPU.
 *
 * Concurrency   One thread's own. */
#ifndef WEIR_CORE_BASE_BACKOFF_H
#define WEIR_CORE_BASE_BACKOFF_H

#include <sched.h>
#include <stdint.h>

#include "core/base/cpu.h"

/* All zero at the begin of each wait. */
struct wr_backoff {
    uint32_t looks;
};

/* After a look that found nothing: the next one is due when it returns. */
static inline void
wr_backoff(struct wr_backoff *b)
{
    if (++b->looks % 64 == 0)
        (void)sched_yield();
    else
        cpu_relax();
}

#endif
