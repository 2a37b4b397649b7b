/* SPDX-License-Identifier: MPL-2.0 */
/* XPUB: a PUB whose user receives the subscriptions, and what XSUBs send
 * upstream (RFC 29).
 *
 * What is to be received waits in a queue without a limit, before each message
 * a frame of our own that holds the address of its peer and a reference. */
#include <errno.h>
#include <string.h>

#include "core/publisher.h"

struct xpub {
    struct wr_publisher base;       /* must be first */
    struct wr_subscriptions manual; /* what was asked for, in manual mode */
    struct wr_frames queue;
    size_t kept; /* frames in it of the message that is being kept */
    bool losing; /* no memory: what is left of it is dropped */
    bool is_manual;
    int verbose;            /* WEIR_XPUB_VERBOSE */
    struct wr_peer *last;   /* whose message was received last, if live */
    struct wr_lane reading; /* s->reading while a message of the queue is */
    weir_msg welcome;       /* empty: none */
};

/* ---- The queue --------------------------------------------------------- */

static void
make_head(weir_msg *head, struct wr_peer *p)
{
    weir_msg_init_inline(head, sizeof(p));
    memcpy(weir_msg_data(head), &p, sizeof(p));
    weir_msg_set_more(head, true);
    if (p != NULL)
        p->refs++;
}

static struct wr_peer *
peer_of(const weir_msg *head)
{
    struct wr_peer *p;

    memcpy(&p, weir_msg_bytes(head), sizeof(p));
    return p;
}

/* Takes the last frame of the queue back. */
static void
unpush(struct wr_socket *s)
{
    struct xpub *x = s->own;
    weir_msg *msg = &x->queue.msgs[--x->queue.n];

    if (x->kept == 1 && peer_of(msg) != NULL)
        wr_publisher_drop(s, peer_of(msg));
    (void)weir_msg_drop(msg);
    x->kept--;
}

static int
push(struct wr_socket *s, weir_msg *msg)
{
    struct xpub *x = s->own;
    int rc = wr_frames_push(&x->queue, s->arena, msg);

    x->kept += rc == 0;
    return rc;
}

static void
keep(struct wr_socket *s, struct wr_peer *p, weir_msg *msg, bool first)
{
    struct xpub *x = s->own;
    weir_msg head;

    if (first) {
        x->kept = 0;
        x->losing = wr_frames_reserve(&x->queue, s->arena, 2) != 0;
        if (!x->losing) {
            make_head(&head, p);
            (void)push(s, &head); /* there is room */
        }
    }
    if (!x->losing && push(s, msg) == 0)
        return;
    x->losing = true;
    while (x->kept > 0)
        unpush(s);
    (void)weir_msg_drop(msg);
}

/* In the middle of a message its frame of our own is no longer there. */
static void
drop_queue(struct wr_socket *s)
{
    struct xpub *x = s->own;
    bool head = s->reading == NULL;

    while (!wr_frames_is_empty(&x->queue)) {
        weir_msg msg;

        wr_frames_shift(&x->queue, s->arena, &msg);
        if (head && peer_of(&msg) != NULL)
            wr_publisher_drop(s, peer_of(&msg));
        head = !weir_msg_more(&msg);
        (void)weir_msg_drop(&msg);
    }
    wr_frames_fini(&x->queue, s->arena);
}

/* ---- Subscriptions ----------------------------------------------------- */

/* Applies one; whether its user is to know of it, outside of manual mode. */
static int
apply(const struct xpub *x, struct wr_subscriptions *ss, struct wr_peer *p,
      const weir_msg *msg, bool *tell)
{
    size_t size;
    const void *prefix = wr_prefix_of(msg, &size);
    bool first = false;
    int rc = 0;

    if (wr_subscribes(msg)) {
        rc = wr_subscriptions_add(ss, prefix, size, p, &first);
        *tell = first || x->verbose >= 1;
    } else {
        *tell = wr_subscriptions_remove(ss, prefix, size, p) !=
                    WR_UNSUBSCRIBED_ONE ||
                x->verbose >= 2;
    }
    return rc;
}

