/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets and contexts that are not there, and arguments that are not good:
 * always an error, never a crash, and nothing has changed. */
#include <stdio.h>

#include "tests/socket/every_call.h"
#include "tests/socket/support.h"

static void
all_give_ebadf(weir_socket *s)
{
    for (const struct any_call *c = every_call; c->name != NULL; c++) {
        long rc = CALL(c->make(s));

        check_equal(rc, -EBADF, c->name, __FILE__, __LINE__);
    }
    GIVES(-EBADF, weir_close(s));
}

static void
null_is_no_socket(void **state)
{
    (void)state;
    all_give_ebadf(NULL);
}

static void
closed_sockets_are_told_from_open_ones(void **state)
{
    static const int types[] = { WEIR_PAIR, WEIR_PUSH, WEIR_PULL, WEIR_PUB,
                                 WEIR_SUB,  WEIR_XPUB, WEIR_XSUB };
    weir_context *ctx = new_context();

    (void)state;
    for (int i = 0; i < 7; i++) {
        weir_socket *s = new_socket(ctx, types[i]);

        OK(weir_close(s));
        all_give_ebadf(s);
    }
    OK(weir_context_free(ctx));
}

/* Others have been opened since, where the closed one was too. */
static void
stale_handles_do_not_reach_new_sockets(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *stale[200];
    weir_socket *live[200];

    (void)state;
    for (int i = 0; i < 200; i++) {
        stale[i] = new_socket(ctx, WEIR_PUSH);
        OK(weir_close(stale[i]));
    }
    for (int i = 0; i < 200; i++) {
        live[i] = new_socket(ctx, WEIR_PULL);
        for (int j = 0; j < 200; j++)
            CHECK(live[i] != stale[j]);
    }
    for (int i = 0; i < 200; i++)
        all_give_ebadf(stale[i]);
    for (int i = 0; i < 200; i++)
        OK(weir_close(live[i]));
    OK(weir_context_free(ctx));
}

static void
contexts_are_checked_too(void **state)
{
    weir_context *stale[100];
    weir_socket *s = NULL;

    (void)state;
    GIVES(-EBADF, weir_context_shutdown(NULL));
    GIVES(-EBADF, weir_context_free(NULL));
    GIVES(-EBADF, weir_socket_open(NULL, WEIR_PUSH, &s));
    for (int i = 0; i < 100; i++) {
        stale[i] = new_context();
        OK(weir_context_free(stale[i]));
    }
    for (int i = 0; i < 100; i++) {
        GIVES(-EBADF, weir_context_shutdown(stale[i]));
        GIVES(-EBADF, weir_context_free(stale[i]));
        GIVES(-EBADF, weir_socket_open(stale[i], WEIR_PUSH, &s));
    }
    CHECK(s == NULL);
}

/* A context is given up while a socket of it is open: its handle is closed,
 * the socket's is not. */
static void
a_given_up_context_is_closed(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_PUSH);
    weir_socket *other;

    (void)state;
    OK(weir_context_free(ctx));
    GIVES(-EBADF, weir_context_free(ctx));
    GIVES(-EBADF, weir_context_shutdown(ctx));
    GIVES(-EBADF, weir_socket_open(ctx, WEIR_PUSH, &other));
    OK(weir_close(s));
    GIVES(-EBADF, weir_close(s));
}

static void
open_checks_its_arguments(void **state)
{
    static const int wrong[] = { -1, 11, 12, 31, 32, 64, INT32_MAX, INT32_MIN };
    weir_context *ctx = new_context();
    weir_socket *s = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        GIVES(-EINVAL, weir_socket_open(ctx, wrong[i], &s));
    GIVES(-EINVAL, weir_socket_open(ctx, WEIR_PAIR, NULL));
    CHECK(s == NULL);
    OK(weir_context_free(ctx));
}

static void
message_calls_check_their_arguments(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_PUSH);
    char byte = 1;
    weir_msg msg;

    (void)state;
    GIVES(-EINVAL, weir_msg_init_size(NULL, s, 1));
    GIVES(-EINVAL, weir_msg_init_copy(NULL, s, &byte, 1));
    GIVES(-EINVAL, weir_msg_init_copy(&msg, s, NULL, 1));
    OK(weir_msg_init_copy(&msg, s, NULL, 0));
    GIVES(-EINVAL, weir_msg_init_external(NULL, &byte, 1, NULL, NULL));
    GIVES(-EINVAL, weir_msg_init_external(&msg, NULL, 1, NULL, NULL));
    OK(weir_msg_init_external(&msg, NULL, 0, NULL, NULL));
    OK(weir_msg_drop(&msg));
    GIVES(-EINVAL, weir_msg_share(NULL, &msg));
    GIVES(-EINVAL, weir_msg_share(&msg, NULL));
    GIVES(-EINVAL, weir_msg_move(NULL, &msg));
    GIVES(-EINVAL, weir_msg_move(&msg, NULL));
    GIVES(-EINVAL, weir_msg_drop(NULL));
    GIVES(-EINVAL, weir_msg_drop_batch(NULL, 1));
    OK(weir_msg_drop_batch(NULL, 0));
    OK(weir_close(s));
    OK(weir_context_free(ctx));
}

static void
data_calls_check_their_arguments(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[2];
    weir_msg *span;

    (void)state;
    put_number(&msgs[0], 1, false);
    put_number(&msgs[1], 2, false);
    GIVES(-EINVAL, weir_send(l.connected, NULL, 0));
    GIVES(-EINVAL, weir_send(l.connected, msgs, 2));
    GIVES(-EINVAL, weir_send(l.connected, msgs, -1));
    GIVES(-EINVAL, weir_send_batch(l.connected, NULL, 1, 0));
    GIVES(-EINVAL, weir_send_batch(l.connected, msgs, 0, 0));
    GIVES(-EINVAL, weir_send_batch(l.connected, msgs, 1, 8));
    GIVES(-EINVAL, weir_reserve(l.connected, 1, NULL, 0));
    GIVES(-EINVAL, weir_reserve(l.connected, 0, &span, 0));
    GIVES(-EINVAL, weir_reserve(l.connected, 1, &span, 2));
    GIVES(-EINVAL, weir_commit(l.connected, 1));
    EQUAL(number_of(&msgs[0]), 1);
    GIVES(2, weir_send_batch(l.connected, msgs, 2, 0));

    GIVES(-EINVAL, weir_recv(l.bound, NULL, 0));
    GIVES(-EINVAL, weir_recv(l.bound, msgs, 2));
    GIVES(-EINVAL, weir_recv_batch(l.bound, NULL, 1, 0));
    GIVES(-EINVAL, weir_recv_batch(l.bound, msgs, 0, 0));
    GIVES(-EINVAL, weir_recv_batch(l.bound, msgs, 1, 2));
    GIVES(-EINVAL, weir_peek(l.bound, 1, NULL, 0));
    GIVES(-EINVAL, weir_peek(l.bound, 0, &span, 0));
    GIVES(-EINVAL, weir_peek(l.bound, 1, &span, 2));
    GIVES(-EINVAL, weir_release(l.bound, 1));
    EQUAL(drain(l.bound, 1), 2);
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_is_no_socket),
        cmocka_unit_test(closed_sockets_are_told_from_open_ones),
        cmocka_unit_test(stale_handles_do_not_reach_new_sockets),
        cmocka_unit_test(contexts_are_checked_too),
        cmocka_unit_test(a_given_up_context_is_closed),
        cmocka_unit_test(open_checks_its_arguments),
        cmocka_unit_test(message_calls_check_their_arguments),
        cmocka_unit_test(data_calls_check_their_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
