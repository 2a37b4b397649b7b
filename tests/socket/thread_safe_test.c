/* SPDX-License-Identifier: MPL-2.0 */
/* Many threads on one socket. */
#include <unistd.h>

#include "core/base/atomic.h"
#include "tests/socket/support.h"

#define THREADS 4
#define EACH    SCALED(UINT64_C(50000))
#define FRAMES  3

static struct link
new_shared(void)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    set(l.bound, WEIR_THREAD_SAFE, 1);
    set(l.connected, WEIR_THREAD_SAFE, 1);
    return l;
}

/* ---- A crowd at both ends ---------------------------------------------- */

struct worker {
    weir_socket *s;
    uint64_t number;
    uint64_t messages;
    uint64_t sum;
};

/* Each message is its number, three times. */
static void *
send_all(void *arg)
{
    struct worker *w = arg;

    for (uint64_t i = 1; i <= EACH; i++) {
        weir_msg msgs[FRAMES];
        uint64_t number = w->number * EACH + i;

        for (int f = 0; f < FRAMES; f++)
            put_number(&msgs[f], number, f < FRAMES - 1);
        GIVES(FRAMES, weir_send_batch(w->s, msgs, FRAMES, 0));
    }
    return NULL;
}

/* Until a message with number 0. */
static void *
receive_all(void *arg)
{
    struct worker *w = arg;

    for (;;) {
        weir_msg msgs[FRAMES];

        GIVES(FRAMES, weir_recv_batch(w->s, msgs, FRAMES, 0));
        for (int f = 0; f < FRAMES; f++) {
            EQUAL(number_of(&msgs[f]), number_of(&msgs[0]));
            EQUAL(weir_msg_more(&msgs[f]), f < FRAMES - 1);
        }
        if (number_of(&msgs[0]) == 0)
            return NULL;
        w->messages++;
        w->sum += number_of(&msgs[0]);
    }
}

static void
frames_of_a_message_stay_together(void **state)
{
    struct link l = new_shared();
    struct worker in[THREADS] = { 0 }, out[THREADS] = { 0 };
    pthread_t senders[THREADS], receivers[THREADS];
    uint64_t n = THREADS * EACH, messages = 0, sum = 0;
    weir_msg end[FRAMES];

    (void)state;
    for (uint64_t i = 0; i < THREADS; i++) {
        in[i].s = l.bound;
        out[i] = (struct worker){ .s = l.connected, .number = i };
        receivers[i] = start(receive_all, &in[i]);
        senders[i] = start(send_all, &out[i]);
    }
    for (int i = 0; i < THREADS; i++)
        finish(senders[i]);
    for (int i = 0; i < THREADS; i++) {
        for (int f = 0; f < FRAMES; f++)
            put_number(&end[f], 0, f < FRAMES - 1);
        GIVES(FRAMES, weir_send_batch(l.connected, end, FRAMES, 0));
    }
    for (int i = 0; i < THREADS; i++) {
        finish(receivers[i]);
        messages += in[i].messages;
        sum += in[i].sum;
    }
    EQUAL(messages, n);
    EQUAL(sum, n * (n + 1) / 2);
    close_link(&l);
}

/* ---- While another thread waits ---------------------------------------- */

struct sleeper {
    weir_socket *s;
    int result;
    _Atomic int32_t tid;
};

static void *
receive_one(void *arg)
{
    struct sleeper *w = arg;
    weir_msg msg;

    store_seq_cst(&w->tid, gettid());
    w->result = weir_recv(w->s, &msg, 0);
    return NULL;
}

static pthread_t
fall_asleep(struct sleeper *w)
{
    pthread_t thread = start(receive_one, w);

    while (load_seq_cst(&w->tid) == 0)
        continue;
    await_sleep(load_seq_cst(&w->tid));
    return thread;
}

static void
others_need_not_wait(void **state)
{
    struct link l = new_shared();
    struct sleeper first = { .s = l.bound }, second = { .s = l.bound };
    pthread_t a, b;
    weir_msg msg;

    (void)state;
    a = fall_asleep(&first);
    GIVES(-EAGAIN, weir_recv(l.bound, &msg, WEIR_DONTWAIT));
    b = fall_asleep(&second);
    GIVES(-EAGAIN, weir_recv(l.bound, &msg, WEIR_DONTWAIT));
    say(l.connected, "one");
    say(l.connected, "two");
    finish(a);
    finish(b);
    EQUAL(first.result, 0);
    EQUAL(second.result, 0);
    close_link(&l);
}

static void
each_waits_as_long_as_it_may(void **state)
{
    struct link l = new_shared();
    struct sleeper first = { .s = l.bound }, second = { .s = l.bound };
    pthread_t a, b;

    (void)state;
    set(l.bound, WEIR_RECV_TIMEOUT_MS, 20);
    a = fall_asleep(&first);
    b = fall_asleep(&second);
    finish(a);
    finish(b);
    EQUAL(first.result, -EAGAIN);
    EQUAL(second.result, -EAGAIN);
    close_link(&l);
}

static void
a_shutdown_wakes_all(void **state)
{
    struct link l = new_shared();
    struct sleeper first = { .s = l.bound }, second = { .s = l.bound };
    pthread_t a, b;

    (void)state;
    a = fall_asleep(&first);
    b = fall_asleep(&second);
    OK(weir_context_shutdown(l.ctx));
    finish(a);
    finish(b);
    EQUAL(first.result, -ESHUTDOWN);
    EQUAL(second.result, -ESHUTDOWN);
    close_link(&l);
}

/* ---- Arguments --------------------------------------------------------- */

static void
calls_are_whole_messages(void **state)
{
    struct link l = new_shared();
    weir_msg msgs[2], *span;

    (void)state;
    put_number(&msgs[0], 1, true);
    put_number(&msgs[1], 2, true);
    GIVES(-EINVAL, weir_send(l.connected, msgs, 0));
    GIVES(-EINVAL, weir_send_batch(l.connected, msgs, 2, 0));
    weir_msg_set_more(&msgs[1], false);
    GIVES(2, weir_send_batch(l.connected, msgs, 2, 0));
    GIVES(-EMSGSIZE, weir_recv(l.bound, msgs, 0));
    GIVES(2, weir_recv_batch(l.bound, msgs, 2, 0));
    EQUAL(number_of(&msgs[1]), 2);
    GIVES(-ENOTSUP, weir_reserve(l.connected, 1, &span, 0));
    GIVES(-ENOTSUP, weir_commit(l.connected, 0));
    GIVES(-ENOTSUP, weir_peek(l.bound, 1, &span, 0));
    GIVES(-ENOTSUP, weir_release(l.bound, 0));
    GIVES(-EINVAL, weir_socket_set(l.bound, WEIR_THREAD_SAFE, 0));
    EQUAL(get(l.bound, WEIR_THREAD_SAFE), 1);
    close_link(&l);
}

static void
other_types_are_not_shared(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pair = new_socket(ctx, WEIR_PAIR);
    int64_t value;

    (void)state;
    GIVES(-EINVAL, weir_socket_set(pair, WEIR_THREAD_SAFE, 1));
    GIVES(-EINVAL, weir_socket_get(pair, WEIR_THREAD_SAFE, &value));
    OK(weir_close(pair));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_a_message_stay_together),
        cmocka_unit_test(others_need_not_wait),
        cmocka_unit_test(each_waits_as_long_as_it_may),
        cmocka_unit_test(a_shutdown_wakes_all),
        cmocka_unit_test(calls_are_whole_messages),
        cmocka_unit_test(other_types_are_not_shared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
