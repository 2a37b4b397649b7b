/* SPDX-License-Identifier: MPL-2.0 */
/* weir_poll: what is ready, what wakes it, and what it costs. */
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/poll.h>

#include "tests/socket/support.h"

#define BOTH (WEIR_POLLIN | WEIR_POLLOUT)

static weir_poll_item
item_of(weir_socket *s, short events)
{
    return (weir_poll_item){ .socket = s, .events = events };
}

static weir_poll_item
item_of_fd(int fd, short events)
{
    return (weir_poll_item){ .fd = fd, .events = events };
}

/* What of both events a socket is ready for. */
static int
events_of(weir_socket *s)
{
    weir_poll_item item = item_of(s, BOTH);
    int rc;

    item.revents = -1;
    rc = CALL(weir_poll(&item, 1, 0, 0));
    EQUAL(rc, item.revents != 0);
    EQUAL(item.revents, get(s, WEIR_EVENTS));
    return item.revents;
}

/* ---- Arguments --------------------------------------------------------- */

static void
bad_arguments_are_refused(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poll_item items[2] = { item_of(l.bound, BOTH), item_of(l.bound, 0) };

    (void)state;
    GIVES(-EINVAL, weir_poll(NULL, 1, 0, 0));
    GIVES(-EINVAL, weir_poll(items, 2, 0, WEIR_DONTWAIT));
    GIVES(0, weir_poll(NULL, 0, 1, 0));
    GIVES(0, weir_poll(items, 2, 0, 0));
    items[1] = item_of_fd(-1, WEIR_POLLIN);
    GIVES(-EBADF, weir_poll(items, 2, -1, 0));
    items[1].fd = 1000000;
    GIVES(-EBADF, weir_poll(items, 2, -1, 0));
    items[1].socket = l.connected;
    OK(weir_close(l.connected));
    GIVES(-EBADF, weir_poll(items, 2, -1, 0));
    GIVES(-EBADF, weir_poll(items + 1, 1, -1, 0));
    OK(weir_context_shutdown(l.ctx));
    GIVES(-ESHUTDOWN, weir_poll(items, 1, -1, 0));
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

/* ---- Readiness --------------------------------------------------------- */

static void
a_pipeline_is_ready_as_its_pipe_is(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    uint64_t n;

    (void)state;
    EQUAL(events_of(l.bound), 0);
    EQUAL(events_of(l.connected), WEIR_POLLOUT);
    n = fill(l.connected, 0);
    EQUAL(events_of(l.connected), 0);
    EQUAL(events_of(l.bound), WEIR_POLLIN);
    EQUAL(drain(l.bound, 0), n);
    EQUAL(events_of(l.bound), 0);
    EQUAL(events_of(l.connected), WEIR_POLLOUT);
    close_link(&l);
}

static void
requests_and_replies_are_ready_in_turn(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);

    (void)state;
    EQUAL(events_of(l.connected), WEIR_POLLOUT);
    EQUAL(events_of(l.bound), 0);
    say(l.connected, "request");
    EQUAL(events_of(l.connected), 0);
    EQUAL(events_of(l.bound), WEIR_POLLIN);
    hear(l.bound, "request");
    EQUAL(events_of(l.bound), WEIR_POLLOUT);
    say(l.bound, "reply");
    EQUAL(events_of(l.bound), 0);
    EQUAL(events_of(l.connected), WEIR_POLLIN);
    hear(l.connected, "reply");
    EQUAL(events_of(l.connected), WEIR_POLLOUT);
    close_link(&l);
}

static void
only_what_was_asked_for_is_told(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_poll_item items[3];

    (void)state;
    say(l.connected, "text");
    items[0] = item_of(l.bound, WEIR_POLLIN);
    items[1] = item_of(l.bound, 0);
    items[2] = item_of(l.connected, WEIR_POLLIN);
    GIVES(1, weir_poll(items, 3, -1, 0));
    EQUAL(items[0].revents, WEIR_POLLIN);
    EQUAL(items[1].revents, 0);
    EQUAL(items[2].revents, 0);
    items[1].events = WEIR_POLLOUT;
    GIVES(2, weir_poll(items, 3, -1, 0));
    EQUAL(items[1].revents, WEIR_POLLOUT);
    close_link(&l);
}

