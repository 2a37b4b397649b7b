/* SPDX-License-Identifier: MPL-2.0 */
/* SUB: receives the messages that it has subscribed to (RFC 29).
 *
 * Publishers have matched what they send, and mark what they send for another
 * reason; so a SUB receives as a PULL does. It matches for itself once it has
 * unsubscribed, for the publisher may not have heard of that when it sent, once
 * there was a mark, and while it has other peers than publishers. */
#include <errno.h>
#include <string.h>

#include "core/publisher.h"
#include "core/subscriber.h"

static inline bool
wants(const struct wr_socket *s, const weir_msg *first)
{
    const struct wr_subscriber *x = s->own;

    if (likely(wr_subscriber_trusts(x)))
        return true;
    return wr_trie_any(&x->prefixes, weir_msg_bytes(first),
                       weir_msg_size(first)) != x->invert;
}

/* From now on it matches for itself. */
static void
narrow(struct wr_socket *s)
{
    struct wr_subscriber *x = s->own;

    x->narrowed = true;
    wr_subscriber_trust_changed(s);
}

/* Takes note of the mark of a lane's next message. */
static inline void
look_at_mark(struct wr_socket *s, const struct wr_lane *lane)
{
    weir_msg copy;

    if (lane->pipe->latest == NULL &&
        unlikely((wr_pipe_head(lane->pipe, &copy)->meta & WR_MSG_UNMATCHED) !=
                 0))
        narrow(s);
}

static int
recv(struct wr_socket *s, weir_msg *msg, int flags)
{
    int64_t deadline = WR_DEADLINE_UNSET;

    if (unlikely(s->reading != NULL)) {
        wr_socket_take(s, s->reading, msg);
        return 0;
    }
    for (;;) {
        struct wr_lane *lane = wr_next_in(s);

        if (unlikely(lane == NULL)) {
            int rc = wr_socket_wait(s, &s->in, flags, &deadline);

            if (rc != 0)
                return rc;
            continue;
        }
        look_at_mark(s, lane);
        wr_socket_take(s, lane, msg);
        if (likely(wants(s, msg)))
            return 0;
        (void)weir_msg_drop(msg);
        wr_socket_drop_begun(s);
    }
}

/* The next lane whose message is wanted; drops those that are not. */
static struct wr_lane *
next_wanted(struct wr_socket *s)
{
    struct wr_lane *lane;

    while ((lane = wr_next_in(s)) != NULL) {
        weir_msg msg;

        if (unlikely(lane->pipe->latest != NULL))
            break; /* it may yet become another one */
        look_at_mark(s, lane);
        if (likely(wants(s, wr_pipe_head(lane->pipe, &msg))))
            break;
        wr_socket_take(s, lane, &msg);
        (void)weir_msg_drop(&msg);
        wr_socket_drop_begun(s);
    }
    return lane;
}

/* Drops the messages of an array that are not wanted. */
static size_t
sieve(struct wr_socket *s, weir_msg *msgs, size_t n, bool begun)
{
    bool first = !begun, keeps = true;
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (first)
            keeps = wants(s, &msgs[i]);
        first = !weir_msg_more(&msgs[i]);
        if (likely(keeps && kept == i)) {
            kept++;
            continue;
        }
        if (keeps)
            wr_msg_copy(&msgs[kept++], &msgs[i]);
        else
            (void)weir_msg_drop(&msgs[i]);
        weir_msg_init(&msgs[i]);
    }
    return kept;
}

static int
set(struct wr_socket *s, int option, int64_t value)
{
    struct wr_subscriber *x = s->own;

    if (option != WEIR_INVERT_MATCHING)
        return -EINVAL;
    x->invert = value != 0;
    narrow(s);
    return 0;
}

static int
get(struct wr_socket *s, int option, int64_t *value)
{
    const struct wr_subscriber *x = s->own;

    if (option != WEIR_INVERT_MATCHING)
        return -EINVAL;
    *value = x->invert;
    return 0;
}

static int
set_bytes(struct wr_socket *s, int option, const void *data, size_t size)
{
    unsigned char *bytes;
    weir_msg msg;
    int rc;

    if (option != WEIR_SUBSCRIBE && option != WEIR_UNSUBSCRIBE)
        return -EINVAL;
    if (size == SIZE_MAX)
        return -ENOMEM;
    rc = wr_socket_msg_init(s, &msg, size + 1);
    if (rc != 0)
        return rc;
    bytes = weir_msg_data(&msg);
    bytes[0] = option == WEIR_SUBSCRIBE;
    if (size > 0)
        memcpy(bytes + 1, data, size);
    rc = wr_subscriber_act(s, &msg);
    if (rc != 0)
        (void)weir_msg_drop(&msg);
    return rc;
}

const struct wr_pattern wr_pattern_sub = {
    .type = WEIR_SUB,
    .peers = WR_TYPE_BIT(WEIR_PUB) | WR_TYPE_BIT(WEIR_XPUB),
    .writes = true,
    .reads = true,
    .writes_unlimited = true,
    .receives_in_turn = true,
    .in = next_wanted,
    .recv = recv,
    .sieve = sieve,
    .init = wr_subscriber_init,
    .fini = wr_subscriber_fini,
    .attach = wr_subscriber_attach,
    .rung = wr_subscriber_rung,
    .left = wr_subscriber_left,
    .detach = wr_subscriber_detach,
    .set = set,
    .get = get,
    .set_bytes = set_bytes,
};
