/* SPDX-License-Identifier: MPL-2.0 */
/* XPUB: the subscriptions that it hears of, and its modes. */
#include "tests/zmq/support.h"

static void *
publisher(void)
{
    return bound(ZMQ_XPUB, "inproc://pub");
}

static void *
subscriber(const char *topic)
{
    void *sub = connected(ZMQ_SUB, "inproc://pub");

    if (topic)
        set_text(sub, ZMQ_SUBSCRIBE, topic);
    return sub;
}

CASE(it_hears_of_a_subscription)
{
    void *xpub = publisher();

    subscriber("topic");
    expect_bytes(xpub, "\1topic", 6);
    assert_int_equal(get_int(xpub, ZMQ_RCVMORE), 0);
    expect_nothing(xpub);
}

CASE(it_hears_of_the_empty_topic)
{
    void *xpub = publisher();

    subscriber("");
    expect_bytes(xpub, "\1", 1);
}

CASE(it_hears_of_an_end)
{
    void *xpub = publisher(), *sub = subscriber("topic");

    set_text(sub, ZMQ_UNSUBSCRIBE, "topic");
    expect_bytes(xpub, "\1topic", 6);
    expect_bytes(xpub, "\0topic", 6);
    expect_nothing(xpub);
}

CASE(it_hears_of_earlier_subscriptions_at_the_bind)
{
    void *sub = subscriber("a"), *xpub;

    set_text(sub, ZMQ_SUBSCRIBE, "b");
    xpub = publisher();
    expect_bytes(xpub, "\1a", 2);
    expect_bytes(xpub, "\1b", 2);
}

CASE(it_hears_once_of_what_two_want)
{
    void *xpub = publisher();

    subscriber("topic");
    expect_bytes(xpub, "\1topic", 6);
    subscriber("topic");
    subscriber("other");
    expect_bytes(xpub, "\1other", 6);
    expect_nothing(xpub);
}

CASE(it_hears_of_the_end_when_the_last_left)
{
    void *xpub = publisher(), *a = subscriber("topic"), *b;

    expect_bytes(xpub, "\1topic", 6);
    b = subscriber("topic");
    settle(xpub);
    set_text(a, ZMQ_UNSUBSCRIBE, "topic");
    settle(xpub);
    expect_nothing(xpub);
    set_text(b, ZMQ_UNSUBSCRIBE, "topic");
    expect_bytes(xpub, "\0topic", 6);
}

CASE(a_subscriber_that_closes_unsubscribes)
{
    void *xpub = publisher(), *sub = subscriber("topic");

    expect_bytes(xpub, "\1topic", 6);
    close_socket(sub);
    expect_bytes(xpub, "\0topic", 6);
    expect_nothing(xpub);
}

CASE(a_subscriber_that_disconnects_unsubscribes)
{
    void *xpub = publisher(), *sub = subscriber("topic");

    expect_bytes(xpub, "\1topic", 6);
    OK(zmq_disconnect(sub, "inproc://pub"));
    EVENTUALLY((settle(sub), poll_now(xpub, ZMQ_POLLIN)));
    expect_bytes(xpub, "\0topic", 6);
}

CASE(it_publishes_as_pub_does)
{
    void *xpub = publisher(), *sub = subscriber("a");

    settle(xpub);
    send_message(xpub, "abc", "b", NULL);
    send_message(xpub, "b", NULL);
    expect_message(sub, "abc", "b", NULL);
    expect_nothing(sub);
}

CASE(a_new_subscription_can_be_answered)
{
    void *xpub = publisher(), *sub = subscriber("topic");

    expect_bytes(xpub, "\1topic", 6);
    send_frame(xpub, "topic: hello", 0);
    expect_frame(sub, "topic: hello");
}

CASE(events_of_an_xpub)
{
    void *xpub = publisher();

    assert_int_equal(get_int(xpub, ZMQ_EVENTS), ZMQ_POLLOUT);
    subscriber("topic");
    assert_int_equal(get_int(xpub, ZMQ_EVENTS), ZMQ_POLLOUT | ZMQ_POLLIN);
    expect_bytes(xpub, "\1topic", 6);
    assert_int_equal(get_int(xpub, ZMQ_EVENTS), ZMQ_POLLOUT);
}

/* ---- Verbose ----------------------------------------------------------- */

CASE(verbose_hears_of_each_subscription)
{
    void *xpub = publisher();

    set_int(xpub, ZMQ_XPUB_VERBOSE, 1);
    subscriber("topic");
    expect_bytes(xpub, "\1topic", 6);
    subscriber("topic");
    expect_bytes(xpub, "\1topic", 6);
    expect_nothing(xpub);
}

CASE(verbose_hears_of_the_last_end_only)
{
    void *xpub = publisher(), *a, *b;

    set_int(xpub, ZMQ_XPUB_VERBOSE, 1);
    a = subscriber("topic");
    b = subscriber("topic");
    expect_bytes(xpub, "\1topic", 6);
    expect_bytes(xpub, "\1topic", 6);
    set_text(a, ZMQ_UNSUBSCRIBE, "topic");
    settle(xpub);
    expect_nothing(xpub);
    set_text(b, ZMQ_UNSUBSCRIBE, "topic");
    expect_bytes(xpub, "\0topic", 6);
}

