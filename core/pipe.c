/* SPDX-License-Identifier: MPL-2.0 */
#include "core/pipe.h"

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
wr_pipe_new(struct wr_arena *arena, uint32_t send_hwm, uint32_t recv_hwm)
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
    p->w_segment = p->r_segment = segment_new(arena, capacity);
    if (p->w_segment == NULL) {
        wr_arena_free(arena, p, WR_GROUP, sizeof(*p));
        return NULL;
    }
    wr_arena_hold(arena);
    p->arena = arena;
    p->r_quantum = quantum_of(p);
    return p;
}

void
wr_pipe_free(struct wr_pipe *p)
{
    struct wr_arena *arena = p->arena;
    weir_msg *span;

    while (wr_pipe_readable(p)) {
        uint64_t n = wr_pipe_peek(p, UINT64_MAX, &span);

        (void)weir_msg_drop_batch(span, n);
        /* Or a packed slot, which refers to nothing. */
        (void)wr_slot_ring_release(&p->r_segment->ring, n > 0 ? n : 1);
    }
    segment_free(arena, p->r_segment);
    wr_arena_free(arena, p, WR_GROUP, sizeof(*p));
    wr_arena_drop(arena);
}

uint64_t
wr_pipe_refresh(struct wr_pipe *p)
{
    int64_t credit;

    p->w_limit = load_acquire(&p->messages_read) + limit_of(p); /* P4 */
    credit = (int64_t)(p->w_limit - wr_pipe_written(p));
    return credit > 0 ? (uint64_t)credit : 0;
}

