/* SPDX-License-Identifier: MPL-2.0 */
/* What a monitor tells of inproc endpoints: of libzmq's, nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

struct watched {
    void *ctx, *s, *monitor;
};

static int
watch(void **state)
{
    struct watched *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->ctx = zmq_ctx_new();
    w->s = zmq_socket(w->ctx, ZMQ_DEALER);
    w->monitor = zmq_socket(w->ctx, ZMQ_PAIR);
    assert_int_equal(
        zmq_socket_monitor(w->s, "inproc://monitor", ZMQ_EVENT_ALL), 0);
    assert_int_equal(zmq_connect(w->monitor, "inproc://monitor"), 0);
    *state = w;
    return 0;
}

static int
unwatch(void **state)
{
    struct watched *w = *state;

    if (w->s != NULL)
        assert_int_equal(zmq_close(w->s), 0);
    assert_int_equal(zmq_close(w->monitor), 0);
    assert_int_equal(zmq_ctx_term(w->ctx), 0);
    free(w);
    return 0;
}

static void
expect(struct watched *w, int event, uint32_t value, const char *endpoint)
{
    unsigned char frame[6];
    uint16_t got_event;
    uint32_t got_value;
    char text[100] = "";
    int size;

    assert_int_equal(zmq_recv(w->monitor, frame, 6, ZMQ_DONTWAIT), 6);
    memcpy(&got_event, frame, 2);
    memcpy(&got_value, frame + 2, 4);
    assert_int_equal(got_event, event);
    assert_int_equal(got_value, value);
    size = zmq_recv(w->monitor, text, sizeof(text), ZMQ_DONTWAIT);
    assert_int_equal(size, strlen(endpoint));
    assert_string_equal(text, endpoint);
}

static void
expect_nothing(struct watched *w)
{
    char byte;

    errno = 0;
    assert_int_equal(zmq_recv(w->monitor, &byte, 1, ZMQ_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
}

static void
test_bound_endpoints(void **state)
{
    struct watched *w = *state;

    assert_int_equal(zmq_bind(w->s, "inproc://a"), 0);
    expect(w, ZMQ_EVENT_LISTENING, 0, "inproc://a");
    assert_int_equal(zmq_bind(w->s, "inproc://a"), -1);
    assert_int_equal(zmq_unbind(w->s, "inproc://a"), 0);
    expect(w, ZMQ_EVENT_CLOSED, 0, "inproc://a");
    assert_int_equal(zmq_unbind(w->s, "inproc://a"), -1);
    expect_nothing(w);
}

static void
test_connected_endpoints(void **state)
{
    struct watched *w = *state;

    assert_int_equal(zmq_connect(w->s, "inproc://a"), 0);
    expect(w, ZMQ_EVENT_CONNECT_DELAYED, 0, "inproc://a");
    assert_int_equal(zmq_connect(w->s, "inproc://a"), 0);
    expect(w, ZMQ_EVENT_CONNECT_DELAYED, 0, "inproc://a");
    assert_int_equal(zmq_disconnect(w->s, "inproc://a"), 0);
    expect(w, ZMQ_EVENT_DISCONNECTED, 0, "inproc://a");
    expect(w, ZMQ_EVENT_DISCONNECTED, 0, "inproc://a");
    expect_nothing(w);
}

static void
test_peers(void **state)
{
    struct watched *w = *state;
    void *peer = zmq_socket(w->ctx, ZMQ_DEALER);
    size_t size = sizeof(int);
    int events;

    assert_int_equal(zmq_bind(w->s, "inproc://a"), 0);
    expect(w, ZMQ_EVENT_LISTENING, 0, "inproc://a");
    assert_int_equal(zmq_connect(peer, "inproc://a"), 0);
    assert_int_equal(zmq_getsockopt(w->s, ZMQ_EVENTS, &events, &size), 0);
    expect(w, ZMQ_EVENT_ACCEPTED, 0, "inproc://a");
    assert_int_equal(zmq_close(peer), 0);
    assert_int_equal(zmq_getsockopt(w->s, ZMQ_EVENTS, &events, &size), 0);
    expect(w, ZMQ_EVENT_DISCONNECTED, 0, "inproc://a");
    expect_nothing(w);
}

/* What only weir has is kept back: a full peer is no event of libzmq's. */
static void
test_what_libzmq_does_not_know(void **state)
{
    struct watched *w = *state;

    assert_int_equal(zmq_send(w->s, "x", 1, ZMQ_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    expect_nothing(w);
}

static void
test_close(void **state)
{
    struct watched *w = *state;

    assert_int_equal(zmq_bind(w->s, "inproc://a"), 0);
    assert_int_equal(zmq_bind(w->s, "inproc://b"), 0);
    expect(w, ZMQ_EVENT_LISTENING, 0, "inproc://a");
    expect(w, ZMQ_EVENT_LISTENING, 0, "inproc://b");
    assert_int_equal(zmq_close(w->s), 0);
    w->s = NULL;
    expect(w, ZMQ_EVENT_CLOSED, 0, "inproc://b");
    expect(w, ZMQ_EVENT_CLOSED, 0, "inproc://a");
    expect(w, ZMQ_EVENT_MONITOR_STOPPED, 0, "");
    expect_nothing(w);
}

/* Nobody has to listen, and a name that is monitored anew is free at once. */
static void
test_events_that_nobody_takes(void **state)
{
    struct watched *w = *state;

    for (int i = 0; i < 3000; i++) {
        assert_int_equal(zmq_bind(w->s, "inproc://a"), 0);
        assert_int_equal(zmq_unbind(w->s, "inproc://a"), 0);
    }
    assert_int_equal(
        zmq_socket_monitor(w->s, "inproc://monitor", ZMQ_EVENT_ALL), 0);
    assert_int_equal(zmq_bind(w->s, "inproc://a"), 0);
    assert_int_equal(zmq_socket_monitor(w->s, NULL, 0), 0);
}

static void
test_after_shutdown(void **state)
{
    struct watched *w = *state;

    assert_int_equal(zmq_bind(w->s, "inproc://a"), 0);
    assert_int_equal(zmq_ctx_shutdown(w->ctx), 0);
    errno = 0;
    assert_int_equal(zmq_socket_monitor(w->s, NULL, 0), -1);
    assert_int_equal(errno, ETERM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bound_endpoints, watch, unwatch),
        cmocka_unit_test_setup_teardown(test_connected_endpoints, watch,
                                        unwatch),
        cmocka_unit_test_setup_teardown(test_peers, watch, unwatch),
        cmocka_unit_test_setup_teardown(test_what_libzmq_does_not_know, watch,
                                        unwatch),
        cmocka_unit_test_setup_teardown(test_close, watch, unwatch),
        cmocka_unit_test_setup_teardown(test_events_that_nobody_takes, watch,
                                        unwatch),
        cmocka_unit_test_setup_teardown(test_after_shutdown, watch, unwatch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
