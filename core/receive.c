/* SPDX-License-Identifier: MPL-2.0 */
/* Receiving: one at a time, in arrays, and in place. */
#include <errno.h>

#include "core/outside.h"
#include "core/socket.h"

/* Begins a call that receives. */
static inline int
enter(weir_socket *handle, const void *arg, size_t n, int flags,
      struct wr_socket **s)
{
    int rc;

    *s = wr_socket_of(handle);
    if (unlikely(*s == NULL))
        return -EBADF;
    if (unlikely(arg == NULL || n == 0 || (flags & ~WR_FLAGS) != 0))
        return -EINVAL;
    /* First, for after a shutdown nothing else matters. */
    rc = wr_socket_enter(*s);
    if (unlikely(rc != 0))
        return rc;
    if (unlikely(!wr_pattern_receives((*s)->pattern)))
        return -ENOTSUP;
    return unlikely((*s)->peeked.lane != NULL) ? -EBUSY : 0;
}

/* The lane of the next frame: that of the message that was begun, or the next
 * in turn. */
static inline int
source(struct wr_socket *s, int flags, struct wr_lane **lane)
{
    if (unlikely(s->reading != NULL)) {
        /* The rest is there; a long message is published in several runs. */
        *lane = s->reading;
        return wr_pipe_readable((*lane)->pipe) ? 0 : -EAGAIN;
    }
    *lane = s->pattern->in(s);
    return likely(*lane != NULL) ? 0 : wr_socket_await(s, true, flags, lane);
}

/* After frames were taken from the lane, the last of them with `more` or not.
 */
static inline void
received(struct wr_socket *s, struct wr_lane *lane, bool more, bool ring)
{
    if (unlikely(ring))
        wr_end_ring_peer(lane->end);
    s->reading = more ? lane : NULL;
    wr_gate_set(&s->recv_gate, WR_GATE_FRAME, more);
    if (likely(!more))
        wr_lanes_turn(&s->in);
}

void
wr_socket_take(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg)
{
    bool ring = false;

    if (unlikely(!wr_pipe_take_next(lane->pipe, msg))) {
        /* It is there; a long message is published in several runs. */
        (void)wr_pipe_readable(lane->pipe);
        ring = wr_pipe_take(lane->pipe, msg);
    }
    received(s, lane, weir_msg_more(msg), ring);
}

/* The next frame of those that did not fit into an array. */
static void
shift_held(struct wr_socket *s, weir_msg *msg)
{
    wr_frames_shift(&s->held, s->arena, msg);
    wr_gate_set(&s->recv_gate, WR_GATE_HELD, !wr_frames_is_empty(&s->held));
}

void
wr_socket_begin(struct wr_socket *s, struct wr_lane *lane)
{
    s->reading = lane;
    wr_gate_set(&s->recv_gate, WR_GATE_FRAME, true);
}

void
wr_socket_drop_begun(struct wr_socket *s)
{
    weir_msg msg;

    while (!wr_frames_is_empty(&s->held)) {
        shift_held(s, &msg);
        (void)weir_msg_drop(&msg);
    }
    while (s->reading != NULL) {
        wr_socket_take(s, s->reading, &msg);
        (void)weir_msg_drop(&msg);
    }
}

static __attribute__((noinline)) int
recv_slow(weir_socket *handle, weir_msg *msg, int flags)
{
    struct wr_socket *s;
    struct wr_lane *lane;
    bool ring;
    int rc;

    if (wr_socket_is_shared(handle)) {
        ssize_t got = weir_recv_batch(handle, msg, 1, flags);

        return got < 0 ? (int)got : 0;
    }
    rc = enter(handle, msg, 1, flags, &s);
    if (rc != 0)
        return rc;
    if (unlikely(wr_gate_is_shut(&s->recv_gate, WR_GATE_HELD))) {
        shift_held(s, msg);
        return 0;
    }
    if (s->pattern->recv != NULL)
        return (int)wr_outside_after(s, s->pattern->recv(s, msg, flags));
    rc = source(s, flags, &lane);
    if (rc != 0)
        return rc;
    ring = wr_pipe_take(lane->pipe, msg);
    received(s, lane, weir_msg_more(msg), ring);
    return 0;
}

