/* SPDX-License-Identifier: MPL-2.0 */
/* weir_socket_fd: readable as long as there may be something, and never clear
 * when there is. */
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <weir/poll.h>

#include "tests/socket/support.h"

static bool
is_readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) == 1;
}

static void
await_readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    EQUAL(poll(&p, 1, -1), 1);
}

static int
fd_of(weir_socket *s)
{
    int fd = CALL(weir_socket_fd(s));

    CHECK(fd >= 0);
    EQUAL(CALL(weir_socket_fd(s)), fd);
    return fd;
}

/* ---- One thread -------------------------------------------------------- */

static void
it_is_the_sockets(void **state)
{
    int fds = count_entries("/proc/self/fd");
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_socket *pull = l.bound;

    (void)state;
    GIVES(-EBADF, weir_socket_fd(NULL));
    EQUAL(count_entries("/proc/self/fd"), fds);
    (void)fd_of(pull);
    EQUAL(count_entries("/proc/self/fd"), fds + 1);
    OK(weir_context_shutdown(l.ctx));
    GIVES(-ESHUTDOWN, weir_socket_fd(pull));
    GIVES(-ESHUTDOWN, weir_socket_fd(l.connected));
    close_link(&l);
    EQUAL(count_entries("/proc/self/fd"), fds);
    GIVES(-EBADF, weir_socket_fd(pull));
}

static void
it_is_level_triggered(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    int fd = fd_of(l.bound);
    weir_msg msgs[4];
    weir_msg *span;

    (void)state;
    for (int i = 0; i < 3; i++) {
        hear_nothing(l.bound);
        CHECK(!is_readable(fd));
        say(l.connected, "one");
        say(l.connected, "two");
        CHECK(is_readable(fd));
        hear(l.bound, "one");
        CHECK(is_readable(fd));
        EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN);
        CHECK(is_readable(fd));
        hear(l.bound, "two");
        EQUAL(get(l.bound, WEIR_EVENTS), 0);
        CHECK(!is_readable(fd));
        say(l.connected, "three");
        CHECK(is_readable(fd));
        GIVES(1, weir_recv_batch(l.bound, msgs, 4, 0));
        GIVES(-EAGAIN, weir_recv_batch(l.bound, msgs, 4, WEIR_DONTWAIT));
        CHECK(!is_readable(fd));
        say(l.connected, "four");
        GIVES(1, weir_peek(l.bound, 4, &span, 0));
        CHECK(is_readable(fd));
        OK(weir_release(l.bound, 1));
        GIVES(-EAGAIN, weir_peek(l.bound, 4, &span, WEIR_DONTWAIT));
        CHECK(!is_readable(fd));
    }
    OK(weir_context_shutdown(l.ctx));
    CHECK(is_readable(fd));
    close_link(&l);
}

/* A request that waits while the reply is due comes without any ring. */
static void
a_turn_makes_it_readable(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_socket *other = new_socket(l.ctx, WEIR_REQ);
    int fd = fd_of(l.bound);

    (void)state;
    OK(weir_connect(other, "inproc://link"));
    say(l.connected, "first");
    hear(l.bound, "first");
    say(other, "second");
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    CHECK(!is_readable(fd));
    say(l.bound, "reply");
    CHECK(is_readable(fd));
    hear(l.bound, "second");
    say(l.bound, "reply");
    hear_nothing(l.bound);
    CHECK(!is_readable(fd));
    OK(weir_close(other));
    close_link(&l);
}

/* Who was told that there is no room hears when there is. */
static void
room_makes_it_readable(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    int fd = fd_of(l.connected);
    uint64_t n;

    (void)state;
    hear_nothing(l.connected);
    CHECK(!is_readable(fd));
    for (int i = 0; i < 3; i++) {
        n = fill(l.connected, 0);
        CHECK(!is_readable(fd));
        EQUAL(drain(l.bound, 0), n);
        CHECK(is_readable(fd));
        EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLOUT);
        CHECK(!is_readable(fd));
    }
    say(l.bound, "text"); /* while room is waited for */
    CHECK(is_readable(fd));
    n = fill(l.connected, 0);
    EQUAL(drain(l.bound, 0), n);
    hear(l.connected, "text");
    hear_nothing(l.connected);
    CHECK(is_readable(fd)); /* there is room: once */
    hear_nothing(l.connected);
    CHECK(!is_readable(fd));
    close_link(&l);
}

