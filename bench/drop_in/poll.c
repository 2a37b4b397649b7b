/* SPDX-License-Identifier: MPL-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <zmq.h>

#include "bench/drop_in/alone.h"
#include "bench/drop_in/cases.h"

#define SOCKETS 1000

/* A PUSH gives each of its peers a message in turn. */
struct state {
    void *context;
    void *push;
    zmq_pollitem_t items[SOCKETS];
    uint64_t sent;
};

static int
init(void *arg)
{
    struct state *s = arg;

    s->context = zmq_ctx_new();
    if (s->context == NULL)
        return zmq_errno();
    s->push = zmq_socket(s->context, ZMQ_PUSH);
    if (s->push == NULL)
        return zmq_errno();
    for (int i = 0; i < SOCKETS; i++) {
        void *pull = zmq_socket(s->context, ZMQ_PULL);
        char name[32];

        if (pull == NULL)
            return zmq_errno();
        s->items[i] = (zmq_pollitem_t){ .socket = pull, .events = ZMQ_POLLIN };
        (void)snprintf(name, sizeof(name), "inproc://%d", i);
        if (zmq_bind(pull, name) != 0 || zmq_connect(s->push, name) != 0)
            return zmq_errno();
    }
    return 0;
}

/* The one that is ready, or NULL. */
static void *
find_ready(const struct state *s)
{
    for (int i = 0; i < SOCKETS; i++)
        if (s->items[i].revents != 0)
            return s->items[i].socket;
    return NULL;
}

static int
step(void *arg)
{
    struct state *s = arg;
    uint64_t got = 0;
    void *ready;
    int n;

    s->sent++;
    if (zmq_send(s->push, &s->sent, sizeof(s->sent), 0) < 0)
        return zmq_errno();
    n = zmq_poll(s->items, SOCKETS, -1);
    if (n < 0)
        return zmq_errno();
    ready = find_ready(s);
    if (n != 1 || ready == NULL)
        return EPROTO;
    if (zmq_recv(ready, &got, sizeof(got), ZMQ_DONTWAIT) < 0)
        return zmq_errno();
    return got == s->sent ? 0 : EPROTO;
}

static void
fini(void *arg)
{
    struct state *s = arg;

    for (int i = 0; i < SOCKETS; i++)
        if (s->items[i].socket != NULL)
            (void)zmq_close(s->items[i].socket);
    if (s->push != NULL)
        (void)zmq_close(s->push);
    if (s->context != NULL)
        (void)zmq_ctx_term(s->context);
}

bool
zmq_poll_batch(const void *row, struct tally *tally)
{
    static const struct alone alone = { init, step, fini,
                                        sizeof(struct state) };

    return alone_batch(row, &alone, tally);
}