/* The short way: nothing is unusual, and the lane in turn has its window open.
 */
int
weir_recv(weir_socket *handle, weir_msg *msg, int flags)
{
    struct wr_socket *s = wr_socket_of(handle);
    struct wr_lane *lane;

    if (unlikely(s == NULL || msg == NULL || (flags & ~WR_FLAGS) != 0 ||
                 wr_gate_is_shut(&s->recv_gate, WR_GATE_ANY) ||
                 wr_bell_rung(s->bell)))
        return recv_slow(handle, msg, flags);
    lane = s->in.current;
    if (unlikely(lane == NULL || !wr_pipe_take_next(lane->pipe, msg)))
        return recv_slow(handle, msg, flags);
    if (lane->next != lane)
        wr_lanes_turn(&s->in);
    return 0;
}

/* How many frames the first message of `held` has. */
static size_t
held_length(const struct wr_frames *held)
{
    size_t n = 0;

    while (weir_msg_more(&held->msgs[held->first + n]))
        n++;
    return n + 1;
}

static void
hold(struct wr_socket *s, weir_msg *msg)
{
    (void)wr_frames_push(&s->held, s->arena, msg); /* there is room */
    wr_gate_set(&s->recv_gate, WR_GATE_HELD, true);
}

/* Receives a message, or what is left of it, into `held`. */
static int
hold_message(struct wr_socket *s, int flags)
{
    weir_msg msg;
    bool more;
    int rc;

    do {
        rc = wr_frames_grow(&s->held, s->arena);
        if (rc == 0)
            rc = s->pattern->recv(s, &msg, flags);
        if (rc != 0)
            return rc;
        more = weir_msg_more(&msg);
        hold(s, &msg);
    } while (more);
    return 0;
}

void
wr_socket_hold(struct wr_socket *s, weir_msg *first)
{
    bool more = weir_msg_more(first);

    hold(s, first);
    if (more)
        (void)hold_message(s, WEIR_DONTWAIT);
}

/* Whether there is a message in `held`; without memory it may lack its end. */
static bool
holds_message(const struct wr_frames *held)
{
    return !wr_frames_is_empty(held) &&
           !weir_msg_more(&held->msgs[held->n - 1]);
}

/* For a type with a way of its own: whole messages go through `held`, where one
 * that does not fit stays. */
static ssize_t
recv_each(struct wr_socket *s, weir_msg *msgs, size_t n, int flags)
{
    size_t got = 0;
    int rc = 0;

    do {
        size_t length;

        if (!holds_message(&s->held))
            rc = hold_message(s, flags);
        if (rc != 0)
            break;
        length = held_length(&s->held);
        if (length > n - got) {
            rc = -EMSGSIZE;
            break;
        }
        while (length-- > 0)
            shift_held(s, &msgs[got++]);
        flags |= WEIR_DONTWAIT;
    } while (got < n);
    return got > 0 ? (ssize_t)got : rc;
}

static ssize_t
recv_batch(weir_socket *handle, weir_msg *msgs, size_t n, int flags)
{
    struct wr_socket *s;
    struct wr_lane *lane;
    size_t got = 0;
    bool ring, begun;
    int rc = enter(handle, msgs, n, flags, &s);

    if (unlikely(rc != 0))
        return rc;
    if (unlikely(s->pattern->recv != NULL && s->pattern->sieve == NULL))
        return wr_outside_after(s, recv_each(s, msgs, n, flags));
    begun = s->reading != NULL;
    rc = source(s, flags, &lane);
    if (unlikely(rc != 0))
        return rc;
    /* Each lane once: what comes in meanwhile is for the next call. */
    for (uint32_t visits = s->in.active;; visits--) {
        size_t k = wr_pipe_read(lane->pipe, msgs + got, n - got, &ring);

        if (k == 0)
            break;
        received(s, lane, false, ring);
        if (unlikely(s->pattern->sieve != NULL))
            k = s->pattern->sieve(s, msgs + got, k, begun);
        begun = false;
        got += k;
        if (got == n || visits <= 1)
            break;
        lane = s->pattern->in(s);
        if (lane == NULL)
            break;
    }
    return got > 0 ? (ssize_t)got : -EMSGSIZE;
}