/* ---- Waking ------------------------------------------------------------ */

/* A thread that polls, and what came of it. */
struct sleeper {
    weir_poll_item *items;
    size_t n;
    int flags;
    int rc;
    _Atomic pid_t tid;
};

static void *
poll_for_ever(void *arg)
{
    struct sleeper *p = arg;

    p->tid = gettid();
    p->rc = CALL(weir_poll(p->items, p->n, -1, p->flags));
    return NULL;
}

/* Has a thread poll, and waits until it sleeps. */
static pthread_t
put_to_sleep(struct sleeper *p)
{
    pthread_t thread;

    p->tid = 0;
    thread = start(poll_for_ever, p);
    while (p->tid == 0)
        continue;
    await_sleep(p->tid);
    return thread;
}

static void
woken_with(struct sleeper *p, pthread_t thread, int rc)
{
    finish(thread);
    EQUAL(p->rc, rc);
}

static void
a_message_wakes(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    struct link m = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poll_item items[3] = {
        item_of(l.bound, WEIR_POLLIN),
        item_of(m.bound, WEIR_POLLIN),
        item_of(l.bound, WEIR_POLLIN),
    };
    struct sleeper p = { .items = items, .n = 3 };

    (void)state;
    for (int i = 0; i < 20; i++) {
        pthread_t thread = put_to_sleep(&p);

        say(i % 2 ? l.connected : m.connected, "text");
        woken_with(&p, thread, i % 2 ? 2 : 1);
        EQUAL(items[i % 2 ? 0 : 1].revents, WEIR_POLLIN);
        EQUAL(items[i % 2 ? 1 : 0].revents, 0);
        hear(i % 2 ? l.bound : m.bound, "text");
    }
    close_link(&m);
    close_link(&l);
}

static void
room_wakes(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poll_item item = item_of(l.connected, BOTH);
    struct sleeper p = { .items = &item, .n = 1 };
    pthread_t thread;
    uint64_t n;

    (void)state;
    n = fill(l.connected, 0);
    thread = put_to_sleep(&p);
    EQUAL(drain(l.bound, 0), n);
    woken_with(&p, thread, 1);
    EQUAL(item.revents, WEIR_POLLOUT);
    close_link(&l);
}

/* A router's lanes are in no circle. */
static void
room_for_a_router_wakes(void **state)
{
    struct link l = new_link(WEIR_ROUTER, WEIR_DEALER);
    weir_poll_item item = item_of(l.bound, WEIR_POLLOUT);
    struct sleeper p = { .items = &item, .n = 1 };
    pthread_t thread;
    weir_msg msg;

    (void)state;
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    set(l.bound, WEIR_SEND_HWM, 1);
    set(l.connected, WEIR_RECV_HWM, 1);
    say(l.connected, "hello");
    OK(weir_recv(l.bound, &msg, 0));
    for (;;) {
        weir_msg id;
        int rc;

        OK(weir_msg_share(&id, &msg));
        weir_msg_set_more(&id, true);
        rc = CALL(weir_send(l.bound, &id, WEIR_DONTWAIT));
        if (rc == -EAGAIN)
            break;
        EQUAL(rc, 0);
        say(l.bound, "text");
    }
    hear(l.bound, "hello");
    EQUAL(events_of(l.bound), 0);
    thread = put_to_sleep(&p);
    hear(l.connected, "text");
    hear(l.connected, "text");
    hear_nothing(l.connected);
    woken_with(&p, thread, 1);
    EQUAL(item.revents, WEIR_POLLOUT);
    close_link(&l);
}

