/* SPDX-License-Identifier: MPL-2.0 */
/* A socket: a type, the ends of its connections, the lanes that they form, and
 * the way it waits.
 *
 * Concurrency   The socket belongs to one thread at a time; only the fields
 *               under the context's lock, and the bell, are touched by others.
 * Files         socket.c   open, close, waiting
 *               attend.c   connections: taking note of them, letting go
 *               option.c   options
 *               endpoint.c bind, unbind, connect, disconnect
 *               send.c, receive.c   the data path
 *               ready.c, poll.c, outside.c   what does not block, and waiting
 *                          for it
 *               pair.c, push.c, router.c, pub.c, ...   the types */
#ifndef WEIR_CORE_SOCKET_H
#define WEIR_CORE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/buffer.h"
#include "core/bell.h"
#include "core/connection.h"
#include "core/context.h"
#include "core/frames.h"
#include "core/handle.h"
#include "core/lanes.h"
#include "core/packed.h"
#include "core/pattern.h"
#include "core/poller.h"
#include "core/turnstile.h"
#include "core/wait.h"
#include "core/watch.h"
#include "weir/weir.h"

/* A span of a pipe that the caller works on in place. */
struct wr_span {
    struct wr_lane *lane; /* NULL: there is none */
    weir_msg *slots;
    uint64_t n;
};

/* The descriptor for foreign event loops: see outside.h. */
struct wr_socket_fd {
    struct wr_watch watch;
    struct wr_watcher watcher; /* with the eventfd; -1: there is none */
    bool awaits_room;          /* somebody has found none */
};

/* What keeps a socket from the shorter way of weir_send or weir_recv, and the
 * long way must look at. */
#define WR_GATE_TYPE  UINT32_C(1) /* its type has a way of its own, or none */
#define WR_GATE_SPAN  UINT32_C(2) /* `reserved`, or `peeked` */
#define WR_GATE_FRAME UINT32_C(4) /* in a message: `frames`, or `reading` */
#define WR_GATE_HELD  UINT32_C(8) /* `held` */
#define WR_GATE_ANY   UINT32_MAX

/* Flags of the data path that there are. */
#define WR_FLAGS (WEIR_DONTWAIT | WEIR_INTERRUPTIBLE)

/* Messages that weir_peek unpacks at a time. */
#define WR_UNPACKED_MAX (9 * WR_PACKED_MAX)

struct wr_socket {
    struct wr_handle handle;

    /* The owner's. */
    struct wr_bell *bell;
    /* WR_GATE_ bits; 0: open. Threads that share the socket read them too. */
    _Atomic uint32_t send_gate;
    _Atomic uint32_t recv_gate;
    struct wr_lanes out;
    struct wr_lanes in;
    const struct wr_pattern *pattern;
    struct wr_lane *reading; /* a message was begun; NULL: none */
    struct wr_span reserved;
    struct wr_span peeked;
    weir_msg *unpacked;      /* WR_UNPACKED_MAX, for `peeked`, or NULL */
    struct wr_frames frames; /* sent, of a message that is not complete */
    struct wr_frames held;   /* received, but the array was too short */
    void *own;               /* the pattern's */
    void *user;
    weir_socket *monitor; /* a PAIR of its own, or NULL */
    int monitored;        /* the events that go there */
    struct wr_pool *pool;
    struct wr_wait wait;
    struct wr_turnstile *turnstile; /* of threads that share it, or NULL */
    int64_t until; /* when the one inside gives up; 0: by the timeout */
    int32_t send_timeout_ms;
    int32_t recv_timeout_ms;
    bool pending_connect;
    bool any_peer;
    bool conflate;
    bool probe;                 /* an empty message goes to every new peer */
    struct wr_end_list ends;    /* of connections taken up */
    struct wr_watch poll_watch; /* while weir_poll sleeps */
    struct wr_socket_fd fd;
    struct wr_polled polled;
    bool outside; /* it has a descriptor, or is in a poller */
    struct wr_arena *arena;
    struct wr_context *context; /* held */

    /* Under the context's lock. */
    struct wr_routing_id *id; /* NULL: none */
    uint32_t send_hwm;        /* written by the owner */
    uint32_t recv_hwm;
    uint32_t peers; /* connections that have not begun to end */
    struct wr_end_list arrived;
    struct wr_name *names; /* that it has bound */
    struct wr_socket *next;
    struct wr_socket *prev;
};

/* The socket of a live handle, or NULL. */
static inline struct wr_socket *
wr_socket_of(const weir_socket *handle)
{
    return wr_handle_get(handle);
}

/* Whether threads share the socket: then a call is whole messages. */
static inline bool
wr_socket_is_shared(const weir_socket *handle)
{
    const struct wr_socket *s = wr_socket_of(handle);

    return s != NULL && unlikely(s->turnstile != NULL);
}

/* Relaxed, here and below: only the owner writes it, and nothing is ordered. */
static inline void
wr_gate_set(_Atomic uint32_t *gate, uint32_t bit, bool shut)
{
    store_relaxed(gate, (load_relaxed(gate) & ~bit) | (shut ? bit : 0));
}

static inline bool
wr_gate_is_shut(const _Atomic uint32_t *gate, uint32_t bits)
{
    return (load_relaxed(gate) & bits) != 0;
}

/* Whether the next frame to be received goes on with a message. */
static inline bool
wr_socket_in_message(const struct wr_socket *s)
{
    return s->reading != NULL ||
           (s->held.first > 0 &&
            weir_msg_more(&s->held.msgs[s->held.first - 1]));
}

/* weir_socket_open in a context that is held. */
int wr_socket_open(struct wr_context *ctx, int type, weir_socket **out);

/* Whether a message that did not fit into an array, or its rest, is still to be
 * received, though its type has done with it. */
