/* SPDX-License-Identifier: MPL-2.0 */
#include "core/lanes.h"

#include <stddef.h>

#include "core/connection.h"

static void
insert(struct wr_lanes *ls, struct wr_lane *l)
{
    struct wr_lane *at = ls->current;

    if (at == NULL) {
        l->next = l->prev = ls->current = l;
    } else {
        /* Before the current one: last in turn. */
        l->next = at;
        l->prev = at->prev;
        at->prev->next = l;
        at->prev = l;
    }
    ls->active++;
}

static void
take_out(struct wr_lanes *ls, struct wr_lane *l)
{
    if (ls->current == l)
        ls->current = l->next == l ? NULL : l->next;
    l->prev->next = l->next;
    l->next->prev = l->prev;
    l->next = l->prev = NULL;
    ls->active--;
}

/* The flag by which the peer knows that we want to be told. */
static _Atomic uint32_t *
wants(const struct wr_lanes *ls, const struct wr_lane *l)
{
    return ls->reading ? &l->pipe->reader_wants : &l->pipe->writer_wants;
}

void
wr_lanes_add(struct wr_lanes *ls, struct wr_lane *l)
{
    l->home = ls;
    insert(ls, l);
}

void
wr_lanes_remove(struct wr_lane *l)
{
    if (l->home != NULL && l->next != NULL)
        take_out(l->home, l);
    l->home = NULL;
}

void
wr_lanes_activate(struct wr_lane *l)
{
    if (l->home == NULL || l->next != NULL)
        return;
    /* Relaxed: a peer that still sees 1 rings once more, in vain. */
    store_relaxed(wants(l->home, l), wr_wants_none());
    insert(l->home, l);
}

/* A lane that has run dry for good, and is out of the circle, brings its
 * connection to an end: nobody else will ring for it. */
static void
end_drained(const struct wr_lanes *ls, struct wr_lane *l)
{
    if (ls->reading && unlikely(l->end->draining))
        wr_bell_ring(l->end->bell, &l->end->entry);
}

bool
wr_lanes_arm_begin(struct wr_lanes *ls)
{
    struct wr_lane *l = ls->current;

    ls->misses = 0;
    for (uint32_t i = 0; i < ls->active; i++, l = l->next)
        store_release(wants(ls, l), WR_WANTS_BELL | wr_wants_none()); /* P5 */
    return ls->active > 0;
}

void
wr_lanes_arm_end(struct wr_lanes *ls)
{
    struct wr_lane *l = ls->current;

    for (uint32_t n = ls->active; n > 0; n--) {
        struct wr_lane *next = l->next;

        if (wr_lane_ready(ls, l)) {
            store_relaxed(wants(ls, l), wr_wants_none()); /* as in activate */
        } else {
            take_out(ls, l);
            end_drained(ls, l);
        }
        l = next;
    }
}

void
wr_lanes_arm(struct wr_lanes *ls)
{
    if (!wr_lanes_arm_begin(ls))
        return;
    fence_heavy();
    wr_lanes_arm_end(ls);
}

/* A lane with nothing to do is left in order: its writer knows of all that was
 * read, and a connection that has run dry for good ends. */
static void
leave_idle(struct wr_lanes *ls, struct wr_lane *l)
{
    if (!ls->reading)
        return;
    if (wr_pipe_idle(l->pipe))
        wr_end_ring_peer(l->end);
    if (unlikely(l->end->draining)) {
        take_out(ls, l);
        end_drained(ls, l);
    }
}

struct wr_lane *
wr_lanes_search(struct wr_lanes *ls)
{
    /* With one lane there is nothing to be gained. */
    if (unlikely(ls->misses > WR_LANES_PATIENCE) && ls->active > 1)
        wr_lanes_arm(ls);
    for (uint32_t n = ls->active; n > 0; n--) {
        struct wr_lane *l = ls->current;

        if (wr_lane_ready(ls, l))
            return l;
        ls->current = l->next;
        leave_idle(ls, l);
        ls->misses++;
    }
    return NULL;
}
