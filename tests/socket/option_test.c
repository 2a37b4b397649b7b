/* SPDX-License-Identifier: MPL-2.0 */
/* Options: what they may be, and what they do to sockets in use. */
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/socket/support.h"

static void
options_have_defaults(void **state)
{
    static const int types[] = { WEIR_PAIR, WEIR_PUSH, WEIR_PULL, WEIR_PUB,
                                 WEIR_SUB,  WEIR_XPUB, WEIR_XSUB };
    weir_context *ctx = new_context();

    (void)state;
    for (int i = 0; i < 7; i++) {
        weir_socket *s = new_socket(ctx, types[i]);

        EQUAL(get(s, WEIR_SEND_HWM), 1000);
        EQUAL(get(s, WEIR_RECV_HWM), 1000);
        EQUAL(get(s, WEIR_SEND_TIMEOUT_MS), -1);
        EQUAL(get(s, WEIR_RECV_TIMEOUT_MS), -1);
        EQUAL(get(s, WEIR_PENDING_CONNECT), 0);
        EQUAL(get(s, WEIR_WAIT), WEIR_WAIT_ADAPTIVE);
        EQUAL(get(s, WEIR_TYPE), types[i]);
        EQUAL(get(s, WEIR_PEERS), 0);
        OK(weir_close(s));
    }
    OK(weir_context_free(ctx));
}

static void
options_have_ranges(void **state)
{
    static const struct {
        int option;
        int64_t least;
        int64_t most;
    } ranges[] = {
        { WEIR_SEND_HWM, 0, INT32_MAX },
        { WEIR_RECV_HWM, 0, INT32_MAX },
        { WEIR_SEND_TIMEOUT_MS, -1, INT32_MAX },
        { WEIR_RECV_TIMEOUT_MS, -1, INT32_MAX },
        { WEIR_PENDING_CONNECT, 0, 1 },
        { WEIR_WAIT, WEIR_WAIT_ADAPTIVE, WEIR_WAIT_PARK },
    };
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);

    (void)state;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        int option = ranges[i].option;

        set(l.bound, option, ranges[i].least);
        EQUAL(get(l.bound, option), ranges[i].least);
        set(l.bound, option, ranges[i].most);
        EQUAL(get(l.bound, option), ranges[i].most);
        GIVES(-EINVAL, weir_socket_set(l.bound, option, ranges[i].least - 1));
        GIVES(-EINVAL, weir_socket_set(l.bound, option, ranges[i].most + 1));
        GIVES(-EINVAL, weir_socket_set(l.bound, option, INT64_MIN));
        GIVES(-EINVAL, weir_socket_set(l.bound, option, INT64_MAX));
        EQUAL(get(l.bound, option), ranges[i].most);
    }
    close_link(&l);
}

static void
wrong_options_are_refused(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_PUSH);
    int64_t value = 5;

    (void)state;
    GIVES(-EINVAL, weir_socket_set(s, WEIR_TYPE, WEIR_PULL));
    GIVES(-EINVAL, weir_socket_set(s, WEIR_PEERS, 0));
    GIVES(-EINVAL, weir_socket_set(s, 0, 0));
    GIVES(-EINVAL, weir_socket_set(s, -1, 0));
    GIVES(-EINVAL, weir_socket_set(s, 12345, 0));
    GIVES(-EINVAL, weir_socket_get(s, 0, &value));
    GIVES(-EINVAL, weir_socket_get(s, -1, &value));
    GIVES(-EINVAL, weir_socket_get(s, 12345, &value));
    GIVES(-EINVAL, weir_socket_get(s, WEIR_TYPE, NULL));
    EQUAL(value, 5);
    OK(weir_close(s));
    OK(weir_context_free(ctx));
}

