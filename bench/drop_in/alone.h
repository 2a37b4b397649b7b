/* SPDX-License-Identifier: MPL-2.0 */
/* A case of one thread: pinned at the row's anchor, it repeats one step while
 * the window lasts. */
#ifndef WEIR_BENCH_DROP_IN_ALONE_H
#define WEIR_BENCH_DROP_IN_ALONE_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/row.h"

struct alone {
    /* 0, or what zmq_errno says. fini also follows an init that failed. */
    int (*init)(void *state);
    int (*step)(void *state);
    void (*fini)(void *state);
    size_t state_size;
};

/* Measures steps, as calls_per_second. */
bool alone_batch(const struct row *row, const struct alone *alone,
                 struct tally *tally);

#endif
