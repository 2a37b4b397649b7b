/* SPDX-License-Identifier: MPL-2.0 */
/* nanomsg as its users call it: NN_PUSH, NN_PULL or NN_PAIR over inproc, with
 * NN_MSG: messages that are handed over and not copied. */
#include "bench/harness/peer.h"

#if WEIR_HAVE_NANOMSG
#include <nanomsg/nn.h>
#include <nanomsg/pair.h>
#include <nanomsg/pipeline.h>
#include <stdio.h>

#include "bench/harness/loops.h"

static const char *
describe(void)
{
    static char text[80];

    /* It tells no other version. */
    (void)snprintf(text, sizeof(text), "ABI %d.%d, nn_send and nn_recv, NN_MSG",
                   NN_VERSION_CURRENT, NN_VERSION_REVISION);
    return text;
}

/* There is one per process; the first socket starts the library's threads. */
static void *
context_new(void)
{
    static char context;
    int first = nn_socket(AF_SP, NN_PAIR);

    if (first >= 0)
        (void)nn_close(first);
    return &context;
}

static void
context_free(void *context)
{
    (void)context;
}

static int
open_end(void *context, struct end *end)
{
    static const int types[] = {
        [ROLE_PUSH] = NN_PUSH, [ROLE_PULL] = NN_PULL, [ROLE_PAIR] = NN_PAIR
    };
    int s = nn_socket(AF_SP, types[end->role]);
    int rc;

    (void)context;
    if (s < 0)
        return nn_errno();
    end->handle = (unsigned long)s + 1;
    rc = end->binds ? nn_bind(s, end->endpoint) : nn_connect(s, end->endpoint);
    return rc >= 0 ? 0 : nn_errno();
}

static int
socket_of(const struct end *end)
{
    return (int)end->handle - 1;
}

static void
close_end(struct end *end)
{
    if (end->handle)
        (void)nn_close(socket_of(end));
}

hot_inline int
push(struct sender *s, uint64_t tag, size_t n)
{
    void *data = nn_allocmsg(s->payload.size, 0);

    (void)n;
    if (!data)
        return nn_errno();
    payload_write(&s->payload, data, tag);
    return nn_send(socket_of(s->end), &data, NN_MSG, 0) >= 0 ? 0 : nn_errno();
}

hot_inline int
pull(struct receiver *r)
{
    void *data;
    int size = nn_recv(socket_of(r->end), &data, NN_MSG, 0);

    if (size < 0)
        return nn_errno();
    receiver_take(r, data, (size_t)size);
    (void)nn_freemsg(data);
    return 0;
}

static int
send_messages(struct sender *s)
{
    return send_loop(s, push);
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
    return pong_loop(s, r, push, pull);
}

static const char *const waits[] = { "default", NULL };

const struct peer peer_nanomsg = {
    .name = "nanomsg",
    .describe = describe,
    .waits = waits,
    .context_new = context_new,
    .context_free = context_free,
    .open = open_end,
    .close = close_end,
    .send = send_messages,
    .receive = receive_messages,
    .ping = ping,
    .pong = pong,
    .error = nn_strerror,
};

#else
const struct peer peer_nanomsg = { .name = "nanomsg" };
#endif