CASE(verboser_hears_of_each_end)
{
    void *xpub = publisher(), *a, *b;

    set_int(xpub, ZMQ_XPUB_VERBOSER, 1);
    a = subscriber("topic");
    b = subscriber("topic");
    expect_bytes(xpub, "\1topic", 6);
    expect_bytes(xpub, "\1topic", 6);
    set_text(a, ZMQ_UNSUBSCRIBE, "topic");
    expect_bytes(xpub, "\0topic", 6);
    set_text(b, ZMQ_UNSUBSCRIBE, "topic");
    expect_bytes(xpub, "\0topic", 6);
    expect_nothing(xpub);
}

/* ---- Manual ------------------------------------------------------------ */

CASE(manual_subscribes_nobody_by_itself)
{
    void *xpub = publisher(), *sub;

    set_int(xpub, ZMQ_XPUB_MANUAL, 1);
    sub = subscriber("A");
    expect_bytes(xpub, "\1A", 2);
    send_frame(xpub, "A", 0);
    expect_nothing(sub);
}

CASE(manual_subscribes_to_another_topic)
{
    void *xpub = publisher(), *sub;

    set_int(xpub, ZMQ_XPUB_MANUAL, 1);
    sub = subscriber("A");
    set_text(sub, ZMQ_SUBSCRIBE, "XA");
    expect_bytes(xpub, "\1A", 2);
    set_text(xpub, ZMQ_SUBSCRIBE, "XA");
    send_frame(xpub, "A", 0);
    send_frame(xpub, "XA", 0);
    expect_frame(sub, "XA");
    expect_nothing(sub);
}

CASE(manual_subscribes_who_asked_last)
{
    void *xpub = publisher(), *a, *b;

    set_int(xpub, ZMQ_XPUB_MANUAL, 1);
    a = subscriber("");
    expect_bytes(xpub, "\1", 1);
    set_text(xpub, ZMQ_SUBSCRIBE, "A");
    b = subscriber("");
    expect_bytes(xpub, "\1", 1);
    set_text(xpub, ZMQ_SUBSCRIBE, "B");
    send_frame(xpub, "A", 0);
    send_frame(xpub, "B", 0);
    expect_frame(a, "A");
    expect_frame(b, "B");
    expect_nothing(a);
    expect_nothing(b);
}

CASE(manual_unsubscribes)
{
    void *xpub = publisher(), *sub;

    set_int(xpub, ZMQ_XPUB_MANUAL, 1);
    sub = subscriber("A");
    expect_bytes(xpub, "\1A", 2);
    set_text(xpub, ZMQ_SUBSCRIBE, "A");
    send_frame(xpub, "A", 0);
    expect_frame(sub, "A");
    set_text(sub, ZMQ_UNSUBSCRIBE, "A");
    expect_bytes(xpub, "\0A", 2);
    set_text(xpub, ZMQ_UNSUBSCRIBE, "A");
    send_frame(xpub, "A", 0);
    expect_nothing(sub);
}

CASE(without_manual_nothing_can_be_subscribed)
{
    void *xpub = publisher();

    FAILS(zmq_setsockopt(xpub, ZMQ_SUBSCRIBE, "A", 1), EINVAL);
    FAILS(zmq_setsockopt(xpub, ZMQ_UNSUBSCRIBE, "A", 1), EINVAL);
}

/* ---- Welcome ----------------------------------------------------------- */

CASE(a_welcome_reaches_a_new_subscriber)
{
    void *xpub = open_socket(ZMQ_XPUB), *sub;

    set_text(xpub, ZMQ_XPUB_WELCOME_MSG, "W");
    OK(zmq_bind(xpub, "inproc://pub"));
    sub = subscriber("W");
    expect_bytes(xpub, "\1W", 2);
    expect_frame(sub, "W");
    expect_nothing(sub);
}

CASE(a_welcome_is_for_the_new_one_only)
{
    void *xpub = open_socket(ZMQ_XPUB), *first, *second;

    set_text(xpub, ZMQ_XPUB_WELCOME_MSG, "W");
    OK(zmq_bind(xpub, "inproc://pub"));
    first = subscriber("W");
    settle(xpub);
    expect_frame(first, "W");
    second = subscriber("");
    settle(xpub);
    expect_frame(second, "W");
    expect_nothing(first);
}

CASE(a_welcome_can_be_taken_back)
{
    void *xpub = open_socket(ZMQ_XPUB), *sub;

    set_text(xpub, ZMQ_XPUB_WELCOME_MSG, "W");
    OK(zmq_setsockopt(xpub, ZMQ_XPUB_WELCOME_MSG, NULL, 0));
    OK(zmq_bind(xpub, "inproc://pub"));
    sub = subscriber("");
    settle(xpub);
    expect_nothing(sub);
}

int
main(int argc, char **argv)
{
    return run_cases("xpub", argc, argv);
}
