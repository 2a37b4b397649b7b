/* SPDX-License-Identifier: MPL-2.0 */
/* Every option number with every size, set from and read into buffers that are
 * exactly that large and not aligned: nothing outside of them is touched. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

#define OPTION_MAX 130
#define SIZE_MOST  300
#define GUARD      0x5a

struct one {
    void *ctx, *s;
    int type;
};

/* A socket of each type that can be opened. */
static bool
open_one(struct one *one, int type)
{
    one->type = type;
    one->ctx = zmq_ctx_new();
    one->s = zmq_socket(one->ctx, type);
    if (one->s != NULL)
        return true;
    assert_int_equal(zmq_ctx_term(one->ctx), 0);
    return false;
}

static void
close_one(struct one *one)
{
    assert_int_equal(zmq_close(one->s), 0);
    assert_int_equal(zmq_ctx_term(one->ctx), 0);
}

/* Reads an option into `room` bytes between two guards. */
static void
read_option(struct one *one, int option, size_t room)
{
    unsigned char *buffer = malloc(room + 2);
    size_t size = room;
    int rc;

    assert_non_null(buffer);
    buffer[0] = buffer[room + 1] = GUARD;
    errno = 0;
    rc = zmq_getsockopt(one->s, option, buffer + 1, &size);
    assert_true(rc == 0 || (rc == -1 && errno == EINVAL));
    assert_true(rc != 0 || size <= room);
    assert_int_equal(buffer[0], GUARD);
    assert_int_equal(buffer[room + 1], GUARD);
    free(buffer);
}

/* Sets an option from `size` bytes, where a sanitizer sees every other. */
static void
set_option(struct one *one, int option, size_t size, int fill)
{
    unsigned char *buffer = malloc(size + 1);
    int rc;

    assert_non_null(buffer);
    memset(buffer, fill, size + 1);
    errno = 0;
    rc = zmq_setsockopt(one->s, option, buffer + 1, size);
    assert_true(rc == 0 || (rc == -1 && errno == EINVAL));
    free(buffer);
}

static void
test_all_sizes(void **state)
{
    struct one one;

    (void)state;
    for (int type = ZMQ_PAIR; type <= ZMQ_STREAM; type++) {
        if (!open_one(&one, type))
            continue;
        for (int option = -1; option < OPTION_MAX; option++)
            for (size_t size = 0; size <= SIZE_MOST; size++) {
                set_option(&one, option, size, (int)(size * 7));
                read_option(&one, option, size);
            }
        close_one(&one);
    }
}

static void
test_nothing_to_read_or_write(void **state)
{
    struct one one;
    size_t size;

    (void)state;
    assert_true(open_one(&one, ZMQ_DEALER));
    for (int option = -1; option < OPTION_MAX; option++) {
        size = sizeof(int);
        errno = 0;
        assert_int_equal(zmq_getsockopt(one.s, option, NULL, &size), -1);
        assert_int_equal(errno, EINVAL);
        assert_int_equal(zmq_getsockopt(one.s, option, &size, NULL), -1);
        assert_int_equal(zmq_setsockopt(one.s, option, NULL, 4), -1);
        assert_int_equal(errno, EINVAL);
    }
    assert_int_equal(zmq_setsockopt(one.s, INT32_MAX, &size, 4), -1);
    assert_int_equal(zmq_setsockopt(one.s, INT32_MIN, &size, 4), -1);
    close_one(&one);
}

/* ---- Kept and given back ----------------------------------------------- */

static int
number_of(void *s, int option)
{
    size_t size = sizeof(int);
    int value;

    assert_int_equal(zmq_getsockopt(s, option, &value, &size), 0);
    return value;
}

static int
set_number(void *s, int option, int value)
{
    return zmq_setsockopt(s, option, &value, sizeof(value));
}

