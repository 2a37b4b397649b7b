/* SPDX-License-Identifier: MPL-2.0 */
/* Properties of messages, messages after close, frames and buffers. */
#include "tests/zmq/support.h"

/* ---- After close ------------------------------------------------------- */

static zmq_msg_t
closed_message(void)
{
    zmq_msg_t msg;

    OK(zmq_msg_init(&msg));
    OK(zmq_msg_close(&msg));
    return msg;
}

CASE(closing_twice_gives_efault)
{
    zmq_msg_t msg = closed_message();

    FAILS(zmq_msg_close(&msg), EFAULT);
}

CASE(closing_what_was_never_made_gives_efault)
{
    zmq_msg_t msg;

    memset(&msg, 0, sizeof msg);
    FAILS(zmq_msg_close(&msg), EFAULT);
}

CASE(copying_from_a_closed_message_gives_efault)
{
    zmq_msg_t closed = closed_message(), msg;

    OK(zmq_msg_init(&msg));
    FAILS(zmq_msg_copy(&msg, &closed), EFAULT);
    OK(zmq_msg_close(&msg));
}

CASE(copying_to_a_closed_message_gives_efault)
{
    zmq_msg_t closed = closed_message(), msg;

    OK(zmq_msg_init(&msg));
    FAILS(zmq_msg_copy(&closed, &msg), EFAULT);
    OK(zmq_msg_close(&msg));
}

CASE(moving_from_a_closed_message_gives_efault)
{
    zmq_msg_t closed = closed_message(), msg;

    OK(zmq_msg_init(&msg));
    FAILS(zmq_msg_move(&msg, &closed), EFAULT);
    OK(zmq_msg_close(&msg));
}

CASE(moving_to_a_closed_message_gives_efault)
{
    zmq_msg_t closed = closed_message(), msg;

    OK(zmq_msg_init(&msg));
    FAILS(zmq_msg_move(&closed, &msg), EFAULT);
    OK(zmq_msg_close(&msg));
}

CASE(receiving_into_a_closed_message_gives_efault)
{
    zmq_msg_t closed = closed_message();
    void *s = open_socket(ZMQ_PAIR);

    FAILS(zmq_msg_recv(&closed, s, ZMQ_DONTWAIT), EFAULT);
}

CASE(a_closed_message_can_be_made_again)
{
    zmq_msg_t msg = closed_message();

    OK(zmq_msg_init_size(&msg, 10));
    assert_int_equal(zmq_msg_size(&msg), 10);
    OK(zmq_msg_close(&msg));
}

/* ---- Properties -------------------------------------------------------- */

CASE(an_unknown_property_gives_einval)
{
    zmq_msg_t msg;

    OK(zmq_msg_init(&msg));
    FAILS(zmq_msg_get(&msg, 99), EINVAL);
    FAILS(zmq_msg_get(&msg, -1), EINVAL);
    OK(zmq_msg_close(&msg));
}

CASE(no_property_can_be_set)
{
    zmq_msg_t msg;

    OK(zmq_msg_init(&msg));
    FAILS(zmq_msg_set(&msg, ZMQ_MORE, 1), EINVAL);
    FAILS(zmq_msg_set(&msg, ZMQ_SHARED, 1), EINVAL);
    FAILS(zmq_msg_set(&msg, 99, 1), EINVAL);
    OK(zmq_msg_close(&msg));
}

CASE(a_new_message_has_no_metadata)
{
    zmq_msg_t msg;

    OK(zmq_msg_init(&msg));
    errno = 0;
    assert_null(zmq_msg_gets(&msg, "Socket-Type"));
    assert_int_equal(errno, EINVAL);
    OK(zmq_msg_close(&msg));
}

CASE(what_came_over_inproc_has_no_metadata)
{
    static const char *const names[] = { "Socket-Type", "Identity",
                                         "Peer-Address", "User-Id", "" };
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(b, "text", 0);
    OK(zmq_msg_init(&msg));
    GIVES(zmq_msg_recv(&msg, a, 0), 4);
    for (size_t i = 0; i < LENGTH(names); i++) {
        errno = 0;
        assert_null(zmq_msg_gets(&msg, names[i]));
        assert_int_equal(errno, EINVAL);
    }
    FAILS(zmq_msg_get(&msg, ZMQ_SRCFD), EINVAL);
    OK(zmq_msg_close(&msg));
}

CASE(more_is_set_on_all_frames_but_the_last)
{
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(b, "1", "2", "3", NULL);
    for (int frame = 1; frame <= 3; frame++) {
        OK(zmq_msg_init(&msg));
        GIVES(zmq_msg_recv(&msg, a, 0), 1);
        GIVES(zmq_msg_more(&msg), frame < 3);
        GIVES(zmq_msg_get(&msg, ZMQ_MORE), frame < 3);
        OK(zmq_msg_close(&msg));
    }
}

