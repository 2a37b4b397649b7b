/* SPDX-License-Identifier: MPL-2.0 */
/* Old names and forms that <zmq.h> still has. */
#include "tests/zmq/support.h"

#include <stdlib.h>
#include <sys/uio.h>

/* ---- zmq_sendmsg, zmq_recvmsg ------------------------------------------ */

CASE(sendmsg_and_recvmsg_pass_messages)
{
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    OK(zmq_msg_init_size(&msg, 5));
    memcpy(zmq_msg_data(&msg), "hello", 5);
    GIVES(zmq_sendmsg(b, &msg, 0), 5);
    assert_int_equal(zmq_msg_size(&msg), 0);
    GIVES(zmq_recvmsg(a, &msg, 0), 5);
    assert_memory_equal(zmq_msg_data(&msg), "hello", 5);
    OK(zmq_msg_close(&msg));
}

CASE(sendmsg_and_recvmsg_know_the_flags)
{
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    OK(zmq_msg_init(&msg));
    FAILS(zmq_recvmsg(a, &msg, ZMQ_DONTWAIT), EAGAIN);
    OK(zmq_sendmsg(b, &msg, ZMQ_SNDMORE));
    FAILS(zmq_recvmsg(a, &msg, ZMQ_DONTWAIT), EAGAIN);
    send_frame(b, "2", 0);
    OK(zmq_recvmsg(a, &msg, 0));
    GIVES(zmq_msg_more(&msg), 1);
    GIVES(zmq_recvmsg(a, &msg, ZMQ_DONTWAIT), 1);
    OK(zmq_msg_close(&msg));
}

/* ---- zmq_sendiov, zmq_recviov ------------------------------------------ */

static char one[] = "one", three[] = "three";
static struct iovec parts[3] = { { one, 3 }, { one, 0 }, { three, 5 } };

static void
expect_part(const struct iovec *part, const char *text)
{
    assert_int_equal(part->iov_len, strlen(text));
    assert_memory_equal(part->iov_base, text, part->iov_len);
    free(part->iov_base);
}

CASE(sendiov_with_sndmore_sends_one_message)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    GIVES(zmq_sendiov(b, parts, 3, ZMQ_SNDMORE), 5);
    expect_message(a, "one", "", "three", NULL);
    expect_nothing(a);
}

CASE(sendiov_without_sndmore_sends_a_message_per_part)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    GIVES(zmq_sendiov(b, parts, 3, 0), 5);
    expect_message(a, "one", NULL);
    expect_message(a, "", NULL);
    expect_message(a, "three", NULL);
}

CASE(sendiov_of_one_part)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    GIVES(zmq_sendiov(b, parts, 1, 0), 3);
    expect_message(a, "one", NULL);
}

CASE(sendiov_of_nothing_gives_einval)
{
    void *s = open_socket(ZMQ_PAIR);

    FAILS(zmq_sendiov(s, parts, 0, 0), EINVAL);
    FAILS(zmq_sendiov(s, NULL, 1, 0), EINVAL);
}

CASE(sendiov_without_peers_gives_eagain)
{
    FAILS(zmq_sendiov(open_socket(ZMQ_PAIR), parts, 1, ZMQ_DONTWAIT), EAGAIN);
}

CASE(recviov_takes_a_whole_message)
{
    struct iovec got[5];
    size_t count = 5;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(b, "one", "", "three", NULL);
    send_frame(b, "next", 0);
    GIVES(zmq_recviov(a, got, &count, 0), 3);
    assert_int_equal(count, 3);
    expect_part(&got[0], "one");
    expect_part(&got[1], "");
    expect_part(&got[2], "three");
    expect_message(a, "next", NULL);
}

CASE(recviov_leaves_what_has_no_room)
{
    struct iovec got[2];
    size_t count = 2;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(b, "one", "two", "three", NULL);
    GIVES(zmq_recviov(a, got, &count, 0), 2);
    assert_int_equal(count, 2);
    expect_part(&got[0], "one");
    expect_part(&got[1], "two");
    expect_message(a, "three", NULL);
}

CASE(recviov_into_nothing_gives_einval)
{
    void *s = open_socket(ZMQ_PAIR);
    struct iovec got[1];
    size_t count = 0;

    FAILS(zmq_recviov(s, got, &count, 0), EINVAL);
    FAILS(zmq_recviov(s, got, NULL, 0), EINVAL);
    count = 1;
    FAILS(zmq_recviov(s, NULL, &count, 0), EINVAL);
}

CASE(recviov_without_a_message_gives_eagain)
{
    void *s = open_socket(ZMQ_PAIR);
    struct iovec got[1];
    size_t count = 1;

    FAILS(zmq_recviov(s, got, &count, ZMQ_DONTWAIT), EAGAIN);
    assert_int_equal(count, 0);
}

/* ---- Names of constants ------------------------------------------------ */

CASE(xreq_and_xrep_are_dealer_and_router)
{
    void *router = bound(ZMQ_XREP, "inproc://x"), *dealer;

    dealer = open_socket(ZMQ_XREQ);
    set_text(dealer, ZMQ_IDENTITY, "id");
    OK(zmq_connect(dealer, "inproc://x"));
    send_frame(dealer, "text", ZMQ_NOBLOCK);
    expect_message(router, "id", "text", NULL);
    assert_int_equal(get_int(router, ZMQ_TYPE), ZMQ_ROUTER);
}

CASE(delay_attach_on_connect_is_immediate)
{
    void *s = open_socket(ZMQ_PUSH);

    set_int(s, ZMQ_DELAY_ATTACH_ON_CONNECT, 1);
    assert_int_equal(get_int(s, ZMQ_IMMEDIATE), 1);
}

CASE(router_behavior_is_mandatory)
{
    void *s = open_socket(ZMQ_ROUTER);

    set_int(s, ZMQ_ROUTER_BEHAVIOR, 1);
    FAILS(zmq_send(s, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    set_int(s, ZMQ_FAIL_UNROUTABLE, 0);
    send_message(s, "nobody", "text", NULL);
}

int
main(int argc, char **argv)
{
    return run_cases("old_names", argc, argv);
}
