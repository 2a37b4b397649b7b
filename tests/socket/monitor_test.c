/* SPDX-License-Identifier: MPL-2.0 */
/* What a monitor hears. */
#include <string.h>
#include <weir/monitor.h>

#include "tests/socket/support.h"

#define MONITOR "inproc://monitor"

/* A PAIR that listens to s. */
static weir_socket *
listen_to(weir_context *ctx, weir_socket *s, int events)
{
    weir_socket *ear = new_socket(ctx, WEIR_PAIR);

    OK(weir_monitor(s, MONITOR, events));
    OK(weir_connect(ear, MONITOR));
    return ear;
}

/* The next event is this one, about that endpoint. */
static void
hear_event(weir_socket *ear, int event, const char *endpoint)
{
    uint16_t number;
    uint32_t value;
    weir_msg msg;

    OK(weir_recv(ear, &msg, WEIR_DONTWAIT));
    EQUAL(weir_msg_size(&msg), 6);
    CHECK(weir_msg_more(&msg));
    memcpy(&number, weir_msg_bytes(&msg), 2);
    memcpy(&value, (const char *)weir_msg_bytes(&msg) + 2, 4);
    EQUAL(number, event);
    EQUAL(value, 0);
    hear(ear, endpoint);
}

/* Lets s take note of its peers. */
static void
attend(weir_socket *s)
{
    (void)get(s, WEIR_EVENTS);
}

static void
names_and_connections_are_reported(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *ear = listen_to(ctx, pull, WEIR_EVENT_ALL);

    (void)state;
    hear_nothing(ear);
    OK(weir_bind(pull, "inproc://a"));
    hear_event(ear, WEIR_EVENT_LISTENING, "inproc://a");
    GIVES(-EADDRINUSE, weir_bind(pull, "inproc://a"));
    hear_nothing(ear);
    OK(weir_connect(push, "inproc://a"));
    attend(pull);
    hear_event(ear, WEIR_EVENT_ACCEPTED, "inproc://a");
    OK(weir_close(push));
    attend(pull);
    attend(pull);
    hear_event(ear, WEIR_EVENT_DISCONNECTED, "inproc://a");
    OK(weir_unbind(pull, "inproc://a"));
    hear_event(ear, WEIR_EVENT_CLOSED, "inproc://a");
    OK(weir_bind(pull, "inproc://b"));
    hear_event(ear, WEIR_EVENT_LISTENING, "inproc://b");
    OK(weir_close(pull));
    hear_event(ear, WEIR_EVENT_CLOSED, "inproc://b");
    hear_event(ear, WEIR_EVENT_STOPPED, "");
    hear_nothing(ear);
    OK(weir_close(ear));
    OK(weir_context_free(ctx));
}

static void
connectors_are_reported(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *ear = listen_to(ctx, push, WEIR_EVENT_ALL);

    (void)state;
    GIVES(-ECONNREFUSED, weir_connect(push, "inproc://a"));
    hear_nothing(ear);
    set(push, WEIR_PENDING_CONNECT, 1);
    OK(weir_connect(push, "inproc://a"));
    hear_event(ear, WEIR_EVENT_CONNECT_DELAYED, "inproc://a");
    OK(weir_bind(pull, "inproc://a"));
    OK(weir_connect(push, "inproc://a"));
    hear_event(ear, WEIR_EVENT_CONNECTED, "inproc://a");
    OK(weir_disconnect(push, "inproc://a"));
    hear_event(ear, WEIR_EVENT_DISCONNECTED, "inproc://a");
    attend(pull);
    attend(push);
    attend(push);
    hear_nothing(ear);
    OK(weir_close(pull));
    attend(push);
    hear_event(ear, WEIR_EVENT_DISCONNECTED, "inproc://a");
    OK(weir_close(push));
    hear_event(ear, WEIR_EVENT_STOPPED, "");
    OK(weir_close(ear));
    OK(weir_context_free(ctx));
}

static void
a_full_connection_is_reported(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_socket *ear = listen_to(l.ctx, l.connected, WEIR_EVENT_HWM_REACHED);

    (void)state;
    EQUAL(fill(l.connected, 0), 2000);
    hear_event(ear, WEIR_EVENT_HWM_REACHED, "inproc://link");
    hear_nothing(ear);
    OK(weir_close(ear));
    close_link(&l);
}

static void
only_what_was_asked_for(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *ear = listen_to(ctx, pull, WEIR_EVENT_CLOSED);

    (void)state;
    OK(weir_bind(pull, "inproc://a"));
    hear_nothing(ear);
    OK(weir_unbind(pull, "inproc://a"));
    hear_event(ear, WEIR_EVENT_CLOSED, "inproc://a");
    OK(weir_close(pull));
    hear_event(ear, WEIR_EVENT_STOPPED, "");
    OK(weir_close(ear));
    OK(weir_context_free(ctx));
}

static void
a_monitor_is_replaced_and_ended(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *first = listen_to(ctx, pull, WEIR_EVENT_ALL);
    weir_socket *second = listen_to(ctx, pull, WEIR_EVENT_ALL);

    (void)state;
    hear_event(first, WEIR_EVENT_STOPPED, "");
    OK(weir_monitor(pull, NULL, 0));
    OK(weir_monitor(pull, NULL, 0));
    hear_event(second, WEIR_EVENT_STOPPED, "");
    OK(weir_bind(pull, "inproc://a"));
    hear_nothing(second);
    GIVES(-EADDRINUSE, weir_monitor(pull, "inproc://a", WEIR_EVENT_ALL));
    GIVES(-EINVAL, weir_monitor(pull, "a", WEIR_EVENT_ALL));
    GIVES(-EBADF, weir_monitor(NULL, MONITOR, WEIR_EVENT_ALL));
    OK(weir_close(pull));
    OK(weir_close(first));
    OK(weir_close(second));
    OK(weir_context_free(ctx));
}

/* Nobody listens: events are lost, and nothing waits. */
static void
nobody_has_to_listen(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);

    (void)state;
    OK(weir_monitor(pull, MONITOR, WEIR_EVENT_ALL));
    for (int i = 0; i < 3000; i++) {
        OK(weir_bind(pull, "inproc://a"));
        OK(weir_unbind(pull, "inproc://a"));
    }
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_connections_are_reported),
        cmocka_unit_test(connectors_are_reported),
        cmocka_unit_test(a_full_connection_is_reported),
        cmocka_unit_test(only_what_was_asked_for),
        cmocka_unit_test(a_monitor_is_replaced_and_ended),
        cmocka_unit_test(nobody_has_to_listen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
