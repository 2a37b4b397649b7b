/* SPDX-License-Identifier: MPL-2.0 */
/* A lane for each of up to 64 writers (lane_ring.h), and a reader that visits
 * in turn those that are in use: one that stays empty while others are busy
 * leaves the circle, and its writer's next push sets a bit for it.
 *
 * Each writer has the whole capacity for itself: what one lane holds is how far
 * one writer can be ahead, however many others there are.
 *
 * Concurrency   push, flush: one writer thread for each number
 *               pop: one reader thread
 *               Wait-free. A stalled writer stops nobody; a stalled reader
 *               stops the writers whose lanes are full.
 *
 * Edges         W1-R1, R2-W2 of each lane (lane_ring.h)
 *               W3 push: release or of ready
 *               R3 pop:  acquire exchange of ready: the lanes have something
 *
 * A bit may be missed: the writer looks at its lane's flag after it has stored
 * tail, but there is no fence between, so that store may be on its way when the
 * reader looks for the last time, and the flag's when the writer looks. Nothing
 * rests on the bit. The reader looks at the lanes themselves, all of them,
 * before it says that there is nothing, and once in WR_LANES_ROUND turns; and a
 * lane leaves the circle one turn after its flag is set, when what was stored
 * before has long come.
 *
 * Why a pop of 0 is exact: it has found each lane empty, and taken nothing. As
 * only the reader takes, all were empty when it looked at the first one.
 *
 * Fair: a lane gives at most WR_LANES_TURN items while others wait.
 *
 * Invariants    those of each lane
 *               an item waits for at most WR_LANES_TURN items of each lane in
 *               the circle, and if its lane is not in it, WR_LANES_ROUND turns
 *               a lane outside the circle has its flag set
 *
 * Cost          A push: the lines of its items and a store of tail, no locked
 *               instruction; the flag is a clean line of its own. A pop: the
 *               lines of the items; tail and head as in lane_ring.h. The first
 *               push after a lane was out of the circle: a locked or, and two
 *               lines.
 *
 * Weaknesses    Memory for each writer. An item may be read long after one that
 *               another writer wrote later. With nothing to read, a pop looks
 *               at the tail of every lane.
 *
 * The engine's lanes (core/lanes.h) pay a fence instead, once for many lanes,
 * and in return look at none that is idle. */
#ifndef WEIR_CORE_RING_LANES_H
#define WEIR_CORE_RING_LANES_H

#include "core/base/atomic.h"
#include "core/ring/lane_ring.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_lanes_traits = {
    .kind = "mpsc",
    .name = "lanes",
    .what = "a ring for each writer, each with the whole capacity; busy ones "
            "are read in turn, idle ones announce themselves",
    .source = "the engine of weir; rings as in MCRingBuffer (Lee, Bu, "
              "Chandranmenon 2010)",
    .progress = "wait-free",
    .order = WR_ORDER_WRITER,
    .empty_is_exact = true,
    .full_is_exact = false, /* space comes back a quarter at a time */
    .capacity_least = 1,
};

#define WR_LANES_MOST UINT32_C(64)

/* Items that a lane gives in its turn. Tests have less of both of these. */
#ifndef WR_LANES_TURN
#define WR_LANES_TURN UINT64_C(64)
#endif

/* Items that others give before an idle lane leaves the circle. To look at one
 * is a load of a line that is at hand, once in a round; to bring it back takes
 * a locked instruction and lines that travel. */
#ifndef WR_LANES_PATIENCE
#define WR_LANES_PATIENCE UINT64_C(4096)
#endif

/* Turns after which the lanes outside the circle are looked at. */
#define WR_LANES_ROUND UINT32_C(64)

/* Lines of the next lane that are sent for while one has its turn. */
#define WR_LANES_AHEAD UINT64_C(4)

struct wr_lanes_lane {
    struct wr_lane_ring ring;
    _Alignas(WR_GROUP) _Atomic uint32_t flag; /* written by the reader */
    _Alignas(WR_GROUP) unsigned char items[];
};

struct wr_lanes {
    struct wr_shape shape;                     /* constant */
    size_t stride;                             /* of the lanes; constant */
    _Alignas(WR_GROUP) _Atomic uint64_t ready; /* written by both sides */
    _Alignas(WR_GROUP) unsigned char lanes[];
};

struct wr_lanes_writer {
    struct wr_lane_writer lane;
    _Atomic uint32_t *flag;
    _Atomic uint64_t *ready;
    uint64_t bit;
};

