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
 *                  Where the light fence is a full one, WR_WANTS_FENCE is
 *                  always set, so that one look tells both.
 *               and those of core/ring/slot_ring.h
 *
 * Invariants    messages written - read <= limit, as it was when last looked at
 *               a slot that is a message of one frame moves both the position
 *               and the count, so that only longer ones and packed slots change
 *               the offset between them
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
#include "core/latest.h"
#include "core/message.h"
#include "core/ring/slot_ring.h"

/* Slots of a pipe's first ring, and of the largest that growth makes. */
#define WR_PIPE_SLOTS_FIRST UINT64_C(128)
#define WR_PIPE_SLOTS_MOST  UINT64_C(16384)

/* Of reader_wants and writer_wants. */
#define WR_WANTS_BELL  UINT32_C(1) /* ring when there is something new */
#define WR_WANTS_FENCE UINT32_C(2) /* look again after a full fence */

/* The word of a side that wants nothing. */
static inline uint32_t
wr_wants_none(void)
{
    return fence_is_asymmetric() ? 0 : WR_WANTS_FENCE;
}

/* A side's share of the limit when it has none. */
#define WR_NO_LIMIT UINT32_MAX

struct wr_segment {
    struct wr_slot_ring ring;
    _Alignas(WR_GROUP) _Atomic(struct wr_segment *) next;
};

struct wr_pipe {
    /* Constant. */
    _Alignas(WR_GROUP) struct wr_arena *arena;
    struct wr_latest *latest; /* of a conflating pipe, or NULL */

    /* The writer's. */
    _Alignas(WR_GROUP) struct wr_segment *w_segment;
    uint64_t w_offset; /* position in the ring - messages written */
    uint64_t w_limit;  /* messages read + limit, as last seen */

    /* The reader's. */
    _Alignas(WR_GROUP) struct wr_segment *r_segment;
    uint64_t r_offset;  /* position in the ring - messages read */
    uint64_t r_told;    /* value of messages_read */
    uint32_t r_part;    /* messages taken of the packed slot at r_pos */
    uint64_t r_quantum; /* messages between two stores to it */
    uint64_t r_opened;  /* messages read when the window was opened */

    /* Written by the reader, read by the writer when its limit is reached. */
    _Alignas(WR_GROUP) _Atomic uint64_t messages_read;

    /* Seldom written, read by both. */
    _Alignas(WR_GROUP) _Atomic uint32_t reader_wants; /* ring when you commit */
    _Atomic uint32_t writer_wants; /* ring when you release */
    _Atomic uint32_t send_hwm;     /* set by the writer's side */
    _Atomic uint32_t recv_hwm;     /* set by the reader's side */
};

/* A new pipe; its memory is of arena, which it holds. One that conflates has
 * no limit, and at most one message: its slots are never used, so that
 * everything but the long way of put, write, take, and read finds it without a
 * window and without a slot. NULL: no memory. */
struct wr_pipe *wr_pipe_new(struct wr_arena *arena, uint32_t send_hwm,
                            uint32_t recv_hwm, bool conflate);

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

/* How many messages were written. */
static inline uint64_t
wr_pipe_written(const struct wr_pipe *p)
{
    return p->w_segment->ring.w_pos - p->w_offset;
}

/* Whether anything was written; true for good, unless the pipe conflates. */
static inline bool
wr_pipe_was_written(const struct wr_pipe *p)
{
    return wr_pipe_written(p) > 0 ||
           (p->latest != NULL && wr_latest_is_full(p->latest));
}

/* How many the reader is known to have taken: all, when it found none. */
static inline uint64_t
wr_pipe_known_read(const struct wr_pipe *p)
{
    return load_acquire(&p->messages_read); /* P4 */
}

/* How many messages the limit lets through now, by the reader's count; never
 * fewer than before, but for what was written, and after limit_changed. */
uint64_t wr_pipe_refresh(struct wr_pipe *p);

