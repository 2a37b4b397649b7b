/* SPDX-License-Identifier: MPL-2.0 */
/* What waits for many sockets at once: zpoller, zloop and zproxy. */
#include "czmq_parts.h"

#if WEIR_HAVE_CZMQ

#include "czmq_expect.h"

#include <unistd.h>

#define CLIENTS  4
#define WORKERS  3
#define REQUESTS 100
#define TICKS    5

void
part_poller(void)
{
    zsock_t *pull[3], *push[3];
    zpoller_t *poller = zpoller_new(NULL);

    for (int i = 0; i < 3; i++) {
        pull[i] = zsock_new(ZMQ_PULL);
        push[i] = zsock_new(ZMQ_PUSH);
        CHECK(zsock_bind(pull[i], "inproc://poller-%d", i) == 0);
        CHECK(zsock_connect(push[i], "inproc://poller-%d", i) == 0);
        CHECK(zpoller_add(poller, pull[i]) == 0);
    }
    CHECK(!zpoller_wait(poller, 0));
    CHECK(zpoller_expired(poller) && !zpoller_terminated(poller));
    for (int i = 0; i < 3; i++) {
        CHECK(zstr_send(push[i], "here") == 0);
        CHECK(zpoller_wait(poller, -1) == pull[i]);
        expect_text(pull[i], "here");
    }
    CHECK(zpoller_remove(poller, pull[1]) == 0);
    CHECK(zstr_send(push[1], "unheard") == 0);
    CHECK(!zpoller_wait(poller, 0));
    zpoller_destroy(&poller);
    for (int i = 0; i < 3; i++) {
        zsock_destroy(&push[i]);
        zsock_destroy(&pull[i]);
    }
}

/* A pipe of the system's beside a socket, in one poller. */
void
part_poller_of_files(void)
{
    zsock_t *pull = zsock_new_pull("@inproc://beside-a-file");
    zsock_t *push = zsock_new_push(">inproc://beside-a-file");
    int ends[2];
    zpoller_t *poller;

    CHECK(pipe(ends) == 0);
    poller = zpoller_new(pull, &ends[0], NULL);
    CHECK(poller && !zpoller_wait(poller, 0));
    CHECK(write(ends[1], "x", 1) == 1);
    CHECK(zpoller_wait(poller, -1) == &ends[0]);
    CHECK(read(ends[0], (char[1]){ 0 }, 1) == 1);
    CHECK(zstr_send(push, "here") == 0);
    CHECK(zpoller_wait(poller, -1) == pull);
    expect_text(pull, "here");
    CHECK(!zpoller_wait(poller, 0));
    zpoller_destroy(&poller);
    close(ends[0]);
    close(ends[1]);
    zsock_destroy(&push);
    zsock_destroy(&pull);
}

struct counts {
    int read;
    int from_file;
    int once;
    int ticks;
    int timer;
};

static int
on_message(zloop_t *loop, zsock_t *socket, void *arg)
{
    struct counts *counts = arg;
    char *text = zstr_recv(socket);
    bool last = streq(text, "last");

    zstr_free(&text);
    counts->read++;
    if (last)
        zloop_reader_end(loop, socket);
    return 0;
}

static int
on_file(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    struct counts *counts = arg;

    CHECK(item->revents & ZMQ_POLLIN);
    CHECK(read(item->fd, (char[1]){ 0 }, 1) == 1);
    counts->from_file++;
    zloop_poller_end(loop, item);
    return 0;
}

/* Ends the loop when all has been seen. */
static int
look_whether_all_came(zloop_t *loop, int timer, void *arg)
{
    struct counts *counts = arg;

    (void)loop;
    (void)timer;
    return counts->read == 2 * REQUESTS && counts->from_file == 1 ? -1 : 0;
}

static void
send_all(zsock_t *pipe, void *endpoint)
{
    zsock_t *push = zsock_new_push(endpoint);

    zsock_signal(pipe, 0);
    for (int i = 0; i < REQUESTS - 1; i++)
        CHECK(zstr_sendf(push, "%d", i) == 0);
    CHECK(zstr_send(push, "last") == 0);
    expect_end(pipe);
    zsock_destroy(&push);
}

/* Two readers that other threads write to, a file, and a timer. */
void
part_loop(void)
{
    static char names[2][20] = { ">inproc://loop-a", ">inproc://loop-b" };
    struct counts counts = { 0 };
    zloop_t *loop = zloop_new();
    zsock_t *pull[2];
    zactor_t *senders[2];
    int ends[2];
    zmq_pollitem_t item = { .events = ZMQ_POLLIN };

    CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    item.fd = ends[0];
    CHECK(zloop_poller(loop, &item, on_file, &counts) == 0);
    for (int i = 0; i < 2; i++) {
        pull[i] = zsock_new_pull(names[i] + 1);
        senders[i] = zactor_new(send_all, names[i]);
        CHECK(zloop_reader(loop, pull[i], on_message, &counts) == 0);
    }
    CHECK(zloop_timer(loop, 1, 0, look_whether_all_came, &counts) > 0);
    CHECK(zloop_start(loop) == -1);
    CHECK(counts.read == 2 * REQUESTS && counts.from_file == 1);
    zloop_destroy(&loop);
    for (int i = 0; i < 2; i++) {
        zactor_destroy(&senders[i]);
        zsock_destroy(&pull[i]);
    }
    close(ends[0]);
    close(ends[1]);
}