/* What the reader knows of a lane. */
struct wr_lanes_side {
    struct wr_lane_reader lane;
    _Atomic uint32_t *flag;
    uint64_t heard; /* value of total when it last gave something */
    bool flagged;
};

struct wr_lanes_reader {
    _Atomic uint64_t *ready;
    uint64_t active; /* the circle, by the lanes' bits */
    uint64_t all;
    uint64_t total; /* items read */
    uint32_t now;   /* whose turn it is */
    uint32_t turns; /* with lanes outside the circle */
    uint64_t left;  /* of the turn. Not beside total: the compiler would load
                     * both at once, which waits for stores to either. */
    struct wr_lanes_side side[WR_LANES_MOST];
};

static inline size_t
wr_lanes_stride(const struct wr_shape *shape)
{
    return sizeof(struct wr_lanes_lane) +
           wr_lane_items_bytes(shape->capacity, shape->item_size);
}

static inline size_t
wr_lanes_bytes(const struct wr_shape *shape)
{
    if (shape->writers > WR_LANES_MOST)
        return 0;
    return sizeof(struct wr_lanes) + shape->writers * wr_lanes_stride(shape);
}

static inline struct wr_lanes_lane *
wr_lanes_lane(struct wr_lanes *q, uint32_t number)
{
    return (struct wr_lanes_lane *)(void *)(q->lanes + number * q->stride);
}

static inline struct wr_lanes *
wr_lanes_init(void *memory, const struct wr_shape *shape)
{
    struct wr_lanes *q = memory;

    q->shape = *shape;
    q->stride = wr_lanes_stride(shape);
    for (uint32_t i = 0; i < shape->writers; i++)
        wr_lane_ring_init(&wr_lanes_lane(q, i)->ring, shape->start);
    return q;
}

static inline void
wr_lanes_fini(struct wr_lanes *q)
{
    (void)q;
}

/* ---- Writer ------------------------------------------------------------ */

static inline void
wr_lanes_writer_init(struct wr_lanes_writer *w, struct wr_lanes *q,
                     uint32_t number)
{
    struct wr_lanes_lane *lane = wr_lanes_lane(q, number);

    wr_lane_writer_init(&w->lane, &lane->ring, lane->items, q->shape.capacity);
    w->flag = &lane->flag;
    w->ready = &q->ready;
    w->bit = UINT64_C(1) << number;
}

/* Sets the bit, unless it waits to be seen. */
static __attribute__((noinline, unused)) void
wr_lanes_announce(const struct wr_lanes_writer *w)
{
    if ((load_relaxed(w->ready) & w->bit) == 0)
        (void)fetch_or_release(w->ready, w->bit); /* W3 */
}

hot_inline uint64_t
wr_lanes_push(struct wr_lanes_writer *w, size_t size, uint64_t n, wr_fill *fill,
              void *arg)
{
    n = wr_lane_room(&w->lane, n);
    if (unlikely(n == 0))
        return 0;
    wr_lane_fill(&w->lane, size, 0, n, fill, arg);
    wr_lane_publish(&w->lane, n);
    /* Relaxed: it may be late (above). */
    if (unlikely(load_relaxed(w->flag) != 0))
        wr_lanes_announce(w);
    return n;
}

