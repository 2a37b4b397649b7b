/* SPDX-License-Identifier: MPL-2.0 */
/* A ring by itself as a peer: two threads, nothing around it. A file defines
 *
 *   RING_PEER, RING_NAME, RING_TEXT   the peer, its name, what it is
 *   struct ring                       ring and memory, RING_BYTES of items
 *   ring_init(ring, size)             over zeroed memory, for items of size
 *   ring_put(ring, payload, tag, n)   writes and publishes as many of n items
 *                                     as there is room for; how many
 *   ring_take(ring, receiver, n)      takes up to n items; how many
 *
 * and includes this one. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bench/harness/loops.h"

/* A ring and what its reader knows: how many items there were when it found
 * the ring empty. */
struct lane {
    struct ring ring;
    _Alignas(WR_GROUP) uint64_t seen;
};

struct rings {
    struct lane there;
    struct lane back; /* of a pair */
};

/* Both threads spin. Where they share a CPU, that has to end. */
static inline void
ring_stall(unsigned *looks)
{
    if (++*looks % 4096 == 0)
        (void)sched_yield();
    else
        cpu_relax();
}

hot_inline int
ring_send(struct sender *s, uint64_t tag, size_t n)
{
    unsigned looks = 0;

    for (;;) {
        size_t put = ring_put(s->end->socket, &s->payload, tag, n);

        n -= put;
        tag += put;
        if (n == 0)
            return 0;
        ring_stall(&looks);
    }
}

/* As in core/wait.c: who has taken n items since it last found nothing lets n
 * looks pass, so that it does not tread on the writer's heels. */
static __attribute__((noinline)) void
ring_hold_back(struct lane *lane, const struct receiver *r)
{
    uint64_t came = r->taken - lane->seen;

    lane->seen = r->taken;
    for (uint64_t n = 1; n < came && n < 64; n++)
        cpu_relax();
}

hot_inline int
ring_receive(struct receiver *r)
{
    struct lane *lane = r->end->pool;
    size_t n = r->end->batch;
    unsigned looks = 0;

    if (likely(ring_take(&lane->ring, r, n) > 0))
        return 0;
    ring_hold_back(lane, r);
    while (ring_take(&lane->ring, r, n) == 0)
        ring_stall(&looks);
    return 0;
}

static const char *
ring_describe(void)
{
    return RING_TEXT;
}

static void *
ring_context_new(void)
{
    struct rings *rings = aligned_alloc(WR_GROUP, sizeof(*rings));

    return rings ? memset(rings, 0, sizeof(*rings)) : NULL;
}

/* The end that binds is opened first. It sends on `back` if at all. */
static int
ring_open(void *context, struct end *end)
{
    struct rings *rings = context;

    if (end->binds) {
        ring_init(&rings->there.ring, end->size);
        ring_init(&rings->back.ring, end->size);
    }
    end->socket = end->binds ? &rings->back.ring : &rings->there.ring;
    end->pool = end->binds ? &rings->there : &rings->back;
    return 0;
}

static void
ring_close(struct end *end)
{
    end->socket = NULL;
}

static int
ring_send_all(struct sender *s)
{
    return send_loop(s, ring_send);
}

static int
ring_receive_all(struct receiver *r)
{
    return receive_loop(r, ring_receive);
}

static int
ring_ping(struct sender *s, struct receiver *r)
{
    return ping_loop(s, r, ring_send, ring_receive);
}

static int
ring_pong(struct sender *s, struct receiver *r)
{
    return pong_loop(s, r, ring_send, ring_receive);
}

static const char *
ring_error(int code)
{
    (void)code;
    return "impossible";
}

static const char *const ring_waits[] = { "spin", NULL };

const struct peer RING_PEER = {
    .name = RING_NAME,
    .describe = ring_describe,
    .waits = ring_waits,
    .batches = true,
    .context_new = ring_context_new,
    .context_free = free,
    .open = ring_open,
    .close = ring_close,
    .send = ring_send_all,
    .receive = ring_receive_all,
    .ping = ring_ping,
    .pong = ring_pong,
    .error = ring_error,
};
