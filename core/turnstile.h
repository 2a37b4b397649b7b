/* SPDX-License-Identifier: MPL-2.0 */
/* One thread at a time: how a socket with WEIR_THREAD_SAFE lets many threads
 * send or receive.
 *
 * Who is inside may block there; the others then wait outside, each as long as
 * it may. One that must not wait waits for a thread that is inside, which soon
 * leaves, but not for one that blocks.
 *
 * Concurrency   enter, blocks, leave: any thread. The lock orders what one
 *               thread did inside before what the next one does.
 * Cost          Two locks and two unlocks a call. */
#ifndef WEIR_CORE_TURNSTILE_H
#define WEIR_CORE_TURNSTILE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct wr_turnstile {
    pthread_mutex_t lock;
    pthread_cond_t left;
    bool inside; /* somebody is */
    bool blocks; /* and waits */
};

void wr_turnstile_init(struct wr_turnstile *t);
void wr_turnstile_fini(struct wr_turnstile *t);

/* Goes inside. -EAGAIN: not until deadline_ns (CLOCK_MONOTONIC; WR_NEVER; 0:
 * not while somebody blocks inside). */
int wr_turnstile_enter(struct wr_turnstile *t, int64_t deadline_ns);

/* Who is inside is about to wait. */
void wr_turnstile_blocks(struct wr_turnstile *t);

void wr_turnstile_leave(struct wr_turnstile *t);

#endif
