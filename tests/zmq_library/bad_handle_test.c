/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets, contexts, endpoints, buffers and messages that are none: an error,
 * where libzmq would end the program too. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <zmq.h>

#include <cmocka.h>

#define FAILS(call, error)              \
    do {                                \
        errno = 0;                      \
        assert_int_equal((call), -1);   \
        assert_int_equal(errno, error); \
    } while (0)

/* ---- Sockets ----------------------------------------------------------- */

static void
is_no_socket(void *s)
{
    char byte = 'x';
    struct iovec part = { &byte, 1 };
    size_t size = sizeof(int), count = 1;
    zmq_msg_t msg;
    char bytes[8] = "";
    int value = 0;

    assert_int_equal(zmq_msg_init(&msg), 0);
    FAILS(zmq_close(s), ENOTSOCK);
    FAILS(zmq_bind(s, "inproc://a"), ENOTSOCK);
    FAILS(zmq_connect(s, "inproc://a"), ENOTSOCK);
    FAILS(zmq_unbind(s, "inproc://a"), ENOTSOCK);
    FAILS(zmq_disconnect(s, "inproc://a"), ENOTSOCK);
    FAILS(zmq_bind(s, NULL), ENOTSOCK);
    FAILS(zmq_send(s, "x", 1, 0), ENOTSOCK);
    FAILS(zmq_send(s, NULL, 1, 0), ENOTSOCK);
    FAILS(zmq_send_const(s, "x", 1, 0), ENOTSOCK);
    FAILS(zmq_recv(s, bytes, sizeof(bytes), 0), ENOTSOCK);
    FAILS(zmq_recv(s, NULL, 1, 0), ENOTSOCK);
    FAILS(zmq_msg_send(&msg, s, 0), ENOTSOCK);
    FAILS(zmq_msg_send(NULL, s, 0), ENOTSOCK);
    FAILS(zmq_msg_recv(&msg, s, 0), ENOTSOCK);
    FAILS(zmq_msg_recv(NULL, s, 0), ENOTSOCK);
    FAILS(zmq_sendmsg(s, &msg, 0), ENOTSOCK);
    FAILS(zmq_recvmsg(s, &msg, 0), ENOTSOCK);
    FAILS(zmq_sendiov(s, &part, 1, 0), ENOTSOCK);
    FAILS(zmq_recviov(s, &part, &count, 0), ENOTSOCK);
    FAILS(zmq_setsockopt(s, ZMQ_LINGER, &value, sizeof(value)), ENOTSOCK);
    FAILS(zmq_getsockopt(s, ZMQ_LINGER, &value, &size), ENOTSOCK);
    FAILS(zmq_getsockopt(s, ZMQ_RCVMORE, &value, &size), ENOTSOCK);
    FAILS(zmq_socket_monitor(s, "inproc://m", ZMQ_EVENT_ALL), ENOTSOCK);
    FAILS(zmq_socket_monitor(s, NULL, 0), ENOTSOCK);
    assert_int_equal(zmq_msg_close(&msg), 0);
}

static void
test_what_is_no_socket(void **state)
{
    static _Alignas(256) char zeros[512];
    void *ctx = zmq_ctx_new();
    void *s = zmq_socket(ctx, ZMQ_PAIR);
    zmq_msg_t msg;

    (void)state;
    assert_non_null(s);
    assert_int_equal(zmq_close(s), 0);
    is_no_socket(NULL);
    is_no_socket(s);
    is_no_socket(ctx);
    is_no_socket(zeros);
    is_no_socket(zeros + 1);
    assert_int_equal(zmq_msg_init(&msg), 0);
    assert_int_equal(zmq_ctx_term(ctx), 0);
    is_no_socket(s);
}

/* ---- Contexts ---------------------------------------------------------- */

static void
is_no_context(void *ctx)
{
    FAILS(zmq_ctx_get(ctx, ZMQ_IO_THREADS), EFAULT);
    FAILS(zmq_ctx_set(ctx, ZMQ_IO_THREADS, 1), EFAULT);
    FAILS(zmq_ctx_shutdown(ctx), EFAULT);
    FAILS(zmq_ctx_term(ctx), EFAULT);
    FAILS(zmq_ctx_destroy(ctx), EFAULT);
    FAILS(zmq_term(ctx), EFAULT);
    errno = 0;
    assert_null(zmq_socket(ctx, ZMQ_PAIR));
    assert_int_equal(errno, EFAULT);
}

static void
test_what_is_no_context(void **state)
{
    void *ctx = zmq_ctx_new();
    void *s = zmq_socket(ctx, ZMQ_PAIR);

    (void)state;
    is_no_context(NULL);
    is_no_context(s);
    is_no_context(&ctx);
    is_no_context((void *)1); /* it is not looked at */
    assert_int_equal(zmq_close(s), 0);
    assert_int_equal(zmq_ctx_term(ctx), 0);
    is_no_context(ctx);
}

