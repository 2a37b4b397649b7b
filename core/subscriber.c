/* SPDX-License-Identifier: MPL-2.0 */
#include "core/subscriber.h"

#include <errno.h>
#include <string.h>

#include "core/publisher.h"

int
wr_subscriber_init(struct wr_socket *s)
{
    struct wr_subscriber *x = wr_arena_zalloc(s->arena, WR_LINE, sizeof(*x));

    if (x == NULL)
        return -ENOMEM;
    s->own = x;
    wr_trie_init(&x->prefixes, s->arena);
    wr_subscriber_trust_changed(s);
    return 0;
}

void
wr_subscriber_fini(struct wr_socket *s)
{
    struct wr_subscriber *x = s->own;

    wr_trie_fini(&x->prefixes, NULL);
    wr_fanout_fini(&x->out, s->arena);
    wr_arena_free(s->arena, x, WR_LINE, sizeof(*x));
}

/* ---- Peers ------------------------------------------------------------- */

struct telling {
    struct wr_socket *s;
    struct wr_end *end;
    int rc;
};

static bool
tell_prefix(void *arg, const void *prefix, size_t size, void **value)
{
    struct telling *t = arg;
    unsigned char *data;
    weir_msg msg;

    (void)value;
    if (t->rc == 0)
        t->rc = wr_socket_msg_init(t->s, &msg, size + 1);
    if (t->rc != 0)
        return false;
    data = weir_msg_data(&msg);
    data[0] = 1;
    if (size > 0)
        memcpy(data + 1, prefix, size);
    t->rc = wr_lane_put(&t->end->out, &msg, 1);
    if (t->rc != 0)
        (void)weir_msg_drop(&msg);
    return false;
}

void
wr_subscriber_trust_changed(struct wr_socket *s)
{
    if (s->pattern->type == WEIR_SUB)
        wr_gate_set(&s->recv_gate, WR_GATE_TYPE, !wr_subscriber_trusts(s->own));
}

/* Whether its messages may be others than those that it was asked for. */
static bool
is_odd(const struct wr_end *e)
{
    int type = wr_end_peer_type(e);

    return (type != WEIR_PUB && type != WEIR_XPUB) ||
           (e->in.pipe != NULL && e->in.pipe->latest != NULL);
}

static void
judge(struct wr_socket *s, struct wr_peer *p, bool odd)
{
    struct wr_subscriber *x = s->own;

    x->odd += odd;
    x->odd -= p->odd;
    p->odd = odd;
    wr_subscriber_trust_changed(s);
}

void
wr_subscriber_rung(struct wr_socket *s, struct wr_end *e)
{
    struct wr_peer *p = e->own;

    if (p != NULL && p->odd)
        judge(s, p, is_odd(e));
}

int
wr_subscriber_attach(struct wr_socket *s, struct wr_end *e)
{
    struct wr_subscriber *x = s->own;
    struct telling t = { .s = s, .end = e };
    struct wr_peer *p;

    p = wr_arena_zalloc(s->arena, WR_LINE, sizeof(*p));
    if (p == NULL)
        return -ENOMEM;
    p->pipe = e->out.pipe;
    p->end = e;
    if (p->pipe == NULL)
        p->state = WR_PEER_GONE; /* a type that does not receive */
    else if (wr_fanout_add(&x->out, s->arena, p) != 0) {
        wr_arena_free(s->arena, p, WR_LINE, sizeof(*p));
        return -ENOMEM;
    }
    e->own = p;
    judge(s, p, is_odd(e));
    if (wr_end_peer_listens(e))
        wr_trie_walk(&x->prefixes, tell_prefix, &t);
    return t.rc;
}

void
wr_subscriber_left(struct wr_socket *s, struct wr_end *e)
{
    struct wr_subscriber *x = s->own;
    struct wr_peer *p = e->own;

    if (p == NULL || p->state != WR_PEER_LIVE)
        return;
    p->state = WR_PEER_GONE;
    wr_fanout_remove(&x->out, p);
}

void
wr_subscriber_detach(struct wr_socket *s, struct wr_end *e)
{
    wr_subscriber_left(s, e);
    if (e->own != NULL)
        judge(s, e->own, false);
    wr_arena_free(s->arena, e->own, WR_LINE, sizeof(struct wr_peer));
    e->own = NULL;
}

/* ---- Subscriptions ----------------------------------------------------- */

/* Sends a subscription to all peers. */
static int
tell_all(struct wr_socket *s, weir_msg *msg)
{
    struct wr_subscriber *x = s->own;
    struct wr_frames none = { 0 };
    struct wr_peer *full;
    int rc;

    wr_fanout_begin(&x->out);
    wr_fanout_invert(&x->out);
    rc = wr_fanout_has_room(&x->out, 1, &full);
    return rc != 0 ? rc : wr_fanout_put(&x->out, s->arena, &none, msg);
}

static int
subscribe(struct wr_socket *s, weir_msg *msg)
{
    struct wr_subscriber *x = s->own;
    size_t size;
    const void *prefix = wr_prefix_of(msg, &size);
    void **value = wr_trie_make(&x->prefixes, prefix, size);
    int rc;

    if (value == NULL)
        return -ENOMEM;
    rc = tell_all(s, msg);
    if (rc == 0)
        *value = (void *)((uintptr_t)*value + 1);
    else if (*value == NULL)
        wr_trie_remove(&x->prefixes, prefix, size);
    return rc;
}

static int
unsubscribe(struct wr_socket *s, weir_msg *msg)
{
    struct wr_subscriber *x = s->own;
    size_t size;
    const void *prefix = wr_prefix_of(msg, &size);
    void **value = wr_trie_find(&x->prefixes, prefix, size);
    weir_msg kept;
    int rc;

    if (value == NULL || (uintptr_t)*value > 1) {
        if (value != NULL)
            *value = (void *)((uintptr_t)*value - 1);
        (void)weir_msg_drop(msg);
        weir_msg_init(msg);
        return 0;
    }
    /* The prefix is needed after the message has gone. */
    rc = weir_msg_share(&kept, msg);
    if (rc != 0)
        return rc;
    rc = tell_all(s, msg);
    if (rc == 0) {
        x->narrowed = true;
        wr_subscriber_trust_changed(s);
        prefix = wr_prefix_of(&kept, &size);
        wr_trie_remove(&x->prefixes, prefix, size);
    }
    (void)weir_msg_drop(&kept);
    return rc;
}

int
wr_subscriber_act(struct wr_socket *s, weir_msg *msg)
{
    return wr_subscribes(msg) ? subscribe(s, msg) : unsubscribe(s, msg);
}
