/* SPDX-License-Identifier: MPL-2.0 */
/* Messages where they are not as libzmq's, or depend on weir's sizes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>
#include <zmq.h>

#include <cmocka.h>

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
test_sizes_around_the_inline_one(void **state)
{
    unsigned char bytes[80], got[80];
    struct joined *j = *state;
    zmq_msg_t msg, copy;

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i + 1);
    for (size_t size = 0; size < sizeof(bytes); size++) {
        assert_int_equal(zmq_send(j->push, bytes, size, 0), size);
        memset(got, 0, sizeof(got));
        assert_int_equal(zmq_recv(j->pull, got, sizeof(got), 0), size);
        assert_memory_equal(got, bytes, size);
        assert_int_equal(zmq_msg_init_size(&msg, size), 0);
        assert_int_equal(zmq_msg_init(&copy), 0);
        memcpy(zmq_msg_data(&msg), bytes, size);
        assert_int_equal(zmq_msg_copy(&copy, &msg), 0);
        assert_int_equal(zmq_msg_size(&copy), size);
        assert_memory_equal(zmq_msg_data(&copy), bytes, size);
        assert_int_equal(zmq_msg_get(&copy, ZMQ_SHARED),
                         size > WEIR_INLINE_MAX);
        assert_int_equal(zmq_msg_close(&copy), 0);
        assert_int_equal(zmq_msg_close(&msg), 0);
    }
}

static void
test_a_short_buffer_gets_no_more_than_it_holds(void **state)
{
    static const char whole[] = "a message that is longer than a line of the "
                                "cache, so that it is not inline";
    struct joined *j = *state;

    for (size_t size = 1; size <= sizeof(whole); size += 7)
        for (size_t room = 0; room <= size; room++) {
            char *got = malloc(room + 1);

            assert_int_equal(zmq_send(j->push, whole, size, 0), size);
            got[room] = '?';
            assert_int_equal(zmq_recv(j->pull, got, room, 0), size);
            assert_memory_equal(got, whole, room);
            assert_int_equal(got[room], '?');
            free(got);
        }
}

static void
test_constant_bytes_are_shared(void **state)
{
    static char text[] = "constant";
    struct joined *j = *state;
    zmq_msg_t msg, to;

    assert_int_equal(zmq_msg_init_data(&msg, text, 8, NULL, NULL), 0);
    assert_int_equal(zmq_msg_get(&msg, ZMQ_SHARED), 1);
    assert_int_equal(zmq_msg_init(&to), 0);
    assert_int_equal(zmq_msg_copy(&to, &msg), 0);
    assert_int_equal(zmq_msg_get(&to, ZMQ_SHARED), 1);
    assert_int_equal(zmq_msg_move(&to, &msg), 0);
    assert_int_equal(zmq_msg_get(&to, ZMQ_SHARED), 1);
    assert_int_equal(zmq_msg_get(&msg, ZMQ_SHARED), 0);
    /* Something else in its place is not. */
    assert_int_equal(zmq_send(j->push, "x", 1, 0), 1);
    assert_int_equal(zmq_msg_recv(&to, j->pull, 0), 1);
    assert_int_equal(zmq_msg_get(&to, ZMQ_SHARED), 0);
    assert_int_equal(zmq_msg_close(&to), 0);
    assert_int_equal(zmq_msg_close(&msg), 0);
}

static void
test_a_message_to_itself(void **state)
{
    zmq_msg_t msg;

    (void)state;
    assert_int_equal(zmq_msg_init_size(&msg, 1000), 0);
    memset(zmq_msg_data(&msg), 'x', 1000);
    assert_int_equal(zmq_msg_move(&msg, &msg), 0);
    assert_int_equal(zmq_msg_copy(&msg, &msg), 0);
    assert_int_equal(zmq_msg_size(&msg), 1000);
    assert_int_equal(((char *)zmq_msg_data(&msg))[999], 'x');
    assert_int_equal(zmq_msg_close(&msg), 0);
}

static void
test_a_failed_receive_leaves_what_was_there(void **state)
{
    struct joined *j = *state;
    zmq_msg_t msg;

    for (size_t size = 5; size < 1000; size += 900) {
        assert_int_equal(zmq_msg_init_size(&msg, size), 0);
        memset(zmq_msg_data(&msg), 'x', size);
        errno = 0;
        assert_int_equal(zmq_msg_recv(&msg, j->pull, ZMQ_DONTWAIT), -1);
        assert_int_equal(errno, EAGAIN);
        assert_int_equal(zmq_msg_size(&msg), size);
        assert_int_equal(((char *)zmq_msg_data(&msg))[size - 1], 'x');
        assert_int_equal(zmq_msg_close(&msg), 0);
    }
}

static void
test_a_sent_message_is_an_empty_one(void **state)
{
    struct joined *j = *state;
    zmq_msg_t msg;

    assert_int_equal(zmq_msg_init_size(&msg, 1000), 0);
    assert_int_equal(zmq_msg_send(&msg, j->push, ZMQ_SNDMORE), 1000);
    assert_int_equal(zmq_msg_size(&msg), 0);
    assert_int_equal(zmq_msg_more(&msg), 0);
    assert_int_equal(zmq_msg_send(&msg, j->push, 0), 0);
    assert_int_equal(zmq_msg_recv(&msg, j->pull, 0), 1000);
    assert_int_equal(zmq_msg_more(&msg), 1);
    assert_int_equal(zmq_msg_recv(&msg, j->pull, 0), 0);
    assert_int_equal(zmq_msg_more(&msg), 0);
    assert_int_equal(zmq_msg_close(&msg), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sizes_around_the_inline_one, join,
                                        part),
        cmocka_unit_test_setup_teardown(
            test_a_short_buffer_gets_no_more_than_it_holds, join, part),
        cmocka_unit_test_setup_teardown(test_constant_bytes_are_shared, join,
                                        part),
        cmocka_unit_test(test_a_message_to_itself),
        cmocka_unit_test_setup_teardown(
            test_a_failed_receive_leaves_what_was_there, join, part),
        cmocka_unit_test_setup_teardown(test_a_sent_message_is_an_empty_one,
                                        join, part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
