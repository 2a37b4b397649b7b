/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_poll(), and poll(2) on ZMQ_FD. */
#include "tests/zmq/support.h"

#include <poll.h>
#include <unistd.h>

/* ---- Items ------------------------------------------------------------- */

CASE(no_items_and_no_time)
{
    zmq_pollitem_t item = { 0 };

    OK(zmq_poll(NULL, 0, 0));
    OK(zmq_poll(&item, 0, 0));
}

CASE(no_items_is_a_sleep)
{
    long begin = now_ms();

    OK(zmq_poll(NULL, 0, 20));
    assert_true(now_ms() - begin >= 19);
}

CASE(items_that_are_not_there_give_efault)
{
    FAILS(zmq_poll(NULL, 1, 0), EFAULT);
}

CASE(a_negative_number_gives_einval)
{
    zmq_pollitem_t item = { 0 };

    FAILS(zmq_poll(&item, -1, 0), EINVAL);
}

CASE(it_finds_what_can_be_done)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    assert_int_equal(poll_now(a, ZMQ_POLLIN), 0);
    assert_int_equal(poll_now(a, ZMQ_POLLOUT), ZMQ_POLLOUT);
    send_frame(b, "x", 0);
    assert_int_equal(poll_now(a, ZMQ_POLLIN), ZMQ_POLLIN);
    assert_int_equal(poll_now(a, ZMQ_POLLIN | ZMQ_POLLOUT),
                     ZMQ_POLLIN | ZMQ_POLLOUT);
    assert_int_equal(poll_now(a, 0), 0);
}

CASE(it_finds_no_room_in_a_full_pipe)
{
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 1);
    assert_int_equal(poll_now(push, ZMQ_POLLOUT), ZMQ_POLLOUT);
    assert_int_equal(send_until_full(push, 10), 2);
    assert_int_equal(poll_now(push, ZMQ_POLLOUT), 0);
    assert_int_equal(drain(pull), 2);
    assert_int_equal(poll_now(push, ZMQ_POLLOUT), ZMQ_POLLOUT);
}

CASE(it_counts_the_items_that_are_ready)
{
    void *pulls[3], *push[3];
    zmq_pollitem_t items[3];

    for (int i = 0; i < 3; i++) {
        join(ZMQ_PULL, &pulls[i], ZMQ_PUSH, &push[i]);
        items[i] = (zmq_pollitem_t){ pulls[i], 0, ZMQ_POLLIN, 99 };
    }
    send_frame(push[0], "x", 0);
    send_frame(push[2], "x", 0);
    GIVES(zmq_poll(items, 3, -1), 2);
    assert_int_equal(items[0].revents, ZMQ_POLLIN);
    assert_int_equal(items[1].revents, 0);
    assert_int_equal(items[2].revents, ZMQ_POLLIN);
}

CASE(revents_are_cleared)
{
    zmq_pollitem_t item = { open_socket(ZMQ_PULL), 0, ZMQ_POLLIN, 99 };

    OK(zmq_poll(&item, 1, 0));
    assert_int_equal(item.revents, 0);
}

CASE(the_same_socket_twice)
{
    void *a, *b;
    zmq_pollitem_t items[2];

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    items[0] = (zmq_pollitem_t){ a, 0, ZMQ_POLLIN, 0 };
    items[1] = (zmq_pollitem_t){ a, 0, ZMQ_POLLOUT, 0 };
    send_frame(b, "x", 0);
    GIVES(zmq_poll(items, 2, 0), 2);
    assert_int_equal(items[0].revents, ZMQ_POLLIN);
    assert_int_equal(items[1].revents, ZMQ_POLLOUT);
}

CASE(a_hundred_sockets)
{
    void *pulls[100], *push[100];
    zmq_pollitem_t items[100];

    for (int i = 0; i < 100; i++) {
        join(ZMQ_PULL, &pulls[i], ZMQ_PUSH, &push[i]);
        items[i] = (zmq_pollitem_t){ pulls[i], 0, ZMQ_POLLIN, 0 };
    }
    for (int i = 0; i < 100; i++) {
        send_frame(push[i], "x", 0);
        GIVES(zmq_poll(items, 100, -1), 1);
        assert_int_equal(items[i].revents, ZMQ_POLLIN);
        expect_frame(pulls[i], "x");
    }
}