/* At least n of them, or as many as there are. */
static inline uint64_t
wr_pipe_credit(struct wr_pipe *p, uint64_t n)
{
    /* Signed: a lowered limit may lie behind what is written. */
    int64_t credit = (int64_t)(p->w_limit - wr_pipe_written(p));

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
    p->w_limit = wr_pipe_written(p);
    wr_slot_ring_open_free(&p->w_segment->ring, 0);
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

/* Who has just published asks whether the other side wants to be told; so does
 * who has just given back. True: ring its bell. */
bool wr_pipe_is_wanted(_Atomic uint32_t *wants);

/* False: it does not. */
hot_inline bool
wr_pipe_may_be_wanted(_Atomic uint32_t *wants)
{
    /* P5: after what was published, as far as the compiler is concerned; where
     * that is not enough, WR_WANTS_FENCE is set. */
    __asm__ __volatile__("" ::: "memory");
    return load_relaxed(wants) != 0;
}

hot_inline bool
wr_pipe_wanted(_Atomic uint32_t *wants)
{
    return unlikely(wr_pipe_may_be_wanted(wants)) && wr_pipe_is_wanted(wants);
}

/* Publishes the first n > 0 slots, which are as many messages. Returns true
 * when the reader asked to be told: ring its bell. */
hot_inline bool
wr_pipe_commit(struct wr_pipe *p, uint64_t slots, uint64_t messages)
{
    wr_slot_ring_commit(&p->w_segment->ring, slots);
    p->w_offset += slots - messages;
    return wr_pipe_wanted(&p->reader_wants);
}

/* Copies the value of a message of one frame into the pipe, which is then one
 * more owner, if that takes no look at any limit. The caller then asks
 * wr_pipe_wanted. */
hot_inline bool
wr_pipe_copy_next(struct wr_pipe *p, const weir_msg *msg)
{
    struct wr_slot_ring *r = &p->w_segment->ring;
    struct wr_slot *slot = wr_slot_ring_next_free(r);
    uint32_t meta = msg->meta;

    if (unlikely(slot == NULL))
        return false;
    slot->body[0] = msg->u.words[0];
    wr_msg_copy_rest((weir_msg *)(void *)slot, msg, meta);
    wr_slot_ring_publish(r, slot, meta);
    return true;
}

/* The same, and moves the message. */
hot_inline bool
wr_pipe_put_next(struct wr_pipe *p, weir_msg *msg)
{
    if (unlikely(!wr_pipe_copy_next(p, msg)))
        return false;
    weir_msg_init(msg);
    return true;
}

/* Moves a message of one frame into the pipe, which is writable. False:
 * no memory. The caller then asks wr_pipe_wanted. */
bool wr_pipe_put(struct wr_pipe *p, weir_msg *msg);

/* Moves whole messages from the n frames at msgs into the pipe and leaves the
 * moved frames empty. Returns how many frames went, 0 when not even the first
 * message did: the limit is reached, or *no_memory. *ring: ring the reader's
 * bell. */
size_t wr_pipe_write(struct wr_pipe *p, weir_msg *msgs, size_t n, bool *ring,
                     bool *no_memory);

/* ---- Reader ------------------------------------------------------------ */

/* How many messages were taken out. */
static inline uint64_t
wr_pipe_taken(const struct wr_pipe *p)
{
    return p->r_segment->ring.r_pos - p->r_offset;
}

/* Goes on to the next ring, if the writer has. True: there is something. */
bool wr_pipe_advance(struct wr_pipe *p);

/* Tells the writer how far the reader is. True: ring the writer's bell. */
bool wr_pipe_flush(struct wr_pipe *p);

/* The same for a pipe that was found empty, if there is anything to tell. */
static inline bool
wr_pipe_idle(struct wr_pipe *p)
{
    return unlikely(p->r_segment->ring.r_head != p->r_segment->ring.r_pos ||
                    p->r_told != wr_pipe_taken(p)) &&
           wr_pipe_flush(p);
}

static inline bool
wr_pipe_readable(struct wr_pipe *p)
{
    return likely(wr_slot_ring_ready(&p->r_segment->ring, 1) > 0) ||
           wr_pipe_advance(p);
}

/* The frame that would be taken next; the pipe is readable. It is not the
 * caller's, and there until it is taken; copy is where it may have to be put.
 */
const weir_msg *wr_pipe_head(const struct wr_pipe *p, weir_msg *copy);

/* Up to n frames side by side; the pipe is readable. 0: a packed slot is in the
 * way, see wr_pipe_unpack. */
uint64_t wr_pipe_peek(struct wr_pipe *p, uint64_t n, weir_msg **span);

/* Copies up to n messages of packed slots to msgs, and takes none of them. How
 * many; 0 where the next slot is not packed. */
size_t wr_pipe_unpack(struct wr_pipe *p, weir_msg *msgs, size_t n);

/* Takes note of which of these n copies were moved out, and are empty. */
void wr_pipe_packed_moved(struct wr_pipe *p, const weir_msg *msgs, size_t n);

/* Takes the first n of them. True: ring the writer's bell. */
bool wr_pipe_skip_packed(struct wr_pipe *p, size_t n);

/* Takes note that the limit has changed. */
void wr_pipe_read_limit_changed(struct wr_pipe *p);

/* Gives the first `slots` frames back, which ended that many messages; what
 * they referred to is no longer there. True: ring the writer's bell. */
hot_inline bool
wr_pipe_release(struct wr_pipe *p, uint64_t slots, uint64_t messages)
{
    p->r_offset += slots - messages;
    if (likely(!wr_slot_ring_release(&p->r_segment->ring, slots)) &&
        likely(wr_pipe_taken(p) - p->r_told < p->r_quantum))
        return false;
    return wr_pipe_flush(p);
}

/* A message of the packed slot at the reader's position, if not its last. */
bool wr_pipe_take_packed(struct wr_pipe *p, weir_msg *msg);

/* Takes a message of one frame into msg, if that takes no word to the
 * writer. */
hot_inline bool
wr_pipe_take_next(struct wr_pipe *p, weir_msg *msg)
{
    struct wr_slot_ring *r = &p->r_segment->ring;
    const weir_msg *from =
        (const weir_msg *)(const void *)wr_slot_ring_next_ready(r);

    if (unlikely(from == NULL))
        return false;
    if (unlikely((from->meta & WR_MSG_UNUSUAL) != 0))
        return wr_pipe_take_packed(p, msg);
    wr_msg_copy(msg, from);
    wr_slot_ring_pass(r);
    return true;
}

/* Takes the first frame into msg; the pipe is readable. True: ring the writer's
 * bell. */
bool wr_pipe_take(struct wr_pipe *p, weir_msg *msg);

/* Takes whole messages of at most n frames together into msgs, and leaves the
 * rest of msgs empty or untouched; the pipe is readable. Returns the frames
 * taken, 0 when the first message has more than n. *ring: ring the writer's
 * bell. */
size_t wr_pipe_read(struct wr_pipe *p, weir_msg *msgs, size_t n, bool *ring);

#endif
