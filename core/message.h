/* SPDX-License-Identifier: MPL-2.0 */
/* The 64-byte message value: what weir_msg's fields mean, and how it moves.
 *
 * Kinds   inline    the bytes are in u.words, their number in meta
 *         pooled    ref.data is a buffer of the pool ref.owner
 *         large     ref.data is a buffer of its own, from an arena
 *         external  ref.data is the caller's; ref.free(data, hint) ends it
 * A shared message of the last three kinds has other owners: pooled and large
 * ones count them in the buffer's header, external ones in *ref.owner.
 *
 * In a pipe a slot is such a value, or a packed one: equal messages that were
 * sent together share a line.
 *
 * A value has one owner and needs no atomics; the counts of shared messages
 * are atomic. */
#ifndef WEIR_CORE_MESSAGE_H
#define WEIR_CORE_MESSAGE_H

#include <stdint.h>

#include "core/base/cpu.h"
#include "weir/weir.h"

_Static_assert(sizeof(weir_msg) == WR_LINE, "a message is a line");

#define WR_MSG_INLINE   UINT32_C(0x00000)
#define WR_MSG_POOLED   UINT32_C(0x10000)
#define WR_MSG_LARGE    UINT32_C(0x20000)
#define WR_MSG_EXTERNAL UINT32_C(0x30000)
#define WR_MSG_BASE     UINT32_C(0x30000) /* mask of the four above */
#define WR_MSG_SHARED   WEIR_MSG_SHARED_BIT

/* In a pipe only: the slot holds several messages, see core/packed.h. */
#define WR_MSG_PACKED UINT32_C(0x200)

/* Between REQ and REP only: an empty frame stands before this one. */
#define WR_MSG_DELIMITED UINT32_C(0x400)

/* In a pipe only, on the first frame: the publisher sends it for another reason
 * than that the peer has subscribed to it. */
#define WR_MSG_UNMATCHED UINT32_C(0x800)

/* Makes room for `extra` more owners of what msg refers to; copies of its value
 * are their messages. Nothing for an inline one. -ENOMEM: only of an external
 * message that was never shared. */
int wr_msg_add_owners(weir_msg *msg, uint32_t extra);

/* What is taken the long way. */
#define WR_MSG_UNUSUAL (WEIR_MSG_MORE_BIT | WR_MSG_PACKED | WR_MSG_UNMATCHED)

/* Frees what a message that is not inline refers to, if it was the last. */
void wr_msg_unref(weir_msg *msg);

static inline bool
wr_msg_is_inline(const weir_msg *msg)
{
    return (msg->meta & WEIR_MSG_KIND_BITS) == 0;
}

/* Copies words 1 and up of what the value src, of that meta, holds to dst. Only
 * the words in use. */
static inline void
wr_msg_copy_rest(weir_msg *dst, const weir_msg *src, uint32_t meta)
{
    uint32_t size = meta & (WEIR_MSG_KIND_BITS | 0xff);

    if (likely(size <= 8))
        return;
    dst->u.words[1] = src->u.words[1];
    dst->u.words[2] = src->u.words[2];
    if ((size & WR_MSG_BASE) == WR_MSG_POOLED || size <= 24)
        return;
    for (unsigned i = 3; i < WEIR_INLINE_MAX / 8; i++)
        dst->u.words[i] = src->u.words[i];
}

/* Copies the value src to dst, all but the pipe's word: no reference is
 * added. */
static inline void
wr_msg_copy(weir_msg *dst, const weir_msg *src)
{
    uint32_t meta = src->meta;

    dst->meta = meta;
    dst->u.words[0] = src->u.words[0];
    wr_msg_copy_rest(dst, src, meta);
}

#endif