static void
test_a_mechanism_is_that_of_the_last_option(void **state)
{
    struct one one;

    (void)state;
    assert_true(open_one(&one, ZMQ_DEALER));
    assert_int_equal(number_of(one.s, ZMQ_MECHANISM), ZMQ_NULL);
    assert_int_equal(set_number(one.s, ZMQ_CURVE_SERVER, 1), 0);
    assert_int_equal(number_of(one.s, ZMQ_MECHANISM), ZMQ_CURVE);
    assert_int_equal(number_of(one.s, ZMQ_CURVE_SERVER), 1);
    assert_int_equal(number_of(one.s, ZMQ_PLAIN_SERVER), 0);
    assert_int_equal(zmq_setsockopt(one.s, ZMQ_PLAIN_USERNAME, "me", 2), 0);
    assert_int_equal(number_of(one.s, ZMQ_MECHANISM), ZMQ_PLAIN);
    assert_int_equal(number_of(one.s, ZMQ_PLAIN_SERVER), 0);
    assert_int_equal(zmq_setsockopt(one.s, ZMQ_PLAIN_USERNAME, NULL, 0), 0);
    assert_int_equal(number_of(one.s, ZMQ_MECHANISM), ZMQ_NULL);
    close_one(&one);
}

static void
test_keys_are_bytes_or_text(void **state)
{
    char key[41], text[41];
    uint8_t bytes[32], got[32];
    size_t size = sizeof(got);
    struct one one;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 11);
    assert_non_null(zmq_z85_encode(key, bytes, sizeof(bytes)));
    assert_true(open_one(&one, ZMQ_DEALER));
    assert_int_equal(zmq_setsockopt(one.s, ZMQ_CURVE_SERVERKEY, key, 41), 0);
    assert_int_equal(zmq_getsockopt(one.s, ZMQ_CURVE_SERVERKEY, got, &size), 0);
    assert_memory_equal(got, bytes, sizeof(bytes));
    assert_int_equal(zmq_setsockopt(one.s, ZMQ_CURVE_SERVERKEY, bytes, 32), 0);
    size = sizeof(text);
    assert_int_equal(zmq_getsockopt(one.s, ZMQ_CURVE_SERVERKEY, text, &size),
                     0);
    assert_string_equal(text, key);
    key[7] = ' ';
    assert_int_equal(zmq_setsockopt(one.s, ZMQ_CURVE_SERVERKEY, key, 40), -1);
    close_one(&one);
}

static void
test_filters_are_addresses(void **state)
{
    static const char *const good[] = { "10.0.0.1", "10.0.0.0/8", "::1",
                                        "fe80::/10" };
    static const char *const bad[] = { "",       "/8",        "10.0.0.0/33",
                                       "x",      "10.0.0.0/", "10.0.0.0/8x",
                                       "::1/129" };
    struct one one;

    (void)state;
    assert_true(open_one(&one, ZMQ_DEALER));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(zmq_setsockopt(one.s, ZMQ_TCP_ACCEPT_FILTER, good[i],
                                        strlen(good[i])),
                         0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(zmq_setsockopt(one.s, ZMQ_TCP_ACCEPT_FILTER, bad[i],
                                        strlen(bad[i])),
                         -1);
    close_one(&one);
}

static void
test_after_shutdown(void **state)
{
    size_t size = sizeof(int);
    struct one one;
    int value = 0;

    (void)state;
    assert_true(open_one(&one, ZMQ_DEALER));
    assert_int_equal(zmq_ctx_shutdown(one.ctx), 0);
    errno = 0;
    assert_int_equal(zmq_getsockopt(one.s, ZMQ_LINGER, &value, &size), -1);
    assert_int_equal(errno, ETERM);
    errno = 0;
    assert_int_equal(set_number(one.s, ZMQ_LINGER, 0), -1);
    assert_int_equal(errno, ETERM);
    close_one(&one);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_sizes),
        cmocka_unit_test(test_nothing_to_read_or_write),
        cmocka_unit_test(test_a_mechanism_is_that_of_the_last_option),
        cmocka_unit_test(test_keys_are_bytes_or_text),
        cmocka_unit_test(test_filters_are_addresses),
        cmocka_unit_test(test_after_shutdown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