static int
heard(struct wr_socket *s, struct wr_peer *p, const weir_msg *msg, bool *tell)
{
    struct xpub *x = s->own;
    struct wr_subscriptions *ss = x->is_manual ? &x->manual : &x->base.topics;
    int rc = wr_frames_reserve(&x->queue, s->arena, 2);

    if (rc == 0)
        rc = apply(x, ss, p, msg, tell);
    *tell |= x->is_manual;
    return rc;
}

/* Has the user know that a peer which left wants a prefix no more. */
static int
tell_unsubscribed(void *arg, const void *prefix, size_t size, bool last)
{
    struct wr_socket *s = arg;
    const struct xpub *x = s->own;
    unsigned char *data;
    weir_msg msg;
    int rc;

    if (!last && !x->is_manual && x->verbose < 2)
        return 0;
    rc = wr_frames_reserve(&((struct xpub *)s->own)->queue, s->arena, 2);
    if (rc == 0)
        rc = wr_socket_msg_init(s, &msg, size + 1);
    if (rc != 0)
        return rc;
    data = weir_msg_data(&msg);
    data[0] = 0;
    if (size > 0)
        memcpy(data + 1, prefix, size);
    keep(s, NULL, &msg, true);
    return 0;
}

static int
sweep(struct wr_socket *s)
{
    struct xpub *x = s->own;
    int rc;

    if (!x->is_manual) {
        rc = wr_subscriptions_sweep(&x->manual, NULL, NULL);
        return rc != 0 ? rc
                       : wr_subscriptions_sweep(&x->base.topics,
                                                tell_unsubscribed, s);
    }
    rc = wr_subscriptions_sweep(&x->manual, tell_unsubscribed, s);
    return rc != 0 ? rc : wr_subscriptions_sweep(&x->base.topics, NULL, NULL);
}

static void
welcome(struct wr_socket *s, struct wr_end *e)
{
    struct xpub *x = s->own;
    weir_msg copy;

    if (weir_msg_size(&x->welcome) == 0)
        return;
    (void)weir_msg_share(&copy, &x->welcome); /* it is not external */
    if (wr_lane_put(&e->out, &copy, 1) != 0)
        (void)weir_msg_drop(&copy);
}

static void
left(struct wr_socket *s, struct wr_peer *p)
{
    struct xpub *x = s->own;

    if (x->last == p)
        x->last = NULL;
}

static const struct wr_publisher_kind kind = {
    .heard = heard,
    .keep = keep,
    .sweep = sweep,
    .welcome = welcome,
    .left = left,
};

/* ---- Receiving --------------------------------------------------------- */

/* Whether the queue has something; waits for it, as flags say. */
static int
await(struct wr_socket *s, int flags)
{
    const struct xpub *x = s->own;
    int64_t deadline = WR_DEADLINE_UNSET;

    for (;;) {
        int rc = wr_publisher_attend(s);

        if (!wr_frames_is_empty(&x->queue))
            return 0;
        if (rc == 0)
            rc = wr_socket_wait(s, &s->in, flags, &deadline);
        if (rc != 0)
            return rc;
    }
}

/* Takes the frame before a message. */
static void
take_head(struct wr_socket *s)
{
    struct xpub *x = s->own;
    struct wr_peer *p;
    weir_msg head;

    wr_frames_shift(&x->queue, s->arena, &head);
    p = peer_of(&head);
    x->last = p != NULL && p->state == WR_PEER_LIVE ? p : NULL;
    if (p != NULL)
        wr_publisher_drop(s, p);
}