static void
peers_are_counted(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_socket *more[10];

    (void)state;
    for (int i = 0; i < 10; i++) {
        more[i] = new_socket(l.ctx, WEIR_PUSH);
        OK(weir_connect(more[i], "inproc://link"));
        EQUAL(get(l.bound, WEIR_PEERS), i + 2);
        EQUAL(get(more[i], WEIR_PEERS), 1);
    }
    for (int i = 0; i < 10; i++) {
        OK(weir_close(more[i]));
        EQUAL(get(l.bound, WEIR_PEERS), 10 - i);
    }
    close_link(&l);
}

/* ---- Limits of live connections ---------------------------------------- */

static void
limits_change_on_live_connections(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    set(l.connected, WEIR_SEND_HWM, 1);
    set(l.bound, WEIR_RECV_HWM, 1);
    EQUAL(fill(l.connected, 0), 2);
    set(l.connected, WEIR_SEND_HWM, 3);
    EQUAL(fill(l.connected, 2), 2);
    set(l.bound, WEIR_RECV_HWM, 200);
    EQUAL(fill(l.connected, 4), 199);
    EQUAL(drain(l.bound, 0), 203);
    EQUAL(fill(l.connected, 0), 203);
    /* Lowered below what is there: nothing is dropped, nothing fits. */
    set(l.bound, WEIR_RECV_HWM, 1);
    set(l.connected, WEIR_SEND_HWM, 1);
    EQUAL(fill(l.connected, 0), 0);
    for (uint64_t i = 0; i < 100; i++)
        hear_number(l.bound, i);
    EQUAL(fill(l.connected, 0), 0);
    EQUAL(drain(l.bound, 100), 103);
    EQUAL(fill(l.connected, 0), 2);
    EQUAL(drain(l.bound, 0), 2);
    close_link(&l);
}

static void
limits_come_and_go_on_live_connections(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    set(l.connected, WEIR_SEND_HWM, 0);
    for (uint64_t i = 0; i < 10000; i++)
        EQUAL(send_number(l.connected, i, WEIR_DONTWAIT), 0);
    set(l.connected, WEIR_SEND_HWM, 100);
    EQUAL(fill(l.connected, 0), 0);
    EQUAL(drain(l.bound, 0), 10000);
    EQUAL(fill(l.connected, 0), 1100);
    set(l.bound, WEIR_RECV_HWM, 0);
    for (uint64_t i = 1100; i < 10000; i++)
        EQUAL(send_number(l.connected, i, WEIR_DONTWAIT), 0);
    EQUAL(drain(l.bound, 0), 10000);
    close_link(&l);
}

/* A thread that sends a number more than fit. */
struct sender {
    weir_socket *s;
    uint64_t first;
    _Atomic pid_t tid;
};

static void *
send_blocked(void *arg)
{
    struct sender *sender = arg;

    sender->tid = gettid();
    OK(send_number(sender->s, sender->first, 0));
    return NULL;
}

/* Either side's new limit wakes a sender that is blocked by the old one. */
static void
a_raised_limit_wakes_the_sender(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    struct sender sender = { .s = l.connected };
    pthread_t thread;

    (void)state;
    set(l.connected, WEIR_SEND_HWM, 1);
    set(l.bound, WEIR_RECV_HWM, 1);
    EQUAL(fill(l.connected, 0), 2);
    for (int64_t hwm = 2; hwm < 20; hwm++) {
        sender.first = (uint64_t)hwm;
        sender.tid = 0;
        thread = start(send_blocked, &sender);
        while (sender.tid == 0)
            ;
        await_sleep(sender.tid);
        set(l.bound, WEIR_RECV_HWM, hwm);
        finish(thread);
    }
    EQUAL(drain(l.bound, 0), 20);
    close_link(&l);
}

/* ---- Timeouts ---------------------------------------------------------- */

