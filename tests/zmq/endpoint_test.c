/* SPDX-License-Identifier: MPL-2.0 */
/* Bind, connect, unbind and disconnect: names, and what is refused. */
#include "tests/zmq/support.h"

#include <stdio.h>

/* ---- Names that are taken ---------------------------------------------- */

static void
name_passes(const char *endpoint)
{
    void *a = bound(ZMQ_PAIR, endpoint), *b = connected(ZMQ_PAIR, endpoint);

    send_frame(b, "text", 0);
    expect_frame(a, "text");
}

static void
long_name_passes(size_t size)
{
    char name[2000];

    memset(name, 'n', size);
    memcpy(name, "inproc://", 9);
    name[size] = '\0';
    name_passes(name);
}

CASE(a_name_of_one_byte)
{
    name_passes("inproc://x");
}

CASE(a_name_with_slashes)
{
    name_passes("inproc:///a/b/");
}

CASE(a_name_with_blanks_and_signs)
{
    name_passes("inproc:// a b:*#?\t\x80\xff");
}

CASE(a_name_of_255_bytes)
{
    long_name_passes(255);
}

CASE(a_name_of_256_bytes)
{
    long_name_passes(256);
}

CASE(a_name_of_257_bytes)
{
    long_name_passes(257);
}

CASE(a_name_of_1000_bytes)
{
    long_name_passes(1000);
}

CASE(names_differ_in_their_last_byte)
{
    void *a = bound(ZMQ_PULL, "inproc://a1"),
         *b = bound(ZMQ_PULL, "inproc://a2");

    send_frame(connected(ZMQ_PUSH, "inproc://a2"), "two", 0);
    expect_frame(b, "two");
    expect_nothing(a);
}

CASE(names_are_case_sensitive)
{
    bound(ZMQ_PULL, "inproc://name");
    bound(ZMQ_PULL, "inproc://NAME");
}

CASE(a_thousand_names)
{
    void *s = open_socket(ZMQ_PULL), *push;
    char name[40];

    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "inproc://name-%d", i);
        OK(zmq_bind(s, name));
    }
    push = connected(ZMQ_PUSH, "inproc://name-777");
    send_frame(push, "text", 0);
    expect_frame(s, "text");
}

/* ---- Bind and unbind --------------------------------------------------- */

CASE(a_name_is_bound_once)
{
    void *first = bound(ZMQ_PULL, "inproc://x");

    FAILS(zmq_bind(open_socket(ZMQ_PULL), "inproc://x"), EADDRINUSE);
    FAILS(zmq_bind(first, "inproc://x"), EADDRINUSE);
}

CASE(unbind_frees_the_name)
{
    void *first = bound(ZMQ_PULL, "inproc://x");

    OK(zmq_unbind(first, "inproc://x"));
    OK(zmq_bind(open_socket(ZMQ_PULL), "inproc://x"));
    OK(zmq_bind(first, "inproc://y"));
}

CASE(close_frees_the_name)
{
    void *s = open_socket(ZMQ_PULL);

    close_socket(bound(ZMQ_PULL, "inproc://x"));
    EVENTUALLY(zmq_bind(s, "inproc://x") == 0);
}

CASE(unbind_of_an_unknown_name_gives_enoent)
{
    FAILS(zmq_unbind(open_socket(ZMQ_PULL), "inproc://x"), ENOENT);
}

CASE(unbind_of_anothers_name_gives_enoent)
{
    bound(ZMQ_PULL, "inproc://x");
    FAILS(zmq_unbind(open_socket(ZMQ_PULL), "inproc://x"), ENOENT);
}

CASE(unbind_again_gives_enoent)
{
    void *s = bound(ZMQ_PULL, "inproc://x");

    OK(zmq_unbind(s, "inproc://x"));
    FAILS(zmq_unbind(s, "inproc://x"), ENOENT);
}

