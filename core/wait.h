/* SPDX-License-Identifier: MPL-2.0 */
/* How a socket's owner waits for its lanes: spin, yield, park, or adaptive.
 *
 * Adaptive spins for a bounded time and then parks. The time learns: it
 * doubles when spinning ended the wait, and halves when it did not, down to
 * nothing; then every so often a short spin tries whether times have changed.
 * In between, where threads share a CPU, it lets the others run a few times.
 * Where all sockets' threads run on one processor it never spins.
 *
 * Park: announce sleep on the bell, arm the lanes (they then ring the bell),
 * and sleep on the futex until rung. No processor time is used.
 *
 * Cost    A park and its wake-up are two system calls here, a fence_heavy, and
 *         one system call at the peer: tens of microseconds until it runs. */
#ifndef WEIR_CORE_WAIT_H
#define WEIR_CORE_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bell.h"
#include "core/lanes.h"

struct wr_wait {
    int strategy;     /* enum weir_wait */
    uint32_t spin_ns; /* what adaptive would spin now */
    uint32_t parks;   /* waits since the last spin */
    uint32_t stay;    /* waits in which others are not let run */
    uint32_t waits;
    bool crowded; /* others wanted this CPU when it was last given to them */
};

void wr_wait_init(struct wr_wait *w, int strategy);

/* What is waited for, where it is not the lanes of one socket. ready looks;
 * park makes sure to be woken, looks again, sleeps, and returns as wr_wait. */
struct wr_wait_kind {
    bool (*ready)(void *what);
    int (*park)(void *what, int64_t deadline_ns);
};

/* Waits until a lane is ready or the bell was rung: 0. -EAGAIN when deadline_ns
 * (CLOCK_MONOTONIC, or WR_NEVER) has passed; -EINTR when a signal handler ran
 * while the thread slept. May return 0 without cause. */
int wr_wait(struct wr_wait *w, struct wr_bell *bell, struct wr_lanes *ls,
            int64_t deadline_ns);

/* The same for anything else; a look costs as much as `cost` of a lane. */
int wr_wait_for(struct wr_wait *w, const struct wr_wait_kind *kind, void *what,
                size_t cost, int64_t deadline_ns);

#endif
