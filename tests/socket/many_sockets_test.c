/* SPDX-License-Identifier: MPL-2.0 */
/* Ten thousand sockets in one poller: five thousand pairs, either end of which
 * may have something to receive. The poller tells those and no others, however
 * few fit into its array; a shutdown is told of all; sockets are closed while
 * they are in it, and nothing is left of them. */
#include <stdio.h>
#include <unistd.h>
#include <weir/poll.h>

#include "alloc/arena.h"
#include "tests/socket/support.h"

#define PAIRS   5000
#define SOCKETS (2 * PAIRS)
#define LOOKS   SCALED(200)
#define ROOM    64 /* for events */

/* The peer of the one at i is at i ^ 1. */
static weir_socket *sockets[SOCKETS];
static bool ready[SOCKETS];

static void
open_all(weir_context *ctx, weir_poller *p)
{
    char name[32];

    for (uintptr_t i = 0; i < SOCKETS; i++) {
        sockets[i] = new_socket(ctx, WEIR_PAIR);
        set(sockets[i], WEIR_PENDING_CONNECT, 1);
        (void)snprintf(name, sizeof(name), "inproc://%d", (int)i / 2);
        if (i % 3)
            OK(weir_poller_add(p, sockets[i], WEIR_POLLIN, (void *)i));
        if (i % 2 == (i / 2) % 2)
            OK(weir_connect(sockets[i], name));
        else
            OK(weir_bind(sockets[i], name));
        if (i % 3 == 0)
            OK(weir_poller_add(p, sockets[i], WEIR_POLLIN, (void *)i));
    }
}

/* In any order. */
static void
close_all(struct random *r)
{
    for (uint64_t i = SOCKETS; i > 0; i--) {
        uint64_t at = random_below(r, i);

        OK(weir_close(sockets[at]));
        sockets[at] = sockets[i - 1];
    }
}

/* Waits for events until there are no more; each is of a socket that is ready,
 * from which one number is received. How many. */
static int
take_all(weir_poller *p)
{
    weir_poll_event e[ROOM];
    ssize_t n;
    int all = 0;

    while ((n = CALL(weir_poller_wait(p, e, ROOM, 0, 0))) > 0) {
        for (ssize_t k = 0; k < n; k++) {
            uintptr_t i = (uintptr_t)e[k].user;

            CHECK(i < SOCKETS && ready[i]);
            CHECK(e[k].socket == sockets[i]);
            EQUAL(e[k].events, WEIR_POLLIN);
            hear_number(sockets[i], i);
            ready[i] = false;
            all++;
        }
    }
    EQUAL(n, 0);
    return all;
}

/* Tells up to n of them something. How many it were. */
static int
tell(struct random *r, uint64_t n)
{
    int told = 0;

    for (uint64_t k = 0; k < n; k++) {
        uint64_t i = random_below(r, SOCKETS);

        if (ready[i])
            continue;
        EQUAL(send_number(sockets[i ^ 1], i, WEIR_DONTWAIT), 0);
        ready[i] = true;
        told++;
    }
    return told;
}

/* ---- Waking ------------------------------------------------------------ */

struct sleeper {
    weir_poller *poller;
    weir_poll_event event;
    ssize_t rc;
    _Atomic pid_t tid;
};

static void *
wait_for_ever(void *arg)
{
    struct sleeper *s = arg;

    s->tid = gettid();
    s->rc = CALL(weir_poller_wait(s->poller, &s->event, 1, -1, 0));
    return NULL;
}

/* One of all wakes the poller's thread, by a socket that is not in it. */
static void
be_woken(weir_poller *p, struct random *r)
{
    struct sleeper s = { .poller = p };
    uint64_t i = random_below(r, SOCKETS);
    pthread_t thread;

    OK(weir_poller_remove(p, sockets[i ^ 1]));
    thread = start(wait_for_ever, &s);
    while (s.tid == 0)
        continue;
    await_sleep(s.tid);
    EQUAL(send_number(sockets[i ^ 1], i, 0), 0);
    finish(thread);
    EQUAL(s.rc, 1);
    CHECK(s.event.socket == sockets[i]);
    hear_number(sockets[i], i);
    OK(weir_poller_add(p, sockets[i ^ 1], WEIR_POLLIN, (void *)(i ^ 1)));
}

/* All are ready, for that is what they will ever tell. */
static void
be_shut_down(weir_context *ctx, weir_poller *p)
{
    static weir_poll_event e[SOCKETS];

    OK(weir_context_shutdown(ctx));
    GIVES(SOCKETS, weir_poller_wait(p, e, SOCKETS, -1, 0));
    for (int k = 0; k < SOCKETS; k++) {
        uintptr_t i = (uintptr_t)e[k].user;

        CHECK(i < SOCKETS && !ready[i]);
        ready[i] = true;
    }
    for (int i = 0; i < SOCKETS; i++) {
        CHECK(ready[i]);
        ready[i] = false;
    }
}

static void
ten_thousand_sockets_work(void **state)
{
    struct random r = random_from(announce_seed());
    uint64_t live = wr_arena_live();
    weir_context *ctx = new_context();
    weir_poller *p = weir_poller_new();

    (void)state;
    CHECK(p != NULL);
    for (int again = 0; again < 2; again++) {
        open_all(ctx, p);
        for (int i = 0; i < LOOKS; i++) {
            int told = tell(&r, 1 + random_below(&r, i % 10 ? 200 : SOCKETS));

            EQUAL(take_all(p), told);
        }
        be_woken(p, &r);
        if (again)
            be_shut_down(ctx, p);
        close_all(&r);
        EQUAL(take_all(p), 0);
    }
    OK(weir_poller_free(p));
    OK(weir_context_free(ctx));
    EQUAL(wr_arena_live(), live);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_sockets_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
