/* SPDX-License-Identifier: MPL-2.0 */
/* weir_proxy: a loop over two directions. A message is taken from one side only
 * when the other one, and the capture socket, have room for it: so what cannot
 * go on waits where its sender sees it, and nothing is held here.
 *
 * Between plain types messages go in batches, as many as there is room for in
 * the lane whose turn it is; others take them one by one. */
#include <weir/poll.h>

#include <errno.h>
#include <string.h>

#include "core/ready.h"

/* Frames in one batch, and messages in one direction before the other has its
 * turn. */
#define BATCH 64
#define BURST 1024

/* ---- Counting ---------------------------------------------------------- */

/* In the order of zmq_proxy_steerable(3). */
struct counts {
    uint64_t received;
    uint64_t bytes_received;
    uint64_t sent;
    uint64_t bytes_sent;
};

struct side {
    weir_socket *handle;
    struct wr_socket *socket;
    struct counts counts;
};

struct proxy {
    struct side front;
    struct side back;
    struct side capture; /* socket NULL: there is none */
    struct side control;
    bool echo; /* one REP, which has room once it has a request */
    bool paused;
    bool over;
    int flags;
};

static void
count(struct side *from, struct side *to, uint64_t messages, uint64_t bytes)
{
    from->counts.received += messages;
    from->counts.bytes_received += bytes;
    to->counts.sent += messages;
    to->counts.bytes_sent += bytes;
}

/* ---- Moving ------------------------------------------------------------ */

/* How many messages a side takes now without blocking, as far as it is known;
 * or an error. */
static int
room(struct side *to)
{
    struct wr_socket *s = to->socket;
    struct wr_lane *lane;
    uint64_t n;
    int rc = wr_socket_enter(s);

    if (rc != 0)
        return rc;
    if (s->pattern->send != NULL)
        return wr_socket_ready(s, WEIR_POLLOUT) != 0;
    lane = s->pattern->out == NULL ? NULL : s->pattern->out(s);
    if (lane == NULL)
        return 0;
    n = wr_pipe_credit(lane->pipe, BATCH);
    return n < BATCH ? (int)n : BATCH;
}

/* The same for both that get a message. */
static int
room_for_all(struct proxy *p, struct side *to)
{
    int n = p->echo ? 1 : room(to);
    int m;

    if (n <= 0 || p->capture.socket == NULL)
        return n;
    m = room(&p->capture);
    return m < n ? m : n;
}

/* Sends all n frames. They are gone, if need be after waiting (for the peer may
 * have left after we asked); after an error they are dropped. */
static int
send_all(struct side *to, weir_msg *msgs, size_t n)
{
    ssize_t rc = 0;
    size_t done = 0;

    while (done < n) {
        rc = weir_send_batch(to->handle, msgs + done, n - done, 0);
        if (rc >= 0)
            done += (size_t)rc;
        else if (rc != -EAGAIN) /* it has a timeout */
            break;
    }
    (void)weir_msg_drop_batch(msgs, n);
    return rc < 0 ? (int)rc : 0;
}

/* Sends copies to the capture socket. */
static int
capture(struct proxy *p, weir_msg *msgs, size_t n)
{
    weir_msg copies[BATCH];
    int rc;

    if (p->capture.socket == NULL)
        return 0;
    for (size_t i = 0; i < n; i++) {
        rc = weir_msg_share(&copies[i], &msgs[i]);
        if (rc != 0) {
            (void)weir_msg_drop_batch(copies, i);
            return rc;
        }
    }
    return send_all(&p->capture, copies, n);
}

/* Passes frames on. The copies go first, for sending takes the bytes away. */
static int
pass(struct proxy *p, struct side *to, weir_msg *msgs, size_t n)
{
    int copied = capture(p, msgs, n);
    int rc = send_all(to, msgs, n);

    return rc != 0 ? rc : copied;
}

