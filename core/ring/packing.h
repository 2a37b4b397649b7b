/* SPDX-License-Identifier: MPL-2.0 */
/* A ring of groups of items, each group behind a word that tells how far it is
 * written: what packed_slot.h and fastforward.h share.
 *
 *   up to 56 bytes     a group is one line: the word, and as many items as fit
 *                      behind it: seven of 8 bytes, three of 16
 *   multiples of 64    a line with the word, and seven items
 *   other sizes        the word and one item
 *
 * Items end where lines end, so none lies across more lines than it must. */
#ifndef WEIR_CORE_RING_PACKING_H
#define WEIR_CORE_RING_PACKING_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/ring/lines.h"
#include "core/ring/queue.h"

/* A group: whole lines, the first of which begins with the word. */
struct wr_packing {
    uint64_t items; /* 7 at most */
    uint64_t bytes;
    uint64_t first; /* where the first item lies: the last ends the group */
};

/* Constant. */
struct wr_packing_ring {
    struct wr_packing group;
    size_t item_size;
    uint64_t bytes;
    unsigned char *end;
};

/* Where a side is: at item pos of the group, or, if that is `end`, behind it.
 */
struct wr_packing_place {
    uint64_t pos;
    uint64_t end;         /* the number after the group's last item */
    unsigned char *group; /* where it begins */
    uintptr_t items;      /* item x of it is at items + x * size */
};

/* Constants, if the size is one. */
hot_inline struct wr_packing
wr_packing_of(size_t size)
{
    uint64_t word = sizeof(uint64_t);
    struct wr_packing p = { .items = size % WR_LINE == 0 ? 7 : 1 };

    if (size + word <= WR_LINE)
        p.items = (WR_LINE - word) / size;
    p.bytes = (word + p.items * size + WR_LINE - 1) & ~(uint64_t)(WR_LINE - 1);
    p.first = p.bytes - p.items * size;
    return p;
}

static inline void
wr_packing_ring_init(struct wr_packing_ring *r, unsigned char *memory,
                     size_t item_size, uint64_t groups)
{
    r->group = wr_packing_of(item_size);
    r->item_size = item_size;
    r->bytes = groups * r->group.bytes;
    r->end = memory + r->bytes;
}

/* At item `start`, the first of the first group. */
static inline void
wr_packing_begin(struct wr_packing_place *at, const struct wr_packing_ring *r,
                 uint64_t start)
{
    at->pos = start;
    at->end = start + r->group.items;
    at->group = r->end - r->bytes;
    at->items = (uintptr_t)at->group + r->group.first - start * r->item_size;
}

/* From behind a group to the next. */
hot_inline void
wr_packing_next(struct wr_packing_place *at, const struct wr_packing_ring *r,
                struct wr_packing group)
{
    at->end += group.items;
    at->group += group.bytes;
    at->items += group.first;
    if (unlikely(at->group == r->end)) {
        at->group -= r->bytes;
        at->items -= r->bytes;
    }
}

hot_inline _Atomic uint64_t *
wr_packing_word(const struct wr_packing_place *at)
{
    return (_Atomic uint64_t *)(void *)at->group;
}

/* Item pos. */
hot_inline void *
wr_packing_item(const struct wr_packing_place *at, size_t size)
{
    return (void *)(at->items + at->pos * size);
}

/* Writes n items of the group. A whole line of them is the usual case in a
 * batch, and worth code without a loop. */
hot_inline void
wr_packing_fill(struct wr_packing_place *at, size_t size, uint64_t first,
                uint64_t n, wr_fill *fill, void *arg)
{
    struct wr_packing group = wr_packing_of(size);
    unsigned char *item = wr_packing_item(at, size);

    at->pos += n;
    if (unlikely(n < group.items) || group.bytes > WR_LINE) {
        fill(arg, item, first, n);
        return;
    }
#pragma GCC unroll 7
    for (uint64_t i = 0; i < group.items; i++)
        fill(arg, item + i * size, first + i, 1);
}

hot_inline void
wr_packing_use(struct wr_packing_place *at, size_t size, uint64_t n,
               wr_use *use, void *arg)
{
    struct wr_packing group = wr_packing_of(size);
    unsigned char *item = wr_packing_item(at, size);

    at->pos += n;
    if (unlikely(n < group.items) || group.bytes > WR_LINE) {
        use(arg, item, n);
        return;
    }
#pragma GCC unroll 7
    for (uint64_t i = 0; i < group.items; i++)
        use(arg, item + i * size, 1);
}

/* How many of n groups from this one on lie side by side. */
static inline uint64_t
wr_packing_to_end(const struct wr_packing_place *at,
                  const struct wr_packing_ring *r, uint64_t n)
{
    uint64_t room = (uint64_t)(r->end - at->group);

    while (n * r->group.bytes > room)
        n--;
    return n;
}

/* Groups that a writer sends for at a time. */
static inline uint64_t
wr_packing_claim(const struct wr_packing_ring *r)
{
    return r->group.bytes == WR_LINE ? WR_LINES_AT_ONCE : 1;
}

/* Sends for the lines of n free groups from this one on: the first few, if it
 * is a large one. The words are left alone, they tell the reader something. */
static inline void
wr_packing_send_for(const struct wr_packing_place *at,
                    const struct wr_packing_ring *r, uint64_t n)
{
    uint64_t most = WR_LINES_AT_ONCE * WR_LINE, bytes = n * r->group.bytes;

    bytes = bytes < most ? bytes : most;
    for (uint64_t i = sizeof(uint64_t); i < bytes; i += WR_LINE)
        claim_line(at->group + i);
}

/* A reader that finds nothing after n items lets the writer get ahead, for as
 * many pauses as they had lines, 16 at most. Each look takes away the line that
 * is being written, and the writer's next stores wait until it is back; with
 * some distance between the two, a line moves once. Items that come one by one
 * are not kept waiting. */
static inline void
wr_packing_hold_back(const struct wr_packing_ring *r, uint64_t n)
{
    uint64_t pauses = n * r->item_size / WR_LINE;

    pauses = pauses < 16 ? pauses : 16;
    while (pauses-- > 0)
        cpu_relax();
}

#endif
