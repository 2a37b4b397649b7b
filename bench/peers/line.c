/* SPDX-License-Identifier: MPL-2.0 */
/* No library: bare cache lines, the ceiling of what the others can do.
 *
 * A stream is a ring of 64-byte lines, each with a word that says which lap it
 * is of, written 64 at a time; the reader tells how far it is every quarter of
 * the ring. A pair is one line in each direction: each answer says that the
 * line is free again.
 *
 * Edges  E1 writer's release of `turn` -> reader's acquire of it
 *        E2 reader's release of `head` -> writer's acquire of it */
#include <stdlib.h>
#include <string.h>

#include "bench/harness/loops.h"

#define LINES 1024
/* More are taken away by the reader's prefetcher before they are written. */
#define SENT_FOR 8

struct line {
    _Alignas(WR_LINE) _Atomic uint64_t turn; /* written by the writer */
    unsigned char body[56];
};

struct lines {
    _Alignas(WR_GROUP) uint64_t written;      /* writer's: position, */
    uint64_t free;                            /* and head as it was last seen */
    _Alignas(WR_GROUP) uint64_t read;         /* reader's position */
    _Alignas(WR_GROUP) _Atomic uint64_t head; /* written by the reader */
    _Alignas(WR_GROUP) struct line there;     /* the pair's lines */
    _Alignas(WR_GROUP) struct line back;
    _Alignas(WR_GROUP) struct line ring[LINES];
};

hot_inline void
await(const _Atomic uint64_t *turn, uint64_t value)
{
    while (load_acquire(turn) != value) /* E1 */
        cpu_relax();
}

/* Fetches the next n lines at the same time, a few at most. */
hot_inline void
send_for(struct lines *lines, uint64_t at, size_t n)
{
    for (size_t i = 0; i < n && i < SENT_FOR; i++)
        lines->ring[(at + i) % LINES].body[0] = 0;
}

/* As fast as it goes: lines are sent for side by side, then filled, and the
 * first one's turn comes last. */
hot_inline int
stream_send(struct sender *s, uint64_t tag, size_t n)
{
    struct lines *lines = s->end->socket;
    uint64_t at = lines->written;
    struct line *first = &lines->ring[at % LINES];

    while (at + n - lines->free > LINES)
        lines->free = load_acquire(&lines->head); /* E2 */
    for (size_t i = 0; i < n; i++) {
        struct line *line = &lines->ring[(at + i) % LINES];

        if (i % SENT_FOR == 0)
            send_for(lines, at + i, n - i);
        payload_write(&s->payload, line->body, tag + i);
        if (i > 0)
            store_relaxed(&line->turn, at + i + 1); /* E1 follows */
    }
    store_release(&first->turn, at + 1); /* E1 */
    lines->written = at + n;
    return 0;
}

hot_inline int
stream_receive(struct receiver *r)
{
    struct lines *lines = r->end->socket;
    uint64_t at = lines->read++;
    struct line *line = &lines->ring[at % LINES];

    await(&line->turn, at + 1);
    receiver_take(r, line->body, r->payload.size);
    if ((at + 1) % (LINES / 4) == 0)
        store_release(&lines->head, at + 1); /* E2 */
    return 0;
}

hot_inline int
pair_send(struct sender *s, uint64_t tag, size_t n)
{
    struct lines *lines = s->end->socket;
    struct line *line = s->end->binds ? &lines->back : &lines->there;

    (void)n;
    payload_write(&s->payload, line->body, tag);
    /* Relaxed: only we write it. */
    store_release(&line->turn, load_relaxed(&line->turn) + 1); /* E1 */
    return 0;
}

hot_inline int
pair_receive(struct receiver *r)
{
    struct lines *lines = r->end->socket;
    struct line *line = r->end->binds ? &lines->there : &lines->back;

    await(&line->turn, r->taken + 1);
    receiver_take(r, line->body, r->payload.size);
    return 0;
}

static const char *
describe(void)
{
    return "ring of 1,024 lines; one line each way";
}

static void *
context_new(void)
{
    struct lines *lines = aligned_alloc(WR_GROUP, sizeof(*lines));

    return lines ? memset(lines, 0, sizeof(*lines)) : NULL;
}

static int
open_end(void *context, struct end *end)
{
    end->socket = context;
    return 0;
}

static void
close_end(struct end *end)
{
    end->socket = NULL;
}

static int
send_messages(struct sender *s)
{
    return send_loop(s, stream_send);
}

static int
receive_messages(struct receiver *r)
{
    return receive_loop(r, stream_receive);
}

static int
ping(struct sender *s, struct receiver *r)
{
    return ping_loop(s, r, pair_send, pair_receive);
}

static int
pong(struct sender *s, struct receiver *r)
{
    return pong_loop(s, r, pair_send, pair_receive);
}

static const char *
error(int code)
{
    (void)code;
    return "impossible";
}

static const char *const waits[] = { "spin", NULL };

const struct peer peer_line = {
    .name = "line",
    .describe = describe,
    .waits = waits,
    .batches = true,
    .context_new = context_new,
    .context_free = free,
    .open = open_end,
    .close = close_end,
    .send = send_messages,
    .receive = receive_messages,
    .ping = ping,
    .pong = pong,
    .error = error,
};
