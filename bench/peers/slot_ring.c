/* SPDX-License-Identifier: MPL-2.0 */
/* core/ring/slot_ring.h as the pipe uses it: an item a slot, up to 56 bytes. */
#include "core/ring/slot_ring.h"

#include "bench/harness/loops.h"
#include "bench/peers/rings.h"

#define RING_PEER  peer_slot_ring
#define RING_NAME  "slot"
#define RING_TEXT  "self-publishing 64-byte slots, an item each"
#define RING_SLOTS (RING_BYTES / sizeof(struct wr_slot))

struct ring {
    struct wr_slot_ring ring;
    struct wr_slot slots[RING_SLOTS];
};

static void
ring_init(struct ring *ring, size_t size)
{
    (void)size;
    wr_slot_ring_init(&ring->ring, ring->slots, RING_SLOTS, 0);
}

/* Opens a window of a few lines, sends for them, and tries again. */
static __attribute__((noinline)) bool
open_window(struct wr_slot_ring *r)
{
    if (wr_slot_ring_room(r, 1) == 0)
        return false;
    wr_slot_ring_open_free(r, WR_SLOT_CLAIM);
    wr_slot_claim(wr_slot_ring_at_tail(r, 0), r->w_stop - r->w_pos);
    return true;
}

hot_inline size_t
put_one(struct wr_slot_ring *r, const struct payload *payload, uint64_t tag)
{
    struct wr_slot *slot = wr_slot_ring_next_free(r);

    if (unlikely(slot == NULL)) {
        if (!open_window(r))
            return 0;
        slot = wr_slot_ring_next_free(r);
    }
    payload_write(payload, slot->body, tag);
    wr_slot_ring_publish(r, slot, 0);
    return 1;
}

hot_inline size_t
ring_put(struct ring *ring, const struct payload *payload, uint64_t tag,
         size_t n)
{
    struct wr_slot_ring *r = &ring->ring;
    uint32_t lap = wr_slot_ring_lap(r, r->w_pos);
    struct wr_slot *slots;

    if (n == 1)
        return put_one(r, payload, tag);
    n = wr_slot_ring_reserve(r, n, &slots);
    if (n == 0)
        return 0;
    wr_slot_claim_ahead(slots, 0, n);
    payload_write(payload, slots[0].body, tag);
    for (size_t i = 1; i < n; i++) {
        wr_slot_claim_ahead(slots, i, n);
        payload_write(payload, slots[i].body, tag + i);
        wr_slot_mark(&slots[i], lap, 0);
    }
    wr_slot_ring_commit_marked(r, n);
    return n;
}

hot_inline size_t
take_one(struct wr_slot_ring *r, struct receiver *to)
{
    struct wr_slot *slot = wr_slot_ring_next_ready(r);

    if (likely(slot != NULL)) {
        receiver_take(to, slot->body, to->payload.size);
        wr_slot_ring_pass(r);
        return 1;
    }
    if (wr_slot_ring_peek(r, 1, &slot) == 0) {
        wr_slot_ring_flush(r);
        return 0;
    }
    receiver_take(to, slot->body, to->payload.size);
    (void)wr_slot_ring_release(r, 1);
    wr_slot_ring_open_ready(r, RING_SLOTS);
    return 1;
}

hot_inline size_t
ring_take(struct ring *ring, struct receiver *to, size_t n)
{
    struct wr_slot_ring *r = &ring->ring;
    struct wr_slot *slots;

    if (n == 1)
        return take_one(r, to);
    n = wr_slot_ring_peek(r, n, &slots);
    if (n == 0) {
        wr_slot_ring_flush(r);
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        receiver_take(to, slots[i].body, to->payload.size);
    (void)wr_slot_ring_release(r, n);
    return n;
}

#include "bench/peers/ring_peer.h"
