/* SPDX-License-Identifier: MPL-2.0 */
/* weir through its public calls, in their three forms: one message, arrays,
 * in place. */
#include <string.h>
#include <weir/weir.h>

#include "bench/harness/loops.h"

/* In the order of enum weir_wait. */
static const char *const waits[] = { "adaptive", "spin", "yield", "park",
                                     NULL };

static const char *
describe(void)
{
    return weir_version();
}

static void *
context_new(void)
{
    return weir_context_new();
}

static void
context_free(void *context)
{
    (void)weir_context_free(context);
}

static int64_t
wait_of(const char *name)
{
    int64_t wait = 0;

    while (strcmp(waits[wait], name) != 0)
        wait++;
    return wait;
}

static int
open_end(void *context, struct end *end)
{
    static const int types[] = {
        [ROLE_PUSH] = WEIR_PUSH,     [ROLE_PULL] = WEIR_PULL,
        [ROLE_PAIR] = WEIR_PAIR,     [ROLE_REQ] = WEIR_REQ,
        [ROLE_REP] = WEIR_REP,       [ROLE_DEALER] = WEIR_DEALER,
        [ROLE_ROUTER] = WEIR_ROUTER,
    };
    weir_socket *s;
    int rc = weir_socket_open(context, types[end->role], &s);

    if (rc)
        return rc;
    end->socket = s;
    rc = weir_socket_set(s, WEIR_WAIT, wait_of(end->wait));
    if (rc)
        return rc;
    return end->binds ? weir_bind(s, end->endpoint)
                      : weir_connect(s, end->endpoint);
}

static void
close_end(struct end *end)
{
    (void)weir_close(end->socket);
}

hot_inline int
fill(struct sender *s, weir_msg *msg, uint64_t tag)
{
    int rc = 0;

    if (s->payload.size <= WEIR_INLINE_MAX)
        weir_msg_init_inline(msg, s->payload.size);
    else
        rc = weir_msg_init_size(msg, s->end->socket, s->payload.size);
    if (rc == 0)
        payload_write(&s->payload, weir_msg_data(msg), tag);
    return rc;
}

/* ---- One at a time ----------------------------------------------------- */

hot_inline int
push_one(struct sender *s, uint64_t tag, size_t n)
{
    weir_msg msg;
    int rc = fill(s, &msg, tag);

    (void)n;
    return rc ? rc : weir_send(s->end->socket, &msg, 0);
}

hot_inline int
pull_one(struct receiver *r)
{
    weir_msg msg;
    int rc = weir_recv(r->end->socket, &msg, 0);

    if (rc)
        return rc;
    receiver_take(r, weir_msg_bytes(&msg), weir_msg_size(&msg));
    return weir_msg_drop(&msg);
}

/* ---- A ROUTER's -------------------------------------------------------- */

/* A message, and whose it is: the next one goes there. */
hot_inline int
pull_routed(struct receiver *r)
{
    weir_msg id;
    int rc = weir_recv(r->end->socket, &id, 0);

    if (rc)
        return rc;
    r->end->asker_size = weir_msg_size(&id);
    memcpy(r->end->asker, weir_msg_bytes(&id), r->end->asker_size);
    return pull_one(r);
}

hot_inline int
push_routed(struct sender *s, uint64_t tag, size_t n)
{
    weir_msg id;
    int rc;

    weir_msg_init_inline(&id, s->end->asker_size);
    memcpy(weir_msg_data(&id), s->end->asker, s->end->asker_size);
    weir_msg_set_more(&id, true);
    rc = weir_send(s->end->socket, &id, 0);
    return rc ? rc : push_one(s, tag, n);
}

/* ---- Arrays ------------------------------------------------------------ */

hot_inline int
push_batch(struct sender *s, uint64_t tag, size_t n)
{
    weir_msg msgs[BATCH_MAX];
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = fill(s, &msgs[i], tag + i);
    for (size_t sent = 0; sent < n && rc == 0;) {
        ssize_t got = weir_send_batch(s->end->socket, msgs + sent, n - sent, 0);

        if (got < 0)
            rc = (int)got;
        else
            sent += (size_t)got;
    }
    return rc;
}

hot_inline int
pull_batch(struct receiver *r)
{
    weir_msg msgs[BATCH_MAX];
    ssize_t got = weir_recv_batch(r->end->socket, msgs, r->end->batch, 0);

    if (got < 0)
        return (int)got;
    for (ssize_t i = 0; i < got; i++)
        receiver_take(r, weir_msg_bytes(&msgs[i]), weir_msg_size(&msgs[i]));
    return weir_msg_drop_batch(msgs, (size_t)got);
}

/* ---- In place ---------------------------------------------------------- */

hot_inline int
push_in_place(struct sender *s, uint64_t tag, size_t n)
{
    while (n > 0) {
        weir_msg *span;
        ssize_t got = weir_reserve(s->end->socket, n, &span, 0);
        int rc = got < 0 ? (int)got : 0;

        for (ssize_t i = 0; i < got && rc == 0; i++)
            rc = fill(s, &span[i], tag++);
        if (rc == 0)
            rc = weir_commit(s->end->socket, (size_t)got);
        if (rc)
            return rc;
        n -= (size_t)got;
    }
    return 0;
}

hot_inline int
pull_in_place(struct receiver *r)
{
    weir_msg *span;
    ssize_t got = weir_peek(r->end->socket, r->end->batch, &span, 0);

    if (got < 0)
        return (int)got;
    for (ssize_t i = 0; i < got; i++)
        receiver_take(r, weir_msg_bytes(&span[i]), weir_msg_size(&span[i]));
    return weir_release(r->end->socket, (size_t)got);
}

/* ------------------------------------------------------------------------ */

static int
send_messages(struct sender *s)
{
    if (s->end->other_api)
        return send_loop(s, push_in_place);
    return s->end->batch == 1 ? send_loop(s, push_one)
                              : send_loop(s, push_batch);
}

static int
receive_messages(struct receiver *r)
{
    if (r->end->other_api)
        return receive_loop(r, pull_in_place);
    return r->end->batch == 1 ? receive_loop(r, pull_one)
                              : receive_loop(r, pull_batch);
}

static int
ping(struct sender *s, struct receiver *r)
{
    return ping_loop(s, r, push_one, pull_one);
}

static int
pong(struct sender *s, struct receiver *r)
{
    if (s->end->role == ROLE_ROUTER)
        return pong_loop(s, r, push_routed, pull_routed);
    return pong_loop(s, r, push_one, pull_one);
}

const struct peer peer_weir = {
    .name = "weir",
    .describe = describe,
    .waits = waits,
    .batches = true,
    .replies = true,
    .api = "in_place",
    .context_new = context_new,
    .context_free = context_free,
    .open = open_end,
    .close = close_end,
    .send = send_messages,
    .receive = receive_messages,
    .ping = ping,
    .pong = pong,
    .error = weir_strerror,
};