static void
a_new_peer_is_heard(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_socket *binder = new_socket(l.ctx, WEIR_PUSH);
    int fd = fd_of(l.bound);

    (void)state;
    hear_nothing(l.bound);
    OK(weir_bind(binder, "inproc://binder"));
    OK(weir_connect(l.bound, "inproc://binder"));
    hear_nothing(l.bound);
    CHECK(!is_readable(fd));
    say(binder, "text");
    CHECK(is_readable(fd));
    hear(l.bound, "text");
    OK(weir_close(binder));
    close_link(&l);
}

/* ---- Two and more threads ---------------------------------------------- */

#define SENDERS  3
#define MESSAGES SCALED(400000)

struct sender {
    weir_socket *push;
    uint64_t seed;
};

/* Bursts, with pauses that let the receiver run dry. */
static void *
send_bursts(void *arg)
{
    const struct sender *me = arg;
    struct random r = random_from(me->seed);
    uint64_t left = MESSAGES;

    while (left > 0) {
        uint64_t burst = random_below(&r, 8) == 0 ? 1 + random_below(&r, 500)
                                                  : 1 + random_below(&r, 3);

        for (; burst > 0 && left > 0; burst--, left--)
            OK(send_number(me->push, left, 0));
        if (random_below(&r, 4) == 0)
            (void)sched_yield();
        for (uint64_t n = random_below(&r, 300); n > 0; n--)
            __asm__ __volatile__("" ::: "memory");
    }
    return NULL;
}

/* Receives until -EAGAIN, in one of the ways; how many. */
static uint64_t
receive_all(weir_socket *s, struct random *r)
{
    weir_msg msgs[16];
    uint64_t n = 0;
    ssize_t got;

    do {
        switch (random_below(r, 3)) {
        case 0:
            got = CALL(weir_recv(s, msgs, WEIR_DONTWAIT));
            n += got == 0;
            break;
        case 1:
            got = CALL(weir_recv_batch(s, msgs, 16, WEIR_DONTWAIT));
            n += got > 0 ? (uint64_t)got : 0;
            break;
        default:
            got = get(s, WEIR_EVENTS) & WEIR_POLLIN ? 0 : -EAGAIN;
            break;
        }
    } while (got >= 0);
    EQUAL(got, -EAGAIN);
    return n;
}

static void
no_message_is_slept_through(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    uint64_t seed = announce_seed();
    struct random r = random_from(seed);
    struct sender senders[SENDERS];
    pthread_t threads[SENDERS];
    int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN };
    uint64_t n = 0;

    (void)state;
    EQUAL(epoll_ctl(loop, EPOLL_CTL_ADD, fd_of(l.bound), &event), 0);
    for (int i = 0; i < SENDERS; i++) {
        senders[i].seed = seed + (uint64_t)i;
        senders[i].push = new_socket(l.ctx, WEIR_PUSH);
        OK(weir_connect(senders[i].push, "inproc://link"));
        threads[i] = start(send_bursts, &senders[i]);
    }
    while (n < (uint64_t)SENDERS * MESSAGES) {
        EQUAL(epoll_wait(loop, &event, 1, -1), 1);
        n += receive_all(l.bound, &r);
    }
    EQUAL(n, (uint64_t)SENDERS * MESSAGES);
    for (int i = 0; i < SENDERS; i++) {
        finish(threads[i]);
        OK(weir_close(senders[i].push));
    }
    (void)close(loop);
    close_link(&l);
}

#define ROUNDS SCALED(20000)

static void *
answer(void *arg)
{
    weir_socket *rep = arg;
    int fd = fd_of(rep);
    weir_msg msg;
    int n = 0;

    while (n < ROUNDS) {
        int rc;

        await_readable(fd);
        while ((rc = CALL(weir_recv(rep, &msg, WEIR_DONTWAIT))) == 0) {
            OK(weir_send(rep, &msg, 0));
            n++;
        }
        EQUAL(rc, -EAGAIN);
    }
    return NULL;
}

/* Both sides wait by their descriptors. */
static void
requests_and_replies_meet(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    pthread_t thread = start(answer, l.bound);
    int fd = fd_of(l.connected);
    weir_msg msg;

    (void)state;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        OK(send_number(l.connected, i, 0));
        while (CALL(weir_recv(l.connected, &msg, WEIR_DONTWAIT)) == -EAGAIN)
            await_readable(fd);
        EQUAL(number_of(&msg), i);
    }
    finish(thread);
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_sockets),
        cmocka_unit_test(it_is_level_triggered),
        cmocka_unit_test(a_turn_makes_it_readable),
        cmocka_unit_test(room_makes_it_readable),
        cmocka_unit_test(a_new_peer_is_heard),
        cmocka_unit_test(no_message_is_slept_through),
        cmocka_unit_test(requests_and_replies_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
