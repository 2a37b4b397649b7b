/* SPDX-License-Identifier: MPL-2.0 */
/* weir_proxy: what it moves, what it leaves where it is, and how it is told
 * what to do. */
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <weir/poll.h>

#include "tests/socket/support.h"

/* A proxy on a thread of its own, its four sockets, and one at the other end of
 * each. */
struct scene {
    weir_context *ctx;
    weir_socket *front;
    weir_socket *back;
    weir_socket *capture;
    weir_socket *control;
    weir_socket *source;
    weir_socket *sink;
    weir_socket *watcher;
    weir_socket *master;
    int flags;
    int rc;
    pthread_t thread;
    _Atomic pid_t tid;
};

static weir_socket *
bound(struct scene *s, int type, const char *name)
{
    weir_socket *socket = new_socket(s->ctx, type);

    OK(weir_bind(socket, name));
    return socket;
}

static weir_socket *
connected(struct scene *s, int type, const char *name)
{
    weir_socket *socket = new_socket(s->ctx, type);

    set(socket, WEIR_RECV_TIMEOUT_MS, -1);
    OK(weir_connect(socket, name));
    return socket;
}

static void
set_up(struct scene *s, int source, int front, int back, int sink)
{
    *s = (struct scene){ .ctx = new_context() };
    s->front = bound(s, front, "inproc://front");
    s->back = bound(s, back, "inproc://back");
    s->source = connected(s, source, "inproc://front");
    s->sink = connected(s, sink, "inproc://back");
}

static void
add_control(struct scene *s, int type, int master)
{
    s->control = bound(s, type, "inproc://control");
    s->master = connected(s, master, "inproc://control");
}

static void
add_capture(struct scene *s)
{
    s->capture = bound(s, WEIR_PUSH, "inproc://capture");
    s->watcher = connected(s, WEIR_PULL, "inproc://capture");
}

static void *
run(void *arg)
{
    struct scene *s = arg;

    s->tid = gettid();
    s->rc =
        CALL(weir_proxy(s->front, s->back, s->capture, s->control, s->flags));
    return NULL;
}

static void
start_proxy(struct scene *s)
{
    s->tid = 0;
    s->thread = start(run, s);
    while (s->tid == 0)
        continue;
}

static void
ended_with(struct scene *s, int rc)
{
    finish(s->thread);
    EQUAL(s->rc, rc);
}

static void
tear_down(struct scene *s)
{
    weir_socket *all[] = { s->front,  s->back, s->capture, s->control,
                           s->source, s->sink, s->watcher, s->master };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i] != NULL)
            OK(weir_close(all[i]));
    OK(weir_context_free(s->ctx));
}

/* Receives a text, however long that takes. */
static void
await_text(weir_socket *s, const char *text)
{
    weir_msg msg;

    OK(weir_recv(s, &msg, 0));
    EQUAL(weir_msg_size(&msg), strlen(text));
    CHECK(memcmp(weir_msg_bytes(&msg), text, strlen(text)) == 0);
    OK(weir_msg_drop(&msg));
}

static void
await_number(weir_socket *s, uint64_t number, bool more)
{
    weir_msg msg;

    OK(weir_recv(s, &msg, 0));
    EQUAL(number_of(&msg), number);
    EQUAL(weir_msg_more(&msg), more);
}

/* ---- Moving ------------------------------------------------------------ */

static void
bad_arguments_are_refused(void **state)
{
    struct scene s;

    (void)state;
    set_up(&s, WEIR_PUSH, WEIR_PULL, WEIR_PUSH, WEIR_PULL);
    GIVES(-EBADF, weir_proxy(NULL, s.back, NULL, NULL, 0));
    GIVES(-EBADF, weir_proxy(s.front, NULL, NULL, NULL, 0));
    GIVES(-EINVAL, weir_proxy(s.front, s.back, s.front, NULL, 0));
    GIVES(-EINVAL, weir_proxy(s.front, s.back, NULL, s.back, 0));
    GIVES(-EINVAL, weir_proxy(s.front, s.back, NULL, NULL, WEIR_DONTWAIT));
    OK(weir_context_shutdown(s.ctx));
    GIVES(-ESHUTDOWN, weir_proxy(s.front, s.back, NULL, NULL, 0));
    tear_down(&s);
}

