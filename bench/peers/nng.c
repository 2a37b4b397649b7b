/* SPDX-License-Identifier: MPL-2.0 */
/* nng as its users call it: pipeline0 or pair0 over inproc, messages that are
 * handed over and not copied. */
#include "bench/harness/peer.h"

#if WEIR_HAVE_NNG
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/harness/loops.h"

static const char *
describe(void)
{
    static char text[80];

    (void)snprintf(text, sizeof(text), "%s, nng_sendmsg and nng_recvmsg",
                   nng_version());
    return text;
}

/* There is one per process; the first socket starts the library's threads. */
static void *
context_new(void)
{
    static char context;
    nng_socket first;

    if (nng_pair0_open(&first) == 0)
        (void)nng_close(first);
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
    nng_socket s;
    int rc;

    (void)context;
    rc = end->role == ROLE_PUSH   ? nng_push0_open(&s)
         : end->role == ROLE_PULL ? nng_pull0_open(&s)
                                  : nng_pair0_open(&s);
    if (rc != 0)
        return rc;
    end->handle = s.id;
    return end->binds ? nng_listen(s, end->endpoint, NULL, 0)
                      : nng_dial(s, end->endpoint, NULL, 0);
}

static nng_socket
socket_of(const struct end *end)
{
    return (nng_socket){ .id = (uint32_t)end->handle };
}

static void
close_end(struct end *end)
{
    if (end->handle)
        (void)nng_close(socket_of(end));
}

hot_inline int
push(struct sender *s, uint64_t tag, size_t n)
{
    nng_msg *msg;
    int rc;

    (void)n;
    rc = nng_msg_alloc(&msg, s->payload.size);
    if (rc != 0)
        return rc;
    payload_write(&s->payload, nng_msg_body(msg), tag);
    rc = nng_sendmsg(socket_of(s->end), msg, 0);
    if (rc != 0)
        nng_msg_free(msg);
    return rc;
}

hot_inline int
pull(struct receiver *r)
{
    nng_msg *msg;
    int rc;

    rc = nng_recvmsg(socket_of(r->end), &msg, 0);
    if (rc != 0)
        return rc;
    receiver_take(r, nng_msg_body(msg), nng_msg_len(msg));
    nng_msg_free(msg);
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

const struct peer peer_nng = {
    .name = "nng",
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
    .error = nng_strerror,
};

#else
const struct peer peer_nng = { .name = "nng" };
#endif