/* Moves one message, frame by frame. How many: 1 or 0, or an error. */
static int
move_one(struct proxy *p, struct side *from, struct side *to)
{
    uint64_t bytes = 0;
    weir_msg msg;
    bool more;
    int rc = weir_recv(from->handle, &msg, WEIR_DONTWAIT);

    if (rc != 0)
        return rc == -EAGAIN ? 0 : rc;
    for (;;) {
        bytes += weir_msg_size(&msg);
        more = weir_msg_more(&msg);
        rc = pass(p, to, &msg, 1);
        if (rc != 0)
            return rc;
        if (!more)
            break;
        rc = weir_recv(from->handle, &msg, 0);
        if (rc != 0)
            return rc;
    }
    count(from, to, 1, bytes);
    return 1;
}

/* Moves a batch; how many messages, or an error. */
static int
move_batch(struct proxy *p, struct side *from, struct side *to, int most)
{
    weir_msg msgs[BATCH];
    uint64_t bytes = 0;
    int messages = 0;
    int rc;
    ssize_t n =
        weir_recv_batch(from->handle, msgs, (size_t)most, WEIR_DONTWAIT);

    if (n == -EMSGSIZE)
        return move_one(p, from, to);
    if (n < 0)
        return n == -EAGAIN ? 0 : (int)n;
    for (ssize_t i = 0; i < n; i++) {
        bytes += weir_msg_size(&msgs[i]);
        messages += !weir_msg_more(&msgs[i]);
    }
    rc = pass(p, to, msgs, (size_t)n);
    if (rc != 0)
        return rc;
    count(from, to, (uint64_t)messages, bytes);
    return messages;
}

static bool
is_readable(struct side *side)
{
    return wr_socket_ready(side->socket, WEIR_POLLIN) != 0;
}

/* Moves what goes at once, up to a burst; how much, or an error. */
static int
move(struct proxy *p, struct side *from, struct side *to)
{
    int moved = 0;

    while (moved < BURST) {
        int most = room_for_all(p, to);
        int n;

        n = most > 0 ? wr_socket_enter(from->socket) : 0;
        if (n != 0)
            return n;
        if (most <= 0 || !is_readable(from))
            return most < 0 ? most : moved;
        n = most > 1 ? move_batch(p, from, to, most) : move_one(p, from, to);
        if (n <= 0)
            return n < 0 ? n : moved;
        moved += n;
    }
    return moved;
}

/* ---- Control ----------------------------------------------------------- */

static int
answer(struct proxy *p, const uint64_t *numbers, size_t n)
{
    weir_msg msgs[8];

    for (size_t i = 0; i < n; i++) {
        weir_msg_init_inline(&msgs[i], sizeof(numbers[i]));
        memcpy(weir_msg_data(&msgs[i]), &numbers[i], sizeof(numbers[i]));
        weir_msg_set_more(&msgs[i], i + 1 < n);
    }
    if (n == 0)
        weir_msg_init(&msgs[0]);
    return send_all(&p->control, msgs, n == 0 ? 1 : n);
}

static int
tell_counts(struct proxy *p)
{
    const struct counts *f = &p->front.counts;
    const struct counts *b = &p->back.counts;
    const uint64_t numbers[] = {
        f->received, f->bytes_received, f->sent, f->bytes_sent,
        b->received, b->bytes_received, b->sent, b->bytes_sent,
    };

    return answer(p, numbers, sizeof(numbers) / sizeof(numbers[0]));
}

static bool
says(const weir_msg *msg, const char *text)
{
    return weir_msg_size(msg) == strlen(text) &&
           memcmp(weir_msg_bytes(msg), text, strlen(text)) == 0;
}

static int
obey(struct proxy *p, const weir_msg *msg)
{
    if (says(msg, "STATISTICS"))
        return tell_counts(p);
    if (says(msg, "PAUSE"))
        p->paused = true;
    else if (says(msg, "RESUME"))
        p->paused = false;
    else if (says(msg, "TERMINATE"))
        p->over = true;
    else
        return -EINVAL;
    /* A REP hears no more before it has replied. */
    return p->control.socket->pattern->type == WEIR_REP ? answer(p, NULL, 0)
                                                        : 0;
}