#define MESSAGES SCALED(100000)

static void *
send_many(void *arg)
{
    for (uint64_t i = 0; i < MESSAGES; i++)
        OK(send_number(arg, i, 0));
    return NULL;
}

static void
a_stream_goes_through_with_its_copy(void **state)
{
    struct scene s;
    pthread_t sender;

    (void)state;
    set_up(&s, WEIR_PUSH, WEIR_PULL, WEIR_PUSH, WEIR_PULL);
    add_capture(&s);
    start_proxy(&s);
    sender = start(send_many, s.source);
    for (uint64_t i = 0; i < MESSAGES; i++) {
        await_number(s.sink, i, false);
        await_number(s.watcher, i, false);
    }
    finish(sender);
    OK(weir_context_shutdown(s.ctx));
    ended_with(&s, -ESHUTDOWN);
    tear_down(&s);
}

/* More frames than a batch has. */
#define FRAMES 100

static void
messages_stay_whole(void **state)
{
    struct scene s;
    weir_msg msg;

    (void)state;
    set_up(&s, WEIR_PAIR, WEIR_PAIR, WEIR_DEALER, WEIR_DEALER);
    start_proxy(&s);
    for (int round = 0; round < 3; round++) {
        weir_socket *from = round % 2 ? s.sink : s.source;
        weir_socket *to = round % 2 ? s.source : s.sink;

        for (uint64_t i = 0; i < FRAMES; i++) {
            put_number(&msg, i, i + 1 < FRAMES);
            OK(weir_send(from, &msg, 0));
        }
        OK(send_number(from, FRAMES, 0));
        for (uint64_t i = 0; i <= FRAMES; i++)
            await_number(to, i, i + 1 < FRAMES);
    }
    OK(weir_context_shutdown(s.ctx));
    ended_with(&s, -ESHUTDOWN);
    tear_down(&s);
}

static void
requests_find_their_way_back(void **state)
{
    struct scene s;

    (void)state;
    set_up(&s, WEIR_REQ, WEIR_ROUTER, WEIR_DEALER, WEIR_REP);
    start_proxy(&s);
    for (int i = 0; i < 100; i++) {
        say(s.source, "request");
        await_text(s.sink, "request");
        say(s.sink, "reply");
        await_text(s.source, "reply");
    }
    OK(weir_context_shutdown(s.ctx));
    ended_with(&s, -ESHUTDOWN);
    tear_down(&s);
}

/* What the other side cannot take is not taken: it comes back to the sender as
 * a full pipe. */
static void
nothing_is_taken_that_cannot_go_on(void **state)
{
    struct scene s;
    uint64_t sent = 0;
    uint64_t before;

    (void)state;
    set_up(&s, WEIR_PUSH, WEIR_PULL, WEIR_PUSH, WEIR_PULL);
    add_control(&s, WEIR_PAIR, WEIR_PAIR);
    start_proxy(&s);
    /* Until both pipes are full and the proxy sleeps. */
    do {
        before = sent;
        await_sleep(s.tid);
        while (send_number(s.source, sent, WEIR_DONTWAIT) == 0)
            sent++;
    } while (sent > before);
    say(s.master, "TERMINATE");
    ended_with(&s, 0);
    EQUAL(drain(s.sink, 0), 2000);
    EQUAL(drain(s.front, 2000), sent - 2000);
    tear_down(&s);
}

/* ---- Control ----------------------------------------------------------- */

static void
expect_counts(struct scene *s, const uint64_t *counts)
{
    say(s->master, "STATISTICS");
    for (int i = 0; i < 8; i++)
        await_number(s->master, counts[i], i < 7);
}

