/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_socket_monitor(): the end of a monitor, and what it refuses. */
#include "tests/zmq/support.h"

/* A socket that is watched; *monitor gets its events. */
static void *
watched(int events, void **monitor)
{
    void *s = open_socket(ZMQ_DEALER);

    OK(zmq_socket_monitor(s, "inproc://monitor", events));
    *monitor = connected(ZMQ_PAIR, "inproc://monitor");
    return s;
}

/* Receives one event and gives its number. */
static int
next_event(void *monitor)
{
    unsigned char event[6];
    uint16_t number;

    GIVES(zmq_recv(monitor, event, sizeof event, 0), 6);
    assert_int_equal(get_int(monitor, ZMQ_RCVMORE), 1);
    GIVES(zmq_recv(monitor, NULL, 0, 0) >= 0, 1);
    assert_int_equal(get_int(monitor, ZMQ_RCVMORE), 0);
    memcpy(&number, event, sizeof number);
    return number;
}

/* The last event; others that come before it are passed over. */
static void
expect_stopped(void *monitor)
{
    while (next_event(monitor) != ZMQ_EVENT_MONITOR_STOPPED)
        continue;
    expect_nothing(monitor);
}

CASE(stopping_is_an_event)
{
    void *monitor, *s = watched(ZMQ_EVENT_ALL, &monitor);

    OK(zmq_socket_monitor(s, NULL, 0));
    expect_stopped(monitor);
}

CASE(closing_the_socket_stops_it)
{
    void *monitor, *s = watched(ZMQ_EVENT_ALL, &monitor);

    close_socket(s);
    expect_stopped(monitor);
}

CASE(an_event_has_two_frames)
{
    void *monitor, *s = watched(ZMQ_EVENT_MONITOR_STOPPED, &monitor);

    OK(zmq_socket_monitor(s, NULL, 0));
    expect_bytes(monitor, "\0\4\0\0\0\0", 6);
    assert_int_equal(get_int(monitor, ZMQ_RCVMORE), 1);
    expect_bytes(monitor, "", 0);
    assert_int_equal(get_int(monitor, ZMQ_RCVMORE), 0);
}

CASE(only_events_that_were_asked_for)
{
    void *monitor, *s = watched(ZMQ_EVENT_CONNECTED, &monitor);

    OK(zmq_socket_monitor(s, NULL, 0));
    expect_nothing(monitor);
}

CASE(stopping_what_does_not_run)
{
    void *s = open_socket(ZMQ_DEALER);

    OK(zmq_socket_monitor(s, NULL, 0));
    OK(zmq_socket_monitor(s, NULL, 0));
}

CASE(inproc_has_no_events)
{
    void *monitor, *s = watched(ZMQ_EVENT_ALL, &monitor), *peer;

    OK(zmq_bind(s, "inproc://x"));
    peer = connected(ZMQ_DEALER, "inproc://x");
    send_frame(peer, "x", 0);
    expect_frame(s, "x");
    expect_nothing(monitor);
    close_socket(peer);
    OK(zmq_unbind(s, "inproc://x"));
    settle(s);
    expect_nothing(monitor);
}

CASE(a_watched_socket_works)
{
    void *monitor, *s = watched(ZMQ_EVENT_ALL, &monitor), *peer;

    OK(zmq_bind(s, "inproc://x"));
    peer = connected(ZMQ_DEALER, "inproc://x");
    send_frame(peer, "there", 0);
    expect_frame(s, "there");
    send_frame(s, "back", 0);
    expect_frame(peer, "back");
}

CASE(a_second_monitor_stops_the_first)
{
    void *monitor, *s = watched(ZMQ_EVENT_ALL, &monitor), *second;

    OK(zmq_socket_monitor(s, "inproc://second", ZMQ_EVENT_ALL));
    expect_stopped(monitor);
    second = connected(ZMQ_PAIR, "inproc://second");
    OK(zmq_socket_monitor(s, NULL, 0));
    expect_stopped(second);
}

CASE(two_sockets_have_two_monitors)
{
    void *monitor, *s = watched(ZMQ_EVENT_ALL, &monitor), *second;
    void *other = open_socket(ZMQ_PUB);

    OK(zmq_socket_monitor(other, "inproc://other", ZMQ_EVENT_ALL));
    second = connected(ZMQ_PAIR, "inproc://other");
    OK(zmq_socket_monitor(s, NULL, 0));
    expect_stopped(monitor);
    expect_nothing(second);
    OK(zmq_socket_monitor(other, NULL, 0));
    expect_stopped(second);
}

CASE(a_taken_name_gives_eaddrinuse)
{
    bound(ZMQ_PAIR, "inproc://monitor");
    FAILS(zmq_socket_monitor(open_socket(ZMQ_DEALER), "inproc://monitor",
                             ZMQ_EVENT_ALL),
          EADDRINUSE);
}

CASE(its_name_is_taken)
{
    void *monitor;

    watched(ZMQ_EVENT_ALL, &monitor);
    FAILS(zmq_bind(open_socket(ZMQ_PAIR), "inproc://monitor"), EADDRINUSE);
}

CASE(other_transports_give_eprotonosupport)
{
    void *s = open_socket(ZMQ_DEALER);

    FAILS(zmq_socket_monitor(s, "tcp://127.0.0.1:5555", ZMQ_EVENT_ALL),
          EPROTONOSUPPORT);
    FAILS(zmq_socket_monitor(s, "foo://x", ZMQ_EVENT_ALL), EPROTONOSUPPORT);
}

CASE(a_bad_endpoint_gives_einval)
{
    FAILS(zmq_socket_monitor(open_socket(ZMQ_DEALER), "x", ZMQ_EVENT_ALL),
          EINVAL);
}

CASE(every_type_can_be_watched)
{
    for (int type = ZMQ_PAIR; type <= ZMQ_XSUB; type++) {
        void *s = open_socket(type), *monitor;

        OK(zmq_socket_monitor(s, "inproc://m", ZMQ_EVENT_ALL));
        monitor = connected(ZMQ_PAIR, "inproc://m");
        close_socket(s);
        expect_stopped(monitor);
        close_socket(monitor);
        s = open_socket(ZMQ_PAIR);
        EVENTUALLY(zmq_bind(s, "inproc://m") == 0);
        OK(zmq_unbind(s, "inproc://m"));
    }
}

int
main(int argc, char **argv)
{
    return run_cases("monitor", argc, argv);
}