CASE(unbind_keeps_who_is_connected)
{
    void *pull = bound(ZMQ_PULL, "inproc://x");
    void *push = connected(ZMQ_PUSH, "inproc://x");

    OK(zmq_unbind(pull, "inproc://x"));
    send_frame(push, "text", 0);
    expect_frame(pull, "text");
}

CASE(after_unbind_a_connect_waits_for_the_next_bind)
{
    void *first = bound(ZMQ_PULL, "inproc://x"), *push, *second;

    OK(zmq_unbind(first, "inproc://x"));
    push = connected(ZMQ_PUSH, "inproc://x");
    send_frame(push, "text", 0);
    second = bound(ZMQ_PULL, "inproc://x");
    expect_frame(second, "text");
    expect_nothing(first);
}

CASE(a_socket_has_many_names)
{
    void *pull = open_socket(ZMQ_PULL);

    OK(zmq_bind(pull, "inproc://a"));
    OK(zmq_bind(pull, "inproc://b"));
    send_frame(connected(ZMQ_PUSH, "inproc://a"), "a", 0);
    expect_frame(pull, "a");
    send_frame(connected(ZMQ_PUSH, "inproc://b"), "b", 0);
    expect_frame(pull, "b");
    OK(zmq_unbind(pull, "inproc://a"));
    send_frame(connected(ZMQ_PUSH, "inproc://b"), "c", 0);
    expect_frame(pull, "c");
}

/* ---- Connect and disconnect -------------------------------------------- */

CASE(disconnect_of_an_unknown_name_gives_enoent)
{
    bound(ZMQ_PULL, "inproc://x");
    FAILS(zmq_disconnect(open_socket(ZMQ_PUSH), "inproc://x"), ENOENT);
    FAILS(zmq_disconnect(open_socket(ZMQ_PUSH), "inproc://y"), ENOENT);
}

CASE(disconnect_again_gives_enoent)
{
    void *push;

    bound(ZMQ_PULL, "inproc://x");
    push = connected(ZMQ_PUSH, "inproc://x");
    OK(zmq_disconnect(push, "inproc://x"));
    FAILS(zmq_disconnect(push, "inproc://x"), ENOENT);
}

CASE(disconnect_delivers_what_was_sent)
{
    void *pull = bound(ZMQ_PULL, "inproc://x");
    void *push = connected(ZMQ_PUSH, "inproc://x");

    send_frame(push, "one", 0);
    send_frame(push, "two", 0);
    OK(zmq_disconnect(push, "inproc://x"));
    expect_frame(pull, "one");
    expect_frame(pull, "two");
    expect_nothing(pull);
    EVENTUALLY(zmq_send(push, "x", 1, ZMQ_DONTWAIT) == -1);
}

