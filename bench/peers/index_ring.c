/* SPDX-License-Identifier: MPL-2.0 */
/* core/ring/index_ring.h: items side by side, small ones several to a line. */
#include "core/ring/index_ring.h"

#include "bench/harness/loops.h"
#include "bench/peers/rings.h"

#define RING_PEER peer_index_ring
#define RING_NAME "index"
#define RING_TEXT "cached indices, items side by side"

struct ring {
    struct wr_index_ring ring;
    _Alignas(WR_GROUP) unsigned char items[RING_BYTES];
};

/* No item lies across two lines. */
static size_t
stride_of(size_t size)
{
    size_t stride = 8;

    while (stride < size)
        stride *= 2;
    return stride;
}

static void
ring_init(struct ring *ring, size_t size)
{
    size_t stride = stride_of(size);

    wr_index_ring_init(&ring->ring, ring->items, stride, RING_BYTES / stride,
                       0);
}

/* The lines of a batch are sent for side by side, as the slot ring's are. */
hot_inline void
claim(unsigned char *items, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += WR_LINE)
        *(volatile unsigned char *)(items + at) = 0;
}

hot_inline size_t
ring_put(struct ring *ring, const struct payload *payload, uint64_t tag,
         size_t n)
{
    struct wr_index_ring *r = &ring->ring;
    size_t stride = r->item_size;
    void *items;

    n = wr_index_ring_reserve(r, n, &items);
    if (n == 0)
        return 0;
    if (n > 1)
        claim(items, n * stride);
    for (size_t i = 0; i < n; i++)
        payload_write(payload, (unsigned char *)items + i * stride, tag + i);
    wr_index_ring_commit(r, n);
    return n;
}

hot_inline size_t
ring_take(struct ring *ring, struct receiver *to, size_t n)
{
    struct wr_index_ring *r = &ring->ring;
    size_t stride = r->item_size;
    void *items;

    n = wr_index_ring_peek(r, n, &items);
    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        receiver_take(to, (unsigned char *)items + i * stride,
                      to->payload.size);
    wr_index_ring_release(r, n);
    return n;
}

#include "bench/peers/ring_peer.h"
