/* SPDX-License-Identifier: MPL-2.0 */
/* Publishers at the high-water mark, the last value only, inverted matching. */
#include "tests/zmq/support.h"

static void
join_topic(int pub_type, void **pub, void **sub, int hwm, const char *topic)
{
    *pub = open_socket(pub_type);
    *sub = open_socket(ZMQ_SUB);
    set_int(*pub, ZMQ_SNDHWM, hwm);
    set_int(*sub, ZMQ_RCVHWM, hwm);
    set_text(*sub, ZMQ_SUBSCRIBE, topic);
    OK(zmq_bind(*pub, "inproc://pub"));
    OK(zmq_connect(*sub, "inproc://pub"));
    settle(*pub);
}

CASE(pub_drops_what_is_over_the_mark)
{
    void *pub, *sub;

    join_topic(ZMQ_PUB, &pub, &sub, 10, "");
    for (int i = 0; i < 100; i++)
        send_frame(pub, "x", 0);
    assert_int_equal(drain(sub), 20);
}

CASE(pub_drops_what_is_over_the_default_mark)
{
    void *pub, *sub;

    join_topic(ZMQ_PUB, &pub, &sub, 1000, "");
    assert_int_equal(send_until_full(pub, 5000), 5000);
    assert_int_equal(drain(sub), 2000);
}

CASE(pub_drops_the_newest)
{
    void *pub, *sub;
    int got;

    join_topic(ZMQ_PUB, &pub, &sub, 5, "");
    for (int i = 0; i < 100; i++)
        GIVES(zmq_send(pub, &i, sizeof i, 0), sizeof i);
    for (int i = 0; i < 10; i++) {
        GIVES(zmq_recv(sub, &got, sizeof got, 0), sizeof got);
        assert_int_equal(got, i);
    }
    expect_nothing(sub);
}

CASE(pub_drops_whole_messages)
{
    void *pub, *sub;

    join_topic(ZMQ_PUB, &pub, &sub, 5, "");
    for (int i = 0; i < 100; i++)
        send_message(pub, "1", "2", "3", NULL);
    for (int i = 0; i < 10; i++)
        expect_message(sub, "1", "2", "3", NULL);
    expect_nothing(sub);
}

CASE(pub_drops_for_the_slow_one_only)
{
    void *pub, *slow, *fast = open_socket(ZMQ_SUB);
    int heard = 0;

    join_topic(ZMQ_PUB, &pub, &slow, 10, "");
    set_text(fast, ZMQ_SUBSCRIBE, "");
    OK(zmq_connect(fast, "inproc://pub"));
    settle(pub);
    for (int i = 0; i < 100; i++) {
        send_frame(pub, "x", 0);
        heard += drain(fast);
        settle(pub);
    }
    assert_int_equal(heard, 100);
    assert_int_equal(drain(slow), 20);
}

CASE(pub_goes_on_when_there_is_room)
{
    void *pub, *sub;

    join_topic(ZMQ_PUB, &pub, &sub, 10, "");
    for (int i = 0; i < 100; i++)
        send_frame(pub, "x", 0);
    assert_int_equal(drain(sub), 20);
    settle(pub);
    send_frame(pub, "next", 0);
    expect_message(sub, "next", NULL);
}

CASE(what_is_not_wanted_takes_no_room)
{
    void *pub, *sub;

    join_topic(ZMQ_PUB, &pub, &sub, 5, "a");
    for (int i = 0; i < 100; i++)
        send_frame(pub, "b", 0);
    for (int i = 0; i < 10; i++)
        send_frame(pub, "a", 0);
    assert_int_equal(drain(sub), 10);
}

static void
no_drop(int type)
{
    void *pub, *sub;

    join_topic(type, &pub, &sub, 10, "");
    set_int(pub, ZMQ_XPUB_NODROP, 1);
    assert_int_equal(send_until_full(pub, 100), 20);
    assert_int_equal(drain(sub), 20);
    settle(pub);
    send_frame(pub, "next", 0);
    expect_message(sub, "next", NULL);
}

CASE(xpub_with_nodrop_gives_eagain)
{
    no_drop(ZMQ_XPUB);
}

CASE(pub_with_nodrop_gives_eagain)
{
    no_drop(ZMQ_PUB);
}

static void *
drain_later(void *sub)
{
    pause_ms(20);
    while (drain(sub) == 0)
        pause_ms(1);
    return NULL;
}

CASE(pub_with_nodrop_waits)
{
    pthread_t thread;
    void *pub, *sub;

    join_topic(ZMQ_PUB, &pub, &sub, 10, "");
    set_int(pub, ZMQ_XPUB_NODROP, 1);
    assert_int_equal(send_until_full(pub, 100), 20);
    thread = start(drain_later, sub);
    send_frame(pub, "waited", 0);
    finish(thread);
}

CASE(no_mark_no_drop)
{
    void *pub, *sub;

    join_topic(ZMQ_PUB, &pub, &sub, 0, "");
    for (int i = 0; i < 20000; i++)
        send_frame(pub, "x", 0);
    assert_int_equal(drain(sub), 20000);
}

/* ---- The last value ---------------------------------------------------- */

CASE(conflate_keeps_the_last_message)
{
    void *pub = bound(ZMQ_PUB, "inproc://pub"), *sub = open_socket(ZMQ_SUB);

    set_int(sub, ZMQ_CONFLATE, 1);
    set_text(sub, ZMQ_SUBSCRIBE, "");
    OK(zmq_connect(sub, "inproc://pub"));
    settle(pub);
    for (int i = 0; i < 100; i++)
        GIVES(zmq_send(pub, &i, sizeof i, 0), sizeof i);
    expect_bytes(sub, &(int){ 99 }, sizeof(int));
    expect_nothing(sub);
}

CASE(conflate_on_a_pipeline)
{
    void *pull = open_socket(ZMQ_PULL), *push = open_socket(ZMQ_PUSH);

    set_int(pull, ZMQ_CONFLATE, 1);
    set_int(push, ZMQ_CONFLATE, 1);
    OK(zmq_bind(pull, "inproc://x"));
    OK(zmq_connect(push, "inproc://x"));
    settle(pull);
    for (int i = 0; i < 5000; i++)
        GIVES(zmq_send(push, &i, sizeof i, 0), sizeof i);
    expect_bytes(pull, &(int){ 4999 }, sizeof(int));
    expect_nothing(pull);
    send_frame(push, "next", 0);
    expect_frame(pull, "next");
}

/* ---- Inverted matching ------------------------------------------------- */

CASE(inverted_a_topic_is_what_is_not_wanted)
{
    void *pub = open_socket(ZMQ_PUB), *sub = open_socket(ZMQ_SUB);

    set_int(pub, ZMQ_INVERT_MATCHING, 1);
    set_int(sub, ZMQ_INVERT_MATCHING, 1);
    set_text(sub, ZMQ_SUBSCRIBE, "a");
    OK(zmq_bind(pub, "inproc://pub"));
    OK(zmq_connect(sub, "inproc://pub"));
    settle(pub);
    send_frame(pub, "abc", 0);
    send_frame(pub, "b", 0);
    send_message(pub, "ab", "b", NULL);
    send_message(pub, "c", "a", NULL);
    expect_message(sub, "b", NULL);
    expect_message(sub, "c", "a", NULL);
    expect_nothing(sub);
}

int
main(int argc, char **argv)
{
    return run_cases("pub_limit", argc, argv);
}
