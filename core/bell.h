/* SPDX-License-Identifier: MPL-2.0 */
/* The bell of a socket: how other threads get its owner's attention, and how
 * the owner sleeps until they do.
 *
 * Who wants to tell the socket something about one of its connections puts
 * that end on the bell's stack and wakes the owner; the owner looks at one word
 * in every call, takes the whole stack, and finds out by itself what is new.
 *
 * Concurrency   ring, arrive, stop: any thread that holds the bell
 *               take, sleep_begin, sleep, sleep_end: the socket's owner
 *
 * Edges         B1 ring: the push (and arrive, stop: the bit), a read-modify-
 *                        write of `ready`
 *               B2 take: the exchange of `ready`: what the ringer wrote before
 *                        is seen by the owner
 *               B3, B4   asleep against ready: each side writes one word, then
 *                        reads the other's, all seq_cst, so that one of them
 *                        sees the other. ring: push (B1), then read asleep
 *                        (B3). sleep: write asleep, then read ready (B4).
 *               B5       queued: an end is on the stack at most once; whoever
 *                        finds it 1 may leave, for the owner will clear it and
 *                        look at the end after that.
 *               B6       watched against ready, as B3 and B4: see watch.h.
 * ring: push (B1), then read watched. Who arms a watch writes it, issues
 * fence_heavy, and reads ready.
 *
 * Cost          Quiet: one load per call of the owner, of a line that nobody
 *               writes. ring: two read-modify-writes, and a system call if the
 *               owner sleeps; for watches see watch.h. */
#ifndef WEIR_CORE_BELL_H
#define WEIR_CORE_BELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "alloc/arena.h"
#include "core/base/atomic.h"
#include "core/base/cpu.h"

/* Bits of `ready` beside the address of the stack's top. */
#define WR_BELL_ARRIVED UINT64_C(1) /* connections wait to be taken up */
#define WR_BELL_STOPPED UINT64_C(2) /* shut down; stays set */

/* An entry of the stack, inside of a connection's end. */
struct wr_bell_entry {
    struct wr_bell_entry *next;
    _Atomic uint32_t queued;
};

struct wr_watch;

struct wr_bell {
    _Alignas(WR_GROUP) _Atomic uint64_t ready;
    _Atomic uint32_t
        asleep; /* futex: 1 while the owner sleeps or is about to */
    _Atomic uint32_t watched; /* 1 while a watch is armed */
    _Atomic uint32_t refs;
    struct wr_arena *arena;

    /* Of watch.c; seldom used. */
    pthread_mutex_t watch_lock;
    struct wr_watch *watches;
};

/* A new bell, held by the caller. NULL: no memory. */
struct wr_bell *wr_bell_new(struct wr_arena *arena);
void wr_bell_hold(struct wr_bell *b);
void wr_bell_drop(struct wr_bell *b);

/* Puts e on the stack and wakes the owner. */
void wr_bell_ring(struct wr_bell *b, struct wr_bell_entry *e);

/* Sets WR_BELL_ARRIVED or WR_BELL_STOPPED and wakes the owner. */
void wr_bell_notify(struct wr_bell *b, uint64_t bit);

/* Takes the stack, last rung first, and the bits. The entries may be rung again
 * from the moment that wr_bell_entry_open was called on each. */
struct wr_bell_entry *wr_bell_take(struct wr_bell *b, uint64_t *bits);
void wr_bell_entry_open(struct wr_bell_entry *e);

/* Makes sure that e is not rung any more. False: it just was, and is on the
 * stack or about to be. */
bool wr_bell_entry_shut(struct wr_bell_entry *e);

/* Announces sleep; the caller then issues fence_heavy, looks once more at all
 * that it waits for, and calls sleep or sleep_end. sleep returns at once when
 * the bell was rung since, and -ETIMEDOUT after the deadline. */
void wr_bell_sleep_begin(struct wr_bell *b);
int wr_bell_sleep(struct wr_bell *b, int64_t deadline_ns);
void wr_bell_sleep_end(struct wr_bell *b);

/* Whether there is something to take. Relaxed: a hint; take has the edge. */
static inline bool
wr_bell_rung(const struct wr_bell *b)
{
    return load_relaxed(&b->ready) != 0;
}

#endif
