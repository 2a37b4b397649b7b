/* SPDX-License-Identifier: MPL-2.0 */
/* XSUB: subscriptions sent by hand, and messages of users upstream. */
#include "tests/zmq/support.h"

static void
send_bytes(void *s, const char *bytes, size_t size)
{
    GIVES(zmq_send(s, bytes, size, 0), (long)size);
}

CASE(it_subscribes_by_a_message)
{
    void *pub, *xsub;

    join(ZMQ_PUB, &pub, ZMQ_XSUB, &xsub);
    send_bytes(xsub, "\1a", 2);
    settle(pub);
    send_message(pub, "abc", "b", NULL);
    send_message(pub, "b", NULL);
    expect_message(xsub, "abc", "b", NULL);
    expect_nothing(xsub);
}

CASE(it_unsubscribes_by_a_message)
{
    void *pub, *xsub;

    join(ZMQ_PUB, &pub, ZMQ_XSUB, &xsub);
    send_bytes(xsub, "\1a", 2);
    send_bytes(xsub, "\0a", 2);
    settle(pub);
    send_frame(pub, "abc", 0);
    expect_nothing(xsub);
}

CASE(without_a_subscription_nothing_arrives)
{
    void *pub, *xsub;

    join(ZMQ_PUB, &pub, ZMQ_XSUB, &xsub);
    send_frame(pub, "abc", 0);
    send_frame(pub, "", 0);
    expect_nothing(xsub);
}

CASE(its_subscriptions_are_counted)
{
    void *pub, *xsub;

    join(ZMQ_PUB, &pub, ZMQ_XSUB, &xsub);
    send_bytes(xsub, "\1a", 2);
    send_bytes(xsub, "\1a", 2);
    send_bytes(xsub, "\0a", 2);
    settle(pub);
    send_frame(pub, "a1", 0);
    expect_frame(xsub, "a1");
    send_bytes(xsub, "\0a", 2);
    settle(pub);
    send_frame(pub, "a2", 0);
    expect_nothing(xsub);
}

CASE(a_subscription_by_hand_reaches_xpub)
{
    void *xpub, *xsub;

    join(ZMQ_XPUB, &xpub, ZMQ_XSUB, &xsub);
    send_bytes(xsub, "\1topic", 6);
    expect_bytes(xpub, "\1topic", 6);
    send_bytes(xsub, "\0topic", 6);
    expect_bytes(xpub, "\0topic", 6);
    expect_nothing(xpub);
}

CASE(what_was_not_subscribed_cannot_end)
{
    void *xpub, *xsub;

    join(ZMQ_XPUB, &xpub, ZMQ_XSUB, &xsub);
    send_bytes(xsub, "\0topic", 6);
    send_bytes(xsub, "\1other", 6);
    expect_bytes(xpub, "\1other", 6);
    expect_nothing(xpub);
}

CASE(earlier_subscriptions_reach_a_new_publisher)
{
    void *xsub = bound(ZMQ_XSUB, "inproc://x"), *xpub;

    send_bytes(xsub, "\1a", 2);
    send_bytes(xsub, "\1b", 2);
    send_bytes(xsub, "\0a", 2);
    xpub = connected(ZMQ_XPUB, "inproc://x");
    settle(xsub);
    expect_bytes(xpub, "\1b", 2);
    expect_nothing(xpub);
}

CASE(a_users_message_goes_upstream)
{
    void *xpub, *xsub;

    join(ZMQ_XPUB, &xpub, ZMQ_XSUB, &xsub);
    send_frame(xsub, "hello", 0);
    expect_message(xpub, "hello", NULL);
    send_frame(xsub, "again", 0);
    expect_message(xpub, "again", NULL);
}

CASE(a_users_message_of_many_frames_goes_upstream)
{
    void *xpub, *xsub;

    join(ZMQ_XPUB, &xpub, ZMQ_XSUB, &xsub);
    send_message(xsub, "one", "two", "three", NULL);
    expect_message(xpub, "one", "two", "three", NULL);
}

CASE(a_users_message_reaches_all_publishers)
{
    void *xsub = bound(ZMQ_XSUB, "inproc://x"), *xpubs[3];

    for (int i = 0; i < 3; i++)
        xpubs[i] = connected(ZMQ_XPUB, "inproc://x");
    settle(xsub);
    send_frame(xsub, "hello", 0);
    for (int i = 0; i < 3; i++)
        expect_frame(xpubs[i], "hello");
}

CASE(pub_takes_no_users_message)
{
    void *pub, *xsub;

    join(ZMQ_PUB, &pub, ZMQ_XSUB, &xsub);
    send_frame(xsub, "hello", 0);
    send_bytes(xsub, "\1a", 2);
    settle(pub);
    send_frame(pub, "a", 0);
    expect_frame(xsub, "a");
}

CASE(it_sends_to_nobody_without_waiting)
{
    void *xsub = open_socket(ZMQ_XSUB);

    send_frame(xsub, "hello", 0);
    send_bytes(xsub, "\1a", 2);
    assert_int_equal(get_int(xsub, ZMQ_EVENTS), ZMQ_POLLOUT);
}

CASE(it_knows_no_subscribe_option)
{
    FAILS(zmq_setsockopt(open_socket(ZMQ_XSUB), ZMQ_SUBSCRIBE, "a", 1), EINVAL);
}

CASE(subscriptions_go_through_a_forwarder)
{
    void *xpub = bound(ZMQ_XPUB, "inproc://front");
    void *xsub = bound(ZMQ_XSUB, "inproc://back");
    void *sub = connected(ZMQ_SUB, "inproc://front");
    void *pub = connected(ZMQ_PUB, "inproc://back");
    char buffer[8];

    set_text(sub, ZMQ_SUBSCRIBE, "a");
    GIVES(zmq_recv(xpub, buffer, sizeof buffer, 0), 2);
    settle(xsub);
    send_bytes(xsub, buffer, 2);
    settle(pub);
    send_frame(pub, "b", 0);
    send_frame(pub, "abc", 0);
    GIVES(zmq_recv(xsub, buffer, sizeof buffer, 0), 3);
    send_bytes(xpub, buffer, 3);
    expect_frame(sub, "abc");
    expect_nothing(xsub);
}

int
main(int argc, char **argv)
{
    return run_cases("xsub", argc, argv);
}
