/* SPDX-License-Identifier: MPL-2.0 */
/* Vyukov's list of many writers and one reader: a push is one exchange of the
 * list's last node, for one item or for a chain of them. The nodes are in a
 * ring of each writer, for they come home in the order in which they left.
 *
 * Concurrency   push, flush: any of the writer threads, each with a side of its
 *               own; pop: one reader thread
 *               push is wait-free: one exchange, however many others there are.
 *               pop never waits, but is blocked by a writer that stalls between
 *               its exchange and the store behind it: what was written after
 *               that, by anybody, is not found until the writer goes on. Other
 *               writers go on meanwhile, as far as their nodes reach.
 *
 * Edges         W1 push: release store of the link of the node that was last:
 *                  a chain is there
 *               R1 pop:  acquire load of a link: the node and the item behind
 *                  it are readable
 *               W3 push: acquire-release exchange of last: the writer of the
 *                  node that was last has ended its chain there, before the
 *                  next one hangs on to it
 *               R2 pop:  release store of home
 *               W2 push: acquire load of home: these nodes are writable
 *
 * Invariants    home <= read <= w.pos <= home + capacity, of each writer
 *               (differences modulo 2^64)
 *               the node of last has no link; those from the reader's node to
 *               it hang together, but for chains whose writer is between W3 and
 *               W1
 *               the reader stands on the node that it read last, which stays
 *               where it is until the next was found: a writer has capacity + 1
 *               nodes, and never writes the one before home
 *
 * Cost          Writer: an exchange per batch on one line that all writers
 *               fight for, and a store to the line of the node that was last;
 *               a node per item, 16 bytes for one of 8, two lines for one of
 *               64; one look at home per capacity items.
 *               Reader: the node, which tells in the same line whether there
 *               is a next one; a store to a writer's home per quarter of its
 *               capacity, and to all that are due one when it finds nothing.
 *
 * Weaknesses    The exchanges of all writers go one after the other. Items do
 *               not lie side by side, and the reader knows where the next one
 *               is only when it has the link to it: a batch saves exchanges,
 *               nothing else. Memory for capacity items of each writer, which
 *               the others cannot use.
 *
 * Source: D. Vyukov, Intrusive MPSC node-based queue, 1024cores, 2010. There
 * nodes are the caller's, and one is put in again to take out the last; here
 * the node that was read last stands in, and nodes come home by a count. */
#ifndef WEIR_CORE_RING_EXCHANGE_LIST_H
#define WEIR_CORE_RING_EXCHANGE_LIST_H

#include "core/base/atomic.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

static const struct wr_traits wr_exchange_list_traits = {
    .kind = "mpsc",
    .name = "exchange_list",
    .what = "a linked list that a push hangs its items on by one exchange",
    .source = "Vyukov, 1024cores, 2010",
    .progress = "push wait-free; pop wait-free, but blind to what is behind a "
                "writer that stalls in its push",
    .order = WR_ORDER_ALL,
    .capacity_least = 1,
};

/* A link is the offset of a node in the queue, with the number of its writer in
 * the top 16 bits; 0 where there is none. */
#define WR_EXCHANGE_LIST_SHIFT  48
#define WR_EXCHANGE_LIST_OFFSET ((UINT64_C(1) << WR_EXCHANGE_LIST_SHIFT) - 1)

/* Of one writer. */
struct wr_exchange_list_lane {
    /* Written by the reader: items read, as the writer knows and as they are.
     */
    _Alignas(WR_GROUP) _Atomic uint64_t home;
    uint64_t told; /* home */
    uint64_t read;
};

struct wr_exchange_list {
    /* Constant. */
    uint64_t capacity; /* of each writer */
    uint64_t quantum;  /* items between two stores to a home */
    uint64_t start;
    uint64_t node_size;
    uint64_t writers;

    /* Written by all writers: the link to the last node. */
    _Alignas(WR_GROUP) _Atomic uint64_t last;

    /* The node without an item that the list begins with. */
    _Alignas(WR_GROUP) _Atomic uint64_t stub;
    struct wr_exchange_list_lane lanes[];
};

struct wr_exchange_list_writer {
    struct wr_exchange_list *q;
    struct wr_exchange_list_lane *lane;
    uint64_t pos;
    uint64_t limit; /* home + capacity, as last seen */
    uint64_t node;  /* links: the next free node, */
    uint64_t begin; /* the first one of this writer, */
    uint64_t end;   /* and where one behind its last would be */
};

