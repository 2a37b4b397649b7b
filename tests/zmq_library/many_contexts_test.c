/* SPDX-License-Identifier: MPL-2.0 */
/* A thousand contexts in turn, in a process of their own. Each lives fully, and
 * some end with sockets in use and messages on their way; afterwards there are
 * no more memory, descriptors and threads than before. */
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "tests/socket/support.h"

#define FIRST 100 /* until all has its size */
#define LIVES 1000

/* External messages that were made and not freed; of one thread. */
static int external;

/* ---- Sockets ----------------------------------------------------------- */

static void *
open_socket(void *ctx, int type)
{
    void *s = zmq_socket(ctx, type);

    CHECK(s != NULL);
    return s;
}

static void *
bound(void *ctx, int type, const char *name)
{
    void *s = open_socket(ctx, type);

    EQUAL(zmq_bind(s, name), 0);
    return s;
}

static void *
connected(void *ctx, int type, const char *name)
{
    void *s = open_socket(ctx, type);

    EQUAL(zmq_connect(s, name), 0);
    return s;
}

/* ---- Messages ---------------------------------------------------------- */

static void
free_external(void *data, void *hint)
{
    free(data);
    --*(int *)hint;
}

static void
send_external(void *s, size_t size)
{
    void *data = malloc(size);
    zmq_msg_t msg;

    CHECK(data != NULL);
    memset(data, 1, size);
    external++;
    EQUAL(zmq_msg_init_data(&msg, data, size, free_external, &external), 0);
    EQUAL(zmq_msg_send(&msg, s, 0), size);
}

/* Two messages that share their bytes. */
static void
send_shared(void *s, size_t size)
{
    zmq_msg_t msg, copy;

    EQUAL(zmq_msg_init_size(&msg, size), 0);
    memset(zmq_msg_data(&msg), 2, size);
    EQUAL(zmq_msg_init(&copy), 0);
    EQUAL(zmq_msg_copy(&copy, &msg), 0);
    EQUAL(zmq_msg_send(&msg, s, ZMQ_SNDMORE), size);
    EQUAL(zmq_msg_send(&copy, s, 0), size);
}

/* Messages of all kinds, about half of which are received. */
static void
stream(void *ctx)
{
    static const size_t sizes[] = { 8, 56, 57, 4096, 70000 };
    static char bytes[70000];
    void *pull = bound(ctx, ZMQ_PULL, "inproc://stream");
    void *push = connected(ctx, ZMQ_PUSH, "inproc://stream");
    void *nobody = connected(ctx, ZMQ_PUSH, "inproc://nobody");

    for (int i = 0; i < 5; i++) {
        EQUAL(zmq_send(push, bytes, sizes[i], ZMQ_SNDMORE), sizes[i]);
        EQUAL(zmq_send(push, bytes, sizes[i], 0), sizes[i]);
        send_external(push, sizes[i]);
        send_external(nobody, sizes[i]);
        send_shared(push, sizes[i]);
    }
    EQUAL(zmq_send(push, "unfinished", 10, ZMQ_SNDMORE), 10);
    for (int i = 0; i < 13; i++)
        CHECK(zmq_recv(pull, bytes, sizeof(bytes), 0) > 0);
    EQUAL(zmq_close(push), 0);
    EQUAL(zmq_close(nobody), 0);
    EQUAL(zmq_close(pull), 0);
}

static void
publish(void *ctx)
{
    void *pub = bound(ctx, ZMQ_PUB, "inproc://topics");
    void *sub = open_socket(ctx, ZMQ_SUB);
    char byte;

    EQUAL(zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "b", 1), 0);
    EQUAL(zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "topic", 5), 0);
    EQUAL(zmq_connect(sub, "inproc://topics"), 0);
    EQUAL(zmq_send(pub, "a", 1, 0), 1);
    EQUAL(zmq_send(pub, "b", 1, 0), 1);
    EQUAL(zmq_send(pub, "topic", 5, 0), 5);
    EQUAL(zmq_recv(sub, &byte, 1, 0), 1);
    EQUAL(byte, 'b');
    EQUAL(zmq_close(sub), 0);
    EQUAL(zmq_close(pub), 0);
}

/* ---- Waiting ----------------------------------------------------------- */

