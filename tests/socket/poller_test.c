/* SPDX-License-Identifier: MPL-2.0 */
/* weir_poller: members, what it tells, and that it tells all of it. */
#include <signal.h>
#include <unistd.h>
#include <weir/poll.h>

#include "tests/socket/support.h"

#define BOTH (WEIR_POLLIN | WEIR_POLLOUT)

static weir_poller *
new_poller(void)
{
    weir_poller *p = CALL(weir_poller_new());

    CHECK(p != NULL);
    return p;
}

static void
nothing_is_ready(weir_poller *p)
{
    weir_poll_event e;

    GIVES(0, weir_poller_wait(p, &e, 1, 0, 0));
}

/* One event: of this socket. */
static void
only_ready_is(weir_poller *p, weir_socket *s, int events)
{
    weir_poll_event e[2];

    GIVES(1, weir_poller_wait(p, e, 2, -1, 0));
    CHECK(e[0].socket == s);
    EQUAL(e[0].events, events);
}

/* ---- Members ----------------------------------------------------------- */

static void
bad_arguments_are_refused(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poller *p = new_poller();
    weir_poller *q = new_poller();
    weir_poll_event e;

    (void)state;
    GIVES(-EBADF, weir_poller_add(NULL, l.bound, 0, NULL));
    GIVES(-EBADF, weir_poller_add(p, NULL, 0, NULL));
    GIVES(-EINVAL, weir_poller_add(p, l.bound, WEIR_POLLPRI, NULL));
    GIVES(-ENOENT, weir_poller_modify(p, l.bound, 0));
    GIVES(-ENOENT, weir_poller_remove(p, l.bound));
    OK(weir_poller_add(p, l.bound, WEIR_POLLIN, NULL));
    GIVES(-EEXIST, weir_poller_add(p, l.bound, WEIR_POLLIN, NULL));
    GIVES(-EEXIST, weir_poller_add(q, l.bound, WEIR_POLLIN, NULL));
    GIVES(-ENOENT, weir_poller_remove(q, l.bound));
    GIVES(-EINVAL, weir_poller_wait(p, NULL, 1, 0, 0));
    GIVES(-EINVAL, weir_poller_wait(p, &e, 0, 0, 0));
    GIVES(-EINVAL, weir_poller_wait(p, &e, 1, 0, WEIR_DONTWAIT));
    GIVES(-EBADF, weir_poller_add_fd(p, -1, WEIR_POLLIN, NULL));
    GIVES(-EBADF, weir_poller_add_fd(p, 1000000, WEIR_POLLIN, NULL));
    GIVES(-EINVAL, weir_poller_add_fd(p, 0, 64, NULL));
    GIVES(-ENOENT, weir_poller_modify_fd(p, 0, 0));
    GIVES(-ENOENT, weir_poller_remove_fd(p, 0));
    OK(weir_poller_remove(p, l.bound));
    OK(weir_poller_add(q, l.bound, WEIR_POLLIN, NULL));
    OK(weir_poller_free(p));
    GIVES(-EBADF, weir_poller_free(p));
    GIVES(-EBADF, weir_poller_wait(p, &e, 1, 0, 0));
    OK(weir_poller_free(q));
    p = new_poller();
    OK(weir_poller_add(p, l.bound, WEIR_POLLIN, NULL));
    OK(weir_close(l.bound));
    nothing_is_ready(p);
    OK(weir_poller_free(p));
    OK(weir_close(l.connected));
    OK(weir_context_free(l.ctx));
}

static void
members_come_and_go_in_any_state(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poller *p = new_poller();

    (void)state;
    for (int cool = 0; cool < 2; cool++)
        for (int rung = 0; rung < 2; rung++) {
            weir_poll_event e;

            OK(weir_poller_add(p, l.bound, WEIR_POLLIN, NULL));
            if (cool)
                GIVES(0, weir_poller_wait(p, &e, 1, 1, 0));
            if (rung)
                say(l.connected, "text");
            OK(weir_poller_remove(p, l.bound));
            nothing_is_ready(p);
            if (rung)
                hear(l.bound, "text");
        }
    OK(weir_poller_free(p));
    close_link(&l);
}

/* ---- Events ------------------------------------------------------------ */

/* Whether it sleeps in between or not, it tells the same. */
static void
cool_down(weir_poller *p)
{
    weir_poll_event e;

    GIVES(0, weir_poller_wait(p, &e, 1, 1, 0));
}

