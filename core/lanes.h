/* SPDX-License-Identifier: MPL-2.0 */
/* The lanes of a socket in one direction: a pipe per peer, visited in turn.
 *
 * A lane is active (in the circle) while it is worth looking at. One that was
 * found empty (or full) for long is *armed*: it leaves the circle, and the
 * peer's next commit (or release) rings the socket's bell, which brings it
 * back. So a receiver with 1,000 idle peers looks at the busy ones only, and
 * busy lanes never touch the bell.
 *
 * Arming costs a fence_heavy, so it is done for many lanes at once: when the
 * looks that found nothing have cost as much as a fence, or before sleeping.
 *
 * Concurrency   The socket's owner only. */
#ifndef WEIR_CORE_LANES_H
#define WEIR_CORE_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/pipe.h"

struct wr_end;
struct wr_lanes;

struct wr_lane {
    struct wr_pipe *pipe;  /* NULL: no pipe in this direction */
    struct wr_end *end;    /* the end of the connection that it is part of */
    struct wr_lanes *home; /* where it was added, or NULL */
    struct wr_lane *next;  /* in the circle; NULL while it is not in it */
    struct wr_lane *prev;
    uint64_t seen; /* messages read when wr_lanes_came was asked last */
};

struct wr_lanes {
    struct wr_lane *current; /* whose turn it is; NULL: none is active */
    uint32_t active;
    uint32_t misses; /* looks that found nothing, since lanes were armed */
    bool reading;    /* the lanes are read; else they are written */
    bool in_turn;    /* wr_lanes_turn passes the turn on */
};

/* Looks that cost about as much as a fence_heavy: two microseconds. */
#define WR_LANES_PATIENCE 2048

/* Adds a lane, active, as the last one in turn. */
void wr_lanes_add(struct wr_lanes *ls, struct wr_lane *l);

/* Takes it out for good. */
void wr_lanes_remove(struct wr_lane *l);

/* Brings an armed lane back; nothing if it is active, or was never added. */
void wr_lanes_activate(struct wr_lane *l);

/* Arms all active lanes with nothing to do, and takes them out of the circle.
 * A full look: afterwards the circle holds the lanes that are ready. */
void wr_lanes_arm(struct wr_lanes *ls);

/* The same with the fence left to the caller, for whom one is enough for many
 * sockets: begin, fence_heavy, end; nothing happens to the lanes in between.
 * begin: false when no lane is active, and no fence needed. */
bool wr_lanes_arm_begin(struct wr_lanes *ls);
void wr_lanes_arm_end(struct wr_lanes *ls);

/* Finds the next ready lane where the one in turn is not. */
struct wr_lane *wr_lanes_search(struct wr_lanes *ls);

static inline bool
wr_lane_ready(const struct wr_lanes *ls, const struct wr_lane *l)
{
    return ls->reading ? wr_pipe_readable(l->pipe) : wr_pipe_writable(l->pipe);
}

/* The ready lane whose turn it is, or NULL. It stays in turn. */
static inline struct wr_lane *
wr_lanes_next(struct wr_lanes *ls)
{
    struct wr_lane *l = ls->current;

    return likely(l != NULL && wr_lane_ready(ls, l)) ? l : wr_lanes_search(ls);
}

/* How many messages have come through the lane in turn since this was asked
 * last; 0 for lanes that are written. */
static inline uint64_t
wr_lanes_came(const struct wr_lanes *ls)
{
    struct wr_lane *l = ls->current;
    uint64_t before;

    if (!ls->reading || l == NULL)
        return 0;
    before = l->seen;
    l->seen = wr_pipe_taken(l->pipe);
    return l->seen - before;
}

/* After a message or batch has gone through the lane in turn: passes the turn
 * on. */
static inline void
wr_lanes_turn(struct wr_lanes *ls)
{
    if (ls->in_turn && ls->current != NULL)
        ls->current = ls->current->next;
}

#endif