static void
a_new_peer_wakes(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_poll_item item = item_of(push, WEIR_POLLOUT);
    struct sleeper p = { .items = &item, .n = 1 };
    pthread_t thread;

    (void)state;
    OK(weir_bind(push, "inproc://late"));
    thread = put_to_sleep(&p);
    OK(weir_connect(pull, "inproc://late"));
    woken_with(&p, thread, 1);
    OK(weir_close(pull));
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

static void
shutdown_wakes(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poll_item item = item_of(l.bound, WEIR_POLLIN);
    struct sleeper p = { .items = &item, .n = 1 };
    pthread_t thread = put_to_sleep(&p);

    (void)state;
    OK(weir_context_shutdown(l.ctx));
    woken_with(&p, thread, -ESHUTDOWN);
    close_link(&l);
}

static void
nothing(int signal)
{
    (void)signal;
}

static void
signals_wake_who_allows_it(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    int ends[2];
    weir_poll_item items[2];
    struct sigaction act = { .sa_handler = nothing };

    (void)state;
    EQUAL(sigaction(SIGUSR1, &act, NULL), 0);
    EQUAL(pipe(ends), 0);
    items[0] = item_of(l.bound, WEIR_POLLIN);
    items[1] = item_of_fd(ends[0], WEIR_POLLIN);
    for (size_t n = 1; n <= 2; n++) {
        struct sleeper p = { .items = items, .n = n };
        pthread_t thread;

        p.flags = WEIR_INTERRUPTIBLE;
        thread = put_to_sleep(&p);
        EQUAL(pthread_kill(thread, SIGUSR1), 0);
        woken_with(&p, thread, -EINTR);
        p.flags = 0;
        thread = put_to_sleep(&p);
        EQUAL(pthread_kill(thread, SIGUSR1), 0);
        await_sleep(p.tid);
        say(l.connected, "text");
        woken_with(&p, thread, 1);
        hear(l.bound, "text");
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    close_link(&l);
}

static void
time_runs_out(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poll_item items[2] = { item_of(l.bound, WEIR_POLLIN),
                                item_of_fd(STDIN_FILENO, 0) };

    (void)state;
    for (int wait = WEIR_WAIT_ADAPTIVE; wait <= WEIR_WAIT_PARK; wait++) {
        set(l.bound, WEIR_WAIT, wait);
        for (size_t n = 0; n <= 2; n++) {
            items[1].fd = 2;
            GIVES(0, weir_poll(items, n, 2, 0));
        }
    }
    close_link(&l);
}

/* ---- Descriptors ------------------------------------------------------- */

static void
descriptors_are_ready_as_poll_says(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_poll_item items[3];
    int ends[2];

    (void)state;
    EQUAL(pipe(ends), 0);
    items[0] = item_of_fd(ends[0], WEIR_POLLIN);
    items[1] = item_of_fd(ends[1], WEIR_POLLOUT);
    items[2] = item_of(l.bound, WEIR_POLLIN);
    GIVES(1, weir_poll(items, 3, -1, 0));
    EQUAL(items[0].revents, 0);
    EQUAL(items[1].revents, WEIR_POLLOUT);
    EQUAL(write(ends[1], "x", 1), 1);
    say(l.connected, "text");
    GIVES(3, weir_poll(items, 3, -1, 0));
    EQUAL(items[0].revents, WEIR_POLLIN);
    EQUAL(items[2].revents, WEIR_POLLIN);
    (void)close(ends[1]);
    items[0].events = 0;
    GIVES(1, weir_poll(items, 1, -1, 0));
    EQUAL(items[0].revents, WEIR_POLLERR);
    (void)close(ends[0]);
    close_link(&l);
}

static void
either_kind_wakes(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    int fds = count_entries("/proc/self/fd");
    weir_poll_item items[20];
    struct sleeper p = { .items = items };
    pthread_t thread;
    int ends[2];
    char c;

    (void)state;
    EQUAL(pipe(ends), 0);
    items[0] = item_of(l.bound, WEIR_POLLIN);
    for (int i = 1; i < 20; i++)
        items[i] = item_of_fd(ends[0], WEIR_POLLIN);
    for (p.n = 2; p.n <= 20; p.n += 9) {
        thread = put_to_sleep(&p);
        say(l.connected, "text");
        woken_with(&p, thread, 1);
        EQUAL(items[0].revents, WEIR_POLLIN);
        hear(l.bound, "text");
        thread = put_to_sleep(&p);
        EQUAL(write(ends[1], "x", 1), 1);
        woken_with(&p, thread, (int)p.n - 1);
        EQUAL(items[1].revents, WEIR_POLLIN);
        EQUAL(read(ends[0], &c, 1), 1);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    EQUAL(count_entries("/proc/self/fd"), fds);
    close_link(&l);
}

/* ---- Many sockets ------------------------------------------------------ */

#define MANY  1000
#define FEWER 400

static void
one_of_many_is_found(void **state)
{
    int fds = count_entries("/proc/self/fd");
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_ROUTER);
    weir_poll_item *items = calloc(MANY, sizeof(*items));

    (void)state;
    CHECK(items != NULL);
    OK(weir_bind(push, "inproc://many"));
    for (int i = 0; i < MANY; i++) {
        weir_socket *s = new_socket(ctx, i % 2 ? WEIR_DEALER : WEIR_ROUTER);
        uint32_t id = (uint32_t)i;

        OK(weir_socket_set_bytes(s, WEIR_ROUTING_ID, &id, sizeof(id)));
        OK(weir_connect(s, "inproc://many"));
        items[i] = item_of(s, WEIR_POLLIN);
    }
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < MANY; i += 7) {
            uint32_t id = (uint32_t)i;
            weir_msg msg;

            GIVES(0, weir_poll(items, MANY, 0, 0));
            OK(weir_msg_init_copy(&msg, push, &id, sizeof(id)));
            weir_msg_set_more(&msg, true);
            OK(weir_send(push, &msg, 0));
            say(push, "text");
            GIVES(1, weir_poll(items, MANY, -1, 0));
            EQUAL(items[i].revents, WEIR_POLLIN);
            do {
                OK(weir_recv(items[i].socket, &msg, WEIR_DONTWAIT));
            } while (weir_msg_more(&msg));
        }
    GIVES(0, weir_poll(items, MANY, 2, 0));
    EQUAL(count_entries("/proc/self/fd"), fds);
    for (int i = 0; i < MANY; i++)
        OK(weir_close(items[i].socket));
    free(items);
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

/* A look at sockets that are idle is no system call: it can be made by a thread
 * that is not allowed any. */
static void
look_without_kernel(weir_poller *p, weir_poll_item *items)
{
    weir_poll_event event;
    int bad = 0;

    for (int i = 0; i < 10; i++)
        bad += weir_poll(items, FEWER, 0, 0) != 0;
    bad += weir_poller_wait(p, &event, 1, 1, 0) != 0;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
        _exit(errno == EINVAL ? 0 : 1); /* the kernel has none */
    for (int i = 0; i < 1000; i++) {
        bad += weir_poll(items, FEWER, 0, 0) != 0;
        bad += weir_poller_wait(p, &event, 1, 0, 0) != 0;
    }
    (void)syscall(SYS_exit, bad); /* not exit_group, which is not allowed */
}

static void
looking_is_no_system_call(void **state)
{
    weir_poll_item items[FEWER];
    weir_context *ctx;
    weir_socket *push;
    weir_poller *p;
    int status;
    pid_t child;

    (void)state;
    if (SANITIZED)
        skip(); /* its runtime makes calls, and threads, of its own */
    ctx = new_context();
    push = new_socket(ctx, WEIR_PUSH);
    p = weir_poller_new();
    CHECK(p != NULL);
    OK(weir_bind(push, "inproc://idle"));
    for (int i = 0; i < FEWER; i++) {
        items[i] = item_of(new_socket(ctx, WEIR_PULL), WEIR_POLLIN);
        OK(weir_connect(items[i].socket, "inproc://idle"));
        OK(weir_poller_add(p, items[i].socket, WEIR_POLLIN, NULL));
    }
    child = fork();
    CHECK(child >= 0);
    if (child == 0)
        look_without_kernel(p, items);
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(status, 0);
    OK(weir_poller_free(p));
    for (int i = 0; i < FEWER; i++)
        OK(weir_close(items[i].socket));
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(a_pipeline_is_ready_as_its_pipe_is),
        cmocka_unit_test(requests_and_replies_are_ready_in_turn),
        cmocka_unit_test(only_what_was_asked_for_is_told),
        cmocka_unit_test(a_message_wakes),
        cmocka_unit_test(room_wakes),
        cmocka_unit_test(room_for_a_router_wakes),
        cmocka_unit_test(a_new_peer_wakes),
        cmocka_unit_test(shutdown_wakes),
        cmocka_unit_test(signals_wake_who_allows_it),
        cmocka_unit_test(time_runs_out),
        cmocka_unit_test(descriptors_are_ready_as_poll_says),
        cmocka_unit_test(either_kind_wakes),
        cmocka_unit_test(one_of_many_is_found),
        cmocka_unit_test(looking_is_no_system_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
