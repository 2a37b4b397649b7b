/* SPDX-License-Identifier: MPL-2.0 */
/* The place of a message that is replaced by the next one: what a conflating
 * pipe has instead of slots.
 *
 * Concurrency   put: the writer; take: the reader; is_full: the reader
 * Edges         the lock orders the message; L1 put: release store of `full`
 *               L2 is_full: acquire load
 * Cost          A lock, held for a copy, at both sides. */
#ifndef WEIR_CORE_LATEST_H
#define WEIR_CORE_LATEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "weir/weir.h"

struct wr_latest {
    _Alignas(WR_GROUP) pthread_mutex_t lock;
    _Atomic uint32_t full;
    weir_msg msg;
};

/* Makes it empty, over zeroed memory. */
void wr_latest_init(struct wr_latest *l);

/* Drops the message in it. */
void wr_latest_fini(struct wr_latest *l);

/* Moves msg there, without `more`, and drops what was there. */
void wr_latest_put(struct wr_latest *l, weir_msg *msg);

/* Moves the message to msg; there is one. */
void wr_latest_take(struct wr_latest *l, weir_msg *msg);

static inline bool
wr_latest_is_full(struct wr_latest *l)
{
    return load_acquire(&l->full) != 0; /* L2 */
}

#endif
