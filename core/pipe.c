/* SPDX-License-Identifier: MPL-2.0 */
#include "core/pipe.h"
#include "core/packed.h"

#include <errno.h>

/* Far enough ahead to count as no limit. */
#define UNLIMITED (UINT64_C(1) << 62)

static size_t
segment_size(uint64_t capacity)
{
    return sizeof(struct wr_segment) + capacity * sizeof(struct wr_slot);
}

static struct wr_segment *
segment_new(struct wr_arena *arena, uint64_t capacity)
{
    /* Zeroed: no slot may look published. */
    struct wr_segment *s =
        wr_arena_zalloc(arena, WR_GROUP, segment_size(capacity));

    if (s != NULL)
        wr_slot_ring_init(&s->ring, (struct wr_slot *)(void *)(s + 1), capacity,
                          0);
    return s;
}

static void
segment_free(struct wr_arena *arena, struct wr_segment *s)
{
    wr_arena_free(arena, s, WR_GROUP,
                  segment_size(wr_slot_ring_capacity(&s->ring)));
}

/* The power of two that is not below n, n > 0. */
static uint64_t
round_up(uint64_t n)
{
    return n == 1 ? 1 : UINT64_C(1) << (64 - __builtin_clzll(n - 1));
}

static uint64_t
limit_of(struct wr_pipe *p)
{
    uint64_t send = load_relaxed(&p->send_hwm);
    uint64_t recv = load_relaxed(&p->recv_hwm);

    return send == WR_NO_LIMIT || recv == WR_NO_LIMIT ? UNLIMITED : send + recv;
}

static uint64_t
quantum_of(struct wr_pipe *p)
{
    uint64_t limit = limit_of(p);

    return limit < 4 ? 1 : limit / 4;
}

struct wr_pipe *
wr_pipe_new(struct wr_arena *arena, uint32_t send_hwm, uint32_t recv_hwm,
            bool conflate)
{
    struct wr_pipe *p = wr_arena_zalloc(arena, WR_GROUP, sizeof(*p));
    uint64_t capacity = WR_PIPE_SLOTS_FIRST;

    if (p == NULL)
        return NULL;
    store_relaxed(&p->reader_wants, wr_wants_none()); /* nobody knows it yet */
    store_relaxed(&p->writer_wants, wr_wants_none());
    wr_pipe_set_send_hwm(p, send_hwm);
    wr_pipe_set_recv_hwm(p, recv_hwm);
    if (limit_of(p) < capacity)
        capacity = round_up(limit_of(p));
    p->w_segment = p->r_segment = segment_new(arena, conflate ? 1 : capacity);
    if (p->w_segment == NULL)
        goto fail;
    if (conflate) {
        p->latest = wr_arena_zalloc(arena, WR_GROUP, sizeof(*p->latest));
        if (p->latest == NULL)
            goto fail;
        wr_latest_init(p->latest);
    }
    wr_arena_hold(arena);
    p->arena = arena;
    p->r_quantum = quantum_of(p);
    return p;

fail:
    if (p->w_segment != NULL)
        segment_free(arena, p->w_segment);
    wr_arena_free(arena, p, WR_GROUP, sizeof(*p));
    return NULL;
}

static void
free_latest(struct wr_pipe *p)
{
    if (p->latest == NULL)
        return;
    wr_latest_fini(p->latest);
    wr_arena_free(p->arena, p->latest, WR_GROUP, sizeof(*p->latest));
    p->latest = NULL;
}

void
wr_pipe_free(struct wr_pipe *p)
{
    struct wr_arena *arena = p->arena;
    weir_msg *span;

    free_latest(p);
    while (wr_pipe_readable(p)) {
        weir_msg few[WR_PACKED_MAX];
        uint64_t n = wr_pipe_peek(p, UINT64_MAX, &span);

        if (n > 0) {
            (void)weir_msg_drop_batch(span, n);
            (void)wr_slot_ring_release(&p->r_segment->ring, n);
        } else {
            n = wr_pipe_unpack(p, few, WR_PACKED_MAX);
            (void)weir_msg_drop_batch(few, n);
            (void)wr_pipe_skip_packed(p, n);
        }
    }
    segment_free(arena, p->r_segment);
    wr_arena_free(arena, p, WR_GROUP, sizeof(*p));
    wr_arena_drop(arena);
}