static void
it_is_level_triggered(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_poller *p = new_poller();
    uint64_t n;

    (void)state;
    OK(weir_poller_add(p, l.bound, WEIR_POLLIN, NULL));
    for (int i = 0; i < 4; i++) {
        if (i % 2)
            cool_down(p);
        nothing_is_ready(p);
        say(l.connected, "one");
        say(l.connected, "two");
        only_ready_is(p, l.bound, WEIR_POLLIN);
        only_ready_is(p, l.bound, WEIR_POLLIN);
        hear(l.bound, "one");
        only_ready_is(p, l.bound, WEIR_POLLIN);
        hear(l.bound, "two");
    }
    cool_down(p);
    OK(weir_poller_modify(p, l.bound, BOTH));
    only_ready_is(p, l.bound, WEIR_POLLOUT);
    n = fill(l.bound, 0);
    cool_down(p);
    EQUAL(drain(l.connected, 0), n);
    only_ready_is(p, l.bound, WEIR_POLLOUT);
    OK(weir_poller_free(p));
    close_link(&l);
}

/* What changes by a call of the owner rings no bell. */
static void
turns_are_noticed(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_socket *other = new_socket(l.ctx, WEIR_REQ);
    weir_poller *p = new_poller();

    (void)state;
    OK(weir_connect(other, "inproc://link"));
    say(l.connected, "first");
    say(other, "second");
    hear(l.bound, "first");
    OK(weir_poller_add(p, l.bound, WEIR_POLLIN, NULL));
    OK(weir_poller_add(p, l.connected, WEIR_POLLOUT, NULL));
    cool_down(p);
    say(l.bound, "reply");
    only_ready_is(p, l.bound, WEIR_POLLIN);
    hear(l.bound, "second");
    cool_down(p);
    hear(l.connected, "reply");
    only_ready_is(p, l.connected, WEIR_POLLOUT);
    OK(weir_poller_free(p));
    OK(weir_close(other));
    close_link(&l);
}

static void
options_and_peers_are_noticed(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_socket *router = new_socket(l.ctx, WEIR_ROUTER);
    weir_socket *push = new_socket(l.ctx, WEIR_PUSH);
    weir_poller *p = new_poller();

    (void)state;
    set(router, WEIR_ROUTER_MANDATORY, 1);
    OK(weir_poller_add(p, router, WEIR_POLLOUT, NULL));
    OK(weir_poller_add(p, push, WEIR_POLLOUT, NULL));
    cool_down(p);
    set(router, WEIR_ROUTER_MANDATORY, 0);
    only_ready_is(p, router, WEIR_POLLOUT);
    OK(weir_poller_remove(p, router));
    OK(weir_connect(push, "inproc://link"));
    only_ready_is(p, push, WEIR_POLLOUT);
    OK(weir_close(push));
    nothing_is_ready(p);
    OK(weir_close(router));
    OK(weir_poller_free(p));
    close_link(&l);
}

static void
a_shutdown_makes_all_ready(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poller *p = new_poller();
    int mark;
    weir_poll_event e;

    (void)state;
    OK(weir_poller_add(p, l.bound, WEIR_POLLIN, &mark));
    cool_down(p);
    OK(weir_context_shutdown(l.ctx));
    GIVES(1, weir_poller_wait(p, &e, 1, -1, 0));
    CHECK(e.user == &mark && e.socket == l.bound && e.events == WEIR_POLLIN);
    GIVES(-ESHUTDOWN, weir_poller_add(p, l.connected, BOTH, NULL));
    OK(weir_poller_modify(p, l.bound, 0));
    cool_down(p);
    OK(weir_poller_free(p));
    close_link(&l);
}

#define MANY 100

/* What did not fit comes first next time. */
static void
all_have_their_turn(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push[MANY];
    weir_poller *p = new_poller();
    weir_poll_event e[7];
    bool seen[MANY] = { false };

    (void)state;
    for (uintptr_t i = 0; i < MANY; i++) {
        push[i] = new_socket(ctx, WEIR_ROUTER);
        OK(weir_poller_add(p, push[i], WEIR_POLLOUT, (void *)i));
    }
    for (int n = 0; n < MANY; n += 7) {
        GIVES(7, weir_poller_wait(p, e, 7, -1, 0));
        for (int i = 0; i < 7 && n + i < MANY; i++) {
            CHECK(!seen[(uintptr_t)e[i].user]);
            seen[(uintptr_t)e[i].user] = true;
        }
    }
    for (int i = 0; i < MANY; i++) {
        CHECK(seen[i]);
        OK(weir_close(push[i]));
    }
    OK(weir_poller_free(p));
    OK(weir_context_free(ctx));
}

