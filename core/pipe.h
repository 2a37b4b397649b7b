/* SPDX-License-Identifier: MPL-2.0 */
/* One direction of a connection: a chain of slot rings, a limit in messages,
 * and two flags by which one side asks the other to ring its bell.
 *
 * The pipe begins with a small ring. When that is full and the limit is not
 * reached, the writer appends a larger one and goes on there; the reader frees
 * the ones that it has drained. So an idle pipe is small, a busy one settles in
 * its last ring, and a pipe without a limit, or a message of more frames than
 * a ring has slots, needs nothing special.
 *
 * Concurrency   reserve, commit, write: the writer, one thread
 *               peek, take, release, read: the reader, one thread
 *               set_hwm: each side its own
 *               Never blocks. The writer allocates when it appends a ring.
 *
 * Edges         P1 append: release store of next; P2 advance: acquire load
 *               P3 flush: release store of messages_read
 *               P4 refresh: acquire load of it: those messages are gone
 *               P5 wants: reader_wants against ctl, writer_wants against
 *                  messages_read. Who asks stores the flag, issues fence_heavy
 *                  and looks once more; the other side publishes, issues
 *                  fence_light, and looks at the flag. One of them sees.
 *               and those of core/ring/slot_ring.h
 *
 * Invariants    messages written - read <= limit, as it was when last looked at
 *               a message lies in one ring, and is published by one commit
 *
 * Why this ring: publication in the data line saves the index line of every
 * hop (README.md has the figures); why 64-byte slots: they are messages, so
 * that frames are written and read in place. */
#ifndef WEIR_CORE_PIPE_H
#define WEIR_CORE_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/arena.h"
#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/base/fence.h"
#include "core/message.h"
#include "core/ring/slot_ring.h"

/* Slots of a pipe's first ring, and of the largest that growth makes. */
#define WR_PIPE_SLOTS_FIRST UINT64_C(128)
#define WR_PIPE_SLOTS_MOST  UINT64_C(16384)

/* A side's share of the limit when it has none. */
#define WR_NO_LIMIT UINT32_MAX

struct wr_segment {
    struct wr_slot_ring ring;
    _Alignas(WR_GROUP) _Atomic(struct wr_segment *) next;
};

struct wr_pipe {
    /* Constant. */
    _Alignas(WR_GROUP) struct wr_arena *arena;

    /* The writer's. */
    _Alignas(WR_GROUP) struct wr_segment *w_segment;
    uint64_t w_messages; /* written */
    uint64_t w_limit;    /* messages read + limit, as last seen */

    /* The reader's. */
    _Alignas(WR_GROUP) struct wr_segment *r_segment;
    uint64_t r_messages; /* read */
    uint64_t r_told;     /* value of messages_read */
    uint64_t r_quantum;  /* messages between two stores to it */

    /* Written by the reader, read by the writer when its limit is reached. */
    _Alignas(WR_GROUP) _Atomic uint64_t messages_read;

    /* Seldom written, read by both. */
    _Alignas(WR_GROUP) _Atomic uint32_t reader_wants; /* ring when you commit */
    _Atomic uint32_t writer_wants; /* ring when you release */
    _Atomic uint32_t send_hwm;     /* set by the writer's side */
    _Atomic uint32_t recv_hwm;     /* set by the reader's side */
};

/* A new pipe; its memory is of arena, which it holds. NULL: no memory. */
struct wr_pipe *wr_pipe_new(struct wr_arena *arena, uint32_t send_hwm,
                            uint32_t recv_hwm);

/* Frees it and drops the messages in it. Nobody uses it any more. */
void wr_pipe_free(struct wr_pipe *p);

/* Sets one side's share of the limit: at most INT32_MAX, or WR_NO_LIMIT; one of
 * the two is not 0. The caller then makes the writer call limit_changed, and
 * the reader read_limit_changed. */
static inline void
wr_pipe_set_send_hwm(struct wr_pipe *p, uint32_t hwm)
{
    store_relaxed(&p->send_hwm, hwm); /* takes effect when it is seen */
}

static inline void
wr_pipe_set_recv_hwm(struct wr_pipe *p, uint32_t hwm)
{
    store_relaxed(&p->recv_hwm, hwm); /* as above */
}

/* ---- Writer ------------------------------------------------------------ */

/* How many messages the limit lets through now, by the reader's count. */
uint64_t wr_pipe_refresh(struct wr_pipe *p);

/* At least n of them, or as many as there are. */
static inline uint64_t
wr_pipe_credit(struct wr_pipe *p, uint64_t n)
{
    /* Signed: a lowered limit may lie behind what is written. */
    int64_t credit = (int64_t)(p->w_limit - p->w_messages);

    return likely(credit >= (int64_t)n) ? (uint64_t)credit : wr_pipe_refresh(p);
}

static inline bool
wr_pipe_writable(struct wr_pipe *p)
{
    return wr_pipe_credit(p, 1) > 0;
}

/* Forgets what is known of the limit, for it has changed. */
static inline void
wr_pipe_limit_changed(struct wr_pipe *p)
{
    p->w_limit = p->w_messages;
}

/* Appends a ring with room for at least n slots. False: no memory. */
bool wr_pipe_append(struct wr_pipe *p, uint64_t n);

/* Goes on in a larger ring where one pays: the last one had less room than was
 * asked for, and is smaller than the limit. */
