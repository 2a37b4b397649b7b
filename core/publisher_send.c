/* SPDX-License-Identifier: MPL-2.0 */
/* Sending of PUB and XPUB: one frame at a time, and arrays. */
#include "core/publisher.h"

/* Chooses those who are to have a message with that first frame. */
static inline void
match(struct wr_publisher *x, const weir_msg *first)
{
    wr_fanout_begin(&x->out);
    wr_subscriptions_choose(&x->topics, weir_msg_bytes(first),
                            weir_msg_size(first), &x->out);
    if (unlikely(x->invert))
        wr_fanout_invert(&x->out);
}

/* Waits once for room in the lane to a peer. */
static int
wait_for(struct wr_socket *s, struct wr_peer *p, int flags, int64_t *deadline)
{
    struct wr_publisher *x = s->own;
    int rc;

    x->blocked = p;
    wr_lanes_add(&s->out, &p->end->out);
    rc = wr_socket_wait(s, &s->out, flags, deadline);
    if (x->blocked != NULL)
        wr_lanes_remove(&p->end->out);
    x->blocked = NULL;
    return rc;
}

/* Chooses until all who are to have a message of n frames have room. */
static int
match_all(struct wr_socket *s, const weir_msg *first, size_t n, int flags)
{
    struct wr_publisher *x = s->own;
    int64_t deadline = WR_DEADLINE_UNSET;
    struct wr_peer *full = NULL;
    int rc;

    for (;;) {
        rc = wr_publisher_attend(s);
        if (rc != 0)
            return rc;
        match(x, first);
        rc = wr_fanout_has_room(&x->out, n, &full);
        if (rc == -EAGAIN)
            rc = wait_for(s, full, flags, &deadline);
        else
            return rc;
        if (rc != 0)
            return rc;
    }
}

/* Puts a message whose last frame is msg; the others were kept. */
static int
publish(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct wr_publisher *x = s->own;
    struct wr_frames *f = &s->frames;
    const weir_msg *first = wr_frames_is_empty(f) ? msg : &f->msgs[0];

    if (likely(!x->nodrop)) {
        match(x, first);
        if (likely(wr_msg_is_inline(msg) && first == msg)) {
            wr_fanout_put_inline(&x->out, msg);
            return 0;
        }
        wr_fanout_leave_out_full(&x->out, f->n + 1);
    } else {
        int rc = match_all(s, first, f->n + 1, flags);

        if (rc != 0)
            return rc;
    }
    return wr_fanout_put(&x->out, s->arena, f, msg);
}

/* Takes a frame that is not the last. */
static int
begin(struct wr_socket *s, weir_msg *msg)
{
    struct wr_publisher *x = s->own;

    if (wr_frames_is_empty(&s->frames) && !x->dropping) {
        match(x, msg);
        x->dropping = x->out.n_chosen == 0;
    }
    if (!x->dropping)
        return wr_fanout_stage(&s->frames, s->arena, msg);
    (void)weir_msg_drop(msg);
    weir_msg_init(msg);
    return 0;
}

int
wr_publisher_send(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct wr_publisher *x = s->own;
    int rc = wr_publisher_attend(s);

    if (unlikely(rc != 0))
        return rc;
    if (unlikely(weir_msg_more(msg)))
        return begin(s, msg);
    if (likely(!x->dropping))
        return publish(s, msg, flags);
    x->dropping = false;
    (void)weir_msg_drop(msg);
    weir_msg_init(msg);
    return 0;
}

/* A message that nobody can take is dropped; where that is not so, it depends
 * on the message. */
bool
wr_publisher_can_send(struct wr_socket *s)
{
    (void)s;
    return true;
}

/* ---- Arrays ------------------------------------------------------------ */

/* Messages that are put together at most. */
#define RUN_MOST 256

/* How many of the n > 0 messages, the first of which was matched, are for the
 * same peers; these are kept. *matched: the next message was. */
static size_t
match_run(struct wr_publisher *x, const weir_msg *msgs, size_t n, bool *matched)
{
    size_t i = 1;

    wr_fanout_keep(&x->out);
    *matched = false;
    for (; i < n && !weir_msg_more(&msgs[i]); i++) {
        match(x, &msgs[i]);
        *matched = !wr_fanout_as_kept(&x->out);
        if (*matched)
            break;
    }
    return i;
}

/* Sends messages of one frame each, up to a longer one; how many. 0: -ENOMEM.
 */
static size_t
publish_runs(struct wr_socket *s, weir_msg *msgs, size_t n)
{
    struct wr_publisher *x = s->own;
    bool matched = false;
    size_t done = 0;

    while (done < n && !weir_msg_more(&msgs[done])) {
        size_t most = n - done < RUN_MOST ? n - done : RUN_MOST;
        size_t run, put;

        if (!matched)
            match(x, &msgs[done]);
        run = match_run(x, msgs + done, most, &matched);
        put = wr_fanout_put_run(&x->out, s->arena, msgs + done, run);
        done += put;
        if (unlikely(put < run))
            break;
    }
    return done;
}

ssize_t
wr_publisher_send_array(struct wr_socket *s, weir_msg *msgs, size_t n,
                        int flags)
{
    const struct wr_publisher *x = s->own;
    size_t done = 0;
    int rc = wr_publisher_attend(s);

    while (rc == 0 && done < n) {
        if (likely(!x->nodrop && !x->dropping && x->out.unmatched == 0 &&
                   !weir_msg_more(&msgs[done]) &&
                   wr_frames_is_empty(&s->frames))) {
            size_t some = publish_runs(s, msgs + done, n - done);

            rc = some == 0 ? -ENOMEM : 0;
            done += some;
            continue;
        }
        rc = wr_publisher_send(s, &msgs[done], flags);
        if (rc == 0 && !weir_msg_more(&msgs[done++]))
            flags |= WEIR_DONTWAIT;
    }
    return done > 0 ? (ssize_t)done : rc;
}