/* With descriptors of ours and of the socket's, and its events. */
static void
watch(void *ctx)
{
    void *pull = bound(ctx, ZMQ_PULL, "inproc://watched");
    void *events = NULL;
    void *push;
    int ends[2], fd;
    size_t size = sizeof(fd);
    zmq_pollitem_t items[2] = { { pull, 0, ZMQ_POLLIN, 0 } };
    char event[6];

    EQUAL(pipe(ends), 0);
    items[1] = (zmq_pollitem_t){ NULL, ends[0], ZMQ_POLLIN, 0 };
    EQUAL(zmq_getsockopt(pull, ZMQ_FD, &fd, &size), 0);
    EQUAL(zmq_socket_monitor(pull, "inproc://events", ZMQ_EVENT_ALL), 0);
    events = connected(ctx, ZMQ_PAIR, "inproc://events");
    EQUAL(zmq_bind(pull, "inproc://another"), 0);
    EQUAL(zmq_poll(items, 2, 0), 0);
    push = connected(ctx, ZMQ_PUSH, "inproc://watched");
    EQUAL(zmq_send(push, "x", 1, 0), 1);
    EQUAL(zmq_poll(items, 2, -1), 1);
    EQUAL(poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, -1), 1);
    EQUAL(zmq_recv(events, event, sizeof(event), 0), sizeof(event));
    EQUAL(zmq_close(push), 0);
    EQUAL(zmq_close(pull), 0);
    EQUAL(zmq_close(events), 0);
    EQUAL(close(ends[0]), 0);
    EQUAL(close(ends[1]), 0);
}

/* ---- Threads ----------------------------------------------------------- */

static void *
run_proxy(void *ctx)
{
    void *front = bound(ctx, ZMQ_ROUTER, "inproc://front");
    void *back = bound(ctx, ZMQ_DEALER, "inproc://back");
    void *control = connected(ctx, ZMQ_PAIR, "inproc://control");

    EQUAL(zmq_proxy_steerable(front, back, NULL, control), 0);
    EQUAL(zmq_close(front), 0);
    EQUAL(zmq_close(back), 0);
    EQUAL(zmq_close(control), 0);
    return NULL;
}

/* A question and its answer through a proxy. */
static void
ask(void *ctx)
{
    void *control = bound(ctx, ZMQ_PAIR, "inproc://control");
    void *req = connected(ctx, ZMQ_REQ, "inproc://front");
    void *rep = connected(ctx, ZMQ_REP, "inproc://back");
    pthread_t proxy = start(run_proxy, ctx);
    char byte;

    EQUAL(zmq_send(req, "?", 1, 0), 1);
    EQUAL(zmq_recv(rep, &byte, 1, 0), 1);
    EQUAL(zmq_send(rep, "!", 1, 0), 1);
    EQUAL(zmq_recv(req, &byte, 1, 0), 1);
    EQUAL(byte, '!');
    EQUAL(zmq_send(control, "TERMINATE", 9, 0), 9);
    finish(proxy);
    EQUAL(zmq_close(rep), 0);
    EQUAL(zmq_close(req), 0);
    EQUAL(zmq_close(control), 0);
}

/* Receives until the context ends, in which a message was begun. */
static void *
wait_for_the_end(void *pair)
{
    char byte;

    while (zmq_recv(pair, &byte, 1, 0) == 1)
        continue;
    EQUAL(errno, ETERM);
    EQUAL(zmq_close(pair), 0);
    return NULL;
}

/* ---- Lives ------------------------------------------------------------- */

static void
live(int number)
{
    void *ctx = zmq_ctx_new();
    pthread_t thread;
    void *pair;

    CHECK(ctx != NULL);
    stream(ctx);
    publish(ctx);
    watch(ctx);
    ask(ctx);
    thread = start(wait_for_the_end, bound(ctx, ZMQ_PAIR, "inproc://pair"));
    pair = connected(ctx, ZMQ_PAIR, "inproc://pair");
    EQUAL(zmq_send(pair, "1", 1, ZMQ_SNDMORE), 1);
    EQUAL(zmq_send(pair, "2", 1, 0), 1);
    EQUAL(zmq_send(pair, "3", 1, ZMQ_SNDMORE), 1);
    if (number % 2)
        EQUAL(zmq_ctx_shutdown(ctx), 0);
    EQUAL(zmq_close(pair), 0);
    EQUAL(zmq_ctx_term(ctx), 0);
    finish(thread);
    EQUAL(external, 0);
}

/* A thread that was joined is not gone from there yet. */
static void
await_tasks(int n)
{
    for (int i = 0; i < 100000 && count_entries("/proc/self/task") > n; i++)
        (void)sched_yield();
    EQUAL(count_entries("/proc/self/task"), n);
}

static void
live_all(void)
{
    int tasks, fds;
    long bytes;

    for (int i = 0; i < FIRST; i++)
        live(i);
    fds = count_entries("/proc/self/fd");
    tasks = count_entries("/proc/self/task");
    bytes = resident();
    for (int i = 0; i < LIVES; i++)
        live(i);
    bytes = resident() - bytes;
    print_message("%d contexts: %ld bytes\n", LIVES, bytes);
    CHECK(SANITIZED || bytes <= 256 << 10);
    EQUAL(count_entries("/proc/self/fd"), fds);
    await_tasks(tasks);
}

static void
contexts_leave_nothing_behind(void **state)
{
    int status = -1;
    pid_t child;

    (void)state;
    (void)fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        live_all();
        (void)fflush(NULL);
        _exit(0);
    }
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(status, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_leave_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
