/* SPDX-License-Identifier: MPL-2.0 */
/* Which lanes a socket looks at: those of busy peers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "core/socket.h"

#include <cmocka.h>

#define PEERS 8

struct fan {
    weir_context *ctx;
    weir_socket *pull;
    weir_socket *push[PEERS];
};

static void
fan_open(struct fan *f)
{
    f->ctx = weir_context_new();
    assert_int_equal(weir_socket_open(f->ctx, WEIR_PULL, &f->pull), 0);
    assert_int_equal(weir_bind(f->pull, "inproc://fan"), 0);
    for (int i = 0; i < PEERS; i++) {
        assert_int_equal(weir_socket_open(f->ctx, WEIR_PUSH, &f->push[i]), 0);
        assert_int_equal(weir_connect(f->push[i], "inproc://fan"), 0);
    }
}

static void
fan_close(struct fan *f)
{
    for (int i = 0; i < PEERS; i++)
        assert_int_equal(weir_close(f->push[i]), 0);
    assert_int_equal(weir_close(f->pull), 0);
    assert_int_equal(weir_context_free(f->ctx), 0);
}

static void
push_one(const struct fan *f, int peer)
{
    weir_msg msg;

    weir_msg_init_inline(&msg, 1);
    *(unsigned char *)weir_msg_data(&msg) = (unsigned char)peer;
    assert_int_equal(weir_send(f->push[peer], &msg, 0), 0);
}

/* Returns the peer whose message it is. */
static int
pull_one(const struct fan *f)
{
    weir_msg msg;

    assert_int_equal(weir_recv(f->pull, &msg, WEIR_DONTWAIT), 0);
    return *(const unsigned char *)weir_msg_bytes(&msg);
}

static uint32_t
looked_at(const struct fan *f)
{
    return wr_socket_of(f->pull)->in.active;
}

/* One peer sends, the others do not. */
static void
keep_busy(const struct fan *f, int peer)
{
    for (int i = 0; i < WR_LANES_PATIENCE; i++) {
        push_one(f, peer);
        assert_int_equal(pull_one(f), peer);
    }
}

static void
test_idle_lanes_leave_the_circle_of_a_busy_one(void **state)
{
    struct fan f;

    (void)state;
    fan_open(&f);
    push_one(&f, 0);
    assert_int_equal(pull_one(&f), 0);
    assert_int_equal(looked_at(&f), PEERS);
    keep_busy(&f, 0);
    assert_int_equal(looked_at(&f), 1);
    fan_close(&f);
}

static void
test_idle_lanes_come_back_when_they_are_written(void **state)
{
    struct fan f;
    unsigned seen = 0;

    (void)state;
    fan_open(&f);
    keep_busy(&f, 3);
    for (int i = 0; i < PEERS; i++)
        push_one(&f, i);
    for (int i = 0; i < PEERS; i++)
        seen |= 1u << pull_one(&f);
    assert_int_equal(seen, (1u << PEERS) - 1);
    assert_int_equal(looked_at(&f), PEERS);
    fan_close(&f);
}

static void
test_nothing_to_receive_is_found_with_no_lane_in_the_circle(void **state)
{
    struct fan f;
    weir_msg msg;

    (void)state;
    fan_open(&f);
    for (int i = 0; i < WR_LANES_PATIENCE; i++)
        assert_int_equal(weir_recv(f.pull, &msg, WEIR_DONTWAIT), -EAGAIN);
    assert_int_equal(looked_at(&f), 0);
    push_one(&f, 5);
    assert_int_equal(pull_one(&f), 5);
    assert_int_equal(looked_at(&f), 1);
    fan_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_lanes_leave_the_circle_of_a_busy_one),
        cmocka_unit_test(test_idle_lanes_come_back_when_they_are_written),
        cmocka_unit_test(
            test_nothing_to_receive_is_found_with_no_lane_in_the_circle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
