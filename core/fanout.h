/* SPDX-License-Identifier: MPL-2.0 */
/* One message to many peers: what PUB, XPUB, SUB and XSUB send with.
 *
 * For each message peers are chosen, those without room are found out, and then
 * it is put: a copy of the value for each, and one addition to the count of
 * what it refers to.
 *
 * Concurrency   The socket's owner only.
 * Invariants    peers[p->index] == p
 *               chosen are n_chosen different peers, those with mark == `mark`,
 *               until some of them are left out
 *               all arrays have room for n, so that choosing needs no memory
 * Cost          Choosing and putting: no memory but for messages of several
 *               frames, whose copies go through an array that is kept. */
#ifndef WEIR_CORE_FANOUT_H
#define WEIR_CORE_FANOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/arena.h"
#include "core/base/cpu.h"
#include "core/frames.h"
#include "core/pipe.h"

struct wr_end;

enum wr_peer_state {
    WR_PEER_LIVE,
    WR_PEER_LEAVING, /* it can be sent nothing; its subscriptions are there */
    WR_PEER_GONE,    /* they are not */
};

struct wr_peer {
    struct wr_pipe *pipe; /* to it */
    struct wr_end *end;   /* our end; NULL: it was let go of */
    uint64_t mark;
    uint32_t index;

    bool odd; /* a subscriber's: counted among those */

    /* The publisher's. */
    uint32_t refs; /* its end, the list of those leaving, and messages */
    enum wr_peer_state state;
    size_t topics;        /* how often it is in a set of subscriptions */
    struct wr_peer *next; /* of those leaving */
};

struct wr_fanout {
    struct wr_peer **peers;
    struct wr_peer **chosen;
    struct wr_peer **kept; /* chosen for a message before */
    uint32_t n;
    uint32_t n_chosen;
    uint32_t n_kept;
    uint32_t capacity;
    uint64_t mark;      /* of this message */
    uint32_t unmatched; /* WR_MSG_UNMATCHED, for all messages, or 0 */
    struct wr_frames copies;
};

/* -ENOMEM. */
int wr_fanout_add(struct wr_fanout *f, struct wr_arena *arena,
                  struct wr_peer *p);

/* None is chosen afterwards. */
void wr_fanout_remove(struct wr_fanout *f, const struct wr_peer *p);
void wr_fanout_fini(struct wr_fanout *f, struct wr_arena *arena);

/* Begins with a message: none is chosen. */
static inline void
wr_fanout_begin(struct wr_fanout *f)
{
    f->mark++;
    f->n_chosen = 0;
}

static inline void
wr_fanout_choose(struct wr_fanout *f, struct wr_peer *p)
{
    if (p->mark == f->mark)
        return;
    p->mark = f->mark;
    f->chosen[f->n_chosen++] = p;
}

/* Chooses all who were not chosen, and none else. */
void wr_fanout_invert(struct wr_fanout *f);

/* Keeps those who were chosen; whether the same are again. */
static inline void
wr_fanout_keep(struct wr_fanout *f)
{
    struct wr_peer **kept = f->kept;

    f->kept = f->chosen;
    f->n_kept = f->n_chosen;
    f->chosen = kept;
}

static inline bool
wr_fanout_as_kept(const struct wr_fanout *f)
{
    if (f->n_chosen != f->n_kept)
        return false;
    for (uint32_t i = 0; i < f->n_kept; i++)
        if (f->chosen[i] != f->kept[i])
            return false;
    return true;
}

/* Leaves out the chosen that have no room for a message of n frames. */
void wr_fanout_leave_out_full(struct wr_fanout *f, size_t n);

/* Whether all have room: 0; -EAGAIN: *full has reached its limit; -ENOMEM. */
int wr_fanout_has_room(struct wr_fanout *f, size_t n, struct wr_peer **full);

/* Keeps a frame that is not the last of its message. -ENOMEM. */
int wr_fanout_stage(struct wr_frames *frames, struct wr_arena *arena,
                    weir_msg *msg);

/* Puts an inline message of one frame to the chosen that have room, in one
 * pass. It is empty afterwards. */
void wr_fanout_put_inline(struct wr_fanout *f, weir_msg *msg);

/* Puts a message, the frames that were kept and its last one, to the chosen,
 * which have room. Both are empty afterwards. -ENOMEM: as before, and nothing
 * was put. */
int wr_fanout_put(struct wr_fanout *f, struct wr_arena *arena,
                  struct wr_frames *frames, weir_msg *last);

/* Puts n > 0 messages of one frame each to those that were kept, and drops them
 * where there is no room. Returns how many: they are empty afterwards; less for
 * want of memory. */
size_t wr_fanout_put_run(struct wr_fanout *f, struct wr_arena *arena,
                         weir_msg *msgs, size_t n);

#endif
