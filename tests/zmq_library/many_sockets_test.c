/* SPDX-License-Identifier: MPL-2.0 */
/* Ten thousand sockets at once in one context: five thousand pairs of various
 * types, all of them connected. One zmq_poll over all finds those that are
 * ready and no others; a shutdown reaches all; they can all be closed and
 * opened anew, and nothing is left of them. */
#include <sched.h>
#include <stdio.h>
#include <unistd.h>
#include <zmq.h>

#include "alloc/arena.h"
#include "tests/socket/support.h"

#define PAIRS   5000
#define SOCKETS (2 * PAIRS)
#define LOOKS   SCALED(50) /* polls that find something */

static const struct {
    int sender, receiver;
} types[] = {
    { ZMQ_PUSH, ZMQ_PULL }, { ZMQ_PAIR, ZMQ_PAIR },
    { ZMQ_PUB, ZMQ_SUB },   { ZMQ_DEALER, ZMQ_ROUTER },
    { ZMQ_REQ, ZMQ_REP },   { ZMQ_DEALER, ZMQ_DEALER },
    { ZMQ_XPUB, ZMQ_SUB },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

static void *senders[PAIRS];
static void *receivers[PAIRS];

/* The receivers first. */
static zmq_pollitem_t items[SOCKETS];

/* ---- One pair ---------------------------------------------------------- */

static void
open_pair(void *ctx, int i)
{
    char name[32];

    (void)snprintf(name, sizeof(name), "inproc://%d", i);
    senders[i] = zmq_socket(ctx, types[(size_t)i % TYPES].sender);
    receivers[i] = zmq_socket(ctx, types[(size_t)i % TYPES].receiver);
    CHECK(senders[i] != NULL && receivers[i] != NULL);
    if (types[(size_t)i % TYPES].receiver == ZMQ_SUB)
        EQUAL(zmq_setsockopt(receivers[i], ZMQ_SUBSCRIBE, "", 0), 0);
    /* Some connect first. */
    EQUAL(i % 3 ? zmq_bind(senders[i], name) : zmq_connect(senders[i], name),
          0);
    EQUAL(i % 3 ? zmq_connect(receivers[i], name)
                : zmq_bind(receivers[i], name),
          0);
}

static void
tell(int i)
{
    EQUAL(zmq_send(senders[i], &i, sizeof(i), ZMQ_DONTWAIT), sizeof(i));
}

/* The message; it is answered where that is the custom. */
static void
take(int i)
{
    int type = types[(size_t)i % TYPES].receiver;
    int got = -1;
    char id[8];

    if (type == ZMQ_ROUTER)
        EQUAL(zmq_recv(receivers[i], id, sizeof(id), ZMQ_DONTWAIT), 5);
    EQUAL(zmq_recv(receivers[i], &got, sizeof(got), ZMQ_DONTWAIT), sizeof(got));
    EQUAL(got, i);
    if (type == ZMQ_REP) {
        EQUAL(zmq_send(receivers[i], "", 0, ZMQ_DONTWAIT), 0);
        EQUAL(zmq_recv(senders[i], id, 0, ZMQ_DONTWAIT), 0);
    }
}

/* ---- All of them ------------------------------------------------------- */

static void
open_all(void *ctx)
{
    char byte;

    for (int i = 0; i < PAIRS; i++)
        open_pair(ctx, i);
    CHECK(zmq_socket(ctx, ZMQ_PAIR) == NULL);
    EQUAL(errno, EMFILE);
    for (int i = 0; i < PAIRS; i++) {
        if (types[(size_t)i % TYPES].sender == ZMQ_XPUB)
            EQUAL(zmq_recv(senders[i], &byte, 1, ZMQ_DONTWAIT), 1);
        tell(i);
    }
    for (int i = 0; i < PAIRS; i++) {
        take(i);
        items[i] = (zmq_pollitem_t){ .socket = receivers[i] };
        items[PAIRS + i] = (zmq_pollitem_t){ .socket = senders[i] };
    }
    for (int i = 0; i < SOCKETS; i++)
        items[i].events = ZMQ_POLLIN;
}

/* In any order. */
static void
close_all(struct random *r)
{
    for (int i = SOCKETS - 1; i >= 0; i--) {
        int at = (int)random_below(r, (uint64_t)i + 1);

        EQUAL(zmq_close(items[at].socket), 0);
        items[at] = items[i];
    }
}

/* Those that have been sent a message are found, and they only. */
static void
look(struct random *r)
{
    static bool ready[PAIRS];
    int n = 1 + (int)random_below(r, 200);
    int want = 0;

    for (int i = 0; i < n; i++) {
        int at = (int)random_below(r, PAIRS);

        if (!ready[at])
            tell(at);
        want += !ready[at];
        ready[at] = true;
    }
    EQUAL(zmq_poll(items, SOCKETS, -1), want);
    for (int i = 0; i < PAIRS; i++) {
        EQUAL(items[i].revents, ready[i] ? ZMQ_POLLIN : 0);
        EQUAL(items[PAIRS + i].revents, 0);
        if (ready[i])
            take(i);
        ready[i] = false;
    }
    EQUAL(zmq_poll(items, SOCKETS, 0), 0);
}

/* ---- Others, meanwhile ------------------------------------------------- */

struct waiter {
    _Atomic pid_t tid;
    int rc;
    int error;
};

static void *
poll_all(void *arg)
{
    struct waiter *w = arg;

    w->tid = gettid();
    w->rc = zmq_poll(items, SOCKETS, -1);
    w->error = errno;
    return NULL;
}

static pthread_t
put_to_sleep(struct waiter *w)
{
    pthread_t thread;

    w->tid = 0;
    thread = start(poll_all, w);
    while (w->tid == 0)
        (void)sched_yield();
    await_sleep(w->tid);
    return thread;
}

/* One of them wakes who sleeps on all. Its sender is in use meanwhile: in its
 * place the receiver is polled twice. */
static void
be_woken(struct random *r)
{
    int at = (int)random_below(r, PAIRS);
    struct waiter w;
    pthread_t thread;

    items[PAIRS + at].socket = receivers[at];
    thread = put_to_sleep(&w);
    tell(at);
    finish(thread);
    EQUAL(w.rc, 2);
    EQUAL(items[at].revents, ZMQ_POLLIN);
    EQUAL(items[PAIRS + at].revents, ZMQ_POLLIN);
    items[PAIRS + at].socket = senders[at];
    take(at);
}

static void
be_shut_down(void *ctx)
{
    struct waiter w;
    pthread_t thread = put_to_sleep(&w);
    char byte;

    EQUAL(zmq_ctx_shutdown(ctx), 0);
    finish(thread);
    EQUAL(w.rc, -1);
    EQUAL(w.error, ETERM);
    for (int i = 0; i < SOCKETS; i++) {
        EQUAL(zmq_recv(items[i].socket, &byte, 1, 0), -1);
        EQUAL(errno, ETERM);
    }
}

static void
ten_thousand_sockets_work(void **state)
{
    struct random r = random_from(announce_seed());
    int fds = count_entries("/proc/self/fd");
    uint64_t live = wr_arena_live();
    void *ctx = zmq_ctx_new();

    (void)state;
    EQUAL(zmq_ctx_set(ctx, ZMQ_MAX_SOCKETS, SOCKETS), 0);
    for (int again = 0; again < 2; again++) {
        open_all(ctx);
        for (int i = 0; i < LOOKS; i++)
            look(&r);
        be_woken(&r);
        if (again)
            be_shut_down(ctx);
        close_all(&r);
    }
    EQUAL(zmq_ctx_term(ctx), 0);
    EQUAL(wr_arena_live(), live);
    EQUAL(count_entries("/proc/self/fd"), fds);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_sockets_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