/* ---- Time -------------------------------------------------------------- */

CASE(a_timeout_passes)
{
    zmq_pollitem_t item = { open_socket(ZMQ_PULL), 0, ZMQ_POLLIN, 0 };
    long begin = now_ms();

    OK(zmq_poll(&item, 1, 30));
    assert_true(now_ms() - begin >= 29);
}

static void *
send_later(void *s)
{
    pause_ms(20);
    send_frame(s, "late", 0);
    return NULL;
}

static void
wakes_for_a_message(long timeout)
{
    void *a, *b;
    zmq_pollitem_t item;
    pthread_t thread;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    item = (zmq_pollitem_t){ a, 0, ZMQ_POLLIN, 0 };
    thread = start(send_later, b);
    GIVES(zmq_poll(&item, 1, timeout), 1);
    assert_int_equal(item.revents, ZMQ_POLLIN);
    expect_frame(a, "late");
    finish(thread);
}

CASE(it_wakes_for_a_message)
{
    wakes_for_a_message(-1);
}

CASE(it_wakes_for_a_message_in_time)
{
    wakes_for_a_message(15000);
}

static void *
drain_later(void *s)
{
    pause_ms(20);
    while (drain(s) == 0)
        pause_ms(1);
    return NULL;
}

CASE(it_wakes_for_room)
{
    void *push, *pull;
    zmq_pollitem_t item;
    pthread_t thread;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 2);
    assert_int_equal(send_until_full(push, 10), 4);
    item = (zmq_pollitem_t){ push, 0, ZMQ_POLLOUT, 0 };
    thread = start(drain_later, pull);
    GIVES(zmq_poll(&item, 1, -1), 1);
    finish(thread);
}

static void *
connect_later(void *s)
{
    pause_ms(20);
    OK(zmq_connect(s, "inproc://x"));
    return NULL;
}

CASE(it_wakes_for_a_peer)
{
    zmq_pollitem_t item = { bound(ZMQ_PUSH, "inproc://x"), 0, ZMQ_POLLOUT, 0 };
    pthread_t thread = start(connect_later, open_socket(ZMQ_PULL));

    GIVES(zmq_poll(&item, 1, -1), 1);
    finish(thread);
}

static void *
shut_down_later(void *context)
{
    pause_ms(20);
    OK(zmq_ctx_shutdown(context));
    return NULL;
}

CASE(it_wakes_for_a_shutdown)
{
    zmq_pollitem_t item = { open_socket(ZMQ_PULL), 0, ZMQ_POLLIN, 0 };
    pthread_t thread = start(shut_down_later, the_context());

    FAILS(zmq_poll(&item, 1, -1), ETERM);
    finish(thread);
}

/* ---- File descriptors -------------------------------------------------- */

CASE(it_polls_a_pipe)
{
    zmq_pollitem_t item = { NULL, 0, ZMQ_POLLIN, 0 };
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    item.fd = ends[0];
    OK(zmq_poll(&item, 1, 0));
    assert_int_equal(write(ends[1], "x", 1), 1);
    GIVES(zmq_poll(&item, 1, -1), 1);
    assert_int_equal(item.revents, ZMQ_POLLIN);
    item = (zmq_pollitem_t){ NULL, ends[1], ZMQ_POLLOUT, 0 };
    GIVES(zmq_poll(&item, 1, -1), 1);
    assert_int_equal(item.revents, ZMQ_POLLOUT);
    close(ends[0]);
    close(ends[1]);
}

CASE(a_hang_up_is_an_error)
{
    zmq_pollitem_t item = { NULL, 0, ZMQ_POLLIN, 0 };
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    item.fd = ends[0];
    GIVES(zmq_poll(&item, 1, 0), 1);
    assert_int_equal(item.revents, ZMQ_POLLERR);
    close(ends[0]);
}

CASE(a_bad_descriptor_is_an_error)
{
    zmq_pollitem_t item = { NULL, 9999, ZMQ_POLLIN, 0 };

    GIVES(zmq_poll(&item, 1, 0), 1);
    assert_int_equal(item.revents, ZMQ_POLLERR);
}