ssize_t
weir_recv_batch(weir_socket *handle, weir_msg *msgs, size_t n, int flags)
{
    struct wr_socket *s = wr_socket_of(handle);

    if (likely(!wr_socket_is_shared(handle)))
        return recv_batch(handle, msgs, n, flags);
    return wr_socket_share(s, recv_batch, s->recv_timeout_ms, msgs, n, flags);
}

/* Packed messages cannot be read in place: copies of them, up to n, into *span.
 * How many; 0 without memory. */
static size_t
unpack(struct wr_socket *s, struct wr_pipe *p, size_t n, weir_msg **span)
{
    if (s->unpacked == NULL)
        s->unpacked = wr_arena_alloc(s->arena, WR_LINE,
                                     WR_UNPACKED_MAX * sizeof(weir_msg));
    *span = s->unpacked;
    if (s->unpacked == NULL)
        return 0;
    return wr_pipe_unpack(p, *span, n < WR_UNPACKED_MAX ? n : WR_UNPACKED_MAX);
}

ssize_t
weir_peek(weir_socket *handle, size_t n, weir_msg **span, int flags)
{
    struct wr_socket *s;
    struct wr_lane *lane;
    size_t got;
    int rc = enter(handle, span, n, flags, &s);

    if (unlikely(rc != 0))
        return rc;
    if (unlikely(s->pattern->recv != NULL || s->turnstile != NULL))
        return -ENOTSUP;
    rc = source(s, flags, &lane);
    if (unlikely(rc != 0))
        return rc;
    if (unlikely(lane->pipe->latest != NULL))
        return -ENOTSUP;
    got = wr_pipe_peek(lane->pipe, n, span);
    if (unlikely(got == 0))
        got = unpack(s, lane->pipe, n, span);
    if (unlikely(got == 0))
        return -ENOMEM;
    s->peeked = (struct wr_span){ lane, *span, got };
    wr_gate_set(&s->recv_gate, WR_GATE_SPAN, true);
    return (ssize_t)got;
}

int
weir_release(weir_socket *handle, size_t n)
{
    struct wr_socket *s = wr_socket_of(handle);
    struct wr_lane *lane;
    weir_msg *slots;
    size_t messages = 0;
    bool more;
    int rc;

    if (unlikely(s == NULL))
        return -EBADF;
    rc = wr_socket_enter(s);
    if (unlikely(rc != 0))
        return rc;
    if (unlikely(s->pattern->in == NULL || s->pattern->recv != NULL ||
                 s->turnstile != NULL))
        return -ENOTSUP;
    lane = s->peeked.lane;
    slots = s->peeked.slots;
    if (unlikely(n > s->peeked.n))
        return -EINVAL;
    wr_socket_unpeek(s);
    wr_gate_set(&s->recv_gate, WR_GATE_SPAN, false);
    if (n == 0)
        return 0;
    if (slots == s->unpacked) {
        (void)weir_msg_drop_batch(slots, n);
        received(s, lane, false, wr_pipe_skip_packed(lane->pipe, n));
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (!wr_msg_is_inline(&slots[i]))
            wr_msg_unref(&slots[i]);
        messages += !weir_msg_more(&slots[i]);
    }
    more = weir_msg_more(&slots[n - 1]);
    received(s, lane, more, wr_pipe_release(lane->pipe, n, messages));
    return 0;
}
