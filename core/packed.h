/* SPDX-License-Identifier: MPL-2.0 */
/* Several messages in one slot: equal ones of one frame each that were sent
 * together share a line.
 *
 *   small   inline, a word or less, of the same size: message i is word i
 *   pooled  of the same size from the same pool: message i's data is word i,
 *           NULL if it was moved out in place; word 5 is the size, 6 the pool
 *
 * meta is that of the messages, with WR_MSG_PACKED and how many they are. They
 * are never shared, unless weir_peek has lent them since. */
#ifndef WEIR_CORE_PACKED_H
#define WEIR_CORE_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "alloc/buffer.h"
#include "core/base/cpu.h"
#include "core/message.h"
#include "core/ring/slot_ring.h"

#define WR_PACKED_SMALL_MAX  ((size_t)WEIR_INLINE_MAX / 8)
#define WR_PACKED_POOLED_MAX ((size_t)5)
#define WR_PACKED_MAX        WR_PACKED_SMALL_MAX
#define WR_PACKED_SHIFT      12
#define WR_PACKED_COUNT      (UINT32_C(7) << WR_PACKED_SHIFT)

/* Of one frame and not shared; the pool's class may be any. */
static inline bool
wr_is_plain_pooled(uint32_t meta)
{
    return (meta & UINT32_C(0xffffff)) == WR_MSG_POOLED;
}

/* How many messages of that meta a slot has room for. */
static inline size_t
wr_packed_room(uint32_t meta)
{
    if (meta <= 8)
        return WR_PACKED_SMALL_MAX;
    return wr_is_plain_pooled(meta) ? WR_PACKED_POOLED_MAX : 1;
}

/* How many of the n > 0 messages can share a slot with the first. 1: none. */
hot_inline size_t
wr_packable(const weir_msg *msgs, size_t n)
{
    uint32_t meta = msgs[0].meta;
    size_t i = 1;

    if (meta <= 8) {
        while (i < n && i < WR_PACKED_SMALL_MAX && msgs[i].meta == meta)
            i++;
    } else if (wr_is_plain_pooled(meta)) {
        while (i < n && i < WR_PACKED_POOLED_MAX && msgs[i].meta == meta &&
               msgs[i].u.ref.size == msgs[0].u.ref.size &&
               msgs[i].u.ref.owner == msgs[0].u.ref.owner)
            i++;
    }
    return i;
}

/* Moves n > 1 messages that can share a slot into one. Returns its meta, which
 * is not stored: with ctl it is the slot's last word to be written. */
hot_inline uint32_t
wr_pack(struct wr_slot *slot, weir_msg *msgs, size_t n)
{
    uint32_t meta = msgs[0].meta;

    if (meta > 8) {
        slot->body[5] = msgs[0].u.words[1];
        slot->body[6] = msgs[0].u.words[2];
    }
    for (size_t i = 0; i < n; i++) {
        slot->body[i] = msgs[i].u.words[0];
        weir_msg_init(&msgs[i]);
    }
    return meta | WR_MSG_PACKED | (uint32_t)n << WR_PACKED_SHIFT;
}

/* How many messages a slot holds that is packed, or 0. */
hot_inline uint32_t
wr_packed_in(const struct wr_slot *slot)
{
    if (likely((slot->meta & WR_MSG_PACKED) == 0))
        return 0;
    return (slot->meta & WR_PACKED_COUNT) >> WR_PACKED_SHIFT;
}

/* Copies messages `from` to `to` - 1 of a packed slot. */
hot_inline void
wr_unpack(weir_msg *msgs, const struct wr_slot *slot, uint32_t from,
          uint32_t to)
{
    uint32_t meta = slot->meta & ~(WR_MSG_PACKED | WR_PACKED_COUNT);

    for (uint32_t i = from; i < to; i++, msgs++) {
        msgs->meta = meta;
        msgs->u.words[0] = slot->body[i];
        if (likely(meta <= 8))
            continue;
        msgs->u.words[1] = slot->body[5];
        msgs->u.words[2] = slot->body[6];
        if (unlikely(slot->body[i] == 0))
            weir_msg_init(msgs);
    }
}

/* Before messages of a slot are lent: the caller may share them with others,
 * and what it then leaves in the slot has to know of it. */
static inline void
wr_packed_lend(struct wr_slot *slot, uint32_t from, uint32_t to)
{
    if ((slot->meta & WEIR_MSG_KIND_BITS) != WR_MSG_POOLED)
        return; /* inline, or done before */
    for (uint32_t i = from; i < to; i++)
        wr_buffer_share((void *)slot->body[i], 0, true);
    slot->meta |= WR_MSG_SHARED;
}

/* The copy of message i was moved out: it is no longer there. */
static inline void
wr_packed_moved(struct wr_slot *slot, uint32_t i)
{
    if ((slot->meta & WEIR_MSG_KIND_BITS) != 0)
        slot->body[i] = 0;
}

#endif
