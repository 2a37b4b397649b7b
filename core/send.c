/* SPDX-License-Identifier: MPL-2.0 */
/* Sending: one at a time, in arrays, and in place. */
#include <errno.h>

#include "core/outside.h"
#include "core/socket.h"

/* Begins a call that sends. */
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
    if (unlikely(!wr_pattern_sends((*s)->pattern)))
        return -ENOTSUP;
    return unlikely((*s)->reserved.lane != NULL) ? -EBUSY : 0;
}

/* The lane for the next message. */
static inline int
route(struct wr_socket *s, int flags, struct wr_lane **lane)
{
    *lane = s->pattern->out(s);
    return likely(*lane != NULL) ? 0 : wr_socket_await(s, false, flags, lane);
}

/* After a message or batch has gone to the lane. */
static inline void
sent(struct wr_socket *s, struct wr_lane *lane, bool ring)
{
    if (unlikely(ring))
        wr_end_ring_peer(lane->end);
    wr_lanes_turn(&s->out);
}

/* ---- Messages of several frames ---------------------------------------- */

int
wr_lane_put(struct wr_lane *lane, weir_msg *msgs, size_t n)
{
    struct wr_pipe *p = lane->pipe;
    bool ring, no_memory;

    if (likely(n == 1)) {
        if (unlikely(!wr_pipe_put_next(p, msgs))) {
            if (!wr_pipe_writable(p))
                return -EAGAIN;
            if (!wr_pipe_put(p, msgs))
                return -ENOMEM;
        }
        ring = wr_pipe_wanted(&p->reader_wants);
    } else if (wr_pipe_write(p, msgs, n, &ring, &no_memory) == 0) {
        return no_memory ? -ENOMEM : -EAGAIN;
    }
    if (unlikely(ring))
        wr_end_ring_peer(lane->end);
    return 0;
}

/* Sends one frame of a message of several: all but the last are staged, so that
 * the message becomes visible as a whole, and to one peer. */
static int
send_frame(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct wr_frames *f = &s->frames;
    bool last = !weir_msg_more(msg);
    struct wr_lane *lane;
    bool ring, no_memory;
    int rc = 0;

    /* The first frame waits for room, so that a sender whose peers are full
     * learns of it early; the last one needs it. */
    if (f->n == 0 || last)
        rc = route(s, flags, &lane);
    if (rc == 0)
        rc = last ? wr_frames_grow(f, s->arena)
                  : wr_frames_push(f, s->arena, msg);
    if (rc != 0)
        return rc;
    if (!last) {
        wr_gate_set(&s->send_gate, WR_GATE_FRAME, true);
        return 0;
    }
    wr_msg_copy(&f->msgs[f->n], msg);
    if (wr_pipe_write(lane->pipe, f->msgs, f->n + 1, &ring, &no_memory) == 0)
        return -ENOMEM;
    weir_msg_init(msg);
    wr_frames_clear(f, s->arena);
    wr_gate_set(&s->send_gate, WR_GATE_FRAME, false);
    sent(s, lane, ring);
    return 0;
}

/* ---- One at a time ----------------------------------------------------- */

static __attribute__((noinline)) int
send_slow(weir_socket *handle, weir_msg *msg, int flags)
{
    struct wr_socket *s;
    struct wr_lane *lane;
    int rc;

    if (wr_socket_is_shared(handle)) {
        ssize_t sent = weir_send_batch(handle, msg, 1, flags);

        return sent < 0 ? (int)sent : 0;
    }
    rc = enter(handle, msg, 1, flags, &s);
    if (rc != 0)
        return rc;
    if (s->pattern->send != NULL)
        return (int)wr_outside_after(s, s->pattern->send(s, msg, flags));
    if (weir_msg_more(msg) || s->frames.n > 0)
        return send_frame(s, msg, flags);
    rc = route(s, flags, &lane);
    if (rc != 0)
        return rc;
    if (!wr_pipe_put(lane->pipe, msg))
        return -ENOMEM;
    sent(s, lane, wr_pipe_wanted(&lane->pipe->reader_wants));
    return 0;
}

static __attribute__((noinline)) int
tell_peer(struct wr_lane *lane)
{
    if (wr_pipe_is_wanted(&lane->pipe->reader_wants))
        wr_end_ring_peer(lane->end);
    return 0;
}

/* The short way: nothing is unusual, and the lane in turn has its window open.
 */
int
weir_send(weir_socket *handle, weir_msg *msg, int flags)
{
    struct wr_socket *s = wr_socket_of(handle);
    struct wr_lane *lane;

    if (unlikely(s == NULL || msg == NULL || (flags & ~WR_FLAGS) != 0 ||
                 wr_gate_is_shut(&s->send_gate, WR_GATE_ANY) ||
                 wr_bell_rung(s->bell) || weir_msg_more(msg)))
        return send_slow(handle, msg, flags);
    lane = s->out.current;
    if (unlikely(lane == NULL || !wr_pipe_put_next(lane->pipe, msg)))
        return send_slow(handle, msg, flags);
    /* In turn; the circle of a type with one peer is one lane. */
    if (lane->next != lane)
        s->out.current = lane->next;
    if (unlikely(wr_pipe_may_be_wanted(&lane->pipe->reader_wants)))
        return tell_peer(lane);
    return 0;
}

