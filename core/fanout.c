/* SPDX-License-Identifier: MPL-2.0 */
#include "core/fanout.h"

#include <errno.h>
#include <string.h>

#include "core/connection.h"

/* ---- Peers ------------------------------------------------------------- */

/* The three arrays are one block. */
static size_t
block_size(uint32_t capacity)
{
    return 3 * (size_t)capacity * sizeof(struct wr_peer *);
}

static int
grow(struct wr_fanout *f, struct wr_arena *arena)
{
    uint32_t capacity = f->capacity == 0 ? 4 : f->capacity * 2;
    struct wr_peer **peers =
        wr_arena_alloc(arena, WR_LINE, block_size(capacity));

    if (peers == NULL)
        return -ENOMEM;
    if (f->n > 0)
        memcpy(peers, f->peers, f->n * sizeof(struct wr_peer *));
    wr_arena_free(arena, f->peers, WR_LINE, block_size(f->capacity));
    f->peers = peers;
    f->chosen = peers + capacity;
    f->kept = f->chosen + capacity;
    f->n_chosen = f->n_kept = 0;
    f->capacity = capacity;
    return 0;
}

int
wr_fanout_add(struct wr_fanout *f, struct wr_arena *arena, struct wr_peer *p)
{
    if (f->n == f->capacity && grow(f, arena) != 0)
        return -ENOMEM;
    p->index = f->n;
    f->peers[f->n++] = p;
    return 0;
}

void
wr_fanout_remove(struct wr_fanout *f, const struct wr_peer *p)
{
    struct wr_peer *last = f->peers[--f->n];

    f->peers[p->index] = last;
    last->index = p->index;
    f->n_chosen = 0;
}

void
wr_fanout_fini(struct wr_fanout *f, struct wr_arena *arena)
{
    wr_arena_free(arena, f->peers, WR_LINE, block_size(f->capacity));
    wr_frames_fini(&f->copies, arena);
}

void
wr_fanout_invert(struct wr_fanout *f)
{
    f->n_chosen = 0;
    for (uint32_t i = 0; i < f->n; i++)
        if (f->peers[i]->mark != f->mark)
            f->chosen[f->n_chosen++] = f->peers[i];
}

/* ---- Room -------------------------------------------------------------- */

/* Where the next slot is not known to be free. */
static __attribute__((noinline)) int
make_room(struct wr_pipe *p, size_t n)
{
    if (!wr_pipe_writable(p))
        return -EAGAIN;
    if (wr_pipe_room(p, n) >= n)
        return 0;
    return wr_pipe_append(p, n) ? 0 : -ENOMEM;
}

/* 0, -EAGAIN, -ENOMEM. */
hot_inline int
room_for(struct wr_pipe *p, size_t n)
{
    if (likely(n == 1 && wr_slot_ring_next_free(&p->w_segment->ring) != NULL))
        return 0;
    return make_room(p, n);
}

void
wr_fanout_leave_out_full(struct wr_fanout *f, size_t n)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < f->n_chosen; i++)
        if (likely(room_for(f->chosen[i]->pipe, n) == 0))
            f->chosen[kept++] = f->chosen[i];
    f->n_chosen = kept;
}

int
wr_fanout_has_room(struct wr_fanout *f, size_t n, struct wr_peer **full)
{
    for (uint32_t i = 0; i < f->n_chosen; i++) {
        int rc = room_for(f->chosen[i]->pipe, n);

        if (unlikely(rc != 0)) {
            *full = f->chosen[i];
            return rc;
        }
    }
    return 0;
}

/* ---- Putting ----------------------------------------------------------- */

hot_inline void
tell(struct wr_peer *p)
{
    if (wr_pipe_wanted(&p->pipe->reader_wants))
        wr_end_ring_peer(p->end);
}

/* Where the window is closed. */
static __attribute__((noinline)) void
put_copy(struct wr_pipe *p, const weir_msg *msg)
{
    weir_msg copy;

    wr_msg_copy(&copy, msg);
    (void)wr_pipe_put(p, &copy); /* there is room */
}

void
wr_fanout_put_inline(struct wr_fanout *f, weir_msg *msg)
{
    msg->meta |= f->unmatched;
    for (uint32_t i = 0; i < f->n_chosen; i++) {
        struct wr_peer *p = f->chosen[i];

        if (unlikely(!wr_pipe_copy_next(p->pipe, msg))) {
            if (make_room(p->pipe, 1) != 0)
                continue;
            put_copy(p->pipe, msg);
        }
        tell(p);
    }
    weir_msg_init(msg);
}