static int
recv(struct wr_socket *s, weir_msg *msg, int flags)
{
    struct xpub *x = s->own;

    if (s->reading == NULL) {
        int rc = await(s, flags);

        if (rc != 0)
            return rc;
        take_head(s);
    }
    wr_frames_shift(&x->queue, s->arena, msg);
    s->reading = weir_msg_more(msg) ? &x->reading : NULL;
    wr_gate_set(&s->recv_gate, WR_GATE_FRAME, weir_msg_more(msg));
    return 0;
}

static bool
can_recv(struct wr_socket *s)
{
    const struct xpub *x = s->own;

    (void)wr_publisher_attend(s);
    return !wr_frames_is_empty(&x->queue);
}

/* ---- Options ----------------------------------------------------------- */

static int
set(struct wr_socket *s, int option, int64_t value)
{
    struct xpub *x = s->own;

    if (option == WEIR_XPUB_VERBOSE) {
        x->verbose = (int)value;
    } else if (option == WEIR_XPUB_MANUAL) {
        x->is_manual = value != 0;
        x->base.out.unmatched = WR_MSG_UNMATCHED;
    } else {
        return wr_publisher_set(s, option, value);
    }
    return 0;
}

static int
get(struct wr_socket *s, int option, int64_t *value)
{
    const struct xpub *x = s->own;

    if (option == WEIR_XPUB_VERBOSE)
        *value = x->verbose;
    else if (option == WEIR_XPUB_MANUAL)
        *value = x->is_manual;
    else
        return wr_publisher_get(s, option, value);
    return 0;
}

static int
set_welcome(struct wr_socket *s, const void *data, size_t size)
{
    struct xpub *x = s->own;
    weir_msg msg;
    int rc = wr_socket_msg_init(s, &msg, size);

    if (rc != 0)
        return rc;
    if (size > 0)
        memcpy(weir_msg_data(&msg), data, size);
    (void)weir_msg_drop(&x->welcome);
    wr_msg_copy(&x->welcome, &msg);
    return 0;
}

/* Those of manual mode act for a peer that may have left since: then they do
 * nothing. */
static int
set_bytes(struct wr_socket *s, int option, const void *data, size_t size)
{
    struct xpub *x = s->own;
    bool first;

    if (option == WEIR_WELCOME)
        return set_welcome(s, data, size);
    if (!x->is_manual ||
        (option != WEIR_SUBSCRIBE && option != WEIR_UNSUBSCRIBE))
        return -EINVAL;
    if (x->last == NULL)
        return 0;
    if (option == WEIR_SUBSCRIBE)
        return wr_subscriptions_add(&x->base.topics, data, size, x->last,
                                    &first);
    (void)wr_subscriptions_remove(&x->base.topics, data, size, x->last);
    return 0;
}

/* ---- The rest ---------------------------------------------------------- */

static int
init(struct wr_socket *s)
{
    struct xpub *x = wr_arena_zalloc(s->arena, WR_LINE, sizeof(*x));

    if (x == NULL)
        return -ENOMEM;
    wr_publisher_init(s, &x->base, &kind);
    wr_subscriptions_init(&x->manual, s->arena);
    return 0;
}

static void
fini(struct wr_socket *s)
{
    struct xpub *x = s->own;

    drop_queue(s);
    (void)weir_msg_drop(&x->welcome);
    wr_subscriptions_fini(&x->manual);
    wr_publisher_fini(s);
    wr_arena_free(s->arena, x, WR_LINE, sizeof(*x));
}

const struct wr_pattern wr_pattern_xpub = {
    .type = WEIR_XPUB,
    .peers = WR_TYPE_BIT(WEIR_SUB) | WR_TYPE_BIT(WEIR_XSUB),
    .writes = true,
    .reads = true,
    .send = wr_publisher_send,
    .send_array = wr_publisher_send_array,
    .recv = recv,
    .can_send = wr_publisher_can_send,
    .can_recv = can_recv,
    .init = init,
    .fini = fini,
    .attach = wr_publisher_attach,
    .left = wr_publisher_left,
    .detach = wr_publisher_detach,
    .set = set,
    .get = get,
    .set_bytes = set_bytes,
};
