/* SPDX-License-Identifier: MPL-2.0 */
/* libzmq as its users call it: one socket per thread, one message per call,
 * default options, zmq_msg_init_size. zmq_send and zmq_recv measured the same
 * at 8 bytes and up to 10 % less above.
 *
 * The second way, init_data, hands over buffers of a pool that the receiver
 * gives back: 60 % of the time of the first at 256 bytes and 4 KiB, a quarter
 * at 64 KiB, and more than twice as much at 8 bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "bench/harness/loops.h"

/* More than the messages that can be under way. */
#define BUFFERS 4096

/* A sender's buffers that came back, in a ring: put by the one receiver, taken
 * by the sender. Edge L1: release store of put, acquire load of it. */
struct pool {
    _Alignas(WR_GROUP) _Atomic uint64_t put;
    _Alignas(WR_GROUP) uint64_t taken;
    uint64_t put_seen;
    _Alignas(WR_GROUP) void *buffer[BUFFERS];
};

static struct pool *
pool_new(void)
{
    struct pool *pool = aligned_alloc(WR_GROUP, sizeof(*pool));

    return pool ? memset(pool, 0, sizeof(*pool)) : NULL;
}

/* A buffer that came back, or NULL. */
hot_inline void *
pool_take(struct pool *pool)
{
    if (pool->taken == pool->put_seen) {
        pool->put_seen = load_acquire(&pool->put); /* L1 */
        if (pool->taken == pool->put_seen)
            return NULL;
    }
    return pool->buffer[pool->taken++ % BUFFERS];
}

/* A zmq_free_fn. */
static void
pool_put(void *buffer, void *hint)
{
    struct pool *pool = hint;
    uint64_t put = load_relaxed(&pool->put); /* only we write it */

    pool->buffer[put % BUFFERS] = buffer;
    store_release(&pool->put, put + 1); /* L1 */
}

static void
pool_free(struct pool *pool)
{
    void *buffer;

    while ((buffer = pool_take(pool)))
        free(buffer);
    free(pool);
}

static const char *
describe(void)
{
    static char text[80];
    int major, minor, patch;

    zmq_version(&major, &minor, &patch);
    (void)snprintf(text, sizeof(text),
                   "%d.%d.%d, zmq_msg_send and zmq_msg_recv", major, minor,
                   patch);
    return text;
}

static void *
context_new(void)
{
    void *context = zmq_ctx_new();
    /* The first socket starts the library's threads. */
    void *first = context ? zmq_socket(context, ZMQ_PAIR) : NULL;

    if (first)
        (void)zmq_close(first);
    return context;
}

static void
context_free(void *context)
{
    (void)zmq_ctx_term(context);
}

static int
open_end(void *context, struct end *end)
{
    static const int types[] = {
        [ROLE_PUSH] = ZMQ_PUSH,     [ROLE_PULL] = ZMQ_PULL,
        [ROLE_PAIR] = ZMQ_PAIR,     [ROLE_REQ] = ZMQ_REQ,
        [ROLE_REP] = ZMQ_REP,       [ROLE_DEALER] = ZMQ_DEALER,
        [ROLE_ROUTER] = ZMQ_ROUTER,
    };
    int rc;

    end->pool = pool_new();
    end->socket = zmq_socket(context, types[end->role]);
    if (!end->socket || !end->pool)
        return ENOMEM;
    rc = end->binds ? zmq_bind(end->socket, end->endpoint)
                    : zmq_connect(end->socket, end->endpoint);
    return rc == 0 ? 0 : zmq_errno();
}

/* All messages have been received by now. */
static void
close_end(struct end *end)
{
    if (end->socket)
        (void)zmq_close(end->socket);
    if (end->pool)
        pool_free(end->pool);
}

hot_inline int
push(struct sender *s, uint64_t tag, size_t n)
{
    zmq_msg_t msg;

    (void)n;
    if (zmq_msg_init_size(&msg, s->payload.size) != 0)
        return zmq_errno();
    payload_write(&s->payload, zmq_msg_data(&msg), tag);
    return zmq_msg_send(&msg, s->end->socket, 0) >= 0 ? 0 : zmq_errno();
}

hot_inline int
push_data(struct sender *s, uint64_t tag, size_t n)
{
    void *data = pool_take(s->end->pool);
    zmq_msg_t msg;

    (void)n;
    if (!data)
        data = malloc(s->payload.size);
    if (!data)
        return ENOMEM;
    payload_write(&s->payload, data, tag);
    if (zmq_msg_init_data(&msg, data, s->payload.size, pool_put, s->end->pool))
        return zmq_errno();
    return zmq_msg_send(&msg, s->end->socket, 0) >= 0 ? 0 : zmq_errno();
}

hot_inline int
pull(struct receiver *r)
{
    zmq_msg_t msg;

    (void)zmq_msg_init(&msg);
    if (zmq_msg_recv(&msg, r->end->socket, 0) < 0)
        return zmq_errno();
    receiver_take(r, zmq_msg_data(&msg), zmq_msg_size(&msg));
    return zmq_msg_close(&msg) == 0 ? 0 : zmq_errno();
}

/* A ROUTER's message, and whose it is: the next one goes there. */
hot_inline int
pull_routed(struct receiver *r)
{
    int size =
        zmq_recv(r->end->socket, r->end->asker, sizeof(r->end->asker), 0);

    if (size < 0)
        return zmq_errno();
    r->end->asker_size = (size_t)size;
    return pull(r);
}

hot_inline int
push_routed(struct sender *s, uint64_t tag, size_t n)
{
    if (zmq_send(s->end->socket, s->end->asker, s->end->asker_size,
                 ZMQ_SNDMORE) < 0)
        return zmq_errno();
    return push(s, tag, n);
}

static int
send_messages(struct sender *s)
{
    return s->end->other_api ? send_loop(s, push_data) : send_loop(s, push);
}

static int
receive_messages(struct receiver *r)
{
    return receive_loop(r, pull);
}

static int
ping(struct sender *s, struct receiver *r)
{
    return ping_loop(s, r, push, pull);
}

static int
pong(struct sender *s, struct receiver *r)
{
    if (s->end->role == ROLE_ROUTER)
        return pong_loop(s, r, push_routed, pull_routed);
    return pong_loop(s, r, push, pull);
}

static const char *const waits[] = { "default", NULL };

const struct peer peer_libzmq = {
    .name = "libzmq",
    .describe = describe,
    .waits = waits,
    .replies = true,
    .api = "init_data",
    .context_new = context_new,
    .context_free = context_free,
    .open = open_end,
    .close = close_end,
    .send = send_messages,
    .receive = receive_messages,
    .ping = ping,
    .pong = pong,
    .error = zmq_strerror,
};