/* ---- Waking ------------------------------------------------------------ */

struct sleeper {
    weir_poller *poller;
    weir_poll_event event;
    int flags;
    ssize_t rc;
    _Atomic pid_t tid;
};

static void *
wait_for_ever(void *arg)
{
    struct sleeper *s = arg;

    s->tid = gettid();
    s->rc = CALL(weir_poller_wait(s->poller, &s->event, 1, -1, s->flags));
    return NULL;
}

static pthread_t
put_to_sleep(struct sleeper *s)
{
    pthread_t thread;

    s->tid = 0;
    thread = start(wait_for_ever, s);
    while (s->tid == 0)
        continue;
    await_sleep(s->tid);
    return thread;
}

static void
nothing(int signal)
{
    (void)signal;
}

/* With and without descriptors. */
static void
messages_and_signals_wake(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    struct sigaction act = { .sa_handler = nothing };
    struct sleeper s = { .poller = new_poller() };
    int ends[2];

    (void)state;
    EQUAL(sigaction(SIGUSR1, &act, NULL), 0);
    EQUAL(pipe(ends), 0);
    OK(weir_poller_add(s.poller, l.bound, WEIR_POLLIN, NULL));
    for (int fds = 0; fds < 2; fds++) {
        pthread_t thread;

        if (fds)
            OK(weir_poller_add_fd(s.poller, ends[0], WEIR_POLLIN, NULL));
        s.flags = WEIR_INTERRUPTIBLE;
        thread = put_to_sleep(&s);
        EQUAL(pthread_kill(thread, SIGUSR1), 0);
        finish(thread);
        EQUAL(s.rc, -EINTR);
        s.flags = 0;
        thread = put_to_sleep(&s);
        EQUAL(pthread_kill(thread, SIGUSR1), 0);
        await_sleep(s.tid);
        say(l.connected, "text");
        finish(thread);
        EQUAL(s.rc, 1);
        CHECK(s.event.socket == l.bound);
        hear(l.bound, "text");
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    OK(weir_poller_free(s.poller));
    close_link(&l);
}

static void
descriptors_are_told(void **state)
{
    int fds = count_entries("/proc/self/fd");
    struct sleeper s = { .poller = new_poller() };
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    int ends[2];
    int mark;
    pthread_t thread;

    (void)state;
    OK(weir_poller_add(s.poller, l.bound, WEIR_POLLIN, NULL));
    cool_down(s.poller);
    EQUAL(count_entries("/proc/self/fd"), fds);
    EQUAL(pipe(ends), 0);
    OK(weir_poller_add_fd(s.poller, ends[0], 0, &mark));
    GIVES(-EEXIST, weir_poller_add_fd(s.poller, ends[0], 0, &mark));
    EQUAL(write(ends[1], "x", 1), 1);
    cool_down(s.poller);
    OK(weir_poller_modify_fd(s.poller, ends[0], WEIR_POLLIN));
    thread = start(wait_for_ever, &s);
    finish(thread);
    EQUAL(s.rc, 1);
    CHECK(s.event.socket == NULL && s.event.user == &mark);
    EQUAL(s.event.fd, ends[0]);
    EQUAL(s.event.events, WEIR_POLLIN);
    OK(weir_poller_remove_fd(s.poller, ends[0]));
    cool_down(s.poller);
    say(l.connected, "text");
    only_ready_is(s.poller, l.bound, WEIR_POLLIN);
    (void)close(ends[0]);
    (void)close(ends[1]);
    OK(weir_poller_free(s.poller));
    EQUAL(count_entries("/proc/self/fd"), fds);
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(members_come_and_go_in_any_state),
        cmocka_unit_test(it_is_level_triggered),
        cmocka_unit_test(turns_are_noticed),
        cmocka_unit_test(options_and_peers_are_noticed),
        cmocka_unit_test(a_shutdown_makes_all_ready),
        cmocka_unit_test(all_have_their_turn),
        cmocka_unit_test(messages_and_signals_wake),
        cmocka_unit_test(descriptors_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