struct wr_exchange_list_reader {
    struct wr_exchange_list *q;
    _Atomic uint64_t *node; /* the one that was read last */
    bool owes;              /* there may be a home that is behind */
};

/* Where a node has its item: in the line of the link, if there is room. */
hot_inline size_t
wr_exchange_list_item_at(size_t size)
{
    return size < WR_LINE ? 8 : WR_LINE;
}

/* So that no item lies across more lines than it must. */
static inline size_t
wr_exchange_list_node_size(size_t size)
{
    size_t node = 16;

    if (size >= WR_LINE)
        return WR_LINE + ((size + WR_LINE - 1) & ~(size_t)(WR_LINE - 1));
    while (node < 8 + size)
        node *= 2;
    return node;
}

static inline size_t
wr_exchange_list_pool_bytes(const struct wr_shape *shape)
{
    size_t bytes =
        (shape->capacity + 1) * wr_exchange_list_node_size(shape->item_size);

    return (bytes + WR_GROUP - 1) & ~(size_t)(WR_GROUP - 1);
}

static inline size_t
wr_exchange_list_bytes(const struct wr_shape *shape)
{
    size_t bytes = sizeof(struct wr_exchange_list) +
                   shape->writers * (sizeof(struct wr_exchange_list_lane) +
                                     wr_exchange_list_pool_bytes(shape));

    if (shape->writers >> (64 - WR_EXCHANGE_LIST_SHIFT) > 0 ||
        bytes > WR_EXCHANGE_LIST_OFFSET)
        return 0;
    return bytes;
}

static inline struct wr_exchange_list *
wr_exchange_list_init(void *memory, const struct wr_shape *shape)
{
    struct wr_exchange_list *q = memory;

    q->capacity = shape->capacity;
    q->quantum = shape->capacity < 4 ? 1 : shape->capacity / 4;
    q->start = shape->start;
    q->node_size = wr_exchange_list_node_size(shape->item_size);
    q->writers = shape->writers;
    store_relaxed(&q->last, offsetof(struct wr_exchange_list, stub));
    for (uint32_t i = 0; i < shape->writers; i++) {
        store_relaxed(&q->lanes[i].home, shape->start); /* nobody knows it */
        q->lanes[i].told = q->lanes[i].read = shape->start;
    }
    return q;
}

static inline void
wr_exchange_list_fini(struct wr_exchange_list *q)
{
    (void)q;
}

static inline void
wr_exchange_list_writer_init(struct wr_exchange_list_writer *w,
                             struct wr_exchange_list *q, uint32_t number)
{
    uint64_t nodes = (q->capacity + 1) * q->node_size;
    uint64_t pool = (nodes + WR_GROUP - 1) & ~(uint64_t)(WR_GROUP - 1);

    w->q = q;
    w->lane = &q->lanes[number];
    w->pos = q->start;
    w->limit = q->start + q->capacity;
    w->begin = (uint64_t)number << WR_EXCHANGE_LIST_SHIFT |
               (offsetof(struct wr_exchange_list, lanes) +
                q->writers * sizeof(q->lanes[0]) + number * pool);
    w->end = w->begin + nodes;
    w->node = w->begin;
}

static inline void
wr_exchange_list_reader_init(struct wr_exchange_list_reader *r,
                             struct wr_exchange_list *q, uint32_t number)
{
    (void)number;
    r->q = q;
    r->node = &q->stub;
    r->owes = false;
}

/* The node that a link leads to; it begins with its own link. */
hot_inline _Atomic uint64_t *
wr_exchange_list_node(struct wr_exchange_list *q, uint64_t link)
{
    return (void *)((unsigned char *)q + (link & WR_EXCHANGE_LIST_OFFSET));
}

hot_inline unsigned char *
wr_exchange_list_item(_Atomic uint64_t *node, size_t size)
{
    return (unsigned char *)node + wr_exchange_list_item_at(size);
}

/* ---- Writer ------------------------------------------------------------ */

static __attribute__((noinline)) uint64_t
wr_exchange_list_room(struct wr_exchange_list_writer *w)
{
    w->limit = load_acquire(&w->lane->home) + w->q->capacity; /* W2 */
    return w->limit - w->pos;
}