static int
on_tick(zloop_t *loop, int timer, void *arg)
{
    struct counts *counts = arg;

    counts->ticks++;
    if (counts->ticks == TICKS)
        CHECK(zloop_timer_end(loop, counts->timer) == 0);
    CHECK(timer != counts->timer || counts->ticks <= TICKS);
    return 0;
}

static int
on_once(zloop_t *loop, int timer, void *arg)
{
    struct counts *counts = arg;

    (void)loop;
    (void)timer;
    counts->once++;
    return 0;
}

static int
on_end(zloop_t *loop, int timer, void *arg)
{
    struct counts *counts = arg;

    (void)loop;
    (void)timer;
    return counts->ticks < TICKS || counts->once < 2 ? 0 : -1;
}

/* Timers that come back, one that comes once, a ticket, and one taken back. */
void
part_loop_timers(void)
{
    struct counts counts = { 0 };
    zloop_t *loop = zloop_new();
    int never;
    void *ticket;

    counts.timer = zloop_timer(loop, 1, 0, on_tick, &counts);
    never = zloop_timer(loop, 1, 1, on_tick, &counts);
    CHECK(zloop_timer_end(loop, never) == 0);
    CHECK(zloop_timer(loop, 2, 1, on_once, &counts) > 0);
    zloop_set_ticket_delay(loop, 2);
    ticket = zloop_ticket(loop, on_once, &counts);
    CHECK(ticket != NULL);
    zloop_ticket_reset(loop, ticket);
    CHECK(zloop_timer(loop, 1, 0, on_end, &counts) > 0);
    CHECK(zloop_start(loop) == -1);
    CHECK(counts.ticks == TICKS && counts.once == 2);
    zloop_destroy(&loop);
}

/* zproxy answers every command with a signal. */
#define TELL(proxy, ...)                                    \
    do {                                                    \
        CHECK(zstr_sendx((proxy), __VA_ARGS__, NULL) == 0); \
        CHECK(zsock_wait(proxy) == 0);                      \
    } while (0)

/* Through a proxy that is paused, resumed and listened to. */
void
part_proxy_pipeline(void)
{
    zactor_t *proxy = zactor_new(zproxy, NULL);
    zsock_t *capture = zsock_new_pull("@inproc://proxy-capture");
    zsock_t *push, *pull;

    TELL(proxy, "FRONTEND", "PULL", "inproc://proxy-in");
    TELL(proxy, "BACKEND", "PUSH", "inproc://proxy-out");
    TELL(proxy, "CAPTURE", "inproc://proxy-capture");
    push = zsock_new_push(">inproc://proxy-in");
    pull = zsock_new_pull(">inproc://proxy-out");
    CHECK(zstr_sendx(push, "to be", "seen", NULL) == 0);
    for (int i = 0; i < 2; i++) {
        expect_text(i ? capture : pull, "to be");
        expect_text(i ? capture : pull, "seen");
    }
    TELL(proxy, "PAUSE");
    CHECK(zstr_send(push, "held back") == 0);
    CHECK(!zstr_recv_nowait(pull));
    TELL(proxy, "RESUME");
    expect_text(pull, "held back");
    expect_text(capture, "held back");
    zactor_destroy(&proxy);
    zsock_destroy(&push);
    zsock_destroy(&pull);
    zsock_destroy(&capture);
}

static void
ask(zsock_t *pipe, void *arg)
{
    zsock_t *req = zsock_new_req(">inproc://requests");

    (void)arg;
    CHECK(req != NULL);
    zsock_signal(pipe, 0);
    for (int i = 0; i < REQUESTS; i++) {
        int answer;

        CHECK(zsock_send(req, "i", i) == 0);
        CHECK(zsock_recv(req, "i", &answer) == 0);
        CHECK(answer == 2 * i);
    }
    zsock_signal(pipe, 0);
    zsock_destroy(&req);
}

static void
answer(zsock_t *pipe, void *arg)
{
    zsock_t *rep = zsock_new_rep(">inproc://answers");
    zpoller_t *poller = zpoller_new(pipe, rep, NULL);

    (void)arg;
    zsock_signal(pipe, 0);
    while (zpoller_wait(poller, -1) == rep) {
        int number;

        CHECK(zsock_recv(rep, "i", &number) == 0);
        CHECK(zsock_send(rep, "i", 2 * number) == 0);
    }
    zpoller_destroy(&poller);
    zsock_destroy(&rep);
}

/* Many that ask, few that answer, a ROUTER and a DEALER between them. */
void
part_proxy_requests(void)
{
    zactor_t *proxy = zactor_new(zproxy, NULL);
    zactor_t *asking[CLIENTS], *answering[WORKERS];

    TELL(proxy, "FRONTEND", "ROUTER", "inproc://requests");
    TELL(proxy, "BACKEND", "DEALER", "inproc://answers");
    for (int i = 0; i < WORKERS; i++)
        answering[i] = zactor_new(answer, NULL);
    for (int i = 0; i < CLIENTS; i++)
        asking[i] = zactor_new(ask, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        CHECK(zsock_wait(asking[i]) == 0);
        zactor_destroy(&asking[i]);
    }
    for (int i = 0; i < WORKERS; i++)
        zactor_destroy(&answering[i]);
    zactor_destroy(&proxy);
}

#endif