/* ---- Arguments --------------------------------------------------------- */

struct joined {
    void *ctx, *push, *pull;
};

static int
join(void **state)
{
    struct joined *j = calloc(1, sizeof(*j));

    assert_non_null(j);
    j->ctx = zmq_ctx_new();
    j->push = zmq_socket(j->ctx, ZMQ_PUSH);
    j->pull = zmq_socket(j->ctx, ZMQ_PULL);
    assert_int_equal(zmq_bind(j->pull, "inproc://a"), 0);
    assert_int_equal(zmq_connect(j->push, "inproc://a"), 0);
    *state = j;
    return 0;
}

static int
part(void **state)
{
    struct joined *j = *state;

    assert_int_equal(zmq_close(j->push), 0);
    assert_int_equal(zmq_close(j->pull), 0);
    assert_int_equal(zmq_ctx_term(j->ctx), 0);
    free(j);
    return 0;
}

static void
test_no_buffer(void **state)
{
    struct joined *j = *state;
    char byte;

    FAILS(zmq_send(j->push, NULL, 1, 0), EFAULT);
    FAILS(zmq_send(j->push, NULL, 1000, 0), EFAULT);
    FAILS(zmq_send_const(j->push, NULL, 1, 0), EFAULT);
    assert_int_equal(zmq_send(j->push, "x", 1, 0), 1);
    FAILS(zmq_recv(j->pull, NULL, 1, 0), EFAULT);
    assert_int_equal(zmq_recv(j->pull, &byte, 1, 0), 1);
    FAILS(zmq_recv(j->pull, &byte, 1, ZMQ_DONTWAIT), EAGAIN);
}

static void
test_no_parts(void **state)
{
    struct joined *j = *state;
    char byte = 'x';
    struct iovec one = { &byte, 1 };
    struct iovec bad = { NULL, 1 };
    size_t count = 0;

    FAILS(zmq_sendiov(j->push, NULL, 1, 0), EINVAL);
    FAILS(zmq_sendiov(j->push, &one, 0, 0), EINVAL);
    FAILS(zmq_sendiov(j->push, &bad, 1, 0), EFAULT);
    FAILS(zmq_recviov(j->pull, NULL, &count, 0), EINVAL);
    FAILS(zmq_recviov(j->pull, &one, &count, 0), EINVAL);
    FAILS(zmq_recviov(j->pull, &one, NULL, 0), EINVAL);
    count = 1;
    FAILS(zmq_recviov(j->pull, &one, &count, ZMQ_DONTWAIT), EAGAIN);
    assert_int_equal(count, 0);
}

static void
test_bad_endpoints(void **state)
{
    char name[9 + 257 + 1] = "inproc://";
    struct joined *j = *state;

    FAILS(zmq_bind(j->pull, NULL), EINVAL);
    FAILS(zmq_connect(j->pull, NULL), EINVAL);
    FAILS(zmq_unbind(j->pull, NULL), EINVAL);
    FAILS(zmq_disconnect(j->pull, NULL), EINVAL);
    FAILS(zmq_bind(j->pull, "tcp://127.0.0.1:1"), EPROTONOSUPPORT);
    FAILS(zmq_connect(j->pull, "ipc:///tmp/x"), EPROTONOSUPPORT);
    memset(name + 9, 'n', 257);
    FAILS(zmq_bind(j->pull, name), ENAMETOOLONG);
    FAILS(zmq_connect(j->pull, name), ENAMETOOLONG);
    FAILS(zmq_socket_monitor(j->pull, name, ZMQ_EVENT_ALL), ENAMETOOLONG);
    name[9 + 256] = '\0';
    assert_int_equal(zmq_bind(j->pull, name), 0);
    assert_int_equal(zmq_unbind(j->pull, name), 0);
}

static void
test_nothing_to_poll(void **state)
{
    static _Alignas(256) char zeros[256];
    struct joined *j = *state;
    zmq_pollitem_t items[3] = { { j->pull, 0, ZMQ_POLLIN, 7 },
                                { NULL, -1, ZMQ_POLLIN, 7 },
                                { NULL, 1000000, ZMQ_POLLIN, 7 } };

    FAILS(zmq_poll(NULL, 1, 0), EFAULT);
    FAILS(zmq_poll(items, -1, 0), EINVAL);
    assert_int_equal(zmq_poll(NULL, 0, 0), 0);
    /* Descriptors below 0 are passed over, others that are none an error. */
    assert_int_equal(zmq_poll(items, 2, 1), 0);
    assert_int_equal(items[1].revents, 0);
    assert_int_equal(zmq_poll(items, 3, -1), 1);
    assert_int_equal(items[0].revents, 0);
    assert_int_equal(items[2].revents, ZMQ_POLLERR);
    assert_int_equal(zmq_send(j->push, "x", 1, 0), 1);
    assert_int_equal(zmq_poll(items, 3, -1), 2);
    assert_int_equal(items[0].revents, ZMQ_POLLIN);
    items[1].socket = zeros;
    FAILS(zmq_poll(items, 3, -1), ENOTSOCK);
}

