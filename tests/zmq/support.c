/* SPDX-License-Identifier: MPL-2.0 */
/* Short forms of calls. A case's process has one context of its own and a
 * list of the sockets that it opened; the list belongs to its first thread. */
#include "tests/zmq/support.h"

#include <stdio.h>
#include <time.h>

#define SOCKETS_MAX 4096

static void *context;
static void *sockets[SOCKETS_MAX];
static size_t opened;

void
check_error(int result, int want, const char *what, const char *file, int line)
{
    int errno_seen = errno, zmq_errno_seen = zmq_errno();

    if (result == -1 && errno_seen == want && zmq_errno_seen == want)
        return;
    print_error("%s gives %d, errno %d (%s), not error %d (%s)\n", what, result,
                errno_seen, zmq_strerror(errno_seen), want, zmq_strerror(want));
    _fail(file, line);
}

void
check_gives(long result, long want, const char *what, const char *file,
            int line)
{
    int error = errno;

    if (result == want)
        return;
    print_error("%s gives %ld, errno %d (%s), not %ld\n", what, result, error,
                zmq_strerror(error), want);
    _fail(file, line);
}

void
pause_ms(int ms)
{
    const struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

    nanosleep(&time, NULL);
}

long
now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void *
the_context(void)
{
    if (!context)
        context = zmq_ctx_new();
    assert_non_null(context);
    return context;
}

void
end_context(void)
{
    if (context)
        OK(zmq_ctx_term(context));
    context = NULL;
}

static void *
keep_socket(void *s)
{
    assert_true(opened < SOCKETS_MAX);
    sockets[opened++] = s;
    return s;
}

void *
open_socket(int type)
{
    void *s = zmq_socket(the_context(), type);

    if (!s)
        fail_msg("zmq_socket: %s", zmq_strerror(zmq_errno()));
    return keep_socket(s);
}

void *
replace_socket(void *s, void *peer, int type)
{
    void *next;

    close_socket(s);
    EVENTUALLY((settle(peer), next = zmq_socket(the_context(), type)));
    settle(peer);
    return keep_socket(next);
}

void
close_socket(void *s)
{
    for (size_t i = 0; i < opened; i++) {
        if (sockets[i] == s)
            sockets[i] = sockets[--opened];
    }
    OK(zmq_close(s));
}

void
close_all(void)
{
    while (opened)
        OK(zmq_close(sockets[--opened]));
}

void *
bound(int type, const char *endpoint)
{
    void *s = open_socket(type);

    OK(zmq_bind(s, endpoint));
    return s;
}

void *
connected(int type, const char *endpoint)
{
    void *s = open_socket(type);

    OK(zmq_connect(s, endpoint));
    return s;
}

static void
join_sockets(void *a, void *b)
{
    static int used;
    char name[40];

    snprintf(name, sizeof name, "inproc://join-%d", used++);
    OK(zmq_bind(a, name));
    OK(zmq_connect(b, name));
    settle(a);
    settle(b);
}

void
join(int type_a, void **a, int type_b, void **b)
{
    *a = open_socket(type_a);
    *b = open_socket(type_b);
    join_sockets(*a, *b);
}

void
join_hwm(int type_a, void **a, int type_b, void **b, int hwm)
{
    *a = open_socket(type_a);
    *b = open_socket(type_b);
    set_int(*a, ZMQ_SNDHWM, hwm);
    set_int(*a, ZMQ_RCVHWM, hwm);
    set_int(*b, ZMQ_SNDHWM, hwm);
    set_int(*b, ZMQ_RCVHWM, hwm);
    join_sockets(*a, *b);
}

int
get_int(void *s, int option)
{
    int value = 0;
    size_t size = sizeof value;

    OK(zmq_getsockopt(s, option, &value, &size));
    assert_int_equal(size, sizeof value);
    return value;
}

void
set_int(void *s, int option, int value)
{
    OK(zmq_setsockopt(s, option, &value, sizeof value));
}

void
set_text(void *s, int option, const char *text)
{
    OK(zmq_setsockopt(s, option, text, strlen(text)));
}

/* Asking for the events makes a socket look at all that was told to it. */
void
settle(void *s)
{
    (void)get_int(s, ZMQ_EVENTS);
}

int
poll_now(void *s, int events)
{
    zmq_pollitem_t item = { s, 0, (short)events, 0 };
    int result = zmq_poll(&item, 1, 0);

    assert_int_equal(result, item.revents ? 1 : 0);
    return item.revents;
}

void
send_frame(void *s, const char *text, int flags)
{
    int size = (int)strlen(text);

    GIVES(zmq_send(s, text, (size_t)size, flags), size);
}

void
expect_bytes(void *s, const void *bytes, size_t size)
{
    zmq_msg_t msg;

    OK(zmq_msg_init(&msg));
    GIVES(zmq_msg_recv(&msg, s, 0), (long)size);
    assert_int_equal(zmq_msg_size(&msg), size);
    assert_memory_equal(zmq_msg_data(&msg), bytes, size);
    OK(zmq_msg_close(&msg));
}

void
expect_frame(void *s, const char *text)
{
    expect_bytes(s, text, strlen(text));
}

void
send_message(void *s, ...)
{
    const char *frame, *next;
    va_list frames;

    va_start(frames, s);
    frame = va_arg(frames, const char *);
    for (; frame; frame = next) {
        next = va_arg(frames, const char *);
        send_frame(s, frame, next ? ZMQ_SNDMORE : 0);
    }
    va_end(frames);
}

void
expect_message(void *s, ...)
{
    const char *frame, *next;
    va_list frames;

    va_start(frames, s);
    frame = va_arg(frames, const char *);
    for (; frame; frame = next) {
        next = va_arg(frames, const char *);
        expect_frame(s, frame);
        assert_int_equal(get_int(s, ZMQ_RCVMORE), next ? 1 : 0);
    }
    va_end(frames);
}

void
expect_nothing(void *s)
{
    char byte;

    FAILS(zmq_recv(s, &byte, 1, ZMQ_DONTWAIT), EAGAIN);
}

int
send_until_full(void *s, int limit)
{
    int sent = 0;

    while (sent < limit && zmq_send(s, "m", 1, ZMQ_DONTWAIT) == 1)
        sent++;
    if (sent < limit)
        assert_int_equal(zmq_errno(), EAGAIN);
    return sent;
}

int
drain(void *s)
{
    char bytes[16];
    int got = 0;

    while (zmq_recv(s, bytes, sizeof bytes, ZMQ_DONTWAIT) >= 0)
        got++;
    assert_int_equal(zmq_errno(), EAGAIN);
    return got;
}

pthread_t
start(void *(*run)(void *), void *arg)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, run, arg), 0);
    return thread;
}

void
finish(pthread_t thread)
{
    assert_int_equal(pthread_join(thread, NULL), 0);
}
