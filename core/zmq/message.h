/* SPDX-License-Identifier: MPL-2.0 */
/* A zmq_msg_t is a weir_msg whose first word, which weir leaves alone outside
 * of pipes, says that it is one: after zmq_msg_close, and in memory that no
 * zmq_msg_init has seen, it does not.
 *
 * Concurrency  A message belongs to one thread at a time.
 * Invariant    Between init and close pipe_word is one of the two marks.
 * Cost         One compare a call. */
#ifndef WEIR_CORE_ZMQ_MESSAGE_H
#define WEIR_CORE_ZMQ_MESSAGE_H

#include <limits.h>
#include <weir/weir.h>
#include <zmq.h>

#include "core/base/cpu.h"

_Static_assert(sizeof(zmq_msg_t) == sizeof(weir_msg), "the same 64 bytes");
_Static_assert(_Alignof(zmq_msg_t) >= _Alignof(weir_msg), "aligned as well");

/* A message; one of bytes that are never freed, which count as shared. */
#define WR_ZMQ_MESSAGE  UINT32_C(0x6d7367a0)
#define WR_ZMQ_CONSTANT UINT32_C(0x6d7367a1)

/* Flags of a call as weir has them; those that are unknown do nothing. */
static inline int
wr_zmq_flags(int flags)
{
    _Static_assert(ZMQ_DONTWAIT == WEIR_DONTWAIT, "the same bit");
    return (flags & ZMQ_DONTWAIT) | WEIR_INTERRUPTIBLE;
}

/* The size of a frame as calls return it. */
static inline int
wr_zmq_size(size_t size)
{
    return likely(size <= INT_MAX) ? (int)size : INT_MAX;
}

static inline weir_msg *
wr_zmq_msg(zmq_msg_t *msg)
{
    return (weir_msg *)(void *)msg;
}

/* Whether it is a message: not NULL, not closed, nothing foreign. */
static inline bool
wr_zmq_msg_valid(const weir_msg *m)
{
    return likely(m != NULL) && likely((m->pipe_word | 1) == WR_ZMQ_CONSTANT);
}

/* Makes m an empty message; what it held is forgotten. */
static inline void
wr_zmq_msg_clear(weir_msg *m)
{
    m->pipe_word = WR_ZMQ_MESSAGE;
    weir_msg_init(m);
}

#endif
