/* SPDX-License-Identifier: MPL-2.0 */
/* The reader's side of a pipe: moving messages out of slots. */
#include "core/packed.h"
#include "core/pipe.h"

/* Opens the window for wr_pipe_take_next: some messages of which the writer
 * need not hear at once. Of a stream, the lines that are published come at the
 * same time. */
static void
open_ready(struct wr_pipe *p)
{
    struct wr_slot_ring *r = &p->r_segment->ring;
    uint64_t taken = wr_pipe_taken(p);
    uint64_t untold = taken - p->r_told;
    uint64_t quiet = untold < p->r_quantum ? p->r_quantum - untold - 1 : 0;

    if (taken - p->r_opened > 1) /* a look takes the writer's next line away */
        (void)wr_slot_ring_ready(r, WR_SLOT_LOOK);
    p->r_opened = taken;
    wr_slot_ring_open_ready(r, quiet < WR_SLOT_LOOK ? quiet : WR_SLOT_LOOK);
}

static const struct wr_slot *
first_slot(const struct wr_pipe *p)
{
    return wr_slot_ring_at_head(&p->r_segment->ring, 0);
}

/* Copies up to n messages of a packed slot, which has `part` less to give;
 * how many. */
hot_inline size_t
unpack_some(weir_msg *msgs, size_t n, const struct wr_slot *slot, uint32_t part)
{
    uint32_t end = wr_packed_in(slot);

    if (n < end - part)
        end = part + (uint32_t)n;
    wr_unpack(msgs, slot, part, end);
    return end - part;
}

/* Notes that `taken` further messages of a packed slot were taken. True: they
 * were the last. */
hot_inline bool
took_part(struct wr_pipe *p, const struct wr_slot *slot, size_t taken)
{
    p->r_part += (uint32_t)taken;
    if (p->r_part < wr_packed_in(slot))
        return false;
    p->r_part = 0;
    return true;
}

bool
wr_pipe_take_packed(struct wr_pipe *p, weir_msg *msg)
{
    const struct wr_slot *slot = first_slot(p);

    /* The last one, and one that the writer is to hear of, go the long way. */
    if (p->r_part + 1 >= wr_packed_in(slot) ||
        wr_pipe_taken(p) + 1 - p->r_told >= p->r_quantum)
        return false;
    wr_unpack(msg, slot, p->r_part, p->r_part + 1);
    p->r_part++;
    p->r_offset--;
    return true;
}

const weir_msg *
wr_pipe_head(const struct wr_pipe *p, weir_msg *copy)
{
    const struct wr_slot *slot = first_slot(p);

    if (likely(wr_packed_in(slot) == 0))
        return (const weir_msg *)(const void *)slot;
    wr_unpack(copy, slot, p->r_part, p->r_part + 1);
    return copy;
}

bool
wr_pipe_take(struct wr_pipe *p, weir_msg *msg)
{
    const struct wr_slot *slot = first_slot(p);
    bool whole = true, ring;

    if (unlikely(p->latest != NULL)) {
        wr_latest_take(p->latest, msg);
        return false;
    }
    if (wr_packed_in(slot) > 0) {
        (void)unpack_some(msg, 1, slot, p->r_part);
        whole = took_part(p, slot, 1);
    } else {
        wr_msg_copy(msg, (const weir_msg *)(const void *)slot);
        msg->meta &= ~WR_MSG_UNMATCHED;
    }
    ring = wr_pipe_release(p, whole, !weir_msg_more(msg));
    open_ready(p);
    return ring;
}

uint64_t
wr_pipe_peek(struct wr_pipe *p, uint64_t n, weir_msg **span)
{
    struct wr_slot *slots;
    uint64_t i;

    n = wr_slot_ring_peek(&p->r_segment->ring, n, &slots);
    for (i = 0; i < n && wr_packed_in(&slots[i]) == 0; i++)
        if (unlikely((slots[i].meta & WR_MSG_UNMATCHED) != 0))
            slots[i].meta &= ~WR_MSG_UNMATCHED;
    *span = (weir_msg *)(void *)slots;
    return i;
}

