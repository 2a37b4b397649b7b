/* SPDX-License-Identifier: MPL-2.0 */
/* PUB and SUB: what is subscribed to, and what is dropped. */
#include "tests/zmq/support.h"

#include <stdio.h>

/* A SUB that is connected to pub, and whose topics pub knows. */
static void *
subscriber(void *pub, const char *topic)
{
    void *sub = connected(ZMQ_SUB, "inproc://pub");

    if (topic)
        set_text(sub, ZMQ_SUBSCRIBE, topic);
    settle(pub);
    return sub;
}

static void *
publisher(void)
{
    return bound(ZMQ_PUB, "inproc://pub");
}

/* ---- Topics ------------------------------------------------------------ */

CASE(without_a_subscription_nothing_arrives)
{
    void *pub = publisher(), *sub = subscriber(pub, NULL);

    send_frame(pub, "text", 0);
    send_frame(pub, "", 0);
    expect_nothing(sub);
}

CASE(the_empty_topic_is_all)
{
    void *pub = publisher(), *sub = subscriber(pub, "");

    send_frame(pub, "text", 0);
    send_frame(pub, "", 0);
    expect_message(sub, "text", NULL);
    expect_message(sub, "", NULL);
}

CASE(a_topic_is_a_prefix)
{
    void *pub = publisher(), *sub = subscriber(pub, "ab");

    send_frame(pub, "a", 0);
    send_frame(pub, "ab", 0);
    send_frame(pub, "abc", 0);
    send_frame(pub, "ac", 0);
    send_frame(pub, "", 0);
    send_frame(pub, "xab", 0);
    expect_message(sub, "ab", NULL);
    expect_message(sub, "abc", NULL);
    expect_nothing(sub);
}

CASE(the_first_frame_decides)
{
    void *pub = publisher(), *sub = subscriber(pub, "a");

    send_message(pub, "b", "a", NULL);
    send_message(pub, "a", "b", "c", NULL);
    expect_message(sub, "a", "b", "c", NULL);
    expect_nothing(sub);
}

CASE(topics_are_bytes)
{
    void *pub = publisher(), *sub = subscriber(pub, NULL);

    OK(zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "\0\xff", 2));
    settle(pub);
    GIVES(zmq_send(pub, "\0\xff\0", 3, 0), 3);
    GIVES(zmq_send(pub, "\0\xfe", 2, 0), 2);
    expect_bytes(sub, "\0\xff\0", 3);
    expect_nothing(sub);
}

CASE(several_topics_give_one_copy)
{
    void *pub = publisher(), *sub = subscriber(pub, "a");

    set_text(sub, ZMQ_SUBSCRIBE, "ab");
    set_text(sub, ZMQ_SUBSCRIBE, "");
    settle(pub);
    send_frame(pub, "abc", 0);
    expect_message(sub, "abc", NULL);
    expect_nothing(sub);
}

CASE(unsubscribe_ends_it)
{
    void *pub = publisher(), *sub = subscriber(pub, "a");

    set_text(sub, ZMQ_UNSUBSCRIBE, "a");
    settle(pub);
    send_frame(pub, "a", 0);
    expect_nothing(sub);
}

CASE(subscriptions_are_counted)
{
    void *pub = publisher(), *sub = subscriber(pub, "a");

    set_text(sub, ZMQ_SUBSCRIBE, "a");
    set_text(sub, ZMQ_UNSUBSCRIBE, "a");
    settle(pub);
    send_frame(pub, "a1", 0);
    expect_message(sub, "a1", NULL);
    set_text(sub, ZMQ_UNSUBSCRIBE, "a");
    settle(pub);
    send_frame(pub, "a2", 0);
    expect_nothing(sub);
}

CASE(unsubscribe_of_another_topic_does_nothing)
{
    void *pub = publisher(), *sub = subscriber(pub, "ab");

    set_text(sub, ZMQ_UNSUBSCRIBE, "a");
    set_text(sub, ZMQ_UNSUBSCRIBE, "abc");
    set_text(sub, ZMQ_UNSUBSCRIBE, "");
    settle(pub);
    send_frame(pub, "abc", 0);
    expect_message(sub, "abc", NULL);
}

