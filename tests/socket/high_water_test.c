/* SPDX-License-Identifier: MPL-2.0 */
/* High-water marks: a connection holds exactly as many messages as both ends
 * allow, when the receiver does not read. */
#include "tests/socket/support.h"

static uint64_t
fill_with_arrays(weir_socket *s, uint64_t first)
{
    uint64_t sent = 0;
    weir_msg msgs[64];
    ssize_t n;

    do {
        for (uint64_t i = 0; i < 64; i++)
            put_number(&msgs[i], first + sent + i, false);
        n = CALL(weir_send_batch(s, msgs, 64, WEIR_DONTWAIT));
        sent += n > 0 ? (uint64_t)n : 0;
    } while (n > 0);
    EQUAL(n, -EAGAIN);
    return sent;
}

static uint64_t
fill_in_place(weir_socket *s, uint64_t first)
{
    uint64_t sent = 0;
    weir_msg *span;
    ssize_t n;

    while ((n = CALL(weir_reserve(s, 64, &span, WEIR_DONTWAIT))) > 0) {
        for (ssize_t i = 0; i < n; i++)
            put_number(&span[i], first + sent++, false);
        OK(weir_commit(s, (size_t)n));
    }
    EQUAL(n, -EAGAIN);
    return sent;
}

typedef uint64_t fill_fn(weir_socket *s, uint64_t first);

static fill_fn *const fills[] = { fill, fill_with_arrays, fill_in_place };

static void
check_limit(int64_t send, int64_t recv, bool connect_sender)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);

    set(push, WEIR_SEND_HWM, send);
    set(pull, WEIR_RECV_HWM, recv);
    /* These are not for these types. */
    set(push, WEIR_RECV_HWM, 3);
    set(pull, WEIR_SEND_HWM, 3);
    OK(weir_bind(connect_sender ? pull : push, "inproc://x"));
    OK(weir_connect(connect_sender ? push : pull, "inproc://x"));
    for (int i = 0; i < 6; i++) {
        EQUAL(fills[i % 3](push, 0), send + recv);
        EQUAL(drain(pull, 0), send + recv);
    }
    OK(weir_close(push));
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

static void
the_limit_is_the_sum_of_both(void **state)
{
    static const int64_t hwms[] = { 1, 2, 3, 63, 64, 65, 127, 500, 1000 };

    (void)state;
    for (int i = 0; i < 9; i++) {
        for (int j = 0; j < 9; j++) {
            check_limit(hwms[i], hwms[j], true);
            check_limit(hwms[i], hwms[j], false);
        }
    }
    check_limit(SCALED(100000), SCALED(200000), true);
}

/* At the lowest limit, one is read and one fits. */
static void
one_for_one(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    set(l.connected, WEIR_SEND_HWM, 1);
    set(l.bound, WEIR_RECV_HWM, 1);
    EQUAL(fill(l.connected, 0), 2);
    for (uint64_t i = 0; i < 1000; i++) {
        hear_number(l.bound, i);
        EQUAL(fill(l.connected, i + 2), 1);
    }
    close_link(&l);
}

static void
each_connection_has_its_own(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull[5];

    (void)state;
    set(push, WEIR_SEND_HWM, 1);
    OK(weir_bind(push, "inproc://x"));
    for (int i = 0; i < 5; i++) {
        pull[i] = new_socket(ctx, WEIR_PULL);
        set(pull[i], WEIR_RECV_HWM, i + 1);
        OK(weir_connect(pull[i], "inproc://x"));
    }
    EQUAL(fill(push, 0), 2 + 3 + 4 + 5 + 6);
    for (int i = 0; i < 5; i++) {
        weir_msg msg;

        for (int j = 0; j < i + 2; j++)
            OK(weir_recv(pull[i], &msg, WEIR_DONTWAIT));
        hear_nothing(pull[i]);
        OK(weir_close(pull[i]));
    }
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

static void
check_unlimited(int64_t send, int64_t recv)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    uint64_t n = SCALED(1000000);

    set(l.connected, WEIR_SEND_HWM, send);
    set(l.bound, WEIR_RECV_HWM, recv);
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < n; i++)
            EQUAL(send_number(l.connected, i, WEIR_DONTWAIT), 0);
        EQUAL(drain(l.bound, 0), n);
    }
    close_link(&l);
}

static void
zero_is_no_limit(void **state)
{
    (void)state;
    check_unlimited(0, 0);
    check_unlimited(0, 1);
    check_unlimited(1, 0);
}

/* Frames do not count, messages do; an array's end may stay behind. */
static void
messages_are_counted_not_frames(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[100];
    weir_msg *span;
    ssize_t n;

    (void)state;
    set(l.connected, WEIR_SEND_HWM, 2);
    set(l.bound, WEIR_RECV_HWM, 2);
    for (int round = 0; round < 20; round++) {
        for (uint64_t i = 0; i < 100; i++)
            put_number(&msgs[i], i, i % 20 < 19);
        GIVES(80, weir_send_batch(l.connected, msgs, 100, WEIR_DONTWAIT));
        GIVES(-EAGAIN, weir_send(l.connected, &msgs[80], WEIR_DONTWAIT));
        for (size_t seen = 0; seen < 80; seen += (size_t)n) {
            n = CALL(weir_peek(l.bound, 100, &span, WEIR_DONTWAIT));
            CHECK(n > 0);
            OK(weir_release(l.bound, (size_t)n));
        }
        hear_nothing(l.bound);
    }
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_limit_is_the_sum_of_both),
        cmocka_unit_test(one_for_one),
        cmocka_unit_test(each_connection_has_its_own),
        cmocka_unit_test(zero_is_no_limit),
        cmocka_unit_test(messages_are_counted_not_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
