/* SPDX-License-Identifier: MPL-2.0 */
/* The threads of one measured batch: pinned, opened in order, started at once,
 * and all finished before anything closes.
 *
 *   stage 1  members whose end binds open it
 *   stage 2  the others open theirs (connect)
 *   stage 3  all work, from one barrier on, until their work returns
 *   stage 4  all close
 * A member that cannot open keeps every one from working. */
#ifndef WEIR_BENCH_HARNESS_CREW_H
#define WEIR_BENCH_HARNESS_CREW_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/harness/peer.h"
#include "bench/harness/tally.h"
#include "core/base/atomic.h"
#include "core/base/cpu.h"

#define CREW_MAX 64

struct crew;

/* A thread and what it does. */
struct member {
    int distance;    /* as in placement.h */
    bool anchor;     /* the others are at that distance from it */
    struct end *end; /* NULL: has none to open */
    int (*work)(const struct peer *peer, void *arg); /* 0, or peer->error */
    void *arg;
    struct crew *crew; /* set by crew_add, as is all below */
    pthread_t thread;
    bool open;
};

struct crew {
    /* Written by the coordinator, read by the members: an enum phase. */
    _Alignas(WR_GROUP) _Atomic uint32_t phase;
    _Alignas(WR_GROUP) const struct peer *peer;
    const char *title;
    void *context;
    pthread_barrier_t barrier;
    _Atomic uint32_t failures;
    char error[120]; /* the first; written by the member that failed first */
    size_t members;
    struct member member[CREW_MAX];
};

/* A crew without members; NULL without memory. The title stays the caller's:
 * the row's name. Without a peer its members have no ends, and their work does
 * not fail. */
struct crew *crew_new(const struct peer *peer, const char *title);

/* After crew_finish, or without crew_start. */
void crew_free(struct crew *crew);

/* Adds a thread; before crew_start. At most CREW_MAX. */
void crew_add(struct crew *crew, struct member member);

/* Starts the members and returns when they begin to work. False when one could
 * not: crew_finish is due all the same. */
bool crew_start(struct crew *crew);

/* Sets the phase and lets it last. */
void crew_phase(struct crew *crew, uint32_t phase, int64_t ns);

/* Sets PHASE_STOP and waits until all have closed. False when any call failed;
 * the tally has the error. Ends the program if they do not end within 60 s. */
bool crew_finish(struct crew *crew, struct tally *tally);

#endif