CASE(descriptors_and_sockets_together)
{
    void *pull, *push;
    zmq_pollitem_t items[2];
    int ends[2];

    join(ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    assert_int_equal(pipe(ends), 0);
    items[0] = (zmq_pollitem_t){ pull, 0, ZMQ_POLLIN, 0 };
    items[1] = (zmq_pollitem_t){ NULL, ends[0], ZMQ_POLLIN, 0 };
    OK(zmq_poll(items, 2, 0));
    assert_int_equal(write(ends[1], "x", 1), 1);
    GIVES(zmq_poll(items, 2, -1), 1);
    assert_int_equal(items[1].revents, ZMQ_POLLIN);
    send_frame(push, "x", 0);
    GIVES(zmq_poll(items, 2, -1), 2);
    close(ends[0]);
    close(ends[1]);
}

static void *
write_later(void *fd)
{
    pause_ms(20);
    assert_int_equal(write(*(int *)fd, "x", 1), 1);
    return NULL;
}

CASE(a_descriptor_wakes_it)
{
    zmq_pollitem_t items[2] = { { open_socket(ZMQ_PULL), 0, ZMQ_POLLIN, 0 } };
    pthread_t thread;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    items[1] = (zmq_pollitem_t){ NULL, ends[0], ZMQ_POLLIN, 0 };
    thread = start(write_later, &ends[1]);
    GIVES(zmq_poll(items, 2, -1), 1);
    assert_int_equal(items[0].revents, 0);
    assert_int_equal(items[1].revents, ZMQ_POLLIN);
    finish(thread);
}

/* ---- ZMQ_FD ------------------------------------------------------------ */

/* Waits as the manual page says: the events tell, not the descriptor. */
static void
wait_on_fd(void *s, int events)
{
    struct pollfd item = { get_int(s, ZMQ_FD), POLLIN, 0 };

    while (!(get_int(s, ZMQ_EVENTS) & events))
        assert_int_equal(poll(&item, 1, -1), 1);
}

CASE(fd_wakes_for_a_message)
{
    pthread_t thread;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    thread = start(send_later, b);
    wait_on_fd(a, ZMQ_POLLIN);
    expect_frame(a, "late");
    finish(thread);
}

CASE(fd_wakes_for_each_message)
{
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    for (int i = 0; i < 20; i++) {
        pthread_t thread = start(send_later, b);

        wait_on_fd(a, ZMQ_POLLIN);
        expect_frame(a, "late");
        finish(thread);
    }
}

CASE(fd_wakes_for_room)
{
    pthread_t thread;
    void *push, *pull;

    join_hwm(ZMQ_PULL, &pull, ZMQ_PUSH, &push, 2);
    assert_int_equal(send_until_full(push, 10), 4);
    thread = start(drain_later, pull);
    wait_on_fd(push, ZMQ_POLLOUT);
    send_frame(push, "next", ZMQ_DONTWAIT);
    finish(thread);
}

CASE(fd_wakes_for_a_peer)
{
    void *push = bound(ZMQ_PUSH, "inproc://x");
    pthread_t thread = start(connect_later, open_socket(ZMQ_PULL));

    wait_on_fd(push, ZMQ_POLLOUT);
    finish(thread);
}

CASE(fd_is_silent_when_nothing_happens)
{
    void *a, *b;
    struct pollfd item;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    item = (struct pollfd){ get_int(a, ZMQ_FD), POLLIN, 0 };
    settle(a);
    assert_int_equal(poll(&item, 1, 20), 0);
}

CASE(fd_wakes_for_a_shutdown)
{
    void *s = open_socket(ZMQ_PULL);
    struct pollfd item = { get_int(s, ZMQ_FD), POLLIN, 0 };
    pthread_t thread = start(shut_down_later, the_context());
    int events;
    size_t size = sizeof events;

    assert_int_equal(poll(&item, 1, -1), 1);
    FAILS(zmq_getsockopt(s, ZMQ_EVENTS, &events, &size), ETERM);
    finish(thread);
}

int
main(int argc, char **argv)
{
    return run_cases("poll", argc, argv);
}
