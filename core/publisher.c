/* SPDX-License-Identifier: MPL-2.0 */
#include "core/publisher.h"

#include <errno.h>

/* Messages that one call reads at most: who never stops speaking does not hold
 * us for ever. */
#define HEARD_MOST (UINT32_C(1) << 20)

/* ---- Peers ------------------------------------------------------------- */

void
wr_publisher_init(struct wr_socket *s, struct wr_publisher *x,
                  const struct wr_publisher_kind *kind)
{
    s->own = x;
    x->kind = kind;
    wr_subscriptions_init(&x->topics, s->arena);
}

void
wr_publisher_drop(struct wr_socket *s, struct wr_peer *p)
{
    if (--p->refs == 0)
        wr_arena_free(s->arena, p, WR_LINE, sizeof(*p));
}

void
wr_publisher_fini(struct wr_socket *s)
{
    struct wr_publisher *x = s->own;
    struct wr_peer *p;

    wr_subscriptions_fini(&x->topics);
    while ((p = x->leaving) != NULL) {
        x->leaving = p->next;
        wr_publisher_drop(s, p);
    }
    wr_fanout_fini(&x->out, s->arena);
}

int
wr_publisher_attach(struct wr_socket *s, struct wr_end *e)
{
    struct wr_publisher *x = s->own;
    struct wr_peer *p;

    if (e->out.pipe == NULL)
        return 0; /* a type that does not receive */
    p = wr_arena_zalloc(s->arena, WR_LINE, sizeof(*p));
    if (p == NULL)
        return -ENOMEM;
    p->pipe = e->out.pipe;
    p->end = e;
    p->refs = 1;
    if (wr_fanout_add(&x->out, s->arena, p) != 0) {
        wr_publisher_drop(s, p);
        return -ENOMEM;
    }
    e->own = p;
    if (x->kind->welcome != NULL)
        x->kind->welcome(s, e);
    return 0;
}

void
wr_publisher_left(struct wr_socket *s, struct wr_end *e)
{
    struct wr_publisher *x = s->own;
    struct wr_peer *p = e->own;

    if (p == NULL || p->state != WR_PEER_LIVE)
        return;
    wr_fanout_remove(&x->out, p);
    if (x->blocked == p)
        x->blocked = NULL;
    if (x->kind->left != NULL)
        x->kind->left(s, p);
    p->state = WR_PEER_LEAVING;
    p->next = x->leaving;
    x->leaving = p;
    p->refs++;
}

void
wr_publisher_detach(struct wr_socket *s, struct wr_end *e)
{
    struct wr_peer *p = e->own;

    if (p == NULL)
        return;
    wr_publisher_left(s, e);
    p->end = NULL;
    e->own = NULL;
    wr_publisher_drop(s, p);
}

/* ---- What peers send --------------------------------------------------- */

/* Takes the frame at the head of a lane. */
static void
take(struct wr_lane *lane, weir_msg *msg)
{
    if (!wr_pipe_take_next(lane->pipe, msg) && wr_pipe_take(lane->pipe, msg))
        wr_end_ring_peer(lane->end);
}

static void
keep(struct wr_socket *s, struct wr_peer *p, weir_msg *msg, bool first)
{
    const struct wr_publisher *x = s->own;

    if (x->kind->keep != NULL)
        x->kind->keep(s, p, msg, first);
    else
        (void)weir_msg_drop(msg);
}

static int
hear_subscription(struct wr_socket *s, struct wr_lane *lane,
                  const weir_msg *head)
{
    const struct wr_publisher *x = s->own;
    struct wr_peer *p = lane->end->own;
    bool keeps = false;
    weir_msg msg;
    int rc = 0;

    if (p != NULL && p->state != WR_PEER_GONE)
        rc = x->kind->heard(s, p, head, &keeps);
    if (rc != 0)
        return rc;
    take(lane, &msg);
    weir_msg_set_more(&msg, false);
    if (keeps)
        keep(s, p, &msg, true);
    else
        (void)weir_msg_drop(&msg);
    return 0;
}

/* Takes a message that is for the user. */
static void
hear_message(struct wr_socket *s, struct wr_lane *lane)
{
    bool first = true, more;
    weir_msg msg;

    do {
        (void)wr_pipe_readable(lane->pipe); /* all of it is there */
        take(lane, &msg);
        more = weir_msg_more(&msg);
        keep(s, lane->end->own, &msg, first);
        first = false;
    } while (more);
}

/* Reads a lane until it is empty, or as many messages as are left. */
static int
hear(struct wr_socket *s, struct wr_lane *lane, uint32_t *left)
{
    for (; *left > 0 && wr_pipe_readable(lane->pipe); --*left) {
        weir_msg copy;
        const weir_msg *head = wr_pipe_head(lane->pipe, &copy);

        if (likely(wr_is_subscription(head))) {
            int rc = hear_subscription(s, lane, head);

            if (rc != 0)
                return rc;
        } else {
            hear_message(s, lane);
        }
    }
    return 0;
}

/* Reads all lanes of the circle, and arms them. */
static int
hear_all(struct wr_socket *s)
{
    uint32_t left = HEARD_MOST;
    struct wr_lane *lane;

    while (left > 0 && s->in.active > 0) {
        while (left > 0 && (lane = wr_lanes_next(&s->in)) != NULL) {
            int rc = hear(s, lane, &left);

            if (rc != 0)
                return rc;
        }
        wr_lanes_arm(&s->in);
    }
    return 0;
}

/* Takes back what those who are leaving have subscribed to. */
static int
sweep(struct wr_socket *s)
{
    struct wr_publisher *x = s->own;
    struct wr_peer *p;
    size_t topics = 0;
    int rc = 0;

    for (p = x->leaving; p != NULL; p = p->next)
        topics += p->topics;
    if (topics > 0)
        rc = x->kind->sweep(s);
    if (rc != 0)
        return rc;
    while ((p = x->leaving) != NULL) {
        x->leaving = p->next;
        p->state = WR_PEER_GONE;
        wr_publisher_drop(s, p);
    }
    return 0;
}

int
wr_publisher_catch_up(struct wr_socket *s)
{
    int rc = hear_all(s);

    return rc != 0 ? rc : sweep(s);
}

/* ---- Options ----------------------------------------------------------- */

int
wr_publisher_set(struct wr_socket *s, int option, int64_t value)
{
    struct wr_publisher *x = s->own;

    if (option == WEIR_INVERT_MATCHING) {
        x->invert = value != 0;
        x->out.unmatched = WR_MSG_UNMATCHED;
    } else if (option == WEIR_XPUB_NODROP) {
        x->nodrop = value != 0;
    } else {
        return -EINVAL;
    }
    return 0;
}

int
wr_publisher_get(struct wr_socket *s, int option, int64_t *value)
{
    const struct wr_publisher *x = s->own;

    if (option == WEIR_INVERT_MATCHING)
        *value = x->invert;
    else if (option == WEIR_XPUB_NODROP)
        *value = x->nodrop;
    else
        return -EINVAL;
    return 0;
}
