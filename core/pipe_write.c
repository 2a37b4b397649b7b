/* SPDX-License-Identifier: MPL-2.0 */
/* The writer's side of a pipe: moving messages into slots. */
#include "core/packed.h"
#include "core/pipe.h"

bool
wr_pipe_put(struct wr_pipe *p, weir_msg *msg)
{
    uint64_t credit = p->w_limit - wr_pipe_written(p);
    struct wr_slot_ring *r;

    if (unlikely(p->latest != NULL)) {
        wr_latest_put(p->latest, msg);
        return true;
    }
    if (unlikely(wr_pipe_room(p, 1) == 0))
        return false;
    r = &p->w_segment->ring;
    wr_slot_ring_open_free(r, credit < WR_SLOT_CLAIM ? credit : WR_SLOT_CLAIM);
    wr_slot_claim(wr_slot_ring_at_tail(r, 0), r->w_stop - r->w_pos);
    return wr_pipe_put_next(p, msg);
}

/* Fills a slot, but for its first word, with the next of n > 0 messages, or
 * with as many as can share it. Returns how many, and the slot's meta. */
hot_inline size_t
fill_slot(struct wr_slot *slot, weir_msg *msgs, size_t n, uint32_t *meta)
{
    size_t k = wr_packable(msgs, n);

    if (k > 1) {
        *meta = wr_pack(slot, msgs, k);
        return k;
    }
    *meta = msgs->meta;
    slot->body[0] = msgs->u.words[0];
    wr_msg_copy_rest((weir_msg *)(void *)slot, msgs, *meta);
    weir_msg_init(msgs);
    return 1;
}

/* Moves messages of one frame each into free slots that lie side by side, at
 * most n, and publishes them as one. Returns how many came before a message of
 * several frames.
 *
 * Equal messages share a line: about `lines` will be needed. */
static size_t
write_singles(struct wr_pipe *p, weir_msg *msgs, size_t n, uint64_t lines)
{
    struct wr_slot_ring *r = &p->w_segment->ring;
    uint32_t lap = wr_slot_ring_lap(r, r->w_pos);
    struct wr_slot *slots;
    uint64_t room =
        wr_slot_ring_reserve(r, n < WR_RUN_MAX ? n : WR_RUN_MAX, &slots);
    uint64_t used = 1;
    uint32_t meta;
    size_t end;

    if (lines > room)
        lines = room;
    wr_slot_claim_ahead(slots, 0, lines);
    end = fill_slot(slots, msgs, n, &slots->meta);

    for (; used < room && end < n && !weir_msg_more(&msgs[end]); used++) {
        struct wr_slot *slot = &slots[used];

        wr_slot_claim_ahead(slots, used, lines);
        end += fill_slot(slot, msgs + end, n - end, &meta);
        wr_slot_mark(slot, lap, meta);
    }
    wr_slot_ring_commit_marked(r, used);
    if (used != end) {
        p->w_offset += used - end;
        /* The window counted a message a slot. */
        wr_slot_ring_open_free(r, 0);
    }
    return end;
}

/* Copies whole messages into the free slots; returns their frames and stores
 * their number. */
static size_t
fill(struct wr_slot_ring *ring, const weir_msg *msgs, size_t n, uint64_t credit,
     uint64_t *messages)
{
    size_t end = 0;

    *messages = 0;
    for (size_t i = 0; i < n; i++) {
        wr_msg_copy((weir_msg *)(void *)wr_slot_ring_at_tail(ring, i),
                    &msgs[i]);
        if (weir_msg_more(&msgs[i]))
            continue;
        end = i + 1;
        if (++*messages == credit)
            break;
    }
    return end;
}

/* The frames of the first message, or 0 when the n frames do not end it. */
static size_t
message_length(const weir_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!weir_msg_more(&msgs[i]))
            return i + 1;
    return 0;
}

/* The same for messages of any number of frames, the first of which fits into
 * `room` slots or gets a ring of its own. */
static size_t
write_any(struct wr_pipe *p, weir_msg *msgs, size_t n, uint64_t room,
          uint64_t credit, bool *no_memory)
{
    uint64_t messages;
    size_t end =
        fill(&p->w_segment->ring, msgs, n < room ? n : room, credit, &messages);

    if (unlikely(end == 0)) {
        size_t length = message_length(msgs, n);

        if (length == 0)
            return 0;
        *no_memory = !wr_pipe_append(p, length);
        if (*no_memory)
            return 0;
        room = wr_slot_ring_room(&p->w_segment->ring, n);
        end = fill(&p->w_segment->ring, msgs, n < room ? n : room, credit,
                   &messages);
    }
    wr_slot_ring_commit(&p->w_segment->ring, end);
    p->w_offset += end - messages;
    /* A ring made for one huge message goes when that is read. */
    if (unlikely(end > WR_PIPE_SLOTS_MOST))
        (void)wr_pipe_append(p, 1);
    for (size_t i = 0; i < end; i++)
        weir_msg_init(&msgs[i]);
    return end;
}

size_t
wr_pipe_write(struct wr_pipe *p, weir_msg *msgs, size_t n, bool *ring,
              bool *no_memory)
{
    uint64_t credit = wr_pipe_credit(p, n);
    uint64_t slots, room;
    size_t end;

    *ring = *no_memory = false;
    if (credit == 0 || n == 0)
        return 0;
    if (unlikely(p->latest != NULL)) {
        for (size_t i = 0; i < n; i++)
            wr_latest_put(p->latest, &msgs[i]);
        *ring = wr_pipe_wanted(&p->reader_wants);
        return n;
    }
    slots = n < credit ? n : credit;
    if (wr_packable(msgs, n) > 1) {
        uint64_t each = wr_packed_room(msgs->meta);

        slots = (slots + each - 1) / each;
    }
    room = wr_pipe_room(p, slots);
    if (likely(!weir_msg_more(msgs) && room > 0))
        end = write_singles(p, msgs, n < credit ? n : credit, slots);
    else
        end = write_any(p, msgs, n, room, credit, no_memory);
    *ring = end > 0 && wr_pipe_wanted(&p->reader_wants);
    return end;
}