CASE(disconnect_before_bind)
{
    void *push = connected(ZMQ_PUSH, "inproc://x"), *pull;

    OK(zmq_disconnect(push, "inproc://x"));
    pull = bound(ZMQ_PULL, "inproc://x");
    settle(push);
    FAILS(zmq_send(push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    expect_nothing(pull);
}

CASE(a_disconnected_socket_can_connect_again)
{
    void *pull = bound(ZMQ_PULL, "inproc://x");
    void *push = connected(ZMQ_PUSH, "inproc://x");

    OK(zmq_disconnect(push, "inproc://x"));
    OK(zmq_connect(push, "inproc://x"));
    send_frame(push, "text", 0);
    expect_frame(pull, "text");
}

CASE(connecting_twice_makes_two_ways)
{
    void *router = bound(ZMQ_ROUTER, "inproc://x");
    void *dealer = connected(ZMQ_DEALER, "inproc://x");
    char id[2][8];

    OK(zmq_connect(dealer, "inproc://x"));
    for (int i = 0; i < 2; i++) {
        send_frame(dealer, "text", 0);
        GIVES(zmq_recv(router, id[i], sizeof id[i], 0), 5);
        expect_frame(router, "text");
    }
    assert_memory_not_equal(id[0], id[1], 5);
}

CASE(one_disconnect_ends_all_ways_to_a_name)
{
    void *push;

    bound(ZMQ_PULL, "inproc://x");
    push = connected(ZMQ_PUSH, "inproc://x");
    OK(zmq_connect(push, "inproc://x"));
    OK(zmq_disconnect(push, "inproc://x"));
    FAILS(zmq_disconnect(push, "inproc://x"), ENOENT);
}

CASE(unbind_of_a_connected_name_disconnects)
{
    void *push = connected(ZMQ_PUSH, "inproc://x");

    OK(zmq_unbind(push, "inproc://x"));
    FAILS(zmq_disconnect(push, "inproc://x"), ENOENT);
}

CASE(disconnect_of_a_bound_name_unbinds)
{
    void *pull = bound(ZMQ_PULL, "inproc://x");

    OK(zmq_disconnect(pull, "inproc://x"));
    OK(zmq_bind(open_socket(ZMQ_PULL), "inproc://x"));
}

CASE(a_socket_may_bind_and_connect)
{
    void *a = bound(ZMQ_DEALER, "inproc://a"),
         *b = bound(ZMQ_PAIR, "inproc://b");
    void *c = connected(ZMQ_PAIR, "inproc://a");

    OK(zmq_connect(a, "inproc://b"));
    send_frame(a, "1", 0);
    send_frame(a, "2", 0);
    EVENTUALLY(poll_now(b, ZMQ_POLLIN) && poll_now(c, ZMQ_POLLIN));
}

/* ---- Last endpoint ----------------------------------------------------- */

static void
expect_last(void *s, const char *endpoint)
{
    char text[100];
    size_t size = sizeof text;

    OK(zmq_getsockopt(s, ZMQ_LAST_ENDPOINT, text, &size));
    assert_string_equal(text, endpoint);
    assert_int_equal(size, strlen(endpoint) + 1);
}

CASE(last_endpoint_is_empty_at_first)
{
    expect_last(open_socket(ZMQ_PAIR), "");
}

CASE(last_endpoint_is_the_last_bound)
{
    void *s = bound(ZMQ_PULL, "inproc://first");

    expect_last(s, "inproc://first");
    OK(zmq_bind(s, "inproc://second"));
    expect_last(s, "inproc://second");
}

CASE(last_endpoint_is_the_last_connected)
{
    bound(ZMQ_PULL, "inproc://x");
    expect_last(connected(ZMQ_PUSH, "inproc://x"), "inproc://x");
    expect_last(connected(ZMQ_PUSH, "inproc://not-yet"), "inproc://not-yet");
}

CASE(last_endpoint_stays_when_a_bind_fails)
{
    void *s = bound(ZMQ_PULL, "inproc://mine");

    bound(ZMQ_PULL, "inproc://taken");
    FAILS(zmq_bind(s, "inproc://taken"), EADDRINUSE);
    FAILS(zmq_connect(s, "nonsense"), EINVAL);
    expect_last(s, "inproc://mine");
}

CASE(last_endpoint_stays_after_unbind)
{
    void *s = bound(ZMQ_PULL, "inproc://mine");

    OK(zmq_unbind(s, "inproc://mine"));
    expect_last(s, "inproc://mine");
}

CASE(last_endpoint_needs_room)
{
    void *s = bound(ZMQ_PULL, "inproc://x");
    char text[11];
    size_t size = 10;

    FAILS(zmq_getsockopt(s, ZMQ_LAST_ENDPOINT, text, &size), EINVAL);
    size = 11;
    OK(zmq_getsockopt(s, ZMQ_LAST_ENDPOINT, text, &size));
    assert_string_equal(text, "inproc://x");
}

int
main(int argc, char **argv)
{
    return run_cases("endpoint", argc, argv);
}