/* Obeys one command, if there is one: a message of one frame. */
static int
heed(struct proxy *p)
{
    weir_msg msg;
    bool more;
    int rc;

    if (p->control.socket == NULL)
        return 0;
    rc = weir_recv(p->control.handle, &msg, WEIR_DONTWAIT);
    /* -EPROTO: one that replies, and not by us. */
    if (rc != 0)
        return rc == -EAGAIN ? 0 : rc;
    more = weir_msg_more(&msg);
    if (!more)
        rc = obey(p, &msg);
    (void)weir_msg_drop(&msg);
    return more ? -EINVAL : rc;
}

/* ---- Waiting ----------------------------------------------------------- */

/* What a direction waits for: a message, or room for the one that is there. */
static weir_poll_item
lack(struct proxy *p, struct side *from, struct side *to)
{
    weir_poll_item item = { .socket = from->handle, .events = WEIR_POLLIN };

    /* What has come meanwhile can go on where no room is needed. */
    if (!is_readable(from) || (p->echo && p->capture.socket == NULL))
        return item;
    item.events = WEIR_POLLOUT;
    item.socket = to->handle;
    if (p->echo || wr_socket_ready(to->socket, WEIR_POLLOUT) != 0)
        if (p->capture.socket != NULL)
            item.socket = p->capture.handle;
    return item;
}

static int
wait(struct proxy *p)
{
    weir_poll_item items[3];
    size_t n = 0;

    if (!p->paused)
        items[n++] = lack(p, &p->front, &p->back);
    if (!p->paused && p->front.socket != p->back.socket)
        items[n++] = lack(p, &p->back, &p->front);
    if (p->control.socket != NULL)
        items[n++] = (weir_poll_item){ .socket = p->control.handle,
                                       .events = WEIR_POLLIN };
    return weir_poll(items, n, -1, p->flags);
}

/* ---- The call ---------------------------------------------------------- */

/* Both directions once; how much moved, or an error. */
static int
move_both(struct proxy *p)
{
    int there, back = 0;

    if (p->paused)
        return 0;
    there = move(p, &p->front, &p->back);
    if (there >= 0 && p->front.socket != p->back.socket)
        back = move(p, &p->back, &p->front);
    if (there < 0 || back < 0)
        return there < 0 ? there : back;
    return there + back;
}

static int
run(struct proxy *p)
{
    int rc;

    for (;;) {
        rc = heed(p);
        if (rc != 0 || p->over)
            return rc;
        rc = move_both(p);
        if (rc == 0)
            rc = wait(p);
        if (rc < 0)
            return rc;
    }
}

static int
find(struct side *side, weir_socket *handle, bool needed)
{
    side->handle = handle;
    side->socket = wr_socket_of(handle);
    if (side->socket != NULL)
        return 0;
    return needed || handle != NULL ? -EBADF : 0;
}

int
weir_proxy(weir_socket *front, weir_socket *back, weir_socket *to_capture,
           weir_socket *control, int flags)
{
    struct proxy p = { .flags = flags };

    if ((flags & ~WEIR_INTERRUPTIBLE) != 0)
        return -EINVAL;
    if (find(&p.front, front, true) != 0 || find(&p.back, back, true) != 0 ||
        find(&p.capture, to_capture, false) != 0 ||
        find(&p.control, control, false) != 0)
        return -EBADF;
    if (p.capture.socket != NULL &&
        !wr_pattern_sends(p.capture.socket->pattern))
        return -EINVAL;
    if (p.control.socket != NULL &&
        !wr_pattern_receives(p.control.socket->pattern))
        return -EINVAL;
    p.echo = front == back && p.front.socket->pattern->type == WEIR_REP;
    return run(&p);
}