bool
wr_pipe_append(struct wr_pipe *p, uint64_t n)
{
    uint64_t limit = limit_of(p);
    uint64_t capacity = wr_slot_ring_capacity(&p->w_segment->ring) * 4;
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
    store_release(&p->w_segment->next, s);   /* P1 */
    p->w_offset -= p->w_segment->ring.w_pos; /* the new one begins at 0 */
    p->w_segment = s;
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
wr_pipe_put(struct wr_pipe *p, weir_msg *msg)
{
    uint64_t credit = p->w_limit - wr_pipe_written(p);
    struct wr_slot_ring *r;

    if (unlikely(wr_pipe_room(p, 1) == 0))
        return false;
    r = &p->w_segment->ring;
    wr_slot_ring_open_free(r, credit < WR_SLOT_CLAIM ? credit : WR_SLOT_CLAIM);
    (void)wr_pipe_put_next(p, msg);
    /* After this message, which would have to wait for them too. */
    wr_slot_ring_claim(r, r->w_stop - r->w_pos);
    return true;
}

/* How many of the n messages can share a slot with the first: small ones of the
 * same size, as many as fit. 1: none. */
hot_inline size_t
packable(const weir_msg *msgs, size_t n)
{
    uint32_t meta = msgs[0].meta;
    size_t i = 1;

    if (meta > 8) /* larger, of several frames, or not inline */
        return 1;
    while (i < n && i < WR_MSG_PACKED_MAX && msgs[i].meta == meta)
        i++;
    return i;
}

/* Moves n > 1 messages that can share a slot into one. Returns its meta, which
 * is not stored: with ctl it is the slot's last word to be written. */
hot_inline uint32_t
pack(struct wr_slot *slot, weir_msg *msgs, size_t n)
{
    uint32_t size = msgs[0].meta;

    for (size_t i = 0; i < n; i++) {
        slot->body[i] = msgs[i].u.words[0];
        weir_msg_init(&msgs[i]);
    }
    return size | WR_MSG_PACKED | (uint32_t)n << WR_MSG_PACKED_SHIFT;
}

/* Fills a slot, but for its first word, with the next of n > 0 messages, or
 * with as many as can share it. Returns how many, and the slot's meta. */
hot_inline size_t
fill_slot(struct wr_slot *slot, weir_msg *msgs, size_t n, uint32_t *meta)
{
    size_t k = packable(msgs, n);

    if (k > 1) {
        *meta = pack(slot, msgs, k);
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
 * Small equal messages share a line. The lines that will be needed, about
 * `lines`, are all sent for first. */
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

    wr_slot_ring_claim(r, lines < room ? lines : room);
    end = fill_slot(slots, msgs, n, &slots->meta);

    for (; used < room && end < n && !weir_msg_more(&msgs[end]); used++) {
        struct wr_slot *slot = &slots[used];

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
    slots = n < credit ? n : credit;
    if (packable(msgs, n) > 1)
        slots = (slots + WR_MSG_PACKED_MAX - 1) / WR_MSG_PACKED_MAX;
    room = wr_pipe_room(p, slots);
    if (likely(!weir_msg_more(msgs) && room > 0))
        end = write_singles(p, msgs, n < credit ? n : credit, slots);
    else
        end = write_any(p, msgs, n, room, credit, no_memory);
    *ring = end > 0 && wr_pipe_wanted(&p->reader_wants);
    return end;
}

bool
wr_pipe_advance(struct wr_pipe *p)
{
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

/* Opens the window for wr_pipe_take_next: as many messages as the writer need
 * not hear of at once. */
static void
open_ready(struct wr_pipe *p)
{
    uint64_t untold = wr_pipe_taken(p) - p->r_told;

    wr_slot_ring_open_ready(&p->r_segment->ring, untold < p->r_quantum
                                                     ? p->r_quantum - untold - 1
                                                     : 0);
}

static const struct wr_slot *
first_slot(const struct wr_pipe *p)
{
    return wr_slot_ring_at_head(&p->r_segment->ring, 0);
}

/* How many messages a slot holds that is packed, or 0. */
hot_inline uint32_t
packed_in(const struct wr_slot *slot)
{
    if (likely((slot->meta & WR_MSG_PACKED) == 0))
        return 0;
    return slot->meta >> WR_MSG_PACKED_SHIFT & 7;
}

/* Copies messages `from` to `to` - 1 of a packed slot. */
hot_inline void
unpack(weir_msg *msgs, const struct wr_slot *slot, uint32_t from, uint32_t to)
{
    uint32_t size = slot->meta & 0xff;

    for (uint32_t i = from; i < to; i++) {
        msgs[i - from].meta = size;
        msgs[i - from].u.words[0] = slot->body[i];
    }
}

/* Copies up to n messages of a packed slot, which has `part` less to give;
 * how many. */
hot_inline size_t
unpack_some(weir_msg *msgs, size_t n, const struct wr_slot *slot, uint32_t part)
{
    uint32_t end = packed_in(slot);

    if (n < end - part)
        end = part + (uint32_t)n;
    unpack(msgs, slot, part, end);
    return end - part;
}

/* Notes that `taken` further messages of a packed slot were taken. True: they
 * were the last. */
hot_inline bool
took_part(struct wr_pipe *p, const struct wr_slot *slot, size_t taken)
{
    p->r_part += (uint32_t)taken;
    if (p->r_part < packed_in(slot))
        return false;
    p->r_part = 0;
    return true;
}

bool
wr_pipe_take_packed(struct wr_pipe *p, weir_msg *msg)
{
    const struct wr_slot *slot = first_slot(p);

    if (p->r_part + 1 >= packed_in(slot))
        return false;
    unpack(msg, slot, p->r_part, p->r_part + 1);
    p->r_part++;
    p->r_offset--;
    return true;
}

bool
wr_pipe_take(struct wr_pipe *p, weir_msg *msg)
{
    const struct wr_slot *slot = first_slot(p);
    bool whole = true, ring;

    if (packed_in(slot) > 0) {
        (void)unpack_some(msg, 1, slot, p->r_part);
        whole = took_part(p, slot, 1);
    } else {
        wr_msg_copy(msg, (const weir_msg *)(const void *)slot);
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
    for (i = 0; i < n && packed_in(&slots[i]) == 0; i++)
        continue;
    *span = (weir_msg *)(void *)slots;
    return i;
}

size_t
wr_pipe_unpack(struct wr_pipe *p, weir_msg *msgs, size_t n)
{
    struct wr_slot_ring *r = &p->r_segment->ring;
    uint64_t slots = wr_slot_ring_to_end(r, r->r_pos, wr_slot_ring_ready(r, 1));
    const struct wr_slot *slot = first_slot(p);
    uint32_t part = p->r_part;
    size_t got = 0;

    for (; slots > 0 && got < n && packed_in(slot) > 0; slots--, slot++) {
        got += unpack_some(msgs + got, n - got, slot, part);
        part = 0;
    }
    return got;
}

bool
wr_pipe_skip_packed(struct wr_pipe *p, size_t n)
{
    uint64_t slots = 0;
    size_t left = n;

    while (left > 0) {
        const struct wr_slot *slot =
            wr_slot_ring_at_head(&p->r_segment->ring, slots);
        size_t some = packed_in(slot) - p->r_part;

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
        if (packed_in(slot) > 0) {
            size_t some = unpack_some(msgs + got, n - got, slot, p->r_part);

            got += some;
            if (!took_part(p, slot, some))
                break;
            continue;
        }
        if (weir_msg_more((const weir_msg *)(const void *)slot))
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

        if (packed_in(slot) > 0) {
            n = i;
            break;
        }
        wr_msg_copy(&msgs[i], (const weir_msg *)(const void *)slot);
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