static inline bool
wr_socket_holds(const struct wr_socket *s)
{
    return wr_gate_is_shut(&s->recv_gate, WR_GATE_HELD);
}

/* Takes note of what the bell was rung for. -ESHUTDOWN. */
int wr_socket_attend(struct wr_socket *s);

/* Begins a call on the data path. */
static inline int
wr_socket_enter(struct wr_socket *s)
{
    return likely(!wr_bell_rung(s->bell)) ? 0 : wr_socket_attend(s);
}

/* Gives up what was peeked; what was moved out of it is no longer there. */
static inline void
wr_socket_unpeek(struct wr_socket *s)
{
    if (s->peeked.lane != NULL && s->peeked.slots == s->unpacked)
        wr_pipe_packed_moved(s->peeked.lane->pipe, s->unpacked, s->peeked.n);
    s->peeked = (struct wr_span){ NULL, NULL, 0 };
}

/* Of wr_socket_wait, before its first call. */
#define WR_DEADLINE_UNSET INT64_MIN

/* Waits until a lane of s->in or s->out is ready or the bell was rung, as the
 * flags and the socket's timeout say, and attends to the bell: then the caller
 * looks again. -EAGAIN, -ESHUTDOWN, -EINTR. */
int wr_socket_wait(struct wr_socket *s, struct wr_lanes *ls, int flags,
                   int64_t *deadline);

/* Waits for a lane that has a message (in) or room for one. The same errors. */
int wr_socket_await(struct wr_socket *s, bool in, int flags,
                    struct wr_lane **lane);

/* The next lane that has a message; may be called again in one call of the
 * user's, which has one deadline, when that message was not what it wanted. */
int wr_socket_await_next(struct wr_socket *s, int flags, int64_t *deadline,
                         struct wr_lane **lane);

/* For a socket that threads share: a call that sends or receives whole
 * messages, made by one of them at a time. `call` is weir_send_batch or
 * weir_recv_batch as its only thread would make it. */
typedef ssize_t wr_batch_fn(weir_socket *handle, weir_msg *msgs, size_t n,
                            int flags);
ssize_t wr_socket_share(struct wr_socket *s, wr_batch_fn *call, int32_t ms,
                        weir_msg *msgs, size_t n, int flags);

/* What the types' own send and recv are made of. */

/* Moves the n frames of a message to a lane. 0, -ENOMEM, or -EAGAIN: it is
 * full. The frames are empty afterwards, or as before. */
int wr_lane_put(struct wr_lane *lane, weir_msg *msgs, size_t n);

/* Takes the next frame of a lane that is readable; s->reading tells whether
 * there is another one of the same message. */
void wr_socket_take(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg);

/* Notes that a message of the lane is being read; its first frame was made, and
 * none was taken. */
void wr_socket_begin(struct wr_socket *s, struct wr_lane *lane);

/* Holds a message whose first frame was taken for the next call that receives;
 * there is room for that frame. Without memory for the others they stay where
 * they are, and come after it. */
void wr_socket_hold(struct wr_socket *s, weir_msg *first);

/* Drops the frames that are left of the message that was begun. */
void wr_socket_drop_begun(struct wr_socket *s);

/* Begins a call on the control path: takes the context's lock. -ESHUTDOWN, and
 * the lock is not taken. */
int wr_socket_lock(struct wr_socket *s);
void wr_socket_unlock(struct wr_socket *s);

/* What the socket is to a new connection. Under the lock. */
struct wr_side wr_socket_side(const struct wr_socket *s);

/* Passes the socket's limits on to a connection, and tells the peer, unless it
 * has yet to take the connection up and will see them then. Under the lock. */
void wr_socket_pass_limits(struct wr_socket *s, struct wr_end *e);

/* Makes e an end of the socket and counts it among its peers. Under the
 * lock. */
void wr_socket_count(struct wr_socket *s, struct wr_end *e);

/* Whether the socket may be joined with one that talks to the types, a mask. */
static inline bool
wr_socket_accepts(const struct wr_socket *s, uint32_t types)
{
    return s->any_peer || (types & WR_TYPE_BIT(s->pattern->type)) != 0;
}

/* Whether it is exclusive and has its peer. Under the lock. */
static inline bool
wr_socket_taken(const struct wr_socket *s)
{
    return s->pattern->exclusive && s->peers > 0;
}

/* Hands the binder's end of a connection to the socket that has bound. Under
 * the lock, on any thread. */
void wr_socket_arrive(struct wr_socket *s, struct wr_end *e);

/* Hands over the connections that wait for a name that s has bound, the oldest
 * first, as far as their types fit and an exclusive socket has room. Under the
 * lock, on any thread. */
void wr_socket_take_pending(struct wr_socket *s, struct wr_name *name);

/* Takes up a connection: its lanes are in use from now on. -ENOMEM: it is to
 * end. Under the lock. */
int wr_socket_take_up(struct wr_socket *s, struct wr_end *e);

/* wr_end_leave, on our own account. locked: under the lock; else not. */
void wr_end_dismiss(struct wr_socket *s, struct wr_end *e, bool locked);

/* weir_msg_init_size for a socket that is known to be good. */
int wr_socket_msg_init(struct wr_socket *s, weir_msg *msg, size_t size);

/* Forgets a connection that was counted and taken up, and that no other socket
 * knows yet. Under the lock. */
void wr_socket_undo(struct wr_socket *s, struct wr_end *e);

/* Lets go of a connection that both sides have ended, or that is closed. */
void wr_socket_let_go(struct wr_socket *s, struct wr_end *e);

/* Ends a connection from this side: no more is sent, what was is delivered. The
 * peer may still be heard. Under the lock. */
void wr_end_leave(struct wr_end *e);

#endif