static int
put_one(struct wr_fanout *f, weir_msg *msg)
{
    if (f->n_chosen == 0) {
        (void)weir_msg_drop(msg);
        weir_msg_init(msg);
        return 0;
    }
    if (f->n_chosen > 1) {
        int rc = wr_msg_add_owners(msg, f->n_chosen - 1);

        if (unlikely(rc != 0))
            return rc;
    }
    msg->meta |= f->unmatched;
    for (uint32_t i = 0; i < f->n_chosen; i++) {
        struct wr_peer *p = f->chosen[i];

        if (unlikely(!wr_pipe_copy_next(p->pipe, msg)))
            put_copy(p->pipe, msg);
        tell(p);
    }
    weir_msg_init(msg);
    return 0;
}

int
wr_fanout_stage(struct wr_frames *frames, struct wr_arena *arena, weir_msg *msg)
{
    int rc = wr_frames_grow(frames, arena);

    /* So that adding owners to the whole message cannot fail half-way. */
    if (rc == 0 && (msg->meta & WR_MSG_BASE) == WR_MSG_EXTERNAL)
        rc = wr_msg_add_owners(msg, 0);
    return rc != 0 ? rc : wr_frames_push(frames, arena, msg);
}

/* Puts copies of n frames, to which all have been made owners. */
static void
put_copies(struct wr_fanout *f, const weir_msg *msgs, size_t n)
{
    weir_msg *copies = f->copies.msgs;
    bool ring, no_memory;

    for (uint32_t i = 0; i < f->n_chosen; i++) {
        struct wr_peer *p = f->chosen[i];

        for (size_t k = 0; k < n; k++)
            wr_msg_copy(&copies[k], &msgs[k]);
        copies[0].meta |= f->unmatched;
        (void)wr_pipe_write(p->pipe, copies, n, &ring, &no_memory);
        if (ring)
            wr_end_ring_peer(p->end);
    }
}

static int
put_many(struct wr_fanout *f, struct wr_arena *arena, struct wr_frames *frames,
         weir_msg *last)
{
    uint32_t extra = f->n_chosen - 1;
    size_t n;
    int rc = wr_fanout_stage(frames, arena, last);

    if (rc != 0)
        return rc;
    n = frames->n;
    rc = wr_frames_reserve(&f->copies, arena, n);
    if (rc != 0) {
        wr_msg_copy(last, &frames->msgs[--frames->n]);
        return rc;
    }
    for (size_t i = 0; extra > 0 && i < n; i++)
        (void)wr_msg_add_owners(&frames->msgs[i], extra);
    put_copies(f, frames->msgs, n);
    wr_frames_clear(frames, arena);
    wr_frames_clear(&f->copies, arena);
    return 0;
}

int
wr_fanout_put(struct wr_fanout *f, struct wr_arena *arena,
              struct wr_frames *frames, weir_msg *last)
{
    if (likely(wr_frames_is_empty(frames)))
        return put_one(f, last);
    if (f->n_chosen > 0)
        return put_many(f, arena, frames, last);
    wr_frames_fini(frames, arena);
    return put_one(f, last);
}

/* ---- Runs -------------------------------------------------------------- */

/* Moves n messages of one frame each to a peer, or drops them. */
static void
put_array(struct wr_peer *p, weir_msg *msgs, size_t n)
{
    bool ring, no_memory, rings = false;
    size_t done = 0, some;

    do {
        some = wr_pipe_write(p->pipe, msgs + done, n - done, &ring, &no_memory);
        done += some;
        rings |= ring;
    } while (some > 0 && done < n);
    if (rings)
        wr_end_ring_peer(p->end);
    if (unlikely(done < n))
        (void)weir_msg_drop_batch(msgs + done, n - done);
}

/* Adds owners to the messages; of how many. */
static size_t
add_owners(weir_msg *msgs, size_t n, uint32_t extra)
{
    for (size_t i = 0; i < n; i++)
        if (unlikely(wr_msg_add_owners(&msgs[i], extra) != 0))
            return i;
    return n;
}

size_t
wr_fanout_put_run(struct wr_fanout *f, struct wr_arena *arena, weir_msg *msgs,
                  size_t n)
{
    uint32_t peers = f->n_kept;

    if (peers == 0) {
        (void)weir_msg_drop_batch(msgs, n);
        return n;
    }
    if (peers > 1) {
        if (wr_frames_reserve(&f->copies, arena, n) != 0)
            return 0;
        n = add_owners(msgs, n, peers - 1);
        if (n == 0)
            return 0;
    }
    for (uint32_t i = 0; i + 1 < peers; i++) {
        for (size_t k = 0; k < n; k++)
            wr_msg_copy(&f->copies.msgs[k], &msgs[k]);
        put_array(f->kept[i], f->copies.msgs, n);
    }
    put_array(f->kept[peers - 1], msgs, n);
    return n;
}