static void
it_counts(void **state)
{
    struct scene s;
    static const uint64_t none[8] = { 0 };
    static const uint64_t some[8] = { 2, 7, 1, 4, 1, 4, 2, 7 };

    (void)state;
    set_up(&s, WEIR_PAIR, WEIR_PAIR, WEIR_PAIR, WEIR_PAIR);
    add_control(&s, WEIR_PAIR, WEIR_PAIR);
    start_proxy(&s);
    expect_counts(&s, none);
    say(s.source, "one");
    await_text(s.sink, "one");
    say(s.sink, "back");
    await_text(s.source, "back");
    EQUAL(try_say(s.source, "tw", true), 0);
    say(s.source, "os");
    await_text(s.sink, "tw");
    await_text(s.sink, "os");
    expect_counts(&s, some);
    say(s.master, "TERMINATE");
    ended_with(&s, 0);
    tear_down(&s);
}

/* A REP replies to all commands. */
static void
it_pauses_and_resumes(void **state)
{
    struct scene s;

    (void)state;
    set_up(&s, WEIR_PUSH, WEIR_PULL, WEIR_PUSH, WEIR_PULL);
    add_control(&s, WEIR_REP, WEIR_REQ);
    start_proxy(&s);
    for (int i = 0; i < 3; i++) {
        say(s.master, "PAUSE");
        await_text(s.master, "");
        say(s.source, "text");
        say(s.master, "PAUSE");
        await_text(s.master, "");
        await_sleep(s.tid);
        hear_nothing(s.sink);
        say(s.master, "RESUME");
        await_text(s.master, "");
        await_text(s.sink, "text");
    }
    say(s.master, "TERMINATE");
    await_text(s.master, "");
    ended_with(&s, 0);
    tear_down(&s);
}

static void
unknown_commands_end_it(void **state)
{
    for (int more = 0; more < 2; more++) {
        struct scene s;

        (void)state;
        set_up(&s, WEIR_PUSH, WEIR_PULL, WEIR_PUSH, WEIR_PULL);
        add_control(&s, WEIR_PULL, WEIR_PUSH);
        if (more)
            EQUAL(try_say(s.master, "PAUSE", true), 0);
        say(s.master, more ? "PAUSE" : "PAUS");
        start_proxy(&s);
        ended_with(&s, -EINVAL);
        tear_down(&s);
    }
}

static void
nothing(int signal)
{
    (void)signal;
}

static void
a_signal_ends_it_if_allowed(void **state)
{
    struct sigaction act = { .sa_handler = nothing };
    struct scene s;

    (void)state;
    EQUAL(sigaction(SIGUSR1, &act, NULL), 0);
    set_up(&s, WEIR_PUSH, WEIR_PULL, WEIR_PUSH, WEIR_PULL);
    s.flags = WEIR_INTERRUPTIBLE;
    start_proxy(&s);
    await_sleep(s.tid);
    EQUAL(pthread_kill(s.thread, SIGUSR1), 0);
    ended_with(&s, -EINTR);
    tear_down(&s);
}

static void
one_socket_can_be_both_sides(void **state)
{
    struct scene s = { .ctx = new_context() };

    (void)state;
    s.front = s.back = bound(&s, WEIR_REP, "inproc://front");
    s.source = connected(&s, WEIR_REQ, "inproc://front");
    start_proxy(&s);
    for (int i = 0; i < 3; i++) {
        say(s.source, "hello");
        await_text(s.source, "hello");
    }
    OK(weir_context_shutdown(s.ctx));
    ended_with(&s, -ESHUTDOWN);
    s.back = NULL;
    tear_down(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(a_stream_goes_through_with_its_copy),
        cmocka_unit_test(messages_stay_whole),
        cmocka_unit_test(requests_find_their_way_back),
        cmocka_unit_test(nothing_is_taken_that_cannot_go_on),
        cmocka_unit_test(one_socket_can_be_both_sides),
        cmocka_unit_test(it_counts),
        cmocka_unit_test(it_pauses_and_resumes),
        cmocka_unit_test(unknown_commands_end_it),
        cmocka_unit_test(a_signal_ends_it_if_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
