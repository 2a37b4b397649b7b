/* SPDX-License-Identifier: MPL-2.0 */
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <zmq.h>

#include "bench/drop_in/alone.h"
#include "bench/drop_in/cases.h"

#define NAMES       1000
#define SOCKETS_MAX 4096

struct state {
    void *context;
    void *holder; /* has bound the names */
    uintmax_t pairs;
};

static int
init(void *arg)
{
    struct state *s = arg;

    s->context = zmq_ctx_new();
    if (s->context == NULL)
        return zmq_errno();
    if (zmq_ctx_set(s->context, ZMQ_MAX_SOCKETS, SOCKETS_MAX) != 0)
        return zmq_errno();
    s->holder = zmq_socket(s->context, ZMQ_PULL);
    if (s->holder == NULL)
        return zmq_errno();
    for (int i = 0; i < NAMES; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "inproc://%d", i);
        if (zmq_bind(s->holder, name) != 0)
            return zmq_errno();
    }
    return 0;
}

/* A socket, when there is room for one: libzmq's own thread closes them. */
static void *
open_socket(struct state *s, int type)
{
    for (;;) {
        void *socket = zmq_socket(s->context, type);

        if (socket != NULL || zmq_errno() != EMFILE)
            return socket;
        (void)sched_yield();
    }
}

static int
step(void *arg)
{
    struct state *s = arg;
    void *pull = open_socket(s, ZMQ_PULL);
    void *push = open_socket(s, ZMQ_PUSH);
    int error = 0;
    char name[32];

    /* Another name each time, for libzmq frees it later than zmq_close. */
    (void)snprintf(name, sizeof(name), "inproc://pair-%ju", s->pairs++);
    if (pull == NULL || push == NULL || zmq_bind(pull, name) != 0 ||
        zmq_connect(push, name) != 0)
        error = zmq_errno();
    if (push != NULL && zmq_close(push) != 0 && error == 0)
        error = zmq_errno();
    if (pull != NULL && zmq_close(pull) != 0 && error == 0)
        error = zmq_errno();
    return error;
}

static void
fini(void *arg)
{
    struct state *s = arg;

    if (s->holder != NULL)
        (void)zmq_close(s->holder);
    if (s->context != NULL)
        (void)zmq_ctx_term(s->context);
}

bool
zmq_names_batch(const void *row, struct tally *tally)
{
    static const struct alone alone = { init, step, fini,
                                        sizeof(struct state) };

    return alone_batch(row, &alone, tally);
}