size_t
wr_pipe_unpack(struct wr_pipe *p, weir_msg *msgs, size_t n)
{
    struct wr_slot_ring *r = &p->r_segment->ring;
    uint64_t slots = wr_slot_ring_to_end(r, r->r_pos, wr_slot_ring_ready(r, 1));
    struct wr_slot *slot = wr_slot_ring_at_head(r, 0);
    uint32_t part = p->r_part;
    size_t got = 0;

    for (; slots > 0 && got < n && wr_packed_in(slot) > 0; slots--, slot++) {
        wr_packed_lend(slot, part, wr_packed_in(slot));
        got += unpack_some(msgs + got, n - got, slot, part);
        part = 0;
    }
    return got;
}

void
wr_pipe_packed_moved(struct wr_pipe *p, const weir_msg *msgs, size_t n)
{
    struct wr_slot *slot = wr_slot_ring_at_head(&p->r_segment->ring, 0);
    uint32_t part = p->r_part;

    for (size_t i = 0; i < n; i++, part++) {
        if (part == wr_packed_in(slot)) {
            slot++;
            part = 0;
        }
        if (wr_msg_is_inline(&msgs[i]))
            wr_packed_moved(slot, part);
    }
}

bool
wr_pipe_skip_packed(struct wr_pipe *p, size_t n)
{
    uint64_t slots = 0;
    size_t left = n;

    while (left > 0) {
        const struct wr_slot *slot =
            wr_slot_ring_at_head(&p->r_segment->ring, slots);
        size_t some = wr_packed_in(slot) - p->r_part;

        some = some < left ? some : left;
        slots += took_part(p, slot, some);
        left -= some;
    }
    return wr_pipe_release(p, slots, n);
}

/* Takes messages of one frame, up to n, from slots that lie side by side. How
 * many came before a message of several frames; *ring is set when the writer's
 * bell is to be rung. */
static size_t
read_singles(struct wr_pipe *p, weir_msg *msgs, size_t n, bool *ring)
{
    struct wr_slot_ring *r = &p->r_segment->ring;
    uint64_t slots = wr_slot_ring_to_end(r, r->r_pos, wr_slot_ring_ready(r, 1));
    const struct wr_slot *slot = first_slot(p);
    uint64_t used = 0;
    size_t got = 0;

    for (; used < slots && got < n; used++, slot++) {
        if (wr_packed_in(slot) > 0) {
            size_t some = unpack_some(msgs + got, n - got, slot, p->r_part);

            got += some;
            if (!took_part(p, slot, some))
                break;
            continue;
        }
        if ((slot->meta & WR_MSG_UNUSUAL) != 0)
            break;
        wr_msg_copy(&msgs[got++], (const weir_msg *)(const void *)slot);
    }
    if (got > 0 && wr_pipe_release(p, used, got))
        *ring = true;
    if (used != got) /* the window counted a message a slot */
        wr_slot_ring_open_ready(r, 0);
    return got;
}

/* The same for messages of any number of frames; how many messages. */
static size_t
read_any(struct wr_pipe *p, weir_msg *msgs, size_t n, uint64_t *messages)
{
    struct wr_slot_ring *r = &p->r_segment->ring;
    size_t end = 0;

    *messages = 0;
    for (size_t i = 0; i < n; i++) {
        const struct wr_slot *slot = wr_slot_ring_at_head(r, i);

        if (wr_packed_in(slot) > 0) {
            n = i;
            break;
        }
        wr_msg_copy(&msgs[i], (const weir_msg *)(const void *)slot);
        msgs[i].meta &= ~WR_MSG_UNMATCHED;
        if (weir_msg_more(&msgs[i]))
            continue;
        end = i + 1;
        ++*messages;
    }
    /* Copies of what stays in the pipe would be second owners. */
    for (size_t i = end; unlikely(i < n); i++)
        weir_msg_init(&msgs[i]);
    return end;
}

size_t
wr_pipe_read(struct wr_pipe *p, weir_msg *msgs, size_t n, bool *ring)
{
    struct wr_slot_ring *r = &p->r_segment->ring;
    uint64_t ready, messages;
    size_t end = 0, some;

    *ring = false;
    if (unlikely(p->latest != NULL)) {
        wr_latest_take(p->latest, msgs);
        return 1;
    }
    do {
        some = read_singles(p, msgs + end, n - end, ring);
        end += some;
    } while (some > 0 && end < n && wr_slot_ring_ready(r, 1) > 0);
    if (likely(end > 0))
        return end;
    ready = wr_slot_ring_ready(r, n);
    end = read_any(p, msgs, n < ready ? n : ready, &messages);
    *ring = end > 0 && wr_pipe_release(p, end, messages);
    return end;
}