/* ---- Arrays ------------------------------------------------------------ */

/* Sends frames one by one while a message is unfinished; returns how many. */
static size_t
send_frames(struct wr_socket *s, weir_msg *msgs, size_t n, int flags, int *rc)
{
    size_t done = 0;

    do {
        *rc = send_frame(s, &msgs[done], flags);
        if (*rc != 0)
            break;
        done++;
    } while (done < n && s->frames.n > 0);
    return done;
}

/* For a type with a way of its own. */
static ssize_t
send_each(struct wr_socket *s, weir_msg *msgs, size_t n, int flags)
{
    size_t done = 0;
    int rc = 0;

    while (done < n) {
        rc = s->pattern->send(s, &msgs[done], flags);
        if (rc != 0)
            break;
        if (!weir_msg_more(&msgs[done++]))
            flags |= WEIR_DONTWAIT;
    }
    return done > 0 ? (ssize_t)done : rc;
}

static ssize_t
send_batch(weir_socket *handle, weir_msg *msgs, size_t n, int flags)
{
    struct wr_socket *s;
    struct wr_lane *lane;
    bool ring, no_memory;
    size_t done = 0;
    int rc = enter(handle, msgs, n, flags, &s);

    if (unlikely(rc != 0))
        return rc;
    if (unlikely(s->pattern->send_array != NULL))
        return s->pattern->send_array(s, msgs, n, flags);
    if (unlikely(s->pattern->send != NULL))
        return wr_outside_after(s, send_each(s, msgs, n, flags));
    if (unlikely(s->frames.n > 0))
        done = send_frames(s, msgs, n, flags, &rc);
    while (rc == 0 && done < n) {
        size_t k;

        rc = route(s, done > 0 ? flags | WEIR_DONTWAIT : flags, &lane);
        if (unlikely(rc != 0))
            break;
        k = wr_pipe_write(lane->pipe, msgs + done, n - done, &ring, &no_memory);
        done += k;
        if (likely(k > 0))
            sent(s, lane, ring);
        else if (no_memory)
            rc = -ENOMEM;
        else /* the rest of the array is one unfinished message */
            done += send_frames(s, msgs + done, n - done, WEIR_DONTWAIT, &rc);
    }
    return done > 0 ? (ssize_t)done : rc;
}

ssize_t
weir_send_batch(weir_socket *handle, weir_msg *msgs, size_t n, int flags)
{
    struct wr_socket *s = wr_socket_of(handle);

    if (likely(!wr_socket_is_shared(handle)))
        return send_batch(handle, msgs, n, flags);
    if (msgs == NULL || n == 0 || weir_msg_more(&msgs[n - 1]))
        return -EINVAL;
    return wr_socket_share(s, send_batch, s->send_timeout_ms, msgs, n, flags);
}

/* ---- In place ---------------------------------------------------------- */

ssize_t
weir_reserve(weir_socket *handle, size_t n, weir_msg **span, int flags)
{
    struct wr_socket *s;
    struct wr_lane *lane;
    int rc = enter(handle, span, n, flags, &s);

    if (unlikely(rc != 0))
        return rc;
    if (unlikely(s->pattern->send != NULL || s->turnstile != NULL))
        return -ENOTSUP;
    if (unlikely(s->frames.n > 0))
        return -EBUSY;
    rc = route(s, flags, &lane);
    if (unlikely(rc != 0))
        return rc;
    if (unlikely(lane->pipe->latest != NULL))
        return -ENOTSUP;
    n = wr_pipe_reserve(lane->pipe, n, span);
    if (unlikely(n == 0))
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        weir_msg_init(&(*span)[i]);
    s->reserved = (struct wr_span){ lane, *span, n };
    wr_gate_set(&s->send_gate, WR_GATE_SPAN, true);
    return (ssize_t)n;
}

int
weir_commit(weir_socket *handle, size_t n)
{
    struct wr_socket *s = wr_socket_of(handle);
    struct wr_span *r;
    struct wr_lane *lane;
    size_t messages = 0;
    int rc;

    if (unlikely(s == NULL))
        return -EBADF;
    rc = wr_socket_enter(s);
    if (unlikely(rc != 0))
        return rc;
    if (unlikely(s->pattern->out == NULL || s->pattern->send != NULL ||
                 s->turnstile != NULL))
        return -ENOTSUP;
    r = &s->reserved;
    lane = r->lane;
    if (unlikely(n > r->n || (n > 0 && weir_msg_more(&r->slots[n - 1]))))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        messages += !weir_msg_more(&r->slots[i]);
    if (n < r->n)
        (void)weir_msg_drop_batch(r->slots + n, r->n - n);
    *r = (struct wr_span){ NULL, NULL, 0 };
    wr_gate_set(&s->send_gate, WR_GATE_SPAN, false);
    if (n > 0)
        sent(s, lane, wr_pipe_commit(lane->pipe, n, messages));
    /* The peer left meanwhile: the connection waited for us. */
    if (unlikely(lane != NULL && lane->home == NULL))
        wr_bell_ring(s->bell, &lane->end->entry);
    return 0;
}