/* How often the calling thread has given up its processor so far. */
static long
sleeps(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

static long
receive(weir_socket *s)
{
    weir_msg msg;

    return weir_recv(s, &msg, 0);
}

static long
receive_array(weir_socket *s)
{
    weir_msg msgs[4];

    return weir_recv_batch(s, msgs, 4, 0);
}

static long
peek(weir_socket *s)
{
    weir_msg *span;

    return weir_peek(s, 1, &span, 0);
}

static long
send_message(weir_socket *s)
{
    return send_number(s, 1, 0);
}

static long
send_first_frame(weir_socket *s)
{
    weir_msg msg;

    put_number(&msg, 1, true);
    return weir_send(s, &msg, 0);
}

static long
send_array(weir_socket *s)
{
    weir_msg msgs[2];

    put_number(&msgs[0], 1, false);
    put_number(&msgs[1], 2, false);
    return weir_send_batch(s, msgs, 2, 0);
}

static long
reserve(weir_socket *s)
{
    weir_msg *span;

    return weir_reserve(s, 1, &span, 0);
}

/* It blocks, with a timeout, and that ends it; with 0 it does not block. */
static void
times_out(weir_socket *s, long (*blocking)(weir_socket *))
{
    long before;

    for (int wait = WEIR_WAIT_ADAPTIVE; wait <= WEIR_WAIT_PARK; wait++) {
        set(s, WEIR_WAIT, wait);
        set(s, WEIR_RECV_TIMEOUT_MS, 2);
        set(s, WEIR_SEND_TIMEOUT_MS, 2);
        before = sleeps();
        GIVES(-EAGAIN, blocking(s));
        /* On a busy machine the time may be over before it sleeps. */
        while (wait == WEIR_WAIT_PARK && sleeps() == before)
            GIVES(-EAGAIN, blocking(s));
        set(s, WEIR_RECV_TIMEOUT_MS, 0);
        set(s, WEIR_SEND_TIMEOUT_MS, 0);
        GIVES(-EAGAIN, blocking(s));
    }
}

static void
calls_that_block_time_out(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    times_out(l.bound, receive);
    times_out(l.bound, receive_array);
    times_out(l.bound, peek);
    hear_nothing(l.bound);
    EQUAL(fill(l.connected, 0), 2000);
    times_out(l.connected, send_message);
    times_out(l.connected, send_first_frame);
    times_out(l.connected, send_array);
    times_out(l.connected, reserve);
    EQUAL(drain(l.bound, 0), 2000);
    close_link(&l);
}

/* Without any peer as well. */
static void
calls_of_the_lonely_time_out(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);

    (void)state;
    times_out(push, send_message);
    times_out(push, reserve);
    times_out(pull, receive);
    times_out(pull, peek);
    OK(weir_close(push));
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

/* ---- Signals ----------------------------------------------------------- */

static void
do_nothing(int signal)
{
    (void)signal;
}

struct receiver {
    weir_socket *s;
    _Atomic pid_t tid;
};

static void *
receive_blocked(void *arg)
{
    struct receiver *r = arg;
    weir_msg msg;

    r->tid = gettid();
    OK(weir_recv(r->s, &msg, 0));
    EQUAL(number_of(&msg), 99);
    return NULL;
}

static void
a_signal_does_not_end_a_wait(void **state)
{
    struct sigaction act = { .sa_handler = do_nothing };
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    struct receiver r = { .s = l.bound };
    pthread_t thread;

    (void)state;
    EQUAL(sigaction(SIGUSR1, &act, NULL), 0);
    thread = start(receive_blocked, &r);
    while (r.tid == 0)
        ;
    for (int i = 0; i < 100; i++) {
        await_sleep(r.tid);
        EQUAL(pthread_kill(thread, SIGUSR1), 0);
    }
    OK(send_number(l.connected, 99, 0));
    finish(thread);
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_have_defaults),
        cmocka_unit_test(options_have_ranges),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(peers_are_counted),
        cmocka_unit_test(limits_change_on_live_connections),
        cmocka_unit_test(limits_come_and_go_on_live_connections),
        cmocka_unit_test(a_raised_limit_wakes_the_sender),
        cmocka_unit_test(calls_that_block_time_out),
        cmocka_unit_test(calls_of_the_lonely_time_out),
        cmocka_unit_test(a_signal_does_not_end_a_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
