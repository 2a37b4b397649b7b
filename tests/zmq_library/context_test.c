/* SPDX-License-Identifier: MPL-2.0 */
/* The end of contexts: who waits for whom, what signals do, what is left. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <zmq.h>

#include "core/base/atomic.h"

#include <cmocka.h>

#define PLACES 1023

static void
test_every_place_is_free_at_once(void **state)
{
    static void *sockets[PLACES];
    void *ctx = zmq_ctx_new();

    (void)state;
    for (int i = 0; i < PLACES; i++) {
        sockets[i] = zmq_socket(ctx, ZMQ_PAIR);
        assert_non_null(sockets[i]);
    }
    errno = 0;
    assert_null(zmq_socket(ctx, ZMQ_PAIR));
    assert_int_equal(errno, EMFILE);
    assert_int_equal(zmq_close(sockets[0]), 0);
    sockets[0] = zmq_socket(ctx, ZMQ_PAIR);
    assert_non_null(sockets[0]);
    for (int i = 0; i < PLACES; i++)
        assert_int_equal(zmq_close(sockets[i]), 0);
    assert_int_equal(zmq_ctx_term(ctx), 0);
}

/* ---- Two threads end it ------------------------------------------------ */

static void *
terminate(void *ctx)
{
    return (void *)(intptr_t)zmq_ctx_term(ctx);
}

/* A socket that is told of the end, whoever began it. */
static void
wait_for_end(void *s)
{
    char byte;

    errno = 0;
    assert_int_equal(zmq_recv(s, &byte, 1, 0), -1);
    assert_int_equal(errno, ETERM);
}

static void
test_two_threads_end_a_context(void **state)
{
    void *ctx = zmq_ctx_new();
    void *a = zmq_socket(ctx, ZMQ_PULL), *b = zmq_socket(ctx, ZMQ_PULL);
    pthread_t threads[2];
    void *rc[2];

    (void)state;
    assert_int_equal(pthread_create(&threads[0], NULL, terminate, ctx), 0);
    wait_for_end(a);
    errno = 0;
    assert_null(zmq_socket(ctx, ZMQ_PULL));
    assert_int_equal(errno, ETERM);
    assert_int_equal(zmq_close(a), 0);
    /* The second may find the context gone only if the first is through. */
    assert_int_equal(pthread_create(&threads[1], NULL, terminate, ctx), 0);
    wait_for_end(b);
    assert_int_equal(zmq_close(b), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], &rc[i]), 0);
    assert_int_equal((intptr_t)rc[0], 0);
}

/* ---- Signals ----------------------------------------------------------- */

static _Atomic uint32_t signals;

static void
on_signal(int number)
{
    (void)number;
    fetch_add_relaxed(&signals, 1);
}

/* Signals that come until they are stopped, for no single one can be known to
 * find the thread asleep. */
static timer_t
begin_signals(int flags)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
                              .sigev_signo = SIGUSR1 };
    struct itimerspec often = { { 0, 1000000 }, { 0, 1000000 } };
    timer_t timer;

    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    assert_int_equal(timer_settime(timer, 0, &often, NULL), 0);
    return timer;
}

static void
signals_end_waits(int flags)
{
    timer_t timer = begin_signals(flags);
    void *ctx = zmq_ctx_new();
    void *s = zmq_socket(ctx, ZMQ_PULL);
    int timeout_ms = 20000;
    char byte;

    assert_int_equal(
        zmq_setsockopt(s, ZMQ_RCVTIMEO, &timeout_ms, sizeof(timeout_ms)), 0);
    errno = 0;
    assert_int_equal(zmq_recv(s, &byte, 1, 0), -1);
    assert_int_equal(errno, EINTR);
    timeout_ms = -1;
    assert_int_equal(
        zmq_setsockopt(s, ZMQ_RCVTIMEO, &timeout_ms, sizeof(timeout_ms)), 0);
    errno = 0;
    assert_int_equal(zmq_recv(s, &byte, 1, 0), -1);
    assert_int_equal(errno, EINTR);
    errno = 0;
    assert_int_equal(zmq_ctx_term(ctx), -1);
    assert_int_equal(errno, EINTR);
    assert_int_equal(timer_delete(timer), 0);
    assert_int_equal(zmq_close(s), 0);
    assert_int_equal(zmq_ctx_term(ctx), 0);
    assert_true(load_relaxed(&signals) > 0);
}

static void
test_signals_end_waits(void **state)
{
    (void)state;
    signals_end_waits(0);
}

static void
test_signals_that_restart_calls_end_waits(void **state)
{
    (void)state;
    signals_end_waits(SA_RESTART);
}

/* ---- What is left ------------------------------------------------------ */

static _Atomic uint32_t freed;

static void
count_free(void *data, void *hint)
{
    (void)data, (void)hint;
    fetch_add_relaxed(&freed, 1);
}

/* A connection that nobody has bound does not keep the context from ending, and
 * what was sent to it goes with the context. */
static void
test_what_waits_for_a_bind_ends(void **state)
{
    void *ctx = zmq_ctx_new();
    void *push = zmq_socket(ctx, ZMQ_PUSH);
    char data[100];
    zmq_msg_t msg;

    (void)state;
    assert_int_equal(zmq_connect(push, "inproc://nobody"), 0);
    assert_int_equal(
        zmq_msg_init_data(&msg, data, sizeof(data), count_free, NULL), 0);
    assert_int_equal(zmq_msg_send(&msg, push, 0), sizeof(data));
    assert_int_equal(zmq_send(push, data, sizeof(data), 0), sizeof(data));
    assert_int_equal(zmq_close(push), 0);
    assert_int_equal(load_relaxed(&freed), 0);
    assert_int_equal(zmq_ctx_term(ctx), 0);
    assert_int_equal(load_relaxed(&freed), 1);
}

/* Messages outlive what they came from. */
static void
test_messages_outlive_their_context(void **state)
{
    void *ctx = zmq_ctx_new();
    void *push = zmq_socket(ctx, ZMQ_PUSH), *pull = zmq_socket(ctx, ZMQ_PULL);
    char data[3000] = "abc";
    zmq_msg_t msg;

    (void)state;
    assert_int_equal(zmq_bind(pull, "inproc://a"), 0);
    assert_int_equal(zmq_connect(push, "inproc://a"), 0);
    assert_int_equal(zmq_send(push, data, sizeof(data), 0), sizeof(data));
    assert_int_equal(zmq_msg_init(&msg), 0);
    assert_int_equal(zmq_msg_recv(&msg, pull, 0), sizeof(data));
    assert_int_equal(zmq_close(push), 0);
    assert_int_equal(zmq_close(pull), 0);
    assert_int_equal(zmq_ctx_term(ctx), 0);
    assert_memory_equal(zmq_msg_data(&msg), data, sizeof(data));
    assert_int_equal(zmq_msg_close(&msg), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_place_is_free_at_once),
        cmocka_unit_test(test_two_threads_end_a_context),
        cmocka_unit_test(test_signals_end_waits),
        cmocka_unit_test(test_signals_that_restart_calls_end_waits),
        cmocka_unit_test(test_what_waits_for_a_bind_ends),
        cmocka_unit_test(test_messages_outlive_their_context),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