CASE(unsubscribe_keeps_other_topics)
{
    void *pub = publisher(), *sub = subscriber(pub, "a");

    set_text(sub, ZMQ_SUBSCRIBE, "ab");
    set_text(sub, ZMQ_UNSUBSCRIBE, "a");
    settle(pub);
    send_frame(pub, "a", 0);
    send_frame(pub, "abc", 0);
    expect_message(sub, "abc", NULL);
    expect_nothing(sub);
}

CASE(five_thousand_topics)
{
    void *pub = publisher(), *sub = subscriber(pub, NULL);
    char topic[16];

    set_int(sub, ZMQ_RCVHWM, 0);
    for (int i = 0; i < 5000; i++) {
        snprintf(topic, sizeof topic, "%d.", i * 2);
        set_text(sub, ZMQ_SUBSCRIBE, topic);
        if (i % 100 == 0)
            settle(pub);
    }
    settle(pub);
    for (int i = 0; i < 1000; i++) {
        snprintf(topic, sizeof topic, "%d.", i);
        send_frame(pub, topic, 0);
    }
    assert_int_equal(drain(sub), 500);
}

CASE(a_topic_of_a_thousand_bytes)
{
    void *pub = publisher(), *sub = subscriber(pub, NULL);
    char topic[1001];

    memset(topic, 't', 1000);
    OK(zmq_setsockopt(sub, ZMQ_SUBSCRIBE, topic, 1000));
    settle(pub);
    GIVES(zmq_send(pub, topic, 999, 0), 999);
    GIVES(zmq_send(pub, topic, 1000, 0), 1000);
    expect_bytes(sub, topic, 1000);
    expect_nothing(sub);
}

/* ---- Peers ------------------------------------------------------------- */

CASE(each_subscriber_gets_its_own)
{
    void *pub = publisher(), *a = subscriber(pub, "a");
    void *b = subscriber(pub, "b"), *all = subscriber(pub, "");

    send_frame(pub, "a", 0);
    send_frame(pub, "b", 0);
    send_frame(pub, "c", 0);
    expect_message(a, "a", NULL);
    expect_message(b, "b", NULL);
    assert_int_equal(drain(all), 3);
    expect_nothing(a);
    expect_nothing(b);
}

CASE(a_late_subscriber_misses_what_was_sent)
{
    void *pub = publisher(), *sub;

    send_frame(pub, "early", 0);
    sub = subscriber(pub, "");
    send_frame(pub, "late", 0);
    expect_message(sub, "late", NULL);
    expect_nothing(sub);
}

CASE(a_subscription_comes_before_the_connect)
{
    void *pub = publisher(), *sub = open_socket(ZMQ_SUB);

    set_text(sub, ZMQ_SUBSCRIBE, "a");
    OK(zmq_connect(sub, "inproc://pub"));
    settle(pub);
    send_frame(pub, "abc", 0);
    expect_message(sub, "abc", NULL);
}

/* The publisher knows the topics when the bind returns: nothing is missed. */
CASE(a_publisher_connects_before_the_bind)
{
    void *pub = connected(ZMQ_PUB, "inproc://pub");
    void *sub = open_socket(ZMQ_SUB);

    set_text(sub, ZMQ_SUBSCRIBE, "a");
    OK(zmq_bind(sub, "inproc://pub"));
    send_frame(pub, "abc", 0);
    send_frame(pub, "bcd", 0);
    expect_message(sub, "abc", NULL);
    expect_nothing(sub);
}

CASE(an_xpub_connects_before_the_bind)
{
    void *xpub = connected(ZMQ_XPUB, "inproc://pub");
    void *sub = open_socket(ZMQ_SUB);

    set_text(sub, ZMQ_SUBSCRIBE, "a");
    OK(zmq_bind(sub, "inproc://pub"));
    expect_message(xpub, "\1a", NULL);
}

CASE(a_subscriber_connects_before_the_bind)
{
    void *sub = connected(ZMQ_SUB, "inproc://pub"), *pub;

    set_text(sub, ZMQ_SUBSCRIBE, "a");
    pub = publisher();
    settle(sub);
    settle(pub);
    send_frame(pub, "abc", 0);
    expect_message(sub, "abc", NULL);
}