/* Links n nodes side by side, from the one of `link` on, to those behind them,
 * which also sends for their lines. Relaxed: W1 makes them visible. */
hot_inline void
wr_exchange_list_chain(struct wr_exchange_list *q, uint64_t link, size_t size,
                       uint64_t n)
{
    size_t step = wr_exchange_list_node_size(size);

    for (uint64_t i = 0; i < n; i++) {
        _Atomic uint64_t *node = wr_exchange_list_node(q, link);

        link += step;
        store_relaxed(node, link);
        if (size >= WR_LINE && n > 1)
            wr_lines_send_for(wr_exchange_list_item(node, size), WR_LINE);
    }
}

/* Writes up to WR_LINES_AT_ONCE of n items into the next nodes, as many as lie
 * side by side. Returns how many, and at *last the last one's link. */
hot_inline uint64_t
wr_exchange_list_write(struct wr_exchange_list_writer *w, size_t size,
                       uint64_t first, uint64_t n, uint64_t *last,
                       wr_fill *fill, void *arg)
{
    struct wr_exchange_list *q = w->q;
    size_t step = wr_exchange_list_node_size(size);
    uint64_t link = w->node, some = (w->end - link) / step;

    some = some < n ? some : n;
    some = some < WR_LINES_AT_ONCE ? some : WR_LINES_AT_ONCE;
    wr_exchange_list_chain(q, link, size, some);
    for (uint64_t i = 0; i < some; i++, link += step)
        fill(arg, wr_exchange_list_item(wr_exchange_list_node(q, link), size),
             first + i, 1);
    *last = link - step;
    if (unlikely(link == w->end)) {
        link = w->begin;
        store_relaxed(wr_exchange_list_node(q, *last), link);
    }
    w->node = link;
    return some;
}

hot_inline uint64_t
wr_exchange_list_push(struct wr_exchange_list_writer *w, size_t size,
                      uint64_t n, wr_fill *fill, void *arg)
{
    struct wr_exchange_list *q = w->q;
    uint64_t room = w->limit - w->pos, first = w->node, last = first, before;

    if (unlikely(room < n)) {
        room = wr_exchange_list_room(w);
        n = n < room ? n : room;
        if (n == 0)
            return 0;
    }
    for (uint64_t done = 0; done < n;)
        done +=
            wr_exchange_list_write(w, size, done, n - done, &last, fill, arg);
    store_relaxed(wr_exchange_list_node(q, last), 0); /* until W1 of the next */
    w->pos += n;
    before = exchange_acq_rel(&q->last, last);              /* W3 */
    store_release(wr_exchange_list_node(q, before), first); /* W1 */
    return n;
}

static inline void
wr_exchange_list_flush(struct wr_exchange_list_writer *w)
{
    (void)w;
}

/* ---- Reader ------------------------------------------------------------ */

static inline void
wr_exchange_list_tell(struct wr_exchange_list_lane *lane)
{
    lane->told = lane->read;
    store_release(&lane->home, lane->read); /* R2 */
}

/* Brings all homes up to date. */
static __attribute__((noinline)) void
wr_exchange_list_tell_all(struct wr_exchange_list_reader *r)
{
    for (uint64_t i = 0; i < r->q->writers; i++) {
        struct wr_exchange_list_lane *lane = &r->q->lanes[i];

        if (lane->told != lane->read)
            wr_exchange_list_tell(lane);
    }
    r->owes = false;
}

hot_inline uint64_t
wr_exchange_list_pop(struct wr_exchange_list_reader *r, size_t size, uint64_t n,
                     wr_use *use, void *arg)
{
    struct wr_exchange_list *q = r->q;
    uint64_t done = 0;

    for (; done < n; done++) {
        uint64_t link = load_acquire(r->node); /* R1 */
        struct wr_exchange_list_lane *lane;

        if (link == 0)
            break;
        r->node = wr_exchange_list_node(q, link);
        use(arg, wr_exchange_list_item(r->node, size), 1);
        lane = &q->lanes[link >> WR_EXCHANGE_LIST_SHIFT];
        if (unlikely(++lane->read - lane->told >= q->quantum))
            wr_exchange_list_tell(lane);
    }
    if (done > 0)
        r->owes = true;
    else if (unlikely(r->owes))
        wr_exchange_list_tell_all(r);
    return done;
}

#endif