static inline void
wr_lanes_flush(struct wr_lanes_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

static inline void
wr_lanes_reader_init(struct wr_lanes_reader *r, struct wr_lanes *q,
                     uint32_t number)
{
    uint32_t lanes = q->shape.writers;

    (void)number;
    *r = (struct wr_lanes_reader){
        .ready = &q->ready,
        .active = ~UINT64_C(0) >> (64 - lanes),
        .all = ~UINT64_C(0) >> (64 - lanes),
        .left = WR_LANES_TURN,
    };
    for (uint32_t i = 0; i < lanes; i++) {
        struct wr_lanes_lane *lane = wr_lanes_lane(q, i);

        wr_lane_reader_init(&r->side[i].lane, &lane->ring, lane->items,
                            q->shape.capacity);
        r->side[i].flag = &lane->flag;
    }
}

/* The next one of the lanes, which are not none, in turn. */
static inline uint32_t
wr_lanes_after(uint64_t lanes, uint32_t now)
{
    uint64_t later = lanes & (~UINT64_C(1) << now);

    return (uint32_t)__builtin_ctzll(later != 0 ? later : lanes);
}

/* Brings a lane into the circle. */
static inline void
wr_lanes_welcome(struct wr_lanes_reader *r, uint32_t number)
{
    struct wr_lanes_side *s = &r->side[number];

    r->active |= UINT64_C(1) << number;
    s->heard = r->total;
    s->flagged = false;
    store_relaxed(s->flag, 0); /* who sees it late sets a bit in vain */
}

/* Looks at all lanes outside the circle. Those that come in. */
static inline uint64_t
wr_lanes_search(struct wr_lanes_reader *r)
{
    uint64_t found = 0;

    for (uint64_t out = r->all & ~r->active; out != 0; out &= out - 1) {
        uint32_t number = (uint32_t)__builtin_ctzll(out);

        if (wr_lane_ready(&r->side[number].lane, 1) > 0) {
            wr_lanes_welcome(r, number);
            found |= UINT64_C(1) << number;
        }
    }
    return found;
}

/* Brings in what has announced itself, and in some turns what has something.
 * The lanes that it brought in. */
static __attribute__((noinline, unused)) uint64_t
wr_lanes_listen(struct wr_lanes_reader *r)
{
    uint64_t found = 0, ready;

    if (++r->turns % WR_LANES_ROUND == 0)
        found = wr_lanes_search(r);
    if (load_relaxed(r->ready) == 0)
        return found;
    ready = exchange_acquire(r->ready, 0); /* R3 */
    found |= ready;
    for (; ready != 0; ready &= ready - 1)
        wr_lanes_welcome(r, (uint32_t)__builtin_ctzll(ready));
    return found;
}

/* Sends for what a lane will need when its turn comes: what is known to be
 * there, no further, or the line that tells. */
hot_inline void
wr_lanes_prefetch(const struct wr_lane_reader *l, size_t size)
{
    const unsigned char *at = l->items + (l->pos & l->mask) * size;
    uint64_t bytes = (l->end - l->pos) * size;

    if (bytes == 0)
        prefetch_read(&l->ring->tail);
    for (uint64_t i = 0; i < WR_LANES_AHEAD && i * WR_LINE < bytes; i++)
        prefetch_read(at + i * WR_LINE);
}

/* Gives the turn to the next one of unread, or else of the circle. unread, and
 * the lanes that have come into the circle. */
hot_inline uint64_t
wr_lanes_pass(struct wr_lanes_reader *r, uint64_t unread, size_t size)
{
    uint64_t lanes;

    if (unlikely(r->active != r->all))
        unread |= wr_lanes_listen(r);
    lanes = unread != 0 ? unread : r->active;
    r->left = WR_LANES_TURN;
    if (unlikely(lanes == 0))
        return 0;
    r->now = wr_lanes_after(lanes, r->now);
    if (likely(r->active != 0))
        wr_lanes_prefetch(&r->side[wr_lanes_after(r->active, r->now)].lane,
                          size);
    return unread;
}

/* The lane in turn has given nothing: one that is idle for long gets its flag,
 * and if it still is when its turn comes again, leaves the circle. */
static inline void
wr_lanes_idle(struct wr_lanes_reader *r, struct wr_lanes_side *s)
{
    if (likely(r->total - s->heard < WR_LANES_PATIENCE))
        return;
    if (s->flagged) {
        r->active &= ~(UINT64_C(1) << r->now);
        return;
    }
    s->flagged = true;
    store_relaxed(s->flag, 1);
}

/* Reads up to n items of the lane in turn. */
hot_inline uint64_t
wr_lanes_take(struct wr_lanes_reader *r, size_t size, uint64_t n, wr_use *use,
              void *arg)
{
    struct wr_lanes_side *s = &r->side[r->now];

    n = wr_lane_pop(&s->lane, size, n, use, arg);
    if (n == 0) {
        wr_lanes_idle(r, s);
        return 0;
    }
    r->left -= n;
    r->total += n;
    s->heard = r->total;
    if (unlikely(s->flagged))
        wr_lanes_welcome(r, r->now);
    return n;
}

/* unread: lanes of the circle that this call has not found empty. */
hot_inline uint64_t
wr_lanes_pop(struct wr_lanes_reader *r, size_t size, uint64_t n, wr_use *use,
             void *arg)
{
    uint64_t unread = r->active, got = 0;

    do {
        uint64_t most = n - got < r->left ? n - got : r->left;
        uint64_t m = wr_lanes_take(r, size, most, use, arg);

        got += m;
        if (m < most)
            unread &= ~(UINT64_C(1) << r->now);
        if (m < most || r->left == 0)
            unread = wr_lanes_pass(r, unread, size);
        if (unlikely(unread == 0) && got == 0)
            unread = wr_lanes_search(r);
    } while (got < n && unread != 0);
    return got;
}

#endif