void wr_pipe_grow(struct wr_pipe *p);

/* How many slots are free in the ring, n being as many as the caller can use;
 * 0: it is full, and there is no memory for another. */
static inline uint64_t
wr_pipe_room(struct wr_pipe *p, uint64_t n)
{
    uint64_t room = wr_slot_ring_room(&p->w_segment->ring, n);

    if (likely(room >= n))
        return room;
    wr_pipe_grow(p);
    return wr_slot_ring_room(&p->w_segment->ring, n);
}

/* Up to n free slots side by side. 0: the limit is reached (*full), or there is
 * no memory. */
static inline uint64_t
wr_pipe_reserve(struct wr_pipe *p, uint64_t n, weir_msg **span)
{
    uint64_t credit = wr_pipe_credit(p, n);
    struct wr_slot *slots;

    n = n < credit ? n : credit;
    if (n == 0)
        return 0;
    if (unlikely(wr_pipe_room(p, n) == 0))
        return 0;
    n = wr_slot_ring_reserve(&p->w_segment->ring, n, &slots);
    *span = (weir_msg *)(void *)slots;
    return n;
}

/* Publishes the first n > 0 slots, which are as many messages. Returns true
 * when the reader asked to be told: ring its bell. */
hot_inline bool
wr_pipe_commit(struct wr_pipe *p, uint64_t slots, uint64_t messages)
{
    wr_slot_ring_commit(&p->w_segment->ring, slots);
    p->w_messages += messages;
    fence_light(); /* P5 */
    return unlikely(load_relaxed(&p->reader_wants) != 0) &&
           exchange_acq_rel(&p->reader_wants, 0) != 0;
}

/* Moves a message of one frame into the pipe, which is writable. False:
 * no memory. *ring: ring the reader's bell. */
static inline bool
wr_pipe_put(struct wr_pipe *p, weir_msg *msg, bool *ring)
{
    struct wr_slot_ring *r = &p->w_segment->ring;

    if (unlikely(r->w_limit == r->w_pos)) {
        if (wr_pipe_room(p, 1) == 0)
            return false;
        r = &p->w_segment->ring;
    }
    wr_msg_copy((weir_msg *)(void *)wr_slot_ring_at_tail(r, 0), msg);
    weir_msg_init(msg);
    *ring = wr_pipe_commit(p, 1, 1);
    return true;
}

/* Moves whole messages from the n frames at msgs into the pipe and leaves the
 * moved frames empty. Returns how many frames went, 0 when not even the first
 * message did: the limit is reached, or *no_memory. *ring: ring the reader's
 * bell. */
size_t wr_pipe_write(struct wr_pipe *p, weir_msg *msgs, size_t n, bool *ring,
                     bool *no_memory);

/* ---- Reader ------------------------------------------------------------ */

/* Goes on to the next ring, if the writer has. True: there is something. */
bool wr_pipe_advance(struct wr_pipe *p);

/* Tells the writer how far the reader is. True: ring the writer's bell. */
bool wr_pipe_flush(struct wr_pipe *p);

/* The same for a pipe that was found empty, if there is anything to tell. */
static inline bool
wr_pipe_idle(struct wr_pipe *p)
{
    return unlikely(p->r_segment->ring.r_head != p->r_segment->ring.r_pos ||
                    p->r_told != p->r_messages) &&
           wr_pipe_flush(p);
}

static inline bool
wr_pipe_readable(struct wr_pipe *p)
{
    return likely(wr_slot_ring_ready(&p->r_segment->ring, 1) > 0) ||
           wr_pipe_advance(p);
}

/* Up to n frames side by side; the pipe is readable. */
static inline uint64_t
wr_pipe_peek(struct wr_pipe *p, uint64_t n, weir_msg **span)
{
    struct wr_slot *slots;

    n = wr_slot_ring_peek(&p->r_segment->ring, n, &slots);
    *span = (weir_msg *)(void *)slots;
    return n;
}

/* Takes note that the limit has changed. */
void wr_pipe_read_limit_changed(struct wr_pipe *p);

/* Gives the first `slots` frames back, which ended that many messages; what
 * they referred to is no longer there. True: ring the writer's bell. */
hot_inline bool
wr_pipe_release(struct wr_pipe *p, uint64_t slots, uint64_t messages)
{
    p->r_messages += messages;
    if (likely(!wr_slot_ring_release(&p->r_segment->ring, slots)) &&
        likely(p->r_messages - p->r_told < p->r_quantum))
        return false;
    return wr_pipe_flush(p);
}

/* Takes the first frame into msg; the pipe is readable. True: ring the writer's
 * bell. */
static inline bool
wr_pipe_take(struct wr_pipe *p, weir_msg *msg)
{
    wr_msg_copy(msg, (const weir_msg *)(const void *)wr_slot_ring_at_head(
                         &p->r_segment->ring, 0));
    return wr_pipe_release(p, 1, weir_msg_more(msg) ? 0 : 1);
}

/* Takes whole messages of at most n frames together into msgs, and leaves the
 * rest of msgs empty or untouched; the pipe is readable. Returns the frames
 * taken, 0 when the first message has more than n. *ring: ring the writer's
 * bell. */
size_t wr_pipe_read(struct wr_pipe *p, weir_msg *msgs, size_t n, bool *ring);

#endif
