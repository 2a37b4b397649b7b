/* SPDX-License-Identifier: MPL-2.0 */
/* No library: bare cache lines, the ceiling of what the others can do.
 *
 * A stream is a ring of lines of which every word is written and checked, as
 * the lab's items of 64 bytes: 64 at a time, sent for 64 lines before; the
 * first of them says that they are there. The reader tells how far it is every
 * quarter of the ring. Nothing else is between the two. A pair is one line in
 * each direction: each answer says that the line is free again.
 *
 * Edges  E1 writer's release of `turn` -> reader's acquire of it
 *        E2 reader's release of `head` -> writer's acquire of it */
#include <stdlib.h>
#include <string.h>

#include "bench/harness/loops.h"
#include "bench/lab/item.h"

#define LINES 1024
/* A line is sent for so many lines before it is written. */
#define AHEAD 64
/* No line has this number. */
#define THE_END UINT64_MAX

struct line {
    _Alignas(WR_LINE) _Atomic uint64_t turn; /* written by the writer */
    union {
        uint64_t word[7];
        unsigned char body[56];
    };
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

/* As fast as it goes. Word 0 of a line is its number, from 1 on, so that no
 * line is like those of the laps before; that of a batch's first line comes
 * last. */
hot_inline int
stream_send(struct sender *s, uint64_t tag, size_t n)
{
    struct lines *lines = s->end->socket;
    uint64_t at = lines->written;
    struct line *first = &lines->ring[at % LINES];

    while (at + n + AHEAD - lines->free > LINES)
        lines->free = load_acquire(&lines->head); /* E2 */
    for (size_t i = 0; i < n; i++)
        prefetch_write(&lines->ring[(at + i + AHEAD) % LINES]);
    items_write(first + 1, WR_LINE, at + 2, n - 1);
    for (uint64_t word = 1; word < 8; word++)
        first->word[word - 1] = at + 1 + word * ITEM_STEP;
    store_release(&first->turn, /* E1 */
                  (tag & PAYLOAD_END) == PAYLOAD_END ? THE_END : at + 1);
    lines->written = at + n;
    return 0;
}

hot_inline int
stream_receive(struct receiver *r)
{
    struct lines *lines = r->end->socket;
    uint64_t at = lines->read, n = r->end->batch, turn;
    struct line *first = &lines->ring[at % LINES];

    while ((turn = load_acquire(&first->turn)) != at + 1 && turn != THE_END)
        cpu_relax(); /* E1 */
    if (unlikely(turn == THE_END)) {
        r->ended++;
        return 0;
    }
    if (unlikely(items_differ(first, WR_LINE, at + 1, n) != 0))
        receiver_reject(r, first, r->payload.size);
    r->next[0] += n;
    r->taken += n;
    lines->read = at + n;
    if ((at ^ lines->read) / (LINES / 4) != 0)
        store_release(&lines->head, lines->read); /* E2 */
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