uint64_t
wr_pipe_refresh(struct wr_pipe *p)
{
    uint64_t limit = load_acquire(&p->messages_read) + limit_of(p); /* P4 */
    int64_t credit;

    /* What was granted stays so until the writer hears that the limit has
     * changed: a call that found room does not lose it on the way. */
    if ((int64_t)(limit - p->w_limit) > 0)
        p->w_limit = limit;
    credit = (int64_t)(p->w_limit - wr_pipe_written(p));
    return credit > 0 ? (uint64_t)credit : 0;
}

bool
wr_pipe_append(struct wr_pipe *p, uint64_t n)
{
    uint64_t limit = limit_of(p);
    uint64_t capacity = wr_slot_ring_capacity(&p->w_segment->ring) * 4;
    struct wr_segment *old = p->w_segment;
    struct wr_segment *s;

    if (capacity > WR_PIPE_SLOTS_MOST)
        capacity = WR_PIPE_SLOTS_MOST;
    /* Frames beyond the limit in messages make it grow further. */
    if (capacity > limit && limit > wr_slot_ring_capacity(&p->w_segment->ring))
        capacity = round_up(limit);
    if (n > SIZE_MAX / 4 / sizeof(struct wr_slot))
        return false;
    if (capacity < n)
        capacity = round_up(n);
    s = segment_new(p->arena, capacity);
    if (s == NULL)
        return false;
    p->w_offset -= old->ring.w_pos; /* the new one begins at 0 */
    p->w_segment = s;
    store_release(&old->next, s); /* P1: from here on the reader may free it */
    return true;
}

void
wr_pipe_grow(struct wr_pipe *p)
{
    struct wr_slot_ring *r = &p->w_segment->ring;
    uint64_t limit = limit_of(p);

    if (wr_slot_ring_room(r, 1) == 0 ||
        wr_slot_ring_capacity(r) <
            (limit < WR_PIPE_SLOTS_MOST ? limit : WR_PIPE_SLOTS_MOST))
        (void)wr_pipe_append(p, 1);
}

bool
wr_pipe_is_wanted(_Atomic uint32_t *wants)
{
    uint32_t none = wr_wants_none();

    fence_light(); /* P5 */
    return (load_relaxed(wants) & WR_WANTS_BELL) != 0 &&
           exchange_acq_rel(wants, none) != none;
}

bool
wr_pipe_advance(struct wr_pipe *p)
{
    if (p->latest != NULL)
        return wr_latest_is_full(p->latest);
    for (;;) {
        struct wr_segment *s = p->r_segment;
        struct wr_segment *next = load_acquire(&s->next); /* P2 */

        if (next == NULL)
            return false;
        /* All that was written to s was written before P1: look again. */
        if (wr_slot_ring_ready(&s->ring, 1) > 0)
            return true;
        p->r_offset -= s->ring.r_pos;
        p->r_segment = next;
        segment_free(p->arena, s);
        if (wr_slot_ring_ready(&next->ring, 1) > 0)
            return true;
    }
}

void
wr_pipe_read_limit_changed(struct wr_pipe *p)
{
    p->r_quantum = quantum_of(p);
    wr_slot_ring_open_ready(&p->r_segment->ring, 0);
}

bool
wr_pipe_flush(struct wr_pipe *p)
{
    uint64_t taken = wr_pipe_taken(p);

    wr_slot_ring_flush(&p->r_segment->ring);
    if (p->r_told != taken) {
        p->r_told = taken;
        store_release(&p->messages_read, taken); /* P3 */
    }
    return wr_pipe_wanted(&p->writer_wants);
}
