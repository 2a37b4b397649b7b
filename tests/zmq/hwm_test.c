/* SPDX-License-Identifier: MPL-2.0 */
/* High-water marks: over inproc a pipe holds as many messages as its sender's
 * ZMQ_SNDHWM and its receiver's ZMQ_RCVHWM together. */
#include "tests/zmq/support.h"

struct ends {
    const char *name;
    int sender, receiver;
};

/* Those whose senders wait, or fail with EAGAIN, at the mark. */
static const struct ends blocking[] = {
    { "PAIR_PAIR", ZMQ_PAIR, ZMQ_PAIR },
    { "PUSH_PULL", ZMQ_PUSH, ZMQ_PULL },
    { "DEALER_DEALER", ZMQ_DEALER, ZMQ_DEALER },
    { "DEALER_ROUTER", ZMQ_DEALER, ZMQ_ROUTER },
    { "DEALER_REP", ZMQ_DEALER, ZMQ_REP },
};

static void
holds_2000_by_default(const void *arg)
{
    const struct ends *e = arg;
    void *s, *r;

    join(e->receiver, &r, e->sender, &s);
    assert_int_equal(send_until_full(s, 5000), 2000);
}

static void
holds_2000_from_the_bound_side(const void *arg)
{
    const struct ends *e = arg;
    void *s, *r;

    join(e->sender, &s, e->receiver, &r);
    assert_int_equal(send_until_full(s, 5000), 2000);
}

static void
holds_the_sum(const void *arg)
{
    const struct ends *e = arg;
    void *s = open_socket(e->sender), *r = open_socket(e->receiver);

    set_int(s, ZMQ_SNDHWM, 3);
    set_int(s, ZMQ_RCVHWM, 100);
    set_int(r, ZMQ_RCVHWM, 4);
    set_int(r, ZMQ_SNDHWM, 200);
    OK(zmq_bind(r, "inproc://x"));
    OK(zmq_connect(s, "inproc://x"));
    settle(s);
    assert_int_equal(send_until_full(s, 5000), 7);
}

static void
holds_the_sum_when_bound_later(const void *arg)
{
    const struct ends *e = arg;
    void *s = open_socket(e->sender), *r = open_socket(e->receiver);

    set_int(s, ZMQ_SNDHWM, 3);
    set_int(r, ZMQ_RCVHWM, 4);
    OK(zmq_connect(s, "inproc://x"));
    OK(zmq_bind(r, "inproc://x"));
    settle(r);
    settle(s);
    assert_int_equal(send_until_full(s, 5000), 7);
}

static void
has_no_limit_at_0(const void *arg)
{
    const struct ends *e = arg;
    void *s = open_socket(e->sender), *r = open_socket(e->receiver);

    set_int(s, ZMQ_SNDHWM, 0);
    OK(zmq_bind(r, "inproc://x"));
    OK(zmq_connect(s, "inproc://x"));
    settle(s);
    assert_int_equal(send_until_full(s, 20000), 20000);
}

static void
has_no_limit_at_the_receivers_0(const void *arg)
{
    const struct ends *e = arg;
    void *s = open_socket(e->sender), *r = open_socket(e->receiver);

    set_int(r, ZMQ_RCVHWM, 0);
    OK(zmq_bind(r, "inproc://x"));
    OK(zmq_connect(s, "inproc://x"));
    settle(s);
    assert_int_equal(send_until_full(s, 20000), 20000);
}

__attribute__((constructor)) static void
add_blocking(void)
{
    for (size_t i = 0; i < LENGTH(blocking); i++) {
        const struct ends *e = &blocking[i];

        add_row("default", e->name, holds_2000_by_default, e);
        add_row("bound_side", e->name, holds_2000_from_the_bound_side, e);
        add_row("sum", e->name, holds_the_sum, e);
        add_row("sum_bound_later", e->name, holds_the_sum_when_bound_later, e);
        add_row("no_limit", e->name, has_no_limit_at_0, e);
        add_row("no_limit_of_receiver", e->name,
                has_no_limit_at_the_receivers_0, e);
    }
}

CASE(before_the_bind_the_senders_mark_holds)
{
    void *s = open_socket(ZMQ_PUSH);

    set_int(s, ZMQ_SNDHWM, 5);
    OK(zmq_connect(s, "inproc://x"));
    assert_int_equal(send_until_full(s, 5000), 5);
}

CASE(a_message_of_many_frames_counts_once)
{
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 2);
    for (int i = 0; i < 4; i++)
        send_message(push, "1", "2", "3", "4", "5", "6", NULL);
    FAILS(zmq_send(push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    for (int i = 0; i < 4; i++)
        expect_message(pull, "1", "2", "3", "4", "5", "6", NULL);
}

CASE(reading_makes_room)
{
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 10);
    for (int round = 0; round < 10; round++) {
        settle(push);
        assert_true(send_until_full(push, 1000) > 0);
        assert_true(drain(pull) > 0);
    }
}

CASE(what_was_accepted_arrives_once_and_in_order)
{
    void *push, *pull;
    int sent = 0, got = 0, number;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 7);
    while (sent < 500) {
        settle(push);
        while (zmq_send(push, &sent, sizeof sent, ZMQ_DONTWAIT) > 0)
            sent++;
        while (zmq_recv(pull, &number, sizeof number, ZMQ_DONTWAIT) > 0)
            assert_int_equal(number, got++);
    }
    assert_int_equal(sent, got);
}

CASE(a_raised_mark_counts_on_live_pipes)
{
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 2);
    set_int(push, ZMQ_SNDHWM, 10);
    assert_int_equal(send_until_full(push, 100), 12);
}

CASE(a_raised_mark_of_the_receiver_counts_on_live_pipes)
{
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 2);
    set_int(pull, ZMQ_RCVHWM, 10);
    settle(push);
    assert_int_equal(send_until_full(push, 100), 12);
}

CASE(a_lowered_mark_drops_nothing)
{
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 10);
    assert_int_equal(send_until_full(push, 100), 20);
    set_int(push, ZMQ_SNDHWM, 1);
    assert_int_equal(send_until_full(push, 100), 0);
    assert_int_equal(drain(pull), 20);
}

static void *
read_later(void *pull)
{
    pause_ms(20);
    while (drain(pull) == 0)
        pause_ms(1);
    return NULL;
}

CASE(a_full_sender_waits_for_its_reader)
{
    pthread_t thread;
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 2);
    assert_int_equal(send_until_full(push, 100), 4);
    thread = start(read_later, pull);
    send_frame(push, "last", 0);
    finish(thread);
}

CASE(a_full_sender_gives_up_after_sndtimeo)
{
    void *push, *pull;
    long begin;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 2);
    assert_int_equal(send_until_full(push, 100), 4);
    set_int(push, ZMQ_SNDTIMEO, 30);
    begin = now_ms();
    FAILS(zmq_send(push, "x", 1, 0), EAGAIN);
    assert_true(now_ms() - begin >= 29);
    assert_int_equal(drain(pull), 4);
}

CASE(each_peer_has_a_mark_of_its_own)
{
    void *push = open_socket(ZMQ_PUSH), *pull;

    set_int(push, ZMQ_SNDHWM, 5);
    OK(zmq_bind(push, "inproc://x"));
    for (int i = 0; i < 3; i++) {
        pull = open_socket(ZMQ_PULL);
        set_int(pull, ZMQ_RCVHWM, 5);
        OK(zmq_connect(pull, "inproc://x"));
    }
    settle(push);
    assert_int_equal(send_until_full(push, 1000), 30);
}

int
main(int argc, char **argv)
{
    return run_cases("hwm", argc, argv);
}