CASE(the_subscriber_may_be_bound)
{
    void *sub = bound(ZMQ_SUB, "inproc://sub"), *pub;

    set_text(sub, ZMQ_SUBSCRIBE, "a");
    pub = connected(ZMQ_PUB, "inproc://sub");
    settle(sub);
    settle(pub);
    send_frame(pub, "abc", 0);
    expect_message(sub, "abc", NULL);
}

CASE(a_subscriber_hears_several_publishers)
{
    void *sub = bound(ZMQ_SUB, "inproc://sub"), *pubs[3];

    set_text(sub, ZMQ_SUBSCRIBE, "");
    for (int i = 0; i < 3; i++)
        pubs[i] = connected(ZMQ_PUB, "inproc://sub");
    settle(sub);
    for (int i = 0; i < 3; i++) {
        settle(pubs[i]);
        send_message(pubs[i], "1", "2", NULL);
    }
    for (int i = 0; i < 3; i++)
        expect_message(sub, "1", "2", NULL);
}

CASE(after_a_disconnect_nothing_new_arrives)
{
    void *pub = publisher(), *sub = subscriber(pub, "");

    OK(zmq_disconnect(sub, "inproc://pub"));
    settle(pub);
    send_frame(pub, "after", 0);
    expect_nothing(sub);
}

CASE(a_hundred_subscribers)
{
    void *pub = publisher(), *subs[100];

    for (int i = 0; i < 100; i++)
        subs[i] = subscriber(pub, i % 2 ? "odd" : "even");
    send_message(pub, "odd", "1", NULL);
    send_message(pub, "even", "2", NULL);
    for (int i = 0; i < 100; i++) {
        expect_message(subs[i], i % 2 ? "odd" : "even", i % 2 ? "1" : "2",
                       NULL);
        expect_nothing(subs[i]);
    }
}

CASE(a_publisher_goes_on_when_a_subscriber_leaves)
{
    void *pub = publisher(), *a = subscriber(pub, ""), *b = subscriber(pub, "");

    close_socket(a);
    for (int i = 0; i < 100; i++)
        send_frame(pub, "x", 0);
    assert_int_equal(drain(b), 100);
}

CASE(what_a_closed_publisher_sent_arrives)
{
    void *pub = publisher(), *sub = subscriber(pub, "");

    send_frame(pub, "last words", 0);
    close_socket(pub);
    expect_message(sub, "last words", NULL);
}

/* ---- What they cannot do ----------------------------------------------- */

CASE(pub_does_not_receive)
{
    char byte;

    FAILS(zmq_recv(open_socket(ZMQ_PUB), &byte, 1, 0), ENOTSUP);
    FAILS(zmq_recv(open_socket(ZMQ_PUB), &byte, 1, ZMQ_DONTWAIT), ENOTSUP);
}

CASE(sub_does_not_send)
{
    FAILS(zmq_send(open_socket(ZMQ_SUB), "x", 1, 0), ENOTSUP);
    FAILS(zmq_send(open_socket(ZMQ_SUB), "x", 1, ZMQ_DONTWAIT), ENOTSUP);
}

CASE(pub_sends_to_nobody_without_waiting)
{
    void *pub = publisher();

    for (int i = 0; i < 3000; i++)
        send_frame(pub, "x", 0);
    assert_int_equal(get_int(pub, ZMQ_EVENTS), ZMQ_POLLOUT);
}

CASE(events_of_a_subscriber)
{
    void *pub = publisher(), *sub = subscriber(pub, "a");

    assert_int_equal(get_int(sub, ZMQ_EVENTS), 0);
    send_frame(pub, "b", 0);
    assert_int_equal(get_int(sub, ZMQ_EVENTS), 0);
    send_frame(pub, "a", 0);
    assert_int_equal(get_int(sub, ZMQ_EVENTS), ZMQ_POLLIN);
    expect_message(sub, "a", NULL);
    assert_int_equal(get_int(sub, ZMQ_EVENTS), 0);
}

int
main(int argc, char **argv)
{
    return run_cases("pub_sub", argc, argv);
}