CASE(more_is_copied_along)
{
    zmq_msg_t msg, copy;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(b, "1", "2", NULL);
    OK(zmq_msg_init(&msg));
    OK(zmq_msg_init(&copy));
    GIVES(zmq_msg_recv(&msg, a, 0), 1);
    OK(zmq_msg_copy(&copy, &msg));
    GIVES(zmq_msg_more(&copy), 1);
    OK(zmq_msg_close(&msg));
    OK(zmq_msg_close(&copy));
    expect_frame(a, "2");
}

CASE(more_is_not_sent_on_by_itself)
{
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_message(b, "1", "2", NULL);
    OK(zmq_msg_init(&msg));
    GIVES(zmq_msg_recv(&msg, a, 0), 1);
    GIVES(zmq_msg_send(&msg, a, 0), 1);
    OK(zmq_msg_init(&msg));
    GIVES(zmq_msg_recv(&msg, b, 0), 1);
    GIVES(zmq_msg_more(&msg), 0);
    OK(zmq_msg_close(&msg));
    expect_frame(a, "2");
}

CASE(fan_out_gives_each_the_bytes_of_a_large_message)
{
    void *pub, *sub[2];
    zmq_msg_t msg;

    pub = bound(ZMQ_PUB, "inproc://pub");
    for (size_t i = 0; i < LENGTH(sub); i++) {
        sub[i] = connected(ZMQ_SUB, "inproc://pub");
        set_text(sub[i], ZMQ_SUBSCRIBE, "");
    }
    settle(pub);
    OK(zmq_msg_init_size(&msg, 1000));
    memset(zmq_msg_data(&msg), 'z', 1000);
    GIVES(zmq_msg_send(&msg, pub, 0), 1000);
    for (size_t i = 0; i < LENGTH(sub); i++) {
        OK(zmq_msg_init(&msg));
        GIVES(zmq_msg_recv(&msg, sub[i], 0), 1000);
        assert_int_equal(((char *)zmq_msg_data(&msg))[999], 'z');
        OK(zmq_msg_close(&msg));
    }
}

CASE(a_message_outlives_its_context)
{
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    OK(zmq_msg_init_size(&msg, 5000));
    memset(zmq_msg_data(&msg), 'o', 5000);
    GIVES(zmq_msg_send(&msg, b, 0), 5000);
    GIVES(zmq_msg_recv(&msg, a, 0), 5000);
    close_all();
    end_context();
    assert_int_equal(((char *)zmq_msg_data(&msg))[4999], 'o');
    OK(zmq_msg_close(&msg));
}

/* ---- Buffers ----------------------------------------------------------- */

CASE(a_short_buffer_cuts_the_message)
{
    char buffer[4] = "....";
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(b, "hello", 0);
    send_frame(b, "next", 0);
    GIVES(zmq_recv(a, buffer, 2, 0), 5);
    assert_memory_equal(buffer, "he..", 4);
    expect_frame(a, "next");
}

CASE(no_buffer_takes_the_message_all_the_same)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(b, "hello", 0);
    GIVES(zmq_recv(a, NULL, 0, 0), 5);
    expect_nothing(a);
}

CASE(an_empty_message_is_a_message)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    OK(zmq_send(b, NULL, 0, 0));
    OK(zmq_send_const(b, "", 0, 0));
    expect_frame(a, "");
    expect_frame(a, "");
    expect_nothing(a);
}

CASE(rcvmore_says_whether_frames_follow)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    assert_int_equal(get_int(a, ZMQ_RCVMORE), 0);
    send_message(b, "one", "", "three", NULL);
    expect_message(a, "one", "", "three", NULL);
    assert_int_equal(get_int(a, ZMQ_RCVMORE), 0);
}

CASE(nothing_arrives_before_the_last_frame)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(b, "1", ZMQ_SNDMORE);
    settle(b);
    expect_nothing(a);
    assert_int_equal(poll_now(a, ZMQ_POLLIN), 0);
    send_frame(b, "2", 0);
    expect_message(a, "1", "2", NULL);
}

CASE(a_message_of_many_frames_arrives_whole)
{
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    for (int i = 0; i < 5000; i++)
        GIVES(zmq_send(b, &i, sizeof i, i < 4999 ? ZMQ_SNDMORE : 0), sizeof i);
    for (int i = 0; i < 5000; i++) {
        OK(zmq_msg_init(&msg));
        GIVES(zmq_msg_recv(&msg, a, 0), sizeof i);
        assert_memory_equal(zmq_msg_data(&msg), &i, sizeof i);
        GIVES(zmq_msg_more(&msg), i < 4999);
        OK(zmq_msg_close(&msg));
    }
}

CASE(an_unfinished_message_of_a_closed_sender_is_dropped)
{
    void *pull = bound(ZMQ_PULL, "inproc://x");
    void *push = connected(ZMQ_PUSH, "inproc://x");

    send_frame(push, "whole", 0);
    send_frame(push, "part", ZMQ_SNDMORE);
    close_socket(push);
    expect_message(pull, "whole", NULL);
    push = connected(ZMQ_PUSH, "inproc://x");
    send_frame(push, "next", 0);
    expect_message(pull, "next", NULL);
    expect_nothing(pull);
}

int
main(int argc, char **argv)
{
    return run_cases("message_property", argc, argv);
}