static void
test_nothing_to_pass_on(void **state)
{
    struct joined *j = *state;

    FAILS(zmq_proxy(NULL, j->push, NULL), EFAULT);
    FAILS(zmq_proxy(j->pull, NULL, NULL), EFAULT);
    FAILS(zmq_device(ZMQ_QUEUE, NULL, NULL), EFAULT);
    FAILS(zmq_proxy(j->ctx, j->push, NULL), ENOTSOCK);
    FAILS(zmq_proxy(j->pull, j->push, j->ctx), ENOTSOCK);
    FAILS(zmq_proxy_steerable(j->pull, j->push, NULL, j->ctx), ENOTSOCK);
}

static void
test_bad_numbers(void **state)
{
    struct joined *j = *state;

    errno = 0;
    assert_null(zmq_socket(j->ctx, -1));
    assert_int_equal(errno, EINVAL);
    errno = 0;
    assert_null(zmq_socket(j->ctx, ZMQ_STREAM));
    assert_int_equal(errno, EINVAL);
    FAILS(zmq_ctx_set(j->ctx, ZMQ_MAX_SOCKETS, -1), EINVAL);
    FAILS(zmq_ctx_set(j->ctx, -1, 1), EINVAL);
    FAILS(zmq_ctx_get(j->ctx, INT32_MAX), EINVAL);
}

/* ---- Messages ---------------------------------------------------------- */

static void
is_no_message(struct joined *j, zmq_msg_t *msg)
{
    zmq_msg_t good;

    assert_int_equal(zmq_msg_init(&good), 0);
    FAILS(zmq_msg_close(msg), EFAULT);
    FAILS(zmq_msg_copy(&good, msg), EFAULT);
    FAILS(zmq_msg_copy(msg, &good), EFAULT);
    FAILS(zmq_msg_move(&good, msg), EFAULT);
    FAILS(zmq_msg_move(msg, &good), EFAULT);
    FAILS(zmq_msg_send(msg, j->push, 0), EFAULT);
    FAILS(zmq_msg_recv(msg, j->pull, ZMQ_DONTWAIT), EFAULT);
    FAILS(zmq_msg_get(msg, ZMQ_MORE), EFAULT);
    FAILS(zmq_msg_set(msg, ZMQ_MORE, 1), EINVAL);
    assert_int_equal(zmq_msg_more(msg), 0);
    assert_int_equal(zmq_msg_size(msg), 0);
    assert_null(zmq_msg_data(msg));
    assert_null(zmq_msg_gets(msg, "Socket-Type"));
    assert_int_equal(zmq_msg_close(&good), 0);
}

static void
test_what_is_no_message(void **state)
{
    struct joined *j = *state;
    zmq_msg_t msg;

    is_no_message(j, NULL);
    memset(&msg, 0, sizeof(msg));
    is_no_message(j, &msg);
    memset(&msg, 0xff, sizeof(msg));
    is_no_message(j, &msg);
    assert_int_equal(zmq_msg_init_size(&msg, 1000), 0);
    assert_int_equal(zmq_msg_close(&msg), 0);
    is_no_message(j, &msg);
    FAILS(zmq_msg_init_size(&msg, SIZE_MAX), ENOMEM);
    is_no_message(j, &msg);
    FAILS(zmq_msg_init_data(&msg, NULL, 1, NULL, NULL), EINVAL);
    is_no_message(j, &msg);
    FAILS(zmq_msg_init(NULL), EFAULT);
    FAILS(zmq_msg_init_size(NULL, 1), EFAULT);
    FAILS(zmq_msg_init_data(NULL, &msg, 1, NULL, NULL), EFAULT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_socket),
        cmocka_unit_test(test_what_is_no_context),
        cmocka_unit_test_setup_teardown(test_no_buffer, join, part),
        cmocka_unit_test_setup_teardown(test_no_parts, join, part),
        cmocka_unit_test_setup_teardown(test_bad_endpoints, join, part),
        cmocka_unit_test_setup_teardown(test_nothing_to_poll, join, part),
        cmocka_unit_test_setup_teardown(test_nothing_to_pass_on, join, part),
        cmocka_unit_test_setup_teardown(test_bad_numbers, join, part),
        cmocka_unit_test_setup_teardown(test_what_is_no_message, join, part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
