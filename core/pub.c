/* SPDX-License-Identifier: MPL-2.0 */
/* PUB: each message to all peers that have subscribed to it (RFC 29); it is
 * dropped for those that are full. */
#include <errno.h>

#include "core/publisher.h"

static int
heard(struct wr_socket *s, struct wr_peer *p, const weir_msg *msg, bool *keep)
{
    struct wr_publisher *x = s->own;
    size_t size;
    const void *prefix = wr_prefix_of(msg, &size);
    bool first;

    (void)keep;
    if (wr_subscribes(msg))
        return wr_subscriptions_add(&x->topics, prefix, size, p, &first);
    (void)wr_subscriptions_remove(&x->topics, prefix, size, p);
    return 0;
}

static int
sweep(struct wr_socket *s)
{
    struct wr_publisher *x = s->own;

    return wr_subscriptions_sweep(&x->topics, NULL, NULL);
}

static const struct wr_publisher_kind kind = {
    .heard = heard,
    .sweep = sweep,
};

static int
init(struct wr_socket *s)
{
    struct wr_publisher *x = wr_arena_zalloc(s->arena, WR_LINE, sizeof(*x));

    if (x == NULL)
        return -ENOMEM;
    wr_publisher_init(s, x, &kind);
    return 0;
}

static void
fini(struct wr_socket *s)
{
    wr_publisher_fini(s);
    wr_arena_free(s->arena, s->own, WR_LINE, sizeof(struct wr_publisher));
}

const struct wr_pattern wr_pattern_pub = {
    .type = WEIR_PUB,
    .peers = WR_TYPE_BIT(WEIR_SUB) | WR_TYPE_BIT(WEIR_XSUB),
    .writes = true,
    .reads = true,
    .send = wr_publisher_send,
    .send_array = wr_publisher_send_array,
    .can_send = wr_publisher_can_send,
    .init = init,
    .fini = fini,
    .attach = wr_publisher_attach,
    .left = wr_publisher_left,
    .detach = wr_publisher_detach,
    .set = wr_publisher_set,
    .get = wr_publisher_get,
};
